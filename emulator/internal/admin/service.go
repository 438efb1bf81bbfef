package admin

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"appsync-emulator/emulator/internal/faults"
	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
)

// Store is a storage.Store with what a file of its own makes possible.
// *bolt.Store is one.
type Store interface {
	storage.Store
	// Snapshot writes the store as it is at this moment to a file, and Restore
	// has the store hold what such a file holds.
	Snapshot(ctx context.Context, path string) error
	Restore(ctx context.Context, path string) error
	// Clear removes the items of the tables, of all when none is named.
	Clear(ctx context.Context, tables ...string) error
	// Items calls fn with each item of a table, outside of any transaction.
	Items(ctx context.Context, table string, fn func(*attribute.Item) error) error
	// Load puts items, many in one transaction, and returns how many it has.
	Load(ctx context.Context, table string, items iter.Seq2[*attribute.Item, error]) (int, error)
}

// Clock is the emulator's clock.
type Clock interface {
	Now() time.Time
	Freeze(t time.Time)
	Resume()
}

// Options configure New. Store and Clock are required.
type Options struct {
	Store Store
	Clock Clock
	// Project is what the project says, until SetProject.
	Project Project
	// SnapshotDir is the folder of the snapshots, which is made when there is
	// one to keep. Empty means a temporary folder that Close removes.
	SnapshotDir string
	// Faults are what goes wrong on purpose; nil means that nothing does.
	Faults *faults.Injector
	// Log hears of failures that are not the caller's. Nil means silence.
	Log *slog.Logger
}

// Service administers an emulator. It is safe for concurrent use: operations on
// the whole store wait for each other, and requests of the API go on meanwhile.
type Service struct {
	opt   Options
	store Store
	log   *slog.Logger

	// whole is held by what changes or copies more than one item at a time, so
	// that a reset is not caught by a snapshot in the middle.
	whole     sync.Mutex
	snapshots folder // guarded by whole

	clock  sync.Mutex // guards frozen and the order of moves
	frozen bool

	holds   holds
	project atomic.Pointer[served]
}

// New returns the administration of a store.
func New(opt Options) *Service {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	s := &Service{opt: opt, store: opt.Store, log: opt.Log, snapshots: folder{path: opt.SnapshotDir}}
	s.SetProject(opt.Project)
	return s
}

// Close removes the snapshots that are temporary.
func (s *Service) Close() error {
	s.whole.Lock()
	defer s.whole.Unlock()
	return s.snapshots.close()
}

// table describes a table. A missing one is an *Error that suggests another.
func (s *Service) table(ctx context.Context, name, field string) (*storage.TableDescription, error) {
	d, err := s.store.DescribeTable(ctx, name)
	if _, missing := errors.AsType[*storage.ResourceNotFoundError](err); missing {
		return nil, noTable(ctx, s.store, name, field)
	}
	if err != nil {
		return nil, err
	}
	return d, nil
}

// noTable is the refusal of a name that no table has.
func noTable(ctx context.Context, store storage.Store, name, field string) error {
	names, err := store.ListTables(ctx, "", 0)
	if err != nil {
		return err
	}
	return notFound(field, "there is no table %q%s", name, didYouMean(name, names))
}
