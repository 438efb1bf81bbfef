package dynamodbapi_test

import (
	"fmt"
	"strings"
	"testing"
)

// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
func TestBatches(t *testing.T) {
	c := newClient(t, hashTable, rangeTable)
	c.expect("BatchWriteItem", `{"RequestItems": {"hash": [{"PutRequest": {"Item": {"a": {"S": "1"}, "n": {"N": "1"}}}}, {"PutRequest": {"Item": {"a": {"S": "2"}, "m": {"M": {"x": {"S": "y"}}}}}}],
			"range": [{"PutRequest": {"Item": {"a": {"S": "1"}, "b": {"N": "1"}}}}]}}`, `{"UnprocessedItems": {}}`)
	c.expect("BatchGetItem", `{"RequestItems": {"hash": {"Keys": [{"a": {"S": "1"}}, {"a": {"S": "2"}}, {"a": {"S": "3"}}], "ProjectionExpression": "n, #m.x", "ExpressionAttributeNames": {"#m": "m"}},
			"range": {"Keys": [{"a": {"S": "1"}, "b": {"N": "1"}}], "AttributesToGet": ["b"], "ConsistentRead": true}}, "ReturnConsumedCapacity": "TOTAL"}`,
		`{"Responses": {"hash": [{"n": {"N": "1"}}, {"m": {"M": {"x": {"S": "y"}}}}], "range": [{"b": {"N": "1"}}]}, "UnprocessedKeys": {},
		"ConsumedCapacity": [{"TableName": "hash", "CapacityUnits": 1.5}, {"TableName": "range", "CapacityUnits": 1}]}`)
	c.expect("BatchGetItem", `{"RequestItems": {"range": {"Keys": [{"a": {"S": "1"}, "b": {"N": "1"}}], "AttributesToGet": ["b"]}}}`,
		`{"Responses": {"range": [{"b": {"N": "1"}}]}, "UnprocessedKeys": {}}`)
	const arn = "arn:aws:dynamodb:us-east-1:123456789012:table/hash"
	c.expect("BatchGetItem", `{"RequestItems": {"`+arn+`": {"Keys": [{"a": {"S": "1"}}]}}}`,
		`{"Responses": {"`+arn+`": [{"a": {"S": "1"}, "n": {"N": "1"}}]}, "UnprocessedKeys": {}}`)
	c.ok("BatchWriteItem", `{"RequestItems": {"hash": [{"DeleteRequest": {"Key": {"a": {"S": "1"}}}}]}}`)
	c.expect("GetItem", `{"TableName": "hash", "Key": {"a": {"S": "1"}}}`, `{}`)

	c.fault("BatchWriteItem", `{"RequestItems": {"none": [{"PutRequest": {"Item": {"a": {"S": "1"}}}}]}}`, notFound, "message: Requested resource not found")
	c.fault("BatchGetItem", `{"RequestItems": {"none": {"Keys": [{"a": {"S": "1"}}]}}}`, notFound, "message: Requested resource not found")
	c.invalid("BatchWriteItem", `{"RequestItems": {"hash": [{"PutRequest": {"Item": {"a": {"S": "1"}}}}, {"DeleteRequest": {"Key": {"a": {"S": "1"}}}}]}}`,
		"Provided list of item keys contains duplicates")
	c.invalid("BatchWriteItem", `{"RequestItems": {"hash": [{"DeleteRequest": {"Key": {"b": {"S": "1"}}}}]}}`, "The provided key element does not match the schema")
	c.invalid("BatchGetItem", `{"RequestItems": {"hash": {"Keys": [{"b": {"S": "1"}}]}}}`, "The provided key element does not match the schema")
	c.invalid("BatchGetItem", `{"RequestItems": {"hash": {"Keys": [null]}}}`, "The provided key element does not match the schema")
}

