package expression

import (
	"slices"
	"strconv"
	"strings"

	"appsync-emulator/storage/attribute"
)

// Element is one step of a document path: the name of an attribute or of a map
// entry or, when IsIndex is set, the position of a list element.
type Element struct {
	Name    string
	Index   int
	IsIndex bool
}

// Path is a document path with its placeholders resolved. Its first element is
// always a name.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.Attributes.html#Expressions.Attributes.NestedElements.DocumentPathExamples
type Path []Element

// Head returns the top-level attribute that the path starts at.
func (p Path) Head() string { return p[0].Name }

// Get returns what the path leads to in item, the zero Value when there is
// nothing.
func (p Path) Get(item *attribute.Item) attribute.Value {
	if len(p) == 0 {
		return attribute.Value{}
	}
	v := item.Get(p[0].Name)
	for _, e := range p[1:] {
		v = e.of(v)
	}
	return v
}

// of returns the element of v, the zero Value when v has none.
func (e Element) of(v attribute.Value) attribute.Value {
	switch {
	case e.IsIndex && v.Kind() == attribute.L:
		if elems := v.Elems(); e.Index < len(elems) {
			return elems[e.Index]
		}
	case !e.IsIndex && v.Kind() == attribute.M:
		return v.Item().Get(e.Name)
	}
	return attribute.Value{}
}

// String returns the path as DynamoDB prints it in messages: [a, [1], b].
func (p Path) String() string {
	var b strings.Builder
	b.WriteByte('[')
	for i, e := range p {
		if i > 0 {
			b.WriteString(", ")
		}
		if e.IsIndex {
			b.WriteByte('[')
			b.WriteString(strconv.Itoa(e.Index))
			b.WriteByte(']')
		} else {
			b.WriteString(e.Name)
		}
	}
	b.WriteByte(']')
	return b.String()
}

// checkDisjoint refuses paths of which one is the other, or leads through it
// (they overlap), or which need one value to be both a list and a map (they
// conflict). DynamoDB reports an overlap before any conflict.
func checkDisjoint(paths []Path) string {
	conflict := ""
	for j, second := range paths {
		for _, first := range paths[:j] {
			if first[0].Name != second[0].Name {
				continue
			}
			i := 1
			for i < len(first) && i < len(second) && first[i] == second[i] {
				i++
			}
			switch {
			case i == len(first) || i == len(second):
				return "Two document paths overlap with each other; " + mustRewrite(first, second)
			case first[i].IsIndex != second[i].IsIndex && conflict == "":
				conflict = "Two document paths conflict with each other; " + mustRewrite(first, second)
			}
		}
	}
	return conflict
}

func mustRewrite(first, second Path) string {
	return "must remove or rewrite one of these paths; path one: " + first.String() + ", path two: " + second.String()
}

// allTopLevel reports whether every path is a single name.
func allTopLevel(paths []Path) bool {
	for _, p := range paths {
		if len(p) > 1 {
			return false
		}
	}
	return true
}

// pathTree arranges disjoint paths by their common beginnings, so that nested
// changes and projections visit each list and map once.
type pathTree struct {
	element Element
	// leaf is the position of the path that ends here, -1 for inner nodes.
	leaf     int
	children []*pathTree
}

func newPathTree(paths []Path) *pathTree {
	root := &pathTree{leaf: -1}
	for i, p := range paths {
		node := root
		for _, e := range p {
			node = node.child(e)
		}
		node.leaf = i
	}
	root.sort()
	return root
}

func (t *pathTree) child(e Element) *pathTree {
	for _, c := range t.children {
		if c.element == e {
			return c
		}
	}
	c := &pathTree{element: e, leaf: -1}
	t.children = append(t.children, c)
	return c
}

// sort puts list positions in ascending order: DynamoDB adds the elements of
// one update beyond the end of a list in that order, and projects them in it.
func (t *pathTree) sort() {
	slices.SortStableFunc(t.children, func(a, b *pathTree) int { return a.element.Index - b.element.Index })
	for _, c := range t.children {
		c.sort()
	}
}
