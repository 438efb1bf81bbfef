package emulator_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"appsync-emulator/emulator"
	"appsync-emulator/emulator/emulatortest"
)

// errorCase is a request and the whole body of its answer.
type errorCase struct {
	name      string
	query     string
	variables map[string]any
	want      string
}

func runErrorCases(t *testing.T, cases []errorCase) {
	t.Helper()
	s := emulatortest.Start(t, "testdata/errors")
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := s.Query(c.query, c.variables)
			got = requestID.ReplaceAllString(got, "Request ID: X")
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// requestID is what differs from answer to answer in DynamoDB's messages.
var requestID = regexp.MustCompile(`Request ID: [0-9A-Za-z-]+`)

// requestError is an answer with one error of the request: its recorded form
// has neither data nor errorType (aws/aws-appsync-community#273).
func requestError(locations, message string) string {
	return `{"data":null,"errors":[{"path":null,"locations":` + locations + `,"message":"` + message + `"}]}`
}

func at(line, column string) string {
	return `[{"line":` + line + `,"column":` + column + `,"sourceName":null}]`
}

// The words are those of graphql-java 9.0, which AppSync runs; recorded in
// aws-amplify/amplify-android#702 and aws/aws-appsync-community#273 among others.
func TestErrorsOfValidation(t *testing.T) {
	runErrorCases(t, []errorCase{
		{"undefined field", `{ getUser { nope } }`, nil, requestError(at("1", "13"),
			"Validation error of type FieldUndefined: Field 'nope' in type 'User' is undefined @ 'getUser/nope'")},
		{"missing argument", `{ strict }`, nil, requestError(at("1", "3"),
			"Validation error of type MissingFieldArgument: Missing field argument test @ 'strict'")},
		{"unknown argument", `{ echo(nope: 1) }`, nil, requestError(at("1", "8"),
			"Validation error of type UnknownArgument: Unknown field argument nope @ 'echo'")},
		{"sub selection required", `{ getUser }`, nil, requestError(at("1", "3"),
			"Validation error of type SubSelectionRequired: Sub selection required for type User of field getUser @ 'getUser'")},
		{"sub selection not allowed", `{ echo { id } }`, nil, requestError(at("1", "3"),
			"Validation error of type SubSelectionNotAllowed: Sub selection not allowed on leaf type String of field echo @ 'echo'")},
		{"wrong literal", `{ echo(count: "x") }`, nil, requestError(at("1", "8"),
			"Validation error of type WrongType: argument 'count' with value 'StringValue{value='x'}' is not a valid 'Int' @ 'echo'")},
		{"wrong AWS scalar", `{ echo(when: "2020-01-01T00:00:00+0800") }`, nil, requestError(at("1", "8"),
			"Validation error of type WrongType: argument 'when' with value 'StringValue{value='2020-01-01T00:00:00+0800'}' is not a valid 'AWSDateTime' @ 'echo'")},
		{"missing input field", `{ strict(test: "a", input: {testa: "test"}) }`, nil, requestError(at("1", "21"),
			"Validation error of type WrongType: argument 'input' with value 'ObjectValue{objectFields=[ObjectField{name='testa', value=StringValue{value='test'}}]}' is missing required fields '[test]' @ 'strict'")},
		{"variable of another type", `query ($v: String!) { echo(id: $v) }`, map[string]any{"v": "x"}, requestError(at("1", "32"),
			"Validation error of type VariableTypeMismatch: Variable type 'String!' doesn't match expected type 'ID' @ 'echo'")},
		{"undefined variable", `{ echo(id: $v) }`, nil, requestError(at("1", "12"),
			"Validation error of type UndefinedVariable: Undefined variable v @ 'echo'")},
		{"unused variable", `query ($v: ID) { echo }`, nil, requestError(at("1", "8"),
			"Validation error of type UnusedVariable: Unused variable v")},
		{"undefined fragment", `{ getUser { ...F } }`, nil, requestError(at("1", "13"),
			"Validation error of type UndefinedFragment: Undefined fragment F @ 'getUser'")},
	})
}

// Recorded: aws/aws-appsync-community#273 and #406, aws-amplify/amplify-cli#4572
// and #2033.
func TestErrorsOfCoercion(t *testing.T) {
	const input = `query ($input: Required!) { strict(test: "a", input: $input) }`
	runErrorCases(t, []errorCase{
		{"variable absent", input, nil, requestError(at("1", "8"),
			"Variable 'input' has coerced Null value for NonNull type 'Required!'")},
		{"input field absent", input, map[string]any{"input": map[string]any{}}, requestError(at("1", "8"),
			"Variable 'input' has coerced Null value for NonNull type 'String!'")},
		{"unknown input field", input, map[string]any{"input": map[string]any{"test": "a", "more": 1}}, requestError("null",
			"The variables input contains a field that is not defined for input object type 'Required' ")},
		{"wrong class", `query ($count: Int) { echo(count: $count) }`, map[string]any{"count": "x"}, requestError(at("1", "8"),
			"Variable 'count' has an invalid value. Expected type 'Int' but was 'String'.")},
		{"too large", `query ($count: Int) { echo(count: $count) }`, map[string]any{"count": 1700000000000}, requestError(at("1", "8"),
			"Variable 'count' has an invalid value. Expected type 'Int' but was 'Long'.")},
		{"AWS scalar", `query ($when: AWSDateTime) { echo(when: $when) }`, map[string]any{"when": "2019"}, requestError(at("1", "8"),
			"Variable 'when' has an invalid value. Unable to parse `2019` as a valid DateTime Object.")},
		{"enum", `query ($color: Color) { echo(color: $color) }`, map[string]any{"color": "BLUE"}, requestError(at("1", "8"),
			"Variable 'color' has an invalid value. Invalid input for Enum 'Color'. No value found for name 'BLUE'")},
		{"no input object", `query ($f: Filter) { echo(filter: $f) }`, map[string]any{"f": "x"}, requestError(at("1", "8"),
			"Variable 'f' has an invalid value. Expected type 'Map' but was 'String'. Variables for input objects must be an instance of type 'Map'.")},
	})
}

func completion(path, message string) string {
	return `{"path":` + path + `,"locations":null,"message":"` + message + `"}`
}

// Recorded: aws-amplify/amplify-js#5963, aws-amplify/amplify-flutter#2137.
func TestErrorsOfNullPropagation(t *testing.T) {
	runErrorCases(t, []errorCase{
		{"to the nullable list", `{ getUser { id items { id } } }`, nil,
			`{"data":{"getUser":{"id":"1","items":null}},"errors":[` +
				completion(`["getUser","items",0,"id"]`, "Cannot return null for non-nullable type: 'ID' within parent 'Item' (/getUser/items[0]/id)") + `]}`},
		{"one error for each null", `{ getUser { items { id label } } }`, nil,
			`{"data":{"getUser":{"items":null}},"errors":[` +
				completion(`["getUser","items",0,"id"]`, "Cannot return null for non-nullable type: 'ID' within parent 'Item' (/getUser/items[0]/id)") + `,` +
				completion(`["getUser","items",1,"label"]`, "Cannot return null for non-nullable type: 'String' within parent 'Item' (/getUser/items[1]/label)") + `]}`},
		{"to the nullable item, with aliases", `{ all: users { key: id } }`, nil,
			`{"data":{"all":[{"key":"1"},null,{"key":"3"}]},"errors":[` +
				completion(`["all",1,"key"]`, "Cannot return null for non-nullable type: 'ID' within parent 'User' (/all[1]/key)") + `]}`},
	})
}

// Recorded: aws-amplify/amplify-flutter#496 (type mismatch),
// aws/aws-appsync-community#21 and aws-amplify/amplify-category-api#354.
func TestErrorsOfCompletion(t *testing.T) {
	runErrorCases(t, []errorCase{
		{"an object for a list", `{ wrongList { id } }`, nil,
			`{"data":{"wrongList":null},"errors":[` + completion(`["wrongList"]`, "Can't resolve value (/wrongList) : type mismatch error, expected type LIST") + `]}`},
		{"a list for an object", `{ wrongObject { id } }`, nil,
			`{"data":{"wrongObject":null},"errors":[` + completion(`["wrongObject"]`, "Can't resolve value (/wrongObject) : type mismatch error, expected type OBJECT") + `]}`},
		{"scalars", `{ values { int date stamp color } }`, nil,
			`{"data":{"values":{"int":null,"date":null,"stamp":null,"color":null}},"errors":[` +
				completion(`["values","int"]`, "Can't serialize value (/values/int) : Expected type 'Int' but was 'Long'.") + `,` +
				completion(`["values","date"]`, "Can't serialize value (/values/date) : Unable to serialize `2020-05-23T06:4:37.000Z` as a valid DateTime Object.") + `,` +
				completion(`["values","stamp"]`, "Can't serialize value (/values/stamp) : Unable to serialize `x` as a valid timestamp. Ensure that the value provided is an Integer that lies within the limits specified in this scalar's description.") + `,` +
				completion(`["values","color"]`, "Can't serialize value (/values/color) : Invalid input for Enum 'Color'. Unknown value 'BLUE'") + `]}`},
	})
}

// resolverError is an answer with the error of one root field at line 1,
// column 3, in the form recorded in aws-amplify/amplify-category-api#2422.
func resolverError(field, data, errorType, info, message string) string {
	return `{"data":{"` + field + `":null},"errors":[` + resolverErrorAt(`["`+field+`"]`, "3", data, errorType, info, message) + `]}`
}

func resolverErrorAt(path, column, data, errorType, info, message string) string {
	return `{"path":` + path + `,"data":` + data + `,"errorType":` + errorType + `,"errorInfo":` + info +
		`,"locations":` + at("1", column) + `,"message":"` + message + `"}`
}

// Recorded: aws-amplify/amplify-cli#13185 (directives name the parent type),
// aws-amplify/amplify-cli#6170 ($util.unauthorized names the output type).
func TestErrorsOfAuthorization(t *testing.T) {
	runErrorCases(t, []errorCase{
		{"a field of another mode", `{ closed }`, nil,
			resolverError("closed", "null", `"Unauthorized"`, "null", "Not Authorized to access closed on type Query")},
		{"a field of a type of another mode", `{ denied { id } }`, nil,
			`{"data":{"denied":{"id":null}},"errors":[` +
				resolverErrorAt(`["denied","id"]`, "12", "null", `"Unauthorized"`, "null", "Not Authorized to access id on type Denied") + `]}`},
		{"$util.unauthorized", `{ guarded { id } }`, nil,
			resolverError("guarded", "null", `"Unauthorized"`, "null", "Not Authorized to access guarded on type User")},
	})
}

// The 401 bodies and headers are recorded in aws-amplify/amplify-js#4373 and
// graphql-dotnet/graphql-client#221.
func TestErrorsOfAuthentication(t *testing.T) {
	s := emulatortest.Start(t, "testdata/errors")
	const refused = "{\n  \"errors\" : [ {\n    \"errorType\" : \"UnauthorizedException\",\n    \"message\" : \"%\"\n  } ]\n}"
	for _, c := range []struct{ name, key, message string }{
		{"a wrong key", "da2-wrongwrongwrongwrongwrong0", "You are not authorized to make this call."},
		{"no key", "", "Missing authorization header"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := s.Post(`{"query":"{ echo }"}`, "x-api-key", c.key)
			if want := strings.Replace(refused, "%", c.message, 1); got.Status != 401 || got.Body != want {
				t.Errorf("got  HTTP %d %s\nwant HTTP 401 %s", got.Status, got.Body, want)
			}
			if got := got.Header.Get("x-amzn-ErrorType"); got != "UnauthorizedException" {
				t.Errorf("x-amzn-ErrorType is %q", got)
			}
		})
	}
}

