package builtin

// Weigh returns the steps that a helper takes besides reading its arguments. See
// vtl.Weigher.
func (u *Util) Weigh(name string, args []any) int {
	switch name {
	case "matches":
		// As String.matches: the expression may have to be compiled.
		return 500 + 4*textLength(args)
	case "parseJson":
		return textLength(args)
	}
	return 0
}

// Weigh returns the steps that a helper takes besides reading its arguments: a
// pattern is compiled by every call. See vtl.Weigher.
func (t *Time) Weigh(_ string, args []any) int { return 50 + 8*textLength(args) }

// textLength returns how long the texts among args are.
func textLength(args []any) int {
	n := 0
	for _, a := range args {
		if s, ok := a.(string); ok {
			n += len(s)
		}
	}
	return n
}
