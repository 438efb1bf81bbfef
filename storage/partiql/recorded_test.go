package partiql_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"appsync-emulator/storage"
	"appsync-emulator/storage/partiql"
)

// The expectations of this file were recorded from DynamoDB by others:
//
//   - https://github.com/floci-io/floci/pull/3798
//   - https://github.com/paritysuite/dynamodb-conformance/pull/103 and the suite's
//     tests of PartiQL messages
//   - https://github.com/nubo-db/dynoxide/pull/149 and that project's changelog
//
// Those about LIMIT, aliases, duplicate columns and the number of parameters are
// of DynamoDB Local, as github.com/xo/dbimp replays it.
//
// @ stands for the table.
func onTable(statement string) string { return strings.ReplaceAll(statement, "@", `"edge-cases"`) }

const malformed = "Statement wasn't well formed, can't be processed: "

func values(n int) string {
	quoted := make([]string, n)
	for i := range quoted {
		quoted[i] = "'v" + strconv.Itoa(i) + "'"
	}
	return "[" + strings.Join(quoted, ",") + "]"
}

func TestRefusals(t *testing.T) {
	s := newStore(t)
	put(t, s, "edge-cases", `{"pk":{"S":"x"},"sk":{"S":"1"},"ss":{"SS":["a","b"]},"ns":{"NS":["1"]},"s":{"S":"str"},"n":{"N":"1"},"l":{"L":[{"S":"a"}]}}`)
	const where = "WHERE pk = 'x' AND sk = '1'"
	const overlapping = "Overlapping conditions with range keys are not supported in where clause"
	const tooMany = "Too many decomposed read operations for a given query."
	for _, tt := range []struct {
		statement, message string
	}{
		{"CREATE TABLE x", malformed + "Expected data manipulation"},
		{"UPDATE edge-cases SET a=1 WHERE pk='x'", malformed + "Expected data manipulation"},
		{"UPDATE @ SET t=1 " + where + " garbage", malformed + "Unexpected token after expression"},
		{"SELECT * FROM @ " + where + " AND attribute_exists(m.inner)", malformed + "Invalid path dot component"},
		{"UPDATE @ SET m.inner = set_add(m.inner, <<'y'>>) " + where, malformed + "Invalid path dot component"},
		{`SELECT COUNT(*) FROM @ `, "Unexpected path component at 1:8:5"},
		{"SELECT attribute_exists(ss) FROM @ " + where, "Unexpected path component at 1:8:16"},
		{"SELECT id FROM dbimp_page LIMIT 5", "Unsupported clause: LIMIT at 1:33:1"},
		{"SELECT s, s FROM @ " + where, "Duplicate identifiers in select clause: s"},
		{"SELECT s AS x FROM @ " + where, "Aliasing is not supported"},
		{"SELECT l[-1] FROM @ " + where, "List index is not within the allowable range; index: [-1] at 1:11:1"},
		{"SELECT l[2147483648] FROM @ " + where, "List index is not within the allowable range; index: [2147483648] at 1:10:10"},
		{`SELECT * FROM "edge-cases"."gsi-all"."extra" WHERE pk = 'p'`, "A path may contain at most 2 components in the FROM clause"},
		{`SELECT * FROM "edge-cases"."" WHERE pk = 'p'`, "Path component cannot be an empty string"},
		{`SELECT * FROM "" WHERE pk = 'p'`, "Path component cannot be an empty string"},
		{`SELECT * FROM "edge-cases"."no-such-index" WHERE pk = 'p'`, "The table does not have the specified index"},
		{`INSERT INTO "edge-cases"."gsi-all" VALUE {'pk':'x'}`, "FROM clause may only contain a single table name in data manipulation statements"},
		{`UPDATE "missing"."gsi-all" SET a=1 WHERE pk='x'`, "This operation is not supported on an index"},
		{`DELETE FROM "missing"."gsi-all" WHERE pk='x'`, "This operation is not supported on an index"},

		{"SELECT * FROM @ " + where + " AND attribute_exists('ss')", "Operator or function requires a document path; operator or function: attribute_exists"},
		{"SELECT * FROM @ " + where + " AND attribute_exists()", "Incorrect number of operands for operator or function; operator or function: attribute_exists, number of operands: 0"},
		{"SELECT * FROM @ " + where + " AND attribute_exists(ss, ns)", "Incorrect number of operands for operator or function; operator or function: attribute_exists, number of operands: 2"},
		{"SELECT * FROM T WHERE EXISTS(ss)", "Unrecognized function: exists at 1:23:6"},
		{"SELECT * FROM T WHERE set_add(ss, <<'x'>>) = ss", "Unrecognized function: set_add at 1:23:7"},
		{"SELECT sk FROM @ " + where + " AND attribute_type(s, 'X')", "Invalid attribute type name found; type: X, valid types: {N,BS,L,B,NULL,M,S,SS,NS,BOOL}"},
		{"SELECT sk FROM @ " + where + " AND attribute_type(l, 1)", "Incorrect operand type for operator or function; operator or function: attribute_type, operand type: N"},
		{"SELECT sk FROM nowhere WHERE s < true", "Incorrect operand type for operator or function; operator or function: <, operand type: BOOL"},
		{"SELECT sk FROM @ " + where + " AND attribute_exists(n) > false", "Incorrect operand type for operator or function; operator or function: >, operand type: BOOL"},
		{"SELECT sk FROM @ " + where + " AND n IN " + values(101), "The IN operator is provided with too many operands; number of operands: 101"},

		{"INSERT INTO @ VALUE {'pk':'x','sk':'1','s':<<>>}", "Empty bags are not supported"},
		{"INSERT INTO @ VALUE {'pk':'x','sk':'1','s':<<1, 'a'>>}", "Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags"},
		{"INSERT INTO @ VALUE {'pk':'x','sk':'1','s':<<'a', 'a'>>}", "One or more parameter values were invalid: Input collection [a, a] contains duplicates."},
		{"INSERT INTO T VALUE {'pk': 'x', 'ss': set_add(<<'a'>>, <<'b'>>)}", "Unsupported data type: set_add under key root at 1:39:7"},
		{"UPDATE T SET ns = set_add(ns, <<2, 2.0>>) " + where, "One or more parameter values were invalid: Input collection [2, 2.0] contains duplicates! under root"},
		{"UPDATE T SET t = set_add(ss, <<'x'>>) " + where, "The first argument to SET_ADD must equal the assignment value at 1:18:7"},
		{"UPDATE T SET ss = set_add(<<'a'>>, <<'b'>>) " + where, "The first argument to SET_ADD must equal the assignment value at 1:19:7"},
		{"UPDATE T\nSET ss = set_delete(ss, ['x']) " + where, "The second argument to SET_DELETE must be a value with type SET at 2:21:2"},
		{`UPDATE T SET "ss" = set_add("ss", 'x') ` + where, "The second argument to SET_ADD must be a value with type SET at 1:29:4"},
		{"UPDATE T SET ss = set_add(ss) " + where, "SET_ADD must have exactly two arguments at 1:19:7"},
		{"UPDATE T SET ss = set_add(ss, <<'x'>>, <<'y'>>) " + where, "SET_ADD must have exactly two arguments at 1:19:7"},
		{"UPDATE @ SET ss = set_add(ss, <<1>>) " + where, "An operand in the update expression has an incorrect data type"},
		{"UPDATE @ SET s = set_add(s, <<'x'>>) " + where, "An operand in the update expression has an incorrect data type"},
		{"UPDATE @ SET NoList = list_append(NoList, [1]) " + where, "The provided expression refers to an attribute that does not exist in the item"},
		{"UPDATE T SET n = 'a' + 1 " + where, "Incorrect operand type for operator or function; operator or function: +, operand type: S"},
		{"UPDATE T SET n = n - null " + where, "Incorrect operand type for operator or function; operator or function: -, operand type: NULL"},
		{"UPDATE T SET d = " + strings.Repeat("{'a':", 32) + "1" + strings.Repeat("}", 32) + where, "Nesting Levels have exceeded supported limits under root" + strings.Repeat(".a", 32)},
		{"UPDATE T SET d = {'a':" + strings.Repeat("[", 31) + "1" + strings.Repeat("]", 31) + "}" + where, "Nesting Levels have exceeded supported limits under root.a" + strings.Repeat("[0]", 31)},

		{"DELETE FROM @ WHERE pk = 'x' RETURNING MODIFIED OLD *", "Invalid returning clause: RETURNING MODIFIED OLD *. Only RETURNING ALL OLD * is allowed in DELETE statements."},
		{"DELETE FROM @ WHERE pk = 'x' RETURNING ALL NEW *", "Invalid returning clause: RETURNING ALL NEW *. Only RETURNING ALL OLD * is allowed in DELETE statements."},
		{"DELETE FROM @ WHERE s = 'x'", "Where clause does not contain a mandatory equality on all key attributes"},
		{"UPDATE @ SET a=1 WHERE pk='x' AND sk='1' AND pk='other'", "Multiple conditions on same key pk. Only single item Update/Insert/Delete are supported"},
		{"DELETE FROM @ WHERE pk='x' AND sk='1' AND pk='other'", "Multiple conditions on same key pk. Only single item Update/Insert/Delete are supported"},
		{"EXISTS(SELECT * FROM @ " + where + " AND a IS MISSING)", "EXISTS can only be used in ExecuteTransaction write requests."},

		{"SELECT sk FROM @ WHERE pk IN ['x','x']", overlapping},
		{"SELECT sk FROM @ WHERE pk='x' OR pk='x'", overlapping},
		{"SELECT sk FROM @ WHERE pk='x' AND (sk > '0' OR sk < '5')", overlapping},
		{"SELECT sk FROM @ WHERE pk='x' AND (sk='1' OR flag='two')", overlapping},
		{"SELECT sk FROM @ WHERE (pk='x' AND flag='one') OR (pk='x' AND flag='two')", overlapping},
		{"SELECT sk FROM @ WHERE pk = 1 OR pk = 'x'", "Key attribute's data type should match its data type in table's schema: Key pk"},
		{"SELECT sk FROM @ WHERE pk = 'x' AND sk IN ['1', 2]", "Key attribute's data type should match its data type in table's schema: Key sk"},
		{"SELECT sk FROM @ WHERE pk IN " + values(51), tooMany},
		{"SELECT sk FROM @ WHERE pk = 'x' AND sk IN " + values(51), tooMany},
		{"SELECT sk FROM @ WHERE pk IN " + values(26) + " AND sk IN ['1','2']", tooMany},

		{"SELECT sk FROM @ ORDER BY sk", "Must have WHERE clause in the statement when using ORDER BY clause."},
		{"SELECT sk FROM @ WHERE pk = 'x' ORDER BY Total DESC", "Attribute Total in ORDER BY clause must be part of the primary key"},
		{"SELECT sk FROM @ WHERE pk > 'a' ORDER BY sk", "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause."},
		{"SELECT sk FROM @ WHERE pk IN ['o', 'p'] ORDER BY sk DESC", "Must have hash key in ORDER BY clause when more than one hash key condition specified in WHERE clause."},
	} {
		statement := onTable(tt.statement)
		_, err := execute(t, s, statement)
		refused(t, statement, err, tt.message)
	}
	for _, tt := range []struct {
		statement, message string
		parameters         []string
	}{
		{"SELECT * FROM T WHERE attribute_exists(?)", "Operator or function requires a document path; operator or function: attribute_exists", []string{`{"S":"ss"}`}},
		{"SELECT pk FROM T WHERE pk = 'x' AND val < ?", "Incorrect operand type for operator or function; operator or function: <, operand type: BOOL", []string{`{"BOOL":true}`}},
		{"UPDATE T SET x = [?] WHERE pk='x'", "Unsupported data type: Parameter under key root[0] at 1:19:1", []string{`{"S":"v"}`}},
		{"INSERT INTO T VALUE {'pk':'x','m':{'k':?}}", "Unsupported data type: Parameter under key root.k at 1:40:1", []string{`{"S":"v"}`}},
		{"SELECT * FROM T WHERE a = ?", "Number of parameters in request and statement don't match.", nil},
	} {
		_, err := execute(t, s, tt.statement, tt.parameters...)
		refused(t, tt.statement, err, tt.message)
	}
	_, err := partiql.Execute(ctx, s, partiql.Input{Statement: `SELECT * FROM "edge-cases"."gsi-all" WHERE gsiPk = 'x'`, ConsistentRead: true})
	refused(t, "consistent read", err, "Strongly consistent read is not supported on Global Secondary Indexes")
	_, err = execute(t, s, "SELECT * FROM nowhere")
	if missing, ok := errors.AsType[*storage.ResourceNotFoundError](err); !ok || missing.Message != "Requested resource not found" {
		t.Errorf("missing table: %T %v", err, err)
	}
}

