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

func TestOutboxBounds(t *testing.T) {
	o := newOutbox(3, 10)
	if !o.send(text("a message of its own is always taken")) {
		t.Error("a single message was refused")
	}
	if o.send(text("x")) {
		t.Error("more bytes than the bound were taken")
	}
	o.take(nil, 1000)
	for _, s := range []string{"1", "2", "3"} {
		if !o.send(text(s)) {
			t.Errorf("message %s was refused", s)
		}
	}
	if o.send(text("4")) {
		t.Error("more messages than the bound were taken")
	}
	batch, _, _ := o.take(nil, 1000)
	if got := heads(batch); !slices.Equal(got, []string{"1", "2", "3"}) {
		t.Errorf("took %v", got)
	}
}

func TestOutboxKeepsOrderAcrossBatches(t *testing.T) {
	o := newOutbox(1000, 1000)
	var want, got []string
	next := 0
	for range 50 {
		for range 3 {
			s := string(rune('a' + next%26))
			next++
			o.send(text(s))
			want = append(want, s)
		}
		batch, _, _ := o.take(nil, 2)
		got = append(got, heads(batch)...)
	}
	for {
		batch, _, _ := o.take(nil, 7)
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
	o := newOutbox(10, 100)
	o.send(text("1"))
	o.send(text("2"))
	o.close(closing{code: 1001}, false)
	o.close(closing{code: 1013}, true) // too late
	o.send(text("3"))                  // too late as well
	batch, _, ending := o.take(nil, 1)
	if got := heads(batch); !slices.Equal(got, []string{"1"}) || ending != nil {
		t.Errorf("took %v, %v", got, ending)
	}
	batch, _, ending = o.take(nil, 1)
	if got := heads(batch); !slices.Equal(got, []string{"2"}) || ending == nil || ending.code != 1001 {
		t.Errorf("took %v, %v", got, ending)
	}
}

func TestOutboxAnswersTheLatestPing(t *testing.T) {
	o := newOutbox(10, 100)
	o.sendPong([]byte("1"))
	o.sendPong([]byte("2"))
	if _, pong, _ := o.take(nil, 10); string(pong) != "2" {
		t.Errorf("pong %q", pong)
	}
	if _, pong, _ := o.take(nil, 10); pong != nil {
		t.Errorf("pong %q again", pong)
	}
}
