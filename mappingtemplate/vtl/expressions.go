package vtl

import (
	"unicode/utf8"

	"appsync-emulator/mappingtemplate/value"
)

// expression is a node that has a value. What it counts for as a condition is
// not always its value: a literal string, number, list or map is false.
type expression interface {
	value(*evaluation) (any, error)
	truth(*evaluation) (bool, error)
}

// constant is a literal.
type constant struct{ v any }

func (c constant) value(*evaluation) (any, error)  { return c.v, nil }
func (c constant) truth(*evaluation) (bool, error) { return false, nil }

type boolean bool

func (b boolean) value(*evaluation) (any, error)  { return bool(b), nil }
func (b boolean) truth(*evaluation) (bool, error) { return bool(b), nil }

// interpolation is a string in double quotes with references or directives.
type interpolation struct {
	body *block
	// trim takes the last character off the result.
	trim bool
	// single is set when the string is nothing but one reference.
	single *reference
}

func (s *interpolation) value(ev *evaluation) (any, error) {
	if s.single != nil && !s.single.escaped && s.single.slot >= 0 {
		v, err := s.single.value(ev)
		if err != nil {
			return nil, err
		}
		if text, ok := v.(string); ok && s.single.escapePrefix == "" && s.single.morePrefix == "" {
			return text, nil
		}
		// The value is at hand: evaluating the reference again could call its
		// methods twice.
		return ev.captureValue(s.single, v)
	}
	start := len(ev.buf)
	if err := s.body.render(ev); err != nil {
		ev.buf = ev.buf[:start]
		return nil, err
	}
	out := ev.buf[start:]
	if s.trim && len(out) > 0 {
		_, size := utf8.DecodeLastRune(out)
		out = out[:len(out)-size]
	}
	text := string(out)
	ev.buf = ev.buf[:start]
	return text, ev.tickText(len(text))
}

func (s *interpolation) truth(*evaluation) (bool, error) { return false, nil }

func (ev *evaluation) captureValue(r *reference, v any) (any, error) {
	start := len(ev.buf)
	if err := r.write(ev, v); err != nil {
		ev.buf = ev.buf[:start]
		return nil, err
	}
	text := string(ev.buf[start:])
	ev.buf = ev.buf[:start]
	return text, ev.tickText(len(text))
}

type mapLiteral struct{ keys, values []expression }

func (m *mapLiteral) value(ev *evaluation) (any, error) {
	result := value.NewMap(len(m.keys))
	for i, k := range m.keys {
		key, err := k.value(ev)
		if err != nil {
			return nil, err
		}
		v, err := m.values[i].value(ev)
		if err != nil {
			return nil, err
		}
		if name, ok := key.(string); ok {
			result.Set(name, v)
		} else {
			result.PutKey(key, v)
		}
	}
	return result, ev.tick(len(m.keys))
}

func (m *mapLiteral) truth(*evaluation) (bool, error) { return false, nil }

type listLiteral struct {
	items []expression
	// constants are the items, when all of them are.
	constants []any
}

// newListLiteral returns a literal that makes a list of items each time.
func newListLiteral(items []expression) *listLiteral {
	l := &listLiteral{items: items}
	constants := make([]any, len(items))
	for i, item := range items {
		switch c := item.(type) {
		case constant:
			constants[i] = c.v
		case boolean:
			constants[i] = bool(c)
		default:
			return l
		}
	}
	l.constants = constants
	return l
}

func (l *listLiteral) value(ev *evaluation) (any, error) {
	if l.constants != nil {
		list := ev.newList()
		if len(l.constants) > 0 {
			list.Share(l.constants)
		}
		return list, ev.tick(1 + len(l.constants))
	}
	list := value.MakeList(len(l.items))
	for i, item := range l.items {
		v, err := item.value(ev)
		if err != nil {
			return nil, err
		}
		list.Items[i] = v
	}
	return list, ev.tick(len(l.items))
}

func (l *listLiteral) truth(*evaluation) (bool, error) { return false, nil }

type rangeLiteral struct{ from, to expression }

func (r *rangeLiteral) value(ev *evaluation) (any, error) {
	a, err := r.from.value(ev)
	if err != nil {
		return nil, err
	}
	b, err := r.to.value(ev)
	if err != nil {
		return nil, err
	}
	low, ok := value.IntValue(a)
	if !ok {
		return nil, nil
	}
	high, ok := value.IntValue(b)
	if !ok {
		return nil, nil
	}
	n, step := int64(high)-int64(low), int32(1)
	if n < 0 {
		n, step = -n, -1
	}
	n++
	if n > int64(ev.steps())/4 {
		return nil, ErrBudget
	}
	if err := ev.tick(4 * int(n)); err != nil {
		return nil, err
	}
	items := make([]any, n)
	for i := range items {
		items[i] = low + int32(i)*step
	}
	return value.NewList(items...), nil
}

func (r *rangeLiteral) truth(*evaluation) (bool, error) { return false, nil }

type not struct{ operand expression }

func (n *not) truth(ev *evaluation) (bool, error) {
	ok, err := n.operand.truth(ev)
	return !ok, err
}

func (n *not) value(ev *evaluation) (any, error) {
	ok, err := n.truth(ev)
	return ok, err
}

type and struct{ left, right expression }

func (a *and) truth(ev *evaluation) (bool, error) {
	if ok, err := a.left.truth(ev); err != nil || !ok {
		return false, err
	}
	return a.right.truth(ev)
}

func (a *and) value(ev *evaluation) (any, error) {
	ok, err := a.truth(ev)
	return ok, err
}

