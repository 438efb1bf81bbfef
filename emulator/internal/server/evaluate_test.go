package server_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"appsync-emulator/emulator/internal/server"
)

// The path, the lengths and the error are those of the API reference; the form
// of errors is that of AWS's REST JSON protocol, and the words of validation
// errors are those that AWS services share.
//
// See: https://docs.aws.amazon.com/appsync/latest/APIReference/API_EvaluateMappingTemplate.html
func TestEvaluateMappingTemplate(t *testing.T) {
	f := start(t, func(o *server.Options) {
		o.MaxBodyBytes = 100_000
		o.EvaluateTemplate = func(_ context.Context, template, templateContext string, dst []byte) ([]byte, error) {
			switch template {
			case "bad":
				return nil, errors.New("context: line 1, column 2: no JSON")
			case "slow":
				return nil, context.DeadlineExceeded
			}
			return fmt.Appendf(dst, "{%q:%q}", template, templateContext), nil
		}
	})
	const badRequest = "BadRequestException"
	tests := []struct {
		name, body      string
		status          int
		errorType, want string
	}{
		{"an answer", `{"template":"ok","context":"{}"}`, 200, "", `{"ok":"{}"}`},
		{"the longest texts", `{"template":"` + strings.Repeat("é", 65536/2) + `","context":"{}"}`, 200, "", `{"é`},
		{"no context", `{"template":"ok"}`, 400, badRequest,
			`{"message":"1 validation error detected: Value null at 'context' failed to satisfy constraint: Member must not be null"}`},
		{"texts that are too short and too long", `{"template":"x","context":"` + strings.Repeat("x", 28001) + `"}`, 400, badRequest,
			`{"message":"2 validation errors detected: Value at 'template' failed to satisfy constraint: Member must have length greater than or equal to 2; ` +
				`Value at 'context' failed to satisfy constraint: Member must have length less than or equal to 28000"}`},
		{"a context that is no text", `{"template":"ok","context":{}}`, 400, badRequest,
			`{"message":"The value of 'context' must be a string; JSON goes into it as text."}`},
		{"a body that is no JSON", `{`, 400, badRequest, `{"message":"The request body is not a JSON object."}`},
		{"a body that is no object", `[]`, 400, badRequest, `{"message":"The request body is not a JSON object."}`},
		{"a context that is no JSON", `{"template":"bad","context":"{x"}`, 400, badRequest, `{"message":"context: line 1, column 2: no JSON"}`},
		{"a template without end", `{"template":"slow","context":"{}"}`, 500, "InternalFailure", `{"message":`},
		{"a body that is too large", strings.Repeat(" ", 100_001), 413, "RequestEntityTooLargeException", `{"message":`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			resp, body := f.do(http.MethodPost, "/v1/dataplane-evaluatetemplate", "", test.body)
			if resp.StatusCode != test.status || resp.Header.Get("x-amzn-ErrorType") != test.errorType || !strings.HasPrefix(body, test.want) {
				t.Errorf("got %d %q %s", resp.StatusCode, resp.Header.Get("x-amzn-ErrorType"), body)
			}
		})
	}
	if resp, _ := f.do(http.MethodGet, "/v1/dataplane-evaluatetemplate", "", ""); resp.StatusCode != http.StatusNotFound {
		t.Errorf("GET: %d", resp.StatusCode)
	}
}
