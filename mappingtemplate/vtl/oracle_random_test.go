//go:build oracle

package vtl_test

import (
	"flag"
	"regexp"
	"strings"
	"testing"
)

var (
	randomSeed     = flag.Uint64("seed", 1, "first seed of TestOracleRandom")
	randomCount    = flag.Int("templates", 30_000, "how many templates TestOracleRandom renders")
	randomProfile  = flag.String("profile", "", "the only profile of TestOracleRandom; all by default")
	randomSamples  = flag.String("samples", "testdata", "folder of .vtl files that TestOracleRandom changes")
	randomReported = flag.Int("reported", 10, "how many differences of a profile TestOracleRandom minimises and prints")
)

// TestOracleRandom renders random templates with Apache Velocity 1.7 and with
// this package, and compares texts and messages.
func TestOracleRandom(t *testing.T) {
	jvm := startVelocity(t)
	samples := readSamples(t, *randomSamples)
	var chosen []profile
	for _, p := range profiles() {
		if *randomProfile == "" || *randomProfile == p.name {
			chosen = append(chosen, p)
		}
	}
	for _, p := range chosen {
		t.Run(p.name, func(t *testing.T) {
			c := comparison{tb: t, jvm: jvm, explained: make(map[string]int)}
			const batch = 250
			count := *randomCount / len(chosen)
			for from := 0; from < count; from += batch {
				templates := make([]string, min(batch, count-from))
				for i := range templates {
					templates[i] = generate(p, *randomSeed+uint64(from+i), samples)
				}
				for i, d := range c.compare(templates) {
					if d == nil {
						continue
					}
					c.differences++
					if c.differences > *randomReported {
						continue
					}
					d = c.minimise(d)
					t.Errorf("seed %d\ntemplate %q\nvelocity %q\nours     %q", *randomSeed+uint64(from+i), d.template, d.theirs, d.ours)
				}
			}
			t.Logf("%d templates, %d differences, explained %v", count, c.differences, c.explained)
		})
	}
}

// comparison compares renderings.
type comparison struct {
	tb          testing.TB
	jvm         *velocity
	differences int
	// explained counts the differences that are known, by their names.
	explained map[string]int
}

// difference is a template of which Velocity and this package make different
// things.
type difference struct {
	template     string
	theirs, ours answer
}

// compare renders templates on both sides. Its result has nil for those without
// a difference.
func (c *comparison) compare(templates []string) []*difference {
	ours := make(chan []answer, 1)
	go func() {
		answers := make([]answer, len(templates))
		for i, t := range templates {
			answers[i] = renderOurs(c.tb, t)
		}
		ours <- answers
	}()
	theirs := c.jvm.renderAll(templates)
	differences := make([]*difference, len(templates))
	for i, our := range <-ours {
		if places.ReplaceAllString(our.String(), "@") == places.ReplaceAllString(theirs[i].String(), "@") {
			continue
		}
		d := &difference{templates[i], theirs[i], our}
		if name := d.explanation(); name != "" {
			c.explained[name]++
			continue
		}
		differences[i] = d
	}
	return differences
}

// explanation names the difference when it is one that is meant to be.
func (d *difference) explanation() string {
	switch {
	case !d.theirs.ok:
		return "no answer in time"
	case strings.Contains(d.theirs.errText, "java.lang.StackOverflowError"):
		return "collections that hold themselves"
	case d.theirs.errText == "java.lang.NullPointerException" && d.ours.errText != "":
		return "mistakes that are answered with a NullPointerException"
	case strings.Contains(d.theirs.errText, "Look-behind group does not have an obvious maximum length"):
		return "look-behinds of any length"
	case strings.Contains(d.template, "&&]"):
		return "intersections with nothing in a regular expression, whose meaning is Java's accident"
	case strings.Contains(d.theirs.errText, "PatternSyntaxException") && strings.Contains(d.ours.errText, "PatternSyntaxException") && flagX.MatchString(d.template):
		return "places of mistakes behind the flag x"
	case unicodeNames.MatchString(d.ours.errText):
		return "names of Unicode blocks, characters and scripts by their codes"
	case strings.Contains(d.theirs.text, "\uFFFD") != strings.Contains(d.ours.text, "\uFFFD"):
		return "halves of characters beyond U+FFFF"
	case julian.MatchString(d.template):
		return "dates before the Gregorian calendar"
	case narrowNumbers.MatchString(d.template):
		return "Byte, Short and Float, which count as Integer and Double"
	case streams.MatchString(d.template):
		return "streams"
	case hashes.MatchString(d.template) && identities.MatchString(d.template) &&
		withoutNumbers(d.theirs) == withoutNumbers(d.ours):
		return "hash codes of places in memory"
	case strings.Contains(d.template, ".getName("):
		return "names of characters"
	case strings.Contains(d.theirs.String(), "Oracle$Decimals"):
		return "the class of the test's own tool"
	}
	return ""
}

func withoutNumbers(a answer) string {
	return digits.ReplaceAllString(places.ReplaceAllString(a.String(), "0"), "0")
}

var (
	// places are where objects are in memory, with what looks like more digits.
	places        = regexp.MustCompile(`@[0-9a-fA-F]+`)
	streams       = regexp.MustCompile(`\b(stream|parallelStream|chars|codePoints|lines)\(`)
	unicodeNames  = regexp.MustCompile(`Unknown (character property name \{In|Unicode property \{name=<(sc|script|blk|block)>|character name \[)`)
	narrowNumbers = regexp.MustCompile(`\b(byteValue|shortValue|floatValue|byteValueExact|shortValueExact|getBytes|toByteArray)\(|\bbytes\b`)
	flagX         = regexp.MustCompile(`\(\?[a-z]*x`)
	hashes        = regexp.MustCompile(`hashCode|%[^ ]*[hH]`)
	julian        = regexp.MustCompile(`(?s)format\(.*%[^ ]*[tT][A-Za-z].*-\d{14}`)
	identities    = regexp.MustCompile(`(toArray|toCharArray|split|getBytes|toChars|toByteArray|divideAndRemainder|terator)\(|bytes|values\(|foreach|define`)
	digits        = regexp.MustCompile(`-?[0-9]+`)
)

// minimise takes pieces off the template as long as a difference stays.
func (c *comparison) minimise(d *difference) *difference {
	quiet := comparison{tb: c.tb, jvm: c.jvm, explained: make(map[string]int)}
	for size := len(d.template) / 2; size > 0; {
		smaller := quiet.firstOf(without(d.template, size), d)
		if smaller == nil {
			size /= 2
			continue
		}
		d = smaller
		size = min(size, len(d.template)/2)
	}
	return d
}

// without returns the texts that are text without size of its characters.
func without(text string, size int) []string {
	runes := []rune(text)
	var shorter []string
	for at := 0; at < len(runes); at += max(1, size/2) {
		end := min(len(runes), at+size)
		shorter = append(shorter, string(runes[:at])+string(runes[end:]))
	}
	return shorter
}

// firstOf returns a difference in one of the templates that is of the kind of
// like: in texts, in messages, or between a text and a message.
func (c *comparison) firstOf(templates []string, like *difference) *difference {
	for len(templates) > 0 {
		n := min(40, len(templates))
		for _, d := range c.compare(templates[:n]) {
			if d != nil && (d.theirs.errText == "") == (like.theirs.errText == "") && (d.ours.errText == "") == (like.ours.errText == "") {
				return d
			}
		}
		templates = templates[n:]
	}
	return nil
}
