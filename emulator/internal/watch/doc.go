// Package watch tells when the files of a project may have changed. It knows
// nothing of projects: package emulator says which files were read, and looks for
// itself whether a change makes a difference.
//
// Folders are watched and not files, since editors replace a file by renaming
// another over it. So are the folders above them, since a version control system
// removes folders and makes them again, and the other folders of the project, since
// a file may come that a pattern or a mistake has been waiting for.
package watch
