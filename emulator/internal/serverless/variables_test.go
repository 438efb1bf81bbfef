package serverless_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"appsync-emulator/emulator/internal/project"
	"appsync-emulator/emulator/internal/serverless"
)

// files makes a folder of name, text pairs.
func files(pairs ...string) fstest.MapFS {
	out := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return out
}

// show writes a value in one line.
func show(n *project.Node) string {
	tag := n.Tag()
	if tag != "" {
		tag += " "
	}
	switch n.Kind() {
	case project.NodeMap:
		var out []string
		for _, e := range n.Entries() {
			out = append(out, e.Key()+": "+show(e.Value()))
		}
		return tag + "{" + strings.Join(out, ", ") + "}"
	case project.NodeList:
		var out []string
		for _, item := range n.Items() {
			out = append(out, show(item))
		}
		return tag + "[" + strings.Join(out, ", ") + "]"
	case project.NodeNull:
		return tag + "null"
	case project.NodeString:
		return tag + fmt.Sprintf("%q", n.Text())
	}
	return tag + n.Text()
}

const variablesProject = `
service: notes
useDotenv: true
provider:
  name: aws
  stage: ${opt:stage, 'test'}
  region: eu-west-1
  environment: {TABLE: "${self:service}-${sls:stage}"}
params:
  default: {domain: example.com, color: blue}
  prod: {domain: prod.example.com}
custom:
  name: plain
  number: 12
  ratio: 1.50
  yes: true
  empty:
  list: [one, "${self:custom.name}"]
  map: {a: "${self:custom.number}", b: {c: deep}}
  test: {size: 1}
  key: b
  table: !Ref NotesTable
  later: ${file(values.yml):later}
  whole: ${file(values.yml)}
  sub: !Sub "arn:${AWS::Region}:${self:custom.name}"
  inner: ${self:custom.chain}
  chain: ${self:custom.list.1}
`

