package dynamodbapi_test

import (
	"encoding/json"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"appsync-emulator/emulator/internal/dynamodbapi"
	"appsync-emulator/storage/bolt"

	"github.com/google/go-cmp/cmp"
)

// client speaks to a handler over HTTP.
type client struct {
	testing.TB
	url string
}

// newClient starts a server over a store in memory. Requests that build tables
// come first.
func newClient(t testing.TB, create ...string) *client {
	t.Helper()
	store, err := bolt.Open("", bolt.Options{InMemory: true})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(dynamodbapi.New(dynamodbapi.Options{Store: store}))
	t.Cleanup(func() {
		server.Close()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	c := &client{t, server.URL}
	for _, request := range create {
		c.ok("CreateTable", request)
	}
	return c
}

// The tables of most tests.
const (
	hashTable = `{"TableName": "hash", "BillingMode": "PAY_PER_REQUEST",
		"AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}],
		"KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}]}`
	rangeTable = `{"TableName": "range", "BillingMode": "PAY_PER_REQUEST",
		"AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}, {"AttributeName": "b", "AttributeType": "N"},
			{"AttributeName": "c", "AttributeType": "S"}],
		"KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}, {"AttributeName": "b", "KeyType": "RANGE"}],
		"LocalSecondaryIndexes": [{"IndexName": "local", "Projection": {"ProjectionType": "ALL"},
			"KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}, {"AttributeName": "c", "KeyType": "RANGE"}]}],
		"GlobalSecondaryIndexes": [{"IndexName": "global", "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["d"]},
			"KeySchema": [{"AttributeName": "c", "KeyType": "HASH"}]}]}`
)

type response struct {
	status int
	header http.Header
	body   string
}

func (c *client) send(operation, body string, change ...func(*http.Request)) response {
	c.Helper()
	r, err := http.NewRequest(http.MethodPost, c.url, strings.NewReader(body))
	if err != nil {
		c.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	r.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
	for _, f := range change {
		f(r)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		c.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		c.Fatal(err)
	}
	if sum := resp.Header.Get("X-Amz-Crc32"); len(b) > 0 && sum != strconv.FormatUint(uint64(crc32.ChecksumIEEE(b)), 10) {
		c.Errorf("x-amz-crc32 is %q, not that of %s", sum, b)
	}
	return response{resp.StatusCode, resp.Header, string(b)}
}

// ok sends a request that must succeed.
func (c *client) ok(operation, body string) string {
	c.Helper()
	resp := c.send(operation, body)
	if resp.status != http.StatusOK {
		c.Fatalf("%s %s: %d %s", operation, body, resp.status, resp.body)
	}
	return resp.body
}

// expect sends a request and compares the answer with want, as JSON.
func (c *client) expect(operation, body, want string) {
	c.Helper()
	got := c.ok(operation, body)
	if diff := cmp.Diff(parse(c, want), parse(c, got)); diff != "" {
		c.Errorf("%s %s (-want +got):\n%s", operation, body, diff)
	}
}

func parse(t testing.TB, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

// wireError is an error as it comes.
type wireError struct {
	Type    string `json:"__type"`
	message string
	Item    json.RawMessage
	Reasons json.RawMessage `json:"CancellationReasons"`
}

func (c *client) fails(operation, body string) wireError {
	c.Helper()
	resp := c.send(operation, body)
	if resp.status != http.StatusBadRequest {
		c.Fatalf("%s %s: %d %s", operation, body, resp.status, resp.body)
	}
	return failureOf(c, resp)
}

func failureOf(t testing.TB, resp response) wireError {
	t.Helper()
	var e wireError
	if err := json.Unmarshal([]byte(resp.body), &e); err != nil {
		t.Fatalf("%v in %s", err, resp.body)
	}
	// encoding/json would not tell message from Message.
	members := parse(t, resp.body).(map[string]any)
	for _, name := range []string{"message", "Message"} {
		if m, ok := members[name].(string); ok {
			e.message = name + ": " + m
		}
	}
	return e
}

// invalid sends a request that must fail with a ValidationException.
func (c *client) invalid(operation, body, message string) {
	c.Helper()
	c.fault(operation, body, "com.amazon.coral.validate#ValidationException", "message: "+message)
}

// fault sends a request that must fail. The message includes the name of its
// member.
func (c *client) fault(operation, body, kind, message string) {
	c.Helper()
	e := c.fails(operation, body)
	if e.Type != kind || e.message != message {
		c.Errorf("%s %s:\n got %s %s\nwant %s %s", operation, body, e.Type, e.message, kind, message)
	}
}

// violates sends a request that must fail with all of the violations, in any
// order: DynamoDB's is that of its tables of parameters. A violation that ends
// at " at" is compared from there only.
func (c *client) violates(operation, body string, violations ...string) {
	c.Helper()
	e := c.fails(operation, body)
	message, ok := strings.CutPrefix(e.message, "message: "+strconv.Itoa(len(violations))+" validation error")
	if !ok {
		c.Errorf("%s %s:\n got %s\nwant %d violations", operation, body, e.message, len(violations))
		return
	}
	_, message, _ = strings.Cut(message, " detected: ")
	got := strings.Split(message, "; ")
	slices.Sort(got)
	want := slices.Sorted(slices.Values(violations))
	if diff := cmp.Diff(want, got); diff != "" {
		c.Errorf("%s %s (-want +got):\n%s", operation, body, diff)
	}
}

func decode(t testing.TB, text string, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
}
