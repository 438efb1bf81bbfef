package cloudformation

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"appsync-emulator/emulator/internal/project"
)

// API is an AppSync API among the resources of an app.
type API struct {
	Name string
	// Stack is the name of the outermost stack that it is in.
	Stack string
	// LogicalID is the resource's, after those of the nested stacks around it.
	LogicalID string
	Pos       project.Position

	resource *resource
	id       string
}

// APIs are the GraphQL APIs of all stacks. Two of one name are a mistake in one
// stack, for name and identifier are one here; the stages of an app may have the
// same API each.
func (a *App) APIs() []*API {
	if a.apis == nil {
		a.apis = a.findAPIs()
	}
	return a.apis
}

func (a *App) findAPIs() []*API {
	out := []*API{}
	type key struct{ stack, name string }
	names := map[key]*API{}
	for _, s := range a.stacks {
		for _, r := range s.order {
			if r.kind != kindAPI || !r.exists() {
				continue
			}
			a.usedKinds[r.kind] = true
			name := r.read().needStr("Name")
			if name == "" {
				continue
			}
			id := r.apiID()
			if a.isBad(id) {
				continue
			}
			api := &API{Name: name, Stack: s.root().name, LogicalID: r.path(), Pos: r.pos, resource: r, id: id.Text()}
			if other := names[key{api.Stack, name}]; other != nil {
				a.problem(r.pos, fmt.Sprintf("resource %s makes an API named %s, as resource %s does at %s", r.path(), name, other.LogicalID, other.Pos), "")
				continue
			}
			names[key{api.Stack, name}] = api
			out = append(out, api)
		}
	}
	return out
}

// stacksWith are the outermost stacks that have an API of that name.
func (a *App) stacksWith(name string) map[*Stack]bool {
	if a.apiStacks == nil {
		a.apiStacks = map[string]map[*Stack]bool{}
		for _, s := range a.stacks {
			for _, r := range s.order {
				if r.kind != kindAPI || !r.exists() {
					continue
				}
				if n := r.value("Name"); !a.isBad(n) {
					if a.apiStacks[n.Text()] == nil {
						a.apiStacks[n.Text()] = map[*Stack]bool{}
					}
					a.apiStacks[n.Text()][s.root()] = true
				}
			}
		}
	}
	return a.apiStacks[name]
}

// Load reads an API and what belongs to it. The result is partial when there are
// Problems; it has the app's files, its problems are the app's.
func (a *App) Load(which *API) *project.API {
	l := &loader{
		app: a,
		id:  which.id,
		api: &project.API{ID: which.id, Name: which.Name},

		dataSources: map[string]project.Position{},
		functions:   map[string]string{},
		names:       map[string]bool{},
		resolvers:   map[string]project.Position{},
	}
	for _, f := range a.Files() {
		l.api.AddFile(f)
	}
	l.graphQLAPI(which.resource)
	l.collect()
	l.each(kindSchema, l.schema)
	if len(l.api.Schema) == 0 && len(l.parts[kindSchema]) == 0 {
		a.problem(which.Pos, fmt.Sprintf("API %s has no %s", which.Name, kindSchema), "")
	}
	l.each(kindKey, l.apiKey)
	l.each(kindCache, l.cache)
	l.each(kindSource, l.dataSource)
	l.each(kindFunction, l.function)
	l.each(kindResolver, l.resolver)
	l.checkReferences()
	l.api.Tables = a.tables(which.resource.stack.root())
	for _, f := range a.LambdaFunctions() {
		if l.invokes(f.Name) {
			l.api.LambdaFunctions = append(l.api.LambdaFunctions, f)
		}
	}
	for _, p := range l.api.Complete() {
		a.problem(p.Pos, which.resource.stack.owned(p.Pos, p.Message), p.Hint)
	}
	a.warnOfIgnored()
	l.api.Warnings = a.Warnings()
	return l.api
}

// loader is one run of Load.
type loader struct {
	app *App
	api *project.API
	id  string
	// parts are the resources that belong to the API, by type.
	parts map[string][]*resource

	dataSources map[string]project.Position
	functions   map[string]string // by id
	names       map[string]bool   // of functions
	resolvers   map[string]project.Position
	sourceRefs  []sourceRef
}

// sourceRef is a data source named by a resolver or function.
type sourceRef struct {
	name string
	pos  project.Position
	by   string
	sync *project.Sync
}

// collect finds the resources that belong to the API.
func (l *loader) collect() {
	l.parts = map[string][]*resource{}
	for _, s := range l.app.stacks {
		for _, r := range s.order {
			switch r.kind {
			case kindSchema, kindKey, kindCache, kindSource, kindFunction, kindResolver:
			default:
				continue
			}
			if !r.exists() {
				continue
			}
			l.app.usedKinds[r.kind] = true
			if l.belongs(r) {
				l.parts[r.kind] = append(l.parts[r.kind], r)
			}
		}
	}
}

