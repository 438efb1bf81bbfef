package faults_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"appsync-emulator/emulator/internal/clock"
	"appsync-emulator/emulator/internal/faults"
)

// injector is one without a server.
func injector(t testing.TB) *faults.Injector {
	in := faults.New(faults.Options{Clock: clock.New(), Fields: fields, Seed: 1})
	t.Cleanup(in.Close)
	return in
}

func TestDefaults(t *testing.T) {
	for fault, want := range map[string]string{
		`{"kind":"latency","delay":"1s"}`:        `{"id":"fault-1","kind":"latency","at":"before","delay":"1s"}`,
		`{"kind":"drop"}`:                        `{"id":"fault-1","kind":"drop","at":"before"}`,
		`{"kind":"reset"}`:                       `{"id":"fault-1","kind":"reset","at":"before"}`,
		`{"kind":"offline","for":"90s"}`:         `{"id":"fault-1","kind":"offline","for":"1m30s","mode":"refuse"}`,
		`{"kind":"halfOpen"}`:                    `{"id":"fault-1","kind":"halfOpen","then":"reset"}`,
		`{"kind":"error","message":"M"}`:         `{"id":"fault-1","kind":"error","at":"before","message":"M"}`,
		`{"kind":"connectionError"}`:             `{"id":"fault-1","kind":"connectionError","errorType":"UnauthorizedException","message":"You are not authorized to make this call.","errorCode":400}`,
		`{"kind":"close"}`:                       `{"id":"fault-1","kind":"close","at":"now","code":1001}`,
		`{"kind":"dropFrames","frames":["ka"]}`:  `{"id":"fault-1","kind":"dropFrames","frames":["ka"]}`,
		`{"kind":"delayFrames","delay":"500us"}`: `{"id":"fault-1","kind":"delayFrames","delay":"500µs"}`,
		`{"kind":"duplicateFrames"}`:             `{"id":"fault-1","kind":"duplicateFrames","copies":2}`,
		`[{"id":"a.b_c-D","kind":"drop","skip":1,"times":2,"probability":0.25,"seed":3,"match":{"operation":"query","name":"N","field":"getPost","ip":"::1","header":{"a":"b"},"apiKey":"k","user":"u"}}]`: `{"id":"a.b_c-D","kind":"drop","match":{"operation":"query","name":"N","field":"getPost","ip":"::1","header":{"a":"b"},"apiKey":"k","user":"u"},"at":"before","skip":1,"times":2,"probability":0.25,"seed":3}`,
	} {
		set, err := injector(t).Set(fault)
		if err != nil {
			t.Errorf("%s: %v", fault, err)
			continue
		}
		got, _ := json.Marshal(set[0].Fault)
		if string(got) != want {
			t.Errorf("%s\n got %s\nwant %s", fault, got, want)
		}
	}
}

