package schema_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	graphql "github.com/graph-gophers/graphql-go"

	"appsync-emulator/emulator/internal/scalar"
	"appsync-emulator/emulator/internal/schema"
	"appsync-emulator/mappingtemplate/value"
)

const introspected = `
"The start."
type Query {
  "All of them."
  posts(
    "how many" limit: Int = 10
    page: Page = {size: 5, order: [OLD, NEW]}
    text: String = "a\"b"
  ): [Post!]! @deprecated(reason: "use find")
  find(id: ID!): Node
  things: [[Thing]]
}
type Mutation { addPost(input: Page!): Post! }
type Subscription { added: Post @aws_subscribe(mutations: ["addPost"]) }
interface Node { id: ID! }
type Post implements Node { id: ID! order: Order at: AWSDateTime old: Int @deprecated }
type Other implements Node { id: ID! }
union Thing = Post | Other
enum Order { "oldest first" OLD NEW @deprecated(reason: "gone") }
input Page { size: Int! order: [Order!] = [NEW] next: Page }
`

// graphql-go introspects the same schema.
func TestIntrospectionAgreesWithGraphQLGo(t *testing.T) {
	for name, sdl := range map[string]string{"small": introspected, "pos-datastore": read(t, "pos-datastore.graphql")} {
		t.Run(name, func(t *testing.T) {
			s := parse(t, sdl)
			want := graphQLGoTypes(t, s)
			for name := range s.Types {
				if _, ok := want[name]; !ok {
					continue
				}
				v := s.TypeValue(name)
				if v == nil {
					if s.Types[name].Kind != schema.Scalar {
						t.Errorf("%s is not published", name)
					}
					continue
				}
				if s.Types[name].Kind == schema.Scalar || name[:2] == "__" {
					continue // with descriptions and fields of our own
				}
				if diff := cmp.Diff(want[name], fullType(t, s, v)); diff != "" {
					t.Errorf("%s: %s", name, diff)
				}
			}
		})
	}
}

// graphQLGoTypes returns the types of the introspection by graphql-go, empty
// lists and absent values left out.
func graphQLGoTypes(t *testing.T, s *schema.Schema) map[string]any {
	t.Helper()
	sdl := s.SDL(false)
	for _, sc := range scalar.All() {
		sdl += "scalar " + sc.Name() + "\n"
	}
	other, err := graphql.ParseSchema(sdl, nil, graphql.UseStringDescriptions())
	if err != nil {
		t.Fatal(err)
	}
	text, err := other.ToJSON()
	if err != nil {
		t.Fatal(err)
	}
	var decoded struct {
		Schema struct {
			Types []map[string]any `json:"types"`
		} `json:"__schema"`
	}
	if err := json.Unmarshal(text, &decoded); err != nil {
		t.Fatal(err)
	}
	types := make(map[string]any)
	for _, typ := range decoded.Schema.Types {
		types[typ["name"].(string)] = compact(typ)
	}
	return types
}

// compact drops nulls, empty lists, and the keys that AppSync does not have.
func compact(v any) any {
	switch v := v.(type) {
	case map[string]any:
		m := make(map[string]any)
		for k, item := range v {
			switch k {
			case "specifiedByURL", "specifiedByUrl", "isOneOf":
				continue
			}
			if item := compact(item); item != nil && item != "" {
				m[k] = item
			}
		}
		if _, isInput := m["defaultValue"]; isInput || m["args"] == nil && m["type"] != nil && m["isDeprecated"] == false {
			delete(m, "isDeprecated") // arguments and input fields have none
		}
		return m
	case []any:
		if len(v) == 0 {
			return nil
		}
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = compact(item)
		}
		return list
	default:
		return v
	}
}

