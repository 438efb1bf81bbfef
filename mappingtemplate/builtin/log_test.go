package builtin_test

import (
	"strings"
	"testing"

	"appsync-emulator/mappingtemplate/builtin"
)

func TestLogFillsPlaceholdersAndPrintsNothing(t *testing.T) {
	var lines []string
	u := builtin.New(&builtin.Env{Log: func(level, text string) { lines = append(lines, level+" "+text) }})
	mustEqual(t, "log.info", call(t, u, "log", "info", "plain {}"), "")
	call(t, u, "log", "debug", parse(t, `{"a":[1]}`))
	call(t, u, "log", "error", "{} of {}", int32(1), parse(t, `{"a":2}`))
	want := []string{"INFO plain {}", `DEBUG {"a":[1]}`, `ERROR 1 of {"a":2}`}
	for i := range want {
		if i >= len(lines) || lines[i] != want[i] {
			t.Fatalf("log = %q, want %q", lines, want)
		}
	}
}

func TestLogOfNullAndMissingArguments(t *testing.T) {
	var lines []string
	u := builtin.New(&builtin.Env{Log: func(level, text string) { lines = append(lines, level+" "+text) }})
	call(t, u, "log", "info", nil)
	call(t, u, "log", "debug", "{} {}", nil)
	call(t, u, "log", "error", "a", "b", "c")
	if got := strings.Join(lines, "|"); got != "INFO null|DEBUG null {}|ERROR a" {
		t.Errorf("log = %q", got)
	}
}
