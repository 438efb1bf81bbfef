package bolt

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"

	"go.etcd.io/bbolt"
)

// Repair verifies the file as Check does and puts right what it finds: items that
// cannot be read are removed, items under a wrong key go to the right one, and
// indexes, expiries and counts are made anew from the items. It returns what was
// wrong, nothing when all is well. Damaged pages are beyond repair: then the
// error is ErrDamaged and nothing has been changed. A table is not written while
// it is repaired.
func (s *Store) Repair(ctx context.Context) ([]string, error) {
	pages := &checker{ctx: ctx}
	if err := s.submit(ctx, &pageCheck{checker: pages}); err != nil {
		return nil, err
	}
	if len(pages.findings) > 0 {
		return pages.texts(), fmt.Errorf("storage/bolt: repair: %w: %w", ErrDamaged, errors.Join(pages.findings...))
	}
	names, err := s.ListTables(ctx, "", 0)
	if err != nil {
		return nil, err
	}
	var wrong []string
	for _, name := range names {
		m := &repair{ctx: ctx, name: name}
		if err := s.submit(ctx, m); err != nil {
			return wrong, fmt.Errorf("storage/bolt: repair: table %s: %w", name, err)
		}
		wrong = append(wrong, m.checker.texts()...)
	}
	s.wakeBuilder()
	return wrong, nil
}

// texts are the findings as text.
func (c *checker) texts() []string {
	var texts []string
	for _, err := range c.findings {
		texts = append(texts, err.Error())
	}
	if c.more > 0 {
		texts = append(texts, fmt.Sprintf("and %d more", c.more))
	}
	return texts
}

// repair is the repair of one table, in a transaction of its own.
type repair struct {
	ctx  context.Context
	name string
	// decided by check:
	checker *checker
	table   *table
}

func (m *repair) result() map[string]*table { return nil }

func (m *repair) check(w *writing) error {
	m.checker = &checker{ctx: m.ctx, reading: &reading{tx: w.tx, pending: new(pending)}}
	if m.table = w.tables[m.name]; m.table == nil {
		return nil // it has been deleted in the meantime
	}
	return m.checker.table(m.table)
}

func (m *repair) write(w *writing) error {
	if len(m.checker.findings) == 0 {
		return nil
	}
	w.dirty = true
	root := w.tx.Bucket(m.table.bucket)
	if err := m.items(root.Bucket(itemsName)); err != nil {
		return err
	}
	return m.rebuild(root)
}

// items removes and moves what does not lie where it should.
func (m *repair) items(items *bbolt.Bucket) error {
	type misplaced struct {
		from, to, value []byte // to is nil when there is nothing to keep
	}
	var moves []misplaced
	c := items.Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		item, err := attribute.DecodeBinary(v)
		var key []byte
		if err == nil {
			key, err = m.table.encodeItemKey(item)
		}
		switch {
		case err != nil:
			moves = append(moves, misplaced{from: bytes.Clone(k)})
		case !bytes.Equal(key, k):
			moves = append(moves, misplaced{bytes.Clone(k), key, bytes.Clone(v)})
		}
	}
	for _, mv := range moves {
		if err := items.Delete(mv.from); err != nil {
			return err
		}
		// What lies under its own key is the newer one.
		if mv.to != nil && items.Get(mv.to) == nil {
			if err := items.Put(mv.to, mv.value); err != nil {
				return err
			}
		}
	}
	return nil
}

// rebuild makes indexes, expiries and counts anew. What was being built begins
// again.
func (m *repair) rebuild(root *bbolt.Bucket) error {
	t := m.table
	names := [][]byte{expiryName}
	for _, ix := range t.indexes {
		names = append(names, ix.bucket)
		if err := root.Delete(progressKey(ix.def.Name)); err != nil {
			return err
		}
	}
	if err := root.Delete([]byte(expiryProgress)); err != nil {
		return err
	}
	for _, name := range names {
		if err := emptyBucket(root, name); err != nil {
			return err
		}
	}
	items, expiry := root.Bucket(itemsName), root.Bucket(expiryName)
	tallies := make([]tally, len(t.indexes)+1)
	var decoder attribute.BinaryDecoder
	c := items.Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		item, err := decoder.Borrow(v)
		if err != nil {
			return damaged("table %s: %w", t.def.Name, err)
		}
		size := item.Size()
		tallies[0].add(size)
		for i, ix := range t.indexes {
			if ix.status != storage.IndexActive {
				continue
			}
			e, err := ix.entry(item, size, k)
			if err != nil {
				return err
			}
			if e.key != nil {
				tallies[i+1].add(e.size)
			}
			if err := move(root.Bucket(ix.bucket), entry{}, e); err != nil {
				return err
			}
		}
		if !t.expiryBuilding {
			if err := move(expiry, entry{}, entry{key: t.expiryKey(item, k)}); err != nil {
				return err
			}
		}
	}
	return writeCounts(root, t, tallies)
}
