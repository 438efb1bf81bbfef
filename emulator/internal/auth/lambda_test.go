package auth_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"appsync-emulator/emulator/internal/auth"
	"appsync-emulator/emulator/internal/project"
	"appsync-emulator/mappingtemplate/value"
)

func lambdaAPI(change ...func(*project.AuthProvider)) *project.API {
	p := project.AuthProvider{Type: project.AuthLambda, Lambda: project.Lambda{FunctionName: "authorize"}}
	for _, f := range change {
		f(&p)
	}
	return &project.API{ID: "giy7kumfmvcqvbedntjwjvagii", Auth: p}
}

// function is a Lambda authorizer that always answers the same.
type function struct {
	answer string
	err    error
	events []string
}

func (f *function) invoke(_ context.Context, name string, event []byte) ([]byte, error) {
	if name != "authorize" {
		return nil, fmt.Errorf("there is no function %s", name)
	}
	f.events = append(f.events, string(event))
	return []byte(f.answer), f.err
}

// The event is that of the developer guide, page security-authz, "AWS Lambda
// authorization", with the requestHeaders and the names of connections that
// aws-amplify/amplify-category-api#2090 has recorded. An operation without a name
// has no operationName: AppSyncAuthorizerEvent of @types/aws-lambda.
func TestEventOfLambdaAuthorizers(t *testing.T) {
	for _, tt := range []struct {
		name string
		req  *auth.Request
		want string
	}{
		{"mutation", &auth.Request{
			Header: http.Header{"Authorization": {"BE9DC5E3-D410-4733-AF76-70178092E681"}, "X-Tenant": {"a", "b"}, "Host": {"localhost:20002"}},
			ID:     "b80ed838-14c6-4500-b4c3-b694c7bef086",
			Query:  "mutation MyNewTask($desc: String!) {\n  createTask(description: $desc) {\n    id\n  }\n}\n", OperationName: "MyNewTask",
			Variables: value.MapOf("desc", "Foo"),
		}, `{"authorizationToken":"BE9DC5E3-D410-4733-AF76-70178092E681","requestContext":{"apiId":"giy7kumfmvcqvbedntjwjvagii","accountId":"123456789012","requestId":"b80ed838-14c6-4500-b4c3-b694c7bef086","queryString":"mutation MyNewTask($desc: String!) {\n  createTask(description: $desc) {\n    id\n  }\n}\n","operationName":"MyNewTask","variables":{"desc":"Foo"}},"requestHeaders":{"authorization":"BE9DC5E3-D410-4733-AF76-70178092E681","host":"localhost:20002","x-tenant":"a,b"}}`},
		{"without a name and variables", &auth.Request{Header: http.Header{"Authorization": {"Bearer x"}}, ID: "1", Query: "{ a }"},
			`{"authorizationToken":"Bearer x","requestContext":{"apiId":"giy7kumfmvcqvbedntjwjvagii","accountId":"123456789012","requestId":"1","queryString":"{ a }","variables":{}},"requestHeaders":{"authorization":"Bearer x"}}`},
		{"connection", &auth.Request{Kind: auth.Connect, Header: http.Header{"Authorization": {"x"}}, ID: "1"},
			`{"authorizationToken":"x","requestContext":{"apiId":"giy7kumfmvcqvbedntjwjvagii","accountId":"123456789012","requestId":"1","queryString":"","operationName":"Deepdish:Connect","variables":{}},"requestHeaders":{"authorization":"x"}}`},
		{"start", &auth.Request{Kind: auth.Start, Header: http.Header{"Authorization": {"x"}}, ID: "1", Query: "subscription S { a }", OperationName: "S"},
			`{"authorizationToken":"x","requestContext":{"apiId":"giy7kumfmvcqvbedntjwjvagii","accountId":"123456789012","requestId":"1","queryString":"subscription S { a }","operationName":"S","variables":{}},"requestHeaders":{"authorization":"x"}}`},
	} {
		f := &function{answer: `{"isAuthorized":true}`}
		c := newCaller(lambdaAPI(), auth.Options{Invoke: f.invoke})
		if _, refusal := c.Authenticate(context.Background(), tt.req); refusal != nil {
			t.Errorf("%s: %v", tt.name, refusal)
		}
		if got := strings.Join(f.events, "\n"); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

// What the function may answer: developer guide, page security-authz. A refusal is
// recorded in aws/aws-appsync-community#372, an authorizer that fails in
// aws/aws-cdk#19239.
func TestAnswersOfLambdaAuthorizers(t *testing.T) {
	const arn = "arn:aws:appsync:us-east-1:111122223333:apis/giy7kumfmvcqvbedntjwjvagii/types/"
	fields := func(names ...string) string {
		return `{"isAuthorized":true,"deniedFields":["` + strings.Join(names, `","`) + `"]}`
	}
	tests := []struct {
		name, answer string
		err          error
		want         string
		denied       string
		log          string
	}{
		{"yes", `{"isAuthorized":true}`, nil, `{"resolverContext":{}}`, "", ""},
		{"yes and more than AppSync knows", `{"isAuthorized":true,"principalId":"x"}`, nil, `{"resolverContext":{}}`, "", ""},
		{"nulls", `{"isAuthorized":true,"resolverContext":null,"deniedFields":null,"ttlOverride":null}`, nil, `{"resolverContext":{}}`, "", ""},
		{"no", `{"isAuthorized":false,"resolverContext":{"a":"b"}}`, nil, notAuthorized, "", ""},
		{"a context", `{"isAuthorized":true,"resolverContext":{"banana":"very yellow","balance":100,"rich":false,"none":null}}`, nil,
			`{"resolverContext":{"banana":"very yellow","balance":100,"rich":false,"none":null}}`, "", ""},
		{"denied fields", fields("Mutation.createEvent", "Post.secret"), nil, `{"resolverContext":{}}`, "Mutation.createEvent Post.secret", ""},
		{"denied fields by their ARNs", fields(arn+"Mutation/fields/createEvent", "arn:aws-cn:appsync:cn-north-1:111122223333:apis/giy7kumfmvcqvbedntjwjvagii/types/A/fields/b"), nil,
			`{"resolverContext":{}}`, "Mutation.createEvent A.b", ""},
		{"a field in both forms", fields("A.b", arn+"A/fields/b", "A.b"), nil, `{"resolverContext":{}}`, "A.b", ""},
		{"a field of another API", fields("arn:aws:appsync:us-east-1:111122223333:apis/other/types/A/fields/b"), nil, `{"resolverContext":{}}`, "", "field of another API"},
		{"what is no field", fields("*", "A.b.c", "A", ".", "A.*", "arn:aws:appsync:us-east-1:1:apis/x/types/A", "A. b"), nil, `{"resolverContext":{}}`, "", "neither Type.field nor the ARN"},

		{"nothing", ``, nil, badRequest, "", "it returned no JSON"},
		{"null", `null`, nil, badRequest, "", "it returned no object"},
		{"a text", `"yes"`, nil, badRequest, "", "it returned no object"},
		{"an empty object", `{}`, nil, badRequest, "", "isAuthorized of what it returned is no Boolean"},
		{"a decision that is a text", `{"isAuthorized":"true"}`, nil, badRequest, "", "isAuthorized of what it returned is no Boolean"},
		{"a decision that is a number", `{"isAuthorized":1}`, nil, badRequest, "", "isAuthorized of what it returned is no Boolean"},
		{"a context that is a text", `{"isAuthorized":true,"resolverContext":"a"}`, nil, badRequest, "", "resolverContext of what it returned is no object"},
		{"a nested context", `{"isAuthorized":true,"resolverContext":{"a":{"b":1}}}`, nil, badRequest, "", "AppSync takes keys and plain values"},
		{"a context with a list", `{"isAuthorized":true,"resolverContext":{"a":[1]}}`, nil, badRequest, "", "AppSync takes keys and plain values"},
		{"a context of 5 MB", `{"isAuthorized":true,"resolverContext":{"a":"` + strings.Repeat("x", 5<<20) + `"}}`, nil, badRequest, "", "larger than 5 MB"},
		{"denied fields that are a text", `{"isAuthorized":true,"deniedFields":"A.b"}`, nil, badRequest, "", "deniedFields of what it returned is no list"},
		{"denied fields that are numbers", `{"isAuthorized":true,"deniedFields":[1]}`, nil, badRequest, "", "something that is no text"},
		{"a TTL that is a text", `{"isAuthorized":true,"ttlOverride":"10"}`, nil, badRequest, "", "ttlOverride of what it returned is no number"},
		{"a negative TTL", `{"isAuthorized":true,"ttlOverride":-1}`, nil, badRequest, "", "ttlOverride of what it returned is no number of seconds"},
		{"a TTL beyond all times", `{"isAuthorized":true,"ttlOverride":1e300}`, nil, `{"resolverContext":{}}`, "", ""},
		{"a failure", ``, errors.New("Lambda function authorize failed: Error: oops"), badRequest, "", "oops"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &function{answer: tt.answer, err: tt.err}
			c := newCaller(lambdaAPI(), auth.Options{Invoke: f.invoke})
			id, refusal := c.ask("Authorization", "a-secret-token")
			if got := outcome(id, refusal); got != tt.want {
				t.Errorf(" got %.300s\nwant %s", got, tt.want)
			}
			if refusal != nil && refusal.Status == http.StatusBadRequest && refusal.Message != "" {
				t.Errorf("message %q; AppSync gives none", refusal.Message)
			}
			var denied []string
			if id.Denied != nil {
				for _, f := range id.Denied.Fields {
					denied = append(denied, f.Type+"."+f.Field)
				}
			}
			if got := strings.Join(denied, " "); got != tt.denied {
				t.Errorf("denied %q, want %q", got, tt.denied)
			}
			if log := c.log.String(); !strings.Contains(log, tt.log) || tt.log == "" && log != "" {
				t.Errorf("the log is %s, want %q", log, tt.log)
			}
			if strings.Contains(c.log.String(), "a-secret-token") {
				t.Errorf("the log has the token: %s", c.log)
			}
		})
	}
}

// How long answers are used again: developer guide, page security-authz, and API
// reference, LambdaAuthorizerConfig.
func TestAnswersOfLambdaAuthorizersAreKept(t *testing.T) {
	const minute = time.Minute
	for _, tt := range []struct {
		name     string
		ttl      int
		answer   string
		after    time.Duration
		function int // how often it runs
	}{
		{"not by default", 0, `{"isAuthorized":true}`, 0, 2},
		{"within the TTL", 60, `{"isAuthorized":true}`, minute - 1, 1},
		{"after the TTL", 60, `{"isAuthorized":true}`, minute, 2},
		{"refusals, too", 60, `{"isAuthorized":false}`, minute - 1, 1},
		{"within the answer's own TTL", 0, `{"isAuthorized":true,"ttlOverride":120}`, 2*minute - 1, 1},
		{"after the answer's own TTL", 3600, `{"isAuthorized":true,"ttlOverride":60}`, minute, 2},
		{"not when the answer says so", 3600, `{"isAuthorized":true,"ttlOverride":0}`, 0, 2},
		{"an hour at most", 0, `{"isAuthorized":true,"ttlOverride":7200}`, time.Hour, 2},
		{"rubbish is not", 60, `{}`, 0, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			clock := now
			f := &function{answer: tt.answer}
			c := newCaller(lambdaAPI(func(p *project.AuthProvider) { p.ResultTTLSeconds = tt.ttl }),
				auth.Options{Invoke: f.invoke, Now: func() time.Time { return clock }})
			first, _ := c.ask("Authorization", "x")
			clock = clock.Add(tt.after)
			second, _ := c.ask("Authorization", "x")
			if len(f.events) != tt.function {
				t.Errorf("the function ran %d times, want %d", len(f.events), tt.function)
			}
			if got, want := identityJSON(second), identityJSON(first); got != want {
				t.Errorf("got %s, and before %s", got, want)
			}
			if c.ask("Authorization", "y"); len(f.events) != tt.function+1 {
				t.Error("another token had the same answer")
			}
		})
	}
	f := &function{answer: `{"isAuthorized":true,"deniedFields":["A.b"],"ttlOverride":60}`}
	c := newCaller(lambdaAPI(), auth.Options{Invoke: f.invoke})
	first, _ := c.ask("Authorization", "x")
	second, _ := c.ask("Authorization", "x")
	if first.Denied == nil || first.Denied != second.Denied {
		t.Error("requests with one answer do not share the denied fields")
	}
}

