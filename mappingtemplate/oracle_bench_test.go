//go:build oracle

package mappingtemplate_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"testing"
	"text/tabwriter"
	"time"
)

// How long each side runs. The median round counts. Velocity's code is fully
// compiled, by the second compiler of the JVM too, long before the warm-up ends.
const (
	warmUpSeconds = 10.0
	rounds        = 9
	roundSeconds  = 0.5
	heapMegabytes = 64
)

// TestRatioToVelocity renders the benchmark templates with Apache Velocity 1.7 on
// a warm JVM and with this engine, one after the other and each on one thread.
// Both sides render in the same context over and over, have the same memory to
// fill before garbage is collected, and count the processor time of their whole
// process, collections included, which other work on the machine hardly disturbs.
// The texts must be the same; how long they take is only reported.
// VELOCITY_CLASSPATH names the jars of Velocity, Commons Collections and Commons
// Lang; without it they are those of Debian's package velocity.
func TestRatioToVelocity(t *testing.T) {
	classpath, classes := os.Getenv("VELOCITY_CLASSPATH"), t.TempDir()
	if classpath == "" {
		classpath = "/usr/share/java/velocity-1.7.jar:/usr/share/java/commons-collections3.jar:/usr/share/java/commons-lang.jar"
	}
	if out, err := exec.Command("javac", "-cp", classpath, "-d", classes, "testdata/bench/Bench.java").CombinedOutput(); err != nil {
		t.Fatalf("javac (apt-get install openjdk-17-jdk-headless velocity): %v\n%s", err, out)
	}
	classpath += string(os.PathListSeparator) + classes
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(heapMegabytes << 20))

	var report bytes.Buffer
	table := tabwriter.NewWriter(&report, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "template\tours/s\tVelocity/s\tits thread alone/s\tratio\tallocations\t")
	for _, c := range benchmarkCases {
		tmpl, ctx := c.load(t)
		env := benchmarkEnv(ctx)
		theirs := runVelocity(t, classpath, c)
		result, err := tmpl.Render(context.Background(), env())
		if err != nil {
			t.Fatal(err)
		}
		if result.Text != theirs.text {
			t.Errorf("%s: the texts differ\n--- this engine\n%s\n--- Velocity\n%s", c.name, result.Text, theirs.text)
		}
		run := func() {
			if _, err := tmpl.Render(context.Background(), env()); err != nil {
				t.Fatal(err)
			}
		}
		ours := median(run)
		fmt.Fprintf(table, "%s\t%.0f\t%.0f\t%.0f\t%.2f\t%.0f\t\n", c.name, 1e9/ours, 1e9/theirs.process, 1e9/theirs.thread,
			theirs.process/ours, testing.AllocsPerRun(100, run))
	}
	if err := table.Flush(); err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + report.String())
}

// median returns the nanoseconds of processor time that f takes in the median
// round.
func median(f func()) float64 {
	times := make([]float64, rounds)
	for i := range times {
		n, began, start := 0, processorTime(), time.Now()
		for time.Since(start).Seconds() < roundSeconds {
			for range 64 {
				f()
			}
			n += 64
		}
		times[i] = float64(processorTime()-began) / float64(n)
	}
	slices.Sort(times)
	return times[rounds/2]
}

// processorTime returns the time that this process has had of processors.
func processorTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// velocityRun is what Bench.java prints: the nanoseconds of a rendering, of the
// whole process and of its thread, and the text.
type velocityRun struct {
	process, thread float64
	text            string
}

func runVelocity(t *testing.T, classpath string, c benchmarkCase) velocityRun {
	t.Helper()
	folder := filepath.Join("testdata", "bench")
	cmd := exec.Command("java", "-XX:+UseSerialGC", "-XX:ActiveProcessorCount=1",
		fmt.Sprintf("-Xms%dm", heapMegabytes), fmt.Sprintf("-Xmx%dm", heapMegabytes), "-cp", classpath, "Bench",
		filepath.Join(folder, c.template), filepath.Join(folder, c.context),
		fmt.Sprint(warmUpSeconds), fmt.Sprint(rounds), fmt.Sprint(roundSeconds))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", c.name, err)
	}
	var run velocityRun
	var encoded string
	if _, err := fmt.Fscan(strings.NewReader(string(out)), &run.process, &run.thread, &encoded); err != nil {
		t.Fatalf("%s: %v in %q", c.name, err, out)
	}
	text, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	run.text = string(text)
	return run
}
