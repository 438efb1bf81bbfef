package value

// Quick names the methods that templates call most, with the number of their
// arguments. A caller that knows them beforehand has no need to ask by name.
type Quick uint8

// The quick methods. NotQuick is every other.
const (
	NotQuick Quick = iota
	QuickGet
	QuickPut
	QuickAdd
	QuickAddAll
	QuickContains
	QuickContainsKey
	QuickIsEmpty
	QuickSize
	QuickKeySet
	QuickEntrySet
)

// QuickMethod returns the method of that name that takes n arguments.
func QuickMethod(name string, n int) Quick {
	switch n {
	case 0:
		switch name {
		case "isEmpty":
			return QuickIsEmpty
		case "size":
			return QuickSize
		case "keySet":
			return QuickKeySet
		case "entrySet":
			return QuickEntrySet
		}
	case 1:
		switch name {
		case "get":
			return QuickGet
		case "add":
			return QuickAdd
		case "addAll":
			return QuickAddAll
		case "contains":
			return QuickContains
		case "containsKey":
			return QuickContainsKey
		}
	case 2:
		if name == "put" {
			return QuickPut
		}
	}
	return NotQuick
}

// InvokeQuick is Methods.Invoke for maps with text as keys, and for lists; it
// looks into no member. When ok is false it has done nothing: the call is another.
func InvokeQuick(v any, method Quick, args []any) (result any, ok bool) {
	switch v := v.(type) {
	case *Map:
		return v.invokeQuick(method, args)
	case *List:
		if v.parent == nil {
			return v.invokeQuick(method, args)
		}
	case *Set:
		switch method {
		case QuickIsEmpty:
			return v.Len() == 0, true
		case QuickSize:
			return int32(v.Len()), true
		}
	}
	return nil, false
}

func (m *Map) invokeQuick(method Quick, args []any) (any, bool) {
	switch method {
	case QuickIsEmpty:
		return len(m.entries) == 0, true
	case QuickSize:
		return int32(len(m.entries)), true
	case QuickKeySet:
		return m.Keys(), true
	case QuickEntrySet:
		return m.Entries(), true
	case QuickGet, QuickContainsKey, QuickPut:
		name, ok := args[0].(string)
		if !ok {
			return nil, false
		}
		if method == QuickPut {
			if i := m.find(name); i >= 0 {
				old := m.entries[i].val
				m.entries[i].val = args[1]
				return old, true
			}
			old, _ := m.PutKey(args[0], args[1])
			return old, true
		}
		v, has := m.Get(name)
		if method == QuickGet {
			return v, true
		}
		return has, true
	}
	return nil, false
}

func (l *List) invokeQuick(method Quick, args []any) (any, bool) {
	switch method {
	case QuickIsEmpty:
		return len(l.Items) == 0, true
	case QuickSize:
		return int32(len(l.Items)), true
	case QuickGet:
		if i, ok := args[0].(int32); ok && i >= 0 && int(i) < len(l.Items) {
			return l.Items[i], true
		}
	case QuickAdd:
		l.push(args[0])
		return true, true
	case QuickAddAll:
		if from, ok := args[0].(*List); ok {
			if len(l.Items) == 0 && from.shared {
				l.changes++
				l.Share(from.Items)
				return true, true
			}
			l.splice(len(l.Items), len(l.Items), from.Items...)
			return len(from.Items) > 0, true
		}
	case QuickContains:
		switch args[0].(type) {
		case nil, string, bool, int32, int64:
			return indexOf(l.Items, args[0]) >= 0, true
		}
	}
	return nil, false
}
