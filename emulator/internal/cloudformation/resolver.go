package cloudformation

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"appsync-emulator/emulator/internal/project"
)

// namePattern is what AppSync calls a ResourceName.
//
// See: https://docs.aws.amazon.com/appsync/latest/APIReference/API_DataSource.html
var namePattern = regexp.MustCompile(`^[_A-Za-z][_0-9A-Za-z]*$`)

var (
	// functionARN is the ARN of a Lambda function, with or without a qualifier.
	functionARN = regexp.MustCompile(`^arn:[\w-]+:lambda:[\w-]*:\w*:function:[\w-]+(:[\w$-]+)?$`)
	// invocation is the form that API Gateway has for authorizers.
	invocation = regexp.MustCompile(`:lambda:path/[\d-]+/functions/(arn:.+)/invocations$`)
)

// needName reads a name that AppSync takes; "" when it is missing or wrong.
func (p *properties) needName(key string) string {
	name := p.needStr(key)
	if name != "" && !namePattern.MatchString(name) {
		p.s.app.problem(p.entry(key).Value().Position(), fmt.Sprintf("%s: `%s` must consist of letters, digits and _, and not begin with a digit, and not be `%s`", p.what, key, shorten(name)), "")
		return ""
	}
	return name
}

// invokes tells whether the API asks a Lambda function of that name.
func (l *loader) invokes(name string) bool {
	is := func(lambda project.Lambda) bool {
		parts := strings.Split(lambda.FunctionARN, ":")
		return len(parts) > 6 && parts[6] == name
	}
	syncs := func(s *project.Sync) bool { return s != nil && is(s.Lambda) }
	return is(l.api.Auth.Lambda) ||
		slices.ContainsFunc(l.api.AdditionalAuth, func(a project.AuthProvider) bool { return is(a.Lambda) }) ||
		slices.ContainsFunc(l.api.DataSources, func(d *project.DataSource) bool { return is(d.Lambda) }) ||
		slices.ContainsFunc(l.api.Functions, func(f *project.Function) bool { return syncs(f.Sync) }) ||
		slices.ContainsFunc(l.api.Resolvers, func(r *project.Resolver) bool { return syncs(r.Unit.Sync) })
}

// The TTLs of a versioned data source when the template says none, in minutes:
// those that the console proposes.
const (
	defaultBaseTableTTL  = 43200
	defaultDeltaTableTTL = 1440
)

var dataSourceTypes = []string{
	project.DataSourceDynamoDB, project.DataSourceLambda, project.DataSourceHTTP, project.DataSourceNone,
	project.DataSourceOpenSearch, project.DataSourceRelationalDatabase, project.DataSourceEventBridge, project.DataSourceBedrock,
	"AMAZON_ELASTICSEARCH",
}

// dataSource reads a data source.
//
// See: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-appsync-datasource.html
func (l *loader) dataSource(r *resource, p *properties) {
	d := &project.DataSource{Name: p.needName("Name"), Description: p.str("Description"), Pos: r.pos}
	d.Type = p.needStr("Type")
	switch d.Type {
	case project.DataSourceDynamoDB:
		if c := p.needSub("DynamoDBConfig"); c != nil {
			l.dynamoDB(c, d)
		}
	case project.DataSourceLambda:
		if c := p.needSub("LambdaConfig"); c != nil {
			d.Lambda = c.lambda("LambdaFunctionArn")
			c.ignore()
		}
	case project.DataSourceHTTP:
		if c := p.needSub("HttpConfig"); c != nil {
			l.http(c, d)
		}
	case project.DataSourceOpenSearch, "AMAZON_ELASTICSEARCH":
		d.Type = project.DataSourceOpenSearch
		for _, key := range []string{"OpenSearchServiceConfig", "ElasticsearchConfig"} {
			if c := p.sub(key); c != nil {
				d.Endpoint, d.Region = c.str("Endpoint"), c.str("AwsRegion")
			}
		}
	case project.DataSourceRelationalDatabase:
		if c := p.sub("RelationalDatabaseConfig"); c != nil {
			if e := c.sub("RdsHttpEndpointConfig"); e != nil {
				d.Region = e.str("AwsRegion")
			}
		}
	case "", project.DataSourceNone, project.DataSourceEventBridge, project.DataSourceBedrock:
	default:
		// AppSync gets new types; an API is served without them.
		l.app.warn(p.entry("Type").Value().Position(), fmt.Sprintf("%s: data sources of type `%s` are not known here", p.what, shorten(d.Type)),
			didYouMean(d.Type, dataSourceTypes))
	}
	p.ignore("ServiceRoleArn", "MetricsConfig", "DynamoDBConfig", "LambdaConfig", "HttpConfig", "OpenSearchServiceConfig",
		"ElasticsearchConfig", "RelationalDatabaseConfig", "EventBridgeConfig")
	if d.Name == "" {
		return
	}
	if first, twice := l.dataSources[d.Name]; twice {
		l.app.problem(r.pos, fmt.Sprintf("%s: data source %s is already defined at %s", p.what, d.Name, first), "")
		return
	}
	l.dataSources[d.Name] = r.pos
	if d.Type != "" {
		l.api.DataSources = append(l.api.DataSources, d)
	}
}

