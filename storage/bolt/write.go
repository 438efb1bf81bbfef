package bolt

import (
	"bytes"
	"cmp"
	"context"
	"fmt"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/expression"
)

// actionKind is what an action does to its item.
type actionKind uint8

const (
	putItem actionKind = iota
	updateItem
	deleteItem
	checkItem // a condition alone
)

// action is one write of one item. It is prepared by its caller's goroutine,
// checked and written by the writer.
type action struct {
	kind      actionKind
	tableName string
	item      *attribute.Item // what is put; the key for the other kinds
	expr      storage.Expressions
	returns   storage.ReturnValues
	report    storage.Report
	batched   bool // whether it is refused in the words of batches

	// Parsed without a look at the table.
	bound   *expression.Bound
	newSize int // the size of what is put

	// Prepared against table.
	table   *table
	key     []byte
	encoded []byte // the encoding of what is put
	entries []entry
	expiry  []byte

	// Decided by check.
	existed bool            // an item was there
	oldSize int             // its size
	old     *attribute.Item // the item when it matters, nil when there is none
	new     *attribute.Item // nil when none is left
	touched []expression.Path
	noop    bool
	// what old has in the indexes and in the expiry bucket
	oldEntries []entry
	oldExpiry  []byte
}

// parseAction checks what can be checked without the table, which DynamoDB does
// before it looks whether there is one.
func (s *Store) parseAction(a *action) error {
	if a.kind == putItem {
		if err := checkValues(a.item); err != nil {
			return err
		}
		if a.newSize = a.item.Size(); a.newSize > maxItemSize {
			return refuseUpfront(msgItemSize)
		}
	}
	var err error
	a.bound, err = s.parseWrite(a)
	return err
}

// prepare checks what can be checked without the stored item. It may run again,
// when the table has changed since.
func (a *action) prepare(t *table) error {
	a.table = t
	var err error
	if a.kind == putItem {
		if a.key, err = t.encodePutKey(a.item, a.batched); err != nil {
			return err
		}
		if err := a.checkIndexKeys(a.item); err != nil {
			return err
		}
	} else if a.key, err = t.encodeKey(a.item); err != nil {
		return err
	}
	if err := a.checkPaths(); err != nil {
		return err
	}
	if a.kind == putItem {
		return a.encodeNew(a.item, a.newSize)
	}
	return nil
}

// checkPaths checks the paths of the expressions against the keys of the table.
func (a *action) checkPaths() error {
	t, b := a.table, a.bound
	return upfront(cmp.Or(
		b.Update.CheckKey(t.key),
		b.Update.CheckScalars(t.key, t.indexKeys),
		b.Condition.CheckScalars(t.key, t.indexKeys),
	))
}

// encodeNew computes all that is stored for the new item, which has the given
// size.
func (a *action) encodeNew(item *attribute.Item, size int) error {
	a.new, a.newSize = item, size
	a.encoded = attribute.AppendBinary(make([]byte, 0, 256), item)
	a.expiry = a.table.expiryKey(item, a.key)
	entries, err := a.table.entries(item, size, a.key)
	a.entries = entries
	return err
}

func (s *Store) parseWrite(a *action) (*expression.Bound, error) {
	operation := [...]expression.Operation{
		putItem: expression.PutItem, updateItem: expression.UpdateItem, deleteItem: expression.DeleteItem, checkItem: expression.OtherOperation,
	}[a.kind]
	req := expression.Request{
		Operation: operation, Condition: a.expr.Condition, HasCondition: a.expr.Empty&storage.ConditionExpression != 0,
		Names: a.expr.Names, Values: a.expr.Values,
	}
	if a.kind == updateItem {
		req.Update, req.HasUpdate = a.expr.Update, a.expr.Empty&storage.UpdateExpression != 0
	}
	if a.kind == checkItem && req.Condition == "" {
		req.HasCondition = true // and refused as empty
	}
	return s.parse(req)
}

// parse parses expressions; a request without any costs nothing.
func (s *Store) parse(req expression.Request) (*expression.Bound, error) {
	if req.Condition == "" && req.Filter == "" && req.KeyCondition == "" && req.Update == "" && req.Projection == "" &&
		!req.HasCondition && !req.HasFilter && !req.HasKeyCondition && !req.HasUpdate && !req.HasProjection && req.Names == nil && req.Values == nil {
		return &noExpressions, nil
	}
	bound, err := s.expressions.Parse(req)
	return bound, upfront(err)
}

// noExpressions is what every request without expressions shares.
var noExpressions expression.Bound

