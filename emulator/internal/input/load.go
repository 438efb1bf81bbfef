package input

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"appsync-emulator/emulator/internal/amplify"
	"appsync-emulator/emulator/internal/cdk"
	"appsync-emulator/emulator/internal/cloudformation"
	"appsync-emulator/emulator/internal/project"
	"appsync-emulator/emulator/internal/sam"
)

// loadProject loads what package project reads itself.
func loadProject(file string, opt Options) (*project.API, project.Problems) {
	return project.Load(file, opt.Options)
}

// loadTemplate loads an API from a CloudFormation or SAM template.
func loadTemplate(file string, opt Options) (*project.API, project.Problems) {
	return loadApp(file, filepath.Dir(file), opt, func(app *cloudformation.App, files *project.Folder) project.Problems {
		base := filepath.Base(file)
		text, mistake := files.OpenGiven(base, "the template")
		if text == nil {
			return project.Problems{*mistake}
		}
		var problems project.Problems
		root := project.ParseFile(text, func(p project.Problem) { problems = append(problems, p) })
		if root != nil {
			name := strings.TrimSuffix(base, filepath.Ext(base))
			app.AddStack(cloudformation.Source{Name: name, Root: root, Files: files, Dir: "."})
		}
		return problems
	})
}

// loadAssembly loads an API from a cloud assembly, by its manifest or another file
// beside that.
func loadAssembly(file string, opt Options) (*project.API, project.Problems) {
	dir := filepath.Dir(file)
	return loadApp(filepath.Join(dir, cdk.Manifest), dir, opt, cdk.AddStacks)
}

// loadAmplify loads an API of an Amplify Gen 1 project: file is its root template,
// or the folder of several.
func loadAmplify(file string, opt Options) (*project.API, project.Problems) {
	if isFile(file) {
		return loadBuild(filepath.Dir(filepath.Dir(file)), opt)
	}
	apis := slices.DeleteFunc(amplify.APIs(file), func(api amplify.API) bool { return api.Template == "" })
	var names []string
	for _, api := range apis {
		if api.Name == opt.API {
			opt.API = ""
			return loadBuild(api.Dir, opt)
		}
		names = append(names, api.Name)
	}
	message := fmt.Sprintf("the project has several APIs: %s", strings.Join(names, ", "))
	if opt.API != "" {
		message = fmt.Sprintf("the project has no API %s: it has %s", opt.API, strings.Join(names, ", "))
	}
	return &project.API{File: file, Dir: file}, project.Problems{{
		Pos: project.Position{File: filepath.ToSlash(file)}, Message: message, Hint: "--api NAME chooses one",
	}}
}

func loadBuild(dir string, opt Options) (*project.API, project.Problems) {
	file := filepath.Join(dir, "build", "cloudformation-template.json")
	return loadApp(file, dir, opt, func(app *cloudformation.App, files *project.Folder) project.Problems {
		abs, err := filepath.Abs(dir)
		if err != nil {
			abs = dir
		}
		return amplify.AddStack(app, files, filepath.Base(abs))
	})
}

// loadApp loads an API from the stacks that add finds in a folder. file is the file
// that stands for the project.
func loadApp(file, dir string, opt Options, add func(*cloudformation.App, *project.Folder) project.Problems) (*project.API, project.Problems) {
	partial := &project.API{File: file, Dir: dir}
	fail := func(message, hint string) (*project.API, project.Problems) {
		name, err := filepath.Rel(dir, file)
		if err != nil {
			name = file
		}
		return partial, project.Problems{{Pos: project.Position{File: filepath.ToSlash(name)}, Message: message, Hint: hint}}
	}
	files, err := project.OpenFolder(dir, opt.AllowOutside)
	if err != nil {
		return fail(err.Error(), "")
	}
	defer files.Close()
	settings := cloudformation.Options{Now: opt.Now, Macros: map[string]cloudformation.Macro{sam.Transform: sam.Expand}}
	if opt.Assets != "" {
		assets, err := project.OpenFolder(opt.Assets, opt.AllowOutside)
		if err != nil {
			return fail("--assets: "+err.Error(), "")
		}
		defer assets.Close()
		assets.ShowAs(filepath.ToSlash(opt.Assets))
		settings.AssetFolder = assets
	}
	var problems project.Problems
	settings.Parameters, problems = parameters(opt)
	app := cloudformation.NewApp(settings)
	problems = append(problems, add(app, files)...)
	finish := func(api *project.API) (*project.API, project.Problems) {
		api.File, api.Dir = file, dir
		for _, f := range app.Files() {
			api.AddFile(f)
		}
		for _, f := range files.Files() {
			api.AddFile(f)
		}
		return api, append(problems, app.Problems()...)
	}

	apis := app.APIs()
	which, message, hint := choose(opt.API, apis)
	if which == nil {
		if len(problems) == 0 && len(app.Problems()) == 0 || len(apis) > 0 {
			_, more := fail(message, hint)
			problems = append(problems, more...)
		}
		return finish(partial)
	}
	api := app.Load(which)
	for _, name := range app.ParametersUnused() {
		_, more := fail(fmt.Sprintf("no template has a parameter %s", name), didYouMean(name, app.ParameterNames()))
		problems = append(problems, more...)
	}
	return finish(api)
}

// choose returns the API of that name or logical id, or the only one. Where stacks
// have an API of the same name each, the stack's name and a slash go before. It is
// nil when there is none such; message says so.
func choose(name string, apis []*cloudformation.API) (which *cloudformation.API, message, hint string) {
	names := make([]string, len(apis))
	for i, api := range apis {
		names[i] = api.Name
		if slices.ContainsFunc(apis, func(other *cloudformation.API) bool { return other != api && other.Name == api.Name }) {
			names[i] = api.Stack + "/" + api.Name
		}
	}
	for i, api := range apis {
		if names[i] == name || api.LogicalID == name || api.Stack+"/"+api.LogicalID == name {
			return api, "", ""
		}
	}
	all := strings.Join(names, ", ")
	switch {
	case len(apis) == 0:
		return nil, "the project has no GraphQL API of AppSync", ""
	case name != "":
		return nil, fmt.Sprintf("the project has no API %s: it has %s", name, all), didYouMean(name, names)
	case len(apis) == 1:
		return apis[0], "", ""
	}
	return nil, fmt.Sprintf("the project has several APIs: %s", all), "--api NAME chooses one"
}

func didYouMean(name string, candidates []string) string {
	if s := project.Suggest(name, candidates); s != "" && s != name {
		return "did you mean `" + s + "`?"
	}
	return ""
}
