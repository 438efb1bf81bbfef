package emulatortest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"testing"

	"appsync-emulator/emulator"
)

// Server is a running emulator.
type Server struct {
	*emulator.Emulator
	tb     testing.TB
	client *http.Client
}

// Start serves the project at path, a folder or a file. The options are those
// of emulator.New; what they leave out is set for tests: data in memory, a free
// port, plain HTTP alone, logs in the test's output.
func Start(tb testing.TB, path string, opts ...func(*emulator.Options)) *Server {
	tb.Helper()
	project, err := emulator.Load(path, emulator.LoadOptions{})
	if err != nil {
		tb.Fatalf("loading %s: %v", path, err)
	}
	options := emulator.Options{
		Listen:   "127.0.0.1:0",
		InMemory: true,
		NoTLS:    true,
		Logger:   slog.New(slog.NewTextHandler(tb.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
	for _, set := range opts {
		set(&options)
	}
	e, err := emulator.New(project, options)
	if err != nil {
		tb.Fatalf("making an emulator of %s: %v", path, err)
	}
	if err := e.Start(context.Background()); err != nil {
		e.Close()
		tb.Fatalf("starting: %v", err)
	}
	s := &Server{Emulator: e, tb: tb, client: &http.Client{}}
	tb.Cleanup(func() {
		s.client.CloseIdleConnections()
		if err := e.Check(context.Background()); err != nil {
			tb.Errorf("the store is not consistent: %v", err)
		}
		if err := e.Close(); err != nil {
			tb.Errorf("closing: %v", err)
		}
	})
	return s
}

// Response is an answer to a GraphQL request.
type Response struct {
	Status int
	Header http.Header
	Body   string
}

// Post sends a body to the GraphQL endpoint with the emulator's API key. Header
// lines, name and value in turn, add to or replace the usual ones; an empty
// value removes one.
func (s *Server) Post(body string, header ...string) Response {
	s.tb.Helper()
	req, err := http.NewRequest(http.MethodPost, s.URL(), bytes.NewBufferString(body))
	if err != nil {
		s.tb.Fatal(err)
	}
	req.Header.Set("x-api-key", s.APIKey())
	req.Header.Set("content-type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		if header[i+1] == "" {
			req.Header.Del(header[i])
		} else {
			req.Header.Set(header[i], header[i+1])
		}
	}
	return s.do(req)
}

// Get sends query parameters, name and value in turn, to the GraphQL endpoint
// with the emulator's API key.
func (s *Server) Get(parameters ...string) Response {
	s.tb.Helper()
	query := url.Values{}
	for i := 0; i+1 < len(parameters); i += 2 {
		query.Set(parameters[i], parameters[i+1])
	}
	req, err := http.NewRequest(http.MethodGet, s.URL()+"?"+query.Encode(), nil)
	if err != nil {
		s.tb.Fatal(err)
	}
	req.Header.Set("x-api-key", s.APIKey())
	return s.do(req)
}

func (s *Server) do(req *http.Request) Response {
	s.tb.Helper()
	resp, err := s.client.Do(req)
	if err != nil {
		s.tb.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		s.tb.Fatal(err)
	}
	return Response{Status: resp.StatusCode, Header: resp.Header, Body: string(text)}
}

// Query sends a GraphQL operation and returns the body of the answer. Variables
// may be nil.
func (s *Server) Query(query string, variables map[string]any) string {
	s.tb.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		s.tb.Fatal(err)
	}
	return s.Post(string(body)).Body
}

// Decode sends a GraphQL operation and decodes its data into out. An answer
// with errors fails the test.
func (s *Server) Decode(out any, query string, variables map[string]any) {
	s.tb.Helper()
	text := s.Query(query, variables)
	var answer struct {
		Data   json.RawMessage
		Errors []json.RawMessage
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		s.tb.Fatalf("%v in %s", err, text)
	}
	if len(answer.Errors) > 0 {
		s.tb.Fatalf("errors: %s", text)
	}
	if err := json.Unmarshal(answer.Data, out); err != nil {
		s.tb.Fatalf("%v in %s", err, text)
	}
}
