// Package gitops_test tells what Argo CD, Flux and kubectl make of our resources: it runs the real controllers against a
// real API server and the simulator, and lets the health checks of gitops/ judge the very resources, in the machinery
// that those tools run them in.
package gitops_test

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/onsi/gomega"
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

// world is what all tests share.
var world struct {
	env     *testenv.Environment
	kube    client.Client
	kubectl string
	stages  atomic.Int64
}

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	SetDefaultEventuallyTimeout(patience)
	SetDefaultEventuallyPollingInterval(50 * time.Millisecond)
	ctrl.SetLogger(zap.New(zap.WriteTo(os.Stderr)))
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute) //nolint:forbidigo // there is no test yet
	defer cancel()
	if err := prepareWorld(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := m.Run()
	if err := world.env.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	return code
}

func prepareWorld(ctx context.Context) error {
	// The control plane's programs, and the files that the tests are about, belong to the operator's module.
	if err := os.Chdir("../.."); err != nil {
		return fmt.Errorf("go to the operator's module: %w", err)
	}
	if err := v1alpha1.AddToScheme(scheme.Scheme); err != nil {
		return fmt.Errorf("build the scheme: %w", err)
	}
	var err error
	if world.kubectl, err = testenv.Binary("kubectl"); err != nil {
		return err
	}
	if world.env, err = testenv.Start(ctx, testenv.Options{}); err != nil {
		return err
	}
	config := rest.CopyConfig(world.env.Config)
	config.QPS = -1 // the tests wait for events by asking often
	if world.kube, err = client.New(config, client.Options{Scheme: scheme.Scheme}); err != nil {
		return fmt.Errorf("reach the API server: %w", err)
	}
	return nil
}
