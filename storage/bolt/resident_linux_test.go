package bolt_test

import (
	"math/rand/v2"
	"os"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"appsync-emulator/storage/bolt"
)

// The memory of a process that serves a large file stays far below its size. It
// is measured when -items is given, for a file of that many.
func TestMemoryOfALargeFile(t *testing.T) {
	if *scaleItems == 0 {
		t.Skip("without -items")
	}
	s := scaleRun{scale: scale{*scaleItems}}
	path := s.file(t)
	var err error
	if s.store, err = bolt.Open(path, bolt.Options{}); err != nil {
		t.Fatal(err)
	}
	defer s.store.Close()
	var wg, watching sync.WaitGroup
	done := make(chan struct{})
	peak := 0
	watching.Go(func() {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				peak = max(peak, residentMegabytes(t))
			}
		}
	})
	for range 16 {
		wg.Go(func() {
			for i := range 5000 {
				var err error
				switch i % 4 {
				case 0:
					err = s.put(rand.IntN(s.n), 1)
				case 1:
					err = s.query("byAuthor")
				default:
					err = s.get(rand.IntN(s.n))
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	if err := s.scanAll(); err != nil {
		t.Error(err)
	}
	close(done)
	watching.Wait()
	t.Logf("%d MB at most", peak)
	if peak > 300 {
		t.Errorf("%d MB are resident", peak)
	}
}

var residentLine = regexp.MustCompile(`VmRSS:\s+(\d+) kB`)

func residentMegabytes(t *testing.T) int {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Error(err)
		return 0
	}
	m := residentLine.FindSubmatch(status)
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(string(m[1]))
	return n / 1024
}
