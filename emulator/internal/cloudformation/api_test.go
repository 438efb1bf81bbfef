package cloudformation_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"appsync-emulator/emulator/internal/cloudformation"
	"appsync-emulator/emulator/internal/project"
)

// whole has each resource of AppSync with each property that counts, as the pages
// of https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_AppSync.html
// name them.
const whole = `
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Api:
    Type: AWS::AppSync::GraphQLApi
    Properties:
      Name: notes
      AuthenticationType: AMAZON_COGNITO_USER_POOLS
      UserPoolConfig: {UserPoolId: !Ref Pool, AwsRegion: !Ref "AWS::Region", DefaultAction: DENY, AppIdClientRegex: "^web"}
      AdditionalAuthenticationProviders:
        - {AuthenticationType: API_KEY}
        - AuthenticationType: OPENID_CONNECT
          OpenIDConnectConfig: {Issuer: "https://issuer.example.com", ClientId: c, IatTTL: 1000, AuthTTL: "2000"}
        - AuthenticationType: AWS_LAMBDA
          LambdaAuthorizerConfig:
            AuthorizerUri: !Sub "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${Auth.Arn}/invocations"
            AuthorizerResultTtlInSeconds: 60
            IdentityValidationExpression: "^[a-z]+$"
      EnvironmentVariables: {STAGE: dev, LIMIT: 5}
      IntrospectionConfig: DISABLED
      QueryDepthLimit: 7
      ResolverCountLimit: 70
      LogConfig: {FieldLogLevel: ERROR, CloudWatchLogsRoleArn: x}
      XrayEnabled: true
      Tags: []
  Pool: {Type: "AWS::Cognito::UserPool"}
  Auth: {Type: "AWS::Lambda::Function", Properties: {Timeout: 9}}
  Other: {Type: "AWS::Lambda::Function", Properties: {Timeout: 9}}
  Schema:
    Type: AWS::AppSync::GraphQLSchema
    Properties: {ApiId: !GetAtt Api.ApiId, DefinitionS3Location: ./schema.graphql}
  Key: {Type: "AWS::AppSync::ApiKey", Properties: {ApiId: !GetAtt Api.ApiId, Expires: 1900000000}}
  OldKey: {Type: "AWS::AppSync::ApiKey", Properties: {ApiId: !GetAtt Api.ApiId, Description: old, Expires: 1600000000}}
  OwnKey: {Type: "AWS::AppSync::ApiKey", Properties: {ApiId: !GetAtt Api.ApiId, ApiKeyId: da2-abc}}
  Cache: {Type: "AWS::AppSync::ApiCache", Properties: {ApiId: !GetAtt Api.ApiId, ApiCachingBehavior: PER_RESOLVER_CACHING, Ttl: 60, Type: SMALL}}
  Notes:
    Type: AWS::AppSync::DataSource
    Properties:
      ApiId: !GetAtt Api.ApiId
      Name: notes
      Type: AMAZON_DYNAMODB
      DynamoDBConfig:
        TableName: !Ref Table
        AwsRegion: !Ref "AWS::Region"
        Versioned: "true"
        DeltaSyncConfig: {BaseTableTTL: "60", DeltaSyncTableName: notes-delta, DeltaSyncTableTTL: 30}
  None: {Type: "AWS::AppSync::DataSource", Properties: {ApiId: !GetAtt Api.ApiId, Name: none, Type: NONE}}
  Shout: {Type: "AWS::AppSync::DataSource", Properties: {ApiId: !GetAtt Api.ApiId, Name: shout, Type: AWS_LAMBDA, LambdaConfig: {LambdaFunctionArn: !GetAtt Auth.Arn}}}
  Web:
    Type: AWS::AppSync::DataSource
    Properties:
      ApiId: !GetAtt Api.ApiId
      Name: web
      Type: HTTP
      HttpConfig: {Endpoint: "https://example.com", AuthorizationConfig: {AuthorizationType: AWS_IAM, AwsIamConfig: {SigningRegion: eu-west-1, SigningServiceName: states}}}
  Search: {Type: "AWS::AppSync::DataSource", Properties: {ApiId: !GetAtt Api.ApiId, Name: search, Type: AMAZON_ELASTICSEARCH, ElasticsearchConfig: {Endpoint: "https://search.example.com", AwsRegion: us-east-1}}}
  Sql: {Type: "AWS::AppSync::DataSource", Properties: {ApiId: !GetAtt Api.ApiId, Name: sql, Type: RELATIONAL_DATABASE, RelationalDatabaseConfig: {}}}
  Bus: {Type: "AWS::AppSync::DataSource", Properties: {ApiId: !GetAtt Api.ApiId, Name: bus, Type: AMAZON_EVENTBRIDGE, EventBridgeConfig: {EventBusArn: x}}}
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}, {AttributeName: n, AttributeType: N}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      GlobalSecondaryIndexes:
        - {IndexName: byN, KeySchema: [{AttributeName: n, KeyType: HASH}, {AttributeName: id, KeyType: RANGE}], Projection: {ProjectionType: INCLUDE, NonKeyAttributes: [a, b]}}
      BillingMode: PAY_PER_REQUEST
  Check:
    Type: AWS::AppSync::FunctionConfiguration
    Properties: {ApiId: !GetAtt Api.ApiId, Name: check, DataSourceName: !GetAtt None.Name, FunctionVersion: "2018-05-29", RequestMappingTemplateS3Location: "s3://bucket/root/vtl/check.vtl", ResponseMappingTemplate: "$util.toJson($ctx.result)"}
  Save:
    Type: AWS::AppSync::FunctionConfiguration
    Properties:
      ApiId: !GetAtt Api.ApiId
      Name: check
      DataSourceName: notes
      RequestMappingTemplateS3Location: https://bucket.s3.amazonaws.com/vtl/check.vtl
      MaxBatchSize: 5
      SyncConfig: {ConflictDetection: VERSION, ConflictHandler: LAMBDA, LambdaConflictHandlerConfig: {LambdaConflictHandlerArn: !GetAtt Auth.Arn}}
  SaveNote:
    Type: AWS::AppSync::Resolver
    Properties:
      ApiId: !GetAtt Api.ApiId
      TypeName: Mutation
      FieldName: saveNote
      Kind: PIPELINE
      PipelineConfig: {Functions: [!GetAtt Check.FunctionId, !GetAtt Save.FunctionId]}
      RequestMappingTemplate: !Sub |
        ## ${AWS::Region}
        {}
      ResponseMappingTemplate: "$util.toJson($ctx.prev.result)"
  GetNote:
    Type: AWS::AppSync::Resolver
    Properties:
      ApiId: !GetAtt Api.ApiId
      TypeName: Query
      FieldName: note
      DataSourceName: notes
      Code: |
        export function request() { return {} }
      Runtime: {Name: APPSYNC_JS, RuntimeVersion: 1.0.0}
      CachingConfig: {Ttl: 10, CachingKeys: [$context.arguments.id]}
  ShoutIt: {Type: "AWS::AppSync::Resolver", Properties: {ApiId: !GetAtt Api.ApiId, TypeName: Query, FieldName: shout, DataSourceName: !GetAtt Shout.Name, MaxBatchSize: 3}}
  Role: {Type: "AWS::IAM::Role"}
  Topic: {Type: "AWS::SNS::Topic"}
`

