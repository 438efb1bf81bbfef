package auth

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"appsync-emulator/emulator/internal/project"
	"appsync-emulator/mappingtemplate/value"
)

// The limits of Lambda authorizers.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html#aws-lambda-authorization
const (
	authorizerTimeout     = 10 * time.Second
	maxAuthorizationToken = 2048
	maxResolverContext    = 5 << 20
	// maxResultTTL is that of authorizerResultTtlInSeconds.
	maxResultTTL = time.Hour
)

// authorizerResults is how many answers of an authorizer are kept at most.
const authorizerResults = 1024

// connectOperation is the name that AppSync gives to the opening of a real-time
// connection.
//
// Recorded: aws-amplify/amplify-category-api#2090.
const connectOperation = "Deepdish:Connect"

// Invoke runs a Lambda function with an event, JSON text, and returns what the
// function returned.
type Invoke func(ctx context.Context, function string, event []byte) ([]byte, error)

// authorizer asks a Lambda function who may call.
type authorizer struct {
	apiID    string
	function string
	// tokens is what tokens must match before the function is asked; nil for any.
	tokens *value.Pattern
	ttl    time.Duration
	invoke Invoke
	now    func() time.Time
	log    *slog.Logger
	// results holds the answers that may be used again, by the token's digest.
	results *lru.Cache[[sha256.Size]byte, *authorization]
}

// authorization is an answer of the function.
type authorization struct {
	admitted bool
	context  *value.Map
	denied   *DeniedFields
	// until is how long the answer may be used again; zero: not at all.
	until time.Time
}

func newAuthorizer(api *project.API, p project.AuthProvider, opt *Options) *authorizer {
	a := &authorizer{
		apiID:    api.ID,
		function: p.Lambda.Name(),
		tokens:   compilePattern(p.IdentityValidationExpression),
		ttl:      time.Duration(p.ResultTTLSeconds) * time.Second,
		invoke:   opt.Invoke,
		now:      opt.Now,
		log:      opt.Log,
	}
	a.results, _ = lru.New[[sha256.Size]byte, *authorization](authorizerResults) // fails for no size alone
	return a
}

// authenticate has the function decide about a token: the whole Authorization
// header.
func (a *authorizer) authenticate(ctx context.Context, token string, req *Request) (Identity, *Refusal) {
	if len(token) > maxAuthorizationToken {
		a.log.Warn("AWS_LAMBDA: the token was refused without asking the authorizer", "reason", "it is longer than 2048 characters")
		return Identity{}, unauthorized(messageNotAuthorized)
	}
	if a.tokens != nil {
		if ok, err := a.tokens.Matches(token); err != nil || !ok {
			a.log.Warn("AWS_LAMBDA: the token was refused without asking the authorizer",
				"reason", "it does not match identityValidationExpression")
			return Identity{}, unauthorized(messageNotAuthorized)
		}
	}
	digest := sha256.Sum256([]byte(token))
	result, ok := a.results.Get(digest)
	if !ok || !a.now().Before(result.until) {
		var err error
		if result, err = a.ask(ctx, token, req); err != nil {
			a.log.Error("AWS_LAMBDA: the authorizer did not decide", "function", a.function, "error", err)
			return Identity{}, badRequest()
		}
		if !result.until.IsZero() {
			a.results.Add(digest, result)
		}
	}
	if !result.admitted {
		return Identity{}, unauthorized(messageNotAuthorized)
	}
	return Identity{
		Mode:   project.AuthLambda,
		Value:  value.MapOf("resolverContext", result.context),
		Denied: result.denied,
	}, nil
}

func (a *authorizer) ask(ctx context.Context, token string, req *Request) (*authorization, error) {
	if a.invoke == nil {
		return nil, errors.New("there are no Lambda functions here")
	}
	ctx, cancel := context.WithTimeout(ctx, authorizerTimeout)
	defer cancel()
	answer, err := a.invoke(ctx, a.function, value.AppendJSON(nil, a.event(token, req)))
	if err != nil {
		return nil, err
	}
	return a.read(string(answer))
}

