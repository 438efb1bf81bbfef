package main

import (
	"context"
	"fmt"
	"io"

	"appsync-emulator/emulator"
)

func trust(_ context.Context, args []string, stdout, stderr io.Writer) int {
	fs := newFlags("trust", "trust [flags]",
		"Prints where the emulator's certificate authority is and how each platform comes\nto trust it. The authority is made if there is none yet.")
	dir := fs.String("config-dir", "", "folder of the certificate authority (default: the user's configuration folder)")
	if code, done := fs.parse(args, 0, stdout, stderr); done {
		return code
	}
	text, err := emulator.TrustInstructions(*dir)
	if err != nil {
		fmt.Fprintln(stderr, "appsync-emulator:", err)
		return exitFailure
	}
	fmt.Fprint(stdout, text)
	return exitOK
}
