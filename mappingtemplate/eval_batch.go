package mappingtemplate

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	lru "github.com/hashicorp/golang-lru/v2"

	"appsync-emulator/mappingtemplate/value"
)

// BatchOptions tunes EvaluateBatch. The zero value works.
type BatchOptions struct {
	// Dir is the folder that a relative "templateFile" starts from; empty means
	// the process's own.
	Dir string
	// Full adds logs, stash and outErrors to the answers.
	Full bool
	// Workers is how many cases are evaluated at once; 0 means one for each
	// processor.
	Workers int
	// Malformed hears of lines that are no cases, in order, with their number
	// counted from 1. Nil tells nobody; the answers have the errors too.
	Malformed func(line int, err error)
	// Warn hears the warnings of evaluations, in order. Nil drops them.
	Warn func(line int, warning string)
}

// BatchResult counts what EvaluateBatch did.
type BatchResult struct {
	// Cases are all lines that are not blank, Failed those of them whose
	// template failed, Malformed those that are no cases.
	Cases, Failed, Malformed int
}

// The sizes of a batch's parts. A case of the service's own limits has less than
// 1 MB.
const (
	maxCaseBytes  = 16 << 20
	chunkCases    = 64
	chunkBytes    = 512 << 10
	batchReadSize = 256 << 10
)

// EvaluateBatch evaluates the cases that r has, one JSON object a line, and
// writes an answer for each on a line of its own, in the same order:
//
//	{"id": any, "template": text or "templateFile": path, "context": object or its JSON as text}
//	{"id": as it was, "evaluationResult": text}
//	{"id": as it was, "error": {"message": text}}
//
// A line that is no case is answered by an error, too, with the line's number.
// The n-th case has the random bits of IDs(n), from 0, however many are evaluated
// at once. What is held in memory does not grow with the batch.
//
// The error is that of r or w, or of ctx; the answers before it are written.
// When ctx ends while r.Read blocks, that call is not waited for.
func (e *Evaluator) EvaluateBatch(ctx context.Context, r io.Reader, w io.Writer, opt BatchOptions) (BatchResult, error) {
	if opt.Workers <= 0 {
		opt.Workers = runtime.GOMAXPROCS(0)
	}
	files, err := lru.New[string, templateFile](templateCacheSize)
	if err != nil {
		return BatchResult{}, err
	}
	ctx, cancel := context.WithCancel(ctx)
	b := &batch{evaluator: e, options: opt, files: files}
	work := make(chan *chunk)
	// The chunks in the order of the input. Its size bounds how far the workers
	// may be ahead of a slow one.
	ordered := make(chan *chunk, 2*opt.Workers)
	go func() {
		defer close(ordered)
		defer close(work)
		readChunks(ctx, r, func(c *chunk) bool {
			for _, to := range [...]chan<- *chunk{ordered, work} {
				select {
				case to <- c:
				case <-ctx.Done():
					return false
				}
			}
			return true
		})
	}()
	var workers sync.WaitGroup
	for range opt.Workers {
		workers.Go(func() {
			for {
				select {
				case c, ok := <-work:
					if !ok {
						return
					}
					b.evaluate(ctx, c)
				case <-ctx.Done():
					return
				}
			}
		})
	}
	defer workers.Wait()
	defer cancel()
	return b.write(ctx, ordered, w)
}

// batch is one run of EvaluateBatch.
type batch struct {
	evaluator *Evaluator
	options   BatchOptions
	files     *lru.Cache[string, templateFile]
}

type templateFile struct {
	text string
	err  error
}

// chunk is some successive cases. Its answers may be read once done is closed.
type chunk struct {
	cases []caseLine
	// err is the end of the input: what reading it failed with, or ctx's error.
	err error

	out    []byte
	result BatchResult
	notes  []note
	done   chan struct{}
}

// caseLine is a line that is not blank.
type caseLine struct {
	// line counts from 1, n counts cases from 0.
	line int
	n    int64
	text string
	err  error
}

// note is something to tell about a line.
type note struct {
	line    int
	err     error
	warning string
}

