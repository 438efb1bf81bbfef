package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

func importItems(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	fs := newTableFlags("import", "import [PROJECT] --table NAME [--data FILE | --url URL] [flags]",
		"Puts items into a table, in place of those of the same key. They are lines of\n{\"Item\": {...}} in DynamoDB JSON: what `export` writes, and what DynamoDB exports\nto S3, compressed or not. A line that cannot be one ends it; those before it are\nin the table.")
	input := fs.String("input", "-", "`FILE` to read; - is the standard input")
	if code, done := fs.parse(args, 1, stdout, stderr); done {
		return code
	}
	if err := fs.check(); err != nil {
		fmt.Fprintln(stderr, "appsync-emulator import:", err)
		return exitUsage
	}
	in, size, err := openInput(*input)
	if err != nil {
		return fs.fail(stderr, err)
	}
	defer in.Close()
	store, err := fs.open(stderr)
	if err != nil {
		return fs.fail(stderr, err)
	}
	defer store.Close()
	n, err := importFrom(ctx, in, newProgress(stderr, "import", "bytes", size), func(r io.Reader) (int, error) {
		return store.Import(ctx, *fs.table, r)
	})
	if err != nil && ctx.Err() != nil {
		err = errors.New("interrupted; what was read before is in the table")
	}
	if err != nil {
		return fs.fail(stderr, err)
	}
	fmt.Fprintf(stdout, "imported %s into table %s\n", count(n, "item"), *fs.table)
	return exitOK
}

// openInput opens a file and tells its size, 0 when that is not known.
func openInput(file string) (*os.File, int64, error) {
	if file == "-" {
		return os.Stdin, 0, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = fmt.Errorf("%s is a folder", file)
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}

// importFrom hands what is in the input to read, until that is done or ctx ends.
func importFrom(ctx context.Context, in io.Reader, bar *progress, read func(io.Reader) (int, error)) (int, error) {
	defer bar.end()
	text, err := decompressed(interruptible(ctx, &byteCounter{r: in, progress: bar}))
	if err != nil {
		return 0, err
	}
	return read(text)
}

// interruptible is a reader that ends with ctx. A read of a terminal or pipe
// cannot be broken off: it is left behind.
func interruptible(ctx context.Context, r io.Reader) io.Reader {
	out, in := io.Pipe()
	context.AfterFunc(ctx, func() { in.CloseWithError(ctx.Err()) })
	go func() {
		_, err := io.Copy(in, r)
		in.CloseWithError(err)
	}()
	return out
}

// decompressed reads through gzip if that is what there is.
func decompressed(r io.Reader) (io.Reader, error) {
	buffered := bufio.NewReaderSize(r, 64<<10)
	if head, err := buffered.Peek(2); err != nil || head[0] != 0x1F || head[1] != 0x8B {
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		return buffered, nil
	}
	return gzip.NewReader(buffered)
}
