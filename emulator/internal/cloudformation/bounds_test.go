package cloudformation_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"appsync-emulator/emulator/internal/cloudformation"
)

// Large templates that are wrong everywhere end soon, with so many mistakes as
// somebody may read.
func TestLargeWrongTemplates(t *testing.T) {
	repeat := func(n int, format string) string {
		var out strings.Builder
		for i := range n {
			if i > 0 {
				out.WriteByte(',')
			}
			out.WriteString(strings.ReplaceAll(format, "%", fmt.Sprint(i)))
		}
		return out.String()
	}
	const api = `"Api": {"Type": "AWS::AppSync::GraphQLApi", "Properties": {"Name": "a", "AuthenticationType": "AWS_IAM"}},
  "Schema": {"Type": "AWS::AppSync::GraphQLSchema", "Properties": {"ApiId": {"Ref": "Id"}, "Definition": "type Query { a: Int }"}},`
	const id = `"Id": {"Type": "String", "Default": "`
	tests := []struct {
		name, text string
		least      int
	}{
		{"resources of a wrong type", `{"Resources": {` + repeat(20_000, `"R%": 1`) + `}}`, 1001},
		{"more resources than bounded", `{"Resources": {` + repeat(60_000, `"R%": {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "T"}}`) + `}}`, 1},
		{"references to nothing", `{"Resources": {` + repeat(20_000, `"R%": {"Type": "AWS::AppSync::GraphQLApi", "Properties": {"Name": {"Ref": "X%"}}}`) + `}}`, 1},
		{"parameters and references to them", `{"Parameters": {` + repeat(30_000, `"P%": {"Type": "String"}`) + `}, "Resources": {"R": {"Type": "AWS::AppSync::GraphQLApi",
  "Properties": {"Name": {"Fn::Join": ["", [` + repeat(30_000, `{"Ref": "P%"}`) + `]]}}}}}`, 0},
		{"a mapping that is long", `{"Mappings": {"M": {"a": {` + repeat(50_000, `"k%": "v"`) + `}}}, "Resources": {"R": {"Type": "AWS::AppSync::GraphQLApi",
  "Properties": {"Name": {"Fn::Join": ["", [` + repeat(50_000, `{"Fn::FindInMap": ["M", "a", "k%"]}`) + `]]}}}}}`, 1},
		{"sources that nobody declares", `{"Parameters": {` + id + `x"}}, "Resources": {` + api + repeat(15_000, `"R%": {"Type": "AWS::AppSync::Resolver", "Properties": {"ApiId": {"Fn::GetAtt": ["Api", "ApiId"]}, "TypeName": "Query", "FieldName": "f%", "DataSourceName": "d%"}}`) + `}}`, 1001},
		{"a key of many segments", `{"Resources": {"R": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "s3://` + strings.Repeat("a/", 1_000_000) + `"}}}}`, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			begun := time.Now()
			a, _ := app(t, files{"template.json": tt.text}, cloudformation.Options{}, "template.json")
			for _, api := range a.APIs() {
				a.Load(api)
			}
			a.Tables()
			if n := len(a.Problems()); n < tt.least || n > 1001 {
				t.Errorf("%d mistakes, want at least %d", n, tt.least)
			}
			if took := time.Since(begun); took > 10*time.Second {
				t.Errorf("took %s", took)
			} else {
				t.Log(took)
			}
		})
	}
}
