package expression

import (
	"encoding/base64"
	"strconv"
	"strings"
	"unicode/utf8"

	"appsync-emulator/storage/attribute"
)

// Condition is a bound condition or filter. It is safe for concurrent use.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
type Condition struct {
	root   *node
	paths  []Path
	values []attribute.Value
}

// newCondition checks the conditions of env's tree one after the other, as
// DynamoDB does.
func newCondition(t *tree, env *environment) (*Condition, error) {
	if message := env.checkCondition(t.root); message != "" {
		return nil, t.grammar.refuse(message)
	}
	return &Condition{root: t.root, paths: env.paths, values: env.values}, nil
}

// checkCondition returns the first message about the conditions in n.
func (env *environment) checkCondition(n *node) string {
	switch n.op {
	case opAnd, opOr, opNot:
		for _, arg := range n.args {
			if message := env.checkCondition(arg); message != "" {
				return message
			}
		}
		return ""
	}
	if env.incomplete {
		if message := env.undefined(n); message != "" {
			return message
		}
	}
	for _, check := range [...]func(*environment, *node) string{
		(*environment).checkOperandCount, (*environment).checkDistinct, (*environment).checkOperandTypes,
	} {
		if message := check(env, n); message != "" {
			return message
		}
	}
	return ""
}

func (env *environment) checkOperandCount(n *node) string {
	for _, arg := range n.args {
		if message := env.checkOperandCount(arg); message != "" {
			return message
		}
	}
	switch {
	case n.isFunction() && len(n.args) != functionNamed(n.name).arity:
		return msgOperandCount + n.name + ", number of operands: " + strconv.Itoa(len(n.args))
	case n.op == opIn && len(n.args)-1 > maxInOperands:
		return msgTooManyIn + strconv.Itoa(len(n.args)-1)
	}
	return ""
}

// checkDistinct refuses a first operand that is one of the others.
func (env *environment) checkDistinct(n *node) string {
	for _, arg := range n.args {
		if message := env.checkDistinct(arg); message != "" {
			return message
		}
	}
	if n.op == opBetween || len(n.args) < 2 || n.args[0].op != opPath {
		return ""
	}
	first := env.paths[n.args[0].slot]
	for _, arg := range n.args[1:] {
		if arg.op == opPath && equalPaths(first, env.paths[arg.slot]) {
			return msgNotDistinct + n.name + ", first operand: " + first.String()
		}
	}
	return ""
}

func equalPaths(a, b Path) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// kindOf returns the type that n has whatever the item, Invalid when the item
// decides.
func (env *environment) kindOf(n *node) attribute.Kind {
	if n.op == opSize {
		return attribute.N
	}
	return env.literalKind(n)
}

func (env *environment) checkOperandTypes(n *node) string {
	for _, arg := range n.args {
		if message := env.checkOperandTypes(arg); message != "" {
			return message
		}
	}
	switch n.op {
	case opLT, opLE, opGT, opGE:
		return env.checkOrdered(n)
	case opBetween:
		if message := env.checkOrdered(n); message != "" {
			return message
		}
		return env.checkBounds(n.args[1], n.args[2])
	case opAttributeExists, opAttributeNotExists:
		if n.args[0].op != opPath {
			return msgNeedsPath + n.name
		}
	case opBeginsWith:
		for _, arg := range n.args {
			if kind := env.kindOf(arg); kind != attribute.Invalid && kind != attribute.S && kind != attribute.B {
				return msgOperandType + n.name + ", operand type: " + kind.String()
			}
		}
	case opAttributeType:
		return env.checkAttributeType(n)
	case opSize:
		switch kind := env.kindOf(n.args[0]); kind {
		case attribute.N, attribute.BOOL, attribute.NULL:
			return msgOperandType + n.name + ", operand type: " + kind.String()
		}
	}
	return ""
}

// checkOrdered refuses values of types that have no order.
func (env *environment) checkOrdered(n *node) string {
	for _, arg := range n.args {
		switch kind := env.kindOf(arg); kind {
		case attribute.Invalid, attribute.S, attribute.N, attribute.B:
		default:
			return msgOperandType + n.name + ", operand type: " + kind.String()
		}
	}
	return ""
}

// checkBounds refuses bounds that no value can lie between.
func (env *environment) checkBounds(low, high *node) string {
	if low.op != opValue || high.op != opValue {
		return ""
	}
	a, b := env.values[low.slot], env.values[high.slot]
	message := ""
	if order, ok := attribute.Compare(a, b); !ok {
		message = msgBetweenTypes
	} else if order > 0 {
		message = msgBetweenOrder
	} else {
		return ""
	}
	return message + "lower bound operand: " + describe(a) + ", upper bound operand: " + describe(b)
}

// describe prints an ordered value as DynamoDB's messages do.
func describe(v attribute.Value) string {
	text := v.Text()
	if v.Kind() == attribute.B {
		text = base64.StdEncoding.EncodeToString([]byte(text))
	}
	return "AttributeValue: {" + v.Kind().String() + ":" + text + "}"
}

func (env *environment) checkAttributeType(n *node) string {
	switch kind := env.kindOf(n.args[1]); kind {
	case attribute.S:
	case attribute.Invalid:
		return msgOperandType + n.name + ", operand type: {NS,SS,L,BS,N,M,B,BOOL,NULL,S}"
	default:
		return msgOperandType + n.name + ", operand type: " + kind.String()
	}
	name := env.values[n.args[1].slot].Text()
	for kind := attribute.S; kind <= attribute.M; kind++ {
		if kind.String() == name {
			return ""
		}
	}
	return msgTypeName + name + msgTypeNames
}

