package exec

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"

	"appsync-emulator/emulator/internal/apierror"
	"appsync-emulator/emulator/internal/plan"
	"appsync-emulator/emulator/internal/schema"
	"appsync-emulator/mappingtemplate/value"
)

// FieldResolver produces the value of a field that has a resolver. It may be
// called from several goroutines at once.
type FieldResolver interface {
	Resolve(ctx context.Context, call *Call) Outcome
}

// Call is one invocation of a resolver.
type Call struct {
	Field *plan.Field
	// Parent is the object type that the field is selected on.
	Parent *schema.Type
	Vars   *plan.Variables
	// Source is the value of the parent object; nil at the roots.
	Source any
	// Env is Request.Env.
	Env any
}

// Outcome is what a resolver answers. A failed resolver has a nil Value and at
// least one error; errors beside a value are those of $util.appendError. The
// executor fills in the errors' paths and locations, and cuts their data to
// the selection.
type Outcome struct {
	Value  any
	Errors []*apierror.Error
}

// DefaultResolverLimit is the number of resolvers that AppSync runs for one
// request at most.
//
// See: https://docs.aws.amazon.com/general/latest/gr/appsync.html
const DefaultResolverLimit = 10000

// Request is one execution of a plan.
type Request struct {
	Schema *schema.Schema
	Plan   *plan.Plan
	Vars   *plan.Variables
	// Root is the source of the root fields; nil for operations of clients.
	Root any
	// Resolvers holds the resolver of each field by Field.Index; nil runs none
	// and reads every field from its parent's value.
	Resolvers []FieldResolver
	// Denied reports whether the caller may not read a field; nil allows all.
	Denied func(*schema.Field) bool
	// Env is handed to the resolvers as it is.
	Env any
	// DepthLimit is the deepest level of fields that is executed, 0 for any.
	DepthLimit int
	// ResolverLimit bounds the resolvers run; 0 means DefaultResolverLimit.
	ResolverLimit int
	// Shape is the form of completion errors.
	Shape apierror.Shape
	// Interested and Published make mutations visible to subscribers: when
	// Interested reports true for a root mutation field, Published gets the
	// field's completed value, maps keyed by field names, once the field is done
	// and before the next one starts. Both may be nil.
	Interested func(mutation string) bool
	Published  func(mutation string, event any)
	// Panicked is told of a panic in a resolver, on the goroutine that panicked;
	// the field fails with InternalFailure. Nil ignores it.
	Panicked func(v any)
}

// Execute runs the request and appends the response object,
// {"data":...,"errors":[...]}, to dst.
func Execute(ctx context.Context, req *Request, dst []byte) []byte {
	dst, errs := Run(ctx, req, append(dst, `{"data":`...))
	if len(errs) > 0 {
		dst = append(dst, `,"errors":`...)
		dst = appendErrorList(dst, errs)
	}
	return append(dst, '}')
}

// Run runs the request, appends the data alone to dst and returns the errors in
// the order of the selection.
func Run(ctx context.Context, req *Request, dst []byte) ([]byte, []*apierror.Error) {
	e := &execution{req: req, ctx: ctx}
	e.limit = int64(req.ResolverLimit)
	if e.limit <= 0 {
		e.limit = DefaultResolverLimit
	}
	w := writer{execution: e, dst: dst}
	w.root()
	return w.dst, w.errors
}

// AppendErrors appends a response that has no data but errors alone.
func AppendErrors(dst []byte, errs []*apierror.Error) []byte {
	dst = append(dst, `{"data":null,"errors":`...)
	return append(appendErrorList(dst, errs), '}')
}

func appendErrorList(dst []byte, errs []*apierror.Error) []byte {
	dst = append(dst, '[')
	for i, err := range errs {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = err.AppendJSON(dst)
	}
	return append(dst, ']')
}

// node is the state of one field between the passes.
type node struct {
	value  any
	errors []*apierror.Error
	// typ and fields are set for an object with resolvers below it: its
	// concrete type and one node for each of the plan's fields.
	typ    *schema.Type
	fields []node
	// items is set for a list with resolvers below it.
	items []node
}

type execution struct {
	req     *Request
	ctx     context.Context
	wg      sync.WaitGroup
	limit   int64
	started atomic.Int64
}

// selection runs the resolvers of the fields of one object, together.
func (e *execution) selection(set *plan.SelectionSet, typ *schema.Type, source any) []node {
	fields := set.For(typ)
	nodes := make([]node, len(fields))
	// The last field with work runs on this goroutine: the usual single one then
	// needs no other.
	last := -1
	for i, f := range fields {
		if e.works(f) && f.Included(e.req.Vars) {
			last = i
		}
	}
	for i, f := range fields {
		switch {
		case !f.Included(e.req.Vars):
		case i < last && e.works(f):
			e.wg.Add(1)
			go func() {
				defer e.wg.Done()
				e.field(f, typ, source, &nodes[i])
			}()
		case i != last:
			e.field(f, typ, source, &nodes[i])
		}
	}
	if last >= 0 {
		e.field(fields[last], typ, source, &nodes[last])
	}
	return nodes
}

