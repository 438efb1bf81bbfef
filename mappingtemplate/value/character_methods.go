package value

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// onChar calls the methods of Character. Nearly all are static, which Velocity
// finds on an instance, and take the character or code point to look at.
func (c *call) onChar(ch Char) (any, bool, error) {
	switch c.name {
	case "charValue":
		if c.fits() {
			return returns(ch)
		}
	case "compareTo":
		if c.fits(anObject) {
			n, err := Compare(ch, c.args[0])
			return int32(n), true, err
		}
	case "compare":
		if c.fits(aChar, aChar) {
			return returns(int32(c.args[0].(Char)) - int32(c.args[1].(Char)))
		}
	case "isSurrogatePair":
		if c.fits(aChar, aChar) {
			return returns(utf16.DecodeRune(c.rune(0), c.rune(1)) != utf8.RuneError)
		}
	case "toCodePoint":
		if c.fits(aChar, aChar) {
			return returns((c.rune(0) << 10) + c.rune(1) + (0x10000 - (0xD800 << 10) - 0xDC00))
		}
	case "digit":
		if c.fits(aChar, anInt) || c.fits(anInt, anInt) {
			return returns(int32(digitValue(c.rune(0), c.int(1))))
		}
	case "forDigit":
		if c.fits(anInt, anInt) {
			digit, radix := c.int(0), c.int(1)
			if radix < 2 || radix > 36 || digit < 0 || digit >= radix {
				return returns(Char(0))
			}
			return returns(Char("0123456789abcdefghijklmnopqrstuvwxyz"[digit]))
		}
	case "codePointAt", "codePointBefore", "codePointCount", "offsetByCodePoints":
		return c.codePoints()
	case "toChars":
		return c.toChars()
	}
	switch {
	case c.fits(aChar):
		return c.onCodePoint(c.rune(0), true)
	case c.fits(anInt):
		return c.onCodePoint(c.rune(0), false)
	}
	return notFound()
}

// rune returns an argument that fits a char or an int.
func (c *call) rune(i int) rune {
	if ch, ok := c.args[i].(Char); ok {
		return rune(ch)
	}
	return c.args[i].(int32)
}

// onCodePoint calls the methods with one parameter, which is a char or a code
// point.
func (c *call) onCodePoint(r rune, isChar bool) (any, bool, error) {
	switch c.name {
	case "toUpperCase", "toLowerCase", "toTitleCase":
		to := map[string]func(rune) rune{"toUpperCase": unicode.ToUpper, "toLowerCase": unicode.ToLower, "toTitleCase": unicode.ToTitle}[c.name](r)
		if isChar {
			return returns(Char(to))
		}
		return returns(to)
	case "getNumericValue":
		return returns(int32(numericValue(r)))
	case "getType":
		return returns(categoryOf(r))
	}
	if test := characterTest(c.name); test != nil {
		return returns(test(r))
	}
	if isChar {
		return c.onCharOnly(Char(r))
	}
	return c.onCodePointOnly(r)
}

func (c *call) onCharOnly(ch Char) (any, bool, error) {
	switch c.name {
	case "valueOf":
		return returns(ch)
	case "toString":
		return returns(ch.String())
	case "hashCode":
		return returns(int32(ch))
	case "reverseBytes":
		return returns(ch<<8 | ch>>8)
	case "isHighSurrogate":
		return returns(ch >= 0xD800 && ch < 0xDC00)
	case "isLowSurrogate":
		return returns(ch >= 0xDC00 && ch < 0xE000)
	case "isSurrogate":
		return returns(utf16.IsSurrogate(rune(ch)))
	case "isSpace":
		return returns(ch <= ' ' && strings.ContainsRune(" \t\n\f\r", rune(ch)))
	case "isJavaLetter":
		return returns(isIdentifierStart(rune(ch)))
	case "isJavaLetterOrDigit":
		return returns(isIdentifierPart(rune(ch)))
	}
	return notFound()
}

func (c *call) onCodePointOnly(r rune) (any, bool, error) {
	switch c.name {
	case "toString":
		if !isCodePoint(r) {
			return thrown(badCodePoint(r))
		}
		return returns(string(r))
	case "charCount":
		if r >= 0x10000 {
			return returns(int32(2))
		}
		return returns(int32(1))
	case "highSurrogate":
		return returns(Char(uint32(r)>>10 + (0xD800 - 0x10000>>10)))
	case "lowSurrogate":
		return returns(Char(r&0x3FF + 0xDC00))
	case "isValidCodePoint":
		return returns(isCodePoint(r))
	case "isBmpCodePoint":
		return returns(r>>16 == 0)
	case "isSupplementaryCodePoint":
		return returns(r >= 0x10000 && isCodePoint(r))
	case "isIdeographic":
		return returns(unicode.Is(unicode.Ideographic, r))
	case "isAlphabetic":
		return returns(unicode.IsLetter(r) || unicode.In(r, unicode.Nl, unicode.Other_Alphabetic))
	}
	return notFound()
}

