package emulator_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"appsync-emulator/emulator"
	"appsync-emulator/emulator/emulatortest"
)

var soakTime = flag.Duration("soak", 2*time.Second, "how long TestSoak keeps its clients busy")

const (
	soakClients  = 500
	soakMutators = 4
	soakRooms    = 60
)

// TestSoak lets 500 clients subscribe, stop, disconnect and be invalidated at
// random while mutations run, and compares what each subscription has received
// with what it had to: every matching event whose mutation began after start_ack
// and was answered before the subscription ended, once, in the order of each
// mutator, and none from outside. In the end nothing is left: no subscription,
// no goroutine, no memory.
//
//	go test ./emulator -run TestSoak -soak 2m
func TestSoak(t *testing.T) {
	s := emulatortest.Start(t, "testdata/subscriptions")
	alive(t, s)
	before, goroutines := liveMemory(), runtime.NumGoroutine()
	func() {
		m := &soakModel{clock: new(atomic.Int64)}
		m.run(t, s)
		m.verify(t)
	}()
	http.DefaultClient.CloseIdleConnections()
	eventually(t, "no subscription is left", func() bool { return emulator.Subscriptions(s.Emulator) == 0 })
	eventually(t, "the goroutines have ended", func() bool { return runtime.NumGoroutine() <= goroutines+4 })
	eventually(t, "the memory is free", func() bool {
		return liveMemory() < before+soakLeftover
	})
}

// soakLeftover bounds what may stay behind: pools, plans, and what the test itself
// has logged.
const soakLeftover = 3 << 20

// liveMemory is the size of everything that is still referred to.
func liveMemory() uint64 {
	// Twice: what pools hold is dropped by the second.
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// soakModel is what has happened, in the order of one logical clock.
type soakModel struct {
	clock *atomic.Int64
	sent  [soakMutators][]soakMutation // by mutator, in order

	mu      sync.Mutex // guards the rest
	closed  [soakRooms][]soakMutation
	windows []*soakWindow
}

// soakMutation is one mutation: of a message, or of a room that is closed.
type soakMutation struct {
	room, severity int
	begun, ended   int64
}

// soakWindow is the life of one subscription.
type soakWindow struct {
	form    *soakForm
	id      string
	room    int
	asked   int64 // start was about to be sent
	opened  int64 // start_ack has been read; 0: never
	leaving int64 // stop, or the end of the connection, was about to be sent
	closed  int64 // nothing more can come
	// endedBy are the subscriptions of the connection whose invalidation may have
	// ended this one, when it has ended with the connection.
	endedBy []*soakWindow
	// cut is set when the client has left without reading what was on its way.
	cut bool
	// invalidated is set when the client has been told that it was.
	invalidated bool
	received    []soakEvent
}

// soakEvent names a mutation.
type soakEvent struct{ mutator, number int }

func startMessage(id, query string, variables map[string]any, key string) string {
	data, _ := json.Marshal(map[string]any{"query": query, "variables": variables})
	return fmt.Sprintf(`{"id":%q,"type":"start","payload":{"data":%q,"extensions":{"authorization":{"host":"localhost","x-api-key":%q}}}}`, id, data, key)
}

// soakForm is a way to subscribe.
type soakForm struct {
	query    string
	filter   string // the variable of that name, with the room for %d
	before   string // what stands before and after the text in an event
	after    string
	severity int  // the lowest that is delivered
	all      bool // messages of all rooms
	closes   bool // with its room
	weight   int
}

var soakForms = []soakForm{
	{query: `subscription ($room: ID!) { onMessage(room: $room) { text } }`, before: `{"data":{"onMessage":{"text":"`, after: `"}}}`, weight: 40},
	{query: `subscription ($room: ID!) { m: onMessage(room: $room) { t: text ... on Message { __typename } } }`, before: `{"data":{"m":{"t":"`, after: `","__typename":"Message"}}}`, weight: 20},
	{query: `subscription { onMessage { text } }`, before: `{"data":{"onMessage":{"text":"`, after: `"}}}`, all: true, weight: 1},
	{query: `subscription ($filter: AWSJSON) { onFiltered(filter: $filter) { text } }`, filter: `{"room": {"eq": "%d"}, "severity": {"ge": 5}}`, before: `{"data":{"onFiltered":{"text":"`, after: `"}}}`, severity: 5, weight: 20},
	{query: `subscription ($filter: AWSJSON) { onFiltered(filter: $filter) { text } }`, filter: `{"or": [{"room": {"in": ["%[1]d", "none"]}}, {"room": {"eq": "%[1]d"}}]}`, before: `{"data":{"onFiltered":{"text":"`, after: `"}}}`, weight: 10},
	{query: `subscription ($room: ID!) { onRoom(room: $room) { text } }`, before: `{"data":{"onRoom":{"text":"`, after: `"}}}`, closes: true, weight: 20},
}

func drawForm(r *rand.Rand) *soakForm {
	total := 0
	for i := range soakForms {
		total += soakForms[i].weight
	}
	n := r.IntN(total)
	for i := range soakForms {
		if n -= soakForms[i].weight; n < 0 {
			return &soakForms[i]
		}
	}
	return nil
}

func (m *soakModel) run(t *testing.T, s *emulatortest.Server) {
	stop := make(chan struct{})
	var clients, mutators sync.WaitGroup
	for i := range soakMutators {
		mutators.Go(func() { m.mutate(t, s, i, stop) })
	}
	for i := range soakClients {
		clients.Go(func() {
			c := &soakClient{model: m, t: t, server: s, random: rand.New(rand.NewPCG(uint64(i), 1))}
			c.run(stop)
		})
	}
	<-time.After(*soakTime)
	close(stop)
	clients.Wait()
	mutators.Wait()
}

// mutate sends messages, and now and then closes a room.
func (m *soakModel) mutate(t *testing.T, s *emulatortest.Server, mutator int, stop <-chan struct{}) {
	r := rand.New(rand.NewPCG(uint64(mutator), 2))
	h := s.Handler()
	send := func(query, variables string) bool {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, newRequest(graphqlBody(query, variables), s.APIKey()))
		if body := w.Body.String(); strings.Contains(body, "errors") {
			t.Errorf("%s: %s", query, body)
			return false
		}
		return true
	}
	for number := 0; ; number++ {
		select {
		case <-stop:
			return
		default:
		}
		if r.IntN(200) == 0 {
			c := soakMutation{room: r.IntN(soakRooms), begun: m.clock.Add(1)}
			if !send(`mutation ($room: ID!) { close(room: $room) { room } }`, fmt.Sprintf(`{"room": %d}`, c.room)) {
				return
			}
			c.ended = m.clock.Add(1)
			m.mu.Lock()
			m.closed[c.room] = append(m.closed[c.room], c)
			m.mu.Unlock()
		}
		e := soakMutation{room: r.IntN(soakRooms), severity: r.IntN(10), begun: m.clock.Add(1)}
		if !send(`mutation ($room: ID!, $severity: Int, $text: String) { send(room: $room, severity: $severity, text: $text) { room severity text } }`,
			fmt.Sprintf(`{"room": %d, "severity": %d, "text": "@%d/%d@"}`, e.room, e.severity, mutator, number)) {
			return
		}
		e.ended = m.clock.Add(1)
		m.sent[mutator] = append(m.sent[mutator], e)
	}
}

