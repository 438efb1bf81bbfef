package builtin

import (
	"errors"
	"math"
	"strings"
	"time"
)

var errUnparseable = errors.New("java.time.format.DateTimeParseException: Text could not be parsed")

// dateFields are the fields that a text gave, by pattern letter. Letters that
// name one field share an entry: L is M, q is Q, c is e.
type dateFields struct {
	values [128]int64
	has    [128]bool
	nanos  int64
	hasS   bool
	offset int
	hasO   bool
	zone   *time.Location
}

func (d *dateFields) set(letter byte, v int64) error {
	switch letter {
	case 'L':
		letter = 'M'
	case 'q':
		letter = 'Q'
	case 'c':
		letter = 'e'
	}
	if d.has[letter] && d.values[letter] != v {
		return errUnparseable
	}
	d.values[letter], d.has[letter] = v, true
	return nil
}

// parse reads text by the format and resolves it to a time, in loc when the
// text itself names no zone or offset. A nil loc means UTC.
func (f *dateFormat) parse(text string, loc *time.Location, cache *Cache) (time.Time, error) {
	p := dateParser{text: text, cache: cache}
	var d dateFields
	end, err := p.parts(f.parts, 0, &d)
	if err != nil {
		return time.Time{}, err
	}
	if end != len(text) {
		return time.Time{}, errUnparseable
	}
	return d.resolve(loc)
}

type dateParser struct {
	text  string
	cache *Cache
}

// parts reads parts at pos and returns the position behind them.
func (p *dateParser) parts(parts []datePart, pos int, d *dateFields) (int, error) {
	var err error
	for i := range parts {
		part := &parts[i]
		switch part.kind {
		case partLiteral:
			if !strings.HasPrefix(p.text[pos:], part.literal) {
				return 0, errUnparseable
			}
			pos += len(part.literal)
		case partNumber:
			pos, err = p.number(part, pos, d)
		case partReducedYear:
			n, ok := digits(p.text, pos, 2)
			if !ok {
				return 0, errUnparseable
			}
			pos += 2
			err = d.set(part.letter, 2000+n)
		case partFraction:
			n, ok := digits(p.text, pos, part.count)
			if !ok {
				return 0, errUnparseable
			}
			pos += part.count
			err = d.fraction(n, part.count)
		case partOptionalFraction:
			pos, err = p.optionalFraction(pos, d)
		case partText:
			pos, err = p.name(part, pos, d)
		case partZoneID, partZoneName:
			pos, err = p.zone(pos, d)
		case partOffset:
			pos, err = p.offset(part, pos, d)
		case partLocalizedOffset:
			pos, err = p.localizedOffset(pos, d)
		case partOptional:
			attempt := *d
			if end, inner := p.parts(part.inner, pos, &attempt); inner == nil {
				pos, *d = end, attempt
			}
		case partPad:
			pos, err = p.padded(part, pos, d)
		}
		if err != nil {
			return 0, err
		}
	}
	return pos, nil
}

// digits reads exactly n digits.
func digits(s string, pos, n int) (int64, bool) {
	if pos+n > len(s) {
		return 0, false
	}
	var v int64
	for _, c := range []byte(s[pos : pos+n]) {
		if c < '0' || c > '9' {
			return 0, false
		}
		v = v*10 + int64(c-'0')
	}
	return v, true
}

func (p *dateParser) number(part *datePart, pos int, d *dateFields) (int, error) {
	negative, signed := false, false
	if pos < len(p.text) && (p.text[pos] == '-' || p.text[pos] == '+') {
		negative, signed = p.text[pos] == '-', true
		fixed := part.minWidth == part.maxWidth
		switch part.sign {
		case signNormal:
			if !negative || fixed {
				return 0, errUnparseable
			}
		case signExceedsPad:
		default:
			return 0, errUnparseable
		}
		pos++
	}
	width := 0
	for pos+width < len(p.text) && width < part.maxWidth+part.reserve && p.text[pos+width] >= '0' && p.text[pos+width] <= '9' {
		width++
	}
	if part.reserve > 0 {
		width = max(part.minWidth, width-part.reserve)
	}
	width = min(width, part.maxWidth)
	if width < part.minWidth {
		return 0, errUnparseable
	}
	if part.sign == signExceedsPad && !negative {
		// A plus is written where, and only where, the width is exceeded.
		if signed != (width > part.minWidth) {
			return 0, errUnparseable
		}
	}
	if width > 18 {
		return 0, errUnparseable
	}
	n, ok := digits(p.text, pos, width)
	if !ok {
		return 0, errUnparseable
	}
	if negative {
		if n == 0 {
			return 0, errUnparseable
		}
		n = -n
	}
	return pos + width, d.set(part.letter, n)
}

