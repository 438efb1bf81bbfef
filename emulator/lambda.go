package emulator

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"appsync-emulator/emulator/internal/lambda"
	"appsync-emulator/emulator/internal/project"
)

// lambdas makes the client of the Lambda functions that the project names. What
// the options say of a function, or of all, goes before what the project says of
// the same.
func lambdas(api *project.API, opt *Options, log *slog.Logger) (*lambda.Client, error) {
	out := lambda.Options{Functions: map[string]lambda.Endpoint{}, Log: log}
	if e := api.LambdaEndpoint; e != nil {
		out.Endpoint = &lambda.Endpoint{URL: e.URL, Origin: e.Pos.String()}
	}
	if opt.LambdaEndpoint != "" {
		out.Endpoint = &lambda.Endpoint{URL: opt.LambdaEndpoint, Origin: "--lambda-endpoint"}
	}
	for _, f := range api.LambdaFunctions {
		name, err := lambda.Canonical(f.Name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Pos, err)
		}
		if first, twice := out.Functions[name]; twice {
			return nil, fmt.Errorf("%s: Lambda function %s is already at %s", f.Pos, name, first.Origin)
		}
		out.Functions[name] = lambda.Endpoint{
			URL:     f.URL,
			Timeout: time.Duration(f.TimeoutSeconds) * time.Second,
			Origin:  f.Pos.String(),
		}
	}
	given := map[string]string{}
	for _, function := range slices.Sorted(maps.Keys(opt.LambdaFunctions)) {
		name, err := lambda.Canonical(function)
		if err != nil {
			return nil, fmt.Errorf("--lambda %s: %w", function, err)
		}
		if first, twice := given[name]; twice {
			return nil, fmt.Errorf("--lambda %s: this is the same Lambda function as %s", function, first)
		}
		given[name] = function
		out.Functions[name] = lambda.Endpoint{
			URL:     opt.LambdaFunctions[function],
			Timeout: out.Functions[name].Timeout,
			Origin:  "--lambda " + function,
		}
	}
	return lambda.New(out)
}
