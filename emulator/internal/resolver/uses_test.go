package resolver

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"appsync-emulator/emulator/internal/apierror"
	"appsync-emulator/emulator/internal/datasource"
	"appsync-emulator/emulator/internal/exec"
	"appsync-emulator/emulator/internal/plan"
	"appsync-emulator/emulator/internal/project"
	"appsync-emulator/emulator/internal/schema"
	"appsync-emulator/mappingtemplate/value"
)

func TestUses(t *testing.T) {
	const some = ctxArguments | ctxInfo
	for _, c := range []struct {
		text string
		want keys
	}{
		{`no references`, 0},
		{`$util.toJson($ctx.args.id)`, ctxArguments},
		{`$context.arguments ${ctx.info} $!{context.info.fieldName} $!ctx.info`, some},
		{`$ctx.result.items[0] $ctx.error $ctx.prev.result`, ctxResult | ctxError | ctxPrev},
		{`$ctx.stash.put("a", $ctx.source) $ctx.env.A`, ctxStash | ctxSource | ctxEnv},
		{`$ctx.identity.sub $ctx.request.headers $ctx.outErrors`, ctxIdentity | ctxRequest | ctxOutErrors},
		{`$ctxargs $contexts.info $my.ctx`, 0},
		{`$ctx["info"]`, ctxAll},
		{`$ctx.get("info")`, ctxAll},
		{`$!{ctx}`, ctxAll},
		{`#set($c = $ctx)$c.info`, ctxAll},
		{`$util.toJson($context)`, ctxAll},
		{`#foreach($e in $ctx.entrySet())$e#end`, ctxAll},
		{`#macro(m $c)$c.info#end#m($ctx)`, ctxAll},
		{`#evaluate("$x")`, ctxAll},
		{`#set($a = "\u0024ctx.info")`, ctxAll},
		{`$ctx.info-x`, ctxAll},
		{`$ctx.other`, ctxAll},
	} {
		var u uses
		u.scan(c.text)
		if u.keys != c.want {
			t.Errorf("%s: %b, want %b", c.text, u.keys, c.want)
		}
	}
}

// subject runs a template as the response template of a function, whose data
// source fails.
type subject struct {
	schema *schema.Schema
	plan   *plan.Plan
}

func newSubject(t testing.TB) *subject {
	t.Helper()
	s, problems := schema.Parse([]schema.Source{{Name: "schema.graphql", Text: `
		type Query { get(id: ID, list: [Int], filter: Filter): Node }
		type Node { id: ID get: Node }
		input Filter { a: String }
		schema { query: Query }`}})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	p, failure := plan.Compile(s, `query Q($f: Filter) { get(id: 1, list: [1, 2], filter: $f) { alias: id get { id } } }`, "", plan.Options{})
	if failure != nil {
		t.Fatal(failure.Errors)
	}
	return &subject{s, p}
}

// run returns all that the outside can see of an execution, and whether the
// text compiles. Everything makes the resolver build the whole context.
func (s *subject) run(t testing.TB, text string, everything bool) (string, bool) {
	t.Helper()
	api := &project.API{Functions: []*project.Function{{
		Name: "F", DataSource: "S", Request: &project.Template{Text: "{}"}, Response: &project.Template{Text: text},
	}}}
	c := NewCompiler(api)
	r := c.Compile(&project.Resolver{
		Type: "Query", Field: "get", Kind: project.KindPipeline,
		Functions: []project.FunctionRef{{Name: "F"}},
	}, "Node")
	if len(c.Problems()) > 0 {
		return "", false
	}
	if everything {
		r.uses.keys, r.uses.mutates = ctxAll, true
	}
	err := r.Bind(&Runtime{
		Now:         func() time.Time { return time.Unix(1700000000, 0) },
		IDs:         rand.NewPCG(1, 2),
		Environment: []Variable{{"A", "b"}},
		Source:      func(string) datasource.Source { return failing{} },
	})
	if err != nil {
		t.Fatal(err)
	}
	raw := value.MapOf("f", value.MapOf("a", "x"))
	vars, failure := s.plan.Coerce(raw)
	if failure != nil {
		t.Fatal(failure)
	}
	shared := value.MapOf(
		"source", value.MapOf("id", "s", "list", value.NewList("a", value.MapOf("b", int32(1))), "map", value.MapOf("k", "v")),
		"identity", value.MapOf("sub", "u", "claims", value.MapOf("c", "d")),
		"variables", raw,
	)
	before := value.JSON(shared)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	out := r.Resolve(ctx, &exec.Call{
		Field:  s.plan.Root.For(s.plan.Root.Type)[0],
		Parent: s.schema.Query,
		Vars:   vars,
		Source: shared.Value("source"),
		Env:    &Env{Headers: http.Header{"H": {"1"}, "M": {"a", "b"}}, Identity: shared.Value("identity"), DomainName: "d"},
	})
	if after := value.JSON(shared); after != before {
		t.Errorf("%q changed what others share from %s to %s", text, before, after)
	}
	seen := value.JSON(out.Value)
	for _, e := range out.Errors {
		// What is no JSON is in the message.
		seen += "\n" + string(e.AppendJSON(nil))
		if e.Type == apierror.TypeExecutionTimeout || e.Type == apierror.TypeInternalFailure {
			return "", false
		}
	}
	return seen, true
}

