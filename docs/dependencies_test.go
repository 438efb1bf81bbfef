package docs_test

import (
	"os"
	"strings"
	"testing"
)

// TestDependenciesAreExplained fails when go.mod names a module directly that
// dependencies.md says nothing about.
func TestDependenciesAreExplained(t *testing.T) {
	mod, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	explained, err := os.ReadFile("dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(mod), "\n") {
		module, version, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || !strings.HasPrefix(version, "v") || strings.HasSuffix(version, "// indirect") {
			continue
		}
		if !strings.Contains(string(explained), "`"+module+"`") {
			t.Errorf("dependencies.md does not explain %s", module)
		}
	}
}
