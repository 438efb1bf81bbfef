package document_test

import (
	"errors"
	"testing"

	"appsync-emulator/mappingtemplate/document"
	"appsync-emulator/storage/attribute"
)

func textItem(pairs ...string) *attribute.Item {
	var attrs []attribute.Attribute
	for i := 0; i+1 < len(pairs); i += 2 {
		attrs = append(attrs, attribute.Attribute{Name: pairs[i], Value: attribute.String(pairs[i+1])})
	}
	return attribute.NewItem(attrs...)
}

// The documents have the fields of AWS's pages about BatchGetItem, BatchPutItem,
// BatchDeleteItem, TransactGetItems and TransactWriteItems, and the order of
// tables and items.
func TestDecodeReadsSeveralItems(t *testing.T) {
	const v = document.Version2018
	for _, c := range []struct {
		name, text string
		want       document.Document
	}{
		{"BatchGetItem", `{"version":"2018-05-29","operation":"BatchGetItem","tables":{
			"t2":{"keys":[{"id":{"S":"1"}},{"id":{"S":"2"}}],"consistentRead":true,"projection":{"expression":"#a","expressionNames":{"#a":"a"}}},
			"t1":{"keys":[{"id":{"S":"1"}}],"consistentRead":null,"projection":null}}}`,
			&document.BatchGetItem{Version: v, Tables: []document.BatchGetTable{
				{Table: "t2", Keys: []*attribute.Item{textItem("id", "1"), textItem("id", "2")}, ConsistentRead: true,
					Projection: &document.Projection{Expression: "#a", Names: map[string]string{"#a": "a"}}},
				{Table: "t1", Keys: []*attribute.Item{textItem("id", "1")}},
			}}},
		// The example of the page gives the keys alone.
		{"BatchGetItem of keys alone", `{"version":"2018-05-29","operation":"BatchGetItem","tables":{"authors":[{"author_id":{"S":"a1"}}]}}`,
			&document.BatchGetItem{Version: v, Tables: []document.BatchGetTable{{Table: "authors", Keys: []*attribute.Item{textItem("author_id", "a1")}}}}},
		{"BatchPutItem", `{"version":"2018-05-29","operation":"BatchPutItem","tables":{"t1":[{"id":{"S":"1"},"a":{"S":"x"}}],"t2":[{"id":{"S":"2"}},{"id":{"S":"1"}}]}}`,
			&document.BatchPutItem{Version: v, Tables: []document.BatchWriteTable{
				{Table: "t1", Items: []*attribute.Item{textItem("id", "1", "a", "x")}},
				{Table: "t2", Items: []*attribute.Item{textItem("id", "2"), textItem("id", "1")}},
			}}},
		{"BatchDeleteItem", `{"version":"2018-05-29","operation":"BatchDeleteItem","tables":{"t1":[{"id":{"S":"1"}}]}}`,
			&document.BatchDeleteItem{Version: v, Tables: []document.BatchWriteTable{{Table: "t1", Items: []*attribute.Item{textItem("id", "1")}}}}},
		{"TransactGetItems", `{"version":"2018-05-29","operation":"TransactGetItems","transactItems":[
			{"table":"t2","key":{"id":{"S":"1"}},"projection":{"expression":"a"}},{"table":"t1","key":{"id":{"S":"2"}}}]}`,
			&document.TransactGetItems{Version: v, Items: []document.TransactGet{
				{Table: "t2", Key: textItem("id", "1"), Projection: &document.Projection{Expression: "a"}},
				{Table: "t1", Key: textItem("id", "2")},
			}}},
		{"TransactWriteItems", `{"version":"2018-05-29","operation":"TransactWriteItems","transactItems":[
			{"table":"t1","operation":"PutItem","key":{"id":{"S":"1"}},"attributeValues":{"a":{"S":"x"}},
			 "condition":{"expression":"#a = :a","expressionNames":{"#a":"a"},"expressionValues":{":a":{"S":"y"}},"returnValuesOnConditionCheckFailure":false}},
			{"table":"t1","key":{"id":{"S":"2"}},"update":{"expression":"SET a = :a","expressionValues":{":a":{"S":"x"}}},"condition":{"expression":"a"},"operation":"UpdateItem"},
			{"table":"t2","operation":"DeleteItem","key":{"id":{"S":"3"}},"condition":null},
			{"table":"t2","operation":"ConditionCheck","key":{"id":{"S":"4"}},"condition":{"expression":"a","returnValuesOnConditionCheckFailure":true}},
			{"table":"t2","operation":"PutItem","key":{"id":{"S":"5"}},"attributeValues":null}]}`,
			&document.TransactWriteItems{Version: v, Items: []document.TransactWrite{
				{Table: "t1", Operation: document.TransactPut, Key: textItem("id", "1"), Attributes: textItem("a", "x"),
					Condition: &document.TransactCondition{Expression: document.Expression{Expression: "#a = :a", Names: map[string]string{"#a": "a"},
						Values: map[string]attribute.Value{":a": attribute.String("y")}}}},
				{Table: "t1", Operation: document.TransactUpdate, Key: textItem("id", "2"),
					Update:    document.Expression{Expression: "SET a = :a", Values: map[string]attribute.Value{":a": attribute.String("x")}},
					Condition: &document.TransactCondition{Expression: document.Expression{Expression: "a"}, ReturnValues: true}},
				{Table: "t2", Operation: document.TransactDelete, Key: textItem("id", "3")},
				{Table: "t2", Operation: document.TransactCheck, Key: textItem("id", "4"),
					Condition: &document.TransactCondition{Expression: document.Expression{Expression: "a"}, ReturnValues: true}},
				{Table: "t2", Operation: document.TransactPut, Key: textItem("id", "5")},
			}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := mustDecode(t, c.text, document.SourceDynamoDB)
			if d := diff(c.want, got); d != "" {
				t.Error(d)
			}
			if got.Operation() != c.want.Operation() || got.TemplateVersion() != v {
				t.Errorf("operation %q, version %q", got.Operation(), got.TemplateVersion())
			}
		})
	}
}

