package value

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/dlclark/regexp2"
)

// Java's regular expressions differ from those of regexp2, which are .NET's, in
// their character classes (which nest and intersect), in possessive
// quantifiers, in \Q..\E, in POSIX and Java classes, in what a line ends with,
// and in that \d, \w and \s are ASCII. The translation parses a pattern just
// far enough to rewrite those.

const (
	javaBlanks = ` \t\xA0\u1680\u180e\u2000-\u200a\u202f\u205f\u3000`
	javaBreaks = `\n\x0B\f\r\u0085\u2028\u2029`
	dotClass   = `[^\n\r\u0085\u2028\u2029]`
	endOfText  = `(?=(?:\r\n|[\n\r\u0085\u2028\u2029])?\z)(?<!\r(?=\n))`
	endOfLine  = `(?=[\n\r\u0085\u2028\u2029]|\z)(?<!\r(?=\n))`
	startLine  = `(?<=\A|[\n\r\u0085\u2028\u2029])`
)

// maxPattern bounds the length of a regular expression, and maxGroups how deep
// its groups nest.
const (
	maxPattern = 32 << 10
	maxGroups  = 250
)

func patternSyntax(what, expr string, index int) error {
	msg := what
	if index >= 0 {
		msg += " near index " + strconv.Itoa(index)
	}
	msg += "\n" + expr
	if index >= 0 && index < Length(expr) {
		msg += "\n" + strings.Repeat(" ", index) + "^"
	}
	return throw("java.util.regex.PatternSyntaxException", msg)
}

type patternTranslator struct {
	expr string
	pos  int
	// dotAll, multiline and comments are the flags in force.
	dotAll, multiline, comments bool
	depth                       int
	// groups counts the capturing groups opened, names has those with one.
	groups int
	names  map[string]bool
}

// translatePattern rewrites a Java regular expression for regexp2.
func translatePattern(expr string) (string, error) {
	if len(expr) > maxPattern {
		return "", patternSyntax("Pattern too large", expr[:64], -1)
	}
	t := &patternTranslator{expr: expr}
	text, err := t.alternatives()
	if err != nil {
		return "", err
	}
	if t.pos < len(expr) {
		return "", t.fail("Unmatched closing ')'", t.pos-1)
	}
	return text, nil
}

// fail words an error at a byte offset, which Java counts in UTF-16 units.
func (t *patternTranslator) fail(what string, offset int) error {
	if offset > 0 {
		offset = Length(t.expr[:min(offset, len(t.expr))])
	}
	return patternSyntax(what, t.expr, offset)
}

func (t *patternTranslator) more() bool { return t.pos < len(t.expr) }

func (t *patternTranslator) peek(s string) bool { return strings.HasPrefix(t.expr[t.pos:], s) }

// alternatives translates up to a closing parenthesis or the end. Flags set
// inside hold until there.
func (t *patternTranslator) alternatives() (string, error) {
	dotAll, multiline, comments := t.dotAll, t.multiline, t.comments
	defer func() { t.dotAll, t.multiline, t.comments = dotAll, multiline, comments }()
	var b strings.Builder
	for t.more() && t.expr[t.pos] != ')' {
		if t.expr[t.pos] == '|' {
			b.WriteByte('|')
			t.pos++
			continue
		}
		if t.comments && t.skipComment() {
			continue
		}
		atom, bare, err := t.atom()
		if err != nil {
			return "", err
		}
		if bare {
			b.WriteString(atom)
			continue
		}
		quantified, err := t.quantify(atom)
		if err != nil {
			return "", err
		}
		b.WriteString(quantified)
	}
	return b.String(), nil
}

func (t *patternTranslator) skipComment() bool {
	switch c := t.expr[t.pos]; {
	case c == ' ' || c >= '\t' && c <= '\r':
		t.pos++
		return true
	case c == '#':
		for t.more() && t.expr[t.pos] != '\n' {
			t.pos++
		}
		return true
	}
	return false
}

