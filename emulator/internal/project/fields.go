package project

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// fields reads the entries of one map of the project. Its methods report what
// is wrong and return zero values for it, so that reading goes on.
type fields struct {
	l    *loader
	node *node
	// what names the map in messages: "resolver Query.getNote".
	what string
	// at is where a missing key is reported: the key that the map belongs to.
	at place
	// meant holds keys that a misspelt key probably was.
	meant map[string]bool
}

// fields checks that n is a map that has known keys only. ok is false when
// there is nothing to read.
func (l *loader) fields(n *node, what string, at place, known ...string) (f *fields, ok bool) {
	f = &fields{l: l, node: n, what: what, at: at}
	if l.unsupported(n) {
		return f, false
	}
	if n.kind != kindMap {
		message := what + " must be a map, not " + n.kind.String()
		if n.kind == kindNull {
			message = what + " is empty"
		}
		l.problem(orElse(n, at), message, "")
		return f, false
	}
	f.checkKeys(known)
	return f, true
}

// checkKeys reports the keys that are not known.
func (f *fields) checkKeys(known []string) {
	for _, e := range f.node.entries {
		if slices.Contains(known, e.key) {
			continue
		}
		hint := didYouMean(e.key, known)
		if now, ok := renamedKeys[e.key]; ok && slices.Contains(known, now) {
			hint = "version 2 of serverless-appsync-plugin calls it `" + now + "`"
		}
		if !f.l.unknownKeys[e.pos] { // else it came with an alias, once more
			f.l.unknownKeys[e.pos] = true
			f.l.problem(e.pos, fmt.Sprintf("unknown key `%s` in %s", shorten(e.key), f.what), hint)
		}
		if f.meant == nil {
			f.meant = map[string]bool{}
		}
		f.meant[Suggest(e.key, known)] = true
		f.meant[renamedKeys[e.key]] = true
	}
}

// orElse is the place of n, or at for an empty value, which has no place worth
// showing.
func orElse(n *node, at place) place {
	if n == nil || n.kind == kindNull {
		return at
	}
	return n.pos
}

// renamedKeys are those of serverless-appsync-plugin 1, with what version 2
// calls them.
var renamedKeys = map[string]string{
	"authenticationType":                "authentication",
	"additionalAuthenticationProviders": "additionalAuthentications",
	"mappingTemplates":                  "resolvers",
	"functionConfigurations":            "pipelineFunctions",
	"logConfig":                         "logging",
	"wafConfig":                         "waf",
	"userPoolConfig":                    "authentication",
	"openIdConnectConfig":               "authentication",
	"lambdaAuthorizerConfig":            "authentication",
}

// get returns the entry named key, or nil when it is absent or empty.
func (f *fields) get(key string) *entry {
	if e := f.node.find(key); e != nil && e.value.kind != kindNull {
		return e
	}
	return nil
}

// need is get for a key that must be there.
func (f *fields) need(key string) *entry {
	e := f.node.find(key)
	switch {
	case e == nil && f.meant[key]: // its misspelling has been reported
		return nil
	case e == nil:
		f.l.problem(f.at, fmt.Sprintf("%s needs `%s`", f.what, key), "")
		return nil
	case e.value.kind == kindNull:
		f.l.problem(e.pos, fmt.Sprintf("`%s` of %s has no value", key, f.what), "")
		return nil
	}
	return e
}

// wrong reports that the value of e is not what must be there.
func (f *fields) wrong(e *entry, must string) {
	got := e.value.kind.String()
	switch e.value.kind {
	case kindBool, kindInt, kindFloat:
		got = "`" + e.value.text + "`"
	case kindString:
		got = "`" + shorten(e.value.text) + "`"
	}
	hint := ""
	if must == "a string" && (e.value.kind == kindBool || e.value.kind == kindInt || e.value.kind == kindFloat) {
		got, hint = e.value.kind.String(), "write it in quotes"
	}
	f.l.problem(e.value.pos, fmt.Sprintf("`%s` must be %s, not %s", e.key, must, got), hint)
}

