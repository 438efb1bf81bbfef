package emulator_test

import (
	"strings"
	"testing"

	"appsync-emulator/emulator"
	"appsync-emulator/emulator/emulatortest"
	"appsync-emulator/emulator/internal/auth"
	"appsync-emulator/emulator/internal/project"
)

// fieldRefusal is the error of a field that the caller may not read, at line 1.
func fieldRefusal(path, column, message string) string {
	return resolverErrorAt(path, column, "null", `"Unauthorized"`, "null", message)
}

func answerWith(data string, errors ...string) string {
	if len(errors) == 0 {
		return `{"data":` + data + `}`
	}
	return `{"data":` + data + `,"errors":[` + strings.Join(errors, ",") + `]}`
}

// The rules are those of "Using additional authorization modes" in the page
// below, whose Post with its restrictedContent this is. The answers have the
// forms recorded in aws-amplify/amplify-cli#5163 (a root field),
// aws-amplify/amplify-cli#2694 (a nested type without directives),
// aws/aws-appsync-community#266 (non-null fields) and
// aws-amplify/amplify-flutter#1179 (one error for each element of a list).
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html
func TestAuthorizationDirectives(t *testing.T) {
	var (
		key    = auth.Identity{Mode: project.AuthAPIKey}
		iam    = auth.Identity{Mode: project.AuthIAM}
		user   = auth.Identity{Mode: project.AuthCognito, Groups: []string{"Readers"}}
		admin  = auth.Identity{Mode: project.AuthCognito, Groups: []string{"Readers", "Admins"}}
		oidc   = auth.Identity{Mode: project.AuthOIDC}
		lambda = auth.Identity{Mode: project.AuthLambda}
		denied = auth.Identity{Mode: project.AuthLambda, Denied: &auth.DeniedFields{Fields: []auth.FieldName{
			{Type: "Post", Field: "title"}, {Type: "Mutation", Field: "addPost"}, {Type: "Nope", Field: "nope"}}}}
	)
	const (
		posts  = `{ allPosts { id restrictedContent } }`
		plain  = `{ allPosts { plain { text } } }`
		strict = `{ strict { id secret } }`
		nodes  = `{ nodes { id } }`
		search = `{ search { __typename ... on Closed { id } } }`
		meta   = `{ __typename __schema { queryType { name } } __type(name: "Strict") { fields { name } } }`
	)
	metaAnswer := answerWith(`{"__typename":"Query","__schema":{"queryType":{"name":"Query"}},"__type":{"fields":[{"name":"id"},{"name":"secret"}]}}`)
	tests := []struct {
		name  string
		id    auth.Identity
		query string
		want  string
	}{
		{"the default mode where there is no directive", key, `{ getPost(id: "none") { id } }`, answerWith(`{"getPost":null}`)},
		{"another mode where there is no directive", iam, `{ getPost(id: "none") { id } }`,
			answerWith(`{"getPost":null}`, fieldRefusal(`["getPost"]`, "3", "Not Authorized to access getPost on type Query"))},

		{"a field opens what its type closes", iam, posts,
			answerWith(`{"allPosts":[{"id":"1","restrictedContent":"secret"},{"id":"2","restrictedContent":"secret"}]}`)},
		{"a field closes what its type opens", key, posts,
			answerWith(`{"allPosts":[{"id":"1","restrictedContent":null},{"id":"2","restrictedContent":null}]}`,
				fieldRefusal(`["allPosts",0,"restrictedContent"]`, "17", "Not Authorized to access restrictedContent on type Post"),
				fieldRefusal(`["allPosts",1,"restrictedContent"]`, "17", "Not Authorized to access restrictedContent on type Post"))},
		{"a type closes its fields", oidc, posts,
			answerWith(`{"allPosts":[null,null]}`,
				fieldRefusal(`["allPosts",0,"id"]`, "14", "Not Authorized to access id on type Post"),
				fieldRefusal(`["allPosts",0,"restrictedContent"]`, "17", "Not Authorized to access restrictedContent on type Post"),
				fieldRefusal(`["allPosts",1,"id"]`, "14", "Not Authorized to access id on type Post"),
				fieldRefusal(`["allPosts",1,"restrictedContent"]`, "17", "Not Authorized to access restrictedContent on type Post"))},
		{"a nested type without directives, default mode", key, plain,
			answerWith(`{"allPosts":[{"plain":{"text":"t"}},{"plain":{"text":"t"}}]}`)},
		{"a nested type without directives, another mode", iam, plain,
			answerWith(`{"allPosts":[{"plain":{"text":null}},{"plain":{"text":null}}]}`,
				fieldRefusal(`["allPosts",0,"plain","text"]`, "22", "Not Authorized to access text on type Plain"),
				fieldRefusal(`["allPosts",1,"plain","text"]`, "22", "Not Authorized to access text on type Plain"))},
		{"non-null fields", key, strict,
			answerWith(`{"strict":null}`,
				fieldRefusal(`["strict","id"]`, "12", "Not Authorized to access id on type Strict"),
				fieldRefusal(`["strict","secret"]`, "15", "Not Authorized to access secret on type Strict"))},
		{"non-null fields that may be read", iam, strict, answerWith(`{"strict":{"id":"1","secret":"s"}}`)},
		{"an interface", key, nodes,
			answerWith(`{"nodes":[{"id":"1"},null]}`, fieldRefusal(`["nodes",1,"id"]`, "11", "Not Authorized to access id on type Closed"))},
		{"an interface, all of whose types are open", iam, nodes, answerWith(`{"nodes":[{"id":"1"},{"id":"2"}]}`)},
		{"a union", key, search,
			answerWith(`{"search":[{"__typename":"Open"},null]}`, fieldRefusal(`["search",1,"id"]`, "39", "Not Authorized to access id on type Closed"))},

		{"a member of a group", admin, `{ admins }`, answerWith(`{"admins":"for admins"}`)},
		{"no member of the groups", user, `{ admins }`,
			answerWith(`{"admins":null}`, fieldRefusal(`["admins"]`, "3", "Not Authorized to access admins on type Query"))},
		{"a mode without groups", key, `{ admins }`,
			answerWith(`{"admins":null}`, fieldRefusal(`["admins"]`, "3", "Not Authorized to access admins on type Query"))},
		{"the open fields beside a closed one", user, `{ admins allPosts { id } }`,
			answerWith(`{"admins":null,"allPosts":[{"id":"1"},{"id":"2"}]}`, fieldRefusal(`["admins"]`, "3", "Not Authorized to access admins on type Query"))},

		{"an authorizer that denies nothing", lambda, `{ allPosts { title } }`, answerWith(`{"allPosts":[{"title":"one"},{"title":"two"}]}`)},
		{"an authorizer that denies a field", denied, `{ allPosts { id title } }`,
			answerWith(`{"allPosts":[{"id":"1","title":null},{"id":"2","title":null}]}`,
				fieldRefusal(`["allPosts",0,"title"]`, "17", "Not Authorized to access title on type Post"),
				fieldRefusal(`["allPosts",1,"title"]`, "17", "Not Authorized to access title on type Post"))},

		{"introspection with an API key", key, meta, metaAnswer},
		{"introspection with IAM", iam, meta, metaAnswer},
		{"introspection with a user pool", user, meta, metaAnswer},
		{"introspection with OpenID Connect", oidc, meta, metaAnswer},
		{"introspection with Lambda", denied, meta, metaAnswer},
	}
	s := emulatortest.Start(t, "testdata/directives")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := emulator.ExecuteAs(t.Context(), s.Emulator, tt.id, tt.query); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}

	t.Run("a refused mutation writes nothing", func(t *testing.T) {
		const add = `mutation { addPost(id: "9", title: "t") { id } }`
		refused := answerWith(`{"addPost":null}`, fieldRefusal(`["addPost"]`, "12", "Not Authorized to access addPost on type Mutation"))
		stored := func() string {
			return emulator.ExecuteAs(t.Context(), s.Emulator, key, `{ getPost(id: "9") { id } }`)
		}
		for _, id := range []auth.Identity{key, user, oidc, denied} {
			if got := emulator.ExecuteAs(t.Context(), s.Emulator, id, add); got != refused {
				t.Errorf("%s: %s", id.Mode, got)
			}
			if got := stored(); got != `{"data":{"getPost":null}}` {
				t.Fatalf("%s has written: %s", id.Mode, got)
			}
		}
		if got := emulator.ExecuteAs(t.Context(), s.Emulator, lambda, add); got != `{"data":{"addPost":{"id":"9"}}}` {
			t.Error(got)
		}
		if got := stored(); got != `{"data":{"getPost":{"id":"9"}}}` {
			t.Error(got)
		}
	})
}

