package faults_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"appsync-emulator/emulator/internal/faults"
	"appsync-emulator/emulator/internal/server"
)

// What a request gets and whether it is executed. The bodies of refusals:
// aws-amplify/amplify-js#4373 (401), amplify-js#7906 (form of a 403), awslabs/aws-mobile-appsync-sdk-android#406
// (its words), aws-amplify/amplify-android#3425 (429); those of other statuses have their
// form (graphql/graphql-over-http#81).
func TestRequestsAreDisturbed(t *testing.T) {
	body := func(status int, message, errorType string) string {
		if status < 404 {
			return fmt.Sprintf("%d {\n  \"errors\" : [ {\n    \"errorType\" : %q,\n    \"message\" : %q\n  } ]\n}", status, errorType, message)
		}
		return fmt.Sprintf(`%d {"errors":[{"message":%q,"errorType":%q}]}`, status, message, errorType)
	}
	for _, tt := range []struct {
		name, faults, want string
		executed           int
	}{
		{"closed before it is executed", `{"kind":"drop"}`, dropped, 0},
		{"closed after it was executed", `{"kind":"drop","at":"after"}`, dropped, 1},
		{"reset before", `{"kind":"reset"}`, broken, 0},
		{"reset after", `{"kind":"reset","at":"after"}`, broken, 1},
		{"offline", `{"kind":"offline"}`, broken, 0},
		{"401", `{"kind":"status","status":401}`, body(401, "You are not authorized to make this call.", "UnauthorizedException"), 0},
		{"403", `{"kind":"status","status":403}`, body(403, "403 Forbidden", "ForbiddenException"), 0},
		{"429", `{"kind":"status","status":429}`, body(429, "Rate limit exceeded", "LimitExceededError"), 0},
		{"500", `{"kind":"status","status":500}`, body(500, "An internal failure occurred.", "InternalFailure"), 0},
		{"503", `{"kind":"status","status":503}`, body(503, "The service is unavailable.", "ServiceUnavailableException"), 0},
		{"504 though it was executed", `{"kind":"status","status":504,"at":"after"}`, body(504, "The request timed out.", "GatewayTimeoutException"), 1},
		{"a status with words of one's own", `{"kind":"status","status":503,"errorType":"T","message":"M"}`, body(503, "M", "T"), 0},
		{"a status with a type alone", `{"kind":"status","status":503,"errorType":"T"}`, `503 {"errors":[{"errorType":"T"}]}`, 0},
		{"latency alone changes nothing", `{"kind":"latency","delay":"1ms"}`, ok, 1},
		{"the first that ends a request wins", `[{"kind":"latency","delay":"1ms"},{"kind":"status","status":503,"errorType":"A"},{"kind":"drop"}]`, `503 {"errors":[{"errorType":"A"}]}`, 0},
		{"what is for sockets passes", `[{"kind":"dropFrames"},{"kind":"connectionError"},{"kind":"close","at":"connect"},{"kind":"drop","at":"connect"},{"kind":"halfOpen","match":{"connection":"c1"}}]`, ok, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := start(t)
			f.set(tt.faults)
			if got := f.post(mutation); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if got := f.api.executions(); got != tt.executed {
				t.Errorf("executed %d times, want %d", got, tt.executed)
			}
			f.RemoveAll()
			if got := f.post(mutation); got != ok {
				t.Errorf("without faults: %s", got)
			}
		})
	}
}

// A broken connection is broken under TLS, too: there is no close_notify.
func TestConnectionsBreakUnderTLS(t *testing.T) {
	f := start(t)
	for fault, want := range map[string]string{`{"id":"f","kind":"reset"}`: broken, `{"id":"f","kind":"drop"}`: dropped} {
		f.set(fault)
		if got := f.send("https://"+f.server.Addr()+"/graphql", query, ""); got != want {
			t.Errorf("%s: %s", fault, got)
		}
	}
	f.RemoveAll()
	for fault, want := range map[string]string{
		`{"id":"f","kind":"reset","at":"now"}`: broken, `{"id":"f","kind":"drop","at":"now"}`: dropped, `{"id":"f","kind":"offline"}`: broken,
	} {
		s, err := f.dialAt("wss", nil)
		if err != nil {
			t.Fatal(err)
		}
		f.eventually("it is listed", func() bool { return len(f.Connections()) == 1 })
		f.set(fault)
		if got := s.end(); got != want {
			t.Errorf("%s: %s", fault, got)
		}
		f.eventually("it is gone", func() bool { return len(f.Connections()) == 0 })
		f.RemoveAll()
	}
}

