package dynamodb_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"appsync-emulator/storage"
)

// journal are the tables of the examples on AWS's pages about transactions.
var journal = []storage.Table{keyed("authors", "author_id"), keyed("posts", "post_id")}

// The examples' documents.
const (
	guideTransactGet = `{"operation":"TransactGetItems","transactItems":[
		{"table":"posts","key":{"post_id":{"S":"p1"}}},
		{"table":"authors","key":{"author_id":{"S":"a1"}}}]}`
	guideTransactWrite = `{"operation":"TransactWriteItems","transactItems":[
		{"table":"posts","operation":"PutItem","key":{"post_id":{"S":"p1"}},
			"attributeValues":{"post_title":{"S":"New title"},"post_description":{"S":"New description"}},
			"condition":{"expression":"post_title = :post_title","expressionValues":{":post_title":{"S":"Expected old title"}}}},
		{"table":"authors","operation":"UpdateItem","key":{"author_id":{"S":"a1"}},
			"update":{"expression":"SET author_name = :author_name","expressionValues":{":author_name":{"S":"New name"}}}}]}`
)

const canceled = `DynamoDB:TransactionCanceledException: Transaction cancelled, please refer cancellation reasons for specific reasons `

func transact(items ...string) string {
	return `{"operation":"TransactWriteItems","transactItems":[` + strings.Join(items, ",") + `]}`
}

func transactGets(items ...string) string {
	return `{"operation":"TransactGetItems","transactItems":[` + strings.Join(items, ",") + `]}`
}

