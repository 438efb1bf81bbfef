package vtl_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"appsync-emulator/mappingtemplate/vtl"
)

// generator writes random templates. A seed gives the same template each time.
//
// What it writes ends soon: loops run over a few items, and within loops and
// macros, where growth would repeat, an expression has few references.
type generator struct {
	*rand.Rand
	out   strings.Builder
	depth int
	// repeated is how many loops, macros and blocks are open.
	repeated int
	// references is how many references the current expression may still have
	// when it is repeated.
	references int
	// samples are templates that profile mutations changes.
	samples []string
}

// profile is a kind of random templates.
type profile struct {
	name  string
	write func(*generator)
}

func profiles() []profile {
	return []profile{
		{"programs", (*generator).program},
		{"calls", (*generator).calls},
		{"arithmetic", (*generator).arithmetic},
		{"patterns", (*generator).patterns},
		{"format", (*generator).formats},
		{"soup", (*generator).soup},
		{"mutations", (*generator).mutation},
		{"documents", (*generator).document},
	}
}

// generate returns the template of a profile for a seed.
func generate(p profile, seed uint64, samples []string) string {
	var name uint64
	for _, c := range p.name {
		name = name*131 + uint64(c)
	}
	g := &generator{Rand: rand.New(rand.NewPCG(seed, name)), samples: samples}
	p.write(g)
	return g.out.String()
}

// readSamples returns the texts of the templates in a folder and those below.
func readSamples(t testing.TB, folder string) []string {
	t.Helper()
	var samples []string
	err := filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".vtl" {
			return err
		}
		text, err := os.ReadFile(path)
		if len(text) < 4000 {
			samples = append(samples, string(text))
		}
		return err
	})
	if err != nil || len(samples) == 0 {
		t.Fatal("no sample templates: ", err)
	}
	return samples
}

// TestGeneratedTemplates compiles and evaluates random templates twice: no text
// makes the engine panic, and an evaluation leaves nothing behind in its
// template.
func TestGeneratedTemplates(t *testing.T) {
	samples := readSamples(t, "testdata")
	for _, p := range profiles() {
		t.Run(p.name, func(t *testing.T) {
			for seed := range uint64(300) {
				text := generate(p, seed, samples)
				if again := generate(p, seed, samples); again != text {
					t.Fatalf("seed %d gives\n%s\nand\n%s", seed, text, again)
				}
				tmpl, err := vtl.Compile("test", text)
				if err != nil {
					continue
				}
				first, firstErr := tmpl.Execute(context.Background(), velocityRoots(t), vtl.Options{})
				again, againErr := tmpl.Execute(context.Background(), velocityRoots(t), vtl.Options{})
				if first.Text != again.Text || fmt.Sprint(firstErr) != fmt.Sprint(againErr) {
					t.Errorf("seed %d\n%s\ngives  %q, %v\nagain  %q, %v", seed, text, first.Text, firstErr, again.Text, againErr)
				}
			}
		})
	}
}

func (g *generator) w(parts ...string) {
	for _, p := range parts {
		g.out.WriteString(p)
	}
}

func (g *generator) pick(choices ...string) string { return choices[g.IntN(len(choices))] }

// words splits a list of choices at blanks and picks one.
func (g *generator) word(choices string) string { return g.pick(strings.Fields(choices)...) }

// oneIn is true in one of n cases.
func (g *generator) oneIn(n int) bool { return g.IntN(n) == 0 }

// part returns what f writes.
func (g *generator) part(f func()) string {
	before := g.out.String()
	g.out.Reset()
	f()
	part := g.out.String()
	g.out.Reset()
	g.out.WriteString(before)
	return part
}

// Programs: free mixtures of everything.

const (
	contextNames = "n neg big huge d list nums m s e t f nul uni mixed empty em ctx"
	localNames   = "a b c i j p q x y z a-b x_1"
	macroNames   = "mm m2 m3 mq"
)

func (g *generator) name() string {
	if g.oneIn(2) {
		return g.word(contextNames)
	}
	return g.word(localNames)
}

func (g *generator) program() {
	for range 1 + g.IntN(6) {
		g.statement()
	}
}

func (g *generator) block() {
	g.depth++
	for range g.IntN(4) {
		g.statement()
	}
	g.depth--
}

func (g *generator) gap() string {
	return g.pick("", "", "", "", "", " ", "  ", "\n", "\n", " \n", "\n  ", "\t", "\r\n", "\n\n", " \t\n ")
}

func (g *generator) text() string {
	return g.pick("x", "a b", "{\"k\": ", "}", ",", ": ", "\"", "'", "[", "]", "(", ")", "()", ".", "..", ".k", "-", "!", "é", "😀",
		"\\", "\\\\", "\\\\\\", "$", "$ ", "$$", "$!", "#", "# ", "#1", "#foo", "#{foo}", "#if_", "$5", "${", "${}", "$!{", "*#", "]]#", "&amp;",
		"true", "null", "1.5", "\\n", "\\u0041", "\u00a0", "|", "%", "@", "#@", "##", "<b>", "&&", "==", "\t", " ", "\n", "\f")
}

func (g *generator) statement() {
	g.w(g.gap())
	g.references = 2
	n := g.IntN(40)
	if g.depth > 3 {
		n = g.IntN(20)
	}
	switch {
	case n < 5:
		g.w(g.text())
	case n < 11:
		g.reference()
	case n < 16:
		g.set()
	case n < 17:
		g.w("##", g.pick("", " c", "$x", "#if(", "*#"), g.pick("\n", "\r\n", "\n  "))
	case n < 18:
		g.w(g.pick("#**#", "#* $x #if *#", "#** doc *#", "#*\n*#", "#[[$x #if]]#", "#[[ ]]#", "#[[]]#", "#***#"))
	case n < 19:
		g.escape()
	case n < 20:
		g.call()
	case n < 26:
		g.ifElse()
	case n < 31:
		g.foreach()
	case n < 33:
		g.macro()
	case n < 35:
		g.define()
	case n < 36:
		g.evaluate()
	case n < 37:
		g.w(g.pick("#break", "#{break}", "#break()", "#break($foreach)", "#break($foreach.parent)", "#break($x)", "#break($macro)", "#break ($foreach.topmost)"))
	case n < 38:
		g.w(g.pick("#stop", "#{stop}", "#stop()", "#stop($x)"))
	case n < 39:
		g.w("#literal()")
		g.block()
		g.w("#end")
	default:
		g.call()
	}
	if g.oneIn(3) {
		g.w(g.gap())
	}
}

