package value

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
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
	endOfText  = `(?:(?=(?:\r\n|[\n\r\u0085\u2028\u2029])?\z)(?<!\r(?=\n)))`
	endOfLine  = `(?:(?=[\n\r\u0085\u2028\u2029]|\z)(?<!\r(?=\n)))`
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

// flags are those in force.
type flags struct {
	dotAll, multiline, comments bool
	// ignoreCase holds for ASCII letters only, unless unicode is set too.
	ignoreCase, unicode bool
}

type patternTranslator struct {
	// source is the whole expression, expr what it is without \Q..\E.
	source, expr string
	pos          int
	flags
	depth int
	// groups counts the capturing groups opened, names has those with one,
	// references counts the back references.
	references int
	// wide is set by what can match a character beyond U+FFFF, and continued by
	// \G, which matches nothing when behind is set.
	wide, continued, behind bool
	groups                  int
	names                   map[string]bool
}

// translate rewrites a Java regular expression for regexp2.
func (t *patternTranslator) translate(expr string) (string, error) {
	if len(expr) > maxPattern {
		return "", patternSyntax("Pattern too large", expr[:64], -1)
	}
	t.source, t.expr = expr, unquoted(expr)
	text, err := t.alternatives()
	if err != nil {
		return "", err
	}
	if t.pos < len(t.expr) {
		return "", t.failBefore("Unmatched closing ')'")
	}
	return text, nil
}