// str returns a string, "" when it is absent.
func (f *fields) str(key string) string { return f.strOf(f.get(key)) }

func (f *fields) strOf(e *entry) string {
	if e == nil || f.l.unsupported(e.value) {
		return ""
	}
	if e.value.kind != kindString {
		f.wrong(e, "a string")
		return ""
	}
	return e.value.text
}

// text returns a string or what an intrinsic function makes. ok is false when
// the key is absent or its value is not known.
func (f *fields) text(key string) (string, bool) { return f.textOf(f.get(key)) }

func (f *fields) textOf(e *entry) (string, bool) {
	if e == nil {
		return "", false
	}
	return f.l.text(e.value, "`"+e.key+"`")
}

// boolean returns a boolean, or otherwise when it is absent.
func (f *fields) boolean(key string, otherwise bool) bool {
	e := f.get(key)
	if e == nil || f.l.unsupported(e.value) {
		return otherwise
	}
	if e.value.kind != kindBool {
		f.wrong(e, "true or false")
		return otherwise
	}
	return e.value.truth
}

// integer returns a whole number from least to most, or otherwise when the key
// is absent.
func (f *fields) integer(key string, least, most, otherwise int64) int64 {
	return f.integerOf(f.get(key), false, least, most, otherwise)
}

// integerOf is integer that also takes a string of digits when allowText.
func (f *fields) integerOf(e *entry, allowText bool, least, most, otherwise int64) int64 {
	if e == nil || f.l.unsupported(e.value) {
		return otherwise
	}
	v, ok := e.value.wholeNumber(allowText)
	if !ok {
		f.wrong(e, "a whole number")
		return otherwise
	}
	if v < least || v > most {
		f.l.problem(e.value.pos, fmt.Sprintf("`%s` must be between %d and %d, not %s", e.key, least, most, e.value.text), "")
		return otherwise
	}
	return v
}

// enum returns one of values, or otherwise when the key is absent or wrong.
func (f *fields) enum(key, otherwise string, values ...string) string {
	return f.enumOf(f.get(key), otherwise, values...)
}

func (f *fields) enumOf(e *entry, otherwise string, values ...string) string {
	if e == nil || f.l.unsupported(e.value) {
		return otherwise
	}
	if e.value.kind != kindString {
		f.wrong(e, oneOf(values))
		return otherwise
	}
	if !slices.Contains(values, e.value.text) {
		f.l.problem(e.value.pos, fmt.Sprintf("`%s` must be %s, not `%s`", e.key, oneOf(values), shorten(e.value.text)),
			didYouMean(e.value.text, values))
		return otherwise
	}
	return e.value.text
}

func oneOf(values []string) string {
	if len(values) < 3 {
		return strings.Join(values, " or ")
	}
	return "one of " + strings.Join(values, ", ")
}

// strings returns a list of strings with their places.
func (f *fields) strings(key string) []*node {
	e := f.get(key)
	if e == nil || f.l.unsupported(e.value) {
		return nil
	}
	if e.value.kind != kindList {
		f.wrong(e, "a list of strings")
		return nil
	}
	var out []*node
	for _, item := range e.value.items {
		if f.l.unsupported(item) {
			continue
		}
		if item.kind != kindString {
			f.l.problem(orElse(item, e.pos), fmt.Sprintf("`%s` must hold strings, not %s", key, item.kind), "")
			continue
		}
		out = append(out, item)
	}
	return out
}

// noEffect warns when key has a value.
func (f *fields) noEffect(key, why string) {
	if e := f.get(key); e != nil {
		f.l.warn(e.pos, fmt.Sprintf("`%s` of %s has no effect: %s", key, f.what, why), "")
	}
}