func (g *generator) escape() {
	slashes := strings.Repeat("\\", 1+g.IntN(4))
	g.w(slashes, g.pick("$n", "$u", "$!n", "$!u", "${n}", "${u}", "$!{u}", "$m.k", "$m.u", "$", "#", "#if", "#end", "#set($x=1)", "#foo", "#mm()",
		"#else", "#{end}", "#stop", "##c\n", "#[[", "$\\!n", "$\\!u", "$\\!{n}", "$$n", "$#", "#mm", "#evaluate", "#macro"))
	if g.oneIn(6) {
		g.w(slashes)
	}
}

// reference writes a reference of any form.
func (g *generator) reference() {
	open, end := "$", ""
	switch g.IntN(6) {
	case 0:
		open = "$!"
	case 1:
		open, end = "${", "}"
	case 2:
		open, end = "$!{", "}"
	}
	g.references--
	g.w(open, g.referenceBody(), end)
}

// ref returns a reference as an operand.
func (g *generator) ref() string { return g.part(g.reference) }

func (g *generator) referenceBody() string {
	var b strings.Builder
	switch g.IntN(12) {
	case 0:
		b.WriteString("foreach")
		if g.oneIn(2) {
			return b.String() + g.pick(".index", ".count", ".hasNext", ".hasNext()", ".first", ".last", ".isFirst()", ".isLast()", ".parent", ".parent.count",
				".topmost.index", ".parent.parent", ".getParent().index", ".zz", ".get(\"zz\")", "[\"zz\"]", ".size()", ".replaced", ".index.toString()", ".put(\"a\",1)")
		}
	case 1:
		return g.pick("velocityCount", "velocityHasNext", "bodyContent", "m.k", "ctx.args", "ctx.args.map", "m.a.b.c", "list.size()", "list[0]", "m.a-b", "macro", "evaluate", "define", "template")
	default:
		b.WriteString(g.name())
	}
	for g.oneIn(2) {
		switch g.IntN(7) {
		case 0, 1, 2:
			b.WriteString("." + g.pick("k", "a", "b", "c", "d", "list", "nul", "a-b", "size", "empty", "key", "value", "class1", "length", "args", "map", "id", "x_1", "K", "A"))
		case 3, 4:
			b.WriteString("." + g.anyCall())
		default:
			b.WriteString("[" + g.pick("", " ", "") + g.pick("0", "1", "2", "-1", "9", "\"k\"", "'k'", "$n", "$i", "\"$s\"", "true", "$foreach.index", "-5", "\"a\"") + g.pick("", " ") + "]")
		}
	}
	return b.String()
}

// anyCall returns a call of a method that some type has.
func (g *generator) anyCall() string {
	types := g.receivers()
	return g.callOf(types[g.IntN(len(types))])
}

func (g *generator) set() {
	g.references = 2
	if g.repeated > 0 {
		g.references = 1
	}
	target := g.pick("$"+g.word(localNames), "$"+g.word(localNames), "$"+g.word(localNames), "$"+g.name(), "$m.k", "$m[\"k\"]", "$m.new", "$list[0]", "$list[-1]", "$list[9]",
		"$m.a.b", "$u.k", "$!x", "${x}", "${m.k}", "$!m.k", "$foreach.zz", "$ctx.args.id", "$ctx.args[\"q\"]", "$n.k", "$s.k", "$s[0]", "$m.a.b.c[0]", "$x.y", "$y[0]", "$!{y}")
	g.w("#set", g.pick("(", "(", "( ", " ("), target, g.pick("=", " = ", " =", "= "), g.expression(3), g.pick(")", ")", " )"))
}

func (g *generator) ifElse() {
	g.w(g.pick("#if", "#if", "#{if}"), g.pick("(", "( ", " ("))
	g.condition()
	g.w(g.pick(")", " )"))
	g.block()
	for g.oneIn(4) {
		g.w("#elseif(")
		g.condition()
		g.w(")")
		g.block()
	}
	if g.oneIn(2) {
		g.w(g.pick("#else", "#{else}", "#else ", "#else\n"))
		g.block()
	}
	g.w(g.pick("#end", "#end", "#{end}"), g.gap())
}

func (g *generator) condition() {
	g.references = 3
	g.w(g.expression(3))
}

func (g *generator) foreach() {
	g.w(g.pick("#foreach", "#foreach", "#{foreach}"), g.pick("(", "( ", " ("), "$", g.word(localNames), g.pick(" in ", " in ", "  in  "))
	g.references = 1
	g.w(g.pick("$list", "$nums", "$mixed", "$m", "$m.keySet()", "$m.entrySet()", "$m.values()", "$em", "$empty", "$nul", "$s", "$n", "$ctx.args", "$ctx.args.list",
		"$x", "$y", "$a", "[1..3]", "[3..1]", "[1..$n]", "[$n..2]", "[1,\"a\",$n]", "[]", "{\"a\":1,\"b\":$n}", "$s.split(\"b\")", "$list.iterator()", "$list.subList(0,2)",
		"$foreach", "$s.toCharArray()", "[[1,2],[3]]", "[ 1 .. 2 ]", "$uni.split(\"\")", "$m.entrySet().iterator()"))
	g.w(g.pick(")", " )"))
	g.repeated++
	if g.repeated > 2 {
		g.w("$", g.word(localNames))
	} else {
		g.block()
	}
	g.repeated--
	g.w("#end", g.gap())
}

func (g *generator) macro() {
	g.w("#macro(", g.word(macroNames))
	for g.oneIn(2) {
		g.w(" $", g.word(localNames))
	}
	g.w(g.pick(")", " )"))
	g.repeated++
	g.block()
	if g.oneIn(4) {
		g.w("$bodyContent")
	}
	g.repeated--
	g.w("#end", g.gap())
}

func (g *generator) call() {
	name, isBlock := g.word(macroNames), g.oneIn(4)
	if isBlock {
		name = "@" + name
	}
	if g.oneIn(8) {
		name = "{" + name + "}"
	}
	g.w("#", name, g.pick("(", "(", "( ", " ("))
	g.references = 1
	for i := 0; g.oneIn(2) && i < 3; i++ {
		if i > 0 {
			g.w(g.pick(" ", ", ", ","))
		}
		g.w(g.simple(2))
	}
	g.w(")")
	if isBlock {
		g.repeated++
		g.block()
		g.repeated--
		g.w("#end")
	}
}

func (g *generator) define() {
	g.w("#define($", g.word(localNames), ")")
	g.repeated++
	g.block()
	g.repeated--
	g.w("#end", g.gap())
}

