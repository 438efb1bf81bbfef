package mappingtemplate_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"appsync-emulator/mappingtemplate"
	"appsync-emulator/mappingtemplate/vtl"
)

func evaluateJSON(t *testing.T, e *mappingtemplate.Evaluator, template, templateContext string) *mappingtemplate.Evaluation {
	t.Helper()
	out, err := e.Evaluate(context.Background(), mappingtemplate.EvaluationRequest{Template: template, Context: templateContext})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// The members, their order and the text that is not touched are those of the
// service; where a row names no recording it follows the page of
// EvaluateMappingTemplate and Velocity 1.7.
//
// See: https://docs.aws.amazon.com/appsync/latest/APIReference/API_EvaluateMappingTemplate.html
func TestEvaluationAnswers(t *testing.T) {
	tests := []struct{ name, template, context, want string }{
		// Inline snapshots of Jest tests that call the service have a trailing
		// comma and leading line feeds in evaluationResult.
		{"the text as it is, with a trailing comma", "\n\n{\n    \"id\": $util.dynamodb.toDynamoDBJson($context.arguments.id),\n}\n",
			`{"arguments":{"id":"USER_ID"}}`,
			`{"evaluationResult":"\n\n{\n    \"id\": {\"S\":\"USER_ID\"},\n}\n","logs":[],"stash":"{}","outErrors":"[]"}`},
		{"text that is no JSON", `$ctx.result`, `{"result":"ok"}`,
			`{"evaluationResult":"ok","logs":[],"stash":"{}","outErrors":"[]"}`},
		{"nothing", ` `, `{}`, `{"evaluationResult":" ","logs":[],"stash":"{}","outErrors":"[]"}`},
		{"args stand for arguments", `$ctx.arguments.id $ctx.args.id`, `{"args":{"id":7}}`,
			`{"evaluationResult":"7 7","logs":[],"stash":"{}","outErrors":"[]"}`},
		{"both names are the same map", `$util.qr($ctx.args.put("a", 1))$ctx.arguments.a`, `{}`,
			`{"evaluationResult":"1","logs":[],"stash":"{}","outErrors":"[]"}`},
		// The context's own text, recorded in JaSureInc/lambda-router, has arguments
		// alone; that info lacks the selection is documented.
		{"what is read but not listed", `$util.toJson($ctx) $ctx.info.selectionSetList`,
			`{"args":{"a":1},"info":{"fieldName":"f","selectionSetList":["id"],"selectionSetGraphQL":"{id}"},"stash":{},"outErrors":[]}`,
			`{"evaluationResult":"{\"info\":{\"fieldName\":\"f\"},\"stash\":{},\"outErrors\":[],\"arguments\":{\"a\":1}} [id]","logs":[],"stash":"{}","outErrors":"[]"}`},
		{"numbers and the order of keys", `$util.toJson($ctx.args)`,
			`{"arguments":{"z":12345678901234567890123,"a":9007199254740993,"m":1.5}}`,
			`{"evaluationResult":"{\"z\":12345678901234567890123,\"a\":9007199254740993,\"m\":1.5}","logs":[],"stash":"{}","outErrors":"[]"}`},
		{"#return of a value", `x#return({"a":[1, "b"]})y`, `{}`,
			`{"evaluationResult":"{\"a\":[1,\"b\"]}","logs":[],"stash":"{}","outErrors":"[]"}`},
		{"#return of JSON text", `#return("{""n"": 1.10}")`, `{}`,
			`{"evaluationResult":"{\"n\": 1.10}","logs":[],"stash":"{}","outErrors":"[]"}`},
		{"#return of other text", `#return("a b")`, `{}`,
			`{"evaluationResult":"\"a b\"","logs":[],"stash":"{}","outErrors":"[]"}`},
		{"#return of nothing", `#return`, `{}`,
			`{"evaluationResult":"null","logs":[],"stash":"{}","outErrors":"[]"}`},
		{"logs", `$util.log.info("a {} c", "b")$util.log.error({"k":1})`, `{}`,
			`{"evaluationResult":"","logs":["INFO - a b c","ERROR - {\"k\":1}"],"stash":"{}","outErrors":"[]"}`},
		{"stash and outErrors", `$util.qr($ctx.stash.put("b", [2]))$util.appendError("careful", "W")`,
			`{"stash":{"a":1},"outErrors":[]}`,
			`{"evaluationResult":"","logs":[],"stash":"{\"a\":1,\"b\":[2]}","outErrors":"[{\"message\":\"careful\",\"type\":\"W\"}]"}`},
		{"$util.error", `$util.log.info("x")$util.error("no way", "Type", {"d":1})`, `{}`,
			`{"error":{"message":"no way"},"logs":["INFO - x"],"stash":"{}","outErrors":"[]"}`},
		// aws-amplify/amplify-category-api tests its authorization templates by
		// calling the service: {message: "Unauthorized"}, and no evaluationResult.
		{"$util.unauthorized", `$util.unauthorized()`, `{}`,
			`{"error":{"message":"Unauthorized"},"logs":[],"stash":"{}","outErrors":"[]"}`},
		{"an exception", `#set($l = ["a","b","c"])$l.get(7)`, `{}`,
			`{"error":{"message":"Invocation of method 'get' in  class java.util.ArrayList threw exception java.lang.IndexOutOfBoundsException: Index 7 out of bounds for length 3 at velocity[line 1, column 28]"},"logs":[],"stash":"{}","outErrors":"[]"}`},
		{"the identity is that of the context", `$util.authType()`, `{"identity":{"sub":"s","issuer":"i","username":"u","claims":{},"sourceIp":["127.0.0.1"],"defaultAuthStrategy":"ALLOW","groups":null}}`,
			`{"evaluationResult":"User Pool Authorization","logs":[],"stash":"{}","outErrors":"[]"}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := evaluateJSON(t, &mappingtemplate.Evaluator{}, test.template, test.context)
			if diff := cmp.Diff(test.want, string(got.AppendJSON(nil))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTemplateThatDoesNotCompileHasOnlyAnError(t *testing.T) {
	got := evaluateJSON(t, &mappingtemplate.Evaluator{}, "a\n#if(", `{}`)
	if text := string(got.AppendJSON(nil)); !strings.HasPrefix(text, `{"error":{"message":"Encountered \"<EOF>\" at velocity[line 2, column 4]`) ||
		!strings.HasSuffix(text, `"}}`) {
		t.Errorf("got %s", text)
	}
	if got.Error.Line != 2 || got.Error.Column != 4 {
		t.Errorf("at %d:%d", got.Error.Line, got.Error.Column)
	}
}

// The forms are json.dumps(answer, indent=4, ensure_ascii=False) of Python,
// which the AWS CLI prints with.
func TestIndentedAnswerIsThatOfTheAWSCLI(t *testing.T) {
	tests := []struct{ name, template, want string }{
		{"success", `$util.log.info("é")$util.log.info("b")` + "a\"\\\b\f\n\r\t\x01\x1b\x7f\u2028<&>", `{
    "evaluationResult": "a\"\\\b\f\n\r\t\u0001\u001b` + "\x7f\u2028" + `<&>",
    "logs": [
        "INFO - é",
        "INFO - b"
    ],
    "stash": "{}",
    "outErrors": "[]"
}`},
		{"failure", `$util.error("no\u001B")`, `{
    "error": {
        "message": "no\u001b"
    },
    "logs": [],
    "stash": "{}",
    "outErrors": "[]"
}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := evaluateJSON(t, &mappingtemplate.Evaluator{}, test.template, `{}`)
			if diff := cmp.Diff(test.want, string(got.AppendIndentedJSON(nil))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestContextErrorsSayWhere(t *testing.T) {
	tests := []struct {
		name, context string
		line, column  int
		message       string
	}{
		{"no JSON", "{\n  \"é\": ,\n}", 2, 8, "Unexpected character (',' (code 44))"},
		{"empty", "", 1, 1, ""},
		{"an array", "[1]", 0, 0, "the context must be a JSON object, not an array"},
		{"null", "null", 0, 0, "the context must be a JSON object, not null"},
		{"more after it", "{} x", 1, 4, "Trailing characters"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := new(mappingtemplate.Evaluator).Evaluate(context.Background(),
				mappingtemplate.EvaluationRequest{Template: "x", Context: test.context})
			var bad *mappingtemplate.ContextError
			if !errors.As(err, &bad) {
				t.Fatalf("got %v", err)
			}
			if bad.Line != test.line || bad.Column != test.column || !strings.HasPrefix(bad.Message, test.message) {
				t.Errorf("got %d:%d %q", bad.Line, bad.Column, bad.Message)
			}
		})
	}
}

// The messages are AppSync's: see mappingtemplate's own tests for the sources.
func TestCheckedOutput(t *testing.T) {
	tests := []struct {
		check, template, want string // want is the error
	}{
		{"request", `{"a":1,}`, ""},
		{"request", `#return("x")`, ""},
		{"request", ` `, "Template transformation yielded an empty response."},
		{"request", `[1]`, "Expected JSON object for request template but got a 'ARRAY' instead."},
		{"request", `{} x`, "Trailing characters at the end of the JSON string are not allowed."},
		{"response", `[1]`, ""},
		{"response", `null`, ""},
		{"response", `# one sign`, "Unable to convert # one sign to Object."},
		{"", `# one sign`, ""},
	}
	for _, test := range tests {
		t.Run(test.check+" "+test.template, func(t *testing.T) {
			check, err := mappingtemplate.ParseCheck(test.check)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if out := evaluateJSON(t, &mappingtemplate.Evaluator{Check: check}, test.template, `{}`); out.Error != nil {
				got = out.Error.Message
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	if _, err := mappingtemplate.ParseCheck("yes"); err == nil {
		t.Error("no error for a check that does not exist")
	}
}

func TestSeedAndClockMakeEvaluationsRepeatable(t *testing.T) {
	now := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	run := func(seed uint64) string {
		e := &mappingtemplate.Evaluator{Now: func() time.Time { return now }, IDs: mappingtemplate.SeededIDs(seed)}
		return evaluateJSON(t, e, `$util.autoId() $util.autoUlid() $util.autoKsuid() $util.math.randomDouble() $util.time.nowISO8601()`, `{}`).Result
	}
	if a, b := run(1), run(1); a != b || !strings.HasSuffix(a, "2024-05-01T12:00:00.000Z") {
		t.Errorf("%q and %q", a, b)
	}
	if a, b := run(1), run(2); a == b {
		t.Errorf("two seeds give %q", a)
	}
}

func TestEvaluationThatIsBrokenOff(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := new(mappingtemplate.Evaluator).Evaluate(ctx, mappingtemplate.EvaluationRequest{
		Template: `#foreach($i in [1..1000])#foreach($j in [1..1000])$i#end#end`, Context: `{}`})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestWarningsAreNoLogs(t *testing.T) {
	e := &mappingtemplate.Evaluator{Options: vtl.Options{LoopIterations: 2}}
	out := evaluateJSON(t, e, `#foreach($i in [1..9])$i#end`, `{}`)
	if out.Result != "12" || len(out.Logs) != 0 || len(out.Warnings) != 1 {
		t.Errorf("got %+v", out)
	}
}

func TestExcerptPointsAtThePlace(t *testing.T) {
	long := strings.Repeat("x", 150)
	tests := []struct {
		name, template string
		line, column   int // Velocity's
		wantColumn     int
		want           string
	}{
		{"plain", "a\nbc #if(", 2, 7, 7, "    bc #if(\n          ^\n"},
		{"after the end of the line", "ab\n", 1, 3, 3, "    ab\n      ^\n"},
		{"behind a tab", "\ta b", 1, 9, 2, "    \ta b\n    \t^\n"},
		{"behind letters with accents", "é$x", 1, 2, 2, "    é$x\n     ^\n"},
		{"behind a character of two units", "😀$x", 1, 3, 2, "    😀$x\n      ^\n"},
		{"behind wide characters", "日本$x", 1, 3, 3, "    日本$x\n        ^\n"},
		{"behind a combining accent", "e\u0301$x", 1, 3, 3, "    e\u0301$x\n     ^\n"},
		{"control characters do not reach the terminal", "\x1b[31m$x", 1, 6, 6, "    ·[31m$x\n         ^\n"},
		{"a long line, at its start", "$" + long, 1, 1, 1, "    $" + long[:99] + "…\n    ^\n"},
		{"a long line, within", long + "$" + long, 1, 151, 151,
			"    …" + long[:60] + "$" + long[:39] + "…\n     " + strings.Repeat(" ", 60) + "^\n"},
		{"a long line, at its end", long + "$", 1, 151, 151, "    …" + long[:99] + "$\n     " + strings.Repeat(" ", 99) + "^\n"},
		{"line ends of Windows", "a\r\nb$x\r\n", 2, 2, 2, "    b$x\n     ^\n"},
		{"no place", "a", 0, 0, 0, ""},
		{"a line that is not there", "a", 7, 1, 0, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := &mappingtemplate.EvaluationError{Line: test.line, Column: test.column}
			column, got := e.Excerpt(test.template)
			if column != test.wantColumn {
				t.Errorf("column %d, want %d", column, test.wantColumn)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// $util.error has no place of its own; the statement that it is in has.
func TestCoverageTellsWhereTheTemplateAborted(t *testing.T) {
	e := &mappingtemplate.Evaluator{Coverage: &mappingtemplate.Coverage{}}
	out := evaluateJSON(t, e, "{\n  #if($ctx.args.isEmpty())\n\t$util.error(\"no\")\n#end\n}", `{}`)
	if out.Error == nil || out.Error.Line != 3 || out.Error.Column != 9 {
		t.Errorf("got %+v", out.Error)
	}
}

func FuzzContext(f *testing.F) {
	for _, seed := range []string{`{}`, `{"arguments":null,"stash":7,"outErrors":{}}`, `[`, "{\"a\":\n\"\\u00", `{"stash":"x","identity":[]}`} {
		f.Add(`$util.toJson($ctx)$util.qr($ctx.stash.put("a", 1))$util.appendError("x")$util.authType()`, seed)
	}
	f.Fuzz(func(t *testing.T, template, templateContext string) {
		e := &mappingtemplate.Evaluator{
			Now:      func() time.Time { return time.UnixMilli(0) },
			IDs:      mappingtemplate.SeededIDs(1),
			Coverage: &mappingtemplate.Coverage{},
			Options:  vtl.Options{Steps: 100_000},
		}
		out, err := e.Evaluate(context.Background(), mappingtemplate.EvaluationRequest{Template: template, Context: templateContext})
		if err != nil {
			var bad *mappingtemplate.ContextError
			if !errors.As(err, &bad) {
				t.Fatal(err)
			}
			bad.Excerpt(templateContext)
			return
		}
		if out.Error != nil {
			out.Error.Excerpt(template)
		}
		if out.Error != nil && errors.Is(out.Error, vtl.ErrBudget) {
			return // a probe of a macro is a step of its own
		}
		plain, err := (&mappingtemplate.Evaluator{Now: e.Now, IDs: e.IDs, Options: e.Options}).Evaluate(context.Background(),
			mappingtemplate.EvaluationRequest{Template: template, Context: templateContext})
		if err != nil || plain.Result != out.Result || (plain.Error == nil) != (out.Error == nil) {
			t.Fatalf("%v with coverage, %v and %v without", out.Error, plain.Error, err)
		}
	})
}
