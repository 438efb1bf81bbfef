package dynamodbapi

import (
	"cmp"
	"context"
	"errors"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/expression"
)

const (
	msgManyTypes     = "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"
	msgDuplicateKeys = "Provided list of item keys contains duplicates"
)

// batchGetItem answers BatchGetItem.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
func (h *Handler) batchGetItem(ctx context.Context, in *value, dst []byte) ([]byte, error) {
	requests := in.get("RequestItems")
	get := &storage.BatchGetInput{Report: report(in)}
	// spelled holds the tables as the request names them, by name or by ARN.
	spelled := make(map[string]int, len(requests.keys))
	if len(requests.list) == 0 {
		return nil, validationError("The requestItems parameter is required for BatchGetItem")
	}
	total := 0
	for i := range requests.list {
		table := tableNameOf(requests.keys[i])
		if _, ok := spelled[table]; ok {
			return nil, invalid("Table %s is requested more than once", table)
		}
		spelled[table] = i
		t, err := batchTable(&requests.list[i])
		if err == nil {
			if total += len(t.Keys); total > 100 {
				err = validationError("Too many items requested for the BatchGetItem call")
			}
		}
		if err != nil {
			// The tables before have not been refused, but for their projections.
			return nil, cmp.Or(projectionsError(get.Tables), err)
		}
		t.Table = table
		get.Tables = append(get.Tables, *t)
	}
	out, err := h.store.BatchGet(ctx, get)
	if err != nil {
		return nil, err
	}
	dst = append(dst, `{"Responses":{`...)
	for i, items := range out.Items {
		dst = append(appendKeyed(dst, requests.keys[i]), '[')
		for _, it := range items {
			if it == nil {
				continue
			}
			if dst[len(dst)-1] != '[' {
				dst = append(dst, ',')
			}
			dst = attribute.AppendItemJSON(dst, it)
		}
		dst = append(dst, ']')
	}
	dst = append(dst, '}')
	dst = append(appendMember(dst, "UnprocessedKeys"), '{')
	for i := range out.Unprocessed {
		at := spelled[out.Unprocessed[i].Table]
		dst = appendUnprocessed(appendKeyed(dst, requests.keys[at]), &requests.list[at], out.Unprocessed[i].Keys)
	}
	dst = append(dst, '}')
	dst = appendCapacities(dst, out.Capacity, capacityLevel(in), false)
	return append(dst, '}'), nil
}

// batchTable reads what is asked of one table. Its projection is refused before
// its keys.
func batchTable(in *value) (*storage.BatchGetTable, error) {
	if err := mixing(in, []string{"ProjectionExpression"}, []string{"AttributesToGet"}); err != nil {
		return nil, err
	}
	attributes := in.get("AttributesToGet")
	if err := checkAttributesToGet(attributes); err != nil {
		return nil, err
	}
	expr, err := expressions(in)
	if err != nil {
		return nil, err
	}
	if attributes.given {
		translate(&expr).projectionOf(attributes.texts())
	}
	t := &storage.BatchGetTable{ConsistentRead: in.get("ConsistentRead").flag, Expr: expr}
	if t.Keys, err = batchKeys(in.get("Keys")); err != nil {
		return nil, cmp.Or(projectionError(&expr), err)
	}
	return t, nil
}

// batchKeys reads the keys that are asked of one table.
func batchKeys(in *value) ([]*attribute.Item, error) {
	keys := make([]*attribute.Item, len(in.list))
	seen := make(map[string]bool, len(in.list))
	for i := range in.list {
		key := &in.list[i]
		if key.bad != nil {
			return nil, key.bad
		}
		// Keys that are the same are told before the table is looked at.
		id := string(attribute.AppendBinary(nil, key.item))
		if seen[id] {
			return nil, validationError(msgDuplicateKeys)
		}
		seen[id] = true
		keys[i] = orEmpty(key.item)
	}
	return keys, nil
}

// projectionsError returns why the first bad projection is refused, nil when there
// is none.
func projectionsError(tables []storage.BatchGetTable) error {
	for i := range tables {
		if err := projectionError(&tables[i].Expr); err != nil {
			return err
		}
	}
	return nil
}

