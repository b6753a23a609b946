package v1alpha1_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// validServices are specs of PrivateEndpointServices, for each way to say which one is meant.
var validServices = map[string]string{
	"by region": "cloudProvider: AWS\nregionName: US_EAST_1",
	"by id":     "cloudProvider: AZURE\nid: " + linkID,
}

// service is a PrivateEndpointService with one of validServices, changed like link.
func service(valid string, fragments ...string) *unstructured.Unstructured {
	GinkgoHelper()
	Expect(validServices).To(HaveKey(valid))
	return manifest("PrivateEndpointService", project+validServices[valid], fragments...)
}

const serviceProjectChanged = "projectId cannot be changed: create a new PrivateEndpointService for the other project"

var serviceLimits = []limit{
	{of: "by id", at: "projectId", required: true, pattern: hexID, bad: upperCaseHex, max: 24},
	{of: "by id", at: "credentialsRef.name", required: true, pattern: objectName, bad: "other/name", max: longestObject},
	{of: "by id", at: "cloudProvider", required: true, oneOf: []string{"AWS", "AZURE", "GCP"}},
	{of: "by id", at: "id", pattern: hexID, bad: upperCaseHex, max: 24},
	{of: "by region", at: "regionName", min: 1, max: 64},
}

var serviceRulesOfSpec = []rule{{
	field: "spec", message: "exactly one of id and regionName says which service is meant: set one",
	refused:  []sample{{"by id", "id: null"}, {"by id", "regionName: us-east-1"}},
	accepted: []sample{{"by id", ""}, {"by region", ""}},
}}

var _ = Describe("A PrivateEndpointService", func() {
	describeLimits(service, serviceLimits)
	describeRules(service, serviceRulesOfSpec)

	It("never changes its project", func(ctx SpecContext) {
		Expect(change(ctx, stored(ctx, service("by id"), ""), otherProject)).To(beRefused(cause("spec.projectId", serviceProjectChanged)))
	})

	It("may look at another service", func(ctx SpecContext) {
		object := stored(ctx, service("by id"), "id: "+linkID+", state: AVAILABLE")
		Expect(change(ctx, object, "{id: null, regionName: eastus2, cloudProvider: AWS}")).To(Succeed())
	})
})
