package lambda_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"appsync-emulator/emulator/internal/lambda"
)

func serve(t testing.TB, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func newClient(t testing.TB, opt lambda.Options) *lambda.Client {
	t.Helper()
	c, err := lambda.New(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// shared is a client with one endpoint for all functions.
func shared(t testing.TB, url string) *lambda.Client {
	return newClient(t, lambda.Options{Endpoint: &lambda.Endpoint{URL: url, Origin: "--lambda-endpoint"}})
}

// single is a client with an endpoint for the function resolve.
func single(t testing.TB, url string) *lambda.Client {
	return newClient(t, lambda.Options{Functions: map[string]lambda.Endpoint{"resolve": {URL: url, Origin: "--lambda resolve"}}})
}

// The requests and answers are those of Lambda's API reference, page API_Invoke.
func TestRequestsAreThoseOfLambda(t *testing.T) {
	var got string
	c := shared(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = strings.Join([]string{
			r.Method, r.RequestURI, r.Header.Get("X-Amz-Invocation-Type"), r.Header.Get("X-Amz-Log-Type"),
			r.Header.Get("Content-Type"), r.Header.Get("Authorization"), string(body),
		}, " ")
		w.Header().Set("X-Amz-Executed-Version", "$LATEST")
		switch r.Header.Get("X-Amz-Invocation-Type") {
		case "Event":
			w.WriteHeader(202)
		case "DryRun":
			w.WriteHeader(204)
		default:
			if r.Header.Get("X-Amz-Log-Type") == "Tail" {
				w.Header().Set("X-Amz-Log-Result", base64.StdEncoding.EncodeToString([]byte("START\nEND")))
			}
			io.WriteString(w, `{"ok":true}`)
		}
	}))
	for _, c2 := range []struct {
		name    string
		in      lambda.Invocation
		request string
		want    lambda.Result
	}{
		{"by name", lambda.Invocation{Function: "resolve"},
			`POST /2015-03-31/functions/resolve/invocations RequestResponse  application/json  {}`,
			lambda.Result{Status: 200, Payload: []byte(`{"ok":true}`), ExecutedVersion: "$LATEST"}},
		{"by ARN with an alias", lambda.Invocation{Function: "arn:aws:lambda:us-east-1:123456789012:function:resolve:live"},
			`POST /2015-03-31/functions/resolve/invocations?Qualifier=live RequestResponse  application/json  {}`,
			lambda.Result{Status: 200, Payload: []byte(`{"ok":true}`), ExecutedVersion: "$LATEST"}},
		{"with its log", lambda.Invocation{Function: "resolve", Tail: true},
			`POST /2015-03-31/functions/resolve/invocations RequestResponse Tail application/json  {}`,
			lambda.Result{Status: 200, Payload: []byte(`{"ok":true}`), ExecutedVersion: "$LATEST", Log: "START\nEND"}},
		{"Event", lambda.Invocation{Function: "resolve", Type: lambda.Event},
			`POST /2015-03-31/functions/resolve/invocations Event  application/json  {}`,
			lambda.Result{Status: 202, Payload: []byte(`null`), ExecutedVersion: "$LATEST"}},
		{"DryRun", lambda.Invocation{Function: "resolve", Type: lambda.DryRun},
			`POST /2015-03-31/functions/resolve/invocations DryRun  application/json  {}`,
			lambda.Result{Status: 204, Payload: []byte(`null`), ExecutedVersion: "$LATEST"}},
	} {
		t.Run(c2.name, func(t *testing.T) {
			c2.in.Payload = []byte(`{}`)
			result, err := c.Invoke(t.Context(), c2.in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c2.request, got); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c2.want, *result); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
		})
	}
}