func TestExpiredAPIKeyIsRefused(t *testing.T) {
	s := emulatortest.Start(t, "../fixtures/comments", func(*emulator.Options) {})
	key := s.APIKey()
	s.Advance(366 * 24 * 3600e9)
	got := s.Post(`{"query":"{ getPost(id: \"a\") { id } }"}`, "x-api-key", key)
	if got.Status != 401 || !strings.Contains(got.Body, "You are not authorized to make this call.") {
		t.Errorf("HTTP %d %s", got.Status, got.Body)
	}
}

// AWS AppSync developer guide, troubleshooting-and-common-mistakes; the Velocity
// text is Apache Velocity 1.7's.
func TestErrorsOfMappingTemplates(t *testing.T) {
	fail := func(field, message string) string {
		return resolverError(field, "null", `"MappingTemplate"`, "null", message)
	}
	runErrorCases(t, []errorCase{
		{"nothing rendered", `{ emptyResponse }`, nil, fail("emptyResponse", "Template transformation yielded an empty response.")},
		{"a response that is no JSON", `{ notJson }`, nil, fail("notJson", "Unable to convert this is not JSON to Object.")},
		{"text behind the value", `{ trailing }`, nil, fail("trailing", "Trailing characters at the end of the JSON string are not allowed.")},
		{"a request that is no JSON", `{ requestNotJson }`, nil, fail("requestNotJson",
			`Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries\n at [Source: (String)\"{\n  \"version\": \"2018-05-29\"\n  \"payload\": 1\n}\"; line: 3, column: 4]`)},
		// The words for a token are recorded in aws-amplify/amplify-js#7179.
		{"a helper that there is not", `{ unknownToken }`, nil, fail("unknownToken",
			`Unrecognized token '$util': was expecting ('true', 'false' or 'null')\n at [Source: (String)\"{\"version\": \"2018-05-29\",\n \"payload\": $util.transform.toDynamoDBFilter($ctx.args)}\"; line: 2, column: 18]`)},
		// Jackson 2.9.10.
		{"a bracket that closes another", `{ endOfInput }`, nil, fail("endOfInput",
			`Unexpected close marker '}': expected ']' (for Array starting at [Source: (String)\"{\"version\": \"2018-05-29\", \"payload\": {\"a\": [1, 2}}\"; line: 1, column: 44])\n at [Source: (String)\"{\"version\": \"2018-05-29\", \"payload\": {\"a\": [1, 2}}\"; line: 1, column: 50]`)},
		// awslabs/aws-mobile-appsync-sdk-js#124; 5 MB is AWS's quota "evaluated
		// resolver template size".
		{"a response of more than 5 MB", `{ tooLarge }`, nil, fail("tooLarge", "Transformation too large")},
		{"a request of more than 5 MB", `{ tooLargeRequest }`, nil, fail("tooLargeRequest", "Transformation too large")},
		{"no operation", `{ noOperation { id } }`, nil, fail("noOperation", "Value for field '$[operation]' not found.")},
		{"unknown operation", `{ unknownOperation { id } }`, nil, fail("unknownOperation", "Unsupported operation 'Fetch'.")},
		{"unknown element", `{ unknownElement { id } }`, nil, fail("unknownElement", "Unsupported element '$[colour]'.")},
		{"an exception in a method", `{ javaException }`, nil, fail("javaException",
			"Invocation of method 'get' in  class java.util.ArrayList threw exception java.lang.IndexOutOfBoundsException: Index 7 out of bounds for length 3 at velocity[line 2, column 7]")},
	})
}

