// Package charts_test tries the Helm charts and the static install as a platform team uses them: the real helm and
// kubectl as processes against a real API server, and beside it the real manager as a process, with the command line
// and the rights of what was installed, since no node runs pods here. Atlas is the simulator.
package charts_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/testenv"
)

// patience is how long a test waits for anything before it calls that a hang. It bounds failures only.
const patience = 90 * time.Second

// The charts, from the root of the module, where the tests run.
const (
	operatorChart = "charts/atlas-streams-operator"
	crdsChart     = "charts/atlas-streams-crds"
	streamsChart  = "charts/atlas-streams"
)

// world is what all tests share: a cluster with the resource definitions, from their chart.
var world struct {
	*cluster
	// manager is the program, built from the sources beside the charts.
	manager string
	stages  atomic.Int64
}

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	SetDefaultEventuallyTimeout(patience)
	SetDefaultEventuallyPollingInterval(50 * time.Millisecond)
	SetDefaultConsistentlyDuration(time.Second)
	ctrl.SetLogger(zap.New(zap.WriteTo(os.Stderr)))
	dir, err := os.MkdirTemp("", "atlas-streams-charts-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)                                                 //nolint:errcheck // nothing depends on it
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute) //nolint:forbidigo // there is no test yet
	defer cancel()
	code := 1
	if err := prepareWorld(ctx, dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
	} else {
		code = m.Run()
	}
	if world.cluster != nil {
		if err := world.env.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
	}
	return code
}

func prepareWorld(ctx context.Context, dir string) error {
	if err := os.Chdir("../.."); err != nil {
		return fmt.Errorf("go to the operator's module: %w", err)
	}
	for _, add := range []func() error{
		func() error { return v1alpha1.AddToScheme(scheme.Scheme) },
		func() error { return apiextensionsv1.AddToScheme(scheme.Scheme) },
	} {
		if err := add(); err != nil {
			return fmt.Errorf("build the scheme: %w", err)
		}
	}
	world.manager = filepath.Join(dir, "manager")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", world.manager, "./cmd/manager")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build the manager: %w\n%s", err, out)
	}
	env, err := testenv.Start(ctx, testenv.Options{ControllerManager: true, WithoutCRDs: true})
	if err != nil {
		return err
	}
	if world.cluster, err = newCluster(env, filepath.Join(dir, "helm")); err != nil {
		return err
	}
	_, err = world.helm(ctx, "install", "atlas-streams-crds", crdsChart, "--namespace", "kube-system", "--wait")
	return err
}

// cluster is a control plane, and the programs that are used with it.
type cluster struct {
	env  *testenv.Environment
	kube client.WithWatch
	// home is where helm keeps what it remembers.
	home string
}

func newCluster(env *testenv.Environment, home string) (*cluster, error) {
	config := rest.CopyConfig(env.Config)
	config.QPS = -1 // the tests wait for events by asking often
	kube, err := client.NewWithWatch(config, client.Options{Scheme: scheme.Scheme})
	if err != nil {
		return nil, fmt.Errorf("reach the API server: %w", err)
	}
	return &cluster{env: env, kube: kube, home: home}, nil
}

// bareCluster is an API server for one test, with nothing of ours in it.
func bareCluster(t *testing.T, options testenv.Options) *cluster {
	t.Helper()
	options.WithoutCRDs = true
	c, err := newCluster(testenv.New(t, options), t.TempDir())
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return c
}
