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
	logs    []*os.File

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

// Start starts a control plane; the caller ends it by Stop, the context bounds the start alone. When Start fails everything it had started is stopped, and
// the error holds the end of the log of what failed.
func Start(ctx context.Context, opts Options) (_ *Environment, err error) {
	dir, err := os.MkdirTemp("", "atlas-streams-testenv-")
	if err != nil {
		return nil, fmt.Errorf("start the control plane: %w", err)
	}
	e := &Environment{dir: dir}
	if err := os.Mkdir(filepath.Join(dir, "logs"), 0o700); err != nil {
		return nil, fmt.Errorf("start the control plane: %w", err)
	}
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

// configure prepares envtest: our binaries under guard, our directories, our logs, our flags.
func (e *Environment) configure(opts Options) error {
	e.envtest = &envtest.Environment{ControlPlaneStartTimeout: startTimeout, ControlPlaneStopTimeout: stopTimeout}
	if !opts.WithoutCRDs {
		crds, err := crd.All()
		if err != nil {
			return err
		}
		e.envtest.CRDs = crds
	}
	if err := e.configureEtcd(); err != nil {
		return err
	}
	return e.configureAPIServer(opts.ControllerManager)
}

func (e *Environment) configureEtcd() error {
	etcd := &envtest.Etcd{DataDir: filepath.Join(e.dir, "etcd-data")}
	path, log, err := e.prepare("etcd")
	if err != nil {
		return err
	}
	etcd.Path, etcd.Out, etcd.Err = path, log, log
	e.envtest.ControlPlane.Etcd = etcd
	return nil
}

func (e *Environment) configureAPIServer(controllerManager bool) error {
	server := e.envtest.ControlPlane.GetAPIServer()
	path, log, err := e.prepare("kube-apiserver")
	if err != nil {
		return err
	}
	server.Path, server.Out, server.Err = path, log, log
	server.CertDir = filepath.Join(e.dir, "apiserver")
	if err := os.Mkdir(server.CertDir, 0o700); err != nil {
		return err
	}
	flags := server.Configure()
	// Fairness between clients costs start-up time and has nothing to do here: the clients are one test's.
	flags.Set("enable-priority-and-fairness", "false")
	if controllerManager {
		// envtest switches this off because nobody makes service accounts there; now somebody does.
		flags.Disable("disable-admission-plugins")
	}
	return nil
}

// prepare returns the guarded program and an open log for a child that envtest starts.
func (e *Environment) prepare(name string) (string, *os.File, error) {
	binary, err := Binary(name)
	if err != nil {
		return "", nil, err
	}
	wrapper, err := e.guard.wrap(name, binary)
	if err != nil {
		return "", nil, err
	}
	log, err := os.Create(e.logPath(name))
	if err != nil {
		return "", nil, err
	}
	e.logs = append(e.logs, log)
	return wrapper, log, nil
}
