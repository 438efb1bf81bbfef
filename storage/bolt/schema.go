package bolt

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"

	"go.etcd.io/bbolt"
)

// descriptor is how a table is described in the file.
type descriptor struct {
	Name         string            `json:"name"`
	Key          keyDescriptor     `json:"key"`
	Indexes      []indexDescriptor `json:"indexes,omitempty"`
	TTLAttribute string            `json:"ttlAttribute,omitempty"`
	TTLBuilding  bool              `json:"ttlBuilding,omitempty"`
	Created      time.Time         `json:"created"`
	ID           string            `json:"id,omitempty"`
	Settings     *settings         `json:"settings,omitempty"`
}

// settings are storage.TableSettings in the file.
type settings struct {
	BillingMode        string                `json:"billingMode,omitempty"`
	Throughput         throughput            `json:"throughput,omitzero"`
	IndexThroughput    map[string]throughput `json:"indexThroughput,omitempty"`
	TableClass         string                `json:"tableClass,omitempty"`
	DeletionProtection bool                  `json:"deletionProtection,omitempty"`
	Encrypted          bool                  `json:"encrypted,omitempty"`
	EncryptionKey      string                `json:"encryptionKey,omitempty"`
	Stream             string                `json:"stream,omitempty"`
	Tags               map[string]string     `json:"tags,omitempty"`
}

type throughput struct {
	Read  int64 `json:"read"`
	Write int64 `json:"write"`
}

func describeSettings(s storage.TableSettings) *settings {
	if isZeroSettings(s) {
		return nil
	}
	d := &settings{
		BillingMode: s.BillingMode, Throughput: throughput(s.Throughput), TableClass: s.TableClass,
		DeletionProtection: s.DeletionProtection, Encrypted: s.Encrypted, EncryptionKey: s.EncryptionKey,
		Stream: s.Stream, Tags: s.Tags,
	}
	for name, t := range s.IndexThroughput {
		if d.IndexThroughput == nil {
			d.IndexThroughput = map[string]throughput{}
		}
		d.IndexThroughput[name] = throughput(t)
	}
	return d
}

func (d *settings) settings() storage.TableSettings {
	if d == nil {
		return storage.TableSettings{}
	}
	s := storage.TableSettings{
		BillingMode: d.BillingMode, Throughput: storage.Throughput(d.Throughput), TableClass: d.TableClass,
		DeletionProtection: d.DeletionProtection, Encrypted: d.Encrypted, EncryptionKey: d.EncryptionKey,
		Stream: d.Stream, Tags: d.Tags,
	}
	for name, t := range d.IndexThroughput {
		if s.IndexThroughput == nil {
			s.IndexThroughput = map[string]storage.Throughput{}
		}
		s.IndexThroughput[name] = storage.Throughput(t)
	}
	return s
}

// isZeroSettings reports whether nothing has been set; empty maps are nothing.
func isZeroSettings(s storage.TableSettings) bool {
	if len(s.Tags) > 0 || len(s.IndexThroughput) > 0 {
		return false
	}
	s.Tags, s.IndexThroughput = nil, nil
	return reflect.DeepEqual(s, storage.TableSettings{})
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
	// Status is empty for an active index.
	Status string `json:"status,omitempty"`
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

func describe(t *table) descriptor {
	def := t.def
	d := descriptor{
		Name: def.Name, Key: describeKey(def.Key), TTLAttribute: def.TTLAttribute, TTLBuilding: t.expiryBuilding,
		Created: t.created.UTC(), ID: t.id, Settings: describeSettings(def.Settings),
	}
	for _, ix := range def.Indexes {
		di := indexDescriptor{
			Name: ix.Name, Key: describeKey(ix.Key), Local: ix.Local, Projection: string(ix.Projection), Include: ix.Include,
		}
		if status := t.index(ix.Name).status; status != storage.IndexActive {
			di.Status = string(status)
		}
		d.Indexes = append(d.Indexes, di)
	}
	return d
}

func (d descriptor) table() storage.Table {
	def := storage.Table{Name: d.Name, Key: d.Key.schema(), TTLAttribute: d.TTLAttribute, Settings: d.Settings.settings()}
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
		t.created, t.id, t.expiryBuilding = d.Created, d.ID, d.TTLBuilding
		for _, ix := range d.Indexes {
			switch status := storage.IndexStatus(ix.Status); status {
			case "":
			case storage.IndexCreating, storage.IndexDeleting:
				t.index(ix.Name).status = status
			default:
				return nil, fmt.Errorf("%w: description of %s: status of index %s", ErrDamaged, k, ix.Name)
			}
		}
		root := tx.Bucket(t.bucket)
		if root == nil {
			return nil, fmt.Errorf("%w: table %s has no bucket", ErrDamaged, def.Name)
		}
		places := []place{t.items, t.expiry}
		for _, ix := range t.indexes {
			places = append(places, ix.place)
		}
		for _, p := range places {
			if root.Bucket(p.bucket) == nil {
				return nil, fmt.Errorf("%w: table %s has no bucket %s", ErrDamaged, def.Name, p.bucket)
			}
		}
		tables[def.Name] = t
	}
	return tables, nil
}

