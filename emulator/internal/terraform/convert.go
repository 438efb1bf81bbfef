package terraform

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"appsync-emulator/emulator/internal/project"
)

// property is an argument of a Terraform resource and the property that it is in
// CloudFormation.
type property struct {
	from, to string
	// of are the properties of a block; list keeps all blocks of the name and not
	// just the first.
	of   []property
	list bool
	// refers tells that the value may be a reference to another resource, and gives
	// the function that has it. Without it a value must be known.
	refers func(at *project.Node, to *resource) *project.Node
	// zero is left out where zero, as in Terraform's states, means that it is not set.
	zero bool
	// need makes it a mistake that the value is configured and not known.
	need bool
}

// call is an intrinsic function.
func call(at *project.Node, name string, arguments ...string) *project.Node {
	if len(arguments) == 1 {
		return project.NewMap(at, []project.Entry{project.NewEntry(name, at, text(at, arguments[0]))})
	}
	items := make([]*project.Node, len(arguments))
	for i, a := range arguments {
		items[i] = text(at, a)
	}
	return project.NewMap(at, []project.Entry{project.NewEntry(name, at, project.NewList(at, items))})
}

func ref(at *project.Node, to *resource) *project.Node { return call(at, "Ref", to.address) }

func attribute(name string) func(*project.Node, *resource) *project.Node {
	return func(at *project.Node, to *resource) *project.Node { return call(at, "Fn::GetAtt", to.address, name) }
}

// arn is that of a Lambda function; of its versions and aliases Ref gives it.
func arn(at *project.Node, to *resource) *project.Node {
	if to.kind == "aws_lambda_alias" {
		return ref(at, to)
	}
	return attribute("Arn")(at, to)
}

var (
	apiID = property{from: "api_id", to: "ApiId", refers: attribute("ApiId"), need: true}

	userPool = property{from: "user_pool_config", to: "UserPoolConfig", of: []property{
		{from: "user_pool_id", to: "UserPoolId", refers: ref, need: true},
		{from: "aws_region", to: "AwsRegion"},
		{from: "default_action", to: "DefaultAction"},
		{from: "app_id_client_regex", to: "AppIdClientRegex"},
	}}
	openID = property{from: "openid_connect_config", to: "OpenIDConnectConfig", of: []property{
		{from: "issuer", to: "Issuer", need: true},
		{from: "client_id", to: "ClientId", need: true},
		{from: "iat_ttl", to: "IatTTL", zero: true},
		{from: "auth_ttl", to: "AuthTTL", zero: true},
	}}
	authorizer = property{from: "lambda_authorizer_config", to: "LambdaAuthorizerConfig", of: []property{
		{from: "authorizer_uri", to: "AuthorizerUri", refers: arn, need: true},
		{from: "authorizer_result_ttl_in_seconds", to: "AuthorizerResultTtlInSeconds"},
		{from: "identity_validation_expression", to: "IdentityValidationExpression"},
	}}
	syncConfig = property{from: "sync_config", to: "SyncConfig", of: []property{
		{from: "conflict_detection", to: "ConflictDetection"},
		{from: "conflict_handler", to: "ConflictHandler"},
		{from: "lambda_conflict_handler_config", to: "LambdaConflictHandlerConfig", of: []property{
			{from: "lambda_conflict_handler_arn", to: "LambdaConflictHandlerArn", refers: arn, need: true},
		}},
	}}
	runtime = property{from: "runtime", to: "Runtime", of: []property{
		{from: "name", to: "Name"}, {from: "runtime_version", to: "RuntimeVersion"},
	}}
	dataSourceName = property{from: "data_source", to: "DataSourceName", refers: attribute("Name"), need: true}
	code           = property{from: "code", to: "Code", need: true}
	batch          = property{from: "max_batch_size", to: "MaxBatchSize", zero: true}

	indexKeys = []property{{from: "name", to: "IndexName"}, {from: "hash_key"}, {from: "range_key"}, {from: "key_schema"},
		{from: "projection_type"}, {from: "non_key_attributes"}}
)

