package project

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Names in ${} (VTL) and ## (JavaScript) as serverless-appsync-plugin 2
// replaces them: declared ones only, once, and the resolver's own win.
func TestSubstitutions(t *testing.T) {
	tests := []struct {
		name, key, text, want string
	}{
		{"a declared name", "request", "a ${stage} b", "a dev b"},
		{"several on a line", "request", "${stage}${table}${stage}", "devnotes-ownerdev"},
		{"an undeclared name is a variable of the template", "request", "${other} $stage $!{stage}", "${other} $stage $!{stage}"},
		{"an expression is not a name", "request", "${stage.x} ${ stage }", "${stage.x} ${ stage }"},
		{"the resolver's own value wins", "response", "${table}", "notes-owner"},
		{"a value is not looked at again", "request", "${nested}", "${stage}"},
		{"marks of JavaScript are text in VTL", "request", "#stage#", "#stage#"},
		{"a name in JavaScript", "code", "`#stage#/#table#`", "`dev/notes-owner`"},
		{"a mark that begins the next name", "code", "#a#stage#", "#adev"},
		{"template literals of JavaScript stay", "code", "`${stage}`", "`${stage}`"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			api := mustLoad(t, head+`substitutions: {stage: dev, table: notes, nested: "${stage}"}
resolvers:
  Query.a: {kind: UNIT, dataSource: none, `+tt.key+`: file, substitutions: {table: notes-owner}}
`, files{"file": tt.text})
			unit := api.Resolvers[0].Unit
			var got *Template
			for _, t := range []*Template{unit.Request, unit.Response, unit.Code} {
				if t != nil {
					got = t
				}
			}
			if got.Text != tt.want {
				t.Errorf("got %q, want %q", got.Text, tt.want)
			}
		})
	}
}

func TestRefInASubstitutionGivesTheTable(t *testing.T) {
	api := mustLoad(t, head+`substitutions: {table: !Ref Notes}
resolvers:
  Query.a: {kind: UNIT, dataSource: none, request: "{${table}}"}
resources:
  Resources:
    Notes:
      Type: AWS::DynamoDB::Table
      Properties:
        TableName: notes-prod
        AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
        KeySchema: [{AttributeName: id, KeyType: HASH}]
`, nil)
	if got := api.Resolvers[0].Unit.Request.Text; got != "{notes-prod}" {
		t.Errorf("got %q", got)
	}
}

func TestInlineTextsAreToldFromPaths(t *testing.T) {
	api := mustLoad(t, head+`resolvers:
  Query.map: {kind: UNIT, dataSource: none, request: {inline: "just text"}, response: {inline: x.vtl}}
  Query.brace: {kind: UNIT, dataSource: none, request: '{"version": "2018-05-29"}', response: $util.toJson($ctx.result)}
  Query.block:
    kind: UNIT
    dataSource: none
    request: |
      plain
    response: >-
      x.vtl
  Query.code:
    kind: UNIT
    dataSource: none
    code: |
      export function request() {}
`, files{"x.vtl": "file"})
	var got []string
	for _, r := range api.Resolvers {
		for _, t := range []*Template{r.Unit.Request, r.Unit.Response, r.Unit.Code} {
			if t != nil {
				got = append(got, t.Pos.String()+" "+t.Text)
			}
		}
	}
	want := []string{
		"appsync.yml:7:64 just text",
		"appsync.yml:7:96 x.vtl",
		`appsync.yml:8:57 {"version": "2018-05-29"}`,
		"appsync.yml:8:95 $util.toJson($ctx.result)",
		"appsync.yml:13:7 plain\n",
		"x.vtl file",
		"appsync.yml:20:7 export function request() {}\n",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
}

// TestPlacesInATemplateMapToTheFile looks for the ^ of each text: the place of
// the ^ in the template must be that of the ^ in the file.
func TestPlacesInATemplateMapToTheFile(t *testing.T) {
	tests := []struct {
		name string
		yaml string // the value of request
		file string // req.vtl
	}{
		{"a file", "req.vtl", "#set($a = 1)\n  é $b ^\nx"},
		{"a file with Windows line ends", "req.vtl", "a\r\nb ^\r\n"},
		{"a file, after a longer value", "req.vtl", "a ${short} ${short} ^"},
		{"a file, after a shorter value", "req.vtl", "a ${long} ^ ${long}"},
		{"a file, after a value of several lines", "req.vtl", "a ${lines} b ^\nc"},
		{"a literal block", "|\n      first\n\n        third ^\n      last\n", ""},
		{"a literal block with an indentation mark", "|2-\n      first\n        ^\n", ""},
		{"a literal block with a substitution", "|\n      ${lines} ${long}\n      ${long} ^\n", ""},
		{"a folded block", ">-\n      {one\n      two\n\n      three ^ four\n", ""},
		{"plain text", "{inline: $x ^}", ""},
		{"plain text on several lines", "$x\n      and\n      more ^ here\n", ""},
		{"single quotes", "'{''a'': ''b'' ^}'", ""},
		{"double quotes", `"{\"a\": \"\x41\u00e9\n\" ^}"`, ""},
		{"double quotes on several lines", "\"{a\n      b \\\n      c\n      ^}\"", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := head + `substitutions: {short: a longer value, long: x, lines: "1\n2\n3"}
resolvers:
  Query.a:
    kind: UNIT
    dataSource: none
    request: ` + tt.yaml
			api := mustLoad(t, text, files{"req.vtl": tt.file})
			request := api.Resolvers[0].Unit.Request
			name, source := "appsync.yml", text
			if tt.file != "" {
				name, source = "req.vtl", tt.file
			}
			in := placeOf(request.Text, strings.Index(request.Text, "^"))
			want := placeOf(source, strings.Index(source, "^"))
			got := request.Position(in.line, in.column)
			if got != (Position{name, want.line, want.column}) {
				t.Errorf("%d:%d of %q is %s, want %d:%d", in.line, in.column, request.Text, got, want.line, want.column)
			}
			if line := request.SourceLine(in.line, in.column); !strings.Contains(line, "^") {
				t.Errorf("source line %q", line)
			}
		})
	}
}

func TestPlacesThatDoNotExistMapNearby(t *testing.T) {
	api := mustLoad(t, head+`resolvers:
  Query.a: {kind: UNIT, dataSource: none, request: a.vtl, response: "{}"}
`, files{"a.vtl": "ab\ncd"})
	for _, tt := range []struct {
		line, column int
		want         Position
	}{
		{0, 0, Position{"a.vtl", 1, 1}},
		{1, 99, Position{"a.vtl", 1, 3}},
		{99, 1, Position{"a.vtl", 2, 3}},
	} {
		if got := api.Resolvers[0].Unit.Request.Position(tt.line, tt.column); got != tt.want {
			t.Errorf("%d:%d is %s, want %s", tt.line, tt.column, got, tt.want)
		}
	}
	// Of a template that no project holds.
	own := &Template{Text: "a\nb", Pos: Position{File: "x", Line: 3, Column: 5}}
	if got, want := own.Position(1, 2), (Position{"x", 3, 6}); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := own.Position(2, 2), (Position{"x", 4, 2}); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	file := &Template{Text: "a\nb", Pos: Position{File: "x"}}
	if got, want := file.Position(2, 1), (Position{"x", 2, 1}); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
