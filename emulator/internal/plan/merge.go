package plan

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"appsync-emulator/emulator/internal/schema"
)

// The bounds of one plan. Fragments that spread each other multiply their
// fields, so that a small text could ask for any number.
const (
	maxFields    = 100_000
	maxCollected = 1_000_000
	maxDepth     = 1_000
)

// occurrence is a field where the query selects it, and the conditions of the
// fragments around it and of its own directives.
type occurrence struct {
	node       *ast.Field
	conditions []condition
}

// merged are the occurrences of one response key.
type merged struct {
	key         string
	occurrences []occurrence
}

// selectionSet merges what the occurrences of one field select on a value of
// type t.
func (c *compiler) selectionSet(t *schema.Type, of []occurrence, depth int) *SelectionSet {
	if depth > maxDepth {
		c.tooLarge = true
		return nil
	}
	set := &SelectionSet{Type: t}
	if t.Kind == schema.Object {
		set.sole = c.fieldsOn(t, of, depth, nil)
		set.Resolves = resolves(set.sole)
		return set
	}
	set.byType = make(map[string][]*Field, len(t.Possible))
	shared := map[string][]sharedSet{}
	for _, p := range t.Possible {
		fields := c.fieldsOn(p, of, depth, shared)
		set.byType[p.Name] = fields
		set.Resolves = set.Resolves || resolves(fields)
	}
	return set
}

func resolves(fields []*Field) bool {
	for _, f := range fields {
		if f.Def.Resolved && !f.Meta || f.Selections != nil && f.Selections.Resolves {
			return true
		}
	}
	return false
}

// sharedSet is what is selected below a field, for the other object types of an
// abstract type on which the same is selected. Without sharing, abstract types
// inside of each other would multiply.
type sharedSet struct {
	of         []occurrence
	selections *SelectionSet
	selected   *selectedText
}

func (c *compiler) fieldsOn(t *schema.Type, of []occurrence, depth int, shared map[string][]sharedSet) []*Field {
	list := c.merge(t, of, false)
	fields := make([]*Field, 0, len(list))
	for _, m := range list {
		if c.fields++; c.fields > maxFields {
			c.tooLarge = true
		}
		if c.tooLarge {
			return nil
		}
		fields = append(fields, c.field(t, m, depth, shared))
	}
	return fields
}

func (c *compiler) field(t *schema.Type, m merged, depth int, shared map[string][]sharedSet) *Field {
	first := m.occurrences[0].node
	f := &Field{Key: m.key, Location: locate(first.Position), Depth: depth, conditions: alternatives(m.occurrences)}
	f.Def = c.meta.of(c.schema, t, first.Name)
	f.Meta = f.Def != nil
	if !f.Meta {
		f.Def = t.Field(first.Name)
	}
	f.args = c.arguments(f.Def.Args, first.Arguments)
	base := f.Def.Type.Base()
	if !base.IsComposite() {
		return f
	}
	for _, s := range shared[m.key] {
		if s.selections.Type == base && slices.EqualFunc(s.of, m.occurrences, sameOccurrence) {
			f.Selections, f.selected = s.selections, s.selected
			return f
		}
	}
	f.Selections = c.selectionSet(base, m.occurrences, depth+1)
	f.selected = &selectedText{compiler: c, typ: base, of: m.occurrences}
	if shared != nil && f.Selections != nil {
		shared[m.key] = append(shared[m.key], sharedSet{m.occurrences, f.Selections, f.selected})
	}
	return f
}

func sameOccurrence(a, b occurrence) bool {
	return a.node == b.node && slices.Equal(a.conditions, b.conditions)
}

// alternatives are the conditions of a field: one of its occurrences must be
// included. It is nil when one always is.
func alternatives(of []occurrence) [][]condition {
	var any [][]condition
	for _, o := range of {
		if len(o.conditions) == 0 {
			return nil
		}
		if !slices.ContainsFunc(any, func(c []condition) bool { return slices.Equal(c, o.conditions) }) {
			any = append(any, o.conditions)
		}
	}
	return any
}

