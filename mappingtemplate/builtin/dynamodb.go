package builtin

import (
	"strings"

	"appsync-emulator/mappingtemplate/value"
)

// DynamoDB is $util.dynamodb: conversions to the typed values of request
// documents. Every helper has a twin named ...Json that returns the JSON text.
// Numbers stay JSON numbers under N and NS, and NULL holds null, as recorded
// from AppSync (localstack/appsync-utils, index.test.js.snap).
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/dynamodb-helpers-in-util-dynamodb.html
type DynamoDB Util

// Property finds nothing: the family has only methods.
func (d *DynamoDB) Property(string) (any, bool) { return nil, false }

// Invoke calls a conversion. A null argument yields null, except to toDynamoDB
// and inside collections, where it is the NULL value.
func (d *DynamoDB) Invoke(name string, args []any) (any, bool, error) {
	for _, a := range args {
		if err := Bounded(a); err != nil {
			return fail(err)
		}
	}
	if len(args) == 1 {
		// The two that templates use most write their text directly.
		switch name {
		case "toDynamoDBJson":
			return found(string(appendTyped(nil, args[0])))
		case "toMapValuesJson":
			if m, ok := args[0].(*value.Map); ok {
				return found(string(appendTypedMap(nil, m)))
			}
		case "fromS3ObjectJson":
			return fromS3Object(args[0])
		}
	}
	base, twin := strings.CutSuffix(name, "Json")
	v, ok := convert(base, args)
	if !ok {
		return notFound()
	}
	if twin {
		return found(value.JSON(v))
	}
	return found(v)
}

// AppendInvoke writes the results of the two helpers that templates print most.
// See vtl.Appender.
func (d *DynamoDB) AppendInvoke(dst []byte, name string, args []any) ([]byte, bool, error) {
	if len(args) != 1 || name != "toDynamoDBJson" && name != "toMapValuesJson" {
		return dst, false, nil
	}
	m, isMap := args[0].(*value.Map)
	if name == "toMapValuesJson" && !isMap {
		return dst, false, nil
	}
	if err := Bounded(args[0]); err != nil {
		return dst, true, err
	}
	if name == "toMapValuesJson" {
		return appendTypedMap(dst, m), true, nil
	}
	return appendTyped(dst, args[0]), true, nil
}

func convert(name string, args []any) (any, bool) {
	switch len(args) {
	case 0:
		if name == "toNull" {
			return single("NULL", nil), true
		}
		return nil, false
	case 1:
		return convertOne(name, args[0])
	case 3, 4:
		if name == "toS3Object" {
			return toS3Object(args)
		}
	}
	return nil, false
}

func convertOne(name string, v any) (any, bool) {
	if name == "toDynamoDB" {
		return typed(v), true
	}
	var kind string
	ok := true
	switch name {
	case "toString":
		kind = "S"
		_, ok = v.(string)
	case "toBinary":
		kind = "B"
		_, ok = v.(string)
	case "toNumber":
		kind = "N"
		ok = isNumber(v)
	case "toBoolean":
		kind = "BOOL"
		_, ok = v.(bool)
	case "toStringSet":
		kind = "SS"
		_, ok = v.(*value.List)
	case "toNumberSet":
		kind = "NS"
		_, ok = v.(*value.List)
	case "toBinarySet":
		kind = "BS"
		_, ok = v.(*value.List)
	case "toList":
		kind = "L"
		_, ok = v.(*value.List)
	case "toMap", "toMapValues":
		kind = "M"
		_, ok = v.(*value.Map)
	default:
		return nil, false
	}
	if v == nil {
		return nil, true
	}
	if !ok {
		return nil, false
	}
	switch name {
	case "toList", "toMap":
		return typed(v), true
	case "toMapValues":
		return typed(v).(*value.Map).Value(kind), true
	case "toStringSet", "toNumberSet", "toBinarySet":
		// The set is a list of its own, which later changes do not reach.
		v = &value.List{Items: append([]any(nil), v.(*value.List).Items...)}
	}
	return single(kind, v), true
}

