package privatelink

import (
	"cmp"
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

// linkMembers are the members of raw that are fields of the spec, or that Atlas assigns: they are neither sent nor
// compared.
var linkMembers = []string{"_id", "state", "errorMessage", "provider", "vendor", "region", "arn", "serviceEndpointId", "dnsDomain"}

func regionOf(provider, vendor string, l *atlas.PrivateLink) string {
	if vendor == string(v1alpha1.VendorMSK) {
		return cloud.Region(provider, cmp.Or(cloud.RegionOfARN(l.ARN), l.Region))
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
		switch provider {
		case cloud.Azure:
			return resourceSet(provider, l.AzureResourceIDs)
		case cloud.GCP:
			return resourceSet(provider, l.GCPServiceAttachmentURIs)
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
func waitsForDNSDomain(spec *v1alpha1.StreamPrivateLinkSpec, found *atlas.PrivateLink) bool {
	class, _ := states.ClassOf(found.State)
	return class == decision.StatePending && found.InterfaceEndpointID != "" && spec.DNSDomain == "" && found.DNSDomain == "" &&
		spec.Provider == v1alpha1.ProviderAWS && spec.Vendor == v1alpha1.VendorConfluent
}

func vendorOf(vendor string) string {
	return cmp.Or(strings.ToUpper(vendor), string(v1alpha1.VendorGeneric))
}

// normalHost makes the spellings of one host name equal; Atlas may add the trailing dot.
func normalHost(host string) string { return strings.ToLower(strings.TrimSuffix(host, ".")) }

func resourceSet(provider string, items []string) string {
	return setOf(items, func(id string) string { return cloud.ResourceID(provider, id) })
}

// setOf makes lists equal that name the same things, in any order and spelling.
func setOf(items []string, normal func(string) string) string {
	list := make([]string, 0, len(items))
	for _, item := range items {
		list = append(list, normal(item))
	}
	slices.Sort(list)
	return strings.Join(slices.Compact(list), ",")
}

// wantedLink is a spec, prepared to be compared with all links of a list.
type wantedLink struct {
	request atlas.PrivateLink
	// what distinguishes links, each in one spelling
	provider, vendor, region, key string
}

func wantedLinkOf(spec *v1alpha1.StreamPrivateLinkSpec) wantedLink {
	request := linkRequest(spec)
	provider, vendor := strings.ToUpper(request.Provider), vendorOf(request.Vendor)
	region, key := regionOf(provider, vendor, &request), vendorKey(provider, vendor, &request)
	return wantedLink{request, provider, vendor, region, key}
}

// identity leaves out what distinguishes two links only where both have it (see sameVariant).
func (w wantedLink) identity() string {
	var text []byte
	if w.request.Raw != nil { // the identity is computed for every event, and few links have raw
		// Decoded to float64, numbers of one value get one spelling. What was decoded can be encoded.
		var members any
		text, _ = json.Marshal(w.request.Raw)
		_ = json.Unmarshal(text, &members)
		text, _ = json.Marshal(members)
	}
	return strings.Join([]string{w.provider, w.vendor, w.region, w.key, string(text)}, " ")
}

// matches reports whether Atlas's link is what the spec means. It compares what costs least first: most links of a
// project differ in their key. Generous takes a link without a key, region or members of raw for any: so it finds what a
// POST may have made whose answer was lost, and which forbids another POST.
func (w wantedLink) matches(found *atlas.PrivateLink, generous bool) bool {
	if !strings.EqualFold(found.Provider, w.provider) || vendorOf(found.Vendor) != w.vendor {
		return false
	}
	if key := vendorKey(w.provider, w.vendor, found); key != w.key && (!generous || key != "") {
		return false
	}
	region := regionOf(w.provider, w.vendor, found)
	return (region == w.region || generous && region == "") && sameVariant(&w.request, found) &&
		len(raw.Differences("raw", w.request.Raw, found.Raw, generous)) == 0
}

// linkDifferences compares the spec with what Atlas holds, sorted by path. Defaults of Atlas, spelling, order,
// trailing dots and output fields are no difference. A spec that only observes is compared by the fields that it gives.
func linkDifferences(spec *v1alpha1.StreamPrivateLinkSpec, found *atlas.PrivateLink) []decision.Difference {
	var differences []decision.Difference
	add := func(path string, fixed bool) {
		differences = append(differences, decision.Difference{Path: path, Fixed: fixed})
	}
	partial := spec.ManagementPolicy == v1alpha1.Observe
	// A field that the spec leaves out is a difference, unless Atlas fills it by itself.
	compare := func(path, want, have string, filled bool) {
		if want != have && (want != "" || !partial && !filled) {
			add(path, true)
		}
	}
	// A text that Atlas leaves out of an answer is unknown and not different. An observer looks for links that have it.
	text := func(path, want, have string, filled bool) {
		if have != "" || partial && !filled {
			compare(path, want, have, filled)
		}
	}
	provider, vendor, region := string(spec.Provider), vendorOf(string(spec.Vendor)), spec.Region
	isMSK, isKinesis := vendor == string(v1alpha1.VendorMSK), vendor == string(v1alpha1.VendorKinesis)
	if isMSK {
		region = cmp.Or(region, cloud.RegionOfARN(spec.ARN))
	}
	if partial && spec.Vendor == "" {
		vendor = ""
	}
	text("arn", strings.TrimSpace(spec.ARN), strings.TrimSpace(found.ARN), false)
	text("authenticationScheme", string(spec.AuthenticationScheme), strings.ToUpper(found.AuthenticationScheme), true)
	compare("azureResourceIds",
		resourceSet(cloud.Azure, spec.AzureResourceIDs), resourceSet(cloud.Azure, found.AzureResourceIDs), false)
	// The dnsDomain is the only field that can change: while Atlas has none, or the link is idle.
	if want, have := normalHost(spec.DNSDomain), normalHost(found.DNSDomain); want != have && want != "" {
		add("dnsDomain", have != "" && !strings.EqualFold(found.State, "IDLE"))
	}
	compare("dnsSubDomain",
		setOf(spec.DNSSubDomain, normalHost), setOf(found.DNSSubDomain, normalHost), spec.DNSSubDomain == nil)
	compare("gcpServiceAttachmentUris",
		resourceSet(cloud.GCP, spec.GCPServiceAttachmentURIs), resourceSet(cloud.GCP, found.GCPServiceAttachmentURIs), false)
	text("provider", provider, strings.ToUpper(found.Provider), false)
	for _, path := range raw.Differences("raw", raw.Of(spec.Raw, linkMembers), found.Raw, true) {
		add(path, true)
	}
	text("region", cloud.Region(provider, region), cloud.Region(provider, found.Region), isMSK)
	text("serviceEndpointId",
		cloud.ResourceID(provider, spec.ServiceEndpointID), cloud.ResourceID(provider, found.ServiceEndpointID), isKinesis)
	text("vendor", vendor, vendorOf(found.Vendor), false)
	return differences
}
