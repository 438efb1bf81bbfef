package value

import "math/big"

// Methods calls the Java methods that templates see on values. It keeps the
// regular expressions it has compiled, a bounded number of them, so one Methods
// is best shared by all evaluations of a template. It is safe for concurrent
// use; the zero value is ready.
type Methods struct{ patterns patterns }

// Invoke calls v.name(args...). It binds by Java's rules: an Integer argument
// fits a parameter of type long but none of type String. When no method fits,
// found is false. A method without a result gives the empty string, as Velocity
// prints it. An error is the *Exception that the method throws, ErrTextTooLong
// or ErrPatternTimeout.
//
// Nothing of reflection is reachable: there is no getClass. Args may be reused
// by the caller afterwards.
func (m *Methods) Invoke(v any, name string, args []any) (result any, found bool, err error) {
	c := call{methods: m, name: name, args: args}
	switch v := v.(type) {
	case nil:
		return nil, false, nil
	case string:
		result, found, err = c.onString(v)
	case *Map:
		result, found, err = c.onMap(v)
	case *List:
		result, found, err = c.onList(v)
	case *Set:
		result, found, err = c.onSet(v)
	case *Entry:
		result, found, err = c.onEntry(v)
	case *Array:
		result, found, err = c.onArray(v)
	case *Iterator:
		result, found, err = c.onIterator(v)
	case int32:
		result, found, err = c.onInteger(v)
	case int64:
		result, found, err = c.onLong(v)
	case float64:
		result, found, err = c.onDouble(v)
	case *big.Int:
		result, found, err = c.onBigInteger(v)
	case Decimal:
		result, found, err = c.onBigDecimal(v)
	case bool:
		result, found, err = c.onBoolean(v)
	case Char:
		result, found, err = c.onChar(v)
	}
	if found || err != nil {
		return result, found, err
	}
	return c.onObject(v)
}

// Property returns v.name as Velocity resolves it: a map's key, otherwise the
// value of getName() or isName(). It reports false when there is none.
func Property(v any, name string) (any, bool) {
	switch v := v.(type) {
	case *Map:
		return v.Get(name)
	case *Entry:
		switch name {
		case "key", "Key":
			return v.Key, true
		case "value", "Value":
			return v.Current(), true
		}
	case *List:
		if name == "empty" || name == "Empty" {
			return len(v.Items) == 0, true
		}
	case *Set:
		if name == "empty" || name == "Empty" {
			return v.Len() == 0, true
		}
	case string:
		switch name {
		case "empty", "Empty":
			return v == "", true
		case "blank", "Blank":
			return isBlank(v), true
		case "bytes", "Bytes":
			return bytesOf(v), true
		}
	case float64:
		switch name {
		case "naN", "NaN":
			return v != v, true
		case "infinite", "Infinite":
			return isInfinite(v), true
		}
	case *big.Int:
		if name == "lowestSetBit" || name == "LowestSetBit" {
			if v.Sign() == 0 {
				return int32(-1), true
			}
			return int32(v.TrailingZeroBits()), true
		}
	}
	return nil, false
}

// SetProperty does what an assignment to v.name does. It reports false when v
// has no such property to set.
func SetProperty(v any, name string, to any) bool {
	switch v := v.(type) {
	case *Map:
		v.Set(name, to)
		return true
	case *Entry:
		if name == "value" || name == "Value" {
			v.set(to)
			return true
		}
	}
	return false
}

// onObject calls the methods that every object has. It is also where calls end
// that fit no method: passing arguments to a method that takes none, and is
// not overloaded to take them, throws.
func (c *call) onObject(v any) (any, bool, error) {
	switch c.name {
	case "toString":
		if c.fits() {
			return ToString(v), true, nil
		}
	case "equals":
		if c.fits(anObject) {
			return Equals(v, c.args[0]), true, nil
		}
	case "hashCode":
		if c.fits() {
			return HashCode(v), true, nil
		}
	}
	if len(c.args) > 0 && takesNothing(v, c.name) {
		return nil, true, illegalArgument("wrong number of arguments")
	}
	return nil, false, nil
}

// call is a method call under way.
type call struct {
	methods *Methods
	name    string
	args    []any
}

// paramType is the type of a Java parameter.
type paramType uint8

const (
	anObject paramType = iota
	aString            // String and CharSequence
	anInt
	aLong
	aDouble
	aBoolean
	aChar
	aCollection
	aMap
	aBigInteger
	aBigDecimal
	aCharArray
	aByteArray
	anArray
	nullOnly // an interface that no value implements, such as Comparator
)

// fits reports whether the arguments can be passed to parameters of these
// types.
func (c *call) fits(params ...paramType) bool {
	if len(c.args) != len(params) {
		return false
	}
	for i, p := range params {
		if !convertible(c.args[i], p) {
			return false
		}
	}
	return true
}

