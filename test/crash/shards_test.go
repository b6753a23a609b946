package crash_test

import (
	"slices"
	"testing"

	. "github.com/onsi/gomega"
	coordinationv1 "k8s.io/api/coordination/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/test/internal/kubetest"
	"github.com/atlasstreams/operator/test/internal/manifest"
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
	other := manifest.Link(s.namespace, "other")
	other.Spec.ProjectID = otherProject
	s.Create(inShard(s.link, "a"), inShard(other, "b"))
	s.awaitSynced(s.link, other)
	for name, shard := range shards {
		created := slices.DeleteFunc(shard.gate.end(), func(label string) bool { return label != "POST link #1" && label != "POST link #2" })
		s.Expect(created).To(Equal([]string{"POST link #1"}), "links made by shard %s", name)
	}
	var leases coordinationv1.LeaseList
	s.Expect(world.Kube.List(t.Context(), &leases, client.InNamespace(s.namespace))).To(Succeed())
	s.Expect(leases.Items).To(HaveLen(2), "each shard has a leader")

	trespasser := manifest.Link(s.namespace, "trespasser")
	trespasser.Spec.Region, trespasser.Spec.ServiceEndpointID = "eu-west-1", "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0"
	s.Create(inShard(trespasser, "b"))
	s.Await(trespasser, v1alpha1.ConditionStalled, "True "+v1alpha1.ReasonProjectInOtherShard, ContainSubstring(s.namespace+"/way"))
	s.Expect(s.atlas.AllPrivateLinks(project)).To(HaveLen(1), "nothing was made for it")

	kubetest.Edit(s.Client, trespasser, func(l *v1alpha1.StreamPrivateLink) { inShard(l, "a") })
	s.awaitSynced(trespasser)
	s.deleteIfThere(trespasser, s.link, other)
	s.awaitNoTrace(trespasser)
	s.awaitNoTrace(s.link, other)
	s.Expect(s.atlas.PrivateLinks(otherProject)).To(BeEmpty())
	s.expectNoSecrets()
}

func inShard(link *v1alpha1.StreamPrivateLink, shard string) *v1alpha1.StreamPrivateLink {
	link.Labels = map[string]string{"shard": shard}
	return link
}
