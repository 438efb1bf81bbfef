package serverless

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// expression is a text with variables in it.
type expression struct {
	parts []part
}

// part is a stretch of an expression: a text, or a variable when that is not nil.
type part struct {
	start, end int // in the string that the whole expression is from
	// text stands for the stretch; it differs from it where a variable is escaped.
	text     string
	variable *variable
}

// variable is ${source, source, ...}: the first source that has a value gives it.
type variable struct {
	start, end int
	sources    []source
}

// source is a place to look a value up, or a value.
type source struct {
	start int
	// literal is the value of a source that is one.
	literal *literal
	// nested is a variable that is a source.
	nested *variable
	// kind is self, file, opt ...; params stand in parentheses after it, address
	// after the colon, nil when there is none.
	kind    string
	params  []*expression
	address *expression
}

// literal is a value that a variable holds itself: text, or a word of JSON.
type literal struct {
	start int
	text  string
	word  bool // true, false, null or a number, and not a string in quotes
}

// syntaxError is a mistake in a variable, at a byte offset of the string.
type syntaxError struct {
	at      int
	message string
}

func (e *syntaxError) Error() string { return e.message }

// parseText finds the variables of a string. Only what begins like a variable
// (${word: or ${word() is one: ${name} is a plugin's, ${AWS::Region}
// CloudFormation's. \${ is ${ that is no variable.
//
// See: https://www.serverless.com/framework/docs/guides/variables
func parseText(text string) (*expression, error) {
	p := &syntax{text: text}
	e, err := p.expression("")
	if err != nil {
		return nil, err
	}
	return e, nil
}

// sole is the variable that the whole expression is, or nil.
func (e *expression) sole() *variable {
	if len(e.parts) == 1 {
		return e.parts[0].variable
	}
	return nil
}

// maxNesting bounds variables within variables.
const maxNesting = 50

// syntax is one run of parseText.
type syntax struct {
	text  string
	at    int
	depth int // of the variables around
}

func (p *syntax) fail(at int, format string, args ...any) error {
	return &syntaxError{at, fmt.Sprintf(format, args...)}
}

func (p *syntax) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *syntax) spaces() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

