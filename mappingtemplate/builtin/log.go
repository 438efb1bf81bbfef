package builtin

import (
	"strings"

	"appsync-emulator/mappingtemplate/value"
)

// Log is $util.log. What it writes goes to the request's log; it prints nothing.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/utility-helpers-in-util.html
type Log Util

// Property finds nothing: the family has only methods.
func (l *Log) Property(string) (any, bool) { return nil, false }

// Invoke writes one value, or a String whose {} are filled in order. Lists and
// maps are written as JSON.
func (l *Log) Invoke(name string, args []any) (any, bool, error) {
	var level string
	switch name {
	case "info":
		level = "INFO"
	case "debug":
		level = "DEBUG"
	case "error":
		level = "ERROR"
	}
	if level == "" || len(args) == 0 {
		return notFound()
	}
	if _, _, isText := text(args[0]); len(args) > 1 && !isText {
		return notFound()
	}
	texts := make([]string, len(args))
	for i, a := range args {
		s, err := logText(a)
		if err != nil {
			return fail(err)
		}
		texts[i] = s
	}
	message := texts[0]
	if len(texts) > 1 {
		var b strings.Builder
		rest := texts[1:]
		for len(rest) > 0 {
			before, after, ok := strings.Cut(message, "{}")
			if !ok {
				break
			}
			b.WriteString(before)
			b.WriteString(rest[0])
			message, rest = after, rest[1:]
		}
		b.WriteString(message)
		message = b.String()
	}
	l.env.log(level, message)
	return found(quiet)
}

func logText(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case *value.Map, *value.List, *value.Set, *value.Array, *value.Entry:
		return toJSON(v)
	}
	return value.ToString(v), nil
}
