package plan

import (
	"strings"
	"unicode/utf8"

	"appsync-emulator/emulator/internal/apierror"
)

// maxNesting bounds the braces, brackets and parentheses around any token. The
// deepest query that AppSync lets a depth limit allow has 75 levels of fields.
const maxNesting = 500

// source is query text that has been read once as the lexer of graphql-java 9
// reads it.
//
// That lexer differs from the specification in ways that clients can notice:
// it drops characters that begin no token, and strings that never end, instead
// of refusing the text; only a line feed ends a line, and a plus sign has no
// place in an exponent. What it drops becomes a blank here, so that every
// position stays true.
type source struct {
	text string
	// spreads and ats are the places of "..." and "@" in order: the parser
	// keeps only those of the tokens that follow them.
	spreads []apierror.Location
	ats     []apierror.Location
}

// readSource reads text. It reports false for text that cannot be GraphQL or is
// nested too deeply to parse.
func readSource(text string) (*source, bool) {
	r := sourceReader{text: text, line: 1, column: 1}
	if !r.read() {
		return nil, false
	}
	if r.blanked == nil {
		r.source.text = text
	} else {
		r.source.text = string(append(r.blanked, text[r.kept:]...))
	}
	return &r.source, true
}

type sourceReader struct {
	source
	text         string
	pos          int
	line, column int
	nesting      int
	// blanked is the rewritten text up to kept, nil while nothing was rewritten.
	blanked []byte
	kept    int
}

func (r *sourceReader) read() bool {
	for r.pos < len(r.text) {
		c := r.text[r.pos]
		switch {
		case c == '\n':
			r.newline()
		case c == ' ' || c == '\t' || c == ',':
			r.advance(1)
		case c == '\r':
			r.carriageReturn()
		case c == '#':
			r.comment()
		case c == '"':
			if !r.quoted() {
				return false
			}
		case isNameStart(c):
			n := r.pos + 1
			for n < len(r.text) && (isNameStart(r.text[n]) || isDigit(r.text[n])) {
				n++
			}
			r.advance(n - r.pos)
		case isDigit(c) || c == '-':
			if !r.number() {
				return false
			}
		case strings.IndexByte("{[(", c) >= 0:
			if r.nesting++; r.nesting > maxNesting {
				return false
			}
			r.advance(1)
		case strings.IndexByte("}])", c) >= 0:
			r.nesting--
			r.advance(1)
		case strings.HasPrefix(r.text[r.pos:], "..."):
			r.spreads = append(r.spreads, r.here())
			r.advance(3)
		case c == '.':
			// One or two dots take what follows them along.
			r.drop(r.pos + len(r.text[r.pos:]) - len(strings.TrimLeft(r.text[r.pos:], ".")))
		case c == '@':
			r.ats = append(r.ats, r.here())
			r.advance(1)
		case strings.IndexByte("!$&:=|", c) >= 0:
			r.advance(1)
		case strings.HasPrefix(r.text[r.pos:], "\ufeff"):
			r.pos += len("\ufeff")
			r.column++
		default:
			_, size := utf8.DecodeRuneInString(r.text[r.pos:])
			r.blank(size, " ")
			r.column++
		}
	}
	return true
}

