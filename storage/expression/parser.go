package expression

import (
	"math"
	"strconv"
	"strings"
)

// The limits of expressions.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Limits.html#limits-expression-parameters
const (
	maxExpressionSize = 4096
	maxInOperands     = 100
	maxPathDepth      = 32
	maxOperators      = 300
)

// staticCheck is a rule that the text alone can break. When several are broken
// DynamoDB reports the first in this order, wherever they are.
type staticCheck uint8

const (
	checkParens staticCheck = iota
	// Updates know reserved words before unknown functions, conditions after.
	checkReservedFirst
	checkUnknownFunction
	checkMisusedFunction
	checkReserved
	checkClause
	checkPathDepth
	checkOperators
	staticChecks
)

// parser turns the tokens of one expression into its tree, by recursive
// descent. A syntax error ends the parse by a panic with its message, which
// parse recovers.
type parser struct {
	text   string
	tokens []token
	pos    int
	tree   *tree
	// broken holds the first message of each static check.
	broken [staticChecks]string
}

type syntaxError struct{ message string }

// parse returns the tree of text. It never fails: a text that is refused yields
// a tree with its refusal.
func parse(g grammar, text string) (t *tree) {
	t = &tree{grammar: g, names: map[string]struct{}{}, valueSet: map[string]int{}}
	switch {
	case text == "":
		t.refusal = g.refuse(msgEmpty)
		return t
	case len(text) > maxExpressionSize:
		t.refusal = g.refuse(msgSize + strconv.Itoa(len(text)))
		return t
	}
	p := &parser{text: text, tokens: lex(text), tree: t}
	defer func() {
		switch e := recover().(type) {
		case nil:
		case syntaxError:
			t.refusal = g.refuse(e.message)
		default:
			panic(e)
		}
	}()
	switch g {
	case updateGrammar:
		p.update()
	case projectionGrammar:
		p.projection()
	default:
		p.condition()
	}
	if p.peek().kind != tokenEOF {
		p.fail()
	}
	if t.operators() > maxOperators {
		// DynamoDB stops counting at the first operator too many.
		p.note(checkOperators, msgOperators+strconv.Itoa(maxOperators+1))
	}
	for _, message := range p.broken {
		if message != "" {
			t.refusal = g.refuse(message)
			break
		}
	}
	t.finish()
	return t
}

// finish gathers the paths that need no binding.
func (t *tree) finish() {
	for _, ref := range t.paths {
		if ref.dynamic {
			return
		}
	}
	t.static = make([]Path, len(t.paths))
	for i, ref := range t.paths {
		t.static[i] = ref.path
	}
}

func (p *parser) peek() token { return p.tokens[p.pos] }

func (p *parser) next() token {
	t := p.tokens[p.pos]
	if t.kind != tokenEOF {
		p.pos++
	}
	return t
}

func (p *parser) textOf(t token) string { return p.text[t.start:t.end] }

// is reports whether the next token reads as text.
func (p *parser) is(text string) bool { return p.textOf(p.peek()) == text }

// accept consumes the next token if it reads as text.
func (p *parser) accept(text string) bool {
	if p.peek().kind == tokenEOF || !p.is(text) {
		return false
	}
	p.pos++
	return true
}

func (p *parser) expect(text string) {
	if !p.accept(text) {
		p.fail()
	}
}

// isKeyword reports whether the next token is keyword, in any case.
func (p *parser) isKeyword(keyword string) bool {
	t := p.peek()
	return t.kind == tokenWord && strings.EqualFold(p.textOf(t), keyword)
}

func (p *parser) acceptKeyword(keyword string) bool {
	if !p.isKeyword(keyword) {
		return false
	}
	p.pos++
	return true
}

// fail refuses the next token. DynamoDB shows it with its neighbours.
func (p *parser) fail() {
	t := p.peek()
	start, end := t.start, t.end
	if p.pos > 0 {
		start = p.tokens[p.pos-1].start
	}
	word := p.textOf(t)
	switch {
	case t.kind == tokenEOF:
		word = "<EOF>"
		if p.pos > 0 {
			end = p.tokens[p.pos-1].end
		}
	case p.tokens[p.pos+1].kind != tokenEOF:
		end = p.tokens[p.pos+1].end
	}
	panic(syntaxError{`Syntax error; token: "` + word + `", near: "` + p.text[start:end] + `"`})
}

