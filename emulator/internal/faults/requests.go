package faults

import (
	"context"
	"net/http"

	"github.com/gorilla/websocket"

	"appsync-emulator/emulator/internal/apierror"
	"appsync-emulator/emulator/internal/exec"
	"appsync-emulator/emulator/internal/server"
)

// Arrive implements server.Faults.
func (in *Injector) Arrive(r *http.Request) (*server.Response, server.Ending) {
	handshake := websocket.IsWebSocketUpgrade(r)
	return in.admit(r.Context(), in.take(subjectOfHTTP(r), func(f *fault) bool {
		return f.Kind.lasting() || handshake && f.At == Connect && f.Kind != Close
	}))
}

// admit does what happens to a request as a whole, and returns how it is answered
// or ended; neither when it goes on.
func (in *Injector) admit(ctx context.Context, happen []happening) (*server.Response, server.Ending) {
	for _, h := range happen {
		switch h.Kind {
		case Latency:
			in.pause(ctx, h.delay, h.released)
		case Drop:
			return nil, server.Dropped
		case ResetConnection:
			return nil, server.Reset
		case Offline:
			if h.Mode == Silent {
				in.wait(ctx, nil, h.released)
			}
			return nil, server.Reset
		case HalfOpen:
			in.wait(ctx, nil, h.released)
			if h.Then == Reset {
				return nil, server.Reset
			}
		case Status:
			resp := server.Refused(h.Status, h.ErrorType, h.Message)
			return &resp, server.Answered
		}
	}
	return nil, server.Answered
}

// execution is what the resolvers of a request have to know.
type execution struct {
	injector *Injector
	subject  *subject
	fail     *fault // makes the root fields fail; nil for none
}

type executionKey struct{}

// ofField reports whether a fault is one field's alone.
func (f *fault) ofField() bool {
	return (f.Kind == Latency || f.Kind == Error) && f.Match != nil && f.Match.Field != ""
}

// Execute implements server.Faults.
func (in *Injector) Execute(ctx context.Context, req *server.Request, dst []byte,
	execute func(context.Context, *server.Request, []byte) server.Response) (resp server.Response, ending server.Ending) {
	s := subjectOf(req)
	defer func() {
		if ending != server.Answered { // Leave counts the others
			in.count(s.op)
		}
	}()
	at := func(moment At) []happening {
		return in.take(s, func(f *fault) bool {
			switch {
			case f.ofField() || f.Kind == Close:
				return false
			case f.Kind.lasting():
				return moment == Before
			case f.Kind == Error:
				return moment == Before
			}
			return f.At == moment && f.Match.selects(s.op)
		})
	}
	x := &execution{injector: in, subject: s}
	happen := at(Before)
	if n := len(happen); n > 0 && happen[n-1].Kind == Error {
		x.fail = happen[n-1].fault
		// Also when it was the last time: the resolvers have to look.
		in.active.Add(1)
		defer in.active.Add(-1)
	}
	instead, ending := in.admit(ctx, happen)
	if instead == nil && ending == server.Answered {
		resp = execute(context.WithValue(ctx, executionKey{}, x), req, dst)
		instead, ending = in.admit(ctx, at(After))
	}
	if instead != nil {
		resp = *instead
	}
	return resp, ending
}

func subjectOf(req *server.Request) *subject {
	s := &subject{header: req.Header.Get, users: usersOf(req.Identity), op: &operation{query: req.Query, name: req.OperationName}}
	if len(req.SourceIP) > 0 {
		s.ip = req.SourceIP[0]
	}
	return s
}

// Leave implements server.Faults: whoever has gone offline meanwhile gets no
// answer. What a scenario does because of this operation is for those that follow.
func (in *Injector) Leave(ctx context.Context, req *server.Request) server.Ending {
	s := subjectOf(req)
	_, ending := in.admit(ctx, in.take(s, func(f *fault) bool { return f.Kind.lasting() }))
	in.count(s.op)
	return ending
}

// Resolver returns a resolver that faults can make late or fail.
func (in *Injector) Resolver(inner exec.FieldResolver) exec.FieldResolver {
	return &resolver{injector: in, inner: inner}
}

type resolver struct {
	injector *Injector
	inner    exec.FieldResolver
}

// Resolve implements exec.FieldResolver.
func (r *resolver) Resolve(ctx context.Context, call *exec.Call) exec.Outcome {
	if !r.injector.Active() {
		return r.inner.Resolve(ctx, call)
	}
	x, ok := ctx.Value(executionKey{}).(*execution)
	if !ok { // the request came before the fault
		return r.inner.Resolve(ctx, call)
	}
	return x.resolve(ctx, call, r.inner)
}

func (x *execution) resolve(ctx context.Context, call *exec.Call, inner exec.FieldResolver) exec.Outcome {
	root := call.Field.Depth == 1
	ofThis := func(f *fault) bool {
		if !f.ofField() {
			return false
		}
		typeName, field := splitField(f.Match.Field)
		return field == call.Field.Def.Name && (typeName == call.Parent.Name || root && f.Match.selects(x.subject.op))
	}
	failed := func(f *fault) exec.Outcome {
		return exec.Outcome{Errors: []*apierror.Error{{Type: f.ErrorType, Message: f.Message}}}
	}
	fail := x.fail
	if !root {
		fail = nil
	}
	for _, h := range x.injector.take(x.subject, func(f *fault) bool { return f.At == Before && ofThis(f) }) {
		if h.Kind == Error {
			return failed(h.fault)
		}
		x.injector.pause(ctx, h.delay, h.released)
	}
	if fail != nil && fail.At == Before {
		return failed(fail)
	}
	out := inner.Resolve(ctx, call)
	for _, h := range x.injector.take(x.subject, func(f *fault) bool { return f.At == After && ofThis(f) }) {
		if h.Kind == Error {
			return failed(h.fault)
		}
		x.injector.pause(ctx, h.delay, h.released)
	}
	if fail != nil {
		return failed(fail)
	}
	return out
}

var _ server.Faults = (*Injector)(nil)
