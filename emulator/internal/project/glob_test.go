package project

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestGlob(t *testing.T) {
	f := &folder{fsys: fstest.MapFS{
		"a.graphql": {}, "b.gql": {}, ".c.graphql": {},
		"x/d.graphql": {}, "x/y/e.graphql": {}, "x/.z/f.graphql": {}, "other/g.graphql": {},
	}}
	for pattern, want := range map[string]string{
		"*":                                      "a.graphql b.gql",
		"*.graphql":                              "a.graphql",
		".*":                                     ".c.graphql",
		"?.g*":                                   "a.graphql b.gql",
		"**":                                     "a.graphql b.gql other/g.graphql x/d.graphql x/y/e.graphql",
		"**/*.graphql":                           "a.graphql other/g.graphql x/d.graphql x/y/e.graphql",
		"x/**/*.graphql":                         "x/d.graphql x/y/e.graphql",
		"x/*/*.graphql":                          "x/y/e.graphql",
		"./x/*.graphql":                          "x/d.graphql",
		"**/y/*":                                 "x/y/e.graphql",
		"{x,other}/*.graphql":                    "other/g.graphql x/d.graphql",
		"{x/{d,y/e},a}.graphql":                  "a.graphql x/d.graphql x/y/e.graphql",
		"[!b].*":                                 "a.graphql",
		"nowhere/*":                              "",
		strings.Repeat("**/", 200) + "e.graphql": "x/y/e.graphql",
	} {
		got, err := f.glob(pattern)
		if err != nil || !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%.40s matches %v (%v), want %s", pattern, got, err, want)
		}
	}
	for _, pattern := range []string{"[a", "{a", "../*", strings.Repeat("{a,b}", 20)} {
		if got, err := f.glob(pattern); err == nil {
			t.Errorf("%s matches %v, want an error", pattern, got)
		}
	}
}
