// Package subscription decides who hears of a mutation. Subscriptions are
// indexed by mutation, by which arguments they filter on and by the values of
// those arguments, so that publishing an event costs what it delivers and not
// what is connected. Subscribers with equal selections share one serialized
// payload. Those whose resolver has set an enhanced filter are asked for every
// event of their mutations instead, once for each distinct filter.
//
// There are no sockets here: package realtime starts and stops subscriptions
// and queues what Deliver receives; the executor publishes the result of each
// mutation field.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-real-time-data.html
package subscription
