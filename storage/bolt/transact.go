package bolt

import (
	"context"
	"errors"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/expression"
)

const (
	msgDuplicateActions = "Transaction request cannot include multiple operations on one item"
	msgTransactionSize  = "Transaction request size exceeds the limit of 4 MB"
)

// Limits on transactions.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
const (
	maxTransaction     = 100
	maxTransactionSize = 4 << 20
)

// The codes of cancellation reasons.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html#API_TransactWriteItems_Errors
const (
	reasonNone       = "None"
	reasonCondition  = "ConditionalCheckFailed"
	reasonValidation = "ValidationError"
)

func checkTransactionLength(n int) error {
	switch {
	case n == 0:
		return refuse("1 validation error detected: Value '[]' at 'transactItems' failed to satisfy constraint: Member must have length greater than or equal to 1")
	case n > maxTransaction:
		return refuse("1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have length less than or equal to %d", maxTransaction)
	default:
		return nil
	}
}

// cancel turns the refusals of single actions into a
// *storage.TransactionCanceledError. What is no refusal of one action, such as a
// missing table or an upfront fault, is returned as it is.
func cancel(errs []error) error {
	refused := false
	for _, err := range errs {
		if err == nil {
			continue
		}
		refused = true
		if f, ok := asFault(err); ok && !f.upfront {
			continue
		}
		if _, ok := errors.AsType[*storage.ConditionalCheckFailedError](err); !ok {
			return err
		}
	}
	if !refused {
		return nil
	}
	canceled := &storage.TransactionCanceledError{Reasons: make([]storage.CancellationReason, len(errs))}
	for i, err := range errs {
		reason := &canceled.Reasons[i]
		reason.Code = reasonNone
		if failed, ok := errors.AsType[*storage.ConditionalCheckFailedError](err); ok {
			reason.Code, reason.Message, reason.Item = reasonCondition, failed.Error(), failed.Item
		} else if f, ok := asFault(err); ok {
			reason.Code, reason.Message = reasonValidation, f.message
		}
	}
	return canceled
}

