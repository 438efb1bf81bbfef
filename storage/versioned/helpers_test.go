package versioned_test

import (
	"context"
	"errors"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/bolt"
	"appsync-emulator/storage/versioned"
)

var ctx = context.Background()

// epoch is 2023-11-14 22:13:20.123 UTC.
const epoch = int64(1700000000123)

// clock is a clock that a test sets.
type clock struct{ ms atomic.Int64 }

func (c *clock) Now() time.Time          { return time.UnixMilli(c.ms.Load()) }
func (c *clock) set(ms int64)            { c.ms.Store(ms) }
func (c *clock) advance(d time.Duration) { c.ms.Add(d.Milliseconds()) }

// harness is a versioned table over a real store.
type harness struct {
	*versioned.Table
	t     testing.TB
	store *bolt.Store
	clock *clock
	times *versioned.Timestamps
	cfg   versioned.Config
}

func attr(name string, kind attribute.Kind) storage.KeyAttribute {
	return storage.KeyAttribute{Name: name, Kind: kind}
}

func schema(parts ...storage.KeyAttribute) storage.KeySchema {
	k := storage.KeySchema{Partition: parts[0]}
	if len(parts) > 1 {
		k.Sort = &parts[1]
	}
	return k
}

func deltaTable() storage.Table {
	return storage.Table{
		Name: "Delta", Key: schema(attr("ds_pk", attribute.S), attr("ds_sk", attribute.S)), TTLAttribute: "_ttl",
		Indexes: []storage.Index{{
			Name: "byDay", Key: schema(attr("gsi_ds_pk", attribute.S), attr("gsi_ds_sk", attribute.S)), Projection: storage.ProjectAll,
		}},
	}
}

