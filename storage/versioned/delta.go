package versioned

import (
	"context"
	"encoding/base64"
	"errors"
	"time"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
)

// The keys of the delta table and of its index.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/versioned-data-sources.html
const (
	attrDeltaKey       = "ds_pk"
	attrDeltaSort      = "ds_sk"
	attrDeltaIndexKey  = "gsi_ds_pk"
	attrDeltaIndexSort = "gsi_ds_sk"
)

// The parts of keys that tell the time. The milliseconds always have three
// digits, so that keys sort by time: "." comes before ":".
const (
	dayLayout  = "2006-01-02"
	timeLayout = "15:04:05.000"
)

const msPerDay = int64(24 * time.Hour / time.Millisecond)

// dayOf returns the number of the UTC day of a time in milliseconds.
func dayOf(ms int64) int64 {
	day := ms / msPerDay
	if ms%msPerDay < 0 {
		day--
	}
	return day
}

// clockOf returns the time of day of a time in milliseconds.
func clockOf(ms int64) string { return time.UnixMilli(ms).UTC().Format(timeLayout) }

// partition returns the delta partition of a day; with custom keys it is that of
// one value of the base table's partition key.
func (t *Table) partition(day int64, custom *string) string {
	p := t.cfg.Table + ":" + time.UnixMilli(day*msPerDay).UTC().Format(dayLayout)
	if custom != nil {
		p += ":" + *custom
	}
	return p
}

// keyText is how a key value is written in the keys of the delta table.
func keyText(v attribute.Value) string {
	if v.Kind() == attribute.B {
		return base64.StdEncoding.EncodeToString([]byte(v.Text()))
	}
	return v.Text()
}

// custom returns the value of the attribute that partitions the records, nil
// when they are partitioned by day alone.
func (w *write) custom(item *attribute.Item) (*string, error) {
	if w.CustomPartitionKey == "" {
		return nil, nil
	}
	v := item.Get(w.CustomPartitionKey)
	switch v.Kind() {
	case attribute.S, attribute.N, attribute.B:
		text := keyText(v)
		return &text, nil
	default:
		return nil, &BadRequestError{msgPartitionKey + w.CustomPartitionKey}
	}
}

// record returns the delta record of an item that was changed at that time: the
// whole item under a key that sorts by time.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/tutorial-delta-sync.html
func (w *write) record(item *attribute.Item, ms int64) (*attribute.Item, error) {
	custom, err := w.custom(item)
	if err != nil {
		return nil, err
	}
	clock := clockOf(ms)
	version := item.Get(attrVersion).Text()
	key := keyText(w.Key.Get(w.schema.Partition.Name))
	sort := ""
	if s := w.schema.Sort; s != nil {
		sort = keyText(w.Key.Get(s.Name))
		key += "#" + sort
	}
	row := item.Clone()
	row.Set(attrTTL, number(ms/1000+int64(w.table.cfg.DeltaTTL.Seconds())))
	row.Set(attrDeltaKey, attribute.String(w.table.partition(dayOf(ms), custom)))
	switch {
	case custom == nil:
		row.Set(attrDeltaSort, attribute.String(clock+":"+key+":"+version))
	case w.schema.Sort == nil:
		row.Set(attrDeltaSort, attribute.String(clock+":"+version))
	default:
		row.Set(attrDeltaSort, attribute.String(clock+":"+sort+":"+version))
	}
	if custom != nil && w.PopulateIndexFields {
		row.Set(attrDeltaIndexKey, attribute.String(w.table.partition(dayOf(ms), nil)))
		row.Set(attrDeltaIndexSort, attribute.String(clock+":"+key+":"+version))
	}
	return row, nil
}

// image returns the item as it was at the version that the caller sent, from the
// newest day of the delta table backwards; nil when its record is not there.
func (w *write) image(ctx context.Context, stored *attribute.Item) (*attribute.Item, error) {
	sent, ok := integer(w.Version)
	if !ok || sent < 1 || sent >= versionOf(stored) {
		return nil, nil
	}
	custom, err := w.custom(stored)
	if err != nil {
		return nil, err
	}
	t := w.table
	now := t.times.now()
	expr := storage.Expressions{
		KeyCondition: "#day = :day",
		Filter:       "#version = :version AND #hash = :hash",
		Names:        map[string]string{"#day": attrDeltaKey, "#version": attrVersion, "#hash": w.schema.Partition.Name},
		Values:       map[string]attribute.Value{":version": w.Version, ":hash": w.Key.Get(w.schema.Partition.Name)},
	}
	if s := w.schema.Sort; s != nil {
		expr.Filter += " AND #sort = :sort"
		expr.Names["#sort"], expr.Values[":sort"] = s.Name, w.Key.Get(s.Name)
	}
	oldest := dayOf(max(now.Add(-t.cfg.DeltaTTL).UnixMilli(), 0))
	for day := dayOf(min(max(lastChangeOf(stored), 0), t.times.latest())); day >= oldest; day-- {
		expr.Values[":day"] = attribute.String(t.partition(day, custom))
		in := &storage.QueryInput{Table: t.cfg.DeltaTable, Expr: expr, Descending: true}
		for {
			page, err := t.store.Query(ctx, in)
			if _, missing := errors.AsType[*storage.ResourceNotFoundError](err); missing {
				return nil, nil // which the write will find out, too
			}
			if err != nil {
				return nil, err
			}
			for _, row := range page.Items {
				if !isExpired(row, now) {
					return row, nil
				}
			}
			if page.LastKey == nil {
				break
			}
			in.StartKey = page.LastKey
		}
	}
	return nil, nil
}
