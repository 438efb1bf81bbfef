package builtin

import (
	"math/rand/v2"
	"time"

	"appsync-emulator/mappingtemplate/value"
)

// Random is the source of the random bits behind $util.autoId and its kin. The
// sources of math/rand/v2 satisfy it; one that is shared by concurrent
// evaluations must lock.
type Random interface {
	Uint64() uint64
}

// Field is the GraphQL field whose resolver runs.
type Field struct {
	// Name is the field's name, not its alias.
	Name string
	// OutputType is the name of the field's type without list and non-null marks.
	OutputType string
}

// Env is what the helpers need to know of the evaluation they serve. The zero
// Env works: it reads the system clock and random source and drops logs.
type Env struct {
	// Now is the clock of $util.time, ULIDs and KSUIDs; nil means time.Now.
	Now func() time.Time
	// IDs feeds identifiers and random numbers; nil means the runtime's source.
	IDs Random
	// Log takes what $util.log writes; level is "INFO", "DEBUG" or "ERROR".
	// Nil drops it.
	Log func(level, text string)
	// Field is the field being resolved, named by $util.unauthorized.
	Field Field
	// Identity is $context.identity, from whose shape $util.authType reads the
	// authorization mode.
	Identity any
	// OutErrors is $context.outErrors: appended errors are added to it, so that
	// later templates of the resolver see them. Nil when there is no such list.
	OutErrors *value.List
	// Effects receives what the helpers do beyond their results. Nil drops it.
	Effects *Effects
	// Cache keeps compiled patterns and time zones between evaluations. Nil
	// compiles them anew each time.
	Cache *Cache
}

func (e *Env) now() time.Time {
	if e.Now == nil {
		return time.Now()
	}
	return e.Now()
}

func (e *Env) random() uint64 {
	if e.IDs == nil {
		return rand.Uint64()
	}
	return e.IDs.Uint64()
}

func (e *Env) log(level, text string) {
	if e.Log != nil {
		e.Log(level, text)
	}
}
