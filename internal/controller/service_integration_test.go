package controller_test

import (
	"cmp"
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
)

var _ = Describe("PrivateEndpointService", func() {
	It("follows the service of a region until it works", func(ctx SpecContext) {
		t := newTenant(ctx)
		service := t.service("clusters", "us-east-1")
		create(ctx, service)
		serviceReady(ctx, service, "False NotFound")
		Expect(meta.IsStatusConditionTrue(service.Status.Conditions, v1alpha1.ConditionReconciling)).To(BeTrue())
		id := sim.PutPrivateEndpointService(t.project, "AWS", map[string]any{
			"regionName": "US_EAST_1", "endpointServiceName": "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0",
			"interfaceEndpoints": []any{"vpce-0123456789abcdef0"},
		}, atlastest.StateInitiating)
		serviceReady(ctx, service, "False Initiating")
		sim.SetPrivateEndpointServiceStatus(id, atlastest.StateWaitingForUser, "")
		serviceReady(ctx, service, "True WaitingForUser")
		Expect(service.Status.ID).To(Equal(id))
		Expect(service.Status.RegionName).To(Equal("US_EAST_1"))
		Expect(service.Status.InterfaceEndpoints).To(ConsistOf("vpce-0123456789abcdef0"))
		Expect(service.Finalizers).To(BeEmpty())
		sim.SetPrivateEndpointServiceStatus(id, atlastest.StateFailed, "the quota is used up")
		serviceReady(ctx, service, "False Failed")
		Expect(service.Status.ErrorMessage).To(Equal("the quota is used up"))
		stalled := meta.FindStatusCondition(service.Status.Conditions, v1alpha1.ConditionStalled)
		Expect(stalled.Message).To(Equal("the quota is used up"))
		Expect(writes(t)).To(BeEmpty())
		Expect(kube.Delete(ctx, service)).To(Succeed())
	}, SpecTimeout(30*time.Second))

	It("says how to choose one of several services of a region", func(ctx SpecContext) {
		t := newTenant(ctx)
		service := t.service("clusters", "us-central1")
		service.Spec.CloudProvider = v1alpha1.ProviderGCP
		sim.PutPrivateEndpointService(t.project, "GCP", map[string]any{"regionName": "CENTRAL_US"}, atlastest.StateAvailable)
		mapped := sim.PutPrivateEndpointService(t.project, "GCP", map[string]any{"regionName": "CENTRAL_US", "portMappingEnabled": true}, atlastest.StateAvailable)
		create(ctx, service)
		serviceReady(ctx, service, "False Ambiguous")
		message := meta.FindStatusCondition(service.Status.Conditions, v1alpha1.ConditionReady).Message
		Expect(message).To(And(ContainSubstring(mapped), ContainSubstring("set spec.id and remove regionName")))
		service.Spec.ID, service.Spec.RegionName = mapped, ""
		Expect(kube.Update(ctx, service)).To(Succeed())
		serviceReady(ctx, service, "True Available")
		Expect(service.Status.PortMappingEnabled).To(BeTrue())
	}, SpecTimeout(30*time.Second))

	DescribeTable("falls back to the call of version 1.0", func(ctx SpecContext, status int) {
		t := newTenant(ctx)
		key := "key-" + t.namespace
		sim.AddAPIKey(key, "planted-private-key", atlastest.ForProjects(t.project))
		t.createSecret(ctx, "api-key", map[string]string{"publicApiKey": key, "privateApiKey": "planted-private-key"})
		sim.RetirePrivateEndpointServices(t.project, status)
		id := sim.PutPrivateEndpointService(t.project, "AWS", map[string]any{
			"regionName": "US_EAST_1", "endpointServiceName": "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0",
		}, atlastest.StateWaitingForUser)
		service := t.service("old", "us-east-1")
		service.Spec.CredentialsRef.Name = "api-key"
		create(ctx, service)
		serviceReady(ctx, service, "True WaitingForUser")
		Expect(service.Status.ID).To(Equal(id))
	},
		Entry("where the replacement is not there", 404, SpecTimeout(30*time.Second)),
		Entry("where the replacement is gone", 410, SpecTimeout(30*time.Second)),
	)
})

