package document

import (
	"encoding/base64"
	"math"
	"math/big"
	"strconv"

	"appsync-emulator/mappingtemplate/value"
	"appsync-emulator/storage/attribute"
)

// smallItem is how many attributes are gathered without an allocation of their
// own.
const smallItem = 12

// optionalItem reads a map of typed values.
func optionalItem(v any) (*attribute.Item, error) {
	m, err := optionalObject(v)
	if m == nil || err != nil {
		return nil, err
	}
	return typedItem(m, 0)
}

func typedItem(m *value.Map, depth int) (*attribute.Item, error) {
	var room [smallItem]attribute.Attribute
	attrs := room[:0]
	if m.Len() > smallItem {
		attrs = make([]attribute.Attribute, 0, m.Len())
	}
	for i := 0; i < m.Len(); i++ {
		name, v := m.NameAt(i)
		typed, err := typedValue(v, depth)
		if err != nil {
			return nil, under(err, name)
		}
		attrs = append(attrs, attribute.Attribute{Name: name, Value: typed})
	}
	return attribute.NewItem(attrs...), nil
}

// tooDeep is DynamoDB's refusal of values below depth levels.
func tooDeep(depth int) error { return attribute.CheckNesting(attribute.Null(), depth) }

// typedValue reads a typed value: an object with exactly one type.
func typedValue(v any, depth int) (attribute.Value, error) {
	if err := tooDeep(depth); err != nil {
		return attribute.Value{}, err
	}
	m, ok := v.(*value.Map)
	if !ok {
		return attribute.Value{}, wrongValueType("object", v)
	}
	if m.Len() != 1 {
		return attribute.Value{}, notOneType(m.Len())
	}
	kind, v := m.NameAt(0)
	typed, err := typedAs(kind, v, depth)
	return typed, under(err, kind)
}

// typedAs reads the value of a typed value by its type.
func typedAs(kind string, v any, depth int) (attribute.Value, error) {
	switch kind {
	case "S":
		if s, ok := v.(string); ok {
			return attribute.String(s), nil
		}
		return attribute.Value{}, wrongValueType("string", v)
	case "N":
		return typedNumber(v)
	case "B":
		return typedBinary(v)
	case "BOOL":
		if b, ok := v.(bool); ok {
			return attribute.Bool(b), nil
		}
		return attribute.Value{}, wrongValueType("boolean", v)
	case "NULL":
		if v == nil || v == true {
			return attribute.Null(), nil
		}
		return attribute.Value{}, wrongValueType("null or true", v)
	case "SS":
		return typedSet(attribute.SS, v)
	case "NS":
		return typedSet(attribute.NS, v)
	case "BS":
		return typedSet(attribute.BS, v)
	case "L":
		list, ok := v.(*value.List)
		if !ok {
			return attribute.Value{}, wrongValueType("array", v)
		}
		elems := make([]attribute.Value, len(list.Items))
		for i, item := range list.Items {
			e, err := typedValue(item, depth+1)
			if err != nil {
				return attribute.Value{}, underIndex(err, i)
			}
			elems[i] = e
		}
		return attribute.ListOf(elems), nil
	case "M":
		inner, ok := v.(*value.Map)
		if !ok {
			return attribute.Value{}, wrongValueType("object", v)
		}
		item, err := typedItem(inner, depth+1)
		if err != nil {
			return attribute.Value{}, err
		}
		return attribute.MapOf(item), nil
	}
	return attribute.Value{}, unsupportedElement()
}

// typedNumber reads a number, given as one or as text.
func typedNumber(v any) (attribute.Value, error) {
	s, ok := v.(string)
	if !ok {
		if s, ok = numberText(v); !ok {
			return attribute.Value{}, wrongValueType("number or string", v)
		}
	}
	return attribute.ParseNumber(s)
}

// numberText returns the text of a number.
func numberText(v any) (string, bool) {
	switch v := v.(type) {
	case int32:
		return strconv.FormatInt(int64(v), 10), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case *big.Int:
		// Longer ones are no numbers of DynamoDB, and costly to write.
		if v.BitLen() > 1024 {
			return "1E+400", true
		}
		return v.String(), true
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1e15 {
			return strconv.FormatInt(int64(v), 10), true
		}
		return value.FormatDouble(v), true
	case value.Decimal:
		return string(v), true
	}
	return "", false
}

func typedBinary(v any) (attribute.Value, error) {
	s, ok := v.(string)
	if !ok {
		return attribute.Value{}, wrongValueType("string", v)
	}
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return attribute.Value{}, &fault{before: "The value of '", after: "' is not valid Base64."}
	}
	return attribute.Binary(b), nil
}

func typedSet(kind attribute.Kind, v any) (attribute.Value, error) {
	list, ok := v.(*value.List)
	if !ok {
		return attribute.Value{}, wrongValueType("array", v)
	}
	elems := make([]attribute.Value, len(list.Items))
	for i, item := range list.Items {
		var err error
		switch kind {
		case attribute.NS:
			elems[i], err = typedNumber(item)
		case attribute.BS:
			elems[i], err = typedBinary(item)
		default:
			s, ok := item.(string)
			if !ok {
				err = wrongValueType("string", item)
			}
			elems[i] = attribute.String(s)
		}
		if err != nil {
			return attribute.Value{}, underIndex(err, i)
		}
	}
	return attribute.NewSet(kind, elems)
}
