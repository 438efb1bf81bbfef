package value

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// SyntaxError says where text stops being JSON.
type SyntaxError struct {
	// Msg is what is wrong, in the words of Jackson 2.9.
	Msg string
	// Offset is in bytes. Line and Column count from 1, the column in UTF-16
	// units. They are where Jackson's pointer stands: behind a character that it
	// has read and refuses.
	Offset int
	Line   int
	Column int
	// Trailing is set when a complete value is followed by more text.
	Trailing bool

	// label goes before the place of the bracket that is not closed, or closed
	// wrongly; it is empty for other errors.
	label                string
	openLine, openColumn int
	// reloads is jsonParser's.
	reloads int
}

func (e *SyntaxError) Error() string {
	msg := e.Msg
	if e.label != "" {
		msg += " (" + e.label + " at line " + strconv.Itoa(e.openLine) + ", column " + strconv.Itoa(e.openColumn) + ")"
	}
	return msg + " at line " + strconv.Itoa(e.Line) + ", column " + strconv.Itoa(e.Column)
}

// Jackson words the error as Jackson 2.9 does for text that it was given as a
// String: with its beginning, and the place in it. At the end of the text that
// version counts the columns of the text once more each time it asks for more.
func (e *SyntaxError) Jackson(text string) string {
	n := utf16Len(text)
	source := sourceDescription(text, n)
	if n > stringReaderFrom {
		n = (n-1)%readerBuffer + 1
	}
	var b strings.Builder
	b.WriteString(e.Msg)
	if e.label != "" {
		b.WriteString(" (")
		b.WriteString(e.label)
		b.WriteString(" at ")
		writeLocation(&b, source, e.openLine, e.openColumn)
		b.WriteByte(')')
	}
	b.WriteString("\n at ")
	writeLocation(&b, source, e.Line, e.Column+n*e.reloads)
	return b.String()
}

const (
	// maxSnippet is how much of its input Jackson quotes, in UTF-16 units.
	maxSnippet = 500
	// stringReaderFrom is the length from which Jackson reads a String through
	// a StringReader, of which it quotes nothing, and readerBuffer how much it
	// reads at once.
	stringReaderFrom = 0x8000
	readerBuffer     = 4000
)

func sourceDescription(text string, units int) string {
	if units > stringReaderFrom {
		return "(StringReader)"
	}
	if units <= maxSnippet {
		return `(String)"` + text + `"`
	}
	return `(String)"` + utf16Prefix(text, maxSnippet) + `"[truncated ` + strconv.Itoa(units-maxSnippet) + ` chars]`
}

func writeLocation(b *strings.Builder, source string, line, column int) {
	b.WriteString("[Source: ")
	b.WriteString(source)
	b.WriteString("; line: ")
	b.WriteString(strconv.Itoa(line))
	b.WriteString(", column: ")
	b.WriteString(strconv.Itoa(column))
	b.WriteByte(']')
}

// place returns the line and column of the text behind offset bytes and some
// more units. Line ends are those before the byte at limit.
func place(text string, offset, limit int) (line, column int) {
	line, start := 1, 0
	for i := 0; i < limit; i++ {
		switch text[i] {
		case '\r':
			if i+1 < limit && text[i+1] == '\n' {
				continue
			}
		case '\n':
		default:
			continue
		}
		line++
		start = i + 1
	}
	return line, utf16Len(text[start:offset]) + 1
}

// failed makes an error at the position; read is the number of UTF-16 units
// from there on that Jackson has read already.
func (p *jsonParser) failed(msg string, read int) *SyntaxError {
	e := &SyntaxError{Msg: msg, Offset: p.pos, reloads: p.reloads}
	e.Line, e.Column = place(p.text, p.pos, p.pos)
	e.Column += read
	return e
}