// unquoted rewrites \Q..\E with a backslash before each operator. Places in
// messages are those in the rewritten expression.
func unquoted(expr string) string {
	var b strings.Builder
	quoted, first := false, false
	for i := 0; i < len(expr); i++ {
		c := expr[i]
		next := byte(0)
		if i+1 < len(expr) {
			next = expr[i+1]
		}
		switch {
		case c == '\\' && quoted && next == 'E':
			quoted = false
			i++
			continue
		case c == '\\' && !quoted && next == 'Q':
			quoted, first = true, true
			i++
			continue
		case c == '\\' && !quoted:
			b.WriteByte(c)
			if next != 0 {
				b.WriteByte(next)
				i++
			}
		case !quoted || c >= utf8.RuneSelf || isASCIILetter(c):
			b.WriteByte(c)
		case c >= '0' && c <= '9':
			if first {
				// It must not continue an escape before the quotation.
				b.WriteString(`\x3`)
			}
			b.WriteByte(c)
		default:
			b.WriteString(`\` + string(c))
		}
		first = false
	}
	return b.String()
}

// fail words an error at a byte offset. Java counts in characters.
func (t *patternTranslator) fail(what string, offset int) error {
	if offset > 0 {
		offset = utf8.RuneCountInString(t.expr[:min(offset, len(t.expr))])
	}
	return patternSyntax(what, t.source, offset)
}

// failBefore words an error at the character before the current place.
func (t *patternTranslator) failBefore(what string) error {
	return patternSyntax(what, t.source, utf8.RuneCountInString(t.expr[:t.pos])-1)
}

// failAtEnd words an error at the last character, or as many behind it.
func (t *patternTranslator) failAtEnd(what string, behind int) error {
	return patternSyntax(what, t.source, utf8.RuneCountInString(t.expr)-1+behind)
}

func (t *patternTranslator) more() bool { return t.pos < len(t.expr) }

func (t *patternTranslator) peek(s string) bool { return strings.HasPrefix(t.expr[t.pos:], s) }

// alternatives translates up to a closing parenthesis or the end. Flags set
// inside hold until there.
func (t *patternTranslator) alternatives() (string, error) {
	before := t.flags
	defer func() { t.flags = before }()
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
	if !t.more() || t.expr[t.pos+1:] == "" || !isDigit(t.expr[t.pos+1]) {
		return t.fail("Illegal repetition", t.pos+1)
	}
	number := func() (n int, err error) {
		for t.more() && isDigit(t.expr[t.pos]) {
			if n = n*10 + int(t.expr[t.pos]-'0'); n > math.MaxInt32 {
				return 0, t.fail("Illegal repetition range", t.pos)
			}
			t.pos++
		}
		return n, nil
	}
	t.pos++
	low, err := number()
	if err != nil {
		return err
	}
	high := low
	if t.peek(",") {
		t.pos++
		if t.more() && t.expr[t.pos] != '}' {
			if high, err = number(); err != nil {
				return err
			}
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
		if t.ignoreCase && t.unicode {
			return "(?i:" + class.atom() + ")", false, err
		}
		return class.atom(), false, err
	case '(':
		return t.group()
	case '.':
		t.pos++
		t.wide = true
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
	return t.literal(r), false, nil
}

func (t *patternTranslator) group() (text string, bare bool, err error) {
	t.pos++
	t.depth++
	defer func() { t.depth-- }()
	if t.depth > maxGroups {
		return "", false, t.fail("Pattern too large", t.pos)
	}
	head := "("
	before := t.flags
	behind, around, references := false, false, t.references
	for t.comments && t.more() && t.skipComment() {
	}
	if t.peek("?") {
		kind := t.pos
		t.pos++
		switch {
		case t.peek("<="), t.peek("<!"):
			t.pos += 2
			behind = true
		case t.peek("<"):
			t.pos++
			name, err := t.groupName()
			if err != nil {
				return "", false, err
			}
			if t.names == nil {
				t.names = make(map[string]bool)
			}
			if t.names[name] {
				return "", false, t.failBefore("Named capturing group <" + name + "> is already defined")
			}
			t.names[name] = true
			t.groups++
		case t.peek("$"), t.peek("@"):
			return "", false, t.fail("Unknown group type", t.pos)
		case t.peek(":") || t.peek("=") || t.peek("!") || t.peek(">"):
			around = t.peek("=") || t.peek("!")
			t.pos++
		default:
			return t.flagGroup()
		}
		head += t.expr[kind:t.pos]
	} else {
		t.groups++
	}
	body, err := t.alternatives()
	if err != nil {
		return "", false, err
	}
	t.flags = before
	if behind && t.references > references {
		return "", false, t.failBefore("Look-behind group does not have an obvious maximum length")
	}
	if around || behind {
		// What looks around has no length of its own.
		t.references = references
	}
	if !t.more() {
		return "", false, t.fail("Unclosed group", len(t.expr))
	}
	t.pos++
	return head + body + ")", false, nil
}

// groupName reads a name and the ">" behind it.
func (t *patternTranslator) groupName() (string, error) {
	start := t.pos
	if !t.more() || !isASCIILetter(t.expr[t.pos]) {
		return "", t.fail("capturing group name does not start with a Latin letter", t.pos)
	}
	for t.more() && (isASCIILetter(t.expr[t.pos]) || isDigit(t.expr[t.pos])) {
		t.pos++
	}
	if !t.peek(">") {
		return "", t.fail("named capturing group is missing trailing '>'", t.pos)
	}
	t.pos++
	return t.expr[start : t.pos-1], nil
}

// flagGroup translates (?i), (?i-s) and (?i:...). The translation itself deals
// with the flags.
func (t *patternTranslator) flagGroup() (text string, bare bool, err error) {
	changed, on := t.flags, true
	for t.more() {
		if changed.comments && t.skipComment() {
			continue
		}
		c := t.expr[t.pos]
		switch c {
		case 'i':
			changed.ignoreCase = on
		case 's':
			changed.dotAll = on
		case 'm':
			changed.multiline = on
		case 'x':
			changed.comments = on
		case 'u', 'U':
			changed.unicode = on
		case 'c', 'd':
		case '-':
			on = false
		case ')':
			t.pos++
			t.flags = changed
			return "", true, nil
		case ':':
			t.pos++
			before := t.flags
			t.flags = changed
			body, err := t.alternatives()
			t.flags = before
			if err != nil {
				return "", false, err
			}
			if !t.more() {
				return "", false, t.fail("Unclosed group", len(t.expr))
			}
			t.pos++
			return "(?:" + body + ")", false, nil
		default:
			return "", false, t.fail("Unknown inline modifier", t.pos)
		}
		t.pos++
	}
	return "", false, t.failAtEnd("Unknown inline modifier", 1)
}

// literal translates a character.
func (t *patternTranslator) literal(r rune) string {
	t.wide = t.wide || r > 0xFFFF
	text := quoteRune(r)
	switch {
	case !t.ignoreCase:
	case t.unicode:
		return "(?i:" + text + ")"
	case r < utf8.RuneSelf && isASCIILetter(byte(r)):
		return "[" + text + string(r^0x20) + "]"
	}
	return text
}

// otherCase are the letters that the flag i adds to a range of a class.
func (t *patternTranslator) otherCase(low, high rune) string {
	if !t.ignoreCase || t.unicode {
		return ""
	}
	text := ""
	for _, first := range []rune{'a', 'A'} {
		from, to := max(low, first), min(high, first+25)
		if from <= to {
			text += string(from^0x20) + "-" + string(to^0x20)
		}
	}
	return text
}

// escape translates a backslash and what follows. In a class the result is part
// of a class.
func (t *patternTranslator) escape(inClass bool) (text string, bare bool, err error) {
	t.pos++
	character := func(r rune) (string, bool, error) {
		if inClass {
			t.wide = t.wide || r > 0xFFFF
			return quoteRune(r), false, nil
		}
		return t.literal(r), false, nil
	}
	backReference := func(text string) string {
		if t.ignoreCase {
			return "(?i:" + text + ")"
		}
		return text
	}
	if !t.more() {
		switch {
		case inClass:
			return "", false, t.failAtEnd("Unclosed character class", 1)
		case t.depth > 0:
			return "", false, t.failAtEnd("Unclosed group", 2)
		}
		return "", false, t.failAtEnd("Unexpected internal error", 1)
	}
	set := func(members string, negated bool) (string, bool, error) {
		switch {
		case inClass && !negated:
			return members, false, nil
		case negated:
			t.wide = true
			return "[^" + members + "]", false, nil
		}
		return "[" + members + "]", false, nil
	}
	c := t.expr[t.pos]
	t.pos++
	switch c {
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
		t.wide = true
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
			t.wide = true
			return `(?:\r\n|\P{M}\p{M}*)`, false, nil
		}
	case 'A', 'G', 'b', 'B', 'z':
		if !inClass {
			if c == 'b' && t.peek("{g") {
				t.pos += 2
				if t.peek("}") {
					t.pos++
					return `(?!\p{M})`, false, nil
				}
				return "", false, t.fail("Illegal/unsupported escape sequence", t.pos)
			}
			t.continued = t.continued || c == 'G'
			if c == 'G' && t.behind {
				return "(?!)", false, nil
			}
			return `\` + string(c), false, nil
		}
	case 'Z':
		if !inClass {
			return endOfText, false, nil
		}
	case 'k':
		if !inClass {
			if !t.peek("<") {
				return "", false, t.fail(`\k is not followed by '<' for named capturing group`, t.pos)
			}
			t.pos++
			name, err := t.groupName()
			if err != nil {
				return "", false, err
			}
			if !t.names[name] {
				return "", false, t.failBefore("named capturing group <" + name + "> does not exist")
			}
			t.references++
			return backReference(`\k<` + name + `>`), false, nil
		}
	case 'N':
		if !t.peek("{") {
			return "", false, t.fail("Illegal character name escape sequence", t.pos)
		}
		end := strings.IndexByte(t.expr[t.pos:], '}')
		if end < 0 {
			return "", false, t.failAtEnd("Unclosed character name escape sequence", 0)
		}
		name := t.expr[t.pos+1 : t.pos+end]
		return "", false, t.fail("Unknown character name ["+name+"]", t.pos+end)
	case '1', '2', '3', '4', '5', '6', '7', '8', '9':
		if !inClass {
			t.references++
			n := int(c - '0')
			for t.more() && t.expr[t.pos] >= '0' && t.expr[t.pos] <= '9' && n*10+int(t.expr[t.pos]-'0') <= t.groups {
				n = n*10 + int(t.expr[t.pos]-'0')
				t.pos++
			}
			if n > t.groups {
				// A group that does not exist matches nothing.
				return "(?!)", false, nil
			}
			return backReference(`(?:\` + strconv.Itoa(n) + `)`), false, nil
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
		return character(rune(n))
	case 'x', 'u':
		r, err := t.hex(c)
		if err != nil {
			return "", false, err
		}
		return character(r)
	case 'c':
		if !t.more() {
			return "", false, t.failBefore("Illegal control escape sequence")
		}
		r, size := utf8.DecodeRuneInString(t.expr[t.pos:])
		t.pos += size
		return character(r ^ 64)
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
			return character(r)
		}
	}
	return "", false, t.failBefore("Illegal/unsupported escape sequence")
}

// hex reads the digits behind \x or \u. An error points at what is no digit.
func (t *patternTranslator) hex(kind byte) (rune, error) {
	digit := func() (rune, bool) {
		if !t.more() {
			return 0, false
		}
		n, err := strconv.ParseUint(t.expr[t.pos:t.pos+1], 16, 8)
		return rune(n), err == nil
	}
	if kind == 'x' && t.peek("{") {
		t.pos++
		if _, ok := digit(); !ok {
			return 0, t.failBefore("Illegal hexadecimal escape sequence")
		}
		r := rune(0)
		for n, ok := digit(); ok; n, ok = digit() {
			if r = r<<4 + n; r > utf8.MaxRune {
				return 0, t.fail("Hexadecimal codepoint is too big", t.pos)
			}
			t.pos++
		}
		if !t.peek("}") {
			return 0, t.fail("Unclosed hexadecimal escape sequence", t.pos)
		}
		t.pos++
		t.wide = t.wide || r > 0xFFFF
		return r, nil
	}
	length, what := 4, "Illegal Unicode escape sequence"
	if kind == 'x' {
		length, what = 2, "Illegal hexadecimal escape sequence"
	}
	r := rune(0)
	for range length {
		n, ok := digit()
		if !ok {
			return 0, t.fail(what, t.pos)
		}
		r = r<<4 + n
		t.pos++
	}
	if kind == 'u' && utf16.IsSurrogate(r) && t.peek(`\u`) {
		before := t.pos
		t.pos += len(`\u`)
		low, err := t.hex('u')
		if err != nil {
			return 0, err
		}
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			t.wide = true
			return pair, nil
		}
		t.pos = before
	}
	return r, nil
}

// property translates the name behind \p to members of a class.
func (t *patternTranslator) property(negated bool) (members string, not bool, err error) {
	if !t.more() {
		return "", false, t.fail("Unknown character property name {\x00}", t.pos)
	}
	name := ""
	if t.peek("{") {
		end := strings.IndexByte(t.expr[t.pos:], '}')
		if end < 0 {
			return "", false, t.fail("Unclosed character family", len(t.expr))
		}
		name = t.expr[t.pos+1 : t.pos+end]
		t.pos += end + 1
		if name == "" {
			return "", false, t.failBefore("Empty character family")
		}
	} else {
		_, size := utf8.DecodeRuneInString(t.expr[t.pos:])
		name = t.expr[t.pos : t.pos+size]
		t.pos += size
	}
	if t.ignoreCase {
		switch name {
		case "Lower", "Upper":
			return "a-zA-Z", negated, nil
		case "Lu", "Ll", "Lt", "IsLu", "IsLl", "IsLt", "javaLowerCase", "javaUpperCase", "IsLowercase", "IsUppercase":
			return `\p{Lu}\p{Ll}\p{Lt}`, negated, nil
		}
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
		unknown := "Unknown character property name {" + name + "}"
		property := name
		switch {
		case strings.HasPrefix(name, "Is"):
			property = name[len("Is"):]
		case len(name) > 2:
			// Scripts need a prefix, only categories are known by themselves.
			property = ""
		}
		if key, value, ok := strings.Cut(name, "="); ok {
			key = strings.ToLower(key)
			unknown = "Unknown Unicode property {name=<" + key + ">, value=<" + value + ">}"
			switch key {
			case "general_category", "gc", "script", "sc":
				property = value
			}
		}
		members = `\p{` + property + `}`
		if property == "" || !knownProperty(members) {
			return "", false, t.failBefore(unknown)
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

func (c class) empty() bool { return c.members == "" && len(c.terms) == 0 }

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
		whole.negated, t.wide = true, true
		t.pos++
	}
	part := class{}
	var parts []class
	first := true
	for {
		for t.comments && t.more() && t.skipComment() {
		}
		if !t.more() {
			return class{}, t.failAtEnd("Unclosed character class", 0)
		}
		switch {
		case t.peek("]") && !first:
			t.pos++
			parts = append(parts, part)
			parts = slices.DeleteFunc(parts, class.empty)
			if len(parts) == 0 {
				return class{}, t.failAtEnd("Unclosed character class", 0)
			}
			whole.members, whole.terms = parts[0].members, parts[0].terms
			whole.and = parts[1:]
			return whole, nil
		case t.peek("&&"):
			t.pos += 2
			if part.empty() && len(parts) == 0 && (t.peek("]") || t.peek("&")) {
				return class{}, t.failBefore("Bad class syntax")
			}
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
		if low >= 0 && t.expr[t.pos:] == "-" {
			return class{}, t.failAtEnd("Illegal character range", 1)
		}
		if low >= 0 && t.peek("-") && !t.peek("-]") && !t.peek("-[") && t.pos+1 < len(t.expr) {
			t.pos++
			if t.expr[t.pos:] == `\` {
				return class{}, t.failAtEnd("Illegal character range", 1)
			}
			if t.peek(`\p`) || t.peek(`\P`) {
				return class{}, t.fail("Illegal/unsupported escape sequence", t.pos+1)
			}
			high, upper, err := t.member()
			if err != nil {
				return class{}, err
			}
			if high < low {
				return class{}, t.failBefore("Illegal character range")
			}
			text += "-" + upper + t.otherCase(low, high)
		} else if low >= 0 {
			text += t.otherCase(low, low)
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
		t.wide = t.wide || r > 0xFFFF
		return r, quoteRune(r), nil
	}
	start := t.pos
	text, _, err = t.escape(true)
	if err != nil {
		return 0, "", err
	}
	switch t.expr[start+1] {
	case 'd', 'D', 'w', 'W', 's', 'S', 'h', 'H', 'v', 'V', 'p', 'P':
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
	case r < 0x20 || r == 0x7f || r == '-':
		// An escaped "-" begins no range in regexp2.
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

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
