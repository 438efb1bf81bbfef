package versioned_test

import (
	"testing"
	"time"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/versioned"
)

func changedAt(it *attribute.Item) string { return it.Get("_lastChangedAt").Text() }

// Times of changes follow the clock and never repeat, also when it stands still
// or is set back.
func TestTimesOfChanges(t *testing.T) {
	h := notes(t)
	key := id("n1")
	expect := func(got *attribute.Item, ms int64) {
		t.Helper()
		expectItem(t, item("at", attribute.Number(changedAt(got))), item("at", ms))
	}
	expect(h.set(key, "n", 1), epoch)
	expect(h.set(id("n2"), "n", 1), epoch+1) // the clock stands still
	h.clock.advance(time.Second)
	expect(h.set(key, "n", 2), epoch+1000)
	h.clock.set(epoch - 24*3600*1000) // set back by a day
	expect(h.set(id("n2"), "n", 2), epoch+1001)
	if at := must(h.Sync(ctx, &versioned.SyncInput{}))(t).StartedAt; at != epoch+1002 {
		t.Errorf("started at %d", at)
	}
	expect(h.set(key, "n", 3), epoch+1003)
	h.clock.set(epoch + 5000)
	expect(h.set(key, "n", 4), epoch+5000)
	// The records are of the day of the change, in their order.
	var order []string
	for _, r := range h.records(today) {
		order = append(order, r.Get("ds_sk").Text())
	}
	for i := 1; i < len(order); i++ {
		if order[i-1] >= order[i] {
			t.Errorf("order %q", order)
		}
	}
	if len(order) != 6 {
		t.Errorf("%d records", len(order))
	}
}

// An item does not go back in time when the clock had been ahead in an earlier
// process; and the delta table is read as far as that.
func TestTimesAfterARestart(t *testing.T) {
	h := notes(t, func(c *versioned.Config) { c.DeltaTTL = 240 * time.Hour })
	h.clock.advance(48 * time.Hour)
	ahead := h.set(id("n1"), "n", 1)
	restarted := over(t, h.store, nil, h.cfg)
	got := restarted.set(id("n1"), "n", 2)
	expectItem(t, got, with(ahead, "n", 2, "_version", 2, "_lastChangedAt", epoch+48*3600*1000+1))
	since := epoch
	page := must(restarted.Sync(ctx, &versioned.SyncInput{LastSync: &since}))(t)
	if len(page.Items) != 2 {
		t.Errorf("%d changes", len(page.Items))
	}
	// But one absurd time does not carry all others away.
	h.imports(item("id", "n9", "_version", 1, "_lastChangedAt", int64(1)<<62))
	fresh := over(t, h.store, nil, h.cfg)
	expectItem(t, fresh.set(id("n9"), "n", 1), item("id", "n9", "n", 1, "_version", 2, "_lastChangedAt", epoch))
}

// A Sync that begins while a change is being written says that it began before
// that change, which it may not have seen.
func TestStartedAtIsBeforeWritesInFlight(t *testing.T) {
	var h *harness
	var started int64
	h = meddled(t, func(h *harness) {
		h.clock.advance(time.Second)
		page := must(h.Sync(ctx, &versioned.SyncInput{}))(t)
		if len(page.Items) != 0 {
			t.Errorf("%d items", len(page.Items))
		}
		started = page.StartedAt
	})
	got := h.put(nil, id("n1"))
	since := started
	page := must(h.Sync(ctx, &versioned.SyncInput{LastSync: &since}))(t)
	if len(page.Items) != 1 || changedAt(page.Items[0]) != changedAt(got) {
		t.Errorf("the change of %s is not among those since %d: %q", changedAt(got), started, texts(page.Items))
	}
	if page.StartedAt <= since {
		t.Errorf("started at %d", page.StartedAt)
	}
}

var _ storage.Clock = (*clock)(nil)