func TestConditions(t *testing.T) {
	s := newStore(t)
	put(t, s, "edge-cases",
		`{"pk":{"S":"x"},"sk":{"S":"1"},"n":{"N":"1"},"flag":{"S":"right"},"yes":{"BOOL":true},"m":{"M":{"x":{"S":"y"}}},"l":{"L":[{"S":"a"}]},"nul":{"NULL":true},"note":{"S":"a--b /*c*/"},"q":{"S":"it's here"}}`)
	const from = `SELECT sk FROM "edge-cases" WHERE pk='x' AND sk='1' AND `
	for _, holds := range []string{
		"attribute_exists(nope) = false", "true = attribute_exists(n)", "attribute_exists(n) <> 1",
		"contains(nope, 'z') = false", "(n BETWEEN 0 AND 5) = true", "(n = 5 OR flag = 'x') = false",
		"attribute_exists(nope) IN [true, false]", "attribute_exists(n) = attribute_exists(flag)", "attribute_exists(n) = yes",
		"attribute_exists(m.x) AND ATTRIBUTE_NOT_EXISTS (nope) AND attribute_exists(l[0])",
		"n = - - 1", "n BETWEEN - 2 AND +5 AND n IN [- 1, 1]", "n>-5;", "n = 1e0", "q = 'it''s here'",
		"nul IS NULL", "n IS NOT NULL", "n != 2", "nope IS MISSING", "n IS NOT MISSING", "n NOT IN (2, 3)",
		"note = 'a--b /*c*/'; -- done", "5 > n", "NOT (flag = 'x' OR n = 2)", "nope = MISSING", "n <> MISSING",
	} {
		expect(t, holds, must(t, s, from+holds), []string{`{"sk":{"S":"1"}}`})
	}
	for _, fails := range []string{
		"attribute_exists(n) = 1", "NOT attribute_exists(n) = true", "(attribute_exists(n) = true) = false", "attribute_exists(n) = flag",
		"n > -/* c */-1", "(attribute_exists(nope) OR NOT attribute_exists(\"m\"))", "nope IS NULL", "nul IS NOT NULL", "flag = '?'",
	} {
		expect(t, fails, must(t, s, from+fails), []string{})
	}
	for _, bad := range []string{"n > -?", "n > -n", "n --1", "n = 1 /* open", "n", "n = 1 + 1"} {
		if _, err := execute(t, s, from+bad, `{"N":"1"}`); err == nil {
			t.Errorf("%s is accepted", bad)
		}
	}
	expect(t, "comments", must(t, s, "SELECT/**/* FROM \"edge-cases\" -- the table\nWHERE pk/* key */='none' AND sk='1' --"), []string{})
	expect(t, "columns", must(t, s, `SELECT m.x, l[-0] FROM "edge-cases" WHERE pk='x' AND sk='1'`), []string{`{"l[0]":{"S":"a"},"x":{"S":"y"}}`})
	expect(t, "parameters in IN", must(t, s, `SELECT sk FROM "edge-cases" WHERE pk=? AND n IN [?, 2]`, `{"S":"x"}`, `{"N":"1"}`), []string{`{"sk":{"S":"1"}}`})
	expect(t, "no attribute of the projection", must(t, s, `SELECT nope FROM "edge-cases" WHERE pk='x'`), []string{`{}`})
}

