package partiql

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
)

// position is where a SELECT goes on: in a branch, after a key, which is nil at
// its beginning.
type position struct {
	branch int
	after  *attribute.Item
}

// fingerprintSize is how many bytes tell the statement of a token.
const fingerprintSize = 16

// fingerprint tells statements and their parameters apart: a token goes with
// both.
func (a *arguments) fingerprint() []byte {
	sum := sha256.Sum256(attribute.AppendJSON([]byte(a.text+"\x00"), attribute.ListOf(a.values)))
	return sum[:fingerprintSize]
}

// encode returns the NextToken for at.
func (a *arguments) encode(at position) string {
	b := binary.AppendUvarint(a.fingerprint(), uint64(at.branch))
	if at.after != nil {
		b = attribute.AppendItemJSON(b, at.after)
	}
	return base64.StdEncoding.EncodeToString(b)
}

// decode returns the position of a NextToken; the empty one is the beginning.
func (a *arguments) decode(token string) (position, error) {
	if token == "" {
		return position{}, nil
	}
	b, err := base64.StdEncoding.DecodeString(token)
	if err != nil || len(b) < fingerprintSize {
		return position{}, &storage.ValidationError{Message: msgToken}
	}
	if string(b[:fingerprintSize]) != string(a.fingerprint()) {
		return position{}, &storage.ValidationError{Message: msgOtherToken}
	}
	branch, n := binary.Uvarint(b[fingerprintSize:])
	if n <= 0 || branch > maxReads {
		return position{}, &storage.ValidationError{Message: msgToken}
	}
	at := position{branch: int(branch)}
	if key := b[fingerprintSize+n:]; len(key) > 0 {
		if at.after, err = attribute.ParseItemJSON(key); err != nil {
			return position{}, &storage.ValidationError{Message: msgToken}
		}
	}
	return at, nil
}
