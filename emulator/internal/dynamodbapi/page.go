package dynamodbapi

import (
	"context"
	"errors"
	"strings"

	"appsync-emulator/storage"
)

// query answers Query.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html
func (h *Handler) query(ctx context.Context, in *value, dst []byte) ([]byte, error) {
	if err := mixing(in, []string{"ProjectionExpression", "FilterExpression", "KeyConditionExpression"},
		[]string{"AttributesToGet", "QueryFilter", "ConditionalOperator", "KeyConditions"}); err != nil {
		return nil, err
	}
	filter, attributes, keys := in.get("QueryFilter"), in.get("AttributesToGet"), in.get("KeyConditions")
	if err := checkConditions(filter); err != nil {
		return nil, err
	}
	if err := checkConditionalOperator(in, filter); err != nil {
		return nil, err
	}
	if err := checkAttributesToGet(attributes); err != nil {
		return nil, err
	}
	if err := startKeyError(in); err != nil {
		return nil, err
	}
	if !keys.given && !in.has("KeyConditionExpression") {
		return nil, validationError("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
	}
	expr, err := expressions(in)
	if err != nil {
		return nil, err
	}
	t := translate(&expr)
	if keys.given {
		if err := h.keyConditions(ctx, t, in, keys); err != nil {
			return nil, err
		}
	}
	if len(filter.list) > 0 {
		expr.Filter = t.conditions(filter, in.get("ConditionalOperator").text)
	}
	if attributes.given {
		t.projectionOf(attributes.texts())
	}
	forward := in.get("ScanIndexForward")
	out, err := h.store.Query(ctx, &storage.QueryInput{
		Table: in.table(), Index: in.get("IndexName").text, Expr: expr,
		Descending:     forward.given && !forward.flag,
		Limit:          int(in.get("Limit").num),
		ConsistentRead: in.get("ConsistentRead").flag,
		Select:         storage.Select(in.get("Select").text),
		StartKey:       in.get("ExclusiveStartKey").item,
		Report:         report(in),
	})
	return appendPage(dst, in, out, err)
}

// keyConditions checks and translates the KeyConditions parameter.
func (h *Handler) keyConditions(ctx context.Context, t *translation, in, keys *value) error {
	if err := checkConditions(keys); err != nil {
		return err
	}
	if n := len(keys.list); n != 1 && n != 2 {
		return validationError("Conditions can be of length 1 or 2 only")
	}
	for i := range keys.list {
		switch keys.list[i].get("ComparisonOperator").text {
		case "NULL", "NOT_NULL", "NE", "CONTAINS", "NOT_CONTAINS", "IN":
			if err := h.tableExists(ctx, in.table()); err != nil {
				return err
			}
			return validationError("Attempted conditional constraint is not an indexable operation")
		}
	}
	// What is empty must be refused before the translation adds to it.
	if err := checkPlaceholders(in.get("ExpressionAttributeNames"), "ExpressionAttributeNames", '#'); err != nil {
		return err
	}
	if err := checkPlaceholders(in.get("ExpressionAttributeValues"), "ExpressionAttributeValues", ':'); err != nil {
		return err
	}
	t.expr.KeyCondition = t.conditions(keys, "")
	return nil
}

// tableExists refuses tables that are not there as operations on items do.
func (h *Handler) tableExists(ctx context.Context, name string) error {
	_, err := h.store.DescribeTable(ctx, name)
	var missing *storage.ResourceNotFoundError
	if errors.As(err, &missing) {
		return notFound("Requested resource not found")
	}
	return err
}

// startKeyError returns why the values of ExclusiveStartKey are refused. Only
// some of the messages have DynamoDB's preface.
func startKeyError(in *value) error {
	bad := in.get("ExclusiveStartKey").bad
	if bad == nil {
		return nil
	}
	message := asFailure(bad).message
	for _, plain := range []string{"contains duplicates", "number set", "numeric value", "significant digits", "number with magnitude"} {
		if strings.Contains(message, plain) {
			return bad
		}
	}
	return validationError("The provided starting key is invalid: " + message)
}

// scan answers Scan.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html
func (h *Handler) scan(ctx context.Context, in *value, dst []byte) ([]byte, error) {
	if err := mixing(in, []string{"ProjectionExpression", "FilterExpression"},
		[]string{"AttributesToGet", "ScanFilter", "ConditionalOperator"}); err != nil {
		return nil, err
	}
	filter, attributes := in.get("ScanFilter"), in.get("AttributesToGet")
	if err := checkAttributesToGet(attributes); err != nil {
		return nil, err
	}
	if err := checkConditions(filter); err != nil {
		return nil, err
	}
	if err := checkConditionalOperator(in, filter); err != nil {
		return nil, err
	}
	if err := startKeyError(in); err != nil {
		return nil, err
	}
	segment, total := in.get("Segment"), in.get("TotalSegments")
	switch {
	case segment.given && !total.given:
		return nil, validationError("The TotalSegments parameter is required but was not present in the request when Segment parameter is present")
	case total.given && !segment.given:
		return nil, validationError("The Segment parameter is required but was not present in the request when parameter TotalSegments is present")
	case segment.given && segment.num >= total.num:
		return nil, validationf("The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: %d is not less than TotalSegments: %d", segment.num, total.num)
	}
	expr, err := expressions(in)
	if err != nil {
		return nil, err
	}
	t := translate(&expr)
	if len(filter.list) > 0 {
		expr.Filter = t.conditions(filter, in.get("ConditionalOperator").text)
	}
	if attributes.given {
		t.projectionOf(attributes.texts())
	}
	out, err := h.store.Scan(ctx, &storage.ScanInput{
		Table: in.table(), Index: in.get("IndexName").text, Expr: expr,
		Limit:          int(in.get("Limit").num),
		ConsistentRead: in.get("ConsistentRead").flag,
		Select:         storage.Select(in.get("Select").text),
		StartKey:       in.get("ExclusiveStartKey").item,
		Segment:        int(segment.num),
		TotalSegments:  int(total.num),
		Report:         report(in),
	})
	return appendPage(dst, in, out, err)
}

func appendPage(dst []byte, in *value, out *storage.PageOutput, err error) ([]byte, error) {
	if err != nil {
		return nil, untranslate(err, in)
	}
	dst = append(dst, '{')
	if in.get("Select").text != string(storage.SelectCount) {
		dst = appendItems(appendMember(dst, "Items"), out.Items)
	}
	dst = appendIntMember(dst, "Count", int64(out.Count))
	dst = appendIntMember(dst, "ScannedCount", int64(out.ScannedCount))
	if out.LastKey != nil {
		dst = appendItemMember(dst, "LastEvaluatedKey", out.LastKey)
	}
	dst = appendOneCapacity(dst, out.Capacity, capacityLevel(in))
	return append(dst, '}'), nil
}
