package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

func export(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	fs := newTableFlags("export", "export [PROJECT] --table NAME [--data FILE | --url URL] [flags]",
		"Writes the items of a table, each on a line as {\"Item\": {...}} in DynamoDB JSON:\nthe form of DynamoDB's exports to S3.")
	output := fs.String("output", "-", "`FILE` to write; - is the standard output")
	if code, done := fs.parse(args, 1, stdout, stderr); done {
		return code
	}
	if err := fs.check(); err != nil {
		fmt.Fprintln(stderr, "appsync-emulator export:", err)
		return exitUsage
	}
	store, err := fs.open(stderr)
	if err != nil {
		return fs.fail(stderr, err)
	}
	defer store.Close()
	n, err := exportTo(ctx, *output, stdout, func(w io.Writer) (int, error) {
		bar := newProgress(stderr, "export", "items", store.items(ctx, *fs.table))
		defer bar.end()
		return store.Export(ctx, *fs.table, &lineCounter{w: w, progress: bar})
	})
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("interrupted after %s", count(n, "item"))
	}
	if err != nil {
		return fs.fail(stderr, err)
	}
	fmt.Fprintf(stderr, "exported %s of table %s\n", count(n, "item"), *fs.table)
	return exitOK
}

// exportTo has write fill a file, or the standard output. A file is there when it
// is complete, and not before.
func exportTo(ctx context.Context, file string, stdout io.Writer, write func(w io.Writer) (int, error)) (n int, err error) {
	if file == "-" {
		return write(stdout)
	}
	// What is no file, such as a pipe, is written as it is.
	if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(file, os.O_WRONLY, 0)
		if err != nil {
			return 0, err
		}
		n, err := write(f)
		return n, errors.Join(err, f.Close())
	}
	partial := file + ".partial"
	f, err := os.OpenFile(partial, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	n, err = write(f)
	if err == nil {
		err = ctx.Err()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(partial, file)
	}
	if err != nil {
		os.Remove(partial)
	}
	return n, err
}
