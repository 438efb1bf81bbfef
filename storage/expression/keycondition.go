package expression

import "appsync-emulator/storage/attribute"

// SortOp is a comparison of a sort key.
type SortOp uint8

// The comparisons that a key condition may make, in DynamoDB's names.
const (
	EQ SortOp = iota + 1
	LT
	LE
	GT
	GE
	BETWEEN
	BEGINS_WITH
)

var sortOpNames = [...]string{EQ: "EQ", LT: "LT", LE: "LE", GT: "GT", GE: "GE", BETWEEN: "BETWEEN", BEGINS_WITH: "BEGINS_WITH"}

// String returns DynamoDB's name of the comparison.
func (o SortOp) String() string {
	if int(o) < len(sortOpNames) && sortOpNames[o] != "" {
		return sortOpNames[o]
	}
	return "?"
}

// SortCondition is the condition on the sort key. Low is the operand; BETWEEN
// has the bounds Low and High, both inclusive.
type SortCondition struct {
	Op        SortOp
	Low, High attribute.Value
}

// KeyCondition is a bound key condition. Partition is the value that the
// partition key equals. Sort is nil when the condition is on the partition key
// alone.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.KeyConditionExpressions.html
type KeyCondition struct {
	Partition attribute.Value
	Sort      *SortCondition

	// condition is the expression until it has been parsed into terms.
	condition *Condition
	// terms are the conditions on single attributes, before the key is known.
	terms []keyTerm
}

// Match reports whether v meets the condition on the sort key. A nil condition
// is met by all.
func (s *SortCondition) Match(v attribute.Value) bool {
	if s == nil {
		return true
	}
	switch s.Op {
	case EQ:
		return equal(v, s.Low)
	case LT:
		return inOrder(opLT, v, s.Low)
	case LE:
		return inOrder(opLE, v, s.Low)
	case GT:
		return inOrder(opGT, v, s.Low)
	case GE:
		return inOrder(opGE, v, s.Low)
	case BETWEEN:
		return inOrder(opGE, v, s.Low) && inOrder(opLE, v, s.High)
	case BEGINS_WITH:
		return v.Kind() == s.Low.Kind() && len(v.Text()) >= len(s.Low.Text()) && v.Text()[:len(s.Low.Text())] == s.Low.Text()
	default:
		return false
	}
}

// keyTerm is the condition on one attribute.
type keyTerm struct {
	name string
	SortCondition
}

// parse turns the expression into conditions on single attributes.
func (k *KeyCondition) parse() error {
	condition := k.condition
	k.condition = nil
	terms, err := condition.keyTerms(condition.root, nil)
	if err != nil {
		return err
	}
	for _, term := range terms {
		if err := term.check(); err != nil {
			return err
		}
	}
	if len(terms) > 2 {
		return &Error{"Conditions can be of length 1 or 2 only"}
	}
	k.terms = terms
	return nil
}

// Bind makes the condition one on the attributes of key, which it must name. It
// is called before anything else, for what Parse returns. The error is an *Error.
func (k *KeyCondition) Bind(key Key) error {
	terms := k.terms
	k.Partition, k.Sort = attribute.Value{}, nil
	if key.Sort == "" && len(terms) > 1 {
		return &Error{"Query key condition not supported"}
	}
	partition := termOn(terms, key.Partition)
	if partition == nil {
		return &Error{"Query condition missed key schema element: " + key.Partition}
	}
	if err := partition.checkSchema(key.PartitionKind); err != nil {
		return err
	}
	if partition.Op != EQ {
		return &Error{"Query key condition not supported"}
	}
	k.Partition = partition.Low
	if len(terms) == 1 {
		return nil
	}
	sort := termOn(terms, key.Sort)
	if sort == nil {
		return &Error{"Query condition missed key schema element: " + key.Sort}
	}
	if err := sort.checkSchema(key.SortKind); err != nil {
		return err
	}
	k.Sort = &sort.SortCondition
	return nil
}

