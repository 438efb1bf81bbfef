// Package realtime speaks AppSync's real-time WebSocket protocol: it upgrades
// the connection, takes the credentials in each of the ways that clients send
// them, starts and stops subscriptions through a Backend, and writes what they
// deliver.
//
// Every connection has one reader and a bounded queue, which a writer empties
// while there is something in it; a payload is shared by all its receivers until
// the writer copies it into the frame. The server ends a connection with one of
// these close codes:
//
//	1000  a mutation has invalidated a subscription
//	1001  the server shuts down, or the connection has lived its 24 hours
//	1008  the connection was refused; a connection_error message says why
//	1009  the client sent a message over the read limit
//	1013  the client reads slower than its subscriptions deliver
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/real-time-websocket-client.html
package realtime