func (d *dateFields) fraction(n int64, width int) error {
	for range 9 - width {
		n *= 10
	}
	if d.hasS && d.nanos != n {
		return errUnparseable
	}
	d.nanos, d.hasS = n, true
	return nil
}

func (p *dateParser) optionalFraction(pos int, d *dateFields) (int, error) {
	if pos >= len(p.text) || p.text[pos] != '.' {
		return pos, nil
	}
	width := 0
	for width < 9 && pos+1+width < len(p.text) && p.text[pos+1+width] >= '0' && p.text[pos+1+width] <= '9' {
		width++
	}
	n, _ := digits(p.text, pos+1, width)
	return pos + 1 + width, d.fraction(n, width)
}

func (p *dateParser) name(part *datePart, pos int, d *dateFields) (int, error) {
	best, at := "", 0
	for i, n := range part.names() {
		if len(n) > len(best) && strings.HasPrefix(p.text[pos:], n) {
			best, at = n, i
		}
	}
	if best == "" {
		return 0, errUnparseable
	}
	v := int64(at + part.least())
	return pos + len(best), d.set(part.letter, v)
}

func (p *dateParser) zone(pos int, d *dateFields) (int, error) {
	end := pos
	for end < len(p.text) && strings.IndexByte("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_+-:", p.text[end]) >= 0 {
		end++
	}
	// The longest prefix that is a zone; the text behind may continue.
	for limit := 0; end > pos && limit < 64; end, limit = end-1, limit+1 {
		id := p.text[pos:end]
		loc, err := p.cache.zone(id)
		if err != nil {
			region, ok := zoneAbbreviations[id]
			if !ok {
				continue
			}
			if loc, err = p.cache.zone(region); err != nil {
				continue
			}
		}
		d.zone = loc
		return end, nil
	}
	return 0, errUnparseable
}

// zoneAbbreviations are the short zone names that a text may use, as the region
// that Java takes each for.
var zoneAbbreviations = map[string]string{
	"PST": "America/Los_Angeles", "PDT": "America/Los_Angeles",
	"MST": "America/Denver", "MDT": "America/Denver",
	"CST": "America/Chicago", "CDT": "America/Chicago",
	"EST": "America/New_York", "EDT": "America/New_York",
	"CEST": "Europe/Paris", "BST": "Europe/London", "EEST": "Europe/Bucharest",
	"JST": "Asia/Tokyo", "KST": "Asia/Seoul", "IST": "Asia/Kolkata",
	"AWST": "Australia/Perth", "ACST": "Australia/Darwin", "ACDT": "Australia/Adelaide",
	"AEST": "Australia/Sydney", "AEDT": "Australia/Sydney",
	"NZST": "Pacific/Auckland", "NZDT": "Pacific/Auckland",
}

func (p *dateParser) offset(part *datePart, pos int, d *dateFields) (int, error) {
	pattern, zero := part.offsetPattern()
	if zero != "" && strings.HasPrefix(p.text[pos:], zero) {
		return pos + len(zero), d.setOffset(0)
	}
	return p.offsetDigits(pos, pattern, d)
}

