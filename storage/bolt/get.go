package bolt

import (
	"context"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/expression"
)

// GetItem implements storage.Store. Every read is consistent.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html
func (s *Store) GetItem(ctx context.Context, in *storage.GetItemInput) (*storage.GetItemOutput, error) {
	projection, err := s.parseProjection(in.Expr)
	if err != nil {
		return nil, public(err)
	}
	out := new(storage.GetItemOutput)
	err = s.view(ctx, func(r *reading) error {
		g, err := prepareGet(r, in.Table, in.Key, projection)
		if err != nil {
			return err
		}
		var size int
		out.Item, size, err = g.get(r)
		if in.Report.Capacity {
			out.Capacity = &storage.Capacity{Table: in.Table, Read: readUnits(size, in.ConsistentRead)}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// get is one prepared read of one item.
type get struct {
	table      *table
	key        []byte
	projection *expression.Projection
}

// parseProjection reads the projection of a get, which is refused before there is
// a look at the table.
func (s *Store) parseProjection(expr storage.Expressions) (*expression.Projection, error) {
	bound, err := s.parse(expression.Request{
		Operation: expression.GetItem, Projection: expr.Projection, HasProjection: expr.Empty&storage.ProjectionExpression != 0,
		Names: expr.Names, Values: expr.Values,
	})
	if err != nil {
		return nil, err
	}
	return bound.Projection, nil
}

func prepareGet(r *reading, name string, key *attribute.Item, projection *expression.Projection) (get, error) {
	t, err := r.table(name)
	if err != nil {
		return get{}, err
	}
	g := get{table: t, projection: projection}
	if g.key, err = t.encodeKey(key); err != nil {
		return get{}, err
	}
	return g, upfront(projection.CheckScalars(t.key, t.indexKeys))
}

// get returns what the projection selects of the item, nil when there is no item,
// and the size of the whole item.
func (g *get) get(r *reading) (item *attribute.Item, size int, err error) {
	items, err := r.open(g.table, g.table.items)
	if err != nil {
		return nil, 0, err
	}
	v := items.Get(g.key)
	if v == nil {
		return nil, 0, nil
	}
	if item, err = attribute.DecodeBinary(v); err != nil {
		return nil, 0, damaged("table %s: %w", g.table.def.Name, err)
	}
	return g.projection.Apply(item), item.Size(), nil
}

// duplicates reports whether two gets are of one item.
func duplicates(gets []get) bool {
	if len(gets) < 2 {
		return false
	}
	seen := make(map[itemID]struct{}, len(gets))
	for _, g := range gets {
		id := itemID{g.table.def.Name, string(g.key)}
		if _, ok := seen[id]; ok {
			return true
		}
		seen[id] = struct{}{}
	}
	return false
}

// itemID identifies an item across tables.
type itemID struct{ table, key string }
