package versioned_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/versioned"
)

const today = "Notes:2023-11-14"

// The steps of an item's life, with the item and record that each leaves. The
// metadata is that of the AWS pages "Versioned data sources" and "Tutorial:
// Delta Sync", whose records have milliseconds in their sort key.
func TestStepsOfAnItem(t *testing.T) {
	for name, baseTTL := range map[string]time.Duration{"with tombstones": 60 * time.Minute, "without tombstones": 0} {
		t.Run(name, func(t *testing.T) {
			h := notes(t, func(c *versioned.Config) { c.BaseTTL = baseTTL })
			created := h.put(item("text", "a"), id("n1"))
			first := item("id", "n1", "text", "a", "_version", 1, "_lastChangedAt", epoch)
			expectItem(t, created, first)
			expectItem(t, h.stored(id("n1")), first)

			h.clock.advance(5 * time.Second)
			updated := h.set(id("n1"), "text", "b")
			second := with(first, "text", "b", "_version", 2, "_lastChangedAt", epoch+5000)
			expectItem(t, updated, second)
			expectItem(t, h.stored(id("n1")), second)

			h.clock.advance(5 * time.Second)
			deleted := h.delete(id("n1"))
			third := with(second, "_version", 3, "_lastChangedAt", epoch+10000, "_deleted", true)
			tombstone := with(third, "_ttl", 1700000010+3600)
			if baseTTL > 0 {
				expectItem(t, deleted, tombstone)
				expectItem(t, h.stored(id("n1")), tombstone)
			} else {
				expectItem(t, deleted, third)
				expectItem(t, h.stored(id("n1")), nil)
			}
			expectItems(t, h.records(today),
				with(first, "_ttl", 1700003600, "ds_pk", today, "ds_sk", "22:13:20.123:n1:1"),
				with(second, "_ttl", 1700003605, "ds_pk", today, "ds_sk", "22:13:25.123:n1:2"),
				with(third, "_ttl", 1700003610, "ds_pk", today, "ds_sk", "22:13:30.123:n1:3"),
			)
		})
	}
}

// "Update as upsert" creates like a put, whatever version is sent.
func TestUpdateCreatesWhatIsAbsent(t *testing.T) {
	h := notes(t)
	got := must(h.Update(ctx, &versioned.Write{
		Key: id("n1"), Expr: set("text", "a"), Version: version(7), Strategy: versioned.OptimisticConcurrency,
	}))(t)
	expectItem(t, got, item("id", "n1", "text", "a", "_version", 1, "_lastChangedAt", epoch))
	got = must(h.Put(ctx, &versioned.Write{Key: id("n2"), Version: version(7), Strategy: versioned.Automerge}))(t)
	expectItem(t, got, item("id", "n2", "_version", 1, "_lastChangedAt", epoch+1))
	if n := len(h.records(today)); n != 2 {
		t.Errorf("%d records", n)
	}
}

func TestDeleteOfNothingIsNull(t *testing.T) {
	h := notes(t)
	expectItem(t, h.delete(id("n1")), nil)
	if n := h.countRecords(); n != 0 {
		t.Errorf("%d records", n)
	}
}

// An update that changes nothing is a new version, as replayed requests show:
// aws-amplify/amplify-cli#3237, aws-amplify/amplify-js#6363.
func TestUpdatesWithoutEffectAreChanges(t *testing.T) {
	h := notes(t)
	h.put(item("text", "a"), id("n1"))
	got := h.set(id("n1"), "text", "a")
	expectItem(t, got, item("id", "n1", "text", "a", "_version", 2, "_lastChangedAt", epoch+1))
	got = must(h.Update(ctx, &versioned.Write{Key: id("n1")}))(t)
	expectItem(t, got, item("id", "n1", "text", "a", "_version", 3, "_lastChangedAt", epoch+2))
	if n := len(h.records(today)); n != 3 {
		t.Errorf("%d records", n)
	}
}

