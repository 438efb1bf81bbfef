package admin

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"appsync-emulator/storage"
)

// maxSnapshotName is the length of a snapshot's name at most.
const maxSnapshotName = 100

var snapshotName = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

// The names of the files. What is before and behind the snapshot's name keeps it
// from being a name that means something to the file system.
const (
	snapshotPrefix = "snapshot-"
	snapshotSuffix = ".db"
)

// Snapshot is a snapshot that is kept.
type Snapshot struct {
	Name string
	// Created is in real time.
	Created time.Time
	// Bytes is the size of its file.
	Bytes int64
}

// folder is where snapshots are kept.
type folder struct {
	path      string // empty: a temporary folder is made when it is needed
	temporary bool
}

// make makes the folder if it is not there.
func (f *folder) make() error {
	if f.path == "" {
		path, err := os.MkdirTemp("", "appsync-emulator-snapshots-")
		if err != nil {
			return fmt.Errorf("a folder for snapshots: %w", err)
		}
		f.path, f.temporary = path, true
		return nil
	}
	if err := os.MkdirAll(f.path, 0o700); err != nil {
		return fmt.Errorf("a folder for snapshots: %w", err)
	}
	return nil
}

func (f *folder) close() error {
	if !f.temporary {
		return nil
	}
	return os.RemoveAll(f.path)
}

func (f *folder) file(name string) string {
	return filepath.Join(f.path, snapshotPrefix+name+snapshotSuffix)
}

// list returns the snapshots in the order of their names.
func (f *folder) list() ([]Snapshot, error) {
	out := []Snapshot{}
	if f.path == "" {
		return out, nil
	}
	entries, err := os.ReadDir(f.path)
	if errors.Is(err, os.ErrNotExist) {
		return out, nil
	}
	if err != nil {
		return nil, fmt.Errorf("snapshots: %w", err)
	}
	for _, e := range entries {
		name, isOne := strings.CutPrefix(e.Name(), snapshotPrefix)
		name, whole := strings.CutSuffix(name, snapshotSuffix)
		if !isOne || !whole || !e.Type().IsRegular() || checkSnapshotName(name) != nil {
			continue
		}
		info, err := e.Info()
		if err != nil {
			continue // removed by hand in this moment
		}
		out = append(out, Snapshot{Name: name, Created: info.ModTime(), Bytes: info.Size()})
	}
	slices.SortFunc(out, func(a, b Snapshot) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// find returns the file of a snapshot. A missing one is an *Error.
func (f *folder) find(name string) (string, error) {
	if err := checkSnapshotName(name); err != nil {
		return "", err
	}
	kept, err := f.list()
	if err != nil {
		return "", err
	}
	names := make([]string, len(kept))
	for i, k := range kept {
		if names[i] = k.Name; k.Name == name {
			return f.file(name), nil
		}
	}
	return "", notFound("name", "there is no snapshot %q%s", name, didYouMean(name, names))
}

func checkSnapshotName(name string) error {
	if !snapshotName.MatchString(name) {
		return badRequest("name", "a snapshot's name has letters, digits, '.', '_' and '-' alone, and is not empty")
	}
	if len(name) > maxSnapshotName {
		return badRequest("name", "a snapshot's name has %d characters at most", maxSnapshotName)
	}
	return nil
}

// Snapshots lists what is kept, in the order of the names.
func (s *Service) Snapshots() ([]Snapshot, error) {
	s.whole.Lock()
	defer s.whole.Unlock()
	return s.snapshots.list()
}

// Snapshot keeps all tables as they are at this moment under a name. A snapshot
// of that name is replaced.
func (s *Service) Snapshot(ctx context.Context, name string) (Snapshot, error) {
	if err := checkSnapshotName(name); err != nil {
		return Snapshot{}, err
	}
	s.whole.Lock()
	defer s.whole.Unlock()
	if err := s.snapshots.make(); err != nil {
		return Snapshot{}, err
	}
	file := s.snapshots.file(name)
	if err := s.store.Snapshot(ctx, file); err != nil {
		return Snapshot{}, err
	}
	info, err := os.Stat(file)
	if err != nil {
		return Snapshot{}, fmt.Errorf("snapshot %s: %w", name, err)
	}
	return Snapshot{Name: name, Created: info.ModTime(), Bytes: info.Size()}, nil
}

// Restore has all tables be as they were when the snapshot was taken. The clock
// stays where it is, and so do subscriptions. What the project has and the
// snapshot has not, such as an index that is newer, is made anew.
func (s *Service) Restore(ctx context.Context, name string) error {
	s.whole.Lock()
	defer s.whole.Unlock()
	file, err := s.snapshots.find(name)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	// A caller that goes away does not leave it half done.
	ctx = context.WithoutCancel(ctx)
	if err := s.store.Restore(ctx, file); err != nil {
		return err
	}
	if err := s.ensure(ctx); err != nil {
		return fmt.Errorf("the snapshot is restored, but does not fit the project: %w", err)
	}
	return nil
}

// DeleteSnapshot forgets a snapshot.
func (s *Service) DeleteSnapshot(name string) error {
	s.whole.Lock()
	defer s.whole.Unlock()
	file, err := s.snapshots.find(name)
	if err != nil {
		return err
	}
	if err := os.Remove(file); err != nil {
		return fmt.Errorf("snapshot %s: %w", name, err)
	}
	return nil
}

// ensure makes what the project's tables lack. What they have beyond it, since it
// was made through DynamoDB's API, stays.
func (s *Service) ensure(ctx context.Context) error {
	for _, want := range s.project.Load().Tables {
		have, err := s.store.DescribeTable(ctx, want.Name)
		_, missing := errors.AsType[*storage.ResourceNotFoundError](err)
		if err != nil && !missing {
			return err
		}
		if !missing {
			if hasAll(&have.Table, &want) {
				continue
			}
			want = merged(want, &have.Table)
		}
		if err := s.store.EnsureTable(ctx, want); err != nil {
			return fmt.Errorf("table %s: %w", want.Name, err)
		}
	}
	return nil
}

func hasAll(have, want *storage.Table) bool {
	if !reflect.DeepEqual(have.Key, want.Key) || have.TTLAttribute == "" && want.TTLAttribute != "" {
		return false
	}
	for _, ix := range want.Indexes {
		if !slices.ContainsFunc(have.Indexes, func(other storage.Index) bool { return sameIndex(&ix, &other) }) {
			return false
		}
	}
	return true
}

func sameIndex(a, b *storage.Index) bool {
	return a.Name == b.Name && a.Local == b.Local && a.Projection == b.Projection &&
		reflect.DeepEqual(a.Key, b.Key) && slices.Equal(a.Include, b.Include)
}

// merged is the table that is wanted, with the indexes that there are besides.
func merged(want storage.Table, have *storage.Table) storage.Table {
	want.Indexes = slices.Clone(want.Indexes)
	for _, ix := range have.Indexes {
		if !slices.ContainsFunc(want.Indexes, func(other storage.Index) bool { return other.Name == ix.Name }) {
			want.Indexes = append(want.Indexes, ix)
		}
	}
	if have.TTLAttribute != "" {
		want.TTLAttribute = have.TTLAttribute
	}
	return want
}
