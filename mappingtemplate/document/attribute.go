package document

import (
	"encoding/base64"
	"errors"
	"fmt"

	"appsync-emulator/mappingtemplate/value"
	"appsync-emulator/storage/attribute"
)

// FromAttribute returns what templates see of an attribute value: numbers keep
// their precision, binary values are base64 text, and sets are lists.
func FromAttribute(v attribute.Value) any {
	switch v.Kind() {
	case attribute.S:
		return v.Text()
	case attribute.N:
		return value.Number(v.Text())
	case attribute.B:
		return base64.StdEncoding.EncodeToString([]byte(v.Text()))
	case attribute.BOOL:
		return v.Bool()
	case attribute.L, attribute.SS, attribute.NS, attribute.BS:
		elems := v.Elems()
		items := make([]any, len(elems))
		for i, e := range elems {
			items[i] = FromAttribute(e)
		}
		return &value.List{Items: items}
	case attribute.M:
		return FromItem(v.Item())
	}
	return nil
}

// FromItem returns what templates see of an item; nil for nil.
func FromItem(it *attribute.Item) *value.Map {
	if it == nil {
		return nil
	}
	attrs := it.Attributes()
	m := value.NewMap(len(attrs))
	for i := range attrs {
		m.Set(attrs[i].Name, FromAttribute(attrs[i].Value))
	}
	return m
}

// ToItem returns the item of a plain JSON object. See ToAttribute.
func ToItem(m *value.Map) (*attribute.Item, error) { return plainItem(m, 0) }

var errNotPlain = errors.New("not a JSON value")

// ToAttribute returns the attribute value of a plain JSON value: lists become
// L and objects M, never sets. The error is an *attribute.ValueError for what
// DynamoDB cannot store.
func ToAttribute(v any) (attribute.Value, error) { return toAttribute(v, 0) }

func toAttribute(v any, depth int) (attribute.Value, error) {
	if err := tooDeep(depth); err != nil {
		return attribute.Value{}, err
	}
	switch v := v.(type) {
	case nil:
		return attribute.Null(), nil
	case bool:
		return attribute.Bool(v), nil
	case string:
		return attribute.String(v), nil
	case *value.List:
		return listToAttribute(v.Items, depth)
	case *value.Set:
		return listToAttribute(v.Items, depth)
	case *value.Array:
		return listToAttribute(v.Items, depth)
	case *value.Map:
		item, err := plainItem(v, depth+1)
		if err != nil {
			return attribute.Value{}, err
		}
		return attribute.MapOf(item), nil
	}
	if s, ok := numberText(v); ok {
		return attribute.ParseNumber(s)
	}
	return attribute.Value{}, errNotPlain
}

func plainItem(m *value.Map, depth int) (*attribute.Item, error) {
	var room [smallItem]attribute.Attribute
	attrs := room[:0]
	for i := 0; i < m.Len(); i++ {
		name, v := m.NameAt(i)
		a, err := toAttribute(v, depth)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		attrs = append(attrs, attribute.Attribute{Name: name, Value: a})
	}
	return attribute.NewItem(attrs...), nil
}

func listToAttribute(items []any, depth int) (attribute.Value, error) {
	elems := make([]attribute.Value, len(items))
	for i, item := range items {
		e, err := toAttribute(item, depth+1)
		if err != nil {
			return attribute.Value{}, fmt.Errorf("[%d]: %w", i, err)
		}
		elems[i] = e
	}
	return attribute.ListOf(elems), nil
}
