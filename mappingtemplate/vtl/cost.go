package vtl

import (
	"math/big"

	"appsync-emulator/mappingtemplate/value"
)

// weigh is the steps that looking at all of v takes.
func weigh(v any) int {
	switch v := v.(type) {
	case *value.List:
		return len(v.Items)
	case *value.Map:
		return v.Len()
	case *value.Set:
		return v.Len()
	case *value.Array:
		return len(v.Items)
	case string:
		return len(v) >> 6
	case *big.Int:
		words := v.BitLen() >> 6
		return words * words >> 8
	case value.Decimal:
		words := len(v) >> 4
		return words * words >> 8
	}
	return 0
}

// addedSteps is what a member more costs, so that the memory of an evaluation is
// bounded too.
const addedSteps = 16

// cost is the steps that calling a method of v takes, besides what its arguments
// and its result weigh. Small values that unfold to large ones count as large,
// where the method looks into them.
func (ev *evaluation) cost(v any, name string, args []any) int {
	switch v := v.(type) {
	case string:
		switch name {
		case "matches", "replaceFirst":
			// A regular expression may have to be compiled.
			return 500 + 4*len(v)
		case "replaceAll", "split":
			return 500 + 10*len(v)
		}
		// Most methods look at all of the text, if only to find the place of a
		// UTF-16 unit.
		return len(v) >> 4
	case *big.Int:
		words := v.BitLen() >> 6
		switch name {
		case "modPow", "modInverse", "isProbablePrime", "nextProbablePrime", "gcd", "sqrt":
			return words * words * words >> 4
		}
		return weigh(v)
	case *value.List, *value.Map, *value.Set, *value.Array, *value.Entry:
	default:
		return weigh(v)
	}
	n := weigh(v)
	switch name {
	case "hashCode", "toString", "equals":
		return value.Size(v, ev.steps())
	case "removeAll", "retainAll", "containsAll":
		if len(args) == 0 {
			return n
		}
		return n*(weigh(args[0])>>2+1) + ev.depthOf(v, args)
	case "contains", "indexOf", "lastIndexOf", "containsValue", "sort", "subList":
		return n + ev.depthOf(v, args)
	}
	if len(args) == 0 {
		return n >> 3
	}
	switch v.(type) {
	case *value.Map:
		if name == "remove" {
			// What is behind it moves, and so does the index.
			return 4*n + ev.depthOf(v, args)
		}
		if _, ok := args[0].(string); ok {
			return addedSteps
		}
	case *value.List:
		switch {
		case name == "get", name == "set":
			return 0
		case name == "add" && len(args) == 1:
			return addedSteps
		}
		// What is behind a place moves.
	}
	return n>>1 + ev.depthOf(v, args)
}

// quickSteps is the steps of a quick method, so that what it adds is counted too.
func quickSteps(v any, method value.Quick, args []any) int {
	n := addedSteps
	switch method {
	case value.QuickContains:
		n += weigh(v)
	case value.QuickAddAll:
		n += 4 * weigh(args[0])
	case value.QuickKeySet, value.QuickEntrySet:
		// The view is filled later.
		n += 4 * weigh(v)
	}
	return n
}

// depthOf is the steps of comparing members of v with arguments that are
// collections.
func (ev *evaluation) depthOf(v any, args []any) int {
	n := 0
	for _, a := range args {
		switch a.(type) {
		case *value.List, *value.Map, *value.Set, *value.Array, *value.Entry:
			n += value.Size(a, ev.steps())
		}
	}
	if n > 0 {
		n += value.Size(v, ev.steps())
	}
	return n
}

// reading is the steps that Go code may take to read its arguments.
func reading(args []any) int {
	n := 0
	for _, a := range args {
		switch a := a.(type) {
		case nil, bool, int32:
		case string:
			n += len(a) >> 1
		default:
			n += 17 * weigh(a)
		}
	}
	return n
}
