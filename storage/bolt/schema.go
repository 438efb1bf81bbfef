package bolt

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// descriptor is how a table is described in the file.
type descriptor struct {
	Name         string            `json:"name"`
	Key          keyDescriptor     `json:"key"`
	Indexes      []indexDescriptor `json:"indexes,omitempty"`
	TTLAttribute string            `json:"ttlAttribute,omitempty"`
	Created      time.Time         `json:"created"`
}

type keyDescriptor struct {
	Partition attributeDescriptor  `json:"partition"`
	Sort      *attributeDescriptor `json:"sort,omitempty"`
}

type attributeDescriptor struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

type indexDescriptor struct {
	Name       string        `json:"name"`
	Key        keyDescriptor `json:"key"`
	Local      bool          `json:"local,omitempty"`
	Projection string        `json:"projection"`
	Include    []string      `json:"include,omitempty"`
}

func describeKey(k storage.KeySchema) keyDescriptor {
	d := keyDescriptor{Partition: attributeDescriptor{k.Partition.Name, k.Partition.Kind.String()}}
	if k.Sort != nil {
		d.Sort = &attributeDescriptor{k.Sort.Name, k.Sort.Kind.String()}
	}
	return d
}

func (d keyDescriptor) schema() storage.KeySchema {
	k := storage.KeySchema{Partition: d.Partition.attribute()}
	if d.Sort != nil {
		sort := d.Sort.attribute()
		k.Sort = &sort
	}
	return k
}

func (d attributeDescriptor) attribute() storage.KeyAttribute {
	a := storage.KeyAttribute{Name: d.Name}
	for _, kind := range []attribute.Kind{attribute.S, attribute.N, attribute.B} {
		if kind.String() == d.Type {
			a.Kind = kind
		}
	}
	return a
}

func describe(def storage.Table, created time.Time) descriptor {
	d := descriptor{Name: def.Name, Key: describeKey(def.Key), TTLAttribute: def.TTLAttribute, Created: created.UTC()}
	for _, ix := range def.Indexes {
		d.Indexes = append(d.Indexes, indexDescriptor{
			Name: ix.Name, Key: describeKey(ix.Key), Local: ix.Local, Projection: string(ix.Projection), Include: ix.Include,
		})
	}
	return d
}

func (d descriptor) table() storage.Table {
	def := storage.Table{Name: d.Name, Key: d.Key.schema(), TTLAttribute: d.TTLAttribute}
	for _, ix := range d.Indexes {
		def.Indexes = append(def.Indexes, storage.Index{
			Name: ix.Name, Key: ix.Key.schema(), Local: ix.Local, Projection: storage.ProjectionType(ix.Projection), Include: ix.Include,
		})
	}
	return def
}

// readTables reads all descriptors from the meta bucket and checks that the
// tables have their buckets.
func readTables(tx *bbolt.Tx, meta *bbolt.Bucket) (map[string]*table, error) {
	tables := map[string]*table{}
	prefix := []byte(tablePrefix)
	c := meta.Cursor()
	for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, v = c.Next() {
		var d descriptor
		if err := json.Unmarshal(v, &d); err != nil {
			return nil, fmt.Errorf("%w: description of %s: %v", ErrDamaged, k, err)
		}
		def := d.table()
		if err := checkTable(&def); err != nil {
			return nil, fmt.Errorf("%w: description of %s: %v", ErrDamaged, k, err)
		}
		t := compileTable(def)
		t.created = d.Created
		names := [][]byte{itemsName, expiryName}
		for _, ix := range t.indexes {
			names = append(names, ix.bucket)
		}
		for _, name := range names {
			if _, err := t.open(tx, name); err != nil {
				return nil, fmt.Errorf("%w: %v", ErrDamaged, err)
			}
		}
		tables[def.Name] = t
	}
	return tables, nil
}

// CreateTable implements storage.Store. An existing table with the same key takes
// over the definition: indexes that it lacks or has otherwise are built from its
// items, indexes that the definition does not have are dropped, and with another
// TTL attribute its items expire by that one.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
func (s *Store) CreateTable(ctx context.Context, def storage.Table) error {
	def = cloneTable(def)
	if err := checkTable(&def); err != nil {
		return public(err)
	}
	return s.submit(ctx, &createTable{store: s, def: def})
}

// DeleteTable implements storage.Store.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteTable.html
func (s *Store) DeleteTable(ctx context.Context, name string) error {
	return s.submit(ctx, &deleteTable{name: name})
}

// DescribeTable implements storage.Store.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html
func (s *Store) DescribeTable(ctx context.Context, name string) (storage.Table, error) {
	var def storage.Table
	err := s.view(ctx, func(r *reading) error {
		t := r.tables[name]
		if t == nil {
			return tableNotFoundNamed(name)
		}
		def = cloneTable(t.def)
		return nil
	})
	return def, err
}

// ListTables implements storage.Store. The names are in ascending order.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTables.html
func (s *Store) ListTables(ctx context.Context) ([]string, error) {
	var names []string
	err := s.view(ctx, func(r *reading) error {
		names = slices.Sorted(maps.Keys(r.tables))
		return nil
	})
	return names, err
}

// schemaChange is a mutation of schemas, or one that must be alone. It has a transaction to itself, and the
// schemas that it leaves become those of the store when that is committed.
type schemaChange interface {
	mutation
	// result returns the schemas after the change, or nil when it changed
	// nothing.
	result() map[string]*table
}