func termOn(terms []keyTerm, name string) *keyTerm {
	for i := range terms {
		if terms[i].name == name {
			return &terms[i]
		}
	}
	return nil
}

// check refuses operands of types that the comparison does not know.
func (t *keyTerm) check() error {
	for _, v := range [...]attribute.Value{t.Low, t.High} {
		switch v.Kind() {
		case attribute.Invalid, attribute.S, attribute.N, attribute.B:
		case attribute.SS, attribute.NS, attribute.BS:
			if t.Op != EQ {
				return t.refuseType(v)
			}
		default:
			return t.refuseType(v)
		}
	}
	return nil
}

func (t *keyTerm) refuseType(v attribute.Value) error {
	return &Error{msgInvalidParameter + "ComparisonOperator " + t.Op.String() + " is not valid for " + v.Kind().String() + " AttributeValue type"}
}

// checkSchema refuses operands that no key of the kind can have.
func (t *keyTerm) checkSchema(kind attribute.Kind) error {
	for _, v := range [...]attribute.Value{t.Low, t.High} {
		switch {
		case !v.IsValid():
		case v.Kind() != kind:
			return &Error{msgInvalidParameter + "Condition parameter type does not match schema type"}
		case v.Text() == "":
			what := "string"
			if kind == attribute.B {
				what = "binary"
			}
			return &Error{"One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty " + what + " value. Key: " + t.name}
		}
	}
	return nil
}

// keyTerms appends the terms of n, which a key condition joins by AND.
func (c *Condition) keyTerms(n *node, terms []keyTerm) ([]keyTerm, error) {
	term := keyTerm{}
	switch n.op {
	case opOr, opNot, opIn, opNE, opAttributeExists, opAttributeNotExists, opAttributeType, opContains:
		return nil, &Error{msgInvalidKeyOperator + n.name}
	case opSize:
		return nil, &Error{"KeyConditionExpressions cannot contain nested operations"}
	case opBetween, opBeginsWith:
		if n.args[0].op != opPath {
			return nil, &Error{msgInvalidKeyUse + n.name + " operator must have the key attribute as its first operand"}
		}
	}
	attributeAt := -1
	for i, arg := range n.args {
		var err error
		switch arg.op {
		case opPath:
			path := c.paths[arg.slot]
			if attributeAt >= 0 {
				return nil, &Error{msgInvalidKeyUse + "Multiple attribute names used in one condition"}
			}
			if len(path) > 1 {
				return nil, &Error{"KeyConditionExpressions cannot have conditions on nested attributes"}
			}
			attributeAt, term.name = i, path.Head()
		case opValue:
			if !term.Low.IsValid() {
				term.Low = c.values[arg.slot]
			} else {
				term.High = c.values[arg.slot]
			}
		default:
			if terms, err = c.keyTerms(arg, terms); err != nil {
				return nil, err
			}
		}
	}
	if n.op == opAnd {
		return terms, nil
	}
	if attributeAt < 0 {
		return nil, &Error{msgInvalidKeyUse + "No key attribute specified"}
	}
	if termOn(terms, term.name) != nil {
		return nil, &Error{"KeyConditionExpressions must only contain one condition per key"}
	}
	term.Op = keyOp(n.op, attributeAt > 0)
	return append(terms, term), nil
}

// keyOp returns the comparison of a key with a value; reversed when the value
// stands first.
func keyOp(o op, reversed bool) SortOp {
	switch {
	case o == opBetween:
		return BETWEEN
	case o == opBeginsWith:
		return BEGINS_WITH
	case o == opLT && !reversed, o == opGT && reversed:
		return LT
	case o == opLE && !reversed, o == opGE && reversed:
		return LE
	case o == opGT && !reversed, o == opLT && reversed:
		return GT
	case o == opGE && !reversed, o == opLE && reversed:
		return GE
	default:
		return EQ
	}
}