// answerOf asks an emulator that is in no network, and closed afterwards.
func answerOf(t *testing.T, query string, log slog.Handler) string {
	t.Helper()
	project, err := emulator.Load("testdata/errors", emulator.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := emulator.New(project, emulator.Options{InMemory: true, NoTLS: true, Logger: slog.New(log)})
	if err != nil {
		t.Fatal(err)
	}
	request := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(`{"query":"`+query+`"}`))
	request.Header.Set("x-api-key", e.APIKey())
	answer := httptest.NewRecorder()
	e.Handler().ServeHTTP(answer, request)
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	return answer.Body.String()
}

// AWS's quota is 1000 iterations of a #foreach. Nobody but the log learns of it.
func TestLoopsThatAreCutOffAreLogged(t *testing.T) {
	var log strings.Builder
	if got := answerOf(t, `{ longLoop }`, slog.NewTextHandler(&log, nil)); got != `{"data":{"longLoop":1000}}` {
		t.Error(got)
	}
	var warnings []string
	for line := range strings.Lines(log.String()) {
		if strings.Contains(line, "WARN") {
			warnings = append(warnings, line)
		}
	}
	if len(warnings) != 1 || !strings.Contains(warnings[0], "was cut off after 1000 iterations") || !strings.Contains(warnings[0], "Query.longLoop") {
		t.Errorf("warned %q", warnings)
	}
}