type createTable struct {
	store *Store
	def   storage.Table
	// decided by check:
	old     *table
	created *table
	tables  map[string]*table
}

func (m *createTable) check(w *writing) error {
	m.old, m.created, m.tables = w.tables[m.def.Name], nil, nil
	if m.old != nil {
		if !reflect.DeepEqual(m.old.def.Key, m.def.Key) {
			return &storage.ResourceInUseError{Message: "Table already exists: " + m.def.Name}
		}
		if sameTable(m.old.def, m.def) {
			return nil
		}
	}
	m.created = compileTable(m.def)
	m.created.created = m.store.clock.Now()
	if m.old != nil {
		m.created.created = m.old.created
	}
	m.tables = maps.Clone(w.tables)
	m.tables[m.def.Name] = m.created
	return nil
}

// sameTable compares definitions of the same name and key.
func sameTable(a, b storage.Table) bool {
	if a.TTLAttribute != b.TTLAttribute || len(a.Indexes) != len(b.Indexes) {
		return false
	}
	for i := range a.Indexes {
		j := slices.IndexFunc(b.Indexes, func(ix storage.Index) bool { return ix.Name == a.Indexes[i].Name })
		if j < 0 || !sameIndex(a.Indexes[i], b.Indexes[j]) {
			return false
		}
	}
	return true
}

func sameIndex(a, b storage.Index) bool {
	include := func(ix storage.Index) []string {
		names := slices.Clone(ix.Include)
		slices.Sort(names)
		return slices.Compact(names)
	}
	return a.Name == b.Name && a.Local == b.Local && a.Projection == b.Projection &&
		reflect.DeepEqual(a.Key, b.Key) && slices.Equal(include(a), include(b))
}

func (m *createTable) write(w *writing) error {
	t := m.created
	if t == nil {
		return nil
	}
	w.dirty = true
	descriptor, err := json.Marshal(describe(t.def, t.created))
	if err != nil {
		return err
	}
	if err := w.tx.Bucket([]byte(metaBucket)).Put(t.bucket, descriptor); err != nil {
		return err
	}
	root, err := w.tx.CreateBucketIfNotExists(t.bucket)
	if err != nil {
		return err
	}
	items, err := root.CreateBucketIfNotExists(itemsName)
	if err != nil {
		return err
	}
	if m.old != nil {
		for _, ix := range m.old.indexes {
			if now := t.index(ix.def.Name); now == nil || !sameIndex(now.def, ix.def) {
				if err := root.DeleteBucket(ix.bucket); err != nil {
					return err
				}
			}
		}
		if m.old.def.TTLAttribute != t.def.TTLAttribute {
			if err := root.DeleteBucket(expiryName); err != nil {
				return err
			}
		}
	}
	var build []*index
	var buckets []*bbolt.Bucket
	for _, ix := range t.indexes {
		b, err := root.CreateBucket(ix.bucket)
		if errors.Is(err, berrors.ErrBucketExists) {
			continue
		}
		if err != nil {
			return err
		}
		build, buckets = append(build, ix), append(buckets, b)
	}
	expiry, err := root.CreateBucket(expiryName)
	if errors.Is(err, berrors.ErrBucketExists) {
		expiry, err = nil, nil
	}
	if err != nil {
		return err
	}
	if m.old == nil || (len(build) == 0 && expiry == nil) {
		return nil
	}
	return m.build(items, build, buckets, expiry)
}

// build fills new indexes, and the expiry bucket unless that is nil, from the
// items.
func (m *createTable) build(items *bbolt.Bucket, indexes []*index, buckets []*bbolt.Bucket, expiry *bbolt.Bucket) error {
	var decoder attribute.BinaryDecoder
	n := 0
	c := items.Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		item, err := decoder.Borrow(v)
		if err != nil {
			return damaged("table %s: %w", m.def.Name, err)
		}
		for i, ix := range indexes {
			e, err := ix.entry(item, k)
			if err != nil {
				return err
			}
			if e.key == nil {
				continue
			}
			if err := buckets[i].Put(e.key, e.value); err != nil {
				return err
			}
		}
		if expiry != nil {
			if key := m.created.expiryKey(item, k); key != nil {
				if err := expiry.Put(key, nil); err != nil {
					return err
				}
			}
		}
		n++
	}
	names := make([]string, len(indexes))
	for i, ix := range indexes {
		names[i] = ix.def.Name
	}
	m.store.log.Info("built indexes", "table", m.def.Name, "indexes", strings.Join(names, ","), "items", n)
	return nil
}

func (m *createTable) result() map[string]*table { return m.tables }

type deleteTable struct {
	name   string
	tables map[string]*table
}

func (m *deleteTable) check(w *writing) error {
	m.tables = nil
	if w.tables[m.name] == nil {
		return tableNotFoundNamed(m.name)
	}
	m.tables = maps.Clone(w.tables)
	delete(m.tables, m.name)
	return nil
}

func (m *deleteTable) write(w *writing) error {
	w.dirty = true
	name := []byte(tablePrefix + m.name)
	if err := w.tx.Bucket([]byte(metaBucket)).Delete(name); err != nil {
		return err
	}
	return w.tx.DeleteBucket(name)
}

func (m *deleteTable) result() map[string]*table { return m.tables }
