package emulator_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"appsync-emulator/emulator/emulatortest"
)

func startDynamoDB(t *testing.T) *emulatortest.Server {
	return emulatortest.Start(t, "testdata/dynamodb")
}

// expectAnswer sends an operation and compares the whole answer, but for what
// differs from answer to answer.
func expectAnswer(t *testing.T, s *emulatortest.Server, query, want string) {
	t.Helper()
	got := requestID.ReplaceAllString(s.Query(query, nil), "Request ID: X")
	if got != want {
		t.Errorf("%s\n got %s\nwant %s", query, got, want)
	}
}

// AppSync developer guide, tutorial-dynamodb-batch, "Single table batch".
func TestBatchTutorialOfOneTable(t *testing.T) {
	s := startDynamoDB(t)
	expectAnswer(t, s, `mutation add {
		batchAdd(posts:[{
				id: 1 title: "Running in the Park"},{
				id: 2 title: "Playing fetch"
			}]){
				id
				title
		}
	}`, `{"data":{"batchAdd":[{"id":"1","title":"Running in the Park"},{"id":"2","title":"Playing fetch"}]}}`)
	expectAnswer(t, s, `query get { batchGet(ids:[1,2,3]){ id title } }`,
		`{"data":{"batchGet":[{"id":"1","title":"Running in the Park"},{"id":"2","title":"Playing fetch"},null]}}`)
	expectAnswer(t, s, `query get { batchGet(ids:[1,3,2]){ id title } }`,
		`{"data":{"batchGet":[{"id":"1","title":"Running in the Park"},null,{"id":"2","title":"Playing fetch"}]}}`)
	// Only the keys come back.
	expectAnswer(t, s, `mutation delete { batchDelete(ids:[1,2]){ id title } }`,
		`{"data":{"batchDelete":[{"id":"1","title":null},{"id":"2","title":null}]}}`)
	expectAnswer(t, s, `query get { batchGet(ids:[1,2,3]){ id title } }`, `{"data":{"batchGet":[null,null,null]}}`)
}

const reading = `sensorId timestamp ... on TemperatureReading { value } ... on LocationReading { lat long }`

// AppSync developer guide, tutorial-dynamodb-batch, "Multi-table batch".
func TestBatchTutorialOfSeveralTables(t *testing.T) {
	s := startDynamoDB(t)
	at := func(second int) string { return `"2018-02-01T17:21:0` + strconv.Itoa(second) + `.000+08:00"` }
	var temperatures, locations, temperatureInputs, locationInputs []string
	for i, v := range []string{"85.5", "85.7", "85.8", "84.2", "81.5"} {
		lat, long := `47.615`+strconv.Itoa(i)+`63`, `-122.33355`+strconv.Itoa(i+1)
		temperatures = append(temperatures, `{"sensorId":"1","timestamp":`+at(5+i)+`,"value":`+v+`}`)
		temperatureInputs = append(temperatureInputs, `{sensorId: 1, value: `+v+`, timestamp: `+at(5+i)+`}`)
		locations = append(locations, `{"sensorId":"1","timestamp":`+at(5+i)+`,"lat":`+lat+`,"long":`+long+`}`)
		locationInputs = append(locationInputs, `{sensorId: 1, lat: `+lat+`, long: `+long+`, timestamp: `+at(5+i)+`}`)
	}
	const fields = `{ locationReadings { sensorId timestamp lat long } temperatureReadings { sensorId timestamp value } }`
	expectAnswer(t, s, `mutation sendReadings { recordReadings(
			tempReadings: [`+strings.Join(temperatureInputs, ", ")+`]
			locReadings: [`+strings.Join(locationInputs, " ")+`]
		) `+fields+` }`,
		`{"data":{"recordReadings":{"locationReadings":[`+strings.Join(locations, ",")+`],"temperatureReadings":[`+strings.Join(temperatures, ",")+`]}}}`)
	expectAnswer(t, s, `query getReadingsForSensorAndTime { getReadings(sensorId: 1, timestamp: `+at(6)+`) { `+reading+` } }`,
		`{"data":{"getReadings":[`+locations[1]+`,`+temperatures[1]+`]}}`)
	expectAnswer(t, s, `mutation deleteReadings { deleteReadings(
			tempReadings: [{sensorId: 1, timestamp: `+at(5)+`}]
			locReadings: [{sensorId: 1, timestamp: `+at(5)+`}]
		) `+fields+` }`,
		`{"data":{"deleteReadings":{"locationReadings":[{"sensorId":"1","timestamp":`+at(5)+`,"lat":null,"long":null}],"temperatureReadings":[{"sensorId":"1","timestamp":`+at(5)+`,"value":null}]}}}`)
	expectAnswer(t, s, `{ getReadings(sensorId: 1, timestamp: `+at(7)+`) { `+reading+` } }`,
		`{"data":{"getReadings":[`+locations[2]+`,`+temperatures[2]+`]}}`)

	// Recorded in aws-amplify/amplify-cli#1097: a table without items.
	expectAnswer(t, s, `mutation { recordReadings(tempReadings: [`+temperatureInputs[0]+`]) { temperatureReadings { value } } }`,
		fieldError("recordReadings", "12", "null", `"MappingTemplate"`, "null", "Items list for table 'locationReadings' can't be empty at path $[tables]"))
	expectAnswer(t, s, `{ batchGet(ids: []) { id } }`,
		fieldError("batchGet", "3", "null", `"MappingTemplate"`, "null", "RequestItem keys '$[tables][Posts]' can't be empty"))
}