// soakClient is one client with at most one connection.
type soakClient struct {
	model  *soakModel
	t      *testing.T
	server *emulatortest.Server
	random *rand.Rand
	nextID int

	conn *soakConn // nil while disconnected
}

// soakConn is a connection and what runs on it.
type soakConn struct {
	client *soakClient
	ws     *websocket.Conn
	gone   chan struct{} // closed when the reader has ended

	mu      sync.Mutex // guards the rest
	running map[string]*soakWindow
	// answered holds the ids that wait for start_ack or complete.
	answered map[string]chan struct{}
	leaving  bool // the client is disconnecting
	// invalidated is the subscription that has been invalidated.
	invalidated *soakWindow
}

func (c *soakClient) run(stop <-chan struct{}) {
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		select {
		case <-stop:
			c.disconnect()
			return
		case <-pause.C:
		}
		if c.t.Failed() {
			return
		}
		switch n := c.random.IntN(20); {
		case c.conn == nil:
			c.connect()
		case c.conn.ended():
			c.conn = nil
		case n < 9:
			c.subscribe()
		case n < 17:
			c.stop()
		case n == 17:
			c.disconnect()
		}
		pause.Reset(time.Duration(c.random.IntN(80)) * time.Millisecond)
	}
}

func (c *soakClient) connect() {
	dialer := websocket.Dialer{Subprotocols: []string{"graphql-ws"}, ReadBufferSize: 1 << 10, WriteBufferSize: 1 << 10}
	ws, _, err := dialer.Dial("ws://"+c.server.Addr()+"/graphql/realtime", http.Header{"x-api-key": {c.server.APIKey()}})
	if err != nil {
		c.t.Errorf("connecting: %v", err)
		return
	}
	c.conn = &soakConn{client: c, ws: ws, gone: make(chan struct{}), running: map[string]*soakWindow{}, answered: map[string]chan struct{}{}}
	go c.conn.read()
	c.conn.send(`{"type":"connection_init"}`)
}

