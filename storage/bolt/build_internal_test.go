package bolt

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"strings"
	"testing"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
)

func numbered(i int) *attribute.Item {
	return attribute.NewItem(
		attribute.Attribute{Name: "id", Value: attribute.String(fmt.Sprintf("%05d", i))},
		attribute.Attribute{Name: "n", Value: attribute.Number(fmt.Sprint(i % 7))},
		attribute.Attribute{Name: "expires", Value: attribute.Number(fmt.Sprint(i + 1))},
	)
}

func numberedItems(n int) iter.Seq2[*attribute.Item, error] {
	return func(yield func(*attribute.Item, error) bool) {
		for i := range n {
			if !yield(numbered(i), nil) {
				return
			}
		}
	}
}

func byN() storage.Index {
	return storage.Index{
		Name: "byN", Key: storage.KeySchema{Partition: storage.KeyAttribute{Name: "n", Kind: attribute.N}},
		Projection: storage.ProjectKeysOnly,
	}
}

// pausedStore is a store with items whose builder does nothing by itself.
func pausedStore(t *testing.T, items int) *Store {
	t.Helper()
	s := internalStore(t)
	s.stopBuilder()
	n, err := s.Load(context.Background(), "posts", numberedItems(items))
	if err != nil || n != items {
		t.Fatalf("loaded %d, %v", n, err)
	}
	return s
}

func indexState(t *testing.T, s *Store) storage.IndexState {
	t.Helper()
	d, err := s.DescribeTable(context.Background(), "posts")
	if err != nil {
		t.Fatal(err)
	}
	if len(d.IndexStates) == 0 {
		return storage.IndexState{}
	}
	return d.IndexStates[0]
}

