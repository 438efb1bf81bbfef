package partiql

import (
	"slices"
	"strconv"
	"strings"

	"appsync-emulator/storage/attribute"
)

// maxLevels is DynamoDB's limit on the nesting of values.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-attributes-nested-depth
const maxLevels = 32

// arguments are the parameters of one execution of a statement.
type arguments struct {
	text   string // the statement, for the places of errors
	values []attribute.Value
}

// value returns what a literal or parameter stands for. Errors are
// *SyntaxError and *attribute.ValueError.
func (a *arguments) value(n *node) (attribute.Value, error) {
	if n.op == opParameter {
		return a.values[n.slot], nil
	}
	return a.literal(n, "root", 0)
}

// literal is value for what lies levels deep in a literal, at path.
func (a *arguments) literal(n *node, path string, levels int) (attribute.Value, error) {
	if levels >= maxLevels {
		return attribute.Value{}, &attribute.ValueError{Message: msgNesting + path}
	}
	switch n.op {
	case opLiteral:
		return n.value, nil
	case opList:
		elems := make([]attribute.Value, len(n.args))
		for i, arg := range n.args {
			var err error
			if elems[i], err = a.literal(arg, path+"["+strconv.Itoa(i)+"]", levels+1); err != nil {
				return attribute.Value{}, err
			}
		}
		return attribute.ListOf(elems), nil
	case opMap:
		item := &attribute.Item{}
		for i, arg := range n.args {
			v, err := a.literal(arg, path+"."+n.names[i], levels+1)
			if err != nil {
				return attribute.Value{}, err
			}
			item.Set(n.names[i], v)
		}
		return attribute.MapOf(item), nil
	case opBag:
		return a.bag(n, path)
	default:
		return attribute.Value{}, syntaxErrorAt(a.text, n.token, msgDataType+n.describe()+" under key "+path)
	}
}

// bag returns the set that a bag stands for.
func (a *arguments) bag(n *node, path string) (attribute.Value, error) {
	if len(n.args) == 0 {
		return attribute.Value{}, &attribute.ValueError{Message: msgEmptyBag}
	}
	kind := attribute.SS
	if n.args[0].value.Kind() == attribute.N {
		kind = attribute.NS
	}
	elems := make([]attribute.Value, len(n.args))
	texts := make([]string, len(n.args))
	for i, arg := range n.args {
		if arg.op != opLiteral || arg.value.Kind() != kind.ElemKind() {
			return attribute.Value{}, &attribute.ValueError{Message: msgBagType}
		}
		elems[i], texts[i] = arg.value, arg.value.Text()
		if kind == attribute.NS {
			texts[i] = arg.raw
		}
	}
	set, err := attribute.NewSet(kind, elems)
	if err != nil {
		message := msgDuplicates + "[" + strings.Join(texts, ", ") + "] contains duplicates"
		if kind == attribute.NS {
			message += "! under " + path
		} else {
			message += "."
		}
		return attribute.Value{}, &attribute.ValueError{Message: message}
	}
	return set, nil
}

// item returns the item that an INSERT writes: its attributes may be parameters.
func (a *arguments) item(n *node) (*attribute.Item, error) {
	item := &attribute.Item{}
	for i, arg := range n.args {
		v, err := a.value(arg)
		if err != nil {
			return nil, err
		}
		item.Set(n.names[i], v)
	}
	return item, nil
}

// describe names what cannot be a value.
func (n *node) describe() string {
	switch n.op {
	case opParameter:
		return "Parameter"
	case opMissing:
		return "MISSING"
	case opPath:
		return n.column()
	case opCall:
		return n.name
	case opSum:
		return n.name
	default:
		return "expression"
	}
}

// isValue reports whether n is a literal or parameter.
func (n *node) isValue() bool {
	switch n.op {
	case opLiteral, opParameter, opList, opBag, opMap:
		return true
	}
	return false
}

// bind returns the arguments of an execution, with the argument for each parameter checked to be there.
// More arguments than parameters are no fault.
func (s *Statement) bind(values []attribute.Value) (*arguments, error) {
	if len(values) < s.parameters {
		return nil, &attribute.ValueError{Message: msgParameters}
	}
	if slices.ContainsFunc(values, func(v attribute.Value) bool { return !v.IsValid() }) {
		return nil, &attribute.ValueError{Message: "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"}
	}
	return &arguments{text: s.text, values: values}, nil
}
