package serverless

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"appsync-emulator/emulator/internal/cloudformation"
	"appsync-emulator/emulator/internal/project"
)

// Defaults of the framework when neither the project nor the user says one.
const (
	defaultStage  = "dev"
	defaultRegion = cloudformation.DefaultRegion
)

// source looks a value up. Without one it says why, or there are mistakes. last
// tells that no fallback follows.
//
// See: https://www.serverless.com/framework/docs/providers/aws/guide/variables
func (v *variables) source(n *project.Node, vr *variable, s *source, last bool) (*project.Node, *absent, project.Problems) {
	switch {
	case s.literal != nil:
		return literalNode(n, s.literal), nil, nil
	case s.nested != nil:
		value, problems := v.variable(n, s.nested)
		return value, nil, problems
	}
	params := make([]string, len(s.params))
	for i, p := range s.params {
		text, problems := v.text(n, p)
		if len(problems) > 0 {
			return nil, nil, problems
		}
		params[i] = text
	}
	address, problems := v.text(n, s.address)
	if len(problems) > 0 {
		return nil, nil, problems
	}
	name := s.kind
	if len(params) > 0 {
		name += "(" + strings.Join(params, ",") + ")"
	}
	if s.address != nil {
		name += ":" + address
	}
	if value, ok := v.parameter(name); ok {
		return given(n, vr, value), nil, nil
	}
	at := n.PositionOf(vr.start)
	needsAddress := func() project.Problems {
		if address != "" {
			return nil
		}
		return mistake(at, "", "variable source `%s` needs a name after the colon", s.kind)
	}
	switch s.kind {
	case "self":
		return v.self(n, vr, address, last)
	case "file":
		return v.file(n, vr, params, address)
	case "opt":
		if problems := needsAddress(); problems != nil {
			return nil, nil, problems
		}
		if value, ok := v.parameter(address); ok {
			return given(n, vr, value), nil, nil
		}
		if last && (address == "stage" || address == "region") {
			return v.defaultOf(n, vr, address)
		}
		return nil, &absent{why: "there is no option --" + address, hint: parameterHint(address)}, nil
	case "param":
		if problems := needsAddress(); problems != nil {
			return nil, nil, problems
		}
		return v.param(n, vr, address)
	case "env":
		if problems := needsAddress(); problems != nil {
			return nil, nil, problems
		}
		return v.env(n, vr, address)
	case "sls":
		switch address {
		case "stage":
			return v.defaultOf(n, vr, "stage")
		case "instanceId":
			return given(n, vr, "local"), nil, nil
		}
		return nil, nil, mistake(at, "", "variable source `sls` knows stage and instanceId, not `%s`", shorten(address))
	case "aws":
		switch address {
		case "region":
			return v.defaultOf(n, vr, "region")
		case "accountId":
			return given(n, vr, cloudformation.DefaultAccountID), nil, nil
		}
		return nil, nil, mistake(at, "", "variable source `aws` knows region and accountId, not `%s`", shorten(address))
	case "strToBool":
		if len(params) != 1 {
			return nil, nil, mistake(at, "", "strToBool takes one text")
		}
		switch strings.ToLower(strings.TrimSpace(params[0])) {
		case "true", "1":
			return project.NewBool(n, true), nil, nil
		case "false", "0":
			return project.NewBool(n, false), nil, nil
		}
		return nil, nil, mistake(at, "", "strToBool takes true, false, 1 or 0, not `%s`", shorten(params[0]))
	case "appsync":
		if value := appsyncVariable(n, address); value != nil {
			return value, nil, nil
		}
		return nil, nil, mistake(at, "", "variable source `appsync` knows id, arn, url and apiKey.NAME, not `%s`", shorten(address))
	}
	if !slices.Contains(remoteSources, s.kind) {
		if !last {
			return nil, &absent{why: fmt.Sprintf("variable source `%s` is not known here", shorten(s.kind)), elsewhere: true}, nil
		}
		return nil, &absent{why: fmt.Sprintf("its source `%s` is not known here", shorten(s.kind)), hint: parameterHint(name)}, nil
	}
	return nil, &absent{why: fmt.Sprintf("`%s` is not looked up", shorten(name)), hint: parameterHint(name), elsewhere: true}, nil
}

// parameter is a value that the user gives.
func (v *variables) parameter(name string) (string, bool) {
	value, ok := v.opt.Parameters[name]
	if ok {
		v.used[name] = true
	}
	return value, ok
}

// remoteSources are those of values that other services hold.
var remoteSources = []string{"ssm", "s3", "cf", "git", "output", "state", "secrets", "vault", "doppler", "terraform", "awsSecretsManager"}

