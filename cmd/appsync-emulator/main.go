// Command appsync-emulator serves an AWS AppSync API on the developer's own
// machine.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends a process that is slow to start or to stop.
	context.AfterFunc(ctx, stop)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// Exit codes.
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2
)

// command is a subcommand; one file has one.
type command struct {
	name    string
	summary string
	run     func(ctx context.Context, args []string, stdout, stderr io.Writer) int
}

func commands() []command {
	return []command{
		{"serve", "serve a project over GraphQL and real-time WebSockets", serve},
		{"validate", "check a project and report every mistake", validate},
		{"inspect", "print what a project is made of, and what cannot run", inspect},
		{"client-config", "print the file that points an app at the emulator", clientConfig},
		{"eval", "evaluate mapping templates", eval},
		{"export", "write the items of a table", export},
		{"import", "put items into a table", importItems},
		{"token", "print a token of a user that the served API accepts", token},
		{"db", "verify a data file, or tell what is in it", db},
		{"trust", "tell how to trust the emulator's certificate authority", trust},
		{"version", "print the version", version},
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		usage(stderr)
		return exitUsage
	}
	switch args[0] {
	case "help", "--help", "-h":
		usage(stdout)
		return exitOK
	case "--version":
		return version(ctx, nil, stdout, stderr)
	}
	for _, c := range commands() {
		if c.name == args[0] {
			return c.run(ctx, args[1:], stdout, stderr)
		}
	}
	fmt.Fprintf(stderr, "appsync-emulator: there is no command %q\n\n", args[0])
	usage(stderr)
	return exitUsage
}

func usage(w io.Writer) {
	fmt.Fprint(w, "AWS AppSync on your own machine.\n\nUsage: appsync-emulator COMMAND [PROJECT] [flags]\n\nCommands:\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-13s %s\n", c.name, c.summary)
	}
	fmt.Fprint(w, "\nPROJECT is a folder or a file: an appsync.yml, a serverless.yml with an appSync section, a\n"+
		"CloudFormation or SAM template, a cdk.out, an Amplify project, what `terraform show -json`\n"+
		"writes; the current folder when left out.\n"+
		"appsync-emulator COMMAND --help lists the flags of a command.\n")
}
