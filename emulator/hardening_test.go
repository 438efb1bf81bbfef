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

	"github.com/gorilla/websocket"
	"go.etcd.io/bbolt"

	"appsync-emulator/emulator"
	"appsync-emulator/emulator/emulatortest"
	"appsync-emulator/mappingtemplate"
	"appsync-emulator/mappingtemplate/value"
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
	var closing time.Time
	t.Cleanup(func() {
		if took := time.Since(closing); took > 2*time.Second {
			t.Errorf("closing took %v", took)
		}
	})
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
	closing = time.Now()
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
		{"repeat", `#set($s = "0123456789")#set($s = $s.repeat(2000000000)) "$s.length()"`, tooLarge},
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
		`"$ctx.args.text.replaceFirst("(a|aa)+$", "x")"`,
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

// Clients know nothing of the emulator's packages.
func TestSlowExpressionsAreNamedInAppSyncsTerms(t *testing.T) {
	s := startTemplates(t, `"$util.matches("(a+)+$", $ctx.args.text)"`, `"$ctx.args.text.matches("(a+)+$")"`)
	for i := range 2 {
		_, message := firstError(t, s.Query(fmt.Sprintf(`query ($text: String) { t%d(text: $text) }`, i), map[string]any{"text": strings.Repeat("a", 60) + "!"}))
		if message == "" || strings.Contains(message, "value:") {
			t.Errorf("got %q", message)
		}
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

// Tables.

const dynamoDB = "DynamoDB:DynamoDbException"

// The messages of DynamoDB are those of its API reference and of recorded
// answers; those of request documents are AppSync's, see
// TestErrorsOfMappingTemplates.
func TestDocumentsOfTheWrongKind(t *testing.T) {
	s := emulatortest.Start(t, "testdata/hardening/tables")
	document := func(operation, more string) string {
		return `{"version": "2018-05-29", "operation": "` + operation + `"` + more + `}`
	}
	get := func(key string) string { return document("GetItem", `, "key": `+key) }
	put := func(v string) string {
		return document("PutItem", `, "key": {"id": {"S": "a"}}, "attributeValues": {"v": `+v+`}`)
	}
	check := func(condition string) string {
		return document("PutItem", `, "key": {"id": {"S": "a"}}, "condition": `+condition)
	}
	update := func(u string) string {
		return document("UpdateItem", `, "key": {"id": {"S": "a"}}, "update": `+u)
	}
	scan := func(more string) string { return document("Scan", `, `+more) }
	query := func(q string) string { return document("Query", `, "query": `+q) }
	deep := func(n int) string {
		return strings.Repeat(`{"L": [`, n) + `{"S": "x"}` + strings.Repeat(`]}`, n)
	}
	for _, c := range []struct{ name, document, errorType, message string }{
		{"a list", `[]`, "MappingTemplate", "Expected JSON object for request template but got a 'ARRAY' instead."},
		{"no version", `{"operation": "Scan"}`, "MappingTemplate", "Value for field '$[version]' not found."},
		{"an unknown version", `{"version": "2020", "operation": "Scan"}`, "MappingTemplate", "Unsupported value '2020' for field '$[version]'."},
		{"a version that is no text", `{"version": 1, "operation": "Scan"}`, "MappingTemplate", "Expected JSON string for field '$[version]' but got a 'NUMBER' instead."},
		{"no operation", `{"version": "2018-05-29"}`, "MappingTemplate", "Value for field '$[operation]' not found."},
		{"an operation in the wrong case", document("getItem", ""), "MappingTemplate", "Unsupported operation 'getItem'."},
		{"an operation that is no text", `{"version": "2018-05-29", "operation": []}`, "MappingTemplate", "Expected JSON string for field '$[operation]' but got a 'ARRAY' instead."},
		{"a batch of no table", document("BatchGetItem", `, "tables": {}`), "MappingTemplate", "Value for field '$[tables]' can't be empty."},
		{"an unknown element", scan(`"colour": 1`), "MappingTemplate", "Unsupported element '$[colour]'."},

		{"no key", document("GetItem", ""), "MappingTemplate", "Value for field '$[key]' not found."},
		{"a key of null", get(`null`), "MappingTemplate", "Value for field '$[key]' not found."},
		{"a key that is no object", get(`"x"`), "MappingTemplate", "Expected JSON object for field '$[key]' but got a 'STRING' instead."},
		{"an empty key", get(`{}`), dynamoDB, "The provided key element does not match the schema"},
		{"a key too many", get(`{"id": {"S": "a"}, "z": {"S": "b"}}`), dynamoDB, "The provided key element does not match the schema"},
		{"a key of another type", get(`{"id": {"N": "1"}}`), dynamoDB, "The provided key element does not match the schema"},
		{"a key of a map", get(`{"id": {"M": {}}}`), dynamoDB, "The provided key element does not match the schema"},
		{"a key without type", get(`{"id": 1}`), "MappingTemplate", "Expected JSON object for attribute value '$[key][id]' but got a 'NUMBER' instead."},
		{"a key of two types", get(`{"id": {"S": "a", "N": "1"}}`), "MappingTemplate", "Expected exactly one type"},
		{"a key of no type", get(`{"id": {}}`), "MappingTemplate", "Expected exactly one type"},
		{"a key of an unknown type", get(`{"id": {"X": "a"}}`), "MappingTemplate", "Unsupported element '$[key][id][X]'."},
		{"a key without text", get(`{"id": {"S": ""}}`), dynamoDB, "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: id"},
		{"a key of 2,048 bytes", get(`{"id": {"S": "` + strings.Repeat("x", 2048) + `"}}`), "", ""},
		{"a key of 2,049 bytes", get(`{"id": {"S": "` + strings.Repeat("x", 2049) + `"}}`), dynamoDB, "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes"},

		{"no number", put(`{"N": "x"}`), dynamoDB, "The parameter cannot be converted to a numeric value: x"},
		{"an empty number", put(`{"N": ""}`), dynamoDB, "The parameter cannot be converted to a numeric value"},
		{"NaN", put(`{"N": "NaN"}`), dynamoDB, "The parameter cannot be converted to a numeric value: NaN"},
		{"a hexadecimal number", put(`{"N": "0x10"}`), dynamoDB, "The parameter cannot be converted to a numeric value: 0x10"},
		{"a number out of range", put(`{"N": "1e126"}`), dynamoDB, "Number overflow. Attempting to store a number with magnitude larger than supported range"},
		{"a number far out of range", put(`{"N": "1e999999999999"}`), dynamoDB, "Number overflow. Attempting to store a number with magnitude larger than supported range"},
		{"a number too small", put(`{"N": "1e-131"}`), dynamoDB, "Number underflow. Attempting to store a number with magnitude smaller than supported range"},
		{"39 digits", put(`{"N": "` + strings.Repeat("9", 39) + `"}`), dynamoDB, "Attempting to store more than 38 significant digits in a Number"},
		{"38 digits", put(`{"N": "` + strings.Repeat("9", 38) + `"}`), "", ""},

		{"an empty set of text", put(`{"SS": []}`), dynamoDB, "One or more parameter values were invalid: An string set  may not be empty"},
		{"an empty set of numbers", put(`{"NS": []}`), dynamoDB, "One or more parameter values were invalid: An number set  may not be empty"},
		{"an empty set of bytes", put(`{"BS": []}`), dynamoDB, "One or more parameter values were invalid: Binary sets should not be empty"},
		{"a set with one text twice", put(`{"SS": ["a", "a"]}`), dynamoDB, "One or more parameter values were invalid: Input collection [a, a] contains duplicates."},
		{"a set with one number twice", put(`{"NS": ["1", "1.0"]}`), dynamoDB, "Input collection contains duplicates"},
		{"a set that is no list", put(`{"SS": "a"}`), "MappingTemplate", "Expected JSON array for attribute value '$[attributeValues][v][SS]' but got a 'STRING' instead."},
		{"a set of the wrong type", put(`{"SS": [1]}`), "MappingTemplate", "Expected JSON string for attribute value '$[attributeValues][v][SS][0]' but got a 'NUMBER' instead."},
		{"a boolean that is text", put(`{"BOOL": "true"}`), "MappingTemplate", "Expected JSON boolean for attribute value '$[attributeValues][v][BOOL]' but got a 'STRING' instead."},
		{"a list that is an object", put(`{"L": {}}`), "MappingTemplate", "Expected JSON array for attribute value '$[attributeValues][v][L]' but got a 'OBJECT' instead."},
		{"a list of untyped values", put(`{"L": [1]}`), "MappingTemplate", "Expected JSON object for attribute value '$[attributeValues][v][L][0]' but got a 'NUMBER' instead."},
		{"a map that is a list", put(`{"M": []}`), "MappingTemplate", "Expected JSON object for attribute value '$[attributeValues][v][M]' but got a 'ARRAY' instead."},
		{"32 levels", put(deep(31)), "", ""},
		{"33 levels", put(deep(33)), dynamoDB, "Nesting Levels have exceeded supported limits"},
		{"400 levels", put(deep(400)), dynamoDB, "Nesting Levels have exceeded supported limits"},
		{"values that are a list", document("PutItem", `, "key": {"id": {"S": "a"}}, "attributeValues": []`), "MappingTemplate", "Expected JSON object for field '$[attributeValues]' but got a 'ARRAY' instead."},
		// The name and the value of id and v: 2 + 1 + 1 bytes and the text.
		{"an item of 400 KB", put(`{"S": "` + strings.Repeat("x", 400<<10-4) + `"}`), "", ""},
		{"an item over 400 KB", put(`{"S": "` + strings.Repeat("x", 400<<10-3) + `"}`), dynamoDB, "Item size has exceeded the maximum allowed size"},
		{"an update to over 400 KB", update(`{"expression": "SET v = :v", "expressionValues": {":v": {"S": "` + strings.Repeat("x", 400<<10) + `"}}}`), dynamoDB, "Item size to update has exceeded the maximum allowed size"},

		{"a condition that is no object", check(`1`), "MappingTemplate", "Expected JSON object for field '$[condition]' but got a 'NUMBER' instead."},
		{"a condition without expression", check(`{}`), "MappingTemplate", "Value for field '$[condition][expression]' not found."},
		{"a condition that ends too early", check(`{"expression": "id ="}`), dynamoDB, `Invalid ConditionExpression: Syntax error; token: "<EOF>", near: "="`},
		{"a condition in 1000 parentheses", check(`{"expression": "` + strings.Repeat("(", 1000) + `attribute_exists(id)` + strings.Repeat(")", 1000) + `"}`), dynamoDB, "Invalid ConditionExpression: The expression has redundant parentheses;"},
		{"a condition over 4 KB", check(`{"expression": "` + strings.Repeat("NOT ", 2000) + `attribute_exists(id)"}`), dynamoDB, "Invalid ConditionExpression: Expression size has exceeded the maximum allowed size; expression size: 8020"},
		{"values that are not used", check(`{"expression": "attribute_exists(id)", "expressionValues": {":z": {"S": "x"}}}`), dynamoDB, "Value provided in ExpressionAttributeValues unused in expressions: keys: {:z}"},
		{"an unknown strategy", check(`{"expression": "attribute_exists(id)", "conditionalCheckFailedHandler": {"strategy": "Hope"}}`), "MappingTemplate", "Unsupported value 'Hope' for field '$[condition][conditionalCheckFailedHandler][strategy]'."},

		{"an update of nothing", update(`{"expression": "SET"}`), dynamoDB, `Invalid UpdateExpression: Syntax error; token: "<EOF>", near: "SET"`},
		{"an update of the key", update(`{"expression": "SET id = :v", "expressionValues": {":v": {"S": "x"}}}`), dynamoDB, "One or more parameter values were invalid: Cannot update attribute id. This attribute is part of the key"},
		{"two updates of one attribute", update(`{"expression": "SET x = :v, x = :v", "expressionValues": {":v": {"S": "x"}}}`), dynamoDB, "Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [x], path two: [x]"},
		{"an update inside of nothing", update(`{"expression": "SET x.y.z = :v", "expressionValues": {":v": {"S": "x"}}}`), dynamoDB, "The document path provided in the update expression is invalid for update"},
		{"a sum of text", update(`{"expression": "ADD x :v", "expressionValues": {":v": {"S": "x"}}}`), dynamoDB, "Invalid UpdateExpression: Incorrect operand type for operator or function; operator: ADD, operand type: STRING"},

		{"limit 0", scan(`"limit": 0`), dynamoDB, "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1"},
		{"limit -1", scan(`"limit": -1`), dynamoDB, "1 validation error detected: Value '-1' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1"},
		{"a huge limit", scan(`"limit": 2147483647`), "", ""},
		{"a limit of a half", scan(`"limit": 0.5`), "MappingTemplate", "Expected JSON integer for field '$[limit]' but got a 'NUMBER' instead."},
		{"a limit of text", scan(`"limit": "5"`), "MappingTemplate", "Expected JSON integer for field '$[limit]' but got a 'STRING' instead."},
		{"an unknown index", scan(`"index": "nope"`), dynamoDB, "The table does not have the specified index: nope"},
		{"one segment without its number", scan(`"totalSegments": 4`), "MappingTemplate", "Value for field '$[segment]' not found."},
		{"a segment too many", scan(`"segment": 4, "totalSegments": 4`), dynamoDB, "The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: 4 is not less than TotalSegments: 4"},
		{"no segments", scan(`"segment": 0, "totalSegments": 0`), dynamoDB, "1 validation error detected: Value '0' at 'totalSegments' failed to satisfy constraint: Member must have value greater than or equal to 1"},
		{"a token that is no text", scan(`"nextToken": {}`), "MappingTemplate", "Expected JSON string for field '$[nextToken]' but got a 'OBJECT' instead."},
		{"a flag that is text", scan(`"consistentRead": "yes"`), "MappingTemplate", "Expected JSON boolean for field '$[consistentRead]' but got a 'STRING' instead."},
		{"overlapping projections", scan(`"projection": {"expression": "x.y, x"}`), dynamoDB, "Invalid ProjectionExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [x, y], path two: [x]"},

		{"no query", document("Query", ""), "MappingTemplate", "Value for field '$[query]' not found."},
		{"a query of an undefined value", query(`{"expression": "id = :v"}`), dynamoDB, "Invalid KeyConditionExpression: An expression attribute value used in expression is not defined; attribute value: :v"},
		{"a query of another type", query(`{"expression": "id = :v", "expressionValues": {":v": {"N": "1"}}}`), dynamoDB, "One or more parameter values were invalid: Condition parameter type does not match schema type"},
		{"a query of a range of partitions", query(`{"expression": "id > :v", "expressionValues": {":v": {"S": "x"}}}`), dynamoDB, "Query key condition not supported"},
		{"a query without sort key", query(`{"expression": "id = :v AND z = :v", "expressionValues": {":v": {"S": "x"}}}`), dynamoDB, "Query key condition not supported"},
	} {
		t.Run(c.name, func(t *testing.T) {
			errorType, message := firstError(t, s.Query(`query ($d: String!) { items(document: $d) }`, map[string]any{"d": c.document}))
			if errorType != c.errorType || !strings.HasPrefix(message, c.message) || (message == "") != (c.message == "") {
				t.Errorf("got  %s: %.300s\nwant %s: %s", errorType, message, c.errorType, c.message)
			}
		})
	}
}

// DynamoDB refuses expressions that are there and empty; a condition that is
// taken for none lets a write through that was to be refused.
//
// Recorded: getmoto/moto#6636.
func TestEmptyExpressions(t *testing.T) {
	s := emulatortest.Start(t, "testdata/hardening/tables")
	for _, c := range []struct{ kind, document string }{
		{"ConditionExpression", `{"version": "2018-05-29", "operation": "PutItem", "key": {"id": {"S": "a"}}, "condition": {"expression": ""}}`},
		{"ConditionExpression", `{"version": "2018-05-29", "operation": "DeleteItem", "key": {"id": {"S": "a"}}, "condition": {"expression": ""}}`},
		{"UpdateExpression", `{"version": "2018-05-29", "operation": "UpdateItem", "key": {"id": {"S": "a"}}, "update": {"expression": ""}}`},
		{"FilterExpression", `{"version": "2018-05-29", "operation": "Scan", "filter": {"expression": ""}}`},
		{"ProjectionExpression", `{"version": "2018-05-29", "operation": "Scan", "projection": {"expression": ""}}`},
	} {
		errorType, message := firstError(t, s.Query(`query ($d: String!) { items(document: $d) }`, map[string]any{"d": c.document}))
		if want := "Invalid " + c.kind + ": The expression can not be empty;"; errorType != dynamoDB || !strings.HasPrefix(message, want) {
			t.Errorf("got %s: %s\nwant %s: %s", errorType, message, dynamoDB, want)
		}
	}
}

// page is a page of the fields list, other and listPairs.
type page struct {
	Items        []struct{ ID, Text string }
	NextToken    string
	ScannedCount int
}

// readPage reads a page. A refusal is its error type.
func readPage(t *testing.T, s *emulatortest.Server, field string, variables map[string]any) (page, string) {
	t.Helper()
	body := s.Query(`query ($limit: Int, $nextToken: String) { `+field+`(limit: $limit, nextToken: $nextToken) { items { id text } nextToken scannedCount } }`, variables)
	errorType, _ := firstError(t, body)
	var answer struct{ Data map[string]page }
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		t.Fatal(err)
	}
	return answer.Data[field], errorType
}

func putText(t *testing.T, s *emulatortest.Server, id, text string) {
	t.Helper()
	if got, want := s.Query(`mutation ($id: ID!, $text: String) { put(id: $id, text: $text) { id } }`, map[string]any{"id": id, "text": text}),
		`{"data":{"put":{"id":"`+id+`"}}}`; got != want {
		t.Fatalf("got %.300s, want %s", got, want)
	}
}

// A page ends with the item that reaches 1 MB, and the pages together are the
// table.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Scan.html
func TestPagesOfLargeItems(t *testing.T) {
	s := emulatortest.Start(t, "testdata/hardening/tables")
	const n = 12
	size := map[string]int{}
	for i := range n {
		id := fmt.Sprintf("item-%02d", i)
		size[id] = 400<<10 - len("id"+"text") - len(id)
		if i%3 == 2 {
			size[id] = 1
		}
		putText(t, s, id, strings.Repeat("x", size[id]))
	}
	seen := map[string]int{}
	token, pages := any(nil), 0
	for ; pages == 0 || token != ""; pages++ {
		p, refused := readPage(t, s, "list", map[string]any{"nextToken": token})
		if refused != "" || p.ScannedCount != len(p.Items) || len(p.Items) == 0 && p.NextToken != "" || pages > n {
			t.Fatalf("page %d: %s, %d items, %d scanned", pages, refused, len(p.Items), p.ScannedCount)
		}
		bytes := 0
		for i, item := range p.Items {
			seen[item.ID]++
			if bytes >= 1<<20 {
				t.Errorf("page %d goes on after %d items with %d bytes", pages, i, bytes)
			}
			bytes += len("id"+"text"+item.ID) + len(item.Text)
			if len(item.Text) != size[item.ID] {
				t.Errorf("%s has %d bytes of text, not %d", item.ID, len(item.Text), size[item.ID])
			}
		}
		if p.NextToken != "" && bytes < 1<<20 {
			t.Errorf("page %d ends with %d bytes", pages, bytes)
		}
		token = p.NextToken
	}
	if len(seen) != n {
		t.Errorf("%d of %d items", len(seen), n)
	}
	for id, times := range seen {
		if times != 1 {
			t.Errorf("%s came %d times", id, times)
		}
	}
}

// Recorded: aws-amplify/amplify-cli#3411. A token belongs to one resolver of
// one API.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-resolver-mapping-template-reference-dynamodb-query.html
func TestTokensOfOthers(t *testing.T) {
	s := emulatortest.Start(t, "testdata/hardening/tables")
	for i := range 10 {
		putText(t, s, fmt.Sprint(i), "x")
	}
	first, refused := readPage(t, s, "list", map[string]any{"limit": 3})
	if refused != "" || len(first.Items) != 3 || first.NextToken == "" {
		t.Fatalf("%s %+v", refused, first)
	}
	good := first.NextToken
	if next, refused := readPage(t, s, "list", map[string]any{"limit": 3, "nextToken": good}); refused != "" || len(next.Items) != 3 {
		t.Errorf("the right token: %s %+v", refused, next)
	}
	refuse := func(t *testing.T, field, token string) {
		t.Helper()
		if p, refused := readPage(t, s, field, map[string]any{"limit": 3, "nextToken": token}); refused != "DynamoDB:UserIllegalArgumentException" || len(p.Items) > 0 {
			t.Errorf("%.60q: %q, %d items", token, refused, len(p.Items))
		}
	}
	refuse(t, "other", good)
	refuse(t, "listPairs", good)
	for i := 0; i < len(good); i += 1 + len(good)/40 {
		changed := []byte(good)
		changed[i] ^= 1
		// The last character of Base64 has bits that mean nothing.
		if a, _ := base64.StdEncoding.DecodeString(good); i < len(good)-4 || !bytes.Equal(a, decoded(string(changed))) {
			refuse(t, "list", string(changed))
		}
		if i > 0 {
			refuse(t, "list", good[:i])
		}
	}
	for _, token := range []string{"x", "!!", "\x00", strings.Repeat("A", 100_000), good + good, base64.StdEncoding.EncodeToString([]byte(`{"version":2,"token":"AAAA"}`))} {
		refuse(t, "list", token)
	}
	inner, _, _ := strings.Cut(strings.TrimPrefix(string(decoded(good)), `{"version":2,"token":"`), `"`)
	if bytes.Contains(decoded(inner), []byte(`"S"`)) {
		t.Error("the token shows the key")
	}

	other := emulatortest.Start(t, renamed(t, "testdata/hardening/tables", "elsewhere"))
	refuseOther, _ := readPage(t, other, "list", map[string]any{"limit": 3})
	if len(refuseOther.Items) > 0 {
		t.Errorf("another API has the items %+v", refuseOther.Items)
	}
	if _, refused := readPage(t, other, "list", map[string]any{"nextToken": good}); refused != "DynamoDB:UserIllegalArgumentException" {
		t.Errorf("the token opens in another API: %q", refused)
	}
	alive(t, s)
}

func decoded(text string) []byte {
	b, _ := base64.StdEncoding.DecodeString(text)
	return b
}

// renamed is a copy of a project under another name, and so another API.
func renamed(t *testing.T, dir, name string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(to, "appsync.yml"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "name: ") {
			lines[i] = "name: " + name
		}
	}
	writeFile(t, to, "appsync.yml", strings.Join(lines, "\n"))
	return to
}

