package partiql

import (
	"context"
	"errors"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/expression"
)

// Input is one statement to execute.
type Input struct {
	Statement string
	// Parameters replace the ? of the statement in their order. Those that the
	// statement does not mention are ignored.
	Parameters     []attribute.Value
	ConsistentRead bool
	// Limit is how many items a SELECT reads at most, before its conditions
	// filter them; 0 means a page of 1 MB.
	Limit int
	// NextToken goes on with a SELECT where an output of the same statement and
	// parameters left off.
	NextToken string
	// Capacity asks for the consumed capacity.
	Capacity bool
	// ReturnOldOnFailure has a failed condition answer the item. It is
	// ReturnValuesOnConditionCheckFailure ALL_OLD.
	ReturnOldOnFailure bool
}

// Output answers a statement.
type Output struct {
	// Items is never nil: writes without a RETURNING clause have none.
	Items []*attribute.Item
	// NextToken is empty at the end.
	NextToken string
	// LastEvaluatedKey is the key of the last item that was read when a read
	// ended within a partition or scan and may go on; nil otherwise.
	LastEvaluatedKey *attribute.Item
	Capacity         *storage.Capacity // when asked for
}

// Execute runs a statement. Errors about it are those of package storage and
// *storage.DuplicateItemError.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExecuteStatement.html
func Execute(ctx context.Context, store storage.Store, in Input) (*Output, error) {
	out, err := execute(ctx, store, &in)
	if err != nil {
		return nil, withoutItem(public(err), in.ReturnOldOnFailure)
	}
	return out, nil
}

func execute(ctx context.Context, store storage.Store, in *Input) (*Output, error) {
	if in.Limit < 0 {
		return nil, storage.Validationf("1 validation error detected: Value '%d' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1", in.Limit)
	}
	p, err := prepare(in)
	if err != nil {
		return nil, err
	}
	if p.Kind() == Exists {
		return nil, &storage.ValidationError{Message: msgExistsAlone}
	}
	at, err := p.args.decode(in.NextToken)
	if err != nil {
		return nil, err
	}
	table, err := store.DescribeTable(ctx, p.table)
	if err != nil {
		return nil, err
	}
	if p.Kind() == Select {
		r, err := newSelection(store, p.Statement, p.args, p.where, table, in)
		if err != nil {
			return nil, err
		}
		return r.run(ctx, at, in.Limit)
	}
	w, err := newWrite(p.Statement, p.args, table)
	if err != nil {
		return nil, whole(err)
	}
	return w.run(ctx, store, storage.Report{Capacity: in.Capacity})
}

// prepared is a statement with its parameters, checked as far as it can be
// without a table.
type prepared struct {
	*Statement
	args  *arguments
	where *expression.Condition
}

func prepare(in *Input) (*prepared, error) {
	s, err := Parse(in.Statement)
	if err != nil {
		return nil, err
	}
	args, err := s.bind(in.Parameters)
	if err != nil {
		return nil, err
	}
	p := &prepared{Statement: s, args: args}
	if p.where, err = checkedCondition(s.where, args); err != nil {
		return nil, err
	}
	switch s.kind {
	case Insert:
		_, err = args.item(s.item)
	case Update:
		err = checkActions(s.actions, args)
	}
	if err != nil {
		return nil, err
	}
	if s.index != "" && (s.kind == Update || s.kind == Delete) {
		return nil, &storage.ValidationError{Message: msgIndexWrite}
	}
	return p, nil
}

// checkActions checks the SET and REMOVE clauses by themselves.
func checkActions(actions []updateAction, args *arguments) error {
	w := newWriter(args)
	if err := w.actions(actions); err != nil {
		return err
	}
	e := storage.Expressions{}
	w.fill(&e)
	_, err := expression.NewCache(1).Bind(expression.Request{Update: w.take(), Names: e.Names, Values: e.Values}, expression.Key{}, nil)
	return err
}

// whole turns an incomplete key into the refusal that a statement gets which
// runs by itself.
func whole(err error) error {
	if incomplete, ok := errors.AsType[*incompleteKeyError](err); ok {
		return &storage.ValidationError{Message: incomplete.message}
	}
	return err
}

// withoutItem removes the item from a failed condition unless it was asked for.
func withoutItem(err error, asked bool) error {
	if asked {
		return err
	}
	if failed, ok := errors.AsType[*storage.ConditionalCheckFailedError](err); ok && failed.Item != nil {
		return &storage.ConditionalCheckFailedError{}
	}
	if failed, ok := errors.AsType[*storage.DuplicateItemError](err); ok && failed.Item != nil {
		return &storage.DuplicateItemError{}
	}
	return err
}
