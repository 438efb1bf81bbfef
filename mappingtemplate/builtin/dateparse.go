package builtin

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

var (
	errUnparseable = errors.New("java.time.format.DateTimeParseException: Text could not be parsed")
	// errHopeless is what Java's parser runs into beyond its rules. It ends the
	// whole parse, also within an optional section.
	errHopeless = errors.New("java.time.format.DateTimeParseException: Text could not be parsed: out of bounds")
)

// The fields that have no pattern letter of their own.
const (
	fieldNano   = 'n'
	fieldOffset = 'X'
)

// dateFields are the fields that a text gave, by pattern letter. Letters that
// name one field share an entry: L is M, q is Q, c is e.
type dateFields struct {
	values [128]int64
	has    [128]bool
	zone   *time.Location
}

// set stores what was read. A field may be read twice if both say the same.
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

// take removes a field and returns its value.
func (d *dateFields) take(letter byte) int64 {
	d.has[letter] = false
	return d.values[letter]
}

// parse reads text by the format and resolves it to a time, in loc when the
// text itself names no zone or offset. A nil loc means UTC.
func (f *dateFormat) parse(text string, loc *time.Location, cache *Cache) (time.Time, error) {
	p := dateParser{text: text, cache: cache, ignoreCase: f.ignoreCase}
	var d dateFields
	end, err := p.parts(f.parts, 0, &d)
	if err != nil {
		return time.Time{}, err
	}
	if end != len(text) {
		return time.Time{}, errUnparseable
	}
	return d.resolve(f.strict, loc)
}

type dateParser struct {
	text       string
	cache      *Cache
	ignoreCase bool
}

// at says whether literal stands at pos.
func (p *dateParser) at(pos int, literal string) bool {
	if len(p.text)-pos < len(literal) {
		return false
	}
	got := p.text[pos : pos+len(literal)]
	return got == literal || p.ignoreCase && strings.EqualFold(got, literal)
}

