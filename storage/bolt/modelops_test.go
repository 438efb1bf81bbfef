package bolt_test

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/bolt"
)

// op is one request, made without looking at what is stored. do sends it to the
// store and says what came back; expect does the same to the model and says what
// may come back: more than one thing where two faults are in one request.
type op interface {
	do(s *modelStore) string
	expect(w *world) []string
}

// modelStore is the store that is compared with a model.
type modelStore struct {
	*bolt.Store
	clock    *modelClock
	snapshot string // the path of its snapshot
}

type modelClock struct{ seconds int64 }

func (c *modelClock) Now() time.Time { return time.Unix(c.seconds, 0) }

const modelStart = 1_700_000_000

// showError is an error as the model has it: its kind and what it carries.
func showError(err error) string {
	if e, ok := errors.AsType[*storage.ConditionalCheckFailedError](err); ok {
		return "condition " + show(fromItem(e.Item))
	}
	if e, ok := errors.AsType[*storage.ValidationError](err); ok {
		return "validation " + e.Message
	}
	if e, ok := errors.AsType[*storage.TransactionCanceledError](err); ok {
		text := "canceled"
		for _, r := range e.Reasons {
			text += " " + r.Code + " " + show(fromItem(r.Item))
		}
		return text
	}
	if _, ok := errors.AsType[*storage.ResourceNotFoundError](err); ok {
		return saysNoTable
	}
	if _, ok := errors.AsType[*storage.ResourceInUseError](err); ok {
		return "in use"
	}
	if _, ok := errors.AsType[*storage.IdempotentParameterMismatchError](err); ok {
		return "mismatch"
	}
	return "failure " + err.Error()
}

const saysNoTable = "no table"

// write is a put, update, delete or, in a transaction, a check.
type write struct {
	kind    string
	table   string
	item    record // or the key
	cond    *condition
	update  []clause
	returns storage.ReturnValues
	keepOld bool // in a transaction
}

func (o write) expressions() storage.Expressions {
	vals := map[string]attribute.Value{}
	var e storage.Expressions
	if o.cond != nil {
		e.Condition = o.cond.text(vals)
	}
	if o.kind == "update" {
		e.Update = updateText(o.update, vals)
	}
	if len(vals) > 0 {
		e.Values = vals
	}
	return e
}

func (o write) action() (a storage.TransactWrite) {
	it, e := toItem(o.item), o.expressions()
	switch o.kind {
	case "put":
		a.Put = &storage.PutItemInput{Table: o.table, Item: it, Expr: e, ReturnValues: o.returns}
	case "update":
		a.Update = &storage.UpdateItemInput{Table: o.table, Key: it, Expr: e, ReturnValues: o.returns}
	case "delete":
		a.Delete = &storage.DeleteItemInput{Table: o.table, Key: it, Expr: e, ReturnValues: o.returns}
	default:
		a.Check = &storage.ConditionCheck{Table: o.table, Key: it, Expr: e}
	}
	a.ReturnOldOnFailure = o.keepOld
	return a
}

func (o write) do(s *modelStore) string {
	a := o.action()
	var out *storage.WriteOutput
	var err error
	switch {
	case a.Put != nil:
		out, err = s.PutItem(ctx, a.Put)
	case a.Update != nil:
		out, err = s.UpdateItem(ctx, a.Update)
	default:
		out, err = s.DeleteItem(ctx, a.Delete)
	}
	if err != nil {
		return showError(err)
	}
	return show(fromItem(out.Attributes))
}

// misfit returns the faults that a put shows without looking at the item.
func (o write) misfit(t *modelTable) []string {
	if o.kind != "put" {
		return nil
	}
	return t.misfits(o.item, nil)
}

