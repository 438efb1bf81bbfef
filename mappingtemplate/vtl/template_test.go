package vtl_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"appsync-emulator/mappingtemplate/value"
	"appsync-emulator/mappingtemplate/vtl"
)

// helpers is a $util with what the templates of these tests call.
type helpers struct{ stop error }

func (h helpers) Property(name string) (any, bool) {
	switch name {
	case "map", "list", "dynamodb", "transform":
		return h, true
	}
	return nil, false
}

func (h helpers) Invoke(name string, args []any) (any, bool, error) {
	switch name {
	case "qr":
		return "", true, nil
	case "toJson", "toMapValues", "toDynamoDB":
		return value.JSON(args[0]), true, nil
	case "parseJson":
		v, err := value.ParseJSON(value.ToString(args[0]))
		if err != nil {
			return nil, true, nil
		}
		return v, true, nil
	case "defaultIfNull":
		if args[0] == nil {
			return args[1], true, nil
		}
		return args[0], true, nil
	case "isNull":
		return args[0] == nil, true, nil
	case "isNullOrEmpty":
		return args[0] == nil || args[0] == "", true, nil
	case "authType":
		return "API Key Authorization", true, nil
	case "toDynamoDBConditionExpression":
		return `{"expression":"(attribute_exists(#id))","expressionNames":{"#id":"id"},"expressionValues":{}}`, true, nil
	case "copyAndRemoveAllKeys":
		return args[0], true, nil
	case "error", "unauthorized":
		return nil, true, h.stop
	}
	return nil, false, nil
}

func roots(ctx any) []vtl.Root {
	util := helpers{errStopped}
	return []vtl.Root{{"context", ctx}, {"ctx", ctx}, {"util", util}, {"utils", util}, {"extensions", util}}
}

var errStopped = errors.New("stopped by $util.error")

func compile(t testing.TB, text string) *vtl.Template {
	t.Helper()
	tmpl, err := vtl.Compile("test", text)
	if err != nil {
		t.Fatal(err)
	}
	return tmpl
}

func execute(t testing.TB, text string, ctx any, opt vtl.Options) (vtl.Result, error) {
	t.Helper()
	return compile(t, text).Execute(context.Background(), roots(ctx), opt)
}

// TestReturn: #return is AppSync's own directive.
// See: https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-directives.html
func TestReturn(t *testing.T) {
	ctx := value.MapOf("result", value.MapOf("id", "1"))
	for _, test := range []struct {
		name, template string
		want           any
	}{
		{"without a value", `a#return b`, nil},
		{"with empty parentheses", `#return()`, nil},
		{"an object as it is", `x #return($ctx.result)`, `{"id":"1"}`},
		{"text that a helper makes", `#return($util.toJson({}))`, `"{}"`},
		{"from a loop", `#foreach($i in [1..3])#if($i == 2)#return($i)#end#end`, `2`},
		{"from a macro", `#macro(m $x)#return($x)#end#m([1,2])after`, `[1,2]`},
		{"from a string", `#set($x = "a#return(5)b")after`, `5`},
		{"from evaluated text", `#evaluate('#return("x")')after`, `"x"`},
		{"null for what is undefined", `#return($nope)`, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			result, err := execute(t, test.template, ctx, vtl.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if !result.Returned || result.Text != "" {
				t.Errorf("result %+v, want a returned one without text", result)
			}
			if test.want == nil {
				if result.Value != nil {
					t.Errorf("value %v, want null", result.Value)
				}
			} else if got := value.JSON(result.Value); got != test.want {
				t.Errorf("value %s, want %s", got, test.want)
			}
		})
	}
	for _, text := range []string{`#return(null)`, `#return(1 + 2)`, `#return(1, 2)`} {
		if _, err := vtl.Compile("test", text); err == nil {
			t.Errorf("%s compiles, want an error: the arguments of directives are simple values", text)
		}
	}
}

func TestParseErrorNamesPlace(t *testing.T) {
	_, err := vtl.Compile("resolvers/a.vtl", "line one\n#if($x = 1)a#end")
	var failure *vtl.ParseError
	if !errors.As(err, &failure) {
		t.Fatalf("error %v, want a *ParseError", err)
	}
	if failure.Name != "resolvers/a.vtl" || failure.Line != 2 || failure.Column != 8 {
		t.Errorf("error at %s:%d:%d, want resolvers/a.vtl:2:8", failure.Name, failure.Line, failure.Column)
	}
	// Apache Velocity 1.7's text, with AppSync's log tag.
	if want := `Encountered "=" at velocity[line 2, column 8]`; !strings.HasPrefix(failure.Msg, want) {
		t.Errorf("message %q, want prefix %q", failure.Msg, want)
	}
}

