package bolt

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"sync"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
)

// Building while serving.
//
// A new index is registered at once, empty and in creation. From then on it is
// filled in chunks, in the order of the items' keys, and each chunk is one
// mutation among the others. How far it has come is stored with it. Writes to
// items that the build has passed go to the index as to any other; the others
// leave it alone, for the build comes to their items later. So the index holds
// at every moment exactly what the items up to there say, and the build goes on
// where it was after a crash. The expiry bucket is built likewise when a table
// gets a TTL attribute.

const (
	// buildItems and buildBytes bound a chunk, so that other writes are not held
	// up.
	buildItems = 1000
	buildBytes = 1 << 20

	// progressPrefix and the name of an index is where its progress lies in the
	// bucket of its table.
	progressPrefix = "built/"
	expiryProgress = "building expiry"
)

func progressKey(index string) []byte { return []byte(progressPrefix + index) }

// building reports whether something of the table is not complete yet.
func (t *table) building() bool {
	return t.expiryBuilding || slices.ContainsFunc(t.indexes, func(ix *index) bool { return ix.status == storage.IndexCreating })
}

// unfinished reports whether there is work for the builder.
func (t *table) unfinished() bool {
	return t.expiryBuilding || slices.ContainsFunc(t.indexes, func(ix *index) bool { return ix.status != storage.IndexActive })
}

// readProgress returns how far the indexes of t and then its expiry bucket have
// been built.
func readProgress(root keyValues, t *table) [][]byte {
	built := make([][]byte, len(t.indexes)+1)
	for i, ix := range t.indexes {
		if ix.status == storage.IndexCreating {
			built[i] = bytes.Clone(root.Get(progressKey(ix.def.Name)))
		}
	}
	if t.expiryBuilding {
		built[len(t.indexes)] = bytes.Clone(root.Get([]byte(expiryProgress)))
	}
	return built
}

// builder is the goroutine that builds and drops indexes.
type builder struct {
	wake     chan struct{}
	stop     context.CancelFunc
	finished sync.WaitGroup
}

func (s *Store) startBuilder() {
	ctx, cancel := context.WithCancel(context.Background())
	s.builder.wake, s.builder.stop = make(chan struct{}, 1), cancel
	s.builder.finished.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-s.builder.wake:
			}
			for _, name := range s.unfinished() {
				if err := s.build(ctx, name); err != nil && ctx.Err() == nil {
					s.log.Error("building indexes failed", "table", name, "error", err)
				}
			}
		}
	})
	s.wakeBuilder()
}

