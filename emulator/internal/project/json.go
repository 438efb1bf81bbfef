package project

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxJSONDepth bounds the nesting of JSON.
const maxJSONDepth = 200

// parseJSON reads a JSON text whose places are in file. ok is false when its
// syntax is wrong, which is reported; the result is then nil. Keys that stand
// twice are reported, too, and the first is taken.
//
// See: https://www.rfc-editor.org/rfc/rfc8259
func parseJSON(file *sourceFile, text string, problem report) (root *node, ok bool) {
	p := &jsonParser{file: file, text: text, line: 1, column: 1, problem: problem}
	root = p.value(0)
	p.space()
	if p.failed {
		return nil, false
	}
	if p.at < len(text) {
		p.fail("nothing may follow the value")
		return nil, false
	}
	return root, true
}

// jsonParser is one run of parseJSON.
type jsonParser struct {
	file    *sourceFile
	text    string
	at      int
	problem report
	failed  bool
	// line and column are the place of the offset counted, which only grows.
	line, column, counted int
}

// place is the place of the next character.
func (p *jsonParser) place() place {
	for p.counted < p.at {
		rest := p.text[p.counted:p.at]
		if i := strings.IndexByte(rest, '\n'); i >= 0 {
			p.line, p.column = p.line+1, 1
			p.counted += i + 1
			continue
		}
		p.column += utf8.RuneCountInString(rest)
		p.counted = p.at
	}
	return place{p.line, p.column, p.file}
}

func (p *jsonParser) fail(message string) {
	if !p.failed {
		p.failed = true
		p.problem(p.place(), "JSON syntax: "+message, "")
	}
}

func (p *jsonParser) space() {
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return
		}
	}
}

// peek is the next character that is no space; 0 at the end.
func (p *jsonParser) peek() byte {
	p.space()
	if p.at == len(p.text) {
		return 0
	}
	return p.text[p.at]
}

// unexpected reports that something else should be next.
func (p *jsonParser) unexpected(want string) {
	if p.at == len(p.text) {
		p.fail("the file ends where " + want + " should be")
		return
	}
	r, _ := utf8.DecodeRuneInString(p.text[p.at:])
	p.fail(fmt.Sprintf("%q stands where %s should be", r, want))
}

func (p *jsonParser) value(depth int) *node {
	if depth > maxJSONDepth {
		p.fail(fmt.Sprintf("nested more than %d deep", maxJSONDepth))
		return nil
	}
	c := p.peek()
	switch {
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.array(depth)
	case c == '"':
		n := &node{kind: kindString, style: styleDoubleQuoted, pos: p.place(), size: 1}
		n.text, _ = p.str()
		return n
	case c == '-' || '0' <= c && c <= '9':
		return p.number()
	}
	for _, word := range []string{"true", "false", "null"} {
		if !strings.HasPrefix(p.text[p.at:], word) {
			continue
		}
		n := &node{pos: p.place(), text: word, truth: word == "true", size: 1}
		if word != "null" {
			n.kind = kindBool
		}
		p.at += len(word)
		return n
	}
	p.unexpected("a value")
	return nil
}

func (p *jsonParser) object(depth int) *node {
	out := &node{kind: kindMap, pos: p.place(), size: 1}
	p.at++
	if p.peek() == '}' {
		p.at++
		return out
	}
	var seen map[string]place // of long objects alone: short ones are searched
	for {
		if p.peek() != '"' {
			p.unexpected("a key in quotes")
			return nil
		}
		at := p.place()
		key, ok := p.str()
		if !ok {
			return nil
		}
		if p.peek() != ':' {
			p.unexpected("a colon")
			return nil
		}
		p.at++
		value := p.value(depth + 1)
		if p.failed {
			return nil
		}
		if first, twice := firstKey(out, seen, key); twice {
			p.problem(at, fmt.Sprintf("key `%s` stands here a second time, first in line %d", shorten(key), first.line), "")
		} else {
			out.entries = append(out.entries, entry{key, at, value})
			out.size += value.size
			if seen != nil {
				seen[key] = at
			}
		}
		const long = 16
		if seen == nil && len(out.entries) == long {
			seen = make(map[string]place, 4*long)
			for _, e := range out.entries {
				seen[e.key] = e.pos
			}
		}
		switch p.peek() {
		case ',':
			p.at++
		case '}':
			p.at++
			return out
		default:
			p.unexpected("a comma or }")
			return nil
		}
	}
}