// failing gives templates all that a data source can: a result and an error.
type failing struct{}

func (failing) Invoke(context.Context, *datasource.Invocation) (any, error) {
	return nil, &datasource.Error{Type: "T", Message: "m", Result: value.MapOf("id", "r", "items", value.NewList(int32(1)))}
}

func (s *subject) compare(t testing.TB, text string) {
	t.Helper()
	all, ok := s.run(t, text, true)
	if !ok {
		return
	}
	if trimmed, _ := s.run(t, text, false); trimmed != all {
		t.Errorf("%q with all of $context:\n%s\nand with what it uses:\n%s", text, all, trimmed)
	}
}

// Each of these changes the parent's value in its own way, and only a copy of it.
func TestTemplatesThatChangeTheSourceHaveACopy(t *testing.T) {
	s := newSubject(t)
	untouched, _ := s.run(t, `$util.toJson($ctx.source)`, false)
	for _, text := range []string{
		`$util.qr($ctx.source.put("a", 1))`,
		`$util.qr($ctx.source.putAll({"a": 1}))`,
		`$util.qr($ctx.source.putIfAbsent("a", 1))`,
		`$util.qr($ctx.source.remove("id"))`,
		`$util.qr($ctx.source.replace("id", 1))`,
		`$util.qr($ctx.source.map.clear())`,
		`$util.qr($ctx.source.list.add(1))`,
		`$util.qr($ctx.source.list.addAll([1]))`,
		`$util.qr($ctx.source.list.set(0, 1))`,
		`$util.qr($ctx.source.list.removeAll(["a"]))`,
		`$util.qr($ctx.source.list.retainAll(["a"]))`,
		`$util.qr($ctx.source.list.subList(0, 1).clear())`,
		`$util.qr($ctx.source.keySet().remove("id"))`,
		`#foreach($e in $ctx.source.entrySet())$util.qr($e.setValue(1))#end`,
		`#foreach($e in $ctx.source.entrySet())#set($e.value = 1)#end`,
		`#set($i = $ctx.source.list.iterator())#set($n = $i.next())$util.qr($i.remove())`,
		`#set($ctx.source.id = 1)`,
		`#set($ctx.source["id"] = 1)`,
		`#set($l = $ctx.source.list)#set($l[0] = 1)`,
		`#set ( $l = $ctx.source.list )#set (  $l[1].b = 2 )`,
		`#{set}($ctx.source.id = 1)`,
		`#set(${ctx.source.id} = 1)`,
		`#set($!{ctx.source.id} = 1)`,
		`#set($$ctx.source.id = 1)`,
		`#evaluate('#set($ctx.source.id = 1)')`,
		`#set($x = "$util.qr($ctx.source.p\u0075t('a', 1))")`,
	} {
		changed, ok := s.run(t, text+`$util.toJson($ctx.source)`, false)
		if !ok || changed == untouched {
			t.Errorf("%s changes nothing: %s", text, changed)
		}
	}
}

// A template cannot tell that its context holds no more than it can reach.
func TestTemplatesCannotTellATrimmedContext(t *testing.T) {
	s := newSubject(t)
	rapid.Check(t, func(rt *rapid.T) {
		var b strings.Builder
		for range rapid.IntRange(1, 4).Draw(rt, "statements") {
			b.WriteString(statement(rt))
		}
		s.compare(t, b.String())
		if t.Failed() {
			rt.FailNow()
		}
	})
}