// offsetDigits reads a sign, hours, and the minutes and seconds that pattern
// asks for (upper case) or allows (lower case).
func (p *dateParser) offsetDigits(pos int, pattern string, d *dateFields) (int, error) {
	if pos >= len(p.text) || p.text[pos] != '+' && p.text[pos] != '-' {
		return 0, errUnparseable
	}
	negative := p.text[pos] == '-'
	pos++
	h, ok := digits(p.text, pos, 2)
	if !ok {
		return 0, errUnparseable
	}
	pos += 2
	colon := strings.Contains(pattern, ":")
	next := func(required bool) (int64, error) {
		at := pos
		if colon {
			if at >= len(p.text) || p.text[at] != ':' {
				if required {
					return 0, errUnparseable
				}
				return 0, nil
			}
			at++
		}
		n, ok := digits(p.text, at, 2)
		if !ok {
			if required {
				return 0, errUnparseable
			}
			return 0, nil
		}
		pos = at + 2
		return n, nil
	}
	var m, s int64
	var err error
	if m, err = next(strings.Contains(pattern, "MM")); err != nil {
		return 0, err
	}
	if strings.Contains(pattern, "ss") {
		if s, err = next(false); err != nil {
			return 0, err
		}
	}
	if m > 59 || s > 59 {
		return 0, errUnparseable
	}
	seconds := int(h*3600 + m*60 + s)
	if seconds > maxOffset {
		return 0, errUnparseable
	}
	if negative {
		seconds = -seconds
	}
	return pos, d.setOffset(seconds)
}

func (d *dateFields) setOffset(seconds int) error {
	if d.hasO && d.offset != seconds {
		return errUnparseable
	}
	d.offset, d.hasO = seconds, true
	return nil
}

func (p *dateParser) localizedOffset(pos int, d *dateFields) (int, error) {
	rest, ok := strings.CutPrefix(p.text[pos:], "GMT")
	if !ok {
		return 0, errUnparseable
	}
	pos += 3
	if rest == "" || rest[0] != '+' && rest[0] != '-' {
		return pos, d.setOffset(0)
	}
	end := 1
	for end < len(rest) && (rest[end] >= '0' && rest[end] <= '9' || rest[end] == ':') {
		end++
	}
	id := strings.TrimRight(rest[:end], ":")
	if len(id) > 2 && id[2] == ':' {
		id = id[:1] + "0" + id[1:]
	}
	seconds, ok := parseZoneOffset(id)
	if !ok {
		return 0, errUnparseable
	}
	return pos + end, d.setOffset(seconds)
}

func (p *dateParser) padded(part *datePart, pos int, d *dateFields) (int, error) {
	end := pos + part.pad
	if end > len(p.text) || end < pos {
		return 0, errUnparseable
	}
	start := pos
	for start < end && p.text[start] == ' ' {
		start++
	}
	inner := dateParser{text: p.text[:end], cache: p.cache}
	got, err := inner.parts(part.inner, start, d)
	if err != nil || got != end {
		return 0, errUnparseable
	}
	return end, nil
}

// resolve turns fields into a time, as Java's SMART resolver does.
func (d *dateFields) resolve(loc *time.Location) (time.Time, error) {
	year, month, day, err := d.date()
	if err != nil {
		return time.Time{}, err
	}
	nanos, err := d.timeOfDay()
	if err != nil {
		return time.Time{}, err
	}
	if year < -maxYear || year > maxYear {
		return time.Time{}, errUnparseable
	}
	switch {
	case d.hasO:
		loc = time.FixedZone("", d.offset)
	case d.zone != nil:
		loc = d.zone
	case loc == nil:
		loc = time.UTC
	}
	seconds := nanos / 1e9
	return time.Date(year, time.Month(month), day, int(seconds/3600), int(seconds/60%60), int(seconds%60), int(nanos%1e9), loc), nil
}

// maxYear keeps milliseconds within a Long.
const maxYear = 290000000

func between(v, lo, hi int64) bool { return lo <= v && v <= hi }

