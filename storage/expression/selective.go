package expression

import "appsync-emulator/storage/attribute"

// Change is one action of an update that is about to be applied to an item.
type Change struct {
	// Path is what the action writes.
	Path Path
	// Clause is SET, REMOVE, ADD or DELETE.
	Clause string
	// Operand is the value of the request that SET stores as it is, or that ADD
	// and DELETE take. It is the zero Value for REMOVE, and for a SET that
	// computes something from the item.
	Operand attribute.Value
	// Current is what the item has at Path, the zero Value when it has nothing.
	Current attribute.Value

	update *Update
	action action
	item   *attribute.Item
}

// Outcome is what a change leaves at its path: Value, or nothing when Remove is
// set. The zero Outcome leaves what is there.
type Outcome struct {
	Value  attribute.Value
	Remove bool
}

// Outcome returns what the update by itself would do. The error is an *Error.
func (c *Change) Outcome() (Outcome, error) {
	out, err := c.update.change(c.action, c.Path, c.item)
	return Outcome{Value: out.value, Remove: out.remove}, err
}

// ApplySelectively is Apply, but decide says what becomes of each action. Errors
// of decide are returned as they are, others are an *Error.
func (u *Update) ApplySelectively(old *attribute.Item, decide func(*Change) (Outcome, error)) (*attribute.Item, error) {
	changes := make([]change, len(u.actions))
	for i, a := range u.actions {
		c := Change{
			Path: u.targets[i], Clause: clauseNames[a.kind], Current: u.targets[i].Get(old),
			update: u, action: a, item: old,
		}
		if a.value != nil && a.value.op == opValue {
			c.Operand = u.values[a.value.slot]
		}
		out, err := decide(&c)
		if err != nil {
			return nil, err
		}
		changes[i] = change{value: out.Value, remove: out.Remove}
	}
	if u.nested != nil {
		return changeItem(u.nested, changes, old)
	}
	updated := old.Clone()
	for i, c := range changes {
		c.applyTo(updated, u.targets[i].Head())
	}
	return updated, nil
}

// Fixed returns the value that the attribute must equal for the condition to
// hold, when the condition says so at its top level: by "name = :value", alone
// or joined to others by AND.
func (c *Condition) Fixed(name string) (attribute.Value, bool) {
	if c == nil {
		return attribute.Value{}, false
	}
	return c.fixed(c.root, name)
}

func (c *Condition) fixed(n *node, name string) (attribute.Value, bool) {
	switch n.op {
	case opAnd:
		for _, arg := range n.args {
			if v, ok := c.fixed(arg, name); ok {
				return v, true
			}
		}
	case opEQ:
		path, value := n.args[0], n.args[1]
		if path.op == opValue {
			path, value = value, path
		}
		if path.op != opPath || value.op != opValue {
			break
		}
		if p := c.paths[path.slot]; len(p) == 1 && p.Head() == name {
			return c.values[value.slot], true
		}
	}
	return attribute.Value{}, false
}
