package project

// Complete adds to an API what follows from the rest of it: the user pools that
// its authentications name, the tables that its data sources use and nothing
// describes, and a key where API_KEY authenticates and there is none. It returns
// the mistakes that the parts make together, sorted. Loaders call it last.
func (a *API) Complete() Problems {
	problems := a.repeatedAuths()
	a.authenticatedPools()
	for _, t := range a.Tables {
		for _, message := range t.mistakes() {
			problems = append(problems, Problem{Pos: t.Pos, Message: message})
		}
	}
	problems = append(problems, a.impliedTables()...)
	if len(a.APIKeys) == 0 && a.authenticates(AuthAPIKey) {
		a.APIKeys = []APIKey{defaultKey(a.Auth.Pos)}
	}
	problems.Sort()
	return problems
}

func defaultKey(pos Position) APIKey {
	return APIKey{Name: "Default", Key: DefaultAPIKey, Description: "Default", Pos: pos}
}

// authenticates tells whether a mode is one of the API's.
func (a *API) authenticates(mode string) bool {
	if a.Auth.Type == mode {
		return true
	}
	for _, p := range a.AdditionalAuth {
		if p.Type == mode {
			return true
		}
	}
	return false
}

// StableID derives lowercase letters and digits from a seed, 52 at most: the same
// at every start and on every machine.
func StableID(seed string, length int) string { return stableID(seed, length) }

// APIID is the identifier of an API of that name.
func APIID(name string) string { return stableID("api/"+name, 26) }
