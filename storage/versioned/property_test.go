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

// unreliable is a store that fails when a test says so: when an item is read,
// before a transaction begins, or after it has been committed.
type unreliable struct {
	storage.Store
	read, before, after error
	// during is called when a transaction is about to begin.
	during func()
}

var errFault = errors.New("injected fault")

func (u *unreliable) GetItem(ctx context.Context, in *storage.GetItemInput) (*storage.GetItemOutput, error) {
	if u.read != nil {
		return nil, u.read
	}
	return u.Store.GetItem(ctx, in)
}

func (u *unreliable) TransactWrite(ctx context.Context, in *storage.TransactWriteInput) (*storage.TransactWriteOutput, error) {
	if u.before != nil {
		return nil, u.before
	}
	if u.during != nil {
		u.during()
	}
	out, err := u.Store.TransactWrite(ctx, in)
	if err == nil && u.after != nil {
		return nil, u.after
	}
	return out, err
}

// Whatever mutations come, and whatever fails meanwhile (reads, commits, answers
// of commits, conflict handlers, requests that end, other writes of handlers), and
// however the clock jumps and items are swept: the records of the delta table are
// those of the writes, replayed in their order they give the base table, and
// versions have no gaps.
func TestRecordsGiveTheBaseTable(t *testing.T) {
	const checks = 100 // rapid's own number
	store := notes(t).store
	rapid.Check(t, func(rt *rapid.T) {
		if err := store.Clear(ctx); err != nil {
			rt.Fatal(err)
		}
		cfg := config()
		cfg.DeltaTTL = 100 * 365 * 24 * time.Hour
		cfg.BaseTTL = rapid.SampledFrom([]time.Duration{0, time.Minute, 24 * time.Hour, cfg.DeltaTTL}).Draw(rt, "baseTTL")
		m := &model{rt: rt, faults: &unreliable{}, stored: map[string]*attribute.Item{}}
		m.h = over(t, store, func(s storage.Store) storage.Store { m.faults.Store = s; return m.faults }, cfg)
		for range max(*mutations/checks, 1) {
			m.moveClock()
			if rapid.IntRange(0, 9).Draw(rt, "sweep") == 0 {
				m.sweep()
			}
			m.mutate()
		}
		m.verify()
	})
}

// model knows what the tables should have.
type model struct {
	rt     *rapid.T
	h      *harness
	faults *unreliable
	// stored is the base table, with expired items that no sweep has removed.
	stored map[string]*attribute.Item
	// log are the changes in their order.
	log []change
}

// change is one write. Its item is nil when it was removed at once and nobody was
// told how it was.
type change struct {
	id      string
	version int64
	deleted bool
	item    *attribute.Item
}

func (m *model) moveClock() {
	switch rapid.IntRange(0, 9).Draw(m.rt, "clock") {
	case 0:
		m.h.clock.advance(time.Duration(rapid.Int64Range(-3*86400_000, 3*86400_000).Draw(m.rt, "jump")) * time.Millisecond)
	case 1:
		m.h.clock.advance(time.Millisecond)
	case 2:
		m.h.clock.advance(time.Minute)
	}
}

// expired reports whether the stored item counts as absent.
func (m *model) expired(it *attribute.Item) bool {
	var ttl int64
	fmt.Sscan(it.Get("_ttl").Text(), &ttl)
	return it.Has("_ttl") && ttl <= m.h.clock.Now().Unix()
}

// sweep removes expired tombstones, which is no change.
func (m *model) sweep() {
	removed, err := m.h.store.ExpireBefore(ctx, m.h.clock.Now())
	if err != nil {
		m.rt.Fatal(err)
	}
	want := 0
	for id, it := range m.stored {
		if m.expired(it) {
			want++
			delete(m.stored, id)
		}
	}
	if removed != want {
		m.rt.Fatalf("swept %d items, want %d", removed, want)
	}
}

// note takes over a write whose item is answered, or nil.
func (m *model) note(id string, answered, stored *attribute.Item) {
	before := m.stored[id]
	c := change{id: id, version: 1, deleted: stored == nil, item: answered}
	if before != nil && !m.expired(before) {
		c.version = versionIn(before) + 1
	}
	if stored != nil {
		m.stored[id] = stored
		c.item, c.deleted = stored, stored.Get("_deleted").Bool()
	} else {
		delete(m.stored, id)
	}
	if c.item != nil && versionIn(c.item) != c.version {
		m.rt.Fatalf("%s follows %s", text(c.item), text(before))
	}
	m.log = append(m.log, c)
}

func versionIn(it *attribute.Item) (n int64) {
	fmt.Sscan(it.Get("_version").Text(), &n)
	return n
}

// fault breaks something about the next mutation, and tells whether the answer
// may then be an error although the write is done.
func (m *model) fault(cancel context.CancelFunc) (uncertain bool) {
	u := m.faults
	u.read, u.before, u.after, u.during = nil, nil, nil, nil
	switch rapid.IntRange(0, 19).Draw(m.rt, "fault") {
	case 0, 1:
		u.before = errFault
	case 2, 3:
		u.after = errFault
		return true
	case 4:
		u.read = errFault
	case 5:
		cancel()
	case 6:
		u.during = cancel
		return true
	}
	return false
}