func TestReadsOfAPartition(t *testing.T) {
	s := newStore(t)
	put(t, s, "edge-cases", `{"pk":{"S":"r"},"sk":{"S":"1"},"flag":{"S":"one"}}`, `{"pk":{"S":"r"},"sk":{"S":"2"},"flag":{"S":"two"}}`, `{"pk":{"S":"q"},"sk":{"S":"1"}}`)
	one, two := `{"sk":{"S":"1"}}`, `{"sk":{"S":"2"}}`
	for _, tt := range []struct {
		where string
		want  []string
	}{
		{"pk='r' AND (sk='1' OR sk='2')", []string{one, two}},
		{"pk='r' AND sk IN ['1','2']", []string{one, two}},
		{"pk='r' AND (sk < '1' OR sk > '1' OR sk='1')", []string{one, two}},
		{"pk='r' AND attribute_exists(pk)", []string{one, two}},
		{"pk='r' AND NOT sk='1'", []string{two}},
		{"pk='r' AND sk <> '1'", []string{two}},
		{"pk='r' AND sk > '0' AND sk <> '1'", []string{two}},
		{"pk='r' AND sk='1' AND sk > '0'", []string{one}},
		{"pk='r' AND sk > '0' AND sk='1'", []string{one}},
		{"pk='r' AND begins_with(sk, '2')", []string{two}},
		{"pk='r' AND sk BETWEEN '2' AND '3'", []string{two}},
		{"pk='r' AND '1' < sk", []string{two}},
		{"pk='r' AND pk='q'", []string{}},
		{"pk='r' OR sk='1'", []string{one, two, one}},
		{"pk > 1", []string{}},
		{"pk IN ['r', 'q'] AND sk='1'", []string{one, one}},
		{"pk IN " + values(51) + " OR flag='one'", []string{one}},
		{"(pk='r' AND (sk='2')) AND flag='two'", []string{two}},
	} {
		expectAnyOrder(t, tt.where, must(t, s, `SELECT sk FROM "edge-cases" WHERE `+tt.where), tt.want)
	}
}

