package expression

// The grammar of updates:
//
//	update     = clause { clause }
//	clause     = SET set { "," set } | REMOVE path { "," path }
//	           | ADD path value { "," path value } | DELETE path value { "," path value }
//	set        = path "=" ( sum | "(" sum ")" )
//	sum        = operand [ ( "+" | "-" ) operand ]
//	operand    = "(" operand ")" | function | path | value
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html

func (p *parser) update() {
	var used [len(clauseNames)]bool
	for {
		clause := p.atClause()
		if clause < 0 {
			p.fail()
		}
		p.pos++
		kind := actionKind(clause)
		for {
			p.tree.actions = append(p.tree.actions, p.action(kind))
			if !p.accept(",") {
				break
			}
		}
		if used[kind] {
			p.note(checkClause, `The "`+clauseNames[kind]+`" section can only be used once in an update expression;`)
		}
		used[kind] = true
		if p.peek().kind == tokenEOF {
			return
		}
	}
}

// atClause returns the clause whose keyword comes next, -1 when none does.
func (p *parser) atClause() int {
	for kind, name := range clauseNames {
		if p.isKeyword(name) {
			return kind
		}
	}
	return -1
}

func (p *parser) action(kind actionKind) action {
	a := action{kind: kind, path: p.path().slot}
	switch kind {
	case actionSet:
		p.expect("=")
		a.value = p.setValue()
	case actionAdd, actionDelete:
		a.value = p.value()
	}
	return a
}

func (p *parser) setValue() *node {
	return p.sumTail(p.parenthesised(func() *node { return p.sumTail(p.updateOperand()) }))
}

// parenthesised reads what inner reads, with or without parentheses around it.
func (p *parser) parenthesised(inner func() *node) *node {
	if !p.accept("(") {
		return p.updateOperand()
	}
	n := inner()
	p.expect(")")
	return n
}

// sumTail reads the operator and second operand that may follow n. Sums have
// two operands and do not nest.
func (p *parser) sumTail(n *node) *node {
	sum := &node{op: opAdd, name: "+"}
	switch {
	case n.op == opAdd || n.op == opSub:
		return n
	case p.accept("+"):
	case p.accept("-"):
		sum.op, sum.name = opSub, "-"
	default:
		return n
	}
	sum.args = []*node{n, p.updateOperand()}
	return sum
}

func (p *parser) updateOperand() *node {
	switch {
	case p.accept("("):
		n := p.updateOperand()
		p.expect(")")
		return n
	case p.atCall():
		return p.call(p.updateOperand)
	case p.peek().kind == tokenValue:
		return p.value()
	default:
		return p.path()
	}
}

// projection reads the grammar of projections: path { "," path }.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ProjectionExpressions.html
func (p *parser) projection() {
	p.path()
	for p.accept(",") {
		p.path()
	}
}