// AppSync developer guide, the pages
// aws-appsync-resolver-mapping-template-reference-dynamodb-transact-{get,write}-items
// and -transaction-condition-expressions.
func TestTransactions(t *testing.T) {
	const post = `{"post_id":"p1","post_title":"Actual old title","post_description":"Old description"}`
	const none = `{"type":"None","message":"None"}`
	const failedCheck = `"type":"ConditionCheckFailed","message":"The condition check failed."}`
	const p1 = `"table":"posts","key":{"post_id":{"S":"p1"}}`
	const author = `"condition":{"expression":"post_title = :t","expressionValues":{":t":{"S":"Chunyan"}}`
	const before = `{"items":[` + post + `,null],"cancellationReasons":null}`
	after := func(post, author string) string {
		return `{"items":[` + post + `,` + author + `],"cancellationReasons":null}`
	}
	for _, c := range []struct{ name, document, failure, want, after string }{
		{"the guide's TransactGetItems", guideTransactGet, "", before, before},
		{"a read with a projection", transactGets(`{` + p1 + `,"projection":{"expression":"#t","expressionNames":{"#t":"post_title"}}}`), "",
			`{"items":[{"post_title":"Actual old title"}],"cancellationReasons":null}`, before},
		{"a read that fails", transactGets(`{"table":"posts","key":{"nope":{"S":"x"}}}`, `{"table":"authors","key":{"author_id":{"S":"a1"}}}`),
			canceled + "[ValidationError, None]" + suffix,
			`{"items":null,"cancellationReasons":[{"type":"ValidationError","message":"The provided key element does not match the schema"},` + none + `]}`, before},
		{"the guide's TransactWriteItems", strings.Replace(guideTransactWrite, "Expected", "Actual", 1), "",
			`{"keys":[{"post_id":"p1"},{"author_id":"a1"}],"cancellationReasons":null}`,
			after(`{"post_id":"p1","post_title":"New title","post_description":"New description"}`, `{"author_id":"a1","author_name":"New name"}`)},
		{"the guide's TransactWriteItems that fails", guideTransactWrite, canceled + "[ConditionalCheckFailed, None]" + suffix,
			`{"keys":null,"cancellationReasons":[{"item":` + post + `,` + failedCheck + `,` + none + `]}`, before},
		{"the guide's DeleteItem", transact(`{` + p1 + `,"operation":"DeleteItem"}`), "",
			`{"keys":[{"post_id":"p1"}],"cancellationReasons":null}`, after("null", "null")},
		{"the guide's DeleteItem with a condition", transact(`{` + p1 + `,"operation":"DeleteItem",` + author + `}}`), canceled + "[ConditionalCheckFailed]" + suffix,
			`{"keys":null,"cancellationReasons":[{"item":` + post + `,` + failedCheck + `]}`, before},
		{"the item is not asked for", transact(`{` + p1 + `,"operation":"DeleteItem",` + author + `,"returnValuesOnConditionCheckFailure":false}}`), canceled + "[ConditionalCheckFailed]" + suffix,
			`{"keys":null,"cancellationReasons":[{` + failedCheck + `]}`, before},
		{"there is no item to return", transact(`{"table":"posts","operation":"ConditionCheck","key":{"post_id":{"S":"none"}},"condition":{"expression":"attribute_exists(post_id)","returnValuesOnConditionCheckFailure":true}}`),
			canceled + "[ConditionalCheckFailed]" + suffix, `{"keys":null,"cancellationReasons":[{` + failedCheck + `]}`, before},
		{"a ConditionCheck that holds", transact(`{`+p1+`,"operation":"ConditionCheck","condition":{"expression":"attribute_exists(#t)","expressionNames":{"#t":"post_title"}}}`,
			`{"table":"authors","operation":"PutItem","key":{"author_id":{"S":"a1"}}}`), "",
			`{"keys":[{"post_id":"p1"},{"author_id":"a1"}],"cancellationReasons":null}`, after(post, `{"author_id":"a1"}`)},
		{"a ConditionCheck that fails", transact(`{"table":"authors","operation":"PutItem","key":{"author_id":{"S":"a1"}}}`,
			`{`+p1+`,"operation":"ConditionCheck",`+author+`}}`), canceled + "[None, ConditionalCheckFailed]" + suffix,
			`{"keys":null,"cancellationReasons":[` + none + `,{"item":` + post + `,` + failedCheck + `]}`, before},
		{"an update whose condition holds", transact(`{` + p1 + `,"operation":"UpdateItem","update":{"expression":"SET #t = :n","expressionNames":{"#t":"post_title"},"expressionValues":{":n":{"S":"x"}}},
				"condition":{"expression":"#t <> :n","expressionNames":{"#t":"post_title"},"expressionValues":{":n":{"S":"x"}}}}`), "",
			`{"keys":[{"post_id":"p1"}],"cancellationReasons":null}`, after(`{"post_id":"p1","post_title":"x","post_description":"Old description"}`, "null")},
		{"an update that fails", transact(`{` + p1 + `,"operation":"UpdateItem","update":{"expression":"SET n = n + :one","expressionValues":{":one":{"N":1}}}}`), canceled + "[ValidationError]" + suffix,
			`{"keys":null,"cancellationReasons":[{"type":"ValidationError","message":"The provided expression refers to an attribute that does not exist in the item"}]}`, before},
		// What is no reason of one action leaves the reasons null.
		{"two actions on one item", transact(`{`+p1+`,"operation":"DeleteItem"}`, `{`+p1+`,"operation":"PutItem"}`),
			"DynamoDB:DynamoDbException: Transaction request cannot include multiple operations on one item" + suffix, `{"keys":null,"cancellationReasons":null}`, before},
		{"a missing table", transact(`{"table":"nope","operation":"DeleteItem","key":{"id":{"S":"1"}}}`),
			"DynamoDB:ResourceNotFoundException: Requested resource not found" + suffix, `{"keys":null,"cancellationReasons":null}`, before},
		{"a missing table, read", transactGets(`{"table":"nope","key":{"id":{"S":"1"}}}`),
			"DynamoDB:ResourceNotFoundException: Requested resource not found" + suffix, `{"items":null,"cancellationReasons":null}`, before},
		{"a value that DynamoDB refuses", transact(`{` + p1 + `,"operation":"PutItem","attributeValues":{"s":{"SS":[]}}}`),
			"DynamoDB:DynamoDbException: One or more parameter values were invalid: An string set  may not be empty" + suffix, `{"keys":null,"cancellationReasons":null}`, before},
		{"a key that DynamoDB refuses", transactGets(`{"table":"posts","key":{"post_id":{"N":"x"}}}`),
			"DynamoDB:DynamoDbException: The parameter cannot be converted to a numeric value: x" + suffix, `{"items":null,"cancellationReasons":null}`, before},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := newStoreOf(t, journal...)
			fill(t, store, "posts", `{"post_id":{"S":"p1"},"post_title":{"S":"Actual old title"},"post_description":{"S":"Old description"}}`)
			s := newSource(t, store, "empty")
			got, want := "", sortKeys(t, c.want)
			if c.failure != "" {
				got, want = refusal(t, s, c.document), c.failure+" => "+want
			} else {
				got = answer(t, s, c.document)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(sortKeys(t, c.after), answer(t, s, guideTransactGet)); diff != "" {
				t.Errorf("afterwards: %s", diff)
			}
		})
	}
}
