package expression_test

import (
	"fmt"
	"strings"
	"testing"

	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/expression"
)

const conditionItem = `{
	"id": {"S":"1"}, "s": {"S":"banana"}, "s2": {"S":"cherry"}, "n": {"N":"10"}, "n2": {"N":"9.5"},
	"b": {"B":"AQID"}, "t": {"BOOL":true}, "f": {"BOOL":false}, "nul": {"NULL":true},
	"ss": {"SS":["a","b"]}, "ns": {"NS":["1","2.5"]}, "bs": {"BS":["AQ=="]},
	"l": {"L":[{"S":"x"},{"N":"7"},{"SS":["p","q"]},{"L":[{"N":"1"}]}]},
	"m": {"M":{"k":{"S":"v"},"deep":{"M":{"lst":{"L":[{"M":{"z":{"N":"3"}}}]}}}}},
	"wide": {"S":"abÿ"}, "emoji": {"S":"😀"}, "blank": {"S":""}
}`

const conditionValues = `{
	":banana":{"S":"banana"}, ":apple":{"S":"apple"}, ":zoo":{"S":"zoo"}, ":ban":{"S":"ban"}, ":nan":{"S":"nan"},
	":a":{"S":"a"}, ":x":{"S":"x"}, ":empty":{"S":""},
	":0":{"N":"0"}, ":1":{"N":"1"}, ":2":{"N":"2"}, ":2h":{"N":"2.50"}, ":3":{"N":"3"}, ":6":{"N":"6"}, ":7":{"N":"7"}, ":10":{"N":"10.0"}, ":11":{"N":"11"}, ":4":{"N":"4"},
	":10s":{"S":"10"}, ":b":{"B":"AQID"}, ":b1":{"B":"AQ=="}, ":b2":{"B":"AgM="}, ":t":{"BOOL":true}, ":nul":{"NULL":true},
	":ba":{"SS":["b","a"]}, ":pq":{"SS":["q","p"]}, ":l1":{"L":[{"N":"1.0"}]}, ":m":{"M":{"z":{"N":"3"}}},
	":S":{"S":"S"}, ":N":{"S":"N"}, ":B":{"S":"B"}, ":BOOL":{"S":"BOOL"}, ":NULL":{"S":"NULL"}, ":SS":{"S":"SS"},
	":NS":{"S":"NS"}, ":BS":{"S":"BS"}, ":L":{"S":"L"}, ":M":{"S":"M"}
}`

// used returns the entries of all whose keys text mentions as whole tokens.
func used[V any](all map[string]V, text string) map[string]V {
	var m map[string]V
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\r\n,()=<>.[]+-", r) }) {
		if v, ok := all[word]; ok {
			if m == nil {
				m = map[string]V{}
			}
			m[word] = v
		}
	}
	return m
}

