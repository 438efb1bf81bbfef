package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestProgress(t *testing.T) {
	var out strings.Builder
	now := time.Unix(0, 0)
	p := &progress{w: &out, now: func() time.Time { return now }, label: "export", unit: "items", total: 200}
	step := func(n int, want string) {
		t.Helper()
		out.Reset()
		p.add(n)
		if got := out.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	now = now.Add(time.Second)
	step(1, "\rexport [..............................]   0% 1 items")
	step(49, "") // too early to draw again
	now = now.Add(time.Second)
	step(50, "\rexport [###############...............]  50% 100 items")
	now = now.Add(time.Second)
	step(300, "\rexport [##############################] 100% 400 items")
	out.Reset()
	p.end()
	if got := out.String(); strings.TrimLeft(got, "\r ") != "" || !strings.HasSuffix(got, "\r") {
		t.Errorf("the bar is not taken away: %q", got)
	}
	now = now.Add(time.Second)
	step(1, "")
	p = &progress{w: &out, now: p.now, label: "import", unit: "bytes"}
	step(7, "\rimport 7 bytes")
}

// Where nobody watches there is no bar.
func TestProgressIsForTerminals(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, w := range []io.Writer{file, io.Discard} {
		p := newProgress(w, "export", "items", 1)
		p.add(1)
		p.end()
		if p != nil {
			t.Errorf("%T has a bar", w)
		}
	}
}

// An interrupted export leaves nothing behind, nor does it touch what was there.
func TestInterruptedExport(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	file := filepath.Join(t.TempDir(), "out.jsonl")
	if err := os.WriteFile(file, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	n, err := exportTo(ctx, file, io.Discard, func(w io.Writer) (int, error) {
		io.WriteString(w, "half")
		cancel()
		return 1, ctx.Err()
	})
	if n != 1 || !errors.Is(err, context.Canceled) {
		t.Errorf("%d, %v", n, err)
	}
	if text, _ := os.ReadFile(file); string(text) != "before" {
		t.Errorf("the file has %q", text)
	}
	if _, err := os.Stat(file + ".partial"); err == nil {
		t.Error("a partial file is left")
	}
}

// An import that waits for its input ends when it is interrupted.
func TestInterruptedImport(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	in, write := io.Pipe()
	defer write.Close()
	go func() {
		io.WriteString(write, `{"Item":`)
		cancel()
	}()
	_, err := importFrom(ctx, in, nil, func(r io.Reader) (int, error) {
		_, err := io.ReadAll(r)
		return 0, err
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
