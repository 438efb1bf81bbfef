package emulator

import (
	"cmp"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"appsync-emulator/emulator/internal/datasource"
	"appsync-emulator/emulator/internal/project"
)

// Inspection is what a loaded project is made of. Its JSON is an interface: members
// are added and not renamed. Data sources, tables, indexes, functions and resolvers
// are in the order of their names, and what else is a list in that of the project. An
// Origin is the place that something is written at, file:line:column, or the file that
// it is.
type Inspection struct {
	File string `json:"file"`
	// Kind is what was loaded, such as "a CDK cloud assembly"; empty for an
	// appsync.yml.
	Kind string         `json:"kind,omitempty"`
	APIs []InspectedAPI `json:"apis"`
	// Warnings tell what was understood and has no effect.
	Warnings []InspectedWarning `json:"warnings"`
	// NotSupported is what is answered with an error when it is used.
	NotSupported []InspectedRefusal `json:"notSupported"`
}

// InspectedAPI is one API of a project.
type InspectedAPI struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// Schema are the files of the schema.
	Schema        []string              `json:"schema"`
	Authorization []InspectedMode       `json:"authorization"` // the default one first
	APIKeys       []InspectedKey        `json:"apiKeys"`
	Credentials   []InspectedCredential `json:"credentials"`
	UserPools     []InspectedUserPool   `json:"userPools"`
	DataSources   []InspectedDataSource `json:"dataSources"`
	Tables        []InspectedTable      `json:"tables"`
	Functions     []InspectedFunction   `json:"functions"`
	Resolvers     []InspectedResolver   `json:"resolvers"`
	Seed          *InspectedSeed        `json:"seed,omitempty"`
	Lambda        InspectedLambda       `json:"lambda"`
	// Environment are the names of the environment variables.
	Environment          []string `json:"environment"`
	IntrospectionEnabled bool     `json:"introspectionEnabled"`
	// QueryDepthLimit and ResolverCountLimit are absent where there is none.
	QueryDepthLimit    int `json:"queryDepthLimit,omitempty"`
	ResolverCountLimit int `json:"resolverCountLimit,omitempty"`
}

// InspectedMode is an authorization mode, in AppSync's words.
type InspectedMode struct {
	Type    string `json:"type"`
	Default bool   `json:"default"`
	// UserPoolID, Region, DefaultAction and AppIDClientRegex are those of
	// AMAZON_COGNITO_USER_POOLS.
	UserPoolID       string `json:"userPoolId,omitempty"`
	Region           string `json:"region,omitempty"`
	DefaultAction    string `json:"defaultAction,omitempty"`
	AppIDClientRegex string `json:"appIdClientRegex,omitempty"`
	// Issuer and ClientID are those of OPENID_CONNECT.
	Issuer   string `json:"issuer,omitempty"`
	ClientID string `json:"clientId,omitempty"`
	// Function is the authorizer of AWS_LAMBDA.
	Function string `json:"function,omitempty"`
	Origin   string `json:"origin"`
}

// InspectedKey is an API key.
type InspectedKey struct {
	Name string `json:"name"`
	// Key is the key itself, where it was asked for.
	Key         string `json:"key,omitempty"`
	Description string `json:"description,omitempty"`
	// Expires is absent for a key that does not.
	Expires time.Time `json:"expires,omitzero"`
	Origin  string    `json:"origin"`
}

// InspectedCredential is an access key of a caller with AWS_IAM.
type InspectedCredential struct {
	AccessKeyID string `json:"accessKeyId"`
	Username    string `json:"username,omitempty"`
	Origin      string `json:"origin"`
}

// InspectedUserPool is a Cognito user pool that the emulator is.
type InspectedUserPool struct {
	ID     string `json:"id"`
	Issuer string `json:"issuer"`
	// ClientID is the client that the authorization wants tokens to be for, where it
	// is one and not a pattern.
	ClientID string `json:"clientId,omitempty"`
	// Clients are the app clients; with none, every id is one.
	Clients            []InspectedClient        `json:"clients"`
	UsernameAttributes []string                 `json:"usernameAttributes,omitempty"`
	PasswordPolicy     InspectedPasswordPolicy  `json:"passwordPolicy"`
	Groups             []InspectedUserPoolGroup `json:"groups"`
	Users              []string                 `json:"users"`
	Origin             string                   `json:"origin"`
}

// InspectedClient is an app client of a user pool.
type InspectedClient struct {
	ID string `json:"id"`
	// HasSecret tells that it is none for web pages and mobile apps.
	HasSecret bool `json:"hasSecret,omitempty"`
}

