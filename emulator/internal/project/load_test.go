package project

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// testNow is the load time of every test.
var testNow = time.Date(2026, 3, 10, 15, 42, 7, 0, time.UTC)

// files are the files of a project in memory.
type files map[string]string

// loadText loads a project that exists in memory only, with an empty schema
// file when it has none.
func loadText(text string, others files) (*API, Problems) {
	fsys := fstest.MapFS{"schema.graphql": {Data: []byte("type Query { a: Int }\n")}}
	for name, content := range others {
		fsys[name] = &fstest.MapFile{Data: []byte(content)}
	}
	return load(&folder{fsys: fsys}, "appsync.yml", text, Options{Now: func() time.Time { return testNow }})
}

// mustLoad is loadText for a project without mistakes.
func mustLoad(t *testing.T, text string, others files) *API {
	t.Helper()
	api, problems := loadText(text, others)
	if problems != nil {
		t.Fatalf("unexpected problems:\n%s", problems)
	}
	return api
}

func messages(ps []Problem) []string {
	var out []string
	for _, p := range ps {
		out = append(out, p.Error())
	}
	return out
}

// head is a project without mistakes, for tests to add to: 5 lines.
const head = `name: notes
authentication: {type: API_KEY}
dataSources:
  none: {type: NONE}
  notes: {type: AMAZON_DYNAMODB, config: {tableName: notes-table}}
`

