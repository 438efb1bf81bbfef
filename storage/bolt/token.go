package bolt

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"time"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
)

// The tokens of transactions lie in a bucket of their own: token to the time of
// the transaction, in epoch milliseconds, and the fingerprint of its request.
// They are written with the transaction, so a retry after a crash finds out
// whether it had been committed.
const (
	tokensBucket = "tokens"
	// maxToken is the length of a ClientRequestToken at most.
	maxToken = 36
	// tokenLife is how long a token is remembered.
	tokenLife = 10 * time.Minute
	// tokenSweep is how many tokens each new one looks at, to remove the old
	// ones. Being more than one, it keeps up with any number of them.
	tokenSweep = 4
)

// token is the ClientRequestToken of one transaction.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html#DDB-TransactWriteItems-request-ClientRequestToken
type token struct {
	text        string
	fingerprint [sha256.Size]byte
}

// tokenTime returns when the transaction of a stored token took place.
func tokenTime(v []byte) (time.Time, bool) {
	if len(v) != 8+sha256.Size {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(binary.BigEndian.Uint64(v))), true
}

// valid reports whether a token of the time at counts now. A clock that was set
// back does not make tokens immortal.
func valid(at, now time.Time) bool {
	return now.Before(at.Add(tokenLife)) && at.Before(now.Add(tokenLife))
}

// seen reports whether the same request has been carried out under the token.
// Another one is a *storage.IdempotentParameterMismatchError.
func (t *token) seen(w *writing, now time.Time) (bool, error) {
	v := w.tokens().Get([]byte(t.text))
	at, ok := tokenTime(v)
	switch {
	case !ok || !valid(at, now):
		return false, nil
	case !bytes.Equal(v[8:], t.fingerprint[:]):
		return false, &storage.IdempotentParameterMismatchError{}
	default:
		return true, nil
	}
}

// tokens returns the bucket of tokens, which the file may not have yet.
func (w *writing) tokens() *bucket {
	b := &bucket{file: w.tx.Bucket([]byte(tokensBucket)), path: tokensBucket, over: w.over, under: w.under}
	if w.over != nil {
		b.group = w
	}
	return b
}

// keep remembers the token and forgets some of those that have expired.
func (t *token) keep(w *writing, now time.Time) error {
	b := w.tokens()
	if err := sweepTokens(b, []byte(t.text), now); err != nil {
		return fmt.Errorf("storage/bolt: tokens: %w", err)
	}
	v := binary.BigEndian.AppendUint64(make([]byte, 0, 8+sha256.Size), uint64(now.UnixMilli()))
	return b.Put([]byte(t.text), append(v, t.fingerprint[:]...))
}

// sweepTokens removes the expired ones among those that follow from; tokens are
// random, so every stretch has its turn.
func sweepTokens(b *bucket, from []byte, now time.Time) error {
	var old [][]byte
	c := b.Cursor()
	k, v := c.Seek(from)
	for range tokenSweep {
		if k == nil {
			if k, v = c.First(); k == nil {
				break
			}
		}
		if at, ok := tokenTime(v); !ok || !valid(at, now) {
			old = append(old, bytes.Clone(k))
		}
		k, v = c.Next()
	}
	for _, k := range old {
		if err := b.Delete(k); err != nil {
			return err
		}
	}
	return nil
}

// fingerprint tells requests apart: all that they say, in one order.
func fingerprint(writes []storage.TransactWrite) [sha256.Size]byte {
	var b []byte
	text := func(s string) {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	action := func(kind byte, table string, item *attribute.Item, e storage.Expressions) {
		b = append(b, kind)
		text(table)
		b = attribute.AppendBinary(b, item)
		text(e.Condition)
		text(e.Update)
		b = binary.AppendUvarint(b, uint64(len(e.Names)))
		for _, name := range slices.Sorted(maps.Keys(e.Names)) {
			text(name)
			text(e.Names[name])
		}
		values := new(attribute.Item)
		for _, name := range slices.Sorted(maps.Keys(e.Values)) {
			values.Set(name, e.Values[name])
		}
		b = attribute.AppendBinary(b, values)
	}
	for _, w := range writes {
		switch {
		case w.Put != nil:
			action('P', w.Put.Table, w.Put.Item, w.Put.Expr)
		case w.Update != nil:
			action('U', w.Update.Table, w.Update.Key, w.Update.Expr)
		case w.Delete != nil:
			action('D', w.Delete.Table, w.Delete.Key, w.Delete.Expr)
		case w.Check != nil:
			action('C', w.Check.Table, w.Check.Key, w.Check.Expr)
		}
		b = append(b, map[bool]byte{false: 0, true: 1}[w.ReturnOldOnFailure])
	}
	return sha256.Sum256(b)
}
