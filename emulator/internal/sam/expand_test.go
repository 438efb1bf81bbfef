package sam_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"appsync-emulator/emulator/internal/cloudformation"
	"appsync-emulator/emulator/internal/project"
	"appsync-emulator/emulator/internal/sam"
)

// template is the example of the developer guide's page
// sam-resource-graphqlapi--examples, with every kind of section added.
const template = `Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {Timeout: 12, Runtime: nodejs22.x}
Resources:
  DynamoDBPostsTable: {Type: "AWS::Serverless::SimpleTable"}
  Numbers: {Type: "AWS::Serverless::SimpleTable", Properties: {TableName: numbers, PrimaryKey: {Name: n, Type: Number}}}
  Helper: {Type: "AWS::Serverless::Function", Properties: {Handler: index.handler, CodeUri: src/}}
  MyGraphQLAPI:
    Type: AWS::Serverless::GraphQLApi
    Properties:
      SchemaUri: ./gql/schema.gql
      Auth:
        Type: AWS_IAM
        Additional:
          - Type: API_KEY
          - Type: AWS_LAMBDA
            LambdaAuthorizer: {AuthorizerUri: !GetAtt Helper.Arn}
      ApiKeys:
        Web: {Description: web, ExpiresOn: 1900000000}
      Cache: {ApiCachingBehavior: PER_RESOLVER_CACHING, Ttl: 30, Type: SMALL}
      QueryDepthLimit: 5
      DataSources:
        DynamoDb:
          PostsDataSource: {TableName: !Ref DynamoDBPostsTable, TableArn: !GetAtt DynamoDBPostsTable.Arn}
          VersionedSource: {Name: versioned, TableName: !Ref Numbers, Versioned: true, DeltaSync: {DeltaSyncTableName: numbers-delta, BaseTableTTL: 60, DeltaSyncTableTTL: 30}}
        Lambda:
          HelperSource: {FunctionArn: !GetAtt Helper.Arn}
      Functions:
        preprocessPostItem:
          Runtime: {Name: APPSYNC_JS, Version: 1.0.0}
          DataSource: NONE
          CodeUri: ./gql/preprocessPostItem.js
        createPostItem:
          Runtime: {Name: APPSYNC_JS, Version: "1.0.0"}
          DataSource: PostsDataSource
          InlineCode: export function request() {}
          Sync: {ConflictDetection: VERSION, ConflictHandler: AUTOMERGE}
        askHelper: {Runtime: {Name: APPSYNC_JS, Version: 1.0.0}, DataSource: HelperSource, InlineCode: x, MaxBatchSize: 4}
      Resolvers:
        Mutation:
          addPost:
            Runtime: {Name: APPSYNC_JS, Version: 1.0.0}
            Pipeline: [preprocessPostItem, createPostItem]
        Query:
          Resolver2: {FieldName: getPost, InlineCode: y, Runtime: {Name: APPSYNC_JS, Version: 1.0.0}, Pipeline: [askHelper], Caching: {Ttl: 20, CachingKeys: [$context.arguments.id]}}
`

