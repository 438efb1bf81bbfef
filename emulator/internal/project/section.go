package project

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"
	"unicode/utf8"
)

// sectionKeys is the vocabulary of the appSync section: that of
// serverless-appsync-plugin 2, and what says where tables, their items and Lambda
// functions are.
var sectionKeys = []string{
	"name", "authentication", "schema", "additionalAuthentications", "apiKeys",
	"dataSources", "resolvers", "pipelineFunctions", "substitutions", "environment",
	"caching", "introspection", "queryDepthLimit", "resolverCountLimit", "esbuild", "logging",
	"apiId", "tags", "xrayEnabled", "visibility", "domain", "waf", "enhancedMetrics",
	"tables", "seed", "functions", "lambdaEndpoint", identityKey, credentialsKey,
}

// section reads the appSync section; at is the place of its key.
func (l *loader) section(n *node, at place) {
	f := &fields{l: l, node: n, what: "the project", at: at}
	f.checkKeys(sectionKeys)

	l.api.Name = f.strOf(f.need("name"))
	l.api.ID = APIID(l.api.Name)
	l.schema(f)
	l.authentications(f)
	l.identities(f)
	l.environment(f)
	l.globals = l.substitutions(f)
	l.caching(f)
	l.api.IntrospectionOff = !f.boolean("introspection", true)
	// See: https://docs.aws.amazon.com/appsync/latest/APIReference/API_CreateGraphqlApi.html
	l.api.QueryDepthLimit = int(f.integer("queryDepthLimit", 1, 75, 0))
	l.api.ResolverCountLimit = int(f.integer("resolverCountLimit", 1, 10000, 0))
	l.logging(f)
	l.esbuild(f)

	l.maps(n.find("dataSources"), func() { l.someDataSourcesUnread = true }, func(e entry) {
		l.dataSource(e.value, e.key, e.pos)
	})
	l.maps(n.find("pipelineFunctions"), func() { l.someFunctionsUnread = true }, func(e entry) {
		l.pipelineFunction(e)
	})
	l.maps(n.find("resolvers"), func() {}, l.resolver)
	l.checkReferences()

	l.tableList(f)
	l.resourceTables()
	l.problems = append(l.problems, l.api.impliedTables()...)
	l.seed(f)
	l.lambdas(f)
}

// stableID derives lowercase letters and digits from a seed, the same at every
// start and on every machine.
func stableID(seed string, length int) string {
	sum := sha256.Sum256([]byte("appsync-emulator/" + seed))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:]))[:length]
}

// maxSchemaBytes is AppSync's limit for a schema document.
//
// See: https://docs.aws.amazon.com/general/latest/gr/appsync.html
const maxSchemaBytes = 1 << 20

// schema reads the SDL: a path, a pattern, or a list of them.
func (l *loader) schema(f *fields) {
	e := f.get("schema")
	if e == nil {
		if file := l.open("schema.graphql", f.at, "schema file"); file != nil {
			l.addSchema(file)
		}
		l.checkSchemaSize(f.at)
		return
	}
	if l.unsupported(e.value) {
		return
	}
	switch e.value.kind {
	case kindString:
		l.schemaPattern(e.value)
	case kindList:
		if len(e.value.items) == 0 {
			l.problem(e.value.pos, "`schema` names no file", "")
		}
		for _, item := range e.value.items {
			if l.unsupported(item) {
				continue
			}
			if item.kind != kindString {
				l.problem(orElse(item, e.pos), "`schema` must hold paths, not "+item.kind.String(), "")
				continue
			}
			l.schemaPattern(item)
		}
	default:
		f.wrong(e, "a path or a list of paths")
	}
	l.checkSchemaSize(e.value.pos)
}

func (l *loader) schemaPattern(n *node) {
	if !isGlob(n.text) {
		if file := l.open(n.text, n.pos, "schema file"); file != nil {
			l.addSchema(file)
		}
		return
	}
	names, err := l.files.glob(n.text)
	if err != nil {
		hint := ""
		if err == errOutside {
			hint = "--allow-outside permits it"
		}
		l.problem(n.pos, fmt.Sprintf("schema pattern %s %s", shorten(n.text), err), hint)
		return
	}
	if len(names) == 0 {
		l.problem(n.pos, fmt.Sprintf("schema pattern %s matches no file", shorten(n.text)), "")
	}
	for _, name := range names {
		if file := l.open(name, n.pos, "schema file"); file != nil {
			l.addSchema(file)
		}
	}
}

