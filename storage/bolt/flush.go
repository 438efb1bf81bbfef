package bolt

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"

	"appsync-emulator/storage/bolt/internal/journal"
	"appsync-emulator/storage/bolt/internal/overlay"

	"go.etcd.io/bbolt"
)

// Writing behind.
//
// bbolt copies every page that a transaction changes, and all those above it. In
// a large file each item of a group lies on a page of its own, so that a commit
// would write some 10 KB for an item of 500 bytes, and sync twice. So a group is
// appended to a journal, with one sync, and kept in memory, in a set of changes
// that lies over the file for whoever reads. When the set has grown large it is
// frozen, a new one takes its place above it, and the frozen one is written into
// the file in the order of its keys while reads and writes go on. After a crash
// the journal is read.
//
// What changes schemas, and what writes much at once, goes to the file directly
// after the sets have been written to it. So the sets are only about buckets that
// are there, and the file alone says what tables there are.

const (
	// writeBehind is Options.WriteBehind when that is zero.
	writeBehind = 16 << 20
	// maxJournal is how much longer than Options.WriteBehind a segment of the journal
	// may become.
	maxJournal = 4
	// flushChanges bounds the changes in one transaction of a flush, and with
	// them the pages that it holds in memory.
	flushChanges = 2000

	// metaJournal is where the meta bucket has the identifier of the journal and
	// the number of its last record whose changes are in the file.
	metaJournal = "journal"
)

// pending is what is not in the file yet: over is the newer set, under the one
// that is being written, nil when there is none. Neither changes.
type pending struct{ over, under *overlay.Set }

// behind is the state of writing behind. Unless said otherwise its fields are the
// writer's goroutine's.
type behind struct {
	// pending is what reads look at. It is replaced under publishing; a
	// transaction in which reads find what it no longer has begins after it has
	// been replaced, for both happens under schema.
	pending    atomic.Pointer[pending]
	publishing sync.Mutex

	// newest becomes pending.over when a group is committed.
	newest *overlay.Set
	// journal is nil until the first write, and in memory.
	journal   *journal.Journal
	journalID journal.ID
	// frozen is the number of the last record of pending.under.
	frozen uint64
	// flushing is closed when the flush that is under way ends, nil when there is
	// none; stopping has it end early.
	flushing chan struct{}
	stopping atomic.Bool
}

func (b *behind) start() {
	b.newest = overlay.New()
	b.pending.Store(&pending{over: b.newest.Snapshot()})
}

// publish replaces what is pending by what change makes of it.
func (b *behind) publish(change func(p pending) pending) {
	b.publishing.Lock()
	defer b.publishing.Unlock()
	p := change(*b.pending.Load())
	b.pending.Store(&p)
}

// startJournal makes the journal before the first write.
func (s *Store) startJournal() error {
	if s.opt.InMemory || s.journal != nil {
		return nil
	}
	var id journal.ID
	_, _ = rand.Read(id[:]) // never fails
	// From now on the file is the journal's; one that was left behind is not.
	err := s.update(func(tx *bbolt.Tx) error { return writeJournalMark(tx, id, 0) })
	if err != nil {
		return err
	}
	s.journal, err = journal.Create(s.path, id)
	s.journalID = id
	return err
}

// writeJournalMark notes that the file has what the journal has up to a record. A
// program that knows of no journal must not read it any more.
func writeJournalMark(tx *bbolt.Tx, id journal.ID, number uint64) error {
	meta := tx.Bucket([]byte(metaBucket))
	if err := meta.Put([]byte(metaFormat), binary.BigEndian.AppendUint32(nil, formatVersion)); err != nil {
		return err
	}
	return meta.Put([]byte(metaJournal), binary.BigEndian.AppendUint64(id[:], number))
}

// readJournalMark returns the journal of the file, false when it has none.
func readJournalMark(tx *bbolt.Tx) (id journal.ID, number uint64, ok bool) {
	v := tx.Bucket([]byte(metaBucket)).Get([]byte(metaJournal))
	if len(v) != len(id)+8 {
		return id, 0, false
	}
	copy(id[:], v)
	return id, binary.BigEndian.Uint64(v[len(id):]), true
}

