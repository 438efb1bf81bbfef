package emulator

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"path/filepath"
	"slices"
	"time"

	"appsync-emulator/emulator/internal/project"
	"appsync-emulator/emulator/internal/resolver"
	"appsync-emulator/emulator/internal/schema"
)

// LoadOptions tunes Load. The zero value is ready to use.
type LoadOptions struct {
	// AllowOutside permits paths that leave the project's folder.
	AllowOutside bool
	// Now is the time that relative expiries of API keys count from; nil means
	// the system clock.
	Now func() time.Time
}

// Project is a loaded and compiled project. One project makes one emulator.
type Project struct {
	api       *project.API
	schema    *schema.Schema
	resolvers map[*schema.Field]*resolver.Resolver
}

// Load reads the project at path, a folder or a file, and compiles its schema
// and templates. The error is a Problems when the project has mistakes: all of
// them, each with its position.
func Load(path string, opt LoadOptions) (*Project, error) {
	file, err := project.Find(path)
	if err != nil {
		return nil, err
	}
	api, problems := project.Load(file, project.Options{AllowOutside: opt.AllowOutside, Now: opt.Now})
	p := &Project{api: api}
	problems = append(problems, p.compile()...)
	if len(problems) > 0 {
		return nil, problemsOf(api, problems)
	}
	return p, nil
}

// Name is the API's name.
func (p *Project) Name() string { return p.api.Name }

// File is the file that was loaded.
func (p *Project) File() string { return p.api.File }

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
			problems = append(problems, project.Problem{
				Pos:     project.Position{File: f.Pos.Source, Line: f.Pos.Line, Column: f.Pos.Column},
				Message: f.Message,
			})
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
	p.warnOfNoEffect()
	return append(problems, compiler.Problems()...)
}

// warnOfNoEffect tells what the project configures and the emulator does
// without: none of it changes an answer, but a user may wait for it.
func (p *Project) warnOfNoEffect() {
	warn := func(pos project.Position, message string) {
		p.api.Warnings = append(p.api.Warnings, project.Problem{Pos: pos, Message: message})
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
