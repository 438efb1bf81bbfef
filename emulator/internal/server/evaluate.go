package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"appsync-emulator/emulator/internal/apierror"
	"appsync-emulator/mappingtemplate/value"
)

// evaluateTemplatePath is where the service evaluates templates.
//
// See: https://docs.aws.amazon.com/appsync/latest/APIReference/API_EvaluateMappingTemplate.html
const evaluateTemplatePath = "/v1/dataplane-evaluatetemplate"

// EvaluateTemplate evaluates a mapping template against a context, which is JSON
// text, and appends the answer of EvaluateMappingTemplate to dst. An error means
// that the context is at fault, or that ctx has ended.
type EvaluateTemplate func(ctx context.Context, template, templateContext string, dst []byte) ([]byte, error)

// member is a required text in the body of a request, with its length in
// characters.
type member struct {
	name        string
	least, most int
}

var evaluateTemplateMembers = [...]member{{"template", 2, 65536}, {"context", 2, 28000}}

// evaluateTemplate serves EvaluateMappingTemplate. The caller's signature is not
// looked at: whoever reaches the emulator may evaluate.
func (x *exchange) evaluateTemplate() {
	evaluate := x.server.opt.EvaluateTemplate
	if evaluate == nil || x.r.Method != http.MethodPost {
		x.unknownOperation()
		return
	}
	body, err := readBody(nil, x.r.Body, x.r.ContentLength, x.server.opt.MaxBodyBytes)
	switch {
	case errors.Is(err, errTooLarge):
		x.w.Header().Set("Connection", "close")
		x.controlError(http.StatusRequestEntityTooLarge, apierror.TypeTooLarge, "The request body is larger than this server accepts.")
		return
	case err != nil:
		x.controlError(http.StatusBadRequest, apierror.TypeBadRequest, "The request body could not be read.")
		return
	}
	texts, message := evaluateTemplateInput(string(body))
	if message != "" {
		x.controlError(http.StatusBadRequest, apierror.TypeBadRequest, message)
		return
	}
	answer, err := evaluate(x.r.Context(), texts[0], texts[1], nil)
	switch {
	case err == nil:
		x.write(http.StatusOK, headerJSON, answer)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		x.controlError(http.StatusInternalServerError, apierror.TypeInternalFailure, "The template took too long to evaluate.")
	default:
		x.controlError(http.StatusBadRequest, apierror.TypeBadRequest, err.Error())
	}
}

// evaluateTemplateInput reads the template and the context. The message lists
// everything that is wrong, in the words of the AWS services.
//
// See: https://docs.aws.amazon.com/appsync/latest/APIReference/CommonErrors.html
func evaluateTemplateInput(body string) (texts [len(evaluateTemplateMembers)]string, message string) {
	v, err := value.ParseJSON(body)
	fields, ok := v.(*value.Map)
	if err != nil || !ok {
		return texts, "The request body is not a JSON object."
	}
	var wrong []string
	for i, m := range evaluateTemplateMembers {
		given := fields.Value(m.name)
		if given == nil {
			wrong = append(wrong, fmt.Sprintf("Value null at '%s' failed to satisfy constraint: Member must not be null", m.name))
			continue
		}
		if texts[i], ok = given.(string); !ok {
			return texts, fmt.Sprintf("The value of '%s' must be a string; JSON goes into it as text.", m.name)
		}
		constraint := ""
		switch n := utf8.RuneCountInString(texts[i]); {
		case n < m.least:
			constraint = fmt.Sprintf("greater than or equal to %d", m.least)
		case n > m.most:
			constraint = fmt.Sprintf("less than or equal to %d", m.most)
		default:
			continue
		}
		wrong = append(wrong, fmt.Sprintf("Value at '%s' failed to satisfy constraint: Member must have length %s", m.name, constraint))
	}
	switch len(wrong) {
	case 0:
		return texts, ""
	case 1:
		return texts, "1 validation error detected: " + wrong[0]
	}
	return texts, fmt.Sprintf("%d validation errors detected: %s", len(wrong), strings.Join(wrong, "; "))
}

// controlError refuses a call of the service's control plane, whose errors have
// another form than those of GraphQL.
//
// See: https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
func (x *exchange) controlError(status int, errorType, message string) {
	x.w.Header()["x-amzn-ErrorType"] = []string{errorType}
	body := value.AppendJSONString([]byte(`{"message":`), message)
	x.write(status, headerJSON, append(body, '}'))
}
