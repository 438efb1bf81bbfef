package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"appsync-emulator/emulator"
)

// projectFlags are the flags that say how PROJECT is loaded.
type projectFlags struct {
	flags *flags
	opt   emulator.LoadOptions
}

func (f *flags) projectFlags() *projectFlags {
	p := &projectFlags{flags: f}
	f.BoolVar(&p.opt.AllowOutside, "allow-outside", false, "permit paths that leave the project's folder")
	f.StringVar(&p.opt.API, "api", "", "`NAME` of the API, for a project with several")
	f.Var((*parameterValues)(&p.opt.Parameters), "parameter", "value of a parameter of the template, or of a variable of a serverless.yml, as `NAME=VALUE`")
	f.StringVar(&p.opt.ParametersFile, "parameters", "", "`FILE` with such values, JSON or YAML")
	f.StringVar(&p.opt.Assets, "assets", "", "folder `DIR` with the files that the template names by where they are deployed")
	return p
}

// load loads PROJECT and prints its mistakes.
func (p *projectFlags) load(stderr io.Writer) (*emulator.Project, bool) {
	return loadWith(p.flags.project(), p.opt, stderr)
}

// loadWith reads a project and prints its mistakes.
func loadWith(path string, opt emulator.LoadOptions, stderr io.Writer) (*emulator.Project, bool) {
	opt.Env = os.LookupEnv
	project, err := emulator.Load(path, opt)
	if err != nil {
		complain(err, stderr)
		return nil, false
	}
	for _, w := range project.Warnings() {
		fmt.Fprintln(stderr, "warning:", w)
	}
	return project, true
}

// parameterValues is the value of a flag that may stand several times and adds a
// NAME=VALUE each time.
type parameterValues map[string]string

// Set implements pflag.Value.
func (v *parameterValues) Set(text string) error {
	name, value, ok := strings.Cut(text, "=")
	if !ok || name == "" {
		return fmt.Errorf("want NAME=VALUE")
	}
	if _, twice := (*v)[name]; twice {
		return fmt.Errorf("%s is given twice", name)
	}
	if *v == nil {
		*v = parameterValues{}
	}
	(*v)[name] = value
	return nil
}

// Type implements pflag.Value.
func (v *parameterValues) Type() string { return "NAME=VALUE" }

// String implements pflag.Value.
func (v *parameterValues) String() string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(*v)) {
		pairs = append(pairs, name+"="+(*v)[name])
	}
	return strings.Join(pairs, ",")
}
