package input_test

import (
	"path/filepath"
	"strings"
	"testing"
)

// An Amplify Gen 2 sandbox is a cloud assembly: auth and data are nested stacks of
// the root, models are nested in data, tables are Amplify's custom resources, and
// custom handlers are JavaScript beside the models' templates. The form is that of
// @aws-amplify/backend 1.25.1, shortened.
func TestAmplifyGen2Sandbox(t *testing.T) {
	const bucket = `{"Fn::Join": ["", ["https://s3.", {"Ref": "AWS::Region"}, ".", {"Ref": "AWS::URLSuffix"}, "/", {"Fn::Sub": "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"}, "/KEY.json"]]}`
	at := func(key string) string { return strings.ReplaceAll(bucket, "KEY", key) }
	dir := tree(t, files{
		"package.json":       "{}",
		"amplify/backend.ts": "",
		".amplify/artifacts/cdk.out/manifest.json": `{"version": "48.0.0", "artifacts": {
  "amplify-app-ada-sandbox-0123456789.assets": {"type": "cdk:asset-manifest", "properties": {"file": "root.assets.json"}},
  "amplify-app-ada-sandbox-0123456789": {"type": "aws:cloudformation:stack", "environment": "aws://unknown-account/unknown-region", "properties": {"templateFile": "root.template.json"}}}}`,
		".amplify/artifacts/cdk.out/root.assets.json": `{"files": {
  "1": {"source": {"path": "auth.nested.template.json", "packaging": "file"}, "destinations": {"current": {"objectKey": "auth.json"}}},
  "2": {"source": {"path": "data.nested.template.json", "packaging": "file"}, "destinations": {"current": {"objectKey": "data.json"}}},
  "3": {"source": {"path": "Todo.nested.template.json", "packaging": "file"}, "destinations": {"current": {"objectKey": "todo.json"}}},
  "4": {"source": {"path": "asset.4.graphql", "packaging": "file"}, "destinations": {"current": {"objectKey": "4.graphql"}}},
  "5": {"source": {"path": "asset.5.js", "packaging": "file"}, "destinations": {"current": {"objectKey": "5.js"}}},
  "6": {"source": {"path": "asset.6.vtl", "packaging": "file"}, "destinations": {"current": {"objectKey": "6.vtl"}}}}}`,
		".amplify/artifacts/cdk.out/asset.4.graphql": "type Query { getTodo(id: ID!): String echo(text: String): String }",
		".amplify/artifacts/cdk.out/asset.5.js":      "export function request(ctx) { return {payload: ctx.args.text}; }\nexport function response(ctx) { return ctx.result; }\n",
		".amplify/artifacts/cdk.out/asset.6.vtl":     `{"version": "2018-05-29", "payload": {}}`,
		".amplify/artifacts/cdk.out/root.template.json": `{"Resources": {
  "auth": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": ` + at("auth") + `}},
  "data": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": ` + at("data") + `, "Parameters": {
    "referencetoamplifyauthUserPoolRef": {"Fn::GetAtt": ["auth", "Outputs.amplifyauthUserPoolRef"]}}}}},
 "Outputs": {"awsAppsyncApiId": {"Value": {"Fn::GetAtt": ["data", "Outputs.amplifydataApiId"]}}}}`,
		".amplify/artifacts/cdk.out/auth.nested.template.json": `{"Resources": {"UserPool": {"Type": "AWS::Cognito::UserPool", "Properties": {"UsernameAttributes": ["email"]}},
  "Client": {"Type": "AWS::Cognito::UserPoolClient", "Properties": {"UserPoolId": {"Ref": "UserPool"}}}, "Ids": {"Type": "AWS::Cognito::IdentityPool"}},
 "Outputs": {"amplifyauthUserPoolRef": {"Value": {"Ref": "UserPool"}}}}`,
		".amplify/artifacts/cdk.out/data.nested.template.json": `{"Parameters": {"referencetoamplifyauthUserPoolRef": {"Type": "String"}}, "Resources": {
  "API": {"Type": "AWS::AppSync::GraphQLApi", "Properties": {"Name": "amplifyData", "AuthenticationType": "AMAZON_COGNITO_USER_POOLS",
    "UserPoolConfig": {"AwsRegion": {"Ref": "AWS::Region"}, "UserPoolId": {"Ref": "referencetoamplifyauthUserPoolRef"}},
    "AdditionalAuthenticationProviders": [{"AuthenticationType": "AWS_IAM"}]}},
  "Schema": {"Type": "AWS::AppSync::GraphQLSchema", "Properties": {"ApiId": {"Fn::GetAtt": ["API", "ApiId"]}, "DefinitionS3Location": {"Fn::Sub": "s3://cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}/4.graphql"}}},
  "None": {"Type": "AWS::AppSync::DataSource", "Properties": {"ApiId": {"Fn::GetAtt": ["API", "ApiId"]}, "Name": "NONE_DS", "Type": "NONE"}},
  "FnQueryecho0": {"Type": "AWS::AppSync::FunctionConfiguration", "Properties": {"ApiId": {"Fn::GetAtt": ["API", "ApiId"]}, "Name": "Fn_Query_echo_1", "DataSourceName": {"Fn::GetAtt": ["None", "Name"]},
    "CodeS3Location": {"Fn::Sub": "s3://cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}/5.js"}, "Runtime": {"Name": "APPSYNC_JS", "RuntimeVersion": "1.0.0"}}},
  "ResolverQueryecho": {"Type": "AWS::AppSync::Resolver", "Properties": {"ApiId": {"Fn::GetAtt": ["API", "ApiId"]}, "TypeName": "Query", "FieldName": "echo", "Kind": "PIPELINE",
    "PipelineConfig": {"Functions": [{"Fn::GetAtt": ["FnQueryecho0", "FunctionId"]}]}, "Runtime": {"Name": "APPSYNC_JS", "RuntimeVersion": "1.0.0"},
    "Code": {"Fn::Join": ["", ["export const request = (ctx) => {\n  ctx.stash.awsAppsyncApiId = '", {"Fn::GetAtt": ["API", "ApiId"]}, "';\n  return {};\n}\nexport const response = (ctx) => ctx.prev.result;\n"]]}}},
  "Todo": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": ` + at("todo") + `, "Parameters": {
    "referencetoAPIApiId": {"Fn::GetAtt": ["API", "ApiId"]}, "referencetoNone": {"Fn::GetAtt": ["None", "Name"]}}}}},
 "Outputs": {"amplifydataApiId": {"Value": {"Fn::GetAtt": ["API", "ApiId"]}}}}`,
		".amplify/artifacts/cdk.out/Todo.nested.template.json": `{"Parameters": {"referencetoAPIApiId": {"Type": "String"}, "referencetoNone": {"Type": "String"}},
 "Conditions": {"ShouldUsePITR": {"Fn::Equals": ["true", "false"]}}, "Resources": {
  "TodoTable": {"Type": "Custom::AmplifyDynamoDBTable", "Properties": {"ServiceToken": "x", "tableName": {"Fn::Join": ["", ["Todo-", {"Ref": "referencetoAPIApiId"}, "-NONE"]]},
    "attributeDefinitions": [{"attributeName": "id", "attributeType": "S"}], "keySchema": [{"attributeName": "id", "keyType": "HASH"}],
    "pointInTimeRecoverySpecification": {"Fn::If": ["ShouldUsePITR", {"PointInTimeRecoveryEnabled": true}, {"Ref": "AWS::NoValue"}]}, "billingMode": "PAY_PER_REQUEST", "deletionProtectionEnabled": false}},
  "TodoDataSource": {"Type": "AWS::AppSync::DataSource", "Properties": {"ApiId": {"Ref": "referencetoAPIApiId"}, "Name": "TodoTable", "Type": "AMAZON_DYNAMODB", "DynamoDBConfig": {"AwsRegion": {"Ref": "AWS::Region"},
    "TableName": {"Fn::Select": [1, {"Fn::Split": ["/", {"Fn::Select": [5, {"Fn::Split": [":", {"Fn::GetAtt": ["TodoTable", "TableArn"]}]}]}]}]}}}},
  "Auth": {"Type": "AWS::AppSync::FunctionConfiguration", "Properties": {"ApiId": {"Ref": "referencetoAPIApiId"}, "Name": "QuerygetTodoauth0Function", "DataSourceName": {"Ref": "referencetoNone"}, "FunctionVersion": "2018-05-29",
    "RequestMappingTemplateS3Location": {"Fn::Sub": "s3://cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}/6.vtl"}, "ResponseMappingTemplate": "$util.toJson({})"}},
  "GetTodo": {"Type": "AWS::AppSync::Resolver", "Properties": {"ApiId": {"Ref": "referencetoAPIApiId"}, "TypeName": "Query", "FieldName": "getTodo", "Kind": "PIPELINE", "PipelineConfig": {"Functions": [{"Fn::GetAtt": ["Auth", "FunctionId"]}]},
    "RequestMappingTemplate": {"Fn::Join": ["", ["$util.qr($ctx.stash.put(\"tableName\", \"", {"Fn::Select": [1, {"Fn::Split": ["/", {"Fn::Select": [5, {"Fn::Split": [":", {"Fn::GetAtt": ["TodoTable", "TableArn"]}]}]}]}]}, "\"))\n$util.toJson({})"]]},
    "ResponseMappingTemplate": "$util.toJson($ctx.prev.result)"}}}}`,
	})
	for _, path := range []string{"", "amplify", ".amplify/artifacts/cdk.out"} {
		api, problems := problemsOf(filepath.Join(dir, path), nil)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		table := "Todo-" + api.ID + "-NONE"
		if d := api.DataSource("TodoTable"); d == nil || d.TableName != table || len(api.Tables) != 1 || api.Tables[0].Name != table {
			t.Errorf("data sources %+v, tables %+v", d, api.Tables)
		}
		if api.Auth.UserPoolID == "" || len(api.UserPools) != 1 || len(api.AdditionalAuth) != 1 {
			t.Errorf("modes %+v, %+v", api.Auth, api.AdditionalAuth)
		}
		echo, get := api.Resolvers[0], api.Resolvers[1]
		if !strings.Contains(echo.Unit.Code.Text, "awsAppsyncApiId = '"+api.ID+"'") || api.Function(echo.Functions[0].Name).Code == nil {
			t.Errorf("the code is %+v", echo.Unit.Code)
		}
		if want := `$util.qr($ctx.stash.put("tableName", "` + table + `"))` + "\n$util.toJson({})"; get.Unit.Request.Text != want {
			t.Errorf("the template is %s", get.Unit.Request.Text)
		}
	}
}
