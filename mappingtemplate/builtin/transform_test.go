package builtin_test

import (
	"strconv"
	"testing"

	"appsync-emulator/mappingtemplate/value"
)

// Every case is recorded on AWS: localstack/appsync-utils,
// transform.test.js.snap at b9bd600, unless a comment names another file there.
// An empty want is null.
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
		{"between text", `{"v":{"between":["1","9"]}}`, `{"expression":"(#v BETWEEN :v_between_start AND :v_between_end)","expressionNames":{"#v":"v"},"expressionValues":{":v_between_end":{"S":"9"},":v_between_start":{"S":"1"}}}`},
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
		{"a comparison, by either helper", `{"content":{"eq":"x"}}`, `{"expression":"(#content = :content_eq)","expressionNames":{"#content":"content"},"expressionValues":{":content_eq":{"S":"x"}}}`},
		{"a group of two members, by either helper", `{"and":[{"content":{"eq":"x"}},{"version":{"attributeExists":true}}]}`, `{"expression":"((#content = :and_0_content_eq) AND (attribute_exists(#version)))","expressionNames":{"#content":"content","#version":"version"},"expressionValues":{":and_0_content_eq":{"S":"x"}}}`},
		{"a negated range, by either helper", `{"not":{"id":{"between":["1","9"]}}}`, `{"expression":"(NOT (#id BETWEEN :not_id_between_start AND :not_id_between_end))","expressionNames":{"#id":"id"},"expressionValues":{":not_id_between_end":{"S":"9"},":not_id_between_start":{"S":"1"}}}`},
		{"a create's condition", `{"and":[{"id":{"attributeExists":false}}]}`, `{"expression":"(attribute_not_exists(#id))","expressionNames":{"#id":"id"},"expressionValues":{}}`},
		{"an update's condition", `{"and":[{"id":{"attributeExists":true}},{"_version":{"eq":1}}]}`, `{"expression":"((attribute_exists(#id)) AND (#_version = :and_1__version_eq))","expressionNames":{"#_version":"_version","#id":"id"},"expressionValues":{":and_1__version_eq":{"N":1}}}`},

		{"a list filter matching content", `{"content":{"contains":"foo"}}`, `{"expression":"(contains(#content,:content_contains))","expressionNames":{"#content":"content"},"expressionValues":{":content_contains":{"S":"foo"}}}`},
		{"a list filter of content and a flag", `{"and":[{"content":{"contains":"a"}},{"done":{"eq":true}}]}`, `{"expression":"((contains(#content,:and_0_content_contains)) AND (#done = :and_1_done_eq))","expressionNames":{"#content":"content","#done":"done"},"expressionValues":{":and_0_content_contains":{"S":"a"},":and_1_done_eq":{"BOOL":true}}}`},
		{"a list filter of a prefix and a range", `{"or":[{"content":{"beginsWith":"a"}},{"id":{"between":["1","9"]}}]}`, `{"expression":"((begins_with(#content,:or_0_content_beginsWith)) OR (#id BETWEEN :or_1_id_between_start AND :or_1_id_between_end))","expressionNames":{"#content":"content","#id":"id"},"expressionValues":{":or_0_content_beginsWith":{"S":"a"},":or_1_id_between_end":{"S":"9"},":or_1_id_between_start":{"S":"1"}}}`},
		// index.test.js.snap.
		{"a version's condition", `{"id":{"attributeExists":true},"version":{"eq":10}}`, `{"expression":"(attribute_exists(#id)) AND (#version = :version_eq)","expressionNames":{"#id":"id","#version":"version"},"expressionValues":{":version_eq":{"N":10}}}`},
		{"the guide's example", `{"title":{"contains":"Hello World"}}`, `{"expression":"(contains(#title,:title_contains))","expressionNames":{"#title":"title"},"expressionValues":{":title_contains":{"S":"Hello World"}}}`},

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
	for _, helper := range []string{"toDynamoDBFilterExpression", "toDynamoDBConditionExpression"} {
		if v, _, err := invoke(t, u, "transform", helper); v != nil || err != nil {
			t.Errorf("%s() = %v, %v", helper, v, err)
		}
	}
	// The serialization is pinned by the case "the shape of the result".
	mustEqual(t, "the text", call(t, u, "transform", "toDynamoDBFilterExpression", parse(t, `{"content":{"contains":"foo"}}`)),
		`{"expression":"(contains(#content,:content_contains))","expressionNames":{"#content":"content"},"expressionValues":{":content_contains":{"S":"foo"}}}`)
	mustEqual(t, "the text", call(t, u, "transform", "toDynamoDBConditionExpression", parse(t, `{"and":[{"id":{"attributeExists":false}}]}`)),
		`{"expression":"(attribute_not_exists(#id))","expressionNames":{"#id":"id"},"expressionValues":{}}`)
}