// Data files.

// openFile makes an emulator of the tables project on a data file.
func openFile(t *testing.T, file string) (*emulator.Emulator, error) {
	t.Helper()
	p, err := emulator.Load("testdata/hardening/tables", emulator.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return emulator.New(p, emulator.Options{DataFile: file, NoTLS: true, Listen: "127.0.0.1:0"})
}

// goodFile makes a data file with some items.
func goodFile(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "data.db")
	t.Run("fill", func(t *testing.T) {
		s := emulatortest.Start(t, "testdata/hardening/tables", func(o *emulator.Options) { o.InMemory, o.DataFile = false, file })
		for i := range 50 {
			putText(t, s, fmt.Sprint(i), strings.Repeat("x", 10_000))
		}
	})
	return file
}

func TestDataFilesThatCannotServe(t *testing.T) {
	good, err := os.ReadFile(goodFile(t))
	if err != nil {
		t.Fatal(err)
	}
	foreign := []byte("This is no data file, though it is where one should be.")
	scrambled := func(from, to int) []byte {
		b := bytes.Clone(good)
		for i := from; i < min(to, len(b)); i++ {
			b[i] ^= 0x5a
		}
		return b
	}
	for _, c := range []struct {
		name    string
		content []byte
		want    error
	}{
		{"a text", foreign, bolt.ErrForeign},
		{"a long text", bytes.Repeat(foreign, 2000), bolt.ErrForeign},
		{"zero bytes", make([]byte, 1<<20), bolt.ErrForeign},
		{"one byte", []byte{0}, bolt.ErrForeign},
		{"half of a file", good[:len(good)/2], bolt.ErrDamaged},
		{"two pages of a file", good[:2*os.Getpagesize()], bolt.ErrDamaged},
		{"scrambled heads", scrambled(24, 2*os.Getpagesize()), bolt.ErrDamaged},
		{"everything behind the heads scrambled", scrambled(2*os.Getpagesize(), len(good)), bolt.ErrDamaged},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "data.db")
			if err := os.WriteFile(file, c.content, 0o600); err != nil {
				t.Fatal(err)
			}
			e, err := openFile(t, file)
			if err == nil {
				e.Close()
			}
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), file) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if after, err := os.ReadFile(file); err != nil || !bytes.Equal(after, c.content) {
				t.Errorf("the file has been changed (%v)", err)
			}
		})
	}
	changed := func(t *testing.T, content []byte, change func(tx *bbolt.Tx) error) string {
		t.Helper()
		file := filepath.Join(t.TempDir(), "data.db")
		writeFile(t, filepath.Dir(file), "data.db", string(content))
		db, err := bbolt.Open(file, 0o600, nil)
		if err == nil {
			err = errors.Join(db.Update(change), db.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	t.Run("a store of something else", func(t *testing.T) {
		file := changed(t, nil, func(tx *bbolt.Tx) error { _, err := tx.CreateBucket([]byte("accounts")); return err })
		if _, err := openFile(t, file); !errors.Is(err, bolt.ErrForeign) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a newer format", func(t *testing.T) {
		file := changed(t, good, func(tx *bbolt.Tx) error { return tx.Bucket([]byte("meta")).Put([]byte("format"), []byte{0, 0, 0, 9}) })
		if _, err := openFile(t, file); !errors.Is(err, bolt.ErrNewerFormat) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("in use by another process", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "data.db")
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), "APPSYNC_EMULATOR_CRASH_CHILD="+file)
		out, err := child.StdoutPipe()
		if err == nil {
			err = child.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		defer child.Wait()
		defer child.Process.Kill()
		if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
			t.Fatalf("the other process did not start: %q %v", line, err)
		}
		if _, err := openFile(t, file); !errors.Is(err, bolt.ErrLocked) || !strings.Contains(err.Error(), file) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("nothing yet", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "data.db")
		writeFile(t, filepath.Dir(file), "data.db", "")
		e, err := openFile(t, file)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(e.Check(t.Context()), e.Close()); err != nil {
			t.Error(err)
		}
	})
	t.Run("a folder", func(t *testing.T) {
		if e, err := openFile(t, t.TempDir()); err == nil {
			e.Close()
			t.Error("it was opened")
		}
	})
	t.Run("below a file", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		writeFile(t, filepath.Dir(file), "file", "")
		if e, err := openFile(t, filepath.Join(file, "data.db")); err == nil {
			e.Close()
			t.Error("it was opened")
		}
	})
	t.Run("in a folder that is not there", func(t *testing.T) {
		if e, err := openFile(t, filepath.Join(t.TempDir(), "a", "data.db")); err == nil {
			e.Close()
			t.Error("it was opened")
		} else if !errors.Is(err, os.ErrNotExist) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("in a folder that cannot be written", func(t *testing.T) {
		if os.Geteuid() == 0 {
			t.Skip("the super user may write everywhere")
		}
		dir := t.TempDir()
		if err := os.Chmod(dir, 0o500); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.Chmod(dir, 0o700) })
		if e, err := openFile(t, filepath.Join(dir, "data.db")); err == nil {
			e.Close()
			t.Error("it was opened")
		} else if !errors.Is(err, os.ErrPermission) {
			t.Errorf("got %v", err)
		}
	})
}

