package builtin

import (
	"math"
	"time"
)

// resolve turns fields into a time as java.time.format.Parsed does in the style
// SMART, or STRICT: fields make a date and a time of day, and what is left over must agree
// with them.
func (d *dateFields) resolve(strict bool, loc *time.Location) (time.Time, error) {
	r := dateResolver{dateFields: *d, strict: strict}
	for _, step := range []func() error{
		r.yearOfEra, r.yearMonthDay, r.timeFields, r.otherDates, r.timeOfDay, r.crossCheck,
	} {
		if err := step(); err != nil {
			return time.Time{}, err
		}
	}
	if !r.hasDate || !r.hasTime {
		return time.Time{}, errUnparseable
	}
	at := r.date.Add(time.Duration(r.nanos))
	if y := at.Year(); y < -maxYear || y > maxYear {
		return time.Time{}, errUnparseable
	}
	switch {
	case r.has[fieldOffset]:
		offset := r.values[fieldOffset]
		if offset < -maxOffset || offset > maxOffset {
			return time.Time{}, errUnparseable
		}
		at = at.Add(-time.Duration(offset) * time.Second)
	case r.zone != nil:
		at = localToInstant(at, r.zone)
	case loc != nil:
		at = localToInstant(at, loc)
	}
	if s := at.Unix(); s <= math.MinInt64/1000 || s >= math.MaxInt64/1000 {
		return time.Time{}, errUnparseable
	}
	return at, nil
}

// localToInstant returns when the clocks of loc show the wall time of at, which
// is in UTC. They may show it twice: then the first time counts. They may jump
// over it: then it counts from before the jump.
func localToInstant(at time.Time, loc *time.Location) time.Time {
	_, before := at.Add(-24 * time.Hour).In(loc).Zone()
	_, after := at.Add(24 * time.Hour).In(loc).Zone()
	first := at.Add(-time.Duration(before) * time.Second)
	if before == after {
		if _, offset := first.In(loc).Zone(); offset == before {
			return first
		}
		// Two changes within two days: ask for the time itself.
		return time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), loc)
	}
	second := at.Add(-time.Duration(after) * time.Second)
	_, atFirst := first.In(loc).Zone()
	_, atSecond := second.In(loc).Zone()
	if atFirst != before && atSecond == after {
		return second
	}
	return first
}

// maxYear is the largest year of a java.time.LocalDate.
const maxYear = 999999999

func between(v, lo, hi int64) bool { return lo <= v && v <= hi }

// dateResolver is the state of resolve: the fields that are not used yet, and
// what the others have made.
type dateResolver struct {
	dateFields
	strict  bool
	date    time.Time
	hasDate bool
	// nanos are those since midnight; hour 24 makes them a whole day.
	nanos   int64
	hasTime bool
}

func (r *dateResolver) check(letter byte, lo, hi int64) error {
	if !between(r.values[letter], lo, hi) {
		return errUnparseable
	}
	return nil
}

// setDate stores a date. Another one must be the same.
func (r *dateResolver) setDate(t time.Time) error {
	if y := t.Year(); y < -maxYear || y > maxYear {
		return errUnparseable
	}
	if r.hasDate && !r.date.Equal(t) {
		return errUnparseable
	}
	r.date, r.hasDate = t, true
	return nil
}

func midnight(year int64, month, day int) time.Time {
	return time.Date(int(year), time.Month(month), day, 0, 0, 0, 0, time.UTC)
}

// yearOfEra makes a year of a year of an era; the era is AD unless given.
func (r *dateResolver) yearOfEra() error {
	if !r.has['y'] {
		return nil
	}
	if err := r.check('y', 1, 1000000000); err != nil {
		return err
	}
	y := r.take('y')
	if !r.has['G'] && r.has['u'] && r.values['u'] <= 0 || r.has['G'] && r.take('G') == 0 {
		y = 1 - y
	}
	return r.set('u', y)
}

// yearMonthDay makes a date of a year with month and day, or with a day of the
// year.
func (r *dateResolver) yearMonthDay() error {
	switch {
	case r.has['u'] && r.has['M'] && r.has['d']:
		if r.check('u', -maxYear, maxYear) != nil || r.check('M', 1, 12) != nil || r.check('d', 1, 31) != nil {
			return errUnparseable
		}
		year, month, day := r.take('u'), int(r.take('M')), int(r.take('d'))
		last := midnight(year, month+1, 0).Day()
		if r.strict && day > last {
			return errUnparseable
		}
		return r.setDate(midnight(year, month, min(day, last)))
	case r.has['u'] && r.has['D']:
		if r.check('u', -maxYear, maxYear) != nil || r.check('D', 1, 366) != nil {
			return errUnparseable
		}
		year, day := r.take('u'), r.take('D')
		if day > int64(daysIn(int(year))) {
			return errUnparseable
		}
		return r.setDate(midnight(year, 1, int(day)))
	}
	return nil
}

