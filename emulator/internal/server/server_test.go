package server_test

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"appsync-emulator/emulator/internal/server"
)

func TestOnePortSpeaksHTTPAndTLS(t *testing.T) {
	f := start(t, nil)
	for scheme, client := range map[string]*http.Client{"http": f.plain, "https": f.overTLS()} {
		for range 2 { // the second request reuses the connection
			resp, err := client.Get(scheme + "://" + f.addr + "/_emulator/health")
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			if string(body) != `{"status":"ok"}` || resp.ProtoMajor != 1 {
				t.Errorf("%s: %s %s", scheme, resp.Proto, body)
			}
		}
	}
}

// A client that offers HTTP/2 as well must be talked into HTTP/1.1, which
// WebSockets need.
func TestOnlyHTTP1IsNegotiated(t *testing.T) {
	f := start(t, nil)
	conn, err := tls.Dial("tcp", f.addr, &tls.Config{RootCAs: pool(t, f.CAFile()), NextProtos: []string{"h2", "http/1.1"}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if got := conn.ConnectionState().NegotiatedProtocol; got != "http/1.1" {
		t.Errorf("negotiated %q", got)
	}
}

// Amplify JS 6 dials wss on the port of an http endpoint; python gql and other
// raw clients keep the endpoint's path.
func TestWebSocketRoutes(t *testing.T) {
	f := start(t, nil)
	d := websocket.Dialer{
		Subprotocols:    []string{"graphql-ws", "header-e30"},
		TLSClientConfig: &tls.Config{RootCAs: pool(t, f.CAFile())},
	}
	for _, scheme := range []string{"ws", "wss"} {
		for _, path := range []string{"/graphql/realtime", "/graphql", "/apis/abc/graphql/realtime", "/apis/abc/graphql"} {
			conn, _, err := d.Dial(scheme+"://"+f.addr+path, nil)
			if err != nil {
				t.Fatalf("%s %s: %v", scheme, path, err)
			}
			conn.WriteMessage(websocket.TextMessage, []byte(`{"id":"1","type":"start","payload":{"data":"{\"query\":\"a\"}"}}`))
			for _, want := range []string{`{"id":"1","type":"start_ack"}`, `{"id":"1","type":"data","payload":{"data":{}}}`} {
				if _, got, err := conn.ReadMessage(); err != nil || string(got) != want {
					t.Errorf("%s %s: got %s, %v; want %s", scheme, path, got, err, want)
				}
			}
			conn.Close()
		}
	}
	if _, resp, err := d.Dial("ws://"+f.addr+"/apis/xyz/graphql/realtime", nil); err == nil || resp.StatusCode != 404 {
		t.Errorf("unknown API: %v", err)
	}
}

// Connections that say nothing, or half of something, hold up nobody.
func TestSilentClientsHoldUpNobody(t *testing.T) {
	f := start(t, nil)
	for i := range 20 {
		conn, err := net.Dial("tcp", f.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if i%2 == 0 {
			conn.Write([]byte{0x16}) // the beginning of a TLS handshake
		}
	}
	if resp, _ := f.do("GET", "/_emulator/health", "", ""); resp.StatusCode != 200 {
		t.Errorf("status %d", resp.StatusCode)
	}
}

func TestClientThatDoesNotTrustIsExplained(t *testing.T) {
	f := start(t, nil)
	conn, err := tls.Dial("tcp", f.addr, &tls.Config{})
	if err == nil {
		conn.Close()
		t.Fatal("an unknown authority was trusted")
	}
	f.close()
	if log := f.log.String(); !strings.Contains(log, "appsync-emulator trust") {
		t.Errorf("log: %s", log)
	}
}

func TestTLSIsRefusedWhenItIsOff(t *testing.T) {
	f := start(t, func(o *server.Options) { o.TLS.Disabled = true })
	if _, err := tls.Dial("tcp", f.addr, &tls.Config{InsecureSkipVerify: true}); err == nil {
		t.Error("TLS was served")
	}
	if f.CAFile() != "" {
		t.Errorf("certificate authority %s", f.CAFile())
	}
	if resp, _ := f.do("GET", "/_emulator/health", "", ""); resp.StatusCode != 200 {
		t.Errorf("status %d", resp.StatusCode)
	}
}

func TestPortInUse(t *testing.T) {
	f := start(t, nil)
	dir := filepath.Join(t.TempDir(), "tls")
	other, err := server.New(server.Options{TLS: server.TLSOptions{Dir: dir}})
	if err != nil {
		t.Fatal(err)
	}
	err = other.Start(t.Context(), f.addr)
	if !errors.Is(err, syscall.EADDRINUSE) || !strings.Contains(err.Error(), f.addr) {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("a certificate authority was made all the same")
	}
	if err := other.Close(); err != nil {
		t.Error(err)
	}
}

func TestCloseLetsRequestsFinish(t *testing.T) {
	f := start(t, nil)
	status := make(chan int, 1)
	go func() {
		resp, _ := f.do("POST", "/graphql", apiKey, `{"query":"block"}`)
		status <- resp.StatusCode
	}()
	<-f.echo.entered
	closed := make(chan struct{})
	go func() { f.close(); close(closed) }()
	close(f.echo.block)
	if got := <-status; got != 200 {
		t.Errorf("status %d", got)
	}
	<-closed
	if _, err := net.Dial("tcp", f.addr); err == nil {
		t.Error("still listening")
	}
}

// Whatever hangs, the server is gone within two seconds: a request that does
// not end, a connection that says nothing, a WebSocket that does not answer.
func TestCloseIsBounded(t *testing.T) {
	f := start(t, nil)
	silent, err := net.Dial("tcp", f.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	deaf, _, err := (&websocket.Dialer{Subprotocols: []string{"graphql-ws", "header-e30"}}).Dial("ws://"+f.addr+"/graphql/realtime", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer deaf.Close()
	req, err := http.NewRequest("POST", "http://"+f.addr+"/graphql", strings.NewReader(`{"query":"block"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("x-api-key", apiKey)
	go func() {
		if resp, err := f.plain.Do(req); err == nil {
			resp.Body.Close()
		}
	}()
	<-f.echo.entered
	begin := time.Now()
	f.close()
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestCloseWithoutStart(t *testing.T) {
	s, err := server.New(server.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := s.Start(t.Context(), "127.0.0.1:0"); err == nil {
		t.Error("a closed server was started")
	}
	if s.Addr() != "" {
		t.Errorf("address %s", s.Addr())
	}
}
