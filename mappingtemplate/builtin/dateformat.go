package builtin

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// dateFormat is a compiled pattern of java.time.format.DateTimeFormatter, in
// the locale en_US.
//
// See: https://docs.oracle.com/javase/8/docs/api/java/time/format/DateTimeFormatter.html
type dateFormat struct {
	parts []datePart
	// ignoreCase lets literals match letters of either case.
	ignoreCase bool
	// strict refuses 31 April and 24:00, which otherwise mean 30 April and the
	// next day's 00:00.
	strict bool
}

// isoDateTime returns DateTimeFormatter.ISO_OFFSET_DATE_TIME: the seconds and
// any number of their decimals may be missing, the offset may not.
func isoDateTime() *dateFormat {
	number := func(letter byte, minWidth, maxWidth int, sign signStyle) datePart {
		return datePart{kind: partNumber, letter: letter, minWidth: minWidth, maxWidth: maxWidth, sign: sign}
	}
	literal := func(s string) datePart { return datePart{kind: partLiteral, literal: s} }
	return &dateFormat{parts: []datePart{
		number('u', 4, 10, signExceedsPad), literal("-"),
		number('M', 2, 2, signNotNegative), literal("-"),
		number('d', 2, 2, signNotNegative), literal("T"),
		number('H', 2, 2, signNotNegative), literal(":"),
		number('m', 2, 2, signNotNegative),
		{kind: partOptional, inner: []datePart{
			literal(":"), number('s', 2, 2, signNotNegative), {kind: partOptionalFraction},
		}},
		{kind: partOffset, letter: 'X', count: 5, lenient: true},
	}, ignoreCase: true, strict: true}
}

// signStyle is java.time.format.SignStyle.
type signStyle uint8

const (
	signNormal signStyle = iota
	signExceedsPad
	signNotNegative
)

// datePart is one element of a pattern.
type datePart struct {
	kind partKind
	// letter is the pattern letter of fields, zones and offsets.
	letter byte
	count  int
	// minWidth and maxWidth bound the digits of numbers; they are equal for
	// numbers of fixed width.
	minWidth, maxWidth int
	sign               signStyle
	// reserve is how many digits the fixed-width numbers right behind this one
	// need: yyyyMMdd.
	reserve int
	literal string
	// pad is the width of the padded part in inner.
	pad   int
	inner []datePart
	// lenient lets an offset end after the hours.
	lenient bool
}

type partKind uint8

const (
	partLiteral partKind = iota
	partNumber
	partReducedYear
	partFraction
	partOptionalFraction
	partText
	partZoneID
	partZoneName
	partOffset
	partLocalizedOffset
	partOptional
	partPad
)

// compileDateFormat reads a pattern; its errors are Java's.
func compileDateFormat(pattern string) (*dateFormat, error) {
	c := dateCompiler{in: pattern}
	parts, err := c.run(0)
	switch {
	case errors.Is(err, errPaddedNumber):
		return nil, throw("java.lang.ClassCastException", "%v", err)
	case err != nil:
		return nil, throw("java.lang.IllegalArgumentException", "%v", err)
	}
	return &dateFormat{parts: parts}, nil
}

type dateCompiler struct {
	in  string
	pos int
}