// Whatever one page of a data file is overwritten with, it is an error to open
// the file or to read from it, and never the end of the process.
func TestDamagedPages(t *testing.T) {
	good, err := os.ReadFile(goodFile(t))
	if err != nil {
		t.Fatal(err)
	}
	size := os.Getpagesize()
	file := filepath.Join(t.TempDir(), "data.db")
	for page := 0; page < len(good)/size; page += 1 + len(good)/size/60 {
		for _, fill := range []byte{0x00, 0xff} {
			damaged := bytes.Clone(good)
			copy(damaged[page*size:], bytes.Repeat([]byte{fill}, size))
			if err := os.WriteFile(file, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			e, err := openFile(t, file)
			if err != nil {
				continue
			}
			// Damage is found here, or the page was a free one.
			checked := e.Check(t.Context())
			request, err := http.NewRequest(http.MethodPost, "/graphql", strings.NewReader(`{"query":"{ list { items { id } } }"}`))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("x-api-key", e.APIKey())
			answer := &recorder{header: http.Header{}}
			e.Handler().ServeHTTP(answer, request)
			if answer.status != 200 {
				t.Errorf("page %d of %#x: HTTP %d %s", page, fill, answer.status, &answer.body)
			}
			var list struct{ Data struct{ List *idPage } }
			if err := json.Unmarshal(answer.body.Bytes(), &list); err != nil {
				t.Errorf("page %d of %#x: %v in %.200s", page, fill, err, &answer.body)
			}
			if checked == nil && (list.Data.List == nil || len(list.Data.List.Items) != 50) {
				t.Errorf("page %d of %#x: Check finds nothing, but the answer is %.200s", page, fill, &answer.body)
			}
			e.Close()
		}
	}
}

type idPage struct{ Items []struct{ ID string } }

// recorder is a ResponseWriter that keeps what is written.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(p []byte) (int, error) { return r.body.Write(p) }

// Real time.

// subscriptions is how many subscriptions an emulator has registered. No
// client can see it, so it is read from inside.
func subscriptions(s *emulatortest.Server) int64 { return int64(emulator.Subscriptions(s.Emulator)) }

const onTyping = `subscription { onTyping(postId: "a") { author } }`

// typing publishes one event.
func typing(t *testing.T, s *emulatortest.Server, author string) {
	t.Helper()
	if got := s.Query(`mutation ($a: String!) { typing(postId: "a", author: $a) { postId author } }`, map[string]any{"a": author}); strings.Contains(got, "errors") {
		t.Error(got)
	}
}

// Recorded: aws-amplify/amplify-js#4373 (UnsupportedOperation for what is not
// understood). Whatever comes is answered, or ends its own connection.
func TestFramesThatAreNoMessages(t *testing.T) {
	s := emulatortest.Start(t, "../fixtures/comments")
	c := dial(t, s)
	for _, c2 := range []struct{ name, frame, want string }{
		{"nothing", ``, `"errorType":"UnsupportedOperation"`},
		{"no JSON", `meow`, `"errorType":"UnsupportedOperation"`},
		{"null", `null`, `"errorType":"UnsupportedOperation"`},
		{"a list", `[{"type":"start"}]`, `"errorType":"UnsupportedOperation"`},
		{"no type", `{"id":"1"}`, `"errorType":"UnsupportedOperation"`},
		{"a type that is no text", `{"id":"1","type":1}`, `"errorType":"UnsupportedOperation"`},
		{"an unknown type", `{"id":"1","type":"begin"}`, `"errorType":"UnsupportedOperation"`},
		{"a start without id", `{"type":"start","payload":{"data":"{}"}}`, `"errorType":"UnsupportedOperation"`},
		{"a start without payload", `{"id":"1","type":"start"}`, `"errorType":"UnsupportedOperation"`},
		{"a start whose data is an object", `{"id":"1","type":"start","payload":{"data":{"query":"{}"}}}`, `"errorType":"UnsupportedOperation"`},
		{"a start whose data is no JSON", `{"id":"1","type":"start","payload":{"data":"{"}}`, `"errorType":"UnsupportedOperation"`},
		{"a start without query", `{"id":"1","type":"start","payload":{"data":"{}"}}`, `"errorType":"UnsupportedOperation"`},
		{"a stop of an unknown id", `{"id":"nobody","type":"stop"}`, `{"id":"nobody","type":"error","payload":{"errors":[{"errorType":"UnknownOperationError","message":"Unknown operation id nobody"}]}}`},
		{"a stop without id", `{"type":"stop"}`, `"type":"error"`},
		{"broken UTF-8 in an id", "{\"id\":\"\xff\",\"type\":\"stop\"}", `"type":"error"`},
		{"500,000 lists", strings.Repeat("[", 500_000), `"errorType":"UnsupportedOperation"`},
		{"a query nested 10,000 deep", `{"id":"1","type":"start","payload":{"data":"{\"query\":\"subscription` + strings.Repeat("{a", 10_000) + `\"}","extensions":{"authorization":{"x-api-key":"` + s.APIKey() + `"}}}}`, `"type":"error"`},
	} {
		t.Run(c2.name, func(t *testing.T) {
			c.send(c2.frame)
			got := c.read()
			if !strings.Contains(got, c2.want) || !json.Valid([]byte(got)) {
				t.Errorf("got %s, want %s", got, c2.want)
			}
		})
	}
	t.Run("a message in binary frames", func(t *testing.T) {
		if err := c.conn.WriteMessage(websocket.BinaryMessage, []byte{0, 1, 2, 255}); err != nil {
			t.Fatal(err)
		}
		if got := c.read(); !strings.Contains(got, `"type":"error"`) {
			t.Errorf("got %s", got)
		}
	})
	t.Run("a message in many frames", func(t *testing.T) {
		w, err := c.conn.NextWriter(websocket.TextMessage)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range []byte(`{"id":"1","type":"stop"}`) {
			// Larger than the client's buffer, so that each becomes a frame.
			io.WriteString(w, string(b)+strings.Repeat(" ", 5000))
		}
		w.Close()
		if got := c.read(); !strings.Contains(got, `"type":"error"`) {
			t.Errorf("got %s", got)
		}
	})
	c.start("good", onTyping, nil)
	c.expect(`{"id":"good","type":"start_ack"}`)
	typing(t, s, "x")
	c.expect(`{"id":"good","type":"data","payload":{"data":{"onTyping":{"author":"x"}}}}`)
}

// See: RFC 6455, sections 5.1, 5.5 and 7.4.1.
func TestFramesThatEndTheConnection(t *testing.T) {
	s := emulatortest.Start(t, "../fixtures/comments")
	masked := func(first, length byte, rest string) string {
		return string([]byte{first, 0x80 | length, 0, 0, 0, 0}) + rest
	}
	for _, f := range []struct{ name, frame string }{
		{"garbage", "GET / HTTP/1.1\r\n\r\n"},
		{"a frame that is not masked", "\x81\x02{}"},
		{"reserved bits", masked(0xf1, 2, "{}")},
		{"an unknown opcode", masked(0x83, 2, "{}")},
		{"a continuation of nothing", masked(0x80, 2, "{}")},
		{"a ping in fragments", masked(0x09, 2, "{}")},
		{"a ping that is too long", string([]byte{0x89, 0xfe, 1, 0, 0, 0, 0, 0}) + strings.Repeat("x", 256)},
		{"an announced exabyte", "\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00" + strings.Repeat(" ", 2<<20)},
		{"a negative length", "\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00"},
		{"a close with half a code", masked(0x88, 1, "x")},
		{"a close with a reserved code", masked(0x88, 2, "\x03\xed")},
	} {
		t.Run(f.name, func(t *testing.T) {
			c := dial(t, s)
			c.start("1", onTyping, nil)
			c.expect(`{"id":"1","type":"start_ack"}`)
			go io.WriteString(c.conn.NetConn(), f.frame)
			c.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
			for {
				_, message, err := c.conn.ReadMessage()
				var timeout net.Error
				if errors.As(err, &timeout) && timeout.Timeout() {
					t.Fatal("the connection stays open")
				}
				if err != nil {
					break
				}
				t.Logf("got %s", message)
			}
		})
	}
	t.Run("a message that is too large", func(t *testing.T) {
		c := dial(t, s)
		go c.conn.WriteMessage(websocket.TextMessage, bytes.Repeat([]byte(" "), 2<<20))
		c.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		if _, _, err := c.conn.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseMessageTooBig) {
			t.Errorf("got %v, want close code 1009", err)
		}
	})
	eventually(t, "no subscription is left", func() bool { return subscriptions(s) == 0 })
	alive(t, s)
}

