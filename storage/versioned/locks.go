package versioned

import (
	"context"
	"sync"
)

// locks lets the writes of one item follow each other, so that they need not
// race. They only save work: what keeps a write from overwriting another is the
// condition of its transaction.
type locks struct {
	mu    sync.Mutex // guards what follows
	held  map[string]*lock
	spare []*lock // that nobody uses, for the next ones
}

// maxSpare is how many locks are kept for the next ones: more than writes are
// under way at a time.
const maxSpare = 64

type lock struct {
	token chan struct{} // full while nobody holds the lock
	users int           // that hold the lock or wait for it; guarded by locks.mu
}

// holding is a lock that is held.
type holding struct {
	locks *locks
	key   string
	lock  *lock // nil once it is released
}

// acquire waits for the lock of a key. The caller calls release when done.
func (l *locks) acquire(ctx context.Context, key string) (holding, error) {
	k := l.join(key)
	select {
	case <-k.token:
		return holding{l, key, k}, nil
	case <-ctx.Done():
		l.leave(key, k)
		return holding{}, ctx.Err()
	}
}

func (l *locks) join(key string) *lock {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := l.held[key]
	if k == nil {
		if n := len(l.spare); n > 0 {
			k, l.spare = l.spare[n-1], l.spare[:n-1]
		} else {
			k = &lock{token: make(chan struct{}, 1)}
			k.token <- struct{}{}
		}
		if l.held == nil {
			l.held = map[string]*lock{}
		}
		l.held[key] = k
	}
	k.users++
	return k
}

func (l *locks) leave(key string, k *lock) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if k.users--; k.users > 0 {
		return
	}
	delete(l.held, key)
	if len(l.spare) < maxSpare {
		l.spare = append(l.spare, k)
	}
}

// release lets the next one have the lock. A second call does nothing.
func (h *holding) release() {
	if h.lock == nil {
		return
	}
	h.lock.token <- struct{}{}
	h.locks.leave(h.key, h.lock)
	h.lock = nil
}
