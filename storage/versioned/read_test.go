package versioned_test

import (
	"context"
	"testing"
	"time"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
)

// graves is a table with a live item, a tombstone, and one whose time has come.
func graves(t *testing.T) *harness {
	h := notes(t)
	h.put(item("owner", "ann", "n", 1), id("gone"))
	h.delete(id("gone"))
	h.clock.advance(h.cfg.BaseTTL)
	h.put(item("owner", "ann", "n", 2), id("live"))
	h.put(item("owner", "ann", "n", 3), id("tombstone"))
	h.delete(id("tombstone"))
	if h.stored(id("gone")) == nil {
		t.Fatal("the expired item is to be there still")
	}
	return h
}

// Get after delete returns the item, flagged (GraphQLSyncBased tests of
// aws-amplify/amplify-swift), until its _ttl has passed.
func TestGet(t *testing.T) {
	h := graves(t)
	get := func(n, projection string) *attribute.Item {
		t.Helper()
		in := &storage.GetItemInput{Key: id(n), Expr: storage.Expressions{Projection: projection}}
		out := must(h.Get(ctx, in))(t)
		if in.Table != "" || in.Expr.Projection != projection {
			t.Error("the input is changed")
		}
		return out.Item
	}
	expectItem(t, get("live", ""), h.stored(id("live")))
	expectItem(t, get("tombstone", ""), h.stored(id("tombstone")))
	expectItem(t, get("tombstone", "n, id"), item("id", "tombstone", "n", 3))
	expectItem(t, get("gone", ""), nil)
	expectItem(t, get("gone", "n"), nil)
	expectItem(t, get("never", "n"), nil)
	_, err := h.Get(ctx, &storage.GetItemInput{Key: id("live"), Expr: storage.Expressions{Projection: "a.."}})
	expectRefusal(t, err, `Invalid ProjectionExpression: Syntax error; token: ".", near: ".."`)
	_, err = h.Get(ctx, &storage.GetItemInput{Key: item("x", 1)})
	expectRefusal(t, err, "The provided key element does not match the schema")
	// The tombstone's last second.
	h.clock.advance(h.cfg.BaseTTL - time.Second)
	if get("tombstone", "") == nil {
		t.Error("expired too early")
	}
	h.clock.advance(time.Second)
	expectItem(t, get("tombstone", ""), nil)
}

// Queries count what has expired in neither number: Amplify's resolver of a
// single item takes one that was scanned and filtered for one that the caller
// may not see.
func TestPagesWithoutWhatHasExpired(t *testing.T) {
	h := graves(t)
	for name, test := range map[string]struct {
		expr           storage.Expressions
		sel            storage.Select
		ids            string
		count, scanned int
	}{
		"all":                   {storage.Expressions{}, "", "live:1 tombstone:2x", 2, 2},
		"filter":                {storage.Expressions{Filter: "n < :n", Values: values(":n", 3)}, "", "live:1", 1, 2},
		"filter of the expired": {storage.Expressions{Filter: "n = :n", Values: values(":n", 1)}, "", "", 0, 2},
		"projection":            {storage.Expressions{Projection: "id, #v", Names: map[string]string{"#v": "_version"}}, "", "live:1 tombstone:2", 2, 2},
		"count":                 {storage.Expressions{}, storage.SelectCount, "", 2, 2},
		// Here DynamoDB's number stands.
		"count with a filter": {storage.Expressions{Filter: "n < :n", Values: values(":n", 3)}, storage.SelectCount, "", 1, 3},
		"projection and filter": {storage.Expressions{Projection: "id, #v", Filter: "(n < :now)", Names: map[string]string{"#v": "_version"}, Values: values(":now", 3)},
			"", "live:1", 1, 3},
	} {
		t.Run(name, func(t *testing.T) {
			expect := func(out *storage.PageOutput) {
				t.Helper()
				if ids(out.Items) != test.ids || out.Count != test.count || out.ScannedCount != test.scanned {
					t.Errorf("%s, %d of %d", ids(out.Items), out.Count, out.ScannedCount)
				}
			}
			query := storage.QueryInput{Index: "byOwner", Expr: test.expr, Select: test.sel}
			query.Expr.KeyCondition = "#owner = :owner"
			query.Expr.Names = map[string]string{"#owner": "owner"}
			query.Expr.Values = values(":owner", "ann")
			for k, v := range test.expr.Names {
				query.Expr.Names[k] = v
			}
			for k, v := range test.expr.Values {
				query.Expr.Values[k] = v
			}
			before := len(query.Expr.Names) + len(query.Expr.Values)
			expect(must(h.Query(ctx, &query))(t))
			if len(query.Expr.Names)+len(query.Expr.Values) != before || query.Table != "" {
				t.Error("the input is changed")
			}
			// A scan has its own order.
			out := must(h.Scan(ctx, &storage.ScanInput{Expr: test.expr, Select: test.sel}))(t)
			if out.Count != test.count || out.ScannedCount != test.scanned {
				t.Errorf("scan: %s, %d of %d", ids(out.Items), out.Count, out.ScannedCount)
			}
		})
	}
	for name, expr := range map[string]storage.Expressions{
		"ExpressionAttributeNames must not be empty":                                             {Filter: "n = n", Names: map[string]string{}},
		"Invalid FilterExpression: The expression can not be empty;":                             {Empty: storage.FilterExpression},
		"ExpressionAttributeNames can only be specified when using expressions":                  {Names: map[string]string{"#a": "a"}},
		`Invalid FilterExpression: Syntax error; token: "<EOF>", near: "="`:                      {Filter: "n ="},
		"Invalid FilterExpression: The expression has redundant parentheses;":                    {Filter: "((n = id))", Projection: "n"},
		"Invalid FilterExpression: Attribute name is a reserved keyword; reserved keyword: size": {Filter: "size = n"},
	} {
		_, err := h.Scan(ctx, &storage.ScanInput{Expr: expr})
		expectRefusal(t, err, name)
	}
}

