package clock

import (
	"sync"
	"sync/atomic"
	"time"
)

// Clock is a wall clock that can be moved. The zero Clock is not usable; it is
// safe for concurrent use.
type Clock struct {
	state atomic.Pointer[state]

	mu    sync.Mutex // guards moved and the order of moves
	moved chan struct{}
}

// state is the clock's position relative to real time.
type state struct {
	offset time.Duration
	frozen time.Time // zero: running
}

// New returns a clock that runs with real time.
func New() *Clock {
	c := &Clock{moved: make(chan struct{})}
	c.state.Store(&state{})
	return c
}

// Now returns the clock's time.
func (c *Clock) Now() time.Time {
	s := c.state.Load()
	if !s.frozen.IsZero() {
		return s.frozen
	}
	return time.Now().Add(s.offset)
}

// Freeze stops the clock at t until Resume is called.
func (c *Clock) Freeze(t time.Time) { c.move(func(*state) *state { return &state{frozen: t} }) }

// Resume lets a frozen clock run on from where it stands.
func (c *Clock) Resume() {
	c.move(func(s *state) *state {
		if s.frozen.IsZero() {
			return s
		}
		return &state{offset: time.Until(s.frozen)}
	})
}

// Set moves the clock to t; it keeps running, or keeps standing.
func (c *Clock) Set(t time.Time) {
	c.move(func(s *state) *state {
		if s.frozen.IsZero() {
			return &state{offset: time.Until(t)}
		}
		return &state{frozen: t}
	})
}

// Advance moves the clock forward by d.
func (c *Clock) Advance(d time.Duration) {
	c.move(func(s *state) *state {
		if s.frozen.IsZero() {
			return &state{offset: s.offset + d}
		}
		return &state{frozen: s.frozen.Add(d)}
	})
}

func (c *Clock) move(next func(*state) *state) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state.Store(next(c.state.Load()))
	close(c.moved)
	c.moved = make(chan struct{})
}

// Moved returns a channel that is closed when the clock is next moved by hand.
func (c *Clock) Moved() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.moved
}
