package resolver_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"appsync-emulator/emulator/internal/datasource"
	"appsync-emulator/emulator/internal/project"
	"appsync-emulator/emulator/internal/resolver"
)

const (
	// reraise is how the AppSync developer guide handles a failed data source.
	reraise = `#if($ctx.error)$util.error($ctx.error.message, $ctx.error.type, $ctx.result)#end$util.toJson($ctx.result)`
	current = `{"id":"current","name":"old"}`

	conditionType    = `"DynamoDB:ConditionalCheckFailedException"`
	conditionMessage = "The conditional request failed"
)

func request(version string) string {
	return `{"version":"` + version + `","operation":"GetItem","key":{"id":{"S":"1"}}}`
}

// AppSync developer guide, resolver-mapping-template-changelog: what changed
// with the version 2018-05-29.
func TestUnitResolversByVersion(t *testing.T) {
	const old, latest = "2017-02-28", "2018-05-29"
	for _, c := range []struct{ name, source, request, response, want string }{
		{"2017: a result", "table", request(old), `{"id":"$ctx.result.name"}`, `{"data":{"get":{"id":"stored","name":null}}}`},
		{"2018: a result", "table", request(latest), `{"id":"$ctx.result.name"}`, `{"data":{"get":{"id":"stored","name":null}}}`},
		{"2017: null skips the response template", "null", request(old), `$util.error("not skipped")`, `{"data":{"get":null}}`},
		{"2018: null does not", "null", request(latest), `{"id":"was null: $util.isNull($ctx.result)"}`, `{"data":{"get":{"id":"was null: true","name":null}}}`},
		{"2017: a failure is reported with the template's value", "broken", request(old), `{"id":"data","name":"$ctx.result.name","more":1}`,
			failed("get", failure("get", `{"id":"data","name":"old"}`, conditionType, "null", conditionMessage))},
		{"2017: there is no $ctx.error", "broken", request(old), `#if($ctx.error)$util.error("there is")#end null`,
			failed("get", failure("get", `null`, conditionType, "null", conditionMessage))},
		{"2017: the template may raise another error", "broken", request(old), `$util.error("mine", "Mine")`,
			failed("get", failure("get", "null", `"Mine"`, "null", "mine"))},
		{"2017: without a response template", "broken", request(old), "",
			failed("get", failure("get", current, conditionType, "null", conditionMessage))},
		{"2018: a failure that nobody raises is none", "broken", request(latest), `{"id":"$ctx.error.type: $ctx.error.message","name":"$ctx.result.name"}`,
			`{"data":{"get":{"id":"DynamoDB:ConditionalCheckFailedException: The conditional request failed","name":"old"}}}`},
		{"2018: a failure raised again", "broken", request(latest), reraise,
			failed("get", failure("get", current, conditionType, "null", conditionMessage))},
		{"2018: $ctx.error is null otherwise", "table", request(latest), `{"id":"$util.isNull($ctx.error)"}`, `{"data":{"get":{"id":"true","name":null}}}`},
		{"2018: without a response template", "table", request(latest), "", `{"data":{"get":{"id":"1","name":"stored"}}}`},
		{"2018: a failure without a response template", "broken", request(latest), "",
			failed("get", failure("get", current, conditionType, "null", conditionMessage))},
		{"a payload", "none", none(`{"id":"p"}`), `$util.toJson($ctx.result)`, `{"data":{"get":{"id":"p","name":null}}}`},
		{"no payload", "none", `{"version":"2018-05-29"}`, `$util.toJson($ctx.result)`, `{"data":{"get":null}}`},
		{"a version that there is not", "table", request("2019-01-01"), `null`,
			failed("get", failure("get", "null", `"MappingTemplate"`, "null", "Unsupported value '2019-01-01' for field '$[version]'. Supported values are (2017-02-28,2018-05-29)."))},
		{"no version", "table", `{"operation":"GetItem","key":{"id":{"S":"1"}}}`, `null`,
			failed("get", failure("get", "null", `"MappingTemplate"`, "null", "Value for field '$[version]' not found."))},
		{"a refused document skips the response template", "table", `{"version":"2018-05-29","operation":"GetItem"}`, `{"id":"handled"}`,
			failed("get", failure("get", "null", `"MappingTemplate"`, "null", "Value for field '$[key]' not found."))},
		{"a request that fails skips data source and response", "broken", `$util.error("stop", "Stop", {"id":"d","name":"n","more":1}, {"info":1})`, `{"id":"handled"}`,
			failed("get", failure("get", `{"id":"d","name":"n"}`, `"Stop"`, `{"info":1}`, "stop"))},
		{"an empty response", "none", none(`1`), `#set($a = 1)`,
			failed("get", failure("get", "null", `"MappingTemplate"`, "null", "Template transformation yielded an empty response."))},
		{"an empty response with an appended error", "none", none(`1`), `$util.appendError("first")`,
			failed("get", failure("get", "null", "null", "null", "first"), failure("get", "null", `"MappingTemplate"`, "null", "Template transformation yielded an empty response."))},
		{"appended errors stand beside the value", "none", `$util.appendError("one", "One", {"id":"d"}, {"i":1})` + none(`{"id":"v"}`), `$util.appendError("two")$util.toJson($ctx.result)`,
			`{"data":{"get":{"id":"v","name":null}},"errors":[` + failure("get", `{"id":"d","name":null}`, `"One"`, `{"i":1}`, "one") + `,` + failure("get", "null", "null", "null", "two") + `]}`},
		{"the stash is shared by both templates", "none", `$util.qr($ctx.stash.put("k", "v"))` + none(`1`), `{"id":"$ctx.stash.k"}`, `{"data":{"get":{"id":"v","name":null}}}`},
		// Deployed templates begin so, and read back later what they put.
		{"the stash may be replaced", "none", `#set($ctx.stash = {})$util.qr($ctx.stash.put("k", "v"))` + none(`1`), `{"id":"$ctx.stash.k"}`, `{"data":{"get":{"id":"v","name":null}}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newAPI(t)
			a.unit("Query.get", c.source, c.request, c.response)
			same(t, a.query(`{ get { id name } }`, ""), c.want)
		})
	}
}

func same(t testing.TB, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

// AppSync developer guide, aws-appsync-directives, for the places; Amplify's
// templates write #return($util.toJson({})) and mean the object.
func TestReturn(t *testing.T) {
	const never = `$util.error("not skipped")`
	aFunction := func(request, response string) []function {
		return []function{{"none", request, response}, {"none", none(`{"before":$util.toJson($ctx.prev.result)}`), `$util.toJson($ctx.result)`}}
	}
	unit := func(source, request, response string) func(*api) {
		return func(a *api) { a.unit("Query.json", source, request, response) }
	}
	pipeline := func(before, after string, functions ...function) func(*api) {
		return func(a *api) { a.pipeline("Query.json", before, after, functions...) }
	}
	const after = `$util.toJson($ctx.result)`
	for _, c := range []struct {
		name  string
		build func(*api)
		want  string
	}{
		{"unit request", unit("broken", `#return`, never), `null`},
		{"unit request with a value", unit("broken", `dropped #return({"a":$ctx.args.list})`+never, never), `{\"a\":[\"x\"]}`},
		{"unit request with JSON text", unit("broken", `#return($util.toJson({"a":[]}))`, never), `{\"a\":[]}`},
		{"unit request with the text of null", unit("broken", `#return($util.toJson(null))`, never), `null`},
		{"unit request with other text", unit("broken", `#return("not JSON")`, never), `\"not JSON\"`},
		{"unit request with null", unit("broken", `#return($ctx.args.nothing)`, never), `null`},
		{"unit request in a branch", unit("none", `#if($ctx.args.id == "1")#return("early")#end`+none(`"late"`), after), `\"early\"`},
		{"unit request in a branch not taken", unit("none", `#if($ctx.args.id == "2")#return("early")#end`+none(`"late"`), after), `\"late\"`},
		{"unit request in a loop", unit("broken", `#foreach($i in [1..5])#if($i == 3)#return($i)#end#end`+never, never), `3`},
		{"unit response", unit("none", none(`1`), `#return`), `null`},
		{"unit response with a value", unit("none", none(`{"a":1}`), `dropped #return($ctx.result)`+never), `{\"a\":1}`},
		{"unit response after a failure", unit("broken", none(`1`), `#return("survived")`), `\"survived\"`},
		{"before template", pipeline(`#return`, never, function{"broken", never, never}), `null`},
		{"before template with a value", pipeline(`#return({"early":true})`, never, function{"broken", never, never}), `{\"early\":true}`},
		{"function request", pipeline(`{}`, after, aFunction(`#return`, never)...), `{\"before\":null}`},
		{"function request with a value", pipeline(`{}`, after, aFunction(`#return({"x":1})`, never)...), `{\"before\":{\"x\":1}}`},
		{"function request with text", pipeline(`{}`, after, aFunction(`#return($util.toJson({}))`, never)...), `{\"before\":{}}`},
		{"function response", pipeline(`{}`, after, aFunction(none(`1`), `#return`)...), `{\"before\":null}`},
		{"function response with a value", pipeline(`{}`, after, aFunction(none(`1`), `#return([$ctx.result, 2])`)...), `{\"before\":[1,2]}`},
		{"last function", pipeline(`{}`, after, function{"broken", `#return("last")`, never}), `\"last\"`},
		{"after template", pipeline(`{}`, `#return($ctx.prev.result)`, function{"none", none(`1`), after}), `1`},
		{"after template with nothing", pipeline(`{}`, `#return`, function{"none", none(`1`), after}), `null`},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newAPI(t)
			c.build(a)
			want := c.want
			if strings.ContainsAny(want[:1], `{[\"0123456789`) {
				want = `"` + want + `"`
			}
			same(t, a.query(`{ json(id: "1", list: ["x"]) }`, ""), `{"data":{"json":`+want+`}}`)
		})
	}
}

