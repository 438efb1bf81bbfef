package builtin_test

import (
	"testing"

	"appsync-emulator/mappingtemplate/value"
)

// AWS's page "Map helpers in $util.map".
func TestMapHelpers(t *testing.T) {
	u, _ := newUtil()
	m := parse(t, `{"a":1,"b":2,"c":3}`)
	mustEqual(t, "retain", call(t, u, "map", "copyAndRetainAllKeys", m, value.NewList("c", "a", "x")), parse(t, `{"a":1,"c":3}`))
	mustEqual(t, "remove", call(t, u, "map", "copyAndRemoveAllKeys", m, value.NewList("c", "a", "x")), parse(t, `{"b":2}`))
	mustEqual(t, "the original", m, parse(t, `{"a":1,"b":2,"c":3}`))
	mustEqual(t, "null", call(t, u, "map", "copyAndRemoveAllKeys", nil, value.NewList()), nil)
	kept := call(t, u, "map", "copyAndRetainAllKeys", m, value.NewList("c", "a"))
	if got := value.JSON(kept); got != `{"a":1,"c":3}` {
		t.Errorf("the order is not kept: %s", got)
	}
}

func TestMapsWithOddKeys(t *testing.T) {
	u, _ := newUtil()
	m := parse(t, `{"1":"a","":"b","null":null}`)
	mustEqual(t, "empty", call(t, u, "map", "copyAndRetainAllKeys", m, value.NewList("")), parse(t, `{"":"b"}`))
	mustEqual(t, "a number is no text", call(t, u, "map", "copyAndRemoveAllKeys", m, value.NewList(int32(1))), m)
	mustEqual(t, "a null value", call(t, u, "map", "copyAndRetainAllKeys", m, value.NewList("null", "null")), parse(t, `{"null":null}`))
	mustEqual(t, "null keys", call(t, u, "map", "copyAndRetainAllKeys", m, nil), nil)
	mustEqual(t, "no keys", call(t, u, "map", "copyAndRetainAllKeys", m, value.NewList()), value.NewMap(0))
}