// outcome returns the item before and after, or the refusals.
func (o write) outcome(t *modelTable) (old, next record, refusals []string) {
	old = t.items[t.keyOf(o.item)]
	if o.cond != nil && !o.cond.holds(old) {
		return old, nil, []string{"condition " + show(old)}
	}
	switch o.kind {
	case "put":
		return old, o.item, nil
	case "check":
		return old, old, nil
	case "delete":
		return old, nil, nil
	}
	// What the request alone shows comes before what the item does: dynalite
	// test/updateItem.js 814-823.
	written := record{}
	for _, c := range o.update {
		if c.form == "set" {
			written[c.name] = c.v
		}
	}
	if faults := t.misfits(written, nil); faults != nil {
		return old, nil, faults
	}
	next = maps.Clone(old)
	if next == nil {
		next = maps.Clone(o.item)
	}
	for _, c := range o.update {
		if refusal := c.apply(next); refusal != "" {
			refusals = append(refusals, refusal)
		}
	}
	if refusals == nil {
		refusals = t.misfits(next, old)
	}
	return old, next, refusals
}

func (t *modelTable) store(key string, next record) {
	if next == nil {
		delete(t.items, key)
	} else {
		t.items[key] = next
	}
}

func (o write) expect(w *world) []string {
	t := w.tables[o.table]
	if t == nil {
		return []string{saysNoTable}
	}
	if faults := o.misfit(t); faults != nil {
		return faults
	}
	old, next, refusals := o.outcome(t)
	if refusals != nil {
		return refusals
	}
	t.store(t.keyOf(o.item), next)
	var changed []string
	for _, c := range o.update {
		changed = append(changed, c.name)
	}
	var answer record
	switch o.returns {
	case storage.ReturnAllOld:
		answer = old
	case storage.ReturnAllNew:
		answer = next
	case storage.ReturnUpdatedOld:
		answer = pick(old, changed)
	case storage.ReturnUpdatedNew:
		answer = pick(next, changed)
	}
	if len(answer) == 0 {
		answer = nil
	}
	return []string{show(answer)}
}

// transact is a write transaction.
type transact struct {
	writes []write
	token  string
	again  bool // it is sent twice
}

func (o transact) do(s *modelStore) string {
	in := &storage.TransactWriteInput{Token: o.token}
	for _, w := range o.writes {
		in.Actions = append(in.Actions, w.action())
	}
	answer := ""
	for range o.times() {
		if _, err := s.TransactWrite(ctx, in); err != nil {
			answer += showError(err) + ";"
		} else {
			answer += "done;"
		}
	}
	return answer
}

func (o transact) times() int {
	if o.again {
		return 2
	}
	return 1
}

func (o transact) expect(w *world) []string {
	answer := ""
	for range o.times() {
		answer += o.once(w) + ";"
	}
	return []string{answer}
}

func (o transact) once(w *world) string {
	request := ""
	for _, wr := range o.writes {
		if w.tables[wr.table] == nil {
			return saysNoTable
		}
		e := wr.expressions()
		request += fmt.Sprint(wr.kind, wr.table, show(wr.item), e.Condition, e.Update, wr.keepOld, text(attributesOf(e.Values)))
	}
	reasons := make([]string, len(o.writes))
	canceled := false
	for i, wr := range o.writes {
		reasons[i] = "None none"
		if wr.misfit(w.tables[wr.table]) != nil {
			reasons[i], canceled = "ValidationError none", true
		}
	}
	if canceled {
		return "canceled " + strings.Join(reasons, " ")
	}
	if known, ok := w.tokens[o.token]; ok && o.token != "" && w.now < known.at+600 {
		if known.request != request {
			return "mismatch"
		}
		return "done"
	}
	nexts := make([]record, len(o.writes))
	for i, wr := range o.writes {
		old, next, refusals := wr.outcome(w.tables[wr.table])
		nexts[i] = next
		switch {
		case refusals == nil:
			continue
		case !strings.HasPrefix(refusals[0], "condition"):
			reasons[i] = "ValidationError none"
		case wr.keepOld:
			reasons[i] = "ConditionalCheckFailed " + show(old)
		default:
			reasons[i] = "ConditionalCheckFailed none"
		}
		canceled = true
	}
	if canceled {
		return "canceled " + strings.Join(reasons, " ")
	}
	for i, wr := range o.writes {
		t := w.tables[wr.table]
		t.store(t.keyOf(wr.item), nexts[i])
	}
	if o.token != "" {
		w.tokens[o.token] = modelToken{request, w.now}
	}
	return "done"
}

func attributesOf(vals map[string]attribute.Value) *attribute.Item {
	it := &attribute.Item{}
	for name, v := range vals {
		it.Set(name, v)
	}
	return it
}

