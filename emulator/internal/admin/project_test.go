package admin_test

import (
	"strings"
	"testing"

	"appsync-emulator/emulator/internal/admin"
	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/versioned"
)

// Another project may be served: what a reset makes, the seed and the versioned data
// sources are its own, and what was kept of sources that it has as well is there.
func TestAnotherProject(t *testing.T) {
	sources := func(names ...string) (out []admin.VersionedSource) {
		for _, name := range names {
			out = append(out, admin.VersionedSource{Name: name, Table: "Events", DeltaTable: "Deltas"})
		}
		return out
	}
	f := start(t, func(o *admin.Options) { o.Project.Versioned = sources("Kept", "Dropped") })
	f.ObserveWrite("Kept", versioned.Decision{Table: "Events", Written: 7})

	tags := storage.Table{Name: "Tags", Key: storage.KeySchema{Partition: storage.KeyAttribute{Name: "tag", Kind: attribute.S}}}
	f.SetProject(admin.Project{
		Tables:    []storage.Table{tags},
		Seed:      func() ([]admin.TableItems, error) { return admin.ParseSeed(`{"Tags": [{"tag": "a"}, {"tag": "b"}]}`) },
		Versioned: sources("Kept", "Added"),
	})
	loaded, err := f.Reset(t.Context(), admin.Reset{})
	if err != nil || len(loaded) != 1 || loaded[0] != (admin.Loaded{Table: "Tags", Items: 2}) {
		t.Errorf("loaded %v, %v", loaded, err)
	}
	f.ObserveWrite("Dropped", versioned.Decision{}) // is kept by nobody
	_, body := f.do("GET", "sync", "")
	for _, want := range []string{`"name":"Kept"`, `"name":"Added"`, `"written":7`} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s in %s", want, body)
		}
	}
	if strings.Contains(body, "Dropped") {
		t.Errorf("Dropped is in %s", body)
	}
}
