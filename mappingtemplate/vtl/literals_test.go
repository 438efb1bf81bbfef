package vtl_test

import (
	"context"
	"testing"

	"appsync-emulator/mappingtemplate/vtl"
)

// TestListLiteralsAreNewEachTime changes lists that literals have made, in all
// the ways that ArrayList has: the next round finds the literal as it is written.
func TestListLiteralsAreNewEachTime(t *testing.T) {
	for _, c := range []struct{ name, change, want string }{
		{"add", `$!l.add($i)`, "true[3, 1, 2, 0] true[3, 1, 2, 1] "},
		{"set", `$!l.set(0, $i)`, "3[0, 1, 2] 3[1, 1, 2] "},
		{"assignment", `#set($l[1] = $i)`, "[3, 0, 2] [3, 1, 2] "},
		{"insertion", `$!l.add(0, $i)`, "[0, 3, 1, 2] [1, 3, 1, 2] "},
		{"removal", `$!l.remove(0)`, "3[1, 2] 3[1, 2] "},
		{"sort", `$!l.sort($null)`, "[1, 2, 3] [1, 2, 3] "},
		{"clear", `$!l.clear()$!l.add($i)`, "true[0] true[1] "},
		{"addAll", `$!l.addAll([7])`, "true[3, 1, 2, 7] true[3, 1, 2, 7] "},
		{"of a part", `#set($p = $l.subList(1, 3))$!p.set(0, $i)`, "1[3, 0, 2] 1[3, 1, 2] "},
		{"of a part that grows", `#set($p = $l.subList(0, 1))$!p.add($i)`, "true[3, 0, 1, 2] true[3, 1, 1, 2] "},
		{"of a list that took its items", `#set($k = [])$!k.addAll($l)$!k.set(0, $i)`, "true3[3, 1, 2] true3[3, 1, 2] "},
		{"by an iterator", `#set($it = $l.listIterator())$!it.next()$!it.set($i)`, "3[0, 1, 2] 3[1, 1, 2] "},
	} {
		t.Run(c.name, func(t *testing.T) {
			tmpl, err := vtl.Compile("test", `#foreach($i in [0, 1])#set($l = [3, 1, 2])`+c.change+`$l #end`)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				result, err := tmpl.Execute(context.Background(), nil, vtl.Options{})
				if err != nil {
					t.Fatal(err)
				}
				if result.Text != c.want {
					t.Errorf("rendered %q, want %q", result.Text, c.want)
				}
			}
		})
	}
}
