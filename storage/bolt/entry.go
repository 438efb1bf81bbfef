package bolt

import (
	"math"
	"strconv"
	"strings"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/expression"
)

// The key of an item is the hash of its partition key, then the partition key,
// then the sort key. The hash spreads partitions over the key space in an order
// that is stable but, as in DynamoDB, means nothing; a segment of a parallel scan
// is a range of hashes. The key of an index entry is built the same from the
// index's key attributes and followed by the key of the item.

// hashSize is the length of the hash that keys begin with.
const hashSize = 2

// hashSpace is the number of different hashes.
const hashSpace = 1 << (8 * hashSize)

// partitionHash is part of the file format.
func partitionHash(encoded []byte) uint16 {
	// FNV-1a, and then a final mix: alone it leaves the upper bits of short
	// inputs much alike.
	x := uint32(2166136261)
	for _, b := range encoded {
		x = (x ^ uint32(b)) * 16777619
	}
	x ^= x >> 16
	x *= 0x85ebca6b
	x ^= x >> 13
	x *= 0xc2b2ae35
	return uint16(x >> 16)
}

// appendPartition appends what the keys of all items of a partition begin with.
func appendPartition(dst []byte, partition attribute.Value) ([]byte, error) {
	start := len(dst)
	dst = append(dst, 0, 0)
	dst, err := attribute.AppendKey(dst, partition)
	if err != nil {
		return dst, err
	}
	h := partitionHash(dst[start+hashSize:])
	dst[start], dst[start+1] = byte(h>>8), byte(h)
	return dst, nil
}

// appendKey appends the key of item under k, whose attributes item has.
func appendKey(dst []byte, k expression.Key, item *attribute.Item) ([]byte, error) {
	dst, err := appendPartition(dst, item.Get(k.Partition))
	if err != nil || k.Sort == "" {
		return dst, err
	}
	return attribute.AppendKey(dst, item.Get(k.Sort))
}

// itemKey returns the item's key in an index entry's.
func (ix *index) itemKey(entry []byte) ([]byte, error) {
	if len(entry) < hashSize {
		return nil, damaged("short key in index %s", ix.def.Name)
	}
	rest, ok := attribute.SkipKey(entry[hashSize:], ix.key.PartitionKind)
	if ok && ix.key.Sort != "" {
		rest, ok = attribute.SkipKey(rest, ix.key.SortKind)
	}
	if !ok {
		return nil, damaged("malformed key in index %s", ix.def.Name)
	}
	return rest, nil
}

// covers reports whether item belongs into the index: indexes are sparse.
func (ix *index) covers(item *attribute.Item) bool {
	fits := func(v attribute.Value, kind attribute.Kind, limit int) bool {
		if v.Kind() != kind {
			return false
		}
		return kind == attribute.N || (v.Text() != "" && len(v.Text()) <= limit)
	}
	if !fits(item.Get(ix.key.Partition), ix.key.PartitionKind, maxPartitionKey) {
		return false
	}
	return ix.key.Sort == "" || fits(item.Get(ix.key.Sort), ix.key.SortKind, maxSortKey)
}

// entry is what one item has in one index. The zero entry says that it is not in
// the index.
type entry struct {
	key   []byte
	value []byte
	// size is that of the projected attributes as DynamoDB counts it.
	size int
}

// entry returns what item, which has the given size and is stored under itemKey,
// has in the index. An index that is being deleted has nothing.
func (ix *index) entry(item *attribute.Item, size int, itemKey []byte) (entry, error) {
	if ix.status == storage.IndexDeleting || !ix.covers(item) {
		return entry{}, nil
	}
	key, err := appendKey(make([]byte, 0, 64+len(itemKey)), ix.key, item)
	if err != nil {
		return entry{}, err
	}
	e := entry{key: append(key, itemKey...), size: size}
	if !ix.refers {
		projected := ix.project(item)
		e.value, e.size = attribute.AppendBinary(nil, projected), projected.Size()
	}
	return e, nil
}

// project returns the attributes of item that the index holds.
func (ix *index) project(item *attribute.Item) *attribute.Item {
	if ix.projects == nil {
		return item
	}
	out := make([]attribute.Attribute, 0, len(ix.projects))
	for _, name := range ix.projects {
		if v := item.Get(name); v.IsValid() {
			out = append(out, attribute.Attribute{Name: name, Value: v})
		}
	}
	return attribute.NewItem(out...)
}

// entries returns what item, which has the given size, has in each of the
// table's indexes.
func (t *table) entries(item *attribute.Item, size int, itemKey []byte) ([]entry, error) {
	if len(t.indexes) == 0 {
		return nil, nil
	}
	entries := make([]entry, len(t.indexes))
	for i, ix := range t.indexes {
		e, err := ix.entry(item, size, itemKey)
		if err != nil {
			return nil, err
		}
		entries[i] = e
	}
	return entries, nil
}

// expiryKey returns the key of item in the expiry bucket: its expiry in epoch
// seconds, then its key. It is nil when the item does not expire.
func (t *table) expiryKey(item *attribute.Item, itemKey []byte) []byte {
	if t.def.TTLAttribute == "" {
		return nil
	}
	seconds, ok := expirySeconds(item.Get(t.def.TTLAttribute))
	if !ok {
		return nil
	}
	return append(appendSeconds(make([]byte, 0, 8+len(itemKey)), seconds), itemKey...)
}

// expirySeconds reads a TTL attribute. Values that are not numbers never expire;
// nor do negative ones, which lie more than five years in the past, nor those
// beyond any clock. A fraction expires when its second is over.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html
func expirySeconds(v attribute.Value) (int64, bool) {
	if v.Kind() != attribute.N {
		return 0, false
	}
	whole, fraction, _ := strings.Cut(v.Text(), ".")
	seconds, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || strings.HasPrefix(whole, "-") || seconds == math.MaxInt64 {
		return 0, false
	}
	if strings.Trim(fraction, "0") != "" {
		seconds++
	}
	return seconds, true
}

func appendSeconds(dst []byte, seconds int64) []byte {
	for shift := 56; shift >= 0; shift -= 8 {
		dst = append(dst, byte(uint64(seconds)>>shift))
	}
	return dst
}
