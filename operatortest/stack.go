package operatortest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/atlasstreams/operator/atlastest"
	"github.com/atlasstreams/operator/config/crd"
	"github.com/atlasstreams/operator/internal/manager"
	"github.com/atlasstreams/operator/internal/testenv"
)

// TB is the part of a test that this package uses. *testing.T, *testing.B and GinkgoT() have it.
type TB interface {
	Helper()
	// Cleanup calls f at the end of the test.
	Cleanup(f func())
	Logf(format string, args ...any)
	// Fatalf fails the test and ends it.
	Fatalf(format string, args ...any)
}

// Stack is a running operator with its API server and its Atlas.
type Stack struct {
	// Client reads and writes at the API server, without a cache. It knows the built-in kinds and those of the operator;
	// other kinds can be added to its Scheme before they are used.
	Client client.Client
	// Config is an administrator's at the API server, for managers and clients of your own.
	Config *rest.Config
	// Atlas is the simulator that the operator talks to.
	Atlas *atlastest.Server

	t       TB
	stops   []func() error
	stopped sync.Once
}

// Start starts a stack, which ends with t. It returns when the operator works. What cannot start fails t; the log of the
// operator is written to t.
func Start(t TB, options ...Option) *Stack {
	t.Helper()
	var c config
	for _, option := range options {
		option(&c)
	}
	stack := &Stack{t: t}
	t.Cleanup(stack.Stop)
	for _, start := range []func(*config) error{stack.startAPIServer, stack.startAtlas, stack.startOperator} {
		if err := start(&c); err != nil {
			t.Fatalf("start the stack: %v", err)
			return nil
		}
	}
	return stack
}

func (s *Stack) startAPIServer(c *config) error {
	if c.given {
		if c.into == nil {
			return errors.New("the config that Into was given is nil: start the API server before the stack")
		}
		s.Config = rest.CopyConfig(c.into)
		if err := installCRDs(s.Config); err != nil {
			return err
		}
	} else {
		environment, err := testenv.Start(context.Background(), testenv.Options{})
		if err != nil {
			return err
		}
		s.atStop("stop the API server", environment.Stop)
		s.Config = environment.Config
	}
	s.Config.QPS = -1 // all clients are one test's
	var err error
	s.Client, err = client.New(s.Config, client.Options{Scheme: manager.NewScheme()})
	if err != nil {
		return fmt.Errorf("make a client for the API server: %w", err)
	}
	return nil
}

// installCRDs tolerates that another process does the same at the same time.
func installCRDs(cfg *rest.Config) error {
	return retry.OnError(retry.DefaultBackoff, apierrors.IsAlreadyExists, func() error {
		crds, err := crd.All()
		if err != nil {
			return err
		}
		_, err = envtest.InstallCRDs(cfg, envtest.CRDInstallOptions{CRDs: crds})
		return err
	})
}

func (s *Stack) startAtlas(c *config) error {
	server, err := atlastest.Start(c.simulator...)
	if err != nil {
		return fmt.Errorf("start the simulator of Atlas: %w", err)
	}
	s.atStop("stop the simulator of Atlas", func() error {
		server.Close()
		return nil
	})
	s.Atlas = server
	return nil
}

// Stop ends the stack before t does. An API server given by Into has to run until then: stop the stack first where an
// AfterSuite stops that, since Ginkgo runs it before what ends with t. Stopping again does nothing.
func (s *Stack) Stop() {
	s.t.Helper()
	s.stopped.Do(func() {
		var errs []error
		for _, stop := range slices.Backward(s.stops) {
			errs = append(errs, stop())
		}
		if err := errors.Join(errs...); err != nil {
			s.t.Fatalf("stop the stack: %v", err)
		}
	})
}

// atStop adds what ends a part of the stack, the last one first.
func (s *Stack) atStop(what string, stop func() error) {
	s.stops = append(s.stops, func() error {
		if err := stop(); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		return nil
	})
}