// InspectedPasswordPolicy says what passwords have.
type InspectedPasswordPolicy struct {
	MinimumLength    int  `json:"minimumLength"`
	RequireLowercase bool `json:"requireLowercase"`
	RequireUppercase bool `json:"requireUppercase"`
	RequireNumbers   bool `json:"requireNumbers"`
	RequireSymbols   bool `json:"requireSymbols"`
}

// InspectedUserPoolGroup is a group of a user pool.
type InspectedUserPoolGroup struct {
	Name       string `json:"name"`
	Precedence *int   `json:"precedence,omitempty"`
}

// InspectedDataSource is a data source.
type InspectedDataSource struct {
	Name string `json:"name"`
	Type string `json:"type"`
	// Table is the table of AMAZON_DYNAMODB.
	Table     string              `json:"table,omitempty"`
	Versioned *InspectedVersioned `json:"versioned,omitempty"`
	// Function is the function of AWS_LAMBDA.
	Function string `json:"function,omitempty"`
	// Endpoint is that of HTTP and of AMAZON_OPENSEARCH_SERVICE.
	Endpoint string `json:"endpoint,omitempty"`
	Origin   string `json:"origin"`
}

// InspectedVersioned is the configuration of a versioned data source.
type InspectedVersioned struct {
	DeltaTable           string `json:"deltaTable"`
	BaseTableTTLMinutes  int    `json:"baseTableTTLMinutes"`
	DeltaTableTTLMinutes int    `json:"deltaTableTTLMinutes"`
}

// InspectedTable is a DynamoDB table of the project.
type InspectedTable struct {
	Name         string              `json:"name"`
	PartitionKey InspectedAttribute  `json:"partitionKey"`
	SortKey      *InspectedAttribute `json:"sortKey,omitempty"`
	TTLAttribute string              `json:"ttlAttribute,omitempty"`
	Indexes      []InspectedIndex    `json:"indexes"`
	Origin       string              `json:"origin"`
}

// InspectedIndex is a secondary index.
type InspectedIndex struct {
	Name         string              `json:"name"`
	Local        bool                `json:"local,omitempty"`
	PartitionKey InspectedAttribute  `json:"partitionKey"`
	SortKey      *InspectedAttribute `json:"sortKey,omitempty"`
	Projection   string              `json:"projection"`
	Include      []string            `json:"include,omitempty"`
}

// InspectedAttribute is an attribute of a key; its type is S, N or B.
type InspectedAttribute struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// InspectedTemplates are the mapping templates or the code of a resolver or
// function, by their origins; absent where there are none.
type InspectedTemplates struct {
	Request  string `json:"request,omitempty"`
	Response string `json:"response,omitempty"`
	Code     string `json:"code,omitempty"`
}

// InspectedSync is the conflict handling of a resolver or function.
type InspectedSync struct {
	ConflictDetection string `json:"conflictDetection"`
	ConflictHandler   string `json:"conflictHandler,omitempty"`
	Function          string `json:"function,omitempty"`
}

// InspectedFunction is a pipeline function.
type InspectedFunction struct {
	Name       string `json:"name"`
	DataSource string `json:"dataSource"`
	InspectedTemplates
	Sync   *InspectedSync `json:"sync,omitempty"`
	Origin string         `json:"origin"`
}

// InspectedResolver is the resolver of a field.
type InspectedResolver struct {
	Type  string `json:"type"`
	Field string `json:"field"`
	Kind  string `json:"kind"` // UNIT or PIPELINE
	// DataSource is that of a UNIT resolver, and Functions are those of a PIPELINE.
	DataSource string   `json:"dataSource,omitempty"`
	Functions  []string `json:"functions,omitempty"`
	InspectedTemplates
	Sync   *InspectedSync `json:"sync,omitempty"`
	Origin string         `json:"origin"`
}

// InspectedSeed is the seed file.
type InspectedSeed struct {
	File   string               `json:"file"`
	Tables []InspectedSeedTable `json:"tables"`
}

// InspectedSeedTable tells how many items a table gets.
type InspectedSeedTable struct {
	Table string `json:"table"`
	Items int    `json:"items"`
}

// InspectedLambda tells where Lambda functions run.
type InspectedLambda struct {
	// Endpoint serves the functions that have no URL of their own; empty for none.
	Endpoint  string                    `json:"endpoint,omitempty"`
	Functions []InspectedLambdaFunction `json:"functions"`
}

// InspectedLambdaFunction is a Lambda function that the project describes.
type InspectedLambdaFunction struct {
	Name           string `json:"name"`
	URL            string `json:"url,omitempty"`
	TimeoutSeconds int    `json:"timeoutSeconds,omitempty"`
	Origin         string `json:"origin"`
}

