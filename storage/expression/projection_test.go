package expression_test

import (
	"testing"

	"appsync-emulator/storage/expression"
)

// See "Using projection expressions in DynamoDB" in the developer guide.
func TestProjectionsSelect(t *testing.T) {
	it := item(t, `{"id":{"S":"1"},"n":{"N":"1"},"l":{"L":[{"N":"0"},{"M":{"x":{"S":"a"},"y":{"S":"b"}}},{"N":"2"}]},"m":{"M":{"a":{"M":{"b":{"S":"c"}}},"k":{"N":"1"}}}}`)
	for _, test := range []struct{ text, want string }{
		{"id", `{"id":{"S":"1"}}`},
		{"n , id", `{"id":{"S":"1"},"n":{"N":"1"}}`},
		{"gone", `{}`},
		{"m.a.b", `{"m":{"M":{"a":{"M":{"b":{"S":"c"}}}}}}`},
		{"m.k, m.a", `{"m":{"M":{"a":{"M":{"b":{"S":"c"}}},"k":{"N":"1"}}}}`},
		{"l[2], l[0]", `{"l":{"L":[{"N":"0"},{"N":"2"}]}}`},
		{"l[1].y, l[1].x", `{"l":{"L":[{"M":{"x":{"S":"a"},"y":{"S":"b"}}}]}}`},
		{"l[1].y, n", `{"l":{"L":[{"M":{"y":{"S":"b"}}}]},"n":{"N":"1"}}`},
		{"l[9], m.gone.x, n.x, gone.x", `{}`},
		{"m[0], l.x", `{}`},
		{"#m.#a", `{"m":{"M":{"a":{"M":{"b":{"S":"c"}}}}}}`},
	} {
		req := expression.Request{Projection: test.text, Names: used(map[string]string{"#m": "m", "#a": "a"}, test.text)}
		p := bind(t, req, expression.Key{Partition: "id"}).Projection
		if got := jsonOf(p.Apply(it)); got != test.want {
			t.Errorf("%s\n got %s\nwant %s", test.text, got, test.want)
		}
		if p.Apply(nil) != nil {
			t.Errorf("%s makes an item of none", test.text)
		}
	}
	if got := (*expression.Projection)(nil).Apply(it); got != it {
		t.Error("no projection selects less than all")
	}
}

// The texts and messages are those of mhart/dynalite test/getItem.js, run against
// DynamoDB, of getmoto/moto#8298 and ExtendDB/extenddb#173.
func TestProjectionsAreRefusedInDynamoDBsWords(t *testing.T) {
	const rewrite = "must remove or rewrite one of these paths; path one: "
	for _, test := range []struct{ text, want string }{
		{"whatever(stuff)", `Syntax error; token: "(", near: "whatever(stuff"`},
		{"a, b,", `Syntax error; token: "<EOF>", near: ","`},
		{":a", `Syntax error; token: ":a", near: ":a"`},
		{"a.abORt, #a", "Attribute name is a reserved keyword; reserved keyword: abORt"},
		{"#b, a", "An expression attribute name used in the document path is not defined; attribute name: #b"},
		{"body, body", "Two document paths overlap with each other; " + rewrite + "[body], path two: [body]"},
		{"a, a.b", "Two document paths overlap with each other; " + rewrite + "[a], path two: [a, b]"},
		{"a.b, a", "Two document paths overlap with each other; " + rewrite + "[a, b], path two: [a]"},
		{"a[0].b, a[0]", "Two document paths overlap with each other; " + rewrite + "[a, [0], b], path two: [a, [0]]"},
		{"a.b, a[1]", "Two document paths conflict with each other; " + rewrite + "[a, b], path two: [a, [1]]"},
	} {
		wantRefusal(t, expression.Request{Projection: test.text}, hashKey, nil, "Invalid ProjectionExpression: "+test.want)
	}
}
