package dynamodb

import (
	"context"
	"errors"

	"appsync-emulator/emulator/internal/datasource"
	"appsync-emulator/mappingtemplate/document"
	"appsync-emulator/mappingtemplate/value"
	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
)

// The blocks in which batches return what they could not process.
const (
	unprocessedKeys  = "unprocessedKeys"
	unprocessedItems = "unprocessedItems"
)

// throughputExceeded is the error of a batch of which a request processes
// nothing more.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
func throughputExceeded() *datasource.Error {
	return failure(typeThroughput,
		"You exceeded your maximum allowed provisioned throughput for a table or for one or more global secondary indexes. "+
			"To view performance metrics for provisioned throughput vs. consumed throughput, open the Amazon CloudWatch console.")
}

// batch is a batch on its way, with what has come back so far.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/tutorial-dynamodb-batch.html
type batch struct {
	tables []batchTable
	// left names the block of the result for what is not processed.
	left string
}

type batchTable struct {
	name    string
	entries []entry
}

// entry is one key or item of a batch.
type entry struct {
	sent   *attribute.Item
	result any // null until it is done
	done   bool
}

func (e *entry) finish(result any) { e.result, e.done = result, true }

func (b *batch) add(table string, items []*attribute.Item) {
	t := batchTable{name: table, entries: make([]entry, len(items))}
	for i, item := range items {
		t.entries[i].sent = item
	}
	b.tables = append(b.tables, t)
}

// pending returns the entries that are not done.
func (t *batchTable) pending() []*entry {
	var out []*entry
	for i := range t.entries {
		if !t.entries[i].done {
			out = append(out, &t.entries[i])
		}
	}
	return out
}

func (b *batch) count() int {
	n := 0
	for i := range b.tables {
		n += len(b.tables[i].pending())
	}
	return n
}

// run sends what is pending until nothing is. A failure on the way, or a store
// that does not get on, leaves a part: the error then has it as its result.
func (b *batch) run(send func() error) (any, error) {
	for left := b.count(); left > 0; {
		if err := send(); err != nil {
			return nil, b.failed(err)
		}
		before := left
		if left = b.count(); left == before {
			return nil, b.failed(throughputExceeded())
		}
	}
	return b.result(), nil
}

func (b *batch) failed(err error) error {
	return withResult(refusal(err), b.result())
}

// withResult puts a result beside a refusal; other errors pass.
func withResult(err error, result any) error {
	if refused, ok := errors.AsType[*datasource.Error](err); ok {
		refused.Result = result
	}
	return err
}

// result has the data of each table in the order of the request, and what is not
// processed. Both blocks have every table.
func (b *batch) result() any {
	data, left := value.NewMap(len(b.tables)), value.NewMap(len(b.tables))
	for i := range b.tables {
		t := &b.tables[i]
		results, rest := make([]any, len(t.entries)), []any{}
		for j := range t.entries {
			e := &t.entries[j]
			results[j] = e.result
			if !e.done {
				rest = append(rest, document.FromItem(e.sent))
			}
		}
		data.Set(t.name, value.NewList(results...))
		left.Set(t.name, value.NewList(rest...))
	}
	return value.MapOf("data", data, b.left, left)
}

func (s *Source) batchGet(ctx context.Context, doc *document.BatchGetItem) (any, error) {
	b := &batch{left: unprocessedKeys}
	for i := range doc.Tables {
		b.add(doc.Tables[i].Table, doc.Tables[i].Keys)
	}
	return b.run(func() error {
		var in storage.BatchGetInput
		var sent [][]*entry
		for i := range doc.Tables {
			pending := b.tables[i].pending()
			if len(pending) == 0 {
				continue
			}
			t := &doc.Tables[i]
			var expr expressions
			expr.addProjection(t.Projection)
			get := storage.BatchGetTable{Table: t.Table, ConsistentRead: t.ConsistentRead, Expr: expr.Expressions}
			for _, e := range pending {
				get.Keys = append(get.Keys, e.sent)
			}
			in.Tables = append(in.Tables, get)
			sent = append(sent, pending)
		}
		out, err := s.store.BatchGet(ctx, &in)
		if err != nil {
			return err
		}
		for i, entries := range sent {
			left := keysLeft(out, in.Tables[i].Table)
			for j, e := range entries {
				if item := out.Items[i][j]; item != nil || !contains(left, e.sent) {
					e.finish(itemOrNull(item))
				}
			}
		}
		return nil
	})
}

// keysLeft returns the keys of a table that were not processed.
func keysLeft(out *storage.BatchGetOutput, table string) []*attribute.Item {
	for i := range out.Unprocessed {
		if out.Unprocessed[i].Table == table {
			return out.Unprocessed[i].Keys
		}
	}
	return nil
}

func contains(items []*attribute.Item, item *attribute.Item) bool {
	for _, it := range items {
		if attribute.EqualItems(it, item) {
			return true
		}
	}
	return false
}

// batchPut answers the items as they were written.
func (s *Source) batchPut(ctx context.Context, doc *document.BatchPutItem) (any, error) {
	return s.batchWrite(ctx, doc.Tables, unprocessedItems, func(table string, item *attribute.Item) storage.BatchWrite {
		return storage.BatchWrite{Table: table, Put: item}
	})
}

// batchDelete answers the keys alone.
func (s *Source) batchDelete(ctx context.Context, doc *document.BatchDeleteItem) (any, error) {
	return s.batchWrite(ctx, doc.Tables, unprocessedKeys, func(table string, key *attribute.Item) storage.BatchWrite {
		return storage.BatchWrite{Table: table, Delete: key}
	})
}

func (s *Source) batchWrite(ctx context.Context, tables []document.BatchWriteTable, left string, write func(table string, item *attribute.Item) storage.BatchWrite) (any, error) {
	b := &batch{left: left}
	for _, t := range tables {
		b.add(t.Table, t.Items)
	}
	return b.run(func() error {
		var in storage.BatchWriteInput
		var sent []*entry
		for i := range b.tables {
			for _, e := range b.tables[i].pending() {
				in.Writes = append(in.Writes, write(b.tables[i].name, e.sent))
				sent = append(sent, e)
			}
		}
		out, err := s.store.BatchWrite(ctx, &in)
		if err != nil {
			return err
		}
		for i, e := range sent {
			if !containsWrite(out.Unprocessed, &in.Writes[i]) {
				e.finish(document.FromItem(e.sent))
			}
		}
		return nil
	})
}

func containsWrite(writes []storage.BatchWrite, w *storage.BatchWrite) bool {
	for i := range writes {
		o := &writes[i]
		if o.Table == w.Table && sameItem(o.Put, w.Put) && sameItem(o.Delete, w.Delete) {
			return true
		}
	}
	return false
}

// sameItem compares two items of which either may be absent.
func sameItem(a, b *attribute.Item) bool {
	if a == nil || b == nil {
		return a == b
	}
	return attribute.EqualItems(a, b)
}
