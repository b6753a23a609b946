package controller_test

import (
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
)

var _ = Describe("Creating exactly once", func() {
	DescribeTable("when the answer to a POST is lost", func(ctx SpecContext, fault atlastest.Fault) {
		t := newTenant(ctx)
		fault.Times, fault.Match = 1, func(r atlastest.Request) bool { return r.ProjectID == t.project && r.Method == "POST" }
		sim.Inject(fault)
		link := t.link("once")
		create(ctx, link)
		ready(ctx, link, "True Done")
		Expect(sim.AllPrivateLinks(t.project)).To(HaveLen(1))
		Expect(link.Status.Ownership).To(Equal(v1alpha1.OwnershipCreated))
	},
		Entry("504 though it was committed", atlastest.Fault{Status: 504, AfterCommit: true}, SpecTimeout(40*time.Second)),
		Entry("500 though it was committed", atlastest.Fault{Status: 500, AfterCommit: true}, SpecTimeout(40*time.Second)),
		Entry("the connection cut after the commit", atlastest.Fault{DropAfter: true}, SpecTimeout(40*time.Second)),
		Entry("the connection cut before the commit", atlastest.Fault{DropBefore: true}, SpecTimeout(40*time.Second)),
		Entry("committed, and no answer before the timeout", atlastest.Fault{AfterCommit: true, Hang: true}, SpecTimeout(40*time.Second)),
		Entry("committed only after the timeout", atlastest.Fault{Delay: 1300 * time.Millisecond}, SpecTimeout(40*time.Second)),
		Entry("503 and nothing committed", atlastest.Fault{Status: 503}, SpecTimeout(40*time.Second)),
	)

	It("makes a link although its twin, which differs in the dnsDomain alone, was made while an answer was lost", func(ctx SpecContext) {
		t := newTenant(ctx)
		link, twin := t.link("first"), t.link("twin")
		sim.Inject(atlastest.Fault{Times: 1, Status: 500, Match: func(r atlastest.Request) bool {
			return r.ProjectID == t.project && r.Method == "POST" && strings.Contains(r.Body, link.Spec.DNSDomain)
		}})
		create(ctx, link, twin)
		ready(ctx, twin, "True Done")
		ready(ctx, link, "True Done")
		Expect(sim.AllPrivateLinks(t.project)).To(HaveLen(2))
	}, SpecTimeout(40*time.Second))

	It("adopts an equal object, and reports one that differs", func(ctx SpecContext) {
		t := newTenant(ctx)
		sim.PutConnection(t.project, t.workspace, map[string]any{"name": "equal", "type": "Https", "url": "https://example.com/equal"})
		sim.PutConnection(t.project, t.workspace, map[string]any{"name": "other", "type": "Https", "url": "https://elsewhere.example.com"})
		equal, other := t.https("equal"), t.https("other")
		create(ctx, equal, other)
		ready(ctx, equal, "True Ready")
		Expect(equal.Status.Ownership).To(Equal(v1alpha1.OwnershipAdopted))
		ready(ctx, other, "False Conflict", ContainSubstring("https.url"))
		condition(ctx, other, v1alpha1.ConditionStalled, "True Conflict")
		edit(ctx, other, func(c *v1alpha1.StreamConnection) { c.Spec.AdoptionPolicy = v1alpha1.AdoptAlways })
		ready(ctx, other, "True Ready")
		Expect(writes(t)).To(ConsistOf(atlastest.OpUpdateConnection))
	}, SpecTimeout(30*time.Second))

	It("lets one of two resources own what both describe", func(ctx SpecContext) {
		t := newTenant(ctx)
		first, second := t.link("twin"), t.link("twin")
		first.Name, second.Name = "twin-a", "twin-b"
		create(ctx, first, second)
		ready(ctx, first, "True Done")
		ready(ctx, second, "False AlreadyManaged", ContainSubstring(t.namespace+"/twin-a"))
		Expect(sim.AllPrivateLinks(t.project)).To(HaveLen(1))
		Expect(kube.Delete(ctx, second)).To(Succeed())
		gone(ctx, second)
		Expect(sim.PrivateLinks(t.project)).To(HaveLen(1))
	}, SpecTimeout(30*time.Second))

	It("imports the very object that importId names", func(ctx SpecContext) {
		t := newTenant(ctx)
		existing := t.link("imported")
		fields := map[string]any{
			"provider": "AWS", "vendor": "CONFLUENT", "region": "US_EAST_1", "dnsDomain": existing.Spec.DNSDomain + ".",
			"serviceEndpointId": existing.Spec.ServiceEndpointID,
		}
		one, two := sim.PutPrivateLink(t.project, fields, "DONE"), sim.PutPrivateLink(t.project, fields, "DONE")
		create(ctx, existing)
		ready(ctx, existing, "False Ambiguous", And(ContainSubstring(one), ContainSubstring(two)))
		edit(ctx, existing, func(l *v1alpha1.StreamPrivateLink) { l.Spec.ImportID = two })
		ready(ctx, existing, "True Done")
		Expect(existing.Status.ID).To(Equal(two))
		missing := t.link("missing")
		missing.Spec.ImportID = "0123456789abcdef01234567"
		create(ctx, missing)
		ready(ctx, missing, "False ImportNotFound")
		Expect(writes(t)).To(BeEmpty())
	}, SpecTimeout(30*time.Second))
})
