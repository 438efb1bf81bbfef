package vtl

import (
	"context"
	"errors"
	"sync"

	"appsync-emulator/mappingtemplate/value"
)

// evaluation is the state of one execution of a template.
type evaluation struct {
	ctx      context.Context
	template *Template
	methods  *value.Methods
	options  Options

	// buf is the output, and behind it the text of strings being rendered.
	buf   []byte
	limit int

	// slots are the variables. names are those that #evaluate has added.
	slots []any
	names map[string]int
	// frame is the innermost macro call, nil outside of macros.
	frame *frame
	// args holds the arguments of the method calls under way.
	args []any

	// left is how many steps may pass until the context is looked at, reserve how
	// many are left after those.
	left, reserve int
	depth         int
	macroStack    []string
	macros        map[string]*macro
	returned      any
	// iterators are those of the loops under way, and behind them some to be
	// used again.
	iterators []*value.Iterator
	// lists is room for the lists that literals make.
	lists []value.List
}

// newList returns an empty list.
func (ev *evaluation) newList() *value.List {
	if len(ev.lists) == 0 {
		ev.lists = make([]value.List, listsAtOnce)
	}
	l := &ev.lists[0]
	ev.lists = ev.lists[1:]
	return l
}

// listsAtOnce is few enough that a list that is kept holds little else.
const listsAtOnce = 8

// checkEvery is how many steps pass between looks at the context.
const checkEvery = 4096

// maxDepth bounds how deep evaluation recurses, through blocks and macros that
// use each other, and code that evaluates code.
const maxDepth = 1000

// pool holds evaluations with their buffers.
var pool = sync.Pool{New: func() any { return &evaluation{} }}

// keptBuffer is the largest buffer that goes back to the pool.
const keptBuffer = 256 << 10

func orDefault(n, standard int) int {
	if n <= 0 {
		return standard
	}
	return n
}

func newEvaluation(ctx context.Context, t *Template, roots []Root, opt Options) *evaluation {
	ev := pool.Get().(*evaluation)
	opt.LoopIterations = orDefault(opt.LoopIterations, defaultLoopIterations)
	opt.MacroDepth = orDefault(opt.MacroDepth, defaultMacroDepth)
	ev.ctx, ev.template, ev.methods, ev.options = ctx, t, t.methods, opt
	ev.limit = orDefault(opt.OutputBytes, defaultOutputBytes)
	ev.left, ev.reserve = 0, orDefault(opt.Steps, defaultSteps)
	if n := len(t.slots); cap(ev.slots) < n {
		ev.slots = make([]any, n)
	} else {
		ev.slots = ev.slots[:n]
	}
	for _, r := range roots {
		if i, ok := t.slots[r.Name]; ok {
			ev.slots[i] = r.Value
		} else if t.dynamic {
			if ev.names == nil {
				ev.names = make(map[string]int)
			}
			ev.names[r.Name] = len(ev.slots)
			ev.slots = append(ev.slots, r.Value)
		}
	}
	return ev
}

// release gives the evaluation back, holding on to nothing but its buffers.
func (ev *evaluation) release() {
	buf, slots, args, iterators := ev.buf[:0], ev.slots, ev.args, ev.iterators
	if cap(buf) > keptBuffer {
		buf = nil
	}
	clear(slots[:cap(slots)])
	clear(args[:cap(args)])
	for _, it := range iterators[:cap(iterators)] {
		if it != nil {
			*it = value.Iterator{}
		}
	}
	*ev = evaluation{buf: buf, slots: slots[:0], args: args[:0], iterators: iterators[:0]}
	pool.Put(ev)
}

// tick counts n steps of the evaluation.
func (ev *evaluation) tick(n int) error {
	if ev.left -= n; ev.left >= 0 {
		return nil
	}
	return ev.refill()
}

// refill looks whether there are steps left, and at the context.
func (ev *evaluation) refill() error {
	ev.reserve += ev.left
	ev.left = 0
	if ev.reserve < 0 {
		ev.reserve = 0
		return ErrBudget
	}
	ev.left = min(checkEvery, ev.reserve)
	ev.reserve -= ev.left
	return ev.ctx.Err()
}

// steps returns how many steps are left.
func (ev *evaluation) steps() int { return ev.left + ev.reserve }

// checkSoon makes the next tick look at the context.
func (ev *evaluation) checkSoon() {
	ev.reserve += ev.left
	ev.left = 0
}

// ended returns the error of a call, or that of the context when it has ended
// meanwhile: a slow call must not hide that the time is up.
func (ev *evaluation) ended(err error) error {
	if ctxErr := ev.ctx.Err(); ctxErr != nil {
		return ctxErr
	}
	return err
}

// tickText counts the steps of building n bytes of text, so that the memory of
// an evaluation is bounded too.
func (ev *evaluation) tickText(n int) error {
	if n > ev.limit {
		return ErrTooLarge
	}
	return ev.tick(n >> 2)
}

// tickResult counts the steps of what a call has made: its text, or the places
// of its items, so that the memory of an evaluation is bounded too.
func (ev *evaluation) tickResult(v any) error {
	if s, ok := v.(string); ok {
		return ev.tickText(len(s))
	}
	return ev.tick(4 * weigh(v))
}

