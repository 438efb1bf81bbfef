package terraform_test

import (
	"testing"

	"appsync-emulator/emulator/emulatortest"
)

// A state is served with the key that clients have.
func TestStateIsServed(t *testing.T) {
	s := emulatortest.Start(t, "testdata/state.json")
	if s.APIKey() != "da2-abcdefghijklmnopqrstuvwxyz" {
		t.Errorf("API key %s", s.APIKey())
	}
	if got := s.Query(`{ order(id: "1") { id } }`, nil); got != `{"data":{"order":null}}` {
		t.Errorf("order: %s", got)
	}
}

func TestPlanIsServed(t *testing.T) {
	s := emulatortest.Start(t, "testdata/plan.json")
	if got := s.Query(`{ order(id: "1") { id } }`, nil); got != `{"data":{"order":null}}` {
		t.Errorf("order: %s", got)
	}
}