func (l *loader) dynamoDB(p *properties, d *project.DataSource) {
	d.TableName = p.tableName("TableName")
	d.Region = p.str("AwsRegion")
	d.Versioned = p.boolean("Versioned", false)
	delta := p.sub("DeltaSyncConfig")
	if delta != nil {
		d.DeltaSync = &project.DeltaSync{
			TableName:     delta.tableName("DeltaSyncTableName"),
			BaseTableTTL:  int(delta.integer("BaseTableTTL", 0, math.MaxInt32, defaultBaseTableTTL)),
			DeltaTableTTL: int(delta.integer("DeltaSyncTableTTL", 0, math.MaxInt32, defaultDeltaTableTTL)),
		}
		delta.ignore()
	}
	if d.Versioned != (delta != nil) {
		if d.Versioned {
			l.app.warn(p.at, p.what+": `Versioned` has no effect: `DeltaSyncConfig` is missing", "")
		}
		d.Versioned, d.DeltaSync = false, nil
	}
	if d.Versioned && d.DeltaSync.TableName == d.TableName && d.TableName != "" {
		l.app.problem(delta.at, p.what+" has the same base and delta table", "")
	}
	p.ignore("UseCallerCredentials")
}

func (p *properties) tableName(key string) string {
	name := p.needStr(key)
	if name == "" || project.IsTableName(name) {
		return name
	}
	p.s.app.problem(p.entry(key).Value().Position(), fmt.Sprintf("%s: `%s` must have 3 to 255 letters, digits, _, . and -, not `%s`", p.what, key, shorten(name)), "")
	return ""
}

func (l *loader) http(p *properties, d *project.DataSource) {
	d.Endpoint = p.needStr("Endpoint")
	if a := p.sub("AuthorizationConfig"); a != nil {
		a.enum("AuthorizationType", project.AuthIAM, project.AuthIAM)
		if s := a.sub("AwsIamConfig"); s != nil {
			d.SigningRegion, d.SigningServiceName = s.str("SigningRegion"), s.str("SigningServiceName")
			s.ignore()
		}
		a.ignore()
	}
	p.ignore()
}

// function reads a pipeline function. AppSync does not mind two of one name, for
// it knows them by their ids; here the second gets its logical id behind it.
//
// See: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-appsync-functionconfiguration.html
func (l *loader) function(r *resource, p *properties) {
	name := p.needName("Name")
	if name == "" {
		name = r.id
	}
	if l.names[name] {
		name += " (" + r.path() + ")"
	}
	l.names[name] = true
	f := l.step(p)
	f.Name, f.Pos = name, r.pos
	p.needStr("DataSourceName")
	l.functions[r.functionID()] = name
	p.ignore("Description", "FunctionVersion")
	l.api.Functions = append(l.api.Functions, &f)
}

// resolver reads a resolver.
//
// See: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-appsync-resolver.html
func (l *loader) resolver(r *resource, p *properties) {
	out := &project.Resolver{Type: p.needName("TypeName"), Field: p.needName("FieldName"), Pos: r.pos}
	out.Kind = p.enum("Kind", project.KindUnit, project.KindUnit, project.KindPipeline)
	out.Unit = l.step(p)
	out.Unit.Pos = r.pos
	if c := p.sub("CachingConfig"); c != nil {
		keys, _ := c.strings("CachingKeys")
		out.Caching = &project.Caching{TTLSeconds: int(c.integer("Ttl", 1, 3600, 0)), Keys: keys}
		c.ignore()
	}
	pipeline := p.sub("PipelineConfig")
	if out.Kind == project.KindPipeline {
		out.Unit.DataSource = ""
		if s := out.Unit.Sync; s != nil {
			l.app.warn(s.Pos, p.what+": `SyncConfig` has no effect: it belongs to the functions of a PIPELINE", "")
			out.Unit.Sync = nil
		}
		if pipeline == nil {
			p.need("PipelineConfig")
		} else {
			l.pipeline(pipeline, out)
		}
	} else {
		p.needStr("DataSourceName")
		if pipeline != nil && len(pipeline.list("Functions")) > 0 {
			l.app.warn(pipeline.at, p.what+": `PipelineConfig` has no effect: the resolver is a UNIT", "")
		}
	}
	p.ignore("MetricsConfig")
	if out.Type == "" || out.Field == "" {
		return
	}
	key := out.Type + "." + out.Field
	if first, twice := l.resolvers[key]; twice {
		l.app.problem(r.pos, fmt.Sprintf("%s: resolver %s is already defined at %s", p.what, key, first), "")
		return
	}
	l.resolvers[key] = r.pos
	l.api.Resolvers = append(l.api.Resolvers, out)
}

