package value

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// Format is String.format in the root locale, without the conversions for dates
// and hexadecimal floats.
func Format(format string, args []any) (string, error) {
	var b strings.Builder
	next, last := 0, -1
	for i := 0; i < len(format); {
		j := strings.IndexByte(format[i:], '%')
		if j < 0 {
			b.WriteString(format[i:])
			break
		}
		b.WriteString(format[i : i+j])
		i += j
		s, n := parseSpecifier(format[i:])
		if n == 0 {
			bad := "%"
			if rest := format[i+1:]; rest != "" {
				bad = strings.TrimLeft(rest, "-#+ 0,(<123456789$.")
				if bad == "" {
					bad = "%"
				}
			}
			return "", unknownConversion(bad)
		}
		i += n
		var arg any
		switch {
		case s.verb == '%' || s.verb == 'n':
		case s.index == sameArgument:
			if last < 0 || last >= len(args) {
				return "", missingArgument(s)
			}
			arg = args[last]
		default:
			at := s.index - 1
			if s.index == 0 {
				at = next
				next++
			}
			if at >= len(args) {
				return "", missingArgument(s)
			}
			last, arg = at, args[at]
		}
		if s.width > MaxText || s.precision > MaxText {
			return "", ErrTextTooLong
		}
		text, err := s.convert(arg)
		if err != nil {
			return "", err
		}
		b.WriteString(text)
		if b.Len() > MaxText {
			return "", ErrTextTooLong
		}
	}
	return b.String(), nil
}

func unknownConversion(s string) error {
	r := []rune(s)[0]
	return throw("java.util.UnknownFormatConversionException", "Conversion = '"+string(r)+"'")
}

func missingArgument(s specifier) error {
	return throw("java.util.MissingFormatArgumentException", "Format specifier '"+s.text+"'")
}

// specifier is one %[index$][flags][width][.precision]verb.
type specifier struct {
	text             string
	index            int // counts from 1, 0 for the next argument
	flags            string
	width, precision int // -1 when absent
	verb             byte
	upper            bool
}

const sameArgument = -1

func parseSpecifier(s string) (specifier, int) {
	sp := specifier{width: -1, precision: -1}
	i := 1
	number := func() (int, bool) {
		start := i
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		if start == i {
			return -1, true
		}
		n, err := strconv.Atoi(s[start:i])
		return n, err == nil && n < math.MaxInt32
	}
	if i < len(s) && s[i] >= '1' && s[i] <= '9' {
		start := i
		n, ok := number()
		switch {
		case !ok:
			return sp, 0
		case i < len(s) && s[i] == '$':
			sp.index = n
			i++
		default:
			i = start
		}
	}
	start := i
	for i < len(s) && strings.IndexByte("-#+ 0,(<", s[i]) >= 0 {
		i++
	}
	sp.flags = s[start:i]
	if strings.Contains(sp.flags, "<") {
		sp.index = sameArgument
	}
	var ok bool
	if sp.width, ok = number(); !ok {
		return sp, 0
	}
	if i < len(s) && s[i] == '.' {
		i++
		if sp.precision, ok = number(); !ok || sp.precision < 0 {
			return sp, 0
		}
	}
	if i == len(s) || !isVerb(s[i]) {
		return sp, 0
	}
	sp.verb = s[i]
	if sp.verb >= 'A' && sp.verb <= 'Z' {
		sp.upper = true
		sp.verb += 'a' - 'A'
	}
	sp.text = s[:i+1]
	return sp, i + 1
}

func isVerb(c byte) bool { return strings.IndexByte("bBhHsScCdoxXeEfgGn%", c) >= 0 }

func (s specifier) has(flag string) bool { return strings.Contains(s.flags, flag) }

func (s specifier) mismatch(arg any) error {
	verb := s.verb
	return throw("java.util.IllegalFormatConversionException", string(rune(verb))+" != "+ClassName(arg))
}

func (s specifier) convert(arg any) (string, error) {
	if s.width < 0 && (s.has("-") || s.has("0")) && s.verb != 'n' {
		return "", throw("java.util.MissingFormatWidthException", s.text)
	}
	text := ""
	switch s.verb {
	case 'n':
		return "\n", nil
	case '%':
		return s.pad("%"), nil
	case 'b':
		text = "false"
		if b, ok := arg.(bool); ok {
			text = strconv.FormatBool(b)
		} else if arg != nil {
			text = "true"
		}
		text = s.cut(text)
	case 'h':
		text = "null"
		if arg != nil {
			text = strconv.FormatUint(uint64(uint32(HashCode(arg))), 16)
		}
		text = s.cut(text)
	case 's':
		text = s.cut(ToString(arg))
	case 'c':
		switch v := arg.(type) {
		case nil:
			text = "null"
		case Char:
			text = v.String()
		case int32:
			text = string(rune(v))
		default:
			return "", s.mismatch(arg)
		}
	default:
		if arg == nil {
			text = s.cut("null")
			break
		}
		var err error
		if s.verb == 'd' || s.verb == 'o' || s.verb == 'x' {
			if s.precision >= 0 {
				return "", throw("java.util.IllegalFormatPrecisionException", strconv.Itoa(s.precision))
			}
			text, err = s.integer(arg)
		} else {
			text, err = s.decimal(arg)
		}
		if err != nil {
			return "", err
		}
	}
	if s.upper {
		text = ToUpper(text)
	}
	return s.pad(text), nil
}