// Operators and functions are those of "Comparison operator and function
// reference" in the developer guide. What holds for absent attributes, unequal
// types and size of a string follows scylladb/scylladb
// test/alternator/test_condition_expression.py and mhart/dynalite test/scan.js,
// which were run against DynamoDB.
func TestConditionsEvaluate(t *testing.T) {
	it, all := item(t, conditionItem), values(t, conditionValues)
	names := map[string]string{"#s": "s", "#m": "m", "#k": "k", "#dot": "a.b"}
	for _, test := range []struct {
		text string
		want bool
	}{
		{"s = :banana", true},
		{":banana = s", true},
		{"s = :apple", false},
		{"n = :10", true},
		{"n = :10s", false},
		{"b = :b", true},
		{"t = :t", true},
		{"f = :t", false},
		{"nul = :nul", true},
		{"ss = :ba", true},
		{"l[2] = :pq", true},
		{"l[3] = :l1", true},
		{"m.deep.lst[0] = :m", true},
		{"gone = :a", false},
		{"gone = absent", false},

		{"s <> :apple", true},
		{"s <> :banana", false},
		{"n <> :10s", true},
		{"gone <> :a", true},
		{"gone <> absent", true},

		{"s < :zoo", true}, {"s < :apple", false}, {"s < :banana", false},
		{"s <= :banana", true}, {"s <= :apple", false},
		{"s > :apple", true}, {"s > :zoo", false},
		{"s >= :banana", true}, {"s >= :zoo", false},
		{"n > n2", true}, {"n2 < :10", true}, {"n >= :10", true}, {"n < :6", false},
		{"b > :b1", true},
		{"n < :10s", false}, {"n >= :10s", false},
		{"gone < :a", false}, {":a < gone", false}, {"gone < absent", false}, {"gone >= absent", false},
		{"l < :a", false}, {":a < l", false}, {"t < :1", false},
		{"s<s2", true},

		{"n BETWEEN :1 AND :11", true},
		{"n BETWEEN :10 AND :10", true},
		{"n BETWEEN :1 AND :6", false},
		{"n between n2 and :11", true},
		{"s BETWEEN :apple AND :zoo", true},
		{"n BETWEEN :apple AND :zoo", false},
		{"gone BETWEEN :1 AND :2", false},
		{":6 BETWEEN :1 AND n", true},

		{"s IN (:apple, :banana)", true},
		{"s IN (:apple, :zoo)", false},
		{"n IN (:10s, :10)", true},
		{":a IN (ss, l[0])", false},
		{":x in(l[0])", true},
		{"gone IN (:a)", false},
		{"gone IN (absent)", false},

		{"attribute_exists(s)", true}, {"attribute_exists(nul)", true}, {"attribute_exists(gone)", false},
		{"attribute_exists(m.k)", true}, {"attribute_exists(m.x)", false}, {"attribute_exists(s.k)", false},
		{"attribute_exists(l[3][0])", true}, {"attribute_exists(l[4])", false}, {"attribute_exists(m[0])", false},
		{"attribute_exists(l.k)", false}, {"attribute_exists(l[99999999999999999999])", false},
		{"attribute_not_exists(gone)", true}, {"attribute_not_exists(s)", false}, {"attribute_not_exists(gone.x[1])", true},

		{"attribute_type(s, :S)", true}, {"attribute_type(n, :N)", true}, {"attribute_type(b, :B)", true},
		{"attribute_type(t, :BOOL)", true}, {"attribute_type(nul, :NULL)", true}, {"attribute_type(ss, :SS)", true},
		{"attribute_type(ns, :NS)", true}, {"attribute_type(bs, :BS)", true}, {"attribute_type(l, :L)", true},
		{"attribute_type(m, :M)", true}, {"attribute_type(s, :N)", false}, {"attribute_type(gone, :NULL)", false},

		{"begins_with(s, :ban)", true}, {"begins_with(s, :nan)", false}, {"begins_with(s, :empty)", true},
		{"begins_with(b, :b1)", true}, {"begins_with(b, :b2)", false}, {"begins_with(n, :ban)", false},
		{"begins_with(gone, :ban)", false}, {"begins_with(:banana, s)", true}, {"begins_with(s, n)", false},

		{"contains(s, :nan)", true}, {"contains(s, :zoo)", false}, {"contains(s, :empty)", true},
		{"contains(b, :b2)", true}, {"contains(ss, :a)", true}, {"contains(ss, :x)", false},
		{"contains(ns, :2h)", true}, {"contains(ns, :2)", false}, {"contains(bs, :b1)", true},
		{"contains(l, :x)", true}, {"contains(l, :7)", true}, {"contains(l, :pq)", true}, {"contains(l, :l1)", true},
		{"contains(l, :a)", false}, {"contains(s, :1)", false}, {"contains(m, :a)", false}, {"contains(gone, :a)", false},
		{"contains(l, n)", false}, {"contains(:banana, gone)", false},

		{"size(s) = :6", true}, {"size(wide) = :3", true}, {"size(emoji) = :2", true}, {"size(blank) = :0", true},
		{"size(b) = :3", true}, {"size(ss) = :2", true}, {"size(ns) = :2", true}, {"size(bs) = :1", true},
		{"size(l) = :4", true}, {"size(m) = :2", true}, {"size(s) > :6", false}, {"size(s) < n", true},
		{"size(n) = :2", false}, {"size(t) = :1", false}, {"size(nul) = :0", false}, {"size(gone) = :0", false},
		{"size(s) = :10s", false}, {":6 = size(s)", true}, {"size(s) BETWEEN :1 AND :6", true}, {"size(s) IN (:1, :6)", true},
		{"size(s) <> :4", true}, {"size(:banana) = :6", true},

		{"#s = :banana", true}, {"#m.#k = :x", false}, {"#m.k <> :x", true}, {"attribute_exists(#dot)", false},

		{"NOT s = :apple", true}, {"NOT NOT s = :banana", true}, {"not (s = :banana)", false},
		{"s = :banana AND n = :10", true}, {"s = :banana AND n = :1", false},
		{"s = :apple OR n = :10", true}, {"s = :apple OR n = :1", false},
		// NOT binds before AND, AND before OR.
		{"s = :banana OR n = :1 AND n = :2", true}, {"(s = :banana OR n = :1) AND n = :2", false},
		{"NOT s = :apple AND n = :1", false}, {"NOT (s = :apple AND n = :1)", true},
		{"NOT s = :banana OR n = :10", true},
		{"n BETWEEN :1 AND :11 AND s = :banana", true},
		{"s = :apple And n = :1 oR attribute_exists(s)", true},
		{"(s) = (:banana)", true}, {"(s)between(:apple)and(:zoo)", true}, {"(size(s)) = :6", true},
		{"((size(s)) = :6) AND n = :10", true}, {"(m.deep).lst[0].z = :3", true},
		{"( ( ( size ( ss ) ) < m.deep.lst[0].z ) AND ( n > :1 ) )", true},
		{"((s = :banana) OR (s = :apple))", true},
		{"s\n=\t:banana\r\nAND n=:10", true},
	} {
		req := expression.Request{Condition: test.text, Values: used(all, test.text), Names: used(names, test.text)}
		got, err := bind(t, req, hashKey).Condition.Eval(it)
		if err != nil || got != test.want {
			t.Errorf("%s is %v, %v; want %v", test.text, got, err, test.want)
		}
	}
}

