package server_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

const uuid = `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`

func TestGraphQLOverHTTP(t *testing.T) {
	const (
		empty       = `{"errors":[{"message":"Request body is empty.","errorType":"MalformedHttpRequestException"}]}`
		unparseable = `{"errors":[{"message":"Unable to parse GraphQL query.","errorType":"MalformedHttpRequestException"}]}`
		answer      = `{"query":"q","operationName":"","ip":"127.0.0.1","mode":"API_KEY"}`
	)
	get := func(pairs ...string) string {
		v := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
		}
		return "/graphql?" + v.Encode()
	}
	tests := []struct {
		name   string
		method string
		path   string
		key    string
		body   string
		status int
		want   string
	}{
		{"a query", "POST", "/graphql", apiKey, `{"query":"q"}`, 200, answer},
		{"the API by its id", "POST", "/apis/abc/graphql", apiKey, `{"query":"q"}`, 200, answer},
		{"variables and operation name", "POST", "/graphql", apiKey, `{"query":"q","variables":{"b":[1,2.5],"a":null},"operationName":"O"}`, 200,
			`{"query":"q","operationName":"O","ip":"127.0.0.1","mode":"API_KEY","variables":{"b":[1,2.5],"a":null}}`},
		{"nulls", "POST", "/graphql", apiKey, `{"query":"q","variables":null,"operationName":null}`, 200, answer},
		// Apollo sends extensions.
		{"other keys", "POST", "/graphql", apiKey, `{"query":"q","extensions":{"clientLibrary":{}},"x":[]}`, 200, answer},
		{"GET", "GET", get("query", "q"), apiKey, "", 200, answer},
		{"GET with variables", "GET", get("query", "q", "variables", `{"a":1}`, "operationName", "O"), apiKey, "", 200,
			`{"query":"q","operationName":"O","ip":"127.0.0.1","mode":"API_KEY","variables":{"a":1}}`},
		{"GET without a query", "GET", "/graphql", apiKey, "", 400, unparseable},
		{"GET with broken variables", "GET", get("query", "q", "variables", `{`), apiKey, "", 400, unparseable},

		// graphql/graphql-over-http#81
		{"an empty body", "POST", "/graphql", apiKey, ``, 400, empty},
		{"a word", "POST", "/graphql", apiKey, `meow`, 400, unparseable},
		{"an empty object", "POST", "/graphql", apiKey, `{}`, 400, unparseable},
		{"trailing text", "POST", "/graphql", apiKey, `{}}`, 400, unparseable},
		{"a batch", "POST", "/graphql", apiKey, `[]`, 400, unparseable},
		{"a batch of queries", "POST", "/graphql", apiKey, `[{"query":"q"}]`, 400, unparseable},
		{"an empty query", "POST", "/graphql", apiKey, `{"query":""}`, 400, unparseable},
		{"a blank query", "POST", "/graphql", apiKey, `{"query":" \n"}`, 400, unparseable},
		{"a query that is no text", "POST", "/graphql", apiKey, `{"query":1}`, 400, unparseable},
		{"variables that are no object", "POST", "/graphql", apiKey, `{"query":"q","variables":"{}"}`, 400, unparseable},
		{"an operation name that is no text", "POST", "/graphql", apiKey, `{"query":"q","operationName":1}`, 400, unparseable},
		{"refused by the executor", "POST", "/graphql", apiKey, `{"query":"malformed"}`, 400,
			`{"errors":[{"message":"Missing operation name.","errorType":"BadRequestException"}]}`},

		// aws-amplify/amplify-js#4373: printed with blanks and line feeds.
		{"a wrong key", "POST", "/graphql", "da2-wrong", `{"query":"q"}`, 401,
			"{\n  \"errors\" : [ {\n    \"errorType\" : \"UnauthorizedException\",\n    \"message\" : \"You are not authorized to make this call.\"\n  } ]\n}"},
		{"a body that cannot be read comes before the credentials", "POST", "/graphql", "da2-wrong", ``, 400, empty},
		// aws/aws-cdk#19239
		{"a refusal without a message", "POST", "/graphql", "silent", `{"query":"q"}`, 400,
			`{"errors":[{"errorType":"BadRequestException"}]}`},

		{"a body over the limit", "POST", "/graphql", apiKey, `{"query":"` + strings.Repeat("q", 1000) + `"}`, 413,
			`{"errors":[{"message":"The request body is larger than this server accepts.","errorType":"RequestEntityTooLargeException"}]}`},
		{"a body at the limit", "POST", "/graphql", apiKey, `{"query":"q"` + strings.Repeat(" ", 1000-13) + `}`, 200, answer},

		// aws/aws-sdk-go#3689
		{"an unknown path", "POST", "/graphql/admin", apiKey, `{"query":"q"}`, 404,
			`{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}`},
		{"an unknown API", "POST", "/apis/xyz/graphql", apiKey, `{"query":"q"}`, 404,
			`{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}`},
		{"another method", "PUT", "/graphql", apiKey, `{"query":"q"}`, 404,
			`{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}`},
		{"real time without an upgrade", "POST", "/graphql/realtime", apiKey, ``, 404,
			`{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}`},
	}
	f := start(t, nil)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f.TB = t
			// AWS's own samples send the envelope as application/graphql.
			resp, body := f.do(tt.method, tt.path, tt.key, tt.body, "Content-Type", "application/graphql")
			if resp.StatusCode != tt.status || body != tt.want {
				t.Errorf("status %d, body\n  %s\nwant %d\n  %s", resp.StatusCode, body, tt.status, tt.want)
			}
			// graphql-dotnet/graphql-client#221
			for name, want := range map[string]string{
				"Content-Type":                  `^application/json;charset=UTF-8$`,
				"X-Amzn-Requestid":              uuid,
				"Access-Control-Allow-Origin":   `^\*$`,
				"Access-Control-Expose-Headers": `^x-amzn-RequestId,x-amzn-ErrorType,x-amz-user-agent,x-amzn-ErrorMessage,Date,x-amz-schema-version$`,
				"Content-Length":                fmt.Sprintf(`^%d$`, len(body)),
			} {
				if got := resp.Header.Get(name); !regexp.MustCompile(want).MatchString(got) {
					t.Errorf("%s: %q", name, got)
				}
			}
			if got := resp.Header.Get("x-amzn-ErrorType"); (got != "") != (tt.status != 200 && tt.status != 404) {
				t.Errorf("x-amzn-ErrorType: %q", got)
			}
			if got := resp.Header.Get("x-amzn-appsync-TokensConsumed"); tt.status == 200 && got != "1" {
				t.Errorf("x-amzn-appsync-TokensConsumed: %q", got)
			}
		})
	}
}

