package versioned

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/expression"
)

// Operation is a write that changes one item.
type Operation string

// The operations, in DynamoDB's names.
const (
	PutItem    Operation = "PutItem"
	UpdateItem Operation = "UpdateItem"
	DeleteItem Operation = "DeleteItem"
)

// Write is one write of one item.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/js-aws-appsync-resolver-reference-dynamodb-updateitem.html
type Write struct {
	Key *attribute.Item
	// Attributes are those of a put; the key need not be among them. Metadata
	// that is not null is a *BadRequestError.
	Attributes *attribute.Item
	// Expr has the update of an update, and the condition.
	Expr storage.Expressions
	// Version is _version, the latest that the caller knows of the item. Without
	// it (invalid or NULL) no versions are compared. A value that no version can
	// have differs from all.
	Version attribute.Value
	// CustomPartitionKey names the attribute by whose value the delta table is
	// partitioned too; empty means none.
	CustomPartitionKey string
	// PopulateIndexFields has the record carry the key of the delta table's index.
	// It counts only with CustomPartitionKey.
	PopulateIndexFields bool
	// Strategy says what a differing version leads to; Handler is for Lambda.
	Strategy Strategy
	Handler  Handler
}

// Put writes a whole item and returns it as stored. The error is one of this
// package or of package storage. An item whose _ttl has passed counts as absent
// in all writes.
func (t *Table) Put(ctx context.Context, in *Write) (*attribute.Item, error) {
	return t.write(ctx, PutItem, in)
}

// Update changes an item, or creates it, and returns it as stored. A tombstone
// stays one. An update that changes nothing is a change all the same.
func (t *Table) Update(ctx context.Context, in *Write) (*attribute.Item, error) {
	return t.write(ctx, UpdateItem, in)
}

// Delete turns an item into a tombstone and returns that, or removes the item if
// the table keeps no tombstones and returns what would be the tombstone. It
// returns nil when there is no item.
func (t *Table) Delete(ctx context.Context, in *Write) (*attribute.Item, error) {
	return t.write(ctx, DeleteItem, in)
}

// write is one write on its way.
type write struct {
	*Write
	table  *Table
	op     Operation
	schema *storage.KeySchema
	bound  *expression.Bound
	item   *attribute.Item // what a put puts, without metadata
	asked  int             // how often the handler was
	// decision is nil when nobody observes.
	decision *Decision
}

// maxRaces is how often a write begins anew because the item changed between
// reading and writing. Writes of one Table wait for each other, so that only
// those cause it that a handler decided, or that reach the base table by another
// way.
const maxRaces = 100

var errRaced = errors.New("the item changed since it was read")

func (t *Table) write(ctx context.Context, op Operation, in *Write) (*attribute.Item, error) {
	w := &write{Write: in, table: t, op: op}
	if t.cfg.Observe != nil {
		w.decision = &Decision{Table: t.cfg.Table, Key: in.Key, Operation: op, Strategy: in.Strategy, Sent: in.Version}
	}
	item, err := w.run(ctx)
	if d := w.decision; d != nil {
		if d.Time == 0 {
			d.Time = t.times.now().UnixMilli()
		}
		d.Attempts, d.Err = w.asked, err
		t.cfg.Observe(*d)
	}
	return item, err
}

// rule notes what decided the write.
func (w *write) rule(r Rule) {
	if w.decision != nil {
		w.decision.Rule = r
	}
}

// fail notes the rule and returns err.
func (w *write) fail(r Rule, err error) error {
	w.rule(r)
	return err
}

func (w *write) run(ctx context.Context) (*attribute.Item, error) {
	if err := w.prepare(ctx); err != nil {
		return nil, w.fail(RuleRefused, err)
	}
	lock := w.lockKey()
	for races := 0; ; races++ {
		item, err := w.round(ctx, lock)
		if err != errRaced {
			return item, err
		}
		if races == maxRaces {
			stored, err := w.read(ctx)
			if err != nil {
				return nil, w.fail(RuleStoreFailed, err)
			}
			return nil, w.fail(RuleAttemptsUsedUp, &ConflictError{Kind: AttemptsUsedUp, Item: stored})
		}
	}
}

// lockKey tells items apart. Two that share it wait for each other in vain.
func (w *write) lockKey() string {
	key := w.Key.Get(w.schema.Partition.Name).Text()
	if sort := w.schema.Sort; sort != nil {
		key += "\x00" + w.Key.Get(sort.Name).Text()
	}
	return key
}

