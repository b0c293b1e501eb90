package store_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// childVar tells this program, started once more, that it is a child and which one.
// What a damaged file does to a program can't be caught in the program: a mapped
// page that is not there ends it, and a loop in a page never does.
const childVar = "STORE_TEST_CHILD"

// childJob is what a child has to do.
type childJob struct {
	Role string // workload or oracle
	Plan plan
	workloadJob
}

func TestMain(m *testing.M) {
	text := os.Getenv(childVar)
	if text == "" {
		os.Exit(m.Run())
	}
	var job childJob
	err := json.Unmarshal([]byte(text), &job)
	switch {
	case err != nil:
	case job.Role == "workload":
		err = runWorkload(job.Plan, job.workloadJob)
	case job.Role == "oracle":
		err = runOracle(job.Plan, os.Stdin, os.Stdout)
	default:
		err = errors.New("no such child: " + job.Role)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// childEnv is the environment of a child with this job.
func childEnv(job childJob) []string {
	text, err := json.Marshal(job)
	if err != nil {
		panic(err)
	}
	return append(os.Environ(), childVar+"="+string(text), "GOTRACEBACK=single")
}

// child is an oracle: it is asked a line and answers with a line, or dies of it.
type child struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	pipe   *os.File // of out
	stderr *lastWords
}

func startOracle(p plan) (*child, error) {
	c := &child{cmd: exec.Command(os.Args[0]), stderr: &lastWords{}}
	c.cmd.Env = childEnv(childJob{Role: "oracle", Plan: p})
	c.cmd.Stderr = c.stderr
	in, err := c.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.in, c.out, c.pipe = in, bufio.NewReader(out), out.(*os.File)
	return c, c.cmd.Start()
}

// ask gives the answer, or why there is none: then the child is dead.
func (c *child) ask(line string, limit time.Duration) (string, error) {
	err := c.pipe.SetReadDeadline(time.Now().Add(limit))
	if err == nil {
		_, err = io.WriteString(c.in, line+"\n")
	}
	answer := ""
	if err == nil {
		answer, err = c.out.ReadString('\n')
	}
	switch {
	case err == nil:
		return strings.TrimSpace(answer), nil
	case errors.Is(err, os.ErrDeadlineExceeded):
		c.end()
		return "", fmt.Errorf("it hung for %v", limit)
	}
	c.end()
	words, _, _ := strings.Cut(c.stderr.String(), "\n\ngoroutine ")
	return "", fmt.Errorf("the process died: %s", words)
}

// end ends the child. It may be called twice.
func (c *child) end() {
	_ = c.in.Close()
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
}

// lastWords keeps the beginning of what a process says on its way out.
type lastWords struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (w *lastWords) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text.Write(b[:min(len(b), max(0, 2000-w.text.Len()))])
	return len(b), nil
}

func (w *lastWords) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// oracles are some children that know the same plan.
type oracles struct {
	plan plan
	idle chan *child // nil for one that is not started yet
}

const oraclesMax = 2

func newOracles(t *testing.T, p plan) *oracles {
	t.Helper()
	o := &oracles{p, make(chan *child, oraclesMax)}
	for range oraclesMax {
		o.idle <- nil
	}
	t.Cleanup(func() {
		for range oraclesMax {
			if c := <-o.idle; c != nil {
				c.end()
			}
		}
	})
	return o
}

// judge asks an oracle about a directory. One that dies of it is replaced. It may be
// called by several goroutines.
func (o *oracles) judge(path string) verdict {
	c := <-o.idle
	defer func() { o.idle <- c }()
	if c == nil {
		var err error
		if c, err = startOracle(o.plan); err != nil {
			c = nil
			return verdict{Err: fmt.Sprintf("start an oracle: %v", err), Died: true}
		}
	}
	v := verdict{}
	answer, err := c.ask(path, 10*time.Second)
	if err == nil {
		err = json.Unmarshal([]byte(answer), &v)
	}
	if err != nil {
		c = nil
		return verdict{Err: err.Error(), Died: true}
	}
	return v
}

// together works on the jobs, as many at a time as there are oracles.
func together[J any](jobs <-chan J, work func(J)) {
	var wg sync.WaitGroup
	for range oraclesMax {
		wg.Go(func() {
			for job := range jobs {
				work(job)
			}
		})
	}
	wg.Wait()
}
