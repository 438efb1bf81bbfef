package project

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Bounds of a project file. A real one is far below each; beyond them reading
// would cost more time and memory than any mistake is worth.
const (
	maxYAMLBytes  = 1 << 20
	maxYAMLDepth  = 100
	maxYAMLTokens = 100_000 // the parser takes quadratic time for long maps
	maxAliasNodes = 100_000 // nodes that aliases and merge keys may add
)

type nodeKind int

const (
	kindNull nodeKind = iota
	kindBool
	kindInt
	kindFloat
	kindString
	kindMap
	kindList
)

// String names the kind as a problem does: "must be a string, not X".
func (k nodeKind) String() string {
	switch k {
	case kindBool:
		return "a boolean"
	case kindInt, kindFloat:
		return "a number"
	case kindString:
		return "a string"
	case kindMap:
		return "a map"
	case kindList:
		return "a list"
	default:
		return "empty"
	}
}

type scalarStyle int

const (
	stylePlain scalarStyle = iota
	styleSingleQuoted
	styleDoubleQuoted
	styleLiteral // |
	styleFolded  // >
)

// node is a YAML value with its place. Aliases are resolved by sharing the
// node that they name, merge keys by adding the merged entries, so that
// whoever reads nodes sees plain maps, lists and scalars.
type node struct {
	kind  nodeKind
	pos   place
	tag   string // a CloudFormation short tag such as !Ref, or ""
	text  string // of a scalar
	style scalarStyle

	truth   bool
	integer int64
	float   float64

	entries []entry
	items   []*node
	// parts are where the text was put together from, in order; none for a text
	// that stands in the file as it is.
	parts []textPart
	// size counts the node and everything below it, with aliases expanded.
	size int
}

type entry struct {
	key   string
	pos   place // of the key
	value *node
}

// find returns the entry named key, or nil. An entry without a value counts as
// absent unless the caller looks at it.
func (n *node) find(key string) *entry {
	for i := range n.entries {
		if n.entries[i].key == key {
			return &n.entries[i]
		}
	}
	return nil
}

// report takes a mistake found at a place of the file.
type report func(p place, message, hint string)

// parseYAML reads the single document of text. Mistakes of syntax, duplicate
// keys, unknown aliases and documents that are too big are reported; the
// result is then nil or what could be understood.
func parseYAML(text string, problem report) *node { return parseYAMLOf(nil, text, problem) }

// parseYAMLOf is parseYAML of a text that is not the project file's: its places
// name the file.
func parseYAMLOf(of *sourceFile, text string, problem report) *node {
	if len(text) > maxYAMLBytes {
		problem(place{file: of}, fmt.Sprintf("the file is larger than %d bytes", maxYAMLBytes), "")
		return nil
	}
	b := &builder{file: of, problem: problem, anchors: map[string]*node{}, open: map[string]bool{}}
	file, err := b.parse(text)
	if err != nil {
		at := place{file: of}
		message := err.Error()
		var located interface {
			GetToken() *token.Token
			GetMessage() string
		}
		if errors.As(err, &located) {
			message = located.GetMessage()
			at = b.placeOfToken(located.GetToken())
		}
		var deep *depthError
		if errors.As(err, &deep) {
			at = place{deep.at.line, deep.at.column, of}
		}
		problem(at, "YAML syntax: "+message, "")
		return nil
	}
	var root *node
	for _, doc := range file.Docs {
		switch doc.Body.(type) {
		case nil, *ast.DirectiveNode, *ast.CommentGroupNode:
			continue
		}
		if root != nil {
			problem(b.placeOf(doc.Body), "the file holds more than one YAML document", "")
			break
		}
		root = b.node(doc.Body)
	}
	if b.exhausted {
		return nil
	}
	if root == nil {
		root = &node{pos: place{1, 1, b.file}}
	}
	return root
}