// fieldError is resolverError of a field in another column.
func fieldError(field, column, data, errorType, info, message string) string {
	return `{"data":{"` + field + `":null},"errors":[` + resolverErrorAt(`["`+field+`"]`, column, data, errorType, info, message) + `]}`
}

// AppSync developer guide, tutorial-dynamodb-batch, "Error handling": an error
// and a result are there together, and a template swallows the error, raises it
// or appends it. The guide's context has unprocessedKeys beside data, where its
// templates look for it inside.
func TestBatchTutorialErrors(t *testing.T) {
	s := startDynamoDB(t)
	const message = "Requested resource not found (Service: DynamoDb, Status Code: 400, Request ID: X)"
	const left = `{"Posts":[{"id":"1"}],"nowhere":[{"id":"1"}]}`
	const fields = `(id: 1) { Posts { id } nowhere { id } }`
	const data = `{"Posts":[null],"nowhere":[null]}`
	expectAnswer(t, s, `{ swallowed`+fields+` }`, `{"data":{"swallowed":`+data+`}}`)
	expectAnswer(t, s, `{ raised`+fields+` }`, resolverError("raised", "null", `"DynamoDB:ResourceNotFoundException"`, left, message))
	expectAnswer(t, s, `{ appended`+fields+` }`, `{"data":{"appended":`+data+`},"errors":[`+
		resolverErrorAt(`["appended"]`, "3", "null", `"DynamoDB:ResourceNotFoundException"`, left, message)+`]}`)
}

const populate = `mutation populateAccounts {
	populateAccounts (
		savingAccounts: [
			{accountNumber: "1", username: "Tom", balance: 100},
			{accountNumber: "2", username: "Amy", balance: 90},
			{accountNumber: "3", username: "Lily", balance: 80},
		]
		checkingAccounts: [
			{accountNumber: "1", username: "Tom", balance: 70},
			{accountNumber: "2", username: "Amy", balance: 60},
			{accountNumber: "3", username: "Lily", balance: 50},
		]) {
		savingAccounts { accountNumber }
		checkingAccounts { accountNumber }
	}
}`