func TestChunkedBodyOverTheLimit(t *testing.T) {
	f := start(t, nil)
	conn, err := net.Dial("tcp", f.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /graphql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n%s\r\n0\r\n\r\n", strings.Repeat("x", 2000))
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d", resp.StatusCode)
	}
}

func TestHeadersOfTheExecutor(t *testing.T) {
	f := start(t, nil)
	resp, _ := f.do("POST", "/graphql", apiKey, `{"query":"header"}`)
	if got := resp.Header.Values("X-Custom"); len(got) != 2 {
		t.Errorf("X-Custom: %q", got)
	}
}

func TestPreflight(t *testing.T) {
	f := start(t, nil)
	for _, path := range []string{"/graphql", "/anything"} {
		resp, body := f.do("OPTIONS", path, "", "", "Origin", "http://localhost:3000",
			"Access-Control-Request-Headers", "authorization,x-api-key")
		if resp.StatusCode != 200 || body != "" {
			t.Errorf("%s: status %d, body %q", path, resp.StatusCode, body)
		}
		for name, want := range map[string]string{
			"Access-Control-Allow-Origin":  "*",
			"Access-Control-Allow-Methods": "POST, GET, OPTIONS",
			"Access-Control-Allow-Headers": "authorization,x-api-key",
		} {
			if got := resp.Header.Get(name); got != want {
				t.Errorf("%s: %s: %q, want %q", path, name, got, want)
			}
		}
	}
}

