package input

import (
	"fmt"
	"maps"
	"path/filepath"

	"appsync-emulator/emulator/internal/project"
)

// parameters returns the values of parameters that the user gave: those of the
// file, and those of the command line, which go before.
func parameters(opt Options) (map[string]string, project.Problems) {
	out := map[string]string{}
	if opt.ParametersFile == "" {
		maps.Copy(out, opt.Parameters)
		return out, nil
	}
	r := &parameterReader{out: out, name: filepath.ToSlash(opt.ParametersFile)}
	r.file(opt.ParametersFile)
	maps.Copy(out, opt.Parameters)
	return out, r.problems
}

// parameterReader reads a file of parameters.
type parameterReader struct {
	out      map[string]string
	name     string
	problems project.Problems
}

func (r *parameterReader) problem(at project.Position, format string, args ...any) {
	r.problems = append(r.problems, project.Problem{Pos: at, Message: fmt.Sprintf(format, args...)})
}

func (r *parameterReader) file(path string) {
	files, err := project.OpenFolder(filepath.Dir(path), true)
	if err != nil {
		r.problem(project.Position{File: r.name}, "--parameters: %v", err)
		return
	}
	defer files.Close()
	files.ShowAs(filepath.ToSlash(filepath.Dir(path)))
	file, mistake := files.OpenGiven(filepath.Base(path), "the file of --parameters")
	if mistake != nil {
		mistake.Pos = project.Position{File: r.name}
		r.problems = append(r.problems, *mistake)
	}
	if file == nil {
		return
	}
	if root := project.ParseFile(file, func(p project.Problem) { r.problems = append(r.problems, p) }); root != nil {
		r.values(root)
	}
}

// values reads a map of values, the same below a key Parameters, or the list that
// the AWS CLI takes.
//
// See: https://docs.aws.amazon.com/cli/latest/reference/cloudformation/deploy/
func (r *parameterReader) values(n *project.Node) {
	switch n.Kind() {
	case project.NodeList:
		for _, item := range n.Items() {
			key, value := item.Find("ParameterKey"), item.Find("ParameterValue")
			if key == nil || value == nil {
				r.problem(item.Position(), "a parameter needs `ParameterKey` and `ParameterValue`")
				continue
			}
			r.value(key.Value().Text(), value.Value())
		}
	case project.NodeMap:
		if e := n.Find("Parameters"); e != nil && e.Value().Kind() == project.NodeMap {
			n = e.Value()
		}
		for _, e := range n.Entries() {
			r.value(e.Key(), e.Value())
		}
	case project.NodeNull:
	default:
		r.problem(n.Position(), "parameters must be a map or a list, not %s", n.Kind())
	}
}

func (r *parameterReader) value(key string, n *project.Node) {
	switch n.Kind() {
	case project.NodeMap, project.NodeList, project.NodeNull:
		r.problem(n.Position(), "parameter %s must be a text, not %s", key, n.Kind())
	default:
		r.out[key] = n.Text()
	}
}
