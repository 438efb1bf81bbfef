package plan_test

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"appsync-emulator/emulator/internal/apierror"
	"appsync-emulator/emulator/internal/plan"
	"appsync-emulator/emulator/internal/schema"
	"appsync-emulator/mappingtemplate/value"
)

// shape writes the fields of a selection as text: keys with their fields, and
// for an abstract type one block for each object type.
func shape(set *plan.SelectionSet, v *plan.Variables) string {
	if set.Type.Kind == schema.Object {
		return fieldsShape(set.For(set.Type), v)
	}
	var parts []string
	for _, t := range set.Type.Possible {
		parts = append(parts, t.Name+fieldsShape(set.For(t), v))
	}
	return "<" + strings.Join(parts, " ") + ">"
}

func fieldsShape(fields []*plan.Field, v *plan.Variables) string {
	var parts []string
	for _, f := range fields {
		if !f.Included(v) {
			continue
		}
		text := f.Key
		if f.Key != f.Def.Name {
			text += ":" + f.Def.Name
		}
		if f.Selections != nil {
			text += shape(f.Selections, v)
		}
		parts = append(parts, text)
	}
	return "{" + strings.Join(parts, " ") + "}"
}

func coerce(t testing.TB, p *plan.Plan, json string) *plan.Variables {
	t.Helper()
	var raw *value.Map
	if json != "" {
		v, err := value.ParseJSON(json)
		if err != nil {
			t.Fatal(err)
		}
		raw = v.(*value.Map)
	}
	vars, failure := p.Coerce(raw)
	if failure != nil {
		t.Fatal(failure)
	}
	return vars
}

// The expectations are those of the GraphQL specification, June 2018, section
// 6.3.2 (CollectFields), which graphql-java's FieldCollector implements.
func TestFieldsAreMerged(t *testing.T) {
	s := parseSchema(t, shopSDL)
	for _, c := range []struct{ name, query, vars, want string }{
		{"equal fields are one", "{ author { id id } author { name } }", "", "{author{id name}}"},
		{"aliases are keys", "{ a: author { x: id } b: author { id } }", "", "{a:author{x:id} b:author{id}}"},
		{"fragments are flattened in order", "{ author { ...F rival { id } ... { name } } } fragment F on Author { rival { name } id }", "",
			"{author{rival{name id} id name}}"},
		{"a fragment counts once", "{ author { ...F name ...F } } fragment F on Author { id }", "", "{author{id name}}"},
		{"fields on object types stay there", "{ node(id: 1) { id ... on Book { title } ... on Song { length } } }", "",
			"{node<Book{id title} Song{id length}>}"},
		{"fields of an interface reach each object type", "{ search { ... on Node { id } __typename ... on Song { id title } } }", "",
			"{search<Book{id __typename} Song{id __typename title}>}"},
		{"unions in interfaces", "{ node(id: 1) { ... on Media { ... on Book { pages } } } }", "", "{node<Book{pages} Song{}>}"},
		{"abstract types below abstract types", "{ node(id: 1) { related { id ... on Book { related { id } } } } }", "",
			"{node<Book{related<Book{id related<Book{id} Song{id}>} Song{id}>} Song{related<Book{id related<Book{id} Song{id}>} Song{id}>}>}"},
		{"literal conditions", "{ author { id @skip(if: true) name @include(if: true) } authors @include(if: false) { id } }", "", "{author{name}}"},
		{"everything left out", "{ author { id @skip(if: true) } }", "", "{author{}}"},
		{"the first of repeated directives counts", "{ author { id @skip(if: false) @skip(if: true) } }", "", "{author{id}}"},
		{"a true condition", "query($a: Boolean!) { author { id @include(if: $a) name @skip(if: $a) } }", `{"a":true}`, "{author{id}}"},
		{"a false condition", "query($a: Boolean!) { author { id @include(if: $a) name @skip(if: $a) } }", `{"a":false}`, "{author{name}}"},
		{"a default decides", "query($a: Boolean = true) { author { id @include(if: $a) } }", "", "{author{id}}"},
		{"both directives must agree", "query($a: Boolean!, $b: Boolean!) { author { id @include(if: $a) @skip(if: $b) } }", `{"a":true,"b":true}`, "{author{}}"},
		{"one of two occurrences is enough", "query($a: Boolean!) { author @include(if: $a) { id } author { name } }", `{"a":false}`, "{author{name}}"},
		{"both occurrences", "query($a: Boolean!) { author @include(if: $a) { id } author { name } }", `{"a":true}`, "{author{id name}}"},
		{"opposite occurrences", "query($a: Boolean!) { author @include(if: $a) { id } author @skip(if: $a) { name } }", `{"a":false}`, "{author{name}}"},
		{"conditions of fragments", "query($a: Boolean!) { author { ...F @include(if: $a) ... @skip(if: $a) { name } } } fragment F on Author { id }", `{"a":true}`, "{author{id}}"},
		{"a fragment under either condition", "query($a: Boolean!, $b: Boolean!) { author { ...F @include(if: $a) ...F @include(if: $b) } } fragment F on Author { id }", `{"a":false,"b":true}`, "{author{id}}"},
		{"impossible conditions", "query($a: Boolean!) { author { ... @include(if: $a) { id @skip(if: $a) name } } }", `{"a":true}`, "{author{name}}"},
		{"meta fields", `{ __typename t: __type(name: "Book") { name } __schema { queryType { name } } }`, "", "{__typename t:__type{name} __schema{queryType{name}}}"},
		{"many keys", "{ author { " + manyKeys(40) + " k7: id } }", "", "{author{" + strings.ReplaceAll(manyKeys(40), ": ", ":") + "}}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := compile(t, s, c.query)
			if got := shape(p.Root, coerce(t, p, c.vars)); got != c.want {
				t.Errorf("%s\n got %s\nwant %s", c.query, got, c.want)
			}
		})
	}
}

