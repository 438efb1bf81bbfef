package bolt

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/expression"
)

// maxSegments is DynamoDB's limit on the segments of a parallel scan.
const maxSegments = 1000000

const (
	msgStartKey        = "The provided starting key is invalid"
	msgStartKeyOutside = "The provided starting key is outside query boundaries based on provided conditions"
	msgStartKeyRange   = "The provided starting key does not match the range key predicate"
	msgStartKeyRestart = "The query can return at most one row and cannot be restarted"
)

// span is a range [from, to) of keys; a nil bound is open.
type span struct{ from, to []byte }

// prefixEnd returns the least key that is greater than all that begin with
// prefix, nil when there is none.
func prefixEnd(prefix []byte) []byte {
	end := bytes.Clone(prefix)
	for i := len(end) - 1; i >= 0; i-- {
		if end[i] < 0xFF {
			end[i]++
			return end[:i+1]
		}
	}
	return nil
}

// access is the table or index that a page reads, and what it makes of the
// entries.
type access struct {
	table *table
	index *index // nil when the table itself is read
	span  span

	descending bool
	limit      int
	filter     *expression.Condition
	projection *expression.Projection
	count      bool
	capacity   bool // is asked for
	consistent bool
	// filterTable and answerTable tell that the filter, or the answer, needs
	// attributes that a local index does not hold and that are read from the
	// table.
	filterTable bool
	answerTable bool
}

// key is the schema of what is read.
func (a *access) key() expression.Key {
	if a.index != nil {
		return a.index.key
	}
	return a.table.key
}

// Query implements storage.Store.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html
func (s *Store) Query(ctx context.Context, in *storage.QueryInput) (*storage.PageOutput, error) {
	bound, err := s.parseQuery(in)
	if err != nil {
		return nil, public(err)
	}
	var out *storage.PageOutput
	err = s.view(ctx, func(r *reading) error {
		a, err := newAccess(r, in.Table, in.Index, in.ConsistentRead)
		if err != nil {
			return err
		}
		a.descending, a.limit = in.Descending, in.Limit
		a.capacity = in.Report.Capacity
		if in.StartKey != nil {
			if err := a.checkStart(in.StartKey); err != nil {
				return err
			}
		}
		if err := bound.Key.Bind(a.key()); err != nil {
			return err
		}
		if err := a.querySpan(bound.Key); err != nil {
			return err
		}
		if in.StartKey != nil {
			if err := a.resumeQuery(in.StartKey, bound.Key); err != nil {
				return err
			}
		}
		if err := bound.Projection.CheckScalars(a.table.key, a.table.indexKeys); err != nil {
			return err
		}
		if err := bound.Filter.CheckNoKeys(a.key()); err != nil {
			return err
		}
		if err := a.answerWith(bound, in.Select); err != nil {
			return err
		}
		if err := bound.Filter.CheckScalars(a.table.key, a.table.indexKeys); err != nil {
			return err
		}
		out, err = a.page(ctx, r)
		return err
	})
	return out, err
}

