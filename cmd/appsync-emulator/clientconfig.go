package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"appsync-emulator/emulator"
)

// defaultRegion is what clients are told where the project names none.
const defaultRegion = "us-east-1"

// anyClientID is the app client of pools that list none, for which every id is one.
const anyClientID = "appsync-emulator"

func clientConfig(_ context.Context, args []string, stdout, stderr io.Writer) int {
	fs := newFlags("client-config", "client-config --format FORMAT [PROJECT] [flags]",
		"Prints the file that points an app at the emulator, with the project's names,\nauthorization and first API key. FORMAT is one of\n\n"+
			"  amplify_outputs       amplify_outputs.json of Amplify Gen 2\n"+
			"  amplifyconfiguration  amplifyconfiguration.json of Amplify Gen 1, for JavaScript and for mobile apps\n"+
			"  aws-exports           aws-exports.js of Amplify Gen 1\n"+
			"  env                   variables for a shell or an .env file")
	format := fs.String("format", "", "what to print: "+strings.Join(slices.Sorted(maps.Keys(clientFormats())), ", "))
	endpoint := fs.String("endpoint", "http://localhost:20002/graphql", "`URL` of the emulator, or of its GraphQL endpoint")
	from := fs.projectFlags()
	if code, done := fs.parse(args, 1, stdout, stderr); done {
		return code
	}
	write, ok := clientFormats()[*format]
	if !ok {
		fmt.Fprintf(stderr, "appsync-emulator client-config: --format %q: want one of %s\n", *format,
			strings.Join(slices.Sorted(maps.Keys(clientFormats())), ", "))
		return exitUsage
	}
	address, err := clientEndpoint(*endpoint)
	if err != nil {
		fmt.Fprintln(stderr, "appsync-emulator client-config:", err)
		return exitUsage
	}
	var said strings.Builder // warnings are nothing that a client needs
	project, ok := from.load(&said)
	if !ok {
		fmt.Fprint(stderr, said.String())
		return exitFailure
	}
	text, err := write(newClient(&project.Inspect(true).APIs[0], address))
	if err == nil {
		_, err = stdout.Write(text)
	}
	if err != nil {
		fmt.Fprintln(stderr, "appsync-emulator:", err)
		return exitFailure
	}
	return exitOK
}

// clientEndpoint reads --endpoint: an address without a path is that of the emulator.
func clientEndpoint(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || !isHTTP(text) {
		return nil, fmt.Errorf("--endpoint %s: want a URL such as http://localhost:20002/graphql", text)
	}
	if strings.Trim(u.Path, "/") == "" {
		u.Path = "/graphql"
	}
	u.RawQuery, u.Fragment = "", ""
	return u, nil
}

// client is what an app has to know of an API.
type client struct {
	id, name string
	endpoint *url.URL
	region   string
	// mode is the default one, and others the rest, in AppSync's words.
	mode   string
	others []string
	apiKey string                      // empty for none
	pool   *emulator.InspectedUserPool // nil for none
}

func newClient(api *emulator.InspectedAPI, endpoint *url.URL) *client {
	c := &client{id: api.ID, name: api.Name, endpoint: endpoint, region: defaultRegion}
	pool := ""
	for _, m := range api.Authorization {
		if m.Default {
			c.mode = m.Type
		} else if !slices.Contains(c.others, m.Type) {
			c.others = append(c.others, m.Type)
		}
		if m.Type == "AMAZON_COGNITO_USER_POOLS" && pool == "" {
			pool = m.UserPoolID
			if m.Region != "" {
				c.region = m.Region
			}
		}
	}
	for _, k := range api.APIKeys {
		if k.Expires.IsZero() || time.Now().Before(k.Expires) {
			c.apiKey = k.Key
			break
		}
	}
	for i := range api.UserPools {
		if p := &api.UserPools[i]; pool != "" && p.ID == pool {
			c.pool = p
		}
	}
	return c
}

// base is the address of the emulator, with a slash at the end.
func (c *client) base() string { return c.endpoint.Scheme + "://" + c.endpoint.Host + "/" }

// userPoolEndpoint is where the emulator speaks Cognito's protocol.
func (c *client) userPoolEndpoint() string { return c.base() + "_emulator/idp/" }