// kinds are the resources of the AWS provider that an API is made of.
//
// See: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/appsync_graphql_api
var kinds = map[string]struct {
	kind       string
	properties []property
}{
	"aws_appsync_graphql_api": {"AWS::AppSync::GraphQLApi", []property{
		{from: "name", to: "Name", need: true},
		{from: "authentication_type", to: "AuthenticationType", need: true},
		userPool, openID, authorizer,
		{from: "additional_authentication_provider", to: "AdditionalAuthenticationProviders", list: true, of: []property{
			{from: "authentication_type", to: "AuthenticationType", need: true}, userPool, openID, authorizer,
		}},
		{from: "log_config", to: "LogConfig", of: []property{
			{from: "field_log_level", to: "FieldLogLevel"}, {from: "exclude_verbose_content", to: "ExcludeVerboseContent"},
		}},
		{from: "environment_variables", to: "EnvironmentVariables", need: true},
		{from: "introspection_config", to: "IntrospectionConfig"},
		{from: "query_depth_limit", to: "QueryDepthLimit", zero: true},
		{from: "resolver_count_limit", to: "ResolverCountLimit", zero: true},
		{from: "visibility", to: "Visibility"},
		{from: "api_type", to: "ApiType"},
	}},
	"aws_appsync_api_key": {"AWS::AppSync::ApiKey", []property{
		apiID, {from: "description", to: "Description"}, {from: "key", to: "ApiKeyId"},
	}},
	"aws_appsync_api_cache": {"AWS::AppSync::ApiCache", []property{
		apiID, {from: "api_caching_behavior", to: "ApiCachingBehavior"}, {from: "ttl", to: "Ttl"}, {from: "type", to: "Type"},
	}},
	"aws_appsync_datasource": {"AWS::AppSync::DataSource", []property{
		apiID,
		{from: "name", to: "Name", need: true},
		{from: "type", to: "Type", need: true},
		{from: "description", to: "Description"},
		{from: "dynamodb_config", to: "DynamoDBConfig", of: []property{
			{from: "table_name", to: "TableName", refers: ref, need: true},
			{from: "region", to: "AwsRegion"},
			{from: "use_caller_credentials", to: "UseCallerCredentials"},
			{from: "versioned", to: "Versioned"},
			{from: "delta_sync_config", to: "DeltaSyncConfig", of: []property{
				{from: "delta_sync_table_name", to: "DeltaSyncTableName", refers: ref, need: true},
				{from: "base_table_ttl", to: "BaseTableTTL"},
				{from: "delta_sync_table_ttl", to: "DeltaSyncTableTTL"},
			}},
		}},
		{from: "lambda_config", to: "LambdaConfig", of: []property{
			{from: "function_arn", to: "LambdaFunctionArn", refers: arn, need: true},
		}},
		{from: "http_config", to: "HttpConfig", of: []property{
			{from: "endpoint", to: "Endpoint", need: true},
			{from: "authorization_config", to: "AuthorizationConfig", of: []property{
				{from: "authorization_type", to: "AuthorizationType"},
				{from: "aws_iam_config", to: "AwsIamConfig", of: []property{
					{from: "signing_region", to: "SigningRegion"}, {from: "signing_service_name", to: "SigningServiceName"},
				}},
			}},
		}},
		{from: "elasticsearch_config", to: "ElasticsearchConfig", of: []property{
			{from: "endpoint", to: "Endpoint"}, {from: "region", to: "AwsRegion"},
		}},
		{from: "opensearchservice_config", to: "OpenSearchServiceConfig", of: []property{
			{from: "endpoint", to: "Endpoint"}, {from: "region", to: "AwsRegion"},
		}},
		{from: "relational_database_config", to: "RelationalDatabaseConfig", of: []property{
			{from: "http_endpoint_config", to: "RdsHttpEndpointConfig", of: []property{{from: "region", to: "AwsRegion"}}},
		}},
	}},
	"aws_appsync_function": {"AWS::AppSync::FunctionConfiguration", []property{
		apiID, dataSourceName, batch, syncConfig, runtime, code,
		{from: "name", to: "Name", need: true},
		{from: "description", to: "Description"},
		{from: "request_mapping_template", to: "RequestMappingTemplate", need: true},
		{from: "response_mapping_template", to: "ResponseMappingTemplate", need: true},
	}},
	"aws_appsync_resolver": {"AWS::AppSync::Resolver", []property{
		apiID, dataSourceName, batch, syncConfig, runtime, code,
		{from: "type", to: "TypeName", need: true},
		{from: "field", to: "FieldName", need: true},
		{from: "kind", to: "Kind"},
		{from: "request_template", to: "RequestMappingTemplate", need: true},
		{from: "response_template", to: "ResponseMappingTemplate", need: true},
		{from: "pipeline_config", to: "PipelineConfig", of: []property{
			{from: "functions", to: "Functions", list: true, refers: attribute("FunctionId"), need: true},
		}},
		{from: "caching_config", to: "CachingConfig", of: []property{
			{from: "caching_keys", to: "CachingKeys"}, {from: "ttl", to: "Ttl", zero: true},
		}},
	}},
	"aws_dynamodb_table": {"AWS::DynamoDB::Table", []property{
		{from: "name", to: "TableName", need: true},
		{from: "attribute", to: "AttributeDefinitions", list: true, of: []property{
			{from: "name", to: "AttributeName"}, {from: "type", to: "AttributeType"},
		}},
		{from: "hash_key"}, {from: "range_key"},
		{from: "global_secondary_index", to: "GlobalSecondaryIndexes", list: true, of: indexKeys},
		{from: "local_secondary_index", to: "LocalSecondaryIndexes", list: true, of: indexKeys},
		{from: "ttl", to: "TimeToLiveSpecification", of: []property{
			{from: "attribute_name", to: "AttributeName"}, {from: "enabled", to: "Enabled"},
		}},
	}},
	"aws_lambda_function": {"AWS::Lambda::Function", []property{
		{from: "function_name", to: "FunctionName"}, {from: "timeout", to: "Timeout"},
	}},
	"aws_lambda_alias": {"AWS::Lambda::Alias", []property{
		{from: "function_name", to: "FunctionName", refers: ref}, {from: "name", to: "Name"},
	}},
	"aws_cognito_user_pool":        {"AWS::Cognito::UserPool", nil},
	"aws_cognito_user_pool_client": {"AWS::Cognito::UserPoolClient", nil},
}

