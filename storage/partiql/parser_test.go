package partiql_test

import (
	"errors"
	"strings"
	"testing"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/partiql"
)

func TestParseTellsWhatAStatementIs(t *testing.T) {
	for _, tt := range []struct {
		text         string
		kind         partiql.Kind
		table, index string
		parameters   int
	}{
		{`SELECT * FROM "TableName"."IndexName"`, partiql.Select, "TableName", "IndexName", 0},
		{`select a, b.c FROM t WHERE x = ? AND y IN (?, ?);`, partiql.Select, "t", "", 3},
		{`INSERT INTO "a ""b""" VALUE {'k': ?}`, partiql.Insert, `a "b"`, "", 1},
		{`UPDATE Movies SET Producer=? where title=? and year=?`, partiql.Update, "Movies", "", 3},
		{`DELETE FROM t WHERE k = '?' -- ?`, partiql.Delete, "t", "", 0},
		{`EXISTS(SELECT * FROM t WHERE k = ?)`, partiql.Exists, "t", "", 1},
	} {
		s, err := partiql.Parse(tt.text)
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
			continue
		}
		if s.Kind() != tt.kind || s.Table() != tt.table || s.Index() != tt.index || s.Parameters() != tt.parameters {
			t.Errorf("%s: %v of %q.%q with %d parameters", tt.text, s.Kind(), s.Table(), s.Index(), s.Parameters())
		}
	}
}

func TestSyntaxErrorsTellThePlace(t *testing.T) {
	for _, tt := range []struct {
		text         string
		line, column int
	}{
		{"SELEC * FROM t", 1, 1},
		{"SELECT * FROM t\nWHERE é = 1", 2, 7},
		{"SELECT *\nFROM t WHERE a = 'ü' AND b = ", 2, 30},
		{"SELECT * FROM t WHERE value > 1", 1, 23},
		{"SELECT * FROM t WHERE a = 'open", 1, 27},
		{"SELECT * FROM t WHERE a = 1 /* open", 1, 29},
		{"SELECT * FROM t WHERE a = 1x", 1, 27},
		{"SELECT * FROM t WHERE a LIKE 'x'", 1, 25},
		{"SELECT * FROM t WHERE a = `2020T`", 1, 27},
		{"SELECT * FROM t, u", 1, 16},
		{"SELECT *, a FROM t", 1, 9},
		{"SELECT DISTINCT a FROM t", 1, 8},
		{"SELECT a FROM t GROUP BY a", 1, 26},
		{"SELECT a FROM t WHERE a", 1, 23},
		{"INSERT INTO t VALUE ?", 1, 21},
		{"INSERT INTO t VALUE {'a': 1} ON CONFLICT DO NOTHING", 1, 30},
		{"UPDATE t SET a = b * 2", 1, 20},
		{"UPDATE t REMOVE a, b WHERE k = 1", 1, 18},
		{"DELETE t WHERE a = 1", 1, 8},
		{"DELETE FROM t WHERE a = 1 RETURNING OLD", 1, 37},
		{"SELECT * FROM t; SELECT * FROM t", 1, 18},
		{"", 1, 1},
		{strings.Repeat(" ", 8193), 1, 1},
		{"SELECT * FROM t WHERE " + strings.Repeat("(", 2000), 1, 273},
	} {
		_, err := partiql.Parse(tt.text)
		refusal, ok := errors.AsType[*partiql.SyntaxError](err)
		if !ok || refusal.Message == "" || refusal.Line != tt.line || refusal.Column != tt.column {
			t.Errorf("%.60q: %+v, want a refusal at %d:%d", tt.text, err, tt.line, tt.column)
		}
	}
}

// FuzzExecute expects that no text has the parser or what follows it panic, that
// syntax errors have a place within the text, and that no statement fails but
// for a refusal.
func FuzzExecute(f *testing.F) {
	for _, text := range []string{
		`SELECT a.b[0], "c" FROM "edge-cases"."gsi-all" WHERE pk = 'x' AND (sk IN ['1', ?] OR NOT begins_with(s, 'y')) ORDER BY pk DESC, sk`,
		`SELECT * FROM Orders WHERE OrderID BETWEEN -1 AND + 2.5e1 OR Total IS NOT NULL AND a IS MISSING -- c`,
		`INSERT INTO TypesTable VALUE {'primarykey': ?, 'm': {'l': [1, <<'a', 'b'>>, {}]}, 't': true, 'n': null}`,
		`UPDATE TypesTable SET n = n + 1 SET l = list_append(l, [1]), s = set_add(s, <<1>>) REMOVE m.x WHERE primarykey = '1' RETURNING MODIFIED NEW *`,
		`DELETE FROM Music WHERE Artist = 'a' AND SongTitle = 'b' AND (x = 1) = false RETURNING ALL OLD *`,
		`EXISTS(SELECT * FROM Music WHERE Artist = 'a' AND SongTitle = ? AND attribute_exists(x) IN [true, y])`,
		`SELECT * FROM Orders WHERE OrderID IN (1, 2, 3) AND size(a) > 3 AND contains(b, /* ? */ 'it''s');`,
	} {
		f.Add(text)
	}
	s := newStore(f)
	parameters := []attribute.Value{attribute.String("1"), attribute.Number("2"), attribute.Null()}
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := partiql.Parse(text); err != nil {
			refusal, ok := errors.AsType[*partiql.SyntaxError](err)
			if !ok || refusal.Message == "" || refusal.Line < 1 || refusal.Column < 1 || refusal.Line > strings.Count(text, "\n")+1 {
				t.Fatalf("%q: %+v", text, err)
			}
		}
		_, err := partiql.Execute(ctx, s, partiql.Input{Statement: text, Parameters: parameters, Limit: 10})
		checkRefusal(t, text, err)
		_, err = partiql.ExecuteBatch(ctx, s, partiql.BatchInput{Statements: []partiql.BatchStatement{{Statement: text, Parameters: parameters}}})
		checkRefusal(t, text, err)
		_, err = partiql.ExecuteTransaction(ctx, s, partiql.TransactionInput{Statements: []partiql.TransactionStatement{{Statement: text, Parameters: parameters}}})
		checkRefusal(t, text, err)
	})
}

func checkRefusal(t *testing.T, text string, err error) {
	t.Helper()
	switch err.(type) {
	case nil, *storage.ValidationError, *storage.ResourceNotFoundError, *storage.ConditionalCheckFailedError,
		*storage.TransactionCanceledError, *storage.DuplicateItemError:
	default:
		t.Fatalf("%q: %T %v", text, err, err)
	}
	for _, leak := range []string{"Invalid FilterExpression", "Invalid ConditionExpression", "Invalid UpdateExpression", "Invalid KeyConditionExpression", "Syntax error; token"} {
		if err != nil && strings.Contains(err.Error(), leak) {
			t.Fatalf("%q: %v", text, err)
		}
	}
}
