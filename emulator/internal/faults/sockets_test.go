package faults_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"appsync-emulator/emulator/internal/faults"
)

const event = `{"data":{"onPost":{"id":"1"}}}`

// What becomes of connections that are open when a fault is set.
func TestOpenConnections(t *testing.T) {
	for fault, want := range map[string]string{
		`{"kind":"offline"}`:                                  broken,
		`{"kind":"reset","at":"now"}`:                         broken,
		`{"kind":"drop","at":"now"}`:                          dropped,
		`{"kind":"close"}`:                                    "1001 ",
		`{"kind":"close","code":4000,"reason":"come back"}`:   "4000 come back",
		`{"kind":"close","match":{"connection":"c1"}}`:        "1001 ",
		`{"kind":"reset","at":"now","match":{"user":"ada"}}`:  broken,
		`{"kind":"reset","at":"now","match":{"apiKey":"k"}}`:  broken,
		`{"kind":"close","match":{"header":{"x-a":"b"}}}`:     "1001 ",
		`{"kind":"close","match":{"ip":"127.0.0.0/8"}}`:       "1001 ",
		`{"kind":"close","match":{"user":"bob"}}`:             "",
		`{"kind":"close","match":{"connection":"c2"}}`:        "",
		`{"kind":"close","at":"connect"}`:                     "",
		`{"kind":"drop"}`:                                     "",
		`{"kind":"close","skip":1}`:                           "",
		`{"kind":"halfOpen","match":{"apiKey":"another"}}`:    "",
		`{"kind":"offline","match":{"ip":"192.168.0.0/16"}}`:  "",
		`{"kind":"connectionError","match":{"user":"ada"}}`:   "",
		`{"kind":"dropFrames","match":{"name":"nothing"}}`:    "",
		`{"kind":"duplicateFrames","match":{"user":"bob"}}`:   "",
		`{"kind":"delayFrames","delay":"5m","frames":["ka"]}`: "",
	} {
		t.Run(fault, func(t *testing.T) {
			f := start(t)
			s := f.open(map[string]string{"x-user": "ada", "x-api-key": "k", "x-a": "b"})
			f.set(fault)
			if want != "" {
				if got := s.end(); got != want {
					t.Errorf("ended %q, want %q", got, want)
				}
				return
			}
			f.RemoveAll()
			s.subscribe("1", subscription)
		})
	}
}

func TestNowIsOnce(t *testing.T) {
	f := start(t)
	first, second := f.open(nil), f.open(nil)
	f.set(`{"id":"f","kind":"reset","at":"now","times":1}`)
	if got := first.end(); got != broken {
		t.Error(got)
	}
	second.subscribe("1", subscription)
	f.open(nil)
	if s, _ := f.Get("f"); s.Active || s.Applied != 1 {
		t.Errorf("%+v", s)
	}
}

// New connections, from the handshake to the answer to a start message.
func TestNewConnections(t *testing.T) {
	handshake := func(t *testing.T, fault, want string) {
		f := start(t)
		f.set(fault)
		_, err := f.dial(nil)
		if err == nil {
			t.Fatal("connected")
		}
		if want != "" && err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
		f.RemoveAll()
		f.open(nil)
	}
	for fault, want := range map[string]string{
		`{"kind":"drop","at":"connect"}`:                "",
		`{"kind":"reset","at":"connect"}`:               "",
		`{"kind":"offline"}`:                            "",
		`{"kind":"status","status":503,"at":"connect"}`: "503 Service Unavailable",
		`{"kind":"status","status":401,"at":"connect"}`: "401 Unauthorized",
	} {
		t.Run(fault, func(t *testing.T) { handshake(t, fault, want) })
	}
	// Recorded: aws/aws-appsync-community#195 (the form).
	for _, tt := range []struct{ name, fault, frame, end string }{
		{"refused", `{"kind":"connectionError"}`,
			`{"payload":{"errors":[{"errorType":"UnauthorizedException","message":"You are not authorized to make this call.","errorCode":400}]},"type":"connection_error"}`,
			"1008 You are not authorized to make this call."},
		{"refused in other words", `{"kind":"connectionError","errorType":"LimitExceededError","message":"Rate limit exceeded","errorCode":429,"match":{"user":"ada"}}`,
			`{"payload":{"errors":[{"errorType":"LimitExceededError","message":"Rate limit exceeded","errorCode":429}]},"type":"connection_error"}`,
			"1008 Rate limit exceeded"},
		{"closed", `{"kind":"close","at":"connect","code":1013,"reason":"later"}`, "", "1013 later"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := start(t)
			f.set(tt.fault)
			s, err := f.dial(map[string]string{"x-user": "ada"})
			if err != nil {
				t.Fatal(err)
			}
			if tt.frame != "" {
				s.expect(tt.frame)
			}
			if got := s.end(); got != tt.end {
				t.Errorf("ended %q, want %q", got, tt.end)
			}
		})
	}
}

