package dynamodbapi_test

import (
	"strings"
	"testing"
)

// The parameters that expressions have replaced.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LegacyConditionalParameters.html
func TestReplacedParameters(t *testing.T) {
	c := newClient(t, hashTable, rangeTable)
	c.ok("PutItem", `{"TableName": "hash", "Item": {"a": {"S": "1"}, "n": {"N": "5"}, "s": {"S": "hello"}, "set": {"SS": ["x", "y"]}, "l": {"L": [{"S": "e"}]}, "a.b": {"S": "dot"}, "size": {"N": "1"}, "m": {"M": {}}}}`)
	c.expect("GetItem", `{"TableName": "hash", "Key": {"a": {"S": "1"}}, "AttributesToGet": ["a.b", "size", "none"]}`,
		`{"Item": {"a.b": {"S": "dot"}, "size": {"N": "1"}}}`)

	// Conditions, as Expected and as ScanFilter: whether the item satisfies them.
	for condition, holds := range map[string]bool{
		`"n": {"ComparisonOperator": "EQ", "AttributeValueList": [{"N": "5.0"}]}`:                true,
		`"n": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "5"}]}`:                  false,
		`"m": {"ComparisonOperator": "EQ", "AttributeValueList": [{"M": {}}]}`:                   true,
		`"n": {"ComparisonOperator": "NE", "AttributeValueList": [{"N": "5"}]}`:                  false,
		`"none": {"ComparisonOperator": "NE", "AttributeValueList": [{"N": "5"}]}`:               true,
		`"n": {"ComparisonOperator": "LE", "AttributeValueList": [{"N": "5"}]}`:                  true,
		`"n": {"ComparisonOperator": "LT", "AttributeValueList": [{"N": "5"}]}`:                  false,
		`"n": {"ComparisonOperator": "GE", "AttributeValueList": [{"N": "5"}]}`:                  true,
		`"n": {"ComparisonOperator": "GT", "AttributeValueList": [{"N": "4"}]}`:                  true,
		`"n": {"ComparisonOperator": "BETWEEN", "AttributeValueList": [{"N": "5"}, {"N": "6"}]}`: true,
		`"n": {"ComparisonOperator": "IN", "AttributeValueList": [{"N": "4"}, {"N": "5"}]}`:      true,
		`"n": {"ComparisonOperator": "IN", "AttributeValueList": [{"N": "4"}]}`:                  false,
		`"s": {"ComparisonOperator": "BEGINS_WITH", "AttributeValueList": [{"S": "he"}]}`:        true,
		`"s": {"ComparisonOperator": "CONTAINS", "AttributeValueList": [{"S": "ll"}]}`:           true,
		`"set": {"ComparisonOperator": "CONTAINS", "AttributeValueList": [{"S": "x"}]}`:          true,
		`"l": {"ComparisonOperator": "CONTAINS", "AttributeValueList": [{"S": "e"}]}`:            true,
		`"set": {"ComparisonOperator": "NOT_CONTAINS", "AttributeValueList": [{"S": "x"}]}`:      false,
		`"none": {"ComparisonOperator": "NOT_CONTAINS", "AttributeValueList": [{"S": "x"}]}`:     true,
		`"none": {"ComparisonOperator": "NULL"}`:                                                 true,
		`"n": {"ComparisonOperator": "NULL", "AttributeValueList": []}`:                          false,
		`"size": {"ComparisonOperator": "NOT_NULL"}`:                                             true,
		`"a.b": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "dot"}]}`:              true,
	} {
		count := `{"Count": 0, "ScannedCount": 1}`
		if holds {
			count = `{"Count": 1, "ScannedCount": 1}`
		}
		c.expect("Scan", `{"TableName": "hash", "Select": "COUNT", "ScanFilter": {`+condition+`}}`, count)
		update := `{"TableName": "hash", "Key": {"a": {"S": "1"}}, "AttributeUpdates": {"done": {"Value": {"S": "x"}}}, "Expected": {` + condition + `}}`
		if holds {
			c.ok("UpdateItem", update)
		} else {
			c.fault("UpdateItem", update, conditionFailed, "message: The conditional request failed")
		}
	}
	const wrong = `"n": {"ComparisonOperator": "EQ", "AttributeValueList": [{"N": "0"}]}`
	const right = `"s": {"ComparisonOperator": "NOT_NULL"}`
	c.expect("Scan", `{"TableName": "hash", "Select": "COUNT", "ConditionalOperator": "OR", "ScanFilter": {`+wrong+`, `+right+`}}`, `{"Count": 1, "ScannedCount": 1}`)
	c.expect("Scan", `{"TableName": "hash", "Select": "COUNT", "ConditionalOperator": "AND", "ScanFilter": {`+wrong+`, `+right+`}}`, `{"Count": 0, "ScannedCount": 1}`)
	c.expect("Scan", `{"TableName": "hash", "Select": "COUNT", "ScanFilter": {`+wrong+`, `+right+`}}`, `{"Count": 0, "ScannedCount": 1}`)

	// The old form of Expected.
	c.ok("PutItem", `{"TableName": "hash", "Item": {"a": {"S": "2"}}, "Expected": {"a": {"Exists": false}}}`)
	c.fault("PutItem", `{"TableName": "hash", "Item": {"a": {"S": "2"}}, "Expected": {"a": {"Exists": false}}}`, conditionFailed, "message: The conditional request failed")
	c.ok("DeleteItem", `{"TableName": "hash", "Key": {"a": {"S": "2"}}, "Expected": {"a": {"Value": {"S": "2"}, "Exists": true}}}`)
	c.fault("DeleteItem", `{"TableName": "hash", "Key": {"a": {"S": "2"}}, "Expected": {"a": {"Value": {"S": "2"}}}}`, conditionFailed, "message: The conditional request failed")
	if e := c.fails("PutItem", `{"TableName": "hash", "Item": {"a": {"S": "1"}}, "Expected": {"a": {"Exists": false}}, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}`); !strings.Contains(string(e.Item), `"hello"`) {
		t.Errorf("item %s", e.Item)
	}
}

// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValueUpdate.html
func TestAttributeUpdates(t *testing.T) {
	c := newClient(t, hashTable)
	update := func(updates, want string) {
		t.Helper()
		c.expect("UpdateItem", `{"TableName": "hash", "Key": {"a": {"S": "1"}}, "ReturnValues": "ALL_NEW", "AttributeUpdates": {`+updates+`}}`, `{"Attributes": `+want+`}`)
	}
	update(`"n": {"Action": "ADD", "Value": {"N": "2"}}, "l": {"Action": "ADD", "Value": {"L": [{"S": "x"}]}}, "s": {"Action": "ADD", "Value": {"SS": ["p"]}}, "p": {"Action": "PUT", "Value": {"S": "put"}}, "q": {"Value": {"S": "put"}}`,
		`{"a": {"S": "1"}, "n": {"N": "2"}, "l": {"L": [{"S": "x"}]}, "s": {"SS": ["p"]}, "p": {"S": "put"}, "q": {"S": "put"}}`)
	update(`"n": {"Action": "ADD", "Value": {"N": "-5"}}, "l": {"Action": "ADD", "Value": {"L": [{"S": "y"}]}}, "s": {"Action": "ADD", "Value": {"SS": ["q", "p"]}}, "p": {"Action": "DELETE"}, "none": {"Action": "DELETE"}`,
		`{"a": {"S": "1"}, "n": {"N": "-3"}, "l": {"L": [{"S": "x"}, {"S": "y"}]}, "s": {"SS": ["p", "q"]}, "q": {"S": "put"}}`)
	update(`"s": {"Action": "DELETE", "Value": {"SS": ["p", "z"]}}, "none": {"Action": "DELETE", "Value": {"SS": ["p"]}}, "l": {"Action": "DELETE"}`,
		`{"a": {"S": "1"}, "n": {"N": "-3"}, "s": {"SS": ["q"]}, "q": {"S": "put"}}`)
	update(`"s": {"Action": "DELETE", "Value": {"SS": ["q"]}}`, `{"a": {"S": "1"}, "n": {"N": "-3"}, "q": {"S": "put"}}`)

	refused := func(updates, message string) {
		t.Helper()
		c.invalid("UpdateItem", `{"TableName": "hash", "Key": {"a": {"S": "1"}}, "AttributeUpdates": {`+updates+`}}`, message)
	}
	const invalid = "One or more parameter values were invalid: "
	refused(`"q": {"Action": "ADD", "Value": {"N": "1"}}`, "Type mismatch for attribute to update")
	refused(`"q": {"Action": "PUT"}`, invalid+"Only DELETE action is allowed when no attribute value is specified")
	refused(`"q": {}`, invalid+"Only DELETE action is allowed when no attribute value is specified")
	refused(`"q": {"Action": "DELETE", "Value": {"S": "x"}}`, invalid+"DELETE action with value is not supported for the type S")
	refused(`"q": {"Action": "ADD", "Value": {"S": "x"}}`, invalid+"ADD action is not supported for the type S")
	refused(`"a": {"Value": {"S": "x"}}`, invalid+"Cannot update attribute a. This attribute is part of the key")
}

