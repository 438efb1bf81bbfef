package vtl

import (
	"context"
	"errors"

	"appsync-emulator/mappingtemplate/value"
)

// A Root is a variable that a template finds defined: $context, $ctx, $util.
type Root struct {
	// Name is the variable's name without the dollar sign.
	Name  string
	Value any
}

// Options bound an evaluation. The zero value has the bounds of AppSync.
type Options struct {
	// LoopIterations is how many rounds one #foreach makes before it silently
	// ends, as Velocity's directive.foreach.maxloops does; 0 means 1000.
	LoopIterations int
	// OutputBytes bounds the rendered text, and any text that the template
	// builds; 0 means 5 MB.
	OutputBytes int
	// Steps bounds the whole evaluation; 0 means a bound that ends an endless
	// nest of loops within about two seconds.
	Steps int
	// MacroDepth is how deep macros call each other; 0 means 20.
	MacroDepth int
	// SetNull lets #set assign null, as Velocity's directive.set.null.allowed
	// does. By default a null right side leaves the old value.
	SetNull bool
	// Logf, when not nil, hears warnings such as a loop that was cut off.
	Logf func(format string, args ...any)
}

const (
	defaultLoopIterations = 1000
	defaultOutputBytes    = 5 << 20
	defaultSteps          = 20_000_000
	defaultMacroDepth     = 20
)

// Result is what an evaluation gives.
type Result struct {
	// Text is the rendered output. It is empty when a #return was executed.
	Text string
	// Returned says that a #return ended the evaluation. Value is then its
	// value as it is, nil for a #return without one.
	Returned bool
	Value    any
}

// An Object is a value whose properties and methods are Go code, such as $util.
type Object interface {
	// Property returns the value of $object.name.
	Property(name string) (any, bool)
	// Invoke calls $object.name(args...). When found is false the call yields
	// null, as the call of an unknown method or with wrong arguments does. An
	// error aborts the template and is returned by Execute so that errors.As
	// finds it. The callee must not keep args.
	Invoke(name string, args []any) (result any, found bool, err error)
}

// An Appender is an Object that can write the results of some of its calls
// where they are printed, without making a value of them.
type Appender interface {
	Object
	// AppendInvoke appends to dst what printing the result of Invoke gives. When
	// ok is false it has done nothing, and Invoke is called with the same args.
	AppendInvoke(dst []byte, name string, args []any) (out []byte, ok bool, err error)
}

// A Weigher is an Object some of whose calls take longer than reading their
// arguments.
type Weigher interface {
	Object
	// Weigh returns the evaluation steps that a call takes besides, of about 50
	// nanoseconds each.
	Weigh(name string, args []any) int
}

// A Template is a compiled template. It is immutable and safe for concurrent
// use.
type Template struct {
	name  string
	body  *block
	slots map[string]int
	// macros holds the template's own macros, macroNames the names seen by its
	// parser, on which escapes in #evaluate depend.
	macros     map[string]*macro
	macroNames map[string]bool
	// dynamic says that the template compiles code while it runs, which may name
	// variables that the template itself does not.
	dynamic bool
	// methods keeps the compiled regular expressions of the template.
	methods *value.Methods
}

// Compile compiles the text of a template. Name is used in errors only. An
// error is a *ParseError.
func Compile(name, text string) (*Template, error) { return compile(name, text, nil) }

func compile(name, text string, coverage *Coverage) (*Template, error) {
	c := &compiler{
		coverage:   coverage,
		symbols:    &symbols{},
		macros:     make(map[string]*macro),
		macroNames: make(map[string]bool),
	}
	body, err := c.text(text, position{})
	if err != nil {
		var failure *ParseError
		if errors.As(err, &failure) {
			failure.Name = name
		}
		return nil, err
	}
	c.finish()
	return &Template{
		name: name, body: body, slots: c.symbols.names, macros: c.macros, macroNames: c.macroNames,
		dynamic: c.dynamic, methods: &value.Methods{},
	}, nil
}

// Name returns the name that was given to Compile.
func (t *Template) Name() string { return t.name }

// Execute evaluates the template with the given roots. The template may change
// the maps and lists that it reaches through them. An error is a *RenderError,
// ErrTooLarge, ErrBudget, the context's error or an error returned by an
// Object.
func (t *Template) Execute(ctx context.Context, roots []Root, opt Options) (Result, error) {
	if len(t.body.nodes) == 0 {
		return Result{}, ctx.Err()
	}
	if only, ok := t.body.nodes[0].(textNode); ok && len(t.body.nodes) == 1 {
		if len(only.text) > orDefault(opt.OutputBytes, defaultOutputBytes) {
			return Result{}, ErrTooLarge
		}
		return Result{Text: only.text}, ctx.Err()
	}
	ev := newEvaluation(ctx, t, roots, opt)
	defer ev.release()
	err := ev.tick(1)
	if err == nil {
		err = t.body.render(ev)
	}
	switch {
	case err == nil, err == errBreak, err == errStop:
	case err == errReturn:
		return Result{Returned: true, Value: ev.returned}, ctx.Err()
	default:
		if err := t.failed(err); err != nil {
			return Result{}, err
		}
	}
	// What ends after the context has, is too late, however quick the steps were.
	return Result{Text: string(ev.buf)}, ctx.Err()
}

// failed returns the error of an evaluation, nil when it is a #break that no
// loop has taken.
func (t *Template) failed(err error) error {
	var scoped *scopedBreak
	if errors.As(err, &scoped) {
		return nil
	}
	var failure *RenderError
	if errors.As(err, &failure) && failure.Name == "" {
		failure.Name = t.name
	}
	return err
}
