package builtin

import (
	"sync"
	"time"

	"appsync-emulator/mappingtemplate/value"
)

// Cache keeps what helpers compile from text between evaluations. The zero Cache
// is ready to use, a nil *Cache keeps nothing, and both are safe for concurrent
// use.
type Cache struct {
	mu       sync.Mutex
	patterns map[string]*value.Pattern
	zones    map[string]*time.Location
}

// cacheSize bounds the entries of each kind: templates name few patterns and
// zones, unless they build them from their arguments.
const cacheSize = 256

// matches is Java's Pattern.matches.
func (c *Cache) matches(expr, s string) (bool, error) {
	p, err := c.pattern(expr)
	if err != nil {
		return false, err
	}
	return p.Matches(s)
}

func (c *Cache) pattern(expr string) (*value.Pattern, error) {
	if c == nil {
		return value.CompilePattern(expr)
	}
	c.mu.Lock()
	p := c.patterns[expr]
	c.mu.Unlock()
	if p != nil {
		return p, nil
	}
	p, err := value.CompilePattern(expr)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.patterns == nil || len(c.patterns) >= cacheSize {
		c.patterns = make(map[string]*value.Pattern)
	}
	c.patterns[expr] = p
	return p, nil
}

// zone returns the time zone of a Java zone id.
func (c *Cache) zone(id string) (*time.Location, error) {
	if id == "UTC" {
		return time.UTC, nil
	}
	if c != nil {
		c.mu.Lock()
		loc := c.zones[id]
		c.mu.Unlock()
		if loc != nil {
			return loc, nil
		}
	}
	loc, err := parseZone(id)
	if err != nil {
		return nil, err
	}
	if c != nil {
		c.mu.Lock()
		if c.zones == nil || len(c.zones) >= cacheSize {
			c.zones = make(map[string]*time.Location)
		}
		c.zones[id] = loc
		c.mu.Unlock()
	}
	return loc, nil
}
