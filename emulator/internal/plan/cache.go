package plan

import (
	"strings"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"appsync-emulator/emulator/internal/schema"
)

const (
	defaultCacheSize = 1000
	// A plan takes up to sixteen times the memory of its text.
	defaultCacheText = 4 << 20
)

// Cache keeps the plans of one schema that were used last. Queries that fail are
// not kept. A Cache is safe for concurrent use.
type Cache struct {
	schema  *schema.Schema
	opt     Options
	maxText int

	mu    sync.Mutex // guards what follows
	plans *simplelru.LRU[cacheKey, *Plan]
	text  int
}

type cacheKey struct {
	query, operationName string
}

// NewCache returns an empty cache of plans for s.
func NewCache(s *schema.Schema, opt Options) *Cache {
	c := &Cache{schema: s, opt: opt, maxText: opt.CacheText}
	if c.maxText <= 0 {
		c.maxText = defaultCacheText
	}
	size := opt.CacheSize
	if size <= 0 {
		size = defaultCacheSize
	}
	// The only error is that of a size below one.
	c.plans, _ = simplelru.NewLRU(size, func(k cacheKey, _ *Plan) { c.text -= k.size() })
	return c
}

func (k cacheKey) size() int { return len(k.query) + len(k.operationName) }

// Plan returns the plan of an operation, compiled now unless it is at hand.
func (c *Cache) Plan(query, operationName string) (*Plan, *Failure) {
	key := cacheKey{query, operationName}
	c.mu.Lock()
	p, ok := c.plans.Get(key)
	c.mu.Unlock()
	if ok {
		return p, nil
	}
	p, failure := Compile(c.schema, query, operationName, c.opt)
	if failure != nil {
		return nil, failure
	}
	if key.size() <= c.maxText {
		c.keep(key, p)
	}
	return p, nil
}

func (c *Cache) keep(key cacheKey, p *Plan) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.plans.Contains(key) {
		return // compiled by someone else in the meantime
	}
	// The query may be a part of a whole request body: keep no more than it.
	key = cacheKey{strings.Clone(key.query), strings.Clone(key.operationName)}
	c.text += key.size()
	c.plans.Add(key, p)
	for c.text > c.maxText {
		c.plans.RemoveOldest()
	}
}