func load(t *testing.T, text string) (*project.API, []string) {
	t.Helper()
	folder := project.NewFolder(fstest.MapFS{
		"template.yaml":             {Data: []byte(text)},
		"gql/schema.gql":            {Data: []byte("type Query { getPost: Int }")},
		"gql/preprocessPostItem.js": {Data: []byte("export function request() {}")},
	})
	a := cloudformation.NewApp(cloudformation.Options{Macros: map[string]cloudformation.Macro{sam.Transform: sam.Expand}})
	file, mistake := folder.Open("template.yaml", project.Position{}, "the template")
	if mistake != nil {
		t.Fatal(mistake)
	}
	root := project.ParseFile(file, func(p project.Problem) { t.Fatal(p) })
	a.AddStack(cloudformation.Source{Name: "app", Root: root, Files: folder, Dir: "."})
	var out *project.API
	if apis := a.APIs(); len(apis) > 0 {
		out = a.Load(apis[0])
	}
	var problems []string
	for _, p := range a.Problems() {
		problems = append(problems, p.Error())
	}
	return out, problems
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func TestGraphQLAPI(t *testing.T) {
	got, problems := load(t, template)
	equal(t, "problems", problems, []string(nil))
	equal(t, "name", got.Name, "MyGraphQLAPI")
	equal(t, "schema", got.Schema[0].Name, "gql/schema.gql")
	equal(t, "modes", []string{got.Auth.Type, got.AdditionalAuth[0].Type, got.AdditionalAuth[1].Type}, []string{"AWS_IAM", "API_KEY", "AWS_LAMBDA"})
	equal(t, "keys", got.APIKeys[0].Description, "web")
	equal(t, "cache", got.Cache.TTLSeconds, 30)
	equal(t, "limit", got.QueryDepthLimit, 5)

	var sources []string
	for _, d := range got.DataSources {
		sources = append(sources, d.Name+" "+d.Type+" "+d.TableName)
	}
	equal(t, "data sources", sources, []string{
		"PostsDataSource AMAZON_DYNAMODB DynamoDBPostsTable", "versioned AMAZON_DYNAMODB numbers", "HelperSource AWS_LAMBDA ",
		"MyGraphQLAPINoneDataSource NONE ",
	})
	equal(t, "delta", *got.DataSource("versioned").DeltaSync, project.DeltaSync{TableName: "numbers-delta", BaseTableTTL: 60, DeltaTableTTL: 30})
	equal(t, "tables", []project.KeyAttribute{got.Tables[0].PartitionKey, got.Tables[1].PartitionKey},
		[]project.KeyAttribute{{Name: "id", Type: "S"}, {Name: "n", Type: "N"}})
	equal(t, "functions", []string{got.Functions[0].DataSource, got.Functions[1].DataSource, got.Functions[2].DataSource},
		[]string{"MyGraphQLAPINoneDataSource", "PostsDataSource", "HelperSource"})
	equal(t, "code of a file", got.Functions[0].Code.Pos.String(), "gql/preprocessPostItem.js")
	equal(t, "conflict handling", got.Functions[1].Sync.ConflictHandler, "AUTOMERGE")
	equal(t, "batches", got.Functions[2].MaxBatchSize, 4)

	add, get := got.Resolvers[0], got.Resolvers[1]
	equal(t, "resolvers", []string{add.Type + "." + add.Field, get.Type + "." + get.Field}, []string{"Mutation.addPost", "Query.getPost"})
	equal(t, "pipeline", []string{add.Functions[0].Name, add.Functions[1].Name}, []string{"preprocessPostItem", "createPostItem"})
	if !strings.Contains(add.Unit.Code.Text, "return ctx.prev.result;") {
		t.Errorf("a resolver without code does %q", add.Unit.Code.Text)
	}
	equal(t, "own code", get.Unit.Code.Text, "y")
	equal(t, "caching", get.Caching.TTLSeconds, 20)
	equal(t, "Lambda function", *got.LambdaFunctions[0], project.LambdaFunction{Name: "Helper", TimeoutSeconds: 12, Pos: got.LambdaFunctions[0].Pos})
}

func TestMistakes(t *testing.T) {
	const before = "Transform: [AWS::Serverless-2016-10-31]\nResources:\n  A:\n    Type: AWS::Serverless::GraphQLApi\n    Properties:\n"
	tests := []struct {
		name, properties, want string
	}{
		{"no schema", "      Auth: {Type: API_KEY}\n", "template.yaml:3:3: resource A needs `SchemaUri` or `SchemaInline`"},
		{"no authentication", "      SchemaInline: x\n", "template.yaml:3:3: resource A needs `Auth`"},
		{"a missing schema", "      Auth: {Type: API_KEY}\n      SchemaUri: gone.gql\n",
			"template.yaml:7:18: resource ASchema: `DefinitionS3Location` gone.gql does not exist"},
		{"an unknown function", "      Auth: {Type: API_KEY}\n      SchemaInline: x\n      Resolvers: {Query: {a: {Pipeline: [f]}}}\n",
			"template.yaml:8:42: resource A: resolver Query.a names function `f`, which is not among `Functions`"},
		{"no pipeline", "      Auth: {Type: API_KEY}\n      SchemaInline: x\n      Resolvers: {Query: {a: {}}}\n",
			"template.yaml:8:27: resource A: resolver Query.a needs `Pipeline`, a list of functions"},
		{"an unknown kind of data source", "      Auth: {Type: API_KEY}\n      SchemaInline: x\n      DataSources: {Http: {}}\n",
			"template.yaml:8:21: resource A: `DataSources` are DynamoDb or Lambda, not `Http`"},
		{"sections that are lists", "      Auth: []\n      SchemaInline: x\n      Functions: [a]\n",
			"template.yaml:6:13: resource A: `Auth` must be a map, not a list"},
		{"a function that is a text", "      Auth: {Type: API_KEY}\n      SchemaInline: x\n      Functions: {f: g}\n",
			"template.yaml:8:19: resource A: `f` must be a map, not a string"},
		{"a function without a data source", "      Auth: {Type: API_KEY}\n      SchemaInline: x\n      Functions: {f: {InlineCode: x}}\n",
			"template.yaml:8:19: resource A: function f needs `DataSource`"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, problems := load(t, before+tt.properties)
			if !slices.Contains(problems, tt.want) {
				t.Errorf("got %q, want %q", problems, tt.want)
			}
		})
	}
}

func FuzzExpand(f *testing.F) {
	f.Add(template)
	f.Add("Transform: AWS::Serverless-2016-10-31\nResources: {A: {Type: 'AWS::Serverless::GraphQLApi', Properties: {Resolvers: {Query: {a: {Pipeline: [1, [], {}]}}}}}}\n")
	f.Fuzz(func(t *testing.T, text string) {
		root := project.ParseFile(project.NewFile("template.yaml", text), func(project.Problem) {})
		if root == nil {
			return
		}
		a := cloudformation.NewApp(cloudformation.Options{Macros: map[string]cloudformation.Macro{sam.Transform: sam.Expand}})
		a.AddStack(cloudformation.Source{Name: "app", Root: sam.Expand(root, func(project.Problem) {}), Files: project.NewFolder(fstest.MapFS{}), Dir: "."})
		for _, api := range a.APIs() {
			a.Load(api)
		}
	})
}
