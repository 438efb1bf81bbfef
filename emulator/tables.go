package emulator

import (
	"context"
	"fmt"

	"appsync-emulator/emulator/internal/admin"
	"appsync-emulator/emulator/internal/project"
	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/bolt"
)

// createTables makes the project's tables in the store; those that exist keep
// their items.
func createTables(ctx context.Context, store storage.Store, api *project.API) error {
	for _, t := range api.Tables {
		table, err := storageTable(t)
		if err != nil {
			return err
		}
		if err := store.EnsureTable(ctx, table); err != nil {
			return fmt.Errorf("table %s (%s): %w", t.Name, t.Pos, err)
		}
	}
	return nil
}

// storageTables are the tables of a project as the store takes them.
func storageTables(api *project.API) ([]storage.Table, error) {
	tables := make([]storage.Table, len(api.Tables))
	for i, t := range api.Tables {
		var err error
		if tables[i], err = storageTable(t); err != nil {
			return nil, err
		}
	}
	return tables, nil
}

func storageTable(t *project.Table) (storage.Table, error) {
	out := storage.Table{Name: t.Name, TTLAttribute: t.TTLAttribute}
	var err error
	if out.Key, err = keySchema(t.PartitionKey, t.SortKey); err != nil {
		return out, fmt.Errorf("table %s (%s): %w", t.Name, t.Pos, err)
	}
	for _, i := range t.Indexes {
		index := storage.Index{
			Name:       i.Name,
			Local:      i.Local,
			Projection: storage.ProjectionType(i.Projection),
			Include:    i.Include,
		}
		if index.Key, err = keySchema(i.PartitionKey, i.SortKey); err != nil {
			return out, fmt.Errorf("index %s of table %s (%s): %w", i.Name, t.Name, t.Pos, err)
		}
		out.Indexes = append(out.Indexes, index)
	}
	return out, nil
}

func keySchema(partition project.KeyAttribute, sort *project.KeyAttribute) (storage.KeySchema, error) {
	var k storage.KeySchema
	var err error
	if k.Partition, err = keyAttribute(partition); err != nil || sort == nil {
		return k, err
	}
	s, err := keyAttribute(*sort)
	k.Sort = &s
	return k, err
}

func keyAttribute(a project.KeyAttribute) (storage.KeyAttribute, error) {
	kinds := map[string]attribute.Kind{"S": attribute.S, "N": attribute.N, "B": attribute.B}
	kind, ok := kinds[a.Type]
	if !ok {
		return storage.KeyAttribute{}, fmt.Errorf("key attribute %s has type %q; keys are S, N or B", a.Name, a.Type)
	}
	return storage.KeyAttribute{Name: a.Name, Kind: kind}, nil
}

// seed puts the items of the project's seed file into the tables that are empty.
func seed(ctx context.Context, store *bolt.Store, api *project.API) error {
	tables, err := seedItems(api)
	if err != nil {
		return err
	}
	for _, t := range tables {
		if err := seedTable(ctx, store, t); err != nil {
			return fmt.Errorf("%s: %w", api.Seed.Pos.File, err)
		}
	}
	return nil
}

// seedTable puts items into a table if it is empty.
func seedTable(ctx context.Context, store *bolt.Store, t admin.TableItems) error {
	page, err := store.Scan(ctx, &storage.ScanInput{Table: t.Table, Limit: 1})
	if err != nil {
		return fmt.Errorf("table %s: %w", t.Table, err)
	}
	if len(page.Items) > 0 {
		return nil
	}
	_, err = admin.LoadSeed(ctx, store, t)
	return err
}

// seedItems reads the project's seed file; without one there are none.
func seedItems(api *project.API) ([]admin.TableItems, error) {
	if api.Seed == nil {
		return nil, nil
	}
	tables, err := admin.ParseSeed(api.Seed.Text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", api.Seed.Pos.File, err)
	}
	return tables, nil
}
