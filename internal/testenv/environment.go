// Package testenv runs the real Kubernetes control plane, etcd and kube-apiserver, for tests and the demo, with the
// project's CustomResourceDefinitions installed. It stands on controller-runtime's envtest and adds what that lacks: a
// kube-controller-manager, logs that are there when something fails, and children that never outlive their parent.
package testenv

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
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
	envtest *envtest.Environment

	mu    sync.Mutex     // tests that run at the same time start children
	stops []func() error // end the parts, the last one first
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
func Start(ctx context.Context, opts Options) (started *Environment, err error) {
	dir, err := os.MkdirTemp("", "atlas-streams-testenv-")
	if err != nil {
		return nil, fmt.Errorf("start the control plane: %w", err)
	}
	e := &Environment{dir: dir, stops: []func() error{func() error { return os.RemoveAll(dir) }}}
	defer func() {
		if err != nil {
			started, err = nil, errors.Join(fmt.Errorf("start the control plane: %w%s", err, e.Logs()), e.Stop())
		}
	}()
	if err := e.startGuard(); err != nil {
		return nil, err
	}
	if err := e.configure(opts); err != nil {
		return nil, err
	}
	e.stops = append(e.stops, e.envtest.Stop)
	if e.Config, err = e.envtest.Start(); err != nil {
		return nil, err
	}
	if e.Kubeconfig, err = e.KubeconfigFor("admin", "system:masters"); err != nil || !opts.ControllerManager {
		return e, err
	}
	return e, e.startControllerManager(ctx)
}

// configure prepares envtest: our binaries under guard, our directories, our flags.
func (e *Environment) configure(opts Options) (err error) {
	etcd := &envtest.Etcd{DataDir: filepath.Join(e.dir, "etcd-data")}
	server := &envtest.APIServer{CertDir: e.dir}
	e.envtest = &envtest.Environment{
		ControlPlane:             envtest.ControlPlane{Etcd: etcd, APIServer: server},
		ControlPlaneStartTimeout: startTimeout, ControlPlaneStopTimeout: stopTimeout,
	}
	if !opts.WithoutCRDs {
		if e.envtest.CRDs, err = crd.All(); err != nil {
			return err
		}
	}
	address, err := FreeAddress()
	if err != nil {
		return err
	}
	etcd.URL = &url.URL{Scheme: "http", Host: address}
	etcd.Configure().Set("listen-peer-urls", "http://127.0.0.1:0") // it has no peers
	if address, err = FreeAddress(); err != nil {
		return err
	}
	server.SecureServing.Address, server.SecureServing.Port, _ = net.SplitHostPort(address)
	// Fairness between clients costs start-up time and has nothing to do here: the clients are one test's.
	server.Configure().Set("enable-priority-and-fairness", "false")
	if opts.ControllerManager {
		// envtest switches this off, because there nothing makes service accounts. The controller manager does.
		server.Configure().Disable("disable-admission-plugins")
	}
	if etcd.Path, err = e.guarded("etcd"); err != nil {
		return err
	}
	server.Path, err = e.guarded("kube-apiserver")
	return err
}

// startControllerManager runs the controllers that a cluster without nodes still needs.
func (e *Environment) startControllerManager(ctx context.Context) error {
	const name = "kube-controller-manager"
	binary, err := Binary(name)
	if err != nil {
		return err
	}
	server := e.envtest.ControlPlane.APIServer
	ca := filepath.Join(e.dir, "ca.crt")
	if err := os.WriteFile(ca, server.CA, 0o600); err != nil {
		return err
	}
	process, err := e.Run(name, nil, binary,
		"--kubeconfig="+e.Kubeconfig,
		"--controllers=namespace-controller,garbage-collector-controller,serviceaccount-controller,serviceaccount-token-controller,"+
			"root-ca-certificate-publisher-controller,clusterrole-aggregation-controller",
		"--root-ca-file="+ca,
		// The key that the API server checks tokens with, made by envtest.
		"--service-account-private-key-file="+filepath.Join(server.CertDir, "sa-signer.key"),
		"--leader-elect=false",
		"--secure-port=0",
	)
	if err != nil {
		return err
	}
	c, err := client.New(e.Config, client.Options{})
	if err != nil {
		return err
	}
	// The controllers make the default service account when they have begun to work.
	return process.await(ctx, func(ctx context.Context) error {
		return c.Get(ctx, client.ObjectKey{Namespace: "default", Name: "default"}, &corev1.ServiceAccount{})
	})
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
	stops := e.stops
	e.stops = nil
	e.mu.Unlock()
	var errs []error
	for _, stop := range slices.Backward(stops) {
		errs = append(errs, stop())
	}
	return errors.Join(errs...)
}

// Logs returns the ends of the logs of etcd, the API server and every other child, to be shown when something failed.
func (e *Environment) Logs() string {
	var text strings.Builder
	logs, _ := filepath.Glob(filepath.Join(e.dir, "*.log")) // the pattern is valid
	for _, log := range logs {
		text.WriteString(logTail(log))
	}
	return text.String()
}