func (m *model) mutate() {
	rt := m.rt
	request, cancel := context.WithCancel(ctx)
	defer cancel()
	uncertain := m.fault(cancel)
	name := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "id")
	w := &versioned.Write{Key: id(name), Strategy: versioned.Strategy(rapid.IntRange(0, 4).Draw(rt, "strategy"))}
	switch rapid.IntRange(0, 3).Draw(rt, "version") {
	case 0:
		w.Version = m.stored[name].Get("_version")
	case 1:
		w.Version = value(rapid.IntRange(-1, 9).Draw(rt, "sent"))
	case 2:
		w.Version = value("1")
	}
	w.Handler = m.handler(name, cancel)
	n := rapid.SampledFrom([]any{1, "x", []any{1}, []string{"s"}, item("k", 1), nil}).Draw(rt, "value")
	if rapid.IntRange(0, 4).Draw(rt, "condition") == 0 {
		w.Expr.Condition = "attribute_exists(id)"
	}
	var got *attribute.Item
	var err error
	switch rapid.IntRange(0, 3).Draw(rt, "operation") {
	case 0:
		w.Attributes = item("n", n, "m", 2)
		got, err = m.h.Put(request, w)
	case 1, 2:
		w.Expr.Update = "SET n = :n, k = :n REMOVE m"
		w.Expr.Values = values(":n", n)
		got, err = m.h.Update(request, w)
	default:
		got, err = m.h.Delete(request, w)
	}
	before, after := m.stored[name], m.h.stored(id(name))
	switch {
	case err == nil && got == nil:
		if before != nil && !m.expired(before) || text(before) != text(after) {
			rt.Fatalf("answered nothing, stored %s, before %s", text(after), text(before))
		}
	case err == nil:
		if after == nil && (m.h.cfg.BaseTTL > 0 || !got.Get("_deleted").Bool()) || after != nil && text(got) != text(after) {
			rt.Fatalf("answered %s, stored %s", text(got), text(after))
		}
		m.note(name, got, after)
	case text(before) != text(after):
		if !uncertain {
			rt.Fatalf("%v changed %s to %s", err, text(before), text(after))
		}
		m.note(name, nil, after)
	}
	if after.Get("_deleted").Bool() && m.h.cfg.BaseTTL == 0 {
		rt.Fatalf("kept %s", text(after))
	}
	m.expectKnown(err)
}

// expectKnown expects no error but those of faults and of the write itself.
func (m *model) expectKnown(err error) {
	_, conflict := errors.AsType[*versioned.ConflictError](err)
	_, condition := errors.AsType[*versioned.ConditionFailedError](err)
	broken := m.faults.read != nil || m.faults.before != nil || m.faults.after != nil
	if err != nil && !conflict && !condition && !errors.Is(err, context.Canceled) && !(broken && errors.Is(err, errFault)) {
		m.rt.Fatalf("%T %v", err, err)
	}
}

// handler is a Lambda function that decides anything, fails, ends the request or
// writes the item itself.
func (m *model) handler(name string, cancel context.CancelFunc) versioned.Handler {
	rt := m.rt
	return func(c context.Context, e versioned.Event) (versioned.Reply, error) {
		switch rapid.IntRange(0, 5).Draw(rt, "handler") {
		case 0:
			return versioned.Reply{}, errFault
		case 1:
			cancel()
			return versioned.Reply{}, c.Err()
		case 2:
			faults := *m.faults
			*m.faults = unreliable{Store: faults.Store}
			theirs, err := m.h.Update(ctx, &versioned.Write{Key: id(name), Expr: set("theirs", 1)})
			*m.faults = faults
			if err != nil {
				rt.Fatal(err)
			}
			m.note(name, theirs, theirs)
		}
		action := rapid.SampledFrom([]versioned.Action{versioned.Resolve, versioned.Remove, versioned.Reject, "?"}).Draw(rt, "reply")
		return versioned.Reply{Action: action, Item: e.NewItem}, nil
	}
}

func (m *model) verify() {
	rt := m.rt
	*m.faults = unreliable{Store: m.faults.Store}
	in := versioned.SyncInput{LastSync: ptr(epoch - 365*86400_000), Limit: ptr(int64(1000))}
	var rows []*attribute.Item
	for {
		out, err := m.h.Sync(ctx, &in)
		if err != nil || !out.Delta {
			rt.Fatalf("%+v %v", out, err)
		}
		rows = append(rows, out.Items...)
		if out.Next == nil {
			break
		}
		in.From = out.Next
	}
	if len(rows) != len(m.log) {
		rt.Fatalf("%d records of %d changes", len(rows), len(m.log))
	}
	replayed := map[string]*attribute.Item{}
	at := int64(0)
	for i, row := range rows {
		want := m.log[i]
		it := with(row, "ds_pk", absent, "ds_sk", absent, "_ttl", absent)
		if row.Get("id").Text() != want.id || versionIn(row) != want.version || row.Get("_deleted").Bool() != want.deleted ||
			want.item != nil && text(it) != text(with(want.item, "_ttl", absent)) {
			rt.Fatalf("record %s of the change %+v", text(row), want)
		}
		var changed int64
		fmt.Sscan(row.Get("_lastChangedAt").Text(), &changed)
		if changed <= at {
			rt.Fatalf("%s is not after %d", text(row), at)
		}
		at = changed
		replayed[want.id] = it
	}
	base, err := m.h.store.Scan(ctx, &storage.ScanInput{Table: "Notes"})
	if err != nil {
		rt.Fatal(err)
	}
	for _, it := range base.Items {
		id := it.Get("id").Text()
		if text(with(it, "_ttl", absent)) != text(replayed[id]) {
			rt.Fatalf("stored %s, by the records %s", text(it), text(replayed[id]))
		}
		delete(replayed, id)
	}
	for _, it := range replayed {
		if !it.Get("_deleted").Bool() {
			rt.Fatalf("%s is not in the base table", text(it))
		}
	}
}
