package admin

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
)

const (
	// maxLine is the length of an imported line at most. An item has 400 KB, and
	// JSON may write a character in six.
	maxLine = 4 << 20
	// exportBuffer is what is gathered before it is written.
	exportBuffer = 64 << 10
)

// Export writes the items of a table to w, in the order of a Scan and each on a
// line of its own as {"Item": {...}} in DynamoDB JSON, which is the form of
// DynamoDB's own exports. It returns how many it has written. Items that are
// written meanwhile may or may not be among them.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
func Export(ctx context.Context, store Store, table string, w io.Writer) (int, error) {
	if err := exists(ctx, store, table); err != nil {
		return 0, err
	}
	out := bufio.NewWriterSize(w, exportBuffer)
	n := 0
	var line []byte
	err := store.Items(ctx, table, func(item *attribute.Item) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		line = append(line[:0], `{"Item":`...)
		line = attribute.AppendItemJSON(line, item)
		line = append(line, "}\n"...)
		n++
		_, err := out.Write(line)
		return err
	})
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		return n, fmt.Errorf("export of table %s: %w", table, err)
	}
	return n, nil
}

// exists returns an *Error when there is no table of that name.
func exists(ctx context.Context, store storage.Store, table string) error {
	_, err := store.DescribeTable(ctx, table)
	if _, missing := errors.AsType[*storage.ResourceNotFoundError](err); missing {
		return noTable(ctx, store, table, "table")
	}
	return err
}

// Import puts the items that Export has written into a table, in place of those
// of the same key, and returns how many are written. What cannot be one is an
// *Error with the number of its line; of the lines before it, all are written.
// Empty lines are passed over.
func Import(ctx context.Context, store Store, table string, r io.Reader) (int, error) {
	if err := exists(ctx, store, table); err != nil {
		return 0, err
	}
	lines := &lineReader{scanner: bufio.NewScanner(r)}
	lines.scanner.Buffer(make([]byte, 0, exportBuffer), maxLine)
	n, err := store.Load(ctx, table, lines.items())
	switch refusal := refused(err); {
	case err == nil:
		return n, nil
	case lines.err != nil:
		return n, lines.err
	case refusal != nil:
		return n, lines.fault("%v", refusal)
	}
	return n, fmt.Errorf("import into table %s: %w", table, err)
}

// lineReader reads items from lines.
type lineReader struct {
	scanner *bufio.Scanner
	line    int
	err     error // what ended the items
}

func (l *lineReader) fault(format string, args ...any) *Error {
	e := badRequest("", format, args...)
	e.Line = l.line
	return e
}

func (l *lineReader) items() iter.Seq2[*attribute.Item, error] {
	return func(yield func(*attribute.Item, error) bool) {
		for l.scanner.Scan() {
			l.line++
			text := l.scanner.Bytes()
			if l.line == 1 {
				text = bytes.TrimPrefix(text, []byte("\uFEFF"))
			}
			if text = bytes.TrimSpace(text); len(text) == 0 {
				continue
			}
			item, err := parseLine(text)
			if err != nil {
				l.err = l.fault("%v", err)
				yield(nil, l.err)
				return
			}
			if !yield(item, nil) {
				return
			}
		}
		if err := l.scanner.Err(); err != nil {
			l.line++
			l.err = fmt.Errorf("line %d: %w", l.line, err)
			if errors.Is(err, bufio.ErrTooLong) {
				l.err = l.fault("the line is longer than %d MB", maxLine>>20)
			}
			yield(nil, l.err)
		}
	}
}

// parseLine reads {"Item": {...}}.
func parseLine(text []byte) (*attribute.Item, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		if _, wrongType := errors.AsType[*json.UnmarshalTypeError](err); wrongType {
			return nil, errNotALine
		}
		return nil, err
	}
	item, ok := members["Item"]
	if !ok || len(members) != 1 {
		return nil, errNotALine
	}
	return attribute.ParseItemJSON(item)
}

var errNotALine = errors.New(`a line is {"Item": {...}} with the item in DynamoDB JSON`)
