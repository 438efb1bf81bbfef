package serverless

import (
	"regexp"
	"strings"

	"appsync-emulator/emulator/internal/project"
)

// readDotenv reads the .env file of the stage, else the one of all stages, when the
// project says that it is used; version 4 of the framework always does.
//
// See: https://www.serverless.com/framework/docs/environment-variables
func (v *variables) readDotenv(at *project.Node) (map[string]*project.Node, project.Problems) {
	out := map[string]*project.Node{}
	use := false
	if e := v.root.Find("useDotenv"); e != nil {
		use = e.Value().Kind() == project.NodeBool && e.Value().Bool()
	}
	if e := v.root.Find("frameworkVersion"); e != nil && versionFour.MatchString(e.Value().Text()) {
		use = true
	}
	if !use {
		return out, nil
	}
	stage, problems := v.stage(at)
	if len(problems) > 0 {
		return nil, problems
	}
	for _, name := range []string{".env." + stage, ".env"} {
		if strings.ContainsAny(name, `/\`) || !v.files.Exists(name) {
			continue
		}
		file, mistake := v.files.Open(name, at.Position(), "file")
		if mistake != nil {
			return nil, project.Problems{*mistake}
		}
		text := project.NewFileText(file)
		for _, line := range dotenvLine.FindAllStringSubmatchIndex(file.Text(), -1) {
			key := file.Text()[line[2]:line[3]]
			value := ""
			if line[4] >= 0 {
				value = v.dotenvValue(file.Text()[line[4]:line[5]], out)
			}
			out[key] = project.NewText(text, project.TextPart{Text: value, Of: text, From: line[2], Replaced: true})
		}
		break
	}
	return out, nil
}

var (
	versionFour = regexp.MustCompile(`^[\s^~>=v]*4(\D|$)`)
	// dotenvLine is KEY=VALUE as dotenv 16 reads it; the value may be in quotes.
	dotenvLine = regexp.MustCompile(`(?m)^[ \t]*(?:export[ \t]+)?([\w.-]+)(?:[ \t]*=[ \t]*|:[ \t]+)` +
		"('(?:\\\\'|[^'])*'|\"(?:\\\\\"|[^\"])*\"|`(?:\\\\`|[^`])*`|[^#\\r\\n]+)?" + `[ \t]*(?:#.*)?\r?$`)
	// dotenvName is another variable in a value, perhaps with a default.
	dotenvName = regexp.MustCompile(`\\?\$(?:\{(\w+)(?::?-([^}]*))?\}|(\w+))`)
)

// dotenvValue takes the quotes away and replaces the variables, as dotenv and
// dotenv-expand do. before are the variables that the file says above.
func (v *variables) dotenvValue(raw string, before map[string]*project.Node) string {
	raw = strings.TrimSpace(raw)
	quote := byte(0)
	if n := len(raw); n >= 2 && raw[0] == raw[n-1] && strings.IndexByte("'\"`", raw[0]) >= 0 {
		quote, raw = raw[0], raw[1:n-1]
	}
	if quote == '"' {
		raw = strings.NewReplacer(`\n`, "\n", `\r`, "\r").Replace(raw)
	}
	return dotenvName.ReplaceAllStringFunc(raw, func(name string) string {
		if strings.HasPrefix(name, `\`) {
			return name[1:]
		}
		m := dotenvName.FindStringSubmatch(name)
		key := m[1] + m[3]
		if v.opt.Env != nil {
			if value, ok := v.opt.Env(key); ok {
				return value
			}
		}
		if value := before[key]; value != nil {
			return value.Text()
		}
		return m[2]
	})
}
