//go:build unix

package bolt

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"

	"go.etcd.io/bbolt"
)

// A transaction on the file is not over before the reads have begun that lack it and
// have not yet taken what is pending: what is written next would lie over them.
func TestWritesToTheFileWaitForReadsThatBegin(t *testing.T) {
	s := internalStore(t)
	if err := putNumbered(s, 1); err != nil {
		t.Fatal(err)
	}
	if err := s.Snapshot(context.Background(), filepath.Join(t.TempDir(), "snapshot")); err != nil {
		t.Fatal(err)
	}
	committed := make(chan struct{})
	s.commitTx = func(tx *bbolt.Tx) error {
		defer close(committed)
		return tx.Commit()
	}
	s.schema.RLock()
	cleared := make(chan error, 1)
	go func() { cleared <- s.Clear(context.Background()) }()
	<-committed
	if s.schema.TryLock() {
		t.Error("a read is between its two steps")
	}
	select {
	case err := <-cleared:
		t.Errorf("answered already: %v", err)
	default:
	}
	s.schema.RUnlock()
	if err := <-cleared; err != nil {
		t.Error(err)
	}
	s.commitTx = (*bbolt.Tx).Commit
}

// The same item, put again and again, fills the journal and not the set.
func TestTheJournalIsBounded(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "store.db"), Options{WriteBehind: 100_000})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.CreateTable(context.Background(), storage.Table{Name: "posts", Key: storage.KeySchema{Partition: storage.KeyAttribute{Name: "id", Kind: attribute.S}}}); err != nil {
		t.Fatal(err)
	}
	for range 200 {
		_, err := s.PutItem(context.Background(), &storage.PutItemInput{Table: "posts", Item: attribute.NewItem(
			attribute.Attribute{Name: "id", Value: attribute.String("1")},
			attribute.Attribute{Name: "text", Value: attribute.String(strings.Repeat("x", 20_000))},
		)})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, suffix := range []string{"-journal-0", "-journal-1"} {
		info, err := os.Stat(s.path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if bound := int64(maxJournal*100_000 + 50_000); info.Size() > bound {
			t.Errorf("%s has %d bytes, more than %d", suffix, info.Size(), bound)
		}
	}
}

// A snapshot that takes the place of a file beside which the journal is left is the
// snapshot.
func TestASnapshotBesideAnOldJournal(t *testing.T) {
	s := internalStore(t)
	if err := putNumbered(s, 1); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	snapshot := filepath.Join(folder, "store.db")
	if err := s.Snapshot(context.Background(), snapshot); err != nil {
		t.Fatal(err)
	}
	if err := putNumbered(s, 2); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"-journal-0", "-journal-1"} {
		b, err := os.ReadFile(s.path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(snapshot+suffix, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	again, err := Open(snapshot, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	verifyCount(t, again, 1)
}

func verifyCount(t *testing.T, s *Store, want int) {
	t.Helper()
	out, err := s.Scan(context.Background(), &storage.ScanInput{Table: "posts", Select: storage.SelectCount})
	if err != nil || out.Count != want {
		t.Errorf("got %+v, %v, want %d items", out, err, want)
	}
}

// A way back whose sync fails leaves the file as it was, with what is pending.
func TestARewindThatFailsChangesNothing(t *testing.T) {
	s := internalStore(t)
	snapshot := filepath.Join(t.TempDir(), "snapshot")
	if err := putNumbered(s, 1); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Snapshot(context.Background(), snapshot), s.Restore(context.Background(), snapshot)); err != nil {
		t.Fatal(err)
	}
	if s.base == nil {
		t.Skip("files cannot be opened again by their handles here")
	}
	other := storage.Table{Name: "other", Key: storage.KeySchema{Partition: storage.KeyAttribute{Name: "id", Kind: attribute.S}}}
	if err := errors.Join(putNumbered(s, 2), s.CreateTable(context.Background(), other), putNumbered(s, 3)); err != nil {
		t.Fatal(err)
	}
	heads, _, err := readHeads(s.file)
	if err != nil {
		t.Fatal(err)
	}
	now, _ := newestHead(heads)
	b := s.base
	s.base = nil
	s.schema.Lock()
	b.release()
	err = s.reopen(func(f *os.File) error { return errors.Join(writeHead(f, b.head), syscall.EIO) }, now, b.from)
	s.schema.Unlock()
	if !errors.Is(err, syscall.EIO) {
		t.Errorf("got %v", err)
	}
	verifyCount(t, s, 3)
	if err := putNumbered(s, 4); err != nil {
		t.Error(err)
	}
	if err := s.Snapshot(context.Background(), snapshot+"2"); err != nil {
		t.Error(err)
	}
	verifyCount(t, s, 4)
}
