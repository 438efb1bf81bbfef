package main

import (
	"context"
	"fmt"
	"io"
	"runtime/debug"
)

// version prints what was built: the module's version when it was installed by
// version, otherwise the revision that it was built from.
func version(_ context.Context, _ []string, stdout, _ io.Writer) int {
	fmt.Fprintln(stdout, "appsync-emulator", buildVersion())
	return exitOK
}

func buildVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(unknown)"
	}
	revision, modified := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && len(s.Value) >= 12:
			revision = s.Value[:12]
		case s.Key == "vcs.modified" && s.Value == "true":
			modified = "+changes"
		}
	}
	v := info.Main.Version
	if v == "" || v == "(devel)" {
		v = "devel"
		if revision != "" {
			v += " " + revision + modified
		}
	}
	return v + " " + info.GoVersion
}