// The schema and the first answer are those of aws/aws-appsync-community#275,
// where the caller is in the group user: where a user pool is the one mode,
// @aws_auth does not look below the operations.
func TestAuthDirectiveOfUserPools(t *testing.T) {
	user := auth.Identity{Mode: project.AuthCognito, Groups: []string{"user"}}
	admin := auth.Identity{Mode: project.AuthCognito, Groups: []string{"admin"}}
	const query = `query MyQuery { query_scalar outer { scalar inner { inner_scalar } } }`
	all := answerWith(`{"query_scalar":"query_scalar","outer":{"scalar":"outer_scalar","inner":{"inner_scalar":"inner_scalar"}}}`)
	for _, tt := range []struct {
		name, project string
		id            auth.Identity
		want          string
	}{
		{"@aws_auth", "pool.yml", user,
			answerWith(`{"query_scalar":null,"outer":{"scalar":"outer_scalar","inner":{"inner_scalar":"inner_scalar"}}}`,
				fieldRefusal(`["query_scalar"]`, "17", "Not Authorized to access query_scalar on type Query"))},
		{"@aws_auth for the group", "pool.yml", admin, all},
		{"@aws_cognito_user_pools", "pools.yml", user,
			answerWith(`{"query_scalar":null,"outer":{"scalar":null,"inner":null}}`,
				fieldRefusal(`["query_scalar"]`, "17", "Not Authorized to access query_scalar on type Query"),
				fieldRefusal(`["outer","scalar"]`, "38", "Not Authorized to access scalar on type Outer"),
				fieldRefusal(`["outer","inner"]`, "45", "Not Authorized to access inner on type Outer"))},
		{"@aws_cognito_user_pools for the group", "pools.yml", admin, all},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := emulatortest.Start(t, "testdata/directives/"+tt.project)
			if got := emulator.ExecuteAs(t.Context(), s.Emulator, tt.id, query); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// A subscription field that the caller may not read is refused at its start, in
// the form recorded in aws-amplify/amplify-js#12679; the others hear of their
// mutations, whether these or the subscription name the other.
func TestAuthorizationOfSubscriptions(t *testing.T) {
	s := emulatortest.Start(t, "testdata/directives")
	c := dial(t, s)
	refused := func(field string) string {
		return `{"errorType":"Unauthorized","message":"Not Authorized to access ` + field + ` on type Subscription"}`
	}
	for _, tt := range []struct{ id, query, want string }{
		{"closed", `subscription { onClosed { id } }`, refused("onClosed")},
		{"non-null", `subscription { onStrict { id } }`, refused("onStrict")},
		{"alias", `subscription { onPost: onClosed { id } }`, refused("onClosed")},
		{"beside an open one", `subscription { onPost { id } onClosed { id } }`, refused("onClosed")},
	} {
		c.start(tt.id, tt.query, nil)
		c.expect(`{"id":` + quoted(tt.id) + `,"type":"error","payload":{"errors":[` + tt.want + `]}}`)
	}
	if n := emulator.Subscriptions(s.Emulator); n != 0 {
		t.Errorf("%d refused subscriptions are registered", n)
	}

	c.start("1", `subscription { onPublished { id title } }`, nil)
	c.expect(`{"id":"1","type":"start_ack"}`)
	s.Query(`mutation { editPost(id: "1", title: "t") { id title } }`, nil)
	c.expect(`{"id":"1","type":"data","payload":{"data":{"onPublished":{"id":"1","title":"t"}}}}`)
	c.send(`{"id":"1","type":"stop"}`)
	c.expect(`{"id":"1","type":"complete"}`)

	c.start("2", `subscription { onPost { id } }`, nil)
	c.expect(`{"id":"2","type":"start_ack"}`)
	s.Query(`mutation { addPost(id: "2") { id } editPost(id: "3", title: "t") { id } }`, nil)
	c.expect(`{"id":"2","type":"data","payload":{"data":{"onPost":{"id":"3"}}}}`)
}

// What the directives cannot do is said when the project is loaded.
func TestDirectivesWithoutEffectAreWarnedOf(t *testing.T) {
	loaded, err := emulator.Load("testdata/directives/pool.yml", emulator.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, w := range loaded.Warnings() {
		got = append(got, w.Message)
	}
	if len(got) != 1 || got[0] != `Directive "@aws_auth" has no effect below the operations. Use @aws_cognito_user_pools.` {
		t.Errorf("warnings: %q", got)
	}
}
