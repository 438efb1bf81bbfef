package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/pflag"
)

// flags is the flag set of a subcommand with the text of its help.
type flags struct {
	*pflag.FlagSet
	usage       string
	explanation string
}

func newFlags(name, usage, explanation string) *flags {
	fs := pflag.NewFlagSet(name, pflag.ContinueOnError)
	fs.SortFlags = false
	fs.SetOutput(io.Discard) // parse words its own messages
	fs.Usage = func() {}
	return &flags{FlagSet: fs, usage: usage, explanation: explanation}
}

// parse reads the flags and at most maxArgs arguments. done is set when there
// is nothing more to do: help was asked for, or the command line is wrong.
func (f *flags) parse(args []string, maxArgs int, stdout, stderr io.Writer) (code int, done bool) {
	err := f.Parse(args)
	if errors.Is(err, pflag.ErrHelp) {
		fmt.Fprintf(stdout, "Usage: appsync-emulator %s\n\n%s\n", f.usage, f.explanation)
		if text := f.FlagUsages(); text != "" {
			fmt.Fprintf(stdout, "\nFlags:\n%s", text)
		}
		return exitOK, true
	}
	if err == nil && f.NArg() > maxArgs {
		err = fmt.Errorf("unexpected argument %q", f.Arg(maxArgs))
	}
	if err != nil {
		fmt.Fprintf(stderr, "appsync-emulator %s: %v\n", f.Name(), err)
		return exitUsage, true
	}
	return exitOK, false
}

// project is the PROJECT argument, the current folder by default.
func (f *flags) project() string {
	if f.NArg() > 0 {
		return f.Arg(0)
	}
	return "."
}