// quiet are the beginnings of the types of resources that say who may do what, and
// nothing of what is done.
var quiet = []string{"aws_iam_", "aws_cloudwatch_", "aws_lambda_permission", "archive_", "random_", "null_", "local_", "time_", "terraform_data"}

// converter makes resources of CloudFormation of those of Terraform.
type converter struct{ *reader }

// convert returns the resources that one becomes; an API has its schema in one of
// its own.
func (c *converter) convert(r *resource) []project.Entry {
	as, known := kinds[r.kind]
	if !known {
		for _, prefix := range quiet {
			if strings.HasPrefix(r.kind, prefix) {
				return nil
			}
		}
		if r.kind == "aws_appsync_type" {
			return nil // a part of its API's schema
		}
		return []project.Entry{project.NewEntry(r.address, r.at, cloudFormation(r.at, r.kind, nil))}
	}
	properties := c.properties(r, r.values, r.config, as.properties)
	out := []project.Entry{}
	switch r.kind {
	case "aws_appsync_graphql_api":
		if schema := c.schema(r); schema != nil {
			out = append(out, *schema)
		}
	case "aws_appsync_api_key":
		properties = append(properties, c.expiry(r)...)
	case "aws_dynamodb_table":
		properties = append(properties, c.keys(r.values)...)
	}
	return append(out, project.NewEntry(r.address, r.at, cloudFormation(r.at, as.kind, properties)))
}

func cloudFormation(at *project.Node, kind string, properties []project.Entry) *project.Node {
	return project.NewMap(at, []project.Entry{
		project.NewEntry("Type", at, text(at, kind)),
		project.NewEntry("Properties", at, project.NewMap(at, properties)),
	})
}

