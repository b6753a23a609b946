// Package manager is for tests that run the manager as a process of its own: it builds it, says how to start it, and
// asks what it serves.
package manager

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/atlasstreams/operator/internal/testenv"
)

// Build builds the manager from the sources of this module into a directory and returns the program's path. The working
// directory is that of a test of this module, or its root.
//
// For go test to see what the manager is made of, and not to take a result from before a change from its cache, tests
// of this module import internal/manager too. Other modules do not, whose tests have to run without the cache.
func Build(ctx context.Context, dir string) (string, error) {
	if err := watchSources(); err != nil {
		return "", err
	}
	program := filepath.Join(dir, "manager")
	// The go command keeps what it has linked for go run, not for go build.
	build := exec.CommandContext(ctx, "go", "run", "-trimpath", "-exec", "cp", "github.com/atlasstreams/operator/cmd/manager", program)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the manager: %w\n%s", err, out)
	}
	return program, nil
}

// watchSources makes go test see the rest, the program's own files, which cannot be imported.
func watchSources() error {
	root, err := testenv.ModuleRoot()
	if err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(root, "cmd", "manager", "*.go"))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s is not the manager's module: %w", root, os.ErrNotExist)
	}
	for _, file := range files {
		if _, err := os.Stat(file); err != nil {
			return fmt.Errorf("look at the manager's sources: %w", err)
		}
	}
	return err
}

// Args are those of a manager in a hurry, with a simulator in Atlas's place. Those that are given win.
func Args(kubeconfig, atlasURL string, requestTimeout time.Duration, args ...string) []string {
	return append([]string{
		"--kubeconfig=" + kubeconfig, "--atlas-base-url=" + atlasURL, "--atlas-request-timeout=" + requestTimeout.String(),
		"--pending-poll-interval=200ms", "--steady-poll-interval=1s",
	}, args...)
}

// FreeAddress is testenv.FreeAddress for a test.
func FreeAddress(t *testing.T) string {
	t.Helper()
	address, err := testenv.FreeAddress()
	if err != nil {
		t.Fatal(err)
	}
	return address
}
