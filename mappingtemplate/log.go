package mappingtemplate

import "fmt"

// Warnings makes vtl.Options.Logf of a request log, which hears the warnings of
// templates, such as a loop that was cut off, with the level "WARN". Who
// evaluates often makes it once: Render makes it anew otherwise.
func Warnings(log func(level, text string)) func(format string, args ...any) {
	return func(format string, args ...any) { log("WARN", fmt.Sprintf(format, args...)) }
}
