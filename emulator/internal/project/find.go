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
	// templateNames are where CloudFormation and SAM templates usually are.
	templateNames = []string{
		"template.yml", "template.yaml", "template.json",
		"cloudformation.yml", "cloudformation.yaml", "cloudformation.json",
		"cloudformation-template.json",
	}
)

// sectionStart finds an appSync section without reading the YAML, which may
// have mistakes that Load is to report.
var sectionStart = regexp.MustCompile(`(?m)^["']?appSync["']?[ \t]*:`)

// Find returns the file that holds the project at path. A file is taken as it
// is. In a folder it looks for appsync.yml, then for a serverless.yml with an
// appSync section; other kinds of project are recognised, and the error says
// that they are not supported yet.
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
	case ".yml", ".yaml":
		return path, nil // Load tells what it is
	case ".json":
		if textPasses(path, isTemplateText) {
			return "", fmt.Errorf("%s is a CloudFormation template, which is not supported yet: write an appsync.yml", path)
		}
		if filepath.Base(path) == "manifest.json" && isAssembly(filepath.Dir(path)) {
			return "", fmt.Errorf("%s is a CDK cloud assembly, which is not supported yet: write an appsync.yml", filepath.Dir(path))
		}
		return path, nil // JSON is YAML
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
	for _, name := range templateNames {
		if file := filepath.Join(dir, name); textPasses(file, isTemplateText) {
			return "the CloudFormation template " + file
		}
	}
	for _, assembly := range []string{dir, filepath.Join(dir, "cdk.out"), filepath.Join(dir, ".amplify", "artifacts", "cdk.out")} {
		if isAssembly(assembly) {
			return "the CDK cloud assembly " + assembly
		}
	}
	for _, amplify := range []string{dir, filepath.Join(dir, "amplify")} {
		if isFolder(filepath.Join(amplify, "backend", "api")) || isFile(filepath.Join(amplify, "backend.ts")) {
			return "the Amplify folder " + amplify
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
	if filepath.Base(path) == "cdk.out" {
		return "the CDK cloud assembly " + filepath.Dir(path)
	}
	return ""
}

// isAssembly tells whether dir is what `cdk synth` writes.
func isAssembly(dir string) bool {
	return isFile(filepath.Join(dir, "manifest.json")) && isFile(filepath.Join(dir, "cdk.out"))
}

func isTemplateText(text string) bool {
	return strings.Contains(text, "AWS::AppSync::") || strings.Contains(text, "AWS::Serverless::GraphQLApi")
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

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
