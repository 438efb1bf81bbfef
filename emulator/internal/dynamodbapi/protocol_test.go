package dynamodbapi_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"appsync-emulator/emulator/internal/dynamodbapi"
)

// The forms of answers: architect/dynalite test/connection.js, recorded from
// DynamoDB.
func TestProtocol(t *testing.T) {
	c := newClient(t, hashTable)
	t.Run("content type is the request's", func(t *testing.T) {
		resp := c.send("ListTables", `{}`)
		if got := resp.header.Get("Content-Type"); got != "application/x-amz-json-1.0" {
			t.Error(got)
		}
		resp = c.send("ListTables", `{}`, func(r *http.Request) { r.Header.Set("Content-Type", "application/json; charset=utf-8") })
		if got := resp.header.Get("Content-Type"); got != "application/json" {
			t.Error(got)
		}
	})
	t.Run("request id", func(t *testing.T) {
		id := c.send("ListTables", `{}`).header.Get("X-Amzn-Requestid")
		if len(id) != 52 || strings.ToUpper(id) != id {
			t.Errorf("x-amzn-RequestId: %q", id)
		}
	})
	t.Run("other content types are unknown", func(t *testing.T) {
		resp := c.send("ListTables", `{}`, func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") })
		if resp.status != http.StatusNotFound || resp.body != "<UnknownOperationException/>\n" || resp.header.Get("X-Amz-Crc32") != "3552371480" {
			t.Errorf("%d %q %v", resp.status, resp.body, resp.header)
		}
	})
	t.Run("other methods are unknown", func(t *testing.T) {
		resp := c.send("ListTables", ``, func(r *http.Request) { r.Method = http.MethodPut })
		if resp.status != http.StatusNotFound || resp.body != "<UnknownOperationException/>\n" {
			t.Errorf("%d %q", resp.status, resp.body)
		}
	})
	t.Run("preflight", func(t *testing.T) {
		resp := c.send("", ``, func(r *http.Request) {
			r.Method = http.MethodOptions
			r.Header.Set("Origin", "http://localhost:3000")
			r.Header.Set("Access-Control-Request-Headers", "x-amz-target,authorization")
			r.Header.Set("Access-Control-Request-Method", "POST")
			r.Header.Set("X-Amz-Target", "")
		})
		want := map[string]string{
			"Access-Control-Allow-Origin":  "*",
			"Access-Control-Allow-Headers": "x-amz-target,authorization",
			"Access-Control-Allow-Methods": "POST",
			"Access-Control-Max-Age":       "172800",
		}
		for name, value := range want {
			if got := resp.header.Get(name); got != value {
				t.Errorf("%s: %q", name, got)
			}
		}
	})
	t.Run("headers of the server around it stay", func(t *testing.T) {
		w := httptest.NewRecorder()
		w.Header()["x-amzn-RequestId"] = []string{"outer"}
		w.Header()["access-control-allow-origin"] = []string{"*"}
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("{}"))
		r.Header.Set("Origin", "http://localhost:3000")
		dynamodbapi.New(dynamodbapi.Options{}).ServeHTTP(w, r)
		for name := range w.Header() {
			if name == "X-Amzn-Requestid" || name == "Access-Control-Allow-Origin" {
				t.Errorf("a second %s", name)
			}
		}
	})
	t.Run("too long", func(t *testing.T) {
		resp := c.send("ListTables", strings.Repeat(" ", 16<<20)+"{}")
		if resp.status != http.StatusRequestEntityTooLarge {
			t.Errorf("%d %q", resp.status, resp.body)
		}
	})
	t.Run("unknown operations", func(t *testing.T) {
		const unknown = "com.amazon.coral.service#UnknownOperationException"
		for _, target := range []string{"", "DynamoDB_20120810", "DynamoDB_20120810.", "DynamoDB_20120810.ListTable", "DynamoDB_20111205.ListTables", "AmazonSQS.ListQueues"} {
			resp := c.send("", `{}`, func(r *http.Request) { r.Header.Set("X-Amz-Target", target) })
			if want := `{"__type":"` + unknown + `"}`; resp.status != http.StatusBadRequest || resp.body != want {
				t.Errorf("%s: %d %s", target, resp.status, resp.body)
			}
		}
		// What is out of scope says so.
		for target, message := range map[string]string{
			"DynamoDBStreams_20120810.ListStreams":                  "DynamoDB Streams are out of the emulator's scope: ListStreams",
			"DynamoDB_20120810.CreateBackup":                        "Backups are out of the emulator's scope: CreateBackup",
			"DynamoDB_20120810.CreateGlobalTable":                   "Global tables and auto scaling are out of the emulator's scope: CreateGlobalTable",
			"DynamoDB_20120810.ImportTable":                         "Export and import are out of the emulator's scope: ImportTable",
			"DynamoDB_20120810.EnableKinesisStreamingDestination":   "Kinesis Data Streams are out of the emulator's scope: EnableKinesisStreamingDestination",
			"DynamoDB_20120810.DescribeContributorInsights":         "Contributor Insights and resource policies are out of the emulator's scope: DescribeContributorInsights",
			"DynamoDB_20120810.UpdateContinuousBackups":             "Backups are out of the emulator's scope: UpdateContinuousBackups",
			"DynamoDB_20120810.DescribeTableReplicaAutoScaling":     "Global tables and auto scaling are out of the emulator's scope: DescribeTableReplicaAutoScaling",
			"DynamoDB_20120810.DescribeKinesisStreamingDestination": "Kinesis Data Streams are out of the emulator's scope: DescribeKinesisStreamingDestination",
		} {
			e := failureOf(t, c.send("", `{}`, func(r *http.Request) { r.Header.Set("X-Amz-Target", target) }))
			if e.Type != unknown || e.message != "message: "+message {
				t.Errorf("%s: %s %s", target, e.Type, e.message)
			}
		}
	})
	t.Run("bodies that are no JSON", func(t *testing.T) {
		for _, body := range []string{"", "{", `{"TableName"}`, "hello", `{} {}`, strings.Repeat("[", 20000)} {
			resp := c.send("ListTables", body)
			if want := `{"__type":"com.amazon.coral.service#SerializationException"}`; resp.status != http.StatusBadRequest || resp.body != want {
				t.Errorf("%.20q: %d %s", body, resp.status, resp.body)
			}
		}
		for _, body := range []string{"[]", `"x"`, "1", "null"} {
			c.fault("ListTables", body, "com.amazon.coral.service#SerializationException", "Message: Start of structure expected")
		}
	})
	t.Run("unknown parameters and nulls are ignored", func(t *testing.T) {
		c.expect("GetItem", `{"TableName": "hash", "Key": {"a": {"S": "none"}}, "Limit": null, "ConsistentRead": null, "Nothing": [{"x": "}"}, 1, "a\"]"]}`, `{}`)
	})
	t.Run("error type header", func(t *testing.T) {
		if got := c.send("GetItem", `{}`).header.Get("X-Amzn-Errortype"); got != "ValidationException" {
			t.Error(got)
		}
	})
}

