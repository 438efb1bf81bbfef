package emulator

import (
	"context"
	"io"
	"time"

	"appsync-emulator/emulator/internal/admin"
	"appsync-emulator/emulator/internal/project"
)

// snapshotFolder is what the name of the folder with the snapshots of a data file
// ends in, which lies beside that file.
const snapshotFolder = ".snapshots"

// administer makes the administration of the store.
func (e *Emulator) administer(p *Project) error {
	administered, err := administeredProject(p.api)
	if err != nil {
		return err
	}
	opt := admin.Options{
		Store:   e.store,
		Clock:   e.clock,
		Project: administered,
		Faults:  e.faults,
		Log:     e.log,
	}
	if file := e.DataFile(); file != "" {
		opt.SnapshotDir = file + snapshotFolder
	}
	e.admin = admin.New(opt)
	return nil
}

// administeredProject is what the administration knows of a project.
func administeredProject(api *project.API) (admin.Project, error) {
	p := admin.Project{Seed: func() ([]admin.TableItems, error) { return seedItems(api) }}
	var err error
	if p.Tables, err = storageTables(api); err != nil {
		return p, err
	}
	for _, d := range api.DataSources {
		if isVersioned(d) {
			p.Versioned = append(p.Versioned, versionedSource(d))
		}
	}
	return p, nil
}

// ResetOptions tunes Reset. The zero value brings back what a new emulator of the
// project would have.
type ResetOptions struct {
	// Tables are the ones to empty; nil means all.
	Tables []string
	// NoSeed leaves them empty.
	NoSeed bool
}

// Reset empties tables and loads the project's seed into them again.
// Subscriptions stay open, the clock stays where it is, and indexes and tables
// that were made through DynamoDB's API stay.
func (e *Emulator) Reset(ctx context.Context, opt ResetOptions) error {
	_, err := e.admin.Reset(ctx, admin.Reset(opt))
	return err
}

// Seed puts items into tables, in place of those of the same key. They are JSON in
// the form of a seed file: an object of table names and lists of items, in plain
// JSON or in DynamoDB JSON.
func (e *Emulator) Seed(ctx context.Context, json string) error {
	tables, err := admin.ParseSeed(json)
	if err != nil {
		return err
	}
	_, err = e.admin.Seed(ctx, tables)
	return err
}

// Snapshot keeps all tables as they are at this moment under a name of letters,
// digits, '.', '_' and '-'. A snapshot of that name is replaced. Snapshots lie
// beside the data file and outlive the emulator; those of data in memory do not.
func (e *Emulator) Snapshot(ctx context.Context, name string) error {
	_, err := e.admin.Snapshot(ctx, name)
	return err
}

// Restore has all tables be as they were when the snapshot of that name was taken.
// Subscriptions stay open, and page tokens and the clock stay as they are.
func (e *Emulator) Restore(ctx context.Context, name string) error { return e.admin.Restore(ctx, name) }

// Snapshots are the names of the snapshots that are kept, in ascending order.
func (e *Emulator) Snapshots() ([]string, error) {
	kept, err := e.admin.Snapshots()
	names := make([]string, len(kept))
	for i, s := range kept {
		names[i] = s.Name
	}
	return names, err
}

// DeleteSnapshot forgets a snapshot.
func (e *Emulator) DeleteSnapshot(name string) error { return e.admin.DeleteSnapshot(name) }

// Export writes the items of a table to w as lines of JSON, each {"Item": {...}} in
// DynamoDB JSON, and returns how many there are.
func (e *Emulator) Export(ctx context.Context, table string, w io.Writer) (int, error) {
	return admin.Export(ctx, e.store, table, w)
}

// Import puts the lines that Export has written into a table, in place of items of
// the same key, and returns how many are written: all before the line that an
// error names.
func (e *Emulator) Import(ctx context.Context, table string, r io.Reader) (int, error) {
	return admin.Import(ctx, e.store, table, r)
}

// Now is the emulator's time.
func (e *Emulator) Now() time.Time { return e.clock.Now() }

// Freeze stops the emulator's clock at t: template times, TTLs and timestamps.
func (e *Emulator) Freeze(t time.Time) {
	freeze := true
	e.admin.MoveClock(admin.ClockMove{Set: &t, Freeze: &freeze})
}

// Resume lets a frozen clock run on from where it stands.
func (e *Emulator) Resume() {
	run := false
	e.admin.MoveClock(admin.ClockMove{Freeze: &run})
}

// SetClock moves the emulator's clock to t. It keeps running, or keeps standing.
func (e *Emulator) SetClock(t time.Time) { e.admin.MoveClock(admin.ClockMove{Set: &t}) }

// Advance moves the emulator's clock forward.
func (e *Emulator) Advance(d time.Duration) { e.admin.MoveClock(admin.ClockMove{Advance: d}) }

// ExpireNow removes the items that have expired, without waiting for the
// background sweep, and returns how many there were.
func (e *Emulator) ExpireNow(ctx context.Context) (int, error) { return e.admin.Expire(ctx) }