// properties converts the arguments of a resource or a block; config are the
// expressions of the same.
func (c *converter) properties(r *resource, values, config *project.Node, of []property) []project.Entry {
	var out []project.Entry
	for i := range of {
		p := &of[i]
		if p.to == "" {
			continue
		}
		value, expression := find(values, p.from), find(config, p.from)
		var n *project.Node
		switch {
		case len(p.of) > 0:
			n = c.blocks(r, p, value, expression)
		case p.refers != nil && p.list:
			n = c.references(r, p, value, expression)
		default:
			n = c.value(r, p, value, expression)
		}
		if n != nil {
			out = append(out, project.NewEntry(p.to, n, n))
		}
	}
	return out
}

// value converts an argument, nil when it is not set.
func (c *converter) value(r *resource, p *property, value, expression *project.Node) *project.Node {
	if value != nil {
		switch {
		case value.Kind() == project.NodeString && value.Text() == "":
			return nil
		case p.zero && value.Text() == "0":
			return nil
		case p.refers != nil:
			if to := c.byID[value.Text()]; to != nil {
				return p.refers(value, to)
			}
		}
		return value
	}
	if expression == nil || find(expression, "references") == nil {
		return nil // not configured
	}
	why := "its value is not one of a resource alone"
	if p.refers != nil {
		var found []*resource
		if found, why = c.resolve(expression, r.module, r, 0); why == "" {
			if len(found) == 1 {
				return p.refers(r.at, found[0])
			}
			why = fmt.Sprintf("it refers to %d resources", len(found))
		}
	}
	if p.need {
		c.unknown(r, p, why)
	}
	return nil
}

// unknown reports a value that a plan does not know.
func (c *converter) unknown(r *resource, p *property, why string) {
	c.problem(r.at.Position(), "`terraform show -json` without a plan writes the state, which has all values",
		"resource %s: `%s` is known after apply only: %s", shorten(r.address), p.from, why)
}

// references converts a list of references.
func (c *converter) references(r *resource, p *property, value, expression *project.Node) *project.Node {
	if value != nil && value.Kind() == project.NodeList {
		items := make([]*project.Node, 0, len(value.Items()))
		for _, item := range value.Items() {
			if item.Kind() == project.NodeNull {
				items = nil
				break
			}
			n := item
			if to := c.byID[item.Text()]; to != nil {
				n = p.refers(item, to)
			}
			items = append(items, n)
		}
		if items != nil || len(value.Items()) == 0 {
			return project.NewList(value, items)
		}
	}
	if expression == nil || find(expression, "references") == nil {
		return nil
	}
	found, why := c.resolve(expression, r.module, r, 0)
	if why == "" && value != nil && value.Kind() == project.NodeList && len(found) != len(value.Items()) {
		why = fmt.Sprintf("it refers to %d resources, and has %d values", len(found), len(value.Items()))
	}
	if why != "" {
		c.unknown(r, p, why)
		return nil
	}
	items := make([]*project.Node, len(found))
	for i, to := range found {
		items[i] = p.refers(r.at, to)
	}
	return project.NewList(r.at, items)
}

// blocks converts the blocks of a name: the first, or the list of all.
func (c *converter) blocks(r *resource, p *property, value, expression *project.Node) *project.Node {
	items := many(value)
	if len(items) == 0 {
		return nil
	}
	configs := many(expression)
	config := func(i int) *project.Node {
		switch {
		case i < len(configs):
			return configs[i]
		case len(configs) == 1: // a dynamic block
			return configs[0]
		}
		return nil
	}
	if !p.list {
		return project.NewMap(items[0], c.properties(r, items[0], config(0), p.of))
	}
	out := make([]*project.Node, len(items))
	for i, item := range items {
		entries := c.properties(r, item, config(i), p.of)
		if r.kind == "aws_dynamodb_table" && p.from != "attribute" {
			entries = append(entries, c.index(r, p, item)...)
		}
		out[i] = project.NewMap(item, entries)
	}
	return project.NewList(value, out)
}

// many returns the maps of a list, or the one that stands alone.
func many(n *project.Node) []*project.Node {
	switch {
	case n == nil:
		return nil
	case n.Kind() == project.NodeMap:
		return []*project.Node{n}
	case n.Kind() != project.NodeList:
		return nil
	}
	var out []*project.Node
	for _, item := range n.Items() {
		if item.Kind() == project.NodeMap {
			out = append(out, item)
		}
	}
	return out
}

