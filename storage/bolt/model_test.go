package bolt_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/bolt"
)

// model is the store as simple as it can be: items by post and number.
type model map[[2]string]*attribute.Item

func modelKey(it *attribute.Item) [2]string {
	return [2]string{it.Get("postId").Text(), it.Get("at").Text()}
}

func drawKey(t *rapid.T) *attribute.Item {
	return item("postId", rapid.SampledFrom([]string{"p", "q", "p\x00"}).Draw(t, "postId"), "at", rapid.IntRange(-2, 2).Draw(t, "at"))
}

func drawComment(t *rapid.T) *attribute.Item {
	it := drawKey(t)
	optional := func(name string, gen *rapid.Generator[any]) {
		if v := gen.Draw(t, name); v != nil {
			it.Set(name, value(v))
		}
	}
	optional("author", rapid.SampledFrom([]any{nil, "a", "b", "a\x00"}))
	optional("score", rapid.SampledFrom([]any{nil, -1, 0, 1}))
	optional("tag", rapid.SampledFrom([]any{nil, "t"}))
	optional("mood", rapid.SampledFrom([]any{nil, "m", "n"}))
	optional("text", rapid.SampledFrom([]any{nil, "x", "y"}))
	optional("expires", rapid.SampledFrom([]any{nil, 10, 20, 30, "never"}))
	return it
}

// inByAuthor returns what the index byAuthor holds of an author, in its order as
// far as sort keys tell.
func (m model) inByAuthor(author string) []*attribute.Item {
	var items []*attribute.Item
	for _, it := range m {
		if it.Get("author").Text() == author && it.Has("author") && it.Has("score") {
			items = append(items, it)
		}
	}
	slices.SortFunc(items, func(a, b *attribute.Item) int {
		return attribute.CompareNumbers(a.Get("score").Text(), b.Get("score").Text())
	})
	return items
}

func sortedTexts(items []*attribute.Item) []string {
	out := texts(items)
	slices.Sort(out)
	return out
}

func TestStoreBehavesAsItsModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, err := bolt.Open("", bolt.Options{InMemory: true})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if err := s.CreateTable(ctx, comments()); err != nil {
			t.Fatal(err)
		}
		m := model{}
		must := func(err error) {
			if err != nil {
				t.Fatal(err)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				it := drawComment(t)
				out, err := s.PutItem(ctx, &storage.PutItemInput{Table: "comments", Item: it, ReturnValues: storage.ReturnAllOld})
				must(err)
				if text(out.Attributes) != text(m[modelKey(it)]) {
					t.Fatalf("old item %s, want %s", text(out.Attributes), text(m[modelKey(it)]))
				}
				m[modelKey(it)] = it
			},
			"put new": func(t *rapid.T) {
				it := drawComment(t)
				_, err := s.PutItem(ctx, &storage.PutItemInput{Table: "comments", Item: it, Expr: storage.Expressions{Condition: "attribute_not_exists(postId)"}})
				if m[modelKey(it)] == nil {
					must(err)
					m[modelKey(it)] = it
				} else if _, ok := errors.AsType[*storage.ConditionalCheckFailedError](err); !ok {
					t.Fatalf("got %v", err)
				}
			},
			"update": func(t *rapid.T) {
				k := drawKey(t)
				author := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "author")
				_, err := s.UpdateItem(ctx, &storage.UpdateItemInput{Table: "comments", Key: k, Expr: storage.Expressions{
					Update: "SET author = :a, score = if_not_exists(score, :z) + :one REMOVE mood", Values: values(":a", author, ":z", 0, ":one", 1),
				}})
				must(err)
				next := k.Clone()
				score := "0"
				if old := m[modelKey(k)]; old != nil {
					next = old.Clone()
					if old.Has("score") {
						score = old.Get("score").Text()
					}
				}
				score, err = attribute.AddNumbers(score, "1")
				must(err)
				next.Set("author", value(author))
				next.Set("score", attribute.Number(score))
				next.Delete("mood")
				m[modelKey(k)] = next
			},
			"delete": func(t *rapid.T) {
				k := drawKey(t)
				out, err := s.DeleteItem(ctx, &storage.DeleteItemInput{Table: "comments", Key: k, ReturnValues: storage.ReturnAllOld})
				must(err)
				if text(out.Attributes) != text(m[modelKey(k)]) {
					t.Fatalf("old item %s, want %s", text(out.Attributes), text(m[modelKey(k)]))
				}
				delete(m, modelKey(k))
			},
			"transact": func(t *rapid.T) {
				a, b := drawComment(t), drawKey(t)
				if modelKey(a) == modelKey(b) {
					t.Skip("one item")
				}
				err := transactWrite(s, []storage.TransactWrite{
					{Put: &storage.PutItemInput{Table: "comments", Item: a}},
					{Delete: &storage.DeleteItemInput{Table: "comments", Key: b, Expr: storage.Expressions{Condition: "attribute_exists(author)"}}},
				})
				if old := m[modelKey(b)]; old.Has("author") {
					must(err)
					m[modelKey(a)] = a
					delete(m, modelKey(b))
				} else if _, ok := errors.AsType[*storage.TransactionCanceledError](err); !ok {
					t.Fatalf("got %v", err)
				}
			},
			"expire": func(t *rapid.T) {
				at := rapid.IntRange(5, 35).Draw(t, "at")
				n, err := s.ExpireBefore(ctx, time.Unix(int64(at), 0))
				must(err)
				before := len(m)
				maps.DeleteFunc(m, func(_ [2]string, it *attribute.Item) bool {
					v := it.Get("expires")
					return v.Kind() == attribute.N && attribute.CompareNumbers(v.Text(), fmt.Sprint(at)) <= 0
				})
				if n != before-len(m) {
					t.Fatalf("%d expired, want %d", n, before-len(m))
				}
			},
			"query an index": func(t *rapid.T) {
				author := rapid.SampledFrom([]string{"a", "b", "a\x00"}).Draw(t, "author")
				in := storage.QueryInput{
					Table: "comments", Index: "byAuthor", Limit: rapid.IntRange(0, 3).Draw(t, "limit"), Descending: rapid.Bool().Draw(t, "descending"),
					Expr: storage.Expressions{KeyCondition: "author = :a", Values: values(":a", author)},
				}
				var got []*attribute.Item
				for {
					out, err := s.Query(ctx, &in)
					must(err)
					got = append(got, out.Items...)
					if in.StartKey = out.LastKey; in.StartKey == nil {
						break
					}
				}
				want := m.inByAuthor(author)
				if in.Descending {
					slices.Reverse(want)
				}
				if !slices.Equal(column(got, "score"), column(want, "score")) || !slices.Equal(sortedTexts(got), sortedTexts(want)) {
					t.Fatalf("got %q, want %q", texts(got), texts(want))
				}
			},
			"": func(t *rapid.T) {
				out, err := s.Scan(ctx, &storage.ScanInput{Table: "comments"})
				must(err)
				if want := sortedTexts(slices.Collect(maps.Values(m))); !slices.Equal(sortedTexts(out.Items), want) {
					t.Fatalf("holds %q, want %q", sortedTexts(out.Items), want)
				}
				must(s.Check(ctx))
			},
		})
	})
}

