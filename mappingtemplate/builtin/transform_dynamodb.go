package builtin

import (
	"strconv"

	"appsync-emulator/mappingtemplate/value"
)

// dynamoDBExpression renders a filter as the JSON text of an expression with
// names and values. ok is false for a filter that AppSync cannot render. The
// forms, dangling joiners included, are those recorded from AppSync
// (localstack/appsync-utils, transform.test.js.snap). The error is that the
// expression is longer than a template may be.
func dynamoDBExpression(filter *value.Map) (text string, ok bool, err error) {
	r := filterRenderer{names: &value.Map{}, values: &value.Map{}}
	expression, ok := r.filter(nil, filter, "", 0)
	if r.size > maxBytes {
		return "", false, errTooLarge
	}
	if !ok {
		return "", false, nil
	}
	out := make([]byte, 0, 128)
	out = append(out, `{"expression":`...)
	out = value.AppendJSONString(out, string(expression))
	out = append(out, `,"expressionNames":`...)
	out = value.AppendJSON(out, r.names)
	out = append(out, `,"expressionValues":`...)
	out = appendTypedMap(out, r.values)
	out = append(out, '}')
	return string(out), true, nil
}

type filterRenderer struct {
	names  *value.Map
	values *value.Map // plain; typed when they are written
	// size counts the bytes of operands and placeholders. A placeholder repeats
	// the whole path to its operator, so that a small filter can become long.
	size int
}

// grow says whether n more bytes still fit.
func (r *filterRenderer) grow(n int) bool {
	r.size += n
	return r.size <= maxBytes
}

// filter appends the conditions of one map, joined by AND and not wrapped.
// Prefix holds the segments of the enclosing groups, each with its underscore.
func (r *filterRenderer) filter(dst []byte, m *value.Map, prefix string, depth int) ([]byte, bool) {
	if depth > maxDepth {
		return nil, false
	}
	ok := true
	for i := 0; i < m.Len(); i++ {
		if i > 0 {
			dst = append(dst, " AND "...)
		}
		name, v := m.NameAt(i)
		switch name {
		case "and", "or":
			dst, ok = r.group(dst, name, v, prefix, depth)
		case "not":
			dst, ok = r.not(dst, v, prefix, depth)
		default:
			dst, ok = r.field(dst, name, v, prefix)
		}
		if !ok {
			return nil, false
		}
	}
	return dst, true
}

func (r *filterRenderer) group(dst []byte, name string, v any, prefix string, depth int) ([]byte, bool) {
	list, ok := v.(*value.List)
	if !ok {
		return nil, false
	}
	joiner := " AND "
	if name == "or" {
		joiner = " OR "
	}
	wrap := len(list.Items) > 1
	if wrap {
		dst = append(dst, '(')
	}
	for i, item := range list.Items {
		member, ok := item.(*value.Map)
		if !ok {
			return nil, false
		}
		if i > 0 {
			dst = append(dst, joiner...)
		}
		segments := prefix + name + "_" + strconv.Itoa(i) + "_"
		if !r.grow(len(segments)) {
			return nil, false
		}
		if dst, ok = r.filter(dst, member, segments, depth+1); !ok {
			return nil, false
		}
	}
	if wrap {
		dst = append(dst, ')')
	}
	return dst, true
}

func (r *filterRenderer) not(dst []byte, v any, prefix string, depth int) ([]byte, bool) {
	m, ok := v.(*value.Map)
	if !ok {
		return nil, false
	}
	dst = append(dst, "(NOT "...)
	if dst, ok = r.filter(dst, m, prefix+"not_", depth+1); !ok {
		return nil, false
	}
	return append(dst, ')'), true
}

func (r *filterRenderer) field(dst []byte, name string, v any, prefix string) ([]byte, bool) {
	operators, ok := v.(*value.Map)
	if !ok {
		return nil, false
	}
	if !r.grow(len(prefix) + 2*len(name)) {
		return nil, false
	}
	r.names.Set("#"+name, name)
	return r.operators(dst, operators, "#"+name, ":"+prefix+name+"_", 0)
}