func TestOrderBy(t *testing.T) {
	s := newStore(t)
	for _, pk := range []string{"o", "p"} {
		for _, sk := range []string{"1", "2", "3"} {
			put(t, s, "edge-cases", `{"pk":{"S":"`+pk+`"},"sk":{"S":"`+sk+`"}}`)
		}
	}
	rows := func(items []string) string {
		short := strings.NewReplacer(`{"pk":{"S":"`, "", `"},"sk":{"S":"`, "/", `"}}`, "")
		return short.Replace(strings.Join(items, " "))
	}
	for _, tt := range []struct{ where, want string }{
		{"pk = 'o' ORDER BY sk DESC", "o/3 o/2 o/1"},
		{"pk = 'o' ORDER BY sk", "o/1 o/2 o/3"},
		{"pk = 'o' ORDER BY pk ASC", "o/3 o/2 o/1"},
		{"pk IN ['o', 'p'] ORDER BY pk DESC, sk ASC", "p/1 p/2 p/3 o/1 o/2 o/3"},
		{"pk = 'o' AND sk IN ['1', '3', '2'] ORDER BY sk DESC", "o/3 o/2 o/1"},
	} {
		expect(t, tt.where, rows(must(t, s, `SELECT pk, sk FROM "edge-cases" WHERE `+tt.where)), tt.want)
	}

	in := partiql.Input{Statement: `SELECT pk, sk FROM "edge-cases" WHERE pk IN ['o', 'p'] ORDER BY pk DESC`, Limit: 2}
	var pages []string
	for {
		out, err := partiql.Execute(ctx, s, in)
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Items) > 0 {
			pages = append(pages, rows(texts(out.Items)))
		}
		if in.NextToken = out.NextToken; in.NextToken == "" {
			break
		}
	}
	expect(t, "pages", pages, []string{"p/3 p/2", "p/1 o/3", "o/2 o/1"})
}

