package serverless

import (
	"fmt"
	"strconv"
	"strings"

	"appsync-emulator/emulator/internal/project"
)

// Bounds of what variables may make of a project. A real one is far below each.
const (
	maxText  = 4 << 20 // bytes of texts that are put together
	maxNodes = 200_000 // values within a value
	maxDepth = 200     // values and variables within each other
	maxFound = 100     // mistakes of one value
)

// variables works out those of a project, each when its value is asked for. It is
// not safe for concurrent use.
type variables struct {
	root  *project.Node
	files *project.Folder
	opt   Options
	warn  func(project.Problem)

	shallow map[*project.Node]*outcome
	deep    map[*project.Node]*outcome
	// trees are the files that were read.
	trees map[*project.File]*outcome
	// failed are the mistakes of the strings that have some.
	failed map[string]project.Problems
	dotenv map[string]*project.Node
	// used are the parameters of Options that a variable has asked for.
	used map[string]bool

	made  int // bytes of text that was put together
	depth int
}

// outcome is a value, or the mistakes that there are instead. It is open while
// it is being worked out.
type outcome struct {
	node     *project.Node
	problems project.Problems
	open     bool
}

func newVariables(root *project.Node, files *project.Folder, opt Options, warn func(project.Problem)) *variables {
	return &variables{
		root: root, files: files, opt: opt, warn: warn,
		shallow: map[*project.Node]*outcome{},
		deep:    map[*project.Node]*outcome{},
		trees:   map[*project.File]*outcome{},
		used:    map[string]bool{},
		failed:  map[string]project.Problems{},
	}
}

// mistake is one at a place of the project.
func mistake(at project.Position, hint, format string, args ...any) project.Problems {
	return project.Problems{{Pos: at, Message: fmt.Sprintf(format, args...), Hint: hint}}
}

// circle reports a value that is needed to work itself out.
func circle(n *project.Node) project.Problems {
	return mistake(n.PositionOf(max(strings.Index(n.Text(), "${"), 0)), "",
		"the variables go round in a circle: `%s` is needed to work itself out", shorten(n.Text()))
}

// failures are the mistakes of the variables that were left in a value, because it
// was not known yet that they matter. The value may be put together of others.
func (v *variables) failures(n *project.Node) project.Problems {
	var out project.Problems
	switch n.Kind() {
	case project.NodeString:
		if !strings.Contains(n.Text(), "${") {
			return nil
		}
		for text, problems := range v.failed {
			if strings.Contains(n.Text(), text) {
				out = append(out, problems...)
			}
		}
	case project.NodeList:
		for _, item := range n.Items() {
			out = append(out, v.failures(item)...)
		}
	case project.NodeMap:
		for _, e := range n.Entries() {
			out = append(out, v.failures(e.Value())...)
		}
	}
	return out
}

// resolve returns a value with the values of all variables in it. Where there is
// a mistake the value keeps what is written.
func (v *variables) resolve(n *project.Node) (*project.Node, project.Problems) {
	if n.Kind() == project.NodeString && !strings.Contains(n.Text(), "${") {
		return n, nil
	}
	if done := v.deep[n]; done != nil {
		if done.open {
			return n, circle(n)
		}
		return done.node, done.problems
	}
	if v.depth++; v.depth > maxDepth {
		v.depth--
		return n, mistake(n.Position(), "", "variables and values are nested more than %d deep", maxDepth)
	}
	defer func() { v.depth-- }()
	out := &outcome{node: n, open: true}
	v.deep[n] = out
	node, problems := v.resolveInside(n)
	if node.Size() > maxNodes {
		node, problems = n, mistake(n.Position(), "", "the variables expand to more than %d values", maxNodes)
	}
	*out = outcome{node: node, problems: problems[:min(len(problems), maxFound)]}
	return out.node, out.problems
}

