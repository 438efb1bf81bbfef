package partiql

import (
	"strconv"
	"strings"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/expression"
)

// Limits on conditions: operands of an IN, and characters of an expression.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-operators.html#ql-operators.logical
const (
	maxIn         = 100
	maxExpression = 4096
)

// writer writes expressions of package storage, with a placeholder for every
// name and value.
type writer struct {
	args   *arguments
	names  map[string]string // by attribute name
	values map[string]attribute.Value
	text   strings.Builder
}

func newWriter(args *arguments) *writer {
	return &writer{args: args, names: map[string]string{}, values: map[string]attribute.Value{}}
}

// take returns what was written since the last take.
func (w *writer) take() string {
	text := w.text.String()
	w.text.Reset()
	return text
}

// fill sets the names and values of e.
func (w *writer) fill(e *storage.Expressions) {
	if len(w.names) > 0 {
		e.Names = make(map[string]string, len(w.names))
		for name, placeholder := range w.names {
			e.Names[placeholder] = name
		}
	}
	if len(w.values) > 0 {
		e.Values = w.values
	}
}

func (w *writer) write(texts ...string) {
	for _, text := range texts {
		w.text.WriteString(text)
	}
}

func (w *writer) name(name string) {
	placeholder, ok := w.names[name]
	if !ok {
		placeholder = "#" + strconv.Itoa(len(w.names))
		w.names[name] = placeholder
	}
	w.write(placeholder)
}

func (w *writer) value(v attribute.Value) {
	placeholder := ":" + strconv.Itoa(len(w.values))
	w.values[placeholder] = v
	w.write(placeholder)
}

func (w *writer) path(n *node) {
	for i, s := range n.steps {
		switch {
		case s.isIndex:
			w.write("[", strconv.Itoa(s.index), "]")
		case i > 0:
			w.write(".")
			fallthrough
		default:
			w.name(s.name)
		}
	}
}

// attribute writes what is true of items that have the named attribute, or of
// those that do not.
func (w *writer) attribute(name string, exists bool) {
	if exists {
		w.write("attribute_exists(")
	} else {
		w.write("attribute_not_exists(")
	}
	w.name(name)
	w.write(")")
}

// operand writes a value, path or function of a comparison.
func (w *writer) operand(n *node) error {
	switch {
	case n.op == opPath:
		w.path(n)
	case n.isValue():
		v, err := w.args.value(n)
		if err != nil {
			return err
		}
		w.value(v)
	case n.op == opCall:
		return w.call(n)
	case n.op == opSum:
		return syntaxErrorAt(w.args.text, n.token, "Unsupported operator: "+n.name)
	case n.op == opMissing:
		return syntaxErrorAt(w.args.text, n.token, msgDataType+"MISSING under key root")
	default:
		return syntaxErrorAt(w.args.text, n.token, "Unsupported operand: a value is needed")
	}
	return nil
}

// call writes a function that conditions may have.
func (w *writer) call(n *node) error {
	switch n.name {
	case "attribute_type", "attribute_exists", "attribute_not_exists", "begins_with", "contains", "size":
	default:
		return syntaxErrorAt(w.args.text, n.token, msgUnknownFunction+n.name)
	}
	if len(n.args) == 0 {
		// The grammar of expressions has no such call.
		return &expression.Error{Message: "Incorrect number of operands for operator or function; operator or function: " + n.name + ", number of operands: 0"}
	}
	w.write(n.name, "(")
	for i, arg := range n.args {
		if i > 0 {
			w.write(", ")
		}
		if err := w.operand(arg); err != nil {
			return err
		}
	}
	w.write(")")
	return nil
}

// all writes conditions joined by AND.
func (w *writer) all(terms []*node) error {
	return w.condition(joined(opAnd, terms))
}

// condition writes n, which must be a condition.
func (w *writer) condition(n *node) error {
	if w.text.Len() > maxExpression {
		return &expression.Error{Message: "Expression size has exceeded the maximum allowed size; expression size: " + strconv.Itoa(w.text.Len())}
	}
	switch n.op {
	case opAnd, opOr:
		word := " AND "
		if n.op == opOr {
			word = " OR "
		}
		for i, arg := range n.args {
			if i > 0 {
				w.write(word)
			}
			if err := w.term(arg); err != nil {
				return err
			}
		}
		return nil
	case opNot:
		w.write("NOT ")
		return w.term(n.args[0])
	case opCompare:
		return w.compare(n)
	case opBetween:
		return w.operands(n.args, "", " BETWEEN ", " AND ", "")
	case opIn:
		return w.in(n)
	case opIsNull:
		w.write("attribute_type(")
		if err := w.operand(n.args[0]); err != nil {
			return err
		}
		w.write(", ")
		w.value(attribute.String("NULL"))
		w.write(")")
		return nil
	case opIsMissing:
		return w.missing(n.args[0], true)
	case opCall:
		return w.call(n)
	default:
		return syntaxErrorAt(w.args.text, n.token, "Unsupported condition: a comparison or function is needed")
	}
}

