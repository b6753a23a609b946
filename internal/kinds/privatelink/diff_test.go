package privatelink

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

func differences(spec *v1alpha1.StreamPrivateLinkSpec, found atlas.PrivateLink, observes bool) []decision.Difference {
	read := *spec
	read.ManagementPolicy = v1alpha1.Manage
	if observes {
		read.ManagementPolicy = v1alpha1.Observe
	}
	return linkDifferences(&read, &found)
}

func same(spec *v1alpha1.StreamPrivateLinkSpec, found atlas.PrivateLink) bool {
	return wantedLinkOf(spec).matches(&found, false)
}

// maybeClaimed reports whether a POST of this spec whose answer was lost may have made the link.
func maybeClaimed(spec *v1alpha1.StreamPrivateLinkSpec, found atlas.PrivateLink) bool {
	return wantedLinkOf(spec).matches(&found, true)
}

// couldBe is same for a spec that only observes.
func couldBe(spec *v1alpha1.StreamPrivateLinkSpec, found atlas.PrivateLink) bool {
	return len(differences(spec, found, true)) == 0
}

func confluentSpec() v1alpha1.StreamPrivateLinkSpec {
	return v1alpha1.StreamPrivateLinkSpec{
		Provider: v1alpha1.ProviderAWS, Vendor: v1alpha1.VendorConfluent, Region: "us-east-1",
		ServiceEndpointID: "com.amazonaws.vpce.us-east-1.vpce-svc-1",
		DNSDomain:         "a.aws.confluent.cloud", DNSSubDomain: []string{"x.a.aws.confluent.cloud", "y.a.aws.confluent.cloud"},
	}
}

func confluentFound() atlas.PrivateLink {
	return atlas.PrivateLink{
		ID: "1", Provider: "AWS", Vendor: "CONFLUENT", Region: "us-east-1",
		ServiceEndpointID: "com.amazonaws.vpce.us-east-1.vpce-svc-1",
		DNSDomain:         "a.aws.confluent.cloud", DNSSubDomain: []string{"x.a.aws.confluent.cloud", "y.a.aws.confluent.cloud"},
		State: "DONE",
	}
}

func mskSpec() v1alpha1.StreamPrivateLinkSpec {
	return v1alpha1.StreamPrivateLinkSpec{
		Provider: v1alpha1.ProviderAWS, Vendor: v1alpha1.VendorMSK, ARN: "arn:aws:kafka:us-east-1:1:cluster/c/1",
	}
}

func mskFound() atlas.PrivateLink {
	return atlas.PrivateLink{ID: "1", Provider: "AWS", Vendor: "MSK", ARN: "arn:aws:kafka:us-east-1:1:cluster/c/1", State: "DONE"}
}

func azureSpec() v1alpha1.StreamPrivateLinkSpec {
	return v1alpha1.StreamPrivateLinkSpec{
		Provider: v1alpha1.ProviderAzure, Vendor: v1alpha1.VendorConfluent, Region: "eastus2",
		DNSDomain: "a.azure.confluent.cloud", AzureResourceIDs: []string{"/subscriptions/1/a", "/subscriptions/1/b"},
	}
}

func azureFound() atlas.PrivateLink {
	return atlas.PrivateLink{
		ID: "1", Provider: "AZURE", Vendor: "CONFLUENT", Region: "eastus2", State: "DONE",
		DNSDomain: "a.azure.confluent.cloud", AzureResourceIDs: []string{"/subscriptions/1/a", "/subscriptions/1/b"},
	}
}

func gcpSpec() v1alpha1.StreamPrivateLinkSpec {
	return v1alpha1.StreamPrivateLinkSpec{
		Provider: v1alpha1.ProviderGCP, Vendor: v1alpha1.VendorConfluent, Region: "us-central1",
		DNSDomain: "a.gcp.confluent.cloud", GCPServiceAttachmentURIs: []string{"projects/p/regions/r/serviceAttachments/a", "projects/p/regions/r/serviceAttachments/b"},
	}
}

func gcpFound() atlas.PrivateLink {
	return atlas.PrivateLink{
		ID: "1", Provider: "GCP", Vendor: "CONFLUENT", Region: "us-central1", State: "DONE",
		DNSDomain: "a.gcp.confluent.cloud", GCPServiceAttachmentURIs: []string{"projects/p/regions/r/serviceAttachments/a", "projects/p/regions/r/serviceAttachments/b"},
	}
}

