package partiql_test

import (
	"errors"
	"testing"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/partiql"
)

func batch(statements ...string) partiql.BatchInput {
	in := partiql.BatchInput{Capacity: true}
	for _, s := range statements {
		in.Statements = append(in.Statements, partiql.BatchStatement{Statement: onTable(s)})
	}
	return in
}

func transaction(statements ...string) partiql.TransactionInput {
	in := partiql.TransactionInput{}
	for _, s := range statements {
		in.Statements = append(in.Statements, partiql.TransactionStatement{Statement: onTable(s)})
	}
	return in
}

// The expectations are recorded, see recorded_test.go, where the API reference
// does not have them:
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchExecuteStatement.html
func TestBatch(t *testing.T) {
	s := newStore(t)
	put(t, s, "edge-cases", `{"pk":{"S":"r"},"sk":{"S":"1"},"flag":{"S":"one"}}`)
	const keyless = "Select statements within BatchExecuteStatement must specify the primary key in the where clause."
	invalid := func(message string) partiql.BatchResult {
		return partiql.BatchResult{Error: &partiql.StatementError{Code: "ValidationError", Message: message}}
	}
	out, err := partiql.ExecuteBatch(ctx, s, batch(
		"SELECT sk FROM @ WHERE pk IN ['r'] AND sk='1'",
		"SELECT sk FROM @ WHERE pk='r' AND sk='1' AND flag='one'",
		"SELECT sk FROM @ WHERE pk='r' AND sk='1' AND pk='other'",
		"SELECT sk FROM @ WHERE pk='r'",
		`SELECT sk FROM "edge-cases"."gsi-all" WHERE gsiPk='r'`,
		"SELECT sk FROM nowhere WHERE pk='r' AND sk='1'",
		"SELECT sk FROM @ WHERE pk='none' AND sk='1'",
		"SELECT sk FROM @ WHERE pk IN "+values(51)+" AND sk='1'",
		"garbage",
	))
	if err != nil {
		t.Fatal(err)
	}
	expect(t, "item", texts([]*attribute.Item{out.Results[0].Item}), []string{`{"sk":{"S":"1"}}`})
	out.Results[0].Item = nil
	many := invalid("Too many decomposed read operations for a given query.")
	expect(t, "reads", out.Results, []partiql.BatchResult{
		{Table: "edge-cases"}, invalid(keyless), invalid(keyless), invalid(keyless), invalid(keyless),
		{Table: "nowhere", Error: &partiql.StatementError{Code: "ResourceNotFound", Message: "Requested resource not found"}},
		{Table: "edge-cases"}, many, invalid(malformed + "Expected data manipulation"),
	})
	expect(t, "capacity", out.Capacity, []storage.Capacity{{Table: "edge-cases", Read: 1}})

	in := batch(
		"INSERT INTO @ VALUE {'pk':'r','sk':'1'}",
		"INSERT INTO @ VALUE {'pk':'r','sk':'2'}",
		"UPDATE @ SET a=1 WHERE pk='r' AND sk='3'",
		"UPDATE @ SET a=1 WHERE pk='q' AND sk='3' RETURNING ALL NEW *",
		"DELETE FROM @ WHERE pk='r' AND sk='4' RETURNING ALL NEW *",
		"DELETE FROM @ WHERE sk='5'",
	)
	put(t, s, "edge-cases", `{"pk":{"S":"q"},"sk":{"S":"3"}}`)
	if out, err = partiql.ExecuteBatch(ctx, s, in); err != nil {
		t.Fatal(err)
	}
	expect(t, "returning", texts([]*attribute.Item{out.Results[3].Item}), []string{`{"a":{"N":"1"},"pk":{"S":"q"},"sk":{"S":"3"}}`})
	out.Results[3].Item = nil
	expect(t, "writes", out.Results, []partiql.BatchResult{
		{Table: "edge-cases", Error: &partiql.StatementError{Code: "DuplicateItem", Message: "Duplicate primary key exists in table"}},
		{Table: "edge-cases"},
		{Table: "edge-cases", Error: &partiql.StatementError{Code: "ConditionalCheckFailed", Message: "The conditional request failed"}},
		{Table: "edge-cases"},
		invalid("Invalid returning clause: RETURNING ALL NEW *. Only RETURNING ALL OLD * is allowed in DELETE statements."),
		invalid("Where clause does not contain a mandatory equality on all key attributes"),
	})

	_, err = partiql.ExecuteBatch(ctx, s, batch("SELECT * FROM @ WHERE pk='r' AND sk='1'", "DELETE FROM @ WHERE pk='r' AND sk='1'"))
	refused(t, "mixed", err, "Read and write requests together in the same batch is not supported.")
	_, err = partiql.ExecuteBatch(ctx, s, batch("DELETE FROM @ WHERE sk='1' AND pk='r'", "DELETE FROM @ WHERE pk='r' AND sk='1'"))
	refused(t, "duplicates", err, "Provided list of item keys contains duplicates")
	_, err = partiql.ExecuteBatch(ctx, s, partiql.BatchInput{})
	refused(t, "empty", err, "1 validation error detected: Value '[]' at 'statements' failed to satisfy constraint: Member must have length greater than or equal to 1")
	if _, err = partiql.ExecuteBatch(ctx, s, partiql.BatchInput{Statements: make([]partiql.BatchStatement, 26)}); err == nil {
		t.Error("26 statements are accepted")
	}

	// Source: API_BatchStatementError, Item.
	in = batch("UPDATE @ SET a=1 WHERE pk='r' AND sk='1' AND flag='y'")
	in.Statements[0].ReturnOldOnFailure = true
	if out, err = partiql.ExecuteBatch(ctx, s, in); err != nil || out.Results[0].Error == nil || out.Results[0].Error.Item == nil {
		t.Errorf("the item that failed: %v", err)
	}
}