func isNameStart(c byte) bool {
	return c == '_' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func (r *sourceReader) here() apierror.Location {
	return apierror.Location{Line: r.line, Column: r.column}
}

func (r *sourceReader) advance(n int) {
	r.pos += n
	r.column += n
}

func (r *sourceReader) newline() {
	r.pos++
	r.line++
	r.column = 1
}

// blank replaces the next size bytes. The caller moves the column.
func (r *sourceReader) blank(size int, with string) {
	r.blanked = append(append(r.blanked, r.text[r.kept:r.pos]...), with...)
	if r.blanked == nil {
		r.blanked = []byte{}
	}
	r.pos += size
	r.kept = r.pos
}

// carriageReturn drops one before a line feed, which the parser would count
// into the next line's columns, and blanks any other.
func (r *sourceReader) carriageReturn() {
	if strings.HasPrefix(r.text[r.pos:], "\r\n") {
		r.blank(1, "")
		return
	}
	r.blank(1, " ")
	r.column++
}

// comment blanks a comment: nothing in it matters, and its end is not the
// parser's.
func (r *sourceReader) comment() {
	rest := r.text[r.pos:]
	if end := strings.IndexAny(rest, "\n\r\u2028\u2029"); end >= 0 {
		rest = rest[:end]
	}
	n := utf8.RuneCountInString(rest)
	r.blank(len(rest), strings.Repeat(" ", n))
	r.column += n
}

func (r *sourceReader) number() bool {
	n := r.pos
	digits := func() {
		for n < len(r.text) && isDigit(r.text[n]) {
			n++
		}
	}
	if r.text[n] == '-' {
		n++
	}
	digits()
	if n+1 < len(r.text) && r.text[n] == '.' && isDigit(r.text[n+1]) {
		n++
		digits()
	}
	if n < len(r.text) && r.text[n]|0x20 == 'e' {
		n++
		if n < len(r.text) && r.text[n] == '+' {
			return false
		}
		if n < len(r.text) && r.text[n] == '-' {
			n++
		}
		digits()
	}
	r.advance(n - r.pos)
	return true
}

func (r *sourceReader) quoted() bool {
	if strings.HasPrefix(r.text[r.pos:], `"""`) {
		return r.blockString()
	}
	n := r.pos + 1
	for n < len(r.text) {
		switch {
		case r.text[n] == '"':
			r.column += utf8.RuneCountInString(r.text[r.pos : n+1])
			r.pos = n + 1
			return true
		case r.text[n] == '\\':
			var ok bool
			if n, ok = escaped(r.text, n); !ok {
				r.drop(n)
				return true
			}
		case r.text[n] == '\n', r.text[n] == '\r', strings.HasPrefix(r.text[n:], "\u2028"), strings.HasPrefix(r.text[n:], "\u2029"):
			r.drop(n)
			return true
		default:
			n++
		}
	}
	r.drop(n)
	return true
}

// escaped reads the escape sequence at n and returns the index behind it, or, for
// one that is not known, of the character where it goes wrong.
func escaped(text string, n int) (next int, ok bool) {
	n++
	if n == len(text) || strings.IndexByte(`"\/bfnrtu`, text[n]) < 0 {
		return n, false
	}
	if text[n] != 'u' {
		return n + 1, true
	}
	for range 4 {
		if n++; n == len(text) || !isDigit(text[n]) && (text[n]|0x20 < 'a' || text[n]|0x20 > 'f') {
			return n, false
		}
	}
	return n + 1, true
}

// drop blanks a token that went wrong at index n, that character included.
func (r *sourceReader) drop(n int) {
	end := n
	if n < len(r.text) {
		_, size := utf8.DecodeRuneInString(r.text[n:])
		end += size
	}
	for r.pos < end {
		if r.text[r.pos] == '\n' {
			r.newline()
			continue
		}
		_, size := utf8.DecodeRuneInString(r.text[r.pos:])
		r.blank(size, " ")
		r.column++
	}
}

func (r *sourceReader) blockString() bool {
	r.advance(3)
	for r.pos < len(r.text) {
		switch {
		case strings.HasPrefix(r.text[r.pos:], `\"""`):
			r.advance(4)
		case strings.HasPrefix(r.text[r.pos:], `"""`):
			// A quote before the closing three belongs to the string.
			for r.pos+3 < len(r.text) && r.text[r.pos+3] == '"' {
				r.advance(1)
			}
			r.advance(3)
			return true
		case r.text[r.pos] == '\n':
			r.newline()
		case r.text[r.pos] == '\r':
			r.carriageReturn()
		default:
			_, size := utf8.DecodeRuneInString(r.text[r.pos:])
			r.pos += size
			r.column++
		}
	}
	return false
}
