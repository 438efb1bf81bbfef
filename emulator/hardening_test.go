package emulator_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/gorilla/websocket"

	"appsync-emulator/emulator"
	"appsync-emulator/emulator/emulatortest"
	"appsync-emulator/storage/bolt"
)

// firstError is the type and the message of an answer's first error; both are
// empty when the answer has none.
func firstError(t *testing.T, body string) (errorType, message string) {
	t.Helper()
	var answer struct {
		Errors []struct{ ErrorType, Message string }
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		t.Fatalf("%v in %.300s", err, body)
	}
	if len(answer.Errors) == 0 {
		return "", ""
	}
	return answer.Errors[0].ErrorType, requestID.ReplaceAllString(answer.Errors[0].Message, "Request ID: X")
}

// alive fails the test when the emulator does not answer any more.
func alive(t *testing.T, s *emulatortest.Server) {
	t.Helper()
	if got, want := s.Query(`{ __typename }`, nil), `{"data":{"__typename":"Query"}}`; got != want {
		t.Errorf("after it all: got %s, want %s", got, want)
	}
}

// eventually waits for a condition that something under way will bring about.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	poll := time.NewTicker(5 * time.Millisecond)
	defer poll.Stop()
	deadline := time.After(15 * time.Second)
	for !done() {
		select {
		case <-poll.C:
		case <-deadline:
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// Requests.

const unparseable = `{"errors":[{"message":"Unable to parse GraphQL query.","errorType":"MalformedHttpRequestException"}]}`

// Recorded: graphql/graphql-over-http#81. JSON is that of RFC 8259.
func TestMalformedBodies(t *testing.T) {
	s := emulatortest.Start(t, "testdata/errors")
	for _, c := range []struct{ name, body string }{
		{"a zero byte", "\x00"},
		{"a byte order mark", "\xef\xbb\xbf" + `{"query":"{ echo }"}`},
		{"UTF-16", "{\x00\"\x00q\x00"},
		{"null", `null`},
		{"a string", `"{ echo }"`},
		{"a number", `1`},
		{"a batch", `[{"query":"{ echo }"}]`},
		{"cut off", `{"query":"{ echo`},
		{"text behind it", `{"query":"{ echo }"} x`},
		{"two objects", `{"query":"{ echo }"}{"query":"{ echo }"}`},
		{"a comma too many", `{"query":"{ echo }",}`},
		{"single quotes", `{'query':'{ echo }'}`},
		{"a key without quotes", `{query:"{ echo }"}`},
		{"NaN", `{"query":"{ echo }","variables":{"a":NaN}}`},
		{"a control character", "{\"query\":\"{ echo \x01}\"}"},
		{"an unknown escape", `{"query":"\x"}`},
		{"half an escape", `{"query":"\u12"}`},
		{"a query of null", `{"query":null}`},
		{"a query that is no text", `{"query":{"a":1}}`},
		{"an empty query", `{"query":""}`},
		{"a blank query", `{"query":" \n"}`},
		{"variables in a list", `{"query":"{ echo }","variables":[]}`},
		{"variables as text", `{"query":"{ echo }","variables":"{}"}`},
		{"an operation name that is no text", `{"query":"{ echo }","operationName":1}`},
		{"100,000 lists", `{"query":"{ echo }","variables":{"a":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}}`},
		{"500,000 lists without an end", strings.Repeat("[", 500_000)},
		{"100,000 objects without an end", strings.Repeat(`{"a":`, 100_000)},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := s.Post(c.body); got.Status != 400 || got.Body != unparseable {
				t.Errorf("got  HTTP %d %.300s\nwant HTTP 400 %s", got.Status, got.Body, unparseable)
			}
		})
	}
	alive(t, s)
}

