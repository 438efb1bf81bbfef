package datasource_test

import (
	"context"
	"errors"
	"testing"

	"appsync-emulator/emulator/internal/datasource"
	"appsync-emulator/mappingtemplate/document"
	"appsync-emulator/mappingtemplate/value"
)

// AppSync developer guide, resolver-mapping-template-reference-none: the payload
// is the result; Amplify's pipelines send documents without a version, which
// functions ignore.
func TestNoneAnswersThePayload(t *testing.T) {
	for _, c := range []struct {
		name, document string
		version        document.Version
		want           string
	}{
		{"an object", `{"version":"2018-05-29","payload":{"a":[1,null]}}`, "", `{"a":[1,null]}`},
		{"a scalar", `{"version":"2017-02-28","payload":"x"}`, "", `"x"`},
		{"null", `{"version":"2018-05-29","payload":null}`, "", `null`},
		{"no payload", `{"version":"2018-05-29"}`, "", `null`},
		{"no version in a function", `{"payload":1}`, document.Version2018, `1`},
		{"another version in a function", `{"version":"nonsense","payload":1}`, document.Version2018, `1`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := datasource.None{}.Invoke(context.Background(), invocation(t, c.document, c.version))
			if err != nil {
				t.Fatal(err)
			}
			if got := value.JSON(got); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// Recorded in aws/aws-appsync-community#217: what a document does not know is
// refused.
func TestNoneRefusesOtherFields(t *testing.T) {
	_, err := datasource.None{}.Invoke(context.Background(), invocation(t, `{"version":"2018-05-29","payload":1,"operation":"GetItem"}`, ""))
	var refused *document.Error
	if !errors.As(err, &refused) || refused.Message != "Unsupported element '$[operation]'." {
		t.Errorf("got %v", err)
	}
}

func TestWhatIsNotSupportedSaysSo(t *testing.T) {
	_, err := datasource.NotSupported{Reason: "no Lambda here"}.Invoke(context.Background(), invocation(t, `{}`, ""))
	var refused *datasource.NotSupportedError
	if !errors.As(err, &refused) || refused.Reason != "no Lambda here" {
		t.Errorf("got %v", err)
	}
}

func invocation(t *testing.T, text string, version document.Version) *datasource.Invocation {
	t.Helper()
	doc, err := value.ParseJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	return &datasource.Invocation{Document: doc.(*value.Map), Scope: "Query.get", Version: version}
}
