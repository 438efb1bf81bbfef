package journal

import (
	"os"
	"syscall"
)

// syncData makes the contents of a file durable, and its length when that has
// changed.
func syncData(f *os.File) error {
	for {
		if err := syscall.Fdatasync(int(f.Fd())); err != syscall.EINTR {
			return os.NewSyscallError("fdatasync", err)
		}
	}
}
