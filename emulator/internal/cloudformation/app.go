package cloudformation

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"appsync-emulator/emulator/internal/project"
)

// Options says what the templates do not. The zero value is ready to use.
type Options struct {
	// Parameters are values of the templates' parameters, which go before the
	// templates' own.
	Parameters map[string]string
	// Region and AccountID are the pseudo parameters; empty ones are made up.
	Region, AccountID string
	// AssetFolder holds files that are not in the project's folder but named by the
	// place that they are deployed to; nil for none.
	AssetFolder *project.Folder
	// Macros expand templates whose Transform names them.
	Macros map[string]Macro
	// Now is the clock that API keys expire by; nil is the system's.
	Now func() time.Time
}

// Macro turns a template into one without the macro's own resources. Mistakes are
// reported.
type Macro func(root *project.Node, report func(project.Problem)) *project.Node

// Values of the pseudo parameters when nothing is said.
const (
	DefaultRegion    = "us-east-1"
	DefaultAccountID = "123456789012"
)

// Bounds of what templates may make of themselves. CloudFormation's own are far
// below.
const (
	maxStacks    = 1000
	maxResources = 20_000
	maxSteps     = 2_000_000 // values evaluated
	maxDepth     = 400       // values within each other
	maxText      = 4 << 20   // bytes of a text
	maxMistakes  = 1000      // and as many warnings
	maxSegments  = 32        // of the key of a file
)

// App is a set of stacks that are deployed together. It is not safe for concurrent
// use.
type App struct {
	opt    Options
	stacks []*Stack // each before those nested in it
	// trees are the templates that were read, by file.
	trees map[*project.File]*project.Node

	problems project.Problems
	warnings project.Problems
	reported map[problemKey]bool

	// bad stands for a value that could not be evaluated, which has been reported.
	bad *project.Node
	// doubts are values that depend on something that is not known.
	doubts map[*project.Node]doubt
	// under is what is being evaluated, outermost first.
	under []subject
	depth int
	steps int
	// resources counts those of all stacks.
	resources int
	// exhausted is set once there have been too many.
	exhausted bool

	apis      []*API                     // nil until they were looked for
	apiStacks map[string]map[*Stack]bool // by the names of APIs; nil likewise
	templates map[*project.File]*project.Template
	usedKinds map[string]bool
	// parametersUsed are those of Options that some template has.
	parametersUsed map[string]bool
	names          map[string]*resource // of tables and functions without a name
}

type problemKey struct {
	pos     project.Position
	message string
}

// doubt is why a value is not known, and what to do about it.
type doubt struct {
	why, hint string
}