// Writes over a tombstone: a put replaces it, an update leaves it one
// (aws-amplify/amplify-cli#4230, #7471), a delete makes a new one.
func TestWritesOverATombstone(t *testing.T) {
	start := func(t *testing.T) (*harness, *attribute.Item) {
		h := notes(t)
		h.put(item("text", "a"), id("n1"))
		return h, h.delete(id("n1"))
	}
	t.Run("put", func(t *testing.T) {
		h, _ := start(t)
		got := must(h.Put(ctx, &versioned.Write{
			Key: id("n1"), Attributes: item("text", "b"), Version: version(2), Strategy: versioned.OptimisticConcurrency,
		}))(t)
		expectItem(t, got, item("id", "n1", "text", "b", "_version", 3, "_lastChangedAt", epoch+2))
	})
	t.Run("update", func(t *testing.T) {
		h, tombstone := start(t)
		got := must(h.Update(ctx, &versioned.Write{
			Key: id("n1"), Expr: set("text", "b"), Version: version(2), Strategy: versioned.OptimisticConcurrency,
		}))(t)
		expectItem(t, got, with(tombstone, "text", "b", "_version", 3, "_lastChangedAt", epoch+2))
		record := h.records(today)[2]
		expectItem(t, record, with(got, "_ttl", 1700003600, "ds_pk", today, "ds_sk", "22:13:20.125:n1:3"))
	})
	t.Run("delete", func(t *testing.T) {
		h, tombstone := start(t)
		h.clock.advance(time.Hour)
		got := must(h.Delete(ctx, &versioned.Write{Key: id("n1"), Version: version(2), Strategy: versioned.OptimisticConcurrency}))(t)
		expectItem(t, got, with(tombstone, "_version", 3, "_lastChangedAt", epoch+3600000, "_ttl", 1700003600+30*86400))
	})
	// Amplify's create has this condition: aws-amplify/amplify-flutter#1506.
	t.Run("create", func(t *testing.T) {
		h, tombstone := start(t)
		_, err := h.Put(ctx, &versioned.Write{Key: id("n1"), Expr: storage.Expressions{Condition: "attribute_not_exists(id)"}})
		expectConditionFailed(t, err, tombstone)
		h.clock.advance(30 * 24 * time.Hour)
		got := must(h.Put(ctx, &versioned.Write{Key: id("n1"), Expr: storage.Expressions{Condition: "attribute_not_exists(id)"}}))(t)
		expectItem(t, got, item("id", "n1", "_version", 1, "_lastChangedAt", epoch+30*86400000))
	})
	t.Run("update of an expired one", func(t *testing.T) {
		h, _ := start(t)
		h.clock.advance(31 * 24 * time.Hour)
		expectItem(t, h.delete(id("n1")), nil)
		got := h.set(id("n1"), "text", "new")
		expectItem(t, got, item("id", "n1", "text", "new", "_version", 1, "_lastChangedAt", epoch+31*86400000))
	})
	// Undeleting is done by removing the two attributes from the base table.
	t.Run("undelete", func(t *testing.T) {
		h, tombstone := start(t)
		h.imports(with(tombstone, "_deleted", absent, "_ttl", absent))
		got := must(h.Update(ctx, &versioned.Write{Key: id("n1"), Expr: set("text", "b"), Version: version(2), Strategy: versioned.OptimisticConcurrency}))(t)
		expectItem(t, got, item("id", "n1", "text", "b", "_version", 3, "_lastChangedAt", epoch+2))
	})
}

func expectConditionFailed(t testing.TB, err error, item *attribute.Item) {
	t.Helper()
	failed, ok := errors.AsType[*versioned.ConditionFailedError](err)
	if !ok {
		t.Errorf("got %T %v, want a failed condition", err, err)
		return
	}
	if failed.Error() != "The conditional request failed" {
		t.Errorf("message %q", failed.Error())
	}
	expectItem(t, failed.Item, item)
	if _, ok := errors.AsType[*storage.ConditionalCheckFailedError](err); !ok {
		t.Error("is not the error of a store, too")
	}
}

