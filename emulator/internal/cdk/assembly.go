package cdk

import (
	"fmt"
	"path"
	"strings"

	"appsync-emulator/emulator/internal/cloudformation"
	"appsync-emulator/emulator/internal/project"
)

// Manifest is the file of an assembly that tells what is in it.
const Manifest = "manifest.json"

// maxStages bounds the assemblies within an assembly, one in the other.
const maxStages = 10

// AddStacks adds the stacks of the assembly in a folder to an app, with those of
// its stages. Mistakes in the assembly are returned.
func AddStacks(app *cloudformation.App, files *project.Folder) project.Problems {
	r := &reader{app: app, files: files, assets: assets{}}
	r.assembly(".", 0)
	for _, s := range r.stacks {
		app.AddStack(s)
	}
	return r.problems
}

// reader is one run of AddStacks.
type reader struct {
	app      *cloudformation.App
	files    *project.Folder
	assets   assets
	stacks   []cloudformation.Source
	problems project.Problems
}

// assets are the paths of files by the keys that they are uploaded under. Keys are
// hashes of the files, so that those of all stacks go together.
type assets map[string]string

// Path implements cloudformation.Assets. A template names an asset by the bucket,
// too, but the key alone tells it.
func (a assets) Path(key string) (string, bool) {
	if name, ok := a[key]; ok {
		return name, true
	}
	name, ok := a[path.Base(key)]
	return name, ok
}

func (r *reader) problem(at project.Position, message, hint string) {
	r.problems = append(r.problems, project.Problem{Pos: at, Message: message, Hint: hint})
}

// read reads a JSON file of the assembly; nil when it is none, which is reported.
func (r *reader) read(name string, at project.Position, what string) *project.Node {
	file, mistake := r.files.Open(name, at, what)
	if mistake != nil {
		r.problems = append(r.problems, *mistake)
	}
	if file == nil {
		return nil
	}
	return project.ParseFile(file, func(p project.Problem) { r.problems = append(r.problems, p) })
}

// assembly reads the assembly in a folder below the outermost.
func (r *reader) assembly(dir string, depth int) {
	name := path.Join(dir, Manifest)
	root := r.read(name, project.Position{File: name}, "the manifest of the cloud assembly,")
	if root == nil {
		return
	}
	if root.Kind() != project.NodeMap {
		r.problem(root.Position(), "the manifest must be a map, not "+root.Kind().String(), "")
		return
	}
	list := root.Find("artifacts")
	if list == nil || list.Value().Kind() != project.NodeMap {
		r.problem(root.Position(), "the manifest has no `artifacts`", "")
		return
	}
	for i := range list.Value().Entries() {
		r.artifact(&list.Value().Entries()[i], dir, depth)
	}
}

// artifact reads one artifact. Types that say nothing of templates are passed
// over: every release of CDK has new ones.
func (r *reader) artifact(e *project.Entry, dir string, depth int) {
	artifact := e.Value()
	if artifact.Kind() != project.NodeMap {
		r.problem(artifact.Position(), fmt.Sprintf("artifact %s must be a map, not %s", e.Key(), artifact.Kind()), "")
		return
	}
	properties := project.NewMap(artifact, nil)
	if p := artifact.Find("properties"); p != nil && p.Value().Kind() == project.NodeMap {
		properties = p.Value()
	}
	switch kind := text(artifact, "type"); kind {
	case "aws:cloudformation:stack":
		r.stack(e, properties, dir)
	case "cdk:asset-manifest":
		if file := r.need(e, properties, "file"); file != nil {
			r.assetManifest(path.Join(dir, file.Text()), file.Position())
		}
	case "cdk:cloud-assembly":
		if depth == maxStages {
			r.problem(e.Position(), fmt.Sprintf("there are more than %d cloud assemblies, one in the other", maxStages), "")
			return
		}
		if name := r.need(e, properties, "directoryName"); name != nil {
			r.assembly(path.Join(dir, name.Text()), depth+1)
		}
	}
}

// need returns a property of an artifact that must be a text; nil when it is none,
// which is reported.
func (r *reader) need(e *project.Entry, properties *project.Node, key string) *project.Node {
	p := properties.Find(key)
	if p == nil || p.Value().Kind() != project.NodeString {
		r.problem(e.Position(), fmt.Sprintf("artifact %s needs `%s` among its properties", e.Key(), key), "")
		return nil
	}
	return p.Value()
}