func (g *generator) evaluate() {
	g.references = 1
	inner := g.pick("$n", "$u", "$s", "a$n b", "#if($t)y#end", "#set($x = $n)$x", "#foreach($i in $list)$i#end", "#if(", "$", "#mm()", "#macro(mq)q#end#mq()", "#break", "#stop", "#end",
		"$foreach.count", "$m.put('k', 1)", "$x", "\\$x", "## c", "#set($x", "$velocityCount")
	switch g.IntN(4) {
	case 0:
		g.w("#evaluate(\"", strings.ReplaceAll(inner, `"`, `""`), "\")")
	case 1:
		g.w("#evaluate('", strings.ReplaceAll(inner, `'`, `''`), "')")
	case 2:
		g.w("#evaluate(", g.ref(), ")")
	default:
		g.w("#set($p = '", strings.ReplaceAll(inner, `'`, `''`), "')#evaluate($p)")
	}
}

// expression returns an expression of #set and #if.
func (g *generator) expression(depth int) string {
	if depth == 0 || g.oneIn(3) {
		return g.simple(depth)
	}
	switch g.IntN(9) {
	case 0:
		return g.pick("!", "not ", "! ", "!!") + g.expression(depth-1)
	case 1:
		return "(" + g.pick("", " ") + g.expression(depth-1) + g.pick("", " ") + ")"
	case 2, 3, 4:
		op := g.pick("+", " + ", " - ", "*", " * ", "/", " / ", "%", " % ", " +", "- ")
		return g.expression(depth-1) + op + g.expression(depth-1)
	case 5, 6:
		op := g.pick(" == ", "==", " != ", "!=", " < ", "<", " <= ", "<=", " > ", ">", " >= ", " eq ", " ne ", " lt ", " le ", " gt ", " ge ")
		return g.expression(depth-1) + op + g.expression(depth-1)
	default:
		op := g.pick(" && ", "&&", " || ", "||", " and ", " or ")
		return g.expression(depth-1) + op + g.expression(depth-1)
	}
}

// simple returns a value without operators, as arguments and members of
// literals are.
func (g *generator) simple(depth int) string {
	n := g.IntN(14)
	if g.repeated > 0 && g.references < 1 && n < 5 {
		n = 5
	}
	switch {
	case n < 5:
		return g.ref()
	case n < 7:
		return g.integer()
	case n < 8:
		return g.pick("1.5", "0.0", "-2.5", "1e3", "1.0E-5", ".5", "5.", "2.50", "1e400", "-0.0")
	case n < 9:
		return g.pick("true", "false", "true", "false", "null", "word")
	case n < 11:
		return g.stringLiteral()
	case n < 12 && depth > 0:
		items := make([]string, g.IntN(4))
		for i := range items {
			items[i] = g.simple(depth - 1)
		}
		return "[" + strings.Join(items, g.pick(",", ", ", " , ")) + "]"
	case n < 13 && depth > 0:
		items := make([]string, g.IntN(3))
		for i := range items {
			items[i] = g.pick(`"k"`, `"a"`, `'b'`, g.simple(0)) + g.pick(":", ": ", " : ") + g.simple(depth-1)
		}
		return "{" + strings.Join(items, g.pick(",", ", ")) + "}"
	case n < 14 && depth > 0:
		return "[" + g.pick("", " ") + g.bound() + g.pick("..", " .. ", ".. ") + g.bound() + "]"
	}
	return g.stringLiteral()
}

func (g *generator) bound() string { return g.pick("1", "0", "3", "-2", "$n", "$u", "$s", "$neg") }

func (g *generator) integer() string {
	return g.pick("0", "1", "2", "3", "5", "7", "10", "-1", "-2", "-0", "42", "007", "100", "2147483647", "-2147483648", "2147483648", "9223372036854775807", "9223372036854775808",
		"123456789012345678901")
}

func (g *generator) stringLiteral() string {
	if g.oneIn(3) {
		return "'" + strings.ReplaceAll(g.pick("", "a", "x y", "$n", "it''s", "\\", "\"", "é", "#if", "k", "12", "\\n", "\\u0041", "abc"), "''", "''") + "'"
	}
	s := g.pick("", "a", "abc", "k", "x y", "12", "-5", "1.5", "true", "null", "a\"\"b", "'", "\\", "\\\\", "\\u0041", "\\n", "a ## b", "a #* c *# b", "#[[ $n ]]#", "é😀", "{\"\"a\"\":1}",
		"#if($t)y#end", "#if($f)y#{else}n#end", "#foreach($i in $list)$i,#end", "#set($x = 5)", "$", "#", "a$", "a#", "$$", "#mm()", "#stop", "#break", "\n", " ", "\t")
	if g.oneIn(2) && (g.repeated == 0 || g.references > 0) {
		s += strings.ReplaceAll(g.pick("$"+g.name(), "${"+g.name()+"}", "$!"+g.name(), "$!{"+g.name()+"}", "\\$"+g.name(), "$m.k", "${m.k}.x", g.ref()), `"`, `""`)
		g.references--
		s += g.pick("", "", "x", " ", ".", "\\")
	}
	return `"` + s + `"`
}

// Calls: methods of every type with arguments of every type.

// receiver is a kind of value: how to make one, and its methods with the kinds
// of their arguments.
type receiver struct {
	kind    string
	values  []string
	methods string
}

const (
	collectionMethods = "size isEmpty contains:any containsAll:list iterator toArray toString hashCode equals:any remove:any removeAll:list retainAll:list clear add:any addAll:list stream"
	numberMethods     = "intValue longValue doubleValue floatValue shortValue byteValue toString hashCode equals:any compareTo:any"
	integerStatics    = " toString:int toString:int,radix parse:str valueOf:str valueOf:str,radix valueOf:int decode:str compare:int,int max:int,int min:int,int sum:int,int signum:int bitCount:int " +
		"reverse:int reverseBytes:int rotateLeft:int,int rotateRight:int,int highestOneBit:int lowestOneBit:int numberOfLeadingZeros:int numberOfTrailingZeros:int toBinaryString:int toHexString:int " +
		"toOctalString:int hashCode:int divideUnsigned:int,int remainderUnsigned:int,int compareUnsigned:int,int toUnsignedString:int toUnsignedString:int,radix parseUnsigned:str"
)

