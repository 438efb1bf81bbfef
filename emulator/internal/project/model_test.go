package project

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// modelOptions compare models without the places of their text.
var modelOptions = cmp.Options{
	cmpopts.IgnoreUnexported(Template{}),
	cmpopts.IgnoreTypes(Position{}),
}

func TestResolversAndFunctionsBecomeTheModel(t *testing.T) {
	api := mustLoad(t, `name: notes
authentication: {type: API_KEY}
caching: {behavior: PER_RESOLVER_CACHING}
dataSources:
  - none: {type: NONE}
  - notes:
      type: AMAZON_DYNAMODB
      config: {tableName: notes, versioned: true, deltaSyncConfig: {deltaSyncTableName: delta}}
pipelineFunctions:
  - check: {dataSource: none, request: req.vtl, response: false, maxBatchSize: 5}
  - code: {dataSource: none, code: f.js}
resolvers:
  - Query.unit:
      kind: UNIT
      dataSource: notes
      request: req.vtl
      response: res.vtl
      maxBatchSize: 2000
      caching: {ttl: 60, keys: [$context.arguments.id]}
      sync: {conflictHandler: LAMBDA, functionName: resolve}
  - Query.direct: {kind: UNIT, dataSource: none, caching: true}
  - Query.pipe:
      functions:
        - check
        - {dataSource: notes, request: req.vtl, sync: {conflictHandler: AUTOMERGE, automerge: FIELD_LEVEL}}
        - {dataSource: {type: HTTP, config: {endpoint: "https://example.com"}}, code: f.js}
      request: req.vtl
  - Query.inline: {kind: UNIT, dataSource: {type: AWS_LAMBDA, config: {function: {handler: src/x.main}}}}
  - any: {type: Mutation, field: save, functions: [], code: f.js}
`, files{"req.vtl": "REQ", "res.vtl": "RES", "f.js": "JS"})

	req, res, js := &Template{Text: "REQ"}, &Template{Text: "RES"}, &Template{Text: "JS"}
	wantResolvers := []*Resolver{
		{Type: "Query", Field: "unit", Kind: KindUnit,
			Unit: Function{DataSource: "notes", Request: req, Response: res, MaxBatchSize: 2000,
				Sync: &Sync{ConflictDetection: "VERSION", ConflictHandler: "LAMBDA", Lambda: Lambda{FunctionName: "resolve"}}},
			Caching: &Caching{TTLSeconds: 60, Keys: []string{"$context.arguments.id"}}},
		{Type: "Query", Field: "direct", Kind: KindUnit, Unit: Function{DataSource: "none"}, Caching: &Caching{}},
		{Type: "Query", Field: "pipe", Kind: KindPipeline, Unit: Function{Request: req},
			Functions: []FunctionRef{{Name: "check"}, {Name: "Query_pipe_1"}, {Name: "Query_pipe_2"}}},
		{Type: "Query", Field: "inline", Kind: KindUnit, Unit: Function{DataSource: "Query_inline"}},
		{Type: "Mutation", Field: "save", Kind: KindPipeline, Unit: Function{Code: js}},
	}
	if diff := cmp.Diff(wantResolvers, api.Resolvers, modelOptions); diff != "" {
		t.Errorf("resolvers (-want +got):\n%s", diff)
	}
	wantFunctions := []*Function{
		{Name: "check", DataSource: "none", Request: req, MaxBatchSize: 5},
		{Name: "code", DataSource: "none", Code: js},
		{Name: "Query_pipe_1", DataSource: "notes", Request: req,
			Sync: &Sync{ConflictDetection: "VERSION", ConflictHandler: "AUTOMERGE", Automerge: "FIELD_LEVEL"}},
		{Name: "Query_pipe_2", DataSource: "Query_pipe_2", Code: js},
	}
	if diff := cmp.Diff(wantFunctions, api.Functions, modelOptions); diff != "" {
		t.Errorf("functions (-want +got):\n%s", diff)
	}
	wantSources := []*DataSource{
		{Name: "none", Type: DataSourceNone},
		{Name: "notes", Type: DataSourceDynamoDB, TableName: "notes", Versioned: true,
			DeltaSync: &DeltaSync{TableName: "delta", BaseTableTTL: 43200, DeltaTableTTL: 1440}},
		{Name: "Query_pipe_2", Type: DataSourceHTTP, Endpoint: "https://example.com"},
		{Name: "Query_inline", Type: DataSourceLambda, Lambda: Lambda{FunctionName: "Query_inline", Handler: "src/x.main"}},
	}
	if diff := cmp.Diff(wantSources, api.DataSources, modelOptions); diff != "" {
		t.Errorf("data sources (-want +got):\n%s", diff)
	}
}

