package expression

import (
	"strings"

	"appsync-emulator/storage/attribute"
)

// environment is a tree with what its slots stand for in one request.
type environment struct {
	tree   *tree
	names  map[string]string
	paths  []Path // nil elements are undefined
	values []attribute.Value
	// incomplete is set when a placeholder is not defined.
	incomplete bool
}

// environment resolves the placeholders of t.
func (b *binding) environment(t *tree) *environment {
	env := &environment{tree: t, names: b.req.Names, paths: t.static}
	if len(t.values) > 0 {
		env.values = make([]attribute.Value, len(t.values))
		for i, name := range t.values {
			v, ok := b.req.Values[name]
			env.values[i] = v
			env.incomplete = env.incomplete || !ok
		}
	}
	if t.static == nil && len(t.paths) > 0 {
		env.paths = make([]Path, len(t.paths))
		for i, ref := range t.paths {
			env.paths[i] = ref.path
			if ref.dynamic {
				env.paths[i] = env.resolve(ref.path)
			}
			env.incomplete = env.incomplete || env.paths[i] == nil
		}
	}
	return env
}

// isNamePlaceholder reports whether an element of a path as written is a
// placeholder.
func (e Element) isNamePlaceholder() bool { return strings.HasPrefix(e.Name, "#") }

// resolve returns the path with its placeholders replaced, nil when one of them
// is not defined.
func (env *environment) resolve(p Path) Path {
	out := make(Path, len(p))
	for i, e := range p {
		if e.isNamePlaceholder() {
			name := env.names[e.Name]
			if name == "" {
				return nil // names have at least one character
			}
			e.Name = name
		}
		out[i] = e
	}
	return out
}

// undefinedName returns the message about the first undefined name of the path
// at slot, "" when all are defined.
func (env *environment) undefinedName(slot int) string {
	if env.paths[slot] != nil {
		return ""
	}
	for _, e := range env.tree.paths[slot].path {
		if !e.isNamePlaceholder() {
			continue
		}
		if env.names[e.Name] == "" {
			return msgUndefinedName + e.Name
		}
	}
	return ""
}

// undefinedValue returns the message about an undefined value, "" when it is
// defined.
func (env *environment) undefinedValue(slot int) string {
	if env.values[slot].IsValid() {
		return ""
	}
	return msgUndefinedValue + env.tree.values[slot]
}

// undefined returns the message about the first undefined placeholder in n, ""
// when all are defined.
func (env *environment) undefined(n *node) string {
	switch n.op {
	case opPath:
		return env.undefinedName(n.slot)
	case opValue:
		return env.undefinedValue(n.slot)
	}
	return firstMessage(n.args, env.undefined)
}

// firstMessage returns the first message that check has about nodes.
func firstMessage(nodes []*node, check func(*node) string) string {
	for _, n := range nodes {
		if message := check(n); message != "" {
			return message
		}
	}
	return ""
}

// literalKind returns the type of n when it is a value of the request, Invalid
// when it is anything else.
func (env *environment) literalKind(n *node) attribute.Kind {
	if n.op != opValue {
		return attribute.Invalid
	}
	return env.values[n.slot].Kind()
}
