package bolt

import (
	"maps"
	"slices"
	"strings"
	"time"

	"appsync-emulator/storage"
	"appsync-emulator/storage/expression"
)

// The names of the buckets in a table's bucket. Those of indexes carry the
// index name after indexPrefix.
const (
	itemsBucket  = "items"
	expiryBucket = "expiry"
	indexPrefix  = "index/"
	tablePrefix  = "table/"
)

// table is a table's definition, compiled. It is immutable: a changed
// definition is a new table, so comparing pointers tells whether something that
// was prepared still holds.
type table struct {
	def    storage.Table
	bucket []byte
	// path names the table's bucket, items and expiry those in it.
	path          string
	items, expiry place
	key           expression.Key
	keyLen        int
	// indexes are in the order of their names, in which DynamoDB checks them.
	indexes []*index
	// indexKeys are the keys of indexes, in their order.
	indexKeys []expression.Key
	// expiryBuilding tells that not all items have been entered into the expiry
	// bucket yet.
	expiryBuilding bool
	created        time.Time
	id             string
}

// index is a secondary index, compiled.
type index struct {
	def    storage.Index
	status storage.IndexStatus
	place
	key expression.Key
	// refers tells that entries hold no attributes: they are read from the item
	// itself. So it is with indexes that project everything, whose entries then
	// need no rewriting when only other attributes change.
	refers bool
	// projects holds the names of the projected attributes in ascending order,
	// keys included. It is nil for indexes that project everything.
	projects []string
	// names are the attributes of a position in the index: the table's key and
	// the index's.
	names []string
}

// place says where a bucket of a table is: its name in the table's bucket, and its
// path in changes.
type place struct {
	bucket []byte
	path   string
}

func (t *table) place(name string) place {
	return place{[]byte(name), t.path + "\x00" + name}
}

func compileTable(def storage.Table) *table {
	t := &table{
		def:    cloneTable(def),
		bucket: []byte(tablePrefix + def.Name),
		path:   tablePrefix + def.Name,
		key:    compileKey(def.Key),
		keyLen: 1,
	}
	if def.Key.Sort != nil {
		t.keyLen = 2
	}
	t.items, t.expiry = t.place(itemsBucket), t.place(expiryBucket)
	for _, d := range t.def.Indexes {
		ix := &index{
			def:    d,
			status: storage.IndexActive,
			place:  t.place(indexPrefix + d.Name),
			key:    compileKey(d.Key),
			refers: d.Projection == storage.ProjectAll,
		}
		for _, k := range []expression.Key{t.key, ix.key} {
			for _, name := range []string{k.Partition, k.Sort} {
				if name != "" && !slices.Contains(ix.names, name) {
					ix.names = append(ix.names, name)
				}
			}
		}
		if !ix.refers {
			ix.projects = slices.Concat(ix.names, d.Include)
			slices.Sort(ix.projects)
			ix.projects = slices.Compact(ix.projects)
		}
		t.indexes = append(t.indexes, ix)
	}
	slices.SortFunc(t.indexes, func(a, b *index) int { return strings.Compare(a.def.Name, b.def.Name) })
	for _, ix := range t.indexes {
		t.indexKeys = append(t.indexKeys, ix.key)
	}
	return t
}

func compileKey(k storage.KeySchema) expression.Key {
	key := expression.Key{Partition: k.Partition.Name, PartitionKind: k.Partition.Kind}
	if k.Sort != nil {
		key.Sort, key.SortKind = k.Sort.Name, k.Sort.Kind
	}
	return key
}

func cloneTable(def storage.Table) storage.Table {
	def.Key = cloneKey(def.Key)
	def.Indexes = slices.Clone(def.Indexes)
	def.Settings = cloneSettings(def.Settings)
	for i := range def.Indexes {
		def.Indexes[i].Key = cloneKey(def.Indexes[i].Key)
		def.Indexes[i].Include = slices.Clone(def.Indexes[i].Include)
	}
	return def
}

func cloneSettings(s storage.TableSettings) storage.TableSettings {
	s.IndexThroughput = maps.Clone(s.IndexThroughput)
	s.Tags = maps.Clone(s.Tags)
	return s
}

func cloneKey(k storage.KeySchema) storage.KeySchema {
	if k.Sort != nil {
		sort := *k.Sort
		k.Sort = &sort
	}
	return k
}

// index returns the named index, nil when there is none.
func (t *table) index(name string) *index {
	for _, ix := range t.indexes {
		if ix.def.Name == name {
			return ix
		}
	}
	return nil
}
