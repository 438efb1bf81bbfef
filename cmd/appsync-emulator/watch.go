package main

import (
	"context"
	"fmt"
	"io"

	"appsync-emulator/emulator"
)

// watch has an emulator follow the files of its project until ctx ends. What is
// wrong with a change is told as validate tells it.
func watch(ctx context.Context, e *emulator.Emulator, p *emulator.Project, stdout, stderr io.Writer) {
	told := map[string]bool{}
	for _, w := range p.Warnings() {
		told[w.String()] = true
	}
	key := e.APIKey()
	err := e.Watch(ctx, emulator.WatchOptions{
		Reloaded: func(p *emulator.Project, _ emulator.Reload) {
			for _, w := range p.Warnings() {
				if text := w.String(); !told[text] {
					told[text] = true
					fmt.Fprintln(stderr, "warning:", text)
				}
			}
			if now := e.APIKey(); now != key {
				key = now
				fmt.Fprintf(stdout, "  API key    %s\n", now)
			}
		},
		Refused: func(err error) {
			complain(err, stderr)
			fmt.Fprintln(stderr, "The project is served as it was before.")
		},
	})
	if err != nil {
		fmt.Fprintln(stderr, "appsync-emulator serve: --watch does not follow changes:", err)
	}
}
