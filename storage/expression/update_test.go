package expression_test

import (
	"strings"
	"testing"

	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/expression"
)

// The behaviour is that of "Using update expressions in DynamoDB" in the
// developer guide, the cases beyond its examples those of scylladb/scylladb
// test/alternator/test_update_expression.py, run against DynamoDB.
func TestUpdatesApply(t *testing.T) {
	const old = `{"id":{"S":"1"},"n":{"N":"10"},"s":{"S":"x"},"l":{"L":[{"N":"0"},{"N":"1"},{"N":"2"},{"N":"3"}]},` +
		`"m":{"M":{"a":{"N":"1"},"b":{"M":{"c":{"S":"deep"}}}}},"ss":{"SS":["a","b"]},"ns":{"NS":["1","2"]},"bs":{"BS":["AA=="]}}`
	const all = `{":one":{"N":"1"},":half":{"N":"0.5"},":x":{"S":"new"},":y":{"S":"newer"},":l":{"L":[{"S":"p"}]},":m":{"M":{"k":{"S":"v"}}},` +
		`":a":{"SS":["a"]},":ab":{"SS":["a","b"]},":bc":{"SS":["b","c"]},":23":{"NS":["2.0","3"]},":b":{"BS":["AQ=="]}}`
	for _, test := range []struct {
		text string
		want string // the attributes that differ from old; null for removed ones
	}{
		{"SET z = :x", `{"z":{"S":"new"}}`},
		{"set s = :x, z = s", `{"s":{"S":"new"},"z":{"S":"x"}}`},
		{"SET s = n, n = s", `{"s":{"N":"10"},"n":{"S":"x"}}`},
		{"SET n = n + :one", `{"n":{"N":"11"}}`},
		{"SET n = n - :half", `{"n":{"N":"9.5"}}`},
		{"SET n = :one - n", `{"n":{"N":"-9"}}`},
		{"SET z = (n + :one)", `{"z":{"N":"11"}}`},
		{"SET z = ((n)+(:one))", `{"z":{"N":"11"}}`},
		{"SET z = (n)", `{"z":{"N":"10"}}`},
		{"SET z = if_not_exists(z, :x)", `{"z":{"S":"new"}}`},
		{"SET s = if_not_exists(s, :x)", `{}`},
		{"SET z = if_not_exists(z, :one) + :half", `{"z":{"N":"1.5"}}`},
		{"SET z = if_not_exists(m.gone, if_not_exists(y, s))", `{"z":{"S":"x"}}`},
		{"SET l = list_append(l, :l)", `{"l":{"L":[{"N":"0"},{"N":"1"},{"N":"2"},{"N":"3"},{"S":"p"}]}}`},
		{"SET l = list_append(:l, l)", `{"l":{"L":[{"S":"p"},{"N":"0"},{"N":"1"},{"N":"2"},{"N":"3"}]}}`},
		{"SET z = list_append(if_not_exists(z, :l), :l)", `{"z":{"L":[{"S":"p"},{"S":"p"}]}}`},
		{"SET #s = :x, #m.#k = :x", `{"s":{"S":"new"},"m":{"M":{"a":{"N":"1"},"b":{"M":{"c":{"S":"deep"}}},"k.1":{"S":"new"}}}}`},

		{"SET m.a = :x, m.b.d = :y, m.z = m.b.c", `{"m":{"M":{"a":{"S":"new"},"b":{"M":{"c":{"S":"deep"},"d":{"S":"newer"}}},"z":{"S":"deep"}}}}`},
		{"SET m = :m", `{"m":{"M":{"k":{"S":"v"}}}}`},
		{"SET l[1] = :x", `{"l":{"L":[{"N":"0"},{"S":"new"},{"N":"2"},{"N":"3"}]}}`},
		{"SET l[17] = :x", `{"l":{"L":[{"N":"0"},{"N":"1"},{"N":"2"},{"N":"3"},{"S":"new"}]}}`},
		// Elements beyond the end are added in order of their numbers.
		{"SET l[17] = :x, l[4] = :y", `{"l":{"L":[{"N":"0"},{"N":"1"},{"N":"2"},{"N":"3"},{"S":"newer"},{"S":"new"}]}}`},
		{"SET l[0] = :m, z = l[0]", `{"l":{"L":[{"M":{"k":{"S":"v"}}},{"N":"1"},{"N":"2"},{"N":"3"}]},"z":{"N":"0"}}`},

		{"REMOVE s", `{"s":null}`},
		{"REMOVE gone", `{}`},
		{"remove s, n, m.a", `{"s":null,"n":null,"m":{"M":{"b":{"M":{"c":{"S":"deep"}}}}}}`},
		{"REMOVE m.gone", `{}`},
		{"REMOVE l[9]", `{}`},
		// The positions are those before the update.
		{"REMOVE l[0]", `{"l":{"L":[{"N":"1"},{"N":"2"},{"N":"3"}]}}`},
		{"REMOVE l[1], l[2]", `{"l":{"L":[{"N":"0"},{"N":"3"}]}}`},
		{"REMOVE l[2], l[1]", `{"l":{"L":[{"N":"0"},{"N":"3"}]}}`},
		{"REMOVE l[0] SET l[1] = :x, l[8] = :y", `{"l":{"L":[{"S":"new"},{"N":"2"},{"N":"3"},{"S":"newer"}]}}`},
		{"REMOVE s SET z = s", `{"s":null,"z":{"S":"x"}}`},

		{"ADD n :one", `{"n":{"N":"11"}}`},
		{"ADD z :one", `{"z":{"N":"1"}}`},
		{"add n :half, z :bc", `{"n":{"N":"10.5"},"z":{"SS":["b","c"]}}`},
		{"ADD ss :bc", `{"ss":{"SS":["a","b","c"]}}`},
		{"ADD ns :23", `{"ns":{"NS":["1","2","3"]}}`},
		{"ADD bs :b", `{"bs":{"BS":["AA==","AQ=="]}}`},
		{"ADD m.a :one", `{"m":{"M":{"a":{"N":"2"},"b":{"M":{"c":{"S":"deep"}}}}}}`},
		{"ADD m.z :one, l[1] :one", `{"m":{"M":{"a":{"N":"1"},"b":{"M":{"c":{"S":"deep"}}},"z":{"N":"1"}}},"l":{"L":[{"N":"0"},{"N":"2"},{"N":"2"},{"N":"3"}]}}`},

		{"DELETE ss :a", `{"ss":{"SS":["b"]}}`},
		{"DELETE ss :bc", `{"ss":{"SS":["a"]}}`},
		{"DELETE ss :ab", `{"ss":null}`},
		{"DELETE ns :23", `{"ns":{"NS":["1"]}}`},
		{"DELETE gone :a", `{}`},
		{"DELETE m.gone :a", `{}`},

		{"SET z = :x REMOVE s ADD n :one DELETE ss :a", `{"z":{"S":"new"},"s":null,"n":{"N":"11"},"ss":{"SS":["b"]}}`},
	} {
		req := expression.Request{
			Update: test.text, Values: used(values(t, all), test.text),
			Names: used(map[string]string{"#s": "s", "#m": "m", "#k": "k.1"}, test.text),
		}
		before := item(t, old)
		got, touched, err := bind(t, req, hashKey).Update.Apply(before)
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
			continue
		}
		want := item(t, old)
		changes := item(t, strings.ReplaceAll(test.want, ":null", `:{"S":"removed"}`))
		for _, a := range changes.Attributes() {
			want.Set(a.Name, a.Value)
			if a.Value.Kind() == attribute.S && a.Value.Text() == "removed" {
				want.Delete(a.Name)
			}
		}
		if jsonOf(got) != jsonOf(want) {
			t.Errorf("%s\n got %s\nwant %s", test.text, jsonOf(got), jsonOf(want))
		}
		if jsonOf(before) != jsonOf(item(t, old)) {
			t.Errorf("%s changed the old item: %s", test.text, jsonOf(before))
		}
		if len(touched) == 0 {
			t.Errorf("%s touched nothing", test.text)
		}
	}
}