func TestNthConnection(t *testing.T) {
	f := start(t)
	f.open(nil) // before the fault is set, and not counted
	f.set(`[{"id":"second","kind":"close","at":"connect","match":{"nthConnection":2}},
		{"id":"adas","kind":"dropFrames","frames":["data"],"match":{"user":"ada","nthConnection":2}}]`)
	f.open(nil)
	s, err := f.dial(nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.end(); got != "1001 " {
		t.Error(got)
	}
	f.open(nil)
	if n := f.applied("second"); n != 1 {
		t.Errorf("applied %d times", n)
	}
	ada := map[string]string{"x-user": "ada"}
	first, second := f.open(ada), f.open(ada)
	first.subscribe("1", subscription)
	second.subscribe("2", otherSub)
	f.api.publish(subscription, event)
	f.api.publish(otherSub, event)
	first.expect(data("1", event))
	second.silent()
}

// What happens around a start message. Errors have the form of
// aws-amplify/amplify-js#12679.
func TestStarts(t *testing.T) {
	for _, tt := range []struct {
		name, fault, frame, end string
		started                 int
	}{
		{"an error before", `{"kind":"error","errorType":"T","message":"M"}`, `{"id":"1","type":"error","payload":{"errors":[{"errorType":"T","message":"M"}]}}`, "", 0},
		{"an error after", `{"kind":"error","errorType":"T","message":"M","at":"after","match":{"field":"onPost"}}`, `{"id":"1","type":"error","payload":{"errors":[{"errorType":"T","message":"M"}]}}`, "", 0},
		{"dropped before", `{"kind":"drop","match":{"operation":"subscription"}}`, "", dropped, 0},
		{"reset after", `{"kind":"reset","at":"after","match":{"field":"Subscription.onPost"}}`, "", broken, 0},
		{"closed", `{"kind":"close","at":"before","code":4001}`, "", "4001 ", 0},
		{"closed after", `{"kind":"close","at":"after","code":4001}`, "", "4001 ", 0},
		{"another operation", `{"kind":"drop","match":{"operation":"mutation"}}`, startAck("1"), "", 1},
		{"another field", `{"kind":"drop","match":{"field":"onUser"}}`, startAck("1"), "", 1},
		{"a status has no place", `{"kind":"status","status":401}`, startAck("1"), "", 1},
		{"a header of the start", `{"kind":"drop","match":{"header":{"x-user":"ada"}}}`, "", dropped, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := start(t)
			s := f.open(map[string]string{"x-user": "ada"})
			f.set(tt.fault)
			s.start("1", subscription)
			if tt.frame != "" {
				s.expect(tt.frame)
			}
			if tt.end != "" {
				if got := s.end(); got != tt.end {
					t.Errorf("ended %q, want %q", got, tt.end)
				}
			}
			f.eventually(fmt.Sprintf("%d subscriptions", tt.started), func() bool { return f.api.started() == tt.started })
		})
	}
}

// The acknowledgement of a subscription is late when its start is.
func TestStartsAreLate(t *testing.T) {
	for _, at := range []string{"before", "after"} {
		waits, release := make(chan struct{}, 1), make(chan time.Time)
		f := start(t, func(o *faults.Options) {
			o.After = func(time.Duration) <-chan time.Time {
				waits <- struct{}{}
				return release
			}
		})
		f.set(`{"kind":"latency","delay":"20s","at":"` + at + `"}`)
		s := f.open(nil)
		s.start("1", subscription)
		<-waits
		if got, want := f.api.started(), map[string]int{"before": 0, "after": 1}[at]; got != want {
			t.Errorf("%s: %d subscriptions while it waits, want %d", at, got, want)
		}
		s.silent()
		close(release)
		s.expect(startAck("1"))
	}
}

