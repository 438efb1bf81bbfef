package project

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Names under which a project is found in a folder, in this order.
var (
	appsyncNames    = []string{"appsync.yml", "appsync.yaml"}
	serverlessNames = []string{"serverless.yml", "serverless.yaml"}
)

// sectionStart finds an appSync section without reading the YAML, which may
// have mistakes that Load is to report.
var sectionStart = regexp.MustCompile(`(?m)^["']?appSync["']?[ \t]*:`)

// Find returns the file that holds the project at path. A file is taken as it
// is. In a folder it looks for appsync.yml, then for a serverless.yml with an
// appSync section.
func Find(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("%s %w", path, fileError(err))
	}
	if !info.IsDir() {
		return findFile(path)
	}
	for _, name := range appsyncNames {
		if isFile(filepath.Join(path, name)) {
			return filepath.Join(path, name), nil
		}
	}
	withoutSection := ""
	for _, name := range serverlessNames {
		file := filepath.Join(path, name)
		if !isFile(file) {
			continue
		}
		if textPasses(file, sectionStart.MatchString) {
			return file, nil
		}
		withoutSection = name
	}
	if what := unsupportedProject(path); what != "" {
		return "", fmt.Errorf("%s is not supported yet: write an appsync.yml", what)
	}
	if withoutSection != "" {
		return "", fmt.Errorf("no project in %s: %s has no appSync section, and there is no appsync.yml", path, withoutSection)
	}
	return "", fmt.Errorf("no project in %s: neither an appsync.yml nor a serverless.yml with an appSync section", path)
}

func findFile(path string) (string, error) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".yml", ".yaml", ".json": // JSON is YAML
		return path, nil // Load tells what it is
	}
	if what := unsupportedFile(path); what != "" {
		return "", fmt.Errorf("%s is not supported yet: write an appsync.yml", what)
	}
	return "", fmt.Errorf("%s is not a project file: expected an appsync.yml or a serverless.yml", path)
}

// unsupportedProject describes the project in a folder that is of another
// kind, or returns "".
func unsupportedProject(dir string) string {
	for _, name := range []string{"serverless.ts", "serverless.js", "serverless.json"} {
		if file := filepath.Join(dir, name); isFile(file) {
			return unsupportedFile(file)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return ""
	}
	for _, e := range entries {
		if strings.EqualFold(filepath.Ext(e.Name()), ".tf") {
			return unsupportedFile(filepath.Join(dir, e.Name()))
		}
	}
	return ""
}

func unsupportedFile(path string) string {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".ts", ".js", ".mjs", ".cjs", ".json":
		if strings.HasPrefix(filepath.Base(path), "serverless.") {
			return "the Serverless project " + path
		}
	case ".tf":
		return "the Terraform project " + path
	}
	return ""
}

// textPasses tells whether a file can be read and its text passes the test.
func textPasses(file string, test func(string) bool) bool {
	text, err := readLimited(anywhere{}, file)
	return err == nil && test(text)
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