// schema is that of an API: its own, and the types that stand alone.
func (c *converter) schema(api *resource) *project.Entry {
	p := property{from: "schema", need: true}
	n := c.value(api, &p, find(api.values, "schema"), find(api.config, "schema"))
	var parts []project.TextPart
	if n != nil && n.Kind() == project.NodeString {
		parts = append(parts, project.TextPart{Text: n.Text(), Of: n})
	}
	for _, t := range c.resources {
		if t.kind != "aws_appsync_type" || !c.belongs(t, api) || textAt(t.values, "format") == "JSON" {
			continue
		}
		if definition := find(t.values, "definition"); definition != nil && definition.Kind() == project.NodeString {
			parts = append(parts, project.TextPart{Text: "\n", Of: definition, Replaced: true}, project.TextPart{Text: definition.Text(), Of: definition})
		}
	}
	if len(parts) == 0 {
		return nil
	}
	at := parts[0].Of
	entry := project.NewEntry(api.address+".schema", at, cloudFormation(at, "AWS::AppSync::GraphQLSchema", []project.Entry{
		project.NewEntry("ApiId", at, attribute("ApiId")(at, api)),
		project.NewEntry("Definition", at, project.NewText(at, parts...)),
	}))
	return &entry
}

// belongs tells whether a resource names an API.
func (c *converter) belongs(r, api *resource) bool {
	if id := textAt(r.values, "api_id"); id != "" {
		return c.byID[id] == api
	}
	found, why := c.resolve(find(r.config, "api_id"), r.module, r, 0)
	return why == "" && len(found) == 1 && found[0] == api
}

// expiry is when a key expires, in seconds.
func (c *converter) expiry(r *resource) []project.Entry {
	n := find(r.values, "expires")
	if n == nil || n.Text() == "" {
		return nil
	}
	at, err := time.Parse(time.RFC3339, n.Text())
	if err != nil {
		c.problem(n.Position(), "", "resource %s: `expires` must be a time such as 2030-01-31T00:00:00Z, not `%s`", shorten(r.address), shorten(n.Text()))
		return nil
	}
	return []project.Entry{project.NewEntry("Expires", n, text(n, strconv.FormatInt(at.Unix(), 10)))}
}

// keys is the key schema of a table or an index.
func (c *converter) keys(values *project.Node) []project.Entry {
	return c.keySchema(values, find(values, "hash_key"), find(values, "range_key"))
}

func (c *converter) keySchema(at, hash, sort *project.Node) []project.Entry {
	var items []*project.Node
	for _, key := range []struct {
		role string
		name *project.Node
	}{{"HASH", hash}, {"RANGE", sort}} {
		if key.name == nil || key.name.Text() == "" {
			continue
		}
		items = append(items, project.NewMap(key.name, []project.Entry{
			project.NewEntry("AttributeName", key.name, key.name),
			project.NewEntry("KeyType", key.name, text(key.name, key.role)),
		}))
	}
	return []project.Entry{project.NewEntry("KeySchema", at, project.NewList(at, items))}
}

// index is the key schema and projection of an index. A local one has the table's
// partition key.
func (c *converter) index(table *resource, p *property, values *project.Node) []project.Entry {
	hash := find(values, "hash_key")
	if p.from == "local_secondary_index" {
		hash = find(table.values, "hash_key")
	}
	sort := find(values, "range_key")
	// Newer providers name the keys of an index in blocks.
	for _, key := range many(find(values, "key_schema")) {
		switch textAt(key, "key_type") {
		case "HASH":
			hash = find(key, "attribute_name")
		case "RANGE":
			sort = find(key, "attribute_name")
		}
	}
	out := c.keySchema(values, hash, sort)
	kind := find(values, "projection_type")
	if kind == nil {
		return out
	}
	projection := []project.Entry{project.NewEntry("ProjectionType", kind, kind)}
	if attributes := find(values, "non_key_attributes"); attributes != nil && len(attributes.Items()) > 0 {
		projection = append(projection, project.NewEntry("NonKeyAttributes", attributes, attributes))
	}
	return append(out, project.NewEntry("Projection", kind, project.NewMap(kind, projection)))
}
