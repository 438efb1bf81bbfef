package versioned_test

import (
	"context"
	"errors"
	"strconv"
	"testing"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/versioned"
)

// expectRejected expects what AppSync calls ConflictUnhandled, with the stored
// item: aws-amplify/amplify-flutter#1501.
func expectRejected(t testing.TB, err error, stored *attribute.Item) {
	t.Helper()
	expectConflict(t, err, versioned.Rejected, "Conflict resolver rejects mutation.", stored)
}

func expectConflict(t testing.TB, err error, kind versioned.ConflictKind, message string, stored *attribute.Item) {
	t.Helper()
	conflict, ok := errors.AsType[*versioned.ConflictError](err)
	if !ok {
		t.Errorf("got %T %v, want a conflict", err, err)
		return
	}
	if conflict.Kind != kind || conflict.Error() != message {
		t.Errorf("kind %d, message %q", conflict.Kind, conflict)
	}
	expectItem(t, conflict.Item, stored)
}

// Two updates with one version: the second is rejected with what the first wrote,
// as in GraphQLSyncBased tests of aws-amplify/amplify-swift.
func TestOptimisticConcurrency(t *testing.T) {
	h := notes(t)
	h.put(item("text", "a"), id("n1"))
	update := func(s string) (*attribute.Item, error) {
		return h.Update(ctx, &versioned.Write{Key: id("n1"), Expr: set("text", s), Version: version(1), Strategy: versioned.OptimisticConcurrency})
	}
	first := must(update("b"))(t)
	_, err := update("c")
	expectRejected(t, err, first)
	_, err = h.Put(ctx, &versioned.Write{Key: id("n1"), Version: version(1), Strategy: versioned.OptimisticConcurrency})
	expectRejected(t, err, first)
	_, err = h.Delete(ctx, &versioned.Write{Key: id("n1"), Version: version(1), Strategy: versioned.OptimisticConcurrency})
	expectRejected(t, err, first)
	expectItem(t, h.stored(id("n1")), first)
	if n := h.countRecords(); n != 2 {
		t.Errorf("%d records", n)
	}
}

// Deletes are never merged: AppSyncClientInstrumentationTest of
// aws-amplify/amplify-android, aws-amplify/amplify-cli#4111.
func TestDeletesAreNotMerged(t *testing.T) {
	for _, strategy := range []versioned.Strategy{versioned.Automerge, versioned.FieldLevel} {
		h := notes(t)
		stored := h.put(item("text", "a"), id("n1"))
		for _, v := range []int{0, 2} {
			_, err := h.Delete(ctx, &versioned.Write{Key: id("n1"), Version: version(v), Strategy: strategy})
			expectRejected(t, err, stored)
		}
		deleted := must(h.Delete(ctx, &versioned.Write{Key: id("n1"), Version: version(1), Strategy: strategy}))(t)
		if !deleted.Get("_deleted").Bool() {
			t.Errorf("%s: %s", strategy, text(deleted))
		}
	}
}

func replies(r versioned.Reply, err error) versioned.Handler {
	return func(context.Context, versioned.Event) (versioned.Reply, error) { return r, err }
}

