package versioned

import (
	"context"
	"sync"
)

// locks lets the writes of one item follow each other, so that they need not
// race. They only save work: what keeps a write from overwriting another is the
// condition of its transaction.
type locks struct {
	mu   sync.Mutex // guards held
	held map[string]*lock
}

type lock struct {
	token chan struct{} // full while nobody holds the lock
	users int           // that hold the lock or wait for it; guarded by locks.mu
}

// acquire waits for the lock of a key. The caller calls release when done.
func (l *locks) acquire(ctx context.Context, key string) (release func(), err error) {
	l.mu.Lock()
	k := l.held[key]
	if k == nil {
		k = &lock{token: make(chan struct{}, 1)}
		k.token <- struct{}{}
		if l.held == nil {
			l.held = map[string]*lock{}
		}
		l.held[key] = k
	}
	k.users++
	l.mu.Unlock()
	select {
	case <-k.token:
		return func() {
			k.token <- struct{}{}
			l.leave(key, k)
		}, nil
	case <-ctx.Done():
		l.leave(key, k)
		return nil, ctx.Err()
	}
}

func (l *locks) leave(key string, k *lock) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if k.users--; k.users == 0 {
		delete(l.held, key)
	}
}
