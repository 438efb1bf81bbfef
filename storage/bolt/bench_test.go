package bolt_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/bolt"
)

func benchStore(b *testing.B, inMemory bool) *bolt.Store {
	b.Helper()
	s, err := bolt.Open(filepath.Join(b.TempDir(), "bench.db"), bolt.Options{InMemory: inMemory})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	for _, def := range []storage.Table{
		{Name: "posts", Key: storage.KeySchema{Partition: storage.KeyAttribute{Name: "id", Kind: attribute.S}}},
		{
			Name: "comments",
			Key: storage.KeySchema{
				Partition: storage.KeyAttribute{Name: "postId", Kind: attribute.S},
				Sort:      &storage.KeyAttribute{Name: "at", Kind: attribute.N},
			},
			Indexes: []storage.Index{{
				Name:       "byAuthor",
				Key:        storage.KeySchema{Partition: storage.KeyAttribute{Name: "author", Kind: attribute.S}, Sort: &storage.KeyAttribute{Name: "at", Kind: attribute.N}},
				Projection: storage.ProjectAll,
			}},
		},
	} {
		if err := s.CreateTable(context.Background(), def); err != nil {
			b.Fatal(err)
		}
	}
	return s
}

func benchPost(i int) *attribute.Item {
	return attribute.NewItem(
		attribute.Attribute{Name: "id", Value: attribute.String("post-" + strconv.Itoa(i))},
		attribute.Attribute{Name: "title", Value: attribute.String("How to store a post")},
		attribute.Attribute{Name: "content", Value: attribute.String("Some two hundred bytes of content, as a post in an application might have it: a sentence or two, and then perhaps one more, so that the item is neither trivially small nor large.")},
		attribute.Attribute{Name: "ups", Value: attribute.Number(strconv.Itoa(i))},
		attribute.Attribute{Name: "published", Value: attribute.Bool(true)},
		attribute.Attribute{Name: "tags", Value: attribute.ListOf([]attribute.Value{attribute.String("go"), attribute.String("graphql")})},
		attribute.Attribute{Name: "createdAt", Value: attribute.String("2024-01-01T00:00:00.000Z")},
		attribute.Attribute{Name: "_version", Value: attribute.Number("1")},
	)
}

func benchComment(i int) *attribute.Item {
	it := benchPost(i)
	it.Delete("id")
	it.Set("postId", attribute.String("post-1"))
	it.Set("author", attribute.String("nadia"))
	it.Set("at", attribute.Number(strconv.Itoa(i)))
	return it
}

func fill(b *testing.B, s *bolt.Store, table string, n int, make func(int) *attribute.Item) {
	b.Helper()
	for i := 0; i < n; i += 25 {
		var batch []storage.BatchWrite
		for j := i; j < min(n, i+25); j++ {
			batch = append(batch, storage.BatchWrite{Table: table, Put: make(j)})
		}
		if err := batchWrite(s, batch); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGet(b *testing.B) {
	s := benchStore(b, true)
	fill(b, s, "posts", 10000, benchPost)
	key := attribute.NewItem(attribute.Attribute{Name: "id", Value: attribute.String("post-4711")})
	b.ReportAllocs()
	for b.Loop() {
		out, err := s.GetItem(context.Background(), &storage.GetItemInput{Table: "posts", Key: key})
		if err != nil || out.Item == nil {
			b.Fatal(out, err)
		}
	}
}

func BenchmarkPut(b *testing.B) {
	for _, mode := range []string{"durable", "in-memory"} {
		for _, writers := range []int{1, 64} {
			for _, table := range []string{"posts", "comments"} {
				b.Run(fmt.Sprintf("%s/writers=%d/%s", mode, writers, table), func(b *testing.B) {
					s := benchStore(b, mode == "in-memory")
					create := benchPost
					if table == "comments" {
						create = benchComment
					}
					fill(b, s, table, 1000, create)
					var next atomic.Int64
					b.ReportAllocs()
					b.SetParallelism(writers)
					if writers == 1 {
						for b.Loop() {
							if _, err := s.PutItem(context.Background(), &storage.PutItemInput{Table: table, Item: create(int(next.Add(1)))}); err != nil {
								b.Fatal(err)
							}
						}
						return
					}
					b.RunParallel(func(pb *testing.PB) {
						for pb.Next() {
							if _, err := s.PutItem(context.Background(), &storage.PutItemInput{Table: table, Item: create(int(next.Add(1)))}); err != nil {
								b.Error(err)
								return
							}
						}
					})
				})
			}
		}
	}
}

func BenchmarkQuery100(b *testing.B) {
	s := benchStore(b, true)
	fill(b, s, "comments", 10000, benchComment)
	values := map[string]attribute.Value{":p": attribute.String("post-1")}
	for _, bm := range []struct{ name, index, key, filter string }{
		{name: "table", key: "postId = :p"},
		{name: "index", index: "byAuthor", key: "author = :p"},
		{name: "filtered", key: "postId = :p", filter: "title <> :p"},
		{name: "none match", key: "postId = :p", filter: "title = :p"},
	} {
		b.Run(bm.name, func(b *testing.B) {
			v := values
			if bm.index != "" {
				v = map[string]attribute.Value{":p": attribute.String("nadia")}
			}
			in := &storage.QueryInput{
				Table: "comments", Index: bm.index, Limit: 100,
				Expr: storage.Expressions{KeyCondition: bm.key, Filter: bm.filter, Values: v},
			}
			b.ReportAllocs()
			for b.Loop() {
				out, err := s.Query(context.Background(), in)
				if err != nil || out.ScannedCount != 100 {
					b.Fatal(out, err)
				}
			}
		})
	}
}

func BenchmarkScan100(b *testing.B) {
	s := benchStore(b, true)
	fill(b, s, "posts", 10000, benchPost)
	b.ReportAllocs()
	for b.Loop() {
		out, err := s.Scan(context.Background(), &storage.ScanInput{Table: "posts", Limit: 100})
		if err != nil || out.Count != 100 {
			b.Fatal(out, err)
		}
	}
}