// readChunks cuts the input into chunks, until it ends or emit returns false. A
// chunk is complete when reading on might block, so that a program may talk to
// a batch line by line.
func readChunks(ctx context.Context, r io.Reader, emit func(*chunk) bool) {
	in := bufio.NewReaderSize(r, batchReadSize)
	c, size, n := newChunk(), 0, int64(0)
	for line := 1; ; line++ {
		text, err := readLine(in)
		if line == 1 {
			text = strings.TrimPrefix(text, "\uFEFF")
		}
		if strings.Trim(text, " \t\r") != "" || errors.Is(err, errLongLine) {
			next := caseLine{line: line, n: n, text: text}
			if errors.Is(err, errLongLine) {
				next.err = err
			}
			c.cases = append(c.cases, next)
			size += len(text)
			n++
		}
		end := err != nil && !errors.Is(err, errLongLine)
		if end && err != io.EOF {
			c.err = err
		}
		if end || len(c.cases) >= chunkCases || size >= chunkBytes || len(c.cases) > 0 && in.Buffered() == 0 {
			if !emit(c) || end {
				return
			}
			c, size = newChunk(), 0
		}
		if ctx.Err() != nil {
			return
		}
	}
}

func newChunk() *chunk { return &chunk{done: make(chan struct{})} }

var errLongLine = fmt.Errorf("a case may not be longer than %d MB", maxCaseBytes>>20)

