// Package subscription decides who hears of a mutation, and whom an invalidation
// ends. Subscriptions are indexed by mutation, by the fields that they filter on
// and by the values that they want there, so that publishing an event costs what
// it delivers and not what is connected. That holds for the arguments of a
// subscription and for enhanced filters each of whose groups demands a value with
// eq or in; other enhanced filters are evaluated for every event, once for each
// distinct filter. Subscribers with equal selections share one serialized payload.
//
// There are no sockets here: package realtime starts and stops subscriptions
// and queues what Deliver receives; the executor publishes the result of each
// mutation field.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-real-time-data.html
package subscription
