package versioned_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/versioned"
)

// mergedBy writes an attribute v over a stored one with a wrong version, once by
// a put and once by an update, and returns what becomes of it and what the
// observer hears.
func mergedBy(t *testing.T, strategy versioned.Strategy, stored, incoming attribute.Value) (put, update *attribute.Item, actions []string) {
	t.Helper()
	for _, op := range []versioned.Operation{versioned.PutItem, versioned.UpdateItem} {
		var decision versioned.Decision
		h := notes(t, func(c *versioned.Config) { c.Observe = func(d versioned.Decision) { decision = d } })
		h.imports(with(item("id", "n1", "_version", 8, "_lastChangedAt", epoch-1), "v", stored))
		w := &versioned.Write{Key: id("n1"), Version: version(3), Strategy: strategy}
		var got *attribute.Item
		if op == versioned.PutItem {
			w.Attributes = with(item(), "v", incoming)
			got = must(h.Put(ctx, w))(t)
			put = got
		} else {
			w.Expr = set("v", incoming)
			if !incoming.IsValid() {
				w.Expr = storage.Expressions{Update: "REMOVE v"}
			}
			got = must(h.Update(ctx, w))(t)
			update = got
		}
		if got.Get("_version").Text() != "9" || got.Get("_lastChangedAt").Text() != fmt.Sprint(epoch) {
			t.Errorf("%s: metadata of %s", op, text(got))
		}
		var heard []string
		for _, d := range decision.Attributes {
			heard = append(heard, d.Path+" "+string(d.Action))
		}
		if actions != nil && strings.Join(actions, ",") != strings.Join(heard, ",") {
			t.Errorf("put did %q, update %q", actions, heard)
		}
		actions = heard
	}
	return put, update, actions
}

// binaries is a set of binary values of one byte.
func binaries(elems ...byte) attribute.Value {
	var out []attribute.Value
	for _, e := range elems {
		out = append(out, attribute.Binary([]byte{e}))
	}
	return attribute.SetOf(attribute.BS, out)
}