func isCodePoint(r rune) bool { return r >= 0 && r <= unicode.MaxRune }

func badCodePoint(r rune) error {
	return illegalArgument(fmt.Sprintf("Not a valid Unicode code point: 0x%X", uint32(r)))
}

// characterTest returns the test that Character has for chars and code points
// under a name.
func characterTest(name string) func(rune) bool {
	switch name {
	case "isDigit":
		return unicode.IsDigit
	case "isLetter":
		return unicode.IsLetter
	case "isLetterOrDigit":
		return func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	case "isUpperCase":
		return func(r rune) bool { return unicode.In(r, unicode.Lu, unicode.Other_Uppercase) }
	case "isLowerCase":
		return func(r rune) bool { return unicode.In(r, unicode.Ll, unicode.Other_Lowercase) }
	case "isTitleCase":
		return unicode.IsTitle
	case "isWhitespace":
		return javaSpace
	case "isSpaceChar":
		return func(r rune) bool { return unicode.In(r, unicode.Zs, unicode.Zl, unicode.Zp) }
	case "isISOControl":
		return func(r rune) bool { return r >= 0 && r <= 0x1F || r >= 0x7F && r <= 0x9F }
	case "isDefined":
		return func(r rune) bool { return categoryOf(r) != 0 }
	case "isIdentifierIgnorable":
		return isIgnorable
	case "isJavaIdentifierStart":
		return isIdentifierStart
	case "isJavaIdentifierPart":
		return isIdentifierPart
	case "isUnicodeIdentifierStart":
		return isUnicodeStart
	case "isUnicodeIdentifierPart":
		return func(r rune) bool {
			return isUnicodeStart(r) || isIgnorable(r) ||
				unicode.In(r, unicode.Pc, unicode.Nd, unicode.Mc, unicode.Mn, unicode.Other_ID_Continue)
		}
	}
	return nil
}

func isIgnorable(r rune) bool {
	return r >= 0 && r <= 8 || r >= 0xE && r <= 0x1B || r >= 0x7F && r <= 0x9F || unicode.Is(unicode.Cf, r)
}

func isIdentifierStart(r rune) bool {
	return unicode.In(r, unicode.L, unicode.Nl, unicode.Sc, unicode.Pc)
}

func isIdentifierPart(r rune) bool {
	return isIdentifierStart(r) || isIgnorable(r) || unicode.In(r, unicode.Nd, unicode.Mc, unicode.Mn)
}

func isUnicodeStart(r rune) bool {
	return unicode.In(r, unicode.L, unicode.Nl, unicode.Other_ID_Start)
}

// categoryOf is Character.getType; 0 is an unassigned code point.
func categoryOf(r rune) int32 {
	categories := [...]*unicode.RangeTable{
		1: unicode.Lu, 2: unicode.Ll, 3: unicode.Lt, 4: unicode.Lm, 5: unicode.Lo,
		6: unicode.Mn, 7: unicode.Me, 8: unicode.Mc, 9: unicode.Nd, 10: unicode.Nl, 11: unicode.No,
		12: unicode.Zs, 13: unicode.Zl, 14: unicode.Zp, 15: unicode.Cc, 16: unicode.Cf,
		18: unicode.Co, 19: unicode.Cs, 20: unicode.Pd, 21: unicode.Ps, 22: unicode.Pe, 23: unicode.Pc, 24: unicode.Po,
		25: unicode.Sm, 26: unicode.Sc, 27: unicode.Sk, 28: unicode.So, 29: unicode.Pi, 30: unicode.Pf,
	}
	for i, table := range categories {
		if table != nil && unicode.Is(table, r) {
			return int32(i)
		}
	}
	return 0
}

// digitValue is Character.digit: the decimal digits of all scripts, and Latin
// letters, also those of full width.
func digitValue(r rune, radix int) int {
	if radix < 2 || radix > 36 {
		return -1
	}
	v := decimalDigit(r)
	if v < 0 {
		v = letterDigit(r)
	}
	if v >= radix {
		return -1
	}
	return v
}

