package serverless

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"appsync-emulator/emulator/internal/cloudformation"
	"appsync-emulator/emulator/internal/project"
)

// Options says what the project does not. The zero value is ready to use.
type Options struct {
	project.Options
	// Parameters are values of ${opt:NAME} and ${param:NAME}, and of any other
	// variable by its text, such as ssm:/path. Stage and region are two of them.
	Parameters map[string]string
	// API names the API to load when the project has several.
	API string
}

// Load reads the project whose serverless.yml is file. It returns all mistakes,
// sorted by place. The API is never nil; with problems it is partial.
func Load(file string, opt Options) (*project.API, project.Problems) {
	dir, base := filepath.Split(file)
	dir = filepath.Clean(dir)
	broken := func(p ...project.Problem) (*project.API, project.Problems) {
		return &project.API{File: file, Dir: dir}, p
	}
	at := project.Position{File: base}
	if program(base) {
		return broken(project.Problem{Pos: at, Message: "a " + base + " is a program, which is not run here",
			Hint: "`serverless print --format yaml` writes what it says, `serverless package` writes .serverless/cloudformation-template-update-stack.json, which can be served"})
	}
	files, err := project.OpenFolder(dir, opt.AllowOutside)
	if err != nil {
		return broken(project.Problem{Pos: at, Message: err.Error()})
	}
	defer files.Close()
	text, refused := files.OpenGiven(base, "the project file")
	if refused != nil {
		return broken(*refused)
	}
	api, problems := load(files, text, opt)
	api.File, api.Dir = file, dir
	return api, problems
}

// program tells whether a file of the framework must be run to know what it says.
func program(name string) bool {
	return slices.Contains([]string{".ts", ".js", ".cjs", ".mjs"}, strings.ToLower(filepath.Ext(name)))
}

// load reads the project that file holds; the files that it names come from files.
func load(files *project.Folder, file *project.File, opt Options) (*project.API, project.Problems) {
	l := &loader{files: files, file: file, opt: opt, api: &project.API{}}
	root := project.ParseFile(file, func(p project.Problem) { l.problems = append(l.problems, p) })
	if root != nil && len(l.problems) == 0 {
		l.variables = newVariables(root, files, opt, func(p project.Problem) { l.warnings = append(l.warnings, p) })
		l.load(root)
	}
	for _, f := range files.Files() {
		l.api.AddFile(f)
	}
	l.api.Warnings = l.finish(append(l.api.Warnings, l.warnings...))
	return l.api, l.finish(l.problems)
}

// loader is one run of Load.
type loader struct {
	files *project.Folder
	file  *project.File
	opt   Options
	*variables

	service, stageName string
	// functions are the names of the project's Lambda functions by their keys.
	functions map[string]string
	// someFunctionsUnread makes it no mistake to name a function that is not there.
	someFunctionsUnread bool

	api      *project.API
	problems project.Problems
	warnings project.Problems
}

func (l *loader) problem(at project.Position, message, hint string) {
	l.problems = append(l.problems, project.Problem{Pos: at, Message: message, Hint: hint})
}

func (l *loader) warning(at project.Position, message, hint string) {
	l.warnings = append(l.warnings, project.Problem{Pos: at, Message: message, Hint: hint})
}

// finish sorts problems, drops repeats (a variable's mistake shows wherever its
// value is used) and adds the lines to show.
func (l *loader) finish(found project.Problems) project.Problems {
	type identity struct {
		pos     project.Position
		message string
	}
	seen := map[identity]bool{}
	var out project.Problems
	for _, p := range found {
		id := identity{p.Pos, p.Message}
		if seen[id] {
			continue
		}
		seen[id] = true
		if p.SourceLine == "" {
			p.SourceLine = l.api.SourceLine(p.Pos)
		}
		out = append(out, p)
	}
	out.Sort()
	return out
}

// section is an appSync section of the project.
type section struct {
	node *project.Node
	at   *project.Node // where its key stands
	// old tells that it is in the vocabulary of version 1 of the plugin.
	old bool
}

