package terraform

import (
	"fmt"
	"slices"
	"strings"

	"appsync-emulator/emulator/internal/project"
)

// Template makes a CloudFormation template of the resources in a plan or state. It is
// nil when there are mistakes. region is that of the provider, "" when the file does
// not say it plainly.
func Template(file *project.File) (template *project.Node, region string, problems project.Problems) {
	r := &reader{}
	root := project.ParseFile(file, func(p project.Problem) { r.problems = append(r.problems, p) })
	if root == nil || len(r.problems) > 0 {
		return nil, "", r.problems
	}
	template = r.template(root)
	if len(r.problems) > 0 {
		return nil, "", r.problems
	}
	return template, textAt(root, "configuration", "provider_config", "aws", "expressions", "region", "constant_value"), nil
}

// IsShow tells whether a text is what `terraform show -json` writes.
func IsShow(text string) bool {
	return strings.Contains(text, `"format_version"`) && (strings.Contains(text, `"planned_values"`) || strings.Contains(text, `"root_module"`))
}

// reader is one run of Template.
type reader struct {
	problems project.Problems
	root     *module
	// resources are those of all modules, in the order of the file.
	resources []*resource
	byAddress map[string]*resource
	// byID are the resources of a state by the identifiers that AWS gave them.
	byID map[string]*resource
}

func (r *reader) problem(at project.Position, hint, format string, args ...any) {
	r.problems = append(r.problems, project.Problem{Pos: at, Message: fmt.Sprintf(format, args...), Hint: hint})
}

// module is a module of the configuration, each instance of one apart.
type module struct {
	address string // "" for the root
	call    string // its name in its parent
	index   string // [0], ["x"] or ""
	parent  *module
	// config is what the plan says of the module's configuration; nil in a state.
	// expressions are those of the resources in it, by type and name.
	config      *project.Node
	expressions map[string]*project.Node
	// arguments are the expressions of the call.
	arguments *project.Node
	children  []*module
}

// resource is an instance of one.
type resource struct {
	module  *module
	address string
	kind    string
	name    string
	index   string
	at      *project.Node // the resource
	values  *project.Node
	// config are the expressions of its configuration, nil when there are none.
	config *project.Node
}

// find returns the value of a key, nil when there is none.
func find(n *project.Node, keys ...string) *project.Node {
	for _, key := range keys {
		if n == nil || n.Kind() != project.NodeMap {
			return nil
		}
		e := n.Find(key)
		if e == nil || e.Value().Kind() == project.NodeNull {
			return nil
		}
		n = e.Value()
	}
	return n
}

func textAt(n *project.Node, keys ...string) string {
	if v := find(n, keys...); v != nil && v.Kind() == project.NodeString {
		return v.Text()
	}
	return ""
}

// text is a text that stands in the place of a value.
func text(at *project.Node, s string) *project.Node {
	return project.NewText(at, project.TextPart{Text: s, Of: at, Replaced: true})
}

// template makes a CloudFormation template of a plan or state.
func (r *reader) template(root *project.Node) *project.Node {
	if root.Kind() != project.NodeMap || find(root, "format_version") == nil {
		hint := ""
		if find(root, "terraform_version") != nil && find(root, "lineage") != nil {
			hint = "this is Terraform's own state file: `terraform show -json > state.json` writes what can be read"
		}
		r.problem(root.Position(), hint, "this is not what `terraform show -json` writes")
		return nil
	}
	values := find(root, "planned_values")
	if values == nil {
		values = find(root, "values")
	}
	top := find(values, "root_module")
	if top == nil || top.Kind() != project.NodeMap {
		r.problem(root.Position(), "`terraform show -json PLAN` needs the file that `terraform plan -out PLAN` writes", "there is no resource")
		return nil
	}
	if version := textAt(root, "format_version"); !strings.HasPrefix(version, "1.") && !strings.HasPrefix(version, "0.") {
		r.problem(root.Position(), "", "format_version %s is not known", version)
		return nil
	}
	r.byAddress, r.byID = map[string]*resource{}, map[string]*resource{}
	r.root = &module{config: find(root, "configuration", "root_module")}
	r.read(top, r.root, 0)
	c := &converter{reader: r}
	entries := make([]project.Entry, 0, len(r.resources))
	for _, resource := range r.resources {
		entries = append(entries, c.convert(resource)...)
	}
	return project.NewMap(root, []project.Entry{project.NewEntry("Resources", root, project.NewMap(root, entries))})
}