func manyKeys(n int) string {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = "k" + strconv.Itoa(i) + ": id"
	}
	return strings.Join(keys, " ")
}

func TestPlanDescribesItsFields(t *testing.T) {
	s := parseSchema(t, postsSDL)
	s.Field("Query", "getPost").Resolved = true
	p := compile(t, s, "query Q {\n  mine: getPost(id: 1) {\n    id\n    __typename\n  }\n}")
	if p.Kind != plan.Query || p.Name != "Q" || p.Root.Type != s.Query || !p.Root.Resolves {
		t.Errorf("plan %+v", p)
	}
	f := p.Root.For(s.Query)[0]
	if f.Key != "mine" || f.Def != s.Field("Query", "getPost") || f.Meta || f.Depth != 1 ||
		f.Location != (apierror.Location{Line: 2, Column: 3}) || f.Selections.Resolves {
		t.Errorf("field %+v", f)
	}
	below := f.Selections.For(s.Types["Post"])
	if below[0].Depth != 2 || below[0].Selections != nil || below[0].Meta {
		t.Errorf("leaf %+v", below[0])
	}
	if !below[1].Meta || below[1].Def.Type.String() != "String!" || below[1].Def.Index >= 0 {
		t.Errorf("__typename %+v", below[1])
	}
	if k := compile(t, s, "mutation { deletePost(id: 1) { id } }").Kind; k != plan.Mutation {
		t.Errorf("kind %d", k)
	}
	sub := compile(t, s, "subscription { onDeltaPost { id } }")
	if sub.Kind != plan.Subscription || sub.Root.Type != s.Subscription || sub.Root.Resolves {
		t.Errorf("subscription %+v", sub)
	}
}

// The values handed to templates are theirs to change.
func TestArgumentsAreNeverShared(t *testing.T) {
	s := parseSchema(t, shopSDL)
	const query = `query($f: Filter, $d: Filter = {limit: 1, tags: ["d"]}, $l: Int) {
		a: search(filter: $f) { __typename }
		b: search(filter: $f) { __typename }
		c: search(filter: $d) { __typename }
		d: search(filter: {limit: 1, tags: ["d"]}) { __typename }
		e: deep(list: [[$l], [2]])
	}`
	p := compile(t, s, query)
	for range 2 {
		vars := coerce(t, p, `{"f":{"limit":1,"tags":["d"]},"l":1}`)
		raw := value.JSON(vars.Raw)
		for range 2 {
			for _, f := range p.Root.For(s.Query) {
				args := f.Arguments(vars)
				want := `{"filter":{"tags":["d"],"style":"PLAIN","limit":1}}`
				if f.Key == "e" {
					want = `{"list":[[1],[2]]}`
				}
				if got := value.JSON(args); got != want {
					t.Fatalf("%s: got %s, want %s", f.Key, got, want)
				}
				spoil(args)
			}
		}
		if got := value.JSON(vars.Raw); got != raw {
			t.Errorf("raw became %s", got)
		}
	}
}

// spoil changes everything that can be changed.
func spoil(v any) {
	switch v := v.(type) {
	case *value.Map:
		for i := range v.Len() {
			_, item := v.At(i)
			spoil(item)
		}
		v.Set("spoilt", true)
	case *value.List:
		for _, item := range v.Items {
			spoil(item)
		}
		v.Append("spoilt")
	}
}

func TestArgumentsAreSafeForConcurrentUse(t *testing.T) {
	s := parseSchema(t, shopSDL)
	p := compile(t, s, "query($f: Filter) { a: search(filter: $f) { __typename } b: search(filter: $f) { __typename } }")
	vars := coerce(t, p, `{"f":{"limit":1,"and":[{"limit":2}]}}`)
	var wg sync.WaitGroup
	for range 8 {
		for _, f := range p.Root.For(s.Query) {
			wg.Go(func() {
				args := f.Arguments(vars)
				if got := value.JSON(args); got != `{"filter":{"and":[{"style":"PLAIN","limit":2}],"style":"PLAIN","limit":1}}` {
					t.Errorf("got %s", got)
				}
				spoil(args)
				f.SelectionSetList(vars)
			})
		}
	}
	wg.Wait()
}