func TestIndexReads(t *testing.T) {
	s := newStore(t)
	put(t, s, "edge-cases",
		`{"pk":{"S":"p"},"sk":{"S":"s1"},"gsiPk":{"S":"y"},"lsiSk":{"S":"k1"},"nonproj":{"S":"np1"},"projattr":{"S":"proj1"}}`,
		`{"pk":{"S":"p"},"sk":{"S":"s2"},"gsiPk":{"S":"y2"},"lsiSk":{"S":"k2"},"nonproj":{"S":"np2"}}`,
		`{"pk":{"S":"p"},"sk":{"S":"s3"}}`)
	s1, s2 := `{"sk":{"S":"s1"}}`, `{"sk":{"S":"s2"}}`
	for _, tt := range []struct {
		index, where string
		want         []string
	}{
		{"gsi-all", "gsiPk='y' AND nonproj='np1'", []string{s1}},
		{"gsi-inc", "nonproj='np1'", []string{}},
		{"lsi-keys", "nonproj='np1'", []string{}},
		{"gsi-inc", "NOT nonproj='np1'", []string{s1, s2}},
		{"lsi-keys", "NOT nonproj='np1'", []string{s1, s2}},
		{"gsi-inc", "(gsiPk='y' AND nonproj='np1') OR (gsiPk='y2')", []string{s2}},
		{"gsi-inc", "gsiPk='y' AND (projattr='proj1' OR projattr='proj2')", []string{s1}},
		{"gsi-inc", "(gsiPk='y' AND projattr='1') OR (gsiPk='z' AND aa='1')", []string{}},
		{"gsi-inc", "gsiPk > 'a' AND zz='1'", []string{}},
		{"gsi-inc", "(gsiPk='y' AND zz='1') OR aa='1'", []string{}},
		{"gsi-inc", "NOT gsiPk = 'y'", []string{s2}},
		{"lsi-keys", "pk='p' AND lsiSk > 'k1'", []string{s2}},
	} {
		expectAnyOrder(t, tt.where, must(t, s, `SELECT sk FROM "edge-cases"."`+tt.index+`" WHERE `+tt.where), tt.want)
	}
	const filters = " does not project one or more filter attributes: "
	const secondary = "One or more parameter values were invalid: Secondary index "
	for _, tt := range []struct{ index, where, message string }{
		{"gsi-inc", "gsiPk='y' AND NOT (nonproj='np1' OR projattr='x')", secondary + "gsi-inc" + filters + "[nonproj]"},
		{"gsi-inc", "gsiPk='y' AND b='1' AND (a='2' OR projattr='3')", secondary + "gsi-inc" + filters + "[a, b]"},
		{"gsi-inc", "gsiPk='y' AND (zz='1' OR aa='2' OR mm='3')", secondary + "gsi-inc" + filters + "[zz, aa, mm]"},
		{"gsi-inc", "(gsiPk='y' OR gsiPk='z') AND zz='1'", secondary + "gsi-inc" + filters + "[zz]"},
		{"gsi-inc", "(gsiPk='b' AND u1='1') OR (gsiPk='q' AND u2='1')", secondary + "gsi-inc" + filters + "[u2]"},
		{"gsi-inc", "(gsiPk='q' AND u1='1') OR (gsiPk='b' AND u2='1')", secondary + "gsi-inc" + filters + "[u1]"},
		{"lsi-keys", "pk='p' AND nonproj='np1'", secondary + "lsi-keys" + filters + "[nonproj]"},
	} {
		_, err := execute(t, s, `SELECT sk FROM "edge-cases"."`+tt.index+`" WHERE `+tt.where)
		refused(t, tt.where, err, tt.message)
	}
	_, err := execute(t, s, `SELECT nonproj FROM "edge-cases"."gsi-inc" WHERE gsiPk = 'y'`)
	refused(t, "projection", err, "One or more parameter values were invalid: Global secondary index gsi-inc does not project [nonproj]")
	// A local index reaches back to the table for the projection.
	expect(t, "local index", must(t, s, `SELECT nonproj FROM "edge-cases"."lsi-keys" WHERE pk = 'p' AND NOT lsiSk = 'k2'`), []string{`{"nonproj":{"S":"np1"}}`})
}

