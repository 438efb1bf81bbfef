package cloudformation_test

import (
	"os"
	"testing"
	"time"

	"appsync-emulator/emulator/internal/cloudformation"
	"appsync-emulator/emulator/internal/project"
)

// FuzzTemplate loads whatever a template may be: it must end soon and never panic,
// and every mistake has the name of a file.
func FuzzTemplate(f *testing.F) {
	f.Add(whole)
	f.Add(minimal)
	f.Add(`{"Resources": {"A": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "template.yml"}}}}`)
	f.Add("Resources:\n  A: &a {Type: 'AWS::DynamoDB::Table', Properties: {TableName: !Join [a, [*a]]}}\n")
	f.Add("Resources:\n  A: {Type: 'AWS::AppSync::GraphQLApi', Properties: {Name: !Sub ['${a}${b}', {a: !Ref A, b: !GetAtt A.ApiId}]}}\n")
	f.Add("Transform: [AWS::LanguageExtensions, {Name: x}]\nResources:\n  'Fn::ForEach::A': []\n  B: 1\nOutputs: {O: {Value: !Select [0, !Split [',', !Ref 'AWS::Region']], Export: {Name: !ImportValue x}}}\n")
	if text, err := os.ReadFile("../input/testdata/cdk-plain/cdk.out/PlainStack.template.json"); err == nil {
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		begun := time.Now()
		a := cloudformation.NewApp(cloudformation.Options{Parameters: map[string]string{"A": "b"}})
		folder := files{"template.yml": text, "schema.graphql": "type Query { a: Int }", "vtl/check.vtl": "{}"}.folder()
		file, mistake := folder.Open("template.yml", project.Position{File: "template.yml"}, "the template")
		if mistake != nil {
			return
		}
		root := project.ParseFile(file, func(project.Problem) {})
		if root == nil {
			return
		}
		s := a.AddStack(cloudformation.Source{Name: "template", Root: root, Files: folder, Dir: "."})
		for _, api := range a.APIs() {
			loaded := a.Load(api)
			for _, r := range loaded.Resolvers {
				for _, tmpl := range []*project.Template{r.Unit.Request, r.Unit.Response, r.Unit.Code} {
					if tmpl != nil {
						tmpl.Position(1, 1)
						tmpl.SourceLine(len(tmpl.Text), len(tmpl.Text))
					}
				}
			}
		}
		if outputs := root.Find("Outputs"); outputs != nil {
			s.Resolve(outputs.Value())
		}
		for _, p := range a.Problems() {
			if p.Pos.File == "" || p.Message == "" {
				t.Errorf("a mistake without a place or words: %+v", p)
			}
		}
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("took %s", took)
		}
	})
}
