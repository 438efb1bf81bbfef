package bolt_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/bolt"
)

func TestTables(t *testing.T) {
	s := newStore(t, posts(), comments())
	names, err := s.ListTables(ctx, "", 0)
	if err != nil || !slices.Equal(names, []string{"comments", "posts"}) {
		t.Errorf("got %q, %v", names, err)
	}
	def, err := s.DescribeTable(ctx, "comments")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(comments(), def.Table); diff != "" {
		t.Error(diff)
	}
	put(t, s, "posts", item("id", "1"))
	if err := s.DeleteTable(ctx, "posts"); err != nil {
		t.Fatal(err)
	}
	_, describeErr := s.DescribeTable(ctx, "posts")
	for _, err := range []error{describeErr, s.DeleteTable(ctx, "posts")} {
		if missing, ok := errors.AsType[*storage.ResourceNotFoundError](err); !ok || missing.Message != "Requested resource not found: Table: posts not found" {
			t.Errorf("got %v", err)
		}
	}
	// A table of the same name begins empty.
	if err := s.CreateTable(ctx, posts()); err != nil {
		t.Fatal(err)
	}
	expectItem(t, get(t, s, "posts", item("id", "1")), nil)
}

func TestEnsureTableOnAnExistingOne(t *testing.T) {
	plain := comments()
	plain.Indexes, plain.TTLAttribute = nil, ""
	s := newStore(t, plain)
	for i := range 100 {
		it := item("postId", fmt.Sprint("p", i%3), "at", i, "author", fmt.Sprint("a", i%2), "score", i, "mood", "fine", "text", "x", "expires", i, "due", i*1000)
		if i%10 == 0 {
			it.Set("author", value(5)) // no key of the index
		}
		put(t, s, "comments", it)
	}
	check := func() {
		t.Helper()
		if err := s.Check(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.EnsureTable(ctx, comments()); err != nil {
		t.Fatal(err)
	}
	check()
	out := query(t, s, storage.QueryInput{Table: "comments", Index: "byAuthor", Expr: storage.Expressions{KeyCondition: "author = :a", Values: values(":a", "a0")}})
	if out.Count != 40 {
		t.Errorf("%d items in the new index", out.Count)
	}
	// Items that do not fit an index that came later can still be updated.
	if _, err := s.UpdateItem(ctx, &storage.UpdateItemInput{Table: "comments", Key: item("postId", "p0", "at", 0), Expr: storage.Expressions{Update: "SET score = :s", Values: values(":s", 7)}}); err != nil {
		t.Error(err)
	}

	// Another TTL attribute, an index with another projection, one less.
	changed := comments()
	changed.TTLAttribute = "due"
	changed.Indexes = slices.Delete(changed.Indexes, 1, 2)
	changed.Indexes[1].Include = []string{"text", "score"}
	if err := s.EnsureTable(ctx, changed); err != nil {
		t.Fatal(err)
	}
	check()
	def, err := s.DescribeTable(ctx, "comments")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(changed, def.Table); diff != "" {
		t.Error(diff)
	}
	moods := scan(t, s, storage.ScanInput{Table: "comments", Index: "byMood", Limit: 1})
	if !moods.Items[0].Has("score") {
		t.Errorf("got %s", text(moods.Items[0]))
	}
	_, err = s.Scan(ctx, &storage.ScanInput{Table: "comments", Index: "byTag"})
	expectRefusal(t, err, "The table does not have the specified index: byTag")
	if n, err := s.ExpireBefore(ctx, time.Unix(9000, 0)); n != 10 || err != nil {
		t.Errorf("%d expired, %v", n, err)
	}

	// No TTL attribute any more.
	changed.TTLAttribute = ""
	if err := s.EnsureTable(ctx, changed); err != nil {
		t.Fatal(err)
	}
	check()
	if n, err := s.ExpireBefore(ctx, time.Unix(1e9, 0)); n != 0 || err != nil {
		t.Errorf("%d expired, %v", n, err)
	}

	// Another key is refused.
	other := changed
	other.Key = key(part("postId", attribute.S))
	other.Indexes = nil
	if used, ok := errors.AsType[*storage.ResourceInUseError](s.EnsureTable(ctx, other)); !ok || used.Message != "Table already exists: comments" {
		t.Errorf("got %v", used)
	}
}

// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
func TestCreateTableRefuses(t *testing.T) {
	s := newStore(t)
	const name = "Invalid table/index name.  Table/index names must be between 3 and 255 characters long, and may contain only the characters a-z, A-Z, 0-9, '_', '-', and '.'"
	for _, tt := range []struct {
		name   string
		change func(*storage.Table)
		want   string
	}{
		{"a short name", func(d *storage.Table) { d.Name = "ab" }, name},
		{"a long name", func(d *storage.Table) { d.Name = strings.Repeat("x", 256) }, name},
		{"a name with a blank", func(d *storage.Table) { d.Name = "a table" }, name},
		{"a bad index name", func(d *storage.Table) { d.Indexes[0].Name = "" }, name},
		{"a name twice", func(d *storage.Table) { d.Indexes[0].Name = "byTag" }, "One or more parameter values were invalid: Duplicate index name: byTag"},
		{"a key of another kind", func(d *storage.Table) { d.Key.Partition.Kind = attribute.BOOL }, "Invalid KeySchema: the key attribute postId must be of type S, N or B"},
		{"a key without name", func(d *storage.Table) { d.Key.Partition.Name = "" }, "Invalid KeySchema: the name of a key attribute must have between 1 and 255 characters"},
		{"one attribute as both keys", func(d *storage.Table) { d.Key.Sort.Name = "postId" }, "Both the Hash Key and the Range Key element in the KeySchema have the same name"},
		{"an attribute of two kinds", func(d *storage.Table) { d.Indexes[1].Key.Partition.Name = "at" }, "Invalid KeySchema: the key attribute at is defined as N and as S"},
		{"an unknown projection", func(d *storage.Table) { d.Indexes[0].Projection = "SOME" }, "One or more parameter values were invalid: Unknown ProjectionType: SOME"},
		{"INCLUDE of nothing", func(d *storage.Table) { d.Indexes[2].Include = nil }, "One or more parameter values were invalid: ProjectionType is INCLUDE, but NonKeyAttributes is not specified"},
		{"ALL with attributes", func(d *storage.Table) { d.Indexes[0].Include = []string{"x"} }, "One or more parameter values were invalid: ProjectionType is ALL, but NonKeyAttributes is specified"},
		{"a local index of another partition", func(d *storage.Table) { d.Indexes[3].Key.Partition.Name = "author" }, "One or more parameter values were invalid: Index KeySchema does not have the same leading hash key as table KeySchema for index: byScore. index hash key: author, table hash key: postId"},
		{"a local index without sort key", func(d *storage.Table) { d.Indexes[3].Key.Sort = nil }, "One or more parameter values were invalid: Index KeySchema does not have a range key for index: byScore"},
		{"a local index of a simple table", func(d *storage.Table) { d.Key.Sort = nil }, "One or more parameter values were invalid: Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex"},
		{"too many local indexes", func(d *storage.Table) {
			for i := range 5 {
				ix := d.Indexes[3]
				ix.Name = fmt.Sprint("local", i)
				d.Indexes = append(d.Indexes, ix)
			}
		}, "One or more parameter values were invalid: Number of LocalSecondaryIndexes exceeds per-table limit of 5"},
		{"too many global indexes", func(d *storage.Table) {
			for i := range 20 {
				ix := d.Indexes[0]
				ix.Name = fmt.Sprint("global", i)
				d.Indexes = append(d.Indexes, ix)
			}
		}, "One or more parameter values were invalid: GlobalSecondaryIndex count exceeds the per-table limit of 20"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			def := comments()
			tt.change(&def)
			expectRefusal(t, s.CreateTable(ctx, def), tt.want)
		})
	}
	names, err := s.ListTables(ctx, "", 0)
	if err != nil || len(names) != 0 {
		t.Errorf("got %q, %v", names, err)
	}
}

func TestExpireBefore(t *testing.T) {
	const year = 365 * 24 * 3600
	s := newStore(t, comments(), posts())
	now := int64(1_700_000_000)
	for name, expires := range map[string]any{
		"now":               int(now),
		"past":              int(now - 1),
		"long past":         int(now - 4*year),
		"future":            int(now + 1),
		"past half second":  attribute.Number(fmt.Sprint(now, ".5")),
		"over five years":   int(now - 6*year),
		"negative":          -5,
		"text":              fmt.Sprint(now),
		"null":              nil,
		"beyond any clock":  attribute.Number("9" + strings.Repeat("0", 30)),
		"milliseconds":      int(now * 1000),
		"a list of numbers": []any{int(now)},
	} {
		put(t, s, "comments", item("postId", name, "at", 1, "author", "a", "score", 1, "expires", expires))
	}
	put(t, s, "comments", item("postId", "without", "at", 1, "author", "a", "score", 1))
	left := func() []string {
		t.Helper()
		out := query(t, s, storage.QueryInput{Table: "comments", Index: "byAuthor", Expr: storage.Expressions{KeyCondition: "author = :a", Values: values(":a", "a")}})
		return slices.Sorted(slices.Values(column(out.Items, "postId")))
	}
	if got := len(left()); got != 13 {
		t.Errorf("before the sweep reads see %d items", got)
	}
	next, err := s.NextExpiry(ctx, time.Unix(now, 0))
	if err != nil || next.Unix() != now-4*year {
		t.Errorf("next expiry %v, %v", next, err)
	}
	n, err := s.ExpireBefore(ctx, time.Unix(now, 0))
	if n != 3 || err != nil {
		t.Errorf("%d expired, %v", n, err)
	}
	want := []string{"a list of numbers", "beyond any clock", "future", "milliseconds", "negative", "null", "over five years", "past half second", "text", "without"}
	if diff := cmp.Diff(want, left()); diff != "" {
		t.Error(diff)
	}
	if n, err := s.ExpireBefore(ctx, time.Unix(now, 0)); n != 0 || err != nil {
		t.Errorf("%d expired the second time, %v", n, err)
	}
	if n, err := s.ExpireBefore(ctx, time.Unix(now+1, 0)); n != 2 || err != nil {
		t.Errorf("%d expired a second later, %v", n, err)
	}
	// An item whose expiry is moved or removed stays.
	put(t, s, "comments", item("postId", "moved", "at", 1, "expires", int(now)), item("postId", "kept", "at", 1, "expires", int(now)))
	put(t, s, "comments", item("postId", "moved", "at", 1, "expires", int(now+100)), item("postId", "kept", "at", 1))
	if n, err := s.ExpireBefore(ctx, time.Unix(now+50, 0)); n != 0 || err != nil {
		t.Errorf("%d expired, %v", n, err)
	}
}

func TestExpireBeforeInBatches(t *testing.T) {
	s := newStore(t, comments())
	for i := 0; i < 1200; i += 24 {
		var batch []storage.BatchWrite
		for j := i; j < i+24; j++ {
			batch = append(batch, storage.BatchWrite{Table: "comments", Put: item("postId", "p", "at", j, "author", "a", "score", j, "expires", 1000+j)})
		}
		if err := batchWrite(s, batch); err != nil {
			t.Fatal(err)
		}
	}
	n, err := s.ExpireBefore(ctx, time.Unix(2100, 0))
	if n != 1101 || err != nil {
		t.Errorf("%d expired, %v", n, err)
	}
	stats, err := s.Stats(ctx)
	if err != nil {
		t.Fatal(err)
	}
	ts := stats.Tables[0]
	if ts.Items != 99 || ts.Expiring != 99 || ts.IndexItems["byAuthor"] != 99 || ts.IndexItems["byTag"] != 0 || ts.Bytes == 0 || stats.FileSize == 0 {
		t.Errorf("got %+v", stats)
	}
}

type fixedClock time.Time

func (c fixedClock) Now() time.Time { return time.Time(c) }

func TestStatsDateTables(t *testing.T) {
	created := time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)
	path := t.TempDir() + "/store.db"
	s := open(t, path, bolt.Options{Clock: fixedClock(created)})
	if err := s.CreateTable(ctx, posts()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, path, bolt.Options{})
	withTTL := posts()
	withTTL.TTLAttribute = "expires"
	if err := s.EnsureTable(ctx, withTTL); err != nil {
		t.Fatal(err)
	}
	stats, err := s.Stats(ctx)
	if err != nil || !stats.Tables[0].Created.Equal(created) {
		t.Errorf("got %+v, %v", stats, err)
	}
}
