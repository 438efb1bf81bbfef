package value

// hiddenEntries are the entries of a map that are read and written by name, and
// that neither its views nor its texts show. AppSync's $context has them:
// $util.toJson($ctx) has arguments and not args, and $util.toJson($ctx.info)
// lacks the selection set, which templates read nonetheless.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/resolver-context-reference-js.html
type hiddenEntries struct {
	entries []hiddenEntry
}

// hiddenEntry is another name for a listed entry, or has a value of its own.
type hiddenEntry struct {
	name string
	// alias is the entry that name stands for; empty for a value.
	alias string
	// read makes the value when it is first wanted; nil from then on.
	read func() any
	val  any
}

// Alias makes name another name for the entry of, whether or not that exists
// yet. What is written or removed under either is so under both.
func (m *Map) Alias(name, of string) { m.hide(hiddenEntry{name: name, alias: of}) }

// Hide adds an entry that is not listed. Its value is what read returns; it is
// called when a template first asks, so that nobody else pays for it.
func (m *Map) Hide(name string, read func() any) { m.hide(hiddenEntry{name: name, read: read}) }

func (m *Map) hide(e hiddenEntry) {
	if m.hidden == nil {
		m.hidden = &hiddenEntries{}
	}
	m.hidden.entries = append(m.hidden.entries, e)
}

func (h *hiddenEntries) find(name string) *hiddenEntry {
	for i := range h.entries {
		if h.entries[i].name == name {
			return &h.entries[i]
		}
	}
	return nil
}

func (h *hiddenEntries) copy() *hiddenEntries {
	if h == nil {
		return nil
	}
	return &hiddenEntries{entries: append([]hiddenEntry(nil), h.entries...)}
}

func (m *Map) hiddenValue(name string) (any, bool) {
	e := m.hidden.find(name)
	switch {
	case e == nil:
		return nil, false
	case e.alias != "":
		if i := m.find(e.alias); i >= 0 {
			return m.entries[i].val, true
		}
		return nil, false
	case e.read != nil:
		e.val, e.read = e.read(), nil
	}
	return e.val, true
}

func (m *Map) hasHidden(name string) bool {
	e := m.hidden.find(name)
	return e != nil && (e.alias == "" || m.find(e.alias) >= 0)
}

// setHidden stores v under a hidden name, and says whether it is one.
func (m *Map) setHidden(name string, v any) bool {
	e := m.hidden.find(name)
	switch {
	case e == nil:
		return false
	case e.alias != "":
		if i := m.find(e.alias); i >= 0 {
			m.entries[i].val = v
		} else {
			m.push(mapEntry{name: e.alias, val: v})
		}
	default:
		e.val, e.read = v, nil
	}
	return true
}

// deleteHidden removes a hidden name's value; an alias stays.
func (m *Map) deleteHidden(name string) (any, bool) {
	e := m.hidden.find(name)
	if e == nil {
		return nil, false
	}
	if e.alias != "" {
		return m.removeAt(m.find(e.alias))
	}
	old, _ := m.hiddenValue(name)
	for i := range m.hidden.entries {
		if &m.hidden.entries[i] == e {
			m.hidden.entries = append(m.hidden.entries[:i], m.hidden.entries[i+1:]...)
			break
		}
	}
	return old, true
}
