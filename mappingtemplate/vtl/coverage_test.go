package vtl_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"appsync-emulator/mappingtemplate/value"
	"appsync-emulator/mappingtemplate/vtl"
)

// covered evaluates a template with coverage once for each context.
func covered(t *testing.T, text string, contexts ...string) *vtl.Coverage {
	t.Helper()
	template, coverage, err := vtl.CompileWithCoverage("test", text)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range contexts {
		root, err := value.ParseJSON(c)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := template.Execute(context.Background(), []vtl.Root{{Name: "ctx", Value: root}}, vtl.Options{}); err != nil {
			t.Fatal(err)
		}
	}
	return coverage
}

// The expectations are counted by hand.
func TestCoverageOfLines(t *testing.T) {
	tests := []struct {
		name, text string
		contexts   []string
		want       string // line:count
	}{
		{"text alone", "a\n\n  b\n", []string{`{}`}, "1:1 3:1"},
		{"nothing has run", "a\n#set($x = 1)", nil, "1:0 2:0"},
		{"comments and blank lines do not count", "## c\n#* a\nb *#\n#[[raw]]#\n \n$x", []string{`{}`}, "4:1 6:1"},
		{"branches", "#if($ctx.a)\nyes\n#elseif($ctx.b)\nb\n#else\nno\n#end\nlast", []string{`{"a":1}`, `{}`, `{}`},
			"1:3 2:1 3:2 4:0 6:2 8:3"},
		{"a branch on one line counts as the line", "#if($ctx.a)yes#end", []string{`{}`}, "1:1"},
		{"rounds of a loop", "#foreach($i in $ctx.l)\n$i\n#end", []string{`{"l":[1,2,3]}`, `{}`}, "1:2 2:3"},
		{"a statement on several lines", "#set($m = {\n  \"a\": 1,\n\n  \"b\": \"x\ny\"\n})\n$ctx.put(\"k\",\n $m)", []string{`{}`},
			"1:1 2:1 4:1 5:1 6:1 7:1 8:1"},
		{"a macro that is called, and one that is not", "#macro(a $x)\n[$x]\n#end\n#macro(b)\nb\n#end\n#a(1)#a(2)", []string{`{}`},
			"2:2 5:0 7:1"},
		{"a block of #define", "#define($d)\nd\n#end\n#if($ctx.a)\n$d\n#end", []string{`{}`}, "1:1 2:0 4:1 5:0"},
		{"after #stop", "a\n#stop\nb", []string{`{}`}, "1:1 2:1 3:0"},
		{"after #return", "#return($ctx)\nb", []string{`{}`}, "1:1 2:0"},
		{"strings count where they are", "#set($s = \"#if($ctx.a)\nx\n#end\")", []string{`{}`}, "1:1 2:1 3:1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, l := range covered(t, test.text, test.contexts...).Lines() {
				got = append(got, fmt.Sprintf("%d:%d", l.Line, l.Count))
			}
			if diff := cmp.Diff(test.want, strings.Join(got, " ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCoverageOfBranchesAndMacros(t *testing.T) {
	c := covered(t, "#macro(m)x#end\n  #if($ctx.a)1#elseif($ctx.b)2#end\n#foreach($i in $ctx.l)#if($i)#m()#else\n0#end#end"+
		"\n#set($s = \"#if($ctx.a)1#end\")",
		`{"a":1,"l":[true,false,true]}`, `{"b":1,"l":[]}`, `{}`)
	want := []vtl.Branch{
		{Kind: vtl.BranchIf, Line: 2, Column: 3, Taken: 1, NotTaken: 2},
		{Kind: vtl.BranchElseIf, Line: 2, Column: 15, Taken: 1, NotTaken: 1},
		{Kind: vtl.BranchForeach, Line: 3, Column: 1, Taken: 1, NotTaken: 2},
		{Kind: vtl.BranchIf, Line: 3, Column: 23, Taken: 2, NotTaken: 1, Else: 3},
		{Kind: vtl.BranchIf, Line: 5, Column: 12, Taken: 1, NotTaken: 2},
	}
	if diff := cmp.Diff(want, c.Branches()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]vtl.MacroCount{{Name: "m", Line: 1, Count: 2}}, c.Macros()); diff != "" {
		t.Error(diff)
	}
}

func TestCoverageTellsWhereItStopped(t *testing.T) {
	template, coverage, err := vtl.CompileWithCoverage("test", "a\n\t#set($x = \"é\")\n\t  $ctx.list.get(7)\nb")
	if err != nil {
		t.Fatal(err)
	}
	if line, _ := coverage.Last(); line != 0 {
		t.Errorf("line %d before anything has run", line)
	}
	root := value.MapOf("list", value.NewList())
	if _, err := template.Execute(context.Background(), []vtl.Root{{Name: "ctx", Value: root}}, vtl.Options{}); err == nil {
		t.Fatal("no error")
	}
	// The tab goes to column 8, the blanks are 9 and 10.
	if line, column := coverage.Last(); line != 3 || column != 11 {
		t.Errorf("got %d:%d, want 3:11", line, column)
	}
}

// Coverage must not change what a template does.
func TestCoverageChangesNothing(t *testing.T) {
	texts := []string{
		read(t, "testdata/templates/Mutation.updateProduct.auth.1.res.vtl"),
		read(t, "testdata/templates/Mutation.updateProduct.req.vtl"),
		read(t, "testdata/templates/listQuery.req.vtl"),
		`#set($a = "x#if($ctx.a) y #end")[$a]#foreach($i in [1..3])$i#if($foreach.hasNext),#end#end`,
		`#macro(w)<$bodyContent>#end#@w()b#end \$ctx \#if $!none $none #[[ $raw ]]# $ctx.a.b`,
		`#foreach($i in $ctx.l.iterator())$i #end#define($d)d$ctx.a#end$d"$d"`,
		"a  #set($x = 1)\n  b \n#if(true)\n c\n#end\nd", "", "text alone",
	}
	for _, text := range texts {
		plain, err := vtl.Compile("test", text)
		if err != nil {
			t.Fatal(err)
		}
		probed, _, err := vtl.CompileWithCoverage("test", text)
		if err != nil {
			t.Fatal(err)
		}
		run := func(template *vtl.Template) string {
			root := value.MapOf("a", "A", "l", value.NewList("x", "y"), "args", value.NewMap(0), "stash", value.NewMap(0))
			r, err := template.Execute(context.Background(), []vtl.Root{{Name: "ctx", Value: root}, {Name: "context", Value: root}}, vtl.Options{})
			return fmt.Sprint(r, err, value.JSON(root))
		}
		if diff := cmp.Diff(run(plain), run(probed)); diff != "" {
			t.Errorf("%.60q: %s", text, diff)
		}
	}
	if _, _, err := vtl.CompileWithCoverage("test", "#if("); err == nil {
		t.Error("no error for a template that does not compile")
	}
}

func TestCoverageOfConcurrentEvaluations(t *testing.T) {
	template, coverage, err := vtl.CompileWithCoverage("test", "#if($ctx)\na\n#end")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 100 {
				if _, err := template.Execute(context.Background(), []vtl.Root{{Name: "ctx", Value: "x"}}, vtl.Options{}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if diff := cmp.Diff([]vtl.LineCount{{Line: 1, Count: 800}, {Line: 2, Count: 800}}, coverage.Lines()); diff != "" {
		t.Error(diff)
	}
}
