package bolt_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/bolt"
)

// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
func TestBatchGetProjectsByTable(t *testing.T) {
	s := newStore(t, posts(), comments())
	put(t, s, "posts", item("id", "1", "title", "one", "n", 1), item("id", "2", "title", "two", "n", 2))
	put(t, s, "comments", item("postId", "1", "at", 1, "author", "a"))
	out, err := s.BatchGet(ctx, &storage.BatchGetInput{Tables: []storage.BatchGetTable{
		{Table: "posts", Keys: []*attribute.Item{item("id", "2"), item("id", "3"), item("id", "1")}, Expr: storage.Expressions{
			Projection: "#t", Names: map[string]string{"#t": "title"},
		}},
		{Table: "comments", Keys: []*attribute.Item{item("postId", "1", "at", 1)}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	expectItems(t, out.Items[0], item("title", "two"), nil, item("title", "one"))
	expectItems(t, out.Items[1], item("postId", "1", "at", 1, "author", "a"))
	if len(out.Unprocessed) > 0 || out.Capacity != nil {
		t.Errorf("got %+v", out)
	}

	for _, tt := range []struct {
		name   string
		tables []storage.BatchGetTable
		want   string
	}{
		{"no keys", []storage.BatchGetTable{{Table: "posts"}}, "1 validation error detected: Value '[]' at 'requestItems.posts.member.keys' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		{"an unused name", []storage.BatchGetTable{{Table: "posts", Keys: []*attribute.Item{item("id", "1")}, Expr: storage.Expressions{
			Projection: "id", Names: map[string]string{"#t": "title"},
		}}}, "Value provided in ExpressionAttributeNames unused in expressions: keys: {#t}"},
		{"an empty projection", []storage.BatchGetTable{{Table: "posts", Keys: []*attribute.Item{item("id", "1")}, Expr: storage.Expressions{
			Empty: storage.ProjectionExpression,
		}}}, "Invalid ProjectionExpression: The expression can not be empty;"},
		{"a wrong key", []storage.BatchGetTable{{Table: "posts", Keys: []*attribute.Item{item("id", "1"), item("id", 1)}}}, "The provided key element does not match the schema"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := s.BatchGet(ctx, &storage.BatchGetInput{Tables: tt.tables})
			expectRefusal(t, err, tt.want)
		})
	}
}

// "A single operation can retrieve up to 16 MB of data [...] BatchGetItem returns
// a partial result [...] and UnprocessedKeys."
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
func TestBatchGetStopsAt16MB(t *testing.T) {
	s := newStore(t, posts())
	var keys []*attribute.Item
	for i := range 60 { // of 390 KB each
		put(t, s, "posts", item("id", fmt.Sprint(i), "text", strings.Repeat("x", 390<<10)))
		keys = append(keys, item("id", fmt.Sprint(i)))
	}
	expr := storage.Expressions{Projection: "id"} // the size is that of the whole item
	in := &storage.BatchGetInput{Tables: []storage.BatchGetTable{{Table: "posts", Keys: keys, Expr: expr}}}
	rounds, found := 0, 0
	for ; len(in.Tables) > 0; rounds++ {
		out, err := s.BatchGet(ctx, in)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, it := range out.Items[0] {
			if it != nil {
				n++
			}
		}
		if len(out.Unprocessed) > 0 && (n != 42 || out.Unprocessed[0].Expr.Projection != "id" || len(out.Unprocessed[0].Keys) != 18) {
			t.Errorf("%d items, then %d keys", n, len(out.Unprocessed[0].Keys))
		}
		found += n
		in = &storage.BatchGetInput{Tables: out.Unprocessed}
	}
	if rounds != 2 || found != 60 {
		t.Errorf("%d items in %d rounds", found, rounds)
	}
}

// movableClock is a clock that a test sets.
type movableClock struct{ at atomic.Int64 }

func (c *movableClock) Now() time.Time          { return time.Unix(0, c.at.Load()) }
func (c *movableClock) advance(d time.Duration) { c.at.Add(int64(d)) }

// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html#DDB-TransactWriteItems-request-ClientRequestToken
// A transaction that changes nothing is remembered like any other.
func TestTokensOfTransactionsWithoutChanges(t *testing.T) {
	s := newStore(t, posts())
	send := func(id string) error {
		_, err := s.TransactWrite(ctx, &storage.TransactWriteInput{Token: "token", Actions: []storage.TransactWrite{
			{Delete: &storage.DeleteItemInput{Table: "posts", Key: item("id", id)}},
		}})
		return err
	}
	if err := send("1"); err != nil {
		t.Fatal(err)
	}
	if err := send("1"); err != nil {
		t.Error(err)
	}
	if mismatch, ok := errors.AsType[*storage.IdempotentParameterMismatchError](send("2")); !ok {
		t.Errorf("got %v", mismatch)
	}
}

func TestTokensMakeTransactionsIdempotent(t *testing.T) {
	clock := &movableClock{}
	clock.at.Store(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano())
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path, bolt.Options{Clock: clock})
	if err := s.CreateTable(ctx, posts()); err != nil {
		t.Fatal(err)
	}
	request := func(token string, by int) (*storage.TransactWriteOutput, error) {
		return s.TransactWrite(ctx, &storage.TransactWriteInput{Token: token, Report: asked, Actions: []storage.TransactWrite{
			{Update: &storage.UpdateItemInput{Table: "posts", Key: item("id", "counter"), Expr: storage.Expressions{Update: "ADD n :by", Values: values(":by", by)}}},
		}})
	}
	expect := func(n int) {
		t.Helper()
		expectItem(t, get(t, s, "posts", item("id", "counter")), item("id", "counter", "n", n))
	}
	must := func(out *storage.TransactWriteOutput, err error) *storage.TransactWriteOutput {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	if out := must(request("t1", 1)); out.Capacity[0].Write != 2 || out.Capacity[0].Read != 0 {
		t.Errorf("got %+v", out.Capacity)
	}
	expect(1)
	clock.advance(9 * time.Minute)
	// "subsequent calls [...] return the number of read capacity units consumed"
	if out := must(request("t1", 1)); out.Capacity[0].Write != 0 || out.Capacity[0].Read != 2 {
		t.Errorf("got %+v", out.Capacity)
	}
	expect(1)
	_, err := request("t1", 2)
	if _, ok := errors.AsType[*storage.IdempotentParameterMismatchError](err); !ok {
		t.Errorf("got %v", err)
	}
	expect(1)
	must(request("t2", 1))
	must(request("", 1))
	must(request("", 1))
	expect(4)

	// Also after a restart.
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, path, bolt.Options{Clock: clock})
	must(request("t1", 1))
	expect(4)
	clock.advance(time.Minute)
	must(request("t1", 1)) // ten minutes are over
	expect(5)

	// A transaction that was canceled has not happened.
	failing := &storage.TransactWriteInput{Token: "t3", Actions: []storage.TransactWrite{
		{Put: &storage.PutItemInput{Table: "posts", Item: item("id", "new"), Expr: storage.Expressions{Condition: "attribute_exists(id)"}}},
	}}
	if _, err := s.TransactWrite(ctx, failing); err == nil {
		t.Error("the condition holds")
	}
	put(t, s, "posts", item("id", "new", "n", 1))
	if _, err := s.TransactWrite(ctx, failing); err != nil {
		t.Error(err)
	}
	expectItem(t, get(t, s, "posts", item("id", "new")), item("id", "new"))

	_, err = request(strings.Repeat("x", 37), 1)
	expectRefusal(t, err, "1 validation error detected: Value '"+strings.Repeat("x", 37)+"' at 'clientRequestToken' failed to satisfy constraint: Member must have length less than or equal to 36")

	// A cleared store knows no tokens.
	must(request("t4", 1))
	if err := s.Clear(ctx); err != nil {
		t.Fatal(err)
	}
	must(request("t4", 1))
	expect(1)
}
