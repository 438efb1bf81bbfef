package faults

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Scenario sets and removes faults over time. Its steps are taken in their order.
type Scenario struct {
	// Name is that of the file, for those who ask what runs.
	Name string
	// Seed begins the seeds of the faults that have none; 0 leaves them to the
	// injector.
	Seed  uint64
	Steps []Step
}

// Step is a part of a scenario.
type Step struct {
	Line int
	// When is what the file says: "at 5s" or "after 3 mutations".
	When string

	// at is since the scenario began and after since the step before; one is set, or
	// count is: so many of what there are in events.
	at, after *time.Duration
	count     int
	event     string

	set    []Fault
	remove []string
	all    bool // remove all
}

// The events that steps wait for. Singular and plural are understood.
var events = []string{"queries", "mutations", "subscriptions", "requests", "connections"}

var singular = map[string]string{
	"query": "queries", "mutation": "mutations", "subscription": "subscriptions", "request": "requests", "connection": "connections",
}

// eventOf are the events of the kinds of operations.
var eventOf = map[string]string{"query": "queries", "mutation": "mutations", "subscription": "subscriptions"}

// maxSteps bounds a scenario.
const maxSteps = 1000

// ParseScenario reads a scenario file, which is YAML, or JSON. Fields are those of
// Options. All mistakes are reported, with line and column.
func ParseScenario(name, source string, fields []string) (*Scenario, error) {
	d := &decoder{fields: fields}
	root := parseYAML(source, func(p Problem) { d.problems = append(d.problems, p) })
	s := &Scenario{Name: name}
	if root != nil && len(d.problems) == 0 {
		d.scenario(root, s)
	}
	if len(d.problems) > 0 {
		slices.SortStableFunc(d.problems, func(a, b Problem) int {
			if a.Line != b.Line {
				return a.Line - b.Line
			}
			return a.Column - b.Column
		})
		return nil, d.problems
	}
	return s, nil
}

func (d *decoder) scenario(n *node, s *Scenario) {
	if !d.is(n, object) {
		return
	}
	d.members(n, []string{"seed", "steps"}, "a scenario")
	s.Seed = uint64(d.integer(n.member("seed"), 0, 1, math.MaxInt32))
	steps := n.member("steps")
	if steps == nil {
		d.problem(n.at, "", `want "steps"`)
		return
	}
	if !d.is(steps, list) {
		return
	}
	if len(steps.items) == 0 || len(steps.items) > maxSteps {
		d.problem(steps.at, "", "want 1 to %d steps", maxSteps)
		return
	}
	ids := map[string]bool{}
	total := 0
	for _, item := range steps.items {
		step := d.step(item, ids)
		for i := range step.set {
			if f := &step.set[i]; s.Seed != 0 && f.Seed == 0 && (f.Probability > 0 || f.Jitter > 0) {
				f.Seed = s.Seed + uint64(total+i)
			}
		}
		if total += len(step.set); total > maxFaults {
			d.problem(item.at, "", "the scenario has more than %d faults", maxFaults)
			return
		}
		s.Steps = append(s.Steps, step)
	}
}

// step reads a step. ids are those that were set before it.
func (d *decoder) step(n *node, ids map[string]bool) (s Step) {
	s.Line = n.at.line
	if !d.is(n, object) {
		return s
	}
	d.members(n, []string{"at", "after", "set", "remove"}, "a step")
	at, after := n.member("at"), n.member("after")
	switch {
	case at != nil && after != nil:
		d.problem(after.at, "", `a step has "at" or "after", not both`)
	case at != nil:
		v := d.duration(at, 0, math.MaxInt64)
		s.at, s.When = &v, "at "+v.String()
	case after != nil:
		d.after(after, &s)
	default:
		d.problem(n.at, "", `want "at" or "after": when the step is taken`)
	}
	set, remove := n.member("set"), n.member("remove")
	if set == nil && remove == nil {
		d.problem(n.at, "", `want "set" or "remove": what the step does`)
	}
	if remove != nil {
		d.remove(remove, &s, ids)
	}
	if set != nil {
		s.set = d.faults(set)
		for _, f := range s.set {
			ids[f.ID] = true
		}
	}
	return s
}

