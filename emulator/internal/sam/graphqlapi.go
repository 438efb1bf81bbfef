package sam

import (
	"fmt"

	"appsync-emulator/emulator/internal/project"
)

// api is the expansion of one AWS::Serverless::GraphQLApi.
type api struct {
	x          *expander
	entry      project.Entry
	properties *project.Node
	// sources and functions are what its functions and resolvers may name.
	sources   map[string]bool
	functions map[string]*project.Node // the id that AppSync gives
	hasNone   bool
}

// passThrough is what resolvers do that have no code.
//
// See: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-graphqlapi-resolver.html
const passThrough = "export function request(ctx) {\n  return {};\n}\n\nexport function response(ctx) {\n  return ctx.prev.result;\n}\n"

func (a *api) expand() {
	a.sources = map[string]bool{}
	a.functions = map[string]*project.Node{}
	a.graphQLAPI()
	a.schema()
	a.each("ApiKeys", a.apiKey)
	if e := a.properties.Find("Cache"); e != nil && e.Value().Kind() == project.NodeMap {
		a.add("ApiCache", *e, "AWS::AppSync::ApiCache", e.Value().Entries())
	}
	if e := a.properties.Find("DataSources"); e != nil {
		for _, kind := range a.entries(*e) {
			switch kind.Key() {
			case "DynamoDb":
				a.eachOf(kind, a.dynamoDB)
			case "Lambda":
				a.eachOf(kind, a.lambda)
			default:
				a.x.problem(kind.Position(), fmt.Sprintf("resource %s: `DataSources` are DynamoDb or Lambda, not `%s`", a.entry.Key(), kind.Key()), "")
			}
		}
	}
	a.each("Functions", a.function)
	if e := a.properties.Find("Resolvers"); e != nil {
		for _, operation := range a.entries(*e) {
			a.eachOf(operation, func(e project.Entry) { a.resolver(operation.Key(), e) })
		}
	}
}

// id is the logical id of a part of the API.
func (a *api) id(part string) string { return a.entry.Key() + part }

// add appends a resource that belongs to the API.
func (a *api) add(part string, e project.Entry, kind string, properties []project.Entry) {
	at := e.Value()
	own := []project.Entry{project.NewEntry("ApiId", at, call(at, "Fn::GetAtt", a.entry.Key(), "ApiId"))}
	a.x.add(a.id(part), e, kind, append(own, properties...))
	last := &a.x.resources[len(a.x.resources)-1]
	if c := a.entry.Value().Find("Condition"); c != nil && last.Value().Find("Condition") == nil {
		*last = last.With(project.NewMap(last.Value(), append(last.Value().Entries(), *c)))
	}
}

// entries are those of a map; another value is reported.
func (a *api) entries(e project.Entry) []project.Entry {
	switch e.Value().Kind() {
	case project.NodeMap:
		return e.Value().Entries()
	case project.NodeNull:
		return nil
	}
	a.x.problem(e.Value().Position(), fmt.Sprintf("resource %s: `%s` must be a map, not %s", a.entry.Key(), e.Key(), e.Value().Kind()), "")
	return nil
}

func (a *api) each(section string, expand func(project.Entry)) {
	if e := a.properties.Find(section); e != nil {
		a.eachOf(*e, expand)
	}
}

// eachOf expands the entries of a section, each of which must be a map.
func (a *api) eachOf(section project.Entry, expand func(project.Entry)) {
	for _, e := range a.entries(section) {
		if e.Value().Kind() != project.NodeMap {
			a.x.problem(e.Position(), fmt.Sprintf("resource %s: `%s` must be a map, not %s", a.entry.Key(), e.Key(), e.Value().Kind()), "")
			continue
		}
		expand(e)
	}
}

// parts are the properties that became resources of their own.
var parts = map[string]bool{
	"Auth": true, "SchemaUri": true, "SchemaInline": true, "ApiKeys": true, "DataSources": true, "Functions": true,
	"Resolvers": true, "Cache": true, "Logging": true, "Name": true, "DomainName": true,
}

