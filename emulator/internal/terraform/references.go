package terraform

import (
	"fmt"
	"slices"
	"strings"

	"appsync-emulator/emulator/internal/project"
)

// maxReferences bounds the variables and outputs that lead from one to the other.
const maxReferences = 100

// leads returns the references of an expression, each once: Terraform writes every
// one followed by its own beginnings, a.b.c, a.b, a.
//
// See: https://developer.hashicorp.com/terraform/internals/json-format#expression-representation
func leads(expression *project.Node) []string {
	refs := find(expression, "references")
	if refs == nil || refs.Kind() != project.NodeList {
		return nil
	}
	var out []string
	last := ""
	for _, item := range refs.Items() {
		ref := item.Text()
		if last != "" && strings.HasPrefix(last, ref) && ref != last && strings.IndexByte(".[", last[len(ref)]) >= 0 {
			continue
		}
		out = append(out, ref)
		last = ref
	}
	return out
}

// resolve returns the resources that the references of an expression in a module
// name, in their order; by is the resource that asks. why tells why they are not
// known.
func (r *reader) resolve(expression *project.Node, m *module, by *resource, depth int) (out []*resource, why string) {
	if depth > maxReferences {
		return nil, "its references lead nowhere"
	}
	refs := leads(expression)
	if len(refs) == 0 {
		return nil, "its value has no reference"
	}
	// count.index and each.key say which instance of what stands before them.
	same := false
	refs = slices.DeleteFunc(refs, func(ref string) bool {
		own := ref == "count.index" || ref == "each.key" || ref == "each.value"
		same = same || own
		return own
	})
	for _, ref := range refs {
		parts := split(ref)
		switch parts[0] {
		case "var":
			if len(parts) < 2 || m.parent == nil {
				return nil, fmt.Sprintf("it depends on %s", shorten(ref))
			}
			argument := find(m.arguments, parts[1])
			if argument == nil {
				return nil, fmt.Sprintf("the call of module %s does not say %s", m.call, shorten(ref))
			}
			found, why := r.resolve(argument, m.parent, by, depth+1)
			if why != "" {
				return nil, why
			}
			out = append(out, found...)
		case "module":
			if len(parts) < 3 {
				return nil, fmt.Sprintf("it depends on all of %s", shorten(ref))
			}
			found, why := r.output(parts[1], parts[2], m, by, same, depth)
			if why != "" {
				return nil, why
			}
			out = append(out, found...)
		case "local", "data", "path", "terraform", "self", "each", "count":
			return nil, fmt.Sprintf("it depends on %s", shorten(ref))
		default:
			if len(parts) < 2 {
				return nil, fmt.Sprintf("it depends on %s", shorten(ref))
			}
			found := r.instances(parts[0], parts[1], m, by, same)
			if len(found) == 0 {
				return nil, fmt.Sprintf("there is no %s", shorten(ref))
			}
			out = append(out, found...)
		}
	}
	if len(out) == 0 {
		return nil, "its value depends on an instance of its own"
	}
	return out, ""
}

// split takes a reference apart at its dots, but for those in keys: a["b.c"].d has
// the parts a["b.c"] and d.
func split(ref string) []string {
	var out []string
	start, quoted := 0, false
	for i := 0; i < len(ref); i++ {
		switch c := ref[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case c == '.' && !quoted:
			out = append(out, ref[start:i])
			start = i + 1
		}
	}
	return append(out, ref[start:])
}

// instances returns those of a resource in a module: the one that is named with its
// key, the one of the same key as that of the resource that asks, or all.
func (r *reader) instances(kind, name string, m *module, by *resource, same bool) []*resource {
	prefix := ""
	if m.address != "" {
		prefix = m.address + "."
	}
	full := prefix + kind + "." + name
	if res := r.byAddress[full]; res != nil {
		return []*resource{res}
	}
	if same && by != nil {
		if res := r.byAddress[full+by.index]; res != nil {
			return []*resource{res}
		}
	}
	var out []*resource
	for _, res := range r.resources {
		if res.module == m && res.kind == kind && res.name == name {
			out = append(out, res)
		}
	}
	return out
}

// output follows an output of a module that is called in m.
func (r *reader) output(call, name string, m *module, by *resource, same bool, depth int) ([]*resource, string) {
	key := ""
	if i := strings.IndexByte(call, '['); i >= 0 {
		call, key = call[:i], call[i:]
	} else if same && by != nil {
		key = by.index
	}
	if i := strings.IndexByte(name, '['); i >= 0 {
		name = name[:i]
	}
	var children []*module
	for _, c := range m.children {
		if c.call == call && (key == "" || c.index == key) {
			children = append(children, c)
		}
	}
	if len(children) == 0 {
		return nil, fmt.Sprintf("there is no module.%s%s", shorten(call), shorten(key))
	}
	var out []*resource
	for _, c := range children {
		expression := find(c.config, "outputs", name, "expression")
		if expression == nil {
			return nil, fmt.Sprintf("module.%s has no output %s", shorten(call), shorten(name))
		}
		found, why := r.resolve(expression, c, by, depth+1)
		if why != "" {
			return nil, why
		}
		out = append(out, found...)
	}
	return out, ""
}
