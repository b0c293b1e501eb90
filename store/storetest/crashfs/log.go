// Package crashfs finds out what a program's files may look like after a power
// cut. It is a directory (FUSE, in memory) that records everything a program does
// to it in one order, and it makes from that record the directories that a disk may
// hold after a cut: it knows what an fsync promises, and nothing of what is in the
// files. It is for tests.
//
// What is durable of a file is what it held at its last fsync. Of the writes and
// truncations since then a cut keeps any subset, in order; a write is kept whole, or
// from its start or to its end, torn at a 512-byte boundary. What is durable of the
// names is what they were at the last fsync of their directory. Of the changes to
// names since then a cut keeps any number of the first ones, as a file system with an
// ordered journal does; the fsync of a file makes none of its names durable. Modes
// are durable at once. A disk that lies about fsync is Faults.DropSyncs.
package crashfs

// Kind is what an entry of the log says.
type Kind byte

// The kinds.
const (
	Write    Kind = iota + 1 // Bytes at Off of the file
	Truncate                 // the file is Off bytes long
	Allocate                 // the file has room for Len bytes at Off, zeros where it is new
	Sync                     // an fsync of the file
	LostSync                 // an fsync of the file that returned an error
	Make                     // the file or directory has the name Name in Dir
	Remove                   // Name is no longer in Dir
	Rename                   // Name of Dir is now NewName of NewDir, and replaces what was that
	SyncDir                  // an fsync of the directory Dir
	Ack                      // the program says that N is done
)

// Entry is one thing that the program did.
type Entry struct {
	Kind          Kind
	Inode         uint64
	Off, Len      int64 // bytes
	Bytes         []byte
	Dir, NewDir   uint64
	Name, NewName string
	N             int
}

// Log is all that the program did, in one order.
type Log struct {
	Entries []Entry
	Modes   map[uint64]uint32 // of each inode, as in struct stat
	Fault   int               // how many entries there were at the first fault; 0 for none
}

// Root is the inode of the directory itself, which is there before the log begins.
const Root = 1

// Count is how many entries of these kinds there are.
func (l *Log) Count(kinds ...Kind) int {
	n := 0
	for _, e := range l.Entries {
		for _, k := range kinds {
			if e.Kind == k {
				n++
			}
		}
	}
	return n
}