// term writes a condition as a part of another, in parentheses unless it is
// simple.
func (w *writer) term(n *node) error {
	if n = n.plain(); n.op == opAnd || n.op == opOr || n.op == opNot {
		w.write("(")
		defer w.write(")")
	}
	return w.condition(n)
}

// plain turns comparisons of conditions into the and, or and not of them.
func (n *node) plain() *node {
	if n.op == opCompare && (n.args[0].isCondition() || n.args[1].isCondition()) && (n.name == "=" || n.name == "<>") {
		return n.agreement()
	}
	if n.op == opIn && n.args[0].isCondition() {
		terms := make([]*node, len(n.args)-1)
		for i, arg := range n.args[1:] {
			terms[i] = (&node{op: opCompare, token: n.token, name: "=", args: []*node{n.args[0], arg}}).plain()
		}
		return joined(opOr, terms)
	}
	return n
}

// agreement is a comparison of a condition by = or <>.
func (n *node) agreement() *node {
	condition, other := n.args[0], n.args[1]
	if !condition.isCondition() {
		condition, other = other, condition
	}
	not := func(c *node) *node { return &node{op: opNot, token: c.token, args: []*node{c}} }
	both := func(a, b *node) *node { return &node{op: opAnd, token: a.token, args: []*node{a, b}} }
	either := func(a, b *node) *node { return &node{op: opOr, token: a.token, args: []*node{a, b}} }
	is := func(b bool) *node {
		literal := &node{op: opLiteral, token: other.token, value: attribute.Bool(b)}
		return &node{op: opCompare, token: other.token, name: "=", args: []*node{other, literal}}
	}
	var equal *node
	switch {
	case other.isCondition():
		equal = either(both(condition, other), both(not(condition), not(other)))
	case other.op == opLiteral && other.value.Kind() == attribute.BOOL:
		if equal = condition; !other.value.Bool() {
			equal = not(condition)
		}
	default:
		equal = either(both(condition, is(true)), both(not(condition), is(false)))
	}
	if n.name == "<>" {
		return not(equal)
	}
	return equal
}

func (w *writer) compare(n *node) error {
	first, second := n.args[0], n.args[1]
	if plain := n.plain(); plain != n {
		return w.condition(plain)
	}
	for _, arg := range n.args {
		if arg.isCondition() {
			return &expression.Error{Message: "Incorrect operand type for operator or function; operator or function: " + n.name + ", operand type: BOOL"}
		}
	}
	if first.op == opMissing {
		first, second = second, first
	}
	if second.op == opMissing && (n.name == "=" || n.name == "<>") {
		return w.missing(first, n.name == "=")
	}
	return w.operands(n.args, "", " "+n.name+" ", "", "")
}

// missing writes whether a path leads nowhere.
func (w *writer) missing(n *node, missing bool) error {
	if missing {
		w.write("attribute_not_exists(")
	} else {
		w.write("attribute_exists(")
	}
	defer w.write(")")
	return w.operand(n)
}

func (w *writer) in(n *node) error {
	if plain := n.plain(); plain != n {
		return w.condition(plain)
	}
	return w.operands(n.args, "", " IN (", ", ", ")")
}

// operands writes operands with what stands before, after the first, between the
// others, and behind.
func (w *writer) operands(args []*node, before, first, others, behind string) error {
	w.write(before)
	for i, arg := range args {
		switch i {
		case 0:
		case 1:
			w.write(first)
		default:
			w.write(others)
		}
		if err := w.operand(arg); err != nil {
			return err
		}
	}
	w.write(behind)
	return nil
}

// checkIn refuses an IN with too many operands anywhere in n.
func (n *node) checkIn() error {
	if n == nil {
		return nil
	}
	if count := len(n.args) - 1; n.op == opIn && count > maxIn {
		return &expression.Error{Message: msgTooManyIn + strconv.Itoa(count)}
	}
	for _, arg := range n.args {
		if err := arg.checkIn(); err != nil {
			return err
		}
	}
	return nil
}

// checkedCondition checks a WHERE clause by itself, before any table is looked
// at, and returns it ready to be evaluated; nil when there is none.
func checkedCondition(where *node, args *arguments) (*expression.Condition, error) {
	if where == nil {
		return nil, nil
	}
	if err := where.checkIn(); err != nil {
		return nil, err
	}
	w := newWriter(args)
	if err := w.condition(where); err != nil {
		return nil, err
	}
	e := storage.Expressions{}
	w.fill(&e)
	bound, err := expression.NewCache(1).Bind(expression.Request{Filter: w.take(), Names: e.Names, Values: e.Values}, expression.Key{}, nil)
	if err != nil {
		return nil, err
	}
	return bound.Filter, nil
}
