package project

import (
	"fmt"
	"time"
)

// Position is a place in a project file. Line and Column count from 1; zero
// means that the position is the file as a whole.
type Position struct {
	File   string // relative to the project folder
	Line   int
	Column int
}

func (p Position) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Auth modes, in AppSync's names.
const (
	AuthAPIKey  = "API_KEY"
	AuthIAM     = "AWS_IAM"
	AuthCognito = "AMAZON_COGNITO_USER_POOLS"
	AuthOIDC    = "OPENID_CONNECT"
	AuthLambda  = "AWS_LAMBDA"
)

// AuthProvider is one authentication mode of an API. Which fields are used
// depends on Type.
type AuthProvider struct {
	Type string
	Pos  Position
	// PatternPos is where the mode's regular expression is: AppIDClientRegex,
	// ClientID or IdentityValidationExpression.
	PatternPos Position

	// AMAZON_COGNITO_USER_POOLS
	UserPoolID       string
	Region           string
	DefaultAction    string // ALLOW or DENY
	AppIDClientRegex string

	// OPENID_CONNECT; the times are in milliseconds.
	Issuer   string
	ClientID string
	IatTTL   int64
	AuthTTL  int64

	// AWS_LAMBDA
	Lambda                       Lambda
	IdentityValidationExpression string
	ResultTTLSeconds             int
}

// Lambda names a function in one of the ways that projects do.
type Lambda struct {
	FunctionName  string
	FunctionAlias string // only beside FunctionName
	FunctionARN   string
	// Handler is set for a function that is written inline; FunctionName is
	// then the name that its place gives it.
	Handler string
}

// APIKey is a key that clients may use. Key is the secret itself.
type APIKey struct {
	Name        string
	Key         string
	Description string
	Expires     time.Time // zero: does not expire
	Pos         Position
}

// Source is a text file of the project.
type Source struct {
	Name string // relative path
	Text string
	// Inline is the text where it stands in a file of another kind, such as a
	// CloudFormation template; nil for a file of its own.
	Inline *Template
}

// Template is a mapping template with substitutions applied. Pos is where its
// text begins: the file itself, or the place of an inline template. Position
// maps a place in Text back to the file that it was written in.
type Template struct {
	Text string
	Pos  Position

	origin *origin // nil for a template that was not loaded from a project
}

// Data source types, in AppSync's names.
const (
	DataSourceNone     = "NONE"
	DataSourceDynamoDB = "AMAZON_DYNAMODB"
	DataSourceLambda   = "AWS_LAMBDA"
	DataSourceHTTP     = "HTTP"

	DataSourceOpenSearch         = "AMAZON_OPENSEARCH_SERVICE"
	DataSourceRelationalDatabase = "RELATIONAL_DATABASE"
	DataSourceEventBridge        = "AMAZON_EVENTBRIDGE"
	DataSourceBedrock            = "AMAZON_BEDROCK_RUNTIME"
)

// DataSource is where a resolver or function sends its request document.
type DataSource struct {
	Name        string
	Type        string
	Description string
	Pos         Position

	// AMAZON_DYNAMODB
	TableName string
	Region    string
	Versioned bool
	DeltaSync *DeltaSync

	// AWS_LAMBDA
	Lambda Lambda

	// HTTP and OpenSearch
	Endpoint string

	// HTTP with authorizationType AWS_IAM: how requests are signed; both are
	// empty for requests without a signature.
	SigningRegion      string
	SigningServiceName string
}

// DeltaSync configures a versioned data source. The TTLs are in minutes.
type DeltaSync struct {
	TableName     string
	BaseTableTTL  int
	DeltaTableTTL int
}

// Sync is the conflict handling of a resolver or function.
type Sync struct {
	ConflictDetection string // VERSION or NONE
	ConflictHandler   string // OPTIMISTIC_CONCURRENCY, AUTOMERGE, LAMBDA
	// Automerge is empty for the service's own merge against the stored item,
	// or FIELD_LEVEL to merge against the version that the client knew.
	Automerge string
	Lambda    Lambda
	Pos       Position
}

// Function is a pipeline function, or the unit half of a UNIT resolver.
type Function struct {
	Name         string
	DataSource   string
	Request      *Template // nil: direct
	Response     *Template
	Code         *Template // APPSYNC_JS, instead of the two above
	MaxBatchSize int
	Sync         *Sync
	Pos          Position
}