// makeRoom has a set that has grown large written to the file. It waits for the
// one before it.
func (s *Store) makeRoom() error {
	// The set has each key once, the journal every change of it.
	if s.newest.Size() < s.opt.WriteBehind && s.journal.Size() < int64(maxJournal*s.opt.WriteBehind) {
		return nil
	}
	if err := s.finishFlush(); err != nil {
		return err
	}
	if err := s.freeze(); err != nil {
		return err
	}
	done := make(chan struct{})
	s.flushing = done
	go func() {
		defer close(done)
		if err := s.flush(); err != nil && !errors.Is(err, errStopped) {
			s.log.Error("writing to the file failed", "error", err)
		}
	}()
	return nil
}

// settle writes all that is pending to the file.
func (s *Store) settle() error {
	if err := s.finishFlush(); err != nil {
		return err
	}
	if s.newest.Len() == 0 {
		return s.journal.Settle()
	}
	if err := s.freeze(); err != nil {
		return err
	}
	return s.flush()
}

// finishFlush waits until nothing is frozen. What could not be written before is
// tried again.
func (s *Store) finishFlush() error {
	s.awaitFlush()
	if s.pending.Load().under == nil {
		return nil
	}
	return s.flush()
}

// awaitFlush waits for the flush that is under way, if there is one.
func (s *Store) awaitFlush() {
	if s.flushing != nil {
		<-s.flushing
		s.flushing = nil
	}
}

// stopFlush has the flush that is under way end early and waits for it.
func (s *Store) stopFlush() {
	s.stopping.Store(true)
	s.awaitFlush()
	s.stopping.Store(false)
}

// freeze puts an empty set in the place of the newest, which goes under it. Nothing
// is frozen when it is called.
func (s *Store) freeze() error {
	if s.journal != nil {
		if err := s.journal.Switch(); err != nil {
			return err
		}
		s.frozen = s.journal.Number()
	}
	s.newest = overlay.New()
	over := s.newest.Snapshot()
	s.publish(func(p pending) pending { return pending{over: over, under: p.over} })
	return nil
}

var errStopped = errors.New("stopped")

// flush writes the frozen set to the file and forgets it. It runs in the writer's
// goroutine or while that leaves the file and the frozen set alone.
func (s *Store) flush() error {
	if err := s.writeOut(s.pending.Load().under, s.journal != nil, s.journalID, s.frozen); err != nil {
		return err
	}
	// A read that begins now finds all of it in the file.
	s.schema.Lock()
	defer s.schema.Unlock()
	s.publish(func(p pending) pending { return pending{over: p.over} })
	return nil
}

// writeOut writes a set to the file, in several transactions. The last one marks, if
// that is asked for, that the file has the changes of a journal up to a record.
func (s *Store) writeOut(set *overlay.Set, mark bool, id journal.ID, number uint64) error {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	for from := (*overlay.Change)(nil); ; {
		var next *overlay.Change
		err := s.update(func(tx *bbolt.Tx) (err error) {
			if next, err = s.apply(tx, set, from); err != nil || next != nil || !mark {
				return err
			}
			return writeJournalMark(tx, id, number)
		})
		if err != nil || next == nil {
			return err
		}
		if from = next; s.stopping.Load() {
			return errStopped
		}
	}
}

// apply writes changes from one on, and returns the one to go on with, nil when
// there is none.
func (s *Store) apply(tx *bbolt.Tx, set *overlay.Set, from *overlay.Change) (next *overlay.Change, err error) {
	var bucket *bbolt.Bucket
	path := ""
	n := 0
	for c := range set.All(from) {
		if n++; n > flushChanges {
			next = c
			break
		}
		if bucket == nil || c.Bucket != path {
			if bucket, err = openPath(tx, c.Bucket); err != nil {
				return nil, err
			}
			bucket.FillPercent = fillOfPages
			path = c.Bucket
		}
		if c.Value == nil {
			err = bucket.Delete(c.Key)
		} else {
			err = bucket.Put(c.Key, c.Value)
		}
		if err != nil {
			return nil, err
		}
	}
	s.resident.touch(tx, n)
	return next, nil
}

