package builtin

import (
	"strings"
	"unicode"

	"appsync-emulator/mappingtemplate/value"
)

// AppendInvoke writes the results of the helpers that templates print most. See
// vtl.Appender.
func (u *Util) AppendInvoke(dst []byte, name string, args []any) ([]byte, bool, error) {
	if len(args) != 1 {
		return dst, false, nil
	}
	switch name {
	case "qr", "quiet":
		return dst, true, nil
	case "toJson":
		switch v := args[0].(type) {
		case string:
			return value.AppendJSONString(dst, v), true, nil
		case *value.Map, *value.List, *value.Set, *value.Array, *value.Entry:
			out, err := appendBounded(dst, v)
			return out, true, err
		}
		return value.AppendJSON(dst, args[0]), true, nil
	}
	return dst, false, nil
}

func toJSON(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "null", nil
	case *value.Map, *value.List, *value.Set, *value.Array, *value.Entry:
		out, err := appendBounded(make([]byte, 0, 128), v)
		if err != nil {
			return "", err
		}
		return string(out), nil
	}
	return value.JSON(v), nil
}

// appendBounded appends the JSON text of a collection, or fails where Bounded
// would.
func appendBounded(dst []byte, v any) ([]byte, error) {
	out, tooDeep, tooLarge := value.AppendJSONWithin(dst, v, maxBytes)
	switch {
	case tooDeep:
		return dst, errTooDeep
	case tooLarge:
		return dst, errTooLarge
	}
	return out, nil
}

// parseJSON yields null for what is not JSON.
func parseJSON(v any) (any, bool, error) {
	s, null, ok := text(v)
	if !ok {
		return notFound()
	}
	if null {
		return found(nil)
	}
	parsed, err := value.ParseJSON(s)
	if err != nil {
		return found(nil)
	}
	return found(parsed)
}

func isNullOrEmpty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case *value.Map:
		return v.Len() == 0
	}
	l, ok := items(v)
	return ok && len(l) == 0
}

func isNullOrBlank(v any) bool {
	if s, ok := v.(string); ok {
		return strings.TrimLeftFunc(s, isWhitespace) == ""
	}
	return isNullOrEmpty(v)
}

// isWhitespace is java.lang.Character.isWhitespace, which leaves out the blanks
// that do not break.
func isWhitespace(r rune) bool {
	switch {
	case r == 0xA0, r == 0x2007, r == 0x202F:
		return false
	case r >= '\t' && r <= '\r', r >= 0x1C && r <= 0x1F:
		return true
	}
	return unicode.In(r, unicode.Zs, unicode.Zl, unicode.Zp)
}

func typeOf(v any) string {
	switch v.(type) {
	case nil:
		return "Null"
	case string:
		return "String"
	case bool:
		return "Boolean"
	case *value.Map:
		return "Map"
	case *value.List:
		return "List"
	}
	if isNumber(v) {
		return "Number"
	}
	return "Object"
}

func (u *Util) unauthorized() error {
	return &Abort{
		Message:      "Not Authorized to access " + u.env.Field.Name + " on type " + u.env.Field.OutputType,
		Type:         typeUnauthorized,
		Unauthorized: true,
	}
}

// errorArgs reads (String message[, String type[, Object data[, Object info]]]).
// ok is false when another value stands for a String.
func errorArgs(args []any) (e AppendedError, ok bool, err error) {
	var isText bool
	if e.Message, _, isText = text(arg(args, 0)); !isText {
		return e, false, nil
	}
	if e.Type, _, isText = text(arg(args, 1)); !isText {
		return e, false, nil
	}
	for _, a := range args {
		if err := Bounded(a); err != nil {
			return e, true, err
		}
	}
	// The template may go on and change the maps that it has handed over.
	e.Data = value.DeepCopy(arg(args, 2))
	e.Info = value.DeepCopy(arg(args, 3))
	return e, true, nil
}

func (u *Util) raise(args []any) (any, bool, error) {
	if len(args) < 1 || len(args) > 4 {
		return notFound()
	}
	e, ok, err := errorArgs(args)
	if err != nil || !ok {
		return nil, ok, err
	}
	return fail(&Abort{Message: e.Message, Type: e.Type, Data: e.Data, Info: e.Info})
}

func (u *Util) appendError(args []any) (any, bool, error) {
	if len(args) < 1 || len(args) > 4 {
		return notFound()
	}
	e, ok, err := errorArgs(args)
	if err != nil || !ok {
		return nil, ok, err
	}
	if err := u.append(e); err != nil {
		return fail(err)
	}
	return found(quiet)
}

func (u *Util) append(e AppendedError) error {
	if u.env.Effects != nil {
		if err := u.env.Effects.addError(e); err != nil {
			return err
		}
	}
	if u.env.OutErrors == nil {
		return nil
	}
	seen := value.NewMap(4)
	seen.Set("message", e.Message)
	if e.Type != "" {
		seen.Set("type", e.Type)
	}
	if e.Data != nil {
		seen.Set("data", value.DeepCopy(e.Data))
	}
	if e.Info != nil {
		seen.Set("errorInfo", value.DeepCopy(e.Info))
	}
	u.env.OutErrors.Append(seen)
	return nil
}

// validate takes a null condition for false, so that a misspelt reference does
// not open a door.
func (u *Util) validate(args []any) (any, bool, error) {
	if len(args) < 2 || len(args) > 4 {
		return notFound()
	}
	holds, isBool := args[0].(bool)
	e, ok, err := errorArgs(args[1:])
	if !ok || !isBool && args[0] != nil {
		return notFound()
	}
	if holds {
		return found(quiet)
	}
	if err != nil {
		return fail(err)
	}
	if e.Type == "" {
		e.Type = typeCustom
	}
	return fail(&Abort{Message: e.Message, Type: e.Type, Data: e.Data})
}

func (u *Util) matches(pattern, subject any) (any, bool, error) {
	p, nullPattern, ok := text(pattern)
	if !ok {
		return notFound()
	}
	s, nullSubject, ok := text(subject)
	if !ok {
		return notFound()
	}
	if nullPattern || nullSubject {
		return found(nil)
	}
	m, err := u.env.Cache.matches(p, s)
	if err != nil {
		return fail(err)
	}
	return found(m)
}
