package bolt_test

import (
	"context"
	"errors"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/bolt"
)

var ctx = context.Background()

// open opens the store at path. Every test ends in a check of the whole file.
func open(t testing.TB, path string, opt bolt.Options) *bolt.Store {
	t.Helper()
	s, err := bolt.Open(path, opt)
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
	return s
}

func newStore(t testing.TB, tables ...storage.Table) *bolt.Store {
	t.Helper()
	s := open(t, filepath.Join(t.TempDir(), "store.db"), bolt.Options{})
	for _, def := range tables {
		if err := s.CreateTable(ctx, def); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func part(name string, kind attribute.Kind) storage.KeyAttribute {
	return storage.KeyAttribute{Name: name, Kind: kind}
}

// key is a schema of one or two attributes.
func key(parts ...storage.KeyAttribute) storage.KeySchema {
	k := storage.KeySchema{Partition: parts[0]}
	if len(parts) > 1 {
		k.Sort = &parts[1]
	}
	return k
}

// posts has a partition key alone.
func posts() storage.Table {
	return storage.Table{Name: "posts", Key: key(part("id", attribute.S))}
}

// comments has a composite key, an index of each kind and a TTL attribute.
func comments() storage.Table {
	return storage.Table{
		Name: "comments",
		Key:  key(part("postId", attribute.S), part("at", attribute.N)),
		Indexes: []storage.Index{
			{Name: "byAuthor", Key: key(part("author", attribute.S), part("score", attribute.N)), Projection: storage.ProjectAll},
			{Name: "byTag", Key: key(part("tag", attribute.S)), Projection: storage.ProjectKeysOnly},
			{Name: "byMood", Key: key(part("mood", attribute.S), part("at", attribute.N)), Projection: storage.ProjectInclude, Include: []string{"text"}},
			{Name: "byScore", Key: key(part("postId", attribute.S), part("score", attribute.N)), Local: true, Projection: storage.ProjectKeysOnly},
		},
		TTLAttribute: "expires",
	}
}

// value builds an attribute value: strings are S, ints N, []byte B, nil NULL.
func value(v any) attribute.Value {
	switch v := v.(type) {
	case attribute.Value:
		return v
	case string:
		return attribute.String(v)
	case int:
		return attribute.Number(strconv.Itoa(v))
	case bool:
		return attribute.Bool(v)
	case []byte:
		return attribute.Binary(v)
	case []any:
		elems := make([]attribute.Value, len(v))
		for i, e := range v {
			elems[i] = value(e)
		}
		return attribute.ListOf(elems)
	case *attribute.Item:
		return attribute.MapOf(v)
	case nil:
		return attribute.Null()
	default:
		panic("no attribute value")
	}
}

// item builds an item from names and values in turn.
func item(pairs ...any) *attribute.Item {
	it := &attribute.Item{}
	for i := 0; i < len(pairs); i += 2 {
		it.Set(pairs[i].(string), value(pairs[i+1]))
	}
	return it
}

// values builds expression values from names and values in turn.
func values(pairs ...any) map[string]attribute.Value {
	m := map[string]attribute.Value{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i].(string)] = value(pairs[i+1])
	}
	return m
}

func put(t testing.TB, s *bolt.Store, table string, items ...*attribute.Item) {
	t.Helper()
	for _, it := range items {
		if _, err := s.PutItem(ctx, &storage.PutItemInput{Table: table, Item: it}); err != nil {
			t.Fatal(err)
		}
	}
}

func get(t testing.TB, s *bolt.Store, table string, key *attribute.Item) *attribute.Item {
	t.Helper()
	out, err := s.GetItem(ctx, &storage.GetItemInput{Table: table, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	return out.Item
}

// text is an item as DynamoDB JSON, "null" when there is none.
func text(it *attribute.Item) string {
	if it == nil {
		return "null"
	}
	return string(attribute.AppendItemJSON(nil, it))
}

func texts(items []*attribute.Item) []string {
	out := make([]string, len(items))
	for i, it := range items {
		out[i] = text(it)
	}
	return out
}

func expectItem(t testing.TB, got, want *attribute.Item) {
	t.Helper()
	if diff := cmp.Diff(text(want), text(got)); diff != "" {
		t.Errorf("item (-want +got):\n%s", diff)
	}
}

func expectItems(t testing.TB, got []*attribute.Item, want ...*attribute.Item) {
	t.Helper()
	if diff := cmp.Diff(texts(want), texts(got)); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
}

// expectRefusal expects a *storage.ValidationError with the message.
func expectRefusal(t testing.TB, err error, message string) {
	t.Helper()
	refusal, ok := errors.AsType[*storage.ValidationError](err)
	if !ok {
		t.Errorf("got %T %v, want the ValidationException %q", err, err, message)
	} else if diff := cmp.Diff(message, refusal.Message); diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
}

// column collects one attribute of each item as text.
func column(items []*attribute.Item, name string) []string {
	out := []string{}
	for _, it := range items {
		out = append(out, it.Get(name).Text())
	}
	return out
}

func batchWrite(s *bolt.Store, writes []storage.BatchWrite) error {
	out, err := s.BatchWrite(ctx, &storage.BatchWriteInput{Writes: writes})
	if err == nil && len(out.Unprocessed) > 0 {
		return errors.New("unprocessed writes")
	}
	return err
}

// batchGet reads keys of several tables and returns the items in their order.
func batchGet(s *bolt.Store, keys []storage.Key) ([]*attribute.Item, error) {
	in := &storage.BatchGetInput{}
	tables := map[string]int{}
	at := make([][2]int, len(keys))
	for i, k := range keys {
		t, ok := tables[k.Table]
		if !ok {
			t = len(in.Tables)
			tables[k.Table] = t
			in.Tables = append(in.Tables, storage.BatchGetTable{Table: k.Table})
		}
		at[i] = [2]int{t, len(in.Tables[t].Keys)}
		in.Tables[t].Keys = append(in.Tables[t].Keys, k.Key)
	}
	out, err := s.BatchGet(ctx, in)
	if err != nil {
		return nil, err
	}
	items := make([]*attribute.Item, len(keys))
	for i, p := range at {
		items[i] = out.Items[p[0]][p[1]]
	}
	return items, nil
}

func transactWrite(s *bolt.Store, writes []storage.TransactWrite) error {
	_, err := s.TransactWrite(ctx, &storage.TransactWriteInput{Actions: writes})
	return err
}

func transactGet(s *bolt.Store, gets []storage.TransactGet) ([]*attribute.Item, error) {
	out, err := s.TransactGet(ctx, &storage.TransactGetInput{Gets: gets})
	if err != nil {
		return nil, err
	}
	return out.Items, nil
}
