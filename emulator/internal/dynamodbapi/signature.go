package dynamodbapi

import (
	"errors"
	"net/http"

	"appsync-emulator/emulator/internal/sigv4"
)

// verify checks the signature of a request.
func (h *Handler) verify(r *http.Request, body []byte) error {
	verifier := sigv4.Verifier{Service: "dynamodb", Now: h.opt.Now, Secret: h.opt.Credentials}
	_, err := verifier.Verify(sigv4.RequestOf(r, body))
	if refused, is := errors.AsType[*sigv4.Error](err); is {
		return serviceFailure(refused.Name, refused.Message)
	}
	return err
}

func serviceFailure(name, message string) *failure {
	return &failure{status: http.StatusBadRequest, space: serviceSpace, name: name, message: message}
}