// fullType selects what graphql-go's introspection query selects of a type.
func fullType(t *testing.T, s *schema.Schema, v *value.Map) any {
	t.Helper()
	all := value.MapOf("includeDeprecated", true)
	field := func(name string) any {
		return s.IntrospectionField(v, s.Field("__Type", name), all)
	}
	inputs := func(list any) any {
		return each(list, func(m *value.Map) any {
			return map[string]any{"name": m.Value("name"), "description": m.Value("description"), "type": typeRef(m.Value("type")), "defaultValue": m.Value("defaultValue")}
		})
	}
	return compact(map[string]any{
		"kind":        field("kind"),
		"name":        field("name"),
		"description": field("description"),
		"fields": each(field("fields"), func(m *value.Map) any {
			return map[string]any{
				"name": m.Value("name"), "description": m.Value("description"), "type": typeRef(m.Value("type")), "args": inputs(m.Value("args")),
				"isDeprecated": m.Value("isDeprecated"), "deprecationReason": m.Value("deprecationReason"),
			}
		}),
		"inputFields": inputs(field("inputFields")),
		"interfaces":  each(field("interfaces"), func(m *value.Map) any { return typeRef(m) }),
		"enumValues": each(field("enumValues"), func(m *value.Map) any {
			return map[string]any{"name": m.Value("name"), "description": m.Value("description"), "isDeprecated": m.Value("isDeprecated"), "deprecationReason": m.Value("deprecationReason")}
		}),
		"possibleTypes": each(field("possibleTypes"), func(m *value.Map) any { return typeRef(m) }),
	})
}

func each(list any, convert func(*value.Map) any) any {
	if list == nil {
		return nil
	}
	var out []any
	for _, item := range list.(*value.List).Items {
		out = append(out, convert(item.(*value.Map)))
	}
	return out
}

func typeRef(v any) any {
	m, ok := v.(*value.Map)
	if !ok {
		return nil
	}
	return map[string]any{"kind": m.Value("kind"), "name": m.Value("name"), "ofType": typeRef(m.Value("ofType"))}
}

