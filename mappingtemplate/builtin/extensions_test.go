package builtin_test

import (
	"errors"
	"strings"
	"testing"

	"appsync-emulator/mappingtemplate/builtin"
	"appsync-emulator/mappingtemplate/value"
)

// AWS's page "Extensions": the calls print nothing and are recorded.
func TestExtensions(t *testing.T) {
	u, env := newUtil()
	x := u.Extensions()
	ok := func(name string, args ...any) {
		t.Helper()
		v, found, err := x.Invoke(name, args)
		if err != nil || !found || v != "" {
			t.Fatalf("$extensions.%s(%v) = %v, %v, %v", name, args, v, found, err)
		}
	}
	filter := parse(t, `{"filterGroup":[{"filters":[{"fieldName":"severity","operator":"ge","value":7}]}]}`)
	ok("setSubscriptionFilter", value.NewMap(0))
	ok("setSubscriptionFilter", filter)
	ok("setSubscriptionInvalidationFilter", filter)
	ok("invalidateSubscriptions", parse(t, `{"subscriptionField":"onUserDelete","payload":{"id":"1"}}`))
	ok("evictFromApiCache", "Query", "note", parse(t, `{"context.arguments.id":"1"}`))
	e := env.Effects
	mustEqual(t, "filter", e.SubscriptionFilter, filter)
	mustEqual(t, "invalidation filter", e.InvalidationFilter, filter)
	if len(e.Invalidations) != 1 || e.Invalidations[0].SubscriptionField != "onUserDelete" {
		t.Errorf("invalidations = %v", e.Invalidations)
	}
	mustEqual(t, "payload", e.Invalidations[0].Payload, parse(t, `{"id":"1"}`))
	if len(e.Evictions) != 1 || e.Evictions[0].Type != "Query" || e.Evictions[0].Field != "note" {
		t.Errorf("evictions = %v", e.Evictions)
	}
	filter.(*value.Map).Clear()
	if e.SubscriptionFilter.Len() == 0 {
		t.Error("the filter changed with the template's map")
	}
	ok("setSubscriptionFilter", nil)
	if e.SubscriptionFilter != nil {
		t.Error("a null filter leaves the old one")
	}
	for _, bad := range []string{`{}`, `{"subscriptionField":"x"}`, `{"subscriptionField":1,"payload":{}}`} {
		if _, _, err := x.Invoke("invalidateSubscriptions", []any{parse(t, bad)}); err == nil {
			t.Errorf("invalidateSubscriptions(%s): no error", bad)
		}
	}
	for _, name := range []string{"nosuch", "evictFromApiCache", "setSubscriptionFilter"} {
		if _, found, err := x.Invoke(name, []any{"a", "b"}); found || err != nil {
			t.Errorf("$extensions.%s(a, b): %v, %v", name, found, err)
		}
	}
}

// Java finds no method for other arguments, and a template sees null.
func TestExtensionsOfOtherTypesAreNotFound(t *testing.T) {
	u, env := newUtil()
	for _, c := range []struct {
		name string
		args []any
	}{
		{"evictFromApiCache", nil},
		{"evictFromApiCache", []any{"Query", "note"}},
		{"evictFromApiCache", []any{"Query", "note", "id"}},
		{"evictFromApiCache", []any{int32(1), "note", value.NewMap(0)}},
		{"evictFromApiCache", []any{"Query", value.NewList(), value.NewMap(0)}},
		{"setSubscriptionFilter", nil},
		{"setSubscriptionFilter", []any{"{}"}},
		{"setSubscriptionFilter", []any{value.NewList()}},
		{"setSubscriptionInvalidationFilter", nil},
		{"setSubscriptionInvalidationFilter", []any{int32(1)}},
		{"invalidateSubscriptions", nil},
		{"invalidateSubscriptions", []any{"onUserDelete"}},
		{"invalidateSubscriptions", []any{value.NewList()}},
		{"invalidateSubscriptions", []any{value.NewMap(0), value.NewMap(0)}},
	} {
		if v, ok, err := u.Extensions().Invoke(c.name, c.args); ok || err != nil || v != nil {
			t.Errorf("%s(%v) = %v, %v, %v; want not found", c.name, c.args, v, ok, err)
		}
	}
	if p, ok := u.Extensions().Property("evictFromApiCache"); ok {
		t.Errorf("$extensions.evictFromApiCache = %v", p)
	}
	e := env.Effects
	if e.SubscriptionFilter != nil || e.InvalidationFilter != nil || len(e.Invalidations) != 0 || len(e.Evictions) != 0 {
		t.Errorf("effects %+v", e)
	}
}

