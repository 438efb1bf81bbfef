package expression_test

import (
	"testing"

	"appsync-emulator/storage/expression"
)

func BenchmarkBindAndEvalCondition(b *testing.B) {
	c := expression.NewCache(16)
	it := item(b, conditionItem)
	req := expression.Request{
		Condition: "attribute_exists(#id) AND #n = :n", Names: map[string]string{"#id": "id", "#n": "n"}, Values: values(b, `{":n":{"N":"10"}}`),
	}
	b.ReportAllocs()
	for b.Loop() {
		bound, err := c.Bind(req, hashKey, nil)
		if err != nil {
			b.Fatal(err)
		}
		if ok, _ := bound.Condition.Eval(it); !ok {
			b.Fatal("not met")
		}
	}
}

func BenchmarkEvalFilter(b *testing.B) {
	it := item(b, conditionItem)
	filter := bind(b, expression.Request{
		Filter: "s = :s AND n BETWEEN :lo AND :hi AND contains(ss, :e)", Values: values(b, `{":s":{"S":"banana"},":lo":{"N":"1"},":hi":{"N":"11"},":e":{"S":"b"}}`),
	}, hashKey).Filter
	b.ReportAllocs()
	for b.Loop() {
		if ok, _ := filter.Eval(it); !ok {
			b.Fatal("not met")
		}
	}
}

func BenchmarkParseCondition(b *testing.B) {
	c := expression.NewCache(1)
	vals := values(b, `{":v":{"N":"1"}}`)
	texts := [...]string{"attribute_exists(a) AND b = :v", "attribute_exists(b) AND a = :v"}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := c.Bind(expression.Request{Condition: texts[i%2], Values: vals}, hashKey, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkApplyUpdate(b *testing.B) {
	for name, text := range map[string]string{
		"top level": "SET n = n + :n, s = :s, t = :s",
		"nested":    "SET m.k = :s, m.deep.lst[0] = :n, l[0] = :s",
	} {
		b.Run(name, func(b *testing.B) {
			it := item(b, conditionItem)
			u := bind(b, expression.Request{Update: text, Values: values(b, `{":n":{"N":"1"},":s":{"S":"x"}}`)}, hashKey).Update
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := u.Apply(it); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
