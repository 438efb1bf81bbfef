package subscription

import (
	"errors"
)

// Equal is one argument of a subscription field that was given a value: only
// events whose top-level field of that name equals Value match.
type Equal struct {
	// Name is the argument's name, and the name of the event's field.
	Name string
	// Value is the coerced argument, as package mappingtemplate/value has it.
	// Nil is an explicit null: only events whose field is null or missing match.
	Value any
}

// Subscription is one registered selection of one client. It must not change
// while it is registered.
type Subscription struct {
	// Field is the name of the field of type Subscription.
	Field string
	// Mutations are the mutation fields of @aws_subscribe.
	Mutations []string
	// Filter holds the arguments that were given. An argument that was omitted,
	// or whose variable was not supplied, has no entry. All entries must match.
	Filter []Equal
	// Enhanced replaces Filter when it is not nil.
	Enhanced *EnhancedFilter
	// Invalidation says which invalidations of Field end the subscription; nil is
	// none.
	Invalidation *EnhancedFilter
	// Group is a comparable identity of what Project computes: subscriptions of
	// equal Group get the same bytes, computed once for each event. It is
	// normally the compiled plan together with the variables that the selection
	// depends on. Nil shares nothing.
	Group any
	// Project serializes the event for this subscription's selection. It must
	// not keep or change the event. A nil result delivers nothing.
	Project func(event any) []byte
	// Deliver takes the payload of one event. The bytes are shared with other
	// subscribers and must not change. It must return without waiting for the
	// client. It may be called by several publishers at the same time.
	Deliver func(payload []byte)
	// Invalidate ends the subscription, which removes it. It is called when an
	// invalidation matches, under the same conditions as Deliver.
	Invalidate func()
}

// MaxFilterArguments is how many arguments may filter one subscription.
const MaxFilterArguments = 5

// ErrTooManyArguments is returned by CheckFilter. Its text is AppSync's.
//
// Recorded: aws-amplify/amplify-flutter#6142.
var ErrTooManyArguments = errors.New("Filters exceed maximum attributes limit 5 for subscription")

// CheckFilter refuses a filter of more than MaxFilterArguments arguments.
func CheckFilter(filter []Equal) error {
	if len(filter) > MaxFilterArguments {
		return ErrTooManyArguments
	}
	return nil
}
