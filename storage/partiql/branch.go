package partiql

import (
	"slices"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
)

// maxReads is how many reads DynamoDB makes of one SELECT: a key attribute has at
// most so many values.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-operators.html#ql-operators.logical
const maxReads = 50

// keyTest is a condition on the sort key that a Query can hold.
type keyTest struct {
	node      *node // the condition, nil when it is one value of an IN
	op        string
	low, high attribute.Value // high is the upper bound of BETWEEN
}

// branch is one read of a SELECT: the partition key and perhaps the sort key
// are fixed, and the conditions in rest filter what is read. The conditions of
// a SELECT hold where those of one of its branches do.
type branch struct {
	partition attribute.Value
	sort      *keyTest
	rest      []*node
}

// planner finds the branches of a WHERE clause for a key.
type planner struct {
	key  storage.KeySchema
	args *arguments
}

// sides returns the attribute and the value of a comparison of n, whichever
// stands first, and the comparator as if the attribute did. The node of the
// value is nil when n compares something else.
func (n *node) sides() (path, value *node, comparator string) {
	if n.op != opCompare {
		return nil, nil, ""
	}
	path, value, comparator = n.args[0], n.args[1], n.name
	if path.isValue() {
		path, value = value, path
		switch comparator {
		case "<":
			comparator = ">"
		case "<=":
			comparator = ">="
		case ">":
			comparator = "<"
		case ">=":
			comparator = "<="
		}
	}
	if path.op != opPath || !value.isValue() {
		return nil, nil, ""
	}
	return path, value, comparator
}

// keyValues returns the nodes of the values that n says the attribute equals one
// of, nil when it does not say so.
func (n *node) keyValues(name string) []*node {
	switch n.op {
	case opCompare:
		if path, value, comparator := n.sides(); value != nil && comparator == "=" && path.isName(name) {
			return []*node{value}
		}
	case opIn:
		if !n.args[0].isName(name) || slices.ContainsFunc(n.args[1:], func(v *node) bool { return !v.isValue() }) {
			return nil
		}
		return n.args[1:]
	}
	return nil
}

// keyed reports whether n fixes the partition key.
func (p *planner) keyed(n *node) bool {
	switch n.op {
	case opAnd:
		return slices.ContainsFunc(n.args, p.keyed)
	case opOr:
		return !slices.ContainsFunc(n.args, func(arg *node) bool { return !p.keyed(arg) })
	default:
		return n.keyValues(p.key.Partition.Name) != nil
	}
}

// testsSort reports whether n has a condition on the sort key that a Query can
// hold.
func (p *planner) testsSort(n *node) bool {
	switch n.op {
	case opAnd, opOr:
		return slices.ContainsFunc(n.args, p.testsSort)
	default:
		return p.sortTests(n) != nil
	}
}

// sortTests returns the conditions on the sort key of which n demands one, nil
// when n is no such condition.
func (p *planner) sortTests(n *node) []keyTest {
	if p.key.Sort == nil {
		return nil
	}
	name := p.key.Sort.Name
	value := func(n *node) attribute.Value {
		v, _ := p.args.value(n) // was checked before
		return v
	}
	if values := n.keyValues(name); values != nil {
		tests := make([]keyTest, len(values))
		for i, v := range values {
			tests[i] = keyTest{op: "=", low: value(v)}
		}
		return tests
	}
	switch n.op {
	case opCompare:
		if path, v, comparator := n.sides(); v != nil && comparator != "<>" && path.isName(name) {
			return []keyTest{{node: n, op: comparator, low: value(v)}}
		}
	case opBetween:
		if n.args[0].isName(name) && n.args[1].isValue() && n.args[2].isValue() {
			return []keyTest{{node: n, op: "BETWEEN", low: value(n.args[1]), high: value(n.args[2])}}
		}
	case opCall:
		if n.name == "begins_with" && len(n.args) == 2 && n.args[0].isName(name) && n.args[1].isValue() {
			return []keyTest{{node: n, op: "begins_with", low: value(n.args[1])}}
		}
	}
	return nil
}

// branches returns the reads that a WHERE clause needs; there are none when it
// does not fix the partition key and the table is to be scanned. The error is a
// *attribute.ValueError.
func (p *planner) branches(where *node) ([]branch, error) {
	if where == nil || !p.keyed(where) {
		return nil, nil
	}
	found, err := p.plan(where)
	if err != nil {
		return nil, err
	}
	for i := range found {
		if err := p.checkKinds(&found[i]); err != nil {
			return nil, err
		}
	}
	return found, checkDisjoint(found)
}

