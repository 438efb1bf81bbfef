package attribute

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unsafe"
)

// The binary codec stores items. An item is
//
//	version  1 byte, binaryVersion
//	counts   3 uvarints: attributes, elements of lists and sets, and maps, of
//	         all levels together, so that decoding allocates once for each
//	item     uvarint number of attributes, then each as
//	           uvarint length and bytes of the name
//	           1 byte kind
//	           payload
//
// where the payload of S, N and B is a uvarint length and the bytes, that of
// BOOL one byte, that of NULL nothing, that of a set the number of its elements
// and their payloads, that of L the number of its elements and each with its
// kind, and that of M an item. Names are in ascending order.

// binaryVersion is the first byte of every encoding that this code writes.
const binaryVersion = 1

// maxBinaryNesting bounds the recursion of the decoder, far above the 32 levels
// that DynamoDB stores.
const maxBinaryNesting = 128

// errBinary is what damaged encodings are refused with.
var errBinary = errors.New("attribute: damaged item encoding")

// AppendBinary appends the binary encoding of it.
func AppendBinary(dst []byte, it *Item) []byte {
	var n binaryCounts
	n.addItem(it)
	dst = append(dst, binaryVersion)
	dst = binary.AppendUvarint(dst, uint64(n.attrs))
	dst = binary.AppendUvarint(dst, uint64(n.elems))
	dst = binary.AppendUvarint(dst, uint64(n.maps))
	return appendBinaryItem(dst, it)
}

type binaryCounts struct{ attrs, elems, maps int }

func (n *binaryCounts) addItem(it *Item) {
	n.attrs += it.Len()
	for _, a := range it.Attributes() {
		n.addValue(a.Value)
	}
}

func (n *binaryCounts) addValue(v Value) {
	switch v.kind {
	case SS, NS, BS:
		n.elems += len(v.list)
	case L:
		n.elems += len(v.list)
		for _, e := range v.list {
			n.addValue(e)
		}
	case M:
		n.maps++
		n.addItem(v.item)
	}
}

func appendBinaryItem(dst []byte, it *Item) []byte {
	dst = binary.AppendUvarint(dst, uint64(it.Len()))
	for _, a := range it.Attributes() {
		dst = appendBinaryText(dst, a.Name)
		dst = append(dst, byte(a.Value.kind))
		dst = appendBinaryPayload(dst, a.Value)
	}
	return dst
}

func appendBinaryText(dst []byte, s string) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(s)))
	return append(dst, s...)
}

func appendBinaryPayload(dst []byte, v Value) []byte {
	switch v.kind {
	case S, N, B:
		return appendBinaryText(dst, v.text)
	case BOOL:
		if v.flag {
			return append(dst, 1)
		}
		return append(dst, 0)
	case SS, NS, BS:
		dst = binary.AppendUvarint(dst, uint64(len(v.list)))
		for _, e := range v.list {
			dst = appendBinaryText(dst, e.text)
		}
		return dst
	case L:
		dst = binary.AppendUvarint(dst, uint64(len(v.list)))
		for _, e := range v.list {
			dst = append(dst, byte(e.kind))
			dst = appendBinaryPayload(dst, e)
		}
		return dst
	case M:
		return appendBinaryItem(dst, v.item)
	default: // NULL
		return dst
	}
}

// DecodeBinary returns the item that b encodes. It copies b once; all texts of
// the item share that copy. Damaged encodings and those of a newer version are
// an error.
func DecodeBinary(b []byte) (*Item, error) {
	d := binaryReader{text: string(b)}
	it := new(Item)
	if err := d.decode(it); err != nil {
		return nil, err
	}
	return it, nil
}

// BinaryDecoder decodes items one after the other into memory that it reuses,
// for callers that look at many items and keep few. The zero value is ready. It
// is not safe for concurrent use.
type BinaryDecoder struct {
	reader binaryReader
	item   Item
}

