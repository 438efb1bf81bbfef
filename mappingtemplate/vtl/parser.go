package vtl

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// nodeKind says what a node of the syntax tree is.
type nodeKind uint8

const (
	nText nodeKind = iota
	nTextblock
	nComment
	nEscape
	nEscapedDirective
	nReference
	nIdentifier
	nMethod
	nIndex
	nDirective
	nBlock
	nIf
	nElseIf
	nElse
	nSet
	nWord
	nString
	nInteger
	nFloat
	nTrue
	nFalse
	nRange
	nMap
	nList
	nOr
	nAnd
	nEqual
	nNotEqual
	nLess
	nGreater
	nLessEqual
	nGreaterEqual
	nAdd
	nSubtract
	nMultiply
	nDivide
	nModulus
	nNot
	nExpression
)

// node is a node of the syntax tree. It spans the tokens from first to last.
type node struct {
	kind        nodeKind
	first, last int
	children    []*node
	// name is a directive's name, or the text of an escape.
	name string
}

// maxNesting bounds how deep a template nests, so that hostile text cannot
// exhaust the stack.
const maxNesting = 400

// maxScans bounds the tokens that the parser looks at ahead of a decision. Only
// hostile nests of brackets come near it.
const maxScans = 4 << 20

// syntax is a parsed template.
type syntax struct {
	tokens []token
	root   *node
}

// parse builds the syntax tree of text, which stands at base. macros holds the
// names of the macros seen so far, on which escapes depend; it is extended.
func parse(text string, base position, macros map[string]bool, known func(macro string) bool) (s *syntax, err error) {
	p := &parser{lexer: newLexer(text, base), current: -1, macros: macros, knownMacro: known}
	defer func() {
		if r := recover(); r != nil {
			failure, ok := r.(parseFailure)
			if !ok {
				panic(r)
			}
			s, err = nil, failure.err
		}
	}()
	root := p.template()
	return &syntax{tokens: p.tokens, root: root}, nil
}

// parseFailure carries an error out of the recursive descent.
type parseFailure struct{ err error }

// parser is a recursive descent over the tokens. It reads no token earlier than
// it must, since reading one may depend on a state that the parser sets.
type parser struct {
	lexer   *lexer
	tokens  []token
	current int // the last token consumed, -1 at the start
	depth   int

	macros     map[string]bool
	knownMacro func(string) bool

	// generation counts the consumed tokens. expected holds what else was
	// tried in generation expectedIn.
	generation, expectedIn int
	expected               kindSet

	look  lookahead
	calls [lookaheadCount][]lookaheadCall
	scans int
}

func (p *parser) fail(err error) { panic(parseFailure{err}) }

// manyTokens is the number of tokens from which on their memory is doubled.
const manyTokens = 256

// token returns the i-th token, which may have to be read.
func (p *parser) token(i int) *token {
	for len(p.tokens) <= i {
		t, err := p.lexer.next()
		if err != nil {
			p.fail(err)
		}
		if n := len(p.tokens); n == cap(p.tokens) && n >= manyTokens {
			// append grows large slices by a quarter, which copies a long template's
			// tokens over and over.
			p.tokens = slices.Grow(p.tokens, n)
		}
		p.tokens = append(p.tokens, t)
	}
	return &p.tokens[i]
}

// next returns the kind of the next token.
func (p *parser) next() kind { return p.token(p.current + 1).kind }

// missed notes that any of kinds could have come next, but did not.
func (p *parser) missed(kinds kindSet) {
	if p.expectedIn != p.generation {
		p.expectedIn, p.expected = p.generation, kindSet{}
	}
	p.expected.union(kinds)
}

// nextIn reports whether the next token is one of kinds.
func (p *parser) nextIn(kinds kindSet) bool {
	if kinds.has(p.next()) {
		return true
	}
	p.missed(kinds)
	return false
}

// consume takes the next token, which must be of kind k.
func (p *parser) consume(k kind) *token {
	t := p.token(p.current + 1)
	if t.kind != k {
		p.missed(setOf(k))
		p.unexpected()
	}
	p.current++
	p.generation++
	return t
}