// parameterHint tells how the user can say the value of a variable.
func parameterHint(name string) string { return "--parameter " + shorten(name) + "=VALUE gives it one" }

// given is a text from outside the project; it stands for the variable.
func given(n *project.Node, vr *variable, text string) *project.Node {
	return project.NewText(n, project.TextPart{Text: text, Of: n, From: vr.start, Replaced: true})
}

func literalNode(n *project.Node, l *literal) *project.Node {
	if !l.word {
		written := strings.HasPrefix(n.Text()[l.start:], l.text)
		return project.NewText(n, project.TextPart{Text: l.text, Of: n, From: l.start, Replaced: !written})
	}
	switch l.text {
	case "true", "false":
		return project.NewBool(n, l.text == "true")
	case "null":
		return project.NewNull(n)
	}
	value, ok := project.NewNumber(n, l.text)
	if !ok {
		return project.NewNull(n)
	}
	return value
}

// keys splits an address.
func keys(address string) []string {
	if address == "" {
		return nil
	}
	return strings.Split(address, ".")
}

// walk goes from a value to one within it, nil when there is none.
func (v *variables) walk(from *project.Node, keys []string) (*project.Node, project.Problems) {
	at, problems := v.value(from)
	for _, key := range keys {
		if len(problems) > 0 {
			return nil, problems
		}
		switch {
		case at.Tag() != "":
			return nil, nil
		case at.Kind() == project.NodeMap:
			e := at.Find(key)
			if e == nil {
				return nil, nil
			}
			at = e.Value()
		case at.Kind() == project.NodeList:
			i, err := strconv.Atoi(key)
			if err != nil || i < 0 || i >= len(at.Items()) {
				return nil, nil
			}
			at = at.Items()[i]
		default:
			return nil, nil
		}
		at, problems = v.value(at)
	}
	return at, problems
}

// known tells a value from an absent one.
func known(n *project.Node) bool { return n != nil && n.Kind() != project.NodeNull }

// self looks into the project file.
func (v *variables) self(n *project.Node, vr *variable, address string, last bool) (*project.Node, *absent, project.Problems) {
	value, problems := v.walk(v.root, keys(address))
	if len(problems) > 0 || known(value) {
		return value, nil, problems
	}
	if name, ok := strings.CutPrefix(address, "provider."); ok && last && (name == "stage" || name == "region") {
		return v.defaultOf(n, vr, name)
	}
	return nil, &absent{why: fmt.Sprintf("there is no `%s` in %s", shorten(address), v.root.Position().File)}, nil
}

// defaultOf is the stage or region: as an option says, else as the provider does,
// else the framework's default.
func (v *variables) defaultOf(n *project.Node, vr *variable, name string) (*project.Node, *absent, project.Problems) {
	if value, ok := v.parameter(name); ok && value != "" {
		return given(n, vr, value), nil, nil
	}
	if provider := v.root.Find("provider"); provider != nil {
		// A provider's own `${opt:stage}` is not the circle that it looks like.
		if e := provider.Value().Find(name); e == nil || v.shallow[e.Value()] == nil || !v.shallow[e.Value()].open {
			value, problems := v.walk(provider.Value(), []string{name})
			if len(problems) > 0 || known(value) {
				return value, nil, problems
			}
		}
	}
	text := defaultStage
	if name == "region" {
		text = defaultRegion
	}
	return given(n, vr, text), nil, nil
}

// stage is the name of the stage.
func (v *variables) stage(at *project.Node) (string, project.Problems) {
	value, _, problems := v.defaultOf(at, &variable{}, "stage")
	if len(problems) > 0 {
		return "", problems
	}
	text, _ := scalar(value)
	return text, nil
}

// region is the name of the region.
func (v *variables) region(at *project.Node) (string, project.Problems) {
	value, _, problems := v.defaultOf(at, &variable{}, "region")
	if len(problems) > 0 {
		return "", problems
	}
	text, _ := scalar(value)
	return text, nil
}

// param looks up a parameter of the stage: what the user says, else what the
// project says for the stage, else for all.
//
// See: https://www.serverless.com/framework/docs/guides/parameters
func (v *variables) param(n *project.Node, vr *variable, name string) (*project.Node, *absent, project.Problems) {
	if value, ok := v.parameter(name); ok {
		return given(n, vr, value), nil, nil
	}
	stage, problems := v.stage(n)
	if len(problems) > 0 {
		return nil, nil, problems
	}
	for _, keys := range [][]string{
		{"params", stage, name}, {"stages", stage, "params", name},
		{"params", "default", name}, {"stages", "default", "params", name},
	} {
		value, problems := v.walk(v.root, keys)
		if len(problems) > 0 || known(value) {
			return value, nil, problems
		}
	}
	return nil, &absent{why: fmt.Sprintf("there is no parameter `%s` for stage %s", shorten(name), stage), hint: parameterHint(name)}, nil
}

