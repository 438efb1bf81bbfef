package value

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

// Offsets and lengths that templates see count UTF-16 units. Text that is ASCII
// needs no conversion, and most text is.

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func unitsOf(s string) []uint16 { return utf16.Encode([]rune(s)) }

func textOf(units []uint16) string { return string(utf16.Decode(units)) }

// Length returns the number of UTF-16 units of s.
func Length(s string) int {
	if isASCII(s) {
		return len(s)
	}
	n := 0
	for _, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// Substring returns the UTF-16 units of s from begin up to end.
func substring(s string, begin, end int) string {
	if isASCII(s) {
		return s[begin:end]
	}
	return textOf(unitsOf(s)[begin:end])
}

// unitOffset returns how many UTF-16 units the first n bytes of s are.
func unitOffset(s string, n int) int {
	if n < 0 {
		return n
	}
	return Length(s[:n])
}

// byteOffset returns the byte offset of the i-th UTF-16 unit of s.
func byteOffset(s string, i int) int {
	for at, r := range s {
		if i <= 0 {
			return at
		}
		i--
		if r > 0xFFFF {
			i--
		}
	}
	return len(s)
}

func compareText(a, b string) int {
	if !isASCII(a) || !isASCII(b) {
		x, y := unitsOf(a), unitsOf(b)
		for i := 0; i < len(x) && i < len(y); i++ {
			if x[i] != y[i] {
				return int(x[i]) - int(y[i])
			}
		}
		return len(x) - len(y)
	}
	for i := 0; i < len(a) && i < len(b); i++ {
		if a[i] != b[i] {
			return int(a[i]) - int(b[i])
		}
	}
	return len(a) - len(b)
}

// foldText maps a rune as Java's case-insensitive comparisons do.
func foldText(s string) string {
	return strings.Map(func(r rune) rune { return unicode.ToLower(unicode.ToUpper(r)) }, s)
}

func isBlank(s string) bool { return strip(s, true, true) == "" }

// javaSpace is Character.isWhitespace.
func javaSpace(r rune) bool {
	switch r {
	case '\u00a0', '\u2007', '\u202f':
		return false
	case '\t', '\n', '\v', '\f', '\r', 0x1c, 0x1d, 0x1e, 0x1f:
		return true
	}
	return unicode.In(r, unicode.Zs, unicode.Zl, unicode.Zp)
}

func strip(s string, leading, trailing bool) string {
	if leading {
		s = strings.TrimLeftFunc(s, javaSpace)
	}
	if trailing {
		s = strings.TrimRightFunc(s, javaSpace)
	}
	return s
}

func bytesOf(s string) *Array {
	items := make([]any, len(s))
	for i := range items {
		items[i] = int32(int8(s[i]))
	}
	return &Array{Type: "[B", Items: items}
}

func charsOf(s string) *Array {
	units := unitsOf(s)
	items := make([]any, len(units))
	for i, u := range units {
		items[i] = Char(u)
	}
	return &Array{Type: "[C", Items: items}
}

// ToUpper is Java's toUpperCase in the root locale.
func ToUpper(s string) string {
	if isASCII(s) {
		return strings.ToUpper(s)
	}
	return cases.Upper(language.Und).String(s)
}

// ToLower is Java's toLowerCase in the root locale.
func ToLower(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	return cases.Lower(language.Und).String(s)
}

func stringIndex(msg string) error {
	return throw("java.lang.StringIndexOutOfBoundsException", msg)
}

// charIndex words the exception of charAt. Text that has but Latin-1 characters
// is kept, and checked, in another way than other text.
func charIndex(s string, i int) error {
	if isLatin(s) {
		return stringIndex("String index out of range: " + strconv.Itoa(i))
	}
	return stringIndex("index " + strconv.Itoa(i) + ", length " + strconv.Itoa(Length(s)))
}

// isLatin reports whether s has but Latin-1 characters.
func isLatin(s string) bool {
	for _, r := range s {
		if r > 0xFF {
			return false
		}
	}
	return true
}

func badRange(begin, end, length int) error {
	return stringIndex("begin " + strconv.Itoa(begin) + ", end " + strconv.Itoa(end) + ", length " + strconv.Itoa(length))
}

func (c *call) onString(s string) (any, bool, error) {
	switch c.name {
	case "length":
		if c.fits() {
			return returns(int32(Length(s)))
		}
	case "isEmpty":
		if c.fits() {
			return returns(s == "")
		}
	case "isBlank":
		if c.fits() {
			return returns(isBlank(s))
		}
	case "charAt":
		if c.fits(anInt) {
			i, n := c.int(0), Length(s)
			if i < 0 || i >= n {
				return thrown(charIndex(s, i))
			}
			if isASCII(s) {
				return returns(Char(s[i]))
			}
			return returns(Char(unitsOf(s)[i]))
		}
	case "codePointAt":
		if c.fits(anInt) {
			i, n := c.int(0), Length(s)
			if i < 0 || i >= n {
				return thrown(stringIndex("index " + strconv.Itoa(i) + ", length " + strconv.Itoa(n)))
			}
			units := unitsOf(s)[i:]
			if len(units) > 1 {
				if r := utf16.DecodeRune(rune(units[0]), rune(units[1])); r != utf8.RuneError {
					return returns(int32(r))
				}
			}
			return returns(int32(units[0]))
		}
	case "codePointBefore":
		if c.fits(anInt) {
			i, n := c.int(0), Length(s)
			if i < 1 || i > n {
				return thrown(stringIndex("String index out of range: " + strconv.Itoa(i)))
			}
			r, _ := utf8.DecodeLastRuneInString(substring(s, 0, i))
			return returns(int32(r))
		}
	case "codePointCount":
		if c.fits(anInt, anInt) {
			begin, end := c.int(0), c.int(1)
			if begin < 0 || begin > end || end > Length(s) {
				return thrown(throw("java.lang.IndexOutOfBoundsException", ""))
			}
			return returns(int32(utf8.RuneCountInString(substring(s, begin, end))))
		}
	case "substring", "subSequence":
		return c.substring(s)
	case "indexOf", "lastIndexOf":
		return c.search(s)
	case "contains":
		if c.fits(aString) {
			part, err := c.string(0)
			return strings.Contains(s, part), true, err
		}
	case "startsWith":
		switch {
		case c.fits(aString):
			prefix, err := c.string(0)
			return strings.HasPrefix(s, prefix), true, err
		case c.fits(aString, anInt):
			i := c.int(1)
			if i < 0 {
				return returns(false)
			}
			prefix, err := c.string(0)
			if err != nil || i > Length(s) {
				return false, true, err
			}
			return strings.HasPrefix(s[byteOffset(s, i):], prefix), true, err
		}
	case "endsWith":
		if c.fits(aString) {
			suffix, err := c.string(0)
			return strings.HasSuffix(s, suffix), true, err
		}
	case "equals":
		if c.fits(anObject) {
			other, ok := c.args[0].(string)
			return returns(ok && s == other)
		}
	case "equalsIgnoreCase":
		if c.fits(aString) {
			other, ok := c.args[0].(string)
			return returns(ok && (s == other || foldText(s) == foldText(other)))
		}
	case "contentEquals":
		if c.fits(aString) {
			other, err := c.string(0)
			return s == other, true, err
		}
	case "compareTo":
		if c.fits(anObject) {
			n, err := Compare(s, c.args[0])
			return int32(n), true, err
		}
	case "compare":
		if c.fits(aString, aString) {
			n, err := Compare(c.args[0], c.args[1])
			return int32(n), true, err
		}
	case "compareToIgnoreCase":
		if c.fits(aString) {
			other, err := c.string(0)
			return int32(compareText(foldText(s), foldText(other))), true, err
		}
	case "concat":
		if c.fits(aString) {
			other, err := c.string(0)
			if len(s)+len(other) > MaxText {
				return thrown(ErrTextTooLong)
			}
			return s + other, true, err
		}
	case "replace":
		switch {
		case c.fits(aString, aString):
			from, err := c.string(0)
			if err != nil {
				return thrown(err)
			}
			to, err := c.string(1)
			if err != nil {
				return thrown(err)
			}
			return replaceAll(s, from, to)
		case c.fits(aChar, aChar):
			return replaceAll(s, c.args[0].(Char).String(), c.args[1].(Char).String())
		}
	case "replaceAll", "replaceFirst", "matches", "split":
		return c.withPattern(s)
	case "toUpperCase":
		if c.fits() {
			return returns(ToUpper(s))
		}
		if c.fits(nullOnly) {
			return thrown(nullPointer())
		}
	case "toLowerCase":
		if c.fits() {
			return returns(ToLower(s))
		}
		if c.fits(nullOnly) {
			return thrown(nullPointer())
		}
	case "transform":
		if c.fits(nullOnly) {
			return thrown(nullPointer())
		}
	case "trim":
		if c.fits() {
			return returns(strings.TrimFunc(s, func(r rune) bool { return r <= ' ' }))
		}
	case "strip", "stripLeading", "stripTrailing":
		if c.fits() {
			return returns(strip(s, c.name != "stripTrailing", c.name != "stripLeading"))
		}
	case "repeat":
		if c.fits(anInt) {
			n := c.int(0)
			if n < 0 {
				return thrown(illegalArgument("count is negative: " + strconv.Itoa(n)))
			}
			if len(s) > 0 && n > MaxText/len(s) {
				return thrown(ErrTextTooLong)
			}
			return returns(strings.Repeat(s, n))
		}
	case "toString", "intern":
		if c.fits() {
			return returns(s)
		}
	case "toCharArray":
		if c.fits() {
			return returns(charsOf(s))
		}
	case "getBytes":
		if c.fits() {
			return returns(bytesOf(s))
		}
		if c.fits(aString) {
			if c.args[0] == nil {
				return returns(nil)
			}
			return encode(s, c.args[0].(string))
		}
		if c.fits(anInt, anInt, aByteArray, anInt) {
			return c.copyUnits(s)
		}
	case "getChars":
		if c.fits(anInt, anInt, aCharArray, anInt) {
			return c.copyUnits(s)
		}
	case "indent":
		if c.fits(anInt) {
			return indent(s, c.int(0))
		}
	case "stripIndent":
		if c.fits() {
			return returns(stripIndent(s))
		}
	case "translateEscapes":
		if c.fits() {
			return translateEscapes(s)
		}
	case "offsetByCodePoints":
		if c.fits(anInt, anInt) {
			at, ok := skipCodePoints(unitsOf(s), c.int(0), c.int(1))
			if !ok {
				return thrown(throw("java.lang.IndexOutOfBoundsException", ""))
			}
			return returns(int32(at))
		}
	case "regionMatches":
		switch {
		case c.fits(anInt, aString, anInt, anInt):
			other, err := c.string(1)
			return regionMatches(false, s, c.int(0), other, c.int(2), c.int(3)), true, err
		case c.fits(aBoolean, anInt, aString, anInt, anInt):
			if n := c.int(4); c.args[0].(bool) && (c.int(3) < 0 || c.int(1) < 0 || c.int(1) > Length(s)-n) {
				return returns(false)
			}
			other, err := c.string(2)
			return regionMatches(c.args[0].(bool), s, c.int(1), other, c.int(3), c.int(4)), true, err
		}
	case "join":
		return c.join()
	case "valueOf", "copyValueOf":
		if c.fits() {
			return returns("")
		}
		if c.name == "valueOf" && c.fits(nullOnly) {
			return returns("null")
		}
		if c.fits(aCharArray) {
			a, ok := c.args[0].(*Array)
			if !ok {
				return thrown(nullPointer())
			}
			return returns(textOf(a.units()))
		}
		if c.fits(aCharArray, anInt, anInt) {
			return c.partOfChars()
		}
		if c.name == "valueOf" && c.fits(anObject) || c.fits(aChar) {
			return returns(ToString(c.args[0]))
		}
	case "format":
		if len(c.args) > 1 && c.args[0] == nil && convertible(c.args[1], aString) {
			// The null is taken for a Locale.
			format, err := c.string(1)
			if err != nil {
				return thrown(err)
			}
			return c.format(format, c.args[2:])
		}
		if len(c.args) > 0 && convertible(c.args[0], aString) {
			format, err := c.string(0)
			if err != nil {
				return thrown(err)
			}
			return c.format(format, c.args[1:])
		}
	case "formatted":
		return c.format(s, c.args)
	}
	return notFound()
}

// format formats. A single array is the list of arguments, as for any method
// with a variable number of them, and a single null stands for none.
func (c *call) format(format string, args []any) (any, bool, error) {
	absent := false
	if len(args) == 1 {
		switch a := args[0].(type) {
		case nil:
			absent = true
		case *Array:
			if a.Type != "[B" && a.Type != "[C" {
				args = a.Items
			}
		}
	}
	text, err := formatText(format, args, absent)
	return text, true, err
}

func replaceAll(s, from, to string) (any, bool, error) {
	n := strings.Count(s, from)
	if n > 0 && len(to) > 0 && n > (MaxText-min(len(s), MaxText))/len(to) {
		return thrown(ErrTextTooLong)
	}
	if from == "" && to != "" && !isASCII(s) {
		// Between the halves of surrogate pairs too.
		var b strings.Builder
		for _, u := range unitsOf(s) {
			b.WriteString(to)
			b.WriteString(textOf([]uint16{u}))
		}
		return returns(b.String() + to)
	}
	return returns(strings.ReplaceAll(s, from, to))
}

func (c *call) substring(s string) (any, bool, error) {
	n := Length(s)
	switch {
	case c.fits(anInt) && c.name == "substring":
		begin := c.int(0)
		switch {
		case begin < 0:
			return thrown(stringIndex("begin " + strconv.Itoa(begin) + ", end " + strconv.Itoa(n) + ", length " + strconv.Itoa(n)))
		case begin > n:
			return thrown(stringIndex("begin " + strconv.Itoa(begin) + ", end " + strconv.Itoa(n) + ", length " + strconv.Itoa(n)))
		}
		return returns(substring(s, begin, n))
	case c.fits(anInt, anInt):
		begin, end := c.int(0), c.int(1)
		if begin < 0 || begin > end || end > n {
			return thrown(badRange(begin, end, n))
		}
		return returns(substring(s, begin, end))
	}
	return notFound()
}

// search is indexOf and lastIndexOf, of a string or a code point.
func (c *call) search(s string) (any, bool, error) {
	last := c.name == "lastIndexOf"
	from := 0
	if last {
		from = Length(s)
	}
	var part string
	switch {
	case c.fits(aString), c.fits(aString, anInt):
		p, err := c.string(0)
		if err != nil {
			return thrown(err)
		}
		part = p
	case c.fits(anInt), c.fits(anInt, anInt):
		if r := rune(c.int(0)); utf8.ValidRune(r) {
			part = string(r)
		} else {
			return returns(int32(-1))
		}
	default:
		return notFound()
	}
	if len(c.args) == 2 {
		from = c.int(1)
	}
	if last {
		if from < 0 {
			return returns(int32(-1))
		}
		end := byteOffset(s, from) + len(part)
		return returns(int32(unitOffset(s, strings.LastIndex(s[:min(end, len(s))], part))))
	}
	start := byteOffset(s, from)
	i := strings.Index(s[start:], part)
	if i < 0 {
		return returns(int32(-1))
	}
	return returns(int32(unitOffset(s, start+i)))
}

func regionMatches(ignoreCase bool, a string, i int, b string, j, n int) bool {
	x, y := unitsOf(a), unitsOf(b)
	if i < 0 || j < 0 || i > len(x)-n || j > len(y)-n {
		return false
	}
	if n <= 0 {
		return true
	}
	p, q := textOf(x[i:i+n]), textOf(y[j:j+n])
	return p == q || ignoreCase && foldText(p) == foldText(q)
}

// join is String.join, of a collection or of the arguments themselves.
func (c *call) join() (any, bool, error) {
	if len(c.args) == 0 || !convertible(c.args[0], aString) || len(c.args) == 2 && c.args[1] == nil {
		return notFound()
	}
	var items []any
	if len(c.args) == 2 && convertible(c.args[1], aCollection) && c.args[1] != nil {
		if c.args[0] == nil {
			return thrown(nullPointer())
		}
		items, _ = c.members(1)
		for _, item := range items {
			if !convertible(item, aString) {
				return thrown(classCast(item, "java.lang.CharSequence"))
			}
		}
	} else if len(c.args) == 2 && convertible(c.args[1], anArray) && c.args[1] != nil {
		items = c.args[1].(*Array).Items
	} else {
		items = c.args[1:]
		for _, item := range items {
			if !convertible(item, aString) {
				return notFound()
			}
		}
	}
	separator, err := c.string(0)
	if err != nil {
		return thrown(err)
	}
	var b strings.Builder
	for i, item := range items {
		if i > 0 {
			b.WriteString(separator)
		}
		b.WriteString(ToString(item))
		if b.Len() > MaxText {
			return thrown(ErrTextTooLong)
		}
	}
	return returns(b.String())
}

func (c *call) onBoolean(b bool) (any, bool, error) {
	switch c.name {
	case "booleanValue":
		if c.fits() {
			return returns(b)
		}
	case "compareTo":
		if c.fits(anObject) {
			n, err := Compare(b, c.args[0])
			return int32(n), true, err
		}
	case "parseBoolean", "valueOf":
		switch {
		case c.fits(aString):
			s, _ := c.args[0].(string)
			return returns(strings.EqualFold(s, "true"))
		case c.name == "valueOf" && c.fits(aBoolean):
			return returns(c.args[0])
		}
	case "toString":
		if c.fits(aBoolean) {
			return returns(ToString(c.args[0]))
		}
	case "hashCode":
		if c.fits(aBoolean) {
			return returns(HashCode(c.args[0]))
		}
	case "compare":
		if c.fits(aBoolean, aBoolean) {
			n, err := Compare(c.args[0], c.args[1])
			return int32(n), true, err
		}
	case "logicalAnd", "logicalOr", "logicalXor":
		if c.fits(aBoolean, aBoolean) {
			x, y := c.args[0].(bool), c.args[1].(bool)
			switch c.name {
			case "logicalAnd":
				return returns(x && y)
			case "logicalOr":
				return returns(x || y)
			}
			return returns(x != y)
		}
	}
	return notFound()
}
