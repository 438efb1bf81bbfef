package vtl

import "unicode/utf8"

// match returns the longest token of the current state at src[i:], the first
// kind of those equally long. When there is none, reach is the offset of the
// first character that no token could have there.
func (l *lexer) match(i int) (k kind, n, reach int) {
	m := matcher{src: l.src, i: i, kind: kNone, reach: i}
	if l.src[i] == '\\' {
		m.slashes = l.backslashes(i)
	}
	s := m.src[i:]
	c := s[0]

	// The introductions of references, directives and comments are known in
	// every state.
	m.dollar(s)
	if c == '#' {
		m.take(kHash, 1)
		switch {
		case len(s) > 2 && s[1] == '[' && s[2] == '[':
			m.take(kTextblockStart, 3)
		case len(s) > 1 && s[1] == '*':
			m.take(kCommentStart, 2)
			if len(s) > 3 && s[2] == '*' && s[3] != '#' {
				_, size := utf8.DecodeRuneInString(s[3:])
				m.take(kFormalStart, 3+size)
			}
		}
	}

	switch l.state {
	case inText:
		m.text(s)
	case inReference:
		if c == '[' {
			m.take(kIndexOpen, 1)
		}
		m.lineComment(s)
		m.emptyIndex(s)
		m.set(s)
		m.words(s)
		m.curly(c)
		m.any(kRefTerminator, s)
	case inProperty:
		switch c {
		case '[':
			m.take(kIndexOpen, 1)
		case '(':
			m.take(kParenOpen, 1)
		}
		m.set(s)
		m.words(s)
		m.curly(c)
		m.any(kRefTerminator, s)
	case inCall:
		m.literals(s)
		if c == ')' {
			m.take(kCallClose, 1)
		}
		m.set(s)
		m.blanks(s)
		m.stringLiteral(s)
		m.number(s)
		m.words(s)
	case inIndex:
		if c == ']' {
			m.take(kIndexClose, 1)
		}
		m.blanks(s)
		m.stringLiteral(s)
		m.number(s)
		m.booleans(s)
	case inDirective:
		m.literals(s)
		switch c {
		case '(':
			m.take(kParenOpen, 1)
		case ')':
			m.take(kParenClose, 1+gobble(s[1:]))
		case '\n', '\r':
			m.take(kNewline, newline(s))
		}
		m.lineComment(s)
		m.blanks(s)
		m.stringLiteral(s)
		m.operator(s)
		m.number(s)
		m.directiveWord(s)
	case afterHash:
		m.lineComment(s)
		m.keyword(s)
		m.number(s)
		m.directiveWord(s)
		m.any(kDirectiveTerminator, s)
	case inTextblock:
		if hasPrefix(s, "]]#") {
			m.take(kTextblock, 3)
		}
		m.any(kTextblockChar, s)
	case inComment:
		if hasPrefix(s, "*#") {
			m.take(kCommentEnd, 2)
		}
		m.any(kSkipped, s)
	case inFormalComment:
		if hasPrefix(s, "*#") {
			m.take(kFormalEnd, 2)
		}
		m.any(kSkipped, s)
	case inLineComment:
		if n := newline(s); n > 0 {
			m.take(kLineCommentEnd, n)
		}
		m.any(kSkipped, s)
	}
	return m.kind, m.n, m.reach
}

// matcher collects the candidates for a token at src[i:].
type matcher struct {
	src   string
	i     int
	kind  kind
	n     int
	reach int
	// slashes is how many backslashes src[i:] begins with.
	slashes int
}

func (m *matcher) take(k kind, n int) {
	if n > m.n || n == m.n && k < m.kind {
		m.kind, m.n = k, n
	}
}

// saw notes that the first n characters could have begun a token.
func (m *matcher) saw(n int) {
	if m.i+n > m.reach {
		m.reach = m.i + n
	}
}

func (m *matcher) any(k kind, s string) {
	_, size := utf8.DecodeRuneInString(s)
	m.take(k, size)
}

// dollar matches \*$ and \*$\*!.
func (m *matcher) dollar(s string) {
	i := m.slashes
	if i == len(s) || s[i] != '$' {
		m.saw(i)
		return
	}
	i++
	m.take(kDollar, i)
	i += span(s[i:], '\\')
	if i < len(s) && s[i] == '!' {
		m.take(kDollarBang, i+1)
	}
}

func (m *matcher) lineComment(s string) {
	if hasPrefix(s, "##") {
		m.take(kLineCommentStart, 2)
	}
}

func (m *matcher) emptyIndex(s string) {
	switch {
	case hasPrefix(s, "$["), hasPrefix(s, "$."):
		m.take(kEmptyIndex, 2)
	case hasPrefix(s, "$!["):
		m.take(kEmptyIndex, 3)
	case hasPrefix(s, `$\![`):
		m.take(kEmptyIndex, 4)
	}
}