var _ = Describe("Links of clusters to come", func() {
	It("says whom to allow before anything is created", func(ctx SpecContext) {
		t := newTenant(ctx)
		sim.SetAccountDetails(t.project, "aws", "us-east-1", map[string]any{"awsAccountId": "123456789012", "vpcId": "vpc-1", "cidrBlock": "10.1.0.0/16"})
		observer := &v1alpha1.StreamPrivateLink{ObjectMeta: t.meta("planned"), Spec: v1alpha1.StreamPrivateLinkSpec{
			ManagedSpec: t.managedSpec(), Provider: v1alpha1.ProviderAWS, Vendor: v1alpha1.VendorConfluent, Region: "us-east-1",
		}}
		observer.Spec.ManagementPolicy = v1alpha1.Observe
		create(ctx, observer)
		ready(ctx, observer, "False NotFound")
		Eventually(func() *v1alpha1.AtlasAccount { return fresh(ctx, observer).Status.AtlasAccount }).Should(HaveField("AWSAccountID", "123456789012"))
		Expect(observer.Status.AtlasAccount.CIDRBlock).To(Equal("10.1.0.0/16"))
		Expect(writes(t)).To(BeEmpty())

		edit(ctx, observer, func(l *v1alpha1.StreamPrivateLink) {
			l.Spec.ManagementPolicy = v1alpha1.Manage
			l.Spec.ServiceEndpointID, l.Spec.DNSSubDomain = t.link("x").Spec.ServiceEndpointID, []string{}
		})
		Eventually(func() string { return fresh(ctx, observer).Status.InterfaceEndpointID }).ShouldNot(BeEmpty())
		Eventually(func() v1alpha1.Ownership { return fresh(ctx, observer).Status.Ownership }).Should(Equal(v1alpha1.OwnershipCreated))
		edit(ctx, observer, func(l *v1alpha1.StreamPrivateLink) { l.Spec.DNSDomain = "abc.us-east-1.aws.confluent.cloud" })
		ready(ctx, observer, "True Done")
		Eventually(func() string { return fresh(ctx, observer).Status.DNSDomain }).Should(Equal("abc.us-east-1.aws.confluent.cloud"))
		Expect(writes(t)).To(Equal([]atlastest.Operation{atlastest.OpCreatePrivateLink, atlastest.OpUpdatePrivateLink}))
	}, SpecTimeout(30*time.Second))

	It("says whom to allow in the region that the spec names now", func(ctx SpecContext) {
		t := newTenant(ctx)
		for region, account := range map[string]string{"us-east-1": "111111111111", "eu-west-1": "222222222222"} {
			sim.SetAccountDetails(t.project, "aws", region, map[string]any{"awsAccountId": account})
		}
		for name, policy := range map[string]v1alpha1.ManagementPolicy{"planned": v1alpha1.Observe, "made": v1alpha1.Manage} {
			link := t.link(name)
			link.Spec.ManagementPolicy = v1alpha1.Observe
			account := func() v1alpha1.AtlasAccount {
				return *cmp.Or(fresh(ctx, link).Status.AtlasAccount, &v1alpha1.AtlasAccount{})
			}
			create(ctx, link)
			Eventually(account).Should(HaveField("AWSAccountID", "111111111111"))
			edit(ctx, link, func(l *v1alpha1.StreamPrivateLink) {
				l.Spec.ManagementPolicy, l.Spec.Region = policy, "eu-west-1"
				l.Spec.ServiceEndpointID = "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0"
			})
			Eventually(account).Should(HaveField("AWSAccountID", "222222222222"), name)
		}
	}, SpecTimeout(40*time.Second))

	It("says NotApplicable for S3, which has no interface endpoint", func(ctx SpecContext) {
		t := newTenant(ctx)
		link := &v1alpha1.StreamPrivateLink{ObjectMeta: t.meta("bucket"), Spec: v1alpha1.StreamPrivateLinkSpec{
			ManagedSpec: t.managedSpec(), Provider: v1alpha1.ProviderAWS, Vendor: v1alpha1.VendorS3, Region: "us-east-1",
			ServiceEndpointID: "com.amazonaws.us-east-1.s3",
		}}
		create(ctx, link)
		ready(ctx, link, "True Done")
		condition(ctx, link, v1alpha1.ConditionInterfaceEndpointReady, "True NotApplicable")
	}, SpecTimeout(30*time.Second))
})

func (t tenant) service(name, region string) *v1alpha1.PrivateEndpointService {
	return &v1alpha1.PrivateEndpointService{ObjectMeta: t.meta(name), Spec: v1alpha1.PrivateEndpointServiceSpec{
		ProjectID: t.project, CredentialsRef: &v1alpha1.LocalReference{Name: "atlas"},
		CloudProvider: v1alpha1.ProviderAWS, RegionName: region,
	}}
}

func serviceReady(ctx context.Context, service *v1alpha1.PrivateEndpointService, statusAndReason string) {
	GinkgoHelper()
	Eventually(func(g Gomega) {
		g.Expect(kube.Get(ctx, client.ObjectKeyFromObject(service), service)).To(Succeed())
		found := meta.FindStatusCondition(service.Status.Conditions, v1alpha1.ConditionReady)
		g.Expect(found).NotTo(BeNil())
		g.Expect(string(found.Status)+" "+found.Reason).To(Equal(statusAndReason), found.Message)
	}).WithContext(ctx).Should(Succeed())
}
