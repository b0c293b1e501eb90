package operators

import (
	"fmt"
	"time"
)

// The lock after wrong PINs.
const (
	triesFree = 5              // wrong PINs until the first lock
	lockFirst = time.Minute    // doubles with each wrong PIN after that
	lockMax   = 24 * time.Hour // the longest
	lockStep  = time.Minute    // progress below that is not worth a write
)

// LockedError means that the PIN was not looked at: there were too many wrong ones.
type LockedError struct{ Left time.Duration }

func (e *LockedError) Error() string {
	return fmt.Sprintf("too many wrong PINs: locked for another %s of running time",
		e.Left.Round(time.Second))
}

// lockFor is the lock that follows so many wrong PINs in a row.
func lockFor(tries int) time.Duration {
	if tries < triesFree {
		return 0
	}
	lock := lockFirst
	for range tries - triesFree {
		if lock *= 2; lock >= lockMax {
			return lockMax
		}
	}
	return lock
}

// guess counts one more wrong PIN, before anybody knows that it is wrong.
func (e *entry) guess(uptime time.Duration) {
	e.Tries++
	e.LockMS, e.LockAtMS = lockFor(e.Tries).Milliseconds(), uptime.Milliseconds()
}

// forgive forgets the wrong PINs.
func (e *entry) forgive() { e.Tries, e.LockMS, e.LockAtMS = 0, 0, 0 }

// left is what remains of the lock. Only time that the machine was seen to run
// counts, by the clock that starts with it: the wall clock has no say, so turning it
// ahead opens nothing and a clock that went back locks nobody for longer. If the
// machine has started anew since the lock was written, what it has run until now
// counts; if it may have (its uptime is beyond that of the writing), the difference
// counts, which is never more than it ran.
func (e *entry) left(uptime time.Duration) time.Duration {
	lock, at := time.Duration(e.LockMS)*time.Millisecond, time.Duration(e.LockAtMS)*time.Millisecond
	ran := uptime
	if uptime >= at {
		ran = uptime - at
	}
	return max(0, lock-ran)
}

// progress keeps what was sat out, so that a machine that starts anew every few
// minutes gets to the lock's end too. It says whether there is something to write.
func (e *entry) progress(uptime time.Duration) bool {
	left := e.left(uptime)
	sat := time.Duration(e.LockMS)*time.Millisecond - left
	if sat < lockStep {
		return false
	}
	e.LockMS, e.LockAtMS = left.Milliseconds(), uptime.Milliseconds()
	return true
}