// See mhart/dynalite test/updateItem.js and scylladb/scylladb
// test/alternator/test_update_expression.py.
func TestUpdatesThatDoNotFitTheItemAreRefused(t *testing.T) {
	const (
		badPath = "The document path provided in the update expression is invalid for update"
		missing = "The provided expression refers to an attribute that does not exist in the item"
		operand = "An operand in the update expression has an incorrect data type"
	)
	const old = `{"id":{"S":"1"},"n":{"N":"1"},"s":{"S":"x"},"l":{"L":[{"N":"1"}]},"m":{"M":{}},"ss":{"SS":["a"]}}`
	const all = `{":n":{"N":"1"},":s":{"S":"x"},":l":{"L":[]},":ss":{"SS":["a"]},":big":{"N":"9e125"},":tiny":{"N":"1e-100"}}`
	for _, test := range []struct{ text, want string }{
		{"SET z.a = :s", badPath},
		{"SET z[0] = :s", badPath},
		{"SET s.a = :s", badPath},
		{"SET m[0] = :s", badPath},
		{"SET l.a = :s", badPath},
		{"SET m.a.b = :s", badPath},
		{"SET l[5].a = :s", badPath},
		{"REMOVE z.a", badPath},
		{"REMOVE m[0]", badPath},
		{"REMOVE m.a.b", badPath},
		{"ADD z.a :n", badPath},
		{"DELETE z.a :ss", badPath},
		{"SET z = gone", missing},
		{"SET z = m.gone", missing},
		{"SET z = s.gone", missing},
		{"SET z = gone + :n", missing},
		{"SET z = list_append(gone, :l)", missing},
		{"SET z = if_not_exists(gone, nothing)", missing},
		{"SET z = s + :n", operand},
		{"SET z = :n - l", operand},
		{"SET z = list_append(:l, s)", operand},
		{"SET z = list_append(s, s)", operand},
		{"ADD s :n", operand},
		{"ADD n :ss", operand},
		{"ADD l :n", operand},
		{"DELETE s :ss", operand},
		{"DELETE n :ss", operand},
		{"SET z = :big + :big", "Number overflow. Attempting to store a number with magnitude larger than supported range"},
		{"ADD n :tiny", "Number overflow. Attempting to store a number with magnitude larger than supported range"},
	} {
		u := bind(t, expression.Request{Update: test.text, Values: used(values(t, all), test.text)}, hashKey).Update
		got, _, err := u.Apply(item(t, old))
		if refusal, ok := err.(*expression.Error); !ok || refusal.Message != test.want {
			t.Errorf("%s: %v, %v; want %s", test.text, got, err, test.want)
		}
	}
}