// AppSync developer guide, tutorial-dynamodb-transact.
func TestTransactTutorial(t *testing.T) {
	s := startDynamoDB(t)
	const numbers = `[{"accountNumber":"1"},{"accountNumber":"2"},{"accountNumber":"3"}]`
	expectAnswer(t, s, populate, `{"data":{"populateAccounts":{"savingAccounts":`+numbers+`,"checkingAccounts":`+numbers+`}}}`)
	got := s.Query(`mutation write {
		transferMoney(
			transactions: [
				{savingAccountNumber: "1", checkingAccountNumber: "1", amount: 7.5},
				{savingAccountNumber: "2", checkingAccountNumber: "2", amount: 6.0},
				{savingAccountNumber: "3", checkingAccountNumber: "3", amount: 3.3}
			]) {
			savingAccounts { accountNumber }
			checkingAccounts { accountNumber }
			transactionHistory { transactionId }
		}
	}`, nil)
	const id = `\{"transactionId":"[0-9a-f-]{36}"\}`
	want := `^` + regexp.QuoteMeta(`{"data":{"transferMoney":{"savingAccounts":`+numbers+`,"checkingAccounts":`+numbers+`,"transactionHistory":[`) +
		id + `,` + id + `,` + id + regexp.QuoteMeta(`]}}}`) + `$`
	if !regexp.MustCompile(want).MatchString(got) {
		t.Errorf("got %s", got)
	}
	expectAnswer(t, s, `query getAccounts {
		getAccounts(savingAccountNumbers: ["1", "2", "3"], checkingAccountNumbers: ["1", "2"]) {
			savingAccounts { accountNumber username balance }
			checkingAccounts { accountNumber username balance }
		}
	}`, `{"data":{"getAccounts":{"savingAccounts":[`+
		`{"accountNumber":"1","username":"Tom","balance":92.5},{"accountNumber":"2","username":"Amy","balance":84.0},{"accountNumber":"3","username":"Lily","balance":76.7}],`+
		`"checkingAccounts":[{"accountNumber":"1","username":"Tom","balance":77.5},{"accountNumber":"2","username":"Amy","balance":66.0}]}}}`)
	// An account that is not there is no error.
	expectAnswer(t, s, `{ getAccounts(savingAccountNumbers: ["1", "9", "3"], checkingAccountNumbers: ["9", "2"]) {
			savingAccounts { username } checkingAccounts { username } } }`,
		`{"data":{"getAccounts":{"savingAccounts":[{"username":"Tom"},null,{"username":"Lily"}],"checkingAccounts":[null,{"username":"Amy"}]}}}`)
}

// The tutorial's templates append the error with the cancellation reasons. An
// update that refers to an attribute that is not there is a ValidationError
// (aws/aws-sdk-net#1292).
func TestTransactTutorialErrors(t *testing.T) {
	s := startDynamoDB(t)
	s.Query(populate, nil)
	const nothing = `[null,null,null]`
	expectAnswer(t, s, `mutation { transferMoney(transactions: [{savingAccountNumber: "1", checkingAccountNumber: "9", amount: 1}]) {
			savingAccounts { accountNumber } checkingAccounts { accountNumber } transactionHistory { transactionId } } }`,
		`{"data":{"transferMoney":{"savingAccounts":`+nothing+`,"checkingAccounts":`+nothing+`,"transactionHistory":`+nothing+`}},"errors":[`+
			resolverErrorAt(`["transferMoney"]`, "12", "null", `"DynamoDB:TransactionCanceledException"`,
				`[{"type":"None","message":"None"},{"type":"ValidationError","message":"The provided expression refers to an attribute that does not exist in the item"},{"type":"None","message":"None"}]`,
				"Transaction cancelled, please refer cancellation reasons for specific reasons [None, ValidationError, None] (Service: DynamoDb, Status Code: 400, Request ID: X)")+`]}`)
	// Nothing of it was done.
	expectAnswer(t, s, `{ getAccounts(savingAccountNumbers: ["1", "2", "3"], checkingAccountNumbers: ["9", "1"]) {
			savingAccounts { balance } checkingAccounts { balance } } }`,
		`{"data":{"getAccounts":{"savingAccounts":[{"balance":100.0},{"balance":90.0},{"balance":80.0}],"checkingAccounts":[null,{"balance":70.0}]}}}`)
}

