package bolt

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"appsync-emulator/storage"
	"appsync-emulator/storage/bolt/internal/overlay"

	"go.etcd.io/bbolt"
)

// Group commit.
//
// One goroutine writes. It takes all the mutations that are waiting, runs them
// one after the other in a single bbolt transaction, commits, and answers their
// callers. There is no timer: while one group is being synced the next gathers by
// itself, and a lone mutation is committed at once.
//
// A mutation has two halves. check reads and decides; when it refuses, nothing
// has been written and the neighbours go on. write then cannot be refused any
// more. Should it fail all the same, the transaction is rolled back, that
// mutation's caller gets the error, and the others run again without it.

// swap is a mutation that is no transaction: the writer runs it between two.
type swap interface {
	schemaChange
	swap(s *Store) error
}

// alone is embedded in swaps, which have neither half of a mutation.
type alone struct{}

func (alone) check(*writing) error      { return nil }
func (alone) write(*writing) error      { return nil }
func (alone) result() map[string]*table { return nil }

// mutation is one request to the writer. Both methods run in the writer's
// goroutine, and again from the start when a group is repeated.
type mutation interface {
	check(w *writing) error
	write(w *writing) error
}

const (
	// queueLength is how many mutations may wait before callers have to.
	queueLength = 1024
	// maxGroup bounds a transaction, and so how long its first caller waits; likewise
	// maxGroupSize, in bytes of the journal.
	maxGroup     = 256
	maxGroupSize = 16 << 20
)

type writer struct {
	queue chan *request
	done  chan struct{} // closed when the goroutine has ended

	// closing guards closed, and is held by callers while they queue, so that
	// the queue is closed only when nobody is about to send to it.
	closing sync.RWMutex
	closed  bool

	// commitTx is bbolt's, but for tests that have it fail.
	commitTx func(*bbolt.Tx) error

	lastGroup int // the size of the last group; the goroutine's own

	mutations atomic.Uint64
	commits   atomic.Uint64
}

// request is a mutation in the queue.
type request struct {
	ctx      context.Context
	mutation mutation
	state    atomic.Int32
	err      error
	answer   chan struct{}
}

// The states of a request. Whoever moves it out of waiting, the writer or the
// caller whose context is done, decides whether it runs.
const (
	waiting int32 = iota
	started
	abandoned
)

// submit has the writer run m and returns when its transaction is durable or m
// has been refused. When ctx is done before m has begun, m does not run.
func (s *Store) submit(ctx context.Context, m mutation) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r := &request{ctx: ctx, mutation: m, answer: make(chan struct{})}
	if err := s.enqueue(r); err != nil {
		return err
	}
	select {
	case <-r.answer:
	case <-ctx.Done():
		if r.state.CompareAndSwap(waiting, abandoned) {
			return ctx.Err()
		}
		<-r.answer
	}
	return public(r.err)
}

func (s *Store) enqueue(r *request) error {
	s.closing.RLock()
	defer s.closing.RUnlock()
	if s.closed {
		return storage.ErrClosed
	}
	select {
	case s.queue <- r:
		return nil
	case <-r.ctx.Done():
		return r.ctx.Err()
	}
}

func (s *Store) startWriter() {
	s.queue = make(chan *request, queueLength)
	s.done = make(chan struct{})
	go s.writeLoop()
}

// stopWriter lets the writer finish what is queued and waits for it. It reports
// false when it had been stopped before.
func (s *Store) stopWriter() bool {
	s.closing.Lock()
	if s.closed {
		s.closing.Unlock()
		<-s.done
		return false
	}
	s.closed = true
	close(s.queue)
	s.closing.Unlock()
	<-s.done
	return true
}

func (s *Store) writeLoop() {
	defer close(s.done)
	// A damaged file fails the writes that meet the damage, not the process.
	debug.SetPanicOnFault(true)
	var group []*request
	for r := range s.queue {
		group = s.gather(append(group[:0], r))
		for rest := group; len(rest) > 0; {
			n := 1
			if _, alone := rest[0].mutation.(schemaChange); !alone {
				for n < len(rest) {
					if _, alone := rest[n].mutation.(schemaChange); alone {
						break
					}
					n++
				}
			}
			s.process(rest[:n])
			rest = rest[n:]
		}
		clear(group)
	}
}

// gather adds what else is in the queue. Callers that have just been answered
// may be about to write again: when the last group was larger they get a chance
// to run first, which costs nothing when there are none.
func (s *Store) gather(group []*request) []*request {
	for yields := 0; len(group) < maxGroup; {
		select {
		case r, ok := <-s.queue:
			if !ok {
				return group
			}
			group = append(group, r)
			continue
		default:
		}
		if len(group) >= s.lastGroup || yields == maxYields {
			break
		}
		yields++
		runtime.Gosched()
	}
	s.lastGroup = len(group)
	return group
}

// maxYields is how often gather lets others run.
const maxYields = 3

