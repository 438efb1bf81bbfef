package resolver_test

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"appsync-emulator/emulator/internal/exec"
	"appsync-emulator/emulator/internal/resolver"
	"appsync-emulator/mappingtemplate/value"
)

// AppSync developer guide, resolver-context-reference.
func TestContext(t *testing.T) {
	cognito := value.MapOf("sub", "s-1", "issuer", "i", "username", "reader", "claims", value.MapOf("cognito:groups", value.NewList("g")), "sourceIp", value.NewList("::1"), "defaultAuthStrategy", "ALLOW")
	headers := http.Header{"X-One": {"1"}, "X-Many": {"a", "b"}, "Cookie": {"secret"}, "x-api-key": {"key"}, "X-Api-Key": {"KEY"}, "X-Empty": {}}
	const query = `query Q($v: String) { json(id: "1", input: {a: $v, c: null}) }`
	for _, c := range []struct {
		name, template string
		env            *resolver.Env
		query          string
		want           string
	}{
		{name: "arguments", template: `$util.toJson($ctx.arguments)`, want: `{"id":"1","input":{"a":"x","c":null}}`},
		{name: "absent arguments are missing", template: `["$ctx.args.containsKey('list')","$ctx.args.containsKey('id')"]`, want: `["false","true"]`},
		{name: "args and arguments are one", template: `$util.qr($ctx.args.put("new", 1))$util.toJson($context.arguments.new)`, want: `1`},
		{name: "source is null at the roots", template: `$util.toJson($ctx.source)`, want: `null`},
		{name: "result is null in requests", template: `$util.isNull($ctx.result)`, want: `true`},
		{name: "error is null", template: `$util.isNull($ctx.error)`, want: `true`},
		{name: "prev is null before the first function", template: `[$util.isNull($ctx.prev), $util.isNull($ctx.prev.result)]`, want: `[true,true]`},
		{name: "stash is empty", template: `$util.toJson($ctx.stash)`, want: `{}`},
		{name: "outErrors is empty", template: `$util.toJson($ctx.outErrors)`, want: `[]`},
		{name: "env", template: `$util.toJson($ctx.env)`, want: `{"STAGE":"test"}`},
		{name: "identity of an API key", template: `[$util.isNull($ctx.identity), "$util.authType()"]`, want: `[true,"API Key Authorization"]`},
		{name: "identity of a user", template: `["$ctx.identity.sub", "$ctx.identity.claims.get('cognito:groups')", "$util.authType()"]`, env: &resolver.Env{Identity: cognito},
			want: `["s-1","[g]","User Pool Authorization"]`},
		{name: "authType needs no $ctx.identity", template: `"$util.authType()"`, env: &resolver.Env{Identity: cognito}, want: `"User Pool Authorization"`},
		{name: "authType does not believe templates", template: `#set($ctx.identity = {"accountId":"1"})"$util.authType()"`, env: &resolver.Env{Identity: cognito}, want: `"User Pool Authorization"`},
		{name: "headers", template: `$util.toJson($ctx.request.headers)`, env: &resolver.Env{Headers: headers},
			want: `{"x-api-key":["KEY","key"],"x-many":["a","b"],"x-one":"1"}`},
		{name: "no headers", template: `$util.toJson($ctx.request)`, want: `{"headers":{},"domainName":null}`},
		{name: "a custom domain", template: `"$ctx.request.domainName"`, env: &resolver.Env{DomainName: "api.example.com"}, want: `"api.example.com"`},
		{name: "info", template: `$util.toJson($ctx.info)`, want: `{"fieldName":"json","parentTypeName":"Query","variables":{"v":"x","unknown":[1]}}`},
		{name: "info without variables", template: `$util.toJson($ctx.info.variables)`, query: `{ json }`, want: `{}`},
		{name: "the selection of a leaf", template: `[$util.toJson($ctx.info.selectionSetList), $util.toJson($ctx.info.selectionSetGraphQL)]`, want: `[[],""]`},
		// JaSureInc/lambda-router, tests/test_appsync.py, and
		// stackoverflow.com/questions/76802190 show what AppSync prints.
		{name: "the whole context", template: `$util.toJson($ctx)`,
			want: `{"arguments":{"id":"1","input":{"a":"x","c":null}},"identity":null,"source":null,"result":null,"request":{"headers":{},"domainName":null},"info":{"fieldName":"json","parentTypeName":"Query","variables":{"v":"x","unknown":[1]}},"error":null,"prev":null,"stash":{},"outErrors":[],"env":{"STAGE":"test"}}`},
		{name: "the whole context by its other name", template: `#if($util.toJson($ctx) == $util.toJson($context))"same"#end`, want: `"same"`},
		{name: "args is not listed", template: `[#foreach($k in $ctx.keySet())"$k"#if($foreach.hasNext),#end#end]`, want: `["arguments","identity","source","result","request","info","error","prev","stash","outErrors","env"]`},
		{name: "args is read by index, by method and by name", template: `["$ctx['args'].id","$ctx.get('args').id","$ctx.containsKey('args')","$ctx.args.id"]`, want: `["1","1","true","1"]`},
		{name: "args replaced are arguments replaced", template: `#set($ctx.args = {"new": 1})[$util.toJson($ctx.arguments), $util.toJson($ctx)]`,
			want: `[{"new":1},{"arguments":{"new":1},"identity":null,"source":null,"result":null,"request":{"headers":{},"domainName":null},"info":{"fieldName":"json","parentTypeName":"Query","variables":{"v":"x","unknown":[1]}},"error":null,"prev":null,"stash":{},"outErrors":[],"env":{"STAGE":"test"}}]`},
		{name: "arguments replaced are args replaced", template: `#set($ctx.arguments = {"new": 1})$util.toJson($ctx.args)`, want: `{"new":1}`},
		// AppSync developer guide, resolver-context-reference-js: the selection is
		// read by name and left out by stringification.
		{name: "info without the selection that templates read", template: `[$util.toJson($ctx.info), $util.toJson($ctx.info.selectionSetList), "$!ctx.info.get('selectionSetGraphQL')"]`,
			want: `[{"fieldName":"json","parentTypeName":"Query","variables":{"v":"x","unknown":[1]}},[],""]`},
		{name: "the selection by a name put together", template: `#set($name = "selection")$util.toJson($ctx.info["${name}SetList"])`, want: `[]`},
		{name: "other keys are null", template: `$util.isNull($ctx.nothing)`, want: `true`},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newAPI(t)
			a.env = c.env
			a.pipeline("Query.json", c.template, "")
			text, variables := query, `{"v":"x","unknown":[1]}`
			if c.query != "" {
				text, variables = c.query, ""
			}
			want := value.JSON(c.want)
			if c.want == "null" {
				want = "null"
			}
			same(t, a.query(text, variables), `{"data":{"json":`+want+`}}`)
		})
	}
}

