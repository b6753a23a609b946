// Package crash_test kills the real manager, a process of its own, at every point where the world outside can see it
// act, starts it again, and counts what is in Atlas.
//
// The manager knows nothing of this. It reaches the API server (a real one) and Atlas (the simulator) through proxies
// of the test, which see every call, and so find the points: before a call (it has left the manager and arrives
// nowhere) and after it (it was carried out and the answer is lost).
//
// A plain run tries a dozen chosen points and a few further cases. CRASH_POINTS=all tries every one; a list of points as
// they are named in the output, one a line, tries just these.
package crash_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/runtime/schema"
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
	// requestTimeout of one call to Atlas makes settle two seconds.
	requestTimeout = time.Second
	// patience is how long a test waits for anything before it calls that a hang. It bounds failures only.
	patience = 45 * time.Second
	// atOnce is the number of cases per processor that run at the same time: they mostly wait.
	atOnce = 3
)

// world is what all cases share.
var world struct {
	env *testenv.Environment
	// upstream reaches the API server as its administrator.
	upstream http.RoundTripper
	kube     client.Client
	manager  string
	dir      string

	cases     atomic.Int64
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
	SetDefaultEventuallyPollingInterval(25 * time.Millisecond)
	ctrl.SetLogger(zap.New(zap.WriteTo(os.Stderr)))
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute) //nolint:forbidigo // there is no test yet
	defer cancel()
	dir, err := os.MkdirTemp("", "atlas-streams-crash-")
	if err == nil {
		defer func() { _ = os.RemoveAll(dir) }()
		world.dir = dir
		err = prepareWorld(ctx)
	}
	if err != nil {
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
func prepareWorld(ctx context.Context) (err error) {
	if world.manager, err = manager.Build(ctx, world.dir); err != nil {
		return err
	}
	if world.env, err = testenv.Start(ctx, testenv.Options{}); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, world.env.Stop())
		}
	}()
	config := rest.CopyConfig(world.env.Config)
	config.QPS = -1 // the tests wait for events by asking often
	if world.upstream, err = rest.TransportFor(config); err != nil {
		return fmt.Errorf("reach the API server: %w", err)
	}
	if err := v1alpha1.AddToScheme(clientgoscheme.Scheme); err != nil {
		return fmt.Errorf("build the scheme: %w", err)
	}
	if world.kube, err = client.New(config, client.Options{Scheme: clientgoscheme.Scheme}); err != nil {
		return fmt.Errorf("reach the API server: %w", err)
	}
	// One look tells the client all about our kinds, so that the cases do not each ask.
	if _, err := world.kube.RESTMapper().RESTMapping(schema.GroupKind{Group: v1alpha1.GroupVersion.Group, Kind: "StreamPrivateLink"}); err != nil {
		return fmt.Errorf("find the kinds: %w", err)
	}
	return nil
}
