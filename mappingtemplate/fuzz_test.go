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

// FuzzTemplate compiles any text and evaluates it in any context: nothing
// panics, everything ends, and each error is one that a caller can report.
func FuzzTemplate(f *testing.F) {
	for _, c := range benchmarkCases {
		f.Add(benchmarkFile(f, c.template), benchmarkFile(f, c.context))
	}
	for _, c := range hostileCases() {
		// Expressions that backtrack for a second each would be all that is run.
		if len(c.text) < 400 && !strings.Contains(c.text, "aaaaaaaa") {
			f.Add(c.text, `{"text": "some text", "decimal": 1E+999999999}`)
		}
	}
	f.Fuzz(func(t *testing.T, text, document string) {
		tmpl, err := mappingtemplate.Compile("fuzz", text)
		if err != nil {
			var failure *mappingtemplate.Error
			if !errors.As(err, &failure) || failure.Line < 1 || failure.Column < 0 {
				t.Fatalf("error %T %v, want an *Error with a position", err, err)
			}
			return
		}
		for _, evaluate := range []func(context.Context, mappingtemplate.Env) (mappingtemplate.Outcome, error){tmpl.Evaluate, tmpl.EvaluateRequest} {
			parsed, err := value.ParseJSON(document)
			root, ok := parsed.(*value.Map)
			if err != nil || !ok {
				root = &value.Map{}
			}
			env := mappingtemplate.Env{
				Context: root,
				Util:    &builtin.Env{Effects: &builtin.Effects{}, Identity: root.Value("identity")},
				Options: vtl.Options{Steps: 200_000, OutputBytes: 1 << 16},
			}
			start := time.Now()
			outcome, err := evaluate(context.Background(), env)
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("it took %v", took)
			}
			if err == nil {
				value.JSON(outcome.Value)
				continue
			}
			var failure *mappingtemplate.Error
			var abort *builtin.Abort
			var render *vtl.RenderError
			switch {
			case errors.As(err, &abort):
			case !errors.As(err, &failure):
				t.Errorf("error %T %v, want an *Error", err, err)
			case errors.As(err, &render) && render.Line > 0 && failure.Line != render.Line:
				t.Errorf("error %v at line %d, want %d", err, failure.Line, render.Line)
			}
		}
	})
}
