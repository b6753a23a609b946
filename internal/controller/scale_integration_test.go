package controller_test

import (
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
)

var _ = Describe("Many resources", func() {
	It("cost one list a poll when all is well", func(ctx SpecContext) {
		t := newTenant(ctx)
		for i := range 20 {
			create(ctx, t.https(fmt.Sprintf("c-%d", i)))
		}
		Eventually(ctx, readyCount(ctx, t)).Should(Equal(20))
		lists := func() int { return len(t.calls(atlastest.OpListConnections)) }
		settled := lists()
		Eventually(ctx, lists).Should(BeNumerically(">", settled+1), "the first lists after the last creation")
		versions, before := t.versions(ctx), len(t.calls(""))
		polled := lists()
		Eventually(ctx, lists).Should(BeNumerically(">=", polled+3))
		polls := t.calls(atlastest.OpListConnections)[polled:]
		Expect(len(t.calls(""))-before).To(Equal(lists()-polled), "nothing but lists")
		for i := range polls[1:] {
			Expect(polls[i+1].Time.Sub(polls[i].Time)).To(BeNumerically(">", steadyPollInterval*9/10))
		}
		Expect(t.versions(ctx)).To(Equal(versions), "and no write to the API server")
	}, SpecTimeout(time.Minute))

	It("are not held up by a workspace that Atlas serves slowly", func(ctx SpecContext) {
		t := newTenant(ctx)
		sim.AddWorkspace(t.project, "fast")
		slow := sim.Inject(atlastest.Fault{Delay: requestTimeout / 2, Match: func(r atlastest.Request) bool {
			return r.Operation == atlastest.OpCreateConnection && r.Workspace == t.workspace
		}})
		DeferCleanup(slow.Remove)
		for i := range 30 {
			create(ctx, t.https(fmt.Sprintf("slow-%d", i)))
		}
		Eventually(ctx, slow.Count).Should(BeNumerically(">", 0))
		began := time.Now()
		fast := t.https("fast")
		fast.Spec.WorkspaceName = "fast"
		create(ctx, fast)
		ready(ctx, fast, "True Ready")
		// In the order of their creation it would come after 20 of them.
		Expect(readyCount(ctx, t)()).To(BeNumerically("<", 16), "slow ones that were made in the %s before", time.Since(began))
	}, SpecTimeout(time.Minute))
})

func readyCount(ctx SpecContext, t tenant) func() int {
	return func() (ready int) {
		var connections v1alpha1.StreamConnectionList
		Expect(kube.List(ctx, &connections, client.InNamespace(t.namespace))).To(Succeed())
		for _, c := range connections.Items {
			if meta.IsStatusConditionTrue(c.Status.Conditions, v1alpha1.ConditionReady) {
				ready++
			}
		}
		return ready
	}
}

// versions are the resource versions of the connections: they change with each write.
func (t tenant) versions(ctx SpecContext) map[string]string {
	GinkgoHelper()
	var connections v1alpha1.StreamConnectionList
	Expect(kube.List(ctx, &connections, client.InNamespace(t.namespace))).To(Succeed())
	versions := map[string]string{}
	for _, c := range connections.Items {
		versions[c.Name] = c.ResourceVersion
	}
	return versions
}

// calls are the calls of that operation, or of any, in the tenant's project.
func (t tenant) calls(op atlastest.Operation) (calls []atlastest.Request) {
	for _, r := range sim.Requests() {
		if r.ProjectID == t.project && (op == "" || r.Operation == op) {
			calls = append(calls, r)
		}
	}
	return calls
}
