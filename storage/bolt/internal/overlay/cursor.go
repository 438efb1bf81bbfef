package overlay

import (
	"bytes"

	"github.com/tidwall/btree"
)

// File walks through a bucket of the file. *bbolt.Cursor is one. A nil key says
// that there is nothing further.
type File interface {
	First() (key, value []byte)
	Last() (key, value []byte)
	Next() (key, value []byte)
	Prev() (key, value []byte)
	Seek(key []byte) (k, value []byte)
}

// Cursor walks through a bucket with changes laid over it. As with bbolt's, the
// slices that it returns must not be changed, a nil key says that there is
// nothing further in that direction, and Next and Prev are called after another
// method has returned a key.
type Cursor struct {
	file      File // nil when the file has no such bucket
	fileKey   []byte
	fileValue []byte

	layers []layer // the newest first

	key       []byte
	backwards bool
}

// layer is the part of a set that is about one bucket.
type layer struct {
	iterator btree.IterG[*Change]
	first    Change  // before all others of the bucket
	end      Change  // behind them
	at       *Change // nil when there is nothing further
}

// NewCursor returns a cursor through a bucket of the file, nil when it has none,
// with sets laid over it, the newest first. It may be used as long as file and
// sets do not change.
func NewCursor(bucket string, file File, sets ...*Set) *Cursor {
	c := &Cursor{file: file}
	for _, s := range sets {
		if s.Len() == 0 {
			continue
		}
		if c.layers == nil {
			c.layers = make([]layer, 0, len(sets))
		}
		// No string lies between one and the same with a zero byte.
		c.layers = append(c.layers, layer{
			iterator: s.tree.Iter(), first: Change{Bucket: bucket}, end: Change{Bucket: bucket + "\x00"},
		})
	}
	return c
}

// settle takes over where the iterator is.
func (l *layer) settle(found bool) {
	l.at = nil
	if found {
		if at := l.iterator.Item(); at.Bucket == l.first.Bucket {
			l.at = at
		}
	}
}

func (l *layer) seek(key []byte) {
	at := Change{Bucket: l.first.Bucket, Key: key}
	l.settle(l.iterator.Seek(&at))
}

// seekBefore goes to the last change before one.
func (l *layer) seekBefore(c *Change) {
	if l.iterator.Seek(c) {
		l.settle(l.iterator.Prev())
	} else {
		l.settle(l.iterator.Last())
	}
}

func (l *layer) is(key []byte) bool { return l.at != nil && bytes.Equal(l.at.Key, key) }

// First goes to the first key.
func (c *Cursor) First() (key, value []byte) { return c.start(nil) }

// Seek goes to a key, or to the one after it when it is not there.
func (c *Cursor) Seek(key []byte) (k, value []byte) { return c.start(key) }

func (c *Cursor) start(key []byte) (k, value []byte) {
	c.backwards = false
	if c.file != nil {
		if key == nil {
			c.fileKey, c.fileValue = c.file.First()
		} else {
			c.fileKey, c.fileValue = c.file.Seek(key)
		}
	}
	for i := range c.layers {
		c.layers[i].seek(key)
	}
	return c.pick()
}

// Last goes to the last key.
func (c *Cursor) Last() (key, value []byte) {
	c.backwards = true
	if c.file != nil {
		c.fileKey, c.fileValue = c.file.Last()
	}
	for i := range c.layers {
		c.layers[i].seekBefore(&c.layers[i].end)
	}
	return c.pick()
}

// Next goes to the next key.
func (c *Cursor) Next() (key, value []byte) {
	if c.backwards {
		key := c.key
		c.start(key) // which is there, or has just been passed
		if !bytes.Equal(c.key, key) {
			return c.current()
		}
	}
	c.step()
	return c.pick()
}

// Prev goes to the key before.
func (c *Cursor) Prev() (key, value []byte) {
	if !c.backwards {
		c.backwards = true
		if c.file != nil {
			if k, _ := c.file.Seek(c.key); k != nil {
				c.fileKey, c.fileValue = c.file.Prev()
			} else {
				c.fileKey, c.fileValue = c.file.Last()
			}
		}
		for i := range c.layers {
			l := &c.layers[i]
			l.seekBefore(&Change{Bucket: l.first.Bucket, Key: c.key})
		}
		return c.pick()
	}
	c.step()
	return c.pick()
}

// step leaves the current key behind, wherever it is.
func (c *Cursor) step() {
	for i := range c.layers {
		l := &c.layers[i]
		if !l.is(c.key) {
			continue
		}
		if c.backwards {
			l.settle(l.iterator.Prev())
		} else {
			l.settle(l.iterator.Next())
		}
	}
	if c.fileKey == nil || !bytes.Equal(c.fileKey, c.key) {
		return
	}
	if c.backwards {
		c.fileKey, c.fileValue = c.file.Prev()
	} else {
		c.fileKey, c.fileValue = c.file.Next()
	}
}

// pick finds the next key that has not been removed.
func (c *Cursor) pick() (key, value []byte) {
	for {
		if !c.nearest() {
			return nil, nil
		}
		if key, value = c.current(); key != nil {
			return key, value
		}
		c.step()
	}
}

// nearest makes the next key of all sources the current one.
func (c *Cursor) nearest() bool {
	key := c.fileKey
	for i := range c.layers {
		l := &c.layers[i]
		if l.at == nil {
			continue
		}
		if order := bytes.Compare(l.at.Key, key); key == nil || order < 0 && !c.backwards || order > 0 && c.backwards {
			key = l.at.Key
		}
	}
	c.key = key
	return key != nil
}

// current returns what the newest source says of the current key, nil when that
// has been removed.
func (c *Cursor) current() (key, value []byte) {
	for i := range c.layers {
		if l := &c.layers[i]; l.is(c.key) {
			if l.at.Value == nil {
				return nil, nil
			}
			return l.at.Key, l.at.Value
		}
	}
	return c.fileKey, c.fileValue
}
