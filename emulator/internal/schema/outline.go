package schema

import gqlast "github.com/vektah/gqlparser/v2/ast"

// Outline lists the object types of SDL and the names of their fields, as far
// as they can be read. It serves to find mistakes elsewhere in a project whose
// schema has mistakes of its own; only a syntax error hides what comes with it,
// which complete reports as false.
func Outline(sources []Source) (fields map[string][]string, complete bool) {
	log := &problemLog{sources: sources}
	document := readAll(sources, log)
	complete = len(log.problems) == 0
	fields = map[string][]string{}
	for _, list := range []gqlast.DefinitionList{document.Definitions, document.Extensions} {
		for _, def := range list {
			if def.Kind != gqlast.Object {
				continue
			}
			for _, f := range def.Fields {
				fields[def.Name] = append(fields[def.Name], f.Name)
			}
		}
	}
	return fields, complete
}