// prepare checks what can be checked without the stored item.
func (w *write) prepare(ctx context.Context) (err error) {
	empty := w.Expr.Empty
	req := expression.Request{
		Condition: w.Expr.Condition, HasCondition: empty&storage.ConditionExpression != 0,
		Names: w.Expr.Names, Values: w.Expr.Values,
	}
	switch w.op {
	case PutItem:
		req.Operation = expression.PutItem
		if w.item, err = withoutMetadata(w.Attributes, w.Key); err != nil {
			return err
		}
	case UpdateItem:
		req.Operation = expression.UpdateItem
		req.Update, req.HasUpdate = w.Expr.Update, empty&storage.UpdateExpression != 0
	default:
		req.Operation = expression.DeleteItem
	}
	if w.schema, w.bound, err = w.table.bind(ctx, req, w.Key); err != nil {
		return err
	}
	return checkNoMetadata(w.bound.Update)
}

// read returns the item as the store has it, be it expired or not.
func (w *write) read(ctx context.Context) (*attribute.Item, error) {
	out, err := w.table.store.GetItem(ctx, &storage.GetItemInput{Table: w.table.cfg.Table, Key: w.Key, ConsistentRead: true})
	if err != nil {
		return nil, err
	}
	return out.Item, nil
}

// round reads the item, decides and writes. It returns errRaced when the item
// was changed meanwhile.
func (w *write) round(ctx context.Context, lock string) (*attribute.Item, error) {
	held, err := w.table.locks.acquire(ctx, lock)
	if err != nil {
		return nil, w.fail(RuleStoreFailed, err)
	}
	defer held.release()
	found, err := w.read(ctx)
	if err != nil {
		return nil, w.fail(RuleStoreFailed, err)
	}
	stored := found
	if isExpired(found, w.table.times.now()) {
		stored = nil
	}
	if d := w.decision; d != nil {
		d.Stored, d.Conflict, d.Attributes = versionOf(stored), false, nil
	}
	if stored == nil {
		return w.create(ctx, found)
	}
	if w.Strategy == Lambda && w.conflicts(stored) {
		// A handler may take its time, and may write the item itself.
		held.release()
	}
	next, err := w.next(ctx, stored)
	if err != nil {
		return nil, err
	}
	return w.commit(ctx, next, stored, found)
}

// next returns the item that takes the place of the stored one, before it gets
// its metadata. It is the write's own.
func (w *write) next(ctx context.Context, stored *attribute.Item) (*attribute.Item, error) {
	if w.conflicts(stored) {
		if w.decision != nil {
			w.decision.Conflict = true
		}
		if w.Strategy != Lambda {
			return w.merge(ctx, stored)
		}
		next, err := w.ask(ctx, stored)
		if err != nil {
			return nil, err
		}
		return next, w.check(stored)
	}
	switch {
	case w.Strategy == NoDetection:
		w.rule(RuleNoDetection)
	case !w.sendsVersion():
		w.rule(RuleVersionNotSent)
	default:
		w.rule(RuleVersionMatches)
	}
	if err := w.check(stored); err != nil {
		return nil, err
	}
	next, err := w.intended(stored)
	if err != nil {
		return nil, w.fail(RuleRefused, err)
	}
	return next, nil
}

// create is the round of an item that is not there.
func (w *write) create(ctx context.Context, found *attribute.Item) (*attribute.Item, error) {
	if err := w.check(nil); err != nil {
		return nil, err
	}
	if w.op == DeleteItem {
		w.rule(RuleAbsent)
		return nil, nil
	}
	w.rule(RuleCreated)
	next, err := w.intended(nil)
	if err != nil {
		return nil, w.fail(RuleRefused, err)
	}
	return w.commit(ctx, next, nil, found)
}

func (w *write) sendsVersion() bool {
	return w.Version.IsValid() && w.Version.Kind() != attribute.NULL
}

// conflicts reports whether the caller knows another version than the stored
// one. An item without a version differs from all that are sent.
func (w *write) conflicts(stored *attribute.Item) bool {
	if w.Strategy == NoDetection || !w.sendsVersion() {
		return false
	}
	return versionOf(stored) == 0 || !attribute.Equal(w.Version, stored.Get(attrVersion))
}

