package value

import (
	"cmp"
	"math/big"
	"sort"
	"strconv"
	"strings"
)

func outOfBounds(index, length int) error {
	return throw("java.lang.IndexOutOfBoundsException",
		"Index "+strconv.Itoa(index)+" out of bounds for length "+strconv.Itoa(length))
}

// badPosition is thrown for a place to insert at.
func badPosition(i, length int) error {
	return throw("java.lang.IndexOutOfBoundsException",
		"Index: "+strconv.Itoa(i)+", Size: "+strconv.Itoa(length))
}

func (c *call) onMap(m *Map) (any, bool, error) {
	switch c.name {
	case "get":
		if c.fits(anObject) {
			v, _ := m.GetKey(c.args[0])
			return returns(v)
		}
	case "put":
		if c.fits(anObject, anObject) {
			old, _ := m.PutKey(c.args[0], c.args[1])
			return returns(old)
		}
	case "putIfAbsent":
		if c.fits(anObject, anObject) {
			old, _ := m.GetKey(c.args[0])
			if old == nil {
				m.PutKey(c.args[0], c.args[1])
			}
			return returns(old)
		}
	case "getOrDefault":
		if c.fits(anObject, anObject) {
			if v, ok := m.GetKey(c.args[0]); ok {
				return returns(v)
			}
			return returns(c.args[1])
		}
	case "putAll":
		if c.fits(aMap) {
			from, ok := c.args[0].(*Map)
			if !ok {
				return thrown(nullPointer())
			}
			for i := 0; i < from.Len(); i++ {
				k, v := from.At(i)
				m.PutKey(k, v)
			}
			return void(nil)
		}
	case "remove":
		switch {
		case c.fits(anObject):
			old, _ := m.DeleteKey(c.args[0])
			return returns(old)
		case c.fits(anObject, anObject):
			if v, ok := m.GetKey(c.args[0]); !ok || !Equals(v, c.args[1]) {
				return returns(false)
			}
			m.DeleteKey(c.args[0])
			return returns(true)
		}
	case "replace":
		switch {
		case c.fits(anObject, anObject):
			old, ok := m.GetKey(c.args[0])
			if ok {
				m.PutKey(c.args[0], c.args[1])
			}
			return returns(old)
		case c.fits(anObject, anObject, anObject):
			if v, ok := m.GetKey(c.args[0]); !ok || !Equals(v, c.args[1]) {
				return returns(false)
			}
			m.PutKey(c.args[0], c.args[2])
			return returns(true)
		}
	case "containsKey":
		if c.fits(anObject) {
			_, ok := m.GetKey(c.args[0])
			return returns(ok)
		}
	case "containsValue":
		if c.fits(anObject) {
			return returns(indexOf(m.Values().Members(), c.args[0]) >= 0)
		}
	case "keySet":
		if c.fits() {
			return returns(m.Keys())
		}
	case "values":
		if c.fits() {
			return returns(m.Values())
		}
	case "entrySet":
		if c.fits() {
			return returns(m.Entries())
		}
	case "size":
		if c.fits() {
			return returns(int32(m.Len()))
		}
	case "isEmpty":
		if c.fits() {
			return returns(m.Len() == 0)
		}
	case "clear":
		if c.fits() {
			m.Clear()
			return void(nil)
		}
	case "clone":
		if c.fits() {
			return returns(m.Copy())
		}
	case "forEach", "replaceAll":
		if c.fits(nullOnly) {
			return thrown(nullPointer())
		}
	case "compute", "computeIfAbsent", "computeIfPresent":
		if c.fits(anObject, nullOnly) {
			return thrown(nullPointer())
		}
	case "merge":
		if c.fits(anObject, anObject, nullOnly) {
			return thrown(nullPointer())
		}
	}
	return notFound()
}

func (c *call) onEntry(e *Entry) (any, bool, error) {
	switch c.name {
	case "getKey":
		if c.fits() {
			return returns(e.Key)
		}
	case "getValue":
		if c.fits() {
			return returns(e.Current())
		}
	case "setValue":
		if c.fits(anObject) {
			return returns(e.set(c.args[0]))
		}
	}
	return notFound()
}

