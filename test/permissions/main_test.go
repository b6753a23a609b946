// Package permissions_test runs the manager, a process of its own, with the rights that config/rbac gives its
// ServiceAccount and with nothing else: all of them, which is enough, and then all but one, which is not. No node runs
// pods here, so the token of the ServiceAccount comes from the API server by TokenRequest.
package permissions_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/testenv"
	"github.com/atlasstreams/operator/test/internal/manager"
)

const (
	// patience is how long a test waits for anything before it calls that a hang. It bounds failures only.
	patience = 90 * time.Second
	// atOnce is the number of cases per processor that run at the same time: they mostly wait.
	atOnce = 3
)

// world is what all tests share.
var world struct {
	env     *testenv.Environment
	kube    client.Client
	manager string

	stages    atomic.Int64
	processes atomic.Int64
	starting  sync.Mutex // the environment's list of children is for one goroutine at a time
}

func TestMain(m *testing.M) {
	flag.Parse()
	chosen := false
	flag.Visit(func(f *flag.Flag) { chosen = chosen || f.Name == "test.parallel" })
	if !chosen {
		_ = flag.Set("test.parallel", strconv.Itoa(atOnce*runtime.GOMAXPROCS(0))) // a flag that every test binary has
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	SetDefaultEventuallyTimeout(patience)
	SetDefaultEventuallyPollingInterval(50 * time.Millisecond)
	ctrl.SetLogger(zap.New(zap.WriteTo(os.Stderr)))
	dir, err := os.MkdirTemp("", "atlas-streams-permissions-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute) //nolint:forbidigo // there is no test yet
	defer cancel()
	if err := prepareWorld(ctx, dir); err != nil {
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

// prepareWorld builds the manager and starts an API server.
func prepareWorld(ctx context.Context, dir string) (err error) {
	if world.manager, err = manager.Build(ctx, dir); err != nil {
		return err
	}
	if world.env, err = testenv.Start(ctx, testenv.Options{}); err != nil {
		return err
	}
	if err := v1alpha1.AddToScheme(clientgoscheme.Scheme); err != nil {
		return errors.Join(fmt.Errorf("build the scheme: %w", err), world.env.Stop())
	}
	config := rest.CopyConfig(world.env.Config)
	config.QPS = -1 // the tests wait for events by asking often
	if world.kube, err = client.New(config, client.Options{Scheme: clientgoscheme.Scheme}); err != nil {
		return errors.Join(fmt.Errorf("reach the API server: %w", err), world.env.Stop())
	}
	return nil
}