func TestEveryDataSourceTypeIsAccepted(t *testing.T) {
	api := mustLoad(t, `name: notes
authentication: {type: API_KEY}
dataSources:
  ddb:
    type: AMAZON_DYNAMODB
    description: all keys
    config:
      tableName: notes
      region: eu-west-1
      useCallerCredentials: true
      serviceRoleArn: !GetAtt Role.Arn
      iamRoleStatements: [{Effect: Allow, Action: ["*"], Resource: !Sub "${X}"}]
      versioned: true
      deltaSyncConfig: {deltaSyncTableName: notes-delta, baseTableTTL: "0", deltaSyncTableTTL: 30}
  lambda: {type: AWS_LAMBDA, config: {functionName: shout, functionAlias: live}}
  arn: {type: AWS_LAMBDA, config: {functionArn: "arn:aws:lambda:us-east-1:123456789012:function:x"}}
  http:
    type: HTTP
    config:
      endpoint: https://example.com
      authorizationConfig:
        authorizationType: AWS_IAM
        awsIamConfig: {signingRegion: eu-west-1, signingServiceName: states}
  search: {type: AMAZON_OPENSEARCH_SERVICE, config: {domain: Domain, region: eu-west-1}}
  rds: {type: RELATIONAL_DATABASE, config: {dbClusterIdentifier: !Ref Cluster, awsSecretStoreArn: !Ref Secret, databaseName: x}}
  events: {type: AMAZON_EVENTBRIDGE, config: {eventBusArn: !GetAtt Bus.Arn}}
  bedrock: {type: AMAZON_BEDROCK_RUNTIME}
  none: {type: NONE}
`, nil)
	want := []*DataSource{
		{Name: "ddb", Type: DataSourceDynamoDB, Description: "all keys", TableName: "notes", Region: "eu-west-1", Versioned: true,
			DeltaSync: &DeltaSync{TableName: "notes-delta", BaseTableTTL: 0, DeltaTableTTL: 30}},
		{Name: "lambda", Type: DataSourceLambda, Lambda: Lambda{FunctionName: "shout", FunctionAlias: "live"}},
		{Name: "arn", Type: DataSourceLambda, Lambda: Lambda{FunctionARN: "arn:aws:lambda:us-east-1:123456789012:function:x"}},
		{Name: "http", Type: DataSourceHTTP, Endpoint: "https://example.com", SigningRegion: "eu-west-1", SigningServiceName: "states"},
		{Name: "search", Type: DataSourceOpenSearch, Region: "eu-west-1"},
		{Name: "rds", Type: DataSourceRelationalDatabase},
		{Name: "events", Type: DataSourceEventBridge},
		{Name: "bedrock", Type: DataSourceBedrock},
		{Name: "none", Type: DataSourceNone},
	}
	if diff := cmp.Diff(want, api.DataSources, modelOptions); diff != "" {
		t.Errorf("data sources (-want +got):\n%s", diff)
	}
}