// waiting is a log that takes its time with what templates write.
type waiting struct{ wait time.Duration }

func (w waiting) Enabled(context.Context, slog.Level) bool { return true }

func (w waiting) Handle(_ context.Context, r slog.Record) error {
	if strings.Contains(r.Message, "wait") {
		time.Sleep(w.wait)
	}
	return nil
}

func (w waiting) WithAttrs([]slog.Attr) slog.Handler { return w }
func (w waiting) WithGroup(string) slog.Handler      { return w }

// AWS's quota "request execution time" is 30 seconds.
func TestRequestsEndAfterThirtySeconds(t *testing.T) {
	for _, c := range []struct {
		wait time.Duration
		want string
	}{
		{14 * time.Second, `{"data":{"slow":"answered"}}`},
		{16 * time.Second, resolverError("slow", "null", `"ExecutionTimeout"`, "null", "Execution timed out.")},
	} {
		synctest.Test(t, func(t *testing.T) {
			if got := answerOf(t, `{ slow }`, waiting{wait: c.wait}); got != c.want {
				t.Errorf("two waits of %v: got  %s\nwant %s", c.wait, got, c.want)
			}
		})
	}
}

// AWS AppSync developer guide, utility-helpers-in-util: data is cut to the
// selection set, errorInfo is not.
func TestErrorsOfTemplateHelpers(t *testing.T) {
	runErrorCases(t, []errorCase{
		{"$util.error with everything", `{ raised { id name } }`, nil,
			resolverError("raised", `{"id":"1","name":"Reader"}`, `"Custom"`, `{"hint":"again"}`, "It failed")},
		{"$util.error with a message", `{ raisedUntyped }`, nil, resolverError("raisedUntyped", "null", "null", "null", "It failed")},
		{"$util.appendError", `{ appended { id } }`, nil,
			`{"data":{"appended":{"id":"1"}},"errors":[` +
				resolverErrorAt(`["appended"]`, "3", `{"id":"1"}`, `"Warning"`, "null", "Partly") + `]}`},
		{"$util.validate", `{ invalid }`, nil, resolverError("invalid", "null", `"CustomTemplateException"`, "null", "Not valid")},
	})
}

