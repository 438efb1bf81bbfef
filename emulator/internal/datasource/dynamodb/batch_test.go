package dynamodb_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
)

// blog are the tables of the examples on AWS's pages about batches.
var blog = []storage.Table{keyed("authors", "author_id"), keyed("posts", "author_id", "post_id")}

const (
	storedAuthor = `{"author_id":{"S":"a1"},"author_name":{"S":"a1_name"}}`
	storedPost   = `{"author_id":{"S":"a1"},"post_id":{"S":"p2"},"post_title":{"S":"title"},"post_description":{"S":"description"}}`
	plainAuthor  = `{"author_id":"a1","author_name":"a1_name"}`
	plainPost    = `{"author_id":"a1","post_id":"p2","post_title":"title","post_description":"description"}`

	authorKey      = `{"author_id":{"S":"a1"}}`
	postKey        = `{"author_id":{"S":"a1"},"post_id":{"S":"p2"}}`
	plainAuthorKey = `{"author_id":"a1"}`
	plainPostKey   = `{"author_id":"a1","post_id":"p2"}`

	// The examples' documents.
	guideGet    = `{"operation":"BatchGetItem","tables":{"authors":[` + authorKey + `],"posts":[` + postKey + `]}}`
	guideDelete = `{"operation":"BatchDeleteItem","tables":{"authors":[` + authorKey + `],"posts":[` + postKey + `]}}`
	guidePut    = `{"operation":"BatchPutItem","tables":{"authors":[` + storedAuthor + `],
		"posts":[{"author_id":{"S":"a1"},"post_id":{"S":"p2"},"post_title":{"S":"title"}}]}}`
	plainGuidePost = `{"author_id":"a1","post_id":"p2","post_title":"title"}`
)

// batchResult is a result of tables authors and posts.
func batchResult(authors, posts, block, authorsLeft, postsLeft string) string {
	return `{"data":{"authors":[` + authors + `],"posts":[` + posts + `]},"` + block + `":{"authors":[` + authorsLeft + `],"posts":[` + postsLeft + `]}}`
}