// parts reads parts at pos and returns the position behind them.
func (p *dateParser) parts(parts []datePart, pos int, d *dateFields) (int, error) {
	var err error
	for i := range parts {
		part := &parts[i]
		switch part.kind {
		case partLiteral:
			if !p.at(pos, part.literal) {
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
			pos, err = p.zone(part, pos, d)
		case partOffset:
			pos, err = p.offset(part, pos, d)
		case partLocalizedOffset:
			pos, err = p.localizedOffset(part, pos, d)
		case partOptional:
			attempt := *d
			end, inner := p.parts(part.inner, pos, &attempt)
			switch {
			case inner == nil:
				pos, *d = end, attempt
			case errors.Is(inner, errHopeless):
				return 0, inner
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

func isDigitAt(s string, pos int) bool {
	return pos < len(s) && s[pos] >= '0' && s[pos] <= '9'
}

func (p *dateParser) number(part *datePart, pos int, d *dateFields) (int, error) {
	negative, signed := false, false
	if pos < len(p.text) && (p.text[pos] == '-' || p.text[pos] == '+') {
		negative, signed = p.text[pos] == '-', true
		if part.sign == signNotNegative || part.sign == signNormal && !negative {
			return 0, errUnparseable
		}
		pos++
	}
	width := 0
	for width < part.maxWidth+part.reserve && isDigitAt(p.text, pos+width) {
		width++
	}
	if part.reserve > 0 {
		width = min(max(part.minWidth, width-part.reserve), width)
	}
	if width < part.minWidth {
		return 0, errUnparseable
	}
	if part.sign == signExceedsPad && !negative && signed != (width > part.minWidth) {
		// A plus is written where, and only where, the width is exceeded.
		return 0, errUnparseable
	}
	n, err := strconv.ParseInt(p.text[pos:pos+width], 10, 64)
	if err != nil {
		// Digits that no long can hold are left to the next part.
		width--
		if n, err = strconv.ParseInt(p.text[pos:pos+width], 10, 64); err != nil {
			return 0, errUnparseable
		}
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
	return d.set(fieldNano, n)
}

func (p *dateParser) optionalFraction(pos int, d *dateFields) (int, error) {
	if pos >= len(p.text) || p.text[pos] != '.' {
		return pos, nil
	}
	width := 0
	for width < 9 && isDigitAt(p.text, pos+1+width) {
		width++
	}
	n, _ := digits(p.text, pos+1, width)
	return pos + 1 + width, d.fraction(n, width)
}

// name reads one of the texts of a part. Of values that share a text, such as
// the letter of Tuesday and Thursday, the last is meant.
func (p *dateParser) name(part *datePart, pos int, d *dateFields) (int, error) {
	best, at := "", 0
	names := part.names()
	for i := range names {
		if part.letter == 'E' {
			// Java's week ends on Sunday.
			i = (i + 1) % 7
		}
		if n := names[i]; len(n) >= len(best) && p.at(pos, n) {
			best, at = n, i
		}
	}
	if best == "" {
		return 0, errUnparseable
	}
	v := int64(at + part.least())
	return pos + len(best), d.set(part.letter, v)
}

// zone reads an identifier of a zone, or the name of one where the part allows.
func (p *dateParser) zone(part *datePart, pos int, d *dateFields) (int, error) {
	rest := p.text[pos:]
	if rest == "" {
		return 0, errUnparseable
	}
	switch {
	case rest[0] == '+' || rest[0] == '-':
		return p.zoneOffset(pos, pos, d)
	case strings.HasPrefix(rest, "UTC"):
		return p.zoneOffset(pos, pos+3, d)
	case strings.HasPrefix(rest, "UT"):
		return p.zoneOffset(pos, pos+2, d)
	case strings.HasPrefix(rest, "GMT0"):
		return p.setZone("GMT0", pos+4, d)
	case strings.HasPrefix(rest, "GMT"):
		return p.zoneOffset(pos, pos+3, d)
	}
	known := knownZones()
	names := known.short
	if part.count == 4 {
		names = known.long
	}
	for n := min(len(rest), known.longest); n > 0; n-- {
		text := rest[:n]
		if _, ok := known.byRegion[text]; ok {
			return p.setZone(text, pos+n, d)
		}
		if region, ok := names[text]; ok && part.kind == partZoneName {
			return p.setZone(region, pos+n, d)
		}
	}
	if rest[0] == 'Z' {
		return p.setZone("Z", pos+1, d)
	}
	return 0, errUnparseable
}

// zoneOffset reads the offset at pos behind the prefix of a zone, which may be
// empty.
func (p *dateParser) zoneOffset(start, pos int, d *dateFields) (int, error) {
	prefix := p.text[start:pos]
	if pos == len(p.text) || p.text[pos] == '0' || p.text[pos] == 'Z' {
		return p.setZone(prefix, pos, d)
	}
	var offset dateFields
	end, err := p.offsetDigits(pos, "+HH:MM:ss", false, &offset)
	switch {
	case errors.Is(err, errHopeless):
		return 0, err
	case err != nil && prefix == "":
		return 0, err
	case err != nil:
		return p.setZone(prefix, pos, d)
	}
	seconds := int(offset.values[fieldOffset])
	if seconds < -maxOffset || seconds > maxOffset {
		return 0, errUnparseable
	}
	d.zone = time.FixedZone(prefix, seconds)
	return end, nil
}

func (p *dateParser) setZone(id string, end int, d *dateFields) (int, error) {
	loc, err := p.cache.zone(id)
	if err != nil {
		return 0, errUnparseable
	}
	d.zone = loc
	return end, nil
}

func (p *dateParser) offset(part *datePart, pos int, d *dateFields) (int, error) {
	pattern, zero := part.offsetPattern()
	if p.at(pos, zero) {
		return pos + len(zero), d.set(fieldOffset, 0)
	}
	return p.offsetDigits(pos, pattern, part.lenient, d)
}

// offsetDigits reads a sign, hours, and the minutes and seconds that pattern
// asks for (upper case) or allows (lower case). Where lenient, it asks for the
// hours alone.
func (p *dateParser) offsetDigits(pos int, pattern string, lenient bool, d *dateFields) (int, error) {
	if pos >= len(p.text) || p.text[pos] != '+' && p.text[pos] != '-' {
		return 0, errUnparseable
	}
	negative := p.text[pos] == '-'
	pos++
	// next reads two digits of at most 59.
	next := func(colon bool) (int64, bool) {
		at := pos
		if colon {
			if at >= len(p.text) || p.text[at] != ':' {
				return 0, false
			}
			at++
		}
		n, ok := digits(p.text, at, 2)
		if !ok || n > 59 {
			return 0, false
		}
		pos = at + 2
		return n, true
	}
	h, ok := next(false)
	if !ok {
		return 0, errUnparseable
	}
	colon := strings.Contains(pattern, ":")
	m, ok := next(colon)
	if !ok && strings.Contains(pattern, "MM") && !lenient {
		return 0, errUnparseable
	}
	var s int64
	if ok && strings.Contains(pattern, "ss") {
		s, _ = next(colon)
	}
	if h > 23 {
		return 0, errHopeless
	}
	seconds := h*3600 + m*60 + s
	if negative {
		seconds = -seconds
	}
	return pos, d.set(fieldOffset, seconds)
}

// localizedOffset reads GMT+8, or GMT+08:00 where the part is of full length.
func (p *dateParser) localizedOffset(part *datePart, pos int, d *dateFields) (int, error) {
	if !p.at(pos, "GMT") {
		return 0, errUnparseable
	}
	pos += 3
	if pos == len(p.text) || p.text[pos] != '+' && p.text[pos] != '-' {
		return pos, d.set(fieldOffset, 0)
	}
	negative := p.text[pos] == '-'
	pos++
	// pair reads a colon and two digits.
	pair := func() (int64, bool) {
		if pos+2 >= len(p.text) || p.text[pos] != ':' {
			return 0, false
		}
		n, ok := digits(p.text, pos+1, 2)
		if ok {
			pos += 3
		}
		return n, ok
	}
	var h, m, s int64
	if part.count == 4 {
		for i := range len("08:00") {
			if pos+i == len(p.text) {
				return 0, errHopeless
			}
			if i != 2 && !isDigitAt(p.text, pos+i) && (i != 0 || pos+1 < len(p.text)) && (i != 3 || pos+4 < len(p.text)) ||
				i == 2 && p.text[pos+i] != ':' {
				return 0, errUnparseable
			}
		}
		h, _ = digits(p.text, pos, 2)
		m, _ = digits(p.text, pos+3, 2)
		pos += 5
		s, _ = pair()
	} else {
		if pos == len(p.text) {
			return 0, errHopeless
		}
		if !isDigitAt(p.text, pos) {
			return 0, errUnparseable
		}
		width := 1
		if isDigitAt(p.text, pos+1) {
			width = 2
		}
		h, _ = digits(p.text, pos, width)
		pos += width
		var ok bool
		if m, ok = pair(); ok {
			s, _ = pair()
		}
	}
	seconds := h*3600 + m*60 + s
	if negative {
		seconds = -seconds
	}
	return pos, d.set(fieldOffset, seconds)
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
	switch {
	case errors.Is(err, errHopeless):
		return 0, err
	case err != nil || got != end:
		return 0, errUnparseable
	}
	return end, nil
}