// AWS AppSync developer guide, troubleshooting-and-common-mistakes and the
// DynamoDB API reference; the wording around the message is of 2024.
func TestErrorsOfDynamoDB(t *testing.T) {
	const suffix = " (Service: DynamoDb, Status Code: 400, Request ID: X)"
	runErrorCases(t, []errorCase{
		{"a key that does not fit", `{ badKey { id } }`, nil,
			resolverError("badKey", "null", `"DynamoDB:DynamoDbException"`, "null", "The provided key element does not match the schema"+suffix)},
		{"a bad expression", `{ badExpression { id } }`, nil,
			resolverError("badExpression", "null", `"DynamoDB:DynamoDbException"`, "null",
				"Invalid FilterExpression: An expression attribute value used in expression is not defined; attribute value: :b"+suffix)},
		{"a failed condition", `{ failedCondition { id name } }`, nil,
			resolverError("failedCondition", `{"id":"seeded","name":"old"}`, `"DynamoDB:ConditionalCheckFailedException"`, "null",
				"The conditional request failed"+suffix)},
		{"an empty key", `mutation { put(id: "") { id } }`, nil,
			`{"data":{"put":null},"errors":[` + resolverErrorAt(`["put"]`, "12", "null", `"DynamoDB:DynamoDbException"`, "null",
				"One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: id"+suffix) + `]}`},
	})
}