// AWS's page "Extensions": the keys keep their order, which is that of the
// resolver's caching keys.
func TestEvictions(t *testing.T) {
	u, env := newUtil()
	evict := func(args ...any) {
		t.Helper()
		if v, ok, err := u.Extensions().Invoke("evictFromApiCache", args); v != "" || !ok || err != nil {
			t.Fatalf("evictFromApiCache(%v) = %v, %v, %v", args, v, ok, err)
		}
	}
	keys := parse(t, `{"context.identity.sub":"s","context.arguments.id":7}`)
	evict("Query", "note", keys)
	keys.(*value.Map).Clear()
	evict("Query", "notes", value.NewMap(0))
	evict("Query", "notes", nil)
	// There is no such entry.
	evict(nil, "note", nil)
	evict("Query", "", nil)
	if len(env.Effects.Evictions) != 3 {
		t.Fatalf("evictions %v", env.Effects.Evictions)
	}
	if got := value.JSON(env.Effects.Evictions[0].Keys); got != `{"context.identity.sub":"s","context.arguments.id":7}` {
		t.Errorf("keys %s", got)
	}
}

// The same page: at most five different calls in a request.
func TestInvalidationsAreFive(t *testing.T) {
	u, env := newUtil()
	invalidate := func(payload string) error {
		_, _, err := u.Extensions().Invoke("invalidateSubscriptions", []any{parse(t, `{"subscriptionField":"onUserDelete","payload":`+payload+`}`)})
		return err
	}
	for _, payload := range []string{`{}`, `{"n":1}`, `{"n":2}`, `{"n":1}`, `{"n":3}`, `{"group":"Developer","type":"Full-Time"}`, `{}`} {
		if err := invalidate(payload); err != nil {
			t.Errorf("%s: %v", payload, err)
		}
	}
	if n := len(env.Effects.Invalidations); n != 5 {
		t.Errorf("%d invalidations", n)
	}
	if err := invalidate(`{"n":4}`); err == nil {
		t.Error("a sixth: no error")
	}
	for _, bad := range []any{nil, parse(t, `{"subscriptionField":"","payload":{}}`), parse(t, `{"subscriptionField":"a","payload":[]}`), parse(t, `{"subscriptionField":"a","payload":null}`)} {
		if _, ok, err := u.Extensions().Invoke("invalidateSubscriptions", []any{bad}); err == nil || !ok {
			t.Errorf("%s: %v, %v", value.JSON(bad), ok, err)
		}
	}
}