func TestFrames(t *testing.T) {
	// What a client receives that connects, subscribes, hears of two events and
	// stops.
	frames := map[string]string{
		"ack": ack, "ka": ka, "start": startAck("1"), "one": data("1", `{"data":1}`), "two": data("1", `{"data":2}`),
		"complete": `{"id":"1","type":"complete"}`,
	}
	for _, tt := range []struct {
		name, fault string
		want        []string
	}{
		{"an event is lost", `{"kind":"dropFrames","frames":["data"],"times":1}`, []string{"ack", "ka", "start", "two", "complete"}},
		{"of one subscription", `{"kind":"dropFrames","frames":["data"],"match":{"field":"onPost"}}`, []string{"ack", "ka", "start", "complete"}},
		{"of another", `{"kind":"dropFrames","match":{"field":"onUser"}}`, []string{"ack", "ka", "start", "one", "two", "complete"}},
		{"of an operation's name", `{"kind":"dropFrames","match":{"name":"OnPost"}}`, []string{"ack", "ka"}},
		{"the second event", `{"kind":"dropFrames","frames":["data"],"skip":1}`, []string{"ack", "ka", "start", "one", "complete"}},
		{"no connection_ack", `{"kind":"dropFrames","frames":["connection_ack"]}`, []string{"ka", "start", "one", "two", "complete"}},
		{"no ka", `{"kind":"dropFrames","frames":["ka"]}`, []string{"ack", "start", "one", "two", "complete"}},
		{"no start_ack", `{"kind":"dropFrames","frames":["start_ack"]}`, []string{"ack", "ka", "one", "two", "complete"}},
		{"no complete", `{"kind":"dropFrames","frames":["complete"]}`, []string{"ack", "ka", "start", "one", "two"}},
		{"nothing", `{"kind":"dropFrames"}`, nil},
		{"twice", `{"kind":"duplicateFrames","frames":["data"]}`, []string{"ack", "ka", "start", "one", "one", "two", "two", "complete"}},
		{"three times", `{"kind":"duplicateFrames","frames":["start_ack","data"],"copies":3,"times":2}`, []string{"ack", "ka", "start", "start", "start", "one", "one", "one", "two", "complete"}},
		{"late, in order", `{"kind":"delayFrames","frames":["start_ack"],"delay":"30ms"}`, []string{"ack", "ka", "start", "one", "two", "complete"}},
		{"late and twice", `[{"kind":"delayFrames","frames":["data"],"delay":"10ms","jitter":"10ms"},{"kind":"duplicateFrames","frames":["data"]}]`, []string{"ack", "ka", "start", "one", "one", "two", "two", "complete"}},
		{"one connection's", `{"kind":"dropFrames","match":{"connection":"c1"}}`, nil},
		{"another one's", `{"kind":"dropFrames","match":{"connection":"c7"}}`, []string{"ack", "ka", "start", "one", "two", "complete"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := start(t)
			f.set(tt.fault)
			s, err := f.dial(nil)
			if err != nil {
				t.Fatal(err)
			}
			s.send(`{"type":"connection_init"}`)
			s.start("1", subscription)
			f.eventually("the subscription runs", func() bool { return f.api.started() == 1 })
			f.api.publish(subscription, `{"data":1}`)
			f.api.publish(subscription, `{"data":2}`)
			s.send(`{"id":"1","type":"stop"}`)
			f.eventually("it has ended", func() bool { return f.api.started() == 0 })
			for _, name := range tt.want {
				s.expect(frames[name])
			}
			s.silent()
		})
	}
}

// A delayed frame makes those behind it late, also when the fault is over.
func TestNothingOvertakes(t *testing.T) {
	release := make(chan time.Time)
	f := start(t, func(o *faults.Options) { o.After = func(time.Duration) <-chan time.Time { return release } })
	s := f.open(nil)
	s.subscribe("1", subscription)
	f.set(`{"kind":"delayFrames","frames":["data"],"delay":"5m","times":1}`)
	f.api.publish(subscription, `{"data":1}`)
	f.RemoveAll()
	f.api.publish(subscription, `{"data":2}`)
	s.send(`{"id":"9","type":"stop"}`)
	s.silent()
	close(release)
	s.expect(data("1", `{"data":1}`), data("1", `{"data":2}`))
	f.eventually("nothing is active", func() bool { return !f.Active() })
}

func TestErrorFramesOfARefusedStart(t *testing.T) {
	f := start(t)
	s := f.open(nil)
	f.set(`[{"kind":"error","message":"no","match":{"field":"onPost"}},{"kind":"dropFrames","frames":["error"],"match":{"field":"onPost"}}]`)
	for range 20 { // the id may be used again and again
		s.start("1", subscription)
	}
	s.start("2", otherSub)
	s.expect(startAck("2"))
	s.silent()
	if got := f.Connections()[0].Subscriptions; len(got) != 1 || got[0] != "onUser" {
		t.Errorf("subscriptions %q", got)
	}
	f.RemoveAll()
	s.subscribe("1", subscription)
	if got := f.Connections()[0].Subscriptions; len(got) != 2 {
		t.Errorf("subscriptions %q", got)
	}
}

