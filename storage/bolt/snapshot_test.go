package bolt_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/bolt"
)

// generation is items that all hold the same number.
func generation(n, items int) iter.Seq2[*attribute.Item, error] {
	return func(yield func(*attribute.Item, error) bool) {
		for i := range items {
			if !yield(item("id", fmt.Sprintf("%06d", i), "n", n, "text", strings.Repeat("x", 200)), nil) {
				return
			}
		}
	}
}

func load(t testing.TB, s *bolt.Store, table string, items iter.Seq2[*attribute.Item, error]) int {
	t.Helper()
	n, err := s.Load(ctx, table, items)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func indexedPosts() storage.Table {
	def := posts()
	def.Indexes = []storage.Index{{Name: "byN", Key: key(part("n", attribute.N)), Projection: storage.ProjectKeysOnly}}
	return def
}

func TestSnapshotAndRestore(t *testing.T) {
	for _, opt := range []bolt.Options{{}, {InMemory: true}} {
		t.Run(fmt.Sprintf("in memory %v", opt.InMemory), func(t *testing.T) {
			folder := t.TempDir()
			path, snapshot := filepath.Join(folder, "store.db"), filepath.Join(folder, "snapshot.db")
			s := open(t, path, opt)
			if err := s.CreateTable(ctx, indexedPosts()); err != nil {
				t.Fatal(err)
			}
			load(t, s, "posts", generation(1, 500))
			if err := s.Snapshot(ctx, snapshot); err != nil {
				t.Fatal(err)
			}
			// All kinds of changes after it.
			load(t, s, "posts", generation(2, 600))
			if err := s.CreateTable(ctx, comments()); err != nil {
				t.Fatal(err)
			}
			if err := s.UpdateTable(ctx, "posts", storage.TableUpdate{DeleteIndexes: []string{"byN"}}); err != nil {
				t.Fatal(err)
			}
			for range 2 { // a snapshot serves any number of times
				if err := s.Restore(ctx, snapshot); err != nil {
					t.Fatal(err)
				}
				names, err := s.ListTables(ctx, "", 0)
				if err != nil || len(names) != 1 {
					t.Errorf("tables %q, %v", names, err)
				}
				d := describe(t, s, "posts")
				if d.Items != 500 || len(d.IndexStates) != 1 || d.IndexStates[0].Items != 500 {
					t.Errorf("got %+v", d)
				}
				expectItem(t, get(t, s, "posts", item("id", "000007")), item("id", "000007", "n", 1, "text", strings.Repeat("x", 200)))
				put(t, s, "posts", item("id", "new"))
				if err := s.Check(ctx); err != nil {
					t.Fatal(err)
				}
			}
			if opt.InMemory {
				return
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = open(t, path, opt)
			if d := describe(t, s, "posts"); d.Items != 501 {
				t.Errorf("%d items after a restart", d.Items)
			}
			// The snapshot is a store by itself.
			other := open(t, snapshot, opt)
			if d := describe(t, other, "posts"); d.Items != 500 {
				t.Errorf("%d items in the snapshot", d.Items)
			}
			leftovers, err := filepath.Glob(filepath.Join(folder, "*ing"))
			if err != nil || len(leftovers) > 0 {
				t.Errorf("left %q, %v", leftovers, err)
			}
		})
	}
}

// A snapshot of one kind of store is read by the other.
func TestSnapshotsGoFromMemoryToDisk(t *testing.T) {
	snapshot := filepath.Join(t.TempDir(), "snapshot.db")
	memory := open(t, "", bolt.Options{InMemory: true})
	if err := memory.CreateTable(ctx, posts()); err != nil {
		t.Fatal(err)
	}
	load(t, memory, "posts", generation(1, 300))
	if err := memory.Clear(ctx); err != nil { // leaves free pages
		t.Fatal(err)
	}
	put(t, memory, "posts", item("id", "1"))
	if err := memory.Snapshot(ctx, snapshot); err != nil {
		t.Fatal(err)
	}
	disk := newStore(t)
	if err := disk.Restore(ctx, snapshot); err != nil {
		t.Fatal(err)
	}
	expectItem(t, get(t, disk, "posts", item("id", "1")), item("id", "1"))
	put(t, disk, "posts", item("id", "2"))
	if err := disk.Snapshot(ctx, snapshot); err != nil {
		t.Fatal(err)
	}
	if err := memory.Restore(ctx, snapshot); err != nil {
		t.Fatal(err)
	}
	expectItem(t, get(t, memory, "posts", item("id", "2")), item("id", "2"))
}

func TestRestoreRefuses(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "store.db")
	s := open(t, path, bolt.Options{})
	if err := s.CreateTable(ctx, posts()); err != nil {
		t.Fatal(err)
	}
	put(t, s, "posts", item("id", "1"))
	write := func(name string, b []byte) string {
		p := filepath.Join(folder, name)
		if err := os.WriteFile(p, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	snapshot := filepath.Join(folder, "snapshot.db")
	if err := s.Snapshot(ctx, snapshot); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(snapshot)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, path string
		want       error
	}{
		{"a missing file", filepath.Join(folder, "nope.db"), os.ErrNotExist},
		{"an empty file", write("empty", nil), bolt.ErrForeign},
		{"a text", write("text", []byte(strings.Repeat("text ", 5000))), bolt.ErrForeign},
		{"half a snapshot", write("half", whole[:len(whole)/2]), bolt.ErrDamaged},
		{"its own file", path, nil},
		{"a folder", folder, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := s.Restore(ctx, tt.path)
			if err == nil || (tt.want != nil && !errors.Is(err, tt.want)) {
				t.Errorf("got %v", err)
			}
			expectItem(t, get(t, s, "posts", item("id", "1")), item("id", "1"))
		})
	}
	if err := s.Snapshot(ctx, path); err == nil {
		t.Error("a snapshot onto the store itself")
	}
	if err := s.Snapshot(ctx, filepath.Join(folder, "nope", "snapshot.db")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	canceled, cancel := context.WithCancel(ctx)
	cancel()
	if err := s.Restore(canceled, snapshot); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := s.Snapshot(canceled, snapshot); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// Reads and writes that run while the contents are swapped see one generation or
// the other, never a mixture, and never fail.
func TestRestoreWhileServing(t *testing.T) {
	const items = 100
	folder := t.TempDir()
	s := open(t, filepath.Join(folder, "store.db"), bolt.Options{})
	if err := s.CreateTable(ctx, indexedPosts()); err != nil {
		t.Fatal(err)
	}
	var snapshots [2]string
	for n := range snapshots {
		load(t, s, "posts", generation(n, items))
		snapshots[n] = filepath.Join(folder, fmt.Sprint("generation", n))
		if err := s.Snapshot(ctx, snapshots[n]); err != nil {
			t.Fatal(err)
		}
	}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	running := func(fn func() error) {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if err := fn(); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for range 2 {
		running(func() error {
			out, err := s.Scan(ctx, &storage.ScanInput{Table: "posts", Expr: storage.Expressions{Filter: "attribute_exists(n)"}})
			if err != nil {
				return err
			}
			first := out.Items[0].Get("n").Text()
			for _, it := range out.Items {
				if it.Get("n").Text() != first {
					return fmt.Errorf("generations %s and %s in one read", first, it.Get("n").Text())
				}
			}
			if out.Count != items {
				return fmt.Errorf("%d items", out.Count)
			}
			return nil
		})
	}
	running(func() error {
		_, err := s.PutItem(ctx, &storage.PutItemInput{Table: "posts", Item: item("id", "written")})
		return err
	})
	for i := range 20 {
		if err := s.Restore(ctx, snapshots[i%2]); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	wg.Wait()
}

// restoreFile is the variable that makes the test binary the process that
// TestKillDuringRestore kills.
const restoreFile = "STORAGE_BOLT_RESTORE_FILE"

// restoreUntilKilled restores two snapshots in turn and says so each time.
func restoreUntilKilled(path string) error {
	s, err := bolt.Open(path, bolt.Options{WriteBehind: 40_000})
	if err != nil {
		return err
	}
	for n := 0; ; n++ {
		if err := s.Restore(ctx, path+fmt.Sprint(".generation", n%2)); err != nil {
			return err
		}
		fmt.Println(n)
	}
}

func TestKillDuringRestore(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	const items = 2000
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path, bolt.Options{})
	if err := s.CreateTable(ctx, indexedPosts()); err != nil {
		t.Fatal(err)
	}
	for n := range 2 {
		load(t, s, "posts", generation(n, items))
		if err := s.Snapshot(ctx, path+fmt.Sprint(".generation", n)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for round := range 8 {
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), restoreFile+"="+path)
		cmd.Stderr = os.Stderr
		pipe, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(pipe)
		for n := 0; lines.Scan(); n++ {
			if n == 1+round%3 {
				<-time.After(time.Duration(round) * 300 * time.Microsecond) // anywhere in the next one
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = cmd.Wait()
		s := open(t, path, bolt.Options{})
		if err := s.Check(ctx); err != nil {
			t.Fatal(err)
		}
		seen := map[string]int{}
		err = s.Items(ctx, "posts", func(it *attribute.Item) error { seen[it.Get("n").Text()]++; return nil })
		if err != nil || len(seen) != 1 || seen["0"]+seen["1"] != items {
			t.Errorf("round %d: got %v, %v", round, seen, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestClear(t *testing.T) {
	s := newStore(t, comments(), indexedPosts())
	fillBoth := func() {
		load(t, s, "posts", generation(1, 50))
		put(t, s, "comments", item("postId", "p", "at", 1, "author", "a", "score", 1, "expires", 5))
	}
	fillBoth()
	if err := s.Clear(ctx, "posts"); err != nil {
		t.Fatal(err)
	}
	if d := describe(t, s, "posts"); d.Items != 0 || d.Bytes != 0 || d.IndexStates[0].Items != 0 || d.IndexStates[0].Status != storage.IndexActive {
		t.Errorf("got %+v", d)
	}
	if d := describe(t, s, "comments"); d.Items != 1 {
		t.Errorf("got %+v", d)
	}
	if err := s.Check(ctx); err != nil {
		t.Fatal(err)
	}
	fillBoth()
	if err := s.Clear(ctx); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"posts", "comments"} {
		if out := scan(t, s, storage.ScanInput{Table: name}); out.Count != 0 {
			t.Errorf("%s has %d items", name, out.Count)
		}
	}
	fillBoth() // they still serve
	if missing, ok := errors.AsType[*storage.ResourceNotFoundError](s.Clear(ctx, "posts", "nope")); !ok {
		t.Errorf("got %v", missing)
	}
	if d := describe(t, s, "posts"); d.Items != 50 {
		t.Errorf("a refused one cleared: %+v", d)
	}
}

func TestItems(t *testing.T) {
	s := newStore(t, posts())
	const items = 2300 // several chunks
	load(t, s, "posts", generation(1, items))
	seen := map[string]bool{}
	err := s.Items(ctx, "posts", func(it *attribute.Item) error {
		seen[it.Get("id").Text()] = true
		// It may use the store.
		_, err := s.UpdateItem(ctx, &storage.UpdateItemInput{Table: "posts", Key: item("id", it.Get("id").Text())})
		return err
	})
	if err != nil || len(seen) != items {
		t.Errorf("saw %d items, %v", len(seen), err)
	}
	stop := errors.New("stop")
	n := 0
	if err := s.Items(ctx, "posts", func(*attribute.Item) error {
		if n++; n == 3 {
			return stop
		}
		return nil
	}); !errors.Is(err, stop) || n != 3 {
		t.Errorf("stopped after %d: %v", n, err)
	}
	if missing, ok := errors.AsType[*storage.ResourceNotFoundError](s.Items(ctx, "nope", nil)); !ok {
		t.Errorf("got %v", missing)
	}
}

func TestLoad(t *testing.T) {
	s := newStore(t, comments(), indexedPosts())
	if n := load(t, s, "posts", generation(1, 5000)); n != 5000 {
		t.Errorf("loaded %d", n)
	}
	// The later of two items with one key stays, and replaces what was there.
	load(t, s, "posts", func(yield func(*attribute.Item, error) bool) {
		for n := range 5 {
			if !yield(item("id", "000001", "n", n), nil) {
				return
			}
		}
	})
	expectItem(t, get(t, s, "posts", item("id", "000001")), item("id", "000001", "n", 4))
	if d := describe(t, s, "posts"); d.Items != 5000 || d.IndexStates[0].Items != 5000 {
		t.Errorf("got %+v", d)
	}
	fault := errors.New("no JSON")
	for _, tt := range []struct {
		name  string
		table string
		third func() (*attribute.Item, error)
		n     int
		want  string
	}{
		{"an item that is refused", "comments", func() (*attribute.Item, error) { return item("postId", "p"), nil }, 2, "item 3: One or more parameter values were invalid: Missing the key at in the item"},
		{"an error of the source", "comments", func() (*attribute.Item, error) { return nil, fault }, 2, "item 3: no JSON"},
		{"a missing table", "nope", nil, 0, "Requested resource not found: Table: nope not found"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n, err := s.Load(ctx, tt.table, func(yield func(*attribute.Item, error) bool) {
				_ = yield(item("postId", "p", "at", 1), nil) && yield(item("postId", "p", "at", 2), nil) && yield(tt.third())
			})
			if n != tt.n || err == nil || err.Error() != tt.want {
				t.Errorf("loaded %d, %v", n, err)
			}
		})
	}
}

// What a reset between two tests of an application costs.
func BenchmarkRestore(b *testing.B) {
	for _, opt := range []bolt.Options{{}, {InMemory: true}} {
		b.Run(fmt.Sprintf("in-memory=%v", opt.InMemory), func(b *testing.B) {
			folder := b.TempDir()
			s, err := bolt.Open(filepath.Join(folder, "store.db"), opt)
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			if err := s.CreateTable(ctx, posts()); err != nil {
				b.Fatal(err)
			}
			n, err := s.Load(ctx, "posts", func(yield func(*attribute.Item, error) bool) {
				for i := range 100_000 {
					if !yield(item("id", fmt.Sprintf("%06d", i), "text", strings.Repeat("x", 480)), nil) {
						return
					}
				}
			})
			if err != nil || n != 100_000 {
				b.Fatal(n, err)
			}
			snapshot := filepath.Join(folder, "snapshot.db")
			b.Run("snapshot", func(b *testing.B) {
				for b.Loop() {
					if err := s.Snapshot(ctx, snapshot); err != nil {
						b.Fatal(err)
					}
				}
			})
			restore := func(b *testing.B) {
				if err := s.Restore(ctx, snapshot); err != nil {
					b.Fatal(err)
				}
			}
			// The first restore of a snapshot copies it.
			b.Run("restore", func(b *testing.B) {
				for b.Loop() {
					b.StopTimer()
					if err := os.Chtimes(snapshot, time.Time{}, time.Now()); err != nil { // another one, as it seems
						b.Fatal(err)
					}
					b.StartTimer()
					restore(b)
				}
			})
			b.Run("restore again", func(b *testing.B) {
				for b.Loop() {
					b.StopTimer()
					for i := range 20 { // what a test writes
						if _, err := s.PutItem(ctx, &storage.PutItemInput{Table: "posts", Item: item("id", fmt.Sprint(i))}); err != nil {
							b.Fatal(err)
						}
					}
					b.StartTimer()
					restore(b)
				}
			})
		})
	}
}

func BenchmarkLoad(b *testing.B) {
	s, err := bolt.Open("", bolt.Options{InMemory: true})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	if err := s.CreateTable(ctx, indexedPosts()); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := s.Load(ctx, "posts", generation(1, 10_000)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*10_000/b.Elapsed().Seconds(), "items/s")
}