// parse makes the syntax tree, after making sure that the text is not nested so
// deeply that the recursive parser would exhaust the stack.
func (b *builder) parse(text string) (file *ast.File, err error) {
	// The parser is given hostile text too; a bug in it is a refused file.
	defer func() {
		if r := recover(); r != nil {
			file, err = nil, fmt.Errorf("the text cannot be understood (%v)", r)
		}
	}()
	tokens := tokenize(text)
	if len(tokens) > maxYAMLTokens {
		return nil, fmt.Errorf("the file has more than %d words and signs", maxYAMLTokens)
	}
	if err := checkDepth(tokens); err != nil {
		return nil, err
	}
	b.shifted = shiftedColumns(tokens)
	// Duplicate keys are found by mapping, all of them and not just the first.
	return parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
}

// doubleColon is :: within a word.
var doubleColon = regexp.MustCompile(`::([A-Za-z])`)

// tokenize takes text apart. The lexer ends a key in braces at its first colon,
// even that of {Fn::GetAtt: [a, b]}, so that it is shown another character there.
func tokenize(text string) token.Tokens {
	const mark = "\ue000" // for private use: in no text
	if strings.Contains(text, mark) || !doubleColon.MatchString(text) {
		return lexer.Tokenize(text)
	}
	tokens := lexer.Tokenize(doubleColon.ReplaceAllString(text, mark+mark+"$1"))
	for _, t := range tokens {
		t.Value = strings.ReplaceAll(t.Value, mark, ":")
		t.Origin = strings.ReplaceAll(t.Origin, mark, ":")
	}
	return tokens
}

type depthError struct{ at place }

func (e *depthError) Error() string {
	return fmt.Sprintf("nested more than %d deep", maxYAMLDepth)
}

// checkDepth bounds the nesting from above: open brackets, plus the
// indentation levels of the line, plus the indicators that nest within it.
func checkDepth(tokens token.Tokens) error {
	var (
		flow    int   // open [ and {
		columns []int // indentation of the open block levels
		inLine  int   // -, ?, tags and anchors on this line
		line    = -1
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
			return &depthError{place{line: t.Position.Line, column: t.Position.Column}}
		}
	}
	return nil
}

// shiftedColumns finds the tokens whose column is wrong: the lexer does not
// count the space after a tag, so that whatever follows it on the line is
// placed one column too far to the left.
func shiftedColumns(tokens token.Tokens) map[*token.Token]int {
	shifted := map[*token.Token]int{}
	line, shift := 0, 0
	for _, t := range tokens {
		if t.Position == nil {
			continue
		}
		if t.Position.Line != line {
			line, shift = t.Position.Line, 0
		}
		if shift > 0 {
			shifted[t] = shift
		}
		if t.Type == token.TagType && strings.HasSuffix(t.Origin, " ") {
			shift++
		}
	}
	return shifted
}

func (b *builder) placeOfToken(t *token.Token) place {
	if t == nil || t.Position == nil {
		return place{file: b.file}
	}
	return place{max(t.Position.Line, 1), max(t.Position.Column, 1) + b.shifted[t], b.file}
}

func (b *builder) placeOf(n ast.Node) place {
	switch n := n.(type) {
	case nil:
		return place{file: b.file}
	case *ast.MappingNode:
		// The token of a block map is its first colon.
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return b.placeOf(n.Values[0])
		}
	case *ast.MappingValueNode:
		return b.placeOf(n.Key)
	}
	return b.placeOfToken(n.GetToken())
}

// builder turns the syntax tree into nodes.
type builder struct {
	file    *sourceFile // of the text, nil for the project file
	problem report
	shifted map[*token.Token]int // what to add to the column of a token
	anchors map[string]*node
	open    map[string]bool // anchors whose value is being read
	added   int             // nodes that aliases and merges added
	// exhausted is set once the aliases expand to too much.
	exhausted bool
}

// spend takes size from what aliases may still add.
func (b *builder) spend(at place, size int) bool {
	if b.exhausted {
		return false
	}
	b.added += size
	if b.added > maxAliasNodes {
		b.exhausted = true
		b.problem(at, fmt.Sprintf("the aliases of this file expand to more than %d values", maxAliasNodes), "")
		return false
	}
	return true
}