// InspectedWarning is something that has no effect.
type InspectedWarning struct {
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
	Origin  string `json:"origin"`
}

// InspectedRefusal is something that cannot run.
type InspectedRefusal struct {
	What   string `json:"what"` // "data source Search"
	Reason string `json:"reason"`
	Origin string `json:"origin"`
}

// Inspect describes the project. Keys are told where showKeys is set, and the
// passwords and secrets of users and callers never.
func (p *Project) Inspect(showKeys bool) *Inspection {
	out := &Inspection{File: p.api.File, Kind: p.api.Kind, APIs: []InspectedAPI{p.inspectAPI(showKeys)}}
	out.Warnings = inspected(p.Warnings(), func(w Problem) InspectedWarning {
		return InspectedWarning{w.Message, w.Hint, project.Position{File: w.File, Line: w.Line, Column: w.Column}.String()}
	})
	out.NotSupported = p.refusals()
	return out
}

// inspected describes each element of a list.
func inspected[From, To any](list []From, describe func(From) To) []To {
	out := make([]To, len(list))
	for i, from := range list {
		out[i] = describe(from)
	}
	return out
}

// sortedBy sorts a list by names.
func sortedBy[T any](list []T, name func(T) string) []T {
	slices.SortStableFunc(list, func(a, b T) int { return cmp.Compare(name(a), name(b)) })
	return list
}

func (p *Project) inspectAPI(showKeys bool) InspectedAPI {
	api := p.api
	out := InspectedAPI{
		ID: api.ID, Name: api.Name,
		Schema:        inspected(api.Schema, func(s project.Source) string { return s.Name }),
		Authorization: []InspectedMode{inspectMode(api.Auth)},
		APIKeys: inspected(api.APIKeys, func(k project.APIKey) InspectedKey {
			key := InspectedKey{Name: k.Name, Description: k.Description, Expires: k.Expires, Origin: k.Pos.String()}
			if showKeys {
				key.Key = k.Key
			}
			return key
		}),
		Credentials: inspected(api.Credentials, func(c project.Credential) InspectedCredential {
			return InspectedCredential{c.AccessKeyID, c.Username, c.Pos.String()}
		}),
		UserPools:   inspected(api.UserPools, inspectPool),
		DataSources: sortedBy(inspected(api.DataSources, inspectDataSource), func(d InspectedDataSource) string { return d.Name }),
		Tables:      sortedBy(inspected(api.Tables, inspectTable), func(t InspectedTable) string { return t.Name }),
		Functions: sortedBy(inspected(api.Functions, func(f *project.Function) InspectedFunction {
			return InspectedFunction{f.Name, f.DataSource, inspectTemplates(f), inspectSync(f.Sync), f.Pos.String()}
		}), func(f InspectedFunction) string { return f.Name }),
		Resolvers:            sortedBy(inspected(api.Resolvers, inspectResolver), func(r InspectedResolver) string { return r.Type + "." + r.Field }),
		Seed:                 inspectSeed(api),
		Environment:          slices.AppendSeq([]string{}, maps.Keys(api.Environment)),
		IntrospectionEnabled: !api.IntrospectionOff,
		QueryDepthLimit:      api.QueryDepthLimit,
		ResolverCountLimit:   api.ResolverCountLimit,
	}
	slices.Sort(out.Environment)
	out.Authorization[0].Default = true
	out.Authorization = append(out.Authorization, inspected(api.AdditionalAuth, inspectMode)...)
	if api.LambdaEndpoint != nil {
		out.Lambda.Endpoint = api.LambdaEndpoint.URL
	}
	out.Lambda.Functions = sortedBy(inspected(api.LambdaFunctions, func(f *project.LambdaFunction) InspectedLambdaFunction {
		return InspectedLambdaFunction{f.Name, f.URL, f.TimeoutSeconds, f.Pos.String()}
	}), func(f InspectedLambdaFunction) string { return f.Name })
	return out
}

func inspectMode(a project.AuthProvider) InspectedMode {
	m := InspectedMode{Type: a.Type, Origin: a.Pos.String()}
	switch a.Type {
	case project.AuthCognito:
		m.UserPoolID, m.Region, m.DefaultAction, m.AppIDClientRegex = a.UserPoolID, a.Region, a.DefaultAction, a.AppIDClientRegex
	case project.AuthOIDC:
		m.Issuer, m.ClientID = a.Issuer, a.ClientID
	case project.AuthLambda:
		m.Function = a.Lambda.Name()
	}
	return m
}

