package bolt_test

import (
	"encoding/binary"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/google/go-cmp/cmp"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/bolt"
)

func describe(t testing.TB, s *bolt.Store, table string) *storage.TableDescription {
	t.Helper()
	d, err := s.DescribeTable(ctx, table)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html#API_CreateTable_Errors
func TestCreateTableRefusesAnExistingName(t *testing.T) {
	s := newStore(t, posts())
	for _, def := range []storage.Table{posts(), {Name: "posts", Key: key(part("other", attribute.N))}} {
		if used, ok := errors.AsType[*storage.ResourceInUseError](s.CreateTable(ctx, def)); !ok || used.Message != "Table already exists: posts" {
			t.Errorf("got %v", used)
		}
	}
}

func TestListTablesInPages(t *testing.T) {
	s := newStore(t, storage.Table{Name: "aaa", Key: posts().Key}, storage.Table{Name: "bbb", Key: posts().Key}, storage.Table{Name: "ccc", Key: posts().Key})
	for _, tt := range []struct {
		after string
		limit int
		want  string
	}{
		{"", 0, "aaa bbb ccc"},
		{"", 2, "aaa bbb"},
		{"bbb", 2, "ccc"},
		{"abc", 1, "bbb"},
		{"ccc", 0, ""},
	} {
		names, err := s.ListTables(ctx, tt.after, tt.limit)
		if err != nil || strings.Join(names, " ") != tt.want {
			t.Errorf("after %q, %d: got %q, %v", tt.after, tt.limit, names, err)
		}
	}
}

// The sizes are those of the developer guide: names and values of attributes.
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
func TestDescribeTableCounts(t *testing.T) {
	s := newStore(t, posts(), comments())
	expect := func(table string, items, bytes int64, indexes map[string][2]int64) {
		t.Helper()
		d := describe(t, s, table)
		if d.Items != items || d.Bytes != bytes {
			t.Errorf("%s: %d items of %d bytes, want %d of %d", table, d.Items, d.Bytes, items, bytes)
		}
		for i, ix := range d.IndexStates {
			if ix.Name != d.Indexes[i].Name || ix.Status != storage.IndexActive {
				t.Errorf("got %+v", ix)
			}
			if got := [2]int64{ix.Items, ix.Bytes}; got != indexes[ix.Name] {
				t.Errorf("index %s: got %v, want %v", ix.Name, got, indexes[ix.Name])
			}
		}
	}
	expect("posts", 0, 0, nil)
	put(t, s, "posts", item("id", "1", "text", "hello")) // 2+1 + 4+5
	expect("posts", 1, 12, nil)
	put(t, s, "posts", item("id", "1", "text", "hello, you")) // replaced
	expect("posts", 1, 17, nil)
	put(t, s, "posts", item("id", "2"))
	expect("posts", 2, 20, nil)
	for range 2 { // once for nothing
		if _, err := s.DeleteItem(ctx, &storage.DeleteItemInput{Table: "posts", Key: item("id", "1")}); err != nil {
			t.Fatal(err)
		}
		expect("posts", 1, 3, nil)
	}

	// postId 6+1, at 2+2, author 6+3, score 5+2, text 4+5
	put(t, s, "comments", item("postId", "p", "at", 1, "author", "ann", "score", 5, "text", "hello"))
	expect("comments", 1, 36, map[string][2]int64{"byAuthor": {1, 36}, "byScore": {1, 18}})
	if _, err := s.UpdateItem(ctx, &storage.UpdateItemInput{Table: "comments", Key: item("postId", "p", "at", 1), Expr: storage.Expressions{
		Update: "REMOVE author SET tag = :t, expires = :e", Values: values(":t", "go", ":e", 10),
	}}); err != nil {
		t.Fatal(err)
	}
	// less author, tag 3+2, expires 7+2
	expect("comments", 1, 41, map[string][2]int64{"byScore": {1, 18}, "byTag": {1, 16}})
	if _, err := s.ExpireBefore(ctx, timeOf(10)); err != nil {
		t.Fatal(err)
	}
	expect("comments", 0, 0, nil)
	err := transactWrite(s, []storage.TransactWrite{
		{Put: &storage.PutItemInput{Table: "comments", Item: item("postId", "p", "at", 1)}},
		{Put: &storage.PutItemInput{Table: "posts", Item: item("id", "3")}},
		{Delete: &storage.DeleteItemInput{Table: "posts", Key: item("id", "2")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	expect("comments", 1, 11, nil)
	expect("posts", 1, 3, nil)
}

func TestTablesHaveIDs(t *testing.T) {
	s := newStore(t, posts())
	first := describe(t, s, "posts").ID
	if len(first) != 36 || first[14] != '4' {
		t.Errorf("id %q is no UUID", first)
	}
	if err := s.EnsureTable(ctx, storage.Table{Name: "posts", Key: posts().Key, TTLAttribute: "expires"}); err != nil {
		t.Fatal(err)
	}
	if got := describe(t, s, "posts").ID; got != first {
		t.Errorf("another id after a change: %s", got)
	}
	if err := s.DeleteTable(ctx, "posts"); err != nil {
		t.Fatal(err)
	}
	if err := s.CreateTable(ctx, posts()); err != nil {
		t.Fatal(err)
	}
	if got := describe(t, s, "posts").ID; got == first {
		t.Error("the new table has the id of the old one")
	}
}

func TestSettingsAreKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path, bolt.Options{})
	want := storage.TableSettings{
		BillingMode: "PROVISIONED", Throughput: storage.Throughput{Read: 5, Write: 6},
		IndexThroughput: map[string]storage.Throughput{"byTag": {Read: 1, Write: 2}},
		TableClass:      "STANDARD_INFREQUENT_ACCESS", DeletionProtection: true, Encrypted: true, EncryptionKey: "alias/key",
		Stream: "NEW_IMAGE", Tags: map[string]string{"stage": "dev"},
	}
	def := comments()
	def.Settings = want
	if err := s.CreateTable(ctx, def); err != nil {
		t.Fatal(err)
	}
	// A definition without settings leaves them.
	if err := s.EnsureTable(ctx, comments()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, path, bolt.Options{})
	if diff := cmp.Diff(want, describe(t, s, "comments").Settings); diff != "" {
		t.Error(diff)
	}

	// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithTables.Basics.html#WorkingWithTables.Basics.DeletionProtection
	expectRefusal(t, s.DeleteTable(ctx, "comments"), "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.")
	stop := errors.New("too many tags")
	err := s.UpdateTable(ctx, "comments", storage.TableUpdate{Settings: func(s *storage.TableSettings) error {
		s.Tags["more"] = "x"
		s.DeletionProtection = false
		return stop
	}})
	if !errors.Is(err, stop) {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff(want, describe(t, s, "comments").Settings); diff != "" {
		t.Errorf("a refused update changed: %s", diff)
	}
	err = s.UpdateTable(ctx, "comments", storage.TableUpdate{Settings: func(s *storage.TableSettings) error {
		s.Tags["more"] = "x"
		s.DeletionProtection = false
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	if got := describe(t, s, "comments").Settings; got.Tags["more"] != "x" || got.Tags["stage"] != "dev" || got.DeletionProtection {
		t.Errorf("got %+v", got)
	}
	if err := s.DeleteTable(ctx, "comments"); err != nil {
		t.Error(err)
	}
}

func TestSettingsOfATableWithoutAny(t *testing.T) {
	s := newStore(t, posts())
	tag := func(edit func(tags map[string]string)) {
		t.Helper()
		err := s.UpdateTable(ctx, "posts", storage.TableUpdate{Settings: func(s *storage.TableSettings) error { edit(s.Tags); return nil }})
		if err != nil {
			t.Fatal(err)
		}
	}
	tag(func(tags map[string]string) { tags["a"] = "1" })
	if got := describe(t, s, "posts").Settings.Tags["a"]; got != "1" {
		t.Errorf("got %q", got)
	}
	tag(func(tags map[string]string) { delete(tags, "a") })
	if diff := cmp.Diff(storage.TableSettings{}, describe(t, s, "posts").Settings); diff != "" {
		t.Error(diff)
	}
}

func TestUpdateTableRefuses(t *testing.T) {
	s := newStore(t, posts(), comments())
	byText := storage.Index{Name: "byText", Key: key(part("text", attribute.S))}
	enable := func(name string) storage.TableUpdate {
		return storage.TableUpdate{TTL: &storage.TTLUpdate{Attribute: name, Enabled: true}}
	}
	disable := func(name string) storage.TableUpdate {
		return storage.TableUpdate{TTL: &storage.TTLUpdate{Attribute: name}}
	}
	for _, tt := range []struct {
		name, table string
		update      storage.TableUpdate
		want        error
	}{
		{"a missing table", "nope", enable("ttl"), &storage.ResourceNotFoundError{Message: "Requested resource not found: Table: nope not found"}},
		// Recorded in the tests of architect/dynalite.
		{"two indexes", "comments", storage.TableUpdate{CreateIndexes: []storage.Index{byText}, DeleteIndexes: []string{"byTag"}}, &storage.LimitExceededError{Message: "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table"}},
		{"a missing index", "comments", storage.TableUpdate{DeleteIndexes: []string{"byText"}}, &storage.ResourceNotFoundError{Message: "Requested resource not found"}},
		{"a local index", "comments", storage.TableUpdate{DeleteIndexes: []string{"byScore"}}, &storage.ResourceNotFoundError{Message: "Requested resource not found"}},
		{"an existing index", "comments", storage.TableUpdate{CreateIndexes: []storage.Index{{Name: "byTag", Key: key(part("tag", attribute.S))}}}, &storage.ValidationError{Message: "One or more parameter values were invalid: Attempting to create an index which already exists: byTag"}},
		{"another type of a key", "comments", storage.TableUpdate{CreateIndexes: []storage.Index{{Name: "byAt", Key: key(part("at", attribute.S))}}}, &storage.ValidationError{Message: "Invalid KeySchema: the key attribute at is defined as N and as S"}},
		// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html
		{"TTL enabled again", "comments", enable("expires"), &storage.ValidationError{Message: "TimeToLive is already enabled"}},
		{"TTL by another attribute", "comments", enable("other"), &storage.ValidationError{Message: "TimeToLive is active on a different AttributeName: current AttributeName is expires"}},
		{"TTL disabled by another attribute", "comments", disable("other"), &storage.ValidationError{Message: "TimeToLive is active on a different AttributeName: current AttributeName is expires"}},
		{"TTL disabled where there is none", "posts", disable("expires"), &storage.ValidationError{Message: "TimeToLive is already disabled"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := s.UpdateTable(ctx, tt.table, tt.update)
			if diff := cmp.Diff(tt.want, err); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestUpdateTableChangesExpiry(t *testing.T) {
	s := newStore(t, posts())
	put(t, s, "posts", item("id", "1", "due", 10), item("id", "2", "due", 20), item("id", "3"))
	if err := s.UpdateTable(ctx, "posts", storage.TableUpdate{TTL: &storage.TTLUpdate{Attribute: "due", Enabled: true}}); err != nil {
		t.Fatal(err)
	}
	// The same definition: it only waits for what is being built.
	def := posts()
	def.TTLAttribute = "due"
	if err := s.EnsureTable(ctx, def); err != nil {
		t.Fatal(err)
	}
	if n, err := s.ExpireBefore(ctx, timeOf(10)); n != 1 || err != nil {
		t.Errorf("%d expired, %v", n, err)
	}
	if err := s.UpdateTable(ctx, "posts", storage.TableUpdate{TTL: &storage.TTLUpdate{Attribute: "due"}}); err != nil {
		t.Fatal(err)
	}
	if n, err := s.ExpireBefore(ctx, timeOf(1000)); n != 0 || err != nil {
		t.Errorf("%d expired, %v", n, err)
	}
}

// The first format had no counts, ids and settings.
func TestOpenUpgradesTheFirstFormat(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path, bolt.Options{})
	if err := s.CreateTable(ctx, comments()); err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		put(t, s, "comments", item("postId", "p", "at", i, "author", "a", "score", i, "expires", i))
	}
	want := describe(t, s, "comments")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		meta := tx.Bucket([]byte("meta"))
		d := string(meta.Get([]byte("table/comments")))
		from := strings.Index(d, `"id":"`)
		d = d[:from-1] + d[from+len(`"id":"`)+37:]
		return errors.Join(
			tx.Bucket([]byte("table/comments")).Delete([]byte("counts")),
			meta.Put([]byte("table/comments"), []byte(d)),
			meta.Put([]byte("format"), binary.BigEndian.AppendUint32(nil, 1)),
		)
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	s = open(t, path, bolt.Options{})
	got := describe(t, s, "comments")
	if len(got.ID) != 36 {
		t.Errorf("id %q", got.ID)
	}
	got.ID = want.ID
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !slices.ContainsFunc(got.IndexStates, func(ix storage.IndexState) bool { return ix.Name == "byScore" && ix.Items == 10 }) {
		t.Errorf("got %+v", got.IndexStates)
	}
}
