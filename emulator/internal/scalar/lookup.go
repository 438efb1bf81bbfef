package scalar

// Lookup returns the scalar of that name, and whether AppSync has one.
func Lookup(name string) (Scalar, bool) {
	for _, s := range All() {
		if s.Name() == name {
			return s, true
		}
	}
	return nil, false
}

// All returns every scalar that an AppSync schema may use: GraphQL's own, then
// AppSync's.
//
// See: https://docs.aws.amazon.com/appsync/latest/devguide/scalars.html
func All() []Scalar {
	return []Scalar{
		idScalar{},
		stringScalar{},
		intScalar{},
		floatScalar{},
		booleanScalar{},
		awsDate(),
		awsTime(),
		awsDateTime(),
		timestampScalar{},
		awsEmail(),
		jsonScalar{},
		awsURL(),
		awsPhone(),
		awsIPAddress(),
	}
}