// Eval reports whether item meets the condition. A nil item is no item: it has
// no attributes. Values of unequal types are unequal and have no order, which
// is no error; the error is for conditions that cannot be evaluated.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
func (c *Condition) Eval(item *attribute.Item) (bool, error) {
	return c.test(c.root, item), nil
}

func (c *Condition) test(n *node, item *attribute.Item) bool {
	switch n.op {
	case opAnd:
		return c.test(n.args[0], item) && c.test(n.args[1], item)
	case opOr:
		return c.test(n.args[0], item) || c.test(n.args[1], item)
	case opNot:
		return !c.test(n.args[0], item)
	case opEQ:
		return equal(c.operand(n.args[0], item), c.operand(n.args[1], item))
	case opNE:
		// An absent attribute is unequal to everything, another one included.
		return !equal(c.operand(n.args[0], item), c.operand(n.args[1], item))
	case opLT, opLE, opGT, opGE:
		return inOrder(n.op, c.operand(n.args[0], item), c.operand(n.args[1], item))
	case opBetween:
		v := c.operand(n.args[0], item)
		return inOrder(opGE, v, c.operand(n.args[1], item)) && inOrder(opLE, v, c.operand(n.args[2], item))
	case opIn:
		v := c.operand(n.args[0], item)
		for _, arg := range n.args[1:] {
			if equal(v, c.operand(arg, item)) {
				return true
			}
		}
		return false
	case opAttributeExists:
		return c.operand(n.args[0], item).IsValid()
	case opAttributeNotExists:
		return !c.operand(n.args[0], item).IsValid()
	case opAttributeType:
		v := c.operand(n.args[0], item)
		return v.IsValid() && v.Kind().String() == c.operand(n.args[1], item).Text()
	case opBeginsWith:
		v, prefix := c.operand(n.args[0], item), c.operand(n.args[1], item)
		return v.Kind() == prefix.Kind() && (v.Kind() == attribute.S || v.Kind() == attribute.B) &&
			strings.HasPrefix(v.Text(), prefix.Text())
	case opContains:
		return contains(c.operand(n.args[0], item), c.operand(n.args[1], item))
	default:
		return false
	}
}

// operand returns what n stands for, the zero Value when item lacks it.
func (c *Condition) operand(n *node, item *attribute.Item) attribute.Value {
	switch n.op {
	case opPath:
		return c.paths[n.slot].Get(item)
	case opValue:
		return c.values[n.slot]
	case opSize:
		if size, ok := sizeOf(c.operand(n.args[0], item)); ok {
			return attribute.Number(strconv.Itoa(size))
		}
	}
	return attribute.Value{}
}

func equal(a, b attribute.Value) bool { return a.IsValid() && attribute.Equal(a, b) }

func inOrder(comparator op, a, b attribute.Value) bool {
	order, ok := attribute.Compare(a, b)
	if !ok {
		return false
	}
	switch comparator {
	case opLT:
		return order < 0
	case opLE:
		return order <= 0
	case opGT:
		return order > 0
	default:
		return order >= 0
	}
}

// contains reports whether v is a string or binary with part in it, or a set or
// list with part among its elements.
func contains(v, part attribute.Value) bool {
	switch v.Kind() {
	case attribute.S, attribute.B:
		return v.Kind() == part.Kind() && strings.Contains(v.Text(), part.Text())
	case attribute.SS, attribute.NS, attribute.BS, attribute.L:
		return attribute.Contains(v.Elems(), part)
	default:
		return false
	}
}

// sizeOf is the function size: characters of a string, bytes of a binary,
// elements of anything that has elements. Characters are UTF-16 units, for
// DynamoDB measures strings as Java does.
func sizeOf(v attribute.Value) (int, bool) {
	switch v.Kind() {
	case attribute.S:
		text := v.Text()
		n := 0
		for i := 0; i < len(text); n++ {
			if text[i] < utf8.RuneSelf {
				i++
				continue
			}
			r, width := utf8.DecodeRuneInString(text[i:])
			if r > 0xFFFF {
				n++
			}
			i += width
		}
		return n, true
	case attribute.B:
		return len(v.Text()), true
	case attribute.SS, attribute.NS, attribute.BS, attribute.L:
		return len(v.Elems()), true
	case attribute.M:
		return v.Item().Len(), true
	default:
		return 0, false
	}
}

// CheckNoKeys refuses the filter of a Query that mentions an attribute of the
// key that is queried. The error is an *Error; a nil condition is fine.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.FilterExpression.html
func (c *Condition) CheckNoKeys(key Key) error {
	if c == nil {
		return nil
	}
	for _, name := range [...]string{key.Partition, key.Sort} {
		for _, p := range c.paths {
			if name != "" && p.Head() == name {
				return &Error{"Filter Expression can only contain non-primary key attributes: Primary key attribute: " + name}
			}
		}
	}
	return nil
}

// Paths returns the paths that the condition reads. The slice must not be
// changed.
func (c *Condition) Paths() []Path { return c.paths }

func (c *Condition) allPaths() []Path {
	if c == nil {
		return nil
	}
	return c.paths
}
