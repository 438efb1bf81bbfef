package mappingtemplate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	lru "github.com/hashicorp/golang-lru/v2"

	"appsync-emulator/mappingtemplate/builtin"
	"appsync-emulator/mappingtemplate/value"
	"appsync-emulator/mappingtemplate/vtl"
)

// The lengths that EvaluateMappingTemplate accepts, in characters.
//
// See: https://docs.aws.amazon.com/appsync/latest/APIReference/API_EvaluateMappingTemplate.html
const (
	MinTemplateLength = 2
	MaxTemplateLength = 65536
	MinContextLength  = 2
	MaxContextLength  = 28000
)

// Evaluator evaluates templates against contexts that are given as JSON, as
// AppSync's EvaluateMappingTemplate does. The zero Evaluator works. It is safe
// for concurrent use and must not be copied or changed once it is in use.
//
// See: https://docs.aws.amazon.com/appsync/latest/APIReference/API_EvaluateMappingTemplate.html
type Evaluator struct {
	// Now is the clock of $util.time and identifiers; nil means time.Now.
	Now func() time.Time
	// IDs returns the source of the identifiers and random numbers of the n-th
	// evaluation, counted from 0; nil means the runtime's source. SeededIDs
	// makes one whose evaluations can be repeated.
	IDs func(n int64) builtin.Random
	// Check says what is asked of a template's output.
	Check Check
	// Options bound an evaluation; the zero value has AppSync's bounds.
	Options vtl.Options
	// Coverage, when not nil, collects what the templates run.
	Coverage *Coverage

	once  sync.Once
	cache *templateCache
}

// SeededIDs returns a source of random bits for Evaluator.IDs that depends on
// the seed and on the number of the evaluation alone.
func SeededIDs(seed uint64) func(n int64) builtin.Random {
	return func(n int64) builtin.Random { return rand.NewPCG(seed, uint64(n)) }
}

// Check is what an Evaluator asks of a template's output.
type Check uint8

// The checks. EvaluateMappingTemplate itself has none: its answer is the text as
// it is, also where that is no JSON (a trailing comma, for one).
const (
	// CheckNothing takes any text.
	CheckNothing Check = iota
	// CheckRequest wants what AppSync takes from a request template: an object.
	CheckRequest
	// CheckResponse wants what AppSync takes from a response template: JSON.
	CheckResponse
)

// ParseCheck returns the check with the given name: "", "request" or
// "response".
func ParseCheck(name string) (Check, error) {
	switch name {
	case "":
		return CheckNothing, nil
	case "request":
		return CheckRequest, nil
	case "response":
		return CheckResponse, nil
	}
	return 0, fmt.Errorf("%q: want request or response", name)
}

// Evaluation is the answer of EvaluateMappingTemplate.
type Evaluation struct {
	// Result is evaluationResult: the text that the template rendered, or the
	// JSON of what it returned with #return. It counts only without an Error.
	Result string
	// Error says why the template failed; nil when it did not.
	Error *EvaluationError
	// Logs are what $util.log wrote, a line each: "INFO - text". It is nil when
	// the template does not compile, and so did not run.
	Logs []string
	// Warnings are the emulator's own, such as a #foreach that was cut off. The
	// service gives none.
	Warnings []string
	// Stash and OutErrors are $context.stash and $context.outErrors at the end,
	// as JSON; empty when the template did not run.
	Stash, OutErrors string
}

// EvaluationError says why a template failed.
type EvaluationError struct {
	// Message is what the service answers.
	Message string
	// Line and Column place the failure in the template, counted from 1 as
	// Velocity does: a tab stop is every eight columns, and a character outside
	// of the Basic Multilingual Plane is two. They are 0 when the failure is in
	// the output, or its place is not known: that of $util.error is known only
	// with Coverage.
	Line, Column int
	// Cause is an *Error or a *builtin.Abort.
	Cause error
}

func (e *EvaluationError) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *EvaluationError) Unwrap() error { return e.Cause }

// ContextError says why a text is no context.
type ContextError struct {
	Message string
	// Line and Column count from 1, in characters; they are 0 when the text is
	// JSON, but no object.
	Line, Column int
}

func (e *ContextError) Error() string {
	if e.Line == 0 {
		return e.Message
	}
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Message)
}

// EvaluationRequest is what EvaluateMappingTemplate is asked.
type EvaluationRequest struct {
	// Template is the text of the template.
	Template string
	// Context is $context as a JSON object. Its arguments may be called args.
	Context string
	// TemplateFile is where the template comes from, for Coverage; it may be
	// empty.
	TemplateFile string
}

// Evaluate evaluates a template. It is an error when the context is no JSON
// object, a *ContextError, or when ctx ends; how the template fails is part of
// the answer.
func (e *Evaluator) Evaluate(ctx context.Context, req EvaluationRequest) (*Evaluation, error) {
	root, err := parseContext(req.Context)
	if err != nil {
		return nil, err
	}
	return e.evaluate(ctx, source{name: req.TemplateFile, file: req.TemplateFile != "", text: req.Template}, root, 0)
}

