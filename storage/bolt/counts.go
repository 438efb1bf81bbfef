package bolt

import (
	"encoding/binary"

	"appsync-emulator/storage/attribute"

	"go.etcd.io/bbolt"
)

// The number and size of a table's items, and of those in each index, lie under
// countsKey in the table's own bucket. Its page is rewritten with every change
// anyway, for it points to the buckets that hold the items; so the counts cost
// no page. They are uvarints: items and bytes of the table, then for each index
// the length of its name, the name, items and bytes.
const countsKey = "counts"

var countsName = []byte(countsKey)

// tally counts items and their size as DynamoDB measures it.
type tally struct{ items, bytes int64 }

func (t *tally) add(size int) {
	t.items++
	t.bytes += int64(size)
}

func (t *tally) remove(size int) {
	t.items--
	t.bytes -= int64(size)
}

// readCounts returns what root, the bucket of t, counts: the tally of the table,
// then those of its indexes in their order. It reports false when there are no
// counts or they cannot be read.
func readCounts(root keyValues, t *table) ([]tally, bool) {
	tallies := make([]tally, len(t.indexes)+1)
	return tallies, readCountsInto(tallies, root, t)
}

// readCountsInto is readCounts into zero tallies.
func readCountsInto(tallies []tally, root keyValues, t *table) bool {
	r := countsReader{b: root.Get(countsName)}
	if len(r.b) == 0 {
		return false
	}
	r.table(tallies, t)
	return !r.bad
}

func (r *countsReader) table(tallies []tally, t *table) {
	tallies[0] = r.tally()
	for next := 0; len(r.b) > 0; {
		name := r.name()
		n := r.tally()
		// They have been stored in the same order, but perhaps of more indexes.
		for i := next; i < len(t.indexes); i++ {
			if t.indexes[i].def.Name == string(name) {
				tallies[i+1] = n
				next = i + 1
				break
			}
		}
	}
}

// countsReader reads counts from the front of b.
type countsReader struct {
	b   []byte
	bad bool
}

func (r *countsReader) number() int64 {
	n, width := binary.Uvarint(r.b)
	if width <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[width:]
	return int64(n)
}

func (r *countsReader) name() []byte {
	n := r.number()
	if n < 0 || n > int64(len(r.b)) {
		r.bad, r.b = true, nil
		return nil
	}
	name := r.b[:n]
	r.b = r.b[n:]
	return name
}

func (r *countsReader) tally() tally {
	items := r.number()
	return tally{items, r.number()}
}

// writeCounts stores the tallies of t: its own, then those of its indexes in
// their order.
func writeCounts(root keyValues, t *table, tallies []tally) error {
	return root.Put(countsName, appendCounts(nil, t, tallies))
}

func appendCounts(b []byte, t *table, tallies []tally) []byte {
	b = appendTally(b, tallies[0])
	for i, ix := range t.indexes {
		b = binary.AppendUvarint(b, uint64(len(ix.def.Name)))
		b = append(b, ix.def.Name...)
		b = appendTally(b, tallies[i+1])
	}
	return b
}

func appendTally(b []byte, t tally) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(b, uint64(max(t.items, 0))), uint64(max(t.bytes, 0)))
}

// count reads the whole table and returns its tallies.
func (t *table) count(root *bbolt.Bucket) ([]tally, error) {
	tallies := make([]tally, len(t.indexes)+1)
	items := root.Bucket(itemsName)
	if items == nil {
		return nil, damaged("table %s has no bucket %s", t.def.Name, itemsName)
	}
	c := items.Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		size, err := attribute.BinarySize(v)
		if err != nil {
			return nil, damaged("table %s: %w", t.def.Name, err)
		}
		tallies[0].add(size)
	}
	for i, ix := range t.indexes {
		b := root.Bucket(ix.bucket)
		if b == nil {
			return nil, damaged("table %s has no bucket %s", t.def.Name, ix.bucket)
		}
		c := b.Cursor()
		for k, v := c.First(); k != nil; k, v = c.Next() {
			if ix.refers {
				key, err := ix.itemKey(k)
				if err != nil {
					return nil, err
				}
				v = items.Get(key)
			}
			size, err := attribute.BinarySize(v)
			if err != nil {
				return nil, damaged("table %s: index %s: %w", t.def.Name, ix.def.Name, err)
			}
			tallies[i+1].add(size)
		}
	}
	return tallies, nil
}