// The expectations are those of the framework, version 3: its guide to variables
// https://www.serverless.com/framework/docs/guides/variables and the tests of
// lib/configuration/variables in github.com/serverless/serverless.
func TestVariables(t *testing.T) {
	fsys := files("serverless.yml", variablesProject,
		"values.yml", "later: 7\nnested: {own: '${self:custom.name}'}\nback: ${self:custom.later}\n",
		"values.json", `{"a": {"b": [10, 20]}}`,
		"stages/test.yml", "kind: of test\n",
		"text.txt", "two\nlines",
		"empty.yml", "",
		".env.test", "# of the stage\nexport FROM_FILE=\"a b\"\nOTHER=${FROM_FILE}-c # more\nBARE= spaced \nDEF=${NONE:-d}\n",
		".env", "UNREAD=1\n")
	tests := []struct {
		behaviour, text, want string
	}{
		{"a text without variables", "plain ${name} ${AWS::Region} $x", `"plain ${name} ${AWS::Region} $x"`},
		{"a string of the project", "${self:custom.name}", `"plain"`},
		{"a number keeps its type", "${self:custom.number}", `12`},
		{"a number in a text is written as JavaScript does", "n${self:custom.ratio}", `"n1.5"`},
		{"a boolean", "${self:custom.yes}", `true`},
		{"a list with variables in it", "${self:custom.list}", `["one", "plain"]`},
		{"an item of a list", "${self:custom.list.1}", `"plain"`},
		{"a map", "${self:custom.map}", `{a: 12, b: {c: "deep"}}`},
		{"a chain", "${self:custom.inner}", `"plain"`},
		{"variables in an address", "${self:custom.map.${self:custom.key}.c}", `"deep"`},
		{"a variable of the stage in an address", "${self:custom.${sls:stage}.size}", `1`},
		{"several in a text", "${self:service}-${sls:stage}-${self:custom.number}", `"notes-test-12"`},
		{"an intrinsic function", "${self:custom.table}", `!Ref "NotesTable"`},
		{"a variable in an intrinsic function", "${self:custom.sub}", `{Fn::Sub: "arn:${AWS::Region}:plain"}`},
		{"an empty value falls back", "${self:custom.empty, 'x'}", `"x"`},
		{"a missing value falls back", "${self:custom.nothing.at.all, self:custom.name}", `"plain"`},
		{"fallbacks may be numbers", "${opt:x, 3}", `3`},
		{"fallbacks may be decimal", "${opt:x, -3.25}", `-3.25`},
		{"fallbacks may be booleans", "${opt:x, true}", `true`},
		{"fallbacks may be null", "${opt:x, null}", `null`},
		{"fallbacks may be in double quotes", `${opt:x, "a \"b\" \u0041"}`, `"a \"b\" A"`},
		{"fallbacks may hold braces and commas", "${opt:x, 'a, {b}'}", `"a, {b}"`},
		{"fallbacks may be variables of their own", "${opt:x, ${self:custom.name}}", `"plain"`},
		{"an empty fallback", "${opt:x, ''}", `""`},
		{"spaces", "${opt:x ,  self:custom.name }", `"plain"`},
		{"the environment of all functions", "${self:provider.environment.TABLE}", `"notes-test"`},
		{"an option", "${opt:flavour}", `"sweet"`},
		{"the stage of a project", "${sls:stage}", `"test"`},
		{"the region of a project", "${aws:region}", `"eu-west-1"`},
		{"a parameter for all stages", "${param:domain}", `"example.com"`},
		{"a parameter that the user gives", "${param:color}", `"red"`},
		{"a YAML file", "${file(values.yml):later}", `7`},
		{"a YAML file by a path with a dot", "${file(./values.yml):later}", `7`},
		{"a file's own variables", "${file(values.yml):nested}", `{own: "plain"}`},
		{"a file that leads back into the project", "${file(values.yml):back}", `7`},
		{"a whole file", "${self:custom.whole.nested.own}", `"plain"`},
		{"a JSON file", "${file(values.json):a.b.1}", `20`},
		{"a file of text", "${file(text.txt)}", `"two\nlines"`},
		{"a file named by a variable", "${file(./stages/${sls:stage}.yml):kind}", `"of test"`},
		{"a missing file falls back", "${file(no.yml), file(no.json):x, 'none'}", `"none"`},
		{"an empty file falls back", "${file(empty.yml), 'none'}", `"none"`},
		{"a file in quotes", "${file('values.yml'):later}", `7`},
		{"a boolean of a text", "${strToBool(${self:custom.yes})}", `true`},
		{"a boolean of a digit", "${strToBool(0)}", `false`},
		{"the environment", "${env:HOME_OF}", `"here"`},
		{"the .env file of the stage", "${env:FROM_FILE}", `"a b"`},
		{".env expands", "${env:OTHER}", `"a b-c"`},
		{".env trims", "${env:BARE}", `"spaced"`},
		{".env defaults", "${env:DEF}", `"d"`},
		{"one .env file alone is read", "${env:UNREAD, 'no'}", `"no"`},
		{"a value of elsewhere that the user gives", "${ssm:/pool/id}", `"pool-1"`},
		{"a value of elsewhere that falls back", "${cf:stack.Output, 'local'}", `"local"`},
		{"the plugin's own variables", "${appsync:apiKey.web-app}", `{Fn::GetAtt: ["GraphQlApiwebapp", "ApiKey"]}`},
		{"an escaped variable", `a\${self:custom.name}`, `"a${self:custom.name}"`},
		{"an escaped backslash", `a\\${self:custom.name}`, `"a\\plain"`},
		{"other backslashes", `a\b\$c`, `"a\\b\\$c"`},
		{"a variable in what is none", "${AWS::Region-${sls:stage}}", `"${AWS::Region-test}"`},
	}
	opt := serverless.Options{Parameters: map[string]string{"flavour": "sweet", "color": "red", "ssm:/pool/id": "pool-1"}}
	opt.Env = func(name string) (string, bool) { return "here", name == "HOME_OF" }
	for _, tt := range tests {
		t.Run(tt.behaviour, func(t *testing.T) {
			got, _, problems := serverless.Resolve(fsys, "serverless.yml", tt.text, opt)
			if len(problems) > 0 {
				t.Fatalf("%s: %v", tt.text, problems)
			}
			if show(got) != tt.want {
				t.Errorf("%s = %s, want %s", tt.text, show(got), tt.want)
			}
		})
	}
}