// source is a template before it is compiled.
type source struct {
	// name is what reports call it: a file's path, or a case's id.
	name string
	// file says that the name is a file's, which is one template whatever else
	// has the same text.
	file bool
	text string
}

// parseContext reads a context.
func parseContext(text string) (*value.Map, error) {
	v, err := value.ParseJSON(text)
	if err != nil {
		var syntax *value.SyntaxError
		if !errors.As(err, &syntax) {
			return nil, err
		}
		line, column := place(text, syntax.Offset)
		return nil, &ContextError{Message: syntax.Msg, Line: line, Column: column}
	}
	return contextOf(v)
}

func contextOf(v any) (*value.Map, error) {
	root, ok := v.(*value.Map)
	if !ok {
		return nil, &ContextError{Message: "the context must be a JSON object, not " + jsonKind(v)}
	}
	return root, nil
}

func jsonKind(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case string:
		return "a string"
	case *value.List:
		return "an array"
	case *value.Map:
		return "an object"
	}
	return "a number"
}

// place returns the line and column of an offset, both from 1, in characters.
func place(text string, offset int) (line, column int) {
	before := text[:min(offset, len(text))]
	line = 1 + strings.Count(before, "\n")
	return line, 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
}

// complete gives a context the parts that AppSync always has. The names of the
// arguments stand for the same map, as in a resolver.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/resolver-context-reference.html
func complete(root *value.Map) (stash any, outErrors *value.List) {
	arguments := root.Value("arguments")
	if arguments == nil {
		arguments = root.Value("args")
	}
	if arguments == nil {
		arguments = value.NewMap(0)
	}
	root.Delete("args")
	root.Set("arguments", arguments)
	root.Alias("args", "arguments")
	if info, ok := root.Value("info").(*value.Map); ok {
		hide(info, "selectionSetList")
		hide(info, "selectionSetGraphQL")
	}
	if root.Value("stash") == nil {
		root.Set("stash", value.NewMap(0))
	}
	outErrors, ok := root.Value("outErrors").(*value.List)
	if !ok {
		outErrors = value.NewList()
		root.Set("outErrors", outErrors)
	}
	return root.Value("stash"), outErrors
}

// hide makes an entry one that is read but not listed.
func hide(m *value.Map, name string) {
	if v, ok := m.Delete(name); ok {
		m.Hide(name, func() any { return v })
	}
}

// evaluate evaluates the n-th template. The context becomes the template's own.
func (e *Evaluator) evaluate(ctx context.Context, src source, root *value.Map, n int64) (*Evaluation, error) {
	var t *Template
	var covered *templateCoverage
	var err error
	if e.Coverage != nil {
		t, covered, err = e.Coverage.compile(src, n)
	} else {
		t, err = e.templates().compile(src.text)
	}
	if err != nil {
		return &Evaluation{Error: evaluationError(err)}, nil
	}
	stash, outErrors := complete(root)
	out := &Evaluation{Logs: []string{}}
	util := &builtin.Env{
		Now:       e.Now,
		Identity:  root.Value("identity"),
		OutErrors: outErrors,
		Log:       func(level, text string) { out.Logs = append(out.Logs, level+" - "+text) },
	}
	if e.IDs != nil {
		util.IDs = e.IDs(n)
	}
	options := e.Options
	if options.Logf == nil {
		options.Logf = func(format string, args ...any) {
			out.Warnings = append(out.Warnings, fmt.Sprintf(format, args...))
		}
	}
	r, err := t.Render(ctx, Env{Context: root, Util: util, Options: options})
	if err == nil {
		out.Result, err = e.result(ctx, t, r)
	}
	if err != nil {
		if ctxErr := ctx.Err(); ctxErr != nil && errors.Is(err, ctxErr) {
			return nil, err
		}
		out.Error = evaluationError(err)
		var abort *builtin.Abort
		if covered != nil && errors.As(err, &abort) {
			out.Error.Line, out.Error.Column = covered.counts.Last()
		}
	}
	// A template may replace the stash in the context, but AppSync keeps its own.
	out.Stash = value.JSON(stash)
	out.OutErrors = value.JSON(outErrors)
	return out, nil
}

// result is the text of evaluationResult, if it passes the check.
func (e *Evaluator) result(ctx context.Context, t *Template, r vtl.Result) (string, error) {
	if r.Returned {
		if s, ok := r.Value.(string); ok {
			if _, err := value.ParseLenientJSON(s); err == nil {
				// As it is: what parsing does to a number is not wanted here.
				return s, nil
			}
		}
		out, err := t.returned(r.Value)
		if err != nil {
			return "", err
		}
		return value.JSON(out.Value), nil
	}
	return r.Text, e.checkOutput(ctx, r.Text)
}