// works reports whether a resolver runs for a field or below it.
func (e *execution) works(f *plan.Field) bool {
	return e.resolved(f) || f.Selections != nil && f.Selections.Resolves
}

func (e *execution) resolved(f *plan.Field) bool {
	return f.Def.Resolved && !f.Meta && e.req.Resolvers != nil
}

// field finds the value of one field and runs the resolvers below it.
func (e *execution) field(f *plan.Field, parent *schema.Type, source any, n *node) {
	if e.refuse(f, parent, n) {
		return
	}
	if !e.resolved(f) {
		n.value = e.property(f, source)
	} else {
		e.resolve(f, parent, source, n)
	}
	if f.Selections != nil && f.Selections.Resolves && n.value != nil {
		e.descend(f.Def.Type, f, n)
	}
}

// refuse fails a field that the caller may not read or that lies too deep.
func (e *execution) refuse(f *plan.Field, parent *schema.Type, n *node) bool {
	if f.Meta {
		return false
	}
	if e.req.DepthLimit > 0 && f.Depth > e.req.DepthLimit {
		n.fail(&apierror.Error{Type: apierror.TypeDepthLimit, Message: "Query depth limit reached."})
		return true
	}
	if e.req.Denied != nil && e.req.Denied(f.Def) {
		n.fail(notAuthorized(f, parent))
		return true
	}
	return false
}

func notAuthorized(f *plan.Field, parent *schema.Type) *apierror.Error {
	return &apierror.Error{
		Type:    apierror.TypeUnauthorized,
		Message: "Not Authorized to access " + f.Def.Name + " on type " + parent.Name,
	}
}

func (n *node) fail(err *apierror.Error) {
	n.value = nil
	n.errors = append(n.errors, err)
}

func (e *execution) resolve(f *plan.Field, parent *schema.Type, source any, n *node) {
	if e.started.Add(1) > e.limit {
		n.fail(&apierror.Error{Type: apierror.TypeResolverLimit, Message: "Resolver invocation limit reached."})
		return
	}
	if e.ctx.Err() != nil {
		n.fail(timedOut())
		return
	}
	// Resolvers run on goroutines of their own, where no server would recover.
	defer func() {
		if v := recover(); v != nil {
			if e.req.Panicked != nil {
				e.req.Panicked(v)
			}
			n.errors = nil
			n.fail(&apierror.Error{Type: apierror.TypeInternalFailure, Message: "An internal failure occurred."})
		}
	}()
	out := e.req.Resolvers[f.Def.Index].Resolve(e.ctx, &Call{
		Field:  f,
		Parent: parent,
		Vars:   e.req.Vars,
		Source: source,
		Env:    e.req.Env,
	})
	n.value, n.errors = out.Value, out.Errors
}

func timedOut() *apierror.Error {
	return &apierror.Error{Type: apierror.TypeExecutionTimeout, Message: "Execution timed out."}
}

// descend runs the resolvers below a value of composite type.
func (e *execution) descend(ref *schema.TypeRef, f *plan.Field, n *node) {
	ref = ref.Nullable()
	if ref.List != nil {
		items, ok := listItems(n.value)
		if !ok {
			return // the second pass reports the mismatch
		}
		n.items = make([]node, len(items))
		for i, item := range items {
			n.items[i].value = item
		}
		for i := range n.items {
			switch {
			case n.items[i].value == nil:
			case i == len(n.items)-1:
				e.descend(ref.List, f, &n.items[i])
			default:
				e.wg.Add(1)
				go func() {
					defer e.wg.Done()
					e.descend(ref.List, f, &n.items[i])
				}()
			}
		}
		return
	}
	m, ok := n.value.(*value.Map)
	if !ok {
		return
	}
	typ := concreteType(ref.Named, m)
	if typ == nil {
		return
	}
	n.typ = typ
	n.fields = e.selection(f.Selections, typ, m)
}

func listItems(v any) ([]any, bool) {
	switch v := v.(type) {
	case *value.List:
		return v.Items, true
	case *value.Set:
		return v.Items, true
	case *value.Array:
		return v.Items, true
	}
	return nil, false
}

// concreteType returns the object type of a value, or nil when an abstract type
// cannot be resolved: the value must name it in __typename.
func concreteType(t *schema.Type, m *value.Map) *schema.Type {
	if t.Kind == schema.Object {
		return t
	}
	name, _ := m.Value("__typename").(string)
	for _, p := range t.Possible {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// property reads a field without a resolver from its parent's value.
func (e *execution) property(f *plan.Field, source any) any {
	m, ok := source.(*value.Map)
	if !ok {
		return nil
	}
	if f.Def.Parent != nil && strings.HasPrefix(f.Def.Parent.Name, "__") {
		return e.req.Schema.IntrospectionField(m, f.Def, f.Arguments(e.req.Vars))
	}
	return m.Value(f.Def.Name)
}
