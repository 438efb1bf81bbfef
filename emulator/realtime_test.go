package emulator_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"appsync-emulator/emulator/emulatortest"
)

// socket is a raw client of AppSync's real-time protocol.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/real-time-websocket-client.html
type socket struct {
	t    *testing.T
	conn *websocket.Conn
	key  string
}

func dial(t *testing.T, s *emulatortest.Server) *socket {
	t.Helper()
	dialer := websocket.Dialer{Subprotocols: []string{"graphql-ws"}}
	header := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, `{"host":"localhost","x-api-key":%q}`, s.APIKey()))
	conn, resp, err := dialer.Dial("ws://"+s.Addr()+"/graphql/realtime?header="+url.QueryEscape(header)+"&payload=e30=", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if got := resp.Header.Get("Sec-WebSocket-Protocol"); got != "graphql-ws" {
		t.Errorf("subprotocol %q", got)
	}
	c := &socket{t: t, conn: conn, key: s.APIKey()}
	c.send(`{"type":"connection_init"}`)
	c.expect(`{"type":"connection_ack","payload":{"connectionTimeoutMs":300000}}`)
	c.expect(`{"type":"ka"}`)
	return c
}

func (c *socket) send(message string) {
	c.t.Helper()
	if err := c.conn.WriteMessage(websocket.TextMessage, []byte(message)); err != nil {
		c.t.Fatal(err)
	}
}

func (c *socket) start(id, query string, variables any) {
	c.t.Helper()
	data, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		c.t.Fatal(err)
	}
	c.send(fmt.Sprintf(`{"id":%q,"type":"start","payload":{"data":%s,"extensions":{"authorization":{"host":"localhost","x-api-key":%q}}}}`,
		id, quoted(string(data)), c.key))
}

func quoted(s string) string {
	text, _ := json.Marshal(s)
	return string(text)
}

func (c *socket) read() string {
	c.t.Helper()
	c.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	_, message, err := c.conn.ReadMessage()
	if err != nil {
		c.t.Fatalf("no message: %v", err)
	}
	return string(message)
}

func (c *socket) expect(want string) {
	c.t.Helper()
	if got := c.read(); got != want {
		c.t.Fatalf("got  %s\nwant %s", got, want)
	}
}

func TestSubscriptionLifecycle(t *testing.T) {
	s := startPosts(t)
	c := dial(t, s)
	c.start("one", `subscription { onDeltaPost { id title ups aws_ds } }`, nil)
	c.expect(`{"id":"one","type":"start_ack"}`)

	s.Query(`mutation { updatePost(input: {id: "welcome", ups: 13}) { id title ups } }`, nil)
	c.expect(`{"id":"one","type":"data","payload":{"data":{"onDeltaPost":{"id":"welcome","title":"Welcome","ups":13,"aws_ds":null}}}}`)
	s.Query(`mutation { gone: deletePost(id: "welcome") { key: id title: title aws_ds } }`, nil)
	c.expect(`{"id":"one","type":"data","payload":{"data":{"onDeltaPost":{"id":"welcome","title":"Welcome","ups":null,"aws_ds":"DELETE"}}}}`)

	c.send(`{"id":"one","type":"stop"}`)
	c.expect(`{"id":"one","type":"complete"}`)
	s.Query(`mutation { updatePost(input: {id: "realtime", ups: 1}) { id title } }`, nil)
	// A later subscription's events come first now: nothing arrived for "one".
	c.start("two", `subscription { onDeltaPost { id } }`, nil)
	c.expect(`{"id":"two","type":"start_ack"}`)
}

