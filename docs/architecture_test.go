package docs_test

import (
	"os/exec"
	"strings"
	"testing"
)

const module = "appsync-emulator/"

// allowed lists, for each package, the packages of the module that it may
// import. A name that ends in /... stands for everything below it.
var allowed = map[string][]string{
	"storage/attribute":                     {},
	"storage/expression":                    {"storage/attribute"},
	"storage":                               {"storage/attribute"},
	"storage/bolt":                          {"storage", "storage/attribute", "storage/expression", "storage/bolt/internal/journal", "storage/bolt/internal/overlay"},
	"storage/bolt/internal/journal":         {"storage/bolt/internal/overlay"},
	"storage/bolt/internal/overlay":         {},
	"storage/partiql":                       {"storage", "storage/attribute", "storage/expression"},
	"storage/versioned":                     {"storage", "storage/attribute", "storage/expression"},
	"mappingtemplate/value":                 {},
	"mappingtemplate/vtl":                   {"mappingtemplate/value"},
	"mappingtemplate/builtin":               {"mappingtemplate/value"},
	"mappingtemplate/document":              {"mappingtemplate/value", "storage/attribute"},
	"mappingtemplate":                       {"mappingtemplate/value", "mappingtemplate/vtl", "mappingtemplate/builtin"},
	"emulator/internal/clock":               {},
	"emulator/internal/project":             {},
	"emulator/internal/apierror":            {"mappingtemplate/value"},
	"emulator/internal/scalar":              {"mappingtemplate/value", "emulator/internal/apierror"},
	"emulator/internal/schema":              {"mappingtemplate/value", "emulator/internal/scalar", "emulator/internal/apierror"},
	"emulator/internal/sigv4":               {},
	"emulator/internal/auth":                {"emulator/internal/project", "emulator/internal/schema", "emulator/internal/apierror", "emulator/internal/sigv4", "mappingtemplate/value"},
	"emulator/internal/plan":                {"mappingtemplate/value", "emulator/internal/schema", "emulator/internal/scalar", "emulator/internal/apierror"},
	"emulator/internal/exec":                {"mappingtemplate/value", "emulator/internal/schema", "emulator/internal/plan", "emulator/internal/apierror"},
	"emulator/internal/datasource":          {"mappingtemplate/value", "mappingtemplate/document"},
	"emulator/internal/resolver":            {"mappingtemplate", "mappingtemplate/...", "emulator/internal/apierror", "emulator/internal/datasource", "emulator/internal/exec", "emulator/internal/plan", "emulator/internal/project"},
	"emulator/internal/subscription":        {"mappingtemplate/value"},
	"emulator/internal/realtime":            {"mappingtemplate/value", "emulator/internal/apierror", "emulator/internal/auth"},
	"emulator/internal/server":              {"mappingtemplate/value", "emulator/internal/apierror", "emulator/internal/auth", "emulator/internal/realtime"},
	"emulator":                              {"emulator/internal/...", "mappingtemplate", "mappingtemplate/...", "storage", "storage/..."},
	"emulator/emulatortest":                 {"emulator"},
	"cmd/appsync-emulator":                  {"emulator", "mappingtemplate"},
	"docs":                                  {},
	"fixtures/clients":                      {},
	"emulator/internal/dynamodbapi":         {"emulator/internal/sigv4", "storage", "storage/attribute", "storage/expression", "storage/partiql"},
	"emulator/internal/lambda":              {},
	"emulator/internal/idp":                 {"emulator/internal/idp/srp", "emulator/internal/project"},
	"emulator/internal/idp/srp":             {},
	"emulator/internal/faults":              {"emulator/internal/apierror", "emulator/internal/auth", "emulator/internal/exec", "emulator/internal/project", "emulator/internal/realtime", "emulator/internal/server", "mappingtemplate/value"},
	"emulator/internal/cloudformation":      {"emulator/internal/project"},
	"emulator/internal/cdk":                 {"emulator/internal/cloudformation", "emulator/internal/project"},
	"emulator/internal/amplify":             {"emulator/internal/cdk", "emulator/internal/cloudformation", "emulator/internal/project"},
	"emulator/internal/sam":                 {"emulator/internal/cloudformation", "emulator/internal/project"},
	"emulator/internal/serverless":          {"emulator/internal/cloudformation", "emulator/internal/project"},
	"emulator/internal/terraform":           {"emulator/internal/project"},
	"emulator/internal/input":               {"emulator/internal/amplify", "emulator/internal/cdk", "emulator/internal/cloudformation", "emulator/internal/project", "emulator/internal/sam", "emulator/internal/serverless", "emulator/internal/terraform"},
	"emulator/internal/watch":               {},
	"emulator/internal/admin":               {"emulator/internal/faults", "emulator/internal/project", "mappingtemplate/value", "mappingtemplate/document", "storage", "storage/attribute", "storage/versioned"},
	"emulator/internal/datasource/dynamodb": {"mappingtemplate/value", "mappingtemplate/document", "emulator/internal/datasource", "emulator/internal/lambda", "storage", "storage/attribute", "storage/versioned"},
}

// TestImportsFollowTheArchitecture keeps the layers apart: storage and templates
// know nothing of GraphQL, HTTP or each other's engines, and nothing above
// storage knows bbolt but the facade that opens it.
func TestImportsFollowTheArchitecture(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", "{{.ImportPath}} {{join .Imports \",\"}}", module+"...").CombinedOutput()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, out)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		pkg, imports, _ := strings.Cut(line, " ")
		pkg = strings.TrimPrefix(pkg, module)
		edges, known := allowed[pkg]
		if !known {
			t.Errorf("package %s is not in the architecture", pkg)
			continue
		}
		for _, imported := range strings.Split(imports, ",") {
			if imported, own := strings.CutPrefix(imported, module); own && !permits(edges, imported) {
				t.Errorf("%s must not import %s", pkg, imported)
			}
		}
	}
}

func permits(edges []string, imported string) bool {
	for _, edge := range edges {
		if edge == imported {
			return true
		}
		if prefix, ok := strings.CutSuffix(edge, "/..."); ok && strings.HasPrefix(imported, prefix+"/") {
			return true
		}
	}
	return false
}
