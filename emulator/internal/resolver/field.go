package resolver

// field is an execution as data sources see it.
type field state

func (f *field) ParentType() string { return f.call.Parent.Name }
func (f *field) Name() string       { return f.call.Field.Def.Name }
func (f *field) OutputType() string { return f.resolver.outputType }
func (f *field) Arguments() any     { return f.call.Field.Arguments(f.call.Vars) }
func (f *field) Identity() any      { return f.env.Identity }
