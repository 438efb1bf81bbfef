package dynamodbapi_test

import (
	"strings"
	"testing"
)

const (
	enumCapacity   = "Member must satisfy enum value set: [INDEXES, TOTAL, NONE]"
	enumReturns    = "Member must satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]"
	enumMetrics    = "Member must satisfy enum value set: [SIZE, NONE]"
	enumComparison = "Member must satisfy enum value set: [IN, NULL, BETWEEN, LT, NOT_CONTAINS, EQ, GT, NOT_NULL, NE, LE, BEGINS_WITH, GE, CONTAINS]"
	namePattern    = "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
	notNull        = "Member must not be null"
	// Recorded: nubo-db/dynamodb-conformance tier3/error-messages/query.
	terseLimit = "Value at 'Limit' failed to satisfy constraint: Member must have value greater than or equal to 1"
)

// value is one violation in DynamoDB's words; given is "null" or a quoted text.
func value(given, at, constraint string) string {
	return "Value " + given + " at '" + at + "' failed to satisfy constraint: " + constraint
}

// The constraints on parameters, with the words of architect/dynalite's
// test/<operation>.js, recorded from DynamoDB.
func TestConstraints(t *testing.T) {
	c := newClient(t)
	long := strings.Repeat("a", 256)
	for operation, member := range map[string]string{"GetItem": "key", "PutItem": "item", "UpdateItem": "key", "DeleteItem": "key"} {
		missing := value("null", member, notNull)
		c.violates(operation, `{}`, missing, value("null", "tableName", notNull))
		// Recorded: getmoto/moto tests/test_dynamodb (verified against AWS),
		// paritysuite/dynamodb-conformance. dynalite has an older form.
		c.violates(operation, `{"TableName": ""}`, missing, value("''", "tableName", "Member must have length greater than or equal to 1"))
		c.violates(operation, `{"TableName": "a;"}`, missing, value("'a;'", "tableName", namePattern),
			value("'a;'", "tableName", "Member must have length greater than or equal to 3"))
		c.violates(operation, `{"TableName": "`+long+`"}`, missing,
			value("'"+long+"'", "tableName", "Member must have length less than or equal to 255"))
	}
	c.violates("GetItem", `{"TableName": "abc;", "ReturnConsumedCapacity": "hi", "AttributesToGet": []}`,
		value("'[]'", "attributesToGet", "Member must have length greater than or equal to 1"),
		value("'hi'", "returnConsumedCapacity", enumCapacity), value("null", "key", notNull), value("'abc;'", "tableName", namePattern))
	for operation, member := range map[string]string{"PutItem": "item", "UpdateItem": "key", "DeleteItem": "key"} {
		c.violates(operation, `{"TableName": "abc;", "ReturnConsumedCapacity": "hi", "ReturnItemCollectionMetrics": "hi", "ReturnValues": "hi"}`,
			value("'hi'", "returnConsumedCapacity", enumCapacity), value("'abc;'", "tableName", namePattern), value("null", member, notNull),
			value("'hi'", "returnValues", enumReturns), value("'hi'", "returnItemCollectionMetrics", enumMetrics))
	}
	c.violates("Query", `{"TableName": "abc;", "ReturnConsumedCapacity": "hi", "AttributesToGet": [], "IndexName": "abc;", "Select": "hi",
			"KeyConditions": {"a": {}}, "ConditionalOperator": "AN", "QueryFilter": {"a": {}, "b": {"ComparisonOperator": ""}}, "Limit": -1}`,
		value("'hi'", "select", "Member must satisfy enum value set: [SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES]"),
		value("'abc;'", "indexName", namePattern), value("'hi'", "returnConsumedCapacity", enumCapacity),
		value("null", "queryFilter.a.member.comparisonOperator", notNull), value("''", "queryFilter.b.member.comparisonOperator", enumComparison),
		value("'abc;'", "tableName", namePattern), value("'AN'", "conditionalOperator", "Member must satisfy enum value set: [OR, AND]"),
		value("'[]'", "attributesToGet", "Member must have length greater than or equal to 1"),
		terseLimit, value("null", "keyConditions.a.member.comparisonOperator", notNull))
	c.violates("Scan", `{"TableName": "abc;", "ReturnConsumedCapacity": "hi", "IndexName": "abc;", "Segment": -1, "TotalSegments": -1, "Select": "hi",
			"Limit": -1, "ScanFilter": {"a": {}, "b": {"ComparisonOperator": ""}}, "ConditionalOperator": "AN", "AttributesToGet": []}`,
		value("'hi'", "select", "Member must satisfy enum value set: [SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES]"),
		value("'abc;'", "indexName", namePattern), value("'-1'", "totalSegments", "Member must have value greater than or equal to 1"),
		value("'hi'", "returnConsumedCapacity", enumCapacity), value("'abc;'", "tableName", namePattern),
		value("'AN'", "conditionalOperator", "Member must satisfy enum value set: [OR, AND]"),
		value("null", "scanFilter.a.member.comparisonOperator", notNull), value("''", "scanFilter.b.member.comparisonOperator", enumComparison),
		value("'-1'", "segment", "Member must have value greater than or equal to 0"),
		value("'-1'", "limit", "Member must have value greater than or equal to 1")) // the eleventh is not told
	c.violates("Scan", `{"TableName": "abc", "TotalSegments": 1000001, "Segment": 0}`,
		value("'1000001'", "totalSegments", "Member must have value less than or equal to 1000000"))

	for _, operation := range []string{"BatchGetItem", "BatchWriteItem"} {
		c.violates(operation, `{}`, value("null", "requestItems", notNull))
		// Recorded: nubo-db/dynamodb-conformance tier3/error-messages.
		c.invalid(operation, `{"RequestItems": {}}`, "The requestItems parameter is required for "+operation)
	}
	const mapKeys = "Map keys must satisfy constraint: [Member must have length less than or equal to 255, Member must have length greater than or equal to 3, " + namePattern + "]"
	const mapValues = "Map value must satisfy constraint: [Member must have length less than or equal to 25, Member must have length greater than or equal to 1]"
	c.violates("BatchWriteItem", `{"RequestItems": {"a": []}}`,
		value("'{a=[]}'", "requestItems", mapKeys), value("'{a=[]}'", "requestItems", mapValues))
	e := c.fails("BatchWriteItem", `{"RequestItems": {"aa;": [{"PutRequest": {}, "DeleteRequest": {}}]}}`)
	for _, part := range []string{"message: 3 validation errors detected: Value '{aa;=[com.amazonaws.dynamodb.v20120810.WriteRequest@", mapKeys,
		value("null", "requestItems.aa;.member.1.member.deleteRequest.key", notNull), value("null", "requestItems.aa;.member.1.member.putRequest.item", notNull)} {
		if !strings.Contains(e.message, part) {
			t.Errorf("%s lacks %s", e.message, part)
		}
	}
	write := strings.Repeat(`{"PutRequest": {"Item": {"a": {"S": "1"}}}},`, 26)
	if e := c.fails("BatchWriteItem", `{"RequestItems": {"abc": [`+write[:len(write)-1]+`]}}`); !strings.HasSuffix(e.message, "' at 'requestItems' failed to satisfy constraint: "+mapValues) {
		t.Error(e.message)
	}
	e = c.fails("BatchGetItem", `{"RequestItems": {"aa;": {}}}`)
	if !strings.Contains(e.message, mapKeys) || !strings.Contains(e.message, value("null", "requestItems.aa;.member.keys", notNull)) {
		t.Error(e.message)
	}
	c.violates("BatchGetItem", `{"RequestItems": {"abc": {"Keys": [], "AttributesToGet": []}}}`,
		value("'[]'", "requestItems.abc.member.keys", "Member must have length greater than or equal to 1"),
		value("'[]'", "requestItems.abc.member.attributesToGet", "Member must have length greater than or equal to 1"))
	keys := strings.Repeat(`{"a": {"S": "1"}},`, 101)
	if e := c.fails("BatchGetItem", `{"RequestItems": {"abc": {"Keys": [`+keys[:len(keys)-1]+`]}}}`); e.message !=
		"message: 1 validation error detected: Value at 'RequestItems.abc.member.Keys' failed to satisfy constraint: Member must have length less than or equal to 100" {
		t.Error(e.message)
	}

	// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
	for _, operation := range []string{"TransactGetItems", "TransactWriteItems"} {
		c.violates(operation, `{}`, value("null", "transactItems", notNull))
		c.violates(operation, `{"TransactItems": []}`, value("'[]'", "transactItems", "Member must have length greater than or equal to 1"))
		items := strings.Repeat(`{"Get": {"TableName": "abc", "Key": {}}},`, 101)
		if e := c.fails(operation, `{"TransactItems": [`+items[:len(items)-1]+`]}`); !strings.HasSuffix(e.message,
			"' at 'transactItems' failed to satisfy constraint: Member must have length less than or equal to 100") {
			t.Error(e.message)
		}
	}
	c.violates("TransactGetItems", `{"TransactItems": [{}]}`, value("null", "transactItems.1.member.get", notNull))
	c.violates("TransactWriteItems", `{"ClientRequestToken": "", "TransactItems": [{"Put": {"ReturnValuesOnConditionCheckFailure": "x"}}, {"Update": {"TableName": "abc", "Key": {}}}]}`,
		value("''", "clientRequestToken", "Member must have length greater than or equal to 1"),
		value("null", "transactItems.1.member.put.item", notNull), value("null", "transactItems.1.member.put.tableName", notNull),
		value("'x'", "transactItems.1.member.put.returnValuesOnConditionCheckFailure", "Member must satisfy enum value set: [ALL_OLD, NONE]"),
		value("null", "transactItems.2.member.update.updateExpression", notNull))
	c.violates("ListTables", `{"Limit": 101, "ExclusiveStartTableName": "a;"}`,
		value("'101'", "limit", "Member must have value less than or equal to 100"), value("'a;'", "exclusiveStartTableName", namePattern),
		value("'a;'", "exclusiveStartTableName", "Member must have length greater than or equal to 3"))
	c.violates("ListTables", `{"Limit": 0}`, value("'0'", "limit", "Member must have value greater than or equal to 1"))
	c.violates("UpdateTimeToLive", `{"TableName": "abc"}`, value("null", "timeToLiveSpecification", notNull))
	c.violates("UpdateTimeToLive", `{"TableName": "abc", "TimeToLiveSpecification": {}}`,
		value("null", "timeToLiveSpecification.enabled", notNull), value("null", "timeToLiveSpecification.attributeName", notNull))
	c.violates("ExecuteStatement", `{}`, value("null", "statement", notNull))
	c.violates("BatchExecuteStatement", `{"Statements": []}`, value("'[]'", "statements", "Member must have length greater than or equal to 1"))
	c.violates("ExecuteTransaction", `{}`, value("null", "transactStatements", notNull))

	c.invalid("CreateTable", `{}`, "The parameter 'TableName' is required but was not present in the request")
	// Recorded: nubo-db/dynamodb-conformance tier3/error-messages/createTable and
	// tier3/validation-ordering/createTable, which tell of the name only.
	c.invalid("CreateTable", `{"TableName": "ab"}`, "1 validation error detected: "+value("'ab'", "tableName", "Member must have length greater than or equal to 3"))
	c.violates("CreateTable", `{"TableName": "", "KeySchema": [], "AttributeDefinitions": []}`, value("''", "tableName", "Member must have length greater than or equal to 1"))
	c.violates("CreateTable", `{"TableName": "x!", "KeySchema": []}`, value("'x!'", "tableName", "Member must have length greater than or equal to 3"), value("'x!'", "tableName", namePattern))
	c.violates("CreateTable", `{"TableName": "`+long+`"}`, value("'"+long+"'", "tableName", "Member must have length less than or equal to 255"))
	c.violates("Query", `{"TableName": "abc", "Limit": 0}`, terseLimit)
	c.violates("Scan", `{"TableName": "abc", "Limit": 0}`, value("'0'", "limit", "Member must have value greater than or equal to 1"))
	for _, operation := range []string{"UpdateTable", "DeleteTable", "DescribeTable", "DescribeTimeToLive", "UpdateTimeToLive", "DescribeContinuousBackups"} {
		c.invalid(operation, `{}`, "The parameter 'TableName' is required but was not present in the request")
		for _, name := range []string{"", "a;", long} {
			c.invalid(operation, `{"TableName": "`+name+`"}`, "TableName must be at least 3 characters long and at most 255 characters long")
		}
	}
	for _, operation := range []string{"UpdateTable", "DeleteTable", "DescribeTable", "DescribeTimeToLive"} {
		c.invalid(operation, `{"TableName": "abc;"}`, "1 validation error detected: "+value("'abc;'", "tableName", namePattern))
	}
}

