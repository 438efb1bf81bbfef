package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"

	"appsync-emulator/mappingtemplate/value"
	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
)

// maxHolds is how many items are held at a time.
const maxHolds = 1000

// Hold keeps the next mutation of an item of a versioned data source waiting.
type Hold struct {
	Table string
	Key   *attribute.Item
	// Waiting tells that a mutation has come and waits.
	Waiting bool
}

// holds are the items whose next mutation waits. The zero value holds nothing,
// and writes pay one atomic load for it. It is safe for concurrent use.
type holds struct {
	count atomic.Int64

	mu   sync.Mutex // guards list and what its elements say
	list []*hold
}

type hold struct {
	Hold
	released chan struct{} // closed when the mutation may go on
}

// find returns the place of the hold of an item, or -1. The attributes of keys
// may be in any order, and numbers in any form.
func (h *holds) find(table string, key *attribute.Item) int {
	return slices.IndexFunc(h.list, func(held *hold) bool {
		return held.Table == table && sameKey(held.Key, key)
	})
}

func sameKey(a, b *attribute.Item) bool {
	if a.Len() != b.Len() {
		return false
	}
	for _, attr := range a.Attributes() {
		if v := b.Get(attr.Name); !v.IsValid() || !attribute.Equal(attr.Value, v) {
			return false
		}
	}
	return true
}

// add holds the next mutation of an item. An item that is held is held on; one
// whose mutation waits has to be released first.
func (h *holds) add(table string, key *attribute.Item) (Hold, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if i := h.find(table, key); i >= 0 {
		held := h.list[i].Hold
		if held.Waiting {
			return held, &Error{Status: http.StatusConflict, Message: fmt.Sprintf("a mutation of %s waits already; release it first", itemName(table, key))}
		}
		return held, nil
	}
	if len(h.list) == maxHolds {
		return Hold{}, &Error{Status: http.StatusConflict, Message: fmt.Sprintf("%d items are held, which is the limit", maxHolds)}
	}
	held := &hold{Hold: Hold{Table: table, Key: key}, released: make(chan struct{})}
	h.list = append(h.list, held)
	h.count.Add(1)
	return held.Hold, nil
}

