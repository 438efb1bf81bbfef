package plan_test

import (
	"testing"

	"appsync-emulator/emulator/internal/plan"
	"appsync-emulator/emulator/internal/schema"
	"appsync-emulator/mappingtemplate/value"
)

// FuzzCompile compiles any text and, where there is a plan, uses all of it with
// any variables.
func FuzzCompile(f *testing.F) {
	for _, r := range recordings(f) {
		f.Add(r.Query, string(r.Variables))
	}
	s := parseSchema(f, shopSDL)
	f.Fuzz(func(t *testing.T, query, variables string) {
		p, failure := plan.Compile(s, query, "", plan.Options{})
		if (p == nil) == (failure == nil) {
			t.Fatalf("plan %v, failure %v", p, failure)
		}
		if failure != nil {
			if len(failure.Errors) == 0 {
				t.Fatal("a failure without errors")
			}
			errorsJSON(failure.Errors)
			return
		}
		v, _ := value.ParseJSON(variables)
		raw, _ := v.(*value.Map)
		vars, refused := p.Coerce(raw)
		if refused != nil {
			return
		}
		walk(p.Root, vars)
	})
}

func walk(set *plan.SelectionSet, vars *plan.Variables) {
	types := []*schema.Type{set.Type}
	if set.Type.Kind != schema.Object {
		types = set.Type.Possible
	}
	for _, t := range types {
		for _, f := range set.For(t) {
			f.Included(vars)
			spoil(f.Arguments(vars))
			f.SelectionSetList(vars)
			f.SelectionSetGraphQL()
			if f.Selections != nil {
				walk(f.Selections, vars)
			}
		}
	}
}
