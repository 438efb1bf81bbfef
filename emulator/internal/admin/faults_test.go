package admin_test

import (
	"net/http"
	"testing"

	"appsync-emulator/emulator/internal/admin"
)

// What faults do is tested with them; here are their answers.
func TestFaultRoutes(t *testing.T) {
	f := start(t)
	const a = `{"id":"a","kind":"drop","at":"before","applied":0,"active":true}`
	f.want("GET", "faults", "", 200, `{"faults":[]}`)
	f.want("POST", "faults", `[{"id":"a","kind":"drop"},{"id":"b","kind":"offline"}]`, 200,
		`{"faults":[`+a+`,{"id":"b","kind":"offline","mode":"refuse","applied":0,"active":true}]}`)
	f.want("GET", "faults/a", "", 200, a)
	f.want("DELETE", "faults/a", "", 200, a)
	f.want("DELETE", "faults", "", 200, `{"removed":["b"]}`)
	f.want("GET", "connections", "", 200, `{"connections":[]}`)
	f.refused("GET", "faults/a", "", 404, `there is no fault "a"`, "id")
	f.refused("DELETE", "faults/a", "", 404, `there is no fault "a"`, "id")
	f.refused("POST", "faults", " ", 400, "want a fault, or a list of faults", "")
	f.refused("POST", "faults", `{"kind":"drop","times":0}`, 400, "want a whole number from 1 to 2147483647", "times")
	f.refused("GET", "faults/scenario", "", 404, "no scenario was started", "")
	f.refused("DELETE", "faults/scenario", "", 404, "no scenario was started", "")
	f.refused("PUT", "faults", "", 405, "the method here is POST or GET or DELETE", "")
	// All mistakes are told, the first one by itself.
	f.want("POST", "faults", `[{"kind":"drp"},{"kind":"drop","id":""}]`, 400, `{"error":{"message":"\"drp\" is none of latency, drop, reset, offline, halfOpen, status, error, connectionError, close, dropFrames, delayFrames, duplicateFrames (did you mean \"drop\"?)","field":"[0].kind","problems":[`+
		`{"field":"[0].kind","message":"\"drp\" is none of latency, drop, reset, offline, halfOpen, status, error, connectionError, close, dropFrames, delayFrames, duplicateFrames (did you mean \"drop\"?)"},`+
		`{"field":"[1].id","message":"want a text that is not empty"}]}}`)
	f.want("POST", "faults/scenario", "steps: [{at: x, set: {kind: drop}}]", 400,
		`{"error":{"message":"line 1, column 14: want a duration such as \"300ms\" or \"1m30s\"","line":1,"column":14}}`)
	f.clock.Freeze(noon)
	const state = `{"name":"tunnel","state":"stopped","began":"2024-05-01T12:00:00Z","steps":[{"line":1,"when":"at 0s","taken":true},{"line":1,"when":"after 2 mutations","taken":false}]}`
	if status, got := f.do("POST", "faults/scenario?name=tunnel", "steps: [{at: 0s, set: {id: c, kind: drop}}, {after: 2 mutations, remove: c}]"); status != 200 {
		t.Error(got)
	}
	f.want("DELETE", "faults/scenario", "", 200, state)
	f.want("GET", "faults/scenario", "", 200, state)
	f.want("GET", "faults", "", 200, `{"faults":[]}`)
}

func TestFaultsWhereThereAreNone(t *testing.T) {
	f := start(t, func(o *admin.Options) { o.Faults = nil })
	for _, route := range [][2]string{
		{"POST", "faults"}, {"GET", "faults"}, {"DELETE", "faults"}, {"GET", "faults/a"}, {"DELETE", "faults/a"},
		{"POST", "faults/scenario"}, {"GET", "faults/scenario"}, {"DELETE", "faults/scenario"}, {"GET", "connections"},
	} {
		f.refused(route[0], route[1], "", http.StatusNotFound, "faults cannot be set here", "")
	}
}