func TestUpdatesMayNotNestTooDeep(t *testing.T) {
	deep := func(levels int) string {
		return strings.Repeat(`{"L":[`, levels) + `{"S":"x"}` + strings.Repeat(`]}`, levels)
	}
	u := bind(t, expression.Request{Update: "SET m.a = deep"}, hashKey).Update
	if _, _, err := u.Apply(item(t, `{"m":{"M":{}},"deep":`+deep(30)+`}`)); err != nil {
		t.Error(err)
	}
	_, _, err := u.Apply(item(t, `{"m":{"M":{}},"deep":`+deep(31)+`}`))
	if err == nil || !strings.HasPrefix(err.Error(), "Nesting Levels have exceeded supported limits") {
		t.Error(err)
	}
}

// The texts and messages are those of mhart/dynalite test/updateItem.js, run
// against DynamoDB, unless said otherwise.
func TestUpdatesAreRefusedInDynamoDBsWords(t *testing.T) {
	const (
		count    = "Incorrect number of operands for operator or function; operator or function: "
		function = "Incorrect operand type for operator or function; operator or function: "
		clause   = "Incorrect operand type for operator or function; operator: "
		overlap  = "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: "
		conflict = "Two document paths conflict with each other; must remove or rewrite one of these paths; path one: "
	)
	names := map[string]string{"#c": "c", "#d": "[3]"}
	for _, test := range []struct{ text, values, want string }{
		{" set #c = :c set abOrt = true ", "", "Attribute name is a reserved keyword; reserved keyword: abOrt"},
		{" remove Absolute ", "", "Attribute name is a reserved keyword; reserved keyword: Absolute"},
		{"set #c = if_not_exist(:c) set c = d", "", "Invalid function name; function: if_not_exist"},
		{"set a = size(b)", "", "The function is not allowed in an update expression; function: size"},
		{"set a = #c set c = :d", "", `The "SET" section can only be used once in an update expression;`},
		{"remove #d set a = b remove e", "", `The "REMOVE" section can only be used once in an update expression;`},
		{"add #d :e set a = b add e :f", "", `The "ADD" section can only be used once in an update expression;`},
		{"delete #d :e set a = b delete #e :f", "", `The "DELETE" section can only be used once in an update expression;`},
		{"SET #x = if_not_exists(:c)", "", "An expression attribute name used in the document path is not defined; attribute name: #x"},
		{"SET a = :c, b = #x", "", "An expression attribute name used in the document path is not defined; attribute name: #x"},
		{"SET #c = if_not_exists(:c)", "", "An expression attribute value used in expression is not defined; attribute value: :c"},

		{"set d[1] = a, d.b = a, c[1].a = a, #c = if_not_exists(a)", "", overlap + "[c, [1], a], path two: [c]"},
		{"set #c[3].#d = a, #c[3] = a", "", overlap + "[c, [3], [3]], path two: [c, [3]]"},
		{"SET a = b REMOVE a", "", overlap + "[a], path two: [a]"},
		{"SET a = :v, a.b = :v", `{":v":{"N":"1"}}`, overlap + "[a], path two: [a, b]"},
		{"set #c[3].#d = a, #c.#d[3] = if_not_exists(a)", "", conflict + "[c, [3], [3]], path two: [c, [3], [3]]"},
		{"remove a.#c set a[1] = #d", "", conflict + "[a, c], path two: [a, [1]]"},

		{"set b = list_append(:a, a), c = if_not_exists(a) add a.b :a", `{":a":{"S":"a"}}`, clause + "ADD, operand type: STRING"},
		{"delete a.b :a", `{":a":{"S":"a"}}`, clause + "DELETE, operand type: STRING"},
		{"add a.b :a", `{":a":{"NULL":true}}`, clause + "ADD, operand type: NULL"},
		{"delete a.b :a", `{":a":{"BOOL":true}}`, clause + "DELETE, operand type: BOOLEAN"},
		{"add a.b :a", `{":a":{"B":"YQ=="}}`, clause + "ADD, operand type: BINARY"},
		{"add a.b :a", `{":a":{"M":{"a":{"L":[{"N":"1"}]}}}}`, clause + "ADD, operand type: MAP"},
		{"delete a.b :a", `{":a":{"L":[{"N":"1"}]}}`, clause + "DELETE, operand type: LIST"},
		{"delete a.b :a", `{":a":{"N":"1"}}`, clause + "DELETE, operand type: NUMBER"},

		{"set a = if_not_exists(c)", "", count + "if_not_exists, number of operands: 1"},
		{"set a = list_append(c)", "", count + "list_append, number of operands: 1"},
		{"set a = list_append(c, d, e)", "", count + "list_append, number of operands: 3"},
		{"set a = if_not_exists(:a, c)", `{":a":{"S":"a"}}`, "Operator or function requires a document path; operator or function: if_not_exists"},
		{"set a = if_not_exists(if_not_exists(a, b), c)", "", "Operator or function requires a document path; operator or function: if_not_exists"},

		{"set a = list_append(:a, a)", `{":a":{"S":"a"}}`, function + "list_append, operand type: S"},
		{"set a = list_append(a, :a)", `{":a":{"N":"1"}}`, function + "list_append, operand type: N"},
		{"set a = list_append(:a, a)", `{":a":{"M":{}}}`, function + "list_append, operand type: M"},
		{"set a = a + :a", `{":a":{"S":"a"}}`, function + "+, operand type: S"},
		{"set a = :a + a", `{":a":{"B":"YQ=="}}`, function + "+, operand type: B"},
		{"set a = a + :a", `{":a":{"L":[]}}`, function + "+, operand type: L"},
		{"set a = a - :a", `{":a":{"SS":["a"]}}`, function + "-, operand type: SS"},
		{"set a = a - :a", `{":a":{"BOOL":true}}`, function + "-, operand type: BOOL"},
		{"set a = if_not_exists(b, c + d)", "", `Syntax error; token: "+", near: "c + d"`},
	} {
		req := expression.Request{Update: test.text, Names: used(names, test.text), Values: values(t, test.values)}
		wantRefusal(t, req, hashKey, nil, "Invalid UpdateExpression: "+test.want)
	}
}

