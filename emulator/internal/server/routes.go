package server

import (
	"html"
	"net/http"
	"strings"

	"github.com/gorilla/websocket"
)

// route finds the handler of a request.
func (x *exchange) route() {
	path := x.r.URL.Path
	if f := x.faults(); f != nil && disturbable(path) && !x.admitted(f) {
		return
	}
	switch {
	case strings.HasPrefix(path, adminPrefix) && path != healthPath:
		x.admin()
		return
	case x.r.Method == http.MethodOptions && path == "/":
		x.rootPreflight()
		return
	case x.r.Method == http.MethodOptions:
		x.preflight(headerMethods)
		return
	}
	switch path {
	case "/graphql":
		x.graphqlOrUpgrade(x.mainAPI())
	case "/graphql/realtime":
		x.realtime(x.mainAPI())
	case healthPath:
		x.health()
	case "/":
		if x.r.Method == http.MethodPost {
			x.dynamoDB()
			return
		}
		x.startPage()
	case evaluateTemplatePath:
		x.evaluateTemplate()
	default:
		x.apiRoute(path)
	}
}

// apiRoute serves /apis/{apiId}/graphql and /apis/{apiId}/graphql/realtime.
func (x *exchange) apiRoute(path string) {
	rest, ok := strings.CutPrefix(path, "/apis/")
	if !ok {
		x.unknownOperation()
		return
	}
	id, rest, _ := strings.Cut(rest, "/")
	var api *API
	if set := x.server.apis.Load(); set != nil {
		api = set.byID[id]
	}
	switch rest {
	case "graphql":
		x.graphqlOrUpgrade(api)
	case "graphql/realtime":
		x.realtime(api)
	default:
		x.unknownOperation()
	}
}

func (x *exchange) mainAPI() *API {
	if set := x.server.apis.Load(); set != nil {
		return set.main
	}
	return nil
}

// graphqlOrUpgrade serves an endpoint that raw WebSocket clients use as well,
// since they keep the path of the endpoint.
func (x *exchange) graphqlOrUpgrade(api *API) {
	switch {
	case api == nil:
		x.unknownOperation()
	case x.r.Method == http.MethodPost:
		x.graphql(api)
	case x.r.Method != http.MethodGet:
		x.unknownOperation()
	case websocket.IsWebSocketUpgrade(x.r):
		x.realtime(api)
	default:
		x.graphql(api)
	}
}

func (x *exchange) realtime(api *API) {
	if api == nil || api.Realtime == nil || x.r.Method != http.MethodGet {
		x.unknownOperation()
		return
	}
	x.status = http.StatusSwitchingProtocols
	if !websocket.IsWebSocketUpgrade(x.r) {
		x.status = http.StatusBadRequest
	}
	// net/http takes the Host header out; it is part of what clients sign whose
	// credentials are ordinary headers.
	x.r.Header["Host"] = []string{x.r.Host}
	api.Realtime.ServeHTTP(x.w, x.r)
}

// preflight admits every origin and header. The echo matters: a wildcard does
// not cover the Authorization header.
func (x *exchange) preflight(methods []string) {
	h := x.w.Header()
	h["access-control-allow-methods"] = methods
	if wanted := x.r.Header["Access-Control-Request-Headers"]; len(wanted) > 0 {
		h["access-control-allow-headers"] = wanted
	}
	h["Content-Length"] = []string{"0"}
	x.status = http.StatusOK
	x.w.WriteHeader(http.StatusOK)
}

// unknownOperation is the answer to any path that is not served.
//
// Recorded: aws/aws-sdk-go#3689 (body), mkrn/node-query-appsync#1.
func (x *exchange) unknownOperation() {
	x.write(http.StatusNotFound, headerJSON,
		[]byte(`{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}`))
}

func (x *exchange) readOnly() bool {
	return x.r.Method == http.MethodGet || x.r.Method == http.MethodHead
}

// health answers 200 once requests are served.
func (x *exchange) health() {
	switch {
	case !x.readOnly():
		x.unknownOperation()
	case x.server.apis.Load() == nil:
		x.write(http.StatusServiceUnavailable, headerJSON, []byte(`{"status":"starting"}`))
	default:
		x.write(http.StatusOK, headerJSON, []byte(`{"status":"ok"}`))
	}
}

// startPage says what is listening here, to browsers and to curl.
func (x *exchange) startPage() {
	if !x.readOnly() {
		x.unknownOperation()
		return
	}
	host := x.r.Host
	lines := [][2]string{
		{"GraphQL", "http://" + host + "/graphql"},
		{"Real time", "ws://" + host + "/graphql/realtime"},
		{"Health", "http://" + host + "/_emulator/health"},
	}
	if x.server.opt.Admin != nil {
		lines = append(lines, [2]string{"Tables", "http://" + host + adminPrefix + "tables"})
	}
	title := strings.TrimSpace("appsync-emulator " + x.server.opt.Version)
	const about = "AWS AppSync on this machine. HTTP and TLS share the port: https and wss work as well."
	var b strings.Builder
	if !strings.Contains(x.r.Header.Get("Accept"), "text/html") {
		b.WriteString(title + "\n" + about + "\n\n")
		for _, l := range lines {
			b.WriteString(l[0] + strings.Repeat(" ", 12-len(l[0])) + l[1] + "\n")
		}
		x.write(http.StatusOK, []string{"text/plain; charset=utf-8"}, []byte(b.String()))
		return
	}
	b.WriteString("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>" + html.EscapeString(title) +
		"</title>\n<style>body{font:16px/1.5 system-ui;margin:4em auto;max-width:40em}dt{font-weight:600}</style>\n<h1>" +
		html.EscapeString(title) + "</h1>\n<p>" + about + "</p>\n<dl>\n")
	for _, l := range lines {
		b.WriteString("<dt>" + l[0] + "</dt><dd><code>" + html.EscapeString(l[1]) + "</code></dd>\n")
	}
	b.WriteString("</dl>\n</html>\n")
	x.write(http.StatusOK, []string{"text/html; charset=utf-8"}, []byte(b.String()))
}
