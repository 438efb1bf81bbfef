package mappingtemplate

import "fmt"

// warnf sends the engine's warnings to a request log.
func warnf(log func(level, text string)) func(format string, args ...any) {
	return func(format string, args ...any) { log("WARN", fmt.Sprintf(format, args...)) }
}
