package value

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// AppendJSON appends v as compact JSON text in the form in which Jackson writes
// it: no escaping of HTML characters, keys in insertion order, doubles in
// Java's notation. What nests deeper than 1000 levels, as a map that holds
// itself does, becomes null, and members beyond 64 MB are left out.
func AppendJSON(dst []byte, v any) []byte { return appendJSON(dst, v, 0, len(dst)+maxPrinted) }

func appendJSON(dst []byte, v any, depth, limit int) []byte {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...)
	case bool:
		return strconv.AppendBool(dst, v)
	case string:
		return AppendJSONString(dst, v)
	case int32:
		return strconv.AppendInt(dst, int64(v), 10)
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case *big.Int:
		return v.Append(dst, 10)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			// Jackson quotes the numbers that JSON cannot express.
			return AppendJSONString(dst, FormatDouble(v))
		}
		return append(dst, FormatDouble(v)...)
	case Decimal:
		return append(dst, v...)
	case *List:
		return appendJSONArray(dst, v.Items, depth, limit)
	case *Set:
		return appendJSONArray(dst, v.Members(), depth, limit)
	case *Array:
		return appendJSONArray(dst, v.Items, depth, limit)
	case *Entry:
		dst = append(dst, '{')
		dst = AppendJSONString(dst, ToString(v.Key))
		dst = append(dst, ':')
		dst = appendJSON(dst, v.Current(), depth+1, limit)
		return append(dst, '}')
	case *Map:
		if depth > maxDepth {
			return append(dst, "null"...)
		}
		dst = append(dst, '{')
		for i := 0; i < v.Len() && len(dst) < limit; i++ {
			if i > 0 {
				dst = append(dst, ',')
			}
			k, item := v.NameAt(i)
			dst = AppendJSONString(dst, k)
			dst = append(dst, ':')
			dst = appendJSON(dst, item, depth+1, limit)
		}
		return append(dst, '}')
	default:
		return AppendJSONString(dst, ToString(v))
	}
}