func (c *dateCompiler) run(depth int) ([]datePart, error) {
	var parts []datePart
	// number is the part that numbers right behind it take digits from, -1 for
	// none.
	number := -1
	add := func(p datePart) error {
		var err error
		parts, number, err = appendPart(parts, number, p)
		return err
	}
	for c.pos < len(c.in) {
		ch := c.in[c.pos]
		switch {
		case ch >= 'A' && ch <= 'Z' || ch >= 'a' && ch <= 'z':
			count := c.letters()
			if ch == 'p' {
				pad := count
				if c.pos >= len(c.in) || !isLetter(c.in[c.pos]) || c.in[c.pos] == 'p' {
					return nil, fmt.Errorf("Pad letter 'p' must be followed by valid pad pattern: %s", c.in)
				}
				letter := c.in[c.pos]
				inner, err := fieldPart(letter, c.letters())
				if err != nil {
					return nil, err
				}
				if err := add(datePart{kind: partPad, pad: pad, inner: []datePart{inner}}); err != nil {
					return nil, err
				}
				continue
			}
			part, err := fieldPart(ch, count)
			if err != nil {
				return nil, err
			}
			if err := add(part); err != nil {
				return nil, err
			}
		case ch == '\'':
			s, err := c.quote()
			if err != nil {
				return nil, err
			}
			parts, number = append(parts, datePart{kind: partLiteral, literal: s}), -1
		case ch == '[':
			if depth > 50 {
				return nil, fmt.Errorf("Pattern is nested too deeply: %.100s", c.in)
			}
			c.pos++
			inner, err := c.run(depth + 1)
			if err != nil {
				return nil, err
			}
			parts, number = append(parts, datePart{kind: partOptional, inner: inner}), -1
		case ch == ']':
			if depth == 0 {
				return nil, fmt.Errorf("Pattern invalid as it contains ] without previous [")
			}
			c.pos++
			return parts, nil
		case ch == '{' || ch == '}' || ch == '#':
			return nil, fmt.Errorf("Pattern includes reserved character: '%c'", ch)
		default:
			start := c.pos
			for c.pos < len(c.in) && !isLetter(c.in[c.pos]) && strings.IndexByte("'[]{}#", c.in[c.pos]) < 0 {
				c.pos++
			}
			parts, number = append(parts, datePart{kind: partLiteral, literal: c.in[start:c.pos]}), -1
		}
	}
	// An optional section that is not closed ends with the pattern.
	return parts, nil
}

