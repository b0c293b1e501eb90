package scanner

import (
	"fmt"
	"sync"
)

// Complaints is what a source holds against what its device sends; see Complainer.
// Any goroutine may call its methods. The zero value has none.
type Complaints struct {
	mu    sync.Mutex
	last  string
	count int64 // since the last good code
	total int64
}

// Add tells of something that had to be dropped, in a sentence that says what to
// do about it, and holds nothing of the code.
func (c *Complaints) Add(sentence string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = sentence
	c.count++
	c.total++
}

// Clear forgets what is told: a good code came.
func (c *Complaints) Clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last, c.count = "", 0
}

// Complaint is the last thing that was wrong, and how often something was since the
// last good code.
func (c *Complaints) Complaint() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.count < 2 {
		return c.last
	}
	return fmt.Sprintf("%s (%d times)", c.last, c.count)
}

// Total counts all that was wrong since the start. A number that grows tells of a
// bad cable or a wrong setting.
func (c *Complaints) Total() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.total
}
