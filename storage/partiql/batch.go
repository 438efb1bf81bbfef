package partiql

import (
	"context"
	"errors"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
)

// maxBatch is DynamoDB's limit on the statements of a batch.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchExecuteStatement.html
const maxBatch = 25

// BatchInput is a batch of statements that all read or all write, each one item
// of its own.
type BatchInput struct {
	Statements []BatchStatement
	Capacity   bool // asks for the consumed capacity
}

// BatchStatement is one statement of a batch; its fields are those of Input.
type BatchStatement struct {
	Statement          string
	Parameters         []attribute.Value
	ConsistentRead     bool
	ReturnOldOnFailure bool
}

// BatchOutput answers a batch.
type BatchOutput struct {
	Results  []BatchResult      // one for each statement, in their order
	Capacity []storage.Capacity // of each table in the order of its first mention, when asked for
}

// BatchResult answers one statement of a batch. Table is empty when the
// statement was refused before it ran.
type BatchResult struct {
	Table string
	Item  *attribute.Item // nil when there is none
	Error *StatementError // nil when the statement succeeded
}

// StatementError says why a statement of a batch failed. Code is one of
// DynamoDB's; Item is the item that failed the condition when it was asked for.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchStatementError.html
type StatementError struct {
	Code    string
	Message string
	Item    *attribute.Item
}

// The codes of failed statements.
const (
	codeNone       = "None"
	codeValidation = "ValidationError"
	codeCondition  = "ConditionalCheckFailed"
	codeDuplicate  = "DuplicateItem"
	codeNotFound   = "ResourceNotFound"
)

// statementError returns what a batch says about a refusal, nil when err is
// none.
func statementError(err error) *StatementError {
	e := &StatementError{Message: err.Error()}
	switch err := err.(type) {
	case *storage.ValidationError:
		e.Code = codeValidation
	case *storage.ResourceNotFoundError:
		e.Code = codeNotFound
	case *storage.ConditionalCheckFailedError:
		e.Code, e.Item = codeCondition, err.Item
	case *storage.DuplicateItemError:
		e.Code, e.Item = codeDuplicate, err.Item
	default:
		return nil
	}
	return e
}

// catalog describes tables, each once.
type catalog struct {
	store  storage.Store
	tables map[string]*storage.TableDescription
}

func newCatalog(store storage.Store) *catalog {
	return &catalog{store, map[string]*storage.TableDescription{}}
}

// describe returns the table, nil when it does not exist.
func (c *catalog) describe(ctx context.Context, name string) (*storage.TableDescription, error) {
	if t, ok := c.tables[name]; ok {
		return t, nil
	}
	t, err := c.store.DescribeTable(ctx, name)
	if _, ok := errors.AsType[*storage.ResourceNotFoundError](err); ok {
		t, err = nil, nil
	}
	if err != nil {
		return nil, err
	}
	c.tables[name] = t
	return t, nil
}

// member is a statement among several: a read of key, or a write.
type member struct {
	*prepared
	table *storage.TableDescription // nil when there is none
	err   error                     // refuses the statement
	key   *attribute.Item           // of the item, nil when it is not known
	write *write
}

// resolve finds the item that a statement is about. A refusal is its err; the
// error is one of the store.
func (m *member) resolve(ctx context.Context, tables *catalog, notSingle string) error {
	var err error
	if m.table, err = tables.describe(ctx, m.Statement.table); err != nil || m.table == nil {
		return err
	}
	if m.Kind() == Select {
		m.key, m.err = (&planner{m.table.Key, m.args}).item(m.Statement.where)
		if m.err == nil && (m.key == nil || m.index != "") {
			m.key, m.err = nil, &storage.ValidationError{Message: notSingle}
		}
		return nil
	}
	if m.write, m.err = newWrite(m.Statement, m.args, m.table); m.err == nil {
		m.key = m.write.key(m.table.Key)
	}
	return nil
}

// duplicates reports whether two members are about one item.
func duplicates(members []member) bool {
	seen := map[string]bool{}
	for i := range members {
		m := &members[i]
		if m.key == nil || !complete(m.key, m.table.Key) {
			continue
		}
		id := string(attribute.AppendItemJSON([]byte(m.table.Name+"\x00"), m.key))
		if seen[id] {
			return true
		}
		seen[id] = true
	}
	return false
}

// ExecuteBatch runs statements one by one: a statement that is refused does not
// stop the others. The error is about the batch as a whole.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchExecuteStatement.html
func ExecuteBatch(ctx context.Context, store storage.Store, in BatchInput) (*BatchOutput, error) {
	out, err := executeBatch(ctx, store, &in)
	return out, public(err)
}

func executeBatch(ctx context.Context, store storage.Store, in *BatchInput) (*BatchOutput, error) {
	switch n := len(in.Statements); {
	case n == 0:
		return nil, storage.Validationf("1 validation error detected: Value '[]' at 'statements' failed to satisfy constraint: Member must have length greater than or equal to 1")
	case n > maxBatch:
		return nil, storage.Validationf("1 validation error detected: Value at 'statements' failed to satisfy constraint: Member must have length less than or equal to %d", maxBatch)
	}
	members := make([]member, len(in.Statements))
	reads, writes := 0, 0
	for i := range in.Statements {
		s := &in.Statements[i]
		m := &members[i]
		m.prepared, m.err = prepare(&Input{Statement: s.Statement, Parameters: s.Parameters})
		switch {
		case m.err != nil:
		case m.Kind() == Exists:
			m.err = &storage.ValidationError{Message: msgExistsAlone}
		case m.reads():
			reads++
		default:
			writes++
		}
	}
	if reads > 0 && writes > 0 {
		return nil, &storage.ValidationError{Message: msgBatchMixed}
	}
	tables := newCatalog(store)
	for i := range members {
		if m := &members[i]; m.err == nil {
			if err := m.resolve(ctx, tables, msgBatchSelect); err != nil {
				return nil, err
			}
		}
	}
	if duplicates(members) {
		return nil, &storage.ValidationError{Message: msgBatchDuplicate}
	}
	out := &BatchOutput{Results: make([]BatchResult, len(members))}
	for i := range members {
		m, s := &members[i], &in.Statements[i]
		result := &out.Results[i]
		err := m.err
		if err == nil {
			result.Table = m.Statement.table
			var done *Output
			if done, err = m.run(ctx, store, s.ConsistentRead, in.Capacity); err == nil {
				if len(done.Items) > 0 {
					result.Item = done.Items[0]
				}
				out.Capacity = addCapacity(out.Capacity, done.Capacity)
				continue
			}
		}
		err = withoutItem(public(whole(err)), s.ReturnOldOnFailure)
		if result.Error = statementError(err); result.Error == nil {
			return nil, err
		}
	}
	return out, nil
}

// run executes a member by itself.
func (m *member) run(ctx context.Context, store storage.Store, consistent, capacity bool) (*Output, error) {
	report := storage.Report{Capacity: capacity}
	if m.table == nil {
		return nil, &storage.ResourceNotFoundError{Message: msgNotFound}
	}
	if m.write != nil {
		return m.write.run(ctx, store, report)
	}
	w := newWriter(m.args)
	get := &storage.GetItemInput{Table: m.table.Name, Key: m.key, ConsistentRead: consistent, Report: report}
	w.projection(&get.Expr, m.projectedHeads())
	w.fill(&get.Expr)
	got, err := store.GetItem(ctx, get)
	if err != nil {
		return nil, err
	}
	out := &Output{Capacity: got.Capacity}
	if got.Item != nil {
		out.Items = []*attribute.Item{m.project(got.Item)}
	}
	return out, nil
}