func TestManyVariables(t *testing.T) {
	s := parseSchema(t, shopSDL)
	var defs, fields strings.Builder
	for i := range 80 {
		fmt.Fprintf(&defs, "$v%d: [[Int]] ", i)
		fmt.Fprintf(&fields, "f%d: deep(list: $v%d) ", i, i)
	}
	p := compile(t, s, "query("+defs.String()+"){"+fields.String()+"}")
	vars := coerce(t, p, `{"v0":[[1]],"v79":[[2]]}`)
	for range 2 {
		for i, f := range p.Root.For(s.Query) {
			want := "{}"
			switch i {
			case 0:
				want = `{"list":[[1]]}`
			case 79:
				want = `{"list":[[2]]}`
			}
			args := f.Arguments(vars)
			if got := value.JSON(args); got != want {
				t.Errorf("%s: got %s, want %s", f.Key, got, want)
			}
			spoil(args)
		}
	}
}

// Recorded refusals; those of the engine alone are in the recordings.
func TestVariableErrors(t *testing.T) {
	posts := parseSchema(t, postsSDL)
	outside := parseSchema(t, `type Query { x: Int } type Mutation { create(input: Outside!): Int }
		input Outside { inside: [Inside!]! } input Inside { name: String! n: Int }`)
	for _, c := range []struct {
		name, source      string
		schema            *schema.Schema
		query, vars, want string
	}{
		{name: "a field that is not there", source: "aws/aws-appsync-community#273", schema: posts,
			query: "mutation ($input: CreatePostInput!) { createPost(input: $input) { id } }",
			vars:  `{"input":{"zip":1}}`,
			want:  `{"path":null,"locations":null,"message":"The variables input contains a field that is not defined for input object type 'CreatePostInput' "}`},
		{name: "the location is that of the definition", source: "aws-amplify/amplify-flutter#822", schema: posts,
			query: "mutation createPostPos($input: CreatePostInput!) { createPost(input: $input) { id } }",
			vars:  `{"input":{"author":"a","title":"t","content":"c","ups":"many"}}`,
			want:  `{"path":null,"locations":[{"line":1,"column":24,"sourceName":null}],"message":"Variable 'ups' has an invalid value. Expected type 'Int' but was 'String'."}`},
		{name: "an integer that is too long", source: "aws-amplify/amplify-cli#4572", schema: posts,
			query: "mutation ($input: UpdatePostInput!) { updatePost(input: $input) { id } }",
			vars:  `{"input":{"id":"1","ups":1590739200000}}`,
			want:  `{"path":null,"locations":[{"line":1,"column":11,"sourceName":null}],"message":"Variable 'ups' has an invalid value. Expected type 'Int' but was 'Long'."}`},
		{name: "a null deep inside names the outer variable", source: "aws/aws-appsync-community#406", schema: outside,
			query: "mutation M($outside_input: Outside!) { create(input: $outside_input) }",
			vars:  `{"outside_input":{"inside":[{"n":1}]}}`,
			want:  `{"path":null,"locations":[{"line":1,"column":12,"sourceName":null}],"message":"Variable 'outside_input' has coerced Null value for NonNull type 'String!'"}`},
		{name: "no variables at all", source: "ValuesResolver of graphql-java 9.0", schema: outside,
			query: "mutation M($i: Outside!) { create(input: $i) }",
			want:  `{"path":null,"locations":[{"line":1,"column":12,"sourceName":null}],"message":"Variable 'i' has coerced Null value for NonNull type 'Outside!'"}`},
		{name: "a list for an input object", source: "ValuesResolver of graphql-java 9.0", schema: outside,
			query: "mutation M($i: Outside!) { create(input: $i) }", vars: `{"i":[]}`,
			want: `{"path":null,"locations":[{"line":1,"column":12,"sourceName":null}],"message":"Variable 'i' has an invalid value. Expected type 'Map' but was 'ArrayList'. Variables for input objects must be an instance of type 'Map'."}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := compile(t, c.schema, c.query)
			var raw *value.Map
			if c.vars != "" {
				v, err := value.ParseJSON(c.vars)
				if err != nil {
					t.Fatal(err)
				}
				raw = v.(*value.Map)
			}
			_, err := p.Coerce(raw)
			if err == nil {
				t.Fatal("accepted")
			}
			if diff := cmp.Diff(c.want, string(err.AppendJSON(nil))); diff != "" {
				t.Errorf("(-want +got), expected by %s:\n%s", c.source, diff)
			}
		})
	}
}

func TestCoerceWithoutVariables(t *testing.T) {
	p := compile(t, parseSchema(t, postsSDL), "{ listPosts { id } }")
	a, _ := p.Coerce(nil)
	b, _ := p.Coerce(nil)
	if a != b || a.Raw != nil {
		t.Error("want one shared value without raw variables")
	}
	raw := value.MapOf("unknown", int32(1))
	if c, err := p.Coerce(raw); err != nil || c.Raw != raw {
		t.Errorf("undeclared variables: %v, %v", c, err)
	}
}
