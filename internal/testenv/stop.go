package testenv

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

// Stop stops every child, the last one started first, and removes all files of the environment. What is already stopped
// stays so: a second call does nothing.
func (e *Environment) Stop() error {
	e.mu.Lock()
	children := e.children
	e.children = nil
	e.mu.Unlock()
	var errs []error
	for _, child := range slices.Backward(children) {
		errs = append(errs, child.Stop())
	}

	if e.envtest != nil {
		if err := e.envtest.Stop(); err != nil {
			errs = append(errs, fmt.Errorf("stop the control plane: %w", err))
		}
		e.envtest = nil
	}
	for _, log := range e.logs {
		errs = append(errs, log.Close())
	}
	e.logs = nil

	if e.guard != nil {
		errs = append(errs, e.guard.stop())
		e.guard = nil
	}
	return errors.Join(append(errs, os.RemoveAll(e.dir))...)
}

// Logs returns the ends of the logs of etcd, the API server and every other child, to be shown when something failed.
func (e *Environment) Logs() string {
	var text strings.Builder
	for _, log := range e.logs {
		text.WriteString(logTail(log.Name()))
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, child := range e.children {
		text.WriteString(logTail(child.LogPath))
	}
	return text.String()
}
