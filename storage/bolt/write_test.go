package bolt_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
)

func TestPutGetDelete(t *testing.T) {
	s := newStore(t, posts())
	first := item("id", "1", "title", "one", "n", 1, "list", []any{1, "x", nil}, "map", item("a", true))
	put(t, s, "posts", first)
	expectItem(t, get(t, s, "posts", item("id", "1")), first)
	expectItem(t, get(t, s, "posts", item("id", "2")), nil)

	second := item("id", "1", "other", true)
	out, err := s.PutItem(ctx, &storage.PutItemInput{Table: "posts", Item: second, ReturnValues: storage.ReturnAllOld})
	if err != nil {
		t.Fatal(err)
	}
	expectItem(t, out.Attributes, first)
	expectItem(t, get(t, s, "posts", item("id", "1")), second)

	out, err = s.DeleteItem(ctx, &storage.DeleteItemInput{Table: "posts", Key: item("id", "1"), ReturnValues: storage.ReturnAllOld})
	if err != nil {
		t.Fatal(err)
	}
	expectItem(t, out.Attributes, second)
	expectItem(t, get(t, s, "posts", item("id", "1")), nil)

	// Deleting again is no error and answers nothing.
	out, err = s.DeleteItem(ctx, &storage.DeleteItemInput{Table: "posts", Key: item("id", "1"), ReturnValues: storage.ReturnAllOld})
	if err != nil || out.Attributes != nil {
		t.Errorf("got %v, %v", out, err)
	}
}

