package builtin_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"appsync-emulator/mappingtemplate/builtin"
	"appsync-emulator/mappingtemplate/value"
)

// Expectations are from AWS's page "Utility helpers in $util" unless a case
// names another source.
func TestCoreHelpers(t *testing.T) {
	u, _ := newUtil()
	for _, c := range []struct {
		name string
		args []any
		want any
	}{
		{"qr", []any{"x"}, ""},
		{"quiet", []any{nil}, ""},
		{"toJson", []any{nil}, "null"},
		{"toJson", []any{parse(t, `{"b":1,"a":[true,null,"x\"y"]}`)}, `{"b":1,"a":[true,null,"x\"y"]}`},
		{"parseJson", []any{`{"a":1}`}, parse(t, `{"a":1}`)},
		{"parseJson", []any{nil}, nil},
		{"parseJson", []any{"not json"}, nil},                           // amplify-appsync-simulator
		{"urlEncode", []any{"a b&c=ü~*-._"}, "a+b%26c%3D%C3%BC%7E*-._"}, // java.net.URLEncoder
		{"urlDecode", []any{"a+b%26c%3D%C3%BC%7E*-._"}, "a b&c=ü~*-._"}, // java.net.URLDecoder
		{"base64Encode", []any{"hello"}, "aGVsbG8="},                    // RFC 4648
		{"base64Decode", []any{"aGVsbG8="}, "hello"},                    // RFC 4648
		{"base64Encode", []any{nil}, nil},
		{"base64Encode", []any{""}, ""},
		{"base64Decode", []any{"aGVsbG8"}, "hello"}, // java.util.Base64 takes unpadded text
		{"base64Decode", []any{nil}, nil},
		{"urlEncode", []any{nil}, nil},
		{"urlDecode", []any{nil}, nil},
		{"urlDecode", []any{"%FF%E2%82"}, "\ufffd\ufffd"}, // java.net.URLDecoder
		{"escapeJavaScript", []any{nil}, nil},
		{"parseJson", []any{""}, nil},
		{"parseJson", []any{strings.Repeat("[", 100000)}, nil},
		{"escapeJavaScript", []any{"it's \"a/b\"\n\\"}, `it\'s \"a\/b\"\n\\`}, // Apache Commons Lang, StringEscapeUtils
		{"escapeJavaScript", []any{"ü😀\x01"}, `\u00FC\uD83D\uDE00\u0001`},     // the same
		{"isNull", []any{nil}, true},
		{"isNull", []any{""}, false},
		{"isNullOrEmpty", []any{""}, true},
		{"isNullOrEmpty", []any{" "}, false},
		{"isNullOrEmpty", []any{value.NewList()}, true},      // Amplify's auth templates
		{"isNullOrEmpty", []any{value.MapOf("a", 1)}, false}, // the same
		{"isNullOrEmpty", []any{int32(0)}, false},
		{"isNullOrBlank", []any{" \t\n"}, true},
		{"isNullOrBlank", []any{"\u00a0"}, false}, // java.lang.Character.isWhitespace
		{"isNullOrBlank", []any{"a"}, false},
		{"isNullOrBlank", []any{nil}, true},
		{"defaultIfNull", []any{nil, "d"}, "d"},
		{"defaultIfNull", []any{"", "d"}, ""},
		{"defaultIfNull", []any{nil, nil}, nil},
		{"defaultIfNullOrEmpty", []any{"", "d"}, "d"},
		{"defaultIfNullOrEmpty", []any{" ", "d"}, " "},
		{"defaultIfNullOrBlank", []any{" ", "d"}, "d"},
		{"defaultIfNullOrBlank", []any{"x", "d"}, "x"},
		{"isString", []any{"a"}, true},
		{"isString", []any{int32(1)}, false},
		{"isNumber", []any{value.Decimal("1.5")}, true},
		{"isNumber", []any{"1"}, false},
		{"isBoolean", []any{false}, true},
		{"isList", []any{value.NewList()}, true},
		{"isList", []any{value.NewMap(0)}, false},
		{"isMap", []any{value.NewMap(0)}, true},
		{"typeOf", []any{nil}, "Null"},
		{"typeOf", []any{int32(1)}, "Number"},
		{"typeOf", []any{"a"}, "String"},
		{"typeOf", []any{value.NewMap(0)}, "Map"},
		{"typeOf", []any{value.NewList()}, "List"},
		{"typeOf", []any{true}, "Boolean"},
		{"typeOf", []any{&value.Set{}}, "Object"},
		{"matches", []any{"a*b", "aaaaab"}, true},
		{"matches", []any{"a*b", "xaab"}, false}, // java.util.regex.Pattern.matches takes the whole text
		{"matches", []any{"a*b", "aabx"}, false},
		{"matches", []any{"(?=.*\\d).{3,}", "ab1"}, true},
		{"matches", []any{"a", nil}, nil},
		{"validate", []any{true, "m"}, ""},
	} {
		mustEqual(t, c.name, call(t, u, "", c.name, c.args...), c.want)
	}
}

