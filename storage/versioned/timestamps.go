package versioned

import (
	"sync"
	"time"

	"appsync-emulator/storage"
)

// Timestamps is the source of _lastChangedAt and startedAt, in milliseconds
// since 1970. It follows the clock, but never gives a time twice and never one
// that lies before another: when the clock stands still or is set back, times
// go on by single milliseconds until it has caught up. One serves all tables of
// an API, so that a client may keep one lastSync for several of them. It is safe
// for concurrent use.
type Timestamps struct {
	clock storage.Clock

	mu   sync.Mutex // guards what follows
	last int64
	// writing holds the times of writes that are not yet durable.
	writing map[int64]struct{}
}

// NewTimestamps returns the timestamps that follow clock.
func NewTimestamps(clock storage.Clock) *Timestamps {
	return &Timestamps{clock: clock, writing: map[int64]struct{}{}}
}

// maxAhead bounds how far the times may run ahead of the clock because of what a
// stored item says, so that one absurd _lastChangedAt does not move all others.
const maxAhead = 366 * 24 * time.Hour

// now is the time of the clock, for everything that expires.
func (t *Timestamps) now() time.Time { return t.clock.Now() }

// begin allots the time of a write, which ends with end. The time lies after
// that of the item's last change, also when the clock had been ahead then.
func (t *Timestamps) begin(lastChange int64) int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	ms := t.next()
	if lastChange >= ms && lastChange-t.clock.Now().UnixMilli() < maxAhead.Milliseconds() {
		ms = lastChange + 1
	}
	t.last = ms
	t.writing[ms] = struct{}{}
	return ms
}

// end says that the write of the time is durable, or has failed.
func (t *Timestamps) end(ms int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.writing, ms)
}

// next is the least time that may be given out. The caller holds mu.
func (t *Timestamps) next() int64 { return max(t.clock.Now().UnixMilli(), t.last+1) }

// start allots the startedAt of a Sync: every write that a read which begins now
// does not see has that time or a later one.
func (t *Timestamps) start() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = t.next()
	earliest := t.last
	for ms := range t.writing {
		earliest = min(earliest, ms)
	}
	return earliest
}

// preview returns the time that a write now would have.
func (t *Timestamps) preview() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.next()
}

// latest returns the latest time that a record may have.
func (t *Timestamps) latest() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return max(t.clock.Now().UnixMilli(), t.last)
}
