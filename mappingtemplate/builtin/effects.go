package builtin

import (
	"fmt"
	"strings"

	"appsync-emulator/mappingtemplate/value"
)

// AppendedError is an error that a template added to the response without
// ending the resolver. An empty Type is written as null.
type AppendedError struct {
	Message string
	Type    string
	Data    any
	Info    any
}

// Header is a header for the HTTP response.
type Header struct {
	Name  string
	Value string
}

// Invalidation ends the subscriptions of a field whose invalidation filter
// matches the payload.
type Invalidation struct {
	SubscriptionField string
	Payload           *value.Map
}

// Eviction drops one entry of the server-side cache: the one of the resolver of
// Type.Field whose caching keys have the given values.
type Eviction struct {
	Type  string
	Field string
	Keys  *value.Map
}

// MaxInvalidations is how many distinct subscription invalidations one request
// may ask for.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/extensions.html
const MaxInvalidations = 5

// ErrTooManyInvalidations ends the resolver that asks for one more. That this is
// an error of GraphQL is documented on the page above, its words are not.
var ErrTooManyInvalidations = fmt.Errorf("invalidateSubscriptions: a request can have at most %d different invalidations", MaxInvalidations)

// AppendInvalidation appends an invalidation unless it repeats one in the list.
func AppendInvalidation(list []Invalidation, inv Invalidation) []Invalidation {
	for _, other := range list {
		if other.SubscriptionField == inv.SubscriptionField && value.Equals(other.Payload, inv.Payload) {
			return list
		}
	}
	return append(list, inv)
}

// maxHeaderBytes bounds the names and values of all custom response headers.
const maxHeaderBytes = 4 << 10

// Effects collects what the templates of one resolver execution do beyond their
// results. The zero Effects is ready to use. It is not safe for concurrent use:
// give every resolver execution its own.
type Effects struct {
	// Errors are the appended errors in order.
	Errors []AppendedError
	// Headers are the custom response headers; a name appears once, with its
	// last value.
	Headers []Header
	// SubscriptionFilter replaces the match on the subscription's arguments;
	// nil when the template set none.
	SubscriptionFilter *value.Map
	// InvalidationFilter selects the invalidations that end the subscription;
	// nil when the template set none.
	InvalidationFilter *value.Map
	Invalidations      []Invalidation
	Evictions          []Eviction

	headerBytes int
	errorBytes  int
}

// maxErrorBytes bounds the text of all appended errors, like that of a
// template's output.
const maxErrorBytes = 5 << 20

// addError stores an appended error, or says that there are too many.
func (e *Effects) addError(a AppendedError) error {
	size := 64 + len(a.Message) + len(a.Type)
	for _, v := range []any{a.Data, a.Info} {
		n, err := minimumSize(v)
		if err != nil {
			return err
		}
		size += n
	}
	if e.errorBytes += size; e.errorBytes > maxErrorBytes {
		return errTooLarge
	}
	e.Errors = append(e.Errors, a)
	return nil
}

// addHeader stores a header, or says that it would exceed the size allowed.
// Every definition counts, also one that a later definition replaces.
func (e *Effects) addHeader(name, text string) bool {
	if e.headerBytes+len(name)+len(text) > maxHeaderBytes {
		return false
	}
	e.headerBytes += len(name) + len(text)
	for i := range e.Headers {
		if strings.EqualFold(e.Headers[i].Name, name) {
			e.Headers[i] = Header{Name: name, Value: text}
			return true
		}
	}
	e.Headers = append(e.Headers, Header{Name: name, Value: text})
	return true
}