// Nothing stays behind of what was started: neither subscriptions nor
// goroutines, whichever way it ended.
func TestSubscriptionsLeaveNothingBehind(t *testing.T) {
	s := emulatortest.Start(t, "../fixtures/comments")
	alive(t, s)
	before := runtime.NumGoroutine()
	c := dial(t, s)
	const cycles = 10_000
	done := make(chan error, 1)
	go func() {
		for i := range cycles {
			id := strconv.Itoa(i % 90)
			c.start(id, onTyping, nil)
			if err := c.conn.WriteMessage(websocket.TextMessage, []byte(`{"id":"`+id+`","type":"stop"}`)); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	// A stop that overtakes its start is answered all the same; then there is no
	// start_ack.
	for completes := 0; completes < cycles; {
		switch got := c.read(); {
		case strings.HasSuffix(got, `"complete"}`):
			completes++
		case !strings.HasSuffix(got, `"start_ack"}`):
			t.Fatalf("after %d cycles: %s", completes, got)
		}
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	eventually(t, "the stopped subscriptions are gone", func() bool { return subscriptions(s) == 0 })
	c.conn.Close()

	// Ends without stop: a close frame, a lost connection, and a start that is
	// under way.
	for i := range 60 {
		c := dial(t, s)
		for id := range 20 {
			c.start(strconv.Itoa(id), onTyping, nil)
		}
		switch i % 3 {
		case 0:
			c.conn.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""))
		case 1:
			c.read()
		}
		c.conn.Close()
	}
	eventually(t, "no subscription is left", func() bool { return subscriptions(s) == 0 })
	http.DefaultClient.CloseIdleConnections()
	eventually(t, "the goroutines have ended", func() bool { return runtime.NumGoroutine() <= before+2 })
	typing(t, s, "nobody hears it")
}

// Recorded: aws-amplify/amplify-cli#7427.
func TestFloodOfStarts(t *testing.T) {
	s := emulatortest.Start(t, "../fixtures/comments")
	c := dial(t, s)
	const starts, limit = 1000, 100
	var sending sync.WaitGroup
	sending.Go(func() {
		for i := range starts {
			c.start(strconv.Itoa(i), onTyping, nil)
		}
	})
	accepted, refused := 0, 0
	for range starts {
		switch got := c.read(); {
		case strings.HasSuffix(got, `"type":"start_ack"}`):
			accepted++
		case strings.Contains(got, `"errors":[{"errorType":"MaxSubscriptionsReachedError","message":"Max number of 100 subscriptions reached"}]`):
			refused++
		default:
			t.Fatal(got)
		}
	}
	sending.Wait()
	if accepted != limit || refused != starts-limit {
		t.Errorf("%d accepted, %d refused", accepted, refused)
	}
	c.start("7", onTyping, nil)
	if got := c.read(); !strings.Contains(got, `"id":"7","type":"error"`) {
		t.Errorf("an id in use: %s", got)
	}
	c.send(`{"id":"7","type":"stop"}`)
	c.expect(`{"id":"7","type":"complete"}`)
	c.start("again", onTyping, nil)
	c.expect(`{"id":"again","type":"start_ack"}`)
}

// A client that never reads is cut off; the others get every event.
func TestClientThatNeverReads(t *testing.T) {
	s := emulatortest.Start(t, "../fixtures/comments")
	slow := dial(t, s)
	quick := dial(t, s)
	for id := range 50 {
		slow.start(strconv.Itoa(id), onTyping, nil)
	}
	for range 50 {
		slow.read()
	}
	quick.start("1", onTyping, nil)
	quick.expect(`{"id":"1","type":"start_ack"}`)
	const events = 400
	padding := strings.Repeat("x", 10_000)
	go func() {
		for i := range events {
			typing(t, s, strconv.Itoa(i)+padding)
		}
	}()
	for i := range events {
		if got := quick.read(); !strings.HasPrefix(got, `{"id":"1","type":"data","payload":{"data":{"onTyping":{"author":"`+strconv.Itoa(i)+`x`) {
			t.Fatalf("event %d is %.100s", i, got)
		}
	}
	eventually(t, "the slow client has been cut off", func() bool { return subscriptions(s) == 1 })
}

// The process.

// build makes the command.
func build(t *testing.T) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such signals")
	}
	binary := filepath.Join(t.TempDir(), "appsync-emulator")
	if out, err := exec.Command("go", "build", "-o", binary, "../cmd/appsync-emulator").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return binary
}