func genericSpec() v1alpha1.StreamPrivateLinkSpec {
	return v1alpha1.StreamPrivateLinkSpec{
		Provider: v1alpha1.ProviderAzure, Region: "US_EAST_2", ServiceEndpointID: "/subscriptions/1/namespaces/n", DNSDomain: "n.servicebus.windows.net",
	}
}

func genericFound() atlas.PrivateLink {
	return atlas.PrivateLink{
		ID: "1", Provider: "AZURE", Vendor: "GENERIC", Region: "US_EAST_2", State: "IDLE",
		ServiceEndpointID: "/subscriptions/1/namespaces/n", DNSDomain: "n.servicebus.windows.net",
	}
}

func TestLinkWithoutDifference(t *testing.T) {
	for name, c := range map[string]struct {
		spec v1alpha1.StreamPrivateLinkSpec
		edit func(*v1alpha1.StreamPrivateLinkSpec, *atlas.PrivateLink)
		have atlas.PrivateLink
	}{
		"the same, AWS CONFLUENT":   {spec: confluentSpec(), have: confluentFound()},
		"the same, AWS MSK":         {spec: mskSpec(), have: mskFound()},
		"the same, AZURE CONFLUENT": {spec: azureSpec(), have: azureFound()},
		"the same, GCP CONFLUENT":   {spec: gcpSpec(), have: gcpFound()},
		"the same, GENERIC":         {spec: genericSpec(), have: genericFound()},
		"GENERIC written out": {spec: genericSpec(), have: genericFound(), edit: func(s *v1alpha1.StreamPrivateLinkSpec, _ *atlas.PrivateLink) {
			s.Vendor = v1alpha1.VendorGeneric
		}},
		"GENERIC left out of the answer to a creation": {spec: genericSpec(), have: genericFound(), edit: func(_ *v1alpha1.StreamPrivateLinkSpec, l *atlas.PrivateLink) {
			l.Vendor, l.State, l.Provider = "", "", "Azure"
		}},
		"letter case": {spec: confluentSpec(), have: confluentFound(), edit: func(_ *v1alpha1.StreamPrivateLinkSpec, l *atlas.PrivateLink) {
			l.Provider, l.Vendor, l.DNSDomain = "aws", "Confluent", "A.aws.Confluent.cloud"
			l.DNSSubDomain[0] = "X.a.aws.confluent.cloud"
			l.ServiceEndpointID = "com.amazonaws.vpce.us-east-1.VPCE-svc-1"
		}},
		"the spelling of a region": {spec: confluentSpec(), have: confluentFound(), edit: func(_ *v1alpha1.StreamPrivateLinkSpec, l *atlas.PrivateLink) {
			l.Region = "US_EAST_1"
		}},
		"trailing dots": {spec: confluentSpec(), have: confluentFound(), edit: func(_ *v1alpha1.StreamPrivateLinkSpec, l *atlas.PrivateLink) {
			l.DNSDomain += "."
			l.DNSSubDomain[1] += "."
		}},
		"a trailing dot of ours": {spec: confluentSpec(), have: confluentFound(), edit: func(s *v1alpha1.StreamPrivateLinkSpec, _ *atlas.PrivateLink) {
			s.DNSDomain += "."
		}},
		"order of subdomains": {spec: confluentSpec(), have: confluentFound(), edit: func(_ *v1alpha1.StreamPrivateLinkSpec, l *atlas.PrivateLink) {
			l.DNSSubDomain = []string{l.DNSSubDomain[1], l.DNSSubDomain[0]}
		}},
		"order and case of Azure resources": {spec: azureSpec(), have: azureFound(), edit: func(_ *v1alpha1.StreamPrivateLinkSpec, l *atlas.PrivateLink) {
			l.AzureResourceIDs = []string{"/SUBSCRIPTIONS/1/b", "/subscriptions/1/a"}
		}},
		"order of attachments": {spec: gcpSpec(), have: gcpFound(), edit: func(_ *v1alpha1.StreamPrivateLinkSpec, l *atlas.PrivateLink) {
			l.GCPServiceAttachmentURIs = []string{l.GCPServiceAttachmentURIs[1], l.GCPServiceAttachmentURIs[0]}
		}},
		"[] that Atlas leaves out": {spec: confluentSpec(), have: confluentFound(), edit: func(s *v1alpha1.StreamPrivateLinkSpec, l *atlas.PrivateLink) {
			s.DNSSubDomain, l.DNSSubDomain = []string{}, nil
		}},
		"[] that Atlas returns": {spec: confluentSpec(), have: confluentFound(), edit: func(s *v1alpha1.StreamPrivateLinkSpec, l *atlas.PrivateLink) {
			s.DNSSubDomain, l.DNSSubDomain = []string{}, []string{}
		}},
		"no dnsSubDomain in the spec, [] in Atlas": {spec: gcpSpec(), have: gcpFound(), edit: func(_ *v1alpha1.StreamPrivateLinkSpec, l *atlas.PrivateLink) {
			l.DNSSubDomain = []string{}
		}},
		"what Atlas fills for MSK": {spec: mskSpec(), have: mskFound(), edit: func(_ *v1alpha1.StreamPrivateLinkSpec, l *atlas.PrivateLink) {
			l.Region, l.DNSDomain, l.AuthenticationScheme = "us-east-1", "scram.c.kafka.us-east-1.amazonaws.com", "SASL_SCRAM"
		}},
		"a dnsDomain that Atlas fills": {spec: confluentSpec(), have: confluentFound(), edit: func(s *v1alpha1.StreamPrivateLinkSpec, _ *atlas.PrivateLink) {
			s.DNSDomain = ""
		}},
		"a member that the answer to a creation leaves out": {spec: mskSpec(), have: mskFound(), edit: func(s *v1alpha1.StreamPrivateLinkSpec, _ *atlas.PrivateLink) {
			s.AuthenticationScheme = "IAM"
		}},
		"output fields": {spec: confluentSpec(), have: confluentFound(), edit: func(_ *v1alpha1.StreamPrivateLinkSpec, l *atlas.PrivateLink) {
			l.InterfaceEndpointID, l.InterfaceEndpointName, l.ProviderAccountID = "vpce-1", "name", "123"
			l.ErrorMessage, l.State, l.GCPConnectionIDs = "oops", "FAILED", []string{"psc"}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			if c.edit != nil {
				c.edit(&c.spec, &c.have)
			}
			g := NewWithT(t)
			g.Expect(differences(&c.spec, c.have, false)).To(BeEmpty())
			g.Expect(differences(&c.spec, c.have, true)).To(BeEmpty(), "observing")
			g.Expect(same(&c.spec, c.have)).To(BeTrue(), "identity")
		})
	}
}