func isLetter(c byte) bool { return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' }

func (c *dateCompiler) letters() int {
	start := c.pos
	for c.pos < len(c.in) && c.in[c.pos] == c.in[start] {
		c.pos++
	}
	return c.pos - start
}

func (c *dateCompiler) quote() (string, error) {
	var b strings.Builder
	start := c.pos
	for c.pos++; c.pos < len(c.in); c.pos++ {
		if c.in[c.pos] != '\'' {
			b.WriteByte(c.in[c.pos])
			continue
		}
		if c.pos+1 < len(c.in) && c.in[c.pos+1] == '\'' {
			b.WriteByte('\'')
			c.pos++
			continue
		}
		c.pos++
		if c.pos-start == 2 {
			return "'", nil
		}
		return b.String(), nil
	}
	return "", fmt.Errorf("Pattern ends with an incomplete string literal: %s", c.in)
}

// errPaddedNumber says what Java's builder cannot do, though it documents no such
// limit.
var errPaddedNumber = errors.New("class java.time.format.DateTimeFormatterBuilder$PadPrinterParserDecorator cannot be cast to class java.time.format.DateTimeFormatterBuilder$NumberPrinterParser")

// appendPart is DateTimeFormatterBuilder.appendValue: numbers without anything
// between them share the digits. The first takes what the others, each of a
// fixed width, leave to it.
func appendPart(parts []datePart, base int, p datePart) ([]datePart, int, error) {
	field := p
	if p.kind == partPad {
		field = p.inner[0]
	}
	switch field.kind {
	case partNumber, partReducedYear, partFraction:
	default:
		return append(parts, p), -1, nil
	}
	if base < 0 || p.kind == partPad {
		return append(parts, p), len(parts), nil
	}
	if parts[base].kind == partPad {
		return nil, 0, errPaddedNumber
	}
	if field.minWidth == field.maxWidth && (field.sign == signNotNegative || field.letter == 'Y') {
		parts[base].reserve += field.maxWidth
		return append(parts, p), base, nil
	}
	parts[base].reserve = 0
	return append(parts, p), len(parts), nil
}

func tooMany(letter byte) error { return fmt.Errorf("Too many pattern letters: %c", letter) }

// fieldPart is DateTimeFormatterBuilder.parseField.
func fieldPart(letter byte, count int) (datePart, error) {
	p := datePart{letter: letter, count: count}
	number := func(minWidth, maxWidth int, sign signStyle) (datePart, error) {
		p.kind, p.minWidth, p.maxWidth, p.sign = partNumber, minWidth, maxWidth, sign
		return p, nil
	}
	// upTo is a number of one digit or more, or of exactly two.
	upTo := func(limit int) (datePart, error) {
		switch {
		case count > limit:
			return p, tooMany(letter)
		case count == 1:
			return number(1, 19, signNormal)
		}
		return number(count, count, signNotNegative)
	}
	name := func() (datePart, error) {
		if count > 5 {
			return p, tooMany(letter)
		}
		p.kind = partText
		return p, nil
	}
	switch letter {
	case 'u', 'y', 'Y':
		switch {
		case count == 2:
			p.kind, p.minWidth, p.maxWidth, p.sign = partReducedYear, 2, 2, signNotNegative
			return p, nil
		case count > 19 && letter != 'Y':
			return p, tooMany(letter)
		case count < 4:
			return number(count, 19, signNormal)
		}
		return number(count, 19, signExceedsPad)
	case 'M', 'L', 'Q', 'q':
		if count <= 2 {
			return upTo(2)
		}
		return name()
	case 'E':
		return name()
	case 'e', 'c':
		switch {
		case letter == 'c' && count == 2:
			return p, fmt.Errorf("Invalid pattern \"cc\"")
		case count == 1:
			return number(1, 1, signNotNegative)
		case count == 2:
			return number(2, 2, signNotNegative)
		}
		// As text they are the same day of the week.
		p.letter = 'E'
		return name()
	case 'G':
		return name()
	case 'a':
		if count != 1 {
			return p, tooMany(letter)
		}
		return name()
	case 'd', 'h', 'H', 'k', 'K', 'm', 's':
		return upTo(2)
	case 'w':
		if count > 2 {
			return p, tooMany(letter)
		}
		return number(count, 2, signNotNegative)
	case 'W':
		if count > 1 {
			return p, tooMany(letter)
		}
		return number(1, 1, signNotNegative)
	case 'F':
		return upTo(1)
	case 'D':
		switch {
		case count > 3:
			return p, tooMany(letter)
		case count == 1:
			return number(1, 19, signNormal)
		}
		return number(count, 3, signNotNegative)
	case 'S':
		if count > 9 {
			return p, fmt.Errorf("Minimum width must be from 0 to 9 inclusive but was %d", count)
		}
		p.kind, p.minWidth, p.maxWidth, p.sign = partFraction, count, count, signNotNegative
		return p, nil
	case 'A', 'n', 'N', 'g':
		if count > 19 {
			return p, tooMany(letter)
		}
		if letter == 'g' {
			return number(count, 19, signNormal)
		}
		return number(count, 19, signNotNegative)
	case 'V':
		if count != 2 {
			return p, fmt.Errorf("Pattern letter count must be 2: V")
		}
		p.kind = partZoneID
		return p, nil
	case 'v', 'z':
		if count > 4 || letter == 'v' && count != 1 && count != 4 {
			return p, tooMany(letter)
		}
		p.kind = partZoneName
		return p, nil
	case 'O':
		if count != 1 && count != 4 {
			return p, fmt.Errorf("Pattern letter count must be 1 or 4: O")
		}
		p.kind = partLocalizedOffset
		return p, nil
	case 'X', 'x', 'Z':
		if count > 5 {
			return p, tooMany(letter)
		}
		p.kind = partOffset
		if letter == 'Z' && count == 4 {
			p.kind = partLocalizedOffset
		}
		return p, nil
	}
	return p, fmt.Errorf("Unknown pattern letter: %c", letter)
}

// offsetPattern returns Java's offset pattern of an X, x or Z part, and the
// text of the offset zero.
func (p *datePart) offsetPattern() (pattern, zero string) {
	pattern = [...]string{"+HHmm", "+HHMM", "+HH:MM", "+HHMMss", "+HH:MM:ss"}[p.count-1]
	switch {
	case p.letter == 'X', p.letter == 'Z' && p.count == 5:
		return pattern, "Z"
	case p.letter == 'Z':
		return "+HHMM", "+0000"
	}
	return pattern, [...]string{"+00", "+0000", "+00:00", "+0000", "+00:00"}[p.count-1]
}

var (
	monthNames   = [...]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}
	dayNames     = [...]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}
	quarterNames = [...]string{"1st quarter", "2nd quarter", "3rd quarter", "4th quarter"}
)

