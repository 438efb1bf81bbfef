package serverless

import (
	"fmt"
	"path"
	"regexp"
	"slices"

	"appsync-emulator/emulator/internal/project"
)

// version1 turns a section in the vocabulary of serverless-appsync-plugin 1 into
// that of version 2. Values keep their places; mistakes that both versions have in
// common are left to whoever reads version 2.
//
// See: https://github.com/sid88in/serverless-appsync-plugin/blob/master/doc/upgrading-from-v1.md
type version1 struct {
	section *project.Node
	// problem reports what cannot be turned.
	problem func(at project.Position, message, hint string)
	warn    func(at project.Position, message, hint string)
	// defaults are the templates of resolvers and functions that say none.
	request, response *project.Node
}

// Keys of version 1 that say only how the API is deployed, or where.
var version1Ignored = []string{"serviceRole", "region", "apiId", "apiKey", "allowHashDescription", "playgroundPort"}

// defaultTemplates is the folder of the templates when the project names none.
const defaultTemplates = "mapping-templates"

func (c *version1) convert() *project.Node {
	var out []project.Entry
	add := func(e project.Entry) { out = append(out, e) }
	name := find(c.section, "name")
	if name == nil {
		add(project.NewEntry("name", c.section, text(c.section, "api")))
	}
	if d := find(c.section, "defaultMappingTemplates"); d != nil {
		c.request, c.response = valueAt(d.Value(), "request"), valueAt(d.Value(), "response")
	}
	location := c.location("mappingTemplatesLocation", defaultTemplates)
	add(c.authentication(c.section, c.section))
	for i := range c.section.Entries() {
		e := &c.section.Entries()[i]
		switch key := e.Key(); key {
		case "name":
			if name != nil {
				add(*e)
			}
		case "authenticationType", "userPoolConfig", "openIdConnectConfig", "lambdaAuthorizerConfig",
			"mappingTemplatesLocation", "functionConfigurationsLocation", "defaultMappingTemplates":
		case "additionalAuthenticationProviders":
			add(e.Renamed("additionalAuthentications", c.each(e.Value(), func(n *project.Node) *project.Node {
				a := c.authentication(n, n)
				return a.Value()
			})))
		case "logConfig":
			add(e.Renamed("logging", rename(e.Value(), map[string]string{"loggingRoleArn": "roleArn"})))
		case "wafConfig":
			add(e.Renamed("waf", e.Value()))
		case "dataSources":
			add(e.Renamed(key, c.dataSources(e.Value())))
		case "mappingTemplates":
			add(e.Renamed("resolvers", c.resolvers(e.Value(), location)))
		case "functionConfigurations":
			add(e.Renamed("pipelineFunctions", c.functions(e.Value(), c.location("functionConfigurationsLocation", location))))
		default:
			if slices.Contains(version1Ignored, key) {
				c.warn(e.Position(), fmt.Sprintf("`%s` has no effect here", key), "")
				continue
			}
			add(*e) // the same in both versions, or unknown in both
		}
	}
	return project.NewMap(c.section, out)
}

// find returns the entry of a map that has a value, or nil.
func find(n *project.Node, key string) *project.Entry {
	if n == nil || n.Kind() != project.NodeMap {
		return nil
	}
	if e := n.Find(key); e != nil && e.Value().Kind() != project.NodeNull {
		return e
	}
	return nil
}

func valueAt(n *project.Node, key string) *project.Node {
	if e := find(n, key); e != nil {
		return e.Value()
	}
	return nil
}

func textAt(n *project.Node, key string) string {
	if v := valueAt(n, key); v != nil && v.Kind() == project.NodeString && v.Tag() == "" {
		return v.Text()
	}
	return ""
}

// rename returns a map with other keys.
func rename(n *project.Node, keys map[string]string) *project.Node {
	if n.Kind() != project.NodeMap {
		return n
	}
	out := make([]project.Entry, len(n.Entries()))
	for i := range out {
		e := &n.Entries()[i]
		out[i] = *e
		if key := keys[e.Key()]; key != "" {
			out[i] = e.Renamed(key, e.Value())
		}
	}
	return project.NewMap(n, out)
}

// each returns a list with other items; what is no list is returned as it is.
func (c *version1) each(n *project.Node, item func(*project.Node) *project.Node) *project.Node {
	if n.Kind() != project.NodeList {
		return n
	}
	out := make([]*project.Node, len(n.Items()))
	for i, x := range n.Items() {
		out[i] = x
		if x.Kind() == project.NodeMap {
			out[i] = item(x)
		}
	}
	return project.NewList(n, out)
}

func (c *version1) location(key, otherwise string) string {
	if location := textAt(c.section, key); location != "" {
		return location
	}
	return otherwise
}

// lambdaRenamed are the keys that name a Lambda function.
var lambdaRenamed = map[string]string{"lambdaFunctionArn": "functionArn"}