func TestBatchGetAndTransactGet(t *testing.T) {
	h := graves(t)
	if err := h.store.CreateTable(ctx, storage.Table{Name: "Plain", Key: schema(attr("id", attribute.S))}); err != nil {
		t.Fatal(err)
	}
	plain := item("id", "p", "_ttl", 1)
	must(h.store.PutItem(ctx, &storage.PutItemInput{Table: "Plain", Item: plain}))(t)

	out := must(h.BatchGet(ctx, &storage.BatchGetInput{Tables: []storage.BatchGetTable{
		{Table: "Notes", Keys: []*attribute.Item{id("gone"), id("tombstone"), id("live"), id("never")}, Expr: storage.Expressions{Projection: "n"}},
		{Table: "Plain", Keys: []*attribute.Item{id("p")}},
	}}))(t)
	expectItems(t, out.Items[0], nil, item("n", 3), item("n", 2), nil)
	expectItems(t, out.Items[1], plain)

	got := must(h.TransactGet(ctx, &storage.TransactGetInput{Gets: []storage.TransactGet{
		{Key: storage.Key{Table: "Notes", Key: id("gone")}},
		{Key: storage.Key{Table: "Notes", Key: id("tombstone")}, Expr: storage.Expressions{Projection: "n"}},
		{Key: storage.Key{Table: "Plain", Key: id("p")}, Expr: storage.Expressions{Projection: "id"}},
	}}))(t)
	expectItems(t, got.Items, nil, item("n", 3), id("p"))

	for _, projection := range []string{"a..", "a, a"} {
		expr := storage.Expressions{Projection: projection}
		_, err := h.BatchGet(ctx, &storage.BatchGetInput{Tables: []storage.BatchGetTable{{Table: "Notes", Keys: []*attribute.Item{id("live")}, Expr: expr}}})
		_, plain := h.store.GetItem(ctx, &storage.GetItemInput{Table: "Notes", Key: id("live"), Expr: expr})
		expectRefusal(t, err, plain.Error())
		_, err = h.TransactGet(ctx, &storage.TransactGetInput{Gets: []storage.TransactGet{{Key: storage.Key{Table: "Notes", Key: id("live")}, Expr: expr}}})
		expectRefusal(t, err, plain.Error())
	}
}

// partial is a store that leaves the last table of each batch for later.
type partial struct{ storage.Store }

func (p partial) BatchGet(ctx context.Context, in *storage.BatchGetInput) (*storage.BatchGetOutput, error) {
	last := len(in.Tables) - 1
	out, err := p.Store.BatchGet(ctx, &storage.BatchGetInput{Tables: in.Tables[:last]})
	if err == nil {
		out.Items = append(out.Items, make([]*attribute.Item, len(in.Tables[last].Keys)))
		out.Unprocessed = append(out.Unprocessed, in.Tables[last])
	}
	return out, err
}

// What is left of a batch can be sent again as it is.
func TestUnprocessedKeysKeepTheirProjection(t *testing.T) {
	h := graves(t)
	left := over(t, h.store, func(s storage.Store) storage.Store { return partial{s} }, h.cfg)
	out := must(left.BatchGet(ctx, &storage.BatchGetInput{Tables: []storage.BatchGetTable{
		{Table: "Delta", Keys: []*attribute.Item{item("ds_pk", "a", "ds_sk", "b")}},
		{Table: "Notes", Keys: []*attribute.Item{id("live")}, Expr: storage.Expressions{Projection: "n"}},
	}}))(t)
	if len(out.Unprocessed) != 1 || out.Unprocessed[0].Expr.Projection != "n" {
		t.Fatalf("%+v", out.Unprocessed)
	}
	again := must(h.BatchGet(ctx, &storage.BatchGetInput{Tables: out.Unprocessed}))(t)
	expectItems(t, again.Items[0], item("n", 2))
}