func (c *client) realtimeEndpoint() string {
	u := *c.endpoint
	u.Scheme = "ws" + strings.TrimPrefix(u.Scheme, "http")
	u.Path = strings.TrimSuffix(u.Path, "/") + "/realtime"
	return u.String()
}

// clientID is the app client whose tokens the API takes, or the first that an app may
// be.
func (c *client) clientID() string {
	if c.pool.ClientID != "" {
		return c.pool.ClientID
	}
	for _, client := range c.pool.Clients {
		if !client.HasSecret {
			return client.ID
		}
	}
	if len(c.pool.Clients) > 0 {
		return c.pool.Clients[0].ID
	}
	return anyClientID
}

// clientFormats are what --format may be.
func clientFormats() map[string]func(*client) ([]byte, error) {
	return map[string]func(*client) ([]byte, error){
		"amplify_outputs":      func(c *client) ([]byte, error) { return configJSON(c.amplifyOutputs()) },
		"amplifyconfiguration": func(c *client) ([]byte, error) { return configJSON(c.amplifyConfiguration()) },
		"aws-exports":          (*client).awsExports,
		"env":                  func(c *client) ([]byte, error) { return c.environment(), nil },
	}
}

// configJSON writes a configuration for people to read.
func configJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	out := json.NewEncoder(&b)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	err := out.Encode(v)
	return b.Bytes(), err
}

// object is a JSON object; its members are written in the order of their names.
type object = map[string]any

// amplifyOutputs is amplify_outputs.json.
//
// See: https://docs.amplify.aws/react/reference/amplify_outputs/
func (c *client) amplifyOutputs() object {
	data := object{
		"url": c.endpoint.String(), "aws_region": c.region,
		"default_authorization_type": c.mode, "authorization_types": append([]string{}, c.others...),
	}
	if c.apiKey != "" {
		data["api_key"] = c.apiKey
	}
	out := object{"version": "1", "data": data}
	if p := c.pool; p != nil {
		auth := object{
			"aws_region": c.region, "user_pool_id": p.ID, "user_pool_client_id": c.clientID(),
			"password_policy": object{
				"min_length":        p.PasswordPolicy.MinimumLength,
				"require_lowercase": p.PasswordPolicy.RequireLowercase,
				"require_uppercase": p.PasswordPolicy.RequireUppercase,
				"require_numbers":   p.PasswordPolicy.RequireNumbers,
				"require_symbols":   p.PasswordPolicy.RequireSymbols,
			},
		}
		if len(p.UsernameAttributes) > 0 {
			auth["username_attributes"] = p.UsernameAttributes
		}
		groups := []object{}
		for _, g := range p.Groups {
			precedence := object{}
			if g.Precedence != nil {
				precedence["precedence"] = *g.Precedence
			}
			groups = append(groups, object{g.Name: precedence})
		}
		if len(groups) > 0 {
			auth["groups"] = groups
		}
		out["auth"] = auth
		// Amplify reads no endpoint of the pool from this file: the app does.
		out["custom"] = object{"user_pool_endpoint": c.userPoolEndpoint()}
	}
	return out
}

// exports are the members of aws-exports.js.
//
// See: https://docs.amplify.aws/gen1/javascript/tools/libraries/configure-categories/
func (c *client) exports() object {
	out := object{
		"aws_project_region":             c.region,
		"aws_appsync_graphqlEndpoint":    c.endpoint.String(),
		"aws_appsync_region":             c.region,
		"aws_appsync_authenticationType": c.mode,
	}
	if c.apiKey != "" {
		out["aws_appsync_apiKey"] = c.apiKey
	}
	if p := c.pool; p != nil {
		out["aws_cognito_region"] = c.region
		out["aws_user_pools_id"] = p.ID
		out["aws_user_pools_web_client_id"] = c.clientID()
		names := []string{}
		for _, a := range p.UsernameAttributes {
			names = append(names, strings.ToUpper(a)) // EMAIL, PHONE_NUMBER
		}
		out["aws_cognito_username_attributes"] = names
		characters := []string{}
		for _, need := range []struct {
			is   bool
			name string
		}{
			{p.PasswordPolicy.RequireLowercase, "REQUIRES_LOWERCASE"},
			{p.PasswordPolicy.RequireUppercase, "REQUIRES_UPPERCASE"},
			{p.PasswordPolicy.RequireNumbers, "REQUIRES_NUMBERS"},
			{p.PasswordPolicy.RequireSymbols, "REQUIRES_SYMBOLS"},
		} {
			if need.is {
				characters = append(characters, need.name)
			}
		}
		out["aws_cognito_password_protection_settings"] = object{
			"passwordPolicyMinLength": p.PasswordPolicy.MinimumLength, "passwordPolicyCharacters": characters,
		}
	}
	return out
}