// Every row of the rules of Automerge: the AWS page "Conflict detection and
// resolution", section Automerges; the actions by the page "Monitoring".
func TestAutomerge(t *testing.T) {
	long := item("p", 1, "q", 2)
	for name, test := range map[string]struct {
		stored, incoming, want attribute.Value
		actions                string
	}{
		"absent takes a scalar":           {absent, version("b"), version("b"), "v ADDED"},
		"absent takes a list":             {absent, version([]any{1}), version([]any{1}), "v ADDED"},
		"absent takes a map":              {absent, version(long), version(long), "v ADDED"},
		"absent takes null":               {absent, version(nil), version(nil), "v ADDED"},
		"null takes a scalar":             {version(nil), version(7), version(7), "v ADDED"},
		"null takes a set":                {version(nil), version([]string{"a"}), version([]string{"a"}), "v ADDED"},
		"null and null":                   {version(nil), version(nil), version(nil), ""},
		"string":                          {version("a"), version("b"), version("a"), "v REJECTED"},
		"equal strings":                   {version("a"), version("a"), version("a"), ""},
		"number":                          {version(1), version(2), version(1), "v REJECTED"},
		"boolean":                         {version(true), version(false), version(true), "v REJECTED"},
		"binary":                          {version([]byte{1}), version([]byte{2}), version([]byte{1}), "v REJECTED"},
		"scalar of another type":          {version("1"), version(1), version("1"), "v REJECTED"},
		"scalar against a list":           {version("a"), version([]any{"a"}), version("a"), "v REJECTED"},
		"list":                            {version([]any{1}), version([]any{1, 9}), version([]any{1, 1, 9}), "v APPENDED"},
		"equal lists":                     {version([]any{1}), version([]any{1}), version([]any{1, 1}), "v APPENDED"}, // amplify-cli#5541
		"list and nothing":                {version([]any{1}), version([]any{}), version([]any{1}), "v APPENDED"},
		"list against a scalar":           {version([]any{1}), version("a"), version([]any{1}), "v REJECTED"},
		"list against a set":              {version([]any{"a"}), version([]string{"b"}), version([]any{"a"}), "v REJECTED"},
		"string set":                      {version([]string{"x", "y"}), version([]string{"y", "z"}), version([]string{"x", "y", "z"}), "v MERGED"},
		"string set and list":             {version([]string{"x", "y"}), version([]any{"y", "z", "z"}), version([]string{"x", "y", "z"}), "v MERGED"},
		"number set":                      {version([]int{2, 1}), version([]any{3, 1}), version([]int{2, 1, 3}), "v MERGED"},
		"number set and number set":       {version([]int{2, 1}), version([]int{1, 3}), version([]int{2, 1, 3}), "v MERGED"},
		"binary set":                      {binaries(1, 2), binaries(2, 3), binaries(1, 2, 3), "v MERGED"},
		"binary set and list":             {binaries(1), version([]any{[]byte{2}, []byte{1}}), binaries(1, 2), "v MERGED"},
		"set and nothing":                 {version([]string{"x"}), version([]any{}), version([]string{"x"}), "v MERGED"},
		"set and a map":                   {version([]string{"x"}), version(item("x", 1)), version([]string{"x"}), "v REJECTED"},
		"list against a map":              {version([]any{1}), version(item("x", 1)), version([]any{1}), "v REJECTED"},
		"set and the list of another one": {version([]string{"x"}), version([]any{"y", 1}), version([]string{"x"}), "v REJECTED"},
		"set and a set of another type":   {version([]string{"x"}), version([]int{1}), version([]string{"x"}), "v REJECTED"},
		"set and a scalar":                {version([]string{"x"}), version("y"), version([]string{"x"}), "v REJECTED"},
		"map":                             {version(long), version(item("p", 5, "r", 3)), version(item("p", 1, "q", 2, "r", 3)), "v.p REJECTED,v.r ADDED"},
		"map of maps": {
			version(item("m", item("l", []any{1}, "s", []string{"a"}))), version(item("m", item("l", []any{2}, "s", []any{"b"}, "n", true))),
			version(item("m", item("l", []any{1, 2}, "s", []string{"a", "b"}, "n", true))), "v.m.l APPENDED,v.m.n ADDED,v.m.s MERGED",
		},
		"map against a scalar":    {version(long), version("a"), version(long), "v REJECTED"},
		"map against a list":      {version(long), version([]any{1}), version(long), "v REJECTED"},
		"maps inside of a list":   {version([]any{long}), version([]any{long}), version([]any{long, long}), "v APPENDED"},
		"scalar omitted":          {version("a"), absent, version("a"), ""},
		"list omitted":            {version([]any{1}), absent, version([]any{1}), ""},
		"scalar against null":     {version("a"), version(nil), version("a"), ""},
		"list against null":       {version([]any{1}), version(nil), version([]any{1}), ""},
		"set against null":        {version([]string{"x"}), version(nil), version([]string{"x"}), ""},
		"map against null":        {version(long), version(nil), version(long), ""},
		"entry against null":      {version(long), version(item("p", nil)), version(long), ""},
		"absent omitted":          {absent, absent, absent, ""},
		"numbers written apart":   {attribute.Number("1"), attribute.Number("1"), attribute.Number("1"), ""},
		"scalar and an empty map": {version(""), version(item()), version(""), "v REJECTED"},
	} {
		t.Run(name, func(t *testing.T) {
			put, update, actions := mergedBy(t, versioned.Automerge, test.stored, test.incoming)
			for _, got := range []*attribute.Item{put, update} {
				expectItem(t, with(item(), "v", got.Get("v")), with(item(), "v", test.want))
			}
			if got := strings.Join(actions, ","); got != test.actions {
				t.Errorf("actions %q, want %q", got, test.actions)
			}
		})
	}
}

