package emulator_test

import (
	"testing"

	"appsync-emulator/emulator/internal/subscription"
	"appsync-emulator/mappingtemplate/builtin"
	"appsync-emulator/mappingtemplate/value"
)

// Whatever a template sets as a filter is either refused at the call or a filter
// that subscriptions can be asked by.
func FuzzSetSubscriptionFilter(f *testing.F) {
	for _, seed := range []string{
		`{"filterGroup":[{"filters":[{"fieldName":"a.b","operator":"between","value":[1,2]},{"fieldName":"c","operator":"beginsWith","value":"x"}]}]}`,
		`{"filterGroup":[{"filters":[{"fieldName":"a","operator":"in","value":["x",1]}]},{"filters":[{"fieldName":"a","operator":"containsAny","value":["x"]}]}]}`,
		`{"filterGroup":[{"filters":[]}]}`, `{"filterGroup":null}`, `{}`, `null`,
		`{"filterGroup":[{"filters":[{"fieldName":"a","operator":"notIn","value":[1e400]}]}]}`,
		`{"filterGroup":[{"filters":[{"fieldName":".","operator":"ne","value":true}]}]}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := value.ParseJSON(text)
		if err != nil {
			t.Skip()
		}
		var effects builtin.Effects
		u := builtin.New(&builtin.Env{Effects: &effects})
		if _, _, err := u.Extensions().Invoke("setSubscriptionFilter", []any{v}); err != nil || effects.SubscriptionFilter == nil {
			return
		}
		filter, err := subscription.CompileFilter(effects.SubscriptionFilter)
		if err != nil {
			t.Fatalf("%s was taken and does not compile: %v", text, err)
		}
		filter.Matches(value.MapOf("a", "x"))
	})
}
