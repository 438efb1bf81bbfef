package schema

import (
	"errors"
	"fmt"
	"strings"

	graphql "github.com/graph-gophers/graphql-go"
	gqlerrors "github.com/graph-gophers/graphql-go/errors"
)

// judge has graphql-go, which owns the rules of the type system, check the
// finished schema. It refuses only what the checks before it have missed.
func judge(s *Schema, log *problemLog) {
	err := parseWithGraphQLGo(s.judged())
	if err == nil {
		return
	}
	message := err.Error()
	var query *gqlerrors.QueryError
	if errors.As(err, &query) {
		message = query.Message
	}
	log.addAt(s.mentioned(message), "%s.", strings.TrimSuffix(message, "."))
}

// parseWithGraphQLGo turns a panic of the library, which its lexer raises for
// some malformed strings, into an error.
func parseWithGraphQLGo(sdl string) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the schema cannot be checked: %v", r)
		}
	}()
	_, err = graphql.ParseSchema(sdl, nil, graphql.UseStringDescriptions())
	return err
}

// mentioned is the position of the first type whose name a message quotes.
func (s *Schema) mentioned(message string) Position {
	for i, part := range strings.Split(message, `"`) {
		if t := s.Types[part]; i%2 == 1 && t != nil && t.Pos.Line > 0 {
			return t.Pos
		}
	}
	return Position{}
}
