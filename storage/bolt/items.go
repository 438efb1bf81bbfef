package bolt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"

	"appsync-emulator/storage/attribute"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

const (
	// chunkItems and chunkBytes bound what Items reads in one transaction.
	chunkItems = 1000
	chunkBytes = 1 << 20

	// loadItems and loadBytes bound what Load writes in one transaction.
	loadItems = 2000
	loadBytes = 4 << 20
)

// Items calls fn with every item of a table, in the order of a Scan, until it
// returns an error, which Items returns. It reads in chunks and fn runs outside of
// any transaction: it may take its time and may use the store. Items that are
// written meanwhile may or may not be among them.
func (s *Store) Items(ctx context.Context, table string, fn func(item *attribute.Item) error) error {
	var after []byte
	for {
		items, last, err := s.chunk(ctx, table, after)
		if err != nil {
			return err
		}
		for _, item := range items {
			if err := fn(item); err != nil {
				return err
			}
		}
		if last == nil {
			return nil
		}
		after = last
	}
}

// chunk returns some items that come after a key, and the key of the last one,
// which is nil at the end of the table.
func (s *Store) chunk(ctx context.Context, name string, after []byte) (items []*attribute.Item, last []byte, err error) {
	err = s.view(ctx, func(r *reading) error {
		t := r.tables[name]
		if t == nil {
			return tableNotFoundNamed(name)
		}
		b, err := r.open(t, t.items)
		if err != nil {
			return err
		}
		c := b.Cursor()
		k, v := c.Seek(after)
		if after != nil && bytes.Equal(k, after) {
			k, v = c.Next()
		}
		for size := 0; k != nil; k, v = c.Next() {
			item, err := attribute.DecodeBinary(v)
			if err != nil {
				return damaged("table %s: %w", name, err)
			}
			items = append(items, item)
			if size += len(v); size >= chunkBytes || len(items) == chunkItems {
				last = bytes.Clone(k)
				return nil
			}
		}
		return nil
	})
	return items, last, err
}

// Load puts items into a table, many in one transaction, and returns how many
// have been written durably. It stops at the first item that the table refuses,
// with its number, counted from 1, in the error, and at the first error of items;
// what came before is written, up to a batch.
func (s *Store) Load(ctx context.Context, table string, items iter.Seq2[*attribute.Item, error]) (int, error) {
	l := loader{store: s, ctx: ctx, batch: &loadBatch{store: s}}
	err := l.run(table, items)
	// What is under way is waited for, whatever has happened since.
	if waitErr := l.wait(); err == nil {
		err = waitErr
	}
	return l.loaded, err
}

// loader prepares one batch while the writer is at the one before.
type loader struct {
	store  *Store
	ctx    context.Context
	batch  *loadBatch
	size   int
	sent   *loadBatch
	answer chan error
	loaded int
}

func (l *loader) run(name string, items iter.Seq2[*attribute.Item, error]) error {
	t, err := l.store.table(name)
	if err != nil {
		return tableNotFoundNamed(name)
	}
	n := 0
	for item, err := range items {
		n++
		if err == nil {
			a := &action{kind: putItem, tableName: name, item: item}
			if err = l.store.parseAction(a); err == nil {
				err = a.prepare(t)
			}
			if err = public(err); err == nil {
				l.batch.actions = append(l.batch.actions, a)
				l.size += a.newSize
			}
		}
		if err != nil {
			return errors.Join(l.flush(), fmt.Errorf("item %d: %w", n, err))
		}
		if len(l.batch.actions) == loadItems || l.size >= loadBytes {
			if err := l.flush(); err != nil {
				return err
			}
		}
	}
	return l.flush()
}

// flush hands the batch to the writer.
func (l *loader) flush() error {
	if err := l.wait(); err != nil || len(l.batch.actions) == 0 {
		return err
	}
	// In the order of keys each page is visited once. Of two puts of one item the
	// later one stays the later.
	slices.SortStableFunc(l.batch.actions, func(a, b *action) int { return bytes.Compare(a.key, b.key) })
	l.sent, l.answer = l.batch, make(chan error, 1)
	l.batch, l.size = &loadBatch{store: l.store}, 0
	go func(m *loadBatch, answer chan<- error) { answer <- l.store.submit(l.ctx, m) }(l.sent, l.answer)
	return nil
}

// wait waits for the batch that the writer has.
func (l *loader) wait() error {
	if l.sent == nil {
		return nil
	}
	n := len(l.sent.actions)
	l.sent = nil
	if err := <-l.answer; err != nil {
		return err
	}
	l.loaded += n
	return nil
}

// loadBatch is the mutation of puts without conditions, several of which may be of
// one item.
type loadBatch struct {
	store   *Store
	actions []*action
}

func (m *loadBatch) check(*writing) error { return nil }

// result makes that the batch goes to the file directly.
func (m *loadBatch) result() map[string]*table { return nil }

func (m *loadBatch) write(w *writing) error {
	if len(m.actions) > 0 {
		b, err := w.open(m.actions[0].table)
		if err != nil {
			return err
		}
		b.fillPages(loadFill)
	}
	for _, a := range m.actions {
		if err := m.store.check(w, a); err != nil {
			return err
		}
		if err := a.write(w); err != nil {
			return err
		}
	}
	return nil
}

// Clear removes all items of the tables, or of all tables when none is named, at
// once. The tables stay, and the tokens of transactions are forgotten.
func (s *Store) Clear(ctx context.Context, tables ...string) error {
	return s.submit(ctx, &clearTables{names: tables, all: len(tables) == 0})
}

// clearTables has its transaction to itself, for it replaces buckets.
type clearTables struct {
	names []string
	all   bool
}

func (m *clearTables) check(w *writing) error {
	if m.all {
		m.names = slices.Sorted(maps.Keys(w.tables))
	}
	for _, name := range m.names {
		if w.tables[name] == nil {
			return tableNotFoundNamed(name)
		}
	}
	return nil
}

func (m *clearTables) write(w *writing) error {
	w.dirty = true
	for _, name := range m.names {
		t := w.tables[name]
		root := w.tx.Bucket(t.bucket)
		if root == nil {
			return damaged("table %s has no bucket", name)
		}
		names := [][]byte{itemsName, expiryName}
		for _, ix := range t.indexes {
			names = append(names, ix.bucket)
		}
		for _, name := range names {
			if err := emptyBucket(root, name); err != nil {
				return fmt.Errorf("storage/bolt: clear: %w", err)
			}
		}
		if err := writeCounts(root, t, make([]tally, len(t.indexes)+1)); err != nil {
			return fmt.Errorf("storage/bolt: clear: %w", err)
		}
	}
	if err := w.tx.DeleteBucket([]byte(tokensBucket)); err != nil && !errors.Is(err, berrors.ErrBucketNotFound) {
		return fmt.Errorf("storage/bolt: clear: %w", err)
	}
	return nil
}

func (m *clearTables) result() map[string]*table { return nil }

// emptyBucket makes the bucket of that name an empty one, whether or not it is
// there.
func emptyBucket(in *bbolt.Bucket, name []byte) error {
	if err := in.DeleteBucket(name); err != nil && !errors.Is(err, berrors.ErrBucketNotFound) {
		return err
	}
	_, err := in.CreateBucket(name)
	return err
}
