package watch

import (
	"maps"
	"slices"
	"time"
)

// burst collects changes that belong together: a save is several events, and a
// checkout is thousands. It is over when nothing has come for a while, or when it
// has lasted long enough.
type burst struct {
	quiet, limit time.Duration

	first time.Time // zero: there is none
	paths map[string]bool
}

// add notes a change, and returns after what time without another one the burst is
// over.
func (b *burst) add(path string, now time.Time) time.Duration {
	if b.first.IsZero() {
		b.first, b.paths = now, map[string]bool{}
	}
	b.paths[path] = true
	return max(0, min(b.quiet, b.first.Add(b.limit).Sub(now)))
}

// end returns the paths of the burst, sorted, and begins anew.
func (b *burst) end() []string {
	paths := slices.Sorted(maps.Keys(b.paths))
	b.first, b.paths = time.Time{}, nil
	return paths
}