func TestPanicIsInternalFailure(t *testing.T) {
	f := start(t, nil)
	resp, body := f.do("POST", "/graphql", apiKey, `{"query":"panic"}`)
	if resp.StatusCode != 500 || resp.Header.Get("x-amzn-ErrorType") != "InternalFailure" ||
		!strings.HasPrefix(body, `{"errors":[{"message":"An internal error occurred.`) ||
		!strings.HasSuffix(body, `","errorType":"InternalFailure"}]}`) {
		t.Errorf("status %d, body %s", resp.StatusCode, body)
	}
	if resp.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Error("no CORS headers")
	}
	if log := f.log.String(); !strings.Contains(log, "a bug") || !strings.Contains(log, "graphql.go") {
		t.Errorf("the log has no stack: %s", log)
	}
	if resp, _ := f.do("POST", "/graphql", apiKey, `{"query":"q"}`); resp.StatusCode != 200 {
		t.Error("the server does not go on")
	}
}

func TestLogHasOneLinePerRequest(t *testing.T) {
	f := start(t, nil)
	before := strings.Count(f.log.String(), "\n")
	f.do("POST", "/graphql", apiKey, `{"query":"listPosts"}`)
	f.close() // the line follows the answer
	line := f.log.String()
	if got := strings.Count(line, "\n") - before; got != 1 {
		t.Errorf("%d lines, want 1:\n%s", got, line)
	}
	for _, want := range []string{"method=POST", "path=/graphql", `operation="query listPosts"`, "status=200", "duration="} {
		if !strings.Contains(line, want) {
			t.Errorf("the log lacks %s: %s", want, line)
		}
	}
	if strings.Contains(line, apiKey) {
		t.Error("the log shows the API key")
	}
}

func TestStartPageAndHealth(t *testing.T) {
	f := start(t, nil)
	if resp, body := f.do("GET", "/_emulator/health", "", ""); resp.StatusCode != 200 || body != `{"status":"ok"}` {
		t.Errorf("health: %d %s", resp.StatusCode, body)
	}
	if resp, body := f.do("GET", "/", "", ""); resp.StatusCode != 200 || !strings.Contains(body, "appsync-emulator 1.2.3") ||
		!strings.Contains(body, "http://"+f.addr+"/graphql\n") {
		t.Errorf("text page: %d %s", resp.StatusCode, body)
	}
	resp, body := f.do("GET", "/", "", "", "Accept", "text/html,*/*")
	if resp.StatusCode != 200 || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") || !strings.Contains(body, "<title>appsync-emulator 1.2.3</title>") {
		t.Errorf("HTML page: %d %s", resp.StatusCode, body)
	}
	f.SetAPIs()
	if resp, body := f.do("GET", "/_emulator/health", "", ""); resp.StatusCode != 503 || body != `{"status":"starting"}` {
		t.Errorf("health without an API: %d %s", resp.StatusCode, body)
	}
}

func BenchmarkGraphQL(b *testing.B) {
	f := start(b, nil)
	conn, err := net.Dial("tcp", f.addr)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	body := `{"query":"query Q($id: ID!) { getPost(id: $id) { id title } }","variables":{"id":"1"}}`
	request := []byte(fmt.Sprintf("POST /graphql HTTP/1.1\r\nHost: localhost\r\nx-api-key: %s\r\nContent-Length: %d\r\n\r\n%s", apiKey, len(body), body))
	r := bufio.NewReader(conn)
	b.ReportAllocs()
	for b.Loop() {
		conn.Write(request)
		resp, err := http.ReadResponse(r, nil)
		if err != nil {
			b.Fatal(err)
		}
		r.Discard(int(resp.ContentLength))
	}
}
