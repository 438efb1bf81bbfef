package apierror_test

import (
	"testing"

	"appsync-emulator/emulator/internal/apierror"
	"appsync-emulator/mappingtemplate/value"
)

// The forms and the order of their keys are recorded:
// aws-amplify/amplify-category-api#2422 (resolver errors),
// aws/aws-appsync-community#273 (validation), aws-amplify/amplify-js#5963
// (completion), aws-amplify/amplify-category-api#1338 (with an event).
func TestForms(t *testing.T) {
	path := (&apierror.Path{Key: "list"}).At(0).Child("name")
	at := []apierror.Location{{Line: 2, Column: 3}}
	for _, c := range []struct {
		name string
		err  apierror.Error
		want string
	}{
		{"resolver", apierror.Error{Message: "M", Type: "Unauthorized", Path: path, Locations: at},
			`{"path":["list",0,"name"],"data":null,"errorType":"Unauthorized","errorInfo":null,"locations":[{"line":2,"column":3,"sourceName":null}],"message":"M"}`},
		{"resolver without a type, with data", apierror.Error{Message: "M", Path: path, Data: value.MapOf("a", nil), Info: "i"},
			`{"path":["list",0,"name"],"data":{"a":null},"errorType":null,"errorInfo":"i","locations":null,"message":"M"}`},
		{"validation", apierror.Error{Shape: apierror.Request, Message: `a "quoted" one`, Locations: at},
			`{"path":null,"locations":[{"line":2,"column":3,"sourceName":null}],"message":"a \"quoted\" one"}`},
		{"completion", apierror.Error{Shape: apierror.Request, Message: "M", Path: path},
			`{"path":["list",0,"name"],"locations":null,"message":"M"}`},
		{"with an event", apierror.Error{Shape: apierror.Bare, Message: "M", Path: path},
			`{"message":"M","path":["list",0,"name"]}`},
		{"at the start of a subscription", apierror.Error{Shape: apierror.Bare, Message: "M", Type: "T"},
			`{"errorType":"T","message":"M"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := string(c.err.AppendJSON(nil)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
	if got := path.String(); got != "/list[0]/name" {
		t.Errorf("in a message the path is %s", got)
	}
}
