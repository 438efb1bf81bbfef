package vtl

import (
	"errors"

	"appsync-emulator/mappingtemplate/value"
)

// linkKind is how a link of a reference goes on from a value.
type linkKind uint8

const (
	propertyLink linkKind = iota
	methodLink
	indexLink
)

// link is one step of a reference: .name, .name(args) or [index].
type link struct {
	kind linkKind
	name string
	args []expression
	pos  position
	// quick is the method, when it is one that many templates call.
	quick value.Quick
}

// reference is $name with what follows.
type reference struct {
	// slot is the variable, -1 when the reference names none.
	slot  int
	links []link
	pos   position
	// null is what is printed for null: the source text, or nothing for "$!".
	null string
	// plain says that the reference is just $name, which inside a macro prints
	// the argument's source for null.
	plain bool
	// call says that the reference ends in a method call and prints nothing but
	// its result.
	call bool
	// escaped says that a backslash stands before the reference.
	escaped                  bool
	escapePrefix, morePrefix string
}

func (r *reference) value(ev *evaluation) (any, error) {
	if r.slot < 0 {
		return nil, nil
	}
	return r.lead(ev, len(r.links))
}

// lead returns what the first n links of the reference lead to.
func (r *reference) lead(ev *evaluation, n int) (v any, err error) {
	if ev.frame == nil {
		v = ev.slots[r.slot]
	} else if v, err = ev.lookup(ev.frame, r.slot); err != nil {
		return nil, err
	}
	links := r.links[:n]
	for i := range links {
		l := &links[i]
		if m, ok := v.(*value.Map); ok && l.kind == propertyLink {
			v = m.Value(l.name)
			continue
		}
		if v == nil {
			return nil, nil
		}
		if v, err = l.follow(ev, v); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// truth is true for everything but null and false.
func (r *reference) truth(ev *evaluation) (bool, error) {
	v, err := r.value(ev)
	if err != nil {
		return false, err
	}
	switch v := v.(type) {
	case nil:
		return false, nil
	case bool:
		return v, nil
	case *definition:
		_, ok, err := v.text(ev)
		return ok, err
	}
	return true, nil
}

func (r *reference) render(ev *evaluation) error {
	if r.call {
		return r.renderCall(ev)
	}
	v, err := r.value(ev)
	if err != nil {
		return err
	}
	return r.write(ev, v)
}

// renderCall is render for a reference that ends in a method call. What the
// called object can write by itself is not made a value first.
func (r *reference) renderCall(ev *evaluation) error {
	last := len(r.links) - 1
	v, err := r.lead(ev, last)
	if err != nil {
		return err
	}
	l := &r.links[last]
	switch o := v.(type) {
	case nil:
	case *value.Map, *value.List, string:
		if v, err = l.call(ev, v); err != nil {
			return err
		}
	case Appender:
		done := false
		if v, done, err = l.appendCall(ev, o); done || err != nil {
			return err
		}
		if v == nil {
			return r.writeNull(ev)
		}
	default:
		if v, err = l.call(ev, v); err != nil {
			return err
		}
	}
	return r.write(ev, v)
}

// write writes the reference, whose value is v.
func (r *reference) write(ev *evaluation, v any) error {
	if r.slot < 0 {
		return ev.write(r.null)
	}
	if r.escaped {
		if err := ev.write(r.escapePrefix); err != nil {
			return err
		}
		if v == nil {
			if err := ev.write(`\`); err != nil {
				return err
			}
		}
		return ev.write(r.nullText(ev))
	}
	if v == nil {
		return r.writeNull(ev)
	}
	if d, ok := v.(*definition); ok {
		// A block prints without the backslashes and dollar signs before it.
		ok, err := d.render(ev)
		if ok || err != nil {
			return err
		}
		s, ok, err := d.text(ev)
		if err != nil {
			return err
		}
		if !ok {
			return r.writeNull(ev)
		}
		v = s
	}
	if r.escapePrefix != "" || r.morePrefix != "" {
		if err := ev.write(r.escapePrefix + r.morePrefix); err != nil {
			return err
		}
	}
	return ev.writeValue(v)
}

func (r *reference) writeNull(ev *evaluation) error {
	if r.escapePrefix != "" || r.morePrefix != "" {
		if err := ev.write(r.escapePrefix + r.escapePrefix + r.morePrefix); err != nil {
			return err
		}
	}
	return ev.write(r.nullText(ev))
}

func (r *reference) nullText(ev *evaluation) string {
	if r.plain && ev.frame != nil {
		if s, ok := ev.argumentLiteral(r.slot); ok {
			return s
		}
	}
	return r.null
}

// follow returns what the link leads to from v, which is not null.
func (l *link) follow(ev *evaluation, v any) (any, error) {
	switch l.kind {
	case propertyLink:
		return l.property(ev, v)
	case methodLink:
		return l.call(ev, v)
	}
	return l.index(ev, v)
}

func (l *link) property(ev *evaluation, v any) (any, error) {
	switch v := v.(type) {
	case *value.Map:
		return v.Value(l.name), nil
	case *value.Entry:
		p, _ := value.Property(v, l.name)
		return p, nil
	case Object:
		p, _ := v.Property(l.name)
		return p, nil
	case *loopScope:
		return v.property(l.name), nil
	case *definition:
		return nil, nil
	}
	p, _ := value.Property(v, l.name)
	// The bytes of a text are as many values.
	return p, ev.tick(4 * weigh(p))
}

func (l *link) call(ev *evaluation, v any) (any, error) {
	start := len(ev.args)
	if err := l.pushArguments(ev); err != nil {
		return nil, err
	}
	var result any
	var err error
	args := ev.args[start:]
	if l.quick != value.NotQuick {
		switch v.(type) {
		case *value.Map, *value.List, *value.Set:
			if err := ev.tick(quickSteps(v, l.quick, args)); err != nil {
				return nil, err
			}
			if result, ok := value.InvokeQuick(v, l.quick, args); ok {
				ev.popArguments(start)
				return result, nil
			}
		}
	}
	if o, ok := v.(Object); ok {
		result, err = l.callObject(ev, o, args, 1+reading(args))
	} else {
		size := 0
		for _, a := range args {
			size += weigh(a)
		}
		result, err = l.invoke(ev, v, args, 1+4*size)
	}
	ev.popArguments(start)
	return result, err
}

// pushArguments evaluates the arguments onto the end of ev.args.
func (l *link) pushArguments(ev *evaluation) error {
	for _, a := range l.args {
		x, err := ev.argument(a)
		if err != nil {
			return err
		}
		ev.args = append(ev.args, x)
	}
	return nil
}

func (ev *evaluation) popArguments(start int) { ev.args = ev.args[:start] }

func (l *link) callObject(ev *evaluation, o Object, args []any, weight int) (any, error) {
	if w, ok := o.(Weigher); ok {
		weight += w.Weigh(l.name, args)
	}
	if err := ev.tick(weight); err != nil {
		return nil, err
	}
	result, found, err := o.Invoke(l.name, args)
	if err != nil {
		return nil, ev.ended(err)
	}
	if !found {
		return nil, nil
	}
	if weight > quickCall {
		// It may have taken long: look at the context right away.
		ev.checkSoon()
	}
	switch result.(type) {
	case *value.Map, *value.List:
		for _, a := range args {
			if a == result {
				// It is nothing new.
				return result, nil
			}
		}
		return result, ev.tick(4 * value.Size(result, ev.steps()))
	}
	return result, ev.tickResult(result)
}

// appendCall calls a method of o. Either o writes the result, and done is true,
// or the result is returned.
func (l *link) appendCall(ev *evaluation, o Appender) (result any, done bool, err error) {
	start := len(ev.args)
	if err := l.pushArguments(ev); err != nil {
		return nil, false, err
	}
	steps := 1 + reading(ev.args[start:])
	before := len(ev.buf)
	buf, done, err := o.AppendInvoke(ev.buf, l.name, ev.args[start:])
	switch {
	case err != nil:
		err = ev.ended(err)
	case done:
		ev.buf = buf
		added := len(buf) - before
		if added > quickText {
			ev.checkSoon()
		}
		if err = ev.tick(steps + added>>2); err == nil && len(buf) > ev.limit {
			err = ErrTooLarge
		}
	default:
		result, err = l.callObject(ev, o, ev.args[start:], steps)
	}
	ev.popArguments(start)
	return result, done, err
}

// The steps of a call, and the length of a text, that take no time.
const (
	quickCall = 64
	quickText = 1 << 12
)

// argument evaluates the argument of a method. A block is passed as its text.
func (ev *evaluation) argument(e expression) (any, error) {
	v, err := e.value(ev)
	if d, ok := v.(*definition); ok && err == nil {
		v, _, err = d.text(ev)
	}
	return v, err
}

func (l *link) invoke(ev *evaluation, v any, args []any, weight int) (any, error) {
	receiver := v
	switch x := v.(type) {
	case *definition:
		switch {
		case l.name == "hashCode" && len(args) == 0:
			return value.HashCode(x), nil
		case l.name == "equals" && len(args) == 1:
			return v == args[0], nil
		case l.name != "toString" || len(args) > 0:
			return nil, nil
		}
		s, ok, err := x.text(ev)
		if err != nil || !ok {
			return nil, err
		}
		return s, nil
	case *loopScope:
		if r, ok := x.invoke(l.name, args); ok {
			return r, nil
		}
		if _, ok := x.invoke(l.name, nil); ok {
			return nil, l.thrown(v, &value.Exception{Class: "java.lang.IllegalArgumentException", Message: "wrong number of arguments"})
		}
		v = &x.storage
	}
	if err := ev.tick(weight + ev.cost(v, l.name, args)); err != nil {
		return nil, err
	}
	result, found, err := ev.methods.Invoke(v, l.name, args)
	if err != nil {
		return nil, ev.ended(l.thrown(receiver, err))
	}
	if !found {
		return nil, nil
	}
	switch l.name {
	case "matches", "replaceAll", "replaceFirst", "split":
		// Regular expressions may take long: look at the context right away.
		ev.checkSoon()
	}
	return result, ev.tickResult(result)
}

// thrown words the error of a method.
func (l *link) thrown(v any, err error) error {
	if errors.Is(err, value.ErrTextTooLong) {
		return ErrTooLarge
	}
	return &RenderError{Line: l.pos.line, Column: l.pos.column, Err: err,
		Msg: "Invocation of method '" + l.name + "' in  class " + className(v) + " threw exception " + err.Error() + " at " + l.pos.String()}
}

// className is the Java class of a value, for messages.
func className(v any) string {
	switch v.(type) {
	case *loopScope:
		return "org.apache.velocity.runtime.directive.ForeachScope"
	case *definition:
		return "org.apache.velocity.runtime.directive.Block$Reference"
	}
	return value.ClassName(v)
}

// index is v[i]: the item of a list or array, or the value of a key.
func (l *link) index(ev *evaluation, v any) (any, error) {
	i, err := ev.argument(l.args[0])
	if err != nil {
		return nil, err
	}
	if i, err = l.fromEnd(v, i); err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case *value.Map:
		r, _ := v.GetKey(i)
		return r, nil
	case *value.List:
		if n, ok := i.(int32); ok && n >= 0 && int(n) < len(v.Items) {
			return v.Items[n], nil
		}
	case *loopScope:
		if name, ok := i.(string); ok {
			return v.get(name), nil
		}
		return nil, nil
	case *definition:
		return nil, nil
	case Object:
		r, found, err := v.Invoke("get", []any{i})
		if !found || err != nil {
			return nil, err
		}
		return r, nil
	}
	r, found, err := ev.methods.Invoke(v, "get", []any{i})
	if err != nil {
		return nil, &RenderError{Line: l.pos.line, Column: l.pos.column, Err: err,
			Msg: "Error invoking method 'get(" + className(i) + ")' in " + className(v) + " at " + l.pos.String()}
	}
	if !found {
		return nil, nil
	}
	return r, nil
}

// fromEnd turns a negative index into one that counts from the end.
func (l *link) fromEnd(v, i any) (any, error) {
	n, ok := i.(int32)
	if !ok || n >= 0 {
		return i, nil
	}
	size := 0
	switch v := v.(type) {
	case *value.Map:
		size = v.Len()
	case *value.List:
		size = len(v.Items)
	case *value.Set:
		size = len(v.Members())
	case *value.Array:
		size = len(v.Items)
	case *loopScope:
		size = v.storage.Len()
	default:
		return nil, &RenderError{Line: l.pos.line, Column: l.pos.column,
			Msg: "A 'size()' method required for negative value " + itoa(int(n)) + " does not exist for class '" + className(v) + "' at " + l.pos.String()}
	}
	return int32(size) + n, nil
}

// assign sets what the reference leads to. What has no parent to set it in is
// ignored.
func (r *reference) assign(ev *evaluation, to any) error {
	if r.slot < 0 {
		return nil
	}
	last := len(r.links) - 1
	v, err := r.lead(ev, last)
	if err != nil {
		return err
	}
	if v == nil {
		return nil
	}
	l := &r.links[last]
	if l.kind == indexLink {
		return l.assignIndex(ev, v, to)
	}
	if s, ok := v.(*loopScope); ok {
		s.storage.Set(l.name, to)
		return nil
	}
	value.SetProperty(v, l.name, to)
	return nil
}

func (l *link) assignIndex(ev *evaluation, v, to any) error {
	i, err := ev.argument(l.args[0])
	if err != nil {
		return err
	}
	if i, err = l.fromEnd(v, i); err != nil {
		return err
	}
	if s, ok := v.(*loopScope); ok {
		v = &s.storage
	}
	if _, ok := v.(Object); ok {
		return nil
	}
	method := "set"
	_, found, err := ev.methods.Invoke(v, method, []any{i, to})
	if !found && err == nil {
		method = "put"
		_, _, err = ev.methods.Invoke(v, method, []any{i, to})
	}
	if err != nil {
		return &RenderError{Line: l.pos.line, Column: l.pos.column, Err: err,
			Msg: "Exception calling method '" + method + "(" + className(i) + "," + className(to) + ")' in  class " + className(v) + " at " + l.pos.String()}
	}
	return nil
}
