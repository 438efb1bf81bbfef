package bolt_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
)

func timeOf(seconds int64) time.Time { return time.Unix(seconds, 0) }

// kilobytes is an item of about so many KB.
func kilobytes(n int, pairs ...any) *attribute.Item {
	return item(append(pairs, "text", strings.Repeat("x", n<<10-64))...)
}

var asked = storage.Report{Capacity: true}

func index(name string, read, write float64) storage.IndexCapacity {
	return storage.IndexCapacity{Name: name, Local: name == "byScore", Read: read, Write: write}
}

// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
func TestWritesConsumeCapacity(t *testing.T) {
	s := newStore(t, posts(), comments())
	type writes = []storage.IndexCapacity
	for _, tt := range []struct {
		name    string
		run     func() (*storage.WriteOutput, error)
		write   float64
		indexes writes
	}{
		{"a small item", putOf(s, "posts", item("id", "1")), 1, nil},
		{"three kilobytes", putOf(s, "posts", kilobytes(3, "id", "1")), 3, nil},
		{"a smaller one in its place: the larger counts", putOf(s, "posts", item("id", "1")), 3, nil},
		{"an update", updateOf(s, "posts", item("id", "1"), "SET n = :v", 1), 1, nil},
		{"an update of nothing", updateOf(s, "posts", item("id", "1"), "SET n = :v", 1), 1, nil},
		{"a deletion of nothing", deleteOf(s, "posts", item("id", "9")), 1, nil},
		{"a deletion of three kilobytes", func() (*storage.WriteOutput, error) {
			put(t, s, "posts", kilobytes(3, "id", "2"))
			return deleteOf(s, "posts", item("id", "2"))()
		}, 3, nil},
		{"an item in two indexes", putOf(s, "comments", kilobytes(2, "postId", "p", "at", 1, "author", "a", "score", 1)), 2,
			writes{index("byAuthor", 0, 2), index("byScore", 0, 1)}},
		{"the same again changes no index", putOf(s, "comments", kilobytes(2, "postId", "p", "at", 1, "author", "a", "score", 1)), 2, nil},
		{"what only one index projects", updateOf(s, "comments", item("postId", "p", "at", 1), "SET extra = :v", "x"), 2, writes{index("byAuthor", 0, 2)}},
		{"a key that changes: a deletion and a put", updateOf(s, "comments", item("postId", "p", "at", 1), "SET author = :v", "b"), 2, writes{index("byAuthor", 0, 4)}},
		{"a key that goes", updateOf(s, "comments", item("postId", "p", "at", 1), "SET extra = :v REMOVE score", "x"), 2, writes{index("byAuthor", 0, 2), index("byScore", 0, 1)}},
		{"an index that it enters", updateOf(s, "comments", item("postId", "p", "at", 1), "SET tag = :v", "x"), 2, writes{index("byTag", 0, 1)}},
		{"a deletion", deleteOf(s, "comments", item("postId", "p", "at", 1)), 2, writes{index("byTag", 0, 1)}},
	} {
		out, err := tt.run()
		if err != nil {
			t.Fatal(tt.name, err)
		}
		table := "posts"
		if tt.indexes != nil || strings.Contains(out.Capacity.Table, "comments") {
			table = "comments"
		}
		want := &storage.Capacity{Table: table, Write: tt.write, Indexes: tt.indexes}
		if diff := cmp.Diff(want, out.Capacity); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

func putOf(s storage.Store, table string, it *attribute.Item) func() (*storage.WriteOutput, error) {
	return func() (*storage.WriteOutput, error) {
		return s.PutItem(ctx, &storage.PutItemInput{Table: table, Item: it, Report: asked})
	}
}

func updateOf(s storage.Store, table string, key *attribute.Item, update string, v any) func() (*storage.WriteOutput, error) {
	return func() (*storage.WriteOutput, error) {
		return s.UpdateItem(ctx, &storage.UpdateItemInput{Table: table, Key: key, Expr: storage.Expressions{Update: update, Values: values(":v", v)}, Report: asked})
	}
}

func deleteOf(s storage.Store, table string, key *attribute.Item) func() (*storage.WriteOutput, error) {
	return func() (*storage.WriteOutput, error) {
		return s.DeleteItem(ctx, &storage.DeleteItemInput{Table: table, Key: key, Report: asked})
	}
}

// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
// and, for fetches, https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LSI.html#LSI.ThroughputConsiderations.Reads
func TestReadsConsumeCapacity(t *testing.T) {
	s := newStore(t, posts(), comments())
	put(t, s, "posts", item("id", "small"), kilobytes(9, "id", "large"))
	for i := range 5 {
		put(t, s, "comments", kilobytes(2, "postId", "p", "at", i, "author", "a", "score", i))
	}
	get := func(id string, consistent bool) func() (*storage.Capacity, error) {
		return func() (*storage.Capacity, error) {
			out, err := s.GetItem(ctx, &storage.GetItemInput{Table: "posts", Key: item("id", id), ConsistentRead: consistent, Report: asked})
			return out.Capacity, err
		}
	}
	query := func(in storage.QueryInput) func() (*storage.Capacity, error) {
		return func() (*storage.Capacity, error) {
			in.Table, in.Report = "comments", asked
			out, err := s.Query(ctx, &in)
			return out.Capacity, err
		}
	}
	byPost := storage.Expressions{KeyCondition: "postId = :p", Values: values(":p", "p")}
	filtered := storage.Expressions{KeyCondition: "postId = :p", Filter: "attribute_not_exists(#t)", Names: map[string]string{"#t": "text"}, Values: values(":p", "p")}
	for _, tt := range []struct {
		name string
		run  func() (*storage.Capacity, error)
		want storage.Capacity
	}{
		{"a small item", get("small", true), storage.Capacity{Table: "posts", Read: 1}},
		{"half when eventually consistent", get("small", false), storage.Capacity{Table: "posts", Read: 0.5}},
		{"nine kilobytes", get("large", true), storage.Capacity{Table: "posts", Read: 3}},
		{"what is not there", get("nope", true), storage.Capacity{Table: "posts", Read: 1}},
		{"a page sums up before it is rounded", query(storage.QueryInput{Expr: byPost, ConsistentRead: true}), storage.Capacity{Table: "comments", Read: 3}},
		{"what is filtered counts", query(storage.QueryInput{Expr: filtered}), storage.Capacity{Table: "comments", Read: 1.5}},
		{"a global index", query(storage.QueryInput{Index: "byAuthor", Expr: storage.Expressions{KeyCondition: "author = :a", Values: values(":a", "a")}}),
			storage.Capacity{Table: "comments", Indexes: []storage.IndexCapacity{index("byAuthor", 1.5, 0)}}},
		{"a local index", query(storage.QueryInput{Index: "byScore", Expr: byPost, ConsistentRead: true}),
			storage.Capacity{Table: "comments", Indexes: []storage.IndexCapacity{index("byScore", 1, 0)}}},
		{"a local index that fetches item by item", query(storage.QueryInput{Index: "byScore", Expr: byPost, Select: storage.SelectAll, ConsistentRead: true}),
			storage.Capacity{Table: "comments", Read: 5, Indexes: []storage.IndexCapacity{index("byScore", 1, 0)}}},
		{"a filter that a local index can answer", query(storage.QueryInput{Index: "byScore", ConsistentRead: true, Expr: storage.Expressions{
			KeyCondition: "postId = :p", Filter: "#at > :p", Names: map[string]string{"#at": "at"}, Values: values(":p", "p"),
		}}), storage.Capacity{Table: "comments", Indexes: []storage.IndexCapacity{index("byScore", 1, 0)}}},
		{"a scan", func() (*storage.Capacity, error) {
			out, err := s.Scan(ctx, &storage.ScanInput{Table: "posts", ConsistentRead: true, Report: asked})
			return out.Capacity, err
		}, storage.Capacity{Table: "posts", Read: 3}},
		{"a batch rounds item by item", func() (*storage.Capacity, error) {
			out, err := s.BatchGet(ctx, &storage.BatchGetInput{Report: asked, Tables: []storage.BatchGetTable{
				{Table: "posts", Keys: []*attribute.Item{item("id", "small"), item("id", "large"), item("id", "nope")}},
			}})
			return &out.Capacity[0], err
		}, storage.Capacity{Table: "posts", Read: 2.5}},
		{"a transaction takes twice", func() (*storage.Capacity, error) {
			out, err := s.TransactGet(ctx, &storage.TransactGetInput{Report: asked, Gets: []storage.TransactGet{
				{Key: storage.Key{Table: "posts", Key: item("id", "small")}}, {Key: storage.Key{Table: "posts", Key: item("id", "large")}},
			}})
			return &out.Capacity[0], err
		}, storage.Capacity{Table: "posts", Read: 8}},
	} {
		got, err := tt.run()
		if err != nil {
			t.Fatal(tt.name, err)
		}
		if diff := cmp.Diff(&tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

func TestTransactionsAndBatchesConsumeCapacity(t *testing.T) {
	s := newStore(t, posts(), comments())
	out, err := s.TransactWrite(ctx, &storage.TransactWriteInput{Report: storage.Report{Capacity: true, Collections: true}, Actions: []storage.TransactWrite{
		{Put: &storage.PutItemInput{Table: "comments", Item: item("postId", "p", "at", 1, "score", 1)}},
		{Put: &storage.PutItemInput{Table: "posts", Item: kilobytes(2, "id", "1")}},
		{Check: &storage.ConditionCheck{Table: "posts", Key: item("id", "2"), Expr: storage.Expressions{Condition: "attribute_not_exists(id)"}}},
		{Put: &storage.PutItemInput{Table: "comments", Item: item("postId", "p", "at", 2, "score", 1)}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	want := []storage.Capacity{
		{Table: "comments", Write: 4, Indexes: []storage.IndexCapacity{index("byScore", 0, 4)}},
		{Table: "posts", Write: 6},
	}
	if diff := cmp.Diff(want, out.Capacity); diff != "" {
		t.Error(diff)
	}
	// One collection for both comments; posts has no local index.
	if len(out.Collections) != 1 {
		t.Fatalf("got %+v", out.Collections)
	}
	c := out.Collections[0]
	expectItem(t, c.Key, item("postId", "p"))
	if c.Table != "comments" || c.LowerGB != 0 || c.UpperGB != 1 {
		t.Errorf("got %+v", c)
	}
	if read, write := out.Capacity[0].Total(); read != 0 || write != 8 {
		t.Errorf("total %v, %v", read, write)
	}

	batch, err := s.BatchWrite(ctx, &storage.BatchWriteInput{Report: asked, Writes: []storage.BatchWrite{
		{Table: "posts", Put: item("id", "3")}, {Table: "posts", Delete: item("id", "1")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]storage.Capacity{{Table: "posts", Write: 3}}, batch.Capacity); diff != "" {
		t.Error(diff)
	}
	single, err := s.PutItem(ctx, &storage.PutItemInput{Table: "posts", Item: item("id", "4"), Report: storage.Report{Collections: true}})
	if err != nil || single.Collection != nil || single.Capacity != nil {
		t.Errorf("got %+v, %v", single, err)
	}
}
