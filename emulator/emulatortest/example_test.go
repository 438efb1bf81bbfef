package emulatortest_test

import (
	"testing"

	"appsync-emulator/emulator/emulatortest"
)

// A test of an API: the emulator is in memory, on a port of its own, and ends
// with the test.
func TestPosts(t *testing.T) {
	s := emulatortest.Start(t, "../../fixtures/deltasync-posts")
	got := s.Query(`{ getPost(id: "welcome") { title } }`, nil)
	if want := `{"data":{"getPost":{"title":"Welcome"}}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
