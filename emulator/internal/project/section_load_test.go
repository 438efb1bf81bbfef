package project

import (
	"testing"
	"testing/fstest"
)

func TestNumbersAreMadeOfTheirText(t *testing.T) {
	at := NewFileText(NewFile("x.yml", "a"))
	for _, text := range []string{"0", "-1", "3.25", "1e3", "12"} {
		if n, ok := NewNumber(at, text); !ok || n.Text() != text || n.Position() != at.Position() {
			t.Errorf("%s is no number", text)
		}
	}
	for _, text := range []string{"", "x", "01", "1x", "-", "1.", "true"} {
		if _, ok := NewNumber(at, text); ok {
			t.Errorf("%s is a number", text)
		}
	}
}

// A section that was put together of several files reports where each value was
// written.
func TestSectionOfSeveralFiles(t *testing.T) {
	parse := func(name, text string) (*File, *Node) {
		f := NewFile(name, text)
		return f, ParseFile(f, func(p Problem) { t.Error(p) })
	}
	file, root := parse("serverless.yml", "name: x\nauthentication: {type: API_KEY}\n")
	_, sources := parse("sources.yml", "\na: {type: NON}\n")
	section := NewMap(root, append(root.Entries(), NewEntry("dataSources", root, sources)))
	files := NewFolder(fstest.MapFS{"schema.graphql": {Data: []byte("type Query { a: Int }")}})
	api, problems := LoadSection(files, Section{
		File: file, Node: section, At: root,
		Tables: []*Table{{Name: "notes", PartitionKey: KeyAttribute{"id", "S"}}},
	}, Options{})
	if api.Name != "x" || api.Table("notes") == nil {
		t.Errorf("the API is %s with the tables %v", api.Name, api.Tables)
	}
	if len(problems) != 1 || problems[0].Pos != (Position{File: "sources.yml", Line: 2, Column: 11}) {
		t.Errorf("problems %v", problems)
	}
}
