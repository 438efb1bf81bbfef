package lambda

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"
)

// The headers of the Invoke API.
//
// See: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
const (
	headerInvocationType  = "X-Amz-Invocation-Type"
	headerLogType         = "X-Amz-Log-Type"
	headerFunctionError   = "X-Amz-Function-Error"
	headerExecutedVersion = "X-Amz-Executed-Version"
	headerLogResult       = "X-Amz-Log-Result"
	headerErrorType       = "X-Amzn-Errortype"
)

// unhandled is the kind of function errors of all current runtimes.
const unhandled = "Unhandled"

// readAnswer reads a body, one byte more than an answer may have at most.
func readAnswer(body io.Reader) ([]byte, error) {
	return io.ReadAll(io.LimitReader(body, maxAnswer+1))
}

// understand reads a server's answer.
func understand(res *http.Response, body []byte, name string, kind InvocationType) (*Result, error) {
	out := &Result{Status: res.StatusCode, ExecutedVersion: res.Header.Get(headerExecutedVersion)}
	if tail, err := base64.StdEncoding.DecodeString(res.Header.Get(headerLogResult)); err == nil {
		out.Log = string(tail)
	}
	functionError := res.Header.Get(headerFunctionError)
	if functionError == "" && out.ExecutedVersion == "" && runtimeError(res.StatusCode, body) {
		functionError = unhandled
	}
	switch {
	case functionError == "" && (res.StatusCode < 200 || res.StatusCode > 299):
		return nil, exception(res, body, name)
	case kind != RequestResponse:
		// Servers that know no invocation types run the function and answer for it.
		out.Payload = []byte("null")
		return out, nil
	case len(body) > maxAnswer:
		return tooLarge(out, name), nil
	}
	if text, timedOut := timeoutText(body); timedOut {
		out.Payload, _ = json.Marshal(map[string]string{"errorType": "Sandbox.Timedout", "errorMessage": text})
		functionError = unhandled
	} else if out.Payload = body; len(strings.TrimSpace(string(body))) == 0 {
		out.Payload = []byte("null")
	} else if !utf8.Valid(body) || !json.Valid(body) {
		return nil, &Error{Function: name, Status: res.StatusCode, Err: ErrAnswer,
			Message: fmt.Sprintf("status %d and no JSON: %s", res.StatusCode, excerpt(body))}
	}
	if functionError != "" {
		out.FunctionError = failureOf(name, functionError, out.Payload)
	}
	return out, nil
}

// tooLarge is what Lambda makes of an answer that is larger than it delivers.
//
// See: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
func tooLarge(out *Result, name string) *Result {
	message := fmt.Sprintf("Response payload size exceeded maximum allowed payload size (%d bytes).", maxAnswer)
	out.Payload, _ = json.Marshal(map[string]string{"errorType": "Function.ResponseSizeTooLarge", "errorMessage": message})
	out.FunctionError = failureOf(name, unhandled, out.Payload)
	return out
}

// failureOf reads the runtime's description of a failure.
func failureOf(name, kind string, payload []byte) *FunctionError {
	out := &FunctionError{Function: name, Kind: kind}
	var described struct {
		Type    string `json:"errorType"`
		Message string `json:"errorMessage"`
	}
	// A payload of another form has no type and no message.
	if json.Unmarshal(payload, &described) == nil {
		out.Type, out.Message = described.Type, described.Message
	}
	return out
}

// runtimeError reports whether an answer without Lambda's headers is the
// failure of a function: the runtime interface emulator sends the runtime's
// description alone, with status 200, or 502 when the runtime has died. AWS SAM
// tells failures by the same form.
//
// See: https://github.com/aws/aws-lambda-runtime-interface-emulator
func runtimeError(status int, body []byte) bool {
	if status != http.StatusOK && status != http.StatusBadGateway {
		return false
	}
	if len(body) == 0 || body[0] != '{' {
		return false
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil {
		return false
	}
	for name := range fields {
		switch name {
		case "errorType", "errorMessage", "stackTrace", "trace", "cause", "requestId":
		default:
			return false
		}
	}
	return isText(fields["errorType"]) && isText(fields["errorMessage"])
}

func isText(raw json.RawMessage) bool { return len(raw) > 0 && raw[0] == '"' }

// timeoutText recognises what the runtime interface emulator answers, with
// status 200, for a function that took too long.
func timeoutText(body []byte) (string, bool) {
	const prefix, suffix = "Task timed out after ", " seconds"
	text := strings.TrimSpace(string(body[:min(len(body), 100)]))
	return text, len(body) < 100 && strings.HasPrefix(text, prefix) && strings.HasSuffix(text, suffix)
}

// exception reads Lambda's refusal of a request.
func exception(res *http.Response, body []byte, name string) error {
	out := &Error{Function: name, Status: res.StatusCode, Code: exceptionName(res.Header.Get(headerErrorType))}
	var described struct {
		Message *string `json:"message"` // Lambda's is Message; encoding/json takes both
	}
	if json.Unmarshal(body, &described) == nil && described.Message != nil {
		out.Message = strings.ToValidUTF8(*described.Message, "\ufffd")
	}
	if out.Code == "" && out.Message == "" {
		// Not what Lambda, or one who plays it, would answer.
		if out.Code = codeOf(res.StatusCode); out.Code == "" || res.StatusCode == http.StatusNotFound {
			out.Code, out.Err = "", ErrAnswer
		}
		out.Message = fmt.Sprintf("status %d: %s", res.StatusCode, excerpt(body))
		return out
	}
	if out.Code == "" {
		if out.Code = codeOf(res.StatusCode); out.Code == "" {
			out.Err = ErrAnswer
		}
	}
	return out
}

// exceptionName is the name of an exception from its header, which may go on
// with a colon and a namespace; AWS SAM leaves Exception out.
func exceptionName(header string) string {
	const suffix = "Exception"
	name, _, _ := strings.Cut(header, ":")
	if !isName(name) {
		return ""
	}
	return strings.TrimSuffix(name, suffix) + suffix
}

// codeOf is the exception that goes with a status.
func codeOf(status int) string {
	switch {
	case status == http.StatusBadRequest:
		return CodeInvalidContent
	case status == http.StatusForbidden:
		return CodeAccessDenied
	case status == http.StatusNotFound:
		return CodeNotFound
	case status == http.StatusRequestEntityTooLarge:
		return CodeTooLarge
	case status == http.StatusUnsupportedMediaType:
		return CodeUnsupportedMedia
	case status == http.StatusTooManyRequests:
		return CodeTooMany
	case status >= 500:
		return CodeService
	}
	return ""
}

// excerpt is the beginning of a body that was not expected, on one line.
func excerpt(body []byte) string {
	const shown = 200
	cut := len(body) > shown
	if cut {
		body = body[:shown]
	}
	text := strings.Join(strings.Fields(strings.ToValidUTF8(string(body), "\ufffd")), " ")
	switch {
	case text == "":
		return "(empty)"
	case cut:
		return text + "..."
	}
	return text
}
