package plan_test

import (
	"bufio"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"appsync-emulator/emulator/internal/apierror"
	"appsync-emulator/emulator/internal/plan"
	"appsync-emulator/emulator/internal/schema"
	"appsync-emulator/mappingtemplate/value"
)

// recording is a request and what graphql-java 9.0 itself answered to it, on
// shopSDL with scalars for AppSync's and a data fetcher on every root field that
// noted its arguments. Regenerate by parsing, validating and executing each
// query with that release.
type recording struct {
	Query         string          `json:"query"`
	OperationName string          `json:"operationName"`
	Variables     json.RawMessage `json:"variables"`
	// Malformed is set when the text did not parse, Crash when the engine
	// failed by an assertion of its own.
	Malformed bool              `json:"malformed"`
	Crash     string            `json:"crash"`
	Errors    []json.RawMessage `json:"errors"`
	// Calls are the root fields that were fetched, when nothing was wrong.
	Calls []json.RawMessage `json:"calls"`
}

// recordings reads testdata/graphql-java-9.0.jsonl.
func recordings(t testing.TB) []recording {
	t.Helper()
	f, err := os.Open("testdata/graphql-java-9.0.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []recording
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r recording
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func (r recording) variables(t testing.TB) *value.Map {
	t.Helper()
	if len(r.Variables) == 0 {
		return nil
	}
	v, err := value.ParseJSON(string(r.Variables))
	if err != nil {
		t.Fatal(err)
	}
	m, _ := v.(*value.Map)
	return m
}

// answer is what the request gets here, in the form of the recording's.
func (r recording) answer(t testing.TB, s *schema.Schema) string {
	t.Helper()
	p, failure := plan.Compile(s, r.Query, r.OperationName, plan.Options{})
	if failure != nil {
		if failure.Kind != plan.Errors {
			return failure.Error()
		}
		return errorsJSON(failure.Errors)
	}
	vars, refused := p.Coerce(r.variables(t))
	if refused != nil {
		return errorsJSON([]*apierror.Error{refused})
	}
	var calls []string
	for _, f := range p.Root.For(p.Root.Type) {
		if !f.Meta && f.Included(vars) {
			calls = append(calls, value.JSON(value.MapOf("field", f.Def.Name, "args", f.Arguments(vars))))
		}
	}
	return strings.Join(calls, "\n")
}

// differences are the requests that AppSync answers otherwise than the engine
// does by itself, or that we answer otherwise on purpose.
var differences = map[string]struct{ reason, want string }{
	`{ search(filter: {limit: 1, meta: "{}"}) { __typename } }`: {
		"AWSJSON is parsed on its way to the templates (AppSync guide, scalars)",
		`{"field":"search","args":{"filter":{"style":"PLAIN","limit":1,"meta":{}}}}`,
	},
	`query query($type: ID) { author(id: $type) { id } }`: {
		"an absent variable is an absent argument, not a null one: $ctx.args lacks it, or has its default",
		`{"field":"author","args":{"id":"a1"}}`,
	},
	"{ author { ...F } } fragment F on Style { x }": {
		"the engine fails with an assertion right after reporting this",
		`{"path":null,"locations":[{"line":1,"column":21,"sourceName":null}],"message":"Validation error of type InlineFragmentTypeConditionInvalid: Fragment type condition is invalid, must be on Object/Interface/Union @ 'F'"}`,
	},
	"{ author { id } }\n\"doc\" enum E { A }\n  interface I { a: Int } input N { a: Int } union U = A | B": {
		"the engine goes on to judge the inside of what it has just refused",
		`{"path":null,"locations":[{"line":2,"column":1,"sourceName":null}],"message":"Validation error of type NonExecutableDefinition: The E definition is not executable."}
{"path":null,"locations":[{"line":3,"column":3,"sourceName":null}],"message":"Validation error of type NonExecutableDefinition: The I definition is not executable."}
{"path":null,"locations":[{"line":3,"column":26,"sourceName":null}],"message":"Validation error of type NonExecutableDefinition: The N definition is not executable."}
{"path":null,"locations":[{"line":3,"column":45,"sourceName":null}],"message":"Validation error of type NonExecutableDefinition: The U definition is not executable."}`,
	},
}

// undefinedField is how the engine words an unknown input field. Since 2023
// AppSync does not name the field (aws/aws-appsync-community#273).
var undefinedField = regexp.MustCompile(`contains a field name '\w+' that`)

func (r recording) expected() string {
	if d, ok := differences[r.Query]; ok {
		return d.want
	}
	if r.Malformed {
		return "MalformedHttpRequestException: Unable to parse GraphQL query."
	}
	lines := r.Errors
	if len(lines) == 0 {
		lines = r.Calls
	}
	text := make([]string, len(lines))
	for i, l := range lines {
		text[i] = undefinedField.ReplaceAllString(string(l), "contains a field that")
	}
	return strings.Join(text, "\n")
}

func TestAnswersAreThoseOfTheEngine(t *testing.T) {
	s := parseSchema(t, shopSDL)
	for _, r := range recordings(t) {
		if diff := cmp.Diff(r.expected(), r.answer(t, s)); diff != "" {
			t.Errorf("%s\n%s (-engine +got):\n%s", r.Query, r.Variables, diff)
		}
	}
}
