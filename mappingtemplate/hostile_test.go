package mappingtemplate_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"appsync-emulator/mappingtemplate"
	"appsync-emulator/mappingtemplate/builtin"
	"appsync-emulator/mappingtemplate/value"
)

// limits are parts of the messages with which templates are stopped: by the
// limits of an evaluation, by those that Java has, and by the parser's.
var limits = []string{
	tooManySteps,
	tooLarge,
	"The value is nested too deeply.",
	"the regular expression takes too long to match",
	"BigInteger would overflow supported range",
	"java.lang.StackOverflowError",
	"Max calling depth of 20 was exceeded in macro",
	"java.util.ConcurrentModificationException",
	"java.util.regex.PatternSyntaxException",
	"java.lang.IllegalArgumentException",
	"java.time.",
	"Infinite or NaN",
	"nests deeper than 400 levels",
	"nests too many brackets",
	"has too many terms",
	"levels deep",
	"Encountered ",
	"Encountered: ",
	"Failed to parse String literal",
	"the filter has too many alternatives",
}

// nest writes open n times, then inner, then shut n times.
func nest(n int, open, inner, shut string) string {
	return strings.Repeat(open, n) + inner + strings.Repeat(shut, n)
}

// grow doubles $s, which holds ten characters, n times by a statement.
func grow(n int, statement string) string {
	return `#set($s = "0123456789")` + strings.Repeat(statement, n)
}

// doubled makes a string of ten times two to the n characters in $s.
func doubled(n int) string { return grow(n, `#set($s = "$s$s")`) }

// shared makes a list in $l that unfolds to two to the n members, in n lists.
func shared(n int) string {
	return `#set($l = ["x"])` + strings.Repeat(`#set($l = [$l, $l])`, n)
}

// deep makes a list in $l that n lists hold.
func deep(n int) string {
	return `#set($l = [])#foreach($i in [1..1000])#foreach($j in [1..` + fmt.Sprint(n/1000) + `])#set($l = [$l])#end#end`
}

// wide makes a list in $l of n members.
func wide(n int) string {
	return `#set($l = [])#foreach($i in [1..1000])#foreach($j in [1..` + fmt.Sprint(n/1000) + `])#set($n = $i * 1000 + $j)#set($x = $l.add($n))#end#end`
}

// hostileErrors are the errors of one case of each kind. That the text is too
// large, AppSync says in these words; the words of the other limits are our own,
// or Java's.
var hostileErrors = map[string]string{
	"loops in loops, empty":            tooManySteps,
	"a loop over a huge range":         tooManySteps,
	"a macro that calls itself":        `Max calling depth of 20 was exceeded in macro 'm' with Call Stack:m->m->m->m->m->m->m->m->m->m->m->m->m->m->m->m->m->m->m->m at velocity[line 1, column 10]`,
	"#evaluate of itself":              `java.lang.StackOverflowError`,
	"a string that doubles":            tooLarge,
	"repeat":                           tooLarge,
	"strings that are kept":            tooManySteps,
	"a list that doubles":              tooManySteps,
	"a return of what unfolds":         tooLarge,
	"the JSON of what unfolds":         tooLarge,
	"the JSON of a deep list":          `The value is nested too deeply.`,
	"an integer that squares":          `java.lang.ArithmeticException: BigInteger would overflow supported range`,
	"a power":                          `Invocation of method 'pow' in  class java.math.BigInteger threw exception java.lang.ArithmeticException: BigInteger would overflow supported range at velocity[line 1, column 37]`,
	"escapes that grow":                tooLarge,
	"a filter that unfolds":            tooLarge,
	"errors without end":               tooLarge,
	"a large list of the same numbers": tooManySteps,
	"dates in loops":                   tooManySteps,
	"a helper that matches in loops":   tooManySteps,
	"parentheses":                      `the template nests deeper than 400 levels at velocity[line 1, column 409]`,
	"conditions":                       `the template nests deeper than 400 levels at velocity[line 1, column 3595]`,
	"terms":                            `the expression has too many terms at velocity[line 1, column 16012]`,
	"quotes":                           `Lexical error,   Encountered: <EOF> after : "\")" at *unset*[line 1, column 100013]`,
}

const (
	tooManySteps = "The template takes too many evaluation steps."
	tooLarge     = "Transformation too large"
)

type hostileCase struct {
	name, text string
	// result is the whole text that must be rendered; empty means that a limit
	// may stop the template, or that it renders anything.
	result string
}