func statement(t *rapid.T) string {
	r := reference(t)
	return strings.NewReplacer("REF", r, "REST", access(t), "KEY", key(t)).Replace(rapid.SampledFrom([]string{
		`REF|`,
		`$util.toJson(REF)`,
		`#set($v = REF)$util.toJson($vREST)`,
		`#set($v = "in text: REF")$v`,
		`#set($v = "$ctx[""KEY""]")$v`,
		"#set($v = \"\\u0024ctx.KEY\")$v",
		"#set($v = \"$\\u0063tx.KEY.id\")$v",
		"$util.toJson(\"$ct\\u0078.KEY\")",
		`#set($d = '$')#set($p = "${d}ctx.KEY")#evaluate($p)`,
		`#set($d = '$')#evaluate("${d}util.qr(${d}ctx.source.put('a', 1))")$util.toJson($ctx.source)`,
		`#foreach($e in REF.entrySet())$e.key=$e.value;#end`,
		`#foreach($e in [REF])$eREST#end`,
		`#macro(m $c)$cREST$c#end#m(REF)`,
		`#define($d)REF#end$d$d`,
		`#set($m = {"c": REF})$m.cREST`,
		`#if(REF)yes#{else}no#end`,
		`#set($ctx.KEY = "set")$util.toJson(REF)`,
		`#set(${ctx.KEY.id} = "set")$util.toJson(REF)`,
		`#set($ctx.source.map["k"] = REF)$util.toJson($ctx.source)`,
		`#set($s = $ctx.source)#set($s.list[0] = 1)$util.toJson(REF)`,
		`#set( $s = $ctx.source.list )#set ( $s[1].b = 2 )$util.toJson($s)`,
		`$util.qr(REF.put("KEY", 1))$util.toJson(REF)`,
		`$util.qr($ctx.source.list.remove(0))$util.toJson($ctx.source)`,
		`$util.qr($ctx.source.list.subList(0, 1).clear())$util.toJson($ctx.source)`,
		`$util.qr($ctx.source.keySet().remove("id"))$util.toJson($ctx.source)`,
		`#foreach($e in $ctx.source.entrySet())#set($e.value = 1)#end$util.toJson($ctx.source)`,
		`#set($i = $ctx.source.list.iterator())$i.next()$i.remove()$util.toJson($ctx.source)`,
		`$util.appendError("m", "t", REF, REF)`,
		`$util.appendError("m")$util.toJson($ctx.outErrors)`,
		`$util.qr($ctx.stash.put("k", REF))$util.toJson($ctx.stash)`,
		`$util.authType()`,
		`#set($ctx = {"KEY": 1})$util.toJson(REF)`,
		`#return(REF)`,
		`## REF`,
		`#* REF *#`,
		`#[[REF]]#`,
		`\REF`,
		`$$REF`,
	}).Draw(t, "statement"))
}

func reference(t *rapid.T) string {
	name := rapid.SampledFrom([]string{"ctx", "context"}).Draw(t, "root") + access(t)
	return strings.Replace(rapid.SampledFrom([]string{"$N", "$!N", "${N}", "$!{N}"}).Draw(t, "form"), "N", name, 1)
}

func access(t *rapid.T) string {
	form := rapid.SampledFrom([]string{"", ".KEY", ".KEY", ".KEY", `["KEY"]`, `.get("KEY")`, ".KEY.id", ".KEY.keySet()", ".size()", ".entrySet()", ".getKEY()", ".KEY-x", ".KEY.result"}).Draw(t, "access")
	return strings.Replace(form, "KEY", key(t), 1)
}

func key(t *rapid.T) string {
	return rapid.SampledFrom([]string{"arguments", "args", "identity", "source", "result", "request", "info", "error", "prev", "stash", "outErrors", "env", "other", "Info"}).Draw(t, "key")
}

func FuzzUses(f *testing.F) {
	for _, text := range []string{
		`$util.toJson($ctx.args)`, `$ctx["info"]`, `$ctx.get("info")`, `#set($c=$ctx)$c.source`, `${ctx.info}$!{ctx.info}`,
		`#foreach($e in $ctx.entrySet())$e.key#end`, `#macro(m $c)$c.info#end#m($ctx)`, `#define($d)$ctx.info#end$d`,
		`#evaluate('$ctx.info')`, "#set($a = \"\\u0024ctx.info\")$a", `$context`, `#set($ctx.source.id = 1)$ctx.source`,
		`$util.qr($ctx.source.put("a", 1))`, `#set($$ctx.source.id = 1)`, `#set(\$ctx.source.id = 1)`, `$!$ctx.info`, `$\!ctx.info`, `$util.error("m", "t", $ctx.source)`,
	} {
		f.Add(text)
	}
	s := newSubject(f)
	f.Fuzz(func(t *testing.T, text string) {
		// What takes long is cut off at different places.
		if len(text) > 1000 {
			return
		}
		s.compare(t, text)
	})
}
