package mappingtemplate_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"appsync-emulator/mappingtemplate"
	"appsync-emulator/mappingtemplate/value"
)

func runBatch(t testing.TB, e *mappingtemplate.Evaluator, input string, opt mappingtemplate.BatchOptions) (string, mappingtemplate.BatchResult) {
	t.Helper()
	var out bytes.Buffer
	result, err := e.EvaluateBatch(context.Background(), strings.NewReader(input), &out, opt)
	if err != nil {
		t.Fatal(err)
	}
	return out.String(), result
}

// The forms of lines and answers are this project's own: they are told in
// docs/eval.md.
func TestBatchAnswersEachLine(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.vtl"), []byte("$ctx.args.id!"), 0o600); err != nil {
		t.Fatal(err)
	}
	const ok = `"template":"$ctx.args.id","context":{"args":{"id":"x"}}`
	tests := []struct{ name, line, want string }{
		{"an id that is text", `{"id":"a",` + ok + `}`, `{"id":"a","evaluationResult":"x"}`},
		{"an id comes back as it was written", `{ ` + ok + ` , "id" : 1.10e0 }`, `{"id":1.10e0,"evaluationResult":"x"}`},
		{"an id with structure and blanks", `{"id": {"a": [1, "}\"]"],  "b":{}},` + ok + `}`, `{"id":{"a": [1, "}\"]"],  "b":{}},"evaluationResult":"x"}`},
		{"an id with escapes", `{"id":"\u00e9\/",` + ok + `}`, `{"id":"\u00e9\/","evaluationResult":"x"}`},
		{"an id whose name has escapes", `{"\u0069d":true,` + ok + `}`, `{"id":true,"evaluationResult":"x"}`},
		{"the last of two ids", `{"id":1,"id":2,` + ok + `}`, `{"id":2,"evaluationResult":"x"}`},
		{"an id within something else is not it", `{"other":{"id":1},` + ok + `}`, `{"id":null,"evaluationResult":"x"}`},
		{"line ends of Windows", `{"id":1,` + ok + "}\r", `{"id":1,"evaluationResult":"x"}`},
		{"context as text", `{"id":1,"template":"$ctx.args.id","context":"{\"arguments\":{\"id\":\"y\"}}"}`, `{"id":1,"evaluationResult":"y"}`},
		{"a template in a file", `{"id":1,"templateFile":"a.vtl","context":{"args":{"id":7}}}`, `{"id":1,"evaluationResult":"7!"}`},
		{"a template that fails", `{"id":1,"template":"$util.error(\"no\")","context":{}}`, `{"id":1,"error":{"message":"no"}}`},

		{"no JSON", `{"id":1,`, `{"id":null,"error":{"message":"line 1: column 9: Unexpected end-of-input`},
		{"no object", `"x"`, `{"id":null,"error":{"message":"line 1: a case must be a JSON object, not a string"}}`},
		{"no template", `{"id":[1],"context":{}}`, `{"id":[1],"error":{"message":"line 1: \"template\" is missing"}}`},
		{"no context", `{"id":1,"template":"x"}`, `{"id":1,"error":{"message":"line 1: \"context\" is missing"}}`},
		{"two templates", `{"id":1,"templateFile":"a.vtl",` + ok + `}`, `{"id":1,"error":{"message":"line 1: \"template\" and \"templateFile\" exclude each other"}}`},
		{"a template that is no text", `{"id":1,"template":{},"context":{}}`, `{"id":1,"error":{"message":"line 1: \"template\" must be a string, not an object"}}`},
		{"no name of a file", `{"id":1,"templateFile":"","context":{}}`, `{"id":1,"error":{"message":"line 1: \"templateFile\" is empty"}}`},
		{"a file that is not there", `{"id":1,"templateFile":"b.vtl","context":{}}`, `{"id":1,"error":{"message":"line 1: open `},
		{"context that is no object", `{"id":1,"template":"x","context":[]}`, `{"id":1,"error":{"message":"line 1: context: the context must be a JSON object, not an array"}}`},
		{"context whose text is no JSON", `{"id":1,"template":"x","context":"{\n x}"}`, `{"id":1,"error":{"message":"line 1: context: line 2, column 2: Unexpected character`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, result := runBatch(t, &mappingtemplate.Evaluator{}, test.line, mappingtemplate.BatchOptions{Dir: dir})
			if !strings.HasPrefix(got, test.want) || !strings.HasSuffix(got, "}\n") || strings.Count(got, "\n") != 1 {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if malformed := strings.Contains(test.want, "line 1: "); malformed != (result.Malformed == 1) || result.Cases != 1 {
				t.Errorf("got %+v", result)
			}
		})
	}
}