// The replies of a conflict handler, by the table of the AWS page "Conflict
// detection and resolution", section Lambdas.
func TestReplies(t *testing.T) {
	const handlerFailed = "An internal error occurred when trying to resolve a conflict."
	resolved := item("id", "other", "text", "merged", "_version", 99, "_deleted", true, "_ttl", 1, "_lastChangedAt", 5)
	for name, test := range map[string]struct {
		handler versioned.Handler
		put     string // what put and update give: an item's text, "rejected" or "failed"
		delete  string
	}{
		"RESOLVE":              {replies(versioned.Reply{Action: versioned.Resolve, Item: resolved}, nil), "merged", "failed"},
		"RESOLVE without item": {replies(versioned.Reply{Action: versioned.Resolve}, nil), "failed", "failed"},
		"REMOVE":               {replies(versioned.Reply{Action: versioned.Remove}, nil), "failed", "deleted"},
		"REJECT":               {replies(versioned.Reply{Action: versioned.Reject}, nil), "rejected", "rejected"},
		"REJECT with item":     {replies(versioned.Reply{Action: versioned.Reject, Item: resolved}, nil), "rejected", "rejected"},
		"nothing":              {replies(versioned.Reply{}, nil), "failed", "failed"},
		"an unknown action":    {replies(versioned.Reply{Action: "resolve", Item: resolved}, nil), "failed", "failed"},
		"an error":             {replies(versioned.Reply{Action: versioned.Resolve, Item: resolved}, errors.New("timed out")), "failed", "failed"},
		"no handler":           {nil, "failed", "failed"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, op := range []string{"put", "update", "delete"} {
				h := notes(t)
				stored := h.put(item("text", "a", "more", 1), id("n1"))
				w := &versioned.Write{Key: id("n1"), Version: version(5), Strategy: versioned.Lambda, Handler: test.handler}
				want := test.put
				var got *attribute.Item
				var err error
				switch op {
				case "put":
					w.Attributes = item("text", "b")
					got, err = h.Put(ctx, w)
				case "update":
					w.Expr = set("text", "b")
					got, err = h.Update(ctx, w)
				default:
					want = test.delete
					got, err = h.Delete(ctx, w)
				}
				switch want {
				case "rejected":
					expectRejected(t, err, stored)
				case "failed":
					expectConflict(t, err, versioned.HandlerFailed, handlerFailed, stored)
				case "deleted":
					expectItem(t, got, with(stored, "_version", 2, "_lastChangedAt", epoch+1, "_deleted", true, "_ttl", 1700000000+30*86400))
				default:
					expectItem(t, got, item("id", "n1", "text", want, "_version", 2, "_lastChangedAt", epoch+1))
				}
				wantRecords := 1
				if err == nil {
					wantRecords = 2
				}
				if n := h.countRecords(); n != wantRecords {
					t.Errorf("%s: %d records", op, n)
				}
			}
		})
	}
}

// newItem is "a preview of the item, if the mutation succeeded".
func TestEvents(t *testing.T) {
	h := notes(t)
	stored := h.put(item("text", "a", "more", 1), id("n1"))
	var events []versioned.Event
	handler := func(_ context.Context, e versioned.Event) (versioned.Reply, error) {
		events = append(events, e)
		// The items are the handler's own.
		e.NewItem.Set("text", value("changed"))
		e.ExistingItem.Set("text", value("changed"))
		return versioned.Reply{Action: versioned.Reject}, nil
	}
	w := versioned.Write{Key: id("n1"), Version: version(5), Strategy: versioned.Lambda, Handler: handler}
	put, update, del := w, w, w
	put.Attributes = item("text", "b")
	update.Expr = set("text", "b")
	_, err := h.Put(ctx, &put)
	expectRejected(t, err, stored)
	_, err = h.Update(ctx, &update)
	expectRejected(t, err, stored)
	_, err = h.Delete(ctx, &del)
	expectRejected(t, err, stored)
	if len(events) != 3 {
		t.Fatalf("%d events", len(events))
	}
	for i, want := range []*attribute.Item{
		item("id", "n1", "text", "changed", "_version", 2, "_lastChangedAt", epoch+1),
		item("id", "n1", "text", "changed", "more", 1, "_version", 2, "_lastChangedAt", epoch+1),
		item("id", "n1", "text", "changed", "more", 1, "_version", 2, "_lastChangedAt", epoch+1, "_deleted", true, "_ttl", 1700000000+30*86400),
	} {
		expectItem(t, events[i].NewItem, want)
		expectItem(t, events[i].ExistingItem, with(stored, "text", "changed"))
		if op := []versioned.Operation{versioned.PutItem, versioned.UpdateItem, versioned.DeleteItem}[i]; events[i].Operation != op || events[i].Table != "Notes" {
			t.Errorf("%s of %s", events[i].Operation, events[i].Table)
		}
	}
	expectItem(t, h.stored(id("n1")), stored)
}

