package builtin

import (
	"appsync-emulator/mappingtemplate/value"
)

// Util is $util. Its families share its memory, so that one evaluation costs
// one small allocation however many helpers it calls.
type Util struct {
	env *Env
}

// New returns the helpers for one evaluation.
func New(env *Env) *Util { return &Util{env: env} }

// Extensions returns $extensions of the same evaluation.
func (u *Util) Extensions() *Extensions { return (*Extensions)(u) }

// Property returns a family of helpers, such as $util.time.
func (u *Util) Property(name string) (any, bool) {
	switch name {
	case "dynamodb":
		return (*DynamoDB)(u), true
	case "time":
		return (*Time)(u), true
	case "transform":
		return (*Transform)(u), true
	case "list":
		return (*List)(u), true
	case "map":
		return (*Map)(u), true
	case "str":
		return (*Str)(u), true
	case "math":
		return (*Math)(u), true
	case "http":
		return (*HTTP)(u), true
	case "rds":
		return (*RDS)(u), true
	case "xml":
		return (*XML)(u), true
	case "log":
		return (*Log)(u), true
	case "authRules":
		return (*AuthRules)(u), true
	}
	return nil, false
}

// Invoke calls a core helper.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/utility-helpers-in-util.html
func (u *Util) Invoke(name string, args []any) (any, bool, error) {
	switch len(args) {
	case 0:
		switch name {
		case "autoId":
			return found(u.autoID())
		case "autoUlid":
			return found(u.autoULID())
		case "autoKsuid":
			return found(u.autoKSUID())
		case "authType":
			return found(AuthType(u.env.Identity))
		case "unauthorized":
			return fail(u.unauthorized())
		}
		return notFound()
	case 1:
		if v, ok, err := u.invoke1(name, args[0]); ok || err != nil {
			return v, ok, err
		}
	case 2:
		switch name {
		case "defaultIfNull":
			return orDefault(args[0] == nil, args)
		case "defaultIfNullOrEmpty":
			return orDefault(isNullOrEmpty(args[0]), args)
		case "defaultIfNullOrBlank":
			return orDefault(isNullOrBlank(args[0]), args)
		case "matches":
			return u.matches(args[0], args[1])
		}
	}
	switch name {
	case "error":
		return u.raise(args)
	case "appendError":
		return u.appendError(args)
	case "validate":
		return u.validate(args)
	}
	return notFound()
}

func (u *Util) invoke1(name string, v any) (any, bool, error) {
	switch name {
	case "qr", "quiet":
		return found(quiet)
	case "toJson":
		s, err := toJSON(v)
		if err != nil {
			return fail(err)
		}
		return found(s)
	case "parseJson":
		return parseJSON(v)
	case "isNull":
		return found(v == nil)
	case "isNullOrEmpty":
		return found(isNullOrEmpty(v))
	case "isNullOrBlank":
		return found(isNullOrBlank(v))
	case "isString":
		_, ok := v.(string)
		return found(ok)
	case "isNumber":
		return found(isNumber(v))
	case "isBoolean":
		_, ok := v.(bool)
		return found(ok)
	case "isList":
		_, ok := v.(*value.List)
		return found(ok)
	case "isMap":
		_, ok := v.(*value.Map)
		return found(ok)
	case "typeOf":
		return found(typeOf(v))
	case "escapeJavaScript", "urlEncode", "urlDecode", "base64Encode", "base64Decode":
		return encode(name, v)
	}
	return notFound()
}

func orDefault(use bool, args []any) (any, bool, error) {
	if use {
		return found(args[1])
	}
	return found(args[0])
}
