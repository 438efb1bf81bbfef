package project

import (
	"strings"
	"testing"
)

func TestSuggestFindsTheNearestName(t *testing.T) {
	candidates := []string{"dataSource", "dataSources", "kind", "id", "PIPELINE", "a"}
	for name, want := range map[string]string{
		"datasource":  "dataSource", // letter case is the smallest slip
		"dataSorce":   "dataSource",
		"dataSuorce":  "dataSource", // swapped neighbours
		"dtaSources":  "dataSources",
		"kid":         "kind",
		"PIPLINE":     "PIPELINE",
		"pipeline":    "PIPELINE",
		"di":          "id",
		"A":           "a",
		"dataSource":  "dataSource",
		"":            "",
		"x":           "",
		"nothing":     "",
		"datasourcex": "dataSource",
	} {
		if got := Suggest(name, candidates); got != want {
			t.Errorf("Suggest(%q) = %q, want %q", name, got, want)
		}
	}
	if got := Suggest(strings.Repeat("x", 1<<20), []string{strings.Repeat("x", 1<<20+1)}); got != "" {
		t.Error("a name without end was compared")
	}
	if got := Suggest("kind", nil); got != "" {
		t.Errorf("got %q of no candidates", got)
	}
}
