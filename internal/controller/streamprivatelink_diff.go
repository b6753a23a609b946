package controller

import (
	"slices"
	"strings"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
)

// linkRequest is what is sent to create the link. GENERIC goes out as no vendor.
func linkRequest(spec *v1alpha1.StreamPrivateLinkSpec) atlas.PrivateLinkRequest {
	vendor := spec.Vendor
	if vendor == v1alpha1.VendorGeneric {
		vendor = ""
	}
	return atlas.PrivateLinkRequest{
		Provider: string(spec.Provider), Vendor: string(vendor), Region: spec.Region,
		ARN: spec.ARN, ServiceEndpointID: spec.ServiceEndpointID,
		DNSDomain: spec.DNSDomain, DNSSubDomain: spec.DNSSubDomain,
		AzureResourceIDs: spec.AzureResourceIDs, GCPServiceAttachmentURIs: spec.GCPServiceAttachmentURIs,
		AuthenticationScheme: string(spec.AuthenticationScheme),
	}
}

// linkIdentity says which link the spec means: provider, vendor, region and what the vendor is told apart by. The
// dnsDomain tells two links apart only where both have one, so it is not in here.
func linkIdentity(spec *v1alpha1.StreamPrivateLinkSpec) string {
	return identityOf(linkFields{
		provider: string(spec.Provider), vendor: string(spec.Vendor), region: spec.Region, arn: spec.ARN,
		serviceEndpointID: spec.ServiceEndpointID, azure: spec.AzureResourceIDs, gcp: spec.GCPServiceAttachmentURIs,
	})
}

// linkFields are what identifies a link, of a spec or of Atlas.
type linkFields struct {
	provider, vendor, region, arn, serviceEndpointID string
	azure, gcp                                       []string
}

func fieldsOf(l atlas.PrivateLink) linkFields {
	return linkFields{
		provider: l.Provider, vendor: l.Vendor, region: l.Region, arn: l.ARN,
		serviceEndpointID: l.ServiceEndpointID, azure: l.AzureResourceIDs, gcp: l.GCPServiceAttachmentURIs,
	}
}

func identityOf(f linkFields) string {
	provider, vendor := strings.ToUpper(f.provider), vendorOf(f.vendor)
	region := normalRegion(f.region)
	if vendor == string(v1alpha1.VendorMSK) {
		region = normalRegion(regionOfARN(f.arn))
	}
	return strings.Join([]string{provider, vendor, region, vendorKey(provider, vendor, f)}, " ")
}

// vendorKey is what tells two links of one provider, vendor and region apart.
func vendorKey(provider, vendor string, f linkFields) string {
	switch v1alpha1.LinkVendor(vendor) {
	case v1alpha1.VendorMSK:
		return f.arn
	case v1alpha1.VendorPubSub:
		return ""
	case v1alpha1.VendorConfluent:
		switch v1alpha1.LinkProvider(provider) {
		case v1alpha1.ProviderAzure:
			return normalSet(f.azure)
		case v1alpha1.ProviderGCP:
			return normalSet(f.gcp)
		default:
		}
	default:
	}
	return strings.ToLower(f.serviceEndpointID)
}

func vendorOf(vendor string) string {
	if vendor == "" {
		return string(v1alpha1.VendorGeneric)
	}
	return strings.ToUpper(vendor)
}

// normalRegion makes the spellings of one region equal: us-east-1, US_EAST_1.
func normalRegion(region string) string {
	return strings.ReplaceAll(strings.ToLower(region), "_", "-")
}

// regionOfARN is the fourth part of an ARN: arn:aws:kafka:us-east-1:….
func regionOfARN(arn string) string {
	if parts := strings.SplitN(arn, ":", 5); len(parts) == 5 {
		return parts[3]
	}
	return ""
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

// normalSet makes lists equal that hold the same, in any order and letter case.
func normalSet(items []string) string {
	normal := make([]string, 0, len(items))
	for _, item := range items {
		normal = append(normal, strings.ToLower(item))
	}
	slices.Sort(normal)
	return strings.Join(slices.Compact(normal), ",")
}

// maybeClaimed reports whether a POST of this spec whose answer was lost may have made the link. It is generous,
// because what it finds forbids another POST: an answer that leaves out what tells the vendor's links apart may be of
// any of them.
func maybeClaimed(spec *v1alpha1.StreamPrivateLinkSpec, found atlas.PrivateLink) bool {
	have := identityOf(fieldsOf(found))
	return sameLink(spec, found) || (strings.HasSuffix(have, " ") && strings.HasPrefix(linkIdentity(spec), have) && sameDomain(spec, found))
}

// sameLink reports whether Atlas's link is what the spec means.
func sameLink(spec *v1alpha1.StreamPrivateLinkSpec, found atlas.PrivateLink) bool {
	return linkIdentity(spec) == identityOf(fieldsOf(found)) && sameDomain(spec, found)
}

// sameDomain: dnsDomain tells links apart only where both have one.
func sameDomain(spec *v1alpha1.StreamPrivateLinkSpec, found atlas.PrivateLink) bool {
	return spec.DNSDomain == "" || found.DNSDomain == "" || normalHost(spec.DNSDomain) == normalHost(found.DNSDomain)
}

// couldBeLink is sameLink for a spec that only observes and may know less: fields that are not given match anything.
func couldBeLink(spec *v1alpha1.StreamPrivateLinkSpec, found atlas.PrivateLink) bool {
	return len(linkDifferences(spec, found, true)) == 0
}

// linkDifferences compares the spec with what Atlas holds, sorted by path. Defaults of Atlas, letter case, order,
// trailing dots and output fields are no difference. Partial leaves out every field that the spec does not give.
func linkDifferences(spec *v1alpha1.StreamPrivateLinkSpec, found atlas.PrivateLink, partial bool) []difference {
	vendor := vendorOf(string(spec.Vendor))
	isMSK := vendor == string(v1alpha1.VendorMSK)
	if partial && spec.Vendor == "" {
		vendor = ""
	}
	region := spec.Region
	if region == "" && isMSK {
		region = regionOfARN(spec.ARN)
	}
	c := &linkComparison{partial: partial}
	c.scalar("arn", spec.ARN, found.ARN, false)
	c.scalar("authenticationScheme", string(spec.AuthenticationScheme), strings.ToUpper(found.AuthenticationScheme), true)
	c.set("azureResourceIds", normalSet(spec.AzureResourceIDs), normalSet(found.AzureResourceIDs), false)
	c.domain(spec.DNSDomain, found)
	c.set("dnsSubDomain", normalHosts(spec.DNSSubDomain), normalHosts(found.DNSSubDomain), spec.DNSSubDomain == nil)
	c.set("gcpServiceAttachmentUris", normalSet(spec.GCPServiceAttachmentURIs), normalSet(found.GCPServiceAttachmentURIs), false)
	c.scalar("provider", string(spec.Provider), strings.ToUpper(found.Provider), false)
	c.scalar("region", normalRegion(region), normalRegion(found.Region), isMSK)
	c.scalar("serviceEndpointId", strings.ToLower(spec.ServiceEndpointID), strings.ToLower(found.ServiceEndpointID), false)
	c.scalar("vendor", vendor, vendorOf(found.Vendor), false)
	return c.differences
}

// linkComparison collects fields that differ.
type linkComparison struct {
	partial     bool
	differences []difference
}

func (c *linkComparison) add(path string, fixed bool) {
	c.differences = append(c.differences, difference{path: path, fixed: fixed})
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
