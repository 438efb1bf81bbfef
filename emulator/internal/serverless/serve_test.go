package serverless_test

import (
	"testing"

	"appsync-emulator/emulator/emulatortest"
)

// The sample is served: versioned writes and Sync as its templates ask for, with the
// substitutions in them.
func TestNotesAreServed(t *testing.T) {
	s := emulatortest.Start(t, "testdata/served")
	var saved struct{ SaveNote map[string]any }
	s.Decode(&saved, `mutation { saveNote(input: {id: "1", title: "a"}) { id title _version } }`, nil)
	if saved.SaveNote["_version"] != 1.0 {
		t.Errorf("saved %v", saved.SaveNote)
	}
	var page struct {
		SyncNotes struct{ Items []map[string]any }
	}
	s.Decode(&page, `{ syncNotes { items { id title _version _deleted } startedAt } }`, nil)
	if len(page.SyncNotes.Items) != 1 || page.SyncNotes.Items[0]["title"] != "a" {
		t.Errorf("synchronized %v", page.SyncNotes.Items)
	}
	if got := s.Query(`{ stage }`, nil); got != `{"data":{"stage":"dev"}}` {
		t.Errorf("stage: %s", got)
	}
	// A deleted item stays with a new version.
	// See: https://docs.aws.amazon.com/appsync/latest/devguide/conflict-detection-and-resolution.html
	want := `{"data":{"dropNote":{"id":"1","_version":2,"_deleted":true}}}`
	if got := s.Query(`mutation { dropNote(id: "1", _version: 1) { id _version _deleted } }`, nil); got != want {
		t.Errorf("drop: %s, want %s", got, want)
	}
}
