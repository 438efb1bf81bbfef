package document

import (
	"appsync-emulator/mappingtemplate/value"
	"appsync-emulator/storage/attribute"
)

// only returns the value of the one field, which must be there, that a document
// has besides its version and operation.
func (d *decoder) only(name string) (any, error) {
	for i := 0; i < d.fields.Len(); i++ {
		switch field, _ := d.fields.NameAt(i); field {
		case "version", "operation", name:
		default:
			return nil, under(unsupportedElement(), field)
		}
	}
	v := d.fields.Value(name)
	if v == nil {
		return nil, notFound(name)
	}
	return v, nil
}

// tables reads the tables of a batch, one by one in their order.
func (d *decoder) tables(table func(name string, v any) error) error {
	v, err := d.only("tables")
	if err != nil {
		return err
	}
	m, ok := v.(*value.Map)
	if !ok {
		return under(wrongType("object", v), "tables")
	}
	if m.Len() == 0 {
		return under(empty(), "tables")
	}
	for i := 0; i < m.Len(); i++ {
		if err := table(m.NameAt(i)); err != nil {
			return under(err, "tables")
		}
	}
	return nil
}

func (d *decoder) batchGetItem() (Document, error) {
	out := &BatchGetItem{Version: d.templateVersion}
	err := d.tables(func(name string, v any) error {
		t, err := batchGetTable(name, v)
		if err != nil {
			return under(err, name)
		}
		out.Tables = append(out.Tables, t)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// batchGetTable reads {keys, consistentRead?, projection?}, or the keys alone,
// as in the example of AWS's page.
func batchGetTable(table string, v any) (BatchGetTable, error) {
	out := BatchGetTable{Table: table}
	var err error
	switch v := v.(type) {
	case *value.List:
		out.Keys, err = itemList(v)
	case *value.Map:
		for i := 0; i < v.Len() && err == nil; i++ {
			name, field := v.NameAt(i)
			switch name {
			case "keys":
				out.Keys, err = itemList(field)
			case "consistentRead":
				out.ConsistentRead, err = optionalBool(field, false)
			case "projection":
				out.Projection, err = projection(field)
			default:
				err = unsupportedElement()
			}
			err = under(err, name)
		}
	default:
		err = wrongType("object", v)
	}
	switch {
	case err != nil:
		return out, err
	case out.Keys == nil:
		return out, notFound("keys")
	case len(out.Keys) == 0:
		return out, noKeys()
	}
	return out, nil
}

func (d *decoder) batchPutItem() (Document, error) {
	tables, err := d.batchWriteTables()
	if err != nil {
		return nil, err
	}
	return &BatchPutItem{Version: d.templateVersion, Tables: tables}, nil
}

func (d *decoder) batchDeleteItem() (Document, error) {
	tables, err := d.batchWriteTables()
	if err != nil {
		return nil, err
	}
	return &BatchDeleteItem{Version: d.templateVersion, Tables: tables}, nil
}

func (d *decoder) batchWriteTables() ([]BatchWriteTable, error) {
	var out []BatchWriteTable
	err := d.tables(func(name string, v any) error {
		if v == nil {
			return notFound(name)
		}
		items, err := itemList(v)
		if err != nil {
			return under(err, name)
		}
		if len(items) == 0 {
			return noItems(name)
		}
		out = append(out, BatchWriteTable{Table: name, Items: items})
		return nil
	})
	return out, err
}

// itemList reads a list of maps of typed values; null gives nil, an empty list
// does not.
func itemList(v any) ([]*attribute.Item, error) {
	if v == nil {
		return nil, nil
	}
	list, ok := v.(*value.List)
	if !ok {
		return nil, wrongType("array", v)
	}
	out := make([]*attribute.Item, len(list.Items))
	for i, v := range list.Items {
		m, ok := v.(*value.Map)
		if !ok {
			return nil, underIndex(wrongType("object", v), i)
		}
		item, err := typedItem(m, 0)
		if err != nil {
			return nil, underIndex(err, i)
		}
		out[i] = item
	}
	return out, nil
}
