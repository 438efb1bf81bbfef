package cloudformation

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"appsync-emulator/emulator/internal/project"
)

// Resolve returns a value with every intrinsic function in it replaced by what it
// gives; nil when that is AWS::NoValue. Mistakes are reported to the app; the value
// is then empty.
//
// See: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
func (s *Stack) Resolve(n *project.Node) *project.Node {
	v := s.eval(n)
	if v == nil || !s.app.isBad(v) {
		return v
	}
	return project.NewNull(n)
}

func (a *App) isBad(n *project.Node) bool { return n == a.bad }

// fail reports a mistake and returns the value that stands for it.
func (s *Stack) fail(at *project.Node, format string, args ...any) *project.Node {
	return s.failHint(at, "", format, args...)
}

// failHint is fail with a hint how to mend the mistake.
func (s *Stack) failHint(at *project.Node, hint, format string, args ...any) *project.Node {
	if len(s.app.problems) <= maxMistakes {
		s.app.problem(at.Position(), s.owned(at.Position(), fmt.Sprintf(format, args...)), hint)
	}
	return s.app.bad
}

// subject is something whose value is being evaluated.
type subject struct {
	stack *Stack
	kind  string // "parameter" ...
	name  string
}

func (s subject) String() string {
	if p := s.stack.path(); p != "" {
		return s.kind + " " + p + "/" + s.name
	}
	return s.kind + " " + s.name
}

// enter begins the evaluation of a subject. It is refused, and reported, when that
// is under way already.
func (s *Stack) enter(kind, name string, at *project.Node) bool {
	what := subject{s, kind, name}
	if i := slices.Index(s.app.under, what); i >= 0 {
		var way []string
		for _, u := range append(s.app.under[i:len(s.app.under):len(s.app.under)], what) {
			way = append(way, u.String())
		}
		const shown = 8
		if len(way) > shown {
			way = append(append(way[:shown/2:shown/2], "..."), way[len(way)-shown/2:]...)
		}
		s.fail(at, "this refers to itself: %s", strings.Join(way, " -> "))
		return false
	}
	s.app.under = append(s.app.under, what)
	return true
}

func (s *Stack) leave() { s.app.under = s.app.under[:len(s.app.under)-1] }

// eval returns the value of a node: nil for AWS::NoValue, App.bad for what was
// reported.
func (s *Stack) eval(n *project.Node) *project.Node {
	a := s.app
	if a.exhausted {
		return a.bad
	}
	a.steps++
	a.depth++
	defer func() { a.depth-- }()
	if a.steps > maxSteps {
		a.exhausted = true
		return s.fail(n, "the templates need more than %d steps to evaluate", maxSteps)
	}
	if a.depth > maxDepth {
		return s.fail(n, "the value depends on more than %d others, one on the other", maxDepth)
	}
	if name, argument, ok := n.Intrinsic(); ok {
		return s.call(n, name, argument)
	}
	switch n.Kind() {
	case project.NodeMap:
		return s.evalMap(n)
	case project.NodeList:
		return s.evalList(n)
	}
	return n
}

// shallow evaluates a node only if it is a function; a map or list is returned
// with its parts as they are written.
func (s *Stack) shallow(n *project.Node) *project.Node {
	if _, _, ok := n.Intrinsic(); ok {
		return s.eval(n)
	}
	return n
}

func (s *Stack) evalMap(n *project.Node) *project.Node {
	entries := n.Entries()
	changed := false
	out := make([]project.Entry, 0, len(entries))
	for i := range entries {
		e := &entries[i]
		if strings.HasPrefix(e.Key(), "Fn::") {
			return s.fail(n, "function %s must stand alone in its map", shorten(e.Key()))
		}
		v := s.eval(e.Value())
		switch {
		case v == nil:
			changed = true
			continue
		case s.app.isBad(v):
			return v
		case v != e.Value():
			changed = true
		}
		out = append(out, e.With(v))
	}
	if !changed {
		return n
	}
	return project.NewMap(n, out)
}

