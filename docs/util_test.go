package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"appsync-emulator/mappingtemplate/builtin"
	"appsync-emulator/mappingtemplate/value"
)

// helper is one row of util.md: a signature and the test that covers it.
type helper struct {
	signature string
	family    string
	name      string
	params    []string
	test      string
}

var helperRow = regexp.MustCompile("^\\| `(\\$[^`]+)` \\| [^|]+ \\| [^|]+ \\| `mappingtemplate/builtin\\.(\\w+)` \\|$")

// documentedHelpers reads the tables of util.md.
func documentedHelpers(t *testing.T) []helper {
	t.Helper()
	text, err := os.ReadFile("util.md")
	if err != nil {
		t.Fatal(err)
	}
	var helpers []helper
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if !strings.HasPrefix(line, "| `$") {
			continue
		}
		m := helperRow.FindStringSubmatch(line)
		if m == nil {
			t.Errorf("a row of another form: %s", line)
			continue
		}
		path, params, _ := strings.Cut(strings.TrimSuffix(m[1], ")"), "(")
		family, name := path[:strings.LastIndex(path, ".")], path[strings.LastIndex(path, ".")+1:]
		h := helper{signature: m[1], family: family, name: name, test: m[2]}
		if params != "" {
			h.params = strings.Split(params, ", ")
		}
		helpers = append(helpers, h)
	}
	if len(helpers) == 0 {
		t.Fatal("util.md documents no helper")
	}
	return helpers
}

// object is what a template sees of a family of helpers.
type object interface {
	Property(name string) (any, bool)
	Invoke(name string, args []any) (any, bool, error)
}

// families returns every family by the path that a template names it by.
func families(t *testing.T) map[string]object {
	t.Helper()
	util := builtin.New(&builtin.Env{})
	all := map[string]object{"$util": util, "$extensions": util.Extensions()}
	for _, name := range namesInBuiltin(t) {
		if family, ok := util.Property(name); ok {
			all["$util."+name] = family.(object)
		}
	}
	return all
}

// builtinFolder is the package of the helpers.
const builtinFolder = "../mappingtemplate/builtin"

// namesInBuiltin returns every string constant of the package that can be a name.
func namesInBuiltin(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob(builtinFolder + "/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	identifier := regexp.MustCompile(`^[a-z]\w*$`)
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil && identifier.MatchString(s) {
					names = append(names, s)
				}
			}
			return true
		})
	}
	return names
}

// sample returns an argument of a type of util.md.
func sample(t *testing.T, param string) any {
	switch param {
	case "String", "Object", "Object...", "byte[]":
		return "a"
	case "Boolean":
		return true
	case "List":
		return value.NewList()
	case "Map":
		return value.NewMap(0)
	case "long":
		return int64(1517943695750)
	case "Integer", "Number":
		return int32(1)
	case "Double":
		return 1.5
	}
	t.Errorf("a parameter of the unknown type %s", param)
	return nil
}

func TestEveryHelperOfTheGuideIsReachable(t *testing.T) {
	all := families(t)
	for _, h := range documentedHelpers(t) {
		family := all[h.family]
		if family == nil {
			t.Errorf("%s: no such family", h.signature)
			continue
		}
		var args []any
		for _, param := range h.params {
			args = append(args, sample(t, param))
		}
		if _, found, _ := family.Invoke(h.name, args); !found {
			t.Errorf("%s is not found", h.signature)
		}
	}
}

func TestUtilDocumentCoversTheGuide(t *testing.T) {
	documented := map[string]bool{}
	for _, h := range documentedHelpers(t) {
		if documented[h.signature] {
			t.Errorf("%s stands twice in util.md", h.signature)
		}
		documented[h.signature] = true
	}
	text, err := os.ReadFile("testdata/aws-util.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		page, signature, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if ok && page != "#" && !documented[signature] {
			t.Errorf("%s of the page %s is not in util.md", signature, page)
		}
	}
}

func TestUtilDocumentNamesEveryHelper(t *testing.T) {
	type call struct {
		family, name string
		arity        int
	}
	documented := map[call]bool{}
	variadic := map[call]bool{}
	for _, h := range documentedHelpers(t) {
		documented[call{h.family, h.name, len(h.params)}] = true
		if len(h.params) > 0 && strings.HasSuffix(h.params[len(h.params)-1], "...") {
			variadic[call{h.family, h.name, 0}] = true
		}
	}
	fill := []any{nil, "a", true, int32(1), value.NewList(), value.NewMap(0)}
	names := namesInBuiltin(t)
	for path, family := range families(t) {
		for _, name := range names {
			for arity := range 6 {
				c := call{path, name, arity}
				if documented[c] || variadic[call{path, name, 0}] {
					continue
				}
				for _, v := range fill {
					args := make([]any, arity)
					for i := range args {
						args[i] = v
					}
					if _, found, _ := family.Invoke(name, args); found {
						t.Errorf("%s.%s of %d arguments is not in util.md", path, name, arity)
						break
					}
				}
			}
		}
	}
}

func TestUtilDocumentNamesRealTests(t *testing.T) {
	paths, err := filepath.Glob(builtinFolder + "/*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var source strings.Builder
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		source.Write(text)
	}
	for _, h := range documentedHelpers(t) {
		if !strings.Contains(source.String(), "\nfunc "+h.test+"(t *testing.T)") {
			t.Errorf("%s: there is no test %s", h.signature, h.test)
		}
	}
}
