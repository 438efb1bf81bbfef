package cloudformation

import (
	"encoding/json"
	"slices"
	"strings"

	"appsync-emulator/emulator/internal/project"
)

// evalSub puts values into a text.
//
// See: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-sub.html
func (s *Stack) evalSub(n, argument *project.Node) *project.Node {
	template := argument
	var variables *project.Node
	if argument.Kind() == project.NodeList {
		arguments := s.arguments(n, argument, "Fn::Sub", 2, 2)
		if arguments == nil {
			return s.app.bad
		}
		template, variables = arguments[0], arguments[1]
		if variables.Kind() != project.NodeMap {
			return s.fail(variables, "the variables of Fn::Sub must be a map, not %s", variables.Kind())
		}
	}
	if template.Kind() != project.NodeString || template.Tag() != "" {
		return s.fail(n, "Fn::Sub needs a string, not %s", template.Kind())
	}
	var (
		parts []project.TextPart
		of    []*project.Node
	)
	text, done := template.Text(), 0
	literal := func(to int) {
		if to > done {
			parts = append(parts, project.TextPart{Text: text[done:to], Of: template, From: done})
		}
	}
	for done < len(text) {
		open := strings.Index(text[done:], "${")
		if open < 0 {
			break
		}
		open += done
		end := strings.IndexByte(text[open:], '}')
		if end < 0 {
			break
		}
		end += open
		name := strings.TrimSpace(text[open+2 : end])
		literal(open)
		if strings.HasPrefix(name, "!") { // ${!x} is the text ${x}
			parts = append(parts,
				project.TextPart{Text: "${", Of: template, From: open},
				project.TextPart{Text: text[open+3 : end+1], Of: template, From: open + 3})
			done = end + 1
			continue
		}
		v := s.variable(n, name, variables)
		if v == nil {
			return s.fail(n, "${%s} of Fn::Sub is AWS::NoValue", shorten(name))
		}
		if s.app.isBad(v) {
			return v
		}
		if !isScalar(v) {
			return s.fail(n, "${%s} of Fn::Sub must be a text, not %s", shorten(name), v.Kind())
		}
		parts = append(parts, project.TextPart{Text: v.Text(), Of: template, From: open, Replaced: true})
		of = append(of, v)
		done = end + 1
	}
	literal(len(text))
	return s.join(n, parts, of...)
}

// variable returns the value of ${name}.
func (s *Stack) variable(n *project.Node, name string, variables *project.Node) *project.Node {
	if variables != nil {
		if e := s.lookUp(variables, name); e != nil {
			return s.eval(e.Value())
		}
	}
	if id, attribute, ok := strings.Cut(name, "."); ok && !strings.HasPrefix(name, "AWS::") {
		return s.getAtt(n, id, attribute)
	}
	return s.ref(n, name)
}

func (s *Stack) evalRef(n, argument *project.Node) *project.Node {
	if argument.Kind() != project.NodeString || argument.Tag() != "" {
		return s.fail(n, "Ref needs a name, not %s", argument.Kind())
	}
	return s.ref(n, argument.Text())
}

func (s *Stack) evalGetAtt(n, argument *project.Node) *project.Node {
	switch argument.Kind() {
	case project.NodeString:
		if id, attribute, ok := strings.Cut(argument.Text(), "."); ok {
			return s.getAtt(n, id, attribute)
		}
	case project.NodeList:
		items := argument.Items()
		if len(items) < 2 || items[0].Kind() != project.NodeString {
			break
		}
		attributes := make([]string, 0, len(items)-1)
		for _, item := range items[1:] {
			v := s.text(item)
			if v == nil {
				return s.app.bad
			}
			attributes = append(attributes, v.Text())
		}
		return s.getAtt(n, items[0].Text(), strings.Join(attributes, "."))
	}
	return s.fail(n, "Fn::GetAtt needs a resource and an attribute")
}

// ref returns what Ref gives for a name: of a parameter, a resource or one of
// CloudFormation's own.
func (s *Stack) ref(n *project.Node, name string) *project.Node {
	if strings.HasPrefix(name, "AWS::") {
		return s.pseudo(n, name)
	}
	if e := s.entry("Parameters", name); e != nil {
		return s.parameter(e, n)
	}
	r := s.resource(n, name)
	if r == nil {
		return s.app.bad
	}
	return r.reference(n)
}

func (s *Stack) getAtt(n *project.Node, id, attribute string) *project.Node {
	r := s.resource(n, id)
	if r == nil {
		return s.app.bad
	}
	return r.attribute(n, attribute)
}

// resource finds a resource that exists; nil when there is none, which is
// reported.
func (s *Stack) resource(n *project.Node, id string) *resource {
	r := s.resources[id]
	if r == nil {
		s.app.steps += len(s.order) + len(s.section("Parameters"))
		names := s.names("Parameters")
		for _, r := range s.order {
			names = append(names, r.id)
		}
		slices.Sort(names)
		s.failHint(n, didYouMean(id, names), "there is no resource or parameter `%s`", shorten(id))
		return nil
	}
	if !r.exists() {
		s.fail(n, "resource %s does not exist: its condition is false", r.path())
		return nil
	}
	return r
}

// pseudo returns the value of a pseudo parameter.
//
// See: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
func (s *Stack) pseudo(n *project.Node, name string) *project.Node {
	switch name {
	case "AWS::NoValue":
		return nil
	case "AWS::Region":
		return s.replaced(n, s.region())
	case "AWS::AccountId":
		return s.replaced(n, s.account())
	case "AWS::Partition":
		return s.replaced(n, s.partition())
	case "AWS::URLSuffix":
		if s.partition() == "aws-cn" {
			return s.replaced(n, "amazonaws.com.cn")
		}
		return s.replaced(n, "amazonaws.com")
	case "AWS::StackName":
		return s.replaced(n, s.stackName())
	case "AWS::StackId":
		return s.replaced(n, s.stackID())
	case "AWS::NotificationARNs":
		return project.NewList(n, nil)
	}
	known := []string{"AWS::NoValue", "AWS::Region", "AWS::AccountId", "AWS::Partition", "AWS::URLSuffix", "AWS::StackName", "AWS::StackId", "AWS::NotificationARNs"}
	return s.failHint(n, didYouMean(name, known), "there is no pseudo parameter `%s`", shorten(name))
}

func (s *Stack) region() string {
	if s.source.Region != "" {
		return s.source.Region
	}
	return s.app.opt.Region
}

func (s *Stack) account() string {
	if s.source.AccountID != "" {
		return s.source.AccountID
	}
	return s.app.opt.AccountID
}

func (s *Stack) partition() string {
	switch region := s.region(); {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

// stackName is the name that CloudFormation would give: of a nested stack it
// begins with its parent's.
func (s *Stack) stackName() string {
	if s.parent == nil {
		return s.name
	}
	return s.parent.stackName() + "-" + s.name
}

func (s *Stack) stackID() string {
	return s.arn("cloudformation", "stack/"+s.stackName()+"/"+project.StableID("stack/"+s.seed(), 26))
}

// arn returns the name of a resource in the stack's region and account.
func (s *Stack) arn(service, resource string) string {
	return "arn:" + s.partition() + ":" + service + ":" + s.region() + ":" + s.account() + ":" + resource
}

func appendJSONString(dst []byte, text string) []byte {
	quoted, err := json.Marshal(text)
	if err != nil { // strings can always be written
		return append(dst, `""`...)
	}
	return append(dst, quoted...)
}