// gets reads items one by one, in a batch or in a transaction.
type gets struct {
	how        string
	table      string
	keys       []record
	projection []string
}

func (o gets) do(s *modelStore) string {
	projection := strings.Join(o.projection, ", ")
	var items []*attribute.Item
	var err error
	switch o.how {
	case "batch":
		in := storage.BatchGetTable{Table: o.table, Expr: storage.Expressions{Projection: projection}}
		for _, k := range o.keys {
			in.Keys = append(in.Keys, toItem(k))
		}
		var out *storage.BatchGetOutput
		if out, err = s.BatchGet(ctx, &storage.BatchGetInput{Tables: []storage.BatchGetTable{in}}); err == nil {
			items = out.Items[0]
		}
	case "transaction":
		var in []storage.TransactGet
		for _, k := range o.keys {
			in = append(in, storage.TransactGet{Key: storage.Key{Table: o.table, Key: toItem(k)}, Expr: storage.Expressions{Projection: projection}})
		}
		items, err = transactGet(s.Store, in)
	default:
		for _, k := range o.keys {
			var out *storage.GetItemOutput
			if out, err = s.GetItem(ctx, &storage.GetItemInput{Table: o.table, Key: toItem(k), Expr: storage.Expressions{Projection: projection}}); err != nil {
				break
			}
			items = append(items, out.Item)
		}
	}
	if err != nil {
		return showError(err)
	}
	var found []record
	for _, it := range items {
		found = append(found, fromItem(it))
	}
	return fmt.Sprint(showAll(found))
}

func (o gets) expect(w *world) []string {
	t := w.tables[o.table]
	if t == nil {
		return []string{saysNoTable}
	}
	var found []record
	for _, k := range o.keys {
		r := t.items[t.keyOf(k)]
		if r != nil && o.projection != nil {
			r = pick(r, o.projection)
		}
		found = append(found, r)
	}
	return []string{fmt.Sprint(showAll(found))}
}

// batch puts and deletes, whatever there is.
type batch struct {
	table   string
	puts    []record
	deletes []record
	load    bool // by Load, which has puts only
}

func (o batch) do(s *modelStore) string {
	if o.load {
		_, err := s.Load(ctx, o.table, func(yield func(*attribute.Item, error) bool) {
			for _, r := range o.puts {
				if !yield(toItem(r), nil) {
					return
				}
			}
		})
		if err != nil {
			return showError(err)
		}
		return "done"
	}
	var in []storage.BatchWrite
	for _, r := range o.puts {
		in = append(in, storage.BatchWrite{Table: o.table, Put: toItem(r)})
	}
	for _, k := range o.deletes {
		in = append(in, storage.BatchWrite{Table: o.table, Delete: toItem(k)})
	}
	if err := batchWrite(s.Store, in); err != nil {
		return showError(err)
	}
	return "done"
}

func (o batch) expect(w *world) []string {
	t := w.tables[o.table]
	if t == nil {
		return []string{saysNoTable}
	}
	for i, r := range o.puts {
		if faults := t.misfits(r, nil); faults != nil {
			if o.load { // what came before is loaded
				for _, r := range o.puts[:i] {
					t.store(t.keyOf(r), r)
				}
			}
			return faults
		}
	}
	for _, r := range o.puts {
		t.store(t.keyOf(r), r)
	}
	for _, k := range o.deletes {
		t.store(t.keyOf(k), nil)
	}
	return []string{"done"}
}

// read is a Query or Scan, page after page until the end.
type read struct {
	scan       bool
	table      string
	index      string
	partition  any
	sortOp     string // of the key condition; empty for none
	sort       int
	filter     *condition
	projection []string
	descending bool
	limit      int
	after      record // the start key
	segments   int
	count      bool
}

// pages renders what has been read. What an index has of equal keys comes in an
// order that means nothing, as does a scan.
func (o read) pages(items []record, sorts []string, scanned, count int) string {
	shown := showAll(items)
	if o.scan || o.index != "" {
		slices.Sort(shown)
	}
	if o.filter != nil || o.projection != nil {
		sorts = nil
	}
	return fmt.Sprint(shown, sorts, scanned, count)
}

