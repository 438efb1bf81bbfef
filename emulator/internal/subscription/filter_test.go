package subscription_test

import (
	"fmt"
	"math/big"
	"slices"
	"testing"

	"appsync-emulator/emulator/internal/subscription"
	"appsync-emulator/mappingtemplate/value"
)

// filterOf compiles the JSON of an enhanced filter.
func filterOf(t testing.TB, text string) *subscription.EnhancedFilter {
	t.Helper()
	v, err := value.ParseJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	filter, err := subscription.CompileFilter(v.(*value.Map))
	if err != nil {
		t.Fatal(err)
	}
	return filter
}

// What the operators mean is the guide's table of operators; that null fulfils
// the negative ones alone is our reading of it.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/extensions.html
func TestEnhancedFilterOperators(t *testing.T) {
	list := value.NewList("red", "green", int32(3))
	for _, c := range []struct {
		operator, operand string
		matching          []any
		other             []any
	}{
		{"eq", `"a"`, []any{"a"}, []any{"b", "A", int32(1), true, nil, value.NewList("a")}},
		{"eq", `5`, []any{int32(5), int64(5), 5.0, big.NewInt(5), value.Decimal("5.0")}, []any{int32(6), "5", true, nil}},
		{"eq", `3.3`, []any{3.3, value.Decimal("3.30")}, []any{int32(3), "3.3", nil}},
		{"eq", `9007199254740993`, []any{int64(9007199254740993)}, []any{int64(9007199254740992)}},
		{"eq", `18446744073709551617`, []any{value.Number("18446744073709551617")}, []any{value.Number("18446744073709551616"), int32(1)}},
		{"eq", `true`, []any{true}, []any{false, "true", int32(1), nil}},
		{"eq", `false`, []any{false}, []any{true, "false", int32(0), nil}},
		{"ne", `"a"`, []any{"b", int32(1), nil}, []any{"a"}},
		{"ne", `5`, []any{int32(6), "5", nil}, []any{int32(5), 5.0}},
		{"ne", `true`, []any{false, nil}, []any{true}},
		{"lt", `5`, []any{int32(4), 4.9, value.Decimal("-1")}, []any{int32(5), int32(6), "4", true, nil}},
		{"le", `5`, []any{int32(5), 4.9}, []any{5.1, "5", nil}},
		{"gt", `5`, []any{int32(6), 5.1}, []any{int32(5), int32(4), "6", nil}},
		{"ge", `5`, []any{int32(5), 5.1}, []any{int32(4), "5", nil}},
		{"gt", `"b"`, []any{"c", "ba"}, []any{"b", "a", int32(9), nil}},
		{"le", `"2024-05-01"`, []any{"2024-04-30", "2024-05-01"}, []any{"2024-05-02", nil}},
		{"between", `[1, 5]`, []any{int32(1), 2.5, int32(5)}, []any{int32(0), 5.1, "3", nil}},
		{"between", `["b", "d"]`, []any{"b", "c", "d"}, []any{"a", "da", int32(1), nil}},
		{"beginsWith", `"ab"`, []any{"ab", "abc"}, []any{"a", "cab", int32(1), list, nil}},
		{"contains", `"ree"`, []any{"green"}, []any{"red", list, int32(1), nil}},
		{"contains", `"red"`, []any{list, "a red one"}, []any{value.NewList("reddish"), nil}},
		{"contains", `3`, []any{list}, []any{"3", int32(3), value.NewList("3"), nil}},
		{"notContains", `"red"`, []any{"green", value.NewList("blue"), value.NewList(), nil}, []any{"red", list}},
		{"in", `["a", "b", 3]`, []any{"a", "b", int32(3), 3.0}, []any{"c", "3", value.NewList("a"), nil}},
		{"notIn", `["a", "b"]`, []any{"c", int32(1), nil}, []any{"a", "b"}},
		{"containsAny", `["red", "blue"]`, []any{list, value.NewList("blue")}, []any{value.NewList("green"), value.NewList(), "red", nil}},
	} {
		filter := filterOf(t, fmt.Sprintf(`{"filterGroup": [{"filters": [{"fieldName": "f", "operator": %q, "value": %s}]}]}`, c.operator, c.operand))
		check := func(event *value.Map, want bool) {
			t.Helper()
			if got := filter.Matches(event); got != want {
				t.Errorf("%s matches f %s %s: %v", value.JSON(event), c.operator, c.operand, got)
			}
		}
		for _, v := range c.matching {
			check(value.MapOf("f", v), true)
		}
		for _, v := range c.other {
			check(value.MapOf("f", v), false)
		}
		// What the mutation did not select counts as null.
		check(value.MapOf("g", "x"), slices.Contains(c.matching, nil))
	}
}

