package dynamodbapi_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"appsync-emulator/emulator/internal/dynamodbapi"
	"appsync-emulator/storage/bolt"
)

// discard is a ResponseWriter that costs nothing.
type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(status int)      { d.status = status }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }

const benchItem = `{"a":{"S":"post-1"},"title":{"S":"How to store a post"},"content":{"S":"Some two hundred bytes of content, as a post in an application might have it: a sentence or two, and then perhaps one more, so that the item is neither trivially small nor large."},"ups":{"N":"17"},"published":{"BOOL":true},"tags":{"L":[{"S":"go"},{"S":"graphql"}]},"createdAt":{"S":"2024-01-01T00:00:00.000Z"},"_version":{"N":"1"}}`

// benchmark sends the same request through the handler, without a network.
func benchmark(b *testing.B, operation, body string) {
	store, err := bolt.Open("", bolt.Options{InMemory: true})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	h := dynamodbapi.New(dynamodbapi.Options{Store: store})
	send := func(w *discard, operation, body string) {
		r, err := http.NewRequest(http.MethodPost, "/", io.NopCloser(bytes.NewReader([]byte(body))))
		if err != nil {
			b.Fatal(err)
		}
		r.Header["Content-Type"] = []string{"application/x-amz-json-1.0"}
		r.Header["X-Amz-Target"] = []string{dynamodbapi.TargetPrefix + operation}
		clear(w.header)
		h.ServeHTTP(w, r)
		if w.status != http.StatusOK {
			b.Fatal(operation, w.status)
		}
	}
	w := &discard{header: http.Header{}}
	send(w, "CreateTable", hashTable)
	send(w, "PutItem", `{"TableName":"hash","Item":`+benchItem+`}`)
	b.ReportAllocs()
	for b.Loop() {
		send(w, operation, body)
	}
}

func BenchmarkGetItem(b *testing.B) {
	benchmark(b, "GetItem", `{"TableName":"hash","Key":{"a":{"S":"post-1"}}}`)
}

func BenchmarkPutItem(b *testing.B) {
	benchmark(b, "PutItem", `{"TableName":"hash","Item":`+benchItem+`}`)
}

func BenchmarkUpdateItem(b *testing.B) {
	benchmark(b, "UpdateItem", `{"TableName":"hash","Key":{"a":{"S":"post-1"}},"UpdateExpression":"SET ups = :n","ExpressionAttributeValues":{":n":{"N":"18"}}}`)
}

func BenchmarkQuery(b *testing.B) {
	benchmark(b, "Query", `{"TableName":"hash","KeyConditionExpression":"a = :a","ExpressionAttributeValues":{":a":{"S":"post-1"}}}`)
}