// quantify appends the quantifier that follows an atom. Possessive ones become
// atomic groups.
func (t *patternTranslator) quantify(atom string) (string, error) {
	for t.comments && t.more() && t.skipComment() {
	}
	if !t.more() {
		return atom, nil
	}
	start := t.pos
	switch t.expr[t.pos] {
	case '*', '+', '?':
		t.pos++
	case '{':
		if err := t.count(); err != nil {
			return "", err
		}
	default:
		return atom, nil
	}
	quantifier := t.expr[start:t.pos]
	if t.more() {
		switch t.expr[t.pos] {
		case '?':
			t.pos++
			quantifier += "?"
		case '+':
			t.pos++
			return "(?>" + atom + quantifier + ")", nil
		}
	}
	return atom + quantifier, nil
}

// count moves over {n}, {n,} or {n,m}.
func (t *patternTranslator) count() error {
	number := func() (int, bool) {
		start := t.pos
		for t.more() && t.expr[t.pos] >= '0' && t.expr[t.pos] <= '9' {
			t.pos++
		}
		n, err := strconv.Atoi(t.expr[start:t.pos])
		return n, err == nil
	}
	t.pos++
	low, ok := number()
	if !ok {
		return t.fail("Illegal repetition", t.pos)
	}
	high := low
	if t.peek(",") {
		t.pos++
		if t.more() && t.expr[t.pos] != '}' {
			high, _ = number()
		}
	}
	if !t.peek("}") {
		return t.fail("Unclosed counted closure", t.pos)
	}
	if high < low || high > maxRepetitions {
		return t.fail("Illegal repetition range", t.pos)
	}
	t.pos++
	return nil
}

// maxRepetitions bounds the count of a quantifier, which is multiplied out in
// nested groups.
const maxRepetitions = 10_000

// atom translates what a quantifier can follow. Bare is true for what none can,
// such as a change of flags.
func (t *patternTranslator) atom() (text string, bare bool, err error) {
	switch c := t.expr[t.pos]; c {
	case '\\':
		return t.escape(false)
	case '[':
		t.pos++
		class, err := t.class(0)
		return class.atom(), false, err
	case '(':
		return t.group()
	case '.':
		t.pos++
		if t.dotAll {
			return `[\s\S]`, false, nil
		}
		return dotClass, false, nil
	case '$':
		t.pos++
		if t.multiline {
			return endOfLine, false, nil
		}
		return endOfText, false, nil
	case '^':
		t.pos++
		if t.multiline {
			return startLine, false, nil
		}
		return `\A`, false, nil
	case '*', '+', '?':
		return "", false, t.fail("Dangling meta character '"+string(c)+"'", t.pos)
	case '{':
		// A count without anything before it repeats the empty text.
		return "(?:)", false, nil
	}
	r, size := utf8.DecodeRuneInString(t.expr[t.pos:])
	t.pos += size
	return quoteRune(r), false, nil
}

func (t *patternTranslator) group() (text string, bare bool, err error) {
	open := t.pos
	t.pos++
	t.depth++
	defer func() { t.depth-- }()
	if t.depth > maxGroups {
		return "", false, t.fail("Pattern too large", t.pos)
	}
	head := "("
	dotAll, multiline, comments := t.dotAll, t.multiline, t.comments
	if t.peek("?") {
		kind := t.pos
		t.pos++
		switch {
		case t.peek("<=") || t.peek("<!"):
			t.pos += 2
		case t.peek("<"):
			end := strings.IndexByte(t.expr[t.pos:], '>')
			if end < 2 || !isASCIIWord(t.expr[t.pos+1:t.pos+end]) {
				return "", false, t.fail("named capturing group is missing trailing '>'", t.pos+1)
			}
			if t.names == nil {
				t.names = make(map[string]bool)
			}
			name := t.expr[t.pos+1 : t.pos+end]
			if t.names[name] {
				return "", false, t.fail("Named capturing group <"+name+"> is already defined", t.pos+end)
			}
			t.names[name] = true
			t.groups++
			t.pos += end + 1
		case t.peek(":") || t.peek("=") || t.peek("!") || t.peek(">"):
			t.pos++
		default:
			return t.flags(open)
		}
		head += t.expr[kind:t.pos]
	} else {
		t.groups++
	}
	body, err := t.alternatives()
	if err != nil {
		return "", false, err
	}
	t.dotAll, t.multiline, t.comments = dotAll, multiline, comments
	if !t.more() {
		return "", false, t.fail("Unclosed group", len(t.expr))
	}
	t.pos++
	return head + body + ")", false, nil
}

