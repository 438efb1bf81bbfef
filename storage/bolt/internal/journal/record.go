package journal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// ID identifies a journal.
type ID [16]byte

// A record has a head: the identifier of the journal, the record's number and the
// length of its text (8 and 4 bytes, big-endian), and a CRC-32C of all that and the
// text.
const (
	numberAt = len(ID{})
	lengthAt = numberAt + 8
	sumAt    = lengthAt + 4
	headSize = sumAt + 4

	// maxRecord bounds a record.
	maxRecord = 1 << 30
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Record is what has been appended at once.
type Record struct {
	Number uint64
	// Text is what was appended.
	Text []byte
}

// seal completes the head of a record.
func seal(record []byte, id ID, number uint64) {
	copy(record, id[:])
	binary.BigEndian.PutUint64(record[numberAt:], number)
	binary.BigEndian.PutUint32(record[lengthAt:], uint32(len(record)-headSize))
	binary.BigEndian.PutUint32(record[sumAt:], sum(record))
}

func sum(record []byte) uint32 {
	return crc32.Update(crc32.Checksum(record[:sumAt], castagnoli), castagnoli, record[headSize:])
}

// next reads the record that b begins with, and what follows it. It reports false
// when b does not begin with a whole one of the journal.
func next(b []byte, id ID) (r Record, rest []byte, ok bool) {
	if len(b) < headSize || !bytes.HasPrefix(b, id[:]) {
		return Record{}, nil, false
	}
	length := binary.BigEndian.Uint32(b[lengthAt:])
	if length > maxRecord || int(length) > len(b)-headSize {
		return Record{}, nil, false
	}
	end := headSize + int(length)
	if binary.BigEndian.Uint32(b[sumAt:]) != sum(b[:end]) {
		return Record{}, nil, false
	}
	return Record{binary.BigEndian.Uint64(b[numberAt:]), b[headSize:end]}, b[end:], true
}

// ErrDamaged is returned when records are missing that have been safe.
var ErrDamaged = errors.New("the journal is damaged")

// records reads what a segment holds: records with consecutive numbers, up to the
// first that is not whole or is left over from before the segment was written anew.
// A record that was being written when the process ended is such a one too; but
// when newer ones follow it, it had been safe, and that is ErrDamaged. What is left
// over has numbers up to old.
func records(b []byte, id ID, old uint64) ([]Record, error) {
	var found []Record
	for {
		r, rest, ok := next(b, id)
		if !ok || len(found) > 0 && r.Number != found[len(found)-1].Number+1 {
			break
		}
		found = append(found, r)
		b = rest
	}
	last := old
	if len(found) > 0 {
		last = max(old, found[len(found)-1].Number)
	}
	for skip := 0; ; {
		at := bytes.Index(b[skip:], id[:])
		if at < 0 {
			return found, nil
		}
		skip += at
		if r, _, ok := next(b[skip:], id); ok && r.Number > last {
			return nil, fmt.Errorf("%w: record %d follows on %d", ErrDamaged, r.Number, last)
		}
		skip++
	}
}