// env looks up a variable of the environment: that of the process, else that of
// the .env file when the project uses one.
//
// See: https://www.serverless.com/framework/docs/environment-variables
func (v *variables) env(n *project.Node, vr *variable, name string) (*project.Node, *absent, project.Problems) {
	if v.opt.Env != nil {
		if value, ok := v.opt.Env(name); ok {
			return given(n, vr, value), nil, nil
		}
	}
	if v.dotenv == nil {
		var problems project.Problems
		if v.dotenv, problems = v.readDotenv(n); len(problems) > 0 {
			return nil, nil, problems
		}
	}
	if value := v.dotenv[name]; value != nil {
		return value, nil, nil
	}
	return nil, &absent{why: fmt.Sprintf("the environment has no %s", shorten(name)), hint: "set it, or give --parameter env:" + shorten(name) + "=VALUE"}, nil
}

// file reads a file of the project, and looks into it.
func (v *variables) file(n *project.Node, vr *variable, params []string, address string) (*project.Node, *absent, project.Problems) {
	at := n.PositionOf(vr.start)
	if len(params) != 1 || params[0] == "" {
		return nil, nil, mistake(at, "", "variable source `file` takes the path of one file")
	}
	name := params[0]
	clean := path.Clean(filepath.ToSlash(name))
	if filepath.IsLocal(filepath.FromSlash(clean)) && !v.files.Exists(clean) {
		_, why := v.files.Open(clean, at, "file")
		if why == nil { // a folder was made a file in between
			return v.file(n, vr, params, address)
		}
		return nil, &absent{why: why.Message, hint: why.Hint}, nil
	}
	switch ext := strings.ToLower(path.Ext(clean)); ext {
	case ".js", ".cjs", ".mjs", ".ts":
		return nil, nil, mistake(at, "write its value to a .yml or .json file, or give --parameter "+shorten(fmt.Sprintf("file(%s)", name))+"=VALUE",
			"file %s is a program, which is not run here", shorten(name))
	}
	file, refused := v.files.Open(name, at, "file")
	if refused != nil {
		return nil, nil, project.Problems{*refused}
	}
	tree := v.tree(file)
	if len(tree.problems) > 0 {
		return nil, nil, tree.problems
	}
	value, problems := v.walk(tree.node, keys(address))
	if len(problems) > 0 || known(value) {
		return value, nil, problems
	}
	if address == "" {
		return nil, &absent{why: fmt.Sprintf("file %s is empty", shorten(name))}, nil
	}
	return nil, &absent{why: fmt.Sprintf("there is no `%s` in file %s", shorten(address), shorten(name))}, nil
}

// tree reads a file as what it is: YAML, JSON or text.
func (v *variables) tree(file *project.File) *outcome {
	if done := v.trees[file]; done != nil {
		return done
	}
	out := &outcome{}
	switch strings.ToLower(path.Ext(file.Name())) {
	case ".yml", ".yaml", ".json", ".tfstate":
		out.node = project.ParseFile(file, func(p project.Problem) { out.problems = append(out.problems, p) })
	default:
		out.node = project.NewFileText(file)
	}
	if out.node == nil && len(out.problems) == 0 {
		out.node = project.NewNull(project.NewFileText(file))
	}
	v.trees[file] = out
	return out
}

// appsyncVariable is what the plugin's own variables stand for, nil for one that it
// has not.
//
// See: https://github.com/sid88in/serverless-appsync-plugin#variables
func appsyncVariable(n *project.Node, address string) *project.Node {
	id, attribute := apiID, ""
	switch address {
	case "id":
		attribute = "ApiId"
	case "arn":
		attribute = "Arn"
	case "url":
		attribute = "GraphQLUrl"
	default:
		name, ok := strings.CutPrefix(address, "apiKey.")
		if !ok || name == "" {
			return nil
		}
		id, attribute = apiID+logicalName(name), "ApiKey"
	}
	return project.NewMap(n, []project.Entry{project.NewEntry("Fn::GetAtt", n,
		project.NewList(n, []*project.Node{text(n, id), text(n, attribute)}))})
}

// text is a text that stands in the place of a value.
func text(at *project.Node, s string) *project.Node {
	return project.NewText(at, project.TextPart{Text: s, Of: at, Replaced: true})
}
