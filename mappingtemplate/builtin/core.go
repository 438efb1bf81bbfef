package builtin

import (
	"strings"
	"unicode"

	"appsync-emulator/mappingtemplate/value"
)

func toJSON(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "null", nil
	case *value.Map, *value.List, *value.Set, *value.Array, *value.Entry:
		size, err := minimumSize(v)
		if err != nil {
			return "", err
		}
		return string(value.AppendJSON(make([]byte, 0, size+size/2+64), v)), nil
	}
	return value.JSON(v), nil
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
		return strings.TrimLeftFunc(s, unicode.IsSpace) == ""
	}
	return isNullOrEmpty(v)
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

// errorArgs reads (message[, type[, data[, info]]]).
func errorArgs(args []any) (e AppendedError, err error) {
	for _, a := range args {
		if err := Bounded(a); err != nil {
			return e, err
		}
	}
	e.Message = optionalText(arg(args, 0))
	e.Type = optionalText(arg(args, 1))
	// The template may go on and change the maps that it has handed over.
	e.Data = value.DeepCopy(arg(args, 2))
	e.Info = value.DeepCopy(arg(args, 3))
	return e, nil
}

func optionalText(v any) string {
	if v == nil {
		return ""
	}
	return value.ToString(v)
}

func (u *Util) raise(args []any) (any, bool, error) {
	if len(args) < 1 || len(args) > 4 {
		return notFound()
	}
	e, err := errorArgs(args)
	if err != nil {
		return fail(err)
	}
	return fail(&Abort{Message: e.Message, Type: e.Type, Data: e.Data, Info: e.Info})
}

func (u *Util) appendError(args []any) (any, bool, error) {
	if len(args) < 1 || len(args) > 4 {
		return notFound()
	}
	e, err := errorArgs(args)
	if err != nil {
		return fail(err)
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
	switch condition := args[0].(type) {
	case bool:
		if condition {
			return found(quiet)
		}
	case nil:
	default:
		return notFound()
	}
	e, err := errorArgs(args[1:])
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
