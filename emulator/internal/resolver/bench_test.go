package resolver_test

import (
	"context"
	"testing"

	"appsync-emulator/emulator/internal/exec"
	"appsync-emulator/mappingtemplate/value"
)

// benchmark resolves the root field of a query again and again.
func (a *api) benchmark(b *testing.B, query string) {
	req := a.request(query, "")
	field := req.Plan.Root.For(req.Plan.Root.Type)[0]
	r := a.resolvers[field.Def.Index]
	call := &exec.Call{Field: field, Parent: a.schema.Query, Vars: req.Vars}
	b.ReportAllocs()
	for b.Loop() {
		if out := r.Resolve(context.Background(), call); out.Value == nil {
			b.Fatal(out.Errors)
		}
	}
}

func BenchmarkUnitGetItem(b *testing.B) {
	a := newAPI(b)
	a.unit("Query.get", "table", `{"version":"2018-05-29","operation":"GetItem","key":{"id":$util.dynamodb.toDynamoDBJson($ctx.args.id)}}`, `$util.toJson($ctx.result)`)
	a.benchmark(b, `{ get(id: "1") { id name } }`)
}

func BenchmarkPipelineOfTwoFunctions(b *testing.B) {
	a := newAPI(b)
	a.pipeline("Query.get", `$util.qr($ctx.stash.put("id", $ctx.args.id)){}`, `$util.toJson($ctx.result)`,
		function{"table", `{"version":"2018-05-29","operation":"GetItem","key":{"id":$util.dynamodb.toDynamoDBJson($ctx.stash.id)}}`, reraise},
		function{"none", `{"version":"2018-05-29","payload":$util.toJson($ctx.prev.result)}`, reraise},
	)
	a.benchmark(b, `{ get(id: "1") { id name } }`)
}

func BenchmarkQueryPage(b *testing.B) {
	a := newAPI(b)
	a.unit("Query.get", "table", `{"version":"2018-05-29","operation":"PutItem","key":{"id":{"S":"$ctx.args.id"}},"attributeValues":{"name":{"S":"A name"},"n":{"N":12},"tags":{"L":[{"S":"a"}]}}}`, `null`)
	for i := range 50 {
		a.query(`query Q($id: ID) { get(id: $id) { id } }`, value.JSON(value.MapOf("id", value.ToString(int32(i)))))
	}
	a.unit("Query.json", "table", `{"version":"2018-05-29","operation":"Scan","limit":20}`, `$util.toJson($ctx.result)`)
	a.benchmark(b, `{ json }`)
}