// runDocument sends a document through the named field and returns the field's
// value, or the first error as "errorType: message".
func runDocument(t *testing.T, s *emulatortest.Server, field, document string) string {
	t.Helper()
	var answer struct {
		Data   map[string]*string
		Errors []struct{ ErrorType, Message string }
	}
	text := s.Query(`mutation ($document: AWSJSON!) { `+field+`(document: $document) }`, map[string]any{"document": document})
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if v := answer.Data[field]; v != nil {
		return requestID.ReplaceAllString(*v, "Request ID: X")
	}
	if len(answer.Errors) == 0 {
		t.Fatalf("neither data nor errors: %s", text)
	}
	return requestID.ReplaceAllString(answer.Errors[0].ErrorType+": "+answer.Errors[0].Message, "Request ID: X")
}

// refusedDocument is what the field run answers when DynamoDB refuses.
func refusedDocument(errorType, message, result string) string {
	return `{"result":` + result + `,"error":{"message":"` + message + ` (Service: DynamoDb, Status Code: 400, Request ID: X)","type":"DynamoDB:` + errorType + `"}}`
}

// enumerate joins n texts that a function makes of their numbers.
func enumerate(n int, text func(i int) string) string {
	out := make([]string, n)
	for i := range out {
		out[i] = text(i)
	}
	return strings.Join(out, ",")
}