// names returns the texts of a text part, the first for its least value.
func (p *datePart) names() []string {
	var full []string
	short := 3
	switch p.letter {
	case 'M', 'L':
		full = monthNames[:]
	case 'E':
		full = dayNames[:]
	case 'Q', 'q':
		switch p.count {
		case 3:
			return []string{"Q1", "Q2", "Q3", "Q4"}
		case 5:
			return []string{"1", "2", "3", "4"}
		}
		return quarterNames[:]
	case 'a':
		return []string{"AM", "PM"}
	case 'G':
		switch p.count {
		case 4:
			return []string{"Before Christ", "Anno Domini"}
		case 5:
			return []string{"B", "A"}
		}
		return []string{"BC", "AD"}
	}
	switch p.count {
	case 4:
		return full
	case 5:
		short = 1
	}
	out := make([]string, len(full))
	for i, n := range full {
		out[i] = n[:short]
	}
	return out
}

// least is the value of the first name.
func (p *datePart) least() int {
	switch p.letter {
	case 'M', 'L', 'Q', 'q':
		return 1
	}
	return 0
}

func (f *dateFormat) format(t time.Time) (string, error) {
	b, err := appendDate(nil, f.parts, t)
	return string(b), err
}

func appendDate(dst []byte, parts []datePart, t time.Time) ([]byte, error) {
	var err error
	for i := range parts {
		p := &parts[i]
		switch p.kind {
		case partLiteral:
			dst = append(dst, p.literal...)
		case partNumber:
			dst, err = appendNumber(dst, p, fieldOf(p.letter, t))
		case partReducedYear:
			year := fieldOf(p.letter, t) % 100
			if year < 0 {
				year = -year
			}
			dst = appendPadded(dst, year, 2)
		case partFraction:
			s := fmt.Sprintf("%09d", t.Nanosecond())
			dst = append(dst, s[:p.count]...)
		case partOptionalFraction:
			if t.Nanosecond() > 0 {
				dst = append(dst, '.')
				dst = append(dst, strings.TrimRight(fmt.Sprintf("%09d", t.Nanosecond()), "0")...)
			}
		case partText:
			dst = append(dst, p.names()[int(fieldOf(p.letter, t))-p.least()]...)
		case partZoneID:
			dst = append(dst, t.Location().String()...)
		case partZoneName:
			dst = append(dst, zoneName(t, p.letter == 'v', p.count == 4)...)
		case partOffset:
			_, seconds := t.Zone()
			pattern, zero := p.offsetPattern()
			dst = append(dst, formatOffset(seconds, pattern, zero)...)
		case partLocalizedOffset:
			dst = append(dst, localizedOffset(t, p.count == 4)...)
		case partOptional:
			dst, err = appendDate(dst, p.inner, t)
		case partPad:
			start := len(dst)
			if dst, err = appendDate(dst, p.inner, t); err != nil {
				return nil, err
			}
			n := len(dst) - start
			if n > p.pad {
				return nil, throw("java.time.DateTimeException", "Cannot print as output of %d characters exceeds pad width of %d", n, p.pad)
			}
			if p.pad > maxBytes {
				return nil, errTooLarge
			}
			s := string(dst[start:])
			dst = append(dst[:start], strings.Repeat(" ", p.pad-n)...)
			dst = append(dst, s...)
		}
		if err != nil {
			return nil, err
		}
	}
	return dst, nil
}

func appendPadded(dst []byte, n int64, width int) []byte {
	s := strconv.FormatInt(n, 10)
	for range width - len(s) {
		dst = append(dst, '0')
	}
	return append(dst, s...)
}

func appendNumber(dst []byte, p *datePart, n int64) ([]byte, error) {
	abs := n
	if n < 0 {
		abs = -n
	}
	if digits := len(strconv.FormatInt(abs, 10)); digits > p.maxWidth {
		return nil, throw("java.time.DateTimeException", "Field cannot be printed as the value %d exceeds the maximum print width of %d", n, p.maxWidth)
	} else if n >= 0 && p.sign == signExceedsPad && p.minWidth < 19 {
		// Java looks the bound up in a table that ends at 10 digits.
		if p.minWidth > 10 {
			return nil, throw("java.lang.ArrayIndexOutOfBoundsException", "Index %d out of bounds for length 11", p.minWidth)
		}
		if digits > p.minWidth {
			dst = append(dst, '+')
		}
	}
	if n < 0 {
		dst = append(dst, '-')
	}
	return appendPadded(dst, abs, p.minWidth), nil
}