// A handler may use the table that it decides for, and is asked again about what
// it finds there then.
func TestHandlersAreAskedAgain(t *testing.T) {
	h := notes(t)
	h.put(item("n", 0), id("n1"))
	calls := 0
	handler := func(_ context.Context, e versioned.Event) (versioned.Reply, error) {
		calls++
		if calls < 4 {
			h.set(id("n1"), "n", calls)
		}
		return versioned.Reply{Action: versioned.Resolve, Item: with(e.ExistingItem, "text", "resolved")}, nil
	}
	got := must(h.Update(ctx, &versioned.Write{Key: id("n1"), Expr: set("text", "b"), Version: version(9), Strategy: versioned.Lambda, Handler: handler}))(t)
	expectItem(t, with(got, "_lastChangedAt", absent), item("id", "n1", "n", 3, "text", "resolved", "_version", 5))
	if calls != 4 {
		t.Errorf("asked %d times", calls)
	}

	// When the version of the caller has come about meanwhile, there is no
	// conflict any more.
	calls = 3
	got = must(h.Update(ctx, &versioned.Write{
		Key: id("n1"), Expr: set("text", "mine"), Version: version(6), Strategy: versioned.Lambda,
		Handler: func(context.Context, versioned.Event) (versioned.Reply, error) {
			h.set(id("n1"), "n", 7)
			return versioned.Reply{Action: versioned.Resolve, Item: item()}, nil
		},
	}))(t)
	expectItem(t, with(got, "_lastChangedAt", absent), item("id", "n1", "n", 7, "text", "mine", "_version", 7))
}

func TestHandlersThatNeverCatchUp(t *testing.T) {
	h := notes(t)
	h.put(item("n", 0), id("n1"))
	calls := 0
	handler := func(_ context.Context, e versioned.Event) (versioned.Reply, error) {
		calls++
		h.set(id("n1"), "n", calls)
		return versioned.Reply{Action: versioned.Resolve, Item: e.NewItem}, nil
	}
	_, err := h.Update(ctx, &versioned.Write{Key: id("n1"), Expr: set("text", "b"), Version: version(99), Strategy: versioned.Lambda, Handler: handler})
	expectConflict(t, err, versioned.AttemptsUsedUp, "Max retry attempts were reached for conflict resolution.", h.stored(id("n1")))
	if calls != 10 {
		t.Errorf("asked %d times", calls)
	}
}

// The condition of the caller holds for what the handler is asked about, too.
func TestHandlersDoNotGoAroundTheCondition(t *testing.T) {
	h := notes(t)
	stored := h.put(item("text", "a"), id("n1"))
	expr := set("text", "b")
	expr.Condition = "attribute_not_exists(#n)"
	_, err := h.Update(ctx, &versioned.Write{
		Key: id("n1"), Expr: expr, Version: version(5), Strategy: versioned.Lambda,
		Handler: replies(versioned.Reply{Action: versioned.Resolve, Item: item("text", "c")}, nil),
	})
	expectConditionFailed(t, err, stored)
}

func TestHandlersHeedTheContext(t *testing.T) {
	h := notes(t)
	h.put(nil, id("n1"))
	c, cancel := context.WithCancel(ctx)
	_, err := h.Update(c, &versioned.Write{
		Key: id("n1"), Version: version(5), Strategy: versioned.Lambda,
		Handler: func(c context.Context, _ versioned.Event) (versioned.Reply, error) {
			cancel()
			return versioned.Reply{}, c.Err()
		},
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%T %v", err, err)
	}
	if _, ok := errors.AsType[*versioned.ConflictError](err); ok {
		t.Error("is no conflict")
	}
}

// A handler that panics leaves the item free for others.
func TestHandlersThatPanic(t *testing.T) {
	h := notes(t)
	h.put(nil, id("n1"))
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic is swallowed")
			}
		}()
		h.Update(ctx, &versioned.Write{
			Key: id("n1"), Version: version(5), Strategy: versioned.Lambda,
			Handler: func(context.Context, versioned.Event) (versioned.Reply, error) { panic("handler") },
		})
	}()
	h.set(id("n1"), "text", "a")
}

