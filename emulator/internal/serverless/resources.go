package serverless

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"appsync-emulator/emulator/internal/project"
)

// templateSections are the parts of `resources` that the values of others may
// depend on.
var templateSections = []string{"Parameters", "Mappings", "Conditions", "Resources"}

// template returns the CloudFormation template that `resources` makes: the parts of
// a list are merged, the later over the earlier. Variables matter in tables; in
// other resources they may stay as they are written until somebody refers to them.
//
// See: https://www.serverless.com/framework/docs/providers/aws/guide/resources
func (l *loader) template(root *project.Node) (*project.Node, project.Problems) {
	out := project.NewMap(root, nil)
	var problems project.Problems
	for _, part := range l.parts(root, "resources") {
		var entries []project.Entry
		for i := range part.Entries() {
			e := &part.Entries()[i]
			switch {
			case slices.Contains(templateSections, e.Key()):
			case e.Key() == "extensions":
				l.warning(e.Position(), "`extensions` of `resources` has no effect here: it changes what the framework makes", "")
				continue
			default: // Outputs, Description ...: nothing that an API is made of
				continue
			}
			n, found := l.value(e.Value())
			problems = append(problems, found...)
			switch {
			case len(found) > 0 || n.Kind() == project.NodeNull:
			case n.Kind() != project.NodeMap:
				l.problem(e.Position(), fmt.Sprintf("`%s` must be a map, not %s", e.Key(), n.Kind()), "")
			case e.Key() == "Resources":
				section, found := l.resources(n)
				problems = append(problems, found...)
				entries = append(entries, e.With(section))
				l.warnOfIgnored(section)
			default:
				section, _ := l.resolve(n)
				entries = append(entries, e.With(section))
			}
		}
		out = merge(out, project.NewMap(part, entries))
	}
	return out, problems
}

// resources returns resources with the values of their variables.
func (l *loader) resources(n *project.Node) (*project.Node, project.Problems) {
	var problems project.Problems
	entries := make([]project.Entry, len(n.Entries()))
	for i := range entries {
		e := &n.Entries()[i]
		value, found := l.resolve(e.Value())
		entries[i] = e.With(value)
		switch textAt(value, "Type") {
		case "AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable", "":
			problems = append(problems, found...)
		}
	}
	return project.NewMap(n, entries), problems
}

// quiet are the beginnings of the types of resources that are understood, or that say
// who may do what.
var quiet = []string{"AWS::DynamoDB::", "AWS::Lambda::", "AWS::Cognito::", "AWS::IAM::", "AWS::Logs::"}

// warnOfIgnored tells which resources are no part of what is served. Those of AppSync
// are told of one by one: somebody may wait for what they do.
func (l *loader) warnOfIgnored(resources *project.Node) {
	kinds := map[string]int{}
	var first *project.Entry
	for i := range resources.Entries() {
		e := &resources.Entries()[i]
		kind := textAt(e.Value(), "Type")
		switch {
		case kind == "" || slices.ContainsFunc(quiet, func(prefix string) bool { return strings.HasPrefix(kind, prefix) }):
		case strings.HasPrefix(kind, "AWS::AppSync::"):
			l.warning(e.Position(), fmt.Sprintf("resource %s is ignored: it is the section `appSync` that makes the API", shorten(e.Key())), "")
		default:
			kinds[kind]++
			if first == nil {
				first = e
			}
		}
	}
	if first == nil {
		return
	}
	var names []string
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		if n := kinds[kind]; n > 1 {
			kind += fmt.Sprintf(" (%d)", n)
		}
		names = append(names, kind)
	}
	l.warning(first.Position(), "resources of types that are no part of an API are ignored: "+strings.Join(names, ", "), "")
}

// merge returns a map with the entries of both, those of b over those of a; maps
// and lists within are merged alike.
func merge(a, b *project.Node) *project.Node {
	if a.Tag() != "" || b.Tag() != "" || a.Kind() != b.Kind() {
		return b
	}
	switch a.Kind() {
	case project.NodeMap:
		out := slices.Clone(a.Entries())
		index := make(map[string]int, len(out))
		for i := range out {
			index[out[i].Key()] = i
		}
		for i := range b.Entries() {
			e := &b.Entries()[i]
			if at, has := index[e.Key()]; has {
				out[at] = e.With(merge(out[at].Value(), e.Value()))
				continue
			}
			out = append(out, *e)
		}
		return project.NewMap(b, out)
	case project.NodeList:
		out := slices.Clone(a.Items())
		for i, item := range b.Items() {
			if i < len(out) {
				out[i] = merge(out[i], item)
			} else {
				out = append(out, item)
			}
		}
		return project.NewList(b, out)
	}
	return b
}

// withResources returns a template with resources that the framework or the plugin
// makes; the template's own go over them.
func withResources(template *project.Node, made []project.Entry) *project.Node {
	own := project.NewMap(template, []project.Entry{
		project.NewEntry("Resources", template, project.NewMap(template, made)),
	})
	return merge(own, template)
}
