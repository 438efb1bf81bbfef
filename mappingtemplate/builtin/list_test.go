package builtin_test

import (
	"testing"

	"appsync-emulator/mappingtemplate/value"
)

// AWS's page "List helpers in $util.list".
func TestListHelpers(t *testing.T) {
	u, _ := newUtil()
	people := `[{"description":"youngest","age":5},{"description":"middle","age":45},{"description":"oldest","age":85}]`
	for _, c := range []struct{ name, a, b, c, want string }{
		{"copyAndRetainAll", `["a","b","c",1]`, `["c","a",1,"x"]`, ``, `["a","c",1]`},
		{"copyAndRemoveAll", `["a","b","c",1]`, `["c","a",1,"x"]`, ``, `["b"]`},
		{"copyAndRemoveAll", `[{"a":1},{"a":2}]`, `[{"a":2}]`, ``, `[{"a":1}]`},
		{"copyAndRemoveAll", `null`, `[]`, ``, `null`},
		{"sortList", people, `false`, `"description"`, `[{"description":"middle","age":45},{"description":"oldest","age":85},{"description":"youngest","age":5}]`},
		{"sortList", people, `true`, `"age"`, `[{"description":"oldest","age":85},{"description":"middle","age":45},{"description":"youngest","age":5}]`},
		{"sortList", `["b","a","c"]`, `false`, `"any"`, `["a","b","c"]`},
		{"sortList", `[2.5,1.5]`, `false`, `"any"`, `[1.5,2.5]`},
		{"sortList", `[2,"a",1]`, `false`, `"any"`, `[2,"a",1]`},
		{"sortList", `[{"a":2},1,{"a":1}]`, `false`, `"a"`, `[{"a":2},1,{"a":1}]`},
		{"sortList", `[{"a":2},{"a":"x"},{"a":1}]`, `false`, `"a"`, `[{"a":2},{"a":"x"},{"a":1}]`},
		{"sortList", `[]`, `false`, `"a"`, `[]`},
	} {
		args := []any{parse(t, c.a), parse(t, c.b)}
		if c.c != "" {
			args = append(args, parse(t, c.c))
		}
		mustEqual(t, c.name+" "+c.a, call(t, u, "list", c.name, args...), parse(t, c.want))
	}
	long := value.NewList()
	for i := range 1001 {
		long.Append(int32(1000 - i))
	}
	mustEqual(t, "a list of 1001", call(t, u, "list", "sortList", long, false, "any"), long)
}

func TestListCopiesLeaveTheOriginal(t *testing.T) {
	u, _ := newUtil()
	l := value.NewList("b", "a")
	call(t, u, "list", "sortList", l, false, "any")
	call(t, u, "list", "copyAndRemoveAll", l, value.NewList("b"))
	mustEqual(t, "the original", l, value.NewList("b", "a"))
}

// Order is that of java.lang.String.compareTo, by UTF-16 units.
func TestListsOfOddValues(t *testing.T) {
	u, _ := newUtil()
	mustEqual(t, "texts", call(t, u, "list", "sortList", value.NewList("\ue000", "\U0001F600", "b", "", "B"), false, "x"),
		value.NewList("", "B", "b", "\U0001F600", "\ue000"))
	mustEqual(t, "booleans", call(t, u, "list", "sortList", value.NewList(true, false), false, nil), value.NewList(false, true))
	mustEqual(t, "decimals", call(t, u, "list", "sortList", value.NewList(value.Decimal("2.5"), value.Decimal("-1e3")), false, ""),
		value.NewList(value.Decimal("-1e3"), value.Decimal("2.5")))
	lists := value.NewList(value.NewList("b"), value.NewList("a"))
	mustEqual(t, "lists have no order", call(t, u, "list", "sortList", lists, false, "x"), lists)
	nulls := value.NewList(nil, "a")
	mustEqual(t, "nulls", call(t, u, "list", "sortList", nulls, false, "x"), nulls)
	mustEqual(t, "a null list", call(t, u, "list", "sortList", nil, false, "x"), nil)
	mustEqual(t, "retained nulls", call(t, u, "list", "copyAndRetainAll", nulls, value.NewList(nil)), parse(t, `[null]`))
	mustEqual(t, "null to retain", call(t, u, "list", "copyAndRetainAll", nulls, nil), nil)
	self := value.NewList()
	self.Append(self)
	if _, _, err := invoke(t, u, "list", "copyAndRemoveAll", self, self); err == nil {
		t.Error("a list that holds itself: no error")
	}
}