func TestAuthenticationsBecomeTheModel(t *testing.T) {
	api := mustLoad(t, `name: notes
authentication:
  type: AMAZON_COGNITO_USER_POOLS
  config: {userPoolId: eu-west-1_abc, defaultAction: DENY, appIdClientRegex: "^x"}
additionalAuthentications:
  - {type: API_KEY}
  - {type: AWS_IAM}
  - {type: OPENID_CONNECT, config: {issuer: "https://example.com", clientId: web, iatTTL: 1000, authTTL: 2000}}
  - type: AWS_LAMBDA
    config: {function: {handler: auth.main}, identityValidationExpression: "^Bearer ", authorizerResultTtlInSeconds: 300}
  - {type: AMAZON_COGNITO_USER_POOLS, config: {userPoolId: local, awsRegion: us-east-2}}
`, nil)
	want := []AuthProvider{
		{Type: AuthCognito, UserPoolID: "eu-west-1_abc", Region: "eu-west-1", DefaultAction: "DENY", AppIDClientRegex: "^x"},
		{Type: AuthAPIKey},
		{Type: AuthIAM},
		{Type: AuthOIDC, Issuer: "https://example.com", ClientID: "web", IatTTL: 1000, AuthTTL: 2000},
		{Type: AuthLambda, Lambda: Lambda{FunctionName: "notesAuthorizer", Handler: "auth.main"},
			IdentityValidationExpression: "^Bearer ", ResultTTLSeconds: 300},
		{Type: AuthCognito, UserPoolID: "local", Region: "us-east-2", DefaultAction: "ALLOW"},
	}
	got := append([]AuthProvider{api.Auth}, api.AdditionalAuth...)
	if diff := cmp.Diff(want, got, modelOptions); diff != "" {
		t.Errorf("authentications (-want +got):\n%s", diff)
	}
}