// onList calls the methods of ArrayList and of its parts. A part does nothing
// any more once the list has changed in size.
func (c *call) onList(l *List) (any, bool, error) {
	if l.stale() {
		// What a copy answers tells what Java looks at first.
		whole := &List{Items: append([]any(nil), l.Items...)}
		result, found, err := c.onCurrentList(&List{Items: whole.Items, parent: whole})
		exception, isException := err.(*Exception)
		switch c.name {
		case "equals", "hashCode", "toString":
			found = found || c.fits() != (c.name == "equals") && len(c.args) < 2
		}
		switch {
		case !found || c.name == "addAll" && result == false:
			return result, found, err
		case c.name != "listIterator" && isException && exception.Class == "java.lang.IndexOutOfBoundsException":
			return thrown(err)
		case c.name != "subList":
			return thrown(concurrentModification())
		}
	}
	return c.onCurrentList(l)
}

func (c *call) onCurrentList(l *List) (any, bool, error) {
	switch c.name {
	case "add":
		switch {
		case c.fits(anObject):
			l.push(c.args[0])
			return returns(true)
		case c.fits(anInt, anObject):
			i := c.int(0)
			if i < 0 || i > len(l.Items) {
				return thrown(badPosition(i, len(l.Items)))
			}
			l.splice(i, i, c.args[1])
			return void(nil)
		}
	case "addAll":
		switch {
		case c.fits(aCollection):
			items, err := c.members(0)
			if err != nil {
				return thrown(err)
			}
			if l.parent != nil && len(items) == 0 {
				return returns(false)
			}
			l.splice(len(l.Items), len(l.Items), items...)
			return returns(len(items) > 0)
		case c.fits(anInt, aCollection):
			i := c.int(0)
			if i < 0 || i > len(l.Items) {
				return thrown(badPosition(i, len(l.Items)))
			}
			items, err := c.members(1)
			if err != nil {
				return thrown(err)
			}
			if l.parent != nil && len(items) == 0 {
				return returns(false)
			}
			l.splice(i, i, items...)
			return returns(len(items) > 0)
		}
	case "set":
		if c.fits(anInt, anObject) {
			i := c.int(0)
			if i < 0 || i >= len(l.Items) {
				return thrown(outOfBounds(i, len(l.Items)))
			}
			return returns(l.setAt(i, c.args[1]))
		}
	case "remove":
		switch {
		case c.fits(anInt):
			i := c.int(0)
			if i < 0 || i >= len(l.Items) {
				return thrown(outOfBounds(i, len(l.Items)))
			}
			old := l.Items[i]
			l.splice(i, i+1)
			return returns(old)
		case c.fits(anObject):
			i := indexOf(l.Items, c.args[0])
			if i >= 0 {
				l.splice(i, i+1)
			}
			return returns(i >= 0)
		}
	case "removeAll", "retainAll":
		if c.fits(aCollection) {
			others, err := c.members(0)
			if err != nil {
				return thrown(err)
			}
			return returns(l.filter(others, c.name == "retainAll"))
		}
	case "clear":
		if c.fits() {
			l.splice(0, len(l.Items))
			return void(nil)
		}
	case "sort":
		if c.fits(nullOnly) {
			return void(l.sort())
		}
	case "clone":
		if c.fits() && l.parent == nil {
			return returns(&List{Items: append([]any(nil), l.Items...)})
		}
	case "ensureCapacity":
		if c.fits(anInt) && l.parent == nil {
			return void(nil)
		}
	case "trimToSize":
		if c.fits() && l.parent == nil {
			l.changes++
			return void(nil)
		}
	}
	return c.onIndexed(l.Items, l)
}

// filter keeps the items that are in others, or those that are not.
func (l *List) filter(others []any, keep bool) (changed bool) {
	for i := len(l.Items) - 1; i >= 0; i-- {
		if (indexOf(others, l.Items[i]) >= 0) == keep {
			continue
		}
		j := i
		for j > 0 && (indexOf(others, l.Items[j-1]) >= 0) != keep {
			j--
		}
		l.splice(j, i+1)
		changed = true
		i = j
	}
	return changed
}

// sort sorts in natural order. Items of different classes cannot be compared.
func (l *List) sort() error {
	items := append([]any(nil), l.Items...)
	var failure error
	sort.SliceStable(items, func(i, j int) bool {
		n, err := Compare(items[i], items[j])
		if err != nil && failure == nil {
			failure = err
		}
		return n < 0
	})
	if failure != nil {
		return failure
	}
	if l.parent == nil {
		l.changes++
	}
	for i, item := range items {
		l.setAt(i, item)
	}
	return nil
}

