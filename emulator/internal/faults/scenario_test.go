package faults_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"appsync-emulator/emulator/internal/faults"
)

func scenario(t testing.TB, source string) *faults.Scenario {
	t.Helper()
	s, err := faults.ParseScenario("test.yml", source, fields)
	if err != nil {
		t.Fatalf("%v in\n%s", err, source)
	}
	return s
}

// ids of the faults that may happen.
func (f *fixture) ids() string {
	var ids []string
	for _, s := range f.List() {
		if s.Active {
			ids = append(ids, s.ID)
		}
	}
	return strings.Join(ids, " ")
}

func TestAScenarioGoesByTheClock(t *testing.T) {
	f := start(t)
	f.clock.Freeze(time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC))
	f.Start(scenario(t, `
steps:
  - at: 0s
    set: {id: slow, kind: latency, delay: 1ms}
  - at: 10s
    set:
      - {id: tunnel, kind: offline, for: 5s}
      - {id: lost, kind: drop}
    remove: slow
  - after: 20s
    remove: [lost, tunnel]
  - at: 1s      # long ago by then: at once
    set: {id: last, kind: drop}
`))
	for _, step := range []struct {
		advance time.Duration
		ids     string
	}{
		{0, "slow"}, {9 * time.Second, "slow"}, {time.Second, "tunnel lost"}, {5 * time.Second, "lost"},
		{14 * time.Second, "lost"}, {time.Second, "last"},
	} {
		f.clock.Advance(step.advance)
		f.eventually(fmt.Sprintf("%q after %s", step.ids, step.advance), func() bool { return f.ids() == step.ids })
	}
	s, _ := f.Scenario()
	if s.State != "finished" || s.Name != "test.yml" || len(s.Steps) != 4 || !s.Steps[3].Taken || s.Steps[1].When != "at 10s" || s.Steps[1].Line != 5 {
		t.Errorf("%+v", s)
	}
	if got := f.post(query); got != dropped {
		t.Errorf("what a finished scenario has set stays: %s", got)
	}
}

func TestAScenarioCounts(t *testing.T) {
	f := start(t)
	f.Start(scenario(t, `
steps:
  - after: 2 mutations
    set: {kind: drop, match: {operation: mutation}, times: 1}
  - after: 1 query
    set: {kind: status, status: 503, times: 1}
  - after: 3 requests
    set: {kind: reset, times: 1}
  - after: 1 connection
    set: {kind: dropFrames, frames: [ka]}
  - after: 1 subscriptions
    set: {kind: close, code: 4000}
`))
	var got []string
	for _, q := range []string{query, mutation, mutation, mutation, query, query, mutation, query, mutation} {
		answer := f.post(q)
		got = append(got, strings.SplitN(answer, " ", 2)[0])
	}
	if want := "200 200 200 no 200 503 200 200 reset"; strings.Join(got, " ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, " "), want)
	}
	if s, _ := f.Scenario(); s.Steps[2].Taken != true || s.Steps[3].Taken || s.State != "running" {
		t.Errorf("%+v", s)
	}
	c, err := f.dial(nil)
	if err != nil {
		t.Fatal(err)
	}
	c.send(`{"type":"connection_init"}`)
	c.expect(ack)
	c.start("1", subscription)
	c.expect(startAck("1")) // the step is for what follows
	if got := c.end(); got != "4000 " {
		t.Error(got)
	}
	if s, _ := f.Scenario(); s.State != "finished" {
		t.Errorf("%+v", s)
	}
}

func TestAScenarioIsStopped(t *testing.T) {
	f := start(t)
	if _, was := f.StopScenario(); was {
		t.Error("stopped what was not started")
	}
	if _, was := f.Scenario(); was {
		t.Error("a scenario that was not started")
	}
	text := "steps: [{at: 0s, set: {id: a, kind: drop}}, {at: 1h, remove: all}]"
	f.Start(scenario(t, text))
	f.set(`{"id":"own","kind":"drop","match":{"apiKey":"k"}}`)
	if s, was := f.StopScenario(); !was || s.State != "stopped" || f.ids() != "own" {
		t.Errorf("%+v, %s", s, f.ids())
	}
	f.Start(scenario(t, text))
	f.Start(scenario(t, strings.ReplaceAll(text, "id: a", "id: b")))
	if f.ids() != "own b" {
		t.Errorf("the second takes the place of the first: %s", f.ids())
	}
	f.RemoveAll()
	if s, _ := f.Scenario(); s.State != "stopped" || f.ids() != "" || f.Active() {
		t.Errorf("%+v, %s", s, f.ids())
	}
}

func TestTheSeedOfAScenario(t *testing.T) {
	f := start(t)
	f.Start(scenario(t, `
seed: 40
steps:
  - at: 0s
    set: [{kind: drop, probability: 0.5}, {kind: drop}, {kind: latency, jitter: 1s, seed: 3}]
  - at: 0s
    set: {kind: latency, jitter: 1s}
`))
	var seeds []uint64
	for _, s := range f.List() {
		seeds = append(seeds, s.Seed)
	}
	if got := fmt.Sprint(seeds); got != "[40 0 3 43]" {
		t.Error(got)
	}
}

func TestAnchorsAndJSONAreUnderstood(t *testing.T) {
	f := start(t)
	f.Start(scenario(t, `
steps:
  - at: 0s
    set: &slow {id: one, kind: latency, delay: 1ms}
  - at: 0s
    set: {<<: *slow, id: two}
`))
	if f.ids() != "one two" {
		t.Error(f.ids())
	}
	f.Start(scenario(t, `{"steps":[{"at":"0s","set":{"id":"json","kind":"drop"}}]}`))
	if f.ids() != "json" {
		t.Error(f.ids())
	}
}

