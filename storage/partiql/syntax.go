package partiql

import (
	"strconv"
	"strings"

	"appsync-emulator/storage/attribute"
)

// op is what a node stands for.
type op uint8

const (
	opPath    op = iota // steps
	opLiteral           // value
	opMissing
	opParameter // slot
	opList      // args
	opBag       // args
	opMap       // names and args
	opCall      // name in lower case, args
	opQuery     // a SELECT in parentheses
	opSum       // name is + or -, two args
	opNot
	opAnd     // two args or more
	opOr      // two args or more
	opCompare // name is the comparator, two args
	opBetween // three args
	opIn      // the first arg is one of the others
	opIsNull
	opIsMissing
)

// node is an expression. Nodes are immutable when they are parsed.
type node struct {
	op    op
	token token // where it begins
	name  string
	args  []*node
	value attribute.Value
	raw   string // a number as written
	steps []step
	slot  int
	names []string // of a map
}

// step is an element of a document path: a name, or the position of a list
// element.
type step struct {
	name    string
	index   int
	isIndex bool
}

// head returns the attribute that a path begins at.
func (n *node) head() string { return n.steps[0].name }

// isName reports whether n is the attribute itself.
func (n *node) isName(name string) bool {
	return n.op == opPath && len(n.steps) == 1 && n.head() == name
}

// column is the name that a path has in the answer: its last name and the
// positions that follow it.
func (n *node) column() string {
	from := len(n.steps) - 1
	for n.steps[from].isIndex {
		from--
	}
	var b strings.Builder
	b.WriteString(n.steps[from].name)
	for _, s := range n.steps[from+1:] {
		b.WriteString("[" + strconv.Itoa(s.index) + "]")
	}
	return b.String()
}

// get returns what a path leads to in item, the zero Value when it leads
// nowhere.
func (n *node) get(item *attribute.Item) attribute.Value {
	v := item.Get(n.head())
	for _, s := range n.steps[1:] {
		switch {
		case s.isIndex && v.Kind() == attribute.L && s.index < len(v.Elems()):
			v = v.Elems()[s.index]
		case !s.isIndex && v.Kind() == attribute.M:
			v = v.Item().Get(s.name)
		default:
			return attribute.Value{}
		}
	}
	return v
}

// equalPaths reports whether a and b are one path.
func equalPaths(a, b *node) bool {
	if a.op != opPath || b.op != opPath || len(a.steps) != len(b.steps) {
		return false
	}
	for i := range a.steps {
		if a.steps[i] != b.steps[i] {
			return false
		}
	}
	return true
}

// isCondition reports whether n is true or false for an item, rather than a
// value.
func (n *node) isCondition() bool {
	switch n.op {
	case opNot, opAnd, opOr, opCompare, opBetween, opIn, opIsNull, opIsMissing:
		return true
	case opCall:
		return n.name != "size"
	}
	return false
}

// heads appends the attributes that n reads to names, each once.
func (n *node) heads(names []string) []string {
	if n.op == opPath {
		for _, name := range names {
			if name == n.head() {
				return names
			}
		}
		return append(names, n.head())
	}
	for _, arg := range n.args {
		names = arg.heads(names)
	}
	return names
}

// flatten returns what the terms joined by the op of a tree are.
func (n *node) flatten(join op) []*node {
	if n == nil {
		return nil
	}
	if n.op != join {
		return []*node{n}
	}
	var terms []*node
	for _, arg := range n.args {
		terms = append(terms, arg.flatten(join)...)
	}
	return terms
}

// joined returns terms joined by an op, nil when there are none.
func joined(join op, terms []*node) *node {
	switch len(terms) {
	case 0:
		return nil
	case 1:
		return terms[0]
	default:
		return &node{op: join, token: terms[0].token, args: terms}
	}
}