func (a *api) graphQLAPI() {
	at := a.entry.Value()
	var out []project.Entry
	if name := a.properties.Find("Name"); name != nil {
		out = append(out, *name)
	} else {
		out = append(out, project.NewEntry("Name", at, literal(at, a.entry.Key())))
	}
	if auth := a.properties.Find("Auth"); auth == nil {
		a.x.problem(a.entry.Position(), fmt.Sprintf("resource %s needs `Auth`", a.entry.Key()), "")
	} else if auth.Value().Kind() != project.NodeMap {
		a.entries(*auth)
	} else {
		out = append(out, authentication(auth.Value())...)
		if additional := auth.Value().Find("Additional"); additional != nil && additional.Value().Kind() == project.NodeList {
			var items []*project.Node
			for _, item := range additional.Value().Items() {
				items = append(items, project.NewMap(item, authentication(item)))
			}
			out = append(out, project.NewEntry("AdditionalAuthenticationProviders", additional.Value(), project.NewList(additional.Value(), items)))
		}
	}
	if logging := a.properties.Find("Logging"); logging != nil && logging.Value().Kind() == project.NodeMap {
		out = append(out, entryAt(*logging, "LogConfig", logging.Value()))
	}
	for _, e := range a.properties.Entries() {
		if !parts[e.Key()] {
			out = append(out, e)
		}
	}
	a.x.add(a.entry.Key(), a.entry, "AWS::AppSync::GraphQLApi", out)
}

func authentication(n *project.Node) []project.Entry {
	return pick(n, [2]string{"Type", "AuthenticationType"}, [2]string{"UserPool", "UserPoolConfig"},
		[2]string{"OpenIDConnect", "OpenIDConnectConfig"}, [2]string{"LambdaAuthorizer", "LambdaAuthorizerConfig"})
}

func (a *api) schema() {
	out := pick(a.properties, [2]string{"SchemaInline", "Definition"}, [2]string{"SchemaUri", "DefinitionS3Location"})
	if len(out) == 0 {
		a.x.problem(a.entry.Position(), fmt.Sprintf("resource %s needs `SchemaUri` or `SchemaInline`", a.entry.Key()), "")
		return
	}
	a.add("Schema", a.entry, "AWS::AppSync::GraphQLSchema", out)
}

func (a *api) apiKey(e project.Entry) {
	a.add(e.Key(), e, "AWS::AppSync::ApiKey", pick(e.Value(),
		[2]string{"ApiKeyId", "ApiKeyId"}, [2]string{"Description", "Description"}, [2]string{"ExpiresOn", "Expires"}))
}

func (a *api) dynamoDB(e project.Entry) {
	at := e.Value()
	config := pick(at, [2]string{"TableName", "TableName"}, [2]string{"Region", "AwsRegion"}, [2]string{"Versioned", "Versioned"},
		[2]string{"DeltaSync", "DeltaSyncConfig"}, [2]string{"UseCallerCredentials", "UseCallerCredentials"})
	if at.Find("Region") == nil {
		config = append(config, project.NewEntry("AwsRegion", at, call(at, "Ref", "AWS::Region")))
	}
	a.dataSource(e, "AMAZON_DYNAMODB", project.NewEntry("DynamoDBConfig", at, project.NewMap(at, config)))
}

func (a *api) lambda(e project.Entry) {
	at := e.Value()
	a.dataSource(e, "AWS_LAMBDA", project.NewEntry("LambdaConfig", at,
		project.NewMap(at, pick(at, [2]string{"FunctionArn", "LambdaFunctionArn"}))))
}

func (a *api) dataSource(e project.Entry, kind string, config project.Entry) {
	at := e.Value()
	if a.sources[e.Key()] {
		a.x.problem(e.Position(), fmt.Sprintf("resource %s: there are two data sources `%s`", a.entry.Key(), e.Key()), "")
		return
	}
	a.sources[e.Key()] = true
	out := pick(at, [2]string{"Name", "Name"}, [2]string{"Description", "Description"})
	if at.Find("Name") == nil {
		out = append(out, project.NewEntry("Name", at, literal(at, e.Key())))
	}
	a.add(e.Key()+"DataSource", e, "AWS::AppSync::DataSource", append(out, project.NewEntry("Type", at, literal(at, kind)), config))
}

