package apierror

import "appsync-emulator/mappingtemplate/value"

// Shape is one of the recorded forms of an error object; it decides which keys
// are written, in which order.
type Shape uint8

const (
	// Resolver is the form of resolver and authorization errors: path, data,
	// errorType, errorInfo, locations, message.
	Resolver Shape = iota
	// Request is the form of validation, variable and completion errors: path,
	// locations, message.
	Request
	// Bare holds the message, and errorType and path when they are set.
	Bare
)

// Location is a place in the query text, counted from 1.
type Location struct {
	Line   int
	Column int
}

// Error is one entry of "errors" in a response.
type Error struct {
	Shape     Shape
	Message   string
	Type      string     // errorType; empty is written as null in the Resolver form
	Code      int        // errorCode of a refused subscription; not written by AppendJSON
	Path      *Path      // nil is written as null
	Locations []Location // nil is written as null
	Data      any        // Resolver form only
	Info      any        // Resolver form only
}

func (e *Error) Error() string {
	if e.Type != "" {
		return e.Type + ": " + e.Message
	}
	return e.Message
}

// Path is the response path of a field, as a list linked from the leaf to the
// root so that descending costs one small allocation. An element is a response
// key, or an index when Key is empty.
type Path struct {
	Parent *Path
	Key    string
	Index  int
}

// Child returns the path of a field below p.
func (p *Path) Child(key string) *Path { return &Path{Parent: p, Key: key} }

// At returns the path of a list element below p.
func (p *Path) At(index int) *Path { return &Path{Parent: p, Index: index} }

// Elements returns the path from the root: strings and int32 indexes.
func (p *Path) Elements() []any {
	n := 0
	for q := p; q != nil; q = q.Parent {
		n++
	}
	out := make([]any, n)
	for q := p; q != nil; q = q.Parent {
		n--
		if q.Key != "" {
			out[n] = q.Key
		} else {
			out[n] = int32(q.Index)
		}
	}
	return out
}

// String writes the path as AppSync's messages do: /posts/items[0]/id.
func (p *Path) String() string { return string(p.append(nil)) }

func (p *Path) append(dst []byte) []byte {
	if p == nil {
		return dst
	}
	dst = p.Parent.append(dst)
	if p.Key != "" {
		return append(append(dst, '/'), p.Key...)
	}
	dst = append(dst, '[')
	dst = value.AppendString(dst, int32(p.Index))
	return append(dst, ']')
}

// AppendJSON appends the error in the key order that AppSync writes.
//
// Recorded: amplify-category-api#2422 (Resolver), aws-appsync-community#273
// (Request), amplify-category-api#1338 (Bare).
func (e *Error) AppendJSON(dst []byte) []byte {
	if e.Shape == Bare {
		dst = append(dst, '{')
		if e.Type != "" {
			dst = append(dst, `"errorType":`...)
			dst = value.AppendJSONString(dst, e.Type)
			dst = append(dst, ',')
		}
		dst = append(dst, `"message":`...)
		dst = value.AppendJSONString(dst, e.Message)
		if e.Path != nil {
			dst = append(dst, `,"path":`...)
			dst = e.appendPath(dst)
		}
		return append(dst, '}')
	}
	dst = append(dst, `{"path":`...)
	dst = e.appendPath(dst)
	if e.Shape == Resolver {
		dst = append(dst, `,"data":`...)
		dst = value.AppendJSON(dst, e.Data)
		dst = append(dst, `,"errorType":`...)
		if e.Type == "" {
			dst = append(dst, "null"...)
		} else {
			dst = value.AppendJSONString(dst, e.Type)
		}
		dst = append(dst, `,"errorInfo":`...)
		dst = value.AppendJSON(dst, e.Info)
	}
	dst = append(dst, `,"locations":`...)
	if e.Locations == nil {
		dst = append(dst, "null"...)
	} else {
		dst = append(dst, '[')
		for i, l := range e.Locations {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(dst, `{"line":`...)
			dst = value.AppendString(dst, int32(l.Line))
			dst = append(dst, `,"column":`...)
			dst = value.AppendString(dst, int32(l.Column))
			dst = append(dst, `,"sourceName":null}`...)
		}
		dst = append(dst, ']')
	}
	dst = append(dst, `,"message":`...)
	dst = value.AppendJSONString(dst, e.Message)
	return append(dst, '}')
}

func (e *Error) appendPath(dst []byte) []byte {
	if e.Path == nil {
		return append(dst, "null"...)
	}
	dst = append(dst, '[')
	for i, el := range e.Path.Elements() {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = value.AppendJSON(dst, el)
	}
	return append(dst, ']')
}
