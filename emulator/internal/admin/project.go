package admin

import "appsync-emulator/storage"

// Project is what the administration knows of the project that is served.
type Project struct {
	// Tables are those of the project. A reset or restore makes those that the
	// store has not.
	Tables []storage.Table
	// Seed returns the items of the project's seed; nil means that there are none.
	Seed func() ([]TableItems, error)
	// Versioned are the versioned data sources.
	Versioned []VersionedSource
}

// served is a Project with what is kept of its data sources. It is not changed.
type served struct {
	Project
	writes map[string]*writes // by the name of the data source
}

// SetProject has another project be served from now on. The last writes of data
// sources that it has as well stay known, and held items stay held.
func (s *Service) SetProject(p Project) {
	next := &served{Project: p, writes: make(map[string]*writes, len(p.Versioned))}
	before := s.project.Load()
	for _, d := range p.Versioned {
		w := new(writes)
		if before != nil && before.writes[d.Name] != nil {
			w = before.writes[d.Name]
		}
		next.writes[d.Name] = w
	}
	s.project.Store(next)
}