// openPath opens a bucket by its path. That of tokens is made when it is needed.
func openPath(tx *bbolt.Tx, path string) (*bbolt.Bucket, error) {
	if path == tokensBucket {
		return tx.CreateBucketIfNotExists([]byte(tokensBucket))
	}
	name, within, nested := strings.Cut(path, "\x00")
	b := tx.Bucket([]byte(name))
	if b != nil && nested {
		b = b.Bucket([]byte(within))
	}
	if b == nil {
		return nil, damaged("there is no bucket %q", path)
	}
	return b, nil
}

// update runs fn in a write transaction on the file. One that fails leaves the file
// as it was.
func (s *Store) update(fn func(tx *bbolt.Tx) error) (err error) {
	tx, err := s.db.Begin(true)
	if err != nil {
		return err
	}
	transaction := uint64(tx.ID())
	if s.base != nil && s.base.outgrown(tx.Size()) {
		s.base.release()
		s.base = nil
	}
	err = func() (err error) {
		defer s.recover("write", &err)
		return fn(tx)
	}()
	if err != nil {
		s.rollback(tx)
		return err
	}
	err = func() (err error) {
		defer s.recover("commit", &err)
		return s.commitTx(tx)
	}()
	if err == nil {
		return nil
	}
	s.rollback(tx)
	return s.failed(transaction, err)
}

// failed takes back a transaction whose commit failed with an error, which it
// returns as callers get it.
func (s *Store) failed(transaction uint64, err error) error {
	err = fmt.Errorf("storage/bolt: commit: %w", noSpace(err))
	s.log.Error("commit failed", "error", err)
	if err := s.undo(transaction); err != nil {
		s.log.Error("the failed commit could not be taken back", "error", err)
	}
	return err
}

// endJournal removes the journal when all of it is in the file, which then knows of
// none. The next write begins another one.
func (s *Store) endJournal() error {
	if s.journal == nil {
		return nil
	}
	err := s.update(func(tx *bbolt.Tx) error { return tx.Bucket([]byte(metaBucket)).Delete([]byte(metaJournal)) })
	if err != nil {
		return err
	}
	s.removeJournal()
	return nil
}

// forget drops all that is pending, for the file has become another one. The caller
// holds schema.
func (s *Store) forget() {
	s.newest = overlay.New()
	over := s.newest.Snapshot()
	s.publish(func(pending) pending { return pending{over: over} })
}

// removeJournal removes the journal when nothing needs it any more.
func (s *Store) removeJournal() {
	if s.journal == nil {
		return
	}
	if err := errors.Join(s.journal.Close(), journal.Remove(s.path)); err != nil {
		s.log.Warn("the journal could not be removed", "error", err)
	}
	s.journal = nil
}

// recoverJournal writes to the file what only the journal has, after a crash, and
// removes the journal.
func (s *Store) recoverJournal() error {
	if s.opt.InMemory {
		return nil
	}
	var id journal.ID
	var number uint64
	marked := false
	err := s.db.View(func(tx *bbolt.Tx) error {
		id, number, marked = readJournalMark(tx)
		return nil
	})
	if err != nil {
		return err
	}
	if marked {
		if !journal.Exists(s.path) {
			s.log.Warn("the journal of the store's file is gone, and with it what was written last", "file", s.path)
		}
		records, err := journal.Read(s.path, id, number)
		if errors.Is(err, journal.ErrDamaged) {
			return fmt.Errorf("%w: %w; without the files %s-journal-* it opens, and lacks the writes that only they have", ErrDamaged, err, s.path)
		}
		if err != nil {
			return err
		}
		for _, r := range records {
			if err := journal.Changes(r.Text, s.newest); err != nil {
				return fmt.Errorf("%w: %w", ErrDamaged, err)
			}
			number = r.Number
		}
		if len(records) > 0 {
			s.log.Info("wrote what the journal has", "records", len(records), "changes", s.newest.Len())
			set := s.newest
			s.newest = overlay.New()
			if err := s.writeOut(set, true, id, number); err != nil {
				return err
			}
		}
	}
	return journal.Remove(s.path)
}