func hostileCases() []hostileCase {
	loop := func(n int, over, body string) string {
		return nest(n, `#foreach($i in `+over+`)`, body, `#end`)
	}
	pairs := `#set($l = [])#foreach($i in [1..200])#foreach($j in [1..200])#set($x = $l.add([$i, $j]))#end#end`
	catastrophe := `#set($s = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!")`
	return []hostileCase{
		// Loops.
		{name: "loops in loops", text: loop(10, `[1..1000]`, `x`)},
		{name: "loops in loops, empty", text: loop(10, `[1..1000]`, ``)},
		{name: "loops in loops that assign", text: loop(10, `[1..1000]`, `#set($x = {"a": [$i, "$i"]})`)},
		{name: "a loop over a huge range", text: loop(1, `[1..2000000000]`, `x`)},
		{name: "loops over large ranges", text: loop(10, `[1..1000000]`, ``)},
		{name: "a loop over the list that it extends", text: `#set($l = [1])#foreach($i in $l)#set($x = $l.add(1))#end`},
		{name: "loops over a map's entries", text: `#set($m = {"a": 1, "b": 2, "c": 3})` + loop(30, `$m.entrySet()`, `$i.key`)},
		{name: "loops over a large map's views", text: `#set($m = {})#foreach($i in [1..1000])#foreach($j in [1..20])#set($x = $m.put("$i,$j", 1))#end#end` + loop(3, `$m.entrySet()`, ``)},

		// Code that calls itself.
		{name: "a macro that calls itself", text: `#macro(m)x#m()#end#m()`},
		{name: "macros that call each other", text: `#macro(a)#b()#end#macro(b)#a()#end#a()`},
		{name: "a macro that calls itself twice", text: `#macro(m $n)#if($n > 0)#set($k = $n - 1)#m($k)#m($k)#end#end#m(19)`},
		{name: "a macro with a body that calls itself", text: `#macro(m)$bodyContent#@m()$bodyContent#end#end#@m()x#end`},
		{name: "a body within a body", text: `#macro(m)$bodyContent$bodyContent#end` + nest(25, `#@m()`, `x`, `#end`)},
		{name: "an argument that doubles at each call", text: `#macro(m $a)#n("$a$a")#end#macro(n $a)#o("$a$a")#end#macro(o $a)#p("$a$a")#end#macro(p $a)#q("$a$a")#end#macro(q $a)#r("$a$a")#end#macro(r $a)#s("$a$a")#end#macro(s $a)$a$a$a$a$a$a$a$a$a$a$a$a#end#m("$ctx.text")`},
		{name: "a block that uses itself", text: `#define($d)x$d$d#end$d`},
		{name: "blocks that use each other", text: `#define($a)$b$b$b$b#end#define($b)$a$a$a$a#end$a`},
		{name: "a tower of blocks", text: func() string {
			var b strings.Builder
			b.WriteString(`#define($d0)xxxxxxxxxx#end`)
			for i := range 40 {
				fmt.Fprintf(&b, `#define($d%d)$d%d$d%d#end`, i+1, i, i)
			}
			return b.String() + `$d40`
		}()},
		{name: "#evaluate of itself", text: `#set($e = '#evaluate($e)')#evaluate($e)`},
		{name: "#evaluate of itself twice", text: `#set($e = 'x#evaluate($e)#evaluate($e)')#evaluate($e)`},
		{name: "#evaluate in loops", text: `#set($h = "#")#set($d = "$")` + loop(3, `[1..1000]`, `#evaluate("${h}set(${d}x$i = $i)")`)},
		{name: "#evaluate that defines macros", text: `#set($h = "#")#set($d = "$")` + loop(3, `[1..1000]`, `#evaluate("${h}macro(m$i)x${h}end")`)},
		{name: "strings in strings", text: `#set($x = ` + func() string {
			s := `x`
			for range 12 {
				s = `"` + strings.ReplaceAll(s, `"`, `""`) + `$y"`
			}
			return s
		}() + `)`},

		// Text that grows.
		{name: "a string that doubles", text: doubled(40)},
		{name: "a string that doubles by +", text: grow(40, `#set($s = $s + $s)`)},
		{name: "a string that doubles by concat", text: grow(40, `#set($s = $s.concat($s))`)},
		{name: "a string that grows by replace", text: grow(40, `#set($s = $s.replace("0", "00000000"))`)},
		{name: "a string that grows by replace of nothing", text: grow(40, `#set($s = $s.replace("", "0000"))`)},
		{name: "a string that grows by replaceAll", text: grow(40, `#set($s = $s.replaceAll(".", "$0$0$0$0"))`)},
		{name: "a string that grows by toReplace", text: grow(40, `#set($s = $util.str.toReplace($s, "0", "00000000"))`)},
		{name: "a string that grows by join of a format", text: `$ctx.text.format("%999999999d", [1])`},
		{name: "a format of huge precision", text: `$ctx.text.format("%.999999999f", [1.5])`},
		{name: "many formats", text: `#set($f = "%999999d%999999d%999999d%999999d%999999d%999999d%999999d%999999d")$ctx.text.format($f, 1, 1, 1, 1, 1, 1, 1, 1)`},
		{name: "repeat", text: `#set($s = "x")$s.repeat(2000000000)`},
		{name: "strings that are kept", text: doubled(18) + `#set($l = [])` + loop(2, `[1..1000]`, `#set($x = $l.add("$s$i"))`)},
		{name: "strings that are kept in a map", text: doubled(18) + `#set($m = {})` + loop(2, `[1..1000]`, `#set($x = $m.put("$foreach.count$foreach.parent.count", "$s$i"))`)},
		{name: "a long string into characters", text: doubled(18) + `#set($l = [])` + loop(2, `[1..1000]`, `#set($x = $l.add($s.toCharArray()))`)},
		{name: "a long string into bytes", text: doubled(18) + `#set($l = [])` + loop(2, `[1..1000]`, `#set($x = $l.add($s.bytes))`)},
		{name: "a long string into bytes by a call", text: doubled(18) + `#set($l = [])` + loop(2, `[1..1000]`, `#set($x = $l.add($s.getBytes()))`)},
		{name: "output", text: doubled(17) + loop(2, `[1..1000]`, `$s`)},
		{name: "upper case in loops", text: doubled(18) + loop(2, `[1..1000]`, `#set($x = $s.toUpperCase())`)},
		{name: "searches in loops", text: doubled(18) + loop(2, `[1..1000]`, `#set($x = $s.indexOf("890123456x"))`)},
		{name: "comparisons in loops", text: doubled(18) + `#set($t = "${s}x")#set($u = "${s}y")` + loop(2, `[1..1000]`, `#if($t == $u)x#end`)},
		{name: "hash codes in loops", text: doubled(18) + loop(2, `[1..1000]`, `#set($x = $s.hashCode())`)},
		{name: "substrings in loops", text: doubled(18) + loop(2, `[1..1000]`, `#set($x = $s.substring(1000000))`)},
		{name: "characters in loops", text: doubled(18) + loop(2, `[1..1000]`, `#set($x = $s.charAt(2000000))`)},
		{name: "lengths in loops", text: doubled(18) + loop(2, `[1..1000]`, `#set($x = $s.length())`)},

		// Collections.
		{name: "a list that doubles", text: `#set($l = [1, 2, 3])` + strings.Repeat(`#set($x = $l.addAll($l))`, 40)},
		{name: "a list that doubles in its middle", text: `#set($l = [1, 2, 3])` + strings.Repeat(`#set($x = $l.addAll(1, $l))`, 40)},
		{name: "a list in its parts", text: wide(100000) + loop(2, `[1..1000]`, `#set($l = $l.subList(0, $l.size()))#set($x = $l.add(0, 1))`)},
		{name: "a large list that grows in front", text: wide(100000) + loop(2, `[1..1000]`, `#set($x = $l.add(0, 1))`)},
		{name: "a large list without itself", text: wide(100000) + `#set($x = $l.removeAll($l.clone()))`},
		{name: "a large list that is searched", text: wide(100000) + loop(2, `[1..1000]`, `#set($x = $l.contains(-1))`)},
		{name: "a large list in another", text: wide(100000) + `#set($x = $l.containsAll($l))`},
		{name: "a large list that is sorted", text: wide(100000) + loop(2, `[1..1000]`, `#set($x = $l.sort($null))`)},
		{name: "a large list that is copied", text: wide(100000) + `#set($k = [])` + loop(2, `[1..1000]`, `#set($x = $k.add($l.clone()))`)},
		{name: "a large list into an array", text: wide(100000) + `#set($k = [])` + loop(2, `[1..1000]`, `#set($x = $k.add($l.toArray()))`)},
		{name: "a map of all kinds of keys", text: `#set($m = {})` + loop(2, `[1..1000]`, `#set($n = $foreach.parent.count * 1000 + $foreach.count)#set($x = $m.put($n, 1))`)},
		{name: "a map of lists as keys", text: `#set($m = {})` + loop(2, `[1..1000]`, `#set($x = $m.put([$foreach.parent.count, $foreach.count], 1))`)},
		{name: "a map into itself", text: `#set($m = {"a": 1})` + strings.Repeat(`#set($x = $m.put("m", $m))#set($x = $m.putAll($m))`, 40) + `$m.size()`, result: "2"},
		{name: "a large map that loses its first", text: `#set($m = {})` + loop(2, `[1..300]`, `#set($x = $m.put("$foreach.parent.count,$foreach.count", 1))`) + loop(2, `[1..300]`, `#set($x = $m.remove("$foreach.parent.count,$foreach.count"))`) + `$m.size()`},
		{name: "views of a large map", text: `#set($m = {})` + loop(2, `[1..150]`, `#set($x = $m.put("$foreach.parent.count,$foreach.count", 1))`) + `#set($k = [])` + loop(2, `[1..1000]`, `#set($x = $k.add($m.entrySet()))`)},
		{name: "values of a large map", text: `#set($m = {})` + loop(2, `[1..150]`, `#set($x = $m.put("$foreach.parent.count,$foreach.count", 1))`) + loop(2, `[1..1000]`, `#set($x = $m.containsValue(2))`)},
		{name: "a property of a large view", text: `#set($m = {})` + loop(2, `[1..150]`, `#set($x = $m.put("$foreach.parent.count,$foreach.count", 1))`) + `#set($v = $m.values())` + loop(2, `[1..1000]`, `#set($x = $v.empty)`)},

		// Values that hold themselves, unfold, or nest.
		{name: "a list that holds itself", text: `#set($l = [])#set($x = $l.add($l))$l`, result: "[(this Collection)]"},
		{name: "a map that holds itself", text: `#set($m = {})#set($x = $m.put("m", $m))$m`, result: "{m=(this Map)}"},
		{name: "lists that hold each other", text: `#set($a = [])#set($b = [$a])#set($x = $a.add($b))$a`},
		{name: "lists that hold each other twice", text: `#set($a = [])#set($b = [$a, $a])#set($x = $a.addAll([$b, $b]))$a`},
		{name: "the JSON of a list that holds itself", text: `#set($l = [])#set($x = $l.add($l))$util.toJson($l)`},
		{name: "the hash of a list that holds itself", text: `#set($l = [])#set($x = $l.add($l))#set($h = $l.hashCode())x`, result: "x"},
		{name: "lists that hold themselves compared", text: `#set($a = [])#set($x = $a.add($a))#set($b = [])#set($x = $b.add($b))#if($a == $b)a#{else}b#end`, result: "b"},
		{name: "lists that hold themselves twice compared", text: `#set($a = [])#set($x = $a.addAll([$a, $a]))#set($b = [])#set($x = $b.addAll([$b, $b]))` + loop(2, `[1..100]`, `#if($a == $b)a#end`)},
		{name: "a return of what holds itself", text: `#set($l = [])#set($x = $l.add($l))#return($l)`},
		{name: "a return of what unfolds", text: shared(40) + `#return($l)`},
		{name: "what unfolds printed", text: shared(40) + `$l`},
		{name: "what unfolds printed in loops", text: shared(12) + loop(2, `[1..1000]`, `#set($x = "$l")`)},
		{name: "the JSON of what unfolds", text: shared(40) + `$util.toJson($l)`},
		{name: "the JSON of what unfolds in loops", text: shared(15) + loop(2, `[1..1000]`, `#set($x = $util.toJson($l))`)},
		{name: "the JSON of what unfolds printed", text: shared(15) + loop(2, `[1..1000]`, `$util.toJson($l)`)},
		{name: "the hash of what unfolds", text: shared(40) + loop(2, `[1..1000]`, `#set($x = $l.hashCode())`)},
		{name: "what unfolds compared", text: shared(40) + `#set($k = $l)` + shared(40) + loop(2, `[1..1000]`, `#set($x = $k.equals($l))`)},
		{name: "what unfolds compared by ==", text: shared(40) + `#set($k = $l)` + shared(40) + loop(2, `[1..1000]`, `#if($k == $l)x#end`)},
		{name: "what unfolds searched", text: shared(40) + `#set($k = $l)` + shared(40) + loop(2, `[1..1000]`, `#set($x = $k.contains($l))`)},
		{name: "what unfolds as a key", text: shared(40) + `#set($m = {})` + loop(2, `[1..1000]`, `#set($x = $m.put($l, 1))#set($x = $m.put([$l], 1))`)},
		{name: "what unfolds in an error", text: shared(40) + `$util.error("x", "y", $l, $l)`},
		{name: "what unfolds for DynamoDB", text: shared(40) + `$util.dynamodb.toDynamoDBJson($l)`},
		{name: "what unfolds in the log", text: shared(40) + `$util.log.info($l)`},
		{name: "a deep list printed", text: deep(20000) + `$l`},
		{name: "the JSON of a deep list", text: deep(20000) + `$util.toJson($l)`},
		{name: "the hash of a deep list", text: deep(20000) + `#set($x = $l.hashCode())x`, result: "x"},
		{name: "deep lists compared", text: deep(20000) + `#set($k = $l)` + deep(20000) + `#if($k == $l)a#{else}b#end`, result: "b"},
		{name: "a deep list for DynamoDB", text: deep(20000) + `$util.dynamodb.toDynamoDBJson($l)`},
		{name: "a return of a deep list", text: deep(20000) + `#return($l)`},

		// Numbers.
		{name: "an integer that squares", text: `#set($n = 1000000)` + strings.Repeat(`#set($n = $n * $n)`, 40)},
		{name: "an integer that squares by a method", text: `#set($n = 1000000000000000000000)` + strings.Repeat(`#set($n = $n.multiply($n))`, 40)},
		{name: "a large integer in loops", text: `#set($n = 1000000)` + strings.Repeat(`#set($n = $n * $n)`, 11) + loop(2, `[1..1000]`, `#set($x = $n * $n)`)},
		{name: "a large integer divided in loops", text: `#set($n = 1000000)` + strings.Repeat(`#set($n = $n * $n)`, 11) + `#set($d = $n - 1)#set($n = $n * $n)` + loop(2, `[1..1000]`, `#set($x = $n / $d)`)},
		{name: "a large integer printed in loops", text: `#set($n = 1000000)` + strings.Repeat(`#set($n = $n * $n)`, 11) + loop(2, `[1..1000]`, `#set($x = "$n")`)},
		{name: "a power", text: `#set($n = 1000000000000000000000)$n.pow(2000000000)`},
		{name: "powers in loops", text: `#set($n = 1000000000000000000000)` + loop(2, `[1..1000]`, `#set($x = $n.pow(500))`)},
		{name: "a shift", text: `#set($n = 1000000000000000000000)$n.shiftLeft(2147483647)`},
		{name: "a modular power", text: `#set($n = 1000000)` + strings.Repeat(`#set($n = $n * $n)`, 10) + loop(2, `[1..1000]`, `#set($x = $n.modPow($n, $n))`)},
		{name: "a prime", text: `#set($n = 1000000)` + strings.Repeat(`#set($n = $n * $n)`, 10) + `#set($n = $n.add($n))` + loop(1, `[1..1000]`, `#set($n = $n.nextProbablePrime())`)},
		{name: "primality", text: `#set($n = 1000000)` + strings.Repeat(`#set($n = $n * $n)`, 10) + `#set($n = $n + 1)` + loop(2, `[1..1000]`, `#set($x = $n.isProbablePrime(1000000))`)},
		{name: "a root", text: `#set($n = 1000000)` + strings.Repeat(`#set($n = $n * $n)`, 11) + loop(2, `[1..1000]`, `#set($x = $n.sqrt())`)},
		{name: "a decimal of a huge exponent", text: `#set($d = $ctx.decimal)$d.toPlainString()`},
		{name: "a decimal of a huge exponent added", text: `#set($d = $ctx.decimal)#set($n = 100000000000000000000)#set($x = $d + $n)$x.toPlainString()`},
		{name: "a decimal of a huge exponent compared", text: `#set($d = $ctx.decimal)#if($d > 1)x#end`},
		{name: "a decimal of a huge exponent as an integer", text: `#set($d = $ctx.decimal)$d.toBigInteger()`},
		{name: "a decimal of a huge scale", text: `#set($d = $ctx.decimal)$d.setScale(2000000000)`},
		{name: "a decimal's power", text: `#set($d = $ctx.decimal)$d.pow(999999999)`},
		{name: "a decimal's hash", text: `#set($d = $ctx.decimal)#set($x = $d.hashCode())x`},
		{name: "an integer of a long text", text: doubled(17) + `#set($n = 1000000000000000000000)$n.getClass().valueOf($s)$util.parseJson($s)`},
		{name: "a double of a long text", text: doubled(17) + `#set($n = $util.parseJson("${s}.5"))$util.toJson($n)`},

		// Regular expressions.
		{name: "matches that backtrack", text: catastrophe + `$s.matches("(a+)+$")`},
		{name: "matches that nest", text: catastrophe + `$s.matches("((a+)+)+b")`},
		{name: "matches that refer back", text: catastrophe + `$s.matches("(a*)*(\1)*b")`},
		{name: "matches of choices", text: catastrophe + `$s.matches("(a|aa|a?)+b")`},
		{name: "a helper that matches", text: catastrophe + `$util.matches("(a|a)*b", $s)`},
		{name: "replaceAll that backtracks", text: catastrophe + `$s.replaceAll("(a+)+b", "x")`},
		{name: "replaceFirst that backtracks", text: catastrophe + `$s.replaceFirst("(a+)+b", "x")`},
		{name: "split that backtracks", text: catastrophe + `$s.split("(a+)+b")`},
		{name: "matches in loops", text: catastrophe + loop(2, `[1..1000]`, `#set($x = $s.matches("(a+)+b"))`)},
		{name: "a count that is huge", text: `$ctx.text.matches("((((a{1000}){1000}){1000}){1000}){1000}")`},
		{name: "patterns that nest", text: `$ctx.text.matches("` + nest(20000, `(`, `a`, `)`) + `")`},
		{name: "patterns that look ahead", text: `$ctx.text.matches("` + nest(20000, `(?=`, `a`, `)`) + `")`},
		{name: "classes that nest", text: `$ctx.text.matches("` + nest(20000, `[`, `a`, `]`) + `")`},
		{name: "a long text split to nothing", text: doubled(18) + `#set($x = $s.split(""))`},
		{name: "a text split in loops", text: doubled(10) + `#set($k = [])` + loop(2, `[1..1000]`, `#set($x = $k.add($s.split("")))`)},
		{name: "a text replaced in loops", text: doubled(10) + loop(2, `[1..1000]`, `#set($x = $s.replaceAll(".", "xx"))`)},
		{name: "patterns of their own in loops", text: loop(2, `[1..1000]`, `#set($x = $ctx.text.matches("(a|b|c|$foreach.count$foreach.parent.count)*d[a-z]{1,50}"))`)},

		// Helpers.
		{name: "base64 that grows", text: doubled(10) + strings.Repeat(`#set($s = $util.base64Encode($s))`, 60)},
		{name: "URL encoding that grows", text: grow(1, `#set($s = "%%%%%%%%%%")`) + strings.Repeat(`#set($s = $util.urlEncode("$s$s"))`, 40)},
		{name: "escapes that grow", text: `#set($s = "\\\\\\\\")` + strings.Repeat(`#set($s = $util.escapeJavaScript($s))`, 40)},
		{name: "JSON in JSON", text: `#set($s = '"')` + strings.Repeat(`#set($s = $util.toJson($s))`, 40)},
		{name: "escapes of a long text", text: doubled(18) + loop(2, `[1..1000]`, `#set($x = $util.escapeJavaScript($s))`)},
		{name: "decodings of a long text", text: doubled(18) + loop(2, `[1..1000]`, `#set($x = $util.urlDecode("%41$s"))`)},
		{name: "a long text normalized", text: doubled(18) + loop(2, `[1..1000]`, `#set($x = $util.str.normalize($s, "nfkd"))`)},
		{name: "a text that normalizes to more", text: `#set($s = "ﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺ")` + strings.Repeat(`#set($s = "$s$s")`, 16) + `$util.str.normalize($s, "nfkd")`},
		{name: "a row of combining marks", text: `#set($s = "a` + strings.Repeat("\u0301\u0316", 20000) + `")` + loop(2, `[1..1000]`, `#set($x = $util.str.normalize($s, "nfc"))`)},
		{name: "JSON that nests", text: `#set($s = "[")` + strings.Repeat(`#set($s = "$s$s")`, 20) + `$!util.parseJson($s)x`, result: "x"},
		{name: "JSON that nests in objects", text: `#set($s = '{"a":')` + strings.Repeat(`#set($s = "$s$s")`, 18) + `$!util.parseJson($s)x`, result: "x"},
		{name: "JSON of many lists", text: `#set($s = "[],")` + strings.Repeat(`#set($s = "$s$s")`, 20) + loop(2, `[1..1000]`, `#set($x = $util.parseJson("[${s}1]"))`)},
		{name: "JSON that is kept", text: `#set($s = "[],")` + strings.Repeat(`#set($s = "$s$s")`, 10) + `#set($k = [])` + loop(2, `[1..1000]`, `#set($x = $k.add($util.parseJson("[${s}1]")))`)},
		{name: "JSON of many keys", text: `#set($s = "")` + loop(2, `[1..200]`, `#set($s = "$s""$foreach.count,$foreach.parent.count"":1,")`) + `#set($x = $util.parseJson("{${s}""x"":1}"))$x.size()`},
		{name: "entities of entities", text: `#set($s = '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;"><!ENTITY lol3 "&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;">]><lolz>&lol3;</lolz>')$util.toJson($util.xml.toMap($s))`},
		{name: "elements that nest", text: `#set($s = "<a>")` + strings.Repeat(`#set($s = "$s$s")`, 20) + `$util.toJson($util.xml.toMap($s))`, result: "null"},
		{name: "elements in rows", text: `#set($s = "<a/>")` + strings.Repeat(`#set($s = "$s$s")`, 19) + loop(2, `[1..1000]`, `#set($x = $util.xml.toMap("<r>$s</r>"))`)},
		{name: "elements that are kept", text: `#set($s = "<a/>")` + strings.Repeat(`#set($s = "$s$s")`, 10) + `#set($k = [])` + loop(2, `[1..1000]`, `#set($x = $k.add($util.xml.toMap("<r>$s</r>")))`)},
		{name: "dates of many letters", text: `#set($s = "yyyyyyyyyyyyyyy")` + strings.Repeat(`#set($s = "$s$s")`, 14) + `$util.time.nowFormatted($s)`},
		{name: "dates of absurd years", text: `$util.time.epochMilliSecondsToISO8601(9223372036854775807)`},
		{name: "dates that nest options", text: `#set($s = "` + nest(20000, `[`, `y`, `]`) + `")$util.time.nowFormatted($s)`},
		{name: "dates parsed by nested options", text: `#set($s = "` + nest(5000, `[`, `y`, `]`) + `")$!util.time.parseFormattedToEpochMilliSeconds("2024", $s)x`},
		{name: "dates parsed by rows of options", text: `#set($s = "` + strings.Repeat(`[y]`, 5000) + `")$!util.time.parseFormattedToEpochMilliSeconds("2024", $s)x`},
		{name: "a zone of a long name", text: doubled(17) + `$util.time.nowFormatted("yyyy", $s)`},
		{name: "a wide filter", text: `#set($f = {})` + loop(2, `[1..150]`, `#set($x = $f.put("f$foreach.parent.count,$foreach.count", {"eq": 1}))`) + loop(2, `[1..1000]`, `#set($x = $util.transform.toDynamoDBFilterExpression($f))`)},
		{name: "a deep filter", text: `#set($f = {"a": {"eq": 1}})` + loop(1, `[1..900]`, `#set($f = {"not": $f})`) + `#set($x = $util.transform.toDynamoDBFilterExpression($f))x`},
		{name: "a filter that unfolds", text: `#set($f = {"a": {"eq": 1}})` + strings.Repeat(`#set($f = {"and": [$f, $f]})`, 40) + `$util.transform.toDynamoDBFilterExpression($f)`},
		{name: "a subscription filter that unfolds", text: `#set($f = {"a": {"eq": 1}})` + strings.Repeat(`#set($f = {"and": [{"or": [$f, $f]}, {"or": [$f, $f]}]})`, 8) + `$util.transform.toSubscriptionFilter($f)`},
		{name: "a search query that unfolds", text: `#set($f = {"a": {"eq": 1}})` + strings.Repeat(`#set($f = {"and": [$f, $f]})`, 40) + `$util.transform.toElasticsearchQueryDSL($f)`},
		{name: "errors without end", text: loop(3, `[1..1000]`, `$util.appendError("x")`)},
		{name: "large errors", text: doubled(17) + loop(2, `[1..1000]`, `$util.appendError("x", "y", ["$s"])`)},
		{name: "logs without end", text: doubled(17) + loop(2, `[1..1000]`, `$util.log.info($s)`)},
		{name: "logs of many arguments", text: doubled(12) + loop(2, `[1..1000]`, `$util.log.info("{}{}{}{}{}{}{}{}", $s, $s, $s, $s, $s, $s, $s, $s)`)},
		{name: "headers without end", text: doubled(10) + loop(2, `[1..1000]`, `$util.http.addResponseHeader("h$foreach.parent.count-$foreach.count", $s)`)},
		{name: "a large list without numbers", text: wide(100000) + loop(2, `[1..1000]`, `#set($x = $util.list.copyAndRemoveAll($l, $l))`)},
		{name: "a large list of the same numbers", text: wide(100000) + loop(2, `[1..1000]`, `#set($x = $util.list.copyAndRetainAll($l, $l))`)},
		{name: "a large list without lists", text: pairs + loop(2, `[1..1000]`, `#set($x = $util.list.copyAndRemoveAll($l, $l))`)},
		{name: "a large list of the same lists", text: pairs + loop(2, `[1..1000]`, `#set($x = $util.list.copyAndRetainAll($l, $l))`)},
		{name: "keys of a list of lists", text: pairs + loop(2, `[1..1000]`, `#set($x = $util.map.copyAndRemoveAllKeys({"a": 1}, $l))`)},
		{name: "dates of long patterns in loops", text: `#set($s = "yyyy-MM-dd ")` + strings.Repeat(`#set($s = "$s$s")`, 12) + loop(2, `[1..1000]`, `#set($x = $util.time.nowFormatted($s))`)},
		{name: "dates in loops", text: loop(2, `[1..1000]`, `#set($x = $util.time.nowFormatted("yyyy-MM-dd HH:mm:ss"))`)},
		{name: "dates parsed in loops", text: loop(2, `[1..1000]`, `#set($x = $util.time.parseFormattedToEpochMilliSeconds("2024-03-05 15:04:09Z", "yyyy-MM-dd HH:mm:ssX"))`)},
		{name: "a helper that matches in loops", text: doubled(11) + loop(2, `[1..1000]`, `#set($x = $util.matches("(.|x)*y", $s))`)},
		{name: "a helper with patterns of their own", text: loop(2, `[1..1000]`, `#set($x = $util.matches("(a|b|c|$foreach.count$foreach.parent.count)*d[a-z]{1,50}", $ctx.text))`)},
		{name: "maps that are filtered", text: `#set($m = {})` + loop(2, `[1..150]`, `#set($x = $m.put("$foreach.parent.count,$foreach.count", 1))`) + `#set($l = [])#set($x = $l.addAll($m.keySet()))` + loop(2, `[1..1000]`, `#set($x = $util.map.copyAndRetainAllKeys($m, $l))`)},

		// Templates that nest or are long.
		{name: "a long text", text: strings.Repeat("0123456789abcdef", 1<<16)},
		{name: "a template of many references", text: strings.Repeat("$a.b ", 1<<18)},
		{name: "a template of many statements", text: strings.Repeat("#set($a=1)", 1<<17)},
		{name: "a template of backslashes", text: strings.Repeat(`\`, 1<<20)},
		{name: "a template of backslashes before a reference", text: strings.Repeat(`\`, 1<<20) + `$x`},
		{name: "a template of backslashes before a directive", text: strings.Repeat(`\`, 1<<20) + `#set($x = 1)`},
		{name: "a template of open references", text: strings.Repeat(`${`, 1<<19)},
		{name: "a template of open directives", text: strings.Repeat(`#{`, 1<<19)},
		{name: "a template of hashes", text: strings.Repeat(`# `, 1<<19)},
		{name: "a template of references with open calls", text: strings.Repeat(`$x(`, 1<<18)},
		{name: "a template of dollars", text: strings.Repeat("$", 1<<20)},
		{name: "a template of comments", text: strings.Repeat("##\n", 1<<18)},
		{name: "a comment that does not end", text: `#*` + strings.Repeat("x", 1<<20)},
		{name: "comments that do not end", text: strings.Repeat("#*", 1<<19)},
		{name: "a string that does not end", text: `#set($x = "` + strings.Repeat("x", 1<<20)},
		{name: "strings that do not end", text: strings.Repeat(`#set($x = "`, 1<<16)},
		{name: "parentheses", text: `#set($x = ` + nest(100000, `(`, `1`, `)`) + `)`},
		{name: "parentheses in conditions", text: `#if(` + nest(100000, `(`, `true`, `)`) + `)x#end`},
		{name: "conditions", text: nest(100000, `#if(true)`, `x`, `#end`)},
		{name: "branches", text: `#if(false)` + strings.Repeat(`#elseif(false)`, 100000) + `#end`},
		{name: "loops", text: nest(100000, `#foreach($i in [1])`, `x`, `#end`)},
		{name: "macros", text: nest(100000, `#macro(m)`, `x`, `#end`)},
		{name: "bodies", text: nest(100000, `#@m()`, `x`, `#end`)},
		{name: "blocks", text: nest(100000, `#define($d)`, `x`, `#end`)},
		{name: "quotes", text: `#set($x = ` + strings.Repeat(`"`, 100001) + `)`},
		{name: "lists", text: `#set($x = ` + nest(100000, `[`, `1`, `]`) + `)`},
		{name: "maps", text: `#set($x = ` + nest(100000, `{"a":`, `1`, `}`) + `)`},
		{name: "lists in arguments", text: `$x.f(` + nest(100000, `[`, `1`, `]`) + `)`},
		{name: "calls in arguments", text: nest(100000, `$x.f(`, `1`, `)`)},
		{name: "indexes in indexes", text: nest(100000, `$x[`, `1`, `]`)},
		{name: "negations", text: `#if(` + strings.Repeat(`!`, 100000) + `true)x#end`},
		{name: "terms", text: `#set($x = 1` + strings.Repeat(` + 1`, 100000) + `)$x`},
		{name: "properties in a row", text: `$x` + strings.Repeat(`.a`, 100000)},
		{name: "calls in a row", text: `$x` + strings.Repeat(`.f()`, 100000)},
		{name: "indexes in a row", text: `$x` + strings.Repeat(`[0]`, 100000)},
		{name: "a range in arguments", text: `$x.f(` + nest(1000, `[`, `1`, `..1]`) + `)`},
		{name: "arguments of a macro", text: `#m(` + strings.Repeat(`$a `, 100000) + `)`},
		{name: "many variables", text: func() string {
			var b strings.Builder
			for i := range 100000 {
				fmt.Fprintf(&b, "$v%d", i)
			}
			return b.String()
		}()},
	}
}

// TestHostileTemplatesAreStopped compiles and evaluates templates that ask for
// endless time or memory, one of each kind: each ends, by a limit or a result.
// TestHostileTable runs them all.
func TestHostileTemplatesAreStopped(t *testing.T) {
	cases := make(map[string]hostileCase)
	for _, c := range hostileCases() {
		if _, twice := cases[c.name]; twice {
			t.Errorf("two cases are called %q", c.name)
		}
		cases[c.name] = c
	}
	for name, want := range hostileErrors {
		t.Run(name, func(t *testing.T) {
			c, ok := cases[name]
			if !ok {
				t.Fatal("there is no such case")
			}
			_, err := runHostile(c.text)
			if err == nil || err.Error() != want {
				t.Errorf("error %.300v, want %q", err, want)
			}
		})
	}
	for _, c := range cases {
		if c.result != "" {
			t.Run(c.name, func(t *testing.T) { c.check(t) })
		}
	}
}

// check evaluates the template, which must render its result or be stopped.
func (c hostileCase) check(t *testing.T) {
	text, err := runHostile(c.text)
	switch {
	case err != nil && c.result != "":
		t.Errorf("error %.300q, want the text %q", err, c.result)
	case err != nil && !slices.ContainsFunc(limits, func(l string) bool { return strings.Contains(err.Error(), l) }):
		t.Errorf("error %.300q is none of a limit", err)
	case c.result != "" && text != c.result:
		t.Errorf("rendered %.200q, want %q", text, c.result)
	}
	t.Logf("%.60q %.200v", text, err)
}

// runHostile compiles and evaluates a template, and checks the class of its
// error.
func runHostile(text string) (string, error) {
	tmpl, err := mappingtemplate.Compile("hostile", text)
	if err != nil {
		return "", checkedError(err, true)
	}
	env := mappingtemplate.Env{
		Context: value.MapOf("text", "some text", "decimal", value.Decimal("1E+999999999")),
		Util:    &builtin.Env{Effects: &builtin.Effects{}, OutErrors: &value.List{}, Log: func(string, string) {}},
	}
	result, err := tmpl.Render(context.Background(), env)
	if err != nil {
		return "", checkedError(err, false)
	}
	if result.Returned {
		out, err := tmpl.Evaluate(context.Background(), env)
		if err != nil {
			return "", checkedError(err, false)
		}
		return value.JSON(out.Value), nil
	}
	return result.Text, nil
}

// checkedError complains of errors that a caller could not report.
func checkedError(err error, compiling bool) error {
	var failure *mappingtemplate.Error
	var abort *builtin.Abort
	switch {
	case errors.As(err, &abort):
	case !errors.As(err, &failure):
		return fmt.Errorf("%T instead of an *Error: %w", err, err)
	case compiling && (failure.Line < 1 || failure.Column < 0):
		return fmt.Errorf("no position: %w", err)
	}
	return err
}
