package serverless

import (
	"io/fs"

	"appsync-emulator/emulator/internal/project"
)

// LoadFS is Load of a project that exists in memory only.
func LoadFS(fsys fs.FS, name string, opt Options) (*project.API, project.Problems) {
	files := project.NewFolder(fsys)
	file, refused := files.Open(name, project.Position{File: name}, "the project file")
	if refused != nil {
		return &project.API{}, project.Problems{*refused}
	}
	return load(files, file, opt)
}

// Resolve returns the value that text has in a project, with the warnings and the
// mistakes.
func Resolve(fsys fs.FS, name, text string, opt Options) (*project.Node, project.Problems, project.Problems) {
	files := project.NewFolder(fsys)
	file, refused := files.Open(name, project.Position{File: name}, "the project file")
	if refused != nil {
		return nil, nil, project.Problems{*refused}
	}
	var warnings, problems project.Problems
	root := project.ParseFile(file, func(p project.Problem) { problems = append(problems, p) })
	if root == nil || len(problems) > 0 {
		return nil, nil, problems
	}
	v := newVariables(root, files, opt, func(p project.Problem) { warnings = append(warnings, p) })
	value, problems := v.resolve(project.NewFileText(project.NewFile("text", text)))
	return value, warnings, problems
}

// MergeTypes is mergeTypes of texts.
func MergeTypes(texts ...string) []string {
	sources := make([]project.Source, len(texts))
	for i, t := range texts {
		sources[i].Text = t
	}
	mergeTypes(sources)
	for i, s := range sources {
		texts[i] = s.Text
	}
	return texts
}
