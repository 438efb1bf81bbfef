package emulator_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"appsync-emulator/emulator"
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
	return dialWithKey(t, s, s.APIKey())
}

func dialWithKey(t *testing.T, s *emulatortest.Server, key string) *socket {
	t.Helper()
	dialer := websocket.Dialer{Subprotocols: []string{"graphql-ws"}}
	header := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, `{"host":"localhost","x-api-key":%q}`, key))
	conn, resp, err := dialer.Dial("ws://"+s.Addr()+"/graphql/realtime?header="+url.QueryEscape(header)+"&payload=e30=", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if got := resp.Header.Get("Sec-WebSocket-Protocol"); got != "graphql-ws" {
		t.Errorf("subprotocol %q", got)
	}
	c := &socket{t: t, conn: conn, key: key}
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
		// A function of a pipeline.
		{`onPiped(room: "private")`, `{"errorType":"Unauthorized","message":"Not Authorized to access onPiped on type Message"}`},
		{`onPiped(room: "full")`, `{"errorType":"Full","message":"The room is full"}`},
		// Recorded: aws-amplify/amplify-flutter#6142.
		{`onMany(room: "a", text: null, severity: 1, a: 1, b: 2, c: 3)`, `{"message":"Filters exceed maximum attributes limit 5 for subscription"}`},
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
	start("b", `{"room": {"eq": "b"}}`)
	start("a", `{"room": {"in": ["a", "d"]}}`)

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
			got = append(got, message.ID+" "+message.Payload.Data["onFiltered"].Text)
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
	receive("all unselected", "b unselected")
	send(`room: "d", text: "in"`, `r: room text`)
	receive("all in", "a in")
}

// The form of the answer is ours; AppSync's is not documented.
func TestSubscriptionsOverHTTPAreRefused(t *testing.T) {
	s := startPosts(t)
	got := s.Query(`subscription { onDeltaPost { id } }`, nil)
	if !strings.HasPrefix(got, `{"data":null,"errors":[{"errorType":"OperationNotSupported"`) {
		t.Errorf("got %s", got)
	}
}

// The filter of a pipeline may be set by any of its functions.
func TestSubscriptionPipelinesSetFilters(t *testing.T) {
	s := emulatortest.Start(t, "testdata/subscriptions")
	c := dial(t, s)
	c.start("1", `subscription { onPiped(room: "a") { text } }`, nil)
	c.expect(`{"id":"1","type":"start_ack"}`)
	s.Query(`mutation {
		a: send(room: "a", text: "low", severity: 4) { room text severity }
		b: send(room: "b", text: "elsewhere", severity: 9) { room text severity }
		c: send(room: "a", text: "high", severity: 5) { room text severity }
	}`, nil)
	c.expect(`{"id":"1","type":"data","payload":{"data":{"onPiped":{"text":"high"}}}}`)
}

// AWS AppSync developer guide, aws-appsync-real-time-data: several mutations may
// trigger one subscription. One that is named twice still delivers once.
func TestSubscriptionOfSeveralMutations(t *testing.T) {
	s := emulatortest.Start(t, "testdata/subscriptions")
	c := dial(t, s)
	c.start("1", `subscription { onMessage { text } }`, nil)
	c.expect(`{"id":"1","type":"start_ack"}`)
	s.Query(`mutation { send(room: "a", text: "first") { text } edit(room: "a", text: "second") { text } }`, nil)
	s.Query(`mutation { complain(room: "a") { room } edit(room: "a", text: "third") { text } }`, nil)
	for _, text := range []string{"first", "second", "third"} {
		c.expect(`{"id":"1","type":"data","payload":{"data":{"onMessage":{"text":"` + text + `"}}}}`)
	}
}

