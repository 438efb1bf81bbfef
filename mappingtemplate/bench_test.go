package mappingtemplate_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"appsync-emulator/mappingtemplate"
	"appsync-emulator/mappingtemplate/builtin"
	"appsync-emulator/mappingtemplate/value"
)

// benchmarkCase is a template with the context that it is measured in, both
// under testdata/bench. The authorization template is what Amplify's
// transformer emits for an update mutation of a model with eight rules.
type benchmarkCase struct{ name, template, context string }

var benchmarkCases = []benchmarkCase{
	{"PutItem request", "put-item.vtl", "put-item.json"},
	{"list of 100 by #foreach", "list.vtl", "list.json"},
	{"list of 100 by toJson alone", "result.vtl", "list.json"},
	{"authorization, 193 lines", "authorization.vtl", "authorization.json"},
}

func (c benchmarkCase) load(tb testing.TB) (*mappingtemplate.Template, *value.Map) {
	tb.Helper()
	return compile(tb, benchmarkFile(tb, c.template)), parse(tb, benchmarkFile(tb, c.context)).(*value.Map)
}

func benchmarkFile(tb testing.TB, name string) string {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "bench", name))
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

// constantBits makes identifiers the same in all renderings.
type constantBits struct{}

func (constantBits) Uint64() uint64 { return 0x0123456789abcdef }

// benchmarkEnv returns a function that gives the environment of an evaluation in
// ctx. Nothing changes ctx but the stash: where there is one, each evaluation
// gets copies of it and of the map around it.
func benchmarkEnv(ctx *value.Map) func() mappingtemplate.Env {
	util := &builtin.Env{IDs: constantBits{}, Identity: ctx.Value("identity"), Cache: &builtin.Cache{}}
	stash, _ := ctx.Value("stash").(*value.Map)
	return func() mappingtemplate.Env {
		own := ctx
		if stash != nil {
			own = ctx.Copy()
			own.Set("stash", stash.Copy())
		}
		return mappingtemplate.Env{Context: own, Util: util}
	}
}

// BenchmarkTemplates evaluates to text and to a value.
func BenchmarkTemplates(b *testing.B) {
	for _, c := range benchmarkCases {
		tmpl, ctx := c.load(b)
		env := benchmarkEnv(ctx)
		run := func(kind string, f func(mappingtemplate.Env) error) {
			b.Run(c.name+"/"+kind, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := f(env()); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		run("text", func(env mappingtemplate.Env) error {
			_, err := tmpl.Render(context.Background(), env)
			return err
		})
		run("value", func(env mappingtemplate.Env) error {
			_, err := tmpl.Evaluate(context.Background(), env)
			return err
		})
	}
}

// BenchmarkCompileThousand compiles a thousand different templates: Amplify's
// and those above, with other names.
func BenchmarkCompileThousand(b *testing.B) {
	files, err := filepath.Glob("vtl/testdata/templates/*.vtl")
	if err != nil || len(files) == 0 {
		b.Fatal("no templates", err)
	}
	more, err := filepath.Glob("testdata/bench/*.vtl")
	if err != nil {
		b.Fatal(err)
	}
	var texts []string
	for _, path := range append(files, more...) {
		text, err := os.ReadFile(path)
		if err != nil {
			b.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	distinct := make([]string, 1000)
	lines := 0
	for i := range distinct {
		text := texts[i%len(texts)]
		distinct[i] = strings.NewReplacer("input", fmt.Sprint("input", i), "Fields", fmt.Sprint("Fields", i)).Replace(text)
		lines += strings.Count(text, "\n")
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, text := range distinct {
			if _, err := mappingtemplate.Compile("benchmark", text); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(lines)/float64(len(distinct)), "lines/template")
}
