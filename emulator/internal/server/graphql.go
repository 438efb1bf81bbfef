package server

import (
	"errors"
	"io"
	"net/http"
	"net/textproto"
	"strings"
	"sync"

	"appsync-emulator/emulator/internal/apierror"
	"appsync-emulator/emulator/internal/auth"
	"appsync-emulator/mappingtemplate/value"
)

// Messages of requests that could not be read.
//
// Recorded: graphql/graphql-over-http#81.
const (
	messageEmptyBody   = "Request body is empty."
	messageUnparseable = "Unable to parse GraphQL query."
)

// buffer is a pooled byte slice.
type buffer struct{ bytes []byte }

var buffers = sync.Pool{New: func() any { return &buffer{bytes: make([]byte, 0, 4<<10)} }}

// maxPooled keeps the buffers of rare large requests out of the pool.
const maxPooled = 1 << 20

func (b *buffer) release() {
	if cap(b.bytes) <= maxPooled {
		buffers.Put(b)
	}
}

// graphql answers a GraphQL request: the body is read first, then the caller
// authenticated, then the operation executed.
func (x *exchange) graphql(api *API) {
	req := Request{Header: x.r.Header, RequestID: x.id}
	if fault := x.parse(&req); fault != nil {
		x.refuse(fault.status, fault.errorType, fault.message)
		return
	}
	// net/http takes the Host header out; $ctx.request.headers has it.
	if x.r.Host != "" {
		req.Header["Host"] = []string{x.r.Host}
	}
	req.Operation = req.OperationName
	x.operation = req.Operation
	req.SourceIP = []string{x.sourceIP()}
	identity, refusal := api.Backend.Authenticate(x.r.Context(), &auth.Request{
		Header:        x.r.Header,
		HTTP:          x.r,
		Body:          req.Body,
		SourceIP:      req.SourceIP,
		ID:            x.id,
		Query:         req.Query,
		OperationName: req.OperationName,
		Variables:     req.Variables,
	})
	if refusal != nil {
		x.refuse(refusal.Status, refusal.ErrorType, refusal.Message)
		return
	}
	req.Identity = identity

	out := buffers.Get().(*buffer)
	resp, ending := x.execute(api.Backend, &req, out.bytes[:0])
	x.operation = req.Operation
	if ending != Answered {
		x.end(ending)
		return
	}
	x.w.Header()["x-amzn-appsync-TokensConsumed"] = headerTokens
	x.respond(resp)
	out.bytes = resp.Body
	// Not deferred: after a panic, whatever ran may still write to the buffer.
	out.release()
}

// respond sends the response of an API.
func (x *exchange) respond(resp Response) {
	h := x.w.Header()
	if resp.ErrorType != "" {
		h["x-amzn-ErrorType"] = []string{resp.ErrorType}
	}
	for name, values := range resp.Header {
		h[textproto.CanonicalMIMEHeaderKey(name)] = values
	}
	if resp.Status == 0 {
		resp.Status = http.StatusOK
	}
	x.write(resp.Status, headerJSON, resp.Body)
}

// fault says why a request could not be read.
type fault struct {
	status    int
	errorType string
	message   string
}

func malformed(message string) *fault {
	return &fault{http.StatusBadRequest, apierror.TypeMalformedRequest, message}
}

func (x *exchange) parse(req *Request) *fault {
	if x.r.Method == http.MethodGet {
		return parseQueryString(x.r, req)
	}
	in := buffers.Get().(*buffer)
	defer in.release()
	var err error
	in.bytes, err = readBody(in.bytes[:0], x.r.Body, x.r.ContentLength, x.server.opt.MaxBodyBytes)
	switch {
	case errors.Is(err, errTooLarge):
		// The rest of the body is not read, so the connection cannot be kept.
		x.w.Header().Set("Connection", "close")
		return &fault{http.StatusRequestEntityTooLarge, apierror.TypeTooLarge,
			"The request body is larger than this server accepts."}
	case err != nil:
		return malformed(messageUnparseable)
	}
	// The copy is what the parsed request's strings point into.
	req.Body = string(in.bytes)
	return parseBody(req.Body, req)
}

var errTooLarge = errors.New("body too large")

// readBody appends a body to dst. length is its announced length, or -1.
func readBody(dst []byte, r io.Reader, length, limit int64) ([]byte, error) {
	if length > limit {
		return dst, errTooLarge
	}
	if length > int64(cap(dst)) {
		dst = make([]byte, 0, length+1)
	}
	for {
		if len(dst) == cap(dst) {
			dst = append(dst, 0)[:len(dst)]
		}
		n, err := r.Read(dst[len(dst):cap(dst)])
		dst = dst[:len(dst)+n]
		switch {
		case int64(len(dst)) > limit:
			return dst, errTooLarge
		case err == io.EOF:
			return dst, nil
		case err != nil:
			return dst, err
		}
	}
}

// parseBody reads the JSON envelope of a request, whatever its content type
// says. Keys other than query, variables and operationName are ignored.
func parseBody(body string, req *Request) *fault {
	if body == "" {
		return malformed(messageEmptyBody)
	}
	v, err := value.ParseJSON(body)
	if err != nil {
		return malformed(messageUnparseable)
	}
	envelope, ok := v.(*value.Map)
	if !ok {
		return malformed(messageUnparseable)
	}
	if req.Query, ok = envelope.Value("query").(string); !ok {
		return malformed(messageUnparseable)
	}
	return complete(req, envelope.Value("variables"), envelope.Value("operationName"))
}

// parseQueryString reads a GET request, whose variables are JSON text.
func parseQueryString(r *http.Request, req *Request) *fault {
	query := r.URL.Query()
	req.Query = query.Get("query")
	var variables any
	if text := query.Get("variables"); strings.TrimSpace(text) != "" {
		var err error
		if variables, err = value.ParseJSON(text); err != nil {
			return malformed(messageUnparseable)
		}
	}
	return complete(req, variables, query.Get("operationName"))
}

func complete(req *Request, variables, operationName any) *fault {
	if strings.TrimSpace(req.Query) == "" {
		return malformed(messageUnparseable)
	}
	switch v := variables.(type) {
	case nil:
	case *value.Map:
		req.Variables = v
	default:
		return malformed(messageUnparseable)
	}
	switch name := operationName.(type) {
	case nil:
	case string:
		req.OperationName = name
	default:
		return malformed(messageUnparseable)
	}
	return nil
}
