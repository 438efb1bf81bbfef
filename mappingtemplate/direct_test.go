package mappingtemplate_test

import (
	"context"
	"math"
	"math/big"
	"testing"

	"appsync-emulator/mappingtemplate"
	"appsync-emulator/mappingtemplate/value"
)

// viaText is a template of the same meaning that does not qualify for the
// shortcut: what it yields has been text.
func viaText(path string) string { return "#if(true)$util.toJson($ctx." + path + ")#end" }

func sameJSON(t *testing.T, what string, got, want any) {
	t.Helper()
	// Equals tells Java's types apart, and -0.0 from 0.0.
	if !value.Equals(got, want) {
		t.Errorf("%s = %s (%T), through text it is %s (%T)", what, value.JSON(got), got, value.JSON(want), want)
	}
}

func TestDirectTemplatesYieldWhatTheirTextYields(t *testing.T) {
	huge, _ := new(big.Int).SetString("123456789012345678901234567890", 10)
	mixedKeys := value.NewMap(2)
	mixedKeys.PutKey(int32(1), "a")
	mixedKeys.PutKey("1", "b")
	mixedKeys.PutKey(nil, "c")
	args := value.MapOf("b", int32(1), "a", "x")
	results := map[string]any{
		"null":                    nil,
		"a boolean":               true,
		"a string":                "text \" \\ \n \u00fc \U0001F600",
		"text that is not UTF-8":  "a\xff\xfeb",
		"an Integer":              int32(-7),
		"a small Long":            int64(7),
		"a Long":                  int64(1) << 40,
		"a small BigInteger":      big.NewInt(7),
		"a BigInteger":            huge,
		"a Double":                1.5,
		"a whole Double":          5.0,
		"a large Double":          1.5e300,
		"negative zero":           math.Copysign(0, -1),
		"NaN":                     math.NaN(),
		"infinity":                math.Inf(-1),
		"a BigDecimal":            value.Decimal("1.10"),
		"a large BigDecimal":      value.Decimal("1E+400"),
		"38 digits":               value.Decimal("1.2345678901234567890123456789012345678"),
		"an empty map":            value.NewMap(0),
		"an empty list":           value.NewList(),
		"a map":                   value.MapOf("a", int32(1), "n", nil, "l", value.NewList("x", int64(2))),
		"a map of a BigDecimal":   value.MapOf("a", int32(1), "d", value.Decimal("2.50"), "z", value.Decimal("3")),
		"a list of BigDecimals":   value.NewList("x", value.Decimal("2.50"), value.Decimal("1e2"), int32(1)),
		"keys that are not text":  mixedKeys,
		"keys that are not UTF-8": value.MapOf("a\xff", int32(1)),
		"a set":                   &value.Set{Items: []any{"a", int64(1)}},
		"an array":                &value.Array{Type: "[Ljava.lang.String;", Items: []any{"a", "b"}},
		"an entry":                &value.Entry{Key: "k", Value: value.Decimal("1.5")},
		"the keys of a map":       args.Keys(),
		"the entries of a map":    args.Entries(),
		"another Go value":        struct{}{},
	}
	for name, result := range results {
		t.Run(name, func(t *testing.T) {
			for _, path := range []string{"result", "prev.result", "args"} {
				root := value.MapOf("result", result, "args", result, "prev", value.MapOf("result", result))
				before := value.JSON(root)
				direct, err := compile(t, "$util.toJson($ctx."+path+")").Evaluate(context.Background(), mappingtemplate.Env{Context: root})
				if err != nil {
					t.Fatal(err)
				}
				text, err := compile(t, viaText(path)).Evaluate(context.Background(), mappingtemplate.Env{Context: root})
				if err != nil {
					t.Fatal(err)
				}
				sameJSON(t, path, direct.Value, text.Value)
				if after := value.JSON(root); after != before {
					t.Errorf("the context changed from %s to %s", before, after)
				}
			}
		})
	}
}

