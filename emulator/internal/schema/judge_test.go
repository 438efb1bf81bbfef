package schema

import "testing"

// Panics of graphql-go's lexer are errors: its scanner takes a surrogate that
// strconv.Unquote then refuses.
func TestPanicsOfGraphQLGoAreErrors(t *testing.T) {
	if err := parseWithGraphQLGo("\"\\ud800\" type Query { a: Int }"); err == nil {
		t.Error("a malformed description is accepted")
	}
}

func TestJudgeReportsWhereATypeStands(t *testing.T) {
	log := &problemLog{sources: []Source{{Name: "a.graphql"}}}
	query := &Type{Kind: Object, Name: "Query", Pos: Position{Source: "a.graphql", Line: 3, Column: 6}}
	judge(&Schema{Query: query, Types: map[string]*Type{"Query": query}, order: []*Type{query}}, log)
	want := Problem{Pos: query.Pos, Message: `object type "Query" must define one or more fields.`}
	if len(log.problems) != 1 || log.problems[0] != want {
		t.Errorf("got %v", log.problems)
	}
}

// What the checks accept, graphql-go accepts: it never has to report a mistake
// in its own words, without a place.
func FuzzChecksAreAsStrictAsGraphQLGo(f *testing.F) {
	for _, seed := range []string{
		"type Query { a: Int }",
		"schema { query: Q }\ntype Q implements A, B @aws_iam { a(x: [I!] = [{y: 1}]): Int b: U }\ninput I { y: Int = 5 }\ninterface A { a(x: [I!]): Int }\ninterface B { b: U }\nunion U = Q",
		"type Query @d { a(x: String = \"\\ud83d\\ude00\" @d): Int @d }\ndirective @d on FIELD_DEFINITION | OBJECT | ARGUMENT_DEFINITION",
		"interface A implements B { a: Int @deprecated } interface B implements A { a: Int } type Query implements A { a: Int @deprecated }",
		"enum E { A B } input I @oneOf { e: E } directive @oneOf on INPUT_OBJECT type Query { a(i: I, f: Float = -1.5e-3): E }",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		sources := []Source{{Name: "a", Text: text}}
		log := &problemLog{sources: sources}
		doc := readAll(sources, log)
		if len(log.problems) > 0 {
			return
		}
		defs := collect(doc, log)
		check(defs, log)
		if len(log.problems) > 0 {
			return
		}
		s := build(defs, log)
		if len(log.problems) > 0 {
			return
		}
		judge(s, log)
		for _, p := range log.problems {
			t.Errorf("%v\n%s", p, s.judged())
		}
	})
}
