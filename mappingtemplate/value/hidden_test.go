package value_test

import (
	"testing"

	"appsync-emulator/mappingtemplate/value"
)

// context is a map as AppSync's $context is: args stands for arguments, and the
// selection is computed when somebody wants it.
func contextMap(reads *int) *value.Map {
	m := value.MapOf("arguments", value.MapOf("id", "1"), "stash", value.NewMap(0))
	m.Alias("args", "arguments")
	m.Hide("selection", func() any { *reads++; return value.NewList("a") })
	return m
}

func TestHiddenEntriesAreReadByName(t *testing.T) {
	var reads int
	m := contextMap(&reads)
	for name, want := range map[string]string{"args": `{"id":"1"}`, "arguments": `{"id":"1"}`, "selection": `["a"]`} {
		for range 2 {
			v, ok := m.Get(name)
			if byKey, also := m.GetKey(name); !ok || !also || value.JSON(v) != want || value.JSON(byKey) != want || !m.Has(name) {
				t.Errorf("%s: %s, %v", name, value.JSON(v), ok)
			}
		}
	}
	if reads != 1 {
		t.Errorf("the value was computed %d times", reads)
	}
	if m.Has("other") || m.Value("other") != nil {
		t.Error("another name is there")
	}
}

func TestHiddenEntriesAreListedNowhere(t *testing.T) {
	var reads int
	m := contextMap(&reads)
	const want = `{"arguments":{"id":"1"},"stash":{}}`
	for what, got := range map[string]string{
		"the map":  value.JSON(m),
		"a copy":   value.JSON(m.Copy()),
		"a deep":   value.JSON(value.DeepCopy(m)),
		"its text": value.ToString(m),
		"the keys": value.JSON(m.Keys()),
	} {
		switch what {
		case "its text":
			if got != "{arguments={id=1}, stash={}}" {
				t.Error(got)
			}
		case "the keys":
			if got != `["arguments","stash"]` {
				t.Error(got)
			}
		default:
			if got != want {
				t.Errorf("%s: %s", what, got)
			}
		}
	}
	if m.Len() != 2 || m.Values().Members()[1] == nil || len(m.Entries().Members()) != 2 || reads != 0 {
		t.Errorf("%d entries, computed %d times", m.Len(), reads)
	}
}

func TestHiddenEntriesAreWritten(t *testing.T) {
	var reads int
	m := contextMap(&reads)
	m.Set("args", "set")
	if m.Value("arguments") != "set" {
		t.Errorf("arguments = %v", m.Value("arguments"))
	}
	if old, had := m.PutKey("args", "put"); old != "set" || !had || m.Value("arguments") != "put" {
		t.Errorf("PutKey returned %v, %v and left %v", old, had, m.Value("arguments"))
	}
	if old, had := m.Delete("args"); old != "put" || !had || m.Has("arguments") || m.Has("args") {
		t.Errorf("Delete returned %v, %v", old, had)
	}
	if old, had := m.PutKey("args", "again"); old != nil || had || m.Value("arguments") != "again" || m.Len() != 2 {
		t.Errorf("PutKey returned %v, %v and left %s", old, had, value.JSON(m))
	}
	m.DeleteKey("arguments")
	m.Set("args", "more")
	if m.Value("arguments") != "more" || value.JSON(m) != `{"stash":{},"arguments":"more"}` {
		t.Error(value.JSON(m))
	}
	m.Set("selection", "mine")
	if m.Value("selection") != "mine" || reads != 0 || m.Len() != 2 {
		t.Errorf("selection = %v, computed %d times", m.Value("selection"), reads)
	}
	if old, had := m.Delete("selection"); old != "mine" || !had || m.Has("selection") {
		t.Errorf("Delete returned %v, %v", old, had)
	}
	if _, had := m.Delete("selection"); had {
		t.Error("removed twice")
	}
	m.Clear()
	if m.Has("args") || m.Len() != 0 {
		t.Error(value.JSON(m))
	}
}

func TestCopiesHaveHiddenEntriesOfTheirOwn(t *testing.T) {
	var reads int
	m := contextMap(&reads)
	c := m.Copy()
	c.Set("args", "c")
	c.Set("selection", "c")
	c.Delete("selection")
	if value.JSON(m.Value("args")) != `{"id":"1"}` || value.JSON(m.Value("selection")) != `["a"]` || c.Value("args") != "c" {
		t.Errorf("%s and %s", value.JSON(m), value.JSON(c))
	}
	deep := value.DeepCopy(m).(*value.Map)
	deep.Value("args").(*value.Map).Set("id", "2")
	if value.JSON(m.Value("args")) != `{"id":"1"}` || value.JSON(deep.Value("arguments")) != `{"id":"2"}` {
		t.Errorf("%s and %s", value.JSON(m), value.JSON(deep))
	}
}
