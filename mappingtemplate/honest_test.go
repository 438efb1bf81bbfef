package mappingtemplate_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"appsync-emulator/mappingtemplate"
	"appsync-emulator/mappingtemplate/builtin"
	"appsync-emulator/mappingtemplate/value"
	"appsync-emulator/mappingtemplate/vtl"
)

// honestSteps is a quarter of the steps that an evaluation may take: templates
// that do real work, if much of it, take less.
const honestSteps = 20_000_000 / 4

// TestLargeTemplatesAreFarFromTheLimits renders templates as large as AppSync
// takes, over results as large as it takes.
func TestLargeTemplatesAreFarFromTheLimits(t *testing.T) {
	items := &value.List{}
	for i := range 1000 {
		tags := &value.List{}
		for j := range 20 {
			tags.Append(fmt.Sprintf("tag-%d-%d", i, j))
		}
		items.Append(value.MapOf("id", fmt.Sprintf("item-%04d", i), "title", strings.Repeat("word ", 20), "price", int32(i), "tags", tags))
	}
	result := value.MapOf("items", items)
	large := &value.List{}
	for i := range 1000 {
		large.Append(value.MapOf("id", int32(i), "text", strings.Repeat("x", 5000)))
	}
	claims := value.NewMap(200)
	for i := range 200 {
		claims.Set(fmt.Sprintf("claim-%d", i), strings.Repeat("c", 120))
	}
	for _, c := range []struct {
		name, text string
		ctx        *value.Map
	}{
		{"1000 items with loops in loops", `[#foreach($item in $ctx.result.items){"id": $util.toJson($item.id), "tags": [#foreach($tag in $item.tags)` +
			`#if($tag.startsWith("tag"))$util.toJson($tag.toUpperCase())#else null#end#if($foreach.hasNext),#end#end]}#if($foreach.hasNext),#end#end]`,
			value.MapOf("result", result)},
		{"1000 items made anew", `#set($out = [])#set($seen = {})#foreach($item in $ctx.result.items)#set($copy = {})#foreach($e in $item.entrySet())` +
			`$util.qr($copy.put($e.key, $e.value))#end$util.qr($copy.put("at", $util.time.nowISO8601()))#if(!$seen.containsKey($item.id))` +
			`$util.qr($seen.put($item.id, true))$util.qr($out.add($copy))#end#end$util.toJson($out)`,
			value.MapOf("result", result)},
		{"1000 items for DynamoDB", `$util.dynamodb.toDynamoDBJson($ctx.result)`, value.MapOf("result", result)},
		{"1000 items by regular expressions", `#foreach($item in $ctx.result.items)#if($util.matches("item-[0-9]+", $item.id))$item.title.replaceAll("word", "w")#end#end`,
			value.MapOf("result", result)},
		{"1000 dates", `#foreach($item in $ctx.result.items)$util.time.epochMilliSecondsToFormatted($item.price, "yyyy-MM-dd HH:mm:ssZ")#end`,
			value.MapOf("result", result)},
		{"a result of 5 MB", `$util.toJson($ctx.result)`, value.MapOf("result", large)},
		{"a result of 5 MB by parts", `[#foreach($i in $ctx.result)$util.toJson($i)#if($foreach.hasNext),#end#end]`, value.MapOf("result", large)},
		{"JSON of 1 MB parsed and written", `#set($v = $util.parseJson($ctx.result))$util.toJson($v)`, value.MapOf("result", value.JSON(result)+strings.Repeat(" ", 1<<19))},
		{"a template of 64 KB", strings.Repeat("#if($util.isNull($ctx.args.x))#set($v = $util.defaultIfNull($ctx.args.y, {\"a\": [1, 2, 3]}))$util.toJson($v)#end\n", 640), value.MapOf("args", value.NewMap(0))},
		{"a context of 28 KB", `#foreach($e in $ctx.identity.claims.entrySet())#foreach($f in $ctx.identity.claims.entrySet())#if($e.key == $f.key)$util.toJson($e.value)#end#end#end`,
			value.MapOf("identity", value.MapOf("claims", claims))},
	} {
		t.Run(c.name, func(t *testing.T) {
			env := mappingtemplate.Env{Context: c.ctx, Util: &builtin.Env{}, Options: vtl.Options{Steps: honestSteps}}
			if _, err := compile(t, c.text).Render(context.Background(), env); err != nil {
				t.Error(err)
			}
		})
	}
	amplify, err := filepath.Glob("vtl/testdata/templates/*.vtl")
	if err != nil || len(amplify) == 0 {
		t.Fatal("no templates", err)
	}
	ctx := parse(t, benchmarkFile(t, "authorization.json")).(*value.Map)
	for _, path := range amplify {
		t.Run(filepath.Base(path), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			env := mappingtemplate.Env{Context: value.DeepCopy(ctx).(*value.Map), Options: vtl.Options{Steps: honestSteps / 100}}
			_, err = compile(t, string(text)).Render(context.Background(), env)
			if err != nil && strings.Contains(err.Error(), "too many evaluation steps") {
				t.Error(err)
			}
		})
	}
}