// code returns the properties of what a function or resolver runs.
func code(n *project.Node, otherwise string) []project.Entry {
	out := pick(n, [2]string{"InlineCode", "Code"}, [2]string{"CodeUri", "CodeS3Location"}, [2]string{"MaxBatchSize", "MaxBatchSize"}, [2]string{"Sync", "SyncConfig"})
	if n.Find("InlineCode") == nil && n.Find("CodeUri") == nil && otherwise != "" {
		out = append(out, project.NewEntry("Code", n, literal(n, otherwise)))
	}
	runtime := project.NewMap(n, []project.Entry{
		project.NewEntry("Name", n, literal(n, "APPSYNC_JS")), project.NewEntry("RuntimeVersion", n, literal(n, "1.0.0")),
	})
	if e := n.Find("Runtime"); e != nil && e.Value().Kind() == project.NodeMap {
		runtime = project.NewMap(e.Value(), pick(e.Value(), [2]string{"Name", "Name"}, [2]string{"Version", "RuntimeVersion"}))
	}
	return append(out, project.NewEntry("Runtime", n, runtime))
}

func (a *api) function(e project.Entry) {
	at := e.Value()
	if id := at.Find("Id"); id != nil { // a function that is declared elsewhere
		a.functions[e.Key()] = id.Value()
		return
	}
	a.functions[e.Key()] = call(at, "Fn::GetAtt", a.id(e.Key()), "FunctionId")
	out := pick(at, [2]string{"Name", "Name"}, [2]string{"Description", "Description"})
	if at.Find("Name") == nil {
		out = append(out, project.NewEntry("Name", at, literal(at, e.Key())))
	}
	source := at.Find("DataSource")
	if source == nil {
		a.x.problem(e.Position(), fmt.Sprintf("resource %s: function %s needs `DataSource`", a.entry.Key(), e.Key()), "")
		return
	}
	name := source.Value()
	switch {
	case name.Kind() == project.NodeString && name.Tag() == "" && a.sources[name.Text()]:
		name = call(source.Value(), "Fn::GetAtt", a.id(name.Text()+"DataSource"), "Name")
	case name.Kind() == project.NodeString && name.Tag() == "" && name.Text() == "NONE":
		name = call(source.Value(), "Fn::GetAtt", a.none(e), "Name")
	}
	out = append(out, project.NewEntry("DataSourceName", source.Value(), name))
	a.add(e.Key(), e, "AWS::AppSync::FunctionConfiguration", append(out, code(at, "")...))
}

// none adds the NONE data source, once, and returns its logical id.
func (a *api) none(e project.Entry) string {
	const part = "NoneDataSource"
	if !a.hasNone {
		a.hasNone = true
		at := e.Value()
		a.add(part, e, "AWS::AppSync::DataSource", []project.Entry{
			project.NewEntry("Name", at, literal(at, a.id(part))), project.NewEntry("Type", at, literal(at, "NONE")),
		})
	}
	return a.id(part)
}

func (a *api) resolver(operation string, e project.Entry) {
	at := e.Value()
	field := literal(at, e.Key())
	if f := at.Find("FieldName"); f != nil {
		field = f.Value()
	}
	var functions []*project.Node
	pipeline := at.Find("Pipeline")
	if pipeline == nil || pipeline.Value().Kind() != project.NodeList {
		a.x.problem(e.Position(), fmt.Sprintf("resource %s: resolver %s.%s needs `Pipeline`, a list of functions", a.entry.Key(), operation, e.Key()), "")
		return
	}
	for _, item := range pipeline.Value().Items() {
		id, ok := a.functions[item.Text()]
		if !ok {
			a.x.problem(item.Position(), fmt.Sprintf("resource %s: resolver %s.%s names function `%s`, which is not among `Functions`", a.entry.Key(), operation, e.Key(), item.Text()), "")
			continue
		}
		functions = append(functions, id)
	}
	out := append(pick(at, [2]string{"Caching", "CachingConfig"}),
		project.NewEntry("TypeName", at, literal(at, operation)),
		project.NewEntry("FieldName", field, field),
		project.NewEntry("Kind", at, literal(at, "PIPELINE")),
		project.NewEntry("PipelineConfig", pipeline.Value(), project.NewMap(pipeline.Value(), []project.Entry{
			project.NewEntry("Functions", pipeline.Value(), project.NewList(pipeline.Value(), functions)),
		})),
	)
	a.add(operation+e.Key(), e, "AWS::AppSync::Resolver", append(out, code(at, passThrough)...))
}