// Compare compares two values of one comparable class, as Comparable.compareTo
// does. It throws ClassCastException for anything else, and
// NullPointerException for null.
func Compare(a, b any) (int, error) {
	if a == nil || b == nil {
		return 0, nullPointer()
	}
	switch x := a.(type) {
	case string:
		if y, ok := b.(string); ok {
			return compareText(x, y), nil
		}
	case int32:
		if y, ok := b.(int32); ok {
			return order(x, y), nil
		}
	case int64:
		if y, ok := b.(int64); ok {
			return order(x, y), nil
		}
	case float64:
		if y, ok := b.(float64); ok {
			return compareDoubles(x, y), nil
		}
	case bool:
		if y, ok := b.(bool); ok {
			switch {
			case x == y:
				return 0, nil
			case x:
				return 1, nil
			}
			return -1, nil
		}
	case Char:
		if y, ok := b.(Char); ok {
			return int(x) - int(y), nil
		}
	case *big.Int:
		if y, ok := b.(*big.Int); ok {
			return x.Cmp(y), nil
		}
	case Decimal:
		if y, ok := b.(Decimal); ok {
			d, okD := NewBigDecimal(string(x))
			e, okE := NewBigDecimal(string(y))
			if okD && okE {
				return d.Cmp(e), nil
			}
		}
	default:
		return 0, classCast(a, "java.lang.Comparable")
	}
	return 0, classCast(b, ClassName(a))
}

