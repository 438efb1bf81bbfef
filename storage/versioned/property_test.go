package versioned_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/versioned"
)

var mutations = flag.Int("mutations", 3000, "how many mutations the property test makes")

// unreliable is a store whose transactions fail when it says so: before they
// begin, or after they have been done.
type unreliable struct {
	storage.Store
	before, after error
}

var errFault = errors.New("injected fault")

func (u *unreliable) TransactWrite(ctx context.Context, in *storage.TransactWriteInput) (*storage.TransactWriteOutput, error) {
	if u.before != nil {
		return nil, u.before
	}
	out, err := u.Store.TransactWrite(ctx, in)
	if err == nil && u.after != nil {
		return nil, u.after
	}
	return out, err
}

// Whatever mutations come, and whatever fails, the records of the delta table
// replayed in their order give the base table, and versions have no gaps.
func TestRecordsGiveTheBaseTable(t *testing.T) {
	const checks = 100 // rapid's own number
	store := notes(t).store
	rapid.Check(t, func(rt *rapid.T) {
		if err := store.Clear(ctx); err != nil {
			rt.Fatal(err)
		}
		cfg := config()
		cfg.DeltaTTL = 100 * 365 * 24 * time.Hour
		cfg.BaseTTL = rapid.SampledFrom([]time.Duration{0, cfg.DeltaTTL}).Draw(rt, "baseTTL")
		faults := &unreliable{}
		h := over(t, store, func(s storage.Store) storage.Store { faults.Store = s; return faults }, cfg)
		for range max(*mutations/checks, 1) {
			mutate(rt, h, faults)
		}
		verify(rt, h)
	})
}

func mutate(rt *rapid.T, h *harness, faults *unreliable) {
	switch rapid.IntRange(0, 9).Draw(rt, "clock") {
	case 0:
		h.clock.advance(time.Duration(rapid.Int64Range(-3*86400_000, 3*86400_000).Draw(rt, "jump")) * time.Millisecond)
	case 1:
		h.clock.advance(time.Millisecond)
	}
	faults.before, faults.after = nil, nil
	switch rapid.IntRange(0, 9).Draw(rt, "fault") {
	case 0:
		faults.before = errFault
	case 1:
		faults.after = errFault
	}
	key := id(rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "id"))
	before := h.stored(key)
	w := &versioned.Write{Key: key, Strategy: versioned.Strategy(rapid.IntRange(0, 4).Draw(rt, "strategy"))}
	switch rapid.IntRange(0, 3).Draw(rt, "version") {
	case 0:
		w.Version = before.Get("_version")
	case 1:
		w.Version = value(rapid.IntRange(-1, 9).Draw(rt, "sent"))
	case 2:
		w.Version = value("1")
	}
	w.Handler = func(_ context.Context, e versioned.Event) (versioned.Reply, error) {
		if rapid.IntRange(0, 3).Draw(rt, "handler") == 0 {
			return versioned.Reply{}, errFault
		}
		action := rapid.SampledFrom([]versioned.Action{versioned.Resolve, versioned.Remove, versioned.Reject}).Draw(rt, "reply")
		return versioned.Reply{Action: action, Item: e.NewItem}, nil
	}
	n := rapid.SampledFrom([]any{1, "x", []any{1}, []string{"s"}, item("k", 1), nil}).Draw(rt, "value")
	if rapid.IntRange(0, 4).Draw(rt, "condition") == 0 {
		w.Expr.Condition = "attribute_exists(id)"
	}
	var got *attribute.Item
	var err error
	switch rapid.IntRange(0, 3).Draw(rt, "operation") {
	case 0:
		w.Attributes = item("n", n, "m", 2)
		got, err = h.Put(ctx, w)
	case 1, 2:
		w.Expr.Update = "SET n = :n, k = :n REMOVE m"
		w.Expr.Values = values(":n", n)
		got, err = h.Update(ctx, w)
	default:
		got, err = h.Delete(ctx, w)
	}
	after := h.stored(key)
	switch {
	case err == nil && after != nil:
		if text(got) != text(after) {
			rt.Fatalf("answered %s, stored %s", text(got), text(after))
		}
	case err == nil && got != nil && !got.Get("_deleted").Bool():
		rt.Fatalf("answered %s, stored nothing", text(got))
	case err != nil && faults.after == nil && text(before) != text(after):
		rt.Fatalf("%v changed %s to %s", err, text(before), text(after))
	case err != nil && errors.Is(err, errFault) && faults.before == nil && faults.after == nil:
		if _, ok := errors.AsType[*versioned.ConflictError](err); !ok {
			rt.Fatalf("%T %v", err, err)
		}
	}
}

func verify(rt *rapid.T, h *harness) {
	in := versioned.SyncInput{LastSync: ptr(epoch - 365*86400_000), Limit: ptr(int64(1000))}
	replayed := map[string]*attribute.Item{}
	last := map[string]int64{}
	changed := int64(0)
	for {
		out, err := h.Sync(ctx, &in)
		if err != nil || !out.Delta {
			rt.Fatalf("%+v %v", out, err)
		}
		for _, row := range out.Items {
			n := row.Get("id").Text()
			var version, at int64
			fmt.Sscan(row.Get("_version").Text(), &version)
			fmt.Sscan(row.Get("_lastChangedAt").Text(), &at)
			if version != last[n]+1 || at <= changed {
				rt.Fatalf("version %d at %d follows %d at %d: %s", version, at, last[n], changed, text(row))
			}
			last[n], changed = version, at
			replayed[n] = with(row, "ds_pk", absent, "ds_sk", absent, "_ttl", absent)
			if row.Get("_deleted").Bool() && h.cfg.BaseTTL == 0 {
				delete(replayed, n)
				last[n] = 0
			}
		}
		if out.Next == nil {
			break
		}
		in.From = out.Next
	}
	base, err := h.store.Scan(ctx, &storage.ScanInput{Table: "Notes"})
	if err != nil {
		rt.Fatal(err)
	}
	if len(base.Items) != len(replayed) {
		rt.Fatalf("%d items, %d by the records", len(base.Items), len(replayed))
	}
	for _, it := range base.Items {
		if want := replayed[it.Get("id").Text()]; text(with(it, "_ttl", absent)) != text(want) {
			rt.Fatalf("stored %s, by the records %s", text(it), text(want))
		}
	}
}
