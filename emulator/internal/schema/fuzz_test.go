package schema_test

import (
	"strings"
	"testing"

	"appsync-emulator/emulator/internal/schema"
)

// Parse takes any text: it answers with a schema or with problems that have a
// place. What it accepts can be printed and read again.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", "type Query { a: Int }", introspected,
		"schema { query: Q }\ntype Q implements A, B @aws_iam { a(x: [I!] = [{y: 1}]): Int }\ninput I { y: Int = 5 }",
		"type Query { a(x: String = \"\\ud83d\\ude00\"): Int } # \ufeff", "\"\"\"a\\\"\"\"b\"\"\" type Query { a: Int }",
		"extend type Query { a: Int } directive @d(x: Int) repeatable on FIELD | OBJECT",
		"type Query { a: " + strings.Repeat("[", 200) + "Int" + strings.Repeat("]", 200) + " }",
		"input I { a: I = {a: {}} }\nenum E { A @deprecated(reason: null) }\nunion U = | A | B",
		"interface A implements B { a: Int } interface B implements A { a: Int } type Query { a: A }",
		"type Query {\r\n a(x: Float = -1.5e-3): Int\r}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, problems := schema.Parse([]schema.Source{{Name: "a", Text: text}})
		if (s == nil) != (len(problems) > 0) {
			t.Fatalf("%v with %d problems", s, len(problems))
		}
		for _, p := range problems {
			if p.Pos.Line < 1 || p.Pos.Column < 1 || p.Pos.Source != "a" {
				t.Errorf("a problem has no place: %v", p)
			}
		}
		if s == nil {
			return
		}
		s.SchemaValue()
		printed := s.SDL(true)
		again, problems := schema.Parse([]schema.Source{{Name: "b", Text: printed}})
		if again == nil {
			t.Fatalf("%v\n%s", problems, printed)
		}
		if twice := again.SDL(true); twice != printed {
			t.Errorf("printed anew:\n%s\n%s", printed, twice)
		}
	})
}
