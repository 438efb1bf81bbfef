// Package clock is the wall clock of all data time in an emulator: template
// times, TTLs and timestamps follow it, so that a test can freeze and advance
// them. Protocol timers are real timers and do not.
package clock
