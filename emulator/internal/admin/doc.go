// Package admin is what tests and tools do to an emulator from outside of its
// API: look into tables, empty and seed them, take snapshots and go back to
// them, move the clock, see how versioned data sources stand and hold their
// writes, and set faults (package faults). A Service does it, and Handler is its
// HTTP form under /_emulator:
//
//	server: guard against foreign web pages ── Handler: route, parameters, body
//	       ── Service ── storage.Store and what a store has beside it
//
// JSON lines, seeds and the plain form of items are read and written here too,
// for the facade and the command line. Nothing of it is AppSync's: of the API's
// own requests only writes of versioned data sources pass here, where they may be
// held (BeforeWrite) and are noted (ObserveWrite).
package admin
