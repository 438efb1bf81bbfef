package resolver_test

import "testing"

// AppSync developer guide, utility-helpers-in-util: data is cut to the selection
// set of the field, errorInfo is not. How data of another form than the field's
// is cut is not documented: it is null, as a value of that form would be.
func TestErrorDataIsCutToTheSelection(t *testing.T) {
	const node = `{"id":"1","name":"n","tags":["a","b"],"child":{"id":"2","name":"c","child":{"id":"3"}},"secret":true}`
	for _, c := range []struct{ name, field, query, data, want string }{
		{"selected fields", "get", `{ get { id } }`, node, `{"id":"1"}`},
		{"in the order of the selection", "get", `{ get { name id } }`, node, `{"name":"n","id":"1"}`},
		{"aliases", "get", `{ get { key: id again: id } }`, node, `{"key":"1","again":"1"}`},
		{"lists of scalars", "get", `{ get { tags } }`, node, `{"tags":["a","b"]}`},
		{"objects in objects", "get", `{ get { child { name child { id name } } } }`, node, `{"child":{"name":"c","child":{"id":"3","name":null}}}`},
		{"fields that it lacks", "get", `{ get { id name } }`, `{"id":"1"}`, `{"id":"1","name":null}`},
		{"nulls", "get", `{ get { id child { id } } }`, `{"id":null,"child":null}`, `{"id":null,"child":null}`},
		{"fragments", "get", "{ get { ...F ... on Node { name } ... { tags } } } fragment F on Node { id child { id } }", node, `{"id":"1","child":{"id":"2"},"name":"n","tags":["a","b"]}`},
		{"fragments of an interface", "get", `{ get { ... on Named { name } } }`, node, `{"name":"n"}`},
		{"merged selections", "get", `{ get { child { id } child { name } } }`, node, `{"child":{"id":"2","name":"c"}}`},
		{"fields that are skipped", "get", `{ get { id name @skip(if: true) tags @include(if: false) } }`, node, `{"id":"1"}`},
		{"__typename", "get", `{ get { __typename id } }`, node, `{"__typename":"Node","id":"1"}`},
		{"scalars with an inside of their own", "get", `{ get { one } }`, `{"one":{"a":[1]}}`, `{"one":{"a":[1]}}`},
		{"a list", "nodes", `{ nodes { id } }`, `[` + node + `,null,{"name":"x"}]`, `[{"id":"1"},null,{"id":null}]`},
		{"an empty list", "nodes", `{ nodes { id } }`, `[]`, `[]`},
		{"an abstract field", "get", `{ get { named { name ... on Node { id } } } }`, `{"named":{"__typename":"Node","id":"1","name":"n","tags":[]}}`, `{"named":{"name":"n","id":"1"}}`},
		{"a union", "any", `{ any { ... on Leaf { size } ... on Node { name } } }`, `{"__typename":"Leaf","id":"1","size":5}`, `{"size":5}`},
		{"a union of another member", "any", `{ any { ... on Leaf { size } ... on Node { name } } }`, `{"__typename":"Node","id":"1","name":"n"}`, `{"name":"n"}`},
		{"a list of a union", "anys", `{ anys { __typename ... on Leaf { size } ... on Node { name } } }`, `[{"__typename":"Leaf","size":5},{"__typename":"Node","name":"n","id":"1"}]`,
			`[{"__typename":"Leaf","size":5},{"__typename":"Node","name":"n"}]`},
		{"a union without its type", "any", `{ any { ... on Leaf { size } } }`, `{"size":5}`, `null`},
		{"a scalar field takes all", "json", `{ json }`, node, node},
		{"text for an object", "get", `{ get { id } }`, `"text"`, `null`},
		{"a list for an object", "get", `{ get { id } }`, `[` + node + `]`, `null`},
		{"an object for a list", "nodes", `{ nodes { id } }`, node, `null`},
		{"nothing", "get", `{ get { id } }`, `null`, `null`},
	} {
		t.Run(c.name, func(t *testing.T) {
			const info = `{"id":"whole","secret":[1]}`
			raise := func(helper string) string {
				return `$util.` + helper + `("m", "T", $util.parseJson($ctx.stash.data), ` + info + `)`
			}
			put := `#set($data = '` + c.data + `')$util.qr($ctx.stash.put("data", $data))`
			a := newAPI(t)
			a.unit("Query."+c.field, "none", put+none(`1`), raise("error"))
			want := failure(c.field, c.want, `"T"`, info, "m")
			same(t, a.query(c.query, ""), failed(c.field, want))
			a.unit("Query."+c.field, "none", put+none(`1`), raise("appendError")+`null`)
			same(t, a.query(c.query, ""), failed(c.field, want))
		})
	}
}

