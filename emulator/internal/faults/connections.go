package faults

import (
	"context"
	"slices"
	"strconv"
	"time"

	"appsync-emulator/emulator/internal/realtime"
)

// connection is a WebSocket connection that is open. The injector's mutex guards
// it.
type connection struct {
	id     string
	number int
	peer   *realtime.Connection
	opened time.Time
	users  []string
	// ops are the operations by their id, as JSON text; nil before the first.
	ops map[string]*operation
	// refused are the ids of starts that were refused last; the error is sent after
	// the backend has forgotten them.
	refused []start
	frozen  int // faults that have frozen it
	line    line
}

// start is an operation that was asked for.
type start struct {
	id string
	op *operation
}

func (c *connection) subject(op *operation) *subject {
	return &subject{header: c.peer.Header, ip: c.peer.SourceIP(), users: c.users, conn: c, op: op}
}

// lockedSubject is subject for those who do not hold the lock.
func (in *Injector) lockedSubject(c *connection, op *operation) *subject {
	in.mu.Lock()
	defer in.mu.Unlock()
	return c.subject(op)
}

// Opened implements realtime.Faults.
func (in *Injector) Opened(peer *realtime.Connection) {
	in.mu.Lock()
	in.opened++
	c := &connection{
		id: "c" + strconv.Itoa(in.opened), number: in.opened, peer: peer,
		opened: in.opt.Clock.Now(),
	}
	in.conns[peer] = c
	in.place(c, false)
	in.mu.Unlock()
	if in.Active() {
		in.befall(c, func(f *fault) bool { return f.Kind.lasting() || f.Kind == Close && f.At == Connect })
		in.countConnection()
	}
}

// Closed implements realtime.Faults.
func (in *Injector) Closed(peer *realtime.Connection) {
	in.mu.Lock()
	defer in.mu.Unlock()
	c := in.conns[peer]
	delete(in.conns, peer)
	if c == nil {
		return
	}
	for _, f := range in.faults {
		if f.nth == c {
			f.nth = nil
		}
		f.frozen = slices.DeleteFunc(f.frozen, func(frozen *connection) bool { return frozen == c })
	}
}

// place counts a connection for the faults that are for the nth one. Those that
// are for one user's wait until it is known who that is.
func (in *Injector) place(c *connection, authorized bool) {
	for _, f := range in.faults {
		m := f.Match
		if !f.live || m == nil || m.NthConnection == 0 || (m.User != "") != authorized || !m.matches(&subject{
			header: c.peer.Header, ip: c.peer.SourceIP(), users: c.users, conn: c, op: anyOperation(m),
		}) {
			continue
		}
		if f.connections++; f.connections == m.NthConnection {
			f.nth = c
		}
	}
}

// anyOperation is one that a match is for: the place of a connection does not
// depend on operations.
func anyOperation(m *Match) *operation {
	op := &operation{kind: m.Operation, name: m.Name}
	op.once.Do(func() {})
	return op
}

// befall does to a connection what the faults do that are wanted.
func (in *Injector) befall(c *connection, wanted func(f *fault) bool) {
	for _, h := range in.take(in.lockedSubject(c, nil), wanted) {
		in.mu.Lock()
		var after effects
		// The fault may have been removed since, and must not freeze for ever.
		if h.live || h.Kind != HalfOpen {
			after = in.hit(h.fault, c)
		}
		in.mu.Unlock()
		after.run()
	}
}

// Backend returns a backend whose connections and subscriptions faults disturb.
func (in *Injector) Backend(inner realtime.Backend) realtime.Backend {
	return &backend{injector: in, inner: inner}
}

type backend struct {
	injector *Injector
	inner    realtime.Backend
}

// Authorize implements realtime.Backend.
func (b *backend) Authorize(ctx context.Context, credentials realtime.Credentials) (any, *realtime.Error) {
	identity, refusal := b.inner.Authorize(ctx, credentials)
	in := b.injector
	c := in.known(credentials.Connection)
	if refusal != nil || c == nil {
		return identity, refusal
	}
	in.mu.Lock()
	c.users = usersOf(identity)
	in.place(c, true)
	in.mu.Unlock()
	if !in.Active() {
		return identity, nil
	}
	if happen := in.take(in.lockedSubject(c, nil), func(f *fault) bool { return f.Kind == ConnectionError }); len(happen) > 0 {
		h := happen[0]
		return nil, &realtime.Error{Type: h.ErrorType, Message: h.Message, Code: h.ErrorCode}
	}
	in.befall(c, func(f *fault) bool {
		return f.Kind.lasting() && f.Match != nil && f.Match.User != ""
	})
	return identity, nil
}