// Statuses and exceptions: Lambda's API reference, page API_Invoke. Failures of
// functions: Lambda's developer guide, page invocation-retries. Those of AWS SAM:
// aws/aws-sam-cli, lambda_error_responses.py. Those of the runtime interface
// emulator: aws/aws-lambda-runtime-interface-emulator, cmd/aws-lambda-rie.
func TestAnswers(t *testing.T) {
	const html = "<html>\n<body>It works!</body></html>"
	functionError := func(kind, errorType, message string) *lambda.FunctionError {
		return &lambda.FunctionError{Function: "resolve", Kind: kind, Type: errorType, Message: message}
	}
	for _, c := range []struct {
		name    string
		status  int
		header  string // Name: value
		body    string
		payload string
		failed  *lambda.FunctionError
		refused *lambda.Error
	}{
		{name: "an object", status: 200, body: `{"a":1}`, payload: `{"a":1}`},
		{name: "null", status: 200, body: `null`, payload: `null`},
		{name: "nothing", status: 200, payload: `null`},
		{name: "text", status: 200, body: `"text"`, payload: `"text"`},
		{name: "a failed function", status: 200, header: "X-Amz-Function-Error: Unhandled",
			body:    `{"errorMessage":"boom","errorType":"Error","trace":["Error: boom"]}`,
			payload: `{"errorMessage":"boom","errorType":"Error","trace":["Error: boom"]}`,
			failed:  functionError("Unhandled", "Error", "boom")},
		{name: "a failed function of an old runtime", status: 200, header: "X-Amz-Function-Error: Handled",
			body: `{"errorMessage":"boom"}`, payload: `{"errorMessage":"boom"}`, failed: functionError("Handled", "", "boom")},
		{name: "a failed function that says nothing", status: 200, header: "X-Amz-Function-Error: Unhandled",
			body: `[1]`, payload: `[1]`, failed: functionError("Unhandled", "", "")},
		{name: "a failed function of the runtime interface emulator", status: 200,
			body:    `{"errorMessage":"boom","errorType":"ValueError","requestId":"1","stackTrace":[]}`,
			payload: `{"errorMessage":"boom","errorType":"ValueError","requestId":"1","stackTrace":[]}`,
			failed:  functionError("Unhandled", "ValueError", "boom")},
		{name: "a runtime that died", status: 502,
			body:    `{"errorMessage":"RequestId: 1 Error: Runtime exited","errorType":"Runtime.ExitError"}`,
			payload: `{"errorMessage":"RequestId: 1 Error: Runtime exited","errorType":"Runtime.ExitError"}`,
			failed:  functionError("Unhandled", "Runtime.ExitError", "RequestId: 1 Error: Runtime exited")},
		{name: "a function of the runtime interface emulator that takes too long", status: 200,
			body:    "Task timed out after 3.00 seconds",
			payload: `{"errorMessage":"Task timed out after 3.00 seconds","errorType":"Sandbox.Timedout"}`,
			failed:  functionError("Unhandled", "Sandbox.Timedout", "Task timed out after 3.00 seconds")},
		{name: "a result that resembles a failure", status: 200, body: `{"errorMessage":"m","errorType":"t","data":1}`,
			payload: `{"errorMessage":"m","errorType":"t","data":1}`},
		{name: "a result in the form of a failure", status: 200, header: "X-Amz-Executed-Version: $LATEST",
			body: `{"errorMessage":"m","errorType":"t"}`, payload: `{"errorMessage":"m","errorType":"t"}`},
		{name: "no function", status: 404, header: "X-Amzn-Errortype: ResourceNotFoundException",
			body:    `{"Type":"User","Message":"Function not found: arn:aws:lambda:us-east-1:123456789012:function:resolve"}`,
			refused: &lambda.Error{Code: lambda.CodeNotFound, Message: "Function not found: arn:aws:lambda:us-east-1:123456789012:function:resolve"}},
		{name: "no function, in the words of AWS SAM", status: 404, header: "X-Amzn-Errortype: ResourceNotFound",
			body: `{"Type": "User", "Message": "Function not found: resolve"}`, refused: &lambda.Error{Code: lambda.CodeNotFound, Message: "Function not found: resolve"}},
		{name: "throttled", status: 429, header: "X-Amzn-Errortype: TooManyRequestsException:http://internal.amazon.com/x",
			body: `{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","message":"Rate Exceeded."}`, refused: &lambda.Error{Code: lambda.CodeTooMany, Message: "Rate Exceeded."}},
		{name: "throttled without a word", status: 429, refused: &lambda.Error{Code: lambda.CodeTooMany, Message: "status 429: (empty)"}},
		{name: "too large", status: 413, body: `{"message":"too large"}`, refused: &lambda.Error{Code: lambda.CodeTooLarge, Message: "too large"}},
		{name: "not for this role", status: 403, body: `{"Message":"no"}`, refused: &lambda.Error{Code: lambda.CodeAccessDenied, Message: "no"}},
		{name: "media type", status: 415, body: `{"Message":"no"}`, refused: &lambda.Error{Code: lambda.CodeUnsupportedMedia, Message: "no"}},
		{name: "service", status: 500, header: "X-Amzn-Errortype: ServiceException", body: `{"Type":"Service","Message":"ServiceException"}`, refused: &lambda.Error{Code: lambda.CodeService, Message: "ServiceException"}},
		{name: "a gateway", status: 502, body: html, refused: &lambda.Error{Code: lambda.CodeService, Message: "status 502: <html> <body>It works!</body></html>"}},
		{name: "another web server", status: 404, body: "404 page not found\n", refused: &lambda.Error{Err: lambda.ErrAnswer, Message: "status 404: 404 page not found"}},
		{name: "a redirect", status: 302, header: "Location: /login", refused: &lambda.Error{Err: lambda.ErrAnswer, Message: "status 302: (empty)"}},
		{name: "a page", status: 200, body: html, refused: &lambda.Error{Err: lambda.ErrAnswer, Message: "status 200 and no JSON: <html> <body>It works!</body></html>"}},
		{name: "half of an answer", status: 200, body: `{"a":`, refused: &lambda.Error{Err: lambda.ErrAnswer, Message: `status 200 and no JSON: {"a":`}},
		{name: "no UTF-8", status: 200, body: "\"\xff\"", refused: &lambda.Error{Err: lambda.ErrAnswer, Message: "status 200 and no JSON: \"\ufffd\""}},
		{name: "much of nothing", status: 200, body: strings.Repeat("x", 1000), refused: &lambda.Error{Err: lambda.ErrAnswer, Message: "status 200 and no JSON: " + strings.Repeat("x", 200) + "..."}},
	} {
		t.Run(c.name, func(t *testing.T) {
			url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				if name, v, ok := strings.Cut(c.header, ": "); ok {
					w.Header().Set(name, v)
				}
				w.WriteHeader(c.status)
				io.WriteString(w, c.body)
			})
			result, err := shared(t, url).Invoke(t.Context(), lambda.Invocation{Function: "resolve", Payload: []byte(`{}`)})
			if c.refused != nil {
				want := *c.refused
				want.Function, want.URL, want.Origin, want.Status = "resolve", url, "--lambda-endpoint", c.status
				got, ok := errors.AsType[*lambda.Error](err)
				if !ok {
					t.Fatalf("got %v and %v", result, err)
				}
				if diff := cmp.Diff(want, *got, cmpopts.EquateErrors()); diff != "" {
					t.Errorf("error (-want +got):\n%s", diff)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.payload, string(result.Payload)); diff != "" {
				t.Errorf("payload (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.failed, result.FunctionError); diff != "" {
				t.Errorf("function error (-want +got):\n%s", diff)
			}
		})
	}
}