func TestBatchGoesOnAfterAMalformedLine(t *testing.T) {
	const input = "\uFEFF" + `{"id":1,"template":"a","context":{}}` + "\n\n \t\r\nx\n" + `{"id":2,"template":"$util.error('e')","context":{}}` + "\n" + `[]`
	var told []string
	got, result := runBatch(t, &mappingtemplate.Evaluator{}, input, mappingtemplate.BatchOptions{
		Malformed: func(line int, err error) { told = append(told, fmt.Sprint(line, " ", err)) },
	})
	want := []string{`{"id":1,"evaluationResult":"a"}`, `{"id":null,"error":{"message":"line 4: column `, `{"id":2,"error":{"message":"e"}}`,
		`{"id":null,"error":{"message":"line 6: a case must be a JSON object, not an array"}}`, ""}
	for i, line := range strings.Split(got, "\n") {
		if i >= len(want) || !strings.HasPrefix(line, want[i]) {
			t.Errorf("answer %d: %s", i, line)
		}
	}
	if want := (mappingtemplate.BatchResult{Cases: 4, Failed: 1, Malformed: 2}); result != want {
		t.Errorf("got %+v, want %+v", result, want)
	}
	if len(told) != 2 || !strings.HasPrefix(told[0], "4 column ") || !strings.HasPrefix(told[1], "6 a case") {
		t.Errorf("told %q", told)
	}
}

func TestBatchWithAllThatTheServiceAnswers(t *testing.T) {
	got, _ := runBatch(t, &mappingtemplate.Evaluator{},
		`{"id":1,"template":"$util.log.info('l')a","context":{"stash":{"s":1}}}`+"\n"+`{"id":2,"template":"#if(","context":{}}`,
		mappingtemplate.BatchOptions{Full: true})
	if want := `{"id":1,"evaluationResult":"a","logs":["INFO - l"],"stash":"{\"s\":1}","outErrors":"[]"}` + "\n" + `{"id":2,"error":{"message":"Enc`; !strings.HasPrefix(got, want) {
		t.Errorf("got %s", got)
	}
}

func TestBatchIsTheSameHoweverManyWorkersThereAre(t *testing.T) {
	var input strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&input, `{"id":%d,"template":"$util.autoId() $util.math.randomWithinRange(0, 1000000) $util.time.nowEpochMilliSeconds() %d","context":{}}`+"\n", i, i%7)
	}
	run := func(workers int) string {
		e := &mappingtemplate.Evaluator{
			IDs: mappingtemplate.SeededIDs(42),
			Now: func() time.Time { return time.UnixMilli(1714564800000) },
		}
		got, _ := runBatch(t, e, input.String(), mappingtemplate.BatchOptions{Workers: workers})
		return got
	}
	one := run(1)
	if diff := cmp.Diff(one, run(8)); diff != "" {
		t.Error(diff)
	}
	distinct := make(map[string]bool)
	for i, line := range strings.Split(strings.TrimSpace(one), "\n") {
		if !strings.HasPrefix(line, fmt.Sprintf(`{"id":%d,`, i)) {
			t.Fatalf("answer %d is %s", i, line)
		}
		distinct[strings.Split(line, `"`)[5][:36]] = true
	}
	if len(distinct) != 1000 {
		t.Errorf("%d distinct identifiers", len(distinct))
	}
}

