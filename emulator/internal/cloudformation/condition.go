package cloudformation

import (
	"appsync-emulator/emulator/internal/project"
)

// condition evaluates a condition: its name, or a function of conditions. ok is
// false when it cannot be known, which is reported.
//
// See: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-conditions.html
func (s *Stack) condition(n *project.Node) (value, ok bool) {
	a := s.app
	a.steps++
	a.depth++
	defer func() { a.depth-- }()
	switch {
	case a.exhausted:
		return false, false
	case a.steps > maxSteps:
		a.exhausted = true
		s.fail(n, "the templates need more than %d steps to evaluate", maxSteps)
		return false, false
	case a.depth > maxDepth:
		s.fail(n, "the value depends on more than %d others, one on the other", maxDepth)
		return false, false
	}
	name, argument, called := n.Intrinsic()
	if !called && n.Kind() == project.NodeMap && len(n.Entries()) == 1 && n.Entries()[0].Key() == "Condition" {
		name, argument, called = "Condition", n.Entries()[0].Value(), true
	}
	if !called {
		if n.Kind() == project.NodeString {
			return s.named(n, n.Text())
		}
		s.fail(n, "a condition is needed, not %s", n.Kind())
		return false, false
	}
	switch name {
	case "Condition":
		if argument.Kind() != project.NodeString {
			s.fail(n, "Condition needs the name of a condition, not %s", argument.Kind())
			return false, false
		}
		return s.named(n, argument.Text())
	case "Fn::Equals":
		return s.equals(n, argument)
	case "Fn::Not":
		arguments := s.arguments(n, argument, name, 1, 1)
		if arguments == nil {
			return false, false
		}
		value, ok = s.condition(arguments[0])
		return !value, ok
	case "Fn::And", "Fn::Or":
		arguments := s.arguments(n, argument, name, 2, 10)
		if arguments == nil {
			return false, false
		}
		for _, item := range arguments {
			if value, ok = s.condition(item); !ok {
				return false, false
			}
			if value == (name == "Fn::Or") {
				return value, true
			}
		}
		return name == "Fn::And", true
	}
	s.fail(n, "%s is no condition", shorten(name))
	return false, false
}

// named evaluates a condition of the template.
func (s *Stack) named(n *project.Node, name string) (value, ok bool) {
	if value, ok = s.conditions[name]; ok {
		return value, true
	}
	e := s.entry("Conditions", name)
	if e == nil {
		s.failHint(n, didYouMean(name, s.names("Conditions")), "there is no condition `%s`", shorten(name))
		return false, false
	}
	if !s.enter("condition", name, n) {
		return false, false
	}
	defer s.leave()
	if value, ok = s.condition(e.Value()); ok {
		s.conditions[name] = value
	}
	return value, ok
}

func (s *Stack) equals(n, argument *project.Node) (value, ok bool) {
	arguments := s.arguments(n, argument, "Fn::Equals", 2, 2)
	if arguments == nil {
		return false, false
	}
	a, b := s.eval(arguments[0]), s.eval(arguments[1])
	if a == nil || b == nil {
		return a == b, true
	}
	if s.app.isBad(a) || s.app.isBad(b) {
		return false, false
	}
	if isScalar(a) && isScalar(b) { // true is "true", and 1 is "1"
		return a.Text() == b.Text(), true
	}
	return string(appendJSON(nil, a)) == string(appendJSON(nil, b)), true
}
