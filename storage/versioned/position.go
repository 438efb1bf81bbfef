package versioned

import (
	"errors"

	"appsync-emulator/storage/attribute"
)

// Position is where a Sync goes on: plain data that the data source encrypts into
// a nextToken. It says all that the first page had decided.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-resolver-mapping-template-reference-dynamodb-sync.html
type Position struct {
	// Delta tells that the Sync reads the delta table.
	Delta bool
	// LastSync is that of the request; it counts for the delta table.
	LastSync int64
	// StartedAt is when the first page began.
	StartedAt int64
	// Day is the UTC day, counted from 1970-01-01, whose changes come next.
	Day int64
	// Custom is the value of the base table's partition key whose changes are
	// read, nil for those of all.
	Custom *string
	// Index is the index of the delta table that is read, empty for the table.
	Index string
	// Key is the last key that was read, nil at the beginning of a day.
	Key *attribute.Item
}

// The attributes of a position as an item.
const (
	posDelta     = "delta"
	posLastSync  = "lastSync"
	posStartedAt = "startedAt"
	posDay       = "day"
	posCustom    = "custom"
	posIndex     = "index"
	posKey       = "key"
)

// Item returns the position as an item, which ParsePosition reads.
func (p *Position) Item() *attribute.Item {
	item := attribute.NewItem(
		attribute.Attribute{Name: posDelta, Value: attribute.Bool(p.Delta)},
		attribute.Attribute{Name: posLastSync, Value: number(p.LastSync)},
		attribute.Attribute{Name: posStartedAt, Value: number(p.StartedAt)},
		attribute.Attribute{Name: posDay, Value: number(p.Day)},
	)
	if p.Custom != nil {
		item.Set(posCustom, attribute.String(*p.Custom))
	}
	if p.Index != "" {
		item.Set(posIndex, attribute.String(p.Index))
	}
	if p.Key != nil {
		item.Set(posKey, attribute.MapOf(p.Key))
	}
	return item
}

var errPosition = errors.New("versioned: not a position of a sync")

// ParsePosition returns the position that Item gave.
func ParsePosition(item *attribute.Item) (*Position, error) {
	p := &Position{Delta: item.Get(posDelta).Bool()}
	ok := item.Get(posDelta).Kind() == attribute.BOOL
	for name, to := range map[string]*int64{posLastSync: &p.LastSync, posStartedAt: &p.StartedAt, posDay: &p.Day} {
		n, whole := integer(item.Get(name))
		*to, ok = n, ok && whole
	}
	if v := item.Get(posCustom); v.IsValid() {
		text := v.Text()
		p.Custom, ok = &text, ok && v.Kind() == attribute.S
	}
	if v := item.Get(posIndex); v.IsValid() {
		p.Index, ok = v.Text(), ok && v.Kind() == attribute.S
	}
	if v := item.Get(posKey); v.IsValid() {
		p.Key, ok = v.Item(), ok && v.Kind() == attribute.M
	}
	if !ok {
		return nil, errPosition
	}
	return p, nil
}