// check evaluates the caller's condition against the stored item, nil for none.
func (w *write) check(stored *attribute.Item) error {
	if w.bound.Condition == nil {
		return nil
	}
	ok, err := w.bound.Condition.Eval(stored)
	if err != nil {
		return w.fail(RuleRefused, refusal(err))
	}
	if ok {
		return nil
	}
	failed := &ConditionFailedError{Item: stored}
	if w.op == PutItem && stored != nil {
		failed.Put = w.stamp(w.item.Clone(), stored, w.table.times.preview())
	}
	return w.fail(RuleConditionFailed, failed)
}

// intended returns a new item, which the request makes of the stored one, nil for
// none, before it gets its metadata.
func (w *write) intended(stored *attribute.Item) (*attribute.Item, error) {
	switch {
	case w.op == PutItem:
		return w.item.Clone(), nil
	case w.op == DeleteItem || stored != nil && w.bound.Update == nil:
		return stored.Clone(), nil
	}
	if stored == nil {
		// What is not there yet begins as its key, which the update may read.
		stored = attribute.NewItem(w.Key.Attributes()...)
	}
	if w.bound.Update == nil {
		return stored, nil
	}
	next, _, err := w.bound.Update.Apply(stored)
	if err != nil {
		return nil, refusal(err)
	}
	return next, nil
}

// merge resolves a conflict with the stored item without asking anybody.
func (w *write) merge(ctx context.Context, stored *attribute.Item) (*attribute.Item, error) {
	if w.op == DeleteItem || w.Strategy != Automerge && w.Strategy != FieldLevel {
		return nil, w.fail(RuleRejected, &ConflictError{Kind: Rejected, Item: stored})
	}
	if err := w.check(stored); err != nil {
		return nil, err
	}
	w.rule(RuleMerged)
	m := merge{observed: w.decision != nil}
	if w.Strategy == FieldLevel {
		image, err := w.image(ctx, stored)
		if err != nil {
			return nil, w.fail(RuleStoreFailed, err)
		}
		m.image = image
	}
	var next *attribute.Item
	var err error
	if w.op == PutItem {
		next = m.items("", stored, w.item, m.image)
	} else {
		next, err = m.update(w.bound.Update, stored)
	}
	if w.decision != nil {
		w.decision.Attributes = m.decisions
	}
	if err != nil {
		return nil, w.fail(RuleRefused, refusal(err))
	}
	return next, nil
}

// stamp gives item the metadata of a change of the stored item, nil for none, at
// that time, and returns it.
func (w *write) stamp(item, stored *attribute.Item, ms int64) *attribute.Item {
	item.Set(attrVersion, number(versionOf(stored)+1))
	item.Set(attrLastChangedAt, number(ms))
	if w.op == DeleteItem {
		item.Set(attrDeleted, attribute.Bool(true))
		if ttl := w.table.baseTTL(); ttl > 0 {
			item.Set(attrTTL, number(w.table.times.now().Unix()+ttl))
		} else {
			item.Delete(attrTTL)
		}
	}
	return item
}

// baseTTL is in seconds.
func (t *Table) baseTTL() int64 { return int64(t.cfg.BaseTTL.Seconds()) }

// The limit on items, with DynamoDB's message for updates.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
const (
	maxItemSize   = 400 << 10
	msgUpdateSize = "Item size to update has exceeded the maximum allowed size"
)

// change is the transaction of a write, in one piece.
type change struct {
	in          storage.TransactWriteInput
	actions     [2]storage.TransactWrite
	base, delta storage.PutItemInput
}

// commit writes next in place of what was found, and its record. Found is the
// stored item, or one that has expired. Next becomes what is stored.
func (w *write) commit(ctx context.Context, next, stored, found *attribute.Item) (*attribute.Item, error) {
	t := w.table
	ms := t.times.begin(lastChangeOf(found))
	defer t.times.end(ms)
	item := w.stamp(next, stored, ms)
	if w.op == UpdateItem && item.Size() > maxItemSize {
		return nil, w.fail(RuleRefused, storage.Validationf(msgUpdateSize))
	}
	row, err := w.record(item, ms)
	if err != nil {
		return nil, w.fail(RuleRefused, err)
	}
	c := &change{
		base:  storage.PutItemInput{Table: t.cfg.Table, Item: item, Expr: w.unchanged(found)},
		delta: storage.PutItemInput{Table: t.cfg.DeltaTable, Item: row},
	}
	c.actions[0].Put, c.actions[1].Put = &c.base, &c.delta
	if w.op == DeleteItem && t.baseTTL() <= 0 {
		c.actions[0] = storage.TransactWrite{Delete: &storage.DeleteItemInput{Table: t.cfg.Table, Key: w.Key, Expr: c.base.Expr}}
	}
	c.in.Actions = c.actions[:]
	_, err = t.store.TransactWrite(ctx, &c.in)
	if err != nil {
		return nil, w.refused(ctx, err, item, row)
	}
	if w.decision != nil {
		w.decision.Time, w.decision.Written = ms, versionOf(item)
	}
	return item, nil
}