// Operators, types and limits are those of AWS's page "Extensions". The messages
// are AppSync's where a comment names who met them.
func TestSubscriptionFiltersThatAppSyncRefuses(t *testing.T) {
	long := strings.Repeat("x", 257)
	group := func(filters ...string) string {
		return `{"filterGroup":[{"filters":[` + strings.Join(filters, ",") + `]}]}`
	}
	one := func(operator, v string) string {
		return group(`{"fieldName":"a","operator":"` + operator + `","value":` + v + `}`)
	}
	eq := func(field string) string { return `{"fieldName":"` + field + `","operator":"eq","value":1}` }
	groups := func(n int) string {
		return `{"filterGroup":[` + strings.Repeat(`{"filters":[`+eq("a")+`]},`, n-1) + `{"filters":[` + eq("a") + `]}]}`
	}
	const (
		field    = "subscription filter has invalid fieldName."
		repeated = "subscription filter uses same fieldName multiple time in single filter object." // aws-amplify/amplify-js#13384
		fields   = "Filters exceed maximum attributes limit 5 for subscription"                     // aws-amplify/amplify-flutter#6142
		many     = "Filters combination exceed maximum limit 10 for subscription"                   // begins as in amplify-js, datastore/src/sync/processors/subscription.ts
		operator = "subscription filter has invalid operator `%`."
		operand  = "subscription filter has invalid filter value for operator `%`." // aws-amplify/amplify-category-api#2547
		twenty   = "subscription exceeds maximum value limit 20 for operator `%`."  // aws-amplify/amplify-android#2734
		five     = "subscription exceeds maximum value limit 5 for operator `%`."   // in the same words
	)
	for _, c := range []struct{ filter, want, name string }{
		{`{}`, "", ""},
		{`{"filterGroup":null}`, "", ""},
		{`{"filterGroup":[]}`, "", ""},
		{`{"filterGroup":[{"filters":[]}]}`, "", ""},
		{one("eq", `"AWS AppSync"`), "", ""}, {one("eq", `true`), "", ""}, {one("ne", `1.5`), "", ""},
		{one("le", `5`), "", ""}, {one("lt", `"x"`), "", ""}, {one("ge", `5`), "", ""}, {one("gt", `5`), "", ""},
		{one("contains", `10`), "", ""}, {one("notContains", `"launch"`), "", ""}, {one("beginsWith", `"AWS"`), "", ""},
		{one("in", `[1,2,3,4,5]`), "", ""}, {one("notIn", `["a"]`), "", ""}, {one("between", `[1,5]`), "", ""},
		{one("containsAny", `[10,15]`), "", ""}, {one("containsAny", `[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]`), "", ""},
		{group(eq("a"), eq("b"), eq("c"), eq("d"), eq("e")), "", ""},
		{group(eq("a.b.c.d.e")), "", ""}, {group(eq("a.b.c.d.e.f")), "", ""}, // the deeper one is ignored
		{group(eq(strings.Repeat("x", 256))), "", ""},
		{groups(10), "", ""},
		{group(`{"fieldName":"a","operator":"in","value":[1,2,3,4,5]}`, `{"fieldName":"b","operator":"in","value":[1,2]}`), "", ""},

		{group(eq("a"), eq("a")), repeated, ""},
		{group(eq("a"), eq("b"), eq("c"), eq("d"), eq("e"), eq("f")), fields, ""},
		{groups(11), many, ""},
		{group(`{"fieldName":"a","operator":"in","value":[1,2,3,4]}`, `{"fieldName":"b","operator":"in","value":[1,2,3]}`), many, ""},
		{group(eq("")), field, ""}, {group(eq(long)), field, ""},
		{group(`{"fieldName":1,"operator":"eq","value":1}`), field, ""}, {group(`null`), field, ""}, {group(`"a"`), field, ""},
		{one("gte", `1`), operator, "gte"}, {one("EQ", `1`), operator, "EQ"}, {one("", `1`), operator, ""},
		{group(`{"fieldName":"a","value":1}`), operator, ""},
		{one("eq", `null`), operand, "eq"}, {one("eq", `[1]`), operand, "eq"}, {one("eq", `{}`), operand, "eq"}, {one("eq", `"`+long+`"`), operand, "eq"},
		{one("le", `true`), operand, "le"}, {one("contains", `["a"]`), operand, "contains"}, {one("beginsWith", `1`), operand, "beginsWith"},
		{one("in", `1`), operand, "in"}, {one("in", `[]`), operand, "in"}, {one("in", `[1,2,3,4,5,6]`), five, "in"}, {one("notIn", `[1,2,3,4,5,6]`), five, "notIn"}, {one("notIn", `[true]`), operand, "notIn"},
		{one("between", `[1]`), operand, "between"}, {one("between", `[1,2,3]`), operand, "between"}, {one("between", `1`), operand, "between"},
		{one("containsAny", `[]`), operand, "containsAny"}, {one("containsAny", `"x"`), operand, "containsAny"}, {one("containsAny", `["`+long+`"]`), operand, "containsAny"},
		{one("containsAny", `[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21]`), twenty, "containsAny"},
		{`{"filterGroup":{}}`, "subscription filter has invalid filterGroup.", ""},
		{`{"filterGroup":[{}]}`, "subscription filter has invalid filters.", ""},
		{`{"filterGroup":[1]}`, "subscription filter has invalid filters.", ""},
		{`{"filterGroup":[{"filters":{}}]}`, "subscription filter has invalid filters.", ""},
	} {
		for _, name := range []string{"setSubscriptionFilter", "setSubscriptionInvalidationFilter"} {
			u, env := newUtil()
			_, ok, err := u.Extensions().Invoke(name, []any{parse(t, c.filter)})
			if !ok {
				t.Errorf("%s(%s) is not found", name, c.filter)
			}
			set := env.Effects.SubscriptionFilter != nil || env.Effects.InvalidationFilter != nil
			if c.want == "" {
				if err != nil || !set {
					t.Errorf("%s(%.200s): error %v, set %v", name, c.filter, err, set)
				}
				continue
			}
			var refused *builtin.FilterError
			if !errors.As(err, &refused) {
				t.Errorf("%s(%.200s): error %v, want a *FilterError", name, c.filter, err)
				continue
			}
			if want := strings.ReplaceAll(c.want, "%", c.name); refused.Message != want || set {
				t.Errorf("%s(%.200s): %q, set %v; want %q", name, c.filter, refused.Message, set, want)
			}
		}
	}
}