// process is a running `appsync-emulator serve`.
type process struct {
	*exec.Cmd
	url, key string
	banner   string // what it printed up to the key
	ended    chan error
}

// serve runs the command on a free port of the loopback interface.
func serve(t *testing.T, binary, project string, flags ...string) *process {
	t.Helper()
	args := append([]string{"serve", project, "--listen", "127.0.0.1:0", "--config-dir", t.TempDir(), "--log-level", "error"}, flags...)
	p := &process{Cmd: exec.Command(binary, args...), ended: make(chan error, 1)}
	p.Stderr = os.Stderr
	out, err := p.StdoutPipe()
	if err == nil {
		err = p.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Process.Kill() })
	lines := bufio.NewScanner(out)
	for p.key == "" && lines.Scan() {
		p.banner += lines.Text() + "\n"
		switch f := strings.Fields(lines.Text()); {
		case len(f) == 2 && f[0] == "GraphQL":
			p.url = f[1]
		case len(f) == 3 && f[0] == "API":
			p.key = f[2]
		}
	}
	if p.key == "" {
		t.Fatalf("it did not start: %v", p.Wait())
	}
	go func() {
		io.Copy(io.Discard, out)
		p.ended <- p.Wait()
	}()
	return p
}

func (p *process) post(query string) (string, error) {
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		return "", err
	}
	request, err := http.NewRequest(http.MethodPost, p.url, bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	request.Header.Set("x-api-key", p.key)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return string(text), err
}

