package bolt

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
)

// mappedMemory returns how many bytes of files the process has in memory, 0 when
// the system does not tell.
//
// See: https://man7.org/linux/man-pages/man5/proc_pid_statm.5.html
func mappedMemory() int64 {
	f, err := os.Open("/proc/self/statm")
	if err != nil {
		return 0
	}
	defer f.Close()
	var buf [128]byte
	n, err := f.Read(buf[:])
	if err != nil {
		return 0
	}
	fields := bytes.Fields(buf[:n]) // total, resident, and of that of files, in pages
	if len(fields) < 3 {
		return 0
	}
	pages, err := strconv.ParseInt(string(fields[2]), 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}

// giveBack takes a mapping out of the process's memory. It stays mapped, and what
// it shows stays in the system's cache.
//
// See: https://man7.org/linux/man-pages/man2/madvise.2.html
func giveBack(mapping uintptr, size int64) {
	// It is no more than advice: an error changes nothing.
	_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, mapping, uintptr(size), syscall.MADV_DONTNEED)
}
