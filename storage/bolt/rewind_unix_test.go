//go:build unix

package bolt

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"appsync-emulator/storage"
)

// The first restore of a snapshot copies, the next ones go back within the file,
// until that has grown too much or the snapshot is another one.
func TestRestoringAgainCopiesNothing(t *testing.T) {
	ctx := context.Background()
	s := internalStore(t)
	snapshot := filepath.Join(t.TempDir(), "snapshot")
	take := func() {
		t.Helper()
		if err := s.Snapshot(ctx, snapshot); err != nil {
			t.Fatal(err)
		}
	}
	put := func(i int) {
		t.Helper()
		if err := putNumbered(s, i); err != nil {
			t.Fatal(err)
		}
	}
	file := func() os.FileInfo {
		t.Helper()
		info, err := os.Stat(s.path)
		if err != nil {
			t.Fatal(err)
		}
		return info
	}
	restore := func(items int, copies bool) {
		t.Helper()
		before := file()
		if err := s.Restore(ctx, snapshot); err != nil {
			t.Fatal(err)
		}
		if copied := !os.SameFile(before, file()); copied != copies {
			t.Errorf("copied: %v, want %v", copied, copies)
		}
		out, err := s.Scan(ctx, &storage.ScanInput{Table: "posts", Select: storage.SelectCount})
		if err != nil || out.Count != items {
			t.Errorf("got %+v, %v, want %d items", out, err, items)
		}
		if err := s.Check(ctx); err != nil {
			t.Error(err)
		}
	}
	put(1)
	take()
	restore(1, true)
	for i := range 5 {
		for j := range i * 100 {
			put(j)
		}
		restore(1, false)
	}
	put(2)
	take()
	restore(2, true)
	restore(2, false)
	s.base.size = -baseGrowth // less than any file has grown to
	put(3)
	put(4)
	restore(2, true)
}