// See packages/datastore/__tests__/helpers/fakes/graphqlService.ts of amplify-js.
func TestConditions(t *testing.T) {
	h := notes(t)
	exists := storage.Expressions{Condition: "attribute_exists(id)"}
	_, err := h.Delete(ctx, &versioned.Write{Key: id("n1"), Expr: exists})
	expectConditionFailed(t, err, nil)
	update := set("text", "b")
	update.Condition = "attribute_exists(id)"
	_, err = h.Update(ctx, &versioned.Write{Key: id("n1"), Expr: update})
	expectConditionFailed(t, err, nil)
	stored := h.put(item("text", "a"), id("n1"))
	update.Condition = "#n = :v"
	_, err = h.Update(ctx, &versioned.Write{Key: id("n1"), Expr: update, Version: version(1), Strategy: versioned.OptimisticConcurrency})
	expectConditionFailed(t, err, stored)
	// The version is looked at before the condition.
	_, err = h.Update(ctx, &versioned.Write{Key: id("n1"), Expr: update, Version: version(2), Strategy: versioned.OptimisticConcurrency})
	expectRejected(t, err, stored)
	// A merge does not go around the condition.
	_, err = h.Update(ctx, &versioned.Write{Key: id("n1"), Expr: update, Version: version(2), Strategy: versioned.Automerge})
	expectConditionFailed(t, err, stored)
	expectItem(t, h.stored(id("n1")), stored)
	if n := h.countRecords(); n != 1 {
		t.Errorf("%d records", n)
	}
}

// Clients may not write metadata: BadRequest on the AWS page "Conflict detection
// and resolution".
func TestMetadataIsReadOnly(t *testing.T) {
	h := notes(t)
	stored := h.put(item("text", "a"), id("n1"))
	for _, name := range []string{"_version", "_lastChangedAt", "_deleted", "_ttl"} {
		for clause, expr := range map[string]storage.Expressions{
			"SET":    set(name, 1),
			"REMOVE": {Update: "REMOVE #n", Names: map[string]string{"#n": name}},
			"ADD":    {Update: "ADD #n :v", Names: map[string]string{"#n": name}, Values: values(":v", 1)},
			"nested": {Update: "SET #n.x = :v", Names: map[string]string{"#n": name}, Values: values(":v", 1)},
		} {
			_, err := h.Update(ctx, &versioned.Write{Key: id("n1"), Expr: expr})
			if _, ok := errors.AsType[*versioned.BadRequestError](err); !ok {
				t.Errorf("%s %s: %T %v", clause, name, err, err)
			}
		}
		_, err := h.Put(ctx, &versioned.Write{Key: id("n1"), Attributes: item(name, 1)})
		if _, ok := errors.AsType[*versioned.BadRequestError](err); !ok {
			t.Errorf("put %s: %T %v", name, err, err)
		}
	}
	expectItem(t, h.stored(id("n1")), stored)
	// Clients that copy an item send its metadata as null.
	got := h.put(item("text", "b", "_deleted", nil, "_version", nil, "_ttl", nil), id("n1"))
	expectItem(t, got, item("id", "n1", "text", "b", "_version", 2, "_lastChangedAt", epoch+1))
	// Reading metadata is fine.
	expr := storage.Expressions{Update: "SET seen = #v", Condition: "#v > :one", Names: map[string]string{"#v": "_version"}, Values: values(":one", 1)}
	got = must(h.Update(ctx, &versioned.Write{Key: id("n1"), Expr: expr}))(t)
	expectItem(t, got, item("id", "n1", "text", "b", "seen", 2, "_version", 3, "_lastChangedAt", epoch+2))
}

// What is no version of the item differs from it, be it lower, higher or no
// number: the AWS page says "differs from the actual version".
func TestSentVersions(t *testing.T) {
	h := notes(t)
	h.put(item("text", "a"), id("n1"))
	stored := h.set(id("n1"), "text", "b")
	for _, v := range []attribute.Value{
		version(0), version(1), version(3), version(-1), attribute.Number("1.5"), attribute.Number("99999999999999999999999999999999999999"),
		attribute.Number("-9223372036854775809"), version("2"), version(true), version([]any{2}), version(item("N", "2")),
	} {
		for _, write := range []func(context.Context, *versioned.Write) (*attribute.Item, error){h.Put, h.Update, h.Delete} {
			_, err := write(ctx, &versioned.Write{Key: id("n1"), Version: v, Strategy: versioned.OptimisticConcurrency})
			expectRejected(t, err, stored)
		}
	}
	for _, v := range []attribute.Value{absent, version(nil), version(2)} {
		if got := must(h.Update(ctx, &versioned.Write{Key: id("n1"), Version: v, Strategy: versioned.OptimisticConcurrency}))(t); got.Get("_version").Text() == "" {
			t.Error("no version")
		}
		h.imports(stored)
	}
	// Without detection no version matters.
	got := must(h.Update(ctx, &versioned.Write{Key: id("n1"), Version: version(77), Expr: set("text", "c")}))(t)
	if v := got.Get("_version").Text(); v != "3" {
		t.Errorf("version %s", v)
	}
}

