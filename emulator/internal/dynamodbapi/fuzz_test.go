package dynamodbapi

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/bolt"
)

// FuzzRequest sends any body to any operation: the answer is valid JSON, is a
// success or the caller's fault, and nothing panics.
func FuzzRequest(f *testing.F) {
	store, err := bolt.Open("", bolt.Options{InMemory: true})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { store.Close() })
	h := New(Options{Store: store})
	var operations []string
	for name := range h.operations {
		operations = append(operations, name)
	}
	slices.Sort(operations)
	for i := range operations {
		for _, body := range []string{
			`{}`, `{"TableName": "abc", "Key": {"a": {"S": "x"}}, "ProjectionExpression": "a, #b", "ExpressionAttributeNames": {"#b": "b"}}`,
			`{"TableName": "abc", "Item": {"a": {"M": {"x": {"L": [{"NULL": false}, {"SS": ["x"]}]}}}}, "Expected": {"a": {"Exists": false}}, "ReturnValues": "ALL_OLD"}`,
			`{"TableName": "abc", "KeyConditions": {"a": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "x"}, null]}}, "FilterExpression": "b = :b", "ExpressionAttributeValues": {":b": {"N": "1"}}}`,
			`{"RequestItems": {"abc": [{"PutRequest": {"Item": {"a": {"S": "x"}}}}, null, {}]}, "ReturnConsumedCapacity": "INDEXES"}`,
			`{"RequestItems": {"abc": {"Keys": [{"a": {"S": "x"}}, null], "AttributesToGet": ["b", null]}}}`,
			`{"TransactItems": [{"Put": {"TableName": "abc", "Item": {}}}, {"Get": {"TableName": "abc", "Key": {}}}, null]}`,
			`{"TableName": "abd", "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}, null], "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}, null], "BillingMode": "PAY_PER_REQUEST"}`,
			`{"ResourceArn": "arn:aws:dynamodb:us-east-1:1:table/abc", "Tags": [{"Key": "a", "Value": "b"}, null], "TagKeys": [null]}`,
			`{"Statement": "SELECT * FROM abc", "Parameters": [{"S": "x"}, null], "Statements": [{"Statement": "SELECT"}, null], "TransactStatements": [null]}`,
			`{"TableName": "abc", "GlobalSecondaryIndexUpdates": [{"Create": {"IndexName": "abc"}}, null], "Limit": 1e400, "TimeToLiveSpecification": {"Enabled": "yes", "AttributeName": "t"}}`,
		} {
			f.Add(byte(i), body)
		}
	}
	f.Fuzz(func(t *testing.T, operation byte, body string) {
		err := store.EnsureTable(context.Background(), storage.Table{Name: "abc", Key: storage.KeySchema{
			Partition: storage.KeyAttribute{Name: "a", Kind: attribute.S},
		}})
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-amz-json-1.0")
		r.Header.Set("X-Amz-Target", TargetPrefix+operations[int(operation)%len(operations)])
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusOK && w.Code != http.StatusBadRequest {
			t.Errorf("%s %s: %d %s", r.Header.Get("X-Amz-Target"), body, w.Code, w.Body)
		}
		if w.Body.Len() > 0 && !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s %s: %q", r.Header.Get("X-Amz-Target"), body, w.Body)
		}
	})
}

// FuzzSignature sends any credentials.
func FuzzSignature(f *testing.F) {
	h := New(Options{Credentials: func(string) (string, bool) { return "secret", true }})
	f.Add("AWS4-HMAC-SHA256 Credential=a/20240506/r/dynamodb/aws4_request, SignedHeaders=host, Signature=x", "20240506T000000Z", "")
	f.Add("", "", "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a&X-Amz-Signature=b&X-Amz-SignedHeaders=host&X-Amz-Date=20240506T000000Z&X-Amz-Expires=-1")
	f.Fuzz(func(t *testing.T, authorization, date, query string) {
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.URL.RawQuery = query
		r.Header.Set("Authorization", authorization)
		r.Header.Set("X-Amz-Date", date)
		if err := h.verify(r, nil); err == nil {
			t.Error("accepted")
		}
	})
}
