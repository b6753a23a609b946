package wait_test

import (
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/test/internal/manifest"
)

// The namespace's controller deletes everything at once, in any order: Secrets before what they are needed for, the
// link before the connection over it.
func TestNamespaceWithEverythingInIt(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.startManager()
	link, over, public := s.link("way"), s.kafka("orders", "way"), s.https("hook")
	s.Create(link, over, public)
	s.Await(link, v1alpha1.ConditionReady, "True Done")
	s.Await(over, v1alpha1.ConditionReady, "True Ready")
	s.Await(public, v1alpha1.ConditionReady, "True Ready")

	s.Delete(manifest.Namespace(s.namespace))
	s.AwaitGone(manifest.Namespace(s.namespace))
	s.ExpectNoOrphans(s.atlas)
}

// A manager that never saw the credentials cannot delete anything, and says how to go on.
func TestCredentialsGoneBeforeTheManagerRestarts(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	stop := s.startManager()
	restored, abandoned := s.link("restored"), s.https("abandoned")
	s.Create(restored, abandoned)
	s.Await(restored, v1alpha1.ConditionReady, "True Done")
	s.Await(abandoned, v1alpha1.ConditionReady, "True Ready")
	stop()
	s.Delete(manifest.Credentials(s.namespace))
	s.startManager()
	s.Delete(restored, abandoned)
	says := And(ContainSubstring("Secret "+s.namespace+"/atlas"), ContainSubstring(v1alpha1.AnnotationAbandon))
	for _, r := range []v1alpha1.Managed{restored, abandoned} {
		s.Await(r, v1alpha1.ConditionReady, "False SecretNotFound", says)
		s.Await(r, v1alpha1.ConditionCredentialsReady, "False SecretNotFound")
	}

	s.abandon(abandoned)
	s.AwaitGone(abandoned)
	s.Expect(s.atlas.Connections(project, workspace)).To(HaveLen(1), "left behind, as was said")
	s.Create(manifest.Credentials(s.namespace))
	s.AwaitGone(restored)
	s.Expect(s.atlas.PrivateLinks(project)).To(BeEmpty())
}

// In a namespace that is being deleted no Secret can be restored: abandon is the only way out, and it works.
func TestNamespaceWithoutCredentials(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	stop := s.startManager()
	link, over := s.link("way"), s.kafka("orders", "way")
	s.Create(link, over)
	s.Await(over, v1alpha1.ConditionReady, "True Ready")
	stop()
	s.Delete(manifest.Namespace(s.namespace))
	s.AwaitGone(manifest.Credentials(s.namespace))
	s.startManager()
	for _, r := range []v1alpha1.Managed{over, link} {
		s.Await(r, v1alpha1.ConditionReady, "False SecretNotFound",
			And(ContainSubstring("Secret "+s.namespace+"/atlas"), ContainSubstring(v1alpha1.AnnotationAbandon)))
	}
	s.abandon(over)
	s.abandon(link)
	s.AwaitGone(manifest.Namespace(s.namespace))
}

// A foreground deletion holds the connection until the link is gone, which it owns and which it uses.
func TestForegroundDeletionOfAConnectionThatOwnsItsLink(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.startManager()
	connection := manifest.Over("dep", s.https("owner"))
	connection.Spec.Type, connection.Spec.HTTPS = v1alpha1.TypeS3, nil
	connection.Spec.S3 = &v1alpha1.S3Connection{RoleARN: "arn:aws:iam::123456789012:role/x"}
	s.Create(connection)
	link := manifest.S3Link(s.namespace, "dep", "us-east-1")
	link.OwnerReferences = []metav1.OwnerReference{{
		APIVersion: v1alpha1.GroupVersion.String(), Kind: "StreamConnection", Name: connection.Name, UID: connection.UID,
		BlockOwnerDeletion: new(true),
	}}
	s.Create(link)
	s.Await(connection, v1alpha1.ConditionReady, "True Ready")

	s.Expect(world.Kube.Delete(t.Context(), connection, client.PropagationPolicy(metav1.DeletePropagationForeground))).To(Succeed())
	s.AwaitGone(link, connection)
	s.ExpectNoOrphans(s.atlas)
}
