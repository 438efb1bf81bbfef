package bolt

import (
	"bytes"
	"context"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
)

const gigabyte = 1 << 30

// collections returns the item collections that the actions changed, in the
// order of the actions. Only tables with local indexes have any. The sizes are
// as of now.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LSI.html#LSI.ItemCollections
func (s *Store) collections(ctx context.Context, actions []*action) ([]storage.Collection, error) {
	var out []storage.Collection
	err := s.view(ctx, func(r *reading) error {
		seen := map[itemID]bool{}
		for _, a := range actions {
			t := r.tables[a.tableName]
			if t == nil || a.kind == checkItem || !t.hasLocalIndex() {
				continue
			}
			partition := a.item.Get(t.key.Partition)
			prefix, err := appendPartition(nil, partition)
			if err != nil {
				return err
			}
			id := itemID{a.tableName, string(prefix)}
			if seen[id] {
				continue
			}
			seen[id] = true
			size, err := t.collectionSize(ctx, r, prefix)
			if err != nil {
				return err
			}
			lower := float64(size / gigabyte)
			out = append(out, storage.Collection{
				Table:   a.tableName,
				Key:     attribute.NewItem(attribute.Attribute{Name: t.key.Partition, Value: partition}),
				LowerGB: lower, UpperGB: lower + 1,
			})
		}
		return nil
	})
	return out, err
}

func (t *table) hasLocalIndex() bool {
	for _, ix := range t.indexes {
		if ix.def.Local {
			return true
		}
	}
	return false
}

// collectionSize estimates the size of the items whose keys begin with prefix,
// and of their entries in local indexes.
func (t *table) collectionSize(ctx context.Context, r *reading, prefix []byte) (int64, error) {
	places := []place{t.items}
	for _, ix := range t.indexes {
		if ix.def.Local {
			places = append(places, ix.place)
		}
	}
	var size int64
	n := 0
	for _, p := range places {
		b, err := r.open(t, p)
		if err != nil {
			return 0, err
		}
		c := b.Cursor()
		for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, v = c.Next() {
			size += int64(len(k) + len(v))
			if n++; n%ctxInterval == 0 {
				if err := ctx.Err(); err != nil {
					return 0, err
				}
			}
		}
	}
	return size, nil
}
