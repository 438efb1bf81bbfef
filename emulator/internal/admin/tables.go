package admin

import (
	"context"
	"time"

	"appsync-emulator/storage"
)

// Table describes a table in the words of a project file.
type Table struct {
	Name         string  `json:"name"`
	PartitionKey Key     `json:"partitionKey"`
	SortKey      *Key    `json:"sortKey,omitempty"`
	TTLAttribute string  `json:"ttlAttribute,omitempty"`
	Indexes      []Index `json:"indexes"`
	// Items and Bytes count what the table holds; Bytes is the size of its items
	// as DynamoDB counts it.
	Items   int64     `json:"items"`
	Bytes   int64     `json:"bytes"`
	Created time.Time `json:"created"`
}

// Key is an attribute of a key; its type is S, N or B.
type Key struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// Index describes a secondary index.
type Index struct {
	Name         string   `json:"name"`
	Local        bool     `json:"local,omitempty"`
	PartitionKey Key      `json:"partitionKey"`
	SortKey      *Key     `json:"sortKey,omitempty"`
	Projection   string   `json:"projection"`
	Include      []string `json:"include,omitempty"`
	// Status is DynamoDB's: an index is read when it is ACTIVE.
	Status string `json:"status"`
	Items  int64  `json:"items"`
	Bytes  int64  `json:"bytes"`
}

// Tables describes all tables of a store in the order of their names.
func Tables(ctx context.Context, store storage.Store) ([]Table, error) {
	names, err := store.ListTables(ctx, "", 0)
	if err != nil {
		return nil, err
	}
	out := []Table{}
	for _, name := range names {
		d, err := store.DescribeTable(ctx, name)
		if err != nil {
			if asError(err).Status == 404 {
				continue // deleted in this moment
			}
			return nil, err
		}
		out = append(out, describe(d))
	}
	return out, nil
}

func describe(d *storage.TableDescription) Table {
	t := Table{
		Name: d.Name, TTLAttribute: d.TTLAttribute, Items: d.Items, Bytes: d.Bytes, Created: d.Created.UTC(),
		Indexes: make([]Index, len(d.Indexes)),
	}
	t.PartitionKey, t.SortKey = keys(d.Key)
	for i, ix := range d.Indexes {
		state := d.IndexStates[i]
		x := Index{
			Name: ix.Name, Local: ix.Local, Projection: string(ix.Projection), Include: ix.Include,
			Status: string(state.Status), Items: state.Items, Bytes: state.Bytes,
		}
		x.PartitionKey, x.SortKey = keys(ix.Key)
		t.Indexes[i] = x
	}
	return t
}

func keys(k storage.KeySchema) (partition Key, sort *Key) {
	partition = Key{Name: k.Partition.Name, Type: k.Partition.Kind.String()}
	if k.Sort != nil {
		sort = &Key{Name: k.Sort.Name, Type: k.Sort.Kind.String()}
	}
	return partition, sort
}