// The texts are those of mhart/dynalite test/updateItem.js, run against DynamoDB.
func TestUpdatesWithSyntaxErrorsAreRefused(t *testing.T) {
	for _, text := range []string{
		"whatever", "set a", "add a", "delete a", "set a=set", "remove a = b", "add a = b", "delete a = b", "delete a b",
		"delete a if_not_exist(b)", "add abort b", "add a if_not_exist(b)", "remove a b", "set a b", "set :a = b", "add :a b",
		"delete :a b", "remove :a", "set a = b / c", "set a = b * c", `set a[1] = "eight"`, "set a[1] = 1",
		"SET a = if_not_exist(a, 100)", "SET if_not_exist(a, b) = a", "set (a = (b + c))", "set a = (b.c).d + e",
		"set a = (b.c)[0] + e", "set a = b + c + d", "set a = :", "set a = b,", "set a = b set", "set a = (b", "set a = (b + c) + d",
		"set a = b(", "set", "set a = b = c",
	} {
		_, err := expression.NewCache(1).Bind(expression.Request{Update: text}, hashKey, nil)
		if err == nil || !strings.HasPrefix(err.Error(), "Invalid UpdateExpression: Syntax error; token: ") {
			t.Errorf("%s: %v", text, err)
		}
	}
	// nubo-db/dynamodb-conformance tests/tier3/error-messages/updateItem.test.ts,
	// aws/aws-cdk#7591, getmoto/moto.
	for text, want := range map[string]string{
		"INVALID SYNTAX HERE": `token: "INVALID", near: "INVALID SYNTAX"`,
		"ADD hits : incr":     `token: ":", near: "hits : incr"`,
		"SET path = VALUE 1":  `token: "1", near: "VALUE 1"`,
	} {
		wantRefusal(t, expression.Request{Update: text}, hashKey, nil, "Invalid UpdateExpression: Syntax error; "+want)
	}
}