// A signal ends the process within two seconds and with success, also while a
// request runs, connections are open and clients neither send nor read.
func TestSignalsEndTheProcess(t *testing.T) {
	dir := t.TempDir()
	// A sort of 1000 maps for each of 1,000,000 rounds takes minutes.
	writeFile(t, dir, "appsync.yml", `name: slow
authentication: { type: API_KEY }
dataSources: { Local: { type: NONE } }
resolvers:
  Query.slow:
    kind: UNIT
    dataSource: Local
    request: { inline: '{"version":"2018-05-29"}' }
    response: |-
      #set($l = [])
      #foreach($i in [1..1000])$util.qr($l.add({"x": "$i"}))#end
      #foreach($i in [1..1000])#foreach($j in [1..1000])#set($k = $util.list.sortList($l, true, "x"))#end#end
      1
  Mutation.send: { kind: UNIT, dataSource: Local, request: { inline: '{"version":"2018-05-29","payload":"x"}' }, response: { inline: '"x"' } }
`)
	writeFile(t, dir, "schema.graphql", "type Query { slow: Int }\ntype Mutation { send: String }\ntype Subscription { sent: String @aws_subscribe(mutations: [\"send\"]) }\n")
	binary := build(t)
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		t.Run(signal.String(), func(t *testing.T) {
			p := serve(t, binary, dir, "--in-memory")
			host := strings.TrimSuffix(strings.TrimPrefix(p.url, "http://"), "/graphql")
			for i := range 20 {
				dialer := websocket.Dialer{Subprotocols: []string{"graphql-ws"}}
				conn, _, err := dialer.Dial("ws://"+host+"/graphql/realtime", http.Header{"x-api-key": {p.key}})
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				conn.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, `{"id":"%d","type":"start","payload":{"data":"{\"query\":\"subscription { sent }\"}","extensions":{"authorization":{"x-api-key":%q}}}}`, i, p.key))
				silent, err := net.Dial("tcp", host)
				if err != nil {
					t.Fatal(err)
				}
				defer silent.Close()
				io.WriteString(silent, []string{"", "\x16\x03\x01", "POST /graphql"}[i%3])
			}
			slow := make(chan error, 1)
			request := "POST /graphql HTTP/1.1\r\nHost: localhost\r\nx-api-key: " + p.key + "\r\nContent-Length: 18\r\nExpect: 100-continue\r\n\r\n"
			conn, err := net.Dial("tcp", host)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			io.WriteString(conn, request)
			// The server is at work on the request when it asks for its body.
			if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.Contains(line, "100") {
				t.Fatalf("%q %v", line, err)
			}
			io.WriteString(conn, `{"query":"{slow}"}`)
			go func() { _, err := p.post(`{ slow }`); slow <- err }()
			begin := time.Now()
			if err := p.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			select {
			case err := <-p.ended:
				if err != nil {
					t.Errorf("it ended with %v", err)
				}
			case <-time.After(10 * time.Second):
				t.Fatal("it has not ended after 10 s")
			}
			if took := time.Since(begin); took > 2*time.Second {
				t.Errorf("it took %v", took)
			}
			<-slow
		})
	}
}

