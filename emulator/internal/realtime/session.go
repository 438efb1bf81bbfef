package realtime

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// startPatience is how long the next message of a client waits for a start to
// be answered. Starts are served concurrently, but nearly all are answered at
// once, and then acknowledgements come in the order of the requests.
const startPatience = 10 * time.Millisecond

// session is the protocol on one authorized connection: the operations that the
// client has started.
type session struct {
	conn        *conn
	credentials Credentials
	identity    any

	starts sync.WaitGroup // Backend.Start calls under way

	mu   sync.Mutex               // guards the rest
	subs map[string]*subscription // nil before the first, and after end
	// used counts what MaxSubscriptions bounds: subs, and stopped ones whose
	// start is still under way.
	used int
}

// receive handles one message of the client. Only the connection's reader
// calls it.
func (s *session) receive(frame string) {
	msg := parseMessage(frame)
	switch msg.kind {
	case typeInit:
		s.conn.acknowledge()
	case typeStart:
		s.start(msg)
	case typeStop:
		s.stopID(msg.id)
	default:
		s.conn.send(errorMessage(msg.id, errUnknownKind()))
	}
}

func (s *session) start(msg clientMessage) {
	if msg.start == nil || msg.id == "" {
		s.conn.send(errorMessage(emptyID, errUnknownKind()))
		return
	}
	sub, refusal := s.reserve(msg.id)
	if refusal != nil {
		s.conn.send(errorMessage(msg.id, refusal))
		return
	}
	answered := make(chan struct{})
	s.starts.Go(func() {
		defer close(answered)
		s.run(sub, StartRequest{
			ID:            sub.id,
			Query:         msg.start.query,
			OperationName: msg.start.operationName,
			Variables:     msg.start.variables,
			Data:          msg.start.data,
			Header:        msg.start.header,
			Credentials:   s.credentials,
			Identity:      s.identity,
		})
	})
	patience := time.NewTimer(startPatience)
	defer patience.Stop()
	select {
	case <-answered:
	case <-patience.C:
	}
}

func (s *session) reserve(id string) (*subscription, *Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.subs[id] != nil {
		return nil, DuplicatedOperation(id)
	}
	limit := s.conn.handler.opt.MaxSubscriptions
	if s.used >= limit {
		return nil, errTooMany(limit)
	}
	sub := &subscription{id: id, head: dataHead(id), session: s}
	sub.ctx, sub.cancel = context.WithCancel(s.conn.ctx)
	if s.subs == nil {
		s.subs = map[string]*subscription{}
	}
	s.subs[id] = sub
	s.used++
	return sub, nil
}

// run registers a subscription and answers its start.
func (s *session) run(sub *subscription, req StartRequest) {
	stop, errs := s.callBackend(sub, req)
	s.log(sub, req, errs)
	if len(errs) == 0 && sub.acknowledge(stop) {
		return
	}
	if stop != nil {
		stop()
	}
	// Free the id before the answer goes out: the client may use it again.
	s.forget(sub)
	s.release()
	if len(errs) > 0 {
		sub.refuse(errs)
	}
}

// forget frees the id of a subscription.
func (s *session) forget(sub *subscription) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.subs[sub.id] == sub {
		delete(s.subs, sub.id)
	}
}

// release makes room for another subscription.
func (s *session) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.used--
}

// log writes one line for each start, as the server does for each request.
func (s *session) log(sub *subscription, req StartRequest, errs []*Error) {
	log, id := s.conn.handler.opt.Log, plainID(sub.id)
	if len(errs) == 0 {
		log.Info("subscription started", slog.String("id", id), slog.String("operation", req.OperationName))
		return
	}
	log.Warn("subscription refused", slog.String("id", id), slog.String("operation", req.OperationName),
		slog.Any("error", errs[0]))
}

// callBackend turns a panic into an error, so that one bad operation does not
// end the process.
func (s *session) callBackend(sub *subscription, req StartRequest) (stop func(), errs []*Error) {
	defer func() {
		if p := recover(); p != nil {
			s.conn.handler.panicked("real time: panic while starting a subscription", p)
			errs = []*Error{errInternal()}
		}
	}()
	defer sub.cancel()
	return s.conn.handler.backend.Start(sub.ctx, req, sub)
}

func (s *session) stopID(id string) {
	s.mu.Lock()
	sub := s.subs[id]
	delete(s.subs, id)
	s.mu.Unlock()
	if sub == nil {
		s.conn.send(errorMessage(id, errUnknownID(id)))
		return
	}
	if stop := sub.end(idMessage(sub.id, "complete")); stop != nil {
		stop()
		s.release()
	}
}

// end stops everything that the client has started.
func (s *session) end() {
	s.mu.Lock()
	subs := s.subs
	s.subs = nil
	s.mu.Unlock()
	for _, sub := range subs {
		if stop := sub.end(nil); stop != nil {
			stop()
		}
	}
	s.starts.Wait()
}
