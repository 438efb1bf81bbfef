package emulator_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
)

// connections is how many sockets the load tests use at once.
const connections = 16

// rawRequest is an HTTP request as bytes, so that the load costs the client as
// little as possible: what is measured is the server.
func rawRequest(path, apiKey, body string) []byte {
	return fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: localhost\r\nx-api-key: %s\r\n"+
		"content-type: application/json\r\ncontent-length: %d\r\n\r\n%s", path, apiKey, len(body), body)
}

// load sends b.N requests over the connections and checks that every answer is
// 200 and holds want.
func load(b *testing.B, addr string, request []byte, want string) {
	b.Helper()
	var left atomic.Int64
	left.Store(int64(b.N))
	conns := make([]net.Conn, connections)
	for i := range conns {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			b.Fatal(err)
		}
		defer c.Close()
		conns[i] = c
	}
	var wg sync.WaitGroup
	b.ResetTimer()
	for _, c := range conns {
		wg.Add(1)
		go func() {
			defer wg.Done()
			r := bufio.NewReaderSize(c, 64<<10)
			var body []byte
			for left.Add(-1) >= 0 {
				if _, err := c.Write(request); err != nil {
					b.Error(err)
					return
				}
				var status int
				var err error
				if status, body, err = readResponse(r, body); err != nil {
					b.Error(err)
					return
				}
				if status != 200 || !bytes.Contains(body, []byte(want)) {
					b.Errorf("HTTP %d: %s", status, body)
					return
				}
			}
		}()
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
}

// readResponse reads one response with a Content-Length, or chunked as net/http
// writes larger ones.
func readResponse(r *bufio.Reader, body []byte) (int, []byte, error) {
	line, err := r.ReadSlice('\n')
	if err != nil {
		return 0, body, err
	}
	if len(line) < 12 {
		return 0, body, fmt.Errorf("status line %q", line)
	}
	status, err := strconv.Atoi(string(line[9:12]))
	if err != nil {
		return 0, body, err
	}
	length, chunked := 0, false
	for {
		line, err = r.ReadSlice('\n')
		if err != nil {
			return 0, body, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		if name, v, ok := bytes.Cut(line, []byte(":")); ok {
			switch {
			case bytes.EqualFold(name, []byte("content-length")):
				if length, err = strconv.Atoi(string(bytes.TrimSpace(v))); err != nil {
					return 0, body, err
				}
			case bytes.EqualFold(name, []byte("transfer-encoding")):
				chunked = true
			}
		}
	}
	if !chunked {
		if cap(body) < length {
			body = make([]byte, length)
		}
		body = body[:length]
		_, err = io.ReadFull(r, body)
		return status, body, err
	}
	body = body[:0]
	for {
		line, err = r.ReadSlice('\n')
		if err != nil {
			return 0, body, err
		}
		n, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 32)
		if err != nil {
			return 0, body, err
		}
		start := len(body)
		body = append(body, make([]byte, n+2)...)
		if _, err := io.ReadFull(r, body[start:]); err != nil {
			return 0, body, err
		}
		body = body[:start+int(n)]
		if n == 0 {
			return status, body, nil
		}
	}
}