// optional takes the next token if it is of kind k.
func (p *parser) optional(k kind) bool {
	if !p.nextIn(setOf(k)) {
		return false
	}
	p.consume(k)
	return true
}

func (p *parser) open(k nodeKind) *node { return &node{kind: k, first: p.current + 1} }

func (p *parser) close(n *node) *node {
	n.last = p.current
	return n
}

func (p *parser) leaf(n nodeKind, k kind) *node {
	nd := p.open(n)
	p.consume(k)
	return p.close(nd)
}

func (p *parser) enter() {
	p.depth++
	if p.depth > maxNesting {
		p.fail(p.errorAt(p.current, "the template nests deeper than "+strconv.Itoa(maxNesting)+" levels"))
	}
}

func (p *parser) leave() { p.depth-- }

func (p *parser) errorAt(i int, msg string) *ParseError {
	pos := p.token(max(i, 0)).pos
	return &ParseError{Line: pos.line, Column: pos.column, Msg: msg + " at " + pos.String()}
}

var statementStart = setOf(kParenOpen, kParenClose, kEscapedDirective, kSet, kLineCommentStart,
	kDoubleEscape, kEscape, kText, kFormalEnd, kCommentEnd, kTextblock, kString, kIf, kInteger, kFloat,
	kWord, kBracketedWord, kIdentifier, kDot, kRefOpen, kRefClose, kEmptyIndex)

var textKinds = setOf(kParenOpen, kParenClose, kEscape, kText, kString, kInteger, kFloat, kDot, kRefOpen,
	kRefClose, kEmptyIndex)

var statementKinds = setOf(kParenOpen, kParenClose, kEscapedDirective, kSet, kLineCommentStart,
	kDoubleEscape, kEscape, kText, kFormalEnd, kCommentEnd, kTextblock, kString, kInteger, kFloat,
	kWord, kBracketedWord, kDot, kRefOpen, kRefClose, kEmptyIndex)

func (p *parser) template() *node {
	n := p.open(nBlock)
	p.statements(n)
	p.consume(kEOF)
	return p.close(n)
}

func (p *parser) block() *node {
	n := p.open(nBlock)
	p.token(n.first)
	p.statements(n)
	return p.close(n)
}

func (p *parser) statements(n *node) {
	p.enter()
	for p.nextIn(statementStart) {
		n.children = append(n.children, p.statement())
	}
	p.leave()
}

func (p *parser) statement() *node {
	if p.nextIn(setOf(kIf)) {
		return p.ifStatement()
	}
	if p.ahead(aheadReference, 2) {
		return p.reference()
	}
	k := p.next()
	switch {
	case textKinds.has(k):
		return p.leaf(nText, k)
	case k == kLineCommentStart:
		n := p.open(nComment)
		p.consume(kLineCommentStart)
		p.optional(kLineCommentEnd)
		return p.close(n)
	case k == kCommentEnd, k == kFormalEnd:
		return p.leaf(nComment, k)
	case k == kTextblock:
		return p.leaf(nTextblock, k)
	case k == kSet:
		return p.set()
	case k == kEscapedDirective:
		n := p.leaf(nEscapedDirective, k)
		t := &p.tokens[n.first]
		t.image = p.unescaped(t.image)
		n.name = t.image
		return n
	case k == kDoubleEscape:
		return p.escape()
	case k == kWord, k == kBracketedWord:
		return p.directive()
	}
	p.missed(statementKinds)
	p.unexpected()
	return nil
}

// unescaped is the output of backslashes before a directive: half of them, if
// the directive exists.
func (p *parser) unescaped(image string) string {
	last := strings.LastIndexByte(image, '\\')
	name := image[last+2:]
	if strings.HasPrefix(name, "{") {
		name = name[1 : len(name)-1]
	}
	switch name {
	case "if", "end", "set", "else", "elseif", "stop":
	default:
		if !isDirective(name) && !p.isMacro(name) {
			return image
		}
	}
	return image[:last/2] + image[last+1:]
}

func (p *parser) isMacro(name string) bool { return p.macros[name] || p.knownMacro(name) }

