package subscription_test

import (
	"testing"

	"appsync-emulator/emulator/internal/subscription"
	"appsync-emulator/mappingtemplate/value"
)

// Filters come from templates, which may build them of what clients send; events
// are results. The index agrees with the filter whatever they are.
func FuzzEnhancedFilter(f *testing.F) {
	for _, seed := range [][2]string{
		{`{"filterGroup":[{"filters":[{"fieldName":"a","operator":"eq","value":"x"}]}]}`, `{"a":"x"}`},
		{`{"filterGroup":[{"filters":[{"fieldName":"a.b","operator":"in","value":[1,2,"x"]}]},{"filters":[{"fieldName":"c","operator":"eq","value":true}]}]}`, `{"a":{"b":2},"c":true}`},
		{`{"filterGroup":[{"filters":[{"fieldName":"a","operator":"between","value":[1,5]},{"fieldName":"b","operator":"beginsWith","value":"x"}]}]}`, `{"a":3.5,"b":"xy"}`},
		{`{"filterGroup":[{"filters":[{"fieldName":"a.b.c.d.e.f","operator":"eq","value":1}]}]}`, `{"a":[{"b":1}]}`},
		{`{"filterGroup":[{"filters":[{"fieldName":"a\u0000","operator":"eq","value":1e400}]}]}`, `[]`},
		{`{"filterGroup":[{"filters":[{"fieldName":"a","operator":"eq","value":9007199254740993}]}]}`, `{"a":9007199254740992.0}`},
		{`{"filterGroup":null}`, `null`},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, filterText, eventText string) {
		v, err := value.ParseJSON(filterText)
		if err != nil {
			t.Skip()
		}
		event, err := value.ParseJSON(eventText)
		if err != nil || event == nil {
			t.Skip()
		}
		object, _ := v.(*value.Map)
		filter, err := subscription.CompileFilter(object)
		if err != nil {
			return
		}
		received := 0
		r := subscription.NewRegistry()
		remove := r.Add(&subscription.Subscription{
			Mutations: []string{"m"}, Enhanced: filter, Project: func(any) []byte { return []byte("x") },
			Deliver: func([]byte) { received++ },
		})
		r.Publish("m", event)
		if e, ok := event.(*value.Map); ok {
			want := 0
			if filter.Matches(e) {
				want = 1
			}
			if received != want {
				t.Errorf("%s lets %s pass %d times, want %d", filterText, eventText, received, want)
			}
		}
		remove()
		if r.Interested("m") {
			t.Error("interest remains")
		}
	})
}
