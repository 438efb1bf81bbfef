package partiql

import (
	"context"
	"slices"
	"strings"
	"unicode/utf16"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/expression"
)

// maxPage is how many bytes of items a page has at most.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html
const maxPage = 1 << 20

// selection is a SELECT on a table that is known.
type selection struct {
	store     storage.Store
	statement *Statement
	args      *arguments
	table     *storage.TableDescription
	index     *storage.Index // nil for the table
	key       storage.KeySchema
	branches  []branch // none for a scan
	// where is the whole WHERE clause, nil when there is none.
	where *expression.Condition

	descending bool
	consistent bool
	capacity   bool
}

// newSelection plans a SELECT. Where is its checked condition.
func newSelection(store storage.Store, s *Statement, args *arguments, where *expression.Condition, table *storage.TableDescription, in *Input) (*selection, error) {
	r := &selection{
		store: store, statement: s, args: args, table: table, key: table.Key, where: where,
		consistent: in.ConsistentRead, capacity: in.Capacity,
	}
	if s.index != "" {
		at := slices.IndexFunc(table.Indexes, func(ix storage.Index) bool { return ix.Name == s.index })
		if at < 0 {
			return nil, &storage.ValidationError{Message: msgNoIndex}
		}
		r.index = &table.Indexes[at]
		r.key = r.index.Key
		if in.ConsistentRead && !r.index.Local {
			return nil, &storage.ValidationError{Message: msgConsistent}
		}
	}
	var err error
	if r.branches, err = (&planner{r.key, args}).branches(s.where); err != nil {
		return nil, err
	}
	if err := r.arrange(); err != nil {
		return nil, err
	}
	return r, r.checkFilters()
}

// arrange puts the branches in the order that the ORDER BY clause asks for. In
// DynamoDB the sort key descends when the clause names the partition key alone.
func (r *selection) arrange() error {
	terms := r.statement.order
	if len(terms) == 0 {
		return nil
	}
	if r.statement.where == nil {
		return &storage.ValidationError{Message: msgOrderNoWhere}
	}
	byPartition, descendingPartition := false, false
	bySort := false
	for _, term := range terms {
		switch {
		case term.name == r.key.Partition.Name:
			byPartition, descendingPartition = true, term.descending
		case r.key.Sort != nil && term.name == r.key.Sort.Name:
			bySort, r.descending = true, term.descending
		default:
			return storage.Validationf(msgOrderAttribute, term.name)
		}
	}
	if len(r.branches) == 0 {
		return &storage.ValidationError{Message: msgOrderNoKey}
	}
	if !bySort {
		r.descending = true
	}
	if !byPartition && slices.ContainsFunc(r.branches, func(b branch) bool {
		return !attribute.Equal(b.partition, r.branches[0].partition)
	}) {
		return &storage.ValidationError{Message: msgOrderKeys}
	}
	slices.SortStableFunc(r.branches, func(a, b branch) int {
		order, _ := attribute.Compare(a.partition, b.partition)
		if descendingPartition {
			order = -order
		}
		if order != 0 || a.sort == nil || b.sort == nil {
			return order
		}
		switch { // those of one partition do not overlap
		case a.sort.before(b.sort):
			order = -1
		case b.sort.before(a.sort):
			order = 1
		}
		if r.descending {
			order = -order
		}
		return order
	})
	return nil
}

// held reports whether what is read has the attribute.
func (r *selection) held(name string) bool {
	if r.index == nil || r.index.Projection == storage.ProjectAll || slices.Contains(r.index.Include, name) {
		return true
	}
	for _, key := range [...]storage.KeySchema{r.table.Key, r.index.Key} {
		if name == key.Partition.Name || key.Sort != nil && name == key.Sort.Name {
			return true
		}
	}
	return false
}

// checkFilters refuses keyed reads of an index whose filters all need
// attributes that it does not hold.
func (r *selection) checkFilters() error {
	var refused *branch
	var missing []string
	for i := range r.branches {
		b := &r.branches[i]
		names := slices.DeleteFunc(headsOf(b.rest), r.held)
		if len(names) == 0 {
			return nil
		}
		if refused != nil {
			if order, _ := attribute.Compare(b.partition, refused.partition); order < 0 {
				continue
			}
		}
		refused, missing = b, names
	}
	if refused == nil {
		return nil
	}
	return storage.Validationf(msgFilterMissing, r.index.Name, strings.Join(inHashOrder(missing), ", "))
}

// inHashOrder arranges names as a hash set of Java does, which DynamoDB lists
// them in.
func inHashOrder(names []string) []string {
	buckets := uint32(16)
	for 4*len(names) > 3*int(buckets) {
		buckets *= 2
	}
	bucket := func(name string) int {
		h := uint32(0)
		for _, unit := range utf16.Encode([]rune(name)) {
			h = 31*h + uint32(unit)
		}
		return int((h ^ h>>16) & (buckets - 1))
	}
	slices.SortStableFunc(names, func(a, b string) int { return bucket(a) - bucket(b) })
	return names
}

func headsOf(nodes []*node) []string {
	var names []string
	for _, n := range nodes {
		names = n.heads(names)
	}
	return names
}

