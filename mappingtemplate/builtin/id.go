package builtin

import (
	"encoding/binary"
	"encoding/hex"
)

// autoID returns a random UUID, version 4.
func (u *Util) autoID() string {
	var b [16]byte
	u.randomBytes(b[:])
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	var s [36]byte
	hex.Encode(s[:8], b[:4])
	s[8] = '-'
	hex.Encode(s[9:13], b[4:6])
	s[13] = '-'
	hex.Encode(s[14:18], b[6:8])
	s[18] = '-'
	hex.Encode(s[19:23], b[8:10])
	s[23] = '-'
	hex.Encode(s[24:], b[10:])
	return string(s[:])
}

const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// autoULID returns 48 bits of milliseconds and 80 random bits, in Crockford's
// base 32.
//
// See: https://github.com/ulid/spec
func (u *Util) autoULID() string {
	var b [16]byte
	u.randomBytes(b[:])
	ms := uint64(u.env.now().UnixMilli())
	b[0], b[1], b[2] = byte(ms>>40), byte(ms>>32), byte(ms>>24)
	b[3], b[4], b[5] = byte(ms>>16), byte(ms>>8), byte(ms)
	hi, lo := binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])
	var s [26]byte
	for i := len(s) - 1; i >= 0; i-- {
		s[i] = crockford[lo&31]
		lo = lo>>5 | hi<<59
		hi >>= 5
	}
	return string(s[:])
}

const (
	base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	// ksuidEpoch is the second from which KSUIDs count time.
	ksuidEpoch = 1400000000
)

// autoKSUID returns 32 bits of seconds and 128 random bits, in base 62.
//
// See: https://github.com/segmentio/ksuid
func (u *Util) autoKSUID() string {
	var b [20]byte
	u.randomBytes(b[4:])
	binary.BigEndian.PutUint32(b[:], uint32(u.env.now().Unix()-ksuidEpoch))
	var digits [5]uint32
	for i := range digits {
		digits[i] = binary.BigEndian.Uint32(b[4*i:])
	}
	var s [27]byte
	for i := len(s) - 1; i >= 0; i-- {
		var rest uint64
		for j := range digits {
			rest = rest<<32 | uint64(digits[j])
			digits[j] = uint32(rest / 62)
			rest %= 62
		}
		s[i] = base62[rest]
	}
	return string(s[:])
}

func (u *Util) randomBytes(b []byte) {
	var word [8]byte
	for len(b) > 0 {
		binary.BigEndian.PutUint64(word[:], u.env.random())
		b = b[copy(b, word[:]):]
	}
}