// One item with all of the rules at once.
func TestAutomergeOfAnItem(t *testing.T) {
	h := notes(t)
	h.imports(item("id", "n1", "name", "A", "tags", []string{"x", "y"}, "log", []any{1}, "m", item("p", 1, "q", 2), "_version", 8))
	got := must(h.Put(ctx, &versioned.Write{
		Key: id("n1"), Version: version(3), Strategy: versioned.Automerge,
		Attributes: item("name", "B", "tags", []any{"y", "z"}, "log", []any{1, 9}, "m", item("p", 5, "r", 3), "extra", true),
	}))(t)
	want := item("id", "n1", "name", "A", "tags", []string{"x", "y", "z"}, "log", []any{1, 1, 9}, "m", item("p", 1, "q", 2, "r", 3),
		"extra", true, "_version", 9, "_lastChangedAt", epoch)
	expectItem(t, got, want)
	expectItem(t, h.stored(id("n1")), want)
}

// A version above the stored one is a conflict like one below. With versions far
// behind the merged item has the stored one plus 1: aws-amplify/amplify-android#1050.
func TestAutomergeOfVersions(t *testing.T) {
	for _, sent := range []int{0, 12, 16, 1000} {
		h := notes(t)
		h.imports(item("id", "n1", "text", "a", "_version", 15))
		got := must(h.Update(ctx, &versioned.Write{Key: id("n1"), Version: version(sent), Expr: set("text", "b"), Strategy: versioned.Automerge}))(t)
		expectItem(t, got, item("id", "n1", "text", "a", "_version", 16, "_lastChangedAt", epoch))
	}
	h := notes(t)
	h.imports(item("id", "n1", "text", "a", "_version", 15))
	got := must(h.Update(ctx, &versioned.Write{Key: id("n1"), Version: version(15), Expr: set("text", "b"), Strategy: versioned.Automerge}))(t)
	expectItem(t, got, item("id", "n1", "text", "b", "_version", 16, "_lastChangedAt", epoch))
}

// Of updates the documentation knows values alone. What computes something from
// the item happens only where there is nothing.
func TestAutomergeOfUpdates(t *testing.T) {
	stored := item("id", "n1", "n", 1, "l", []any{1}, "s", []string{"a"}, "m", item("x", 1, "l", []any{1}), "null", nil, "_version", 5)
	for name, test := range map[string]struct {
		update string
		values []any
		want   []any
	}{
		"several":                       {"SET n = :v, k = :v REMOVE l", []any{":v", 9}, []any{"k", 9}},
		"sum":                           {"SET n = n + :v", []any{":v", 9}, nil},
		"copy of another":               {"SET n = m.x, k = m.x", nil, []any{"k", 1}},
		"list_append":                   {"SET l = list_append(l, :v)", []any{":v", []any{2}}, nil},
		"list_append elsewhere":         {"SET k = list_append(l, :v)", []any{":v", []any{2}}, []any{"k", []any{1, 2}}},
		"if_not_exists":                 {"SET n = if_not_exists(n, :v), k = if_not_exists(k, :v)", []any{":v", 9}, []any{"k", 9}},
		"ADD to a number":               {"ADD n :v", []any{":v", 9}, nil},
		"ADD of a number":               {"ADD k :v", []any{":v", 9}, []any{"k", 9}},
		"ADD to null":                   {"ADD #null :v", []any{":v", 9}, []any{"null", 9}},
		"ADD to a set":                  {"ADD s :v", []any{":v", []string{"b", "a"}}, []any{"s", []string{"a", "b"}}},
		"ADD of a set":                  {"ADD k :v", []any{":v", []string{"b"}}, []any{"k", []string{"b"}}},
		"ADD of another type":           {"ADD n :v", []any{":v", []string{"b"}}, nil},
		"DELETE":                        {"DELETE s :v", []any{":v", []string{"a"}}, nil},
		"DELETE of nothing":             {"DELETE k :v", []any{":v", []string{"a"}}, nil},
		"REMOVE":                        {"REMOVE n, l, s, m, k", nil, nil},
		"an entry of a map":             {"SET m.x = :v, m.y = :v", []any{":v", 9}, []any{"m", item("x", 1, "y", 9, "l", []any{1})}},
		"a list of a map":               {"SET m.l = :v", []any{":v", []any{2}}, []any{"m", item("x", 1, "l", []any{1, 2})}},
		"an element of a list":          {"SET l[0] = :v, l[5] = :v", []any{":v", 9}, []any{"l", []any{1, 9}}},
		"removal of an entry":           {"REMOVE m.x", nil, nil},
		"a computed entry":              {"SET m.x = n + :v", []any{":v", 9}, nil},
		"sum over what is not a number": {"SET n = s + :v", []any{":v", 9}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			h := notes(t)
			h.imports(stored)
			expr := storage.Expressions{Update: test.update}
			if test.values != nil {
				expr.Values = values(test.values...)
			}
			if strings.Contains(test.update, "#null") {
				expr.Names = map[string]string{"#null": "null"}
			}
			got := must(h.Update(ctx, &versioned.Write{Key: id("n1"), Version: version(3), Expr: expr, Strategy: versioned.Automerge}))(t)
			expectItem(t, got, with(stored, append(test.want, "_version", 6, "_lastChangedAt", epoch)...))
		})
	}
	for update, message := range map[string]string{
		"SET k = k + :v": "The provided expression refers to an attribute that does not exist in the item",
		"SET k.x = :v":   "The document path provided in the update expression is invalid for update",
		"SET n.x = :v":   "The document path provided in the update expression is invalid for update",
	} {
		h := notes(t)
		h.imports(stored)
		_, err := h.Update(ctx, &versioned.Write{
			Key: id("n1"), Version: version(3), Expr: storage.Expressions{Update: update, Values: values(":v", 9)}, Strategy: versioned.Automerge,
		})
		expectRefusal(t, err, message)
	}
}

