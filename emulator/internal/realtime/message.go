package realtime

import (
	"net/http"
	"strconv"
	"time"

	"appsync-emulator/emulator/internal/apierror"
	"appsync-emulator/mappingtemplate/value"
)

// The types of messages.
const (
	typeInit  = "connection_init"
	typeStart = "start"
	typeStop  = "stop"
)

// clientMessage is a frame of the client.
type clientMessage struct {
	// id is the operation id as JSON text, so that it goes back as it came;
	// empty when the frame has none.
	id   string
	kind string // the type; empty when the frame is not a message
	// start is nil when the payload does not have the form of a start.
	start *startPayload
}

type startPayload struct {
	query         string
	operationName string
	variables     *value.Map
	data          string
	header        http.Header
}

// parseMessage reads a frame. It never fails: what is not understood is left
// out.
func parseMessage(frame string) clientMessage {
	v, err := value.ParseJSON(frame)
	if err != nil {
		return clientMessage{}
	}
	m, ok := v.(*value.Map)
	if !ok {
		return clientMessage{}
	}
	var msg clientMessage
	msg.kind, _ = m.Value("type").(string)
	switch id := m.Value("id").(type) {
	case string:
		if id != "" {
			msg.id = value.JSON(id)
		}
	case int32, int64:
		msg.id = value.JSON(id)
	}
	if msg.kind == typeStart {
		msg.start = parseStart(m.Value("payload"))
	}
	return msg
}

func parseStart(payload any) *startPayload {
	p, ok := payload.(*value.Map)
	if !ok {
		return nil
	}
	s := &startPayload{}
	if s.data, ok = p.Value("data").(string); !ok {
		return nil
	}
	v, err := value.ParseJSON(s.data)
	if err != nil {
		return nil
	}
	data, ok := v.(*value.Map)
	if !ok {
		return nil
	}
	if s.query, ok = data.Value("query").(string); !ok {
		return nil
	}
	if v := data.Value("variables"); v != nil {
		if s.variables, ok = v.(*value.Map); !ok {
			return nil
		}
	}
	if v := data.Value("operationName"); v != nil {
		if s.operationName, ok = v.(string); !ok {
			return nil
		}
	}
	if extensions, ok := p.Value("extensions").(*value.Map); ok {
		if authorization, ok := extensions.Value("authorization").(*value.Map); ok {
			s.header = headerOf(authorization)
		}
	}
	return s
}

var keepAliveMessage = []byte(`{"type":"ka"}`)

func ackMessage(timeout time.Duration) []byte {
	b := append([]byte(nil), `{"type":"connection_ack","payload":{"connectionTimeoutMs":`...)
	b = strconv.AppendInt(b, timeout.Milliseconds(), 10)
	return append(b, `}}`...)
}

// idMessage is a message of an id and a type alone: start_ack and complete.
func idMessage(id, kind string) []byte {
	return []byte(`{"id":` + id + `,"type":"` + kind + `"}`)
}

// invalidatedMessage ends a subscription that a mutation has invalidated. The
// text is documented, its place in the message is not: aws-amplify/amplify-js#9898
// takes the message for one of type complete.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-real-time-invalidation.html
func invalidatedMessage(id string) []byte {
	return []byte(`{"id":` + id + `,"type":"complete","payload":{"message":"Subscription complete."}}`)
}

// dataHead is what stands before the payload of a data message; one closing
// brace follows it.
func dataHead(id string) []byte { return []byte(`{"id":` + id + `,"type":"data","payload":`) }

// errorMessage answers one operation. Without an id the key is left out.
func errorMessage(id string, errs ...*Error) []byte {
	b := []byte{'{'}
	if id != "" {
		b = append(b, `"id":`...)
		b = append(b, id...)
		b = append(b, ',')
	}
	b = append(b, `"type":"error","payload":`...)
	b = appendErrors(b, errs)
	return append(b, '}')
}

// connectionError is the answer to a connection that is refused, with its keys
// in the recorded order.
//
// Recorded: aws/aws-appsync-community#195.
func connectionError(e *Error) []byte {
	b := appendErrors([]byte(`{"payload":`), []*Error{e})
	return append(b, `,"type":"connection_error"}`...)
}

func appendErrors(b []byte, errs []*Error) []byte {
	b = append(b, `{"errors":[`...)
	for i, e := range errs {
		if i > 0 {
			b = append(b, ',')
		}
		b = e.appendJSON(b)
	}
	return append(b, `]}`...)
}

func (e *Error) appendJSON(b []byte) []byte {
	b = append(b, '{')
	sep := ""
	if e.Type != "" {
		b = append(b, `"errorType":`...)
		b = value.AppendJSONString(b, e.Type)
		sep = ","
	}
	if e.Message != "" {
		b = append(append(b, sep...), `"message":`...)
		b = value.AppendJSONString(b, e.Message)
		sep = ","
	}
	if e.Code != 0 {
		b = append(append(b, sep...), `"errorCode":`...)
		b = strconv.AppendInt(b, int64(e.Code), 10)
	}
	return append(b, '}')
}

// emptyID is the id of answers to a start that cannot be told apart.
const emptyID = `""`

// Refusals of connections. Clients give up on errorCode 400, 401 and 403 and
// try again on anything else.
var (
	// Recorded: aws/aws-appsync-community#195.
	errNoProtocol = &Error{Message: "NoProtocolError", Code: http.StatusBadRequest}
	// Recorded: graphql-dotnet/graphql-client#591.
	errOtherProtocol = &Error{Message: "SubProtocolNotSupportedError", Code: http.StatusBadRequest}
	// Recorded: apollographql/apollo-kotlin#1864.
	errBadHeader = &Error{Type: "BadRequest", Code: http.StatusBadRequest}
)

// errUnknownKind answers a message that is not understood. Recorded for a
// start of the wrong form, with an empty id.
func errUnknownKind() *Error { return UnsupportedOperation("unknown") }

// errUnknownID answers a stop. It is documented for AppSync's Event APIs.
func errUnknownID(id string) *Error {
	return &Error{Type: "UnknownOperationError", Message: "Unknown operation id " + plainID(id)}
}

// errInternal answers what a panic has ended.
func errInternal() *Error {
	return &Error{Type: apierror.TypeInternalFailure, Code: http.StatusInternalServerError}
}

// plainID is an id as it is shown in texts, without the quotes of JSON.
func plainID(id string) string {
	if v, err := value.ParseJSON(id); err == nil {
		return value.ToString(v)
	}
	return id
}

// errTooMany refuses a start past the limit. Recorded: aws-amplify/amplify-cli#7427.
func errTooMany(limit int) *Error {
	return &Error{
		Type:    "MaxSubscriptionsReachedError",
		Message: "Max number of " + strconv.Itoa(limit) + " subscriptions reached",
	}
}