// What the function is not asked about: developer guide, page security-authz.
func TestTokensThatAuthorizersDoNotSee(t *testing.T) {
	for _, tt := range []struct {
		name, expression, token, want string
		asked                         int
	}{
		{"matching", `custom-.*`, "custom-abc", `{"resolverContext":{}}`, 1},
		{"not matching", `custom-.*`, "abc", notAuthorized, 0},
		{"matching in part", `custom-[a-z]+`, "custom-abc1", notAuthorized, 0},
		{"with its scheme", `^Bearer [-0-9a-zA-Z._]*$`, "Bearer a.b", `{"resolverContext":{}}`, 1},
		{"of 2048 characters", ``, strings.Repeat("x", 2048), `{"resolverContext":{}}`, 1},
		{"of 2049 characters", ``, strings.Repeat("x", 2049), notAuthorized, 0},
		{"of a megabyte", ``, strings.Repeat("x", 1<<20), notAuthorized, 0},
		{"that an expression takes too long for", `(x+x+)+y`, strings.Repeat("x", 2000), notAuthorized, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := &function{answer: `{"isAuthorized":true}`}
			c := newCaller(lambdaAPI(func(p *project.AuthProvider) { p.IdentityValidationExpression = tt.expression }), auth.Options{Invoke: f.invoke})
			if got := outcome(c.ask("Authorization", tt.token)); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if len(f.events) != tt.asked {
				t.Errorf("the function ran %d times, want %d", len(f.events), tt.asked)
			}
		})
	}
}