// A path is repeated in each placeholder, so that 30 KB of filter would render
// as 48 MB.
func TestDynamoDBExpressionsDoNotExplode(t *testing.T) {
	fields := &value.Map{}
	for i := range 4000 {
		fields.Set(strconv.Itoa(i), value.MapOf("eq", int32(1)))
	}
	filter := fields
	for range 900 {
		filter = value.MapOf("and", value.NewList(filter))
	}
	u, _ := newUtil()
	if _, _, err := invoke(t, u, "transform", "toDynamoDBFilterExpression", filter); err == nil {
		t.Error("no error")
	}
}

// Every case is recorded on AWS: localstack/appsync-utils,
// transform-subscription.test.js.snap at 8c7c2c9, but for the last, which name
// their source.
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
		{"comparisons", `{"a":{"le":1},"b":{"lt":2},"c":{"ge":3},"d":{"gt":4}}`, ``, ``, `[[["a","le",1],["b","lt",2],["c","ge",3],["d","gt",4]]]`},
		{"between", `{"a":{"between":[1,9]}}`, ``, ``, `[[["a","between",[1,9]]]]`},
		{"operators of strings", `{"a":{"contains":"x"},"b":{"notContains":"y"},"c":{"beginsWith":"z"}}`, ``, ``, `[[["a","contains","x"],["b","notContains","y"],["c","beginsWith","z"]]]`},
		{"containsAny", `{"a":{"containsAny":["x","y"]}}`, ``, ``, `[[["a","containsAny",["x","y"]]]]`},
		{"a boolean", `{"a":{"eq":false}}`, ``, ``, `[[["a","eq",false]]]`},
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
		// AWS's page "Transformation helpers in $util.transform". Its third example
		// writes "lt" in the input and "gt" in the output; operators pass as they are.
		{"the guide's two arguments", guideFilter("gt"), `["percentageUp","author"]`, ``,
			`[[["title","ne","Book1"],["downvotes","gt",20],["isPublished","eq",false]]]`},
		{"the guide's three arguments", guideFilter("lt"), `["percentageUp","author"]`, `{"upvotes":{"gte":250},"author":{"eq":"Person1"}}`,
			`[[["title","ne","Book1"],["downvotes","lt",20],["isPublished","eq",false],["upvotes","gte",250]],
			  [["title","ne","Book1"],["downvotes","lt",20],["isPublished","eq",false],["author","eq","Person1"]]]`},
		{"nothing is ignored", `{"a":{"eq":1}}`, `[]`, ``, `[[["a","eq",1]]]`},
		{"null for no fields and no rules", `{"a":{"eq":1}}`, `null`, `null`, `[[["a","eq",1]]]`},
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

// Recorded in the same file, "no filter at all".
func TestNoSubscriptionFilterAtAll(t *testing.T) {
	u, _ := newUtil()
	if v, _, err := invoke(t, u, "transform", "toSubscriptionFilter"); v != nil || err != nil {
		t.Errorf("toSubscriptionFilter() = %v, %v", v, err)
	}
}

// guideFilter is the input of the guide's examples for toSubscriptionFilter.
func guideFilter(downvotes string) string {
	return `{"percentageUp":{"lte":50,"gte":20},"and":[{"title":{"ne":"Book1"}},{"downvotes":{"` + downvotes + `":20}}],"or":[{"author":{"eq":"Admin"}},{"isPublished":{"eq":false}}]}`
}

// Java finds no method for these arguments, and a template sees null.
func TestTransformsOfOtherTypesAreNotFound(t *testing.T) {
	u, _ := newUtil()
	m := parse(t, `{"a":{"eq":1}}`)
	for _, c := range []struct {
		name string
		args []any
	}{
		{"toSubscriptionFilter", []any{m, "a"}},
		{"toSubscriptionFilter", []any{m, value.NewMap(0)}},
		{"toSubscriptionFilter", []any{m, value.NewList(), value.NewList()}},
		{"toSubscriptionFilter", []any{m, nil, nil, nil}},
		{"toDynamoDBFilterExpression", []any{m, m}},
		{"toDynamoDBConditionExpression", []any{m, m}},
		{"toSubscriptionFilter", nil},
		{"toDynamoDBFilterExpression", nil},
		{"toDynamoDBConditionExpression", nil},
		{"toElasticsearchQueryDSL", nil},
		{"toElasticsearchQueryDSL", []any{m, m}},
		{"toNothing", []any{m}},
	} {
		if v, ok, err := invoke(t, u, "transform", c.name, c.args...); ok || err != nil || v != nil {
			t.Errorf("%s(%s) = %v, %v, %v; want not found", c.name, value.JSON(value.NewList(c.args...)), v, ok, err)
		}
	}
}

