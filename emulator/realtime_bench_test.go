//go:build unix

package emulator_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"appsync-emulator/emulator"
	"appsync-emulator/emulator/emulatortest"
)

// crowdVariable makes TestCrowd the clients of a benchmark, in a process of
// their own: what they need must not count as the server's.
const crowdVariable = "APPSYNC_EMULATOR_CROWD"

// crowd describes the clients of a benchmark.
type crowd struct {
	Address string
	Key     string
	CA      string // PEM; empty: no TLS
	Clients int
	// Query is subscribed to by every client, with its number as $number; empty:
	// nothing is.
	Query string
	// Matching is how many clients have 0 as their number instead.
	Matching int
}

// TestCrowd is no test: it is the process that startCrowd starts.
func TestCrowd(t *testing.T) {
	text := os.Getenv(crowdVariable)
	if text == "" {
		t.Skip("only as a process of a benchmark")
	}
	var c crowd
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		t.Fatal(err)
	}
	var received eventCount
	received.reached.L = &received.mu
	begun := time.Now()
	if err := c.connect(&received); err != nil {
		fmt.Println("failed:", err)
		return
	}
	fmt.Println("connected", time.Since(begun).Nanoseconds())
	// Each line names a number of events, and is answered when there are so many.
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		want, _ := strconv.ParseInt(in.Text(), 10, 64)
		received.wait(want)
		fmt.Println("received", want)
	}
}

// eventCount counts the events of all clients.
type eventCount struct {
	n      atomic.Int64
	wanted atomic.Int64

	mu      sync.Mutex
	reached sync.Cond
}

func (c *eventCount) add() {
	if c.n.Add(1) == c.wanted.Load() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.reached.Broadcast()
	}
}

func (c *eventCount) wait(n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wanted.Store(n)
	for c.n.Load() < n {
		c.reached.Wait()
	}
}

// connect opens the connections, sixteen at a time.
func (c *crowd) connect(received *eventCount) error {
	dialer := websocket.Dialer{Subprotocols: []string{"graphql-ws"}, ReadBufferSize: 1 << 10, WriteBufferSize: 512, WriteBufferPool: &sync.Pool{}}
	scheme := "ws"
	if c.CA != "" {
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM([]byte(c.CA))
		dialer.TLSClientConfig = &tls.Config{RootCAs: roots}
		scheme = "wss"
	}
	url := scheme + "://" + c.Address + "/graphql/realtime"
	var next atomic.Int64
	var wg sync.WaitGroup
	failures := make(chan error, 16)
	for range 16 {
		wg.Go(func() {
			for i := int(next.Add(1)); i <= c.Clients; i = int(next.Add(1)) {
				if err := c.join(&dialer, url, i, received); err != nil {
					failures <- err
					return
				}
			}
		})
	}
	wg.Wait()
	select {
	case err := <-failures:
		return err
	default:
		return nil
	}
}

// join opens one connection and subscribes.
func (c *crowd) join(dialer *websocket.Dialer, url string, number int, received *eventCount) error {
	conn, _, err := dialer.Dial(url, http.Header{"x-api-key": {c.Key}})
	if err != nil {
		return err
	}
	if number <= c.Matching {
		number = 0
	}
	messages, last := []string{`{"type":"connection_init"}`}, `"ka"`
	if c.Query != "" {
		messages = append(messages, startMessage("1", c.Query, map[string]any{"number": strconv.Itoa(number)}, c.Key))
		last = `"start_ack"`
	}
	for _, message := range messages {
		if err := conn.WriteMessage(websocket.TextMessage, []byte(message)); err != nil {
			return err
		}
	}
	for {
		_, message, err := conn.ReadMessage()
		if err != nil {
			return err
		}
		if strings.Contains(string(message), `"type":"error"`) {
			return fmt.Errorf("%s", message)
		}
		if strings.Contains(string(message), last) {
			break
		}
	}
	if c.Query == "" {
		crowdConnections.Store(conn, true) // the garbage collector must not close it
		return nil
	}
	go func() {
		for {
			_, r, err := conn.NextReader()
			if err != nil {
				return
			}
			io.Copy(io.Discard, r)
			received.add()
		}
	}()
	return nil
}

var crowdConnections sync.Map

// runningCrowd is a process of clients.
type runningCrowd struct {
	tb  testing.TB
	in  io.Writer
	out *bufio.Scanner
	// connected is how long the clients took to connect and to subscribe.
	connected time.Duration
}

