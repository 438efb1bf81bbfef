package project

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// resource is a CloudFormation resource of the project.
type resource struct {
	id    string
	entry entry
	table bool
	props *node // nil when it has none
	// name is what Ref gives: the physical name, or the logical id.
	name  string
	known bool
	// reported tells that it has been said why the name is not known.
	reported bool
}

// nameProperties are the properties that hold the name which Ref gives.
//
// See: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-ref.html
var nameProperties = map[string]string{
	"AWS::DynamoDB::Table":       "TableName",
	"AWS::DynamoDB::GlobalTable": "TableName",
	"AWS::Lambda::Function":      "FunctionName",
	"AWS::IAM::Role":             "RoleName",
	"AWS::S3::Bucket":            "BucketName",
}

// resourceSection reads `resources`: a map with Resources, or a list of such.
// Of the resources, tables are understood whole and all others by their name.
func (l *loader) resourceSection(n *node) {
	if n.kind == kindNull {
		return
	}
	if l.unsupportedVariable(n) {
		l.unreadResources()
		return
	}
	parts := []*node{n}
	if n.kind == kindList {
		parts = n.items
	}
	for _, part := range parts {
		if l.unsupportedVariable(part) {
			l.unreadResources()
			continue
		}
		if part.kind != kindMap {
			l.problem(part.pos, "`resources` must be a map, not "+part.kind.String(), "")
			continue
		}
		e := part.find("Resources")
		if e == nil || e.value.kind == kindNull {
			continue
		}
		if l.unsupportedVariable(e.value) {
			l.unreadResources()
			continue
		}
		if e.value.kind != kindMap {
			l.problem(e.value.pos, "`Resources` must be a map, not "+e.value.kind.String(), "")
			continue
		}
		for _, r := range e.value.entries {
			l.resource(r)
		}
	}
}

// unreadResources notes that there may be tables and resources that another
// file declares.
func (l *loader) unreadResources() {
	l.someTablesUnread, l.someResourcesUnread = true, true
}

func (l *loader) resource(e entry) {
	if first := l.resources[e.key]; first != nil {
		l.problem(e.pos, fmt.Sprintf("resource %s is already defined at %s", e.key, l.position(first.entry.pos)), "")
		return
	}
	r := &resource{id: e.key, entry: e, name: e.key, known: true}
	l.resources[e.key] = r
	if l.unsupportedVariable(e.value) {
		r.known, r.reported = false, true
		l.someTablesUnread = true // perhaps it is one
		return
	}
	kind := ""
	if t := e.value.find("Type"); t != nil && t.value.kind == kindString {
		kind = t.value.text
	}
	r.table = kind == "AWS::DynamoDB::Table" || kind == "AWS::DynamoDB::GlobalTable"
	if p := e.value.find("Properties"); p != nil && p.value.kind == kindMap {
		r.props = p.value
	}
	property, named := nameProperties[kind]
	if !named || r.props == nil {
		return
	}
	name := r.props.find(property)
	if name == nil || name.value.kind == kindNull {
		return
	}
	if !r.table && (name.value.kind != kindString || name.value.tag != "" || frameworkVariable.MatchString(name.value.text)) {
		r.known = false // only a mistake if something refers to it
		return
	}
	r.name, r.known = l.text(name.value, "`"+property+"`")
	if r.table && r.known {
		r.known = l.checkTableName(r.name, "table", name.value.pos)
	}
	if r.table && !r.known {
		r.reported = true
		l.someTablesUnread = true
	}
}

// ref returns the name that Ref gives for the resource named by argument; n is
// the place of the whole.
func (l *loader) ref(n, argument *node) (string, bool) {
	if argument.kind != kindString {
		l.problem(n.pos, "`Ref` needs the name of a resource, not "+argument.kind.String(), "")
		return "", false
	}
	id := argument.text
	if l.unsupportedVariable(argument) {
		return "", false
	}
	if strings.HasPrefix(id, "AWS::") {
		l.problem(n.pos, fmt.Sprintf("`Ref` to `%s` is not supported here", shorten(id)), "write the value itself")
		return "", false
	}
	r := l.resources[id]
	if r == nil {
		if !l.someResourcesUnread {
			l.problem(n.pos, fmt.Sprintf("`Ref` names no resource: `%s`", shorten(id)),
				didYouMean(id, slices.Sorted(maps.Keys(l.resources))))
		}
		return "", false
	}
	if !r.known {
		if !r.reported {
			l.problem(n.pos, fmt.Sprintf("the name of resource %s is not known", id), "write the value itself")
		}
		return "", false
	}
	return r.name, true
}

// resourceTables adds the tables among the resources, in the order of the file.
func (l *loader) resourceTables() {
	var tables []*resource
	for _, r := range l.resources {
		if r.table {
			tables = append(tables, r)
		}
	}
	slices.SortFunc(tables, func(a, b *resource) int {
		if d := a.entry.pos.line - b.entry.pos.line; d != 0 {
			return d
		}
		return a.entry.pos.column - b.entry.pos.column
	})
	for _, r := range tables {
		l.resourceTable(r)
	}
}