func TestSubscriptionFiltersDoNotExplode(t *testing.T) {
	u, _ := newUtil()
	long := &value.Map{}
	alternatives := value.NewList()
	for i := range 5000 {
		long.Set("f"+strconv.Itoa(i), value.MapOf("eq", int32(1)))
		alternatives.Append(value.MapOf("a", value.MapOf("eq", int32(1))))
	}
	for name, filter := range map[string]any{"fields": long, "alternatives": value.MapOf("or", alternatives)} {
		if _, _, err := invoke(t, u, "transform", "toSubscriptionFilter", filter); err == nil {
			t.Errorf("5000 %s: no error", name)
		}
	}
	filter := &value.Map{}
	for _, f := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"} {
		filter.Set(f, parse(t, `{"eq":1,"ne":2,"lt":3,"gt":4,"le":5,"ge":6}`))
	}
	if _, _, err := invoke(t, u, "transform", "toSubscriptionFilter", filter); err == nil {
		t.Error("no error")
	}
}

// Templates can build values that hold themselves, and filters as deep as they
// like: a transformation ends, with a result or an error.
func TestTransformsOfValuesWithoutEnd(t *testing.T) {
	u, _ := newUtil()
	self := value.NewMap(1)
	self.Set("not", self)
	list := value.NewList()
	list.Append(value.MapOf("and", list))
	deep := parse(t, `{"a":{"eq":1}}`)
	for range 5000 {
		deep = value.MapOf("and", value.NewList(deep))
	}
	for _, helper := range []string{"toDynamoDBFilterExpression", "toDynamoDBConditionExpression", "toElasticsearchQueryDSL", "toSubscriptionFilter"} {
		for name, filter := range map[string]any{"a map in itself": self, "a list in itself": value.MapOf("and", list), "a deep filter": deep} {
			if v, _, err := invoke(t, u, "transform", helper, filter); err == nil {
				t.Errorf("%s of %s = %.100v, no error", helper, name, v)
			}
		}
	}
	if _, _, err := invoke(t, u, "transform", "toSubscriptionFilter", value.NewMap(0), list); err == nil {
		t.Error("ignored fields without end: no error")
	}
}