// checkOutput says what AppSync answers when it uses a template's output: the
// error of a template that renders just this.
func (e *Evaluator) checkOutput(ctx context.Context, text string) error {
	if e.Check == CheckNothing {
		return nil
	}
	t, err := e.templates().compile("$context.output")
	if err != nil {
		return err
	}
	env := Env{Context: value.MapOf("output", text), Options: e.Options}
	if e.Check == CheckRequest {
		_, err = t.EvaluateRequest(ctx, env)
	} else {
		_, err = t.Evaluate(ctx, env)
	}
	return err
}

// templateName is the name under which templates are compiled; the service has
// none for them.
const templateName = "template"

// templateCacheSize bounds the compiled templates that an Evaluator keeps.
const templateCacheSize = 512

// templateCache keeps compiled templates by their text.
type templateCache struct {
	lru *lru.Cache[string, compiled]
}

// compiled is a template, or why it does not compile.
type compiled struct {
	template *Template
	err      error
}

func (e *Evaluator) templates() *templateCache {
	e.once.Do(func() {
		cache, err := lru.New[string, compiled](templateCacheSize)
		if err != nil {
			panic(err) // only for a size that is not positive
		}
		e.cache = &templateCache{cache}
	})
	return e.cache
}

func (c *templateCache) compile(text string) (*Template, error) {
	if found, ok := c.lru.Get(text); ok {
		return found.template, found.err
	}
	t, err := Compile(templateName, text)
	// A template's text may be a part of something much larger.
	c.lru.Add(strings.Clone(text), compiled{t, err})
	return t, err
}

// evaluationError words the failure of a template as the service does.
func evaluationError(err error) *EvaluationError {
	e := &EvaluationError{Message: err.Error(), Cause: err}
	var abort *builtin.Abort
	var template *Error
	switch {
	case errors.As(err, &abort):
		e.Message = abort.Message
		if abort.Unauthorized {
			// There is no field to name. Recorded by the tests of
			// aws-amplify/amplify-category-api, which call the service.
			e.Message = "Unauthorized"
		}
	case errors.As(err, &template):
		e.Line, e.Column = template.Line, template.Column
	}
	return e
}

// AppendJSON appends the answer as the service sends it, on one line.
func (ev *Evaluation) AppendJSON(dst []byte) []byte {
	return append(ev.appendMembers(append(dst, '{'), compactStyle), '}')
}

// AppendIndentedJSON appends the answer as the AWS CLI prints it: indented by
// four blanks, with what is absent left out.
//
// See: https://docs.aws.amazon.com/cli/latest/reference/appsync/evaluate-mapping-template.html
func (ev *Evaluation) AppendIndentedJSON(dst []byte) []byte {
	start := len(dst)
	dst = append(ev.appendMembers(append(dst, '{'), indentedStyle), "\n}"...)
	// Python's escapes of control characters have small letters.
	for i := start; i < len(dst); i++ {
		if dst[i] != '\\' {
			continue
		}
		if i++; dst[i] == 'u' {
			copy(dst[i+1:i+5], bytes.ToLower(dst[i+1:i+5]))
		}
	}
	return dst
}

// jsonStyle is how the members of an object are set.
type jsonStyle struct {
	member, nested, colon, nestedEnd string
}

var (
	compactStyle  = jsonStyle{colon: ":"}
	indentedStyle = jsonStyle{member: "\n    ", nested: "\n        ", colon: ": ", nestedEnd: "\n    "}
)

// appendMembers appends the members in the order of the service's model.
func (ev *Evaluation) appendMembers(dst []byte, style jsonStyle) []byte {
	dst = ev.appendOutcome(dst, style)
	if ev.Logs == nil {
		return dst
	}
	dst = append(dst, ',')
	dst = style.key(dst, "logs")
	dst = append(dst, '[')
	for i, line := range ev.Logs {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = value.AppendJSONString(append(dst, style.nested...), line)
	}
	if len(ev.Logs) > 0 {
		dst = append(dst, style.nestedEnd...)
	}
	dst = append(dst, "],"...)
	dst = value.AppendJSONString(style.key(dst, "stash"), ev.Stash)
	dst = append(dst, ',')
	return value.AppendJSONString(style.key(dst, "outErrors"), ev.OutErrors)
}

// appendOutcome appends the result or the error.
func (ev *Evaluation) appendOutcome(dst []byte, style jsonStyle) []byte {
	if ev.Error == nil {
		return value.AppendJSONString(style.key(dst, "evaluationResult"), ev.Result)
	}
	dst = append(style.key(dst, "error"), '{')
	dst = append(dst, style.nested...)
	dst = append(dst, `"message"`...)
	dst = append(dst, style.colon...)
	dst = value.AppendJSONString(dst, ev.Error.Message)
	dst = append(dst, style.nestedEnd...)
	return append(dst, '}')
}

func (s jsonStyle) key(dst []byte, name string) []byte {
	dst = append(dst, s.member...)
	dst = strconv.AppendQuote(dst, name)
	return append(dst, s.colon...)
}
