package partiql

import (
	"strings"
	"unicode/utf8"

	"appsync-emulator/storage"
)

// maxStatement is DynamoDB's limit on the length of a statement in characters.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExecuteStatement.html#DDB-ExecuteStatement-request-Statement
const maxStatement = 8192

// maxNesting bounds the recursion of the parser.
const maxNesting = 500

// Parse parses one statement, which may end in a semicolon. Errors are
// *SyntaxError.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.statements.html
func Parse(text string) (*Statement, error) {
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		return nil, syntaxError(text, token{}, "1 validation error detected: Value '' at 'statement' failed to satisfy constraint: Member must have length greater than or equal to 1")
	case n > maxStatement:
		return nil, syntaxError(text, token{}, "1 validation error detected: Value at 'statement' failed to satisfy constraint: Member must have length less than or equal to 8192")
	}
	tokens, err := scan(text)
	if err != nil {
		return nil, err
	}
	p := &parser{text: text, tokens: tokens, statement: &Statement{text: text}}
	if err := p.parse(); err != nil {
		return nil, err
	}
	return p.statement, nil
}

// parser reads a statement. The productions give up by a panic with a bailout.
type parser struct {
	text      string
	tokens    []token
	pos       int
	depth     int
	statement *Statement
}

// bailout carries the error of a production to parse.
type bailout struct{ err error }

func (p *parser) parse() (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case bailout:
			err = r.err
		default:
			panic(r)
		}
	}()
	p.top()
	p.accept(";")
	if p.peek().kind != tokenEOF {
		p.fail(msgTrailing)
	}
	return nil
}

// fail refuses the next token.
func (p *parser) fail(detail string) { panic(bailout{malformed(p.text, p.peek(), detail)}) }

// refuse refuses t for a reason other than the grammar.
func (p *parser) refuse(t token, message string) { panic(bailout{syntaxError(p.text, t, message)}) }

// refuseAt is refuse with the place in the message.
func (p *parser) refuseAt(t token, message string) {
	panic(bailout{syntaxErrorAt(p.text, t, message)})
}

func (p *parser) peek() token { return p.tokens[p.pos] }

// after returns the token that follows the next one.
func (p *parser) after() token { return p.tokens[min(p.pos+1, len(p.tokens)-1)] }

func (p *parser) next() token {
	t := p.tokens[p.pos]
	if t.kind != tokenEOF {
		p.pos++
	}
	return t
}

func (t token) is(symbol string) bool { return t.kind == tokenSymbol && t.text == symbol }

func (t token) isWord(word string) bool {
	return t.kind == tokenName && strings.EqualFold(t.text, word)
}

func (p *parser) accept(symbol string) bool {
	if p.peek().is(symbol) {
		p.pos++
		return true
	}
	return false
}

func (p *parser) expect(symbol string) {
	if !p.accept(symbol) {
		p.fail("Expected '" + symbol + "'")
	}
}

func (p *parser) acceptWord(word string) bool {
	if p.peek().isWord(word) {
		p.pos++
		return true
	}
	return false
}

func (p *parser) expectWord(word, message string) {
	if !p.acceptWord(word) {
		p.fail(message)
	}
}

func (p *parser) enter() {
	if p.depth++; p.depth > maxNesting {
		p.fail("the statement nests too deeply")
	}
}

func (p *parser) leave() { p.depth-- }

func (p *parser) top() {
	s := p.statement
	switch t := p.peek(); {
	case t.isWord("SELECT"):
		s.kind = Select
		p.selectStatement()
	case t.isWord("INSERT"):
		s.kind = Insert
		p.insertStatement()
	case t.isWord("UPDATE"):
		s.kind = Update
		p.updateStatement()
	case t.isWord("DELETE"):
		s.kind = Delete
		p.deleteStatement()
	case t.isWord("EXISTS"):
		p.next()
		p.expect("(")
		s.kind = Exists
		p.selectStatement()
		p.expect(")")
	default:
		p.fail(msgDataManipulation)
	}
}

func (p *parser) selectStatement() {
	p.expectWord("SELECT", "Expected SELECT")
	if t := p.peek(); t.isWord("DISTINCT") || t.isWord("VALUE") {
		p.refuseAt(t, msgUnsupportedClause+strings.ToUpper(t.text))
	}
	p.projection()
	p.expectWord("FROM", "Expected FROM after SELECT list")
	p.source()
	if t := p.peek(); t.isWord("AS") || t.kind == tokenQuoted || t.kind == tokenName && !isKeyword(t.text) {
		p.refuse(t, msgAlias)
	}
	p.where()
	s := p.statement
	if p.acceptWord("ORDER") {
		p.expectWord("BY", "Expected BY after ORDER")
		for {
			term := orderTerm{name: p.identifier("Expected identifier in ORDER BY")}
			if !p.acceptWord("ASC") {
				term.descending = p.acceptWord("DESC")
			}
			s.order = append(s.order, term)
			if !p.accept(",") {
				break
			}
		}
	}
	p.refuseClauses()
}

// refuseClauses refuses the clauses of PartiQL that DynamoDB does not have; the
// place is that of their operand.
func (p *parser) refuseClauses() {
	t := p.peek()
	for _, clause := range [...]string{"LIMIT", "OFFSET", "GROUP", "HAVING", "UNION", "INTERSECT", "EXCEPT", "LET"} {
		if !t.isWord(clause) {
			continue
		}
		p.next()
		if clause == "GROUP" {
			clause += " BY"
			p.acceptWord("BY")
		}
		p.refuseAt(p.peek(), msgUnsupportedClause+clause)
	}
}

