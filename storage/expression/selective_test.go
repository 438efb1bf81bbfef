package expression_test

import (
	"testing"

	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/expression"
)

func number(n string) attribute.Value { return attribute.Number(n) }

func TestApplySelectivelyAsksForEachAction(t *testing.T) {
	bound := bind(t, expression.Request{
		Update: "SET a = :one, m.x = :one, n = n + :one REMOVE r ADD c :one",
		Values: map[string]attribute.Value{":one": number("1")},
	}, hashKey)
	old := attribute.NewItem(
		attribute.Attribute{Name: "m", Value: attribute.MapOf(attribute.NewItem(attribute.Attribute{Name: "x", Value: number("7")}))},
		attribute.Attribute{Name: "n", Value: number("2")},
		attribute.Attribute{Name: "r", Value: number("3")},
	)
	var seen []string
	// With every action let through it is Apply.
	got, err := bound.Update.ApplySelectively(old, func(c *expression.Change) (expression.Outcome, error) {
		seen = append(seen, c.Clause+" "+c.Path.String()+" "+c.Operand.Text()+" "+c.Current.Text())
		return c.Outcome()
	})
	if err != nil {
		t.Fatal(err)
	}
	plain, _, err := bound.Update.Apply(old)
	if err != nil {
		t.Fatal(err)
	}
	if !attribute.EqualItems(got, plain) {
		t.Errorf("got %s, Apply gives %s", attribute.AppendItemJSON(nil, got), attribute.AppendItemJSON(nil, plain))
	}
	want := []string{"SET [a] 1 ", "SET [m, x] 1 7", "SET [n]  2", "REMOVE [r]  3", "ADD [c] 1 "}
	for i := range want {
		if i >= len(seen) || seen[i] != want[i] {
			t.Fatalf("asked for %q, want %q", seen, want)
		}
	}
	// With none let through nothing changes.
	got, err = bound.Update.ApplySelectively(old, func(*expression.Change) (expression.Outcome, error) {
		return expression.Outcome{}, nil
	})
	if err != nil || !attribute.EqualItems(got, old) {
		t.Errorf("got %s, %v", attribute.AppendItemJSON(nil, got), err)
	}
}

func TestFixedFindsTopLevelEqualities(t *testing.T) {
	values := map[string]attribute.Value{":a": number("1"), ":b": number("2")}
	for text, want := range map[string]string{
		"id = :a AND x = :b":            "1",
		":a = id AND x > :b":            "1",
		"x = :b AND (y > :a AND id=:a)": "1",
		"id = :a OR x = :b":             "",
		"NOT id = :a AND x = :b":        "",
		"id <> :a AND x = :b":           "",
		"id.part = :a AND x = :b":       "",
		"id = x AND y = :a AND z = :b":  "",
	} {
		req := expression.Request{Filter: text, Values: values}
		bound, err := expression.NewCache(8).Bind(req, expression.Key{Partition: "pk", PartitionKind: attribute.S}, nil)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if v, ok := bound.Filter.Fixed("id"); v.Text() != want || ok != (want != "") {
			t.Errorf("%s: %q, %v", text, v.Text(), ok)
		}
	}
	var none *expression.Condition
	if _, ok := none.Fixed("id"); ok {
		t.Error("no condition fixes an attribute")
	}
}
