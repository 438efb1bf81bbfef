package sam

import (
	"fmt"

	"appsync-emulator/emulator/internal/project"
)

// Transform is the name of the macro in a template.
const Transform = "AWS::Serverless-2016-10-31"

// Expand returns a template with the resources of SAM replaced by those that they
// stand for. Mistakes are reported.
func Expand(root *project.Node, report func(project.Problem)) *project.Node {
	if root.Kind() != project.NodeMap {
		return root
	}
	x := &expander{report: report, globals: globals(root)}
	out := make([]project.Entry, 0, len(root.Entries()))
	for _, e := range root.Entries() {
		if e.Key() == "Resources" && e.Value().Kind() == project.NodeMap {
			for _, r := range e.Value().Entries() {
				x.resource(r)
			}
			e = e.With(project.NewMap(e.Value(), x.resources))
		}
		out = append(out, e)
	}
	return project.NewMap(root, out)
}

// expander is one run of Expand.
type expander struct {
	report    func(project.Problem)
	globals   *project.Node // of functions; nil when there are none
	resources []project.Entry
}

func (x *expander) problem(at project.Position, message, hint string) {
	x.report(project.Problem{Pos: at, Message: message, Hint: hint})
}

// globals are the properties that all functions share.
func globals(root *project.Node) *project.Node {
	e := root.Find("Globals")
	if e == nil || e.Value().Kind() != project.NodeMap {
		return nil
	}
	if f := e.Value().Find("Function"); f != nil && f.Value().Kind() == project.NodeMap {
		return f.Value()
	}
	return nil
}

func (x *expander) resource(e project.Entry) {
	n := e.Value()
	kind := ""
	if n.Kind() == project.NodeMap {
		if t := n.Find("Type"); t != nil {
			kind = t.Value().Text()
		}
	}
	properties := project.NewMap(n, nil)
	if kind != "" {
		if p := n.Find("Properties"); p != nil && p.Value().Kind() == project.NodeMap {
			properties = p.Value()
		}
	}
	switch kind {
	case "AWS::Serverless::GraphQLApi":
		a := &api{x: x, entry: e, properties: properties}
		a.expand()
	case "AWS::Serverless::Function":
		x.function(e, properties)
	case "AWS::Serverless::SimpleTable":
		x.simpleTable(e, properties)
	case "AWS::Serverless::Connector":
		// Permissions, which nobody checks here.
	default:
		x.resources = append(x.resources, e)
	}
}

// add appends a resource that stands where e does. Condition and the like are e's.
func (x *expander) add(id string, e project.Entry, kind string, properties []project.Entry) {
	at := e.Value()
	fields := []project.Entry{
		project.NewEntry("Type", at, literal(at, kind)),
		project.NewEntry("Properties", at, project.NewMap(at, properties)),
	}
	if c := at.Find("Condition"); c != nil {
		fields = append(fields, *c)
	}
	x.resources = append(x.resources, entryAt(e, id, project.NewMap(at, fields)))
}

// entryAt returns an entry at the place of another.
func entryAt(e project.Entry, key string, value *project.Node) project.Entry {
	if key == e.Key() {
		return e.With(value)
	}
	return project.NewEntry(key, e.Value(), value)
}

// literal returns a text that the macro says, at the place of a node.
func literal(at *project.Node, text string) *project.Node {
	return project.NewText(at, project.TextPart{Text: text, Of: at, Replaced: true})
}

// call returns a call of an intrinsic function.
func call(at *project.Node, name string, arguments ...string) *project.Node {
	if len(arguments) == 1 {
		return project.NewMap(at, []project.Entry{project.NewEntry(name, at, literal(at, arguments[0]))})
	}
	items := make([]*project.Node, len(arguments))
	for i, a := range arguments {
		items[i] = literal(at, a)
	}
	return project.NewMap(at, []project.Entry{project.NewEntry(name, at, project.NewList(at, items))})
}

// pick returns the entries of a map that rename names, under the new names.
func pick(n *project.Node, rename ...[2]string) []project.Entry {
	var out []project.Entry
	for _, names := range rename {
		if e := n.Find(names[0]); e != nil {
			out = append(out, entryAt(*e, names[1], e.Value()))
		}
	}
	return out
}

// function makes a Lambda function of one of SAM.
//
// See: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html
func (x *expander) function(e project.Entry, properties *project.Node) {
	var out []project.Entry
	for _, name := range []string{"FunctionName", "Handler", "Runtime", "Timeout", "Environment"} {
		switch p := properties.Find(name); {
		case p != nil:
			out = append(out, *p)
		case x.globals != nil:
			if p := x.globals.Find(name); p != nil {
				out = append(out, *p)
			}
		}
	}
	x.add(e.Key(), e, "AWS::Lambda::Function", out)
}

// simpleTable makes a DynamoDB table of one of SAM: a partition key and no more.
//
// See: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-simpletable.html
func (x *expander) simpleTable(e project.Entry, properties *project.Node) {
	at := e.Value()
	name, kind := literal(at, "id"), literal(at, "S")
	if key := properties.Find("PrimaryKey"); key != nil && key.Value().Kind() == project.NodeMap {
		if n := key.Value().Find("Name"); n != nil {
			name = n.Value()
		}
		if t := key.Value().Find("Type"); t != nil {
			short, ok := map[string]string{"String": "S", "Number": "N", "Binary": "B"}[t.Value().Text()]
			if !ok {
				x.problem(t.Value().Position(), fmt.Sprintf("resource %s: `Type` must be one of String, Number, Binary, not `%s`", e.Key(), t.Value().Text()), "")
				short = "S"
			}
			kind = literal(t.Value(), short)
		}
	}
	list := func(entries ...project.Entry) *project.Node {
		return project.NewList(at, []*project.Node{project.NewMap(at, entries)})
	}
	out := append(pick(properties, [2]string{"TableName", "TableName"}),
		project.NewEntry("AttributeDefinitions", at, list(
			project.NewEntry("AttributeName", at, name), project.NewEntry("AttributeType", at, kind))),
		project.NewEntry("KeySchema", at, list(
			project.NewEntry("AttributeName", at, name), project.NewEntry("KeyType", at, literal(at, "HASH")))),
	)
	x.add(e.Key(), e, "AWS::DynamoDB::Table", out)
}
