package project

import (
	"fmt"
	"slices"
)

// projections are what an index may hold, in DynamoDB's names.
var projections = []string{"ALL", "KEYS_ONLY", "INCLUDE"}

// keyTypes are the attribute types that a key may have.
var keyTypes = []string{"S", "N", "B"}

func (l *loader) checkTableName(name, what string, at place) bool {
	if IsTableName(name) {
		return true
	}
	l.problem(at, fmt.Sprintf("%s name `%s` must have 3 to 255 letters, digits, _, . and -", what, shorten(name)), "")
	return false
}

// tableList reads the tables that the project lists.
func (l *loader) tableList(section *fields) {
	e := section.get("tables")
	if e == nil {
		return
	}
	if l.unsupported(e.value) {
		l.someTablesUnread = true
		return
	}
	if e.value.kind != kindList {
		section.wrong(e, "a list of tables")
		l.someTablesUnread = true
		return
	}
	for _, item := range e.value.items {
		l.table(item, orElse(item, e.pos))
	}
}

func (l *loader) table(n *node, at place) {
	f, ok := l.fields(n, "a table", at, "name", "partitionKey", "sortKey", "indexes", "ttlAttribute")
	if !ok {
		l.someTablesUnread = true
		return
	}
	t := &Table{Pos: l.position(at)}
	if e := f.need("name"); e != nil {
		t.Name = l.tableName(f, e)
		f.what = "table " + shorten(t.Name)
	}
	if key := l.keyAttribute(f, f.need("partitionKey")); key != nil {
		t.PartitionKey = *key
	}
	t.SortKey = l.keyAttribute(f, f.get("sortKey"))
	t.TTLAttribute = f.str("ttlAttribute")
	if e := f.get("indexes"); e != nil && !l.unsupported(e.value) {
		if e.value.kind != kindList {
			f.wrong(e, "a list of indexes")
		}
		names := map[string]*declared{}
		for _, item := range e.value.items {
			i, ok := l.tableIndex(item, orElse(item, e.pos), t)
			if !ok || !l.declare(names, "index", i.Name, l.position(item.pos)) {
				continue
			}
			if i.Local && f.get("sortKey") == nil {
				l.problem(item.pos, fmt.Sprintf("index %s is local and needs a table with a sort key", i.Name), "")
			}
			t.Indexes = append(t.Indexes, i)
		}
	}
	l.addTable(t)
}

func (l *loader) tableIndex(n *node, at place, t *Table) (TableIndex, bool) {
	f, ok := l.fields(n, "an index of table "+shorten(t.Name), at, "name", "partitionKey", "sortKey", "local", "projection", "include")
	if !ok {
		return TableIndex{}, false
	}
	i := TableIndex{PartitionKey: t.PartitionKey}
	if e := f.need("name"); e != nil {
		i.Name = f.strOf(e)
		if i.Name != "" {
			f.what = "index " + shorten(i.Name)
			l.checkTableName(i.Name, "index", e.value.pos)
		}
	}
	i.Local = f.boolean("local", false)
	e := f.get("partitionKey")
	if !i.Local {
		e = f.need("partitionKey")
	}
	if key := l.keyAttribute(f, e); key != nil {
		if i.Local && *key != t.PartitionKey {
			l.problem(e.value.pos, fmt.Sprintf("%s is local and must have the table's partition key", f.what), "")
		}
		i.PartitionKey = *key
	}
	if i.Local {
		i.SortKey = l.keyAttribute(f, f.need("sortKey"))
	} else {
		i.SortKey = l.keyAttribute(f, f.get("sortKey"))
	}
	i.Projection = f.enum("projection", "ALL", projections...)
	for _, attribute := range f.strings("include") {
		i.Include = append(i.Include, attribute.text)
	}
	switch include := f.get("include"); {
	case i.Projection == "INCLUDE" && include == nil:
		l.problem(f.at, f.what+" has projection INCLUDE and needs `include`", "")
	case i.Projection != "INCLUDE" && include != nil:
		f.noEffect("include", "the projection is not INCLUDE")
		i.Include = nil
	}
	return i, i.Name != ""
}

