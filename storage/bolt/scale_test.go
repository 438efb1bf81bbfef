package bolt_test

import (
	"errors"
	"flag"
	"fmt"
	"iter"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/bolt"
)

// scaleItems is how many items the larger file of BenchmarkScale has. The smaller
// one, to compare with, has a thousand. It also has TestMemoryOfALargeFile run:
//
//	go test ./storage/bolt -run XXX -bench Scale -items 1000000
var scaleItems = flag.Int("items", 0, "measure a file of that many items as well")

// scaleTable has items of 500 bytes: a tenth of them, but not less than 500, in
// one partition and the rest in partitions of a hundred. The index has the same
// partitions with the items in another order.
func scaleTable(name string) storage.Table {
	return storage.Table{
		Name:         name,
		Key:          key(part("feed", attribute.S), part("pos", attribute.N)),
		Indexes:      []storage.Index{{Name: "byAuthor", Key: key(part("author", attribute.S), part("score", attribute.N)), Projection: storage.ProjectAll}},
		TTLAttribute: "expires",
	}
}

// scale makes the items of a table of n.
type scale struct{ n int }

func (s scale) big() int { return max(s.n/10, 500) }

func (s scale) feed(i int) string {
	if i < s.big() {
		return "big"
	}
	return fmt.Sprintf("feed-%06d", (i-s.big())/100)
}

func (s scale) key(i int) *attribute.Item { return item("feed", s.feed(i), "pos", i) }

// score orders the items of the large partition anew.
func (s scale) score(i int) int { return i * 7919 % s.big() }

func (s scale) item(i, version int) *attribute.Item {
	return item(
		"feed", s.feed(i), "pos", i, "author", "author of "+s.feed(i), "score", s.score(i),
		"version", version, "published", true, "createdAt", "2024-01-01T00:00:00.000Z",
		"text", strings.Repeat("text ", 70),
	)
}

func (s scale) items() iter.Seq2[*attribute.Item, error] {
	return func(yield func(*attribute.Item, error) bool) {
		for i := range s.n {
			if !yield(s.item(i, 0), nil) {
				return
			}
		}
	}
}

// file makes a store of s.n items.
func (s scale) file(b testing.TB) (path string) {
	path = filepath.Join(b.TempDir(), "store.db")
	store, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		b.Fatal(err)
	}
	for _, name := range []string{"events", "sessions"} {
		if err := store.CreateTable(ctx, scaleTable(name)); err != nil {
			b.Fatal(err)
		}
	}
	load(b, store, "events", s.items())
	if err := store.Close(); err != nil {
		b.Fatal(err)
	}
	return path
}

// scaleRun is one open file that is measured.
type scaleRun struct {
	scale
	store *bolt.Store
}

func (s scaleRun) get(i int) error {
	out, err := s.store.GetItem(ctx, &storage.GetItemInput{Table: "events", Key: s.key(i)})
	if err == nil && out.Item == nil {
		err = errors.New("no item")
	}
	return err
}

func (s scaleRun) put(i, version int) error {
	_, err := s.store.PutItem(ctx, &storage.PutItemInput{Table: "events", Item: s.item(i, version)})
	return err
}

func (s scaleRun) update(i int) error {
	_, err := s.store.UpdateItem(ctx, &storage.UpdateItemInput{Table: "events", Key: s.key(i), Expr: storage.Expressions{
		Update: "SET version = version + :one", Condition: "published = :true", Values: values(":one", 1, ":true", true),
	}})
	return err
}

// query reads a page of 100 somewhere in the large partition.
func (s scaleRun) query(index string) error {
	in := &storage.QueryInput{Table: "events", Index: index, Limit: 100, Expr: storage.Expressions{KeyCondition: "feed = :p AND pos >= :from"}}
	partition := "big"
	if index != "" {
		in.Expr.KeyCondition, partition = "author = :p AND score >= :from", "author of big"
	}
	in.Expr.Values = values(":p", partition, ":from", rand.IntN(s.big()-100))
	out, err := s.store.Query(ctx, in)
	if err == nil && out.Count != 100 {
		err = fmt.Errorf("%d items", out.Count)
	}
	return err
}