// Only the fields that the mutation selected are delivered; a non-null one that
// is missing is an error in the event.
//
// Recorded: aws-amplify/amplify-category-api#1338.
func TestSubscriptionOfUnselectedFields(t *testing.T) {
	s := startPosts(t)
	c := dial(t, s)
	c.start("1", `subscription { onDeltaPost { id title content } }`, nil)
	c.expect(`{"id":"1","type":"start_ack"}`)
	s.Query(`mutation { updatePost(input: {id: "welcome", ups: 13}) { id } }`, nil)
	c.expect(`{"id":"1","type":"data","payload":{"data":{"onDeltaPost":null},"errors":[` +
		`{"message":"Cannot return null for non-nullable type: 'String' within parent 'Post' (/onDeltaPost/title)","path":["onDeltaPost","title"]},` +
		`{"message":"Cannot return null for non-nullable type: 'String' within parent 'Post' (/onDeltaPost/content)","path":["onDeltaPost","content"]}]}}`)
}

// Nothing is published for a mutation that failed or returned null.
func TestSubscriptionHearsNothingOfFailures(t *testing.T) {
	s := startPosts(t)
	c := dial(t, s)
	c.start("1", `subscription { onDeltaPost { id } }`, nil)
	c.expect(`{"id":"1","type":"start_ack"}`)
	s.Query(`mutation { updatePost(input: {id: "nothing", ups: 13}) { id } }`, nil)
	s.Query(`mutation { deletePost(id: "nothing") { id } }`, nil)
	s.Query(`mutation { updatePost(input: {id: "offline", ups: 8}) { id } }`, nil)
	c.expect(`{"id":"1","type":"data","payload":{"data":{"onDeltaPost":{"id":"offline"}}}}`)
}

// AWS AppSync developer guide, aws-appsync-real-time-data: an argument that is
// given must equal the event's field; null means that the field must be null;
// an argument that is left out does not filter.
func TestSubscriptionArguments(t *testing.T) {
	s := emulatortest.Start(t, "../fixtures/comments")
	for _, id := range []string{"a", "b"} {
		s.Query(`mutation ($id: ID!) { addPost(id: $id, title: "T") { id } }`, map[string]any{"id": id})
	}
	c := dial(t, s)
	const query = `subscription ($postId: ID, $author: String) { onComment(postId: $postId, author: $author) { body } }`
	start := func(id string, variables map[string]any) {
		c.start(id, query, variables)
		c.expect(`{"id":"` + id + `","type":"start_ack"}`)
	}
	start("all", nil)
	start("a", map[string]any{"postId": "a"})
	start("a-x", map[string]any{"postId": "a", "author": "x"})
	start("b", map[string]any{"postId": "b"})
	start("null", map[string]any{"author": nil})

	add := func(postID, author, selection string) {
		s.Query(`mutation ($p: ID!, $a: String!) { addComment(input: {postId: $p, author: $a, body: "t"}) { `+selection+` } }`,
			map[string]any{"p": postID, "a": author})
	}
	event := func(id string) string {
		return `{"id":"` + id + `","type":"data","payload":{"data":{"onComment":{"body":"t"}}}}`
	}
	receive := func(ids ...string) {
		t.Helper()
		want := map[string]bool{}
		for _, id := range ids {
			want[event(id)] = true
		}
		for range ids {
			got := c.read()
			if !want[got] {
				t.Fatalf("got %s, want one of %v", got, want)
			}
			delete(want, got)
		}
	}
	add("a", "x", "postId author body")
	receive("all", "a", "a-x")
	add("b", "y", "postId author body")
	receive("all", "b")
	// What the mutation does not select counts as null.
	add("a", "x", "postId body")
	receive("all", "a", "null")
}

func TestSubscriptionsThatAreRefused(t *testing.T) {
	s := startPosts(t)
	c := dial(t, s)
	for _, r := range []struct{ name, query, want string }{
		// Recorded: aws-amplify/amplify-swift#1589.
		{"validation", `subscription { onNothing { id } }`,
			`{"message":"Validation error of type FieldUndefined: Field 'onNothing' in type 'Subscription' is undefined @ 'onNothing'"}`},
		// The form is recorded for an unknown kind.
		{"query", `{ listPosts { id } }`, `{"errorType":"UnsupportedOperation","message":"query not supported through the realtime channel"}`},
		{"mutation", `mutation { deletePost(id: "welcome") { id } }`,
			`{"errorType":"UnsupportedOperation","message":"mutation not supported through the realtime channel"}`},
	} {
		t.Run(r.name, func(t *testing.T) {
			c.start(r.name, r.query, nil)
			c.expect(`{"id":"` + r.name + `","type":"error","payload":{"errors":[` + r.want + `]}}`)
		})
	}
	// The connection is still good.
	c.start("1", `subscription { onDeltaPost { id } }`, nil)
	c.expect(`{"id":"1","type":"start_ack"}`)
}