// The words: architect/dynalite test/putItem.js, recorded from DynamoDB.
func TestExpectedIsRefused(t *testing.T) {
	c := newClient(t)
	const invalid = "One or more parameter values were invalid: "
	for expected, message := range map[string]string{
		`{}`:                                     invalid + "Value must be provided when Exists is null for Attribute: a",
		`{"Exists": true}`:                       invalid + "Value must be provided when Exists is true for Attribute: a",
		`{"Exists": false, "Value": {"S": "a"}}`: invalid + "Value cannot be used when Exists is false for Attribute: a",
		`{"AttributeValueList": [{}]}`:           invalid + "AttributeValueList can only be used with a ComparisonOperator for Attribute: a",
		`{"Exists": true, "AttributeValueList": []}`:                                        invalid + "AttributeValueList can only be used with a ComparisonOperator for Attribute: a",
		`{"Value": {"S": "a"}, "AttributeValueList": []}`:                                   invalid + "Value and AttributeValueList cannot be used together for Attribute: a",
		`{"Exists": true, "ComparisonOperator": "NULL"}`:                                    invalid + "Exists and ComparisonOperator cannot be used together for Attribute: a",
		`{"ComparisonOperator": "LT"}`:                                                      invalid + "Value or AttributeValueList must be used with ComparisonOperator: LT for Attribute: a",
		`{"ComparisonOperator": "NULL", "Value": {"S": "a"}}`:                               invalid + "Invalid number of argument(s) for the NULL ComparisonOperator",
		`{"ComparisonOperator": "BETWEEN", "AttributeValueList": [{"N": "1"}]}`:             invalid + "Invalid number of argument(s) for the BETWEEN ComparisonOperator",
		`{"ComparisonOperator": "IN", "AttributeValueList": []}`:                            invalid + "Invalid number of argument(s) for the IN ComparisonOperator",
		`{"ComparisonOperator": "IN", "AttributeValueList": [{"N": "1"}, {"S": "1"}]}`:      invalid + "AttributeValues inside AttributeValueList must be of same type",
		`{"ComparisonOperator": "LE", "Value": {"L": []}}`:                                  invalid + "ComparisonOperator LE is not valid for L AttributeValue type",
		`{"ComparisonOperator": "BETWEEN", "AttributeValueList": [{"N": "2"}, {"N": "1"}]}`: "The BETWEEN condition was provided a range where the lower bound is greater than the upper bound",
	} {
		c.invalid("PutItem", `{"TableName": "abc", "Item": {}, "Expected": {"a": `+expected+`}}`, message)
	}
}

