package subscription_test

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"appsync-emulator/emulator/internal/subscription"
	"appsync-emulator/mappingtemplate/value"
)

// inbox records what one subscription receives.
type inbox struct {
	mu       sync.Mutex
	payloads []string
}

func (i *inbox) deliver(payload []byte) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.payloads = append(i.payloads, string(payload))
}

func (i *inbox) all() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.payloads)
}

func asJSON(event any) []byte { return value.AppendJSON(nil, event) }

func subscribe(r *subscription.Registry, filter ...subscription.Equal) (*inbox, func()) {
	box := &inbox{}
	remove := r.Add(&subscription.Subscription{
		Field: "onPost", Mutations: []string{"addPost"}, Filter: filter,
		Project: asJSON, Deliver: box.deliver,
	})
	return box, remove
}

// The rules are those of the guide's section on arguments: every argument that
// was given must equal the event's field of that name, and a null argument asks
// for a null field.
// See: https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-real-time-data.html#using-subscription-arguments
func TestFilter(t *testing.T) {
	type args = []subscription.Equal
	tests := []struct {
		name   string
		filter args
		event  *value.Map
		want   bool
	}{
		{"no argument matches every event", nil, value.MapOf("id", "1"), true},
		{"equal string", args{{Name: "id", Value: "1"}}, value.MapOf("id", "1"), true},
		{"other string", args{{Name: "id", Value: "1"}}, value.MapOf("id", "2"), false},
		{"all arguments equal", args{{Name: "a", Value: "x"}, {Name: "b", Value: "y"}}, value.MapOf("b", "y", "a", "x"), true},
		{"one argument differs", args{{Name: "a", Value: "x"}, {Name: "b", Value: "y"}}, value.MapOf("a", "x", "b", "z"), false},
		{"values do not trade places", args{{Name: "a", Value: "x"}, {Name: "b", Value: "y"}}, value.MapOf("a", "y", "b", "x"), false},
		{"values do not run together", args{{Name: "a", Value: "x"}, {Name: "b", Value: "yz"}}, value.MapOf("a", "xy", "b", "z"), false},
		{"explicit null against null", args{{Name: "owner", Value: nil}}, value.MapOf("owner", nil), true},
		{"explicit null against a value", args{{Name: "owner", Value: nil}}, value.MapOf("owner", "me"), false},
		{"explicit null against a field that was not selected", args{{Name: "owner", Value: nil}}, value.MapOf("id", "1"), true},
		// aws-amplify/amplify-cli#4601
		{"a value against a field that was not selected", args{{Name: "owner", Value: "me"}}, value.MapOf("id", "1"), false},
		{"the string of a number", args{{Name: "n", Value: "5"}}, value.MapOf("n", int32(5)), false},
		{"the number of a string", args{{Name: "n", Value: int32(5)}}, value.MapOf("n", "5"), false},
		{"the string null", args{{Name: "n", Value: "null"}}, value.MapOf("n", nil), false},
		{"true against the string", args{{Name: "n", Value: true}}, value.MapOf("n", "true"), false},
		{"true against one", args{{Name: "n", Value: true}}, value.MapOf("n", int32(1)), false},
		{"booleans", args{{Name: "n", Value: false}}, value.MapOf("n", false), true},
		{"empty string against null", args{{Name: "n", Value: ""}}, value.MapOf("n", nil), false},
		{"an Int of another width", args{{Name: "n", Value: int32(5)}}, value.MapOf("n", int64(5)), true},
		{"a big integer", args{{Name: "n", Value: big.NewInt(5)}}, value.MapOf("n", int32(5)), true},
		{"a Float argument against the integer that a data source gave", args{{Name: "n", Value: 5.0}}, value.MapOf("n", int32(5)), true},
		{"a Float argument against a decimal", args{{Name: "n", Value: 1.5}}, value.MapOf("n", value.Decimal("1.50")), true},
		{"other floats", args{{Name: "n", Value: 1.5}}, value.MapOf("n", 1.25), false},
		{"negative zero", args{{Name: "n", Value: 0.0}}, value.MapOf("n", value.Decimal("-0.0")), true},
		{"lists", args{{Name: "n", Value: value.NewList("a", int32(1))}}, value.MapOf("n", value.NewList("a", int32(1))), true},
		{"lists in another order", args{{Name: "n", Value: value.NewList("a", "b")}}, value.MapOf("n", value.NewList("b", "a")), false},
		{"objects in another order", args{{Name: "n", Value: value.MapOf("a", "1", "b", "2")}},
			value.MapOf("n", value.MapOf("b", "2", "a", "1")), true},
		{"other objects", args{{Name: "n", Value: value.MapOf("a", "1")}}, value.MapOf("n", value.MapOf("a", "2")), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := subscription.NewRegistry()
			box, _ := subscribe(r, tt.filter...)
			r.Publish("addPost", tt.event)
			if got := len(box.all()) == 1; got != tt.want {
				t.Errorf("delivered = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestPublishReachesOnlyTheMutation(t *testing.T) {
	r := subscription.NewRegistry()
	box := &inbox{}
	remove := r.Add(&subscription.Subscription{
		Field: "onPost", Mutations: []string{"addPost", "editPost", "addPost"}, Project: asJSON, Deliver: box.deliver,
	})
	for _, m := range []string{"addPost", "editPost", "deletePost"} {
		if want := m != "deletePost"; r.Interested(m) != want {
			t.Errorf("Interested(%s) = %v", m, !want)
		}
		r.Publish(m, value.MapOf("by", m))
	}
	want := []string{`{"by":"addPost"}`, `{"by":"editPost"}`}
	if got := box.all(); !slices.Equal(got, want) {
		t.Errorf("received %v, want %v", got, want)
	}
	remove()
	remove()
	if r.Interested("addPost") || r.Interested("editPost") || r.Len() != 0 {
		t.Error("interest remains after removal")
	}
}

func TestNoEventForNull(t *testing.T) {
	r := subscription.NewRegistry()
	box, _ := subscribe(r)
	r.Publish("addPost", nil)
	if got := box.all(); got != nil {
		t.Errorf("received %v", got)
	}
}

func TestGroupsShareOnePayload(t *testing.T) {
	r := subscription.NewRegistry()
	type identity struct{ plan, variables string }
	projected, delivered := 0, 0
	payloads := map[*byte]bool{}
	for i := range 6 {
		r.Add(&subscription.Subscription{
			Field: "onPost", Mutations: []string{"addPost"}, Group: identity{"p", strconv.Itoa(i % 2)},
			Project: func(e any) []byte { projected++; return asJSON(e) },
			Deliver: func(p []byte) { delivered++; payloads[&p[0]] = true },
		})
	}
	r.Publish("addPost", value.MapOf("id", "1"))
	if delivered != 6 || projected != 2 || len(payloads) != 2 {
		t.Errorf("delivered %d, projected %d, %d payloads; want 6, 2, 2", delivered, projected, len(payloads))
	}
}

func TestNilProjectionDeliversNothing(t *testing.T) {
	r := subscription.NewRegistry()
	r.Add(&subscription.Subscription{
		Mutations: []string{"addPost"},
		Project:   func(any) []byte { return nil },
		Deliver:   func([]byte) { t.Error("delivered") },
	})
	r.Publish("addPost", value.MapOf("id", "1"))
}

// A callback may use the registry: a client that is too slow is removed by the
// very delivery that overflows it.
func TestCallbacksMayChangeTheRegistry(t *testing.T) {
	r := subscription.NewRegistry()
	var remove func()
	count := 0
	remove = r.Add(&subscription.Subscription{
		Mutations: []string{"addPost"}, Project: asJSON,
		Deliver: func([]byte) {
			count++
			remove()
			subscribe(r)
		},
	})
	r.Publish("addPost", value.MapOf("id", "1"))
	r.Publish("addPost", value.MapOf("id", "2"))
	if count != 1 {
		t.Errorf("delivered %d times, want 1", count)
	}
}

func TestCheckFilter(t *testing.T) {
	if err := subscription.CheckFilter(make([]subscription.Equal, 5)); err != nil {
		t.Errorf("five arguments: %v", err)
	}
	if err := subscription.CheckFilter(make([]subscription.Equal, 6)); !errors.Is(err, subscription.ErrTooManyArguments) {
		t.Errorf("six arguments: %v", err)
	}
}

// Each publisher's events reach every subscription once and in order while
// other subscriptions come and go.
func TestConcurrentPublishKeepsOrder(t *testing.T) {
	const publishers, events = 4, 500
	r := subscription.NewRegistry()
	var boxes []*inbox
	for range 8 {
		box, _ := subscribe(r)
		boxes = append(boxes, box)
	}
	var wg sync.WaitGroup
	var stop atomic.Bool
	wg.Go(func() {
		for !stop.Load() {
			_, remove := subscribe(r, subscription.Equal{Name: "p", Value: int32(1)})
			_, other := subscribe(r)
			remove()
			other()
		}
	})
	var publishing sync.WaitGroup
	for p := range publishers {
		publishing.Go(func() {
			for n := range events {
				r.Publish("addPost", value.MapOf("p", int32(p), "n", int32(n)))
			}
		})
	}
	publishing.Wait()
	stop.Store(true)
	wg.Wait()
	for i, box := range boxes {
		next := make([]int, publishers)
		for _, payload := range box.all() {
			var p, n int
			if _, err := fmt.Sscanf(payload, `{"p":%d,"n":%d}`, &p, &n); err != nil {
				t.Fatal(err)
			}
			if n != next[p] {
				t.Fatalf("subscription %d: publisher %d: event %d, want %d", i, p, n, next[p])
			}
			next[p]++
		}
		for p, n := range next {
			if n != events {
				t.Errorf("subscription %d: publisher %d: %d events, want %d", i, p, n, events)
			}
		}
	}
	if r.Len() != len(boxes) {
		t.Errorf("%d subscriptions remain, want %d", r.Len(), len(boxes))
	}
}

// The index delivers what comparing every subscription would.
func TestIndexAgreesWithScan(t *testing.T) {
	names := []string{"a", "b", "c"}
	values := rapid.SampledFrom([]any{nil, "x", "", int32(1), "1", true, 1.5})
	rapid.Check(t, func(t *rapid.T) {
		r := subscription.NewRegistry()
		type model struct {
			filter []subscription.Equal
			box    *inbox
			remove func()
			want   []string
		}
		var live, all []*model
		for step := range rapid.IntRange(1, 60).Draw(t, "steps") {
			switch action := rapid.IntRange(0, 3).Draw(t, "action"); {
			case action == 0 && len(live) > 0:
				i := rapid.IntRange(0, len(live)-1).Draw(t, "victim")
				live[i].remove()
				live = slices.Delete(live, i, i+1)
			case action <= 2:
				m := &model{}
				for _, name := range rapid.Permutation(names).Draw(t, "names")[:rapid.IntRange(0, 3).Draw(t, "arguments")] {
					m.filter = append(m.filter, subscription.Equal{Name: name, Value: values.Draw(t, "argument")})
				}
				m.box = &inbox{}
				m.remove = r.Add(&subscription.Subscription{
					Mutations: []string{"addPost"}, Filter: m.filter, Group: rapid.IntRange(0, 1).Draw(t, "group"),
					Project: asJSON, Deliver: m.box.deliver,
				})
				live, all = append(live, m), append(all, m)
			default:
				event := value.MapOf("step", int32(step))
				for _, name := range names {
					if rapid.Bool().Draw(t, "selected") {
						event.Set(name, values.Draw(t, "field"))
					}
				}
				for _, m := range live {
					if !slices.ContainsFunc(m.filter, func(f subscription.Equal) bool {
						return !value.Equals(f.Value, event.Value(f.Name))
					}) {
						m.want = append(m.want, string(asJSON(event)))
					}
				}
				r.Publish("addPost", event)
			}
		}
		for i, m := range all {
			if got := m.box.all(); !slices.Equal(got, m.want) {
				t.Fatalf("subscription %d (%v): got %v, want %v", i, m.filter, got, m.want)
			}
		}
		if r.Len() != len(live) {
			t.Fatalf("%d subscriptions, want %d", r.Len(), len(live))
		}
	})
}

// drawFilter draws an enhanced filter that AppSync takes, as JSON.
func drawFilter(t *rapid.T) *value.Map {
	fields := rapid.SampledFrom([]string{"a", "b", "o.a", "o.b"})
	values := rapid.SampledFrom([]any{"x", "1", "", int32(1), true, 1.5, int64(1 << 60), float64(1 << 60)})
	groups := value.NewList()
	for range rapid.IntRange(0, 3).Draw(t, "groups") {
		filters := value.NewList()
		for _, field := range rapid.SliceOfNDistinct(fields, 0, 3, rapid.ID).Draw(t, "fields") {
			operator := rapid.SampledFrom([]string{"eq", "eq", "eq", "in", "ne", "gt"}).Draw(t, "operator")
			var operand any = values.Draw(t, "operand")
			if operator == "in" {
				operand = value.NewList(rapid.SliceOfN(values, 1, 3).Draw(t, "operands")...)
			}
			filters.Append(value.MapOf("fieldName", field, "operator", operator, "value", operand))
		}
		groups.Append(value.MapOf("filters", filters))
	}
	return value.MapOf("filterGroup", groups)
}

// The index delivers each event once to those whose enhanced filters let it
// pass, and invalidates those whose filters match, as asking every one would.
func TestIndexAgreesWithEnhancedFilters(t *testing.T) {
	fields := rapid.SampledFrom([]any{nil, "x", "1", "", int32(1), int64(1), true, 1.5, value.Decimal("1.0"), int64(1<<60 + 1), value.NewList("x")})
	rapid.Check(t, func(t *rapid.T) {
		r := subscription.NewRegistry()
		type model struct {
			events, invalidations  *subscription.EnhancedFilter
			received, invalid      int
			expected, expectedEnds int
		}
		var all []*model
		for i := range rapid.IntRange(1, 20).Draw(t, "subscriptions") {
			m := &model{}
			var err error
			if m.events, err = subscription.CompileFilter(drawFilter(t)); err != nil {
				t.Fatal(err)
			}
			if m.invalidations, err = subscription.CompileFilter(drawFilter(t)); err != nil {
				t.Fatal(err)
			}
			all = append(all, m)
			remove := r.Add(&subscription.Subscription{
				Field: "onPost", Mutations: []string{"addPost"}, Enhanced: m.events, Invalidation: m.invalidations, Group: i % 3,
				Project: asJSON, Deliver: func([]byte) { m.received++ }, Invalidate: func() { m.invalid++ },
			})
			if rapid.IntRange(0, 4).Draw(t, "leaves") == 0 {
				all = all[:len(all)-1]
				remove()
			}
		}
		for range rapid.IntRange(1, 10).Draw(t, "events") {
			inner := value.NewMap(2)
			event := value.MapOf("o", inner)
			for _, name := range []string{"a", "b"} {
				event.Set(name, fields.Draw(t, name))
				inner.Set(name, fields.Draw(t, "o."+name))
			}
			if rapid.IntRange(0, 9).Draw(t, "flat") == 0 {
				event.Set("o", fields.Draw(t, "o"))
			}
			invalidated := 0
			for _, m := range all {
				if m.events.Matches(event) {
					m.expected++
				}
				if m.invalidations.Matches(event) {
					m.expectedEnds++
					invalidated++
				}
			}
			r.Publish("addPost", event)
			if n := r.Invalidate("onPost", event); n != invalidated {
				t.Errorf("%s invalidates %d, want %d", value.JSON(event), n, invalidated)
			}
		}
		for i, m := range all {
			if m.received != m.expected || m.invalid != m.expectedEnds {
				t.Errorf("subscription %d: %d events and %d invalidations, want %d and %d", i, m.received, m.invalid, m.expected, m.expectedEnds)
			}
		}
	})
}

// See: https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-real-time-invalidation.html
func TestInvalidation(t *testing.T) {
	r := subscription.NewRegistry()
	var ended []string
	add := func(name, field, filter string) {
		s := &subscription.Subscription{Field: field, Mutations: []string{"addPost"}, Project: asJSON, Deliver: func([]byte) {}}
		if filter != "" {
			s.Invalidation = filterOf(t, filter)
		}
		var remove func()
		s.Invalidate = func() {
			ended = append(ended, name)
			remove()
		}
		remove = r.Add(s)
	}
	const ofUser = `{"filterGroup":[{"filters":[{"fieldName":"user","operator":"eq","value":"ada"}]}]}`
	add("ada", "onPost", ofUser)
	add("ada elsewhere", "onNote", ofUser)
	add("bob", "onPost", `{"filterGroup":[{"filters":[{"fieldName":"user","operator":"eq","value":"bob"}]}]}`)
	add("unasked", "onPost", "")
	add("any", "onNote", `{"filterGroup":[]}`)
	for _, c := range []struct {
		field   string
		payload *value.Map
		want    []string
	}{
		{"onPost", value.MapOf("user", "eve"), nil},
		{"onPost", value.MapOf("name", "ada"), nil},
		{"onNothing", value.MapOf("user", "ada"), nil},
		{"onPost", value.MapOf("user", "ada"), []string{"ada"}},
		{"onPost", value.MapOf("user", "ada"), nil},
		{"onNote", nil, []string{"any"}},
		{"onNote", value.MapOf("user", "ada"), []string{"ada elsewhere"}},
	} {
		ended = nil
		if n := r.Invalidate(c.field, c.payload); n != len(c.want) || !slices.Equal(ended, c.want) {
			t.Errorf("%s %s: invalidated %d, %v; want %v", c.field, value.JSON(c.payload), n, ended, c.want)
		}
	}
	if r.Len() != 2 {
		t.Errorf("%d subscriptions remain, want 2", r.Len())
	}
}

// A payload is computed once for an event, however the receivers filter.
func TestFiltersShareOnePayload(t *testing.T) {
	r := subscription.NewRegistry()
	projected, delivered := 0, 0
	for i := range 30 {
		s := &subscription.Subscription{
			Mutations: []string{"addPost"}, Group: "selection",
			Project: func(e any) []byte { projected++; return asJSON(e) }, Deliver: func([]byte) { delivered++ },
		}
		switch i % 3 {
		case 0:
			s.Filter = []subscription.Equal{{Name: "id", Value: "1"}}
		case 1:
			s.Enhanced = filterOf(t, fmt.Sprintf(`{"filterGroup":[{"filters":[{"fieldName":"n","operator":"ne","value":%d}]}]}`, i))
		}
		r.Add(s)
	}
	r.Publish("addPost", value.MapOf("id", "1", "n", int32(1000)))
	if projected != 1 || delivered != 30 {
		t.Errorf("projected %d times for %d deliveries, want once for 30", projected, delivered)
	}
}

// Many groups of one slot come and go.
func TestGroupsComeAndGo(t *testing.T) {
	r := subscription.NewRegistry()
	var removals []func()
	received := map[int]int{}
	for i := range 100 {
		removals = append(removals, r.Add(&subscription.Subscription{
			Mutations: []string{"addPost"}, Group: i / 2,
			Project: asJSON, Deliver: func([]byte) { received[i]++ },
		}))
	}
	for i, remove := range removals {
		if i%3 != 0 {
			remove()
		}
	}
	r.Publish("addPost", value.MapOf("id", "1"))
	for i := range 100 {
		want := 0
		if i%3 == 0 {
			want = 1
		}
		if received[i] != want {
			t.Errorf("subscription %d received %d, want %d", i, received[i], want)
		}
	}
	for _, remove := range removals {
		remove()
	}
	if r.Len() != 0 || r.Interested("addPost") {
		t.Errorf("%d subscriptions remain", r.Len())
	}
}

// A list is no object that fields can be compared of: arguments find null there,
// and enhanced filters let it not pass.
func TestEventsThatAreNoObjects(t *testing.T) {
	r := subscription.NewRegistry()
	received := map[string]int{}
	add := func(name string, s *subscription.Subscription) {
		s.Mutations, s.Project = []string{"addPosts"}, asJSON
		s.Deliver = func([]byte) { received[name]++ }
		r.Add(s)
	}
	add("all", &subscription.Subscription{})
	add("null", &subscription.Subscription{Filter: []subscription.Equal{{Name: "id"}}})
	add("argument", &subscription.Subscription{Filter: []subscription.Equal{{Name: "id", Value: "1"}}})
	add("ne", &subscription.Subscription{Enhanced: filterOf(t, `{"filterGroup":[{"filters":[{"fieldName":"id","operator":"ne","value":"2"}]}]}`)})
	add("no group", &subscription.Subscription{Enhanced: filterOf(t, `{"filterGroup":[]}`)})
	for _, event := range []any{value.NewList(value.MapOf("id", "1")), "text", int32(1)} {
		clear(received)
		r.Publish("addPosts", event)
		if received["all"] != 1 || received["null"] != 1 || received["no group"] != 1 || len(received) != 3 {
			t.Errorf("%s: received by %v", value.JSON(event), received)
		}
	}
}

// A crowd of subscribers to other ids must not make an event dearer, whether they
// filter by argument or with an enhanced filter.
func BenchmarkPublishToOneOf(b *testing.B) {
	filters := map[string]func(s *subscription.Subscription, id string){
		"argument": func(s *subscription.Subscription, id string) {
			s.Filter = []subscription.Equal{{Name: "id", Value: id}}
		},
		"enhanced": func(s *subscription.Subscription, id string) {
			s.Enhanced = filterOf(b, `{"filterGroup":[{"filters":[{"fieldName":"id","operator":"eq","value":"`+id+`"},{"fieldName":"title","operator":"ne","value":"x"}]}]}`)
		},
	}
	for name, filter := range filters {
		for _, crowd := range []int{1, 100, 10_000} {
			b.Run(name+"/"+strconv.Itoa(crowd), func(b *testing.B) {
				r := subscription.NewRegistry()
				for i := range crowd {
					s := &subscription.Subscription{
						Mutations: []string{"addPost"}, Project: func(any) []byte { return []byte{'x'} }, Deliver: func([]byte) {},
					}
					filter(s, strconv.Itoa(i))
					r.Add(s)
				}
				event := value.MapOf("id", "0", "title", "t")
				b.ReportAllocs()
				for b.Loop() {
					r.Publish("addPost", event)
				}
			})
		}
	}
}