// Writes between the chunks of a build, before and behind where it is, leave the
// index as complete as it says it is.
func TestIndexesAreBuiltWhileItemsChange(t *testing.T) {
	ctx := context.Background()
	const items = 2500
	s := pausedStore(t, items)
	err := s.UpdateTable(ctx, "posts", storage.TableUpdate{
		CreateIndexes: []storage.Index{byN()}, TTL: &storage.TTLUpdate{Attribute: "expires", Enabled: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Scan(ctx, &storage.ScanInput{Table: "posts", Index: "byN"})
	// Recorded: aws/aws-cli#4845.
	if refused, ok := errors.AsType[*storage.ValidationError](err); !ok || refused.Message != "Cannot read from backfilling global secondary index: byN" {
		t.Errorf("got %v", err)
	}
	chunks := 0
	for s.tables["posts"].unfinished() {
		if got := indexState(t, s).Status; got != storage.IndexCreating {
			t.Fatalf("status %s", got)
		}
		// Of every hundredth item: a new one, a changed one, a deleted one.
		for i := chunks; i < items; i += 100 {
			it := numbered(i)
			it.Set("n", attribute.Number("100"))
			if i%3 == 0 {
				it.Delete("n")
			}
			fresh := numbered(items + i + chunks*items)
			for _, put := range []*attribute.Item{it, fresh} {
				if _, err := s.PutItem(ctx, &storage.PutItemInput{Table: "posts", Item: put}); err != nil {
					t.Fatal(err)
				}
			}
			key := attribute.NewItem(attribute.Attribute{Name: "id", Value: attribute.String(fmt.Sprintf("%05d", i+50))})
			if _, err := s.DeleteItem(ctx, &storage.DeleteItemInput{Table: "posts", Key: key}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.ExpireBefore(ctx, s.clock.Now()); err != nil { // nothing: they are too old
			t.Fatal(err)
		}
		if err := s.Check(ctx); err != nil {
			t.Fatal(err)
		}
		if err := s.submit(ctx, &buildChunk{store: s, name: "posts"}); err != nil {
			t.Fatal(err)
		}
		chunks++
	}
	if chunks < 3 {
		t.Errorf("built in %d chunks", chunks)
	}
	if err := s.Check(ctx); err != nil {
		t.Fatal(err)
	}
	got := indexState(t, s)
	read := 0
	for in := (&storage.ScanInput{Table: "posts", Index: "byN"}); ; {
		page, err := s.Scan(ctx, in)
		if err != nil {
			t.Fatal(err)
		}
		read += page.Count
		if in.StartKey = page.LastKey; in.StartKey == nil {
			break
		}
	}
	if got.Status != storage.IndexActive || got.Items != int64(read) {
		t.Errorf("got %+v, read %d", got, read)
	}
}

func TestABuildGoesOnAfterARestart(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "store.db")
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	s.stopBuilder()
	if err := s.CreateTable(ctx, storage.Table{Name: "posts", Key: storage.KeySchema{Partition: storage.KeyAttribute{Name: "id", Kind: attribute.S}}}); err != nil {
		t.Fatal(err)
	}
	const items = buildItems*2 + 10
	if _, err := s.Load(ctx, "posts", numberedItems(items)); err != nil {
		t.Fatal(err)
	}
	if err := s.UpdateTable(ctx, "posts", storage.TableUpdate{CreateIndexes: []storage.Index{byN()}}); err != nil {
		t.Fatal(err)
	}
	if err := s.submit(ctx, &buildChunk{store: s, name: "posts"}); err != nil {
		t.Fatal(err)
	}
	if got := indexState(t, s); got.Status != storage.IndexCreating || got.Items != buildItems {
		t.Errorf("after one chunk: %+v", got)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	if s, err = Open(path, Options{}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.build(ctx, "posts"); err != nil { // beside the builder
		t.Fatal(err)
	}
	if got := indexState(t, s); got.Status != storage.IndexActive || got.Items != items {
		t.Errorf("after all: %+v", got)
	}
	if err := s.Check(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestIndexesAreDroppedWhileServing(t *testing.T) {
	ctx := context.Background()
	s := pausedStore(t, 100)
	def := storage.Table{Name: "posts", Key: storage.KeySchema{Partition: storage.KeyAttribute{Name: "id", Kind: attribute.S}}, Indexes: []storage.Index{byN()}}
	if err := s.EnsureTable(ctx, def); err != nil {
		t.Fatal(err)
	}
	if err := s.UpdateTable(ctx, "posts", storage.TableUpdate{DeleteIndexes: []string{"byN"}}); err != nil {
		t.Fatal(err)
	}
	if got := indexState(t, s).Status; got != storage.IndexDeleting {
		t.Errorf("status %s", got)
	}
	_, err := s.Scan(ctx, &storage.ScanInput{Table: "posts", Index: "byN"})
	if err == nil || err.Error() != "The table does not have the specified index: byN" {
		t.Errorf("got %v", err)
	}
	if limit, ok := errors.AsType[*storage.LimitExceededError](s.UpdateTable(ctx, "posts", storage.TableUpdate{DeleteIndexes: []string{"byN"}})); !ok || limit.Message != msgOneIndex {
		t.Errorf("got %v", limit)
	}
	if _, err := s.PutItem(ctx, &storage.PutItemInput{Table: "posts", Item: numbered(1000)}); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(ctx); err != nil {
		t.Fatal(err)
	}
	if err := s.build(ctx, "posts"); err != nil {
		t.Fatal(err)
	}
	d, err := s.DescribeTable(ctx, "posts")
	if err != nil || len(d.Indexes) != 0 || d.Items != 101 {
		t.Errorf("got %+v, %v", d, err)
	}
	// One of the same name begins anew.
	if err := s.EnsureTable(ctx, def); err != nil {
		t.Fatal(err)
	}
	if got := indexState(t, s); got.Status != storage.IndexActive || got.Items != 101 {
		t.Errorf("got %+v", got)
	}
}

func TestRepairPutsRight(t *testing.T) {
	for _, tt := range []struct {
		name   string
		damage func(b *buckets) error
		want   string
		items  int64
	}{
		{"nothing", func(*buckets) error { return nil }, "", 3},
		{"a missing index entry", func(b *buckets) error { k, _ := b.indexes[0].Cursor().First(); return b.indexes[0].Delete(k) }, "lacks the entry", 3},
		{"an index entry too many", func(b *buckets) error { return b.indexes[0].Put([]byte("zzz"), nil) }, "has 4 entries, its items have 3", 3},
		{"a missing expiry", func(b *buckets) error { k, _ := b.expiry.Cursor().First(); return b.expiry.Delete(k) }, "expiry lacks the entry", 3},
		{"wrong counts", func(b *buckets) error { return writeCounts(b.root, b.table, []tally{{7, 7}, {8, 8}}) }, "is counted as 7 items of 7 bytes", 3},
		{"no counts", func(b *buckets) error { return b.root.Delete(countsName) }, "there are no counts", 3},
		{"an item that cannot be read", func(b *buckets) error { k, _ := b.items.Cursor().First(); return b.items.Put(k, []byte{1, 2, 3}) }, "damaged item encoding", 2},
		{"an item under another key", func(b *buckets) error {
			k, v := b.items.Cursor().First()
			v = append([]byte(nil), v...)
			if err := b.items.Delete(k); err != nil {
				return err
			}
			return b.items.Put([]byte("zzz"), v)
		}, "lies under another key", 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ctx := context.Background()
			s := internalStore(t)
			err := s.EnsureTable(ctx, storage.Table{
				Name: "posts", Key: storage.KeySchema{Partition: storage.KeyAttribute{Name: "id", Kind: attribute.S}},
				Indexes: []storage.Index{byN()}, TTLAttribute: "expires",
			})
			if err != nil {
				t.Fatal(err)
			}
			for i := range 3 {
				if _, err := s.PutItem(ctx, &storage.PutItemInput{Table: "posts", Item: numbered(i)}); err != nil {
					t.Fatal(err)
				}
			}
			err = s.submit(ctx, &scripted{onWrite: func(w *writing) error {
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
			wrong, err := s.Repair(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if found := strings.Join(wrong, "\n"); (tt.want == "") != (found == "") || !strings.Contains(found, tt.want) {
				t.Errorf("found %q, want %q", found, tt.want)
			}
			if wrong, err := s.Repair(ctx); len(wrong) > 0 || err != nil {
				t.Errorf("the second time: %q, %v", wrong, err)
			}
			if d, err := s.DescribeTable(ctx, "posts"); err != nil || d.Items != tt.items || d.IndexStates[0].Items != tt.items {
				t.Errorf("got %+v, %v", d, err)
			}
		})
	}
}

func FuzzReadCounts(f *testing.F) {
	f.Add([]byte{1, 2})
	f.Add([]byte{1, 2, 3, 'b', 'y', 'N', 4, 5})
	f.Add([]byte{1, 2, 200, 1, 'b'})
	t := compileTable(storage.Table{Name: "posts", Indexes: []storage.Index{byN()}})
	f.Fuzz(func(_ *testing.T, b []byte) {
		r := countsReader{b: b}
		r.table(make([]tally, 2), t)
	})
}