func (l *loader) belongs(r *resource) bool {
	p := r.read()
	v := p.need("ApiId")
	if v == nil {
		return false
	}
	id := p.strOf("ApiId", v)
	if id == l.id {
		return true
	}
	if slices.ContainsFunc(l.app.APIs(), func(other *API) bool { return other.id == id }) {
		return false
	}
	if why, ok := l.app.doubts[v]; ok {
		l.app.problem(p.entry("ApiId").Value().Position(), fmt.Sprintf("%s: the API that it belongs to is not known: %s", p.what, why.why), why.hint)
		return false
	}
	l.app.warn(r.pos, fmt.Sprintf("%s is ignored: it belongs to API %s, which is not part of the project", p.what, shorten(id)), "")
	return false
}

func (l *loader) each(kind string, read func(*resource, *properties)) {
	for _, r := range l.parts[kind] {
		p := r.read()
		p.entry("ApiId")
		read(r, p)
	}
}

// Limits of environment variables.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/environmental-variables.html
const maxEnvironmentValue = 512

// graphQLAPI reads what an API says of itself.
//
// See: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-appsync-graphqlapi.html
func (l *loader) graphQLAPI(r *resource) {
	p := r.read()
	p.str("Name")
	if p.enum("ApiType", "GRAPHQL", "GRAPHQL", "MERGED") == "MERGED" {
		l.app.problem(r.pos, p.what+": merged APIs are not supported", "serve each of the source APIs")
	}
	l.authentication(p)
	l.environment(p)
	l.api.IntrospectionOff = p.enum("IntrospectionConfig", "ENABLED", "ENABLED", "DISABLED") == "DISABLED"
	l.api.QueryDepthLimit = int(p.integer("QueryDepthLimit", 0, 75, 0))
	l.api.ResolverCountLimit = int(p.integer("ResolverCountLimit", 0, 10000, 0))
	if logging := p.sub("LogConfig"); logging != nil {
		l.api.Logging = &project.Logging{
			Level:                 logging.enum("FieldLogLevel", "NONE", "ALL", "INFO", "DEBUG", "ERROR", "NONE"),
			ExcludeVerboseContent: logging.boolean("ExcludeVerboseContent", false),
		}
		logging.ignore("CloudWatchLogsRoleArn")
	}
	p.ignore("Tags", "XrayEnabled", "Visibility", "OwnerContact", "EnhancedMetricsConfig", "MergedApiExecutionRoleArn")
}

func (l *loader) environment(p *properties) {
	variables := p.sub("EnvironmentVariables")
	if variables == nil {
		return
	}
	l.api.Environment = map[string]string{}
	for i := range variables.node.Entries() {
		e := &variables.node.Entries()[i]
		if !project.IsEnvironmentName(e.Key()) {
			l.app.problem(e.Position(), fmt.Sprintf("%s: the name `%s` must have 2 to 64 letters, digits and _, and begin with a letter", variables.what, shorten(e.Key())), "")
		}
		if v := variables.get(e.Key()); v != nil {
			text := variables.strOf(e.Key(), v)
			if len([]rune(text)) > maxEnvironmentValue {
				l.app.problem(e.Value().Position(), fmt.Sprintf("%s: `%s` is longer than %d characters", variables.what, e.Key(), maxEnvironmentValue), "")
			}
			l.api.Environment[e.Key()] = text
		}
	}
}

// schema reads the SDL.
//
// See: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-appsync-graphqlschema.html
func (l *loader) schema(r *resource, p *properties) {
	if len(l.api.Schema) > 0 {
		l.app.problem(r.pos, p.what+": the API has a schema already", "")
		return
	}
	switch definition := p.get("Definition"); {
	case definition != nil:
		if text := p.strOf("Definition", definition); text != "" {
			l.api.Schema = []project.Source{l.inlineSource(r, definition, text)}
		}
	case p.has("DefinitionS3Location"):
		if f := p.file("DefinitionS3Location"); f != nil {
			l.api.Schema = []project.Source{{Name: f.Name(), Text: strings.TrimPrefix(f.Text(), "\ufeff")}}
		}
	default:
		l.app.problem(r.pos, p.what+" needs `Definition` or `DefinitionS3Location`", "")
	}
	p.ignore()
}

