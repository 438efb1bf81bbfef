package exec

import (
	"appsync-emulator/emulator/internal/apierror"
	"appsync-emulator/emulator/internal/plan"
	"appsync-emulator/emulator/internal/schema"
	"appsync-emulator/mappingtemplate/value"
)

// writer is the second pass: it completes values into dst.
type writer struct {
	*execution
	dst    []byte
	errors []*apierror.Error
	path   []pathElement
	// capture makes completion also build the values that were written, keyed
	// by field name, for subscribers.
	capture bool
	// climbing is set while a null that was not allowed, and has been reported,
	// makes the values around it null.
	climbing bool
}

type pathElement struct {
	key   string
	index int
}

func (w *writer) pathNow() *apierror.Path {
	var p *apierror.Path
	for _, el := range w.path {
		p = &apierror.Path{Parent: p, Key: el.key, Index: el.index}
	}
	return p
}

func (w *writer) root() {
	set := w.req.Plan.Root
	start := len(w.dst)
	var ok bool
	if w.req.Plan.Kind == plan.Mutation {
		ok = w.mutation(set)
	} else {
		var nodes []node
		if set.Resolves && w.req.Resolvers != nil {
			nodes = w.selection(set, set.Type, w.req.Root)
			w.wg.Wait()
		}
		source, _ := w.req.Root.(*value.Map)
		_, ok = w.object(set, set.Type, source, nodes)
	}
	if !ok {
		w.dst = append(w.dst[:start], "null"...)
	}
}

// mutation runs the root fields one after another, as the specification has it:
// each is resolved, completed and published before the next one starts.
func (w *writer) mutation(set *plan.SelectionSet) bool {
	ok := true
	w.dst = append(w.dst, '{')
	first := true
	for _, f := range set.For(set.Type) {
		if !f.Included(w.req.Vars) {
			continue
		}
		var n node
		if f.Meta {
			n.value = w.meta(f, set.Type)
		} else {
			w.field(f, set.Type, w.req.Root, &n)
			w.wg.Wait()
		}
		w.comma(&first)
		w.capture = !f.Meta && w.req.Interested != nil && w.req.Interested(f.Def.Name)
		captured, fieldOK := w.complete(f, set.Type, &n)
		ok = ok && fieldOK
		if w.capture {
			// A null result, failed or not, is no event.
			if captured != nil && fieldOK {
				w.req.Published(f.Def.Name, captured)
			}
			w.capture = false
		}
	}
	w.dst = append(w.dst, '}')
	return ok
}

func (w *writer) comma(first *bool) {
	if *first {
		*first = false
		return
	}
	w.dst = append(w.dst, ',')
}

// object writes the fields of one object. It reports false when a non-null
// field was null; the siblings have been completed all the same, since each
// reports its own errors.
func (w *writer) object(set *plan.SelectionSet, typ *schema.Type, source *value.Map, nodes []node) (any, bool) {
	ok := true
	var event *value.Map
	fields := set.For(typ)
	if w.capture {
		event = value.NewMap(len(fields) + 1)
		event.Set("__typename", typ.Name)
	}
	w.dst = append(w.dst, '{')
	first := true
	for i, f := range fields {
		if !f.Included(w.req.Vars) {
			continue
		}
		w.comma(&first)
		var captured any
		var fieldOK bool
		switch {
		case f.Meta:
			captured, fieldOK = w.complete(f, typ, &node{value: w.meta(f, typ)})
		case nodes != nil:
			captured, fieldOK = w.complete(f, typ, &nodes[i])
		default:
			var n node
			if !w.refuse(f, typ, &n) {
				n.value = w.property(f, source)
			}
			captured, fieldOK = w.complete(f, typ, &n)
		}
		ok = ok && fieldOK
		w.climbing = false
		if event != nil {
			event.Set(f.Def.Name, merged(event.Value(f.Def.Name), captured))
		}
	}
	w.dst = append(w.dst, '}')
	if event == nil {
		return nil, ok
	}
	return event, ok
}

// merged is what subscribers see of a field that is selected again under another
// alias: the fields of both selections.
func merged(former, captured any) any {
	switch former := former.(type) {
	case *value.Map:
		if m, ok := captured.(*value.Map); ok {
			for name, v := range m.All() {
				former.Set(name, merged(former.Value(name), v))
			}
			return former
		}
	case *value.List:
		if list, ok := captured.(*value.List); ok && len(list.Items) == len(former.Items) {
			for i, v := range list.Items {
				former.Items[i] = merged(former.Items[i], v)
			}
			return former
		}
	}
	return captured
}

