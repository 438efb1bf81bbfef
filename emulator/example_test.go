package emulator_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"

	"appsync-emulator/emulator"
)

// A program that embeds the emulator: it loads a project, serves it on a free
// port and asks it something.
func Example() {
	project, err := emulator.Load("../fixtures/deltasync-posts", emulator.LoadOptions{})
	if err != nil {
		log.Fatal(err)
	}
	e, err := emulator.New(project, emulator.Options{Listen: "127.0.0.1:0", InMemory: true, NoTLS: true})
	if err != nil {
		log.Fatal(err)
	}
	defer e.Close()
	if err := e.Start(context.Background()); err != nil {
		log.Fatal(err)
	}

	request, err := http.NewRequest(http.MethodPost, e.URL(),
		strings.NewReader(`{"query":"{ getPost(id: \"welcome\") { title ups } }"}`))
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("x-api-key", e.APIKey())
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(body))
	// Output: {"data":{"getPost":{"title":"Welcome","ups":12}}}
}
