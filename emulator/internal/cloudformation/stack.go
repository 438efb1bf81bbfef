package cloudformation

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"appsync-emulator/emulator/internal/project"
)

// Stack is a template with the values of its parameters.
type Stack struct {
	app    *App
	source Source
	// name is the stack's; of a nested one its logical id.
	name   string
	parent *Stack
	file   *project.File // of a nested stack
	// passed are the parameters that the parent passes, to be evaluated there.
	passed map[string]*project.Entry

	sections  map[string][]project.Entry
	byName    map[string]map[string]*project.Entry // of sections
	resources map[string]*resource
	order     []*resource
	children  map[string]*Stack // by the logical id of the resource

	// What has been evaluated.
	parameters map[string]*project.Node
	conditions map[string]bool
	outputs    map[string]*project.Node
}

// resource is one of a stack.
type resource struct {
	stack     *Stack
	id        string
	kind      string
	pos       project.Position
	node      *project.Node
	condition *project.Entry
	// ref is what Ref gives, and physical the name, once evaluated.
	ref, physical *project.Node
}

// path names a resource in messages: the logical ids that lead to it.
func (r *resource) path() string {
	if p := r.stack.path(); p != "" {
		return p + "/" + r.id
	}
	return r.id
}

// path are the logical ids of the nested stacks that lead to a stack; empty for
// one that is not nested.
func (s *Stack) path() string {
	if s.parent == nil {
		return ""
	}
	if p := s.parent.path(); p != "" {
		return p + "/" + s.name
	}
	return s.name
}

// root is the outermost stack.
func (s *Stack) root() *Stack {
	for s.parent != nil {
		s = s.parent
	}
	return s
}

// seed is what identifiers of the stack's resources are derived from.
func (s *Stack) seed() string {
	if s.parent == nil {
		return s.name
	}
	return s.parent.seed() + "/" + s.name
}

// Name is the stack's name.
func (s *Stack) Name() string { return s.name }

// ignoredSections say nothing that an API is made of.
var ignoredSections = []string{"AWSTemplateFormatVersion", "Description", "Metadata", "Rules", "Hooks", "Globals"}

// templateSections are those with entries by name.
var templateSections = []string{"Parameters", "Mappings", "Conditions", "Resources", "Outputs"}

// read takes the template apart.
func (s *Stack) read() {
	s.sections = map[string][]project.Entry{}
	s.byName = map[string]map[string]*project.Entry{}
	s.resources = map[string]*resource{}
	s.children = map[string]*Stack{}
	s.parameters = map[string]*project.Node{}
	s.conditions = map[string]bool{}
	s.outputs = map[string]*project.Node{}
	s.source.Root = s.expand(s.source.Root)
	root := s.source.Root
	if root.Kind() != project.NodeMap {
		s.app.problem(root.Position(), "a template must be a map, not "+root.Kind().String(), "")
		return
	}
	for _, e := range root.Entries() {
		switch {
		case slices.Contains(ignoredSections, e.Key()), e.Key() == "Transform":
		case !slices.Contains(templateSections, e.Key()):
			s.app.warn(e.Position(), fmt.Sprintf("section `%s` of the template is ignored", shorten(e.Key())),
				didYouMean(e.Key(), templateSections))
		case e.Value().Kind() == project.NodeMap && e.Value().Tag() == "":
			s.addSection(e.Key(), e.Value().Entries())
		case e.Value().Kind() != project.NodeNull:
			s.app.problem(e.Value().Position(), fmt.Sprintf("`%s` must be a map, not %s", e.Key(), e.Value().Kind()), "")
		}
	}
	for _, e := range s.sections["Resources"] {
		s.readResource(e)
	}
}

func (s *Stack) addSection(name string, entries []project.Entry) {
	s.sections[name] = entries
	byName := make(map[string]*project.Entry, len(entries))
	for i := range entries {
		byName[entries[i].Key()] = &entries[i]
	}
	s.byName[name] = byName
}

// expand runs the macros of a template.
//
// See: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/transform-section-structure.html
func (s *Stack) expand(root *project.Node) *project.Node {
	e := root.Find("Transform")
	if e == nil {
		return root
	}
	macros := []*project.Node{e.Value()}
	if e.Value().Kind() == project.NodeList {
		macros = e.Value().Items()
	}
	for _, m := range macros {
		switch {
		case m.Kind() == project.NodeString && s.app.opt.Macros[m.Text()] != nil:
			root = s.app.opt.Macros[m.Text()](root, func(p project.Problem) { s.app.problem(p.Pos, p.Message, p.Hint) })
		case m.Kind() == project.NodeString && m.Text() == "AWS::LanguageExtensions":
			// Its functions are understood, but Fn::ForEach, which says so itself.
		case m.Kind() == project.NodeString:
			s.app.warn(m.Position(), fmt.Sprintf("macro %s is not run: what it would add is missing", shorten(m.Text())), "")
		default:
			s.app.warn(m.Position(), "a macro with parameters is not run: what it would add is missing", "")
		}
	}
	return root
}

