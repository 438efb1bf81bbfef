package faults

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"appsync-emulator/emulator/internal/realtime"
)

// Clock is the emulator's clock. Faults and scenarios last by it.
type Clock interface {
	Now() time.Time
	// Moved returns a channel that is closed when the clock is next moved by hand.
	Moved() <-chan struct{}
}

// Options configure New. Clock is required.
type Options struct {
	Clock Clock
	// After waits for a time that really passes, as the delay of an answer does:
	// it must not hang while the emulator's clock is frozen. Nil is time.After.
	After func(time.Duration) <-chan time.Time
	// Seed begins the seeds of faults that are set without; 0 is a random one.
	Seed uint64
	// Fields are the fields of the schema, as "Type.field", by which matches are
	// checked until SetFields. Nil checks none.
	Fields []string
	// Log hears of each fault that happens. Nil means silence.
	Log *slog.Logger
}

// Injector has the faults that are set and makes them happen. It is safe for
// concurrent use.
type Injector struct {
	opt Options
	// active counts what there is to do: faults that may happen, a scenario that
	// runs, connections with delayed frames.
	active atomic.Int64
	fields atomic.Pointer[[]string]

	closed chan struct{}
	wake   chan struct{} // holds a token when the scheduler has to look again
	work   sync.WaitGroup

	mu        sync.Mutex // guards the rest, and what its elements hold
	faults    []*fault   // in the order in which they were set
	conns     map[*realtime.Connection]*connection
	opened    int // connections, ever
	named     int // faults that were given an id
	seeds     uint64
	scenario  *run
	scheduled bool // the scheduler runs
	ended     bool // Close was called
}

// fault is a Fault that is set.
type fault struct {
	Fault
	random *rand.Rand
	until  time.Time // zero: until it is removed

	matched, applied int
	live             bool
	// released is closed when those who wait because of the fault may go on: when
	// it is removed, and when a state has ended.
	released chan struct{}
	frozen   []*connection

	connections int         // that matched since the fault was set
	nth         *connection // the one that NthConnection means
}

// New returns an injector without faults.
func New(opt Options) *Injector {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.After == nil {
		opt.After = time.After
	}
	if opt.Seed == 0 {
		opt.Seed = uint64(rand.Uint32() >> 1)
	}
	in := &Injector{
		opt: opt, closed: make(chan struct{}), wake: make(chan struct{}, 1),
		conns: map[*realtime.Connection]*connection{}, seeds: opt.Seed,
	}
	in.SetFields(opt.Fields)
	return in
}

// SetFields has matches be checked by other fields from now on. Faults that are set
// stay as they are.
func (in *Injector) SetFields(fields []string) { in.fields.Store(&fields) }

// Active implements server.Faults and realtime.Faults.
func (in *Injector) Active() bool { return in.active.Load() != 0 }

// Set reads a fault or a list of them from JSON and sets them, all or none. A
// fault takes the place of one with its id. The error is Problems when the JSON is
// at fault.
func (in *Injector) Set(json string) ([]State, error) {
	n, err := parseJSON(json)
	if err != nil {
		return nil, err
	}
	d := &decoder{fields: *in.fields.Load()}
	set := d.faults(n)
	if len(d.problems) > 0 {
		return nil, d.problems
	}
	return in.add(set)
}

// ErrFull is returned when too many faults are set.
var ErrFull = fmt.Errorf("%d faults are set, which is the limit", maxFaults)

func (in *Injector) add(set []Fault) ([]State, error) {
	in.mu.Lock()
	added, after, err := in.addLocked(set)
	states := in.states(added)
	in.mu.Unlock()
	after.run()
	return states, err
}

// effects are what has to be done once the lock is free.
type effects []func()

func (e effects) run() {
	for _, do := range e {
		do()
	}
}