func (l *loader) load(root *project.Node) {
	if root.Kind() != project.NodeMap {
		l.problem(root.Position(), "the project must be a map, not "+root.Kind().String(), "")
		return
	}
	s, ok := l.choose(l.sections(root))
	if !ok {
		return
	}
	var problems project.Problems
	s.node, problems = l.resolve(l.withoutEffect(s.node))
	l.problems = append(l.problems, problems...)
	l.names(root)
	synthetic := l.functionResources(root)
	template, problems := l.template(root)
	l.problems = append(l.problems, problems...)
	if len(l.problems) > 0 {
		return
	}
	if s.old {
		old := &version1{section: s.node, problem: l.problem, warn: l.warning}
		if s.node = old.convert(); len(l.problems) > 0 {
			return
		}
	}
	l.compose(s, template, append(synthetic, l.apiResources(s.node)...))
	if s.old {
		mergeTypes(l.api.Schema)
	}
}

// sections returns the appSync sections of a project.
func (l *loader) sections(root *project.Node) []section {
	e, old := find(root, "appSync"), false
	if e == nil {
		custom, problems := l.walk(root, []string{"custom"})
		l.problems = append(l.problems, problems...)
		e, old = find(custom, "appSync"), true
	}
	if e == nil {
		if len(l.problems) == 0 {
			l.problem(root.Position(), "this project has no `appSync` section", "")
		}
		return nil
	}
	n, problems := l.value(e.Value())
	l.problems = append(l.problems, problems...)
	if len(problems) > 0 {
		return nil
	}
	items := []*project.Node{n}
	if n.Kind() == project.NodeList {
		items = n.Items()
	}
	var out []section
	for _, item := range items {
		item, problems := l.value(item)
		l.problems = append(l.problems, problems...)
		switch {
		case len(problems) > 0:
		case item.Kind() != project.NodeMap:
			l.problem(e.Position(), "section `appSync` must be a map, not "+item.Kind().String(), "")
		default:
			at := e.KeyNode()
			if n.Kind() == project.NodeList {
				at = item
			}
			out = append(out, section{node: item, at: at, old: old})
		}
	}
	if len(out) == 0 && len(l.problems) == 0 {
		l.problem(e.Position(), "section `appSync` has no API", "")
	}
	return out
}

// choose returns the section of the API to load.
func (l *loader) choose(sections []section) (section, bool) {
	if len(sections) == 1 && l.opt.API == "" {
		return sections[0], true
	}
	var names []string
	for _, s := range sections {
		name := ""
		if n := valueAt(s.node, "name"); n != nil {
			value, problems := l.value(n)
			if len(problems) > 0 {
				l.problems = append(l.problems, problems...)
				continue
			}
			name, _ = scalar(value)
		} else if s.old {
			name = "api"
		}
		if name == l.opt.API && name != "" || l.opt.API == apiID && len(sections) == 1 {
			return s, true
		}
		names = append(names, name)
	}
	switch {
	case len(sections) == 0 || len(names) == 0:
	case l.opt.API != "":
		l.problem(sections[0].at.Position(), fmt.Sprintf("there is no API `%s`", shorten(l.opt.API)),
			"there is "+strings.Join(names, ", "))
	default:
		l.problem(sections[0].at.Position(), fmt.Sprintf("the project has %d APIs: %s", len(names), strings.Join(names, ", ")),
			"--api NAME serves one of them")
	}
	return section{}, false
}

// noEffect are the keys of a section that say only how its API is deployed.
var noEffect = []string{"tags", "xrayEnabled", "domain", "waf", "wafConfig", "enhancedMetrics", "visibility"}

// withoutEffect returns a section without what has no effect here, of which it
// warns. What those keys say may need AWS to be known.
func (l *loader) withoutEffect(n *project.Node) *project.Node {
	for _, key := range noEffect {
		if e := n.Find(key); e != nil {
			l.warning(e.Position(), fmt.Sprintf("`%s` has no effect here: it is about the deployed API", key), "")
		}
	}
	return without(n, noEffect...)
}

// names works out the names of the service and the stage.
func (l *loader) names(root *project.Node) {
	service, problems := l.walk(root, []string{"service"})
	l.problems = append(l.problems, problems...)
	if service != nil && service.Kind() == project.NodeMap { // before version 2
		service, problems = l.walk(service, []string{"name"})
		l.problems = append(l.problems, problems...)
	}
	if service != nil {
		l.service, _ = scalar(service)
	}
	l.stageName, problems = l.stage(root)
	l.problems = append(l.problems, problems...)
}

// apiID is the logical id of the API that the plugin makes.
const apiID = "GraphQlApi"

// upperFirst begins a name as logical ids do.
func upperFirst(name string) string {
	r := []rune(name)
	if len(r) > 0 {
		r[0] = unicode.ToUpper(r[0])
	}
	return string(r)
}

