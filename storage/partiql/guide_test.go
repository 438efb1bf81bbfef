package partiql_test

import (
	"errors"
	"testing"

	"appsync-emulator/storage"
	"appsync-emulator/storage/partiql"
)

// The statements of this file are the examples of the developer guide.

// Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.select.html
func TestSelectExamplesOfTheGuide(t *testing.T) {
	s := newStore(t)
	put(t, s, "Orders",
		`{"OrderID":{"N":"1"},"Total":{"N":"400"},"Address":{"S":"7834 24th Ave, Kirkland"},"Image":{"B":"AAAA"}}`,
		`{"OrderID":{"N":"2"},"Total":{"N":"550"},"Address":{"S":"some address"}}`,
		`{"OrderID":{"N":"3"},"Total":{"N":"600"}}`,
		`{"OrderID":{"N":"100"},"Total":{"N":"700"},"Address":{"S":"some address"}}`)
	put(t, s, "WatchList",
		`{"CustomerID":{"S":"C1"},"MovieID":{"S":"M1"},"Devices":{"M":{"FireStick":{"M":{"DateWatched":{"L":[{"S":"12/21/19"},{"S":"12/23/19"}]}}}}}}`,
		`{"CustomerID":{"S":"C2"},"MovieID":{"S":"M1"},"Devices":{"M":{"FireStick":{"M":{"DateWatched":{"L":[{"S":"11/01/19"}]}}}}}}`)
	one := `{"OrderID":{"N":"1"},"Total":{"N":"400"}}`
	two := `{"OrderID":{"N":"2"},"Total":{"N":"550"}}`
	three := `{"OrderID":{"N":"3"},"Total":{"N":"600"}}`
	hundred := `{"OrderID":{"N":"100"},"Total":{"N":"700"}}`
	for _, tt := range []struct {
		statement string
		want      []string
	}{
		{"SELECT OrderID, Total\nFROM \"Orders\"\nWHERE OrderID = 1", []string{one}},
		{"SELECT OrderID, Total\nFROM \"Orders\"\nWHERE OrderID = 1 OR OrderID = 2", []string{one, two}},
		{"SELECT OrderID, Total\nFROM \"Orders\"\nWHERE Total > 500", []string{two, three, hundred}},
		{"SELECT OrderID, Total\nFROM \"Orders\"\nWHERE Total IN [500, 600]", []string{three}},
		{"SELECT OrderID, Total\nFROM \"Orders\"\nWHERE Total BETWEEN 500 AND 600", []string{two, three}},
		{`SELECT OrderID, Total FROM "Orders" WHERE OrderID = 100 and Address='some address'`, []string{hundred}},
		{`SELECT OrderID, Total FROM "Orders" WHERE OrderID = 100 or OrderID = 200`, []string{hundred}},
		{`SELECT OrderID, Total FROM "Orders" WHERE OrderID IN [100, 300, 234]`, []string{hundred}},
		{`SELECT OrderID, Total FROM "Orders" WHERE OrderID > 1`, []string{two, three, hundred}},
		{`SELECT OrderID, Total FROM "Orders" WHERE Address='some address'`, []string{two, hundred}},
		{`SELECT OrderID, Total FROM "Orders" WHERE OrderID = 100 OR Address='some address'`, []string{two, hundred}},
		{`SELECT OrderID, Total FROM "Orders" WHERE "OrderID"=1 AND begins_with("Address", '7834 24th')`, []string{one}},
		{`SELECT OrderID, Total FROM "Orders" WHERE "OrderID"=1 AND contains("Address", 'Kirkland')`, []string{one}},
		{`SELECT OrderID, Total FROM "Orders" WHERE "OrderID"=1 AND size("Image") >2`, []string{one}},
		{`SELECT OrderID, Total FROM "Orders" WHERE "OrderID"=1 AND size("Image") >300`, []string{}},
		// The column of a path is its last name with what follows it: recorded in
		// https://github.com/floci-io/floci/pull/3798.
		{"SELECT Devices.FireStick.DateWatched[0]\nFROM WatchList\nWHERE CustomerID= 'C1' AND MovieID= 'M1'", []string{`{"DateWatched[0]":{"S":"12/21/19"}}`}},
		{"SELECT Devices\nFROM WatchList\nWHERE Devices.FireStick.DateWatched[0] >= '12/12/19'", []string{`{"Devices":{"M":{"FireStick":{"M":{"DateWatched":{"L":[{"S":"12/21/19"},{"S":"12/23/19"}]}}}}}}`}},
	} {
		expectAnyOrder(t, tt.statement, must(t, s, tt.statement), tt.want)
	}
	expect(t, "descending", must(t, s, "SELECT OrderID, Total\nFROM \"Orders\"\nWHERE OrderID IN [1, 2, 3] ORDER BY OrderID DESC"), []string{three, two, one})
}