// inlineSource is an SDL that stands in a template. In a template where it has
// lines of its own these are shown for mistakes in it; of a string in JSON, which is
// one line, the text as a file of its own.
func (l *loader) inlineSource(r *resource, definition *project.Node, text string) project.Source {
	out := project.Source{Name: definition.Position().File + "#" + r.path() + "/Definition", Text: text}
	inline := project.InlineTemplate(definition)
	if inline.Position(1, 1).Line != inline.Position(strings.Count(strings.TrimSpace(text), "\n")+1, 1).Line {
		out.Inline = inline
		return out
	}
	l.api.AddFile(project.NewFile(out.Name, text))
	return out
}

// file opens the file that a property names by where it is deployed.
func (p *properties) file(key string) *project.File {
	e := p.entry(key)
	v := p.s.text(e.Value())
	if v == nil {
		return nil
	}
	return p.s.open(v.Text(), e.Value().Position(), fmt.Sprintf("%s: `%s`", p.what, e.Key()))
}

// apiKey reads an API key. Its expiry was stamped when the template was made, so
// that a key that has expired since does not expire here.
//
// See: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-appsync-apikey.html
func (l *loader) apiKey(r *resource, p *properties) {
	secret := r.key()
	key := project.APIKey{Name: r.id, Description: p.str("Description"), Pos: r.pos}
	p.str("ApiKeyId")
	if v := p.get("Expires"); v != nil {
		seconds, err := strconv.ParseFloat(v.Text(), 64)
		if err != nil {
			p.wrong("Expires", "a number of seconds", v)
		} else if key.Expires = time.Unix(int64(seconds), 0).UTC(); !key.Expires.After(l.app.opt.Now()) {
			l.app.warn(p.entry("Expires").Position(), fmt.Sprintf("%s: the template says that the key expired on %s; here it goes on", p.what, key.Expires.Format(time.DateOnly)),
				"make the template anew to have its expiry")
			key.Expires = time.Time{}
		}
	}
	p.ignore()
	if l.app.isBad(secret) {
		return
	}
	key.Key = secret.Text()
	if key.Description == "" {
		key.Description = key.Name
	}
	l.api.APIKeys = append(l.api.APIKeys, key)
}

// cache reads the API's cache.
//
// See: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-appsync-apicache.html
func (l *loader) cache(r *resource, p *properties) {
	p.need("ApiCachingBehavior")
	cache := &project.APICache{
		Behavior:   p.enum("ApiCachingBehavior", project.CachePerResolver, project.CacheFullRequest, project.CachePerResolver, "OPERATION_LEVEL_CACHING"),
		TTLSeconds: int(p.integer("Ttl", 1, 3600, 3600)),
		Pos:        r.pos,
	}
	p.ignore("Type", "AtRestEncryptionEnabled", "TransitEncryptionEnabled", "HealthMetricsConfig")
	l.api.Cache = cache
}

// checkReferences reports data sources that nothing defines.
func (l *loader) checkReferences() {
	names := slices.Sorted(maps.Keys(l.dataSources))
	for _, ref := range l.sourceRefs {
		if _, ok := l.dataSources[ref.name]; !ok {
			l.app.problem(ref.pos, fmt.Sprintf("%s: there is no data source `%s`", ref.by, shorten(ref.name)), didYouMean(ref.name, names))
			continue
		}
		d := l.api.DataSource(ref.name)
		if ref.sync != nil && d != nil && !d.Versioned {
			l.app.warn(ref.sync.Pos, fmt.Sprintf("%s: `SyncConfig` has no effect: data source %s is not versioned", ref.by, ref.name), "")
		}
	}
}

// quietKinds are types of resources that no API is made of and whose absence
// nobody misses.
var quietKinds = []string{
	"AWS::CDK::Metadata", "AWS::CloudFormation::WaitConditionHandle",
	"AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy",
	"AWS::Lambda::Permission", "AWS::Lambda::LayerVersion", "AWS::Lambda::Version", "AWS::Lambda::Alias",
	"AWS::Logs::LogGroup", "Custom::LogRetention",
}

// warnOfIgnored tells which resources have no effect, by their types.
func (a *App) warnOfIgnored() {
	byKind := map[string][]*resource{}
	var first *resource
	for _, s := range a.stacks {
		for _, r := range s.order {
			if a.usedKinds[r.kind] || slices.Contains(quietKinds, r.kind) || r.kind == kindUserPool || r.kind == kindUserPoolClient {
				continue
			}
			if first == nil {
				first = r
			}
			byKind[r.kind] = append(byKind[r.kind], r)
		}
	}
	if first == nil {
		return
	}
	var kinds []string
	for _, kind := range slices.Sorted(maps.Keys(byKind)) {
		if n := len(byKind[kind]); n > 1 {
			kind += fmt.Sprintf(" (%d)", n)
		}
		kinds = append(kinds, kind)
	}
	a.warn(first.pos, "resources of types that are no part of an API are ignored: "+strings.Join(kinds, ", "), "")
}
