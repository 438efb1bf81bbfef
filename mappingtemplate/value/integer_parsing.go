package value

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
)

func numberFormat(s string, radix int) error {
	msg := `For input string: "` + s + `"`
	if radix != 10 {
		msg += " under radix " + strconv.Itoa(radix)
	}
	return throw("java.lang.NumberFormatException", msg)
}

func badNumber(format string, args ...any) error {
	return throw("java.lang.NumberFormatException", fmt.Sprintf(format, args...))
}

func checkRadix(radix int) error {
	switch {
	case radix < 2:
		return badNumber("radix %d less than Character.MIN_RADIX", radix)
	case radix > 36:
		return badNumber("radix %d greater than Character.MAX_RADIX", radix)
	}
	return nil
}

// parseInteger is Integer.parseInt and Long.parseLong.
func parseInteger(v any, radix, size int) (int64, error) {
	s, ok := v.(string)
	if !ok {
		return 0, badNumber("Cannot parse null string")
	}
	if err := checkRadix(radix); err != nil {
		return 0, err
	}
	n, at := scanInteger([]rune(s), radix, size)
	if at >= 0 {
		return 0, numberFormat(s, radix)
	}
	return n, nil
}

// scanInteger reads a number with digits of any script. It returns the place of
// the digit that is none or too much, or -1.
func scanInteger(text []rune, radix, size int) (n int64, at int) {
	if len(text) == 0 {
		return 0, 0
	}
	negative, i := text[0] == '-', 0
	if negative || text[0] == '+' {
		i++
		if len(text) == 1 {
			return 0, 1
		}
	}
	limit := -int64(math.MaxInt32)
	if size == 64 {
		limit = -math.MaxInt64
	}
	if negative {
		limit--
	}
	for ; i < len(text); i++ {
		digit := digitValue(text[i], radix)
		if digit < 0 || n < limit/int64(radix) {
			return 0, i
		}
		n *= int64(radix)
		if n < limit+int64(digit) {
			return 0, i
		}
		n -= int64(digit)
	}
	if negative {
		return n, -1
	}
	return -n, -1
}

// partOfText returns the argument that fits a CharSequence, between two
// offsets.
func (c *call) partOfText() (string, error) {
	s, err := c.string(0)
	if err != nil {
		return "", err
	}
	begin, end := c.int(1), c.int(2)
	if begin < 0 || begin > end || end > Length(s) {
		return "", throw("java.lang.IndexOutOfBoundsException", "")
	}
	return substring(s, begin, end), nil
}

// parsePart is parseInt and parseLong of a part of a text.
func parsePart(part string, radix, size int) (int64, error) {
	if err := checkRadix(radix); err != nil {
		return 0, err
	}
	switch {
	case part == "" && size == 64:
		return 0, throwEmpty("java.lang.NumberFormatException")
	case part == "":
		return 0, numberFormat("", radix)
	}
	n, at := scanInteger([]rune(part), radix, size)
	if at >= 0 {
		return 0, badNumber("Error at index %d in: \"%s\"", at, part)
	}
	return n, nil
}

// parseUnsigned is Integer.parseUnsignedInt and Long.parseUnsignedLong. Of a
// part of a text, whole is the text.
func parseUnsigned(v any, radix, size int, isPart bool, whole string) (int64, error) {
	s, ok := v.(string)
	if !ok {
		return 0, badNumber("Cannot parse null string")
	}
	parse := func(s string, size int) (int64, error) { return parseInteger(s, radix, size) }
	if isPart {
		parse = func(s string, size int) (int64, error) { return parsePart(s, radix, size) }
	} else {
		whole = s
	}
	kind, short := "int", 5
	if size == 64 {
		kind, short = "long", 12
	}
	n := Length(s)
	switch {
	case s == "" && isPart && size == 32:
		return 0, throwEmpty("java.lang.NumberFormatException")
	case s == "":
		return 0, numberFormat("", radix)
	case s[0] == '-':
		return 0, badNumber("Illegal leading minus sign on unsigned string %s.", whole)
	case n <= short || radix == 10 && n <= size/8*2+1 && size == 32 || radix == 10 && n <= 18 && size == 64:
		return parse(s, size)
	case size == 32:
		long, err := parse(s, 64)
		if err != nil {
			return 0, err
		}
		if uint64(long) > math.MaxUint32 {
			return 0, badNumber("String value %s exceeds range of unsigned %s.", whole, kind)
		}
		return int64(int32(long)), nil
	}
	// All digits but the last always fit a long when the number fits at all.
	runes := []rune(s)
	head, last := string(runes[:len(runes)-1]), runes[len(runes)-1]
	first, err := parsePart(head, radix, 64)
	if err != nil {
		return 0, err
	}
	digit := digitValue(last, radix)
	if digit < 0 {
		return 0, badNumber("Bad digit at end of %s", whole)
	}
	total := new(big.Int).Mul(big.NewInt(first), big.NewInt(int64(radix)))
	total.Add(total, big.NewInt(int64(digit)))
	if total.BitLen() > 64 {
		return 0, badNumber("String value %s exceeds range of unsigned %s.", whole, kind)
	}
	return int64(total.Uint64()), nil
}

// decodeInteger is Integer.decode: decimal, 0x, # and octal.
func decodeInteger(s string, size int) (int64, error) {
	if s == "" {
		return 0, badNumber("Zero length string")
	}
	digits, sign := s, ""
	if digits[0] == '-' || digits[0] == '+' {
		sign, digits = strings.TrimPrefix(digits[:1], "+"), digits[1:]
	}
	radix := 10
	switch {
	case strings.HasPrefix(digits, "0x"), strings.HasPrefix(digits, "0X"):
		radix, digits = 16, digits[2:]
	case strings.HasPrefix(digits, "#"):
		radix, digits = 16, digits[1:]
	case len(digits) > 1 && digits[0] == '0':
		radix, digits = 8, digits[1:]
	}
	if strings.HasPrefix(digits, "-") || strings.HasPrefix(digits, "+") {
		return 0, badNumber("Sign character in wrong position")
	}
	if digits == "" {
		return 0, numberFormat("", radix)
	}
	return parseInteger(sign+digits, radix, size)
}