func (s scaleRun) scanAll() error {
	in := storage.ScanInput{Table: "events"}
	count := 0
	for {
		out, err := s.store.Scan(ctx, &in)
		if err != nil {
			return err
		}
		count += out.Count
		if in.StartKey = out.LastKey; in.StartKey == nil {
			break
		}
	}
	if count != s.n {
		return fmt.Errorf("%d items", count)
	}
	return nil
}

func (s scaleRun) transact() error {
	var actions []storage.TransactWrite
	for from, step := rand.IntN(s.n/10), s.n/10; len(actions) < 10; from += step {
		actions = append(actions, storage.TransactWrite{Put: &storage.PutItemInput{Table: "events", Item: s.item(from, 2)}})
	}
	return transactWrite(s.store, actions)
}

// sweep loads items that expire and removes them.
func (s scaleRun) sweep(b *testing.B) {
	const items = 100_000
	for b.Loop() {
		b.StopTimer()
		load(b, s.store, "sessions", func(yield func(*attribute.Item, error) bool) {
			for i := range items {
				if !yield(item("feed", fmt.Sprint(i), "pos", i, "expires", 1_700_000_000+i, "text", strings.Repeat("text ", 85)), nil) {
					return
				}
			}
		})
		b.StartTimer()
		if n, err := s.store.ExpireBefore(ctx, time.Unix(1_700_000_000+items, 0)); err != nil || n != items {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric(float64(b.N)*items/b.Elapsed().Seconds(), "items/s")
}

// The cost of operations hardly depends on how much the file holds.
func BenchmarkScale(b *testing.B) {
	sizes := []int{1000}
	if *scaleItems > 0 {
		sizes = append(sizes, *scaleItems)
	}
	for _, n := range sizes {
		b.Run(fmt.Sprintf("items=%d", n), func(b *testing.B) {
			s := scaleRun{scale: scale{n}}
			path := s.file(b)
			durable, err := bolt.Open(path, bolt.Options{})
			if err != nil {
				b.Fatal(err)
			}
			s.store = durable
			measure := func(name string, op func(i int) error) {
				b.Run(name, func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						if err := op(rand.IntN(n)); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
			parallel := func(name string, op func(i int) error) {
				b.Run(name, func(b *testing.B) {
					b.ReportAllocs()
					var wg sync.WaitGroup
					var next atomic.Int64
					for range 64 {
						wg.Go(func() {
							for next.Add(1) <= int64(b.N) {
								if err := op(rand.IntN(n)); err != nil {
									b.Error(err)
									return
								}
							}
						})
					}
					wg.Wait()
				})
			}
			measure("get", s.get)
			measure("query", func(int) error { return s.query("") })
			measure("query index", func(int) error { return s.query("byAuthor") })
			measure("scan page", func(i int) error {
				_, err := s.store.Scan(ctx, &storage.ScanInput{Table: "events", StartKey: s.key(i), Limit: 100})
				return err
			})
			measure("put durable, 1 writer", func(i int) error { return s.put(i, 1) })
			parallel("put durable, 64 writers", func(i int) error { return s.put(i, 1) })
			parallel("update with condition, 64 writers", s.update)
			measure("transaction of 10", func(int) error { return s.transact() })
			b.Run("sweep", s.sweep)
			if err := durable.Close(); err != nil {
				b.Fatal(err)
			}
			memory, err := bolt.Open("", bolt.Options{InMemory: true})
			if err != nil {
				b.Fatal(err)
			}
			defer memory.Close()
			if err := memory.Restore(ctx, path); err != nil {
				b.Fatal(err)
			}
			s.store = memory
			measure("put in memory, 1 writer", func(i int) error { return s.put(i, 1) })
			parallel("put in memory, 64 writers", func(i int) error { return s.put(i, 1) })
		})
	}
}
