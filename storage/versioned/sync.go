package versioned

import (
	"context"
	"strconv"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/expression"
)

// The numbers of items that a Sync evaluates for a page. More than the maximum
// is the maximum.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-resolver-mapping-template-reference-dynamodb-sync.html
const (
	defaultSyncLimit = 100
	maxSyncLimit     = 1000
)

// SyncInput is a Sync. Its query, index and order are not documented, but what
// Amplify's resolvers send. Recorded: aws-amplify/amplify-category-api#672.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-resolver-mapping-template-reference-dynamodb-sync.html
type SyncInput struct {
	// Expr has the filter, and the query as its key condition; empty texts are
	// none. Base items are read by the query when there is one, by a scan
	// otherwise. Changes come of all that meet both.
	Expr       storage.Expressions
	Index      string // of the query; empty for the table
	Descending bool   // of the query
	// Limit is the number of items to evaluate, 100 when nil and at most 1000.
	Limit *int64
	// LastSync is when the last Sync began, in milliseconds since 1970; nil is
	// never. It does not count with From.
	LastSync *int64
	// From is where the page before ended; nil begins.
	From *Position
	// BasePartitionKey names the partition key of the base table. When query or
	// filter say what it equals, only the records of that value are read, which
	// writes with CustomPartitionKey have made.
	BasePartitionKey string
	// DeltaIndex is the index of the delta table in which the records of all
	// values of a custom partition key are found.
	DeltaIndex string
}

// SyncOutput is a page of a Sync.
type SyncOutput struct {
	// Items are base items in the order of the table, or records of changes,
	// oldest first. An item that changed more than once has as many records.
	Items []*attribute.Item
	// Next is where the next page begins, nil at the end.
	Next         *Position
	ScannedCount int
	// StartedAt is when the first page began, in milliseconds since 1970.
	StartedAt int64
	// Delta tells that the items are records of changes.
	Delta bool
}

// Sync reads all items, or what has changed since LastSync when the delta table
// reaches back as far. Tombstones come like other items.
func (t *Table) Sync(ctx context.Context, in *SyncInput) (*SyncOutput, error) {
	limit, err := syncLimit(in.Limit)
	if err != nil {
		return nil, err
	}
	request := *in
	in = &request
	in.Expr.Empty, in.Expr.Projection = 0, ""
	if in.Expr.Filter == "" && in.Expr.KeyCondition == "" || len(in.Expr.Names) == 0 {
		in.Expr.Names = nil
	}
	if in.Expr.Filter == "" && in.Expr.KeyCondition == "" || len(in.Expr.Values) == 0 {
		in.Expr.Values = nil
	}
	from := in.From
	if from == nil {
		if from, err = t.begin(ctx, in); err != nil {
			return nil, err
		}
	}
	if from.Delta {
		return t.syncDelta(ctx, in, from, limit)
	}
	return t.syncBase(ctx, in, from, limit)
}

func syncLimit(limit *int64) (int, error) {
	switch {
	case limit == nil:
		return defaultSyncLimit, nil
	case *limit < 1:
		return 0, storage.Validationf("1 validation error detected: Value '%s' at 'limit' failed to satisfy constraint: "+
			"Member must have value greater than or equal to 1", strconv.FormatInt(*limit, 10))
	default:
		return int(min(*limit, maxSyncLimit)), nil
	}
}

// begin decides what a Sync reads.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-conflict-detection-and-sync-sync-operations.html
func (t *Table) begin(ctx context.Context, in *SyncInput) (*Position, error) {
	p := &Position{StartedAt: t.times.start()}
	if in.LastSync == nil || *in.LastSync < t.times.now().Add(-t.cfg.DeltaTTL).UnixMilli() {
		return p, nil
	}
	p.Delta = true
	p.LastSync = max(*in.LastSync, 0)
	p.Day = dayOf(p.LastSync)
	custom, err := t.fixedPartition(ctx, in)
	if err != nil {
		return nil, err
	}
	if custom != nil {
		p.Custom = custom
	} else {
		p.Index = in.DeltaIndex
	}
	return p, nil
}

// fixedPartition returns the one value of the base table's partition key whose
// changes are asked for, nil when they are those of all.
func (t *Table) fixedPartition(ctx context.Context, in *SyncInput) (*string, error) {
	expr := changesOf(in)
	if in.BasePartitionKey == "" || expr.Filter == "" {
		return nil, nil
	}
	_, bound, err := t.bind(ctx, expression.Request{Operation: expression.Scan, Filter: expr.Filter, Names: expr.Names, Values: expr.Values}, nil)
	if err != nil {
		return nil, err
	}
	v, ok := bound.Filter.Fixed(in.BasePartitionKey)
	if !ok {
		return nil, nil
	}
	text := keyText(v)
	return &text, nil
}

