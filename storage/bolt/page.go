package bolt

import (
	"bytes"
	"context"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
)

// maxPageSize ends a page when the items that were evaluated reach it.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html
const maxPageSize = 1 << 20

// ctxInterval is after how many items a long read looks whether its caller has
// gone.
const ctxInterval = 128

// walk is a cursor that stays within a span, in either direction.
type walk struct {
	cursor     cursor
	span       span
	descending bool
}

func (w *walk) first() (k, v []byte) {
	if !w.descending {
		if w.span.from == nil {
			k, v = w.cursor.First()
		} else {
			k, v = w.cursor.Seek(w.span.from)
		}
		return w.within(k, v)
	}
	if w.span.to == nil {
		return w.within(w.cursor.Last())
	}
	if k, _ = w.cursor.Seek(w.span.to); k == nil {
		return w.within(w.cursor.Last())
	}
	return w.within(w.cursor.Prev())
}

func (w *walk) next() (k, v []byte) {
	if w.descending {
		return w.within(w.cursor.Prev())
	}
	return w.within(w.cursor.Next())
}

func (w *walk) within(k, v []byte) ([]byte, []byte) {
	if k == nil || (!w.descending && w.span.to != nil && bytes.Compare(k, w.span.to) >= 0) ||
		(w.descending && w.span.from != nil && bytes.Compare(k, w.span.from) < 0) {
		return nil, nil
	}
	return k, v
}

// page reads entries until the span, the limit or the page is exhausted.
func (a *access) page(ctx context.Context, r *reading) (*storage.PageOutput, error) {
	name := a.table.items
	if a.index != nil {
		name = a.index.place
	}
	bucket, err := r.open(a.table, name)
	if err != nil {
		return nil, err
	}
	p := pager{access: a}
	if a.index != nil && (a.index.refers || a.filterTable || a.answerTable) {
		items, err := r.open(a.table, a.table.items)
		if err != nil {
			return nil, err
		}
		p.items = items.Cursor()
	}
	out := new(storage.PageOutput)
	if !a.count {
		out.Items = []*attribute.Item{}
	}
	w := walk{cursor: bucket.Cursor(), span: a.span, descending: a.descending}
	size := 0
	if a.capacity {
		defer func() { out.Capacity = p.consumed(size) }()
	}
	defer func() { r.resident.touch(r.tx, out.ScannedCount%ctxInterval) }()
	for k, v := w.first(); k != nil; k, v = w.next() {
		if out.ScannedCount%ctxInterval == ctxInterval-1 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			r.resident.touch(r.tx, ctxInterval)
		}
		if err := p.load(k, v); err != nil {
			return nil, err
		}
		out.ScannedCount++
		size += p.size
		keep, err := p.matches()
		if err != nil {
			return nil, err
		}
		if keep {
			out.Count++
			if !a.count {
				item, err := p.answer()
				if err != nil {
					return nil, err
				}
				out.Items = append(out.Items, item)
			}
		}
		if out.ScannedCount == a.limit || size >= maxPageSize {
			out.LastKey, err = p.lastKey()
			return out, err
		}
	}
	return out, nil
}

// consumed is the capacity that a page took which evaluated size bytes. What a
// local index does not hold is fetched item by item.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LSI.html#LSI.ThroughputConsiderations.Reads
func (p *pager) consumed(size int) *storage.Capacity {
	a := p.access
	c := &storage.Capacity{Table: a.table.def.Name, Read: p.fetched}
	if read := readUnits(size, a.consistent); a.index == nil {
		c.Read += read
	} else {
		c.Indexes = []storage.IndexCapacity{{Name: a.index.def.Name, Local: a.index.def.Local, Read: read}}
	}
	return c
}

// pager holds one entry after the other. It decodes into memory that it reuses,
// and copies only what is answered.
type pager struct {
	access  *access
	items   cursor // of the table, when an index is not enough
	decoder attribute.BinaryDecoder
	other   attribute.BinaryDecoder

	held    []byte          // the encoding that the index or table holds
	current *attribute.Item // the item of held, borrowed or owned
	owned   bool
	whole   []byte // the encoding in the table, when an index is not enough
	size    int
	fetched float64 // what reading from the table consumed, when that is asked for
}

// load decodes the entry at k. What is certainly answered is decoded for good
// right away.
func (p *pager) load(k, v []byte) error {
	a := p.access
	p.held, p.whole = v, nil
	if p.items != nil {
		key, err := a.index.itemKey(k)
		if err != nil {
			return err
		}
		found, whole := p.items.Seek(key)
		if !bytes.Equal(found, key) {
			return damaged("index %s has an entry without an item", a.index.def.Name)
		}
		p.whole = whole
		if a.capacity && !a.index.refers {
			size, err := attribute.BinarySize(whole)
			if err != nil {
				return damaged("table %s: %w", a.table.def.Name, err)
			}
			p.fetched += readUnits(size, a.consistent)
		}
		if a.index.refers {
			p.held = whole
		}
	}
	var err error
	p.owned = a.filter == nil && !a.count && a.projection == nil
	if p.owned {
		p.current, err = attribute.DecodeBinary(p.held)
	} else {
		p.current, err = p.decoder.Borrow(p.held)
	}
	if err != nil {
		return damaged("table %s: %w", a.table.def.Name, err)
	}
	p.size = p.current.Size()
	return nil
}

// matches applies the filter.
func (p *pager) matches() (bool, error) {
	a := p.access
	if a.filter == nil {
		return true, nil
	}
	item := p.current
	if a.filterTable {
		var err error
		if item, err = p.other.Borrow(p.whole); err != nil {
			return false, damaged("table %s: %w", a.table.def.Name, err)
		}
	}
	return a.filter.Eval(item)
}

// answer returns the item as the caller gets it.
func (p *pager) answer() (*attribute.Item, error) {
	a := p.access
	item := p.current
	if !p.owned || a.answerTable {
		from := p.held
		if a.answerTable {
			from = p.whole
		}
		var err error
		if item, err = attribute.DecodeBinary(from); err != nil {
			return nil, damaged("table %s: %w", a.table.def.Name, err)
		}
	}
	return a.projection.Apply(item), nil
}

// lastKey returns the position of the entry that was loaded last.
func (p *pager) lastKey() (*attribute.Item, error) {
	item, err := attribute.DecodeBinary(p.held)
	if err != nil {
		return nil, damaged("table %s: %w", p.access.table.def.Name, err)
	}
	key := new(attribute.Item)
	for _, name := range p.access.positionNames() {
		key.Set(name, item.Get(name))
	}
	return key, nil
}
