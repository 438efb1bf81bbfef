package plan_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"appsync-emulator/emulator/internal/plan"
)

func cached(t *testing.T, c *plan.Cache, query, operation string) *plan.Plan {
	t.Helper()
	p, failure := c.Plan(query, operation)
	if failure != nil {
		t.Fatal(failure)
	}
	return p
}

func TestCacheKeepsPlans(t *testing.T) {
	c := plan.NewCache(parseSchema(t, postsSDL), plan.Options{})
	const query = "query A { listPosts { id } } query B { listPosts { title } }"
	a, b := cached(t, c, query, "A"), cached(t, c, query, "B")
	if a == b || a.Name != "A" || b.Name != "B" {
		t.Error("operations of one text share a plan")
	}
	if cached(t, c, query, "A") != a {
		t.Error("the plan was not kept")
	}
	if _, failure := c.Plan(query, ""); failure == nil || failure.Kind != plan.MissingOperationName {
		t.Errorf("failure %v", failure)
	}
}

func TestCacheIsBounded(t *testing.T) {
	s := parseSchema(t, postsSDL)
	text := func(n int) string { return fmt.Sprintf("{ a%d: listPosts { id } }", n) }
	for name, opt := range map[string]plan.Options{
		"by plans": {CacheSize: 2},
		"by text":  {CacheText: 2*len(text(0)) + 1},
	} {
		t.Run(name, func(t *testing.T) {
			c := plan.NewCache(s, opt)
			first, second := cached(t, c, text(0), ""), cached(t, c, text(1), "")
			if cached(t, c, text(0), "") != first {
				t.Error("two plans do not fit")
			}
			cached(t, c, text(2), "") // the second was used longest ago
			if cached(t, c, text(0), "") != first {
				t.Error("the plan used last is gone")
			}
			if cached(t, c, text(1), "") == second {
				t.Error("a third plan fits")
			}
		})
	}
	c := plan.NewCache(s, plan.Options{CacheText: 10})
	long := text(0) + strings.Repeat(" ", 20)
	first, second := cached(t, c, long, ""), cached(t, c, long, "")
	if first == second {
		t.Error("text beyond the bound was kept")
	}
}

func TestCacheIsSafeForConcurrentUse(t *testing.T) {
	c := plan.NewCache(parseSchema(t, postsSDL), plan.Options{CacheSize: 4})
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 50 {
				query := fmt.Sprintf("{ a%d: listPosts { id } }", (g+i)%6)
				if p, failure := c.Plan(query, ""); failure != nil || p.Root == nil {
					t.Errorf("%s: %v", query, failure)
				}
			}
		})
	}
	wg.Wait()
}