// check decides the action against what is stored. A failed condition is a
// *storage.ConditionalCheckFailedError with the old item.
func (s *Store) check(w *writing, a *action) error {
	t, err := w.table(a.tableName)
	if err != nil {
		return err
	}
	if t != a.table {
		if err := a.prepare(t); err != nil {
			return err
		}
	}
	b, err := w.open(t)
	if err != nil {
		return err
	}
	a.old, a.touched, a.noop = nil, nil, false
	a.oldEntries, a.oldExpiry = nil, nil
	a.existed, a.oldSize = false, 0
	if v := b.items.Get(a.key); v != nil {
		a.existed = true
		if a.needsOld() {
			a.old, err = attribute.DecodeBinary(v)
			a.oldSize = a.old.Size()
		} else {
			a.oldSize, err = attribute.BinarySize(v)
		}
		if err != nil {
			return damaged("table %s: %w", t.def.Name, err)
		}
	}
	if c := a.bound.Condition; c != nil {
		ok, err := c.Eval(a.old)
		if err != nil {
			return err
		}
		if !ok {
			return &storage.ConditionalCheckFailedError{Item: a.old}
		}
	}
	switch a.kind {
	case updateItem:
		if err := a.update(); err != nil {
			return err
		}
	case deleteItem:
		a.noop = !a.existed
	case checkItem:
		a.noop = true
	}
	if a.noop || a.old == nil {
		return nil
	}
	a.oldExpiry = t.expiryKey(a.old, a.key)
	a.oldEntries, err = t.entries(a.old, a.oldSize, a.key)
	return err
}

// needsOld reports whether the attributes of the stored item matter: a put into
// a table without indexes and TTL counts its size only.
func (a *action) needsOld() bool {
	return a.kind != putItem || a.bound.Condition != nil || a.returns == storage.ReturnAllOld ||
		len(a.table.indexes) > 0 || a.table.def.TTLAttribute != ""
}

// update applies the update expression; an item that does not exist begins with
// its key.
func (a *action) update() error {
	from := a.old
	if from == nil {
		from = a.item
	}
	next := from
	if u := a.bound.Update; u != nil {
		if err := a.checkStaticKinds(); err != nil {
			return err
		}
		var err error
		if next, a.touched, err = u.Apply(from); err != nil {
			return err
		}
	}
	if next == a.old {
		a.new, a.newSize, a.noop = next, a.oldSize, true
		return nil
	}
	size := next.Size()
	if size > maxItemSize {
		return refuse(msgUpdateSize)
	}
	if err := checkNesting(next); err != nil {
		return err
	}
	if err := a.checkIndexKeys(next); err != nil {
		return err
	}
	return a.encodeNew(next, size)
}

// checkStaticKinds refuses updates that write another kind to the key of an index
// whatever the item is.
func (a *action) checkStaticKinds() error {
	for _, ix := range a.table.indexes {
		for _, part := range [...]struct {
			name string
			kind attribute.Kind
		}{{ix.key.Partition, ix.key.PartitionKind}, {ix.key.Sort, ix.key.SortKind}} {
			if kind := a.bound.Update.StaticKind(part.name); kind != attribute.Invalid && kind != part.kind {
				return ix.wrongKind(part.name, part.kind, kind)
			}
		}
	}
	return nil
}

func checkNesting(item *attribute.Item) error {
	for _, v := range item.Attributes() {
		if err := attribute.CheckNesting(v.Value, 0); err != nil {
			return err
		}
	}
	return nil
}

// write writes what check decided.
func (a *action) write(w *writing) error {
	if a.noop {
		return nil
	}
	b, err := w.open(a.table)
	if err != nil {
		return err
	}
	w.dirty = true
	if a.kind == deleteItem {
		return b.delete(a.key, a.oldSize, a.oldEntries, a.oldExpiry)
	}
	if err := b.items.Put(a.key, a.encoded); err != nil {
		return fmt.Errorf("storage/bolt: put item: %w", err)
	}
	b.changed = true
	if a.existed {
		b.tallies[0].remove(a.oldSize)
	}
	b.tallies[0].add(a.newSize)
	if !bytes.Equal(a.expiry, a.oldExpiry) && b.expires(a.key) {
		if err := move(b.expiry, entry{key: a.oldExpiry}, entry{key: a.expiry}); err != nil {
			return err
		}
	}
	for i := range a.entries {
		var old entry
		if a.oldEntries != nil {
			old = a.oldEntries[i]
		}
		if err := b.moveIndexed(i, a.key, old, a.entries[i]); err != nil {
			return err
		}
	}
	return nil
}

// moveIndexed replaces what the item at key has in the i-th index, and counts.
func (b *buckets) moveIndexed(i int, key []byte, from, to entry) error {
	if !b.maintained(i, key) {
		return nil
	}
	if from.key != nil {
		b.tallies[i+1].remove(from.size)
	}
	if to.key != nil {
		b.tallies[i+1].add(to.size)
	}
	return move(b.indexes[i], from, to)
}