func (o read) do(s *modelStore) string {
	vals := map[string]attribute.Value{}
	expr := storage.Expressions{Projection: strings.Join(o.projection, ", ")}
	if o.filter != nil {
		expr.Filter = o.filter.text(vals)
	}
	sel := storage.Select("")
	if o.count {
		sel = storage.SelectCount
	}
	sortName := ""
	if !o.scan {
		d, err := s.DescribeTable(ctx, o.table)
		if err != nil {
			return showError(err)
		}
		k := d.Key
		for _, ix := range d.Indexes {
			if ix.Name == o.index {
				k = ix.Key
			}
		}
		expr.KeyCondition = k.Partition.Name + " = :p"
		vals[":p"] = toValue(o.partition)
		if o.sortOp != "" && k.Sort != nil {
			sortName = k.Sort.Name
			vals[":s"] = toValue(o.sort)
			if o.sortOp == "BETWEEN" {
				vals[":t"] = toValue(o.sort + 1)
				expr.KeyCondition += " AND " + sortName + " BETWEEN :s AND :t"
			} else {
				expr.KeyCondition += " AND " + sortName + " " + o.sortOp + " :s"
			}
		}
		if k.Sort != nil {
			sortName = k.Sort.Name
		}
	}
	if len(vals) > 0 {
		expr.Values = vals
	}
	var items []record
	var sorts []string
	scanned, count := 0, 0
	for segment := range max(o.segments, 1) {
		var start *attribute.Item
		if o.after != nil {
			start = toItem(o.after)
		}
		for {
			var out *storage.PageOutput
			var err error
			if o.scan {
				out, err = s.Scan(ctx, &storage.ScanInput{Table: o.table, Index: o.index, Expr: expr, Limit: o.limit, Select: sel, StartKey: start, Segment: segment, TotalSegments: o.segments})
			} else {
				out, err = s.Query(ctx, &storage.QueryInput{Table: o.table, Index: o.index, Expr: expr, Limit: o.limit, Select: sel, StartKey: start, Descending: o.descending})
			}
			if err != nil {
				return showError(err)
			}
			for _, it := range out.Items {
				items = append(items, fromItem(it))
				sorts = append(sorts, it.Get(sortName).Text())
			}
			scanned += out.ScannedCount
			count += out.Count
			if o.limit > 0 && (out.ScannedCount > o.limit || (out.LastKey == nil) != (out.ScannedCount < o.limit)) {
				return fmt.Sprintf("a page of %d with the limit %d ends at %s", out.ScannedCount, o.limit, text(out.LastKey))
			}
			if start = out.LastKey; start == nil {
				break
			}
		}
	}
	if o.scan {
		sorts = nil
	}
	return o.pages(items, sorts, scanned, count)
}

func (o read) expect(w *world) []string {
	t := w.tables[o.table]
	if t == nil {
		return []string{saysNoTable}
	}
	var index *storage.Index
	for i := range t.def.Indexes {
		if t.def.Indexes[i].Name == o.index {
			index = &t.def.Indexes[i]
		}
	}
	if o.index != "" && index == nil {
		return []string{"validation The table does not have the specified index: " + o.index}
	}
	k := t.def.Key
	if index != nil {
		k = index.Key
	}
	type found struct{ seen, whole record }
	var all []found
	for _, r := range t.items {
		seen := r
		if index != nil {
			if seen = t.indexed(*index, r); seen == nil {
				continue
			}
		}
		if !o.scan {
			if !same(seen[k.Partition.Name], o.partition) {
				continue
			}
			if k.Sort != nil && o.sortOp != "" {
				order := seen[k.Sort.Name].(int) - o.sort
				if o.sortOp == "BETWEEN" {
					if order < 0 || order > 1 {
						continue
					}
				} else if !ordered(o.sortOp, order) {
					continue
				}
			}
			if o.after != nil {
				order := seen[k.Sort.Name].(int) - o.after[k.Sort.Name].(int)
				if (!o.descending && order <= 0) || (o.descending && order >= 0) {
					continue
				}
			}
		}
		all = append(all, found{seen, r})
	}
	if !o.scan && k.Sort != nil {
		slices.SortFunc(all, func(a, b found) int {
			return cmp.Compare(a.seen[k.Sort.Name].(int), b.seen[k.Sort.Name].(int))
		})
		if o.descending {
			slices.Reverse(all)
		}
	}
	var items []record
	var sorts []string
	count := 0
	for _, f := range all {
		filtered := f.seen
		if index != nil && index.Local {
			filtered = f.whole // a local index looks up what it lacks
		}
		if o.filter != nil && !o.filter.holds(filtered) {
			continue
		}
		count++
		if o.count {
			continue
		}
		answer := f.seen
		if o.projection != nil {
			answer = pick(answer, o.projection)
		}
		items = append(items, answer)
		if k.Sort != nil && !o.scan {
			sorts = append(sorts, fmt.Sprint(f.seen[k.Sort.Name]))
		} else if !o.scan {
			sorts = append(sorts, "")
		}
	}
	return []string{o.pages(items, sorts, len(all), count)}
}