// escape parses a row of double backslashes, which are halved before a
// directive.
func (p *parser) escape() *node {
	n := p.open(nEscape)
	count := 0
	for p.ahead(aheadEscape, 2) {
		p.consume(kDoubleEscape)
		count++
	}
	next := p.token(p.current + 1)
	control := false
	switch next.kind {
	case kIf, kElse, kElseIf, kEnd:
		control = true
	}
	if len(next.image) > 0 {
		if name := next.image[1:]; isDirective(name) || p.isMacro(name) {
			control = true
		}
	}
	if control {
		n.name = strings.Repeat(`\`, count)
	} else {
		n.name = strings.Repeat(`\\`, count)
	}
	return p.close(n)
}

var indexOpen = setOf(kIndexOpen)

func (p *parser) reference() *node {
	p.enter()
	defer p.leave()
	n := p.open(nReference)
	closed := false
	switch p.next() {
	case kIdentifier:
		p.consume(kIdentifier)
	case kRefOpen:
		p.consume(kRefOpen)
		p.consume(kIdentifier)
		closed = true
	default:
		p.missed(setOf(kIdentifier, kRefOpen))
		p.unexpected()
	}
	p.indexes(n)
	dot, method := aheadDot, aheadMethod
	if closed {
		dot, method = aheadFormalDot, aheadFormalMethod
	}
	for p.ahead(dot, 2) {
		p.consume(kDot)
		switch {
		case p.ahead(method, 3):
			n.children = append(n.children, p.method())
		case p.next() == kIdentifier:
			n.children = append(n.children, p.leaf(nIdentifier, kIdentifier))
		default:
			p.missed(setOf(kIdentifier))
			p.unexpected()
		}
		p.indexes(n)
	}
	if closed {
		p.consume(kRefClose)
	}
	return p.close(n)
}

func (p *parser) indexes(n *node) {
	for p.nextIn(indexOpen) {
		idx := p.open(nIndex)
		p.consume(kIndexOpen)
		p.optional(kBlank)
		var arg *node
		switch p.next() {
		case kString:
			arg = p.leaf(nString, kString)
		case kInteger:
			arg = p.leaf(nInteger, kInteger)
		case kTrue:
			arg = p.leaf(nTrue, kTrue)
		case kFalse:
			arg = p.leaf(nFalse, kFalse)
		case kIdentifier, kRefOpen:
			arg = p.reference()
		default:
			p.missed(setOf(kString, kInteger, kTrue, kFalse, kIdentifier, kRefOpen))
			p.unexpected()
		}
		p.optional(kBlank)
		p.consume(kIndexClose)
		idx.children = []*node{arg}
		n.children = append(n.children, p.close(idx))
	}
}

var parameterStart = setOf(kBracketOpen, kCurlyOpen, kBlank, kString, kTrue, kFalse, kInteger, kFloat,
	kIdentifier, kRefOpen)

func (p *parser) method() *node {
	n := p.open(nMethod)
	p.consume(kIdentifier)
	p.consume(kParenOpen)
	if p.nextIn(parameterStart) {
		n.children = append(n.children, p.parameter())
		for p.nextIn(setOf(kComma)) {
			p.consume(kComma)
			n.children = append(n.children, p.parameter())
		}
	}
	p.consume(kCallClose)
	return p.close(n)
}

// parameter parses an argument of a method or a member of a literal: a simple
// value without operators.
func (p *parser) parameter() *node {
	p.enter()
	defer p.leave()
	p.optional(kBlank)
	var n *node
	switch k := p.next(); k {
	case kString:
		n = p.leaf(nString, kString)
	case kInteger:
		n = p.leaf(nInteger, kInteger)
	default:
		p.missed(setOf(kString, kInteger))
		if p.ahead(aheadParameterRange, unlimited) {
			n = p.integerRange()
			break
		}
		switch k {
		case kCurlyOpen:
			n = p.mapLiteral()
		case kBracketOpen:
			n = p.listLiteral()
		case kTrue:
			n = p.leaf(nTrue, kTrue)
		case kFalse:
			n = p.leaf(nFalse, kFalse)
		case kIdentifier, kRefOpen:
			n = p.reference()
		case kFloat:
			n = p.leaf(nFloat, kFloat)
		default:
			p.missed(setOf(kCurlyOpen, kBracketOpen, kTrue, kFalse, kIdentifier, kRefOpen, kFloat))
			p.unexpected()
		}
	}
	p.optional(kBlank)
	return n
}

func (p *parser) mapLiteral() *node {
	n := p.open(nMap)
	p.consume(kCurlyOpen)
	if p.ahead(aheadMapEntry, 2) {
		p.mapEntry(n)
		for p.nextIn(setOf(kComma)) {
			p.consume(kComma)
			p.mapEntry(n)
		}
	} else {
		p.optional(kBlank)
	}
	switch k := p.next(); k {
	case kCurlyClose, kRefClose:
		p.consume(k)
	default:
		p.missed(setOf(kCurlyClose, kRefClose))
		p.unexpected()
	}
	return p.close(n)
}

func (p *parser) mapEntry(n *node) {
	n.children = append(n.children, p.parameter())
	p.consume(kColon)
	n.children = append(n.children, p.parameter())
}

func (p *parser) listLiteral() *node {
	n := p.open(nList)
	p.consume(kBracketOpen)
	if p.nextIn(parameterStart) {
		n.children = append(n.children, p.parameter())
		for p.nextIn(setOf(kComma)) {
			p.consume(kComma)
			n.children = append(n.children, p.parameter())
		}
	}
	p.consume(kBracketClose)
	return p.close(n)
}

func (p *parser) integerRange() *node {
	n := p.open(nRange)
	p.consume(kBracketOpen)
	n.children = append(n.children, p.bound())
	p.consume(kDoubleDot)
	n.children = append(n.children, p.bound())
	p.consume(kBracketClose)
	return p.close(n)
}

func (p *parser) bound() (n *node) {
	p.optional(kBlank)
	switch p.next() {
	case kIdentifier, kRefOpen:
		n = p.reference()
	case kInteger:
		n = p.leaf(nInteger, kInteger)
	default:
		p.missed(setOf(kIdentifier, kRefOpen, kInteger))
		p.unexpected()
	}
	p.optional(kBlank)
	return n
}

// directive parses everything that begins with a hash and a name the grammar
// does not know: the other directives, calls of macros, and plain text.
func (p *parser) directive() *node {
	n := p.open(nDirective)
	t := p.consume(p.next())
	at := p.current
	if t.kind == kBracketedWord {
		n.name = t.image[2 : len(t.image)-1]
	} else {
		n.name = t.image[1:]
	}
	known := isDirective(n.name)
	isMacro := n.name == "macro"
	isBlock := directiveTakesBlock(n.name)
	isCall := !known && !isBlock && p.knownMacro(n.name)
	p.lexer.state = inDirective

	if !p.lexer.parenFollows() {
		if isMacro {
			p.fail(p.macroError("A macro declaration requires at least a name argument", at))
		}
		p.lexer.pop()
		return p.close(n)
	}
	image := t.image
	p.optional(kBlank)
	p.consume(kParenOpen)
	for p.ahead(aheadArgument, 2) {
		p.optional(kBlank)
		if p.optional(kComma) {
			p.optional(kBlank)
		}
		arg := p.argument()
		i := len(n.children)
		n.children = append(n.children, arg)
		switch {
		case arg.kind != nWord:
			if isMacro && i == 0 {
				p.fail(p.macroError("Invalid first arg in #macro() directive - must be a word token (no ' or \" surrounding)", at))
			}
		case isMacro && i == 0:
		case isCall:
			p.fail(p.macroError("Invalid arg #"+strconv.Itoa(i)+" in VM "+image, at))
		case known && (n.name != "foreach" || i != 1):
			p.fail(p.macroError("Invalid arg #"+strconv.Itoa(i)+" in directive "+image, at))
		}
	}
	p.optional(kBlank)
	p.consume(kParenClose)
	if !isBlock {
		return p.close(n)
	}
	n.children = append(n.children, p.block())
	p.consume(kEnd)
	if isMacro {
		if len(n.children) < 2 {
			p.fail(p.macroError("First argument to #macro() must be  macro name", at))
		}
		p.macros[p.tokens[n.children[0].first].image] = true
	}
	return p.close(n)
}

// macroError words an error about the directive whose name is token i. It
// points at the token behind the name.
func (p *parser) macroError(msg string, i int) *ParseError {
	if len(p.tokens) > i+1 {
		i++
	}
	e := p.errorAt(i, msg)
	e.Msg += "\n"
	return e
}

func (p *parser) argument() *node {
	k := p.next()
	switch k {
	case kIdentifier, kRefOpen:
		return p.reference()
	case kWord:
		return p.leaf(nWord, k)
	case kString:
		return p.leaf(nString, k)
	case kInteger:
		return p.leaf(nInteger, k)
	}
	p.missed(setOf(kIdentifier, kRefOpen, kWord, kString, kInteger))
	if p.ahead(aheadArgumentRange, unlimited) {
		return p.integerRange()
	}
	switch k {
	case kFloat:
		return p.leaf(nFloat, k)
	case kCurlyOpen:
		return p.mapLiteral()
	case kBracketOpen:
		return p.listLiteral()
	case kTrue:
		return p.leaf(nTrue, k)
	case kFalse:
		return p.leaf(nFalse, k)
	}
	p.missed(setOf(kFloat, kCurlyOpen, kBracketOpen, kTrue, kFalse))
	p.unexpected()
	return nil
}

// parenFollows reports whether the text goes on with "(" behind blanks.
func (l *lexer) parenFollows() bool {
	for i := l.pos; i < len(l.src); i++ {
		switch l.src[i] {
		case '(':
			return true
		case ' ', '\t', '\n', '\r':
		default:
			return false
		}
	}
	return false
}

func (p *parser) ifStatement() *node {
	n := p.open(nIf)
	p.consume(kIf)
	n.children = append(n.children, p.condition(), p.block())
	if p.nextIn(setOf(kElseIf)) {
		for {
			e := p.open(nElseIf)
			p.consume(kElseIf)
			e.children = append(e.children, p.condition(), p.block())
			n.children = append(n.children, p.close(e))
			if !p.nextIn(setOf(kElseIf)) {
				break
			}
		}
	}
	if p.nextIn(setOf(kElse)) {
		e := p.open(nElse)
		p.consume(kElse)
		e.children = append(e.children, p.block())
		n.children = append(n.children, p.close(e))
	}
	p.consume(kEnd)
	return p.close(n)
}

func (p *parser) condition() *node {
	p.optional(kBlank)
	p.consume(kParenOpen)
	n := p.expression()
	p.consume(kParenClose)
	return n
}

func (p *parser) set() *node {
	n := p.open(nSet)
	p.consume(kSet)
	p.optional(kBlank)
	left := p.reference()
	p.optional(kBlank)
	p.consume(kAssign)
	n.children = []*node{left, p.expression()}
	p.consume(kParenClose)
	p.lexer.inSet = false
	p.optional(kNewline)
	return p.close(n)
}

// operators of a binary expression, weakest first.
var operators = [...][]struct {
	kind kind
	node nodeKind
}{
	{{kOr, nOr}},
	{{kAnd, nAnd}},
	{{kEqual, nEqual}, {kNotEqual, nNotEqual}},
	{{kLess, nLess}, {kGreater, nGreater}, {kLessEqual, nLessEqual}, {kGreaterEqual, nGreaterEqual}},
	{{kPlus, nAdd}, {kMinus, nSubtract}},
	{{kMultiply, nMultiply}, {kDivide, nDivide}, {kModulus, nModulus}},
}

func (p *parser) expression() *node {
	p.enter()
	defer p.leave()
	n := p.open(nExpression)
	p.token(n.first)
	n.children = []*node{p.binary(0)}
	return p.close(n)
}

func (p *parser) binary(level int) *node {
	if level == len(operators) {
		return p.unary()
	}
	left := p.binary(level + 1)
	var all kindSet
	for _, op := range operators[level] {
		all.add(op.kind)
	}
	for terms := 0; p.nextIn(all); terms++ {
		if terms == maxNesting*10 {
			p.fail(p.errorAt(p.current, "the expression has too many terms"))
		}
		k := p.next()
		for _, op := range operators[level] {
			if op.kind != k {
				continue
			}
			p.consume(k)
			// Velocity counts only the right side as the operator's text.
			n := p.open(op.node)
			n.children = []*node{left, p.binary(level + 1)}
			left = p.close(n)
			break
		}
	}
	return left
}

var primaryStart = setOf(kBracketOpen, kCurlyOpen, kParenOpen, kBlank, kString, kTrue, kFalse, kInteger, kFloat,
	kIdentifier, kRefOpen)

func (p *parser) unary() *node {
	if !p.ahead(aheadNot, 2) {
		if !p.nextIn(primaryStart) {
			p.unexpected()
		}
		return p.primary()
	}
	p.enter()
	defer p.leave()
	p.optional(kBlank)
	p.consume(kNot)
	n := p.open(nNot)
	n.children = []*node{p.unary()}
	return p.close(n)
}

func (p *parser) primary() *node {
	p.optional(kBlank)
	var n *node
	switch k := p.next(); k {
	case kString:
		n = p.leaf(nString, k)
	case kIdentifier, kRefOpen:
		n = p.reference()
	case kInteger:
		n = p.leaf(nInteger, k)
	default:
		p.missed(setOf(kString, kIdentifier, kRefOpen, kInteger))
		if p.ahead(aheadRange, unlimited) {
			n = p.integerRange()
			break
		}
		switch k {
		case kFloat:
			n = p.leaf(nFloat, k)
		case kCurlyOpen:
			n = p.mapLiteral()
		case kBracketOpen:
			n = p.listLiteral()
		case kTrue:
			n = p.leaf(nTrue, k)
		case kFalse:
			n = p.leaf(nFalse, k)
		case kParenOpen:
			p.consume(k)
			n = p.expression()
			p.consume(kParenClose)
		default:
			p.missed(setOf(kFloat, kCurlyOpen, kBracketOpen, kTrue, kFalse, kParenOpen))
			p.unexpected()
		}
	}
	p.optional(kBlank)
	return n
}

// unexpected fails at the next token.
func (p *parser) unexpected() {
	t := p.token(p.current + 1)
	var b strings.Builder
	b.WriteString(`Encountered "`)
	if t.kind == kEOF {
		b.WriteString(kEOF.String())
	} else {
		b.WriteString(escapeText(t.image))
	}
	b.WriteString(`" at ` + t.pos.String() + "\n")
	entries := p.expectations()
	if len(entries) == 1 {
		b.WriteString("Was expecting:\n    ")
	} else {
		b.WriteString("Was expecting one of:\n    ")
	}
	for _, k := range entries {
		b.WriteString(k.String() + " ")
		if k != kEOF {
			b.WriteString("...")
		}
		b.WriteString("\n    ")
	}
	p.fail(&ParseError{Line: t.pos.line, Column: t.pos.column, Msg: b.String()})
}

// escapeText writes s as Velocity's messages do.
func escapeText(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r > 0xFFFF {
			high, low := utf16.EncodeRune(r)
			b.WriteString(escapeImage(high) + escapeImage(low))
			continue
		}
		b.WriteString(escapeImage(r))
	}
	return b.String()
}

// escapeImage writes one UTF-16 unit as Velocity's messages do.
func escapeImage(r rune) string {
	switch r {
	case 0:
		return ""
	case '\b':
		return `\b`
	case '\t':
		return `\t`
	case '\n':
		return `\n`
	case '\f':
		return `\f`
	case '\r':
		return `\r`
	case '"', '\'', '\\':
		return `\` + string(r)
	}
	if r >= 0x20 && r <= 0x7e {
		return string(r)
	}
	h := "0000" + strconv.FormatInt(int64(r), 16)
	return `\u` + h[len(h)-4:]
}

func itoa(n int) string { return strconv.Itoa(n) }

// isDirective reports whether name is a directive that needs no definition.
func isDirective(name string) bool {
	switch name {
	case "foreach", "break", "stop", "return", "define", "macro", "evaluate", "include", "parse", "literal":
		return true
	}
	return false
}

// directiveTakesBlock reports whether the directive or macro call of that name
// goes on to an #end.
func directiveTakesBlock(name string) bool {
	switch name {
	case "foreach", "define", "macro", "literal":
		return true
	}
	return !isDirective(name) && strings.HasPrefix(name, "@")
}
