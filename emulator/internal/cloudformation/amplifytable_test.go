package cloudformation_test

import (
	"testing"

	"appsync-emulator/emulator/internal/cloudformation"
	"appsync-emulator/emulator/internal/project"
)

// Amplify's custom resource has the properties of a table with small first letters;
// what stands in an Fn::If keeps the large ones. The resource is one that
// @aws-amplify/graphql-api-construct 1.22.2 makes.
func TestAmplifyTable(t *testing.T) {
	const table = `  Todo:
    Type: Custom::AmplifyDynamoDBTable
    Properties:
      ServiceToken: arn:aws:lambda:us-east-1:123456789012:function:manager
      tableName: {"Fn::Join": ["", ["Todo-", {"Fn::GetAtt": [Api, ApiId]}, "-NONE"]]}
      attributeDefinitions: [{attributeName: id, attributeType: S}, {attributeName: "a#b", attributeType: S}]
      keySchema: [{attributeName: id, keyType: HASH}]
      globalSecondaryIndexes: [{indexName: gsi-A.todos, keySchema: [{attributeName: "a#b", keyType: HASH}], projection: {projectionType: ALL}, provisionedThroughput: {}}]
      timeToLiveSpecification: {"Fn::If": [On, {AttributeName: _ttl, Enabled: true}, {Ref: "AWS::NoValue"}]}
      streamSpecification: {streamViewType: NEW_AND_OLD_IMAGES}
      billingMode: {"Fn::If": [On, PAY_PER_REQUEST, {Ref: "AWS::NoValue"}]}
      allowDestructiveGraphqlSchemaUpdates: true
      replaceTableUponGsiUpdate: true
      sseSpecification: {sseEnabled: false}
Conditions: {On: !Equals [a, a]}
`
	got, problems := api(t, files{"template.yml": minimal + table}, cloudformation.Options{})
	equal(t, "problems", problems, []string(nil))
	equal(t, "warnings", lines(got.Warnings), []string(nil))
	equal(t, "table", *got.Tables[0], project.Table{
		Name:         "Todo-" + got.ID + "-NONE",
		PartitionKey: project.KeyAttribute{Name: "id", Type: "S"},
		TTLAttribute: "_ttl",
		Indexes: []project.TableIndex{{
			Name: "gsi-A.todos", PartitionKey: project.KeyAttribute{Name: "a#b", Type: "S"}, Projection: "ALL",
		}},
		Pos: got.Tables[0].Pos,
	})
}