func TestLinkDifferences(t *testing.T) {
	fixed := func(path string) []decision.Difference { return []decision.Difference{{Path: path, Fixed: true}} }
	for name, c := range map[string]struct {
		spec v1alpha1.StreamPrivateLinkSpec
		have atlas.PrivateLink
		edit func(*v1alpha1.StreamPrivateLinkSpec, *atlas.PrivateLink)
		want []decision.Difference
	}{
		"arn": {mskSpec(), mskFound(), func(_ *v1alpha1.StreamPrivateLinkSpec, l *atlas.PrivateLink) {
			l.ARN = "arn:aws:kafka:us-east-1:1:cluster/d/2"
		}, fixed("arn")},
		"provider": {genericSpec(), genericFound(), func(_ *v1alpha1.StreamPrivateLinkSpec, l *atlas.PrivateLink) { l.Provider = "AWS" }, fixed("provider")},
		"vendor":   {genericSpec(), genericFound(), func(_ *v1alpha1.StreamPrivateLinkSpec, l *atlas.PrivateLink) { l.Vendor = "EVENTHUB" }, fixed("vendor")},
		"region":   {confluentSpec(), confluentFound(), func(_ *v1alpha1.StreamPrivateLinkSpec, l *atlas.PrivateLink) { l.Region = "us-east-2" }, fixed("region")},
		"region of an MSK cluster": {mskSpec(), mskFound(), func(_ *v1alpha1.StreamPrivateLinkSpec, l *atlas.PrivateLink) { l.Region = "us-west-2" },
			fixed("region")},
		"serviceEndpointId": {confluentSpec(), confluentFound(), func(_ *v1alpha1.StreamPrivateLinkSpec, l *atlas.PrivateLink) { l.ServiceEndpointID = "other" },
			fixed("serviceEndpointId")},
		"dnsSubDomain, another": {confluentSpec(), confluentFound(), func(_ *v1alpha1.StreamPrivateLinkSpec, l *atlas.PrivateLink) { l.DNSSubDomain[0] = "z" },
			fixed("dnsSubDomain")},
		"dnsSubDomain, one more": {confluentSpec(), confluentFound(), func(s *v1alpha1.StreamPrivateLinkSpec, _ *atlas.PrivateLink) { s.DNSSubDomain = s.DNSSubDomain[:1] },
			fixed("dnsSubDomain")},
		"dnsSubDomain, [] wanted": {confluentSpec(), confluentFound(), func(s *v1alpha1.StreamPrivateLinkSpec, _ *atlas.PrivateLink) { s.DNSSubDomain = []string{} },
			fixed("dnsSubDomain")},
		"azureResourceIds": {azureSpec(), azureFound(), func(_ *v1alpha1.StreamPrivateLinkSpec, l *atlas.PrivateLink) {
			l.AzureResourceIDs = l.AzureResourceIDs[:1]
		}, fixed("azureResourceIds")},
		"gcpServiceAttachmentUris": {gcpSpec(), gcpFound(), func(_ *v1alpha1.StreamPrivateLinkSpec, l *atlas.PrivateLink) {
			l.GCPServiceAttachmentURIs = append(l.GCPServiceAttachmentURIs, "c")
		}, fixed("gcpServiceAttachmentUris")},
		"authenticationScheme": {mskSpec(), mskFound(), func(s *v1alpha1.StreamPrivateLinkSpec, l *atlas.PrivateLink) {
			s.AuthenticationScheme, l.AuthenticationScheme = "IAM", "SASL_SCRAM"
		}, fixed("authenticationScheme")},
		"dnsDomain, which Atlas does not have yet, can change": {confluentSpec(), confluentFound(), func(_ *v1alpha1.StreamPrivateLinkSpec, l *atlas.PrivateLink) {
			l.DNSDomain = ""
		}, []decision.Difference{{Path: "dnsDomain"}}},
		"dnsDomain of an IDLE link can change": {confluentSpec(), confluentFound(), func(_ *v1alpha1.StreamPrivateLinkSpec, l *atlas.PrivateLink) {
			l.DNSDomain, l.State = "b.aws.confluent.cloud", "IDLE"
		}, []decision.Difference{{Path: "dnsDomain"}}},
		"dnsDomain of a link that works cannot": {confluentSpec(), confluentFound(), func(_ *v1alpha1.StreamPrivateLinkSpec, l *atlas.PrivateLink) {
			l.DNSDomain = "b.aws.confluent.cloud"
		}, fixed("dnsDomain")},
	} {
		t.Run(name, func(t *testing.T) {
			c.edit(&c.spec, &c.have)
			NewWithT(t).Expect(differences(&c.spec, c.have, false)).To(Equal(c.want))
		})
	}
}

