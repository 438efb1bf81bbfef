package bolt

import (
	"sync/atomic"

	"go.etcd.io/bbolt"
)

// What bbolt reads it reads through a mapping of the file, and the system counts
// every page that has been looked at as the process's memory, together with its
// neighbours. They cost nothing, for they belong to the system's cache of files
// and are given up when memory is short; but a process that serves a large file
// would look as large as the file, and be the first to be killed where memory is
// limited. So the mapping is given back from time to time. What is looked at
// again costs a page fault then, not a read from the disk. It is given back piece by
// piece, in turn, so that most of what is looked at often stays.

const (
	// residentFile is how much of all files a process may have mapped in before
	// it gives the mapping back.
	residentFile = 224 << 20
	// residentInterval is after how many items it is looked. Each may bring in
	// 64 KB.
	residentInterval = 512
	// residentPiece is how much of the mapping is given back at a time.
	residentPiece = 16 << 20
)

// residency counts what has been looked at.
type residency struct {
	items atomic.Int64
	// next is where in the file the next piece is that is given back.
	next atomic.Int64
}

// touch counts items that tx has looked at, and gives the mapping back when much
// of it is in memory. The transaction keeps the mapping from moving.
func (r *residency) touch(tx *bbolt.Tx, items int) {
	if n := r.items.Add(int64(items)); n/residentInterval != (n-int64(items))/residentInterval {
		r.trim(tx)
	}
}

// trim gives pieces of the mapping back while much of it is in memory, each at most
// once.
func (r *residency) trim(tx *bbolt.Tx) {
	size := tx.Size()
	if size <= residentFile {
		return
	}
	mapping := tx.DB().Info().Data
	for given := int64(0); given < size && mappedMemory() > residentFile; given += residentPiece {
		at := r.next.Add(residentPiece) - residentPiece
		if at >= size {
			r.next.Store(0)
			continue
		}
		giveBack(mapping+uintptr(at), min(residentPiece, size-at))
	}
}
