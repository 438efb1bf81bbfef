package expression

// op says what a node of an expression tree does.
type op uint8

const (
	opPath  op = iota // a document path: slot of tree.paths
	opValue           // an attribute value: slot of tree.values
	opEQ
	opNE
	opLT
	opLE
	opGT
	opGE
	opBetween
	opIn
	opAnd
	opOr
	opNot
	opAttributeExists
	opAttributeNotExists
	opAttributeType
	opBeginsWith
	opContains
	opSize
	opIfNotExists
	opListAppend
	opAdd
	opSub
	opUnknownFunction
)

// node is one node of an expression tree.
type node struct {
	op   op
	slot int
	// name is the operator or function as messages name it.
	name string
	args []*node
	// parens counts the pairs of parentheses directly around the node.
	parens int
}

// isOperand reports whether n stands for a value and can be no condition.
func (n *node) isOperand() bool { return n.op == opPath || n.op == opValue }

// isFunction reports whether n is a call.
func (n *node) isFunction() bool {
	return n.op >= opAttributeExists && n.op <= opListAppend || n.op == opUnknownFunction
}

// function describes a function of the expression language.
type function struct {
	op        op
	arity     int
	condition bool // for conditions; the others are for updates
}

// functionNamed returns the function of that name. Function names are
// case-sensitive.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html#Expressions.OperatorsAndFunctions.Functions
func functionNamed(name string) function {
	switch name {
	case "attribute_exists":
		return function{opAttributeExists, 1, true}
	case "attribute_not_exists":
		return function{opAttributeNotExists, 1, true}
	case "attribute_type":
		return function{opAttributeType, 2, true}
	case "begins_with":
		return function{opBeginsWith, 2, true}
	case "contains":
		return function{opContains, 2, true}
	case "size":
		return function{opSize, 1, true}
	case "if_not_exists":
		return function{opIfNotExists, 2, false}
	case "list_append":
		return function{opListAppend, 2, false}
	default:
		return function{op: opUnknownFunction}
	}
}

// actionKind is the clause that an update action belongs to.
type actionKind uint8

const (
	actionSet actionKind = iota
	actionRemove
	actionAdd
	actionDelete
)

var clauseNames = [...]string{actionSet: "SET", actionRemove: "REMOVE", actionAdd: "ADD", actionDelete: "DELETE"}

// action is one action of an update expression.
type action struct {
	kind  actionKind
	path  int   // slot of tree.paths
	value *node // nil for REMOVE
}

// pathRef is a document path as written. Placeholders stand in the Name of
// their element until binding.
type pathRef struct {
	path    Path
	dynamic bool // some element is a placeholder
}

// tree is a parsed expression. It depends on nothing but its text, is never
// changed after parsing, and is shared by all requests with that text.
type tree struct {
	grammar grammar
	// refusal is set when the text alone is enough to refuse the expression.
	refusal *Error

	root    *node    // of conditions
	actions []action // of updates

	// paths holds every path in the order of the text, values every distinct
	// value placeholder.
	paths  []pathRef
	values []string
	// static holds the paths when none of them has placeholders.
	static []Path

	// names and valueSet are the placeholders that the text mentions.
	names    map[string]struct{}
	valueSet map[string]int
}

// operators counts the operators and functions of the expression. The "=" of a
// SET action is none.
func (t *tree) operators() int {
	count := 0
	if t.root != nil {
		count = t.root.operators()
	}
	for _, a := range t.actions {
		if a.value != nil {
			count += a.value.operators()
		}
	}
	return count
}

func (n *node) operators() int {
	count := 1
	if n.isOperand() {
		count = 0
	}
	for _, arg := range n.args {
		count += arg.operators()
	}
	return count
}
