package expression

import (
	"errors"

	"appsync-emulator/storage/attribute"
)

// Apply returns old as the update changes it, and the paths that the update
// touched, for ProjectPaths. Old is the item with at least its key attributes;
// it is not modified. All reads see old, whatever the order of the actions, and
// list positions are those of old. The error is an *Error.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
func (u *Update) Apply(old *attribute.Item) (*attribute.Item, []Path, error) {
	var few [8]change
	changes := few[:0]
	for i, a := range u.actions {
		c, err := u.change(a, u.targets[i], old)
		if err != nil {
			return nil, nil, err
		}
		changes = append(changes, c)
	}
	if u.nested != nil {
		updated, err := changeItem(u.nested, changes, old)
		if err != nil {
			return nil, nil, err
		}
		return updated, u.targets, nil
	}
	updated := old.Clone()
	for i, c := range changes {
		c.applyTo(updated, u.targets[i].Head())
	}
	return updated, u.targets, nil
}

// change is what an action does at its path.
type change struct {
	value  attribute.Value // what to store; invalid stores nothing
	remove bool
}

func (c change) applyTo(item *attribute.Item, name string) {
	switch {
	case c.remove:
		item.Delete(name)
	case c.value.IsValid():
		item.Set(name, c.value)
	}
}

// change works out an action from the old item.
func (u *Update) change(a action, target Path, old *attribute.Item) (change, error) {
	switch a.kind {
	case actionRemove:
		return change{remove: true}, nil
	case actionSet:
		v, err := u.eval(a.value, old)
		if err != nil {
			return change{}, err
		}
		if k := v.Kind(); len(target) > 1 || k == attribute.L || k == attribute.M {
			if err := attribute.CheckNesting(v, len(target)-1); err != nil {
				return change{}, refused(err)
			}
		}
		return change{value: v}, nil
	}
	current, operand := target.Get(old), u.values[a.value.slot]
	switch {
	case !current.IsValid():
		if a.kind == actionDelete {
			return change{}, nil
		}
		return change{value: operand}, nil
	case current.Kind() != operand.Kind():
		return change{}, errOperandType
	case a.kind == actionDelete:
		rest := without(current, operand)
		return change{value: rest, remove: !rest.IsValid()}, nil
	case operand.Kind() == attribute.N:
		sum, err := attribute.AddNumbers(current.Text(), operand.Text())
		return change{value: attribute.Number(sum)}, refused(err)
	default:
		return change{value: union(current, operand)}, nil
	}
}

// refused turns a refusal of a value into one of the request.
func refused(err error) error {
	if value, ok := errors.AsType[*attribute.ValueError](err); ok {
		return &Error{value.Message}
	}
	return err
}

// eval returns the value that n has for the old item.
func (u *Update) eval(n *node, old *attribute.Item) (attribute.Value, error) {
	switch n.op {
	case opPath:
		v := u.paths[n.slot].Get(old)
		if !v.IsValid() {
			return v, errMissingAttribute
		}
		return v, nil
	case opValue:
		return u.values[n.slot], nil
	case opIfNotExists:
		if v := u.paths[n.args[0].slot].Get(old); v.IsValid() {
			return v, nil
		}
		return u.eval(n.args[1], old)
	}
	a, err := u.eval(n.args[0], old)
	if err != nil {
		return a, err
	}
	b, err := u.eval(n.args[1], old)
	if err != nil {
		return b, err
	}
	want := attribute.N
	if n.op == opListAppend {
		want = attribute.L
	}
	if a.Kind() != want || b.Kind() != want {
		return attribute.Value{}, errOperandType
	}
	switch n.op {
	case opListAppend:
		elems := make([]attribute.Value, 0, len(a.Elems())+len(b.Elems()))
		return attribute.ListOf(append(append(elems, a.Elems()...), b.Elems()...)), nil
	case opAdd:
		sum, err := attribute.AddNumbers(a.Text(), b.Text())
		return attribute.Number(sum), refused(err)
	default:
		difference, err := attribute.SubNumbers(a.Text(), b.Text())
		return attribute.Number(difference), refused(err)
	}
}

// texts returns the elements of a set, for lookups.
func texts(set attribute.Value) map[string]struct{} {
	m := make(map[string]struct{}, len(set.Elems()))
	for _, e := range set.Elems() {
		m[e.Text()] = struct{}{}
	}
	return m
}

// union returns the set of the elements of a and b, which are of one type.
func union(a, b attribute.Value) attribute.Value {
	present := texts(a)
	elems := append(make([]attribute.Value, 0, len(a.Elems())+len(b.Elems())), a.Elems()...)
	for _, e := range b.Elems() {
		if _, ok := present[e.Text()]; !ok {
			elems = append(elems, e)
		}
	}
	return attribute.SetOf(a.Kind(), elems)
}

// without returns the set of the elements of a that are not in b, the zero
// Value when none is left: there are no empty sets.
func without(a, b attribute.Value) attribute.Value {
	removed := texts(b)
	elems := make([]attribute.Value, 0, len(a.Elems()))
	for _, e := range a.Elems() {
		if _, ok := removed[e.Text()]; !ok {
			elems = append(elems, e)
		}
	}
	if len(elems) == 0 {
		return attribute.Value{}
	}
	return attribute.SetOf(a.Kind(), elems)
}

// changeItem returns a copy of item with the changes below t.
func changeItem(t *pathTree, changes []change, item *attribute.Item) (*attribute.Item, error) {
	updated := item.Clone()
	for _, child := range t.children {
		name := child.element.Name
		if child.leaf >= 0 {
			changes[child.leaf].applyTo(updated, name)
			continue
		}
		v, err := changeValue(child, changes, item.Get(name))
		if err != nil {
			return nil, err
		}
		updated.Set(name, v)
	}
	return updated, nil
}

// changeValue returns a copy of the list or map v with the changes below t.
func changeValue(t *pathTree, changes []change, v attribute.Value) (attribute.Value, error) {
	inList := t.children[0].element.IsIndex
	switch {
	case inList && v.Kind() == attribute.L:
		return changeList(t, changes, v.Elems())
	case !inList && v.Kind() == attribute.M:
		item, err := changeItem(t, changes, v.Item())
		if err != nil {
			return attribute.Value{}, err
		}
		return attribute.MapOf(item), nil
	default:
		return attribute.Value{}, errInvalidPath
	}
}

// changeList changes elements by their old positions: removed ones close up
// only afterwards, and those beyond the end are appended in ascending order.
func changeList(t *pathTree, changes []change, old []attribute.Value) (attribute.Value, error) {
	elems := make([]attribute.Value, 0, len(old)+len(t.children))
	from := 0
	for _, child := range t.children {
		at := min(child.element.Index, len(old))
		elems = append(elems, old[from:at]...)
		from = min(at+1, len(old))
		var current attribute.Value
		if child.element.Index < len(old) {
			current = old[child.element.Index]
		}
		if child.leaf < 0 {
			v, err := changeValue(child, changes, current)
			if err != nil {
				return attribute.Value{}, err
			}
			elems = append(elems, v)
			continue
		}
		switch c := changes[child.leaf]; {
		case c.remove:
		case c.value.IsValid():
			elems = append(elems, c.value)
		case current.IsValid():
			elems = append(elems, current)
		}
	}
	return attribute.ListOf(append(elems, old[from:]...)), nil
}