// CreateTable implements storage.Store.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
func (s *Store) CreateTable(ctx context.Context, def storage.Table) error {
	def = cloneTable(def)
	if err := checkTable(&def); err != nil {
		return public(err)
	}
	return s.submit(ctx, &tableChange{store: s, name: def.Name, change: func(old *table) (*table, error) {
		if old != nil {
			return nil, tableExists(def.Name)
		}
		return s.newTable(def), nil
	}})
}

func tableExists(name string) error {
	return &storage.ResourceInUseError{Message: "Table already exists: " + name}
}

func (s *Store) newTable(def storage.Table) *table {
	t := compileTable(def)
	t.created, t.id = s.clock.Now(), newID()
	return t
}

// newID returns a random UUID.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0F|0x40, b[8]&0x3F|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// EnsureTable implements storage.Store.
func (s *Store) EnsureTable(ctx context.Context, def storage.Table) error {
	def = cloneTable(def)
	if err := checkTable(&def); err != nil {
		return public(err)
	}
	err := s.submit(ctx, &tableChange{store: s, name: def.Name, change: func(old *table) (*table, error) {
		if old == nil {
			return s.newTable(def), nil
		}
		return old.takeOver(def)
	}})
	if err != nil {
		return err
	}
	return s.build(ctx, def.Name)
}

// takeOver returns the table with the definition def, which has the same name:
// what def leaves as it is stays as it is, other indexes are to be built.
func (t *table) takeOver(def storage.Table) (*table, error) {
	if !reflect.DeepEqual(t.def.Key, def.Key) {
		return nil, tableExists(def.Name)
	}
	if isZeroSettings(def.Settings) {
		def.Settings = t.def.Settings
	}
	next := t.with(def)
	for _, ix := range next.indexes {
		old := t.index(ix.def.Name)
		if old == nil || old.status == storage.IndexDeleting || !sameIndex(old.def, ix.def) {
			ix.status = storage.IndexCreating
		}
	}
	if t.def.TTLAttribute != def.TTLAttribute {
		next.expiryBuilding = def.TTLAttribute != ""
	}
	return next, nil
}

// with returns the same table with another definition. Indexes keep their
// status.
func (t *table) with(def storage.Table) *table {
	next := compileTable(def)
	next.created, next.id, next.expiryBuilding = t.created, t.id, t.expiryBuilding
	for _, ix := range next.indexes {
		if old := t.index(ix.def.Name); old != nil {
			ix.status = old.status
		}
	}
	return next
}

// UpdateTable implements storage.Store.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html
func (s *Store) UpdateTable(ctx context.Context, name string, u storage.TableUpdate) error {
	err := s.submit(ctx, &tableChange{store: s, name: name, change: func(old *table) (*table, error) {
		if old == nil {
			return nil, tableNotFoundNamed(name)
		}
		return old.update(u)
	}})
	if err == nil {
		s.wakeBuilder()
	}
	return err
}

const msgOneIndex = "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table"