// maps reads a section that is a map or a list of maps, in order. unread is
// called when a part of it cannot be read.
func (l *loader) maps(e *entry, unread func(), each func(entry)) {
	if e == nil || e.value.kind == kindNull {
		return
	}
	if l.unsupported(e.value) {
		unread()
		return
	}
	parts := []*node{e.value}
	if e.value.kind == kindList {
		parts = e.value.items
	}
	for _, part := range parts {
		if part.kind == kindNull {
			continue
		}
		if l.unsupported(part) {
			unread()
			continue
		}
		if part.kind != kindMap {
			l.problem(part.pos, fmt.Sprintf("`%s` must be a map or a list of maps, not %s", e.key, part.kind), "")
			unread()
			continue
		}
		for _, item := range part.entries {
			each(item)
		}
	}
}

// frameworkVariable is the beginning of a variable of the Serverless Framework,
// ${self:custom.x} or ${file(x.yml)}; ${name} is a substitution or plain text,
// ${AWS::Region} a pseudo parameter.
//
// See: https://www.serverless.com/framework/docs/guides/variables
var frameworkVariable = regexp.MustCompile(`\$\{\s*[A-Za-z][\w-]*(?:\(|:[^:])`)

// unsupported reports a value that only another tool could work out: a
// framework variable or an intrinsic function where none is understood.
func (l *loader) unsupported(n *node) bool {
	if l.unsupportedVariable(n) {
		return true
	}
	if name, _, ok := n.intrinsic(); ok {
		l.problem(n.pos, fmt.Sprintf("`%s` is not supported here", intrinsicName(n, name)), "")
		return true
	}
	return false
}

// unsupportedVariable reports a string with a variable of the Serverless
// Framework.
func (l *loader) unsupportedVariable(n *node) bool {
	if n.kind != kindString {
		return false
	}
	at := frameworkVariable.FindStringIndex(n.text)
	if at == nil {
		return false
	}
	variable := n.text[at[0]:]
	open := 0
	for i, c := range variable { // variables nest: ${self:${opt:x}}
		if c == '{' {
			open++
		} else if c == '}' {
			if open--; open == 0 {
				variable = variable[:i+1]
				break
			}
		}
	}
	p := n.locate(l.fileOf(n.pos).lines(), at[0], placeOf(n.text, at[0]))
	l.problem(p, fmt.Sprintf("variable `%s` is not supported here", shorten(variable)), "write the value itself")
	return true
}

// text returns a string, or the name that Ref gives. ok is false when the value
// is not known; that has been reported.
func (l *loader) text(n *node, what string) (text string, ok bool) {
	if l.unsupportedVariable(n) {
		return "", false
	}
	if name, argument, is := n.intrinsic(); is {
		if name == "Ref" {
			return l.ref(n, argument)
		}
		l.problem(n.pos, fmt.Sprintf("`%s` is not supported here", intrinsicName(n, name)), "write the value itself")
		return "", false
	}
	if n.kind != kindString {
		hint := ""
		if n.kind == kindBool || n.kind == kindInt || n.kind == kindFloat {
			hint = "write it in quotes"
		}
		l.problem(n.pos, fmt.Sprintf("%s must be a string, not %s", what, n.kind), hint)
		return "", false
	}
	return n.text, true
}

// intrinsicName names a function as the project wrote it.
func intrinsicName(n *node, name string) string {
	if n.tag != "" {
		return n.tag
	}
	return name
}

// namePattern is what AppSync calls a ResourceName: types, fields, data sources
// and functions.
//
// See: https://docs.aws.amazon.com/appsync/latest/APIReference/API_DataSource.html
var namePattern = regexp.MustCompile(`^[_A-Za-z][_0-9A-Za-z]*$`)

// checkName reports a name that AppSync refuses.
func (l *loader) checkName(name, what string, at place) bool {
	if namePattern.MatchString(name) {
		return true
	}
	l.problem(at, fmt.Sprintf("%s name `%s` must consist of letters, digits and _, and not begin with a digit", what, shorten(name)), "")
	return false
}
