package server

import (
	"net/http"
	"strings"

	"appsync-emulator/mappingtemplate/value"
)

const (
	adminPrefix = "/_emulator/"
	healthPath  = "/_emulator/health"
)

// admin serves what administers the emulator, to tools and to the web pages that
// the guard admits: CORS headers name the page, and others get none.
func (x *exchange) admin() {
	handler := x.server.opt.Admin
	x.withoutCORS()
	reason := x.server.guard.refuseHost(x.r)
	if reason == "" {
		reason = x.server.guard.refuseOrigin(x.r)
	}
	if origins := x.r.Header["Origin"]; reason == "" && len(origins) > 0 {
		h := x.w.Header()
		h["access-control-allow-origin"] = origins[:1]
		h["Vary"] = []string{"Origin"}
		if x.r.Method == http.MethodOptions {
			x.preflight(adminMethods)
			return
		}
	}
	switch {
	case reason != "":
		x.drop("administration", reason)
		body := value.AppendJSONString([]byte(`{"error":{"message":`), reason)
		x.write(http.StatusForbidden, headerJSON, append(body, "}}\n"...))
	case handler == nil:
		x.unknownOperation()
	default:
		handler.ServeHTTP(&observed{ResponseWriter: x.w, status: &x.status}, x.r)
	}
}

// dynamoDB serves DynamoDB's own protocol. The Host header may be any, as other
// containers have names of their own for this machine: a page's POST always has
// an Origin, which suffices here.
func (x *exchange) dynamoDB() {
	handler := x.server.opt.DynamoDB
	target := x.r.Header.Get("X-Amz-Target")
	if handler == nil || target == "" {
		x.unknownOperation()
		return
	}
	_, x.operation, _ = strings.Cut(target, ".")
	// The handler has a request id of its own.
	delete(x.w.Header(), "x-amzn-RequestId")
	x.withoutCORS()
	if x.refusedOrigin() {
		return
	}
	handler.ServeHTTP(&observed{ResponseWriter: x.w, status: &x.status}, x.r)
}

// rootPreflight answers what browsers ask before they use DynamoDB's protocol.
func (x *exchange) rootPreflight() {
	if x.server.opt.DynamoDB == nil {
		x.preflight(headerMethods)
		return
	}
	if !x.refusedOrigin() {
		x.preflight(headerMethods)
	}
}

// refusedOrigin refuses the request of a foreign page.
func (x *exchange) refusedOrigin() bool {
	reason := x.server.guard.refuseOrigin(x.r)
	if reason == "" {
		return false
	}
	x.drop("DynamoDB", reason)
	x.withoutCORS()
	x.w.Header()["x-amzn-ErrorType"] = []string{"AccessDeniedException"}
	body := value.AppendJSONString([]byte(`{"__type":"com.amazon.coral.service#AccessDeniedException","Message":`), reason)
	x.write(http.StatusForbidden, []string{"application/x-amz-json-1.0"}, append(body, '}'))
	return true
}

// drop tells the developer of a refusal, who may not see it in a browser.
func (x *exchange) drop(what, reason string) {
	x.server.log.Warn("refused a request that may be a web page's", "for", what, "method", x.r.Method, "path", x.r.URL.Path,
		"host", x.r.Host, "origin", x.r.Header.Get("Origin"), "reason", reason)
}

func (x *exchange) withoutCORS() {
	h := x.w.Header()
	delete(h, "access-control-allow-origin")
	delete(h, "access-control-expose-headers")
}

// observed tells the exchange which status a handler has answered with.
type observed struct {
	http.ResponseWriter
	status *int
}

func (o *observed) WriteHeader(status int) {
	if *o.status == 0 {
		*o.status = status
	}
	o.ResponseWriter.WriteHeader(status)
}

func (o *observed) Write(p []byte) (int, error) {
	if *o.status == 0 {
		*o.status = http.StatusOK
	}
	return o.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (o *observed) Unwrap() http.ResponseWriter { return o.ResponseWriter }