// Whoever writes a line and waits for its answer gets it.
func TestBatchAnswersBeforeTheInputEnds(t *testing.T) {
	in, questions := io.Pipe()
	answers, out := io.Pipe()
	done := make(chan error)
	go func() {
		_, err := new(mappingtemplate.Evaluator).EvaluateBatch(context.Background(), in, out, mappingtemplate.BatchOptions{})
		out.Close()
		done <- err
	}()
	decoder := json.NewDecoder(answers)
	for i := range 3 {
		fmt.Fprintf(questions, `{"id":%d,"template":"ok","context":{}}`+"\n", i)
		var answer struct{ ID int }
		if err := decoder.Decode(&answer); err != nil || answer.ID != i {
			t.Fatalf("got %+v, %v", answer, err)
		}
	}
	questions.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestBatchThatIsBrokenOff(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	in, questions := io.Pipe() // never closed: a terminal
	defer questions.Close()
	time.AfterFunc(time.Millisecond, cancel)
	_, err := new(mappingtemplate.Evaluator).EvaluateBatch(ctx, in, io.Discard, mappingtemplate.BatchOptions{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
func (f failing) Read([]byte) (int, error)  { return 0, f.err }

func TestBatchReportsErrorsOfItsInputAndOutput(t *testing.T) {
	gone := errors.New("gone")
	line := strings.Repeat(`{"id":1,"template":"ok","context":{}}`+"\n", 10_000)
	if _, err := new(mappingtemplate.Evaluator).EvaluateBatch(context.Background(), strings.NewReader(line), failing{gone}, mappingtemplate.BatchOptions{}); !errors.Is(err, gone) {
		t.Errorf("output: %v", err)
	}
	var out bytes.Buffer
	in := io.MultiReader(strings.NewReader(line[:100]), failing{gone})
	if _, err := new(mappingtemplate.Evaluator).EvaluateBatch(context.Background(), in, &out, mappingtemplate.BatchOptions{}); !errors.Is(err, gone) {
		t.Errorf("input: %v", err)
	}
	if !strings.HasPrefix(out.String(), `{"id":1,"evaluationResult":"ok"}`) {
		t.Errorf("answered %q", out.String())
	}
}

func TestBatchRefusesALineThatIsTooLong(t *testing.T) {
	const long = 17 << 20
	input := `{"id":1,"template":"a","context":{}}` + "\n" + strings.Repeat("x", long) + "\n" + `{"id":2,"template":"b","context":{}}` + "\n" + strings.Repeat(" ", long)
	got, result := runBatch(t, &mappingtemplate.Evaluator{}, input, mappingtemplate.BatchOptions{})
	want := `{"id":1,"evaluationResult":"a"}
{"id":null,"error":{"message":"line 2: a case may not be longer than 16 MB"}}
{"id":2,"evaluationResult":"b"}
{"id":null,"error":{"message":"line 4: a case may not be longer than 16 MB"}}
`
	if got != want || result.Malformed != 2 {
		t.Errorf("got %+v %s", result, got)
	}
}

func TestCoverageReports(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a.vtl")
	if err := os.WriteFile(file, []byte("## the head\n#macro(m)\nm\n#end\n#if($ctx.args.x)\n\tyes\n#else\nno\n#end\n#foreach($i in $ctx.args.l)$i#end\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const input = `{"id":"one","template":"1","context":{}}
{"id":"broken","template":"#if(","context":{}}
{"id":"two","templateFile":"a.vtl","context":{"args":{"x":1}}}
{"id":"again","template":"1","context":{}}
{"template":"2","context":{}}
`
	e := &mappingtemplate.Evaluator{Coverage: &mappingtemplate.Coverage{}}
	runBatch(t, e, input, mappingtemplate.BatchOptions{Dir: dir, Workers: 4})
	report := func(f mappingtemplate.CoverageFormat) string {
		var b strings.Builder
		if err := e.Coverage.Write(&b, f); err != nil {
			t.Fatal(err)
		}
		return strings.ReplaceAll(b.String(), file, "a.vtl")
	}
	// lcov: the forms of man page geninfo, "FILES".
	want := `TN:
SF:one
FNF:0
FNH:0
BRF:0
BRH:0
DA:1,2
LF:1
LH:1
end_of_record
TN:
SF:a.vtl
FN:2,m
FNDA:0,m
FNF:1
FNH:0
BRDA:5,0,0,1
BRDA:5,0,1,0
BRDA:10,1,0,0
BRDA:10,1,1,1
BRF:4
BRH:2
DA:3,0
DA:5,1
DA:6,1
DA:8,0
DA:10,1
LF:5
LH:3
end_of_record
TN:
SF:line 5
FNF:0
FNH:0
BRF:0
BRH:0
DA:1,1
LF:1
LH:1
end_of_record
`
	if diff := cmp.Diff(want, report(mappingtemplate.CoverageLCOV)); diff != "" {
		t.Error(diff)
	}
	text := report(mappingtemplate.CoverageText)
	for _, want := range []string{"60.0% (3/5)", "50.0% (2/4)", "71.4% (5/7)", "a.vtl:3: not run: m\n", "a.vtl:8: not run: no\n",
		"a.vtl:7: #else never taken: #else\n", "a.vtl:10: #foreach never entered: #foreach($i", "a.vtl:2: #macro m not called: #macro(m)\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	v, err := value.ParseJSON(report(mappingtemplate.CoverageJSON))
	if err != nil {
		t.Fatal(err)
	}
	templates := v.(*value.Map).Value("templates").(*value.List)
	want = `{"template":"a.vtl","summary":{"lines":{"covered":3,"total":5},"branches":{"covered":2,"total":4},"macros":{"covered":0,"total":1}},` +
		`"lines":[{"line":3,"count":0},{"line":5,"count":1},{"line":6,"count":1},{"line":8,"count":0},{"line":10,"count":1}],` +
		`"branches":[{"directive":"#if","line":5,"column":1,"taken":1,"notTaken":0,"elseLine":7},{"directive":"#foreach","line":10,"column":1,"taken":0,"notTaken":1}],` +
		`"macros":[{"name":"m","line":2,"count":0}]}`
	if diff := cmp.Diff(want, value.JSON(templates.Items[1])); diff != "" {
		t.Error(diff)
	}
	if _, err := mappingtemplate.ParseCoverageFormat("xml"); err == nil {
		t.Error("no error for a format that does not exist")
	}
}

// mixedCases is a batch of what projects have: requests that put an item,
// Amplify's authorization of an update, and responses with a list.
func mixedCases(tb testing.TB, n int) []byte {
	tb.Helper()
	var lines [3][2]string
	for i, name := range [...][2]string{{"put-item.vtl", "put-item.json"}, {"authorization.vtl", "authorization.json"}, {"list.vtl", "list.json"}} {
		root := parse(tb, benchmarkFile(tb, name[1])).(*value.Map)
		if result, ok := root.Value("result").(*value.Map); ok {
			if items, ok := result.Value("items").(*value.List); ok {
				items.Items = items.Items[:20]
			}
		}
		text := value.JSON(root)
		lines[i] = [2]string{
			`,"template":` + value.JSON(benchmarkFile(tb, name[0])) + `,"context":` + text + "}\n",
			`,"template":` + value.JSON(benchmarkFile(tb, name[0])) + `,"context":` + value.JSON(text) + "}\n",
		}
	}
	var out []byte
	for i := range n {
		out = fmt.Appendf(out, `{"id":%d%s`, i, lines[i%3][i/3%2])
	}
	return out
}

// BenchmarkBatch evaluates 10,000 mixed cases; half of the contexts are given as
// text.
func BenchmarkBatch(b *testing.B) {
	input := mixedCases(b, 10_000)
	b.SetBytes(int64(len(input)))
	b.ReportAllocs()
	for b.Loop() {
		result, err := new(mappingtemplate.Evaluator).EvaluateBatch(context.Background(), bytes.NewReader(input), io.Discard, mappingtemplate.BatchOptions{})
		if err != nil || result.Cases != 10_000 || result.Failed+result.Malformed > 0 {
			b.Fatalf("%+v, %v", result, err)
		}
	}
}

// FuzzBatch checks the decoder of lines against encoding/json: a line is
// answered once, by valid JSON, and its id is the one that is in it.
func FuzzBatch(f *testing.F) {
	for _, seed := range []string{`{"id":1,"template":"x","context":{}}`, `{"id":"\"}","template":1}`, `[]`, `{"\u0069d":{"a":[]} }`, `{"id":1,"id" : "b","x":[{"id":3}]}`, "{\n\n}", "\r", `{"id":`, "\xff", `{"template":"#if(","context":"{"}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, input string) {
		e := &mappingtemplate.Evaluator{}
		e.Options.Steps = 100_000
		if strings.Contains(input, "templateFile") || strings.Contains(input, `\u`) && strings.Contains(input, "emplate") {
			return // no reading of files
		}
		out, result := runBatch(t, e, input, mappingtemplate.BatchOptions{})
		lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
		if out == "" {
			lines = nil
		}
		if len(lines) != result.Cases {
			t.Fatalf("%d answers to %d cases", len(lines), result.Cases)
		}
		for _, line := range lines {
			if _, err := value.ParseJSON(line); err != nil {
				t.Fatalf("%q: %v", line, err)
			}
		}
		var fields map[string]json.RawMessage
		if strings.ContainsAny(input, "\n") || json.Unmarshal([]byte(input), &fields) != nil || fields == nil {
			return
		}
		want := "null"
		if id, ok := fields["id"]; ok {
			want = string(id)
		}
		if !strings.HasPrefix(out, `{"id":`+want+`,`) {
			t.Fatalf("the id %s is answered by %s", want, out)
		}
	})
}