func (b *builder) node(n ast.Node) *node {
	switch n := n.(type) {
	case nil, *ast.NullNode:
		return &node{pos: b.placeOf(n), size: 1}
	case *ast.BoolNode:
		return &node{kind: kindBool, pos: b.placeOf(n), text: n.Token.Value, truth: n.Value, size: 1}
	case *ast.IntegerNode:
		return b.integer(n)
	case *ast.FloatNode:
		return &node{kind: kindFloat, pos: b.placeOf(n), text: n.Token.Value, float: n.Value, size: 1}
	case *ast.InfinityNode:
		return &node{kind: kindFloat, pos: b.placeOf(n), text: n.Token.Value, float: n.Value, size: 1}
	case *ast.NanNode:
		return &node{kind: kindFloat, pos: b.placeOf(n), text: n.Token.Value, float: math.NaN(), size: 1}
	case *ast.StringNode:
		out := &node{kind: kindString, pos: b.placeOf(n), text: n.Value, size: 1}
		switch n.Token.Type {
		case token.SingleQuoteType:
			out.style = styleSingleQuoted
		case token.DoubleQuoteType:
			out.style = styleDoubleQuoted
		}
		return out
	case *ast.LiteralNode:
		out := &node{kind: kindString, pos: b.placeOf(n), style: styleLiteral, size: 1}
		if n.Value != nil {
			out.text = n.Value.Value
		}
		if n.Start != nil && strings.HasPrefix(n.Start.Value, ">") {
			out.style = styleFolded
		}
		return out
	case *ast.MappingNode:
		return b.mapping(b.placeOf(n), n.Values)
	case *ast.MappingValueNode:
		return b.mapping(b.placeOf(n), []*ast.MappingValueNode{n})
	case *ast.SequenceNode:
		out := &node{kind: kindList, pos: b.placeOf(n), size: 1}
		for _, v := range n.Values {
			item := b.node(v)
			out.items = append(out.items, item)
			out.size += item.size
		}
		return out
	case *ast.TagNode:
		return b.tagged(n)
	case *ast.AnchorNode:
		return b.anchor(n)
	case *ast.AliasNode:
		return b.alias(n)
	case *ast.MappingKeyNode:
		return b.node(n.Value)
	default:
		b.problem(b.placeOf(n), "this YAML is not understood here", "")
		return &node{pos: b.placeOf(n), size: 1}
	}
}

func (b *builder) integer(n *ast.IntegerNode) *node {
	out := &node{kind: kindInt, pos: b.placeOf(n), text: n.Token.Value, size: 1}
	switch v := n.Value.(type) {
	case int64:
		out.integer = v
	case uint64:
		// Larger than any number that a project can say: as good as infinite.
		out.integer = int64(min(v, math.MaxInt64))
	}
	out.float = float64(out.integer)
	return out
}

func (b *builder) mapping(at place, values []*ast.MappingValueNode) *node {
	out := &node{kind: kindMap, pos: at, size: 1}
	var merges []*node
	seen := map[string]place{}
	for _, v := range values {
		if _, ok := v.Key.(*ast.MergeKeyNode); ok {
			merges = append(merges, b.node(v.Value))
			continue
		}
		keyPos := b.placeOf(v.Key)
		key, ok := b.key(v.Key)
		value := b.node(v.Value)
		if !ok {
			continue
		}
		if first, twice := seen[key]; twice {
			b.problem(keyPos, fmt.Sprintf("key `%s` stands here a second time, first in line %d", key, first.line), "")
			continue
		}
		seen[key] = keyPos
		out.entries = append(out.entries, entry{key, keyPos, value})
		out.size += value.size
	}
	for _, m := range merges {
		b.merge(out, m, seen)
	}
	return out
}

// merge adds to out what from has and out has not; from is a map, or a list of
// maps of which the earlier win.
func (b *builder) merge(out, from *node, seen map[string]place) {
	switch from.kind {
	case kindMap:
		for _, e := range from.entries {
			if _, has := seen[e.key]; has {
				continue
			}
			if !b.spend(from.pos, e.value.size) {
				return
			}
			seen[e.key] = e.pos
			out.entries = append(out.entries, e)
			out.size += e.value.size
		}
	case kindList:
		for _, item := range from.items {
			if item.kind != kindMap {
				b.problem(item.pos, "`<<` merges maps, not "+item.kind.String(), "")
				continue
			}
			b.merge(out, item, seen)
		}
	case kindNull:
	default:
		b.problem(from.pos, "`<<` needs a map or a list of maps, not "+from.kind.String(), "")
	}
}

