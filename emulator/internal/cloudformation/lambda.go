package cloudformation

import (
	"appsync-emulator/emulator/internal/project"
)

// maxTimeout is Lambda's, in seconds.
const maxTimeout = 900

// LambdaFunctions are the functions of all stacks that have a time of their own,
// by the name that Ref gives.
func (a *App) LambdaFunctions() []*project.LambdaFunction {
	var out []*project.LambdaFunction
	for _, s := range a.stacks {
		for _, r := range s.order {
			if r.kind != kindLambda || !r.exists() {
				continue
			}
			a.usedKinds[r.kind] = true
			p := r.read()
			name := r.name()
			timeout := int(p.integer("Timeout", 1, maxTimeout, 0))
			if a.isBad(name) || timeout == 0 || !project.IsFunctionName(name.Text()) {
				continue
			}
			out = append(out, &project.LambdaFunction{Name: name.Text(), TimeoutSeconds: timeout, Pos: r.pos})
		}
	}
	return out
}