// A fault is for those that match.
func TestMatches(t *testing.T) {
	for _, tt := range []struct {
		name, match string
		query       string
		header      []string
		want        bool
	}{
		{"everything", `{}`, query, nil, true},
		{"a mutation", `{"operation":"mutation"}`, mutation, nil, true},
		{"no query", `{"operation":"mutation"}`, query, nil, false},
		{"the name of an operation", `{"name":"UpdatePost"}`, mutation, nil, true},
		{"another name", `{"name":"UpdatePost"}`, query, nil, false},
		{"a field, whatever its alias", `{"field":"updatePost"}`, mutation, nil, true},
		{"no alias", `{"field":"getPost"}`, `query { getPost: listPosts { id } }`, nil, false},
		{"a field of a fragment", `{"field":"createPost"}`, viaFragment, nil, true},
		{"a field of an inline fragment", `{"field":"listPosts"}`, `{ ... on Query { listPosts { id } } }`, nil, true},
		{"a field with its type", `{"field":"Mutation.updatePost"}`, mutation, nil, true},
		{"a field of another type", `{"field":"Query.getPost"}`, mutation, nil, false},
		{"what cannot be parsed", `{"operation":"query"}`, `query {`, nil, false},
		{"an address", `{"ip":"127.0.0.1"}`, query, nil, true},
		{"a range", `{"ip":"127.0.0.0/8"}`, query, nil, true},
		{"another range", `{"ip":"10.0.0.0/8"}`, query, nil, false},
		{"a header", `{"header":{"x-client":"phone"}}`, query, []string{"X-Client", "phone"}, true},
		{"another value", `{"header":{"x-client":"phone"}}`, query, []string{"X-Client", "tablet"}, false},
		{"all of several", `{"header":{"x-client":"phone"},"operation":"mutation"}`, query, []string{"X-Client", "phone"}, false},
		{"an API key", `{"apiKey":"da2-a"}`, query, []string{"x-api-key", "da2-a"}, true},
		{"another API key", `{"apiKey":"da2-a"}`, query, []string{"x-api-key", "da2-b"}, false},
		{"a user", `{"user":"ada"}`, query, []string{"x-user", "ada"}, true},
		{"a user by the sub", `{"user":"sub-ada"}`, query, []string{"x-user", "ada"}, true},
		{"another user", `{"user":"ada"}`, query, []string{"x-user", "bob"}, false},
		{"nobody", `{"user":"ada"}`, query, nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := start(t)
			f.set(`{"id":"f","kind":"drop","match":` + tt.match + `}`)
			want := ok
			if tt.want {
				want = dropped
			}
			if got := f.post(tt.query, tt.header...); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			if got := f.applied("f") == 1; got != tt.want {
				t.Errorf("applied: %v", got)
			}
		})
	}
}

// offline and halfOpen are for a user as well, who is known when he has
// authenticated.
func TestOneUserIsOffline(t *testing.T) {
	f := start(t)
	f.set(`{"kind":"offline","match":{"user":"ada"}}`)
	if got := f.post(query, "x-user", "ada"); got != broken {
		t.Errorf("ada: %s", got)
	}
	if got := f.post(query, "x-user", "bob"); got != ok {
		t.Errorf("bob: %s", got)
	}
	s, err := f.dial(map[string]string{"x-user": "ada"})
	if err != nil {
		t.Fatal(err)
	}
	if got := s.end(); got != broken {
		t.Errorf("ada's socket: %s", got)
	}
	f.open(map[string]string{"x-user": "bob"})
	if n := f.api.executions(); n != 1 {
		t.Errorf("executed %d", n)
	}
}

func TestHowOften(t *testing.T) {
	f := start(t)
	f.set(`{"id":"f","kind":"drop","skip":1,"times":2,"match":{"operation":"mutation"}}`)
	var got []string
	for _, q := range []string{mutation, query, mutation, mutation, mutation} {
		got = append(got, f.post(q))
	}
	if want := []string{ok, ok, dropped, dropped, ok}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if s, _ := f.Get("f"); s.Applied != 2 || s.Active {
		t.Errorf("%+v", s)
	}
	if f.Active() {
		t.Error("still active")
	}
}

func TestProbabilityAndJitterAreRepeatable(t *testing.T) {
	const n = 60
	outcomes := func(seed int) (answers string, delays []time.Duration) {
		f, w := instant(t)
		f.set(fmt.Sprintf(`[{"kind":"latency","delay":"100ms","jitter":"50ms","seed":%d},{"kind":"drop","probability":0.5,"seed":%d}]`, seed, seed))
		for range n {
			if f.post(query) == ok {
				answers += "."
			} else {
				answers += "x"
			}
		}
		return answers, w.delays()
	}
	first, delays := outcomes(7)
	again, delaysAgain := outcomes(7)
	other, delaysOther := outcomes(8)
	if first != again || !slices.Equal(delays, delaysAgain) {
		t.Errorf("not repeatable: %s %s, %v %v", first, again, delays, delaysAgain)
	}
	if first == other || slices.Equal(delays, delaysOther) {
		t.Error("the seed makes no difference")
	}
	// With probability one half, less than 10 or more than 50 of 60 is a matter of
	// one in ten millions, and of this seed for ever.
	if lost := strings.Count(first, "x"); lost < 10 || lost > 50 {
		t.Errorf("%d of %d were lost", lost, n)
	}
	if len(delays) != n || slices.Min(delays) < 100*time.Millisecond || slices.Max(delays) > 150*time.Millisecond || slices.Min(delays) == slices.Max(delays) {
		t.Errorf("delays %v", delays)
	}
}

