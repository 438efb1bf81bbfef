package project

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPlacesOfLambdaFunctions(t *testing.T) {
	const arn = "arn:aws:lambda:us-east-1:123456789012:function:resolve:live"
	api := mustLoad(t, head+`lambdaEndpoint: http://127.0.0.1:3001
functions:
  short: http://127.0.0.1:9000
  long: {url: "https://localhost:9001/2015-03-31/functions/function/invocations", timeout: 10}
  `+arn+`: {url: http://resolve:8080/}
  slow: {timeout: 900}
  framework:
    handler: src/index.handler
    runtime: nodejs22.x
    url: true
    environment: {A: "${file(x.yml)}"}
    events: [{sqs: !GetAtt Queue.Arn}]
  frameworkURL: {handler: a.b, url: {cors: true}, timeout: 6}
`, nil)
	at := func(line int) Position { return Position{File: "appsync.yml", Line: line, Column: 3} }
	if diff := cmp.Diff(&LambdaEndpoint{URL: "http://127.0.0.1:3001", Pos: Position{File: "appsync.yml", Line: 6, Column: 1}}, api.LambdaEndpoint); diff != "" {
		t.Errorf("lambdaEndpoint (-want +got):\n%s", diff)
	}
	want := []*LambdaFunction{
		{Name: "short", URL: "http://127.0.0.1:9000", Pos: at(8)},
		{Name: "long", URL: "https://localhost:9001/2015-03-31/functions/function/invocations", TimeoutSeconds: 10, Pos: at(9)},
		{Name: arn, URL: "http://resolve:8080/", Pos: at(10)},
		{Name: "slow", TimeoutSeconds: 900, Pos: at(11)},
		{Name: "frameworkURL", TimeoutSeconds: 6, Pos: at(18)},
	}
	if diff := cmp.Diff(want, api.LambdaFunctions); diff != "" {
		t.Errorf("functions (-want +got):\n%s", diff)
	}
}

// The functions of a serverless.yml are the framework's, beside the section.
func TestFunctionsOfTheServerlessFramework(t *testing.T) {
	api := mustLoad(t, `service: notes
provider: {name: aws}
functions:
  resolve: {handler: src/resolve.handler, url: true, anything: "${self:custom.x}"}
  more: ${file(functions.yml)}
appSync:
  name: notes
  authentication: {type: API_KEY}
  functions:
    resolve: http://127.0.0.1:9000
`, nil)
	if api.LambdaEndpoint != nil || len(api.LambdaFunctions) != 1 || api.LambdaFunctions[0].URL != "http://127.0.0.1:9000" {
		t.Errorf("got %v and %v", api.LambdaEndpoint, api.LambdaFunctions)
	}
}

func TestMistakesInPlacesOfLambdaFunctions(t *testing.T) {
	_, problems := loadText(head+`lambdaEndpoint: localhost:3001
functions:
  a: 9000
  b: {url: "ftp://localhost"}
  c: {url: "http://me:secret@localhost"}
  d: {url: http://localhost, timout: 3}
  e: {url: http://localhost, timeout: 901}
  f: ""
  g: {url: [http://localhost]}
  h: {url: "${self:custom.url}"}
  i: !GetAtt Endpoint.Url
`, nil)
	want := []string{
		"appsync.yml:6:17: `lambdaEndpoint` must be a URL such as http://127.0.0.1:3001, not `localhost:3001`",
		"appsync.yml:8:6: Lambda function a must be a map, not a number",
		"appsync.yml:9:12: `url` must be a URL such as http://127.0.0.1:3001, not `ftp://localhost`",
		"appsync.yml:10:12: the URL of `url` must not hold a user, a password, a query or a fragment",
		"appsync.yml:11:30: unknown key `timout` in Lambda function d (did you mean `timeout`?)",
		"appsync.yml:12:39: `timeout` must be between 1 and 900, not 901",
		"appsync.yml:13:6: `f` must be a URL such as http://127.0.0.1:3001, not ``",
		"appsync.yml:14:12: `url` must be a string, not a list",
		"appsync.yml:15:13: variable `${self:custom.url}` is not supported here (write the value itself)",
		"appsync.yml:16:6: `!GetAtt` is not supported here",
	}
	if diff := cmp.Diff(want, messages(problems)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestNamesOfLambdaFunctions(t *testing.T) {
	for want, l := range map[string]Lambda{
		"shout":                                 {FunctionName: "shout"},
		"shout:live":                            {FunctionName: "shout", FunctionAlias: "live"},
		"inline_Sync":                           {FunctionName: "inline_Sync", Handler: "index.handler"},
		"arn:aws:lambda:us-east-1:1:function:x": {FunctionARN: "arn:aws:lambda:us-east-1:1:function:x"},
		"":                                      {},
	} {
		if got := l.Name(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