func TestCoreHelpersThrowAsJavaDoes(t *testing.T) {
	u, _ := newUtil()
	for _, c := range []struct {
		name string
		args []any
	}{
		{"urlDecode", []any{"%zz"}},
		{"urlDecode", []any{"%4"}},
		{"urlDecode", []any{"%-1"}},
		{"base64Decode", []any{"!"}},
		{"base64Decode", []any{"aGVsbG8=="}},
		{"base64Decode", []any{"aGVs\nbG8="}},
		{"matches", []any{"(", "a"}},
	} {
		if _, ok, err := invoke(t, u, "", c.name, c.args...); err == nil || !ok {
			t.Errorf("%s(%v): found %v, error %v", c.name, c.args, ok, err)
		}
	}
}

func TestMatchesGivesUpOnEndlessBacktracking(t *testing.T) {
	u, _ := newUtil()
	if _, _, err := invoke(t, u, "", "matches", "(a|aa|a?)+b(c)\\2", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"); err == nil {
		t.Error("no error")
	}
}

func TestErrorHelpersOfEveryArity(t *testing.T) {
	u, env := newUtil()
	data, info := value.MapOf("a", int32(1)), value.NewList("x")

	_, _, err := invoke(t, u, "", "error", "m")
	if a := abortOf(t, err); a.Message != "m" || a.Type != "" || a.Data != nil || a.Info != nil || a.Unauthorized {
		t.Errorf("error(m) = %+v", a)
	}
	_, _, err = invoke(t, u, "", "error", "m", "T", data, info)
	a := abortOf(t, err)
	if a.Type != "T" {
		t.Errorf("type = %q", a.Type)
	}
	mustEqual(t, "data", a.Data, data)
	mustEqual(t, "errorInfo", a.Info, info)
	_, _, err = invoke(t, u, "", "error", "m", nil)
	if a := abortOf(t, err); a.Type != "" {
		t.Errorf("type = %q", a.Type)
	}

	mustEqual(t, "appendError", call(t, u, "", "appendError", "m1"), "")
	call(t, u, "", "appendError", "m2", "T2", data, info)
	data.Set("a", int32(2))
	if n := len(env.Effects.Errors); n != 2 {
		t.Fatalf("%d appended errors", n)
	}
	if e := env.Effects.Errors[0]; e.Message != "m1" || e.Type != "" {
		t.Errorf("appended %+v", e)
	}
	mustEqual(t, "data at the time of the call", env.Effects.Errors[1].Data, parse(t, `{"a":1}`))
	// The form of outErrors in the logged context of
	// stackoverflow.com/questions/76802190; data and errorInfo are those of the
	// error in the response.
	mustEqual(t, "outErrors", env.OutErrors, parse(t,
		`[{"message":"m1"},{"message":"m2","type":"T2","data":{"a":1},"errorInfo":["x"]}]`))

	_, _, err = invoke(t, u, "", "validate", false, "m")
	if a := abortOf(t, err); a.Message != "m" || a.Type != "CustomTemplateException" {
		t.Errorf("validate = %+v", a)
	}
	_, _, err = invoke(t, u, "", "validate", nil, "m", "T", data)
	if a := abortOf(t, err); a.Type != "T" || a.Data == nil {
		t.Errorf("validate = %+v", a)
	}

	// The message is recorded in aws-amplify/amplify-cli#6170.
	_, _, err = invoke(t, u, "", "unauthorized")
	if a := abortOf(t, err); a.Message != "Not Authorized to access syncReviews on type ModelReviewConnection" || a.Type != "Unauthorized" || !a.Unauthorized {
		t.Errorf("unauthorized = %+v", a)
	}
}

