package dynamodbapi

import (
	"context"

	"appsync-emulator/storage"
)

// report is what a request asks for about itself.
func report(in *value) storage.Report {
	return storage.Report{
		Capacity:    capacityLevel(in).wanted(),
		Collections: in.get("ReturnItemCollectionMetrics").text == "SIZE",
	}
}

// returnsOld reports whether a failed condition is to answer the item.
func returnsOld(in *value) bool {
	return in.get("ReturnValuesOnConditionCheckFailure").text == "ALL_OLD"
}

func capacityLevel(in *value) level { return level(in.get("ReturnConsumedCapacity").text) }

// getItem answers GetItem.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html
func (h *Handler) getItem(ctx context.Context, in *value, dst []byte) ([]byte, error) {
	if err := mixing(in, []string{"ProjectionExpression"}, []string{"AttributesToGet"}); err != nil {
		return nil, err
	}
	key, attributes := in.get("Key"), in.get("AttributesToGet")
	if key.bad != nil {
		return nil, key.bad
	}
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
	out, err := h.store.GetItem(ctx, &storage.GetItemInput{
		Table: in.table(), Key: key.item, ConsistentRead: in.get("ConsistentRead").flag, Expr: expr, Report: report(in),
	})
	if err != nil {
		return nil, err
	}
	dst = append(dst, '{')
	if out.Item != nil {
		dst = appendItemMember(dst, "Item", out.Item)
	}
	dst = appendOneCapacity(dst, out.Capacity, capacityLevel(in))
	return append(dst, '}'), nil
}

// condition reads the condition of a single write, in either form, and the
// update expression of an update.
func condition(in *value) (storage.Expressions, error) {
	expected := in.get("Expected")
	if err := checkExpected(expected); err != nil {
		return storage.Expressions{}, err
	}
	if err := checkConditionalOperator(in, expected); err != nil {
		return storage.Expressions{}, err
	}
	expr, err := expressions(in)
	if err != nil {
		return expr, err
	}
	t := translate(&expr)
	if len(expected.list) > 0 {
		t.expected(expected, in.get("ConditionalOperator").text)
	}
	if updates := in.get("AttributeUpdates"); len(updates.list) > 0 {
		t.updates(updates)
	}
	return expr, nil
}

// returnsOldOrNone reads the ReturnValues of writes that have no new values to
// return.
func returnsOldOrNone(in *value) (storage.ReturnValues, error) {
	returns := storage.ReturnValues(in.get("ReturnValues").text)
	if returns != "" && returns != storage.ReturnNone && returns != storage.ReturnAllOld {
		return "", validationError("ReturnValues can only be ALL_OLD or NONE")
	}
	return returns, nil
}

// putItem answers PutItem.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html
func (h *Handler) putItem(ctx context.Context, in *value, dst []byte) ([]byte, error) {
	if err := mixing(in, []string{"ConditionExpression"}, []string{"Expected", "ConditionalOperator"}); err != nil {
		return nil, err
	}
	item := in.get("Item")
	if item.bad != nil {
		return nil, item.bad
	}
	returns, err := returnsOldOrNone(in)
	if err != nil {
		return nil, err
	}
	if item.item.Size() > maxItem {
		return nil, validationError("Item size has exceeded the maximum allowed size")
	}
	expr, err := condition(in)
	if err != nil {
		return nil, err
	}
	out, err := h.store.PutItem(ctx, &storage.PutItemInput{
		Table: in.table(), Item: item.item, Expr: expr, ReturnValues: returns, Report: report(in),
	})
	return appendWritten(dst, in, out, err)
}

// maxItem is the size of an item at most. DynamoDB tells it before it looks at
// the condition.
const maxItem = 400 << 10

// updateItem answers UpdateItem.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
func (h *Handler) updateItem(ctx context.Context, in *value, dst []byte) ([]byte, error) {
	if err := mixing(in, []string{"UpdateExpression", "ConditionExpression"}, []string{"AttributeUpdates", "Expected", "ConditionalOperator"}); err != nil {
		return nil, err
	}
	key := in.get("Key")
	if key.bad != nil {
		return nil, key.bad
	}
	if err := checkUpdates(in.get("AttributeUpdates")); err != nil {
		return nil, err
	}
	expr, err := condition(in)
	if err != nil {
		return nil, err
	}
	out, err := h.store.UpdateItem(ctx, &storage.UpdateItemInput{
		Table: in.table(), Key: key.item, Expr: expr,
		ReturnValues: storage.ReturnValues(in.get("ReturnValues").text), Report: report(in),
	})
	return appendWritten(dst, in, out, err)
}

// deleteItem answers DeleteItem.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteItem.html
func (h *Handler) deleteItem(ctx context.Context, in *value, dst []byte) ([]byte, error) {
	if err := mixing(in, []string{"ConditionExpression"}, []string{"Expected", "ConditionalOperator"}); err != nil {
		return nil, err
	}
	key := in.get("Key")
	if key.bad != nil {
		return nil, key.bad
	}
	returns, err := returnsOldOrNone(in)
	if err != nil {
		return nil, err
	}
	expr, err := condition(in)
	if err != nil {
		return nil, err
	}
	out, err := h.store.DeleteItem(ctx, &storage.DeleteItemInput{
		Table: in.table(), Key: key.item, Expr: expr, ReturnValues: returns, Report: report(in),
	})
	return appendWritten(dst, in, out, err)
}

// appendWritten answers a single write.
func appendWritten(dst []byte, in *value, out *storage.WriteOutput, err error) ([]byte, error) {
	if err != nil {
		return nil, withItem(untranslate(err, in), returnsOld(in))
	}
	dst = append(dst, '{')
	if out.Attributes.Len() > 0 {
		dst = appendItemMember(dst, "Attributes", out.Attributes)
	}
	dst = appendOneCapacity(dst, out.Capacity, capacityLevel(in))
	if out.Collection != nil {
		dst = appendCollection(appendMember(dst, "ItemCollectionMetrics"), out.Collection)
	}
	return append(dst, '}'), nil
}
