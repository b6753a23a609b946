package testenv

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// guard ends the children when this process is gone, whatever ended it: a panic, a test timeout, SIGKILL. It is a shell
// that waits for the end of a pipe, and so works alike on every Unix and does not depend on the life of a thread, as
// Linux's parent-death signal does.
type guard struct {
	cmd  *exec.Cmd
	pipe io.WriteCloser
}

// guardScript waits until its standard input ends. A line before that means that everything was stopped in order.
// $1 is a directory made by us alone, with a .pid file for each living child.
const guardScript = `
read -r _ && exit 0
for file in "$1"/*.pid; do
	[ -f "$file" ] && kill -KILL "$(cat "$file")" 2>/dev/null
done
rm -rf "$1"
`

func startGuard(dir string) (*guard, error) {
	cmd := exec.Command("/bin/sh", "-c", guardScript, "guard", dir)
	// A group of its own: Ctrl-C on the terminal goes to the whole foreground group, and must not end the guard first.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	pipe, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("start the guard: %w", err)
	}
	return &guard{cmd: cmd, pipe: pipe}, nil
}

// stop ends the guard; the children must be gone by then.
func (g *guard) stop() error {
	_, err := io.WriteString(g.pipe, "done\n")
	if err == nil {
		err = g.cmd.Wait()
	}
	if err != nil {
		return fmt.Errorf("stop the guard: %w", err)
	}
	return nil
}

// pidFile holds the id of a child while that lives.
func (e *Environment) pidFile(name string) string { return filepath.Join(e.dir, name+".pid") }

// roomForGarbage is GOGC of the control plane, where nobody set one: its memory is cheaper here than its time, of which
// collecting garbage at Go's default takes a third.
const roomForGarbage = 300

// guarded returns a program for envtest to start, which does not tell the ids of its children: it puts its process id
// under guard and becomes the program of that name, which prints to its log.
func (e *Environment) guarded(name string) (string, error) {
	binary, err := Binary(name)
	if err != nil {
		return "", err
	}
	script := fmt.Sprintf("#!/bin/sh\necho $$ > %s\nexport GOGC=\"${GOGC:-%d}\"\nexec %s \"$@\" >%s 2>&1\n",
		shellQuote(e.pidFile(name)), roomForGarbage, shellQuote(binary), shellQuote(e.logPath(name)))
	wrapper := filepath.Join(e.dir, name)
	if err := os.WriteFile(wrapper, []byte(script), 0o700); err != nil {
		return "", fmt.Errorf("guard %s: %w", name, err)
	}
	return wrapper, nil
}

func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
