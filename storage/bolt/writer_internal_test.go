package bolt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
)

func internalStore(t *testing.T) *Store {
	t.Helper()
	s, err := Open(filepath.Join(t.TempDir(), "store.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Check(context.Background()); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	err = s.CreateTable(context.Background(), storage.Table{Name: "posts", Key: storage.KeySchema{Partition: storage.KeyAttribute{Name: "id", Kind: attribute.S}}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// scripted is a mutation made of functions.
type scripted struct{ onCheck, onWrite func(w *writing) error }

func (m *scripted) check(w *writing) error {
	if m.onCheck == nil {
		return nil
	}
	return m.onCheck(w)
}

func (m *scripted) write(w *writing) error {
	if m.onWrite == nil {
		return nil
	}
	return m.onWrite(w)
}

// hold keeps the writer busy until release is called, so that what is submitted
// meanwhile forms one group.
func hold(t *testing.T, s *Store) (release func()) {
	t.Helper()
	entered, leave := make(chan struct{}), make(chan struct{})
	finished := make(chan error)
	go func() {
		finished <- s.submit(context.Background(), &scripted{onCheck: func(*writing) error {
			close(entered)
			<-leave
			return nil
		}})
	}()
	<-entered
	return func() {
		close(leave)
		if err := <-finished; err != nil {
			t.Error(err)
		}
	}
}

// awaitQueue waits until n mutations are in the queue.
func awaitQueue(s *Store, n int) {
	for len(s.queue) < n {
		// The submitting goroutines only need to run.
		<-func() chan struct{} { c := make(chan struct{}); go close(c); return c }()
	}
}

func putNumbered(s *Store, i int) error {
	_, err := s.PutItem(context.Background(), &storage.PutItemInput{
		Table: "posts", Item: attribute.NewItem(attribute.Attribute{Name: "id", Value: attribute.String(fmt.Sprint(i))}),
	})
	return err
}

func TestOneFailureSparesItsNeighbours(t *testing.T) {
	boom := errors.New("boom")
	refused := &storage.ConditionalCheckFailedError{}
	dirtyThen := func(end func() error) func(*writing) error {
		return func(w *writing) error {
			// What it has written by then must not be seen.
			b, err := w.open(w.tables["posts"])
			if err != nil {
				return err
			}
			w.dirty = true
			if err := b.items.Put([]byte("garbage"), []byte("garbage")); err != nil {
				return err
			}
			return end()
		}
	}
	for _, tt := range []struct {
		name string
		bad  *scripted
		want string
	}{
		{"refused by its check", &scripted{onCheck: func(*writing) error { return refused }}, refused.Error()},
		{"panic in its check", &scripted{onCheck: func(*writing) error { panic("boom") }}, "storage/bolt: check: internal failure: boom"},
		{"error in its write", &scripted{onWrite: dirtyThen(func() error { return boom })}, "boom"},
		{"panic in its write", &scripted{onWrite: dirtyThen(func() error { panic("boom") })}, "storage/bolt: write: internal failure: boom"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := internalStore(t)
			release := hold(t, s)
			before := s.commits.Load()
			var wg sync.WaitGroup
			errs := make([]error, 21)
			for i := range errs {
				wg.Go(func() {
					if i == 10 {
						errs[i] = s.submit(context.Background(), tt.bad)
					} else {
						errs[i] = putNumbered(s, i)
					}
				})
			}
			awaitQueue(s, len(errs))
			release()
			wg.Wait()
			for i, err := range errs {
				switch {
				case i == 10 && (err == nil || err.Error() != tt.want):
					t.Errorf("the failing one got %v", err)
				case i != 10 && err != nil:
					t.Errorf("neighbour %d got %v", i, err)
				}
			}
			if n := s.commits.Load() - before; n != 1 {
				t.Errorf("%d transactions for one group", n)
			}
			stats, err := s.Stats(context.Background())
			if err != nil || stats.Tables[0].Items != 20 {
				t.Errorf("got %+v, %v", stats, err)
			}
		})
	}
}

func TestAbandonedMutationsDoNotRun(t *testing.T) {
	s := internalStore(t)
	release := hold(t, s)
	ctx, cancel := context.WithCancel(context.Background())
	got := make(chan error)
	go func() {
		got <- s.submit(ctx, &scripted{onCheck: func(*writing) error { t.Error("it runs"); return nil }})
	}()
	awaitQueue(s, 1)
	cancel()
	if err := <-got; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	release()
	if err := putNumbered(s, 1); err != nil {
		t.Error(err)
	}
}

func TestBegunMutationsAreAnsweredDespiteCancellation(t *testing.T) {
	s := internalStore(t)
	ctx, cancel := context.WithCancel(context.Background())
	err := s.submit(ctx, &scripted{onCheck: func(*writing) error { cancel(); return nil }})
	if err != nil {
		t.Errorf("got %v", err)
	}
}

func TestRefusalsCommitNothing(t *testing.T) {
	s := internalStore(t)
	before := s.commits.Load()
	for range 5 {
		_, err := s.UpdateItem(context.Background(), &storage.UpdateItemInput{
			Table: "posts", Key: attribute.NewItem(attribute.Attribute{Name: "id", Value: attribute.String("1")}),
			Expr: storage.Expressions{Condition: "attribute_exists(id)"},
		})
		if err == nil {
			t.Fatal("accepted")
		}
	}
	if n := s.commits.Load() - before; n != 0 {
		t.Errorf("%d commits", n)
	}
}

// A table that is replaced between the preparation of a write and its turn is
// written by its new definition.
func TestWritesFollowSchemaChanges(t *testing.T) {
	s := internalStore(t)
	release := hold(t, s)
	var wg sync.WaitGroup
	indexed := storage.Table{
		Name: "posts", Key: storage.KeySchema{Partition: storage.KeyAttribute{Name: "id", Kind: attribute.S}},
		Indexes: []storage.Index{{Name: "byID", Key: storage.KeySchema{Partition: storage.KeyAttribute{Name: "id", Kind: attribute.S}}}},
	}
	wg.Go(func() {
		if err := s.EnsureTable(context.Background(), indexed); err != nil {
			t.Error(err)
		}
	})
	awaitQueue(s, 1)
	for i := range 5 {
		wg.Go(func() {
			if err := putNumbered(s, i); err != nil {
				t.Error(err)
			}
		})
	}
	awaitQueue(s, 6)
	release()
	wg.Wait()
	stats, err := s.Stats(context.Background())
	if err != nil || stats.Tables[0].IndexItems["byID"] != 5 {
		t.Errorf("got %+v, %v", stats, err)
	}
}

func TestCloseAnswersWhatIsQueued(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.CreateTable(context.Background(), storage.Table{Name: "posts", Key: storage.KeySchema{Partition: storage.KeyAttribute{Name: "id", Kind: attribute.S}}}); err != nil {
		t.Fatal(err)
	}
	release := hold(t, s)
	var wg sync.WaitGroup
	for i := range 10 {
		wg.Go(func() {
			if err := putNumbered(s, i); err != nil {
				t.Error(err)
			}
		})
	}
	awaitQueue(s, 10)
	closed := make(chan error)
	go func() { closed <- s.Close() }()
	release()
	wg.Wait()
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if err := putNumbered(s, 99); !errors.Is(err, storage.ErrClosed) {
		t.Errorf("got %v", err)
	}
	s, err = Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	stats, err := s.Stats(context.Background())
	if err != nil || stats.Tables[0].Items != 10 {
		t.Errorf("got %+v, %v", stats, err)
	}
}

// Check finds what does not fit together.
func TestCheckFinds(t *testing.T) {
	for _, tt := range []struct {
		name   string
		damage func(b *buckets) error
		want   string
	}{
		{"a missing index entry", func(b *buckets) error { k, _ := b.indexes[0].Cursor().First(); return b.indexes[0].Delete(k) }, "lacks the entry"},
		{"an index entry too many", func(b *buckets) error { return b.indexes[0].Put([]byte("zzz"), nil) }, "has 4 entries, its items have 3"},
		{"other attributes in an index", func(b *buckets) error {
			k, _ := b.indexes[0].Cursor().First()
			return b.indexes[0].Put(k, []byte("x"))
		}, "has other attributes"},
		{"a missing expiry", func(b *buckets) error { k, _ := b.expiry.Cursor().First(); return b.expiry.Delete(k) }, "expiry lacks the entry"},
		{"an item that cannot be read", func(b *buckets) error { k, _ := b.items.Cursor().First(); return b.items.Put(k, []byte{1, 2, 3}) }, "damaged item encoding"},
		{"an item under another key", func(b *buckets) error { _, v := b.items.Cursor().First(); return b.items.Put([]byte("zzz"), v) }, "lies under another key"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := Open("", Options{InMemory: true})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			err = s.CreateTable(context.Background(), storage.Table{
				Name: "posts", Key: storage.KeySchema{Partition: storage.KeyAttribute{Name: "id", Kind: attribute.S}}, TTLAttribute: "n",
				Indexes: []storage.Index{{Name: "byN", Key: storage.KeySchema{Partition: storage.KeyAttribute{Name: "n", Kind: attribute.N}}, Projection: storage.ProjectKeysOnly}},
			})
			if err != nil {
				t.Fatal(err)
			}
			for i := range 3 {
				n := attribute.Number(fmt.Sprint(i))
				if _, err := s.PutItem(context.Background(), &storage.PutItemInput{Table: "posts", Item: attribute.NewItem(
					attribute.Attribute{Name: "id", Value: attribute.String(n.Text())}, attribute.Attribute{Name: "n", Value: n})}); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Check(context.Background()); err != nil {
				t.Fatal(err)
			}
			err = s.submit(context.Background(), &scripted{onWrite: func(w *writing) error {
				w.dirty = true
				b, err := w.open(w.tables["posts"])
				if err != nil {
					return err
				}
				return tt.damage(b)
			}})
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Check(context.Background()); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func FuzzInspectPages(f *testing.F) {
	path := filepath.Join(f.TempDir(), "store.db")
	s, err := Open(path, Options{})
	if err != nil {
		f.Fatal(err)
	}
	if err := s.Close(); err != nil {
		f.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b[:min(len(b), 16<<10)], int64(len(b)))
	f.Add([]byte("text"), int64(4))
	f.Fuzz(func(t *testing.T, b []byte, size int64) {
		_ = inspectPages(bytes.NewReader(b), max(size, 0))
	})
}