func (s *Stack) readResource(e project.Entry) {
	if s.app.resources++; s.app.resources > maxResources {
		if s.app.resources == maxResources+1 {
			s.app.problem(e.Position(), fmt.Sprintf("there are more than %d resources", maxResources), "")
		}
		return
	}
	if strings.HasPrefix(e.Key(), "Fn::") {
		s.app.problem(e.Position(), fmt.Sprintf("`%s` is not supported", shorten(e.Key())), "write the resources themselves")
		return
	}
	r := &resource{stack: s, id: e.Key(), pos: e.Position(), node: e.Value()}
	if e.Value().Kind() != project.NodeMap {
		s.app.problem(e.Position(), fmt.Sprintf("resource %s must be a map, not %s", r.path(), e.Value().Kind()), "")
		return
	}
	t := e.Value().Find("Type")
	if t == nil || t.Value().Kind() != project.NodeString {
		s.app.problem(e.Position(), fmt.Sprintf("resource %s needs a `Type`", r.path()), "")
		return
	}
	r.kind = t.Value().Text()
	r.condition = e.Value().Find("Condition")
	s.resources[r.id] = r
	s.order = append(s.order, r)
}

// section returns the entries of a section of the template.
func (s *Stack) section(name string) []project.Entry { return s.sections[name] }

func (s *Stack) entry(section, name string) *project.Entry { return s.byName[section][name] }

// lookUp is n.Find in a map of the template. Looking through a long one counts as
// steps of the evaluation.
func (s *Stack) lookUp(n *project.Node, key string) *project.Entry {
	const cheap = 16
	s.app.steps += len(n.Entries()) / cheap
	return n.Find(key)
}

func (s *Stack) names(section string) []string {
	var out []string
	for _, e := range s.sections[section] {
		out = append(out, e.Key())
	}
	slices.Sort(out)
	return out
}

// exists tells whether a resource is made: its condition is true.
func (r *resource) exists() bool {
	if r.condition == nil {
		return true
	}
	value, ok := r.stack.condition(r.condition.Value())
	return ok && value
}

// properties are those of a resource, nil when it has none.
func (r *resource) properties() *project.Node {
	e := r.node.Find("Properties")
	if e == nil || e.Value().Kind() == project.NodeNull {
		return nil
	}
	return e.Value()
}

// property returns a property as it is written, nil when there is none.
func (r *resource) property(name string) *project.Entry {
	p := r.properties()
	if p == nil || p.Kind() != project.NodeMap {
		return nil
	}
	if strings.HasPrefix(r.kind, "Custom::") {
		return p.FindFold(name)
	}
	return r.stack.lookUp(p, name)
}

const nestedStack = "AWS::CloudFormation::Stack"

// nest adds the stacks that are nested in the stack.
func (s *Stack) nest() {
	for _, r := range s.order {
		if r.kind != nestedStack || !r.exists() {
			continue
		}
		s.app.usedKinds[r.kind] = true
		e := r.property("TemplateURL")
		if e == nil {
			s.app.problem(r.pos, fmt.Sprintf("resource %s needs `TemplateURL`", r.path()), "")
			continue
		}
		in := s.nestedTemplate(r, e)
		if in.file == nil {
			continue
		}
		root := s.app.tree(in.file)
		if root == nil {
			continue
		}
		if s.within(in.file) {
			s.app.problem(e.Value().Position(), fmt.Sprintf("nested stack %s contains itself: its template is %s", r.path(), in.file.Name()), "")
			continue
		}
		child := &Stack{app: s.app, name: r.id, parent: s, file: in.file, passed: map[string]*project.Entry{}}
		child.source = Source{
			Name: r.id, Root: root, Files: in.files, Dir: in.dir, Assets: s.source.Assets,
			Region: s.source.Region, AccountID: s.source.AccountID, Placeholders: s.source.Placeholders,
		}
		s.passParameters(r, child)
		s.children[r.id] = child
		s.app.addStack(child)
	}
}

// nestedTemplate finds the template of a nested stack: by its URL, or by what CDK
// notes of where the asset is.
//
// See: https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/cx-api/lib/assets.ts
func (s *Stack) nestedTemplate(r *resource, e *project.Entry) found {
	url := s.text(e.Value())
	if url == nil {
		return found{}
	}
	what := fmt.Sprintf("the template of nested stack %s,", r.path())
	in, mistake := s.find(url.Text(), e.Value().Position(), what)
	if mistake != nil {
		if m := r.node.Find("Metadata"); m != nil && m.Value().Kind() == project.NodeMap && s.source.Files != nil {
			if p := m.Value().Find("aws:asset:path"); p != nil && p.Value().Kind() == project.NodeString {
				if name := path.Join(s.source.Dir, p.Value().Text()); s.source.Files.Exists(name) {
					in, mistake = openIn(s.source.Files, name, p.Value().Position(), what)
				}
			}
		}
	}
	s.app.report(mistake)
	return in
}

// within tells whether a file is the template of the stack or of one that it is
// nested in.
func (s *Stack) within(file *project.File) bool {
	for up := s; up != nil; up = up.parent {
		if up.file == file || up.file == nil && up.source.Root.Position().File == file.Name() {
			return true
		}
	}
	return false
}

func (s *Stack) passParameters(r *resource, child *Stack) {
	e := r.property("Parameters")
	if e == nil {
		return
	}
	parameters := s.shallow(e.Value())
	if parameters == nil || s.app.isBad(parameters) {
		return
	}
	if parameters.Kind() != project.NodeMap {
		s.app.problem(e.Value().Position(), fmt.Sprintf("resource %s: `Parameters` must be a map, not %s", r.path(), parameters.Kind()), "")
		return
	}
	for i := range parameters.Entries() {
		p := &parameters.Entries()[i]
		child.passed[p.Key()] = p
	}
}
