package bolt

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"appsync-emulator/storage"

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

// mutation is one request to the writer. Both methods run in the writer's
// goroutine, and again from the start when a group is repeated.
type mutation interface {
	check(w *writing) error
	write(w *writing) error
}

const (
	// queueLength is how many mutations may wait before callers have to.
	queueLength = 1024
	// maxGroup bounds a transaction, and so how long its first caller waits.
	maxGroup = 256
)

type writer struct {
	queue chan *request
	done  chan struct{} // closed when the goroutine has ended

	// closing guards closed, and is held by callers while they queue, so that
	// the queue is closed only when nobody is about to send to it.
	closing sync.RWMutex
	closed  bool

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
		failed := s.attempt(run)
		if failed < 0 {
			return
		}
		// The failed one has been answered; the others have not been written.
		run = append(run[:failed:failed], run[failed+1:]...)
	}
}

func (r *request) finish(err error) {
	r.err = err
	close(r.answer)
}

// attempt runs the requests in one transaction. It returns -1 when all of them
// have been answered; else nothing has been written and the one at the returned
// index has been answered.
func (s *Store) attempt(run []*request) int {
	tx, err := s.db.Begin(true)
	if err != nil {
		finishAll(run, fmt.Errorf("storage/bolt: begin: %w", err))
		return -1
	}
	w := &writing{tx: tx, tables: s.tables}
	for i, r := range run {
		r.err = s.guard("check", r.mutation.check, w)
		if r.err != nil {
			continue
		}
		if err := s.guard("write", r.mutation.write, w); err != nil {
			s.rollback(tx)
			s.log.Error("write failed", "error", err)
			r.finish(err)
			return i
		}
	}
	if !w.dirty {
		// What was read is durable, so refusals can be answered without a commit.
		s.rollback(tx)
	} else if err := s.commit(w, run); err != nil {
		s.log.Error("commit failed", "error", err)
		finishAll(run, fmt.Errorf("storage/bolt: commit: %w", err))
		return -1
	} else {
		s.commits.Add(1)
	}
	s.mutations.Add(uint64(len(run)))
	for _, r := range run {
		close(r.answer)
	}
	return -1
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

// commit makes the transaction durable and, when it changed schemas, lets reads
// see items and schemas change at once.
func (s *Store) commit(w *writing, run []*request) (err error) {
	defer func() {
		if err != nil {
			s.rollback(w.tx)
		}
	}()
	defer s.recover("commit", &err)
	change, ok := run[0].mutation.(schemaChange)
	if !ok {
		return w.tx.Commit()
	}
	s.schema.Lock()
	defer s.schema.Unlock()
	if err := w.tx.Commit(); err != nil {
		return err
	}
	if tables := change.result(); tables != nil {
		s.tables = tables
	}
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
	tx     *bbolt.Tx
	tables map[string]*table
	opened map[*table]*buckets
	// dirty says that there is something to commit.
	dirty bool
}

// buckets are those of one table.
type buckets struct {
	items   *bbolt.Bucket
	expiry  *bbolt.Bucket
	indexes []*bbolt.Bucket // in the order of the table's
}

func (w *writing) table(name string) (*table, error) {
	if t := w.tables[name]; t != nil {
		return t, nil
	}
	return nil, tableNotFound()
}

func (w *writing) open(t *table) (*buckets, error) {
	if b := w.opened[t]; b != nil {
		return b, nil
	}
	b := &buckets{indexes: make([]*bbolt.Bucket, len(t.indexes))}
	var err error
	if b.items, err = t.open(w.tx, itemsName); err != nil {
		return nil, err
	}
	if b.expiry, err = t.open(w.tx, expiryName); err != nil {
		return nil, err
	}
	for i, ix := range t.indexes {
		if b.indexes[i], err = t.open(w.tx, ix.bucket); err != nil {
			return nil, err
		}
	}
	if w.opened == nil {
		w.opened = map[*table]*buckets{}
	}
	w.opened[t] = b
	return b, nil
}