// The observer hears of the paths that an update names.
func TestDecisionsAboutPaths(t *testing.T) {
	var last versioned.Decision
	h := notes(t, func(c *versioned.Config) { c.Observe = func(d versioned.Decision) { last = d } })
	h.imports(item("id", "n1", "m", item("l", []any{item("x", 1)}), "_version", 5))
	must(h.Update(ctx, &versioned.Write{
		Key: id("n1"), Version: version(3), Strategy: versioned.Automerge,
		Expr: storage.Expressions{Update: "SET m.l[0].x = :v, m.l[0].y = :v ADD m.n :v", Values: values(":v", 2)},
	}))(t)
	want := []versioned.AttributeDecision{
		{Path: "m.l[0].x", Action: versioned.Rejects}, {Path: "m.l[0].y", Action: versioned.Added}, {Path: "m.n", Action: versioned.Added},
	}
	if !slices.Equal(last.Attributes, want) {
		t.Errorf("%+v", last.Attributes)
	}
}

// Clients take a merged tombstone that still is one; amplify-swift's
// ProcessMutationErrorFromCloudOperation.
func TestAutomergeOverATombstone(t *testing.T) {
	h := notes(t)
	h.put(item("text", "a"), id("n1"))
	tombstone := h.delete(id("n1"))
	got := must(h.Update(ctx, &versioned.Write{Key: id("n1"), Version: version(1), Expr: set("more", "b"), Strategy: versioned.Automerge}))(t)
	want := with(tombstone, "more", "b", "_version", 3, "_lastChangedAt", epoch+2)
	expectItem(t, got, want)
	got = must(h.Put(ctx, &versioned.Write{Key: id("n1"), Version: version(1), Attributes: item("text", "c", "most", 1), Strategy: versioned.Automerge}))(t)
	expectItem(t, got, with(want, "most", 1, "_version", 4, "_lastChangedAt", epoch+3))
}