// The decisions that an observer hears of.
func TestDecisions(t *testing.T) {
	var last versioned.Decision
	h := notes(t, func(c *versioned.Config) { c.Observe = func(d versioned.Decision) { last = d } })
	expect := func(rule versioned.Rule, stored, written, at int64, conflict bool) {
		t.Helper()
		if last.Rule != rule || last.Stored != stored || last.Written != written || last.Time != at || last.Conflict != conflict {
			t.Errorf("%+v", last)
		}
		if last.Table != "Notes" || text(last.Key) != text(id("n1")) {
			t.Errorf("%+v", last)
		}
	}
	update := func(v attribute.Value, s versioned.Strategy, handler versioned.Handler) {
		expr := set("n", 9)
		expr.Update += ", done = :log"
		expr.Values[":log"] = value([]any{1})
		h.Update(ctx, &versioned.Write{Key: id("n1"), Version: v, Strategy: s, Expr: expr, Handler: handler})
	}
	h.Delete(ctx, &versioned.Write{Key: id("n1")})
	expect(versioned.RuleAbsent, 0, 0, epoch, false)
	h.put(item("n", 0, "done", []any{}), id("n1"))
	expect(versioned.RuleCreated, 0, 1, epoch, false)
	update(absent, versioned.NoDetection, nil)
	expect(versioned.RuleNoDetection, 1, 2, epoch+1, false)
	update(absent, versioned.Automerge, nil)
	expect(versioned.RuleVersionNotSent, 2, 3, epoch+2, false)
	update(version(3), versioned.Automerge, nil)
	expect(versioned.RuleVersionMatches, 3, 4, epoch+3, false)
	update(version(3), versioned.OptimisticConcurrency, nil)
	expect(versioned.RuleRejected, 4, 0, epoch, true)
	if last.Err == nil || last.Sent.Text() != "3" || last.Strategy != versioned.OptimisticConcurrency || last.Operation != versioned.UpdateItem {
		t.Errorf("%+v", last)
	}
	h.set(id("n1"), "n", 1)
	update(version(3), versioned.Automerge, nil)
	expect(versioned.RuleMerged, 5, 6, epoch+5, true)
	if got := last.Attributes; len(got) != 2 || got[0] != (versioned.AttributeDecision{Path: "n", Action: versioned.Rejects}) ||
		got[1] != (versioned.AttributeDecision{Path: "done", Action: versioned.Appended}) {
		t.Errorf("%+v", got)
	}
	update(version(3), versioned.Lambda, replies(versioned.Reply{Action: versioned.Reject}, nil))
	expect(versioned.RuleHandlerRejected, 6, 0, epoch, true)
	if last.Attempts != 1 {
		t.Errorf("%d attempts", last.Attempts)
	}
	update(version(3), versioned.Lambda, nil)
	expect(versioned.RuleHandlerFailed, 6, 0, epoch, true)
	update(version(3), versioned.Lambda, replies(versioned.Reply{Action: versioned.Resolve, Item: item()}, nil))
	expect(versioned.RuleResolved, 6, 7, epoch+6, true)
	h.Delete(ctx, &versioned.Write{Key: id("n1"), Expr: storage.Expressions{Condition: "attribute_exists(gone)"}})
	expect(versioned.RuleConditionFailed, 7, 0, epoch, false)
	h.Update(ctx, &versioned.Write{Key: id("n1"), Expr: set("_ttl", 1)})
	expect(versioned.RuleRefused, 0, 0, epoch, false)
	h.Delete(ctx, &versioned.Write{Key: id("n1"), Version: version(3), Strategy: versioned.Lambda, Handler: replies(versioned.Reply{Action: versioned.Remove}, nil)})
	expect(versioned.RuleRemoved, 7, 8, epoch+7, true)
	for s, name := range []string{"NONE", "OPTIMISTIC_CONCURRENCY", "AUTOMERGE", "FIELD_LEVEL", "LAMBDA", "?"} {
		if got := versioned.Strategy(s).String(); got != name {
			t.Errorf("strategy %s is called %s", strconv.Itoa(s), got)
		}
	}
}