// Items that came into the table by another way have no version, or none that
// makes sense: they differ from every version that is sent, and a write makes
// them version 1 (aws-amplify/amplify-studio#269 shows such items).
func TestItemsWithoutVersion(t *testing.T) {
	for name, v := range map[string]attribute.Value{
		"none": absent, "text": version("2"), "fraction": attribute.Number("1.5"), "negative": version(-3), "zero": version(0),
		"huge": attribute.Number("99999999999999999999999999999999999999"), "largest": attribute.Number("9223372036854775807"), "map": version(item()),
	} {
		t.Run(name, func(t *testing.T) {
			h := notes(t)
			imported := with(item("id", "n1", "text", "a"), "_version", v)
			h.imports(imported)
			_, err := h.Update(ctx, &versioned.Write{Key: id("n1"), Version: v, Expr: set("text", "b"), Strategy: versioned.OptimisticConcurrency})
			if v.IsValid() {
				expectRejected(t, err, imported)
			} else if err != nil {
				t.Error(err)
			}
			h.imports(imported)
			got := must(h.Update(ctx, &versioned.Write{Key: id("n1"), Version: version(4), Expr: set("more", "b"), Strategy: versioned.Automerge}))(t)
			if got.Get("_version").Text() != "1" || got.Get("more").Text() != "b" || got.Get("text").Text() != "a" {
				t.Errorf("merged %s", text(got))
			}
			h.imports(imported)
			if got := h.set(id("n1"), "text", "c"); got.Get("_version").Text() != "1" {
				t.Errorf("updated %s", text(got))
			}
		})
	}
}

// See the AWS pages of PutItem, UpdateItem and DeleteItem about
// customPartitionKey and populateIndexFields.
func TestKeysOfRecords(t *testing.T) {
	key := item("post", "p1", "at", 7)
	for name, test := range map[string]struct {
		write versioned.Write
		want  []any
	}{
		"default":             {versioned.Write{}, []any{"ds_pk", "Comments:2023-11-14", "ds_sk", "22:13:20.123:p1#7:1"}},
		"index fields alone":  {versioned.Write{PopulateIndexFields: true}, []any{"ds_pk", "Comments:2023-11-14", "ds_sk", "22:13:20.123:p1#7:1"}},
		"custom partition":    {versioned.Write{CustomPartitionKey: "post"}, []any{"ds_pk", "Comments:2023-11-14:p1", "ds_sk", "22:13:20.123:7:1"}},
		"custom and an index": {versioned.Write{CustomPartitionKey: "post", PopulateIndexFields: true}, []any{"ds_pk", "Comments:2023-11-14:p1", "ds_sk", "22:13:20.123:7:1", "gsi_ds_pk", "Comments:2023-11-14", "gsi_ds_sk", "22:13:20.123:p1#7:1"}},
	} {
		t.Run(name, func(t *testing.T) {
			h := comments(t)
			test.write.Key = key
			put := must(h.Put(ctx, &test.write))(t)
			want := with(put, append(test.want, "_ttl", 1700003600)...)
			expectItems(t, h.records(want.Get("ds_pk").Text()), want)
		})
	}
	t.Run("custom without a sort key", func(t *testing.T) {
		h := notes(t)
		must(h.Put(ctx, &versioned.Write{Key: id("n1"), CustomPartitionKey: "id", PopulateIndexFields: true}))(t)
		expectItems(t, h.records(today+":n1"), item("id", "n1", "_version", 1, "_lastChangedAt", epoch, "_ttl", 1700003600,
			"ds_pk", today+":n1", "ds_sk", "22:13:20.123:1", "gsi_ds_pk", today, "gsi_ds_sk", "22:13:20.123:n1:1"))
	})
	t.Run("custom that the item lacks", func(t *testing.T) {
		h := notes(t)
		for _, attributes := range []*attribute.Item{nil, item("other", []any{})} {
			_, err := h.Put(ctx, &versioned.Write{Key: id("n1"), Attributes: attributes, CustomPartitionKey: "other"})
			if _, ok := errors.AsType[*versioned.BadRequestError](err); !ok {
				t.Errorf("%T %v", err, err)
			}
		}
		expectItem(t, h.stored(id("n1")), nil)
	})
}