func inspectPool(p *project.UserPool) InspectedUserPool {
	policy := p.PasswordPolicy
	return InspectedUserPool{
		ID: p.ID, Issuer: p.Issuer, ClientID: p.ClientID,
		Clients: inspected(p.Clients, func(c project.UserPoolClient) InspectedClient {
			return InspectedClient{c.ID, c.Secret != ""}
		}),
		UsernameAttributes: p.UsernameAttributes,
		PasswordPolicy: InspectedPasswordPolicy{
			policy.MinimumLength, policy.RequireLowercase, policy.RequireUppercase, policy.RequireNumbers, policy.RequireSymbols,
		},
		Groups: inspected(p.Groups, func(g project.UserPoolGroup) InspectedUserPoolGroup {
			return InspectedUserPoolGroup{g.Name, g.Precedence}
		}),
		Users:  inspected(p.Users, func(u project.UserPoolUser) string { return u.Username }),
		Origin: p.Pos.String(),
	}
}

func inspectDataSource(d *project.DataSource) InspectedDataSource {
	out := InspectedDataSource{
		Name: d.Name, Type: d.Type, Table: d.TableName, Function: d.Lambda.Name(), Endpoint: d.Endpoint, Origin: d.Pos.String(),
	}
	if isVersioned(d) {
		out.Versioned = &InspectedVersioned{d.DeltaSync.TableName, d.DeltaSync.BaseTableTTL, d.DeltaSync.DeltaTableTTL}
	}
	return out
}

func inspectTable(t *project.Table) InspectedTable {
	return InspectedTable{
		Name: t.Name, PartitionKey: InspectedAttribute(t.PartitionKey), SortKey: (*InspectedAttribute)(t.SortKey),
		TTLAttribute: t.TTLAttribute,
		Indexes: sortedBy(inspected(t.Indexes, func(i project.TableIndex) InspectedIndex {
			return InspectedIndex{
				Name: i.Name, Local: i.Local, PartitionKey: InspectedAttribute(i.PartitionKey), SortKey: (*InspectedAttribute)(i.SortKey),
				Projection: i.Projection, Include: i.Include,
			}
		}), func(i InspectedIndex) string { return i.Name }),
		Origin: t.Pos.String(),
	}
}

func inspectTemplates(f *project.Function) InspectedTemplates {
	origin := func(t *project.Template) string {
		if t == nil {
			return ""
		}
		return t.Pos.String()
	}
	return InspectedTemplates{origin(f.Request), origin(f.Response), origin(f.Code)}
}

func inspectSync(s *project.Sync) *InspectedSync {
	if s == nil {
		return nil
	}
	return &InspectedSync{s.ConflictDetection, s.ConflictHandler, s.Lambda.Name()}
}

func inspectResolver(r *project.Resolver) InspectedResolver {
	out := InspectedResolver{
		Type: r.Type, Field: r.Field, Kind: r.Kind, DataSource: r.Unit.DataSource,
		InspectedTemplates: inspectTemplates(&r.Unit), Sync: inspectSync(r.Unit.Sync), Origin: r.Pos.String(),
	}
	for _, f := range r.Functions {
		out.Functions = append(out.Functions, f.Name)
	}
	return out
}

// inspectSeed counts the items of the seed; nil when there is none. A seed that
// cannot be read has no tables: serving the project tells why.
func inspectSeed(api *project.API) *InspectedSeed {
	if api.Seed == nil {
		return nil
	}
	out := &InspectedSeed{File: api.Seed.Pos.File, Tables: []InspectedSeedTable{}}
	items, err := seedItems(api)
	if err != nil {
		return out
	}
	for _, t := range items {
		out.Tables = append(out.Tables, InspectedSeedTable{t.Table, len(t.Items)})
	}
	sortedBy(out.Tables, func(t InspectedSeedTable) string { return t.Table })
	return out
}

// refusals are the data sources and resolvers that answer with an error alone.
func (p *Project) refusals() []InspectedRefusal {
	out := []InspectedRefusal{}
	maker := sourceMaker{log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	for _, d := range p.api.DataSources {
		if refused, is := maker.source(d).(datasource.NotSupported); is {
			out = append(out, InspectedRefusal{"data source " + d.Name, refused.Reason, d.Pos.String()})
		}
	}
	for _, r := range p.api.Resolvers {
		field := p.schema.Field(r.Type, r.Field)
		if compiled := p.resolvers[field]; compiled != nil && compiled.Refusal() != "" {
			out = append(out, InspectedRefusal{"resolver " + r.Type + "." + r.Field, compiled.Refusal(), r.Pos.String()})
		}
	}
	return sortedBy(out, func(r InspectedRefusal) string { return strings.ToLower(r.What) })
}