// Recorded: aws-amplify/amplify-flutter#2763. The upgrade succeeds, so that
// clients can read why they are refused.
func TestConnectionWithWrongCredentials(t *testing.T) {
	s := startPosts(t)
	dialer := websocket.Dialer{Subprotocols: []string{"graphql-ws"}}
	conn, _, err := dialer.Dial("ws://"+s.Addr()+"/graphql/realtime", http.Header{"x-api-key": {"da2-wrong"}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, message, err := conn.ReadMessage()
	if err != nil {
		t.Fatal(err)
	}
	got := string(message)
	if !strings.Contains(got, `"type":"connection_error"`) ||
		!strings.Contains(got, `"errorType":"UnauthorizedException","message":"You are not authorized to make this call."`) {
		t.Errorf("got %s", got)
	}
	if _, _, err := conn.ReadMessage(); err == nil {
		t.Error("the connection is still open")
	}
}

// None is lost and none comes twice between start_ack and stop, while mutations
// run.
func TestSubscriptionUnderConcurrentMutations(t *testing.T) {
	s := emulatortest.Start(t, "../fixtures/comments")
	const writers, each = 8, 25
	sockets := make([]*socket, 4)
	for i := range sockets {
		sockets[i] = dial(t, s)
		sockets[i].start("1", `subscription { onTyping(postId: "a") { author } }`, nil)
		sockets[i].expect(`{"id":"1","type":"start_ack"}`)
	}
	done := make(chan struct{})
	for w := range writers {
		go func() {
			defer func() { done <- struct{}{} }()
			for i := range each {
				s.Query(`mutation ($a: String!) { typing(postId: "a", author: $a) { postId author } }`,
					map[string]any{"a": fmt.Sprintf("%d/%d", w, i)})
			}
		}()
	}
	for range writers {
		<-done
	}
	for _, c := range sockets {
		seen := map[string]int{}
		last := map[string]int{}
		for range writers * each {
			var message struct {
				Payload struct {
					Data struct{ OnTyping struct{ Author string } }
				}
			}
			if err := json.Unmarshal([]byte(c.read()), &message); err != nil {
				t.Fatal(err)
			}
			author := message.Payload.Data.OnTyping.Author
			seen[author]++
			var w, i int
			fmt.Sscanf(author, "%d/%d", &w, &i)
			writer := fmt.Sprint(w)
			if previous, ok := last[writer]; ok && previous >= i {
				t.Errorf("event %s after %d of the same writer", author, previous)
			}
			last[writer] = i
		}
		for author, n := range seen {
			if n != 1 {
				t.Errorf("%s arrived %d times", author, n)
			}
		}
		if len(seen) != writers*each {
			t.Errorf("%d of %d events arrived", len(seen), writers*each)
		}
	}
}

// The resolver of a subscription field runs once, at the start: null admits,
// anything else refuses. Recorded: aws-amplify/amplify-js#12679 (a field that is
// closed), aws-amplify/amplify-cli#6170 ($util.unauthorized names the output
// type), awslabs/aws-mobile-appsync-sdk-ios#319 (an object without its non-null
// fields).
func TestSubscriptionResolvers(t *testing.T) {
	s := emulatortest.Start(t, "testdata/subscriptions")
	c := dial(t, s)
	for _, r := range []struct{ field, want string }{
		{`onClosed`, `{"errorType":"Unauthorized","message":"Not Authorized to access onClosed on type Subscription"}`},
		{`onGuarded`, `{"errorType":"Unauthorized","message":"Not Authorized to access onGuarded on type Message"}`},
		{`onMessage(room: "private")`, `{"errorType":"Unauthorized","message":"Not Authorized to access onMessage on type Message"}`},
		{`onError`, `{"errorType":"Busy","message":"Not now"}`},
		{`onIncomplete`, `{"message":"Cannot return null for non-nullable type: 'ID' within parent 'Message' (/onIncomplete/room)"}`},
		// Recorded: aws-amplify/amplify-category-api#740.
		{`onOverfiltered`, "{\"message\":\"subscription exceeds maximum value limit 5 for operator `in`.\",\"errorCode\":400}"},
		{`onInvalidated`, `{"errorType":"NotSupportedByEmulator","message":"The emulator does not support $extensions.setSubscriptionInvalidationFilter yet."}`},
	} {
		c.start(r.field, `subscription { `+r.field+` { room } }`, nil)
		c.expect(`{"id":` + quoted(r.field) + `,"type":"error","payload":{"errors":[` + r.want + `]}}`)
	}
	c.start("1", `subscription { onMessage(room: "public") { room text } }`, nil)
	c.expect(`{"id":"1","type":"start_ack"}`)
	s.Query(`mutation { a: send(room: "private", text: "x") { room text } b: send(room: "public", text: "y") { room text } }`, nil)
	c.expect(`{"id":"1","type":"data","payload":{"data":{"onMessage":{"room":"public","text":"y"}}}}`)
}

// AWS AppSync developer guide, aws-appsync-real-time-enhanced-filtering: the
// filter that the resolver sets decides, and the arguments no longer do; it sees
// what the mutation selected under the schema's names, not what the subscriber
// selects.
func TestSubscriptionsWithEnhancedFilters(t *testing.T) {
	s := emulatortest.Start(t, "testdata/subscriptions")
	c := dial(t, s)
	const query = `subscription ($filter: AWSJSON) { onFiltered(filter: $filter) { text } }`
	start := func(id string, filter any) {
		c.start(id, query, map[string]any{"filter": filter})
		c.expect(`{"id":"` + id + `","type":"start_ack"}`)
	}
	start("urgent", `{"or": [{"severity": {"ge": 7}}, {"author.name": {"beginsWith": "Ad"}}]}`)
	start("all", `{}`)
	// Two fields of one operation have a filter each.
	c.start("two", `subscription { a: onFiltered(filter: "{\"room\": {\"eq\": \"a\"}}") { text } b: onFiltered(filter: "{\"room\": {\"eq\": \"b\"}}") { text } }`, nil)
	c.expect(`{"id":"two","type":"start_ack"}`)

	send := func(arguments, selection string) {
		s.Query(`mutation { send(`+arguments+`) { `+selection+` } }`, nil)
	}
	receive := func(want ...string) {
		t.Helper()
		var got []string
		for range want {
			var message struct {
				ID      string
				Payload struct {
					Data map[string]struct{ Text string }
				}
			}
			if err := json.Unmarshal([]byte(c.read()), &message); err != nil {
				t.Fatal(err)
			}
			for _, key := range []string{"onFiltered", "a", "b"} {
				if event, ok := message.Payload.Data[key]; ok && event.Text != "" {
					got = append(got, message.ID+" "+event.Text)
					break
				}
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("received %q, want %q", got, want)
		}
	}
	send(`room: "c", text: "low", severity: 6`, `text level: severity author { name }`)
	receive("all low")
	send(`room: "c", text: "high", severity: 7`, `text level: severity`)
	receive("all high", "urgent high")
	send(`room: "c", text: "by Ada", author: {name: "Ada"}`, `text severity author { called: name }`)
	receive("all by Ada", "urgent by Ada")
	send(`room: "b", text: "unselected", severity: 9`, `room text`)
	receive("all unselected", "two unselected")
}

// The form of the answer is ours; AppSync's is not documented.
func TestSubscriptionsOverHTTPAreRefused(t *testing.T) {
	s := startPosts(t)
	got := s.Query(`subscription { onDeltaPost { id } }`, nil)
	if !strings.HasPrefix(got, `{"data":null,"errors":[{"errorType":"OperationNotSupported"`) {
		t.Errorf("got %s", got)
	}
}