func TestConditionsSeeNoItemAsEmpty(t *testing.T) {
	for text, want := range map[string]bool{
		"attribute_not_exists(id)": true, "attribute_exists(id)": false, "a <> :v": true, "a = :v": false, "a.b[0] = :v": false,
	} {
		req := expression.Request{Condition: text}
		if strings.Contains(text, ":v") {
			req.Values = values(t, `{":v":{"S":"x"}}`)
		}
		if got, err := bind(t, req, expression.Key{Partition: "k"}).Condition.Eval(nil); err != nil || got != want {
			t.Errorf("%s is %v, %v", text, got, err)
		}
	}
}

// The shape of the message is that of reports such as aws/aws-cdk#7591,
// truora/minidyn#21, floci-io/floci#1512, ServiceStack/ServiceStack.Aws#5 and
// researchwiseai/langgraphjs-checkpoint-dynamodb#8: the token with the tokens
// before and after it, as they stand in the text.
func TestSyntaxErrorsShowTheTokenAndItsNeighbours(t *testing.T) {
	for _, test := range []struct{ text, token, near string }{
		{"a-b", "-", "a-b"},
		{"foo", "<EOF>", "foo"},
		{"attribute_exists(id) AND NOT #flag", "<EOF>", "#flag"},
		{"a IN ()", ")", "()"},
		{"tenantAgent:abc123-", ":abc123", "tenantAgent:abc123-"},
		{":hashId a", "a", ":hashId a"},
		{"s == :v", "=", "== :v"},
		{"a = ", "<EOF>", "="},
		{"a > 4", "4", "> 4"},
		{"   ", "<EOF>", ""},
		{"ü > a", "ü", "ü >"},
	} {
		wantRefusal(t, expression.Request{Filter: test.text}, hashKey, nil,
			fmt.Sprintf(`Invalid FilterExpression: Syntax error; token: "%s", near: "%s"`, test.token, test.near))
	}
}

