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
		{"a number", `#return(5)`, `{}`, `5`},
		{"a decimal", `#return(1.50)`, `{}`, `1.5`},
		{"false", `#return(false)`, `{}`, `false`},
		{"a list", `#return(["a", $ctx.args.n, $ctx.nothing])`, `{"args":{"n":1.5}}`, `["a",1.5,null]`},
		{"JSON text of a number", `#return(" 5 ")`, `{}`, `5`},
		{"JSON text of a string", `#return($util.toJson("text"))`, `{}`, `"text"`},
		{"JSON text in an argument", `#return($ctx.args.a)`, `{"args":{"a":"[1, 2]"}}`, `[1,2]`},
		{"JSON text inside an object stays text", `#return($ctx.args)`, `{"args":{"a":"[1, 2]"}}`, `{"a":"[1, 2]"}`},
		{"text with more behind JSON", `#return("{} {}")`, `{}`, `"{} {}"`},
		{"empty text", `#return("")`, `{}`, `""`},
		{"text that is not JSON by itself", `#return("$ctx.args")`, `{"args":{"a":1}}`, `"{a=1}"`},
		{"in a branch", `#if($ctx.a)#return("a")#{else}#return("b")#end`, `{"a":false}`, `"b"`},
		{"in a loop", `#foreach($i in [1..3])#foreach($j in [1..3])#if($i * $j == 4)#return([$i, $j])#end#end#end never`, `{}`, `[2,2]`},
		{"in a loop over a map", `#foreach($v in $ctx.args)$v#return($v)#break#end`, `{"args":{"a":{"b":1},"c":2}}`, `{"b":1}`},
		{"in a macro", `#macro(leave $v)#return($v)#end before #leave({"a": 1}) after`, `{}`, `{"a":1}`},
		{"in the body of a macro", `#macro(twice)$bodyContent$bodyContent#end#@twice()#return("body")#end after`, `{}`, `"body"`},
		{"in a block", `#define($block)#return("block")#end before $block after`, `{}`, `"block"`},
		{"in a string", `#set($text = "#return(1)")$text after`, `{}`, `1`},
		{"in #evaluate", `#evaluate('#return({"a": 1})') after`, `{}`, `{"a":1}`},
		{"nothing in a macro in a loop", `#macro(leave)#return#end#foreach($i in [1..3])$i#leave()#end`, `{}`, `null`},
		{"#stop is no return", `#if($ctx.a)#return(1)#end"text"#stop`, `{}`, `not returned`},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, f := range []func(*mappingtemplate.Template, context.Context, mappingtemplate.Env) (mappingtemplate.Outcome, error){
				(*mappingtemplate.Template).Evaluate, (*mappingtemplate.Template).EvaluateRequest,
			} {
				out, err := f(compile(t, c.template), context.Background(), mappingtemplate.Env{Context: object(t, c.ctx)})
				if c.want == "not returned" {
					if out.Returned {
						t.Errorf("returned %s", value.JSON(out.Value))
					}
					continue
				}
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
		// aws-amplify/amplify-cli#9206, aws-amplify/amplify-category-api#590 and
		// amazon-archives/aws-appsync-visualization-with-athena-app#9, which has an
		// older form of the last words.
		{"a backslash before an object", response, "\n\n\\\n{}", "Unable to convert \n\n\\\n{} to Object."},
		{"a bracket before an object", response, "\n             )\n                  {}", "Unable to convert \n             )\n                  {} to Object."},
		{"a helper that does not exist", response, "    $utils.appendErrors($ctx.result.body.Message)\n", "Unable to convert     $utils.appendErrors($ctx.result.body.Message)\n to Object."},
		// serverless-components/aws-app-sync#25
		{"text after the value", request, `{"version": "2017-02-28"})`, "Trailing characters at the end of the JSON string are not allowed."},
		{"text after a response", response, `{} {}`, "Trailing characters at the end of the JSON string are not allowed."},
		// Jackson 2.9.10, com.fasterxml.jackson.core.JsonParseException
		{"a missing comma", request, "{\n  \"a\": 1\n  \"b\": 2\n}", "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries\n at [Source: (String)\"{\n  \"a\": 1\n  \"b\": 2\n}\"; line: 3, column: 4]"},
		// The parser's words that aws-samples/aws-serverless-appsync-app#5 quotes.
		{"two braces", request, "\n{\n    {\n    }\n}", "Unexpected character ('{' (code 123)): was expecting double-quote to start field name\n at [Source: (String)\"\n{\n    {\n    }\n}\"; line: 3, column: 6]"},
		// aws-amplify/amplify-js#7179, letter for letter but for the helper's name, which AppSync did not know
		// then.
		{"an unknown helper", request, "\n\n{\n      \"version\": \"2018-05-29\",\n      \"operation\": \"Sync\",\n      \"limit\": 1000,\n      \"nextToken\": null,\n      \"lastSync\": 0,\n      \"filter\":     $util.transform.toDynamoDBFilter($ctx.args.filter)\n      }\n",
			"Unrecognized token '$util': was expecting ('true', 'false' or 'null')\n at [Source: (String)\"\n\n{\n      \"version\": \"2018-05-29\",\n      \"operation\": \"Sync\",\n      \"limit\": 1000,\n      \"nextToken\": null,\n      \"lastSync\": 0,\n      \"filter\":     $util.transform.toDynamoDBFilter($ctx.args.filter)\n      }\n\"; line: 9, column: 26]"},
		// little-bear-labs/aws-utils#107: AppSync refuses what JSON5 would take.
		{"a name without quotes", request, "{version: 1}", "Unexpected character ('v' (code 118)): was expecting double-quote to start field name\n at [Source: (String)\"{version: 1}\"; line: 1, column: 3]"},
		{"a line end in a string", request, "{\"a\": \"x\ny\"}", "Illegal unquoted character ((CTRL-CHAR, code 10)): has to be escaped using backslash to be included in string value\n at [Source: (String)\"{\"a\": \"x\ny\"}\"; line: 1, column: 10]"},
		{"over 32,768 characters", request, "{\"a\": \"" + strings.Repeat(long, 60) + "\" \"b\"}", "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries\n at [Source: (StringReader); line: 1, column: 36011]"},
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

// The quota counts what the template renders, the last byte of it too.
func TestOutputOfFiveMegabytesIsNot(t *testing.T) {
	const limit = 5 << 20
	for _, n := range []int{limit - 2, limit - 1} {
		env := mappingtemplate.Env{Context: value.MapOf("result", strings.Repeat("x", n))}
		for _, text := range []string{`$util.toJson($ctx.result)`, `"$ctx.result"`, `#if(true)$util.toJson($ctx.result)#end`} {
			out, err := compile(t, text).Evaluate(context.Background(), env)
			if n+2 <= limit {
				if s, _ := out.Value.(string); err != nil || len(s) != n {
					t.Errorf("%s: %d bytes, error %.200v", text, len(s), err)
				}
			} else if got := message(t, err); got != "Transformation too large" {
				t.Errorf("%s: %.200s", text, got)
			}
		}
	}
}

// AWS's quota is 1000 iterations of a #foreach; that it ends silently is
// Velocity's way.
func TestLoopsEndAfterAThousandRounds(t *testing.T) {
	var lines []string
	env := mappingtemplate.Env{Context: &value.Map{}, Util: &builtin.Env{Log: func(level, text string) { lines = append(lines, level+" "+text) }}}
	for text, warned := range map[string]bool{
		`#foreach($i in [1..1000])#set($n = $foreach.count)#end$n`:                                  false,
		`#foreach($i in [1..1001])#set($n = $foreach.count)#end$n`:                                  true,
		`#foreach($i in [1..2000])#set($n = $i)#if($i == 1000)#break#end#end$n`:                     false,
		`#foreach($i in [1..3])#foreach($j in [1..1000])#set($n = $j)#break#end#end#set($n=1000)$n`: false,
	} {
		lines = nil
		out, err := compile(t, text).Evaluate(context.Background(), env)
		if err != nil || !value.Equals(out.Value, int32(1000)) {
			t.Errorf("%s: %v, %v", text, out.Value, err)
		}
		if (len(lines) == 1) != warned || warned && !strings.HasPrefix(lines[0], "WARN ") {
			t.Errorf("%s logged %q", text, lines)
		}
	}
}

func TestAnEvaluationAllocatesNothingForWarningsThatNobodyMakes(t *testing.T) {
	tmpl, log := compile(t, `{"a": 1}`), func(string, string) {}
	measure := func(util *builtin.Env, options vtl.Options) float64 {
		env := mappingtemplate.Env{Context: value.NewMap(0), Util: util, Options: options}
		return testing.AllocsPerRun(100, func() {
			if _, err := tmpl.Render(context.Background(), env); err != nil {
				t.Fatal(err)
			}
		})
	}
	silent := measure(&builtin.Env{Cache: &builtin.Cache{}}, vtl.Options{})
	logged := measure(&builtin.Env{Cache: &builtin.Cache{}, Log: log}, vtl.Options{Logf: mappingtemplate.Warnings(log)})
	if logged != silent {
		t.Errorf("%v allocations with a log, %v without", logged, silent)
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