func (g *generator) receivers() []receiver {
	return []receiver{
		{"String", []string{"$s", "$e", "$uni", `"Hello World"`, `"a,b,,c,,"`, `" pad "`, `"-42"`, `"x1y22z333"`, `"İstanbul ß"`, `"a.b.c"`, `"null"`, `"line1` + "\n" + `line2"`, `"aAbB"`, `"9223372036854775808"`, `"1.50"`},
			"length isEmpty isBlank charAt:idx substring:idx substring:idx,idx indexOf:str indexOf:str,idx lastIndexOf:str lastIndexOf:str,idx indexOf:int contains:str startsWith:str startsWith:str,idx endsWith:str " +
				"equals:any equalsIgnoreCase:str compareTo:str compareToIgnoreCase:str concat:str replace:str,str replaceAll:re,str replaceFirst:re,str matches:re split:re split:re,idx toUpperCase toLowerCase trim strip " +
				"stripLeading stripTrailing toString hashCode toCharArray repeat:idx intern codePointAt:idx codePointBefore:idx codePointCount:idx,idx offsetByCodePoints:idx,idx regionMatches:idx,str,idx,idx " +
				"regionMatches:bool,idx,str,idx,idx contentEquals:str subSequence:idx,idx valueOf:any valueOf:int copyValueOf:chars format:fmt,any format:fmt,list join:str,list join:str,str getBytes lines chars indent:idx stripIndent translateEscapes formatted:list charAt:any length:any trim:any substring:any"},
		{"Integer", []string{"0", "1", "-1", "$n", "$neg", "2147483647", "-2147483648", "42", "255"}, numberMethods + strings.ReplaceAll(integerStatics, "parse", "parseInt") + " parseInt:str,radix intValue:any MAX_VALUE"},
		{"Long", []string{"$big", "2147483648", "9223372036854775807", "-9223372036854775808", "-2147483649"}, numberMethods + strings.ReplaceAll(integerStatics, "parse", "parseLong") + " parseLong:str,radix"},
		{"Double", []string{"$d", "0.0", "-0.0", "1.0E10", "1.0E-5", "3.14159", "1.0E308", "1e400", "$d.NaN", "123456789.125", "$d.parseDouble(\"NaN\")", "-2.5"},
			numberMethods + " isNaN isInfinite isNaN:num isInfinite:num isFinite:num parseDouble:str valueOf:str valueOf:num toString:num toHexString:num compare:num,num max:num,num min:num,num sum:num,num hashCode:num doubleToLongBits:num longBitsToDouble:int"},
		{"BigInteger", []string{"$huge", "9223372036854775808", "-9223372036854775809", "$huge.ZERO", "$huge.valueOf(7)", "$huge.negate()"},
			numberMethods + " add:big subtract:big multiply:big divide:big mod:big remainder:big pow:small gcd:big abs negate signum max:big min:big and:big or:big xor:big not andNot:big testBit:small setBit:small clearBit:small flipBit:small " +
				"bitLength bitCount shiftLeft:small shiftRight:small toString:radix divideAndRemainder:big modInverse:big modPow:big,big isProbablePrime:small sqrt nextProbablePrime valueOf:int intValueExact longValueExact getLowestSetBit toByteArray"},
		{"BigDecimal", []string{`$decimal.of("1.50")`, `$decimal.of("0")`, `$decimal.of("-2.5")`, `$decimal.of("1E+10")`, `$decimal.of("1E-10")`, `$decimal.of("123456789012345678901234567890.123")`, `$decimal.of("0.00")`, `$decimal.of("100")`, `$decimal.of("2.50")`},
			numberMethods + " add:dec subtract:dec multiply:dec divide:dec remainder:dec divideToIntegralValue:dec divide:dec,small setScale:small setScale:small,small scale precision unscaledValue negate abs plus signum pow:small max:dec min:dec movePointLeft:small " +
				"movePointRight:small scaleByPowerOfTen:small stripTrailingZeros toPlainString toEngineeringString toBigInteger toBigIntegerExact intValueExact longValueExact ulp valueOf:int valueOf:num valueOf:int,small divide:dec,small,small divideAndRemainder:dec"},
		{"Boolean", []string{"$t", "$f", "true"}, "booleanValue toString hashCode equals:any compareTo:any parseBoolean:str valueOf:str valueOf:bool toString:bool logicalAnd:bool,bool logicalOr:bool,bool logicalXor:bool,bool compare:bool,bool hashCode:bool"},
		{"List", []string{"$list", "$nums", "$mixed", "$empty", `["b","a","b"]`, "[1,2.0,true]", "[[1],{}]", "$m.list", "[1..4]"},
			collectionMethods + " get:idx set:idx,any add:idx,any addAll:idx,list indexOf:any lastIndexOf:any subList:idx,idx remove:idx listIterator listIterator:idx clone ensureCapacity:idx trimToSize sort:null forEach:null size:any"},
		{"sub-list", []string{"$list.subList(0,2)", "$nums.subList(1,3)", "$nums.subList(1,1)"}, collectionMethods + " get:idx set:idx,any add:idx,any addAll:idx,list indexOf:any lastIndexOf:any subList:idx,idx remove:idx listIterator"},
		{"Map", []string{"$m", "$em", "$ctx.args", `{"a":1,"b":"x"}`, `{1:"one",2.5:"x",true:"t"}`, `{"k":{"k":1}}`, "$ctx"},
			"size isEmpty get:key put:key,any containsKey:key containsValue:any remove:key remove:key,any putAll:map putIfAbsent:key,any getOrDefault:key,any replace:key,any replace:key,any,any keySet values entrySet clear equals:any hashCode toString clone merge:key,any,null compute:key,null get:any size:any"},
		{"keySet", []string{"$m.keySet()", "$em.keySet()", "$ctx.args.keySet()"}, collectionMethods},
		{"values", []string{"$m.values()", "$ctx.args.values()"}, collectionMethods},
		{"entrySet", []string{"$m.entrySet()", `{"a":1,"b":2}.entrySet()`}, collectionMethods},
		{"Entry", []string{"$m.entrySet().iterator().next()", "$ctx.args.entrySet().iterator().next()"}, "getKey getValue setValue:any equals:any hashCode toString getKey:any"},
		{"iterator", []string{"$list.iterator()", "$m.values().iterator()", "$m.keySet().iterator()", "$list.listIterator()", "$nums.subList(0,2).iterator()"}, "hasNext next remove next next hasNext hasPrevious previous nextIndex previousIndex set:any add:any hasNext:any"},
		{"array", []string{`$s.split("b")`, `$uni.split("")`, "$s.toCharArray()", "$list.toArray()", `"a,b".split(",")`, "$m.values().toArray()"}, "size isEmpty get:idx set:idx,any contains:any length equals:any indexOf:any iterator toArray subList:idx,idx containsAll:list add:any remove:idx size:any clear hashCode:any"},
		{"Character", []string{"$s.charAt(0)", "$uni.charAt(1)"}, "charValue toString compareTo:any equals:any hashCode isDigit:any isLetter:any toUpperCase:any getNumericValue:any isDigit:int isLetter:int toUpperCase:int toChars:int charCount:int isWhitespace:int isUpperCase:int getName:int"},
	}
}

