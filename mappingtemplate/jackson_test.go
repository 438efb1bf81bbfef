package mappingtemplate_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"os"
	"testing"

	"appsync-emulator/mappingtemplate"
	"appsync-emulator/mappingtemplate/value"
)

// jacksonCase is what Jackson 2.9 made of a text: a value, whose numbers are
// their Java class and text, or its words; Trailing is set for a complete value
// with more text behind it.
type jacksonCase struct {
	Text, Value, Error string
	Trailing           bool
}

func jacksonCases(t *testing.T) []jacksonCase {
	t.Helper()
	f, err := os.Open("testdata/jackson.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var cases []jacksonCase
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var c jacksonCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		if c.Text != "" {
			cases = append(cases, c)
		}
	}
	if len(cases) < 500 {
		t.Fatalf("%d cases", len(cases))
	}
	return cases
}

// classed shows numbers with their Java class.
func classed(v any) any {
	switch v := v.(type) {
	case int32:
		return value.NewList("Integer", fmt.Sprint(v))
	case int64:
		return value.NewList("Long", fmt.Sprint(v))
	case *big.Int:
		return value.NewList("BigInteger", v.String())
	case float64:
		return value.NewList("Double", value.FormatDouble(v))
	case *value.List:
		l := value.NewList()
		for _, item := range v.Items {
			l.Append(classed(item))
		}
		return l
	case *value.Map:
		m := value.NewMap(v.Len())
		for name, item := range v.All() {
			m.Set(name, classed(item))
		}
		return m
	}
	return v
}

func message(t *testing.T, err error) string {
	t.Helper()
	var failure *mappingtemplate.Error
	if !errors.As(err, &failure) {
		t.Fatalf("error = %v (%T)", err, err)
	}
	return failure.Message
}

// AppSync reads what templates render with Jackson 2.9, and passes on its words
// for a request (aws-amplify/amplify-js#7179), not for a response
// (aws/aws-appsync-community#100).
func TestRenderedTextIsReadAsJacksonReadsIt(t *testing.T) {
	verbatim := compile(t, `$!ctx.text`)
	for _, c := range jacksonCases(t) {
		env := mappingtemplate.Env{Context: value.MapOf("text", c.Text)}
		out, err := verbatim.Evaluate(context.Background(), env)
		_, requestErr := verbatim.EvaluateRequest(context.Background(), env)
		switch {
		case c.Trailing:
			const want = "Trailing characters at the end of the JSON string are not allowed."
			if got := message(t, err); got != want {
				t.Errorf("%q: %q", c.Text, got)
			}
			if got := message(t, requestErr); got != want {
				t.Errorf("%q as a request: %q", c.Text, got)
			}
		case c.Error != "":
			if got := message(t, err); got != "Unable to convert "+c.Text+" to Object." {
				t.Errorf("%q: %q", c.Text, got)
			}
			if got := message(t, requestErr); got != c.Error {
				t.Errorf("%q as a request\n got %q\nwant %q", c.Text, got, c.Error)
			}
		case err != nil:
			t.Errorf("%q: %v", c.Text, err)
		default:
			if got := value.JSON(classed(out.Value)); got != c.Value {
				t.Errorf("%q became %s, want %s", c.Text, got, c.Value)
			}
		}
	}
}
