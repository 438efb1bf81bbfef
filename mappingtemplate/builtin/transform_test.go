package builtin_test

import (
	"testing"

	"appsync-emulator/mappingtemplate/value"
)

// Every case is recorded on AWS: localstack/appsync-utils,
// transform.test.js.snap. An empty want is null.
func TestDynamoDBExpressions(t *testing.T) {
	for _, c := range []struct{ name, filter, want string }{
		{"eq", `{"v":{"eq":"x"}}`, `{"expression":"(#v = :v_eq)","expressionNames":{"#v":"v"},"expressionValues":{":v_eq":{"S":"x"}}}`},
		{"ne", `{"v":{"ne":"x"}}`, `{"expression":"(#v <> :v_ne)","expressionNames":{"#v":"v"},"expressionValues":{":v_ne":{"S":"x"}}}`},
		{"lt", `{"v":{"lt":"x"}}`, `{"expression":"(#v < :v_lt)","expressionNames":{"#v":"v"},"expressionValues":{":v_lt":{"S":"x"}}}`},
		{"le", `{"v":{"le":"x"}}`, `{"expression":"(#v <= :v_le)","expressionNames":{"#v":"v"},"expressionValues":{":v_le":{"S":"x"}}}`},
		{"gt", `{"v":{"gt":"x"}}`, `{"expression":"(#v > :v_gt)","expressionNames":{"#v":"v"},"expressionValues":{":v_gt":{"S":"x"}}}`},
		{"ge", `{"v":{"ge":"x"}}`, `{"expression":"(#v >= :v_ge)","expressionNames":{"#v":"v"},"expressionValues":{":v_ge":{"S":"x"}}}`},
		{"a number", `{"v":{"eq":10}}`, `{"expression":"(#v = :v_eq)","expressionNames":{"#v":"v"},"expressionValues":{":v_eq":{"N":10}}}`},
		{"a fractional number", `{"v":{"eq":1.5}}`, `{"expression":"(#v = :v_eq)","expressionNames":{"#v":"v"},"expressionValues":{":v_eq":{"N":1.5}}}`},
		{"a boolean", `{"v":{"eq":true}}`, `{"expression":"(#v = :v_eq)","expressionNames":{"#v":"v"},"expressionValues":{":v_eq":{"BOOL":true}}}`},
		{"null operand", `{"v":{"eq":null}}`, `{"expression":"(#v = :v_eq)","expressionNames":{"#v":"v"},"expressionValues":{":v_eq":{"NULL":null}}}`},
		{"an object", `{"v":{"eq":{"a":1}}}`, `{"expression":"(#v = :v_eq)","expressionNames":{"#v":"v"},"expressionValues":{":v_eq":{"M":{"a":{"N":1}}}}}`},
		{"a list", `{"v":{"eq":[1,2]}}`, `{"expression":"(#v = :v_eq)","expressionNames":{"#v":"v"},"expressionValues":{":v_eq":{"L":[{"N":1},{"N":2}]}}}`},
		{"contains", `{"v":{"contains":"x"}}`, `{"expression":"(contains(#v,:v_contains))","expressionNames":{"#v":"v"},"expressionValues":{":v_contains":{"S":"x"}}}`},
		{"notContains", `{"v":{"notContains":"x"}}`, `{"expression":"(NOT contains(#v,:v_notContains))","expressionNames":{"#v":"v"},"expressionValues":{":v_notContains":{"S":"x"}}}`},
		{"beginsWith", `{"v":{"beginsWith":"x"}}`, `{"expression":"(begins_with(#v,:v_beginsWith))","expressionNames":{"#v":"v"},"expressionValues":{":v_beginsWith":{"S":"x"}}}`},
		{"between", `{"v":{"between":[1,9]}}`, `{"expression":"(#v BETWEEN :v_between_start AND :v_between_end)","expressionNames":{"#v":"v"},"expressionValues":{":v_between_end":{"N":9},":v_between_start":{"N":1}}}`},
		{"between ignores a third", `{"v":{"between":["1","9","3"]}}`, `{"expression":"(#v BETWEEN :v_between_start AND :v_between_end)","expressionNames":{"#v":"v"},"expressionValues":{":v_between_end":{"S":"9"},":v_between_start":{"S":"1"}}}`},
		{"in", `{"v":{"in":["a","b"]}}`, `{"expression":"(#v IN (:v_in_0, :v_in_1))","expressionNames":{"#v":"v"},"expressionValues":{":v_in_0":{"S":"a"},":v_in_1":{"S":"b"}}}`},
		{"in of one", `{"v":{"in":["a"]}}`, `{"expression":"(#v IN (:v_in_0))","expressionNames":{"#v":"v"},"expressionValues":{":v_in_0":{"S":"a"}}}`},
		{"attributeExists true", `{"v":{"attributeExists":true}}`, `{"expression":"(attribute_exists(#v))","expressionNames":{"#v":"v"},"expressionValues":{}}`},
		{"attributeExists false", `{"v":{"attributeExists":false}}`, `{"expression":"(attribute_not_exists(#v))","expressionNames":{"#v":"v"},"expressionValues":{}}`},
		{"attributeType", `{"a":{"attributeType":"_null"},"b":{"attributeType":"string"},"c":{"attributeType":"stringSet"},"d":{"attributeType":"number"},"e":{"attributeType":"numberSet"},"f":{"attributeType":"binary"},"g":{"attributeType":"binarySet"},"h":{"attributeType":"boolean"},"i":{"attributeType":"list"},"j":{"attributeType":"map"}}`,
			`{"expression":"(attribute_type(#a,:a_attributeType)) AND (attribute_type(#b,:b_attributeType)) AND (attribute_type(#c,:c_attributeType)) AND (attribute_type(#d,:d_attributeType)) AND (attribute_type(#e,:e_attributeType)) AND (attribute_type(#f,:f_attributeType)) AND (attribute_type(#g,:g_attributeType)) AND (attribute_type(#h,:h_attributeType)) AND (attribute_type(#i,:i_attributeType)) AND (attribute_type(#j,:j_attributeType))","expressionNames":{"#a":"a","#b":"b","#c":"c","#d":"d","#e":"e","#f":"f","#g":"g","#h":"h","#i":"i","#j":"j"},"expressionValues":{":a_attributeType":{"S":"NULL"},":b_attributeType":{"S":"S"},":c_attributeType":{"S":"SS"},":d_attributeType":{"S":"N"},":e_attributeType":{"S":"NS"},":f_attributeType":{"S":"B"},":g_attributeType":{"S":"BS"},":h_attributeType":{"S":"BOOL"},":i_attributeType":{"S":"L"},":j_attributeType":{"S":"M"}}}`},
		{"size", `{"v":{"size":{"gt":2}}}`, `{"expression":"(size(#v) > :v_size_gt)","expressionNames":{"#v":"v"},"expressionValues":{":v_size_gt":{"N":2}}}`},
		{"size in a range", `{"v":{"size":{"between":[1,3]}}}`, `{"expression":"(size(#v) BETWEEN :v_size_between_start AND :v_size_between_end)","expressionNames":{"#v":"v"},"expressionValues":{":v_size_between_end":{"N":3},":v_size_between_start":{"N":1}}}`},
		{"size in a function", `{"v":{"size":{"contains":"x"}}}`, `{"expression":"(contains(size(#v),:v_size_contains))","expressionNames":{"#v":"v"},"expressionValues":{":v_size_contains":{"S":"x"}}}`},
		{"size with attributeExists", `{"v":{"size":{"attributeExists":true}}}`, `{"expression":"(attribute_exists(size(#v)))","expressionNames":{"#v":"v"},"expressionValues":{}}`},
		{"two comparisons of a size", `{"v":{"size":{"gt":2,"lt":5}}}`, `{"expression":"((size(#v) > :v_size_gt) AND (size(#v) < :v_size_lt))","expressionNames":{"#v":"v"},"expressionValues":{":v_size_gt":{"N":2},":v_size_lt":{"N":5}}}`},
		{"size of a size", `{"v":{"size":{"size":{"gt":1}}}}`, `{"expression":"(size(#v) > :v_size_size_gt)","expressionNames":{"#v":"v"},"expressionValues":{":v_size_size_gt":{"N":1}}}`},
		{"two fields", `{"a":{"eq":1},"b":{"eq":2}}`, `{"expression":"(#a = :a_eq) AND (#b = :b_eq)","expressionNames":{"#a":"a","#b":"b"},"expressionValues":{":a_eq":{"N":1},":b_eq":{"N":2}}}`},
		{"two operators", `{"v":{"ge":1,"le":5}}`, `{"expression":"((#v >= :v_ge) AND (#v <= :v_le))","expressionNames":{"#v":"v"},"expressionValues":{":v_ge":{"N":1},":v_le":{"N":5}}}`},
		{"and of one", `{"and":[{"a":{"eq":1}}]}`, `{"expression":"(#a = :and_0_a_eq)","expressionNames":{"#a":"a"},"expressionValues":{":and_0_a_eq":{"N":1}}}`},
		{"and of two", `{"and":[{"a":{"eq":1}},{"b":{"eq":2}}]}`, `{"expression":"((#a = :and_0_a_eq) AND (#b = :and_1_b_eq))","expressionNames":{"#a":"a","#b":"b"},"expressionValues":{":and_0_a_eq":{"N":1},":and_1_b_eq":{"N":2}}}`},
		{"or of two", `{"or":[{"a":{"eq":1}},{"b":{"eq":2}}]}`, `{"expression":"((#a = :or_0_a_eq) OR (#b = :or_1_b_eq))","expressionNames":{"#a":"a","#b":"b"},"expressionValues":{":or_0_a_eq":{"N":1},":or_1_b_eq":{"N":2}}}`},
		{"not", `{"not":{"a":{"eq":1}}}`, `{"expression":"(NOT (#a = :not_a_eq))","expressionNames":{"#a":"a"},"expressionValues":{":not_a_eq":{"N":1}}}`},
		{"not of a group", `{"not":{"and":[{"a":{"eq":1}},{"b":{"eq":2}}]}}`, `{"expression":"(NOT ((#a = :not_and_0_a_eq) AND (#b = :not_and_1_b_eq)))","expressionNames":{"#a":"a","#b":"b"},"expressionValues":{":not_and_0_a_eq":{"N":1},":not_and_1_b_eq":{"N":2}}}`},
		{"not of a not", `{"not":{"not":{"a":{"eq":1}}}}`, `{"expression":"(NOT (NOT (#a = :not_not_a_eq)))","expressionNames":{"#a":"a"},"expressionValues":{":not_not_a_eq":{"N":1}}}`},
		{"not inside an and", `{"and":[{"not":{"a":{"eq":1}}},{"b":{"eq":2}}]}`, `{"expression":"((NOT (#a = :and_0_not_a_eq)) AND (#b = :and_1_b_eq))","expressionNames":{"#a":"a","#b":"b"},"expressionValues":{":and_0_not_a_eq":{"N":1},":and_1_b_eq":{"N":2}}}`},
		{"and inside an or", `{"or":[{"and":[{"a":{"eq":1}},{"b":{"eq":2}}]},{"c":{"eq":3}}]}`, `{"expression":"(((#a = :or_0_and_0_a_eq) AND (#b = :or_0_and_1_b_eq)) OR (#c = :or_1_c_eq))","expressionNames":{"#a":"a","#b":"b","#c":"c"},"expressionValues":{":or_0_and_0_a_eq":{"N":1},":or_0_and_1_b_eq":{"N":2},":or_1_c_eq":{"N":3}}}`},
		{"or inside an and", `{"and":[{"or":[{"a":{"eq":1}},{"b":{"eq":2}}]},{"c":{"eq":3}}]}`, `{"expression":"(((#a = :and_0_or_0_a_eq) OR (#b = :and_0_or_1_b_eq)) AND (#c = :and_1_c_eq))","expressionNames":{"#a":"a","#b":"b","#c":"c"},"expressionValues":{":and_0_or_0_a_eq":{"N":1},":and_0_or_1_b_eq":{"N":2},":and_1_c_eq":{"N":3}}}`},
		{"every level is named", `{"and":[{"or":[{"and":[{"a":{"eq":1}}]}]}]}`, `{"expression":"(#a = :and_0_or_0_and_0_a_eq)","expressionNames":{"#a":"a"},"expressionValues":{":and_0_or_0_and_0_a_eq":{"N":1}}}`},
		{"a field beside a group", `{"a":{"eq":1},"and":[{"b":{"eq":2}}]}`, `{"expression":"(#a = :a_eq) AND (#b = :and_0_b_eq)","expressionNames":{"#a":"a","#b":"b"},"expressionValues":{":a_eq":{"N":1},":and_0_b_eq":{"N":2}}}`},
		{"a dotted name", `{"a.b":{"eq":1}}`, `{"expression":"(#a.b = :a.b_eq)","expressionNames":{"#a.b":"a.b"},"expressionValues":{":a.b_eq":{"N":1}}}`},
		{"an update's condition", `{"and":[{"id":{"attributeExists":true}},{"_version":{"eq":1}}]}`, `{"expression":"((attribute_exists(#id)) AND (#_version = :and_1__version_eq))","expressionNames":{"#_version":"_version","#id":"id"},"expressionValues":{":and_1__version_eq":{"N":1}}}`},

		{"empty", `{}`, `{"expression":"","expressionNames":{},"expressionValues":{}}`},
		{"empty group", `{"and":[]}`, `{"expression":"","expressionNames":{},"expressionValues":{}}`},
		{"no operators", `{"v":{}}`, `{"expression":"","expressionNames":{"#v":"v"},"expressionValues":{}}`},
		{"no operators of a size", `{"v":{"size":{}}}`, `{"expression":"","expressionNames":{"#v":"v"},"expressionValues":{}}`},
		{"not of nothing", `{"not":{}}`, `{"expression":"(NOT )","expressionNames":{},"expressionValues":{}}`},
		{"in nothing", `{"v":{"in":[]}}`, `{"expression":"(null)","expressionNames":{"#v":"v"},"expressionValues":{}}`},
		{"dangling joiner", `{"a":{"eq":1},"b":{}}`, `{"expression":"(#a = :a_eq) AND ","expressionNames":{"#a":"a","#b":"b"},"expressionValues":{":a_eq":{"N":1}}}`},
		{"dangling joiner in a group", `{"and":[{"a":{"eq":1}},{}]}`, `{"expression":"((#a = :and_0_a_eq) AND )","expressionNames":{"#a":"a"},"expressionValues":{":and_0_a_eq":{"N":1}}}`},

		{"null", `null`, ``},
		{"an array", `[]`, ``},
		{"a string", `"string"`, ``},
		{"an unknown operator", `{"v":{"foo":1}}`, ``},
		{"a value instead of operators", `{"v":"x"}`, ``},
		{"a nested field", `{"a":{"b":{"eq":1}}}`, ``},
		{"and given a map", `{"and":{"a":{"eq":1}}}`, ``},
		{"and given null", `{"and":null}`, ``},
		{"a null member", `{"and":[{"a":{"eq":1}},null]}`, ``},
		{"not given a list", `{"not":[{"a":{"eq":1}}]}`, ``},
		{"a range of one", `{"v":{"between":[1]}}`, ``},
		{"a range that is no list", `{"v":{"between":"x"}}`, ``},
		{"in that is no list", `{"v":{"in":"x"}}`, ``},
		{"attributeExists of text", `{"v":{"attributeExists":"yes"}}`, ``},
		{"attributeType of a code", `{"v":{"attributeType":"S"}}`, ``},
		{"an unknown attributeType", `{"v":{"attributeType":"bogus"}}`, ``},
		{"size of a value", `{"v":{"size":3}}`, ``},
	} {
		t.Run(c.name, func(t *testing.T) {
			u, _ := newUtil()
			for _, helper := range []string{"toDynamoDBFilterExpression", "toDynamoDBConditionExpression"} {
				got := call(t, u, "transform", helper, parse(t, c.filter))
				if c.want == "" {
					mustEqual(t, helper, got, nil)
					continue
				}
				text, _ := got.(string)
				mustEqual(t, helper, parse(t, text), parse(t, c.want))
			}
		})
	}
	u, _ := newUtil()
	mustEqual(t, "no filter at all", call(t, u, "transform", "toDynamoDBFilterExpression"), nil)
	// The serialization is pinned by the case "the shape of the result".
	mustEqual(t, "the text", call(t, u, "transform", "toDynamoDBFilterExpression", parse(t, `{"content":{"contains":"foo"}}`)),
		`{"expression":"(contains(#content,:content_contains))","expressionNames":{"#content":"content"},"expressionValues":{":content_contains":{"S":"foo"}}}`)
}

