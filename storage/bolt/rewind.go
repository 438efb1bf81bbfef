package bolt

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"

	"go.etcd.io/bbolt"
)

// Restoring the same snapshot again.
//
// bbolt never changes a page that a read transaction may look at. So when such a
// transaction is held open from the moment that a snapshot has been restored, all
// that the snapshot had stays in the file, whatever is written later, and going
// back needs no copy: the head of the file of that moment is written once more, as
// the newest one. Like a commit that is one write of less than a sector, after
// which the file holds the old contents, and before which it holds the new.
//
// The price is that pages of the snapshot are not used again. When they make the
// file much larger the transaction is ended, and the next restore copies.

const (
	// baseSize is how large a file may be at most to be held at its base.
	baseSize = 1 << 30
	// baseGrowth is how much it may grow then besides doubling.
	baseGrowth = 64 << 20
	// baseMapping is how much more than the file is mapped. The mapping cannot
	// move while a transaction is held, so it must have room for all that is
	// written until the file is seen to have grown too much. Addresses cost
	// nothing.
	baseMapping = 8 << 30
)

// base is a state of the file that it can go back to.
type base struct {
	hold *bbolt.Tx // keeps its pages
	head []byte    // of the file, without its transaction's number and checksum
	size int64
	from snapshotID
}

// snapshotID tells whether a file is still the same snapshot. Whatever a store
// writes into a file changes its heads.
type snapshotID struct {
	info  os.FileInfo
	heads [2][]byte
}

func (id snapshotID) same(other snapshotID) bool {
	return os.SameFile(id.info, other.info) && id.info.ModTime().Equal(other.info.ModTime()) && id.info.Size() == other.info.Size() &&
		bytes.Equal(id.heads[0], other.heads[0]) && bytes.Equal(id.heads[1], other.heads[1])
}

func identify(f *os.File) (snapshotID, error) {
	info, err := f.Stat()
	if err != nil {
		return snapshotID{}, err
	}
	id := snapshotID{info: info}
	if id.heads, _, err = readHeads(f); err != nil {
		return snapshotID{}, err
	}
	return id, nil
}

// readHeads returns the two heads of a file, as they are, and the size of its
// pages.
func readHeads(f io.ReaderAt) (heads [2][]byte, pageSize int64, err error) {
	pageSize = int64(os.Getpagesize())
	for i := range heads {
		head := make([]byte, headSize)
		if _, err := f.ReadAt(head, int64(i)*pageSize+pageHeader); err != nil && !errors.Is(err, io.EOF) {
			return heads, 0, err
		}
		if n := int64(binary.NativeEndian.Uint32(head[headPageSize:])); soundHead(head) {
			pageSize = n
		}
		heads[i] = head
	}
	return heads, pageSize, nil
}

// soundHead reports whether a head has not been damaged.
func soundHead(head []byte) bool {
	return binary.NativeEndian.Uint32(head) == headMagic && binary.NativeEndian.Uint64(head[headChecksum:]) == headSum(head)
}

func headSum(head []byte) uint64 {
	sum := fnv.New64a()
	sum.Write(head[:headChecksum])
	return sum.Sum64()
}

// newestHead returns the head that counts.
func newestHead(heads [2][]byte) (head []byte, transaction uint64) {
	for _, h := range heads {
		if n := binary.NativeEndian.Uint64(h[headTransaction:]); soundHead(h) && (head == nil || n > transaction) {
			head, transaction = h, n
		}
	}
	return head, transaction
}

// writeHead makes head the newest of the file.
func writeHead(f *os.File, head []byte) error {
	heads, pageSize, err := readHeads(f)
	if err != nil {
		return err
	}
	newest, transaction := newestHead(heads)
	if newest == nil {
		return fmt.Errorf("%w: both of its heads", ErrDamaged)
	}
	transaction++
	head = bytes.Clone(head)
	binary.NativeEndian.PutUint64(head[headTransaction:], transaction)
	binary.NativeEndian.PutUint64(head[headChecksum:], headSum(head))
	// Heads take turns.
	_, err = f.WriteAt(head, int64(transaction%2)*pageSize+pageHeader)
	return err
}