// update returns the table as u changes it.
func (t *table) update(u storage.TableUpdate) (*table, error) {
	def := cloneTable(t.def)
	if changes := len(u.CreateIndexes) + len(u.DeleteIndexes); changes > 0 {
		if changes > 1 {
			return nil, &storage.LimitExceededError{Message: msgOneIndex}
		}
		for _, ix := range t.indexes {
			if ix.status != storage.IndexActive {
				return nil, &storage.LimitExceededError{Message: msgOneIndex}
			}
		}
	}
	for _, ix := range u.CreateIndexes {
		if t.index(ix.Name) != nil {
			return nil, refuse("One or more parameter values were invalid: Attempting to create an index which already exists: %s", ix.Name)
		}
		ix.Local = false
		def.Indexes = append(def.Indexes, ix)
	}
	for _, name := range u.DeleteIndexes {
		if ix := t.index(name); ix == nil || ix.def.Local {
			return nil, &storage.ResourceNotFoundError{Message: "Requested resource not found"}
		}
	}
	if u.TTL != nil {
		if err := updateTTL(&def, *u.TTL); err != nil {
			return nil, err
		}
	}
	if u.Settings != nil {
		if err := editSettings(&def.Settings, u.Settings); err != nil {
			return nil, err
		}
	}
	if err := checkTable(&def); err != nil {
		return nil, err
	}
	next := t.with(def)
	for _, ix := range u.CreateIndexes {
		next.index(ix.Name).status = storage.IndexCreating
	}
	for _, name := range u.DeleteIndexes {
		next.index(name).status = storage.IndexDeleting
	}
	if def.TTLAttribute != t.def.TTLAttribute {
		next.expiryBuilding = def.TTLAttribute != ""
	}
	return next, nil
}

// editSettings applies edit, which finds maps to write to.
func editSettings(s *storage.TableSettings, edit func(*storage.TableSettings) error) error {
	if s.IndexThroughput == nil {
		s.IndexThroughput = map[string]storage.Throughput{}
	}
	if s.Tags == nil {
		s.Tags = map[string]string{}
	}
	if err := edit(s); err != nil {
		return err
	}
	if len(s.IndexThroughput) == 0 {
		s.IndexThroughput = nil
	}
	if len(s.Tags) == 0 {
		s.Tags = nil
	}
	return nil
}

// updateTTL applies u to def.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html
func updateTTL(def *storage.Table, u storage.TTLUpdate) error {
	now := def.TTLAttribute
	switch {
	case u.Attribute == "" || len(u.Attribute) > 255:
		return refuse("TimeToLive attribute name must have between 1 and 255 characters")
	case !u.Enabled && now == "":
		return refuse("TimeToLive is already disabled")
	case u.Enabled && now == u.Attribute:
		return refuse("TimeToLive is already enabled")
	case now != "" && now != u.Attribute:
		return refuse("TimeToLive is active on a different AttributeName: current AttributeName is %s", now)
	case u.Enabled:
		def.TTLAttribute = u.Attribute
	default:
		def.TTLAttribute = ""
	}
	return nil
}

// DeleteTable implements storage.Store.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteTable.html
func (s *Store) DeleteTable(ctx context.Context, name string) error {
	return s.submit(ctx, &deleteTable{name: name})
}

// DescribeTable implements storage.Store. Its cost does not depend on the number
// of items.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html
func (s *Store) DescribeTable(ctx context.Context, name string) (*storage.TableDescription, error) {
	var d *storage.TableDescription
	err := s.view(ctx, func(r *reading) error {
		t := r.tables[name]
		if t == nil {
			return tableNotFoundNamed(name)
		}
		root, err := r.root(t)
		if err != nil {
			return err
		}
		tallies, ok := readCounts(root, t)
		if !ok {
			return damaged("table %s has no counts", name)
		}
		d = &storage.TableDescription{
			Table: cloneTable(t.def), ID: t.id, Created: t.created,
			Items: tallies[0].items, Bytes: tallies[0].bytes,
		}
		for _, def := range t.def.Indexes {
			at := slices.IndexFunc(t.indexes, func(ix *index) bool { return ix.def.Name == def.Name })
			n := tallies[at+1]
			d.IndexStates = append(d.IndexStates, storage.IndexState{
				Name: def.Name, Status: t.indexes[at].status, Items: n.items, Bytes: n.bytes,
			})
		}
		return nil
	})
	return d, err
}

// ListTables implements storage.Store.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTables.html
func (s *Store) ListTables(ctx context.Context, after string, limit int) ([]string, error) {
	var names []string
	err := s.view(ctx, func(r *reading) error {
		names = slices.Sorted(maps.Keys(r.tables))
		from, found := slices.BinarySearch(names, after)
		if found {
			from++
		}
		if names = names[from:]; limit > 0 && len(names) > limit {
			names = names[:limit]
		}
		return nil
	})
	return names, err
}