func (g *generator) callOf(r receiver) string {
	name, params, _ := strings.Cut(g.word(r.methods), ":")
	var args []string
	if params != "" {
		for _, kind := range strings.Split(params, ",") {
			if g.oneIn(12) {
				kind = "any"
			}
			args = append(args, g.argument(kind))
		}
	}
	switch g.IntN(40) {
	case 0:
		args = append(args, g.argument("any"))
	case 1:
		if len(args) > 0 {
			args = args[1:]
		}
	}
	return name + "(" + strings.Join(args, g.pick(",", ", ")) + ")"
}

// argument returns an argument of a kind.
func (g *generator) argument(kind string) string {
	if g.repeated > 0 && g.references < 1 {
		return g.pick("0", "1", `"a"`, "true", "null", `"k"`, "[1]", `{"a":1}`)
	}
	g.references--
	switch kind {
	case "idx":
		return g.pick("0", "0", "1", "1", "2", "2", "3", "4", "5", "-1", "9", "$n")
	case "int":
		return g.pick("0", "1", "-1", "2", "5", "31", "65", "97", "$n", "$neg", "$big", "2147483647", "-2147483648", "9223372036854775807")
	case "small":
		return g.pick("0", "1", "2", "3", "4", "5", "6", "7", "-1", "10", "20", "31", "64", "-3")
	case "radix":
		return g.pick("2", "8", "10", "16", "36", "37", "1", "0")
	case "num":
		return g.pick("0", "1", "0.0", "-0.0", "1.5", "$d", "1e400", "-2.5", "$n", "$big", "0.1")
	case "str":
		return g.pick(`"a"`, `"b"`, `""`, `"bc"`, `"12"`, `"-5"`, `"1.5"`, `"zz"`, `"A"`, `"ff"`, "$s", "$e", "$uni", `"0x1F"`, `"true"`, `"NaN"`, `" 1 "`, `"1e5"`, `"+7"`, `"é"`, `"$1"`, `"99999999999"`, `"TRUE"`, `'$'`, `'$0'`, `'\'`)
	case "re":
		if g.oneIn(2) {
			return "'" + g.pattern(2) + "'"
		}
		return g.pick(`","`, `"b"`, `""`, `"[a-c]"`, `"\d+"`, `"."`, `"\."`, `"(a)(b)?"`, `"["`, `"a|b"`, `"\s+"`, `".*"`, `"^"`, `"x*"`, `"\b"`, `"|"`, `"*"`)
	case "fmt":
		return g.pick(`"%s"`, `"%d"`, `"%5s|"`, `"%-5s|"`, `"%05d"`, `"%.2f"`, `"%x"`, `"%,d"`, `"%b"`, `"%c"`, `"%e"`, `"%%"`, `"%n"`, `"%S"`, `"%s %s"`, `"%2$s"`, `"%"`, `"%q"`, `"%h"`)
	case "list":
		return g.pick("[]", `["a"]`, "[1,2]", "$list", "$nums", "$mixed", "$m.keySet()", "[3,1]", "$empty", `["x","z"]`, "$m.values()")
	case "map":
		return g.pick("{}", `{"a":1}`, "$m", "$em", `{"k":2,"z":3}`)
	case "key":
		return g.pick(`"k"`, `"a"`, `"zz"`, `"nul"`, "1", "2.5", "true", "$s", "null", `"a-b"`, "$n", `"id"`, `"b"`)
	case "big":
		return g.pick("$huge", "9223372036854775808", "$huge.ONE", "$huge.valueOf(3)", "$huge.valueOf(-7)", "$huge.ZERO", "$huge.TEN", "$huge.valueOf(1000000007)", "-9223372036854775809", "5")
	case "dec":
		return g.pick(`$decimal.of("1.5")`, `$decimal.of("3")`, `$decimal.of("0")`, `$decimal.of("-0.25")`, `$decimal.of("1E+3")`, `$decimal.of("7.00")`, `$decimal.of("10")`, "$d", "2")
	case "chars":
		return g.pick("$s.toCharArray()", "$uni.toCharArray()", "$e.toCharArray()")
	case "bool":
		return g.pick("true", "false", "$t", "$f")
	case "null":
		return "null"
	}
	return g.pick("0", "1", "3", "-1", "1.5", "1.0", "true", `"a"`, `"k"`, `"x"`, `""`, "null", "$u", "$n", "$s", "$list", "$m", "$big", "$huge", "$d", "[]", "{}", "[1,2]", `{"a":1}`, `["x","y","z"]`, `$s.split("b")`,
		"$nums", "$t", `$decimal.of("1.0")`, "$s.charAt(0)", "$mixed", `"b"`, "$m.keySet()", `"abc"`, "5", `"5"`)
}

// calls writes a few calls, their results, and what tells the results' types.
func (g *generator) calls() {
	types := g.receivers()
	for range 1 + g.IntN(3) {
		r := types[g.IntN(len(types))]
		v := r.values[g.IntN(len(r.values))]
		g.w("#set($v = ", v, ")$!v: ")
		for range 1 + g.IntN(3) {
			call := g.callOf(r)
			if g.oneIn(10) {
				call = g.word("empty bytes blank key value class1 naN infinite size length Empty index")
			}
			g.w(call, "#set($r = \"none\")#set($r = $v.", call, ")=$!r ")
			g.reveal("$r", types)
			g.w("; $!v\n")
		}
	}
}

// reveal writes what tells a value's type.
func (g *generator) reveal(v string, types []receiver) {
	for range 1 + g.IntN(3) {
		switch g.IntN(9) {
		case 0:
			g.w("#set($o = ", v, " + 1)$!o ")
		case 1:
			g.w("#set($o = 7 / ", v, ")$!o ")
		case 2:
			g.w(v, ".size() ", v, ".length() ")
		case 3:
			g.w("#foreach($x in ", v, ")$!x,#end ")
		case 4:
			g.w("#if(", v, " == ", g.argument("any"), ")eq#end ")
		case 5:
			g.w(v, "[0] ", v, ".get(0) ", v, ".k ")
		case 6:
			g.w("#if(", v, ")t#{else}f#end ", v, ".hashCode() ")
		default:
			g.w(v, ".", g.callOf(types[g.IntN(len(types))]), " ")
		}
	}
}

