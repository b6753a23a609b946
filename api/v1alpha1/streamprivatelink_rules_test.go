package v1alpha1_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var linkRules = []rule{
	{
		field: "spec.dnsSubDomain", message: "dnsSubDomain must be unique: remove the repeated one",
		refused:  []sample{{"AWS CONFLUENT", "dnsSubDomain: [a.abc123.us-east-1.aws.confluent.cloud, a.abc123.us-east-1.aws.confluent.cloud]"}},
		accepted: []sample{{"AWS CONFLUENT", "dnsSubDomain: [a.abc123.us-east-1.aws.confluent.cloud, b.abc123.us-east-1.aws.confluent.cloud]"}, {"AWS CONFLUENT", "dnsSubDomain: []"}},
	},
	{
		field: "spec.azureResourceIds", message: "azureResourceIds must be unique: remove the repeated one",
		refused:  []sample{{"AZURE CONFLUENT", "azureResourceIds: [/subscriptions/a, /subscriptions/b, /subscriptions/b]"}},
		accepted: []sample{{"AZURE CONFLUENT", "azureResourceIds: [/subscriptions/a, /subscriptions/b]"}},
	},
	{
		field: "spec.gcpServiceAttachmentUris", message: "gcpServiceAttachmentUris must be unique: remove the repeated one",
		refused:  []sample{{"GCP CONFLUENT", "gcpServiceAttachmentUris: [projects/p/a, projects/p/a]"}},
		accepted: []sample{{"GCP CONFLUENT", "gcpServiceAttachmentUris: [projects/p/a, projects/p/b]"}},
	},
}

var _ = Describe("Rules of a StreamPrivateLink", func() {
	describeRules(link, linkRules)

	DescribeTable("accepts", func(ctx SpecContext, valid string) {
		Expect(admit(ctx, link(valid))).To(Succeed())
	}, everyKey(validLinks))
})