func TestLinkDifferencesAreSorted(t *testing.T) {
	spec := confluentSpec()
	d := differences(&spec, atlas.PrivateLink{Provider: "GCP", Vendor: "PUBSUB", Region: "us-central1", DNSDomain: "x", ServiceEndpointID: "y"}, false)
	NewWithT(t).Expect(decision.Paths(d)).To(Equal("dnsDomain, dnsSubDomain, provider, region, serviceEndpointId, vendor"))
	for i := 1; i < len(d); i++ {
		NewWithT(t).Expect(d[i-1].Path < d[i].Path).To(BeTrue(), decision.Paths(d))
	}
}

func TestLinkIdentity(t *testing.T) {
	for name, c := range map[string]struct {
		spec v1alpha1.StreamPrivateLinkSpec
		have atlas.PrivateLink
		edit func(*atlas.PrivateLink)
		want bool
	}{
		"other subdomains are the same link":  {confluentSpec(), confluentFound(), func(l *atlas.PrivateLink) { l.DNSSubDomain = nil }, true},
		"no dnsDomain yet is the same link":   {confluentSpec(), confluentFound(), func(l *atlas.PrivateLink) { l.DNSDomain = "" }, true},
		"another dnsDomain is another link":   {confluentSpec(), confluentFound(), func(l *atlas.PrivateLink) { l.DNSDomain = "b" }, false},
		"another service is another link":     {confluentSpec(), confluentFound(), func(l *atlas.PrivateLink) { l.ServiceEndpointID = "b" }, false},
		"another region is another link":      {confluentSpec(), confluentFound(), func(l *atlas.PrivateLink) { l.Region = "eu-west-1" }, false},
		"another vendor is another link":      {confluentSpec(), confluentFound(), func(l *atlas.PrivateLink) { l.Vendor = "" }, false},
		"another provider is another link":    {confluentSpec(), confluentFound(), func(l *atlas.PrivateLink) { l.Provider = "GCP" }, false},
		"another scheme is the same MSK link": {mskSpec(), mskFound(), func(l *atlas.PrivateLink) { l.AuthenticationScheme = "IAM" }, true},
		"another cluster is another MSK link": {mskSpec(), mskFound(), func(l *atlas.PrivateLink) { l.ARN = "arn:aws:kafka:us-east-1:1:cluster/d/2" }, false},
		"the region that Atlas fills for MSK": {mskSpec(), mskFound(), func(l *atlas.PrivateLink) { l.Region = "US_EAST_1" }, true},
		"other resources are another link":    {azureSpec(), azureFound(), func(l *atlas.PrivateLink) { l.AzureResourceIDs = l.AzureResourceIDs[:1] }, false},
		"other attachments are another link":  {gcpSpec(), gcpFound(), func(l *atlas.PrivateLink) { l.GCPServiceAttachmentURIs = nil }, false},
		"PUBSUB needs only its region": {
			v1alpha1.StreamPrivateLinkSpec{Provider: v1alpha1.ProviderGCP, Vendor: v1alpha1.VendorPubSub, Region: "us-central1"},
			atlas.PrivateLink{Provider: "GCP", Vendor: "PUBSUB", Region: "us-central1"},
			func(l *atlas.PrivateLink) { l.DNSDomain, l.ServiceEndpointID = "googleapis.com", "filled" }, true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.edit(&c.have)
			NewWithT(t).Expect(same(&c.spec, c.have)).To(Equal(c.want))
		})
	}
}

