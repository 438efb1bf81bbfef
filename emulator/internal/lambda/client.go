package lambda

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"
)

// The largest payloads that Lambda takes, in bytes.
//
// See: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const (
	maxPayload      = 6 << 20
	maxEventPayload = 1 << 20
	// maxAnswer has a hundred bytes more, as Lambda's message about it tells.
	maxAnswer = maxPayload + 100
)

// Options says where functions run. The zero value knows none.
type Options struct {
	// Endpoint serves every function that Functions does not name; nil for none.
	Endpoint *Endpoint
	// Functions are the endpoints of single functions by name or ARN, with or
	// without a version or alias. An entry without a URL is served by Endpoint, in
	// the time of its own.
	Functions map[string]Endpoint
	// Log receives a line for each invocation, at level debug, and for each that
	// failed. Payloads are not logged. Nil logs nothing.
	Log *slog.Logger
}

// Client invokes functions over HTTP. It is safe for concurrent use.
type Client struct {
	shared    *endpoint // nil when there is none
	functions map[string]*endpoint
	http      *http.Client
	log       *slog.Logger
}

// New returns a client. The error tells which endpoint cannot be used.
func New(opt Options) (*Client, error) {
	c := &Client{
		functions: map[string]*endpoint{},
		log:       opt.Log,
		http: &http.Client{
			// Without the proxies of the environment: the functions are local.
			Transport: &http.Transport{
				MaxIdleConnsPerHost: 64,
				IdleConnTimeout:     time.Minute,
			},
			// Lambda does not redirect, and an event is for nobody else.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	var err error
	if opt.Endpoint != nil {
		if c.shared, err = newEndpoint(*opt.Endpoint, false); err != nil {
			return nil, fmt.Errorf("%s: %w", originOr(opt.Endpoint.Origin, "the endpoint of Lambda functions"), err)
		}
	}
	for function, in := range opt.Functions {
		name, err := Canonical(function)
		if err != nil {
			return nil, err
		}
		if c.functions[name] != nil {
			return nil, fmt.Errorf("Lambda function %s has two endpoints", name)
		}
		single := in.URL != ""
		if !single {
			if opt.Endpoint == nil {
				continue
			}
			in.URL, in.Origin = opt.Endpoint.URL, opt.Endpoint.Origin
		}
		e, err := newEndpoint(in, single)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", originOr(in.Origin, "the endpoint of Lambda function "+function), err)
		}
		c.functions[name] = e
	}
	return c, nil
}

func originOr(origin, otherwise string) string {
	if origin == "" {
		return otherwise
	}
	return origin
}

// Close releases the connections that are kept open. Invocations that go on are
// not disturbed.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// endpoint returns where a function runs, nil when nothing is configured for it.
func (c *Client) endpoint(name, qualifier string) *endpoint {
	if e := c.functions[key(name, qualifier)]; e != nil {
		return e
	}
	if e := c.functions[name]; e != nil {
		return e
	}
	return c.shared
}

// Invoke implements Invoker.
func (c *Client) Invoke(ctx context.Context, in Invocation) (*Result, error) {
	name, qualifier, err := ParseName(in.Function)
	if err != nil {
		return nil, err
	}
	e := c.endpoint(name, qualifier)
	if e == nil {
		return nil, &Error{Function: name, Err: ErrNotConfigured}
	}
	if in.Type == "" {
		in.Type = RequestResponse
	}
	if limit := payloadLimit(in.Type); len(in.Payload) > limit {
		return nil, &Error{
			Function: name, Code: CodeTooLarge, Status: http.StatusRequestEntityTooLarge,
			Message: fmt.Sprintf("%d byte payload is too large for the %s invocation type (limit %d bytes)",
				len(in.Payload), in.Type, limit),
		}
	}
	if e.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, e.timeout, ErrTimeout)
		defer cancel()
	}
	start := time.Now()
	result, err := c.invoke(ctx, e, name, qualifier, &in)
	took := time.Since(start).Round(time.Microsecond)
	switch {
	case err != nil:
		c.log.Warn("a Lambda function could not be invoked", "function", name, "url", e.base, "took", took, "error", err)
		return nil, err
	case result.FunctionError != nil:
		c.log.Warn("a Lambda function failed", "function", name, "url", e.base, "took", took,
			"type", result.FunctionError.Type, "error", result.FunctionError.Message)
	default:
		c.log.Debug("a Lambda function was invoked", "function", name, "url", e.base, "took", took, "status", result.Status)
	}
	return result, nil
}

func payloadLimit(t InvocationType) int {
	if t == Event {
		return maxEventPayload
	}
	return maxPayload
}

// invoke asks for a function by the names that it may have at its endpoint. That
// there is no such path or function means that nothing has run.
func (c *Client) invoke(ctx context.Context, e *endpoint, name, qualifier string, in *Invocation) (*Result, error) {
	names := e.names(name)
	var missing error
	for i, asked := range names {
		result, err := c.qualified(ctx, e, name, asked, qualifier, in)
		if status, lambda := notFound(err); status {
			// A server that knows Lambda's exceptions knows functions by their names.
			if i+1 < len(names) && (!lambda || asked != name) {
				if asked == name {
					missing = err
				}
				continue
			}
			if missing != nil && asked != name {
				err = missing
			}
			return nil, err
		}
		if err == nil && e.single {
			e.generic.Store(asked != name)
		}
		return result, err
	}
	return nil, missing
}

// notFound reports whether a server answered 404, and whether it did so as
// Lambda does.
func notFound(err error) (status, lambda bool) {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Status != http.StatusNotFound {
		return false, false
	}
	return true, e.Code == CodeNotFound
}

// qualified sends the version or alias along, to servers that take it: AWS SAM
// has no versions and refuses every query.
func (c *Client) qualified(ctx context.Context, e *endpoint, name, asked, qualifier string, in *Invocation) (*Result, error) {
	result, err := c.send(ctx, e, name, e.invocations(asked, qualifier), in)
	if refused, ok := errors.AsType[*Error](err); ok && qualifier != "" && refused.Code == CodeInvalidContent {
		return c.send(ctx, e, name, e.invocations(asked, ""), in)
	}
	return result, err
}

// send makes one request.
func (c *Client) send(ctx context.Context, e *endpoint, name, to string, in *Invocation) (*Result, error) {
	fail := func(why, err error) error {
		out := &Error{Function: name, URL: e.base, Origin: e.origin}
		switch {
		case errors.Is(context.Cause(ctx), ErrTimeout):
			out.Err, out.Message = ErrTimeout, "it has "+e.timeout.String()
		case ctx.Err() != nil:
			out.Err = ctx.Err()
		default:
			out.Err, out.Message = why, reason(err)
		}
		return out
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(in.Payload))
	if err != nil {
		return nil, fail(ErrUnreachable, err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "appsync-emulator")
	req.Header.Set(headerInvocationType, string(in.Type))
	if in.Tail {
		req.Header.Set(headerLogType, "Tail")
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, fail(ErrUnreachable, err)
	}
	defer res.Body.Close()
	body, err := readAnswer(res.Body)
	if err != nil {
		return nil, fail(ErrAnswer, err)
	}
	result, err := understand(res, body, name, in.Type)
	if answer, ok := errors.AsType[*Error](err); ok {
		answer.URL, answer.Origin = e.base, e.origin
	}
	return result, err
}

// reason is why a request failed, without its URL.
func reason(err error) string {
	var failed *url.Error
	if errors.As(err, &failed) {
		err = failed.Err
	}
	return err.Error()
}
