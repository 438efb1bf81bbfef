package value

import (
	"errors"
	"math/big"
)

// ErrTextTooLong is returned by methods whose result would exceed MaxText.
var ErrTextTooLong = errors.New("value: the text that a method builds is too long")

// MaxText bounds the text, in bytes, that a method may build. It is above the 5
// MB that AppSync allows a template to render.
const MaxText = 8 << 20

// An Exception is a Java exception thrown by a method.
type Exception struct {
	// Class is the exception's class, "java.lang.IndexOutOfBoundsException".
	Class   string
	Message string
}

// Error is Java's Throwable.toString.
func (e *Exception) Error() string {
	if e.Message == "" {
		return e.Class
	}
	return e.Class + ": " + e.Message
}

func throw(class, message string) error { return &Exception{Class: class, Message: message} }

// throwEmpty throws an exception with a text that is empty, which is not the same
// as none.
func throwEmpty(class string) error { return throw(class+": ", "") }

func nullPointer() error { return throw("java.lang.NullPointerException", "") }

func illegalArgument(message string) error {
	return throw("java.lang.IllegalArgumentException", message)
}

func unsupported() error { return throw("java.lang.UnsupportedOperationException", "") }

func arithmetic(message string) error { return throw("java.lang.ArithmeticException", message) }

// ClassName returns the name of v's Java class, "null" for null.
func ClassName(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return "java.lang.String"
	case bool:
		return "java.lang.Boolean"
	case int32:
		return "java.lang.Integer"
	case int64:
		return "java.lang.Long"
	case *big.Int:
		return "java.math.BigInteger"
	case float64:
		return "java.lang.Double"
	case Decimal:
		return "java.math.BigDecimal"
	case Char:
		return "java.lang.Character"
	case *Map:
		return "java.util.LinkedHashMap"
	case *List:
		if v.parent != nil {
			return "java.util.ArrayList$SubList"
		}
		return "java.util.ArrayList"
	case *Set:
		switch v.view {
		case keysView:
			return "java.util.LinkedHashMap$LinkedKeySet"
		case valuesView:
			return "java.util.LinkedHashMap$LinkedValues"
		case entriesView:
			return "java.util.LinkedHashMap$LinkedEntrySet"
		}
		return "java.util.LinkedHashSet"
	case *Entry:
		return "java.util.LinkedHashMap$Entry"
	case *Array:
		return v.Type
	case *Iterator:
		return v.class
	}
	return "java.lang.Object"
}