// process commits a group and answers it.
func (s *Store) process(group []*request) {
	var run []*request
	if m, ok := group[0].mutation.(swap); ok && len(group) == 1 {
		if group[0].state.CompareAndSwap(waiting, started) {
			group[0].finish(s.exchange(m))
		}
		return
	}
	for _, r := range group {
		if !r.state.CompareAndSwap(waiting, started) {
			continue // its caller has gone
		}
		if err := r.ctx.Err(); err != nil {
			r.finish(err)
			continue
		}
		run = append(run, r)
	}
	for len(run) > 0 {
		run = s.attempt(run)
	}
}

// exchange runs a swap.
func (s *Store) exchange(m swap) (err error) {
	defer s.recover("swap", &err)
	return m.swap(s)
}

func (r *request) finish(err error) {
	r.err = err
	close(r.answer)
}

// attempt runs the requests in one transaction and returns those that have not been
// answered and of which nothing has been written: all but the one whose write failed,
// or those that the record of the group had no room for.
func (s *Store) attempt(run []*request) (rest []*request) {
	w, err := s.begin(run)
	if err != nil {
		finishAll(run, err)
		return nil
	}
	s.resident.touch(w.tx, len(run))
	for i, r := range run {
		r.err = s.guard("check", r.mutation.check, w)
		if r.err != nil {
			continue
		}
		if err := s.guard("write", r.mutation.write, w); err != nil {
			s.abandon(w)
			s.log.Error("write failed", "error", err)
			r.finish(err)
			return append(run[:i:i], run[i+1:]...)
		}
		if len(w.record) > maxGroupSize {
			run, rest = run[:i+1], run[i+1:]
			break
		}
	}
	if !w.dirty {
		// What was read is durable, so refusals can be answered without a commit.
		s.abandon(w)
	} else if err := s.commit(w, run); err != nil {
		finishAll(run, err)
		return rest
	} else {
		s.commits.Add(1)
	}
	s.mutations.Add(uint64(len(run)))
	for _, r := range run {
		close(r.answer)
	}
	return rest
}

// begin begins the transaction of a group: one on the file when it changes schemas,
// and otherwise one whose changes go to the newest set.
func (s *Store) begin(run []*request) (*writing, error) {
	if _, direct := run[0].mutation.(schemaChange); direct {
		if err := s.settle(); err != nil {
			return nil, err
		}
		tx, err := s.db.Begin(true)
		if err != nil {
			return nil, fmt.Errorf("storage/bolt: begin: %w", err)
		}
		if s.base != nil && s.base.outgrown(tx.Size()) {
			s.base.release()
			s.base = nil
		}
		return &writing{tx: tx, tables: s.tables}, nil
	}
	if err := s.startJournal(); err != nil {
		return nil, fmt.Errorf("storage/bolt: begin the journal: %w", noSpace(err))
	}
	if err := s.makeRoom(); err != nil {
		return nil, fmt.Errorf("storage/bolt: write to the file: %w", err)
	}
	s.schema.RLock()
	defer s.schema.RUnlock()
	tx, err := s.db.Begin(false)
	if err != nil {
		return nil, fmt.Errorf("storage/bolt: begin: %w", err)
	}
	w := &writing{tx: tx, tables: s.tables, over: s.newest, under: s.pending.Load().under}
	if s.journal != nil {
		w.journaled, w.record = true, s.journal.Begin()
	}
	return w, nil
}

// abandon gives a transaction up.
func (s *Store) abandon(w *writing) {
	s.rollback(w.tx)
	if w.changed {
		s.newest = s.pending.Load().over.Snapshot()
	}
}

func finishAll(run []*request, err error) {
	for _, r := range run {
		r.finish(err)
	}
}

// guard runs one half of a mutation.
func (s *Store) guard(what string, half func(*writing) error, w *writing) (err error) {
	defer s.recover(what, &err)
	return half(w)
}

// commit makes the transaction durable and lets reads see it. When it fails nothing
// of it remains.
func (s *Store) commit(w *writing, run []*request) error {
	if w.over == nil {
		return s.commitDirect(w, run)
	}
	err := w.count()
	if err == nil && w.journaled {
		if _, err = s.journal.Append(w.record); err != nil {
			err = fmt.Errorf("storage/bolt: commit: %w", noSpace(err))
		}
	}
	if err != nil {
		s.abandon(w)
		s.log.Error("commit failed", "error", err)
		return err
	}
	s.rollback(w.tx) // it has only read
	over := s.newest.Snapshot()
	s.publish(func(p pending) pending { return pending{over: over, under: p.under} })
	return nil
}

// commitDirect commits a transaction on the file and, when it changed schemas, lets
// reads see items and schemas change at once.
func (s *Store) commitDirect(w *writing, run []*request) (err error) {
	transaction := uint64(w.tx.ID())
	defer func() {
		if err != nil {
			s.rollback(w.tx)
			err = s.failed(transaction, err)
		}
	}()
	defer s.recover("commit", &err)
	if err := w.count(); err != nil {
		return err
	}
	var tables map[string]*table
	if change, ok := run[0].mutation.(schemaChange); ok {
		tables = change.result()
	}
	if tables == nil {
		if err := s.commitTx(w.tx); err != nil {
			return err
		}
		// A read that has begun before it must not look at what is pending from here
		// on: it lacks what lies under that.
		s.schema.Lock()
		defer s.schema.Unlock()
		return nil
	}
	s.schema.Lock()
	defer s.schema.Unlock()
	if err := s.commitTx(w.tx); err != nil {
		return err
	}
	s.tables = tables
	return nil
}