// startCrowd starts the clients in a process of their own and returns when all
// are connected.
func startCrowd(tb testing.TB, c crowd) *runningCrowd {
	tb.Helper()
	text, err := json.Marshal(c)
	if err != nil {
		tb.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run", "^TestCrowd$", "-test.v")
	cmd.Env = append(os.Environ(), crowdVariable+"="+string(text))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	r := &runningCrowd{tb: tb, in: in, out: bufio.NewScanner(out)}
	ns, _ := strconv.ParseInt(r.wait("connected "), 10, 64)
	r.connected = time.Duration(ns)
	return r
}

// wait returns what stands after the word in the line that begins with it.
func (r *runningCrowd) wait(word string) string {
	r.tb.Helper()
	for r.out.Scan() {
		line := r.out.Text()
		if rest, ok := strings.CutPrefix(line, word); ok {
			return rest
		}
		if strings.HasPrefix(line, "failed") {
			r.tb.Fatal(line)
		}
	}
	r.tb.Fatal("the clients have ended")
	return ""
}

// received returns when the clients have that many events in all.
func (r *runningCrowd) received(events int) {
	r.tb.Helper()
	if _, err := fmt.Fprintln(r.in, events); err != nil {
		r.tb.Fatal(err)
	}
	r.wait("received ")
}

// BenchmarkIdleConnections reports what the server needs for each connection
// that has been opened and waits: heap and stacks, and resident memory.
//
//	go test ./emulator -run XXX -bench IdleConnections -benchtime 1x
func BenchmarkIdleConnections(b *testing.B) {
	for _, mode := range []string{"plain", "tls"} {
		for _, subscribed := range []bool{false, true} {
			name, query := mode+"/idle", ""
			if subscribed {
				name, query = mode+"/subscribed", onNumber
			}
			b.Run(name, func(b *testing.B) {
				const clients = 10_000
				_, c := startForCrowd(b, mode == "tls")
				c.Clients, c.Query = clients, query
				for b.Loop() {
					before, resident, goroutines := memoryInUse(b)
					startCrowd(b, c)
					after, residentAfter, goroutinesAfter := memoryInUse(b)
					b.ReportMetric(float64(after-before)/clients/1024, "KB/conn")
					b.ReportMetric(float64(residentAfter-resident)/clients/1024, "KB-resident/conn")
					b.ReportMetric(float64(goroutinesAfter-goroutines)/clients, "goroutines/conn")
				}
			})
		}
	}
}

const onNumber = `subscription ($number: ID!) { onTyping(postId: $number) { postId author } }`

// startForCrowd starts a server, and says how clients reach it.
func startForCrowd(b *testing.B, withTLS bool) (*emulatortest.Server, crowd) {
	b.Helper()
	s := emulatortest.Start(b, "../fixtures/comments", func(o *emulator.Options) {
		o.NoTLS = !withTLS
		o.ConfigDir = b.TempDir()
	})
	c := crowd{Address: s.Addr(), Key: s.APIKey()}
	if withTLS {
		pem, err := os.ReadFile(s.CACertificate())
		if err != nil {
			b.Fatal(err)
		}
		c.CA = string(pem)
	}
	return s, c
}

// BenchmarkConnectStorm reports how long 2,000 clients take to connect and to
// subscribe, sixteen at a time.
//
//	go test ./emulator -run XXX -bench ConnectStorm -benchtime 1x
func BenchmarkConnectStorm(b *testing.B) {
	for _, mode := range []string{"plain", "tls"} {
		b.Run(mode, func(b *testing.B) {
			_, c := startForCrowd(b, mode == "tls")
			c.Clients, c.Query = 2000, onNumber
			var total time.Duration
			for b.Loop() {
				total += startCrowd(b, c).connected
			}
			b.ReportMetric(total.Seconds()*1000/float64(b.N), "ms/storm")
			b.ReportMetric(float64(c.Clients*b.N)/total.Seconds(), "clients/s")
		})
	}
}

// typingMutation is one that reaches the clients whose number it has.
type typingMutation struct {
	handler http.Handler
	body    string
	key     string
}

func newTyping(s *emulatortest.Server, number int) typingMutation {
	return typingMutation{s.Handler(), graphqlBody(`mutation ($number: ID!) { typing(postId: $number, author: "Ada Lovelace") { postId author } }`,
		fmt.Sprintf(`{"number":"%d"}`, number)), s.APIKey()}
}

func (m typingMutation) send() {
	m.handler.ServeHTTP(&discardResponse{header: http.Header{}}, newRequest(m.body, m.key))
}

// BenchmarkDeliverTo publishes to some of many connections: what an event costs
// the server follows the clients that it reaches, not those that are there.
func BenchmarkDeliverTo(b *testing.B) {
	for _, n := range []struct{ clients, matching int }{
		{1, 1}, {1000, 1}, {10_000, 1}, {1000, 1000}, {10_000, 1000}, {10_000, 10_000},
	} {
		b.Run(fmt.Sprintf("%d of %d", n.matching, n.clients), func(b *testing.B) {
			s, c := startForCrowd(b, false)
			c.Clients, c.Matching, c.Query = n.clients, n.matching, onNumber
			clients := startCrowd(b, c)
			mutation := newTyping(s, 0)
			events := 0
			cpu := processorTime(b)
			for b.Loop() {
				mutation.send()
				events += n.matching
				clients.received(events)
			}
			cpu = processorTime(b) - cpu
			b.ReportMetric(float64(cpu.Microseconds())/float64(b.N), "cpu-us/op")
			b.ReportMetric(float64(cpu.Microseconds())/float64(events), "cpu-us/delivery")
		})
	}
}

// BenchmarkMutationsWithSubscribers reports how many mutations a second eight
// callers get through while 1,000 subscribers receive each of them, or one of
// them does.
func BenchmarkMutationsWithSubscribers(b *testing.B) {
	for _, matching := range []int{1, 1000} {
		b.Run(fmt.Sprintf("%d of 1000", matching), func(b *testing.B) {
			s, c := startForCrowd(b, false)
			c.Clients, c.Matching, c.Query = 1000, matching, onNumber
			clients := startCrowd(b, c)
			var next atomic.Int64
			var wg sync.WaitGroup
			b.ResetTimer()
			for range 8 {
				wg.Go(func() {
					mutation := newTyping(s, 0)
					for next.Add(1) <= int64(b.N) {
						mutation.send()
					}
				})
			}
			wg.Wait()
			answered := b.Elapsed()
			clients.received(b.N * matching)
			b.ReportMetric(float64(b.N)/answered.Seconds(), "mutations/s")
			b.ReportMetric(float64(b.N*matching)/b.Elapsed().Seconds(), "deliveries/s")
		})
	}
}

// BenchmarkFanOutAgainstBare measures from the moment that a mutation is sent
// until the last of 1,000 subscribers has its event, the mutation's own work
// included, and in turn with it how long a server that does nothing but broadcast
// the same bytes with gorilla/websocket takes.
func BenchmarkFanOutAgainstBare(b *testing.B) {
	const n = 1000
	s, c := startForCrowd(b, false)
	c.Clients, c.Matching, c.Query = n, n, onNumber
	clients := startCrowd(b, c)
	mutation := newTyping(s, 0)
	bare := startPreparedBroadcast(b)
	c.Address = bare.address
	bareClients := startCrowd(b, c)
	payload := []byte(`{"id":"1","type":"data","payload":{"data":{"onTyping":{"postId":"0","author":"Ada Lovelace"}}}}`)
	var ours, theirs time.Duration
	events := 0
	for b.Loop() {
		events += n
		begun := time.Now()
		mutation.send()
		clients.received(events)
		ours += time.Since(begun)
		begun = time.Now()
		bare.broadcast(b, payload)
		bareClients.received(events)
		theirs += time.Since(begun)
	}
	b.ReportMetric(ours.Seconds()*1000/float64(b.N), "ms/emulator")
	b.ReportMetric(theirs.Seconds()*1000/float64(b.N), "ms/bare")
	b.ReportMetric(float64(ours)/float64(theirs), "ratio")
}

// preparedBroadcast is a server that answers what a crowd says, and sends one
// prepared message to all of it.
type preparedBroadcast struct {
	address string

	mu    sync.Mutex // guards conns
	conns []*websocket.Conn
}

func startPreparedBroadcast(b *testing.B) *preparedBroadcast {
	b.Helper()
	p := &preparedBroadcast{}
	upgrader := websocket.Upgrader{Subprotocols: []string{"graphql-ws"}}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		for {
			_, message, err := conn.ReadMessage()
			if err != nil {
				return
			}
			if strings.Contains(string(message), `"start"`) {
				p.mu.Lock()
				p.conns = append(p.conns, conn)
				p.mu.Unlock()
				conn.WriteMessage(websocket.TextMessage, []byte(`{"id":"1","type":"start_ack"}`))
			}
		}
	}))
	b.Cleanup(srv.Close)
	p.address = srv.Listener.Addr().String()
	return p
}

func (p *preparedBroadcast) broadcast(b *testing.B, payload []byte) {
	b.Helper()
	m, err := websocket.NewPreparedMessage(websocket.TextMessage, payload)
	if err != nil {
		b.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		if err := c.WritePreparedMessage(m); err != nil {
			b.Fatal(err)
		}
	}
}

// processorTime is what the process has used so far.
func processorTime(tb testing.TB) time.Duration {
	tb.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// memoryInUse returns the bytes of heap and stacks in use after a collection,
// those resident, and the number of goroutines.
func memoryInUse(tb testing.TB) (used, resident, goroutines int) {
	tb.Helper()
	// Twice: what pools hold is dropped by the second, and stacks have shrunk.
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if text, err := os.ReadFile("/proc/self/statm"); err == nil {
		if fields := strings.Fields(string(text)); len(fields) > 1 {
			pages, _ := strconv.Atoi(fields[1])
			resident = pages * os.Getpagesize()
		}
	}
	return int(m.HeapInuse + m.StackInuse), resident, runtime.NumGoroutine()
}
