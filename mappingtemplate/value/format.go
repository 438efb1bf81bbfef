package value

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Format is String.format for English and UTC.
func Format(format string, args []any) (string, error) { return formatText(format, args, false) }

// formatText formats. With absent there is no array of arguments at all, which
// stands for a null in every place.
func formatText(format string, args []any, absent bool) (string, error) {
	specifiers, err := parseFormat(format)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	next, last := 0, -1
	for _, s := range specifiers {
		var arg any
		switch {
		case s.verb == 0:
			b.WriteString(s.text)
			continue
		case s.verb == '%' || s.verb == 'n':
		default:
			switch {
			case s.has('<'):
			case s.index > 0:
				last = s.index - 1
			default:
				last = next
				next++
			}
			if last < 0 || !absent && last >= len(args) {
				return "", throw("java.util.MissingFormatArgumentException", "Format specifier '"+s.String()+"'")
			}
			if !absent {
				arg = args[last]
			}
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

// specifier is one %[index$][flags][width][.precision]verb, or literal text.
type specifier struct {
	text             string // literal text, with verb 0
	index            int    // counts from 1, 0 for the next argument
	indexed          bool   // an index is given
	flags            string
	width, precision int // -1 when absent
	verb             byte
	upper            bool
	date             bool // verb is that of a date, behind a "t"
}

// parseFormat parses and checks the whole format, as Java does before it writes
// anything.
func parseFormat(format string) ([]specifier, error) {
	var specifiers []specifier
	for format != "" {
		i := strings.IndexByte(format, '%')
		if i < 0 {
			return append(specifiers, specifier{text: format}), nil
		}
		if i > 0 {
			specifiers = append(specifiers, specifier{text: format[:i]})
			format = format[i:]
		}
		s, n := parseSpecifier(format)
		if n == 0 {
			bad := '%'
			for _, r := range format[1:] {
				bad = r
				break
			}
			return nil, unknownConversion(bad)
		}
		if err := s.check(); err != nil {
			return nil, err
		}
		specifiers = append(specifiers, s)
		format = format[n:]
	}
	return specifiers, nil
}

func unknownConversion(r rune) error {
	return throw("java.util.UnknownFormatConversionException", "Conversion = '"+string(r)+"'")
}

// allFlags are the flags in the order in which Java names them.
const allFlags = "-#+ 0,(<"

// parseSpecifier parses a specifier at the start of s, and returns its length,
// 0 when there is none. A number that does not fit an int counts as -2^31.
func parseSpecifier(s string) (specifier, int) {
	sp := specifier{width: -1, precision: -1}
	i := 1
	number := func() (int, bool) {
		start := i
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		n, err := strconv.Atoi(s[start:i])
		if err != nil || n > math.MaxInt32 {
			n = math.MinInt32
		}
		return n, i > start
	}
	if n, ok := number(); ok && i < len(s) && s[i] == '$' {
		sp.index, sp.indexed = n, true
		i++
	} else {
		i = 1
	}
	start := i
	for i < len(s) && strings.IndexByte(allFlags, s[i]) >= 0 {
		i++
	}
	sp.flags = s[start:i]
	if n, ok := number(); ok {
		sp.width = n
	}
	if i < len(s) && s[i] == '.' {
		i++
		n, ok := number()
		if !ok {
			return sp, 0
		}
		sp.precision = n
	}
	isVerb := func(i int) bool { return i < len(s) && (s[i] == '%' || isASCIILetter(s[i])) }
	if !isVerb(i) {
		return sp, 0
	}
	if (s[i] == 't' || s[i] == 'T') && isVerb(i+1) {
		sp.date, sp.upper = true, s[i] == 'T'
		i++
	}
	sp.verb = s[i]
	return sp, i + 1
}

func (s *specifier) has(flag byte) bool { return strings.IndexByte(s.flags, flag) >= 0 }

// ordered is the flags in Java's order.
func (s *specifier) ordered() string {
	var b strings.Builder
	for _, f := range []byte(allFlags) {
		if s.has(f) {
			b.WriteByte(f)
		}
	}
	return b.String()
}

// String is the specifier as Java's exceptions show it.
func (s *specifier) String() string {
	text := "%" + s.ordered()
	if s.index > 0 && !s.has('<') {
		text += strconv.Itoa(s.index) + "$"
	}
	if s.width >= 0 {
		text += strconv.Itoa(s.width)
	}
	if s.precision >= 0 {
		text += "." + strconv.Itoa(s.precision)
	}
	verb := string(rune(s.verb))
	if s.date {
		verb = "t" + verb
	}
	if s.upper {
		verb = strings.ToUpper(verb)
	}
	return text + verb
}

// check refuses what Java refuses, in its order.
func (s *specifier) check() error {
	if s.indexed && s.index <= 0 {
		text := "Illegal format argument index = " + strconv.Itoa(s.index)
		if s.index < 0 {
			text = "Format argument index: (not representable as int)"
		}
		return throw("java.util.IllegalFormatArgumentIndexException", text)
	}
	for i := range len(s.flags) {
		if strings.IndexByte(s.flags[:i], s.flags[i]) >= 0 {
			return throw("java.util.DuplicateFormatFlagsException", "Flags = '"+s.flags[i:i+1]+"'")
		}
	}
	if s.width < -1 {
		return throw("java.util.IllegalFormatWidthException", strconv.Itoa(s.width))
	}
	if s.precision < -1 {
		return s.badPrecision()
	}
	if s.date {
		return s.checkDate()
	}
	if strings.IndexByte("bBhHsScCdoxXeEfgGaAn%", s.verb) < 0 {
		return unknownConversion(rune(s.verb))
	}
	if s.verb >= 'A' && s.verb <= 'Z' {
		s.upper = true
		s.verb += 'a' - 'A'
	}
	switch s.verb {
	case 'b', 'h', 's':
		if s.verb != 's' && s.has('#') {
			return s.badFlag('#')
		}
		if err := s.needsWidth("-"); err != nil {
			return err
		}
		return s.badFlags("+ 0,(")
	case 'c':
		if s.precision >= 0 {
			return s.badPrecision()
		}
		if err := s.badFlags("#+ 0,("); err != nil {
			return err
		}
		return s.needsWidth("-")
	case 'n', '%':
		s.index = 0
		return s.checkText()
	}
	if err := s.needsWidth("-0"); err != nil {
		return err
	}
	if s.has('+') && s.has(' ') || s.has('-') && s.has('0') {
		return s.illegalFlags()
	}
	switch s.verb {
	case 'd', 'o', 'x':
		if s.precision >= 0 {
			return s.badPrecision()
		}
		if s.verb == 'd' {
			return s.badFlags("#")
		}
		return s.badFlags(",")
	case 'a':
		return s.badFlags("(,")
	case 'e':
		return s.badFlags(",")
	case 'g':
		return s.badFlags("#")
	}
	return nil
}

func (s *specifier) checkDate() error {
	if s.precision >= 0 {
		return s.badPrecision()
	}
	if strings.IndexByte("HIklMNLQpsSTzZaAbBCdehjmyYrRcDF", s.verb) < 0 {
		return throw("java.util.UnknownFormatConversionException", "Conversion = 't"+string(rune(s.verb))+"'")
	}
	if err := s.badFlags("#+ 0,("); err != nil {
		return err
	}
	return s.needsWidth("-")
}

func (s *specifier) checkText() error {
	if s.precision >= 0 {
		return s.badPrecision()
	}
	if s.verb == 'n' {
		if s.width >= 0 {
			return throw("java.util.IllegalFormatWidthException", strconv.Itoa(s.width))
		}
		if s.flags != "" {
			return s.illegalFlags()
		}
		return nil
	}
	if s.flags != "" && s.flags != "-" {
		return s.illegalFlags()
	}
	return s.needsWidth("-")
}

func (s *specifier) needsWidth(flags string) error {
	if s.width < 0 && strings.ContainsAny(s.flags, flags) {
		return throw("java.util.MissingFormatWidthException", s.String())
	}
	return nil
}

func (s *specifier) badFlags(flags string) error {
	for _, f := range []byte(flags) {
		if s.has(f) {
			return s.badFlag(f)
		}
	}
	return nil
}

func (s *specifier) badFlag(f byte) error {
	return throw("java.util.FormatFlagsConversionMismatchException",
		"Conversion = "+string(rune(s.verb))+", Flags = "+string(rune(f)))
}

func (s *specifier) badPrecision() error {
	return throw("java.util.IllegalFormatPrecisionException", strconv.Itoa(s.precision))
}

func (s *specifier) illegalFlags() error {
	flags := s.ordered()
	if s.upper {
		rest := strings.TrimPrefix(flags, "-")
		flags = flags[:len(flags)-len(rest)] + "^" + rest
	}
	return throw("java.util.IllegalFormatFlagsException", "Flags = '"+flags+"'")
}

func (s *specifier) mismatch(arg any) error {
	return throw("java.util.IllegalFormatConversionException", string(rune(s.verb))+" != "+ClassName(arg))
}

func (s *specifier) convert(arg any) (string, error) {
	if s.width > MaxText || s.precision > MaxText {
		return "", ErrTextTooLong
	}
	text := ""
	if s.date {
		text, err := s.dateText(arg)
		return s.pad(text), err
	}
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
		if s.has('#') {
			return "", s.badFlag('#')
		}
		text = s.cut(ToString(arg))
	case 'c':
		switch v := arg.(type) {
		case nil:
			text = "null"
		case Char:
			text = v.String()
		case int32:
			if v < 0 || v > utf8.MaxRune {
				return "", throw("java.util.IllegalFormatCodePointException", "Code point = 0x"+strconv.FormatUint(uint64(uint32(v)), 16))
			}
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
		switch s.verb {
		case 'd', 'o', 'x':
			text, err = s.integer(arg)
		case 'a':
			text, err = s.hexadecimal(arg)
		default:
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
func (s *specifier) cut(text string) string {
	if s.precision < 0 || s.precision >= Length(text) {
		return text
	}
	return substring(text, 0, s.precision)
}

func (s *specifier) pad(text string) string {
	n := s.width - Length(text)
	switch {
	case n <= 0:
		return text
	case s.has('-'):
		return text + strings.Repeat(" ", n)
	}
	return strings.Repeat(" ", n) + text
}

func (s *specifier) integer(arg any) (string, error) {
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
	if size > 0 {
		if err := s.badFlags("( +"); err != nil {
			return "", err
		}
	}
	if size == 0 {
		digits := new(big.Int).Abs(n).Text(radix)
		if s.has('#') {
			digits = prefix + digits
		}
		return s.signed(digits, n.Sign() < 0), nil
	}
	digits := n.Text(radix)
	if s.has('#') {
		digits = prefix + digits
	}
	if s.has('0') {
		if k := s.width - len(digits); k > 0 {
			if s.has('#') {
				digits = prefix + strings.Repeat("0", k) + digits[len(prefix):]
			} else {
				digits = strings.Repeat("0", k) + digits
			}
		}
	}
	return digits, nil
}

// signed adds sign, grouping and leading zeros to the digits of a number.
func (s *specifier) signed(digits string, negative bool) string {
	if s.has(',') {
		digits = group(digits)
	}
	before, after := "", ""
	switch {
	case negative && s.has('('):
		before, after = "(", ")"
	case negative:
		before = "-"
	case s.has('+'):
		before = "+"
	case s.has(' '):
		before = " "
	}
	if s.has('0') {
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
func (s *specifier) decimal(arg any) (string, error) {
	var d BigDecimal
	switch v := arg.(type) {
	case float64:
		switch {
		case math.IsNaN(v):
			return "NaN", nil
		case math.IsInf(v, 0):
			plain := *s
			plain.flags = strings.ReplaceAll(strings.ReplaceAll(s.flags, "0", ""), ",", "")
			return plain.signed("Infinity", v < 0), nil
		}
		d = formattedDouble(v)
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

func (s *specifier) digits(d BigDecimal) (string, error) {
	precision := s.precision
	if precision < 0 {
		precision = 6
	}
	if precision > maxExponent {
		return "", ErrTextTooLong
	}
	switch s.verb {
	case 'f':
		return s.withPoint(fixed(d, precision)), nil
	case 'e':
		return s.withPoint(scientific(d, precision)), nil
	}
	if precision == 0 {
		precision = 1
	}
	if d.Unscaled.Sign() == 0 && d.Scale == 0 {
		return fixed(d, precision-1), nil
	}
	if d.Unscaled.Sign() == 0 {
		return scientific(d, precision-1), nil
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

// withPoint adds the decimal point that the flag # asks for.
func (s *specifier) withPoint(digits string) string {
	if !s.has('#') || strings.Contains(digits, ".") {
		return digits
	}
	if i := strings.IndexByte(digits, 'e'); i >= 0 {
		return digits[:i] + "." + digits[i:]
	}
	return digits + "."
}

func scientific(d BigDecimal, precision int) string {
	if d.Unscaled.Sign() == 0 {
		return fixed(d, precision) + exponentText(-d.Scale)
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
	return digits + exponentText(exponent)
}

func exponentText(exponent int) string { return fmt.Sprintf("e%+03d", exponent) }

// formattedDouble is what of a double's digits the conversions see.
func formattedDouble(f float64) BigDecimal {
	if f == 0 {
		return BigDecimal{new(big.Int), 0}
	}
	fraction, exponent, significant := partsOf64(f)
	digits, point := digitsOf(fraction, exponent, significant, false)
	n, _ := new(big.Int).SetString(digits, 10)
	if f < 0 {
		n.Neg(n)
	}
	return BigDecimal{n, len(digits) - point}
}

// hexadecimal formats as a does.
func (s *specifier) hexadecimal(arg any) (string, error) {
	f, ok := arg.(float64)
	if !ok {
		return "", s.mismatch(arg)
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return s.decimal(arg)
	}
	precision := s.precision
	if precision == 0 {
		precision = 1
	}
	digits := hexMantissa(math.Abs(f), precision)
	sign := ""
	switch {
	case math.Signbit(f):
		sign = "-"
	case s.has('+'):
		sign = "+"
	case s.has(' '):
		sign = " "
	}
	zeros := ""
	if n := s.width - len(digits) - len(sign) - len("0x"); s.has('0') && n > 0 {
		zeros = strings.Repeat("0", n)
	}
	return sign + "0x" + zeros + digits, nil
}

// hexMantissa writes f as Double.toHexString does, without "0x", and with a number
// of digits behind the point unless precision is negative.
func hexMantissa(f float64, precision int) string {
	var whole, fraction string
	exponent := 0
	switch subnormal := f < 0x1p-1022; {
	case f == 0:
		whole, fraction = "0", "0"
	case subnormal && (precision < 0 || precision >= 13):
		digits := strconv.FormatUint(math.Float64bits(f), 16)
		whole, fraction, exponent = "0", strings.Repeat("0", 13-len(digits))+digits, -1022
		if fraction = strings.TrimRight(fraction, "0"); fraction == "" {
			fraction = "0"
		}
	default:
		if precision >= 13 {
			precision = max(precision, 13)
		}
		text := strconv.FormatFloat(f, 'x', min(precision, 13), 64)
		mantissa, power, _ := strings.Cut(strings.TrimPrefix(text, "0x"), "p")
		whole, fraction, _ = strings.Cut(mantissa, ".")
		if fraction == "" {
			fraction = "0"
		}
		exponent, _ = strconv.Atoi(power)
	}
	if n := precision - len(fraction); n > 0 {
		fraction += strings.Repeat("0", n)
	}
	return whole + "." + fraction + "p" + strconv.Itoa(exponent)
}

// dateText formats milliseconds since 1970 as the conversions behind "t" do.
func (s *specifier) dateText(arg any) (string, error) {
	if arg == nil {
		if s.upper {
			return "NULL", nil
		}
		return "null", nil
	}
	ms, ok := arg.(int64)
	if !ok {
		return "", s.mismatch(arg)
	}
	text := datePart(time.UnixMilli(ms).UTC(), s.verb)
	if s.upper {
		text = ToUpper(text)
	}
	return text, nil
}

// datePart is one conversion of a date.
func datePart(t time.Time, verb byte) string {
	switch verb {
	case 'N':
		return fmt.Sprintf("%09d", t.Nanosecond())
	case 'L':
		return fmt.Sprintf("%03d", t.Nanosecond()/1e6)
	case 'Q':
		return strconv.FormatInt(t.UnixMilli(), 10)
	case 's':
		return strconv.FormatInt(floorDiv(t.UnixMilli(), 1000), 10)
	case 'k':
		return strconv.Itoa(t.Hour())
	case 'l':
		return strconv.Itoa((t.Hour()+11)%12 + 1)
	case 'C':
		return fmt.Sprintf("%02d", yearOfEra(t)/100)
	case 'y':
		return fmt.Sprintf("%02d", yearOfEra(t)%100)
	case 'Y':
		return fmt.Sprintf("%04d", yearOfEra(t))
	case 'j':
		return fmt.Sprintf("%03d", t.YearDay())
	case 'e':
		return strconv.Itoa(t.Day())
	case 'F':
		return datePart(t, 'Y') + "-" + t.Format("01-02")
	case 'c':
		return t.Format("Mon Jan 02 15:04:05 UTC ") + datePart(t, 'Y')
	}
	return t.Format(map[byte]string{
		'H': "15", 'I': "03", 'M': "04", 'S': "05", 'p': "pm", 'z': "-0700", 'Z': "UTC", 'a': "Mon", 'A': "Monday",
		'b': "Jan", 'h': "Jan", 'B': "January", 'd': "02", 'm': "01", 'R': "15:04", 'T': "15:04:05", 'r': "03:04:05 PM", 'D': "01/02/06",
	}[verb])
}

// yearOfEra counts from 1 in both directions.
func yearOfEra(t time.Time) int {
	if y := t.Year(); y > 0 {
		return y
	}
	return 1 - t.Year()
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
