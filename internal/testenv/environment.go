// Package testenv runs the real Kubernetes control plane, etcd and kube-apiserver, for tests and the demo, with the
// project's CustomResourceDefinitions installed. It stands on controller-runtime's envtest and adds what that lacks: a
// kube-controller-manager, logs that are there when something fails, and children that never outlive their parent.
package testenv

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/atlasstreams/operator/config/crd"
)

// startTimeout is generous: on a busy machine, giving up and starting anew only adds to the load.
const startTimeout = 2 * time.Minute

// Options say what Start starts. The zero value is an API server with the project's CRDs.
type Options struct {
	// ControllerManager also runs kube-controller-manager, so that namespaces can be deleted, owned objects are
	// garbage-collected and service accounts come into being. It costs a few seconds.
	ControllerManager bool
	// WithoutCRDs leaves the project's CRDs out.
	WithoutCRDs bool
}

// Environment is a running control plane.
type Environment struct {
	// Config is an administrator's.
	Config *rest.Config
	// Kubeconfig is the path of a kubeconfig file with the same rights. It is gone after Stop.
	Kubeconfig string

	dir     string
	guard   *guard
	envtest *envtest.Environment

	mu       sync.Mutex // tests that run at the same time start children
	children []*Process
}

// New starts a control plane for one test and stops it when that ends. A failing test gets the ends of the logs.
func New(t testing.TB, opts Options) *Environment {
	t.Helper()
	e, err := Start(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(e.Logs())
		}
		if err := e.Stop(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// Start starts a control plane; the caller ends it by Stop, the context bounds the start alone. When Start fails,
// everything it had started is stopped, and the error holds the end of the log of what failed.
func Start(ctx context.Context, opts Options) (_ *Environment, err error) {
	dir, err := os.MkdirTemp("", "atlas-streams-testenv-")
	if err != nil {
		return nil, fmt.Errorf("start the control plane: %w", err)
	}
	e := &Environment{dir: dir}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("start the control plane: %w%s", err, e.Logs()), e.Stop())
		}
	}()

	if e.guard, err = startGuard(dir); err != nil {
		return nil, err
	}
	if err := e.configure(opts); err != nil {
		return nil, err
	}
	if e.Config, err = e.envtest.Start(); err != nil {
		return nil, err
	}
	if e.Kubeconfig, err = e.KubeconfigFor("admin", "system:masters"); err != nil {
		return nil, err
	}
	if opts.ControllerManager {
		if err := e.startControllerManager(ctx); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// configure prepares envtest: our binaries under guard, our directories, our flags.
func (e *Environment) configure(opts Options) (err error) {
	etcd := &envtest.Etcd{DataDir: filepath.Join(e.dir, "etcd-data")}
	server := &envtest.APIServer{CertDir: filepath.Join(e.dir, "apiserver")}
	e.envtest = &envtest.Environment{
		ControlPlane:             envtest.ControlPlane{Etcd: etcd, APIServer: server},
		ControlPlaneStartTimeout: startTimeout, ControlPlaneStopTimeout: stopTimeout,
	}
	if !opts.WithoutCRDs {
		if e.envtest.CRDs, err = crd.All(); err != nil {
			return err
		}
	}
	if etcd.Path, err = e.guarded("etcd"); err != nil {
		return err
	}
	if server.Path, err = e.guarded("kube-apiserver"); err != nil {
		return err
	}
	flags := server.Configure()
	// Fairness between clients costs start-up time and has nothing to do here: the clients are one test's.
	flags.Set("enable-priority-and-fairness", "false")
	if opts.ControllerManager {
		// envtest switches this off because nobody makes service accounts there; now somebody does.
		flags.Disable("disable-admission-plugins")
	}
	return os.Mkdir(server.CertDir, 0o700)
}

// KubeconfigFor writes a kubeconfig file that authenticates as the given user and groups, and returns its path. The
// name of a service account (system:serviceaccount:NAMESPACE:NAME) gives exactly that account's rights. The file is
// gone after Stop.
func (e *Environment) KubeconfigFor(user string, groups ...string) (string, error) {
	path := filepath.Join(e.dir, strings.ReplaceAll(user, ":", "-")+".kubeconfig")
	account, err := e.envtest.AddUser(envtest.User{Name: user, Groups: groups}, nil)
	var data []byte
	if err == nil {
		data, err = account.KubeConfig()
	}
	if err == nil {
		err = os.WriteFile(path, data, 0o600)
	}
	if err != nil {
		return "", fmt.Errorf("make a kubeconfig for %s: %w", user, err)
	}
	return path, nil
}

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
	if e.guard != nil {
		errs = append(errs, e.guard.stop())
		e.guard = nil
	}
	return errors.Join(append(errs, os.RemoveAll(e.dir))...)
}

// Logs returns the ends of the logs of etcd, the API server and every other child, to be shown when something failed.
func (e *Environment) Logs() string {
	var text strings.Builder
	logs, _ := filepath.Glob(e.logPath("*")) // the pattern is valid
	for _, log := range logs {
		text.WriteString(logTail(log))
	}
	return text.String()
}