// maxFunctions is AppSync's limit for the functions of one pipeline.
//
// See: https://docs.aws.amazon.com/general/latest/gr/appsync.html
const maxFunctions = 10

func (l *loader) pipeline(p *properties, out *project.Resolver) {
	ids, at := p.strings("Functions")
	for i, id := range ids {
		name, ok := l.functions[id]
		if !ok {
			hint := ""
			if l.names[id] || strings.HasPrefix(id, "arn:") {
				hint = "Fn::GetAtt gives the FunctionId of a function"
			}
			l.app.problem(at[i], fmt.Sprintf("%s: there is no function with the id `%s`", p.what, shorten(id)), hint)
			continue
		}
		out.Functions = append(out.Functions, project.FunctionRef{Name: name, Pos: at[i]})
	}
	if len(ids) > maxFunctions {
		l.app.warn(p.at, fmt.Sprintf("%s has %d functions; AppSync takes at most %d", p.what, len(ids), maxFunctions), "")
	}
	p.ignore()
}

// step reads what resolvers and functions have in common.
func (l *loader) step(p *properties) project.Function {
	f := project.Function{DataSource: p.str("DataSourceName")}
	f.MaxBatchSize = int(p.integer("MaxBatchSize", 0, 2000, 0))
	f.Sync = l.sync(p)
	if f.DataSource != "" {
		l.sourceRefs = append(l.sourceRefs, sourceRef{f.DataSource, p.entry("DataSourceName").Value().Position(), p.what, f.Sync})
	}
	f.Request = l.template(p, "RequestMappingTemplate")
	f.Response = l.template(p, "ResponseMappingTemplate")
	f.Code = l.template(p, "Code")
	if runtime := p.sub("Runtime"); runtime != nil {
		runtime.enum("Name", "APPSYNC_JS", "APPSYNC_JS")
		runtime.ignore("RuntimeVersion")
		if f.Code == nil && !p.has("Code") && !p.has("CodeS3Location") {
			l.app.problem(p.at, p.what+" has a `Runtime` and needs `Code` or `CodeS3Location`", "")
		}
	}
	if f.Code != nil {
		f.Request, f.Response = nil, nil
	}
	return f
}

// template reads a text that stands in the template, or in a file.
func (l *loader) template(p *properties, key string) *project.Template {
	inline := p.get(key)
	location := key + "S3Location"
	switch {
	case inline != nil:
		if !isScalar(inline) {
			p.wrong(key, "a string", inline)
			return nil
		}
		p.read[location] = true
		if inline.Text() == "" {
			return nil
		}
		return project.InlineTemplate(inline)
	case p.has(location):
		f := p.file(location)
		if f == nil {
			return nil
		}
		// A file that several name is compiled once.
		t := l.app.templates[f]
		if t == nil {
			t = project.FileTemplate(f)
			l.app.templates[f] = t
		}
		return t
	}
	return nil
}

// sync reads the conflict handling.
func (l *loader) sync(p *properties) *project.Sync {
	c := p.sub("SyncConfig")
	if c == nil {
		return nil
	}
	const (
		none       = "NONE"
		optimistic = "OPTIMISTIC_CONCURRENCY"
		automerge  = "AUTOMERGE"
		lambda     = "LAMBDA"
	)
	c.need("ConflictDetection")
	s := &project.Sync{
		ConflictDetection: c.enum("ConflictDetection", "VERSION", "VERSION", none),
		ConflictHandler:   c.enum("ConflictHandler", optimistic, optimistic, automerge, lambda, none),
		Pos:               c.at,
	}
	if s.ConflictHandler == none { // as the console has it: nothing is handled
		s.ConflictHandler = optimistic
	}
	if s.ConflictHandler == lambda {
		if h := c.needSub("LambdaConflictHandlerConfig"); h != nil {
			s.Lambda = h.lambda("LambdaConflictHandlerArn")
			h.ignore()
		}
	}
	c.ignore("LambdaConflictHandlerConfig")
	return s
}