// AppSync developer guide, resolver-context-reference, on selectionSetList.
func TestSelectionOfAField(t *testing.T) {
	a := newAPI(t)
	a.unit("Query.get", "none", none(`{"id":$util.toJson("$ctx.info.selectionSetList $ctx.info.selectionSetGraphQL")}`), `$util.toJson($ctx.result)`)
	got := a.query(`{ get { id key: child { name ... on Node { id } } } }`, "")
	for _, want := range []string{`[id, key, key/name, key/id]`, `key: child {`, `... on Node {`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s lacks %s", got, want)
		}
	}
}

// Contexts recorded from AppSync, such as that of JaSureInc/lambda-router,
// tests/test_appsync.py, have no env.
func TestAnAPIWithoutVariablesListsNoEnv(t *testing.T) {
	a := newAPI(t)
	a.runtime.Environment = nil
	a.pipeline("Query.json", `#return({"env": $ctx.env, "x": $ctx.env.X, "context": $util.toJson($ctx)})`, "")
	same(t, a.query(`{ json }`, ""), `{"data":{"json":`+value.JSON(`{"env":{},"x":null,"context":`+
		value.JSON(`{"arguments":{},"identity":null,"source":null,"result":null,"request":{"headers":{},"domainName":null},"info":{"fieldName":"json","parentTypeName":"Query","variables":{}},"error":null,"prev":null,"stash":{},"outErrors":[]}`)+`}`)+`}}`)
}

// Fields of an interface report the object type.
func TestParentTypeIsThatOfTheObject(t *testing.T) {
	a := newAPI(t)
	a.unit("Query.get", "none", none(`{"named":{"__typename":"Node"}}`), `$util.toJson($ctx.result)`)
	a.unit("Node.name", "none", none(`"$ctx.info.parentTypeName.$ctx.info.fieldName"`), `$util.toJson($ctx.result)`)
	same(t, a.query(`{ get { named { alias: name } } }`, ""), `{"data":{"get":{"named":{"alias":"Node.name"}}}}`)
}