func text(n *project.Node, key string) string {
	if e := n.Find(key); e != nil && e.Value().Kind() == project.NodeString {
		return e.Value().Text()
	}
	return ""
}

func (r *reader) stack(e *project.Entry, properties *project.Node, dir string) {
	file := r.need(e, properties, "templateFile")
	if file == nil {
		return
	}
	root := r.read(path.Join(dir, file.Text()), file.Position(), fmt.Sprintf("the template of stack %s,", e.Key()))
	if root == nil {
		return
	}
	in := cloudformation.Source{
		Name: text(properties, "stackName"), Root: root, Files: r.files, Dir: dir, Assets: r.assets,
		Parameters: map[string]*project.Node{},
	}
	if in.Name == "" {
		in.Name = e.Key()
	}
	in.AccountID, in.Region = environment(text(e.Value(), "environment"))
	if p := properties.Find("parameters"); p != nil && p.Value().Kind() == project.NodeMap {
		for _, parameter := range p.Value().Entries() {
			if parameter.Value().Kind() == project.NodeString {
				in.Parameters[parameter.Key()] = parameter.Value()
			}
		}
	}
	r.legacyAssets(e.Value(), &in, dir)
	r.stacks = append(r.stacks, in)
}

// environment takes apart aws://ACCOUNT/REGION; what is not known is empty.
func environment(name string) (account, region string) {
	account, region, _ = strings.Cut(strings.TrimPrefix(name, "aws://"), "/")
	if account == "unknown-account" {
		account = ""
	}
	if region == "unknown-region" {
		region = ""
	}
	return account, region
}

// assetManifest reads where files are. Those that are missing are noticed when
// somebody needs them.
func (r *reader) assetManifest(name string, at project.Position) {
	root := r.read(name, at, "the asset manifest")
	if root == nil || root.Kind() != project.NodeMap {
		return
	}
	files := root.Find("files")
	if files == nil || files.Value().Kind() != project.NodeMap {
		return
	}
	for _, f := range files.Value().Entries() {
		asset := f.Value()
		source, destinations := asset.Find("source"), asset.Find("destinations")
		if source == nil || destinations == nil {
			continue
		}
		p := text(source.Value(), "path")
		if p == "" {
			continue // made by a command
		}
		if !path.IsAbs(p) {
			p = path.Join(path.Dir(name), p)
		}
		for _, d := range destinations.Value().Entries() {
			if key := text(d.Value(), "objectKey"); key != "" {
				r.assets[key] = p
				if _, taken := r.assets[path.Base(key)]; !taken {
					r.assets[path.Base(key)] = p
				}
			}
		}
	}
}

// legacyAssets reads the assets of CDK 1, which are parameters of the stack: the
// bucket, and the key in two parts with || between them.
//
// See: https://github.com/aws/aws-cdk/blob/v1-main/packages/@aws-cdk/core/lib/stack-synthesizers/legacy.ts
func (r *reader) legacyAssets(artifact *project.Node, in *cloudformation.Source, dir string) {
	metadata := artifact.Find("metadata")
	if metadata == nil || metadata.Value().Kind() != project.NodeMap {
		return
	}
	for _, path := range metadata.Value().Entries() {
		for _, item := range path.Value().Items() {
			data := item.Find("data")
			if text(item, "type") != "aws:cdk:asset" || data == nil || data.Value().Kind() != project.NodeMap {
				continue
			}
			r.legacyAsset(data.Value(), in, dir)
		}
	}
}

func (r *reader) legacyAsset(data *project.Node, in *cloudformation.Source, dir string) {
	file, key, bucket := text(data, "path"), text(data, "s3KeyParameter"), text(data, "s3BucketParameter")
	if file == "" || key == "" {
		return
	}
	if !path.IsAbs(file) {
		file = path.Join(dir, file)
	}
	name := path.Base(file)
	r.assets[name] = file
	value := func(text string) *project.Node {
		return project.NewText(data, project.TextPart{Text: text, Of: data, Replaced: true})
	}
	in.Parameters[key] = value("||" + name)
	if bucket != "" {
		in.Parameters[bucket] = value("assets")
	}
}
