package attribute

import (
	"errors"
	"math/big"
	"strconv"
	"strings"

	"github.com/cockroachdb/apd/v3"
)

// DynamoDB's number range. Exponents are those of the most significant digit:
// 1E-130 is the smallest magnitude, 9.99...E+125 the largest.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html#HowItWorks.DataTypes.Number
const (
	maxNumberDigits   = 38
	maxNumberExponent = 125
	minNumberExponent = -130

	// maxInt64Digits is how many digits always fit an int64, with room for the
	// carry of one addition.
	maxInt64Digits = 18
)

// ValueError is a refusal of an attribute value. Its text is the message of
// DynamoDB's ValidationException.
type ValueError struct{ Message string }

func (e *ValueError) Error() string { return e.Message }

// The refusals of numbers, in DynamoDB's words.
var (
	errNumberOverflow  = &ValueError{"Number overflow. Attempting to store a number with magnitude larger than supported range"}
	errNumberUnderflow = &ValueError{"Number underflow. Attempting to store a number with magnitude smaller than supported range"}
	errNumberDigits    = &ValueError{"Attempting to store more than 38 significant digits in a Number"}
	errNumberEmpty     = &ValueError{"The parameter cannot be converted to a numeric value"}
)

// ParseNumber returns the N value that text denotes, in the canonical form in
// which DynamoDB returns it: plain notation without exponent, without leading
// zeros and without trailing zeros after the point. Text is a decimal number,
// optionally signed and with an exponent; blanks, NaN and infinities are
// refused. Errors are *ValueError.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html#HowItWorks.DataTypes.Number
func ParseNumber(text string) (Value, error) {
	if isPlainInteger(text) {
		return Value{kind: N, text: text}, nil
	}
	d, err := scanDecimal(text)
	if err != nil {
		return Value{}, err
	}
	canonical, err := d.canonical()
	if err != nil {
		return Value{}, err
	}
	if canonical == text {
		canonical = text
	}
	return Value{kind: N, text: canonical}, nil
}

// isPlainInteger reports whether text already is the canonical form of an
// integer that is short enough to need no range check.
func isPlainInteger(text string) bool {
	digits := text
	if len(digits) > 0 && digits[0] == '-' {
		digits = digits[1:]
		if digits == "0" {
			return false
		}
	}
	if len(digits) == 0 || len(digits) > maxNumberDigits {
		return false
	}
	if digits[0] == '0' {
		return len(digits) == 1
	}
	for i := 0; i < len(digits); i++ {
		if digits[i] < '0' || digits[i] > '9' {
			return false
		}
	}
	return true
}

// decimal is a number taken apart: 0.digits * 10^(exponent+1), so that exponent
// is that of the most significant digit. Digits have no zeros at either end;
// zero has none at all.
type decimal struct {
	negative bool
	digits   string
	exponent int
}

// exponentCap bounds the exponents that are computed with; whatever lies beyond
// is far out of range anyway.
const exponentCap = 1 << 20