// Counters that many goroutines increment under a condition end where they must.
func TestConcurrentUpdates(t *testing.T) {
	s := newStore(t, posts(), comments())
	const writers, increments = 16, 25
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range increments {
				if _, err := s.UpdateItem(ctx, &storage.UpdateItemInput{Table: "posts", Key: item("id", "counter"), Expr: storage.Expressions{Update: "ADD n :one", Values: values(":one", 1)}}); err != nil {
					t.Error(err)
					return
				}
				// A caller sees its own write at once, in the table and in the index.
				mine := item("postId", fmt.Sprint("w", w), "at", i, "author", fmt.Sprint("w", w), "score", i)
				put(t, s, "comments", mine)
				out, err := s.Query(ctx, &storage.QueryInput{Table: "comments", Index: "byAuthor", Descending: true, Limit: 1, Expr: storage.Expressions{KeyCondition: "author = :a", Values: values(":a", fmt.Sprint("w", w))}})
				if err != nil || len(out.Items) != 1 || text(out.Items[0]) != text(mine) {
					t.Errorf("got %v, %v", out, err)
					return
				}
			}
		})
	}
	// Reads, schema changes, checks and sweeps go on meanwhile.
	stop := make(chan struct{})
	var others sync.WaitGroup
	others.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			def := posts()
			if i%2 == 0 {
				def.Indexes = []storage.Index{{Name: "byN", Key: key(part("n", attribute.N))}}
			}
			if err := s.EnsureTable(ctx, def); err != nil {
				t.Error(err)
				return
			}
			if err := s.Check(ctx); err != nil {
				t.Error(err)
				return
			}
			_, err := s.Scan(ctx, &storage.ScanInput{Table: "posts", Index: "byN"})
			if i%2 == 0 && err != nil {
				t.Error(err)
				return
			}
			if _, err := s.ExpireBefore(ctx, time.Unix(1e9, 0)); err != nil {
				t.Error(err)
				return
			}
		}
	})
	wg.Wait()
	close(stop)
	others.Wait()
	expectItem(t, get(t, s, "posts", item("id", "counter")), item("id", "counter", "n", writers*increments))
	if stats, err := s.Stats(ctx); err != nil || stats.Commits >= stats.Mutations {
		t.Errorf("got %+v, %v", stats, err)
	}
}
