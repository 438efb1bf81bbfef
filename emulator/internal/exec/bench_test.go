package exec_test

import (
	"context"
	"testing"

	"appsync-emulator/emulator/internal/exec"
	"appsync-emulator/mappingtemplate/value"
)

// BenchmarkExecute walks a plan whose one resolver has its value ready: what is
// measured is completion.
func BenchmarkExecute(b *testing.B) {
	items := value.NewList()
	for range 100 {
		items.Append(value.MapOf("id", "5f0c8a30-0000-4000-8000-000000000000", "name", "A name of usual length"))
	}
	for _, c := range []struct {
		name, query string
		resolvers   map[string]resolve
	}{
		{"object", `{ a { id name } }`, map[string]resolve{"Query.a": value1(items.Items[0])}},
		{"list of 100", `{ list { id name } }`, map[string]resolve{"Query.list": value1(items)}},
		{"list of 100 with a resolver each", `{ list { id slow } }`,
			map[string]resolve{"Query.list": value1(items), "Thing.slow": value1("s")}},
	} {
		b.Run(c.name, func(b *testing.B) {
			req := prepare(b, c.query, c.resolvers)
			var dst []byte
			b.ReportAllocs()
			for b.Loop() {
				dst = exec.Execute(context.Background(), req, dst[:0])
			}
		})
	}
}
