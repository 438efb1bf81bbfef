package server

import (
	"context"
	"net"
	"net/http"
	"strings"
	"time"
)

// Faults disturbs what the server does, on behalf of tests. *faults.Injector is
// one. Only requests to GraphQL and real-time endpoints are disturbed. Its
// methods are called by many goroutines at the same time.
type Faults interface {
	// Active reports whether there is anything to disturb. It is all that is asked
	// while it says no.
	Active() bool
	// Arrive is told of a request before its body is read. It may keep the request
	// waiting. A response that is not nil is the answer.
	Arrive(r *http.Request) (*Response, Ending)
	// Execute answers an authenticated request by execute, or without it.
	Execute(ctx context.Context, req *Request, dst []byte, execute func(context.Context, *Request, []byte) Response) (Response, Ending)
	// Leave is asked before an answer is sent, also when the request came before
	// there were faults.
	Leave(ctx context.Context, req *Request) Ending
}

// Ending says what becomes of a request and its connection.
type Ending uint8

const (
	// Answered requests are answered as usual.
	Answered Ending = iota
	// Dropped requests get no answer: the connection is closed.
	Dropped
	// Reset requests get none either: the client sees a broken connection (TCP's
	// RST).
	Reset
)

// faults returns what disturbs this request, or nil.
func (x *exchange) faults() Faults {
	if f := x.server.opt.Faults; f != nil && f.Active() {
		return f
	}
	return nil
}

// disturbable reports whether a path is one of those that faults are for.
func disturbable(path string) bool {
	return path == "/graphql" || path == "/graphql/realtime" || strings.HasPrefix(path, "/apis/")
}

// admitted reports whether a request goes its usual way. If not it has been
// answered, or its connection has ended.
func (x *exchange) admitted(f Faults) bool {
	resp, ending := f.Arrive(x.r)
	if ending != Answered {
		x.end(ending)
		return false
	}
	if resp != nil {
		x.respond(*resp)
		return false
	}
	// What was kept waiting has its time from now on. Where there are no deadlines
	// none has to be moved.
	control := http.NewResponseController(x.w)
	now := time.Now()
	_ = control.SetReadDeadline(now.Add(bodyTimeout))
	_ = control.SetWriteDeadline(now.Add(writeTimeout))
	return true
}

// execute has the API answer a request, disturbed where there are faults.
func (x *exchange) execute(b Backend, req *Request, dst []byte) (resp Response, ending Ending) {
	ctx := x.r.Context()
	if f := x.faults(); f != nil {
		resp, ending = f.Execute(ctx, req, dst, b.Execute)
	} else {
		resp = b.Execute(ctx, req, dst)
	}
	if f := x.faults(); f != nil && ending == Answered {
		ending = f.Leave(ctx, req)
	}
	return resp, ending
}

// end ends the connection of a request that is not answered.
func (x *exchange) end(e Ending) {
	if e == Reset {
		if c, _, err := http.NewResponseController(x.w).Hijack(); err == nil {
			resetConn(c)
			return
		}
	}
	panic(http.ErrAbortHandler) // net/http closes the connection
}

// Reset closes the connection so that the client sees it broken: what was not
// sent is thrown away, and TLS says no goodbye.
func (c *conn) Reset() {
	c.listener.heard(c)
	resetConn(c.Conn)
}

func resetConn(c net.Conn) {
	switch c := c.(type) {
	case interface{ Reset() }:
		c.Reset()
		return
	case *net.TCPConn:
		_ = c.SetLinger(0) // an error means that it is closed already
	}
	c.Close()
}

// Refused is the response to a request that is refused as a whole, in AppSync's
// form: an HTTP status, the errorType, and a message unless it is empty.
func Refused(status int, errorType, message string) Response {
	return Response{Status: status, ErrorType: errorType, Body: appendRefusal(nil, status, errorType, message)}
}