// The placeholders of the condition that the item still is the one that was
// read. The time tells an item from another one that took its place and got to
// the same version.
const (
	nameKey     = "#key"
	nameVersion = "#version"
	nameChanged = "#changed"
	valVersion  = ":version"
	valChanged  = ":changed"
)

// conditionUnchanged is the condition of an item as this package writes it.
const conditionUnchanged = nameVersion + " = " + valVersion + " AND " + nameChanged + " = " + valChanged

// unchanged is the condition that the item still is as found, nil for none.
func (w *write) unchanged(found *attribute.Item) storage.Expressions {
	partition := w.schema.Partition.Name
	if found == nil {
		return storage.Expressions{
			Condition: "attribute_not_exists(" + nameKey + ")",
			Names:     map[string]string{nameKey: partition},
		}
	}
	e := storage.Expressions{
		Condition: conditionUnchanged,
		Names:     w.table.namesUnchanged,
		Values:    map[string]attribute.Value{},
	}
	version, changed := found.Get(attrVersion), found.Get(attrLastChangedAt)
	if version.IsValid() && changed.IsValid() {
		e.Values[valVersion], e.Values[valChanged] = version, changed
		return e
	}
	// It came into the table by another way.
	e.Names = maps.Clone(e.Names)
	if version.IsValid() {
		e.Condition, e.Values[valVersion] = nameVersion+" = "+valVersion, version
	} else {
		e.Condition = "attribute_exists(" + nameKey + ") AND attribute_not_exists(" + nameVersion + ")"
		e.Names[nameKey] = partition
	}
	if changed.IsValid() {
		e.Condition += " AND " + nameChanged + " = " + valChanged
		e.Values[valChanged] = changed
	} else {
		e.Condition += " AND attribute_not_exists(" + nameChanged + ")"
	}
	if len(e.Values) == 0 {
		e.Values = nil
	}
	return e
}

// The codes of cancellation reasons.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html#API_TransactWriteItems_Errors
const (
	reasonNone       = "None"
	reasonCondition  = "ConditionalCheckFailed"
	reasonConflict   = "TransactionConflict"
	reasonValidation = "ValidationError"
)

// refused turns the failure of the transaction into the error of the write.
func (w *write) refused(ctx context.Context, err error, item, row *attribute.Item) error {
	if canceled, ok := errors.AsType[*storage.TransactionCanceledError](err); ok && len(canceled.Reasons) == 2 {
		base, delta := canceled.Reasons[0], canceled.Reasons[1]
		switch {
		case base.Code == reasonCondition, base.Code == reasonConflict, delta.Code == reasonConflict:
			return errRaced
		case base.Code == reasonValidation:
			return w.fail(RuleRefused, &storage.ValidationError{Message: base.Message})
		case delta.Code != reasonNone:
			return w.fail(RuleDeltaWrite, &DeltaSyncWriteError{fmt.Errorf("%s: %s", delta.Code, delta.Message)})
		}
	}
	if _, ok := errors.AsType[*storage.ResourceNotFoundError](err); ok {
		if _, missing := w.table.store.DescribeTable(ctx, w.table.cfg.Table); missing == nil {
			return w.fail(RuleDeltaWrite, &DeltaSyncWriteError{err})
		}
	}
	if _, ok := errors.AsType[*storage.ValidationError](err); ok {
		if item.Size() <= maxItemSize && row.Size() > maxItemSize {
			return w.fail(RuleDeltaWrite, &DeltaSyncWriteError{err})
		}
		return w.fail(RuleRefused, err)
	}
	return w.fail(RuleStoreFailed, err)
}

// refusal turns what package expression and attribute refuse into the error of a
// store.
func refusal(err error) error {
	if e, ok := errors.AsType[*expression.Error](err); ok {
		return &storage.ValidationError{Message: e.Message}
	}
	if e, ok := errors.AsType[*attribute.ValueError](err); ok {
		return &storage.ValidationError{Message: e.Message}
	}
	return err
}