// schema creates, changes or deletes a table.
type schema struct {
	kind    string
	table   string
	indexes int // a set of those that the table may have
	ttl     bool
}

func (o schema) definition() storage.Table {
	def := storage.Table{Name: o.table, Key: key(part("pk", attribute.S), part("sk", attribute.N))}
	if o.ttl {
		def.TTLAttribute = "expires"
	}
	all := []storage.Index{
		{Name: "byG", Key: key(part("g", attribute.S), part("r", attribute.N)), Projection: storage.ProjectAll},
		{Name: "byH", Key: key(part("h", attribute.S)), Projection: storage.ProjectKeysOnly},
		{Name: "byN", Key: key(part("pk", attribute.S), part("n", attribute.N)), Projection: storage.ProjectInclude, Include: []string{"t"}},
	}
	if o.table == "flat" {
		def.Key = key(part("pk", attribute.S))
		all = all[:2]
	} else {
		def.Indexes = []storage.Index{{Name: "byR", Key: key(part("pk", attribute.S), part("r", attribute.N)), Local: true, Projection: storage.ProjectKeysOnly}}
	}
	for i, ix := range all {
		if o.indexes&(1<<i) != 0 {
			def.Indexes = append(def.Indexes, ix)
		}
	}
	return def
}

func (o schema) do(s *modelStore) string {
	var err error
	switch o.kind {
	case "create":
		err = s.CreateTable(ctx, o.definition())
	case "ensure":
		err = s.EnsureTable(ctx, o.definition())
	default:
		err = s.DeleteTable(ctx, o.table)
	}
	if err != nil {
		return showError(err)
	}
	return "done"
}

func (o schema) expect(w *world) []string {
	t := w.tables[o.table]
	switch {
	case o.kind == "delete" && t == nil:
		return []string{saysNoTable}
	case o.kind == "delete":
		delete(w.tables, o.table)
	case o.kind == "create" && t != nil:
		return []string{"in use"}
	case t == nil:
		w.tables[o.table] = &modelTable{o.definition(), map[string]record{}}
	default:
		w.tables[o.table] = &modelTable{o.definition(), t.items}
	}
	return []string{"done"}
}

// passing lets time pass and has what expires removed.
type passing struct {
	seconds int
	sweep   bool
}

func (o passing) do(s *modelStore) string {
	s.clock.seconds += int64(o.seconds)
	if !o.sweep {
		return "done"
	}
	n, err := s.ExpireBefore(ctx, s.clock.Now())
	if err != nil {
		return showError(err)
	}
	return fmt.Sprint(n)
}

func (o passing) expect(w *world) []string {
	w.now += int64(o.seconds)
	if !o.sweep {
		return []string{"done"}
	}
	n := 0
	horizon := time.Unix(w.now, 0).AddDate(-5, 0, 0).Unix()
	for _, t := range w.tables {
		for key, r := range t.items {
			at, isNumber := r["expires"].(int)
			if t.def.TTLAttribute != "" && isNumber && int64(at) <= w.now && int64(at) >= horizon {
				delete(t.items, key)
				n++
			}
		}
	}
	return []string{fmt.Sprint(n)}
}

