package vtl

import (
	"errors"
	"fmt"
)

// ErrTooLarge is returned when a template renders more than
// Options.OutputBytes. AppSync answers "Transformation too large".
var ErrTooLarge = errors.New("vtl: the template renders more output than is allowed")

// ErrBudget is returned when a template evaluates more steps than
// Options.Steps, which is how an endless nest of loops ends.
var ErrBudget = errors.New("vtl: the template takes too many evaluation steps")

// A ParseError says why a template does not compile. Msg is Velocity's own
// text, which names the log tag "velocity" instead of the template, as in
// AppSync's answers.
type ParseError struct {
	// Name is the name that was given to Compile.
	Name string
	// Line and Column count from 1; a tab stop is every eight columns.
	Line, Column int
	Msg          string
	// lexical is the message of Velocity's lexer, when the error is its.
	lexical string
}

func (e *ParseError) Error() string { return e.Msg }

// A RenderError says why the evaluation of a template was aborted. Msg is
// Velocity's own text.
type RenderError struct {
	// Name is the name that was given to Compile.
	Name string
	// Line and Column count from 1; a tab stop is every eight columns.
	Line, Column int
	Msg          string
	// Err is what a method threw, such as a *value.Exception. It is nil for
	// errors of the template itself.
	Err error
}

func (e *RenderError) Error() string { return e.Msg }

// Unwrap returns Err.
func (e *RenderError) Unwrap() error { return e.Err }

// position is a place in a template.
type position struct{ line, column int }

// String is the form in which Velocity's messages name a place. AppSync
// evaluates templates under the log tag "velocity".
func (p position) String() string {
	return fmt.Sprintf("velocity[line %d, column %d]", p.line, p.column)
}
