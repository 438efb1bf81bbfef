package builtin_test

import (
	"strings"
	"testing"

	"appsync-emulator/mappingtemplate/value"
)

// AWS's page "HTTP helpers in $util.http".
func TestHTTPHelpers(t *testing.T) {
	u, env := newUtil()
	headers := parse(t, `{"x-api-key":"k","Host":"h","content-length":"3","TE":"x","accept":["a","b"]}`)
	mustEqual(t, "copyHeaders", call(t, u, "http", "copyHeaders", headers), parse(t, `{"x-api-key":"k","accept":["a","b"]}`))

	mustEqual(t, "addResponseHeader", call(t, u, "http", "addResponseHeader", "itemsCount", int32(7)), "")
	call(t, u, "http", "addResponseHeaders", parse(t, `{"headerInt":12,"headerString":"stringValue","headerObject":{"field1":7,"field2":"string"}}`))
	call(t, u, "http", "addResponseHeader", "ITEMSCOUNT", "8")
	want := []string{"ITEMSCOUNT: 8", "headerInt: 12", "headerString: stringValue", `headerObject: {"field1":7,"field2":"string"}`}
	if len(env.Effects.Headers) != len(want) {
		t.Fatalf("headers = %v", env.Effects.Headers)
	}
	for i, h := range env.Effects.Headers {
		if got := h.Name + ": " + h.Value; got != want[i] {
			t.Errorf("header %q, want %q", got, want[i])
		}
	}
	if len(env.Effects.Errors) != 0 {
		t.Errorf("errors = %v", env.Effects.Errors)
	}
}

// The same page: such headers are left out and reported as ResponseHeaderError.
func TestResponseHeadersThatAreNotAllowed(t *testing.T) {
	for _, c := range []struct {
		name string
		v    any
	}{
		{"", "v"}, {"a", nil}, {"Content-Length", "1"}, {"access-control-allow-origin", "*"},
		{"Vary", "a"}, {"content-type", "a"}, {"x-amzn-a", "1"}, {"X-Amz-a", "1"},
		{"a b", "1"}, {"a", "x\r\nset-cookie: y"},
		{"a", strings.Repeat("x", 4096)},
	} {
		u, env := newUtil()
		call(t, u, "http", "addResponseHeader", c.name, c.v)
		if len(env.Effects.Headers) != 0 || len(env.Effects.Errors) != 1 || env.Effects.Errors[0].Type != "ResponseHeaderError" {
			t.Errorf("%q: headers %v, errors %v", c.name, env.Effects.Headers, env.Effects.Errors)
		}
	}
}

// The restricted names are those of AWS's page "HTTP helpers in $util.http", in
// any letter case.
func TestCopyHeadersLeavesOutRestrictedHeaders(t *testing.T) {
	u, _ := newUtil()
	headers, kept := value.NewMap(0), value.NewMap(0)
	for _, name := range []string{"transfer-encoding", "connection", "host", "expect", "keep-alive", "upgrade",
		"proxy-authenticate", "proxy-authorization", "te", "content-length"} {
		headers.Set(name, "v")
		headers.Set(strings.ToUpper(name), "v")
	}
	for _, name := range []string{"authorization", "content-type", "vary", "x-amzn-trace-id", "trailer"} {
		headers.Set(name, "v")
		kept.Set(name, "v")
	}
	headers.Set("empty", nil)
	kept.Set("empty", nil)
	mustEqual(t, "copyHeaders", call(t, u, "http", "copyHeaders", headers), kept)
	mustEqual(t, "copyHeaders({})", call(t, u, "http", "copyHeaders", value.NewMap(0)), value.NewMap(0))
	mustEqual(t, "copyHeaders(null)", call(t, u, "http", "copyHeaders", nil), nil)
	copied := call(t, u, "http", "copyHeaders", headers).(*value.Map)
	copied.Set("vary", "other")
	mustEqual(t, "the original", headers.Value("vary"), "v")
}

