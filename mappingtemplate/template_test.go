package mappingtemplate_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"appsync-emulator/mappingtemplate"
	"appsync-emulator/mappingtemplate/builtin"
	"appsync-emulator/mappingtemplate/value"
	"appsync-emulator/mappingtemplate/vtl"
)

func parse(t testing.TB, text string) any {
	t.Helper()
	v, err := value.ParseJSON(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

func object(t testing.TB, text string) *value.Map {
	t.Helper()
	return parse(t, text).(*value.Map)
}

func compile(t testing.TB, text string) *mappingtemplate.Template {
	t.Helper()
	tmpl, err := mappingtemplate.Compile("test.vtl", text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return tmpl
}

func evaluate(t testing.TB, text, ctx string) (mappingtemplate.Outcome, error) {
	t.Helper()
	return compile(t, text).Evaluate(context.Background(), mappingtemplate.Env{Context: object(t, ctx)})
}

// Sources: AWS's pages "Resolver mapping template programming guide" and
// "AppSync directives"; templates that Amplify generates.
func TestEvaluateYieldsTheValueOfTheText(t *testing.T) {
	for _, c := range []struct{ name, template, ctx, want string }{
		{"an object", `{"a": $util.toJson($ctx.result)}`, `{"result":[1,"x",null]}`, `{"a":[1,"x",null]}`},
		{"a bare null", "\n  $util.toJson(null)\n", `{}`, `null`},
		{"a string", `"text"`, `{}`, `"text"`},
		{"trailing commas", `{"a":[1,2,],}`, `{}`, `{"a":[1,2]}`},
		{"both names of the roots", `[$util.toJson($ctx.a),$utils.toJson($context.a)]`, `{"a":1}`, `[1,1]`},
		{"silent helpers print nothing", `$util.qr($ctx.stash.put("a", 1))$util.appendError("m")$extensions.setSubscriptionFilter({})$util.log.info("x")$util.validate(true, "m")null`, `{"stash":{}}`, `null`},
		{"a call on null", `$util.qr($ctx.result.put("__operation", "Mutation"))$util.toJson($ctx.result)`, `{"result":null}`, `null`},
		{"nested literals as arguments", `$util.toJson({"version":"2018-05-29","payload":{}})`, `{}`, `{"version":"2018-05-29","payload":{}}`},
		{"null as an argument", `$util.toJson($util.defaultIfNull($ctx.args.nextToken, null))`, `{"args":{}}`, `null`},
		{"entry sets", `[#foreach($e in $util.map.copyAndRemoveAllKeys($ctx.args, ["b"]).entrySet())"$e.key"#if($foreach.hasNext()),#end#end]`, `{"args":{"a":1,"b":2,"c":3}}`, `["a","c"]`},
		{"a filter expression", `$util.toJson($util.parseJson($util.transform.toDynamoDBFilterExpression($ctx.args.filter)))`, `{"args":{"filter":{"v":{"eq":"x"}}}}`,
			`{"expression":"(#v = :v_eq)","expressionNames":{"#v":"v"},"expressionValues":{":v_eq":{"S":"x"}}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := evaluate(t, c.template, c.ctx)
			if err != nil {
				t.Fatal(err)
			}
			if got := value.JSON(out.Value); got != c.want || out.Returned {
				t.Errorf("%s, returned %v; want %s", got, out.Returned, c.want)
			}
		})
	}
}

// AWS's page "AppSync directives", and the forms that Amplify's templates use.
func TestReturn(t *testing.T) {
	for _, c := range []struct{ name, template, ctx, want string }{
		{"nothing", `text #return`, `{}`, `null`},
		{"an object", `text #return($ctx.args) more`, `{"args":{"a":[1]}}`, `{"a":[1]}`},
		{"JSON text of an object", `#return($util.toJson({}))`, `{}`, `{}`},
		{"JSON text of null", `#return($util.toJson(null))`, `{}`, `null`},
		{"other text", `#return("plain text")`, `{}`, `"plain text"`},
		{"null", `#return($ctx.nothing)`, `{}`, `null`},
		{"a set", `#return($ctx.args.keySet())`, `{"args":{"a":1,"b":2}}`, `["a","b"]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, f := range []func(*mappingtemplate.Template, context.Context, mappingtemplate.Env) (mappingtemplate.Outcome, error){
				(*mappingtemplate.Template).Evaluate, (*mappingtemplate.Template).EvaluateRequest,
			} {
				out, err := f(compile(t, c.template), context.Background(), mappingtemplate.Env{Context: object(t, c.ctx)})
				if err != nil {
					t.Fatal(err)
				}
				if got := value.JSON(out.Value); got != c.want || !out.Returned {
					t.Errorf("%s, returned %v; want %s", got, out.Returned, c.want)
				}
			}
		})
	}
}

func TestReturnRefusesValuesThatHoldThemselves(t *testing.T) {
	_, err := evaluate(t, `#set($m = {})$util.qr($m.put("self", $m))#return($m)`, `{}`)
	var failure *mappingtemplate.Error
	if !errors.As(err, &failure) {
		t.Errorf("error = %v", err)
	}
}

func TestMessagesOfUnusableOutput(t *testing.T) {
	const response, request = false, true
	long := strings.Repeat("x", 600)
	for _, c := range []struct {
		name     string
		request  bool
		template string
		want     string
	}{
		// stackoverflow.com/questions/76802190
		{"nothing", response, " \n\t", "Template transformation yielded an empty response."},
		{"nothing for a request", request, "#set($a = 1)", "Template transformation yielded an empty response."},
		{"only an appended error", response, `$util.appendError("m")`, "Template transformation yielded an empty response."},
		// aws/aws-appsync-community#100
		{"a comment with one pound sign", response, "    \n    # This is a comment\n", "Unable to convert     \n    # This is a comment\n to Object."},
		// serverless-components/aws-app-sync#25
		{"text after the value", request, `{"version": "2017-02-28"})`, "Trailing characters at the end of the JSON string are not allowed."},
		{"text after a response", response, `{} {}`, "Trailing characters at the end of the JSON string are not allowed."},
		// Jackson 2.9, com.fasterxml.jackson.core.JsonParseException
		{"a missing comma", request, "{\n  \"a\": 1\n  \"b\": 2\n}", "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries\n at [Source: (String)\"{\n  \"a\": 1\n  \"b\": 2\n}\"; line: 3, column: 4]"},
		// The parser's words that aws-samples/aws-serverless-appsync-app#5 quotes.
		{"two braces", request, "\n{\n    {\n    }\n}", "Unexpected character ('{' (code 123)): was expecting double-quote to start field name\n at [Source: (String)\"\n{\n    {\n    }\n}\"; line: 3, column: 6]"},
		{"columns count UTF-16 units", request, `{"a": "ü😀" "b"}`, "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries\n at [Source: (String)\"{\"a\": \"ü😀\" \"b\"}\"; line: 1, column: 14]"},
		{"long text", request, `{"a": "` + long + `" "b"}`, "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries\n at [Source: (String)\"{\"a\": \"" + long[:493] + "\"[truncated 113 chars]; line: 1, column: 611]"},
		// AppSync's wording is not known.
		{"a list for a request", request, `[]`, "Expected JSON object for request template but got a 'ARRAY' instead."},
		{"null for a request", request, `null`, "Expected JSON object for request template but got a 'NULL' instead."},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := (*mappingtemplate.Template).Evaluate
			if c.request {
				f = (*mappingtemplate.Template).EvaluateRequest
			}
			_, err := f(compile(t, c.template), context.Background(), mappingtemplate.Env{Context: &value.Map{}})
			var failure *mappingtemplate.Error
			if !errors.As(err, &failure) {
				t.Fatalf("error = %v (%T)", err, err)
			}
			if failure.Message != c.want {
				t.Errorf("message\n%q, want\n%q", failure.Message, c.want)
			}
		})
	}
}

// awslabs/aws-mobile-appsync-sdk-js#124; the limit is that of AWS's page
// "AWS AppSync endpoints and quotas".
func TestOutputOverFiveMegabytesIsRefused(t *testing.T) {
	ctx := value.MapOf("result", value.MapOf("text", strings.Repeat("x", 5<<20)))
	for _, text := range []string{`$util.toJson($ctx.result)`, `{"a": "$ctx.result.text"}`} {
		_, err := compile(t, text).Evaluate(context.Background(), mappingtemplate.Env{Context: ctx})
		var failure *mappingtemplate.Error
		if !errors.As(err, &failure) || failure.Message != "Transformation too large" {
			t.Errorf("%s: error %.200v", text, err)
		}
	}
}

func TestTemplateErrorsHavePositions(t *testing.T) {
	_, err := mappingtemplate.Compile("broken.vtl", "{\n#if($a\n}")
	var failure *mappingtemplate.Error
	if !errors.As(err, &failure) || failure.Line == 0 || failure.Column == 0 || failure.Template != "broken.vtl" {
		t.Errorf("Compile: %+v", err)
	}
	// Apache Velocity 1.7 names the place of a method that throws.
	_, err = evaluate(t, "{\n  \"a\": $ctx.list.get(7)\n}", `{"list":[1,2,3]}`)
	if !errors.As(err, &failure) || failure.Line != 2 || failure.Column == 0 ||
		!strings.HasPrefix(failure.Message, "Invocation of method 'get' in  class java.util.ArrayList threw exception java.lang.IndexOutOfBoundsException: Index 7 out of bounds for length 3 at velocity[line 2, column ") {
		t.Errorf("Evaluate: %+v", failure)
	}
}

func TestAbortsPassThrough(t *testing.T) {
	util := &builtin.Env{Field: builtin.Field{Name: "f", OutputType: "T"}}
	for text, want := range map[string]string{
		`$util.error("m", "E")`:                                          "E: m",
		`#if(true) $util.unauthorized() #end`:                            "Unauthorized: Not Authorized to access f on type T",
		`{"a": "$util.validate(false, 'm')"}`:                            "CustomTemplateException: m",
		`#set($x = $util.error("inside a string"))`:                      "inside a string",
		`$util.qr($util.error("m", "E", $ctx.result))`:                   "E: m",
		`#foreach($i in [1..3])#if($i == 2)$util.error("at $i")#end#end`: "at 2",
	} {
		_, err := compile(t, text).Evaluate(context.Background(), mappingtemplate.Env{Context: &value.Map{}, Util: util})
		var abort *builtin.Abort
		if !errors.As(err, &abort) || abort.Error() != want {
			t.Errorf("%s: error %v", text, err)
		}
	}
}

func TestHelpersThatThrowAreTemplateErrors(t *testing.T) {
	for _, text := range []string{`$util.urlDecode("%zz")`, `$util.matches("(", "a")`, `$util.time.nowFormatted("b")`, `$util.authRules.queryAuth([])`} {
		_, err := evaluate(t, text, `{}`)
		var failure *mappingtemplate.Error
		if !errors.As(err, &failure) || failure.Message == "" {
			t.Errorf("%s: error %v", text, err)
		}
	}
}

func TestTheContextEndsEvaluation(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, text := range []string{`$util.toJson($ctx.result)`, `{"a": 1}`} {
		_, err := compile(t, text).Evaluate(ctx, mappingtemplate.Env{Context: &value.Map{}})
		var failure *mappingtemplate.Error
		if !errors.Is(err, context.Canceled) || errors.As(err, &failure) {
			t.Errorf("%s: error %v", text, err)
		}
	}
}

func TestUtilDefaultsToTheContext(t *testing.T) {
	ctx := object(t, `{"identity":{"resolverContext":{}},"outErrors":[]}`)
	out, err := compile(t, `$util.appendError("m", "T")$util.toJson([$util.authType(), $ctx.outErrors])`).
		Evaluate(context.Background(), mappingtemplate.Env{Context: ctx})
	if err != nil {
		t.Fatal(err)
	}
	if got := value.JSON(out.Value); got != `["Lambda Authorization",[{"message":"m","type":"T"}]]` {
		t.Error(got)
	}
}

func TestEffectsAndLogsReachTheirOwner(t *testing.T) {
	var lines []string
	util := &builtin.Env{
		Now:     func() time.Time { return time.UnixMilli(0) },
		Effects: &builtin.Effects{},
		Log:     func(level, text string) { lines = append(lines, level+" "+text) },
	}
	env := mappingtemplate.Env{Context: &value.Map{}, Util: util, Options: vtl.Options{LoopIterations: 2}}
	out, err := compile(t, `$util.http.addResponseHeader("a", "b")$util.log.info("hello {}", 1)"$util.time.nowISO8601()#foreach($i in [1..9])$i#end"`).
		EvaluateRequest(context.Background(), env)
	if err == nil {
		t.Fatalf("a string is a request: %v", out)
	}
	if len(util.Effects.Headers) != 1 || len(lines) < 2 || lines[0] != "INFO hello 1" || !strings.HasPrefix(lines[1], "WARN ") {
		t.Errorf("headers %v, log %q", util.Effects.Headers, lines)
	}
	r, err := compile(t, `$util.time.nowISO8601()`).Render(context.Background(), env)
	if err != nil || r.Text != "1970-01-01T00:00:00.000Z" {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestDocument(t *testing.T) {
	out, err := compile(t, `{"version":"2018-05-29",}`).EvaluateRequest(context.Background(), mappingtemplate.Env{Context: &value.Map{}})
	if err != nil {
		t.Fatal(err)
	}
	m, err := mappingtemplate.Document(out)
	if err != nil || m.Value("version") != "2018-05-29" {
		t.Errorf("%v, %v", m, err)
	}
	var failure *mappingtemplate.Error
	if _, err := mappingtemplate.Document(mappingtemplate.Outcome{Value: "x"}); !errors.As(err, &failure) {
		t.Errorf("error = %v", err)
	}
}