// event is what the function is given. An operation without a name has no
// operationName.
func (a *authorizer) event(token string, req *Request) *value.Map {
	about := value.MapOf("apiId", a.apiID, "accountId", DefaultAccountID, "requestId", req.ID, "queryString", req.Query)
	switch {
	case req.Kind == Connect:
		about.Set("operationName", connectOperation)
	case req.OperationName != "":
		about.Set("operationName", req.OperationName)
	}
	variables := req.Variables
	if variables == nil {
		variables = value.NewMap(0)
	}
	about.Set("variables", variables)
	names := make([]string, 0, len(req.Header))
	for name := range req.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	headers := value.NewMap(len(names))
	for _, name := range names {
		headers.Set(strings.ToLower(name), strings.Join(req.Header[name], ","))
	}
	return value.MapOf("authorizationToken", token, "requestContext", about, "requestHeaders", headers)
}

// read understands what the function returned.
func (a *authorizer) read(text string) (*authorization, error) {
	v, err := value.ParseJSON(text)
	if err != nil {
		return nil, fmt.Errorf("it returned no JSON: %w", err)
	}
	answer, ok := v.(*value.Map)
	if !ok {
		return nil, errors.New("it returned no object")
	}
	out := &authorization{context: value.NewMap(0)}
	if out.admitted, ok = answer.Value("isAuthorized").(bool); !ok {
		return nil, errors.New("isAuthorized of what it returned is no Boolean")
	}
	if out.context, err = resolverContext(answer.Value("resolverContext")); err != nil {
		return nil, err
	}
	if out.denied, err = a.deniedFields(answer.Value("deniedFields")); err != nil {
		return nil, err
	}
	ttl, err := a.resultTTL(answer.Value("ttlOverride"))
	if err != nil {
		return nil, err
	}
	if ttl > 0 {
		out.until = a.now().Add(ttl)
	}
	return out, nil
}

// resolverContext is what templates see of the caller: keys and plain values.
func resolverContext(v any) (*value.Map, error) {
	if v == nil {
		return value.NewMap(0), nil
	}
	m, ok := v.(*value.Map)
	if !ok {
		return nil, errors.New("resolverContext of what it returned is no object")
	}
	for name, v := range m.All() {
		switch v.(type) {
		case *value.Map, *value.List:
			return nil, fmt.Errorf("resolverContext of what it returned holds an object or list, as %.100q; AppSync takes keys and plain values", name)
		}
	}
	if len(value.AppendJSON(nil, m)) > maxResolverContext {
		return nil, errors.New("resolverContext of what it returned is larger than 5 MB")
	}
	return m, nil
}

// deniedFields reads the fields that the caller may not see. What names no field is
// left out, and so are the fields of other APIs.
func (a *authorizer) deniedFields(v any) (*DeniedFields, error) {
	if v == nil {
		return nil, nil
	}
	list, ok := v.(*value.List)
	if !ok {
		return nil, errors.New("deniedFields of what it returned is no list")
	}
	seen := make(map[FieldName]bool, len(list.Items))
	out := &DeniedFields{}
	for _, item := range list.Items {
		text, ok := item.(string)
		if !ok {
			return nil, errors.New("deniedFields of what it returned holds something that is no text")
		}
		f, ours, ok := parseDeniedField(text, a.apiID)
		switch {
		case !ok:
			a.log.Warn("AWS_LAMBDA: the authorizer denies what is neither Type.field nor the ARN of a field", "function", a.function, "field", shown(text))
		case !ours:
			a.log.Warn("AWS_LAMBDA: the authorizer denies a field of another API", "function", a.function, "field", shown(text), "apiId", a.apiID)
		case !seen[f]:
			seen[f] = true
			out.Fields = append(out.Fields, f)
		}
	}
	if len(out.Fields) == 0 {
		return nil, nil
	}
	return out, nil
}

// resultTTL is how long an answer may be used again.
func (a *authorizer) resultTTL(override any) (time.Duration, error) {
	var seconds float64
	switch n := override.(type) {
	case nil:
		return a.ttl, nil
	case int32:
		seconds = float64(n)
	case int64:
		seconds = float64(n)
	case float64:
		seconds = n
	default:
		return 0, errors.New("ttlOverride of what it returned is no number")
	}
	if seconds < 0 || seconds != math.Trunc(seconds) {
		return 0, errors.New("ttlOverride of what it returned is no number of seconds")
	}
	return time.Duration(min(seconds, maxResultTTL.Seconds())) * time.Second, nil
}
