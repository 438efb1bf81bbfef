package emulator

import (
	"errors"
	"os"
	"slices"
	"strings"

	"appsync-emulator/emulator/internal/faults"
	"appsync-emulator/emulator/internal/schema"
)

// newFaults makes what disturbs the API on purpose. There are no faults until
// some are set.
func (e *Emulator) newFaults(p *Project) *faults.Injector {
	return faults.New(faults.Options{
		Clock:  e.clock,
		Seed:   e.options.Seed,
		Fields: fieldNames(p.schema),
		Log:    e.log,
	})
}

// fieldNames lists the fields of a schema as "Type.field". Those of the roots are
// there under the usual names of these, too.
func fieldNames(s *schema.Schema) []string {
	names := []string{}
	add := func(typeName string, t *schema.Type) {
		for _, f := range t.Fields {
			names = append(names, typeName+"."+f.Name)
		}
	}
	for name, t := range s.Types {
		if !strings.HasPrefix(name, "__") {
			add(name, t)
		}
	}
	for name, t := range map[string]*schema.Type{"Query": s.Query, "Mutation": s.Mutation, "Subscription": s.Subscription} {
		if t != nil && t.Name != name {
			add(name, t)
		}
	}
	slices.Sort(names)
	return names
}

// disturb has faults stand before the resolvers.
func (a *api) disturb(f *faults.Injector) {
	for i, r := range a.resolvers {
		if r != nil {
			a.resolvers[i] = f.Resolver(r)
		}
	}
}

// SetFaults sets a fault or a list of them, in the JSON that
// POST /_emulator/faults takes.
func (e *Emulator) SetFaults(json string) error {
	_, err := e.faults.Set(json)
	return err
}

// ClearFaults removes all faults and stops the scenario.
func (e *Emulator) ClearFaults() { e.faults.RemoveAll() }

// Scenario is a list of faults over time, read from a file.
type Scenario struct{ parsed *faults.Scenario }

// LoadScenario reads a scenario file and checks it against the project. The error
// is a Problems when the file has mistakes: all of them, each with its position.
func LoadScenario(p *Project, file string) (*Scenario, error) {
	source, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	parsed, err := faults.ParseScenario(file, string(source), fieldNames(p.schema))
	if found, ok := errors.AsType[faults.Problems](err); ok {
		lines := strings.Split(string(source), "\n")
		problems := make(Problems, len(found))
		for i, f := range found {
			problems[i] = Problem{File: file, Line: f.Line, Column: f.Column, Message: f.Message, Hint: f.Hint}
			if f.Line > 0 && f.Line <= len(lines) {
				problems[i].SourceLine = strings.TrimSuffix(lines[f.Line-1], "\r")
			}
		}
		return nil, problems
	}
	if err != nil {
		return nil, err
	}
	return &Scenario{parsed}, nil
}

// StartScenario begins a scenario at this moment. One that runs is stopped.
func (e *Emulator) StartScenario(s *Scenario) { e.faults.Start(s.parsed) }
