package dynamodbapi_test

import (
	"fmt"
	"testing"
)

// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html
func TestPages(t *testing.T) {
	c := newClient(t, rangeTable)
	for i := range 5 {
		c.ok("PutItem", fmt.Sprintf(`{"TableName": "range", "Item": {"a": {"S": "x"}, "b": {"N": "%d"}, "c": {"S": "c%d"}, "d": {"N": "%d"}, "e": {"S": "e"}}}`, i, i%2, i))
	}
	item := func(i int) string {
		return fmt.Sprintf(`{"a": {"S": "x"}, "b": {"N": "%d"}, "c": {"S": "c%d"}, "d": {"N": "%d"}, "e": {"S": "e"}}`, i, i%2, i)
	}
	const key = `"KeyConditionExpression": "a = :a", "ExpressionAttributeValues": {":a": {"S": "x"}}`
	c.expect("Query", `{"TableName": "range", `+key+`, "Limit": 2}`,
		`{"Items": [`+item(0)+`, `+item(1)+`], "Count": 2, "ScannedCount": 2, "LastEvaluatedKey": {"a": {"S": "x"}, "b": {"N": "1"}}}`)
	c.expect("Query", `{"TableName": "range", `+key+`, "ScanIndexForward": false, "Limit": 2, "ExclusiveStartKey": {"a": {"S": "x"}, "b": {"N": "4"}}}`,
		`{"Items": [`+item(3)+`, `+item(2)+`], "Count": 2, "ScannedCount": 2, "LastEvaluatedKey": {"a": {"S": "x"}, "b": {"N": "2"}}}`)
	c.expect("Query", `{"TableName": "range", "KeyConditionExpression": "a = :a AND b >= :b", "FilterExpression": "d <> :d", "ProjectionExpression": "b",
			"ExpressionAttributeValues": {":a": {"S": "x"}, ":b": {"N": "3"}, ":d": {"N": "3"}}}`,
		`{"Items": [{"b": {"N": "4"}}], "Count": 1, "ScannedCount": 2}`)
	c.expect("Query", `{"TableName": "range", "KeyConditions": {"a": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "x"}]},
			"b": {"ComparisonOperator": "BETWEEN", "AttributeValueList": [{"N": "1"}, {"N": "3"}]}},
			"QueryFilter": {"d": {"ComparisonOperator": "NE", "AttributeValueList": [{"N": "2"}]}, "e": {"ComparisonOperator": "NULL"}}, "ConditionalOperator": "OR", "AttributesToGet": ["d"]}`,
		`{"Items": [{"d": {"N": "1"}}, {"d": {"N": "3"}}], "Count": 2, "ScannedCount": 3}`)
	// KeyConditions go with the other expressions, whatever their placeholders.
	c.expect("Query", `{"TableName": "range", "KeyConditions": {"a": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "x"}]}},
			"FilterExpression": "#0 = :0 OR #1 = :1", "ExpressionAttributeNames": {"#0": "d", "#1": "d"}, "ExpressionAttributeValues": {":0": {"N": "2"}, ":1": {"N": "4"}}, "Select": "COUNT"}`,
		`{"Count": 2, "ScannedCount": 5}`)
	c.expect("Query", `{"TableName": "range", "IndexName": "local", `+key+`, "ConsistentRead": true, "Select": "ALL_PROJECTED_ATTRIBUTES", "Limit": 1}`,
		`{"Items": [`+item(0)+`], "Count": 1, "ScannedCount": 1, "LastEvaluatedKey": {"a": {"S": "x"}, "b": {"N": "0"}, "c": {"S": "c0"}}}`)
	c.expect("Query", `{"TableName": "range", "IndexName": "global", "KeyConditionExpression": "c = :c", "ExpressionAttributeValues": {":c": {"S": "c1"}}, "Select": "COUNT"}`,
		`{"Count": 2, "ScannedCount": 2}`)
	c.invalid("Query", `{"TableName": "range", "IndexName": "global", `+key+`, "ConsistentRead": true}`, "Consistent reads are not supported on global secondary indexes")
	c.invalid("Query", `{"TableName": "range", "IndexName": "whatever", `+key+`}`, "The table does not have the specified index: whatever")
	c.invalid("Query", `{"TableName": "range", `+key+`, "ExclusiveStartKey": {"a": {"S": "x"}}}`, "The provided starting key is invalid")
	c.invalid("Query", `{"TableName": "range", `+key+`, "ExclusiveStartKey": {"a": {"S": "y"}, "b": {"N": "1"}}}`,
		"The provided starting key is outside query boundaries based on provided conditions")

	c.expect("Scan", `{"TableName": "range", "FilterExpression": "d < :d", "ExpressionAttributeValues": {":d": {"N": "2"}}, "ProjectionExpression": "d"}`,
		`{"Items": [{"d": {"N": "0"}}, {"d": {"N": "1"}}], "Count": 2, "ScannedCount": 5}`)
	c.expect("Scan", `{"TableName": "range", "AttributesToGet": ["d"], "Limit": 1}`,
		`{"Items": [{"d": {"N": "0"}}], "Count": 1, "ScannedCount": 1, "LastEvaluatedKey": {"a": {"S": "x"}, "b": {"N": "0"}}}`)
	c.invalid("Scan", `{"TableName": "range", "AttributesToGet": ["d"], "Select": "COUNT"}`, "Cannot specify the AttributesToGet when choosing to get only the Count")
	total := 0
	for segment := range 4 {
		var page struct{ Count int }
		decode(t, c.ok("Scan", fmt.Sprintf(`{"TableName": "range", "Segment": %d, "TotalSegments": 4}`, segment)), &page)
		total += page.Count
	}
	if total != 5 {
		t.Errorf("segments have %d items", total)
	}
	c.fault("Scan", `{"TableName": "none"}`, notFound, "message: Requested resource not found")
}
