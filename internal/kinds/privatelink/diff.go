package privatelink

import (
	"encoding/json"
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
	w := wantedLinkOf(spec)
	return strings.Join([]string{w.provider, w.vendor, w.region, w.key}, " ") + rawIdentity(spec)
}

// linkOf has the fields of the spec that identify a link.
func linkOf(spec *v1alpha1.StreamPrivateLinkSpec) *atlas.PrivateLink {
	return &atlas.PrivateLink{
		Provider: string(spec.Provider), Vendor: string(spec.Vendor), Region: spec.Region, ARN: spec.ARN,
		ServiceEndpointID: spec.ServiceEndpointID, DNSDomain: spec.DNSDomain,
		AzureResourceIDs: spec.AzureResourceIDs, GCPServiceAttachmentURIs: spec.GCPServiceAttachmentURIs,
	}
}

func regionOf(provider, vendor string, l *atlas.PrivateLink) string {
	if vendor == string(v1alpha1.VendorMSK) {
		return cloud.Region(provider, cloud.RegionOfARN(l.ARN))
	}
	return cloud.Region(provider, l.Region)
}

// vendorKey is what distinguishes two links of one provider, vendor and region.
func vendorKey(provider, vendor string, l *atlas.PrivateLink) string {
	switch v1alpha1.LinkVendor(vendor) {
	case v1alpha1.VendorMSK:
		return strings.TrimSpace(l.ARN)
	case v1alpha1.VendorPubSub, v1alpha1.VendorKinesis:
		return ""
	case v1alpha1.VendorConfluent:
		switch v1alpha1.LinkProvider(provider) {
		case v1alpha1.ProviderAzure:
			return resourceSet(cloud.Azure, l.AzureResourceIDs)
		case v1alpha1.ProviderGCP:
			return resourceSet(cloud.GCP, l.GCPServiceAttachmentURIs)
		default:
		}
	case v1alpha1.VendorGeneric, v1alpha1.VendorS3, v1alpha1.VendorLambda, v1alpha1.VendorEventHub, v1alpha1.VendorAzureBlobStorage:
	default: // one that this version does not know
		return strings.Trim(cloud.ResourceID(provider, l.ServiceEndpointID)+","+strings.TrimSpace(l.ARN), ",")
	}
	return cloud.ResourceID(provider, l.ServiceEndpointID)
}

// variantOf is what distinguishes two links of one identity where both have it: the dnsDomain, and the endpoint of a
// KINESIS link, which Atlas does not need.
func variantOf(l *atlas.PrivateLink) (domain, endpoint string) {
	if vendorOf(l.Vendor) == string(v1alpha1.VendorKinesis) {
		endpoint = cloud.ResourceID(l.Provider, l.ServiceEndpointID)
	}
	return normalHost(l.DNSDomain), endpoint
}

// sameVariant reports whether links of one identity can be the same link.
func sameVariant(a, b *atlas.PrivateLink) bool {
	domainA, endpointA := variantOf(a)
	domainB, endpointB := variantOf(b)
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

func normalHosts(hosts []string) string { return strings.Join(normalized(hosts, normalHost), ",") }

// resourceSet makes lists equal that name the same resources, in any order and spelling.
func resourceSet(provider string, items []string) string {
	ids := normalized(items, func(id string) string { return cloud.ResourceID(provider, id) })
	return strings.Join(slices.Compact(ids), ",")
}

func normalized(items []string, normal func(string) string) []string {
	list := make([]string, 0, len(items))
	for _, item := range items {
		list = append(list, normal(item))
	}
	slices.Sort(list)
	return list
}

// wantedLink is a spec, prepared to be compared with all links of a list.
type wantedLink struct {
	spec *v1alpha1.StreamPrivateLinkSpec
	link *atlas.PrivateLink
	// each in one spelling
	provider, vendor, region, key string
}

func wantedLinkOf(spec *v1alpha1.StreamPrivateLinkSpec) wantedLink {
	link := linkOf(spec)
	provider, vendor := strings.ToUpper(link.Provider), vendorOf(link.Vendor)
	return wantedLink{spec, link, provider, vendor, regionOf(provider, vendor, link), vendorKey(provider, vendor, link)}
}

// matches compares what costs least first: most links of a project differ in their key. Generous takes a link without a
// key, or without members of raw, for any.
func (w wantedLink) matches(found *atlas.PrivateLink, generous bool) bool {
	if !strings.EqualFold(found.Provider, w.provider) || vendorOf(found.Vendor) != w.vendor {
		return false
	}
	if key := vendorKey(w.provider, w.vendor, found); key != w.key && (!generous || key != "") {
		return false
	}
	return regionOf(w.provider, w.vendor, found) == w.region && sameVariant(w.link, found) &&
		len(rawDifferences(w.spec, found, generous)) == 0
}

// maybeClaimed reports whether a POST of this spec whose answer was lost may have made the link. It is generous,
// because what it finds forbids another POST: an answer that leaves out what distinguishes the vendor's links may be of
// any of them.
func (w wantedLink) maybeClaimed(found atlas.PrivateLink) bool { return w.matches(&found, true) }

// same reports whether Atlas's link is what the spec means.
func (w wantedLink) same(found atlas.PrivateLink) bool { return w.matches(&found, false) }

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
	for _, path := range rawDifferences(spec, &found, true) {
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

// linkMembers are the members of raw that are fields of the spec, or that Atlas assigns: they are neither sent nor
// compared.
var linkMembers = []string{"_id", "state", "errorMessage", "provider", "vendor", "region", "arn", "serviceEndpointId", "dnsDomain"}

// rawIdentity is raw in one spelling: two resources with the same members mean the same link.
func rawIdentity(spec *v1alpha1.StreamPrivateLinkSpec) string {
	if spec.Raw == nil {
		return ""
	}
	text, err := json.Marshal(raw.Canonical(raw.Of(spec.Raw, linkMembers)))
	if err != nil {
		return "" // what was decoded can be encoded
	}
	return string(text)
}

// rawDifferences are the paths of raw at which a link differs.
func rawDifferences(spec *v1alpha1.StreamPrivateLinkSpec, found *atlas.PrivateLink, absentIsEqual bool) []string {
	c := &raw.Comparison{AbsentIsEqual: absentIsEqual}
	c.Members("raw", raw.Of(spec.Raw, linkMembers), found.Raw)
	return c.Paths
}
