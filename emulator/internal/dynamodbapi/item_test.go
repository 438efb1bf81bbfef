package dynamodbapi_test

import "testing"

const (
	conditionFailed = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"
	notFound        = "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"
)

// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html
func TestItems(t *testing.T) {
	c := newClient(t, hashTable, rangeTable)
	c.expect("PutItem", `{"TableName": "hash", "Item": {"a": {"S": "1"}, "n": {"N": "1.0"}, "b": {"B": "AQI="}, "l": {"L": [{"NULL": true}, {"BOOL": false}]}, "m": {"M": {"x": {"SS": ["p", "q"]}}}}}`, `{}`)
	c.expect("GetItem", `{"TableName": "hash", "Key": {"a": {"S": "1"}}}`,
		`{"Item": {"a": {"S": "1"}, "n": {"N": "1"}, "b": {"B": "AQI="}, "l": {"L": [{"NULL": true}, {"BOOL": false}]}, "m": {"M": {"x": {"SS": ["p", "q"]}}}}}`)
	c.expect("GetItem", `{"TableName": "hash", "Key": {"a": {"S": "none"}}}`, `{}`)
	c.expect("GetItem", `{"TableName": "hash", "Key": {"a": {"S": "1"}}, "ProjectionExpression": "#m.x, n", "ExpressionAttributeNames": {"#m": "m"}, "ConsistentRead": true}`,
		`{"Item": {"n": {"N": "1"}, "m": {"M": {"x": {"SS": ["p", "q"]}}}}}`)
	c.expect("PutItem", `{"TableName": "hash", "Item": {"a": {"S": "1"}, "n": {"N": "2"}}, "ReturnValues": "ALL_OLD", "ConditionExpression": "n = :one", "ExpressionAttributeValues": {":one": {"N": "1"}}}`,
		`{"Attributes": {"a": {"S": "1"}, "n": {"N": "1"}, "b": {"B": "AQI="}, "l": {"L": [{"NULL": true}, {"BOOL": false}]}, "m": {"M": {"x": {"SS": ["p", "q"]}}}}}`)
	c.expect("UpdateItem", `{"TableName": "hash", "Key": {"a": {"S": "1"}}, "UpdateExpression": "SET n = n + :one", "ExpressionAttributeValues": {":one": {"N": "1"}}, "ReturnValues": "UPDATED_NEW"}`,
		`{"Attributes": {"n": {"N": "3"}}}`)
	c.expect("UpdateItem", `{"TableName": "hash", "Key": {"a": {"S": "new"}}}`, `{}`)
	c.expect("GetItem", `{"TableName": "hash", "Key": {"a": {"S": "new"}}}`, `{"Item": {"a": {"S": "new"}}}`)
	c.expect("DeleteItem", `{"TableName": "hash", "Key": {"a": {"S": "new"}}, "ReturnValues": "ALL_OLD"}`, `{"Attributes": {"a": {"S": "new"}}}`)
	c.expect("DeleteItem", `{"TableName": "hash", "Key": {"a": {"S": "new"}}, "ReturnValues": "ALL_OLD"}`, `{}`)

	const arn = "arn:aws:dynamodb:us-east-1:123456789012:table/hash"
	c.expect("GetItem", `{"TableName": "`+arn+`", "Key": {"a": {"S": "1"}}}`, `{"Item": {"a": {"S": "1"}, "n": {"N": "3"}}}`)

	c.fault("GetItem", `{"TableName": "none", "Key": {"a": {"S": "1"}}}`, notFound, "message: Requested resource not found")
	c.invalid("GetItem", `{"TableName": "hash", "Key": {"b": {"S": "1"}}}`, "The provided key element does not match the schema")
	c.invalid("GetItem", `{"TableName": "hash", "Key": {}}`, "The provided key element does not match the schema")
	c.invalid("PutItem", `{"TableName": "hash", "Item": {"b": {"S": "1"}}}`, "One or more parameter values were invalid: Missing the key a in the item")
	c.invalid("PutItem", `{"TableName": "hash", "Item": {"a": {"N": "1"}}}`, "One or more parameter values were invalid: Type mismatch for key a expected: S actual: N")
	c.invalid("UpdateItem", `{"TableName": "hash", "Key": {"a": {"S": "1"}}, "UpdateExpression": "SET a = a"}`,
		"One or more parameter values were invalid: Cannot update attribute a. This attribute is part of the key")
}

// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html#DDB-PutItem-request-ReturnValuesOnConditionCheckFailure
func TestFailedConditions(t *testing.T) {
	c := newClient(t, hashTable)
	c.ok("PutItem", `{"TableName": "hash", "Item": {"a": {"S": "1"}, "n": {"N": "1"}}}`)
	for operation, body := range map[string]string{
		"PutItem":    `"Item": {"a": {"S": "1"}}, "ConditionExpression": "attribute_not_exists(a)"`,
		"UpdateItem": `"Key": {"a": {"S": "1"}}, "UpdateExpression": "REMOVE n", "ConditionExpression": "attribute_not_exists(a)"`,
		"DeleteItem": `"Key": {"a": {"S": "1"}}, "ConditionExpression": "attribute_not_exists(a)"`,
	} {
		c.fault(operation, `{"TableName": "hash", `+body+`}`, conditionFailed, "message: The conditional request failed")
		for asked, item := range map[string]string{
			``: ``, `, "ReturnValuesOnConditionCheckFailure": "NONE"`: ``,
			`, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"`: `{"a":{"S":"1"},"n":{"N":"1"}}`,
		} {
			if e := c.fails(operation, `{"TableName": "hash", `+body+asked+`}`); string(e.Item) != item {
				t.Errorf("%s%s: item %s", operation, asked, e.Item)
			}
		}
	}
	if e := c.fails("DeleteItem", `{"TableName": "hash", "Key": {"a": {"S": "none"}}, "ConditionExpression": "attribute_exists(a)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}`); e.Item != nil {
		t.Errorf("item %s", e.Item)
	}
}

// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ConsumedCapacity.html
func TestConsumedCapacity(t *testing.T) {
	c := newClient(t, hashTable, rangeTable)
	c.expect("PutItem", `{"TableName": "hash", "Item": {"a": {"S": "1"}}, "ReturnConsumedCapacity": "NONE"}`, `{}`)
	c.expect("PutItem", `{"TableName": "hash", "Item": {"a": {"S": "1"}}, "ReturnConsumedCapacity": "TOTAL"}`,
		`{"ConsumedCapacity": {"TableName": "hash", "CapacityUnits": 1}}`)
	c.expect("GetItem", `{"TableName": "hash", "Key": {"a": {"S": "1"}}, "ReturnConsumedCapacity": "TOTAL"}`,
		`{"Item": {"a": {"S": "1"}}, "ConsumedCapacity": {"TableName": "hash", "CapacityUnits": 0.5}}`)
	c.expect("GetItem", `{"TableName": "hash", "Key": {"a": {"S": "1"}}, "ConsistentRead": true, "ReturnConsumedCapacity": "INDEXES"}`,
		`{"Item": {"a": {"S": "1"}}, "ConsumedCapacity": {"TableName": "hash", "CapacityUnits": 1, "Table": {"CapacityUnits": 1}}}`)
	c.expect("PutItem", `{"TableName": "range", "Item": {"a": {"S": "1"}, "b": {"N": "1"}, "c": {"S": "x"}}, "ReturnConsumedCapacity": "INDEXES", "ReturnItemCollectionMetrics": "SIZE"}`,
		`{"ConsumedCapacity": {"TableName": "range", "CapacityUnits": 3, "Table": {"CapacityUnits": 1},
			"LocalSecondaryIndexes": {"local": {"CapacityUnits": 1}}, "GlobalSecondaryIndexes": {"global": {"CapacityUnits": 1}}},
		"ItemCollectionMetrics": {"ItemCollectionKey": {"a": {"S": "1"}}, "SizeEstimateRangeGB": [0, 1]}}`)
	c.expect("Query", `{"TableName": "range", "IndexName": "global", "KeyConditionExpression": "c = :c", "ExpressionAttributeValues": {":c": {"S": "x"}}, "Select": "COUNT", "ReturnConsumedCapacity": "INDEXES"}`,
		`{"Count": 1, "ScannedCount": 1, "ConsumedCapacity": {"TableName": "range", "CapacityUnits": 0.5, "Table": {"CapacityUnits": 0}, "GlobalSecondaryIndexes": {"global": {"CapacityUnits": 0.5}}}}`)
	c.expect("BatchWriteItem", `{"RequestItems": {"hash": [{"PutRequest": {"Item": {"a": {"S": "2"}}}}], "range": [{"DeleteRequest": {"Key": {"a": {"S": "1"}, "b": {"N": "1"}}}}]}, "ReturnConsumedCapacity": "TOTAL", "ReturnItemCollectionMetrics": "SIZE"}`,
		`{"UnprocessedItems": {}, "ConsumedCapacity": [{"TableName": "hash", "CapacityUnits": 1}, {"TableName": "range", "CapacityUnits": 3}],
		"ItemCollectionMetrics": {"range": [{"ItemCollectionKey": {"a": {"S": "1"}}, "SizeEstimateRangeGB": [0, 1]}]}}`)
	c.expect("TransactWriteItems", `{"TransactItems": [{"Put": {"TableName": "hash", "Item": {"a": {"S": "2"}}}}], "ReturnConsumedCapacity": "INDEXES"}`,
		`{"ConsumedCapacity": [{"TableName": "hash", "CapacityUnits": 2, "WriteCapacityUnits": 2, "Table": {"CapacityUnits": 2, "WriteCapacityUnits": 2}}]}`)
	c.expect("TransactGetItems", `{"TransactItems": [{"Get": {"TableName": "hash", "Key": {"a": {"S": "2"}}}}], "ReturnConsumedCapacity": "TOTAL"}`,
		`{"Responses": [{"Item": {"a": {"S": "2"}}}], "ConsumedCapacity": [{"TableName": "hash", "CapacityUnits": 2, "ReadCapacityUnits": 2}]}`)
}