// The error DeltaSyncWriteError: aws-amplify/amplify-category-api#2053. Unlike in
// AppSync the base item stays as it was.
func TestDeltaTableRefuses(t *testing.T) {
	base := storage.Table{Name: "Notes", Key: schema(attr("id", attribute.S))}
	expect := func(t *testing.T, h *harness, err error) {
		t.Helper()
		if _, ok := errors.AsType[*versioned.DeltaSyncWriteError](err); !ok || err.Error() != "Failed to write delta sync record." {
			t.Errorf("%T %v", err, err)
		}
		expectItem(t, h.stored(id("n1")), nil)
	}
	t.Run("missing", func(t *testing.T) {
		h := over(t, openStore(t, base), nil, config())
		_, err := h.Put(ctx, &versioned.Write{Key: id("n1")})
		expect(t, h, err)
	})
	t.Run("another key", func(t *testing.T) {
		h := over(t, openStore(t, base, storage.Table{Name: "Delta", Key: schema(attr("pk", attribute.S))}), nil, config())
		_, err := h.Put(ctx, &versioned.Write{Key: id("n1")})
		expect(t, h, err)
	})
	t.Run("record too large", func(t *testing.T) {
		h := notes(t)
		large := strings.Repeat("x", 400<<10-len("id")-len("n1")-len("text")-40)
		_, err := h.Put(ctx, &versioned.Write{Key: id("n1"), Attributes: item("text", large)})
		expect(t, h, err)
	})
}

// The store's refusals are those of DynamoDB, in its words.
func TestStoreRefuses(t *testing.T) {
	h := notes(t)
	large := strings.Repeat("x", 400<<10)
	_, err := h.Put(ctx, &versioned.Write{Key: id("n1"), Attributes: item("text", large)})
	expectRefusal(t, err, "Item size has exceeded the maximum allowed size")
	_, err = h.Update(ctx, &versioned.Write{Key: id("n1"), Expr: set("text", large)})
	expectRefusal(t, err, "Item size to update has exceeded the maximum allowed size")
	_, err = h.Update(ctx, &versioned.Write{Key: id("n1"), Expr: storage.Expressions{Update: "SET n = n + :v", Values: values(":v", 1)}})
	expectRefusal(t, err, "The provided expression refers to an attribute that does not exist in the item")
	_, err = h.Update(ctx, &versioned.Write{Key: id("n1"), Expr: set("id", "n2")})
	expectRefusal(t, err, "One or more parameter values were invalid: Cannot update attribute id. This attribute is part of the key")
	_, err = h.Put(ctx, &versioned.Write{Key: id("n1"), Attributes: item("owner", 7)})
	expectRefusal(t, err, "One or more parameter values were invalid: Type mismatch for Index Key owner Expected: S Actual: N IndexName: byOwner")
	_, err = h.Delete(ctx, &versioned.Write{Key: id("n1"), Expr: storage.Expressions{Condition: "a ="}})
	expectRefusal(t, err, `Invalid ConditionExpression: Syntax error; token: "<EOF>", near: "="`)
	for _, key := range []*attribute.Item{nil, item(), item("other", "n1"), item("id", 1), item("id", "n1", "x", 1)} {
		_, err = h.Put(ctx, &versioned.Write{Key: key})
		expectRefusal(t, err, "The provided key element does not match the schema")
	}
	if n := h.countRecords(); n != 0 {
		t.Errorf("%d records", n)
	}
	gone := over(t, h.store, nil, versioned.Config{Table: "Gone", DeltaTable: "Delta"})
	_, err = gone.Put(ctx, &versioned.Write{Key: id("n1")})
	if _, ok := errors.AsType[*storage.ResourceNotFoundError](err); !ok {
		t.Errorf("%T %v", err, err)
	}
}

