// Package docs holds the project's documents. It has no code but tests that
// keep them true: the parity ledger names tests that exist, the README's table
// is made from it, and packages import what the architecture allows.
package docs
