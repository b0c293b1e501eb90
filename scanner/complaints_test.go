package scanner

import "testing"

func TestComplaintsAreToldUntilAGoodCodeComes(t *testing.T) {
	var c Complaints
	if c.Complaint() != "" {
		t.Error("it complains of nothing")
	}
	c.Add("a line was cut off")
	if got := c.Complaint(); got != "a line was cut off" {
		t.Errorf("got %q", got)
	}
	c.Add("noise came")
	if got := c.Complaint(); got != "noise came (2 times)" {
		t.Errorf("got %q", got)
	}
	c.Clear()
	if c.Complaint() != "" || c.Total() != 2 {
		t.Errorf("got %q and %d", c.Complaint(), c.Total())
	}
}