func (m *matcher) text(s string) {
	i := 0
	for i < len(s) && s[i] != '$' && s[i] != '#' && s[i] != '\\' {
		i++
	}
	if i > 0 {
		m.take(kText, i)
		m.set(s)
		return
	}
	switch s[0] {
	case '\\':
		m.take(kEscape, 1)
		if len(s) > 1 && s[1] == '\\' {
			m.take(kDoubleEscape, 2)
		}
		m.escapedDirective(s)
	case '#':
		m.lineComment(s)
		m.set(s)
	case '$':
		m.emptyIndex(s)
	}
}

// escapedDirective matches an odd number of backslashes before "#name".
func (m *matcher) escapedDirective(s string) {
	i := m.slashes
	if i%2 == 0 || i == len(s) || s[i] != '#' {
		return
	}
	i++
	if n := max(word(s[i:]), bracketedWord(s[i:])); n > 0 {
		m.take(kEscapedDirective, i+n)
	}
}

// set matches "#set(" with the blanks before it.
func (m *matcher) set(s string) {
	i := 0
	for i < len(s) && (s[i] == ' ' || s[i] == '\t') {
		i++
	}
	start := i
	switch {
	case hasPrefix(s[i:], "#set"):
		i += 4
	case hasPrefix(s[i:], "#{set}"):
		i += 6
	default:
		if i > 0 {
			n := max(common(s[start:], "#set"), common(s[start:], "#{set}"))
			m.saw(start + n)
		}
		return
	}
	i += span(s[i:], ' ')
	if i < len(s) && s[i] == '(' {
		m.take(kSet, i+1)
	} else {
		m.saw(i)
	}
}

// words matches what continues a reference.
func (m *matcher) words(s string) {
	m.booleans(s)
	if isLetter(s[0]) || s[0] == '_' {
		i := 1
		for i < len(s) && (isLetter(s[i]) || isDigit(s[i]) || s[i] == '_' || s[i] == '-') {
			i++
		}
		m.take(kIdentifier, i)
	}
	if s[0] == '.' {
		if len(s) > 1 && isLetter(s[1]) {
			m.take(kDot, 2)
		} else {
			m.saw(1)
		}
	}
}

func (m *matcher) booleans(s string) {
	m.literal(kTrue, s, "true")
	m.literal(kFalse, s, "false")
}

func (m *matcher) literal(k kind, s, want string) {
	if n := common(s, want); n == len(want) {
		m.take(k, n)
	} else {
		m.saw(n)
	}
}

func (m *matcher) curly(c byte) {
	switch c {
	case '{':
		m.take(kRefOpen, 1)
	case '}':
		m.take(kRefClose, 1)
	}
}

// literals matches the punctuation of list, map and range literals.
func (m *matcher) literals(s string) {
	switch s[0] {
	case '[':
		m.take(kBracketOpen, 1)
	case ']':
		m.take(kBracketClose, 1)
	case ',':
		m.take(kComma, 1)
	case ':':
		m.take(kColon, 1)
	case '{':
		m.take(kCurlyOpen, 1)
	case '}':
		m.take(kCurlyClose, 1)
	case '.':
		m.literal(kDoubleDot, s, "..")
	}
}

func (m *matcher) blanks(s string) {
	i := 0
	for i < len(s) && (s[i] == ' ' || s[i] == '\t' || s[i] == '\n' || s[i] == '\r') {
		i++
	}
	if i > 0 {
		m.take(kBlank, i)
	}
}

// stringLiteral matches a quoted string, in which a doubled quote does not end
// it. The longest match ends at the last quote of a row of them of even number.
func (m *matcher) stringLiteral(s string) {
	q := s[0]
	if q != '"' && q != '\'' {
		return
	}
	for i := 1; i < len(s); i++ {
		if s[i] != q {
			continue
		}
		if i+1 < len(s) && s[i+1] == q {
			// Either two quotes inside the string, or its end if nothing
			// longer matches.
			m.take(kString, i+1)
			i++
			continue
		}
		m.take(kString, i+1)
		return
	}
	m.saw(len(s))
}

func (m *matcher) number(s string) {
	i := 0
	if s[0] == '-' {
		i = 1
	}
	digits := 0
	for i < len(s) && isDigit(s[i]) {
		i++
		digits++
	}
	m.saw(i)
	if digits > 0 {
		m.take(kInteger, i)
		if hasPrefix(s[i:], "..") {
			m.take(kInteger, i+2)
		}
		if n := exponent(s[i:]); n > 0 {
			m.take(kFloat, i+n)
		}
	}
	if i == len(s) || s[i] != '.' {
		return
	}
	i++
	fraction := 0
	for i < len(s) && isDigit(s[i]) {
		i++
		fraction++
	}
	if digits > 0 || fraction > 0 {
		m.take(kFloat, i)
		if n := exponent(s[i:]); n > 0 {
			m.take(kFloat, i+n)
		}
	} else {
		m.saw(i)
	}
}

