//go:build oracle

package vtl_test

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// velocityHint says what the tests with the tag oracle need.
const velocityHint = "the tag oracle needs JDK 17 and Apache Velocity 1.7: " +
	"apt-get install openjdk-17-jdk-headless velocity libcommons-collections3-java libcommons-lang-java, " +
	"or set VELOCITY_CLASSPATH to the jars of velocity 1.7, commons-collections 3 and commons-lang 2"

// velocity is Apache Velocity 1.7 on a JVM, with the context of
// testdata/context.json.
type velocity struct {
	tb testing.TB
	// mu guards the two pipes: answers come in the order of the questions.
	mu      sync.Mutex
	in      io.Writer
	answers *bufio.Reader
	stderr  *strings.Builder
}

// answer is what Velocity makes of a template: a text, or the message of the
// exception with which it ended.
type answer struct {
	text, errText string
	// ok is false when there was no answer within two seconds.
	ok bool
	// calls are the Java methods that the template called, in alphabetical
	// order: java.lang.String.charAt(int).
	calls []string
}

// startVelocity starts a JVM that runs until the test ends. Where there is none
// the test fails: who sets the tag wants the comparison.
func startVelocity(tb testing.TB) *velocity {
	tb.Helper()
	v := &velocity{tb: tb, stderr: new(strings.Builder)}
	cmd := exec.Command("java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
		"-Duser.language=en", "-Duser.country=US", "-Duser.timezone=UTC",
		// A reflective call that was made often loses the texts of its exceptions.
		"-Dsun.reflect.inflationThreshold=2147483647",
		// JDK 14 and later would name their own local variables in the text of a
		// NullPointerException.
		"-XX:-ShowCodeDetailsInExceptionMessages",
		"-cp", velocityClasspath(tb), "testdata/oracle/Oracle.java", "testdata/context.json")
	cmd.Stderr = v.stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatalf("%v\n%s", err, velocityHint)
	}
	v.in, v.answers = in, bufio.NewReader(out)
	tb.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			tb.Errorf("java: %v\n%s", err, v.stderr)
		}
	})
	return v
}

// velocityClasspath returns the jars of VELOCITY_CLASSPATH, or those of the
// Debian packages.
func velocityClasspath(tb testing.TB) string {
	tb.Helper()
	if classpath := os.Getenv("VELOCITY_CLASSPATH"); classpath != "" {
		return classpath
	}
	jars := []string{"velocity-1.7.jar", "commons-collections3.jar", "commons-lang.jar"}
	for i, jar := range jars {
		jars[i] = filepath.Join("/usr/share/java", jar)
		if _, err := os.Stat(jars[i]); err != nil {
			tb.Fatalf("%v\n%s", err, velocityHint)
		}
	}
	return strings.Join(jars, string(os.PathListSeparator))
}

// render renders a template. An errText that is not empty is the message of an
// exception; ok is false when there was no answer within two seconds.
func (v *velocity) render(template string) (text, errText string, ok bool) {
	a := v.renderAll([]string{template})[0]
	return a.text, a.errText, a.ok
}

// renderAll renders templates, each in a context of its own.
func (v *velocity) renderAll(templates []string) []answer {
	v.tb.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	sent := make(chan error, 1)
	go func() {
		w := bufio.NewWriter(v.in)
		for _, t := range templates {
			w.WriteString(base64.StdEncoding.EncodeToString([]byte(t)))
			w.WriteByte('\n')
		}
		sent <- w.Flush()
	}()
	answers := make([]answer, len(templates))
	for i := range answers {
		line, err := v.answers.ReadString('\n')
		if err == nil {
			answers[i], err = parseAnswer(strings.TrimSuffix(line, "\n"))
		}
		if err != nil {
			v.tb.Fatalf("java, at the template %q: %v\n%s\n%s", templates[i], err, v.stderr, velocityHint)
		}
	}
	if err := <-sent; err != nil {
		v.tb.Fatal(err)
	}
	return answers
}

