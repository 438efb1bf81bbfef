package builtin

import (
	"time"

	"appsync-emulator/mappingtemplate/value"
)

// Time is $util.time. Formats are patterns of Java's DateTimeFormatter, zones
// are IANA names, the default zone is UTC.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/time-helpers-in-util-time.html
type Time Util

// Property finds nothing: the family has only methods.
func (t *Time) Property(string) (any, bool) { return nil, false }

// Invoke calls a time helper. Text that cannot be parsed yields null; a format
// or zone that Java does not know ends the template.
func (t *Time) Invoke(name string, args []any) (any, bool, error) {
	switch len(args) {
	case 0:
		switch name {
		case "nowISO8601":
			return found(formatISO8601(t.env.now()))
		case "nowEpochSeconds":
			return found(value.Integer(t.env.now().Unix()))
		case "nowEpochMilliSeconds":
			return found(value.Integer(t.env.now().UnixMilli()))
		}
	case 1:
		switch name {
		case "nowFormatted":
			return t.format(t.env.now(), args)
		case "epochMilliSecondsToISO8601", "epochMilliSecondsToSeconds":
			return t.fromMillis(name, args[0])
		case "parseISO8601ToEpochMilliSeconds":
			s, null, ok := text(args[0])
			if !ok {
				return notFound()
			}
			if null {
				return found(nil)
			}
			return t.parse(isoDateTime(), s, nil)
		}
	case 2:
		switch name {
		case "nowFormatted":
			return t.format(t.env.now(), args)
		case "epochMilliSecondsToFormatted":
			return t.formatMillis(args)
		case "parseFormattedToEpochMilliSeconds":
			return t.parseFormatted(args)
		}
	case 3:
		switch name {
		case "epochMilliSecondsToFormatted":
			return t.formatMillis(args)
		case "parseFormattedToEpochMilliSeconds":
			return t.parseFormatted(args)
		}
	}
	return notFound()
}

// formatISO8601 writes UTC with three decimals, cut to milliseconds.
func formatISO8601(t time.Time) string {
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

func (t *Time) fromMillis(name string, v any) (any, bool, error) {
	if v == nil {
		return found(nil)
	}
	ms, ok := integer(v)
	if !ok {
		return notFound()
	}
	if name == "epochMilliSecondsToSeconds" {
		return found(value.Integer(floorDiv(ms, 1000)))
	}
	return found(formatISO8601(time.UnixMilli(ms)))
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func (t *Time) formatMillis(args []any) (any, bool, error) {
	if args[0] == nil {
		return found(nil)
	}
	ms, ok := integer(args[0])
	if !ok {
		return notFound()
	}
	return t.format(time.UnixMilli(ms), args[1:])
}

// format formats by (format[, zone]).
func (t *Time) format(at time.Time, args []any) (any, bool, error) {
	pattern, null, ok := text(args[0])
	if !ok {
		return notFound()
	}
	if null {
		return found(nil)
	}
	loc, ok, err := t.zone(args[1:])
	if err != nil || !ok {
		return nil, err != nil, err
	}
	f, err := compileDateFormat(pattern)
	if err != nil {
		return fail(err)
	}
	s, err := f.format(at.In(loc))
	if err != nil {
		return fail(err)
	}
	return found(s)
}

// zone reads an optional zone argument.
func (t *Time) zone(args []any) (loc *time.Location, ok bool, err error) {
	id, null, ok := text(arg(args, 0))
	if !ok {
		return nil, false, nil
	}
	if null {
		return time.UTC, true, nil
	}
	loc, err = t.env.Cache.zone(id)
	return loc, err == nil, err
}

// parseFormatted parses by (text, format[, zone]).
func (t *Time) parseFormatted(args []any) (any, bool, error) {
	s, null, ok := text(args[0])
	if !ok {
		return notFound()
	}
	pattern, nullPattern, ok := text(args[1])
	if !ok {
		return notFound()
	}
	loc, ok, err := t.zone(args[2:])
	if err != nil || !ok {
		return nil, err != nil, err
	}
	if null || nullPattern {
		return found(nil)
	}
	f, err := compileDateFormat(pattern)
	if err != nil {
		return fail(err)
	}
	return t.parse(f, s, loc)
}

func (t *Time) parse(f *dateFormat, s string, loc *time.Location) (any, bool, error) {
	at, err := f.parse(s, loc, t.env.Cache)
	if err != nil {
		return found(nil)
	}
	return found(value.Integer(at.UnixMilli()))
}
