package charts_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
	"github.com/atlasstreams/operator/test/internal/kubetest"
	"github.com/atlasstreams/operator/test/internal/manifest"
)

const (
	project   = atlastest.DefaultProjectID
	workspace = atlastest.DefaultWorkspace
)

// quick are durations of a simulator with which a test does not wait.
var quick = atlastest.Durations{Working: 100 * time.Millisecond, Pending: 100 * time.Millisecond, Deleting: 100 * time.Millisecond}

// stage is where one test takes place: a namespace for its resources, and an Atlas of its own.
type stage struct {
	*kubetest.Client
	*cluster
	t         *testing.T
	namespace string
	// release is the name of the operator's release, and the beginning of what it makes for the whole cluster.
	release string
	atlas   *atlastest.Server
}

func newStage(t *testing.T, c *cluster, options ...atlastest.Option) *stage {
	t.Helper()
	number := world.Number()
	s := &stage{
		Client: kubetest.New(t, c.kube), cluster: c, t: t,
		namespace: fmt.Sprintf("charts-%d", number), release: fmt.Sprintf("op-%d", number),
		atlas: atlastest.NewServer(t, append([]atlastest.Option{atlastest.WithDurations(quick)}, options...)...),
	}
	s.Create(manifest.Namespace(s.namespace))
	return s
}

// newLink is a link with credentials of its own namespace.
func newLink(namespace, name string) *v1alpha1.StreamPrivateLink {
	return manifest.S3Link(namespace, name, "us-east-1")
}