// Whoever sets no seed can read the one that was taken.
func TestSeedsAreTold(t *testing.T) {
	seeds := func(base uint64) []uint64 {
		f := start(t, func(o *faults.Options) { o.Seed = base })
		f.set(`[{"kind":"drop","probability":0.5},{"kind":"latency","jitter":"1s"},{"kind":"drop"}]`)
		var out []uint64
		for _, s := range f.List() {
			out = append(out, s.Seed)
		}
		return out
	}
	a := seeds(5)
	if a[0] == 0 || a[1] == 0 || a[0] == a[1] || a[2] != 0 || !slices.Equal(a, seeds(5)) {
		t.Errorf("seeds %v", a)
	}
}

func TestLatencyBeforeAndAfter(t *testing.T) {
	for _, at := range []string{"before", "after"} {
		t.Run(at, func(t *testing.T) {
			waits, release := make(chan time.Duration, 1), make(chan time.Time)
			f := start(t, func(o *faults.Options) {
				o.After = func(d time.Duration) <-chan time.Time {
					waits <- d
					return release
				}
			})
			f.set(`{"kind":"latency","delay":"250ms","at":"` + at + `"}`)
			answer := make(chan string, 1)
			go func() { answer <- f.post(mutation) }()
			if d := <-waits; d != 250*time.Millisecond {
				t.Errorf("waits %s", d)
			}
			if got, want := f.api.executions(), map[string]int{"before": 0, "after": 1}[at]; got != want {
				t.Errorf("executed %d times while it waits, want %d", got, want)
			}
			close(release)
			if got := <-answer; got != ok {
				t.Error(got)
			}
		})
	}
}

// Removing a latency lets those go on who wait.
func TestRemovingReleases(t *testing.T) {
	waits := make(chan struct{}, 1)
	f := start(t, func(o *faults.Options) {
		o.After = func(time.Duration) <-chan time.Time {
			waits <- struct{}{}
			return nil
		}
	})
	f.set(`{"id":"slow","kind":"latency","delay":"1m"}`)
	answer := make(chan string, 1)
	go func() { answer <- f.post(query) }()
	<-waits
	if _, was := f.Remove("slow"); !was {
		t.Error("it was not there")
	}
	if got := <-answer; got != ok {
		t.Error(got)
	}
	if _, was := f.Remove("slow"); was {
		t.Error("removed twice")
	}
}

func TestAClientThatGoesAwayIsNotWaitedFor(t *testing.T) {
	waits := make(chan struct{}, 1)
	f := start(t, func(o *faults.Options) {
		o.After = func(time.Duration) <-chan time.Time {
			waits <- struct{}{}
			return nil
		}
	})
	f.set(`{"kind":"latency","delay":"10m"}`)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+f.server.Addr()+"/graphql", strings.NewReader(`{"query":"{ getPost }"}`))
		if err == nil {
			_, err = f.client.Do(req)
		}
		done <- err
	}()
	<-waits
	cancel()
	if <-done == nil {
		t.Error("answered")
	}
	f.eventually("the request goes on", func() bool { return f.api.executions() == 1 })
}

// What is under way when the client goes offline is not answered, though it has
// been executed.
func TestOfflineCutsRequestsUnderWay(t *testing.T) {
	f := start(t)
	answer := make(chan string, 1)
	go func() { answer <- f.post(`query Block { getPost }`) }()
	<-f.api.entered
	f.set(`{"kind":"offline"}`)
	close(f.api.release)
	if got := <-answer; got != broken {
		t.Error(got)
	}
	if n := f.api.executions(); n != 1 {
		t.Errorf("executed %d times", n)
	}
}

