package document_test

import (
	"testing"

	"appsync-emulator/mappingtemplate/document"
	"appsync-emulator/mappingtemplate/value"
	"appsync-emulator/storage/attribute"
)

// AWS's page "AWS AppSync resolver mapping template reference for DynamoDB",
// "Type system (response mapping)".
func TestFromItem(t *testing.T) {
	item, err := attribute.ParseItemJSON([]byte(`{
		"b":{"B":"AQI="},"bool":{"BOOL":true},"bs":{"BS":["AQ=="]},
		"dec":{"N":"1.50"},"huge":{"N":"12345678901234567890123456789012345678"},"int":{"N":"5"},
		"l":{"L":[{"S":"x"},{"NULL":true}]},"long":{"N":"1700000000123"},"m":{"M":{"a":{"N":"1"}}},
		"ns":{"NS":["1","2.5"]},"null":{"NULL":true},"s":{"S":"text"},"ss":{"SS":["a"]}}`))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"b":"AQI=","bool":true,"bs":["AQ=="],"dec":1.5,"huge":12345678901234567890123456789012345678,` +
		`"int":5,"l":["x",null],"long":1700000000123,"m":{"a":1},"ns":[1,2.5],"null":null,"s":"text","ss":["a"]}`
	m := document.FromItem(item)
	if got := value.JSON(m); got != want {
		t.Errorf("got\n %s, want\n %s", got, want)
	}
	if _, ok := m.Value("int").(int32); !ok {
		t.Errorf("int is a %T", m.Value("int"))
	}
	if document.FromItem(nil) != nil {
		t.Error("no item is a map")
	}
}

// The types that DynamoDB's document clients give plain JSON.
func TestToAttribute(t *testing.T) {
	m := parse(t, `{"s":"x","n":1.50,"i":-7,"big":12345678901234567890,"b":true,"z":null,"l":[1,"a",{}],"m":{"a":{"b":[]}}}`)
	const want = `{"b":{"BOOL":true},"big":{"N":"12345678901234567890"},"i":{"N":"-7"},"l":{"L":[{"N":"1"},{"S":"a"},{"M":{}}]},` +
		`"m":{"M":{"a":{"M":{"b":{"L":[]}}}}},"n":{"N":"1.5"},"s":{"S":"x"},"z":{"NULL":true}}`
	item, err := document.ToItem(m)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(attribute.AppendItemJSON(nil, item)); got != want {
		t.Errorf("got\n %s, want\n %s", got, want)
	}
	v, err := document.ToAttribute(m)
	if err != nil || !attribute.Equal(v, attribute.MapOf(item)) {
		t.Errorf("ToAttribute: %v, %v", v, err)
	}
}

func TestToAttributeRefusesWhatDynamoDBCannotStore(t *testing.T) {
	loop := value.NewMap(1)
	loop.Set("self", loop)
	for name, v := range map[string]any{
		"a map in itself":     loop,
		"a number too large":  1e300,
		"more than 38 digits": value.Decimal("1.234567890123456789012345678901234567891"),
		"another Go value":    struct{}{},
	} {
		if got, err := document.ToAttribute(v); err == nil {
			t.Errorf("%s = %v", name, got)
		}
	}
}

// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html#limits-attributes
func TestAttributesNestTo32Levels(t *testing.T) {
	nested := func(levels int) *value.Map {
		var v any = "x"
		for range levels - 1 {
			v = value.NewList(v)
		}
		return value.MapOf("a", v)
	}
	if _, err := document.ToItem(nested(32)); err != nil {
		t.Error(err)
	}
	if _, err := document.ToItem(nested(33)); err == nil {
		t.Error("33 levels are taken")
	}
}

func BenchmarkFromItem(b *testing.B) {
	item, err := attribute.ParseItemJSON([]byte(`{"id":{"S":"1"},"title":{"S":"A title"},"n":{"N":"12"},"done":{"BOOL":false},"createdAt":{"S":"2024"},"tags":{"L":[{"S":"a"},{"S":"b"}]}}`))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		document.FromItem(item)
	}
}