// The words: architect/dynalite test/query.js, recorded from DynamoDB.
func TestConditionsAreRefused(t *testing.T) {
	c := newClient(t, rangeTable)
	const invalid = "One or more parameter values were invalid: "
	counts := map[string][]string{
		`[]`:                       {"EQ", "NE", "LE", "LT", "GE", "GT", "CONTAINS", "NOT_CONTAINS", "BEGINS_WITH", "IN", "BETWEEN"},
		`[{"S": "a"}, {"S": "b"}]`: {"EQ", "NE", "LE", "LT", "GE", "GT", "CONTAINS", "NOT_CONTAINS", "BEGINS_WITH", "NULL", "NOT_NULL"},
		`[{"S": "a"}]`:             {"NULL", "NOT_NULL", "BETWEEN"},
	}
	for list, operators := range counts {
		for _, op := range operators {
			body := `{"a": {"ComparisonOperator": "` + op + `", "AttributeValueList": ` + list + `}}`
			message := invalid + "Invalid number of argument(s) for the " + op + " ComparisonOperator"
			c.invalid("Query", `{"TableName": "range", "QueryFilter": `+body+`}`, message)
			c.invalid("Query", `{"TableName": "range", "KeyConditions": `+body+`}`, message)
			c.invalid("Scan", `{"TableName": "range", "ScanFilter": `+body+`}`, message)
		}
	}
	for kind, operators := range map[string][]string{
		`{"SS": ["a"]}`: {"LE", "LT", "GE", "GT", "CONTAINS", "NOT_CONTAINS", "BEGINS_WITH", "IN"},
		`{"N": "1"}`:    {"BEGINS_WITH"},
	} {
		for _, op := range operators {
			c.invalid("Scan", `{"TableName": "range", "ScanFilter": {"a": {"ComparisonOperator": "`+op+`", "AttributeValueList": [`+kind+`]}}}`,
				invalid+"ComparisonOperator "+op+" is not valid for "+kind[2:strings.IndexByte(kind, ':')-1]+" AttributeValue type")
		}
	}
	keys := func(conditions, message string) {
		t.Helper()
		c.invalid("Query", `{"TableName": "range", "KeyConditions": {`+conditions+`}}`, message)
	}
	const eq = `{"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "a"}]}`
	keys(``, "Conditions can be of length 1 or 2 only")
	keys(`"a": `+eq+`, "b": `+eq+`, "c": `+eq, "Conditions can be of length 1 or 2 only")
	keys(`"a": `+eq+`, "d": `+eq, "Query condition missed key schema element: b")
	keys(`"b": {"ComparisonOperator": "EQ", "AttributeValueList": [{"N": "1"}]}`, "Query condition missed key schema element: a")
	keys(`"a": {"ComparisonOperator": "LT", "AttributeValueList": [{"S": "1"}]}`, "Query key condition not supported")
	keys(`"a": {"ComparisonOperator": "EQ", "AttributeValueList": [{"N": "1"}]}`, invalid+"Condition parameter type does not match schema type")
	for _, op := range []string{"NULL", "NOT_NULL", "NE", "CONTAINS", "NOT_CONTAINS", "IN"} {
		list := `[{"S": "a"}]`
		if strings.HasSuffix(op, "NULL") {
			list = `[]`
		}
		condition := `"a": {"ComparisonOperator": "` + op + `", "AttributeValueList": ` + list + `}`
		keys(condition, "Attempted conditional constraint is not an indexable operation")
		c.fault("Query", `{"TableName": "none", "KeyConditions": {`+condition+`}}`, notFound, "message: Requested resource not found")
	}
	c.invalid("Query", `{"TableName": "range", "KeyConditions": {"a": `+eq+`}, "QueryFilter": {"b": {"ComparisonOperator": "NOT_NULL"}}}`,
		"QueryFilter can only contain non-primary key attributes: Primary key attribute: b")
	c.invalid("Query", `{"TableName": "range", "KeyConditions": {"a": `+eq+`}, "FilterExpression": "b = :b", "ExpressionAttributeValues": {":b": {"N": "1"}}}`,
		"Filter Expression can only contain non-primary key attributes: Primary key attribute: b")
}
