package dynamodb

import (
	"appsync-emulator/mappingtemplate/document"
	"appsync-emulator/mappingtemplate/value"
	"appsync-emulator/storage/attribute"
)

// unsent is the result beside DynamoDB's refusal of a value, such as an empty
// set, by which a document is already known to fail: nothing of it is done. It
// is nil for documents for one item.
func unsent(doc *value.Map) any {
	switch operation, _ := doc.Value("operation").(string); operation {
	case "BatchGetItem", "BatchDeleteItem":
		return unsentBatch(doc, unprocessedKeys)
	case "BatchPutItem":
		return unsentBatch(doc, unprocessedItems)
	case "TransactGetItems":
		return value.MapOf(transactItems, nil, cancellationReasons, nil)
	case "TransactWriteItems":
		return value.MapOf(transactKeys, nil, cancellationReasons, nil)
	}
	return nil
}

func unsentBatch(doc *value.Map, block string) any {
	data, left := value.NewMap(0), value.NewMap(0)
	if tables, ok := doc.Value("tables").(*value.Map); ok {
		for name, v := range tables.All() {
			if t, ok := v.(*value.Map); ok {
				v = t.Value("keys")
			}
			list, ok := v.(*value.List)
			if !ok {
				continue
			}
			rest := make([]any, len(list.Items))
			for i, item := range list.Items {
				rest[i] = plainItem(item)
			}
			data.Set(name, value.NewList(make([]any, len(list.Items))...))
			left.Set(name, value.NewList(rest...))
		}
	}
	return value.MapOf("data", data, block, left)
}

// plainItem returns what templates would see of a map of typed values if
// DynamoDB took them.
func plainItem(v any) any {
	m, ok := v.(*value.Map)
	if !ok {
		return nil
	}
	out := value.NewMap(m.Len())
	for name, typed := range m.All() {
		out.Set(name, plain(typed))
	}
	return out
}

func plain(v any) any {
	m, ok := v.(*value.Map)
	if !ok || m.Len() != 1 {
		return nil
	}
	kind, inner := m.NameAt(0)
	switch kind {
	case "NULL":
		return nil
	case "N":
		if text, ok := inner.(string); ok {
			if n, err := attribute.ParseNumber(text); err == nil {
				return document.FromAttribute(n)
			}
		}
	case "M":
		return plainItem(inner)
	case "L":
		list, ok := inner.(*value.List)
		if !ok {
			return nil
		}
		out := make([]any, len(list.Items))
		for i, item := range list.Items {
			out[i] = plain(item)
		}
		return value.NewList(out...)
	}
	return inner
}