func TestSettingsOfTheAPIBecomeTheModel(t *testing.T) {
	api := mustLoad(t, head+`environment: {STAGE: dev, TABLE: !Ref NotesTable}
introspection: false
queryDepthLimit: 20
resolverCountLimit: 100
caching: {behavior: FULL_REQUEST_CACHING, type: SMALL, ttl: 60, atRestEncryption: true}
logging: {level: ERROR, excludeVerboseContent: true, retentionInDays: 3, roleArn: !GetAtt R.Arn}
esbuild: {target: es2022, minify: true, external: [a]}
tags: {a: b}
xrayEnabled: ${self:custom.xray}
visibility: GLOBAL
domain: {name: example.com}
waf: {rules: []}
enhancedMetrics: {DataSourceLevelMetricsBehavior: FULL_REQUEST_DATA_SOURCE_METRICS}
x-anything: [of, the, user]
resources:
  Resources:
    NotesTable:
      Type: AWS::DynamoDB::Table
      Properties:
        AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
        KeySchema: [{AttributeName: id, KeyType: HASH}]
`, nil)
	if diff := cmp.Diff(map[string]string{"STAGE": "dev", "TABLE": "NotesTable"}, api.Environment); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
	if !api.IntrospectionOff || api.QueryDepthLimit != 20 || api.ResolverCountLimit != 100 {
		t.Errorf("limits: introspection off %v, depth %d, resolvers %d", api.IntrospectionOff, api.QueryDepthLimit, api.ResolverCountLimit)
	}
	if diff := cmp.Diff(&APICache{Behavior: CacheFullRequest, TTLSeconds: 60}, api.Cache, modelOptions); diff != "" {
		t.Errorf("cache (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(&Logging{Level: "ERROR", ExcludeVerboseContent: true}, api.Logging); diff != "" {
		t.Errorf("logging (-want +got):\n%s", diff)
	}
	options := map[string]any{"target": "es2022", "minify": true, "external": []any{"a"}}
	if diff := cmp.Diff(ESBuild{Options: options}, api.ESBuild); diff != "" {
		t.Errorf("esbuild (-want +got):\n%s", diff)
	}
}

func TestDisabledSettingsAreAbsent(t *testing.T) {
	api := mustLoad(t, head+`caching: {behavior: FULL_REQUEST_CACHING, enabled: false}
logging: {level: ALL, enabled: false}
esbuild: false
`, nil)
	if api.Cache != nil || api.Logging != nil || !api.ESBuild.Off || api.IntrospectionOff {
		t.Errorf("cache %v, logging %v, esbuild off %v, introspection off %v", api.Cache, api.Logging, api.ESBuild.Off, api.IntrospectionOff)
	}
}

func TestIDIsStableAndOfAppSyncsForm(t *testing.T) {
	first, again := mustLoad(t, head, nil), mustLoad(t, head+"environment: {AB: c}\n", nil)
	if first.ID != again.ID {
		t.Errorf("ids %s and %s of one API differ", first.ID, again.ID)
	}
	// 26 lowercase letters and digits: ids that AppSync gives.
	if len(first.ID) != 26 || strings.Trim(first.ID, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
		t.Errorf("id %q", first.ID)
	}
	if other := mustLoad(t, strings.Replace(head, "notes", "others", 1), nil); other.ID == first.ID {
		t.Error("two APIs have one id")
	}
}

func TestSchemaFilesAreFoundAndMerged(t *testing.T) {
	others := files{
		"schema.graphql":            "type Query { a: Int }",
		"schema/a.graphql":          "# a",
		"schema/b.graphql":          "# b",
		"schema/deep/er/c.graphql":  "# c",
		"schema/deep/.hid.graphql":  "# hidden",
		"schema/other.txt":          "x",
		"node_modules/x/y.graphql":  "# foreign",
		"with bom.graphql":          "\ufeff# bom",
		"schema/deep/[odd].graphql": "# odd",
	}
	tests := []struct {
		schema string
		want   []string
	}{
		{"", []string{"schema.graphql"}},
		{"schema: ./schema/../schema.graphql\n", []string{"schema.graphql"}},
		{"schema: schema/*.graphql\n", []string{"schema/a.graphql", "schema/b.graphql"}},
		{"schema: schema/**/*.graphql\n", []string{"schema/a.graphql", "schema/b.graphql", "schema/deep/[odd].graphql", "schema/deep/er/c.graphql"}},
		{"schema: schema/{b,a}.graphql\n", []string{"schema/a.graphql", "schema/b.graphql"}},
		{"schema: [schema/b.graphql, 'schema/[ab].graphql']\n", []string{"schema/b.graphql", "schema/a.graphql"}},
		{"schema: with bom.graphql\n", []string{"with bom.graphql"}},
	}
	for _, tt := range tests {
		t.Run(tt.schema, func(t *testing.T) {
			api := mustLoad(t, head+tt.schema, others)
			var got []string
			for _, s := range api.Schema {
				got = append(got, s.Name)
				if strings.HasPrefix(s.Text, "\ufeff") {
					t.Errorf("%s begins with a byte order mark", s.Name)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("schema (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTablesAreListedDeclaredAndImplied(t *testing.T) {
	api := mustLoad(t, `name: notes
authentication: {type: API_KEY}
dataSources:
  plain: {type: AMAZON_DYNAMODB, config: {tableName: plain}}
  again: {type: AMAZON_DYNAMODB, config: {tableName: plain}}
  listed: {type: AMAZON_DYNAMODB, config: {tableName: comments}}
  declared: {type: AMAZON_DYNAMODB, config: {tableName: !Ref Orders}}
  versioned:
    type: AMAZON_DYNAMODB
    config: {tableName: base, versioned: true, deltaSyncConfig: {deltaSyncTableName: delta}}
  deltaReader: {type: AMAZON_DYNAMODB, config: {tableName: delta}}
tables:
  - name: comments
    partitionKey: {name: postId}
    sortKey: {name: createdAt, type: N}
    indexes:
      - {name: byAuthor, partitionKey: {name: author, type: S}, sortKey: {name: createdAt, type: N}, projection: KEYS_ONLY}
      - {name: byText, local: true, sortKey: {name: text, type: B}, projection: INCLUDE, include: [a, b]}
    ttlAttribute: expdate
resources:
  - Resources:
      Bucket: {Type: AWS::S3::Bucket}
      Orders:
        Type: AWS::DynamoDB::Table
        DeletionPolicy: Retain
        Properties:
          TableName: orders-prod
          BillingMode: PAY_PER_REQUEST
          AttributeDefinitions:
            - {AttributeName: pk, AttributeType: S}
            - {AttributeName: sk, AttributeType: N}
            - {AttributeName: at, AttributeType: B}
          KeySchema:
            - {AttributeName: sk, KeyType: RANGE}
            - {AttributeName: pk, KeyType: HASH}
          GlobalSecondaryIndexes:
            - IndexName: byTime
              KeySchema: [{AttributeName: at, KeyType: HASH}]
              Projection: {ProjectionType: INCLUDE, NonKeyAttributes: [x]}
          LocalSecondaryIndexes:
            - IndexName: local
              KeySchema: [{AttributeName: pk, KeyType: HASH}, {AttributeName: at, KeyType: RANGE}]
              Projection: {ProjectionType: ALL}
          TimeToLiveSpecification: {AttributeName: exp, Enabled: true}
`, nil)
	s := func(name string) KeyAttribute { return KeyAttribute{name, "S"} }
	want := []*Table{
		{Name: "comments", PartitionKey: s("postId"), SortKey: &KeyAttribute{"createdAt", "N"}, TTLAttribute: "expdate",
			Indexes: []TableIndex{
				{Name: "byAuthor", PartitionKey: s("author"), SortKey: &KeyAttribute{"createdAt", "N"}, Projection: "KEYS_ONLY"},
				{Name: "byText", PartitionKey: s("postId"), SortKey: &KeyAttribute{"text", "B"}, Local: true,
					Projection: "INCLUDE", Include: []string{"a", "b"}},
			}},
		{Name: "orders-prod", PartitionKey: s("pk"), SortKey: &KeyAttribute{"sk", "N"}, TTLAttribute: "exp",
			Indexes: []TableIndex{
				{Name: "byTime", PartitionKey: KeyAttribute{"at", "B"}, Projection: "INCLUDE", Include: []string{"x"}},
				{Name: "local", PartitionKey: s("pk"), SortKey: &KeyAttribute{"at", "B"}, Local: true, Projection: "ALL"},
			}},
		{Name: "delta", PartitionKey: s("ds_pk"), SortKey: &KeyAttribute{"ds_sk", "S"}, TTLAttribute: "_ttl"},
		{Name: "plain", PartitionKey: s("id")},
		{Name: "base", PartitionKey: s("id"), TTLAttribute: "_ttl"},
	}
	if diff := cmp.Diff(want, api.Tables, modelOptions); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
	if d := api.DataSource("declared"); d.TableName != "orders-prod" {
		t.Errorf("Ref gave table name %q", d.TableName)
	}
}

func TestSectionMayStandInAServerlessFile(t *testing.T) {
	api := mustLoad(t, `service: notes
provider: {name: aws, stage: "${opt:stage, 'dev'}"}
custom: ${file(custom.yml)}
functions: {shout: {handler: x.y}}
appSync:
  name: notes
  authentication: {type: API_KEY}
  dataSources:
    shout: {type: AWS_LAMBDA, config: {functionName: shout}}
    notes: {type: AMAZON_DYNAMODB, config: {tableName: {Ref: Notes}}}
  tables: [{name: extra, partitionKey: {name: id}}]
resources:
  Resources:
    Notes:
      Type: AWS::DynamoDB::Table
      Properties:
        AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
        KeySchema: [{AttributeName: id, KeyType: HASH}]
  Outputs: {X: {Value: "${self:service}"}}
`, nil)
	var names []string
	for _, table := range api.Tables {
		names = append(names, table.Name)
	}
	if want := []string{"extra", "Notes"}; !slices.Equal(names, want) {
		t.Errorf("tables %v, want %v", names, want)
	}
}

func TestPositionsPointAtTheText(t *testing.T) {
	api := mustLoad(t, head+`pipelineFunctions:
  check: {dataSource: none}
resolvers:
  Query.a: {kind: UNIT, dataSource: notes, sync: {}}
  b:
    type: Query
    field: b
    functions: [check, {dataSource: none}]
`, nil)
	got := map[string]Position{
		"authentication":  api.Auth.Pos,
		"data source":     api.DataSource("notes").Pos,
		"function":        api.Function("check").Pos,
		"inline function": api.Function("Query_b_1").Pos,
		"resolver":        api.Resolvers[0].Pos,
		"sync":            api.Resolvers[0].Unit.Sync.Pos,
		"field":           api.Resolvers[1].Pos,
		"named function":  api.Resolvers[1].Functions[0].Pos,
		"implied table":   api.Tables[0].Pos,
	}
	at := func(line, column int) Position { return Position{"appsync.yml", line, column} }
	want := map[string]Position{
		"authentication":  at(2, 1),
		"data source":     at(5, 3),
		"function":        at(7, 3),
		"inline function": at(13, 24),
		"resolver":        at(9, 3),
		"sync":            at(9, 44),
		"field":           at(12, 12),
		"named function":  at(13, 17),
		"implied table":   at(5, 3),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("positions (-want +got):\n%s", diff)
	}
	if line := api.SourceLine(at(12, 12)); line != "    field: b" {
		t.Errorf("source line %q", line)
	}
}