func exponent(s string) int {
	if s == "" || s[0] != 'e' && s[0] != 'E' {
		return 0
	}
	i := 1
	if i < len(s) && (s[i] == '+' || s[i] == '-') {
		i++
	}
	start := i
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	if i == start {
		return 0
	}
	return i
}

// operator matches the operators, as signs and as words.
func (m *matcher) operator(s string) {
	m.booleans(s)
	switch s[0] {
	case '-':
		m.take(kMinus, 1)
	case '+':
		m.take(kPlus, 1)
	case '*':
		m.take(kMultiply, 1)
	case '/':
		m.take(kDivide, 1)
	case '%':
		m.take(kModulus, 1)
	case '&':
		m.literal(kAnd, s, "&&")
	case '|':
		m.literal(kOr, s, "||")
	case '<':
		m.take(kLess, 1)
		m.literal(kLessEqual, s, "<=")
	case '>':
		m.take(kGreater, 1)
		m.literal(kGreaterEqual, s, ">=")
	case '=':
		m.take(kAssign, 1)
		m.literal(kEqual, s, "==")
	case '!':
		m.take(kNot, 1)
		m.literal(kNotEqual, s, "!=")
	case 'a':
		m.literal(kAnd, s, "and")
	case 'o':
		m.literal(kOr, s, "or")
	case 'l':
		m.literal(kLess, s, "lt")
		m.literal(kLessEqual, s, "le")
	case 'g':
		m.literal(kGreater, s, "gt")
		m.literal(kGreaterEqual, s, "ge")
	case 'e':
		m.literal(kEqual, s, "eq")
	case 'n':
		m.literal(kNotEqual, s, "ne")
		m.literal(kNot, s, "not")
	}
}

// keyword matches the directives that the grammar knows by name.
func (m *matcher) keyword(s string) {
	for _, w := range [...]struct {
		name string
		kind kind
		// gobbles: blanks and a newline behind it belong to the token.
		gobbles bool
	}{
		{"end", kEnd, true}, {"{end}", kEnd, true},
		{"if", kIf, false}, {"{if}", kIf, false},
		{"elseif", kElseIf, false}, {"{elseif}", kElseIf, false},
		{"else", kElse, true}, {"{else}", kElse, true},
	} {
		if !hasPrefix(s, w.name) {
			continue
		}
		n := len(w.name)
		if w.gobbles {
			n += gobble(s[n:])
		}
		m.take(w.kind, n)
	}
}

func (m *matcher) directiveWord(s string) {
	if n := word(s); n > 0 {
		m.take(kWord, n)
	}
	if n := bracketedWord(s); n > 0 {
		m.take(kBracketedWord, n)
	}
}

func word(s string) int {
	if s == "" || !isLetter(s[0]) && s[0] != '_' && s[0] != '@' {
		return 0
	}
	i := 1
	for i < len(s) && isDirectiveChar(s[i]) {
		i++
	}
	return i
}

func bracketedWord(s string) int {
	if len(s) < 3 || s[0] != '{' || !isLetter(s[1]) && s[1] != '_' {
		return 0
	}
	i := 2
	for i < len(s) && isDirectiveChar(s[i]) {
		i++
	}
	if i == len(s) || s[i] != '}' {
		return 0
	}
	return i + 1
}

// gobble returns the length of the blanks up to and including a newline, or 0
// when anything else comes first.
func gobble(s string) int {
	i := 0
	for i < len(s) && (s[i] == ' ' || s[i] == '\t') {
		i++
	}
	if n := newline(s[i:]); n > 0 {
		return i + n
	}
	return 0
}

// newline returns the length of the newline at the start of s.
func newline(s string) int {
	switch {
	case s == "":
		return 0
	case s[0] == '\n':
		return 1
	case s[0] != '\r':
		return 0
	case len(s) > 1 && s[1] == '\n':
		return 2
	}
	return 1
}

func hasPrefix(s, prefix string) bool {
	return len(s) >= len(prefix) && s[:len(prefix)] == prefix
}

// common returns the length of the common prefix of s and t.
func common(s, t string) int {
	i := 0
	for i < len(s) && i < len(t) && s[i] == t[i] {
		i++
	}
	return i
}

// span returns how many bytes c s begins with.
func span(s string, c byte) int {
	i := 0
	for i < len(s) && s[i] == c {
		i++
	}
	return i
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }

func isDirectiveChar(c byte) bool { return isLetter(c) || isDigit(c) || c == '_' || c == '@' }