// cut shortens text to the precision.
func (s specifier) cut(text string) string {
	if s.precision < 0 || s.precision >= Length(text) {
		return text
	}
	return substring(text, 0, s.precision)
}

func (s specifier) pad(text string) string {
	n := s.width - Length(text)
	switch {
	case n <= 0:
		return text
	case s.has("-"):
		return text + strings.Repeat(" ", n)
	}
	return strings.Repeat(" ", n) + text
}

func (s specifier) integer(arg any) (string, error) {
	var n *big.Int
	size := 0
	switch v := arg.(type) {
	case int32:
		n, size = big.NewInt(int64(v)), 32
	case int64:
		n, size = big.NewInt(v), 64
	case *big.Int:
		n = v
	default:
		return "", s.mismatch(arg)
	}
	if s.verb == 'd' {
		return s.signed(new(big.Int).Abs(n).String(), n.Sign() < 0), nil
	}
	radix, prefix := 8, "0"
	if s.verb == 'x' {
		radix, prefix = 16, "0x"
	}
	if n.Sign() < 0 && size > 0 {
		n = new(big.Int).Add(n, new(big.Int).Lsh(big.NewInt(1), uint(size)))
	}
	digits := n.Text(radix)
	if s.has("#") {
		digits = prefix + digits
	}
	if s.has("0") {
		if k := s.width - len(digits); k > 0 {
			if s.has("#") {
				digits = prefix + strings.Repeat("0", k) + digits[len(prefix):]
			} else {
				digits = strings.Repeat("0", k) + digits
			}
		}
	}
	return digits, nil
}

// signed adds sign, grouping and leading zeros to the digits of a number.
func (s specifier) signed(digits string, negative bool) string {
	if s.has(",") {
		digits = group(digits)
	}
	before, after := "", ""
	switch {
	case negative && s.has("("):
		before, after = "(", ")"
	case negative:
		before = "-"
	case s.has("+"):
		before = "+"
	case s.has(" "):
		before = " "
	}
	if s.has("0") {
		if k := s.width - len(digits) - len(before) - len(after); k > 0 {
			digits = strings.Repeat("0", k) + digits
		}
	}
	return before + digits + after
}

// group puts a comma after every third digit of the whole part.
func group(digits string) string {
	whole, rest := digits, ""
	if i := strings.IndexAny(digits, ".e"); i >= 0 {
		whole, rest = digits[:i], digits[i:]
	}
	var b strings.Builder
	for i := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(whole[i])
	}
	return b.String() + rest
}

// decimal formats as f, e and g do. A double counts as its shortest text, and
// halves are rounded up.
func (s specifier) decimal(arg any) (string, error) {
	var d BigDecimal
	switch v := arg.(type) {
	case float64:
		switch {
		case math.IsNaN(v):
			return "NaN", nil
		case math.IsInf(v, 0):
			plain := s
			plain.flags = strings.ReplaceAll(strings.ReplaceAll(s.flags, "0", ""), ",", "")
			return plain.signed("Infinity", v < 0), nil
		}
		d = decimalOfDouble(v)
		if v == 0 && math.Signbit(v) {
			digits, err := s.digits(d)
			return s.signed(digits, true), err
		}
	case Decimal:
		n, ok := NewBigDecimal(string(v))
		if !ok {
			return "", s.mismatch(arg)
		}
		d = n
	default:
		return "", s.mismatch(arg)
	}
	digits, err := s.digits(BigDecimal{new(big.Int).Abs(d.Unscaled), d.Scale})
	return s.signed(digits, d.Unscaled.Sign() < 0), err
}

func (s specifier) digits(d BigDecimal) (string, error) {
	precision := s.precision
	if precision < 0 {
		precision = 6
	}
	if precision > maxExponent {
		return "", ErrTextTooLong
	}
	switch s.verb {
	case 'f':
		return fixed(d, precision), nil
	case 'e':
		return scientific(d, precision), nil
	}
	if precision == 0 {
		precision = 1
	}
	if d.Unscaled.Sign() == 0 {
		return fixed(d, precision-1), nil
	}
	// After rounding to the precision, 10^-4 <= x < 10^precision is written
	// without an exponent.
	r, _ := d.SetScale(d.Scale-d.precision()+precision, RoundHalfUp)
	exponent := r.precision() - 1 - r.Scale
	if exponent >= -4 && exponent < precision {
		return fixed(d, precision-exponent-1), nil
	}
	return scientific(d, precision-1), nil
}

func fixed(d BigDecimal, precision int) string {
	r, ok := d.SetScale(precision, RoundHalfUp)
	if !ok {
		return d.plain()
	}
	return r.plain()
}

func scientific(d BigDecimal, precision int) string {
	if d.Unscaled.Sign() == 0 {
		return fixed(d, precision) + "e+00"
	}
	r, ok := d.SetScale(d.Scale-d.precision()+precision+1, RoundHalfUp)
	if !ok {
		return d.String()
	}
	digits := r.Unscaled.String()
	exponent := len(digits) - 1 - r.Scale
	digits = digits[:precision+1]
	if precision > 0 {
		digits = digits[:1] + "." + digits[1:]
	}
	sign := "+"
	if exponent < 0 {
		sign, exponent = "-", -exponent
	}
	e := strconv.Itoa(exponent)
	if len(e) < 2 {
		e = "0" + e
	}
	return digits + "e" + sign + e
}
