package lambda

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// Endpoint is where functions run.
type Endpoint struct {
	// URL is that of a server which speaks Lambda's Invoke API. For a single
	// function it may be the whole URL of its invocations.
	URL string
	// Timeout is how long a function may take; 0 leaves that to the caller's
	// context.
	Timeout time.Duration
	// Origin is what set the endpoint, for messages: a flag or a place of the
	// project.
	Origin string
}

// The parts of the URL of an invocation.
//
// See: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
const (
	functionsPath   = "/2015-03-31/functions/"
	invocationsPath = "/invocations"
)

// genericName is the one name that the runtime interface emulator of container
// images serves its function by.
//
// See: https://github.com/aws/aws-lambda-runtime-interface-emulator
const genericName = "function"

// CheckURL tells what is wrong with the URL of an endpoint.
func CheckURL(text string) error {
	u, err := url.Parse(text)
	if err != nil {
		var parse *url.Error
		if errors.As(err, &parse) {
			err = parse.Err // without the URL, which may hold a password
		}
		return fmt.Errorf("this is no URL: %w", err)
	}
	switch {
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.Hostname() == "":
		return errors.New("a URL must begin with http://HOST or https://HOST")
	case u.User != nil:
		return errors.New("a URL must not hold a user or password: requests are not signed in")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return errors.New("a URL must not hold a query or fragment")
	}
	return nil
}

// endpoint is an Endpoint at work.
type endpoint struct {
	base    string
	timeout time.Duration
	origin  string
	// whole tells that base is the URL of the invocations of one function.
	whole bool
	// single tells that the endpoint was given for one function, which may then be
	// known there by genericName.
	single bool
	// generic remembers that it is.
	generic atomic.Bool
}

func newEndpoint(in Endpoint, single bool) (*endpoint, error) {
	if err := CheckURL(in.URL); err != nil {
		return nil, err
	}
	e := &endpoint{
		base:    strings.TrimRight(in.URL, "/"),
		timeout: in.Timeout,
		origin:  in.Origin,
		single:  single,
	}
	e.whole = strings.Contains(e.base, functionsPath) && strings.HasSuffix(e.base, invocationsPath)
	if e.whole && !single {
		return nil, errors.New("a URL for all functions must end before " + functionsPath)
	}
	return e, nil
}

// names returns the names to ask for a function by, in order.
func (e *endpoint) names(name string) []string {
	switch {
	case !e.single || e.whole || name == genericName:
		return []string{name}
	case e.generic.Load():
		return []string{genericName, name}
	}
	return []string{name, genericName}
}

// invocations is the URL that a function is invoked at.
func (e *endpoint) invocations(name, qualifier string) string {
	out := e.base
	if !e.whole {
		out += functionsPath + url.PathEscape(name) + invocationsPath
	}
	if qualifier != "" {
		out += "?Qualifier=" + url.QueryEscape(qualifier)
	}
	return out
}