// projectionError returns why a projection is refused, nil when it is not.
func projectionError(expr *storage.Expressions) error {
	_, err := expression.NewCache(1).Parse(expression.Request{
		Operation: expression.GetItem, Projection: expr.Projection, HasProjection: expr.Empty&storage.ProjectionExpression != 0,
		Names: expr.Names, Values: expr.Values,
	})
	var refused *expression.Error
	if errors.As(err, &refused) {
		return validationError(refused.Message)
	}
	return err
}

// orEmpty returns an empty item for a key that was null.
func orEmpty(it *attribute.Item) *attribute.Item {
	if it == nil {
		return new(attribute.Item)
	}
	return it
}

// appendUnprocessed appends the request of one table again, with the keys that
// are left.
func appendUnprocessed(dst []byte, in *value, keys []*attribute.Item) []byte {
	dst = append(dst, '{')
	dst = appendItems(appendMember(dst, "Keys"), keys)
	if v := in.get("ConsistentRead"); v.given {
		dst = appendBoolMember(dst, "ConsistentRead", v.flag)
	}
	if v := in.get("AttributesToGet"); v.given {
		dst = append(appendMember(dst, "AttributesToGet"), '[')
		for i, name := range v.texts() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendText(dst, name)
		}
		dst = append(dst, ']')
	}
	if v := in.get("ProjectionExpression"); v.given {
		dst = appendTextMember(dst, "ProjectionExpression", v.text)
	}
	if v := in.get("ExpressionAttributeNames"); v.given {
		dst = append(appendMember(dst, "ExpressionAttributeNames"), '{')
		for i, name := range v.keys {
			dst = appendText(appendKeyed(dst, name), v.list[i].text)
		}
		dst = append(dst, '}')
	}
	return append(dst, '}')
}

// batchWriteItem answers BatchWriteItem.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
func (h *Handler) batchWriteItem(ctx context.Context, in *value, dst []byte) ([]byte, error) {
	requests := in.get("RequestItems")
	if len(requests.list) == 0 {
		return nil, validationError("The requestItems parameter is required for BatchWriteItem")
	}
	write := &storage.BatchWriteInput{Report: report(in)}
	for i := range requests.list {
		table := tableNameOf(requests.keys[i])
		writes := requests.list[i].list
		for j := range writes {
			if writes[j].has("PutRequest") == writes[j].has("DeleteRequest") {
				return nil, validationError(msgManyTypes)
			}
		}
		for j := range writes {
			w := storage.BatchWrite{Table: table}
			if put := writes[j].get("PutRequest"); put.given {
				item := put.get("Item")
				if item.bad != nil {
					return nil, item.bad
				}
				if item.item.Size() > maxItem {
					return nil, validationError("Item size has exceeded the maximum allowed size")
				}
				w.Put = item.item
			} else {
				key := writes[j].get("DeleteRequest").get("Key")
				if key.bad != nil {
					return nil, key.bad
				}
				w.Delete = key.item
			}
			write.Writes = append(write.Writes, w)
		}
	}
	out, err := h.store.BatchWrite(ctx, write)
	if err != nil {
		return nil, err
	}
	dst = append(dst, `{"UnprocessedItems":{`...)
	done := map[string]bool{}
	for i, w := range out.Unprocessed {
		if done[w.Table] {
			continue
		}
		done[w.Table] = true
		dst = append(appendKeyed(dst, w.Table), '[')
		for j := i; j < len(out.Unprocessed); j++ {
			u := &out.Unprocessed[j]
			if u.Table != w.Table {
				continue
			}
			if j > i {
				dst = append(dst, ',')
			}
			if u.Put != nil {
				dst = append(attribute.AppendItemJSON(append(dst, `{"PutRequest":{"Item":`...), u.Put), '}', '}')
			} else {
				dst = append(attribute.AppendItemJSON(append(dst, `{"DeleteRequest":{"Key":`...), u.Delete), '}', '}')
			}
		}
		dst = append(dst, ']')
	}
	dst = append(dst, '}')
	dst = appendCapacities(dst, out.Capacity, capacityLevel(in), false)
	dst = appendCollections(dst, out.Collections)
	return append(dst, '}'), nil
}
