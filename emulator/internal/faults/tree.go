package faults

import (
	"strconv"

	"appsync-emulator/emulator/internal/project"
	"appsync-emulator/mappingtemplate/value"
)

// kind is the kind of a node.
type kind uint8

const (
	null kind = iota
	boolean
	number
	text
	object
	list
)

func (k kind) String() string {
	return [...]string{"nothing", "true or false", "a number", "a text", "an object", "a list"}[k]
}

// node is a value of JSON or YAML with its place: a path in JSON, a line and a
// column in YAML.
type node struct {
	kind kind
	at   place

	text    string // of a text or a number
	truth   bool
	members []member
	items   []*node
}

type member struct {
	name  string
	at    place
	value *node
}

// place is where a node is. Line and column count from 1 and are 0 in JSON.
type place struct {
	path         string
	line, column int
}

func (n *node) member(name string) *node {
	for _, m := range n.members {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// Problem is a mistake in what was to be set. In JSON it has a path, in a scenario
// file a line and a column.
type Problem struct {
	Path         string // such as "match.field" or "[1].kind"
	Line, Column int
	Message      string
	Hint         string // how to mend it; often empty
}

// Text is the message and the hint.
func (p Problem) Text() string {
	if p.Hint != "" {
		return p.Message + " (" + p.Hint + ")"
	}
	return p.Message
}

// Problems is every mistake of a text, as one error.
type Problems []Problem

func (ps Problems) Error() string {
	p := ps[0]
	switch {
	case p.Line > 0:
		return strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Column) + ": " + p.Text()
	case p.Path != "":
		return p.Path + ": " + p.Text()
	}
	return p.Text()
}

// suggest is the hint for a name that is none of candidates.
func suggest(name string, candidates []string) string {
	if s := project.Suggest(name, candidates); s != "" && s != name {
		return "did you mean " + strconv.Quote(s) + "?"
	}
	return ""
}

// parseJSON reads JSON text.
func parseJSON(json string) (*node, error) {
	v, err := value.ParseJSON(json)
	if err != nil {
		return nil, Problems{{Message: "this is not JSON: " + err.Error()}}
	}
	return jsonNode("", v), nil
}

func jsonNode(path string, v any) *node {
	n := &node{at: place{path: path}}
	switch v := v.(type) {
	case nil:
	case bool:
		n.kind, n.truth = boolean, v
	case string:
		n.kind, n.text = text, v
	case *value.Map:
		n.kind = object
		for name, item := range v.All() {
			below := name
			if path != "" {
				below = path + "." + name
			}
			n.members = append(n.members, member{name, place{path: below}, jsonNode(below, item)})
		}
	case *value.List:
		n.kind = list
		for i, item := range v.Items {
			n.items = append(n.items, jsonNode(path+"["+strconv.Itoa(i)+"]", item))
		}
	default:
		n.kind, n.text = number, value.JSON(v)
	}
	return n
}
