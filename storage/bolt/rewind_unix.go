//go:build unix

package bolt

import "syscall"

// canReopen says that a file can be opened again by a handle, also when it has no
// name any more, and that mappings larger than the file cost nothing.
const canReopen = ^uint(0)>>32 != 0

func duplicateHandle(fd uintptr) (uintptr, error) {
	// No process may be started in between that would inherit it.
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	n, err := syscall.Dup(int(fd))
	if err != nil {
		return 0, err
	}
	syscall.CloseOnExec(n)
	return uintptr(n), nil
}