func (v *variables) resolveInside(n *project.Node) (*project.Node, project.Problems) {
	if n.Tag() != "" {
		// The long form of the function, for a short tag stands before one text.
		name, argument, _ := n.Intrinsic()
		value, problems := v.resolve(argument)
		if value == argument {
			return n, problems
		}
		return project.NewMap(n, []project.Entry{project.NewEntry(name, n, value)}), problems
	}
	switch n.Kind() {
	case project.NodeString:
		value, problems := v.value(n)
		if value == n || len(problems) > 0 {
			return n, problems
		}
		if value.Kind() == project.NodeString && value.Tag() == "" {
			return value, nil // its variables have been replaced
		}
		if done := v.deep[value]; done != nil && done.open {
			return n, circle(n)
		}
		return v.resolve(value)
	case project.NodeList:
		items := make([]*project.Node, len(n.Items()))
		changed := false
		var problems project.Problems
		for i, item := range n.Items() {
			value, found := v.resolve(item)
			items[i], changed = value, changed || value != item
			problems = append(problems, found...)
		}
		if !changed {
			return n, problems
		}
		return project.NewList(n, items), problems
	case project.NodeMap:
		entries := make([]project.Entry, len(n.Entries()))
		changed := false
		var problems project.Problems
		for i, e := range n.Entries() {
			value, found := v.resolve(v.withoutDeployment(&e))
			entries[i], changed = e.With(value), changed || value != e.Value()
			problems = append(problems, found...)
		}
		if !changed {
			return n, problems
		}
		return project.NewMap(n, entries), problems
	}
	return n, nil
}

// deploymentKeys are those that only say how AWS may use something, by the key of
// the map that holds them. Nothing waits for their values.
var deploymentKeys = map[string][]string{
	"config":    {"serviceRoleArn", "iamRoleStatements"},
	"logging":   {"roleArn"},
	"logConfig": {"loggingRoleArn"},
}

// withoutDeployment returns the value of an entry without what only matters to its
// deployment.
func (v *variables) withoutDeployment(e *project.Entry) *project.Node {
	keys := deploymentKeys[e.Key()]
	if keys == nil {
		return e.Value()
	}
	n, problems := v.value(e.Value())
	if len(problems) > 0 {
		return e.Value()
	}
	return without(n, keys...)
}

// value returns a value without variables, but for what is in a list or map.
func (v *variables) value(n *project.Node) (*project.Node, project.Problems) {
	if n.Kind() != project.NodeString || n.Tag() != "" || !strings.Contains(n.Text(), "${") {
		return n, nil
	}
	if done := v.shallow[n]; done != nil {
		if done.open {
			return n, circle(n)
		}
		return done.node, done.problems
	}
	if v.depth++; v.depth > maxDepth {
		v.depth--
		return n, mistake(n.Position(), "", "variables are nested more than %d deep", maxDepth)
	}
	defer func() { v.depth-- }()
	out := &outcome{node: n, open: true}
	v.shallow[n] = out
	node, problems := v.valueOf(n)
	if len(problems) > 0 {
		v.failed[n.Text()] = problems
	}
	*out = outcome{node: node, problems: problems}
	return node, problems
}

func (v *variables) valueOf(n *project.Node) (*project.Node, project.Problems) {
	e, err := parseText(n.Text())
	if err != nil {
		at := 0
		if syntax, ok := err.(*syntaxError); ok {
			at = syntax.at
		}
		return n, mistake(n.PositionOf(at), "", "variable syntax: %s", err)
	}
	if sole := e.sole(); sole != nil {
		value, problems := v.variable(n, sole)
		if len(problems) > 0 {
			return n, problems
		}
		return value, nil
	}
	parts, problems := v.parts(n, e)
	if len(problems) > 0 {
		return n, problems
	}
	return project.NewText(n, parts...), nil
}

