package realtime_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"appsync-emulator/emulator/internal/realtime"
)

// The three ways to pass credentials are those of the guide; the forms of each
// are what the clients named send.
// See: https://docs.aws.amazon.com/appsync/latest/devguide/real-time-websocket-client.html#header-parameter-format-based-on-appsync-api-authorization-mode
func TestConnect(t *testing.T) {
	// The text makes base64 that has both + and / in the standard alphabet.
	object := `{"host":"localhost","x-api-key":"` + apiKey + `","x":"` + "\u00fb\u00ff\u00be>>>???" + `"}`
	std, raw := base64.StdEncoding.EncodeToString([]byte(object)), base64.RawURLEncoding.EncodeToString([]byte(object))
	if !strings.ContainsAny(std, "+") || !strings.ContainsAny(std, "/") {
		t.Fatal("the sample does not exercise both alphabets")
	}
	twice := base64.StdEncoding.EncodeToString([]byte(`{"X-Api-Key":"` + apiKey + `","x-api-key":"` + apiKey + `","n":5}`))
	tests := []struct {
		name      string
		query     string
		protocols []string
		header    http.Header
	}{
		{"Amplify JS 5 and 6: subprotocol, URL alphabet, no padding", "", []string{"graphql-ws", "header-" + raw}, nil},
		{"the subprotocols the other way round", "", []string{"header-" + raw, "graphql-ws"}, nil},
		{"Amplify JS 6: custom headers in the query", "?x-custom=1", []string{"graphql-ws", "header-" + raw}, nil},
		{"Amplify JS 4: query, escaped", "?header=" + url.QueryEscape(std) + "&payload=e30=", []string{"graphql-ws"}, nil},
		{"aws-appsync 4: query, plus signs not escaped", "?header=" + std + "&payload=e30=", []string{"graphql-ws"}, nil},
		{"query, URL alphabet without padding", "?header=" + raw + "&payload=e30", []string{"graphql-ws"}, nil},
		{"Apollo: the key twice", "?header=" + url.QueryEscape(twice), []string{"graphql-ws"}, nil},
		{"Amplify Android and Swift: HTTP headers", "", []string{"graphql-ws"}, http.Header{"X-Api-Key": {apiKey}}},
		{"query, standard alphabet without padding", "?header=" + url.QueryEscape(strings.TrimRight(std, "=")), []string{"graphql-ws"}, nil},
		{"query, URL alphabet with padding", "?header=" + url.QueryEscape(base64.URLEncoding.EncodeToString([]byte(object))), []string{"graphql-ws"}, nil},
		{"query, other parameters that are no escapes", "?x=%zz&header=" + raw, []string{"graphql-ws"}, nil},
		{"a subprotocol before the query", "?header=AAAA", []string{"graphql-ws", "header-" + raw}, nil},
		{"subprotocols besides", "", []string{"graphql-transport-ws", "graphql-ws", "header-" + raw}, nil},
		{"a page of another origin", "", []string{"graphql-ws", "header-" + raw}, http.Header{"Origin": {"https://app.example.com"}}},
		{"a page of a file", "", []string{"graphql-ws", "header-" + raw}, http.Header{"Origin": {"null"}}},
		{"an origin that is none", "", []string{"graphql-ws", "header-" + raw}, http.Header{"Origin": {"::%"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBackend()
			_, u := serve(t, b, realtime.Options{})
			c, resp := dialWith(t, u+tt.query, tt.protocols, tt.header)
			if got := resp.Header["Sec-Websocket-Protocol"]; len(got) != 1 || got[0] != "graphql-ws" {
				t.Errorf("selected subprotocol %q, want graphql-ws alone", got)
			}
			if got := resp.Header["Sec-Websocket-Extensions"]; got != nil {
				t.Errorf("selected extensions %q", got)
			}
			c.send(`{"type":"connection_init"}`)
			c.expect(`{"type":"connection_ack","payload":{"connectionTimeoutMs":300000}}`)
			c.expect(`{"type":"ka"}`)
			if got := b.credentials[0].SourceIP; got != "127.0.0.1" {
				t.Errorf("source IP %q", got)
			}
		})
	}
}

func TestConnectionRefused(t *testing.T) {
	good := []string{"graphql-ws", "header-" + validHeader}
	wrongKey := base64.RawURLEncoding.EncodeToString([]byte(`{"x-api-key":"da2-wrong"}`))
	list := base64.RawURLEncoding.EncodeToString([]byte(`["x-api-key"]`))
	const badHeader = `{"payload":{"errors":[{"errorType":"BadRequest","errorCode":400}]},"type":"connection_error"}`
	tests := []struct {
		name      string
		query     string
		protocols []string
		want      string
	}{
		// aws/aws-appsync-community#195
		{"no subprotocol", "?header=" + validHeader, nil,
			`{"payload":{"errors":[{"message":"NoProtocolError","errorCode":400}]},"type":"connection_error"}`},
		// graphql-dotnet/graphql-client#591
		{"another subprotocol", "", []string{"graphql-transport-ws", good[1]},
			`{"payload":{"errors":[{"message":"SubProtocolNotSupportedError","errorCode":400}]},"type":"connection_error"}`},
		// apollographql/apollo-kotlin#1864
		{"no header", "", good[:1], badHeader},
		{"a header that is no base64", "?header=%21", good[:1], badHeader},
		{"a header of one character", "?header=e", good[:1], badHeader},
		{"an empty header", "", []string{"graphql-ws", "header-"}, badHeader},
		{"a header cut off", "", []string{"graphql-ws", "header-" + validHeader[:20]}, badHeader},
		{"a header that is no text", "?header=" + base64.RawURLEncoding.EncodeToString([]byte("{\"a\":\"\xff\xfe\"}")) + "%00", good[:1], badHeader},
		{"two headers, the first of which counts", "", []string{"graphql-ws", "header-AAAA", good[1]}, badHeader},
		{"the subprotocol in capitals", "", []string{"GraphQL-WS", good[1]},
			`{"payload":{"errors":[{"message":"SubProtocolNotSupportedError","errorCode":400}]},"type":"connection_error"}`},
		{"the header's subprotocol alone", "", good[1:],
			`{"payload":{"errors":[{"message":"SubProtocolNotSupportedError","errorCode":400}]},"type":"connection_error"}`},
		{"a header that is no JSON", "?header=AAAA", good[:1], badHeader},
		{"a header that is no object", "", []string{"graphql-ws", "header-" + list}, badHeader},
		// aws-amplify/amplify-android#1392, aws-amplify/amplify-flutter#2763
		{"a wrong key", "", []string{"graphql-ws", "header-" + wrongKey},
			`{"payload":{"errors":[{"errorType":"UnauthorizedException","message":"You are not authorized to make this call.","errorCode":400}]},"type":"connection_error"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, u := serve(t, newBackend(), realtime.Options{})
			c, _ := dialWith(t, u+tt.query, tt.protocols, nil)
			c.send(`{"type":"connection_init"}`)
			c.expect(tt.want)
			c.expectClose(websocket.ClosePolicyViolation)
		})
	}
}

func TestNoHandshake(t *testing.T) {
	_, u := serve(t, newBackend(), realtime.Options{})
	resp, err := http.Get("http" + strings.TrimPrefix(u, "ws"))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusBadRequest {
		t.Errorf("status %d, want 400", resp.StatusCode)
	}
}

// One connection, one line a message: "> " is sent, "< " is expected next.
// See: https://docs.aws.amazon.com/appsync/latest/devguide/real-time-websocket-client.html
func TestConversation(t *testing.T) {
	const unknown = `{"errors":[{"errorType":"UnsupportedOperation","message":"unknown not supported through the realtime channel"}]}`
	tests := []struct {
		name  string
		lines []string
	}{
		{"start and stop", []string{
			"> " + start("1", "a"), `< {"id":"1","type":"start_ack"}`,
			`> {"id":"1","type":"stop"}`, `< {"id":"1","type":"complete"}`,
		}},
		{"an id is free again after stop", []string{
			"> " + start("1", "a"), `< {"id":"1","type":"start_ack"}`,
			`> {"id":"1","type":"stop"}`, `< {"id":"1","type":"complete"}`,
			"> " + start("1", "a"), `< {"id":"1","type":"start_ack"}`,
		}},
		{"an id is free again after a refusal", []string{
			"> " + start("1", "invalid"), `< {"id":"1","type":"error","payload":{"errors":[{"message":"Validation error of type FieldUndefined"},{"message":"second"}]}}`,
			"> " + start("1", "a"), `< {"id":"1","type":"start_ack"}`,
		}},
		{"an id with characters that JSON escapes", []string{
			`> {"id":"a\"\\b","type":"start","payload":{"data":"{\"query\":\"a\"}"}}`, `< {"id":"a\"\\b","type":"start_ack"}`,
		}},
		{"a number as id", []string{
			`> {"id":7,"type":"start","payload":{"data":"{\"query\":\"a\"}"}}`, `< {"id":7,"type":"start_ack"}`,
			`> {"id":7,"type":"stop"}`, `< {"id":7,"type":"complete"}`,
		}},
		{"connection_init again", []string{
			`> {"type":"connection_init","payload":{}}`,
			`< {"type":"connection_ack","payload":{"connectionTimeoutMs":300000}}`, `< {"type":"ka"}`,
		}},
		// aws-amplify/amplify-swift#1589, aws-amplify/amplify-js#4853
		{"a validation error", []string{
			"> " + start("1", "invalid"), `< {"id":"1","type":"error","payload":{"errors":[{"message":"Validation error of type FieldUndefined"},{"message":"second"}]}}`,
		}},
		// aws-amplify/amplify-js#12679
		{"a field that is not allowed", []string{
			"> " + start("1", "denied"), `< {"id":"1","type":"error","payload":{"errors":[{"errorType":"Unauthorized","message":"Not Authorized to access onCreateClient on type Subscription"}]}}`,
		}},
		// aws-amplify/amplify-category-api#740
		{"an error with a code", []string{
			"> " + start("1", "limited"), "< {\"id\":\"1\",\"type\":\"error\",\"payload\":{\"errors\":[{\"message\":\"subscription exceeds maximum value limit 5 for operator `in`.\",\"errorCode\":400}]}}",
		}},
		{"a query", []string{
			"> " + start("1", "query { a }"), `< {"id":"1","type":"error","payload":{"errors":[{"errorType":"UnsupportedOperation","message":"query not supported through the realtime channel"}]}}`,
		}},
		{"a panic", []string{
			"> " + start("1", "panic"), `< {"id":"1","type":"error","payload":{"errors":[{"errorType":"InternalFailure","errorCode":500}]}}`,
			"> " + start("1", "a"), `< {"id":"1","type":"start_ack"}`,
		}},
		{"query beside data", []string{
			`> {"id":"1","type":"start","payload":{"query":"subscription { a }"}}`, `< {"id":"","type":"error","payload":` + unknown + `}`,
		}},
		{"data that is an object", []string{
			`> {"id":"1","type":"start","payload":{"data":{"query":"a"}}}`, `< {"id":"","type":"error","payload":` + unknown + `}`,
		}},
		{"data that is no JSON", []string{
			`> {"id":"1","type":"start","payload":{"data":"subscription { a }"}}`, `< {"id":"","type":"error","payload":` + unknown + `}`,
		}},
		{"data without a query", []string{
			`> {"id":"1","type":"start","payload":{"data":"{}"}}`, `< {"id":"","type":"error","payload":` + unknown + `}`,
		}},
		{"variables that are no object", []string{
			`> {"id":"1","type":"start","payload":{"data":"{\"query\":\"a\",\"variables\":[]}"}}`, `< {"id":"","type":"error","payload":` + unknown + `}`,
		}},
		{"variables that are null", []string{
			`> {"id":"1","type":"start","payload":{"data":"{\"query\":\"a\",\"variables\":null,\"operationName\":null}"}}`, `< {"id":"1","type":"start_ack"}`,
		}},
		{"start without an id", []string{
			`> {"type":"start","payload":{"data":"{\"query\":\"a\"}"}}`, `< {"id":"","type":"error","payload":` + unknown + `}`,
		}},
		{"start with an empty id", []string{
			`> {"id":"","type":"start","payload":{"data":"{\"query\":\"a\"}"}}`, `< {"id":"","type":"error","payload":` + unknown + `}`,
		}},
		{"start without a payload", []string{
			`> {"id":"1","type":"start"}`, `< {"id":"","type":"error","payload":` + unknown + `}`,
		}},
		{"no JSON", []string{`> hello`, `< {"type":"error","payload":` + unknown + `}`}},
		{"no object", []string{`> []`, `< {"type":"error","payload":` + unknown + `}`}},
		{"an empty message", []string{`> `, `< {"type":"error","payload":` + unknown + `}`}},
		{"another type", []string{`> {"id":"1","type":"subscribe"}`, `< {"id":"1","type":"error","payload":` + unknown + `}`}},
		// The wording is that of the Event API's error of the same name.
		// See: https://docs.aws.amazon.com/appsync/latest/eventapi/event-api-websocket-protocol.html
		{"stop of an unknown id", []string{
			`> {"id":"9","type":"stop"}`, `< {"id":"9","type":"error","payload":{"errors":[{"errorType":"UnknownOperationError","message":"Unknown operation id 9"}]}}`,
		}},
		{"stop twice", []string{
			"> " + start("1", "a"), `< {"id":"1","type":"start_ack"}`,
			`> {"id":"1","type":"stop"}`, `< {"id":"1","type":"complete"}`,
			`> {"id":"1","type":"stop"}`, `< {"id":"1","type":"error","payload":{"errors":[{"errorType":"UnknownOperationError","message":"Unknown operation id 1"}]}}`,
		}},
		{"stop without an id", []string{
			`> {"type":"stop"}`, `< {"type":"error","payload":{"errors":[{"errorType":"UnknownOperationError","message":"Unknown operation id "}]}}`,
		}},
		{"an id that is in use", []string{
			"> " + start("1", "a"), `< {"id":"1","type":"start_ack"}`,
			"> " + start("1", "b"), `< {"id":"1","type":"error","payload":{"errors":[{"errorType":"DuplicatedOperationError","message":"Duplicated operation with id 1"}]}}`,
			`> {"id":"1","type":"stop"}`, `< {"id":"1","type":"complete"}`,
		}},
		// aws-amplify/amplify-cli#7427
		{"too many subscriptions", []string{
			"> " + start("1", "a"), `< {"id":"1","type":"start_ack"}`,
			"> " + start("2", "a"), `< {"id":"2","type":"start_ack"}`,
			"> " + start("3", "a"), `< {"id":"3","type":"error","payload":{"errors":[{"errorType":"MaxSubscriptionsReachedError","message":"Max number of 2 subscriptions reached"}]}}`,
			`> {"id":"1","type":"stop"}`, `< {"id":"1","type":"complete"}`,
			"> " + start("3", "a"), `< {"id":"3","type":"start_ack"}`,
		}},
		{"events delivered before the acknowledgement follow it", []string{
			"> " + start("1", "early"), `< {"id":"1","type":"start_ack"}`,
			`< {"id":"1","type":"data","payload":{"data":1}}`, `< {"id":"1","type":"data","payload":{"data":2}}`,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, u := serve(t, newBackend(), realtime.Options{MaxSubscriptions: 2})
			c := open(t, u)
			// Whatever happened, the connection stays open.
			lines := append(tt.lines, `> {"id":"last","type":"stop"}`,
				`< {"id":"last","type":"error","payload":{"errors":[{"errorType":"UnknownOperationError","message":"Unknown operation id last"}]}}`)
			for _, line := range lines {
				if text, ok := strings.CutPrefix(line, "> "); ok {
					c.send(text)
				} else {
					c.expect(strings.TrimPrefix(line, "< "))
				}
			}
		})
	}
}

func TestDefaultLimitOfSubscriptions(t *testing.T) {
	_, u := serve(t, newBackend(), realtime.Options{})
	c := open(t, u)
	for i := range 100 {
		c.subscribe(fmt.Sprint(i), "a")
	}
	c.send(start("100", "a"))
	c.expect(`{"id":"100","type":"error","payload":{"errors":[{"errorType":"MaxSubscriptionsReachedError","message":"Max number of 100 subscriptions reached"}]}}`)
}

// The guide makes connection_init optional for starting.
func TestStartWithoutInit(t *testing.T) {
	b := newBackend()
	_, u := serve(t, b, realtime.Options{FirstKeepAlive: time.Hour})
	c := dial(t, u)
	c.subscribe("1", "a")
	req := b.starts[0]
	if req.Query != "a" || req.Identity != "identity" || req.Header.Get("x-custom") != "c" ||
		req.Credentials.Header.Get("host") != "localhost" || req.Variables.Value("a") != int32(1) ||
		req.Data != `{"query":"a","variables":{"a":1}}` {
		t.Errorf("start request %+v", req)
	}
}

func TestStartWithoutAuthorization(t *testing.T) {
	b := newBackend()
	_, u := serve(t, b, realtime.Options{})
	c := open(t, u)
	c.send(`{"id":"1","type":"start","payload":{"data":"{\"query\":\"a\",\"operationName\":\"A\"}"}}`)
	c.expect(`{"id":"1","type":"start_ack"}`)
	if req := b.starts[0]; req.Header != nil || req.Variables != nil || req.OperationName != "A" {
		t.Errorf("start request %+v", req)
	}
}

func TestNothingFollowsComplete(t *testing.T) {
	b := newBackend()
	_, u := serve(t, b, realtime.Options{})
	c := open(t, u)
	c.subscribe("1", "a")
	b.publish("a", `{"data":1}`)
	c.expect(`{"id":"1","type":"data","payload":{"data":1}}`)
	c.send(`{"id":"1","type":"stop"}`)
	c.expect(`{"id":"1","type":"complete"}`)
	if got := <-b.stopped; got != "a" {
		t.Errorf("stopped %q", got)
	}
	b.publish("a", `{"data":2}`)
	c.subscribe("2", "b")
}

func TestStopWhileStarting(t *testing.T) {
	b := newBackend()
	_, u := serve(t, b, realtime.Options{})
	c := open(t, u)
	c.send(start("1", "slow"))
	c.send(start("1", "slow")) // the id is taken from the start message on
	c.expect(`{"id":"1","type":"error","payload":{"errors":[{"errorType":"DuplicatedOperationError","message":"Duplicated operation with id 1"}]}}`)
	c.send(`{"id":"1","type":"stop"}`)
	c.expect(`{"id":"1","type":"complete"}`)
	if got := <-b.stopped; got != "slow" {
		t.Errorf("stopped %q", got)
	}
	c.subscribe("2", "a")
}

func TestSlowStartHoldsUpNothing(t *testing.T) {
	b := newBackend()
	_, u := serve(t, b, realtime.Options{})
	c := open(t, u)
	c.send(start("1", "slow"))
	c.subscribe("2", "a")
	close(b.release)
	c.expect(`{"id":"1","type":"start_ack"}`)
}

func TestDisconnectStopsSubscriptions(t *testing.T) {
	for _, politely := range []bool{true, false} {
		t.Run(fmt.Sprintf("politely=%v", politely), func(t *testing.T) {
			b := newBackend()
			_, u := serve(t, b, realtime.Options{})
			c := open(t, u)
			c.subscribe("1", "a")
			c.subscribe("2", "b")
			c.send(start("3", "slow"))
			if politely {
				c.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(1000, ""), time.Now().Add(time.Second))
				c.expectClose(1000)
			} else {
				c.NetConn().Close()
			}
			got := map[string]bool{}
			for range 3 {
				got[<-b.stopped] = true
			}
			if !got["a"] || !got["b"] || !got["slow"] {
				t.Errorf("stopped %v", got)
			}
		})
	}
}

func TestFramesOfAllSizes(t *testing.T) {
	b := newBackend()
	_, u := serve(t, b, realtime.Options{})
	c := open(t, u)
	c.subscribe("1", "a")
	overhead := len(`{"id":"1","type":"data","payload":}`)
	for _, size := range []int{125, 126, 127, 65535, 65536, 65537, 240 << 10} {
		payload := `"` + strings.Repeat("x", size-overhead-2) + `"`
		b.publish("a", payload)
		c.expect(`{"id":"1","type":"data","payload":` + payload + `}`)
	}
}

func TestPing(t *testing.T) {
	_, u := serve(t, newBackend(), realtime.Options{})
	c := open(t, u)
	pong := make(chan string, 1)
	c.SetPongHandler(func(data string) error { pong <- data; return nil })
	if err := c.WriteControl(websocket.PingMessage, []byte("are you there"), time.Now().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	c.subscribe("1", "a") // reads past the pong
	if got := <-pong; got != "are you there" {
		t.Errorf("pong %q", got)
	}
}

func TestMessageOverTheReadLimit(t *testing.T) {
	b := newBackend()
	_, u := serve(t, b, realtime.Options{ReadLimit: 1000})
	c := open(t, u)
	c.subscribe("1", "a")
	c.send(start("2", strings.Repeat("x", 1<<20)))
	c.expectClose(websocket.CloseMessageTooBig)
	if got := <-b.stopped; got != "a" {
		t.Errorf("stopped %q", got)
	}
}

func TestProtocolErrorEndsTheConnection(t *testing.T) {
	b := newBackend()
	_, u := serve(t, b, realtime.Options{})
	c := open(t, u)
	c.subscribe("1", "a")
	c.NetConn().Write([]byte{0xFF, 0xFF, 0, 0, 0, 0}) // reserved bits, reserved opcode
	<-b.stopped
}

type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) count(s string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.b.String(), s)
}

// aws/aws-appsync-community#33: an event over 240 KB is not delivered.
func TestEventOverTheLimitIsDropped(t *testing.T) {
	log := &logBuffer{}
	b := newBackend()
	_, u := serve(t, b, realtime.Options{Log: slog.New(slog.NewTextHandler(log, nil))})
	c := open(t, u)
	c.subscribe("1", "a")
	large := bytes.Repeat([]byte{'1'}, 240<<10+1)
	to := b.to["a"]
	to.Deliver(large)
	to.Deliver(large) // shared by two receivers: one line
	to.Deliver([]byte(`{"data":2}`))
	c.expect(`{"id":"1","type":"data","payload":{"data":2}}`)
	if n := log.count("DROPPED"); n != 1 {
		t.Errorf("%d lines in the log, want 1", n)
	}
	if log.count(apiKey) != 0 {
		t.Error("the log shows the API key")
	}
}

func TestSlowReaderIsDisconnectedAlone(t *testing.T) {
	log := &logBuffer{}
	b := newBackend()
	_, u := serve(t, b, realtime.Options{
		Log: slog.New(slog.NewTextHandler(log, nil)), QueueMessages: 50, MaxPayload: 1 << 20,
	})
	slow, quick := open(t, u), open(t, u)
	slow.subscribe("1", "slow reader")
	quick.subscribe("1", "quick reader")
	payload := strings.Repeat("1", 200<<10)
	b.mu.Lock()
	toSlow := b.to["slow reader"].Deliver
	b.mu.Unlock()
	// Fill the kernel's buffers and the queue while nobody reads.
	for log.count("reads too slowly") == 0 {
		toSlow([]byte(payload))
		b.publish("quick reader", `{"data":1}`)
		quick.expect(`{"id":"1","type":"data","payload":{"data":1}}`)
	}
	toSlow([]byte(payload))
	// Once it reads again, it learns why.
	slow.expectClose(websocket.CloseTryAgainLater)
	if got := <-b.stopped; got != "slow reader" {
		t.Errorf("stopped %q", got)
	}
	b.publish("quick reader", `{"data":2}`)
	quick.expect(`{"id":"1","type":"data","payload":{"data":2}}`)
}

func TestShutdown(t *testing.T) {
	b := newBackend()
	h, u := serve(t, b, realtime.Options{})
	var clients []*client
	for range 3 {
		c := open(t, u)
		c.subscribe("1", "a")
		clients = append(clients, c)
	}
	if n := h.Connections(); n != 3 {
		t.Errorf("%d connections, want 3", n)
	}
	done := make(chan error, 1)
	go func() { done <- h.Shutdown(t.Context()) }()
	for _, c := range clients {
		c.expectClose(websocket.CloseGoingAway)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if n := h.Connections(); n != 0 {
		t.Errorf("%d connections remain", n)
	}
	_, resp, err := websocket.DefaultDialer.Dial(u, nil)
	if err == nil || resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("after shutdown: %v, %v", resp, err)
	}
}

// Many events to many subscriptions: none lost, none twice, each in order.
func TestNothingIsLost(t *testing.T) {
	const clients, events = 10, 2000
	b := newBackend()
	_, u := serve(t, b, realtime.Options{})
	var wg sync.WaitGroup
	var all []*client
	for i := range clients {
		c := open(t, u)
		c.subscribe("1", fmt.Sprint(i))
		all = append(all, c)
	}
	for _, c := range all {
		wg.Go(func() {
			for n := range events {
				if got, want := c.next(), fmt.Sprintf(`{"id":"1","type":"data","payload":{"data":%d}}`, n); got != want {
					t.Errorf("received %s, want %s", got, want)
					return
				}
			}
		})
	}
	for n := range events {
		for i := range clients {
			b.publish(fmt.Sprint(i), fmt.Sprintf(`{"data":%d}`, n))
		}
	}
	wg.Wait()
}