// What is refused before the table is looked at: architect/dynalite's
// test/<operation>.js, recorded from DynamoDB.
func TestParametersThatDoNotGoTogether(t *testing.T) {
	c := newClient(t, hashTable)
	const (
		mixed = "Can not use both expression and non-expression parameters in the same request: "
		twice = "Invalid ProjectionExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a]"
	)
	for _, tt := range []struct{ operation, body, message string }{
		{"GetItem", `{"TableName": "abc", "Key": {"a": {}}, "AttributesToGet": ["a"], "ExpressionAttributeNames": {}, "ProjectionExpression": ""}`,
			mixed + "Non-expression parameters: {AttributesToGet} Expression parameters: {ProjectionExpression}"},
		{"GetItem", `{"TableName": "abc", "Key": {"a": {}}, "AttributesToGet": ["a"], "ExpressionAttributeNames": {}}`,
			"ExpressionAttributeNames can only be specified when using expressions"},
		{"PutItem", `{"TableName": "abc", "Item": {"a": {}}, "Expected": {"a": {}}, "ExpressionAttributeNames": {}, "ExpressionAttributeValues": {}, "ConditionExpression": ""}`,
			mixed + "Non-expression parameters: {Expected} Expression parameters: {ConditionExpression}"},
		{"PutItem", `{"TableName": "abc", "Item": {"a": {}}, "Expected": {"a": {}}, "ExpressionAttributeNames": {}, "ExpressionAttributeValues": {}}`,
			"ExpressionAttributeNames can only be specified when using expressions"},
		{"PutItem", `{"TableName": "abc", "Item": {"a": {}}, "Expected": {"a": {}}, "ExpressionAttributeValues": {}}`,
			"ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null"},
		{"UpdateItem", `{"TableName": "abc", "Key": {"a": {}}, "Expected": {"a": {}}, "AttributeUpdates": {}, "ConditionExpression": "", "UpdateExpression": ""}`,
			mixed + "Non-expression parameters: {AttributeUpdates, Expected} Expression parameters: {UpdateExpression, ConditionExpression}"},
		{"UpdateItem", `{"TableName": "abc", "Key": {"a": {}}, "ExpressionAttributeValues": {}}`,
			"ExpressionAttributeValues can only be specified when using expressions: UpdateExpression and ConditionExpression are null"},
		{"DeleteItem", `{"TableName": "abc", "Key": {}, "Expected": {}, "ConditionExpression": ""}`,
			mixed + "Non-expression parameters: {Expected} Expression parameters: {ConditionExpression}"},
		{"Query", `{"TableName": "abc", "AttributesToGet": ["a", "a"], "QueryFilter": {"a": {"ComparisonOperator": "EQ"}}, "ConditionalOperator": "OR",
			"KeyConditions": {"a": {"ComparisonOperator": "EQ"}}, "ProjectionExpression": "", "FilterExpression": "", "KeyConditionExpression": ""}`,
			mixed + "Non-expression parameters: {AttributesToGet, QueryFilter, ConditionalOperator, KeyConditions} Expression parameters: {ProjectionExpression, FilterExpression, KeyConditionExpression}"},
		{"Query", `{"TableName": "abc", "AttributesToGet": ["a", "a"], "QueryFilter": {"a": {"ComparisonOperator": "EQ"}}, "ConditionalOperator": "OR",
			"KeyConditions": {"a": {"ComparisonOperator": "EQ"}}, "ProjectionExpression": "", "FilterExpression": ""}`,
			mixed + "Non-expression parameters: {AttributesToGet, QueryFilter, ConditionalOperator} Expression parameters: {ProjectionExpression, FilterExpression}"},
		{"Query", `{"TableName": "abc", "ExpressionAttributeValues": {}}`,
			"ExpressionAttributeValues can only be specified when using expressions: FilterExpression and KeyConditionExpression are null"},
		{"Query", `{"TableName": "abc"}`, "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."},
		{"Scan", `{"TableName": "abc", "AttributesToGet": ["a"], "ScanFilter": {}, "ConditionalOperator": "OR", "FilterExpression": "", "ProjectionExpression": ""}`,
			mixed + "Non-expression parameters: {AttributesToGet, ScanFilter, ConditionalOperator} Expression parameters: {ProjectionExpression, FilterExpression}"},
		{"Scan", `{"TableName": "abc", "ExpressionAttributeValues": {}}`,
			"ExpressionAttributeValues can only be specified when using expressions: FilterExpression is null"},
		{"Scan", `{"TableName": "abc", "Segment": 0}`,
			"The TotalSegments parameter is required but was not present in the request when Segment parameter is present"},
		{"Scan", `{"TableName": "abc", "TotalSegments": 1}`,
			"The Segment parameter is required but was not present in the request when parameter TotalSegments is present"},
		{"Scan", `{"TableName": "abc", "TotalSegments": 1, "Segment": 1}`,
			"The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: 1 is not less than TotalSegments: 1"},
		{"BatchGetItem", `{"RequestItems": {"abc": {"Keys": [{}], "AttributesToGet": ["a"], "ProjectionExpression": ""}}}`,
			mixed + "Non-expression parameters: {AttributesToGet} Expression parameters: {ProjectionExpression}"},
		// What is wrong with a projection comes before its keys: dynalite
		// validations/batchGetItem.js.
		{"BatchGetItem", `{"RequestItems": {"abc": {"Keys": [{"a": {"NS": []}}], "ProjectionExpression": "a, a"}}}`, twice},
		{"BatchGetItem", `{"RequestItems": {"abc": {"Keys": [{}, {}], "ProjectionExpression": "a, a"}}}`, twice},
		{"BatchGetItem", `{"RequestItems": {"abc": {"Keys": [{}], "ProjectionExpression": "a, a"}, "abd": {"Keys": [{}, {}]}}}`, twice},
		{"BatchGetItem", `{"RequestItems": {"abc": {"Keys": [{}, {}]}, "abd": {"Keys": [{}], "ProjectionExpression": "a, a"}}}`,
			"Provided list of item keys contains duplicates"},
		{"BatchGetItem", `{"RequestItems": {"abc": {"Keys": [{"bad": {"S": "x"}}]}, "hash": {"Keys": [{"a": {"S": "x"}}], "ProjectionExpression": "a, a"}}}`, twice},
		{"BatchGetItem", `{"RequestItems": {"abc": {"Keys": [{}], "AttributesToGet": ["a", "a"]}}}`,
			"One or more parameter values were invalid: Duplicate value in attribute name: a"},
		{"BatchGetItem", `{"RequestItems": {"abc": {"Keys": [{"a": {"S": "x"}}, {"a": {"S": "x"}}]}}}`,
			"Provided list of item keys contains duplicates"},
		{"BatchWriteItem", `{"RequestItems": {"abc": [{}]}}`,
			"Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"},
		{"TransactWriteItems", `{"TransactItems": [{}]}`, "Invalid Request: TransactWriteRequest should contain Delete or Put or Update request"},
		{"TransactWriteItems", `{"TransactItems": [{"Put": {"TableName": "abc", "Item": {}}, "Delete": {"TableName": "abc", "Key": {}}}]}`,
			"TransactItems can only contain one of Check, Put, Update or Delete"},
		// Recorded: ExtendDB/extenddb#213.
		{"Scan", `{"TableName": "abc", "ConditionalOperator": "AND"}`, "ConditionalOperator cannot be used without Filter or Expected"},
		{"Query", `{"TableName": "abc", "ConditionalOperator": "AND"}`, "ConditionalOperator cannot be used without Filter or Expected"},
		{"UpdateItem", `{"TableName": "abc", "Key": {}, "ConditionalOperator": "AND"}`, "ConditionalOperator cannot be used without Filter or Expected"},
		{"PutItem", `{"TableName": "abc", "Item": {}, "Expected": {"a": {}}, "ConditionalOperator": "AND", "ConditionExpression": "a"}`,
			mixed + "Non-expression parameters: {Expected, ConditionalOperator} Expression parameters: {ConditionExpression}"},
		{"UpdateItem", `{"TableName": "abc", "Key": {}, "AttributeUpdates": {}, "Expected": {}, "ConditionalOperator": "AND", "UpdateExpression": "SET a = :v", "ConditionExpression": "a"}`,
			mixed + "Non-expression parameters: {AttributeUpdates, Expected, ConditionalOperator} Expression parameters: {UpdateExpression, ConditionExpression}"},
		{"Scan", `{"TableName": "abc", "ScanFilter": {}, "ProjectionExpression": "b"}`,
			mixed + "Non-expression parameters: {ScanFilter} Expression parameters: {ProjectionExpression}"},
		{"PutItem", `{"TableName": "abc", "Item": {}, "ConditionalOperator": "AND", "Expected": {"a": {"Exists": false}}}`,
			"ConditionalOperator can only be used when Filter or Expected has two or more elements"},
		// Expressions come before the table, index and key: dynalite
		// test/updateItem.js 300-620, test/putItem.js, test/query.js.
		{"UpdateItem", `{"TableName": "abc", "Key": {"no": {"S": "x"}}, "UpdateExpression": "REMOVE g g"}`, `Invalid UpdateExpression: Syntax error; token: "g", near: "g g"`},
		{"UpdateItem", `{"TableName": "abc", "Key": {"no": {"S": "x"}}, "UpdateExpression": "REMOVE g, g"}`,
			"Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [g], path two: [g]"},
		{"PutItem", `{"TableName": "abc", "Item": {}, "ConditionExpression": "a = :b"}`,
			"Invalid ConditionExpression: An expression attribute value used in expression is not defined; attribute value: :b"},
		{"GetItem", `{"TableName": "abc", "Key": {}, "ProjectionExpression": "a, a"}`, twice},
		{"Query", `{"TableName": "abc", "KeyConditionExpression": "a b"}`, `Invalid KeyConditionExpression: Syntax error; token: "b", near: "a b"`},
		{"Query", `{"TableName": "hash", "IndexName": "none", "ConsistentRead": true, "KeyConditionExpression": "a = :v"}`,
			"Invalid KeyConditionExpression: An expression attribute value used in expression is not defined; attribute value: :v"},
		{"Query", `{"TableName": "hash", "KeyConditionExpression": "a = :v", "FilterExpression": "a = :v", "ExpressionAttributeValues": {":v": {"S": "x"}}, "ExclusiveStartKey": {"zz": {"S": "x"}}}`,
			"The provided starting key is invalid"},
		{"Scan", `{"TableName": "abc", "Select": "SPECIFIC_ATTRIBUTES", "ProjectionExpression": ""}`, "Invalid ProjectionExpression: The expression can not be empty;"},
		// dynalite test/batchWriteItem.js 352-378.
		{"BatchWriteItem", `{"RequestItems": {"hash": [{"PutRequest": {"Item": {}}}]}}`, "The provided key element does not match the schema"},
		{"BatchWriteItem", `{"RequestItems": {"hash": [{"PutRequest": {"Item": {"a": {"N": "1"}}}}]}}`, "The provided key element does not match the schema"},
		// Recorded: getmoto/moto (verified against AWS), with the order.
		{"UpdateItem", `{"TableName": "x!", "Key": {"pk": {"S": "foo"}}}`, "2 validation errors detected: " + value("'x!'", "tableName", "Member must have length greater than or equal to 3") + "; " + value("'x!'", "tableName", namePattern)},
		// Recorded: paritysuite/dynamodb-conformance.
		{"DeleteItem", `{"TableName": "abc", "Key": {}, "ReturnValues": "UPDATED_NEW"}`, "ReturnValues can only be ALL_OLD or NONE"},
		{"PutItem", `{"TableName": "abc", "Item": {}, "ReturnValues": "ALL_NEW"}`, "ReturnValues can only be ALL_OLD or NONE"},
		{"GetItem", `{"TableName": "abc", "Key": {}, "AttributesToGet": ["a", "b", "a"]}`, "One or more parameter values were invalid: Duplicate value in attribute name: a"},
		{"GetItem", `{"TableName": "hash", "Key": {}, "ProjectionExpression": ""}`, "Invalid ProjectionExpression: The expression can not be empty;"},
		{"GetItem", `{"TableName": "hash", "Key": {}, "ProjectionExpression": "a", "ExpressionAttributeNames": {}}`, "ExpressionAttributeNames must not be empty"},
		// Names have at least one character; the words are not recorded. See:
		// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
		{"GetItem", `{"TableName": "hash", "Key": {}, "ProjectionExpression": "#a", "ExpressionAttributeNames": {"#a": ""}}`,
			"Invalid ProjectionExpression: An expression attribute name used in the document path is not defined; attribute name: #a"},
		{"GetItem", `{"TableName": "hash", "Key": {}, "ProjectionExpression": "a", "ExpressionAttributeNames": {"a": "a"}}`,
			`ExpressionAttributeNames contains invalid key: Syntax error; key: "a"`},
		{"Query", `{"TableName": "abc", "KeyConditions": {"a": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "x"}]}}, "FilterExpression": "#a = :b", "ExpressionAttributeNames": {}, "ExpressionAttributeValues": {":b": {"S": ""}}}`,
			"ExpressionAttributeNames must not be empty"},
	} {
		c.invalid(tt.operation, tt.body, tt.message)
	}
	var items []string
	for _, batch := range []string{"abd", "abe"} {
		var keys []string
		for i := range 60 {
			keys = append(keys, `{"a": {"S": "`+strings.Repeat("x", i+1)+`"}}`)
		}
		items = append(items, `"`+batch+`": {"Keys": [`+strings.Join(keys, ",")+`]}`)
	}
	c.invalid("BatchGetItem", `{"RequestItems": {`+strings.Join(items, ",")+`}}`, "Too many items requested for the BatchGetItem call")
	var writes []string
	for _, table := range []string{"abd", "abe"} {
		puts := strings.Repeat(`{"PutRequest": {"Item": {"a": {"S": "x"}}}},`, 13)
		writes = append(writes, `"`+table+`": [`+puts[:len(puts)-1]+`]`)
	}
	c.invalid("BatchWriteItem", `{"RequestItems": {`+strings.Join(writes, ",")+`}}`, "Too many items requested for the BatchWriteItem call")
	big := strings.Repeat("a", 400<<10)
	c.invalid("PutItem", `{"TableName": "abc", "Item": {"a": {"S": "`+big+`"}}, "Expected": {"a": {}}}`, "Item size has exceeded the maximum allowed size")
	c.invalid("BatchWriteItem", `{"RequestItems": {"abc": [{"PutRequest": {"Item": {"a": {"S": "`+big+`"}}}}]}}`, "Item size has exceeded the maximum allowed size")
}

