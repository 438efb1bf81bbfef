package faults

import (
	"encoding/json"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

// Kind is what a fault does.
type Kind string

// The kinds of faults.
const (
	// Latency makes answers late.
	Latency Kind = "latency"
	// Drop closes the connection instead of answering, and ResetConnection breaks
	// it by TCP's RST.
	Drop            Kind = "drop"
	ResetConnection Kind = "reset"
	// Offline breaks the connections of clients and admits no new ones.
	Offline Kind = "offline"
	// HalfOpen keeps connections open and neither reads nor writes.
	HalfOpen Kind = "halfOpen"
	// Status answers with an HTTP status, Error with a GraphQL error.
	Status Kind = "status"
	Error  Kind = "error"
	// ConnectionError refuses WebSocket connections in the protocol, and Close ends
	// them with a close code.
	ConnectionError Kind = "connectionError"
	Close           Kind = "close"
	// DropFrames, DelayFrames and DuplicateFrames disturb the messages to
	// WebSocket clients.
	DropFrames      Kind = "dropFrames"
	DelayFrames     Kind = "delayFrames"
	DuplicateFrames Kind = "duplicateFrames"
)

// At is the moment at which a fault happens.
type At string

// The moments. Before and After are those of an operation: a query or mutation
// over HTTP, or a start message.
const (
	Before  At = "before"  // nothing has been executed
	After   At = "after"   // it has been executed; the answer is what goes wrong
	Connect At = "connect" // a WebSocket connects
	Now     At = "now"     // to the connections that are open, when the fault is set
)

// Fault is something that goes wrong on purpose. Which members a kind has is
// checked when faults are read.
type Fault struct {
	ID    string `json:"id"`
	Kind  Kind   `json:"kind"`
	Match *Match `json:"match,omitempty"`
	At    At     `json:"at,omitempty"`

	// Skip lets the first ones that match pass, and Times is how often the fault
	// happens after that; 0 is always.
	Skip  int `json:"skip,omitempty"`
	Times int `json:"times,omitempty"`
	// Probability is that of happening, from the random numbers of Seed; 0 is
	// always, too.
	Probability float64 `json:"probability,omitempty"`
	Seed        uint64  `json:"seed,omitempty"`
	// For is how long the fault lasts by the emulator's clock; 0 is until it is
	// removed.
	For Duration `json:"for,omitempty"`

	// Delay is the least that an answer or a frame is late by, and Jitter what it
	// may be more.
	Delay  Duration `json:"delay,omitempty"`
	Jitter Duration `json:"jitter,omitempty"`

	// Status is an HTTP status. ErrorType, Message and ErrorCode are those of an
	// error; ErrorCode is that of a connection_error.
	Status    int    `json:"status,omitempty"`
	ErrorType string `json:"errorType,omitempty"`
	Message   string `json:"message,omitempty"`
	ErrorCode int    `json:"errorCode,omitempty"`

	// Code and Reason are those of a close frame.
	Code   int    `json:"code,omitempty"`
	Reason string `json:"reason,omitempty"`

	// Frames are the types of messages that are disturbed; none is all. Copies is
	// how often a duplicated one is sent.
	Frames []string `json:"frames,omitempty"`
	Copies int      `json:"copies,omitempty"`

	// Mode is "refuse" or "silent": what new connections get of an emulator that is
	// offline. Then is "reset" or "resume": what becomes of half-open connections
	// in the end.
	Mode string `json:"mode,omitempty"`
	Then string `json:"then,omitempty"`
}

// Values of Mode and Then.
const (
	Refuse = "refuse"
	Silent = "silent"
	Reset  = "reset"
	Resume = "resume"
)

// Match says whom a fault is for. What is empty matches everything.
type Match struct {
	// Operation is "query", "mutation" or "subscription", and Name the name that the
	// client gives the operation.
	Operation string `json:"operation,omitempty"`
	Name      string `json:"name,omitempty"`
	// Field is a field of the operation's root, or one of any type as "Type.field"
	// for latencies and errors, which are that field's alone then.
	Field string `json:"field,omitempty"`

	// IP is an address or a range such as "10.0.0.0/8"; Header has headers by name;
	// User is the username or the sub of a token.
	IP     string            `json:"ip,omitempty"`
	Header map[string]string `json:"header,omitempty"`
	APIKey string            `json:"apiKey,omitempty"`
	User   string            `json:"user,omitempty"`

	// Connection is the id of a WebSocket connection, and NthConnection the place
	// among those that have been opened since the fault was set, from 1.
	Connection    string `json:"connection,omitempty"`
	NthConnection int    `json:"nthConnection,omitempty"`

	prefix netip.Prefix // of IP
}

// ofOperation reports whether the match asks for what only an operation has.
func (m *Match) ofOperation() bool { return m.Operation != "" || m.Name != "" || m.Field != "" }

// splitField splits "Type.field"; the type is empty when there is none.
func splitField(text string) (typeName, field string) {
	if typeName, field, ok := strings.Cut(text, "."); ok {
		return typeName, field
	}
	return "", text
}

// Duration is a duration that is written as "1m30s" in JSON.
type Duration time.Duration

// MarshalJSON writes the duration as text.
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(d).String()) }

// refusal is the error of an HTTP status in AppSync's form.
type refusal struct{ errorType, message string }

// refusals are the statuses that a fault may answer.
//
// Recorded: graphql-dotnet/graphql-client#221 (401),
// awslabs/aws-mobile-appsync-sdk-android#406 (403), aws-amplify/amplify-android#3425
// and aws-appsync-realtime-client-ios#67 (429). The others follow their form.
var refusals = map[int]refusal{
	http.StatusUnauthorized:        {"UnauthorizedException", "You are not authorized to make this call."},
	http.StatusForbidden:           {"ForbiddenException", "403 Forbidden"},
	http.StatusTooManyRequests:     {"LimitExceededError", "Rate limit exceeded"},
	http.StatusInternalServerError: {"InternalFailure", "An internal failure occurred."},
	http.StatusServiceUnavailable:  {"ServiceUnavailableException", "The service is unavailable."},
	http.StatusGatewayTimeout:      {"GatewayTimeoutException", "The request timed out."},
}

// The types of messages that a WebSocket client gets.
var frameTypes = []string{"data", "ka", "start_ack", "connection_ack", "complete", "error", "connection_error"}
