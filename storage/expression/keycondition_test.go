package expression_test

import (
	"testing"

	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/expression"
)

// See "Key condition expressions for the Query operation" in the developer guide.
func TestKeyConditionsBind(t *testing.T) {
	const all = `{":id":{"S":"x"},":n":{"N":"5"},":m":{"N":"9"}}`
	n, m := attribute.Number("5"), attribute.Number("9")
	for _, test := range []struct {
		text string
		want *expression.SortCondition
	}{
		{"id = :id", nil},
		{":id = id", nil},
		{"(id = :id)", nil},
		{"#id = :id", nil},
		{"id = :id AND sk = :n", &expression.SortCondition{Op: expression.EQ, Low: n}},
		{"sk = :n AND id = :id", &expression.SortCondition{Op: expression.EQ, Low: n}},
		{"(id = :id) and (sk < :n)", &expression.SortCondition{Op: expression.LT, Low: n}},
		{"(id = :id and sk <= :n)", &expression.SortCondition{Op: expression.LE, Low: n}},
		{"id = :id AND sk > :n", &expression.SortCondition{Op: expression.GT, Low: n}},
		{"id = :id AND sk >= :n", &expression.SortCondition{Op: expression.GE, Low: n}},
		{"id = :id AND :n < sk", &expression.SortCondition{Op: expression.GT, Low: n}},
		{"id = :id AND :n <= sk", &expression.SortCondition{Op: expression.GE, Low: n}},
		{"id = :id AND :n > sk", &expression.SortCondition{Op: expression.LT, Low: n}},
		{"id = :id AND :n >= sk", &expression.SortCondition{Op: expression.LE, Low: n}},
		{"id = :id AND sk BETWEEN :n AND :m", &expression.SortCondition{Op: expression.BETWEEN, Low: n, High: m}},
		{"sk between :n and :m and id = :id", &expression.SortCondition{Op: expression.BETWEEN, Low: n, High: m}},
	} {
		req := expression.Request{
			KeyCondition: test.text, Values: used(values(t, all), test.text), Names: used(map[string]string{"#id": "id"}, test.text),
		}
		got := bind(t, req, rangeKey).Key
		if got.Partition.Text() != "x" {
			t.Errorf("%s: partition %q", test.text, got.Partition.Text())
		}
		switch {
		case (got.Sort == nil) != (test.want == nil):
			t.Errorf("%s: sort condition %+v", test.text, got.Sort)
		case got.Sort != nil && (got.Sort.Op != test.want.Op || !same(got.Sort.Low, test.want.Low) || !same(got.Sort.High, test.want.High)):
			t.Errorf("%s: %v %q %q", test.text, got.Sort.Op, got.Sort.Low.Text(), got.Sort.High.Text())
		}
	}
}

func same(a, b attribute.Value) bool {
	return !a.IsValid() && !b.IsValid() || attribute.Equal(a, b)
}

func TestKeyConditionsUseTheKeyOfTheIndex(t *testing.T) {
	index := expression.Key{Partition: "kind", PartitionKind: attribute.S, Sort: "label", SortKind: attribute.S}
	req := expression.Request{
		KeyCondition: "kind = :k AND begins_with(label, :l)",
		Values:       values(t, `{":k":{"S":"post"},":l":{"S":"a"}}`),
	}
	b, err := expression.NewCache(4).Bind(req, rangeKey, &index)
	if err != nil {
		t.Fatal(err)
	}
	if b.Key.Sort.Op != expression.BEGINS_WITH || b.Key.Sort.Low.Text() != "a" {
		t.Errorf("%+v", b.Key.Sort)
	}
	wantRefusal(t, req, rangeKey, nil, "Query condition missed key schema element: id")
}

func TestSortConditionsMatch(t *testing.T) {
	s := attribute.String
	for _, test := range []struct {
		condition *expression.SortCondition
		value     string
		want      bool
	}{
		{nil, "b", true},
		{&expression.SortCondition{Op: expression.EQ, Low: s("b")}, "b", true},
		{&expression.SortCondition{Op: expression.EQ, Low: s("b")}, "c", false},
		{&expression.SortCondition{Op: expression.LT, Low: s("b")}, "a", true},
		{&expression.SortCondition{Op: expression.LT, Low: s("b")}, "b", false},
		{&expression.SortCondition{Op: expression.LE, Low: s("b")}, "b", true},
		{&expression.SortCondition{Op: expression.GT, Low: s("b")}, "b", false},
		{&expression.SortCondition{Op: expression.GT, Low: s("b")}, "ba", true},
		{&expression.SortCondition{Op: expression.GE, Low: s("b")}, "b", true},
		{&expression.SortCondition{Op: expression.BETWEEN, Low: s("b"), High: s("d")}, "b", true},
		{&expression.SortCondition{Op: expression.BETWEEN, Low: s("b"), High: s("d")}, "d", true},
		{&expression.SortCondition{Op: expression.BETWEEN, Low: s("b"), High: s("d")}, "da", false},
		{&expression.SortCondition{Op: expression.BEGINS_WITH, Low: s("b")}, "ba", true},
		{&expression.SortCondition{Op: expression.BEGINS_WITH, Low: s("ba")}, "b", false},
	} {
		if got := test.condition.Match(s(test.value)); got != test.want {
			t.Errorf("%+v on %q is %v", test.condition, test.value, got)
		}
	}
}