// Arithmetic: operators over numbers at the edges.

func (g *generator) number() string {
	switch g.IntN(8) {
	case 0:
		return g.integer()
	case 1:
		edge := g.pick("2147483647", "2147483648", "2147483649", "46340", "46341", "65536", "4294967296", "3037000499", "3037000500", "9223372036854775807", "9223372036854775808", "9223372036854775809", "18446744073709551616", "99999999999999999999999999")
		return g.pick("", "-") + edge
	case 2:
		return g.pick("", "-") + strconv.FormatUint(g.Uint64()>>g.IntN(64), 10)
	case 3:
		return g.pick("", "-") + strconv.FormatUint(g.Uint64()>>(10+g.IntN(54)), 10) + "." + strconv.Itoa(g.IntN(100000))
	case 4:
		return g.pick("", "-") + strconv.Itoa(g.IntN(10)) + "." + strconv.Itoa(g.IntN(1000)) + g.pick("e", "E") + g.pick("", "-", "+") + strconv.Itoa(g.IntN(330))
	case 5:
		return g.pick("0.0", "-0.0", "1e400", "-1e400", "4.9E-324", "1.7976931348623157E308", "0.1", "0.3", "1.0", "0.001", "0.0009999", "9999999.0", "1.0E7", "9007199254740993.0", "$d.parseDouble(\"NaN\")", "2.0E-3", "1.0E23", "2.2250738585072014E-308")
	case 6:
		return "$decimal.of(\"" + g.pick("0", "0.00", "0E-8", "-1", "-2.5", "1", "1.50", "1E+5", "1E-5", "123.456", "99999999999999999999.9", "2147483648", "0.1", strconv.Itoa(g.IntN(100000))+"."+strconv.Itoa(g.IntN(1000))) + "\")"
	}
	return g.word("$n $neg $big $huge $d $u $s $t $list")
}

func (g *generator) arithmetic() {
	for range 1 + g.IntN(3) {
		a, b := g.number(), g.number()
		g.w("#set($a = ", a, ")#set($b = ", b, ")$a $b ")
		for _, op := range []string{"+", "-", "*", "/", "%"} {
			if g.oneIn(2) {
				g.w("#set($c = \"none\")#set($c = $a ", op, " $b)", op, "$c ")
			}
		}
		for _, op := range []string{"==", "!=", "<", "<=", ">", ">="} {
			if g.oneIn(3) {
				g.w("#if($a ", op, " $b)", op, "#end ")
			}
		}
		if g.oneIn(2) {
			g.w("$a.equals($b) $a.compareTo($b) $a.hashCode() $a.intValue() $b.longValue() $b.doubleValue() ")
		}
		if g.oneIn(2) {
			g.w("#set($c = ", g.numeric(3), ")$c #set($c = $c + 0)$c #set($c = \"\" + $c)$c ")
		}
		if g.oneIn(3) {
			g.w("$a.floatValue() $b.shortValue() $a.byteValue() $a.toString() $b.intValueExact()")
		}
		g.w("\n")
	}
}

func (g *generator) numeric(depth int) string {
	if depth == 0 || g.oneIn(4) {
		return g.number()
	}
	if g.oneIn(5) {
		return "(" + g.numeric(depth-1) + ")"
	}
	return g.numeric(depth-1) + g.pick(" + ", " - ", " * ", " / ", " % ") + g.numeric(depth-1)
}

// Patterns: regular expressions.

// pattern returns a regular expression without quotes.
func (g *generator) pattern(depth int) string {
	var b strings.Builder
	for range 1 + g.IntN(3) {
		b.WriteString(g.atom(depth))
		if g.oneIn(3) {
			b.WriteString(g.pick("*", "+", "?", "{2}", "{1,2}", "{0,}", "{,2}", "*?", "+?", "??", "{2}?", "*+", "++", "?+", "{1,3}+", "{2,1}", "{0}"))
		}
	}
	return b.String()
}

