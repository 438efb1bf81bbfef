package partiql

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// tokenKind is the kind of a token.
type tokenKind uint8

const (
	tokenEOF tokenKind = iota
	// tokenName is an identifier or keyword as written, without quotes.
	tokenName
	// tokenQuoted is an identifier in double quotes.
	tokenQuoted
	tokenString
	tokenNumber
	tokenSymbol
)

// token is a part of the statement. Text is its meaning: quotes are removed and
// doubled ones are single.
type token struct {
	kind       tokenKind
	text       string
	start, end int // bytes of the statement
}

// symbols are the tokens that are neither names nor literals; of two that begin
// alike the longer stands first.
var symbols = [...]string{
	"<<", ">>", "<>", "<=", ">=", "!=", "||",
	"<", ">", "=", "(", ")", "[", "]", "{", "}", ",", ".", ":", ";", "?", "+", "-", "*", "/", "%",
}

// scan splits text into tokens, the last of which is tokenEOF.
func scan(text string) ([]token, error) {
	if !utf8.ValidString(text) {
		return nil, malformed(text, token{}, "the statement is not valid UTF-8")
	}
	tokens := make([]token, 0, len(text)/4+1)
	for at := 0; ; {
		next, err := skipBlank(text, at)
		if err != nil {
			return nil, err
		}
		if at = next; at == len(text) {
			return append(tokens, token{start: at, end: at}), nil
		}
		t, err := scanToken(text, at)
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, t)
		at = t.end
	}
}

// skipBlank returns the position of the token that comes at or after at.
func skipBlank(text string, at int) (int, error) {
	for at < len(text) {
		rest := text[at:]
		switch {
		case strings.IndexByte(" \t\r\n\f\v", rest[0]) >= 0:
			at++
		case strings.HasPrefix(rest, "--"):
			if n := strings.IndexByte(rest, '\n'); n >= 0 {
				at += n + 1
			} else {
				at = len(text)
			}
		case strings.HasPrefix(rest, "/*"):
			n := strings.Index(rest[2:], "*/")
			if n < 0 {
				return 0, malformed(text, token{start: at, end: len(text)}, "the comment is not closed")
			}
			at += n + 4
		default:
			return at, nil
		}
	}
	return at, nil
}

func scanToken(text string, at int) (token, error) {
	c := text[at]
	switch {
	case c == '\'' || c == '"':
		return scanQuoted(text, at)
	case isDigit(c), c == '.' && at+1 < len(text) && isDigit(text[at+1]):
		return scanNumber(text, at)
	case isNameStart(c):
		end := at + 1
		for end < len(text) && (isNameStart(text[end]) || isDigit(text[end])) {
			end++
		}
		return token{tokenName, text[at:end], at, end}, nil
	}
	for _, s := range symbols {
		if strings.HasPrefix(text[at:], s) {
			return token{tokenSymbol, s, at, at + len(s)}, nil
		}
	}
	_, width := utf8.DecodeRuneInString(text[at:])
	t := token{tokenSymbol, text[at : at+width], at, at + width}
	return t, malformed(text, t, "unexpected character "+strconv.Quote(t.text))
}

// scanQuoted reads a string or quoted identifier; a doubled quote is the quote.
func scanQuoted(text string, at int) (token, error) {
	quote := text[at]
	var b strings.Builder
	from := at + 1
	for i := from; i < len(text); i++ {
		if text[i] != quote {
			continue
		}
		b.WriteString(text[from:i])
		if i+1 < len(text) && text[i+1] == quote {
			i++
			from = i
			continue
		}
		kind := tokenString
		if quote == '"' {
			kind = tokenQuoted
		}
		return token{kind, b.String(), at, i + 1}, nil
	}
	return token{}, malformed(text, token{start: at, end: len(text)}, "the quote is not closed")
}

func scanNumber(text string, at int) (token, error) {
	end := at
	digits := func() bool {
		from := end
		for end < len(text) && isDigit(text[end]) {
			end++
		}
		return end > from
	}
	digits()
	if end < len(text) && text[end] == '.' {
		end++
		digits()
	}
	if end < len(text) && text[end]|0x20 == 'e' {
		end++
		if end < len(text) && (text[end] == '+' || text[end] == '-') {
			end++
		}
		if !digits() {
			return token{}, malformed(text, token{start: at, end: end}, "the number has no exponent")
		}
	}
	if end < len(text) && isNameStart(text[end]) {
		return token{}, malformed(text, token{start: at, end: end + 1}, "the number runs into a name")
	}
	return token{tokenNumber, text[at:end], at, end}, nil
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isNameStart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '$'
}

// span is a place in the statement: it is printed line:column:length, as
// DynamoDB does, where lines and columns count from 1 and columns and lengths
// are characters.
type span struct{ line, column, length int }

func (s span) String() string {
	return strconv.Itoa(s.line) + ":" + strconv.Itoa(s.column) + ":" + strconv.Itoa(s.length)
}

// spanOf returns the place of t in text.
func spanOf(text string, t token) span {
	before := text[:t.start]
	line := strings.LastIndexByte(before, '\n') + 1
	return span{
		line:   strings.Count(before, "\n") + 1,
		column: utf8.RuneCountInString(before[line:]) + 1,
		length: utf8.RuneCountInString(text[t.start:t.end]),
	}
}
