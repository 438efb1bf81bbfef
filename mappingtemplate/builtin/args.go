package builtin

import (
	"errors"
	"fmt"
	"math/big"

	"appsync-emulator/mappingtemplate/value"
)

// Which arguments fit is decided as Velocity does, by the signatures that AWS
// documents:
//
//   - String takes text alone, never a number: $util.appendError("m", 404) fits
//     no signature and prints its own source
//     (amazon-archives/aws-appsync-visualization-with-athena-app#9).
//   - Boolean takes true and false; List a list, not a set such as a map's
//     keySet(), and Map a map; Object takes everything.
//   - long takes Integer and Long; Integer takes Integer alone.
//   - Double takes every number. A Java Double would take no Integer, a double
//     would; which of the two AppSync declares is not known.
//   - null fits every one of them. Where the page does not say what null does,
//     the result is null.
//
// Two families take more than their page says, as deployed templates need it:
// $util.isNullOrEmpty and its kin take lists and maps beside Strings, and
// $util.base64Encode, documented for byte[], takes text.

// quiet is the result of helpers that return nothing: a reference to one prints
// no text, also without "!".
const quiet = ""

// notFound answers a call that fits no signature.
func notFound() (any, bool, error) { return nil, false, nil }

func found(v any) (any, bool, error) { return v, true, nil }

// throw returns a Java exception.
func throw(class, format string, args ...any) error {
	return &value.Exception{Class: class, Message: fmt.Sprintf(format, args...)}
}

func fail(err error) (any, bool, error) { return nil, true, err }

// text reads a String parameter. ok is false for other types; a null String is
// null.
func text(v any) (s string, null, ok bool) {
	switch v := v.(type) {
	case nil:
		return "", true, true
	case string:
		return v, false, true
	default:
		return "", false, false
	}
}

// integer reads a long parameter, which takes an Integer or a Long.
func integer(v any) (int64, bool) {
	switch v := v.(type) {
	case int32:
		return int64(v), true
	case int64:
		return v, true
	}
	return 0, false
}

func isNumber(v any) bool {
	switch v.(type) {
	case int32, int64, float64, *big.Int, value.Decimal:
		return true
	}
	return false
}

// items returns the elements of any collection.
func items(v any) ([]any, bool) {
	switch v := v.(type) {
	case *value.List:
		return v.Items, true
	case *value.Set:
		return v.Members(), true
	case *value.Array:
		return v.Items, true
	}
	return nil, false
}

// arg returns the i-th argument, null when there are fewer.
func arg(args []any, i int) any {
	if i < len(args) {
		return args[i]
	}
	return nil
}

// The bounds on values that are written as text. Templates can build values
// that contain themselves, and small ones that unfold to gigabytes.
const (
	maxDepth = 1000
	maxBytes = 5 << 20
)

var (
	errTooDeep  = errors.New("The value is nested too deeply.")
	errTooLarge = errors.New("Transformation too large")
)

// Bounded says whether v can be written as text: neither nested without end nor
// larger than the 5 MB that a template may yield. Helpers check it before they
// walk a value; so must others that walk values which templates made.
func Bounded(v any) error {
	_, err := minimumSize(v)
	return err
}

// minimumSize returns how many bytes the text of v has at least.
func minimumSize(v any) (int, error) {
	budget := maxBytes
	err := bounded(v, 0, &budget)
	return maxBytes - budget, err
}

func bounded(v any, depth int, budget *int) error {
	switch v := v.(type) {
	case string:
		*budget -= len(v)
	case *value.Map:
		if depth > maxDepth {
			return errTooDeep
		}
		for i := 0; i < v.Len(); i++ {
			name, item := v.NameAt(i)
			*budget -= len(name)
			if err := bounded(item, depth+1, budget); err != nil {
				return err
			}
		}
	case *value.List:
		return boundedItems(v.Items, depth, budget)
	case *value.Set:
		return boundedItems(v.Members(), depth, budget)
	case *value.Array:
		return boundedItems(v.Items, depth, budget)
	case *value.Entry:
		if depth > maxDepth {
			return errTooDeep
		}
		if err := bounded(v.Key, depth+1, budget); err != nil {
			return err
		}
		return bounded(v.Current(), depth+1, budget)
	}
	if *budget--; *budget < 0 {
		return errTooLarge
	}
	return nil
}

func boundedItems(items []any, depth int, budget *int) error {
	if depth > maxDepth {
		return errTooDeep
	}
	for _, item := range items {
		if err := bounded(item, depth+1, budget); err != nil {
			return err
		}
	}
	if *budget--; *budget < 0 {
		return errTooLarge
	}
	return nil
}