func (c *soakClient) subscribe() {
	if c.conn.count() >= 4 {
		return
	}
	c.nextID++
	w := &soakWindow{form: drawForm(c.random), id: fmt.Sprint(c.nextID), room: c.random.IntN(soakRooms), asked: c.model.clock.Add(1)}
	variables := map[string]any{"room": w.room}
	if w.form.filter != "" {
		variables["filter"] = fmt.Sprintf(w.form.filter, w.room)
	}
	c.model.mu.Lock()
	c.model.windows = append(c.model.windows, w)
	c.model.mu.Unlock()
	c.conn.ask(w, startMessage(w.id, w.form.query, variables, c.server.APIKey()))
}

// stop ends one subscription.
func (c *soakClient) stop() {
	c.conn.mu.Lock()
	var w *soakWindow
	for _, w = range c.conn.running {
		break
	}
	if w != nil {
		w.leaving = c.model.clock.Add(1)
	}
	c.conn.mu.Unlock()
	if w != nil {
		c.conn.ask(w, `{"id":"`+w.id+`","type":"stop"}`)
	}
}

// disconnect ends the connection in one of the ways that connections end.
func (c *soakClient) disconnect() {
	conn := c.conn
	if conn == nil {
		return
	}
	c.conn = nil
	conn.mu.Lock()
	conn.leaving = true
	for _, w := range conn.running {
		w.leaving = c.model.clock.Add(1)
	}
	conn.mu.Unlock()
	switch c.random.IntN(3) {
	case 0:
		goodbye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
		if err := conn.ws.WriteControl(websocket.CloseMessage, goodbye, time.Now().Add(time.Minute)); err != nil {
			conn.ws.Close()
		}
	case 1:
		if tcp, ok := conn.ws.NetConn().(*net.TCPConn); ok {
			tcp.SetLinger(0) // reset
		}
		conn.ws.Close()
	default:
		conn.ws.Close()
	}
	<-conn.gone
}

func (c *soakConn) send(text string) {
	// An error shows in the reader as well.
	c.ws.WriteMessage(websocket.TextMessage, []byte(text))
}

// ask sends a message about a subscription and waits for its answer.
func (c *soakConn) ask(w *soakWindow, text string) {
	answered := make(chan struct{})
	c.mu.Lock()
	c.running[w.id] = w
	c.answered[w.id] = answered
	c.mu.Unlock()
	c.send(text)
	select {
	case <-answered:
	case <-c.gone:
	case <-time.After(20 * time.Second):
		c.client.t.Errorf("no answer to %s", text)
	}
}

func (c *soakConn) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.running)
}

func (c *soakConn) ended() bool {
	select {
	case <-c.gone:
		return true
	default:
		return false
	}
}

func (c *soakConn) read() {
	defer close(c.gone)
	defer c.ws.Close()
	for {
		_, message, err := c.ws.ReadMessage()
		if err != nil {
			c.end(err)
			return
		}
		c.handle(string(message))
	}
}

// end notes the end of what runs on the connection.
func (c *soakConn) end(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.client.model.clock.Add(1)
	var mayBe []*soakWindow
	for _, w := range c.running {
		if w.form.closes {
			mayBe = append(mayBe, w)
		}
	}
	if c.invalidated != nil {
		mayBe = []*soakWindow{c.invalidated}
	}
	for _, w := range c.running {
		w.closed = now
		w.endedBy = mayBe
		w.cut = c.invalidated == nil
	}
	var closed *websocket.CloseError
	if !c.leaving && !(c.invalidated != nil && errors.As(err, &closed) && closed.Code == websocket.CloseNormalClosure) {
		c.client.t.Errorf("the connection ended: %v", err)
	}
}

func (c *soakConn) handle(message string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if message == `{"type":"ka"}` || strings.HasPrefix(message, `{"type":"connection_ack"`) {
		return
	}
	rest, ok := strings.CutPrefix(message, `{"id":"`)
	id, rest, _ := strings.Cut(rest, `","type":"`)
	w := c.running[id]
	if !ok || w == nil {
		c.client.t.Errorf("unexpected message %s", message)
		return
	}
	now := c.client.model.clock.Add(1)
	switch kind, rest, _ := strings.Cut(rest, `"`); kind {
	case "start_ack":
		w.opened = now
		close(c.answered[id])
	case "complete":
		w.closed = now
		if rest != "}" { // the text of an invalidation
			if !w.form.closes || c.invalidated != nil {
				c.client.t.Errorf("unexpected message %s", message)
			}
			c.invalidated, w.invalidated = w, true
			break // the end of the connection follows
		}
		delete(c.running, id)
		close(c.answered[id])
	case "data":
		w.receive(c.client.t, message, strings.TrimSuffix(strings.TrimPrefix(rest, `,"payload":`), "}"))
	default:
		c.client.t.Errorf("unexpected message %s", message)
	}
}

