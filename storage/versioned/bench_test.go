package versioned_test

import (
	"flag"
	"fmt"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/bolt"
	"appsync-emulator/storage/versioned"
)

var large = flag.Int("items", 20_000, "how many items the larger table of the Sync benchmarks has")

func benchTable(b *testing.B, items int, durable bool) *harness {
	b.Helper()
	h := notes(b)
	if durable {
		h = onDisk(b)
	}
	i := 0
	loaded := must(h.store.Load(ctx, "Notes", func(yield func(*attribute.Item, error) bool) {
		for ; i < items; i++ {
			if !yield(benchItem(i), nil) {
				return
			}
		}
	}))(b)
	if loaded != items {
		b.Fatalf("%d items", loaded)
	}
	return h
}

// onDisk is a table of notes in a file that is synced.
func onDisk(b *testing.B) *harness {
	store, err := bolt.Open(filepath.Join(b.TempDir(), "store.db"), bolt.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { store.Close() })
	for _, def := range []storage.Table{notesTable(), deltaTable()} {
		if err := store.CreateTable(ctx, def); err != nil {
			b.Fatal(err)
		}
	}
	return over(b, store, nil, config())
}

func benchItem(i int) *attribute.Item {
	return item("id", "note-"+strconv.Itoa(i), "title", "How to store a note", "n", i, "tags", []any{"go", "graphql"},
		"text", "Some two hundred bytes of content, as a note in an application might have it: a sentence or two, and then perhaps one more, so that the item is neither trivially small nor large.",
		"_version", 1, "_lastChangedAt", epoch)
}

// BenchmarkUpdate compares an update of a versioned data source with a plain one
// of the same item, and with the least that it has to write: an item and its
// record in one transaction. Clients are one, or many that the writer of the
// store groups; files are in memory, or as durable as those that people use.
func BenchmarkUpdate(b *testing.B) {
	keys := make([]*attribute.Item, 1000)
	for i := range keys {
		keys[i] = id("note-" + strconv.Itoa(i))
	}
	expr := func(i int) storage.Expressions {
		return storage.Expressions{Update: "SET #n = :n", Names: map[string]string{"#n": "n"}, Values: values(":n", i)}
	}
	var records atomic.Int64
	updates := map[string]func(h *harness, i int) error{
		"plain": func(h *harness, i int) error {
			_, err := h.store.UpdateItem(ctx, &storage.UpdateItemInput{Table: "Notes", Key: keys[i%len(keys)], Expr: expr(i), ReturnValues: storage.ReturnAllNew})
			return err
		},
		"two puts": func(h *harness, i int) error {
			it := benchItem(i % len(keys))
			row := with(it, "ds_pk", today, "ds_sk", fmt.Sprintf("%012d", records.Add(1)), "_ttl", 1700003600+i/1000)
			_, err := h.store.TransactWrite(ctx, &storage.TransactWriteInput{Actions: []storage.TransactWrite{
				{Put: &storage.PutItemInput{Table: "Notes", Item: it}}, {Put: &storage.PutItemInput{Table: "Delta", Item: row}},
			}})
			return err
		},
		"versioned": func(h *harness, i int) error {
			_, err := h.Update(ctx, &versioned.Write{Key: keys[i%len(keys)], Expr: expr(i), Strategy: versioned.Automerge})
			return err
		},
	}
	for _, durable := range []bool{false, true} {
		for _, name := range []string{"plain", "two puts", "versioned"} {
			update := updates[name]
			prefix := map[bool]string{false: "memory/", true: "durable/"}[durable] + name
			b.Run(prefix, func(b *testing.B) {
				h := benchTable(b, len(keys), durable)
				b.ReportAllocs()
				i := 0
				for b.Loop() {
					i++
					if err := update(h, i); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run(prefix+"/32 clients", func(b *testing.B) {
				h := benchTable(b, len(keys), durable)
				var clients atomic.Int64
				b.ReportAllocs()
				b.SetParallelism(16)
				b.RunParallel(func(pb *testing.PB) {
					for i := int(clients.Add(1)) * 61; pb.Next(); i++ {
						if err := update(h, i); err != nil {
							b.Fatal(err)
						}
					}
				})
			})
		}
	}
}

// BenchmarkSync reads 100 changes, or a page of the base table at its beginning
// and end, of a small table and a large one.
func BenchmarkSync(b *testing.B) {
	for _, items := range []int{1000, *large} {
		h := benchTable(b, items, false)
		// Many changes that a client has seen, and 100 that it has not.
		for i := range 500 {
			h.set(id("note-"+strconv.Itoa(i)), "n", i)
		}
		h.clock.advance(time.Minute)
		since := h.clock.ms.Load()
		for i := range 100 {
			h.set(id("note-"+strconv.Itoa(i)), "n", i)
		}
		run := func(name string, in versioned.SyncInput, want int) {
			b.Run(fmt.Sprintf("%s/base=%d", name, items), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					out, err := h.Sync(ctx, &in)
					if err != nil || len(out.Items) != want {
						b.Fatalf("%d items, %v", len(out.Items), err)
					}
				}
			})
		}
		run("delta", versioned.SyncInput{LastSync: &since, Limit: ptr(int64(1000))}, 100)
		run("first page", versioned.SyncInput{}, 100)
		var last *versioned.Position
		at := versioned.SyncInput{Limit: ptr(int64(1000))}
		for n := 0; n < items-100; {
			at.Limit = ptr(min(int64(items-100-n), 1000))
			out := must(h.Sync(ctx, &at))(b)
			n += len(out.Items)
			at.From, last = out.Next, out.Next
		}
		run("last page", versioned.SyncInput{From: last}, 100)
	}
}