func (s *Stack) evalList(n *project.Node) *project.Node {
	changed := false
	out := make([]*project.Node, 0, len(n.Items()))
	for _, item := range n.Items() {
		v := s.eval(item)
		switch {
		case v == nil:
			changed = true
			continue
		case s.app.isBad(v):
			return v
		case v != item:
			changed = true
		}
		out = append(out, v)
	}
	if !changed {
		return n
	}
	return project.NewList(n, out)
}

// call evaluates an intrinsic function.
func (s *Stack) call(n *project.Node, name string, argument *project.Node) *project.Node {
	switch name {
	case "Ref":
		return s.evalRef(n, argument)
	case "Fn::GetAtt":
		return s.evalGetAtt(n, argument)
	case "Fn::Sub":
		return s.evalSub(n, argument)
	case "Fn::Join":
		return s.evalJoin(n, argument)
	case "Fn::Select":
		return s.evalSelect(n, argument)
	case "Fn::Split":
		return s.evalSplit(n, argument)
	case "Fn::If":
		return s.evalIf(n, argument)
	case "Fn::FindInMap":
		return s.evalFindInMap(n, argument)
	case "Fn::ImportValue":
		return s.evalImport(n, argument)
	case "Fn::Base64":
		v := s.text(argument)
		if v == nil {
			return s.app.bad
		}
		return s.replaced(n, base64.StdEncoding.EncodeToString([]byte(v.Text())), v)
	case "Fn::GetAZs":
		region := s.region()
		if v := s.shallow(argument); v != nil && v.Kind() == project.NodeString && v.Text() != "" {
			region = v.Text()
		}
		var zones []*project.Node
		for _, zone := range []string{"a", "b", "c"} {
			zones = append(zones, s.replaced(n, region+zone))
		}
		return project.NewList(n, zones)
	case "Fn::Length":
		v := s.eval(argument)
		if v == nil || s.app.isBad(v) {
			return s.app.bad
		}
		if v.Kind() != project.NodeList {
			return s.fail(n, "Fn::Length needs a list, not %s", v.Kind())
		}
		return s.replaced(n, strconv.Itoa(len(v.Items())))
	case "Fn::ToJsonString":
		v := s.eval(argument)
		if v == nil || s.app.isBad(v) {
			return s.app.bad
		}
		return s.replaced(n, string(appendJSON(nil, v)), v)
	case "Fn::Equals", "Fn::And", "Fn::Or", "Fn::Not", "Condition":
		return s.fail(n, "%s is a condition and gives no value", name)
	case "Fn::Cidr", "Fn::Transform":
		return s.fail(n, "%s is not supported", name)
	}
	known := []string{"Fn::GetAtt", "Fn::Sub", "Fn::Join", "Fn::Select", "Fn::Split", "Fn::If", "Fn::FindInMap", "Fn::ImportValue", "Fn::Base64", "Fn::GetAZs"}
	return s.failHint(n, didYouMean(name, known), "there is no function %s", shorten(name))
}

// replaced returns a text that stands for a function. It is doubtful when what it
// was made of is.
func (s *Stack) replaced(n *project.Node, text string, of ...*project.Node) *project.Node {
	return s.join(n, []project.TextPart{{Text: text, Of: n, Replaced: true}}, of...)
}

// join returns a text of parts, doubtful when what it was made of is.
func (s *Stack) join(n *project.Node, parts []project.TextPart, of ...*project.Node) *project.Node {
	size := 0
	for _, p := range parts {
		size += len(p.Text)
	}
	if size > maxText {
		return s.fail(n, "the text would be longer than %d bytes", maxText)
	}
	out := project.NewText(n, parts...)
	for _, v := range of {
		if why, ok := s.app.doubts[v]; ok {
			s.app.doubts[out] = why
		}
	}
	return out
}

