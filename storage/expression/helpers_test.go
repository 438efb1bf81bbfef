package expression_test

import (
	"testing"

	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/expression"
)

var (
	hashKey  = expression.Key{Partition: "id", PartitionKind: attribute.S}
	rangeKey = expression.Key{Partition: "id", PartitionKind: attribute.S, Sort: "sk", SortKind: attribute.N}
)

func item(t testing.TB, json string) *attribute.Item {
	t.Helper()
	it, err := attribute.ParseItemJSON([]byte(json))
	if err != nil {
		t.Fatalf("%s: %v", json, err)
	}
	return it
}

// values reads the values of a request, such as {":v":{"S":"x"}}. Empty text is
// an absent parameter.
func values(t testing.TB, json string) map[string]attribute.Value {
	t.Helper()
	if json == "" {
		return nil
	}
	m := map[string]attribute.Value{}
	for _, a := range item(t, json).Attributes() {
		m[a.Name] = a.Value
	}
	return m
}

func jsonOf(it *attribute.Item) string { return string(attribute.AppendItemJSON(nil, it)) }

func bind(t testing.TB, req expression.Request, key expression.Key) *expression.Bound {
	t.Helper()
	b, err := expression.NewCache(16).Bind(req, key, nil)
	if err != nil {
		t.Fatalf("%+v: %v", req, err)
	}
	return b
}

// wantRefusal expects Bind to refuse req with the message.
func wantRefusal(t testing.TB, req expression.Request, key expression.Key, index *expression.Key, want string) {
	t.Helper()
	b, err := expression.NewCache(16).Bind(req, key, index)
	refusal, ok := err.(*expression.Error)
	if !ok || refusal.Message != want || b != nil {
		t.Errorf("%+v\n got %v\nwant %s", req, err, want)
	}
}