// note records a broken static check. The expression is read on, for an earlier
// check may be broken later.
func (p *parser) note(check staticCheck, message string) {
	if p.broken[check] == "" {
		p.broken[check] = message
	}
}

// atKeyword reports whether the next token is one of the words that structure
// the grammar and can be no name.
func (p *parser) atKeyword() bool {
	switch p.tree.grammar {
	case updateGrammar:
		return p.atClause() >= 0
	case projectionGrammar:
		return false
	default:
		return p.isKeyword("AND") || p.isKeyword("OR") || p.isKeyword("NOT") || p.isKeyword("BETWEEN") || p.isKeyword("IN")
	}
}

// path reads a document path and returns its node.
func (p *parser) path() *node {
	var ref pathRef
	p.pathName(&ref)
	return p.pathTail(p.addPath(ref))
}

// pathName reads a name or a placeholder for one.
func (p *parser) pathName(ref *pathRef) {
	t := p.peek()
	text := p.textOf(t)
	switch {
	case t.kind == tokenName:
		p.tree.names[text] = struct{}{}
		ref.dynamic = true
	case t.kind == tokenWord && !p.atKeyword():
		if isReserved(text) {
			check := checkReserved
			if p.tree.grammar == updateGrammar {
				check = checkReservedFirst
			}
			p.note(check, msgReserved+text)
		}
	default:
		p.fail()
	}
	p.pos++
	ref.path = append(ref.path, Element{Name: text})
}

func (p *parser) addPath(ref pathRef) *node {
	p.tree.paths = append(p.tree.paths, ref)
	return &node{op: opPath, slot: len(p.tree.paths) - 1}
}

// pathTail reads the elements after the first ones of the path n.
func (p *parser) pathTail(n *node) *node {
	ref := &p.tree.paths[n.slot]
	for {
		switch {
		case p.accept("."):
			p.pathName(ref)
		case p.accept("["):
			t := p.peek()
			if t.kind != tokenNumber {
				p.fail()
			}
			index, err := strconv.ParseInt(p.textOf(t), 10, 32)
			if err != nil {
				index = math.MaxInt32 // beyond the end of any list
			}
			p.pos++
			p.expect("]")
			ref.path = append(ref.path, Element{Index: int(index), IsIndex: true})
		default:
			if len(ref.path) > maxPathDepth {
				p.note(checkPathDepth, msgPathDepth+strconv.Itoa(len(ref.path)))
			}
			return n
		}
	}
}

// value reads a value placeholder.
func (p *parser) value() *node {
	t := p.peek()
	if t.kind != tokenValue {
		p.fail()
	}
	p.pos++
	name := p.textOf(t)
	slot, seen := p.tree.valueSet[name]
	if !seen {
		slot = len(p.tree.values)
		p.tree.values = append(p.tree.values, name)
		p.tree.valueSet[name] = slot
	}
	return &node{op: opValue, slot: slot, name: name}
}

// atCall reports whether a function call comes next.
func (p *parser) atCall() bool {
	return p.peek().kind == tokenWord && !p.atKeyword() && p.textOf(p.tokens[p.pos+1]) == "("
}

// call reads a function call whose arguments are read by operand.
func (p *parser) call(operand func() *node) *node {
	name := p.textOf(p.next())
	p.expect("(")
	n := &node{name: name, args: []*node{operand()}}
	for p.accept(",") {
		n.args = append(n.args, operand())
	}
	p.expect(")")

	f := functionNamed(name)
	n.op = f.op
	switch inUpdate := p.tree.grammar == updateGrammar; {
	case f.op == opUnknownFunction:
		p.note(checkUnknownFunction, msgUnknownFunction+name)
	case inUpdate && f.condition:
		p.note(checkMisusedFunction, msgNotInUpdate+name)
	case !inUpdate && !f.condition:
		p.note(checkMisusedFunction, msgNotInCondition+name)
	}
	return n
}
