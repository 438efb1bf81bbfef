package admin

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"

	"appsync-emulator/mappingtemplate/document"
	"appsync-emulator/mappingtemplate/value"
	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
)

// Format is how items are written.
type Format string

// The formats. Plain JSON does not tell sets from lists, nor binary values from
// text.
const (
	PlainJSON    Format = "plain"
	DynamoDBJSON Format = "dynamodb"
)

// AppendItem appends an item in a format.
func (f Format) AppendItem(dst []byte, item *attribute.Item) []byte {
	if f == DynamoDBJSON {
		return attribute.AppendItemJSON(dst, item)
	}
	return value.AppendJSON(dst, document.FromItem(item))
}

// page reads a page of a table or of one of its indexes. Parameters are at fault
// by the names that they have in a request.
func (s *Service) page(ctx context.Context, table, index string, limit int, startKey *value.Map) (*storage.PageOutput, error) {
	d, err := s.table(ctx, table, "table")
	if err != nil {
		return nil, err
	}
	key := []storage.KeyAttribute{d.Key.Partition}
	if d.Key.Sort != nil {
		key = append(key, *d.Key.Sort)
	}
	if index != "" {
		names := make([]string, len(d.Indexes))
		i := -1
		for n, ix := range d.Indexes {
			if names[n] = ix.Name; ix.Name == index {
				i = n
			}
		}
		if i < 0 {
			return nil, notFound("index", "table %q has no index %q%s", table, index, didYouMean(index, names))
		}
		key = append(key, d.Indexes[i].Key.Partition)
		if sort := d.Indexes[i].Key.Sort; sort != nil {
			key = append(key, *sort)
		}
	}
	in := &storage.ScanInput{Table: table, Index: index, Limit: limit}
	if startKey != nil {
		if in.StartKey, err = typedKey(startKey, key); err != nil {
			return nil, badRequest("startKey", "%v", err)
		}
	}
	return s.store.Scan(ctx, in)
}

// typedKey reads a key. In plain JSON its values are of the types of the
// attributes.
func typedKey(m *value.Map, attributes []storage.KeyAttribute) (*attribute.Item, error) {
	key := &attribute.Item{}
	for name, v := range m.All() {
		i := slices.IndexFunc(attributes, func(a storage.KeyAttribute) bool { return a.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("%s is not an attribute of the key", name)
		}
		typed, err := typedValue(v, attributes[i].Kind)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		key.Set(name, typed)
	}
	for _, a := range attributes {
		if !key.Has(a.Name) {
			return nil, fmt.Errorf("%s is missing", a.Name)
		}
	}
	return key, nil
}

func typedValue(v any, kind attribute.Kind) (attribute.Value, error) {
	switch v := v.(type) {
	case *value.Map:
		return attribute.ParseValueJSON(value.AppendJSON(nil, v))
	case string:
		return keyValue(v, kind)
	}
	if kind != attribute.N {
		return attribute.Value{}, fmt.Errorf("want a string, for a key of type %s", kind)
	}
	return document.ToAttribute(v)
}

// keyValue reads the value of a key attribute from text: binary values are in
// Base64, in the alphabet of URLs or the other one.
func keyValue(text string, kind attribute.Kind) (attribute.Value, error) {
	switch kind {
	case attribute.N:
		return attribute.ParseNumber(text)
	case attribute.B:
		for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
			if raw, err := encoding.DecodeString(text); err == nil {
				return attribute.Binary(raw), nil
			}
		}
		return attribute.Value{}, errors.New("want Base64, for a key of type B")
	}
	return attribute.String(text), nil
}

// itemKey is the key of the item that is addressed by the text of its partition
// key and, where the table has one, of its sort key.
func (s *Service) itemKey(ctx context.Context, table string, texts []string) (*attribute.Item, error) {
	d, err := s.table(ctx, table, "table")
	if err != nil {
		return nil, err
	}
	attributes := []storage.KeyAttribute{d.Key.Partition}
	if d.Key.Sort != nil {
		attributes = append(attributes, *d.Key.Sort)
	}
	if len(texts) != len(attributes) {
		path := "/items/{" + attributes[0].Name + "}"
		if len(attributes) == 2 {
			path += "/{" + attributes[1].Name + "}"
		}
		return nil, badRequest("", "an item of table %q is at %s", table, path)
	}
	key := &attribute.Item{}
	for i, a := range attributes {
		v, err := keyValue(texts[i], a.Kind)
		if err != nil {
			return nil, badRequest(a.Name, "%v", err)
		}
		key.Set(a.Name, v)
	}
	return key, nil
}

func (s *Service) getItem(ctx context.Context, table string, key *attribute.Item) (*attribute.Item, error) {
	out, err := s.store.GetItem(ctx, &storage.GetItemInput{Table: table, Key: key, ConsistentRead: true})
	if err != nil {
		return nil, err
	}
	if out.Item == nil {
		return nil, noItem(table, key)
	}
	return out.Item, nil
}

func noItem(table string, key *attribute.Item) *Error {
	return notFound("", "table %q has no item %s", table, PlainJSON.AppendItem(nil, key))
}

// putItem writes an item under a key, which it need not repeat, and tells whether
// it is new.
func (s *Service) putItem(ctx context.Context, table string, key, item *attribute.Item) (created bool, err error) {
	for _, a := range key.Attributes() {
		if v := item.Get(a.Name); v.IsValid() && !attribute.Equal(v, a.Value) {
			return false, badRequest(a.Name, "the item has another key than the address")
		}
		item.Set(a.Name, a.Value)
	}
	out, err := s.store.PutItem(ctx, &storage.PutItemInput{Table: table, Item: item, ReturnValues: storage.ReturnAllOld})
	if err != nil {
		return false, err
	}
	return out.Attributes == nil, nil
}

func (s *Service) deleteItem(ctx context.Context, table string, key *attribute.Item) error {
	out, err := s.store.DeleteItem(ctx, &storage.DeleteItemInput{Table: table, Key: key, ReturnValues: storage.ReturnAllOld})
	if err != nil {
		return err
	}
	if out.Attributes == nil {
		return noItem(table, key)
	}
	return nil
}
