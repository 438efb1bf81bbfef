package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"appsync-emulator/emulator"
)

// served is an emulator that serves, reached by its administration.
type served struct {
	base   string // without a slash at the end
	client *http.Client
}

// newServed takes the address of an emulator, or that of its GraphQL endpoint.
func newServed(address string) (*served, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("--url %q: want an address such as http://%s", address, emulator.DefaultListen)
	}
	return &served{base: u.Scheme + "://" + u.Host + "/_emulator", client: &http.Client{}}, nil
}

func (s *served) Close() error {
	s.client.CloseIdleConnections()
	return nil
}

// do sends a request about a table. A refusal is an error.
func (s *served) do(ctx context.Context, method, table, what string, body io.Reader) (*http.Response, error) {
	address := s.base + "/tables/" + url.PathEscape(table) + what
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, err
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode == http.StatusOK {
		return resp, nil
	}
	defer resp.Body.Close()
	var refusal struct {
		Error struct{ Message string }
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err == nil && json.Unmarshal(text, &refusal) == nil && refusal.Error.Message != "" {
		return nil, errors.New(refusal.Error.Message)
	}
	return nil, fmt.Errorf("%s answers %s; is it an appsync-emulator?", strings.TrimSuffix(s.base, "/_emulator"), resp.Status)
}

// Export counts the lines that pass.
func (s *served) Export(ctx context.Context, table string, w io.Writer) (int, error) {
	resp, err := s.do(ctx, http.MethodGet, table, "/export", nil)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	lines := &lineCounter{w: w}
	if _, err := io.Copy(lines, resp.Body); err != nil {
		return lines.n, fmt.Errorf("the export was broken off: %w", err)
	}
	return lines.n, nil
}

// Import sends what r has as it comes.
func (s *served) Import(ctx context.Context, table string, r io.Reader) (int, error) {
	resp, err := s.do(ctx, http.MethodPost, table, "/import", r)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	var answer struct{ Items int }
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return 0, fmt.Errorf("the answer to the import: %w", err)
	}
	return answer.Items, nil
}

func (s *served) items(ctx context.Context, table string) int64 {
	resp, err := s.do(ctx, http.MethodGet, table, "", nil)
	if err != nil {
		return 0 // what reads the items will tell
	}
	defer resp.Body.Close()
	var info emulator.TableInfo
	if json.NewDecoder(resp.Body).Decode(&info) != nil {
		return 0
	}
	return info.Items
}