func (d *dateFields) date() (year, month, day int, err error) {
	if d.has['g'] {
		mjd := d.values['g']
		if !between(mjd, -365243219162, 365241780471) {
			return 0, 0, 0, errUnparseable
		}
		t := time.Unix((mjd-40587)*86400, 0).UTC()
		return t.Year(), int(t.Month()), t.Day(), nil
	}
	var y int64
	switch {
	case d.has['u']:
		y = d.values['u']
	case d.has['y']:
		y = d.values['y']
		if d.has['G'] && d.values['G'] == 0 {
			y = 1 - y
		}
	case d.has['Y'] && d.has['w']:
		return d.weekDate()
	default:
		return 0, 0, 0, errUnparseable
	}
	if !between(y, -999999999, 999999999) {
		return 0, 0, 0, errUnparseable
	}
	year = int(y)
	switch {
	case d.has['M'] && d.has['d']:
		if !between(d.values['M'], 1, 12) || !between(d.values['d'], 1, 31) {
			return 0, 0, 0, errUnparseable
		}
		month, day = int(d.values['M']), int(d.values['d'])
		// The smart resolver takes 31 April for 30 April.
		last := time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
		day = min(day, last)
	case d.has['D']:
		if !between(d.values['D'], 1, int64(daysIn(year))) {
			return 0, 0, 0, errUnparseable
		}
		t := time.Date(year, 1, int(d.values['D']), 0, 0, 0, 0, time.UTC)
		month, day = int(t.Month()), t.Day()
	default:
		return 0, 0, 0, errUnparseable
	}
	if d.has['E'] {
		at := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
		if int64(at.Weekday()) != d.values['E'] {
			return 0, 0, 0, errUnparseable
		}
	}
	return year, month, day, nil
}

// weekDate resolves a week-based year, a week and a day of the week.
func (d *dateFields) weekDate() (year, month, day int, err error) {
	weekday := int64(-1)
	switch {
	case d.has['E']:
		weekday = d.values['E']
	case d.has['e']:
		weekday = d.values['e'] - 1
	}
	if !between(weekday, 0, 6) || !between(d.values['Y'], -999999999, 999999999) || !between(d.values['w'], 1, 53) {
		return 0, 0, 0, errUnparseable
	}
	first := time.Date(int(d.values['Y']), 1, 1, 0, 0, 0, 0, time.UTC)
	offset := int(d.values['w']-1)*7 - int(first.Weekday()) + int(weekday)
	t := first.AddDate(0, 0, offset)
	return t.Year(), int(t.Month()), t.Day(), nil
}

// timeOfDay resolves the time fields to nanoseconds since midnight.
func (d *dateFields) timeOfDay() (int64, error) {
	if d.has['N'] {
		if !between(d.values['N'], 0, 86400*1e9-1) {
			return 0, errUnparseable
		}
		return d.values['N'], nil
	}
	if d.has['A'] {
		if !between(d.values['A'], 0, 86400*1e3-1) {
			return 0, errUnparseable
		}
		return d.values['A'] * 1e6, nil
	}
	hour := int64(math.MinInt64)
	switch {
	case d.has['H']:
		hour = d.values['H']
	case d.has['k']:
		if !between(d.values['k'], 1, 24) {
			return 0, errUnparseable
		}
		hour = d.values['k'] % 24
	case d.has['h'] && d.has['a']:
		if !between(d.values['h'], 1, 12) {
			return 0, errUnparseable
		}
		hour = d.values['h']%12 + 12*d.values['a']
	case d.has['K'] && d.has['a']:
		if !between(d.values['K'], 0, 11) {
			return 0, errUnparseable
		}
		hour = d.values['K'] + 12*d.values['a']
	default:
		return 0, errUnparseable
	}
	nanos, hasNanos := d.nanos, d.hasS
	if d.has['n'] {
		if hasNanos && nanos != d.values['n'] {
			return 0, errUnparseable
		}
		nanos, hasNanos = d.values['n'], true
	}
	// A field that is missing is zero unless a smaller one is given.
	if !d.has['m'] && (d.has['s'] || hasNanos) || d.has['m'] && !d.has['s'] && hasNanos {
		return 0, errUnparseable
	}
	minute, second := d.values['m'], d.values['s']
	if hour == 24 && minute == 0 && second == 0 && nanos == 0 {
		return 86400 * 1e9, nil
	}
	if !between(hour, 0, 23) || !between(minute, 0, 59) || !between(second, 0, 59) || !between(nanos, 0, 999999999) {
		return 0, errUnparseable
	}
	return ((hour*60+minute)*60+second)*1e9 + nanos, nil
}