func TestErrorsOfWhatIsNotSupportedYet(t *testing.T) {
	runErrorCases(t, []errorCase{
		{"a data source", `{ notSupported { id } }`, nil,
			resolverError("notSupported", "null", `"NotSupportedByEmulator"`, "null",
				"The emulator does not support data sources of type AWS_LAMBDA yet: Function is one.")},
	})
}

// Recorded: graphql/graphql-over-http#81, written by the AppSync team.
func TestErrorsOfRequests(t *testing.T) {
	s := emulatortest.Start(t, "testdata/errors", func(o *emulator.Options) { o.MaxBodyBytes = 1 << 20 })
	deep := strings.Repeat("{getUser", 10_000) + strings.Repeat("}", 10_000)
	for _, c := range []struct {
		name, body string
		status     int
		want       string
	}{
		{"empty body", ``, 400, `{"errors":[{"message":"Request body is empty.","errorType":"MalformedHttpRequestException"}]}`},
		{"no JSON", `meow`, 400, `{"errors":[{"message":"Unable to parse GraphQL query.","errorType":"MalformedHttpRequestException"}]}`},
		{"no query", `{}`, 400, `{"errors":[{"message":"Unable to parse GraphQL query.","errorType":"MalformedHttpRequestException"}]}`},
		{"a batch", `[]`, 400, `{"errors":[{"message":"Unable to parse GraphQL query.","errorType":"MalformedHttpRequestException"}]}`},
		{"a syntax error", `{"query":"{ echo"}`, 400, `{"errors":[{"message":"Unable to parse GraphQL query.","errorType":"MalformedHttpRequestException"}]}`},
		{"nested 10,000 deep", `{"query":"` + deep + `"}`, 400, `{"errors":[{"message":"Unable to parse GraphQL query.","errorType":"MalformedHttpRequestException"}]}`},
		{"unknown operation", `{"query":"query A { echo }","operationName":"B"}`, 200,
			`{"data":null,"errors":[{"path":null,"locations":null,"message":"Unknown operation named 'B'."}]}`},
		{"no operation name", `{"query":"query A { echo } query B { echo }"}`, 400,
			`{"errors":[{"message":"Missing operation name.","errorType":"BadRequestException"}]}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := s.Post(c.body)
			if got.Status != c.status || got.Body != c.want {
				t.Errorf("got  HTTP %d %s\nwant HTTP %d %s", got.Status, got.Body, c.status, c.want)
			}
		})
	}
	t.Run("too large", func(t *testing.T) {
		got := s.Post(`{"query":"` + strings.Repeat(" ", 2<<20) + `"}`)
		if got.Status != 413 || !strings.Contains(got.Body, `"errorType":"RequestEntityTooLargeException"`) {
			t.Errorf("HTTP %d %.200s", got.Status, got.Body)
		}
	})
}
