package vtl

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// lexState is a lexical state: which tokens there are depends on it.
type lexState uint8

const (
	inText          lexState = iota
	inReference              // after "$"
	inProperty               // after "$x."
	inCall                   // inside "$x.y("
	inIndex                  // inside "$x["
	afterHash                // after "#"
	inDirective              // inside "#if(", "#set(" and the like
	inTextblock              // inside "#[["
	inComment                // inside "#*"
	inFormalComment          // inside "#**"
	inLineComment            // after "##"
)

// lexer cuts a template into tokens. It works on demand, because the parser
// switches its state: only the parser knows that "#foo" is followed by
// arguments.
type lexer struct {
	src string
	pos int

	state lexState
	stack []savedState
	// lparen and rparen count the parentheses of the current state.
	lparen, rparen int
	skipping       bool // inside a comment or a text block
	inSet          bool

	// slashes is the end of the row of backslashes that was seen last, and
	// slashesFrom a place in it from which on there is nothing else.
	slashes, slashesFrom int

	// base is where src stands in the template, for strings that hold one.
	base position
	// at is the position of src[atPos], counted without base.
	at    position
	atPos int
	// wide is 1 when src[atPos] is a character of two UTF-16 units, which are
	// two columns.
	wide int
}

type savedState struct {
	state          lexState
	lparen, rparen int
}

func newLexer(src string, base position) *lexer {
	return &lexer{src: src, base: base, at: position{1, 0}, atPos: -1}
}

func (l *lexer) push(next lexState) {
	l.stack = append(l.stack, savedState{l.state, l.lparen, l.rparen})
	l.lparen = 0
	l.state = next
}

func (l *lexer) pop() bool {
	n := len(l.stack)
	if n == 0 {
		l.lparen = 0
		l.state = inText
		return false
	}
	s := l.stack[n-1]
	l.stack = l.stack[:n-1]
	l.state, l.lparen, l.rparen = s.state, s.lparen, s.rparen
	return true
}

// closeParen leaves the states that a ")" closes.
func (l *lexer) closeParen() {
	for !l.skipping {
		if l.lparen > 0 {
			if l.lparen == l.rparen+1 {
				l.pop()
			} else {
				l.rparen++
			}
			return
		}
		if !l.pop() {
			return
		}
	}
}

// position returns where src[offset] stands in the template. A tab goes to the
// next column divisible by eight.
func (l *lexer) position(offset int) position {
	if offset < l.atPos {
		l.at, l.atPos, l.wide = position{1, 0}, -1, 0
	}
	for l.atPos < offset {
		i := 0
		if l.atPos >= 0 {
			_, size := utf8.DecodeRuneInString(l.src[l.atPos:])
			i = l.atPos + size
		}
		if i > offset {
			break
		}
		r, _ := utf8.DecodeRuneInString(l.src[i:])
		l.at.column += l.wide
		l.wide = 0
		if i > 0 && (l.src[i-1] == '\n' || l.src[i-1] == '\r' && r != '\n') {
			l.at = position{l.at.line + 1, 0}
		}
		switch {
		case r == '\t':
			l.at.column += 8 - l.at.column&7
		case r > 0xFFFF:
			l.wide = 1
			fallthrough
		default:
			l.at.column++
		}
		l.atPos = i
	}
	return l.based(l.at)
}

func (l *lexer) based(p position) position {
	if l.base == (position{}) {
		return p
	}
	if p.line == 1 {
		p.column += l.base.column
	}
	p.line += l.base.line - 1
	return p
}

// backslashes returns how many backslashes stand at offset. A row of them is
// looked at once, however many tokens it becomes.
func (l *lexer) backslashes(offset int) int {
	if offset < l.slashesFrom || offset >= l.slashes {
		l.slashesFrom, l.slashes = offset, offset+span(l.src[offset:], '\\')
	}
	return l.slashes - offset
}

// next returns the next token.
func (l *lexer) next() (token, error) {
	special := ""
	for {
		if l.pos >= len(l.src) {
			t := token{kind: kEOF, special: special}
			if len(l.src) > 0 {
				t.pos = l.position(len(l.src) - 1)
				t.pos.column += l.wide
			} else {
				t.pos = l.based(position{1, 0})
			}
			return t, nil
		}
		start := l.pos
		segment := start
	token:
		for {
			k, n, reach := l.match(segment)
			if k == kNone {
				return token{}, l.lexicalError(segment, reach)
			}
			l.pos = segment + n
			switch k {
			case kSkipped:
				break token
			case kDollar, kDollarBang, kTextblockStart, kFormalStart, kCommentStart, kHash, kTextblockChar:
				l.introduce(k)
				if l.pos >= len(l.src) {
					return token{}, l.lexicalError(l.pos, l.pos)
				}
				segment = l.pos
			case kRefTerminator, kDirectiveTerminator:
				special += strays(l.src[start:l.pos])
				l.pos = segment
				l.pop()
				break token
			default:
				t := token{kind: k, image: l.src[start:l.pos], special: special, pos: l.position(start)}
				l.accept(&t)
				return t, nil
			}
		}
	}
}