// merge collects what the occurrences of one field select on values of type t,
// by response key. With own set, t is an abstract type and only its own fields
// count, not those of the types that it can be.
func (c *compiler) merge(t *schema.Type, of []occurrence, own bool) []merged {
	m := merger{compiler: c, typ: t, own: own}
	// The conditions of the field itself matter below it only when its
	// occurrences differ in them.
	inherit := false
	for _, o := range of[1:] {
		inherit = inherit || !slices.Equal(o.conditions, of[0].conditions)
	}
	for _, o := range of {
		var conditions []condition
		if inherit {
			conditions = o.conditions
		}
		m.collect(o.node.SelectionSet, conditions)
	}
	return m.list
}

type merger struct {
	*compiler
	typ  *schema.Type
	own  bool
	list []merged
	// index finds a key in list once searching would be slow.
	index map[string]int
	// visited holds the conditions under which a fragment was collected.
	visited map[string][][]condition
}

// indexFrom is the number of keys from which a hash beats a search.
const indexFrom = 16

func (m *merger) collect(set ast.SelectionSet, outer []condition) {
	for _, sel := range set {
		if m.collected++; m.collected > maxCollected {
			m.tooLarge = true
		}
		if m.tooLarge {
			return
		}
		switch s := sel.(type) {
		case *ast.Field:
			if conditions, ok := m.conditions(s.Directives, outer); ok {
				m.add(s, conditions)
			}
		case *ast.InlineFragment:
			if conditions, ok := m.conditions(s.Directives, outer); ok && m.applies(s.TypeCondition) {
				m.collect(s.SelectionSet, conditions)
			}
		case *ast.FragmentSpread:
			f := m.doc.fragments[s.Name]
			if conditions, ok := m.conditions(s.Directives, outer); ok && m.applies(f.TypeCondition) && m.enter(s.Name, conditions) {
				m.collect(f.SelectionSet, conditions)
			}
		}
	}
}

// applies reports whether a fragment with that type condition applies.
func (m *merger) applies(name string) bool {
	if name == "" || name == m.typ.Name {
		return true
	}
	return !m.own && slices.Contains(m.schema.Types[name].Possible, m.typ)
}

// enter reports whether a fragment must be collected under the conditions: not
// when it was before, under no more than these.
func (m *merger) enter(name string, conditions []condition) bool {
	for _, before := range m.visited[name] {
		if !slices.ContainsFunc(before, func(c condition) bool { return !slices.Contains(conditions, c) }) {
			return false
		}
	}
	if m.visited == nil {
		m.visited = map[string][][]condition{}
	}
	m.visited[name] = append(m.visited[name], conditions)
	return true
}

func (m *merger) add(node *ast.Field, conditions []condition) {
	i := m.find(node.Alias)
	if i < 0 {
		i = len(m.list)
		m.list = append(m.list, merged{key: node.Alias})
		switch {
		case m.index != nil:
			m.index[node.Alias] = i
		case len(m.list) == indexFrom:
			m.index = make(map[string]int, 2*indexFrom)
			for n, e := range m.list {
				m.index[e.key] = n
			}
		}
	}
	m.list[i].occurrences = append(m.list[i].occurrences, occurrence{node, conditions})
}

func (m *merger) find(key string) int {
	if m.index != nil {
		if i, ok := m.index[key]; ok {
			return i
		}
		return -1
	}
	for i := range m.list {
		if m.list[i].key == key {
			return i
		}
	}
	return -1
}

// conditions adds the conditions of @skip and @include to the outer ones. It
// reports false when the selection can never be included. Of several directives
// of one name the first counts, as in the engine.
func (c *compiler) conditions(list ast.DirectiveList, outer []condition) ([]condition, bool) {
	if len(list) == 0 {
		return outer, true
	}
	all := outer
	for _, name := range [...]string{"skip", "include"} {
		d := list.ForName(name)
		if d == nil {
			continue
		}
		want := name == "include"
		arg := lastArgument(d.Arguments, "if")
		if arg.Value.Kind != ast.Variable {
			if (arg.Value.Raw == "true") != want {
				return nil, false
			}
			continue
		}
		next := condition{slot: c.slots[arg.Value.Raw], want: want}
		if slices.Contains(all, condition{slot: next.slot, want: !want}) {
			return nil, false
		}
		if !slices.Contains(all, next) {
			all = append(all[:len(all):len(all)], next)
		}
	}
	return all, true
}

// lastArgument returns the argument of that name; of several the last counts.
func lastArgument(args ast.ArgumentList, name string) *ast.Argument {
	for i := len(args) - 1; i >= 0; i-- {
		if args[i].Name == name {
			return args[i]
		}
	}
	return nil
}
