package attribute

import (
	"encoding/base64"
	"strings"
)

// Compare orders two values of the same ordered type: S and B by their bytes,
// N by value. It returns -1, 0 or +1, and false when the types differ or have
// no order.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html#Expressions.OperatorsAndFunctions.Comparators
func Compare(a, b Value) (int, bool) {
	if a.kind != b.kind {
		return 0, false
	}
	switch a.kind {
	case S, B:
		return strings.Compare(a.text, b.text), true
	case N:
		return CompareNumbers(a.text, b.text), true
	default:
		return 0, false
	}
}

// Equal reports whether two values are of the same type and equal, deeply:
// numbers by value, sets whatever the order of their elements, maps whatever
// the order of their names. An absent value equals nothing, not even another.
func Equal(a, b Value) bool {
	if a.kind != b.kind {
		return false
	}
	switch a.kind {
	case S, B:
		return a.text == b.text
	case N:
		return CompareNumbers(a.text, b.text) == 0
	case BOOL:
		return a.flag == b.flag
	case NULL:
		return true
	case SS, NS, BS:
		return equalSets(a.list, b.list)
	case L:
		if len(a.list) != len(b.list) {
			return false
		}
		for i := range a.list {
			if !Equal(a.list[i], b.list[i]) {
				return false
			}
		}
		return true
	case M:
		return EqualItems(a.item, b.item)
	default:
		return false
	}
}

// EqualItems reports whether two items have equal attributes. A nil item equals
// an empty one.
func EqualItems(a, b *Item) bool {
	if a.Len() != b.Len() {
		return false
	}
	for i := range a.Len() {
		if a.attrs[i].Name != b.attrs[i].Name || !Equal(a.attrs[i].Value, b.attrs[i].Value) {
			return false
		}
	}
	return true
}

// smallSet is the size up to which sets are compared element by element; larger
// ones go through a hash table.
const smallSet = 16

func equalSets(a, b []Value) bool {
	if len(a) != len(b) {
		return false
	}
	// Sets that were stored in the same order are the common case.
	same := 0
	for same < len(a) && a[same].text == b[same].text {
		same++
	}
	a, b = a[same:], b[same:]
	if len(a) <= smallSet {
		for _, v := range a {
			if !Contains(b, v) {
				return false
			}
		}
		return true
	}
	seen := make(map[string]struct{}, len(b))
	for _, v := range b {
		seen[v.text] = struct{}{}
	}
	for _, v := range a {
		if _, ok := seen[v.text]; !ok {
			return false
		}
	}
	return true
}

// Contains reports whether an element of elems equals v.
func Contains(elems []Value, v Value) bool {
	for _, e := range elems {
		if Equal(e, v) {
			return true
		}
	}
	return false
}

// ElemKind returns the type of the elements of a set type: S for SS, N for NS,
// B for BS, and Invalid for types that are not sets.
func (k Kind) ElemKind() Kind {
	switch k {
	case SS:
		return S
	case NS:
		return N
	case BS:
		return B
	default:
		return Invalid
	}
}

// NewSet returns the set of elems, which are of the element type of kind, after
// DynamoDB's checks: a set is not empty and has no duplicates. It takes
// ownership of elems. The error is a *ValueError.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html#HowItWorks.DataTypes.SetTypes
func NewSet(kind Kind, elems []Value) (Value, error) {
	if len(elems) == 0 {
		switch kind {
		case SS:
			return Value{}, errEmptySS
		case NS:
			return Value{}, errEmptyNS
		default:
			return Value{}, errEmptyBS
		}
	}
	if hasDuplicates(elems) {
		return Value{}, duplicatesError(kind, elems)
	}
	return SetOf(kind, elems), nil
}

// The blanks and articles below are DynamoDB's.
var (
	errEmptySS = &ValueError{"One or more parameter values were invalid: An string set  may not be empty"}
	errEmptyNS = &ValueError{"One or more parameter values were invalid: An number set  may not be empty"}
	errEmptyBS = &ValueError{"One or more parameter values were invalid: Binary sets should not be empty"}
)

func duplicatesError(kind Kind, elems []Value) error {
	if kind == NS {
		return &ValueError{"Input collection contains duplicates"}
	}
	texts := make([]string, len(elems))
	for i, e := range elems {
		texts[i] = e.text
		if kind == BS {
			texts[i] = base64.StdEncoding.EncodeToString([]byte(e.text))
		}
	}
	list := "One or more parameter values were invalid: Input collection [" + strings.Join(texts, ", ") + "]"
	if kind == BS {
		return &ValueError{list + "of type BS contains duplicates."}
	}
	return &ValueError{list + " contains duplicates."}
}

// hasDuplicates reports whether two scalars of one type are equal.
func hasDuplicates(elems []Value) bool {
	if len(elems) <= smallSet {
		for i, e := range elems {
			if Contains(elems[:i], e) {
				return true
			}
		}
		return false
	}
	seen := make(map[string]struct{}, len(elems))
	for _, e := range elems {
		if _, ok := seen[e.text]; ok {
			return true
		}
		seen[e.text] = struct{}{}
	}
	return false
}