func TestNextToken(t *testing.T) {
	s := newStore(t)
	for i := range 5 {
		put(t, s, "Orders", `{"OrderID":{"N":"`+strconv.Itoa(i)+`"}}`)
	}
	in := partiql.Input{Statement: "SELECT * FROM Orders WHERE OrderID > ?", Parameters: params(t, `{"N":"1"}`), Limit: 2}
	seen, pages := 0, 0
	for {
		out, err := partiql.Execute(ctx, s, in)
		if err != nil {
			t.Fatal(err)
		}
		seen += len(out.Items)
		pages++
		if (out.LastEvaluatedKey == nil) != (out.NextToken == "") {
			t.Errorf("page %d: token %q and key %v", pages, out.NextToken, out.LastEvaluatedKey)
		}
		if out.NextToken == "" {
			break
		}
		in.NextToken = out.NextToken
	}
	if seen != 3 || pages != 3 {
		t.Errorf("%d items on %d pages", seen, pages)
	}
	// A changed limit is fine, another statement or parameter is not.
	in.Limit = 1
	if _, err := partiql.Execute(ctx, s, in); err != nil {
		t.Error(err)
	}
	other := in
	other.Statement = "SELECT * FROM Orders WHERE OrderID >= ?"
	_, err := partiql.Execute(ctx, s, other)
	refused(t, "statement", err, "NextToken does not match request")
	other = in
	other.Parameters = params(t, `{"N":"2"}`)
	_, err = partiql.Execute(ctx, s, other)
	refused(t, "parameter", err, "NextToken does not match request")
	other.NextToken = "garbage"
	_, err = partiql.Execute(ctx, s, other)
	refused(t, "garbage", err, "Invalid NextToken")
}

