package resolver

// Refusal says why the resolver answers every call with an error; it is empty for
// one that runs.
func (r *Resolver) Refusal() string { return r.refusal }