// Every mistake is told with its place, and nothing is set.
func TestMistakes(t *testing.T) {
	for _, tt := range []struct{ json, want string }{
		{`{`, `: this is not JSON: `},
		{`5`, `: want an object, not a number`},
		{`[{"kind":"drop"},true]`, `[1]: want an object, not true or false`},
		{`{}`, `: want the kind of the fault: latency, drop,`},
		{`{"kind":"offlin"}`, `kind: "offlin" is none of latency, `},
		{`{"kind":"offlin"}`, `(did you mean "offline"?)`},
		{`{"kind":7}`, `kind: want a text, not a number`},
		{`{"kind":"drop","tims":1}`, `tims: a fault of kind drop has no "tims" (did you mean "times"?)`},
		{`{"kind":"drop","delay":"1s"}`, `delay: a fault of kind drop has no "delay"`},
		{`{"kind":"offline","times":1}`, `times: a fault of kind offline has no "times"`},
		{`{"kind":"drop","times":0}`, `times: want a whole number from 1 to 2147483647`},
		{`{"kind":"drop","times":1.5}`, `times: want a whole number from 1 to 2147483647`},
		{`{"kind":"drop","times":"2"}`, `times: want a number, not a text`},
		{`{"kind":"drop","skip":-1}`, `skip: want a whole number from 0 to 2147483647`},
		{`{"kind":"drop","probability":0}`, `probability: want a number above 0 and up to 1`},
		{`{"kind":"drop","probability":1.01}`, `probability: want a number above 0 and up to 1`},
		{`{"kind":"drop","seed":5}`, `seed: a seed goes with a probability or a jitter`},
		{`{"kind":"drop","for":"10"}`, `for: want a duration such as "300ms" or "1m30s"`},
		{`{"kind":"drop","for":10}`, `for: want a duration such as "300ms" or "1m30s"`},
		{`{"kind":"drop","for":"-10s"}`, `for: a duration is not negative`},
		{`{"kind":"drop","at":"later"}`, `at: "later" is none of before, after, connect, now`},
		{`{"kind":"latency","at":"connect","delay":"1s"}`, `at: "connect" is none of before, after`},
		{`{"kind":"latency"}`, `: want a "delay" or a "jitter", such as "300ms"`},
		{`{"kind":"latency","delay":"1h"}`, `delay: the longest duration here is 10m0s`},
		{`{"kind":"status"}`, `: want a "status": 401, 403, 429, 500, 503, 504`},
		{`{"kind":"status","status":404}`, `status: 404 is not a status that a fault answers: 401, 403, 429, 500, 503, 504`},
		{`{"kind":"error"}`, `: want an "errorType" or a "message"`},
		{`{"kind":"close","code":1005}`, `code: 1005 is not a code that a close frame may have`},
		{`{"kind":"close","code":99}`, `code: want a whole number from 1000 to 4999`},
		{`{"kind":"close","reason":"` + strings.Repeat("x", 124) + `"}`, `reason: the reason of a close frame has at most 123 bytes`},
		{`{"kind":"dropFrames","frames":["dat"]}`, `frames[0]: "dat" is none of data, ka, start_ack, connection_ack, complete, error, connection_error (did you mean "data"?)`},
		{`{"kind":"dropFrames","frames":"data"}`, `frames: want a list, not a text`},
		{`{"kind":"duplicateFrames","copies":1}`, `copies: want a whole number from 2 to 100`},
		{`{"kind":"offline","mode":"quiet"}`, `mode: "quiet" is none of refuse, silent`},
		{`{"kind":"halfOpen","then":"go"}`, `then: "go" is none of reset, resume`},
		{`{"kind":"connectionError","errorCode":7}`, `errorCode: want a whole number from 100 to 599`},
		{`{"kind":"drop","id":"a b"}`, `id: an id has 1 to 64 letters, digits, '.', '_' and '-'`},
		{`{"kind":"drop","id":"scenario"}`, `id: "scenario" cannot be the id of a fault`},
		{`[{"kind":"drop","id":"a"},{"kind":"drop","id":"a"}]`, `[1]: the id "a" is there twice`},
		{`{"kind":"drop","match":5}`, `match: want an object, not a number`},
		{`{"kind":"drop","match":{"fild":"x"}}`, `match.fild: a match has no "fild" (did you mean "field"?)`},
		{`{"kind":"drop","match":{"operation":"mutate"}}`, `match.operation: "mutate" is none of query, mutation, subscription`},
		{`{"kind":"drop","match":{"field":"updatePst"}}`, `match.field: the schema has no field "updatePst" here (did you mean "updatePost"?)`},
		{`{"kind":"drop","match":{"field":"getPost","operation":"mutation"}}`, `match.field: the schema has no field "getPost" here`},
		{`{"kind":"drop","match":{"field":"Post.comments"}}`, `match.field: "Post.comments" is no field of a root type; only faults of kind latency and error are for fields of other types`},
		{`{"kind":"error","message":"m","match":{"field":"Post.coments"}}`, `(did you mean "Post.comments"?)`},
		{`{"kind":"dropFrames","match":{"field":"getPost"}}`, `match.field: the schema has no field "getPost" here`},
		{`{"kind":"drop","match":{"ip":"somewhere"}}`, `match.ip: "somewhere" is neither an address nor a range such as "10.0.0.0/8"`},
		{`{"kind":"drop","match":{"header":{"a":null}}}`, `match.header.a: want a text, not nothing`},
		{`{"kind":"drop","match":{"apiKey":""}}`, `match.apiKey: want a text that is not empty`},
		{`{"kind":"drop","match":{"nthConnection":0}}`, `match.nthConnection: want a whole number from 1 to 2147483647`},
		{`{"kind":"offline","match":{"operation":"query"}}`, `match.operation: a fault of kind offline has no operation: it cannot match by operation`},
		{`{"kind":"offline","match":{"connection":"c1"}}`, `match.connection: a fault of kind offline is not one of a connection: it cannot match by connection`},
		{`{"kind":"drop","at":"connect","match":{"nthConnection":1}}`, `match.nthConnection: a fault of kind drop at connect is not one of a connection: it cannot match by nthConnection`},
		{`{"kind":"drop","at":"now","match":{"nthConnection":1}}`, `match.nthConnection: a fault of kind drop at now is for connections that are open: it cannot match by nthConnection`},
		{`{"kind":"close","at":"connect","match":{"user":"ada"}}`, `match.user: a fault of kind close at connect comes before the client is known: it cannot match by user`},
		{`{"kind":"close","at":"before","match":{"operation":"query"}}`, `match.operation: a fault of kind close at before is for subscriptions alone`},
		{`{"kind":"status","status":401,"match":{"operation":"subscription"}}`, `match.operation: a subscription has no HTTP status (the kinds error and connectionError, or status at connect)`},
	} {
		in := injector(t)
		_, err := in.Set(tt.json)
		problems, ok := errors.AsType[faults.Problems](err)
		if !ok {
			t.Errorf("%s: %v", tt.json, err)
			continue
		}
		var all []string
		for _, p := range problems {
			all = append(all, p.Path+": "+p.Text())
		}
		if text := strings.Join(all, "\n"); !strings.Contains(text, tt.want) {
			t.Errorf("%s\n got %s\nwant %s", tt.json, text, tt.want)
		}
		if len(in.List()) > 0 || in.Active() {
			t.Errorf("%s: something is set", tt.json)
		}
	}
}

