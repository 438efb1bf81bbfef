package cloudformation

import (
	"fmt"
	"slices"
	"strings"

	"appsync-emulator/emulator/internal/project"
)

// parameter returns the value of a parameter: what the parent stack passes, else
// what the user gave, else what the stack is deployed with, else the default. A
// parameter without any has its own name for a value, which is doubtful.
//
// See: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
func (s *Stack) parameter(e *project.Entry, n *project.Node) *project.Node {
	name := e.Key()
	if v, ok := s.parameters[name]; ok {
		return v
	}
	if e.Value().Kind() != project.NodeMap {
		return s.fail(e.Value(), "parameter %s must be a map, not %s", shorten(name), e.Value().Kind())
	}
	if !s.enter("parameter", name, n) {
		return s.app.bad
	}
	v := s.parameterValue(e)
	s.leave()
	if v != nil && !s.app.isBad(v) {
		v = s.typed(e, v)
	}
	s.parameters[name] = v
	return v
}

func (s *Stack) parameterValue(e *project.Entry) *project.Node {
	name := e.Key()
	declaration := e.Value()
	if p := s.passed[name]; p != nil {
		v := s.parent.eval(p.Value())
		if v == nil {
			return s.fail(p.Value(), "parameter %s of a nested stack cannot be AWS::NoValue", shorten(name))
		}
		return v
	}
	if text, ok := s.app.opt.Parameters[name]; ok {
		s.app.parametersUsed[name] = true
		s.checkAllowed(declaration, name, text)
		return s.replaced(declaration, text)
	}
	if v := s.source.Parameters[name]; v != nil {
		return v
	}
	kind := ""
	if t := declaration.Find("Type"); t != nil {
		kind = t.Value().Text()
	}
	if d := declaration.Find("Default"); d != nil && d.Value().Kind() != project.NodeNull {
		v := d.Value()
		if !isScalar(v) {
			return s.fail(v, "the default of parameter %s must be a text, not %s", shorten(name), v.Kind())
		}
		if strings.HasPrefix(kind, "AWS::SSM::Parameter::Value") {
			v = s.join(v, []project.TextPart{{Text: v.Text(), Of: v, Replaced: true}})
			s.app.doubts[v] = doubt{
				why:  fmt.Sprintf("parameter %s has its value in Parameter Store, and the name there stands for it", name),
				hint: "--parameter " + name + "=VALUE",
			}
		}
		return v
	}
	v := s.replaced(declaration, name)
	if !slices.Contains(s.source.Placeholders, name) {
		s.app.doubts[v] = doubt{
			why:  fmt.Sprintf("parameter %s has no value, and its name stands for one", name),
			hint: "--parameter " + name + "=VALUE",
		}
	}
	return v
}

// typed turns the text of a list parameter into a list.
func (s *Stack) typed(e *project.Entry, v *project.Node) *project.Node {
	t := e.Value().Find("Type")
	if t == nil || !isScalar(v) {
		return v
	}
	if kind := t.Value().Text(); kind != "CommaDelimitedList" && !strings.Contains(kind, "List<") {
		return v
	}
	var items []*project.Node
	at := 0
	for _, part := range strings.Split(v.Text(), ",") {
		trimmed := strings.TrimSpace(part)
		from := at + strings.Index(part, trimmed)
		items = append(items, s.join(v, []project.TextPart{{Text: trimmed, Of: v, From: from}}, v))
		at += len(part) + 1
	}
	return project.NewList(v, items)
}

// checkAllowed reports a value that CloudFormation would refuse.
func (s *Stack) checkAllowed(declaration *project.Node, name, text string) {
	e := declaration.Find("AllowedValues")
	if e == nil || e.Value().Kind() != project.NodeList {
		return
	}
	var allowed []string
	for _, item := range e.Value().Items() {
		if item.Text() == text {
			return
		}
		allowed = append(allowed, item.Text())
	}
	s.app.problem(e.Value().Position(), fmt.Sprintf("parameter %s must be one of %s, not `%s`", name, strings.Join(allowed, ", "), shorten(text)), "")
}

// output returns the value of an output of the stack; n asks for it.
func (s *Stack) output(name string, n *project.Node) *project.Node {
	if v, ok := s.outputs[name]; ok {
		return v
	}
	e := s.entry("Outputs", name)
	if e == nil {
		return s.failHint(n, didYouMean(name, s.names("Outputs")), "stack %s has no output `%s`", s.stackName(), shorten(name))
	}
	if e.Value().Kind() != project.NodeMap {
		return s.fail(e.Value(), "output %s must be a map, not %s", shorten(name), e.Value().Kind())
	}
	if c := e.Value().Find("Condition"); c != nil {
		if value, ok := s.condition(c.Value()); !ok {
			return s.app.bad
		} else if !value {
			return s.fail(n, "output %s of stack %s does not exist: its condition is false", shorten(name), s.stackName())
		}
	}
	value := e.Value().Find("Value")
	if value == nil {
		s.app.problem(e.Position(), fmt.Sprintf("output %s needs a `Value`", shorten(name)), "")
		return s.app.bad
	}
	if !s.enter("output", name, n) {
		return s.app.bad
	}
	v := s.text(value.Value())
	s.leave()
	if v == nil {
		v = s.app.bad
	}
	s.outputs[name] = v
	return v
}