func TestVariableMistakes(t *testing.T) {
	fsys := files("serverless.yml", `
service: notes
custom:
  a: ${self:custom.b}
  b: x${self:custom.a}
  whole: {inside: "${self:custom.whole}"}
  map: {x: 1}
  deep: ${ssm:/there}
  bomb0: [x, x, x, x, x, x, x, x, x, x]
  bomb1: ["${self:custom.bomb0}", "${self:custom.bomb0}", "${self:custom.bomb0}", "${self:custom.bomb0}", "${self:custom.bomb0}"]
  bomb2: ["${self:custom.bomb1}", "${self:custom.bomb1}", "${self:custom.bomb1}", "${self:custom.bomb1}", "${self:custom.bomb1}"]
  bomb3: ["${self:custom.bomb2}", "${self:custom.bomb2}", "${self:custom.bomb2}", "${self:custom.bomb2}", "${self:custom.bomb2}"]
  bomb4: ["${self:custom.bomb3}", "${self:custom.bomb3}", "${self:custom.bomb3}", "${self:custom.bomb3}", "${self:custom.bomb3}"]
  bomb5: ["${self:custom.bomb4}", "${self:custom.bomb4}", "${self:custom.bomb4}", "${self:custom.bomb4}", "${self:custom.bomb4}"]
  bomb6: ["${self:custom.bomb5}", "${self:custom.bomb5}", "${self:custom.bomb5}", "${self:custom.bomb5}", "${self:custom.bomb5}"]
  bomb7: ["${self:custom.bomb6}", "${self:custom.bomb6}", "${self:custom.bomb6}", "${self:custom.bomb6}", "${self:custom.bomb6}"]
`, "broken.yml", "a: [1\nb: 2\n", "script.js", "module.exports = {}")
	tests := []struct{ behaviour, text, want string }{
		{"a value that is not there", "x ${self:custom.no}", "text:1:3: variable `${self:custom.no}` has no value: there is no `custom.no` in serverless.yml"},
		{"an option that is not given", "${opt:flavour}", "text:1:1: variable `${opt:flavour}` has no value: there is no option --flavour (--parameter flavour=VALUE gives it one)"},
		{"a parameter that is not there", "${param:p}", "text:1:1: variable `${param:p}` has no value: there is no parameter `p` for stage dev (--parameter p=VALUE gives it one)"},
		{"the environment without it", "${env:NO}", "text:1:1: variable `${env:NO}` has no value: the environment has no NO (set it, or give --parameter env:NO=VALUE)"},
		{"a value that AWS has", "${self:custom.deep}", "serverless.yml:8:9: variable `${ssm:/there}` has no value: `ssm:/there` is not looked up (--parameter ssm:/there=VALUE gives it one)"},
		{"a source that is not known", "${magic:x}", "text:1:1: variable `${magic:x}` has no value: its source `magic` is not known here (--parameter magic:x=VALUE gives it one)"},
		{"the last fallback fails", "${opt:a, self:custom.no}", "text:1:1: variable `${opt:a, self:custom.no}` has no value: there is no `custom.no` in serverless.yml"},
		{"a circle", "${self:custom.a}", "serverless.yml:4:6: the variables go round in a circle: `${self:custom.b}` is needed to work itself out"},
		{"a value within itself", "${self:custom.whole}", "serverless.yml:6:20: the variables go round in a circle: `${self:custom.whole}` is needed to work itself out"},
		{"a map in a text", "a ${self:custom.map}", "text:1:3: variable `${self:custom.map}` is a map, which cannot be part of a text"},
		{"null in a text", "a ${opt:x, null}", "text:1:3: variable `${opt:x, null}` is empty, which cannot be part of a text"},
		{"JavaScript", "${file(script.js):x}", "text:1:1: file script.js is a program, which is not run here (write its value to a .yml or .json file, or give --parameter file(script.js)=VALUE)"},
		{"a missing file", "${file(no.yml)}", "text:1:1: variable `${file(no.yml)}` has no value: file no.yml does not exist"},
		{"a file outside", "${file(../secret.yml), 'x'}", "text:1:1: file ../secret.yml leaves the project folder (--allow-outside permits it)"},
		{"an absolute file", "${file(/etc/passwd)}", "text:1:1: file /etc/passwd leaves the project folder (--allow-outside permits it)"},
		{"a broken file", "${file(broken.yml):a}", "broken.yml:2:1: YAML syntax: ',' or ']' must be specified"},
		{"no path", "${file():a}", "text:1:1: variable source `file` takes the path of one file"},
		{"no boolean", "${strToBool(maybe)}", "text:1:1: strToBool takes true, false, 1 or 0, not `maybe`"},
		{"no closing brace", "a ${self:custom", "text:1:3: variable syntax: the variable has no closing }"},
		{"a fallback without quotes", "${opt:x, some text}", "text:1:10: variable syntax: a fallback must be another source, a text in quotes, a number, true, false or null"},
		{"open quotes", "${opt:x, 'text}", "text:1:10: variable syntax: the text in quotes does not end"},
		{"open parentheses", "${file(a.yml", "text:1:3: variable syntax: the parentheses of `file` are not closed"},
		{"no variable in a variable", "${self:custom.${name}}", "text:1:15: variable syntax: a variable must begin with its source, such as ${self:"},
		{"more after a fallback", "${opt:x, 'a' b}", "text:1:14: variable syntax: `b` does not belong into a variable"},
		{"what grows without end", "${self:custom.bomb7}", "serverless.yml:16:10: the variables expand to more than 200000 values"},
	}
	for _, tt := range tests {
		t.Run(tt.behaviour, func(t *testing.T) {
			_, _, problems := serverless.Resolve(fsys, "serverless.yml", tt.text, serverless.Options{})
			if len(problems) == 0 {
				t.Fatalf("%s has no mistake", tt.text)
			}
			if got := problems[0].Error(); got != tt.want {
				t.Errorf("%s:\n got %s\nwant %s", tt.text, got, tt.want)
			}
		})
	}
}

