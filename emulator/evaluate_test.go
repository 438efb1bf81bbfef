package emulator_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"appsync-emulator/emulator"
	"appsync-emulator/emulator/emulatortest"
)

// The answer's members are those of EvaluateMappingTemplate.
//
// See: https://docs.aws.amazon.com/appsync/latest/APIReference/API_EvaluateMappingTemplate.html
func TestTemplatesAreEvaluatedAsTheServiceDoes(t *testing.T) {
	start := func() *emulatortest.Server {
		s := emulatortest.Start(t, "../fixtures/deltasync-posts", func(o *emulator.Options) { o.Seed = 7 })
		s.Freeze(time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC))
		return s
	}
	ask := func(s *emulatortest.Server, body string) (int, string) {
		resp, err := http.Post(strings.TrimSuffix(s.URL(), "/graphql")+"/v1/dataplane-evaluatetemplate", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(text)
	}
	s := start()
	for body, want := range map[string]string{
		`{"template":"$util.time.nowISO8601()$util.log.info('hi')","context":"{\"arguments\":{}}"}`: `{"evaluationResult":"2024-05-01T12:00:00.000Z","logs":["INFO - hi"],"stash":"{}","outErrors":"[]"}`,
		`{"template":"$util.error('no')","context":"{}"}`:                                           `{"error":{"message":"no"},"logs":[],"stash":"{}","outErrors":"[]"}`,
	} {
		if status, got := ask(s, body); status != http.StatusOK || got != want {
			t.Errorf("got %d %s, want %s", status, got, want)
		}
	}
	if status, got := ask(s, `{"template":"ok","context":"{\n]"}`); status != http.StatusBadRequest || !strings.HasPrefix(got, `{"message":"context: line 2, column 1: `) {
		t.Errorf("got %d %s", status, got)
	}
	const id = `{"template":"$util.autoId()","context":"{}"}`
	_, first := ask(start(), id)
	if _, again := ask(start(), id); first != again {
		t.Errorf("the seed gives %s and %s", first, again)
	}
}