func letterDigit(r rune) int {
	switch {
	case r >= 'a' && r <= 'z':
		return int(r-'a') + 10
	case r >= 'A' && r <= 'Z':
		return int(r-'A') + 10
	case r >= 'ａ' && r <= 'ｚ':
		return int(r-'ａ') + 10
	case r >= 'Ａ' && r <= 'Ｚ':
		return int(r-'Ａ') + 10
	}
	return -1
}

// decimalDigit returns the value of a decimal digit of any script, or -1. The
// digits of a script are ten code points in a row.
func decimalDigit(r rune) int {
	if r >= '0' && r <= '9' {
		return int(r - '0')
	}
	for _, t := range unicode.Nd.R16 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return int(r-rune(t.Lo)) % 10
		}
	}
	for _, t := range unicode.Nd.R32 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return int(r-rune(t.Lo)) % 10
		}
	}
	return -1
}

// numericValue is Character.getNumericValue, for digits and Latin letters.
func numericValue(r rune) int {
	if v := digitValue(r, 36); v >= 0 {
		return v
	}
	// What has a number that is no whole one, or below zero, is -2.
	if strings.ContainsRune("¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞", r) {
		return -2
	}
	switch {
	case r == '²' || r == '³':
		return int(r-'²') + 2
	case r == '¹':
		return 1
	case r == '⁰' || r >= '⁴' && r <= '⁹':
		return int(r - '⁰')
	case r >= '₀' && r <= '₉':
		return int(r - '₀')
	case r >= 'Ⅰ' && r <= 'Ⅻ':
		return int(r-'Ⅰ') + 1
	case r >= 'ⅰ' && r <= 'ⅻ':
		return int(r-'ⅰ') + 1
	case r >= '①' && r <= '⑳':
		return int(r-'①') + 1
	}
	return -1
}

// toChars is Character.toChars, into a new array or a given one.
func (c *call) toChars() (any, bool, error) {
	switch {
	case c.fits(anInt), c.fits(anInt, aCharArray, anInt):
	default:
		return notFound()
	}
	r := c.rune(0)
	units := []uint16{uint16(r)}
	switch {
	case !isCodePoint(r):
		return thrown(badCodePoint(r))
	case r >= 0x10000:
		high, low := utf16.EncodeRune(r)
		units = []uint16{uint16(high), uint16(low)}
	}
	if len(c.args) == 1 {
		items := make([]any, len(units))
		for i, u := range units {
			items[i] = Char(u)
		}
		return returns(&Array{Type: "[C", Items: items})
	}
	to, ok := c.args[1].(*Array)
	if !ok {
		return thrown(nullPointer())
	}
	// The second half of a pair is written first.
	for i := len(units) - 1; i >= 0; i-- {
		at := c.int(2) + i
		if at < 0 || at >= len(to.Items) {
			return thrown(arrayIndex(at, len(to.Items)))
		}
		to.Items[at] = Char(units[i])
	}
	return returns(int32(len(units)))
}

