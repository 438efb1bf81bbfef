package emulator

import (
	"context"
	"errors"
	"fmt"

	"appsync-emulator/emulator/internal/server"
	"appsync-emulator/mappingtemplate"
	"appsync-emulator/mappingtemplate/builtin"
)

// templateEvaluation answers EvaluateMappingTemplate with the emulator's clock
// and the identifiers that its resolvers have.
func (e *Emulator) templateEvaluation(ids builtin.Random) server.EvaluateTemplate {
	evaluator := &mappingtemplate.Evaluator{Now: e.clock.Now}
	if ids != nil {
		evaluator.IDs = func(int64) builtin.Random { return ids }
	}
	return func(ctx context.Context, template, templateContext string, dst []byte) ([]byte, error) {
		ctx, cancel := context.WithTimeout(ctx, requestTimeout)
		defer cancel()
		answer, err := evaluator.Evaluate(ctx, mappingtemplate.EvaluationRequest{Template: template, Context: templateContext})
		var bad *mappingtemplate.ContextError
		if errors.As(err, &bad) {
			return dst, fmt.Errorf("context: %w", err)
		}
		if err != nil {
			return dst, err
		}
		return answer.AppendJSON(dst), nil
	}
}
