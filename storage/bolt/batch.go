package bolt

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"strings"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/expression"
)

// Limits on batches.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
const (
	maxBatchGet      = 100
	maxBatchGetSize  = 16 << 20
	maxBatchWrite    = 25
	maxBatchSize     = 16 << 20
	msgDuplicateKeys = "Provided list of item keys contains duplicates"
)

// BatchGet implements storage.Store. All items are read at one moment.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
func (s *Store) BatchGet(ctx context.Context, in *storage.BatchGetInput) (*storage.BatchGetOutput, error) {
	if err := checkBatchGet(in.Tables); err != nil {
		return nil, public(err)
	}
	projections := make([]*expression.Projection, len(in.Tables))
	for i, t := range in.Tables {
		var err error
		if projections[i], err = s.parseProjection(t.Expr); err != nil {
			return nil, public(err)
		}
	}
	out := &storage.BatchGetOutput{Items: make([][]*attribute.Item, len(in.Tables))}
	err := s.view(ctx, func(r *reading) error {
		prepared := make([][]get, len(in.Tables))
		for i, t := range in.Tables {
			var err error
			if prepared[i], err = prepareGets(r, t, projections[i]); err != nil {
				return err
			}
		}
		size := 0
		for i, gets := range prepared {
			t := &in.Tables[i]
			out.Items[i] = make([]*attribute.Item, len(gets))
			var left []*attribute.Item
			capacity := storage.Capacity{Table: t.Table}
			for j := range gets {
				if size >= maxBatchGetSize {
					left = append(left, t.Keys[j])
					continue
				}
				item, n, err := gets[j].get(r)
				if err != nil {
					return err
				}
				if size += n; size > maxBatchGetSize {
					left = append(left, t.Keys[j])
					size = maxBatchGetSize
					continue
				}
				out.Items[i][j] = item
				capacity.Read += readUnits(n, t.ConsistentRead)
			}
			if len(left) > 0 {
				rest := *t
				rest.Keys = left
				out.Unprocessed = append(out.Unprocessed, rest)
			}
			if in.Report.Capacity {
				out.Capacity = append(out.Capacity, capacity)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func checkBatchGet(tables []storage.BatchGetTable) error {
	if len(tables) == 0 {
		return refuse("The requestItems parameter is required for BatchGetItem")
	}
	keys := 0
	seen := make(map[string]bool, len(tables))
	for _, t := range tables {
		if seen[t.Table] {
			return refuse("One or more parameter values were invalid: Table %s is requested more than once", t.Table)
		}
		seen[t.Table] = true
		if len(t.Keys) == 0 {
			return refuse("1 validation error detected: Value '[]' at 'requestItems.%s.member.keys' failed to satisfy constraint: Member must have length greater than or equal to 1", t.Table)
		}
		if len(t.Keys) > maxBatchGet {
			return refuse("1 validation error detected: Value at 'RequestItems.%s.member.Keys' failed to satisfy constraint: Member must have length less than or equal to %d", t.Table, maxBatchGet)
		}
		keys += len(t.Keys)
	}
	if keys > maxBatchGet {
		return refuse("Too many items requested for the BatchGetItem call")
	}
	return nil
}

// prepareGets prepares what a batch reads of one table.
func prepareGets(r *reading, in storage.BatchGetTable, projection *expression.Projection) ([]get, error) {
	gets := make([]get, len(in.Keys))
	for i, key := range in.Keys {
		var err error
		if gets[i], err = prepareGet(r, in.Table, key, projection); err != nil {
			return nil, err
		}
	}
	if duplicates(gets) {
		return nil, refuse(msgDuplicateKeys)
	}
	return gets, nil
}

// BatchWrite implements storage.Store. All writes of a batch share one
// transaction: there are no unprocessed ones.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
func (s *Store) BatchWrite(ctx context.Context, in *storage.BatchWriteInput) (*storage.BatchWriteOutput, error) {
	writes := in.Writes
	if err := checkBatchWrite(writes); err != nil {
		return nil, public(err)
	}
	m := &batch{store: s, actions: make([]*action, len(writes))}
	size := 0
	for i, in := range writes {
		if (in.Put == nil) == (in.Delete == nil) {
			return nil, public(refuse("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"))
		}
		a := &action{kind: putItem, tableName: in.Table, item: in.Put, batched: true}
		if in.Delete != nil {
			a.kind, a.item = deleteItem, in.Delete
		}
		if err := s.parseAction(a); err != nil {
			return nil, public(err)
		}
		m.actions[i] = a
		size += a.newSize
	}
	for _, a := range m.actions {
		t, err := s.table(a.tableName)
		if err != nil {
			return nil, err
		}
		if err := a.prepare(t); err != nil {
			return nil, public(err)
		}
	}
	if sameItems(m.actions) {
		return nil, public(refuse(msgDuplicateKeys))
	}
	if size > maxBatchSize {
		return nil, public(refuse("Request size exceeds the limit of 16 MB"))
	}
	if err := s.submit(ctx, m); err != nil {
		return nil, err
	}
	out := new(storage.BatchWriteOutput)
	var err error
	out.Capacity, out.Collections, err = s.report(ctx, in.Report, m.actions, 1)
	if err != nil {
		return nil, err
	}
	return out, nil
}

// checkBatchWrite checks how many writes there are, in each table and in all.
//
// Recorded: boto/boto3#483, gravitational/teleport#38743.
func checkBatchWrite(writes []storage.BatchWrite) error {
	if len(writes) == 0 {
		return refuse("The requestItems parameter is required for BatchWriteItem")
	}
	if len(writes) <= maxBatchWrite {
		return nil
	}
	count := map[string]int{}
	for _, w := range writes {
		if count[w.Table]++; count[w.Table] > maxBatchWrite {
			return refuse("1 validation error detected: Value '%s' at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to %d, Member must have length greater than or equal to 1]",
				describeWrites(writes), maxBatchWrite)
		}
	}
	return refuse("Too many items requested for the BatchWriteItem call")
}

// describeWrites returns writes as Java prints a map of the lists of each
// table's: a write by its class and a hash, here of what it writes.
func describeWrites(writes []storage.BatchWrite) string {
	var tables []string
	described := map[string][]string{}
	for _, w := range writes {
		if _, ok := described[w.Table]; !ok {
			tables = append(tables, w.Table)
		}
		hash := fnv.New32a()
		_, _ = hash.Write(attribute.AppendItemJSON(nil, cmp.Or(w.Put, w.Delete)))
		described[w.Table] = append(described[w.Table], fmt.Sprintf("com.amazonaws.dynamodb.v20120810.WriteRequest@%x", hash.Sum32()))
	}
	for i, name := range tables {
		tables[i] = name + "=[" + strings.Join(described[name], ", ") + "]"
	}
	return "{" + strings.Join(tables, ", ") + "}"
}

// report returns what in asks for about actions that have been written.
func (s *Store) report(ctx context.Context, in storage.Report, actions []*action, factor float64) (capacity []storage.Capacity, collections []storage.Collection, err error) {
	if in.Capacity {
		for _, a := range actions {
			capacity = mergeCapacity(capacity, a.capacity(factor))
		}
	}
	if in.Collections {
		collections, err = s.collections(ctx, actions)
	}
	return capacity, collections, err
}

// sameItems reports whether two actions are on one item.
func sameItems(actions []*action) bool {
	seen := make(map[itemID]struct{}, len(actions))
	for _, a := range actions {
		id := itemID{a.tableName, string(a.key)}
		if _, ok := seen[id]; ok {
			return true
		}
		seen[id] = struct{}{}
	}
	return false
}

// batch is the mutation of several actions on different items.
type batch struct {
	store   *Store
	actions []*action
}

func (m *batch) check(w *writing) error {
	for _, a := range m.actions {
		if err := m.store.check(w, a); err != nil {
			return err
		}
	}
	return nil
}

func (m *batch) write(w *writing) error {
	for _, a := range m.actions {
		if err := a.write(w); err != nil {
			return err
		}
	}
	return nil
}