func openStore(t testing.TB, tables ...storage.Table) *bolt.Store {
	t.Helper()
	store, err := bolt.Open(filepath.Join(t.TempDir(), "store.db"), bolt.Options{InMemory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Check(ctx); err != nil {
			t.Error(err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, def := range tables {
		if err := store.CreateTable(ctx, def); err != nil {
			t.Fatal(err)
		}
	}
	return store
}

// over returns a harness with the configuration over a store that wrap may
// change.
func over(t testing.TB, store *bolt.Store, wrap func(storage.Store) storage.Store, cfg versioned.Config) *harness {
	h := &harness{t: t, store: store, clock: &clock{}, cfg: cfg}
	h.clock.set(epoch)
	h.times = versioned.NewTimestamps(h.clock)
	var s storage.Store = store
	if wrap != nil {
		s = wrap(s)
	}
	h.Table = versioned.New(s, h.times, cfg)
	return h
}

func config() versioned.Config {
	return versioned.Config{Table: "Notes", DeltaTable: "Delta", BaseTTL: 30 * 24 * time.Hour, DeltaTTL: time.Hour}
}

// notes is a table with the key id, its tombstones kept for 30 days and its
// changes for an hour.
func notes(t testing.TB, change ...func(*versioned.Config)) *harness {
	t.Helper()
	cfg := config()
	for _, c := range change {
		c(&cfg)
	}
	return over(t, openStore(t, notesTable(), deltaTable()), nil, cfg)
}

func notesTable() storage.Table {
	return storage.Table{
		Name: "Notes", Key: schema(attr("id", attribute.S)), TTLAttribute: "_ttl",
		Indexes: []storage.Index{
			{Name: "byOwner", Key: schema(attr("owner", attribute.S), attr("id", attribute.S)), Projection: storage.ProjectAll},
		},
	}
}

// comments is a table with the key post and at.
func comments(t testing.TB) *harness {
	t.Helper()
	cfg := config()
	cfg.Table = "Comments"
	return over(t, openStore(t, storage.Table{
		Name: "Comments", Key: schema(attr("post", attribute.S), attr("at", attribute.N)), TTLAttribute: "_ttl",
	}, deltaTable()), nil, cfg)
}

// value builds an attribute value: strings are S, numbers N, []byte B, nil NULL,
// []any L, []string SS, []int NS.
func value(v any) attribute.Value {
	switch v := v.(type) {
	case attribute.Value:
		return v
	case string:
		return attribute.String(v)
	case int:
		return attribute.Number(strconv.Itoa(v))
	case int64:
		return attribute.Number(strconv.FormatInt(v, 10))
	case bool:
		return attribute.Bool(v)
	case []byte:
		return attribute.Binary(v)
	case []string:
		elems := []attribute.Value{}
		for _, e := range v {
			elems = append(elems, value(e))
		}
		return attribute.SetOf(attribute.SS, elems)
	case []int:
		elems := []attribute.Value{}
		for _, e := range v {
			elems = append(elems, value(e))
		}
		return attribute.SetOf(attribute.NS, elems)
	case []any:
		elems := []attribute.Value{}
		for _, e := range v {
			elems = append(elems, value(e))
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

// with is a copy of an item with more attributes, without those that are
// attribute.Value{}.
func with(it *attribute.Item, pairs ...any) *attribute.Item {
	it = it.Clone()
	for i := 0; i < len(pairs); i += 2 {
		if v := value(pairs[i+1]); v.IsValid() {
			it.Set(pairs[i].(string), v)
		} else {
			it.Delete(pairs[i].(string))
		}
	}
	return it
}

var absent = attribute.Value{}

func values(pairs ...any) map[string]attribute.Value {
	m := map[string]attribute.Value{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i].(string)] = value(pairs[i+1])
	}
	return m
}

func id(n string) *attribute.Item { return item("id", n) }

func text(it *attribute.Item) string {
	if it == nil {
		return "null"
	}
	return string(attribute.AppendItemJSON(nil, it))
}

func texts(items []*attribute.Item) []string {
	out := []string{}
	for _, it := range items {
		out = append(out, text(it))
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

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatalf("%T %v", err, err)
		}
		return v
	}
}

// put, update and delete write without a version.
func (h *harness) put(attributes *attribute.Item, key *attribute.Item) *attribute.Item {
	h.t.Helper()
	return must(h.Put(ctx, &versioned.Write{Key: key, Attributes: attributes}))(h.t)
}

func set(name string, v any) storage.Expressions {
	return storage.Expressions{Update: "SET #n = :v", Names: map[string]string{"#n": name}, Values: values(":v", v)}
}

func (h *harness) set(key *attribute.Item, name string, v any) *attribute.Item {
	h.t.Helper()
	return must(h.Update(ctx, &versioned.Write{Key: key, Expr: set(name, v)}))(h.t)
}

func (h *harness) delete(key *attribute.Item) *attribute.Item {
	h.t.Helper()
	return must(h.Delete(ctx, &versioned.Write{Key: key}))(h.t)
}

// store reads and writes behind the back of the table.
func (h *harness) stored(key *attribute.Item) *attribute.Item {
	h.t.Helper()
	return must(h.store.GetItem(ctx, &storage.GetItemInput{Table: h.cfg.Table, Key: key}))(h.t).Item
}

func (h *harness) imports(items ...*attribute.Item) {
	h.t.Helper()
	for _, it := range items {
		must(h.store.PutItem(ctx, &storage.PutItemInput{Table: h.cfg.Table, Item: it}))(h.t)
	}
}

// records are all rows of a day of the delta table, in order.
func (h *harness) records(partition string) []*attribute.Item {
	h.t.Helper()
	return must(h.store.Query(ctx, &storage.QueryInput{Table: "Delta", Expr: storage.Expressions{
		KeyCondition: "ds_pk = :day", Values: values(":day", partition),
	}}))(h.t).Items
}

func (h *harness) countRecords() int {
	h.t.Helper()
	return must(h.store.Scan(ctx, &storage.ScanInput{Table: "Delta"}))(h.t).Count
}

func version(v any) attribute.Value { return value(v) }
