package input

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"appsync-emulator/emulator/internal/amplify"
	"appsync-emulator/emulator/internal/cdk"
	"appsync-emulator/emulator/internal/project"
)

// loader is a kind of project.
type loader struct {
	// kind is what the kind is called: "a CDK cloud assembly". It is empty for
	// appsync.yml.
	kind string
	// inFolder returns the file of the project of this kind in a folder, "" when
	// there is none. An error is why there is one that cannot be loaded.
	inFolder func(dir string) (file string, err error)
	// isFile tells whether a file is of this kind; text reads it, once for all.
	isFile func(file string, text func() string) bool
	load   func(file string, opt Options) (*project.API, project.Problems)
}

// loaders are all kinds, in the order in which a folder is searched.
func loaders() []loader {
	return []loader{
		{
			inFolder: func(dir string) (string, error) { return appsyncFile(dir), nil },
			isFile:   isAppsyncFile,
			load:     loadProject,
		},
		{
			kind:     "a Serverless Framework project",
			inFolder: func(dir string) (string, error) { return serverlessFile(dir), nil },
			isFile:   isServerlessFile,
			load:     loadServerless,
		},
		{
			kind:     "a CloudFormation template",
			inFolder: func(dir string) (string, error) { return templateFile(dir), nil },
			isFile:   func(file string, text func() string) bool { return !amplify.IsBuild(file) && isTemplate(text()) },
			load:     loadTemplate,
		},
		{
			kind:     "a CDK cloud assembly",
			inFolder: func(dir string) (string, error) { return assemblyFile(dir), nil },
			isFile: func(file string, _ func() string) bool {
				return hasName(file, cdk.Manifest, "cdk.out") && assemblyFile(filepath.Dir(file)) != ""
			},
			load: loadAssembly,
		},
		{
			kind:     "an Amplify Gen 2 sandbox",
			inFolder: sandboxFile,
			isFile:   never,
			load:     loadAssembly,
		},
		{
			kind:     "an Amplify Gen 1 project",
			inFolder: amplifyFolder,
			isFile:   func(file string, _ func() string) bool { return amplify.IsBuild(file) },
			load:     loadAmplify,
		},
		{
			kind:     "a Terraform plan or state",
			inFolder: terraformFile,
			isFile:   isTerraformFile,
			load:     loadTerraform,
		},
	}
}

func never(string, func() string) bool { return false }

func firstFile(dir string, names []string, is func(text string) bool) string {
	for _, name := range names {
		file := filepath.Join(dir, name)
		if isFile(file) && (is == nil || is(readText(file))) {
			return file
		}
	}
	return ""
}

var (
	appsyncNames = []string{"appsync.yml", "appsync.yaml", "appsync.json"}
	// templateNames are where CloudFormation and SAM templates usually are.
	templateNames = []string{
		"template.yml", "template.yaml", "template.json",
		"cloudformation.yml", "cloudformation.yaml", "cloudformation.json",
		"cloudformation-template.json", "cloudformation-template.yml", "cloudformation-template.yaml",
		filepath.Join(".aws-sam", "build", "template.yaml"),
		filepath.Join(".serverless", "cloudformation-template-update-stack.json"),
	}
)

func appsyncFile(dir string) string { return firstFile(dir, appsyncNames, nil) }

// isAppsyncFile takes what no other kind would: whatever it is, its loader says
// what is wrong with it.
func isAppsyncFile(file string, text func() string) bool {
	switch strings.ToLower(filepath.Ext(file)) {
	case ".yml", ".yaml", ".json":
	default:
		return false
	}
	if hasName(file, appsyncNames...) {
		return true
	}
	for _, other := range loaders()[1:] {
		if other.isFile(file, text) {
			return false
		}
	}
	return true
}

// sectionStart finds an appSync section without reading the YAML, which may have
// mistakes that its loader is to report.
var sectionStart = regexp.MustCompile(`(?m)^["']?appSync["']?[ \t]*:`)

// templateStart finds a resource of AppSync in a template, JSON or YAML.
var templateStart = regexp.MustCompile(`AWS::AppSync::|AWS::Serverless::GraphQLApi`)

// resourcesStart finds the section that every template has.
var resourcesStart = regexp.MustCompile(`(?m)(^|[{,\s])["']?Resources["']?[ \t]*:`)

// isTemplate tells whether a text is a template that may have an API, in itself or
// in a stack nested in it.
func isTemplate(text string) bool {
	if !resourcesStart.MatchString(text) || sectionStart.MatchString(text) {
		return false
	}
	return templateStart.MatchString(text) || strings.Contains(text, "AWSTemplateFormatVersion") ||
		strings.Contains(text, "AWS::CloudFormation::Stack")
}

func templateFile(dir string) string {
	file := firstFile(dir, templateNames, func(text string) bool {
		return isTemplate(text) && (templateStart.MatchString(text) || strings.Contains(text, "AWS::CloudFormation::Stack"))
	})
	if amplify.IsBuild(file) {
		return ""
	}
	return file
}

// assemblyFile returns the manifest of the cloud assembly that a folder is, or
// has in its folder cdk.out.
func assemblyFile(dir string) string {
	for _, at := range []string{dir, filepath.Join(dir, "cdk.out")} {
		manifest := filepath.Join(at, cdk.Manifest)
		// A web app has a manifest.json, too.
		if isFile(manifest) && (isFile(filepath.Join(at, "cdk.out")) || strings.Contains(readText(manifest), `"artifacts"`)) {
			return manifest
		}
	}
	return ""
}

func sandboxFile(dir string) (string, error) {
	if at := amplify.Sandbox(dir); at != "" {
		return filepath.Join(at, cdk.Manifest), nil
	}
	if filepath.Base(dir) == "amplify" && amplify.IsGen2(dir) {
		if at := amplify.Sandbox(filepath.Dir(filepath.Clean(dir))); at != "" {
			return filepath.Join(at, cdk.Manifest), nil
		}
	}
	if amplify.IsGen2(dir) {
		return "", fmt.Errorf("the Amplify Gen 2 project %s has not been synthesized: `npx ampx sandbox` writes .amplify/artifacts/cdk.out, which is what is loaded", dir)
	}
	return "", nil
}

// amplifyFolder returns the root template of a Gen 1 project's API; where there are
// several, the folder that they are in.
func amplifyFolder(dir string) (string, error) {
	apis := amplify.APIs(dir)
	compiled := slices.DeleteFunc(slices.Clone(apis), func(api amplify.API) bool { return api.Template == "" })
	switch {
	case len(compiled) == 1:
		return compiled[0].Template, nil
	case len(compiled) > 1:
		return filepath.Dir(compiled[0].Dir), nil
	case len(apis) > 0:
		return "", fmt.Errorf("API %s of the Amplify project has not been compiled: `amplify api gql-compile` makes %s",
			apis[0].Name, filepath.Join(apis[0].Dir, "build"))
	}
	return "", nil
}
