package project

import (
	"fmt"
	"maps"
	"regexp"
	"strings"
	"unicode/utf8"
)

// AppSync's limits for texts, in characters.
//
// See: https://docs.aws.amazon.com/appsync/latest/APIReference/API_CreateResolver.html
const (
	maxTemplate = 65536
	maxCode     = 32768
)

var (
	substitutionName = regexp.MustCompile(`^[\w-]+$`)
	// A mapping template names a substitution ${name}, a JavaScript file #name#.
	templateReference = regexp.MustCompile(`\$\{([\w-]+)\}`)
	codeReference     = regexp.MustCompile(`#([\w-]+)#`)
)

// substitute replaces the references to declared names in text, once: what a
// value says is not looked at again. An undeclared name stays as it is, for in
// VTL it is a variable.
func substitute(text string, reference *regexp.Regexp, values substitutions) (string, []edit) {
	if len(values) == 0 {
		return text, nil
	}
	var (
		out   strings.Builder
		edits []edit
		done  int
	)
	for at := 0; at < len(text); {
		m := reference.FindStringSubmatchIndex(text[at:])
		if m == nil {
			break
		}
		start, end := at+m[0], at+m[1]
		value, declared := values[text[at+m[2]:at+m[3]]]
		if !declared {
			// The mark that ends this one may begin the next: #a#name#.
			at = max(start+1, end-1)
			continue
		}
		out.WriteString(text[done:start])
		out.WriteString(value)
		edits = append(edits, edit{start, end, len(value)})
		at, done = end, end
	}
	if done == 0 {
		return text, nil
	}
	out.WriteString(text[done:])
	return out.String(), edits
}

// templates are the texts of a resolver or function.
type templates struct {
	request, response, code *Template
}

// templates reads request, response and code; own are the substitutions of the
// resolver or function, which win over the project's.
func (l *loader) templates(f *fields) templates {
	values := maps.Clone(l.globals)
	if own := l.substitutions(f); len(own) > 0 {
		if values == nil {
			values = substitutions{}
		}
		maps.Copy(values, own)
	}
	t := templates{
		request:  l.template(f, "request", templateReference, maxTemplate, values),
		response: l.template(f, "response", templateReference, maxTemplate, values),
		code:     l.template(f, "code", codeReference, maxCode, values),
	}
	if f.get("code") != nil {
		f.noEffect("request", "`code` takes its place")
		f.noEffect("response", "`code` takes its place")
		t.request, t.response = nil, nil
	}
	return t
}

// template reads one text: a path, a text that stands in the project itself, or
// false for none.
func (l *loader) template(f *fields, key string, reference *regexp.Regexp, limit int, values substitutions) *Template {
	e := f.get(key)
	if e == nil {
		return nil
	}
	n := e.value
	if n.kind == kindBool && !n.truth && key != "code" {
		return nil
	}
	inline := false
	if n.kind == kindMap && n.tag == "" && n.find("inline") != nil {
		m, _ := l.fields(n, fmt.Sprintf("`%s` of %s", key, f.what), e.pos, "inline")
		text := m.need("inline")
		if text == nil {
			return nil
		}
		if text.value.kind != kindString {
			m.wrong(text, "a string")
			return nil
		}
		n, inline = text.value, true
	}
	if n.kind == kindString && n.tag == "" {
		inline = inline || isInline(n)
		if !inline && l.unsupportedVariable(n) {
			return nil
		}
	} else {
		if !l.unsupported(n) {
			must := "a path, an inline text or false"
			if key == "code" {
				must = "a path or an inline text"
			}
			f.wrong(e, must)
		}
		return nil
	}

	o := &origin{file: l.fileOf(n.pos), raw: n.text, scalar: n}
	t := &Template{Pos: l.position(n.pos), origin: o}
	if inline {
		first := n.locate(o.file.lines(), 0, place{line: 1, column: 1})
		t.Pos = l.position(first)
	} else {
		file := l.open(n.text, n.pos, fmt.Sprintf("`%s` file", key))
		if file == nil {
			return nil
		}
		*o = origin{file: file, raw: file.text}
		t.Pos = Position{File: file.name}
	}
	t.Text, o.edits = substitute(o.raw, reference, values)
	if size := utf8.RuneCountInString(t.Text); size > limit {
		l.warn(n.pos, fmt.Sprintf("`%s` of %s has %d characters; AppSync takes at most %d", key, f.what, size, limit), "")
	}
	return t
}

// isInline tells a template that stands in the project from the path of one: it
// has several lines, or begins as no path does.
func isInline(n *node) bool {
	if strings.Contains(n.text, "\n") {
		return true
	}
	if frameworkVariable.MatchString(n.text) {
		return false
	}
	return strings.HasPrefix(n.text, "{") || strings.HasPrefix(n.text, "#") || strings.HasPrefix(n.text, "$")
}
