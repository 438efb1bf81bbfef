package auth

import "strings"

// denials are the DeniedFields of a caller as a set of the fields of one schema.
type denials struct {
	policy *Policy
	// set has a bit for each field by schema.Field.Index; nil is the empty set.
	set []uint64
}

// denials returns what a Lambda authorizer has closed, nil when it is nothing
// that the schema has. The set is made once and kept with the DeniedFields,
// which all requests that share an answer of the authorizer have in common.
func (p *Policy) denials(d *DeniedFields) []uint64 {
	if d == nil {
		return nil
	}
	if c, ok := d.compiled.Load().(*denials); ok && c.policy == p {
		return c.set
	}
	c := &denials{policy: p}
	for _, name := range d.Fields {
		f := p.schema.Field(name.Type, name.Field)
		if f == nil || strings.HasPrefix(name.Type, "__") {
			continue
		}
		if c.set == nil {
			c.set = make([]uint64, (len(p.rules)+63)/64)
		}
		c.set[f.Index/64] |= 1 << (f.Index % 64)
	}
	d.compiled.Store(c)
	return c.set
}