// Borrow returns the item that b encodes without copying b. The item, with all
// its texts, is valid only until b changes or is released, or Borrow is called
// again. Whoever keeps an item decodes it with DecodeBinary.
func (d *BinaryDecoder) Borrow(b []byte) (*Item, error) {
	d.reader.text = unsafe.String(unsafe.SliceData(b), len(b))
	d.reader.at = 0
	if err := d.reader.decode(&d.item); err != nil {
		return nil, err
	}
	return &d.item, nil
}

// binaryReader reads one encoding. The three slices are the memory for all its
// attributes, elements and maps, handed out from the front.
type binaryReader struct {
	text string
	at   int

	attrs []Attribute
	elems []Value
	maps  []Item
}

func (r *binaryReader) decode(it *Item) error {
	if len(r.text) == 0 {
		return errBinary
	}
	if v := r.text[0]; v != binaryVersion {
		return fmt.Errorf("attribute: unknown version %d of an item encoding", v)
	}
	r.at = 1
	var counts [3]int
	for i := range counts {
		n, err := r.uvarint()
		if err != nil {
			return err
		}
		// Each of what is counted takes at least one byte.
		if n > uint64(len(r.text)-r.at) {
			return errBinary
		}
		counts[i] = int(n)
	}
	r.attrs = resize(r.attrs, counts[0])
	r.elems = resize(r.elems, counts[1])
	r.maps = resize(r.maps, counts[2])
	attrs, elems, maps := r.attrs, r.elems, r.maps
	err := r.item(it, 0)
	if err == nil && (r.at != len(r.text) || len(r.attrs) != 0 || len(r.elems) != 0 || len(r.maps) != 0) {
		err = errBinary
	}
	// Give the memory back whole, for the next item.
	r.attrs, r.elems, r.maps = attrs, elems, maps
	return err
}

func resize[T any](s []T, n int) []T {
	if n == 0 {
		return s[:0]
	}
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// take hands out the first n of *from. The result has no spare capacity, so that
// appending to it never writes into a neighbour.
func take[T any](from *[]T, n uint64) ([]T, error) {
	if n > uint64(len(*from)) {
		return nil, errBinary
	}
	s := (*from)[:n:n]
	*from = (*from)[n:]
	return s, nil
}

func (r *binaryReader) uvarint() (uint64, error) {
	// One byte is the common case.
	if r.at < len(r.text) {
		if c := r.text[r.at]; c < 0x80 {
			r.at++
			return uint64(c), nil
		}
	}
	var n uint64
	for shift := 0; shift < 63; shift += 7 {
		if r.at >= len(r.text) {
			return 0, errBinary
		}
		c := r.text[r.at]
		r.at++
		n |= uint64(c&0x7F) << shift
		if c < 0x80 {
			return n, nil
		}
	}
	return 0, errBinary
}

func (r *binaryReader) str() (string, error) {
	n, err := r.uvarint()
	if err != nil || n > uint64(len(r.text)-r.at) {
		return "", errBinary
	}
	s := r.text[r.at : r.at+int(n)]
	r.at += int(n)
	return s, nil
}

func (r *binaryReader) byte() (byte, error) {
	if r.at >= len(r.text) {
		return 0, errBinary
	}
	c := r.text[r.at]
	r.at++
	return c, nil
}

func (r *binaryReader) item(it *Item, depth int) error {
	n, err := r.uvarint()
	if err != nil {
		return err
	}
	attrs, err := take(&r.attrs, n)
	if err != nil {
		return err
	}
	for i := range attrs {
		a := &attrs[i]
		if a.Name, err = r.str(); err != nil {
			return err
		}
		// Lookups are binary searches, so the order is checked here.
		if i > 0 && a.Name <= attrs[i-1].Name {
			return errBinary
		}
		if err = r.value(&a.Value, depth); err != nil {
			return err
		}
	}
	it.attrs = attrs
	return nil
}

func (r *binaryReader) value(v *Value, depth int) error {
	kind, err := r.byte()
	if err != nil {
		return err
	}
	*v = Value{kind: Kind(kind)}
	switch v.kind {
	case S, N, B:
		v.text, err = r.str()
		return err
	case BOOL:
		flag, err := r.byte()
		if err != nil || flag > 1 {
			return errBinary
		}
		v.flag = flag == 1
		return nil
	case NULL:
		return nil
	case SS, NS, BS:
		if v.list, err = r.list(); err != nil {
			return err
		}
		elem := v.kind.ElemKind()
		for i := range v.list {
			e := &v.list[i]
			*e = Value{kind: elem}
			if e.text, err = r.str(); err != nil {
				return err
			}
		}
		return nil
	case L:
		if depth >= maxBinaryNesting {
			return errBinary
		}
		if v.list, err = r.list(); err != nil {
			return err
		}
		for i := range v.list {
			if err := r.value(&v.list[i], depth+1); err != nil {
				return err
			}
		}
		return nil
	case M:
		if depth >= maxBinaryNesting {
			return errBinary
		}
		maps, err := take(&r.maps, 1)
		if err != nil {
			return err
		}
		v.item = &maps[0]
		return r.item(v.item, depth+1)
	default:
		return errBinary
	}
}

func (r *binaryReader) list() ([]Value, error) {
	n, err := r.uvarint()
	if err != nil {
		return nil, err
	}
	return take(&r.elems, n)
}

// BinarySize returns the size that the item encoded in b has for DynamoDB, as
// Item.Size of the decoded item would. It allocates nothing. Damaged encodings
// and those of a newer version are an error.
func BinarySize(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, errBinary
	}
	if b[0] != binaryVersion {
		return 0, fmt.Errorf("attribute: unknown version %d of an item encoding", b[0])
	}
	r := binaryReader{text: unsafe.String(unsafe.SliceData(b), len(b)), at: 1}
	for range 3 {
		if _, err := r.uvarint(); err != nil {
			return 0, err
		}
	}
	size, _, err := r.itemSize(0)
	if err == nil && r.at != len(r.text) {
		err = errBinary
	}
	return size, err
}

