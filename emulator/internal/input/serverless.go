package input

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"appsync-emulator/emulator/internal/project"
	"appsync-emulator/emulator/internal/serverless"
)

var (
	serverlessNames = []string{"serverless.yml", "serverless.yaml", "serverless.json"}
	// serverlessPrograms are those that must be run to know what they say.
	serverlessPrograms = []string{"serverless.ts", "serverless.js", "serverless.cjs", "serverless.mjs"}
)

// pluginSign finds what a project of the plugin has: a section at the top, or one
// in `custom`, which may be a file of its own.
var pluginSign = regexp.MustCompile(`(?m)(?:^|[{,\s])["']?appSync["']?[ \t]*:|serverless-appsync-plugin`)

// serverlessFile returns the project file of a folder. A program is one where there
// is nothing better: its loader says what to do.
func serverlessFile(dir string) string {
	if file := firstFile(dir, serverlessNames, pluginSign.MatchString); file != "" {
		return file
	}
	if templateFile(dir) != "" {
		return ""
	}
	return firstFile(dir, serverlessPrograms, nil)
}

// isServerlessFile takes the framework's files by their names, also those of a
// stage of their own, such as serverless.prod.yml.
func isServerlessFile(file string, text func() string) bool {
	if hasName(file, slices.Concat(serverlessNames, serverlessPrograms)...) {
		return true
	}
	switch strings.ToLower(filepath.Ext(file)) {
	case ".yml", ".yaml", ".json":
		return strings.HasPrefix(filepath.Base(file), "serverless") && pluginSign.MatchString(text())
	}
	return false
}

func loadServerless(file string, opt Options) (*project.API, project.Problems) {
	values, problems := parameters(opt)
	api, found := serverless.Load(file, serverless.Options{Options: opt.Options, Parameters: values, API: opt.API})
	return api, append(problems, found...)
}
