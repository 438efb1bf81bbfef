package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"appsync-emulator/mappingtemplate"
)

// evalOptions are the flags of eval.
type evalOptions struct {
	template, context string
	raw               bool
	batch             string
	full              bool
	check             string
	now               string
	coverage          string
	coverageFormat    string
}

// coverageToStderr is the value of --coverage without one.
const coverageToStderr = "stderr"

func eval(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	fs := newFlags("eval", "eval --template FILE --context FILE [flags]\n       appsync-emulator eval --batch FILE [flags]",
		"Evaluates a mapping template, or a batch of them, as `aws appsync\nevaluate-mapping-template` does, and prints the same JSON. Exits with 1 if the\ntemplate fails, or if a line of the batch is no case.\n\n"+
			"A batch has a case on each line, and each is answered on a line of its own:\n"+
			"  {\"id\": any, \"template\": text or \"templateFile\": path, \"context\": object}\n"+
			"  {\"id\": ..., \"evaluationResult\": text} or {\"id\": ..., \"error\": {\"message\": text}}")
	var opt evalOptions
	fs.StringVar(&opt.template, "template", "", "`FILE` with the template; - is the standard input")
	fs.StringVar(&opt.context, "context", "", "`FILE` with $context as a JSON object; - is the standard input")
	fs.BoolVar(&opt.raw, "raw", false, "print the evaluationResult alone, as it is")
	fs.StringVar(&opt.batch, "batch", "", "`FILE` with a case on each line; - is the standard input")
	fs.BoolVar(&opt.full, "full", false, "with --batch: answer logs, stash and outErrors as well")
	fs.StringVar(&opt.check, "check", "", "fail where AppSync would refuse the output of a `KIND` of template: request or response")
	seed := fs.Uint64("seed", 0, "make identifiers and random numbers repeatable; `N` chooses them")
	fs.StringVar(&opt.now, "now", "", "stop the clock of $util.time at `TIME`: 2024-05-01T12:00:00Z, or milliseconds since 1970")
	fs.StringVar(&opt.coverage, "coverage", "", "report which lines and branches ran, to `FILE` or the standard error")
	fs.Lookup("coverage").NoOptDefVal = coverageToStderr
	fs.StringVar(&opt.coverageFormat, "coverage-format", "text", "`FORMAT` of the report: text, lcov or json")
	if code, done := fs.parse(args, 0, stdout, stderr); done {
		return code
	}
	evaluator := &mappingtemplate.Evaluator{}
	format, err := opt.apply(evaluator, fs.Changed)
	if err != nil {
		fmt.Fprintln(stderr, "appsync-emulator eval:", err)
		return exitUsage
	}
	if fs.Changed("seed") {
		evaluator.IDs = mappingtemplate.SeededIDs(*seed)
	}
	run := opt.evalOne
	if opt.batch != "" {
		run = opt.evalBatch
	}
	code := run(ctx, evaluator, stdout, stderr)
	if opt.coverage != "" && code != exitUsage {
		if err := writeCoverage(evaluator.Coverage, opt.coverage, format, stderr); err != nil {
			fmt.Fprintln(stderr, "appsync-emulator eval:", err)
			return exitFailure
		}
	}
	return code
}

// apply checks the flags and sets the evaluator by them.
func (opt *evalOptions) apply(e *mappingtemplate.Evaluator, given func(flag string) bool) (format mappingtemplate.CoverageFormat, err error) {
	switch {
	case opt.batch != "" && (opt.template != "" || opt.context != "" || opt.raw):
		return "", errors.New("--batch excludes --template, --context and --raw")
	case opt.batch != "":
	case opt.full:
		return "", errors.New("--full goes with --batch; a single evaluation shows all anyway")
	case opt.template == "" && opt.context == "":
		return "", errors.New("nothing to evaluate: give --template and --context, or --batch")
	case opt.template == "":
		return "", errors.New("--context goes with --template")
	case opt.context == "":
		return "", errors.New("--template goes with --context, which may be a file with {}")
	case opt.template == "-" && opt.context == "-":
		return "", errors.New("--template and --context cannot both be the standard input")
	}
	if given("coverage-format") && !given("coverage") {
		return "", errors.New("--coverage-format goes with --coverage")
	}
	if e.Check, err = mappingtemplate.ParseCheck(opt.check); err != nil {
		return "", fmt.Errorf("--check %w", err)
	}
	if format, err = mappingtemplate.ParseCoverageFormat(opt.coverageFormat); err != nil {
		return "", fmt.Errorf("--coverage-format %w", err)
	}
	if opt.now != "" {
		now, err := parseTime(opt.now)
		if err != nil {
			return "", fmt.Errorf("--now %w", err)
		}
		e.Now = func() time.Time { return now }
	}
	// A single evaluation has it for the place of an error, too.
	if opt.coverage != "" || opt.batch == "" {
		e.Coverage = &mappingtemplate.Coverage{}
	}
	return format, nil
}

// parseTime reads a time in the form of RFC 3339 or in milliseconds.
func parseTime(s string) (time.Time, error) {
	if ms, err := strconv.ParseInt(s, 10, 64); err == nil {
		return time.UnixMilli(ms).UTC(), nil
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return t, fmt.Errorf("%q: want a time as 2024-05-01T12:00:00Z, or milliseconds since 1970", s)
	}
	return t, nil
}