func TestObservedLinkMayKnowLess(t *testing.T) {
	g := NewWithT(t)
	for name, spec := range map[string]v1alpha1.StreamPrivateLinkSpec{
		"only the provider": {Provider: v1alpha1.ProviderAWS},
		"vendor":            {Provider: v1alpha1.ProviderAWS, Vendor: v1alpha1.VendorConfluent},
		"region":            {Provider: v1alpha1.ProviderAWS, Region: "US_EAST_1"},
		"subdomains":        {Provider: v1alpha1.ProviderAWS, DNSSubDomain: confluentSpec().DNSSubDomain},
	} {
		g.Expect(couldBe(&spec, confluentFound())).To(BeTrue(), name)
	}
	for name, spec := range map[string]v1alpha1.StreamPrivateLinkSpec{
		"another provider": {Provider: v1alpha1.ProviderGCP},
		"another vendor":   {Provider: v1alpha1.ProviderAWS, Vendor: v1alpha1.VendorS3},
		"another region":   {Provider: v1alpha1.ProviderAWS, Region: "eu-west-1"},
		"a cluster":        {Provider: v1alpha1.ProviderAWS, ARN: mskSpec().ARN},
	} {
		g.Expect(couldBe(&spec, confluentFound())).To(BeFalse(), name)
	}
	service := v1alpha1.StreamPrivateLinkSpec{Provider: v1alpha1.ProviderAWS, ServiceEndpointID: confluentSpec().ServiceEndpointID}
	g.Expect(couldBe(&service, confluentFound())).To(BeTrue())
	g.Expect(couldBe(&service, mskFound())).To(BeFalse(), "a link without such a service")
	cluster := v1alpha1.StreamPrivateLinkSpec{Provider: v1alpha1.ProviderAWS, ARN: mskSpec().ARN}
	g.Expect(couldBe(&cluster, mskFound())).To(BeTrue())
}

