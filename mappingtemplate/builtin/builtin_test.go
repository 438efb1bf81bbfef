package builtin_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"appsync-emulator/mappingtemplate/builtin"
	"appsync-emulator/mappingtemplate/value"
)

// docsNow is the clock of the examples on AWS's page "Time helpers in
// $util.time".
const docsNow = 1517943695750

// counter is a reproducible source of bits.
type counter struct{ n uint64 }

func (c *counter) Uint64() uint64 {
	c.n++
	return c.n * 0x9E3779B97F4A7C15
}

func newUtil() (*builtin.Util, *builtin.Env) {
	env := &builtin.Env{
		Now:       func() time.Time { return time.UnixMilli(docsNow) },
		IDs:       &counter{},
		Field:     builtin.Field{Name: "syncReviews", OutputType: "ModelReviewConnection"},
		OutErrors: value.NewList(),
		Effects:   &builtin.Effects{},
		Cache:     &builtin.Cache{},
	}
	return builtin.New(env), env
}

// object is what a template engine sees of a family.
type object interface {
	Property(name string) (any, bool)
	Invoke(name string, args []any) (any, bool, error)
}

// invoke calls $util.family.name, or $util.name when family is empty.
func invoke(t *testing.T, u *builtin.Util, family, name string, args ...any) (any, bool, error) {
	t.Helper()
	var o object = u
	if family != "" {
		p, ok := u.Property(family)
		if !ok {
			t.Fatalf("$util.%s is unknown", family)
		}
		o = p.(object)
	}
	return o.Invoke(name, args)
}

// call is invoke for a call that must succeed.
func call(t *testing.T, u *builtin.Util, family, name string, args ...any) any {
	t.Helper()
	v, ok, err := invoke(t, u, family, name, args...)
	if err != nil || !ok {
		t.Fatalf("$util.%s.%s(%v): found %v, error %v", family, name, args, ok, err)
	}
	return v
}

// parse returns the value of JSON text.
func parse(t testing.TB, text string) any {
	t.Helper()
	v, err := value.ParseJSON(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

func mustEqual(t *testing.T, what string, got, want any) {
	t.Helper()
	if !value.Equals(got, want) {
		t.Errorf("%s = %s (%T), want %s (%T)", what, value.JSON(got), got, value.JSON(want), want)
	}
}

func abortOf(t *testing.T, err error) *builtin.Abort {
	t.Helper()
	var a *builtin.Abort
	if !errors.As(err, &a) {
		t.Fatalf("error = %v, want an *Abort", err)
	}
	return a
}

func TestUnknownHelpersAndAritiesAreNotFound(t *testing.T) {
	u, _ := newUtil()
	for _, c := range []struct {
		family, name string
		args         []any
	}{
		{"", "nosuch", nil},
		{"", "toJson", nil},
		{"", "toJson", []any{"a", "b"}},
		{"", "error", nil},
		{"", "error", []any{"a", "b", "c", "d", "e"}},
		{"", "validate", []any{true}},
		{"", "validate", []any{"yes", "message"}},
		{"", "urlEncode", []any{int32(1)}},
		{"time", "nosuch", nil},
		{"time", "epochMilliSecondsToISO8601", []any{"1517943695750"}},
		{"list", "copyAndRemoveAll", []any{"a", "b"}},
		{"map", "copyAndRetainAllKeys", []any{value.NewMap(0)}},
		{"math", "roundNum", []any{"1"}},
		{"str", "toUpper", []any{int32(1)}},
		{"dynamodb", "toNumber", []any{"5"}},
		{"dynamodb", "toString", []any{int32(5)}},
		{"http", "copyHeaders", []any{"a"}},
		{"rds", "toJsonObject", []any{value.NewMap(0)}},
		{"xml", "toMap", []any{int32(1)}},
		{"log", "info", nil},
		{"log", "nosuch", []any{"a"}},
	} {
		v, ok, err := invoke(t, u, c.family, c.name, c.args...)
		if ok || err != nil || v != nil {
			t.Errorf("$util.%s.%s(%v) = %v, %v, %v; want not found", c.family, c.name, c.args, v, ok, err)
		}
	}
	if v, ok := u.Property("nosuch"); ok {
		t.Errorf("$util.nosuch = %v", v)
	}
}

func TestZeroEnvServesEveryHelper(t *testing.T) {
	u := builtin.New(&builtin.Env{})
	call(t, u, "", "appendError", "m")
	call(t, u, "", "autoId")
	call(t, u, "", "matches", "a+", "aa")
	call(t, u, "time", "nowFormatted", "yyyy", "Europe/Berlin")
	call(t, u, "http", "addResponseHeader", "a", "b")
	call(t, u, "log", "info", "x")
	x := u.Extensions()
	if _, ok, err := x.Invoke("setSubscriptionFilter", []any{value.NewMap(0)}); !ok || err != nil {
		t.Errorf("setSubscriptionFilter: %v, %v", ok, err)
	}
}

func TestValuesThatHoldThemselvesEndTheTemplate(t *testing.T) {
	u, _ := newUtil()
	m := value.NewMap(1)
	m.Set("self", m)
	// A list of 40 levels that each hold the next twice unfolds to 2^40 items.
	var bomb any = "x"
	for range 40 {
		bomb = value.NewList(bomb, bomb)
	}
	for _, v := range []any{m, bomb} {
		for _, c := range []struct{ family, name string }{
			{"", "toJson"}, {"", "error"}, {"", "appendError"},
			{"dynamodb", "toDynamoDBJson"}, {"dynamodb", "toDynamoDB"}, {"log", "info"},
			{"transform", "toDynamoDBFilterExpression"},
		} {
			args := []any{v}
			if strings.HasSuffix(strings.ToLower(c.name), "error") {
				args = []any{"m", "T", v}
			}
			_, _, err := invoke(t, u, c.family, c.name, args...)
			var abort *builtin.Abort
			if err == nil || errors.As(err, &abort) {
				t.Errorf("$util.%s.%s: error = %v", c.family, c.name, err)
			}
		}
	}
}

func BenchmarkNewAndToJSON(b *testing.B) {
	env := &builtin.Env{}
	args := []any{parse(b, `{"id":"1","title":"A title","tags":["a","b"],"n":12}`)}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := builtin.New(env).Invoke("toJson", args); err != nil {
			b.Fatal(err)
		}
	}
}