// fieldOf returns the value of a pattern letter's field.
func fieldOf(letter byte, t time.Time) int64 {
	midnightNanos := func() int64 {
		return (int64(t.Hour())*3600+int64(t.Minute())*60+int64(t.Second()))*1e9 + int64(t.Nanosecond())
	}
	switch letter {
	case 'G':
		if t.Year() > 0 {
			return 1
		}
		return 0
	case 'u':
		return int64(t.Year())
	case 'y':
		if y := t.Year(); y <= 0 {
			return int64(1 - y)
		}
		return int64(t.Year())
	case 'Y':
		year, _ := weekOfYear(t)
		return int64(year)
	case 'w':
		_, week := weekOfYear(t)
		return int64(week)
	case 'W':
		// Weeks begin on Sunday and the first is the one with day 1.
		first := int(t.Weekday()) - (t.Day()-1)%7
		if first < 0 {
			first += 7
		}
		return int64((t.Day()-1+first)/7 + 1)
	case 'M', 'L':
		return int64(t.Month())
	case 'Q', 'q':
		return int64(t.Month()-1)/3 + 1
	case 'd':
		return int64(t.Day())
	case 'D':
		return int64(t.YearDay())
	case 'g':
		// Modified Julian days count from 17 November 1858.
		y, m, d := t.Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix()/86400 + 40587
	case 'F':
		// Java 8 to 18 document the week of the month and give the day in it.
		return int64((t.Day()-1)%7 + 1)
	case 'E':
		return int64(t.Weekday())
	case 'e', 'c':
		return int64(t.Weekday()) + 1
	case 'a':
		return int64(t.Hour() / 12)
	case 'h':
		return int64((t.Hour()+11)%12 + 1)
	case 'K':
		return int64(t.Hour() % 12)
	case 'k':
		return int64((t.Hour()+23)%24 + 1)
	case 'H':
		return int64(t.Hour())
	case 'm':
		return int64(t.Minute())
	case 's':
		return int64(t.Second())
	case 'A':
		return midnightNanos() / 1e6
	case 'n':
		return int64(t.Nanosecond())
	case 'N':
		return midnightNanos()
	}
	return 0
}

// weekOfYear returns the week-based year and week of the United States: weeks
// begin on Sunday and the first is the one with 1 January.
func weekOfYear(t time.Time) (year, week int) {
	year = t.Year()
	// The last days of December belong to week 1 when their week reaches into
	// the next year.
	nextNewYear := time.Date(year+1, 1, 1, 0, 0, 0, 0, time.UTC)
	daysLeft := nextNewYear.YearDay() - 1 + daysIn(year) - t.YearDay() + 1
	if int(t.Weekday())+daysLeft <= 6 {
		return year + 1, 1
	}
	newYear := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
	return year, (t.YearDay()-1+int(newYear.Weekday()))/7 + 1
}

func daysIn(year int) int { return time.Date(year, 12, 31, 0, 0, 0, 0, time.UTC).YearDay() }

// localizedOffset is GMT with the offset: GMT+8, or GMT+08:00 in full.
func localizedOffset(t time.Time, full bool) string {
	_, seconds := t.Zone()
	if seconds == 0 {
		return "GMT"
	}
	if full {
		return "GMT" + formatOffset(seconds, "+HH:MM:ss", "")
	}
	sign := "+"
	if seconds < 0 {
		sign, seconds = "-", -seconds
	}
	s := "GMT" + sign + strconv.Itoa(seconds/3600)
	if m, sec := seconds/60%60, seconds%60; m != 0 || sec != 0 {
		s += fmt.Sprintf(":%02d", m)
		if sec != 0 {
			s += fmt.Sprintf(":%02d", sec)
		}
	}
	return s
}
