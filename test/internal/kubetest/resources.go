package kubetest

import (
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
)

// Await waits until a condition of the resource's generation matches, as in "True Done".
func (c *Client) Await(r v1alpha1.Managed, kind, statusAndReason string, message ...types.GomegaMatcher) {
	c.t.Helper()
	c.Eventually(func(g Gomega) {
		g.Expect(c.Kube.Get(c.t.Context(), client.ObjectKeyFromObject(r), r)).To(Succeed())
		conditions := r.GetObservedStatus().Conditions
		found := meta.FindStatusCondition(conditions, kind)
		g.Expect(found).NotTo(BeNil(), "no %s in %+v", kind, conditions)
		g.Expect(string(found.Status)+" "+found.Reason).To(Equal(statusAndReason), "%+v", conditions)
		g.Expect(found.ObservedGeneration).To(Equal(r.GetGeneration()))
		for _, m := range message {
			g.Expect(found.Message).To(m)
		}
	}).Should(Succeed(), r.GetName())
}

// AwaitReady waits until resources are Ready, and not for an older generation of theirs.
func (c *Client) AwaitReady(resources ...v1alpha1.Managed) {
	c.t.Helper()
	for _, r := range resources {
		c.Eventually(func(g Gomega) {
			g.Expect(c.Kube.Get(c.t.Context(), client.ObjectKeyFromObject(r), r)).To(Succeed())
			ready := meta.FindStatusCondition(r.GetObservedStatus().Conditions, v1alpha1.ConditionReady)
			g.Expect(ready).NotTo(BeNil(), "nobody has looked at it")
			g.Expect(ready.Status).To(Equal(metav1.ConditionTrue), "%s: %s", ready.Reason, ready.Message)
			g.Expect(ready.ObservedGeneration).To(Equal(r.GetGeneration()))
		}).Should(Succeed(), r.GetName())
	}
}

// ExpectNoOrphans looks for what is left in Atlas when all resources are gone.
func (c *Client) ExpectNoOrphans(atlas *atlastest.Server) {
	c.t.Helper()
	c.Expect(atlas.PrivateLinks(atlastest.DefaultProjectID)).To(BeEmpty(), "orphans")
	c.Expect(atlas.Connections(atlastest.DefaultProjectID, atlastest.DefaultWorkspace)).To(BeEmpty(), "orphans")
}
