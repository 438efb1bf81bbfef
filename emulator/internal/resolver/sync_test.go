package resolver_test

import (
	"context"
	"testing"

	"appsync-emulator/emulator/internal/datasource"
	"appsync-emulator/emulator/internal/exec"
	"appsync-emulator/emulator/internal/project"
)

// SyncConfig of the AppSync API reference; FIELD_LEVEL is the emulator's own.
func TestSyncConfigReachesTheDataSource(t *testing.T) {
	for name, c := range map[string]struct {
		sync *project.Sync
		want *datasource.Sync
	}{
		"none":       {nil, nil},
		"detection":  {&project.Sync{ConflictDetection: "NONE", ConflictHandler: "AUTOMERGE"}, &datasource.Sync{}},
		"optimistic": {&project.Sync{ConflictDetection: "VERSION", ConflictHandler: "OPTIMISTIC_CONCURRENCY"}, &datasource.Sync{Handler: datasource.OptimisticConcurrency}},
		"automerge":  {&project.Sync{ConflictDetection: "VERSION", ConflictHandler: "AUTOMERGE"}, &datasource.Sync{Handler: datasource.Automerge}},
		"fields":     {&project.Sync{ConflictDetection: "VERSION", ConflictHandler: "AUTOMERGE", Automerge: "FIELD_LEVEL"}, &datasource.Sync{Handler: datasource.FieldLevel}},
		"lambda by ARN": {
			&project.Sync{ConflictDetection: "VERSION", ConflictHandler: "LAMBDA", Lambda: project.Lambda{FunctionARN: "arn:aws:lambda:us-east-1:1:function:f"}},
			&datasource.Sync{Handler: datasource.LambdaHandler, Function: "arn:aws:lambda:us-east-1:1:function:f"},
		},
		"lambda by name": {
			&project.Sync{ConflictDetection: "VERSION", ConflictHandler: "LAMBDA", Lambda: project.Lambda{FunctionName: "f", FunctionAlias: "live"}},
			&datasource.Sync{Handler: datasource.LambdaHandler, Function: "f:live"},
		},
		"lambda in place": {
			&project.Sync{ConflictDetection: "VERSION", ConflictHandler: "LAMBDA", Lambda: project.Lambda{FunctionName: "Mutation_change_Sync", Handler: "index.handler"}},
			&datasource.Sync{Handler: datasource.LambdaHandler, Function: "Mutation_change_Sync"},
		},
	} {
		for kind, add := range map[string]func(*api, *project.Function){
			"unit": func(a *api, f *project.Function) {
				r := a.of("Query.get", project.KindUnit)
				r.Unit = *f
				a.add(r)
			},
			"pipeline": func(a *api, f *project.Function) {
				f.Name = "f"
				a.project.Functions = append(a.project.Functions, f)
				r := a.of("Query.get", project.KindPipeline)
				// That of the resolver itself is of no account.
				r.Unit.Sync = &project.Sync{ConflictDetection: "VERSION", ConflictHandler: "AUTOMERGE"}
				r.Functions = []project.FunctionRef{{Name: "f"}}
				a.add(r)
			},
		} {
			t.Run(name+" of a "+kind, func(t *testing.T) {
				a := newAPI(t)
				var got *datasource.Sync
				source := sourceFunc(func(_ context.Context, in *datasource.Invocation) (any, error) {
					got = in.Sync
					return nil, nil
				})
				a.runtime.Source = func(string) datasource.Source { return source }
				add(a, &project.Function{DataSource: "table", Request: template(none(`1`)), Sync: c.sync})
				_ = exec.Execute(context.Background(), a.request(`{ get { id } }`, ""), nil)
				if (got == nil) != (c.want == nil) || got != nil && *got != *c.want {
					t.Errorf("got %+v, want %+v", got, c.want)
				}
			})
		}
	}
}
