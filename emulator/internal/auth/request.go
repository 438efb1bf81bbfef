package auth

import (
	"net/http"

	"appsync-emulator/mappingtemplate/value"
)

// Kind tells what a request asks for.
type Kind uint8

const (
	// HTTP is a GraphQL request over HTTP.
	HTTP Kind = iota
	// Connect opens a real-time connection.
	Connect
	// Start starts a subscription on one.
	Start
)

// Request is what is known of a request when its caller is to be found.
type Request struct {
	Kind Kind
	// Header holds the credentials: the headers of an HTTP request, or what a
	// real-time client sends in their place.
	Header http.Header
	// HTTP is the request itself of kind HTTP.
	HTTP *http.Request
	// Body is what the client signs: an HTTP request's body, a start message's data.
	Body string
	// SourceIP is $ctx.identity.sourceIp.
	SourceIP []string
	// ID identifies the request, for Lambda authorizers.
	ID string

	// Query, OperationName and Variables are the GraphQL request; empty for Connect.
	Query         string
	OperationName string
	Variables     *value.Map
}

func (r *Request) sourceIP() *value.List {
	items := make([]any, len(r.SourceIP))
	for i, ip := range r.SourceIP {
		items[i] = ip
	}
	return value.NewList(items...)
}