// The identities and results are those of localstack/appsync-utils,
// authType.test.js, recorded on AWS.
func TestAuthTypeReadsTheShapeOfTheIdentity(t *testing.T) {
	const (
		iam      = `{"accountId":"1","cognitoIdentityPoolId":null,"cognitoIdentityId":null,"sourceIp":["1.2.3.4"],"username":"A","userArn":"arn","cognitoIdentityAuthType":null,"cognitoIdentityAuthProvider":null}`
		userPool = `{"sourceIp":["1.2.3.4"],"username":"reader","groups":["admins"],"sub":"s","issuer":"i","claims":{},"defaultAuthStrategy":"ALLOW"}`
	)
	without := func(text, key string) any {
		m := parse(t, text).(*value.Map)
		m.Delete(key)
		return m
	}
	nullIP := parse(t, iam).(*value.Map)
	nullIP.Set("sourceIp", nil)
	for _, c := range []struct {
		name     string
		identity any
		want     string
	}{
		{"null", nil, "API Key Authorization"},
		{"resolver context", parse(t, `{"resolverContext":{"role":"admin"}}`), "Lambda Authorization"},
		{"no keys", parse(t, `{}`), "Lambda Authorization"},
		{"IAM", parse(t, iam), "IAM Authorization"},
		{"user pool", parse(t, userPool), "User Pool Authorization"},
		{"user pool without groups", without(userPool, "groups"), "User Pool Authorization"},
		{"OIDC", parse(t, `{"sub":"s","issuer":"i","claims":{}}`), "Open ID Connect Authorization"},
		{"IAM without user ARN", without(iam, "userArn"), "API Key Authorization"},
		{"IAM with null source IP", nullIP, "API Key Authorization"},
		{"user pool without strategy", without(userPool, "defaultAuthStrategy"), "API Key Authorization"},
		{"user pool without source IP", without(userPool, "sourceIp"), "API Key Authorization"},
		{"claims alone", parse(t, `{"claims":{}}`), "API Key Authorization"},
		{"OIDC with a username", parse(t, `{"sub":"s","issuer":"i","claims":{},"username":"a"}`), "API Key Authorization"},
	} {
		t.Run(c.name, func(t *testing.T) {
			u := builtin.New(&builtin.Env{Identity: c.identity})
			mustEqual(t, "authType", call(t, u, "", "authType"), c.want)
		})
	}
}