func single(kind string, v any) *value.Map {
	m := value.NewMap(1)
	m.Set(kind, v)
	return m
}

// typed returns the typed form of v. Collections become L or M, never sets.
func typed(v any) any {
	switch v := v.(type) {
	case nil:
		return single("NULL", nil)
	case string:
		return single("S", v)
	case bool:
		return single("BOOL", v)
	case *value.Map:
		m := value.NewMap(v.Len())
		for name, item := range v.All() {
			m.Set(name, typed(item))
		}
		return single("M", m)
	case *value.Entry:
		return single("M", single(value.ToString(v.Key), typed(v.Current())))
	}
	if isNumber(v) {
		return single("N", v)
	}
	if list, ok := items(v); ok {
		out := make([]any, len(list))
		for i, item := range list {
			out[i] = typed(item)
		}
		return single("L", value.NewList(out...))
	}
	return single("S", value.ToString(v))
}

// appendTyped appends the JSON text of typed(v) without building it.
func appendTyped(dst []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(dst, `{"NULL":null}`...)
	case string:
		dst = append(dst, `{"S":`...)
		dst = value.AppendJSONString(dst, v)
	case bool:
		dst = append(dst, `{"BOOL":`...)
		dst = value.AppendJSON(dst, v)
	case *value.Map:
		dst = append(dst, `{"M":`...)
		dst = appendTypedMap(dst, v)
	case *value.Entry:
		dst = append(dst, `{"M":{`...)
		dst = value.AppendJSONString(dst, value.ToString(v.Key))
		dst = append(dst, ':')
		dst = appendTyped(dst, v.Current())
		dst = append(dst, '}')
	default:
		list, ok := items(v)
		switch {
		case isNumber(v):
			dst = append(dst, `{"N":`...)
			dst = value.AppendJSON(dst, v)
		case ok:
			dst = append(dst, `{"L":[`...)
			for i, item := range list {
				if i > 0 {
					dst = append(dst, ',')
				}
				dst = appendTyped(dst, item)
			}
			dst = append(dst, ']')
		default:
			dst = append(dst, `{"S":`...)
			dst = value.AppendJSONString(dst, value.ToString(v))
		}
	}
	return append(dst, '}')
}

func appendTypedMap(dst []byte, m *value.Map) []byte {
	dst = append(dst, '{')
	for i := 0; i < m.Len(); i++ {
		if i > 0 {
			dst = append(dst, ',')
		}
		name, item := m.NameAt(i)
		dst = value.AppendJSONString(dst, name)
		dst = append(dst, ':')
		dst = appendTyped(dst, item)
	}
	return append(dst, '}')
}

var s3Keys = [...]string{"key", "bucket", "region", "version"}

// toS3Object describes an object in S3 in the form that AppSync stores.
func toS3Object(args []any) (any, bool) {
	object := value.NewMap(len(args))
	for i, a := range args {
		if _, _, ok := text(a); !ok {
			return nil, false
		}
		object.Set(s3Keys[i], a)
	}
	return single("S", value.JSON(single("s3", object))), true
}

// fromS3Object reads the description of an object in S3, bare or as an S value.
func fromS3Object(v any) (any, bool, error) {
	s, _, ok := text(v)
	if !ok {
		return notFound()
	}
	for range 2 {
		parsed, err := value.ParseJSON(s)
		if err != nil {
			return found(nil)
		}
		m, ok := parsed.(*value.Map)
		if !ok {
			return found(nil)
		}
		if object, ok := m.Value("s3").(*value.Map); ok {
			out := value.NewMap(len(s3Keys))
			for _, k := range s3Keys {
				if field, ok := object.Get(k); ok {
					out.Set(k, field)
				}
			}
			return found(out)
		}
		if s, ok = m.Value("S").(string); !ok {
			return found(nil)
		}
	}
	return found(nil)
}
