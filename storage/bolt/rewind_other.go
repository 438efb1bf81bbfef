//go:build !unix

package bolt

import "errors"

// canReopen says whether a file can be opened again by a handle.
const canReopen = false

func duplicateHandle(uintptr) (uintptr, error) { return 0, errors.ErrUnsupported }
