package clock_test

import (
	"testing"
	"testing/synctest"
	"time"

	"appsync-emulator/emulator/internal/clock"
)

func TestClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := clock.New()
		start := time.Now()
		at := func(what string, want time.Time) {
			t.Helper()
			if got := c.Now(); !got.Equal(want) {
				t.Errorf("%s: %v, want %v", what, got, want)
			}
		}
		at("a new clock is real time", start)
		c.Advance(time.Hour)
		at("advanced", start.Add(time.Hour))
		time.Sleep(time.Minute) // of the bubble's own time
		at("it runs on", start.Add(time.Hour+time.Minute))

		frozen := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
		c.Freeze(frozen)
		time.Sleep(time.Minute)
		at("frozen", frozen)
		c.Advance(time.Second)
		at("a frozen clock advances", frozen.Add(time.Second))
		c.Set(frozen)
		time.Sleep(time.Minute)
		at("a frozen clock that is set stands", frozen)
		c.Resume()
		time.Sleep(time.Minute)
		at("resumed", frozen.Add(time.Minute))
		c.Set(start)
		time.Sleep(time.Minute)
		at("a running clock that is set runs", start.Add(time.Minute))
	})
}

// Who waits on a time must hear of every move, also of those between asking for
// the channel and waiting on it.
func TestMovesAreTold(t *testing.T) {
	c := clock.New()
	for _, move := range []func(){
		func() { c.Advance(time.Second) },
		func() { c.Freeze(time.Unix(1, 0)) },
		func() { c.Set(time.Unix(2, 0)) },
		func() { c.Resume() },
	} {
		moved := c.Moved()
		select {
		case <-moved:
			t.Fatal("told before the move")
		default:
		}
		move()
		select {
		case <-moved:
		default:
			t.Error("a move was not told")
		}
	}
}