// flags translates (?i), (?i-s) and (?i:...). Those that the translation
// itself deals with are left out of the result.
func (t *patternTranslator) flags(open int) (text string, bare bool, err error) {
	dotAll, multiline, comments := t.dotAll, t.multiline, t.comments
	on, off, negative := "", "", false
	for t.more() {
		c := t.expr[t.pos]
		switch c {
		case 'i':
			if negative {
				off = "i"
			} else {
				on = "i"
			}
		case 's':
			dotAll = !negative
		case 'm':
			multiline = !negative
		case 'x':
			comments = !negative
		case 'd', 'u', 'U':
		case '-':
			negative = true
		case ')', ':':
			t.pos++
			flags := on
			if off != "" {
				flags += "-" + off
			}
			if c == ')' {
				t.dotAll, t.multiline, t.comments = dotAll, multiline, comments
				if flags == "" {
					return "", true, nil
				}
				return "(?" + flags + ")", true, nil
			}
			before := [3]bool{t.dotAll, t.multiline, t.comments}
			t.dotAll, t.multiline, t.comments = dotAll, multiline, comments
			body, err := t.alternatives()
			t.dotAll, t.multiline, t.comments = before[0], before[1], before[2]
			if err != nil {
				return "", false, err
			}
			if !t.more() {
				return "", false, t.fail("Unclosed group", len(t.expr))
			}
			t.pos++
			return "(?" + flags + ":" + body + ")", false, nil
		default:
			return "", false, t.fail("Unknown inline modifier", t.pos)
		}
		t.pos++
	}
	return "", false, t.fail("Unknown inline modifier", open+2)
}

