package admin

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"time"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/versioned"
)

// VersionedSource is a versioned data source of the project.
type VersionedSource struct {
	Name string
	// Table is the base table and DeltaTable the one of changes; several data
	// sources may share it.
	Table, DeltaTable string
	// BaseTTL is how long tombstones stay, and DeltaTTL how long changes do.
	BaseTTL, DeltaTTL time.Duration
}

// keptWrites is how many of a data source's last writes are kept, and how many
// of those that met a conflict, so that a busy table does not push these out.
const keptWrites = 50

// writes keeps the last writes of a data source. The zero value has none. It is
// safe for concurrent use.
type writes struct {
	mu             sync.Mutex // guards both
	all, conflicts ring
}

// ring keeps the last writes that were added to it.
type ring struct {
	kept []write
	next int // the place of the oldest one, once all places are taken
}

func (r *ring) add(w write) {
	if len(r.kept) < keptWrites {
		r.kept = append(r.kept, w)
		return
	}
	r.kept[r.next] = w
	r.next = (r.next + 1) % keptWrites
}

// latest returns the writes, the last one first.
func (r *ring) latest() []write {
	out := slices.Concat(r.kept[r.next:], r.kept[:r.next])
	slices.Reverse(out)
	return out
}

// write is what became of a write. The error is kept as text: it may hold an item
// of any size.
type write struct {
	decision versioned.Decision
	err      string
}

func (w *writes) observe(d versioned.Decision) {
	var kept write
	if d.Err != nil {
		kept.err, d.Err = d.Err.Error(), nil
	}
	kept.decision = d
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all.add(kept)
	if d.Conflict {
		w.conflicts.add(kept)
	}
}

func (w *writes) latest() (all, conflicts []write) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.all.latest(), w.conflicts.latest()
}

// ObserveWrite hears what became of a write of a versioned data source. Of a data
// source that the project does not have it keeps nothing.
func (s *Service) ObserveWrite(source string, d versioned.Decision) {
	if w := s.project.Load().writes[source]; w != nil {
		w.observe(d)
	}
}

// syncForm is a versioned data source in an answer.
type syncForm struct {
	Name       string    `json:"name"`
	BaseTable  syncTable `json:"baseTable"`
	DeltaTable syncTable `json:"deltaTable"`
	// DeltaWindow is the earliest lastSync that is answered from the delta table.
	DeltaWindow struct {
		Since        string `json:"since"`
		Milliseconds int64  `json:"milliseconds"`
	} `json:"deltaWindow"`
	Writes    []writeForm `json:"writes"`
	Conflicts []writeForm `json:"conflicts"`
}

// syncTable is a table in an answer; a table that does not exist has no count.
type syncTable struct {
	Name       string `json:"name"`
	Items      *int64 `json:"items"`
	TTLMinutes int64  `json:"ttlMinutes"`
}

// writeForm is a write in an answer.
type writeForm struct {
	Time         string          `json:"time"`
	Milliseconds int64           `json:"milliseconds"`
	Operation    string          `json:"operation"`
	Key          json.RawMessage `json:"key"`
	Handler      string          `json:"handler"`
	// Sent is the _version of the request, Stored the one that was found and
	// Written the one that took its place; they are left out where there is none.
	Sent       json.Number     `json:"sent,omitempty"`
	Stored     int64           `json:"stored,omitempty"`
	Written    int64           `json:"written,omitempty"`
	Conflict   bool            `json:"conflict"`
	Rule       string          `json:"rule"`
	Attempts   int             `json:"attempts,omitempty"`
	Attributes []attributeForm `json:"attributes,omitempty"`
	Error      string          `json:"error,omitempty"`
}

type attributeForm struct {
	Path   string `json:"path"`
	Action string `json:"action"`
}

func newWriteForms(kept []write) []writeForm {
	forms := make([]writeForm, len(kept))
	for i, w := range kept {
		d := &w.decision
		forms[i] = writeForm{
			Time: timeText(time.UnixMilli(d.Time)), Milliseconds: d.Time,
			Operation: string(d.Operation), Key: PlainJSON.AppendItem(nil, d.Key), Handler: d.Strategy.String(),
			Stored: d.Stored, Written: d.Written, Conflict: d.Conflict, Rule: string(d.Rule),
			Attempts: d.Attempts, Error: w.err,
		}
		if d.Sent.Kind() == attribute.N {
			forms[i].Sent = json.Number(d.Sent.Text())
		}
		for _, a := range d.Attributes {
			forms[i].Attributes = append(forms[i].Attributes, attributeForm{a.Path, string(a.Action)})
		}
	}
	return forms
}

// sync answers how the versioned data sources stand.
func (c *call) sync() (any, error) {
	now, project := c.opt.Clock.Now(), c.project.Load()
	answer := struct {
		Now          string     `json:"now"`
		Milliseconds int64      `json:"milliseconds"`
		DataSources  []syncForm `json:"dataSources"`
	}{timeText(now), now.UnixMilli(), make([]syncForm, len(project.Versioned))}
	for i, d := range project.Versioned {
		form := &answer.DataSources[i]
		form.Name = d.Name
		for _, t := range []struct {
			form *syncTable
			name string
			ttl  time.Duration
		}{{&form.BaseTable, d.Table, d.BaseTTL}, {&form.DeltaTable, d.DeltaTable, d.DeltaTTL}} {
			items, err := c.count(c.r.Context(), t.name)
			if err != nil {
				return nil, err
			}
			*t.form = syncTable{Name: t.name, Items: items, TTLMinutes: int64(t.ttl / time.Minute)}
		}
		since := now.Add(-d.DeltaTTL)
		form.DeltaWindow.Since, form.DeltaWindow.Milliseconds = timeText(since), since.UnixMilli()
		all, conflicts := project.writes[d.Name].latest()
		form.Writes, form.Conflicts = newWriteForms(all), newWriteForms(conflicts)
	}
	return answer, nil
}

// count is how many items a table holds, nil when there is no such table.
func (s *Service) count(ctx context.Context, table string) (*int64, error) {
	d, err := s.store.DescribeTable(ctx, table)
	if _, missing := errors.AsType[*storage.ResourceNotFoundError](err); missing {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &d.Items, nil
}