// enter counts a level of recursion.
func (ev *evaluation) enter() error {
	ev.depth++
	if ev.depth > maxDepth {
		return &RenderError{Msg: "java.lang.StackOverflowError"}
	}
	return nil
}

func (ev *evaluation) leave() { ev.depth-- }

func (ev *evaluation) write(s string) error {
	ev.buf = append(ev.buf, s...)
	if len(ev.buf) > ev.limit {
		return ErrTooLarge
	}
	return nil
}

// writeValue appends the text of v.
func (ev *evaluation) writeValue(v any) error {
	switch v := v.(type) {
	case string:
		return ev.write(v)
	case *definition:
		_, err := v.render(ev)
		return err
	}
	start := len(ev.buf)
	ev.buf = value.AppendString(ev.buf, v)
	if len(ev.buf) > ev.limit {
		return ErrTooLarge
	}
	return ev.tick((len(ev.buf)-start)>>6 + weigh(v))
}

// text returns the text of v, as Java's toString. It reports false for a block
// that recurses too deep, whose toString is null.
func (ev *evaluation) text(v any) (string, bool, error) {
	switch v := v.(type) {
	case string:
		return v, true, nil
	case *definition:
		return v.text(ev)
	}
	s := value.ToString(v)
	return s, true, ev.tickText(len(s))
}

// capture runs f and returns what it writes.
func (ev *evaluation) capture(f func() error) (string, error) {
	start := len(ev.buf)
	if err := f(); err != nil {
		ev.buf = ev.buf[:start]
		return "", err
	}
	s := string(ev.buf[start:])
	ev.buf = ev.buf[:start]
	return s, ev.tickText(len(s))
}

// frame is a scope around the evaluation: the parameters of a macro, or the
// null of a loop variable. Setting a variable sets it in all frames and in the
// template, so nothing but parameters is local.
type frame struct {
	outer *frame
	// locals shadow variables of the outer frames.
	locals []local
	// args are parameters, evaluated in the outer frame at each use.
	args []boundArgument
	// hides is the slot of a loop variable whose value is null, -1 for none.
	hides  int
	hiding bool
}

type local struct {
	slot  int
	value any
}

type boundArgument struct {
	slot    int
	value   expression
	literal string
	removed bool
}

// get returns the value of a variable.
func (ev *evaluation) get(slot int) (any, error) {
	if ev.frame == nil {
		return ev.slots[slot], nil
	}
	return ev.lookup(ev.frame, slot)
}

func (ev *evaluation) lookup(f *frame, slot int) (any, error) {
	for ; f != nil; f = f.outer {
		if f.hides == slot && f.hiding {
			return nil, nil
		}
		for i := range f.locals {
			if f.locals[i].slot == slot && f.locals[i].value != nil {
				return f.locals[i].value, nil
			}
		}
		for i := range f.args {
			if a := &f.args[i]; a.slot == slot && !a.removed {
				return ev.inFrame(f.outer, a.value)
			}
		}
	}
	return ev.slots[slot], nil
}

// inFrame evaluates e in the frame f.
func (ev *evaluation) inFrame(f *frame, e expression) (any, error) {
	if err := ev.tick(1); err != nil {
		return nil, err
	}
	if err := ev.enter(); err != nil {
		return nil, err
	}
	current := ev.frame
	ev.frame = f
	v, err := e.value(ev)
	ev.frame = current
	ev.leave()
	return v, err
}

// set sets a variable everywhere.
func (ev *evaluation) set(slot int, v any) {
	for f := ev.frame; f != nil; f = f.outer {
		if f.hides >= 0 {
			if f.hides == slot && v == nil {
				f.hiding = true
			}
			continue
		}
		f.setLocal(slot, v)
	}
	ev.slots[slot] = v
}

func (f *frame) setLocal(slot int, v any) {
	for i := range f.locals {
		if f.locals[i].slot == slot {
			f.locals[i].value = v
			return
		}
	}
	f.locals = append(f.locals, local{slot, v})
}

// remove makes a variable undefined everywhere.
func (ev *evaluation) remove(slot int) {
	for f := ev.frame; f != nil; f = f.outer {
		if f.hides == slot {
			f.hiding = false
		}
		for i := range f.locals {
			if f.locals[i].slot == slot {
				f.locals[i].value = nil
			}
		}
		for i := range f.args {
			if f.args[i].slot == slot {
				f.args[i].removed = true
			}
		}
	}
	ev.slots[slot] = nil
}

// argumentLiteral returns the source text of the argument that the caller gave
// for a parameter.
func (ev *evaluation) argumentLiteral(slot int) (string, bool) {
	for f := ev.frame; f != nil; f = f.outer {
		for i := range f.args {
			if f.args[i].slot == slot {
				return f.args[i].literal, true
			}
		}
	}
	return "", false
}

// Directives that leave the normal course are errors on their way to where they
// stop.
var (
	errBreak  = errors.New("vtl: break")
	errStop   = errors.New("vtl: stop")
	errReturn = errors.New("vtl: return")
)

// scopedBreak is a #break with the scope of the loop that it leaves.
type scopedBreak struct{ loop *foreach }

func (b *scopedBreak) Error() string { return "vtl: break of an outer loop" }