// Bad attribute values wherever they stand: architect/dynalite test/putItem.js
// and test/query.js, recorded from DynamoDB.
func TestAttributeValues(t *testing.T) {
	c := newClient(t)
	const invalid = "One or more parameter values were invalid: "
	for given, message := range map[string]string{
		`{}`:                               "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
		`{"a": ""}`:                        "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
		`{"M": {"a": {}}}`:                 "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
		`{"L": [{}]}`:                      "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
		`{"L": [null]}`:                    "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
		`{"NS": ["1", null]}`:              "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
		`{"NULL": "no"}`:                   invalid + "Null attribute value types must have the value of true",
		`{"M": {"x": {"NULL": false}}}`:    invalid + "Null attribute value types must have the value of true",
		`{"SS": []}`:                       invalid + "An string set  may not be empty",
		`{"NS": []}`:                       invalid + "An number set  may not be empty",
		`{"BS": []}`:                       invalid + "Binary sets should not be empty",
		`{"SS": ["a", "a"]}`:               invalid + "Input collection [a, a] contains duplicates.",
		`{"BS": ["Yg==", "Yg=="]}`:         invalid + "Input collection [Yg==, Yg==]of type BS contains duplicates.",
		`{"S": "a", "N": ""}`:              "The parameter cannot be converted to a numeric value",
		`{"S": "a", "N": "b"}`:             "The parameter cannot be converted to a numeric value: b",
		`{"NS": ["1", "b"]}`:               "The parameter cannot be converted to a numeric value: b",
		`{"NS": ["1", "1"]}`:               "Input collection contains duplicates",
		`{"N": "1e126"}`:                   "Number overflow. Attempting to store a number with magnitude larger than supported range",
		`{"N": "-1e-131"}`:                 "Number underflow. Attempting to store a number with magnitude smaller than supported range",
		`{"S": "a", "N": "1"}`:             "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
		`{"N": "` + digits + `123456789"}`: "Attempting to store more than 38 significant digits in a Number",
	} {
		c.invalid("PutItem", `{"TableName": "abc", "Item": {"a": `+given+`}}`, message)
		c.invalid("GetItem", `{"TableName": "abc", "Key": {"a": `+given+`}}`, message)
		c.invalid("UpdateItem", `{"TableName": "abc", "Key": {"a": `+given+`}}`, message)
		c.invalid("UpdateItem", `{"TableName": "abc", "Key": {}, "AttributeUpdates": {"a": {"Value": `+given+`}}}`, message)
		c.invalid("DeleteItem", `{"TableName": "abc", "Key": {"a": `+given+`}}`, message)
		c.invalid("BatchGetItem", `{"RequestItems": {"abc": {"Keys": [{"a": `+given+`}]}}}`, message)
		c.invalid("BatchWriteItem", `{"RequestItems": {"abc": [{"DeleteRequest": {"Key": {"a": `+given+`}}}]}}`, message)
		c.invalid("TransactWriteItems", `{"TransactItems": [{"Put": {"TableName": "abc", "Item": {"a": `+given+`}}}]}`, message)
		c.invalid("TransactGetItems", `{"TransactItems": [{"Get": {"TableName": "abc", "Key": {"a": `+given+`}}}]}`, message)
		c.invalid("Query", `{"TableName": "abc", "KeyConditions": {"a": {"ComparisonOperator": "EQ", "AttributeValueList": [`+given+`]}}}`, message)
		c.invalid("Scan", `{"TableName": "abc", "ScanFilter": {"a": {"ComparisonOperator": "EQ", "AttributeValueList": [`+given+`]}}}`, message)
		c.invalid("PutItem", `{"TableName": "abc", "Item": {}, "Expected": {"a": {"Value": `+given+`}}}`, message)
		c.invalid("PutItem", `{"TableName": "abc", "Item": {}, "ConditionExpression": "a = :b", "ExpressionAttributeValues": {":b": `+given+`}}`,
			"ExpressionAttributeValues contains invalid value: "+message+" for key :b")
		preface := "The provided starting key is invalid: "
		for _, plain := range []string{"contains duplicates", "number set", "numeric value", "significant digits", "number with magnitude"} {
			if strings.Contains(message, plain) {
				preface = ""
			}
		}
		c.invalid("Scan", `{"TableName": "abc", "ExclusiveStartKey": {"a": `+given+`}}`, preface+message)
		c.invalid("Query", `{"TableName": "abc", "ExclusiveStartKey": {"a": `+given+`}}`, preface+message)
	}
	c.invalid("PutItem", `{"TableName": "abc", "Item": {}, "ConditionExpression": "", "ExpressionAttributeNames": {}, "ExpressionAttributeValues": {":b": {}}}`,
		"ExpressionAttributeNames must not be empty")
	c.invalid("PutItem", `{"TableName": "abc", "Item": {}, "ConditionExpression": "", "ExpressionAttributeValues": {"b": {}}}`,
		`ExpressionAttributeValues contains invalid key: Syntax error; key: "b"`)
}

const digits = "123456789012345678901234567890"