// escape translates a backslash and what follows. In a class the result is part
// of a class.
func (t *patternTranslator) escape(inClass bool) (text string, bare bool, err error) {
	t.pos++
	if !t.more() {
		if inClass {
			return "", false, t.fail("Unclosed character class", max(len(t.expr)-1, 0))
		}
		return "", false, patternSyntax("Unexpected internal error", t.expr, len(t.expr))
	}
	set := func(members string, negated bool) (string, bool, error) {
		switch {
		case inClass && !negated:
			return members, false, nil
		case negated:
			return "[^" + members + "]", false, nil
		}
		return "[" + members + "]", false, nil
	}
	c := t.expr[t.pos]
	t.pos++
	switch c {
	case 'Q':
		end := strings.Index(t.expr[t.pos:], `\E`)
		quoted := t.expr[t.pos:]
		if end >= 0 {
			quoted = t.expr[t.pos : t.pos+end]
			t.pos += end + 2
		} else {
			t.pos = len(t.expr)
		}
		if quoted == "" {
			return "", true, nil
		}
		// A quantifier behind \E applies to the last character.
		last, size := utf8.DecodeLastRuneInString(quoted)
		var b strings.Builder
		for _, r := range quoted[:len(quoted)-size] {
			b.WriteString(quoteRune(r))
		}
		if inClass {
			return b.String() + quoteRune(last), false, nil
		}
		tail, err := t.quantify(quoteRune(last))
		return b.String() + tail, true, err
	case 'd', 'D':
		return set("0-9", c == 'D')
	case 'w', 'W':
		return set("a-zA-Z_0-9", c == 'W')
	case 's', 'S':
		return set(` \t\n\x0B\f\r`, c == 'S')
	case 'h', 'H':
		return set(javaBlanks, c == 'H')
	case 'v', 'V':
		return set(javaBreaks, c == 'V')
	case 'p', 'P':
		members, negated, err := t.property(c == 'P')
		if err != nil {
			return "", false, err
		}
		return set(members, negated)
	case 'R':
		if !inClass {
			return `(?>\r\n|[` + javaBreaks + `])`, false, nil
		}
	case 'X':
		if !inClass {
			return `(?:\P{M}\p{M}*)`, false, nil
		}
	case 'A', 'G', 'b', 'B', 'z':
		if !inClass {
			return `\` + string(c), false, nil
		}
	case 'Z':
		if !inClass {
			return endOfText, false, nil
		}
	case 'k':
		if end := strings.IndexByte(t.expr[t.pos:], '>'); !inClass && t.peek("<") && end > 1 {
			name := t.expr[t.pos+1 : t.pos+end]
			t.pos += end + 1
			if !t.names[name] {
				return "", false, t.fail("named capturing group <"+name+"> does not exist", t.pos-1)
			}
			return `\k<` + name + `>`, false, nil
		}
	case '1', '2', '3', '4', '5', '6', '7', '8', '9':
		if !inClass {
			n := int(c - '0')
			for t.more() && t.expr[t.pos] >= '0' && t.expr[t.pos] <= '9' && n*10+int(t.expr[t.pos]-'0') <= t.groups {
				n = n*10 + int(t.expr[t.pos]-'0')
				t.pos++
			}
			if n > t.groups {
				// A group that does not exist matches nothing.
				return "(?!)", false, nil
			}
			return `(?:\` + strconv.Itoa(n) + `)`, false, nil
		}
	case '0':
		start := t.pos
		for t.pos < len(t.expr) && t.pos-start < 3 && t.expr[t.pos] >= '0' && t.expr[t.pos] <= '7' {
			t.pos++
		}
		n, err := strconv.ParseUint(t.expr[start:t.pos], 8, 32)
		if err != nil {
			return "", false, t.fail("Illegal octal escape sequence", t.pos)
		}
		if n > 0377 {
			n >>= 3
			t.pos--
		}
		return quoteRune(rune(n)), false, nil
	case 'x', 'u':
		r, err := t.hex(c)
		return quoteRune(r), false, err
	case 'c':
		if t.more() {
			r := rune(t.expr[t.pos]) ^ 64
			t.pos++
			return quoteRune(r), false, nil
		}
	case 't':
		return `\t`, false, nil
	case 'n':
		return `\n`, false, nil
	case 'r':
		return `\r`, false, nil
	case 'f':
		return `\f`, false, nil
	case 'a':
		return `\a`, false, nil
	case 'e':
		return `\x1B`, false, nil
	default:
		if !isASCIILetter(c) {
			t.pos--
			r, size := utf8.DecodeRuneInString(t.expr[t.pos:])
			t.pos += size
			return quoteRune(r), false, nil
		}
	}
	return "", false, t.fail("Illegal/unsupported escape sequence", t.pos-1)
}

func (t *patternTranslator) hex(kind byte) (rune, error) {
	digits := ""
	switch {
	case kind == 'x' && t.peek("{"):
		end := strings.IndexByte(t.expr[t.pos:], '}')
		if end < 0 {
			return 0, t.fail("Unclosed hexadecimal escape sequence", t.pos)
		}
		digits = t.expr[t.pos+1 : t.pos+end]
		t.pos += end + 1
	default:
		n := 4
		if kind == 'x' {
			n = 2
		}
		digits = t.expr[t.pos:min(t.pos+n, len(t.expr))]
		if len(digits) < n {
			digits = ""
		}
		t.pos = min(t.pos+n, len(t.expr))
	}
	n, err := strconv.ParseUint(digits, 16, 32)
	if err != nil || n > utf8.MaxRune {
		if kind == 'x' {
			return 0, t.fail("Illegal hexadecimal escape sequence", t.pos)
		}
		return 0, t.fail("Illegal Unicode escape sequence", t.pos)
	}
	return rune(n), nil
}

// property translates the name behind \p to members of a class.
func (t *patternTranslator) property(negated bool) (members string, not bool, err error) {
	if !t.more() {
		return "", false, t.fail("Illegal/unsupported escape sequence", t.pos-1)
	}
	name := ""
	if t.peek("{") {
		end := strings.IndexByte(t.expr[t.pos:], '}')
		if end < 0 {
			return "", false, t.fail("Unclosed character family", len(t.expr)-1)
		}
		name = t.expr[t.pos+1 : t.pos+end]
		t.pos += end + 1
		if name == "" {
			return "", false, t.fail("Empty character family", t.pos-1)
		}
	} else {
		_, size := utf8.DecodeRuneInString(t.expr[t.pos:])
		name = t.expr[t.pos : t.pos+size]
		t.pos += size
	}
	switch name {
	case "Lower":
		members = "a-z"
	case "Upper":
		members = "A-Z"
	case "ASCII":
		members = `\x00-\x7F`
	case "Alpha":
		members = "a-zA-Z"
	case "Digit":
		members = "0-9"
	case "Alnum":
		members = "a-zA-Z0-9"
	case "Punct":
		members = `!-/:-@\x5B-\x60{-~`
	case "Graph":
		members = `!-~`
	case "Print":
		members = ` -~`
	case "Blank":
		members = ` \t`
	case "Cntrl":
		members = `\x00-\x1F\x7F`
	case "XDigit":
		members = "0-9a-fA-F"
	case "Space":
		members = ` \t\n\x0B\f\r`
	case "javaLowerCase", "IsLowercase":
		members = `\p{Ll}`
	case "javaUpperCase", "IsUppercase":
		members = `\p{Lu}`
	case "javaWhitespace":
		members = `\t-\r\x1C-\x20\u1680\u2000-\u2006\u2008-\u200a\u2028\u2029\u205f\u3000`
	case "IsWhite_Space", "IsWhiteSpace":
		members = `\s`
	case "javaLetter", "javaAlphabetic", "IsAlphabetic", "IsLetter":
		members = `\p{L}`
	case "javaDigit", "IsDigit":
		members = `\p{Nd}`
	case "javaLetterOrDigit":
		members = `\p{L}\p{Nd}`
	case "IsPunctuation":
		members = `\p{P}`
	case "L1":
		members = `\x00-\xFF`
	case "LC":
		members = `\p{Lu}\p{Ll}\p{Lt}`
	default:
		name = strings.TrimPrefix(name, "Is")
		for _, key := range []string{"general_category=", "gc=", "script=", "sc="} {
			name = strings.TrimPrefix(name, key)
		}
		members = `\p{` + name + `}`
		if !knownProperty(members) {
			return "", false, t.fail("Unknown character property name {"+name+"}", t.pos-1)
		}
	}
	return members, negated, nil
}

// class is a character class: what any of the terms matches, and all the
// intersected classes too.
type class struct {
	// members are plain members, terms are classes with structure.
	members string
	terms   []string
	negated bool
	and     []class
}

// atom writes the class as an expression for one character.
func (c class) atom() string {
	var options []string
	if c.members != "" {
		options = append(options, "["+c.members+"]")
	}
	options = append(options, c.terms...)
	text := "(?!)"
	switch len(options) {
	case 0:
	case 1:
		text = options[0]
	default:
		text = "(?:" + strings.Join(options, "|") + ")"
	}
	if len(c.and) > 0 {
		for _, other := range c.and {
			text = "(?=" + other.atom() + ")" + text
		}
		text = "(?:" + text + ")"
	}
	switch {
	case !c.negated:
		return text
	case len(c.terms) == 0 && len(c.and) == 0 && c.members != "":
		return "[^" + c.members + "]"
	}
	return "(?:(?!" + text + `)[\s\S])`
}

// class parses a character class behind its bracket.
func (t *patternTranslator) class(depth int) (class, error) {
	if depth > maxGroups {
		return class{}, t.fail("Pattern too large", t.pos)
	}
	whole := class{}
	if t.peek("^") {
		whole.negated = true
		t.pos++
	}
	part := class{}
	var parts []class
	first := true
	for {
		if !t.more() {
			return class{}, t.fail("Unclosed character class", max(len(t.expr)-1, 0))
		}
		switch {
		case t.peek("]") && !first:
			t.pos++
			parts = append(parts, part)
			parts = slices.DeleteFunc(parts, func(c class) bool { return c.members == "" && len(c.terms) == 0 })
			if len(parts) == 0 {
				return class{}, t.fail("Unclosed character class", len(t.expr)-1)
			}
			whole.members, whole.terms = parts[0].members, parts[0].terms
			whole.and = parts[1:]
			return whole, nil
		case t.peek("&&"):
			t.pos += 2
			for t.peek("&") {
				t.pos++
			}
			parts = append(parts, part)
			part = class{}
			first = false
			continue
		case t.peek("["):
			t.pos++
			inner, err := t.class(depth + 1)
			if err != nil {
				return class{}, err
			}
			if !inner.negated && len(inner.and) == 0 {
				part.members += inner.members
				part.terms = append(part.terms, inner.terms...)
			} else {
				part.terms = append(part.terms, inner.atom())
			}
			first = false
			continue
		}
		low, text, err := t.member()
		if err != nil {
			return class{}, err
		}
		first = false
		if strings.HasPrefix(text, "[") {
			part.terms = append(part.terms, text)
			continue
		}
		if low >= 0 && t.peek("-") && !t.peek("-]") && !t.peek("-[") && t.pos+1 < len(t.expr) && !t.peek("-&&") {
			save := t.pos
			t.pos++
			high, upper, err := t.member()
			if err != nil {
				return class{}, err
			}
			switch {
			case high < 0:
				t.pos = save
			case high < low:
				return class{}, t.fail("Illegal character range", t.pos-1)
			default:
				text += "-" + upper
			}
		}
		part.members += text
	}
}

// member parses one member of a class. low is the character, or -1 for an
// escape that stands for several.
func (t *patternTranslator) member() (low rune, text string, err error) {
	if t.expr[t.pos] != '\\' {
		r, size := utf8.DecodeRuneInString(t.expr[t.pos:])
		t.pos += size
		return r, quoteRune(r), nil
	}
	start := t.pos
	text, _, err = t.escape(true)
	if err != nil {
		return 0, "", err
	}
	switch t.expr[start+1] {
	case 'd', 'D', 'w', 'W', 's', 'S', 'h', 'H', 'v', 'V', 'p', 'P', 'Q':
		return -1, text, nil
	case 't':
		return '\t', text, nil
	case 'n':
		return '\n', text, nil
	case 'r':
		return '\r', text, nil
	case 'f':
		return '\f', text, nil
	case 'a':
		return 7, text, nil
	case 'e':
		return 0x1b, text, nil
	}
	return unquoteRune(text), text, nil
}

// quoteRune writes r so that it is literal, inside a class and outside.
func quoteRune(r rune) string {
	switch {
	case r < 0x80 && (isASCIILetter(byte(r)) || r >= '0' && r <= '9' || r == '_'):
		return string(r)
	case r < 0x20 || r == 0x7f:
		h := "0" + strconv.FormatInt(int64(r), 16)
		return `\x` + h[len(h)-2:]
	case r < 0x80:
		return `\` + string(r)
	}
	return string(r)
}

func unquoteRune(text string) rune {
	if strings.HasPrefix(text, `\x`) && len(text) == 4 {
		n, _ := strconv.ParseInt(text[2:], 16, 32)
		return rune(n)
	}
	r, _ := utf8.DecodeRuneInString(strings.TrimPrefix(text, `\`))
	return r
}

// knownProperty reports whether regexp2 knows \p{name}.
func knownProperty(property string) bool {
	_, err := regexp2.Compile("["+property+"]", regexp2.None)
	return err == nil
}

func isASCIILetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func isASCIIWord(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isASCIILetter(s[i]) && (i == 0 || s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return s != ""
}