// parseQuery checks a query and reads its expressions without a look at the
// table.
func (s *Store) parseQuery(in *storage.QueryInput) (*expression.Bound, error) {
	if err := checkParameters(in.Select, in.Limit); err != nil {
		return nil, err
	}
	if err := checkSelect(in.Select, in.Index, &in.Expr); err != nil {
		// The prefix is DynamoDB's; Scan does without.
		return nil, refuse("1 validation error detected: %s", err)
	}
	if in.Expr.KeyCondition == "" && in.Expr.Empty&storage.KeyConditionExpression == 0 {
		return nil, refuse("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
	}
	return s.parsePage(expression.Query, &in.Expr)
}

// parsePage reads the expressions of a Query or Scan.
func (s *Store) parsePage(op expression.Operation, expr *storage.Expressions) (*expression.Bound, error) {
	req := expression.Request{
		Operation: op, Filter: expr.Filter, HasFilter: expr.Empty&storage.FilterExpression != 0,
		Projection: expr.Projection, HasProjection: expr.Empty&storage.ProjectionExpression != 0,
		Names: expr.Names, Values: expr.Values,
	}
	if op == expression.Query {
		req.KeyCondition, req.HasKeyCondition = expr.KeyCondition, expr.Empty&storage.KeyConditionExpression != 0
	}
	return s.parse(req)
}

// Scan implements storage.Store. Partitions come in the order of a hash of their
// keys, the items of a partition in that of their sort keys.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html
func (s *Store) Scan(ctx context.Context, in *storage.ScanInput) (*storage.PageOutput, error) {
	bound, err := s.parseScan(in)
	if err != nil {
		return nil, public(err)
	}
	var out *storage.PageOutput
	err = s.view(ctx, func(r *reading) error {
		a, err := newAccess(r, in.Table, in.Index, in.ConsistentRead)
		if err != nil {
			return err
		}
		a.limit, a.capacity = in.Limit, in.Report.Capacity
		if in.TotalSegments > 1 {
			a.span = segmentSpan(in.Segment, in.TotalSegments)
		}
		if in.StartKey != nil {
			if err := a.resumeScan(in.StartKey, in.Segment, in.TotalSegments); err != nil {
				return err
			}
		}
		if err := a.answerWith(bound, in.Select); err != nil {
			return err
		}
		if err := bound.Projection.CheckScalars(a.table.key, a.table.indexKeys); err != nil {
			return err
		}
		if err := bound.Filter.CheckScalars(a.table.key, a.table.indexKeys); err != nil {
			return err
		}
		out, err = a.page(ctx, r)
		return err
	})
	return out, err
}

// parseScan checks a scan and reads its expressions without a look at the table.
func (s *Store) parseScan(in *storage.ScanInput) (*expression.Bound, error) {
	if err := checkParameters(in.Select, in.Limit); err != nil {
		return nil, err
	}
	if err := checkSelect(in.Select, in.Index, &in.Expr); err != nil {
		return nil, err
	}
	if err := checkSegments(in.Segment, in.TotalSegments); err != nil {
		return nil, err
	}
	return s.parsePage(expression.Scan, &in.Expr)
}

func checkParameters(sel storage.Select, limit int) error {
	switch sel {
	case "", storage.SelectAll, storage.SelectProjected, storage.SelectSpecific, storage.SelectCount:
	default:
		return refuse("1 validation error detected: Value '%s' at 'select' failed to satisfy constraint: Member must satisfy enum value set: [SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES]", sel)
	}
	if limit < 0 {
		return refuse("1 validation error detected: Value '%d' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1", limit)
	}
	return nil
}

// checkSelect checks Select against the other parameters.
func checkSelect(sel storage.Select, index string, expr *storage.Expressions) error {
	projects := expr.Projection != "" || expr.Empty&storage.ProjectionExpression != 0
	switch {
	case sel == storage.SelectSpecific && !projects:
		return refuse("Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES")
	case sel == storage.SelectCount && projects:
		return refuse("Cannot specify the ProjectionExpression when choosing to get only the Count")
	case (sel == storage.SelectAll || sel == storage.SelectProjected) && projects:
		return refuse("Cannot specify the ProjectionExpression when choosing to get %s", sel)
	case sel == storage.SelectProjected && index == "":
		return refuse("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
	default:
		return nil
	}
}

func checkSegments(segment, total int) error {
	switch {
	case total == 0 && segment == 0:
		return nil
	case total == 0:
		return refuse("The TotalSegments parameter is required but was not present in the request when Segment parameter is present")
	case total < 0:
		return refuse("1 validation error detected: Value '%d' at 'totalSegments' failed to satisfy constraint: Member must have value greater than or equal to 1", total)
	case total > maxSegments:
		return refuse("1 validation error detected: Value '%d' at 'totalSegments' failed to satisfy constraint: Member must have value less than or equal to %d", total, maxSegments)
	case segment < 0:
		return refuse("1 validation error detected: Value '%d' at 'segment' failed to satisfy constraint: Member must have value greater than or equal to 0", segment)
	case segment >= total:
		return refuse("The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: %d is not less than TotalSegments: %d", segment, total)
	default:
		return nil
	}
}

// newAccess finds what a Query or Scan reads.
func newAccess(r *reading, name, indexName string, consistent bool) (*access, error) {
	t, err := r.table(name)
	if err != nil {
		return nil, err
	}
	a := &access{table: t, consistent: consistent}
	if indexName == "" {
		return a, nil
	}
	if a.index = t.index(indexName); a.index == nil {
		return nil, noIndex(indexName)
	}
	if err := a.index.readable(); err != nil {
		return nil, err
	}
	if consistent && !a.index.def.Local {
		return nil, refuse("Consistent reads are not supported on global secondary indexes")
	}
	return a, nil
}

// answerWith sets what is made of the entries, after checking that the index can
// answer it.
func (a *access) answerWith(bound *expression.Bound, sel storage.Select) error {
	a.count, a.filter, a.projection = sel == storage.SelectCount, bound.Filter, bound.Projection
	if a.index == nil || a.index.projects == nil {
		return nil
	}
	return a.checkProjected(sel)
}

// checkProjected tells what an index that does not project everything lacks for
// the answer: a local one has it fetched from the table, a global one refuses.
func (a *access) checkProjected(sel storage.Select) error {
	var missing []string
	if a.projection != nil {
		missing = a.index.missing(a.projection.Paths())
	}
	switch {
	case a.index.def.Local:
		a.answerTable = sel == storage.SelectAll || len(missing) > 0
		a.filterTable = a.filter != nil && len(a.index.missing(a.filter.Paths())) > 0
		return nil
	case sel == storage.SelectAll:
		return refuse("One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary index %s because its projection type is not ALL", a.index.def.Name)
	case len(missing) > 0:
		return refuse("One or more parameter values were invalid: Global secondary index %s does not project [%s]", a.index.def.Name, strings.Join(missing, ", "))
	default:
		return nil
	}
}

// missing returns the attributes that paths lead into and the index does not
// hold.
func (ix *index) missing(paths []expression.Path) []string {
	var missing []string
	for _, path := range paths {
		name := path.Head()
		if _, ok := slices.BinarySearch(ix.projects, name); !ok && !slices.Contains(missing, name) {
			missing = append(missing, name)
		}
	}
	return missing
}

// querySpan sets the range that a key condition allows.
func (a *access) querySpan(k *expression.KeyCondition) error {
	key := a.key()
	if err := checkKeyValue(key.Partition, k.Partition, maxPartitionKey); err != nil {
		return err
	}
	prefix, err := appendPartition(nil, k.Partition)
	if err != nil {
		return err
	}
	a.span = span{from: prefix, to: prefixEnd(prefix)}
	if k.Sort == nil {
		return nil
	}
	for _, v := range []attribute.Value{k.Sort.Low, k.Sort.High} {
		if !v.IsValid() {
			continue
		}
		if err := checkKeyValue(key.Sort, v, maxSortKey); err != nil {
			return err
		}
	}
	if k.Sort.Op == expression.BEGINS_WITH {
		low := attribute.AppendKeyPrefix(bytes.Clone(prefix), k.Sort.Low)
		a.span = span{from: low, to: prefixEnd(low)}
		return nil
	}
	low, err := attribute.AppendKey(bytes.Clone(prefix), k.Sort.Low)
	if err != nil {
		return err
	}
	switch k.Sort.Op {
	case expression.EQ:
		a.span = span{from: low, to: prefixEnd(low)}
	case expression.LT:
		a.span.to = low
	case expression.LE:
		a.span.to = prefixEnd(low)
	case expression.GT:
		a.span.from = prefixEnd(low)
	case expression.GE:
		a.span.from = low
	case expression.BETWEEN:
		high, err := attribute.AppendKey(bytes.Clone(prefix), k.Sort.High)
		if err != nil {
			return err
		}
		a.span = span{from: low, to: prefixEnd(high)}
	default:
		return refuse("Query key condition not supported")
	}
	return nil
}

// segmentSpan returns the hashes that belong to a segment.
func segmentSpan(segment, total int) span {
	bound := func(n int) []byte {
		h := (int64(n)*hashSpace + int64(total) - 1) / int64(total)
		if h >= hashSpace {
			return nil
		}
		return []byte{byte(h >> 8), byte(h)}
	}
	return span{from: bound(segment), to: bound(segment + 1)}
}

// checkStart refuses a start that is no position in what a query reads.
func (a *access) checkStart(start *attribute.Item) error {
	if !a.isPosition(start) {
		return refuse(msgStartKey)
	}
	return checkKeyParts(start, a.key())
}

// resumeQuery narrows the span to what follows start, which has been checked, in a
// query.
func (a *access) resumeQuery(start *attribute.Item, k *expression.KeyCondition) error {
	key := a.key()
	at, err := a.position(start)
	if err != nil {
		return err
	}
	samePartition := attribute.Equal(start.Get(key.Partition), k.Partition)
	switch {
	case k.Sort == nil && !samePartition:
		return refuse(msgStartKeyOutside)
	case k.Sort != nil && !k.Sort.Match(start.Get(key.Sort)):
		return refuse(msgStartKeyRange)
	case k.Sort != nil && !samePartition:
		return refuse(msgStartKeyRestart)
	}
	a.resume(at)
	return nil
}

// resumeScan narrows the span to what follows start in a scan.
func (a *access) resumeScan(start *attribute.Item, segment, total int) error {
	if !a.isPosition(start) {
		if a.index != nil {
			return refuse(msgStartKey)
		}
		return refuse(msgStartKey + ": " + msgKeyMismatch)
	}
	if a.index != nil {
		if err := checkKeyParts(start, a.index.key); err != nil {
			return err
		}
	}
	at, err := a.position(start)
	if err != nil {
		return err
	}
	if (a.span.from != nil && bytes.Compare(at, a.span.from) < 0) || (a.span.to != nil && bytes.Compare(at, a.span.to) >= 0) {
		return refuse(msgStartKey+": Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. TotalSegments: %d Segment: %d", total, segment)
	}
	a.resume(at)
	return nil
}

// isPosition reports whether start has exactly the attributes of a position.
func (a *access) isPosition(start *attribute.Item) bool {
	names := a.positionNames()
	if start.Len() != len(names) {
		return false
	}
	for _, name := range names {
		if !start.Has(name) {
			return false
		}
	}
	return true
}

func (a *access) positionNames() []string {
	if a.index != nil {
		return a.index.names
	}
	names := []string{a.table.key.Partition}
	if a.table.key.Sort != "" {
		names = append(names, a.table.key.Sort)
	}
	return names
}

// position returns the key of the entry that start describes, whether or not
// that still exists.
func (a *access) position(start *attribute.Item) ([]byte, error) {
	if err := checkKeyParts(start, a.table.key); err != nil {
		return nil, refuse(msgStartKey+": %s", err)
	}
	if a.index == nil {
		return appendKey(nil, a.table.key, start)
	}
	key, err := appendKey(nil, a.index.key, start)
	if err != nil {
		return nil, err
	}
	return appendKey(key, a.table.key, start)
}

// resume narrows the span to what comes after the entry at key.
func (a *access) resume(key []byte) {
	if a.descending {
		if a.span.to == nil || bytes.Compare(key, a.span.to) < 0 {
			a.span.to = key
		}
		return
	}
	// Nothing fits between a key and itself followed by a zero byte.
	if after := append(key, 0); bytes.Compare(after, a.span.from) > 0 {
		a.span.from = after
	}
}