// A stale update of title is undone by Automerge although the other client
// touched blogId alone: conflictResolutionBehavior.test.ts of amplify-js,
// "Updates to different fields". The article "AWS AppSync offline reference
// architecture" lets both survive, as FieldLevel does.
func TestFieldLevel(t *testing.T) {
	start := func(t *testing.T) *harness {
		h := notes(t)
		h.put(item("title", "t1", "blogId", "b1", "gone", "g", "log", []any{1}, "m", item("x", 1, "y", 1)), id("n1"))
		h.set(id("n1"), "blogId", "b2")
		return h
	}
	update := func(h *harness, s versioned.Strategy, v int, expr storage.Expressions) *attribute.Item {
		return must(h.Update(ctx, &versioned.Write{Key: id("n1"), Version: version(v), Expr: expr, Strategy: s}))(h.t)
	}
	t.Run("different fields under AUTOMERGE", func(t *testing.T) {
		if got := update(start(t), versioned.Automerge, 1, set("title", "t2")); got.Get("title").Text() != "t1" || got.Get("blogId").Text() != "b2" {
			t.Error(text(got))
		}
	})
	t.Run("different fields", func(t *testing.T) {
		if got := update(start(t), versioned.FieldLevel, 1, set("title", "t2")); got.Get("title").Text() != "t2" || got.Get("blogId").Text() != "b2" {
			t.Error(text(got))
		}
	})
	t.Run("one field", func(t *testing.T) {
		if got := update(start(t), versioned.FieldLevel, 1, set("blogId", "b3")); got.Get("blogId").Text() != "b2" {
			t.Error(text(got))
		}
	})
	t.Run("whole items", func(t *testing.T) {
		h := start(t)
		got := must(h.Put(ctx, &versioned.Write{
			Key: id("n1"), Version: version(1), Strategy: versioned.FieldLevel,
			Attributes: item("title", "t2", "blogId", "b1", "log", []any{2}, "m", item("x", 2, "y", 1), "new", 1),
		}))(t)
		expectItem(t, got, item("id", "n1", "title", "t2", "blogId", "b2", "gone", "g", "log", []any{1, 2}, "m", item("x", 2, "y", 1), "new", 1,
			"_version", 3, "_lastChangedAt", epoch+2))
	})
	t.Run("removals and sums", func(t *testing.T) {
		h := start(t)
		h.set(id("n1"), "theirs", 1)
		got := update(h, versioned.FieldLevel, 2, storage.Expressions{
			Update: "SET m.x = m.x + :v REMOVE gone, theirs, m.y", Values: values(":v", 5),
		})
		if got.Has("gone") || !got.Has("theirs") || text(got.Get("m").Item()) != `{"x":{"N":"6"}}` {
			t.Error(text(got))
		}
	})
	t.Run("of versions that nobody knows", func(t *testing.T) {
		for _, v := range []int{0, 3, 77, -1} {
			if got := update(start(t), versioned.FieldLevel, v, set("title", "t2")); got.Get("title").Text() != "t1" {
				t.Error(text(got))
			}
		}
	})
	t.Run("after the record is gone", func(t *testing.T) {
		h := start(t)
		h.clock.advance(time.Hour)
		if got := update(h, versioned.FieldLevel, 1, set("title", "t2")); got.Get("title").Text() != "t1" {
			t.Error(text(got))
		}
	})
	t.Run("across days", func(t *testing.T) {
		h := notes(t, func(c *versioned.Config) { c.DeltaTTL = 240 * time.Hour })
		h.put(item("title", "t1"), id("n1"))
		h.put(item("title", "t1"), id("n2"))
		h.clock.advance(72 * time.Hour)
		h.set(id("n1"), "blogId", "b2")
		if got := update(h, versioned.FieldLevel, 1, set("title", "t2")); got.Get("title").Text() != "t2" {
			t.Error(text(got))
		}
	})
	t.Run("of composite and custom keys", func(t *testing.T) {
		h := comments(t)
		for _, at := range []int{1, 2} {
			w := versioned.Write{Key: item("post", "p", "at", at), CustomPartitionKey: "post"}
			w.Expr = set("title", fmt.Sprint("t", at))
			must(h.Update(ctx, &w))(t)
			w.Expr = set("other", 1)
			must(h.Update(ctx, &w))(t)
		}
		got := must(h.Update(ctx, &versioned.Write{
			Key: item("post", "p", "at", 1), CustomPartitionKey: "post", Version: version(1), Strategy: versioned.FieldLevel, Expr: set("title", "new"),
		}))(t)
		if got.Get("title").Text() != "new" {
			t.Error(text(got))
		}
	})
	t.Run("behind many records", func(t *testing.T) {
		h := notes(t)
		h.put(item("title", "t1"), id("n1"))
		for i := range 5 {
			h.put(item("text", strings.Repeat("x", 300<<10)), id(fmt.Sprint("other", i)))
		}
		h.set(id("n1"), "blogId", "b2")
		if got := update(h, versioned.FieldLevel, 1, set("title", "t2")); got.Get("title").Text() != "t2" {
			t.Error(text(got))
		}
	})
	t.Run("without a delta table", func(t *testing.T) {
		h := start(t)
		if err := h.store.DeleteTable(ctx, "Delta"); err != nil {
			t.Fatal(err)
		}
		_, err := h.Update(ctx, &versioned.Write{Key: id("n1"), Version: version(1), Expr: set("title", "t2"), Strategy: versioned.FieldLevel})
		if _, ok := errors.AsType[*versioned.DeltaSyncWriteError](err); !ok {
			t.Errorf("%T %v", err, err)
		}
	})
}