// plan is branches for a WHERE clause that fixes the partition key, without a
// look at the values.
func (p *planner) plan(where *node) ([]branch, error) {
	found, err := p.expand(where)
	if err != nil {
		return nil, err
	}
	if len(found) > maxReads {
		return nil, &attribute.ValueError{Message: msgTooManyReads}
	}
	return found, nil
}

// checkDisjoint refuses branches of which two may read one item.
func checkDisjoint(found []branch) error {
	for i := range found {
		for j := range found[:i] {
			if found[i].overlaps(&found[j]) {
				return &attribute.ValueError{Message: msgOverlapping}
			}
		}
	}
	return nil
}

// item returns the primary key that a WHERE clause says an item has, nil when it
// says something else or more.
func (p *planner) item(where *node) (*attribute.Item, error) {
	if where == nil || !p.keyed(where) {
		return nil, nil
	}
	found, err := p.plan(where)
	if err == nil {
		err = checkDisjoint(found)
	}
	if err != nil || len(found) != 1 || len(found[0].rest) > 0 {
		return nil, err
	}
	return found[0].item(p.key), nil
}

// expand returns the branches of n, those of parts of a WHERE clause without
// a partition. It gives up when there are too many.
func (p *planner) expand(n *node) ([]branch, error) {
	switch {
	case n.op == opAnd:
		return p.product(n.args)
	case n.op == opOr && (p.keyed(n) || p.testsSort(n)):
		var found []branch
		for _, arg := range n.args {
			more, err := p.expand(arg)
			if err != nil {
				return nil, err
			}
			if found = append(found, more...); len(found) > maxReads {
				return nil, &attribute.ValueError{Message: msgTooManyReads}
			}
		}
		return found, nil
	}
	if values := n.keyValues(p.key.Partition.Name); values != nil {
		found := make([]branch, len(values))
		for i, v := range values {
			value, err := p.args.value(v)
			if err != nil {
				return nil, err
			}
			found[i].partition = value
		}
		return found, nil
	}
	if tests := p.sortTests(n); tests != nil {
		found := make([]branch, len(tests))
		for i := range tests {
			found[i].sort = &tests[i]
		}
		return found, nil
	}
	return []branch{{rest: []*node{n}}}, nil
}

// product joins the branches of terms that all must hold.
func (p *planner) product(terms []*node) ([]branch, error) {
	found := []branch{{}}
	for _, term := range terms {
		more, err := p.expand(term)
		if err != nil {
			return nil, err
		}
		if len(found)*len(more) > maxReads {
			return nil, &attribute.ValueError{Message: msgTooManyReads}
		}
		joined := make([]branch, 0, len(found)*len(more))
		for i := range found {
			for j := range more {
				joined = append(joined, p.join(&found[i], &more[j]))
			}
		}
		found = joined
	}
	return found, nil
}

// join returns the branch that demands what a and b do. Of two conditions on a
// key attribute the query holds the first, or that which fixes the sort key; the
// other filters.
func (p *planner) join(a, b *branch) branch {
	c := branch{partition: a.partition, sort: a.sort, rest: slices.Concat(a.rest, b.rest)}
	switch {
	case !a.partition.IsValid():
		c.partition = b.partition
	case b.partition.IsValid() && !attribute.Equal(a.partition, b.partition):
		c.rest = append(c.rest, equality(p.key.Partition.Name, b.partition))
	}
	switch {
	case a.sort == nil:
		c.sort = b.sort
	case b.sort == nil:
	case b.sort.op == "=" && a.sort.op != "=":
		c.sort = b.sort
		c.rest = append(c.rest, a.sort.condition(p.key.Sort.Name))
	case !a.sort.equal(b.sort):
		c.rest = append(c.rest, b.sort.condition(p.key.Sort.Name))
	}
	return c
}

// equality returns the condition that an attribute has a value.
func equality(name string, v attribute.Value) *node {
	return &node{op: opCompare, name: "=", args: []*node{
		{op: opPath, steps: []step{{name: name}}}, {op: opLiteral, value: v},
	}}
}

func (t *keyTest) condition(name string) *node {
	if t.node != nil {
		return t.node
	}
	return equality(name, t.low)
}

func (t *keyTest) equal(o *keyTest) bool {
	return t.op == o.op && attribute.Equal(t.low, o.low) && (t.op != "BETWEEN" || attribute.Equal(t.high, o.high))
}

func (p *planner) checkKinds(b *branch) error {
	if b.partition.Kind() != p.key.Partition.Kind {
		return &attribute.ValueError{Message: msgKeyType + p.key.Partition.Name}
	}
	if b.sort == nil {
		return nil
	}
	for _, v := range [...]attribute.Value{b.sort.low, b.sort.high} {
		if v.IsValid() && v.Kind() != p.key.Sort.Kind {
			return &attribute.ValueError{Message: msgKeyType + p.key.Sort.Name}
		}
	}
	return nil
}

