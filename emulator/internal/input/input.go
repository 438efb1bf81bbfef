package input

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"appsync-emulator/emulator/internal/project"
)

// Options says how a project is loaded. The zero value is the careful default.
type Options struct {
	project.Options
	// Parameters are values of a template's parameters. They go before those of
	// ParametersFile.
	Parameters map[string]string
	// ParametersFile holds such values: JSON or YAML, a map or CloudFormation's list
	// of ParameterKey and ParameterValue; "" for none.
	ParametersFile string
	// Assets is a folder with files that templates name by where they are deployed;
	// "" for none.
	Assets string
	// API is the name or logical id of the API to load, of several.
	API string
}

// Found is a project that was found.
type Found struct {
	// Kind is what it is: "a CDK cloud assembly". It is empty for an appsync.yml,
	// which needs no explanation.
	Kind string
	// File is the file that it is in.
	File string

	load func(file string, opt Options) (*project.API, project.Problems)
}

// Find looks for the project at path, a file or a folder.
func Find(path string) (Found, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Found{}, fmt.Errorf("%s %w", path, pathError(err))
	}
	if info.IsDir() {
		return findFolder(path)
	}
	return findFile(path)
}

func findFolder(dir string) (Found, error) {
	for _, l := range loaders() {
		file, err := l.inFolder(dir)
		if err != nil {
			return Found{}, err
		}
		if file != "" {
			return Found{Kind: l.kind, File: file, load: l.load}, nil
		}
	}
	if _, err := project.Find(dir); err != nil && strings.Contains(err.Error(), "not supported") {
		return Found{}, err
	}
	return Found{}, fmt.Errorf("no project in %s: neither an appsync.yml nor a serverless.yml with an appSync section, "+
		"a CloudFormation or SAM template, a CDK cloud assembly, an Amplify project or a Terraform plan", dir)
}

func findFile(path string) (Found, error) {
	var text *string
	read := func() string {
		if text == nil {
			t := readText(path)
			text = &t
		}
		return *text
	}
	for _, l := range loaders() {
		if l.isFile(path, read) {
			return Found{Kind: l.kind, File: path, load: l.load}, nil
		}
	}
	return Found{}, fmt.Errorf("%s is not a project file: expected an appsync.yml, a serverless.yml or a CloudFormation template", path)
}

// Load finds the project at path and loads it. It returns all mistakes, sorted by
// place; nil means that there are none. The API is never nil; with problems it is
// partial.
func Load(path string, opt Options) (*project.API, project.Problems) {
	found, err := Find(path)
	if err != nil {
		return &project.API{File: path}, project.Problems{{Pos: project.Position{File: filepath.ToSlash(path)}, Message: err.Error()}}
	}
	api, problems := found.Load(opt)
	problems.Sort()
	return api, problems
}

// Load loads the project that was found.
func (f Found) Load(opt Options) (*project.API, project.Problems) {
	api, problems := f.load(f.File, opt)
	if api == nil {
		api = &project.API{}
	}
	if api.File == "" {
		api.File, api.Dir = f.File, filepath.Dir(f.File)
	}
	api.Kind = f.Kind
	return api, problems
}

// maxText bounds the files that are looked into, to see what they are.
const maxText = 16 << 20

// readText reads a regular file; "" for what cannot be read.
func readText(path string) string {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxText {
		return ""
	}
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxText))
	if err != nil {
		return ""
	}
	return string(text)
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// pathError keeps of an error what a reader needs: the path is said elsewhere.
func pathError(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New("does not exist")
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return fmt.Errorf("cannot be read: %w", pe.Err)
	}
	return err
}

// hasName tells whether a file has one of the names.
func hasName(file string, names ...string) bool {
	base := filepath.Base(file)
	for _, n := range names {
		if strings.EqualFold(base, n) {
			return true
		}
	}
	return false
}
