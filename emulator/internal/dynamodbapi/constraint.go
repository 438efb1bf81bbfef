package dynamodbapi

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"

	"appsync-emulator/storage/attribute"
)

// maxViolations is how many violations a message tells at most.
const maxViolations = 10

// check checks a request against the constraints of its shape. The error is a
// ValidationException with all violations, in the order of the shape.
func check(in *value) error {
	for i := range in.list {
		f, v := &in.shape.fields[i], &in.list[i]
		if f.shape.required && !v.given {
			return validationf("The parameter '%s' is required but was not present in the request", f.name)
		}
		if n := len(v.name()); n >= 3 && n <= 255 {
			continue
		}
		switch {
		case f.shape.named:
			return validationf("%s must be at least 3 characters long and at most 255 characters long", f.name)
		case f.shape.alone:
			var c checker
			c.check(v, f.shape, "", f.name)
			return c.err()
		}
	}
	var c checker
	for i := range in.list {
		c.check(&in.list[i], in.shape.fields[i].shape, "", in.shape.fields[i].name)
	}
	return c.err()
}

// err returns the violations as one error, nil when there are none.
func (c *checker) err() error {
	switch n := len(c.violations); n {
	case 0:
		return nil
	case 1:
		return validationError("1 validation error detected: " + c.violations[0])
	default:
		return validationf("%d validation errors detected: %s", n, strings.Join(c.violations, "; "))
	}
}

// name returns the text of a parameter, that of a table's ARN being its name.
func (v *value) name() string {
	if v.shape != nil && v.shape.table {
		return tableNameOf(v.text)
	}
	return v.text
}

type checker struct{ violations []string }

// check checks v, which is called name below path. Nothing of a path is built
// unless there is something to tell.
func (c *checker) check(v *value, s *shape, path, name string) {
	if !v.given {
		if s.notNull {
			c.violation(v, path, name, "Member must not be null")
		}
		return
	}
	switch s.kind {
	case textKind:
		text := v.name()
		if (s.table && !s.named || s.alone) && text == "" {
			// In DynamoDB's model the name may be an ARN, of 1 to 1024 characters.
			c.violation(v, path, name, "Member must have length greater than or equal to 1")
			return
		}
		c.length(v, s, int64(len(text)), path, name)
		if s.name && !matchesName(text) {
			c.violation(v, path, name, "Member must satisfy regular expression pattern: "+namePattern)
		}
		c.enum(v, s, path, name)
	case integerKind, longKind:
		if s.hasMin && v.num < s.min {
			c.bound(v, s.terseMin, path, name, "Member must have value greater than or equal to "+strconv.FormatInt(s.min, 10))
		}
		if s.hasMax && v.num > s.max {
			c.violation(v, path, name, "Member must have value less than or equal to "+strconv.FormatInt(s.max, 10))
		}
	case listKind:
		c.length(v, s, int64(len(v.list)), path, name)
		if s.elem.free() {
			return
		}
		for i := range v.list {
			c.check(&v.list[i], s.elem, below(path, name)+"."+strconv.Itoa(i+1), "member")
		}
	case mapKind:
		c.length(v, s, int64(len(v.list)), path, name)
		c.mapKeys(v, s, path, name)
		c.mapValues(v, s, path, name)
		if s.elem.free() {
			return
		}
		for i := range v.list {
			c.check(&v.list[i], s.elem, below(path, name)+"."+v.keys[i], "member")
		}
	case structureKind:
		if len(v.list) == 0 {
			return
		}
		inside := below(path, name)
		for i := range s.fields {
			c.check(&v.list[i], s.fields[i].shape, inside, s.fields[i].name)
		}
	}
}

// free reports whether any value of the shape's type satisfies it.
func (s *shape) free() bool {
	switch s.kind {
	case attributeKind, itemKind:
		return !s.notNull
	case textKind:
		return !s.notNull && !s.name && !s.hasMin && !s.hasMax && s.enum == nil
	}
	return false
}

