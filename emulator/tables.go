package emulator

import (
	"context"
	"fmt"

	"appsync-emulator/emulator/internal/datasource"
	"appsync-emulator/emulator/internal/datasource/dynamodb"
	"appsync-emulator/emulator/internal/project"
	"appsync-emulator/mappingtemplate/document"
	"appsync-emulator/mappingtemplate/value"
	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
)

// createTables makes the project's tables in the store; those that exist keep
// their items.
func createTables(ctx context.Context, store storage.Store, api *project.API) error {
	for _, t := range api.Tables {
		table, err := storageTable(t)
		if err != nil {
			return err
		}
		if err := store.CreateTable(ctx, table); err != nil {
			return fmt.Errorf("table %s (%s): %w", t.Name, t.Pos, err)
		}
	}
	return nil
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
func seed(ctx context.Context, store storage.Store, api *project.API) error {
	if api.Seed == nil {
		return nil
	}
	tables, err := seedItems(api)
	if err != nil {
		return err
	}
	for _, t := range tables {
		page, err := store.Scan(ctx, &storage.ScanInput{Table: t.name, Limit: 1})
		if err != nil {
			return fmt.Errorf("%s: table %s: %w", api.Seed.Pos.File, t.name, err)
		}
		if len(page.Items) > 0 {
			continue
		}
		for i, item := range t.items {
			if _, err := store.PutItem(ctx, &storage.PutItemInput{Table: t.name, Item: item}); err != nil {
				return fmt.Errorf("%s: item %d of table %s: %w", api.Seed.Pos.File, i+1, t.name, err)
			}
		}
	}
	return nil
}

type seedTable struct {
	name  string
	items []*attribute.Item
}

// seedItems reads the seed file: table name to items, each in plain JSON or in
// DynamoDB JSON.
func seedItems(api *project.API) ([]seedTable, error) {
	file := api.Seed.Pos.File
	v, err := value.ParseJSON(api.Seed.Text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	root, ok := v.(*value.Map)
	if !ok {
		return nil, fmt.Errorf("%s: a seed file is an object of table names and lists of items", file)
	}
	var out []seedTable
	for name, items := range root.All() {
		list, ok := items.(*value.List)
		if !ok {
			return nil, fmt.Errorf("%s: the items of table %s are not a list", file, name)
		}
		t := seedTable{name: name}
		for i, item := range list.Items {
			m, ok := item.(*value.Map)
			if !ok {
				return nil, fmt.Errorf("%s: item %d of table %s is not an object", file, i+1, name)
			}
			converted, err := seedItem(m)
			if err != nil {
				return nil, fmt.Errorf("%s: item %d of table %s: %w", file, i+1, name, err)
			}
			t.items = append(t.items, converted)
		}
		out = append(out, t)
	}
	return out, nil
}

func seedItem(m *value.Map) (*attribute.Item, error) {
	// Every attribute of DynamoDB JSON is an object with one type descriptor;
	// an item of plain JSON has at least a key that is text or a number.
	if item, err := attribute.ParseItemJSON(value.AppendJSON(nil, m)); err == nil && m.Len() > 0 {
		return item, nil
	}
	return document.ToItem(m)
}

// sources makes the data sources of a project.
func sources(api *project.API, store storage.Store, tokens *dynamodb.Tokens) map[string]datasource.Source {
	out := map[string]datasource.Source{}
	for _, d := range api.DataSources {
		switch {
		case d.Type == project.DataSourceNone:
			out[d.Name] = datasource.None{}
		case d.Type == project.DataSourceDynamoDB && d.Versioned && d.DeltaSync != nil:
			out[d.Name] = datasource.NotSupported{
				Reason: "The emulator does not support versioned data sources yet: " + d.Name + " is one.",
			}
		case d.Type == project.DataSourceDynamoDB:
			out[d.Name] = dynamodb.New(store, d.TableName, tokens)
		default:
			out[d.Name] = datasource.NotSupported{
				Reason: "The emulator does not support data sources of type " + d.Type + " yet: " + d.Name + " is one.",
			}
		}
	}
	return out
}
