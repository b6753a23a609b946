package privatelink

import (
	"slices"
	"strings"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/cloud"
	"github.com/atlasstreams/operator/internal/kinds/raw"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// linkRequest is what is sent to create the link. GENERIC goes out as no vendor.
func linkRequest(spec *v1alpha1.StreamPrivateLinkSpec) atlas.PrivateLink {
	vendor := spec.Vendor
	if vendor == v1alpha1.VendorGeneric {
		vendor = ""
	}
	return atlas.PrivateLink{
		Provider: string(spec.Provider), Vendor: string(vendor), Region: spec.Region,
		ARN: spec.ARN, ServiceEndpointID: spec.ServiceEndpointID,
		DNSDomain: spec.DNSDomain, DNSSubDomain: spec.DNSSubDomain,
		AzureResourceIDs: spec.AzureResourceIDs, GCPServiceAttachmentURIs: spec.GCPServiceAttachmentURIs,
		AuthenticationScheme: string(spec.AuthenticationScheme), Raw: raw.Of(spec.Raw, linkMembers),
	}
}

// linkIdentity is the link that the spec means: provider, vendor, region and what distinguishes links of the vendor, in any
// spelling. What distinguishes two links only where both have it (see sameVariant) is not in here.
func linkIdentity(spec *v1alpha1.StreamPrivateLinkSpec) string {
	return identityOf(fieldsOfSpec(spec)).String() + rawIdentity(spec)
}

// linkFields are what identifies a link, of a spec or of Atlas.
type linkFields struct {
	provider, vendor, region, arn, serviceEndpointID, dnsDomain string
	azure, gcp                                                  []string
}

func fieldsOfSpec(spec *v1alpha1.StreamPrivateLinkSpec) linkFields {
	return linkFields{
		provider: string(spec.Provider), vendor: string(spec.Vendor), region: spec.Region, arn: spec.ARN,
		serviceEndpointID: spec.ServiceEndpointID, dnsDomain: spec.DNSDomain, azure: spec.AzureResourceIDs, gcp: spec.GCPServiceAttachmentURIs,
	}
}

func fieldsOf(l atlas.PrivateLink) linkFields {
	return linkFields{
		provider: l.Provider, vendor: l.Vendor, region: l.Region, arn: l.ARN,
		serviceEndpointID: l.ServiceEndpointID, dnsDomain: l.DNSDomain, azure: l.AzureResourceIDs, gcp: l.GCPServiceAttachmentURIs,
	}
}

// identity has each part in one spelling.
type identity struct{ provider, vendor, region, key string }

func (i identity) String() string {
	return strings.Join([]string{i.provider, i.vendor, i.region, i.key}, " ")
}

func identityOf(f linkFields) identity {
	provider, vendor := strings.ToUpper(f.provider), vendorOf(f.vendor)
	return identity{provider, vendor, regionOf(provider, vendor, f), vendorKey(provider, vendor, f)}
}

func regionOf(provider, vendor string, f linkFields) string {
	if vendor == string(v1alpha1.VendorMSK) {
		return cloud.Region(provider, cloud.RegionOfARN(f.arn))
	}
	return cloud.Region(provider, f.region)
}

// vendorKey is what distinguishes two links of one provider, vendor and region.
func vendorKey(provider, vendor string, f linkFields) string {
	switch v1alpha1.LinkVendor(vendor) {
	case v1alpha1.VendorMSK:
		return strings.TrimSpace(f.arn)
	case v1alpha1.VendorPubSub, v1alpha1.VendorKinesis:
		return ""
	case v1alpha1.VendorConfluent:
		switch v1alpha1.LinkProvider(provider) {
		case v1alpha1.ProviderAzure:
			return resourceSet(cloud.Azure, f.azure)
		case v1alpha1.ProviderGCP:
			return resourceSet(cloud.GCP, f.gcp)
		default:
		}
	case v1alpha1.VendorGeneric, v1alpha1.VendorS3, v1alpha1.VendorLambda, v1alpha1.VendorEventHub, v1alpha1.VendorAzureBlobStorage:
	default: // one that this version does not know
		return strings.Trim(cloud.ResourceID(provider, f.serviceEndpointID)+","+strings.TrimSpace(f.arn), ",")
	}
	return cloud.ResourceID(provider, f.serviceEndpointID)
}

// variant is what distinguishes two links of one identity where both have it: the dnsDomain, and the endpoint of a
// KINESIS link, which Atlas does not need.
func (f linkFields) variant() (domain, endpoint string) {
	if vendorOf(f.vendor) == string(v1alpha1.VendorKinesis) {
		endpoint = cloud.ResourceID(f.provider, f.serviceEndpointID)
	}
	return normalHost(f.dnsDomain), endpoint
}

// sameVariant reports whether links of one identity can be the same link.
func sameVariant(a, b linkFields) bool {
	domainA, endpointA := a.variant()
	domainB, endpointB := b.variant()
	fits := func(a, b string) bool { return a == "" || b == "" || a == b }
	return fits(domainA, domainB) && fits(endpointA, endpointB)
}

// waitsForDNSDomain reports whether Atlas has made the endpoint of a link to Confluent on AWS and goes on only with the
// dnsDomain, which for clusters of some types is not known before.
func waitsForDNSDomain(spec *v1alpha1.StreamPrivateLinkSpec, found atlas.PrivateLink) bool {
	class, _ := states.ClassOf(found.State)
	return class == decision.StatePending && found.InterfaceEndpointID != "" && spec.DNSDomain == "" && found.DNSDomain == "" &&
		spec.Provider == v1alpha1.ProviderAWS && spec.Vendor == v1alpha1.VendorConfluent
}

func vendorOf(vendor string) string {
	if vendor == "" {
		return string(v1alpha1.VendorGeneric)
	}
	return strings.ToUpper(vendor)
}

// normalHost makes the spellings of one host name equal; Atlas may add the trailing dot.
func normalHost(host string) string { return strings.ToLower(strings.TrimSuffix(host, ".")) }

func normalHosts(hosts []string) string {
	normal := make([]string, 0, len(hosts))
	for _, host := range hosts {
		normal = append(normal, normalHost(host))
	}
	slices.Sort(normal)
	return strings.Join(normal, ",")
}

// resourceSet makes lists equal that name the same resources, in any order and spelling.
func resourceSet(provider string, items []string) string {
	normal := make([]string, 0, len(items))
	for _, item := range items {
		normal = append(normal, cloud.ResourceID(provider, item))
	}
	slices.Sort(normal)
	return strings.Join(slices.Compact(normal), ",")
}

// wantedLink is a spec, prepared to be compared with all links of a list.
type wantedLink struct {
	spec *v1alpha1.StreamPrivateLinkSpec
	linkFields
	identity identity
}

func wantedLinkOf(spec *v1alpha1.StreamPrivateLinkSpec) wantedLink {
	fields := fieldsOfSpec(spec)
	return wantedLink{spec: spec, linkFields: fields, identity: identityOf(fields)}
}

// sameIdentity compares the parts that cost least first: most links of a project differ in their key. Generous takes a
// link without a key for any.
func (w wantedLink) sameIdentity(f linkFields, generous bool) bool {
	want := w.identity
	if !strings.EqualFold(f.provider, want.provider) || vendorOf(f.vendor) != want.vendor {
		return false
	}
	if key := vendorKey(want.provider, want.vendor, f); key != want.key && (!generous || key != "") {
		return false
	}
	return regionOf(want.provider, want.vendor, f) == want.region
}

// maybeClaimed reports whether a POST of this spec whose answer was lost may have made the link. It is generous,
// because what it finds forbids another POST: an answer that leaves out what distinguishes the vendor's links may be of
// any of them.
func (w wantedLink) maybeClaimed(found atlas.PrivateLink) bool {
	have := fieldsOf(found)
	return w.sameIdentity(have, true) && sameVariant(w.linkFields, have) && len(rawDifferences(w.spec, found, true)) == 0
}

// same reports whether Atlas's link is what the spec means.
func (w wantedLink) same(found atlas.PrivateLink) bool {
	have := fieldsOf(found)
	return w.sameIdentity(have, false) && sameVariant(w.linkFields, have) && len(rawDifferences(w.spec, found, false)) == 0
}

// couldBe is same for a spec that only observes and may know less: fields that are not given match anything.
func (w wantedLink) couldBe(found atlas.PrivateLink) bool {
	return len(linkDifferences(w.spec, found, true)) == 0
}

// linkDifferences compares the spec with what Atlas holds, sorted by path. Defaults of Atlas, spelling, order,
// trailing dots and output fields are no difference. Partial leaves out every field that the spec does not give.
func linkDifferences(spec *v1alpha1.StreamPrivateLinkSpec, found atlas.PrivateLink, partial bool) []decision.Difference {
	provider, vendor := string(spec.Provider), vendorOf(string(spec.Vendor))
	isMSK := vendor == string(v1alpha1.VendorMSK)
	fillsEndpoint := vendor == string(v1alpha1.VendorKinesis)
	if partial && spec.Vendor == "" {
		vendor = ""
	}
	region := spec.Region
	if region == "" && isMSK {
		region = cloud.RegionOfARN(spec.ARN)
	}
	c := &linkComparison{partial: partial}
	c.scalar("arn", strings.TrimSpace(spec.ARN), strings.TrimSpace(found.ARN), false)
	c.scalar("authenticationScheme", string(spec.AuthenticationScheme), strings.ToUpper(found.AuthenticationScheme), true)
	c.set("azureResourceIds", resourceSet(cloud.Azure, spec.AzureResourceIDs), resourceSet(cloud.Azure, found.AzureResourceIDs), false)
	c.domain(spec.DNSDomain, found)
	c.set("dnsSubDomain", normalHosts(spec.DNSSubDomain), normalHosts(found.DNSSubDomain), spec.DNSSubDomain == nil)
	c.set("gcpServiceAttachmentUris", resourceSet(cloud.GCP, spec.GCPServiceAttachmentURIs), resourceSet(cloud.GCP, found.GCPServiceAttachmentURIs), false)
	c.scalar("provider", provider, strings.ToUpper(found.Provider), false)
	for _, path := range rawDifferences(spec, found, true) {
		c.add(path, true)
	}
	c.scalar("region", cloud.Region(provider, region), cloud.Region(provider, found.Region), isMSK)
	c.scalar("serviceEndpointId", cloud.ResourceID(provider, spec.ServiceEndpointID), cloud.ResourceID(provider, found.ServiceEndpointID), fillsEndpoint)
	c.scalar("vendor", vendor, vendorOf(found.Vendor), false)
	return c.differences
}

// linkComparison collects fields that differ.
type linkComparison struct {
	partial     bool
	differences []decision.Difference
}

func (c *linkComparison) add(path string, fixed bool) {
	c.differences = append(c.differences, decision.Difference{Path: path, Fixed: fixed})
}

// scalar: a member that Atlas leaves out of an answer is unknown and not different.
func (c *linkComparison) scalar(path, want, have string, filled bool) {
	if have != "" {
		c.set(path, want, have, filled)
	}
}

// set: one that the spec leaves out is a difference, unless Atlas fills it by itself or the spec only observes.
func (c *linkComparison) set(path, want, have string, filled bool) {
	if want != have && (want != "" || (!c.partial && !filled)) {
		c.add(path, true)
	}
}

// domain is the only field that can change: while Atlas has none, or the link is idle.
func (c *linkComparison) domain(want string, found atlas.PrivateLink) {
	if want, have := normalHost(want), normalHost(found.DNSDomain); want != have && want != "" {
		c.add("dnsDomain", have != "" && !strings.EqualFold(found.State, "IDLE"))
	}
}
