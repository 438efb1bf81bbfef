package project

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSeedIsCheckedAndKept(t *testing.T) {
	text := `{"notes-table": [{"id": "1"}, {"id": {"S": "2"}}]}`
	api := mustLoad(t, head+"seed: seed.json\n", files{"seed.json": text})
	if want := (&Seed{Pos: Position{File: "seed.json"}, Text: text}); *api.Seed != *want {
		t.Errorf("seed %v", api.Seed)
	}
}

func TestSeedMistakes(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string
	}{
		{"no JSON", "{\n  notes: []\n}", []string{"seed.json:2:3: JSON syntax: invalid character 'n' looking for beginning of object key string"}},
		{"wrong syntax in an item", "{\"notes-table\": [\n  {\"id\": 1,}\n]}", []string{"seed.json:2:12: JSON syntax: invalid character '}' looking for beginning of object key string"}},
		{"an end too early", "{\"notes-table\": [", []string{"seed.json:1:18: JSON syntax: unexpected end of JSON input"}},
		{"an empty file", "", []string{"seed.json:1:1: JSON syntax: unexpected end of JSON input"}},
		{"something after the end", "{} {}", []string{"seed.json:1:4: JSON syntax: invalid character '{' after top-level value"}},
		{"a comma before the end", "{\"notes-table\": [],}", []string{"seed.json:1:20: JSON syntax: invalid character '}' looking for beginning of object key string"}},
		{"null items", "{\"notes-table\": [null]}", []string{"seed.json:1:17: the items of table notes-table must be a list of objects"}},
		{"a list", "[]", []string{"seed.json:1:1: the seed must be an object: table name -> list of items"}},
		{"an unknown table and items of another form", "{\n  \"note-table\": [],\n  \"notes-table\": {\"id\": 1}\n}", []string{
			"seed.json:2:3: unknown table `note-table` (did you mean `notes-table`?)",
			"seed.json:3:18: the items of table notes-table must be a list of objects",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, problems := loadText(head+"seed: seed.json\n", files{"seed.json": tt.text})
			if diff := cmp.Diff(tt.want, messages(problems)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}