func (in *Injector) addLocked(set []Fault) (added []*fault, after effects, err error) {
	if in.ended {
		return nil, nil, context.Canceled
	}
	in.forget(len(set))
	if len(in.faults)+len(set) > maxFaults {
		return nil, nil, ErrFull
	}
	for _, spec := range set {
		if spec.ID == "" {
			spec.ID = in.name()
		}
		if i := in.find(spec.ID); i >= 0 {
			after = append(after, in.remove(i)...)
		}
		if spec.Seed == 0 && (spec.Probability > 0 || spec.Jitter > 0) {
			in.seeds = in.seeds%(1<<31-1) + 1
			spec.Seed = in.seeds
		}
		f := &fault{Fault: spec, random: rand.New(rand.NewPCG(spec.Seed, 0)), live: true, released: make(chan struct{})}
		if spec.For > 0 {
			f.until = in.opt.Clock.Now().Add(time.Duration(spec.For))
		}
		in.faults = append(in.faults, f)
		in.active.Add(1)
		added = append(added, f)
		after = append(after, in.strike(f)...)
	}
	in.schedule()
	return added, after, nil
}

// forget makes room by the oldest faults that have ended.
func (in *Injector) forget(room int) {
	in.faults = slices.DeleteFunc(in.faults, func(f *fault) bool {
		return !f.live && len(in.faults)+room > maxFaults
	})
}

func (in *Injector) name() string {
	for {
		in.named++
		if id := "fault-" + strconv.Itoa(in.named); in.find(id) < 0 {
			return id
		}
	}
}

func (in *Injector) find(id string) int {
	return slices.IndexFunc(in.faults, func(f *fault) bool { return f.ID == id })
}

// strike does what a new fault does to connections that are open.
func (in *Injector) strike(f *fault) (after effects) {
	if f.At != Now && !f.Kind.lasting() {
		return nil
	}
	open := make([]*connection, 0, len(in.conns))
	for _, c := range in.conns {
		open = append(open, c)
	}
	slices.SortFunc(open, func(a, b *connection) int { return a.number - b.number })
	for _, c := range open {
		if s := c.subject(nil); in.consume(f, s) {
			h := happening{fault: f, count: f.applied}
			after = append(append(after, in.hit(f, c)...), func() { in.log(&h, s) })
		}
	}
	if f.At == Now {
		in.finish(f)
	}
	return after
}

// hit is what a fault does to a connection. Freezing does not wait for anything,
// and is done at once so that it keeps its order with thawing.
func (in *Injector) hit(f *fault, c *connection) effects {
	switch f.Kind {
	case HalfOpen:
		f.frozen = append(f.frozen, c)
		if c.frozen++; c.frozen == 1 {
			c.peer.Freeze()
		}
		return nil
	case Close:
		return effects{func() { c.peer.Close(f.Code, f.Reason) }}
	case Drop:
		return effects{c.peer.Cut}
	}
	return effects{c.peer.Reset}
}

// consume reports whether a fault happens to a subject, and counts it.
func (in *Injector) consume(f *fault, s *subject) bool {
	if !f.live || !f.until.IsZero() && !in.opt.Clock.Now().Before(f.until) || !f.Match.matches(s) {
		return false
	}
	if f.Match != nil && f.Match.NthConnection > 0 && (s.conn == nil || f.nth != s.conn) {
		return false
	}
	if f.matched++; f.matched <= f.Skip {
		return false
	}
	if f.Probability > 0 && f.random.Float64() >= f.Probability {
		return false
	}
	f.applied++
	if f.applied == f.Times {
		in.finish(f)
	}
	return true
}

// finish lets a fault happen no more. It stays in the list.
func (in *Injector) finish(f *fault) {
	if f.live {
		f.live = false
		in.active.Add(-1)
	}
}

// release lets those go on who wait because of a fault.
func (in *Injector) release(f *fault) (after effects) {
	close(f.released)
	for _, c := range f.frozen {
		if c.frozen--; c.frozen > 0 {
			continue
		}
		if f.Then == Resume {
			c.peer.Thaw()
		} else {
			after = append(after, c.peer.Reset)
		}
	}
	f.frozen = nil
	return after
}

// remove takes a fault out of the list.
func (in *Injector) remove(i int) effects {
	f := in.faults[i]
	in.faults = slices.Delete(in.faults, i, i+1)
	in.finish(f)
	select {
	case <-f.released:
		return nil
	default:
		return in.release(f)
	}
}

// happening is a fault that happens.
type happening struct {
	*fault
	delay time.Duration
	count int // which time it is
}

// final reports whether nothing else can happen to the same subject.
func (h *happening) final() bool {
	return h.Kind != Latency && !h.Kind.ofFrames() && h.Then != Resume
}