// AppSync developer guide, pipeline-resolvers.
func TestPipelines(t *testing.T) {
	const result = `$util.toJson($ctx.result)`
	const prevs = `"$!ctx.prev.result"`
	for _, c := range []struct {
		name          string
		before, after string
		functions     []function
		want          string
	}{
		{"results are passed on", `{"n":0}`, result, []function{
			{"none", none(`{"seen":$util.toJson($ctx.prev.result)}`), result},
			{"none", none(`{"seen":$util.toJson($ctx.prev.result)}`), result},
		}, `{"data":{"json":"{\"seen\":{\"seen\":{\"n\":0}}}"}}`},
		{"the after template has the last result twice", `{}`, `[$util.toJson($ctx.result), $util.toJson($ctx.prev.result)]`, []function{
			{"none", none(`1`), `"first"`}, {"none", none(`2`), `"last"`},
		}, `{"data":{"json":"[\"last\",\"last\"]"}}`},
		{"a response template sees the result before its function", `"begin"`, result, []function{
			{"none", none(`1`), `[$util.toJson($ctx.prev.result), $ctx.result]`},
		}, `{"data":{"json":"[\"begin\",1]"}}`},
		{"no before template", "", result, []function{{"none", none(`{"seen":$util.toJson($ctx.prev.result)}`), result}}, `{"data":{"json":"{\"seen\":{}}"}}`},
		{"no after template", `{}`, "", []function{{"none", none(`1`), `"last"`}}, `{"data":{"json":"\"last\""}}`},
		{"no response template of a function", `{}`, result, []function{{"none", none(`{"a":1}`), ""}}, `{"data":{"json":"{\"a\":1}"}}`},
		{"no functions", `{"a":1}`, `[$util.toJson($ctx.result), $util.toJson($ctx.prev.result)]`, nil, `{"data":{"json":"[{\"a\":1},{\"a\":1}]"}}`},
		{"the stash is shared", `$util.qr($ctx.stash.put("log", ["before"])){}`, `$util.qr($ctx.stash.log.add("after"))$util.toJson($ctx.stash)`, []function{
			{"none", `$util.qr($ctx.stash.log.add("request"))` + none(`1`), `$util.qr($ctx.stash.log.add("response"))1`},
			{"none", none(`1`), `#set($ctx.stash.more = true)1`},
		}, `{"data":{"json":"{\"log\":[\"before\",\"request\",\"response\",\"after\"],\"more\":true}"}}`},
		{"changed arguments are seen later", `#set($ctx.args.input = {"a":"set"}){}`, `$util.qr($context.arguments.put("last", 1))$util.toJson($ctx.args)`, []function{
			{"none", `$util.qr($ctx.args.input.put("b", $ctx.arguments.input.a))` + none(`1`), `1`},
		}, `{"data":{"json":"{\"id\":\"1\",\"input\":{\"a\":\"set\",\"b\":\"set\"},\"last\":1}"}}`},
		{"functions have the rules of 2018-05-29 whatever their documents say", `{}`, result, []function{
			{"null", `{"version":"2017-02-28"}`, `"not skipped"`},
		}, `{"data":{"json":"\"not skipped\""}}`},
		{"functions need no version", `{}`, result, []function{{"none", `{"payload":"p"}`, result}}, `{"data":{"json":"\"p\""}}`},
		{"a failure without re-raise goes on", `{}`, result, []function{
			{"broken", none(`1`), `{"caught":"$ctx.error.type"}`},
			{"none", none(`[$util.toJson($ctx.prev.result), $util.isNull($ctx.error), $util.isNull($ctx.result)]`), result},
		}, `{"data":{"json":"[{\"caught\":\"DynamoDB:ConditionalCheckFailedException\"},true,true]"}}`},
		{"a failure raised again ends the resolver", `{}`, `$util.error("after")`, []function{
			{"broken", none(`1`), reraise}, {"none", `$util.error("second")`, result},
		}, failed("json", failure("json", `{"id":"current","name":"old"}`, conditionType, "null", conditionMessage))},
		{"a failure without response template ends the resolver", `{}`, `$util.error("after")`, []function{{"broken", none(`1`), ""}},
			failed("json", failure("json", `{"id":"current","name":"old"}`, conditionType, "null", conditionMessage))},
		{"$util.error ends the resolver", `{}`, `$util.error("after")`, []function{
			{"none", `$util.error("request", "Mine")`, `$util.error("response")`}, {"none", `$util.error("second")`, result},
		}, failed("json", failure("json", "null", `"Mine"`, "null", "request"))},
		{"$util.error in the before template", `$util.error("before")`, `$util.error("after")`, []function{{"none", `$util.error("request")`, result}},
			failed("json", failure("json", "null", "null", "null", "before"))},
		{"$util.unauthorized", `$util.unauthorized()`, `1`, nil,
			failed("json", failure("json", "null", `"Unauthorized"`, "null", "Not Authorized to access json on type AWSJSON"))},
		{"$util.validate", `{}`, result, []function{{"none", `$util.validate(false, "invalid")`, result}},
			failed("json", failure("json", "null", `"CustomTemplateException"`, "null", "invalid"))},
		{"a template that prints nothing ends the resolver", `{}`, `"after"`, []function{{"none", `#set($a = 1)`, result}},
			failed("json", failure("json", "null", `"MappingTemplate"`, "null", "Template transformation yielded an empty response."))},
		{"a refused document ends the resolver", `{}`, `"after"`, []function{{"table", `{"operation":"Nope"}`, `"handled"`}},
			failed("json", failure("json", "null", `"MappingTemplate"`, "null", "Unsupported operation 'Nope'."))},
		{"appended errors come in order", `$util.appendError("1"){}`, `$util.appendError("6")` + result, []function{
			{"none", `$util.appendError("2")` + none(`1`), `$util.appendError("3")$util.toJson($ctx.outErrors)`},
			{"none", `$util.appendError("4", "T", {"d":1}, {"i":2})` + none(`1`), `$util.appendError("5")$ctx.outErrors.size()`},
		}, `{"data":{"json":"5"},"errors":[` + strings.Join([]string{
			failure("json", "null", "null", "null", "1"), failure("json", "null", "null", "null", "2"), failure("json", "null", "null", "null", "3"),
			failure("json", `{"d":1}`, `"T"`, `{"i":2}`, "4"), failure("json", "null", "null", "null", "5"), failure("json", "null", "null", "null", "6"),
		}, ",") + `]}`},
		{"outErrors lists what was appended", `$util.appendError("1", "T", {"d":1}, {"i":2})$util.appendError("2"){}`, `$util.toJson($ctx.outErrors)`, nil,
			`{"data":{"json":"[{\"message\":\"1\",\"type\":\"T\",\"data\":{\"d\":1},\"errorInfo\":{\"i\":2}},{\"message\":\"2\"}]"},"errors":[` +
				failure("json", `{"d":1}`, `"T"`, `{"i":2}`, "1") + `,` + failure("json", "null", "null", "null", "2") + `]}`},
		{"appended errors come before the one that ends the resolver", `$util.appendError("1")$util.error("2")`, result, nil,
			failed("json", failure("json", "null", "null", "null", "1"), failure("json", "null", "null", "null", "2"))},
		{"an early return keeps appended errors", `$util.appendError("1")#return("early")`, result, nil,
			`{"data":{"json":"\"early\""},"errors":[` + failure("json", "null", "null", "null", "1") + `]}`},
		{"the before template has no result before it", prevs, result, nil, `{"data":{"json":"\"\""}}`},
		{"what is stashed of $ctx.prev stays", `"first"`, `[$util.toJson($ctx.stash.p), $util.toJson($ctx.prev)]`, []function{
			{"none", `$util.qr($ctx.stash.put("p", $ctx.prev))` + none(`1`), `"second"`},
		}, `{"data":{"json":"[{\"result\":\"first\"},{\"result\":\"second\"}]"}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newAPI(t)
			a.pipeline("Query.json", c.before, c.after, c.functions...)
			same(t, a.query(`{ json(id: "1") }`, ""), c.want)
		})
	}
}

func notSupported(field, message string) string {
	return failed(field, failure(field, "null", `"NotSupportedByEmulator"`, "null", message))
}

func TestWhatIsNotSupportedFailsItsField(t *testing.T) {
	const result = `$util.toJson($ctx.result)`
	code := &project.Template{Text: "export function request() {}"}
	for _, c := range []struct {
		name  string
		build func(*api)
		want  string
	}{
		{"JavaScript", func(a *api) {
			r := a.of("Query.json", project.KindUnit)
			r.Unit = project.Function{DataSource: "none", Code: code}
			a.add(r)
		}, "The emulator does not support APPSYNC_JS yet: Query.json has code instead of mapping templates."},
		{"a pipeline in JavaScript", func(a *api) {
			r := a.of("Query.json", project.KindPipeline)
			r.Unit = project.Function{Code: code}
			a.add(r)
		}, "The emulator does not support APPSYNC_JS yet: Query.json has code instead of mapping templates."},
		{"a function in JavaScript", func(a *api) {
			a.project.Functions = []*project.Function{{Name: "F", DataSource: "none", Code: code}}
			r := a.of("Query.json", project.KindPipeline)
			r.Functions = []project.FunctionRef{{Name: "F"}}
			a.add(r)
		}, "The emulator does not support APPSYNC_JS yet: Query.json/F has code instead of mapping templates."},
		{"a direct resolver", func(a *api) { a.unit("Query.json", "lambda", "", "") },
			"The emulator does not support direct resolvers yet: Query.json has no request mapping template."},
		{"a data source", func(a *api) {
			a.unit("Query.json", "lambda", `{"version":"2018-05-29","operation":"Invoke"}`, result)
		}, "The emulator does not support data sources of type AWS_LAMBDA yet: lambda is one."},
		{"a handler of failed conditions that runs nowhere", func(a *api) {
			a.unit("Query.json", "table", `{"version":"2018-05-29","operation":"DeleteItem","key":{"id":{"S":"1"}},"condition":{"expression":"attribute_not_exists(id)","conditionalCheckFailedHandler":{"strategy":"Custom","lambdaArn":"a"}}}`, result)
		}, "The condition failed, and its conditionalCheckFailedHandler cannot be asked: Lambda function a has no endpoint: pass --lambda a=URL or --lambda-endpoint URL, or name it under `functions` of the project."},
		{"setSubscriptionFilter", func(a *api) {
			a.unit("Query.json", "none", none(`1`), `$extensions.setSubscriptionFilter($util.transform.toSubscriptionFilter({"a":{"eq":1}}))null`)
		}, "$extensions.setSubscriptionFilter works in the resolvers of subscription fields alone."},
		{"setSubscriptionInvalidationFilter", func(a *api) {
			a.unit("Query.json", "none", none(`1`), `$extensions.setSubscriptionInvalidationFilter($util.transform.toSubscriptionFilter({"a":{"eq":1}}))null`)
		}, "$extensions.setSubscriptionInvalidationFilter works in the resolvers of subscription fields alone."},
		{"invalidateSubscriptions", func(a *api) {
			a.unit("Query.json", "none", none(`1`), `$extensions.invalidateSubscriptions({"subscriptionField":"onX","payload":{"a":1}})null`)
		}, "$extensions.invalidateSubscriptions works in the resolvers of mutations alone."},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newAPI(t)
			c.build(a)
			same(t, a.query(`{ json }`, ""), notSupported("json", c.want))
			if len(a.failed) > 0 {
				t.Errorf("reported as failures of the emulator: %v", a.failed)
			}
		})
	}
}

// Half of a pipeline's writes would be worse than none.
func TestPipelinesThatCannotRunWholeDoNotRun(t *testing.T) {
	a := newAPI(t)
	a.project.Functions = []*project.Function{
		{Name: "Write", DataSource: "table", Request: template(`{"operation":"PutItem","key":{"id":{"S":"half"}}}`), Response: template(`1`)},
		{Name: "Script", DataSource: "none", Code: &project.Template{Text: "x"}},
	}
	r := a.of("Query.json", project.KindPipeline)
	r.Functions = []project.FunctionRef{{Name: "Write"}, {Name: "Script"}}
	a.add(r)
	a.unit("Query.get", "table", `{"version":"2018-05-29","operation":"GetItem","key":{"id":{"S":"half"}}}`, `$util.toJson($ctx.result)`)
	same(t, a.query(`{ json }`, ""), notSupported("json", "The emulator does not support APPSYNC_JS yet: Query.json/Script has code instead of mapping templates."))
	same(t, a.query(`{ get { id } }`, ""), `{"data":{"get":null}}`)
}

// The errorType is that of AppSync's limit of 30 seconds, the wording our own.
func TestTheEndOfARequestIsATimeout(t *testing.T) {
	want := failed("json", failure("json", "null", `"ExecutionTimeout"`, "null", "Execution timed out."))
	for _, c := range []struct {
		name    string
		request string
		source  func(cancel context.CancelFunc) sourceFunc
	}{
		{"in the data source", none(`1`), func(cancel context.CancelFunc) sourceFunc {
			return func(ctx context.Context, _ *datasource.Invocation) (any, error) {
				cancel()
				<-ctx.Done()
				return nil, ctx.Err()
			}
		}},
		{"before the response template", none(`1`), func(cancel context.CancelFunc) sourceFunc {
			return func(context.Context, *datasource.Invocation) (any, error) {
				cancel()
				return "r", nil
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			a := newAPI(t)
			a.runtime.Source = func(string) datasource.Source { return c.source(cancel) }
			a.unit("Query.json", "any", c.request, `$util.toJson($ctx.result)`)
			same(t, a.queryIn(ctx, `{ json }`, ""), want)
			if len(a.failed) > 0 {
				t.Errorf("reported as failures of the emulator: %v", a.failed)
			}
		})
	}
}

func TestFailuresOfTheEmulatorAreInternal(t *testing.T) {
	a := newAPI(t)
	broke := errors.New("the disk is gone")
	a.runtime.Source = func(string) datasource.Source {
		return sourceFunc(func(context.Context, *datasource.Invocation) (any, error) { return nil, broke })
	}
	a.unit("Query.json", "any", none(`1`), `"handled"`)
	same(t, a.query(`{ json }`, ""), failed("json", failure("json", "null", `"InternalFailure"`, "null", "An internal failure occurred.")))
	if len(a.failed) != 1 || !errors.Is(a.failed[0], broke) {
		t.Errorf("the runtime was told %v", a.failed)
	}
}

// AppSync developer guide, http-helpers-in-util: the last definition wins; the
// response has the headers of failed resolvers too, for their templates ran.
func TestResponseHeaders(t *testing.T) {
	for _, c := range []struct{ name, after string }{
		{"of a resolver that answers", `1`},
		{"of a resolver that fails", `$util.error("no")`},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newAPI(t)
			set := map[string]string{}
			a.env = &resolver.Env{AddHeader: func(name, value string) { set[name] = value }}
			a.pipeline("Query.json", `$util.http.addResponseHeader("x-a", "1"){}`, `$util.http.addResponseHeader("x-a", "2")$util.http.addResponseHeader("x-b", "3")`+c.after)
			a.query(`{ json }`, "")
			if len(set) != 2 || set["x-a"] != "2" || set["x-b"] != "3" {
				t.Errorf("got %v", set)
			}
			a.env = nil
			a.query(`{ json }`, "")
		})
	}
}

func TestTemplatesWriteToTheLog(t *testing.T) {
	a := newAPI(t)
	a.unit("Query.json", "none", `$util.log.info("hello {}", "you")`+none(`1`), `$util.log.error("bye")1`)
	a.query(`{ json }`, "")
	if got := strings.Join(a.logged, "|"); got != "INFO Query.json hello you|ERROR Query.json bye" {
		t.Errorf("logged %q", got)
	}
	a.runtime.Log = nil
	a.unit("Query.json", "none", `$util.log.info("nobody listens")`+none(`1`), `1`)
	same(t, a.query(`{ json }`, ""), `{"data":{"json":"1"}}`)
}

func TestTemplateMistakesAreProblems(t *testing.T) {
	broken := &project.Template{Text: "{\n#if($a)\n", Pos: project.Position{File: "get.vtl", Line: 1, Column: 1}}
	api := &project.API{Functions: []*project.Function{{Name: "unused", Request: &project.Template{Text: "#set($a)"}}, {Name: "F", Request: broken}}}
	c := resolver.NewCompiler(api)
	c.Compile(&project.Resolver{Type: "Query", Field: "get", Kind: project.KindPipeline, Functions: []project.FunctionRef{{Name: "F"}, {Name: "F"}}}, "Node")
	if n := len(c.Problems()); n != 1 {
		t.Fatalf("%d problems for a text that is used twice: %v", n, c.Problems())
	}
	p := c.Problems()[0]
	if p.Pos.File != "get.vtl" || p.Hint == "" || strings.Contains(p.Message, "\n") {
		t.Errorf("got %+v", p)
	}
	c.Functions()
	if n := len(c.Problems()); n != 2 {
		t.Errorf("%d problems with the unused function", n)
	}
}

func TestBindNeedsItsDataSources(t *testing.T) {
	c := resolver.NewCompiler(&project.API{})
	r := c.Compile(&project.Resolver{Type: "Query", Field: "get", Kind: project.KindUnit, Unit: project.Function{DataSource: "nope", Request: template(none(`1`))}}, "Node")
	err := r.Bind(&resolver.Runtime{Source: func(string) datasource.Source { return nil }})
	if err == nil || !strings.Contains(err.Error(), `"nope"`) {
		t.Errorf("got %v", err)
	}
}