func (g *generator) atom(depth int) string {
	n := g.IntN(22)
	if depth == 0 {
		n = g.IntN(14)
	}
	switch {
	case n < 6:
		return g.pick("a", "b", "c", "A", "1", " ", "x", "é", "-", ",", "😀", "ab", "=", "#", "&", "]", "}", "{", "/", "\"", "_", "k", "ſ")
	case n < 7:
		return "."
	case n < 8:
		return g.pick("^", "$", `\b`, `\B`, `\A`, `\z`, `\Z`, `\G`)
	case n < 11:
		return g.pick(`\d`, `\D`, `\w`, `\W`, `\s`, `\S`, `\h`, `\H`, `\v`, `\V`, `\R`, `\X`, `\.`, `\\`, `\t`, `\n`, `\r`, `\f`, `\e`, `\a`, `\0101`, `\x41`, `\u0041`, `\x{1F600}`, `\cA`, `\p{L}`, `\p{Lu}`, `\P{L}`, `\p{Alpha}`, `\p{IsAlphabetic}`,
			`\p{Punct}`, `\p{javaLowerCase}`, `\p{InGreek}`, `\p{IsLatin}`, `\pL`, `\p{Foo}`, `\Qa.b\E`, `\Q*`, `\E`, `\-`, `\q`, `\p{Upper}`, `\p{Digit}`, `\p{script=Latin}`, `\p{sc=Grek}`, `\p{gc=Nd}`, `\p{blk=Basic Latin}`, `\p{ASCII}`, `\N{LATIN SMALL LETTER A}`, `\p{IsDigit}`)
	case n < 14:
		return g.class(2)
	case n < 17:
		return "(" + g.pick("", "", "?:", "?=", "?!", "?<=", "?<!", "?>", "?<n>", "?i:", "?s:", "?m:", "?x:", "?i-s:", "?<n1>", "?d:", "?u:", "?iu:") + g.alternatives(depth-1) + ")"
	case n < 19:
		return g.pick("a", "b") + "|" + g.pattern(depth-1)
	case n < 20:
		return g.pick(`\1`, `\2`, `\k<n>`, `\11`, `\0`, `\9`)
	default:
		return g.pick("(?i)", "(?x)", "(?s)", "(?m)", "(?-i)", "(?U)", "(?u)", "(?d)", "(?q)", "(?ix)", "(", ")", "[", "(?", "(?<", `\`, "*", "+?")
	}
}

func (g *generator) alternatives(depth int) string {
	s := g.pattern(depth)
	for g.oneIn(3) {
		s += "|" + g.pick("", g.pattern(depth))
	}
	return s
}

func (g *generator) class(depth int) string {
	var b strings.Builder
	b.WriteString("[" + g.pick("", "", "", "^"))
	for range 1 + g.IntN(3) {
		switch g.IntN(9) {
		case 0, 1, 2:
			b.WriteString(g.pick("a", "b", "c", "1", " ", "-", ".", "é", "x", "^", "$", "|", "(", "#", "😀", ",", "A", "_"))
		case 3, 4:
			b.WriteString(g.pick("a-c", "0-9", "A-Z", "a-z", "x-", "-x", "b-a", "a-a", "é-ü", "!-/"))
		case 5:
			b.WriteString(g.pick(`\d`, `\w`, `\s`, `\p{L}`, `\]`, `\\`, `\-`, `\n`, `\W`, `\P{Lu}`, `\x41`, `\Qa-c\E`, `\b`, `\R`, `\D`))
		case 6:
			if depth > 0 {
				b.WriteString(g.class(depth - 1))
			}
		case 7:
			b.WriteString("&&" + g.pick("", "a-m", "[^b]", `\w`, "[a-c]"))
		default:
			b.WriteString(g.pick("[", "]", "&", "-", "&&", "[:alpha:]"))
		}
	}
	b.WriteString(g.pick("]", "]", "]", "]", "]", "]", "]", ""))
	return b.String()
}

func (g *generator) patterns() {
	quote := func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
	for range 1 + g.IntN(2) {
		p := quote(g.alternatives(3))
		for range 2 {
			subject := ""
			for range 1 + g.IntN(5) {
				subject += g.pick("a", "b", "c", "A", "B", "1", "22", " ", "é", "x", "aa", "abc", ",", "-", "\n", "\r\n", "😀", "É", "_", ".", "ab", "]", "\t", "K", "ſ", "k", "ß", "Σ", "ς", "σ")
			}
			g.w("#set($p = ", p, ")#set($v = ", quote(subject), ")")
			for range 1 + g.IntN(2) {
				g.w(g.pick("$v.matches($p)",
					"$v.replaceAll($p, '<$0>')", "$v.replaceAll($p, '<$0>')", "$v.replaceAll($p, '[$1]')", "$v.replaceAll($p, '-')", "$v.replaceAll($p, '${n}')", "$v.replaceAll($p, '\\')", "$v.replaceAll($p, '\\$')", "$v.replaceAll($p, '$11')",
					"$v.replaceFirst($p, '<$0>')", "$v.replaceFirst($p, '$2')",
					"#foreach($x in $v.split($p))[$x]#end", "#foreach($x in $v.split($p, "+g.pick("0", "1", "2", "3", "-1")+"))[$x]#end"), " ")
			}
		}
		g.w("\n")
	}
}

// Formats: String.format.

func (g *generator) formats() {
	for range 1 + g.IntN(3) {
		var f strings.Builder
		n := 1 + g.IntN(3)
		for range n {
			f.WriteString(g.pick("", "a", " ", "|", "é"))
			f.WriteString("%" + g.pick("", "", "", "", "", "", "1$", "2$", "<", "3$", "0$"))
			for g.oneIn(3) {
				f.WriteString(g.pick("-", "0", "+", " ", ",", "(", "#"))
			}
			if g.oneIn(3) {
				f.WriteString(strconv.Itoa(1 + g.IntN(14)))
			}
			if g.oneIn(3) {
				f.WriteString("." + strconv.Itoa(g.IntN(12)))
			}
			f.WriteString(g.pick("s", "s", "d", "d", "f", "f", "x", "X", "o", "e", "E", "g", "G", "a", "A", "b", "B", "c", "C", "h", "H", "S", "n", "%", "q", "i", "D", "t"+g.word("H I k l M N L Q p s S T z Z a A b B C d e h j m y Y r R c D F q t"), "T"+g.word("p a B Z c"), "", "j"))
		}
		args := make([]string, 1+g.IntN(3))
		for i := range args {
			args[i] = g.pick(g.number(), g.number(), g.number(), g.argument("any"))
		}
		list := strings.Join(args, ", ")
		if len(args) > 1 || g.oneIn(3) {
			list = "[" + list + "]"
			if g.oneIn(2) {
				g.w("#set($l = [", strings.Join(args, ", "), "])")
				list = "$l.toArray()"
			}
		}
		g.w("$s.format(\"", f.String(), "\", ", list, ")\n")
	}
}

// Soup: tokens in any order, most of which do not parse.

func (g *generator) soup() {
	n := 1 + g.IntN(12)
	if g.oneIn(3) {
		g.w(g.pick("#set($x = ", "#if(", "$m.get(", "#foreach($i in ", "$list[", "#mm(", "#macro(q ", "{\"a\": ", "#set(", "#evaluate(", "${m", "#@mm(", "#set($x = {", "#set($x = [", "#elseif(", "#define("))
	}
	for range n {
		g.w(g.pick("$x", "$n", "$", "${", "$!", "$!{", "}", "{", "[", "]", "(", ")", ",", ":", "..", ".", "#set", "#set(", "#if", "#if(", "#elseif(", "#else", "#end", "#foreach(", "#foreach", "#macro(", "#macro", "#mm(", "#@mm(", "#define(",
			"#evaluate(", "#break", "#stop", "#{", "#{else}", "#{end}", "#{if}", "#", "##", "##\n", "#*", "*#", "#[[", "]]#", "#**", "\"", "'", "\"a\"", "'b'", "\"$n\"", "\"#if\"", "1", "-1", "- 1", "1.5", "1.", ".5", "1e5", "007", "true", "false", "null",
			"and", "or", "not", "eq", "ne", "lt", "gt", "le", "ge", "&&", "||", "!", "==", "!=", "<", "<=", ">", ">=", "=", "+", "-", "*", "/", "%", "&", "|", " ", " ", " ", "\n", "\t", "in", " in ", "word", "$m.k", "$m.get(", "$list[0]", "$list[", "k",
			"\\", "\\\\", "\\$n", "\\#if", "é", "😀", "@", "?", ";", "~", "^", "`", "_", "$i", "#literal()", "#include(", "$n.", "$n.k(", "1..3", "[1..3]", "[1..$n]", "{\"a\":1}", "\r\n", "\r", "\f", "\u00a0", "\x01", "x-y", "#mm()", "$foreach.count", "\"\"", "''"))
		if g.oneIn(4) {
			g.w(" ")
		}
	}
}

