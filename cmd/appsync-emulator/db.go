package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"appsync-emulator/emulator"
)

const dbUsage = "db check FILE [--repair]\n       appsync-emulator db info FILE"

// db looks after data files that are not served.
func db(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) > 0 {
		switch args[0] {
		case "check":
			return dbCheck(ctx, args[1:], stdout, stderr)
		case "info":
			return dbInfo(ctx, args[1:], stdout, stderr)
		}
	}
	fs := newFlags("db", dbUsage, "Verifies a data file, or tells what is in it. `serve` says where its data file is.")
	if len(args) == 0 {
		fmt.Fprintf(stderr, "appsync-emulator db: want check or info\n")
		return exitUsage
	}
	if code, done := fs.parse(args, 0, stdout, stderr); done && code == exitOK {
		return code
	}
	fmt.Fprintf(stderr, "appsync-emulator db: there is no %q: want check or info\n", args[0])
	return exitUsage
}

// openFile opens the data file that is the argument of a command. When it is not
// ok the command ends with the code.
func openFile(fs *flags, stderr io.Writer) (data *emulator.Data, code int, ok bool) {
	if fs.NArg() == 0 {
		fmt.Fprintf(stderr, "appsync-emulator %s: which FILE?\n", fs.Name())
		return nil, exitUsage, false
	}
	data, err := emulator.OpenData(fs.Arg(0))
	if err == nil {
		return data, exitOK, true
	}
	fmt.Fprintf(stderr, "appsync-emulator %s: %v\n", fs.Name(), err)
	if errors.Is(err, emulator.ErrDataInUse) {
		fmt.Fprintln(stderr, "Stop the emulator that serves it first.")
	}
	return nil, exitFailure, false
}

func dbCheck(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	fs := newFlags("db check", "db check FILE [--repair]",
		"Verifies a whole data file: its pages, its items, and every index, expiry and\ncount against the items. Exits with 1 if anything is wrong that --repair has not\nput right.")
	repair := fs.Bool("repair", false, "put right what is wrong; items that cannot be read are lost")
	if code, done := fs.parse(args, 1, stdout, stderr); done {
		return code
	}
	data, code, ok := openFile(fs, stderr)
	if !ok {
		return code
	}
	defer data.Close()
	look := data.Check
	if *repair {
		look = data.Repair
	}
	wrong, err := look(ctx)
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "appsync-emulator db check: interrupted")
		return exitFailure
	case err != nil:
		fmt.Fprintln(stderr, "appsync-emulator db check:", err)
		return exitFailure
	case len(wrong) == 0:
		fmt.Fprintf(stdout, "%s: no mistakes found\n", data.Path())
		return exitOK
	}
	fmt.Fprintln(stderr, strings.Join(wrong, "\n"))
	if !*repair {
		fmt.Fprintf(stderr, "%s is damaged; copy it, then try --repair\n", data.Path())
		return exitFailure
	}
	// What has been put right is looked at again.
	if again, err := data.Check(ctx); err != nil || len(again) > 0 {
		fmt.Fprintf(stderr, "%s is still damaged: %s\n", data.Path(), errors.Join(err, errors.New(strings.Join(again, "\n"))))
		return exitFailure
	}
	fmt.Fprintf(stdout, "%s: repaired\n", data.Path())
	return exitOK
}

func dbInfo(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	fs := newFlags("db info", "db info FILE", "Lists the tables of a data file with their keys, indexes and sizes.")
	if code, done := fs.parse(args, 1, stdout, stderr); done {
		return code
	}
	data, code, ok := openFile(fs, stderr)
	if !ok {
		return code
	}
	defer data.Close()
	tables, err := data.Tables(ctx)
	if err != nil {
		fmt.Fprintln(stderr, "appsync-emulator db info:", err)
		return exitFailure
	}
	size := int64(0)
	if info, err := os.Stat(data.Path()); err == nil {
		size = info.Size()
	}
	fmt.Fprintf(stdout, "%s: %s, %d bytes\n", data.Path(), count(len(tables), "table"), size)
	for _, t := range tables {
		fmt.Fprintf(stdout, "\n%s: %s, %d bytes\n  key    %s\n", t.Name, count(int(t.Items), "item"), t.Bytes, keyText(t.PartitionKey.Name, t.PartitionKey.Type))
		if t.SortKey != nil {
			fmt.Fprintf(stdout, "         %s\n", keyText(t.SortKey.Name, t.SortKey.Type))
		}
		if t.TTLAttribute != "" {
			fmt.Fprintf(stdout, "  TTL    %s\n", t.TTLAttribute)
		}
		for _, ix := range t.Indexes {
			key := keyText(ix.PartitionKey.Name, ix.PartitionKey.Type)
			if ix.SortKey != nil {
				key += ", " + keyText(ix.SortKey.Name, ix.SortKey.Type)
			}
			fmt.Fprintf(stdout, "  index  %s: %s, %s, %s, %s\n", ix.Name, key, ix.Projection, ix.Status, count(int(ix.Items), "item"))
		}
	}
	return exitOK
}

func keyText(name, kind string) string { return name + " (" + kind + ")" }