// introduce acts on a prefix of a token.
func (l *lexer) introduce(k kind) {
	if l.skipping {
		return
	}
	switch k {
	case kDollar, kDollarBang:
		if l.state == inReference {
			l.pop()
		}
		l.push(inReference)
	case kTextblockStart:
		l.skipping = true
		l.push(inTextblock)
	case kFormalStart:
		l.pos = l.lastRune()
		l.skipping = true
		l.push(inFormalComment)
	case kCommentStart:
		l.skipping = true
		l.push(inComment)
	case kHash:
		if l.state == inReference || l.state == inProperty {
			l.pop()
		}
		l.push(afterHash)
	}
}

func (l *lexer) lastRune() int {
	_, size := utf8.DecodeLastRuneInString(l.src[:l.pos])
	return l.pos - size
}

// accept acts on a whole token.
func (l *lexer) accept(t *token) {
	switch t.kind {
	case kIndexOpen:
		l.push(inIndex)
	case kIndexClose, kRefClose:
		l.pop()
	case kParenOpen:
		if !l.skipping {
			l.lparen++
		}
		if l.state == inProperty {
			l.state = inCall
		}
	case kParenClose:
		l.closeParen()
	case kCallClose:
		l.state = inReference
	case kSet:
		if !l.skipping {
			l.push(inDirective)
			l.inSet = true
			l.lparen++
		}
	case kLineCommentStart:
		if !l.skipping {
			if l.state == inReference {
				l.pop()
			}
			l.skipping = true
			l.push(inLineComment)
		}
	case kLineCommentEnd, kFormalEnd, kCommentEnd, kTextblock:
		l.skipping = false
		l.pop()
	case kString:
		if l.state == inDirective && !l.inSet && l.lparen == 0 {
			l.pop()
		}
	case kNewline:
		l.pop()
		l.inSet = false
	case kEnd, kElse:
		l.pop()
	case kIf, kElseIf:
		l.state = inDirective
	case kInteger:
		if strings.HasSuffix(t.image, "..") {
			l.pos -= 2
			t.image = t.image[:len(t.image)-2]
		}
		if l.lparen == 0 && !l.inSet && l.state != inCall && l.state != inIndex {
			l.pop()
		}
	case kFloat:
		if l.lparen == 0 && !l.inSet && l.state != inCall {
			l.pop()
		}
	case kDot:
		l.pos--
		t.image = "."
		l.state = inProperty
	}
}

// strays returns what of a passed-over terminator is output: "$" and "#", and
// the backslashes right before a "$".
func strays(s string) string {
	if !strings.ContainsAny(s, `#$\`) {
		return ""
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '#', '$':
			b.WriteByte(c)
		case '\\':
			j := i
			for j < len(s) && s[j] == '\\' {
				j++
			}
			if j < len(s) && s[j] == '$' {
				b.WriteString(s[i : j+1])
				i = j + 1
			}
		}
	}
	return b.String()
}

// lexicalError words the error at a place where no token begins, after the
// lexer looked at the text from start to reach. What was seen last is named,
// and what was seen before it.
func (l *lexer) lexicalError(start, reach int) error {
	var what, after string
	var p position
	seen := reach
	if reach < len(l.src) {
		if r, size := utf8.DecodeRuneInString(l.src[reach:]); r <= 0xFFFF {
			seen += size
		}
	}
	if seen >= len(l.src) {
		// Nothing is left to be read, which is what Velocity complains of.
		if utf8.RuneCountInString(l.src[start:]) > 1 {
			after = l.src[start:]
		}
		what = "<EOF> "
		if len(l.src) > 0 {
			p = l.position(len(l.src) - 1)
			if c := l.src[len(l.src)-1]; c == '\n' || c == '\r' {
				p.line, p.column = p.line+1, 0
			} else {
				p.column += 1 + l.wide
			}
		}
	} else {
		after = l.src[start:reach]
		r, _ := utf8.DecodeRuneInString(l.src[reach:])
		if r > 0xFFFF {
			r, _ = utf16.EncodeRune(r)
		}
		what = `"` + escapeImage(r) + `" (` + itoa(int(r)) + "), "
		p = l.position(reach)
	}
	what += `after : "` + escapeText(after) + `"`
	return &ParseError{
		Line: p.line, Column: p.column,
		lexical: "Lexical error at line " + itoa(p.line) + ", column " + itoa(p.column) + ".  Encountered: " + what,
		Msg:     "Lexical error,   Encountered: " + what + ` at *unset*[line ` + itoa(p.line) + ", column " + itoa(p.column) + "]",
	}
}
