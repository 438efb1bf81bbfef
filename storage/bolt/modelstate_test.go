package bolt_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
)

// The model is DynamoDB as plainly as it can be written: tables are maps, an item
// is a map of Go values, an index is a filter over all items. It shares nothing
// with the store but the forms of requests and errors. What it says comes from
// the developer guide's chapters on expressions, indexes, transactions and TTL.

// record is an item: string, int, bool, nil, []any, record and texts.
type record = map[string]any

// stringSet is a set of strings, sorted.
type stringSet []string

type world struct {
	tables map[string]*modelTable
	tokens map[string]modelToken
	now    int64
	saved  *world // what a snapshot has
}

type modelTable struct {
	def   storage.Table
	items map[string]record
}

type modelToken struct {
	request string
	at      int64
}

func newWorld(now int64) *world {
	return &world{tables: map[string]*modelTable{}, tokens: map[string]modelToken{}, now: now}
}

func (w *world) copy() *world {
	c := newWorld(w.now)
	for name, t := range w.tables {
		c.tables[name] = &modelTable{t.def, maps.Clone(t.items)} // items are never changed in place
	}
	maps.Copy(c.tokens, w.tokens)
	return c
}

func toValue(v any) attribute.Value {
	switch v := v.(type) {
	case record:
		return attribute.MapOf(toItem(v))
	case []any:
		elems := make([]attribute.Value, len(v))
		for i, e := range v {
			elems[i] = toValue(e)
		}
		return attribute.ListOf(elems)
	case stringSet:
		elems := make([]attribute.Value, len(v))
		for i, e := range v {
			elems[i] = attribute.String(e)
		}
		return attribute.SetOf(attribute.SS, elems)
	default:
		return value(v)
	}
}

func toItem(r record) *attribute.Item {
	it := &attribute.Item{}
	for name, v := range r {
		it.Set(name, toValue(v))
	}
	return it
}

func fromItem(it *attribute.Item) record {
	if it == nil {
		return nil
	}
	r := record{}
	for _, a := range it.Attributes() {
		r[a.Name] = fromValue(a.Value)
	}
	return r
}

func fromValue(v attribute.Value) any {
	switch v.Kind() {
	case attribute.S:
		return v.Text()
	case attribute.N:
		n, err := strconv.Atoi(v.Text())
		if err != nil {
			return "no integer: " + v.Text()
		}
		return n
	case attribute.BOOL:
		return v.Bool()
	case attribute.NULL:
		return nil
	case attribute.L:
		l := []any{}
		for _, e := range v.Elems() {
			l = append(l, fromValue(e))
		}
		return l
	case attribute.M:
		return fromItem(v.Item())
	case attribute.SS:
		var s stringSet
		for _, e := range v.Elems() {
			s = append(s, e.Text())
		}
		slices.Sort(s)
		return s
	default:
		return "unknown kind " + v.Kind().String()
	}
}

