package resolver

import (
	"regexp"
	"strings"
)

// keys is a set of properties of $context.
type keys uint16

const (
	ctxArguments keys = 1 << iota // and args
	ctxIdentity
	ctxSource
	ctxResult
	ctxRequest
	ctxInfo
	ctxError
	ctxPrev
	ctxStash
	ctxOutErrors
	ctxEnv

	ctxAll = 1<<iota - 1
)

var contextKeys = map[string]keys{
	"arguments": ctxArguments, "args": ctxArguments, "identity": ctxIdentity, "source": ctxSource, "result": ctxResult,
	"request": ctxRequest, "info": ctxInfo, "error": ctxError, "prev": ctxPrev, "stash": ctxStash,
	"outErrors": ctxOutErrors, "env": ctxEnv,
}

// uses says what a resolver's templates can touch, so that a call builds no
// more of $context than that. It is worked out from the text and errs on the
// side of everything.
type uses struct {
	keys keys
	// mutates is set when a template could change a map or list: the parent's
	// value must then be copied, because sibling resolvers share it.
	mutates bool
}

var (
	contextReference = regexp.MustCompile(`\$!?\{?(?:ctx|context)\b(?:\.([A-Za-z_][A-Za-z0-9_-]*))?`)
	propertySet      = regexp.MustCompile(`#\{?set\}?\s*\([^=]*[.\[]`)
	mutators         = regexp.MustCompile(`\.(put|putAll|putIfAbsent|remove|removeAll|retainAll|add|addAll|set|setValue|clear|sort|replace|replaceAll|merge|compute|computeIfAbsent|computeIfPresent)\b`)
)

// scan adds what the template can touch.
func (u *uses) scan(text string) {
	// #evaluate can put a reference together from pieces, and strings may spell
	// one with \u0024 for its dollar sign.
	if strings.Contains(text, "evaluate") || strings.Contains(text, `\u`) {
		u.keys, u.mutates = ctxAll, true
	}
	for _, m := range contextReference.FindAllStringSubmatch(text, -1) {
		if k, ok := contextKeys[m[1]]; ok {
			u.keys |= k
		} else {
			// The context as a whole may be read, and changed, in other ways.
			u.keys, u.mutates = ctxAll, true
		}
	}
	if mutators.MatchString(text) || propertySet.MatchString(text) {
		u.mutates = true
	}
}

func (u *uses) has(k keys) bool { return u.keys&k != 0 }
