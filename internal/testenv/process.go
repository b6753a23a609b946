package testenv

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// stopTimeout is how long a child may take to end after SIGTERM before it is killed.
const stopTimeout = 20 * time.Second

// Process is a child of the environment. It ends with the environment at the latest, and with this process whatever
// ends it.
type Process struct {
	// Name is the program's name in messages and of its log file.
	Name string
	// LogPath is the file that holds what the process printed.
	LogPath string

	cmd  *exec.Cmd
	done chan struct{}
	err  error // written before done is closed
}

// Run starts a program that ends with the environment. What it prints goes to a file; name must be unique. The child
// inherits this process's environment variables, plus those in env ("NAME=value"). Several goroutines may call it at the
// same time.
func (e *Environment) Run(name string, env []string, path string, args ...string) (*Process, error) {
	logFile, err := os.Create(e.logPath(name))
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	defer func() { _ = logFile.Close() }() // the child has its own descriptor

	cmd := exec.Command(path, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = logFile, logFile
	// A group of its own, so that Ctrl-C reaches us alone and we stop the children in order.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	p := &Process{Name: name, LogPath: logFile.Name(), cmd: cmd, done: make(chan struct{})}
	e.mu.Lock()
	e.children = append(e.children, p)
	e.mu.Unlock()
	err = os.WriteFile(e.pidFile(name), []byte(strconv.Itoa(p.PID())+"\n"), 0o600)
	go func() {
		p.err = cmd.Wait()
		_ = os.Remove(e.pidFile(name)) // gone is as good
		close(p.done)
	}()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("guard %s: %w", name, err), p.Stop())
	}
	return p, nil
}

// PID is the id of the process, also after its end.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Failure describes how the process ended by itself, with the end of its log, and is nil while it runs.
func (p *Process) Failure() error {
	select {
	case <-p.done:
	default:
		return nil
	}
	how := "ended"
	if p.err != nil {
		how = p.err.Error()
	}
	return fmt.Errorf("%s stopped (%s)%s", p.Name, how, p.Log())
}

// Log is the end of what the process printed, ready to be appended to a message; empty when it printed nothing.
func (p *Process) Log() string { return logTail(p.LogPath) }

// Stop asks the process to end (SIGTERM), waits, and kills it after 20 seconds. Stopping a process that has ended is
// fine. A child that had to be killed, or that answered SIGTERM with a status other than 0, is an error; one that does
// not handle the signal and ends by it is not.
func (p *Process) Stop() error {
	select {
	case <-p.done:
		return nil
	default:
	}
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may end just now, which done tells
	select {
	case <-p.done:
	case <-time.After(stopTimeout):
		_ = p.cmd.Process.Kill()
		<-p.done
		return fmt.Errorf("stop %s: still running after %s, killed%s", p.Name, stopTimeout, p.Log())
	}
	if status := p.cmd.ProcessState; status.Success() || status.Sys().(syscall.WaitStatus).Signal() == syscall.SIGTERM {
		return nil
	}
	return fmt.Errorf("stop %s: %w%s", p.Name, p.err, p.Log())
}

// Kill ends the process at once (SIGKILL), as a machine that fails does, and waits until it has ended.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill() // it may have ended, which done tells
	<-p.done
}

func (e *Environment) logPath(name string) string { return filepath.Join(e.dir, name+".log") }

// logTail is the end of a log, ready to be appended to a message.
func logTail(path string) string {
	const lines = 25
	data, err := os.ReadFile(path)
	data = bytes.TrimSpace(data)
	if err != nil || len(data) == 0 {
		return ""
	}
	all := strings.Split(string(data), "\n")
	return fmt.Sprintf("\n--- the end of %s\n%s\n---", filepath.Base(path), strings.Join(all[max(0, len(all)-lines):], "\n"))
}
