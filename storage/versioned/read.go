package versioned

import (
	"context"
	"maps"
	"slices"
	"time"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/expression"
)

// Reads return tombstones like other items, and items without those whose _ttl
// has passed: DynamoDB would remove them sooner or later.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ttl-expired-items.html

// Get reads an item of the base table, whatever table the input names.
func (t *Table) Get(ctx context.Context, in *storage.GetItemInput) (*storage.GetItemOutput, error) {
	read := *in
	read.Table = t.cfg.Table
	project, err := t.takeProjection(ctx, &read.Expr)
	if err != nil {
		return nil, err
	}
	out, err := t.store.GetItem(ctx, &read)
	if err != nil {
		return nil, err
	}
	out.Item = t.visible(out.Item, project, t.times.now())
	return out, nil
}

// takeProjection takes the projection from the expressions of a read of single
// items, so that whole items come and their _ttl is seen.
func (t *Table) takeProjection(ctx context.Context, e *storage.Expressions) (*expression.Projection, error) {
	if e.Projection == "" && e.Empty == 0 && e.Names == nil && e.Values == nil {
		return nil, nil
	}
	_, bound, err := t.bind(ctx, expression.Request{
		Operation: expression.GetItem, Projection: e.Projection, HasProjection: e.Empty&storage.ProjectionExpression != 0,
		Names: e.Names, Values: e.Values,
	}, nil)
	if err != nil {
		return nil, err
	}
	*e = storage.Expressions{}
	return bound.Projection, nil
}

func (t *Table) visible(item *attribute.Item, p *expression.Projection, now time.Time) *attribute.Item {
	if item == nil || isExpired(item, now) {
		return nil
	}
	return p.Apply(item)
}

// BatchGet reads items of several tables. What has expired is hidden of the base
// table alone: of others it is not known that their _ttl means that.
func (t *Table) BatchGet(ctx context.Context, in *storage.BatchGetInput) (*storage.BatchGetOutput, error) {
	read := *in
	read.Tables = slices.Clone(in.Tables)
	projections := make([]*expression.Projection, len(in.Tables))
	own := func(i int) bool { return read.Tables[i].Table == t.cfg.Table }
	var err error
	for i := range read.Tables {
		if !own(i) {
			continue
		}
		if projections[i], err = t.takeProjection(ctx, &read.Tables[i].Expr); err != nil {
			return nil, err
		}
	}
	out, err := t.store.BatchGet(ctx, &read)
	if err != nil {
		return nil, err
	}
	now := t.times.now()
	for i, items := range out.Items {
		if !own(i) {
			continue
		}
		for k, item := range items {
			items[k] = t.visible(item, projections[i], now)
		}
	}
	for i, left := range out.Unprocessed {
		for _, asked := range in.Tables {
			if asked.Table == left.Table {
				out.Unprocessed[i].Expr = asked.Expr
			}
		}
	}
	return out, nil
}

// TransactGet reads items of several tables at one moment, as BatchGet does.
func (t *Table) TransactGet(ctx context.Context, in *storage.TransactGetInput) (*storage.TransactGetOutput, error) {
	read := *in
	read.Gets = slices.Clone(in.Gets)
	projections := make([]*expression.Projection, len(in.Gets))
	var err error
	for i := range read.Gets {
		if read.Gets[i].Table != t.cfg.Table {
			continue
		}
		if projections[i], err = t.takeProjection(ctx, &read.Gets[i].Expr); err != nil {
			return nil, err
		}
	}
	out, err := t.store.TransactGet(ctx, &read)
	if err != nil {
		return nil, err
	}
	now := t.times.now()
	for i, item := range out.Items {
		if read.Gets[i].Table == t.cfg.Table {
			out.Items[i] = t.visible(item, projections[i], now)
		}
	}
	return out, nil
}

// Query reads a page of a partition of the base table, whatever table the input
// names, or of one of its indexes. An index that does not hold _ttl shows
// expired items until they are removed.
func (t *Table) Query(ctx context.Context, in *storage.QueryInput) (*storage.PageOutput, error) {
	read := *in
	read.Table = t.cfg.Table
	return t.page(&read.Expr, read.Select, func() (*storage.PageOutput, error) { return t.store.Query(ctx, &read) })
}

