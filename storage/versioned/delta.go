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

// appendClock appends the time of day of a time in milliseconds.
func appendClock(b []byte, ms int64) []byte {
	return time.UnixMilli(ms).UTC().AppendFormat(b, timeLayout)
}

// partition returns the delta partition of a day; with custom keys it is that of
// one value of the base table's partition key.
func (t *Table) partition(day int64, custom *string) string {
	p := t.lastDay.Load()
	if p == nil || p.day != day {
		p = &dayPartition{day, t.cfg.Table + ":" + time.UnixMilli(day*msPerDay).UTC().Format(dayLayout)}
		t.lastDay.Store(p)
	}
	if custom != nil {
		return p.text + ":" + *custom
	}
	return p.text
}

// dayPartition is the delta partition of a day.
type dayPartition struct {
	day  int64
	text string
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
		row.Set(attrDeltaSort, sortKey(ms, key, version))
	case w.schema.Sort == nil:
		row.Set(attrDeltaSort, sortKey(ms, version))
	default:
		row.Set(attrDeltaSort, sortKey(ms, sort, version))
	}
	if custom != nil && w.PopulateIndexFields {
		row.Set(attrDeltaIndexKey, attribute.String(w.table.partition(dayOf(ms), nil)))
		row.Set(attrDeltaIndexSort, sortKey(ms, key, version))
	}
	return row, nil
}

// sortKey is the time of day with the parts behind it.
func sortKey(ms int64, parts ...string) attribute.Value {
	var text [96]byte // most sort keys are shorter
	b := appendClock(text[:0], ms)
	for _, part := range parts {
		b = append(append(b, ':'), part...)
	}
	return attribute.String(string(b))
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
			if unfit(err) {
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

// unfit reports whether a query of the delta table failed because there is none
// or it has another key.
func unfit(err error) bool {
	if _, missing := errors.AsType[*storage.ResourceNotFoundError](err); missing {
		return true
	}
	_, refused := errors.AsType[*storage.ValidationError](err)
	return refused
}