func TestMistakesAreReportedWithPlaceAndHint(t *testing.T) {
	tests := []struct {
		name  string
		text  string
		files files
		want  []string
	}{
		{
			name: "an empty project",
			text: "# nothing\n",
			want: []string{"appsync.yml:1:1: the project is empty"},
		},
		{
			name: "a project that is a list",
			text: "- a\n",
			want: []string{"appsync.yml:1:1: the project must be a map, not a list"},
		},
		{
			name: "missing required keys",
			text: "schema: schema.graphql\n",
			want: []string{
				"appsync.yml:1:1: the project needs `name`",
				"appsync.yml:1:1: the project needs `authentication`",
			},
		},
		{
			name: "a required key without a value",
			text: "name:\nauthentication: {type: AWS_IAM}\n",
			want: []string{"appsync.yml:1:1: `name` of the project has no value"},
		},
		{
			name: "misspelt keys at every level",
			text: `nmae: x
name: notes
authentication: {tpye: API_KEY, type: API_KEY}
resolvers:
  Query.a: {kind: UNIT, datasource: none, dataSource: none}
dataSources:
  none: {type: NONE, descripton: x}
`,
			want: []string{
				"appsync.yml:1:1: unknown key `nmae` in the project (did you mean `name`?)",
				"appsync.yml:3:18: unknown key `tpye` in authentication (did you mean `type`?)",
				"appsync.yml:5:25: unknown key `datasource` in resolver Query.a (did you mean `dataSource`?)",
				"appsync.yml:7:22: unknown key `descripton` in data source none (did you mean `description`?)",
			},
		},
		{
			name: "keys of the plugin's first version",
			text: head + "mappingTemplates: []\n",
			want: []string{"appsync.yml:6:1: unknown key `mappingTemplates` in the project (version 2 of serverless-appsync-plugin calls it `resolvers`)"},
		},
		{
			name: "wrong YAML types",
			text: `name: 12
authentication: API_KEY
introspection: yes
queryDepthLimit: "5"
resolverCountLimit: 1.5
environment: [A]
resolvers: 3
dataSources: none
pipelineFunctions: [3]
apiKeys: web
`,
			want: []string{
				"appsync.yml:1:7: `name` must be a string, not a number (write it in quotes)",
				"appsync.yml:2:17: authentication must be a map, not a string",
				"appsync.yml:3:16: `introspection` must be true or false, not `yes`",
				"appsync.yml:4:18: `queryDepthLimit` must be a whole number, not `5`",
				"appsync.yml:5:21: `resolverCountLimit` must be a whole number, not `1.5`",
				"appsync.yml:6:14: `environment` must be a map, not a list",
				"appsync.yml:7:12: `resolvers` must be a map or a list of maps, not a number",
				"appsync.yml:8:14: `dataSources` must be a map or a list of maps, not a string",
				"appsync.yml:9:21: `pipelineFunctions` must be a map or a list of maps, not a number",
				"appsync.yml:10:10: `apiKeys` must be a list of names or maps, not `web`",
			},
		},
		{
			// Ranges of serverless-appsync-plugin 2's validation.
			name: "numbers out of range",
			text: head + `queryDepthLimit: 76
resolverCountLimit: 0
caching: {behavior: PER_RESOLVER_CACHING, ttl: 3601}
resolvers:
  Query.a: {kind: UNIT, dataSource: none, maxBatchSize: 2001, caching: {ttl: 0}}
  Query.b: {kind: UNIT, dataSource: none, maxBatchSize: 99999999999999999999}
`,
			want: []string{
				"appsync.yml:6:18: `queryDepthLimit` must be between 1 and 75, not 76",
				"appsync.yml:7:21: `resolverCountLimit` must be between 1 and 10000, not 0",
				"appsync.yml:8:48: `ttl` must be between 1 and 3600, not 3601",
				"appsync.yml:10:57: `maxBatchSize` must be between 1 and 2000, not 2001",
				"appsync.yml:10:78: `ttl` must be between 1 and 3600, not 0",
				"appsync.yml:11:57: `maxBatchSize` must be a whole number, not `99999999999999999999`",
			},
		},
		{
			name: "values that are no enum value",
			text: `name: notes
authentication: {type: API_KEYS}
logging: {level: WARN}
caching: {behavior: PER_RESOLVER_CACHE}
dataSources:
  a: {type: AMAZON_DYNAMO, config: {}}
resolvers:
  Query.a: {kind: unit, functions: []}
`,
			want: []string{
				"appsync.yml:2:24: `type` must be one of API_KEY, AWS_IAM, AMAZON_COGNITO_USER_POOLS, OPENID_CONNECT, AWS_LAMBDA, not `API_KEYS` (did you mean `API_KEY`?)",
				"appsync.yml:3:18: `level` must be one of ALL, INFO, DEBUG, ERROR, NONE, not `WARN`",
				"appsync.yml:4:21: `behavior` must be FULL_REQUEST_CACHING or PER_RESOLVER_CACHING, not `PER_RESOLVER_CACHE` (did you mean `PER_RESOLVER_CACHING`?)",
				"appsync.yml:6:13: `type` must be one of AMAZON_DYNAMODB, AWS_LAMBDA, HTTP, NONE, AMAZON_OPENSEARCH_SERVICE, RELATIONAL_DATABASE, AMAZON_EVENTBRIDGE, AMAZON_BEDROCK_RUNTIME, not `AMAZON_DYNAMO` (did you mean `AMAZON_DYNAMODB`?)",
				"appsync.yml:8:19: `kind` must be UNIT or PIPELINE, not `unit` (did you mean `UNIT`?)",
			},
		},
		{
			name: "names that AppSync refuses",
			text: `name: notes
authentication: {type: API_KEY}
dataSources:
  my-source: {type: NONE}
pipelineFunctions:
  2nd: {dataSource: my-source}
resolvers:
  Query.a-b: {kind: UNIT, dataSource: my-source}
  get: {kind: UNIT, dataSource: my-source}
  c: {kind: UNIT, dataSource: my-source, type: Query, field: 1x}
`,
			want: []string{
				"appsync.yml:4:3: data source name `my-source` must consist of letters, digits and _, and not begin with a digit",
				"appsync.yml:6:3: function name `2nd` must consist of letters, digits and _, and not begin with a digit",
				"appsync.yml:8:3: resolver Query.a-b must be called Type.field, or have `type` and `field`",
				"appsync.yml:9:3: resolver get must be called Type.field, or have `type` and `field` (for example Query.get)",
				"appsync.yml:10:62: field name `1x` must consist of letters, digits and _, and not begin with a digit",
			},
		},
		{
			name: "references to what is not defined",
			text: head + `resolvers:
  Query.a: {kind: UNIT, dataSource: nots}
  Query.b: {functions: [chekTitle]}
pipelineFunctions:
  checkTitle: {dataSource: NONE}
`,
			want: []string{
				"appsync.yml:7:37: unknown data source `nots` (did you mean `notes`?)",
				"appsync.yml:8:25: unknown function `chekTitle` (did you mean `checkTitle`?)",
				"appsync.yml:10:28: unknown data source `NONE` (did you mean `none`?)",
			},
		},
		{
			name: "second definitions",
			text: `name: notes
authentication: {type: API_KEY}
dataSources:
  - none: {type: NONE}
  - none: {type: NONE}
pipelineFunctions:
  - f: {dataSource: none}
  - f: {dataSource: none}
resolvers:
  Query.a: {kind: UNIT, dataSource: none}
  other: {kind: UNIT, dataSource: none, type: Query, field: a}
apiKeys: [web, {name: web}]
`,
			want: []string{
				"appsync.yml:5:5: data source none is already defined at appsync.yml:4:5",
				"appsync.yml:8:5: function f is already defined at appsync.yml:7:5",
				"appsync.yml:11:61: resolver Query.a is already defined at appsync.yml:10:3",
				"appsync.yml:12:16: API key web is already defined at appsync.yml:12:11",
			},
		},
		{
			name: "resolvers of the wrong kind",
			text: head + `resolvers:
  Query.a: {dataSource: none}
  Query.b: {kind: UNIT, dataSource: none, functions: [f]}
  Query.c: {kind: UNIT}
  Query.d: {kind: PIPELINE, functions: f}
  Query.e: none
pipelineFunctions:
  f: none
`,
			want: []string{
				"appsync.yml:7:3: resolver Query.a is a PIPELINE, the default kind, and needs `functions` (add `kind: UNIT` to send its request to the data source)",
				"appsync.yml:8:43: resolver Query.b is a UNIT and cannot have `functions` (leave out `kind`, or make it PIPELINE)",
				"appsync.yml:9:3: resolver Query.c needs `dataSource`",
				"appsync.yml:10:40: `functions` must be a list of functions, not `f`",
				"appsync.yml:11:12: resolver Query.e must be a map, not a string (write {kind: UNIT, dataSource: none})",
				"appsync.yml:13:6: function f must be a map, not a string (write {dataSource: none})",
			},
		},
		{
			name: "authentications without what they need, and twice",
			text: `name: notes
authentication: {type: AMAZON_COGNITO_USER_POOLS}
additionalAuthentications:
  - {type: OPENID_CONNECT, config: {clientId: x}}
  - {type: AWS_LAMBDA, config: {authorizerResultTtlInSeconds: 3601}}
  - type: AWS_LAMBDA
    config: {functionName: a, functionArn: b}
  - {type: AMAZON_COGNITO_USER_POOLS, config: {userPoolId: us-east-1_a}}
  - {type: AMAZON_COGNITO_USER_POOLS, config: {userPoolId: us-east-1_b}}
  - {type: AMAZON_COGNITO_USER_POOLS, config: {userPoolId: us-east-1_a, defaultAction: MAYBE}}
`,
			want: []string{
				"appsync.yml:2:1: authentication needs `config`",
				"appsync.yml:4:28: the config of OPENID_CONNECT needs `issuer`",
				"appsync.yml:5:24: the config of AWS_LAMBDA needs one of `functionName`, `functionArn` and `function`",
				"appsync.yml:5:63: `authorizerResultTtlInSeconds` must be between 0 and 3600, not 3601",
				"appsync.yml:6:5: AWS_LAMBDA may authenticate an API only once",
				"appsync.yml:7:31: `functionName` and `functionArn` exclude each other",
				"appsync.yml:10:5: user pool us-east-1_a may authenticate an API only once",
				"appsync.yml:10:88: `defaultAction` must be ALLOW or DENY, not `MAYBE`",
			},
		},
		{
			name: "data sources without what they need",
			text: `name: notes
authentication: {type: API_KEY}
dataSources:
  a: {type: AMAZON_DYNAMODB}
  b: {type: AMAZON_DYNAMODB, config: {versioned: true, deltaSyncConfig: {baseTableTTL: soon}}}
  c: {type: AWS_LAMBDA, config: {}}
  d: {type: HTTP, config: {authorizationConfig: {authorizationType: BASIC}}}
  e: {type: AMAZON_OPENSEARCH_SERVICE, config: {}}
  f: {type: RELATIONAL_DATABASE, config: {}}
  g: {type: AMAZON_EVENTBRIDGE, config: {}}
  h: {}
  i:
  j: {type: AMAZON_DYNAMODB, config: {tableName: same, versioned: true, deltaSyncConfig: {deltaSyncTableName: same, baseTableTTL: -1}}}
`,
			want: []string{
				"appsync.yml:4:3: data source a needs `config`",
				"appsync.yml:5:30: the config of data source b needs `tableName`",
				"appsync.yml:5:56: deltaSyncConfig needs `deltaSyncTableName`",
				"appsync.yml:5:88: `baseTableTTL` must be a whole number, not `soon`",
				"appsync.yml:6:25: the config of data source c needs one of `functionName`, `functionArn` and `function`",
				"appsync.yml:7:19: the config of data source d needs `endpoint`",
				"appsync.yml:7:28: authorizationConfig needs `awsIamConfig`",
				"appsync.yml:7:69: `authorizationType` must be AWS_IAM, not `BASIC`",
				"appsync.yml:8:40: the config of data source e needs `endpoint` or `domain`",
				"appsync.yml:9:34: the config of data source f needs `dbClusterIdentifier`",
				"appsync.yml:9:34: the config of data source f needs `awsSecretStoreArn`",
				"appsync.yml:10:33: the config of data source g needs `eventBusArn`",
				"appsync.yml:11:3: data source h needs `type`",
				"appsync.yml:12:3: data source i is empty",
				"appsync.yml:13:73: data source j has the same base and delta table",
				"appsync.yml:13:131: `baseTableTTL` must be between 0 and 2147483647, not -1",
			},
		},
		{
			name: "files that are missing, folders, or outside",
			text: head + `resolvers:
  Query.a: {kind: UNIT, dataSource: none, request: vtl/req.vtl, response: vtl}
  Query.b: {kind: UNIT, dataSource: none, request: ../up.vtl, response: /etc/passwd}
  Query.c: {kind: UNIT, dataSource: none, code: code.js, request: true}
schema: [gone.graphql, "sdl/*.graphql"]
seed: seed.json
`,
			files: files{"vtl/res.vtl": "", "vtl/rek.vtl": ""},
			want: []string{
				"appsync.yml:7:52: `request` file vtl/req.vtl does not exist (did you mean `vtl/rek.vtl`?)",
				"appsync.yml:7:75: `response` file vtl is a folder, not a file",
				"appsync.yml:8:52: `request` file ../up.vtl leaves the project folder (--allow-outside permits it)",
				"appsync.yml:8:73: `response` file /etc/passwd leaves the project folder (--allow-outside permits it)",
				"appsync.yml:9:49: `code` file code.js does not exist",
				"appsync.yml:9:67: `request` must be a path, an inline text or false, not `true`",
				"appsync.yml:10:10: schema file gone.graphql does not exist",
				"appsync.yml:10:24: schema pattern sdl/*.graphql matches no file",
				"appsync.yml:11:7: seed file seed.json does not exist",
			},
		},
		{
			name:  "a file that is not text",
			text:  head + "resolvers:\n  Query.a: {kind: UNIT, dataSource: none, request: a.vtl}\n",
			files: files{"a.vtl": "ok\nab\xff"},
			want:  []string{"a.vtl:2:3: the file is not UTF-8 text"},
		},
		{
			name: "conflict handling",
			text: head + `resolvers:
  Query.a: {kind: UNIT, dataSource: none, sync: {conflictHandler: MERGE}}
  Query.b: {kind: UNIT, dataSource: none, sync: {conflictHandler: LAMBDA}}
  Query.c: {kind: UNIT, dataSource: none, sync: {conflictDetection: VERSIONS}}
`,
			want: []string{
				"appsync.yml:7:67: `conflictHandler` must be one of OPTIMISTIC_CONCURRENCY, AUTOMERGE, LAMBDA, not `MERGE`",
				"appsync.yml:8:43: `sync` of resolver Query.b needs one of `functionName`, `functionArn` and `function`",
				"appsync.yml:9:69: `conflictDetection` must be VERSION or NONE, not `VERSIONS` (did you mean `VERSION`?)",
			},
		},
		{
			name: "tables",
			text: head + `tables:
  - name: n
    partitionKey: {name: id}
  - name: comments
    partitionKey: {name: postId, type: X}
    sortKey: postId
    indexes:
      - {name: byAuthor}
      - {name: byAuthor, partitionKey: {name: a}, projection: SOME}
      - {name: byDate, local: true, partitionKey: {name: other}}
      - {name: included, partitionKey: {name: postId, type: N}, projection: INCLUDE}
  - name: comments
    partitionKey: {name: id}
  - partitionKey: {name: id}
  - {name: same, partitionKey: {name: id}, sortKey: {name: id}}
  - {name: notes-table, partitionkey: {name: id}}
`,
			want: []string{
				"appsync.yml:7:11: table name `n` must have 3 to 255 letters, digits, _, . and -",
				"appsync.yml:9:5: key `postId` of index included is N here and S elsewhere in table comments",
				"appsync.yml:10:40: `type` must be one of S, N, B, not `X`",
				"appsync.yml:11:14: `sortKey` of table comments must be a map, not a string",
				"appsync.yml:13:9: index byAuthor needs `partitionKey`",
				"appsync.yml:14:9: index byAuthor is already defined at appsync.yml:13:9",
				"appsync.yml:14:63: `projection` must be one of ALL, KEYS_ONLY, INCLUDE, not `SOME`",
				"appsync.yml:15:9: index byDate needs `sortKey`",
				"appsync.yml:15:51: index byDate is local and must have the table's partition key",
				"appsync.yml:16:9: index included has projection INCLUDE and needs `include`",
				"appsync.yml:17:5: table comments is already defined at appsync.yml:9:5",
				"appsync.yml:19:5: a table needs `name`",
				"appsync.yml:20:5: table same has `id` as both partition and sort key",
				"appsync.yml:21:25: unknown key `partitionkey` in a table (did you mean `partitionKey`?)",
			},
		},
		{
			name: "API keys",
			text: `name: notes
authentication: {type: API_KEY}
apiKeys:
  - {description: no name}
  - {name: a, expiresAfter: 23h}
  - {name: b, expiresAfter: 366d}
  - {name: c, expiresAfter: 1 year}
  - {name: d, expiresAt: tomorrow}
  - {name: e, key: "a b"}
  - 5
`,
			want: []string{
				"appsync.yml:4:5: an API key needs `name`",
				"appsync.yml:5:29: API key a must be valid for 1 to 365 days",
				"appsync.yml:6:29: API key b must be valid for 1 to 365 days",
				"appsync.yml:7:29: `expiresAfter` must be a duration: hours, or a number followed by y, q, M, w, d, h, m, s or ms, not `1 year`",
				"appsync.yml:8:26: `expiresAt` must be a date such as 2030-01-31T00:00:00Z, not `tomorrow`",
				"appsync.yml:9:20: `key` must consist of printable ASCII characters without spaces",
				"appsync.yml:10:5: an API key must be a map, not a number",
			},
		},
		{
			name: "environment and substitutions",
			text: head + `environment: {STAGE: dev, 1X: a, COUNT: 3}
substitutions: {"a b": x, list: [1]}
`,
			want: []string{
				"appsync.yml:6:27: environment variable name `1X` must have 2 to 64 letters, digits and _, and begin with a letter",
				"appsync.yml:6:41: environment variable `COUNT` must be a string, not a number (write it in quotes)",
				"appsync.yml:7:17: substitution name `a b` must consist of letters, digits, _ and -",
				"appsync.yml:7:33: substitution `list` must be a string, not a list",
			},
		},
		{
			name: "a section that another file holds",
			text: `service: notes
provider: {name: aws}
appSync:
  name: notes
  authentication: {type: API_KEY}
  dataSources: ${file(sources.yml)}
  pipelineFunctions:
    - ${file(functions.yml)}
  resolvers:
    Query.a: {kind: UNIT, dataSource: somewhere, request: "${self:custom.vtl}/a.vtl"}
    Query.b: {functions: [somewhere]}
`,
			want: []string{
				"appsync.yml:6:16: variable `${file(sources.yml)}` is not supported here (write the value itself)",
				"appsync.yml:8:7: variable `${file(functions.yml)}` is not supported here (write the value itself)",
				"appsync.yml:10:60: variable `${self:custom.vtl}` is not supported here (write the value itself)",
			},
		},
		{
			name: "intrinsic functions",
			text: `name: !Sub "${AWS::StackName}-notes"
authentication: {type: API_KEY}
dataSources:
  a: {type: AMAZON_DYNAMODB, config: {tableName: !Ref NotsTable}}
  b: {type: AWS_LAMBDA, config: {functionArn: !GetAtt Shout.Arn}}
  c: {type: HTTP, config: {endpoint: {"Fn::Join": ["", [a, b]]}, serviceRoleArn: !GetAtt Role.Arn}}
resources:
  Resources:
    NotesTable:
      Type: AWS::DynamoDB::Table
      Properties:
        AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
        KeySchema: [{AttributeName: id, KeyType: HASH}]
`,
			want: []string{
				"appsync.yml:1:7: `!Sub` is not supported here",
				"appsync.yml:4:50: `Ref` names no resource: `NotsTable` (did you mean `NotesTable`?)",
				"appsync.yml:5:47: `!GetAtt` is not supported here (write the value itself)",
				"appsync.yml:6:38: `Fn::Join` is not supported here (write the value itself)",
			},
		},
		{
			name: "tables of CloudFormation",
			text: head + `resources:
  Resources:
    A: {Type: AWS::DynamoDB::Table}
    B:
      Type: AWS::DynamoDB::Table
      Properties:
        TableName: x
        AttributeDefinitions: [{AttributeName: id, AttributeType: T}, {AttributeName: at, AttributeType: N}]
        KeySchema: [{AttributeName: et, KeyType: HASH}, {AttributeName: at, KeyType: SORT}]
    C:
      Type: AWS::DynamoDB::Table
      Properties:
        TableName: ${self:service}-c
        KeySchema: []
        GlobalSecondaryIndexes:
          - IndexName: byDate
            KeySchema: [{AttributeName: id, KeyType: HASH}]
`,
			want: []string{
				"appsync.yml:8:5: table A needs `Properties`",
				"appsync.yml:12:20: table name `x` must have 3 to 255 letters, digits, _, . and -",
				"appsync.yml:13:67: `AttributeType` must be one of S, N, B, not `T`",
				"appsync.yml:14:37: key `et` of table B is not among the AttributeDefinitions (did you mean `at`?)",
				"appsync.yml:14:86: `KeyType` must be HASH or RANGE, not `SORT`",
				"appsync.yml:18:20: variable `${self:service}` is not supported here (write the value itself)",
				"appsync.yml:19:9: table C has no HASH key",
				"appsync.yml:21:13: index byDate needs `Projection`",
				"appsync.yml:22:41: key `id` of index byDate is not among the AttributeDefinitions",
			},
		},
		{
			name: "local indexes that DynamoDB refuses",
			text: head + `tables:
  - name: listed
    partitionKey: {name: id}
    indexes: [{name: byDate, local: true, sortKey: {name: at}}]
resources:
  Resources:
    Declared:
      Type: AWS::DynamoDB::Table
      Properties:
        AttributeDefinitions: [{AttributeName: id, AttributeType: S}, {AttributeName: at, AttributeType: S}]
        KeySchema: [{AttributeName: id, KeyType: HASH}]
        LocalSecondaryIndexes:
          - IndexName: byDate
            KeySchema: [{AttributeName: at, KeyType: HASH}]
            Projection: {ProjectionType: INCLUDE}
`,
			want: []string{
				"appsync.yml:9:15: index byDate is local and needs a table with a sort key",
				"appsync.yml:18:13: index byDate is local and must have the table's partition key",
				"appsync.yml:18:13: index byDate is local and needs a table with a sort key",
				"appsync.yml:20:13: Projection of index byDate needs `NonKeyAttributes`",
			},
		},
		{
			name: "names of resources that another file or tool knows",
			text: head + `environment: {AA: !Ref Bucket, BB: !Ref Elsewhere, CC: !Ref Fn, DD: !Ref "AWS::Region"}
resources:
  - ${file(more.yml)}
  - Resources:
      Bucket: ${file(bucket.yml)}
      Fn: {Type: AWS::Lambda::Function, Properties: {FunctionName: !Sub "x-${Y}"}}
`,
			want: []string{
				"appsync.yml:6:56: the name of resource Fn is not known (write the value itself)",
				"appsync.yml:6:69: `Ref` to `AWS::Region` is not supported here (write the value itself)",
				"appsync.yml:8:5: variable `${file(more.yml)}` is not supported here (write the value itself)",
				"appsync.yml:10:15: variable `${file(bucket.yml)}` is not supported here (write the value itself)",
			},
		},
		{
			name: "a nested variable",
			text: strings.Replace(head, "name: notes", "name: a-${self:custom.${opt:stage, 'dev'}}-b", 1),
			want: []string{"appsync.yml:1:9: variable `${self:custom.${opt:stage, 'dev'}}` is not supported here (write the value itself)"},
		},
		{
			name: "parts of the wrong kind",
			text: `name: notes
authentication: {type: API_KEY}
schema: {a: b}
tables: 3
esbuild: 3
substitutions: []
additionalAuthentications: AWS_IAM
dataSources:
  a: {type: AMAZON_DYNAMODB, config: {tableName: aaa, versioned: true, deltaSyncConfig: 3}}
caching: {behavior: PER_RESOLVER_CACHING}
resolvers:
  Query.a: {kind: UNIT, dataSource: [a], caching: {keys: a}}
  Query.b: {kind: UNIT, dataSource: a, caching: {keys: [1]}, sync: []}
  Query.c: {kind: UNIT, dataSource: a, request: {inline: 1}, response: !Sub x, code: false}
  Query.d: {kind: unit, dataSource: {type: AWS_LAMBDA, config: {function: 3}}}
resources:
  - 3
  - Resources: 3
  - Outputs: {}
  - Resources: {A: {Type: AWS::DynamoDB::Table, Properties: {KeySchema: 3, AttributeDefinitions: [3], TimeToLiveSpecification: 3, LocalSecondaryIndexes: [3]}}}
`,
			want: []string{
				"appsync.yml:3:9: `schema` must be a path or a list of paths, not a map",
				"appsync.yml:4:9: `tables` must be a list of tables, not `3`",
				"appsync.yml:5:10: `esbuild` must be a map of esbuild's options or false, not `3`",
				"appsync.yml:6:16: `substitutions` must be a map, not a list",
				"appsync.yml:7:28: `additionalAuthentications` must be a list, not `AWS_IAM`",
				"appsync.yml:9:89: deltaSyncConfig must be a map, not a number",
				"appsync.yml:12:37: `dataSource` of resolver Query.a must be a name or a map, not a list",
				"appsync.yml:12:58: `keys` must be a list of strings, not `a`",
				"appsync.yml:13:57: `keys` must hold strings, not a number",
				"appsync.yml:13:68: `sync` of resolver Query.b must be a map, not a list",
				"appsync.yml:14:58: `inline` must be a string, not a number (write it in quotes)",
				"appsync.yml:14:72: `!Sub` is not supported here",
				"appsync.yml:14:86: `code` must be a path or an inline text, not `false`",
				"appsync.yml:15:19: `kind` must be UNIT or PIPELINE, not `unit` (did you mean `UNIT`?)",
				"appsync.yml:15:75: `function` must be a map, not `3`",
				"appsync.yml:17:5: `resources` must be a map, not a number",
				"appsync.yml:18:16: `Resources` must be a map, not a number",
				"appsync.yml:20:73: `KeySchema` must be a list, not `3`",
				"appsync.yml:20:99: an attribute definition must be a map, not a number",
				"appsync.yml:20:128: `TimeToLiveSpecification` must be a map, not `3`",
				"appsync.yml:20:155: an index must be a map, not a number",
			},
		},
		{
			name: "a schema of several wrong paths",
			text: head + "schema: [1, '${file(x)}', '../*.graphql', '[', '']\n",
			want: []string{
				"appsync.yml:6:10: `schema` must hold paths, not a number",
				"appsync.yml:6:14: variable `${file(x)}` is not supported here (write the value itself)",
				"appsync.yml:6:27: schema pattern ../*.graphql leaves the project folder (--allow-outside permits it)",
				"appsync.yml:6:43: schema pattern [ is not a valid pattern",
				"appsync.yml:6:48: schema file has an empty path",
			},
		},
		{
			name: "no schema file at all",
			text: head + "schema: []\n",
			want: []string{"appsync.yml:6:9: `schema` names no file"},
		},
		{
			name: "a delta table with other keys",
			text: `name: notes
authentication: {type: API_KEY}
dataSources:
  notes:
    type: AMAZON_DYNAMODB
    config: {tableName: notes, versioned: true, deltaSyncConfig: {deltaSyncTableName: delta}}
tables:
  - {name: delta, partitionKey: {name: id}}
`,
			want: []string{"appsync.yml:8:5: table delta is the delta table of data source notes and needs the partition key ds_pk (S) and the sort key ds_sk (S)"},
		},
		{
			name: "a CloudFormation template",
			text: "AWSTemplateFormatVersion: '2010-09-09'\nResources: {}\n",
			want: []string{"appsync.yml:1:1: this is a CloudFormation template and not an appsync.yml"},
		},
		{
			name: "a serverless.yml without the section",
			text: "service: x\nprovider: {name: aws}\n",
			want: []string{"appsync.yml:1:1: this serverless.yml has no `appSync` section"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, problems := loadText(tt.text, tt.files)
			if diff := cmp.Diff(tt.want, messages(problems)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatHasNoEffectIsWarnedOf(t *testing.T) {
	tests := []struct {
		name  string
		text  string
		files files
		want  []string
	}{
		{
			name: "half a versioned data source",
			text: `name: notes
authentication: {type: API_KEY}
dataSources:
  a: {type: AMAZON_DYNAMODB, config: {tableName: aaa, versioned: true}}
  b: {type: AMAZON_DYNAMODB, config: {tableName: bbb, deltaSyncConfig: {deltaSyncTableName: delta}}}
resolvers:
  Mutation.a: {kind: UNIT, dataSource: a, sync: {}}
`,
			want: []string{
				"appsync.yml:4:55: `versioned` of the config of data source a has no effect: `deltaSyncConfig` is missing",
				"appsync.yml:5:55: `deltaSyncConfig` of the config of data source b has no effect: `versioned` is not true",
				"appsync.yml:7:43: `sync` of resolver Mutation.a has no effect: data source a is not versioned",
			},
		},
		{
			name: "more than ten functions",
			text: head + `resolvers:
  Query.a: {functions: [f, f, f, f, f, f, f, f, f, f, f]}
pipelineFunctions:
  f: {dataSource: none}
`,
			want: []string{"appsync.yml:7:13: resolver Query.a has 11 functions; AppSync takes at most 10"},
		},
		{
			name: "keys beside those that take their place",
			text: head + `resolvers:
  Query.a: {kind: UNIT, dataSource: none, code: a.js, request: a.vtl, response: a.vtl}
  Query.b: {functions: [], dataSource: none, sync: {conflictHandler: AUTOMERGE}}
  Query.c: {kind: UNIT, dataSource: none, caching: true}
`,
			files: files{"a.js": "", "a.vtl": ""},
			want: []string{
				"appsync.yml:7:55: `request` of resolver Query.a has no effect: `code` takes its place",
				"appsync.yml:7:71: `response` of resolver Query.a has no effect: `code` takes its place",
				"appsync.yml:8:28: `dataSource` of resolver Query.b has no effect: a PIPELINE has those of its functions",
				"appsync.yml:8:46: `sync` of resolver Query.b has no effect: it belongs to the functions of a PIPELINE",
				"appsync.yml:9:43: `caching` of resolver Query.c has no effect: the API has no `caching`",
			},
		},
		{
			name: "API keys of an API without them",
			text: "name: notes\nauthentication: {type: AWS_IAM}\napiKeys: [web]\n",
			want: []string{"appsync.yml:3:1: `apiKeys` of the project has no effect: no authentication is API_KEY"},
		},
		{
			name: "API keys past and too long",
			text: `name: notes
authentication: {type: API_KEY}
apiKeys:
  - {name: old, expiresAt: 2020-01-01T00:00:00Z}
  - {name: long, expiresAt: 2030-01-01}
`,
			want: []string{
				"appsync.yml:4:28: API key old has expired",
				"appsync.yml:5:29: API key long is valid for more than 365 days, which AppSync refuses",
			},
		},
		{
			name: "texts above AppSync's limits",
			text: head + `resolvers:
  Query.a: {kind: UNIT, dataSource: none, request: a.vtl}
  Query.b: {kind: UNIT, dataSource: none, code: b.js}
`,
			files: files{
				"schema.graphql": strings.Repeat("#", 1<<20+1),
				"a.vtl":          strings.Repeat("é", 65537),
				"b.js":           strings.Repeat("/", 32769),
			},
			want: []string{
				"appsync.yml:1:1: the schema has 1048577 bytes; AppSync takes at most 1048576",
				"appsync.yml:7:52: `request` of resolver Query.a has 65537 characters; AppSync takes at most 65536",
				"appsync.yml:8:49: `code` of resolver Query.b has 32769 characters; AppSync takes at most 32768",
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			api := mustLoad(t, tt.text, tt.files)
			if diff := cmp.Diff(tt.want, messages(api.Warnings)); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}

// TestBrokenProject loads a project with ten planted mistakes. want.txt was
// written by hand: file:line:column, message, hint, and the line with a caret.
func TestBrokenProject(t *testing.T) {
	_, problems := Load(filepath.Join("testdata", "broken"), Options{Now: func() time.Time { return testNow }})
	var got strings.Builder
	for _, p := range problems {
		got.WriteString(p.Error() + "\n")
		if p.SourceLine != "" {
			got.WriteString("    " + p.SourceLine + "\n")
			got.WriteString("    " + strings.Repeat(" ", p.Pos.Column-1) + "^\n")
		}
	}
	want, err := os.ReadFile(filepath.Join("testdata", "broken", "want.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got.String(), "\n")); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}