// sam answers as `sam local start-lambda`: aws/aws-sam-cli,
// samcli/local/lambda_service/local_lambda_invoke_service.py.
func sam(functions ...string) http.HandlerFunc {
	refuse := func(w http.ResponseWriter, status int, errorType, message string) {
		w.Header().Set("X-Amzn-Errortype", errorType)
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"Type": "User", "Message": %q}`, message)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /2015-03-31/functions/{name}/invocations", func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.RawQuery != "":
			refuse(w, 400, "InvalidRequestContentException", "Query Parameters are not supported")
			return
		case r.Header.Get("Content-Type") != "application/json":
			refuse(w, 415, "UnsupportedMediaType", "Unsupported content type")
			return
		case r.Header.Get("X-Amz-Log-Type") != "":
			refuse(w, 501, "NotImplemented", "log-type: Tail is not supported. None is only supported.")
			return
		}
		for _, f := range functions {
			if f == r.PathValue("name") {
				fmt.Fprintf(w, "%q", f)
				return
			}
		}
		refuse(w, 404, "ResourceNotFound", "Function not found: arn:aws:lambda:us-west-2:012345678901:function:"+r.PathValue("name"))
	})
	return mux.ServeHTTP
}

// rie answers as the runtime interface emulator, which has one path.
func rie(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/2015-03-31/functions/function/invocations" {
		http.NotFound(w, r)
		return
	}
	io.WriteString(w, `"ran"`)
}

func TestLocalServers(t *testing.T) {
	samURL, rieURL := serve(t, sam("resolve", "function")), serve(t, rie)
	for _, c := range []struct {
		name     string
		client   *lambda.Client
		function string
		want     string // payload, or the error's text without its URL
	}{
		{"AWS SAM", shared(t, samURL), "resolve", `"resolve"`},
		{"AWS SAM takes no alias", shared(t, samURL), "resolve:live", `"resolve"`},
		{"AWS SAM without the function", shared(t, samURL), "other",
			"Lambda function other at URL (set by --lambda-endpoint): ResourceNotFoundException: Function not found: arn:aws:lambda:us-west-2:012345678901:function:other"},
		{"AWS SAM for one function", single(t, samURL), "arn:aws:lambda:us-east-1:1:function:resolve", `"resolve"`},
		{"AWS SAM for one function that it has not", newClient(t, lambda.Options{Functions: map[string]lambda.Endpoint{"other": {URL: samURL}}}), "other",
			"Lambda function other at URL: ResourceNotFoundException: Function not found: arn:aws:lambda:us-west-2:012345678901:function:other"},
		{"the runtime interface emulator", single(t, rieURL), "resolve", `"ran"`},
		{"the runtime interface emulator by its whole URL", single(t, rieURL+"/2015-03-31/functions/function/invocations"), "resolve", `"ran"`},
		{"the runtime interface emulator and a slash", single(t, rieURL+"/"), "resolve", `"ran"`},
		{"the runtime interface emulator for all functions", shared(t, rieURL), "resolve",
			"Lambda function resolve at URL (set by --lambda-endpoint): the answer is not Lambda's: status 404: 404 page not found"},
		{"no endpoint", newClient(t, lambda.Options{}), "resolve",
			"Lambda function resolve has no endpoint: pass --lambda resolve=URL or --lambda-endpoint URL, or name it under `functions` of the project"},
		{"no endpoint for this one", single(t, rieURL), "other",
			"Lambda function other has no endpoint: pass --lambda other=URL or --lambda-endpoint URL, or name it under `functions` of the project"},
		{"no name", single(t, rieURL), "arn:aws:s3:::bucket", "Lambda function arn:aws:s3:::bucket: ValidationException: this is no name or ARN of a Lambda function"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for range 2 { // the second time with what was learnt
				got := ""
				payload, err := lambda.Call(t.Context(), c.client, c.function, []byte(`{}`))
				if got = string(payload); err != nil {
					got = strings.NewReplacer(samURL, "URL", rieURL, "URL").Replace(err.Error())
				}
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

// A container of one function may be replaced while the emulator serves.
func TestAnEndpointMayChangeItsKind(t *testing.T) {
	var mu sync.Mutex
	answer := http.HandlerFunc(rie)
	c := single(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		h := answer
		mu.Unlock()
		h(w, r)
	}))
	for _, step := range []struct {
		handler http.HandlerFunc
		want    string
	}{{rie, `"ran"`}, {sam("resolve"), `"resolve"`}, {rie, `"ran"`}} {
		mu.Lock()
		answer = step.handler
		mu.Unlock()
		got, err := lambda.Call(t.Context(), c, "resolve", []byte(`{}`))
		if err != nil || string(got) != step.want {
			t.Errorf("got %s and %v, want %s", got, err, step.want)
		}
	}
}

func TestTheNearestEndpointCounts(t *testing.T) {
	named := func(name string) string {
		return serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, "%q", name) })
	}
	c := newClient(t, lambda.Options{
		Endpoint: &lambda.Endpoint{URL: named("shared")},
		Functions: map[string]lambda.Endpoint{
			"a":      {URL: named("a")},
			"a:live": {URL: named("a:live")},
			"arn:aws:lambda:us-east-1:123456789012:function:b": {URL: named("b")},
			"c": {Timeout: time.Minute},
		},
	})
	for function, want := range map[string]string{
		"a": "a", "a:$LATEST": "a", "a:live": "a:live", "a:2": "a", "arn:aws:lambda:eu-west-1:1:function:a:live": "a:live",
		"b": "b", "c": "shared", "d": "shared",
	} {
		got, err := lambda.Call(t.Context(), c, function, nil)
		if err != nil || string(got) != `"`+want+`"` {
			t.Errorf("%s: got %s and %v, want %s", function, got, err, want)
		}
	}
}

func TestEndpointsThatCannotBe(t *testing.T) {
	for url, want := range map[string]string{
		"":                           "a URL must begin with http://HOST or https://HOST",
		"localhost:3001":             "a URL must begin with http://HOST or https://HOST",
		"ftp://localhost":            "a URL must begin with http://HOST or https://HOST",
		"http://:3001":               "a URL must begin with http://HOST or https://HOST",
		"http://me:secret@localhost": "a URL must not hold a user or password: requests are not signed in",
		"http://localhost?a":         "a URL must not hold a query or fragment",
		"http://localhost/2015-03-31/functions/function/invocations": "a URL for all functions must end before /2015-03-31/functions/",
	} {
		_, err := lambda.New(lambda.Options{Endpoint: &lambda.Endpoint{URL: url, Origin: "--lambda-endpoint"}})
		if err == nil || err.Error() != "--lambda-endpoint: "+want {
			t.Errorf("%q: got %v", url, err)
		}
	}
	_, err := lambda.New(lambda.Options{Functions: map[string]lambda.Endpoint{
		"f": {URL: "http://a"}, "arn:aws:lambda:us-east-1:1:function:f:$LATEST": {URL: "http://b"},
	}})
	if err == nil || err.Error() != "Lambda function f has two endpoints" {
		t.Errorf("got %v", err)
	}
	if err := lambda.CheckURL("http://me:secret@[::1"); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
}

// hang answers nothing until the client goes away.
func hang(started chan<- struct{}) http.HandlerFunc {
	return func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body) // else the end of the connection is not noticed
		if started != nil {
			started <- struct{}{}
		}
		<-r.Context().Done()
	}
}

func TestFunctionsThatHang(t *testing.T) {
	t.Run("longer than their time", func(t *testing.T) {
		url := serve(t, hang(nil))
		c := newClient(t, lambda.Options{Functions: map[string]lambda.Endpoint{
			"resolve": {URL: url, Timeout: 20 * time.Millisecond, Origin: "appsync.yml:3:1"},
		}})
		_, err := lambda.Call(t.Context(), c, "resolve", nil)
		want := "Lambda function resolve at " + url + " (set by appsync.yml:3:1): no answer in time: it has 20ms"
		if !errors.Is(err, lambda.ErrTimeout) || err.Error() != want {
			t.Errorf("got %v", err)
		}
		// Recorded: aws/aws-appsync-community#386.
		if errorType, message, ok := lambda.Refusal(err); errorType != "Lambda:ExecutionTimeoutException" || message != "Execution timed out." || !ok {
			t.Errorf("got %s: %s, %t", errorType, message, ok)
		}
	})
	t.Run("longer than the request", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		_, err := lambda.Call(ctx, shared(t, serve(t, hang(nil))), "resolve", nil)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if _, _, ok := lambda.Refusal(err); ok {
			t.Error("the end of the request is no refusal")
		}
	})
	t.Run("until the client has gone", func(t *testing.T) {
		started := make(chan struct{}, 1)
		c := shared(t, serve(t, hang(started)))
		ctx, cancel := context.WithCancel(t.Context())
		failed := make(chan error, 1)
		go func() {
			_, err := lambda.Call(ctx, c, "resolve", []byte(`{}`))
			failed <- err
		}()
		<-started
		cancel()
		if err := <-failed; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

func TestNothingAnswers(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	s.Close()
	_, err := lambda.Call(t.Context(), shared(t, s.URL), "resolve", nil)
	want := "Lambda function resolve at " + s.URL + " (set by --lambda-endpoint): nothing answers: dial tcp "
	if !errors.Is(err, lambda.ErrUnreachable) || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v", err)
	}
	if errorType, message, ok := lambda.Refusal(err); errorType != "Lambda:ServiceException" || message != err.Error() || !ok {
		t.Errorf("got %s: %s, %t", errorType, message, ok)
	}
}

func TestAnswersThatBreakOff(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, `{"a":`)
	})
	_, err := lambda.Call(t.Context(), shared(t, url), "resolve", nil)
	if !errors.Is(err, lambda.ErrAnswer) || !strings.Contains(err.Error(), "unexpected EOF") {
		t.Errorf("got %v", err)
	}
}

// Limits: Lambda's developer guide, page gettingstarted-limits: 6 MB each for
// request and response, 1 MB for events.
func TestLargePayloads(t *testing.T) {
	c := shared(t, serve(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) }))
	text := func(size int) []byte { return []byte(`"` + strings.Repeat("x", size-2) + `"`) }
	if got, err := lambda.Call(t.Context(), c, "resolve", text(6<<20)); err != nil || len(got) != 6<<20 {
		t.Errorf("6 MB: %d bytes and %v", len(got), err)
	}
	for _, in := range []lambda.Invocation{
		{Function: "resolve", Payload: text(6<<20 + 1)},
		{Function: "resolve", Payload: text(1<<20 + 1), Type: lambda.Event},
	} {
		_, err := c.Invoke(t.Context(), in)
		if e, ok := errors.AsType[*lambda.Error](err); !ok || e.Code != lambda.CodeTooLarge || e.Status != 413 {
			t.Errorf("%s: got %v", in.Type, err)
		}
	}
	answers := shared(t, serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(text(7 << 20)) }))
	_, err := lambda.Call(t.Context(), answers, "resolve", nil)
	failed, ok := errors.AsType[*lambda.FunctionError](err)
	if !ok || failed.Type != "Function.ResponseSizeTooLarge" {
		t.Errorf("got %v", err)
	}
}

func TestCallsRunTogether(t *testing.T) {
	const callers = 32
	var together sync.WaitGroup
	together.Add(callers)
	c := single(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.URL.Path == "/2015-03-31/functions/function/invocations" {
			together.Done()
			together.Wait() // every caller has its own request under way
		}
		rie(w, r)
		_ = body
	}))
	var callersDone sync.WaitGroup
	for range callers {
		callersDone.Go(func() {
			if got, err := lambda.Call(t.Context(), c, "resolve", []byte(`{}`)); err != nil || string(got) != `"ran"` {
				t.Errorf("got %s and %v", got, err)
			}
		})
	}
	callersDone.Wait()
}

func TestLogsAreSilentAboutPayloads(t *testing.T) {
	var log bytes.Buffer
	c := newClient(t, lambda.Options{
		Endpoint: &lambda.Endpoint{URL: serve(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `"secret"`) })},
		Log:      slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if _, err := lambda.Call(t.Context(), c, "resolve", []byte(`{"token":"secret"}`)); err != nil {
		t.Fatal(err)
	}
	if got := log.String(); !strings.Contains(got, "function=resolve") || strings.Contains(got, "secret") {
		t.Errorf("got %s", got)
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		// Recorded: aws/aws-appsync-community#209.
		{"a failed function", &lambda.FunctionError{Kind: "Unhandled", Message: "Parameter cannot be empty"}, "Lambda:Unhandled: Parameter cannot be empty"},
		{"a failed function of an old runtime", &lambda.FunctionError{Kind: "Handled", Message: "no"}, "Lambda:Handled: no"},
		{"an exception", &lambda.Error{Function: "f", Code: lambda.CodeTooMany, Message: "Rate Exceeded."}, "Lambda:TooManyRequestsException: Lambda function f: TooManyRequestsException: Rate Exceeded."},
		{"no endpoint", &lambda.Error{Function: "f", Err: lambda.ErrNotConfigured}, ""},
		{"another error", io.EOF, ""},
	} {
		got := ""
		if errorType, message, ok := lambda.Refusal(c.err); ok {
			got = errorType + ": " + message
		}
		if got != c.want {
			t.Errorf("%s: got %s", c.name, got)
		}
	}
}

func TestCallWithoutAnInvoker(t *testing.T) {
	if _, err := lambda.Call(t.Context(), nil, "arn:aws:lambda:us-east-1:1:function:f", nil); !errors.Is(err, lambda.ErrNotConfigured) {
		t.Errorf("got %v", err)
	}
	if _, err := lambda.Call(t.Context(), nil, "", nil); err == nil || errors.Is(err, lambda.ErrNotConfigured) {
		t.Errorf("got %v", err)
	}
}