// lambda turns what names a Lambda function: an ARN goes before a name.
func lambda(n *project.Node) *project.Node {
	n = rename(n, lambdaRenamed)
	if find(n, "functionArn") == nil {
		return n
	}
	return without(n, "functionName", "functionAlias")
}

func without(n *project.Node, keys ...string) *project.Node {
	if n.Kind() != project.NodeMap {
		return n
	}
	out := slices.DeleteFunc(slices.Clone(n.Entries()), func(e project.Entry) bool { return slices.Contains(keys, e.Key()) })
	if len(out) == len(n.Entries()) {
		return n
	}
	return project.NewMap(n, out)
}

// authentication turns the keys of an authentication that n holds.
func (c *version1) authentication(n, at *project.Node) project.Entry {
	var out []project.Entry
	kind := ""
	if e := find(n, "authenticationType"); e != nil {
		kind = e.Value().Text()
		out = append(out, e.Renamed("type", e.Value()))
		at = e.Value()
	} else {
		c.problem(n.Position(), "`authenticationType` is missing", "")
	}
	for _, config := range []struct{ key, kind string }{
		{"userPoolConfig", project.AuthCognito}, {"openIdConnectConfig", project.AuthOIDC}, {"lambdaAuthorizerConfig", project.AuthLambda},
	} {
		e := find(n, config.key)
		switch {
		case e == nil && kind == config.kind:
			c.problem(at.Position(), fmt.Sprintf("authenticationType %s needs `%s`", kind, config.key), "")
		case e != nil && kind == config.kind:
			value := e.Value()
			if kind == project.AuthLambda {
				value = lambda(value)
			}
			out = append(out, e.Renamed("config", value))
		case e != nil && kind != "":
			c.warn(e.Position(), fmt.Sprintf("`%s` has no effect: authenticationType is %s", config.key, shorten(kind)), "")
		}
	}
	return project.NewEntry("authentication", at, project.NewMap(at, out))
}

// flat returns the items of lists that may be within lists, one deep: each line of
// such a list may be a file with several.
func flat(n *project.Node) []*project.Node {
	if n.Kind() != project.NodeList {
		return []*project.Node{n}
	}
	var out []*project.Node
	for _, item := range n.Items() {
		if item.Kind() == project.NodeList {
			out = append(out, item.Items()...)
			continue
		}
		out = append(out, item)
	}
	return out
}

// dataSources turns a list of data sources with names, or of maps by name.
func (c *version1) dataSources(n *project.Node) *project.Node {
	var out []*project.Node
	for _, item := range flat(n) {
		name := find(item, "name")
		if name == nil || name.Value().Kind() != project.NodeString {
			if item.Kind() == project.NodeMap {
				item = c.namedSources(item)
			}
			out = append(out, item)
			continue
		}
		out = append(out, project.NewMap(item, []project.Entry{
			name.Renamed(name.Value().Text(), c.dataSource(without(item, "name"))),
		}))
	}
	return project.NewList(n, out)
}

// namedSources turns data sources by name; one that has a name inside is called so.
func (c *version1) namedSources(n *project.Node) *project.Node {
	out := make([]project.Entry, len(n.Entries()))
	for i := range out {
		e := &n.Entries()[i]
		key := e.Key()
		if name := textAt(e.Value(), "name"); name != "" {
			key = name
		}
		out[i] = e.Renamed(key, c.dataSource(without(e.Value(), "name")))
	}
	return project.NewMap(n, out)
}

func (c *version1) dataSource(n *project.Node) *project.Node {
	if n.Kind() != project.NodeMap {
		return n
	}
	out := slices.Clone(n.Entries())
	for i := range out {
		e := &out[i]
		switch {
		case e.Key() == "type" && e.Value().Text() == "AMAZON_ELASTICSEARCH":
			out[i] = e.With(text(e.Value(), project.DataSourceOpenSearch))
		case e.Key() == "config" && textAt(n, "type") == project.DataSourceLambda:
			out[i] = e.With(lambda(e.Value()))
		case e.Key() == "config" && textAt(n, "type") == project.DataSourceDynamoDB:
			out[i] = e.With(deltaDefaults(e.Value()))
		}
	}
	return project.NewMap(n, out)
}

// deltaDefaults says the TTLs that version 1 has when the project says none, in
// minutes: a deleted item goes at once.
func deltaDefaults(config *project.Node) *project.Node {
	e := find(config, "deltaSyncConfig")
	if e == nil || e.Value().Kind() != project.NodeMap {
		return config
	}
	delta := slices.Clone(e.Value().Entries())
	for _, ttl := range []struct{ key, minutes string }{{"baseTableTTL", "0"}, {"deltaSyncTableTTL", "60"}} {
		if find(e.Value(), ttl.key) != nil {
			continue
		}
		if n, ok := project.NewNumber(e.Value(), ttl.minutes); ok {
			delta = append(delta, project.NewEntry(ttl.key, e.Value(), n))
		}
	}
	out := slices.Clone(config.Entries())
	for i := range out {
		if out[i].Key() == e.Key() {
			out[i] = e.With(project.NewMap(e.Value(), delta))
		}
	}
	return project.NewMap(config, out)
}

