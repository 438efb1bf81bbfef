package dynamodb_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"appsync-emulator/emulator/internal/datasource"
	"appsync-emulator/emulator/internal/datasource/dynamodb"
	"appsync-emulator/mappingtemplate/value"
	"appsync-emulator/storage/attribute"
)

// Recorded in aws-amplify/amplify-cli#3411.
const badToken = "DynamoDB:UserIllegalArgumentException: com.amazonaws.deepdish.common.pagination.InvalidPaginationTokenException: Invalid pagination token given. => null"

func key(t testing.TB) *attribute.Item {
	t.Helper()
	item, err := attribute.ParseItemJSON([]byte(`{"room":{"S":"a\u0000ü"},"at":{"N":"12345678901234567890123456789012345678"}}`))
	if err != nil {
		t.Fatal(err)
	}
	return item
}

func TestTokensRoundTrip(t *testing.T) {
	tokens := newTokens(t, "secret")
	rapid.Check(t, func(t *rapid.T) {
		item := attribute.NewItem(
			attribute.Attribute{Name: rapid.StringN(1, 20, 60).Draw(t, "name"), Value: attribute.String(rapid.String().Draw(t, "text"))},
			attribute.Attribute{Name: "\x00n", Value: attribute.Binary(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"))},
		)
		scope := rapid.String().Draw(t, "scope")
		token := tokens.Seal(scope, item)
		got, err := tokens.Open(scope, token)
		if err != nil {
			t.Fatal(err)
		}
		if !attribute.Equal(attribute.MapOf(got), attribute.MapOf(item)) {
			t.Fatalf("got %s, want %s", attribute.AppendItemJSON(nil, got), attribute.AppendItemJSON(nil, item))
		}
		if again := tokens.Seal(scope, got); again != token {
			t.Fatal("sealed again the token is another")
		}
		if other := rapid.String().Draw(t, "other scope"); other != scope {
			if _, err := tokens.Open(other, token); err == nil {
				t.Fatal("the token opens elsewhere")
			}
		}
	})
}

func TestTokensOfOneSecretAreEqual(t *testing.T) {
	item := key(t)
	token := newTokens(t, "secret").Seal("Query.list", item)
	if again := newTokens(t, "secret").Seal("Query.list", item); again != token {
		t.Error("the same secret makes another token")
	}
	other := newTokens(t, "another secret")
	if other.Seal("Query.list", item) == token {
		t.Error("another secret makes the same token")
	}
	if _, err := other.Open("Query.list", token); err == nil {
		t.Error("another secret opens the token")
	}
}

// Recorded in aws-amplify/amplify-js#4880: a token is Base64 of a JSON object
// that begins so.
func TestTokensLookLikeAppSyncs(t *testing.T) {
	if token := newTokens(t, "secret").Seal("Query.list", key(t)); !strings.HasPrefix(token, "eyJ2ZXJzaW9uIjoyLCJ0b2tlbiI6I") {
		t.Errorf("got %s", token)
	}
}

func TestTokensHideTheirKeys(t *testing.T) {
	token := newTokens(t, "secret").Seal("Query.list", attribute.NewItem(attribute.Attribute{Name: "id", Value: attribute.String("a key that must not be seen")}))
	for range 3 {
		if strings.Contains(token, "must not be seen") {
			t.Fatal("the key can be read")
		}
		decoded, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(strings.TrimPrefix(token, `{"version":2,"token":"`), `"}`))
		if err != nil {
			return
		}
		token = string(decoded)
	}
}

func TestAlteredTokensAreRefused(t *testing.T) {
	tokens := newTokens(t, "secret")
	token := tokens.Seal("Query.list", key(t))
	refuse := func(altered string) {
		t.Helper()
		if _, err := tokens.Open("Query.list", altered); err == nil {
			t.Errorf("taken: %q", altered)
		}
	}
	for i := range len(token) {
		for _, c := range []byte{token[i] ^ 1, token[i] ^ 32, 'A', '/', '=', '\n'} {
			if c != token[i] {
				refuse(token[:i] + string(rune(c)) + token[i+1:])
			}
		}
		refuse(token[:i] + token[i+1:])
		refuse(token[:i] + "\n" + token[i:])
		refuse(token[:i] + "\r" + token[i:])
	}
	for _, altered := range []string{"", " ", token + "=", token + "\n", " " + token, token + token, "null", "{}", strings.Repeat("A", 1<<16)} {
		refuse(altered)
	}
}

// AppSync developer guide, the page about Query: a token is for the resolver
// that gave it.
func TestTokensBelongToTheirResolverAndTable(t *testing.T) {
	store := newStore(t)
	for _, at := range []string{"1", "2", "3"} {
		fill(t, store, "events", `{"room":{"S":"a"},"at":{"N":"`+at+`"},"author":{"S":"editor"},"score":{"N":"1"}}`)
	}
	fill(t, store, "posts", `{"id":{"S":"1"}}`, `{"id":{"S":"2"}}`)
	tokens := newTokens(t, "secret")
	events, posts := dynamodb.New(store, "events", tokens), dynamodb.New(store, "posts", tokens)
	page := func(s *dynamodb.Source, scope, text string) (*value.Map, error) {
		doc := parse(t, text)
		v, err := s.Invoke(ctx, &datasource.Invocation{Document: doc, Scope: scope, Version: "2018-05-29"})
		m, _ := v.(*value.Map)
		return m, err
	}
	const query = `{"operation":"Query","limit":1,"query":{"expression":"room = :r","expressionValues":{":r":{"S":"a"}}}`
	first, err := page(events, "Query.a/F", query+`}`)
	if err != nil {
		t.Fatal(err)
	}
	token := value.JSON(first.Value("nextToken"))
	if second, err := page(events, "Query.a/F", query+`,"nextToken":`+token+`}`); err != nil {
		t.Error(err)
	} else if got := value.JSON(second.Value("items").(*value.List).Items[0].(*value.Map).Value("at")); got != "2" {
		t.Errorf("the second page begins with %s", got)
	}
	for _, c := range []struct {
		name   string
		source *dynamodb.Source
		scope  string
		text   string
	}{
		{"another resolver", events, "Query.b", query},
		{"another function", events, "Query.a/G", query},
		{"another table", posts, "Query.a/F", `{"operation":"Scan"`},
	} {
		_, err := page(c.source, c.scope, c.text+`,"nextToken":`+token+`}`)
		if err == nil {
			t.Errorf("%s: taken", c.name)
			continue
		}
		if got := err.Error() + " => null"; got != badToken {
			t.Errorf("%s: %s", c.name, got)
		}
	}
	if got := refusal(t, posts, `{"operation":"Scan","nextToken":"nonsense"}`); got != badToken {
		t.Errorf("nonsense: %s", got)
	}
	// The same resolver may ask an index with the token of its table: the key
	// does not fit there, in DynamoDB's words.
	_, err = page(events, "Query.a/F", `{"operation":"Query","index":"byAuthor","query":{"expression":"author = :a","expressionValues":{":a":{"S":"editor"}}},"nextToken":`+token+`}`)
	if err == nil || !strings.HasPrefix(err.Error(), "DynamoDB:DynamoDbException: The provided starting key is invalid") {
		t.Errorf("another index: %v", err)
	}
}

func FuzzOpenToken(f *testing.F) {
	tokens := newTokens(f, "secret")
	token := tokens.Seal("Query.list", key(f))
	f.Add(token)
	f.Add("")
	f.Add("eyJ2ZXJzaW9uIjoyLCJ0b2tlbiI6IiJ9")
	f.Add(base64.StdEncoding.EncodeToString([]byte(`{"version":2,"token":"AAAA"}`)))
	f.Fuzz(func(t *testing.T, s string) {
		item, err := tokens.Open("Query.list", s)
		if err == nil && tokens.Seal("Query.list", item) != s {
			t.Errorf("opened %q, which was never sealed", s)
		}
	})
}