func (c *checker) length(v *value, s *shape, n int64, path, name string) {
	if s.hasMin && n < s.min {
		c.violation(v, path, name, "Member must have length greater than or equal to "+strconv.FormatInt(s.min, 10))
	}
	if s.hasMax && n > s.max {
		c.bound(v, s.terseMax, path, name, "Member must have length less than or equal to "+strconv.FormatInt(s.max, 10))
	}
}

func (c *checker) enum(v *value, s *shape, path, name string) {
	if s.enum == nil {
		return
	}
	for _, allowed := range s.enum {
		if v.text == allowed {
			return
		}
	}
	c.violation(v, path, name, "Member must satisfy enum value set: ["+strings.Join(s.enum, ", ")+"]")
}

func (c *checker) mapKeys(v *value, s *shape, path, name string) {
	if !s.keyNames {
		return
	}
	for _, key := range v.keys {
		if key = tableNameOf(key); len(key) < 3 || len(key) > 255 || !matchesName(key) {
			c.violation(v, path, name, "Map keys must satisfy constraint: [Member must have length less than or equal to 255, Member must have length greater than or equal to 3, Member must satisfy regular expression pattern: "+namePattern+"]")
		}
	}
}

func (c *checker) mapValues(v *value, s *shape, path, name string) {
	if s.maxValue == 0 {
		return
	}
	for i := range v.list {
		if n := len(v.list[i].list); n < s.minValue || n > s.maxValue {
			c.violation(v, path, name, fmt.Sprintf("Map value must satisfy constraint: [Member must have length less than or equal to %d, Member must have length greater than or equal to %d]", s.maxValue, s.minValue))
		}
	}
}

// below returns the path of what lies in the parameter name.
func below(path, name string) string {
	name = strings.ToLower(name[:1]) + name[1:]
	if path == "" {
		return name
	}
	return path + "." + name
}

// bound adds the violation of a bound, which DynamoDB tells tersely for some
// parameters.
func (c *checker) bound(v *value, terse bool, path, name, constraint string) {
	if !terse {
		c.violation(v, path, name, constraint)
		return
	}
	if path != "" {
		name = strings.ToUpper(path[:1]) + path[1:] + "." + name
	}
	c.add("Value at '" + name + "' failed to satisfy constraint: " + constraint)
}

func (c *checker) violation(v *value, path, name, constraint string) {
	given := "null"
	if v.given {
		given = "'" + v.describe() + "'"
	}
	c.add("Value " + given + " at '" + below(path, name) + "' failed to satisfy constraint: " + constraint)
}

func (c *checker) add(violation string) {
	if len(c.violations) < maxViolations {
		c.violations = append(c.violations, violation)
	}
}

// describe returns the value as Java prints it: objects by class and hash.
func (v *value) describe() string {
	if !v.given {
		return "null"
	}
	switch v.shape.kind {
	case booleanKind:
		return strconv.FormatBool(v.flag)
	case integerKind, longKind:
		return strconv.FormatInt(v.num, 10)
	case listKind:
		return "[" + strings.Join(v.describeAll(), ", ") + "]"
	case mapKind:
		all := v.describeAll()
		for i := range all {
			all[i] = v.keys[i] + "=" + all[i]
		}
		return "{" + strings.Join(all, ", ") + "}"
	case structureKind, attributeKind:
		return v.identity(v.shape.class)
	case itemKind:
		var all []string
		for _, a := range v.item.Attributes() {
			all = append(all, a.Name+"="+(&value{given: true, attr: &a.Value}).identity("AttributeValue"))
		}
		return "{" + strings.Join(all, ", ") + "}"
	default:
		return v.text
	}
}

func (v *value) describeAll() []string {
	all := make([]string, len(v.list))
	for i := range v.list {
		all[i] = v.list[i].describe()
	}
	return all
}

// identity is what Java's Object.toString returns; the hash is that of the
// contents.
func (v *value) identity(class string) string {
	hash := fnv.New32a()
	_, _ = hash.Write(attribute.AppendJSON(nil, v.attribute()))
	for i := range v.list {
		_, _ = hash.Write([]byte(v.list[i].describe()))
	}
	return fmt.Sprintf("%s%s@%x", classPrefix, class, hash.Sum32())
}