// AppSync developer guide, the pages
// aws-appsync-resolver-mapping-template-reference-dynamodb-batch-{get,put,delete}-item:
// results per table in the order of the request, null where there is nothing,
// both blocks with every table. Puts answer items, deletes answer keys.
func TestBatches(t *testing.T) {
	const get = `{"operation":"BatchGetItem","tables":{`
	for _, c := range []struct{ name, document, want string }{
		{"the guide's BatchGetItem", guideGet, batchResult(plainAuthor, plainPost, "unprocessedKeys", "", "")},
		{"the guide's BatchPutItem", guidePut, batchResult(plainAuthor, plainGuidePost, "unprocessedItems", "", "")},
		{"the guide's BatchDeleteItem", guideDelete, batchResult(plainAuthorKey, plainPostKey, "unprocessedKeys", "", "")},
		{"BatchGetItem of keys", get + `"authors":{"keys":[` + authorKey + `]},"posts":{"keys":[` + postKey + `],"consistentRead":true}}}`,
			batchResult(plainAuthor, plainPost, "unprocessedKeys", "", "")},
		{"BatchGetItem of nothing", get + `"authors":{"keys":[{"author_id":{"S":"none"}}]}}}`,
			`{"data":{"authors":[null]},"unprocessedKeys":{"authors":[]}}`},
		{"BatchGetItem in the order of the keys", get + `"authors":{"keys":[{"author_id":{"S":"z"}},` + authorKey + `,{"author_id":{"S":"b"}}]}}}`,
			`{"data":{"authors":[null,` + plainAuthor + `,null]},"unprocessedKeys":{"authors":[]}}`},
		{"BatchGetItem projects per table", get + `"authors":{"keys":[` + authorKey + `],"projection":{"expression":"author_id"}},
			"posts":{"keys":[` + postKey + `],"projection":{"expression":"#t","expressionNames":{"#t":"post_title"}}}}}`,
			batchResult(plainAuthorKey, `{"post_title":"title"}`, "unprocessedKeys", "", "")},
		{"BatchPutItem replaces", `{"operation":"BatchPutItem","tables":{"authors":[{"author_id":{"S":"a1"},"n":{"NS":["1"]}}]}}`,
			`{"data":{"authors":[{"author_id":"a1","n":[1]}]},"unprocessedItems":{"authors":[]}}`},
		{"BatchDeleteItem of nothing", `{"operation":"BatchDeleteItem","tables":{"authors":[{"author_id":{"S":"none"}}]}}`,
			`{"data":{"authors":[{"author_id":"none"}]},"unprocessedKeys":{"authors":[]}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := newStoreOf(t, blog...)
			fill(t, store, "authors", storedAuthor)
			fill(t, store, "posts", storedPost)
			// The data source's own table does not matter.
			if diff := cmp.Diff(sortKeys(t, c.want), answer(t, newSource(t, store, "empty"), c.document)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBatchesWrite(t *testing.T) {
	store := newStoreOf(t, blog...)
	s := newSource(t, store, "authors")
	answer(t, s, guidePut)
	if got, want := answer(t, s, guideGet), sortKeys(t, batchResult(plainAuthor, plainGuidePost, "unprocessedKeys", "", "")); got != want {
		t.Errorf("after the puts %s, want %s", got, want)
	}
	answer(t, s, guideDelete)
	if got, want := answer(t, s, guideGet), batchResult("null", "null", "unprocessedKeys", "", ""); got != want {
		t.Errorf("after the deletes %s, want %s", got, want)
	}
}

// The guide's pages: beside an error the keys data, unprocessedKeys or
// unprocessedItems and each table are guaranteed to be present.
func TestBatchesThatFail(t *testing.T) {
	const notFound = "DynamoDB:ResourceNotFoundException: Requested resource not found" + suffix + " => "
	const schema = "DynamoDB:DynamoDbException: The provided key element does not match the schema" + suffix + " => "
	for _, c := range []struct{ name, document, want string }{
		{"BatchGetItem of a missing table", `{"operation":"BatchGetItem","tables":{"authors":{"keys":[` + authorKey + `]},"nope":{"keys":[{"id":{"N":1}}]}}}`,
			notFound + `{"data":{"authors":[null],"nope":[null]},"unprocessedKeys":{"authors":[` + plainAuthorKey + `],"nope":[{"id":1}]}}`},
		{"BatchPutItem to a missing table", `{"operation":"BatchPutItem","tables":{"authors":[` + authorKey + `],"nope":[{"id":{"N":1}}]}}`,
			notFound + `{"data":{"authors":[null],"nope":[null]},"unprocessedItems":{"authors":[` + plainAuthorKey + `],"nope":[{"id":1}]}}`},
		{"a key that does not fit", `{"operation":"BatchDeleteItem","tables":{"authors":[` + authorKey + `],"posts":[{"author_id":{"S":"a1"}}]}}`,
			schema + batchResult("null", "null", "unprocessedKeys", plainAuthorKey, plainAuthorKey)},
		{"a key that does not fit, read", `{"operation":"BatchGetItem","tables":{"posts":{"keys":[{"author_id":{"S":"a1"}}]}}}`,
			schema + `{"data":{"posts":[null]},"unprocessedKeys":{"posts":[` + plainAuthorKey + `]}}`},
		{"a projection that is none", `{"operation":"BatchGetItem","tables":{"authors":{"keys":[` + authorKey + `],"projection":{"expression":""}}}}`,
			"DynamoDB:DynamoDbException: Invalid ProjectionExpression: The expression can not be empty;" + suffix +
				` => {"data":{"authors":[null]},"unprocessedKeys":{"authors":[` + plainAuthorKey + `]}}`},
		{"a value that DynamoDB refuses", `{"operation":"BatchPutItem","tables":{"authors":[
				{"author_id":{"S":"a1"},"tags":{"SS":[]},"n":{"N":"1.50"},"none":{"NULL":true},"deep":{"M":{"l":{"L":[{"N":"x"},{"BOOL":true}]}}}}]}}`,
			"DynamoDB:DynamoDbException: One or more parameter values were invalid: An string set  may not be empty" + suffix +
				` => {"data":{"authors":[null]},"unprocessedItems":{"authors":[{"author_id":"a1","tags":[],"n":1.5,"none":null,"deep":{"l":["x",true]}}]}}`},
		{"a key that DynamoDB refuses", `{"operation":"BatchGetItem","tables":{"authors":{"keys":[{"author_id":{"N":"x"}}]}}}`,
			"DynamoDB:DynamoDbException: The parameter cannot be converted to a numeric value: x" + suffix +
				` => {"data":{"authors":[null]},"unprocessedKeys":{"authors":[{"author_id":"x"}]}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := newStoreOf(t, blog...)
			fill(t, store, "authors", storedAuthor)
			fill(t, store, "posts", storedPost)
			s := newSource(t, store, "authors")
			want, result, _ := strings.Cut(c.want, " => ")
			if diff := cmp.Diff(want+" => "+sortKeys(t, result), refusal(t, s, c.document)); diff != "" {
				t.Error(diff)
			}
			// A batch that fails at once does nothing.
			if got, want := answer(t, s, guideGet), sortKeys(t, batchResult(plainAuthor, plainPost, "unprocessedKeys", "", "")); got != want {
				t.Errorf("afterwards %s, want %s", got, want)
			}
		})
	}
}

