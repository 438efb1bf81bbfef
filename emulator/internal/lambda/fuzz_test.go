package lambda

import (
	"encoding/json"
	"errors"
	"net/http"
	"testing"
)

// FuzzAnswer reads any answer: what is taken for a result is JSON, and what is
// not is an error that can be shown.
func FuzzAnswer(f *testing.F) {
	f.Add(200, "", "", "", []byte(`{"a":1}`), true)
	f.Add(200, "Unhandled", "", "", []byte(`{"errorMessage":"m","errorType":"t"}`), true)
	f.Add(404, "", "ResourceNotFound:x", "", []byte(`{"Message":"m"}`), true)
	f.Add(200, "", "", "AAAA", []byte("Task timed out after 3.00 seconds"), true)
	f.Add(502, "", "", "?", []byte("<html>\xff"), false)
	f.Fuzz(func(t *testing.T, status int, failed, errorType, tail string, body []byte, wait bool) {
		res := &http.Response{StatusCode: status, Header: http.Header{}}
		for name, v := range map[string]string{headerFunctionError: failed, headerErrorType: errorType, headerLogResult: tail} {
			res.Header.Set(name, v)
		}
		kind := Event
		if wait {
			kind = RequestResponse
		}
		result, err := understand(res, body, "f", kind)
		if err != nil {
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Code == "" && e.Err == nil || len(excerpt(body)) > 1000 {
				t.Fatalf("%v", err)
			}
			if _, _, ok := Refusal(err); !ok {
				t.Fatalf("%v is no refusal", err)
			}
			return
		}
		if !json.Valid(result.Payload) {
			t.Fatalf("%q is no JSON", result.Payload)
		}
	})
}
