package builtin_test

import (
	"strings"
	"testing"

	"appsync-emulator/mappingtemplate/builtin"
	"appsync-emulator/mappingtemplate/value"
)

// The first two are AWS's page "XML helpers in $util.xml"; the others are the
// rules of org.json.XML.
func TestXMLHelpers(t *testing.T) {
	u, _ := newUtil()
	for _, c := range []struct{ xml, want string }{
		{`<?xml version="1.0" encoding="UTF-8"?>
<posts>
<post>
  <id>1</id>
  <title>Getting started with GraphQL</title>
</post>
</posts>`, `{"posts":{"post":{"id":1,"title":"Getting started with GraphQL"}}}`},
		{`<posts><post><id>1</id><title>Getting started with GraphQL</title></post><post><id>2</id><title>Getting started with AWS AppSync</title></post></posts>`,
			`{"posts":{"post":[{"id":1,"title":"Getting started with GraphQL"},{"id":2,"title":"Getting started with AWS AppSync"}]}}`},
		{`<a x="1">text<b/></a>`, `{"a":{"x":1,"content":"text","b":""}}`},
		{`<a><b>true</b><c>1.5</c><d>007</d><e>-</e></a>`, `{"a":{"b":true,"c":1.5,"d":"007","e":"-"}}`},
		{`<a><![CDATA[<b>]]></a>`, `{"a":"<b>"}`},
		{`<a><![CDATA[12]]></a>`, `{"a":"12"}`},
		{`<a>True</a>`, `{"a":true}`},
		{`<a>NULL</a>`, `{"a":null}`},
		{`<a>one<b>2</b>three</a>`, `{"a":{"content":["one","three"],"b":2}}`},
		{`<a>1<!-- c -->2</a>`, `{"a":[[1,2]]}`},
		{`<a><b>00.5</b><b>-7</b><b>12345678901</b><b>1e400</b><b>-</b><b>0x1F</b><b> 5 </b></a>`, `{"a":{"b":[0.5,-7,12345678901,"1e400","-","0x1F",5]}}`},
		{`<s:a xmlns:s="u">&lt;</s:a>`, `{"s:a":{"xmlns:s":"u","content":"<"}}`},
	} {
		mustEqual(t, "toMap", call(t, u, "xml", "toMap", c.xml), parse(t, c.want))
		if got := call(t, u, "xml", "toJsonString", c.xml); got != c.want {
			t.Errorf("toJsonString = %s, want %s", got, c.want)
		}
	}
	mustEqual(t, "encoded", call(t, u, "xml", "toJsonString", "<a>1</a>", true), `"{\"a\":1}"`)
	for _, bad := range []any{nil, "<a>", "<a></b>", "text", "<a", "</a>"} {
		mustEqual(t, "no XML", call(t, u, "xml", "toMap", bad), nil)
	}
}

func TestXMLHelpersOfOddInput(t *testing.T) {
	u, _ := newUtil()
	deep := strings.Repeat("<a>", 501) + strings.Repeat("</a>", 501)
	for _, bad := range []any{nil, "<a", "<a b></a>", "<a>&nosuch;</a>", "<a/>text", deep, strings.Repeat("<", 1<<20)} {
		for _, name := range []string{"toMap", "toJsonString"} {
			mustEqual(t, name, call(t, u, "xml", name, bad), nil)
		}
	}
	mustEqual(t, "an empty text", call(t, u, "xml", "toMap", ""), value.NewMap(0))
	mustEqual(t, "not encoded", call(t, u, "xml", "toJsonString", "<a>1</a>", false), `{"a":1}`)
	call(t, u, "xml", "toMap", "<a>"+strings.Repeat("<b/>", 1<<16)+"</a>")
}

func FuzzXML(f *testing.F) {
	f.Add(`<?xml version="1.0" encoding="UTF-8"?><posts><post id="1">a<b/><![CDATA[x]]></post></posts>`)
	f.Add(`<a>1</a><a>-0.0</a>`)
	f.Add(`<s:a xmlns:s='u' b="&lt;"/>`)
	u := builtin.New(&builtin.Env{})
	family, _ := u.Property("xml")
	f.Fuzz(func(t *testing.T, text string) {
		m, ok, err := family.(object).Invoke("toMap", []any{text})
		if !ok || err != nil {
			t.Fatalf("toMap(%q): %v, %v", text, ok, err)
		}
		s, _, _ := family.(object).Invoke("toJsonString", []any{text})
		if m == nil {
			if s != nil {
				t.Fatalf("toJsonString(%q) = %v", text, s)
			}
			return
		}
		if _, err := value.ParseJSON(s.(string)); err != nil {
			t.Fatalf("toJsonString(%q) = %s: %v", text, s, err)
		}
	})
}
