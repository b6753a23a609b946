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
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"

	"github.com/atlasstreams/operator/api/v1alpha1"
	_ "github.com/atlasstreams/operator/internal/manager" // see manager.Build
	"github.com/atlasstreams/operator/test/internal/suite"
)

const (
	// requestTimeout of one call to Atlas makes settle two seconds.
	requestTimeout = time.Second
	// patience is how long a test waits for anything before it calls that a hang. It bounds failures only.
	patience = 45 * time.Second
)

// world is what all cases share.
var world struct {
	suite.World
	// upstream reaches the API server as its administrator.
	upstream http.RoundTripper
}

func TestMain(m *testing.M) {
	os.Exit(world.Run(m, suite.Options{
		Patience: patience, Polling: 25 * time.Millisecond, AtOnce: 3, Manager: true, Prepare: prepare,
	}))
}

func prepare(context.Context) (err error) {
	if world.upstream, err = rest.TransportFor(world.Env.Config); err != nil {
		return fmt.Errorf("reach the API server: %w", err)
	}
	// One look tells the client all about our kinds, so that the cases do not each ask.
	if _, err := world.Kube.RESTMapper().RESTMapping(schema.GroupKind{Group: v1alpha1.GroupVersion.Group, Kind: "StreamPrivateLink"}); err != nil {
		return fmt.Errorf("find the kinds: %w", err)
	}
	return nil
}
