package charts_test

import (
	"fmt"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
)

const (
	project   = atlastest.DefaultProjectID
	workspace = atlastest.DefaultWorkspace
)

// quick are durations of a simulator with which a test does not wait.
var quick = atlastest.Durations{Working: 100 * time.Millisecond, Pending: 100 * time.Millisecond, Deleting: 100 * time.Millisecond}

// stage is where one test takes place: a namespace for its resources, and an Atlas of its own.
type stage struct {
	*WithT
	*cluster
	t         *testing.T
	namespace string
	// release is the name of the operator's release, and the beginning of what it makes for the whole cluster.
	release string
	atlas   *atlastest.Server
}

func newStage(t *testing.T, c *cluster, options ...atlastest.Option) *stage {
	t.Helper()
	number := world.stages.Add(1)
	s := &stage{
		WithT: NewWithT(t), cluster: c, t: t,
		namespace: fmt.Sprintf("charts-%d", number), release: fmt.Sprintf("op-%d", number),
		atlas: atlastest.NewServer(t, append([]atlastest.Option{atlastest.WithDurations(quick)}, options...)...),
	}
	s.createNamespace(s.namespace)
	return s
}

func (s *stage) createNamespace(name string) {
	s.t.Helper()
	s.create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}})
}

func (s *stage) create(object client.Object) {
	s.t.Helper()
	s.Expect(s.kube.Create(s.t.Context(), object)).To(Succeed())
}

// createCredentials makes the Secret atlas, which Atlas accepts.
func (s *stage) createCredentials(namespace string, more ...string) {
	s.t.Helper()
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "atlas"},
		StringData: map[string]string{"clientId": atlastest.DefaultClientID, "clientSecret": atlastest.DefaultClientSecret},
	}
	for i := 0; i+1 < len(more); i += 2 {
		secret.StringData[more[i]] = more[i+1]
	}
	s.create(secret)
}

// createLink makes a link; without a Secret it relies on the operator's default credentials.
func (s *stage) createLink(namespace, name, secret string) *v1alpha1.StreamPrivateLink {
	s.t.Helper()
	link := newLink(namespace, name, secret)
	s.create(link)
	return link
}

func newLink(namespace, name, secret string) *v1alpha1.StreamPrivateLink {
	link := &v1alpha1.StreamPrivateLink{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: v1alpha1.StreamPrivateLinkSpec{
			ManagedSpec: v1alpha1.ManagedSpec{ProjectID: project},
			Provider:    v1alpha1.ProviderAWS, Vendor: v1alpha1.VendorS3, Region: "us-east-1",
			ServiceEndpointID: "com.amazonaws.us-east-1.s3",
		},
	}
	if secret != "" {
		link.Spec.CredentialsRef = &v1alpha1.LocalReference{Name: secret}
	}
	return link
}

// awaitReady waits until the resource's generation is Ready.
func (s *stage) awaitReady(r v1alpha1.Managed) {
	s.t.Helper()
	s.Eventually(func(g Gomega) {
		g.Expect(s.kube.Get(s.t.Context(), client.ObjectKeyFromObject(r), r)).To(Succeed())
		ready := meta.FindStatusCondition(r.GetObservedStatus().Conditions, v1alpha1.ConditionReady)
		g.Expect(ready).NotTo(BeNil(), "nobody has looked at it")
		g.Expect(ready.Status).To(Equal(metav1.ConditionTrue), "%s: %s", ready.Reason, ready.Message)
		g.Expect(ready.ObservedGeneration).To(Equal(r.GetGeneration()))
	}).Should(Succeed(), r.GetName())
}

// deleteAndAwait deletes an object and waits until it is gone.
func (s *stage) deleteAndAwait(object client.Object) {
	s.t.Helper()
	s.Expect(s.kube.Delete(s.t.Context(), object)).To(Succeed())
	s.Eventually(func() bool { return s.gone(object) }).Should(BeTrue(), "%s is still there", object.GetName())
}

// gone reports whether the API server no longer has an object.
func (s *stage) gone(object client.Object) bool {
	return apierrors.IsNotFound(s.kube.Get(s.t.Context(), client.ObjectKeyFromObject(object), object))
}

// expectNothingInAtlas looks for orphans.
func (s *stage) expectNothingInAtlas() {
	s.t.Helper()
	s.Expect(s.atlas.PrivateLinks(project)).To(BeEmpty(), "orphans")
	s.Expect(s.atlas.Connections(project, workspace)).To(BeEmpty(), "orphans")
}