// throttled is a store that leaves a part of each batch unprocessed.
type throttled struct {
	storage.Store
	// processes tells whether an attempt, from 1 on, takes a table.
	processes func(attempt int, table string) bool
	// fails is the error of an attempt; nil when there is none.
	fails    func(attempt int) error
	attempts int
}

func (s *throttled) begin() error {
	s.attempts++
	if s.fails == nil {
		return nil
	}
	return s.fails(s.attempts)
}

func (s *throttled) BatchGet(ctx context.Context, in *storage.BatchGetInput) (*storage.BatchGetOutput, error) {
	if err := s.begin(); err != nil {
		return nil, err
	}
	out := &storage.BatchGetOutput{}
	for _, t := range in.Tables {
		if !s.processes(s.attempts, t.Table) {
			out.Items = append(out.Items, make([]*attribute.Item, len(t.Keys)))
			left := t
			left.Keys = nil
			for _, key := range t.Keys {
				left.Keys = append(left.Keys, key.Clone())
			}
			out.Unprocessed = append(out.Unprocessed, left)
			continue
		}
		got, err := s.Store.BatchGet(ctx, &storage.BatchGetInput{Tables: []storage.BatchGetTable{t}})
		if err != nil {
			return nil, err
		}
		out.Items = append(out.Items, got.Items[0])
	}
	return out, nil
}