// TransactGet implements storage.Store.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactGetItems.html
func (s *Store) TransactGet(ctx context.Context, in *storage.TransactGetInput) (*storage.TransactGetOutput, error) {
	if err := checkTransactionLength(len(in.Gets)); err != nil {
		return nil, public(err)
	}
	projections := make([]*expression.Projection, len(in.Gets))
	for i, g := range in.Gets {
		var err error
		if projections[i], err = s.parseProjection(g.Expr); err != nil {
			return nil, public(err)
		}
	}
	out := &storage.TransactGetOutput{Items: make([]*attribute.Item, len(in.Gets))}
	err := s.view(ctx, func(r *reading) error {
		gets := make([]get, len(in.Gets))
		errs := make([]error, len(in.Gets))
		for i, g := range in.Gets {
			gets[i], errs[i] = prepareGet(r, g.Table, g.Key.Key, projections[i])
		}
		if err := cancel(errs); err != nil {
			return err
		}
		if duplicates(gets) {
			return refuse(msgDuplicateActions)
		}
		size := 0
		for i := range gets {
			item, n, err := gets[i].get(r)
			if err != nil {
				return err
			}
			if size += n; size > maxTransactionSize {
				return refuse(msgTransactionSize)
			}
			out.Items[i] = item
			if in.Report.Capacity {
				out.Capacity = mergeCapacity(out.Capacity, storage.Capacity{Table: in.Gets[i].Table, Read: transactionFactor * readUnits(n, true)})
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// transactionFactor is how much more a transaction consumes than its actions
// would by themselves.
const transactionFactor = 2

// TransactWrite implements storage.Store.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
func (s *Store) TransactWrite(ctx context.Context, in *storage.TransactWriteInput) (*storage.TransactWriteOutput, error) {
	writes := in.Actions
	if err := checkTransactionLength(len(writes)); err != nil {
		return nil, public(err)
	}
	m := &transaction{store: s, actions: make([]*action, len(writes)), keepOld: make([]bool, len(writes))}
	if in.Token != "" {
		if len(in.Token) > maxToken {
			return nil, public(refuse("1 validation error detected: Value '%s' at 'clientRequestToken' failed to satisfy constraint: Member must have length less than or equal to %d", in.Token, maxToken))
		}
		m.token = &token{text: in.Token, fingerprint: fingerprint(writes)}
	}
	errs := make([]error, len(writes))
	for i, in := range writes {
		a, err := transactAction(in)
		if err != nil {
			return nil, public(err)
		}
		a.returns = storage.ReturnNone
		m.actions[i], m.keepOld[i] = a, in.ReturnOldOnFailure
		if err := s.parseAction(a); err != nil {
			return nil, public(err)
		}
	}
	for i, a := range m.actions {
		t, err := s.table(a.tableName)
		if err != nil {
			return nil, err
		}
		errs[i] = a.prepare(t)
	}
	if err := cancel(errs); err != nil {
		return nil, public(err)
	}
	if sameItems(m.actions) {
		return nil, public(refuse(msgDuplicateActions))
	}
	if err := s.submit(ctx, m); err != nil {
		return nil, err
	}
	out := new(storage.TransactWriteOutput)
	if m.repeated {
		// Nothing has been written: what is reported is the reading of the items.
		if in.Report.Capacity {
			for _, a := range m.actions {
				out.Capacity = mergeCapacity(out.Capacity, storage.Capacity{Table: a.tableName, Read: transactionFactor * readUnits(a.oldSize, true)})
			}
		}
		return out, nil
	}
	var err error
	out.Capacity, out.Collections, err = s.report(ctx, in.Report, m.actions, transactionFactor)
	if err != nil {
		return nil, err
	}
	return out, nil
}

func transactAction(in storage.TransactWrite) (*action, error) {
	var actions []*action
	if in.Put != nil {
		actions = append(actions, putAction(in.Put))
	}
	if in.Update != nil {
		actions = append(actions, updateAction(in.Update))
	}
	if in.Delete != nil {
		actions = append(actions, deleteAction(in.Delete))
	}
	if in.Check != nil {
		actions = append(actions, &action{kind: checkItem, tableName: in.Check.Table, item: in.Check.Key, expr: in.Check.Expr})
	}
	if len(actions) != 1 {
		return nil, refuse("TransactItems can only contain one of Check, Put, Update or Delete")
	}
	return actions[0], nil
}

// transaction is the mutation of a write transaction.
type transaction struct {
	store   *Store
	actions []*action
	keepOld []bool
	token   *token // nil when there is none
	// repeated is decided by check: the token says that this has been done.
	repeated bool
}

func (m *transaction) check(w *writing) error {
	if m.token != nil {
		var err error
		if m.repeated, err = m.token.seen(w, m.store.clock.Now()); err != nil {
			return err
		}
		if m.repeated {
			return m.measure(w)
		}
	}
	errs := make([]error, len(m.actions))
	size := 0
	for i, a := range m.actions {
		errs[i] = m.store.check(w, a)
		if failed, ok := errors.AsType[*storage.ConditionalCheckFailedError](errs[i]); ok && !m.keepOld[i] {
			failed.Item = nil
		}
		if a.kind == putItem || a.kind == updateItem {
			size += a.newSize
		}
	}
	if err := cancel(errs); err != nil {
		return err
	}
	if size > maxTransactionSize {
		return refuse(msgTransactionSize)
	}
	return nil
}

// measure looks how large the items are that a repeated transaction names.
func (m *transaction) measure(w *writing) error {
	for _, a := range m.actions {
		a.oldSize = 0
		b, err := w.open(a.table)
		if err != nil {
			return err
		}
		if v := b.items.Get(a.key); v != nil {
			if a.oldSize, err = attribute.BinarySize(v); err != nil {
				return damaged("table %s: %w", a.tableName, err)
			}
		}
	}
	return nil
}

func (m *transaction) write(w *writing) error {
	if m.repeated {
		return nil
	}
	if m.token != nil {
		w.dirty = true // also when no item changes
		if err := m.token.keep(w, m.store.clock.Now()); err != nil {
			return err
		}
	}
	for _, a := range m.actions {
		if err := a.write(w); err != nil {
			return err
		}
	}
	return nil
}