// Every case is recorded on AWS: localstack/appsync-utils,
// transform-subscription.test.js.snap, but for the last two.
func TestSubscriptionFilters(t *testing.T) {
	for _, c := range []struct{ name, filter, ignored, rules, want string }{
		{"one operator", `{"a":{"eq":1}}`, ``, ``, `[[["a","eq",1]]]`},
		{"two fields", `{"a":{"eq":1},"b":{"eq":2}}`, ``, ``, `[[["a","eq",1],["b","eq",2]]]`},
		{"and", `{"and":[{"a":{"eq":1}},{"b":{"eq":2}}]}`, ``, ``, `[[["a","eq",1],["b","eq",2]]]`},
		{"a field beside an and", `{"z":{"eq":0},"and":[{"a":{"eq":1}}]}`, ``, ``, `[[["z","eq",0],["a","eq",1]]]`},
		{"a field path", `{"loc.addr.country":{"eq":"USA"}}`, ``, ``, `[[["loc.addr.country","eq","USA"]]]`},
		{"two operators", `{"a":{"eq":1,"ne":2}}`, ``, ``, `[[["a","eq",1]],[["a","ne",2]]]`},
		{"or", `{"or":[{"a":{"eq":1}},{"b":{"eq":2}}]}`, ``, ``, `[[["a","eq",1]],[["b","eq",2]]]`},
		{"or in an and", `{"and":[{"a":{"eq":1}},{"or":[{"b":{"eq":2}},{"c":{"eq":3}}]}]}`, ``, ``, `[[["a","eq",1],["b","eq",2]],[["a","eq",1],["c","eq",3]]]`},
		{"operators and groups", `{"percentageUp":{"lte":50,"gte":20},"and":[{"title":{"ne":"Book1"}},{"downvotes":{"gt":2000}}],"or":[{"author":{"eq":"Admin"}},{"isPublished":{"eq":false}}]}`, ``, ``,
			`[[["percentageUp","lte",50],["title","ne","Book1"],["downvotes","gt",2000],["author","eq","Admin"]],
			  [["percentageUp","lte",50],["title","ne","Book1"],["downvotes","gt",2000],["isPublished","eq",false]],
			  [["percentageUp","gte",20],["title","ne","Book1"],["downvotes","gt",2000],["author","eq","Admin"]],
			  [["percentageUp","gte",20],["title","ne","Book1"],["downvotes","gt",2000],["isPublished","eq",false]]]`},
		{"membership", `{"a":{"in":[1,2]},"b":{"notIn":["x"]}}`, ``, ``, `[[["a","in",[1,2]],["b","notIn",["x"]]]]`},
		{"an unknown operator", `{"a":{"bogus":1}}`, ``, ``, `[[["a","bogus",1]]]`},
		{"not is a field", `{"not":{"a":{"eq":1}}}`, ``, ``, `[[["not","a",{"eq":1}]]]`},
		{"ignored", `{"a":{"eq":1},"b":{"eq":2}}`, `["a"]`, ``, `[[["b","eq",2]]]`},
		{"ignored in an and", `{"a":{"eq":1},"and":[{"b":{"eq":2}}]}`, `["b"]`, ``, `[[["a","eq",1]]]`},
		{"rules", `{"a":{"eq":1}}`, `[]`, `{"r1":{"gte":250},"r2":{"eq":"p"}}`, `[[["a","eq",1],["r1","gte",250]],[["a","eq",1],["r2","eq","p"]]]`},
		{"rules alone", `{}`, `[]`, `{"r1":{"eq":1}}`, `[[["r1","eq",1]]]`},
		{"empty", `{}`, ``, ``, `[]`},
		{"no operator", `{"a":{}}`, ``, ``, `[]`},
		{"an empty and", `{"and":[]}`, ``, ``, `[]`},
		{"null", `null`, ``, ``, ``},
		{"an array", `[]`, ``, ``, ``},
		{"a string", `"{\"a\":{\"eq\":1}}"`, ``, ``, ``},
		// AWS's page "Transformation helpers in $util.transform".
		{"ignored alternatives disappear", `{"or":[{"a":{"eq":1}},{"b":{"eq":2}}]}`, `["a"]`, ``, `[[["b","eq",2]]]`},
		{"rules are not ignored", `{"a":{"eq":1}}`, `["a"]`, `{"a":{"eq":2}}`, `[[["a","eq",2]]]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			u, _ := newUtil()
			args := []any{parse(t, c.filter)}
			if c.ignored != "" {
				args = append(args, parse(t, c.ignored))
			}
			if c.rules != "" {
				args = append(args, parse(t, c.rules))
			}
			got := call(t, u, "transform", "toSubscriptionFilter", args...)
			if c.want == "" {
				mustEqual(t, "filter", got, nil)
				return
			}
			groups := &value.List{}
			for _, g := range parse(t, c.want).(*value.List).Items {
				filters := &value.List{}
				for _, f := range g.(*value.List).Items {
					triple := f.(*value.List).Items
					filters.Append(value.MapOf("fieldName", triple[0], "operator", triple[1], "value", triple[2]))
				}
				groups.Append(value.MapOf("filters", filters))
			}
			mustEqual(t, "filter", got, value.MapOf("filterGroup", groups))
		})
	}
}

func TestSubscriptionFiltersDoNotExplode(t *testing.T) {
	u, _ := newUtil()
	filter := &value.Map{}
	for _, f := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"} {
		filter.Set(f, parse(t, `{"eq":1,"ne":2,"lt":3,"gt":4,"le":5,"ge":6}`))
	}
	if _, _, err := invoke(t, u, "transform", "toSubscriptionFilter", filter); err == nil {
		t.Error("no error")
	}
}

// The first is the example of AWS's page "Transformation helpers in
// $util.transform"; the others follow the table of operators there.
func TestElasticsearchQueries(t *testing.T) {
	u, _ := newUtil()
	for _, c := range []struct{ filter, want string }{
		{`{"upvotes":{"ne":15,"range":[10,20]},"title":{"eq":"hihihi","wildcard":"h*i"}}`,
			`{"bool":{"must":[{"bool":{"must":[{"bool":{"must_not":{"term":{"upvotes":15}}}},{"range":{"upvotes":{"gte":10,"lte":20}}}]}},{"bool":{"must":[{"term":{"title":"hihihi"}},{"wildcard":{"title":"h*i"}}]}}]}}`},
		{`{"a":{"gt":1}}`, `{"range":{"a":{"gt":1}}}`},
		{`{"a":{"lte":1}}`, `{"range":{"a":{"lte":1}}}`},
		{`{"a":{"matchPhrasePrefix":"x"}}`, `{"match_phrase_prefix":{"a":"x"}}`},
		{`{"a":{"exists":true}}`, `{"exists":{"field":"a"}}`},
		{`{"a":{"exists":false}}`, `{"bool":{"must_not":{"exists":{"field":"a"}}}}`},
		{`{"and":[{"a":{"eq":1}},{"b":{"eq":2}}]}`, `{"bool":{"must":[{"term":{"a":1}},{"term":{"b":2}}]}}`},
		{`{"or":[{"a":{"eq":1}},{"b":{"eq":2}}]}`, `{"bool":{"should":[{"term":{"a":1}},{"term":{"b":2}}],"minimum_should_match":1}}`},
		{`{"not":{"a":{"eq":1}}}`, `{"bool":{"must_not":{"term":{"a":1}}}}`},
	} {
		mustEqual(t, c.filter, call(t, u, "transform", "toElasticsearchQueryDSL", parse(t, c.filter)), c.want)
	}
	for _, bad := range []string{`null`, `[]`, `{"a":1}`, `{"a":{"nosuch":1}}`, `{"a":{"range":[1]}}`, `{"and":{}}`, `{"or":[1]}`, `{"not":[]}`} {
		mustEqual(t, bad, call(t, u, "transform", "toElasticsearchQueryDSL", parse(t, bad)), nil)
	}
}

func BenchmarkFilterExpression(b *testing.B) {
	u, _ := newUtil()
	family, _ := u.Property("transform")
	args := []any{parse(b, `{"and":[{"id":{"attributeExists":true}},{"owner":{"eq":"reader"}},{"n":{"between":[1,9]}}]}`)}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := family.(object).Invoke("toDynamoDBFilterExpression", args); err != nil {
			b.Fatal(err)
		}
	}
}