func TestRenderErrorNamesPlace(t *testing.T) {
	_, err := execute(t, "x\n  $ctx.l.get(7)", value.MapOf("l", value.NewList("a", "b", "c")), vtl.Options{})
	var failure *vtl.RenderError
	if !errors.As(err, &failure) {
		t.Fatalf("error %v, want a *RenderError", err)
	}
	if failure.Name != "test" || failure.Line != 2 || failure.Column != 10 {
		t.Errorf("error at %s:%d:%d, want test:2:10", failure.Name, failure.Line, failure.Column)
	}
	// Apache Velocity 1.7's text; both blanks behind "in" are its own.
	want := "Invocation of method 'get' in  class java.util.ArrayList threw exception java.lang.IndexOutOfBoundsException: Index 7 out of bounds for length 3 at velocity[line 2, column 10]"
	if failure.Msg != want {
		t.Errorf("message %q, want %q", failure.Msg, want)
	}
}

func TestErrorOfObjectComesOut(t *testing.T) {
	for _, text := range []string{
		`$util.error("x")`, `$!util.error("x")`, `#set($a = "b $util.error()")`, `#foreach($i in [1])$util.qr($util.error())#end`,
		`#macro(m)$util.error()#end#m()`, `#define($d)$util.error()#end$d`, `#evaluate('$util.error()')`,
	} {
		if _, err := execute(t, text, nil, vtl.Options{}); !errors.Is(err, errStopped) {
			t.Errorf("%s: error %v, want that of the object", text, err)
		}
	}
}

func TestSetNull(t *testing.T) {
	const text = `#set($a = 1)#set($a = $nope)$a|#set($ctx.k = $nope)$ctx`
	for _, test := range []struct {
		allowed bool
		want    string
	}{
		// Apache Velocity 1.7 with directive.set.null.allowed false and true.
		{false, "1|{k=v}"},
		{true, "$a|{k=null}"},
	} {
		result, err := execute(t, text, value.MapOf("k", "v"), vtl.Options{SetNull: test.allowed})
		if err != nil || result.Text != test.want {
			t.Errorf("set null %v: %q %v, want %q", test.allowed, result.Text, err, test.want)
		}
	}
}

// TestLoopIsCutOff: Velocity's directive.foreach.maxloops ends a loop without
// an error.
func TestLoopIsCutOff(t *testing.T) {
	var warnings []string
	opt := vtl.Options{LoopIterations: 3, Logf: func(format string, args ...any) {
		warnings = append(warnings, fmt.Sprintf(format, args...))
	}}
	result, err := execute(t, `#foreach($i in [1..5])$i#end.`, nil, opt)
	if err != nil || result.Text != "123." {
		t.Errorf("got %q %v, want 123.", result.Text, err)
	}
	if len(warnings) != 1 || !strings.Contains(warnings[0], "test: #foreach at velocity[line 1, column 1]") {
		t.Errorf("warnings %q, want one that names the loop", warnings)
	}
	result, err = execute(t, `#foreach($i in [1..1500])#set($n = $i)#end$n`, nil, vtl.Options{})
	if err != nil || result.Text != "1000" {
		t.Errorf("the default gives %q %v, want 1000 rounds", result.Text, err)
	}
}

