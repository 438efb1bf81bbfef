package amplify

import (
	"os"
	"path/filepath"
	"slices"
)

// API is the folder of one API of a Gen 1 project.
type API struct {
	Name string
	// Dir is the API's folder, Template the root template in it, "" when the API has
	// not been compiled.
	Dir, Template string
	// Deployed tells that the folder is that of what is deployed.
	Deployed bool
}

const rootTemplate = "cloudformation-template.json"

// APIs finds the GraphQL APIs of the Gen 1 project that a folder is, is in, or is
// part of: the project itself, its folder amplify, one of backend and
// #current-cloud-backend, their folder api, or an API's own. What has been
// compiled goes before what is deployed.
func APIs(dir string) []API {
	for _, below := range []string{"amplify/backend/api", "backend/api", "api"} {
		if found := apisIn(filepath.Join(dir, filepath.FromSlash(below))); len(found) > 0 {
			return orDeployed(found, filepath.Join(dir, filepath.FromSlash(below)))
		}
	}
	for _, below := range []string{"amplify/#current-cloud-backend/api", "#current-cloud-backend/api"} {
		if found := apisIn(filepath.Join(dir, filepath.FromSlash(below))); len(found) > 0 {
			return deployed(found)
		}
	}
	if api, ok := apiIn(dir); ok {
		return []API{api}
	}
	if filepath.Base(dir) == "build" {
		if api, ok := apiIn(filepath.Dir(dir)); ok {
			return []API{api}
		}
	}
	if filepath.Base(dir) == "api" {
		return apisIn(dir)
	}
	return nil
}

func deployed(apis []API) []API {
	for i := range apis {
		apis[i].Deployed = true
	}
	return apis
}

// orDeployed puts what is deployed in the place of APIs that have not been
// compiled; at is their folder, backend/api.
func orDeployed(apis []API, at string) []API {
	other := deployed(apisIn(filepath.Join(filepath.Dir(filepath.Dir(at)), "#current-cloud-backend", "api")))
	for i, api := range apis {
		if api.Template != "" {
			continue
		}
		if j := slices.IndexFunc(other, func(o API) bool { return o.Name == api.Name && o.Template != "" }); j >= 0 {
			apis[i] = other[j]
		}
	}
	return apis
}

func apisIn(dir string) []API {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var out []API
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		if api, ok := apiIn(filepath.Join(dir, e.Name())); ok {
			out = append(out, api)
		}
	}
	return out
}

// apiIn tells whether a folder is that of a GraphQL API: it has been compiled, or
// has what would be.
func apiIn(dir string) (API, bool) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return API{}, false
	}
	api := API{Name: filepath.Base(abs), Dir: dir}
	if file := filepath.Join(dir, "build", rootTemplate); isFile(file) {
		api.Template = file
		return api, true
	}
	compilable := isFile(filepath.Join(dir, "transform.conf.json")) &&
		(isFile(filepath.Join(dir, "schema.graphql")) || isFolder(filepath.Join(dir, "schema")))
	return api, compilable
}

// IsBuild tells whether a file is the root template that an API was compiled to.
func IsBuild(file string) bool {
	build := filepath.Dir(file)
	if filepath.Base(file) != rootTemplate || filepath.Base(build) != "build" {
		return false
	}
	api := filepath.Dir(build)
	return isFile(filepath.Join(api, "transform.conf.json")) || isFile(filepath.Join(api, "cli-inputs.json")) ||
		isFile(filepath.Join(build, "parameters.json")) || isFolder(filepath.Join(build, "resolvers"))
}

// Sandbox returns the folder of the cloud assembly of the Gen 2 project that a
// folder is; "" when there is none.
func Sandbox(dir string) string {
	for _, below := range []string{".amplify/artifacts/cdk.out", "artifacts/cdk.out"} {
		if at := filepath.Join(dir, filepath.FromSlash(below)); isFile(filepath.Join(at, "manifest.json")) {
			return at
		}
	}
	return ""
}

// IsGen2 tells whether a folder is a Gen 2 project.
func IsGen2(dir string) bool {
	for _, name := range []string{"backend.ts", "backend.js"} {
		if isFile(filepath.Join(dir, "amplify", name)) || filepath.Base(dir) == "amplify" && isFile(filepath.Join(dir, name)) {
			return true
		}
	}
	return false
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