// What does not fit into 16 MB is asked for again, in the request's own form.
func TestUnprocessedKeys(t *testing.T) {
	c := newClient(t, hashTable)
	big := strings.Repeat("x", 390<<10)
	var keys []string
	for i := range 45 {
		c.ok("PutItem", fmt.Sprintf(`{"TableName": "hash", "Item": {"a": {"S": "%d"}, "big": {"S": %q}}}`, i, big))
		keys = append(keys, fmt.Sprintf(`{"a": {"S": "%d"}}`, i))
	}
	var answer struct {
		Responses       map[string][]any
		UnprocessedKeys map[string]struct {
			Keys                     []any
			ConsistentRead           bool
			ProjectionExpression     string
			ExpressionAttributeNames map[string]string
		}
	}
	decode(t, c.ok("BatchGetItem", `{"RequestItems": {"hash": {"Keys": [`+strings.Join(keys, ",")+`], "ConsistentRead": true, "ProjectionExpression": "#a", "ExpressionAttributeNames": {"#a": "a"}}}}`), &answer)
	left := answer.UnprocessedKeys["hash"]
	if len(left.Keys) == 0 || len(left.Keys)+len(answer.Responses["hash"]) != 45 {
		t.Errorf("%d items, %d unprocessed", len(answer.Responses["hash"]), len(left.Keys))
	}
	if !left.ConsistentRead || left.ProjectionExpression != "#a" || left.ExpressionAttributeNames["#a"] != "a" {
		t.Errorf("%+v", left)
	}
}

// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
func TestTransactions(t *testing.T) {
	c := newClient(t, hashTable, rangeTable)
	const write = `{"ClientRequestToken": "token", "TransactItems": [
		{"Put": {"TableName": "hash", "Item": {"a": {"S": "1"}, "n": {"N": "1"}}, "ConditionExpression": "attribute_not_exists(a)"}},
		{"Update": {"TableName": "hash", "Key": {"a": {"S": "2"}}, "UpdateExpression": "SET n = :n", "ExpressionAttributeValues": {":n": {"N": "2"}}}},
		{"Delete": {"TableName": "hash", "Key": {"a": {"S": "3"}}}},
		{"ConditionCheck": {"TableName": "hash", "Key": {"a": {"S": "4"}}, "ConditionExpression": "attribute_not_exists(a)"}}]}`
	c.expect("TransactWriteItems", write, `{}`)
	c.expect("TransactWriteItems", write, `{}`)
	c.fault("TransactWriteItems", strings.Replace(write, `{"N": "2"}`, `{"N": "3"}`, 1),
		"com.amazonaws.dynamodb.v20120810#IdempotentParameterMismatchException",
		"Message: The request was rejected because it attempted to reuse an idempotent token with different parameters.")
	c.expect("TransactGetItems", `{"TransactItems": [{"Get": {"TableName": "hash", "Key": {"a": {"S": "1"}}, "ProjectionExpression": "#n", "ExpressionAttributeNames": {"#n": "n"}}},
			{"Get": {"TableName": "hash", "Key": {"a": {"S": "2"}}}}, {"Get": {"TableName": "hash", "Key": {"a": {"S": "3"}}}}]}`,
		`{"Responses": [{"Item": {"n": {"N": "1"}}}, {"Item": {"a": {"S": "2"}, "n": {"N": "2"}}}, {}]}`)

	// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CancellationReason.html
	e := c.fails("TransactWriteItems", `{"TransactItems": [
		{"Put": {"TableName": "hash", "Item": {"a": {"S": "9"}}}},
		{"Put": {"TableName": "hash", "Item": {"a": {"S": "1"}}, "ConditionExpression": "attribute_not_exists(a)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}},
		{"Delete": {"TableName": "hash", "Key": {"a": {"S": "2"}}, "ConditionExpression": "attribute_not_exists(a)"}}]}`)
	if e.Type != "com.amazonaws.dynamodb.v20120810#TransactionCanceledException" ||
		e.message != "Message: Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed, ConditionalCheckFailed]" {
		t.Errorf("%s %s", e.Type, e.message)
	}
	if want := `[{"Code":"None"},{"Code":"ConditionalCheckFailed","Item":{"a":{"S":"1"},"n":{"N":"1"}},"Message":"The conditional request failed"},{"Code":"ConditionalCheckFailed","Message":"The conditional request failed"}]`; string(e.Reasons) != want {
		t.Errorf("got  %s\nwant %s", e.Reasons, want)
	}
	c.expect("GetItem", `{"TableName": "hash", "Key": {"a": {"S": "9"}}}`, `{}`)
	c.invalid("TransactWriteItems", `{"TransactItems": [{"Put": {"TableName": "hash", "Item": {"a": {"S": "9"}}}}, {"Delete": {"TableName": "hash", "Key": {"a": {"S": "9"}}}}]}`,
		"Transaction request cannot include multiple operations on one item")
}
