package realtime_test

import (
	"testing"

	"appsync-emulator/emulator/internal/realtime"
)

// A subscription that the backend ends has an error; its neighbours and the
// connection go on, and its id is free.
func TestEndedByTheBackend(t *testing.T) {
	b := newBackend()
	h, u := serve(t, b, realtime.Options{MaxSubscriptions: 2})
	c := open(t, u)
	c.subscribe("1", "a")
	c.subscribe("2", "b")
	to := b.to["a"]
	to.End(&realtime.Error{Type: "Outdated", Message: "gone"})
	to.End(&realtime.Error{Message: "twice"})
	to.Deliver([]byte(`{"data":1}`))
	c.expect(`{"id":"1","type":"error","payload":{"errors":[{"errorType":"Outdated","message":"gone"}]}}`)
	if got := <-b.stopped; got != "a" {
		t.Errorf("stopped %s", got)
	}
	b.publish("b", `{"data":2}`)
	c.expect(`{"id":"2","type":"data","payload":{"data":2}}`)
	c.subscribe("1", "c")

	// One that the client has stopped is not there any more.
	c.send(`{"id":"1","type":"stop"}`)
	c.expect(`{"id":"1","type":"complete"}`)
	b.to["c"].End(&realtime.Error{Message: "late"})
	c.subscribe("1", "d")
	if n := h.Connections(); n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
}

// One that ends while it is being started is acknowledged first.
func TestEndedBeforeItsAcknowledgement(t *testing.T) {
	b := newBackend()
	_, u := serve(t, b, realtime.Options{MaxSubscriptions: 1})
	c := open(t, u)
	c.subscribe("1", "outdated")
	c.expect(`{"id":"1","type":"error","payload":{"errors":[{"errorType":"Outdated","message":"gone"}]}}`)
	if got := <-b.stopped; got != "outdated" {
		t.Errorf("stopped %s", got)
	}
	c.subscribe("1", "a")
}
