package journal

import (
	"encoding/binary"
	"errors"

	"appsync-emulator/storage/bolt/internal/overlay"
)

// AppendChange appends a change to the text of a record: the length of its value
// and one, or 0 when the key has been removed, then bucket and key with their
// lengths before them, and the value.
func AppendChange(dst []byte, c *overlay.Change) []byte {
	value := uint64(0)
	if c.Value != nil {
		value = uint64(len(c.Value)) + 1
	}
	dst = binary.AppendUvarint(dst, value)
	dst = binary.AppendUvarint(dst, uint64(len(c.Bucket)))
	dst = append(dst, c.Bucket...)
	dst = binary.AppendUvarint(dst, uint64(len(c.Key)))
	dst = append(dst, c.Key...)
	return append(dst, c.Value...)
}

var errText = errors.New("malformed record")

// Changes enters the changes that a record's text consists of into a set. They
// refer to the text.
func Changes(text []byte, into *overlay.Set) error {
	for len(text) > 0 {
		value, width := binary.Uvarint(text)
		if width <= 0 {
			return errText
		}
		bucket, rest, ok := field(text[width:])
		if !ok {
			return errText
		}
		key, rest, ok := field(rest)
		if !ok {
			return errText
		}
		c := &overlay.Change{Bucket: string(bucket), Key: key}
		if value > 0 {
			if value-1 > uint64(len(rest)) {
				return errText
			}
			c.Value, rest = rest[:value-1:value-1], rest[value-1:]
		}
		into.Put(c)
		text = rest
	}
	return nil
}

// field reads a length and that many bytes.
func field(b []byte) (field, rest []byte, ok bool) {
	n, width := binary.Uvarint(b)
	if width <= 0 || n > uint64(len(b)-width) {
		return nil, nil, false
	}
	b = b[width:]
	return b[:n:n], b[n:], true
}