// administer is a snapshot, a restore, or a clearing.
type administer struct {
	kind  string
	table string // to clear; all when it is empty
}

func (o administer) do(s *modelStore) string {
	var err error
	switch o.kind {
	case "snapshot":
		err = s.Snapshot(ctx, s.snapshot)
	case "restore":
		if err = s.Restore(ctx, s.snapshot); errors.Is(err, os.ErrNotExist) {
			return "no snapshot"
		}
	default:
		if o.table == "" {
			err = s.Clear(ctx)
		} else {
			err = s.Clear(ctx, o.table)
		}
	}
	if err != nil {
		return showError(err)
	}
	return "done"
}

func (o administer) expect(w *world) []string {
	switch {
	case o.kind == "snapshot":
		w.saved = w.copy()
	case o.kind == "restore" && w.saved == nil:
		return []string{"no snapshot"}
	case o.kind == "restore":
		c := w.saved.copy()
		w.tables, w.tokens = c.tables, c.tokens
	case o.table != "" && w.tables[o.table] == nil:
		return []string{saysNoTable}
	default:
		w.tokens = map[string]modelToken{}
		for name, t := range w.tables {
			if o.table == "" || o.table == name {
				t.items = map[string]record{}
			}
		}
	}
	return []string{"done"}
}

// Drawing requests.

var drawTable = rapid.SampledFrom([]string{"deep", "deep", "deep", "flat"})

func drawRecordKey(t *rapid.T, table string) record {
	k := record{"pk": rapid.SampledFrom([]string{"p", "q", "p\x00"}).Draw(t, "pk")}
	if table == "deep" {
		k["sk"] = rapid.IntRange(-2, 2).Draw(t, "sk")
	}
	return k
}

// drawKeys draws different keys.
func drawKeys(t *rapid.T, table string, limit int) []record {
	var keys []record
	seen := map[string]bool{}
	for range rapid.IntRange(1, limit).Draw(t, "keys") {
		if k := drawRecordKey(t, table); !seen[show(k)] {
			seen[show(k)] = true
			keys = append(keys, k)
		}
	}
	return keys
}

// attributeValues are what attributes may have, some of them of a type that does
// not belong there.
var attributeValues = map[string][]any{
	"g":       {"a", "b", "a", "b", "a\x00", 7},
	"h":       {"m", "n"},
	"r":       {-1, 0, 1, 0, "r"},
	"n":       {-1, 0, 1, 2, 0},
	"t":       {"x", "xy", "y"},
	"l":       {[]any{}, []any{"x"}, []any{1, record{"x": "y"}, "z"}, "l"},
	"m":       {record{}, record{"x": 1}, record{"x": record{"y": true}, "z": nil}, "m"},
	"s":       {stringSet{"a"}, stringSet{"a", "b"}, stringSet{"b", "c"}, "s"},
	"expires": {modelStart - 200_000_000, modelStart + 100, modelStart + 3000, modelStart + 20_000, modelStart + 10_000_000, "never", -5},
	"b":       {true, false, nil},
}

var attributeNames = slices.Sorted(maps.Keys(attributeValues))

func drawValue(t *rapid.T, name string) any {
	return rapid.SampledFrom(attributeValues[name]).Draw(t, name)
}

func drawRecord(t *rapid.T, key record) record {
	r := maps.Clone(key)
	for _, name := range attributeNames {
		if rapid.Bool().Draw(t, "has "+name) {
			r[name] = drawValue(t, name)
		}
	}
	return r
}

func drawCondition(t *rapid.T, names []string, depth int) *condition {
	c := &condition{op: rapid.SampledFrom([]string{
		"=", "<>", "<", "<=", ">", ">=", "BETWEEN", "IN", "attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains", "size",
		"AND", "OR", "NOT",
	}).Draw(t, "op")}
	if c.op == "AND" || c.op == "OR" || c.op == "NOT" {
		if depth == 0 {
			c.op = "attribute_exists"
		} else {
			c.kids = []*condition{drawCondition(t, names, depth-1), drawCondition(t, names, depth-1)}
			return c
		}
	}
	c.name = rapid.SampledFrom(names).Draw(t, "name")
	switch c.op {
	case "=", "<>", "IN":
		c.v = drawValue(t, c.name)
	case "<", "<=", ">", ">=":
		c.v = rapid.SampledFrom([]any{0, 1, "b", "x"}).Draw(t, "value")
	case "BETWEEN":
		c.v = rapid.IntRange(-1, 1).Draw(t, "value")
	case "attribute_type":
		c.v = rapid.SampledFrom([]string{"S", "N", "L", "M", "SS", "BOOL", "NULL"}).Draw(t, "type")
	case "begins_with", "contains":
		c.v = rapid.SampledFrom([]string{"x", "a", "y"}).Draw(t, "text")
	case "size":
		c.name, c.v = "t", rapid.IntRange(0, 2).Draw(t, "size")
	}
	return c
}