func wholeFiles() files {
	return files{
		"template.yml":    whole,
		"schema.graphql":  "type Query { note: String shout: String }\ntype Mutation { saveNote: String }",
		"vtl/check.vtl":   `{"version": "2018-05-29", "payload": null}`,
		"other/other.vtl": "{}",
	}
}

func TestEveryResourceOfAPI(t *testing.T) {
	got, problems := api(t, wholeFiles(), cloudformation.Options{})
	equal(t, "problems", problems, []string(nil))
	authorizer := project.Lambda{FunctionARN: "arn:aws:lambda:us-east-1:123456789012:function:Auth"}

	equal(t, "name", got.Name, "notes")
	equal(t, "id", got.ID, project.APIID("notes"))
	equal(t, "schema", got.Schema[0].Name, "schema.graphql")
	equal(t, "environment", got.Environment, map[string]string{"STAGE": "dev", "LIMIT": "5"})
	equal(t, "limits", []int{got.QueryDepthLimit, got.ResolverCountLimit}, []int{7, 70})
	equal(t, "introspection", got.IntrospectionOff, true)
	equal(t, "logging", *got.Logging, project.Logging{Level: "ERROR"})
	equal(t, "cache", got.Cache.TTLSeconds, 60)

	equal(t, "default mode", got.Auth.Type, project.AuthCognito)
	equal(t, "default action", got.Auth.DefaultAction, "DENY")
	if pool := got.UserPools; len(pool) != 1 || pool[0].ID != got.Auth.UserPoolID || !strings.HasPrefix(pool[0].ID, "us-east-1_") || len(pool[0].ID) != len("us-east-1_123456789") {
		t.Errorf("user pools %+v of mode %+v", pool, got.Auth)
	}
	var modes []string
	for _, a := range got.AdditionalAuth {
		modes = append(modes, a.Type)
	}
	equal(t, "modes", modes, []string{project.AuthAPIKey, project.AuthOIDC, project.AuthLambda})
	equal(t, "times", []int64{got.AdditionalAuth[1].IatTTL, got.AdditionalAuth[1].AuthTTL}, []int64{1000, 2000})
	equal(t, "authorizer", got.AdditionalAuth[2].Lambda, authorizer)

	keys := map[string]string{}
	for _, k := range got.APIKeys {
		expires := "never"
		if !k.Expires.IsZero() {
			expires = k.Expires.Format(time.DateOnly)
		}
		keys[k.Name] = expires
		if !strings.HasPrefix(k.Key, "da2-") || len(k.Key) != len("da2-")+26 && k.Key != "da2-abc" {
			t.Errorf("key %s is %s", k.Name, k.Key)
		}
	}
	equal(t, "keys", keys, map[string]string{"Key": "2030-03-17", "OldKey": "never", "OwnKey": "never"})

	var sources []string
	for _, d := range got.DataSources {
		sources = append(sources, d.Name+" "+d.Type)
	}
	equal(t, "data sources", sources, []string{"notes AMAZON_DYNAMODB", "none NONE", "shout AWS_LAMBDA", "web HTTP",
		"search AMAZON_OPENSEARCH_SERVICE", "sql RELATIONAL_DATABASE", "bus AMAZON_EVENTBRIDGE"})
	notes := got.DataSource("notes")
	equal(t, "table", notes.TableName, "Table")
	equal(t, "delta", *notes.DeltaSync, project.DeltaSync{TableName: "notes-delta", BaseTableTTL: 60, DeltaTableTTL: 30})
	equal(t, "signing", got.DataSource("web").SigningServiceName+" "+got.DataSource("web").SigningRegion, "states eu-west-1")

	equal(t, "tables", []string{got.Tables[0].Name, got.Tables[1].Name}, []string{"Table", "notes-delta"})
	equal(t, "index", got.Tables[0].Indexes[0], project.TableIndex{
		Name: "byN", PartitionKey: project.KeyAttribute{Name: "n", Type: "N"}, SortKey: &project.KeyAttribute{Name: "id", Type: "S"},
		Projection: "INCLUDE", Include: []string{"a", "b"},
	})

	check, save := got.Functions[0], got.Functions[1]
	equal(t, "functions", []string{check.Name, save.Name}, []string{"check", "check (Save)"})
	if check.Request != save.Request {
		t.Error("a file that two functions name is loaded twice")
	}
	equal(t, "mixed templates", []string{check.Request.Pos.String(), check.Response.Text}, []string{"vtl/check.vtl", "$util.toJson($ctx.result)"})
	equal(t, "conflict handler", save.Sync.Lambda, authorizer)

	saveNote, note, shout := got.Resolvers[0], got.Resolvers[1], got.Resolvers[2]
	equal(t, "pipeline", []string{saveNote.Functions[0].Name, saveNote.Functions[1].Name}, []string{"check", "check (Save)"})
	equal(t, "substituted template", saveNote.Unit.Request.Text, "## us-east-1\n{}\n")
	equal(t, "its second line", saveNote.Unit.Request.Position(2, 2).String(), "template.yml:89:10")
	equal(t, "kind", note.Kind, project.KindUnit)
	if note.Unit.Code == nil || note.Unit.Request != nil {
		t.Error("the resolver has no code")
	}
	equal(t, "caching", *note.Caching, project.Caching{TTLSeconds: 10, Keys: []string{"$context.arguments.id"}})
	if shout.Unit.Request != nil || shout.Unit.Code != nil || shout.Unit.MaxBatchSize != 3 {
		t.Error("the resolver is not direct")
	}
	if len(got.LambdaFunctions) != 1 || got.LambdaFunctions[0].Name != "Auth" || got.LambdaFunctions[0].TimeoutSeconds != 9 {
		t.Errorf("Lambda functions %+v", got.LambdaFunctions)
	}
	equal(t, "warnings", lines(got.Warnings), []string{
		"template.yml:33:99: resource OldKey: the template says that the key expired on 2020-09-13; here it goes on (make the template anew to have its expiry)",
		"template.yml:104:3: resources of types that are no part of an API are ignored: AWS::SNS::Topic",
	})
}