// The first is the example of AWS's page "Transformation helpers in
// $util.transform"; the operators are those of the types of
// npm @aws-appsync/utils, OpenSearchQueryOperation; alternatives, empty filters
// and letter case are as in amplify-appsync-simulator, elasticsearch-helper.ts.
func TestElasticsearchQueries(t *testing.T) {
	u, _ := newUtil()
	for _, c := range []struct{ filter, want string }{
		{`{"upvotes":{"ne":15,"range":[10,20]},"title":{"eq":"hihihi","wildcard":"h*i"}}`,
			`{"bool":{"must":[{"bool":{"must":[{"bool":{"must_not":{"term":{"upvotes":15}}}},{"range":{"upvotes":{"gte":10,"lte":20}}}]}},{"bool":{"must":[{"term":{"title":"hihihi"}},{"wildcard":{"title":"h*i"}}]}}]}}`},
		{`{"a":{"eq":"x"}}`, `{"term":{"a":"x"}}`},
		{`{"a":{"eq":null}}`, `{"term":{"a":null}}`},
		{`{"a":{"ne":1}}`, `{"bool":{"must_not":{"term":{"a":1}}}}`},
		{`{"a":{"gt":1}}`, `{"range":{"a":{"gt":1}}}`},
		{`{"a":{"gte":1}}`, `{"range":{"a":{"gte":1}}}`},
		{`{"a":{"lt":1}}`, `{"range":{"a":{"lt":1}}}`},
		{`{"a":{"lte":1}}`, `{"range":{"a":{"lte":1}}}`},
		{`{"a":{"range":[1,2,3]}}`, `{"range":{"a":{"gte":1,"lte":2}}}`},
		{`{"a":{"match":"x"}}`, `{"match":{"a":"x"}}`},
		{`{"a":{"matchPhrase":"x"}}`, `{"match_phrase":{"a":"x"}}`},
		{`{"a":{"matchPhrasePrefix":"x"}}`, `{"match_phrase_prefix":{"a":"x"}}`},
		{`{"a":{"multiMatch":"x"}}`, `{"multi_match":{"a":"x"}}`},
		{`{"a":{"wildcard":"x*"}}`, `{"wildcard":{"a":"x*"}}`},
		{`{"a":{"regexp":"x.*"}}`, `{"regexp":{"a":"x.*"}}`},
		{`{"a":{"exists":true}}`, `{"exists":{"field":"a"}}`},
		{`{"a":{"exists":false}}`, `{"bool":{"must_not":{"exists":{"field":"a"}}}}`},
		{`{"a":{"eq":1},"b":{"eq":2}}`, `{"bool":{"must":[{"term":{"a":1}},{"term":{"b":2}}]}}`},
		{`{"and":[{"a":{"eq":1}},{"b":{"eq":2}}]}`, `{"bool":{"must":[{"term":{"a":1}},{"term":{"b":2}}]}}`},
		{`{"and":[{"a":{"eq":1}}]}`, `{"bool":{"must":[{"term":{"a":1}}]}}`},
		{`{"or":[{"a":{"eq":1}},{"b":{"eq":2}}]}`, `{"bool":{"should":[{"term":{"a":1}},{"term":{"b":2}}],"minimum_should_match":1}}`},
		{`{"not":{"a":{"eq":1}}}`, `{"bool":{"must_not":{"term":{"a":1}}}}`},
		{`{"not":{"or":[{"a":{"eq":1}}]}}`, `{"bool":{"must_not":{"bool":{"should":[{"term":{"a":1}}],"minimum_should_match":1}}}}`},
		{`{"AND":[{"a":{"eq":1}}],"Not":{"b":{"eq":2}}}`, `{"bool":{"must":[{"bool":{"must":[{"term":{"a":1}}]}},{"bool":{"must_not":{"term":{"b":2}}}}]}}`},
		{`{}`, `null`},
		{`{"a":{}}`, `null`},
		{`{"and":[]}`, `null`},
		{`{"or":[]}`, `null`},
		{`{"not":{}}`, `null`},
		{`{"and":[{}]}`, `{"bool":{"must":[null]}}`},
	} {
		mustEqual(t, c.filter, call(t, u, "transform", "toElasticsearchQueryDSL", parse(t, c.filter)), c.want)
	}
	for _, bad := range []string{`null`, `[]`, `"x"`, `{"a":1}`, `{"a":{"nosuch":1}}`, `{"a":{"range":[1]}}`, `{"a":{"range":1}}`,
		`{"a":{"exists":"yes"}}`, `{"and":{}}`, `{"and":null}`, `{"or":[1]}`, `{"or":[null]}`, `{"not":[]}`, `{"not":{"a":1}}`, `{"and":[{"a":1}]}`} {
		mustEqual(t, bad, call(t, u, "transform", "toElasticsearchQueryDSL", parse(t, bad)), nil)
	}
}

// FuzzTransforms checks that no filter is too odd: a transformation that yields
// text yields JSON, and one of the same filter yields the same.
func FuzzTransforms(f *testing.F) {
	for _, seed := range []string{
		`{"a":{"eq":1,"between":[1,2]},"or":[{"b":{"in":["x",null]}},{"not":{"c":{"size":{"gt":1}}}}]}`,
		`{"and":[{"a":{"attributeType":"string"}},{}]}`, `{"a":{"size":{"size":{}}}}`, `{"":{"":""}}`, `{"a":{"range":[1,2]},"AND":[{}]}`,
		`[]`, `null`, `{"and":[[]]}`, `{"\u0000":{"eq":{"a":[{}]}}}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		filter, err := value.ParseJSON(text)
		if err != nil {
			return
		}
		u, _ := newUtil()
		for _, helper := range []string{"toDynamoDBFilterExpression", "toDynamoDBConditionExpression", "toElasticsearchQueryDSL", "toSubscriptionFilter"} {
			got, ok, err := invoke(t, u, "transform", helper, filter)
			if err != nil {
				continue
			}
			if !ok {
				t.Fatalf("%s(%s) is not found", helper, text)
			}
			if s, isText := got.(string); isText {
				if _, err := value.ParseJSON(s); err != nil {
					t.Fatalf("%s(%s) = %s: %v", helper, text, s, err)
				}
			}
			mustEqual(t, helper, call(t, u, "transform", helper, filter), got)
		}
	})
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
