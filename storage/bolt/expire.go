package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"maps"
	"slices"
	"time"

	"appsync-emulator/storage/attribute"
)

const (
	// expireBatch bounds how many items one transaction of a sweep removes, so
	// that other writes are not held up.
	expireBatch = 500
	// expiryHorizon is how long ago an expiry may lie. DynamoDB leaves items
	// alone whose expiry is more than five years in the past.
	expiryHorizonYears = 5
)

// ExpireBefore implements storage.Store.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html
func (s *Store) ExpireBefore(ctx context.Context, t time.Time) (int, error) {
	s.schema.RLock()
	names := slices.Sorted(maps.Keys(s.tables))
	s.schema.RUnlock()
	total := 0
	for _, name := range names {
		due, err := s.hasExpired(ctx, name, t)
		if err != nil {
			return total, err
		}
		for due {
			m := &sweep{table: name, before: t}
			if err := s.submit(ctx, m); err != nil {
				return total, err
			}
			total += m.removed
			due = m.more
		}
	}
	return total, nil
}

// hasExpired looks, without troubling the writer, whether there is work.
func (s *Store) hasExpired(ctx context.Context, name string, t time.Time) (bool, error) {
	due := false
	err := s.view(ctx, func(r *reading) error {
		table := r.tables[name]
		if table == nil || table.def.TTLAttribute == "" {
			return nil
		}
		b, err := r.open(table, table.expiry)
		if err != nil {
			return err
		}
		from, to := expiryRange(t)
		k, _ := b.Cursor().Seek(from)
		due = k != nil && bytes.Compare(k, to) < 0
		return nil
	})
	return due, err
}

// expiryRange returns the range [from, to) of the expiry bucket that is due.
func expiryRange(t time.Time) (from, to []byte) {
	return appendSeconds(nil, max(t.AddDate(-expiryHorizonYears, 0, 0).Unix(), 0)), appendSeconds(nil, max(t.Unix()+1, 0))
}

// sweep removes a batch of expired items of one table.
type sweep struct {
	table  string
	before time.Time
	// decided by check:
	keys    [][]byte
	removed int
	more    bool
}

func (m *sweep) check(w *writing) error {
	m.keys, m.removed, m.more = nil, 0, false
	t := w.tables[m.table]
	if t == nil || t.def.TTLAttribute == "" {
		return nil
	}
	b, err := w.open(t)
	if err != nil {
		return err
	}
	from, to := expiryRange(m.before)
	c := b.expiry.Cursor()
	for k, _ := c.Seek(from); k != nil && bytes.Compare(k, to) < 0; k, _ = c.Next() {
		if len(m.keys) == expireBatch {
			m.more = true
			break
		}
		m.keys = append(m.keys, bytes.Clone(k))
	}
	return nil
}

func (m *sweep) write(w *writing) error {
	if len(m.keys) == 0 {
		return nil
	}
	t := w.tables[m.table]
	b, err := w.open(t)
	if err != nil {
		return err
	}
	w.dirty = true
	for _, expiry := range m.keys {
		key := expiry[8:]
		item, err := attribute.DecodeBinary(b.items.Get(key))
		if err != nil {
			return damaged("table %s: expired item: %w", m.table, err)
		}
		size := item.Size()
		entries, err := t.entries(item, size, key)
		if err != nil {
			return err
		}
		if err := b.delete(key, size, entries, expiry); err != nil {
			return err
		}
		m.removed++
	}
	return nil
}

// NextExpiry returns when the next item expires, which may be in the past, so
// that a sweep can be timed. It is the zero time when no item expires.
func (s *Store) NextExpiry(ctx context.Context, after time.Time) (time.Time, error) {
	var next time.Time
	err := s.view(ctx, func(r *reading) error {
		from, _ := expiryRange(after)
		for _, t := range r.tables {
			b, err := r.open(t, t.expiry)
			if err != nil {
				return err
			}
			k, _ := b.Cursor().Seek(from)
			if len(k) < 8 {
				continue
			}
			at := time.Unix(int64(binary.BigEndian.Uint64(k)), 0)
			if next.IsZero() || at.Before(next) {
				next = at
			}
		}
		return nil
	})
	return next, err
}
