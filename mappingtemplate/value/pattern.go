package value

import (
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

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
}

// CompilePattern compiles a Java regular expression. An error is the
// *Exception that Pattern.compile throws.
func CompilePattern(expr string) (*Pattern, error) {
	translated, err := translatePattern(expr)
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
	return &Pattern{re: re, whole: whole}, nil
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
	runes := []rune(s)
	m, err := p.re.FindRunesMatch(runes)
	if err != nil {
		return "", ErrPatternTimeout
	}
	if m == nil {
		return s, nil
	}
	var b strings.Builder
	at := 0
	deadline := time.Now().Add(patternTimeout)
	for m != nil && limit != 0 {
		if time.Now().After(deadline) {
			return "", ErrPatternTimeout
		}
		b.WriteString(string(runes[at:m.Index]))
		if err := expand(&b, replacement, m); err != nil {
			return "", err
		}
		if b.Len() > MaxText {
			return "", ErrTextTooLong
		}
		at = m.Index + m.Length
		limit--
		if m, err = p.re.FindNextMatch(m); err != nil {
			return "", ErrPatternTimeout
		}
	}
	b.WriteString(string(runes[at:]))
	return b.String(), nil
}

// expand appends a replacement for the match m.
func expand(b *strings.Builder, replacement string, m *regexp2.Match) error {
	for i := 0; i < len(replacement); i++ {
		switch c := replacement[i]; c {
		case '\\':
			i++
			if i == len(replacement) {
				return illegalArgument("character to be escaped is missing")
			}
			b.WriteByte(replacement[i])
		case '$':
			i++
			if i == len(replacement) {
				return illegalArgument("Illegal group reference: group index is missing")
			}
			var g *regexp2.Group
			if replacement[i] == '{' {
				end := i + 1
				for end < len(replacement) && (isASCIILetter(replacement[end]) || replacement[end] >= '0' && replacement[end] <= '9') {
					end++
				}
				name := replacement[i+1 : end]
				switch {
				case name == "":
					return illegalArgument("named capturing group has 0 length name")
				case end == len(replacement) || replacement[end] != '}':
					return illegalArgument("named capturing group is missing trailing '}'")
				case !isASCIILetter(name[0]):
					return illegalArgument("capturing group name {" + name + "} starts with digit character")
				}
				if g = m.GroupByName(name); g == nil {
					return illegalArgument("No group with name {" + name + "}")
				}
				i = end
			} else {
				if replacement[i] < '0' || replacement[i] > '9' {
					return illegalArgument("Illegal group reference")
				}
				n := int(replacement[i] - '0')
				if g = groupOf(m, n); g == nil {
					return throw("java.lang.IndexOutOfBoundsException", "No group "+strconv.Itoa(n))
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
				b.WriteString(g.String())
			}
		default:
			b.WriteByte(c)
		}
	}
	return nil
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
	runes := []rune(s)
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
			parts = append(parts, string(runes[at:m.Index]))
			at = m.Index + m.Length
		}
		if m, err = p.re.FindNextMatch(m); err != nil {
			return nil, ErrPatternTimeout
		}
	}
	if at == 0 && len(parts) == 0 {
		return []string{s}, nil
	}
	return trimParts(append(parts, string(runes[at:])), limit), nil
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
		return thrown(throw("java.lang.NullPointerException", "replacement"))
	}
	times := -1
	if c.name == "replaceFirst" {
		times = 1
	}
	text, err := p.Replace(s, replacement, times)
	return text, true, err
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
