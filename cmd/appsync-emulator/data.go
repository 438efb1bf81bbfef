package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"appsync-emulator/emulator"
)

// tableStore is where export and import find a table: a data file, or an emulator
// that serves one.
type tableStore interface {
	Export(ctx context.Context, table string, w io.Writer) (int, error)
	Import(ctx context.Context, table string, r io.Reader) (int, error)
	// items is how many items a table has, for the progress bar; 0 when that is not
	// known.
	items(ctx context.Context, table string) int64
	Close() error
}

// tableFlags are the flags that export and import share.
type tableFlags struct {
	*flags
	table, data, url, configDir *string
	from                        *projectFlags
}

func newTableFlags(name, usage, explanation string) *tableFlags {
	fs := newFlags(name, usage, explanation)
	return &tableFlags{
		flags: fs,
		table: fs.String("table", "", "`NAME` of the table"),
		data:  fs.String("data", "", "data `FILE` (default: the project's)"),
		url:   fs.String("url", "", "`URL` of an emulator that is serving, such as http://"+emulator.DefaultListen),
		configDir: fs.String("config-dir", "",
			"folder of the data files (default: the user's configuration folder)"),
		from: fs.projectFlags(),
	}
}

// check refuses combinations that make no sense.
func (f *tableFlags) check() error {
	switch {
	case *f.table == "":
		return errors.New("--table is missing")
	case *f.data != "" && *f.url != "":
		return errors.New("--data and --url exclude each other")
	case (*f.data != "" || *f.url != "") && f.NArg() > 0:
		return errors.New("PROJECT goes without --data and --url")
	}
	return nil
}

// open finds the tables. Its error has been printed when it is errPrinted.
func (f *tableFlags) open(stderr io.Writer) (tableStore, error) {
	if *f.url != "" {
		return newServed(*f.url)
	}
	file := *f.data
	if file == "" {
		project, ok := f.from.load(stderr)
		if !ok {
			return nil, errPrinted
		}
		var err error
		if file, err = project.DataFile(*f.configDir); err != nil {
			return nil, err
		}
		if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("%s has no data yet: %s is made when it is served", project.Name(), file)
		}
	}
	data, err := emulator.OpenData(file)
	if errors.Is(err, emulator.ErrDataInUse) {
		return nil, fmt.Errorf("%w\nAn emulator that serves it does this with --url http://%s", err, emulator.DefaultListen)
	}
	if err != nil {
		return nil, err
	}
	return fileStore{data}, nil
}

var errPrinted = errors.New("the error has been printed")

// fail prints an error and returns the exit code.
func (f *tableFlags) fail(stderr io.Writer, err error) int {
	if !errors.Is(err, errPrinted) {
		fmt.Fprintf(stderr, "appsync-emulator %s: %v\n", f.Name(), err)
	}
	return exitFailure
}

// fileStore is a data file.
type fileStore struct{ *emulator.Data }

func (s fileStore) items(ctx context.Context, table string) int64 {
	tables, err := s.Tables(ctx)
	if err != nil {
		return 0 // what reads the items will tell
	}
	for _, t := range tables {
		if t.Name == table {
			return t.Items
		}
	}
	return 0
}
