package versioned

import (
	"strconv"
	"time"

	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/expression"
)

// The metadata of items.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/versioned-data-sources.html
const (
	attrVersion       = "_version"
	attrLastChangedAt = "_lastChangedAt"
	attrDeleted       = "_deleted"
	attrTTL           = "_ttl"
)

func isMetadata(name string) bool {
	switch name {
	case attrVersion, attrLastChangedAt, attrDeleted, attrTTL:
		return true
	}
	return false
}

func number(n int64) attribute.Value { return attribute.Number(strconv.FormatInt(n, 10)) }

// integer returns the number that v is, and false when it is no whole number of
// 64 bits.
func integer(v attribute.Value) (int64, bool) {
	if v.Kind() != attribute.N {
		return 0, false
	}
	n, err := strconv.ParseInt(v.Text(), 10, 64)
	return n, err == nil
}

// versionOf returns the version of an item, 0 when it has none that AppSync can
// have given: an item that came into the table by another way.
func versionOf(item *attribute.Item) int64 {
	n, ok := integer(item.Get(attrVersion))
	if !ok || n < 1 || n == maxVersion {
		return 0
	}
	return n
}

const maxVersion = 1<<63 - 1

// lastChangeOf returns the time of an item's last change, 0 when it has none.
func lastChangeOf(item *attribute.Item) int64 {
	n, _ := integer(item.Get(attrLastChangedAt))
	return n
}

// isExpired reports whether the item's _ttl has passed, so that DynamoDB may
// remove it any time.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ttl-expired-items.html
func isExpired(item *attribute.Item, now time.Time) bool {
	ttl := item.Get(attrTTL)
	return ttl.Kind() == attribute.N && attribute.CompareNumbers(ttl.Text(), strconv.FormatInt(now.Unix(), 10)) <= 0
}

// checkNoMetadata refuses an update of metadata.
func checkNoMetadata(u *expression.Update) error {
	if u == nil {
		return nil
	}
	for _, target := range u.Targets() {
		if isMetadata(target.Head()) {
			return &BadRequestError{msgMetadata + target.Head()}
		}
	}
	return nil
}

// withoutMetadata returns a copy of the attributes of a put with its key. Null
// metadata is left out, as clients send it that copy an item; other is refused.
func withoutMetadata(attributes, key *attribute.Item) (*attribute.Item, error) {
	item := attributes.Clone()
	for _, a := range attributes.Attributes() {
		if !isMetadata(a.Name) {
			continue
		}
		if a.Value.Kind() != attribute.NULL {
			return nil, &BadRequestError{msgMetadata + a.Name}
		}
		item.Delete(a.Name)
	}
	for _, a := range key.Attributes() {
		item.Set(a.Name, a.Value)
	}
	return item, nil
}

// carry copies attributes of from to item, and removes those that from lacks.
func carry(item, from *attribute.Item, names ...string) {
	for _, name := range names {
		if v := from.Get(name); v.IsValid() {
			item.Set(name, v)
		} else {
			item.Delete(name)
		}
	}
}