// graphql-java v9.0, graphql.introspection.Introspection: these fields and no
// others, so that newer ones are reported as undefined.
func TestMetaTypesAreThoseOfGraphQLJava9(t *testing.T) {
	s := parse(t, introspected)
	want := map[string][]string{
		"__Schema":     {"types: [__Type!]!", "queryType: __Type!", "mutationType: __Type", "directives: [__Directive!]!", "subscriptionType: __Type"},
		"__Type":       {"kind: __TypeKind!", "name: String", "description: String", "fields: [__Field!]", "interfaces: [__Type!]", "possibleTypes: [__Type!]", "enumValues: [__EnumValue!]", "inputFields: [__InputValue!]", "ofType: __Type"},
		"__Field":      {"name: String!", "description: String", "args: [__InputValue!]!", "type: __Type!", "isDeprecated: Boolean!", "deprecationReason: String"},
		"__InputValue": {"name: String!", "description: String", "type: __Type!", "defaultValue: String"},
		"__EnumValue":  {"name: String!", "description: String", "isDeprecated: Boolean!", "deprecationReason: String"},
		"__Directive":  {"name: String", "description: String", "locations: [__DirectiveLocation!]", "args: [__InputValue!]!", "onOperation: Boolean", "onFragment: Boolean", "onField: Boolean"},
	}
	for name, fields := range want {
		var got []string
		for _, f := range s.Types[name].Fields {
			got = append(got, f.Name+": "+f.Type.String())
		}
		if diff := cmp.Diff(fields, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	arg := s.Field("__Type", "fields").Arg("includeDeprecated")
	if arg == nil || arg.Type.String() != "Boolean" || arg.Default != false || arg.DefaultText != "false" {
		t.Errorf("includeDeprecated is %+v", arg)
	}
}

// Every value of introspection has a key for every field of its meta type.
func TestIntrospectionValuesAreComplete(t *testing.T) {
	s := parse(t, introspected)
	seen := make(map[*value.Map]bool)
	var walk func(typ *schema.Type, m *value.Map)
	walk = func(typ *schema.Type, m *value.Map) {
		if seen[m] {
			return
		}
		seen[m] = true
		for _, f := range typ.Fields {
			v, ok := m.Get(f.Name)
			if !ok {
				t.Fatalf("%s lacks %s: %v", typ.Name, f.Name, m.Value("name"))
			}
			if v == nil && f.Type.NonNull != nil {
				t.Errorf("%s.%s is null", typ.Name, f.Name)
			}
			switch v := v.(type) {
			case *value.Map:
				walk(f.Type.Base(), v)
			case *value.List:
				for _, item := range v.Items {
					switch item := item.(type) {
					case *value.Map:
						walk(f.Type.Base(), item)
					case string:
						if !f.Type.Base().HasEnumValue(item) {
							t.Errorf("%s.%s has %s", typ.Name, f.Name, item)
						}
					}
				}
			case string:
				if base := f.Type.Base(); base.Kind == schema.Enum && !base.HasEnumValue(v) {
					t.Errorf("%s.%s is %s", typ.Name, f.Name, v)
				}
			}
		}
	}
	walk(s.Types["__Schema"], s.SchemaValue())
	if first, second := s.SchemaValue(), s.SchemaValue(); first != second {
		t.Error("the value is built anew")
	}
}

func TestSchemaValue(t *testing.T) {
	s := parse(t, introspected)
	v := s.SchemaValue()
	for key, want := range map[string]string{"queryType": "Query", "mutationType": "Mutation", "subscriptionType": "Subscription"} {
		if got := v.Value(key); got != s.TypeValue(want) || got == nil {
			t.Errorf("%s is %v", key, got)
		}
	}
	published := make(map[string]bool)
	for _, item := range v.Value("types").(*value.List).Items {
		name := item.(*value.Map).Value("name").(string)
		if published[name] {
			t.Errorf("%s is published twice", name)
		}
		published[name] = true
	}
	for _, name := range []string{"Query", "Post", "Order", "Page", "Thing", "Node", "String", "Boolean", "ID", "Int", "AWSDateTime", "__Schema", "__TypeKind"} {
		if !published[name] {
			t.Errorf("%s is not published", name)
		}
	}
	// A scalar that nothing uses is not published (aws-mobile-appsync-sdk-js#547).
	if published["AWSJSON"] || s.TypeValue("AWSJSON") != nil || s.TypeValue("Nope") != nil {
		t.Error("a type that is not in use is published")
	}
	directives := make(map[string]*value.Map)
	for _, item := range v.Value("directives").(*value.List).Items {
		d := item.(*value.Map)
		directives[d.Value("name").(string)] = d
	}
	for _, name := range []string{"include", "skip", "defer", "deprecated", "aws_api_key", "aws_iam", "aws_oidc", "aws_lambda", "aws_cognito_user_pools", "aws_auth", "aws_publish", "aws_subscribe"} {
		if directives[name] == nil {
			t.Errorf("@%s is not published", name)
		}
	}
	if d := directives["skip"]; d.Value("onField") != true || d.Value("onFragment") != true || d.Value("onOperation") != false {
		t.Errorf("@skip is %v", value.ToString(d.Value("locations")))
	}
}

func TestDeprecatedIsHiddenUnlessAskedFor(t *testing.T) {
	s := parse(t, introspected)
	count := func(typeName, field string, args *value.Map) int {
		return s.IntrospectionField(s.TypeValue(typeName), s.Field("__Type", field), args).(*value.List).Len()
	}
	for _, tt := range []struct {
		typeName, field string
		args            *value.Map
		want            int
	}{
		{"Query", "fields", nil, 2},
		{"Query", "fields", value.MapOf("includeDeprecated", false), 2},
		{"Query", "fields", value.MapOf("includeDeprecated", nil), 2},
		{"Query", "fields", value.MapOf("includeDeprecated", true), 3},
		{"Order", "enumValues", nil, 1},
		{"Order", "enumValues", value.MapOf("includeDeprecated", true), 2},
	} {
		if got := count(tt.typeName, tt.field, tt.args); got != tt.want {
			t.Errorf("%s.%s %v: %d", tt.typeName, tt.field, value.ToString(tt.args), got)
		}
	}
	all := value.MapOf("includeDeprecated", true)
	if got := s.IntrospectionField(s.TypeValue("Int"), s.Field("__Type", "fields"), all); got != nil {
		t.Errorf("Int has fields %v", got)
	}
	if got := s.IntrospectionField(s.TypeValue("Query"), s.Field("__Type", "name"), nil); got != "Query" {
		t.Errorf("the name is %v", got)
	}
}

func BenchmarkIntrospection(b *testing.B) {
	sources := []schema.Source{{Name: "schema.graphql", Text: read(b, "pos-datastore.graphql")}}
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		s, _ := schema.Parse(sources)
		b.StartTimer()
		s.SchemaValue()
	}
}
