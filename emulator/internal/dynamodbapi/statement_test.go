package dynamodbapi_test

import "testing"

// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExecuteStatement.html
func TestStatements(t *testing.T) {
	c := newClient(t, hashTable)
	c.expect("ExecuteStatement", `{"Statement": "INSERT INTO hash VALUE {'a': '1', 'n': ?}", "Parameters": [{"N": "1"}]}`, `{"Items": []}`)
	c.fault("ExecuteStatement", `{"Statement": "INSERT INTO hash VALUE {'a': '1'}"}`,
		"com.amazonaws.dynamodb.v20120810#DuplicateItemException", "message: Duplicate primary key exists in table")
	c.expect("ExecuteStatement", `{"Statement": "SELECT * FROM hash WHERE a = ?", "Parameters": [{"S": "1"}], "ConsistentRead": true, "ReturnConsumedCapacity": "TOTAL"}`,
		`{"Items": [{"a": {"S": "1"}, "n": {"N": "1"}}], "ConsumedCapacity": {"TableName": "hash", "CapacityUnits": 1}}`)
	c.expect("ExecuteStatement", `{"Statement": "UPDATE hash SET n = n + 1 WHERE a = '1' RETURNING ALL NEW *"}`, `{"Items": [{"a": {"S": "1"}, "n": {"N": "2"}}]}`)
	update := `{"Statement": "UPDATE hash SET n = 9 WHERE a = '1' AND n = 7"`
	if e := c.fails("ExecuteStatement", update+`}`); e.Type != conditionFailed || e.Item != nil {
		t.Errorf("%+v", e)
	}
	if e := c.fails("ExecuteStatement", update+`, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}`); string(e.Item) != `{"a":{"S":"1"},"n":{"N":"2"}}` {
		t.Errorf("item %s", e.Item)
	}
	c.invalid("ExecuteStatement", `{"Statement": "SELECT * FROM hash WHERE a = ?", "Parameters": [{"N": "x"}]}`, "The parameter cannot be converted to a numeric value: x")

	c.ok("PutItem", `{"TableName": "hash", "Item": {"a": {"S": "2"}}}`)
	var page struct {
		Items     []any
		NextToken string
	}
	decode(t, c.ok("ExecuteStatement", `{"Statement": "SELECT a FROM hash", "Limit": 1}`), &page)
	if len(page.Items) != 1 || page.NextToken == "" {
		t.Fatalf("%+v", page)
	}
	decode(t, c.ok("ExecuteStatement", `{"Statement": "SELECT a FROM hash", "NextToken": "`+page.NextToken+`"}`), &page)
	if len(page.Items) != 1 {
		t.Errorf("%+v", page)
	}
}

// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchExecuteStatement.html
func TestBatchesOfStatements(t *testing.T) {
	c := newClient(t, hashTable)
	c.ok("PutItem", `{"TableName": "hash", "Item": {"a": {"S": "1"}}}`)
	c.expect("BatchExecuteStatement", `{"Statements": [{"Statement": "SELECT * FROM hash WHERE a = '1'"}, {"Statement": "SELECT * FROM hash WHERE a = ?", "Parameters": [{"S": "2"}]}]}`,
		`{"Responses": [{"TableName": "hash", "Item": {"a": {"S": "1"}}}, {"TableName": "hash"}]}`)
	var answer struct {
		Responses []struct {
			Error *struct{ Code, Message string }
		}
	}
	decode(t, c.ok("BatchExecuteStatement", `{"Statements": [{"Statement": "INSERT INTO hash VALUE {'a': '3'}"}, {"Statement": "INSERT INTO hash VALUE {'a': '1'}"}]}`), &answer)
	if len(answer.Responses) != 2 || answer.Responses[0].Error != nil || answer.Responses[1].Error == nil || answer.Responses[1].Error.Code != "DuplicateItem" {
		t.Errorf("%+v", answer)
	}
}

// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExecuteTransaction.html
func TestTransactionsOfStatements(t *testing.T) {
	c := newClient(t, hashTable)
	c.ok("ExecuteTransaction", `{"TransactStatements": [{"Statement": "INSERT INTO hash VALUE {'a': '1'}"}, {"Statement": "INSERT INTO hash VALUE {'a': '2'}"}]}`)
	c.expect("ExecuteTransaction", `{"TransactStatements": [{"Statement": "SELECT * FROM hash WHERE a = '1'"}, {"Statement": "SELECT * FROM hash WHERE a = '3'"}]}`,
		`{"Responses": [{"Item": {"a": {"S": "1"}}}, {}]}`)
	if e := c.fails("ExecuteTransaction", `{"TransactStatements": [{"Statement": "INSERT INTO hash VALUE {'a': '1'}"}]}`); e.Type != "com.amazonaws.dynamodb.v20120810#TransactionCanceledException" || e.Reasons == nil {
		t.Errorf("%+v", e)
	}
}