// awsExports is aws-exports.js.
func (c *client) awsExports() ([]byte, error) {
	text, err := configJSON(c.exports())
	if err != nil {
		return nil, err
	}
	return slices.Concat([]byte("const awsmobile = "), bytes.TrimSpace(text), []byte(";\n\nexport default awsmobile;\n")), nil
}

// amplifyConfiguration is amplifyconfiguration.json: for JavaScript the members of
// aws-exports.js, for mobile apps those beside them.
//
// See: https://docs.amplify.aws/gen1/swift/build-a-backend/graphqlapi/set-up-graphql-api/
func (c *client) amplifyConfiguration() object {
	out := c.exports()
	name := identifier(c.name)
	api := object{
		"endpointType": "GraphQL", "endpoint": c.endpoint.String(), "region": c.region, "authorizationType": c.mode,
	}
	sync := object{
		"ApiUrl": c.endpoint.String(), "Region": c.region, "AuthMode": c.mode, "ClientDatabasePrefix": name + "_" + c.mode,
	}
	if c.apiKey != "" {
		api["apiKey"], sync["ApiKey"] = c.apiKey, c.apiKey
	}
	out["UserAgent"], out["Version"] = "aws-amplify-cli/2.0", "1.0"
	out["api"] = object{"plugins": object{"awsAPIPlugin": object{name: api}}}
	plugin := object{"UserAgent": "aws-amplify-cli/0.1.0", "Version": "0.1.0", "AppSync": object{"Default": sync}}
	if p := c.pool; p != nil {
		plugin["CognitoUserPool"] = object{"Default": object{
			"PoolId": p.ID, "AppClientId": c.clientID(), "Region": c.region,
			"Endpoint": c.endpoint.Hostname(), // these apps take a host name alone
		}}
		plugin["Auth"] = object{"Default": object{"authenticationFlowType": "USER_SRP_AUTH"}}
	}
	out["auth"] = object{"plugins": object{"awsCognitoAuthPlugin": plugin}}
	return out
}

// identifier is a name without what mobile apps cannot have in theirs.
func identifier(name string) string {
	return strings.Map(func(r rune) rune {
		if r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return r
		}
		return -1
	}, name)
}

// environment is a list of variables: those of the API, those by which AWS SDKs find
// a service elsewhere, and those that Amplify gives to Lambda functions.
//
// See: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
func (c *client) environment() []byte {
	var b bytes.Buffer
	set := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s=%s\n", name, quoteVariable(value))
		}
	}
	set("APPSYNC_API_ID", c.id)
	set("APPSYNC_GRAPHQL_ENDPOINT", c.endpoint.String())
	set("APPSYNC_REALTIME_ENDPOINT", c.realtimeEndpoint())
	set("APPSYNC_REGION", c.region)
	set("APPSYNC_AUTHENTICATION_TYPE", c.mode)
	set("APPSYNC_API_KEY", c.apiKey)
	if c.pool != nil {
		set("COGNITO_USER_POOL_ID", c.pool.ID)
		set("COGNITO_USER_POOL_CLIENT_ID", c.clientID())
		set("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", c.userPoolEndpoint())
	}
	set("AWS_ENDPOINT_URL_DYNAMODB", strings.TrimSuffix(c.base(), "/"))
	if name := strings.ToUpper(identifier(c.name)); name != "" {
		set("API_"+name+"_GRAPHQLAPIENDPOINTOUTPUT", c.endpoint.String())
		set("API_"+name+"_GRAPHQLAPIIDOUTPUT", c.id)
		set("API_"+name+"_GRAPHQLAPIKEYOUTPUT", c.apiKey)
	}
	return b.Bytes()
}

// quoteVariable quotes a value that a shell would take apart.
func quoteVariable(value string) string {
	plain := func(r rune) bool {
		return r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_./:@%+,=", r))
	}
	if strings.IndexFunc(value, func(r rune) bool { return !plain(r) }) < 0 {
		return value
	}
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}
