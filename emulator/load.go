package emulator

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"appsync-emulator/emulator/internal/auth"
	"appsync-emulator/emulator/internal/input"
	"appsync-emulator/emulator/internal/project"
	"appsync-emulator/emulator/internal/resolver"
	"appsync-emulator/emulator/internal/schema"
)

// LoadOptions tunes Load. The zero value is ready to use.
type LoadOptions struct {
	// AllowOutside permits paths that leave the project's folder.
	AllowOutside bool
	// API is the name of the API to load, or the logical id of its resource; needed
	// for a project that has several.
	API string
	// Parameters are values of the parameters of a CloudFormation template; those of
	// ParametersFile, a JSON or YAML file, come after them.
	Parameters     map[string]string
	ParametersFile string
	// Assets is a folder with the files that a template names by where they are
	// deployed.
	Assets string
	// Env looks up a variable of the environment for ${env:NAME} of a serverless.yml;
	// nil has none.
	Env func(name string) (value string, ok bool)
	// Now is the time that relative expiries of API keys count from; nil means
	// the system clock.
	Now func() time.Time
}

// Project is a loaded and compiled project. One project makes one emulator.
type Project struct {
	api       *project.API
	schema    *schema.Schema
	resolvers map[*schema.Field]*resolver.Resolver

	path    string // as Load was given it
	options LoadOptions

	served atomic.Bool // resolvers belong to an emulator
}

// Load reads the project at path, a folder or a file, and compiles its schema
// and templates. A project is an appsync.yml, a serverless.yml with an appSync
// section, a CloudFormation or SAM template, a CDK cloud assembly (cdk.out), an
// Amplify project or what `terraform show -json` writes, looked for in this order.
// The error is a Problems when the project has mistakes: all of them, each with its
// position.
func Load(path string, opt LoadOptions) (*Project, error) {
	p, err := load(path, opt)
	if err != nil {
		return nil, err
	}
	return p, nil
}

// load is Load, and returns what it could read of a project with mistakes; nil when
// there is none.
func load(path string, opt LoadOptions) (*Project, error) {
	found, err := input.Find(path)
	if err != nil {
		return nil, err
	}
	api, problems := found.Load(input.Options{
		Options:    project.Options{AllowOutside: opt.AllowOutside, Now: opt.Now, Env: opt.Env},
		Parameters: opt.Parameters, ParametersFile: opt.ParametersFile, Assets: opt.Assets, API: opt.API,
	})
	p := &Project{api: api, path: path, options: opt}
	problems = append(problems, p.compile()...)
	if len(problems) > 0 {
		return p, problemsOf(api, problems)
	}
	return p, nil
}

// Name is the API's name.
func (p *Project) Name() string { return p.api.Name }

// File is the file that was loaded.
func (p *Project) File() string { return p.api.File }

// Kind is what was loaded, such as "a CDK cloud assembly"; empty for an appsync.yml.
func (p *Project) Kind() string { return p.api.Kind }

// dataName names the project's data file: after the API, and after the folder,
// so that copies of a project have data of their own.
func (p *Project) dataName() (string, error) {
	dir, err := filepath.Abs(filepath.Dir(p.api.File))
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(dir))
	return p.api.ID + "-" + hex.EncodeToString(sum[:4]), nil
}

// DataFile is where an emulator of the project keeps its tables when its options
// name no other file. An empty configDir is the default one.
func (p *Project) DataFile(configDir string) (string, error) {
	if configDir == "" {
		var err error
		if configDir, err = DefaultConfigDir(); err != nil {
			return "", err
		}
	}
	name, err := p.dataName()
	if err != nil {
		return "", err
	}
	return filepath.Join(configDir, "data", name+".db"), nil
}

// Warnings are things that were understood and have no effect here.
func (p *Project) Warnings() []Problem { return problemsOf(p.api, p.api.Warnings) }