// after reads "10s" or "3 mutations".
func (d *decoder) after(n *node, s *Step) {
	count, event, counted := strings.Cut(n.text, " ")
	if n.kind != text || !counted {
		v := d.duration(n, 0, math.MaxInt64)
		s.after, s.When = &v, "after "+v.String()
		return
	}
	event = strings.TrimSpace(event)
	if plural := singular[event]; plural != "" {
		event = plural
	}
	i, err := strconv.Atoi(count)
	if err != nil || i < 1 || i > math.MaxInt32 {
		d.problem(n.at, "", `want a duration such as "10s", or a number of events such as "3 mutations"`)
		return
	}
	if !slices.Contains(events, event) {
		d.problem(n.at, suggest(event, events), "%q is none of %s", event, strings.Join(events, ", "))
		return
	}
	s.count, s.event, s.When = i, event, "after "+n.text
}

func (d *decoder) remove(n *node, s *Step, ids map[string]bool) {
	items := []*node{n}
	if n.kind == list {
		items = n.items
	}
	for _, item := range items {
		id := d.string(item, "")
		switch {
		case id == "all":
			s.all = true
			clear(ids)
		case id == "":
		case !ids[id]:
			known := make([]string, 0, len(ids))
			for id := range ids {
				known = append(known, id)
			}
			slices.Sort(known)
			d.problem(item.at, suggest(id, known), "no step before this one sets a fault with the id %q", id)
		default:
			s.remove = append(s.remove, id)
			delete(ids, id)
		}
	}
}

// run is a scenario that has been started.
type run struct {
	*Scenario
	began time.Time // by the emulator's clock
	since time.Time // when the step before was taken
	next  int       // step to be taken
	seen  int       // events that it waits for
	ids   []string  // of the faults that were set
	state string
	err   error
}

// The states of a scenario.
const (
	running  = "running"
	finished = "finished" // what it has set stays
	stopped  = "stopped"
	failed   = "failed"
)

// Start starts a scenario. One that runs is stopped before, and the faults that it
// has set are removed.
func (in *Injector) Start(s *Scenario) ScenarioState {
	in.StopScenario()
	in.mu.Lock()
	now := in.opt.Clock.Now()
	r := &run{Scenario: s, began: now, since: now, state: running}
	if in.ended {
		r.state = stopped
	} else {
		in.active.Add(1)
	}
	in.scenario = r
	after := in.advance()
	in.schedule()
	state := in.scenarioState()
	in.mu.Unlock()
	after.run()
	return *state
}

// StopScenario stops the scenario and removes the faults that it has set. It
// reports false when none was started.
func (in *Injector) StopScenario() (ScenarioState, bool) {
	in.mu.Lock()
	r := in.scenario
	if r == nil {
		in.mu.Unlock()
		return ScenarioState{}, false
	}
	in.end(r, stopped)
	var after effects
	for _, id := range r.ids {
		if i := in.find(id); i >= 0 {
			after = append(after, in.remove(i)...)
		}
	}
	state := in.scenarioState()
	in.mu.Unlock()
	after.run()
	return *state, true
}

func (in *Injector) end(r *run, state string) {
	if r.state == running {
		r.state = state
		in.active.Add(-1)
	}
}

// due is when the next step is taken, as far as that is a matter of time.
func (r *run) due() (time.Time, bool) {
	step := &r.Steps[r.next]
	switch {
	case step.at != nil:
		return r.began.Add(*step.at), true
	case step.after != nil:
		return r.since.Add(*step.after), true
	}
	return time.Time{}, false
}

// advance takes the steps that are due.
func (in *Injector) advance() (after effects) {
	r := in.scenario
	for r != nil && r.state == running {
		step := &r.Steps[r.next]
		now := in.opt.Clock.Now()
		at, timed := r.due()
		if timed && now.Before(at) || !timed && r.seen < step.count {
			return after
		}
		after = append(after, in.perform(r, step)...)
		r.next, r.seen, r.since = r.next+1, 0, now
		if r.next == len(r.Steps) {
			in.end(r, finished)
		}
	}
	return after
}

// perform does what a step does.
func (in *Injector) perform(r *run, step *Step) (after effects) {
	after = effects{func() { in.opt.Log.Info("scenario", "name", r.Name, "line", step.Line, "step", step.When) }}
	for len(in.faults) > 0 && step.all {
		after = append(after, in.remove(0)...)
	}
	for _, id := range step.remove {
		if i := in.find(id); i >= 0 {
			after = append(after, in.remove(i)...)
		}
	}
	added, more, err := in.addLocked(step.set)
	if err != nil {
		r.err = err
		in.end(r, failed)
	}
	for _, f := range added {
		r.ids = append(r.ids, f.ID)
	}
	return append(after, more...)
}