// AppSync developer guide, utility-helpers-in-util: the arities of the helpers
// that raise errors, in each place where a template can stand.
func TestHelpersThatRaiseErrors(t *testing.T) {
	const never = `$util.error("not skipped")`
	places := map[string]func(a *api, helper string){
		"unit request":  func(a *api, helper string) { a.unit("Query.json", "broken", helper+none(`1`), never) },
		"unit response": func(a *api, helper string) { a.unit("Query.json", "none", none(`1`), helper+`1`) },
		"before template": func(a *api, helper string) {
			a.pipeline("Query.json", helper+`{}`, never, function{"none", never, never})
		},
		"function request": func(a *api, helper string) {
			a.pipeline("Query.json", `{}`, never, function{"broken", helper + none(`1`), never})
		},
		"function response": func(a *api, helper string) {
			a.pipeline("Query.json", `{}`, never, function{"none", none(`1`), helper + `1`})
		},
		"after template": func(a *api, helper string) {
			a.pipeline("Query.json", `{}`, helper+`1`, function{"none", none(`1`), `1`})
		},
	}
	for _, c := range []struct{ helper, data, errorType, info, message string }{
		{`$util.error("m")`, "null", "null", "null", "m"},
		{`$util.error("m", "T")`, "null", `"T"`, "null", "m"},
		{`$util.error("m", "T", {"d": 1})`, `{"d":1}`, `"T"`, "null", "m"},
		{`$util.error("m", "T", {"d": 1}, {"i": 1})`, `{"d":1}`, `"T"`, `{"i":1}`, "m"},
		{`$util.error("m", null, null, {"i": 1})`, "null", "null", `{"i":1}`, "m"},
		{`$util.unauthorized()`, "null", `"Unauthorized"`, "null", "Not Authorized to access json on type AWSJSON"},
		{`$util.validate(false, "m")`, "null", `"CustomTemplateException"`, "null", "m"},
		{`$util.validate(false, "m", "T")`, "null", `"T"`, "null", "m"},
		{`$util.validate(false, "m", "T", {"d": 1})`, `{"d":1}`, `"T"`, "null", "m"},
		{`#foreach($i in [1..3])$util.validate($foreach.hasNext, "m$i")#{end}`, "null", `"CustomTemplateException"`, "null", "m3"},
		{`#macro(refuse)$util.unauthorized()#end#if(true)#refuse()#{end}`, "null", `"Unauthorized"`, "null", "Not Authorized to access json on type AWSJSON"},
	} {
		for place, build := range places {
			t.Run(place+" "+c.helper, func(t *testing.T) {
				a := newAPI(t)
				build(a, c.helper)
				same(t, a.query(`{ json }`, ""), failed("json", failure("json", c.data, c.errorType, c.info, c.message)))
			})
		}
	}
}

// AppSync developer guide, utility-helpers-in-util: appended errors stand beside
// the value, whichever template appends them.
func TestAppendErrorInEachPlace(t *testing.T) {
	for _, c := range []struct{ helper, data, errorType, info string }{
		{`$util.appendError("m")`, "null", "null", "null"},
		{`$util.appendError("m", "T")`, "null", `"T"`, "null"},
		{`$util.appendError("m", "T", {"d": 1})`, `{"d":1}`, `"T"`, "null"},
		{`$util.appendError("m", "T", {"d": 1}, {"i": 1})`, `{"d":1}`, `"T"`, `{"i":1}`},
	} {
		for place, build := range map[string]func(a *api){
			"unit request":      func(a *api) { a.unit("Query.json", "none", c.helper+none(`1`), `1`) },
			"unit response":     func(a *api) { a.unit("Query.json", "none", none(`1`), c.helper+`1`) },
			"unit return":       func(a *api) { a.unit("Query.json", "broken", c.helper+`#return(1)`, `2`) },
			"before template":   func(a *api) { a.pipeline("Query.json", c.helper+`{}`, `1`) },
			"function request":  func(a *api) { a.pipeline("Query.json", `{}`, `1`, function{"none", c.helper + none(`1`), `1`}) },
			"function response": func(a *api) { a.pipeline("Query.json", `{}`, `1`, function{"none", none(`1`), c.helper + `1`}) },
			"after template":    func(a *api) { a.pipeline("Query.json", `{}`, c.helper+`1`, function{"none", none(`1`), `1`}) },
		} {
			t.Run(place+" "+c.helper, func(t *testing.T) {
				a := newAPI(t)
				build(a)
				same(t, a.query(`{ json }`, ""), `{"data":{"json":"1"},"errors":[`+failure("json", c.data, c.errorType, c.info, "m")+`]}`)
			})
		}
	}
}
