// Package emulator is AWS AppSync as a Go value: Load reads a project, New makes
// an emulator of it, Start serves it, Close ends it. The command line uses
// nothing else, and neither do tests that embed an emulator (see package
// emulatortest for those).
//
//	project, err := emulator.Load("fixtures/deltasync-posts", emulator.LoadOptions{})
//	...
//	e, err := emulator.New(project, emulator.Options{InMemory: true, Listen: "127.0.0.1:0"})
//	...
//	err = e.Start(ctx)
//	fmt.Println(e.URL(), e.APIKey())
//	defer e.Close()
//
// This package only composes: the schema, plans, the executor, resolvers, data
// sources, the store, subscriptions and the server are packages of their own.
package emulator