// What is missing, null or not known does no harm.
//
// Recorded: graphql/graphql-over-http#81.
func TestBodiesThatAreGoodEnough(t *testing.T) {
	s := emulatortest.Start(t, "testdata/errors")
	for _, c := range []struct{ name, body string }{
		{"variables of null", `{"query":"{ echo }","variables":null}`},
		{"no operation name", `{"query":"{ echo }","operationName":null}`},
		{"an empty operation name", `{"query":"query A { echo }","operationName":""}`},
		{"variables that are not declared", `{"query":"{ echo }","variables":{"nobody":[{}]}}`},
		{"unknown keys", `{"query":"{ echo }","extensions":{"a":[1]},"id":1}`},
		{"a key twice", `{"query":"{ nope }","query":"{ echo }"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, want := s.Post(c.body).Body, `{"data":{"echo":"{}"}}`; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

// The words are graphql-java 9.0's; see TestErrorsOfCoercion.
func TestVariablesOfTheWrongKind(t *testing.T) {
	s := emulatortest.Start(t, "testdata/errors")
	for _, c := range []struct{ typ, argument, variable, want string }{
		{"Int", "count", `1e400`, "Expected type 'Int' but was 'Double'."},
		{"Int", "count", `1e999999999`, "Expected type 'Int' but was 'Double'."},
		{"Int", "count", strings.Repeat("9", 100_000), "Expected type 'Int' but was 'BigInteger'."},
		{"Int", "count", `2147483648`, "Expected type 'Int' but was 'Long'."},
		{"Int", "count", `true`, "Expected type 'Int' but was 'Boolean'."},
		{"Int", "count", `{}`, "Expected type 'Int' but was 'LinkedHashMap'."},
		{"Int", "count", `[1]`, "Expected type 'Int' but was 'ArrayList'."},
		{"ID", "id", `{}`, "Expected type 'ID' but was 'LinkedHashMap'."},
		{"ID", "id", `[]`, "Expected type 'ID' but was 'ArrayList'."},
		{"AWSDateTime", "when", `5`, "Unable to parse `5` as a valid DateTime Object."},
		{"Color", "color", `5`, "Invalid input for Enum 'Color'. No value found for name '5'"},
		{"Color", "color", `""`, "Invalid input for Enum 'Color'. No value found for name ''"},
		{"Filter", "filter", `[{"name":"x"}]`, "Expected type 'Map' but was 'ArrayList'. Variables for input objects must be an instance of type 'Map'."},
		{"Filter", "filter", `1`, "Expected type 'Map' but was 'Integer'. Variables for input objects must be an instance of type 'Map'."},
	} {
		t.Run(c.typ+" "+c.variable[:min(len(c.variable), 20)], func(t *testing.T) {
			got := s.Post(`{"query":"query ($v: ` + c.typ + `) { echo(` + c.argument + `: $v) }","variables":{"v":` + c.variable + `}}`)
			want := requestError(at("1", "8"), "Variable 'v' has an invalid value. "+c.want)
			if got.Status != 200 || got.Body != want {
				t.Errorf("got  HTTP %d %.300s\nwant HTTP 200 %s", got.Status, got.Body, want)
			}
		})
	}
}

// Java turns UTF-8 that is broken, and a surrogate without its other half, into
// U+FFFD or "?"; in no case may the answer be broken in its turn.
func TestUnicodeInRequests(t *testing.T) {
	s := emulatortest.Start(t, "testdata/hardening/tables")
	for _, c := range []struct{ name, sent, want string }{
		{"beyond the basic plane", "\U0001F600", "\U0001F600"},
		{"beyond the basic plane, escaped", `\ud83d\ude00`, "\U0001F600"},
		{"half a surrogate pair", `a\ud800b`, "a�b"},
		{"surrogates in the wrong order", `\ude00\ud83d`, "��"},
		{"broken UTF-8", "a\xff\xfeb", "a��b"},
		{"overlong UTF-8", "\xc0\xaf", "��"},
		{"a zero character", `a\u0000b`, "a\x00b"},
		{"line separators", `\u2028\u2029`, "\u2028\u2029"},
		{"a noncharacter", `\uffff`, "\uffff"},
		{"combining marks", "e\u0301", "e\u0301"},
	} {
		t.Run(c.name, func(t *testing.T) {
			put := s.Post(`{"query":"mutation ($id: ID!, $t: String) { put(id: $id, text: $t) { id text } }","variables":{"id":"` + c.sent + `","t":"` + c.sent + `"}}`)
			get := s.Query(`query ($id: ID!) { get(id: $id) { id text } }`, map[string]any{"id": c.want})
			for name, body := range map[string]string{"put": put.Body, "get": get} {
				var answer struct {
					Data map[string]*struct{ ID, Text string }
				}
				if err := json.Unmarshal([]byte(body), &answer); err != nil {
					t.Fatalf("%v in %q", err, body)
				}
				if item := answer.Data[name]; item == nil || item.ID != c.want || item.Text != c.want {
					t.Errorf("%s: got %q, want %q", name, body, c.want)
				}
			}
		})
	}
}

func TestGetRequests(t *testing.T) {
	s := emulatortest.Start(t, "testdata/errors")
	for _, c := range []struct {
		name       string
		parameters []string
		status     int
		want       string
	}{
		{"a query", []string{"query", `{ echo }`}, 200, `{"data":{"echo":"{}"}}`},
		{"variables", []string{"query", `query ($v: Int) { echo(count: $v) }`, "variables", `{"v":1}`}, 200, `{"data":{"echo":"{\"count\":1}"}}`},
		{"no variables", []string{"query", `{ echo }`, "variables", ` `}, 200, `{"data":{"echo":"{}"}}`},
		{"an operation", []string{"query", `query A { a: echo } query B { b: echo }`, "operationName", "B"}, 200, `{"data":{"b":"{}"}}`},
		{"nothing", nil, 400, unparseable},
		{"no query", []string{"variables", `{}`}, 400, unparseable},
		{"variables that are no JSON", []string{"query", `{ echo }`, "variables", `{`}, 400, unparseable},
		{"variables that are no object", []string{"query", `{ echo }`, "variables", `[]`}, 400, unparseable},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := s.Get(c.parameters...); got.Status != c.status || got.Body != c.want {
				t.Errorf("got  HTTP %d %s\nwant HTTP %d %s", got.Status, got.Body, c.status, c.want)
			}
		})
	}
}

// A key that has run out is refused from that moment on, for new requests, new
// connections and new subscriptions alike.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html
func TestKeyThatRunsOut(t *testing.T) {
	s := emulatortest.Start(t, "../fixtures/comments")
	key := s.APIKey()
	c := dial(t, s)
	const query = `subscription { onTyping(postId: "a") { author } }`
	c.start("before", query, nil)
	c.expect(`{"id":"before","type":"start_ack"}`)
	s.Advance(366 * 24 * time.Hour)
	if got := s.APIKey(); got != "" {
		t.Errorf("APIKey is still %q", got)
	}
	if got := s.Post(`{"query":"{ __typename }"}`, "x-api-key", key); got.Status != 401 {
		t.Errorf("a request: HTTP %d %s", got.Status, got.Body)
	}
	c.start("after", query, nil)
	if got := c.read(); !strings.Contains(got, `"id":"after","type":"error"`) || !strings.Contains(got, "UnauthorizedException") {
		t.Errorf("a subscription: %s", got)
	}
}

// Text that multiplies in the engine. All of it fits into one request, and is
// answered at once.
func TestQueriesThatMultiply(t *testing.T) {
	s := emulatortest.Start(t, "testdata/errors")
	const n = 10_000
	each := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.ReplaceAll(format, "%", strconv.Itoa(i)))
		}
		return b.String()
	}
	fragments := func(n int, body string) string {
		var b strings.Builder
		b.WriteString(`fragment F0 on User { id } `)
		for i := 1; i < n; i++ {
			b.WriteString("fragment F" + strconv.Itoa(i) + " on User { " + strings.ReplaceAll(body, "%", strconv.Itoa(i-1)) + " } ")
		}
		return b.String()
	}
	const tooLarge = "Query is too large: its fragments expand to too many fields."
	for _, c := range []struct{ name, query, message string }{
		{"nested fields", strings.Repeat("{getUser", n) + strings.Repeat("}", n), "Unable to parse GraphQL query."},
		{"nested lists", "{echo(names:" + strings.Repeat("[", n) + strings.Repeat("]", n) + ")}", "Unable to parse GraphQL query."},
		{"nested objects", "{echo(filter:" + strings.Repeat("{nested:", n) + "1" + strings.Repeat("}", n) + ")}", "Unable to parse GraphQL query."},
		{"nested inline fragments", "{" + strings.Repeat("...{", n) + "echo" + strings.Repeat("}", n) + "}", "Unable to parse GraphQL query."},
		{"nested list types", "query($v:" + strings.Repeat("[", n) + "Int" + strings.Repeat("]", n) + "){echo}", "Unable to parse GraphQL query."},
		{"fragments of two fields", "{getUser{...F59}} " + fragments(60, "a:friend{...F%} b:friend{...F%}"), tooLarge},
		{"fragments of two fragments", "{getUser{...F1999}} " + fragments(2000, "...F% ...F%"), tooLarge},
		{"a fragment in itself", "{getUser{...A}} fragment A on User{friend{...A}}", "Validation error of type FragmentCycle: Fragment cycles not allowed @ 'A'"},
		{"fields of one key", "{" + each(20_000, "a:echo(count:%) ") + "}", "Validation error of type FieldsConflict: a: they have differing arguments"},
		{"unknown fields", "{" + each(20_000, "x% ") + "}", "Validation error of type FieldUndefined: Field 'x0' in type 'Query' is undefined @ 'x0'"},
		{"unknown arguments", "{echo(" + each(20_000, "x%:1 ") + ")}", "Validation error of type UnknownArgument: Unknown field argument x0 @ 'echo'"},
		{"operations", each(20_000, "query Q%{echo} "), "Missing operation name."},
		{"unused variables", "query(" + each(20_000, "$v%:Int ") + "){echo}", "Validation error of type UnusedVariable: Unused variable v0"},
		{"unused fragments", "{getUser{...F0}} " + each(20_000, "fragment F% on User{id} "), "Validation error of type UnusedFragment: Unused fragment F1"},
		{"one field", "{" + strings.Repeat("echo ", 60_000) + "}", ""},
		{"directives", "{echo " + strings.Repeat("@skip(if:false) ", 20_000) + "}", ""},
		{"a comment", strings.Repeat("#", 900_000) + "\n{echo}", ""},
		{"dots", "{" + strings.Repeat(".", 900_000) + "echo}", "Unable to parse GraphQL query."},
		{"introspection", "{__schema{types{" + strings.Repeat("fields{type{", 8) + "name" + strings.Repeat("}}", 8) + "}}}", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			begin := time.Now()
			if _, got := firstError(t, s.Query(c.query, nil)); got != c.message {
				t.Errorf("got  %.300s\nwant %s", got, c.message)
			}
			if took := time.Since(begin); took > 5*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
	alive(t, s)
}

// See: https://docs.aws.amazon.com/general/latest/gr/appsync.html (resolvers
// executed in a single request: 10,000).
func TestAliasesUpToTheResolverLimit(t *testing.T) {
	s := emulatortest.Start(t, "testdata/errors")
	for _, n := range []int{10_000, 10_001} {
		var q strings.Builder
		q.WriteByte('{')
		for i := range n {
			fmt.Fprintf(&q, "a%d:echo ", i)
		}
		q.WriteByte('}')
		var answer struct {
			Data   map[string]*string
			Errors []struct{ ErrorType, Message string }
		}
		if err := json.Unmarshal([]byte(s.Query(q.String(), nil)), &answer); err != nil {
			t.Fatal(err)
		}
		refused := 0
		for _, v := range answer.Data {
			if v == nil {
				refused++
			}
		}
		if len(answer.Data) != n || refused != n-10_000 || len(answer.Errors) != refused {
			t.Errorf("%d aliases: %d fields, %d of them null, %d errors", n, len(answer.Data), refused, len(answer.Errors))
		}
		for _, e := range answer.Errors {
			if e.ErrorType != "ResolverExecutionLimitReached" || e.Message != "Resolver invocation limit reached." {
				t.Errorf("%+v", e)
			}
		}
	}
}

// See: https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-graphql-introspection.html
func TestIntrospectionOff(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, dir, "appsync.yml", "name: closed\nauthentication: { type: API_KEY }\nintrospection: false\n"+
		"dataSources: { Local: { type: NONE } }\nresolvers:\n  Query.a: { kind: UNIT, dataSource: Local, request: { inline: '{\"version\":\"2018-05-29\"}' }, response: { inline: '1' } }\n")
	writeFile(t, dir, "schema.graphql", "type Query { a: Int }\n")
	s := emulatortest.Start(t, dir)
	for _, query := range []string{
		`{ __schema { types { name } } }`, `{ __type(name: "Query") { name } }`, `{ a ...F } fragment F on Query { x: __schema { queryType { name } } }`,
	} {
		got := s.Query(query, nil)
		if _, message := firstError(t, got); !strings.Contains(message, "Validation error of type FieldUndefined") || strings.Contains(got, `"data":{`) {
			t.Errorf("%s: %s", query, got)
		}
	}
	if got, want := s.Query(`{ __typename a }`, nil), `{"data":{"__typename":"Query","a":1}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func writeFile(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// HTTP and TLS.

// exchange sends bytes as they are and returns whatever comes back until the
// server closes the connection.
func exchange(t *testing.T, s *emulatortest.Server, sent string) string {
	t.Helper()
	conn, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	go io.WriteString(conn, sent)
	received, err := io.ReadAll(conn)
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		t.Errorf("the connection stays open after %.100q", received)
	}
	return string(received)
}

// httpRequest is a POST to the GraphQL endpoint with more header lines, each
// ended by CR LF.
func httpRequest(s *emulatortest.Server, header, body string) string {
	return "POST /graphql HTTP/1.1\r\nHost: localhost\r\nx-api-key: " + s.APIKey() + "\r\n" + header + "\r\n" + body
}

// See: RFC 9112; what no server of AppSync's answers itself is refused by
// net/http in its own words.
func TestHTTPOnTheWire(t *testing.T) {
	s := emulatortest.Start(t, "testdata/errors")
	const body = `{"query":"{ echo }"}`
	const answer = `{"data":{"echo":"{}"}}`
	sized := "Content-Length: " + strconv.Itoa(len(body)) + "\r\n"
	const closing = "Connection: close\r\n"
	var chunks strings.Builder
	for _, c := range body {
		fmt.Fprintf(&chunks, "1\r\n%c\r\n", c)
	}
	chunks.WriteString("0\r\n\r\n")
	pipelined := strings.Repeat(httpRequest(s, sized, body), 49) + httpRequest(s, sized+closing, body)
	mixed := httpRequest(s, sized, body) + httpRequest(s, "Content-Length: 4\r\n", "meow") + httpRequest(s, sized+closing, body)
	for _, c := range []struct {
		name, sent string
		statuses   []string
		want       string
	}{
		{"chunks of a byte", httpRequest(s, "Transfer-Encoding: chunked\r\n"+closing, chunks.String()), []string{"200"}, answer},
		{"a broken chunk", httpRequest(s, "Transfer-Encoding: chunked\r\n"+closing, "zz\r\n"), []string{"400"}, unparseable},
		{"chunks beyond the limit", httpRequest(s, "Transfer-Encoding: chunked\r\n", "180000\r\n"+strings.Repeat(" ", 0x180000)+"\r\n0\r\n\r\n"), []string{"413"}, "RequestEntityTooLargeException"},
		{"a length beyond the limit", httpRequest(s, "Content-Length: 99999999999999\r\n", ""), []string{"413"}, "RequestEntityTooLargeException"},
		{"a negative length", httpRequest(s, "Content-Length: -1\r\n", ""), []string{"400"}, ""},
		{"two lengths", httpRequest(s, sized+"Content-Length: 3\r\n", body), []string{"400"}, ""},
		{"pipelined requests", pipelined, slices.Repeat([]string{"200"}, 50), answer},
		{"pipelined good and bad requests", mixed, []string{"200", "400", "200"}, answer},
		{"a request that wants to be asked for its body", httpRequest(s, sized+closing+"Expect: 100-continue\r\n", body), []string{"100", "200"}, answer},
		{"one that is too large, not asked for it", httpRequest(s, "Content-Length: 5000000\r\nExpect: 100-continue\r\n", ""), []string{"413"}, "RequestEntityTooLargeException"},
		{"an unknown expectation", httpRequest(s, sized+closing+"Expect: 200-ok\r\n", body), []string{"417"}, ""},
		{"HTTP/1.0", strings.Replace(httpRequest(s, sized, body), "HTTP/1.1", "HTTP/1.0", 1), []string{"200"}, answer},
		{"a header of broken UTF-8", httpRequest(s, sized+closing+"x-odd: \xff\xfe\r\n", body), []string{"200"}, answer},
		{"a header with a zero byte", httpRequest(s, sized+closing+"x-odd: a\x00b\r\n", body), []string{"400"}, ""},
		{"a header of 2 MB", httpRequest(s, sized+"x-odd: "+strings.Repeat("a", 2<<20)+"\r\n", body), []string{"431"}, ""},
		{"a wrong key before the right one", strings.Replace(httpRequest(s, sized+closing, body), "x-api-key", "x-api-key: wrong\r\nx-api-key", 1), []string{"401"}, "UnauthorizedException"},
		{"bytes that are no HTTP", "\x00\x01\x02\r\n\r\n", []string{"400"}, ""},
		{"TLS where there is none", "\x16\x03\x01\x02\x00\x01\x00", nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := exchange(t, s, c.sent)
			var statuses []string
			for _, line := range strings.Split(got, "\n") {
				if _, rest, ok := strings.Cut(line, "HTTP/1."); ok {
					statuses = append(statuses, rest[2:5])
				}
			}
			if !slices.Equal(statuses, c.statuses) || !strings.Contains(got, c.want) {
				t.Errorf("got %v %.500q\nwant %v and %s", statuses, got, c.statuses, c.want)
			}
		})
	}
	alive(t, s)
}

// A silent or broken client holds up nobody, and not the end either.
func TestHandshakesThatNeverEnd(t *testing.T) {
	s := emulatortest.Start(t, "testdata/errors", func(o *emulator.Options) {
		o.NoTLS = false
		o.ConfigDir = t.TempDir()
	})
	for i := range 300 {
		conn, err := net.Dial("tcp", s.Addr())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		io.WriteString(conn, []string{"", "\x16", "\x16\x03\x01\x02\x00\x01\x00", "POST /graphql HT"}[i%4])
	}
	if got := exchange(t, s, "\x16"+strings.Repeat("garbage", 100)); strings.Contains(got, "HTTP") {
		t.Errorf("garbage for a handshake: %q", got)
	}
	if got := exchange(t, s, "\x16\x03\x01\x00\x14"+`{"query":"{ echo }"}`); strings.Contains(got, "HTTP") {
		t.Errorf("JSON for a handshake: %q", got)
	}
	alive(t, s)
	conn, err := tls.Dial("tcp", s.Addr(), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, httpRequest(s, "Content-Length: 20\r\nConnection: close\r\n", `{"query":"{ echo }"}`))
	if got, _ := io.ReadAll(conn); !strings.Contains(string(got), `{"data":{"echo":"{}"}}`) {
		t.Errorf("over TLS: %q", got)
	}
	begin := time.Now()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("closing took %v", took)
	}
}

// Templates.

// startTemplates serves a project whose fields Query.t0, t1, ... have the given
// response templates. Each takes a text.
func startTemplates(t *testing.T, templates ...string) *emulatortest.Server {
	t.Helper()
	var project, schema strings.Builder
	project.WriteString("name: templates\nauthentication: { type: API_KEY }\ndataSources: { Local: { type: NONE } }\nresolvers:\n")
	schema.WriteString("type Query {\n")
	for i, text := range templates {
		fmt.Fprintf(&schema, "  t%d(text: String): AWSJSON\n", i)
		fmt.Fprintf(&project, "  Query.t%d: { kind: UNIT, dataSource: Local, request: { inline: '{\"version\":\"2018-05-29\",\"payload\":{}}' }, response: { inline: %s } }\n",
			i, quoted(text))
	}
	schema.WriteString("}\n")
	dir := t.TempDir()
	writeFile(t, dir, "appsync.yml", project.String())
	writeFile(t, dir, "schema.graphql", schema.String())
	return emulatortest.Start(t, dir)
}

// peakHeap runs f and returns the most that live and dead objects took up.
func peakHeap(f func()) uint64 {
	runtime.GC()
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	done, peak := make(chan struct{}), make(chan uint64)
	go func() {
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		var most uint64
		for {
			metrics.Read(sample)
			most = max(most, sample[0].Value.Uint64())
			select {
			case <-done:
				peak <- most
				return
			case <-tick.C:
			}
		}
	}()
	f()
	close(done)
	return <-peak
}

const maxPeak = 300 << 20

// The bounds are those of AppSync: 1000 rounds of a #foreach, 5 MB of text. The
// macro depth is that of Apache Velocity 1.7 (velocimacro.max.depth).
//
// See: https://docs.aws.amazon.com/general/latest/gr/appsync.html
func TestTemplatesWithoutEnd(t *testing.T) {
	const (
		steps    = "The template takes too many evaluation steps."
		tooLarge = "Transformation too large"
		tooDeep  = "The value is nested too deeply."
		doubled  = `#set($s = "0123456789abcdef")#foreach($i in [1..40])`
		nested   = `#set($m = {"a": 1})#foreach($i in [1..60])#set($m = {"a": $m, "b": $m})#end`
		itself   = `#set($m = {})$util.qr($m.put("m", $m))`
	)
	cases := []struct{ name, template, message string }{
		{"nested loops", `#foreach($a in [1..1000])#foreach($b in [1..1000])#foreach($c in [1..1000])#set($x = $c)#end#end#end 1`, steps},
		{"a long range", `#foreach($i in [1..2000000000])#set($x = $i)#end 1`, steps},
		{"a range downwards", `#foreach($i in [2000000000..-2000000000])#set($x = $i)#end 1`, steps},
		{"a macro in itself", `#macro(m)#m()#end#m() 1`, "Max calling depth of 20 was exceeded in macro 'm'"},
		{"a macro twice in itself", `#macro(m $x)#m("$x$x")#m("$x$x")#end#m("ab") 1`, "Max calling depth of 20 was exceeded in macro 'm'"},
		{"10 MB of text", `#foreach($a in [1..1000])#foreach($b in [1..1000])0123456789#end#end`, tooLarge},
		{"interpolated doubling", doubled + `#set($s = "$s$s")#end "$s.length()"`, tooLarge},
		{"added doubling", doubled + `#set($s = $s + $s)#end "$s.length()"`, tooLarge},
		{"concat doubling", doubled + `#set($s = $s.concat($s))#end "$s.length()"`, tooLarge},
		{"repeat", `#set($s = "0123456789".repeat(2000000000)) "$s.length()"`, tooLarge},
		{"format", `#set($s = "")#set($s = $s.format("%2000000000d", 1)) "$s.length()"`, tooLarge},
		{"a doubling list", `#set($l = [1, 2])#foreach($i in [1..60])$util.qr($l.addAll($l))#end "$l.size()"`, steps},
		{"a growing list", `#set($l = [])#foreach($i in [1..1000])#foreach($j in [1..1000])$util.qr($l.add([1..1000]))#end#end "$l.size()"`, steps},
		{"2^60 maps as JSON", nested + `$util.toJson($m)`, tooLarge},
		{"2^60 maps returned", nested + `#return($m)`, tooLarge},
		{"2^60 maps as text", nested + `"$m"`, tooLarge},
		{"a map in itself as JSON", itself + `$util.toJson($m)`, tooDeep},
		{"a map in itself returned", itself + `#return($m)`, tooDeep},
		{"a map in itself for DynamoDB", itself + `$util.dynamodb.toDynamoDBJson($m)`, tooDeep},
		{"a map in itself as error data", itself + `$util.error("x", "y", $m, $m)`, tooDeep},
		{"the context in itself", `$util.qr($ctx.stash.put("c", $ctx))$util.toJson($ctx)`, tooDeep},
		{"100,000 lists of JSON", `#foreach($j in [1..100])#foreach($i in [1..1000])[#end#end`, "Unable to convert [[["},
		{"powers", `#set($x = 9)#foreach($i in [1..1000])#set($x = $x * $x)#end "$x"`, "java.lang.ArithmeticException: BigInteger would overflow supported range"},
		{"a filter of 2^60 conditions", `#set($m = {"a": {"eq": 1}})#foreach($i in [1..60])#set($m = {"and": [$m, $m]})#end$util.transform.toDynamoDBFilterExpression($m)`, tooLarge},
	}
	templates := make([]string, len(cases))
	for i, c := range cases {
		templates[i] = c.template
	}
	s := startTemplates(t, templates...)
	for i, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var body string
			begin := time.Now()
			peak := peakHeap(func() { body = s.Query(fmt.Sprintf("{ t%d }", i), nil) })
			if took := time.Since(begin); took > 20*time.Second {
				t.Errorf("it took %v", took)
			}
			errorType, message := firstError(t, body)
			if errorType != "MappingTemplate" || !strings.HasPrefix(message, c.message) {
				t.Errorf("got  %s: %.300s\nwant MappingTemplate: %s", errorType, message, c.message)
			}
			if peak > maxPeak {
				t.Errorf("%d MB of heap", peak>>20)
			}
		})
	}
	alive(t, s)
}

// Values that contain themselves have a text and a hash code, as in Java, or
// none.
func TestTemplateValuesInThemselves(t *testing.T) {
	for _, c := range []struct{ name, template, want string }{
		// java.util.AbstractMap.toString
		{"a map", `#set($m = {})$util.qr($m.put("m", $m))"$m"`, `"{m=(this Map)}"`},
		// java.util.AbstractCollection.toString
		{"a list", `#set($l = [])$util.qr($l.add($l))"$l"`, `"[(this Collection)]"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := startTemplates(t, c.template)
			if got, want := s.Query(`{ t0 }`, nil), `{"data":{"t0":`+quoted(c.want)+`}}`; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

// An expression that backtracks without end is given up, and the emulator
// answers others meanwhile.
func TestExpressionsThatBacktrack(t *testing.T) {
	s := startTemplates(t,
		`"$ctx.args.text.matches("(a+)+$")"`,
		`"$util.matches("(a+)+$", $ctx.args.text)"`,
		`"$ctx.args.text.replaceAll("(a+)+$", "x")"`,
		`"$ctx.args.text.replaceFirst("(a|a)*$", "x")"`,
		`"$ctx.args.text.split("(a+)+$").size()"`,
		`#foreach($i in [1..1000])#foreach($j in [1..1000])#set($x = $ctx.args.text.matches("(a+)+$"))#end#end 1`,
	)
	text := map[string]any{"text": strings.Repeat("a", 60) + "!"}
	for i := range 6 {
		t.Run(fmt.Sprintf("t%d", i), func(t *testing.T) {
			answer := make(chan string)
			begin := time.Now()
			go func() { answer <- s.Query(fmt.Sprintf(`query ($text: String) { t%d(text: $text) }`, i), text) }()
			alive(t, s)
			if errorType, message := firstError(t, <-answer); errorType != "MappingTemplate" || !strings.Contains(message, "the regular expression takes too long to match") {
				t.Errorf("%s: %s", errorType, message)
			}
			if took := time.Since(begin); took > 10*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

// $util.http.addResponseHeader cannot break the answer.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/http-helpers-in-utils.html
func TestResponseHeadersThatWouldBreakTheAnswer(t *testing.T) {
	s := startTemplates(t, `$util.http.addResponseHeader("x-good", "yes")`+
		`$util.http.addResponseHeader("x-split", "a`+"\r\n"+`Set-Cookie: b=c")`+
		`$util.http.addResponseHeader("x`+"\r\n"+`y", "b")`+
		`$util.http.addResponseHeader("Content-Length", "3")`+
		`$util.http.addResponseHeader("Transfer-Encoding", "chunked")1`)
	got := s.Post(`{"query":"{ t0 }"}`)
	if !strings.HasPrefix(got.Body, `{"data":{"t0":"1"}`) {
		t.Errorf("HTTP %d %s", got.Status, got.Body)
	}
	if got.Header.Get("x-good") != "yes" || got.Header.Get("Set-Cookie") != "" || got.Header.Get("Content-Length") != strconv.Itoa(len(got.Body)) {
		t.Errorf("%v", got.Header)
	}
}

var (
	_ = bufio.NewReader
	_ = bytes.NewReader
	_ = context.Background
	_ = base64.StdEncoding
	_ = http.MethodGet
	_ = exec.Command
	_ = reflect.ValueOf
	_ sync.Mutex
	_ atomic.Int64
	_ = syscall.SIGTERM
	_ unsafe.Pointer
	_ websocket.Dialer
	_ bolt.Options
)
