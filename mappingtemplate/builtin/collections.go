package builtin

import (
	"math/big"
	"sort"
	"strings"
	"unicode/utf8"

	"appsync-emulator/mappingtemplate/value"
)

// List is $util.list.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/list-helpers-in-util-list.html
type List Util

// Property finds nothing: the family has only methods.
func (l *List) Property(string) (any, bool) { return nil, false }

// Invoke calls a list helper.
func (l *List) Invoke(name string, args []any) (any, bool, error) {
	switch {
	case (name == "copyAndRetainAll" || name == "copyAndRemoveAll") && len(args) == 2:
		list, ok1 := args[0].(*value.List)
		other, ok2 := args[1].(*value.List)
		if !ok1 && args[0] != nil || !ok2 && args[1] != nil {
			return notFound()
		}
		if list == nil || other == nil {
			return found(nil)
		}
		if err := Bounded(list); err != nil {
			return fail(err)
		}
		if err := Bounded(other); err != nil {
			return fail(err)
		}
		return found(copyFiltered(list, other, name == "copyAndRetainAll"))
	case name == "sortList" && len(args) == 3:
		list, ok := args[0].(*value.List)
		desc, isBool := args[1].(bool)
		property, _, isText := text(args[2])
		if !ok && args[0] != nil || !isBool || !isText {
			return notFound()
		}
		if list == nil {
			return found(nil)
		}
		return found(sortList(list, desc, property))
	}
	return notFound()
}

func copyFiltered(list, other *value.List, retain bool) *value.List {
	known := value.NewLookup(other.Items, len(list.Items))
	out := make([]any, 0, len(list.Items))
	for _, v := range list.Items {
		if known.Has(v) == retain {
			out = append(out, v)
		}
	}
	return value.NewList(out...)
}

// maxSorted is the longest list that sortList sorts.
const maxSorted = 1000

// sortList returns a sorted copy, or the original list when it cannot be
// sorted: too long, of mixed classes, or of a class without an order.
func sortList(list *value.List, desc bool, property string) *value.List {
	if len(list.Items) > maxSorted {
		return list
	}
	type pair struct{ key, item any }
	pairs := make([]pair, len(list.Items))
	for i, item := range list.Items {
		key := item
		if m, ok := item.(*value.Map); ok {
			key = m.Value(property)
		} else if i > 0 {
			if _, ok := list.Items[0].(*value.Map); ok {
				return list
			}
		}
		pairs[i] = pair{key, item}
		if _, ok := compareSameClass(pairs[0].key, key); !ok {
			return list
		}
		if _, ok := list.Items[0].(*value.Map); ok {
			if _, ok := item.(*value.Map); !ok {
				return list
			}
		}
	}
	sort.SliceStable(pairs, func(i, j int) bool {
		c, _ := compareSameClass(pairs[i].key, pairs[j].key)
		if desc {
			return c > 0
		}
		return c < 0
	})
	out := make([]any, len(pairs))
	for i := range pairs {
		out[i] = pairs[i].item
	}
	return value.NewList(out...)
}

// compareSameClass compares two values of one Java class that has an order.
func compareSameClass(a, b any) (int, bool) {
	switch a := a.(type) {
	case string:
		b, ok := b.(string)
		return compareText(a, b), ok
	case int32:
		b, ok := b.(int32)
		return compareOrdered(a, b), ok
	case int64:
		b, ok := b.(int64)
		return compareOrdered(a, b), ok
	case float64:
		b, ok := b.(float64)
		return compareOrdered(a, b), ok
	case bool:
		b, ok := b.(bool)
		return boolRank(a) - boolRank(b), ok
	case *big.Int:
		if b, ok := b.(*big.Int); ok {
			return a.Cmp(b), true
		}
	case value.Decimal:
		if b, ok := b.(value.Decimal); ok {
			x, ok1 := new(big.Float).SetString(string(a))
			y, ok2 := new(big.Float).SetString(string(b))
			if ok1 && ok2 {
				return x.Cmp(y), true
			}
		}
	}
	return 0, false
}

// compareText is String.compareTo: it compares UTF-16 units, so that characters
// beyond U+FFFF come before U+E000.
func compareText(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	for n > 0 && n < len(a) && !utf8.RuneStart(a[n]) || n > 0 && n < len(b) && !utf8.RuneStart(b[n]) {
		n--
	}
	x, _ := utf8.DecodeRuneInString(a[n:])
	y, _ := utf8.DecodeRuneInString(b[n:])
	if n < len(a) && n < len(b) && (x > 0xFFFF) != (y > 0xFFFF) {
		if x > 0xFFFF {
			x = 0xD800
		} else {
			y = 0xD800
		}
		if x != y {
			return int(x - y)
		}
	}
	return strings.Compare(a[n:], b[n:])
}

func compareOrdered[T int32 | int64 | float64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func boolRank(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Map is $util.map.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/utility-helpers-in-map.html
type Map Util

// Property finds nothing: the family has only methods.
func (m *Map) Property(string) (any, bool) { return nil, false }

// Invoke calls a map helper. The copies are shallow and keep the order.
func (m *Map) Invoke(name string, args []any) (any, bool, error) {
	if len(args) != 2 || name != "copyAndRetainAllKeys" && name != "copyAndRemoveAllKeys" {
		return notFound()
	}
	src, ok1 := args[0].(*value.Map)
	keys, ok2 := args[1].(*value.List)
	if !ok1 && args[0] != nil || !ok2 && args[1] != nil {
		return notFound()
	}
	if src == nil || keys == nil {
		return found(nil)
	}
	if err := Bounded(keys); err != nil {
		return fail(err)
	}
	return found(src.CopyKeys(value.NewLookup(keys.Items, src.Len()), name == "copyAndRetainAllKeys"))
}
