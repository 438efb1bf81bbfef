package expression

// The grammar of conditions, filters and key conditions:
//
//	or         = and { OR and }
//	and        = not { AND not }
//	not        = NOT not | comparison
//	comparison = operand [ comparator operand | BETWEEN operand AND operand | IN "(" operand { "," operand } ")" ]
//	operand    = "(" or ")" [ path tail ] | function | path | value
//
// Parentheses may stand around conditions and operands alike, so what they hold
// is known only after they are read; conditions and operands share the
// productions, and each place checks that it got what it needs.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html#Expressions.OperatorsAndFunctions.Syntax

func (p *parser) condition() {
	p.tree.root = p.requireCondition(p.or())
}

// requireCondition refuses a node that is no condition: an operand lacks its
// comparator, which should stand where the next token is.
func (p *parser) requireCondition(n *node) *node {
	if n.isOperand() {
		p.fail()
	}
	if n.op == opSize {
		p.note(checkMisusedFunction, msgMisusedFunction+n.name)
	}
	return n
}

// requireOperand refuses a condition where a value is needed.
func (p *parser) requireOperand(n *node) *node {
	switch {
	case n.isOperand() || n.op == opSize || n.op == opUnknownFunction:
	case n.isFunction():
		p.note(checkMisusedFunction, msgMisusedFunction+n.name)
	default:
		p.fail()
	}
	return n
}

func (p *parser) or() *node {
	n := p.and()
	for p.isKeyword("OR") {
		p.requireCondition(n)
		p.pos++
		n = &node{op: opOr, name: "OR", args: []*node{n, p.requireCondition(p.and())}}
	}
	return n
}

func (p *parser) and() *node {
	n := p.not()
	for p.isKeyword("AND") {
		p.requireCondition(n)
		p.pos++
		n = &node{op: opAnd, name: "AND", args: []*node{n, p.requireCondition(p.not())}}
	}
	return n
}

func (p *parser) not() *node {
	if p.acceptKeyword("NOT") {
		return &node{op: opNot, name: "NOT", args: []*node{p.requireCondition(p.not())}}
	}
	return p.comparison()
}

func (p *parser) comparison() *node {
	left := p.operand()
	if operator, ok := p.comparator(); ok {
		p.requireOperand(left)
		name := p.textOf(p.next())
		return &node{op: operator, name: name, args: []*node{left, p.requireOperand(p.operand())}}
	}
	switch {
	case p.isKeyword("BETWEEN"):
		p.requireOperand(left)
		p.pos++
		low := p.requireOperand(p.operand())
		if !p.acceptKeyword("AND") {
			p.fail()
		}
		return &node{op: opBetween, name: "BETWEEN", args: []*node{left, low, p.requireOperand(p.operand())}}
	case p.isKeyword("IN"):
		p.requireOperand(left)
		p.pos++
		p.expect("(")
		n := &node{op: opIn, name: "IN", args: []*node{left, p.requireOperand(p.operand())}}
		for p.accept(",") {
			n.args = append(n.args, p.requireOperand(p.operand()))
		}
		p.expect(")")
		return n
	}
	return left
}

// comparator returns the comparator that comes next.
func (p *parser) comparator() (op, bool) {
	switch p.textOf(p.peek()) {
	case "=":
		return opEQ, true
	case "<>":
		return opNE, true
	case "<":
		return opLT, true
	case "<=":
		return opLE, true
	case ">":
		return opGT, true
	case ">=":
		return opGE, true
	}
	return 0, false
}

func (p *parser) operand() *node {
	switch {
	case p.accept("("):
		n := p.or()
		p.expect(")")
		if n.parens++; n.parens > 1 {
			p.note(checkParens, msgRedundantParens)
		}
		if n.op == opPath && (p.is(".") || p.is("[")) {
			n.parens = 0
			return p.pathTail(n)
		}
		return n
	case p.atCall():
		return p.call(func() *node { return p.requireOperand(p.operand()) })
	case p.peek().kind == tokenValue:
		return p.value()
	default:
		return p.path()
	}
}
