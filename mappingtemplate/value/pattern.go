package value

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/dlclark/regexp2"
	lru "github.com/hashicorp/golang-lru/v2"
)

// ErrPatternTimeout is returned when a regular expression takes longer than a
// second to match, as expressions that backtrack exponentially do.
var ErrPatternTimeout = errors.New("the regular expression takes too long to match")

// patternTimeout bounds one match, and about twice as much a whole call that
// looks for many.
const patternTimeout = time.Second

// patternCacheSize is how many expressions a Methods remembers. Templates use
// few, nearly always literals.
const patternCacheSize = 64

// A Pattern is a compiled java.util.regex.Pattern. It is safe for concurrent
// use.
type Pattern struct {
	re *regexp2.Regexp
	// whole matches the whole text only.
	whole *regexp2.Regexp
	// halves says that the expression cannot match a character beyond U+FFFF,
	// and so looks for matches between its two halves too.
	halves bool
	// behind is the expression without its \G, nil when it has none.
	behind *regexp2.Regexp
}

// CompilePattern compiles a Java regular expression. An error is the
// *Exception that Pattern.compile throws.
func CompilePattern(expr string) (*Pattern, error) {
	t := &patternTranslator{}
	translated, err := t.translate(expr)
	if err != nil {
		return nil, err
	}
	re, err := regexp2.Compile(translated, regexp2.None)
	if err != nil {
		return nil, patternSyntax("Illegal regular expression", expr, 0)
	}
	whole, err := regexp2.Compile(`\A(?:`+translated+`)\z`, regexp2.None)
	if err != nil {
		whole = re
	}
	re.MatchTimeout = patternTimeout
	whole.MatchTimeout = patternTimeout
	var behind *regexp2.Regexp
	if t.continued {
		if behind, err = withoutContinuation(expr); err != nil {
			return nil, err
		}
	}
	return &Pattern{re: re, behind: behind, whole: whole, halves: !t.wide}, nil
}

// withoutContinuation compiles the expression with each \G matching nothing.
func withoutContinuation(expr string) (*regexp2.Regexp, error) {
	t := &patternTranslator{behind: true}
	translated, err := t.translate(expr)
	if err != nil {
		return nil, err
	}
	re, err := regexp2.Compile(translated, regexp2.None)
	if err != nil {
		return nil, patternSyntax("Illegal regular expression", expr, 0)
	}
	re.MatchTimeout = patternTimeout
	return re, nil
}

// characters cuts s into what the expression matches one by one.
func (p *Pattern) characters(s string) []rune {
	runes := []rune(s)
	if !p.halves || !slices.ContainsFunc(runes, func(r rune) bool { return r > 0xFFFF }) {
		return runes
	}
	units := utf16.Encode(runes)
	runes = make([]rune, len(units))
	for i, u := range units {
		runes[i] = rune(u)
	}
	return runes
}

// textOfCharacters joins what characters has cut.
func (p *Pattern) textOfCharacters(runes []rune) string {
	if !p.halves {
		return string(runes)
	}
	units := make([]uint16, 0, len(runes))
	for _, r := range runes {
		units = utf16.AppendRune(units, r)
		if utf16.IsSurrogate(r) {
			units[len(units)-1] = uint16(r)
		}
	}
	return string(utf16.Decode(units))
}

// next returns the match behind m. After an empty match \G stays behind, where
// no match can begin any more.
func (p *Pattern) next(runes []rune, m *regexp2.Match) (*regexp2.Match, error) {
	if p.behind == nil || m.Length > 0 {
		return p.re.FindNextMatch(m)
	}
	if m.Index == len(runes) {
		return nil, nil
	}
	return p.behind.FindRunesMatchStartingAt(runes, m.Index+1)
}

// Matches reports whether the whole of s matches, as Pattern.matches does.
func (p *Pattern) Matches(s string) (bool, error) {
	ok, err := p.whole.MatchString(s)
	if err != nil {
		return false, ErrPatternTimeout
	}
	return ok, nil
}