// wait is the gate of writes: it returns when the item is not held or has been
// released, and with the error of ctx when that is done before. One mutation
// waits in a hold; others of the same item pass.
func (h *holds) wait(ctx context.Context, table string, key *attribute.Item) error {
	if h.count.Load() == 0 {
		return nil
	}
	h.mu.Lock()
	i := h.find(table, key)
	if i < 0 || h.list[i].Waiting {
		h.mu.Unlock()
		return nil
	}
	held := h.list[i]
	held.Waiting = true
	h.mu.Unlock()
	select {
	case <-held.released:
		return nil
	case <-ctx.Done():
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	// Who released it meanwhile has removed it, and may hold the item anew.
	if i := slices.Index(h.list, held); i >= 0 {
		h.remove(i)
	}
	return ctx.Err()
}

// remove forgets a hold and lets its mutation go on.
func (h *holds) remove(i int) Hold {
	held := h.list[i]
	h.list = slices.Delete(h.list, i, i+1)
	h.count.Add(-1)
	close(held.released)
	return held.Hold
}

// release ends the hold of an item.
func (h *holds) release(table string, key *attribute.Item) (Hold, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	i := h.find(table, key)
	if i < 0 {
		return Hold{}, notFound("key", "%s is not held", itemName(table, key))
	}
	return h.remove(i), nil
}

// releaseAll ends all holds and returns them.
func (h *holds) releaseAll() []Hold {
	h.mu.Lock()
	defer h.mu.Unlock()
	released := []Hold{}
	for len(h.list) > 0 {
		released = append(released, h.remove(0))
	}
	return released
}

// all returns the holds in the order in which they were asked for.
func (h *holds) all() []Hold {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := make([]Hold, len(h.list))
	for i, held := range h.list {
		list[i] = held.Hold
	}
	return list
}

func itemName(table string, key *attribute.Item) string {
	return fmt.Sprintf("%s of table %q", PlainJSON.AppendItem(nil, key), table)
}

// BeforeWrite is what versioned data sources ask before a write of an item: it
// waits while the item is held, and returns the error of ctx when that is done
// first.
func (s *Service) BeforeWrite(ctx context.Context, table string, key *attribute.Item) error {
	return s.holds.wait(ctx, table, key)
}

// Hold holds the next mutation of an item of a versioned data source's base
// table, after it was received and before it is written.
func (s *Service) Hold(table string, key *attribute.Item) (Hold, error) {
	return s.holds.add(table, key)
}

// Release lets the mutation of an item go on, or pass if none has come yet.
func (s *Service) Release(table string, key *attribute.Item) (Hold, error) {
	return s.holds.release(table, key)
}

// ReleaseAll ends all holds and returns them.
func (s *Service) ReleaseAll() []Hold { return s.holds.releaseAll() }

// Holds are the items that are held, in the order in which that was asked for.
func (s *Service) Holds() []Hold { return s.holds.all() }

// heldItem reads the body of a request that names an item of a versioned data
// source.
func (c *call) heldItem() (table string, key *attribute.Item, err error) {
	m, err := c.object("table", "key")
	if err != nil {
		return "", nil, err
	}
	table, ok := m.Value("table").(string)
	if !ok {
		return "", nil, badRequest("table", "want the name of the base table of a versioned data source")
	}
	sources := c.project.Load().Versioned
	names := make([]string, len(sources))
	for i, d := range sources {
		names[i] = d.Table
	}
	if !slices.Contains(names, table) {
		return "", nil, notFound("table", "no versioned data source has the base table %q%s", table, didYouMean(table, names))
	}
	d, err := c.Service.table(c.r.Context(), table, "table")
	if err != nil {
		return "", nil, err
	}
	text, ok := m.Value("key").(*value.Map)
	if !ok {
		return "", nil, badRequest("key", `want the key of an item, such as {"id":"1"}`)
	}
	attributes := []storage.KeyAttribute{d.Key.Partition}
	if d.Key.Sort != nil {
		attributes = append(attributes, *d.Key.Sort)
	}
	if key, err = typedKey(text, attributes); err != nil {
		return "", nil, badRequest("key", "%v", err)
	}
	for _, a := range attributes {
		if kind := key.Get(a.Name).Kind(); kind != a.Kind {
			return "", nil, badRequest("key", "%s: want type %s, not %s", a.Name, a.Kind, kind)
		}
	}
	return table, key, nil
}

// holdForm is a hold in an answer.
type holdForm struct {
	Table   string          `json:"table"`
	Key     json.RawMessage `json:"key"`
	Waiting bool            `json:"waiting"`
}

func newHoldForm(h Hold) holdForm {
	return holdForm{Table: h.Table, Key: PlainJSON.AppendItem(nil, h.Key), Waiting: h.Waiting}
}

func newHoldForms(holds []Hold) []holdForm {
	forms := make([]holdForm, len(holds))
	for i, h := range holds {
		forms[i] = newHoldForm(h)
	}
	return forms
}

func (c *call) hold() (any, error) {
	table, key, err := c.heldItem()
	if err != nil {
		return nil, err
	}
	h, err := c.Hold(table, key)
	if err != nil {
		return nil, err
	}
	return newHoldForm(h), nil
}

func (c *call) release() (any, error) {
	table, key, err := c.heldItem()
	if err != nil {
		return nil, err
	}
	h, err := c.Release(table, key)
	if err != nil {
		return nil, err
	}
	return newHoldForm(h), nil
}

func (c *call) listHolds() (any, error) {
	return struct {
		Holds []holdForm `json:"holds"`
	}{newHoldForms(c.Holds())}, nil
}

func (c *call) releaseHolds() (any, error) {
	return struct {
		Released []holdForm `json:"released"`
	}{newHoldForms(c.ReleaseAll())}, nil
}
