package bolt

import (
	"context"
	"math"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
)

// Limits on batches.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
const (
	maxBatchGet   = 100
	maxBatchWrite = 25
)

const msgDuplicateKeys = "Provided list of item keys contains duplicates"

// BatchGet implements storage.Store. The result has the length and order of
// keys; what does not exist is nil.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
func (s *Store) BatchGet(ctx context.Context, keys []storage.Key) ([]*attribute.Item, error) {
	if len(keys) == 0 {
		return nil, public(refuse("BatchGetItem must have some requests set"))
	}
	if len(keys) > maxBatchGet {
		return nil, public(refuse("Too many items requested for the BatchGetItem call"))
	}
	gets := make([]storage.TransactGet, len(keys))
	for i, k := range keys {
		gets[i].Key = k
	}
	return s.getAll(ctx, gets, math.MaxInt, func(prepared []get, errs []error) error {
		for _, err := range errs {
			if err != nil {
				return err
			}
		}
		if duplicates(prepared) {
			return refuse(msgDuplicateKeys)
		}
		return nil
	})
}

// BatchWrite implements storage.Store. All writes of a batch share one
// transaction: there are no unprocessed ones.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
func (s *Store) BatchWrite(ctx context.Context, writes []storage.BatchWrite) error {
	if len(writes) == 0 {
		return public(refuse("BatchWriteItem cannot have a null or no requests set"))
	}
	if len(writes) > maxBatchWrite {
		return public(refuse("Too many items requested for the BatchWriteItem call"))
	}
	m := &batch{store: s, actions: make([]*action, len(writes))}
	for i, in := range writes {
		if (in.Put == nil) == (in.Delete == nil) {
			return public(refuse("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"))
		}
		a := &action{kind: putItem, tableName: in.Table, item: in.Put}
		if in.Delete != nil {
			a.kind, a.item = deleteItem, in.Delete
		}
		t, err := s.table(in.Table)
		if err != nil {
			return err
		}
		if err := s.prepare(a, t); err != nil {
			return public(err)
		}
		m.actions[i] = a
	}
	if sameItems(m.actions) {
		return public(refuse(msgDuplicateKeys))
	}
	return s.submit(ctx, m)
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
