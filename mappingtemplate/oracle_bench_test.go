//go:build oracle

package mappingtemplate_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"text/tabwriter"
	"time"
)

// How long each side runs. Its best round counts, which other work on the
// machine disturbs least.
const (
	warmUpSeconds = 4.0
	rounds        = 9
	roundSeconds  = 0.4
)

// TestRatioToVelocity renders the benchmark templates with Apache Velocity 1.7 on
// a warm JVM and with this engine, one after the other and each on one thread.
// Both sides begin every rendering with a copy of the context. The texts must be
// the same; how long they take is only reported. VELOCITY_CLASSPATH names the
// jars of Velocity, Commons Collections and Commons Lang.
func TestRatioToVelocity(t *testing.T) {
	classpath := os.Getenv("VELOCITY_CLASSPATH")
	if classpath == "" {
		t.Skip("VELOCITY_CLASSPATH is not set")
	}
	classes := t.TempDir()
	if out, err := exec.Command("javac", "-cp", classpath, "-d", classes, "testdata/bench/Bench.java").CombinedOutput(); err != nil {
		t.Fatalf("javac: %v\n%s", err, out)
	}
	classpath += string(os.PathListSeparator) + classes
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))

	var report bytes.Buffer
	table := tabwriter.NewWriter(&report, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "template\tours/s\tVelocity/s\tratio\twithout the copies\tallocations\t")
	for _, c := range benchmarkCases {
		tmpl, ctx := c.load(t)
		theirs := runVelocity(t, classpath, c)
		result, err := tmpl.Render(context.Background(), freshEnv(ctx))
		if err != nil {
			t.Fatal(err)
		}
		if result.Text != theirs.text {
			t.Errorf("%s: the texts differ\n--- this engine\n%s\n--- Velocity\n%s", c.name, result.Text, theirs.text)
		}
		copying := best(func() { freshEnv(ctx) })
		row := func(what string, evaluate func() error) {
			run := func() {
				if err := evaluate(); err != nil {
					t.Fatal(err)
				}
			}
			ours := best(run)
			fmt.Fprintf(table, "%s, %s\t%.0f\t%.0f\t%.1f\t%.1f\t%.0f\t\n", c.name, what, 1e9/ours, 1e9/theirs.whole,
				theirs.whole/ours, (theirs.whole-theirs.copying)/(ours-copying), testing.AllocsPerRun(100, run))
		}
		row("text", func() error {
			_, err := tmpl.Render(context.Background(), freshEnv(ctx))
			return err
		})
		row("value", func() error {
			_, err := tmpl.Evaluate(context.Background(), freshEnv(ctx))
			return err
		})
	}
	if err := table.Flush(); err != nil {
		t.Fatal(err)
	}
	t.Logf("Velocity renders text in all rows:\n%s", report.String())
}

// best returns the nanoseconds that f takes in the best round.
func best(f func()) float64 {
	least := math.Inf(1)
	for range rounds {
		n, start := 0, time.Now()
		for time.Since(start).Seconds() < roundSeconds {
			for range 16 {
				f()
			}
			n += 16
		}
		least = min(least, float64(time.Since(start).Nanoseconds())/float64(n))
	}
	return least
}

// velocityRun is what Bench.java prints: nanoseconds of a rendering, those of the
// copy in it, and the text.
type velocityRun struct {
	whole, copying float64
	text           string
}

func runVelocity(t *testing.T, classpath string, c benchmarkCase) velocityRun {
	t.Helper()
	folder := filepath.Join("testdata", "bench")
	cmd := exec.Command("java", "-XX:ActiveProcessorCount=1", "-cp", classpath, "Bench",
		filepath.Join(folder, c.template), filepath.Join(folder, c.context),
		fmt.Sprint(warmUpSeconds), fmt.Sprint(rounds), fmt.Sprint(roundSeconds))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", c.name, err)
	}
	var run velocityRun
	var encoded string
	if _, err := fmt.Fscan(strings.NewReader(string(out)), &run.whole, &run.copying, &encoded); err != nil {
		t.Fatalf("%s: %v in %q", c.name, err, out)
	}
	text, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	run.text = string(text)
	return run
}