func (p *parser) projection() {
	if p.accept("*") {
		if p.peek().is(",") {
			p.refuse(p.peek(), msgStarAndOthers)
		}
		return
	}
	seen := map[string]bool{}
	for {
		if t := p.peek(); t.is("*") {
			p.refuse(t, msgStarAndOthers)
		}
		n := p.expression()
		if n.op != opPath {
			p.refuseAt(n.token, msgPathComponent)
		}
		if t := p.peek(); t.isWord("AS") || t.kind == tokenQuoted || t.kind == tokenName && !isKeyword(t.text) {
			p.refuse(t, msgAlias)
		}
		column := n.column()
		if seen[column] {
			p.refuse(n.token, msgDuplicateColumn+column)
		}
		seen[column] = true
		p.statement.projection = append(p.statement.projection, n)
		if !p.accept(",") {
			return
		}
	}
}

// source reads the name of a table and, after a point, of an index.
func (p *parser) source() {
	s := p.statement
	s.table = p.component()
	for n := 2; p.accept("."); n++ {
		if n > 2 {
			p.refuse(p.peek(), msgFromComponents)
		}
		s.index = p.component()
	}
	switch t := p.peek(); {
	case t.is(","), t.isWord("JOIN"), t.isWord("INNER"), t.isWord("LEFT"), t.isWord("RIGHT"), t.isWord("FULL"), t.isWord("CROSS"):
		p.refuseAt(t, msgUnsupportedClause+"JOIN")
	}
}

// target is source for statements that write.
func (p *parser) target() {
	p.source()
	if p.statement.index != "" && p.statement.kind == Insert {
		p.refuse(p.peek(), msgSingleTable)
	}
}

func (p *parser) component() string {
	t := p.peek()
	name := p.identifier("Expected identifier for simple path")
	if name == "" {
		p.refuse(t, msgEmptyComponent)
	}
	return name
}

func (p *parser) identifier(message string) string {
	t := p.peek()
	if t.kind == tokenQuoted || t.kind == tokenName && !isKeyword(t.text) {
		p.next()
		return t.text
	}
	p.fail(message)
	return ""
}

func (p *parser) where() {
	if !p.acceptWord("WHERE") {
		return
	}
	n := p.expression()
	p.requireCondition(n)
	p.statement.where = n
}

func (p *parser) insertStatement() {
	p.next()
	p.expectWord("INTO", "Expected INTO after INSERT")
	p.target()
	p.expectWord("VALUE", "Expected VALUE after the table name")
	if !p.peek().is("{") {
		p.fail("Expected a tuple after VALUE")
	}
	p.statement.item = p.primary()
	p.refuseReturning()
}

// refuseReturning refuses what INSERT does not have.
func (p *parser) refuseReturning() {
	switch t := p.peek(); {
	case t.isWord("RETURNING"):
		p.refuseAt(t, msgUnsupportedClause+"RETURNING")
	case t.isWord("ON"):
		p.refuseAt(t, msgUnsupportedClause+"ON CONFLICT")
	}
}

func (p *parser) updateStatement() {
	p.next()
	p.target()
	s := p.statement
	for {
		switch {
		case p.acceptWord("SET"):
			for {
				path := p.simplePath()
				if !p.accept("=") {
					p.fail("Expected '='")
				}
				value := p.expression()
				p.requireOperand(value)
				s.actions = append(s.actions, updateAction{path, value})
				if !p.accept(",") {
					break
				}
			}
		case p.acceptWord("REMOVE"):
			s.actions = append(s.actions, updateAction{path: p.simplePath()})
		default:
			if len(s.actions) == 0 {
				p.fail(msgDataManipulation)
			}
			p.where()
			p.returning()
			return
		}
	}
}

func (p *parser) deleteStatement() {
	p.next()
	p.expectWord("FROM", "Expected FROM after DELETE")
	p.target()
	p.where()
	p.returning()
}

func (p *parser) returning() {
	if !p.acceptWord("RETURNING") {
		return
	}
	const grammar = "Expected ( MODIFIED | ALL ) ( NEW | OLD ) in each returning element."
	t := p.peek()
	all := p.acceptWord("ALL")
	if !all && !p.acceptWord("MODIFIED") {
		p.fail(grammar)
	}
	old := p.acceptWord("OLD")
	if !old && !p.acceptWord("NEW") {
		p.fail(grammar)
	}
	if !p.peek().is("*") {
		p.refuse(p.peek(), "Unsupported returning clause: only * can be returned")
	}
	p.next()
	s := p.statement
	words := ""
	switch {
	case all && old:
		s.returning, words = storage.ReturnAllOld, "ALL OLD"
	case all:
		s.returning, words = storage.ReturnAllNew, "ALL NEW"
	case old:
		s.returning, words = storage.ReturnUpdatedOld, "MODIFIED OLD"
	default:
		s.returning, words = storage.ReturnUpdatedNew, "MODIFIED NEW"
	}
	if s.kind == Delete && s.returning != storage.ReturnAllOld {
		p.refuse(t, strings.Replace(msgDeleteReturning, "%s", words, 1))
	}
}