// parts puts the text of an expression together.
func (v *variables) parts(n *project.Node, e *expression) ([]project.TextPart, project.Problems) {
	var (
		out      []project.TextPart
		problems project.Problems
	)
	for _, p := range e.parts {
		if p.variable == nil {
			written := p.end-p.start == len(p.text) && n.Text()[p.start:p.end] == p.text
			out = append(out, project.TextPart{Text: p.text, Of: n, From: p.start, Replaced: !written})
			continue
		}
		value, found := v.variable(n, p.variable)
		if len(found) > 0 {
			problems = append(problems, found...)
			continue
		}
		text, ok := scalar(value)
		if !ok {
			what := value.Kind().String()
			if _, _, is := value.Intrinsic(); is {
				what = "an intrinsic function"
			}
			problems = append(problems, mistake(n.PositionOf(p.start), "",
				"variable `%s` is %s, which cannot be part of a text", shorten(n.Text()[p.start:p.end]), what)...)
			continue
		}
		v.made += len(text)
		out = append(out, project.TextPart{Text: text, Of: value, Replaced: value.Kind() != project.NodeString})
	}
	if v.made > maxText {
		problems = append(problems, mistake(n.Position(), "", "the variables make more than %d bytes of text", maxText)...)
	}
	return out, problems
}

// scalar returns the text of a value that may be part of one. Numbers are written
// as JavaScript does.
func scalar(n *project.Node) (string, bool) {
	if n.Tag() != "" {
		return "", false
	}
	switch n.Kind() {
	case project.NodeString:
		return n.Text(), true
	case project.NodeBool:
		return strconv.FormatBool(n.Bool()), true
	case project.NodeInt, project.NodeFloat:
		const exact = 1 << 53
		if f, err := strconv.ParseFloat(n.Text(), 64); err == nil && f > -exact && f < exact {
			return strconv.FormatFloat(f, 'f', -1, 64), true
		}
		return n.Text(), true
	}
	return "", false
}

// text returns the text of an expression in a string: an address or a parameter.
func (v *variables) text(n *project.Node, e *expression) (string, project.Problems) {
	if e == nil {
		return "", nil
	}
	parts, problems := v.parts(n, e)
	var out strings.Builder
	for _, p := range parts {
		out.WriteString(p.Text)
	}
	return out.String(), problems
}

// variable returns the value of a variable of a string: that of its first source
// with one.
func (v *variables) variable(n *project.Node, vr *variable) (*project.Node, project.Problems) {
	if v.depth++; v.depth > maxDepth {
		v.depth--
		return nil, mistake(n.PositionOf(vr.start), "", "variables are nested more than %d deep", maxDepth)
	}
	defer func() { v.depth-- }()
	var missing, taken *absent
	for i := range vr.sources {
		s := &vr.sources[i]
		last := i == len(vr.sources)-1
		value, why, problems := v.source(n, vr, s, last)
		if len(problems) > 0 {
			return nil, problems
		}
		if value != nil && (value.Kind() != project.NodeNull || s.literal != nil && last) {
			if taken != nil {
				v.warn(project.Problem{Pos: n.PositionOf(vr.start), Message: taken.why + ": its fallback is taken"})
			}
			return value, nil
		}
		if why == nil {
			why = &absent{why: "its value is empty"}
		}
		missing = why
		if why.elsewhere {
			taken = why
		}
	}
	return nil, mistake(n.PositionOf(vr.start), missing.hint, "variable `%s` has no value: %s",
		shorten(n.Text()[vr.start:vr.end]), missing.why)
}

// absent is why a source has no value, and what to do about it.
type absent struct {
	why, hint string
	// elsewhere tells that the value is somewhere where nobody looks.
	elsewhere bool
}

// shorten keeps a text that was never meant to be a name from filling a message.
func shorten(name string) string {
	const limit = 80
	if line, _, more := strings.Cut(name, "\n"); more {
		name = line + "..."
	}
	if r := []rune(name); len(r) > limit {
		return string(r[:limit]) + "..."
	}
	return name
}