// wakeBuilder tells the builder that there may be work.
func (s *Store) wakeBuilder() {
	select {
	case s.builder.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// stopBuilder waits for the chunk that is under way.
func (s *Store) stopBuilder() {
	s.builder.stop()
	s.builder.finished.Wait()
}

// unfinished returns the names of the tables that have work for the builder.
func (s *Store) unfinished() []string {
	s.schema.RLock()
	defer s.schema.RUnlock()
	var names []string
	for _, name := range slices.Sorted(maps.Keys(s.tables)) {
		if s.tables[name].unfinished() {
			names = append(names, name)
		}
	}
	return names
}

// build completes the indexes of a table and returns when there is nothing left
// to do. It may run several times at once.
func (s *Store) build(ctx context.Context, name string) error {
	for {
		s.schema.RLock()
		t := s.tables[name]
		s.schema.RUnlock()
		if t == nil || !t.unfinished() {
			return nil
		}
		if err := s.submit(ctx, &buildChunk{store: s, name: name}); err != nil {
			return err
		}
	}
}

// buildChunk is one step: it drops what is being deleted, or adds items to what
// is being built.
type buildChunk struct {
	store *Store
	name  string
	// decided by check:
	table, next *table
	tables      map[string]*table
}

func (m *buildChunk) check(w *writing) error {
	m.table, m.next, m.tables = w.tables[m.name], nil, nil
	if m.table != nil && !m.table.unfinished() {
		m.table = nil
	}
	return nil
}

func (m *buildChunk) result() map[string]*table { return m.tables }

func (m *buildChunk) write(w *writing) error {
	if m.table == nil {
		return nil
	}
	w.dirty = true
	if slices.ContainsFunc(m.table.indexes, func(ix *index) bool { return ix.status == storage.IndexDeleting }) {
		return m.drop(w)
	}
	return m.fill(w)
}

// drop removes the indexes that are being deleted.
func (m *buildChunk) drop(w *writing) error {
	def := cloneTable(m.table.def)
	def.Indexes = slices.DeleteFunc(def.Indexes, func(ix storage.Index) bool {
		if m.table.index(ix.Name).status != storage.IndexDeleting {
			return false
		}
		delete(def.Settings.IndexThroughput, ix.Name)
		return true
	})
	change := &tableChange{name: m.name, old: m.table, next: m.table.with(def)}
	m.adopt(w, change.next)
	return change.write(w)
}

// adopt makes next the table once the transaction is committed.
func (m *buildChunk) adopt(w *writing, next *table) {
	m.next = next
	m.tables = maps.Clone(w.tables)
	m.tables[m.name] = next
}

// target is an index, or the expiry bucket, that a chunk goes to.
type target struct {
	at     int // in buckets.built
	index  *index
	bucket *bucket
	key    []byte // of its progress
}

// targets returns what has come equally far as the first that is being built.
func (b *buckets) targets() (targets []target, from []byte) {
	add := func(t target) {
		if len(targets) == 0 {
			from = b.built[t.at]
		}
		if bytes.Equal(from, b.built[t.at]) {
			targets = append(targets, t)
		}
	}
	for i, ix := range b.table.indexes {
		if ix.status == storage.IndexCreating {
			add(target{i, ix, b.indexes[i], progressKey(ix.def.Name)})
		}
	}
	if b.table.expiryBuilding {
		add(target{len(b.indexes), nil, b.expiry, []byte(expiryProgress)})
	}
	return targets, from
}

// fill adds a chunk of items.
func (m *buildChunk) fill(w *writing) error {
	b, err := w.open(m.table)
	if err != nil {
		return err
	}
	targets, from := b.targets()
	cursor := b.items.Cursor()
	k, v := cursor.Seek(from)
	if from != nil && bytes.Equal(k, from) {
		k, v = cursor.Next()
	}
	var decoder attribute.BinaryDecoder
	var last []byte
	for items, read := 0, 0; k != nil && items < buildItems && read < buildBytes; k, v = cursor.Next() {
		item, err := decoder.Borrow(v)
		if err != nil {
			return damaged("table %s: %w", m.name, err)
		}
		size := item.Size()
		for _, t := range targets {
			if err := b.fill(t, item, size, k); err != nil {
				return err
			}
		}
		last = bytes.Clone(k)
		items++
		read += len(v)
	}
	b.changed = true
	if k != nil {
		for _, t := range targets {
			if err := b.root.Put(t.key, last); err != nil {
				return err
			}
		}
		return nil
	}
	return m.finish(w, b, targets)
}

// fill enters one item.
func (b *buckets) fill(t target, item *attribute.Item, size int, key []byte) error {
	if t.index == nil {
		return move(t.bucket, entry{}, entry{key: b.table.expiryKey(item, key)})
	}
	e, err := t.index.entry(item, size, key)
	if err != nil || e.key == nil {
		return err
	}
	b.tallies[t.at+1].add(e.size)
	return move(t.bucket, entry{}, e)
}

// finish makes complete targets serve.
func (m *buildChunk) finish(w *writing, b *buckets, targets []target) error {
	next := m.table.with(m.table.def)
	for _, t := range targets {
		if t.index == nil {
			next.expiryBuilding = false
		} else {
			next.index(t.index.def.Name).status = storage.IndexActive
			m.store.log.Info("built index", "table", m.name, "index", t.index.def.Name, "items", b.tallies[t.at+1].items)
		}
		if err := b.root.Delete(t.key); err != nil {
			return err
		}
	}
	m.adopt(w, next)
	return writeDescriptor(w.tx, next)
}

// readable refuses reads of an index that is not complete.
func (ix *index) readable() error {
	switch ix.status {
	case storage.IndexActive:
		return nil
	case storage.IndexCreating:
		return refuse("Cannot read from backfilling global secondary index: %s", ix.def.Name)
	default:
		return noIndex(ix.def.Name)
	}
}

func noIndex(name string) error {
	return refuse("The table does not have the specified index: %s", name)
}