// See: https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-real-time-enhanced-filtering.html
func TestEnhancedFilterGroups(t *testing.T) {
	const severe, admin = `{"fieldName":"severity","operator":"ge","value":7}`, `{"fieldName":"group","operator":"eq","value":"Admin"}`
	for _, c := range []struct {
		name, filter string
		event        *value.Map
		want         bool
	}{
		{"no groups", `{"filterGroup":[]}`, value.MapOf("a", "1"), true},
		{"nothing", `{}`, value.MapOf("a", "1"), true},
		{"a group without filters", `{"filterGroup":[{"filters":[]}]}`, value.MapOf("a", "1"), true},
		{"all filters of a group", `{"filterGroup":[{"filters":[` + severe + `,` + admin + `]}]}`, value.MapOf("severity", int32(8), "group", "Admin"), true},
		{"one filter of a group", `{"filterGroup":[{"filters":[` + severe + `,` + admin + `]}]}`, value.MapOf("severity", int32(8), "group", "User"), false},
		{"the second group", `{"filterGroup":[{"filters":[` + severe + `]},{"filters":[` + admin + `]}]}`, value.MapOf("severity", int32(1), "group", "Admin"), true},
		{"no group of two", `{"filterGroup":[{"filters":[` + severe + `]},{"filters":[` + admin + `]}]}`, value.MapOf("severity", int32(1), "group", "User"), false},
		{"a nested field", `{"filterGroup":[{"filters":[{"fieldName":"a.b.c","operator":"eq","value":"x"}]}]}`,
			value.MapOf("a", value.MapOf("b", value.MapOf("c", "x"))), true},
		{"another nested field", `{"filterGroup":[{"filters":[{"fieldName":"a.b.c","operator":"eq","value":"x"}]}]}`,
			value.MapOf("a", value.MapOf("b", value.MapOf("c", "y"))), false},
		{"below null", `{"filterGroup":[{"filters":[{"fieldName":"a.b","operator":"eq","value":"x"}]}]}`, value.MapOf("a", nil), false},
		{"not equal below null", `{"filterGroup":[{"filters":[{"fieldName":"a.b","operator":"ne","value":"x"}]}]}`, value.MapOf("a", nil), true},
		{"below a list", `{"filterGroup":[{"filters":[{"fieldName":"a.b","operator":"eq","value":"x"}]}]}`,
			value.MapOf("a", value.NewList(value.MapOf("b", "x"))), false},
		{"not equal below a list", `{"filterGroup":[{"filters":[{"fieldName":"a.b","operator":"ne","value":"x"}]}]}`,
			value.MapOf("a", value.NewList(value.MapOf("b", "y"))), false},
		// The guide: filters of fields below the fifth level are ignored.
		{"the fifth level", `{"filterGroup":[{"filters":[{"fieldName":"a.b.c.d.e","operator":"eq","value":"x"}]}]}`, value.MapOf("a", "y"), false},
		{"the sixth level", `{"filterGroup":[{"filters":[{"fieldName":"a.b.c.d.e.f","operator":"eq","value":"x"},` + admin + `]}]}`, value.MapOf("group", "Admin"), true},
		{"a nested list", `{"filterGroup":[{"filters":[{"fieldName":"a.b","operator":"contains","value":"x"}]}]}`,
			value.MapOf("a", value.MapOf("b", value.NewList("x"))), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := filterOf(t, c.filter).Matches(c.event); got != c.want {
				t.Errorf("%s matches %s: %v", value.JSON(c.event), c.filter, got)
			}
		})
	}
}

func TestCompileFilterRefuses(t *testing.T) {
	for _, text := range []string{
		`{"filterGroup":{}}`, `{"filterGroup":[1]}`, `{"filterGroup":[{}]}`, `{"filterGroup":[{"filters":[null]}]}`,
		`{"filterGroup":[{"filters":[{"fieldName":"a","operator":"EQ","value":1}]}]}`,
		`{"filterGroup":[{"filters":[{"fieldName":"a","operator":"between","value":[1]}]}]}`,
		`{"filterGroup":[{"filters":[{"fieldName":"a","operator":"beginsWith","value":1}]}]}`,
	} {
		v, err := value.ParseJSON(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := subscription.CompileFilter(v.(*value.Map)); err == nil {
			t.Errorf("%s: no error", text)
		}
	}
}

// The guide: a subscription has an enhanced filter or filters on its arguments,
// not both. Those who differ in their filters alone still get what is theirs.
func TestEnhancedFilterReplacesArguments(t *testing.T) {
	r := subscription.NewRegistry()
	projected := 0
	subscribe := func(text string) (*inbox, func()) {
		box := &inbox{}
		return box, r.Add(&subscription.Subscription{
			Mutations: []string{"addPost"},
			Filter:    []subscription.Equal{{Name: "filter", Value: "{}"}},
			Enhanced:  filterOf(t, text),
			Group:     "selection",
			Project:   func(e any) []byte { projected++; return asJSON(e) },
			Deliver:   box.deliver,
		})
	}
	const cheap = `{"filterGroup":[{"filters":[{"fieldName":"price","operator":"lt","value":3}]}]}`
	const dear = `{"filterGroup":[{"filters":[{"fieldName":"price","operator":"gt","value":4}]}]}`
	first, _ := subscribe(cheap)
	second, remove := subscribe(cheap)
	third, _ := subscribe(dear)
	r.Publish("addPost", value.MapOf("price", int32(2)))
	r.Publish("addPost", value.MapOf("price", int32(5)))
	r.Publish("addPost", value.MapOf("price", 3.5))
	remove()
	r.Publish("addPost", value.MapOf("price", int32(1)))
	for _, c := range []struct {
		name string
		box  *inbox
		want []string
	}{
		{"first", first, []string{`{"price":2}`, `{"price":1}`}},
		{"second", second, []string{`{"price":2}`}},
		{"third", third, []string{`{"price":5}`}},
	} {
		if got := c.box.all(); !slices.Equal(got, c.want) {
			t.Errorf("%s received %v, want %v", c.name, got, c.want)
		}
	}
	if projected != 3 {
		t.Errorf("projected %d times, want once for each payload", projected)
	}
}