func parseAnswer(line string) (answer, error) {
	kind, rest, _ := strings.Cut(line, " ")
	encoded, calls, _ := strings.Cut(rest, " ")
	text, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return answer{}, err
	}
	a := answer{ok: true, calls: strings.Fields(calls)}
	switch kind {
	case "text":
		a.text = string(text)
	case "error":
		a.errText = string(text)
	case "timeout":
		return answer{}, nil
	default:
		return answer{}, fmt.Errorf("unknown answer %q", line)
	}
	return a, nil
}

// identity is what Java prints of an object without toString: its place in
// memory.
var identity = regexp.MustCompile(`(\[[A-Z]|;|[\w.$]*[a-z][\w.$]*)@[0-9a-f]{1,8}\b`)

// String is the form in which answers are compared and printed.
func (a answer) String() string {
	switch {
	case !a.ok:
		return "timeout"
	case a.errText != "":
		return "error: " + a.errText
	}
	return "text: " + a.text
}

// TestOracleTable renders every recorded case with Apache Velocity 1.7 itself:
// what it makes of the template is what is recorded, and what this package makes
// of it.
func TestOracleTable(t *testing.T) {
	files, err := filepath.Glob("testdata/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	jvm := startVelocity(t)
	cases, differences := 0, 0
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			table := readCases(t, path)
			templates := make([]string, len(table))
			for i, c := range table {
				templates[i] = c.Template
			}
			for i, theirs := range jvm.renderAll(templates) {
				ours, recorded := renderOurs(t, templates[i]), table[i].recorded()
				cases++
				if calls := table[i].Calls; calls != nil && !slices.Equal(calls, theirs.calls) {
					t.Errorf("%s\ntemplate %q\nvelocity calls %q\nrecorded calls %q", table[i].Behaviour, templates[i], theirs.calls, calls)
				}
				if ours.sameAs(theirs) && recorded.sameAs(theirs) {
					continue
				}
				differences++
				t.Errorf("%s\ntemplate %q\nvelocity %q\nrecorded %q\nours     %q", table[i].Behaviour, templates[i], theirs, recorded, ours)
			}
		})
	}
	t.Logf("%d cases compared with Apache Velocity 1.7, %d differences", cases, differences)
}

// TestOracleMethods compares the list of Java methods with what reflection finds
// on a JVM of the list's version.
func TestOracleMethods(t *testing.T) {
	out, err := exec.Command("java", "-cp", velocityClasspath(t), "testdata/oracle/Methods.java").Output()
	if err != nil {
		t.Fatalf("java: %v\n%s", err, velocityHint)
	}
	version, methods := readJavaMethods(t)
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if lines[0] != version {
		t.Skipf("the list is that of %s, this is %s", version, lines[0])
	}
	// absent are the classes that the list leaves out as a whole.
	listed, absent := make(map[string]bool), make(map[string]bool)
	for _, m := range methods {
		if class, whole := strings.CutSuffix(m.call, "."); whole {
			absent[class] = true
		} else {
			listed[m.call] = true
		}
	}
	class := ""
	for _, line := range lines[1:] {
		signature, isMethod := strings.CutPrefix(line, "\t")
		if !isMethod {
			class = line
			continue
		}
		if call := class + "." + signature; !listed[call] && !absent[class] {
			t.Errorf("%s is not in the list", call)
		} else {
			delete(listed, call)
		}
	}
	for call := range listed {
		t.Errorf("%s is in the list, but not in Java", call)
	}
}

// recorded is the answer that the table has for a case.
func (c velocityCase) recorded() answer {
	if c.Error != nil {
		return answer{errText: *c.Error, ok: true}
	}
	return answer{text: *c.Want, ok: true}
}

// renderOurs renders a template with this package.
func renderOurs(tb testing.TB, template string) answer {
	text, err := renderCase(tb, template)
	if err != nil {
		return answer{errText: err.Error(), ok: true}
	}
	return answer{text: text, ok: true}
}

// sameAs compares answers, but for the places of objects in memory.
func (a answer) sameAs(b answer) bool {
	return identity.ReplaceAllString(a.String(), "$1@") == identity.ReplaceAllString(b.String(), "$1@")
}
