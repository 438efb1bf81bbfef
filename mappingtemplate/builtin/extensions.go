package builtin

import (
	"errors"

	"appsync-emulator/mappingtemplate/value"
)

// Extensions is $extensions. Its methods print nothing and are recorded in
// Effects.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/extensions.html
type Extensions Util

// Property finds nothing: $extensions has only methods.
func (x *Extensions) Property(string) (any, bool) { return nil, false }

// Invoke calls an extension.
func (x *Extensions) Invoke(name string, args []any) (any, bool, error) {
	switch {
	case name == "evictFromApiCache" && len(args) == 3:
		return x.evict(args[0], args[1], args[2])
	case name == "setSubscriptionFilter" && len(args) == 1:
		return x.filter(name, args[0])
	case name == "setSubscriptionInvalidationFilter" && len(args) == 1:
		return x.filter(name, args[0])
	case name == "invalidateSubscriptions" && len(args) == 1:
		return x.invalidate(args[0])
	}
	return notFound()
}

// evict drops an entry of the cache. There is none of a type or field without a
// name.
func (x *Extensions) evict(typeName, field, keys any) (any, bool, error) {
	t, _, ok1 := text(typeName)
	f, _, ok2 := text(field)
	k, ok3 := keys.(*value.Map)
	if !ok1 || !ok2 || !ok3 && keys != nil {
		return notFound()
	}
	if t == "" || f == "" {
		return found(quiet)
	}
	k, err := copyMap(k)
	if err != nil {
		return fail(err)
	}
	if x.env.Effects != nil {
		x.env.Effects.Evictions = append(x.env.Effects.Evictions, Eviction{Type: t, Field: f, Keys: k})
	}
	return found(quiet)
}

// filter sets a filter; the last call wins, and null takes the filter back. One
// that AppSync refuses ends the template with a *FilterError.
func (x *Extensions) filter(name string, v any) (any, bool, error) {
	m, ok := v.(*value.Map)
	if !ok && v != nil {
		return notFound()
	}
	m, err := copyMap(m)
	if err == nil {
		err = checkFilter(m)
	}
	if err != nil {
		return fail(err)
	}
	if x.env.Effects == nil {
		return found(quiet)
	}
	if name == "setSubscriptionFilter" {
		x.env.Effects.SubscriptionFilter = m
	} else {
		x.env.Effects.InvalidationFilter = m
	}
	return found(quiet)
}

// invalidate asks for subscriptions to end. A call that repeats another is one
// with it, and one more than MaxInvalidations ends the template.
func (x *Extensions) invalidate(v any) (any, bool, error) {
	m, ok := v.(*value.Map)
	if !ok && v != nil {
		return notFound()
	}
	field, ok := m.Value("subscriptionField").(string)
	if !ok || field == "" {
		return fail(errors.New("invalidateSubscriptions: subscriptionField must name a subscription"))
	}
	payload, ok := m.Value("payload").(*value.Map)
	if !ok {
		return fail(errors.New("invalidateSubscriptions: payload must be a map"))
	}
	payload, err := copyMap(payload)
	if err != nil {
		return fail(err)
	}
	e := x.env.Effects
	if e == nil {
		return found(quiet)
	}
	all := AppendInvalidation(e.Invalidations, Invalidation{SubscriptionField: field, Payload: payload})
	if len(all) > MaxInvalidations {
		return fail(ErrTooManyInvalidations)
	}
	e.Invalidations = all
	return found(quiet)
}

// copyMap takes a map out of the template's reach.
func copyMap(m *value.Map) (*value.Map, error) {
	if m == nil {
		return nil, nil
	}
	if err := Bounded(m); err != nil {
		return nil, err
	}
	c, _ := value.DeepCopy(m).(*value.Map)
	return c, nil
}