// codePoints calls the methods of Character that look into a text or an array
// of chars.
func (c *call) codePoints() (any, bool, error) {
	if len(c.args) < 2 {
		return notFound()
	}
	var units []uint16
	isText := convertible(c.args[0], aString)
	switch a := c.args[0].(type) {
	case nil:
		return c.codePointsOfNull()
	case string:
		units = unitsOf(a)
	case *Array:
		if a.Type != "[C" {
			return notFound()
		}
		units = a.units()
	default:
		return notFound()
	}
	for _, arg := range c.args[1:] {
		if !convertible(arg, anInt) {
			return notFound()
		}
	}
	n := make([]int, len(c.args))
	for i := range c.args[1:] {
		n[i+1] = c.int(i + 1)
	}
	outOfRange := func() (any, bool, error) {
		return thrown(throw("java.lang.IndexOutOfBoundsException", ""))
	}
	switch {
	case c.name == "codePointAt" && len(n) == 2:
		if n[1] < 0 || n[1] >= len(units) {
			return thrown(c.badIndex(isText, n[1], units))
		}
		return returns(codePointAt(units, n[1], len(units)))
	case c.name == "codePointAt" && len(n) == 3 && !isText:
		if n[1] >= n[2] || n[2] < 0 || n[2] > len(units) {
			return outOfRange()
		}
		if n[1] < 0 {
			return thrown(arrayIndex(n[1], len(units)))
		}
		return returns(codePointAt(units, n[1], n[2]))
	case c.name == "codePointBefore" && len(n) == 2:
		if n[1] < 1 || n[1] > len(units) {
			return thrown(c.badIndex(isText, n[1]-1, units))
		}
		return returns(codePointBefore(units, n[1], 0))
	case c.name == "codePointBefore" && len(n) == 3 && !isText:
		if n[1] <= n[2] || n[2] < 0 || n[2] >= len(units) {
			return outOfRange()
		}
		if n[1] > len(units) {
			return thrown(arrayIndex(n[1]-1, len(units)))
		}
		return returns(codePointBefore(units, n[1], n[2]))
	case c.name == "codePointCount" && len(n) == 3:
		from, to := n[1], n[2]
		if !isText {
			to += from
		}
		if from < 0 || to < from || to > len(units) {
			return outOfRange()
		}
		return returns(countCodePoints(units[from:to]))
	case c.name == "offsetByCodePoints" && len(n) == 3 && isText:
		if at, ok := skipCodePoints(units, n[1], n[2]); ok {
			return returns(int32(at))
		}
		return outOfRange()
	case c.name == "offsetByCodePoints" && len(n) == 5 && !isText:
		start, count := n[1], n[2]
		if start < 0 || count < 0 || count > len(units)-start || n[3] < start || n[3] > start+count {
			return outOfRange()
		}
		if at, ok := skipCodePoints(units[start:start+count], n[3]-start, n[4]); ok {
			return returns(int32(start + at))
		}
		return outOfRange()
	}
	return notFound()
}

// codePointsOfNull looks into null. With two arguments, or for counting, it can
// be a text as well as an array, and Velocity finds no method.
func (c *call) codePointsOfNull() (any, bool, error) {
	switch {
	case c.name == "codePointAt" && c.fits(aCharArray, anInt, anInt):
		if c.int(1) >= c.int(2) || c.int(2) < 0 {
			return thrown(throw("java.lang.IndexOutOfBoundsException", ""))
		}
	case c.name == "codePointBefore" && c.fits(aCharArray, anInt, anInt):
		if c.int(1) <= c.int(2) || c.int(2) < 0 {
			return thrown(throw("java.lang.IndexOutOfBoundsException", ""))
		}
	case c.name == "offsetByCodePoints" && (c.fits(aString, anInt, anInt) || c.fits(aCharArray, anInt, anInt, anInt, anInt)):
	default:
		return notFound()
	}
	return thrown(nullPointer())
}

func (c *call) badIndex(isText bool, i int, units []uint16) error {
	if isText {
		return charIndex(textOf(units), i)
	}
	return arrayIndex(i, len(units))
}

// units returns the chars of a char[].
func (a *Array) units() []uint16 {
	units := make([]uint16, 0, len(a.Items))
	for _, item := range a.Items {
		if ch, ok := item.(Char); ok {
			units = append(units, uint16(ch))
		}
	}
	return units
}

// codePointAt returns the code point that begins at units[i] and ends before
// limit.
func codePointAt(units []uint16, i, limit int) int32 {
	if i+1 < limit {
		if r := utf16.DecodeRune(rune(units[i]), rune(units[i+1])); r != utf8.RuneError {
			return r
		}
	}
	return int32(units[i])
}

// codePointBefore returns the code point that ends before units[i] and begins
// at or after start.
func codePointBefore(units []uint16, i, start int) int32 {
	if i-2 >= start {
		if r := utf16.DecodeRune(rune(units[i-2]), rune(units[i-1])); r != utf8.RuneError {
			return r
		}
	}
	return int32(units[i-1])
}

func countCodePoints(units []uint16) int32 {
	n := int32(0)
	for i := 0; i < len(units); n++ {
		if codePointAt(units, i, len(units)) >= 0x10000 {
			i++
		}
		i++
	}
	return n
}

// skipCodePoints returns the index that is n code points after index, or before
// it. It reports false when the text ends before.
func skipCodePoints(units []uint16, index, n int) (int, bool) {
	if index < 0 || index > len(units) {
		return 0, false
	}
	for ; n > 0; n-- {
		if index >= len(units) {
			return 0, false
		}
		if codePointAt(units, index, len(units)) >= 0x10000 {
			index++
		}
		index++
	}
	for ; n < 0; n++ {
		if index <= 0 {
			return 0, false
		}
		if codePointBefore(units, index, 0) >= 0x10000 {
			index--
		}
		index--
	}
	return index, true
}