// minimal is an API with nothing wrong; the resource X follows.
const minimal = `Resources:
  Api: {Type: "AWS::AppSync::GraphQLApi", Properties: {Name: notes, AuthenticationType: API_KEY}}
  Schema: {Type: "AWS::AppSync::GraphQLSchema", Properties: {ApiId: !GetAtt Api.ApiId, Definition: "type Query { a: Int }"}}
  None: {Type: "AWS::AppSync::DataSource", Properties: {ApiId: !GetAtt Api.ApiId, Name: none, Type: NONE}}
`

func TestMistakesInResources(t *testing.T) {
	tests := []struct {
		// The resource is on line 5. The first mistake is where ¦ stands, or at the
		// resource; others say where they are.
		name, resource string
		want           []string
	}{
		{"a property of another type", `X: {Type: "AWS::AppSync::Resolver", Properties: {ApiId: !GetAtt Api.ApiId, TypeName: ¦{a: b}, FieldName: a, DataSourceName: none}}`,
			[]string{"resource X: `TypeName` must be a string, not a map"}},
		{"properties that are a list", `X: {Type: "AWS::AppSync::Resolver", Properties: ¦[1]}`,
			[]string{"template.yml:5:3: resource X needs `ApiId`", "resource X: the properties must be a map, not a list"}},
		{"no properties", `X: {Type: "AWS::AppSync::Resolver"}`, []string{"resource X needs `ApiId`"}},
		{"no type", `X: {Properties: {}}`, []string{"resource X needs a `Type`"}},
		{"a resource that is a text", `X: text`, []string{"resource X must be a map, not a string"}},
		{"an unknown value", `X: {Type: "AWS::AppSync::Resolver", Properties: {ApiId: !GetAtt Api.ApiId, TypeName: Query, FieldName: a, DataSourceName: none, Kind: ¦BATCH}}`,
			[]string{"resource X: `Kind` must be UNIT or PIPELINE, not `BATCH`"}},
		{"a missing part", `X: {Type: "AWS::AppSync::DataSource", Properties: {ApiId: !GetAtt Api.ApiId, Name: x, Type: AMAZON_DYNAMODB}}`,
			[]string{"resource X needs `DynamoDBConfig`"}},
		{"a name that AppSync refuses", `X: {Type: "AWS::AppSync::DataSource", Properties: {ApiId: !GetAtt Api.ApiId, Name: ¦x-y, Type: NONE}}`,
			[]string{"resource X: `Name` must consist of letters, digits and _, and not begin with a digit, and not be `x-y`"}},
		{"a name twice", `X: {Type: "AWS::AppSync::DataSource", Properties: {ApiId: !GetAtt Api.ApiId, Name: none, Type: NONE}}`,
			[]string{"resource X: data source none is already defined at template.yml:4:3"}},
		{"an unknown data source", `X: {Type: "AWS::AppSync::Resolver", Properties: {ApiId: !GetAtt Api.ApiId, TypeName: Query, FieldName: a, DataSourceName: ¦none2}}`,
			[]string{"resource X: there is no data source `none2` (did you mean `none`?)"}},
		{"an unknown function", `X: {Type: "AWS::AppSync::Resolver", Properties: {ApiId: !GetAtt Api.ApiId, TypeName: Query, FieldName: a, Kind: PIPELINE, PipelineConfig: {Functions: [¦abc]}}}`,
			[]string{"resource X: `PipelineConfig`: there is no function with the id `abc`"}},
		{"a number out of bounds", `X: {Type: "AWS::AppSync::Resolver", Properties: {ApiId: !GetAtt Api.ApiId, TypeName: Query, FieldName: a, DataSourceName: none, MaxBatchSize: ¦2001}}`,
			[]string{"resource X: `MaxBatchSize` must be between 0 and 2000, not `2001`"}},
		{"a missing asset", `X: {Type: "AWS::AppSync::Resolver", Properties: {ApiId: !GetAtt Api.ApiId, TypeName: Query, FieldName: a, DataSourceName: none, RequestMappingTemplateS3Location: ¦"s3://b/k.vtl"}}`,
			[]string{"resource X: `RequestMappingTemplateS3Location` s3://b/k.vtl is not among the project's files (--assets DIR names the folder that has it)"}},
		{"a missing file", `X: {Type: "AWS::AppSync::Resolver", Properties: {ApiId: !GetAtt Api.ApiId, TypeName: Query, FieldName: a, DataSourceName: none, RequestMappingTemplateS3Location: ¦a.vtl}}`,
			[]string{"resource X: `RequestMappingTemplateS3Location` a.vtl does not exist"}},
		{"a path that leaves the folder", `X: {Type: "AWS::AppSync::Resolver", Properties: {ApiId: !GetAtt Api.ApiId, TypeName: Query, FieldName: a, DataSourceName: none, RequestMappingTemplateS3Location: ¦../a.vtl}}`,
			[]string{"resource X: `RequestMappingTemplateS3Location` ../a.vtl leaves the project folder (--allow-outside permits it)"}},
		{"a missing nested stack", `X: {Type: "AWS::CloudFormation::Stack", Properties: {TemplateURL: ¦"https://s3.us-east-1.amazonaws.com/b/k.json"}}`,
			[]string{"the template of nested stack X, https://s3.us-east-1.amazonaws.com/b/k.json is not among the project's files (--assets DIR names the folder that has it)"}},
		{"a stack in itself", `X: {Type: "AWS::CloudFormation::Stack", Properties: {TemplateURL: ¦template.yml}}`,
			[]string{"nested stack X contains itself: its template is template.yml"}},
		{"a table without keys", `X: {Type: "AWS::DynamoDB::Table", Properties: {AttributeDefinitions: []}}`,
			[]string{"resource X needs `KeySchema`"}},
		{"a key without a type", `X: {Type: "AWS::DynamoDB::Table", Properties: {TableName: xyz, AttributeDefinitions: [], KeySchema: [¦{AttributeName: id, KeyType: HASH}]}}`,
			[]string{"resource X: key attribute `id` is not in `AttributeDefinitions`"}},
		{"a table name that DynamoDB refuses", `X: {Type: "AWS::DynamoDB::Table", Properties: {TableName: ¦"x y", AttributeDefinitions: [{AttributeName: id, AttributeType: S}], KeySchema: [{AttributeName: id, KeyType: HASH}]}}`,
			[]string{"resource X: table name `x y` must have 3 to 255 letters, digits, _, . and -"}},
		{"two APIs of one name", `X: {Type: "AWS::AppSync::GraphQLApi", Properties: {Name: notes, AuthenticationType: API_KEY}}`,
			[]string{"resource X makes an API named notes, as resource Api does at template.yml:2:3"}},
		{"a second schema", `X: {Type: "AWS::AppSync::GraphQLSchema", Properties: {ApiId: !GetAtt Api.ApiId, Definition: "type Query { a: Int }"}}`,
			[]string{"resource X: the API has a schema already"}},
		{"a Lambda function that is none", `X: {Type: "AWS::AppSync::DataSource", Properties: {ApiId: !GetAtt Api.ApiId, Name: x, Type: AWS_LAMBDA, LambdaConfig: {LambdaFunctionArn: ¦x}}}`,
			[]string{"resource X: `LambdaConfig`: `LambdaFunctionArn` must be the ARN of a Lambda function, not `x`"}},
		{"an API that is not known", `X: {Type: "AWS::AppSync::DataSource", Properties: {ApiId: ¦!ImportValue Elsewhere, Name: x, Type: NONE}}`,
			[]string{"resource X: the API that it belongs to is not known: no stack of the project exports Elsewhere, and its name stands for the value"}},
		{"a function that is none", `X: {Type: "AWS::AppSync::DataSource", Properties: {ApiId: !GetAtt Api.ApiId, Type: NONE, Name: ¦!Reff x}}`,
			[]string{"resource X: there is no function Fn::Reff"}},
		{"an API without a name", `X: {Type: "AWS::AppSync::GraphQLApi", Properties: {Name: ¦!Ref Nobody, AuthenticationType: AWS_IAM}}`,
			[]string{"resource X: there is no resource or parameter `Nobody`"}},
		{"a key that is two types", `Table: {Type: "AWS::DynamoDB::Table", Properties: {AttributeDefinitions: [{AttributeName: id, AttributeType: S}], KeySchema: [{AttributeName: id, KeyType: HASH}, {AttributeName: id, KeyType: RANGE}]}}`,
			[]string{"resource Table: table Table has `id` as both partition and sort key"}},
		{"an unknown condition", `X: {Type: "AWS::AppSync::GraphQLApi", Condition: ¦Nope, Properties: {Name: x}}`,
			[]string{"resource X: there is no condition `Nope`"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			column := 3
			before, after, marked := strings.Cut("  "+tt.resource, "¦")
			if marked {
				column = len(before) + 1
			}
			want := slices.Clone(tt.want)
			for i, w := range want {
				if !strings.HasPrefix(w, "template.yml:") {
					want[i] = fmt.Sprintf("template.yml:5:%d: %s", column, w)
				}
			}
			_, problems := api(t, files{"template.yml": minimal + before + after + "\n"}, cloudformation.Options{})
			equal(t, "problems", problems, want)
		})
	}
}