// Recorded in aws-amplify/amplify-js#6021: versioned data sources read several
// items and do not write them. Version 2017-02-28 has neither
// (aws-amplify/amplify-cli#3889, aws/aws-appsync-community#93).
func TestDecodeReadsSeveralItemsOfVersionedSources(t *testing.T) {
	for _, c := range []struct {
		operation, fields string
		versioned         bool
	}{
		{"BatchGetItem", `"tables":{"t":{"keys":[{"id":{"S":"1"}}]}}`, true},
		{"TransactGetItems", `"transactItems":[{"table":"t","key":{"id":{"S":"1"}}}]`, true},
		{"BatchPutItem", `"tables":{"t":[{"id":{"S":"1"}}]}`, false},
		{"BatchDeleteItem", `"tables":{"t":[{"id":{"S":"1"}}]}`, false},
		{"TransactWriteItems", `"transactItems":[{"table":"t","operation":"DeleteItem","key":{"id":{"S":"1"}}}]`, false},
	} {
		const versioned = ". Datasource Versioning only supports the following operations (TransactGetItems,PutItem,BatchGetItem,Scan,Query,GetItem,DeleteItem,UpdateItem,Sync)"
		check := func(version string, source document.SourceKind, want string) {
			t.Helper()
			_, err := document.Decode(parse(t, `{"version":"`+version+`","operation":"`+c.operation+`",`+c.fields+`}`), source)
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != want {
				t.Errorf("%s of %s: got %q, want %q", c.operation, version, got, want)
			}
		}
		refusal := "Unsupported operation '" + c.operation + "'"
		check("2018-05-29", document.SourceDynamoDB, "")
		check("2017-02-28", document.SourceDynamoDB, refusal+".")
		if c.versioned {
			check("2018-05-29", document.SourceVersionedDynamoDB, "")
		} else {
			check("2018-05-29", document.SourceVersionedDynamoDB, refusal+versioned)
		}
	}
}

