package bolt

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"

	"go.etcd.io/bbolt"
)

// A disk that fails to make one group durable fails exactly the mutations of that
// one: none of them can be seen, not even after the file is opened again, and those
// before and after are there.
func TestAFailedSyncFailsOneGroup(t *testing.T) {
	s := internalStore(t)
	const before, failing, after = 10, 30, 10
	for i := range before {
		if err := putNumbered(s, i); err != nil {
			t.Fatal(err)
		}
	}
	release := hold(t, s)
	var wg sync.WaitGroup
	errs := make([]error, failing)
	for i := range failing {
		wg.Go(func() { errs[i] = putNumbered(s, before+i) })
	}
	awaitQueue(s, failing)
	// All has been written, but whether it is on the disk is not known.
	works := s.journal.Sync
	s.journal.Sync = func(*os.File) error { return syscall.EIO }
	release()
	wg.Wait()
	for _, err := range errs {
		if err == nil || !strings.HasPrefix(err.Error(), "storage/bolt: commit: ") {
			t.Errorf("got %v", err)
		}
	}
	verifyNumbered(t, s, before)
	verifyNumbered(t, restarted(t, s), before)
	s.journal.Sync = works
	for i := range after {
		if err := putNumbered(s, before+failing+i); err != nil {
			t.Fatal(err)
		}
	}
	verifyNumbered(t, s, before+after)
	verifyNumbered(t, restarted(t, s), before+after)
}

// verifyNumbered checks that the store has some items.
func verifyNumbered(t *testing.T, s *Store, want int) {
	t.Helper()
	if err := s.Check(context.Background()); err != nil {
		t.Error(err)
	}
	out, err := s.Scan(context.Background(), &storage.ScanInput{Table: "posts", Select: storage.SelectCount})
	if err != nil || out.Count != want {
		t.Errorf("got %+v, %v, want %d items", out, err, want)
	}
}

// restarted opens copies of a store's files, which are what a restart would find.
func restarted(t *testing.T, s *Store) *Store {
	t.Helper()
	folder := t.TempDir()
	files, err := filepath.Glob(s.path + "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, from := range files {
		contents, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, filepath.Base(from)), contents, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	again, err := Open(filepath.Join(folder, filepath.Base(s.path)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := again.Close(); err != nil {
			t.Error(err)
		}
	})
	return again
}

// A disk that fails as the file itself is written loses nothing that was answered,
// and what was to be done then is not done at all.
func TestAFailedCommitLosesNothing(t *testing.T) {
	for _, tt := range []struct {
		name string
		// fail has commits fail and returns what ends that.
		fail func(t *testing.T, s *Store) (end func())
	}{
		// The file's handle is that of a device which takes all that is written and
		// cannot be synced.
		{"of the pages", func(t *testing.T, s *Store) func() {
			file := databaseFile(t, s)
			null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer null.Close()
			s.commitTx = func(tx *bbolt.Tx) error {
				if err := syscall.Dup3(int(null.Fd()), int(file), 0); err != nil {
					return err
				}
				err := tx.Commit()
				return errors.Join(err, syscall.Dup3(int(s.file.Fd()), int(file), syscall.O_CLOEXEC))
			}
			return func() { s.commitTx = (*bbolt.Tx).Commit }
		}},
		// All has been written, but whether it is on the disk is not known.
		{"of the head", func(_ *testing.T, s *Store) func() {
			s.commitTx = func(tx *bbolt.Tx) error { return errors.Join(tx.Commit(), syscall.EIO) }
			return func() { s.commitTx = (*bbolt.Tx).Commit }
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ctx := context.Background()
			s := internalStore(t)
			const before, after = 10, 10
			for i := range before {
				if err := putNumbered(s, i); err != nil {
					t.Fatal(err)
				}
			}
			// What is pending has to be written to the file before it is copied.
			end := tt.fail(t, s)
			if err := s.Snapshot(ctx, filepath.Join(t.TempDir(), "snapshot")); err == nil || !strings.Contains(err.Error(), "storage/bolt: commit: ") {
				t.Errorf("got %v", err)
			}
			end()
			verifyNumbered(t, s, before)
			verifyNumbered(t, restarted(t, s), before)
			if err := s.Snapshot(ctx, filepath.Join(t.TempDir(), "snapshot")); err != nil {
				t.Error(err)
			}
			end = tt.fail(t, s)
			other := storage.Table{Name: "other", Key: storage.KeySchema{Partition: storage.KeyAttribute{Name: "id", Kind: attribute.S}}}
			if err := s.CreateTable(ctx, other); err == nil || !strings.HasPrefix(err.Error(), "storage/bolt: commit: ") {
				t.Errorf("got %v", err)
			}
			end()
			if names, err := s.ListTables(ctx, "", 0); err != nil || len(names) != 1 {
				t.Errorf("got %v, %v", names, err)
			}
			for i := range after {
				if err := putNumbered(s, before+i); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.CreateTable(ctx, other); err != nil {
				t.Error(err)
			}
			verifyNumbered(t, s, before+after)
			verifyNumbered(t, restarted(t, s), before+after)
		})
	}
}

// databaseFile returns the descriptor that bbolt writes to: that of the same file
// as s.file.
func databaseFile(t *testing.T, s *Store) uintptr {
	t.Helper()
	own, err := s.file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	for fd := range 1024 {
		var st syscall.Stat_t
		if fd == int(s.file.Fd()) || syscall.Fstat(fd, &st) != nil {
			continue
		}
		if stat, ok := own.Sys().(*syscall.Stat_t); ok && stat.Ino == st.Ino && stat.Dev == st.Dev {
			return uintptr(fd)
		}
	}
	t.Fatal("no descriptor")
	return 0
}

// A transaction that fails after the snapshot was restored loses the short way
// back, but nothing else.
func TestRestoreAfterAFailedSync(t *testing.T) {
	s := internalStore(t)
	snapshot := filepath.Join(t.TempDir(), "snapshot")
	item := attribute.NewItem(attribute.Attribute{Name: "id", Value: attribute.String("kept")})
	if _, err := s.PutItem(context.Background(), &storage.PutItemInput{Table: "posts", Item: item}); err != nil {
		t.Fatal(err)
	}
	if err := s.Snapshot(context.Background(), snapshot); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := s.Restore(context.Background(), snapshot); err != nil {
			t.Fatal(err)
		}
		if err := putNumbered(s, 1); err != nil {
			t.Fatal(err)
		}
		s.commitTx = func(tx *bbolt.Tx) error { return errors.Join(tx.Commit(), syscall.EIO) }
		if err := s.Clear(context.Background()); err == nil {
			t.Error("accepted")
		}
		s.commitTx = (*bbolt.Tx).Commit
		out, err := s.Scan(context.Background(), &storage.ScanInput{Table: "posts"})
		if err != nil || out.Count != 2 {
			t.Errorf("got %+v, %v", out, err)
		}
	}
}
