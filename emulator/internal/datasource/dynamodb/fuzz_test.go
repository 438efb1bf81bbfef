package dynamodb_test

import (
	"errors"
	"testing"

	"appsync-emulator/emulator/internal/datasource"
	"appsync-emulator/mappingtemplate/document"
	"appsync-emulator/mappingtemplate/value"
)

// FuzzInvoke sends any document: it has a result or is refused in AppSync's or
// DynamoDB's words, and what is beside a refusal can be shown to templates.
func FuzzInvoke(f *testing.F) {
	for _, text := range []string{
		guideGet, guidePut, guideDelete, guideTransactGet, guideTransactWrite,
		`{"operation":"BatchPutItem","tables":{"authors":[{"author_id":{"S":"a"},"s":{"SS":[]}},null,{"l":{"L":[{"M":{}}]}}]}}`,
		`{"operation":"BatchGetItem","tables":{"authors":{"keys":[{"author_id":{"N":"x"}}],"projection":{"expression":"a.b[0]"}}}}`,
		`{"operation":"Scan","segment":1,"totalSegments":3,"filter":{"expression":"size(a) > :n","expressionValues":{":n":{"N":1}}}}`,
	} {
		f.Add(text)
	}
	store := newStoreOf(f, blog...)
	s := newSource(f, store, "authors")
	f.Fuzz(func(t *testing.T, text string) {
		v, err := value.ParseLenientJSON(text)
		if err != nil {
			return
		}
		doc, ok := v.(*value.Map)
		if !ok {
			return
		}
		got, err := s.Invoke(ctx, &datasource.Invocation{Document: doc, Scope: "Query.get", Version: document.Version2018})
		if err == nil {
			value.JSON(got)
			return
		}
		if refused, ok := errors.AsType[*datasource.Error](err); ok {
			value.JSON(refused.Result)
			return
		}
		_, malformed := errors.AsType[*document.Error](err)
		_, unknown := errors.AsType[*document.NotSupportedError](err)
		_, custom := errors.AsType[*datasource.NotSupportedError](err)
		if !malformed && !unknown && !custom {
			t.Fatalf("%s: %v", text, err)
		}
	})
}
