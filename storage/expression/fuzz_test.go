package expression_test

import (
	"strings"
	"testing"

	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/expression"
)

const fuzzItem = `{"id":{"S":"1"},"a":{"N":"1"},"b":{"L":[{"M":{"c":{"S":"x"}}},{"N":"2"}]},"c":{"SS":["x"]},"d":{"M":{"e":{"B":"AA=="}}}}`

// fuzzBind binds text with a name or value for each placeholder that it mentions,
// and expects any refusal to be an *expression.Error.
func fuzzBind(t *testing.T, req expression.Request, text string) *expression.Bound {
	names := map[string]string{"#a": "a", "#b": "b", "#c": "c"}
	vals := values(t, `{":n":{"N":"1"},":s":{"S":"x"},":l":{"L":[]},":t":{"SS":["x","y"]}}`)
	for name := range names {
		if !strings.Contains(text, name) {
			delete(names, name)
		}
	}
	for name := range vals {
		if !strings.Contains(text, name) {
			delete(vals, name)
		}
	}
	if len(names) > 0 {
		req.Names = names
	}
	if len(vals) > 0 {
		req.Values = vals
	}
	b, err := expression.NewCache(1).Bind(req, rangeKey, nil)
	if err != nil {
		refusal, ok := err.(*expression.Error)
		if !ok || refusal.Message == "" {
			t.Fatalf("%q: %T %v", text, err, err)
		}
		return nil
	}
	return b
}

func FuzzParseCondition(f *testing.F) {
	for _, seed := range []string{
		"a = :n", "#a <> :s OR NOT (b[0].c IN (:s, a) AND size(c) >= :n)", "begins_with(d.e, :s) and a between :n and :n",
		"attribute_type(a, :s)", "contains(c, :s)", "((a = b))", "(a).b = c", "attribute_not_exists(#b[1].#c)", "a = ", "ü",
	} {
		f.Add(seed)
	}
	it := item(f, fuzzItem)
	f.Fuzz(func(t *testing.T, text string) {
		b := fuzzBind(t, expression.Request{Condition: text, HasCondition: true}, text)
		if b == nil {
			return
		}
		for _, it := range []*attribute.Item{it, nil} {
			met, err := b.Condition.Eval(it)
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			// The opposite condition holds exactly when this one does not.
			opposite := fuzzBind(t, expression.Request{Condition: "NOT (" + text + ")"}, text)
			if opposite == nil {
				continue // too long, too many operators or redundant parentheses
			}
			if unmet, err := opposite.Condition.Eval(it); err != nil || unmet == met {
				t.Fatalf("%q and its opposite are %v, %v", text, met, err)
			}
		}
	})
}

func FuzzParseKeyCondition(f *testing.F) {
	for _, seed := range []string{"id = :s", "id = :s AND sk BETWEEN :n AND :n", "(:n < sk) and (id = :s)", "begins_with(sk, :s)", "id = :s OR a = :n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		b := fuzzBind(t, expression.Request{KeyCondition: text, HasKeyCondition: true}, text)
		if b == nil {
			return
		}
		if b.Key.Partition.Kind() != attribute.S || b.Key.Sort != nil && b.Key.Sort.Low.Kind() != attribute.N {
			t.Fatalf("%q: %+v", text, b.Key)
		}
	})
}

func FuzzParseUpdate(f *testing.F) {
	for _, seed := range []string{
		"SET a = a + :n, b[0].c = if_not_exists(z, :s) REMOVE b[1] ADD d.x :n DELETE c :t", "SET #b = list_append(#b, :l)",
		"set z = (a - :n)", "REMOVE b[0], b[7]", "SET b[9] = :s, b[5] = :n", "ADD a :n ADD a :n", "SET a = b + c + d",
	} {
		f.Add(seed)
	}
	old := item(f, fuzzItem)
	f.Fuzz(func(t *testing.T, text string) {
		b := fuzzBind(t, expression.Request{Update: text, HasUpdate: true}, text)
		if b == nil {
			return
		}
		updated, touched, err := b.Update.Apply(old)
		if jsonOf(old) != jsonOf(item(t, fuzzItem)) {
			t.Fatalf("%q changed the old item", text)
		}
		if err != nil {
			return
		}
		if updated.Get("id").Text() != "1" {
			t.Fatalf("%q changed the key", text)
		}
		if again, err := attribute.ParseItemJSON([]byte(jsonOf(updated))); err != nil || !attribute.EqualItems(again, updated) {
			t.Fatalf("%q makes an invalid item: %s, %v", text, jsonOf(updated), err)
		}
		expression.ProjectPaths(updated, touched)
	})
}

func FuzzParseProjection(f *testing.F) {
	for _, seed := range []string{"a, b[0].c", "#a.#b[1]", "a, a.b", "b[1], b[0]", "a,,b"} {
		f.Add(seed)
	}
	it := item(f, fuzzItem)
	f.Fuzz(func(t *testing.T, text string) {
		b := fuzzBind(t, expression.Request{Projection: text, HasProjection: true}, text)
		if b == nil {
			return
		}
		if got := b.Projection.Apply(it); got.Size() > it.Size() {
			t.Fatalf("%q selects more than there is: %s", text, jsonOf(got))
		}
	})
}
