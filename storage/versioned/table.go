package versioned

import (
	"context"
	"sync/atomic"
	"time"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/expression"
)

// Config says what a versioned data source is made of, in the words of AppSync's
// DeltaSyncConfig.
//
// See: https://docs.aws.amazon.com/appsync/latest/APIReference/API_DeltaSyncConfig.html
type Config struct {
	// Table is the base table, DeltaTable the table of changes. Several data
	// sources may share a delta table.
	Table, DeltaTable string
	// BaseTTL is how long a deleted item stays as a tombstone; 0 or less removes
	// it at once. Parts of a second are cut off.
	BaseTTL time.Duration
	// DeltaTTL is how long a record stays in the delta table, and how far back a
	// Sync is answered from there.
	DeltaTTL time.Duration
	// StrictIndex has a Sync that is answered from the delta table fail when it
	// names an index, as AppSync fails. Otherwise such a Sync reads the changes
	// that the query asks for. Recorded: aws-amplify/amplify-category-api#1853.
	StrictIndex bool
	// Observe hears of every write, also of those that are refused, from the
	// goroutine of the writer. Nil costs nothing.
	Observe func(Decision)
}

// Table is a versioned data source: a base table and its delta table. It is safe
// for concurrent use.
type Table struct {
	store       storage.Store
	times       *Timestamps
	cfg         Config
	expressions *expression.Cache
	locks       locks
	known       atomic.Pointer[storage.KeySchema]
	lastDay     atomic.Pointer[dayPartition] // asked for last, of any
	// namesUnchanged are the names of conditionUnchanged. Nobody changes them.
	namesUnchanged map[string]string
}

// New returns the versioned data source over two tables of store, which need not
// exist yet. Times of one API share the timestamps.
func New(store storage.Store, times *Timestamps, cfg Config) *Table {
	return &Table{
		store: store, times: times, cfg: cfg, expressions: expression.NewCache(expressionCacheSize),
		namesUnchanged: map[string]string{nameVersion: attrVersion, nameChanged: attrLastChangedAt},
	}
}

// expressionCacheSize is how many expression texts are kept parsed.
const expressionCacheSize = 256

// keySchema returns the key of the base table.
func (t *Table) keySchema(ctx context.Context) (*storage.KeySchema, error) {
	if k := t.known.Load(); k != nil {
		return k, nil
	}
	d, err := t.store.DescribeTable(ctx, t.cfg.Table)
	if err != nil {
		return nil, err
	}
	t.known.Store(&d.Key)
	return &d.Key, nil
}

// keySchemaOf is keySchema for an item of the key: a table that was made anew
// with another one is looked at again.
func (t *Table) keySchemaOf(ctx context.Context, key *attribute.Item) (*storage.KeySchema, error) {
	k, err := t.keySchema(ctx)
	if err == nil && !fits(k, key) {
		t.known.Store(nil)
		k, err = t.keySchema(ctx)
	}
	return k, err
}

func fits(k *storage.KeySchema, key *attribute.Item) bool {
	if k.Sort == nil {
		return key.Len() == 1 && key.Has(k.Partition.Name)
	}
	return key.Len() == 2 && key.Has(k.Partition.Name) && key.Has(k.Sort.Name)
}

// bind binds the expressions of a request to the base table.
func (t *Table) bind(ctx context.Context, req expression.Request, key *attribute.Item) (*storage.KeySchema, *expression.Bound, error) {
	var schema *storage.KeySchema
	var err error
	if key == nil {
		schema, err = t.keySchema(ctx)
	} else {
		schema, err = t.keySchemaOf(ctx, key)
	}
	if err != nil {
		return nil, nil, err
	}
	k := expression.Key{Partition: schema.Partition.Name, PartitionKind: schema.Partition.Kind}
	if schema.Sort != nil {
		k.Sort, k.SortKind = schema.Sort.Name, schema.Sort.Kind
	}
	bound, err := t.expressions.Bind(req, k, nil)
	if err != nil {
		return nil, nil, refusal(err)
	}
	return schema, bound, nil
}
