package sigv4

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Request is what a signature is about.
type Request struct {
	Method string
	// Path is escaped as it was sent; empty is the root.
	Path  string
	Query url.Values
	// Host is the value of the host header, which Header need not have.
	Host   string
	Header http.Header
	// ContentLength is that of the header of this name, which servers take out of
	// Header; negative when there was none.
	ContentLength int64
	Body          []byte
}

// RequestOf returns what is signed of a request that a server has received and
// whose body it has read.
func RequestOf(r *http.Request, body []byte) *Request {
	return &Request{
		Method:        r.Method,
		Path:          r.URL.EscapedPath(),
		Query:         r.URL.Query(),
		Host:          r.Host,
		Header:        r.Header,
		ContentLength: r.ContentLength,
		Body:          body,
	}
}

// values returns what a header has been sent with.
func (r *Request) values(name string) []string {
	switch name {
	case "host":
		if r.Host != "" {
			return []string{r.Host}
		}
	case "content-length":
		if values := r.Header.Values(name); len(values) > 0 {
			return values
		}
		if r.ContentLength >= 0 {
			return []string{strconv.FormatInt(r.ContentLength, 10)}
		}
	}
	return r.Header.Values(name)
}

// canonical returns the text whose hash is signed. names are those of the signed
// headers.
//
// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#create-canonical-request
func (r *Request) canonical(names []string, presigned bool) string {
	var b strings.Builder
	path := r.Path
	if path == "" {
		path = "/"
	}
	b.WriteString(r.Method + "\n" + path + "\n")
	var pairs []string
	for name, all := range r.Query {
		if presigned && name == "X-Amz-Signature" {
			continue
		}
		for _, v := range all {
			pairs = append(pairs, escape(name)+"="+escape(v))
		}
	}
	slices.Sort(pairs)
	b.WriteString(strings.Join(pairs, "&") + "\n")
	for _, name := range names {
		name = strings.ToLower(name)
		values := r.values(name)
		trimmed := make([]string, len(values))
		for i, v := range values {
			trimmed[i] = strings.Join(strings.Fields(v), " ")
		}
		b.WriteString(name + ":" + strings.Join(trimmed, ",") + "\n")
	}
	b.WriteString("\n" + strings.ToLower(strings.Join(names, ";")) + "\n")
	payload := r.Header.Get("X-Amz-Content-Sha256")
	if payload != "UNSIGNED-PAYLOAD" {
		payload = hash(r.Body)
	}
	b.WriteString(payload)
	return b.String()
}

// escape is the URI encoding of signatures: all but unreserved characters.
func escape(s string) string { return uriEncoding.Replace(url.QueryEscape(s)) }

var uriEncoding = strings.NewReplacer("+", "%20", "%7E", "~")

func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
