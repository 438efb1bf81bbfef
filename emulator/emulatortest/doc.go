// Package emulatortest starts an emulator for a test: in memory, on a free port
// of the loopback interface, closed and checked when the test ends. A failure to
// start fails the test.
package emulatortest