// newBase holds db, which has just been opened at path and not been written
// since, where it is. It returns nil when that is not to be.
func newBase(db *bbolt.DB, file *os.File, from snapshotID) *base {
	if !canReopen || from.info == nil || file == nil {
		return nil
	}
	hold, err := db.Begin(false)
	if err != nil {
		return nil
	}
	b := &base{hold: hold, size: hold.Size(), from: from}
	heads, _, err := readHeads(file)
	var transaction uint64
	if err == nil {
		b.head, transaction = newestHead(heads)
	}
	// Without a list of free pages opening it would take as long as copying.
	if b.head == nil || transaction != uint64(hold.ID()) || b.size > baseSize || binary.NativeEndian.Uint64(b.head[headFreeList:]) == noFreeList {
		b.release()
		return nil
	}
	return b
}

// release lets the pages go.
func (b *base) release() {
	if b != nil {
		_ = b.hold.Rollback()
	}
}

// outgrown reports whether holding on to the base costs too much.
func (b *base) outgrown(size int64) bool { return size > 2*b.size+baseGrowth }

// rewind takes the store back to its base when that is the snapshot.
type rewind struct {
	alone
	to   snapshotID
	done bool
}

func (m *rewind) swap(s *Store) error {
	s.stopFlush() // which may end what can be gone back to
	if s.base == nil || !s.base.from.same(m.to) {
		return nil
	}
	b := s.base
	s.base = nil
	if err := m.rewrite(s, b); err != nil {
		return err
	}
	m.done = true
	s.removeJournal()
	return nil
}

func (m *rewind) rewrite(s *Store, b *base) error {
	s.schema.Lock()
	defer s.schema.Unlock()
	heads, _, err := readHeads(s.file)
	if err != nil {
		return err
	}
	now, _ := newestHead(heads)
	b.release()
	if err := s.reopen(func(f *os.File) error { return writeHead(f, b.head) }, now, b.from); err != nil {
		return err
	}
	s.forget()
	return nil
}

// reopen closes the file, when the reads under way have finished, has change
// write to it, makes that durable, and opens it again. When change fails the file
// is opened all the same, with the head otherwise if there is one. The caller holds
// s.schema.
func (s *Store) reopen(change func(f *os.File) error, otherwise []byte, from snapshotID) error {
	file := s.file
	if err := s.db.Close(); err != nil {
		return err
	}
	err := change(file)
	if err == nil && !s.opt.InMemory {
		err = file.Sync()
	}
	if err != nil {
		from = snapshotID{}
		if otherwise != nil {
			err = errors.Join(err, writeHead(file, otherwise))
		}
	}
	db, tables, own, openErr := openDB(s.path, s.opt, file, from.info != nil)
	if openErr != nil {
		return errors.Join(err, openErr)
	}
	s.db, s.tables, s.file = db, tables, own
	s.base = newBase(db, own, from)
	return err
}

// duplicate returns another handle of the same file.
func duplicate(f *os.File) (*os.File, error) {
	fd, err := duplicateHandle(f.Fd())
	if err != nil {
		return nil, &os.PathError{Op: "dup", Path: f.Name(), Err: err}
	}
	return os.NewFile(fd, f.Name()), nil
}

// undo takes back a transaction whose commit failed after its head was written:
// the one before becomes the newest again.
func (s *Store) undo(transaction uint64) error {
	if s.file == nil {
		return nil
	}
	heads, _, err := readHeads(s.file)
	if err != nil {
		return err
	}
	if _, newest := newestHead(heads); newest != transaction {
		return nil // it was not
	}
	before := heads[1-transaction%2]
	if !soundHead(before) {
		return fmt.Errorf("%w: the head before the failed transaction", ErrDamaged)
	}
	s.schema.Lock()
	defer s.schema.Unlock()
	s.base.release()
	s.base = nil
	return s.reopen(func(f *os.File) error { return writeHead(f, before) }, nil, snapshotID{})
}
