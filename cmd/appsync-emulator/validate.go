package main

import (
	"context"
	"fmt"
	"io"

	"appsync-emulator/emulator"
)

func validate(_ context.Context, args []string, stdout, stderr io.Writer) int {
	fs := newFlags("validate", "validate [PROJECT] [flags]",
		"Compiles schema, templates and configuration, and reports every mistake as\nfile:line:column. Exits with 1 if there is any.")
	outside := fs.Bool("allow-outside", false, "permit paths that leave the project's folder")
	if code, done := fs.parse(args, 1, stdout, stderr); done {
		return code
	}
	project, ok := load(fs.project(), *outside, stderr)
	if !ok {
		return exitFailure
	}
	fmt.Fprintf(stdout, "%s: no mistakes found\n", project.File())
	return exitOK
}

// load reads a project and prints its mistakes.
func load(path string, allowOutside bool, stderr io.Writer) (*emulator.Project, bool) {
	project, err := emulator.Load(path, emulator.LoadOptions{AllowOutside: allowOutside})
	if problems, is := emulator.IsProblems(err); is {
		for _, p := range problems {
			fmt.Fprintln(stderr, p)
			fmt.Fprint(stderr, p.Caret())
		}
		fmt.Fprintf(stderr, "%s found\n", count(len(problems), "mistake"))
		return nil, false
	}
	if err != nil {
		fmt.Fprintln(stderr, "appsync-emulator:", err)
		return nil, false
	}
	for _, w := range project.Warnings() {
		fmt.Fprintln(stderr, "warning:", w)
	}
	return project, true
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