// text evaluates a node that must be a text, a number or a boolean; nil when it
// is not, which is reported.
func (s *Stack) text(n *project.Node) *project.Node {
	v := s.eval(n)
	if v == nil {
		s.fail(n, "a text is needed, not AWS::NoValue")
		return nil
	}
	if s.app.isBad(v) {
		return nil
	}
	if !isScalar(v) {
		s.fail(n, "a text is needed, not %s", v.Kind())
		return nil
	}
	return v
}

func isScalar(n *project.Node) bool {
	switch n.Kind() {
	case project.NodeString, project.NodeInt, project.NodeFloat, project.NodeBool:
		return true
	}
	return false
}

// arguments returns those of a function that has from least to most, nil when
// there are not as many.
func (s *Stack) arguments(n, argument *project.Node, name string, least, most int) []*project.Node {
	if argument.Kind() == project.NodeList && argument.Tag() == "" && len(argument.Items()) >= least && len(argument.Items()) <= most {
		return argument.Items()
	}
	want := strconv.Itoa(least)
	if least != most {
		want += " to " + strconv.Itoa(most)
	}
	s.fail(n, "%s needs a list of %s values", name, want)
	return nil
}

func (s *Stack) evalJoin(n, argument *project.Node) *project.Node {
	arguments := s.arguments(n, argument, "Fn::Join", 2, 2)
	if arguments == nil {
		return s.app.bad
	}
	delimiter := s.text(arguments[0])
	list := s.shallow(arguments[1])
	if delimiter == nil || list == nil || s.app.isBad(list) {
		return s.app.bad
	}
	if list.Kind() != project.NodeList {
		return s.fail(n, "Fn::Join needs a list to join, not %s", list.Kind())
	}
	var (
		parts []project.TextPart
		of    []*project.Node
	)
	for _, item := range list.Items() {
		v := s.eval(item)
		if v == nil {
			continue
		}
		if s.app.isBad(v) {
			return v
		}
		if !isScalar(v) {
			return s.fail(item, "Fn::Join joins texts, not %s", v.Kind())
		}
		if len(of) > 0 && delimiter.Text() != "" {
			parts = append(parts, project.TextPart{Text: delimiter.Text(), Of: delimiter})
		}
		parts = append(parts, project.TextPart{Text: v.Text(), Of: v})
		of = append(of, v)
	}
	return s.join(n, parts, of...)
}

func (s *Stack) evalSelect(n, argument *project.Node) *project.Node {
	arguments := s.arguments(n, argument, "Fn::Select", 2, 2)
	if arguments == nil {
		return s.app.bad
	}
	index := s.text(arguments[0])
	list := s.shallow(arguments[1])
	if index == nil || list == nil || s.app.isBad(list) {
		return s.app.bad
	}
	if list.Kind() != project.NodeList {
		return s.fail(n, "Fn::Select needs a list, not %s", list.Kind())
	}
	i, err := strconv.Atoi(index.Text())
	if err != nil || i < 0 {
		return s.fail(arguments[0], "Fn::Select needs the number of an item, not `%s`", shorten(index.Text()))
	}
	if i >= len(list.Items()) {
		return s.fail(n, "Fn::Select asks for item %d, and the list has %d", i, len(list.Items()))
	}
	v := s.eval(list.Items()[i])
	if v == nil {
		return s.fail(n, "item %d of Fn::Select is AWS::NoValue", i)
	}
	return v
}

func (s *Stack) evalSplit(n, argument *project.Node) *project.Node {
	arguments := s.arguments(n, argument, "Fn::Split", 2, 2)
	if arguments == nil {
		return s.app.bad
	}
	delimiter, text := s.text(arguments[0]), s.text(arguments[1])
	if delimiter == nil || text == nil {
		return s.app.bad
	}
	if delimiter.Text() == "" {
		return s.fail(n, "Fn::Split needs a delimiter")
	}
	var items []*project.Node
	at := 0
	for _, part := range strings.Split(text.Text(), delimiter.Text()) {
		items = append(items, s.join(n, []project.TextPart{{Text: part, Of: text, From: at}}, text))
		at += len(part) + len(delimiter.Text())
	}
	return project.NewList(n, items)
}

