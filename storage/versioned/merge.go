package versioned

import (
	"strconv"
	"strings"

	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/expression"
)

// merge merges what a conflicting write brings into the stored item, by the
// rules of Automerge. The stored type of an attribute decides: a scalar stays, a
// list grows, a set becomes a union, a map is merged entry by entry, and what is
// absent or null takes the incoming value. Nothing is removed.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/conflict-detection-and-resolution.html#automerge
type merge struct {
	// image is the item as the caller knew it, nil when that does not matter or
	// is not known. A stored scalar that still is as in the image is replaced.
	image *attribute.Item
	// decisions are kept only when observed.
	observed  bool
	decisions []AttributeDecision
}

func (m *merge) note(path string, action AttributeAction) {
	if m.observed {
		m.decisions = append(m.decisions, AttributeDecision{path, action})
	}
}

// items merges the attributes of incoming into stored. Path is that of the map
// which they are the entries of, empty for whole items.
func (m *merge) items(path string, stored, incoming, image *attribute.Item) *attribute.Item {
	merged := stored.Clone()
	for _, a := range incoming.Attributes() {
		at := path
		if m.observed {
			if at != "" {
				at += "."
			}
			at += a.Name
		}
		merged.Set(a.Name, m.value(at, stored.Get(a.Name), a.Value, image.Get(a.Name)))
	}
	return merged
}

// value returns what becomes of the stored value, which is invalid when there is
// none.
func (m *merge) value(path string, stored, incoming, image attribute.Value) attribute.Value {
	switch {
	case !stored.IsValid(), stored.Kind() == attribute.NULL && incoming.Kind() != attribute.NULL:
		m.note(path, Added)
		return incoming
	case isScalar(stored):
		if attribute.Equal(stored, incoming) {
			return stored
		}
		if m.untouched(stored, image) {
			m.note(path, Replaced)
			return incoming
		}
	case incoming.Kind() == attribute.NULL:
	case stored.Kind() == attribute.L && incoming.Kind() == attribute.L:
		m.note(path, Appended)
		elems := make([]attribute.Value, 0, len(stored.Elems())+len(incoming.Elems()))
		return attribute.ListOf(append(append(elems, stored.Elems()...), incoming.Elems()...))
	case stored.Kind() == attribute.M && incoming.Kind() == attribute.M:
		return attribute.MapOf(m.items(path, stored.Item(), incoming.Item(), image.Item()))
	default:
		if set, ok := union(stored, incoming); ok {
			m.note(path, Merged)
			return set
		}
	}
	if incoming.Kind() != attribute.NULL {
		m.note(path, Rejects)
	}
	return stored
}

func isScalar(v attribute.Value) bool {
	switch v.Kind() {
	case attribute.S, attribute.N, attribute.B, attribute.BOOL:
		return true
	}
	return false
}

// untouched reports whether a stored scalar is as the caller knew it.
func (m *merge) untouched(stored, image attribute.Value) bool {
	return m.image != nil && isScalar(stored) && attribute.Equal(stored, image)
}

// union returns the set with the elements of a list or set that it lacks, behind
// its own, and false when stored is no set or an element is not of its type.
func union(stored, incoming attribute.Value) (attribute.Value, bool) {
	kind := stored.Kind().ElemKind()
	if kind == attribute.Invalid || incoming.Kind() != attribute.L && incoming.Kind() != stored.Kind() {
		return attribute.Value{}, false
	}
	elems := append(make([]attribute.Value, 0, len(stored.Elems())+len(incoming.Elems())), stored.Elems()...)
	present := make(map[string]struct{}, cap(elems))
	for _, e := range elems {
		present[e.Text()] = struct{}{}
	}
	for _, e := range incoming.Elems() {
		if e.Kind() != kind {
			return attribute.Value{}, false
		}
		if _, ok := present[e.Text()]; !ok {
			present[e.Text()] = struct{}{}
			elems = append(elems, e)
		}
	}
	return attribute.SetOf(stored.Kind(), elems), true
}

// update merges an update: the values that it sets as they are merge like those
// of a put, an addition to a set is a union, any other computation happens only
// where there is nothing yet, and removals do not happen. The documentation
// speaks of values alone.
func (m *merge) update(u *expression.Update, stored *attribute.Item) (*attribute.Item, error) {
	if u == nil {
		return stored.Clone(), nil
	}
	return u.ApplySelectively(stored, func(c *expression.Change) (expression.Outcome, error) {
		path, image := "", attribute.Value{}
		if m.observed {
			path = pathText(c.Path)
		}
		if m.image != nil {
			image = c.Path.Get(m.image)
		}
		if c.Clause == "SET" && c.Operand.IsValid() {
			return expression.Outcome{Value: m.value(path, c.Current, c.Operand, image)}, nil
		}
		if m.untouched(c.Current, image) {
			action := Replaced
			if c.Clause == "REMOVE" {
				action = Removed
			}
			m.note(path, action)
			return c.Outcome()
		}
		switch {
		case c.Clause == "REMOVE":
			return expression.Outcome{}, nil
		case !c.Current.IsValid():
			out, err := c.Outcome()
			if out.Value.IsValid() {
				m.note(path, Added)
			}
			return out, err
		case c.Clause == "ADD" && c.Current.Kind() == attribute.NULL:
			m.note(path, Added)
			return expression.Outcome{Value: c.Operand}, nil
		case c.Clause == "ADD":
			if set, ok := union(c.Current, c.Operand); ok {
				m.note(path, Merged)
				return expression.Outcome{Value: set}, nil
			}
		}
		m.note(path, Rejects)
		return expression.Outcome{}, nil
	})
}

// pathText writes a path as expressions do: a.b[0].
func pathText(p expression.Path) string {
	var b strings.Builder
	for i, e := range p {
		switch {
		case e.IsIndex:
			b.WriteString("[" + strconv.Itoa(e.Index) + "]")
		case i > 0:
			b.WriteString("." + e.Name)
		default:
			b.WriteString(e.Name)
		}
	}
	return b.String()
}