// Replace replaces the first limit matches, all of them when limit is negative.
// In the replacement $1 and ${name} stand for groups, and a backslash makes the
// next character literal.
func (p *Pattern) Replace(s, replacement string, limit int) (string, error) {
	runes := p.characters(s)
	m, err := p.re.FindRunesMatch(runes)
	if err != nil {
		return "", ErrPatternTimeout
	}
	if m == nil {
		return s, nil
	}
	var out []rune
	at := 0
	deadline := time.Now().Add(patternTimeout)
	for m != nil && limit != 0 {
		if time.Now().After(deadline) {
			return "", ErrPatternTimeout
		}
		out = append(out, runes[at:m.Index]...)
		if out, err = expand(out, replacement, m); err != nil {
			return "", err
		}
		if len(out) > MaxText {
			return "", ErrTextTooLong
		}
		at = m.Index + m.Length
		limit--
		if m, err = p.next(runes, m); err != nil {
			return "", ErrPatternTimeout
		}
	}
	return p.textOfCharacters(append(out, runes[at:]...)), nil
}

// expand appends a replacement for the match m.
func expand(out []rune, text string, m *regexp2.Match) ([]rune, error) {
	replacement := []rune(text)
	for i := 0; i < len(replacement); i++ {
		switch c := replacement[i]; c {
		case '\\':
			i++
			if i == len(replacement) {
				return nil, illegalArgument("character to be escaped is missing")
			}
			out = append(out, replacement[i])
		case '$':
			i++
			if i == len(replacement) {
				return nil, illegalArgument("Illegal group reference: group index is missing")
			}
			var g *regexp2.Group
			if replacement[i] == '{' {
				end := i + 1
				for end < len(replacement) && (isASCIIAlnum(replacement[end])) {
					end++
				}
				name := string(replacement[i+1 : end])
				switch {
				case name == "":
					return nil, illegalArgument("named capturing group has 0 length name")
				case end == len(replacement) || replacement[end] != '}':
					return nil, illegalArgument("named capturing group is missing trailing '}'")
				case !isASCIILetter(name[0]):
					return nil, illegalArgument("capturing group name {" + name + "} starts with digit character")
				}
				if g = m.GroupByName(name); g == nil {
					return nil, illegalArgument("No group with name {" + name + "}")
				}
				i = end
			} else {
				if replacement[i] < '0' || replacement[i] > '9' {
					return nil, illegalArgument("Illegal group reference")
				}
				n := int(replacement[i] - '0')
				if g = groupOf(m, n); g == nil {
					return nil, throw("java.lang.IndexOutOfBoundsException", "No group "+strconv.Itoa(n))
				}
				for i+1 < len(replacement) && replacement[i+1] >= '0' && replacement[i+1] <= '9' {
					n = n*10 + int(replacement[i+1]-'0')
					longer := groupOf(m, n)
					if longer == nil {
						break
					}
					g = longer
					i++
				}
			}
			if len(g.Captures) > 0 {
				out = append(out, g.Runes()...)
			}
		default:
			out = append(out, c)
		}
	}
	return out, nil
}

func isASCIIAlnum(r rune) bool {
	return r < utf8.RuneSelf && (isASCIILetter(byte(r)) || isDigit(byte(r)))
}

func groupOf(m *regexp2.Match, n int) *regexp2.Group {
	if n >= m.GroupCount() {
		return nil
	}
	return m.GroupByNumber(n)
}

