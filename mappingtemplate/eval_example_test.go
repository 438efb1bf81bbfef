package mappingtemplate_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"appsync-emulator/mappingtemplate"
)

// A unit test of a template: what it renders, and how it refuses.
func ExampleEvaluator() {
	const template = `#if($util.isNullOrBlank($ctx.args.id))$util.error("A post has an id", "BadRequest")#end
{"key": {"id": $util.dynamodb.toDynamoDBJson($ctx.args.id)}, "at": "$util.time.nowISO8601()"}`
	evaluator := &mappingtemplate.Evaluator{
		Now: func() time.Time { return time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC) },
		IDs: mappingtemplate.SeededIDs(1),
	}
	for _, templateContext := range []string{`{"arguments":{"id":"welcome"}}`, `{"arguments":{}}`} {
		answer, err := evaluator.Evaluate(context.Background(), mappingtemplate.EvaluationRequest{
			Template: template, Context: templateContext,
		})
		if err != nil {
			log.Fatal(err) // the context is no JSON
		}
		if answer.Error != nil {
			fmt.Println("refused:", answer.Error)
			continue
		}
		fmt.Println(answer.Result)
	}
	// Output:
	// {"key": {"id": {"S":"welcome"}}, "at": "2024-05-01T12:00:00.000Z"}
	// refused: A post has an id
}
