package emulator_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"appsync-emulator/emulator"
	"appsync-emulator/emulator/emulatortest"
)

// adminHandler is the function of the AppSync developer guide, page
// aws-appsync-resolver-mapping-template-reference-dynamodb-condition-expressions,
// which retries with the version that is stored, for some names, and rejects the
// others. It looks at the name, as callers with API keys have no identity.
func adminHandler(w http.ResponseWriter, r *http.Request) {
	var event struct {
		Arguments      struct{ Name string }
		Identity       any
		RequestMapping struct {
			AttributeValues map[string]any
			Update          map[string]any
			Condition       struct {
				Expression       string
				ExpressionValues map[string]any
			}
		}
		CurrentValue struct{ Version struct{ N int } }
		Resolver     map[string]string
	}
	body, _ := io.ReadAll(r.Body)
	if err := json.Unmarshal(body, &event); err != nil || event.Identity != nil {
		w.Header().Set("X-Amz-Function-Error", "Unhandled")
		fmt.Fprintf(w, `{"errorType":"Error","errorMessage":%q}`, fmt.Sprint("cannot understand ", string(body)))
		return
	}
	mapping := map[string]any{}
	values := map[string]any{}
	for name := range event.RequestMapping.Condition.ExpressionValues {
		values[name] = event.CurrentValue.Version
	}
	mapping["condition"] = map[string]any{"expression": event.RequestMapping.Condition.Expression, "expressionValues": values}
	switch event.Resolver["field"] {
	case "updatePerson":
		event.RequestMapping.AttributeValues["version"] = map[string]any{"N": event.CurrentValue.Version.N + 1}
		mapping["attributeValues"] = event.RequestMapping.AttributeValues
	case "renamePerson":
		mapping["update"] = event.RequestMapping.Update
	}
	answer := map[string]any{"action": "retry", "retryMapping": mapping}
	if event.Arguments.Name != "Jeff" {
		answer = map[string]any{"action": "reject"}
	}
	_ = json.NewEncoder(w).Encode(answer)
}

func TestHandlersOfFailedConditions(t *testing.T) {
	const rejected = "The conditional request failed (Service: DynamoDb, Status Code: 400, Request ID: X)"
	functions := http.NewServeMux()
	functions.HandleFunc("POST /2015-03-31/functions/onFailure/invocations", adminHandler)
	server := httptest.NewServer(functions)
	t.Cleanup(server.Close)
	for name, set := range map[string]func(*emulator.Options){
		"at the endpoint of all functions": func(o *emulator.Options) { o.LambdaEndpoint = server.URL },
		"at an endpoint of its own": func(o *emulator.Options) {
			o.LambdaFunctions = map[string]string{"onFailure": server.URL + "/2015-03-31/functions/onFailure/invocations"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := emulatortest.Start(t, "testdata/lambda", set)
			const person = `{"id":"1","name":"Steve","version":8}`
			for _, c := range []struct{ query, want string }{
				{`mutation { updatePerson(id: 1, name: "Bob", expectedVersion: 1) { id name version } }`,
					resolverErrorAt(`["updatePerson"]`, "12", person, `"DynamoDB:ConditionalCheckFailedException"`, "null", rejected)},
				{`mutation { renamePerson(id: 1, name: "Bob", expectedVersion: 1) { id name version } }`,
					resolverErrorAt(`["renamePerson"]`, "12", person, `"DynamoDB:ConditionalCheckFailedException"`, "null", rejected)},
				{`mutation { renamePerson(id: 1, name: "Jeff", expectedVersion: 1) { id name version } }`, `{"data":{"renamePerson":{"id":"1","name":"Jeff","version":8}}}`},
				{`mutation { updatePerson(id: 1, name: "Jeff", expectedVersion: 1) { id name version } }`, `{"data":{"updatePerson":{"id":"1","name":"Jeff","version":9}}}`},
				{`{ person(id: 1) { id name version } }`, `{"data":{"person":{"id":"1","name":"Jeff","version":9}}}`},
			} {
				got := requestID.ReplaceAllString(s.Query(c.query, nil), "Request ID: X")
				if got != c.want && !strings.Contains(got, c.want) {
					t.Errorf("%s\n got %s\nwant %s", c.query, got, c.want)
				}
			}
		})
	}
}

func TestFunctionsThatRunNowhere(t *testing.T) {
	s := emulatortest.Start(t, "testdata/lambda", func(o *emulator.Options) { o.Logger = slog.New(slog.DiscardHandler) })
	got := s.Query(`mutation { updatePerson(id: 1, name: "Jeff", expectedVersion: 1) { id } }`, nil)
	// The place of the endpoint is that of its key in appsync.yml.
	for _, want := range []string{`"errorType":"Lambda:ServiceException"`, `Lambda function onFailure at http://127.0.0.1:9 (set by appsync.yml:5:1): nothing answers: `} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s, without %s", got, want)
		}
	}
}

func TestPlacesOfFunctionsThatCannotBe(t *testing.T) {
	project, err := emulator.Load("testdata/lambda", emulator.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for want, opt := range map[string]emulator.Options{
		"--lambda-endpoint: a URL must begin with http://HOST or https://HOST": {LambdaEndpoint: "localhost"},
		"--lambda onFailure: a URL must not hold a query or fragment":          {LambdaFunctions: map[string]string{"onFailure": "http://localhost?"}},
		"ValidationException: this is no name or ARN of a Lambda function":     {LambdaFunctions: map[string]string{"": "http://localhost"}},
		"--lambda onFailure: this is the same Lambda function as 1:function:onFailure": {LambdaFunctions: map[string]string{
			"onFailure": "http://localhost", "1:function:onFailure": "http://localhost"}},
	} {
		opt.InMemory, opt.NoTLS = true, true
		e, err := emulator.New(project, opt)
		if err == nil {
			e.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