// reasons returns the cancellation reasons of err.
func reasons(t *testing.T, what string, err error) []storage.CancellationReason {
	t.Helper()
	canceled, ok := errors.AsType[*storage.TransactionCanceledError](err)
	if !ok {
		t.Fatalf("%s: %T %v", what, err, err)
	}
	return canceled.Reasons
}

func TestTransactions(t *testing.T) {
	s := newStore(t)
	put(t, s, "edge-cases", `{"pk":{"S":"x"},"sk":{"S":"1"},"flag":{"S":"right"}}`, `{"pk":{"S":"y"},"sk":{"S":"1"}}`, `{"pk":{"S":"z"},"sk":{"S":"1"},"Awards":{"N":"1"}}`)
	run := func(statements ...string) error {
		_, err := partiql.ExecuteTransaction(ctx, s, transaction(statements...))
		return err
	}
	const prefix = "Validation failed in TransactStatements[0]: "
	const keyless = prefix + "Select statements within ExecuteTransaction must specify the primary key in the where clause."
	const existing = prefix + "EXISTS() must contain a single item read with additional condition"
	const touch = "UPDATE @ SET t=1 WHERE pk='y' AND sk='1'"
	for _, tt := range []struct {
		message    string
		statements []string
	}{
		{keyless, []string{"SELECT * FROM @ WHERE pk='x' AND sk='1' AND flag='right'"}},
		{keyless, []string{"SELECT * FROM @ WHERE pk='x' AND sk='1' AND pk='y'"}},
		{keyless, []string{"SELECT * FROM @ WHERE pk='x'"}},
		{keyless, []string{"SELECT * FROM @ WHERE pk='x' AND attribute_exists(ss)"}},
		{keyless, []string{"SELECT * FROM @ WHERE pk IN ['y'] AND pk='x' AND sk='1'"}},
		{prefix + "Overlapping conditions with range keys are not supported in where clause", []string{"SELECT * FROM @ WHERE pk IN ['x','x'] AND sk='1'"}},
		{prefix + "Reads on indices are not supported within transactions.", []string{`SELECT * FROM "edge-cases"."gsi-all" WHERE gsiPk = 'x'`}},
		{prefix + "RETURNING clause is not supported in ExecuteTransaction.", []string{touch + " RETURNING ALL NEW *"}},
		{prefix + "One or more parameter values were invalid: Input collection [a, a] contains duplicates.", []string{"INSERT INTO @ VALUE {'pk':'n','sk':'1','x':[<<'a','a'>>]}"}},
		{prefix + "Incorrect operand type for operator or function; operator or function: +, operand type: L", []string{"UPDATE @ SET n = n + [1] WHERE pk='x' AND sk='1'"}},
		{prefix + "The IN operator is provided with too many operands; number of operands: 101", []string{"SELECT * FROM @ WHERE pk IN " + values(101) + " AND sk='1'"}},
		{existing, []string{"EXISTS(SELECT * FROM @ WHERE pk = 'x' AND sk = '1')", touch}},
		{existing, []string{"EXISTS(SELECT * FROM @ WHERE pk IN ['x'] AND sk='1' AND flag='right')", touch}},
		{"ExecuteTransaction API does not support both read and write operations in the same request.", []string{"SELECT * FROM @ WHERE pk='x' AND sk='1'", touch}},
		{"Transaction request cannot include multiple operations on one item", []string{"SELECT * FROM @ WHERE pk='x' AND sk='1'", "SELECT a FROM @ WHERE sk='1' AND pk='x'"}},
		{"Validation failed in TransactStatements[1]: RETURNING clause is not supported in ExecuteTransaction.", []string{"UPDATE nowhere SET a=1 WHERE pk='x' AND sk='1'", touch + " RETURNING ALL NEW *"}},
		{"1 validation error detected: Value '[]' at 'transactStatements' failed to satisfy constraint: Member must have length greater than or equal to 1", nil},
	} {
		refused(t, tt.message, run(tt.statements...), tt.message)
	}

	const mismatch = "The provided key element does not match the schema"
	none := storage.CancellationReason{Code: "None"}
	invalid := func(message string) storage.CancellationReason {
		return storage.CancellationReason{Code: "ValidationError", Message: message}
	}
	missing := storage.CancellationReason{Code: "ResourceNotFound", Message: "Requested resource not found"}
	const update = "UPDATE @ SET a=1 WHERE "
	for _, tt := range []struct {
		what       string
		statements []string
		want       []storage.CancellationReason
	}{
		{"a condition", []string{"EXISTS(SELECT * FROM @ WHERE pk = 'z' AND sk = '1' AND Awards IS MISSING)", touch},
			[]storage.CancellationReason{{Code: "ConditionalCheckFailed", Message: "The conditional request failed"}, none}},
		{"two keys of EXISTS", []string{"EXISTS(SELECT * FROM @ WHERE pk='x' AND sk='1' AND pk='z' AND flag='right')", touch},
			[]storage.CancellationReason{{Code: "ConditionalCheckFailed", Message: "The conditional request failed"}, none}},
		{"an existing item", []string{touch, "INSERT INTO @ VALUE {'pk':'x','sk':'1'}"},
			[]storage.CancellationReason{none, {Code: "DuplicateItem", Message: "Duplicate primary key exists in table"}}},
		{"keys of reads", []string{"SELECT * FROM @ WHERE pk='x' AND sk='1'", "SELECT * FROM @ WHERE pk='x' AND sk='1'", "SELECT * FROM @ WHERE pk=1 AND sk='1'"},
			[]storage.CancellationReason{none, none, invalid(mismatch)}},
		{"keys of writes", []string{update + "pk='k'", update + "pk IN ['k'] AND sk='1'", update + "pk='k' AND sk=1", update + "pk='k' AND sk='1'"},
			[]storage.CancellationReason{invalid(mismatch), invalid(mismatch), invalid(mismatch), none}},
		{"keys of other writes", []string{"INSERT INTO @ VALUE {'pk':'k'}", "DELETE FROM @ WHERE sk='1'"},
			[]storage.CancellationReason{invalid("One or more parameter values were invalid: Missing the key sk in the item"), invalid(mismatch)}},
		{"missing tables", []string{"UPDATE nowhere SET a=1 WHERE pk='x' AND sk='1' RETURNING ALL NEW *", "DELETE FROM nowhere WHERE pk='x' AND sk='1'"},
			[]storage.CancellationReason{missing, missing}},
		{"a missing table of a read", []string{"SELECT * FROM @ WHERE pk='x' AND sk='1'", `SELECT * FROM nowhere."idx" WHERE pk='x' AND sk='1'`},
			[]storage.CancellationReason{none, missing}},
	} {
		expect(t, tt.what, reasons(t, tt.what, run(tt.statements...)), tt.want)
	}
	expect(t, "nothing is written", get(t, s, "edge-cases", `{"pk":{"S":"y"},"sk":{"S":"1"}}`), `{"pk":{"S":"y"},"sk":{"S":"1"}}`)

	in := transaction("EXISTS(SELECT * FROM @ WHERE (pk='x' AND sk='1') AND nope IS MISSING)", "UPDATE @ SET t=1 WHERE pk='y' AND sk='1'", "DELETE FROM @ WHERE pk='z' AND sk='1'", "INSERT INTO @ VALUE {'pk':'n','sk':'1'}")
	in.Token, in.Capacity = "token", true
	for range 2 { // the second is the same request again
		out, err := partiql.ExecuteTransaction(ctx, s, in)
		if err != nil || len(out.Items) != 4 || len(out.Capacity) != 1 {
			t.Fatalf("%+v, %v", out, err)
		}
	}
	in.Statements = in.Statements[1:]
	if _, err := partiql.ExecuteTransaction(ctx, s, in); !isMismatch(err) {
		t.Errorf("another request with the token: %T %v", err, err)
	}
	out, err := partiql.ExecuteTransaction(ctx, s, transaction("SELECT t FROM @ WHERE (sk='1') AND pk='y' AND pk='y'", "SELECT * FROM @ WHERE pk IN ['z'] AND sk IN ['1']"))
	if err != nil {
		t.Fatal(err)
	}
	expect(t, "reads", texts(out.Items), []string{`{"t":{"N":"1"}}`, "null"})

	in = transaction("UPDATE @ SET a=1 WHERE pk='x' AND sk='1' AND flag='wrong'")
	in.Statements[0].ReturnOldOnFailure = true
	_, err = partiql.ExecuteTransaction(ctx, s, in)
	if r := reasons(t, "the item that failed", err); r[0].Item == nil {
		t.Error("there is no item")
	}
}

