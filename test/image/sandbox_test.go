package image_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

const (
	// sandboxVariable makes the test binary become the program in its arguments, with this directory as its root.
	sandboxVariable = "IMAGE_TEST_ROOT"
	// environmentVariable holds the program's whole environment, a variable a line.
	environmentVariable = "IMAGE_TEST_ENVIRONMENT"
	// prNoNewPrivileges is PR_SET_NO_NEW_PRIVS of prctl(2), what allowPrivilegeEscalation: false asks for.
	prNoNewPrivileges = 38
)

// needSandbox skips a test where this process may not do what a container engine does.
func needSandbox(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("SKIPPED: running the image's file system needs root (mount, chroot, setuid); run this test as root")
	}
	failed := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with this goroutine
		failed <- syscall.Unshare(syscall.CLONE_NEWNS)
	}()
	if err := <-failed; err != nil {
		t.Skipf("SKIPPED: this machine lets nobody have a mount namespace: %v", err)
	}
}

// enterSandbox becomes a program as the container engine would start it: root is all there is of the file system and
// cannot be written, user and group are the image's, and no privilege can be gained. It returns only errors.
func enterSandbox(root string, argv []string) error {
	runtime.LockOSThread()
	for _, step := range []struct {
		what string
		do   func() error
	}{
		{"leave the mount namespace", func() error { return syscall.Unshare(syscall.CLONE_NEWNS) }},
		{"keep the mounts here", func() error { return syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, "") }},
		{"mount the root", func() error { return syscall.Mount(root, root, "", syscall.MS_BIND, "") }},
		{"make the root read-only", func() error {
			return syscall.Mount("", root, "", syscall.MS_BIND|syscall.MS_REMOUNT|syscall.MS_RDONLY|syscall.MS_NOSUID, "")
		}},
		{"enter the root", func() error { return syscall.Chroot(root) }},
		{"go to the root", func() error { return syscall.Chdir("/") }},
		{"try to write", expectReadOnly},
		{"forbid new privileges", func() error {
			if _, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, prNoNewPrivileges, 1, 0); errno != 0 {
				return errno
			}
			return nil
		}},
		{"leave the groups", func() error { return syscall.Setgroups(nil) }},
		{"change the group", func() error { return syscall.Setgid(imageUser) }},
		{"change the user", func() error { return syscall.Setuid(imageUser) }},
	} {
		if err := step.do(); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
	}
	return syscall.Exec(argv[0], argv, strings.Split(os.Getenv(environmentVariable), "\n"))
}

func expectReadOnly() error {
	err := os.WriteFile("/written", nil, 0o600)
	if errors.Is(err, syscall.EROFS) {
		return nil
	}
	return fmt.Errorf("the root is not read-only: %w", err)
}

// put writes a file into the root, readable by all, and the directories above it.
func put(t *testing.T, root, path string, data []byte) {
	t.Helper()
	file := filepath.Join(root, path)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o444); err != nil {
		t.Fatal(err)
	}
}
