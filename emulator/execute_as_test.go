package emulator

import (
	"context"
	"net/http"

	"appsync-emulator/emulator/internal/auth"
	"appsync-emulator/emulator/internal/server"
)

// ExecuteAs answers a GraphQL request of a caller who has been authenticated.
func ExecuteAs(ctx context.Context, e *Emulator, id auth.Identity, query string) string {
	return string(e.api.Execute(ctx, &server.Request{Query: query, Header: http.Header{}, Identity: id}, nil).Body)
}