func TestWhatIsIgnoredIsWarnedOf(t *testing.T) {
	const more = `  X: {Type: "AWS::AppSync::Resolver", Properties: {ApiId: !GetAtt Api.ApiId, TypeName: Query, FieldName: a, DataSourceName: none, RequestMapingTemplate: x}}
  Foreign: {Type: "AWS::AppSync::DataSource", Properties: {ApiId: abcdefghijklmnopqrstuvwxyz, Name: x, Type: NONE}}
  Queue: {Type: "AWS::SQS::Queue"}
  Queue2: {Type: "AWS::SQS::Queue"}
  Event: {Type: "AWS::AppSync::Api"}
  New: {Type: "AWS::AppSync::DataSource", Properties: {ApiId: !GetAtt Api.ApiId, Name: new, Type: AMAZON_DYNAMO}}
Extra: {}
`
	got, problems := api(t, files{"template.yml": minimal + more}, cloudformation.Options{})
	equal(t, "problems", problems, []string(nil))
	equal(t, "warnings", lines(got.Warnings), []string{
		"template.yml:5:131: resource X: property `RequestMapingTemplate` is ignored (did you mean `RequestMappingTemplate`?)",
		"template.yml:6:3: resource Foreign is ignored: it belongs to API abcdefghijklmnopqrstuvwxyz, which is not part of the project",
		"template.yml:7:3: resources of types that are no part of an API are ignored: AWS::AppSync::Api, AWS::SQS::Queue (2)",
		"template.yml:10:99: resource New: data sources of type `AMAZON_DYNAMO` are not known here (did you mean `AMAZON_DYNAMODB`?)",
		"template.yml:11:1: section `Extra` of the template is ignored",
	})
}

