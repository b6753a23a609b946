package wait_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
	"github.com/atlasstreams/operator/test/internal/controllers"
	"github.com/atlasstreams/operator/test/internal/kubetest"
	"github.com/atlasstreams/operator/test/internal/manifest"
)

const (
	project   = atlastest.DefaultProjectID
	workspace = atlastest.DefaultWorkspace
	// requestTimeout of one call to Atlas makes settle two seconds.
	requestTimeout = time.Second
)

// stage is where one test takes place: a namespace with credentials, and an Atlas of its own.
type stage struct {
	*kubetest.Client
	t         *testing.T
	namespace string
	atlas     *atlastest.Server
}

func newStage(t *testing.T, options ...atlastest.Option) *stage {
	t.Helper()
	s := &stage{
		Client: kubetest.New(t, world.Kube), t: t, namespace: fmt.Sprintf("wait-%d", world.Number()),
		atlas: atlastest.NewServer(t, options...),
	}
	s.Create(manifest.Namespace(s.namespace), manifest.Credentials(s.namespace), manifest.Password(s.namespace, "planted-kafka-password"))
	return s
}

// startManager runs a manager for the stage's namespace.
func (s *stage) startManager() (stop func()) {
	s.t.Helper()
	return controllers.Run(s.t, world.Env.Config, s.namespace, s.atlas.URL, requestTimeout)
}

func (s *stage) link(name string) *v1alpha1.StreamPrivateLink {
	return manifest.Link(s.namespace, name)
}

func (s *stage) kafka(name, link string) *v1alpha1.StreamConnection {
	return manifest.Over(link, manifest.Kafka(s.namespace, name))
}

func (s *stage) https(name string) *v1alpha1.StreamConnection {
	return manifest.HTTPS(s.namespace, name)
}

// abandon lets the deletion of a resource finish without Atlas.
func (s *stage) abandon(r v1alpha1.Managed) {
	s.t.Helper()
	kubetest.Edit(s.Client, r, func(r v1alpha1.Managed) { r.SetAnnotations(map[string]string{v1alpha1.AnnotationAbandon: "true"}) })
}