// changesOf returns the expressions of a Sync with its query as a part of the
// filter, for the delta table has another key.
func changesOf(in *SyncInput) storage.Expressions {
	expr := in.Expr
	expr.KeyCondition = ""
	if in.Expr.KeyCondition != "" {
		expr.Filter = joined(parenthesised(in.Expr.KeyCondition), "AND", in.Expr.Filter)
		if in.Expr.Filter == "" {
			expr.Filter = in.Expr.KeyCondition
		}
	}
	return expr
}

func (t *Table) syncBase(ctx context.Context, in *SyncInput, from *Position, limit int) (*SyncOutput, error) {
	var page *storage.PageOutput
	var err error
	if in.Expr.KeyCondition != "" {
		page, err = t.Query(ctx, &storage.QueryInput{
			Index: in.Index, Expr: in.Expr, Descending: in.Descending, Limit: limit, StartKey: from.Key,
		})
	} else {
		page, err = t.Scan(ctx, &storage.ScanInput{Index: in.Index, Expr: in.Expr, Limit: limit, StartKey: from.Key})
	}
	if err != nil {
		return nil, err
	}
	out := &SyncOutput{Items: page.Items, ScannedCount: page.ScannedCount, StartedAt: from.StartedAt}
	if page.LastKey != nil {
		next := *from
		next.Key = page.LastKey
		out.Next = &next
	}
	return out, nil
}

// maxPage is the size of the items after which a page of changes takes no
// further day. A day by itself is bounded by the store in the same way.
const maxPage = 1 << 20

// syncDelta reads the changes day by day.
func (t *Table) syncDelta(ctx context.Context, in *SyncInput, from *Position, limit int) (*SyncOutput, error) {
	if t.cfg.StrictIndex && in.Index != "" {
		return nil, storage.Validationf("The table does not have the specified index: %s", in.Index)
	}
	out := &SyncOutput{StartedAt: from.StartedAt, Delta: true}
	at := *from
	first := dayOf(max(from.LastSync, 0))
	// Records of days before the window have expired.
	oldest := max(first, dayOf(max(t.times.now().Add(-t.cfg.DeltaTTL).UnixMilli(), 0)))
	if at.Day < oldest {
		at.Day, at.Key = oldest, nil
	}
	// Times may have been ahead of the clock before the process began anew.
	latest := t.times.latest()
	last := dayOf(max(latest, min(max(from.StartedAt, from.LastSync), latest+maxAhead.Milliseconds())))
	expr := changesOf(in)
	for size := 0; at.Day <= last; at.Day, at.Key = at.Day+1, nil {
		if limit <= out.ScannedCount || size >= maxPage {
			out.Next = &at
			return out, nil
		}
		page, err := t.changes(ctx, expr, &at, first, limit-out.ScannedCount)
		if err != nil {
			return nil, err
		}
		out.Items = append(out.Items, page.Items...)
		out.ScannedCount += page.ScannedCount
		if page.LastKey != nil {
			at.Key = page.LastKey
			out.Next = &at
			return out, nil
		}
		for _, item := range page.Items {
			size += item.Size()
		}
	}
	return out, nil
}

// changes reads a page of the changes of one day, with what expr makes of them.
// First is the day of the last Sync.
func (t *Table) changes(ctx context.Context, expr storage.Expressions, at *Position, first int64, limit int) (*storage.PageOutput, error) {
	partition, sort := attrDeltaKey, attrDeltaSort
	if at.Index != "" {
		partition, sort = attrDeltaIndexKey, attrDeltaIndexSort
	}
	names, values := cloneOrNew(expr.Names), cloneOrNew(expr.Values)
	add := func(name, value, attr, text string) (string, string) {
		name, value = unusedPlaceholder(names, name), unusedPlaceholder(values, value)
		names[name], values[value] = attr, attribute.String(text)
		return name, value
	}
	name, value := add("#day", ":day", partition, t.partition(at.Day, at.Custom))
	expr.KeyCondition = name + " = " + value
	if at.Day == first {
		// Records of the very millisecond are among those that follow it.
		name, value = add("#since", ":since", sort, string(appendClock(nil, max(at.LastSync, 0))))
		expr.KeyCondition += " AND " + name + " >= " + value
	}
	expr.Names, expr.Values = names, values
	read := &storage.QueryInput{Table: t.cfg.DeltaTable, Index: at.Index, Expr: expr, Limit: limit, StartKey: at.Key}
	return t.page(&read.Expr, read.Select, func() (*storage.PageOutput, error) { return t.store.Query(ctx, read) })
}
