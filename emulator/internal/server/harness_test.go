package server_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"appsync-emulator/emulator/internal/auth"
	"appsync-emulator/emulator/internal/realtime"
	"appsync-emulator/emulator/internal/server"
	"appsync-emulator/mappingtemplate/value"
)

const apiKey = "da2-test"

// echo is an API that answers with what it was asked.
type echo struct {
	// block, when it is set, holds requests up until it is closed.
	block   chan struct{}
	entered chan struct{}
}

func (e *echo) Authenticate(_ context.Context, req *auth.Request) (auth.Identity, *auth.Refusal) {
	switch req.Header.Get("x-api-key") {
	case apiKey:
		return auth.Identity{Mode: "API_KEY"}, nil
	case "silent":
		return auth.Identity{}, &auth.Refusal{Status: http.StatusBadRequest, ErrorType: "BadRequestException"}
	}
	return auth.Identity{}, &auth.Refusal{Status: http.StatusUnauthorized, ErrorType: "UnauthorizedException",
		Message: "You are not authorized to make this call."}
}

func (e *echo) Execute(ctx context.Context, req *server.Request, dst []byte) server.Response {
	switch req.Query {
	case "panic":
		panic("a bug")
	case "block":
		e.entered <- struct{}{}
		select {
		case <-e.block:
		case <-ctx.Done():
		}
	case "malformed":
		return server.Malformed(dst, "BadRequestException", "Missing operation name.")
	case "header":
		return server.Response{Header: http.Header{"x-custom": {"1", "2"}}, Body: append(dst, "{}"...)}
	}
	req.Operation = "query " + req.Query
	m := value.MapOf("query", req.Query, "operationName", req.OperationName, "ip", req.SourceIP[0], "mode", req.Identity.Mode)
	if req.Variables != nil {
		m.Set("variables", req.Variables)
	}
	return server.Response{Body: value.AppendJSON(dst, m)}
}

func (e *echo) Authorize(context.Context, realtime.Credentials) (any, *realtime.Error) {
	return nil, nil
}

func (e *echo) Start(_ context.Context, _ realtime.StartRequest, to realtime.Subscriber) (func(), []*realtime.Error) {
	to.Deliver([]byte(`{"data":{}}`))
	return func() {}, nil
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

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

type fixture struct {
	testing.TB
	*server.Server
	log   *logBuffer
	echo  *echo
	addr  string
	plain *http.Client
}

func start(t testing.TB, change func(*server.Options)) *fixture {
	t.Helper()
	f := &fixture{TB: t, log: &logBuffer{}, echo: &echo{block: make(chan struct{}), entered: make(chan struct{}, 10)}}
	opt := server.Options{
		Log: slog.New(slog.NewTextHandler(f.log, nil)), Backend: f.echo, APIID: "abc",
		Realtime: realtime.NewHandler(f.echo, realtime.Options{}),
		TLS:      server.TLSOptions{Dir: t.TempDir()}, MaxBodyBytes: 1000, Version: "1.2.3",
	}
	if change != nil {
		change(&opt)
	}
	var err error
	if f.Server, err = server.New(opt); err != nil {
		t.Fatal(err)
	}
	if err := f.Start(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	f.addr = f.Addr()
	t.Cleanup(f.close)
	f.plain = &http.Client{Transport: &http.Transport{}}
	t.Cleanup(f.plain.CloseIdleConnections)
	return f
}

// overTLS is a client that trusts the server's authority.
func (f *fixture) overTLS() *http.Client {
	f.Helper()
	c := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool(f, f.CAFile())}}}
	f.Cleanup(c.CloseIdleConnections)
	return c
}

func (f *fixture) close() {
	f.Helper()
	if err := f.Close(); err != nil {
		f.Error(err)
	}
}

func pool(t testing.TB, file string) *x509.CertPool {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p := x509.NewCertPool()
	if !p.AppendCertsFromPEM(text) {
		t.Fatalf("%s holds no certificate", file)
	}
	return p
}

func (f *fixture) do(method, path, key, body string, header ...string) (*http.Response, string) {
	f.Helper()
	req, err := http.NewRequest(method, "http://"+f.addr+path, strings.NewReader(body))
	if err != nil {
		f.Fatal(err)
	}
	if key != "" {
		req.Header.Set("x-api-key", key)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := f.plain.Do(req)
	if err != nil {
		f.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		f.Fatal(err)
	}
	return resp, string(text)
}
