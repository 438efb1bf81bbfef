package expression_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/expression"
)

// The messages are those of mhart/dynalite test/{putItem,updateItem,query,scan,
// getItem}.js, run against DynamoDB.
func TestPlaceholdersAreChecked(t *testing.T) {
	v := map[string]attribute.Value{":v": attribute.String("x")}
	const (
		namesOnly  = "ExpressionAttributeNames can only be specified when using expressions"
		valuesOnly = "ExpressionAttributeValues can only be specified when using expressions"
	)
	for _, test := range []struct {
		req  expression.Request
		want string
	}{
		{expression.Request{Names: map[string]string{"#a": "a"}}, namesOnly},
		{expression.Request{Names: map[string]string{}}, namesOnly},
		{expression.Request{Values: v}, valuesOnly},
		{expression.Request{Values: v, Operation: expression.PutItem}, valuesOnly + ": ConditionExpression is null"},
		{expression.Request{Values: v, Operation: expression.DeleteItem}, valuesOnly + ": ConditionExpression is null"},
		{expression.Request{Values: v, Operation: expression.UpdateItem}, valuesOnly + ": UpdateExpression and ConditionExpression are null"},
		{expression.Request{Values: v, Operation: expression.Query}, valuesOnly + ": FilterExpression and KeyConditionExpression are null"},
		{expression.Request{Values: v, Operation: expression.Scan, Projection: "a"}, valuesOnly + ": FilterExpression is null"},

		{expression.Request{Filter: "a = b", Names: map[string]string{}}, "ExpressionAttributeNames must not be empty"},
		{expression.Request{Filter: "", HasFilter: true, Names: map[string]string{}}, "ExpressionAttributeNames must not be empty"},
		{expression.Request{Filter: "a = b", Values: map[string]attribute.Value{}}, "ExpressionAttributeValues must not be empty"},
		{expression.Request{Filter: "a = b", Names: map[string]string{"a": "a"}}, `ExpressionAttributeNames contains invalid key: Syntax error; key: "a"`},
		{expression.Request{Filter: "a = b", Names: map[string]string{"#a": "a", "#b-c": "a", "#": "a"}}, `ExpressionAttributeNames contains invalid key: Syntax error; key: "#"`},
		{expression.Request{Filter: "a = b", Values: map[string]attribute.Value{"b": v[":v"]}}, `ExpressionAttributeValues contains invalid key: Syntax error; key: "b"`},
		{expression.Request{Filter: "a = b", Values: map[string]attribute.Value{":b": {}}},
			"ExpressionAttributeValues contains invalid value: Supplied AttributeValue is empty, must contain exactly one of the supported datatypes for key :b"},

		{expression.Request{Filter: "a = :v", Values: v, Names: map[string]string{"#b": "b", "#a": "a"}}, "Value provided in ExpressionAttributeNames unused in expressions: keys: {#a, #b}"},
		{expression.Request{Filter: "a = b", Values: v}, "Value provided in ExpressionAttributeValues unused in expressions: keys: {:v}"},
		{expression.Request{Update: "REMOVE a", Condition: "a = b", Values: v}, "Value provided in ExpressionAttributeValues unused in expressions: keys: {:v}"},
	} {
		wantRefusal(t, test.req, hashKey, nil, test.want)
	}
}

func TestPlaceholdersMayBeUsedByAnyExpression(t *testing.T) {
	b := bind(t, expression.Request{
		KeyCondition: "#id = :id", Filter: "#a > :n", Projection: "#p, id",
		Names:  map[string]string{"#id": "id", "#a": "a", "#p": "p"},
		Values: values(t, `{":id":{"S":"1"},":n":{"N":"0"}}`),
	}, hashKey)
	if b.Key == nil || b.Filter == nil || b.Projection == nil || b.Condition != nil || b.Update != nil {
		t.Errorf("%+v", b)
	}
	if b := bind(t, expression.Request{}, hashKey); *b != (expression.Bound{}) {
		t.Errorf("no expressions give %+v", b)
	}
}

// See "Reserved words in DynamoDB" in the developer guide: 573 words.
func TestReservedWordsNeedPlaceholders(t *testing.T) {
	for _, word := range []string{"ABORT", "name", "Status", "ttl", "ZONE", "data", "list", "owner"} {
		wantRefusal(t, expression.Request{Projection: word}, hashKey, nil, "Invalid ProjectionExpression: Attribute name is a reserved keyword; reserved keyword: "+word)
		bind(t, expression.Request{Projection: "#w", Names: map[string]string{"#w": word}}, hashKey)
	}
	for _, word := range []string{"id", "title", "createdAt", "attribute_exists", "z"} {
		bind(t, expression.Request{Projection: word}, expression.Key{Partition: "pk"})
	}
}

func TestCacheServesConcurrentRequestsOfOneText(t *testing.T) {
	c := expression.NewCache(4)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 50 {
				want := fmt.Sprint(g*100 + i)
				req := expression.Request{
					Update: fmt.Sprintf("SET #a = :v, b%d = :v", i%6), Names: map[string]string{"#a": "attr" + want},
					Values: map[string]attribute.Value{":v": attribute.Number(want)},
				}
				b, err := c.Bind(req, hashKey, nil)
				if err != nil {
					t.Error(err)
					return
				}
				got, _, err := b.Update.Apply(nil)
				if err != nil || got.Get("attr"+want).Text() != want {
					t.Errorf("got %s, %v", jsonOf(got), err)
				}
			}
		})
	}
	wg.Wait()
}

func TestCacheRefusesTheSameTextAgain(t *testing.T) {
	c := expression.NewCache(0)
	for range 2 {
		if _, err := c.Bind(expression.Request{Filter: "a ="}, hashKey, nil); err == nil || !strings.Contains(err.Error(), "<EOF>") {
			t.Error(err)
		}
	}
}