func order[T int32 | int64](x, y T) int {
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// classCast words the exception as a JVM does whose java.base holds both
// classes.
func classCast(v any, to string) error {
	from := ClassName(v)
	return throw("java.lang.ClassCastException", "class "+from+" cannot be cast to class "+to+
		" ("+from+" and "+to+" are in module java.base of loader 'bootstrap')")
}

// onIndexed calls what lists and arrays have in common.
func (c *call) onIndexed(items []any, owner any) (any, bool, error) {
	l, _ := owner.(*List)
	a, _ := owner.(*Array)
	switch c.name {
	case "get":
		if c.fits(anInt) {
			i := c.int(0)
			if i < 0 || i >= len(items) {
				return thrown(outOfBounds(i, len(items)))
			}
			return returns(items[i])
		}
	case "indexOf":
		if c.fits(anObject) {
			return returns(int32(indexOf(items, c.args[0])))
		}
	case "lastIndexOf":
		if c.fits(anObject) {
			for i := len(items) - 1; i >= 0; i-- {
				if Equals(items[i], c.args[0]) {
					return returns(int32(i))
				}
			}
			return returns(int32(-1))
		}
	case "subList":
		if c.fits(anInt, anInt) {
			from, to := c.int(0), c.int(1)
			switch {
			case from < 0:
				return thrown(throw("java.lang.IndexOutOfBoundsException", "fromIndex = "+strconv.Itoa(from)))
			case to > len(items):
				return thrown(throw("java.lang.IndexOutOfBoundsException", "toIndex = "+strconv.Itoa(to)))
			case from > to:
				return thrown(illegalArgument("fromIndex(" + strconv.Itoa(from) + ") > toIndex(" + strconv.Itoa(to) + ")"))
			}
			if a != nil {
				return returns(&Array{Type: arrayPart, elements: cmp.Or(a.elements, a.Type), Items: items[from:to:to]})
			}
			l.own()
			return returns(&List{Items: l.Items[from:to:to], parent: l, offset: int32(from), parentChanges: l.changes})
		}
	case "iterator":
		if c.fits() {
			return returns(Iterate(owner))
		}
	case "listIterator":
		if c.fits() {
			return returns(listIterator(owner, 0))
		}
		if c.fits(anInt) {
			return c.listIteratorAt(owner, len(items))
		}
	case "replaceAll":
		if c.fits(nullOnly) {
			return thrown(nullPointer())
		}
	}
	return c.onCollection(owner, items)
}

// onCollection calls the reading methods that all collections have.
func (c *call) onCollection(owner any, items []any) (any, bool, error) {
	switch c.name {
	case "size":
		if c.fits() {
			return returns(int32(len(items)))
		}
	case "isEmpty":
		if c.fits() {
			return returns(len(items) == 0)
		}
	case "contains":
		if c.fits(anObject) {
			return returns(indexOf(items, c.args[0]) >= 0)
		}
	case "containsAll":
		if c.fits(aCollection) {
			others, err := c.members(0)
			if err != nil {
				return thrown(err)
			}
			for _, v := range others {
				if indexOf(items, v) < 0 {
					return returns(false)
				}
			}
			return returns(true)
		}
	case "toArray":
		return c.toArray(owner, items)
	case "forEach", "removeIf":
		if c.fits(nullOnly) {
			return thrown(nullPointer())
		}
	}
	return notFound()
}

func (c *call) onSet(s *Set) (any, bool, error) {
	items := s.Members()
	switch c.name {
	case "add":
		if c.fits(anObject) {
			if s.owner != nil {
				return thrown(unsupported())
			}
			return returns(s.add(c.args[0]))
		}
	case "addAll":
		if c.fits(aCollection) {
			others, err := c.members(0)
			if err != nil {
				return thrown(err)
			}
			if s.owner != nil && len(others) > 0 {
				return thrown(unsupported())
			}
			changed := false
			for _, v := range others {
				changed = s.add(v) || changed
			}
			return returns(changed)
		}
	case "remove":
		if c.fits(anObject) {
			i := indexOf(items, c.args[0])
			if i >= 0 {
				s.removeAt(i)
			}
			return returns(i >= 0)
		}
	case "removeAll", "retainAll":
		if c.fits(aCollection) {
			others, err := c.members(0)
			if err != nil {
				return thrown(err)
			}
			others = append([]any(nil), others...)
			changed := false
			for i := len(items) - 1; i >= 0; i-- {
				if (indexOf(others, s.Items[i]) >= 0) != (c.name == "retainAll") {
					s.removeAt(i)
					changed = true
				}
			}
			return returns(changed)
		}
	case "clear":
		if c.fits() {
			if s.owner != nil {
				s.owner.Clear()
				s.fill()
			} else {
				s.Items = nil
			}
			return void(nil)
		}
	case "iterator":
		if c.fits() {
			return returns(Iterate(s))
		}
	case "clone":
		if c.fits() && s.owner == nil {
			return returns(&Set{Items: append([]any(nil), items...)})
		}
	}
	return c.onCollection(s, items)
}

func (s *Set) add(v any) bool {
	if indexOf(s.Items, v) >= 0 {
		return false
	}
	s.Items = append(s.Items, v)
	return true
}

// onArray calls methods on a Java array, which Velocity lets behave as a list
// of fixed size.
func (c *call) onArray(a *Array) (any, bool, error) {
	switch c.name {
	case "set":
		if c.fits(anInt, anObject) {
			i := c.int(0)
			old, err := a.setAt(i, c.args[1])
			return old, true, err
		}
	case "get":
		if c.fits(anInt) {
			i := c.int(0)
			if i < 0 || i >= len(a.Items) {
				return thrown(a.outOfBounds(i))
			}
			return returns(a.Items[i])
		}
	case "add":
		if c.fits(anObject) {
			return thrown(unsupported())
		}
		if c.fits(anInt, anObject) {
			if i := c.int(0); a.Type == arrayPart && (i < 0 || i > len(a.Items)) {
				return thrown(badPosition(i, len(a.Items)))
			}
			return thrown(unsupported())
		}
	case "addAll":
		if c.fits(aCollection) {
			items, err := c.members(0)
			if err == nil && len(items) > 0 {
				err = unsupported()
			}
			return false, true, err
		}
		if c.fits(anInt, aCollection) {
			return c.addAllToArray(a)
		}
	case "removeAll", "retainAll":
		if c.fits(aCollection) {
			others, err := c.members(0)
			if err != nil {
				return thrown(err)
			}
			for _, item := range a.Items {
				if (indexOf(others, item) >= 0) != (c.name == "retainAll") {
					return thrown(unsupported())
				}
			}
			return returns(false)
		}
	case "sort":
		if c.fits(nullOnly) {
			sorted := &List{Items: append([]any(nil), a.Items...)}
			err := sorted.sort()
			copy(a.Items, sorted.Items)
			return void(err)
		}
	case "remove":
		switch {
		case c.fits(anInt):
			if i := c.int(0); a.Type == arrayPart && (i < 0 || i >= len(a.Items)) {
				return thrown(outOfBounds(i, len(a.Items)))
			}
			return thrown(unsupported())
		case c.fits(anObject):
			if indexOf(a.Items, c.args[0]) >= 0 {
				return thrown(unsupported())
			}
			return returns(false)
		}
	case "clear":
		if c.fits() {
			if len(a.Items) > 0 {
				return thrown(unsupported())
			}
			return void(nil)
		}
	case "equals":
		if b, ok := c.argument(0).(*List); ok && a.Type == arrayPart && c.fits(anObject) {
			return returns(Equals(NewList(a.Items...), b))
		}
	case "hashCode":
		if a.Type == arrayPart && c.fits() {
			return returns(HashCode(NewList(a.Items...)))
		}
	}
	return c.onIndexed(a.Items, a)
}

// argument returns the i-th argument, or nil when there are not so many.
func (c *call) argument(i int) any {
	if i < len(c.args) {
		return c.args[i]
	}
	return nil
}

// arrayPart is the type of a part of an array: a list of fixed size that shares
// its items.
const arrayPart = "java.util.AbstractList$SubList"

func (c *call) addAllToArray(a *Array) (any, bool, error) {
	i := c.int(0)
	if i < 0 || i > len(a.Items) {
		return thrown(badPosition(i, len(a.Items)))
	}
	items, err := c.members(1)
	if err == nil && len(items) > 0 {
		err = unsupported()
	}
	return false, true, err
}

// toArray is Collection.toArray. A single array is what the items are put into,
// or a new one of its type; other arguments are taken for a new Object[], since
// Velocity lets every last parameter of an array type be a list of arguments.
func (c *call) toArray(owner any, items []any) (any, bool, error) {
	copied := append([]any(nil), items...)
	if len(c.args) == 1 && c.args[0] == nil {
		return thrown(nullPointer())
	}
	if len(c.args) == 0 {
		return returns(&Array{Type: objectArray, Items: copied})
	}
	into, ok := c.args[0].(*Array)
	if len(c.args) > 1 || !ok || into.Type == "[B" || into.Type == "[C" || into.Type == arrayPart {
		into = &Array{Type: objectArray, Items: append([]any(nil), c.args...)}
	}
	for _, item := range items {
		if !into.holds(item) {
			return thrown(throw("java.lang.ArrayStoreException", storeMessage(owner, item, into)))
		}
	}
	if len(into.Items) < len(items) {
		return returns(&Array{Type: into.Type, Items: copied})
	}
	copy(into.Items, items)
	if len(into.Items) > len(items) {
		into.Items[len(items)] = nil
	}
	return returns(into)
}

const objectArray = "[Ljava.lang.Object;"

// storeMessage words what happens when item is put into an array of another
// type. Lists copy all items at once.
func storeMessage(owner, item any, into *Array) string {
	if _, isList := owner.(*List); !isList {
		return ClassName(item)
	}
	return "arraycopy: element type mismatch: can not cast one of the elements of java.lang.Object[] to the type of the destination array, " +
		strings.TrimSuffix(strings.TrimPrefix(into.Type, "[L"), ";")
}

// holds reports whether v can be an item of an array of a's type.
func (a *Array) holds(v any) bool {
	switch cmp.Or(a.elements, a.Type) {
	case "[Ljava.lang.String;":
		_, isText := v.(string)
		return isText || v == nil
	case "[C":
		_, isChar := v.(Char)
		return isChar
	case "[B":
		return false
	case "[Ljava.math.BigInteger;":
		_, isBig := v.(*big.Int)
		return isBig || v == nil
	case "[Ljava.math.BigDecimal;":
		_, isDecimal := v.(Decimal)
		return isDecimal || v == nil
	}
	return true
}

// setAt replaces an item and returns the former one.
func (a *Array) setAt(i int, v any) (old any, err error) {
	if i < 0 || i >= len(a.Items) {
		return nil, a.outOfBounds(i)
	}
	if !a.holds(v) {
		if cmp.Or(a.elements, a.Type)[1] == 'L' {
			return nil, illegalArgument("array element type mismatch")
		}
		if v == nil {
			return nil, illegalArgument("")
		}
		return nil, illegalArgument("argument type mismatch")
	}
	old, a.Items[i] = a.Items[i], v
	return old, nil
}

// outOfBounds is thrown for an index beyond an array's end, for which
// java.lang.reflect.Array has no words.
func (a *Array) outOfBounds(i int) error {
	if a.Type == arrayPart {
		return outOfBounds(i, len(a.Items))
	}
	return throw("java.lang.ArrayIndexOutOfBoundsException", "")
}

func arrayIndex(i, length int) error {
	return throw("java.lang.ArrayIndexOutOfBoundsException",
		"Index "+strconv.Itoa(i)+" out of bounds for length "+strconv.Itoa(length))
}

// textArray returns a String[].
func textArray(parts []string) *Array {
	items := make([]any, len(parts))
	for i, p := range parts {
		items[i] = p
	}
	return &Array{Type: "[Ljava.lang.String;", Items: items}
}