func TestOfflineByTheClock(t *testing.T) {
	f := start(t)
	f.clock.Freeze(time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC))
	s := f.open(nil)
	f.set(`{"id":"tunnel","kind":"offline","for":"30s"}`)
	if got := s.end(); got != broken {
		t.Errorf("the open socket: %s", got)
	}
	f.clock.Advance(29 * time.Second)
	if got := f.post(query); got != broken {
		t.Errorf("after 29 s: %s", got)
	}
	if _, err := f.dial(nil); err == nil {
		t.Error("a socket was opened")
	}
	if state, _ := f.Get("tunnel"); !state.Active || state.Until.Format(time.RFC3339) != "2024-05-01T12:00:30Z" {
		t.Errorf("%+v", state)
	}
	f.clock.Advance(time.Second)
	if got := f.post(query); got != ok {
		t.Errorf("after 30 s: %s", got)
	}
	f.open(nil)
	if state, _ := f.Get("tunnel"); state.Active {
		t.Errorf("%+v", state)
	}
	f.eventually("nothing is active", func() bool { return !f.Active() })
}

// Preflights are of the network, too; what is not the API's is not disturbed.
func TestWhatIsDisturbed(t *testing.T) {
	f := start(t)
	f.set(`{"kind":"offline"}`)
	for _, tt := range []struct{ method, path, want string }{
		{"OPTIONS", "/graphql", broken},
		{"GET", "/graphql?query=%7BgetPost%7D", broken},
		{"POST", "/apis/abc/graphql", broken},
		{"GET", "/graphql/realtime", broken},
		{"GET", "/_emulator/health", `200 {"status":"ok"}`},
		{"GET", "/_emulator/faults", `200 admin`},
		{"POST", "/", `200 dynamodb`},
	} {
		req, err := http.NewRequest(tt.method, "http://"+f.server.Addr()+tt.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Amz-Target", "DynamoDB_20120810.ListTables")
		if got := f.do(req); got != tt.want {
			t.Errorf("%s %s: %s, want %s", tt.method, tt.path, got, tt.want)
		}
	}
}

func TestOfflineInSilence(t *testing.T) {
	f := start(t)
	f.set(`{"id":"tunnel","kind":"offline","mode":"silent"}`)
	answer := make(chan string, 1)
	go func() { answer <- f.post(query) }()
	f.eventually("the request waits", func() bool { return f.applied("tunnel") == 1 })
	select {
	case got := <-answer:
		t.Fatalf("answered: %s", got)
	case <-time.After(50 * time.Millisecond):
	}
	f.RemoveAll()
	if got := <-answer; got != broken {
		t.Error(got)
	}
}

func TestHalfOpenRequests(t *testing.T) {
	for then, want := range map[string]string{"reset": broken, "resume": ok} {
		t.Run(then, func(t *testing.T) {
			f := start(t)
			f.clock.Freeze(time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC))
			f.set(`{"id":"stall","kind":"halfOpen","for":"1m","then":"` + then + `"}`)
			answer := make(chan string, 1)
			go func() { answer <- f.post(query) }()
			f.eventually("the request waits", func() bool { return f.applied("stall") == 1 })
			f.clock.Advance(time.Minute)
			if got := <-answer; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

// Closing the injector ends all waiting, so that the emulator closes in time.
func TestClosingReleases(t *testing.T) {
	f := start(t)
	f.set(`{"id":"stall","kind":"halfOpen"}`)
	answer := make(chan string, 1)
	go func() { answer <- f.post(query) }()
	f.eventually("the request waits", func() bool { return f.applied("stall") == 1 })
	f.Injector.Close()
	f.Injector.Close()
	if got := <-answer; got != broken {
		t.Error(got)
	}
	if _, err := f.Set(`{"kind":"drop"}`); err == nil || f.Active() {
		t.Error("a fault was set after Close")
	}
}

// Without faults a request costs an atomic load at each place.
func BenchmarkActive(b *testing.B) {
	in := faults.New(faults.Options{Clock: start(b).clock})
	defer in.Close()
	for b.Loop() {
		if in.Active() {
			b.Fatal("active")
		}
	}
}

// BenchmarkRequest compares a server without an injector, with one that has no
// faults, and with one whose fault is for somebody else.
func BenchmarkRequest(b *testing.B) {
	for _, c := range []struct {
		name, fault string
		none        bool
	}{{name: "NoInjector", none: true}, {name: "NoFaults"}, {name: "OtherFault", fault: `{"kind":"drop","match":{"apiKey":"other"}}`}} {
		b.Run(c.name, func(b *testing.B) {
			f := start(b)
			opt := server.Options{Backend: f.api, Faults: f.Injector}
			if c.none {
				opt.Faults = nil
			}
			if c.fault != "" {
				f.set(c.fault)
			}
			s, err := server.New(opt)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				req, _ := http.NewRequest(http.MethodPost, "/graphql", strings.NewReader(`{"query":"{ getPost { id } }"}`))
				req.RemoteAddr = "127.0.0.1:5"
				s.ServeHTTP(&discard{header: http.Header{}}, req)
				f.api.executed = f.api.executed[:0]
			}
		})
	}
}

type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(int)             {}