// Mistakes have line and column, all of them.
func TestMistakesOfScenarios(t *testing.T) {
	for _, tt := range []struct{ source, want string }{
		{"", `1:1: want an object, not nothing`},
		{"- a", `1:1: want an object, not a list`},
		{"seed: 1", `1:1: want "steps"`},
		{"steps: []", `1:8: want 1 to 1000 steps`},
		{"steps: {}", `1:8: want a list, not an object`},
		{"step: []\nsteps:\n  - at: 0s\n    set: {kind: drop}", `1:1: a scenario has no "step" (did you mean "steps"?)`},
		{"steps:\n  - set: {kind: drop}", `2:5: want "at" or "after": when the step is taken`},
		{"steps:\n  - at: 0s", `2:5: want "set" or "remove": what the step does`},
		{"steps:\n  - at: 0s\n    after: 1s\n    set: {kind: drop}", `3:12: a step has "at" or "after", not both`},
		{"steps:\n  - at: 5\n    set: {kind: drop}", `2:9: want a duration such as "300ms" or "1m30s"`},
		{"steps:\n  - after: 3 muttations\n    set: {kind: drop}", `2:12: "muttations" is none of queries, mutations, subscriptions, requests, connections (did you mean "mutations"?)`},
		{"steps:\n  - after: x mutations\n    set: {kind: drop}", `2:12: want a duration such as "10s", or a number of events such as "3 mutations"`},
		{"steps:\n  - after: 0 mutations\n    set: {kind: drop}", `2:12: want a duration such as "10s", or a number of events such as "3 mutations"`},
		{"steps:\n  - at: 0s\n    remove: slow", `3:13: no step before this one sets a fault with the id "slow"`},
		{"steps:\n  - at: 0s\n    set: {id: slow, kind: drop}\n  - at: 1s\n    remove: [slw]", `5:14: no step before this one sets a fault with the id "slw" (did you mean "slow"?)`},
		{"steps:\n  - at: 0s\n    set:\n      kind: drop\n      match:\n        field: getPst", `6:16: the schema has no field "getPst" here (did you mean "getPost"?)`},
		{"steps:\n  - at: 0s\n    set:\n      - {kind: drop, tims: 1}\n      - {kind: statis}", `4:22: a fault of kind drop has no "tims" (did you mean "times"?)`},
		{"steps:\n  - at: 0s\n    set:\n      - {kind: drop, tims: 1}\n      - {kind: statis}", `5:16: "statis" is none of`},
		{"steps:\n  - at: 0s\n    at: 1s\n    set: {kind: drop}", `3:5: key "at" stands here a second time`},
		{"steps: *nowhere", `1:8: alias *nowhere names no anchor before it`},
		{"steps:\n  - at: 0s\n   set: [", `YAML syntax: `},
		{"a: 1\n---\nb: 2", `the file holds more than one YAML document`},
		{"steps: " + strings.Repeat("[", 60), `YAML syntax: line 1 nests more than 40 deep`},
		{strings.Repeat("a", 300_000), `YAML syntax: the file is larger than 262144 bytes`},
		{"a: &a [" + strings.Repeat("x,", 99) + "x]\nb: &b [" + strings.Repeat("*a,", 99) + "*a]\nc: [" + strings.Repeat("*b,", 99) + "*b]", `the file has more than 100000 values, with its aliases`},
	} {
		_, err := faults.ParseScenario("f.yml", tt.source, fields)
		problems, ok := errors.AsType[faults.Problems](err)
		if !ok {
			t.Errorf("%.200s: %v", tt.source, err)
			continue
		}
		var all []string
		for _, p := range problems {
			all = append(all, fmt.Sprintf("%d:%d: %s", p.Line, p.Column, p.Text()))
		}
		if text := strings.Join(all, "\n"); !strings.Contains(text, tt.want) {
			t.Errorf("%.200s\n got %s\nwant %s", tt.source, text, tt.want)
		}
	}
}

// FuzzScenario: whatever the file, there are problems with places, or a scenario
// that can be run.
func FuzzScenario(f *testing.F) {
	for _, seed := range []string{
		"seed: 7\nsteps:\n  - at: 0s\n    set: {id: slow, kind: latency, delay: 300ms, jitter: 200ms}\n  - after: 3 mutations\n    remove: slow\n",
		"steps:\n- after: 1 query\n  set:\n  - &a {kind: drop}\n  - {<<: *a, id: x}\n- at: 1h\n  remove: all\n",
		"steps: [{at: 0s, set: [{kind: close, code: 4000}]}]", "? [a]\n: b", "a: !!binary x", "%YAML 1.2\n---\n- |\n  x\n", "steps: [&a [*a]]", "\"\\x\": 1", "{a: .inf, b: .nan, c: 0x1F, d: ~}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		in := injector(t)
		s, err := in.ParseScenario("f.yml", source)
		if problems, ok := errors.AsType[faults.Problems](err); err != nil {
			if !ok || len(problems) == 0 || problems[0].Line < 1 || problems[0].Column < 1 {
				t.Fatalf("%q: %v", source, err)
			}
			return
		}
		in.Start(s)
		in.RemoveAll()
		if in.Active() {
			t.Fatalf("%q: active", source)
		}
		in.Close()
	})
}
