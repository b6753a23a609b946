package crash_test

import (
	"slices"
	"testing"

	. "github.com/onsi/gomega"
	coordinationv1 "k8s.io/api/coordination/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

const otherProject = "00000000000000000000beef"

// Two managers share the work by a label, cut by project. Neither touches what is the other's, and a project in both
// shards is refused instead of being worked on by two.
func TestTwoShards(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.atlas.AddWorkspace(otherProject, workspace)
	shards := map[string]*replica{}
	for _, name := range []string{"a", "b"} {
		shards[name] = s.replica(append(elected(s), "--watch-label-selector=shard="+name)...)
		shards[name].gate.begin(nil)
		shards[name].start()
	}
	other := s.newLink("other")
	other.Spec.ProjectID = otherProject
	s.make(inShard(s.link, "a"), inShard(other, "b"))
	s.awaitReady(s.link, other)
	for name, shard := range shards {
		created := slices.DeleteFunc(shard.gate.end(), func(label string) bool { return label != "POST link #1" && label != "POST link #2" })
		s.Expect(created).To(Equal([]string{"POST link #1"}), "links made by shard %s", name)
	}
	var leases coordinationv1.LeaseList
	s.Expect(world.kube.List(t.Context(), &leases, client.InNamespace(s.namespace))).To(Succeed())
	s.Expect(leases.Items).To(HaveLen(2), "each shard has a leader")

	trespasser := s.newLink("trespasser")
	trespasser.Spec.Region, trespasser.Spec.ServiceEndpointID = "eu-west-1", "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0"
	s.make(inShard(trespasser, "b"))
	s.Eventually(func(g Gomega) {
		g.Expect(world.kube.Get(t.Context(), client.ObjectKeyFromObject(trespasser), trespasser)).To(Succeed())
		stalled := meta.FindStatusCondition(trespasser.Status.Conditions, v1alpha1.ConditionStalled)
		g.Expect(stalled).NotTo(BeNil())
		g.Expect(stalled.Reason).To(Equal(v1alpha1.ReasonProjectInOtherShard))
		g.Expect(stalled.Message).To(ContainSubstring(s.namespace + "/way"))
	}).Should(Succeed())
	s.Expect(s.atlas.AllPrivateLinks(project)).To(HaveLen(1), "nothing was made for it")

	edit(s, trespasser, func(l *v1alpha1.StreamPrivateLink) { inShard(l, "a") })
	s.awaitReady(trespasser)
	s.delete(trespasser, s.link, other)
	s.awaitGone(trespasser)
	s.awaitGone(s.link, other)
	s.Expect(s.atlas.PrivateLinks(otherProject)).To(BeEmpty())
	s.expectNoSecrets()
}

func inShard(link *v1alpha1.StreamPrivateLink, shard string) *v1alpha1.StreamPrivateLink {
	link.Labels = map[string]string{"shard": shard}
	return link
}
