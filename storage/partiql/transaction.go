package partiql

import (
	"context"
	"errors"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
)

// maxTransaction is DynamoDB's limit on the statements of a transaction.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExecuteTransaction.html
const maxTransaction = 100

// TransactionInput is a transaction of statements that all read or all write,
// each one item of its own. EXISTS is a condition of a transaction that writes.
type TransactionInput struct {
	Statements []TransactionStatement
	// Token is the ClientRequestToken; see storage.TransactWriteInput.
	Token    string
	Capacity bool // asks for the consumed capacity
}

// TransactionStatement is one statement of a transaction; its fields are those
// of Input.
type TransactionStatement struct {
	Statement          string
	Parameters         []attribute.Value
	ReturnOldOnFailure bool
}

// TransactionOutput answers a transaction.
type TransactionOutput struct {
	Items    []*attribute.Item  // one for each statement, nil where there is none
	Capacity []storage.Capacity // of each table in the order of its first mention, when asked for
}

// ExecuteTransaction runs all statements or none. A refusal of single statements
// is a *storage.TransactionCanceledError.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.multiplestatements.transactions.html
func ExecuteTransaction(ctx context.Context, store storage.Store, in TransactionInput) (*TransactionOutput, error) {
	out, err := executeTransaction(ctx, store, &in)
	return out, public(err)
}

// inStatement refuses a transaction because of one of its statements.
func inStatement(i int, err error) error {
	if refusal, ok := errors.AsType[*storage.ValidationError](public(err)); ok {
		return storage.Validationf("Validation failed in TransactStatements[%d]: %s", i, refusal.Message)
	}
	return err
}

func executeTransaction(ctx context.Context, store storage.Store, in *TransactionInput) (*TransactionOutput, error) {
	switch n := len(in.Statements); {
	case n == 0:
		return nil, storage.Validationf("1 validation error detected: Value '[]' at 'transactStatements' failed to satisfy constraint: Member must have length greater than or equal to 1")
	case n > maxTransaction:
		return nil, storage.Validationf("1 validation error detected: Value at 'transactStatements' failed to satisfy constraint: Member must have length less than or equal to %d", maxTransaction)
	}
	members := make([]member, len(in.Statements))
	reads := 0
	for i := range in.Statements {
		s := &in.Statements[i]
		m := &members[i]
		var err error
		if m.prepared, err = prepare(&Input{Statement: s.Statement, Parameters: s.Parameters}); err != nil {
			return nil, inStatement(i, err)
		}
		if m.reads() {
			reads++
		}
	}
	if reads > 0 && reads < len(members) {
		return nil, &storage.ValidationError{Message: msgTransactionMixed}
	}
	if err := resolveAll(ctx, store, members); err != nil {
		return nil, err
	}
	if reads > 0 {
		return transactGet(ctx, store, members, in.Capacity)
	}
	return transactWrite(ctx, store, members, in)
}

// resolveAll finds the items of all members. A faulty statement refuses the
// transaction; a missing table and a key that is none cancel it.
func resolveAll(ctx context.Context, store storage.Store, members []member) error {
	tables := newCatalog(store)
	reasons := make([]storage.CancellationReason, len(members))
	canceled := false
	for i := range members {
		m, reason := &members[i], &reasons[i]
		reason.Code = codeNone
		if err := m.resolve(ctx, tables, msgTransactionSelect); err != nil {
			return err
		}
		if m.table == nil {
			reason.Code, reason.Message, canceled = codeNotFound, msgNotFound, true
			continue
		}
		switch {
		case m.returning != "":
			return inStatement(i, &storage.ValidationError{Message: msgTransactionReturning})
		case m.index != "":
			return inStatement(i, &storage.ValidationError{Message: msgTransactionIndex})
		case m.err == nil:
			m.err = m.checkKey()
		}
		if m.err == nil {
			continue
		}
		incomplete, ok := errors.AsType[*incompleteKeyError](m.err)
		if !ok {
			return inStatement(i, m.err)
		}
		if reason.Code, reason.Message, canceled = codeValidation, incomplete.message, true; reason.Message == msgIncompleteKey {
			reason.Message = msgKeyMismatch
		}
	}
	if canceled {
		return &storage.TransactionCanceledError{Reasons: reasons}
	}
	if duplicates(members) {
		return &storage.ValidationError{Message: msgTransactionDuplicate}
	}
	return nil
}

// checkKey checks that the key of a member is one of its table. The error is an
// *incompleteKeyError.
func (m *member) checkKey() error {
	for _, part := range []*storage.KeyAttribute{&m.table.Key.Partition, m.table.Key.Sort} {
		if part == nil {
			continue
		}
		switch kind := m.key.Get(part.Name).Kind(); {
		case kind == part.Kind:
		case m.Kind() != Insert:
			return &incompleteKeyError{msgKeyMismatch}
		case kind == attribute.Invalid:
			return &incompleteKeyError{"One or more parameter values were invalid: Missing the key " + part.Name + " in the item"}
		default:
			return &incompleteKeyError{"One or more parameter values were invalid: Type mismatch for key " + part.Name + " expected: " + part.Kind.String() + " actual: " + kind.String()}
		}
	}
	return nil
}

func transactGet(ctx context.Context, store storage.Store, members []member, capacity bool) (*TransactionOutput, error) {
	in := &storage.TransactGetInput{Gets: make([]storage.TransactGet, len(members)), Report: storage.Report{Capacity: capacity}}
	for i := range members {
		m, get := &members[i], &in.Gets[i]
		get.Key = storage.Key{Table: m.table.Name, Key: m.key}
		w := newWriter(m.args)
		w.projection(&get.Expr, m.projectedHeads())
		w.fill(&get.Expr)
	}
	got, err := store.TransactGet(ctx, in)
	if err != nil {
		return nil, canceled(err, members)
	}
	out := &TransactionOutput{Items: got.Items, Capacity: got.Capacity}
	for i, item := range out.Items {
		out.Items[i] = members[i].project(item)
	}
	return out, nil
}

func transactWrite(ctx context.Context, store storage.Store, members []member, in *TransactionInput) (*TransactionOutput, error) {
	actions := make([]storage.TransactWrite, len(members))
	for i := range members {
		w := members[i].write
		actions[i] = storage.TransactWrite{
			Put: w.put, Update: w.update, Delete: w.remove, Check: w.check,
			ReturnOldOnFailure: in.Statements[i].ReturnOldOnFailure,
		}
	}
	done, err := store.TransactWrite(ctx, &storage.TransactWriteInput{Actions: actions, Token: in.Token, Report: storage.Report{Capacity: in.Capacity}})
	if err != nil {
		return nil, canceled(err, members)
	}
	return &TransactionOutput{Items: make([]*attribute.Item, len(members)), Capacity: done.Capacity}, nil
}

// canceled puts the reasons of a cancellation into the words of PartiQL.
func canceled(err error, members []member) error {
	e, ok := errors.AsType[*storage.TransactionCanceledError](err)
	if !ok {
		return err
	}
	reasons := make([]storage.CancellationReason, len(e.Reasons))
	for i, reason := range e.Reasons {
		reason.Message = plain(reason.Message)
		if reason.Code == codeCondition && members[i].Kind() == Insert {
			reason.Code, reason.Message = codeDuplicate, (&storage.DuplicateItemError{}).Error()
		}
		reasons[i] = reason
	}
	return &storage.TransactionCanceledError{Reasons: reasons}
}