// rollback gives the transaction up; it does nothing when it has ended already.
func (s *Store) rollback(tx *bbolt.Tx) {
	var err error
	defer s.recover("rollback", &err)
	_ = tx.Rollback()
}

// writing is a write transaction. It belongs to the writer's goroutine.
type writing struct {
	tx *bbolt.Tx
	// over takes the changes, with under below it; both are nil when the file
	// itself is written.
	over, under *overlay.Set
	// record is what goes to the journal, if that is to be.
	record    []byte
	journaled bool
	changed   bool // over has changes of this transaction
	tables    map[string]*table
	// opened holds the tables that have been used; there are few of them.
	opened []*buckets
	// dirty says that there is something to commit.
	dirty bool
}

// buckets are those of one table.
type buckets struct {
	root    *bucket
	items   *bucket
	expiry  *bucket   // nil when items do not expire
	indexes []*bucket // in the order of the table's

	table *table
	// tallies are the table's and then those of its indexes; changed tells that
	// they are to be stored.
	tallies []tally
	changed bool
	// built holds how far the indexes that are being built have come, and after
	// them the expiry bucket: the key of the last item that was looked at. It is
	// nil when nothing is being built.
	built [][]byte

	// memory is for a table with few indexes, so that one allocation does.
	memory struct {
		indexes [4]*bucket
		tallies [5]tally
	}
}

// How full a page is left when it has to be split. bbolt would leave it half full,
// which is best for keys that come in any order. But the items of a partition
// often come in their order, by time or number, and never return to fill the
// other half. Load sorts, and so its keys always do.
const (
	fillOfPages = 0.75
	loadFill    = 0.9
)

// fillPages sets how full this transaction leaves the pages that it splits.
func (b *buckets) fillPages(fill float64) {
	b.items.setFill(fill)
	if b.expiry != nil {
		b.expiry.setFill(fill)
	}
	for _, ix := range b.indexes {
		ix.setFill(fill)
	}
}

// resized returns a slice of n zero elements, in s when they fit.
func resized[T any](s []T, n int) []T {
	if n > cap(s) {
		return make([]T, n)
	}
	return s[:n]
}

// maintained reports whether writes to the item at key go to the i-th index. Of
// an index that is being built that holds for the items that the build has
// passed; it comes to the others later.
func (b *buckets) maintained(i int, key []byte) bool {
	switch b.table.indexes[i].status {
	case storage.IndexActive:
		return true
	case storage.IndexCreating:
		return bytes.Compare(key, b.built[i]) <= 0
	default:
		return false
	}
}

// expires is maintained for the expiry bucket.
func (b *buckets) expires(key []byte) bool {
	return !b.table.expiryBuilding || bytes.Compare(key, b.built[len(b.indexes)]) <= 0
}

func (w *writing) table(name string) (*table, error) {
	if t := w.tables[name]; t != nil {
		return t, nil
	}
	return nil, tableNotFound()
}

func (w *writing) open(t *table) (*buckets, error) {
	for _, b := range w.opened {
		if b.table == t {
			return b, nil
		}
	}
	file := w.tx.Bucket(t.bucket)
	if file == nil {
		return nil, damaged("table %s has no bucket", t.def.Name)
	}
	b := &buckets{table: t, root: &bucket{file: file, path: t.path, over: w.over, under: w.under}}
	if w.over != nil {
		b.root.group = w
	}
	var err error
	if b.items, err = b.root.within(t, t.items); err != nil {
		return nil, err
	}
	if t.def.TTLAttribute != "" {
		if b.expiry, err = b.root.within(t, t.expiry); err != nil {
			return nil, err
		}
	}
	b.indexes = resized(b.memory.indexes[:0], len(t.indexes))
	for i, ix := range t.indexes {
		if b.indexes[i], err = b.root.within(t, ix.place); err != nil {
			return nil, err
		}
	}
	b.fillPages(fillOfPages)
	b.tallies = resized(b.memory.tallies[:0], len(t.indexes)+1)
	if !readCountsInto(b.tallies, b.root, t) {
		return nil, damaged("table %s has no counts", t.def.Name)
	}
	if t.building() {
		b.built = readProgress(b.root, t)
	}
	w.opened = append(w.opened, b)
	return b, nil
}

// count stores the tallies that changed.
func (w *writing) count() error {
	for _, b := range w.opened {
		if !b.changed {
			continue
		}
		if err := b.root.Put(countsName, appendCounts(nil, b.table, b.tallies)); err != nil {
			return fmt.Errorf("storage/bolt: store counts: %w", err)
		}
	}
	return nil
}