func drawOptionalCondition(t *rapid.T) *condition {
	if rapid.IntRange(0, 2).Draw(t, "conditional") > 0 {
		return nil
	}
	return drawCondition(t, attributeNames, 2)
}

// clauseForms are the clauses that an attribute may have.
var clauseForms = map[string][]string{
	"n": {"set", "increment", "count", "add", "add", "remove"},
	"r": {"set", "set", "count", "remove"},
	"l": {"set", "append", "append or begin", "append or begin", "set element", "remove element", "remove"},
	"m": {"set", "set", "set member", "remove member", "remove"},
	"s": {"set", "add", "add", "delete", "delete"},
	"g": {"set", "remove"}, "h": {"set", "remove"}, "t": {"set", "remove"}, "b": {"set", "remove"}, "expires": {"set", "remove"},
}

func drawUpdate(t *rapid.T) []clause {
	var update []clause
	names := rapid.Permutation(attributeNames).Draw(t, "attributes")
	for _, name := range names[:rapid.IntRange(1, 4).Draw(t, "clauses")] {
		c := clause{form: rapid.SampledFrom(clauseForms[name]).Draw(t, "form"), name: name}
		switch c.form {
		case "set":
			c.v = drawValue(t, name)
		case "increment", "count":
			c.v = 1
		case "append", "append or begin":
			c.v = []any{"w"}
		case "set member", "set element":
			c.v = drawValue(t, "t")
		case "add", "delete":
			if c.v = any(2); name == "s" {
				c.v = rapid.SampledFrom([]any{stringSet{"a"}, stringSet{"b", "c"}, stringSet{"a", "b", "c"}}).Draw(t, "elements")
			}
		}
		update = append(update, c)
	}
	return update
}

func drawWrite(t *rapid.T, table string, key record, inTransaction bool) write {
	kinds := []string{"put", "put", "update", "update", "update", "delete"}
	if inTransaction {
		kinds = append(kinds, "check")
	}
	o := write{kind: rapid.SampledFrom(kinds).Draw(t, "kind"), table: table, item: key, cond: drawOptionalCondition(t)}
	returns := []storage.ReturnValues{"", storage.ReturnAllOld}
	switch o.kind {
	case "put":
		o.item = drawRecord(t, key)
	case "update":
		o.update = drawUpdate(t)
		returns = append(returns, storage.ReturnAllNew)
		if !slices.ContainsFunc(o.update, clause.nested) {
			returns = append(returns, storage.ReturnUpdatedOld, storage.ReturnUpdatedNew)
		}
	case "check":
		if o.cond == nil {
			o.cond = drawCondition(t, attributeNames, 1)
		}
	}
	if inTransaction {
		o.keepOld = rapid.Bool().Draw(t, "keep old")
	} else {
		o.returns = rapid.SampledFrom(returns).Draw(t, "returns")
	}
	return o
}