// known returns the connection of a peer, nil when there is none.
func (in *Injector) known(peer *realtime.Connection) *connection {
	if peer == nil {
		return nil
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.conns[peer]
}

// errEnded refuses a start whose connection is being ended; nobody gets it.
func errEnded() []*realtime.Error { return []*realtime.Error{{Message: "the connection has ended"}} }

// Start implements realtime.Backend.
func (b *backend) Start(ctx context.Context, req realtime.StartRequest, to realtime.Subscriber) (func(), []*realtime.Error) {
	in := b.injector
	c := in.known(req.Credentials.Connection)
	if c == nil {
		return b.inner.Start(ctx, req, to)
	}
	op := &operation{query: req.Query, name: req.OperationName}
	in.mu.Lock()
	if c.ops == nil {
		c.ops = map[string]*operation{}
	}
	c.ops[req.ID] = op
	in.mu.Unlock()
	if errs := in.disturbStart(ctx, c, op, req, Before); errs != nil {
		in.refused(c, start{req.ID, op})
		return nil, errs
	}
	stop, errs := b.inner.Start(ctx, req, to)
	if len(errs) == 0 {
		errs = in.disturbStart(ctx, c, op, req, After)
	}
	if len(errs) > 0 {
		in.refused(c, start{req.ID, op})
		return stop, errs
	}
	return func() {
		if stop != nil {
			stop()
		}
		in.mu.Lock()
		defer in.mu.Unlock()
		c.forget(start{req.ID, op})
	}, nil
}

// keptRefused is how many operations are remembered that were refused.
const keptRefused = 16

// refused remembers an operation until others have been refused.
func (in *Injector) refused(c *connection, s start) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if c.refused = append(c.refused, s); len(c.refused) > keptRefused {
		c.forget(c.refused[0])
		c.refused = c.refused[1:]
	}
}

// forget lets go of an operation, unless its id has another by now.
func (c *connection) forget(s start) {
	if c.ops[s.id] == s.op {
		delete(c.ops, s.id)
	}
}

// disturbStart does what happens before or after a subscription is started. With
// errors it is not, or is to be stopped again.
func (in *Injector) disturbStart(ctx context.Context, c *connection, op *operation, req realtime.StartRequest, moment At) []*realtime.Error {
	if !in.Active() {
		return nil
	}
	s := in.lockedSubject(c, op)
	s.header = func(name string) string {
		if v := req.Header.Get(name); v != "" {
			return v
		}
		return c.peer.Header(name)
	}
	for _, h := range in.take(s, func(f *fault) bool {
		return f.At == moment && f.Kind != Status && f.Match.selects(op)
	}) {
		switch h.Kind {
		case Latency:
			in.pause(ctx, h.delay, h.released)
		case Error:
			return []*realtime.Error{{Type: h.ErrorType, Message: h.Message}}
		default:
			in.mu.Lock()
			after := in.hit(h.fault, c)
			in.mu.Unlock()
			after.run()
			return errEnded()
		}
	}
	return nil
}

// Frame implements realtime.Faults.
func (in *Injector) Frame(peer *realtime.Connection, kind, id string, send func()) {
	in.mu.Lock()
	c := in.conns[peer]
	var op *operation
	var s *subject
	if c != nil {
		op = c.ops[id]
		s = c.subject(op)
	}
	in.mu.Unlock()
	if c == nil {
		send()
		return
	}
	var delay time.Duration
	copies := 1
	for _, h := range in.take(s, func(f *fault) bool {
		return f.Kind.ofFrames() && (len(f.Frames) == 0 || slices.Contains(f.Frames, kind)) &&
			(op == nil || f.Match.selects(op))
	}) {
		switch h.Kind {
		case DropFrames:
			copies = 0
		case DuplicateFrames:
			copies = min(copies*h.Copies, maxCopies)
		default:
			delay += h.delay
		}
	}
	in.line(c, copies, delay, send)
	if op != nil && (kind == "start_ack" || kind == "error") { // the start has been answered
		in.count(op)
	}
}

// Connection is a WebSocket connection that is open.
type Connection struct {
	ID     string    `json:"id"`
	IP     string    `json:"ip"`
	User   string    `json:"user,omitempty"`
	Opened time.Time `json:"opened"`
	// Subscriptions are those that run, by the fields that they are for.
	Subscriptions []string `json:"subscriptions"`
	// Frozen tells that a fault keeps it half open.
	Frozen bool `json:"frozen,omitempty"`
}

// Connections returns the connections in the order in which they were opened.
func (in *Injector) Connections() []Connection {
	in.mu.Lock()
	defer in.mu.Unlock()
	open := make([]*connection, 0, len(in.conns))
	for _, c := range in.conns {
		open = append(open, c)
	}
	slices.SortFunc(open, func(a, b *connection) int { return a.number - b.number })
	out := make([]Connection, len(open))
	for i, c := range open {
		out[i] = Connection{
			ID: c.id, IP: c.peer.SourceIP(), Opened: c.opened.UTC().Truncate(time.Millisecond),
			Subscriptions: []string{}, Frozen: c.frozen > 0,
		}
		if len(c.users) > 0 {
			out[i].User = c.users[0]
		}
		for id, op := range c.ops {
			if slices.Contains(c.refused, start{id, op}) {
				continue
			}
			op.once.Do(op.parse)
			out[i].Subscriptions = append(out[i].Subscriptions, op.fields...)
		}
		slices.Sort(out[i].Subscriptions)
	}
	return out
}

var _ realtime.Faults = (*Injector)(nil)
