package testenv

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

const (
	// stopTimeout is how long a child may take to end after SIGTERM before it is killed.
	stopTimeout = 20 * time.Second
	// readyTimeout is how long a program may take until it does its work.
	readyTimeout = time.Minute
)

// Process is a child of the environment, and ends with that or this process at the latest.
type Process struct {
	// Name is the program's name in messages and of its log file.
	Name string
	// LogPath is the file that holds what the process printed.
	LogPath string

	cmd  *exec.Cmd
	done chan struct{}
}

// Run starts a program that ends with the environment. What it prints goes to a file; name must be unique. The child
// inherits this process's environment variables, plus those in env ("NAME=value"). It is safe for concurrent use.
func (e *Environment) Run(name string, env []string, path string, args ...string) (*Process, error) {
	logFile, err := os.Create(filepath.Join(e.dir, name+".log"))
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
	e.stops = append(e.stops, p.Stop)
	e.mu.Unlock()
	pidFile := filepath.Join(e.dir, name+".pid")
	err = os.WriteFile(pidFile, []byte(strconv.Itoa(p.PID())+"\n"), 0o600)
	go func() {
		_ = cmd.Wait()         // ProcessState has the outcome
		_ = os.Remove(pidFile) // it may be gone
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
		return fmt.Errorf("%s stopped (%s)%s", p.Name, p.cmd.ProcessState, p.Log())
	default:
		return nil
	}
}

// Log is the end of what the process printed, ready to be appended to a message; empty when it printed nothing.
func (p *Process) Log() string { return logTail(p.LogPath) }

// Stop asks the process to end (SIGTERM), waits, and kills it after 20 seconds. A child that had to be killed, or that
// answered SIGTERM with a status other than 0, is an error; one that had ended, or ends by the signal, is not.
func (p *Process) Stop() error {
	select {
	case <-p.done:
		return nil
	default:
	}
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended; done is closed then
	kill := time.AfterFunc(stopTimeout, func() { _ = p.cmd.Process.Kill() })
	<-p.done
	kill.Stop()
	if status := p.cmd.ProcessState; !status.Success() && status.Sys().(syscall.WaitStatus).Signal() != syscall.SIGTERM {
		return fmt.Errorf("stop %s: %s%s", p.Name, status, p.Log())
	}
	return nil
}

// Kill ends the process at once (SIGKILL), as a machine that fails does, and waits until it has ended.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill() // it may have ended; done is closed then
	<-p.done
}

// AwaitOK waits until a GET of the URL, which the process serves, is answered 200. It fails when the process ends, and
// after a minute.
func (p *Process) AwaitOK(ctx context.Context, url string) error {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 5 * time.Second} // no proxy: it is this machine
	return p.await(ctx, func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		response, err := client.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("get %s: %s", url, response.Status)
		}
		return nil
	})
}

// await waits until the process does its work, which ready checks again and again. It fails when the process ends.
func (p *Process) await(ctx context.Context, ready func(context.Context) error) error {
	var last error
	err := wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, readyTimeout, true, func(ctx context.Context) (bool, error) {
		if err := p.Failure(); err != nil {
			return false, err
		}
		last = ready(ctx)
		return last == nil, nil
	})
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s is not ready after %s: %w%s", p.Name, readyTimeout, last, p.Log())
	}
	return err
}

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

// guardScript kills the children when this process is gone, whatever ended it: a panic, a test timeout, SIGKILL. It is a
// shell that waits for the end of a pipe, and so works alike on every Unix and does not depend on the life of a thread,
// as Linux's parent-death signal does. $1 is a directory made by us alone, with a .pid file for each living child.
const guardScript = `
read -r _
for file in "$1"/*.pid; do
	[ -f "$file" ] && kill -KILL "$(cat "$file")" 2>/dev/null
done
rm -rf "$1"
`

// startGuard starts the guard, which ends last: after the files of the children are gone.
func (e *Environment) startGuard() error {
	cmd := exec.Command("/bin/sh", "-c", guardScript, "guard", e.dir)
	// A group of its own: Ctrl-C on the terminal goes to the whole foreground group, and must not end the guard first.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	pipe, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return fmt.Errorf("start the guard: %w", err)
	}
	e.stops = slices.Insert(e.stops, 0, func() error { return errors.Join(pipe.Close(), cmd.Wait()) })
	return nil
}

// guardedScript puts its process id under guard and becomes the program, which prints to its log. Memory of the control
// plane is cheaper here than its time, of which collecting garbage at Go's default takes a third.
const guardedScript = `#!/bin/sh
echo $$ >"$0.pid"
export GOGC="${GOGC:-300}"
exec "$0.program" "$@" >"$0.log" 2>&1
`

// guarded returns a program for envtest to start, which does not tell the ids of its children.
func (e *Environment) guarded(name string) (string, error) {
	binary, err := Binary(name)
	if err != nil {
		return "", err
	}
	wrapper := filepath.Join(e.dir, name)
	if err := errors.Join(os.Symlink(binary, wrapper+".program"), os.WriteFile(wrapper, []byte(guardedScript), 0o700)); err != nil {
		return "", fmt.Errorf("guard %s: %w", name, err)
	}
	return wrapper, nil
}