func TestBounds(t *testing.T) {
	nest := strings.Repeat("#foreach($i in [1..1000])", 8) + "x" + strings.Repeat("#end", 8)
	quiet := strings.Repeat("#foreach($i in [1..1000])", 8) + "#set($x = $i)" + strings.Repeat("#end", 8)
	for _, test := range []struct {
		name, template string
		options        vtl.Options
		want           error
	}{
		{"output", nest, vtl.Options{OutputBytes: 1 << 20}, vtl.ErrTooLarge},
		{"small output", "abc", vtl.Options{OutputBytes: 2}, vtl.ErrTooLarge},
		{"endless nest", quiet, vtl.Options{}, vtl.ErrBudget},
		{"steps", quiet, vtl.Options{Steps: 100}, vtl.ErrBudget},
		{"huge range", `#set($x = [1..2000000000])`, vtl.Options{}, vtl.ErrBudget},
		{"doubling text", `#set($s = "xxxxxxxx")#foreach($i in [1..60])#set($s = "$s$s")#end`, vtl.Options{}, vtl.ErrTooLarge},
		{"doubling by plus", `#set($s = "xxxxxxxx")#foreach($i in [1..60])#set($s = $s + $s)#end`, vtl.Options{}, vtl.ErrTooLarge},
		{"doubling list", `#set($l = [1,2])#foreach($i in [1..60])$l.addAll($l)#end`, vtl.Options{}, vtl.ErrBudget},
		{"repeated text", `#set($s = "x")$s.repeat(2000000000)`, vtl.Options{}, vtl.ErrTooLarge},
		{"wide format", `#set($s = "x")$s.format("%2000000000d", 1)`, vtl.Options{}, vtl.ErrTooLarge},
		{"grown by replace", `#set($s = "xxxxxxxxxxxxxxxx")#foreach($i in [1..20])#set($s = $s.replace("x", $s))#end`, vtl.Options{}, vtl.ErrTooLarge},
		{"kept text", `#set($l = [])#set($s = "xxxxxxxx")#foreach($i in [1..18])#set($s = "$s$s")#end#foreach($i in [1..1000])$!l.add("$s.")#end`, vtl.Options{}, vtl.ErrBudget},
		{"lists of lists", `#set($l = [1])#foreach($i in [1..60])#set($l = [$l, $l])#end$l`, vtl.Options{}, vtl.ErrTooLarge},
	} {
		t.Run(test.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			_, err := execute(t, test.template, nil, test.options)
			if !errors.Is(err, test.want) {
				t.Errorf("error %v, want %v", err, test.want)
			}
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("took %v", took)
			}
			runtime.ReadMemStats(&after)
			if grown := after.HeapAlloc - before.HeapAlloc; after.HeapAlloc > before.HeapAlloc && grown > 1<<30 {
				t.Errorf("uses %d MB", grown>>20)
			}
		})
	}
}

func TestOtherBombsEnd(t *testing.T) {
	for _, text := range []string{
		`#set($m = {})$!m.put("m", $m)$m $m.hashCode()`,
		`#set($l = [])$!l.add($l)$l $l.hashCode() $l.equals($l)`,
		`#set($n = 3)#foreach($i in [1..1000])#set($n = $n * $n)#end`,
		`#macro(m)#m()#end#m()`,
		`#set($t = '#evaluate($t)')#evaluate($t)`,
		`#define($d)$d$d$d#end$d`,
		`#set($s = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!")$s.matches("(a+)+b")`,
	} {
		start := time.Now()
		_, _ = execute(t, text, nil, vtl.Options{})
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%s took %v", text, took)
		}
	}
	for _, text := range []string{
		strings.Repeat("#if(true)", 100_000),
		"#set($x = " + strings.Repeat("(", 100_000),
		"#set($x = " + strings.Repeat("[", 100_000),
		"#set($x = " + strings.Repeat("!", 100_000) + "true)",
		"#set($x = " + strings.Repeat(`[$a.b(`, 100_000),
		"#set($x = " + strings.Repeat(`{"a":`, 100_000),
		strings.Repeat("$a[", 100_000),
		"#set($x = 1" + strings.Repeat(" + 1", 100_000) + ")",
	} {
		start := time.Now()
		if _, err := vtl.Compile("test", text); err == nil {
			t.Errorf("%.20s... compiles", text)
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%.20s... took %v", text, took)
		}
	}
}

