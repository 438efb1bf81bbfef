package bolt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
)

// maxFindings bounds what Check reports; a damaged file may have no end of it.
const maxFindings = 20

// Check verifies the whole file: that pages are sound, that every item can be
// read and lies under its key, and that each index and the expiry bucket hold
// exactly what the items say, and are counted. It returns nil when all is well, and otherwise an
// error that is ErrDamaged and lists the first findings. It reads everything;
// writes wait while it looks at the pages, and go on while it looks at items.
func (s *Store) Check(ctx context.Context) error {
	c := &checker{ctx: ctx}
	if err := s.submit(ctx, &pageCheck{checker: c}); err != nil {
		return err
	}
	return s.view(ctx, func(r *reading) error {
		c.reading = r
		for _, name := range slices.Sorted(maps.Keys(r.tables)) {
			if err := c.table(r.tables[name]); err != nil {
				return err
			}
		}
		if len(c.findings) == 0 {
			return nil
		}
		if c.more > 0 {
			c.findings = append(c.findings, fmt.Errorf("and %d more", c.more))
		}
		return fmt.Errorf("storage/bolt: check: %w:\n%w", ErrDamaged, errors.Join(c.findings...))
	})
}

// pageCheck is the part of Check that looks at pages and at bbolt's list of free
// ones. Transactions that write change that list, so it has one of its own, which
// writes nothing.
type pageCheck struct {
	alone
	checker *checker
}

func (m *pageCheck) swap(s *Store) error {
	s.awaitFlush()
	tx, err := s.db.Begin(true)
	if err != nil {
		return err
	}
	defer s.rollback(tx)
	m.checker.findings, m.checker.more = nil, 0
	for err := range tx.Check() {
		m.checker.report("%v", err)
	}
	return nil
}

type checker struct {
	ctx      context.Context
	reading  *reading
	findings []error
	more     int
}

func (c *checker) report(format string, args ...any) {
	if len(c.findings) == maxFindings {
		c.more++
		return
	}
	c.findings = append(c.findings, fmt.Errorf(format, args...))
}

// holding is a bucket that repeats what items say, with how many entries it
// should have.
type holding struct {
	name   string
	bucket *bucket
	want   int
}

func (h *holding) verify(c *checker, t *table, itemKey []byte, e entry) {
	if e.key == nil {
		return
	}
	h.want++
	k, v := h.bucket.Cursor().Seek(e.key)
	switch {
	case !bytes.Equal(k, e.key):
		c.report("table %s: %s lacks the entry of item %x", t.def.Name, h.name, itemKey)
	case !bytes.Equal(v, e.value):
		c.report("table %s: %s has other attributes than item %x", t.def.Name, h.name, itemKey)
	}
}

// table compares a table with what its items say.
func (c *checker) table(t *table) error {
	root, err := c.reading.root(t)
	if err != nil {
		return err
	}
	items, err := root.within(t, t.items)
	if err != nil {
		return err
	}
	counted, ok := readCounts(root, t)
	if !ok {
		c.report("table %s: there are no counts", t.def.Name)
	}
	b := &buckets{table: t, root: root, items: items, indexes: make([]*bucket, len(t.indexes)), built: readProgress(root, t)}
	expiry := &holding{name: expiryBucket}
	if expiry.bucket, err = root.within(t, t.expiry); err != nil {
		return err
	}
	indexes := make([]*holding, len(t.indexes))
	for i, ix := range t.indexes {
		indexes[i] = &holding{name: string(ix.bucket)}
		if indexes[i].bucket, err = root.within(t, ix.place); err != nil {
			return err
		}
	}
	tallies := make([]tally, len(t.indexes)+1)

	n := 0
	cursor := items.Cursor()
	for k, v := cursor.First(); k != nil; k, v = cursor.Next() {
		if n++; n%ctxInterval == 0 {
			if err := c.ctx.Err(); err != nil {
				return err
			}
		}
		item, err := attribute.DecodeBinary(v)
		if err != nil {
			c.report("table %s: item %x: %w", t.def.Name, k, err)
			continue
		}
		if key, err := t.encodeItemKey(item); err != nil {
			c.report("table %s: item %x: %w", t.def.Name, k, err)
		} else if !bytes.Equal(key, k) {
			c.report("table %s: item %x lies under another key", t.def.Name, k)
		}
		size := item.Size()
		tallies[0].add(size)
		entries, err := t.entries(item, size, k)
		if err != nil {
			c.report("table %s: item %x: %w", t.def.Name, k, err)
			continue
		}
		for i, e := range entries {
			if e.key == nil || !b.maintained(i, k) {
				continue
			}
			tallies[i+1].add(e.size)
			indexes[i].verify(c, t, k, e)
		}
		if b.expires(k) {
			expiry.verify(c, t, k, entry{key: t.expiryKey(item, k)})
		}
	}
	for i, n := range counted {
		if i > 0 && t.indexes[i-1].status == storage.IndexDeleting {
			continue
		}
		if n != tallies[i] {
			name := itemsBucket
			if i > 0 {
				name = indexes[i-1].name
			}
			c.report("table %s: %s is counted as %d items of %d bytes, and has %d of %d", t.def.Name, name, n.items, n.bytes, tallies[i].items, tallies[i].bytes)
		}
	}
	for i, h := range append(indexes, expiry) {
		if i < len(indexes) && t.indexes[i].status == storage.IndexDeleting {
			continue
		}
		if have := countKeys(h.bucket); have != h.want {
			c.report("table %s: %s has %d entries, its items have %d", t.def.Name, h.name, have, h.want)
		}
	}
	return nil
}

func countKeys(b *bucket) int {
	n := 0
	c := b.Cursor()
	for k, _ := c.First(); k != nil; k, _ = c.Next() {
		n++
	}
	return n
}

// Stats describes a store.
type Stats struct {
	// FileSize is the size of the file in bytes, free pages included.
	FileSize int64
	// Mutations and Commits count since Open: how many write requests the writer
	// answered, and in how many transactions.
	Mutations, Commits uint64
	// Tables are in the order of their names.
	Tables []TableStats
}

// TableStats describes a table.
type TableStats struct {
	Name    string
	Created time.Time
	// Items counts the items, Expiring those that have an expiry.
	Items, Expiring int
	// Bytes is what the encoded items and their keys take in the file, indexes
	// and page overhead not included.
	Bytes int64
	// IndexItems counts the items in each index.
	IndexItems map[string]int
}

// Stats counts what the store holds. Its cost grows with the number of items.
func (s *Store) Stats(ctx context.Context) (Stats, error) {
	stats := Stats{Mutations: s.mutations.Load(), Commits: s.commits.Load()}
	err := s.view(ctx, func(r *reading) error {
		stats.FileSize = r.tx.Size()
		for _, name := range slices.Sorted(maps.Keys(r.tables)) {
			t := r.tables[name]
			ts := TableStats{Name: name, Created: t.created, IndexItems: map[string]int{}}
			items, err := r.open(t, t.items)
			if err != nil {
				return err
			}
			c := items.Cursor()
			for k, v := c.First(); k != nil; k, v = c.Next() {
				ts.Items++
				ts.Bytes += int64(len(k) + len(v))
			}
			expiry, err := r.open(t, t.expiry)
			if err != nil {
				return err
			}
			ts.Expiring = countKeys(expiry)
			for _, ix := range t.indexes {
				b, err := r.open(t, ix.place)
				if err != nil {
					return err
				}
				ts.IndexItems[ix.def.Name] = countKeys(b)
			}
			stats.Tables = append(stats.Tables, ts)
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		return nil
	})
	return stats, err
}