func (s *Stack) evalIf(n, argument *project.Node) *project.Node {
	arguments := s.arguments(n, argument, "Fn::If", 3, 3)
	if arguments == nil {
		return s.app.bad
	}
	value, ok := s.condition(arguments[0])
	if !ok {
		return s.app.bad
	}
	if value {
		return s.eval(arguments[1])
	}
	return s.eval(arguments[2])
}

// evalFindInMap looks a value up in Mappings.
//
// See: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-findinmap-enhancements.html
func (s *Stack) evalFindInMap(n, argument *project.Node) *project.Node {
	arguments := s.arguments(n, argument, "Fn::FindInMap", 3, 4)
	if arguments == nil {
		return s.app.bad
	}
	var otherwise *project.Entry
	if len(arguments) == 4 {
		if otherwise = arguments[3].Find("DefaultValue"); otherwise == nil {
			return s.fail(arguments[3], "the fourth value of Fn::FindInMap must have a `DefaultValue`")
		}
	}
	missing := func(at *project.Node, message, hint string) *project.Node {
		if otherwise != nil {
			return s.eval(otherwise.Value())
		}
		return s.failHint(at, hint, "%s", message)
	}
	var keys [3]string
	for i := range keys {
		v := s.text(arguments[i])
		if v == nil {
			return s.app.bad
		}
		keys[i] = v.Text()
	}
	e := s.entry("Mappings", keys[0])
	if e == nil {
		return missing(arguments[0], fmt.Sprintf("there is no mapping `%s`", shorten(keys[0])), didYouMean(keys[0], s.names("Mappings")))
	}
	where := "mapping " + keys[0]
	for i, key := range keys[1:] {
		if e.Value().Kind() != project.NodeMap {
			return s.fail(e.Value(), "%s must be a map, not %s", where, e.Value().Kind())
		}
		next := s.lookUp(e.Value(), key)
		if next == nil {
			return missing(arguments[i+1], fmt.Sprintf("%s has no `%s`", where, shorten(key)), "")
		}
		e, where = next, where+" "+key
	}
	return e.Value() // mappings hold no functions
}

// evalImport finds what some stack of the app exports.
func (s *Stack) evalImport(n, argument *project.Node) *project.Node {
	name := s.text(argument)
	if name == nil {
		return s.app.bad
	}
	if !s.enter("import", name.Text(), n) {
		return s.app.bad
	}
	defer s.leave()
	for _, other := range s.app.stacks {
		outputs := other.section("Outputs")
		for i := range outputs {
			o := outputs[i].Value()
			if o.Kind() != project.NodeMap {
				continue
			}
			export := o.Find("Export")
			if export == nil || export.Value().Kind() != project.NodeMap {
				continue
			}
			as := export.Value().Find("Name")
			if as == nil {
				continue
			}
			if v := other.eval(as.Value()); v != nil && v.Kind() == project.NodeString && v.Text() == name.Text() {
				return other.output(outputs[i].Key(), n)
			}
		}
	}
	out := s.replaced(n, name.Text())
	s.app.doubts[out] = doubt{
		why: fmt.Sprintf("no stack of the project exports %s, and its name stands for the value", shorten(name.Text())),
	}
	return out
}

// appendJSON writes a value without functions as JSON.
func appendJSON(dst []byte, n *project.Node) []byte {
	switch n.Kind() {
	case project.NodeMap:
		dst = append(dst, '{')
		for i := range n.Entries() {
			e := &n.Entries()[i]
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(appendJSONString(dst, e.Key()), ':')
			dst = appendJSON(dst, e.Value())
		}
		return append(dst, '}')
	case project.NodeList:
		dst = append(dst, '[')
		for i, item := range n.Items() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendJSON(dst, item)
		}
		return append(dst, ']')
	case project.NodeString:
		return appendJSONString(dst, n.Text())
	case project.NodeNull:
		return append(dst, "null"...)
	}
	return append(dst, n.Text()...)
}