// addSchema takes a file once, however many patterns match it.
func (l *loader) addSchema(file *sourceFile) {
	for _, s := range l.api.Schema {
		if s.Name == file.name {
			return
		}
	}
	// A byte order mark is no part of the SDL.
	l.api.Schema = append(l.api.Schema, Source{Name: file.name, Text: strings.TrimPrefix(file.text, "\ufeff")})
}

func (l *loader) checkSchemaSize(at place) {
	size := 0
	for _, s := range l.api.Schema {
		size += len(s.Text)
	}
	if size > maxSchemaBytes {
		l.warn(at, fmt.Sprintf("the schema has %d bytes; AppSync takes at most %d", size, maxSchemaBytes), "")
	}
}

// Limits of environment variables.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/environmental-variables.html
const (
	maxEnvironment      = 50
	maxEnvironmentValue = 512
)

func (l *loader) environment(f *fields) {
	e := f.get("environment")
	if e == nil || l.unsupported(e.value) {
		return
	}
	if e.value.kind != kindMap {
		f.wrong(e, "a map")
		return
	}
	l.api.Environment = map[string]string{}
	for _, v := range e.value.entries {
		if !IsEnvironmentName(v.key) {
			l.problem(v.pos, fmt.Sprintf("environment variable name `%s` must have 2 to 64 letters, digits and _, and begin with a letter", shorten(v.key)), "")
		}
		value, ok := l.text(v.value, fmt.Sprintf("environment variable `%s`", v.key))
		if !ok {
			continue
		}
		if utf8.RuneCountInString(value) > maxEnvironmentValue {
			l.problem(v.value.pos, fmt.Sprintf("environment variable `%s` is longer than %d characters", v.key, maxEnvironmentValue), "")
		}
		l.api.Environment[v.key] = value
	}
	if len(e.value.entries) > maxEnvironment {
		l.problem(e.pos, fmt.Sprintf("`environment` has %d variables; AppSync takes at most %d", len(e.value.entries), maxEnvironment), "")
	}
}

// defaultCacheTTL is the plugin's, in seconds.
const defaultCacheTTL = 3600

func (l *loader) caching(section *fields) {
	e := section.get("caching")
	if e == nil {
		return
	}
	f, ok := l.fields(e.value, "caching", e.pos, "behavior", "enabled", "type", "ttl", "atRestEncryption", "transitEncryption")
	if !ok {
		return
	}
	cache := &APICache{
		Behavior:   f.enumOf(f.need("behavior"), CachePerResolver, CacheFullRequest, CachePerResolver),
		TTLSeconds: int(f.integer("ttl", 1, 3600, defaultCacheTTL)),
		Pos:        l.position(e.pos),
	}
	f.enum("type", "", "SMALL", "MEDIUM", "LARGE", "XLARGE", "LARGE_2X", "LARGE_4X", "LARGE_8X", "LARGE_12X")
	f.boolean("atRestEncryption", false)
	f.boolean("transitEncryption", false)
	if f.boolean("enabled", true) {
		l.api.Cache = cache
	}
}

func (l *loader) logging(section *fields) {
	e := section.get("logging")
	if e == nil {
		return
	}
	f, ok := l.fields(e.value, "logging", e.pos, "level", "enabled", "excludeVerboseContent", "retentionInDays", "roleArn")
	if !ok {
		return
	}
	logging := &Logging{
		Level:                 f.enumOf(f.need("level"), "", "ALL", "INFO", "DEBUG", "ERROR", "NONE"),
		ExcludeVerboseContent: f.boolean("excludeVerboseContent", false),
	}
	if f.boolean("enabled", true) {
		l.api.Logging = logging
	}
}

func (l *loader) esbuild(section *fields) {
	e := section.get("esbuild")
	if e == nil || l.unsupported(e.value) {
		return
	}
	switch {
	case e.value.kind == kindBool && !e.value.truth:
		l.api.ESBuild.Off = true
	case e.value.kind == kindMap:
		l.api.ESBuild.Options, _ = e.value.plain().(map[string]any)
	default:
		section.wrong(e, "a map of esbuild's options or false")
	}
}

// substitutions reads the map of that name, of the project or of a resolver or
// function.
func (l *loader) substitutions(f *fields) substitutions {
	e := f.get("substitutions")
	if e == nil || l.unsupported(e.value) {
		return nil
	}
	if e.value.kind != kindMap {
		f.wrong(e, "a map")
		return nil
	}
	out := substitutions{}
	for _, v := range e.value.entries {
		if !substitutionName.MatchString(v.key) {
			l.problem(v.pos, fmt.Sprintf("substitution name `%s` must consist of letters, digits, _ and -", shorten(v.key)), "")
		}
		if value, ok := l.text(v.value, fmt.Sprintf("substitution `%s`", v.key)); ok {
			out[v.key] = value
		}
	}
	return out
}