// Mutations: real templates with something changed.

func (g *generator) mutation() {
	text := g.samples[g.IntN(len(g.samples))]
	if g.oneIn(3) {
		text = strings.ReplaceAll(text, "$context.", "$ctx.")
	}
	if g.oneIn(2) {
		g.w("#set($context = $ctx)#set($ctx.result = {\"items\":[{\"id\":1},{\"id\":\"2\"}],\"n\":null})#set($ctx.args.input = {\"id\":\"i\",\"n\":1})#set($util = {})#set($ctx.identity = {\"claims\":{\"a\":[\"b\"]},\"username\":\"u\"})#set($ctx.stash = {})")
	}
	lines := strings.SplitAfter(text, "\n")
	if from := g.IntN(len(lines)); g.oneIn(2) {
		lines = lines[from:min(len(lines), from+1+g.IntN(25))]
	}
	text = strings.Join(lines, "")
	for range g.IntN(4) {
		if len(text) == 0 {
			break
		}
		at := g.IntN(len(text))
		end := min(len(text), at+1+g.IntN(8))
		switch g.IntN(5) {
		case 0:
			text = text[:at] + text[end:]
		case 1:
			text = text[:at] + g.part(g.soup) + text[at:]
		case 2:
			text = text[:at] + text[at:end] + text[at:]
		case 3:
			text = text[:at] + g.text() + text[end:]
		default:
			text = text[:at] + g.part(g.statement) + text[at:]
		}
	}
	g.w(strings.ReplaceAll(strings.ToValidUTF8(text, "?"), "#return", "#stop"))
}

// Documents: templates as people write them for AppSync.

func (g *generator) document() {
	if g.oneIn(2) {
		g.w("#set($ctx.result = {\"items\": [{\"id\": \"1\", \"n\": 1}, {\"id\": \"2\", \"tags\": [\"a\", \"b\"]}, {\"id\": \"3\", \"n\": 2.5}], \"nextToken\": ", g.pick("$nul", "\"tok\""), "})\n")
	} else {
		g.w("#set( $ctx.stash = {} )\n", g.pick("", "$ctx.stash.put(\"k\", [])\n", "#set($discard = $ctx.stash.put(\"k\", []))\n"))
	}
	for range g.IntN(3) {
		g.w("#set( $", g.word("attrs names values expr exp id"), " = ", g.pick("{}", "[]", "\"\"", "$ctx.args", "$ctx.args.id", "{ \"id\": \"$ctx.args.id\" }", "\"SET\"", "$ctx.args.list.size()", "0"), " )\n")
	}
	g.object(3)
}

func (g *generator) indent() { g.w("\n", strings.Repeat("  ", g.depth)) }

func (g *generator) object(depth int) {
	g.w("{")
	g.depth++
	n := 1 + g.IntN(4)
	for i := range n {
		g.indent()
		if g.oneIn(3) {
			g.w("#if( ", g.pick("$ctx.args.id", "$ctx.args.nope", "!$ctx.args.nope", "$ctx.args.n > 3", "$ctx.args.containsKey(\"nul\")", "$ctx.args.list.size() > 2 && $ctx.args.n == 5", "!$nul || $f", "$ctx.args.id.length() == 3", "$ctx.result.items.isEmpty()", "$expr != \"\""), " )")
			g.indent()
			g.member(depth)
			if g.oneIn(2) {
				g.indent()
				g.w("#else")
				g.indent()
				g.member(depth)
			}
			g.indent()
			g.w("#end")
		} else {
			g.member(depth)
		}
		if i < n-1 {
			g.w(",")
		}
	}
	g.depth--
	g.indent()
	g.w("}")
}

func (g *generator) member(depth int) {
	g.w("\"", g.word("version operation key id filter expression names"), g.pick("", "$foreach.index", "$velocityCount", "${foreach.count}", ""), "\" : ")
	switch n := g.IntN(9); {
	case n < 2 && depth > 0:
		g.object(depth - 1)
	case n < 5 && depth > 0:
		g.w("[")
		g.depth++
		g.indent()
		g.w("#foreach( $", g.word("item entry i"), " in ", g.pick("$ctx.args.list", "$ctx.result.items", "$ctx.args.map.entrySet()", "$ctx.args.keySet()", "$nums", "$ctx.args.nope", "[1..3]", "$m.entrySet()", "$ctx.args.map"), " )")
		for range 1 + g.IntN(2) {
			g.indent()
			switch g.IntN(6) {
			case 0:
				g.w("#set( $exp = \"$!exp", g.pick(" #$entry.key", ", $item", "x"), " = :$!{entry.key}\" )")
			case 1:
				g.w(g.pick("$!names.put(\"#${entry.key}\", \"${entry.key}\")", "#set( $x = $names.put(\"$i\", $item) )", "$values.add($item)"))
			case 2:
				g.object(0)
			case 3:
				g.w("{ \"id\": \"${item.id}\", \"t\": ", g.pick("$item.tags", "$!item.n", "$item.tags.size()", "\"$item.get(\"id\")\""), " }")
			case 4:
				g.w("#if( ", g.pick("$foreach.hasNext", "$foreach.index == 1", "$velocityCount > 1", "$foreach.first", "$item.n"), " )")
				g.member(0)
				g.w(" #end")
			default:
				g.w("\"", g.pick("$item", "$entry.key", "$i", "$entry.value", "${item.id}-$!{item.n}", "$!entry.key.toUpperCase()", "$item.toString()"), "\"")
			}
		}
		g.w(g.pick("#if( $foreach.hasNext ),#end", "#if($foreach.hasNext()), #end", "#if( $velocityCount < 3 ),#end", ""))
		g.indent()
		g.w("#end")
		g.depth--
		g.indent()
		g.w("]")
	default:
		g.w(g.pick("\"2018-05-29\"", "\"$ctx.args.id\"", "$ctx.args.n", "$!ctx.args.nope", "\"$!{ctx.args.nul}\"", "${ctx.args.list.size()}", "\"${exp}\"", "$!names", "\"$ctx.args.a-b\"", "$ctx.args.map", "{ \"S\" : \"${ctx.args.id}\" }", "\"$!ctx.args.id.replace(\"b\", \"-\")\"",
			"\"$ctx.args.list[0]\"", "\"${ctx.args.list.get(1)}\"", "$ctx.args.list", "null", "true", "\"$attrs\"", "\"$ctx.result.nextToken\"", "\"#${id} = :${id}\""))
	}
}