// Split splits as String.split does: with limit 0 trailing empty parts are
// dropped, with a positive one there are at most that many parts.
func (p *Pattern) Split(s string, limit int) ([]string, error) {
	runes := p.characters(s)
	m, err := p.re.FindRunesMatch(runes)
	if err != nil {
		return nil, ErrPatternTimeout
	}
	var parts []string
	at := 0
	deadline := time.Now().Add(patternTimeout)
	for m != nil && (limit <= 0 || len(parts) < limit-1) {
		if time.Now().After(deadline) {
			return nil, ErrPatternTimeout
		}
		if !(m.Index == 0 && m.Length == 0) {
			parts = append(parts, p.textOfCharacters(runes[at:m.Index]))
			at = m.Index + m.Length
		}
		if m, err = p.next(runes, m); err != nil {
			return nil, ErrPatternTimeout
		}
	}
	if at == 0 && len(parts) == 0 {
		return []string{s}, nil
	}
	return trimParts(append(parts, p.textOfCharacters(runes[at:])), limit), nil
}

func trimParts(parts []string, limit int) []string {
	if limit == 0 {
		for len(parts) > 0 && parts[len(parts)-1] == "" {
			parts = parts[:len(parts)-1]
		}
	}
	return parts
}

// patterns is a bounded cache of compiled patterns.
type patterns struct {
	once  sync.Once
	cache *lru.Cache[string, *Pattern]
}

func (p *patterns) get(expr string) (*Pattern, error) {
	p.once.Do(func() {
		// The size is positive, the only thing that New checks.
		p.cache, _ = lru.New[string, *Pattern](patternCacheSize)
	})
	if c, ok := p.cache.Get(expr); ok {
		return c, nil
	}
	c, err := CompilePattern(expr)
	if err == nil {
		p.cache.Add(expr, c)
	}
	return c, err
}

// literalPattern returns the text that a regular expression without operators
// matches.
func literalPattern(expr string) (string, bool) {
	if len(expr) == 2 && expr[0] == '\\' && !isASCIILetter(expr[1]) && (expr[1] < '0' || expr[1] > '9') && expr[1] < 0x80 {
		return expr[1:], true
	}
	return expr, expr != "" && !strings.ContainsAny(expr, `\[](){}.*+?^$|`)
}

// withPattern calls the methods of a String that take a regular expression.
func (c *call) withPattern(s string) (any, bool, error) {
	limit := 0
	switch {
	case c.name == "split" && c.fits(aString, anInt):
		limit = c.int(1)
	case (c.name == "split" || c.name == "matches") && c.fits(aString):
	case c.name != "split" && c.name != "matches" && c.fits(aString, aString):
	default:
		return notFound()
	}
	expr, err := c.string(0)
	if err != nil {
		return thrown(err)
	}
	if text, ok := literalPattern(expr); ok && c.name == "split" {
		return returns(textArray(splitLiteral(s, text, limit)))
	}
	p, err := c.methods.patterns.get(expr)
	if err != nil {
		return thrown(err)
	}
	switch c.name {
	case "matches":
		ok, err := p.Matches(s)
		return ok, true, err
	case "split":
		parts, err := p.Split(s, limit)
		if err != nil {
			return thrown(err)
		}
		return returns(textArray(parts))
	}
	replacement, err := c.string(1)
	if err != nil {
		return nullReplacement(c.name, p, s)
	}
	times := -1
	if c.name == "replaceFirst" {
		times = 1
	}
	text, err := p.Replace(s, replacement, times)
	return text, true, err
}

// nullReplacement is what replacing by null ends in. Only replaceFirst looks at
// it before there is something to replace.
func nullReplacement(name string, p *Pattern, s string) (any, bool, error) {
	if name == "replaceFirst" {
		return thrown(throw("java.lang.NullPointerException", "replacement"))
	}
	found, err := p.re.MatchString(s)
	switch {
	case err != nil:
		return thrown(ErrPatternTimeout)
	case found:
		return thrown(nullPointer())
	}
	return returns(s)
}

func splitLiteral(s, separator string, limit int) []string {
	n := -1
	if limit > 0 {
		n = limit
	}
	parts := strings.SplitN(s, separator, n)
	if len(parts) == 1 {
		return parts
	}
	return trimParts(parts, limit)
}
