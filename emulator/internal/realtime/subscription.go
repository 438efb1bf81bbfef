package realtime

import (
	"context"
	"log/slog"
	"sync"

	"github.com/gorilla/websocket"
)

// subscription is one operation id on a connection, from its start message to
// its end. It is the Subscriber that the backend sees.
type subscription struct {
	id      string // JSON text
	head    []byte // of its data messages
	session *session

	ctx    context.Context // of the start
	cancel context.CancelFunc

	mu    sync.Mutex // guards the rest; held while queueing, which keeps order
	state state
	// stop is set while the subscription is active.
	stop func()
	// pending holds what was delivered before start_ack, and bytes its size.
	pending [][]byte
	bytes   int
	// invalid is set when the subscription is to end as soon as it has been
	// acknowledged, and failed with what errors.
	invalid bool
	failed  []*Error
}

type state uint8

const (
	starting state = iota
	active
	ended
)

// Deliver implements Subscriber. It may be called before the start has been
// acknowledged.
func (s *subscription) Deliver(payload []byte) {
	c := s.session.conn
	if !c.handler.fits(payload) {
		return
	}
	s.mu.Lock()
	ok := true
	switch s.state {
	case starting:
		s.bytes += len(payload)
		ok = len(s.pending) < c.out.maxMessages && (s.pending == nil || s.bytes <= c.out.maxBytes)
		if ok && !s.invalid && s.failed == nil {
			s.pending = append(s.pending, payload)
		}
	case active:
		ok = c.out.send(message{head: s.head, body: payload})
	}
	s.mu.Unlock()
	if !ok {
		c.overflow()
	}
}

// acknowledge sends start_ack and what was delivered meanwhile. It reports
// false when the subscription has been stopped; the caller then calls stop.
func (s *subscription) acknowledge(stop func()) bool {
	c := s.session.conn
	s.mu.Lock()
	if s.state == ended {
		s.mu.Unlock()
		return false
	}
	s.state = active
	if s.stop = stop; stop == nil {
		s.stop = func() {}
	}
	ok := c.out.send(message{head: idMessage(s.id, "start_ack")})
	for _, payload := range s.pending {
		ok = ok && c.out.send(message{head: s.head, body: payload})
	}
	s.pending = nil
	invalid, failed := s.invalid, s.failed
	s.mu.Unlock()
	if !ok {
		c.overflow()
	}
	if invalid {
		s.Invalidate()
	} else if failed != nil {
		s.End(failed...)
	}
	return true
}

// End implements Subscriber.
func (s *subscription) End(errs ...*Error) {
	s.mu.Lock()
	if s.state == starting {
		s.failed = errs
		s.mu.Unlock()
		return
	}
	s.mu.Unlock()
	stop := s.end(errorMessage(s.id, errs...))
	if stop == nil {
		return
	}
	log := s.session.conn.handler.opt.Log
	log.Warn("subscription ended", slog.String("id", plainID(s.id)), slog.Any("error", errs[0]))
	stop()
	s.session.forget(s)
	s.session.release()
}

// Invalidate implements Subscriber.
func (s *subscription) Invalidate() {
	s.mu.Lock()
	if s.state == starting {
		s.invalid = true
		s.mu.Unlock()
		return
	}
	s.mu.Unlock()
	stop := s.end(invalidatedMessage(s.id))
	if stop == nil {
		return
	}
	c := s.session.conn
	c.handler.opt.Log.Info("subscription invalidated", slog.String("id", plainID(s.id)), slog.String("client", c.sourceIP))
	c.out.close(closing{code: websocket.CloseNormalClosure, reason: "Subscription complete."}, false)
	stop()
	s.session.forget(s)
	s.session.release()
}

// refuse answers the start with errors, unless it has been stopped.
func (s *subscription) refuse(errs []*Error) { s.end(errorMessage(s.id, errs...)) }

// end sends last, if any, and lets nothing follow it. It returns the stop
// function when the subscription was active.
func (s *subscription) end(last []byte) (stop func()) {
	c := s.session.conn
	s.mu.Lock()
	if s.state == ended {
		s.mu.Unlock()
		return nil
	}
	s.state = ended
	stop, s.stop = s.stop, nil
	s.pending = nil
	ok := last == nil || c.out.send(message{head: last})
	s.mu.Unlock()
	s.cancel()
	if !ok {
		c.overflow()
	}
	return stop
}