// schemaChange is a mutation of schemas, or one that must be alone. It has a
// transaction to itself, and the schemas that it leaves become those of the
// store when that is committed.
type schemaChange interface {
	mutation
	// result returns the schemas after the change, or nil when it changed
	// nothing.
	result() map[string]*table
}

// tableChange creates a table or changes its definition. Indexes that the new
// one has and the old one lacks, or that are now in creation, begin empty.
type tableChange struct {
	store *Store
	name  string
	// change returns the new table for the old one, which is nil when there is
	// none. It runs in the writer and may run again.
	change func(old *table) (*table, error)
	// decided by check:
	old, next *table
	tables    map[string]*table
}

func (m *tableChange) check(w *writing) error {
	m.old, m.next, m.tables = w.tables[m.name], nil, nil
	next, err := m.change(m.old)
	if err != nil {
		return err
	}
	if m.old != nil && m.old.sameAs(next) {
		return nil
	}
	m.next = next
	m.tables = maps.Clone(w.tables)
	m.tables[m.name] = m.next
	return nil
}

// sameAs compares states of a table.
func (t *table) sameAs(other *table) bool {
	if t.def.TTLAttribute != other.def.TTLAttribute || t.expiryBuilding != other.expiryBuilding ||
		len(t.indexes) != len(other.indexes) || !reflect.DeepEqual(describeSettings(t.def.Settings), describeSettings(other.def.Settings)) {
		return false
	}
	for i, ix := range t.indexes {
		if o := other.indexes[i]; !sameIndex(ix.def, o.def) || ix.status != o.status {
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

func (m *tableChange) write(w *writing) error {
	if m.next == nil {
		return nil
	}
	w.dirty = true
	if err := writeDescriptor(w.tx, m.next); err != nil {
		return err
	}
	if m.old == nil {
		return m.create(w)
	}
	return m.alter(w)
}

func writeDescriptor(tx *bbolt.Tx, t *table) error {
	b, err := json.Marshal(describe(t))
	if err != nil {
		return err
	}
	return tx.Bucket([]byte(metaBucket)).Put(t.bucket, b)
}

func (m *tableChange) create(w *writing) error {
	root, err := w.tx.CreateBucket(m.next.bucket)
	if err != nil {
		return err
	}
	names := [][]byte{itemsName, expiryName}
	for _, ix := range m.next.indexes {
		names = append(names, ix.bucket)
	}
	for _, name := range names {
		if _, err := root.CreateBucket(name); err != nil {
			return err
		}
	}
	return writeCounts(root, m.next, make([]tally, len(m.next.indexes)+1))
}

func (m *tableChange) alter(w *writing) error {
	root := w.tx.Bucket(m.next.bucket)
	if root == nil {
		return damaged("table %s has no bucket", m.name)
	}
	// What the new table shares with the old one keeps its count.
	tallies, ok := readCounts(root, m.next)
	if !ok {
		return damaged("table %s has no counts", m.name)
	}
	for _, ix := range m.old.indexes {
		if m.next.index(ix.def.Name) != nil {
			continue
		}
		if err := root.DeleteBucket(ix.bucket); err != nil {
			return err
		}
		if err := root.Delete(progressKey(ix.def.Name)); err != nil {
			return err
		}
	}
	for i, ix := range m.next.indexes {
		old := m.old.index(ix.def.Name)
		if old != nil && old.status == ix.status && sameIndex(old.def, ix.def) || ix.status != storage.IndexCreating {
			continue
		}
		if err := emptyBucket(root, ix.bucket); err != nil {
			return err
		}
		if err := root.Delete(progressKey(ix.def.Name)); err != nil {
			return err
		}
		tallies[i+1] = tally{}
	}
	if m.old.def.TTLAttribute != m.next.def.TTLAttribute {
		if err := emptyBucket(root, expiryName); err != nil {
			return err
		}
		if err := root.Delete([]byte(expiryProgress)); err != nil {
			return err
		}
	}
	return writeCounts(root, m.next, tallies)
}

func (m *tableChange) result() map[string]*table { return m.tables }

type deleteTable struct {
	name   string
	tables map[string]*table
}

func (m *deleteTable) check(w *writing) error {
	m.tables = nil
	t := w.tables[m.name]
	if t == nil {
		return tableNotFoundNamed(m.name)
	}
	if t.def.Settings.DeletionProtection {
		return refuse("Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.")
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