// Types and their refusals: architect/dynalite test/helpers.js (assertType).
func TestSerialization(t *testing.T) {
	c := newClient(t)
	const cast = "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class java.lang.Class (sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and java.lang.Class are in module java.base of loader 'bootstrap')"
	kinds := map[string]map[string]string{
		"Boolean": {
			`"23"`: "Unexpected token received from parser", `23`: "NUMBER_VALUE cannot be converted to Boolean",
			`-2147483648`: "NUMBER_VALUE cannot be converted to Boolean", `34.56`: "DECIMAL_VALUE cannot be converted to Boolean",
			`[]`: "Unrecognized collection type class java.lang.Boolean", `{}`: "Start of structure or map found where not expected",
		},
		"String": {
			`true`: "TRUE_VALUE cannot be converted to String", `false`: "FALSE_VALUE cannot be converted to String",
			`23`: "NUMBER_VALUE cannot be converted to String", `34.56`: "DECIMAL_VALUE cannot be converted to String",
			`[]`: "Unrecognized collection type class java.lang.String", `{}`: "Start of structure or map found where not expected",
		},
		"Integer": {
			`"23"`: "STRING_VALUE cannot be converted to Integer", `true`: "TRUE_VALUE cannot be converted to Integer",
			`false`: "FALSE_VALUE cannot be converted to Integer", `[]`: "Unrecognized collection type class java.lang.Integer",
			`{}`: "Start of structure or map found where not expected",
		},
		"Long": {
			`"23"`: "STRING_VALUE cannot be converted to Long", `true`: "TRUE_VALUE cannot be converted to Long",
			`[]`: "Unrecognized collection type class java.lang.Long", `{}`: "Start of structure or map found where not expected",
		},
		"Blob": {
			`true`: "only base-64-encoded strings are convertible to bytes", `34.56`: "only base-64-encoded strings are convertible to bytes",
			`[]`: "Unrecognized collection type class java.nio.ByteBuffer", `{}`: "Start of structure or map found where not expected",
			`"23456"`: "Base64 encoded length is expected a multiple of 4 bytes but found: 5",
			`"=+/="`:  "Invalid last non-pad Base64 character dectected", `"+/+="`: "Invalid last non-pad Base64 character dectected",
		},
		"List": {
			`"23"`: "Unexpected field type", `true`: "Unexpected field type", `23`: "Unexpected field type",
			`{}`: "Start of structure or map found where not expected",
		},
		"ParameterizedList": {
			`"23"`: cast, `true`: cast, `23`: cast, `{}`: "Start of structure or map found where not expected",
		},
		"Map<AttributeValue>": {
			`"23"`: "Unexpected field type", `true`: "Unexpected field type",
			`[]`: "Unrecognized collection type java.util.Map<java.lang.String, com.amazonaws.dynamodb.v20120810.AttributeValue>",
		},
		"Map<Condition>": {
			`"23"`: "Unexpected field type",
			`[]`:   "Unrecognized collection type java.util.Map<java.lang.String, com.amazonaws.dynamodb.v20120810.Condition>",
		},
		"Map<String>": {
			`23`: "Unexpected field type", `[]`: "Unrecognized collection type java.util.Map<java.lang.String, java.lang.String>",
		},
		"ParameterizedMap": {
			`"23"`: cast, `23`: cast,
			`[]`: "Unrecognized collection type java.util.Map<java.lang.String, com.amazonaws.dynamodb.v20120810.AttributeValue>",
		},
		"ValueStruct<AttributeValue>": {
			`"23"`: "Unexpected value type in payload", `true`: "Unexpected value type in payload",
			`[]`: "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.AttributeValue",
		},
		"FieldStruct<AttributeValue>": {
			`"23"`: "Unexpected field type",
			`[]`:   "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.AttributeValue",
		},
		"ValueStruct<Condition>": {
			`"23"`: "Unexpected value type in payload",
			`[]`:   "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.Condition",
		},
		"ValueStruct<WriteRequest>": {
			`"23"`: "Unexpected value type in payload",
			`[]`:   "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.WriteRequest",
		},
		"FieldStruct<PutRequest>": {
			`"23"`: "Unexpected field type",
			`[]`:   "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.PutRequest",
		},
	}
	attributeTypes := map[string]string{
		`{"S": X}`: "String", `{"N": X}`: "String", `{"B": X}`: "Blob", `{"BOOL": X}`: "Boolean", `{"NULL": X}`: "Boolean",
		`{"SS": X}`: "List", `{"SS": [X]}`: "String", `{"NS": X}`: "List", `{"NS": [X]}`: "String", `{"BS": X}`: "List", `{"BS": [X]}`: "Blob",
		`{"L": X}`: "List", `{"L": [X]}`: "ValueStruct<AttributeValue>", `{"L": [{"BS": [X]}]}`: "Blob",
		`{"M": X}`: "Map<AttributeValue>", `{"M": {"a": X}}`: "ValueStruct<AttributeValue>", `{"M": {"a": {"BS": X}}}`: "List",
	}
	tests := []struct{ operation, body, kind string }{
		{"GetItem", `{"TableName": X}`, "String"},
		{"GetItem", `{"Key": X}`, "Map<AttributeValue>"},
		{"GetItem", `{"Key": {"a": X}}`, "ValueStruct<AttributeValue>"},
		{"GetItem", `{"AttributesToGet": X}`, "List"},
		{"GetItem", `{"AttributesToGet": [X]}`, "String"},
		{"GetItem", `{"ConsistentRead": X}`, "Boolean"},
		{"GetItem", `{"ExpressionAttributeNames": X}`, "Map<String>"},
		{"GetItem", `{"ExpressionAttributeNames": {"a": X}}`, "String"},
		{"PutItem", `{"ExpressionAttributeValues": X}`, "Map<AttributeValue>"},
		{"PutItem", `{"Expected": {"a": {"Value": X}}}`, "FieldStruct<AttributeValue>"},
		{"PutItem", `{"Expected": {"a": {"Exists": X}}}`, "Boolean"},
		{"PutItem", `{"Expected": {"a": {"AttributeValueList": X}}}`, "List"},
		{"Query", `{"KeyConditions": X}`, "Map<Condition>"},
		{"Query", `{"QueryFilter": {"a": X}}`, "ValueStruct<Condition>"},
		{"Query", `{"Limit": X}`, "Integer"},
		{"Query", `{"ScanIndexForward": X}`, "Boolean"},
		{"Query", `{"ExclusiveStartKey": X}`, "Map<AttributeValue>"},
		{"BatchGetItem", `{"RequestItems": {"a": {"Keys": [X]}}}`, "ParameterizedMap"},
		{"BatchWriteItem", `{"RequestItems": {"a": X}}`, "ParameterizedList"},
		{"BatchWriteItem", `{"RequestItems": {"a": [X]}}`, "ValueStruct<WriteRequest>"},
		{"BatchWriteItem", `{"RequestItems": {"a": [{"PutRequest": X}]}}`, "FieldStruct<PutRequest>"},
		{"CreateTable", `{"ProvisionedThroughput": {"ReadCapacityUnits": X}}`, "Long"},
	}
	for at, kind := range attributeTypes {
		for _, outer := range []struct{ operation, body string }{
			{"PutItem", `{"Item": {"k": {"SS": []}, "a": Y}}`},
			{"PutItem", `{"ExpressionAttributeValues": {":a": Y}}`},
			{"UpdateItem", `{"AttributeUpdates": {"a": {"Value": Y}}}`},
		} {
			tests = append(tests, struct{ operation, body, kind string }{outer.operation, strings.Replace(outer.body, "Y", at, 1), kind})
		}
	}
	for _, tt := range tests {
		for given, message := range kinds[tt.kind] {
			c.fault(tt.operation, strings.Replace(tt.body, "X", given, 1), "com.amazon.coral.service#SerializationException", "Message: "+message)
		}
		if len(kinds[tt.kind]) == 0 {
			t.Errorf("no values for %s", tt.kind)
		}
	}
}
