// Package suite prepares what the tests of a package share, an API server before all, and runs them.
package suite

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/atlasstreams/operator/internal/testenv"
	"github.com/atlasstreams/operator/test/internal/kubetest"
	"github.com/atlasstreams/operator/test/internal/manager"
)

// prepareTimeout bounds what comes before the tests. Most of it is the manager's compilation.
const prepareTimeout = 5 * time.Minute

// Options say how a suite differs from others.
type Options struct {
	// Patience is how long a test waits for anything before it calls that a hang. It bounds failures only.
	Patience time.Duration
	// Polling is how often a test looks for what it waits for.
	Polling time.Duration
	// AtOnce is the number of tests per processor that run at the same time, for those that mostly wait; 0 is one.
	AtOnce int
	// ControlPlane is what there is beside the API server.
	ControlPlane testenv.Options
	// Manager builds the manager, for tests that run it as a process of its own.
	Manager bool
	// Prepare makes the rest of what the tests share.
	Prepare func(context.Context) error
}

// World is what the tests share. They run at the root of the operator's module, where its programs and files are.
type World struct {
	Env  *testenv.Environment
	Kube client.WithWatch
	// Manager is the path of the program.
	Manager string
	// Dir is a directory that goes with the tests.
	Dir string

	numbers atomic.Int64
}

// Number is another one with each call, for names.
func (w *World) Number() int64 { return w.numbers.Add(1) }

// Run prepares the world, runs the tests and returns what the program exits with.
func (w *World) Run(m *testing.M, o Options) int {
	SetDefaultEventuallyTimeout(o.Patience)
	SetDefaultEventuallyPollingInterval(o.Polling)
	ctrl.SetLogger(zap.New(zap.WriteTo(os.Stderr)))
	if o.AtOnce > 0 {
		setParallel(o.AtOnce * runtime.GOMAXPROCS(0))
	}
	code := 1
	err := w.prepare(o)
	if err == nil {
		code = m.Run()
	}
	if err := errors.Join(err, w.end()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	return code
}

// setParallel sets a flag that every test binary has, unless somebody chose it.
func setParallel(tests int) {
	flag.Parse()
	chosen := false
	flag.Visit(func(f *flag.Flag) { chosen = chosen || f.Name == "test.parallel" })
	if !chosen {
		_ = flag.Set("test.parallel", strconv.Itoa(tests))
	}
}

func (w *World) prepare(o Options) (err error) {
	if err := os.Chdir("../.."); err != nil {
		return fmt.Errorf("go to the operator's module: %w", err)
	}
	if w.Dir, err = os.MkdirTemp("", "atlas-streams-suite-"); err != nil {
		return fmt.Errorf("make a directory for the tests: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), prepareTimeout)
	defer cancel()
	if o.Manager {
		if w.Manager, err = manager.Build(ctx, w.Dir); err != nil {
			return err
		}
	}
	if w.Env, err = testenv.Start(ctx, o.ControlPlane); err != nil {
		return err
	}
	if w.Kube, err = kubetest.Connect(w.Env.Config); err != nil || o.Prepare == nil {
		return err
	}
	return o.Prepare(ctx)
}

func (w *World) end() error {
	var err error
	if w.Env != nil {
		err = w.Env.Stop()
	}
	return errors.Join(err, os.RemoveAll(w.Dir))
}
