package realtime

import (
	"slices"
	"testing"
)

func heads(batch []message) []string {
	var out []string
	for _, m := range batch {
		out = append(out, string(m.head))
	}
	return out
}

func text(s string) message { return message{head: []byte(s)} }

// newOutbox returns an outbox without a writer that counts how often it wants
// one.
func newOutbox(maxMessages, maxBytes int) (o *outbox, woken *int) {
	woken = new(int)
	return &outbox{maxMessages: maxMessages, maxBytes: maxBytes, wake: func() { *woken++ }}, woken
}

// taken is what one take gives out.
func taken(o *outbox, max int) batch {
	var b batch
	o.take(&b, max)
	return b
}

func TestOutboxBounds(t *testing.T) {
	o, _ := newOutbox(3, 10)
	if !o.send(text("a message of its own is always taken")) {
		t.Error("a single message was refused")
	}
	if o.send(text("x")) {
		t.Error("more bytes than the bound were taken")
	}
	taken(o, 1000)
	for _, s := range []string{"1", "2", "3"} {
		if !o.send(text(s)) {
			t.Errorf("message %s was refused", s)
		}
	}
	if o.send(text("4")) {
		t.Error("more messages than the bound were taken")
	}
	if got := heads(taken(o, 1000).messages); !slices.Equal(got, []string{"1", "2", "3"}) {
		t.Errorf("took %v", got)
	}
}

func TestOutboxKeepsOrderAcrossBatches(t *testing.T) {
	o, _ := newOutbox(1000, 1000)
	var want, got []string
	next := 0
	for range 50 {
		for range 3 {
			s := string(rune('a' + next%26))
			next++
			o.send(text(s))
			want = append(want, s)
		}
		got = append(got, heads(taken(o, 2).messages)...)
	}
	for {
		batch := taken(o, 7).messages
		if len(batch) == 0 {
			break
		}
		got = append(got, heads(batch)...)
	}
	if !slices.Equal(got, want) {
		t.Errorf("took %v, want %v", got, want)
	}
}

func TestOutboxEndsAfterTheLastMessage(t *testing.T) {
	o, _ := newOutbox(10, 100)
	o.send(text("1"))
	o.send(text("2"))
	o.close(closing{code: 1001}, false)
	o.close(closing{code: 1013}, true) // too late
	o.send(text("3"))                  // too late as well
	b := taken(o, 1)
	if got := heads(b.messages); !slices.Equal(got, []string{"1"}) || b.ending != nil {
		t.Errorf("took %v, %v", got, b.ending)
	}
	b = taken(o, 1)
	if got := heads(b.messages); !slices.Equal(got, []string{"2"}) || b.ending == nil || b.ending.code != 1001 {
		t.Errorf("took %v, %v", got, b.ending)
	}
}

func TestOutboxAnswersTheLatestPing(t *testing.T) {
	o, _ := newOutbox(10, 100)
	o.sendPong([]byte("1"))
	o.sendPong([]byte("2"))
	if b := taken(o, 10); string(b.pong) != "2" {
		t.Errorf("pong %q", b.pong)
	}
	if b := taken(o, 10); b.pong != nil {
		t.Errorf("pong %q again", b.pong)
	}
}

// There is one writer at a time: it is started by what comes first and stays
// until it finds nothing, and after the ending none is started.
func TestOutboxWakesOneWriter(t *testing.T) {
	o, woken := newOutbox(10, 100)
	expect := func(what string, want int) {
		t.Helper()
		if *woken != want {
			t.Errorf("%s: %d writers started, want %d", what, *woken, want)
		}
	}
	var b batch
	expect("nothing to write", 0)
	o.send(text("1"))
	o.send(text("2"))
	o.sendPong(nil)
	expect("messages", 1)
	if !o.take(&b, 100) {
		t.Error("nothing was taken")
	}
	o.send(text("3"))
	expect("a message while writing", 1)
	if !o.take(&b, 100) || o.take(&b, 100) {
		t.Error("the writer was not told to end after the last message")
	}
	o.sendPing()
	expect("a ping", 2)
	o.take(&b, 100)
	if !b.ping {
		t.Error("no ping was taken")
	}
	o.take(&b, 100)
	o.close(closing{code: 1000}, false)
	expect("a close", 3)
	if !o.take(&b, 100) || b.ending == nil {
		t.Error("no ending was taken")
	}
	o.send(text("4"))
	o.sendPing()
	o.sendPong([]byte("p"))
	o.close(closing{}, true)
	expect("after the ending", 3)
}