func TestLinkRequest(t *testing.T) {
	g := NewWithT(t)
	spec := confluentSpec()
	spec.Region = "US_EAST_1"
	g.Expect(linkRequest(&spec)).To(Equal(atlas.PrivateLink{
		Provider: "AWS", Vendor: "CONFLUENT", Region: "US_EAST_1", ServiceEndpointID: spec.ServiceEndpointID,
		DNSDomain: spec.DNSDomain, DNSSubDomain: spec.DNSSubDomain,
	}), "as written")

	spec.DNSSubDomain = []string{}
	g.Expect(linkRequest(&spec).DNSSubDomain).To(And(BeEmpty(), Not(BeNil())), "[] is said")
	spec.DNSSubDomain = nil
	g.Expect(linkRequest(&spec).DNSSubDomain).To(BeNil(), "absent is not said")

	generic := genericSpec()
	generic.Vendor = v1alpha1.VendorGeneric
	g.Expect(linkRequest(&generic).Vendor).To(BeEmpty(), "GENERIC goes out as no vendor")

	msk := mskSpec()
	msk.AuthenticationScheme = "IAM"
	g.Expect(linkRequest(&msk)).To(Equal(atlas.PrivateLink{Provider: "AWS", Vendor: "MSK", ARN: msk.ARN, AuthenticationScheme: "IAM"}))
	azure, gcp := azureSpec(), gcpSpec()
	g.Expect(linkRequest(&azure).AzureResourceIDs).To(Equal(azure.AzureResourceIDs))
	g.Expect(linkRequest(&gcp).GCPServiceAttachmentURIs).To(Equal(gcp.GCPServiceAttachmentURIs))
}

func TestWhatAnUnansweredPostMayHaveMade(t *testing.T) {
	spec := &v1alpha1.StreamPrivateLinkSpec{
		Provider: v1alpha1.ProviderAzure, Vendor: v1alpha1.VendorConfluent, Region: "eastus2",
		DNSDomain: "abc.confluent.cloud", AzureResourceIDs: []string{"/subscriptions/1"},
	}
	made := atlas.PrivateLink{ID: "1", Provider: "AZURE", Vendor: "CONFLUENT", Region: "eastus2", DNSDomain: "abc.confluent.cloud", AzureResourceIDs: []string{"/subscriptions/1"}}
	for title, c := range map[string]struct {
		change func(*atlas.PrivateLink)
		want   bool
	}{
		"the same":                  {func(*atlas.PrivateLink) {}, true},
		"another domain":            {func(l *atlas.PrivateLink) { l.DNSDomain = "old.confluent.cloud" }, false},
		"no domain yet":             {func(l *atlas.PrivateLink) { l.DNSDomain = "" }, true},
		"ids that are not returned": {func(l *atlas.PrivateLink) { l.AzureResourceIDs = nil }, true},
		"other ids":                 {func(l *atlas.PrivateLink) { l.AzureResourceIDs = []string{"/subscriptions/2"} }, false},
		"another region":            {func(l *atlas.PrivateLink) { l.Region, l.AzureResourceIDs = "westus", nil }, false},
	} {
		t.Run(title, func(t *testing.T) {
			found := made
			c.change(&found)
			NewWithT(t).Expect(maybeClaimed(spec, found)).To(Equal(c.want))
		})
	}
}

func TestAnUnansweredPostMayHaveMadeAnMSKLinkThatAtlasShowsWithoutItsARN(t *testing.T) {
	spec := mskSpec()
	for title, c := range map[string]struct {
		change func(*atlas.PrivateLink)
		want   bool
	}{
		"with its region": {func(l *atlas.PrivateLink) { l.Region = "us-east-1" }, true},
		"without one":     {func(*atlas.PrivateLink) {}, true},
		"another region":  {func(l *atlas.PrivateLink) { l.Region = "us-west-2" }, false},
		"another cluster": {func(l *atlas.PrivateLink) { l.ARN = spec.ARN + "0" }, false},
	} {
		t.Run(title, func(t *testing.T) {
			found := mskFound()
			found.ARN = ""
			c.change(&found)
			g := NewWithT(t)
			g.Expect(maybeClaimed(&spec, found)).To(Equal(c.want))
			g.Expect(same(&spec, found)).To(BeFalse(), "it is not certain")
		})
	}
}
