//go:build unix

package mappingtemplate_test

import (
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// The bounds of one hostile template: the processor time and the memory of a
// process that does nothing else.
const (
	hostileTime   = 2 * time.Second
	hostileMemory = 300 << 20
)

// TestHostileTable runs each hostile template in a process of its own, whose
// time and memory it looks at. It takes two minutes, so it runs when
// HOSTILE_TEMPLATES is "all", as in CI.
func TestHostileTable(t *testing.T) {
	chosen := os.Getenv("HOSTILE_TEMPLATES")
	switch chosen {
	case "":
		t.Skip("HOSTILE_TEMPLATES is not set")
	case "all":
	default:
		// This is the process of one of them.
		for _, c := range hostileCases() {
			if c.name == chosen {
				c.check(t)
				return
			}
		}
		t.Fatalf("no template is called %q", chosen)
	}
	for _, c := range hostileCases() {
		t.Run(c.name, func(t *testing.T) {
			cmd := exec.Command(os.Args[0], "-test.run=^TestHostileTable$", "-test.v")
			cmd.Env = append(os.Environ(), "HOSTILE_TEMPLATES="+c.name)
			began := time.Now()
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%.2000s", err, out)
			}
			took := time.Since(began)
			memory := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
			if runtime.GOOS != "darwin" {
				// Elsewhere it counts kilobytes.
				memory <<= 10
			}
			t.Logf("%4d ms, %3d MB", took.Milliseconds(), memory>>20)
			if took > hostileTime {
				t.Errorf("it took %v", took)
			}
			if memory > hostileMemory {
				t.Errorf("it used %d MB", memory>>20)
			}
		})
	}
}