// meta returns the value of __typename, __schema or __type.
func (w *writer) meta(f *plan.Field, typ *schema.Type) any {
	switch f.Def.Name {
	case "__typename":
		return typ.Name
	case "__schema":
		return w.req.Schema.SchemaValue()
	default:
		name, _ := f.Arguments(w.req.Vars).Value("name").(string)
		if m := w.req.Schema.TypeValue(name); m != nil {
			return m
		}
		return nil
	}
}

// complete writes one field of an object: its key, its value, its errors.
func (w *writer) complete(f *plan.Field, parent *schema.Type, n *node) (any, bool) {
	w.dst = value.AppendJSONString(w.dst, f.Key)
	w.dst = append(w.dst, ':')
	w.path = append(w.path, pathElement{key: f.Key})
	for _, err := range n.errors {
		w.report(f, err)
	}
	captured, ok := w.typed(f.Def.Type, f, parent, n)
	w.path = w.path[:len(w.path)-1]
	return captured, ok
}

// report adds a resolver's error with its place.
func (w *writer) report(f *plan.Field, err *apierror.Error) {
	placed := *err
	placed.Path = w.pathNow()
	placed.Shape = apierror.Resolver
	if w.req.Shape == apierror.Bare {
		placed.Shape = apierror.Bare
	}
	placed.Locations = []apierror.Location{f.Location}
	if placed.Data != nil && f.Selections != nil {
		placed.Data = w.cut(f.Def.Type, f.Selections, placed.Data)
	}
	w.errors = append(w.errors, &placed)
}

// cut reduces the data of an error to what the field selects.
func (w *writer) cut(ref *schema.TypeRef, set *plan.SelectionSet, data any) any {
	ref = ref.Nullable()
	if ref.List != nil {
		items, ok := listItems(data)
		if !ok {
			return nil
		}
		out := &value.List{Items: make([]any, len(items))}
		for i, item := range items {
			out.Items[i] = w.cut(ref.List, set, item)
		}
		return out
	}
	m, ok := data.(*value.Map)
	if !ok {
		return nil
	}
	typ := concreteType(ref.Named, m)
	if typ == nil {
		return nil
	}
	fields := set.For(typ)
	out := value.NewMap(len(fields))
	for _, f := range fields {
		switch {
		case !f.Included(w.req.Vars):
		case f.Meta:
			out.Set(f.Key, typ.Name)
		case f.Selections != nil:
			out.Set(f.Key, w.cut(f.Def.Type, f.Selections, m.Value(f.Def.Name)))
		default:
			out.Set(f.Key, m.Value(f.Def.Name))
		}
	}
	return out
}

// fail reports a completion error at the current path.
func (w *writer) fail(message string) {
	shape := apierror.Request
	if w.req.Shape == apierror.Bare {
		shape = apierror.Bare
	}
	w.errors = append(w.errors, &apierror.Error{Shape: shape, Message: message, Path: w.pathNow()})
}

// typed writes a value of the given type. It reports false when the value is
// null and the type is not: the caller then makes its own value null. The bytes
// written in that case are of no use.
func (w *writer) typed(ref *schema.TypeRef, f *plan.Field, parent *schema.Type, n *node) (any, bool) {
	if ref.NonNull == nil {
		captured := w.nullable(ref, f, parent, n)
		w.climbing = false
		return captured, true
	}
	start := len(w.dst)
	captured := w.nullable(ref.NonNull, f, parent, n)
	if !isNull(w.dst[start:]) {
		return captured, true
	}
	// graphql-java 9 reports the innermost null that was not allowed, once, and
	// only where nothing else has been reported: a field that was refused has the
	// refusal alone. Recorded: aws/aws-appsync-community#266.
	if !w.climbing && !w.reportedHere() {
		w.fail("Cannot return null for non-nullable type: '" + typeName(ref.NonNull) + "' within parent '" +
			parent.Name + "' (" + w.pathNow().String() + ")")
	}
	w.climbing = true
	return nil, false
}