// maxModules bounds modules within modules.
const maxModules = 50

// read collects the resources of a module.
func (r *reader) read(n *project.Node, m *module, depth int) {
	if depth > maxModules {
		r.problem(n.Position(), "", "modules are nested more than %d deep", maxModules)
		return
	}
	m.expressions = map[string]*project.Node{}
	for _, c := range r.list(m.config, "resources") {
		if textAt(c, "mode") != "data" {
			m.expressions[textAt(c, "type")+"."+textAt(c, "name")] = find(c, "expressions")
		}
	}
	for _, item := range r.list(n, "resources") {
		res := &resource{
			module: m, at: item, address: textAt(item, "address"), kind: textAt(item, "type"), name: textAt(item, "name"),
			values: find(item, "values"),
		}
		if textAt(item, "mode") == "data" {
			continue
		}
		if res.address == "" || res.kind == "" || res.name == "" {
			r.problem(item.Position(), "", "a resource needs `address`, `type` and `name`")
			continue
		}
		if r.byAddress[res.address] != nil {
			r.problem(item.Position(), "", "resource %s stands here a second time", shorten(res.address))
			continue
		}
		if res.values == nil {
			res.values = project.NewMap(item, nil)
		}
		res.index = index(find(item, "index"))
		res.config = m.expressions[res.kind+"."+res.name]
		r.resources = append(r.resources, res)
		r.byAddress[res.address] = res
		switch res.kind {
		case "aws_appsync_graphql_api":
			r.identify(textAt(res.values, "id"), res)
		case "aws_appsync_function":
			r.identify(textAt(res.values, "function_id"), res)
		}
	}
	for _, item := range r.list(n, "child_modules") {
		address := textAt(item, "address")
		child := &module{address: address, parent: m}
		local := strings.TrimPrefix(strings.TrimPrefix(address, m.address), ".")
		name, ok := strings.CutPrefix(local, "module.")
		if !ok {
			r.problem(item.Position(), "", "a child module needs an `address` within that of its parent, not `%s`", shorten(address))
			continue
		}
		child.call = name
		if i := strings.IndexByte(name, '['); i >= 0 {
			child.call, child.index = name[:i], name[i:]
		}
		call := find(m.config, "module_calls", child.call)
		child.config, child.arguments = find(call, "module"), find(call, "expressions")
		m.children = append(m.children, child)
		r.read(item, child, depth+1)
	}
}

func (r *reader) identify(id string, res *resource) {
	if id != "" {
		r.byID[id] = res
	}
}

// index writes the key of an instance as addresses do.
func index(n *project.Node) string {
	switch {
	case n == nil:
		return ""
	case n.Kind() == project.NodeString:
		return fmt.Sprintf("[%q]", n.Text())
	default:
		return "[" + n.Text() + "]"
	}
}

// list returns the items of a list of maps; mistakes are reported.
func (r *reader) list(n *project.Node, key string) []*project.Node {
	v := find(n, key)
	if v == nil {
		return nil
	}
	if v.Kind() != project.NodeList {
		r.problem(v.Position(), "", "`%s` must be a list, not %s", key, v.Kind())
		return nil
	}
	return slices.DeleteFunc(slices.Clone(v.Items()), func(item *project.Node) bool {
		if item.Kind() == project.NodeMap {
			return false
		}
		r.problem(item.Position(), "", "`%s` must hold maps, not %s", key, item.Kind())
		return true
	})
}

// shorten keeps a text that was never meant to be a name from filling a message.
func shorten(name string) string {
	const limit = 120
	if line, _, more := strings.Cut(name, "\n"); more {
		name = line + "..."
	}
	if r := []rune(name); len(r) > limit {
		return string(r[:limit]) + "..."
	}
	return name
}
