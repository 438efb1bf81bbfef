package input

import (
	"fmt"
	"path/filepath"
	"strings"

	"appsync-emulator/emulator/internal/cloudformation"
	"appsync-emulator/emulator/internal/project"
	"appsync-emulator/emulator/internal/terraform"
)

// terraformNames are what people call the output of `terraform show -json`.
var terraformNames = []string{"terraform.json", "tfplan.json", "plan.json", "tfstate.json", "state.json"}

// terraformFile returns the plan or state of a folder with Terraform's files.
func terraformFile(dir string) (string, error) {
	if file := firstFile(dir, terraformNames, terraform.IsShow); file != "" {
		return file, nil
	}
	sources, err := filepath.Glob(filepath.Join(globSafe(dir), "*.tf"))
	if err != nil || len(sources) == 0 {
		return "", nil
	}
	return "", fmt.Errorf("the Terraform project %s has no plan: `terraform plan -out plan` and `terraform show -json plan > %s` write what is loaded",
		dir, filepath.Join(dir, "plan.json"))
}

// globSafe has the characters of a folder's name stand for themselves in a pattern.
func globSafe(dir string) string {
	return strings.NewReplacer("[", "[[]", "*", "[*]", "?", "[?]").Replace(dir)
}

func isTerraformFile(file string, text func() string) bool {
	switch strings.ToLower(filepath.Ext(file)) {
	case ".tfstate":
		return true
	case ".json":
		return terraform.IsShow(text())
	}
	return false
}

// loadTerraform loads an API from what `terraform show -json` wrote.
func loadTerraform(file string, opt Options) (*project.API, project.Problems) {
	return loadApp(file, filepath.Dir(file), opt, func(app *cloudformation.App, files *project.Folder) project.Problems {
		base := filepath.Base(file)
		text, mistake := files.OpenGiven(base, "the Terraform file")
		if text == nil {
			return project.Problems{*mistake}
		}
		template, region, problems := terraform.Template(text)
		if template != nil {
			name := strings.TrimSuffix(base, filepath.Ext(base))
			app.AddStack(cloudformation.Source{Name: name, Root: template, Files: files, Dir: ".", Region: region})
		}
		return problems
	})
}