func TestCancellation(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	tmpl := compile(t, `#foreach($i in [1..1000])#foreach($j in [1..1000])#set($x = $j)#end#end`)
	if _, err := tmpl.Execute(ctx, nil, vtl.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}

func TestTemplateIsSafeForConcurrentUse(t *testing.T) {
	tmpl := compile(t, `#foreach($i in [1..50])$ctx.k.replaceAll("(v)$i?", "[$1]")#evaluate('#set($z = $i)')$z#end`)
	want, err := tmpl.Execute(context.Background(), roots(value.MapOf("k", "v")), vtl.Options{})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	for range 8 {
		go func() {
			for range 20 {
				got, err := tmpl.Execute(context.Background(), roots(value.MapOf("k", "v")), vtl.Options{})
				if err != nil || got != want {
					done <- fmt.Errorf("got %q %v, want %q", got.Text, err, want.Text)
					return
				}
			}
			done <- nil
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestGeneratedTemplatesCompile(t *testing.T) {
	files, err := filepath.Glob("testdata/templates/*.vtl")
	if err != nil || len(files) == 0 {
		t.Fatal("no templates", err)
	}
	for _, path := range files {
		compile(t, read(t, path))
	}
}

func read(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Nothing of Java's reflection is reachable.
func TestNoReflection(t *testing.T) {
	for _, text := range []string{`$ctx.class`, `$ctx.getClass()`, `$ctx.k.class.name`, `$ctx.k.getClass().forName("x")`, `$ctx.k.wait()`, `$ctx.k.notify()`} {
		result, err := execute(t, text, value.MapOf("k", "v"), vtl.Options{})
		if err != nil || result.Text != text {
			t.Errorf("%s gives %q %v, want its own source", text, result.Text, err)
		}
	}
}

func FuzzCompile(f *testing.F) {
	for _, path := range []string{"testdata/behaviours.jsonl", "testdata/syntax.jsonl"} {
		for _, c := range readCases(f, path) {
			f.Add(c.Template)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, err := vtl.Compile("fuzz", text)
		var failure *vtl.ParseError
		if err != nil && !errors.As(err, &failure) {
			t.Errorf("error %T %v, want a *ParseError", err, err)
		}
	})
}

func FuzzExecute(f *testing.F) {
	for _, path := range []string{"testdata/behaviours.jsonl", "testdata/programs.jsonl", "testdata/methods.jsonl"} {
		for _, c := range readCases(f, path) {
			f.Add(c.Template)
		}
	}
	all := velocityRoots(f)
	f.Fuzz(func(t *testing.T, text string) {
		tmpl, err := vtl.Compile("fuzz", text)
		if err != nil {
			return
		}
		var mine []vtl.Root
		for _, r := range all {
			mine = append(mine, vtl.Root{Name: r.Name, Value: value.DeepCopy(r.Value)})
		}
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		result, err := tmpl.Execute(ctx, mine, vtl.Options{Steps: 200_000, OutputBytes: 1 << 16})
		var failure *vtl.RenderError
		switch {
		case err == nil:
			if len(result.Text) > 1<<16 {
				t.Errorf("%d bytes of output", len(result.Text))
			}
		case errors.As(err, &failure), errors.Is(err, vtl.ErrBudget), errors.Is(err, vtl.ErrTooLarge):
		default:
			t.Errorf("error %T %v", err, err)
		}
	})
}

func benchmark(b *testing.B, text string, ctx func() any) {
	tmpl := compile(b, text)
	all := roots(ctx())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tmpl.Execute(context.Background(), all, vtl.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPutItemRequest(b *testing.B) {
	benchmark(b, `{
  "version": "2018-05-29",
  "operation": "PutItem",
  "key": {
    "id": { "S": "$ctx.args.input.id" }
  },
  #set($attributes = {})
  #foreach($entry in $ctx.args.input.entrySet())
    #if($entry.key != "id" && $entry.value)
      $util.qr($attributes.put($entry.key, $entry.value))
    #end
  #end
  "attributeValues": $util.toJson($attributes)
}`, func() any {
		return value.MapOf("args", value.MapOf("input", value.MapOf("id", "p1", "name", "Espresso", "price", int32(250), "stock", int32(12), "note", nil)))
	})
}

func BenchmarkListResponse(b *testing.B) {
	benchmark(b, `{"items":[#foreach($item in $ctx.result.items){"id":"$item.id","name":"$item.name","price":$item.price#if($item.note),"note":"$item.note"#end}#if($foreach.hasNext),#end#end],"nextToken":$util.toJson($ctx.result.nextToken)}`, func() any {
		items := value.NewList()
		for i := range 100 {
			items.Append(value.MapOf("id", fmt.Sprint("item", i), "name", "Espresso", "price", int32(250)))
		}
		return value.MapOf("result", value.MapOf("items", items, "nextToken", nil))
	})
}

func BenchmarkAuthorization(b *testing.B) {
	benchmark(b, read(b, "testdata/templates/Mutation.updateProduct.auth.1.res.vtl"), func() any {
		return value.MapOf("stash", value.NewMap(0), "args", value.MapOf("input", value.MapOf("id", "p1", "name", "Espresso", "_version", int32(3))))
	})
}

func BenchmarkUpdateItemRequest(b *testing.B) {
	benchmark(b, read(b, "testdata/templates/Mutation.updateProduct.req.vtl"), func() any {
		return value.MapOf(
			"stash", value.MapOf("conditions", value.NewList(), "metadata", value.NewMap(0), "defaultValues", value.NewMap(0)),
			"args", value.MapOf("input", value.MapOf("id", "p1", "name", "Espresso", "_version", int32(3))))
	})
}

func BenchmarkCompile(b *testing.B) {
	text := read(b, "testdata/templates/Mutation.updateProduct.req.vtl")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := vtl.Compile("benchmark", text); err != nil {
			b.Fatal(err)
		}
	}
}