// A table that was deleted and made again with another key is noticed.
func TestTableWithANewKey(t *testing.T) {
	h := notes(t)
	h.put(nil, id("n1"))
	if err := h.store.DeleteTable(ctx, "Notes"); err != nil {
		t.Fatal(err)
	}
	if err := h.store.CreateTable(ctx, storage.Table{Name: "Notes", Key: schema(attr("id", attribute.S), attr("at", attribute.N))}); err != nil {
		t.Fatal(err)
	}
	h.put(nil, item("id", "n1", "at", 5))
	if got := h.records(today)[1].Get("ds_sk").Text(); got != "22:13:20.124:n1#5:1" {
		t.Errorf("ds_sk %s", got)
	}
}

// meddler is a store in which somebody else does something before each
// transaction.
type meddler struct {
	storage.Store
	before func()
}

func (m *meddler) TransactWrite(ctx context.Context, in *storage.TransactWriteInput) (*storage.TransactWriteOutput, error) {
	m.before()
	return m.Store.TransactWrite(ctx, in)
}

// meddled is a table of notes whose store calls before ahead of each transaction.
func meddled(t *testing.T, before func(h *harness)) *harness {
	var h *harness
	plain := notes(t)
	h = over(t, plain.store, func(s storage.Store) storage.Store {
		return &meddler{s, func() { before(h) }}
	}, plain.cfg)
	return h
}

// A write that lost a race begins anew and sees what the other one wrote.
func TestLostRacesAreRunAgain(t *testing.T) {
	for name, theirs := range map[string]*attribute.Item{
		"changed":              item("id", "n1", "n", 10, "_version", 2, "_lastChangedAt", epoch+9),
		"made anew":            item("id", "n1", "n", 10, "_version", 1, "_lastChangedAt", epoch+9),
		"made anew without":    item("id", "n1", "n", 10),
		"only the time":        item("id", "n1", "n", 10, "_version", 1),
		"version of nonsense":  item("id", "n1", "n", 10, "_version", "x", "_lastChangedAt", "y"),
		"created by the other": item("id", "n1", "n", 10, "_version", 5, "_lastChangedAt", epoch),
	} {
		t.Run(name, func(t *testing.T) {
			once := sync.Once{}
			h := meddled(t, func(h *harness) { once.Do(func() { h.imports(theirs) }) })
			if name != "created by the other" {
				h.imports(item("id", "n1", "n", 1, "_version", 1, "_lastChangedAt", epoch))
			}
			got := must(h.Update(ctx, &versioned.Write{Key: id("n1"), Expr: storage.Expressions{
				Update: "SET n = if_not_exists(n, :zero) + :one", Values: values(":one", 1, ":zero", 0),
			}}))(t)
			if n := got.Get("n").Text(); n != "11" {
				t.Errorf("n is %s", n)
			}
			if n := h.countRecords(); n != 1 {
				t.Errorf("%d records", n)
			}
		})
	}
	t.Run("without end", func(t *testing.T) {
		n := 1
		h := meddled(t, func(h *harness) { n++; h.imports(item("id", "n1", "_version", n, "_lastChangedAt", epoch)) })
		_, err := h.Update(ctx, &versioned.Write{Key: id("n1"), Expr: set("text", "a")})
		conflict, ok := errors.AsType[*versioned.ConflictError](err)
		if !ok || conflict.Kind != versioned.AttemptsUsedUp {
			t.Fatalf("%T %v", err, err)
		}
		expectItem(t, conflict.Item, h.stored(id("n1")))
	})
}