// show is a record as text, the same for equal ones.
func show(r record) string {
	if r == nil {
		return "none"
	}
	marked := record{}
	for name, v := range r {
		if s, ok := v.(stringSet); ok {
			v = record{"SS": []string(s)}
		}
		marked[name] = v
	}
	b, err := json.Marshal(marked)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

func showAll(rs []record) []string {
	out := []string{}
	for _, r := range rs {
		out = append(out, show(r))
	}
	return out
}

func kindOf(v any) string { return toValue(v).Kind().String() }

func keyNames(k storage.KeySchema) []string {
	names := []string{k.Partition.Name}
	if k.Sort != nil {
		names = append(names, k.Sort.Name)
	}
	return names
}

func pick(r record, names []string) record {
	out := record{}
	for _, name := range names {
		if v, ok := r[name]; ok {
			out[name] = v
		}
	}
	return out
}

func (t *modelTable) keyOf(r record) string { return show(pick(r, keyNames(t.def.Key))) }

// indexed returns what an index has of a record, nil when it has nothing.
func (t *modelTable) indexed(ix storage.Index, r record) record {
	for _, k := range []*storage.KeyAttribute{&ix.Key.Partition, ix.Key.Sort} {
		if k == nil {
			continue
		}
		if v, ok := r[k.Name]; !ok || kindOf(v) != k.Kind.String() {
			return nil
		}
	}
	if ix.Projection == storage.ProjectAll {
		return r
	}
	return pick(r, slices.Concat(keyNames(t.def.Key), keyNames(ix.Key), ix.Include))
}

// misfits returns what DynamoDB says of attributes that are keys of an index and
// of another type; of an update only those count that it changed.
func (t *modelTable) misfits(next, old record) (errs []string) {
	for _, ix := range t.def.Indexes {
		for _, k := range []*storage.KeyAttribute{&ix.Key.Partition, ix.Key.Sort} {
			if k == nil {
				continue
			}
			v, ok := next[k.Name]
			if was, had := old[k.Name]; !ok || kindOf(v) == k.Kind.String() || (had && show(record{"": was}) == show(record{"": v})) {
				continue
			}
			errs = append(errs, fmt.Sprintf("validation One or more parameter values were invalid: Type mismatch for Index Key %s Expected: %s Actual: %s IndexName: %s", k.Name, k.Kind, kindOf(v), ix.Name))
		}
	}
	return errs
}

// condition is one of a condition expression or filter.
type condition struct {
	op   string
	name string
	v    any
	kids []*condition
}

// text renders the condition with the values that it refers to.
func (c *condition) text(vals map[string]attribute.Value) string {
	bind := func(v any) string {
		name := ":c" + strconv.Itoa(len(vals))
		vals[name] = toValue(v)
		return name
	}
	switch c.op {
	case "AND", "OR":
		return "(" + c.kids[0].text(vals) + ") " + c.op + " (" + c.kids[1].text(vals) + ")"
	case "NOT":
		return "NOT (" + c.kids[0].text(vals) + ")"
	case "attribute_exists", "attribute_not_exists":
		return c.op + "(" + c.name + ")"
	case "begins_with", "contains", "attribute_type":
		return c.op + "(" + c.name + ", " + bind(c.v) + ")"
	case "BETWEEN":
		return c.name + " BETWEEN " + bind(c.v) + " AND " + bind(c.v.(int)+1)
	case "IN":
		return c.name + " IN (" + bind(c.v) + ", " + bind("other") + ")"
	case "size":
		return "size(" + c.name + ") > " + bind(c.v)
	default:
		return c.name + " " + c.op + " " + bind(c.v)
	}
}

func (c *condition) holds(r record) bool {
	v, ok := r[c.name]
	switch c.op {
	case "AND":
		return c.kids[0].holds(r) && c.kids[1].holds(r)
	case "OR":
		return c.kids[0].holds(r) || c.kids[1].holds(r)
	case "NOT":
		return !c.kids[0].holds(r)
	case "attribute_exists":
		return ok
	case "attribute_not_exists":
		return !ok
	case "attribute_type":
		return ok && kindOf(v) == c.v
	case "begins_with":
		s, isText := v.(string)
		return isText && strings.HasPrefix(s, c.v.(string))
	case "contains":
		switch v := v.(type) {
		case string:
			return strings.Contains(v, c.v.(string))
		case stringSet:
			return slices.Contains(v, c.v.(string))
		case []any:
			return slices.Contains(v, c.v)
		}
		return false
	case "size":
		s, isText := v.(string)
		return isText && len(s) > c.v.(int)
	case "=":
		return ok && same(v, c.v)
	case "<>":
		return !ok || !same(v, c.v)
	case "IN":
		return ok && (same(v, c.v) || same(v, "other"))
	case "BETWEEN":
		n, isNumber := v.(int)
		return isNumber && n >= c.v.(int) && n <= c.v.(int)+1
	}
	order, comparable := compare(v, c.v)
	return ok && comparable && ordered(c.op, order)
}

func same(a, b any) bool { return show(record{"": a}) == show(record{"": b}) }

func compare(a, b any) (int, bool) {
	switch a := a.(type) {
	case int:
		if b, ok := b.(int); ok {
			return a - b, true
		}
	case string:
		if b, ok := b.(string); ok {
			return strings.Compare(a, b), true
		}
	}
	return 0, false
}

func ordered(op string, order int) bool {
	switch op {
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	case ">=":
		return order >= 0
	default:
		return order == 0
	}
}

// clause is one action of an update expression. Each of an expression changes
// another attribute, so they can be done one after the other.
type clause struct {
	form string
	name string
	v    any
}

// The texts of the clauses; %s is the attribute and :v the value.
var clauses = map[string]string{
	"set":             "SET %s = :v",
	"increment":       "SET %s = %[1]s + :v",
	"count":           "SET %s = if_not_exists(%[1]s, :zero) - :v",
	"append":          "SET %s = list_append(%[1]s, :v)",
	"append or begin": "SET %s = list_append(if_not_exists(%[1]s, :empty), :v)",
	"set member":      "SET %s.x = :v",
	"set element":     "SET %s[1] = :v",
	"remove":          "REMOVE %s",
	"remove member":   "REMOVE %s.x",
	"remove element":  "REMOVE %s[0]",
	"add":             "ADD %s :v",
	"delete":          "DELETE %s :v",
}

func (c clause) nested() bool {
	return strings.HasSuffix(c.form, "member") || strings.HasSuffix(c.form, "element")
}

// updateText renders an update expression, its clauses gathered by keyword.
func updateText(update []clause, vals map[string]attribute.Value) string {
	byWord := map[string][]string{}
	for i, c := range update {
		text := fmt.Sprintf(clauses[c.form], c.name)
		for placeholder, v := range map[string]any{":v": c.v, ":zero": 0, ":empty": []any{}} {
			if strings.Contains(text, placeholder) {
				name := placeholder + strconv.Itoa(i)
				text = strings.ReplaceAll(text, placeholder, name)
				vals[name] = toValue(v)
			}
		}
		word, rest, _ := strings.Cut(text, " ")
		byWord[word] = append(byWord[word], rest)
	}
	var parts []string
	for _, word := range slices.Sorted(maps.Keys(byWord)) {
		parts = append(parts, word+" "+strings.Join(byWord[word], ", "))
	}
	return strings.Join(parts, " ")
}

const (
	saysMissing = "validation The provided expression refers to an attribute that does not exist in the item"
	saysOperand = "validation An operand in the update expression has an incorrect data type"
	saysPath    = "validation The document path provided in the update expression is invalid for update"
)

// apply changes r, which is the caller's, and returns what DynamoDB refuses.
func (c clause) apply(r record) (refusal string) {
	old, ok := r[c.name]
	switch c.form {
	case "set":
		r[c.name] = c.v
	case "increment", "count":
		if !ok && c.form == "increment" {
			return saysMissing
		}
		if !ok {
			old = 0
		}
		n, isNumber := old.(int)
		if !isNumber {
			return saysOperand
		}
		if c.form == "count" {
			r[c.name] = n - c.v.(int)
		} else {
			r[c.name] = n + c.v.(int)
		}
	case "append", "append or begin":
		if !ok && c.form == "append" {
			return saysMissing
		}
		if !ok {
			old = []any{}
		}
		l, isList := old.([]any)
		if !isList {
			return saysOperand
		}
		r[c.name] = slices.Concat(l, c.v.([]any))
	case "set member", "remove member":
		m, isMap := old.(record)
		if !isMap {
			return saysPath
		}
		m = maps.Clone(m)
		if c.form == "set member" {
			m["x"] = c.v
		} else {
			delete(m, "x")
		}
		r[c.name] = m
	case "set element", "remove element":
		l, isList := old.([]any)
		if !isList {
			return saysPath
		}
		l = slices.Clone(l)
		switch {
		case c.form == "remove element" && len(l) > 0:
			l = l[1:]
		case c.form == "set element" && len(l) > 1:
			l[1] = c.v
		case c.form == "set element":
			l = append(l, c.v)
		}
		r[c.name] = l
	case "remove":
		delete(r, c.name)
	case "add":
		switch v := c.v.(type) {
		case int:
			if !ok {
				old = 0
			}
			n, isNumber := old.(int)
			if !isNumber {
				return saysOperand
			}
			r[c.name] = n + v
		case stringSet:
			if !ok {
				old = stringSet{}
			}
			s, isSet := old.(stringSet)
			if !isSet {
				return saysOperand
			}
			all := slices.Concat(s, v)
			slices.Sort(all)
			r[c.name] = slices.Compact(all)
		}
	case "delete":
		if !ok {
			return ""
		}
		s, isSet := old.(stringSet)
		if !isSet {
			return saysOperand
		}
		left := slices.DeleteFunc(slices.Clone(s), func(e string) bool { return slices.Contains(c.v.(stringSet), e) })
		if r[c.name] = left; len(left) == 0 {
			delete(r, c.name)
		}
	}
	return ""
}