// count tells the scenario of an operation that has been dealt with.
func (in *Injector) count(op *operation) {
	in.mu.Lock()
	waits := in.awaited()
	in.mu.Unlock()
	if waits == "" {
		return
	}
	op.once.Do(op.parse)
	in.event(eventOf[op.kind], op.kind != "subscription")
}

// awaited is the event that the scenario waits for, empty when there is none.
func (in *Injector) awaited() string {
	if r := in.scenario; r != nil && r.state == running {
		return r.Steps[r.next].event
	}
	return ""
}

// countConnection tells the scenario of a connection that was opened.
func (in *Injector) countConnection() { in.event("connections", false) }

func (in *Injector) event(name string, request bool) {
	in.mu.Lock()
	var after effects
	if waits := in.awaited(); waits != "" && (waits == name || request && waits == "requests") {
		in.scenario.seen++
		after = in.advance()
		in.schedule()
	}
	in.mu.Unlock()
	after.run()
}

// ScenarioState is a scenario and how far it has come.
type ScenarioState struct {
	Name string `json:"name"`
	// State is "running", "finished", "stopped" or "failed"; Error says why it failed.
	State string      `json:"state"`
	Error string      `json:"error,omitempty"`
	Began time.Time   `json:"began"`
	Steps []StepState `json:"steps"`
}

// StepState is a step and whether it has been taken. Seen counts the events that
// the next one waits for.
type StepState struct {
	Line  int    `json:"line"`
	When  string `json:"when"`
	Taken bool   `json:"taken"`
	Seen  int    `json:"seen,omitempty"`
}

// Scenario returns the scenario that was started last, false when there is none.
func (in *Injector) Scenario() (ScenarioState, bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	s := in.scenarioState()
	if s == nil {
		return ScenarioState{}, false
	}
	return *s, true
}

func (in *Injector) scenarioState() *ScenarioState {
	r := in.scenario
	if r == nil {
		return nil
	}
	s := &ScenarioState{Name: r.Name, State: r.state, Began: r.began.UTC().Truncate(time.Millisecond), Steps: make([]StepState, len(r.Steps))}
	if r.err != nil {
		s.Error = r.err.Error()
	}
	for i := range r.Steps {
		s.Steps[i] = StepState{Line: r.Steps[i].Line, When: r.Steps[i].When, Taken: i < r.next}
		if i == r.next && r.state == running {
			s.Steps[i].Seen = r.seen
		}
	}
	return s
}

// least is the shortest wait of the scheduler: a frozen clock does not come nearer
// to what is due.
const least = 5 * time.Millisecond

// schedule makes the scheduler look at what is due, and starts it when there is
// something for the first time.
func (in *Injector) schedule() {
	if !in.scheduled && !in.ended && !in.deadline().IsZero() {
		in.scheduled = true
		in.work.Go(in.keepTime)
	}
	select {
	case in.wake <- struct{}{}:
	default:
	}
}

// deadline is the next time at which something ends or begins, zero for none.
func (in *Injector) deadline() (next time.Time) {
	earlier := func(t time.Time) {
		if next.IsZero() || t.Before(next) {
			next = t
		}
	}
	for _, f := range in.faults {
		if !f.until.IsZero() && !f.expired() {
			earlier(f.until)
		}
	}
	if r := in.scenario; r != nil && r.state == running {
		if at, timed := r.due(); timed {
			earlier(at)
		}
	}
	return next
}

// expired reports whether a fault has been ended by the clock already.
func (f *fault) expired() bool {
	select {
	case <-f.released:
		return true
	default:
		return !f.live && !f.Kind.lasting()
	}
}

// keepTime ends faults and takes the steps of scenarios when the clock says so.
func (in *Injector) keepTime() {
	for {
		moved := in.opt.Clock.Moved()
		in.mu.Lock()
		now := in.opt.Clock.Now()
		var after effects
		for _, f := range in.faults {
			if f.until.IsZero() || f.expired() || now.Before(f.until) {
				continue
			}
			in.finish(f)
			if f.Kind.lasting() {
				after = append(after, in.release(f)...)
			}
		}
		after = append(after, in.advance()...)
		next := in.deadline()
		in.mu.Unlock()
		after.run()
		var timer <-chan time.Time
		if !next.IsZero() {
			timer = time.After(max(next.Sub(now), least))
		}
		select {
		case <-timer:
		case <-moved:
		case <-in.wake:
		case <-in.closed:
			return
		}
	}
}

// ParseScenario reads a scenario file and checks its fields against the schema.
func (in *Injector) ParseScenario(name, source string) (*Scenario, error) {
	return ParseScenario(name, source, *in.fields.Load())
}