// FuzzMerge merges arbitrary items. Whatever they are, stored scalars stay, what
// is absent is added, and without lists a second merge changes nothing.
func FuzzMerge(f *testing.F) {
	for _, pair := range [][2]string{
		{`{}`, `{"a":{"S":"x"}}`},
		{`{"a":{"S":"x"},"l":{"L":[{"N":"1"}]}}`, `{"a":{"N":"1"},"l":{"L":[{"NULL":true}]}}`},
		{`{"s":{"SS":["a","b"]},"m":{"M":{"n":{"NS":["1"]},"z":{"NULL":true}}}}`, `{"s":{"L":[{"S":"c"},{"S":"a"}]},"m":{"M":{"n":{"NS":["2"]},"z":{"M":{}}}}}`},
		{`{"b":{"B":"AQ=="},"bs":{"BS":["AQ=="]}}`, `{"b":{"NULL":true},"bs":{"BS":["Ag=="]}}`},
	} {
		f.Add([]byte(pair[0]), []byte(pair[1]))
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		if !json.Valid(a) || !json.Valid(b) {
			return
		}
		stored, err := attribute.ParseItemJSON(a)
		if err != nil {
			return
		}
		incoming, err := attribute.ParseItemJSON(b)
		if err != nil {
			return
		}
		once := versioned.MergeItems(stored, incoming)
		for _, at := range stored.Attributes() {
			got := once.Get(at.Name)
			switch at.Value.Kind() {
			case attribute.S, attribute.N, attribute.B, attribute.BOOL:
				if !attribute.Equal(got, at.Value) {
					t.Fatalf("%s changed: %s", at.Name, text(once))
				}
			case attribute.NULL:
			default:
				if got.Kind() != at.Value.Kind() || at.Value.Kind() != attribute.M && len(got.Elems()) < len(at.Value.Elems()) {
					t.Fatalf("%s lost something: %s", at.Name, text(once))
				}
			}
		}
		for _, at := range incoming.Attributes() {
			if !once.Has(at.Name) || !stored.Has(at.Name) && !attribute.Equal(once.Get(at.Name), at.Value) {
				t.Fatalf("%s is not added: %s", at.Name, text(once))
			}
		}
		if !strings.Contains(string(a)+string(b), `"L"`) && !strings.Contains(string(a)+string(b), `\u`) {
			if twice := versioned.MergeItems(once, incoming); !attribute.EqualItems(once, twice) {
				t.Fatalf("merging again changes %s to %s", text(once), text(twice))
			}
		}
		if !attribute.EqualItems(versioned.MergeItems(stored, &attribute.Item{}), stored) {
			t.Fatal("merging nothing changes something")
		}
	})
}