// itemSize reads an item and returns its size and how many attributes it has.
func (r *binaryReader) itemSize(depth int) (size, attrs int, err error) {
	n, err := r.uvarint()
	if err != nil {
		return 0, 0, err
	}
	if n > uint64(len(r.text)) {
		return 0, 0, errBinary
	}
	for range n {
		name, err := r.str()
		if err != nil {
			return 0, 0, err
		}
		v, err := r.valueSize(depth)
		if err != nil {
			return 0, 0, err
		}
		size += len(name) + v
	}
	return size, int(n), nil
}

func (r *binaryReader) valueSize(depth int) (int, error) {
	kind, err := r.byte()
	if err != nil {
		return 0, err
	}
	switch Kind(kind) {
	case S, B:
		text, err := r.str()
		return len(text), err
	case N:
		text, err := r.str()
		return numberSize(text), err
	case BOOL:
		_, err := r.byte()
		return 1, err
	case NULL:
		return 1, nil
	case SS, NS, BS:
		n, err := r.uvarint()
		size := 0
		for ; n > 0 && err == nil; n-- {
			var text string
			text, err = r.str()
			if Kind(kind) == NS {
				size += numberSize(text)
			} else {
				size += len(text)
			}
		}
		return size, err
	case L:
		n, err := r.uvarint()
		size := documentOverhead
		for ; n > 0 && err == nil; n-- {
			if depth >= maxBinaryNesting {
				return 0, errBinary
			}
			var elem int
			elem, err = r.valueSize(depth + 1)
			size += elementOverhead + elem
		}
		return size, err
	case M:
		if depth >= maxBinaryNesting {
			return 0, errBinary
		}
		size, n, err := r.itemSize(depth + 1)
		return documentOverhead + elementOverhead*n + size, err
	default:
		return 0, errBinary
	}
}
