package main

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.etcd.io/bbolt"

	"appsync-emulator/emulator"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"appsync-emulator": main})
}

// TestScripts runs the sessions under testdata/script.
func TestScripts(t *testing.T) {
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("FIXTURES", root+"/../../fixtures")
			// The user's configuration folder of the scripts is their own.
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("XDG_CONFIG_HOME", env.WorkDir+"/config")
			env.Values[emulatorsKey{}] = &[]*emulator.Emulator{}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"emulate": emulate, "stop-emulators": stopEmulators, "lose-item": loseItem,
		},
	})
}

// emulatorsKey is the key of the emulators of a script among its values.
type emulatorsKey struct{}

// emulate serves a project until stop-emulators or the end of the script, and sets
// $EMULATOR to its address. Its data is in a file, or in the project's own below a
// configuration folder.
func emulate(ts *testscript.TestScript, neg bool, args []string) {
	opt := emulator.Options{Listen: "127.0.0.1:0", NoTLS: true}
	switch {
	case !neg && len(args) == 2:
		opt.DataFile = ts.MkAbs(args[1])
	case !neg && len(args) == 3 && args[1] == "--config-dir":
		opt.ConfigDir = ts.MkAbs(args[2])
	default:
		ts.Fatalf("usage: emulate PROJECT (DATAFILE | --config-dir FOLDER)")
	}
	project, err := emulator.Load(args[0], emulator.LoadOptions{})
	ts.Check(err)
	e, err := emulator.New(project, opt)
	ts.Check(err)
	running := ts.Value(emulatorsKey{}).(*[]*emulator.Emulator)
	*running = append(*running, e)
	ts.Defer(func() { stopEmulators(ts, false, nil) })
	ts.Check(e.Start(context.Background()))
	ts.Setenv("EMULATOR", "http://"+e.Addr())
}

func stopEmulators(ts *testscript.TestScript, _ bool, _ []string) {
	running := ts.Value(emulatorsKey{}).(*[]*emulator.Emulator)
	for _, e := range *running {
		ts.Check(e.Close())
	}
	*running = nil
}

// loseItem damages a data file: an item is gone, without anything else knowing.
func loseItem(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: lose-item DATAFILE")
	}
	file, err := bbolt.Open(ts.MkAbs(args[0]), 0o600, nil)
	ts.Check(err)
	lost := errors.New("no item to lose")
	ts.Check(file.Update(func(tx *bbolt.Tx) error {
		err := tx.ForEach(func(_ []byte, table *bbolt.Bucket) error {
			items := table.Bucket([]byte("items"))
			if items == nil || lost == nil {
				return nil
			}
			if key, _ := items.Cursor().First(); key != nil {
				lost = items.Delete(key)
			}
			return nil
		})
		return errors.Join(err, lost)
	}))
	ts.Check(file.Close())
}
