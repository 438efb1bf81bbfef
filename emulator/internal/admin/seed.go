package admin

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"

	"appsync-emulator/mappingtemplate/document"
	"appsync-emulator/mappingtemplate/value"
	"appsync-emulator/storage/attribute"
)

// TableItems are items for a table.
type TableItems struct {
	Table string
	Items []*attribute.Item
}

// ParseSeed reads a seed: an object of table names and lists of items, each in
// plain JSON or in DynamoDB JSON. The error is an *Error whose Field is the item.
func ParseSeed(text string) ([]TableItems, error) {
	v, err := value.ParseJSON(text)
	if err != nil {
		return nil, badRequest("", "the seed is not JSON: %v", err)
	}
	root, ok := v.(*value.Map)
	if !ok {
		return nil, badRequest("", "a seed is an object of table names and lists of items")
	}
	out := []TableItems{}
	for name, items := range root.All() {
		list, ok := items.(*value.List)
		if !ok {
			return nil, badRequest(name, "the items of a table are a list")
		}
		t := TableItems{Table: name, Items: make([]*attribute.Item, len(list.Items))}
		for i, v := range list.Items {
			m, ok := v.(*value.Map)
			if !ok {
				return nil, badRequest(itemField(name, i), "an item is an object")
			}
			if t.Items[i], err = ParseItem(m); err != nil {
				return nil, badRequest(itemField(name, i), "%v", err)
			}
		}
		out = append(out, t)
	}
	return out, nil
}

func itemField(table string, i int) string { return fmt.Sprintf("%s[%d]", table, i) }

// ParseItem reads an item of plain JSON or of DynamoDB JSON. It is the latter
// when each attribute is an object of one type descriptor.
func ParseItem(m *value.Map) (*attribute.Item, error) {
	if !isTyped(m) {
		return document.ToItem(m)
	}
	return attribute.ParseItemJSON(value.AppendJSON(nil, m))
}

func isTyped(m *value.Map) bool {
	for _, v := range m.All() {
		typed, ok := v.(*value.Map)
		if !ok || typed.Len() != 1 {
			return false
		}
		if name, _ := typed.NameAt(0); !slices.Contains(descriptors, name) {
			return false
		}
	}
	return m.Len() > 0
}

// descriptors are the names of types in DynamoDB JSON.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html#Programming.LowLevelAPI.DataTypeDescriptors
var descriptors = []string{"S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"}

// LoadSeed puts the items of a table into the store. An item that the table
// refuses is an *Error whose Field is the item; those before it may be written.
func LoadSeed(ctx context.Context, store Store, t TableItems) (int, error) {
	at := 0
	var items iter.Seq2[*attribute.Item, error] = func(yield func(*attribute.Item, error) bool) {
		for i, item := range t.Items {
			at = i
			if !yield(item, nil) {
				return
			}
		}
	}
	n, err := store.Load(ctx, t.Table, items)
	if refusal := refused(err); refusal != nil {
		err = badRequest(itemField(t.Table, at), "%v", refusal)
	}
	return n, err
}

// Loaded tells how many items a table has been given.
type Loaded struct {
	Table string
	Items int
}

// Seed puts items into tables, in place of those of the same key. It writes
// nothing when a table is missing.
func (s *Service) Seed(ctx context.Context, tables []TableItems) ([]Loaded, error) {
	for _, t := range tables {
		if _, err := s.table(ctx, t.Table, t.Table); err != nil {
			return nil, err
		}
	}
	s.whole.Lock()
	defer s.whole.Unlock()
	return s.load(ctx, tables)
}

func (s *Service) load(ctx context.Context, tables []TableItems) ([]Loaded, error) {
	out := []Loaded{}
	for _, t := range tables {
		n, err := LoadSeed(ctx, s.store, t)
		if err != nil {
			return out, err
		}
		out = append(out, Loaded{Table: t.Table, Items: n})
	}
	return out, nil
}

// Reset says what Reset empties.
type Reset struct {
	// Tables are the ones to empty; nil means all.
	Tables []string
	// NoSeed leaves them empty.
	NoSeed bool
}

// Reset empties tables and gives them the items of the project's seed again. Tables
// of the project that have been deleted are there again after a reset of all. It
// returns what has been loaded.
func (s *Service) Reset(ctx context.Context, r Reset) ([]Loaded, error) {
	if r.Tables != nil && len(r.Tables) == 0 {
		return nil, badRequest("tables", "name the tables to empty, or leave \"tables\" out for all")
	}
	for i, name := range r.Tables {
		if _, err := s.table(ctx, name, fmt.Sprintf("tables[%d]", i)); err != nil {
			return nil, err
		}
	}
	var seed []TableItems
	if read := s.project.Load().Seed; !r.NoSeed && read != nil {
		var err error
		if seed, err = read(); err != nil {
			return nil, err
		}
	}
	s.whole.Lock()
	defer s.whole.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	// A caller that goes away does not leave it half done.
	ctx = context.WithoutCancel(ctx)
	if r.Tables == nil {
		if err := s.ensure(ctx); err != nil {
			return nil, err
		}
	}
	if err := s.store.Clear(ctx, r.Tables...); err != nil {
		return nil, err
	}
	if r.Tables != nil {
		seed = slices.DeleteFunc(slices.Clone(seed), func(t TableItems) bool { return !slices.Contains(r.Tables, t.Table) })
	}
	loaded, err := s.load(ctx, seed)
	if _, refused := errors.AsType[*Error](err); refused {
		err = &Error{Status: http.StatusInternalServerError, Message: "the tables are empty, but the project's seed cannot be loaded: " + err.Error()}
	}
	return loaded, err
}