// evalOne evaluates a template and prints the answer.
func (opt *evalOptions) evalOne(ctx context.Context, e *mappingtemplate.Evaluator, stdout, stderr io.Writer) int {
	texts := [2]string{}
	for i, name := range [...]string{opt.template, opt.context} {
		text, err := readAll(ctx, name)
		if err != nil {
			fmt.Fprintln(stderr, "appsync-emulator eval:", err)
			return exitFailure
		}
		texts[i] = text
	}
	template, context := texts[0], texts[1]
	warnLength(stderr, "template", template, mappingtemplate.MinTemplateLength, mappingtemplate.MaxTemplateLength)
	warnLength(stderr, "context", context, mappingtemplate.MinContextLength, mappingtemplate.MaxContextLength)
	answer, err := e.Evaluate(ctx, mappingtemplate.EvaluationRequest{
		Template: template, TemplateFile: displayName(opt.template), Context: context,
	})
	var badContext *mappingtemplate.ContextError
	switch {
	case errors.As(err, &badContext) && badContext.Line > 0:
		fmt.Fprintf(stderr, "%s:%d:%d: %s\n%s", displayName(opt.context), badContext.Line, badContext.Column,
			badContext.Message, badContext.Excerpt(context))
		return exitFailure
	case err != nil:
		fmt.Fprintf(stderr, "%s: %v\n", displayName(opt.context), err)
		return exitFailure
	}
	for _, warning := range answer.Warnings {
		fmt.Fprintln(stderr, "warning:", warning)
	}
	var out []byte
	switch {
	case !opt.raw:
		out = append(answer.AppendIndentedJSON(nil), '\n')
	case answer.Error == nil:
		out = []byte(answer.Result)
	}
	if _, err := stdout.Write(out); err != nil {
		fmt.Fprintln(stderr, "appsync-emulator eval:", err)
		return exitFailure
	}
	if answer.Error == nil {
		return exitOK
	}
	place := displayName(opt.template)
	column, lines := answer.Error.Excerpt(template)
	if column > 0 {
		place += ":" + strconv.Itoa(answer.Error.Line) + ":" + strconv.Itoa(column)
	}
	// Velocity's list of what it expected follows the line that it is about.
	message, rest, _ := strings.Cut(strings.TrimSpace(answer.Error.Message), "\n")
	if rest != "" {
		rest += "\n"
	}
	fmt.Fprintf(stderr, "%s: %s\n%s%s", place, message, lines, rest)
	return exitFailure
}

// warnLength tells that the service would refuse a text for its length.
func warnLength(stderr io.Writer, name, text string, least, most int) {
	if n := utf8.RuneCountInString(text); n < least || n > most {
		fmt.Fprintf(stderr, "warning: the %s has %s; EvaluateMappingTemplate takes %d to %d\n",
			name, count(n, "character"), least, most)
	}
}

// displayName is what messages call an input.
func displayName(file string) string {
	if file == "-" {
		return "<stdin>"
	}
	return file
}

// readAll reads a file, or the standard input up to its end or that of ctx.
func readAll(ctx context.Context, file string) (string, error) {
	if file != "-" {
		text, err := os.ReadFile(file)
		return string(text), err
	}
	type input struct {
		text []byte
		err  error
	}
	// A read of a terminal cannot be broken off: it is left behind.
	done := make(chan input, 1)
	go func() {
		text, err := io.ReadAll(os.Stdin)
		done <- input{text, err}
	}()
	select {
	case in := <-done:
		return string(in.text), in.err
	case <-ctx.Done():
		return "", errors.New("interrupted")
	}
}

// evalBatch evaluates the cases of a file.
func (opt *evalOptions) evalBatch(ctx context.Context, e *mappingtemplate.Evaluator, stdout, stderr io.Writer) int {
	in, dir := os.Stdin, ""
	if opt.batch != "-" {
		file, err := os.Open(opt.batch)
		if err != nil {
			fmt.Fprintln(stderr, "appsync-emulator eval:", err)
			return exitFailure
		}
		defer file.Close()
		in, dir = file, filepath.Dir(opt.batch)
	}
	name := displayName(opt.batch)
	result, err := e.EvaluateBatch(ctx, in, stdout, mappingtemplate.BatchOptions{
		Dir:       dir,
		Full:      opt.full,
		Malformed: func(line int, err error) { fmt.Fprintf(stderr, "%s:%d: %v\n", name, line, err) },
		Warn:      func(line int, warning string) { fmt.Fprintf(stderr, "%s:%d: warning: %s\n", name, line, warning) },
	})
	switch {
	case err != nil && ctx.Err() != nil:
		fmt.Fprintf(stderr, "appsync-emulator eval: interrupted after %s\n", count(result.Cases, "case"))
		return exitFailure
	case err != nil:
		fmt.Fprintln(stderr, "appsync-emulator eval:", err)
		return exitFailure
	case result.Malformed > 0:
		return exitFailure
	}
	return exitOK
}

// writeCoverage writes the report to a file, or to stderr.
func writeCoverage(c *mappingtemplate.Coverage, file string, format mappingtemplate.CoverageFormat, stderr io.Writer) (err error) {
	if file == coverageToStderr {
		return c.Write(stderr, format)
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return c.Write(f, format)
}
