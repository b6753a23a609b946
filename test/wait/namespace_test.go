package wait_test

import (
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

func (s *stage) namespaceObject() *corev1.Namespace {
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.namespace}}
}

func (s *stage) secret(name string) *corev1.Secret { return &corev1.Secret{ObjectMeta: s.meta(name)} }

// The namespace's controller deletes everything at once, in any order: Secrets before what they are needed for, the
// link before the connection over it.
func TestNamespaceWithEverythingInIt(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.startManager()
	link, over, public := s.link("way"), s.kafka("orders", "way"), s.https("hook")
	s.create(link, over, public)
	s.await(link, v1alpha1.ConditionReady, "True Done")
	s.await(over, v1alpha1.ConditionReady, "True Ready")
	s.await(public, v1alpha1.ConditionReady, "True Ready")

	s.delete(s.namespaceObject())
	s.awaitGone(s.namespaceObject())
	s.expectNothingInAtlas()
}

// A manager that never saw the credentials cannot delete anything, and says how to go on.
func TestCredentialsGoneBeforeTheManagerRestarts(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	stop := s.startManager()
	restored, abandoned := s.link("restored"), s.https("abandoned")
	s.create(restored, abandoned)
	s.await(restored, v1alpha1.ConditionReady, "True Done")
	s.await(abandoned, v1alpha1.ConditionReady, "True Ready")
	stop()
	s.delete(s.secret("atlas"))
	s.startManager()
	s.delete(restored, abandoned)
	says := And(ContainSubstring("Secret "+s.namespace+"/atlas"), ContainSubstring(v1alpha1.AnnotationAbandon))
	for _, r := range []managed{restored, abandoned} {
		s.await(r, v1alpha1.ConditionReady, "False SecretNotFound", says)
		s.await(r, v1alpha1.ConditionCredentialsReady, "False SecretNotFound")
	}

	abandon(s, abandoned)
	s.awaitGone(abandoned)
	s.Expect(s.atlas.Connections(project, workspace)).To(HaveLen(1), "left behind, as was said")
	s.createCredentials()
	s.awaitGone(restored)
	s.Expect(s.atlas.PrivateLinks(project)).To(BeEmpty())
}

// In a namespace that is being deleted no Secret can be restored: abandon is the only way out, and it works.
func TestNamespaceWithoutCredentials(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	stop := s.startManager()
	link, over := s.link("way"), s.kafka("orders", "way")
	s.create(link, over)
	s.await(over, v1alpha1.ConditionReady, "True Ready")
	stop()
	s.delete(s.namespaceObject())
	s.awaitGone(s.secret("atlas"))
	s.startManager()
	for _, r := range []managed{over, link} {
		s.await(r, v1alpha1.ConditionReady, "False SecretNotFound",
			And(ContainSubstring("Secret "+s.namespace+"/atlas"), ContainSubstring(v1alpha1.AnnotationAbandon)))
	}
	abandon(s, over)
	abandon(s, link)
	s.awaitGone(s.namespaceObject())
}