// See nubo-db/dynamodb-conformance tests/tier3/error-messages/updateItem.test.ts.
func TestUpdatesMayNotTouchTheKey(t *testing.T) {
	for _, test := range []struct{ text, name string }{
		{"SET id = a", "id"}, {"SET a = b, sk = c", "sk"}, {"REMOVE sk, id", "id"}, {"SET id.x = a", "id"},
	} {
		wantRefusal(t, expression.Request{Update: test.text}, rangeKey, nil,
			"One or more parameter values were invalid: Cannot update attribute "+test.name+". This attribute is part of the key")
	}
}

// See "ReturnValues" of UpdateItem in the API reference: only what the update
// touched, as it was and as it is.
func TestTouchedPathsServeReturnValues(t *testing.T) {
	old := item(t, `{"id":{"S":"1"},"n":{"N":"1"},"keep":{"S":"x"},"m":{"M":{"a":{"N":"1"},"b":{"N":"2"}}},"l":{"L":[{"N":"0"},{"N":"1"}]}}`)
	req := expression.Request{
		Update: "SET n = n + :one, m.a = :one, z = :one REMOVE m.b ADD l[1] :one",
		Values: values(t, `{":one":{"N":"1"}}`),
	}
	updated, touched, err := bind(t, req, hashKey).Update.Apply(old)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := jsonOf(expression.ProjectPaths(old, touched)), `{"l":{"L":[{"N":"1"}]},"m":{"M":{"a":{"N":"1"},"b":{"N":"2"}}},"n":{"N":"1"}}`; got != want {
		t.Errorf("UPDATED_OLD\n got %s\nwant %s", got, want)
	}
	if got, want := jsonOf(expression.ProjectPaths(updated, touched)), `{"l":{"L":[{"N":"2"}]},"m":{"M":{"a":{"N":"1"}}},"n":{"N":"2"},"z":{"N":"1"}}`; got != want {
		t.Errorf("UPDATED_NEW\n got %s\nwant %s", got, want)
	}
}