func TestDirectTemplatesFollowPathsAsTheEngineDoes(t *testing.T) {
	ctx := `{"result":{"items":[1],"s":"text","n":5,"deep":{"a-b":{"c_1":[true]}}},"prev":null}`
	for _, path := range []string{
		"result", "result.items", "result.missing", "result.missing.more", "prev.result", "nothing",
		"result.items.size", "result.items.empty", "result.s.empty", "result.n.value", "result.deep.a-b.c_1", "result.s.length",
	} {
		direct, err := evaluate(t, " \n$utils.toJson( $context."+path+" )\n", ctx)
		if err != nil {
			t.Fatal(err)
		}
		text, err := evaluate(t, viaText(path), ctx)
		if err != nil {
			t.Fatal(err)
		}
		sameJSON(t, path, direct.Value, text.Value)
	}
}

func TestOnlyResultsAreHandedOnWithoutACopy(t *testing.T) {
	m := value.MapOf("a", value.NewList("x"))
	root := value.MapOf("result", m, "stash", m, "prev", value.MapOf("result", m))
	for path, shared := range map[string]bool{"result": true, "stash": false, "prev.result": false} {
		out, err := compile(t, "$util.toJson($ctx."+path+")").Evaluate(context.Background(), mappingtemplate.Env{Context: root})
		if err != nil {
			t.Fatal(err)
		}
		if got := out.Value.(*value.Map) == m; got != shared {
			t.Errorf("%s: shared %v", path, got)
		}
		if got := out.Value.(*value.Map).Value("a") == m.Value("a"); got != shared {
			t.Errorf("%s: inside shared %v", path, got)
		}
	}
}

func TestDirectTemplatesRefuseValuesThatHoldThemselves(t *testing.T) {
	m := value.NewMap(1)
	m.Set("self", m)
	var bomb any = "x"
	for range 40 {
		bomb = value.NewList(bomb, bomb)
	}
	for _, v := range []any{m, bomb} {
		for _, path := range []string{"result", "args"} {
			if _, err := compile(t, "$util.toJson($ctx."+path+")").Evaluate(context.Background(), mappingtemplate.Env{Context: value.MapOf("result", v, "args", v)}); err == nil {
				t.Errorf("%s: no error", path)
			}
		}
	}
}

func FuzzDirect(f *testing.F) {
	f.Add(`{"a":[1,1.5,-0.0,1e400,"x",null,{"b":{}}]}`)
	f.Add(`[12345678901234567890, "\u0000\ud800", true]`)
	direct, text := compile(f, "$util.toJson($ctx.args)"), compile(f, viaText("args"))
	f.Fuzz(func(t *testing.T, doc string) {
		v, err := value.ParseLenientJSON(doc)
		if err != nil {
			return
		}
		env := mappingtemplate.Env{Context: value.MapOf("args", v)}
		a, errA := direct.Evaluate(context.Background(), env)
		b, errB := text.Evaluate(context.Background(), env)
		if (errA == nil) != (errB == nil) {
			t.Fatalf("%s: direct error %v, through text %v", doc, errA, errB)
		}
		if errA == nil {
			sameJSON(t, doc, a.Value, b.Value)
		}
	})
}

func benchmarkItems(b *testing.B) *value.Map {
	items := value.NewList()
	for range 20 {
		items.Append(parse(b, `{"id":"1","title":"A title","content":"Some words of content","done":false,"n":12,"tags":["a","b"],"createdAt":"2024-03-05T15:04:09.045Z"}`))
	}
	return value.MapOf("result", value.MapOf("items", items, "nextToken", nil))
}

func benchmarkTemplate(b *testing.B, text string) {
	tmpl := compile(b, text)
	env := mappingtemplate.Env{Context: benchmarkItems(b)}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tmpl.Evaluate(context.Background(), env); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkResponseDirect(b *testing.B) { benchmarkTemplate(b, `$util.toJson($ctx.result)`) }
func BenchmarkResponseText(b *testing.B)   { benchmarkTemplate(b, viaText("result")) }