func convertible(arg any, p paramType) bool {
	if arg == nil {
		switch p {
		case anInt, aLong, aDouble, aBoolean, aChar:
			return false
		}
		return true
	}
	ok := false
	switch p {
	case anObject:
		ok = true
	case aString:
		_, ok = arg.(string)
	case anInt:
		_, ok = arg.(int32)
	case aLong:
		switch arg.(type) {
		case int32, int64:
			ok = true
		}
	case aDouble:
		switch arg.(type) {
		case int32, int64, float64:
			ok = true
		}
	case aBoolean:
		_, ok = arg.(bool)
	case aChar:
		_, ok = arg.(Char)
	case aCollection:
		switch arg.(type) {
		case *List, *Set:
			ok = true
		}
	case aMap:
		_, ok = arg.(*Map)
	case aBigInteger:
		_, ok = arg.(*big.Int)
	case aBigDecimal:
		_, ok = arg.(Decimal)
	case aCharArray:
		a, isArray := arg.(*Array)
		ok = isArray && a.Type == "[C"
	case aByteArray:
		a, isArray := arg.(*Array)
		ok = isArray && a.Type == "[B"
	case anArray:
		_, ok = arg.(*Array)
	}
	return ok
}

// int returns an argument that fits an int.
func (c *call) int(i int) int { return int(c.args[i].(int32)) }

// long returns an argument that fits a long.
func (c *call) long(i int) int64 {
	if n, ok := c.args[i].(int32); ok {
		return int64(n)
	}
	return c.args[i].(int64)
}

// double returns an argument that fits a double.
func (c *call) double(i int) float64 {
	if f, ok := c.args[i].(float64); ok {
		return f
	}
	return float64(c.long(i))
}

// string returns an argument that fits a String, or an error for null.
func (c *call) string(i int) (string, error) {
	if c.args[i] == nil {
		return "", nullPointer()
	}
	return c.args[i].(string), nil
}

// members returns the items of an argument that fits a Collection, or an error
// for null.
func (c *call) members(i int) ([]any, error) {
	switch a := c.args[i].(type) {
	case *List:
		return a.Items, nil
	case *Set:
		return a.Members(), nil
	}
	return nil, nullPointer()
}

// void is the result of a method without one.
func void(err error) (any, bool, error) {
	if err != nil {
		return nil, true, err
	}
	return "", true, nil
}

func thrown(err error) (any, bool, error) { return nil, true, err }

func returns(v any) (any, bool, error) { return v, true, nil }

// notFound is the answer of a type for a call it has no method for.
func notFound() (any, bool, error) { return nil, false, nil }

// takesNothing reports whether v's class has a method of that name without
// parameters.
func takesNothing(v any, name string) bool {
	switch name {
	case "toString", "hashCode", "getClass", "notify", "notifyAll", "wait":
		return name != "notify" && name != "wait"
	}
	switch v := v.(type) {
	case string:
		switch name {
		case "length", "isEmpty", "isBlank", "trim", "strip", "stripLeading", "stripTrailing", "stripIndent", "translateEscapes", "toCharArray",
			"getBytes", "intern", "toLowerCase", "toUpperCase", "lines", "chars", "codePoints":
			return true
		}
	case *Map:
		switch name {
		case "size", "isEmpty", "clear", "keySet", "values", "entrySet", "clone":
			return true
		}
	case *List:
		switch name {
		case "size", "isEmpty", "clear", "iterator", "listIterator", "stream", "parallelStream", "spliterator":
			return true
		case "clone", "trimToSize":
			return v.parent == nil
		}
	case *Set:
		switch name {
		case "size", "isEmpty", "clear", "iterator", "stream", "parallelStream", "spliterator":
			return true
		}
	case *Array:
		switch name {
		case "size", "isEmpty", "clear", "iterator", "listIterator", "stream", "parallelStream", "spliterator":
			return true
		}
	case *Entry:
		switch name {
		case "getKey", "getValue":
			return true
		}
	case *Iterator:
		switch name {
		case "hasNext", "next", "remove":
			return true
		case "hasPrevious", "previous", "nextIndex", "previousIndex":
			return v.bothWays
		}
	case int32, int64, float64, *big.Int, Decimal:
		switch name {
		case "intValue", "longValue", "doubleValue", "floatValue", "shortValue", "byteValue":
			return true
		}
		return takesNothingNumber(v, name)
	case bool:
		return name == "booleanValue"
	case Char:
		return name == "charValue"
	}
	return false
}

func takesNothingNumber(v any, name string) bool {
	switch v.(type) {
	case float64:
		return name == "isNaN" || name == "isInfinite"
	case *big.Int:
		switch name {
		case "abs", "negate", "signum", "not", "bitLength", "bitCount", "getLowestSetBit", "toByteArray", "sqrt", "sqrtAndRemainder",
			"nextProbablePrime", "intValueExact", "longValueExact", "shortValueExact", "byteValueExact":
			return true
		}
	case Decimal:
		switch name {
		case "abs", "negate", "plus", "signum", "scale", "precision", "unscaledValue", "stripTrailingZeros",
			"toPlainString", "toEngineeringString", "toBigInteger", "toBigIntegerExact", "intValueExact",
			"longValueExact", "shortValueExact", "byteValueExact", "ulp":
			return true
		}
	}
	return false
}
