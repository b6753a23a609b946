// Package manager builds the manager for tests that run it as a process of its own.
package manager

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	_ "github.com/atlasstreams/operator/internal/controller" // what the manager is made of: see watchSources
)

// Build builds the manager from the sources of this module into a directory and returns the program's path. The
// working directory is that of a test two levels below the module's root.
func Build(ctx context.Context, dir string) (string, error) {
	if err := watchSources(); err != nil {
		return "", err
	}
	program := filepath.Join(dir, "manager")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", program, "github.com/atlasstreams/operator/cmd/manager")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the manager: %w\n%s", err, out)
	}
	return program, nil
}

// watchSources makes go test see what the manager is made of, so that a result from before a change is not taken from
// its cache: the packages by the import above, the program, which cannot be imported, by its files.
func watchSources() error {
	files, err := filepath.Glob("../../cmd/manager/*.go")
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("not two levels below the module's root: %w", os.ErrNotExist)
	}
	for _, file := range files {
		if _, err := os.Stat(file); err != nil {
			return fmt.Errorf("look at the manager's sources: %w", err)
		}
	}
	return err
}
