package project

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"
)

// FuzzLoad loads any text as a project: it must neither panic nor hang, every
// problem must have a place in a file, and every template must map back.
func FuzzLoad(f *testing.F) {
	for _, name := range []string{"broken", "notes"} {
		text, err := os.ReadFile(filepath.Join("testdata", name, "appsync.yml"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Add(head + "resources: {Resources: {A: {Type: AWS::DynamoDB::Table, Properties: {TableName: !Ref A}}}}\n")
	f.Add(head + "lambdaEndpoint: http://127.0.0.1:3001\nfunctions: {a: http://localhost, b: {url: 'http://[::1]:9', timeout: 3}, c: {handler: x.y, url: true}}\n")
	f.Add(cognitoHead + "identity: [{clients: [a, {id: b, idTokenValidity: 1d}], groups: [g, {name: h, precedence: 1}], usernameAttributes: [email], users: [{username: a@b.c, password: x, groups: [h], attributes: {email: y, custom:z: true}}]}]\n")
	f.Add("service: x\nappSync: {name: '${self:x}', authentication: {type: API_KEY}, dataSources: [${file(x)}]}\n")
	f.Add("a: &a [*a]\n<<: [*a, {b: c}]\n? x\n: !!binary |\n  x\n")
	fsys := fstest.MapFS{
		"schema.graphql":    {Data: []byte("type Query { a: Int }")},
		"resolvers/get.vtl": {Data: []byte("${table} #name# \xff")},
		"seed.json":         {Data: []byte(`{"notes": [{}]}`)},
	}
	f.Fuzz(func(t *testing.T, text string) {
		start := time.Now()
		api, problems := load(&folder{fsys: fsys}, "appsync.yml", text, Options{Now: func() time.Time { return testNow }})
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("took %s", took)
		}
		for _, p := range append(append(Problems{}, problems...), api.Warnings...) {
			if p.Pos.File == "" || p.Message == "" {
				t.Errorf("problem without place or message: %#v", p)
			}
		}
		for _, r := range api.Resolvers {
			for _, template := range []*Template{r.Unit.Request, r.Unit.Response, r.Unit.Code} {
				if template == nil {
					continue
				}
				for line := range 4 {
					if p := template.Position(line, 3); p.Line < 1 || p.Column < 1 {
						t.Errorf("%d:3 of %q is %s", line, template.Text, p)
					}
				}
			}
		}
	})
}
