package crashfs

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// AckName is a file in the root of the mount that belongs to no disk. A program
// writes the number there of what it counts as done, or FreeRoom.
const AckName = "ack"

// FreeRoom lifts Faults.Room.
const FreeRoom = "free room"

// DirFD is the descriptor that a process has of the root of the mount, if it was
// made by Command.
const DirFD = 3

// Faults are what goes wrong. The zero value is a disk that keeps its promises.
type Faults struct {
	DropSyncs bool   // fsync promises nothing, and says that all went well
	FailSync  int    // the fsync with this number, from 1, returns EIO; 0 for none
	KillAt    int    // Kill is called instead of the change with this number, from 1; 0 for never
	Kill      func() // must end the program before it returns
	Room      int64  // bytes on the disk; 0 for as many as are asked for
}

// Enter makes the mount the working directory of this process.
func Enter() error {
	if err := unix.Fchdir(DirFD); err != nil {
		return fmt.Errorf("enter the mount: %w", err)
	}
	return unix.Close(DirFD)
}
