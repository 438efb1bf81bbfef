package emulator

import (
	"context"
	"encoding/binary"
	"log/slog"
	"sync"

	"appsync-emulator/emulator/internal/apierror"
	"appsync-emulator/emulator/internal/auth"
	"appsync-emulator/emulator/internal/exec"
	"appsync-emulator/emulator/internal/plan"
	"appsync-emulator/emulator/internal/realtime"
	"appsync-emulator/emulator/internal/resolver"
	"appsync-emulator/emulator/internal/subscription"
	"appsync-emulator/mappingtemplate/builtin"
	"appsync-emulator/mappingtemplate/value"
)

// subscriptionFilters collects what $extensions.setSubscriptionFilter and
// setSubscriptionInvalidationFilter set, from resolvers that run together.
type subscriptionFilters struct {
	mu    sync.Mutex // guards byKey
	byKey map[string]resolver.SubscriptionFilters
}

func (s *subscriptionFilters) set(key string, filters resolver.SubscriptionFilters) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byKey == nil {
		s.byKey = map[string]resolver.SubscriptionFilters{}
	}
	s.byKey[key] = filters
}

// admit checks that the caller may subscribe, and runs the resolver of the
// subscription field if it has one, which may set filters by env. Without resolvers
// it checks alone. A null result is the normal one.
func (a *api) admit(ctx context.Context, p *plan.Plan, vars *plan.Variables, id auth.Identity, resolvers []exec.FieldResolver, env *resolver.Env) []*realtime.Error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	_, errs := exec.Run(ctx, &exec.Request{
		Schema:        a.schema,
		Plan:          p,
		Vars:          vars,
		Resolvers:     resolvers,
		Denied:        a.denied(id),
		Env:           env,
		DepthLimit:    a.depthLimit,
		ResolverLimit: a.resolverLimit,
		Panicked:      a.panicked,
	}, nil)
	var refusals []*realtime.Error
	for _, err := range errs {
		// That there is nothing to show yet is no refusal, also where the field
		// is non-null.
		if err.Shape == apierror.Request && err.Path != nil && err.Path.Parent == nil {
			continue
		}
		refusals = append(refusals, realtime.Errors(err)...)
	}
	return refusals
}

// subscription makes what hears of mutations; nil when nothing is subscribed to. A
// field whose resolver has set no filters for events filters on its arguments.
func (a *api) subscription(p *plan.Plan, vars *plan.Variables, o *subscriber) (*subscription.Subscription, []*realtime.Error) {
	var field *plan.Field
	for _, f := range p.Root.For(p.Root.Type) {
		switch {
		case f.Meta || !f.Included(vars):
		case field != nil:
			return nil, []*realtime.Error{realtime.DuplicatedOperation(o.id)}
		default:
			field = f
		}
	}
	if field == nil {
		return nil, nil
	}
	s := &subscription.Subscription{
		Field:      field.Def.Name,
		Mutations:  field.Def.Subscribes,
		Group:      selectionGroup{plan: p, excluded: excludedFields(p.Root, vars)},
		Project:    func(event any) []byte { return a.project(p, vars, field, event) },
		Deliver:    o.to.Deliver,
		Invalidate: o.to.Invalidate,
	}
	if err := restrict(s, o.filters[field.Key], field.Arguments(vars)); err != nil {
		return nil, []*realtime.Error{{Message: err.Error()}}
	}
	return s, nil
}

// restrict gives a subscription the filters that its resolver has set or, without
// one for events, that of its arguments.
func restrict(s *subscription.Subscription, filters resolver.SubscriptionFilters, arguments *value.Map) (err error) {
	if filters.Invalidations != nil {
		if s.Invalidation, err = subscription.CompileFilter(filters.Invalidations); err != nil {
			return err
		}
	}
	if filters.Events != nil {
		s.Enhanced, err = subscription.CompileFilter(filters.Events)
		return err
	}
	for name, v := range arguments.All() {
		s.Filter = append(s.Filter, subscription.Equal{Name: name, Value: v})
	}
	return subscription.CheckFilter(s.Filter)
}

// selectionGroup identifies subscriptions whose payloads are equal: no resolver
// runs for an event, so that of all variables those of @skip and @include matter.
type selectionGroup struct {
	plan     *plan.Plan
	excluded string
}

// excludedFields tells which fields the variables exclude: their numbers in the
// order of the selection.
func excludedFields(root *plan.SelectionSet, vars *plan.Variables) string {
	var excluded []byte
	number := uint64(0)
	var walk func(set *plan.SelectionSet)
	walk = func(set *plan.SelectionSet) {
		for _, t := range set.Type.Possible {
			for _, f := range set.For(t) {
				number++
				if !f.Included(vars) {
					excluded = binary.AppendUvarint(excluded, number)
				} else if f.Selections != nil {
					walk(f.Selections)
				}
			}
		}
	}
	walk(root)
	return string(excluded)
}

// project applies a subscriber's selection to an event. No resolver runs: what
// the mutation did not select is null.
func (a *api) project(p *plan.Plan, vars *plan.Variables, f *plan.Field, event any) []byte {
	root := value.NewMap(1)
	root.Set(f.Def.Name, event)
	return exec.Execute(context.Background(), &exec.Request{
		Schema: a.schema,
		Plan:   p,
		Vars:   vars,
		Root:   root,
		Shape:  apierror.Bare,
	}, make([]byte, 0, 512))
}

// invalidations are those of one request. They take effect when the resolver
// that asks for them is done, before the result of its mutation is published:
// who has been put out hears nothing any more.
type invalidations struct {
	api *api

	mu   sync.Mutex // guards done
	done []builtin.Invalidation
}

// invalidations returns what ends subscriptions in one request; nil unless it is
// a mutation.
func (a *api) invalidations(p *plan.Plan) func([]builtin.Invalidation) error {
	if p.Kind != plan.Mutation {
		return nil
	}
	return (&invalidations{api: a}).invalidate
}

// invalidate ends subscriptions, or returns builtin.ErrTooManyInvalidations and
// ends none. An invalidation that repeats another is one with it.
func (i *invalidations) invalidate(wanted []builtin.Invalidation) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	all := i.done
	for _, inv := range wanted {
		all = builtin.AppendInvalidation(all, inv)
	}
	if len(all) > builtin.MaxInvalidations {
		return builtin.ErrTooManyInvalidations
	}
	for _, inv := range all[len(i.done):] {
		i.api.invalidate(inv)
	}
	i.done = all
	return nil
}

func (a *api) invalidate(inv builtin.Invalidation) {
	field := slog.String("field", inv.SubscriptionField)
	if a.schema.Subscription == nil || a.schema.Field(a.schema.Subscription.Name, inv.SubscriptionField) == nil {
		a.log.Warn("$extensions.invalidateSubscriptions names a field that is no subscription", field)
		return
	}
	n := a.subscriptions.Invalidate(inv.SubscriptionField, inv.Payload)
	a.log.Info("subscriptions invalidated", field, slog.Int("subscriptions", n))
}