func TestHalfOpenSockets(t *testing.T) {
	for then, want := range map[string]string{"reset": broken, "resume": ""} {
		t.Run(then, func(t *testing.T) {
			f := start(t)
			s, other := f.open(nil), f.open(nil)
			s.subscribe("1", subscription)
			f.set(`{"id":"stall","kind":"halfOpen","match":{"connection":"c1"},"then":"` + then + `"}`)
			f.api.publish(subscription, `{"data":1}`) // is not written
			s.start("2", otherSub)                    // is not read
			s.silent()
			other.subscribe("3", `subscription { onUser }`)
			if got := f.Connections(); len(got) != 2 || !got[0].Frozen || got[1].Frozen {
				t.Errorf("%+v", got)
			}
			if n := f.api.started(); n != 2 {
				t.Errorf("%d subscriptions", n)
			}
			f.Remove("stall")
			if want != "" {
				if got := s.end(); got != want {
					t.Errorf("ended %q", got)
				}
				return
			}
			s.expect(data("1", `{"data":1}`), startAck("2"))
		})
	}
}

// A connection that several faults have frozen goes on when the last is removed.
func TestFrozenTwice(t *testing.T) {
	f := start(t)
	s := f.open(nil)
	f.set(`[{"id":"a","kind":"halfOpen","then":"resume"},{"id":"b","kind":"halfOpen","then":"resume"}]`)
	s.start("1", subscription)
	f.Remove("a")
	s.silent()
	f.Remove("b")
	s.expect(startAck("1"))
}

func TestAFrozenConnectionMayEnd(t *testing.T) {
	f := start(t)
	s := f.open(nil)
	f.set(`{"id":"stall","kind":"halfOpen"}`)
	s.Close()
	f.eventually("the connection is gone", func() bool { return len(f.Connections()) == 0 })
	f.RemoveAll()
}

// The server closes in time whatever is frozen.
func TestClosingThaws(t *testing.T) {
	f := start(t)
	s := f.open(nil)
	f.set(`{"kind":"halfOpen"}`)
	f.Injector.Close()
	if got := s.end(); got != broken {
		t.Error(got)
	}
}

func TestConnectionsAreListed(t *testing.T) {
	f := start(t)
	f.clock.Freeze(time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC))
	s := f.open(map[string]string{"x-user": "ada"})
	s.subscribe("1", otherSub)
	s.subscribe("2", subscription)
	got := fmt.Sprintf("%+v", f.Connections())
	if want := "[{ID:c1 IP:127.0.0.1 User:ada Opened:2024-05-01 12:00:00 +0000 UTC Subscriptions:[onPost onUser] Frozen:false}]"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	s.Close()
	f.eventually("the connection is gone", func() bool { return len(f.Connections()) == 0 })
}

// Many clients, faults that come and go: nothing is left over.
func TestFaultsComeAndGo(t *testing.T) {
	f := start(t)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{}, 6)
	for range 3 {
		go func() {
			defer func() { done <- struct{}{} }()
			for ctx.Err() == nil {
				f.post(mutation)
			}
		}()
		go func() {
			defer func() { done <- struct{}{} }()
			for ctx.Err() == nil {
				s, err := f.dial(nil)
				if err != nil {
					continue
				}
				s.WriteMessage(1, []byte(`{"type":"connection_init"}`))
				s.WriteMessage(1, []byte(`{"id":"1","type":"start","payload":{"data":"{\"query\":\"subscription { onPost }\"}"}}`))
				select {
				case <-s.frames:
				case <-ctx.Done():
				}
				s.Close()
			}
		}()
	}
	for i := range 60 {
		f.set([]string{
			`[{"id":"a","kind":"halfOpen","then":"resume"},{"kind":"delayFrames","delay":"1ms","jitter":"1ms"}]`,
			`[{"id":"a","kind":"offline"},{"kind":"close","at":"connect","probability":0.5}]`,
			`[{"id":"a","kind":"duplicateFrames"},{"kind":"drop","at":"after","times":3},{"kind":"reset","at":"now"}]`,
		}[i%3])
		if i%3 > 0 { // half open, nobody would answer
			f.post(query)
		}
		f.List()
		f.Connections()
		if i%2 == 1 {
			f.RemoveAll()
		}
	}
	stop()
	f.RemoveAll()
	for range 6 {
		<-done
	}
	f.eventually("nothing is active", func() bool { return !f.Active() && len(f.Connections()) == 0 })
}
