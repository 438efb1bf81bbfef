package amplify

import (
	"fmt"
	"path"
	"strings"

	"appsync-emulator/emulator/internal/cloudformation"
	"appsync-emulator/emulator/internal/project"
)

// placeholders are parameters that say where the files are, or whom other
// categories made: their values are nobody's concern here.
var placeholders = []string{
	"S3DeploymentBucket", "S3DeploymentRootKey", "authRoleName", "unauthRoleName",
}

const userPoolParameter = "AuthCognitoUserPoolId"

// AddStack adds the API that has been compiled into the folder build of files, the
// API's folder. Mistakes in its own files are returned.
func AddStack(app *cloudformation.App, files *project.Folder, name string) project.Problems {
	r := &reader{files: files}
	root := r.read("build/" + rootTemplate)
	if root == nil {
		return r.problems
	}
	in := cloudformation.Source{
		Name: name, Root: root, Files: files, Dir: "build",
		Parameters: map[string]*project.Node{}, Placeholders: placeholders,
	}
	// What has been compiled goes before what it was compiled from.
	for _, file := range []string{"build/parameters.json", "parameters.json"} {
		if files.Exists(file) {
			r.parameters(r.read(file), &in)
		}
	}
	if in.Parameters["AppSyncApiName"] == nil && files.Exists("cli-inputs.json") {
		r.cliInputs(r.read("cli-inputs.json"), &in)
	}
	r.userPool(root, &in)
	app.AddStack(in)
	return r.problems
}

// userPool makes up the user pool of a template that wants one and is not told.
func (r *reader) userPool(root *project.Node, in *cloudformation.Source) {
	declared := root.Find("Parameters")
	if declared == nil || declared.Value().Kind() != project.NodeMap || in.Parameters[userPoolParameter] != nil {
		return
	}
	if e := declared.Value().Find(userPoolParameter); e != nil {
		in.Parameters[userPoolParameter] = made(e)
	}
}

// reader is one run of AddStack.
type reader struct {
	files    *project.Folder
	problems project.Problems
}

func (r *reader) read(name string) *project.Node {
	file, mistake := r.files.Open(name, project.Position{File: name}, "the file")
	if mistake != nil {
		r.problems = append(r.problems, *mistake)
	}
	if file == nil {
		return nil
	}
	return project.ParseFile(file, func(p project.Problem) { r.problems = append(r.problems, p) })
}

// parameters reads values of the root template's parameters. A value that is an
// object is another category's output.
//
// See: https://docs.amplify.aws/gen1/react/tools/cli/project/override/
func (r *reader) parameters(n *project.Node, in *cloudformation.Source) {
	if n == nil {
		return
	}
	if n.Kind() != project.NodeMap {
		r.problems = append(r.problems, project.Problem{Pos: n.Position(),
			Message: fmt.Sprintf("%s must be a map, not %s", path.Base(n.Position().File), n.Kind())})
		return
	}
	for _, e := range n.Entries() {
		if in.Parameters[e.Key()] != nil || e.Value().Kind() == project.NodeNull {
			continue
		}
		switch e.Value().Kind() {
		case project.NodeMap, project.NodeList:
			in.Parameters[e.Key()] = made(&e)
		default:
			in.Parameters[e.Key()] = plain(&e)
		}
	}
}

// plain returns the text of a parameter. Booleans and numbers are texts to a
// template.
func plain(e *project.Entry) *project.Node {
	v := e.Value()
	if v.Kind() == project.NodeString {
		return v
	}
	return project.NewText(v, project.TextPart{Text: v.Text(), Of: v, Replaced: true})
}

// made returns a value for what another category has made.
func made(e *project.Entry) *project.Node {
	text := e.Key()
	if strings.Contains(e.Key(), userPoolParameter) {
		text = cloudformation.DefaultRegion + "_" + project.StableID("userpool/"+e.Key(), 9)
	}
	return project.NewText(e.Value(), project.TextPart{Text: text, Of: e.Value(), Replaced: true})
}

// cliInputs reads the API's name from what the CLI was told.
func (r *reader) cliInputs(n *project.Node, in *cloudformation.Source) {
	if n == nil || n.Kind() != project.NodeMap {
		return
	}
	e := n.Find("serviceConfiguration")
	if e == nil || e.Value().Kind() != project.NodeMap {
		return
	}
	if name := e.Value().Find("apiName"); name != nil && name.Value().Kind() == project.NodeString {
		in.Parameters["AppSyncApiName"] = name.Value()
	}
}