// expression reads a text up to one of the characters of ends, or to the end of
// the string when there are none; space around what has an end is no part of it.
func (p *syntax) expression(ends string) (*expression, error) {
	e := &expression{}
	start := p.at
	flush := func(end int) {
		if end > start {
			e.parts = append(e.parts, part{start: start, end: end, text: p.text[start:end]})
		}
	}
	for p.at < len(p.text) {
		c := p.text[p.at]
		if strings.IndexByte(ends, c) >= 0 {
			break
		}
		switch {
		case ends == "" && c == '\\':
			from := p.at
			for p.peek() == '\\' {
				p.at++
			}
			if !strings.HasPrefix(p.text[p.at:], "${") {
				continue
			}
			slashes := p.at - from
			kept := strings.Repeat(`\`, slashes/2)
			if slashes%2 == 1 {
				flush(from)
				p.at += len("${")
				e.parts = append(e.parts, part{start: from, end: p.at, text: kept + "${"})
				start = p.at
				continue
			}
			flush(from)
			e.parts = append(e.parts, part{start: from, end: p.at, text: kept})
			start = p.at
		case c == '$' && strings.HasPrefix(p.text[p.at:], "${"):
			at := p.at
			v, err := p.variable()
			if err != nil {
				return nil, err
			}
			if v == nil {
				p.at = at + len("${")
				continue
			}
			flush(at)
			e.parts = append(e.parts, part{start: at, end: p.at, variable: v})
			start = p.at
		default:
			p.at++
		}
	}
	flush(p.at)
	if ends != "" {
		e.trim()
	}
	return e, nil
}

// trim drops the space around an expression.
func (e *expression) trim() {
	const space = " \t\r\n"
	if n := len(e.parts); n > 0 && e.parts[0].variable == nil {
		first := &e.parts[0]
		trimmed := strings.TrimLeft(first.text, space)
		first.start += len(first.text) - len(trimmed)
		first.text = trimmed
	}
	if n := len(e.parts); n > 0 && e.parts[n-1].variable == nil {
		last := &e.parts[n-1]
		trimmed := strings.TrimRight(last.text, space)
		last.end -= len(last.text) - len(trimmed)
		last.text = trimmed
	}
	kept := e.parts[:0]
	for _, part := range e.parts {
		if part.variable != nil || part.text != "" {
			kept = append(kept, part)
		}
	}
	e.parts = kept
}

// firstKind is how the first source of a variable begins, kindPattern any other.
var (
	firstKind   = regexp.MustCompile(`^[a-z][a-zA-Z0-9.-]*([:(])`)
	kindPattern = regexp.MustCompile(`^([a-z][a-zA-Z0-9]*)\s*([:(])`)
	wordPattern = regexp.MustCompile(`^[a-zA-Z0-9.+-]+`)
	number      = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)
)

// variable reads what begins with ${ here. It returns nil for what is no variable,
// which only a variable may not hold.
func (p *syntax) variable() (*variable, error) {
	v := &variable{start: p.at}
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > maxNesting {
		return nil, p.fail(p.at, "variables are nested more than %d deep", maxNesting)
	}
	p.at += len("${")
	if p.depth > 1 {
		p.spaces()
	}
	m := firstKind.FindString(p.text[p.at:])
	foreign := m == "" || strings.HasSuffix(m, ":") && strings.HasPrefix(strings.TrimLeft(p.text[p.at+len(m):], " "), ":")
	if foreign {
		if p.depth > 1 {
			return nil, p.fail(v.start, "a variable must begin with its source, such as ${self:")
		}
		return nil, nil
	}
	for {
		s, err := p.source(len(v.sources) == 0)
		if err != nil {
			return nil, err
		}
		v.sources = append(v.sources, *s)
		p.spaces()
		switch p.peek() {
		case '}':
			p.at++
			v.end = p.at
			return v, nil
		case ',':
			p.at++
			p.spaces()
		case 0:
			return nil, p.fail(v.start, "the variable has no closing }")
		default:
			return nil, p.fail(p.at, "`%c` does not belong into a variable", []rune(p.text[p.at:])[0])
		}
	}
}

// source reads one source of a variable. The first is looked up, others may be
// values themselves.
func (p *syntax) source(first bool) (*source, error) {
	s := &source{start: p.at}
	rest := p.text[p.at:]
	pattern := kindPattern
	if first {
		pattern = firstKind
	}
	if m := pattern.FindString(rest); m != "" {
		p.at += len(m)
		s.kind = strings.TrimSpace(m[:len(m)-1])
		if m[len(m)-1] == '(' {
			if err := p.params(s); err != nil {
				return nil, err
			}
			p.spaces()
			if p.peek() != ':' {
				return s, nil
			}
			p.at++
		}
		return s, p.address(s)
	}
	switch c := p.peek(); {
	case c == 0:
		return nil, p.fail(s.start, "the variable has no closing }")
	case c == '"' || c == '\'':
		text, err := p.quoted()
		if err != nil {
			return nil, err
		}
		s.literal = &literal{start: s.start + 1, text: text}
		return s, nil
	case strings.HasPrefix(rest, "${"):
		nested, err := p.variable()
		s.nested = nested
		return s, err
	}
	word := wordPattern.FindString(rest)
	if word != "true" && word != "false" && word != "null" && !number.MatchString(word) {
		return nil, p.fail(p.at, "a fallback must be another source, a text in quotes, a number, true, false or null")
	}
	p.at += len(word)
	s.literal = &literal{start: s.start, text: word, word: true}
	return s, nil
}

// params reads what stands in parentheses, after the opening one.
func (p *syntax) params(s *source) error {
	for {
		p.spaces()
		var (
			e   *expression
			err error
		)
		switch c := p.peek(); c {
		case '"', '\'':
			e, err = p.quotedExpression()
			if p.spaces(); err == nil && p.peek() != ',' && p.peek() != ')' {
				err = p.fail(p.at, "only a comma or ) may follow the text in quotes")
			}
		default:
			e, err = p.expression(",)}")
		}
		if err != nil {
			return err
		}
		switch p.peek() {
		case ')':
			if len(e.parts) > 0 || len(s.params) > 0 {
				s.params = append(s.params, e)
			}
			p.at++
			return nil
		case ',':
			s.params = append(s.params, e)
			p.at++
		default:
			return p.fail(s.start, "the parentheses of `%s` are not closed", s.kind)
		}
	}
}

// address reads what follows the colon of a source.
func (p *syntax) address(s *source) error {
	p.spaces()
	var err error
	switch p.peek() {
	case '}', ',':
		return nil
	case 0:
		return p.fail(s.start, "the variable has no closing }")
	case ':':
		return p.fail(p.at, "an address may not begin with a colon")
	case '"', '\'':
		s.address, err = p.quotedExpression()
	default:
		s.address, err = p.expression(",}")
	}
	return err
}

func (p *syntax) quotedExpression() (*expression, error) {
	start := p.at
	text, err := p.quoted()
	if err != nil {
		return nil, err
	}
	return &expression{parts: []part{{start: start, end: p.at, text: text}}}, nil
}

// quoted reads a text in quotes. In double quotes JSON's escapes are understood.
func (p *syntax) quoted() (string, error) {
	start, quote := p.at, p.text[p.at]
	for p.at++; p.at < len(p.text); p.at++ {
		switch c := p.text[p.at]; {
		case c == '\\' && quote == '"':
			p.at++
		case c == quote:
			p.at++
			raw := p.text[start:p.at]
			if quote == '\'' {
				return raw[1 : len(raw)-1], nil
			}
			var text string
			if err := json.Unmarshal([]byte(raw), &text); err != nil {
				return "", p.fail(start, "the text in double quotes is no JSON string")
			}
			return text, nil
		}
	}
	return "", p.fail(start, "the text in quotes does not end")
}
