package bolt

import (
	"context"
	"errors"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
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

// TransactGet implements storage.Store. The result has the length and order of
// gets; what does not exist is nil.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactGetItems.html
func (s *Store) TransactGet(ctx context.Context, gets []storage.TransactGet) ([]*attribute.Item, error) {
	if err := checkTransactionLength(len(gets)); err != nil {
		return nil, public(err)
	}
	return s.getAll(ctx, gets, maxTransactionSize, func(prepared []get, errs []error) error {
		if err := cancel(errs); err != nil {
			return err
		}
		if duplicates(prepared) {
			return refuse(msgDuplicateActions)
		}
		return nil
	})
}

// TransactWrite implements storage.Store.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
func (s *Store) TransactWrite(ctx context.Context, writes []storage.TransactWrite) error {
	if err := checkTransactionLength(len(writes)); err != nil {
		return public(err)
	}
	m := &transaction{store: s, actions: make([]*action, len(writes)), keepOld: make([]bool, len(writes))}
	errs := make([]error, len(writes))
	for i, in := range writes {
		a, err := transactAction(in)
		if err != nil {
			return public(err)
		}
		a.returns = storage.ReturnNone
		m.actions[i], m.keepOld[i] = a, in.ReturnOldOnFailure
		t, err := s.table(a.tableName)
		if err != nil {
			return err
		}
		errs[i] = s.prepare(a, t)
	}
	if err := cancel(errs); err != nil {
		return public(err)
	}
	if sameItems(m.actions) {
		return public(refuse(msgDuplicateActions))
	}
	return s.submit(ctx, m)
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
}

func (m *transaction) check(w *writing) error {
	errs := make([]error, len(m.actions))
	size := 0
	for i, a := range m.actions {
		errs[i] = m.store.check(w, a)
		if failed, ok := errors.AsType[*storage.ConditionalCheckFailedError](errs[i]); ok && !m.keepOld[i] {
			failed.Item = nil
		}
		if a.kind == putItem || a.kind == updateItem {
			size += a.new.Size()
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

func (m *transaction) write(w *writing) error {
	for _, a := range m.actions {
		if err := a.write(w); err != nil {
			return err
		}
	}
	return nil
}