// The texts are those of mhart/dynalite test/scan.js, run against DynamoDB.
func TestConditionsWithSyntaxErrorsAreRefused(t *testing.T) {
	for _, text := range []string{
		"things are not gonna be ok", "a > 4", "attribute_exists(Pictures-RearView)", `attribute_exists("Pictures.RearView")`,
		"attribute_exists(Pictures..RearView)", "attribute_exists(Pi#ctures.RearView)", "attribute_exists(asdf[a])",
		"a in b, c", "a > between", "a in b", "a in (b,c,)", "(a)between(b.(c.d))and(c)", "(a)between(b.c.d)and((c)",
		"#$.b > a", "a > :things.stuff", "b[:a] > a", "b[#_] > a", "(a)between(b.c[4.5].#d)and(:a)", "size(a).b > a",
		"(size(a)).b > a", "size(a)[0] > a", "(size(a))[0] > a",
		"a = b = c", "a = b AND", "AND a = b", "a", "a AND b = c", "(a = b) = c", "size(a = b) > c", "a = (b = c)",
		"attribute_exists()", "a = b)", "(", ")", ":", "#", "a[-1] = b", "a BETWEEN b", "a BETWEEN b AND", "a BETWEEN b OR c", "NOT", "NOT a",
		"a IN b", "a IN (b", "a.b.", "a[0", "a[]",
	} {
		_, err := expression.NewCache(1).Bind(expression.Request{Filter: text}, hashKey, nil)
		if err == nil || !strings.HasPrefix(err.Error(), "Invalid FilterExpression: Syntax error; token: ") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// The texts and messages are those of mhart/dynalite test/scan.js, run against
// DynamoDB, unless said otherwise.
func TestConditionsAreRefusedInDynamoDBsWords(t *testing.T) {
	const (
		parens      = "The expression has redundant parentheses;"
		unknown     = "Invalid function name; function: "
		misused     = "The function is not allowed to be used this way in an expression; function: "
		reserved    = "Attribute name is a reserved keyword; reserved keyword: "
		noName      = "An expression attribute name used in the document path is not defined; attribute name: "
		noValue     = "An expression attribute value used in expression is not defined; attribute value: "
		count       = "Incorrect number of operands for operator or function; operator or function: "
		operandType = "Incorrect operand type for operator or function; operator or function: "
		needsPath   = "Operator or function requires a document path; operator or function: "
		distinct    = "The first operand must be distinct from the remaining operands for this operator or function; operator: "
	)
	a := map[string]string{"#a": "a"}
	for _, test := range []struct {
		text   string
		names  map[string]string
		values string
		want   string
	}{
		{"a=a and a > ((views))", nil, "", parens},
		{"(a)between(((b.c)).d)and(c)", nil, "", parens},
		{"a > whatever((:things), ((a)))", nil, "", parens},
		{"a=a AND ((a=a AND a=a)) AND a=a", nil, "", parens},
		{"a=a OR ((a=a OR a=a)) OR a=a", nil, "", parens},
		{"a=a AND ((a=a AND (a=a AND a=a)))", nil, "", parens},
		{"a=a OR ((a=a OR (a=a OR a=a)))", nil, "", parens},

		{"a=a and whatever((:things)) > a", nil, "", unknown + "whatever"},
		{"attRIbute_exIsts((views), #a)", nil, "", unknown + "attRIbute_exIsts"},

		{"a=a and attribute_exists((views), (#a)) > b", nil, "", misused + "attribute_exists"},
		{"attribute_not_exists(things) > b", nil, "", misused + "attribute_not_exists"},
		{"attribute_type(things, :a) > b", nil, "", misused + "attribute_type"},
		{"begins_with(things, a) > b", nil, "", misused + "begins_with"},
		{"contains(:things, c) > b", nil, "", misused + "contains"},
		{"size(contains(a, b)) > a", nil, "", misused + "contains"},
		{"size(things)", nil, "", misused + "size"},
		{"NOT size(things)", nil, "", misused + "size"},
		{"a = b OR (size(things))", nil, "", misused + "size"},
		{"a between b and attribute_exists(things)", nil, "", misused + "attribute_exists"},
		{"a in (b, attribute_exists(things))", nil, "", misused + "attribute_exists"},
		// scylladb/scylladb test/alternator/test_condition_expression.py
		{"if_not_exists(a, b) = c", nil, "", "The function is not allowed in a condition expression; function: if_not_exists"},
		{"list_append(a, b) = c", nil, "", "The function is not allowed in a condition expression; function: list_append"},

		{"attribute_exists(views, #a)", nil, "", reserved + "views"},
		{":a < abOrT", nil, "", reserved + "abOrT"},
		{"a.status = b", nil, "", reserved + "status"},

		{"attribute_exists(#Pictures.RearView, :a) and a=a", nil, "", noName + "#Pictures"},
		{"begins_with(Pictures.#RearView)", nil, "", noName + "#RearView"},
		{"(#P between :lo and :hi) and (#PC in (:cat1, :cat2))", nil, "", noName + "#P"},
		{"#4g > a", nil, "", noName + "#4g"},
		{"#_ > a", nil, "", noName + "#_"},
		{"(a)between(b.c[45].#d)and(:a)", nil, "", noName + "#d"},

		{"begins_with(:hello, #a, #b)", nil, "", noValue + ":hello"},
		{":a < :b", nil, "", noValue + ":a"},
		{":_ > a", nil, "", noValue + ":_"},

		{"attribute_exists(things, a) and a=a", nil, "", count + "attribute_exists, number of operands: 2"},
		{"attribute_not_exists(things, b)", nil, "", count + "attribute_not_exists, number of operands: 2"},
		{"attribute_type(things)", nil, "", count + "attribute_type, number of operands: 1"},
		{"begins_with(things)", nil, "", count + "begins_with, number of operands: 1"},
		{"begins_with(things, size(a), b)", nil, "", count + "begins_with, number of operands: 3"},
		{"contains(things)", nil, "", count + "contains, number of operands: 1"},
		{"size(things, a) > b", nil, "", count + "size, number of operands: 2"},

		{"attribute_type(ab.bc[1].a, SS)", nil, "", operandType + "attribute_type, operand type: {NS,SS,L,BS,N,M,B,BOOL,NULL,S}"},
		{"attribute_type(a, size(a)) and a=a and a=:a", nil, `{":a":{"N":"1"}}`, operandType + "attribute_type, operand type: N"},
		{"attribute_type(a, :a)", nil, `{":a":{"BS":["YQ=="]}}`, operandType + "attribute_type, operand type: BS"},
		{"attribute_type(a, :a)", nil, `{":a":{"S":"1"}}`, "Invalid attribute type name found; type: 1, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}"},
		{"begins_with(a, size(a)) and a=:a", nil, `{":a":{"N":"1"}}`, operandType + "begins_with, operand type: N"},
		{"begins_with(a, :a)", nil, `{":a":{"N":"1"}}`, operandType + "begins_with, operand type: N"},
		{"begins_with(a, :a)", nil, `{":a":{"NULL":true}}`, operandType + "begins_with, operand type: NULL"},
		{"begins_with(:a, a)", nil, `{":a":{"M":{}}}`, operandType + "begins_with, operand type: M"},
		{"begins_with(:a, a)", nil, `{":a":{"SS":["1"]}}`, operandType + "begins_with, operand type: SS"},
		{"size(size(a)) > :a", nil, `{":a":{"N":"1"}}`, operandType + "size, operand type: N"},
		{"attribute_not_exists(size(:a))", nil, `{":a":{"N":"1"}}`, operandType + "size, operand type: N"},
		{"size(:a) > a", nil, `{":a":{"BOOL":true}}`, operandType + "size, operand type: BOOL"},
		{"size(:a) > a", nil, `{":a":{"NULL":true}}`, operandType + "size, operand type: NULL"},
		// ExtendDB/extenddb#216; the wording is that of nubo-db/dynamodb-conformance's PartiQL capture.
		{"a < :a", nil, `{":a":{"BOOL":true}}`, operandType + "<, operand type: BOOL"},
		{":a >= a", nil, `{":a":{"L":[]}}`, operandType + ">=, operand type: L"},
		{"a BETWEEN :a AND b", nil, `{":a":{"SS":["x"]}}`, operandType + "BETWEEN, operand type: SS"},

		{"attribute_exists(:a) and a=a", nil, `{":a":{"S":"1"}}`, needsPath + "attribute_exists"},
		{"attribute_not_exists(size(:a))", nil, `{":a":{"S":"1"}}`, needsPath + "attribute_not_exists"},

		{"a = a AND #a = b AND :views > a", a, "", distinct + "=, first operand: [a]"},
		{"#a <> a", a, "", distinct + "<>, first operand: [a]"},
		{"a > #a", a, "", distinct + ">, first operand: [a]"},
		{"((a=a) OR (a=#a))", a, "", distinct + "=, first operand: [a]"},
		{"((a=a) AND (a=#a))", a, "", distinct + "=, first operand: [a]"},
		{"contains(ab.bc[1].a, ab.bc[1].#a)", a, "", distinct + "contains, first operand: [ab, bc, [1], a]"},
		{"attribute_type(ab.bc[1].#a, ab.bc[1].a)", a, "", distinct + "attribute_type, first operand: [ab, bc, [1], a]"},
		{"begins_with(ab.bc[1].a, ab.bc[1].#a)", a, "", distinct + "begins_with, first operand: [ab, bc, [1], a]"},

		{"x between :b and :a", nil, `{":a":{"S":"a"},":b":{"N":"1"}}`,
			"The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: AttributeValue: {N:1}, upper bound operand: AttributeValue: {S:a}"},
		{"x between :b and :a", nil, `{":a":{"S":"a"},":b":{"S":"b"}}`,
			"The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {S:b}, upper bound operand: AttributeValue: {S:a}"},

		// Conditions are checked one after the other.
		{"a = :a AND attribute_exists(:b)", nil, `{":b":{"S":"1"}}`, noValue + ":a"},
		{"attribute_exists(:b) AND a = :a", nil, `{":b":{"S":"1"}}`, needsPath + "attribute_exists"},
	} {
		req := expression.Request{Filter: test.text, Names: test.names, Values: values(t, test.values)}
		wantRefusal(t, req, hashKey, nil, "Invalid FilterExpression: "+test.want)
	}
}

func TestEachExpressionIsRefusedByItsName(t *testing.T) {
	for name, req := range map[string]expression.Request{
		"ConditionExpression":    {HasCondition: true},
		"FilterExpression":       {HasFilter: true},
		"KeyConditionExpression": {HasKeyCondition: true},
		"UpdateExpression":       {HasUpdate: true},
		"ProjectionExpression":   {HasProjection: true},
	} {
		wantRefusal(t, req, hashKey, nil, "Invalid "+name+": The expression can not be empty;")
	}
}

// The limits are those of "Expression parameters" in the service quotas. The
// messages are those of pynamodb/PynamoDB#979, aws/aws-sdk-js#3721 and
// reapit/foundations#8255.
func TestExpressionsHaveLimits(t *testing.T) {
	long := strings.Repeat("a", 4096-len(" = b"))
	bind(t, expression.Request{Filter: long + " = b"}, hashKey)
	wantRefusal(t, expression.Request{Filter: long + "a = b"}, hashKey, nil,
		"Invalid FilterExpression: Expression size has exceeded the maximum allowed size; expression size: 4097")

	list := func(n int) string { return "a IN (b" + strings.Repeat(",b", n-1) + ")" }
	bind(t, expression.Request{Filter: list(100)}, hashKey)
	wantRefusal(t, expression.Request{Filter: list(101)}, hashKey, nil,
		"Invalid FilterExpression: The IN operator is provided with too many operands; number of operands: 101")

	chain := func(n int) string { return "a=b" + strings.Repeat(" OR a=b", n-1) }
	bind(t, expression.Request{Filter: chain(150)}, hashKey)
	wantRefusal(t, expression.Request{Filter: chain(151)}, hashKey, nil,
		"Invalid FilterExpression: The expression contains too many operators; operator count: 301")

	bind(t, expression.Request{Projection: "a" + strings.Repeat("[0]", 31)}, hashKey)
	if _, err := expression.NewCache(1).Bind(expression.Request{Projection: "a" + strings.Repeat("[0]", 32)}, hashKey, nil); err == nil {
		t.Error("a path of 33 elements is accepted")
	}
	if _, err := expression.NewCache(1).Bind(expression.Request{Filter: strings.Repeat("(", 4000) + "a"}, hashKey, nil); err == nil {
		t.Error("open parentheses are accepted")
	}
}

// See mhart/dynalite test/query.js.
func TestFiltersOfQueriesMayNotUseTheKey(t *testing.T) {
	key := expression.Key{Partition: "id", Sort: "sk"}
	for text, want := range map[string]string{
		"a = b":                       "",
		"m.id = b":                    "",
		"a = id":                      "Filter Expression can only contain non-primary key attributes: Primary key attribute: id",
		"NOT (a = b OR size(sk) < c)": "Filter Expression can only contain non-primary key attributes: Primary key attribute: sk",
		"sk = id":                     "Filter Expression can only contain non-primary key attributes: Primary key attribute: id",
	} {
		err := bind(t, expression.Request{Filter: text}, expression.Key{Partition: "other"}).Filter.CheckNoKeys(key)
		if got := fmt.Sprint(err); got != want && !(err == nil && want == "") {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	if err := (*expression.Condition)(nil).CheckNoKeys(key); err != nil {
		t.Error(err)
	}
}

// See mhart/dynalite db/index.js and test/query.js: key attributes have no inside.
func TestPathsMayNotLeadIntoKeys(t *testing.T) {
	index := expression.Key{Partition: "gpk", PartitionKind: attribute.S}
	const message = "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: "
	for _, test := range []struct {
		req  expression.Request
		want string
	}{
		{expression.Request{Condition: "id.x = b"}, "Key: id"},
		{expression.Request{Filter: "attribute_exists(sk[0])"}, "Key: sk"},
		{expression.Request{Projection: "a, id.x"}, "Key: id"},
		{expression.Request{Update: "SET a = id.x"}, "Key: id"},
		{expression.Request{Projection: "gpk.x"}, "IndexKey: gpk"},
	} {
		wantRefusal(t, test.req, rangeKey, &index, message+test.want)
	}
}

func TestSimpleConditionsDoNotAllocate(t *testing.T) {
	it := item(t, conditionItem)
	for _, text := range []string{
		"attribute_exists(s)", "s = :banana", "n > :1 AND #m.deep.lst[0].z = :3", "begins_with(s, :ban) OR contains(ss, :a)",
		"n BETWEEN :1 AND :11", "size(s) = :6", "s IN (:apple, :banana)",
	} {
		req := expression.Request{Condition: text, Values: used(values(t, conditionValues), text), Names: used(map[string]string{"#m": "m"}, text)}
		condition := bind(t, req, hashKey).Condition
		if n := testing.AllocsPerRun(100, func() { _, _ = condition.Eval(it) }); n != 0 {
			t.Errorf("%s: %v allocations", text, n)
		}
	}
}