func TestGetProjects(t *testing.T) {
	s := newStore(t, posts())
	put(t, s, "posts", item("id", "1", "a", item("b", 1, "c", 2), "d", 3))
	out, err := s.GetItem(ctx, &storage.GetItemInput{
		Table: "posts", Key: item("id", "1"), ConsistentRead: true,
		Expr: storage.Expressions{Projection: "#a.b, d", Names: map[string]string{"#a": "a"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	expectItem(t, out.Item, item("a", item("b", 1), "d", 3))
}

func TestKeysOfAllKinds(t *testing.T) {
	s := newStore(t,
		storage.Table{Name: "numbers", Key: key(part("id", attribute.N))},
		storage.Table{Name: "binaries", Key: key(part("id", attribute.B), part("sort", attribute.B))},
	)
	put(t, s, "numbers", item("id", -5, "v", "a"), item("id", 0, "v", "b"), item("id", attribute.Number("0.5"), "v", "c"))
	expectItem(t, get(t, s, "numbers", item("id", attribute.Number("0.5"))), item("id", attribute.Number("0.5"), "v", "c"))
	expectItem(t, get(t, s, "numbers", item("id", -5)), item("id", -5, "v", "a"))

	zero := []byte{0}
	put(t, s, "binaries", item("id", zero, "sort", []byte{0, 0}), item("id", []byte{0, 0}, "sort", zero))
	expectItem(t, get(t, s, "binaries", item("id", []byte{0, 0}, "sort", zero)), item("id", []byte{0, 0}, "sort", zero))
	expectItem(t, get(t, s, "binaries", item("id", zero, "sort", zero)), nil)
}

func indexed() storage.Table {
	return storage.Table{
		Name: "indexed", Key: key(part("id", attribute.S), part("at", attribute.N)),
		Indexes: []storage.Index{
			{Name: "byName", Key: key(part("name", attribute.S))},
			{Name: "byBytes", Key: key(part("bytes", attribute.B), part("name", attribute.S))},
		},
	}
}

// Messages as DynamoDB words them; recorded in the tests of architect/dynalite
// and in AWS's Programming.Errors.
func TestWritesRefuse(t *testing.T) {
	s := newStore(t, indexed())
	put(t, s, "indexed", item("id", "1", "at", 1, "name", "x"))
	const (
		schema = "The provided key element does not match the schema"
		size   = "Item size has exceeded the maximum allowed size"
	)
	deep := value("x")
	for range 32 {
		deep = value([]any{deep})
	}
	for _, tt := range []struct {
		name string
		put  *attribute.Item
		want string
	}{
		{"missing partition key", item("at", 1), "One or more parameter values were invalid: Missing the key id in the item"},
		{"missing sort key", item("id", "1"), "One or more parameter values were invalid: Missing the key at in the item"},
		{"no item", nil, "One or more parameter values were invalid: Missing the key id in the item"},
		{"key of another type", item("id", 5, "at", 1), "One or more parameter values were invalid: Type mismatch for key id expected: S actual: N"},
		{"sort key of another type", item("id", "1", "at", "1"), "One or more parameter values were invalid: Type mismatch for key at expected: N actual: S"},
		{"empty key", item("id", "", "at", 1), "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: id"},
		{"long partition key", item("id", strings.Repeat("x", 2049), "at", 1), "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes"},
		{"index key of another type", item("id", "1", "at", 1, "name", 1), "One or more parameter values were invalid: Type mismatch for Index Key name Expected: S Actual: N IndexName: byBytes"},
		{"index key null", item("id", "1", "at", 1, "bytes", nil), "One or more parameter values were invalid: Type mismatch for Index Key bytes Expected: B Actual: NULL IndexName: byBytes"},
		{"empty index key", item("id", "1", "at", 1, "name", ""), "One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty string value. IndexName: byBytes, IndexKey: name"},
		{"empty binary index key", item("id", "1", "at", 1, "bytes", []byte{}), "One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty binary value. IndexName: byBytes, IndexKey: bytes"},
		{"long index key", item("id", "1", "at", 1, "bytes", make([]byte, 2049)), "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes"},
		{"too large", item("id", "1", "at", 1, "v", strings.Repeat("x", 400<<10)), size},
		{"too deep", item("id", "1", "at", 1, "v", deep), "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"},
		{"absent value", item("id", "1", "at", 1, "v", attribute.Value{}), "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"},
		{"empty set", item("id", "1", "at", 1, "v", item("in", attribute.SetOf(attribute.SS, nil))), "One or more parameter values were invalid: An string set  may not be empty"},
	} {
		t.Run("put/"+tt.name, func(t *testing.T) {
			_, err := s.PutItem(ctx, &storage.PutItemInput{Table: "indexed", Item: tt.put})
			expectRefusal(t, err, tt.want)
			err = batchWrite(s, []storage.BatchWrite{{Table: "indexed", Put: tt.put}, {Table: "indexed", Put: item("id", "2", "at", 1)}})
			want := tt.want
			if strings.Contains(want, "Missing the key") || strings.Contains(want, "Type mismatch for key") {
				want = schema // dynalite test/batchWriteItem.js 352-378
			}
			if tt.put != nil {
				expectRefusal(t, err, want)
			}
			expectItem(t, get(t, s, "indexed", item("id", "2", "at", 1)), nil)
		})
	}
	for _, tt := range []struct {
		name string
		key  *attribute.Item
		want string
	}{
		{"nothing", nil, schema},
		{"one attribute missing", item("id", "1"), schema},
		{"one attribute more", item("id", "1", "at", 1, "x", 1), schema},
		{"another attribute", item("id", "1", "x", 1), schema},
		{"another type", item("id", "1", "at", "1"), schema},
		{"empty", item("id", "", "at", 1), "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: id"},
		{"too long", item("id", strings.Repeat("x", 2049), "at", 1), "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes"},
	} {
		t.Run("key/"+tt.name, func(t *testing.T) {
			_, err := s.GetItem(ctx, &storage.GetItemInput{Table: "indexed", Key: tt.key})
			expectRefusal(t, err, tt.want)
			_, err = s.DeleteItem(ctx, &storage.DeleteItemInput{Table: "indexed", Key: tt.key})
			expectRefusal(t, err, tt.want)
			_, err = s.UpdateItem(ctx, &storage.UpdateItemInput{Table: "indexed", Key: tt.key})
			expectRefusal(t, err, tt.want)
			_, err = batchGet(s, []storage.Key{{Table: "indexed", Key: tt.key}})
			expectRefusal(t, err, tt.want)
		})
	}
	for _, tt := range []struct {
		name string
		expr storage.Expressions
		want string
	}{
		{"the key", storage.Expressions{Update: "SET id = :v", Values: values(":v", "2")}, "One or more parameter values were invalid: Cannot update attribute id. This attribute is part of the key"},
		{"an index key to another type", storage.Expressions{Update: "SET #n = :v", Names: map[string]string{"#n": "name"}, Values: values(":v", 2)}, "One or more parameter values were invalid: Type mismatch for Index Key name Expected: S Actual: N IndexName: byBytes"},
		{"an index key to nothing", storage.Expressions{Update: "SET #n = :v", Names: map[string]string{"#n": "name"}, Values: values(":v", "")}, "One or more parameter values are not valid. The update expression attempted to update a secondary index key to a value that is not supported. The AttributeValue for a key attribute cannot contain an empty string value."},
		{"an index key beyond its size", storage.Expressions{Update: "SET #n = :v", Names: map[string]string{"#n": "name"}, Values: values(":v", strings.Repeat("x", 2049))}, "The update expression attempted to update the secondary index key beyond allowed size limits."},
		{"an item beyond its size", storage.Expressions{Update: "SET v = :v", Values: values(":v", strings.Repeat("x", 400<<10))}, "Item size to update has exceeded the maximum allowed size"},
		{"what does not exist", storage.Expressions{Update: "SET v = nope"}, "The provided expression refers to an attribute that does not exist in the item"},
		{"with a wrong operand", storage.Expressions{Update: "SET v = #n + :v", Names: map[string]string{"#n": "name"}, Values: values(":v", 1)}, "An operand in the update expression has an incorrect data type"},
	} {
		t.Run("update/"+tt.name, func(t *testing.T) {
			_, err := s.UpdateItem(ctx, &storage.UpdateItemInput{Table: "indexed", Key: item("id", "1", "at", 1), Expr: tt.expr})
			expectRefusal(t, err, tt.want)
			expectItem(t, get(t, s, "indexed", item("id", "1", "at", 1)), item("id", "1", "at", 1, "name", "x"))
		})
	}
	t.Run("sort key beyond its size", func(t *testing.T) {
		if err := s.CreateTable(ctx, storage.Table{Name: "sorted", Key: key(part("id", attribute.S), part("sort", attribute.S))}); err != nil {
			t.Fatal(err)
		}
		_, err := s.PutItem(ctx, &storage.PutItemInput{Table: "sorted", Item: item("id", "1", "sort", strings.Repeat("x", 1025))})
		expectRefusal(t, err, "One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of 1024 bytes")
	})
	t.Run("keys at their limits", func(t *testing.T) {
		// Zero bytes take two in the file.
		put(t, s, "sorted", item("id", strings.Repeat("\x00", 2048), "sort", strings.Repeat("\x00", 1024)))
	})
	t.Run("an item at its limit", func(t *testing.T) {
		put(t, s, "indexed", item("id", "big", "at", 1, "v", strings.Repeat("x", 400<<10-len("idbigatv")-2)))
	})
}

// Expressions are refused before anybody looks for the table or index:
// architect/dynalite test/updateItem.js 300-620, test/putItem.js, test/query.js
// and test/scan.js, whose table does not exist.
func TestExpressionsComeBeforeTables(t *testing.T) {
	s := newStore(t, posts(), comments())
	const (
		twice   = "Invalid ProjectionExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a]"
		missing = "Invalid ConditionExpression: An expression attribute value used in expression is not defined; attribute value: :b"
	)
	condition, projection := storage.Expressions{Condition: "a = :b"}, storage.Expressions{Projection: "a, a"}
	for _, table := range []string{"nope", "posts"} {
		wrong := item("no", "key")
		_, err := s.UpdateItem(ctx, &storage.UpdateItemInput{Table: table, Key: wrong, Expr: storage.Expressions{Update: "REMOVE g g"}})
		expectRefusal(t, err, `Invalid UpdateExpression: Syntax error; token: "g", near: "g g"`)
		_, err = s.UpdateItem(ctx, &storage.UpdateItemInput{Table: table, Key: wrong, Expr: storage.Expressions{Update: "REMOVE g, g"}})
		expectRefusal(t, err, "Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [g], path two: [g]")
		_, err = s.PutItem(ctx, &storage.PutItemInput{Table: table, Item: wrong, Expr: condition})
		expectRefusal(t, err, missing)
		_, err = s.DeleteItem(ctx, &storage.DeleteItemInput{Table: table, Key: wrong, Expr: condition})
		expectRefusal(t, err, missing)
		_, err = s.GetItem(ctx, &storage.GetItemInput{Table: table, Key: wrong, Expr: projection})
		expectRefusal(t, err, twice)
		_, err = s.Query(ctx, &storage.QueryInput{Table: table, Index: "nope", ConsistentRead: true, Expr: storage.Expressions{KeyCondition: "a b"}})
		expectRefusal(t, err, `Invalid KeyConditionExpression: Syntax error; token: "b", near: "a b"`)
		_, err = s.Query(ctx, &storage.QueryInput{Table: table, Expr: storage.Expressions{KeyCondition: "a.b = :v", Values: values(":v", "x")}})
		expectRefusal(t, err, "KeyConditionExpressions cannot have conditions on nested attributes")
		_, err = s.Scan(ctx, &storage.ScanInput{Table: table, Index: "nope", Expr: projection})
		expectRefusal(t, err, twice)
		// A projection that was given empty is given: dynalite validations/scan.js.
		_, err = s.Scan(ctx, &storage.ScanInput{Table: table, Select: storage.SelectSpecific, Expr: storage.Expressions{Empty: storage.ProjectionExpression}})
		expectRefusal(t, err, "Invalid ProjectionExpression: The expression can not be empty;")
		_, err = s.BatchGet(ctx, &storage.BatchGetInput{Tables: []storage.BatchGetTable{
			{Table: table, Keys: []*attribute.Item{wrong}}, {Table: "comments", Keys: []*attribute.Item{wrong}, Expr: projection},
		}})
		expectRefusal(t, err, twice)
		_, err = transactGet(s, []storage.TransactGet{{Key: storage.Key{Table: table, Key: wrong}}, {Key: storage.Key{Table: table, Key: wrong}, Expr: projection}})
		expectRefusal(t, err, twice)
		expectRefusal(t, transactWrite(s, []storage.TransactWrite{
			{Put: &storage.PutItemInput{Table: table, Item: wrong}},
			{Delete: &storage.DeleteItemInput{Table: table, Key: wrong, Expr: condition}},
		}), missing)
	}
}

// architect/dynalite test/updateItem.js 814-823, 960-978 and 1498-1541.
func TestUpdateOfIndexKeysFromOtherAttributes(t *testing.T) {
	s := newStore(t, indexed())
	run := func(update string, values map[string]attribute.Value) error {
		names := map[string]string{"#n": "name"}
		if strings.Contains(update, "#at") {
			names["#at"] = "at"
		}
		_, err := s.UpdateItem(ctx, &storage.UpdateItemInput{Table: "indexed", Key: item("id", "1", "at", 1), Expr: storage.Expressions{
			Update: update, Names: names, Values: values,
		}})
		return err
	}
	if err := run("SET #n = id, v = #at", nil); err != nil {
		t.Fatal(err)
	}
	expectItem(t, get(t, s, "indexed", item("id", "1", "at", 1)), item("id", "1", "at", 1, "name", "1", "v", 1))
	expectRefusal(t, run("SET #n = v", nil), "The update expression attempted to update the secondary index key to unsupported type")
	expectRefusal(t, run("SET #n = if_not_exists(gone, :n)", values(":n", 1)), "The update expression attempted to update the secondary index key to unsupported type")
	const mismatch = "One or more parameter values were invalid: Type mismatch for Index Key name Expected: S Actual: "
	expectRefusal(t, run("SET #n = :n", values(":n", 1)), mismatch+"N IndexName: byBytes")
	expectRefusal(t, run("SET v = gone[1], #n = id + :n", values(":n", 1)), mismatch+"N IndexName: byBytes")
	expectRefusal(t, run("SET #n = list_append(gone, :l)", values(":l", []any{"x"})), mismatch+"L IndexName: byBytes")
	expectRefusal(t, run("ADD #n :n", values(":n", 1)), mismatch+"N IndexName: byBytes")
}

func TestMissingTables(t *testing.T) {
	s := newStore(t, posts())
	_, getErr := s.GetItem(ctx, &storage.GetItemInput{Table: "nope", Key: item("id", "1")})
	_, putErr := s.PutItem(ctx, &storage.PutItemInput{Table: "nope", Item: item("id", "1")})
	_, updateErr := s.UpdateItem(ctx, &storage.UpdateItemInput{Table: "nope", Key: item("id", "1")})
	_, deleteErr := s.DeleteItem(ctx, &storage.DeleteItemInput{Table: "nope", Key: item("id", "1")})
	_, queryErr := s.Query(ctx, &storage.QueryInput{Table: "nope", Expr: storage.Expressions{KeyCondition: "id = :v", Values: values(":v", "1")}})
	_, scanErr := s.Scan(ctx, &storage.ScanInput{Table: "nope"})
	_, batchGetErr := batchGet(s, []storage.Key{{Table: "posts", Key: item("id", "1")}, {Table: "nope", Key: item("id", "1")}})
	batchWriteErr := batchWrite(s, []storage.BatchWrite{{Table: "posts", Put: item("id", "1")}, {Table: "nope", Put: item("id", "1")}})
	_, transactGetErr := transactGet(s, []storage.TransactGet{{Key: storage.Key{Table: "nope", Key: item("id", "1")}}})
	transactWriteErr := transactWrite(s, []storage.TransactWrite{{Put: &storage.PutItemInput{Table: "nope", Item: item("id", "1")}}})
	for _, err := range []error{getErr, putErr, updateErr, deleteErr, queryErr, scanErr, batchGetErr, batchWriteErr, transactGetErr, transactWriteErr} {
		if missing, ok := errors.AsType[*storage.ResourceNotFoundError](err); !ok || missing.Message != "Requested resource not found" {
			t.Errorf("got %v", err)
		}
	}
	expectItem(t, get(t, s, "posts", item("id", "1")), nil)
}

func TestConditions(t *testing.T) {
	s := newStore(t, posts())
	create := &storage.PutItemInput{Table: "posts", Item: item("id", "1", "v", 1), Expr: storage.Expressions{Condition: "attribute_not_exists(id)"}}
	if _, err := s.PutItem(ctx, create); err != nil {
		t.Fatal(err)
	}
	_, putErr := s.PutItem(ctx, create)
	_, updateErr := s.UpdateItem(ctx, &storage.UpdateItemInput{
		Table: "posts", Key: item("id", "1"), Expr: storage.Expressions{Update: "SET v = :n", Condition: "v = :o", Values: values(":n", 3, ":o", 2)},
	})
	_, deleteErr := s.DeleteItem(ctx, &storage.DeleteItemInput{Table: "posts", Key: item("id", "1"), Expr: storage.Expressions{Condition: "v > :o", Values: values(":o", 1)}})
	for _, err := range []error{putErr, updateErr, deleteErr} {
		failed, ok := errors.AsType[*storage.ConditionalCheckFailedError](err)
		if !ok {
			t.Fatalf("got %v", err)
		}
		expectItem(t, failed.Item, item("id", "1", "v", 1))
	}
	_, err := s.UpdateItem(ctx, &storage.UpdateItemInput{Table: "posts", Key: item("id", "2"), Expr: storage.Expressions{Update: "SET v = :n", Condition: "attribute_exists(id)", Values: values(":n", 3)}})
	failed, ok := errors.AsType[*storage.ConditionalCheckFailedError](err)
	if !ok || failed.Item != nil {
		t.Errorf("got %v with %v", err, failed)
	}
	_, err = s.PutItem(ctx, &storage.PutItemInput{Table: "posts", Item: item("id", "1"), Expr: storage.Expressions{Values: values(":unused", 1)}})
	expectRefusal(t, err, "ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null")
}

// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
func TestUpdateReturnValues(t *testing.T) {
	s := newStore(t, posts())
	update := func(t *testing.T, id string, returns storage.ReturnValues, want *attribute.Item) {
		t.Helper()
		out, err := s.UpdateItem(ctx, &storage.UpdateItemInput{
			Table: "posts", Key: item("id", id), ReturnValues: returns,
			Expr: storage.Expressions{Update: "SET n = if_not_exists(n, :z) + :one, m = :m REMOVE gone", Values: values(":z", 0, ":one", 1, ":m", "m")},
		})
		if err != nil {
			t.Fatal(err)
		}
		expectItem(t, out.Attributes, want)
	}
	for _, tt := range []struct {
		returns       storage.ReturnValues
		fresh, stored *attribute.Item
	}{
		{"", nil, nil},
		{storage.ReturnNone, nil, nil},
		{storage.ReturnAllOld, nil, item("id", "1", "n", 5, "gone", 1, "kept", 2)},
		{storage.ReturnUpdatedOld, nil, item("n", 5, "gone", 1)},
		{storage.ReturnAllNew, item("id", "2", "n", 1, "m", "m"), item("id", "1", "n", 6, "m", "m", "kept", 2)},
		{storage.ReturnUpdatedNew, item("n", 1, "m", "m"), item("n", 6, "m", "m")},
	} {
		t.Run(string(tt.returns), func(t *testing.T) {
			if _, err := s.DeleteItem(ctx, &storage.DeleteItemInput{Table: "posts", Key: item("id", "2")}); err != nil {
				t.Fatal(err)
			}
			put(t, s, "posts", item("id", "1", "n", 5, "gone", 1, "kept", 2))
			update(t, "1", tt.returns, tt.stored)
			update(t, "2", tt.returns, tt.fresh)
			expectItem(t, get(t, s, "posts", item("id", "1")), item("id", "1", "n", 6, "m", "m", "kept", 2))
			expectItem(t, get(t, s, "posts", item("id", "2")), item("id", "2", "n", 1, "m", "m"))
		})
	}
	t.Run("refused", func(t *testing.T) {
		_, err := s.PutItem(ctx, &storage.PutItemInput{Table: "posts", Item: item("id", "1"), ReturnValues: storage.ReturnAllNew})
		expectRefusal(t, err, "ReturnValues can only be ALL_OLD or NONE")
		_, err = s.DeleteItem(ctx, &storage.DeleteItemInput{Table: "posts", Key: item("id", "1"), ReturnValues: storage.ReturnUpdatedOld})
		expectRefusal(t, err, "ReturnValues can only be ALL_OLD or NONE")
		_, err = s.UpdateItem(ctx, &storage.UpdateItemInput{Table: "posts", Key: item("id", "1"), ReturnValues: "SOME"})
		expectRefusal(t, err, "1 validation error detected: Value 'SOME' at 'returnValues' failed to satisfy constraint: Member must satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]")
	})
}

func TestUpdateWithoutExpressionCreatesTheItem(t *testing.T) {
	s := newStore(t, posts())
	for range 2 {
		out, err := s.UpdateItem(ctx, &storage.UpdateItemInput{Table: "posts", Key: item("id", "1"), ReturnValues: storage.ReturnAllNew})
		if err != nil {
			t.Fatal(err)
		}
		expectItem(t, out.Attributes, item("id", "1"))
	}
	expectItem(t, get(t, s, "posts", item("id", "1")), item("id", "1"))
}

func TestBatches(t *testing.T) {
	s := newStore(t, posts(), comments())
	writes := []storage.BatchWrite{
		{Table: "posts", Put: item("id", "1")},
		{Table: "posts", Put: item("id", "2")},
		{Table: "comments", Put: item("postId", "1", "at", 1, "author", "a")},
	}
	if err := batchWrite(s, writes); err != nil {
		t.Fatal(err)
	}
	got, err := batchGet(s, []storage.Key{
		{Table: "comments", Key: item("postId", "1", "at", 1)},
		{Table: "posts", Key: item("id", "3")},
		{Table: "posts", Key: item("id", "2")},
	})
	if err != nil {
		t.Fatal(err)
	}
	expectItems(t, got, item("postId", "1", "at", 1, "author", "a"), nil, item("id", "2"))
	if err := batchWrite(s, []storage.BatchWrite{{Table: "posts", Delete: item("id", "1")}, {Table: "posts", Delete: item("id", "9")}}); err != nil {
		t.Fatal(err)
	}
	expectItem(t, get(t, s, "posts", item("id", "1")), nil)

	// The words about numbers: nubo-db/dynamodb-conformance tier3/error-messages,
	// boto/boto3#483, gravitational/teleport#38743.
	expectRefusal(t, batchWrite(s, nil), "The requestItems parameter is required for BatchWriteItem")
	var many []storage.BatchWrite
	for i := range 26 {
		many = append(many, storage.BatchWrite{Table: []string{"posts", "comments"}[i%2], Delete: item("id", fmt.Sprint(i))})
	}
	expectRefusal(t, batchWrite(s, many), "Too many items requested for the BatchWriteItem call")
	for i := range many {
		many[i].Table = "posts"
	}
	var refused *storage.ValidationError
	if err := batchWrite(s, many); !errors.As(err, &refused) || !regexp.MustCompile(`^1 validation error detected: Value '\{posts=\[com\.amazonaws\.dynamodb\.v20120810\.WriteRequest@[0-9a-f]+(, com\.amazonaws\.dynamodb\.v20120810\.WriteRequest@[0-9a-f]+){25}\]\}' at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: \[Member must have length less than or equal to 25, Member must have length greater than or equal to 1\]$`).MatchString(refused.Message) {
		t.Errorf("got %v", err)
	}
	expectRefusal(t, batchWrite(s, make([]storage.BatchWrite, 1)), "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
	expectRefusal(t, batchWrite(s, []storage.BatchWrite{{Table: "posts", Put: item("id", "1", "v", 1)}, {Table: "posts", Delete: item("id", "1")}}), "Provided list of item keys contains duplicates")
	_, err = batchGet(s, nil)
	expectRefusal(t, err, "The requestItems parameter is required for BatchGetItem")
	_, err = batchGet(s, slices.Repeat([]storage.Key{{Table: "posts"}}, 101))
	expectRefusal(t, err, "1 validation error detected: Value at 'RequestItems.posts.member.Keys' failed to satisfy constraint: Member must have length less than or equal to 100")
	_, err = batchGet(s, append(slices.Repeat([]storage.Key{{Table: "posts"}}, 51), slices.Repeat([]storage.Key{{Table: "comments"}}, 51)...))
	expectRefusal(t, err, "Too many items requested for the BatchGetItem call")
	_, err = batchGet(s, []storage.Key{{Table: "posts", Key: item("id", "1")}, {Table: "posts", Key: item("id", "1")}})
	expectRefusal(t, err, "Provided list of item keys contains duplicates")
}

func TestTransactions(t *testing.T) {
	s := newStore(t, posts(), comments())
	put(t, s, "posts", item("id", "1", "n", 1), item("id", "2", "n", 2), item("id", "3", "n", 3))
	err := transactWrite(s, []storage.TransactWrite{
		{Put: &storage.PutItemInput{Table: "comments", Item: item("postId", "1", "at", 1, "author", "a", "score", 1)}},
		{Update: &storage.UpdateItemInput{Table: "posts", Key: item("id", "1"), Expr: storage.Expressions{Update: "ADD n :one", Values: values(":one", 1)}}},
		{Delete: &storage.DeleteItemInput{Table: "posts", Key: item("id", "2")}},
		{Check: &storage.ConditionCheck{Table: "posts", Key: item("id", "3"), Expr: storage.Expressions{Condition: "n = :n", Values: values(":n", 3)}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := transactGet(s, []storage.TransactGet{
		{Key: storage.Key{Table: "posts", Key: item("id", "1")}},
		{Key: storage.Key{Table: "posts", Key: item("id", "2")}},
		{Key: storage.Key{Table: "comments", Key: item("postId", "1", "at", 1)}, Expr: storage.Expressions{Projection: "author"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	expectItems(t, got, item("id", "1", "n", 2), nil, item("author", "a"))
}

// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
func TestTransactionsCancel(t *testing.T) {
	s := newStore(t, posts(), comments())
	put(t, s, "posts", item("id", "1", "n", 1))
	fine := storage.TransactWrite{Put: &storage.PutItemInput{Table: "posts", Item: item("id", "new")}}
	failing := storage.Expressions{Condition: "n = :n", Values: values(":n", 9)}
	for _, tt := range []struct {
		name   string
		writes []storage.TransactWrite
		want   string
		reason []storage.CancellationReason
	}{
		{
			"failed conditions",
			[]storage.TransactWrite{
				fine,
				{Check: &storage.ConditionCheck{Table: "posts", Key: item("id", "1"), Expr: failing}, ReturnOldOnFailure: true},
				{Delete: &storage.DeleteItemInput{Table: "posts", Key: item("id", "2"), Expr: failing}, ReturnOldOnFailure: true},
			},
			"Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed, ConditionalCheckFailed]",
			[]storage.CancellationReason{
				{Code: "None"},
				{Code: "ConditionalCheckFailed", Message: "The conditional request failed", Item: item("id", "1", "n", 1)},
				{Code: "ConditionalCheckFailed", Message: "The conditional request failed"},
			},
		},
		{
			"failed condition without its item",
			[]storage.TransactWrite{{Check: &storage.ConditionCheck{Table: "posts", Key: item("id", "1"), Expr: failing}}},
			"Transaction cancelled, please refer cancellation reasons for specific reasons [ConditionalCheckFailed]",
			[]storage.CancellationReason{{Code: "ConditionalCheckFailed", Message: "The conditional request failed"}},
		},
		{
			"key of another type",
			[]storage.TransactWrite{fine, {Put: &storage.PutItemInput{Table: "posts", Item: item("id", 5)}}},
			"Transaction cancelled, please refer cancellation reasons for specific reasons [None, ValidationError]",
			[]storage.CancellationReason{{Code: "None"}, {Code: "ValidationError", Message: "One or more parameter values were invalid: Type mismatch for key id expected: S actual: N"}},
		},
		{
			"lookup key of another type",
			[]storage.TransactWrite{{Delete: &storage.DeleteItemInput{Table: "posts", Key: item("id", 5)}}},
			"Transaction cancelled, please refer cancellation reasons for specific reasons [ValidationError]",
			[]storage.CancellationReason{{Code: "ValidationError", Message: "The provided key element does not match the schema"}},
		},
		{
			"update of another type",
			[]storage.TransactWrite{fine, {Update: &storage.UpdateItemInput{Table: "comments", Key: item("postId", "1", "at", 1), Expr: storage.Expressions{Update: "SET tag = :v", Values: values(":v", 5)}}}},
			"Transaction cancelled, please refer cancellation reasons for specific reasons [None, ValidationError]",
			[]storage.CancellationReason{{Code: "None"}, {Code: "ValidationError", Message: "One or more parameter values were invalid: Type mismatch for Index Key tag Expected: S Actual: N IndexName: byTag"}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := transactWrite(s, tt.writes)
			canceled, ok := errors.AsType[*storage.TransactionCanceledError](err)
			if !ok {
				t.Fatalf("got %v", err)
			}
			if canceled.Error() != tt.want {
				t.Errorf("got %q", canceled.Error())
			}
			for i, want := range tt.reason {
				got := canceled.Reasons[i]
				if got.Code != want.Code || got.Message != want.Message {
					t.Errorf("reason %d: got %+v, want %+v", i, got, want)
				}
				expectItem(t, got.Item, want.Item)
			}
			expectItem(t, get(t, s, "posts", item("id", "new")), nil)
		})
	}
	// These refuse the whole request.
	for _, tt := range []struct {
		name   string
		writes []storage.TransactWrite
		want   string
	}{
		{"nothing", nil, "1 validation error detected: Value '[]' at 'transactItems' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		{"too much", make([]storage.TransactWrite, 101), "1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have length less than or equal to 100"},
		{"no action", make([]storage.TransactWrite, 1), "TransactItems can only contain one of Check, Put, Update or Delete"},
		{"two on one item", []storage.TransactWrite{fine, {Delete: &storage.DeleteItemInput{Table: "posts", Key: item("id", "new")}}}, "Transaction request cannot include multiple operations on one item"},
		{"an empty key", []storage.TransactWrite{fine, {Put: &storage.PutItemInput{Table: "posts", Item: item("id", "")}}}, "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: id"},
		{"an empty index key", []storage.TransactWrite{fine, {Update: &storage.UpdateItemInput{Table: "comments", Key: item("postId", "1", "at", 1), Expr: storage.Expressions{Update: "SET tag = :v", Values: values(":v", "")}}}}, "One or more parameter values are not valid. The update expression attempted to update a secondary index key to a value that is not supported. The AttributeValue for a key attribute cannot contain an empty string value."},
		{"a check without condition", []storage.TransactWrite{fine, {Check: &storage.ConditionCheck{Table: "posts", Key: item("id", "1")}}}, "Invalid ConditionExpression: The expression can not be empty;"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			expectRefusal(t, transactWrite(s, tt.writes), tt.want)
			expectItem(t, get(t, s, "posts", item("id", "new")), nil)
		})
	}
	t.Run("too large", func(t *testing.T) {
		var writes []storage.TransactWrite
		for i := range 11 {
			writes = append(writes, storage.TransactWrite{Put: &storage.PutItemInput{Table: "posts", Item: item("id", string(rune('a'+i)), "v", strings.Repeat("x", 390<<10))}})
		}
		if _, ok := errors.AsType[*storage.ValidationError](transactWrite(s, writes)); !ok {
			t.Error("accepted")
		}
	})
	t.Run("gets", func(t *testing.T) {
		one := storage.TransactGet{Key: storage.Key{Table: "posts", Key: item("id", "1")}}
		_, err := transactGet(s, []storage.TransactGet{one, one})
		expectRefusal(t, err, "Transaction request cannot include multiple operations on one item")
		_, err = transactGet(s, []storage.TransactGet{one, {Key: storage.Key{Table: "posts", Key: item("id", 1)}}})
		if canceled, ok := errors.AsType[*storage.TransactionCanceledError](err); !ok || canceled.Reasons[1].Message != "The provided key element does not match the schema" {
			t.Errorf("got %v", err)
		}
		_, err = transactGet(s, nil)
		expectRefusal(t, err, "1 validation error detected: Value '[]' at 'transactItems' failed to satisfy constraint: Member must have length greater than or equal to 1")
	})
}

func TestCanceledContexts(t *testing.T) {
	s := newStore(t, posts())
	done, cancel := context.WithCancel(ctx)
	cancel()
	_, putErr := s.PutItem(done, &storage.PutItemInput{Table: "posts", Item: item("id", "1")})
	_, getErr := s.GetItem(done, &storage.GetItemInput{Table: "posts", Key: item("id", "1")})
	_, scanErr := s.Scan(done, &storage.ScanInput{Table: "posts"})
	for _, err := range []error{putErr, getErr, scanErr} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	}
	expectItem(t, get(t, s, "posts", item("id", "1")), nil)
}

// Recorded: getmoto/moto#6636 and the tests of architect/dynalite.
func TestEmptyExpressionsAreRefused(t *testing.T) {
	s := newStore(t, posts())
	k := item("id", "1")
	for _, tt := range []struct {
		name  string
		empty storage.Parameter
		run   func(e storage.Expressions) error
		want  string
	}{
		{"get", storage.ProjectionExpression, func(e storage.Expressions) error {
			_, err := s.GetItem(ctx, &storage.GetItemInput{Table: "posts", Key: k, Expr: e})
			return err
		}, "Invalid ProjectionExpression: The expression can not be empty;"},
		{"put", storage.ConditionExpression, func(e storage.Expressions) error {
			_, err := s.PutItem(ctx, &storage.PutItemInput{Table: "posts", Item: k, Expr: e})
			return err
		}, "Invalid ConditionExpression: The expression can not be empty;"},
		{"update, before its condition", storage.UpdateExpression | storage.ConditionExpression, func(e storage.Expressions) error {
			_, err := s.UpdateItem(ctx, &storage.UpdateItemInput{Table: "posts", Key: k, Expr: e})
			return err
		}, "Invalid UpdateExpression: The expression can not be empty;"},
		{"delete", storage.ConditionExpression, func(e storage.Expressions) error {
			_, err := s.DeleteItem(ctx, &storage.DeleteItemInput{Table: "posts", Key: k, Expr: e})
			return err
		}, "Invalid ConditionExpression: The expression can not be empty;"},
		{"query", storage.KeyConditionExpression, func(e storage.Expressions) error {
			_, err := s.Query(ctx, &storage.QueryInput{Table: "posts", Expr: e})
			return err
		}, "Invalid KeyConditionExpression: The expression can not be empty;"},
		{"scan", storage.FilterExpression, func(e storage.Expressions) error {
			_, err := s.Scan(ctx, &storage.ScanInput{Table: "posts", Expr: e})
			return err
		}, "Invalid FilterExpression: The expression can not be empty;"},
		{"condition check", storage.ConditionExpression, func(e storage.Expressions) error {
			return transactWrite(s, []storage.TransactWrite{{Check: &storage.ConditionCheck{Table: "posts", Key: k, Expr: e}}})
		}, "Invalid ConditionExpression: The expression can not be empty;"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			expectRefusal(t, tt.run(storage.Expressions{Empty: tt.empty}), tt.want)
			// The placeholders are looked at first.
			expectRefusal(t, tt.run(storage.Expressions{Empty: tt.empty, Names: map[string]string{}}), "ExpressionAttributeNames must not be empty")
		})
	}
}