// What a template does to its context is seen by no other resolver: not by
// those of sibling fields, which have the same parent, and not by those of other
// requests.
func TestContextsAreIsolated(t *testing.T) {
	const vandal = `
		$util.qr($ctx.source.put("name", "changed"))
		#set($ctx.source.tags[0] = "changed")
		$util.qr($ctx.source.get("tags").add("added"))
		#foreach($e in $ctx.source.entrySet())#if($e.key == "id")$util.qr($e.setValue("changed"))#end#end
		$util.qr($ctx.source.child.clear())
		$util.qr($ctx.info.variables.put("v", "changed"))
		$util.qr($ctx.identity.claims.put("c", "changed"))
		$util.qr($ctx.request.headers.put("h", "changed"))
		$util.qr($ctx.env.put("STAGE", "changed"))
		$util.qr($ctx.stash.put("s", "changed"))
		$util.qr($ctx.args.put("id", "changed"))`
	const look = `{"version":"2018-05-29","payload":[$util.toJson($ctx.source), $util.toJson($ctx.info.variables), $util.toJson($ctx.identity), $util.toJson($ctx.request.headers), $util.toJson($ctx.env), $util.toJson($ctx.stash), $util.toJson($ctx.args)]}`
	const seen = `[{"id":"1","name":"stored","tags":["t"],"child":{"name":"c"}},{"v":"x"},{"sub":"s","claims":{"c":"d"}},{"h":"1"},{"STAGE":"test"},{},{}]`
	a := newAPI(t)
	a.env = &resolver.Env{Headers: http.Header{"H": {"1"}}, Identity: value.MapOf("sub", "s", "claims", value.MapOf("c", "d"))}
	const parent = `{"id":"1","name":"stored","tags":["t"],"child":{"name":"c"}}`
	a.unit("Query.nodes", "none", none(`[`+parent+`,`+parent+`]`), `$util.toJson($ctx.result)`)
	a.unit("Node.one", "none", vandal+none(`1`), vandal+`1`)
	a.unit("Node.two", "none", look, `$util.toJson($ctx.result)`)
	node := `{"one":"1","two":` + value.JSON(seen) + `,"name":"stored","tags":["t"]}`
	want := `{"data":{"nodes":[` + node + `,` + node + `]}}`
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 10 {
				if got := a.query(`query Q($v: String) { nodes { one two name tags } __typename @include(if: false) json(input: {a: $v}) @skip(if: true) }`, `{"v":"x"}`); got != want {
					t.Errorf("\n got %s\nwant %s", got, want)
				}
			}
		})
	}
	wg.Wait()
}

// Literals of the query and defaults of the schema are handed out anew.
func TestArgumentsBelongToTheCall(t *testing.T) {
	a := newAPI(t)
	a.unit("Query.json", "none", `$util.qr($ctx.args.input.b.c.add(2))$util.qr($ctx.args.list.clear())`+none(`$util.toJson($ctx.args)`), `$util.toJson($ctx.result)`)
	req := a.request(`query Q($in: In) { a: json(input: {b: {c: [1]}}, list: ["x"]) b: json(input: $in, list: []) c: json(input: $in, list: []) }`, `{"in":{"b":{"c":[1]}}}`)
	one := value.JSON(`{"input":{"b":{"c":[1,2]}},"list":[]}`)
	for range 3 {
		same(t, string(exec.Execute(t.Context(), req, nil)), `{"data":{"a":`+one+`,"b":`+one+`,"c":`+one+`}}`)
	}
}

// Pages go on where their token says, in the same resolver alone.
func TestTokensAreBoundToTheFunction(t *testing.T) {
	a := newAPI(t)
	a.unit("Query.get", "table", `{"version":"2018-05-29","operation":"PutItem","key":{"id":{"S":"$ctx.args.id"}}}`, `null`)
	for i := range 3 {
		a.query(`{ get(id: "`+strconv.Itoa(i)+`") { id } }`, "")
	}
	page := function{"table", `{"operation":"Scan","limit":1,"nextToken":$util.toJson($ctx.args.id)}`, `#if($ctx.error)"$ctx.error.type"#else"$ctx.result.nextToken"#end`}
	pipeline := func(functions ...function) {
		a.project.Functions = nil
		a.pipeline("Query.json", `{}`, `$util.toJson($ctx.result)`, functions...)
	}
	pipeline(page)
	answer := a.query(`{ json }`, "")
	token := strings.TrimSuffix(strings.TrimPrefix(answer, `{"data":{"json":"\"`), `\""}}`)
	if !strings.HasPrefix(token, "eyJ") {
		t.Fatal(answer)
	}
	if got := a.query(`{ json(id: "`+token+`") }`, ""); !strings.Contains(got, `\"eyJ`) || strings.Contains(got, token) {
		t.Errorf("the same function: %s", got)
	}
	pipeline(function{"none", none(`1`), `1`}, page)
	if got := a.query(`{ json(id: "`+token+`") }`, ""); !strings.Contains(got, "DynamoDB:UserIllegalArgumentException") {
		t.Errorf("another function: %s", got)
	}
}
