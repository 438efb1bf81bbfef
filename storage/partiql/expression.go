package partiql

import (
	"strconv"
	"strings"

	"appsync-emulator/storage/attribute"
)

// The grammar of expressions, loosest first:
//
//	expression = and { OR and }
//	and        = not { AND not }
//	not        = NOT not | equality
//	equality   = order { ( "=" | "<>" | "!=" ) order | IS [ NOT ] ( NULL | MISSING ) | [ NOT ] IN list }
//	order      = sum { ( "<" | "<=" | ">" | ">=" ) sum | [ NOT ] BETWEEN sum AND sum }
//	sum        = primary { ( "+" | "-" ) primary }
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-operators.html

func (p *parser) expression() *node {
	p.enter()
	defer p.leave()
	return p.junction("OR", opOr, func() *node { return p.junction("AND", opAnd, p.not) })
}

func (p *parser) junction(word string, join op, operand func() *node) *node {
	n := operand()
	if !p.peek().isWord(word) {
		return n
	}
	p.requireCondition(n)
	terms := []*node{n}
	for p.acceptWord(word) {
		term := operand()
		p.requireCondition(term)
		terms = append(terms, term)
	}
	return joined(join, terms)
}

func (p *parser) not() *node {
	t := p.peek()
	if !p.acceptWord("NOT") {
		return p.equality()
	}
	p.enter()
	defer p.leave()
	n := p.not()
	p.requireCondition(n)
	return &node{op: opNot, token: t, args: []*node{n}}
}

// negated returns n, or its negation.
func negated(n *node, not bool) *node {
	if !not {
		return n
	}
	return &node{op: opNot, token: n.token, args: []*node{n}}
}

// acceptNot accepts NOT when the word follows it.
func (p *parser) acceptNot(word string) bool {
	if p.peek().isWord("NOT") && p.after().isWord(word) {
		p.next()
		return true
	}
	return false
}

func (p *parser) equality() *node {
	n := p.order()
	for {
		t := p.peek()
		switch {
		case t.is("="), t.is("<>"), t.is("!="):
			p.next()
			name := t.text
			if name == "!=" {
				name = "<>"
			}
			n = &node{op: opCompare, token: n.token, name: name, args: []*node{n, p.order()}}
		case t.isWord("IS"):
			p.next()
			not := p.acceptWord("NOT")
			test := &node{token: n.token, args: []*node{n}}
			switch w := p.peek(); {
			case w.isWord("NULL"):
				test.op = opIsNull
			case w.isWord("MISSING"):
				test.op = opIsMissing
			default:
				p.refuseAt(w, msgUnsupportedClause+"IS "+strings.ToUpper(w.text))
			}
			p.next()
			p.requireOperand(n)
			n = negated(test, not)
		case t.isWord("LIKE"), t.isWord("NOT") && p.after().isWord("LIKE"):
			p.refuseAt(t, msgUnsupportedClause+"LIKE")
		default:
			not := p.acceptNot("IN")
			if !p.acceptWord("IN") {
				return n
			}
			n = negated(p.in(n), not)
		}
	}
}

// in reads the list of an IN, in brackets, parentheses or as a bag.
func (p *parser) in(first *node) *node {
	n := &node{op: opIn, token: first.token, args: []*node{first}}
	closing := ""
	switch {
	case p.accept("["):
		closing = "]"
	case p.accept("("):
		closing = ")"
	case p.accept("<<"):
		closing = ">>"
	default:
		p.fail("Expected a list after IN")
	}
	for {
		n.args = append(n.args, p.expression())
		if !p.accept(",") {
			break
		}
	}
	p.expect(closing)
	return n
}

func (p *parser) order() *node {
	n := p.sum()
	for {
		t := p.peek()
		switch {
		case t.is("<"), t.is("<="), t.is(">"), t.is(">="):
			p.next()
			n = &node{op: opCompare, token: n.token, name: t.text, args: []*node{n, p.sum()}}
		default:
			not := p.acceptNot("BETWEEN")
			if !p.acceptWord("BETWEEN") {
				return n
			}
			low := p.sum()
			p.expectWord("AND", "Expected expression after AND")
			high := p.sum()
			for _, arg := range [...]*node{n, low, high} {
				p.requireOperand(arg)
			}
			n = negated(&node{op: opBetween, token: n.token, args: []*node{n, low, high}}, not)
		}
	}
}

func (p *parser) sum() *node {
	n := p.primary()
	for {
		t := p.peek()
		switch {
		case t.is("+"), t.is("-"):
			p.next()
			second := p.primary()
			p.requireOperand(n)
			p.requireOperand(second)
			n = &node{op: opSum, token: n.token, name: t.text, args: []*node{n, second}}
		case t.is("*"), t.is("/"), t.is("%"), t.is("||"):
			p.refuseAt(t, "Unsupported operator: "+t.text)
		default:
			return n
		}
	}
}

