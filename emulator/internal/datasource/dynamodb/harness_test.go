package dynamodb_test

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"

	"appsync-emulator/emulator/internal/datasource"
	"appsync-emulator/emulator/internal/datasource/dynamodb"
	"appsync-emulator/mappingtemplate/value"
	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/bolt"
)

var ctx = context.Background()

// posts has a key of one attribute; events has a sort key and an index of each
// kind.
var tables = []storage.Table{
	{Name: "posts", Key: storage.KeySchema{Partition: storage.KeyAttribute{Name: "id", Kind: attribute.S}}},
	{
		Name: "events",
		Key:  sorted("room", "at"),
		Indexes: []storage.Index{
			{Name: "byAuthor", Key: sorted("author", "at"), Projection: storage.ProjectKeysOnly},
			{Name: "byScore", Key: sorted("room", "score"), Local: true, Projection: storage.ProjectAll},
		},
	},
}

func sorted(partition, sort string) storage.KeySchema {
	return storage.KeySchema{
		Partition: storage.KeyAttribute{Name: partition, Kind: attribute.S},
		Sort:      &storage.KeyAttribute{Name: sort, Kind: attribute.N},
	}
}

// keyed is a table whose key is made of strings.
func keyed(name, partition string, sort ...string) storage.Table {
	t := storage.Table{Name: name, Key: storage.KeySchema{Partition: storage.KeyAttribute{Name: partition, Kind: attribute.S}}}
	for _, name := range sort {
		t.Key.Sort = &storage.KeyAttribute{Name: name, Kind: attribute.S}
	}
	return t
}

func newStore(t testing.TB) *bolt.Store {
	t.Helper()
	return newStoreOf(t, tables...)
}

// newStoreOf returns a store with the given tables.
func newStoreOf(t testing.TB, tables ...storage.Table) *bolt.Store {
	t.Helper()
	s, err := bolt.Open("", bolt.Options{InMemory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Check(ctx); err != nil && !errors.Is(err, storage.ErrClosed) {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, table := range tables {
		if err := s.CreateTable(ctx, table); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// fill writes items given as a list in DynamoDB JSON.
func fill(t testing.TB, s storage.Store, table string, items ...string) {
	t.Helper()
	for _, text := range items {
		item, err := attribute.ParseItemJSON([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.PutItem(ctx, &storage.PutItemInput{Table: table, Item: item}); err != nil {
			t.Fatal(err)
		}
	}
}

func newTokens(t testing.TB, secret string) *dynamodb.Tokens {
	t.Helper()
	tokens, err := dynamodb.NewTokens([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

func newSource(t testing.TB, s storage.Store, table string) *dynamodb.Source {
	return dynamodb.New(s, table, newTokens(t, "secret"))
}

func parse(t testing.TB, text string) *value.Map {
	t.Helper()
	v, err := value.ParseJSON(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v.(*value.Map)
}

// invoke sends a document of version 2018-05-29, given without its version.
func invoke(t testing.TB, s *dynamodb.Source, text string) (any, error) {
	t.Helper()
	doc := parse(t, text)
	doc.Set("version", "2018-05-29")
	return s.Invoke(ctx, &datasource.Invocation{Document: doc, Scope: "Query.get"})
}

// sortKeys is JSON with the keys of objects in order: attributes have none.
func sortKeys(t testing.TB, text string) string {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// answer is the result of a document as JSON.
func answer(t testing.TB, s *dynamodb.Source, text string) string {
	t.Helper()
	v, err := invoke(t, s, text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return sortKeys(t, value.JSON(v))
}

// refusal is the error of a document as "type: message => result".
func refusal(t testing.TB, s *dynamodb.Source, text string) string {
	t.Helper()
	v, err := invoke(t, s, text)
	if err == nil {
		t.Fatalf("%s: no error but %s", text, value.JSON(v))
	}
	out := err.Error()
	var refused *datasource.Error
	if errors.As(err, &refused) {
		out = requestID.ReplaceAllString(out, suffix) + " => " + sortKeys(t, value.JSON(refused.Result))
	}
	return out
}

// The end of a message as recorded in aws/aws-appsync-community#343, the request
// id as in aws-amplify/amplify-cli#5589.
var requestID = regexp.MustCompile(` \(Service: DynamoDb, Status Code: 400, Request ID: [0-9A-Z]{52}\)$`)

const suffix = " [400]"
