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
	var out *storage.PageOutput
	err := s.view(ctx, func(r *reading) error {
		if err := checkParameters(in.Select, in.Limit); err != nil {
			return err
		}
		if err := checkSelect(in.Select, in.Index, in.Expr.Projection != ""); err != nil {
			// The prefix is DynamoDB's; Scan does without.
			return refuse("1 validation error detected: %s", err)
		}
		if in.Expr.KeyCondition == "" && in.Expr.Empty&storage.KeyConditionExpression == 0 {
			return refuse("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
		}
		a, bound, err := s.access(r, expression.Query, in.Table, in.Index, in.Expr, in.ConsistentRead, in.Select)
		if err != nil {
			return err
		}
		if a.filter != nil {
			if err := a.filter.CheckNoKeys(a.key()); err != nil {
				return err
			}
		}
		a.descending, a.limit = in.Descending, in.Limit
		a.capacity, a.consistent = in.Report.Capacity, in.ConsistentRead
		if err := a.querySpan(bound.Key); err != nil {
			return err
		}
		if in.StartKey != nil {
			if err := a.resumeQuery(in.StartKey, bound.Key); err != nil {
				return err
			}
		}
		out, err = a.page(ctx, r)
		return err
	})
	return out, err
}

// Scan implements storage.Store. Partitions come in the order of a hash of their
// keys, the items of a partition in that of their sort keys.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html
func (s *Store) Scan(ctx context.Context, in *storage.ScanInput) (*storage.PageOutput, error) {
	var out *storage.PageOutput
	err := s.view(ctx, func(r *reading) error {
		if err := checkParameters(in.Select, in.Limit); err != nil {
			return err
		}
		if err := checkSelect(in.Select, in.Index, in.Expr.Projection != ""); err != nil {
			return err
		}
		if err := checkSegments(in.Segment, in.TotalSegments); err != nil {
			return err
		}
		a, _, err := s.access(r, expression.Scan, in.Table, in.Index, in.Expr, in.ConsistentRead, in.Select)
		if err != nil {
			return err
		}
		a.limit = in.Limit
		a.capacity, a.consistent = in.Report.Capacity, in.ConsistentRead
		if in.TotalSegments > 1 {
			a.span = segmentSpan(in.Segment, in.TotalSegments)
		}
		if in.StartKey != nil {
			if err := a.resumeScan(in.StartKey, in.Segment, in.TotalSegments); err != nil {
				return err
			}
		}
		out, err = a.page(ctx, r)
		return err
	})
	return out, err
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
func checkSelect(sel storage.Select, index string, projects bool) error {
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

// access resolves what a Query or Scan reads and binds its expressions.
func (s *Store) access(r *reading, op expression.Operation, name, indexName string, expr storage.Expressions, consistent bool, sel storage.Select) (*access, *expression.Bound, error) {
	t, err := r.table(name)
	if err != nil {
		return nil, nil, err
	}
	a := &access{table: t, count: sel == storage.SelectCount}
	var key *expression.Key
	if indexName != "" {
		if a.index = t.index(indexName); a.index == nil {
			return nil, nil, noIndex(indexName)
		}
		if err := a.index.readable(); err != nil {
			return nil, nil, err
		}
		if consistent && !a.index.def.Local {
			return nil, nil, refuse("Consistent reads are not supported on global secondary indexes")
		}
		key = &a.index.key
	}
	req := expression.Request{
		Operation: op, Filter: expr.Filter, HasFilter: expr.Empty&storage.FilterExpression != 0,
		Projection: expr.Projection, HasProjection: expr.Empty&storage.ProjectionExpression != 0,
		Names: expr.Names, Values: expr.Values,
	}
	if op == expression.Query {
		req.KeyCondition, req.HasKeyCondition = expr.KeyCondition, expr.Empty&storage.KeyConditionExpression != 0
	}
	bound, err := s.bind(req, t.key, key)
	if err != nil {
		return nil, nil, err
	}
	a.filter, a.projection = bound.Filter, bound.Projection
	if a.index == nil || a.index.projects == nil {
		return a, bound, nil
	}
	var missing []string
	if a.projection != nil {
		missing = a.index.missing(a.projection.Paths())
	}
	if a.index.def.Local {
		a.answerTable = sel == storage.SelectAll || len(missing) > 0
		a.filterTable = a.filter != nil && len(a.index.missing(a.filter.Paths())) > 0
		return a, bound, nil
	}
	if sel == storage.SelectAll {
		return nil, nil, refuse("One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary index %s because its projection type is not ALL", indexName)
	}
	if len(missing) > 0 {
		return nil, nil, refuse("One or more parameter values were invalid: Global secondary index %s does not project [%s]", indexName, strings.Join(missing, ", "))
	}
	return a, bound, nil
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

// resumeQuery narrows the span to what follows start in a query.
func (a *access) resumeQuery(start *attribute.Item, k *expression.KeyCondition) error {
	if !a.isPosition(start) {
		return refuse(msgStartKey)
	}
	key := a.key()
	if err := checkKeyParts(start, key); err != nil {
		return err
	}
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