func (l *loader) resourceTable(r *resource) {
	what := "table " + r.id
	if r.props == nil {
		l.problem(r.entry.pos, what+" needs `Properties`", "")
		l.someTablesUnread = true
		return
	}
	f := &fields{l: l, node: r.props, what: what, at: r.entry.pos}
	t := &Table{Pos: l.position(r.entry.pos)}
	if r.known {
		t.Name = r.name
	}
	types := l.attributeTypes(f)
	key := l.keySchema(f, types)
	if key != nil {
		t.PartitionKey, t.SortKey = key.partition, key.sort
	}
	names := map[string]*declared{}
	for _, kind := range []string{"GlobalSecondaryIndexes", "LocalSecondaryIndexes"} {
		e := f.get(kind)
		for _, item := range l.list(f, e) {
			i, ok := l.resourceIndex(item, e, types)
			if !ok || !l.declare(names, "index", i.Name, l.position(item.pos)) {
				continue
			}
			i.Local = kind == "LocalSecondaryIndexes"
			if i.Local && key != nil && i.PartitionKey != key.partition {
				l.problem(item.pos, fmt.Sprintf("index %s is local and must have the table's partition key", i.Name), "")
			}
			if i.Local && key != nil && key.sort == nil {
				l.problem(item.pos, fmt.Sprintf("index %s is local and needs a table with a sort key", i.Name), "")
			}
			t.Indexes = append(t.Indexes, i)
		}
	}
	if e := f.get("TimeToLiveSpecification"); e != nil && !l.unsupported(e.value) {
		if e.value.kind != kindMap {
			f.wrong(e, "a map")
		} else {
			ttl := &fields{l: l, node: e.value, what: "TimeToLiveSpecification of " + what, at: e.pos}
			if attribute := ttl.str("AttributeName"); ttl.boolean("Enabled", false) {
				t.TTLAttribute = attribute
			}
		}
	}
	l.addTable(t)
}

// list returns the items of a list, none when it is absent or no list.
func (l *loader) list(f *fields, e *entry) []*node {
	if e == nil || l.unsupported(e.value) {
		return nil
	}
	if e.value.kind != kindList {
		f.wrong(e, "a list")
		return nil
	}
	return e.value.items
}

// attributeTypes reads AttributeDefinitions.
func (l *loader) attributeTypes(f *fields) map[string]string {
	types := map[string]string{}
	e := f.get("AttributeDefinitions")
	for _, item := range l.list(f, e) {
		a, ok := l.fields(item, "an attribute definition", orElse(item, e.pos), "AttributeName", "AttributeType")
		if !ok {
			continue
		}
		name := a.strOf(a.need("AttributeName"))
		if kind := a.enumOf(a.need("AttributeType"), "", keyTypes...); name != "" && kind != "" {
			types[name] = kind
		}
	}
	return types
}

type keySchema struct {
	partition KeyAttribute
	sort      *KeyAttribute
}

// keySchema reads the KeySchema of a table or index, nil when it has no
// partition key.
func (l *loader) keySchema(f *fields, types map[string]string) *keySchema {
	e := f.need("KeySchema")
	var partition, sort *KeyAttribute
	for _, item := range l.list(f, e) {
		k, ok := l.fields(item, "a key of "+f.what, orElse(item, e.pos), "AttributeName", "KeyType")
		if !ok {
			return nil
		}
		nameEntry := k.need("AttributeName")
		name := k.strOf(nameEntry)
		role := k.enumOf(k.need("KeyType"), "", "HASH", "RANGE")
		if name == "" || role == "" {
			return nil
		}
		kind, ok := types[name]
		if !ok {
			l.problem(nameEntry.value.pos, fmt.Sprintf("key `%s` of %s is not among the AttributeDefinitions", shorten(name), f.what),
				didYouMean(name, slices.Sorted(maps.Keys(types))))
			kind = "S"
		}
		key := &KeyAttribute{Name: name, Type: kind}
		switch {
		case role == "HASH" && partition == nil:
			partition = key
		case role == "RANGE" && sort == nil:
			sort = key
		default:
			l.problem(item.pos, fmt.Sprintf("%s has a second %s key", f.what, role), "")
		}
	}
	if partition == nil {
		if e != nil && e.value.kind == kindList {
			l.problem(e.pos, f.what+" has no HASH key", "")
		}
		return nil
	}
	return &keySchema{*partition, sort}
}

func (l *loader) resourceIndex(n *node, list *entry, types map[string]string) (TableIndex, bool) {
	at := orElse(n, list.pos)
	if l.unsupported(n) {
		return TableIndex{}, false
	}
	if n.kind != kindMap {
		l.problem(at, "an index must be a map, not "+n.kind.String(), "")
		return TableIndex{}, false
	}
	f := &fields{l: l, node: n, what: "an index", at: at}
	i := TableIndex{Projection: "ALL"}
	if e := f.need("IndexName"); e != nil {
		i.Name = f.strOf(e)
		if i.Name != "" {
			f.what = "index " + shorten(i.Name)
			l.checkTableName(i.Name, "index", e.value.pos)
		}
	}
	key := l.keySchema(f, types)
	if key == nil {
		return i, false
	}
	i.PartitionKey, i.SortKey = key.partition, key.sort
	if e := f.need("Projection"); e != nil {
		if p, ok := l.fields(e.value, "Projection of "+f.what, e.pos, "ProjectionType", "NonKeyAttributes"); ok {
			i.Projection = p.enum("ProjectionType", "ALL", projections...)
			for _, attribute := range p.strings("NonKeyAttributes") {
				i.Include = append(i.Include, attribute.text)
			}
			if i.Projection == "INCLUDE" {
				p.need("NonKeyAttributes")
			}
		}
	}
	return i, i.Name != ""
}