// The same page: every restricted name and prefix, in any letter case.
func TestResponseHeadersThatAreRestricted(t *testing.T) {
	for _, name := range []string{
		"transfer-encoding", "connection", "host", "expect", "keep-alive", "upgrade", "proxy-authenticate",
		"proxy-authorization", "te", "content-length",
		"Access-Control-Allow-Credentials", "Access-Control-Allow-Origin", "Access-Control-Expose-Headers",
		"Access-Control-Max-Age", "Access-Control-Allow-Methods", "Access-Control-Allow-Headers", "Vary", "Content-Type",
		"x-amzn-requestid", "x-amz-date", "x-amzn-", "x-amz-",
	} {
		for _, n := range []string{name, strings.ToUpper(name), strings.ToLower(name)} {
			u, env := newUtil()
			mustEqual(t, n, call(t, u, "http", "addResponseHeader", n, "v"), "")
			if len(env.Effects.Headers) != 0 || len(env.Effects.Errors) != 1 || env.Effects.Errors[0].Type != "ResponseHeaderError" {
				t.Errorf("%s: headers %v, errors %v", n, env.Effects.Headers, env.Effects.Errors)
			}
		}
	}
	for _, name := range []string{"x-amazon", "x-am", "Variant", "access-control-request-method", "trailer", "x-te"} {
		u, env := newUtil()
		call(t, u, "http", "addResponseHeader", name, "v")
		if len(env.Effects.Headers) != 1 || len(env.Effects.Errors) != 0 {
			t.Errorf("%s: headers %v, errors %v", name, env.Effects.Headers, env.Effects.Errors)
		}
	}
}

// The same page: 4 KB for all names and values, each definition counting.
func TestResponseHeadersHaveFourKilobytes(t *testing.T) {
	u, env := newUtil()
	add := func(name string, n int) {
		t.Helper()
		call(t, u, "http", "addResponseHeader", name, strings.Repeat("x", n))
	}
	add("a", 2047)
	add("b", 2047)
	if len(env.Effects.Headers) != 2 || len(env.Effects.Errors) != 0 {
		t.Fatalf("4096 bytes: %d headers, errors %v", len(env.Effects.Headers), env.Effects.Errors)
	}
	add("c", 0)
	if len(env.Effects.Headers) != 2 || len(env.Effects.Errors) != 1 {
		t.Errorf("4097 bytes: %d headers, errors %v", len(env.Effects.Headers), env.Effects.Errors)
	}
	u, env = newUtil()
	add("a", 3000)
	add("a", 3000)
	if len(env.Effects.Headers) != 1 || len(env.Effects.Errors) != 1 {
		t.Errorf("two definitions: %d headers, errors %v", len(env.Effects.Headers), env.Effects.Errors)
	}
}

// The same page; Java finds no method for other types of arguments.
func TestHTTPHelpersOfOddInput(t *testing.T) {
	u, env := newUtil()
	for _, c := range []struct {
		name string
		args []any
	}{
		{"copyHeaders", nil}, {"copyHeaders", []any{"a"}}, {"copyHeaders", []any{value.NewList()}}, {"copyHeaders", []any{nil, nil}},
		{"addResponseHeader", []any{"a"}}, {"addResponseHeader", []any{int32(1), "v"}}, {"addResponseHeader", []any{"a", "b", "c"}},
		{"addResponseHeaders", nil}, {"addResponseHeaders", []any{"a"}}, {"addResponseHeaders", []any{value.NewList()}},
		{"nosuch", nil},
	} {
		if v, ok, err := invoke(t, u, "http", c.name, c.args...); ok || err != nil || v != nil {
			t.Errorf("%s(%v) = %v, %v, %v; want not found", c.name, c.args, v, ok, err)
		}
	}
	mustEqual(t, "no headers", call(t, u, "http", "addResponseHeaders", nil), "")
	mustEqual(t, "no headers", call(t, u, "http", "addResponseHeaders", value.NewMap(0)), "")
	if len(env.Effects.Headers) != 0 || len(env.Effects.Errors) != 0 {
		t.Fatalf("headers %v, errors %v", env.Effects.Headers, env.Effects.Errors)
	}
	// One bad header does not keep the others out.
	call(t, u, "http", "addResponseHeaders", parse(t, `{"a":"1","vary":"x","b":null,"c":"","d":true,"e":[1]}`))
	want := []string{"a: 1", "c: ", "d: true", "e: [1]"}
	if len(env.Effects.Headers) != len(want) || len(env.Effects.Errors) != 2 {
		t.Fatalf("headers %v, errors %v", env.Effects.Headers, env.Effects.Errors)
	}
	for i, h := range env.Effects.Headers {
		if got := h.Name + ": " + h.Value; got != want[i] {
			t.Errorf("header %q, want %q", got, want[i])
		}
	}
	// RFC 9110, 5.5: control characters are no part of a value, but tab is.
	for text, ok := range map[string]bool{"a\tb": true, "ü": true, "a\x01b": false, "a\x7f": false, "a\nb": false, "a\rb": false, "\x00": false} {
		u, env := newUtil()
		call(t, u, "http", "addResponseHeader", "a", text)
		if len(env.Effects.Headers) == 1 != ok {
			t.Errorf("%q: headers %v", text, env.Effects.Headers)
		}
	}
}