// A function has ten seconds: developer guide, page security-authz.
func TestAuthorizersHaveTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		c := newCaller(lambdaAPI(), auth.Options{Invoke: func(ctx context.Context, _ string, _ []byte) ([]byte, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}})
		if got := outcome(c.ask("Authorization", "x")); got != badRequest {
			t.Errorf("got %s", got)
		}
		if took := time.Since(start); took != 10*time.Second {
			t.Errorf("took %s, want 10s", took)
		}
	})
}

func FuzzAuthorizerAnswer(f *testing.F) {
	f.Add(`{"isAuthorized":true,"resolverContext":{"a":1},"deniedFields":["A.b","arn:aws:appsync:::apis/x/types/A/fields/b"],"ttlOverride":3}`)
	f.Fuzz(func(t *testing.T, answer string) {
		c := newCaller(lambdaAPI(), auth.Options{Invoke: (&function{answer: answer}).invoke})
		id, refusal := c.ask("Authorization", "x")
		if refusal != nil {
			return
		}
		var out struct{ IsAuthorized bool }
		if err := json.Unmarshal([]byte(answer), &out); err == nil && !out.IsAuthorized && !strings.Contains(answer, "isAuthorized") {
			t.Fatalf("%q admitted %s", answer, identityJSON(id))
		}
	})
}