type or struct{ left, right expression }

func (o *or) truth(ev *evaluation) (bool, error) {
	if ok, err := o.left.truth(ev); err != nil || ok {
		return ok, err
	}
	return o.right.truth(ev)
}

func (o *or) value(ev *evaluation) (any, error) {
	ok, err := o.truth(ev)
	return ok, err
}

// equality is == and !=. Numbers compare by value, values of one class by
// equals, anything else by its text.
type equality struct {
	left, right expression
	negated     bool
}

func (e *equality) truth(ev *evaluation) (bool, error) {
	left, err := e.left.value(ev)
	if err != nil {
		return false, err
	}
	right, err := e.right.value(ev)
	if err != nil {
		return false, err
	}
	equal, err := ev.equal(left, right)
	return equal != e.negated, err
}

func (ev *evaluation) equal(left, right any) (bool, error) {
	if a, ok := left.(string); ok {
		if b, ok := right.(string); ok {
			if len(a) != len(b) {
				return false, nil
			}
			return a == b, ev.tick(len(a) >> 6)
		}
	}
	if isNumber(left) && isNumber(right) {
		n, err := compareNumbers(left, right)
		if err != nil {
			return false, &RenderError{Msg: err.Error(), Err: err}
		}
		return n == 0, nil
	}
	if left == nil || right == nil {
		return ev.isNull(left, right)
	}
	if sameClass(left, right) {
		if a, ok := left.(*definition); ok {
			return a == right.(*definition), nil
		}
		if a, ok := left.(*loopScope); ok {
			return value.Equals(&a.storage, &right.(*loopScope).storage), nil
		}
		if _, ok := left.(Object); ok {
			return left == right, nil
		}
		if err := ev.tick(value.Size(left, ev.steps())); err != nil {
			return false, err
		}
		return value.Equals(left, right), nil
	}
	a, ok, err := ev.text(left)
	if err != nil {
		return false, err
	}
	b, alsoOK, err := ev.text(right)
	if err != nil {
		return false, err
	}
	return ok && alsoOK && a == b || !ok && !alsoOK, nil
}

// isNull compares when a side is null. A block that cannot be rendered has the
// text null.
func (ev *evaluation) isNull(left, right any) (bool, error) {
	other := left
	if left == nil {
		other = right
	}
	if other == nil {
		return true, nil
	}
	if d, ok := other.(*definition); ok {
		_, ok, err := d.text(ev)
		return !ok, err
	}
	return false, nil
}

func sameClass(left, right any) bool {
	switch left.(type) {
	case *loopScope:
		_, ok := right.(*loopScope)
		return ok
	case *definition:
		_, ok := right.(*definition)
		return ok
	case Object:
		_, ok := right.(Object)
		return ok
	}
	if _, ok := right.(Object); ok {
		return false
	}
	return value.ClassName(left) == value.ClassName(right)
}

func (e *equality) value(ev *evaluation) (any, error) {
	ok, err := e.truth(ev)
	return ok, err
}

// comparison is an order of numbers. Anything else is not in order.
type comparison struct {
	left, right expression
	operator    nodeKind
}

func (c *comparison) truth(ev *evaluation) (bool, error) {
	left, err := c.left.value(ev)
	if err != nil {
		return false, err
	}
	right, err := c.right.value(ev)
	if err != nil {
		return false, err
	}
	if !isNumber(left) || !isNumber(right) {
		return false, nil
	}
	n, err := compareNumbers(left, right)
	if err != nil {
		return false, &RenderError{Msg: err.Error(), Err: err}
	}
	switch c.operator {
	case nLess:
		return n < 0, nil
	case nLessEqual:
		return n <= 0, nil
	case nGreater:
		return n > 0, nil
	}
	return n >= 0, nil
}

func (c *comparison) value(ev *evaluation) (any, error) {
	ok, err := c.truth(ev)
	return ok, err
}

// arithmetic is one of + - * / %. As a condition it is false.
type arithmetic struct {
	left, right               expression
	operator                  nodeKind
	leftLiteral, rightLiteral string
	pos                       position
}

func (a *arithmetic) truth(*evaluation) (bool, error) { return false, nil }

func (a *arithmetic) value(ev *evaluation) (any, error) {
	left, err := a.left.value(ev)
	if err != nil {
		return nil, err
	}
	right, err := a.right.value(ev)
	if err != nil {
		return nil, err
	}
	if a.operator == nAdd {
		_, isText := left.(string)
		_, alsoText := right.(string)
		if isText || alsoText {
			return a.concat(ev, left, right)
		}
	}
	if !isNumber(left) || !isNumber(right) {
		return nil, nil
	}
	if n := weigh(left) + weigh(right); n > 0 {
		if err := ev.tick(n); err != nil {
			return nil, err
		}
	}
	v, err := compute(a.operator, left, right)
	if err != nil {
		return nil, &RenderError{Line: a.pos.line, Column: a.pos.column, Msg: err.Error(), Err: err}
	}
	return v, nil
}

// concat joins texts. A null contributes its source.
func (a *arithmetic) concat(ev *evaluation, left, right any) (any, error) {
	switch {
	case left == nil:
		left = a.leftLiteral
	case right == nil:
		right = a.rightLiteral
	}
	x, _, err := ev.text(left)
	if err != nil {
		return nil, err
	}
	y, _, err := ev.text(right)
	if err != nil {
		return nil, err
	}
	if err := ev.tickText(len(x) + len(y)); err != nil {
		return nil, err
	}
	return x + y, nil
}