// endOfInput makes the error of a value that is not complete at the end.
func (p *jsonParser) endOfInput(msg string) *SyntaxError {
	p.pos = len(p.text)
	p.reloads++
	return p.failed("Unexpected end-of-input"+msg, 0)
}

func (p *jsonParser) unterminated(what string) *SyntaxError {
	if what == "name" {
		return p.endOfInput(" in field name")
	}
	return p.endOfInput(": was expecting closing quote for a string value")
}

func (p *jsonParser) between(kind string) *SyntaxError {
	return p.endOfInput(" within/between " + kind + " entries")
}

func (p *jsonParser) unclosed(kind string, start int) *SyntaxError {
	return p.opened(p.endOfInput(": expected close marker for "+kind), "start marker", start)
}

// mismatched makes the error of the closing bracket at the position, where want
// was expected to close what begins at start; -1 is the root.
func (p *jsonParser) mismatched(want byte, kind string, start int) *SyntaxError {
	e := p.failed("Unexpected close marker '"+p.text[p.pos:p.pos+1]+"': expected '"+string(want)+"'", 1)
	return p.opened(e, "for "+kind+" starting", start)
}

func (p *jsonParser) opened(e *SyntaxError, label string, start int) *SyntaxError {
	e.label = label
	e.openLine = 1
	if start >= 0 {
		e.openLine, e.openColumn = place(p.text, start, start)
	}
	return e
}

// unexpected makes the error of the character at the position.
func (p *jsonParser) unexpected(want string) *SyntaxError {
	c := p.unit()
	switch {
	case c < 0x20:
		return p.failed("Illegal character ("+charDescription(c)+"): only regular white space (\\r, \\n, \\t) is allowed between tokens", 1)
	case c == '/':
		want = "maybe a (non-standard) comment? (not recognized as one since Feature 'ALLOW_COMMENTS' not enabled for parser)"
	}
	return p.failed("Unexpected character ("+charDescription(c)+"): "+want, 1)
}

// unescaped makes the error of a control character in a string. A line end
// there does not begin a line.
func (p *jsonParser) unescaped(what string) *SyntaxError {
	return p.failed("Illegal unquoted character ("+charDescription(p.unit())+"): has to be escaped using backslash to be included in "+what, 1)
}

// oddValue makes the error of what begins no value.
func (p *jsonParser) oddValue() *SyntaxError {
	switch c := p.unit(); {
	case c == '}':
		return p.unexpected("expected a value")
	case c == 'N':
		return p.nonStandard("NaN", 1)
	case c == 'I':
		return p.nonStandard("Infinity", 1)
	case c == '+':
		p.pos++
		if p.atEnd() {
			return p.endOfInput(" in a Number value")
		}
		return p.noNumber("+")
	case isJavaIdentifierStart(c):
		start := p.pos
		_, size := utf8.DecodeRuneInString(p.text[p.pos:])
		p.pos += size
		return p.unrecognized(start, "('true', 'false' or 'null')")
	}
	return p.unexpected("expected a valid value (number, String, array, object, 'true', 'false' or 'null')")
}

// nonStandard makes the error of a number that JSON does not know, of which
// matched bytes are there.
func (p *jsonParser) nonStandard(w string, matched int) *SyntaxError {
	if err := p.word(w, matched); err != nil {
		return err.(*SyntaxError)
	}
	return p.failed("Non-standard token '"+w+"': enable JsonParser.Feature.ALLOW_NON_NUMERIC_NUMBERS to allow", 0)
}

// noNumber makes the error of what follows a sign and is no digit.
func (p *jsonParser) noNumber(sign string) *SyntaxError {
	if p.text[p.pos] == 'I' {
		p.pos++
		if p.atEnd() {
			return p.endOfInput(" in a Number value")
		}
		switch p.text[p.pos] {
		case 'N':
			p.pos -= 2
			return p.nonStandard(sign+"INF", 3)
		case 'n':
			p.pos -= 2
			return p.nonStandard(sign+"Infinity", 3)
		}
	}
	return p.failed("Unexpected character ("+charDescription(p.unit())+") in numeric value: expected digit (0-9) to follow minus sign, for valid numeric value", 1)
}

