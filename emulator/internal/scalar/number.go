package scalar

import (
	"math"
	"math/big"
	"strconv"

	"appsync-emulator/mappingtemplate/value"
)

// decimal is a number in the grammar of Java's BigDecimal(String): an optional
// sign, digits with an optional point, an optional exponent.
type decimal struct {
	negative bool
	// text[first:last] holds the digits, with at most one point among them.
	text        string
	first, last int
	fraction    int // digits behind the point
	exponent    int64
}

// parseDecimal reports false when Java would throw a NumberFormatException.
func parseDecimal(text string) (decimal, bool) {
	d := decimal{text: text}
	i := 0
	if i < len(text) && (text[i] == '+' || text[i] == '-') {
		d.negative = text[i] == '-'
		i++
	}
	d.first = i
	digits, point := 0, false
	for ; i < len(text); i++ {
		c := text[i]
		if c == '.' && !point {
			point = true
			continue
		}
		if !isDigit(c) {
			break
		}
		digits++
		if point {
			d.fraction++
		}
	}
	d.last = i
	if digits == 0 {
		return decimal{}, false
	}
	if i == len(text) {
		return d, true
	}
	if text[i] != 'e' && text[i] != 'E' {
		return decimal{}, false
	}
	// BigDecimal takes exponents of at most 32 bits.
	exponent, err := strconv.ParseInt(text[i+1:], 10, 32)
	if err != nil {
		return decimal{}, false
	}
	d.exponent = exponent
	return d, true
}

// int64 returns the value when it is a whole number of 64 bits.
func (d decimal) int64() (int64, bool) {
	var n uint64
	const limit = uint64(1) << 63
	scale := d.exponent - int64(d.fraction) // the value is digits * 10^scale
	significant := d.trailing(scale)
	for i := d.first; i < d.last; i++ {
		c := d.text[i]
		if c == '.' {
			continue
		}
		if significant == 0 {
			// A digit below the decimal point of the value.
			if c != '0' {
				return 0, false
			}
			continue
		}
		significant--
		if n > (limit-uint64(c-'0'))/10 {
			return 0, false
		}
		n = n*10 + uint64(c-'0')
	}
	if n == 0 {
		return 0, true
	}
	for ; scale > 0; scale-- {
		if n > limit/10 {
			return 0, false
		}
		n *= 10
	}
	switch {
	case d.negative:
		return -int64(n), true // also for 2^63, whose negation is itself
	case n == limit:
		return 0, false
	default:
		return int64(n), true
	}
}

// trailing returns how many of the digits stand before the decimal point of the
// value, scale being the power of ten of the last digit.
func (d decimal) trailing(scale int64) int64 {
	digits := int64(d.last - d.first)
	for i := d.first; i < d.last; i++ {
		if d.text[i] == '.' {
			digits--
			break
		}
	}
	if scale >= 0 {
		return digits
	}
	return max(digits+scale, 0)
}

// exactInt64 returns the whole number that a Java Number or numeric String
// holds; false when it holds none, or one beyond 64 bits.
func exactInt64(v any) (int64, bool) {
	switch v := v.(type) {
	case int32:
		return int64(v), true
	case int64:
		return v, true
	case *big.Int:
		return v.Int64(), v.IsInt64()
	case float64:
		if v != math.Trunc(v) || v < math.MinInt64 || v >= math.MaxInt64 {
			return 0, false
		}
		return int64(v), true
	case value.Decimal:
		return exactText(string(v))
	case string:
		return exactText(v)
	default:
		return 0, false
	}
}

func exactText(text string) (int64, bool) {
	d, ok := parseDecimal(text)
	if !ok {
		return 0, false
	}
	return d.int64()
}

// double returns a Java Number or numeric String as a double; too large a
// number becomes infinite, as in BigDecimal.doubleValue.
func double(v any) (float64, bool) {
	switch v := v.(type) {
	case int32:
		return float64(v), true
	case int64:
		return float64(v), true
	case *big.Int:
		f, _ := new(big.Float).SetInt(v).Float64()
		return f, true
	case float64:
		return v, !math.IsNaN(v) && !math.IsInf(v, 0)
	case value.Decimal:
		return doubleText(string(v))
	case string:
		return doubleText(v)
	default:
		return 0, false
	}
}

func doubleText(text string) (float64, bool) {
	if _, ok := parseDecimal(text); !ok {
		return 0, false
	}
	// The only error left is one of range, with the infinity that Java gives.
	f, _ := strconv.ParseFloat(text, 64)
	return f, true
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