// The texts and messages are those of mhart/dynalite test/query.js, run against
// DynamoDB, unless said otherwise.
func TestKeyConditionsAreRefusedInDynamoDBsWords(t *testing.T) {
	const (
		operator = "Invalid operator used in KeyConditionExpression: "
		first    = " operator must have the key attribute as its first operand"
		use      = "Invalid condition in KeyConditionExpression: "
		nestedOp = "KeyConditionExpressions cannot contain nested operations"
		multiple = "Multiple attribute names used in one condition"
		nested   = "KeyConditionExpressions cannot have conditions on nested attributes"
		once     = "KeyConditionExpressions must only contain one condition per key"
		schema   = "One or more parameter values were invalid: Condition parameter type does not match schema type"
		empty    = "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: "
	)
	n := `{":a":{"N":"1"}}`
	for _, test := range []struct{ text, values, want string }{
		{"attribute_type(a, :a)", `{":a":{"S":"S"}}`, operator + "attribute_type"},
		{"a > b and size(b) > c or a > c", "", operator + "OR"},
		{"a in (b, size(c), d)", "", operator + "IN"},
		{"attribute_exists(a)", "", operator + "attribute_exists"},
		{"attribute_not_exists(a)", "", operator + "attribute_not_exists"},
		{"contains(a.d, b)", "", operator + "contains"},
		{"not a > b", "", operator + "NOT"},
		{"a <> b", "", operator + "<>"},
		{":a between size(b) and size(a) and b > :b", `{":a":{"S":"1"},":b":{"S":"1"}}`, use + "BETWEEN" + first},
		{"begins_with(:a, b) and a > :b", `{":a":{"S":"1"},":b":{"S":"1"}}`, use + "begins_with" + first},
		{"size(b) > a AND a.b > b AND b > c", "", nestedOp},
		{"a > size(b.d)", "", nestedOp},
		{"a between size(b) and size(a)", "", nestedOp},
		{"b > a.b", "", use + multiple},
		{"b between c[1] and d", "", use + multiple},
		{"a between b and size(a)", "", use + multiple},
		{"begins_with(a, b)", "", use + multiple},
		{"b.d > a AND c.d > e.f", "", nested},
		{"a.d > c", "", nested},
		{"b[0] > a", "", nested},
		{":b > :a AND a < :b", `{":a":{"N":"1"},":b":{"N":"1"}}`, use + "No key attribute specified"},
		{":a > b AND :a < :b", `{":a":{"N":"1"},":b":{"N":"1"}}`, use + "No key attribute specified"},
		{"b > :a AND b < :a and c = :a and d = :a", n, once},
		{"(a > :a and b > :a) and (b > :a and c > :a)", n, once},
		{"a = :a AND b = :a AND c = :a", n, "Conditions can be of length 1 or 2 only"},
		{"id = :a AND b = :a AND c = :a", n, "Conditions can be of length 1 or 2 only"},
		{"a between :b and :a", `{":a":{"S":"a"},":b":{"S":"b"}}`,
			"Invalid KeyConditionExpression: The BETWEEN operator requires upper bound to be greater than or equal to lower bound; " +
				"lower bound operand: AttributeValue: {S:b}, upper bound operand: AttributeValue: {S:a}"},
		{"z = :a", n, "Query condition missed key schema element: id"},
		{"z between :a and :b", `{":a":{"N":"1"},":b":{"N":"1"}}`, "Query condition missed key schema element: id"},
		{"sk = :a", n, "Query condition missed key schema element: id"},
		{"id = :a AND z = :a", `{":a":{"S":"1"}}`, "Query condition missed key schema element: sk"},
		{"id > :a", `{":a":{"S":"1"}}`, "Query key condition not supported"},
		{"id < :a AND sk = :b", `{":a":{"S":"1"},":b":{"N":"1"}}`, "Query key condition not supported"},
		{"begins_with(id, :a)", `{":a":{"S":"1"}}`, "Query key condition not supported"},
		{"id = :a", n, schema},
		{"id = :a", `{":a":{"SS":["x"]}}`, schema},
		{"id = :a AND sk = :a", `{":a":{"S":"1"}}`, schema},
		{"id = :a", `{":a":{"BOOL":true}}`, "One or more parameter values were invalid: ComparisonOperator EQ is not valid for BOOL AttributeValue type"},
		// The wording is that of PutItem (mhart/dynalite test/putItem.js).
		{"id = :a", `{":a":{"S":""}}`, empty + "id"},
	} {
		wantRefusal(t, expression.Request{KeyCondition: test.text, Values: values(t, test.values)}, rangeKey, nil, test.want)
	}
	wantRefusal(t, expression.Request{KeyCondition: "id = :a AND sk = :a", Values: values(t, `{":a":{"S":"1"}}`)}, hashKey, nil,
		"Query key condition not supported")
}