// Resolver kinds.
const (
	KindUnit     = "UNIT"
	KindPipeline = "PIPELINE"
)

// Resolver attaches templates to a field.
type Resolver struct {
	Type  string
	Field string
	Kind  string
	Pos   Position

	// Unit holds data source and templates of a UNIT resolver; for a PIPELINE
	// its Request and Response are the before and after templates.
	Unit Function
	// Functions names the functions of a PIPELINE, in order, with the places
	// where they are named.
	Functions []FunctionRef
	Caching   *Caching
}

// FunctionRef names a pipeline function.
type FunctionRef struct {
	Name string
	Pos  Position
}

// Caching is the per-resolver cache configuration. TTLSeconds 0 means the TTL
// of the API's cache.
type Caching struct {
	TTLSeconds int
	Keys       []string
}

// Caching behaviours of an API, in AppSync's names.
const (
	CacheFullRequest = "FULL_REQUEST_CACHING"
	CachePerResolver = "PER_RESOLVER_CACHING"
)

// APICache is the cache of an API.
type APICache struct {
	Behavior   string
	TTLSeconds int
	Pos        Position
}

// Logging is what AppSync would write to CloudWatch.
type Logging struct {
	Level                 string // ALL, INFO, DEBUG, ERROR, NONE
	ExcludeVerboseContent bool
}

// ESBuild says how APPSYNC_JS files become resolver code.
type ESBuild struct {
	// Off takes the files as they are, without bundling.
	Off bool
	// Options are esbuild's own, as YAML says them: string, int64, float64,
	// bool, []any and map[string]any.
	Options map[string]any
}

// KeyAttribute is an attribute of a key: Type is S, N or B.
type KeyAttribute struct {
	Name string
	Type string
}

// TableIndex describes a secondary index.
type TableIndex struct {
	Name         string
	PartitionKey KeyAttribute
	SortKey      *KeyAttribute
	Local        bool
	Projection   string // ALL, KEYS_ONLY, INCLUDE
	Include      []string
}

// Table describes a DynamoDB table of the project.
type Table struct {
	Name         string
	PartitionKey KeyAttribute
	SortKey      *KeyAttribute
	Indexes      []TableIndex
	TTLAttribute string
	Pos          Position
}

// API is one AppSync API with everything that it needs.
type API struct {
	// ID is a stable identifier: 26 lowercase letters and digits.
	ID   string
	Name string
	// Kind is what was loaded, such as "a CDK cloud assembly"; empty for what is
	// called appsync.yml.
	Kind string
	// File is what was loaded, Dir the folder that relative paths start from.
	File string
	Dir  string

	Schema []Source

	Auth           AuthProvider
	AdditionalAuth []AuthProvider
	APIKeys        []APIKey
	// Credentials are the AWS access keys of callers, for AWS_IAM.
	Credentials []Credential

	// UserPools are those that the emulator itself is: all that the
	// authentications name, and others of `identity`.
	UserPools []*UserPool

	DataSources []*DataSource
	Functions   []*Function
	Resolvers   []*Resolver
	Tables      []*Table

	// Seed maps table names to items in plain JSON or DynamoDB JSON text.
	Seed *Seed

	// LambdaEndpoint is nil when the project does not say where Lambda functions
	// run; LambdaFunctions are the functions that run elsewhere, or in another time.
	LambdaEndpoint  *LambdaEndpoint
	LambdaFunctions []*LambdaFunction

	Environment map[string]string
	// Cache is nil when the API has no cache, or a disabled one.
	Cache   *APICache
	Logging *Logging
	ESBuild ESBuild

	IntrospectionOff   bool
	QueryDepthLimit    int // 0: off
	ResolverCountLimit int // 0: AppSync's own limit
	// Warnings are things that were understood and have no effect here.
	Warnings []Problem

	files map[string]*sourceFile // by Position.File
}

// Seed is the content of the seed file.
type Seed struct {
	Pos  Position
	Text string
}

// DataSource returns the named data source, or nil.
func (a *API) DataSource(name string) *DataSource {
	for _, d := range a.DataSources {
		if d.Name == name {
			return d
		}
	}
	return nil
}

// Function returns the named pipeline function, or nil.
func (a *API) Function(name string) *Function {
	for _, f := range a.Functions {
		if f.Name == name {
			return f
		}
	}
	return nil
}
