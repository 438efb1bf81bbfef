package vtl_test

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// javaMethod is a line of testdata/java-methods.txt.
type javaMethod struct {
	// call is the class and the signature, as in velocityCase.Calls.
	call string
	// absent is why templates cannot call the method here.
	absent string
}

// readJavaMethods returns the list of Java methods and the version of Java that
// it was made with.
func readJavaMethods(t testing.TB) (version string, methods []javaMethod) {
	t.Helper()
	f, err := os.Open("testdata/java-methods.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var class, absentClass string
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		text, absent, _ := strings.Cut(lines.Text(), " - ")
		signature, isMethod := strings.CutPrefix(text, "\t")
		switch {
		case strings.HasPrefix(text, "#"):
		case version == "":
			version = text
		case !isMethod:
			class, absentClass = text, absent
			if absent != "" {
				methods = append(methods, javaMethod{class + ".", absent})
			}
		case absentClass != "":
			t.Errorf("%s: methods of a class that is absent", class)
		default:
			methods = append(methods, javaMethod{class + "." + signature, absent})
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return version, methods
}

// TestEveryJavaMethodHasACase compares the Java methods that a template can
// reach with the recorded cases: each is called by one of them, or is absent for
// a reason.
func TestEveryJavaMethodHasACase(t *testing.T) {
	called := make(map[string]bool)
	files, err := filepath.Glob("testdata/*.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		for _, c := range readCases(t, path) {
			for _, call := range c.Calls {
				called[call] = true
			}
		}
	}
	_, methods := readJavaMethods(t)
	covered, absent := 0, 0
	for _, m := range methods {
		switch {
		case m.absent == "" && !called[m.call]:
			t.Errorf("%s: no case calls it, and no reason says why it is absent", m.call)
		case m.absent != "" && called[m.call]:
			t.Errorf("%s: a case calls it, but it is absent because it %s", m.call, m.absent)
		case m.absent != "":
			absent++
		default:
			covered++
		}
	}
	if covered == 0 {
		t.Error("no methods")
	}
	t.Logf("%d Java methods have cases, %d are deliberately absent", covered, absent)
}