// A signal loses nothing that was answered.
func TestSignalWhileWriting(t *testing.T) {
	file := filepath.Join(t.TempDir(), "data.db")
	p := serve(t, build(t), "testdata/hardening/tables", "--data", file, "--no-tls")
	var answered atomic.Int64
	var writers sync.WaitGroup
	for w := range 8 {
		writers.Go(func() {
			for i := 0; ; i++ {
				id := fmt.Sprintf("%d-%d", w, i)
				got, err := p.post(`mutation { put(id: "` + id + `", text: "x") { id } }`)
				if err != nil || got != `{"data":{"put":{"id":"`+id+`"}}}` {
					return
				}
				if answered.Add(1) == 200 {
					p.Process.Signal(syscall.SIGTERM)
				}
			}
		})
	}
	writers.Wait()
	if err := <-p.ended; err != nil {
		t.Fatal(err)
	}
	s := emulatortest.Start(t, "testdata/hardening/tables", func(o *emulator.Options) { o.InMemory, o.DataFile = false, file })
	found, _ := readPage(t, s, "list", nil)
	if n := int(answered.Load()); len(found.Items) < n || len(found.Items) > n+8 {
		t.Errorf("%d items of %d answered mutations", len(found.Items), n)
	}
}

// A port in use is the system's error, and gives the data file free again.
func TestPortInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	p, err := emulator.Load("testdata/hardening/tables", emulator.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "data.db")
	for range 2 {
		e, err := emulator.New(p, emulator.Options{Listen: l.Addr().String(), DataFile: file, NoTLS: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Start(t.Context()); !errors.Is(err, syscall.EADDRINUSE) || !strings.Contains(err.Error(), l.Addr().String()) {
			t.Errorf("got %v", err)
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}
}

// Many at once.

// Queries, mutations and subscriptions of 64 clients together; emulatortest
// checks the store at the end.
func TestClientsOfAllKindsTogether(t *testing.T) {
	s := emulatortest.Start(t, "../fixtures/comments")
	const clients, rounds, posts = 64, 20, 5
	for i := range posts {
		s.Query(`mutation ($id: ID!) { addPost(id: $id, title: "T") { id } }`, map[string]any{"id": strconv.Itoa(i)})
	}
	var added atomic.Int64
	var running sync.WaitGroup
	for client := range clients {
		post := map[string]any{"id": strconv.Itoa(client % posts), "a": strconv.Itoa(client)}
		running.Go(func() {
			switch client % 4 {
			case 0:
				for range rounds {
					got := s.Query(`query ($id: ID!) { getPost(id: $id) { title comments(limit: 3) { items { author post { id comments { items { id } } } } nextToken } } }`, post)
					if !strings.HasPrefix(got, `{"data":{"getPost":{"title":"T","comments":{"items":[`) || strings.Contains(got, `"errors"`) {
						t.Errorf("%.300s", got)
					}
				}
			case 1, 2:
				for i := range rounds {
					var out struct{ AddComment struct{ ID string } }
					s.Decode(&out, `mutation ($id: ID!, $a: String!) { addComment(input: {postId: $id, author: $a, body: "b"}) { id postId author body } }`, post)
					added.Add(1)
					if i%4 == 0 {
						s.Decode(&struct{}{}, `mutation ($id: ID!) { removeComment(id: $id) { id } }`, map[string]any{"id": out.AddComment.ID})
						added.Add(-1)
					}
				}
			default:
				for range rounds / 4 {
					c := dial(t, s)
					for id := range 5 {
						c.start(strconv.Itoa(id), `subscription ($p: ID) { onComment(postId: $p) { id postId author } }`, map[string]any{"p": strconv.Itoa(id)})
					}
					// Acknowledgements and events come mixed.
					for acks := 0; acks < 5; {
						if strings.Contains(c.read(), `"start_ack"`) {
							acks++
						}
					}
					c.conn.Close()
				}
			}
		})
	}
	running.Wait()
	total := 0
	for i := range posts {
		var out struct {
			GetPost struct {
				Comments struct{ Items []struct{ ID string } }
			}
		}
		s.Decode(&out, `query ($id: ID!) { getPost(id: $id) { comments(limit: 1000) { items { id } } } }`, map[string]any{"id": strconv.Itoa(i)})
		total += len(out.GetPost.Comments.Items)
	}
	if int64(total) != added.Load() {
		t.Errorf("%d comments, want %d", total, added.Load())
	}
	eventually(t, "no subscription is left", func() bool { return subscriptions(s) == 0 })
}

// Two emulators in one process share neither items, keys, clocks nor events.
func TestTwoEmulatorsInOneProcess(t *testing.T) {
	one := emulatortest.Start(t, "../fixtures/comments")
	two := emulatortest.Start(t, "../fixtures/comments")
	other := emulatortest.Start(t, "../fixtures/deltasync-posts")
	early, late := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	one.Freeze(early)
	two.Freeze(late)
	listener := dial(t, two)
	listener.start("1", `subscription { onComment { author createdAt } }`, nil)
	listener.expect(`{"id":"1","type":"start_ack"}`)
	for _, s := range []struct {
		*emulatortest.Server
		author, created string
	}{{one, "one", "2020-01-01T00:00:00.000Z"}, {two, "two", "2026-01-01T00:00:00.000Z"}} {
		got := s.Query(`mutation ($a: String!) { addComment(input: {postId: "p", author: $a, body: "b"}) { author createdAt } }`, map[string]any{"a": s.author})
		if want := `{"data":{"addComment":{"author":"` + s.author + `","createdAt":"` + s.created + `"}}}`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	listener.expect(`{"id":"1","type":"data","payload":{"data":{"onComment":{"author":"two","createdAt":"2026-01-01T00:00:00.000Z"}}}}`)
	one.Query(`mutation { addPost(id: "only one", title: "T") { id } }`, nil)
	if got, want := two.Query(`{ getPost(id: "only one") { id } }`, nil), `{"data":{"getPost":null}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	two.Advance(1000 * 24 * time.Hour)
	if !one.Now().Equal(early) || one.APIKey() == "" || two.APIKey() != "" {
		t.Errorf("the clock of one moves the other: %v, keys %q and %q", one.Now(), one.APIKey(), two.APIKey())
	}
	if age := time.Since(other.Now()).Abs(); age > time.Minute {
		t.Errorf("a third one is %v off", age)
	}
}

// Bounds on time and memory.

// Errors appended by $util.appendError count to what a template yields: here a
// million of them become an answer of 137 MB.
func TestAppendedErrorsAreBounded(t *testing.T) {
	s := startTemplates(t, `#foreach($i in [1..1000])#foreach($j in [1..1000])$util.appendError("an error")#end#end 1`)
	var body string
	peak := peakHeap(func() { body = s.Query(`{ t0 }`, nil) })
	if len(body) > 10<<20 || peak > maxPeak {
		t.Errorf("an answer of %d MB, a heap of %d MB", len(body)>>20, peak>>20)
	}
}

// The text that helpers and methods make is memory like the text of the
// template itself.
func TestTextOfHelpersIsBounded(t *testing.T) {
	calls := []string{
		`$util.escapeJavaScript($s)`, `$util.toJson($s)`, `$util.base64Encode($s)`, `$util.urlEncode($s)`, `$s.split("")`,
	}
	templates := make([]string, len(calls))
	for i, call := range calls {
		templates[i] = `#set($s = "0123456789abcdef")#foreach($i in [1..18])#set($s = "$s$s")#end#set($l = [])#foreach($i in [1..1000])$util.qr($l.add(` + call + `))#end "$l.size()"`
	}
	s := startTemplates(t, templates...)
	for i, call := range calls {
		t.Run(call, func(t *testing.T) {
			if peak := peakHeap(func() { s.Query(fmt.Sprintf("{ t%d }", i), nil) }); peak > maxPeak {
				t.Errorf("%d MB of heap", peak>>20)
			}
		})
	}
}

// Aliases make one field's memory that of hundreds: all evaluations run at once.
func TestEvaluationsOfOneRequestAreBounded(t *testing.T) {
	s := startTemplates(t, `#set($s = "0123456789abcdef")#foreach($i in [1..18])#set($s = "$s$s")#end#set($l = [])#foreach($i in [1..1000])$util.qr($l.add("$s$i"))#end "$l.size()"`)
	var q strings.Builder
	for i := range 12 {
		fmt.Fprintf(&q, " a%d: t0", i)
	}
	if peak := peakHeap(func() { s.Query("{"+q.String()+"}", nil) }); peak > 3*maxPeak {
		t.Errorf("%d MB of heap", peak>>20)
	}
}

// A request ends after 30 seconds, whatever its templates do: the evaluation
// must look at its context between matches, since each may take a second.
//
// See: https://docs.aws.amazon.com/general/latest/gr/appsync.html
func TestSlowExpressionsHeedTheContext(t *testing.T) {
	slow := `#set($s = "` + strings.Repeat("a", 20) + `!b")`
	for _, c := range []struct{ name, template string }{
		{"matches one after another", slow + `#foreach($i in [1..60])#set($x = $s.matches("(a+)+\\$"))#end 1`},
		{"matches of one replacement", slow + `#foreach($i in [1..12])#set($s = "$s$s")#end#set($x = $s.replaceAll("(a+)+\$|!b", "x"))1`},
		{"matches of $util.matches", slow + `#foreach($i in [1..60])#set($x = $util.matches("(a+)+\$", $s))#end 1`},
	} {
		t.Run(c.name, func(t *testing.T) {
			template, err := mappingtemplate.Compile(c.name, c.template)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			result := make(chan error, 1)
			go func() {
				_, err := template.Render(ctx, mappingtemplate.Env{Context: value.NewMap(0)})
				result <- err
			}()
			select {
			case err := <-result:
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %v", err)
				}
			case <-time.After(3 * time.Second):
				t.Error("it goes on after 3 s")
			}
		})
	}
}

// A data file that is a pipe is refused; opening it would wait for a writer,
// deaf to signals.
func TestDataFileThatIsAPipe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "data.db")
	if err := exec.Command("mkfifo", file).Run(); err != nil {
		t.Skip("no pipes here:", err)
	}
	opened := make(chan error, 1)
	go func() {
		e, err := openFile(t, file)
		if err == nil {
			e.Close()
		}
		opened <- err
	}()
	select {
	case err := <-opened:
		if err == nil {
			t.Error("it was opened")
		}
	case <-time.After(5 * time.Second):
		t.Error("it waits")
		// Lets go of whoever waits.
		if f, err := os.OpenFile(file, os.O_RDWR, 0); err == nil {
			f.Close()
		}
		<-opened
	}
}

// The banner is there to be pasted.
func TestBannerOfWhatIsServed(t *testing.T) {
	binary := build(t)
	if p := serve(t, binary, "testdata/hardening/tables", "--in-memory", "--no-tls"); strings.Contains(p.banner, "wss:") {
		t.Errorf("TLS is off, but the banner has it:\n%s", p.banner)
	}
	if p := serve(t, binary, "testdata/hardening/tables", "--in-memory", "--listen", ":0"); strings.Contains(p.banner, "//[::]") || strings.Contains(p.banner, "//0.0.0.0") {
		t.Errorf("no client can connect to the unspecified address:\n%s", p.banner)
	}
}