// otherDates makes dates of weeks and of Julian days.
func (r *dateResolver) otherDates() error {
	if r.has['g'] {
		if err := r.check('g', -365243219162, 365241780471); err != nil {
			return err
		}
		// Modified Julian days count from 17 November 1858.
		if err := r.setDate(time.Unix((r.take('g')-40587)*86400, 0).UTC()); err != nil {
			return err
		}
	}
	if err := r.weekDate(); err != nil || !r.has['e'] {
		return err
	}
	if err := r.check('e', 1, 7); err != nil {
		return err
	}
	r.values['E'], r.has['E'] = r.take('e')-1, true
	return r.weekDate()
}

// weekDate makes a date of a day of the week in a week of a month, or in a week
// of a week-based year.
func (r *dateResolver) weekDate() error {
	switch {
	case !r.has['E']:
	case r.has['u']:
		if !r.has['M'] || !r.has['W'] {
			break
		}
		if r.check('u', -maxYear, maxYear) != nil || r.check('M', 1, 12) != nil || r.check('W', 0, 6) != nil {
			return errUnparseable
		}
		first := midnight(r.take('u'), int(r.take('M')), 1)
		days := int(r.take('W')-1)*7 + int(r.take('E')) - int(first.Weekday())
		return r.setDate(first.AddDate(0, 0, days))
	case r.has['Y'] && r.has['w']:
		if r.check('Y', -maxYear, maxYear) != nil || r.check('w', 1, 53) != nil {
			return errUnparseable
		}
		year, week := r.take('Y'), int(r.take('w'))
		first := midnight(year, 1, 1)
		skip := int(first.Weekday())
		// A week that the year does not have is its last.
		week = min(week, (7+skip+daysIn(int(year)))/7-1)
		return r.setDate(first.AddDate(0, 0, (week-1)*7+int(r.take('E'))-skip))
	}
	return nil
}

// timeFields turns the fields of a time of day into hour, minute, second and
// nanosecond.
func (r *dateResolver) timeFields() error {
	const day = 86400 * 1e9
	if r.has['k'] {
		ch := r.take('k')
		if !between(ch, 0, 24) {
			return errUnparseable
		}
		if err := r.set('H', ch%24); err != nil {
			return err
		}
	}
	if r.has['h'] {
		ch := r.take('h')
		if !between(ch, 0, 12) {
			return errUnparseable
		}
		if err := r.set('K', ch%12); err != nil {
			return err
		}
	}
	if r.has['a'] && r.has['K'] {
		ap, hour := r.take('a'), r.take('K')
		if !between(hour, 0, 11) {
			return errUnparseable
		}
		if err := r.set('H', ap*12+hour); err != nil {
			return err
		}
	}
	if r.has['N'] {
		if err := r.check('N', 0, day-1); err != nil {
			return err
		}
		n := r.take('N')
		if r.set('H', n/3600e9) != nil || r.set('m', n/60e9%60) != nil || r.set('s', n/1e9%60) != nil || r.set(fieldNano, n%1e9) != nil {
			return errUnparseable
		}
	}
	millis := int64(-1)
	if r.has['A'] {
		if err := r.check('A', 0, day/1e6-1); err != nil {
			return err
		}
		n := r.take('A')
		if r.set('H', n/3600e3) != nil || r.set('m', n/60e3%60) != nil || r.set('s', n/1e3%60) != nil {
			return errUnparseable
		}
		millis = n % 1e3
	}
	if r.has[fieldNano] {
		if err := r.check(fieldNano, 0, 999999999); err != nil {
			return err
		}
		if millis >= 0 && r.values[fieldNano]/1e6 != millis {
			return errUnparseable
		}
	} else if millis >= 0 {
		return r.set(fieldNano, millis*1e6)
	}
	return nil
}

// timeOfDay makes a time of hour, minute, second and nanosecond. What is missing
// at the end is zero; half a day alone is its middle.
func (r *dateResolver) timeOfDay() error {
	if !r.has['H'] && !r.has['m'] && !r.has['s'] && !r.has[fieldNano] && r.has['a'] {
		r.nanos, r.hasTime = (r.take('a')*12+6)*3600e9, true
	}
	if r.has['H'] {
		if !r.has['m'] && (r.has['s'] || r.has[fieldNano]) || r.has['m'] && !r.has['s'] && r.has[fieldNano] {
			return errUnparseable
		}
		part := func(letter byte) int64 {
			if !r.has[letter] {
				return 0
			}
			return r.take(letter)
		}
		hour, minute, second, nano := part('H'), part('m'), part('s'), part(fieldNano)
		whole := !r.strict && hour == 24 && minute == 0 && second == 0 && nano == 0
		if !whole && !between(hour, 0, 23) || !between(minute, 0, 59) || !between(second, 0, 59) {
			return errUnparseable
		}
		r.nanos, r.hasTime = ((hour*60+minute)*60+second)*1e9+nano, true
	}
	return nil
}

// crossCheck compares the fields that made neither date nor time with both.
func (r *dateResolver) crossCheck() error {
	if !r.hasDate || !r.hasTime {
		return errUnparseable
	}
	at := r.date.Add(time.Duration(r.nanos % (86400 * 1e9)))
	for letter := range r.has {
		if !r.has[letter] || letter == fieldOffset {
			continue
		}
		if fieldOf(byte(letter), at) != r.values[letter] {
			return errUnparseable
		}
	}
	return nil
}