// AWS AppSync developer guide, aws-appsync-real-time-data: subscribers get what
// the mutation has selected. Both sides may do so with aliases, fragments and
// directives; what the mutation selects under several aliases is one event.
func TestSubscriptionSelections(t *testing.T) {
	s := emulatortest.Start(t, "testdata/subscriptions")
	const author = `author: {name: "Ada", mail: "ada@example.com"}`
	for _, tt := range []struct{ name, subscription, mutation, want string }{
		{"aliases on both sides",
			`subscription { m: onMessage { where: room words: text again: text } }`,
			`mutation { sent: send(room: "a", text: "t") { r: room t: text } }`,
			`{"data":{"m":{"where":"a","words":"t","again":"t"}}}`},
		{"one field under two aliases of the mutation",
			`subscription { onMessage { author { name mail } } }`,
			`mutation { send(room: "a", ` + author + `) { one: author { name } two: author { mail } } }`,
			`{"data":{"onMessage":{"author":{"name":"Ada","mail":"ada@example.com"}}}}`},
		{"one list under two aliases of the mutation",
			`subscription { onMessage { readers { name mail } } }`,
			`mutation { send(room: "a", readers: [{name: "Ada", mail: "ada@example.com"}, null, {name: "Bob"}]) { one: readers { name } two: readers { mail } } }`,
			`{"data":{"onMessage":{"readers":[{"name":"Ada","mail":"ada@example.com"},null,{"name":"Bob","mail":null}]}}}`},
		{"fragments on both sides",
			`subscription { onMessage { ...F ... on Message { text } } } fragment F on Message { room author { ...G } } fragment G on Author { name }`,
			`mutation { send(room: "a", text: "t", ` + author + `) { ...M } } fragment M on Message { ...N author { mail } } fragment N on Message { room text author { name } }`,
			`{"data":{"onMessage":{"room":"a","author":{"name":"Ada"},"text":"t"}}}`},
		{"__typename",
			`subscription { __typename onMessage { __typename text } }`,
			`mutation { send(room: "a", text: "t") { text } }`,
			`{"data":{"__typename":"Subscription","onMessage":{"__typename":"Message","text":"t"}}}`},
		{"what is skipped is not there",
			`subscription { onMessage { room @skip(if: true) text } }`,
			`mutation { send(room: "a", text: "t") { room text @include(if: false) } }`,
			`{"data":{"onMessage":{"text":null}}}`},
		{"a union",
			`subscription { onPost { __typename ... on Message { text } ... on Notice { level } } }`,
			`mutation { post(kind: "Notice", room: "a") { ... on Message { room text } ... on Notice { room level } } }`,
			`{"data":{"onPost":{"__typename":"Notice","level":3}}}`},
		{"the other type of a union, without __typename",
			`subscription { onPost { ... on Message { text } ... on Notice { level } } }`,
			`mutation { post(kind: "Message", room: "a") { ... on Message { text } } }`,
			`{"data":{"onPost":{"text":"t"}}}`},
		{"a type of a union that the mutation did not select on",
			`subscription { onPost { __typename ... on Message { text } } }`,
			`mutation { post(kind: "Message", room: "a") { ... on Notice { level } } }`,
			`{"data":{"onPost":{"__typename":"Message","text":null}}}`},
		{"a list",
			`subscription { onAll { room } }`,
			`mutation { sendAll(rooms: ["a", "b"]) { room } }`,
			`{"data":{"onAll":[{"room":"a"},{"room":"b"}]}}`},
		// The answer's errors are the caller's. Whether AppSync delivers such a
		// value at all is not documented.
		{"a value with an error beside it",
			`subscription { onComplaint { room } }`,
			`mutation { complain(room: "a") { room } }`,
			`{"data":{"onComplaint":{"room":"a"}}}`},
		{"a value with a field that failed",
			`subscription { onMessage { room secret } }`,
			`mutation { send(room: "a") { room secret } }`,
			`{"data":{"onMessage":{"room":"a","secret":null}}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := dial(t, s)
			c.start("1", tt.subscription, nil)
			c.expect(`{"id":"1","type":"start_ack"}`)
			s.Query(tt.mutation, nil)
			c.expect(`{"id":"1","type":"data","payload":` + tt.want + `}`)
		})
	}
}

// AWS AppSync developer guide, aws-appsync-real-time-enhanced-filtering: filters
// do not work on lists of objects at the top level, the event is ignored. An
// argument finds no field there either.
func TestSubscriptionFiltersOnLists(t *testing.T) {
	s := emulatortest.Start(t, "testdata/subscriptions")
	c := dial(t, s)
	c.start("filtered", `subscription { onAllFiltered { room } }`, nil)
	c.expect(`{"id":"filtered","type":"start_ack"}`)
	c.start("argument", `subscription { onAll(room: "a") { room } }`, nil)
	c.expect(`{"id":"argument","type":"start_ack"}`)
	c.start("all", `subscription { onAll { room } }`, nil)
	c.expect(`{"id":"all","type":"start_ack"}`)
	for range 2 {
		s.Query(`mutation { sendAll(rooms: ["a"]) { room } }`, nil)
		c.expect(`{"id":"all","type":"data","payload":{"data":{"onAll":[{"room":"a"}]}}}`)
	}
}

// Recorded: aws-amplify/amplify-js#4813 and aws-amplify/amplify-ui#231 (a
// subscription of two fields), aws-amplify/amplify-js#12818 (the text).
func TestSubscriptionsThatAreDuplicates(t *testing.T) {
	s := emulatortest.Start(t, "testdata/subscriptions")
	c := dial(t, s)
	c.start("7", `subscription { onMessage { room } onComplaint { room } }`, nil)
	c.expect(`{"id":"7","type":"error","payload":{"errors":[{"errorType":"DuplicatedOperationError","message":"Duplicated operation with id 7"}]}}`)
	if n := emulator.Subscriptions(s.Emulator); n != 0 {
		t.Errorf("%d subscriptions remain", n)
	}
	c.start("7", `subscription ($both: Boolean = false) { onMessage { room } onComplaint @include(if: $both) { room } }`, nil)
	c.expect(`{"id":"7","type":"start_ack"}`)
	c.start("7", `subscription { onComplaint { room } }`, nil)
	c.expect(`{"id":"7","type":"error","payload":{"errors":[{"errorType":"DuplicatedOperationError","message":"Duplicated operation with id 7"}]}}`)
	s.Query(`mutation { complain(room: "x") { room } send(room: "a") { room } }`, nil)
	c.expect(`{"id":"7","type":"data","payload":{"data":{"onMessage":{"room":"a"}}}}`)
}

// expectClose reads the end of the connection.
func (c *socket) expectClose(code int, reason string) {
	c.t.Helper()
	c.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	_, message, err := c.conn.ReadMessage()
	var closed *websocket.CloseError
	if !errors.As(err, &closed) || closed.Code != code || closed.Text != reason {
		c.t.Fatalf("got %s, %v; want close code %d", message, err, code)
	}
}

const subscriptionComplete = `,"type":"complete","payload":{"message":"Subscription complete."}}`

// AWS AppSync developer guide, aws-appsync-real-time-invalidation: a mutation
// ends the subscriptions whose invalidation filter its payload matches, and
// closes their connections; the client gets "Subscription complete.". Where that
// text stands is our reading.
func TestSubscriptionInvalidation(t *testing.T) {
	s := emulatortest.Start(t, "testdata/subscriptions")
	const query = `subscription ($room: ID!, $other: ID) { onRoom(room: $room, other: $other) { room text } }`
	start := func(c *socket, id, room string, other any) {
		t.Helper()
		c.start(id, query, map[string]any{"room": room, "other": other})
		c.expect(`{"id":"` + id + `","type":"start_ack"}`)
	}
	a, b, both, plain := dial(t, s), dial(t, s), dial(t, s), dial(t, s)
	start(a, "1", "a", nil)
	start(b, "1", "b", nil)
	start(both, "1", "c", "a")
	plain.start("1", `subscription { onMessage(room: "a") { text } }`, nil)
	plain.expect(`{"id":"1","type":"start_ack"}`)

	// The mutation triggers the subscription, too: who is put out hears nothing
	// of it.
	want := `{"data":{"close":{"room":"a"}}}`
	if got := s.Query(`mutation { close(room: "a") { room } }`, nil); got != want {
		t.Errorf("answer %s, want %s", got, want)
	}
	for _, c := range []*socket{a, both} {
		c.expect(`{"id":"1"` + subscriptionComplete)
		c.expectClose(websocket.CloseNormalClosure, "Subscription complete.")
	}
	s.Query(`mutation { send(room: "b", text: "still here") { room text } }`, nil)
	b.expect(`{"id":"1","type":"data","payload":{"data":{"onRoom":{"room":"b","text":"still here"}}}}`)
	s.Query(`mutation { send(room: "a", text: "not invalidated") { room text } }`, nil)
	plain.expect(`{"id":"1","type":"data","payload":{"data":{"onMessage":{"text":"not invalidated"}}}}`)

	// Clients may come back: the resolver decides about that.
	again := dial(t, s)
	start(again, "1", "a", nil)
	s.Query(`mutation { send(room: "a", text: "again") { room text } }`, nil)
	again.expect(`{"id":"1","type":"data","payload":{"data":{"onRoom":{"room":"a","text":"again"}}}}`)

	// What the connection had besides ends with it.
	other := dial(t, s)
	start(other, "1", "d", nil)
	start(other, "2", "d", "e")
	before := emulator.Subscriptions(s.Emulator)
	s.Query(`mutation { close(room: "e") { room } }`, nil)
	other.expect(`{"id":"2"` + subscriptionComplete)
	other.expectClose(websocket.CloseNormalClosure, "Subscription complete.")
	eventually(t, "both subscriptions are gone", func() bool { return emulator.Subscriptions(s.Emulator) == before-2 })
}

// AWS AppSync developer guide, extensions: at most five different invalidations
// in a request; one more is an error. Its words are ours.
func TestInvalidationsOfARequestAreLimited(t *testing.T) {
	s := emulatortest.Start(t, "testdata/subscriptions")
	c := dial(t, s)
	c.start("1", `subscription { onRoom(room: "room 6") { room } }`, nil)
	c.expect(`{"id":"1","type":"start_ack"}`)
	if got, want := s.Query(`mutation { closeMany(n: 5) }`, nil), `{"data":{"closeMany":true}}`; got != want {
		t.Errorf("five: %s", got)
	}
	const refused = `"errorType":"MappingTemplate","errorInfo":null,"locations":[{"line":1,"column":%d,"sourceName":null}],"message":"invalidateSubscriptions: a request can have at most 5 different invalidations"}]}`
	if got := s.Query(`mutation { closeMany(n: 6) }`, nil); !strings.HasPrefix(got, `{"data":{"closeMany":null},"errors":[`) ||
		!strings.Contains(got, "a request can have at most 5 different invalidations") {
		t.Errorf("six: %s", got)
	}
	// The limit is the request's.
	const four = `mutation { a: closeMany(n: 4) b: close(room: "room 4") { room } c: closeMany(n: 5) d: close(room: "room 6") { room } }`
	want := `{"data":{"a":true,"b":{"room":"room 4"},"c":true,"d":null},"errors":[{"path":["d"],"data":null,` +
		fmt.Sprintf(refused, 1+strings.Index(four, "d: close"))
	if got := s.Query(four, nil); got != want {
		t.Errorf("four fields: got  %s\nwant %s", got, want)
	}
	s.Query(`mutation { send(room: "room 6") { room } }`, nil)
	c.expect(`{"id":"1","type":"data","payload":{"data":{"onRoom":{"room":"room 6"}}}}`)
}

// AWS AppSync developer guide, real-time-websocket-client: the connection and
// each start are authorized on their own. Nothing is documented, or known to
// happen, when credentials expire in between: what runs goes on, and what starts
// is refused.
func TestCredentialsThatExpireOnAnOpenConnection(t *testing.T) {
	s := emulatortest.Start(t, "testdata/subscriptions")
	c := dialWithKey(t, s, "da2-passing")
	c.start("1", `subscription { onMessage { text } }`, nil)
	c.expect(`{"id":"1","type":"start_ack"}`)
	s.Advance(48 * time.Hour)
	c.start("2", `subscription { onMessage { text } }`, nil)
	c.expect(`{"id":"2","type":"error","payload":{"errors":[{"errorType":"UnauthorizedException","message":"You are not authorized to make this call."}]}}`)
	// Without credentials of its own, a start has those of the connection.
	c.send(`{"id":"3","type":"start","payload":{"data":"{\"query\":\"subscription { onMessage { text } }\"}"}}`)
	c.expect(`{"id":"3","type":"error","payload":{"errors":[{"errorType":"UnauthorizedException","message":"You are not authorized to make this call."}]}}`)
	s.Query(`mutation { send(room: "a", text: "still") { text } }`, nil)
	c.expect(`{"id":"1","type":"data","payload":{"data":{"onMessage":{"text":"still"}}}}`)
	c.key = s.APIKey()
	c.start("2", `subscription { onMessage { text } }`, nil)
	c.expect(`{"id":"2","type":"start_ack"}`)
}

// Recorded: aws-amplify/amplify-cli#7427. The quota is one that AWS raises.
func TestSubscriptionsPerConnectionAreAnOption(t *testing.T) {
	s := emulatortest.Start(t, "testdata/subscriptions", func(o *emulator.Options) { o.SubscriptionsPerConnection = 1 })
	c := dial(t, s)
	c.start("1", `subscription { onMessage { room } }`, nil)
	c.expect(`{"id":"1","type":"start_ack"}`)
	c.start("2", `subscription { onMessage { room } }`, nil)
	c.expect(`{"id":"2","type":"error","payload":{"errors":[{"errorType":"MaxSubscriptionsReachedError","message":"Max number of 1 subscriptions reached"}]}}`)
}

// Subscribers whose variables differ share what is sent to them, as far as the
// variables do not change it.
func TestSubscribersWithVariables(t *testing.T) {
	s := emulatortest.Start(t, "testdata/subscriptions")
	c := dial(t, s)
	start := func(id, query string, variables map[string]any) {
		t.Helper()
		c.start(id, query, variables)
		c.expect(`{"id":"` + id + `","type":"start_ack"}`)
	}
	const optional = `subscription ($room: ID, $words: Boolean!) { onMessage(room: $room) { room text @include(if: $words) } }`
	start("1", optional, map[string]any{"words": true})
	start("2", optional, map[string]any{"room": "a", "words": true})
	start("3", optional, map[string]any{"room": "a", "words": false})
	start("4", optional, map[string]any{"room": "b", "words": true})
	s.Query(`mutation { send(room: "a", text: "t") { room text } }`, nil)
	want := map[string]bool{
		`{"id":"1","type":"data","payload":{"data":{"onMessage":{"room":"a","text":"t"}}}}`: true,
		`{"id":"2","type":"data","payload":{"data":{"onMessage":{"room":"a","text":"t"}}}}`: true,
		`{"id":"3","type":"data","payload":{"data":{"onMessage":{"room":"a"}}}}`:            true,
	}
	for range len(want) {
		got := c.read()
		if !want[got] {
			t.Errorf("received %s", got)
		}
		delete(want, got)
	}
}