// move replaces one entry with another in b; either may be none.
func move(b keyValues, from, to entry) error {
	same := bytes.Equal(from.key, to.key)
	if from.key != nil && !same {
		if err := b.Delete(from.key); err != nil {
			return fmt.Errorf("storage/bolt: delete entry: %w", err)
		}
	}
	if to.key == nil || (same && bytes.Equal(from.value, to.value)) {
		return nil
	}
	if err := b.Put(to.key, to.value); err != nil {
		return fmt.Errorf("storage/bolt: put entry: %w", err)
	}
	return nil
}

// delete removes an item of the given size with all that it has elsewhere.
func (b *buckets) delete(key []byte, size int, entries []entry, expiry []byte) error {
	if err := b.items.Delete(key); err != nil {
		return fmt.Errorf("storage/bolt: delete item: %w", err)
	}
	b.changed = true
	b.tallies[0].remove(size)
	if b.expires(key) {
		if err := move(b.expiry, entry{key: expiry}, entry{}); err != nil {
			return err
		}
	}
	for i, e := range entries {
		if err := b.moveIndexed(i, key, e, entry{}); err != nil {
			return err
		}
	}
	return nil
}

// output is what ReturnValues asked for.
func (a *action) output() *storage.WriteOutput {
	var item *attribute.Item
	switch a.returns {
	case storage.ReturnAllOld:
		item = a.old
	case storage.ReturnAllNew:
		item = a.new
	case storage.ReturnUpdatedOld:
		item = expression.ProjectPaths(a.old, a.touched)
	case storage.ReturnUpdatedNew:
		item = expression.ProjectPaths(a.new, a.touched)
	}
	if item.Len() == 0 {
		item = nil
	}
	return &storage.WriteOutput{Attributes: item}
}

// checkReturns refuses ReturnValues that the operation does not have.
func (a *action) checkReturns() error {
	switch a.returns {
	case "", storage.ReturnNone, storage.ReturnAllOld:
		return nil
	case storage.ReturnAllNew, storage.ReturnUpdatedOld, storage.ReturnUpdatedNew:
		if a.kind == updateItem {
			return nil
		}
		return refuse("ReturnValues can only be ALL_OLD or NONE")
	default:
		return refuse("1 validation error detected: Value '%s' at 'returnValues' failed to satisfy constraint: Member must satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]", a.returns)
	}
}

// single is the mutation of one action.
type single struct {
	store  *Store
	action *action
}

func (m *single) check(w *writing) error { return m.store.check(w, m.action) }
func (m *single) write(w *writing) error { return m.action.write(w) }

// do runs one action.
func (s *Store) do(ctx context.Context, a *action) (*storage.WriteOutput, error) {
	if err := a.checkReturns(); err != nil {
		return nil, public(err)
	}
	if err := s.parseAction(a); err != nil {
		return nil, public(err)
	}
	t, err := s.table(a.tableName)
	if err != nil {
		return nil, err
	}
	if err := a.prepare(t); err != nil {
		return nil, public(err)
	}
	if err := s.submit(ctx, &single{store: s, action: a}); err != nil {
		return nil, err
	}
	out := a.output()
	if a.report.Capacity {
		c := a.capacity(1)
		out.Capacity = &c
	}
	if a.report.Collections {
		collections, err := s.collections(ctx, []*action{a})
		if err != nil {
			return nil, err
		}
		if len(collections) > 0 {
			out.Collection = &collections[0]
		}
	}
	return out, nil
}

// table returns the table as it is now.
func (s *Store) table(name string) (*table, error) {
	s.schema.RLock()
	defer s.schema.RUnlock()
	if t := s.tables[name]; t != nil {
		return t, nil
	}
	return nil, tableNotFound()
}

// PutItem implements storage.Store.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html
func (s *Store) PutItem(ctx context.Context, in *storage.PutItemInput) (*storage.WriteOutput, error) {
	return s.do(ctx, putAction(in))
}

// UpdateItem implements storage.Store. An item that does not exist is created.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
func (s *Store) UpdateItem(ctx context.Context, in *storage.UpdateItemInput) (*storage.WriteOutput, error) {
	return s.do(ctx, updateAction(in))
}

// DeleteItem implements storage.Store. Deleting what does not exist succeeds.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteItem.html
func (s *Store) DeleteItem(ctx context.Context, in *storage.DeleteItemInput) (*storage.WriteOutput, error) {
	return s.do(ctx, deleteAction(in))
}

func putAction(in *storage.PutItemInput) *action {
	return &action{kind: putItem, tableName: in.Table, item: in.Item, expr: in.Expr, returns: in.ReturnValues, report: in.Report}
}

func updateAction(in *storage.UpdateItemInput) *action {
	return &action{kind: updateItem, tableName: in.Table, item: in.Key, expr: in.Expr, returns: in.ReturnValues, report: in.Report}
}

func deleteAction(in *storage.DeleteItemInput) *action {
	return &action{kind: deleteItem, tableName: in.Table, item: in.Key, expr: in.Expr, returns: in.ReturnValues, report: in.Report}
}