// What only AWS could know does not keep an API from being served.
func TestWhatIsKnownOnAWSAlone(t *testing.T) {
	const template = `Resources:
  Api:
    Type: AWS::AppSync::GraphQLApi
    Properties:
      Name: notes
      AuthenticationType: AMAZON_COGNITO_USER_POOLS
      UserPoolConfig: {UserPoolId: !ImportValue SharedPool, DefaultAction: ALLOW}
  Schema: {Type: "AWS::AppSync::GraphQLSchema", Properties: {ApiId: !GetAtt Api.ApiId, Definition: "type Query { a: Int }"}}
  Balancer: {Type: "AWS::ElasticLoadBalancingV2::LoadBalancer"}
  Web: {Type: "AWS::AppSync::DataSource", Properties: {ApiId: !GetAtt Api.ApiId, Name: web, Type: HTTP, Description: "{{resolve:ssm:/d}}", HttpConfig: {Endpoint: !Sub "http://${Balancer.DNSName}"}}}
`
	got, problems := api(t, files{"template.yml": template}, cloudformation.Options{})
	equal(t, "problems", problems, []string(nil))
	equal(t, "endpoint", got.DataSources[0].Endpoint, "http://Balancer.DNSName")
	equal(t, "user pool", got.Auth.UserPoolID, "us-east-1_"+project.StableID("userpool/SharedPool", 9))
	var messages []string
	for _, w := range got.Warnings {
		messages = append(messages, w.Message)
	}
	equal(t, "warnings", messages, []string{
		"resource Api: `UserPoolConfig`: `UserPoolId` is not known: no stack of the project exports SharedPool, and its name stands for the value",
		"resources of types that are no part of an API are ignored: AWS::ElasticLoadBalancingV2::LoadBalancer",
		"resource Web: `Description` has a dynamic reference, which is taken as it is written",
		"resource Web: `HttpConfig`: `Endpoint` is not known: DNSName of resource Balancer (AWS::ElasticLoadBalancingV2::LoadBalancer) is known once it is deployed, and a text stands for it",
	})
}

