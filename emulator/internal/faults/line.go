package faults

import (
	"context"
	"time"
)

// line holds the messages of a connection that are on their way. A message that is
// late makes those behind it late, too, as in a network: nothing overtakes.
type line struct {
	waiting []late
	// moving is set while somebody sends what waits.
	moving bool
}

type late struct {
	delay  time.Duration
	copies int
	since  time.Time // real time
	send   func()
}

// line sends a message, at once when nothing is in its way.
func (in *Injector) line(c *connection, copies int, delay time.Duration, send func()) {
	if copies == 0 {
		return
	}
	in.mu.Lock()
	if delay == 0 && !c.line.moving {
		in.mu.Unlock()
		for range copies {
			send()
		}
		return
	}
	defer in.mu.Unlock()
	if in.ended {
		return
	}
	c.line.waiting = append(c.line.waiting, late{delay, copies, time.Now(), send})
	if !c.line.moving {
		c.line.moving = true
		in.active.Add(1) // keeps later messages from passing
		in.work.Go(func() { in.move(c) })
	}
}

// move sends what waits in a line, each when its time has come.
func (in *Injector) move(c *connection) {
	for {
		in.mu.Lock()
		if len(c.line.waiting) == 0 || in.ended || in.conns[c.peer] == nil {
			c.line.waiting = nil
			c.line.moving = false
			in.active.Add(-1)
			in.mu.Unlock()
			return
		}
		next := c.line.waiting[0]
		in.mu.Unlock()
		in.pause(context.Background(), next.delay-time.Since(next.since), nil)
		in.mu.Lock()
		c.line.waiting = c.line.waiting[1:]
		in.mu.Unlock()
		for range next.copies {
			next.send()
		}
	}
}