// No update of an item is lost, and its versions have no gap, however many
// writers there are.
func TestManyWritersOfOneItem(t *testing.T) {
	const each = 5
	for name, client := range map[string]func(h *harness) error{
		// As a client does that is told of conflicts.
		"read, modify, write": func(h *harness) error {
			got, err := h.Get(ctx, &storage.GetItemInput{Key: id("n1")})
			for err == nil {
				var n int
				fmt.Sscan(got.Item.Get("n").Text(), &n)
				_, err = h.Update(ctx, &versioned.Write{Key: id("n1"), Expr: set("n", n+1), Version: got.Item.Get("_version"), Strategy: versioned.OptimisticConcurrency})
				conflict, ok := errors.AsType[*versioned.ConflictError](err)
				if !ok {
					return err
				}
				got.Item, err = conflict.Item, nil
			}
			return err
		},
		"computed": func(h *harness) error {
			_, err := h.Update(ctx, &versioned.Write{Key: id("n1"), Expr: storage.Expressions{Update: "ADD n :one", Values: values(":one", 1)}})
			return err
		},
		// A handler is asked without a lock: the versions alone keep writers apart.
		"resolved": func(h *harness) error {
			for {
				_, err := h.Update(ctx, &versioned.Write{
					Key: id("n1"), Expr: set("text", "a"), Version: version(0), Strategy: versioned.Lambda,
					Handler: func(_ context.Context, e versioned.Event) (versioned.Reply, error) {
						var n int
						fmt.Sscan(e.ExistingItem.Get("n").Text(), &n)
						return versioned.Reply{Action: versioned.Resolve, Item: with(e.ExistingItem, "n", n+1)}, nil
					},
				})
				conflict, ok := errors.AsType[*versioned.ConflictError](err)
				if !ok || conflict.Kind != versioned.AttemptsUsedUp {
					return err
				}
			}
		},
		"merged": func(h *harness) error {
			expr := storage.Expressions{Update: "SET done = :log", Values: values(":log", []any{1})}
			_, err := h.Update(ctx, &versioned.Write{Key: id("n1"), Expr: expr, Version: version(0), Strategy: versioned.Automerge})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			writers := 64
			if name == "resolved" {
				writers = 8 // that all try at once
			}
			h := notes(t)
			h.put(item("n", 0, "done", []any{}), id("n1"))
			// A second table over the same store does not know the locks of the first.
			other := *h
			other.Table = versioned.New(h.store, h.times, h.cfg)
			var wg sync.WaitGroup
			for i := range writers {
				via := h
				if i%2 == 1 {
					via = &other
				}
				wg.Go(func() {
					for range each {
						if err := client(via); err != nil {
							t.Errorf("%T %v", err, err)
						}
					}
				})
			}
			wg.Wait()
			got := h.stored(id("n1"))
			var n int
			fmt.Sscan(got.Get("n").Text(), &n)
			if n += len(got.Get("done").Elems()); n != writers*each || got.Get("_version").Text() != fmt.Sprint(writers*each+1) {
				t.Errorf("%d updates survived, version %s", n, got.Get("_version").Text())
			}
			records := h.records(today)
			for i, r := range records {
				if r.Get("_version").Text() != fmt.Sprint(i+1) {
					t.Fatalf("record %d has version %s", i, r.Get("_version").Text())
				}
			}
			if len(records) != writers*each+1 {
				t.Errorf("%d records", len(records))
			}
		})
	}
}

func TestWritesHeedTheContext(t *testing.T) {
	h := notes(t)
	done, cancel := context.WithCancel(ctx)
	cancel()
	_, err := h.Put(done, &versioned.Write{Key: id("n1")})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%T %v", err, err)
	}
}

// Who waits for another write of the item need not wait for long.
func TestWaitingWritesHeedTheContext(t *testing.T) {
	waited := errors.New("not yet")
	h := meddled(t, func(h *harness) {
		done, cancel := context.WithCancel(ctx)
		cancel()
		_, waited = h.Put(done, &versioned.Write{Key: id("n1")})
	})
	must(h.Put(ctx, &versioned.Write{Key: id("n1")}))(t)
	if !errors.Is(waited, context.Canceled) {
		t.Errorf("%T %v", waited, waited)
	}
}

// Keys may be binary: their records have them in Base64.
func TestRecordsOfBinaryKeys(t *testing.T) {
	h := over(t, openStore(t, storage.Table{Name: "Notes", Key: schema(attr("id", attribute.B))}, deltaTable()), nil, config())
	h.put(nil, item("id", []byte{0, 1, 255}))
	if got := h.records(today)[0].Get("ds_sk").Text(); got != "22:13:20.123:AAH/:1" {
		t.Errorf("ds_sk %s", got)
	}
}
