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
	from := fs.projectFlags()
	if code, done := fs.parse(args, 1, stdout, stderr); done {
		return code
	}
	project, ok := from.load(stderr)
	if !ok {
		return exitFailure
	}
	fmt.Fprintf(stdout, "%s: no mistakes found\n", project.File())
	return exitOK
}

// loadScenario reads a file of faults for a project.
func loadScenario(project *emulator.Project, file string, stderr io.Writer) (*emulator.Scenario, bool) {
	scenario, err := emulator.LoadScenario(project, file)
	if err != nil {
		complain(err, stderr)
		return nil, false
	}
	return scenario, true
}

// complain writes what is wrong with a file, each mistake with its place.
func complain(err error, stderr io.Writer) {
	problems, is := emulator.IsProblems(err)
	if !is {
		fmt.Fprintln(stderr, "appsync-emulator:", err)
		return
	}
	for _, p := range problems {
		fmt.Fprintln(stderr, p)
		fmt.Fprint(stderr, p.Caret())
	}
	fmt.Fprintf(stderr, "%s found\n", count(len(problems), "mistake"))
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