// Scan reads a page of the base table, or of one of its indexes, as Query does.
func (t *Table) Scan(ctx context.Context, in *storage.ScanInput) (*storage.PageOutput, error) {
	read := *in
	read.Table = t.cfg.Table
	return t.page(&read.Expr, read.Select, func() (*storage.PageOutput, error) { return t.store.Scan(ctx, &read) })
}

// page reads a page without what has expired. Expr is that of the request which
// read makes, a copy of the caller's.
//
// ScannedCount leaves out what has expired. Where the answer does not show which
// items those are, for a projection or a count with a filter, they count, as
// they do in DynamoDB.
func (t *Table) page(expr *storage.Expressions, sel storage.Select, read func() (*storage.PageOutput, error)) (*storage.PageOutput, error) {
	now := t.times.now()
	own := *expr
	wholeItems := own.Projection == "" && own.Empty&storage.ProjectionExpression == 0 && sel != storage.SelectCount
	filtered := own.Filter != "" || own.Empty&storage.FilterExpression != 0
	switch {
	case own.Empty&storage.FilterExpression != 0, own.Names != nil && len(own.Names) == 0, own.Values != nil && len(own.Values) == 0:
		// The store refuses it.
	case wholeItems && filtered:
		// What has expired passes the filter, to be seen and left out below.
		amend(expr, expiredCondition, "OR", now)
	case !wholeItems:
		amend(expr, liveCondition, "AND", now)
	}
	out, err := read()
	if err != nil {
		if filtered {
			// The message is about the caller's filter, not the amended one.
			*expr = own
			if _, refused := read(); refused != nil {
				err = refused
			}
		}
		return nil, err
	}
	switch {
	case wholeItems:
		before := len(out.Items)
		out.Items = slices.DeleteFunc(out.Items, func(item *attribute.Item) bool { return isExpired(item, now) })
		hidden := before - len(out.Items)
		out.Count -= hidden
		out.ScannedCount -= hidden
	case !filtered:
		out.ScannedCount = out.Count
	}
	return out, nil
}

// The conditions on expiry, in placeholders that amend makes unique.
const (
	expiredCondition = "<="
	liveCondition    = ">"
)

// amend joins the filter of e to a condition on _ttl.
func amend(e *storage.Expressions, condition, operator string, now time.Time) {
	name := unusedPlaceholder(e.Names, "#ttl")
	value := unusedPlaceholder(e.Values, ":now")
	e.Names, e.Values = cloneOrNew(e.Names), cloneOrNew(e.Values)
	e.Names[name] = attrTTL
	e.Values[value] = number(now.Unix())
	text := name + " " + condition + " " + value
	if condition == liveCondition {
		// What has no _ttl, or one that is no number, does not expire.
		kind := unusedPlaceholder(e.Values, ":number")
		e.Values[kind] = attribute.String(attribute.N.String())
		text = "(NOT attribute_type(" + name + ", " + kind + ") OR " + text + ")"
	}
	e.Filter = joined(text, operator, e.Filter)
}

func unusedPlaceholder[V any](used map[string]V, name string) string {
	for {
		if _, ok := used[name]; !ok {
			return name
		}
		name += "_"
	}
}

func cloneOrNew[V any](m map[string]V) map[string]V {
	if m == nil {
		return map[string]V{}
	}
	return maps.Clone(m)
}

// joined joins two conditions, of which the second may be empty. DynamoDB
// refuses redundant parentheses, so that none are put around what has them.
func joined(first, operator, second string) string {
	if second == "" {
		return first
	}
	return first + " " + operator + " " + parenthesised(second)
}

func parenthesised(condition string) string {
	depth, enclosed := 0, true
	for i := 0; i < len(condition); i++ {
		switch condition[i] {
		case '(':
			depth++
		case ')':
			depth--
		case ' ', '\t', '\n', '\r':
		default:
			enclosed = enclosed && depth > 0
		}
	}
	if enclosed {
		return condition
	}
	return "(" + condition + ")"
}