func scanDecimal(text string) (decimal, error) {
	if text == "" {
		return decimal{}, errNumberEmpty
	}
	bad := func() (decimal, error) {
		return decimal{}, &ValueError{"The parameter cannot be converted to a numeric value: " + text}
	}
	var d decimal
	i := 0
	if text[0] == '-' || text[0] == '+' {
		d.negative = text[0] == '-'
		i++
	}
	start := i
	for i < len(text) && isDigit(text[i]) {
		i++
	}
	whole, fraction := text[start:i], ""
	if i < len(text) && text[i] == '.' {
		i++
		start = i
		for i < len(text) && isDigit(text[i]) {
			i++
		}
		fraction = text[start:i]
	}
	if whole == "" && fraction == "" {
		return bad()
	}
	exponent := 0
	if i < len(text) && (text[i] == 'e' || text[i] == 'E') {
		i++
		negative := false
		if i < len(text) && (text[i] == '-' || text[i] == '+') {
			negative = text[i] == '-'
			i++
		}
		start = i
		for ; i < len(text) && isDigit(text[i]); i++ {
			if exponent < exponentCap {
				exponent = exponent*10 + int(text[i]-'0')
			}
		}
		if i == start {
			return bad()
		}
		if negative {
			exponent = -exponent
		}
	}
	if i != len(text) {
		return bad()
	}

	whole = strings.TrimLeft(whole, "0")
	if whole != "" {
		d.exponent = exponent + len(whole) - 1
		d.digits = strings.TrimRight(whole+fraction, "0")
		return d, nil
	}
	trimmed := strings.TrimLeft(fraction, "0")
	d.exponent = exponent - (len(fraction) - len(trimmed)) - 1
	d.digits = strings.TrimRight(trimmed, "0")
	return d, nil
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// check applies DynamoDB's limits, in the order in which it applies them.
func (d decimal) check() error {
	switch {
	case d.digits == "":
		return nil
	case d.exponent > maxNumberExponent:
		return errNumberOverflow
	case d.exponent < minNumberExponent:
		return errNumberUnderflow
	case len(d.digits) > maxNumberDigits:
		return errNumberDigits
	}
	return nil
}

func (d decimal) canonical() (string, error) {
	if err := d.check(); err != nil {
		return "", err
	}
	if d.digits == "" {
		return "0", nil
	}
	var b strings.Builder
	b.Grow(len(d.digits) + max(d.exponent, -d.exponent) + 3)
	if d.negative {
		b.WriteByte('-')
	}
	switch {
	case d.exponent < 0:
		b.WriteString("0.")
		for range -d.exponent - 1 {
			b.WriteByte('0')
		}
		b.WriteString(d.digits)
	case len(d.digits) <= d.exponent+1:
		b.WriteString(d.digits)
		for range d.exponent + 1 - len(d.digits) {
			b.WriteByte('0')
		}
	default:
		b.WriteString(d.digits[:d.exponent+1])
		b.WriteByte('.')
		b.WriteString(d.digits[d.exponent+1:])
	}
	return b.String(), nil
}

// CompareNumbers compares two canonical numbers by value: -1, 0 or +1.
func CompareNumbers(a, b string) int {
	if a == b {
		return 0
	}
	negative := len(a) > 0 && a[0] == '-'
	if negative != (len(b) > 0 && b[0] == '-') {
		if negative {
			return -1
		}
		return 1
	}
	if negative {
		a, b = b[1:], a[1:]
	}
	// Without leading zeros a longer whole part is the greater number; with
	// equally long ones, and no trailing zeros after the point, the order of
	// the texts is that of the values: the point sits at the same place, and
	// the end of a text sorts before any further digit.
	wholeA, wholeB := wholeLen(a), wholeLen(b)
	if wholeA != wholeB {
		if wholeA < wholeB {
			return -1
		}
		return 1
	}
	return strings.Compare(a, b)
}

func wholeLen(digits string) int {
	if i := strings.IndexByte(digits, '.'); i >= 0 {
		return i
	}
	return len(digits)
}

// AddNumbers returns the canonical sum of two canonical numbers. A sum that
// needs more than 38 digits or leaves DynamoDB's range is a *ValueError.
func AddNumbers(a, b string) (string, error) {
	if x, ok := smallInt(a); ok {
		if y, ok := smallInt(b); ok {
			return strconv.FormatInt(x+y, 10), nil
		}
	}
	return addDecimals(a, b, false)
}

// SubNumbers returns the canonical difference a-b, as AddNumbers does the sum.
func SubNumbers(a, b string) (string, error) {
	if x, ok := smallInt(a); ok {
		if y, ok := smallInt(b); ok {
			return strconv.FormatInt(x-y, 10), nil
		}
	}
	return addDecimals(a, b, true)
}

// smallInt reads an integer of at most 18 digits.
func smallInt(s string) (int64, bool) {
	digits, negative := s, false
	if len(s) > 0 && s[0] == '-' {
		digits, negative = s[1:], true
	}
	if len(digits) == 0 || len(digits) > maxInt64Digits {
		return 0, false
	}
	var n int64
	for i := 0; i < len(digits); i++ {
		if !isDigit(digits[i]) {
			return 0, false
		}
		n = n*10 + int64(digits[i]-'0')
	}
	if negative {
		n = -n
	}
	return n, true
}

// sumPrecision holds any sum of two numbers of DynamoDB's range exactly: from
// the last digit at 10^-167 to the first at 10^126.
const sumPrecision = 300

func addDecimals(a, b string, subtract bool) (string, error) {
	var x, y, sum apd.Decimal
	if err := setDecimal(&x, a); err != nil {
		return "", err
	}
	if err := setDecimal(&y, b); err != nil {
		return "", err
	}
	ctx := apd.Context{Precision: sumPrecision, MaxExponent: apd.MaxExponent, MinExponent: apd.MinExponent}
	op := ctx.Add
	if subtract {
		op = ctx.Sub
	}
	if _, err := op(&sum, &x, &y); err != nil {
		return "", errNumberOverflow
	}
	d, err := scanDecimal(sum.Text('f'))
	if err != nil {
		return "", err
	}
	canonical, err := d.canonical()
	if errors.Is(err, errNumberDigits) {
		// Of arithmetic DynamoDB reports a loss of precision as an overflow.
		return "", errNumberOverflow
	}
	return canonical, err
}

// setDecimal sets dst to the value of text. The coefficient is set from the
// digits, so that numbers such as 1E+125 stay small.
func setDecimal(dst *apd.Decimal, text string) error {
	d, err := scanDecimal(text)
	if err != nil {
		return err
	}
	if d.digits == "" {
		return nil
	}
	if err := d.check(); err != nil {
		return err
	}
	coefficient, _ := new(big.Int).SetString(d.digits, 10)
	dst.Coeff.SetMathBigInt(coefficient)
	dst.Negative = d.negative
	dst.Exponent = int32(d.exponent - len(d.digits) + 1)
	return nil
}

// significantDigits returns how many digits a canonical number has between its
// first and its last digit other than zero, and the exponent of the first.
func significantDigits(canonical string) (digits, exponent int, negative bool) {
	first, last, point := -1, -1, -1
	n := 0 // digits seen so far, counting from the first of the text
	for i := 0; i < len(canonical); i++ {
		switch c := canonical[i]; {
		case c == '-':
			negative = true
		case c == '.':
			point = n
		default:
			if c != '0' {
				if first < 0 {
					first = n
				}
				last = n
			}
			n++
		}
	}
	if first < 0 {
		return 0, 0, false
	}
	if point < 0 {
		point = n
	}
	return last - first + 1, point - 1 - first, negative
}
