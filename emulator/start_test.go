package emulator_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// BenchmarkStart runs the command itself: from exec to the first right answer
// of the posts sample, and the memory that it holds when idle after that.
func BenchmarkStart(b *testing.B) {
	binary := filepath.Join(b.TempDir(), "appsync-emulator")
	if out, err := exec.Command("go", "build", "-o", binary, "../cmd/appsync-emulator").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	dir := b.TempDir()
	request := rawRequest("/graphql", "da2-fakeApiId123456", graphqlBody(`{ getPost(id: "welcome") { title } }`, `{}`))
	b.ResetTimer()
	var memory int64
	var starts []time.Duration
	for range b.N {
		started, resident := startOnce(b, binary, dir, request)
		starts = append(starts, started)
		memory = max(memory, resident)
	}
	slices.Sort(starts)
	ms := func(quantile float64) float64 {
		return float64(starts[int(quantile*float64(len(starts)-1))].Microseconds()) / 1000
	}
	b.ReportMetric(ms(0.5), "median-ms")
	b.ReportMetric(ms(0.95), "p95-ms")
	b.ReportMetric(ms(1), "slowest-ms")
	b.ReportMetric(float64(memory)/(1<<20), "resident-MB")
}

func startOnce(b *testing.B, binary, dir string, request []byte) (time.Duration, int64) {
	b.Helper()
	b.StopTimer()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, "serve", "../fixtures/deltasync-posts",
		"--listen", addr, "--in-memory", "--config-dir", dir, "--log-level", "error")
	b.StartTimer()
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	var conn net.Conn
	for conn == nil {
		if ctx.Err() != nil {
			b.Fatal("the server did not start")
		}
		conn, _ = net.Dial("tcp", addr)
	}
	defer conn.Close()
	if _, err := conn.Write(request); err != nil {
		b.Fatal(err)
	}
	status, body, err := readResponse(bufio.NewReader(conn), nil)
	if err != nil || status != 200 || !strings.Contains(string(body), `"title":"Welcome"`) {
		b.Fatalf("HTTP %d %s %v", status, body, err)
	}
	elapsed := time.Since(begin)
	b.StopTimer()
	resident := residentBytes(cmd.Process.Pid)
	cmd.Process.Signal(os.Interrupt)
	if err := cmd.Wait(); err != nil {
		b.Fatalf("stopping: %v", err)
	}
	b.StartTimer()
	return elapsed, resident
}

// residentBytes reads a process's resident memory where the system tells it.
func residentBytes(pid int) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for _, line := range strings.Split(string(text), "\n") {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kb << 10
		}
	}
	return 0
}