// logicalFunction is the logical id of the Lambda function that the framework makes
// of an entry of `functions`.
//
// See: https://www.serverless.com/framework/docs/providers/aws/guide/resources#aws-cloudformation-resource-reference
func logicalFunction(key string) string {
	return upperFirst(strings.NewReplacer("-", "Dash", "_", "Underscore").Replace(key)) + "LambdaFunction"
}

// defaultTimeout is that of the framework's functions, in seconds.
//
// See: https://www.serverless.com/framework/docs/providers/aws/guide/functions
const defaultTimeout = "6"

// functionResources returns the resources that the framework makes of `functions`,
// as far as their names and times go.
func (l *loader) functionResources(root *project.Node) []project.Entry {
	l.functions = map[string]string{}
	var out []project.Entry
	otherwise, _ := l.walk(root, []string{"provider", "timeout"})
	for _, part := range l.parts(root, "functions") {
		if part.Kind() != project.NodeMap {
			continue
		}
		for i := range part.Entries() {
			e := &part.Entries()[i]
			fn, problems := l.value(e.Value())
			if len(problems) > 0 || fn.Kind() != project.NodeMap {
				l.someFunctionsUnread = true
				continue
			}
			name := text(e.KeyNode(), l.service+"-"+l.stageName+"-"+e.Key())
			if n := valueAt(fn, "name"); n != nil {
				if name, problems = l.resolve(n); len(problems) > 0 {
					l.problems = append(l.problems, problems...)
					continue
				}
			}
			l.functions[e.Key()] = name.Text()
			timeout, _ := project.NewNumber(e.KeyNode(), defaultTimeout)
			for _, n := range []*project.Node{otherwise, valueAt(fn, "timeout")} {
				if n == nil || n.Kind() == project.NodeNull {
					continue
				}
				if value, problems := l.value(n); len(problems) == 0 {
					timeout = value
				}
			}
			out = append(out, e.Renamed(logicalFunction(e.Key()), resource(e.KeyNode(), "AWS::Lambda::Function",
				project.NewEntry("FunctionName", name, name), project.NewEntry("Timeout", timeout, timeout))))
		}
	}
	return out
}

// resource returns a CloudFormation resource that the framework or the plugin makes.
func resource(at *project.Node, kind string, properties ...project.Entry) *project.Node {
	return project.NewMap(at, []project.Entry{
		project.NewEntry("Type", at, text(at, kind)),
		project.NewEntry("Properties", at, project.NewMap(at, properties)),
	})
}

// apiResources returns the API and the keys that the plugin makes, for others to
// refer to.
func (l *loader) apiResources(n *project.Node) []project.Entry {
	name := valueAt(n, "name")
	if name == nil {
		return nil
	}
	out := []project.Entry{project.NewEntry(apiID, n, resource(n, "AWS::AppSync::GraphQLApi", project.NewEntry("Name", name, name)))}
	if keys := valueAt(n, "apiKeys"); keys != nil && keys.Kind() == project.NodeList {
		for _, item := range keys.Items() {
			key := item
			if item.Kind() == project.NodeMap {
				key = valueAt(item, "name")
			}
			if key == nil || key.Kind() != project.NodeString || key.Tag() != "" || name.Kind() != project.NodeString {
				continue
			}
			secret := textAt(item, "key")
			if secret == "" {
				secret = project.StableKey(name.Text(), key.Text())
			}
			out = append(out, project.NewEntry(apiID+logicalName(key.Text()), key,
				resource(key, "AWS::AppSync::ApiKey", project.NewEntry("ApiKeyId", key, text(key, secret)))))
		}
	}
	return out
}

// parts returns a section of the project that is a map, or a list of maps.
func (l *loader) parts(root *project.Node, key string) []*project.Node {
	e := find(root, key)
	if e == nil {
		return nil
	}
	n, problems := l.value(e.Value())
	l.problems = append(l.problems, problems...)
	if len(problems) > 0 {
		return nil
	}
	items := []*project.Node{n}
	if n.Kind() == project.NodeList {
		items = n.Items()
	}
	var out []*project.Node
	for _, item := range items {
		item, problems := l.value(item)
		l.problems = append(l.problems, problems...)
		switch {
		case len(problems) > 0 || item.Kind() == project.NodeNull:
		case item.Kind() != project.NodeMap:
			l.problem(item.Position(), fmt.Sprintf("`%s` must be a map or a list of maps, not %s", key, item.Kind()), "")
		default:
			out = append(out, item)
		}
	}
	return out
}

