package server

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"appsync-emulator/emulator/internal/apierror"
	"appsync-emulator/mappingtemplate/value"
)

// The values of headers that are the same on every answer. net/http only reads
// them.
//
// Recorded: graphql-dotnet/graphql-client#221.
var (
	headerAnyOrigin = []string{"*"}
	headerExpose    = []string{"x-amzn-RequestId,x-amzn-ErrorType,x-amz-user-agent,x-amzn-ErrorMessage,Date,x-amz-schema-version"}
	headerJSON      = []string{"application/json;charset=UTF-8"}
	headerTokens    = []string{"1"}
	headerMethods   = []string{"POST, GET, OPTIONS"}
	adminMethods    = []string{"GET, POST, PUT, DELETE, OPTIONS"}
)

// exchange is one request and its answer.
type exchange struct {
	server *Server
	w      http.ResponseWriter
	r      *http.Request
	start  time.Time
	id     string

	status    int // 0 until the answer has begun
	operation string
}

// ServeHTTP answers one request. A panic below it is the client's
// InternalFailure and a stack in the log.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := &exchange{server: s, w: w, r: r, start: time.Now(), id: NewRequestID()}
	defer x.finish()
	h := w.Header()
	h["x-amzn-RequestId"] = []string{x.id}
	h["access-control-allow-origin"] = headerAnyOrigin
	h["access-control-expose-headers"] = headerExpose
	x.route()
}

func (x *exchange) finish() {
	if p := recover(); p != nil {
		if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(p)
		}
		x.server.log.Error("panic while serving a request", slog.String("requestId", x.id),
			slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
		if x.status != 0 {
			panic(http.ErrAbortHandler) // half an answer is worse than none
		}
		x.refuse(http.StatusInternalServerError, apierror.TypeInternalFailure,
			"An internal error occurred. The log of the emulator shows it under request "+x.id+".")
	}
	x.server.log.LogAttrs(x.r.Context(), slog.LevelInfo, "request",
		slog.String("method", x.r.Method),
		slog.String("path", x.r.URL.Path),
		slog.String("operation", x.operation),
		slog.Int("status", x.status),
		slog.Duration("duration", time.Since(x.start)))
}

// write sends the whole answer.
func (x *exchange) write(status int, contentType []string, body []byte) {
	h := x.w.Header()
	h["Content-Type"] = contentType
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	x.status = status
	x.w.WriteHeader(status)
	// An error here means that the client has gone.
	x.w.Write(body)
}

// refuse answers a request that is not executed. The message is left out when
// it is empty.
func (x *exchange) refuse(status int, errorType, message string) {
	x.w.Header()["x-amzn-ErrorType"] = []string{errorType}
	x.write(status, headerJSON, appendRefusal(nil, status, errorType, message))
}

// appendRefusal appends the body of a request that is refused as a whole. Those
// of a 401 and a 403 are printed with blanks and line feeds and begin with the
// errorType; all others begin with the message. An empty message is left out.
//
// Recorded: aws-amplify/amplify-js#4373 (401) and #7906 (403),
// graphql/graphql-over-http#81 (400), aws/aws-cdk#19239 (400 without a message).
func appendRefusal(dst []byte, status int, errorType, message string) []byte {
	if status == http.StatusUnauthorized || status == http.StatusForbidden {
		dst = append(dst, "{\n  \"errors\" : [ {\n    \"errorType\" : "...)
		dst = value.AppendJSONString(dst, errorType)
		if message != "" {
			dst = append(dst, ",\n    \"message\" : "...)
			dst = value.AppendJSONString(dst, message)
		}
		return append(dst, "\n  } ]\n}"...)
	}
	dst = append(dst, `{"errors":[{`...)
	if message != "" {
		dst = append(dst, `"message":`...)
		dst = value.AppendJSONString(dst, message)
		dst = append(dst, ',')
	}
	dst = append(dst, `"errorType":`...)
	dst = value.AppendJSONString(dst, errorType)
	return append(dst, `}]}`...)
}

// sourceIP is the client's address without its port.
func (x *exchange) sourceIP() string {
	host, _, err := net.SplitHostPort(x.r.RemoteAddr)
	if err != nil {
		return x.r.RemoteAddr
	}
	return host
}

// NewRequestID returns a random UUID. It identifies a request in logs and is no
// secret.
func NewRequestID() string {
	var id [16]byte
	binary.LittleEndian.PutUint64(id[:8], rand.Uint64())
	binary.LittleEndian.PutUint64(id[8:], rand.Uint64())
	id[6] = id[6]&0x0F | 0x40
	id[8] = id[8]&0x3F | 0x80
	var text [36]byte
	hex.Encode(text[:8], id[:4])
	text[8] = '-'
	hex.Encode(text[9:13], id[4:6])
	text[13] = '-'
	hex.Encode(text[14:18], id[6:8])
	text[18] = '-'
	hex.Encode(text[19:23], id[8:10])
	text[23] = '-'
	hex.Encode(text[24:], id[10:])
	return string(text[:])
}