// key returns the text of a map's key.
func (b *builder) key(k ast.MapKeyNode) (string, bool) {
	n := b.node(k)
	if n.kind == kindMap || n.kind == kindList || n.tag != "" {
		b.problem(n.pos, "a key must be plain text", "")
		return "", false
	}
	return n.text, true
}

func (b *builder) tagged(n *ast.TagNode) *node {
	value := b.node(n.Value)
	tag := n.Start.Value
	switch {
	case tag == "!!str" && value.kind != kindMap && value.kind != kindList:
		out := *value
		out.kind = kindString
		return &out
	case tag == "!!binary":
		b.problem(b.placeOf(n), "binary values are not understood here", "")
		return value
	case strings.HasPrefix(tag, "!!") || tag == "!":
		return value // YAML's own types: the value is already of its type
	}
	out := *value // shared by an alias perhaps: the tag is this use's alone
	out.tag = tag
	out.pos = b.placeOf(n)
	return &out
}

func (b *builder) anchor(n *ast.AnchorNode) *node {
	name := tokenText(n.Name)
	b.open[name] = true
	value := b.node(n.Value)
	delete(b.open, name)
	b.anchors[name] = value
	return value
}

func (b *builder) alias(n *ast.AliasNode) *node {
	name, at := tokenText(n.Value), b.placeOf(n)
	empty := &node{pos: at, size: 1}
	if b.open[name] {
		b.problem(at, fmt.Sprintf("alias `*%s` stands inside what it names", name), "")
		return empty
	}
	value, ok := b.anchors[name]
	if !ok {
		b.problem(at, fmt.Sprintf("alias `*%s` names no anchor before it", name),
			didYouMean(name, slices.Sorted(maps.Keys(b.anchors))))
		return empty
	}
	if !b.spend(at, value.size) {
		return empty
	}
	return value
}

func tokenText(n ast.Node) string {
	if n == nil || n.GetToken() == nil {
		return ""
	}
	return n.GetToken().Value
}

// intrinsic returns the CloudFormation function that n calls and its argument,
// from a short tag (!Ref x) or the long form ({Ref: x}, {"Fn::GetAtt": x}).
func (n *node) intrinsic() (name string, argument *node, ok bool) {
	if n.tag != "" {
		plain := *n
		plain.tag = ""
		if n.tag == "!Ref" || n.tag == "!Condition" {
			return n.tag[1:], &plain, true
		}
		return "Fn::" + strings.TrimPrefix(n.tag, "!"), &plain, true
	}
	if n.kind == kindMap && len(n.entries) == 1 {
		if key := n.entries[0].key; key == "Ref" || strings.HasPrefix(key, "Fn::") {
			return key, n.entries[0].value, true
		}
	}
	return "", nil, false
}

// plain turns a node into Go values: string, int64, float64, bool, nil, []any
// and map[string]any.
func (n *node) plain() any {
	switch n.kind {
	case kindBool:
		return n.truth
	case kindInt:
		return n.integer
	case kindFloat:
		return n.float
	case kindString:
		return n.text
	case kindList:
		out := make([]any, len(n.items))
		for i, item := range n.items {
			out[i] = item.plain()
		}
		return out
	case kindMap:
		out := make(map[string]any, len(n.entries))
		for _, e := range n.entries {
			out[e.key] = e.value.plain()
		}
		return out
	default:
		return nil
	}
}

// wholeNumber returns a number of a scalar: an integer, or (when text is
// allowed) a string of digits.
func (n *node) wholeNumber(allowText bool) (int64, bool) {
	switch {
	case n.kind == kindInt:
		return n.integer, true
	case n.kind == kindString && allowText:
		v, err := strconv.ParseInt(n.text, 10, 64)
		return v, err == nil
	}
	return 0, false
}