func firstKey(n *node, seen map[string]place, key string) (place, bool) {
	if seen != nil {
		at, twice := seen[key]
		return at, twice
	}
	if e := n.find(key); e != nil {
		return e.pos, true
	}
	return place{}, false
}

func (p *jsonParser) array(depth int) *node {
	out := &node{kind: kindList, pos: p.place(), size: 1}
	p.at++
	if p.peek() == ']' {
		p.at++
		return out
	}
	for {
		item := p.value(depth + 1)
		if p.failed {
			return nil
		}
		out.items = append(out.items, item)
		out.size += item.size
		switch p.peek() {
		case ',':
			p.at++
		case ']':
			p.at++
			return out
		default:
			p.unexpected("a comma or ]")
			return nil
		}
	}
}

func (p *jsonParser) number() *node {
	n := &node{kind: kindInt, pos: p.place(), size: 1}
	start := p.at
	digits := func() bool {
		from := p.at
		for p.at < len(p.text) && '0' <= p.text[p.at] && p.text[p.at] <= '9' {
			p.at++
		}
		return p.at > from
	}
	next := func(signs string) bool {
		if p.at < len(p.text) && strings.IndexByte(signs, p.text[p.at]) >= 0 {
			p.at++
			return true
		}
		return false
	}
	next("-")
	zero := p.at < len(p.text) && p.text[p.at] == '0'
	from := p.at
	ok := digits() && !(zero && p.at > from+1)
	if ok && next(".") {
		n.kind = kindFloat
		ok = digits()
	}
	if ok && next("eE") {
		n.kind = kindFloat
		next("+-")
		ok = digits()
	}
	if !ok {
		p.at = start
		p.fail("this is no number")
		return nil
	}
	n.text = p.text[start:p.at]
	n.float, _ = strconv.ParseFloat(n.text, 64) // infinite when out of range
	if n.kind == kindInt {
		integer, err := strconv.ParseInt(n.text, 10, 64)
		if err != nil { // as good as infinite
			integer = math.MaxInt64
			if n.float < 0 {
				integer = math.MinInt64
			}
		}
		n.integer = integer
	}
	return n
}

// str reads a string.
func (p *jsonParser) str() (string, bool) {
	p.at++
	start := p.at
	for p.at < len(p.text) {
		switch c := p.text[p.at]; {
		case c == '"':
			p.at++
			return p.text[start : p.at-1], true
		case c == '\\':
			return p.escaped(start)
		case c < ' ':
			p.fail("a string may not hold a line end or another control character")
			return "", false
		default:
			p.at++
		}
	}
	p.fail("the file ends in a string")
	return "", false
}

// escaped reads the rest of a string that began at start, from its first escape.
func (p *jsonParser) escaped(start int) (string, bool) {
	var out strings.Builder
	out.WriteString(p.text[start:p.at])
	for p.at < len(p.text) {
		c := p.text[p.at]
		if c == '"' {
			p.at++
			return out.String(), true
		}
		if c < ' ' {
			p.fail("a string may not hold a line end or another control character")
			return "", false
		}
		if c != '\\' {
			from := p.at
			for p.at < len(p.text) && p.text[p.at] != '"' && p.text[p.at] != '\\' && p.text[p.at] >= ' ' {
				p.at++
			}
			out.WriteString(p.text[from:p.at])
			continue
		}
		r, size, ok := escape(p.text[p.at:])
		if !ok {
			p.fail("this is no escape of JSON")
			return "", false
		}
		out.WriteRune(r)
		p.at += size
	}
	p.fail("the file ends in a string")
	return "", false
}

// escape decodes the escape that text begins with.
func escape(text string) (r rune, size int, ok bool) {
	if len(text) < 2 {
		return 0, 0, false
	}
	if i := strings.IndexByte(`"\/bfnrt`, text[1]); i >= 0 {
		return rune("\"\\/\b\f\n\r\t"[i]), 2, true
	}
	r, ok = unicodeEscape(text)
	if !ok {
		return 0, 0, false
	}
	if utf16.IsSurrogate(r) {
		if low, ok := unicodeEscape(text[6:]); ok {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				return pair, 12, true
			}
		}
		return utf8.RuneError, 6, true
	}
	return r, 6, true
}

// unicodeEscape decodes \uXXXX.
func unicodeEscape(text string) (rune, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	v, err := strconv.ParseUint(text[2:6], 16, 16)
	return rune(v), err == nil
}