func (p *parser) primary() *node {
	p.enter()
	defer p.leave()
	t := p.peek()
	switch {
	case t.kind == tokenString:
		p.next()
		return &node{op: opLiteral, token: t, value: attribute.String(t.text)}
	case t.kind == tokenNumber:
		p.next()
		return p.number(t, t.text)
	case t.is("-"), t.is("+"):
		return p.signed()
	case t.is("?"):
		p.next()
		n := &node{op: opParameter, token: t, slot: p.statement.parameters}
		p.statement.parameters++
		return n
	case t.is("["):
		return p.collection(opList, "]")
	case t.is("<<"):
		return p.collection(opBag, ">>")
	case t.is("{"):
		return p.tuple()
	case t.is("("):
		p.next()
		if p.peek().isWord("SELECT") {
			p.refuse(p.peek(), "Unsupported nested SELECT")
		}
		n := p.expression()
		p.expect(")")
		return n
	case t.kind == tokenQuoted:
		return p.path()
	case t.kind != tokenName:
		p.fail("Unexpected term")
	}
	switch word := strings.ToUpper(t.text); {
	case word == "TRUE" || word == "FALSE":
		p.next()
		return &node{op: opLiteral, token: t, value: attribute.Bool(word == "TRUE")}
	case word == "NULL":
		p.next()
		return &node{op: opLiteral, token: t, value: attribute.Null()}
	case word == "MISSING":
		p.next()
		return &node{op: opMissing, token: t}
	case p.after().is("("):
		return p.call()
	}
	return p.path()
}

func (p *parser) number(t token, raw string) *node {
	v, err := attribute.ParseNumber(raw)
	if err != nil {
		p.refuse(t, err.Error())
	}
	return &node{op: opLiteral, token: t, value: v, raw: raw}
}

// signed reads a number with signs before it.
func (p *parser) signed() *node {
	first := p.peek()
	negative := false
	for p.peek().is("-") || p.peek().is("+") {
		if p.next().text == "-" {
			negative = !negative
		}
	}
	t := p.peek()
	if t.kind != tokenNumber {
		p.fail("Unexpected term")
	}
	p.next()
	raw := t.text
	if negative {
		raw = "-" + raw
	}
	return p.number(first, raw)
}

func (p *parser) collection(kind op, closing string) *node {
	n := &node{op: kind, token: p.next()}
	if p.accept(closing) {
		return n
	}
	for {
		n.args = append(n.args, p.expression())
		if !p.accept(",") {
			break
		}
	}
	p.expect(closing)
	return n
}

func (p *parser) tuple() *node {
	n := &node{op: opMap, token: p.next()}
	if p.accept("}") {
		return n
	}
	for {
		if t := p.peek(); t.kind != tokenString {
			p.fail("Expected a string as the name of an attribute")
		}
		n.names = append(n.names, p.next().text)
		p.expect(":")
		n.args = append(n.args, p.expression())
		if !p.accept(",") {
			break
		}
	}
	p.expect("}")
	return n
}

func (p *parser) call() *node {
	n := &node{op: opCall, token: p.next()}
	n.name = strings.ToLower(n.token.text)
	p.expect("(")
	if n.name == "exists" && p.peek().isWord("SELECT") {
		p.refuse(n.token, msgExistsAlone)
	}
	if n.name == "count" && p.peek().is("*") {
		p.refuseAt(n.token, msgPathComponent)
	}
	if p.accept(")") {
		return n
	}
	for {
		n.args = append(n.args, p.expression())
		if !p.accept(",") {
			break
		}
	}
	p.expect(")")
	return n
}

// simplePath reads what SET and REMOVE change.
func (p *parser) simplePath() *node {
	if t := p.peek(); t.kind != tokenQuoted && t.kind != tokenName {
		p.fail("Expected identifier for simple path")
	}
	return p.path()
}

func (p *parser) path() *node {
	n := &node{op: opPath, token: p.peek()}
	n.steps = append(n.steps, step{name: p.identifier("Unexpected keyword")})
	for {
		switch {
		case p.accept("."):
			if t := p.peek(); t.is("*") {
				p.refuseAt(t, msgPathComponent)
			}
			n.steps = append(n.steps, step{name: p.identifier(msgPathDot)})
		case p.accept("["):
			n.steps = append(n.steps, p.bracket())
			p.expect("]")
		default:
			for _, s := range n.steps {
				if s.name == "" && !s.isIndex {
					p.refuse(n.token, msgEmptyComponent)
				}
			}
			return n
		}
	}
}

func (p *parser) bracket() step {
	sign := ""
	switch t := p.peek(); {
	case t.kind == tokenString:
		p.next()
		return step{name: t.text}
	case t.is("*"):
		p.refuseAt(t, msgPathComponent)
	}
	for p.peek().is("-") || p.peek().is("+") {
		if p.next().text == "-" {
			if sign == "" {
				sign = "-"
			} else {
				sign = ""
			}
		}
	}
	t := p.peek()
	if t.kind != tokenNumber {
		p.refuseAt(t, msgPathComponent)
	}
	p.next()
	index, err := strconv.ParseInt(sign+t.text, 10, 32)
	if err != nil || index < 0 {
		p.refuseAt(t, msgListIndex+"["+sign+t.text+"]")
	}
	return step{index: int(index), isIndex: true}
}

// requireCondition refuses a value where a condition is needed.
func (p *parser) requireCondition(n *node) {
	if !n.isCondition() {
		p.refuseAt(n.token, "Unsupported condition: a comparison or function is needed")
	}
}

// requireOperand refuses a condition where a value is needed; functions are
// checked when it is known where they stand.
func (p *parser) requireOperand(n *node) {
	if n.isCondition() && n.op != opCall {
		p.refuseAt(n.token, "Unsupported operand: a value is needed")
	}
}