func isMismatch(err error) bool {
	_, ok := errors.AsType[*storage.IdempotentParameterMismatchError](err)
	return ok
}

// A read is charged on what it walked: recorded, see recorded_test.go. The units
// are those of
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
func TestCapacity(t *testing.T) {
	s := newStore(t)
	put(t, s, "edge-cases", `{"pk":{"S":"a"},"sk":{"S":"1"},"gsiPk":{"S":"y"}}`, `{"pk":{"S":"b"},"sk":{"S":"1"}}`)
	for _, tt := range []struct {
		statement   string
		read, write float64
	}{
		{`SELECT * FROM "edge-cases" WHERE pk='a' AND sk='1'`, 0.5, 0},
		{`SELECT sk FROM "edge-cases" WHERE pk IN ['a', 'b']`, 1, 0},
		{`SELECT sk FROM "edge-cases" WHERE nope = 1`, 0.5, 0},
		{`SELECT sk FROM "edge-cases"."gsi-all" WHERE gsiPk = 'y'`, 0.5, 0},
		{`INSERT INTO "edge-cases" VALUE {'pk':'c','sk':'1'}`, 0, 1},
		{`UPDATE "edge-cases" SET n=1 WHERE pk='c' AND sk='1'`, 0, 1},
		{`DELETE FROM "edge-cases" WHERE pk='c' AND sk='1'`, 0, 1},
	} {
		out, err := partiql.Execute(ctx, s, partiql.Input{Statement: tt.statement, Capacity: true})
		if err != nil {
			t.Fatal(err)
		}
		if read, write := out.Capacity.Total(); read != tt.read || write != tt.write {
			t.Errorf("%s: %v read and %v write units, want %v and %v", tt.statement, read, write, tt.read, tt.write)
		}
	}
}