// compile parses the schema and compiles the templates, and checks one against
// the other.
func (p *Project) compile() project.Problems {
	var problems project.Problems
	outline, complete := map[string][]string{}, false
	if len(p.api.Schema) > 0 {
		sources := make([]schema.Source, len(p.api.Schema))
		for i, s := range p.api.Schema {
			sources[i] = schema.Source{Name: s.Name, Text: s.Text}
		}
		parsed, found := schema.Parse(sources)
		for _, f := range found {
			problems = append(problems, p.schemaProblem(f))
		}
		p.schema = parsed
		outline, complete = schema.Outline(sources)
	}
	compiler := resolver.NewCompiler(p.api)
	p.resolvers = map[*schema.Field]*resolver.Resolver{}
	for _, r := range p.api.Resolvers {
		if complete {
			problems = append(problems, checkField(outline, r)...)
		}
		var field *schema.Field
		outputType := ""
		if p.schema != nil {
			if field = p.schema.Field(r.Type, r.Field); field != nil {
				outputType = field.Type.Base().Name
			}
		}
		compiled := compiler.Compile(r, outputType)
		if field != nil {
			field.Resolved = true
			p.resolvers[field] = compiled
		}
	}
	compiler.Functions()
	problems = append(problems, auth.Check(p.api)...)
	p.warnOfNoEffect()
	return append(problems, compiler.Problems()...)
}

// schemaProblem places a problem of the schema in the file where its text stands.
func (p *Project) schemaProblem(found schema.Problem) project.Problem {
	out := project.Problem{
		Pos:     project.Position{File: found.Pos.Source, Line: found.Pos.Line, Column: found.Pos.Column},
		Message: found.Message,
	}
	for _, s := range p.api.Schema {
		if s.Name == found.Pos.Source && s.Inline != nil && found.Pos.Line > 0 {
			out.Pos = s.Inline.Position(found.Pos.Line, found.Pos.Column)
		}
	}
	return out
}

// warnOfNoEffect tells what the project configures and the emulator does
// without: none of it changes an answer, but a user may wait for it.
func (p *Project) warnOfNoEffect() {
	warn := func(pos project.Position, message string) {
		p.api.Warnings = append(p.api.Warnings, project.Problem{Pos: pos, Message: message})
	}
	if p.schema != nil {
		for _, w := range slices.Concat(p.schema.Warnings, auth.Warnings(p.schema, p.api)) {
			p.api.Warnings = append(p.api.Warnings, p.schemaProblem(w))
		}
	}
	for _, r := range p.api.Resolvers {
		if r.Caching != nil {
			warn(r.Pos, "`caching` has no effect: the resolver runs for every request")
		}
		if r.Unit.MaxBatchSize > 0 {
			warn(r.Pos, "`maxBatchSize` has no effect: the resolver runs for each item")
		}
	}
	for _, f := range p.api.Functions {
		if f.MaxBatchSize > 0 {
			warn(f.Pos, "`maxBatchSize` has no effect: the function runs for each item")
		}
	}
}

// checkField reports a resolver for a field that the schema does not have.
func checkField(outline map[string][]string, r *project.Resolver) project.Problems {
	fields, ok := outline[r.Type]
	if !ok {
		names := make([]string, 0, len(outline))
		for name := range outline {
			names = append(names, name)
		}
		slices.Sort(names)
		return project.Problems{{
			Pos:     r.Pos,
			Message: "the schema has no object type " + quote(r.Type),
			Hint:    didYouMean(project.Suggest(r.Type, names)),
		}}
	}
	if !slices.Contains(fields, r.Field) {
		return project.Problems{{
			Pos:     r.Pos,
			Message: "type " + quote(r.Type) + " has no field " + quote(r.Field),
			Hint:    didYouMean(project.Suggest(r.Field, fields)),
		}}
	}
	return nil
}

func quote(name string) string { return "`" + name + "`" }

func didYouMean(name string) string {
	if name == "" {
		return ""
	}
	return "did you mean " + quote(name) + "?"
}

// IsProblems reports whether err is mistakes in a project, and returns them.
func IsProblems(err error) (Problems, bool) {
	var ps Problems
	ok := errors.As(err, &ps)
	return ps, ok
}
