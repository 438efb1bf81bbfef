package vtl

import (
	"strings"

	"appsync-emulator/mappingtemplate/value"
)

// loopScope is the value of $foreach inside a loop. It is a map too, in which
// templates may keep values for the time of the loop.
type loopScope struct {
	loop    *foreach
	parent  *loopScope
	storage value.Map
	// replaced is what $foreach was before the outermost loop.
	replaced any
	index    int
	hasNext  bool
}

func newLoopScope(loop *foreach, before any) *loopScope {
	s := &loopScope{loop: loop, index: -1}
	if parent, ok := before.(*loopScope); ok {
		s.parent = parent
	} else {
		s.replaced = before
	}
	return s
}

func (s *loopScope) String() string { return value.ToString(&s.storage) }

func (s *loopScope) property(name string) any {
	switch name {
	case "index", "Index":
		return int32(s.index)
	case "count", "Count":
		return int32(s.index + 1)
	case "hasNext", "HasNext":
		return s.hasNext
	case "first", "First":
		return s.index < 1
	case "last", "Last":
		return !s.hasNext
	case "parent", "Parent":
		if s.parent == nil {
			return nil
		}
		return s.parent
	case "topmost", "Topmost":
		return s.topmost()
	case "replaced", "Replaced":
		return s.findReplaced()
	case "info", "Info":
		return &loopInfo{s}
	}
	return s.get(name)
}

func (s *loopScope) topmost() *loopScope {
	for s.parent != nil {
		s = s.parent
	}
	return s
}

func (s *loopScope) findReplaced() any {
	for s.replaced == nil && s.parent != nil {
		s = s.parent
	}
	return s.replaced
}

// get returns a value kept in this scope or in one around it.
func (s *loopScope) get(name string) any {
	for ; s != nil; s = s.parent {
		if v, ok := s.storage.Get(name); ok {
			return v
		}
	}
	return nil
}

func (s *loopScope) invoke(name string, args []any) (any, bool) {
	if len(args) == 1 && name == "get" {
		if key, ok := args[0].(string); ok {
			return s.get(key), true
		}
	}
	if len(args) > 0 {
		return nil, false
	}
	switch name {
	case "hasNext", "getHasNext":
		return s.hasNext, true
	case "isFirst", "getFirst":
		return s.index < 1, true
	case "isLast", "getLast":
		return !s.hasNext, true
	case "getIndex":
		return int32(s.index), true
	case "getCount":
		return int32(s.index + 1), true
	case "getParent", "getTopmost", "getReplaced", "getInfo":
		return s.property(name[3:]), true
	}
	return nil, false
}

// loopInfo is the value of $foreach.info, which says where the loop stands.
type loopInfo struct{ scope *loopScope }

func (i *loopInfo) String() string {
	depth := ""
	if n := i.depth(); n > 1 {
		depth = " depth:" + itoa(n)
	}
	pos := i.scope.loop.pos
	return "#foreach[type:block" + depth + " template:velocity line:" + itoa(pos.line) + " column:" + itoa(pos.column) + "]"
}

func (i *loopInfo) depth() int {
	n := 1
	for s := i.scope; s.parent != nil; s = s.parent {
		n++
	}
	return n
}

// Property returns what the getters of the same names return.
func (i *loopInfo) Property(name string) (any, bool) {
	pos := i.scope.loop.pos
	switch name {
	case "name", "Name":
		return "foreach", true
	case "type", "Type":
		return "block", true
	case "depth", "Depth":
		return int32(i.depth()), true
	case "template", "Template":
		return "velocity", true
	case "line", "Line":
		return int32(pos.line), true
	case "column", "Column":
		return int32(pos.column), true
	}
	return nil, false
}

// Invoke calls a getter, or toString.
func (i *loopInfo) Invoke(name string, args []any) (any, bool, error) {
	if len(args) > 0 {
		return nil, false, nil
	}
	if name == "toString" {
		return i.String(), true, nil
	}
	getter, ok := strings.CutPrefix(name, "get")
	if !ok || getter == "" || getter[0] < 'A' || getter[0] > 'Z' {
		return nil, false, nil
	}
	v, found := i.Property(getter)
	return v, found, nil
}