// reportedHere reports whether there is an error at the current path already. A
// value whose completion has just ended in null without a null climbing up to it
// has no errors below it, so its own would be the last one.
func (w *writer) reportedHere() bool {
	if len(w.errors) == 0 {
		return false
	}
	p := w.errors[len(w.errors)-1].Path
	for i := len(w.path) - 1; i >= 0; i-- {
		if p == nil || p.Key != w.path[i].key || p.Index != w.path[i].index {
			return false
		}
		p = p.Parent
	}
	return p == nil
}

func isNull(written []byte) bool { return len(written) == 4 && string(written) == "null" }

// typeName is the name that graphql-java prints for a type: lists have none.
func typeName(ref *schema.TypeRef) string {
	if ref.Named != nil {
		return ref.Named.Name
	}
	return "null"
}

// nullable writes a value of a type without its non-null wrapper. Whatever
// cannot be written becomes null.
func (w *writer) nullable(ref *schema.TypeRef, f *plan.Field, parent *schema.Type, n *node) any {
	if n.value == nil {
		w.dst = append(w.dst, "null"...)
		return nil
	}
	if ref.List != nil {
		return w.list(ref, f, parent, n)
	}
	switch t := ref.Named; t.Kind {
	case schema.Scalar, schema.Enum:
		return w.leaf(t, n.value)
	default:
		return w.composite(t, f, parent, n)
	}
}

func (w *writer) null() any {
	w.dst = append(w.dst, "null"...)
	return nil
}

func (w *writer) mismatch(expected string) any {
	w.fail("Can't resolve value (" + w.pathNow().String() + ") : type mismatch error, expected type " + expected)
	return w.null()
}

func (w *writer) list(ref *schema.TypeRef, f *plan.Field, parent *schema.Type, n *node) any {
	items, ok := listItems(n.value)
	if !ok {
		return w.mismatch("LIST")
	}
	start := len(w.dst)
	var event *value.List
	if w.capture {
		event = &value.List{Items: make([]any, 0, len(items))}
	}
	ok = true
	w.dst = append(w.dst, '[')
	w.path = append(w.path, pathElement{})
	for i := range items {
		if i > 0 {
			w.dst = append(w.dst, ',')
		}
		w.path[len(w.path)-1].index = i
		var captured any
		var itemOK bool
		if n.items != nil {
			captured, itemOK = w.typed(ref.List, f, parent, &n.items[i])
		} else {
			captured, itemOK = w.typed(ref.List, f, parent, &node{value: items[i]})
		}
		ok = ok && itemOK
		w.climbing = false
		if event != nil {
			event.Append(captured)
		}
	}
	w.path = w.path[:len(w.path)-1]
	w.dst = append(w.dst, ']')
	if !ok {
		w.dst = w.dst[:start]
		w.climbing = true
		return w.null()
	}
	if event == nil {
		return nil
	}
	return event
}

// leaf writes a scalar or an enum.
func (w *writer) leaf(t *schema.Type, v any) any {
	start := len(w.dst)
	var err error
	if t.Kind == schema.Enum {
		w.dst, err = t.AppendEnum(w.dst, v)
	} else {
		w.dst, err = t.Scalar.AppendResult(w.dst, v)
	}
	if err != nil {
		w.dst = w.dst[:start]
		w.fail("Can't serialize value (" + w.pathNow().String() + ") : " + err.Error())
		return w.null()
	}
	if !w.capture {
		return nil
	}
	// What subscribers filter on is the completed value, not the resolved one.
	captured, err := value.ParseJSON(string(w.dst[start:]))
	if err != nil {
		return v
	}
	return captured
}

func (w *writer) composite(t *schema.Type, f *plan.Field, parent *schema.Type, n *node) any {
	m, ok := n.value.(*value.Map)
	if !ok {
		return w.mismatch("OBJECT")
	}
	typ := n.typ
	if typ == nil {
		if typ = concreteType(t, m); typ == nil {
			w.fail("Can't resolve '" + w.pathNow().String() + "'. Abstract type '" + t.Name +
				"' must resolve to an Object type at runtime for field '" + parent.Name + "." + f.Def.Name +
				"'. Could not determine the exact type of '" + t.Name + "'")
			return w.null()
		}
	}
	start := len(w.dst)
	event, ok := w.object(f.Selections, typ, m, n.fields)
	if !ok {
		w.dst = w.dst[:start]
		w.climbing = true
		return w.null()
	}
	return event
}
