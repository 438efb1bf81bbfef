package plan_test

import (
	"encoding/json"
	"strings"
	"testing"

	graphql "github.com/graph-gophers/graphql-go"

	"appsync-emulator/emulator/internal/plan"
)

// lenient says why we accept what graph-gophers refuses, by its rule, or by the
// beginning of its message where it has none.
var lenient = map[string]string{
	"UniqueInputFieldNamesRule":       "graphql-java 9 has no such rule; the last one counts",
	"UniqueArgumentNamesRule":         "graphql-java 9 has no such rule; the last one counts",
	"UniqueDirectivesPerLocationRule": "graphql-java 9 has no such rule; the first one counts",
	"UniqueFragmentNamesRule":         "graphql-java 9 has no such rule; the last one counts",
	"UniqueOperationNamesRule":        "graphql-java 9 has no such rule; the last one counts",
	"syntax error: ":                  "the lexer of graphql-java 9 drops what begins no token and strings that do not end",
}

// strict says why we refuse what graph-gophers accepts, by part of our message.
var strict = map[string]string{
	"Field '__schema' in type":            "only the query root has __schema",
	"is not a valid 'AWSJSON'":            "graph-gophers does not look into custom scalars",
	"is not a valid 'ID'":                 "graph-gophers takes lists and objects for a scalar",
	"is not a valid 'Style'":              "graph-gophers takes lists for an enum",
	"is missing required fields":          "a default does not excuse a missing input field in graphql-java 9",
	"Schema is not configured for":        "graph-gophers does not look at fields without a root type",
	"they have differing arguments":       "graphql-java 9 compares literals as they are written",
	"has an invalid value. Expected type": "graph-gophers coerces scalars only when it executes",
	"Unable to parse GraphQL query.":      "the grammar of graphql-java 9 is older: no empty lists, descriptions, \\u{...} or names such as on",
}

// TestSecondOpinion asks graph-gophers' validator, which follows graphql-js, about
// the recorded requests. Each disagreement must have a reason.
func TestSecondOpinion(t *testing.T) {
	s := parseSchema(t, shopSDL)
	other, err := graphql.ParseSchema(shopSDL+"scalar AWSDate scalar AWSDateTime scalar AWSJSON scalar AWSEmail", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range recordings(t) {
		var vars map[string]any
		if len(r.Variables) > 0 {
			if err := json.Unmarshal(r.Variables, &vars); err != nil {
				t.Fatal(err)
			}
		}
		ours := refusal(t, r, func() (*plan.Plan, *plan.Failure) {
			return plan.Compile(s, r.Query, r.OperationName, plan.Options{})
		})
		theirs := other.ValidateWithVariables(r.Query, vars)
		switch {
		case ours == "" && len(theirs) > 0:
			if lenient[theirs[0].Rule] == "" && !listed(lenient, theirs[0].Message) {
				t.Errorf("accepted, though %s: %s\n%s %s", theirs[0].Rule, theirs[0].Message, r.Query, r.Variables)
			}
		case ours != "" && len(theirs) == 0:
			if !listed(strict, ours) {
				t.Errorf("refused without need: %s\n%s %s", ours, r.Query, r.Variables)
			}
		}
	}
}

// refusal is the first thing that is wrong with a request, or empty.
func refusal(t *testing.T, r recording, compile func() (*plan.Plan, *plan.Failure)) string {
	t.Helper()
	p, failure := compile()
	if failure != nil {
		return failure.Error()
	}
	if _, err := p.Coerce(r.variables(t)); err != nil {
		return err.Error()
	}
	return ""
}

func listed(list map[string]string, message string) bool {
	for part := range list {
		if strings.Contains(message, part) {
			return true
		}
	}
	return false
}
