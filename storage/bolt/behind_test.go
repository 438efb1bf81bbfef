package bolt_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"appsync-emulator/storage"
	"appsync-emulator/storage/bolt"
)

// journalFiles returns what lies beside a store's file.
func journalFiles(t *testing.T, path string) []string {
	t.Helper()
	files, err := filepath.Glob(path + "-journal-*")
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	contents, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, contents, 0o600); err != nil {
		t.Fatal(err)
	}
}

// While changes are written to the file, and wherever they are at that moment, a
// read sees all of a transaction or nothing of it.
func TestReadsDuringWritingBehindAreConsistent(t *testing.T) {
	for _, opt := range []bolt.Options{{WriteBehind: 10_000}, {WriteBehind: 10_000, InMemory: true}} {
		s := open(t, filepath.Join(t.TempDir(), "store.db"), opt)
		if err := s.CreateTable(ctx, indexedPosts()); err != nil {
			t.Fatal(err)
		}
		const pairs, rounds, readers = 20, 150, 2
		write := func(pair, n int) error {
			var both []storage.TransactWrite
			for half := range 2 {
				both = append(both, storage.TransactWrite{Put: &storage.PutItemInput{Table: "posts", Item: item("id", fmt.Sprint(pair, "/", half), "n", n)}})
			}
			return transactWrite(s, both)
		}
		for pair := range pairs {
			if err := write(pair, 0); err != nil {
				t.Fatal(err)
			}
		}
		done := make(chan struct{})
		var wg sync.WaitGroup
		for range readers {
			wg.Go(func() {
				for {
					select {
					case <-done:
						return
					default:
					}
					out, err := s.Scan(ctx, &storage.ScanInput{Table: "posts"})
					if err != nil || out.Count != 2*pairs {
						t.Errorf("got %d items, %v", out.Count, err)
						return
					}
					seen := map[string]string{}
					for _, it := range out.Items {
						id := it.Get("id").Text()
						pair, n := id[:len(id)-2], it.Get("n").Text()
						if other, ok := seen[pair]; ok && other != n {
							t.Errorf("pair %s is %s and %s", pair, other, n)
							return
						}
						seen[pair] = n
					}
				}
			})
		}
		for n := range rounds {
			for pair := range pairs {
				if err := write(pair, n); err != nil {
					t.Fatal(err)
				}
			}
		}
		close(done)
		wg.Wait()
		if err := s.Check(ctx); err != nil {
			t.Error(err)
		}
	}
}

func TestTheJournalIsGoneAfterClose(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path, bolt.Options{})
	if err := s.CreateTable(ctx, indexedPosts()); err != nil {
		t.Fatal(err)
	}
	put(t, s, "posts", item("id", "a", "n", 1))
	if files := journalFiles(t, path); len(files) == 0 {
		t.Error("there is no journal")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if files := journalFiles(t, path); len(files) > 0 {
		t.Errorf("left behind: %v", files)
	}
}

// A journal that belongs to another life of the file is not read: the file has been
// deleted, or replaced by an older copy.
func TestAJournalLeftBehindMeansNothing(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "store.db")
	s := open(t, path, bolt.Options{})
	if err := s.CreateTable(ctx, indexedPosts()); err != nil {
		t.Fatal(err)
	}
	put(t, s, "posts", item("id", "old", "n", 1))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	older := filepath.Join(folder, "older.db")
	copyFile(t, path, older)
	s = open(t, path, bolt.Options{})
	put(t, s, "posts", item("id", "new", "n", 1))
	for _, file := range journalFiles(t, path) {
		copyFile(t, file, older+file[len(path):])
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	deleted := filepath.Join(folder, "deleted.db")
	for _, file := range journalFiles(t, older) {
		copyFile(t, file, deleted+file[len(older):])
	}
	s = open(t, older, bolt.Options{})
	if out, err := s.Scan(ctx, &storage.ScanInput{Table: "posts"}); err != nil || out.Count != 1 {
		t.Errorf("got %+v, %v", out, err)
	}
	s = open(t, deleted, bolt.Options{})
	if names, err := s.ListTables(ctx, "", 0); err != nil || len(names) != 0 {
		t.Errorf("got %v, %v", names, err)
	}
	if files := journalFiles(t, deleted); len(files) > 0 {
		t.Errorf("left behind: %v", files)
	}
}

// A journal that has lost records is an error that names it, and leaves all as it
// is.
func TestADamagedJournalIsAnError(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "store.db")
	s := open(t, path, bolt.Options{})
	if err := s.CreateTable(ctx, indexedPosts()); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		put(t, s, "posts", item("id", fmt.Sprint(i), "n", i))
	}
	killed := filepath.Join(folder, "killed.db")
	copyFile(t, path, killed)
	for _, file := range journalFiles(t, path) {
		copyFile(t, file, killed+file[len(path):])
	}
	contents, err := os.ReadFile(killed + "-journal-0")
	if err != nil {
		t.Fatal(err)
	}
	contents[40] ^= 1
	if err := os.WriteFile(killed+"-journal-0", contents, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if s, err := bolt.Open(killed, bolt.Options{}); !errors.Is(err, bolt.ErrDamaged) {
			t.Errorf("got %v", err)
			if err == nil {
				s.Close()
			}
		}
	}
	contents[40] ^= 1
	if err := os.WriteFile(killed+"-journal-0", contents, 0o600); err != nil {
		t.Fatal(err)
	}
	s = open(t, killed, bolt.Options{})
	out, err := s.Scan(ctx, &storage.ScanInput{Table: "posts"})
	if err != nil || out.Count != 3 {
		t.Errorf("got %+v, %v", out, err)
	}
}
