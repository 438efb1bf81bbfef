package attribute

// The sizes below are those that DynamoDB counts against its limits of 400 KB
// an item and 1 MB a page.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html

const (
	// documentOverhead is what a list or map takes besides its elements.
	documentOverhead = 3
	// elementOverhead is what each element of a list or map takes besides itself.
	elementOverhead = 1
)

// Size returns the size of the value in bytes, without that of its name. An
// absent value has size 0.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
func (v Value) Size() int {
	switch v.kind {
	case S, B:
		return len(v.text)
	case N:
		return numberSize(v.text)
	case BOOL, NULL:
		return 1
	case SS, NS, BS:
		size := 0
		for _, e := range v.list {
			size += e.Size()
		}
		return size
	case L:
		size := documentOverhead
		for _, e := range v.list {
			size += elementOverhead + e.Size()
		}
		return size
	case M:
		return documentOverhead + elementOverhead*v.item.Len() + v.item.Size()
	default:
		return 0
	}
}

// Size returns the size of the item in bytes: its attribute names and values.
// A nil item has size 0.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
func (it *Item) Size() int {
	size := 0
	for _, a := range it.Attributes() {
		size += len(a.Name) + a.Value.Size()
	}
	return size
}

// numberSize is one byte for every two significant digits and one more. Digits
// are stored in pairs that start at even exponents, so an odd position may take
// another byte, and so does a minus sign.
func numberSize(canonical string) int {
	digits, exponent, negative := significantDigits(canonical)
	if digits == 0 {
		return 1
	}
	// A pair covers the exponents 2k+1 and 2k; a number that starts on an even
	// exponent leaves the upper half of its first pair empty.
	pairs := (digits + 1) / 2
	if digits%2 == 0 && exponent%2 == 0 {
		pairs++
	}
	size := pairs + 1
	if negative {
		size++
	}
	return size
}

// MaxNesting is how deep attributes may nest: a scalar is one level, a list or
// map that holds only scalars two.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html#limits-attributes
const MaxNesting = 32

var errNesting = &ValueError{"Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"}

// CheckNesting refuses a value that nests deeper than MaxNesting levels, levels
// of which lie above it already. The error is a *ValueError.
func CheckNesting(v Value, levels int) error {
	if levels >= MaxNesting {
		return errNesting
	}
	switch v.kind {
	case L:
		for _, e := range v.list {
			if err := CheckNesting(e, levels+1); err != nil {
				return err
			}
		}
	case M:
		for _, a := range v.item.Attributes() {
			if err := CheckNesting(a.Value, levels+1); err != nil {
				return err
			}
		}
	}
	return nil
}