// take returns the faults that happen to a subject, in their order, up to the
// first after which nothing else can.
func (in *Injector) take(s *subject, wanted func(f *fault) bool) []happening {
	happen := in.choose(s, wanted)
	for i := range happen {
		in.log(&happen[i], s)
	}
	return happen
}

func (in *Injector) choose(s *subject, wanted func(f *fault) bool) (happen []happening) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, f := range in.faults {
		if !f.live || !wanted(f) || !in.consume(f, s) {
			continue
		}
		h := happening{fault: f, delay: time.Duration(f.Delay), count: f.applied}
		if f.Jitter > 0 {
			h.delay += time.Duration(f.random.Int64N(int64(f.Jitter) + 1))
		}
		happen = append(happen, h)
		if h.final() {
			break
		}
	}
	return happen
}

// log writes a line for a fault that happens; those of frames are many.
func (in *Injector) log(h *happening, s *subject) {
	level := slog.LevelInfo
	if h.Kind.ofFrames() {
		level = slog.LevelDebug
	}
	operation, conn := "", ""
	if s.op != nil {
		operation = s.op.String()
	}
	if s.conn != nil {
		conn = s.conn.id
	}
	in.opt.Log.LogAttrs(context.Background(), level, "fault", slog.String("id", h.ID), slog.String("kind", string(h.Kind)),
		slog.String("client", s.ip), slog.String("connection", conn), slog.String("operation", operation), slog.Int("applied", h.count))
}

// pause waits for real time, no longer than until the fault is released.
func (in *Injector) pause(ctx context.Context, d time.Duration, released <-chan struct{}) {
	if d > 0 {
		in.wait(ctx, in.opt.After(d), released)
	}
}

// wait waits for a timer or until a fault is released, and no longer than ctx and
// the injector last.
func (in *Injector) wait(ctx context.Context, timer <-chan time.Time, released <-chan struct{}) {
	select {
	case <-timer:
	case <-released:
	case <-ctx.Done():
	case <-in.closed:
	}
}

// Remove removes a fault and lets go on who waits because of it. It reports
// whether there was one of that id.
func (in *Injector) Remove(id string) (State, bool) {
	in.mu.Lock()
	i := in.find(id)
	if i < 0 {
		in.mu.Unlock()
		return State{}, false
	}
	state := in.state(in.faults[i])
	after := in.remove(i)
	in.mu.Unlock()
	after.run()
	return state, true
}

// RemoveAll removes all faults, stops the scenario and returns the ids.
func (in *Injector) RemoveAll() []string {
	in.mu.Lock()
	if in.scenario != nil {
		in.end(in.scenario, stopped)
	}
	removed := []string{}
	var after effects
	for len(in.faults) > 0 {
		removed = append(removed, in.faults[0].ID)
		after = append(after, in.remove(0)...)
	}
	in.mu.Unlock()
	after.run()
	return removed
}

// Close removes all faults and waits for what the injector does in the background.
// Nothing can be set after it.
func (in *Injector) Close() {
	in.mu.Lock()
	first := !in.ended
	in.ended = true
	in.mu.Unlock()
	in.RemoveAll()
	if first {
		close(in.closed)
	}
	in.work.Wait()
}

// State is a fault and what has become of it.
type State struct {
	Fault
	// Applied is how often the fault has happened, and Active tells whether it may
	// happen again.
	Applied int  `json:"applied"`
	Active  bool `json:"active"`
	// Until is when it ends by the emulator's clock, nil when it is not bounded.
	Until *time.Time `json:"until,omitempty"`
}

func (in *Injector) state(f *fault) State {
	s := State{Fault: f.Fault, Applied: f.applied, Active: f.live}
	if !f.until.IsZero() {
		until := f.until.UTC().Truncate(time.Millisecond)
		s.Until = &until
		s.Active = f.live && in.opt.Clock.Now().Before(f.until)
	}
	return s
}

func (in *Injector) states(list []*fault) []State {
	out := make([]State, len(list))
	for i, f := range list {
		out[i] = in.state(f)
	}
	return out
}

// List returns the faults in the order in which they were set, with those that
// have ended.
func (in *Injector) List() []State {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.states(in.faults)
}

// Get returns the fault of an id.
func (in *Injector) Get(id string) (State, bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	i := in.find(id)
	if i < 0 {
		return State{}, false
	}
	return in.state(in.faults[i]), true
}