func TestAListIsSetAsAWhole(t *testing.T) {
	in := injector(t)
	if _, err := in.Set(`[{"kind":"drop"},{"kind":"latency","at":"x"}]`); err == nil || len(in.List()) > 0 {
		t.Errorf("%v %v", err, in.List())
	}
	if _, err := in.Set(`[]`); err != nil {
		t.Error(err)
	}
}

func TestAFaultTakesThePlaceOfItsID(t *testing.T) {
	in := injector(t)
	for _, fault := range []string{`{"id":"a","kind":"drop"}`, `{"kind":"drop"}`, `{"id":"fault-2","kind":"drop"}`, `{"kind":"drop"}`, `{"id":"a","kind":"reset"}`} {
		if _, err := in.Set(fault); err != nil {
			t.Fatal(err)
		}
	}
	var ids []string
	for _, s := range in.List() {
		ids = append(ids, s.ID+" "+string(s.Kind))
	}
	if got := strings.Join(ids, ", "); got != "fault-1 drop, fault-2 drop, fault-3 drop, a reset" {
		t.Error(got)
	}
	if removed := fmt.Sprint(in.RemoveAll()); removed != "[fault-1 fault-2 fault-3 a]" || in.Active() {
		t.Error(removed)
	}
	if removed := fmt.Sprint(in.RemoveAll()); removed != "[]" {
		t.Error(removed)
	}
}

// Faults that have ended make room for new ones; those that are active do not.
func TestTheNumberOfFaultsIsBounded(t *testing.T) {
	in := injector(t)
	ended := `[` + strings.Repeat(`{"kind":"close"},`, 999) + `{"kind":"close"}]`
	active := `[` + strings.Repeat(`{"kind":"drop"},`, 999) + `{"kind":"drop"}]`
	for range 3 {
		if _, err := in.Set(ended); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := in.Set(active); err != nil {
		t.Fatal(err)
	}
	if _, err := in.Set(`{"kind":"drop"}`); !errors.Is(err, faults.ErrFull) {
		t.Error(err)
	}
	if _, err := in.Set(strings.Replace(active, "[", `[{"kind":"drop"},`, 1)); err == nil {
		t.Error("1001 faults at a time")
	}
}

// FuzzSet: whatever is sent, there is a problem or a fault, and a fault that is
// listed can be set again.
func FuzzSet(f *testing.F) {
	for _, seed := range []string{
		`{"kind":"latency","delay":"300ms","jitter":"200ms","match":{"field":"Post.comments"}}`,
		`[{"id":"a","kind":"drop","at":"now","skip":1,"times":2,"probability":0.5,"seed":9,"for":"1m"}]`,
		`{"kind":"status","status":503,"match":{"ip":"fe80::1%eth0/64","header":{"a":"b"},"name":"N"}}`,
		`{"kind":"dropFrames","frames":["data","ka"],"match":{"connection":"c1","nthConnection":2}}`,
		`{"kind":"close","code":4000,"reason":"r"}`, `{"kind":"connectionError","errorCode":429}`,
		`{"kind":"halfOpen","then":"resume"}`, `{"kind":"offline","mode":"silent"}`, `[null,1e9,{}]`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		in := faults.New(faults.Options{Clock: clock.New(), Fields: fields})
		defer in.Close()
		set, err := in.Set(text)
		if problems, ok := errors.AsType[faults.Problems](err); err != nil && (!ok && !errors.Is(err, faults.ErrFull) || ok && len(problems) == 0) {
			t.Fatalf("%q: %v", text, err)
		}
		for _, s := range set {
			first, err := json.Marshal(s.Fault)
			if err != nil {
				t.Fatal(err)
			}
			again, err := in.Set(string(first))
			if err != nil {
				t.Fatalf("%s cannot be set again: %v", first, err)
			}
			if second, _ := json.Marshal(again[0].Fault); string(second) != string(first) {
				t.Fatalf("%s became %s", first, second)
			}
		}
	})
}