// readLine reads a line without its end. The error is errLongLine for one whose
// text is dropped, or that of the reader: with io.EOF there is no further line.
func readLine(in *bufio.Reader) (string, error) {
	var long []byte
	dropped := false
	for {
		part, err := in.ReadSlice('\n')
		if err == nil && long == nil && !dropped {
			return string(part[:len(part)-1]), nil
		}
		if len(long)+len(part) > maxCaseBytes {
			long, dropped = nil, true
		}
		if !dropped {
			long = append(long, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err == nil && dropped:
			return "", errLongLine
		case err == nil:
			return string(long[:len(long)-1]), nil
		case err == io.EOF && dropped:
			return "", errLongLine // the next call says io.EOF
		}
		return string(long), err
	}
}

// write writes the answers in order.
func (b *batch) write(ctx context.Context, ordered <-chan *chunk, w io.Writer) (total BatchResult, err error) {
	for {
		var c *chunk
		var ok bool
		select {
		case c, ok = <-ordered:
		case <-ctx.Done():
			return total, ctx.Err()
		}
		if !ok {
			return total, ctx.Err()
		}
		select {
		case <-c.done:
		case <-ctx.Done():
			return total, ctx.Err()
		}
		total.Cases += c.result.Cases
		total.Failed += c.result.Failed
		total.Malformed += c.result.Malformed
		b.tell(c.notes)
		if len(c.out) > 0 {
			if _, err := w.Write(c.out); err != nil {
				return total, err
			}
		}
		if c.err != nil {
			return total, c.err
		}
	}
}

func (b *batch) tell(notes []note) {
	for _, n := range notes {
		switch {
		case n.err != nil && b.options.Malformed != nil:
			b.options.Malformed(n.line, n.err)
		case n.err == nil && b.options.Warn != nil:
			b.options.Warn(n.line, n.warning)
		}
	}
}

// evaluate answers the cases of a chunk.
func (b *batch) evaluate(ctx context.Context, c *chunk) {
	defer close(c.done)
	for i := range c.cases {
		line := &c.cases[i]
		parsed, err := batchCase{}, line.err
		if err == nil {
			parsed, err = b.parseCase(line)
		}
		start := len(c.out)
		c.out = append(c.out, `{"id":`...)
		c.out = append(c.out, parsed.rawID()...)
		c.out = append(c.out, ',')
		answer := &Evaluation{}
		if err == nil {
			if answer, err = b.evaluator.evaluate(ctx, parsed.template, parsed.context, line.n); err != nil {
				c.out, c.err = c.out[:start], err
				return
			}
			for _, warning := range answer.Warnings {
				c.notes = append(c.notes, note{line: line.line, warning: warning})
			}
			if answer.Error != nil {
				c.result.Failed++
			}
		} else {
			c.result.Malformed++
			c.notes = append(c.notes, note{line: line.line, err: err})
			answer.Error = &EvaluationError{Message: "line " + strconv.Itoa(line.line) + ": " + err.Error()}
		}
		if b.options.Full {
			c.out = answer.appendMembers(c.out, compactStyle)
		} else {
			c.out = answer.appendOutcome(c.out, compactStyle)
		}
		c.out = append(c.out, "}\n"...)
		c.result.Cases++
	}
}

// batchCase is a line of a batch.
type batchCase struct {
	// id is the JSON text of the id, empty when there is none.
	id       string
	template source
	context  *value.Map
}

func (c *batchCase) rawID() string {
	if c.id == "" {
		return "null"
	}
	return c.id
}

// parseCase reads a line. The id is there, too, where the rest is at fault.
func (b *batch) parseCase(line *caseLine) (c batchCase, err error) {
	c, file, err := decodeCase(line.text)
	if err != nil {
		return c, err
	}
	if file == "" {
		c.template.name = c.id
		if unquoted, err := value.ParseJSON(c.id); err == nil {
			if name, ok := unquoted.(string); ok && name != "" {
				c.template.name = name
			}
		}
		if c.template.name == "" {
			c.template.name = "line " + strconv.Itoa(line.line)
		}
		return c, nil
	}
	path := filepath.FromSlash(file)
	if !filepath.IsAbs(path) {
		path = filepath.Join(b.options.Dir, path)
	}
	read, ok := b.files.Get(path)
	if !ok {
		text, err := os.ReadFile(path)
		read = templateFile{string(text), err}
		b.files.Add(path, read)
	}
	c.template = source{name: path, file: true, text: read.text}
	return c, read.err
}

// decodeCase reads a case; file is its templateFile.
func decodeCase(text string) (c batchCase, file string, err error) {
	v, err := value.ParseJSON(text)
	if err != nil {
		var syntax *value.SyntaxError
		if errors.As(err, &syntax) {
			column := 1 + utf8.RuneCountInString(text[:min(syntax.Offset, len(text))])
			err = fmt.Errorf("column %d: %s", column, syntax.Msg)
		}
		return c, "", err
	}
	fields, ok := v.(*value.Map)
	if !ok {
		return c, "", fmt.Errorf("a case must be a JSON object, not %s", jsonKind(v))
	}
	if fields.Has("id") {
		c.id = rawMember(text, "id")
	}
	for _, name := range [...]string{"template", "templateFile"} {
		given, ok := fields.Get(name)
		if !ok {
			continue
		}
		s, ok := given.(string)
		switch {
		case !ok:
			return c, "", fmt.Errorf("%q must be a string, not %s", name, jsonKind(given))
		case name == "template":
			c.template.text = s
		case s == "":
			return c, "", errors.New(`"templateFile" is empty`)
		default:
			file = s
		}
	}
	switch {
	case file != "" && fields.Has("template"):
		return c, "", errors.New(`"template" and "templateFile" exclude each other`)
	case file == "" && !fields.Has("template"):
		return c, "", errors.New(`"template" is missing`)
	case !fields.Has("context"):
		return c, "", errors.New(`"context" is missing`)
	}
	if s, ok := fields.Value("context").(string); ok {
		c.context, err = parseContext(s)
	} else {
		c.context, err = contextOf(fields.Value("context"))
	}
	if err != nil {
		err = fmt.Errorf("context: %w", err)
	}
	return c, file, err
}

// rawMember returns the text of a member of a JSON object, the last one if it
// has several of that name. The text must be valid.
func rawMember(text, name string) (raw string) {
	i := skipBlanks(text, 0) + 1
	for {
		i = skipBlanks(text, i)
		if i >= len(text) || text[i] == '}' {
			return raw
		}
		if text[i] == ',' {
			i++
			continue
		}
		key := text[i:skipValue(text, i)]
		i = skipBlanks(text, i+len(key))
		i = skipBlanks(text, i+1) // the colon
		end := skipValue(text, i)
		if isName(key, name) {
			raw = text[i:end]
		}
		i = end
	}
}

// isName says whether a JSON string is the given text.
func isName(quoted, name string) bool {
	if strings.IndexByte(quoted, '\\') < 0 {
		return len(quoted) == len(name)+2 && quoted[1:len(quoted)-1] == name
	}
	v, err := value.ParseJSON(quoted)
	return err == nil && v == any(name)
}

func skipBlanks(text string, i int) int {
	for i < len(text) && (text[i] == ' ' || text[i] == '\t' || text[i] == '\r' || text[i] == '\n') {
		i++
	}
	return i
}

// skipValue returns where the JSON value at i ends.
func skipValue(text string, i int) int {
	for depth := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			for i++; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
			if depth == 0 {
				return min(i+1, len(text))
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return i
			}
		}
	}
	return i
}