// Sources: ql-reference.insert.html, ql-reference.update.html and
// ql-reference.delete.html of the guide. ALL NEW answers the whole item, as
// recorded in https://github.com/paritysuite/dynamodb-conformance/pull/103.
func TestWriteExamplesOfTheGuide(t *testing.T) {
	s := newStore(t)
	const song = `"Artist":{"S":"Acme Band"},"SongTitle":{"S":"PartiQL Rocks"}`
	const where = "\nWHERE Artist='Acme Band' AND SongTitle='PartiQL Rocks'"
	const awards = `"AwardDetail":{"M":{"Grammys":{"L":[{"N":"2020"},{"N":"2018"}]}}}`
	const insert = `INSERT INTO "Music" value {'Artist' : 'Acme Band','SongTitle' : 'PartiQL Rocks'}`
	expect(t, "insert", must(t, s, insert), []string{})
	_, err := execute(t, s, insert)
	if _, ok := errors.AsType[*storage.DuplicateItemError](err); !ok || err.Error() != "Duplicate primary key exists in table" {
		t.Errorf("second insert: %T %v", err, err)
	}
	const set = "UPDATE \"Music\"\nSET AwardsWon=1\nSET AwardDetail={'Grammys':[2020, 2018]}" + where
	expect(t, "all old", must(t, s, set+"\nRETURNING ALL OLD *"), []string{"{" + song + "}"})
	expect(t, "all new", must(t, s, set+"\nRETURNING ALL NEW *"), []string{`{"Artist":{"S":"Acme Band"},` + awards + `,"AwardsWon":{"N":"1"},"SongTitle":{"S":"PartiQL Rocks"}}`})
	expect(t, "modified new", must(t, s, set+" RETURNING MODIFIED NEW *"), []string{"{" + awards + `,"AwardsWon":{"N":"1"}}`})
	expect(t, "no returning", must(t, s, set), []string{})
	for _, tt := range []struct{ clause, want string }{
		{"SET AwardDetail.Grammys =list_append(AwardDetail.Grammys,[2016])", `{"AwardDetail":{"M":{"Grammys":{"L":[{"N":"2020"},{"N":"2018"},{"N":"2016"}]}}}}`},
		{"REMOVE AwardDetail.Grammys[2]", ``},
		{"SET AwardDetail.BillBoard=[2020]", `{"AwardDetail":{"M":{"BillBoard":{"L":[{"N":"2020"}]}}}}`},
		{"SET BandMembers =<<'member1', 'member2'>>", `{"BandMembers":{"SS":["member1","member2"]}}`},
		{"SET BandMembers =set_add(BandMembers, <<'newbandmember'>>)", `{"BandMembers":{"SS":["member1","member2","newbandmember"]}}`},
	} {
		want := []string{}
		if tt.want != "" {
			want = append(want, tt.want)
		}
		expect(t, tt.clause, must(t, s, `UPDATE "Music" `+tt.clause+where+" RETURNING MODIFIED NEW *"), want)
	}
	expect(t, "MISSING", must(t, s, `SELECT SongTitle FROM Music WHERE "Awards" is MISSING`), []string{`{"SongTitle":{"S":"PartiQL Rocks"}}`})
	expect(t, "attribute_type", must(t, s, `SELECT SongTitle FROM "Music" WHERE attribute_type("Artist", 'S')`), []string{`{"SongTitle":{"S":"PartiQL Rocks"}}`})
	must(t, s, "UPDATE Music REMOVE AwardDetail REMOVE BandMembers REMOVE AwardsWon"+where)
	const remove = `DELETE FROM "Music" WHERE "Artist" = 'Acme Band' AND "SongTitle" = 'PartiQL Rocks'`
	expect(t, "delete", must(t, s, remove+" RETURNING ALL OLD *"), []string{"{" + song + "}"})
	// "SUCCESS is returned with 0 items deleted."
	expect(t, "delete again", must(t, s, remove+" RETURNING ALL OLD *"), []string{})
	expect(t, "delete again", must(t, s, remove), []string{})
	_, err = execute(t, s, set)
	if _, ok := errors.AsType[*storage.ConditionalCheckFailedError](err); !ok {
		t.Errorf("update of no item: %T %v", err, err)
	}
}

// Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.data-types.html
func TestDataTypeExamplesOfTheGuide(t *testing.T) {
	s := newStore(t)
	must(t, s, `INSERT INTO TypesTable value {'primarykey':'1',
'NumberType':1,
'MapType' : {'entryname1': 'value', 'entryname2': 4},
'ListType': [1,'stringval'],
'NumberSetType':<<1,34,32,4.5>>,
'StringSetType':<<'stringval','stringval2'>>
}`)
	expect(t, "insert", get(t, s, "TypesTable", `{"primarykey":{"S":"1"}}`),
		`{"ListType":{"L":[{"N":"1"},{"S":"stringval"}]},"MapType":{"M":{"entryname1":{"S":"value"},"entryname2":{"N":"4"}}},"NumberSetType":{"NS":["1","34","32","4.5"]},"NumberType":{"N":"1"},"StringSetType":{"SS":["stringval","stringval2"]},"primarykey":{"S":"1"}}`)
	must(t, s, `UPDATE TypesTable
SET NumberType=NumberType + 100
SET MapType.NewMapEntry=[2020, 'stringvalue', 2.4]
SET ListType = LIST_APPEND(ListType, [4, <<'string1', 'string2'>>])
SET NumberSetType= SET_ADD(NumberSetType, <<345, 48.4>>)
SET StringSetType = SET_ADD(StringSetType, <<'stringsetvalue1', 'stringsetvalue2'>>)
WHERE primarykey='1'`)
	must(t, s, `UPDATE TypesTable
SET NumberType=NumberType - 1
REMOVE ListType[1]
REMOVE MapType.NewMapEntry
SET NumberSetType = SET_DELETE( NumberSetType, <<345>>)
SET StringSetType = SET_DELETE( StringSetType, <<'stringsetvalue1'>>)
WHERE primarykey='1'`)
	expect(t, "updates", must(t, s, "SELECT NumberType, ListType, MapType FROM TypesTable WHERE primarykey = '1' AND contains(NumberSetType, 48.4) AND NOT contains(NumberSetType, 345) AND size(StringSetType) = 3"),
		[]string{`{"ListType":{"L":[{"N":"1"},{"N":"4"},{"SS":["string1","string2"]}]},"MapType":{"M":{"entryname1":{"S":"value"},"entryname2":{"N":"4"}}},"NumberType":{"N":"100"}}`})
}

// Sources: ql-reference.multiplestatements.transactions.html and
// ql-reference.multiplestatements.batching.html of the guide; their quotes
// around ? are left out, for they make strings.
func TestSeveralStatementsOfTheGuide(t *testing.T) {
	s := newStore(t)
	put(t, s, "Music", `{"Artist":{"S":"No One You Know"},"SongTitle":{"S":"Call Me Today"}}`,
		`{"Artist":{"S":"Acme Band"},"SongTitle":{"S":"PartiQL Rocks"}}`)
	_, err := partiql.ExecuteTransaction(ctx, s, partiql.TransactionInput{Statements: []partiql.TransactionStatement{
		{Statement: "EXISTS(SELECT * FROM Music where Artist='No One You Know' and SongTitle='Call Me Today' and Awards is  MISSING)"},
		{Statement: "INSERT INTO Music value {'Artist':?,'SongTitle':?}", Parameters: params(t, `{"S":"Acme Band"}`, `{"S":"Best Song"}`)},
		{Statement: "UPDATE Music SET AwardsWon=1 SET AwardDetail={'Grammys':[2020, 2018]}  where Artist='Acme Band' and SongTitle='PartiQL Rocks'"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	out, err := partiql.ExecuteBatch(ctx, s, partiql.BatchInput{Statements: []partiql.BatchStatement{
		{Statement: `INSERT INTO "Music" value {'Artist':'Acme Band','SongTitle':'Best Song'}`},
		{Statement: `UPDATE "Music" set AwardDetail.BillBoard=[2020] where Artist='Acme Band' and SongTitle='PartiQL Rocks'`},
	}})
	if err != nil {
		t.Fatal(err)
	}
	expect(t, "batch", out.Results, []partiql.BatchResult{
		{Table: "Music", Error: &partiql.StatementError{Code: "DuplicateItem", Message: "Duplicate primary key exists in table"}},
		{Table: "Music"},
	})
	expect(t, "item", get(t, s, "Music", `{"Artist":{"S":"Acme Band"},"SongTitle":{"S":"PartiQL Rocks"}}`),
		`{"Artist":{"S":"Acme Band"},"AwardDetail":{"M":{"BillBoard":{"L":[{"N":"2020"}]},"Grammys":{"L":[{"N":"2020"},{"N":"2018"}]}}},"AwardsWon":{"N":"1"},"SongTitle":{"S":"PartiQL Rocks"}}`)
}