// noDigits makes the error of a number without the digits of its fraction or
// exponent. Jackson has two ways to read a number: the quick one leaves its
// pointer at mark, and the other, for numbers that begin with a zero or reach
// the end, behind the character.
func (p *jsonParser) noDigits(msg string, mark int, slow bool) *SyntaxError {
	msg = ") in numeric value: " + msg
	if p.atEnd() {
		p.reloads++
		return p.failed("Unexpected character ("+charDescription(rune(p.text[p.pos-1]))+msg, 0)
	}
	msg = "Unexpected character (" + charDescription(p.unit()) + msg
	if slow {
		return p.failed(msg, 1)
	}
	p.pos = mark
	return p.failed(msg, 0)
}

func decimalPoint(number string) int { return strings.IndexByte(number, '.') }

// maxErrorToken is how much of a word Jackson quotes, in UTF-16 units.
const maxErrorToken = 256

// unrecognized makes the error of the word that begins at start, and of which
// what lies before the position has been read.
func (p *jsonParser) unrecognized(start int, want string) *SyntaxError {
	ellipsis := ""
	for n := utf16Len(p.text[start:p.pos]); ; {
		if p.atEnd() {
			p.reloads++
			break
		}
		if !isJavaIdentifierPart(p.unit()) {
			break
		}
		_, size := utf8.DecodeRuneInString(p.text[p.pos:])
		p.pos += size
		if n++; n >= maxErrorToken {
			ellipsis = "..."
			break
		}
	}
	return p.failed("Unrecognized token '"+p.text[start:p.pos]+ellipsis+"': was expecting "+want, 0)
}

// unit returns the UTF-16 unit at the position, which is not the end.
func (p *jsonParser) unit() rune {
	r, _ := utf8.DecodeRuneInString(p.text[p.pos:])
	if high, _ := utf16.EncodeRune(r); high != unicode.ReplacementChar {
		return high
	}
	return r
}

// charDescription names a UTF-16 unit as Jackson does.
func charDescription(c rune) string {
	code := strconv.Itoa(int(c))
	switch {
	case c < 0x20 || c >= 0x7f && c <= 0x9f:
		return "(CTRL-CHAR, code " + code + ")"
	case c > 255:
		code += " / 0x" + strconv.FormatInt(int64(c), 16)
	}
	if utf16.IsSurrogate(c) {
		// Java writes half of a character so.
		c = '?'
	}
	return "'" + string(c) + "' (code " + code + ")"
}

// isJavaIdentifierStart is Java's Character.isJavaIdentifierStart(char).
func isJavaIdentifierStart(c rune) bool {
	return c <= 0xffff && unicode.In(c, unicode.L, unicode.Nl, unicode.Sc, unicode.Pc)
}

// isJavaIdentifierPart is Java's Character.isJavaIdentifierPart(char).
func isJavaIdentifierPart(c rune) bool {
	switch {
	case c <= 8, c >= 0x0e && c <= 0x1b, c >= 0x7f && c <= 0x9f:
		return true
	}
	return isJavaIdentifierStart(c) || c <= 0xffff && unicode.In(c, unicode.Nd, unicode.Mn, unicode.Mc, unicode.Cf)
}

func utf16Len(s string) int {
	n := 0
	for _, r := range s {
		n += max(1, utf16.RuneLen(r))
	}
	return n
}

// utf16Prefix returns the first units of s; half of a character becomes the
// replacement character.
func utf16Prefix(s string, units int) string {
	for i, r := range s {
		n := max(1, utf16.RuneLen(r))
		if units < n {
			if units > 0 {
				return s[:i] + string(unicode.ReplacementChar)
			}
			return s[:i]
		}
		units -= n
	}
	return s
}
