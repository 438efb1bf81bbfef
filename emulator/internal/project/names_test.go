package project

import (
	"strings"
	"testing"
)

// The patterns are those of the pages that the functions name.
func TestNamesThatAWSTakes(t *testing.T) {
	for _, tt := range []struct {
		what        string
		is          func(string) bool
		good, wrong []string
	}{
		{"table", IsTableName, []string{"abc", "a.b-C_9", strings.Repeat("x", 255)}, []string{"", "ab", "a b", "añb", "a\nbc", strings.Repeat("x", 256)}},
		{"environment variable", IsEnvironmentName, []string{"aB", "A_9", strings.Repeat("x", 64)}, []string{"", "a", "_a", "9a", "a-b", strings.Repeat("x", 65)}},
		{"function", IsFunctionName, []string{"a", "-", "a_B-9", strings.Repeat("x", 64)}, []string{"", "a.b", "a:b", "ä", strings.Repeat("x", 65)}},
	} {
		for _, name := range tt.good {
			if !tt.is(name) {
				t.Errorf("%q is no name of a %s", name, tt.what)
			}
		}
		for _, name := range tt.wrong {
			if tt.is(name) {
				t.Errorf("%q is the name of a %s", name, tt.what)
			}
		}
	}
}