// The limits are those of the guide's pages: 100 keys, 25 items, 100 actions.
// They and the duplicates are refused by DynamoDB, in its words; duplicates as
// recorded in boto/boto3#4131.
func TestLimitsOfBatchesAndTransactions(t *testing.T) {
	s := startDynamoDB(t)
	typed := func(i int) string { return fmt.Sprintf(`{"id":{"S":"%03d"}}`, i) }
	plain := func(i int) string { return fmt.Sprintf(`{"id":"%03d"}`, i) }
	null := func(int) string { return `null` }
	tables := func(operation, posts string) string {
		return `{"version":"2018-05-29","operation":"` + operation + `","tables":{"Posts":` + posts + `}}`
	}
	batch := func(data, block, left string) string {
		return `{"data":{"Posts":[` + data + `]},"` + block + `":{"Posts":[` + left + `]}}`
	}
	done := func(result string) string { return `{"result":` + result + `,"error":null}` }
	transact := func(operation string, n int, item func(i int) string) string {
		return `{"version":"2018-05-29","operation":"` + operation + `","transactItems":[` + enumerate(n, item) + `]}`
	}
	put := func(i int) string { return `{"table":"Posts","operation":"PutItem","key":` + typed(i) + `}` }
	get := func(i int) string { return `{"table":"Posts","key":` + typed(i) + `}` }
	same := func(int) string { return put(1) }
	// DynamoDB counts those of all tables; what goes over the limit in one table
	// alone is another violation.
	halves := func(operation string, n int, half func(list string) string) string {
		return `{"version":"2018-05-29","operation":"` + operation + `","tables":{"Posts":` + half("["+enumerate(n/2, typed)+"]") + `,"empty":` + half("["+enumerate(n-n/2, typed)+"]") + `}}`
	}
	list := func(list string) string { return list }
	keys := func(list string) string { return `{"keys":` + list + `}` }
	failed := func(n int, block string) string {
		return `{"data":{"Posts":[` + enumerate(n/2, null) + `],"empty":[` + enumerate(n-n/2, null) + `]},"` +
			block + `":{"Posts":[` + enumerate(n/2, plain) + `],"empty":[` + enumerate(n-n/2, plain) + `]}}`
	}
	const tooMany = "1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have length less than or equal to 100"
	for _, c := range []struct{ name, document, want string }{
		{"25 items", tables("BatchPutItem", "["+enumerate(25, typed)+"]"), done(batch(enumerate(25, plain), "unprocessedItems", ""))},
		{"26 items", halves("BatchPutItem", 26, list),
			refusedDocument("DynamoDbException", "Too many items requested for the BatchWriteItem call", failed(26, "unprocessedItems"))},
		{"25 keys to delete", tables("BatchDeleteItem", "["+enumerate(25, typed)+"]"), done(batch(enumerate(25, plain), "unprocessedKeys", ""))},
		{"26 keys to delete", halves("BatchDeleteItem", 26, list),
			refusedDocument("DynamoDbException", "Too many items requested for the BatchWriteItem call", failed(26, "unprocessedKeys"))},
		{"100 keys", tables("BatchGetItem", `{"keys":[`+enumerate(100, typed)+`]}`), done(batch(enumerate(100, null), "unprocessedKeys", ""))},
		{"101 keys", halves("BatchGetItem", 101, keys),
			refusedDocument("DynamoDbException", "Too many items requested for the BatchGetItem call", failed(101, "unprocessedKeys"))},
		{"100 actions", transact("TransactWriteItems", 100, put), done(`{"keys":[` + enumerate(100, plain) + `],"cancellationReasons":null}`)},
		{"101 actions", transact("TransactWriteItems", 101, put), refusedDocument("DynamoDbException", tooMany, `{"keys":null,"cancellationReasons":null}`)},
		{"100 reads", transact("TransactGetItems", 100, get), done(`{"items":[` + enumerate(100, plain) + `],"cancellationReasons":null}`)},
		{"101 reads", transact("TransactGetItems", 101, get), refusedDocument("DynamoDbException", tooMany, `{"items":null,"cancellationReasons":null}`)},
		{"one key twice", tables("BatchGetItem", `{"keys":[`+typed(1)+`,`+typed(1)+`]}`),
			refusedDocument("DynamoDbException", "Provided list of item keys contains duplicates", batch("null,null", "unprocessedKeys", plain(1)+","+plain(1)))},
		{"one item twice", tables("BatchPutItem", `[`+typed(1)+`,`+typed(1)+`]`),
			refusedDocument("DynamoDbException", "Provided list of item keys contains duplicates", batch("null,null", "unprocessedItems", plain(1)+","+plain(1)))},
		{"two actions on one item", transact("TransactWriteItems", 2, same),
			refusedDocument("DynamoDbException", "Transaction request cannot include multiple operations on one item", `{"keys":null,"cancellationReasons":null}`)},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := transactedValue.ReplaceAllString(runDocument(t, s, "run", c.document), "Value at"); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// transactedValue is the whole request that DynamoDB repeats in a message.
var transactedValue = regexp.MustCompile(`Value '\[.*\]' at`)

// Functions run under 2018-05-29, whatever their documents say, and an error
// that a function appends lets the pipeline go on with the result beside it.
func TestBatchesAndTransactionsInPipelines(t *testing.T) {
	s := startDynamoDB(t)
	post := `{"operation":"BatchPutItem","tables":{"Posts":[{"id":{"S":"1"},"title":{"S":"Playing fetch"}}]}}`
	const item = `{"id":"1","title":"Playing fetch"}`
	const second = `"second":{"data":{"Posts":[` + item + `]},"unprocessedKeys":{"Posts":[]}}}`
	if got, want := runDocument(t, s, "runInPipeline", post), `{"first":{"data":{"Posts":[`+item+`]},"unprocessedItems":{"Posts":[]}},`+second; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	check := `{"version":"2017-02-28","operation":"TransactWriteItems","transactItems":[{"table":"Posts","operation":"ConditionCheck","key":{"id":{"S":"1"}},
		"condition":{"expression":"title = :t","expressionValues":{":t":{"S":"other"}}}}]}`
	want := `{"first":{"keys":null,"cancellationReasons":[{"item":` + item + `,"type":"ConditionCheckFailed","message":"The condition check failed."}]},` + second
	if got := runDocument(t, s, "runInPipeline", check); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	const message = "DynamoDB:TransactionCanceledException: Transaction cancelled, please refer cancellation reasons for specific reasons [ConditionalCheckFailed] (Service: DynamoDb, Status Code: 400, Request ID: X)"
	check = strings.Replace(check, "2017-02-28", "2018-05-29", 1)
	if got := runDocument(t, s, "runWithoutResponse", check); got != message {
		t.Errorf("got  %s\nwant %s", got, message)
	}
	// A unit resolver goes by its document (aws/aws-appsync-community#93).
	if got, want := runDocument(t, s, "run", strings.Replace(check, "2018-05-29", "2017-02-28", 1)), "MappingTemplate: Unsupported operation 'TransactWriteItems'."; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// AppSync developer guide,
// aws-appsync-resolver-mapping-template-reference-dynamodb-scan: segments are
// disjoint and cover the table, and a token continues its segment.
func TestParallelScanOverHTTP(t *testing.T) {
	s := startDynamoDB(t)
	rooms := map[string]bool{}
	for start := 0; start < 50; start += 25 {
		items := enumerate(25, func(i int) string {
			room := "r" + strconv.Itoa(start+i)
			rooms[room] = true
			return `{"room":{"S":"` + room + `"},"at":{"N":1},"author":{"S":"editor"},"text":{"S":"t"}}`
		})
		runDocument(t, s, "run", `{"version":"2018-05-29","operation":"BatchPutItem","tables":{"events":[`+items+`]}}`)
	}
	const segments = 4
	seen := map[string]int{}
	for segment := range segments {
		token := "null"
		for pages := 0; ; pages++ {
			if pages > 50 {
				t.Fatal("the pages do not end")
			}
			text := runDocument(t, s, "run", fmt.Sprintf(`{"version":"2018-05-29","operation":"Scan","limit":3,"segment":%d,"totalSegments":%d,"nextToken":%s}`, segment, segments, token))
			var page struct {
				Result struct {
					Items     []struct{ Room string }
					NextToken *string
				}
			}
			if err := json.Unmarshal([]byte(text), &page); err != nil {
				t.Fatalf("%v: %s", err, text)
			}
			for _, item := range page.Result.Items {
				seen[item.Room]++
			}
			if page.Result.NextToken == nil {
				break
			}
			token = strconv.Quote(*page.Result.NextToken)
		}
	}
	for room := range rooms {
		if seen[room] != 1 {
			t.Errorf("%s came %d times", room, seen[room])
		}
	}
	for _, c := range []struct{ name, document, want string }{
		{"a segment that is none of them", `"operation":"Scan","segment":4,"totalSegments":4`,
			refusedDocument("DynamoDbException", "The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: 4 is not less than TotalSegments: 4", "null")},
		{"a segment of nothing", `"operation":"Scan","segment":0`, "MappingTemplate: Value for field '$[totalSegments]' not found."},
		{"COUNT", `"operation":"Scan","select":"COUNT"`,
			"MappingTemplate: Unsupported value 'COUNT' for field '$[select]'. Supported values are (ALL_ATTRIBUTES,ALL_PROJECTED_ATTRIBUTES,SPECIFIC_ATTRIBUTES)."},
		{"projected attributes of an index", `"operation":"Scan","index":"byAuthor","limit":60,"select":"ALL_PROJECTED_ATTRIBUTES","filter":{"expression":"room = :r","expressionValues":{":r":{"S":"r7"}}}`,
			`{"result":{"items":[{"at":1,"author":"editor","room":"r7"}],"nextToken":null,"scannedCount":50},"error":null}`},
		{"all attributes of an index that lacks them", `"operation":"Scan","index":"byAuthor","select":"ALL_ATTRIBUTES"`,
			refusedDocument("DynamoDbException", "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary index byAuthor because its projection type is not ALL", "null")},
		{"specific attributes without a projection", `"operation":"Scan","select":"SPECIFIC_ATTRIBUTES"`,
			refusedDocument("DynamoDbException", "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES", "null")},
		{"specific attributes", `"operation":"Query","query":{"expression":"room = :r","expressionValues":{":r":{"S":"r7"}}},"select":"SPECIFIC_ATTRIBUTES","projection":{"expression":"author"}`,
			`{"result":{"items":[{"author":"editor"}],"nextToken":null,"scannedCount":1},"error":null}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := runDocument(t, s, "run", `{"version":"2018-05-29",`+c.document+`}`); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}
