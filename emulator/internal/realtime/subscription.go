package realtime

import (
	"context"
	"sync"
)

// subscription is one operation id on a connection, from its start message to
// its end.
type subscription struct {
	id   string // JSON text
	head []byte // of its data messages
	conn *conn

	ctx    context.Context // ends with the subscription
	cancel context.CancelFunc

	mu    sync.Mutex // guards the rest; held while queueing, which keeps order
	state state
	// stop is set while the subscription is active.
	stop func()
	// pending holds what was delivered before start_ack.
	pending [][]byte
}

type state uint8

const (
	starting state = iota
	active
	ended
)

// deliver queues one event. It may be called before the start has been
// acknowledged.
func (s *subscription) deliver(payload []byte) {
	if !s.conn.handler.fits(payload) {
		return
	}
	s.mu.Lock()
	ok := true
	switch s.state {
	case starting:
		ok = len(s.pending) < s.conn.out.maxMessages
		if ok {
			s.pending = append(s.pending, payload)
		}
	case active:
		ok = s.conn.out.send(message{head: s.head, body: payload})
	}
	s.mu.Unlock()
	if !ok {
		s.conn.overflow()
	}
}

// acknowledge sends start_ack and what was delivered meanwhile. It reports
// false when the subscription has been stopped; the caller then calls stop.
func (s *subscription) acknowledge(stop func()) bool {
	s.mu.Lock()
	if s.state == ended {
		s.mu.Unlock()
		return false
	}
	s.state = active
	if s.stop = stop; stop == nil {
		s.stop = func() {}
	}
	ok := s.conn.out.send(message{head: idMessage(s.id, "start_ack")})
	for _, payload := range s.pending {
		ok = ok && s.conn.out.send(message{head: s.head, body: payload})
	}
	s.pending = nil
	s.mu.Unlock()
	if !ok {
		s.conn.overflow()
	}
	return true
}

// refuse answers the start with errors, unless it has been stopped.
func (s *subscription) refuse(errs []*Error) { s.end(errorMessage(s.id, errs...)) }

// end sends last, if any, and lets nothing follow it. It returns the stop
// function when the subscription was active.
func (s *subscription) end(last []byte) (stop func()) {
	s.mu.Lock()
	if s.state == ended {
		s.mu.Unlock()
		return nil
	}
	s.state = ended
	stop, s.stop = s.stop, nil
	s.pending = nil
	ok := last == nil || s.conn.out.send(message{head: last})
	s.mu.Unlock()
	s.cancel()
	if !ok {
		s.conn.overflow()
	}
	return stop
}