func (w *soakWindow) receive(t *testing.T, message, payload string) {
	if w.form.closes && payload == w.form.before[:len(w.form.before)-1]+"null"+w.form.after[1:] {
		return // the closing of its room before it had opened
	}
	var e soakEvent
	text, ok := strings.CutPrefix(payload, w.form.before+"@")
	if ok {
		text, ok = strings.CutSuffix(text, "@"+w.form.after)
	}
	if _, err := fmt.Sscanf(text, "%d/%d", &e.mutator, &e.number); !ok || err != nil || w.opened == 0 || w.closed != 0 {
		t.Errorf("unexpected event %s of %+v", message, w)
		return
	}
	w.received = append(w.received, e)
}

// verify compares what each subscription has received with the mutations.
func (m *soakModel) verify(t *testing.T) {
	type sentTo struct {
		soakMutation
		soakEvent
	}
	var byRoom [soakRooms][]sentTo
	var all []sentTo
	mutations, events, ended := 0, 0, 0
	for mutator := range m.sent {
		for number, e := range m.sent[mutator] {
			all = append(all, sentTo{e, soakEvent{mutator, number}})
		}
	}
	mutations = len(all)
	slices.SortFunc(all, func(a, b sentTo) int { return cmp.Compare(a.begun, b.begun) })
	for _, e := range all {
		byRoom[e.room] = append(byRoom[e.room], e)
	}
	for _, w := range m.windows {
		if w.opened == 0 {
			continue
		}
		events += len(w.received)
		if w.closed == 0 {
			t.Fatalf("subscription %+v has not ended", w)
		}
		// until is when it may have ended at the earliest.
		until := w.leaving
		if until == 0 {
			until = w.closed
		}
		for _, by := range w.endedBy {
			until = m.invalidatedAt(by, until)
		}
		if w.cut {
			seen := w.opened
			for _, e := range w.received {
				seen = max(seen, m.sent[e.mutator][e.number].begun)
			}
			until = min(until, seen)
		}
		if w.invalidated {
			ended++
		}
		received := make(map[soakEvent]bool, len(w.received))
		last := [soakMutators]int{-1, -1, -1, -1}
		for _, e := range w.received {
			sent := m.sent[e.mutator][e.number]
			switch {
			case received[e]:
				t.Errorf("%+v received %v twice", w.id, e)
			case e.number <= last[e.mutator]:
				t.Errorf("%+v received %v after number %d", w.id, e, last[e.mutator])
			case !w.form.all && sent.room != w.room, sent.severity < w.form.severity:
				t.Errorf("%s received %+v, which is not for it", w.id, sent)
			case sent.ended < w.asked, sent.begun > w.closed:
				t.Errorf("%s received %+v from outside its time, %d to %d", w.id, sent, w.asked, w.closed)
			case w.form.closes && m.closedBetween(w.room, w.opened, sent.begun):
				t.Errorf("%s received %+v after the closing of its room", w.id, sent)
			}
			received[e] = true
			last[e.mutator] = e.number
		}
		candidates := byRoom[w.room]
		if w.form.all {
			candidates = all
		}
		first, _ := slices.BinarySearchFunc(candidates, w.opened, func(e sentTo, begun int64) int { return cmp.Compare(e.begun, begun) })
		for _, e := range candidates[first:] {
			if e.begun >= until {
				break
			}
			if e.ended < until && e.severity >= w.form.severity && !received[e.soakEvent] {
				t.Errorf("%s has not received %+v in its time, %d to %d", w.id, e, w.opened, until)
			}
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("%d mutations, %d subscriptions, %d of them invalidated, %d events", mutations, len(m.windows), ended, events)
}

// closedBetween reports whether a room was closed, from beginning to end, in a
// span of time.
func (m *soakModel) closedBetween(room int, from, to int64) bool {
	return slices.ContainsFunc(m.closed[room], func(c soakMutation) bool { return c.begun > from && c.ended < to })
}

// invalidatedAt returns when a subscription may have been invalidated at the
// earliest.
func (m *soakModel) invalidatedAt(w *soakWindow, until int64) int64 {
	for _, c := range m.closed[w.room] {
		if c.ended > w.asked {
			until = min(until, c.begun)
		}
	}
	return until
}
