package bolt

import (
	"appsync-emulator/storage/bolt/internal/journal"
	"appsync-emulator/storage/bolt/internal/overlay"

	"go.etcd.io/bbolt"
)

// bucket is a bucket of the file as it looks with the changes that are not in the
// file yet.
type bucket struct {
	file *bbolt.Bucket // nil when the file has none
	// path names the bucket in changes.
	path string
	// over and under are the sets of changes, over the newer one. They are nil
	// where the file itself is written.
	over, under *overlay.Set
	// group is the transaction whose changes go to over, nil when the bucket is
	// only read and when the file itself is written.
	group *writing

	at overlay.Change // spares Get an allocation
}

// keyValues is a bucket of the file, with or without changes over it.
type keyValues interface {
	Get(key []byte) []byte
	Put(key, value []byte) error
	Delete(key []byte) error
}

// cursor walks through a bucket. *bbolt.Cursor is one, and *overlay.Cursor.
type cursor = overlay.File

// Get returns the value of a key, nil when there is none.
func (b *bucket) Get(key []byte) []byte {
	if b.over != nil {
		b.at.Bucket, b.at.Key = b.path, key
		if c := b.over.Get(&b.at); c != nil {
			return c.Value
		}
		if c := b.under.Get(&b.at); c != nil {
			return c.Value
		}
	}
	if b.file == nil {
		return nil
	}
	return b.file.Get(key)
}

// Put sets the value of a key. Both must not be changed afterwards.
func (b *bucket) Put(key, value []byte) error {
	if b.group == nil {
		return b.file.Put(key, value)
	}
	if value == nil {
		value = []byte{}
	}
	b.change(&overlay.Change{Bucket: b.path, Key: key, Value: value})
	return nil
}

// Delete removes a key. It must not be changed afterwards.
func (b *bucket) Delete(key []byte) error {
	if b.group == nil {
		return b.file.Delete(key)
	}
	b.change(&overlay.Change{Bucket: b.path, Key: key})
	return nil
}

func (b *bucket) change(c *overlay.Change) {
	b.over.Put(c)
	b.group.changed = true
	if b.group.journaled {
		b.group.record = journal.AppendChange(b.group.record, c)
	}
}

// Cursor returns a cursor, which is valid until the bucket changes.
func (b *bucket) Cursor() cursor {
	if b.over.Len() == 0 && b.under.Len() == 0 && b.file != nil {
		return b.file.Cursor()
	}
	if b.file == nil {
		return overlay.NewCursor(b.path, nil, b.over, b.under)
	}
	return overlay.NewCursor(b.path, b.file.Cursor(), b.over, b.under)
}

// setFill sets how full pages are left that the transaction splits.
func (b *bucket) setFill(fill float64) {
	if b.file != nil {
		b.file.FillPercent = fill
	}
}
