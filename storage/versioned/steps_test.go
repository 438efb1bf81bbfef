package versioned_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/versioned"
)

// Where the steps of an item are told.
const (
	pageVersioned = "AppSync developer guide, versioned-data-sources.html"
	pageTutorial  = "AppSync developer guide, tutorial-delta-sync.html"
	pageConflicts = "AppSync developer guide, conflict-detection-and-resolution.html"
	androidTests  = "aws-amplify/amplify-android, AppSyncClientInstrumentationTest"
	swiftTests    = "aws-amplify/amplify-swift, GraphQLSyncBased tests"
	fakeService   = "aws-amplify/amplify-js, packages/datastore/__tests__/helpers/fakes/graphqlService.ts"
	decided       = "not documented; docs/deviations.md"
)

// TestSteps has a row for each step that an item can take, with what it leaves in
// the base table and what record it adds. An item is that of the version before,
// its attributes and those that follow.
func TestSteps(t *testing.T) {
	const ttl, later = 1700000000 + 30*86400, int64(1700003600)
	live := item("id", "n1", "text", "a", "_version", 4, "_lastChangedAt", epoch-1000)
	tombstone := with(live, "_deleted", true, "_ttl", 1700000060)
	expired := with(tombstone, "_ttl", 1700000000)
	imported := item("id", "n1", "text", "a")
	exists := storage.Expressions{Condition: "attribute_exists(id)"}
	missing := storage.Expressions{Condition: "attribute_not_exists(id)"}
	put := func(e storage.Expressions) versioned.Write {
		return versioned.Write{Attributes: item("text", "b"), Expr: e}
	}
	update := func(condition storage.Expressions) versioned.Write {
		e := set("text", "b")
		e.Condition = condition.Condition
		return versioned.Write{Expr: e}
	}
	of := func(w versioned.Write, s versioned.Strategy, v int) versioned.Write {
		w.Strategy, w.Version = s, version(v)
		return w
	}
	none := storage.Expressions{}
	// What a step comes to: the item that is answered and that the record is made
	// of, and what the base table has.
	written := func(it *attribute.Item) [2]*attribute.Item { return [2]*attribute.Item{it, it} }
	const (
		rejected  = "ConflictUnhandled"
		condition = "ConditionalCheckFailedException"
	)
	created := item("id", "n1", "text", "b", "_version", 1, "_lastChangedAt", epoch)
	for _, c := range []struct {
		name, source string
		stored       *attribute.Item // nil for none
		baseTTL      time.Duration
		write        versioned.Write
		by           versioned.Operation
		want         [2]*attribute.Item // answered and stored; nil for nothing
		refused      string
	}{
		{"create by put", pageVersioned, nil, time.Hour, put(none), versioned.PutItem, written(created), ""},
		{"create by put with a condition", fakeService, nil, time.Hour, put(missing), versioned.PutItem, written(created), ""},
		{"create by update", pageVersioned, nil, time.Hour, update(none), versioned.UpdateItem, written(created), ""},
		{"create whatever version is sent", decided, nil, time.Hour, of(update(none), versioned.OptimisticConcurrency, 7), versioned.UpdateItem, written(created), ""},
		{"put over a live item", pageVersioned, live, time.Hour, put(none), versioned.PutItem,
			written(item("id", "n1", "text", "b", "_version", 5, "_lastChangedAt", epoch)), ""},
		{"put with the version", pageConflicts, live, time.Hour, of(put(none), versioned.OptimisticConcurrency, 4), versioned.PutItem,
			written(item("id", "n1", "text", "b", "_version", 5, "_lastChangedAt", epoch)), ""},
		{"update", pageTutorial, live, time.Hour, update(none), versioned.UpdateItem, written(with(live, "text", "b", "_version", 5, "_lastChangedAt", epoch)), ""},
		{"update with the version", pageConflicts, live, time.Hour, of(update(exists), versioned.OptimisticConcurrency, 4), versioned.UpdateItem,
			written(with(live, "text", "b", "_version", 5, "_lastChangedAt", epoch)), ""},
		{"update that changes nothing", "aws-amplify/amplify-cli#3237", live, time.Hour, versioned.Write{Expr: set("text", "a")}, versioned.UpdateItem,
			written(with(live, "_version", 5, "_lastChangedAt", epoch)), ""},
		{"update of an imported item", "aws-amplify/amplify-studio#269", imported, time.Hour, update(none), versioned.UpdateItem,
			written(with(imported, "text", "b", "_version", 1, "_lastChangedAt", epoch)), ""},
		{"delete, BaseTableTTL above 0", androidTests, live, 30 * 24 * time.Hour, versioned.Write{}, versioned.DeleteItem,
			written(with(live, "_version", 5, "_lastChangedAt", epoch, "_deleted", true, "_ttl", ttl)), ""},
		{"delete with the version", pageConflicts, live, 30 * 24 * time.Hour, of(versioned.Write{Expr: exists}, versioned.OptimisticConcurrency, 4), versioned.DeleteItem,
			written(with(live, "_version", 5, "_lastChangedAt", epoch, "_deleted", true, "_ttl", ttl)), ""},
		{"delete, BaseTableTTL 0", pageVersioned, live, 0, versioned.Write{}, versioned.DeleteItem,
			[2]*attribute.Item{with(live, "_version", 5, "_lastChangedAt", epoch, "_deleted", true), nil}, ""},
		{"delete of nothing", decided, nil, time.Hour, versioned.Write{}, versioned.DeleteItem, [2]*attribute.Item{}, ""},
		{"put over a tombstone", decided, tombstone, time.Hour, put(none), versioned.PutItem,
			written(item("id", "n1", "text", "b", "_version", 5, "_lastChangedAt", epoch)), ""},
		{"update of a tombstone", "aws-amplify/amplify-cli#4230", tombstone, time.Hour, update(none), versioned.UpdateItem,
			written(with(tombstone, "text", "b", "_version", 5, "_lastChangedAt", epoch)), ""},
		{"delete of a tombstone", decided, tombstone, 30 * 24 * time.Hour, versioned.Write{}, versioned.DeleteItem,
			written(with(tombstone, "_version", 5, "_lastChangedAt", epoch, "_ttl", ttl)), ""},
		{"delete of a tombstone, BaseTableTTL 0", decided, tombstone, 0, versioned.Write{}, versioned.DeleteItem,
			[2]*attribute.Item{with(tombstone, "_version", 5, "_lastChangedAt", epoch, "_ttl", absent), nil}, ""},
		{"create over an expired tombstone", "aws-amplify/amplify-flutter#1506", expired, time.Hour, put(missing), versioned.PutItem, written(created), ""},
		{"delete of an expired tombstone", decided, expired, time.Hour, versioned.Write{}, versioned.DeleteItem, [2]*attribute.Item{nil, expired}, ""},

		{"conflict: lower version", swiftTests, live, time.Hour, of(update(none), versioned.OptimisticConcurrency, 3), versioned.UpdateItem, [2]*attribute.Item{nil, live}, rejected},
		{"conflict: higher version", pageConflicts, live, time.Hour, of(update(none), versioned.OptimisticConcurrency, 5), versioned.UpdateItem, [2]*attribute.Item{nil, live}, rejected},
		{"conflict: put", pageConflicts, live, time.Hour, of(put(none), versioned.OptimisticConcurrency, 3), versioned.PutItem, [2]*attribute.Item{nil, live}, rejected},
		{"conflict: delete", androidTests, live, time.Hour, of(versioned.Write{}, versioned.OptimisticConcurrency, 3), versioned.DeleteItem, [2]*attribute.Item{nil, live}, rejected},
		{"conflict: delete under AUTOMERGE", androidTests, live, time.Hour, of(versioned.Write{}, versioned.Automerge, 0), versioned.DeleteItem, [2]*attribute.Item{nil, live}, rejected},
		{"conflict with a tombstone", "aws-amplify/amplify-android, conflict-unhandled-response.json", tombstone, time.Hour,
			of(update(none), versioned.OptimisticConcurrency, 3), versioned.UpdateItem, [2]*attribute.Item{nil, tombstone}, rejected},
		{"conflict with an imported item", decided, imported, time.Hour, of(update(none), versioned.OptimisticConcurrency, 1), versioned.UpdateItem, [2]*attribute.Item{nil, imported}, rejected},
		{"condition of a create", fakeService, live, time.Hour, put(missing), versioned.PutItem, [2]*attribute.Item{nil, live}, condition},
		{"condition of a create over a tombstone", "aws-amplify/amplify-flutter#1506", tombstone, time.Hour, put(missing), versioned.PutItem, [2]*attribute.Item{nil, tombstone}, condition},
		{"condition of an update of nothing", fakeService, nil, time.Hour, update(exists), versioned.UpdateItem, [2]*attribute.Item{}, condition},
		{"condition of a delete of nothing", decided, nil, time.Hour, versioned.Write{Expr: exists}, versioned.DeleteItem, [2]*attribute.Item{}, condition},
		{"version and condition", decided, live, time.Hour, of(update(missing), versioned.OptimisticConcurrency, 3), versioned.UpdateItem, [2]*attribute.Item{nil, live}, rejected},
		{"condition of a merge", decided, live, time.Hour, of(update(missing), versioned.Automerge, 3), versioned.UpdateItem, [2]*attribute.Item{nil, live}, condition},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Log("source:", c.source)
			h := notes(t, func(cfg *versioned.Config) { cfg.BaseTTL = c.baseTTL })
			if c.stored != nil {
				h.imports(c.stored)
			}
			c.write.Key = id("n1")
			write := map[versioned.Operation]func(context.Context, *versioned.Write) (*attribute.Item, error){
				versioned.PutItem: h.Put, versioned.UpdateItem: h.Update, versioned.DeleteItem: h.Delete,
			}[c.by]
			got, err := write(ctx, &c.write)
			switch c.refused {
			case rejected:
				expectRejected(t, err, c.stored)
			case condition:
				expectConditionFailed(t, err, c.stored)
			default:
				if err != nil {
					t.Fatal(err)
				}
			}
			expectItem(t, got, c.want[0])
			expectItem(t, h.stored(id("n1")), c.want[1])
			var records []*attribute.Item
			if c.want[0] != nil {
				records = append(records, with(c.want[0], "_ttl", later,
					"ds_pk", today, "ds_sk", "22:13:20.123:n1:"+c.want[0].Get("_version").Text()))
			}
			expectItems(t, h.records(today), records...)
		})
	}
}

// What was written over is told with a put that failed its condition, which the
// data source compares with it.
func TestFailedPutsTellWhatTheyWouldHaveWritten(t *testing.T) {
	h := notes(t)
	h.put(item("text", "a"), id("n1"))
	missing := storage.Expressions{Condition: "attribute_not_exists(id)"}
	for _, c := range []struct {
		write func(context.Context, *versioned.Write) (*attribute.Item, error)
		key   string
		cond  string
		want  *attribute.Item
	}{
		{h.Put, "n1", "attribute_not_exists(id)", item("id", "n1", "text", "b", "_version", 2, "_lastChangedAt", epoch+1)},
		{h.Put, "n2", "attribute_exists(id)", nil},
		{h.Update, "n1", "attribute_not_exists(id)", nil},
		{h.Delete, "n1", "attribute_not_exists(id)", nil},
	} {
		missing.Condition = c.cond
		_, err := c.write(ctx, &versioned.Write{Key: id(c.key), Attributes: item("text", "b"), Expr: missing})
		failed, ok := errors.AsType[*versioned.ConditionFailedError](err)
		if !ok {
			t.Fatalf("%T %v", err, err)
		}
		expectItem(t, failed.Put, c.want)
	}
}