// keyAttribute reads {name, type}; the type is S when it is not said.
func (l *loader) keyAttribute(owner *fields, e *entry) *KeyAttribute {
	if e == nil {
		return nil
	}
	f, ok := l.fields(e.value, fmt.Sprintf("`%s` of %s", e.key, owner.what), e.pos, "name", "type")
	if !ok {
		return nil
	}
	key := &KeyAttribute{Name: f.strOf(f.need("name")), Type: f.enum("type", "S", keyTypes...)}
	if key.Name == "" {
		return nil
	}
	return key
}

// addTable adds a table that the project describes, after checking it as
// CreateTable would.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
func (l *loader) addTable(t *Table) {
	if t.Name == "" || t.PartitionKey.Name == "" {
		l.someTablesUnread = true
		return
	}
	for _, message := range t.mistakes() {
		l.problemAt(t.Pos, message, "")
	}
	if l.declare(l.tables, "table", t.Name, t.Pos) {
		l.api.Tables = append(l.api.Tables, t)
	}
}

// mistakes are those that CreateTable would find in the keys of a table.
func (t *Table) mistakes() []string {
	var out []string
	types := map[string]string{}
	check := func(owner string, partition KeyAttribute, sort *KeyAttribute) {
		keys := []KeyAttribute{partition}
		if sort != nil {
			keys = append(keys, *sort)
			if sort.Name == partition.Name {
				out = append(out, fmt.Sprintf("%s has `%s` as both partition and sort key", owner, sort.Name))
			}
		}
		for _, k := range keys {
			if k.Name == "" {
				continue
			}
			if other, ok := types[k.Name]; ok && other != k.Type {
				out = append(out, fmt.Sprintf("key `%s` of %s is %s here and %s elsewhere in table %s", k.Name, owner, k.Type, other, t.Name))
			}
			types[k.Name] = k.Type
		}
	}
	check("table "+t.Name, t.PartitionKey, t.SortKey)
	for _, i := range t.Indexes {
		check("index "+i.Name, i.PartitionKey, i.SortKey)
	}
	return out
}

// The delta table of a versioned data source, and the attribute by which
// DynamoDB removes what has outlived its TTL from both tables.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/conflict-detection-and-resolution.html
const (
	deltaPartitionKey = "ds_pk"
	deltaSortKey      = "ds_sk"
	versionedTTL      = "_ttl"
)

// impliedTables adds the tables that data sources use and nothing describes. It
// returns the mistakes of those that are described.
func (a *API) impliedTables() Problems {
	var problems Problems
	implied := map[*Table]bool{}
	imply := func(t *Table) *Table {
		implied[t] = true
		a.Tables = append(a.Tables, t)
		return t
	}
	// Delta tables first: another data source may read one as its own table.
	for _, d := range a.DataSources {
		if !d.Versioned || d.DeltaSync.TableName == "" {
			continue
		}
		want := &Table{
			Name:         d.DeltaSync.TableName,
			PartitionKey: KeyAttribute{deltaPartitionKey, "S"},
			SortKey:      &KeyAttribute{deltaSortKey, "S"},
			TTLAttribute: versionedTTL,
			Pos:          d.Pos,
		}
		if has := a.Table(want.Name); has == nil {
			imply(want)
		} else if has.PartitionKey != want.PartitionKey || has.SortKey == nil || *has.SortKey != *want.SortKey {
			problems = append(problems, Problem{Pos: has.Pos,
				Message: fmt.Sprintf("table %s is the delta table of data source %s and needs the partition key %s (S) and the sort key %s (S)",
					has.Name, d.Name, deltaPartitionKey, deltaSortKey)})
		}
	}
	for _, d := range a.DataSources {
		if d.Type != DataSourceDynamoDB || d.TableName == "" {
			continue
		}
		has := a.Table(d.TableName)
		if has == nil {
			has = imply(&Table{Name: d.TableName, PartitionKey: KeyAttribute{"id", "S"}, Pos: d.Pos})
		}
		if d.Versioned && has.TTLAttribute == "" && implied[has] {
			has.TTLAttribute = versionedTTL
		}
	}
	return problems
}

// Table returns the named table, or nil.
func (a *API) Table(name string) *Table {
	i := slices.IndexFunc(a.Tables, func(t *Table) bool { return t.Name == name })
	if i < 0 {
		return nil
	}
	return a.Tables[i]
}