// compose makes the API of a section, with the values of all intrinsic functions in
// it and the tables of the template.
func (l *loader) compose(s section, template *project.Node, made []project.Entry) {
	region, problems := l.region(s.node)
	l.problems = append(l.problems, problems...)
	app := cloudformation.NewApp(cloudformation.Options{Parameters: l.opt.Parameters, Region: region, Now: l.opt.Now})
	stack := app.AddStack(cloudformation.Source{
		Name: l.service + "-" + l.stageName, Root: withResources(template, made), Files: l.files, Dir: ".",
	})
	s.node = evaluate(stack, s.node)
	tables := app.Tables()
	lambdas := app.LambdaFunctions()
	l.warnOfUnused(app.ParametersUnused())
	l.problems = append(l.problems, app.Problems()...)
	l.warnings = append(l.warnings, app.Warnings()...)
	l.problems = append(l.problems, l.failures(s.node)...)
	if len(l.problems) > 0 {
		return
	}
	l.api, l.problems = project.LoadSection(l.files, project.Section{File: l.file, Node: s.node, At: s.at, Tables: tables}, l.opt.Options)
	for _, f := range lambdas {
		if !slices.ContainsFunc(l.api.LambdaFunctions, func(other *project.LambdaFunction) bool { return other.Name == f.Name }) {
			l.api.LambdaFunctions = append(l.api.LambdaFunctions, f)
		}
	}
	l.nameFunctions()
}

// warnOfUnused tells which parameters neither a variable nor the template of
// `resources` asked for.
func (l *loader) warnOfUnused(names []string) {
	for _, name := range names {
		if !l.used[name] {
			l.warning(project.Position{File: l.file.Name()}, "parameter "+shorten(name)+" has no effect: nothing asks for it", "")
		}
	}
}

// evaluate returns a value with every intrinsic function in it replaced. Each is
// asked for alone, so that a mistake in one does not hide the others.
func evaluate(stack *cloudformation.Stack, n *project.Node) *project.Node {
	if _, _, ok := n.Intrinsic(); ok {
		if value := stack.Resolve(n); value != nil {
			return value
		}
		return project.NewNull(n) // AWS::NoValue
	}
	changed := false
	switch n.Kind() {
	case project.NodeList:
		items := make([]*project.Node, len(n.Items()))
		for i, item := range n.Items() {
			items[i] = evaluate(stack, item)
			changed = changed || items[i] != item
		}
		if changed {
			return project.NewList(n, items)
		}
	case project.NodeMap:
		entries := make([]project.Entry, len(n.Entries()))
		for i, e := range n.Entries() {
			value := evaluate(stack, e.Value())
			entries[i] = e.With(value)
			changed = changed || value != e.Value()
		}
		if changed {
			return project.NewMap(n, entries)
		}
	}
	return n
}

// nameFunctions gives the functions that the section names by their keys the names
// that they are deployed and invoked by.
func (l *loader) nameFunctions() {
	given := map[string]bool{}
	for _, f := range l.api.LambdaFunctions {
		given[f.Name] = true
	}
	known := make([]string, 0, len(l.functions))
	for key := range l.functions {
		known = append(known, key)
	}
	slices.Sort(known)
	name := func(f *project.Lambda, at project.Position) {
		if f.FunctionName == "" || f.Handler != "" {
			return
		}
		switch deployed, ok := l.functions[f.FunctionName]; {
		case ok:
			f.FunctionName = deployed
		case !l.someFunctionsUnread && !given[f.FunctionName]:
			l.problem(at, fmt.Sprintf("unknown function `%s`", shorten(f.FunctionName)), didYouMean(f.FunctionName, known))
		}
	}
	name(&l.api.Auth.Lambda, l.api.Auth.Pos)
	for i := range l.api.AdditionalAuth {
		name(&l.api.AdditionalAuth[i].Lambda, l.api.AdditionalAuth[i].Pos)
	}
	for _, d := range l.api.DataSources {
		name(&d.Lambda, d.Pos)
	}
	sync := func(s *project.Sync) {
		if s != nil {
			name(&s.Lambda, s.Pos)
		}
	}
	for _, f := range l.api.Functions {
		sync(f.Sync)
	}
	for _, r := range l.api.Resolvers {
		sync(r.Unit.Sync)
	}
}

func didYouMean(name string, candidates []string) string {
	if s := project.Suggest(name, candidates); s != "" && s != name {
		return "did you mean `" + s + "`?"
	}
	return ""
}
