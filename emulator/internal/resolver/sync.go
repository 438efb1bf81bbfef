package resolver

import (
	"appsync-emulator/emulator/internal/datasource"
	"appsync-emulator/emulator/internal/project"
)

// syncOf returns what data sources need of the conflict handling of a resolver
// or function, nil when it has none.
func syncOf(s *project.Sync) *datasource.Sync {
	if s == nil {
		return nil
	}
	out := &datasource.Sync{}
	switch {
	case s.ConflictDetection == "NONE":
	case s.ConflictHandler == "LAMBDA":
		out.Handler, out.Function = datasource.LambdaHandler, functionOf(&s.Lambda)
	case s.ConflictHandler == "AUTOMERGE" && s.Automerge == "FIELD_LEVEL":
		out.Handler = datasource.FieldLevel
	case s.ConflictHandler == "AUTOMERGE":
		out.Handler = datasource.Automerge
	default:
		out.Handler = datasource.OptimisticConcurrency
	}
	return out
}

// functionOf returns the ARN of a Lambda function, or its name and alias.
func functionOf(f *project.Lambda) string {
	switch {
	case f.FunctionARN != "":
		return f.FunctionARN
	case f.FunctionAlias != "":
		return f.FunctionName + ":" + f.FunctionAlias
	}
	return f.FunctionName
}