func TestDecodeRefusesOfSeveralItems(t *testing.T) {
	const (
		get    = `{"version":"2018-05-29","operation":"BatchGetItem","tables":`
		put    = `{"version":"2018-05-29","operation":"BatchPutItem","tables":`
		remove = `{"version":"2018-05-29","operation":"BatchDeleteItem","tables":`
		reads  = `{"version":"2018-05-29","operation":"TransactGetItems","transactItems":`
		writes = `{"version":"2018-05-29","operation":"TransactWriteItems","transactItems":`
		action = writes + `[{"table":"t","key":{"id":{"S":"1"}},"operation":`
		key    = `{"id":{"S":"1"}}`
	)
	for _, c := range []struct{ name, text, want string }{
		// Recorded by users of AppSync; that of the writes in
		// aws-amplify/amplify-cli#1097.
		{"no keys of a table", get + `{"posts":{"keys":[]}}}`, "RequestItem keys '$[tables][posts]' can't be empty"},
		{"no keys alone of a table", get + `{"posts":[]}}`, "RequestItem keys '$[tables][posts]' can't be empty"},
		{"no items of a table", put + `{"a":[` + key + `],"Resource-dev":[]}}`, "Items list for table 'Resource-dev' can't be empty at path $[tables]"},
		{"nothing to delete of a table", remove + `{"posts":[]}}`, "Items list for table 'posts' can't be empty at path $[tables]"},

		// The form of AWS's page "Troubleshooting and common mistakes".
		{"no tables", `{"version":"2018-05-29","operation":"BatchGetItem"}`, "Value for field '$[tables]' not found."},
		{"null tables", put + `null}`, "Value for field '$[tables]' not found."},
		{"no keys field", get + `{"posts":{}}}`, "Value for field '$[tables][posts][keys]' not found."},
		{"null keys", get + `{"posts":{"keys":null}}}`, "Value for field '$[tables][posts][keys]' not found."},
		{"null items", put + `{"posts":null}}`, "Value for field '$[tables][posts]' not found."},
		{"no transactItems", `{"version":"2018-05-29","operation":"TransactGetItems"}`, "Value for field '$[transactItems]' not found."},
		{"a read without a table", reads + `[{"key":` + key + `}]}`, "Value for field '$[transactItems][0][table]' not found."},
		{"a read without a key", reads + `[{"table":"t","key":` + key + `},{"table":"t"}]}`, "Value for field '$[transactItems][1][key]' not found."},
		{"an action without an operation", writes + `[{"table":"t","key":` + key + `}]}`, "Value for field '$[transactItems][0][operation]' not found."},
		{"an action without a table", writes + `[{"operation":"DeleteItem","key":` + key + `}]}`, "Value for field '$[transactItems][0][table]' not found."},
		{"an action without a key", writes + `[{"operation":"PutItem","table":"t"}]}`, "Value for field '$[transactItems][0][key]' not found."},
		{"an update without one", action + `"UpdateItem"}]}`, "Value for field '$[transactItems][0][update]' not found."},
		{"a ConditionCheck without a condition", action + `"ConditionCheck"}]}`, "Value for field '$[transactItems][0][condition]' not found."},
		{"a ConditionCheck with a null condition", action + `"ConditionCheck","condition":null}]}`, "Value for field '$[transactItems][0][condition]' not found."},
		{"a condition without an expression", action + `"DeleteItem","condition":{"returnValuesOnConditionCheckFailure":true}}]}`, "Value for field '$[transactItems][0][condition][expression]' not found."},

		// What a document does not know is refused (aws/aws-appsync-community#110).
		{"a condition of a batch", `{"version":"2018-05-29","operation":"BatchPutItem","tables":{"t":[` + key + `]},"condition":{"expression":"a"}}`, "Unsupported element '$[condition]'."},
		{"keys of a transaction", `{"version":"2018-05-29","operation":"TransactGetItems","tables":{}}`, "Unsupported element '$[tables]'."},
		{"a condition of a read", get + `{"t":{"keys":[` + key + `],"condition":{}}}}`, "Unsupported element '$[tables][t][condition]'."},
		{"a filter of a transaction's read", reads + `[{"table":"t","key":` + key + `,"filter":{}}]}`, "Unsupported element '$[transactItems][0][filter]'."},
		{"attributes of an update", action + `"UpdateItem","attributeValues":{}}]}`, "Unsupported element '$[transactItems][0][attributeValues]'."},
		{"an update of a put", action + `"PutItem","update":{"expression":"a"}}]}`, "Unsupported element '$[transactItems][0][update]'."},
		{"attributes of a delete", action + `"DeleteItem","attributeValues":{}}]}`, "Unsupported element '$[transactItems][0][attributeValues]'."},
		{"equalsIgnore of a transaction", action + `"DeleteItem","condition":{"expression":"a","equalsIgnore":[]}}]}`, "Unsupported element '$[transactItems][0][condition][equalsIgnore]'."},
		{"an operation that transactions do not have", action + `"GetItem"}]}`, "Unsupported operation 'GetItem'."},

		// AppSync's wording of these is not known.
		{"no table", get + `{}}`, "Value for field '$[tables]' can't be empty."},
		{"nothing to do", writes + `[]}`, "Value for field '$[transactItems]' can't be empty."},
		{"tables of another type", put + `[]}`, "Expected JSON object for field '$[tables]' but got a 'ARRAY' instead."},
		{"a table of another type", get + `{"t":"x"}}`, "Expected JSON object for field '$[tables][t]' but got a 'STRING' instead."},
		{"keys of another type", get + `{"t":{"keys":{}}}}`, "Expected JSON array for field '$[tables][t][keys]' but got a 'OBJECT' instead."},
		{"a key of another type", get + `{"t":{"keys":[` + key + `,"1"]}}}`, "Expected JSON object for field '$[tables][t][keys][1]' but got a 'STRING' instead."},
		{"a null key", remove + `{"t":[null]}}`, "Expected JSON object for field '$[tables][t][0]' but got a 'NULL' instead."},
		{"items of another type", put + `{"t":{"keys":[]}}}`, "Expected JSON array for field '$[tables][t]' but got a 'OBJECT' instead."},
		{"an item without types", put + `{"t":[{"id":"1"}]}}`, "Expected JSON object for attribute value '$[tables][t][0][id]' but got a 'STRING' instead."},
		{"a flag of another type", get + `{"t":{"keys":[` + key + `],"consistentRead":1}}}`, "Expected JSON boolean for field '$[tables][t][consistentRead]' but got a 'NUMBER' instead."},
		{"transactItems of another type", reads + `{}}`, "Expected JSON array for field '$[transactItems]' but got a 'OBJECT' instead."},
		{"an action of another type", writes + `["x"]}`, "Expected JSON object for field '$[transactItems][0]' but got a 'STRING' instead."},
		{"an operation of another type", action + `1}]}`, "Expected JSON string for field '$[transactItems][0][operation]' but got a 'NUMBER' instead."},
		{"a table name of another type", reads + `[{"table":1,"key":` + key + `}]}`, "Expected JSON string for field '$[transactItems][0][table]' but got a 'NUMBER' instead."},
		{"an update of another type", action + `"UpdateItem","update":"SET a = b"}]}`, "Expected JSON object for field '$[transactItems][0][update]' but got a 'STRING' instead."},
		{"returnValuesOnConditionCheckFailure of another type", action + `"DeleteItem","condition":{"expression":"a","returnValuesOnConditionCheckFailure":"no"}}]}`,
			"Expected JSON boolean for field '$[transactItems][0][condition][returnValuesOnConditionCheckFailure]' but got a 'STRING' instead."},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := document.Decode(parse(t, c.text), document.SourceDynamoDB)
			var refusal *document.Error
			if !errors.As(err, &refusal) {
				t.Fatalf("error = %v (%T), want an *Error", err, err)
			}
			if refusal.Message != c.want {
				t.Errorf("message\n %s, want\n %s", refusal.Message, c.want)
			}
		})
	}
}