// A resource whose condition is false is as good as not written.
func TestConditionsOfResources(t *testing.T) {
	const template = `Conditions: {No: !Equals [a, b], Yes: !Not [!Condition No]}
Resources:
  Api: {Type: "AWS::AppSync::GraphQLApi", Properties: {Name: notes, AuthenticationType: AWS_IAM}}
  Schema: {Type: "AWS::AppSync::GraphQLSchema", Properties: {ApiId: !GetAtt Api.ApiId, Definition: "type Query { a: Int }"}}
  A: {Type: "AWS::AppSync::DataSource", Condition: No, Properties: {ApiId: !GetAtt Api.ApiId, Name: ds, Type: NONE, Nonsense: !Ref Nobody}}
  B: {Type: "AWS::AppSync::DataSource", Condition: Yes, Properties: {ApiId: !GetAtt Api.ApiId, Name: ds, Type: NONE}}
  Stack: {Type: "AWS::CloudFormation::Stack", Condition: No, Properties: {TemplateURL: missing.yml}}
`
	got, problems := api(t, files{"template.yml": template}, cloudformation.Options{})
	equal(t, "problems", problems, []string(nil))
	equal(t, "data sources", len(got.DataSources), 1)
	equal(t, "place", got.DataSources[0].Pos.Line, 6)
}

