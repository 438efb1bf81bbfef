package builtin

import (
	"strings"

	"appsync-emulator/mappingtemplate/value"
)

// HTTP is $util.http.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/http-helpers-in-utils-http.html
type HTTP Util

// Property finds nothing: the family has only methods.
func (h *HTTP) Property(string) (any, bool) { return nil, false }

// Invoke calls a header helper.
func (h *HTTP) Invoke(name string, args []any) (any, bool, error) {
	switch {
	case name == "copyHeaders" && len(args) == 1:
		m, ok := args[0].(*value.Map)
		if !ok && args[0] != nil {
			return notFound()
		}
		if m == nil {
			return found(nil)
		}
		out := value.NewMap(m.Len())
		for k, v := range m.All() {
			if !isHopHeader(strings.ToLower(k)) {
				out.Set(k, v)
			}
		}
		return found(out)
	case name == "addResponseHeader" && len(args) == 2:
		k, _, ok := text(args[0])
		if !ok {
			return notFound()
		}
		return h.addHeader(k, args[1])
	case name == "addResponseHeaders" && len(args) == 1:
		m, ok := args[0].(*value.Map)
		if !ok && args[0] != nil {
			return notFound()
		}
		for k, v := range m.All() {
			if _, _, err := h.addHeader(k, v); err != nil {
				return fail(err)
			}
		}
		return found(quiet)
	}
	return notFound()
}

// addHeader adds a header to the response. One that is not allowed is left out
// and reported by an appended error.
func (h *HTTP) addHeader(name string, v any) (any, bool, error) {
	s, err := logText(v)
	if err != nil {
		return fail(err)
	}
	problem := ""
	switch lower := strings.ToLower(name); {
	case name == "":
		problem = "Response header name can't be empty."
	case v == nil:
		problem = "Response header '" + name + "' can't have a null value."
	case isRestrictedHeader(lower) || !isToken(name):
		problem = "Response header name '" + name + "' is not allowed."
	case !isFieldValue(s):
		problem = "Response header '" + name + "' has a value that is not allowed."
	case h.env.Effects != nil && !h.env.Effects.addHeader(name, s):
		problem = "Custom response headers can't exceed 4 KB in size."
	}
	if problem != "" {
		if err := (*Util)(h).append(AppendedError{Message: problem, Type: typeResponseHeader}); err != nil {
			return fail(err)
		}
	}
	return found(quiet)
}

// isHopHeader names the headers that copyHeaders leaves out.
func isHopHeader(lower string) bool {
	switch lower {
	case "transfer-encoding", "connection", "host", "expect", "keep-alive", "upgrade",
		"proxy-authenticate", "proxy-authorization", "te", "content-length":
		return true
	}
	return false
}

// isRestrictedHeader names the headers that a template may not answer.
func isRestrictedHeader(lower string) bool {
	if isHopHeader(lower) || strings.HasPrefix(lower, "x-amzn-") || strings.HasPrefix(lower, "x-amz-") {
		return true
	}
	switch lower {
	case "access-control-allow-credentials", "access-control-allow-origin",
		"access-control-expose-headers", "access-control-max-age",
		"access-control-allow-methods", "access-control-allow-headers",
		"vary", "content-type":
		return true
	}
	return false
}

// isToken says whether s can be a header name in HTTP.
func isToken(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`"(),/:;<=>?@[\]{}`, c) >= 0 {
			return false
		}
	}
	return true
}

// isFieldValue says whether s can be the value of a header in HTTP.
func isFieldValue(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}