// run reads from a position on until there are limit items, the page is full, or
// all is read. A limit of 0 is none.
func (r *selection) run(ctx context.Context, at position, limit int) (*Output, error) {
	out := &Output{Items: []*attribute.Item{}}
	var consumed []storage.Capacity
	scanned, size := 0, 0
	reads := max(len(r.branches), 1)
	for i := at.branch; i < reads; i++ {
		rest := 0
		if limit > 0 {
			if rest = limit - scanned; rest == 0 {
				out.NextToken = r.args.encode(position{branch: i})
				break
			}
		}
		page, local, err := r.read(ctx, i, at.after, rest)
		at.after = nil
		if err != nil {
			return nil, err
		}
		scanned += page.ScannedCount
		consumed = addCapacity(consumed, page.Capacity)
		for _, item := range page.Items {
			size += item.Size()
			if local && !r.matches(item) {
				continue
			}
			out.Items = append(out.Items, r.statement.project(item))
		}
		if page.LastKey != nil {
			out.LastEvaluatedKey = page.LastKey
			out.NextToken = r.args.encode(position{i, page.LastKey})
			break
		}
		if size >= maxPage && i+1 < reads {
			out.NextToken = r.args.encode(position{branch: i + 1})
			break
		}
	}
	if len(consumed) > 0 {
		out.Capacity = &consumed[0]
	}
	return out, nil
}

// read reads a page of a branch, or of the scan. Local tells that the items are
// still to be filtered.
func (r *selection) read(ctx context.Context, at int, after *attribute.Item, limit int) (page *storage.PageOutput, local bool, err error) {
	s := r.statement
	report := storage.Report{Capacity: r.capacity}
	w := newWriter(r.args)
	var expr storage.Expressions
	if len(r.branches) == 0 {
		if s.where != nil {
			if local = r.filtersLocally([]*node{s.where}, false); !local {
				if err := w.condition(s.where); err != nil {
					return nil, false, err
				}
				expr.Filter = w.take()
			}
		}
		r.writeProjection(w, &expr, local)
		w.fill(&expr)
		page, err = r.store.Scan(ctx, &storage.ScanInput{
			Table: s.table, Index: s.index, Expr: expr, Limit: limit, ConsistentRead: r.consistent, StartKey: after, Report: report,
		})
		return page, local, err
	}
	b := &r.branches[at]
	if key := b.item(r.key); key != nil && r.index == nil && len(b.rest) == 0 && after == nil {
		r.writeProjection(w, &expr, false)
		w.fill(&expr)
		got, err := r.store.GetItem(ctx, &storage.GetItemInput{Table: s.table, Key: key, ConsistentRead: r.consistent, Expr: expr, Report: report})
		if err != nil {
			return nil, false, err
		}
		page = &storage.PageOutput{Capacity: got.Capacity}
		if got.Item != nil {
			page.Items, page.ScannedCount = []*attribute.Item{got.Item}, 1
		}
		return page, false, nil
	}
	b.write(w, r.key)
	expr.KeyCondition = w.take()
	if len(b.rest) > 0 {
		if local = r.filtersLocally(b.rest, true); !local {
			if err := w.all(b.rest); err != nil {
				return nil, false, err
			}
			expr.Filter = w.take()
		}
	}
	r.writeProjection(w, &expr, local)
	w.fill(&expr)
	page, err = r.store.Query(ctx, &storage.QueryInput{
		Table: s.table, Index: s.index, Expr: expr, Descending: r.descending, Limit: limit,
		ConsistentRead: r.consistent, StartKey: after, Report: report,
	})
	return page, local, err
}

// filtersLocally reports whether the store cannot evaluate the conditions: a
// Query does not filter by the attributes of its key, and a local index fetches
// what it does not hold, which for a SELECT is missing.
func (r *selection) filtersLocally(conditions []*node, query bool) bool {
	for _, name := range headsOf(conditions) {
		if query && (name == r.key.Partition.Name || r.key.Sort != nil && name == r.key.Sort.Name) {
			return true
		}
		if r.index != nil && r.index.Local && !r.held(name) {
			return true
		}
	}
	return false
}

// writeProjection asks for the attributes that the answer is made of and, when
// the items are to be filtered here, those that the filter reads.
func (r *selection) writeProjection(w *writer, expr *storage.Expressions, local bool) {
	s := r.statement
	if s.projection == nil {
		return
	}
	names := s.projectedHeads()
	if local {
		for _, name := range s.where.heads(nil) {
			if r.held(name) && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	w.projection(expr, names)
}

// projectedHeads returns the attributes that the projection is made of, nil for
// all.
func (s *Statement) projectedHeads() []string { return headsOf(s.projection) }

// projection asks for the named attributes; for all when there are no names.
func (w *writer) projection(expr *storage.Expressions, names []string) {
	for i, name := range names {
		if i > 0 {
			w.write(", ")
		}
		w.name(name)
	}
	expr.Projection = w.take()
}

// matches evaluates the WHERE clause on what the index holds of item.
func (r *selection) matches(item *attribute.Item) bool {
	if r.index != nil && r.index.Projection != storage.ProjectAll {
		view := &attribute.Item{}
		for _, a := range item.Attributes() {
			if r.held(a.Name) {
				view.Set(a.Name, a.Value)
			}
		}
		item = view
	}
	ok, err := r.where.Eval(item)
	return ok && err == nil
}

// project returns what the projection selects: each path under its last name.
func (s *Statement) project(item *attribute.Item) *attribute.Item {
	if s.projection == nil || item == nil {
		return item
	}
	out := &attribute.Item{}
	for _, path := range s.projection {
		if v := path.get(item); v.IsValid() {
			out.Set(path.column(), v)
		}
	}
	return out
}