// NewApp returns an app without stacks.
func NewApp(opt Options) *App {
	if opt.Region == "" {
		opt.Region = DefaultRegion
	}
	if opt.AccountID == "" {
		opt.AccountID = DefaultAccountID
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	return &App{
		opt:            opt,
		trees:          map[*project.File]*project.Node{},
		reported:       map[problemKey]bool{},
		bad:            project.NewNull(&project.Node{}),
		doubts:         map[*project.Node]doubt{},
		templates:      map[*project.File]*project.Template{},
		usedKinds:      map[string]bool{},
		parametersUsed: map[string]bool{},
		names:          map[string]*resource{},
	}
}

// Source is a template that becomes a stack.
type Source struct {
	// Name is the stack's, which must be unique in the app.
	Name string
	// Root is the template.
	Root *project.Node
	// Files holds the template and what it names; Dir is the template's folder in
	// it, where paths start.
	Files *project.Folder
	Dir   string
	// Assets finds files by where they are deployed; nil for none.
	Assets Assets
	// Parameters are values that the stack is deployed with, plain text. They go
	// before the template's own.
	Parameters map[string]*project.Node
	// Region and AccountID are those of the stack when they differ from the app's.
	Region, AccountID string
	// Placeholders are parameters of which nobody needs to know the value.
	Placeholders []string
}

// Assets tells where in a project's folder a file is that will be deployed.
type Assets interface {
	// Path returns the path of what is deployed under the key of a bucket.
	Path(key string) (path string, ok bool)
}

// AddStack adds a stack and those nested in it.
func (a *App) AddStack(in Source) *Stack {
	s := &Stack{app: a, source: in, name: in.Name}
	a.addStack(s)
	return s
}

func (a *App) addStack(s *Stack) {
	if len(a.stacks) >= maxStacks {
		if len(a.stacks) == maxStacks {
			a.problem(s.source.Root.Position(), fmt.Sprintf("there are more than %d stacks", maxStacks), "")
		}
		return
	}
	a.stacks = append(a.stacks, s)
	a.apis, a.apiStacks = nil, nil
	s.read()
	s.nest()
}

func (a *App) problem(at project.Position, message, hint string) {
	a.add(&a.problems, at, message, hint)
}

func (a *App) warn(at project.Position, message, hint string) {
	a.add(&a.warnings, at, message, hint)
}

// add adds a mistake or warning to a list, once.
func (a *App) add(list *project.Problems, at project.Position, message, hint string) {
	key := problemKey{at, message}
	if a.reported[key] || len(*list) > maxMistakes {
		return
	}
	a.reported[key] = true
	if len(*list) == maxMistakes {
		message, hint = "there is more like this, which is not reported", ""
	}
	*list = append(*list, project.Problem{Pos: at, Message: message, Hint: hint})
}

// Problems are the mistakes found so far, sorted.
func (a *App) Problems() project.Problems {
	out := slices.Clone(a.problems)
	out.Sort()
	return out
}

// Warnings are what was understood so far and has no effect, sorted.
func (a *App) Warnings() project.Problems {
	out := slices.Clone(a.warnings)
	out.Sort()
	return out
}

// Files are the files that were read, of all stacks.
func (a *App) Files() []*project.File {
	var out []*project.File
	seen := map[*project.Folder]bool{nil: true}
	add := func(f *project.Folder) {
		if !seen[f] {
			seen[f] = true
			out = append(out, f.Files()...)
		}
	}
	add(a.opt.AssetFolder)
	for _, s := range a.stacks {
		add(s.source.Files)
	}
	return out
}

// ParametersUnused are the names among Options.Parameters that no template has.
func (a *App) ParametersUnused() []string {
	var out []string
	for name := range a.opt.Parameters {
		if !a.parametersUsed[name] {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// ParameterNames are those that the stacks of the app declare and no parent
// passes.
func (a *App) ParameterNames() []string {
	var out []string
	for _, s := range a.stacks {
		if s.parent == nil {
			for _, e := range s.section("Parameters") {
				out = append(out, e.Key())
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// tree reads a template.
func (a *App) tree(file *project.File) *project.Node {
	if root, ok := a.trees[file]; ok {
		return root
	}
	root := project.ParseFile(file, func(p project.Problem) { a.problem(p.Pos, p.Message, p.Hint) })
	a.trees[file] = root
	return root
}

// open reads the file that a template names: by a path beside it, or by the place
// that it is deployed to.
func (s *Stack) open(location string, at project.Position, what string) *project.File {
	found, mistake := s.find(location, at, what)
	s.app.report(mistake)
	return found.file
}

func (a *App) report(mistake *project.Problem) {
	if mistake != nil {
		a.problem(mistake.Pos, mistake.Message, mistake.Hint)
	}
}

// found is a file and where paths that it names start.
type found struct {
	file  *project.File // nil when there is none
	files *project.Folder
	dir   string
}

func openIn(files *project.Folder, name string, at project.Position, what string) (found, *project.Problem) {
	file, mistake := files.Open(name, at, what)
	return found{file, files, path.Dir(name)}, mistake
}

// find is open that leaves it to the caller to report what is wrong.
func (s *Stack) find(location string, at project.Position, what string) (found, *project.Problem) {
	in := &s.source
	key, deployed := objectKey(location)
	if !deployed {
		key = location
		beside := location
		if !path.IsAbs(location) {
			beside = path.Join(in.Dir, location)
		}
		if in.Files != nil && (in.Files.Exists(beside) || s.app.opt.AssetFolder == nil) {
			return openIn(in.Files, beside, at, what)
		}
	}
	if in.Assets != nil {
		if name, ok := in.Assets.Path(key); ok {
			return openIn(in.Files, name, at, what)
		}
	}
	// The key ends in the path that the file has below a template's folder.
	for up := s; up != nil; up = up.parent {
		if f, name := below(up.source.Files, up.source.Dir, key); f != nil {
			return openIn(f, name, at, what)
		}
	}
	if f, name := below(s.app.opt.AssetFolder, ".", key); f != nil {
		return openIn(f, name, at, what)
	}
	return found{}, &project.Problem{
		Pos:     at,
		Message: fmt.Sprintf("%s %s is not among the project's files", what, shorten(location)),
		Hint:    "--assets DIR names the folder that has it",
	}
}

// below finds the longest end of a key that is the path of a file below dir.
func below(files *project.Folder, dir, key string) (*project.Folder, string) {
	if files == nil {
		return nil, ""
	}
	segments := strings.Split(path.Clean("/" + key)[1:], "/")
	for rest := strings.Join(segments[max(0, len(segments)-maxSegments):], "/"); rest != ""; {
		if name := path.Join(dir, rest); fs.ValidPath(name) && files.Exists(name) {
			return files, name
		}
		_, after, more := strings.Cut(rest, "/")
		if !more {
			break
		}
		rest = after
	}
	return nil, ""
}

// objectKey returns the key of an object of S3 from its URL. deployed is false for
// what is no URL.
//
// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-bucket-intro.html
func objectKey(location string) (key string, deployed bool) {
	scheme, rest, ok := strings.Cut(location, "://")
	if !ok {
		return "", false
	}
	host, key, _ := strings.Cut(rest, "/")
	key, _, _ = strings.Cut(key, "?")
	if scheme == "s3" {
		return key, true
	}
	if host == "s3" || strings.HasPrefix(host, "s3.") || strings.HasPrefix(host, "s3-") {
		_, key, _ = strings.Cut(key, "/") // the bucket is in the path
	}
	return key, true
}

// shorten keeps a text that was never meant to be a name from filling a message.
func shorten(name string) string {
	const limit = 120
	if line, _, more := strings.Cut(name, "\n"); more {
		name = line + "..."
	}
	if r := []rune(name); len(r) > limit {
		return string(r[:limit]) + "..."
	}
	return name
}

// didYouMean is the hint for a name that is none of candidates, or "".
func didYouMean(name string, candidates []string) string {
	const many = 1000 // to compare each costs more than the hint is worth
	if len(candidates) > many {
		return ""
	}
	if s := project.Suggest(name, candidates); s != "" && s != name {
		return "did you mean `" + s + "`?"
	}
	return ""
}