func (s *throttled) BatchWrite(ctx context.Context, in *storage.BatchWriteInput) (*storage.BatchWriteOutput, error) {
	if err := s.begin(); err != nil {
		return nil, err
	}
	out := &storage.BatchWriteOutput{}
	for _, w := range in.Writes {
		if !s.processes(s.attempts, w.Table) {
			left := storage.BatchWrite{Table: w.Table}
			if w.Put != nil {
				left.Put = w.Put.Clone()
			} else {
				left.Delete = w.Delete.Clone()
			}
			out.Unprocessed = append(out.Unprocessed, left)
		} else if _, err := s.Store.BatchWrite(ctx, &storage.BatchWriteInput{Writes: []storage.BatchWrite{w}}); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// AppSync developer guide, tutorial-dynamodb-batch, "DynamoDB batch operations":
// AppSync sends what is unprocessed again, and what is left at last comes beside
// the error; the same for each operation on its page.
func TestBatchesThatArePartlyProcessed(t *testing.T) {
	notAuthors := func(_ int, table string) bool { return table != "authors" }
	const exceeded = "DynamoDB:ProvisionedThroughputExceededException: You exceeded your maximum allowed provisioned throughput for a table or for one or more global secondary indexes. " +
		"To view performance metrics for provisioned throughput vs. consumed throughput, open the Amazon CloudWatch console." + suffix
	lost := func(attempt int) error {
		if attempt == 2 {
			return storage.Validationf("lost")
		}
		return nil
	}
	for _, c := range []struct {
		name, document string
		processes      func(attempt int, table string) bool
		fails          func(attempt int) error
		attempts       int
		failure, want  string
	}{
		{"the guide's BatchGetItem", guideGet, notAuthors, nil, 2, exceeded, batchResult("null", plainPost, "unprocessedKeys", plainAuthorKey, "")},
		{"the guide's BatchPutItem", guidePut, notAuthors, nil, 2, exceeded, batchResult("null", plainGuidePost, "unprocessedItems", plainAuthor, "")},
		{"the guide's BatchDeleteItem", guideDelete, notAuthors, nil, 2, exceeded, batchResult("null", plainPostKey, "unprocessedKeys", plainAuthorKey, "")},
		{"an error on the way", guideGet, notAuthors, lost, 2, "DynamoDB:DynamoDbException: lost" + suffix, batchResult("null", plainPost, "unprocessedKeys", plainAuthorKey, "")},
		{"a write that fails on the way", guidePut, notAuthors, lost, 2, "DynamoDB:DynamoDbException: lost" + suffix, batchResult("null", plainGuidePost, "unprocessedItems", plainAuthor, "")},
		{"the rest of BatchGetItem later", guideGet, func(attempt int, table string) bool { return (attempt == 2) == (table == "authors") }, nil, 2, "",
			batchResult(plainAuthor, plainPost, "unprocessedKeys", "", "")},
		{"the rest of BatchPutItem later", guidePut, func(attempt int, table string) bool { return (attempt == 2) == (table == "authors") }, nil, 2, "",
			batchResult(plainAuthor, plainGuidePost, "unprocessedItems", "", "")},
		{"nothing at all", guideGet, func(int, string) bool { return false }, nil, 1, exceeded, batchResult("null", "null", "unprocessedKeys", plainAuthorKey, plainPostKey)},
	} {
		t.Run(c.name, func(t *testing.T) {
			inner := newStoreOf(t, blog...)
			fill(t, inner, "authors", storedAuthor)
			fill(t, inner, "posts", storedPost)
			store := &throttled{Store: inner, processes: c.processes, fails: c.fails}
			s := newSource(t, store, "authors")
			got, want := "", sortKeys(t, c.want)
			if c.failure != "" {
				got, want = refusal(t, s, c.document), c.failure+" => "+want
			} else {
				got = answer(t, s, c.document)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if store.attempts != c.attempts {
				t.Errorf("%d attempts, want %d", store.attempts, c.attempts)
			}
		})
	}
}

// DynamoDB API reference, BatchGetItem: an answer has 16 MB at most, what does
// not fit is unprocessed. AppSync sends it again.
func TestBatchGetItemOverSixteenMegabytes(t *testing.T) {
	const n, size = 45, 390 << 10
	store := newStoreOf(t, blog...)
	text := strings.Repeat("x", size)
	var keys, names []string
	for i := range n {
		id := fmt.Sprintf("%02d", i)
		fill(t, store, "authors", `{"author_id":{"S":"`+id+`"},"text":{"S":"`+text+`"}}`)
		keys = append(keys, `{"author_id":{"S":"`+id+`"}}`)
		names = append(names, `{"author_id":"`+id+`"}`)
	}
	counted := &counted{Store: store}
	got := answer(t, newSource(t, counted, "authors"), `{"operation":"BatchGetItem","tables":{"authors":{"keys":[`+strings.Join(keys, ",")+`],"projection":{"expression":"author_id"}}}}`)
	if want := `{"data":{"authors":[` + strings.Join(names, ",") + `]},"unprocessedKeys":{"authors":[]}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if counted.gets != 2 {
		t.Errorf("%d requests, want 2", counted.gets)
	}
}

// counted is a store that counts its BatchGetItem requests.
type counted struct {
	storage.Store
	gets int
}

func (s *counted) BatchGet(ctx context.Context, in *storage.BatchGetInput) (*storage.BatchGetOutput, error) {
	s.gets++
	return s.Store.BatchGet(ctx, in)
}

func TestFailuresOfTheStorePassThroughBatches(t *testing.T) {
	store := newStoreOf(t, blog...)
	s := newSource(t, store, "authors")
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	for _, document := range []string{guideGet, guidePut, guideDelete,
		transactGets(`{"table":"authors","key":` + authorKey + `}`),
		transact(`{"table":"authors","operation":"DeleteItem","key":` + authorKey + `}`),
	} {
		if _, err := invoke(t, s, document); !errors.Is(err, storage.ErrClosed) {
			t.Errorf("%s: %v", document, err)
		}
	}
}
