package permissions_test

import (
	"fmt"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
	"github.com/atlasstreams/operator/test/internal/kubetest"
	"github.com/atlasstreams/operator/test/internal/manifest"
)

const (
	project   = atlastest.DefaultProjectID
	workspace = atlastest.DefaultWorkspace
)

// stage is where one test takes place: a namespace of the operator, one of a team, and an Atlas.
type stage struct {
	*kubetest.Client
	t              *testing.T
	operator, team string
	atlas          *atlastest.Server
}

func newStage(t *testing.T) *stage {
	t.Helper()
	number := world.Number()
	s := &stage{
		Client: kubetest.New(t, world.Kube), t: t, operator: fmt.Sprintf("operator-%d", number), team: fmt.Sprintf("team-%d", number),
		atlas: atlastest.NewServer(t, atlastest.WithDurations(atlastest.Durations{
			Working: 50 * time.Millisecond, Pending: 50 * time.Millisecond, Deleting: 50 * time.Millisecond,
		})),
	}
	s.Create(manifest.Namespace(s.operator), manifest.Namespace(s.team))
	return s
}

// inputs makes what the resources of a namespace refer to.
func (s *stage) inputs(namespace string) {
	s.t.Helper()
	s.Create(manifest.Credentials(namespace), manifest.Password(namespace, "first"), &corev1.ConfigMap{
		ObjectMeta: manifest.Meta(namespace, "ca"), Data: map[string]string{"ca.crt": manifest.Certificate()},
	})
}

// newLink is one of its own in Atlas, whose project all namespaces share.
func newLink(namespace string) *v1alpha1.StreamPrivateLink {
	link := manifest.Link(namespace, "way")
	link.Spec.DNSDomain = namespace + ".example.com"
	return link
}

// newConnection uses the link, a password in a Secret and a certificate in a ConfigMap.
func newConnection(namespace string) *v1alpha1.StreamConnection {
	connection := manifest.Over("way", manifest.Kafka(namespace, "orders-"+namespace))
	connection.Spec.Kafka.Security.BrokerPublicCertificateRef = &v1alpha1.CertificateReference{Kind: "ConfigMap", Name: "ca", Key: "ca.crt"}
	return connection
}

func newService(namespace string) *v1alpha1.PrivateEndpointService {
	return manifest.Service(namespace, "clusters")
}

// condition reads a condition of a resource as the API server has it.
func (s *stage) condition(r v1alpha1.Managed, kind string) func() *metav1.Condition {
	return func() *metav1.Condition {
		s.Reload(r)
		return meta.FindStatusCondition(r.GetObservedStatus().Conditions, kind)
	}
}

// expectUntouched: nobody has worked on the resource.
func (s *stage) expectUntouched(r v1alpha1.Managed) {
	s.t.Helper()
	s.Reload(r)
	s.Expect(r.GetFinalizers()).To(BeEmpty())
	s.Expect(r.GetObservedStatus().Conditions).To(BeEmpty())
}