// Stacks refer to each other's outputs in both directions of the file, two deep,
// and across templates by exports.
func TestStacksReferToEachOther(t *testing.T) {
	f := files{
		"template.yml": `Resources:
  Child: {Type: "AWS::CloudFormation::Stack", Properties: {TemplateURL: nested/child.json, Parameters: {ApiId: !GetAtt Api.ApiId, Table: !GetAtt Data.Outputs.Table}}}
  Data: {Type: "AWS::CloudFormation::Stack", Properties: {TemplateURL: nested/data.yml}}
  Api: {Type: "AWS::AppSync::GraphQLApi", Properties: {Name: notes, AuthenticationType: AWS_IAM}}
  Schema: {Type: "AWS::AppSync::GraphQLSchema", Properties: {ApiId: !GetAtt Api.ApiId, DefinitionS3Location: nested/schema.graphql}}
Outputs:
  Source: {Value: !GetAtt Child.Outputs.Source, Export: {Name: !Sub "${AWS::StackName}-source"}}
`,
		"nested/child.json": `{
  "Parameters": {"ApiId": {"Type": "String"}, "Table": {"Type": "String"}},
  "Resources": {
    "Deeper": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "deeper.yml", "Parameters": {"ApiId": {"Ref": "ApiId"}, "Table": {"Ref": "Table"}}}},
    "Resolver": {"Type": "AWS::AppSync::Resolver", "Properties": {"ApiId": {"Ref": "ApiId"}, "TypeName": "Query", "FieldName": "a",
      "DataSourceName": {"Fn::GetAtt": ["Deeper", "Outputs.Source"]}, "RequestMappingTemplateS3Location": "a.vtl", "ResponseMappingTemplate": {"Fn::Join": ["", ["## ", {"Ref": "Table"}, "\n#foo\n"]]}}}
  },
  "Outputs": {"Source": {"Value": {"Fn::GetAtt": ["Deeper", "Outputs.Source"]}}}
}`,
		"nested/deeper.yml": `Parameters: {ApiId: {Type: String}, Table: {Type: String}}
Resources:
  Source: {Type: "AWS::AppSync::DataSource", Properties: {ApiId: !Ref ApiId, Name: notes, Type: AMAZON_DYNAMODB, DynamoDBConfig: {TableName: !Ref Table}}}
Outputs: {Source: {Value: !GetAtt Source.Name}}
`,
		"nested/data.yml": `Resources:
  Table: {Type: "AWS::DynamoDB::Table", Properties: {AttributeDefinitions: [{AttributeName: pk, AttributeType: S}], KeySchema: [{AttributeName: pk, KeyType: HASH}]}}
Outputs: {Table: {Value: !Ref Table}}
`,
		"nested/schema.graphql": "type Query { a: Int b: Int }",
		"nested/a.vtl":          "{}",
		"second.yml": `Resources:
  Resolver: {Type: "AWS::AppSync::Resolver", Properties: {ApiId: !ImportValue api, TypeName: Query, FieldName: b, DataSourceName: !ImportValue template-source}}
  Table: {Type: "AWS::DynamoDB::Table", Properties: {AttributeDefinitions: [{AttributeName: pk, AttributeType: S}], KeySchema: [{AttributeName: pk, KeyType: HASH}]}}
`,
	}
	f["template.yml"] += "  Api: {Value: !GetAtt Api.ApiId, Export: {Name: api}}\n"
	a, _ := app(t, f, cloudformation.Options{}, "template.yml", "second.yml")
	got := a.Load(a.APIs()[0])
	equal(t, "problems", lines(a.Problems()), []string(nil))
	equal(t, "resolvers", len(got.Resolvers), 2)
	equal(t, "data source", got.DataSources[0].TableName, "template-Data-Table") // both stacks have a Table
	equal(t, "tables", []string{got.Tables[0].Name, got.Tables[1].Name}, []string{"template-Data-Table", "second-Table"})
	response := got.Resolvers[0].Unit.Response
	equal(t, "joined template", response.Text, "## template-Data-Table\n#foo\n")
	equal(t, "place of its second line", response.Position(2, 1).String(), "nested/child.json:6:190")
}

func TestStacksThatAskForThemselves(t *testing.T) {
	f := files{"template.yml": `Resources:
  A: {Type: "AWS::CloudFormation::Stack", Properties: {TemplateURL: child.yml, Parameters: {P: !GetAtt B.Outputs.O}}}
  B: {Type: "AWS::CloudFormation::Stack", Properties: {TemplateURL: child.yml, Parameters: {P: !GetAtt A.Outputs.O}}}
  Api: {Type: "AWS::AppSync::GraphQLApi", Properties: {Name: !GetAtt A.Outputs.O, AuthenticationType: AWS_IAM}}
`, "child.yml": "Parameters: {P: {Type: String}}\nResources: {}\nOutputs: {O: {Value: !Ref P}}\n"}
	a, _ := app(t, f, cloudformation.Options{}, "template.yml")
	a.APIs()
	equal(t, "problems", lines(a.Problems()), []string{
		"template.yml:3:96: resource B: this refers to itself: output A/O -> parameter A/P -> output B/O -> parameter B/P -> output A/O",
	})
}
