package idp

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// writeFile stores a file that its owner alone may read, as a whole: readers see
// the old content or the new.
func writeFile(path string, content []byte) error {
	return writeThrough(path, content, os.Rename)
}

// writeNew is writeFile for a file that must not exist yet; when it does, the
// error is fs.ErrExist.
func writeNew(path string, content []byte) error {
	return writeThrough(path, content, func(temporary, path string) error {
		err := os.Link(temporary, path)
		if err == nil || errors.Is(err, fs.ErrExist) {
			return err
		}
		return os.Rename(temporary, path) // a file system without hard links
	})
}

func writeThrough(path string, content []byte, publish func(temporary, path string) error) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return publish(f.Name(), path)
}
