package overlay

import (
	"bytes"
	"iter"

	"github.com/tidwall/btree"
)

// Change is what has become of one key of one bucket.
type Change struct {
	Bucket string
	Key    []byte
	// Value is nil when the key has been removed. It may be empty otherwise.
	Value []byte
}

// before orders changes by bucket and key. Buckets are mostly the same string,
// which is quickly seen.
func before(a, b *Change) bool {
	if a.Bucket != b.Bucket {
		return a.Bucket < b.Bucket
	}
	return bytes.Compare(a.Key, b.Key) < 0
}

// degree makes nodes small enough to be copied for a single write to a snapshot,
// and large enough for the tree to be flat.
const degree = 16

// changeCost is what a change takes besides its key and value, roughly.
const changeCost = 128

// Set is an ordered set of changes, the newest of each key. It may be read by
// several goroutines as long as none changes it; its snapshots are independent.
type Set struct {
	tree *btree.BTreeG[*Change]
	size int
}

// New returns an empty set.
func New() *Set {
	return &Set{tree: btree.NewBTreeGOptions(before, btree.Options{Degree: degree, NoLocks: true})}
}

// Snapshot returns a set with the same changes that does not change with s. It
// costs no more for a large set than for a small one. It counts as a change of s.
func (s *Set) Snapshot() *Set { return &Set{tree: s.tree.Copy(), size: s.size} }

// Len returns how many keys have changes.
func (s *Set) Len() int {
	if s == nil {
		return 0
	}
	return s.tree.Len()
}

// Size returns how many bytes of memory the set takes, roughly.
func (s *Set) Size() int {
	if s == nil {
		return 0
	}
	return s.size
}

// Put enters a change, in place of an older one of the same key. The set keeps
// its slices.
func (s *Set) Put(c *Change) {
	old, replaced := s.tree.Set(c)
	if replaced {
		s.size -= len(old.Key) + len(old.Value)
	} else {
		s.size += changeCost
	}
	s.size += len(c.Key) + len(c.Value)
}

// Get returns the change of a key, nil when there is none. Only the bucket and
// the key of at matter, which stays the caller's.
func (s *Set) Get(at *Change) *Change {
	if s.Len() == 0 {
		return nil
	}
	c, _ := s.tree.Get(at)
	return c
}

// All yields the changes by bucket and key, from a change on or from the first
// when that is nil.
func (s *Set) All(from *Change) iter.Seq[*Change] {
	return func(yield func(*Change) bool) {
		if s.Len() == 0 {
			return
		}
		if from == nil {
			s.tree.Scan(yield)
			return
		}
		s.tree.Ascend(from, yield)
	}
}