func drawRead(t *rapid.T) op {
	o := read{scan: rapid.IntRange(0, 3).Draw(t, "scan") == 0, table: drawTable.Draw(t, "table"), limit: rapid.IntRange(0, 4).Draw(t, "limit")}
	indexes := []string{"", "byG", "byH"}
	if o.table == "deep" {
		indexes = append(indexes, "byN", "byR", "")
	}
	o.index = rapid.SampledFrom(indexes).Draw(t, "index")
	if rapid.Bool().Draw(t, "filtered") {
		o.filter = drawCondition(t, []string{"t", "l", "m", "s", "b"}, 1)
	}
	if o.scan {
		o.segments = rapid.SampledFrom([]int{0, 0, 2, 5}).Draw(t, "segments")
	} else {
		partitions := map[string][]any{"byG": {"a", "b", "a\x00"}, "byH": {"m", "n"}}[o.index]
		if partitions == nil {
			partitions = []any{"p", "q", "p\x00"}
		}
		o.partition = rapid.SampledFrom(partitions).Draw(t, "partition")
		o.descending = rapid.Bool().Draw(t, "descending")
		if sorted := o.index != "byH" && (o.table == "deep" || o.index != ""); sorted && rapid.Bool().Draw(t, "ranged") {
			o.sortOp = rapid.SampledFrom([]string{"=", "<", "<=", ">", ">=", "BETWEEN"}).Draw(t, "sort")
			o.sort = rapid.IntRange(-2, 2).Draw(t, "bound")
		} else if o.table == "deep" && o.index == "" && rapid.Bool().Draw(t, "resumed") {
			o.after = record{"pk": o.partition, "sk": rapid.IntRange(-3, 3).Draw(t, "after")}
		}
	}
	if o.index == "" || o.index == "byG" {
		o.projection = rapid.SampledFrom([][]string{nil, nil, {"n", "t"}, {"pk", "m"}}).Draw(t, "projection")
	}
	if o.projection == nil {
		o.count = rapid.IntRange(0, 4).Draw(t, "count") == 0
	}
	return o
}

func drawSchema(t *rapid.T) op {
	return schema{
		kind:  rapid.SampledFrom([]string{"create", "ensure", "ensure", "ensure", "delete"}).Draw(t, "change"),
		table: drawTable.Draw(t, "table"), indexes: rapid.IntRange(0, 7).Draw(t, "indexes"), ttl: rapid.IntRange(0, 3).Draw(t, "expires") > 0,
	}
}

func drawTransaction(t *rapid.T) op {
	o := transact{token: rapid.SampledFrom([]string{"", "", "t1", "t2"}).Draw(t, "token")}
	o.again = o.token != "" && rapid.Bool().Draw(t, "again")
	for _, table := range []string{"deep", "flat"} {
		if table == "flat" && !rapid.Bool().Draw(t, "both") {
			break
		}
		for _, k := range drawKeys(t, table, 3) {
			o.writes = append(o.writes, drawWrite(t, table, k, true))
		}
	}
	return o
}

func drawBatch(t *rapid.T) op {
	o := batch{table: drawTable.Draw(t, "table"), load: rapid.IntRange(0, 3).Draw(t, "load") == 0}
	for _, k := range drawKeys(t, o.table, 6) {
		if o.load || rapid.IntRange(0, 2).Draw(t, "delete") > 0 {
			o.puts = append(o.puts, drawRecord(t, k))
		} else {
			o.deletes = append(o.deletes, k)
		}
	}
	return o
}

func drawOp(t *rapid.T) op {
	switch n := rapid.IntRange(0, 99).Draw(t, "operation"); {
	case n < 40:
		table := drawTable.Draw(t, "table")
		return drawWrite(t, table, drawRecordKey(t, table), false)
	case n < 62:
		return drawRead(t)
	case n < 69:
		o := gets{how: rapid.SampledFrom([]string{"one", "batch", "transaction"}).Draw(t, "how"), table: drawTable.Draw(t, "table")}
		o.keys = drawKeys(t, o.table, 5)
		o.projection = rapid.SampledFrom([][]string{nil, {"n", "pk"}, {"m", "l"}}).Draw(t, "projection")
		return o
	case n < 81:
		return drawTransaction(t)
	case n < 88:
		return drawBatch(t)
	case n < 92:
		return drawSchema(t)
	case n < 96:
		return passing{rapid.SampledFrom([]int{1, 100, 400, 3000}).Draw(t, "seconds"), rapid.Bool().Draw(t, "sweep")}
	case n == 96:
		return administer{kind: "clear", table: rapid.SampledFrom([]string{"", "deep", "flat"}).Draw(t, "table")}
	case n == 97:
		return administer{kind: "snapshot"}
	default:
		return administer{kind: "restore"}
	}
}
