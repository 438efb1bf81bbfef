package admin

import "time"

// ClockState is where the clock is.
type ClockState struct {
	Now    time.Time
	Frozen bool
}

// ClockMove changes the clock. Its parts take place in the order of the fields
// and at once: nobody sees the clock in between.
type ClockMove struct {
	// Set is the time to go to; nil leaves it.
	Set *time.Time
	// Advance is how far to go on from there.
	Advance time.Duration
	// Freeze stops the clock, or lets it run; nil leaves it as it is.
	Freeze *bool
}

// Clock tells the time of the emulator.
func (s *Service) Clock() ClockState {
	s.clock.Lock()
	defer s.clock.Unlock()
	return ClockState{Now: s.opt.Clock.Now(), Frozen: s.frozen}
}

// MoveClock changes the clock and tells where it is then.
func (s *Service) MoveClock(m ClockMove) ClockState {
	s.clock.Lock()
	defer s.clock.Unlock()
	to := m.from(s.opt.Clock.Now()).Add(m.Advance)
	frozen := s.frozen
	if m.Freeze != nil {
		frozen = *m.Freeze
	}
	if m.Set != nil || m.Advance != 0 || frozen != s.frozen {
		s.opt.Clock.Freeze(to)
		if !frozen {
			s.opt.Clock.Resume()
		}
	}
	s.frozen = frozen
	return ClockState{Now: s.opt.Clock.Now(), Frozen: frozen}
}

// from is where the move begins, when it is now.
func (m *ClockMove) from(now time.Time) time.Time {
	if m.Set != nil {
		return *m.Set
	}
	return now
}

// Requests move the clock within these years: what runs on from there is a
// time.Duration away from real time, and milliseconds since 1970 are positive.
var (
	earliest = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
)

// check refuses a move to where the clock cannot be.
func (m *ClockMove) check(now time.Time) error {
	outside := func(t time.Time) bool { return t.Before(earliest) || t.After(latest) }
	field := ""
	switch begin := m.from(now); {
	case m.Advance < 0:
		return badRequest("advance", `time goes forward; "set" goes back`)
	case m.Set != nil && outside(begin):
		field = "set"
	case m.Advance > 0 && outside(begin.Add(m.Advance)):
		field = "advance"
	default:
		return nil
	}
	return badRequest(field, "the clock goes from %s to %s", earliest.Format(time.RFC3339), latest.Format(time.RFC3339))
}
