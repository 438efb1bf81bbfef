package plan

import (
	"strings"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"

	"appsync-emulator/emulator/internal/schema"
)

// selectedText is what a resolver can ask about the selection below its field.
// Few resolvers do, so it is made when first asked for.
type selectedText struct {
	compiler *compiler
	typ      *schema.Type
	of       []occurrence

	once        sync.Once
	tree        []selectedNode
	conditional bool
	list        []string
	text        string
}

// selectedNode is one entry of a selectionSetList, with those below it.
type selectedNode struct {
	path       string
	conditions [][]condition
	below      []selectedNode
}

// SelectionSetList is $ctx.info.selectionSetList: the fields selected below f as
// paths of response keys, depth first, fragments flattened. Of an interface or
// union only its own fields are listed. Fields under a false @include or @skip
// are not. The slice must not be changed; it is empty for a leaf.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/resolver-context-reference.html
func (f *Field) SelectionSetList(v *Variables) []string {
	s := f.selected
	if s == nil {
		return nil
	}
	s.once.Do(s.build)
	if s.conditional {
		return listed(nil, s.tree, v)
	}
	return s.list
}

// SelectionSetGraphQL is $ctx.info.selectionSetGraphQL: the selection set as
// GraphQL text, with its fragments as they are. It is empty for a leaf.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/resolver-context-reference.html
func (f *Field) SelectionSetGraphQL() string {
	s := f.selected
	if s == nil {
		return ""
	}
	s.once.Do(s.build)
	return s.text
}

func (s *selectedText) build() {
	// A compiler of its own counts afresh and is not shared with others.
	c := &compiler{schema: s.compiler.schema, doc: s.compiler.doc, meta: s.compiler.meta, slots: s.compiler.slots}
	s.tree = s.nodes(c, s.typ, s.of, "")
	if !s.conditional {
		s.list = listed(nil, s.tree, nil)
	}
	p := printer{}
	var all ast.SelectionSet
	for _, o := range s.of {
		all = append(all, o.node.SelectionSet...)
	}
	p.selectionSet(all)
	s.text = p.String()
}

func (s *selectedText) nodes(c *compiler, t *schema.Type, of []occurrence, prefix string) []selectedNode {
	list := c.merge(t, of, t.Kind != schema.Object)
	nodes := make([]selectedNode, len(list))
	for i, m := range list {
		n := &nodes[i]
		n.path = prefix + m.key
		n.conditions = alternatives(m.occurrences)
		s.conditional = s.conditional || n.conditions != nil
		def, _ := c.meta.lookup(c.schema, t, m.occurrences[0].node.Name)
		if base := def.Type.Base(); base.IsComposite() {
			n.below = s.nodes(c, base, m.occurrences, n.path+"/")
		}
	}
	return nodes
}

func listed(dst []string, nodes []selectedNode, v *Variables) []string {
	for i := range nodes {
		n := &nodes[i]
		if n.conditions != nil && !included(n.conditions, v) {
			continue
		}
		dst = append(dst, n.path)
		dst = listed(dst, n.below, v)
	}
	return dst
}

// printer prints selections in the layout of the engine's AstPrinter.
type printer struct {
	strings.Builder
	indent int
}

func (p *printer) newline() {
	p.WriteByte('\n')
	for range p.indent {
		p.WriteString("  ")
	}
}

func (p *printer) selectionSet(set ast.SelectionSet) {
	p.WriteByte('{')
	p.indent++
	for _, sel := range set {
		p.newline()
		switch s := sel.(type) {
		case *ast.Field:
			p.field(s)
		case *ast.InlineFragment:
			p.WriteString("...")
			if s.TypeCondition != "" {
				p.WriteString(" on " + s.TypeCondition)
			}
			p.directives(s.Directives)
			p.WriteByte(' ')
			p.selectionSet(s.SelectionSet)
		case *ast.FragmentSpread:
			p.WriteString("... " + s.Name)
			p.directives(s.Directives)
		}
	}
	p.indent--
	p.newline()
	p.WriteByte('}')
}

func (p *printer) field(f *ast.Field) {
	if f.Alias != f.Name {
		p.WriteString(f.Alias + ": ")
	}
	p.WriteString(f.Name)
	p.arguments(f.Arguments)
	p.directives(f.Directives)
	if f.SelectionSet != nil {
		p.WriteByte(' ')
		p.selectionSet(f.SelectionSet)
	}
}

func (p *printer) directives(list ast.DirectiveList) {
	for _, d := range list {
		p.WriteString(" @" + d.Name)
		p.arguments(d.Arguments)
	}
}

func (p *printer) arguments(list ast.ArgumentList) {
	if len(list) == 0 {
		return
	}
	p.WriteByte('(')
	for i, a := range list {
		if i > 0 {
			p.WriteString(", ")
		}
		p.WriteString(a.Name + ": ")
		p.value(a.Value)
	}
	p.WriteByte(')')
}

func (p *printer) value(v *ast.Value) {
	switch v.Kind {
	case ast.ListValue:
		p.WriteByte('[')
		for i, c := range v.Children {
			if i > 0 {
				p.WriteString(", ")
			}
			p.value(c.Value)
		}
		p.WriteByte(']')
	case ast.ObjectValue:
		p.WriteByte('{')
		for i, c := range v.Children {
			if i > 0 {
				p.WriteString(", ")
			}
			p.WriteString(c.Name + " : ")
			p.value(c.Value)
		}
		p.WriteByte('}')
	case ast.IntValue:
		p.WriteString(javaInteger(v.Raw))
	case ast.FloatValue:
		p.WriteString(javaDecimal(v.Raw))
	default:
		// Names, words and variables; strings come out in quotes, escaped.
		p.WriteString(v.String())
	}
}