// notAlphanumeric is what logical ids, and the names of functions in version 1,
// may not have.
var notAlphanumeric = regexp.MustCompile(`[^a-zA-Z0-9]`)

func logicalName(name string) string { return notAlphanumeric.ReplaceAllString(name, "") }

func functionName(n *project.Node) *project.Node {
	if n.Kind() != project.NodeString || logicalName(n.Text()) == n.Text() {
		return n
	}
	return text(n, logicalName(n.Text()))
}

// resolvers turns a list of mapping templates.
func (c *version1) resolvers(n *project.Node, location string) *project.Node {
	var out []*project.Node
	for _, item := range flat(n) {
		if item.Kind() != project.NodeMap {
			c.problem(item.Position(), "a mapping template must be a map, not "+item.Kind().String(), "")
			continue
		}
		typeName, field := textAt(item, "type"), textAt(item, "field")
		if typeName == "" || field == "" {
			c.problem(item.Position(), "a mapping template needs `type` and `field`", "")
			continue
		}
		key := typeName + "." + field
		kind := project.KindUnit
		if textAt(item, "kind") == project.KindPipeline {
			kind = project.KindPipeline
		}
		entries := []project.Entry{project.NewEntry("kind", item, text(item, kind))}
		for i := range item.Entries() {
			e := &item.Entries()[i]
			switch e.Key() {
			case "kind", "type", "field", "request", "response":
			case "functions":
				if kind == project.KindPipeline {
					entries = append(entries, e.With(c.names(e.Value())))
				}
			case "dataSource":
				if kind == project.KindUnit {
					entries = append(entries, *e)
				}
			case "caching":
				if find(c.section, "caching") != nil {
					entries = append(entries, *e)
				}
			case "sync":
				entries = append(entries, c.sync(e)...)
			default:
				entries = append(entries, *e)
			}
		}
		entries = append(entries, c.templates(item, location, key)...)
		out = append(out, project.NewMap(item, []project.Entry{project.NewEntry(key, item, project.NewMap(item, entries))}))
	}
	return project.NewList(n, out)
}

func (c *version1) names(n *project.Node) *project.Node {
	if n.Kind() != project.NodeList {
		return n
	}
	out := make([]*project.Node, len(n.Items()))
	for i, item := range n.Items() {
		out[i] = functionName(item)
	}
	return project.NewList(n, out)
}

// functions turns a list of function configurations.
func (c *version1) functions(n *project.Node, location string) *project.Node {
	var out []*project.Node
	for _, item := range flat(n) {
		name := find(item, "name")
		if name == nil || name.Value().Kind() != project.NodeString {
			c.problem(item.Position(), "a function configuration needs a `name`", "")
			continue
		}
		var entries []project.Entry
		for i := range item.Entries() {
			e := &item.Entries()[i]
			switch e.Key() {
			case "name", "request", "response":
			case "sync":
				entries = append(entries, c.sync(e)...)
			default:
				entries = append(entries, *e)
			}
		}
		entries = append(entries, c.templates(item, location, name.Value().Text())...)
		out = append(out, project.NewMap(item, []project.Entry{
			name.Renamed(functionName(name.Value()).Text(), project.NewMap(item, entries)),
		}))
	}
	return project.NewList(n, out)
}

// templates returns where the templates of a resolver or function are: as it says,
// else as all say, else by its name.
func (c *version1) templates(n *project.Node, location, name string) []project.Entry {
	var out []project.Entry
	for _, t := range []struct {
		key       string
		otherwise *project.Node
	}{{"request", c.request}, {"response", c.response}} {
		at, value := n, t.otherwise
		if e := n.Find(t.key); e != nil {
			at, value = e.KeyNode(), e.Value()
		}
		switch {
		case value == nil || value.Kind() == project.NodeNull:
			value = text(n, path.Join(location, name+"."+t.key+".vtl"))
		case value.Kind() == project.NodeBool && !value.Bool():
			continue
		case value.Kind() == project.NodeString:
			value = text(value, path.Join(location, value.Text()))
		}
		out = append(out, project.NewEntry(t.key, at, value))
	}
	return out
}

// sync turns the conflict handling of a resolver or function; true is that of
// versions, without a handler.
func (c *version1) sync(e *project.Entry) []project.Entry {
	switch n := e.Value(); {
	case n.Kind() == project.NodeBool && n.Bool():
		return []project.Entry{e.With(project.NewMap(n, []project.Entry{
			project.NewEntry("conflictDetection", n, text(n, "VERSION")),
		}))}
	case n.Kind() == project.NodeBool:
		return nil
	case textAt(n, "conflictHandler") != "LAMBDA":
		return []project.Entry{e.With(without(n, "functionName", "functionAlias", "lambdaFunctionArn"))}
	default:
		return []project.Entry{e.With(lambda(n))}
	}
}