// overlaps reports whether both branches may read one item.
func (b *branch) overlaps(o *branch) bool {
	return attribute.Equal(b.partition, o.partition) && (b.sort == nil || o.sort == nil || !b.sort.before(o.sort) && !o.sort.before(b.sort))
}

// before reports whether all values that meet t are less than those that meet
// o.
func (t *keyTest) before(o *keyTest) bool {
	high, highOpen, ok := t.upper()
	if !ok {
		return false
	}
	low, lowOpen, ok := o.lower()
	if !ok {
		return false
	}
	order, _ := attribute.Compare(high, low)
	return order < 0 || order == 0 && (highOpen || lowOpen)
}

// upper returns the bound that no value is above, and whether the bound itself
// is excluded.
func (t *keyTest) upper() (bound attribute.Value, open, ok bool) {
	switch t.op {
	case "=", "<=":
		return t.low, false, true
	case "<":
		return t.low, true, true
	case "BETWEEN":
		return t.high, false, true
	case "begins_with":
		end := []byte(t.low.Text())
		for i := len(end) - 1; i >= 0; i-- {
			if end[i] < 0xFF {
				end[i]++
				if t.low.Kind() == attribute.B {
					return attribute.Binary(end[:i+1]), true, true
				}
				return attribute.String(string(end[:i+1])), true, true
			}
		}
	}
	return attribute.Value{}, false, false
}

// lower is upper for the other end.
func (t *keyTest) lower() (bound attribute.Value, open, ok bool) {
	switch t.op {
	case "=", ">=", "BETWEEN", "begins_with":
		return t.low, false, true
	case ">":
		return t.low, true, true
	}
	return attribute.Value{}, false, false
}

// write writes the branch's key condition.
func (b *branch) write(w *writer, key storage.KeySchema) {
	w.name(key.Partition.Name)
	w.write(" = ")
	w.value(b.partition)
	if b.sort == nil {
		return
	}
	w.write(" AND ")
	name := key.Sort.Name
	switch b.sort.op {
	case "BETWEEN":
		w.name(name)
		w.write(" BETWEEN ")
		w.value(b.sort.low)
		w.write(" AND ")
		w.value(b.sort.high)
	case "begins_with":
		w.write("begins_with(")
		w.name(name)
		w.write(", ")
		w.value(b.sort.low)
		w.write(")")
	default:
		w.name(name)
		w.write(" ", b.sort.op, " ")
		w.value(b.sort.low)
	}
}

// item returns the primary key that the branch fixes, nil when it does not fix
// the whole of it.
func (b *branch) item(key storage.KeySchema) *attribute.Item {
	item := attribute.NewItem(attribute.Attribute{Name: key.Partition.Name, Value: b.partition})
	if key.Sort == nil {
		return item
	}
	if b.sort == nil || b.sort.op != "=" {
		return nil
	}
	item.Set(key.Sort.Name, b.sort.low)
	return item
}

// single returns the primary key that a WHERE clause fixes by equalities of its
// top level, and its other conditions. Of two values for an attribute the key
// has the first; the second stays among the conditions and its attribute is
// conflict. The key is incomplete when not all attributes are fixed.
func (p *planner) single(where *node) (key *attribute.Item, rest []*node, conflict string, err error) {
	key = &attribute.Item{}
	for _, term := range where.flatten(opAnd) {
		name, value := p.equality(term)
		if value == nil {
			rest = append(rest, term)
			continue
		}
		v, err := p.args.value(value)
		if err != nil {
			return nil, nil, "", err
		}
		switch {
		case !key.Has(name):
			key.Set(name, v)
		case !attribute.Equal(key.Get(name), v):
			rest = append(rest, term)
			if conflict == "" {
				conflict = name
			}
		}
	}
	return key, rest, conflict, nil
}

// equality returns the key attribute that term says has a value, and the node
// of that.
func (p *planner) equality(term *node) (string, *node) {
	names := []string{p.key.Partition.Name}
	if p.key.Sort != nil {
		names = append(names, p.key.Sort.Name)
	}
	for _, name := range names {
		if term.op == opCompare {
			if values := term.keyValues(name); values != nil {
				return name, values[0]
			}
		}
	}
	return "", nil
}

// complete reports whether key has all attributes of the schema.
func complete(key *attribute.Item, schema storage.KeySchema) bool {
	return key.Has(schema.Partition.Name) && (schema.Sort == nil || key.Has(schema.Sort.Name))
}