func TestIdentifiersHaveTheirForms(t *testing.T) {
	u, _ := newUtil()
	for name, form := range map[string]string{
		"autoId":    `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, // RFC 9562
		"autoUlid":  `^[0-7][0-9A-HJKMNP-TV-Z]{25}$`,                                         // github.com/ulid/spec
		"autoKsuid": `^[0-9A-Za-z]{27}$`,                                                     // github.com/segmentio/ksuid
	} {
		first, second := call(t, u, "", name).(string), call(t, u, "", name).(string)
		if !regexp.MustCompile(form).MatchString(first) {
			t.Errorf("%s = %s", name, first)
		}
		if first == second {
			t.Errorf("%s repeats %s", name, first)
		}
	}
}

// script yields given bits.
type script []uint64

func (s *script) Uint64() uint64 {
	n := (*s)[0]
	*s = (*s)[1:]
	return n
}

func TestIdentifiersMatchPublishedVectors(t *testing.T) {
	// encodeTime(1469918176385) of the tests of github.com/ulid/javascript.
	u := builtin.New(&builtin.Env{Now: func() time.Time { return time.UnixMilli(1469918176385) }})
	if id := call(t, u, "", "autoUlid").(string); id[:10] != "01ARYZ6S41" {
		t.Errorf("autoUlid = %s", id)
	}
	// The example of the README of github.com/segmentio/ksuid.
	u = builtin.New(&builtin.Env{
		Now: func() time.Time { return time.Unix(1400000000+107608047, 0) },
		IDs: &script{0xB5A1CD34B5F99D11, 0x54FB6853345C9735},
	})
	mustEqual(t, "autoKsuid", call(t, u, "", "autoKsuid"), "0ujtsYcgvSTl8PAuAdqWYSMnLOv")
}

func TestIdentifiersRepeatWithTheirSource(t *testing.T) {
	a, _ := newUtil()
	b, _ := newUtil()
	for _, name := range []string{"autoId", "autoUlid", "autoKsuid"} {
		mustEqual(t, name, call(t, a, "", name), call(t, b, "", name))
	}
}

// Velocity finds no method for arguments of other types than a signature names.
// That a number is no String for $util.appendError is recorded in
// amazon-archives/aws-appsync-visualization-with-athena-app#9; the guide quotes
// "$ctx.result.statusCode" for the same reason.
func TestArgumentsOfOtherTypesFitNoSignature(t *testing.T) {
	u, env := newUtil()
	list, object := value.NewList(), value.NewMap(0)
	for _, c := range []struct {
		family, name string
		args         []any
	}{
		{"", "appendError", []any{nil, int32(404)}},
		{"", "appendError", []any{int32(404)}},
		{"", "appendError", []any{"m", object}},
		{"", "error", []any{object}},
		{"", "error", []any{"m", int32(404), object}},
		{"", "error", []any{true}},
		{"", "validate", []any{true, int32(1)}},
		{"", "validate", []any{false, "m", int32(1)}},
		{"", "validate", []any{"false", "m"}},
		{"", "validate", []any{false, "m", "T", nil, nil}},
		{"", "matches", []any{"a", int32(1)}},
		{"", "parseJson", []any{object}},
		{"", "escapeJavaScript", []any{int32(1)}},
		{"", "urlDecode", []any{list}},
		{"", "base64Encode", []any{int32(1)}},
		{"", "base64Decode", []any{true}},
		{"", "unauthorized", []any{"m"}},
		{"", "autoId", []any{"a"}},
		{"", "typeOf", nil},
		{"list", "sortList", []any{list, "true", "a"}},
		{"list", "sortList", []any{list, true, int32(1)}},
		{"list", "sortList", []any{list, true}},
		{"list", "copyAndRemoveAll", []any{&value.Set{}, list}},
		{"map", "copyAndRemoveAllKeys", []any{object, object}},
		{"map", "copyAndRetainAllKeys", []any{list, list}},
		{"math", "randomWithinRange", []any{int64(1), int64(5)}},
		{"math", "randomWithinRange", []any{1.5, 2.5}},
		{"math", "minVal", []any{"1", 2.0}},
		{"math", "randomDouble", []any{1.0}},
		{"str", "toReplace", []any{"a", "b"}},
		{"str", "normalize", []any{"a", int32(1)}},
		{"str", "toLower", []any{object}},
		{"xml", "toJsonString", []any{"<a/>", "true"}},
		{"log", "info", []any{int32(1), int32(2)}},
		{"log", "error", []any{list, "a"}},
	} {
		if v, ok, err := invoke(t, u, c.family, c.name, c.args...); ok || err != nil {
			t.Errorf("$util.%s.%s(%v) = %v, %v, %v; want not found", c.family, c.name, c.args, v, ok, err)
		}
	}
	if len(env.Effects.Errors) != 0 {
		t.Errorf("errors = %v", env.Effects.Errors)
	}
}

func FuzzCoreText(f *testing.F) {
	f.Add(`{"a":[1,2.5,"x",null]}`, "a*b")
	f.Add("%41+b%C3%BC", "(?<n>a)\\k<n>")
	f.Add("aGVsbG8=", "[a-z&&[^b]]")
	u := builtin.New(&builtin.Env{Cache: &builtin.Cache{}})
	f.Fuzz(func(t *testing.T, s, pattern string) {
		if len(s) > 1000 || len(pattern) > 100 {
			return
		}
		for _, name := range []string{"parseJson", "urlEncode", "urlDecode", "base64Encode", "base64Decode", "escapeJavaScript", "isNullOrBlank"} {
			if _, ok, _ := u.Invoke(name, []any{s}); !ok {
				t.Errorf("%s(%q) is not found", name, s)
			}
		}
		if _, ok, _ := u.Invoke("matches", []any{pattern, s}); !ok {
			t.Errorf("matches(%q, %q) is not found", pattern, s)
		}
		encoded, _, _ := u.Invoke("base64Encode", []any{s})
		if decoded, _, _ := u.Invoke("base64Decode", []any{encoded}); decoded != s {
			t.Errorf("base64 of %q decodes to %q", s, decoded)
		}
	})
}
