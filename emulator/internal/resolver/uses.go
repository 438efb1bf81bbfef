package resolver

import (
	"regexp"
	"strings"
)

// uses says what a resolver's templates can touch, so that a call builds no
// more of $context than that. It is worked out from the text and errs on the
// side of everything.
type uses struct {
	all  bool
	keys map[string]bool
	// selection is set when selectionSetList or selectionSetGraphQL occur.
	selection bool
	// mutates is set when a template could change a map or list: the parent's
	// value must then be copied, because sibling resolvers share it.
	mutates bool
}

var (
	contextReference = regexp.MustCompile(`\$!?\{?(?:ctx|context)\b(?:\.([A-Za-z_][A-Za-z0-9_-]*))?`)
	propertySet      = regexp.MustCompile(`#\{?set\}?\s*\(\s*\$!?\{?[A-Za-z_][A-Za-z0-9_-]*[.\[]`)
	mutators         = regexp.MustCompile(`\.(put|putAll|putIfAbsent|remove|removeAll|retainAll|add|addAll|set|setValue|clear|sort|replace|replaceAll|merge|compute|computeIfAbsent|computeIfPresent)\b`)
)

// contextKeys are the properties of $context that a resolver builds.
var contextKeys = map[string]bool{
	"arguments": true, "args": true, "source": true, "stash": true, "result": true, "prev": true, "error": true,
	"outErrors": true, "identity": true, "request": true, "info": true, "env": true,
}

func (u *uses) scan(text string) {
	if u.keys == nil {
		u.keys = map[string]bool{}
	}
	// #evaluate can put a reference together from pieces.
	if strings.Contains(text, "evaluate") {
		u.all = true
	}
	for _, m := range contextReference.FindAllStringSubmatch(text, -1) {
		if contextKeys[m[1]] {
			u.keys[m[1]] = true
		} else {
			u.all = true
		}
	}
	if strings.Contains(text, "selectionSet") {
		u.selection = true
	}
	if mutators.MatchString(text) || propertySet.MatchString(text) {
		u.mutates = true
	}
}

func (u *uses) has(key string) bool { return u.all || u.keys[key] }
