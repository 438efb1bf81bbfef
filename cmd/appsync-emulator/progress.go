package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

const (
	// progressInterval is how often the bar is drawn anew.
	progressInterval = 100 * time.Millisecond
	progressWidth    = 30
)

// progress draws how far a command is. A nil one draws nothing.
type progress struct {
	w     io.Writer
	now   func() time.Time
	label string
	unit  string
	total int64 // 0: not known

	mu    sync.Mutex // guards the rest; an input may be read beyond the end
	ended bool
	done  int64
	drawn time.Time
	shown int // characters on the line
}

// newProgress returns the progress bar of a command, or nil where nobody watches:
// when stderr is no terminal.
func newProgress(stderr io.Writer, label, unit string, total int64) *progress {
	if !isTerminal(stderr) {
		return nil
	}
	return &progress{w: stderr, now: time.Now, label: label, unit: unit, total: total}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (p *progress) add(n int) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done += int64(n)
	if p.ended {
		return
	}
	if now := p.now(); now.Sub(p.drawn) >= progressInterval {
		p.drawn = now
		p.draw(p.line())
	}
}

func (p *progress) line() string {
	if p.total <= 0 {
		return fmt.Sprintf("%s %d %s", p.label, p.done, p.unit)
	}
	part := min(p.done, p.total)
	full := int(part * progressWidth / p.total)
	return fmt.Sprintf("%s [%s%s] %3d%% %d %s", p.label, strings.Repeat("#", full), strings.Repeat(".", progressWidth-full),
		part*100/p.total, p.done, p.unit)
}

func (p *progress) draw(line string) {
	fmt.Fprint(p.w, "\r"+line+strings.Repeat(" ", max(0, p.shown-len(line))))
	p.shown = len(line)
}

// end takes the bar away.
func (p *progress) end() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
	if p.shown > 0 {
		p.draw("")
		fmt.Fprint(p.w, "\r")
	}
}

// lineCounter counts the lines that go to w.
type lineCounter struct {
	w        io.Writer
	progress *progress
	n        int
}

func (c *lineCounter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	lines := bytes.Count(b[:n], []byte{'\n'})
	c.n += lines
	c.progress.add(lines)
	return n, err
}

// byteCounter counts the bytes that come from r.
type byteCounter struct {
	r        io.Reader
	progress *progress
}

func (c *byteCounter) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.progress.add(n)
	return n, err
}
