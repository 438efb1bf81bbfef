package emulator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"appsync-emulator/emulator/internal/admin"
	"appsync-emulator/storage/bolt"
)

// ErrDataInUse is returned by New and OpenData, wrapped, when another process has
// the data file open.
var ErrDataInUse = bolt.ErrLocked

// TableInfo describes a table of a data file.
type TableInfo = admin.Table

// Data is a data file that is not served: no emulator has it open.
type Data struct {
	path  string
	store *bolt.Store
}

// OpenData opens an existing data file. It must be closed.
func OpenData(path string) (*Data, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Mode().IsRegular() && info.Size() == 0 {
		return nil, fmt.Errorf("%s: the file is empty", path)
	}
	store, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		return nil, err
	}
	return &Data{path: path, store: store}, nil
}

// Close closes the file.
func (d *Data) Close() error { return d.store.Close() }

// Path is the path that the file was opened at.
func (d *Data) Path() string { return d.path }

// Tables describes the tables in the order of their names.
func (d *Data) Tables(ctx context.Context) ([]TableInfo, error) { return admin.Tables(ctx, d.store) }

// Check verifies the whole file and returns what is wrong with it; nothing when
// all is well. The error is that the check could not be made.
func (d *Data) Check(ctx context.Context) (wrong []string, err error) {
	err = d.store.Check(ctx)
	if errors.Is(err, bolt.ErrDamaged) {
		return []string{err.Error()}, nil
	}
	return nil, err
}

// Repair puts right what Check finds, and returns what was wrong. What is beyond
// repair is an error; nothing has been changed then.
func (d *Data) Repair(ctx context.Context) (wrong []string, err error) { return d.store.Repair(ctx) }

// Export writes the items of a table as Emulator.Export does.
func (d *Data) Export(ctx context.Context, table string, w io.Writer) (int, error) {
	return admin.Export(ctx, d.store, table, w)
}

// Import reads items into a table as Emulator.Import does.
func (d *Data) Import(ctx context.Context, table string, r io.Reader) (int, error) {
	return admin.Import(ctx, d.store, table, r)
}