// A value of elsewhere may be what the project was made for: that its fallback is
// taken is said.
func TestFallbackOfWhatIsNotLookedUp(t *testing.T) {
	_, warnings, _ := serverless.Resolve(files("serverless.yml", "service: x"), "serverless.yml", "${ssm:/a, 'b'}", serverless.Options{})
	want := "text:1:1: `ssm:/a` is not looked up: its fallback is taken"
	if len(warnings) != 1 || warnings[0].Error() != want {
		t.Errorf("warnings %v, want %s", warnings, want)
	}
}

func TestDepthIsBounded(t *testing.T) {
	var project strings.Builder
	project.WriteString("custom:\n")
	for i := range 5000 {
		fmt.Fprintf(&project, "  a%d: ${self:custom.a%d}\n", i, i+1)
	}
	project.WriteString("  a5000: end\n")
	_, _, problems := serverless.Resolve(files("serverless.yml", project.String()), "serverless.yml", "${self:custom.a0}", serverless.Options{})
	if len(problems) == 0 || !strings.Contains(problems[0].Message, "nested more than 200 deep") {
		t.Errorf("problems %v", problems)
	}
	nested := strings.Repeat("${self:a.", 10000)
	if _, _, problems = serverless.Resolve(files("serverless.yml", "a: b"), "serverless.yml", nested, serverless.Options{}); len(problems) == 0 {
		t.Error("endless nesting is no mistake")
	}
}

func FuzzVariables(f *testing.F) {
	for _, seed := range []string{
		"${self:custom.a}", "${file(a.yml):b, 'c'}", "${opt:x, ${env:y, 3}}", `\\${sls:stage}`, "${strToBool(${self:x})}",
		"${AWS::Region-${self:x}}", "${ssm:/a/${aws:region}}", "${param:x, \"\\u0041\"}", "${self:}", "${appsync:id}",
	} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, text, other string) {
		fsys := files("serverless.yml", variablesProject, "a.yml", other, "values.yml", "later: "+other)
		value, _, problems := serverless.Resolve(fsys, "serverless.yml", text, serverless.Options{})
		if value == nil && len(problems) == 0 {
			t.Error("neither a value nor a mistake")
		}
	})
}