func appendJSONArray(dst []byte, items []any, depth, limit int) []byte {
	if depth > maxDepth {
		return append(dst, "null"...)
	}
	dst = append(dst, '[')
	for i, item := range items {
		if len(dst) >= limit {
			break
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendJSON(dst, item, depth+1, limit)
	}
	return append(dst, ']')
}

// JSON returns v as compact JSON text. See AppendJSON.
func JSON(v any) string { return string(AppendJSON(nil, v)) }

const hexDigits = "0123456789ABCDEF"

// AppendJSONString appends s as a JSON string. Bytes that are not UTF-8 become
// the replacement character.
func AppendJSONString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r != utf8.RuneError || size != 1 {
				i += size
				continue
			}
			dst = append(dst, s[start:i]...)
			dst = append(dst, "\uFFFD"...)
			i++
			start = i
			continue
		}
		dst = append(dst, s[start:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		case '\b':
			dst = append(dst, '\\', 'b')
		case '\f':
			dst = append(dst, '\\', 'f')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		i++
		start = i
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

// SyntaxError says where text stops being JSON. Line and Column count from 1;
// Offset is in bytes.
type SyntaxError struct {
	Msg    string
	Offset int
	Line   int
	Column int
	// Trailing is set when a complete value is followed by more text.
	Trailing bool
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s at line %d, column %d", e.Msg, e.Line, e.Column)
}

// maxDepth bounds the nesting of JSON text, so that hostile text cannot exhaust
// the stack. Jackson's own bound is 1000.
const maxDepth = 1000

// ParseJSON parses one JSON value: objects become *Map, arrays *List, integers
// the smallest of int32, int64 and *big.Int, other numbers float64. An error is
// a *SyntaxError.
func ParseJSON(text string) (any, error) { return parseJSON(text, false) }

// ParseLenientJSON is ParseJSON with the extension that AppSync's template
// results enjoy: a trailing comma in objects and arrays is ignored.
func ParseLenientJSON(text string) (any, error) { return parseJSON(text, true) }

func parseJSON(text string, lenient bool) (v any, err error) {
	p := jsonParser{text: text, lenient: lenient}
	p.blanks()
	v, err = p.value(0)
	if err != nil {
		return nil, err
	}
	p.blanks()
	if p.pos < len(text) {
		e := p.fail("Trailing characters after the JSON value")
		e.Trailing = true
		return nil, e
	}
	return v, nil
}

type jsonParser struct {
	text    string
	pos     int
	lenient bool
}

func (p *jsonParser) fail(format string, args ...any) *SyntaxError {
	e := &SyntaxError{Msg: fmt.Sprintf(format, args...), Offset: p.pos, Line: 1, Column: 1}
	for i := 0; i < p.pos && i < len(p.text); i++ {
		if p.text[i] == '\n' {
			e.Line++
			e.Column = 1
		} else {
			e.Column++
		}
	}
	return e
}

// unexpected words the error as Jackson does, whose text AppSync passes on.
func (p *jsonParser) unexpected(want string) *SyntaxError {
	if p.pos >= len(p.text) {
		return p.fail("Unexpected end-of-input: %s", want)
	}
	r, _ := utf8.DecodeRuneInString(p.text[p.pos:])
	e := p.fail("Unexpected character ('%c' (code %d)): %s", r, r, want)
	e.Column++ // Jackson points behind the character that it has read.
	return e
}

func (p *jsonParser) blanks() {
	for p.pos < len(p.text) {
		switch p.text[p.pos] {
		case ' ', '\t', '\n', '\r':
			p.pos++
		default:
			return
		}
	}
}

const wantValue = "expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"

func (p *jsonParser) value(depth int) (any, error) {
	if depth > maxDepth {
		return nil, p.fail("Document nesting depth (%d) exceeds the maximum allowed (%d)", depth, maxDepth)
	}
	if p.pos >= len(p.text) {
		return nil, p.unexpected(wantValue)
	}
	switch c := p.text[p.pos]; {
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.array(depth)
	case c == '"':
		return p.string()
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	case c == 't':
		return true, p.word("true")
	case c == 'f':
		return false, p.word("false")
	case c == 'n':
		return nil, p.word("null")
	default:
		return nil, p.unexpected(wantValue)
	}
}

func (p *jsonParser) word(w string) error {
	if len(p.text)-p.pos >= len(w) && p.text[p.pos:p.pos+len(w)] == w {
		end := p.pos + len(w)
		if end == len(p.text) || !isWordByte(p.text[end]) {
			p.pos = end
			return nil
		}
	}
	end := p.pos
	for end < len(p.text) && isWordByte(p.text[end]) {
		end++
	}
	return p.fail("Unrecognized token '%s': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')", p.text[p.pos:end])
}

func isWordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func (p *jsonParser) object(depth int) (any, error) {
	p.pos++
	m := &Map{}
	for {
		p.blanks()
		if p.pos < len(p.text) && p.text[p.pos] == '}' && (m.Len() == 0 || p.lenient) {
			p.pos++
			return m, nil
		}
		if p.pos >= len(p.text) || p.text[p.pos] != '"' {
			return nil, p.unexpected("was expecting double-quote to start field name")
		}
		k, err := p.string()
		if err != nil {
			return nil, err
		}
		p.blanks()
		if p.pos >= len(p.text) || p.text[p.pos] != ':' {
			return nil, p.unexpected("was expecting a colon to separate field name and value")
		}
		p.pos++
		p.blanks()
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		m.Set(k, v)
		p.blanks()
		if p.pos < len(p.text) && p.text[p.pos] == ',' {
			p.pos++
			continue
		}
		if p.pos < len(p.text) && p.text[p.pos] == '}' {
			p.pos++
			return m, nil
		}
		return nil, p.unexpected("was expecting comma to separate Object entries")
	}
}

func (p *jsonParser) array(depth int) (any, error) {
	p.pos++
	l := &List{}
	for {
		p.blanks()
		if p.pos < len(p.text) && p.text[p.pos] == ']' && (len(l.Items) == 0 || p.lenient) {
			p.pos++
			return l, nil
		}
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		l.Items = append(l.Items, v)
		p.blanks()
		if p.pos < len(p.text) && p.text[p.pos] == ',' {
			p.pos++
			continue
		}
		if p.pos < len(p.text) && p.text[p.pos] == ']' {
			p.pos++
			return l, nil
		}
		return nil, p.unexpected("was expecting comma to separate Array entries")
	}
}

func (p *jsonParser) string() (string, error) {
	p.pos++
	start := p.pos
	for p.pos < len(p.text) {
		switch c := p.text[p.pos]; {
		case c == '"':
			s := p.text[start:p.pos]
			p.pos++
			return s, nil
		case c == '\\':
			return p.escapedString(start)
		case c < 0x20:
			return "", p.fail("Illegal unquoted character ((CTRL-CHAR, code %d)): has to be escaped using backslash to be included in string value", c)
		default:
			p.pos++
		}
	}
	return "", p.fail("Unexpected end-of-input: was expecting closing quote for a string value")
}

func (p *jsonParser) escapedString(start int) (string, error) {
	buf := append(make([]byte, 0, 2*(p.pos-start)+16), p.text[start:p.pos]...)
	for p.pos < len(p.text) {
		c := p.text[p.pos]
		switch {
		case c == '"':
			p.pos++
			return string(buf), nil
		case c < 0x20:
			return "", p.fail("Illegal unquoted character ((CTRL-CHAR, code %d)): has to be escaped using backslash to be included in string value", c)
		case c != '\\':
			buf = append(buf, c)
			p.pos++
			continue
		}
		p.pos++
		if p.pos >= len(p.text) {
			break
		}
		switch e := p.text[p.pos]; e {
		case '"', '\\', '/':
			buf = append(buf, e)
		case 'n':
			buf = append(buf, '\n')
		case 't':
			buf = append(buf, '\t')
		case 'r':
			buf = append(buf, '\r')
		case 'b':
			buf = append(buf, '\b')
		case 'f':
			buf = append(buf, '\f')
		case 'u':
			r, err := p.hex4()
			if err != nil {
				return "", err
			}
			if utf16.IsSurrogate(r) && p.pos+2 < len(p.text) && p.text[p.pos+1] == '\\' && p.text[p.pos+2] == 'u' {
				save := p.pos
				p.pos += 2
				low, err := p.hex4()
				if err != nil {
					return "", err
				}
				if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
					r = pair
				} else {
					p.pos = save
				}
			}
			buf = utf8.AppendRune(buf, r)
		default:
			r, _ := utf8.DecodeRuneInString(p.text[p.pos:])
			return "", p.fail("Unrecognized character escape '%c' (code %d)", r, r)
		}
		p.pos++
	}
	return "", p.fail("Unexpected end-of-input: was expecting closing quote for a string value")
}

// hex4 reads the four digits behind a \u whose u is the current byte, and
// leaves the position on the last digit.
func (p *jsonParser) hex4() (rune, error) {
	if p.pos+4 >= len(p.text) {
		return 0, p.fail("Unexpected end-of-input: in character escape sequence")
	}
	n, err := strconv.ParseUint(p.text[p.pos+1:p.pos+5], 16, 16)
	if err != nil {
		return 0, p.fail("Unexpected character in \\u escape: expected a hex-digit for character escape sequence")
	}
	p.pos += 4
	return rune(n), nil
}

func (p *jsonParser) number() (any, error) {
	start := p.pos
	if p.text[p.pos] == '-' {
		p.pos++
	}
	digits := p.digits()
	if digits == 0 {
		return nil, p.unexpected("expected digit (0-9) to follow minus sign, for valid numeric value")
	}
	if first := p.text[p.pos-digits]; first == '0' && digits > 1 {
		p.pos -= digits
		return nil, p.fail("Invalid numeric value: Leading zeroes not allowed")
	}
	integer := true
	if p.pos < len(p.text) && p.text[p.pos] == '.' {
		integer = false
		p.pos++
		if p.digits() == 0 {
			return nil, p.unexpected("Decimal point not followed by a digit")
		}
	}
	if p.pos < len(p.text) && (p.text[p.pos] == 'e' || p.text[p.pos] == 'E') {
		integer = false
		p.pos++
		if p.pos < len(p.text) && (p.text[p.pos] == '+' || p.text[p.pos] == '-') {
			p.pos++
		}
		if p.digits() == 0 {
			return nil, p.unexpected("Exponent indicator not followed by a digit")
		}
	}
	text := p.text[start:p.pos]
	if integer {
		if n, ok := integerText(text); ok {
			return n, nil
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil && !math.IsInf(f, 0) {
		return nil, p.fail("Invalid numeric value '%s'", text)
	}
	return f, nil
}

func (p *jsonParser) digits() int {
	n := 0
	for p.pos < len(p.text) && p.text[p.pos] >= '0' && p.text[p.pos] <= '9' {
		p.pos++
		n++
	}
	return n
}
