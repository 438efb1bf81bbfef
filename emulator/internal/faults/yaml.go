package faults

import (
	"errors"
	"fmt"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Bounds of a scenario file, which the parser needs: it takes quadratic time for
// long maps and recurses as deep as its input.
const (
	maxYAMLBytes  = 256 << 10
	maxYAMLTokens = 20_000
	maxYAMLDepth  = 40
	maxYAMLNodes  = 100_000 // with aliases expanded
)

// parseYAML reads a document. Mistakes go to problem; the node is nil when nothing
// could be read.
func parseYAML(source string, problem func(Problem)) (root *node) {
	b := &yamlBuilder{problem: problem, anchors: map[string]*node{}}
	file, err := b.parse(source)
	if err != nil {
		p := Problem{Line: 1, Column: 1, Message: "YAML syntax: " + err.Error()}
		var located interface {
			GetToken() *token.Token
			GetMessage() string
		}
		if errors.As(err, &located) {
			at := placeOfToken(located.GetToken())
			p.Line, p.Column, p.Message = max(at.line, 1), max(at.column, 1), "YAML syntax: "+located.GetMessage()
		}
		problem(p)
		return nil
	}
	for _, doc := range file.Docs {
		switch doc.Body.(type) {
		case nil, *ast.CommentGroupNode, *ast.DirectiveNode:
			continue
		}
		if root != nil {
			b.report(doc.Body, "the file holds more than one YAML document")
			break
		}
		root = b.node(doc.Body)
	}
	if b.nodes > maxYAMLNodes {
		problem(Problem{Line: 1, Column: 1, Message: fmt.Sprintf("the file has more than %d values, with its aliases", maxYAMLNodes)})
		return nil
	}
	if root == nil {
		root = &node{at: place{line: 1, column: 1}}
	}
	return root
}

type yamlBuilder struct {
	problem func(Problem)
	anchors map[string]*node
	nodes   int
}

func (b *yamlBuilder) parse(source string) (file *ast.File, err error) {
	if len(source) > maxYAMLBytes {
		return nil, fmt.Errorf("the file is larger than %d bytes", maxYAMLBytes)
	}
	// The parser is given hostile text too; a bug in it is a refused file.
	defer func() {
		if r := recover(); r != nil {
			file, err = nil, fmt.Errorf("the text cannot be understood (%v)", r)
		}
	}()
	tokens := lexer.Tokenize(source)
	if len(tokens) > maxYAMLTokens {
		return nil, fmt.Errorf("the file has more than %d words and signs", maxYAMLTokens)
	}
	if err := checkDepth(tokens); err != nil {
		return nil, err
	}
	return parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
}

// checkDepth bounds the nesting from above: open brackets, the levels of
// indentation, and what nests within a line.
func checkDepth(tokens token.Tokens) error {
	var (
		flow, inLine int
		columns      []int
		line         = -1
	)
	for _, t := range tokens {
		if t.Position == nil {
			continue
		}
		if t.Position.Line != line {
			line, inLine = t.Position.Line, 0
			for len(columns) > 0 && columns[len(columns)-1] >= t.Position.Column {
				columns = columns[:len(columns)-1]
			}
			columns = append(columns, t.Position.Column)
		}
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow = max(flow-1, 0)
		case token.SequenceEntryType, token.MappingKeyType, token.MappingValueType, token.TagType, token.AnchorType:
			inLine++
		case token.CollectEntryType: // a comma ends what nested before it
			inLine = 0
		}
		if flow+len(columns)+inLine > maxYAMLDepth {
			return fmt.Errorf("line %d nests more than %d deep", t.Position.Line, maxYAMLDepth)
		}
	}
	return nil
}

func placeOfToken(t *token.Token) place {
	if t == nil || t.Position == nil {
		return place{line: 1, column: 1}
	}
	return place{line: max(t.Position.Line, 1), column: max(t.Position.Column, 1)}
}

func placeOf(n ast.Node) place {
	switch n := n.(type) {
	case nil:
		return place{line: 1, column: 1}
	case *ast.MappingNode:
		// The token of a block map is its first colon.
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return placeOf(n.Values[0])
		}
	case *ast.MappingValueNode:
		return placeOf(n.Key)
	}
	return placeOfToken(n.GetToken())
}

func (b *yamlBuilder) report(n ast.Node, message string) {
	at := placeOf(n)
	b.problem(Problem{Line: at.line, Column: at.column, Message: message})
}

func (b *yamlBuilder) node(n ast.Node) *node {
	out := &node{at: placeOf(n)}
	if b.nodes++; b.nodes > maxYAMLNodes {
		return out
	}
	switch n := n.(type) {
	case nil, *ast.NullNode:
	case *ast.BoolNode:
		out.kind, out.truth = boolean, n.Value
	case *ast.IntegerNode:
		out.kind, out.text = number, n.Token.Value
	case *ast.FloatNode:
		out.kind, out.text = number, n.Token.Value
	case *ast.StringNode:
		out.kind, out.text = text, n.Value
	case *ast.LiteralNode:
		out.kind = text
		if n.Value != nil {
			out.text = n.Value.Value
		}
	case *ast.SequenceNode:
		out.kind = list
		for _, v := range n.Values {
			out.items = append(out.items, b.node(v))
		}
	case *ast.MappingNode:
		b.mapping(out, n.Values)
	case *ast.MappingValueNode:
		b.mapping(out, []*ast.MappingValueNode{n})
	case *ast.MappingKeyNode:
		return b.node(n.Value)
	case *ast.AnchorNode:
		v := b.node(n.Value)
		b.anchors[n.Name.GetToken().Value] = v
		return v
	case *ast.AliasNode:
		return b.alias(n)
	default:
		b.report(n, "this YAML is not understood here")
	}
	return out
}

func (b *yamlBuilder) mapping(out *node, values []*ast.MappingValueNode) {
	out.kind = object
	var merged []member
	for _, v := range values {
		if _, ok := v.Key.(*ast.MergeKeyNode); ok {
			from := b.node(v.Value)
			if from.kind != object {
				b.report(v.Value, "`<<` needs a map, not "+from.kind.String())
			}
			merged = append(merged, from.members...)
			continue
		}
		key := b.node(v.Key)
		if key.kind == object || key.kind == list {
			b.report(v.Key, "a key must be plain text")
			continue
		}
		name := key.text
		if key.kind == boolean || key.kind == null {
			name = v.Key.GetToken().Value
		}
		if out.member(name) != nil {
			b.report(v.Key, fmt.Sprintf("key %q stands here a second time", name))
			continue
		}
		out.members = append(out.members, member{name, key.at, b.node(v.Value)})
	}
	for _, m := range merged {
		if out.member(m.name) == nil {
			out.members = append(out.members, m)
		}
	}
}

// alias shares the node that it names: an anchor is known once its value has been
// read, so that none contains itself.
func (b *yamlBuilder) alias(n *ast.AliasNode) *node {
	name := n.Value.GetToken().Value
	v, ok := b.anchors[name]
	if !ok {
		b.report(n, fmt.Sprintf("alias *%s names no anchor before it", name))
		return &node{at: placeOf(n)}
	}
	if b.nodes <= maxYAMLNodes {
		b.nodes += v.size(maxYAMLNodes)
	}
	return v
}

// size counts the nodes below n, up to limit.
func (n *node) size(limit int) int {
	total := 1
	for _, m := range n.members {
		if total > limit {
			return total
		}
		total += m.value.size(limit - total)
	}
	for _, item := range n.items {
		if total > limit {
			return total
		}
		total += item.size(limit - total)
	}
	return total
}