func TestWrites(t *testing.T) {
	s := newStore(t)
	put(t, s, "edge-cases", `{"pk":{"S":"w"},"sk":{"S":"1"},"flag":{"S":"x"},"n":{"N":"5"},"m":{"M":{"a":{"N":"1"},"b":{"N":"2"}}},"only":{"SS":["only"]}}`)
	const where = " WHERE (pk='w' AND sk='1') AND flag='x'"
	update := func(clauses string) []string {
		t.Helper()
		return must(t, s, `UPDATE "edge-cases" `+clauses+where+" RETURNING MODIFIED NEW *")
	}
	expect(t, "minus", update("SET n=n-1"), []string{`{"n":{"N":"4"}}`})
	expect(t, "minus minus", update("SET n = n - - 2, l = [- 1]"), []string{`{"l":{"L":[{"N":"-1"}]},"n":{"N":"6"}}`})
	expect(t, "nested", update("SET m.a = 3"), []string{`{"m":{"M":{"a":{"N":"3"}}}}`})
	expect(t, "fresh set", update("SET fresh = set_add(fresh, <<'m'>>)"), []string{`{"fresh":{"SS":["m"]}}`})
	expect(t, "emptied set", update("SET only = set_delete(only, <<'only'>>)"), []string{})
	expect(t, "list_append in front", update("SET l = list_append([2010], l)"), []string{`{"l":{"L":[{"N":"2010"},{"N":"-1"}]}}`})
	expect(t, "equal keys", must(t, s, `UPDATE "edge-cases" SET z=2 WHERE pk='w' AND sk='1' AND pk='w' RETURNING MODIFIED OLD *`), []string{})
	for _, statement := range []string{`UPDATE "edge-cases" SET z=3 WHERE pk='w' AND sk='1' AND flag='y'`, `DELETE FROM "edge-cases" WHERE pk='w' AND sk='1' AND flag='y'`} {
		for _, asked := range []bool{false, true} {
			_, err := partiql.Execute(ctx, s, partiql.Input{Statement: statement, ReturnOldOnFailure: asked})
			failed, ok := errors.AsType[*storage.ConditionalCheckFailedError](err)
			if !ok || (failed.Item != nil) != asked {
				t.Errorf("%s: %T %v", statement, err, err)
			}
		}
	}
	expect(t, "no item", must(t, s, `DELETE FROM "edge-cases" WHERE pk='none' AND sk='1' AND flag='y'`), []string{})
	must(t, s, `DELETE FROM "edge-cases"`+where)
	expect(t, "deleted", get(t, s, "edge-cases", `{"pk":{"S":"w"},"sk":{"S":"1"}}`), "null")
	must(t, s, `INSERT INTO "edge-cases" VALUE {'pk':'num', 'sk':'1', 'a':1E3, 'b':-1.5e-3, 'c':2.50, 'd':-0, 'q':'it''s here', 'n': null, 't': TRUE, 'p': ?}`, `{"B":"AAE="}`)
	expect(t, "literals", get(t, s, "edge-cases", `{"pk":{"S":"num"},"sk":{"S":"1"}}`),
		`{"a":{"N":"1000"},"b":{"N":"-0.0015"},"c":{"N":"2.5"},"d":{"N":"0"},"n":{"NULL":true},"p":{"B":"AAE="},"pk":{"S":"num"},"q":{"S":"it's here"},"sk":{"S":"1"},"t":{"BOOL":true}}`)
}

// A comparison of conditions is written out with each of them twice, so that
// nesting doubles the expression: its limit ends that.
func TestConditionsThatGrowAreRefused(t *testing.T) {
	s := newStore(t)
	grown := "a=1"
	for len(grown) < 3900 {
		grown = "(" + grown + ")=(" + grown + ")"
	}
	_, err := execute(t, s, `SELECT * FROM Orders WHERE `+grown)
	if err == nil || !strings.HasPrefix(err.Error(), "Expression size has exceeded the maximum allowed size; expression size: ") {
		t.Error(err)
	}
}