// operators appends the conditions on one operand, wrapped when there are
// several. Placeholder is the beginning of their placeholders.
func (r *filterRenderer) operators(dst []byte, m *value.Map, operand, placeholder string, depth int) ([]byte, bool) {
	if depth > maxDepth {
		return nil, false
	}
	wrap := m.Len() > 1
	if wrap {
		dst = append(dst, '(')
	}
	ok := true
	for i := 0; i < m.Len(); i++ {
		if i > 0 {
			dst = append(dst, " AND "...)
		}
		name, v := m.NameAt(i)
		if name == "size" {
			sizes, isMap := v.(*value.Map)
			if !isMap {
				return nil, false
			}
			// A size of a size is the size of the field.
			sized := operand
			if depth == 0 {
				sized = "size(" + operand + ")"
			}
			dst, ok = r.operators(dst, sizes, sized, placeholder+"size_", depth+1)
		} else {
			dst, ok = r.operator(dst, name, v, operand, placeholder+name)
		}
		if !ok {
			return nil, false
		}
	}
	if wrap {
		dst = append(dst, ')')
	}
	return dst, true
}

func comparator(name string) string {
	switch name {
	case "eq":
		return "="
	case "ne":
		return "<>"
	case "lt":
		return "<"
	case "le":
		return "<="
	case "gt":
		return ">"
	case "ge":
		return ">="
	}
	return ""
}

func (r *filterRenderer) operator(dst []byte, name string, v any, operand, placeholder string) ([]byte, bool) {
	if !r.grow(len(operand) + 2*len(placeholder)) {
		return nil, false
	}
	function := ""
	switch name {
	case "eq", "ne", "lt", "le", "gt", "ge":
		r.values.Set(placeholder, v)
		dst = append(append(dst, '('), operand...)
		dst = append(append(append(dst, ' '), comparator(name)...), ' ')
		return append(append(dst, placeholder...), ')'), true
	case "contains":
		function = "contains"
	case "notContains":
		function = "NOT contains"
	case "beginsWith":
		function = "begins_with"
	case "attributeType":
		s, _ := v.(string)
		code, ok := attributeTypeCode(s)
		if !ok {
			return nil, false
		}
		function, v = "attribute_type", code
	case "attributeExists":
		exists, ok := v.(bool)
		if !ok {
			return nil, false
		}
		if exists {
			dst = append(dst, "(attribute_exists("...)
		} else {
			dst = append(dst, "(attribute_not_exists("...)
		}
		return append(append(dst, operand...), "))"...), true
	case "between":
		list, ok := v.(*value.List)
		if !ok || len(list.Items) < 2 {
			return nil, false
		}
		r.values.Set(placeholder+"_start", list.Items[0])
		r.values.Set(placeholder+"_end", list.Items[1])
		dst = append(append(dst, '('), operand...)
		dst = append(append(append(dst, " BETWEEN "...), placeholder...), "_start AND "...)
		return append(append(dst, placeholder...), "_end)"...), true
	case "in":
		list, ok := v.(*value.List)
		if !ok {
			return nil, false
		}
		if len(list.Items) == 0 {
			return append(dst, "(null)"...), true
		}
		dst = append(append(append(dst, '('), operand...), " IN ("...)
		for i, item := range list.Items {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			key := placeholder + "_" + strconv.Itoa(i)
			if !r.grow(2 * len(key)) {
				return nil, false
			}
			r.values.Set(key, item)
			dst = append(dst, key...)
		}
		return append(dst, "))"...), true
	default:
		return nil, false
	}
	r.values.Set(placeholder, v)
	dst = append(append(append(dst, '('), function...), '(')
	dst = append(append(append(dst, operand...), ','), placeholder...)
	return append(dst, "))"...), true
}

func attributeTypeCode(name string) (string, bool) {
	switch name {
	case "_null":
		return "NULL", true
	case "string":
		return "S", true
	case "stringSet":
		return "SS", true
	case "number":
		return "N", true
	case "numberSet":
		return "NS", true
	case "binary":
		return "B", true
	case "binarySet":
		return "BS", true
	case "boolean":
		return "BOOL", true
	case "list":
		return "L", true
	case "map":
		return "M", true
	}
	return "", false
}
