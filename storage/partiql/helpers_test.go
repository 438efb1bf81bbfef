package partiql_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/bolt"
	"appsync-emulator/storage/partiql"
)

var ctx = context.Background()

// key is a schema of one or two attributes, each written name:kind.
func key(parts ...string) storage.KeySchema {
	part := func(text string) storage.KeyAttribute {
		name, kind, _ := strings.Cut(text, ":")
		return storage.KeyAttribute{Name: name, Kind: map[string]attribute.Kind{"S": attribute.S, "N": attribute.N}[kind]}
	}
	k := storage.KeySchema{Partition: part(parts[0])}
	if len(parts) > 1 {
		sort := part(parts[1])
		k.Sort = &sort
	}
	return k
}

// newStore has the tables of the developer guide and those of the recordings.
func newStore(t testing.TB) storage.Store {
	t.Helper()
	s, err := bolt.Open(filepath.Join(t.TempDir(), "store.db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Check(ctx); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, def := range []storage.Table{
		{Name: "Orders", Key: key("OrderID:N")},
		{Name: "Music", Key: key("Artist:S", "SongTitle:S")},
		{Name: "WatchList", Key: key("CustomerID:S", "MovieID:S")},
		{Name: "TypesTable", Key: key("primarykey:S")},
		{Name: "edge-cases", Key: key("pk:S", "sk:S"), Indexes: []storage.Index{
			{Name: "gsi-all", Key: key("gsiPk:S"), Projection: storage.ProjectAll},
			{Name: "gsi-inc", Key: key("gsiPk:S"), Projection: storage.ProjectInclude, Include: []string{"projattr"}},
			{Name: "lsi-keys", Key: key("pk:S", "lsiSk:S"), Local: true, Projection: storage.ProjectKeysOnly},
		}},
	} {
		if err := s.CreateTable(ctx, def); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func parse(t testing.TB, text string) *attribute.Item {
	t.Helper()
	item, err := attribute.ParseItemJSON([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return item
}

func put(t testing.TB, s storage.Store, table string, items ...string) {
	t.Helper()
	for _, text := range items {
		if _, err := s.PutItem(ctx, &storage.PutItemInput{Table: table, Item: parse(t, text)}); err != nil {
			t.Fatal(err)
		}
	}
}

func params(t testing.TB, texts ...string) []attribute.Value {
	t.Helper()
	var values []attribute.Value
	for _, text := range texts {
		v, err := attribute.ParseValueJSON([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, v)
	}
	return values
}

func execute(t testing.TB, s storage.Store, statement string, parameters ...string) ([]string, error) {
	t.Helper()
	out, err := partiql.Execute(ctx, s, partiql.Input{Statement: statement, Parameters: params(t, parameters...)})
	if err != nil {
		return nil, err
	}
	return texts(out.Items), nil
}

// must executes a statement that succeeds.
func must(t testing.TB, s storage.Store, statement string, parameters ...string) []string {
	t.Helper()
	items, err := execute(t, s, statement, parameters...)
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	return items
}

func texts(items []*attribute.Item) []string {
	out := []string{}
	for _, item := range items {
		text := "null"
		if item != nil {
			text = string(attribute.AppendItemJSON(nil, item))
		}
		out = append(out, text)
	}
	return out
}

func expect(t testing.TB, what string, got any, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// expectAnyOrder compares lists whose order is not promised.
func expectAnyOrder(t testing.TB, what string, got, want []string) {
	t.Helper()
	slices.Sort(got)
	slices.Sort(want)
	expect(t, what, got, want)
}

// refused expects a *storage.ValidationError with the message.
func refused(t testing.TB, what string, err error, message string) {
	t.Helper()
	if refusal, ok := errors.AsType[*storage.ValidationError](err); !ok || refusal.Message != message {
		t.Errorf("%s:\n got %T %v\nwant %s", what, err, err, message)
	}
}

func get(t testing.TB, s storage.Store, table, k string) string {
	t.Helper()
	out, err := s.GetItem(ctx, &storage.GetItemInput{Table: table, Key: parse(t, k)})
	if err != nil {
		t.Fatal(err)
	}
	return texts([]*attribute.Item{out.Item})[0]
}
