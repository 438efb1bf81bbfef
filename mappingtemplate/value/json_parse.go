package value

import (
	"math"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// ParseJSON parses one JSON value: objects become *Map, arrays *List, integers
// the smallest of int32, int64 and *big.Int, other numbers float64. Of the
// members of an object with one name, the last one counts. An error is a
// *SyntaxError.
func ParseJSON(text string) (any, error) { return parseJSON(text, false) }

// ParseLenientJSON is ParseJSON with the extension that AppSync's template
// results enjoy: a trailing comma in objects and arrays is ignored.
func ParseLenientJSON(text string) (any, error) { return parseJSON(text, true) }

func parseJSON(text string, lenient bool) (any, error) {
	p := jsonParser{text: text, lenient: lenient}
	p.blanks()
	if p.atEnd() {
		return nil, p.failed("Unexpected end-of-input: expected a value", 0)
	}
	switch p.text[p.pos] {
	case ']':
		return nil, p.mismatched('}', "root", -1)
	case '}':
		return nil, p.mismatched(']', "root", -1)
	}
	v, err := p.value(0)
	if err != nil {
		return nil, err
	}
	p.blanks()
	if !p.atEnd() {
		e := p.failed("Trailing characters after the JSON value", 0)
		e.Trailing = true
		return nil, e
	}
	return v, nil
}

// jsonParser reads text as Jackson 2.9 does, with its errors and in its order.
type jsonParser struct {
	text    string
	pos     int
	lenient bool
	// reloads counts how often Jackson would have asked for more text at the
	// end. It shows in the columns of its errors.
	reloads int
	// items are those of the arrays that are open.
	items []any
}

func (p *jsonParser) atEnd() bool { return p.pos >= len(p.text) }

// blanks goes to what follows white space. What is neither white space nor
// expected there, unexpected refuses.
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

// value reads the value at the position, which is not the end.
func (p *jsonParser) value(depth int) (any, error) {
	if depth > maxDepth {
		return nil, p.failed("Document nesting depth ("+strconv.Itoa(depth)+") exceeds the maximum allowed ("+strconv.Itoa(maxDepth)+")", 0)
	}
	switch c := p.text[p.pos]; c {
	case '{':
		return p.object(depth)
	case '[':
		return p.array(depth)
	case '"':
		return p.string("string value")
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return p.number(depth == 0)
	case 't':
		return true, p.word("true", 1)
	case 'f':
		return false, p.word("false", 1)
	case 'n':
		return nil, p.word("null", 1)
	}
	return nil, p.oddValue()
}

func (p *jsonParser) object(depth int) (any, error) {
	const kind = "Object"
	start := p.pos
	p.pos++
	p.blanks()
	if p.atEnd() {
		return nil, p.unclosed(kind, start)
	}
	switch p.text[p.pos] {
	case '}':
		p.pos++
		return &Map{}, nil
	case ']':
		return nil, p.mismatched('}', kind, start)
	}
	var m *Map
	for {
		if p.text[p.pos] != '"' {
			return nil, p.unexpected("was expecting double-quote to start field name")
		}
		name, err := p.string("name")
		if err != nil {
			return nil, err
		}
		p.blanks()
		if p.atEnd() {
			return nil, p.between(kind)
		}
		if p.text[p.pos] != ':' {
			return nil, p.unexpected("was expecting a colon to separate field name and value")
		}
		p.pos++
		p.blanks()
		if p.atEnd() {
			return nil, p.between(kind)
		}
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		p.blanks()
		if p.atEnd() {
			return nil, p.unclosed(kind, start)
		}
		if m == nil {
			// Maps of one member are common: the values of DynamoDB are such.
			room := 4
			if p.text[p.pos] == '}' {
				room = 1
			}
			m = NewMap(room)
		}
		m.Set(name, v)
		switch p.text[p.pos] {
		case ',':
		case '}':
			p.pos++
			return m, nil
		case ']':
			return nil, p.mismatched('}', kind, start)
		default:
			return nil, p.unexpected("was expecting comma to separate Object entries")
		}
		p.pos++
		p.blanks()
		if p.atEnd() {
			return nil, p.between(kind)
		}
		if p.lenient {
			switch p.text[p.pos] {
			case '}':
				p.pos++
				return m, nil
			case ']':
				return nil, p.mismatched('}', kind, start)
			}
		}
	}
}

func (p *jsonParser) array(depth int) (any, error) {
	const kind = "Array"
	start := p.pos
	p.pos++
	p.blanks()
	if p.atEnd() {
		return nil, p.unclosed(kind, start)
	}
	switch p.text[p.pos] {
	case ']':
		p.pos++
		return &List{}, nil
	case '}':
		return nil, p.mismatched(']', kind, start)
	}
	if p.items == nil {
		p.items = make([]any, 0, 16)
	}
	first := len(p.items)
	for {
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		p.items = append(p.items, v)
		p.blanks()
		if p.atEnd() {
			return nil, p.unclosed(kind, start)
		}
		switch p.text[p.pos] {
		case ',':
		case ']':
			p.pos++
			return p.closed(first), nil
		case '}':
			return nil, p.mismatched(']', kind, start)
		default:
			return nil, p.unexpected("was expecting comma to separate Array entries")
		}
		p.pos++
		p.blanks()
		if p.atEnd() {
			return nil, p.between(kind)
		}
		if p.lenient {
			switch p.text[p.pos] {
			case ']':
				p.pos++
				return p.closed(first), nil
			case '}':
				return nil, p.mismatched(']', kind, start)
			}
		}
	}
}

// closed returns the list of the items from first on.
func (p *jsonParser) closed(first int) *List {
	items := p.items[first:]
	l := MakeList(len(items))
	copy(l.Items, items)
	clear(items)
	p.items = p.items[:first]
	return l
}

// string reads a string; what names it in errors.
func (p *jsonParser) string(what string) (string, error) {
	p.pos++
	start := p.pos
	for p.pos < len(p.text) {
		switch c := p.text[p.pos]; {
		case c == '"':
			s := p.text[start:p.pos]
			p.pos++
			return s, nil
		case c == '\\':
			return p.escapedString(start, what)
		case c < 0x20:
			return "", p.unescaped(what)
		default:
			p.pos++
		}
	}
	return "", p.unterminated(what)
}

func (p *jsonParser) escapedString(start int, what string) (string, error) {
	buf := append(make([]byte, 0, 2*(p.pos-start)+16), p.text[start:p.pos]...)
	for p.pos < len(p.text) {
		c := p.text[p.pos]
		switch {
		case c == '"':
			p.pos++
			return string(buf), nil
		case c < 0x20:
			return "", p.unescaped(what)
		case c != '\\':
			buf = append(buf, c)
			p.pos++
			continue
		}
		p.pos++
		if p.atEnd() {
			return "", p.endOfInput(" in character escape sequence")
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
			return "", p.failed("Unrecognized character escape "+charDescription(p.unit()), 1)
		}
		p.pos++
	}
	return "", p.unterminated(what)
}

// hex4 reads the four digits behind a \u whose u is the current byte, and
// leaves the position on the last digit.
func (p *jsonParser) hex4() (rune, error) {
	var r rune
	for range 4 {
		p.pos++
		if p.atEnd() {
			return 0, p.endOfInput(" in character escape sequence")
		}
		switch c := p.text[p.pos]; {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return 0, p.failed("Unexpected character ("+charDescription(p.unit())+"): expected a hex-digit for character escape sequence", 1)
		}
	}
	return r, nil
}

// number reads a number; one at the root must be followed by white space.
func (p *jsonParser) number(root bool) (any, error) {
	start := p.pos
	if p.text[p.pos] == '-' {
		p.pos++
		if p.atEnd() {
			return nil, p.endOfInput("No digit following minus sign")
		}
		if c := p.text[p.pos]; c < '0' || c > '9' {
			return nil, p.noNumber("-")
		}
	}
	zero := p.text[p.pos] == '0'
	if zero {
		p.pos++
		if p.atEnd() {
			p.reloads++
		} else if c := p.text[p.pos]; c >= '0' && c <= '9' {
			return nil, p.failed("Invalid numeric value: Leading zeroes not allowed", 0)
		}
	} else {
		p.digits()
	}
	integer := true
	if !p.atEnd() && p.text[p.pos] == '.' {
		integer = false
		p.pos++
		mark := p.pos
		if p.digits() == 0 {
			return nil, p.noDigits("Decimal point not followed by a digit", mark, zero)
		}
	}
	if !p.atEnd() && p.text[p.pos]|0x20 == 'e' {
		mark := p.pos + 1
		if !integer {
			// Jackson's pointer stays where the fraction began.
			mark = start + decimalPoint(p.text[start:]) + 1
		}
		integer = false
		p.pos++
		if !p.atEnd() && (p.text[p.pos] == '+' || p.text[p.pos] == '-') {
			p.pos++
		}
		if p.atEnd() {
			return nil, p.endOfInput("expected a digit for number exponent")
		}
		if p.digits() == 0 {
			return nil, p.noDigits("Exponent indicator not followed by a digit", mark, zero)
		}
	}
	if p.atEnd() {
		p.reloads++
	} else if root {
		switch p.text[p.pos] {
		case ' ', '\t', '\n', '\r':
		default:
			return nil, p.failed("Unexpected character ("+charDescription(p.unit())+"): Expected space separating root-level values", 1)
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
		return nil, p.failed("Invalid numeric value '"+text+"'", 0)
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

// word reads one of the words that are values, of which matched bytes are known
// to be there.
func (p *jsonParser) word(w string, matched int) error {
	start := p.pos
	p.pos += matched
	for i := matched; i < len(w); i++ {
		if p.atEnd() {
			p.reloads++
			return p.unrecognized(start, "'null', 'true', 'false' or NaN")
		}
		if p.text[p.pos] != w[i] {
			return p.unrecognized(start, "'null', 'true', 'false' or NaN")
		}
		p.pos++
	}
	if p.atEnd() {
		p.reloads++
		return nil
	}
	if c := p.text[p.pos]; c >= '0' && c != ']' && c != '}' && isJavaIdentifierPart(p.unit()) {
		return p.unrecognized(start, "'null', 'true', 'false' or NaN")
	}
	return nil
}
