// Package faults disturbs an emulator on purpose, so that a test can see what a
// client makes of a bad network or a failing API: answers that are late, lost or
// errors, connections that break, sockets that are half open, frames that never
// come.
//
// A Fault says what goes wrong, for whom and how often; an Injector has them and
// stands at four places:
//
//	server.Faults       requests as they arrive, are executed and are answered
//	realtime.Backend    connections as they authenticate, and starts
//	realtime.Faults     connections as they open, and each frame to a client
//	exec.FieldResolver  fields, where a fault is one field's alone
//
// A Scenario sets and removes faults over time. While nothing is set each place
// costs one atomic load. Nothing of it is AppSync's; the answers of faults have
// AppSync's form.
package faults
