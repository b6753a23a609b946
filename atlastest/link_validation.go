package atlastest

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

var linkSchema = schema{
	"provider":                 {},
	"vendor":                   {},
	"region":                   {},
	"arn":                      {pattern: regexp.MustCompile(`^arn:aws:kafka`)},
	"serviceEndpointId":        {},
	"dnsDomain":                {},
	"dnsSubDomain":             {kind: kindStrings},
	"azureResourceIds":         {kind: kindStrings},
	"gcpServiceAttachmentUris": {kind: kindStrings, max: 3},
	"gcpConnectionIds":         {kind: kindStrings, readOnly: true},
	"authenticationScheme":     {enum: []string{"TLS", "SASL_SCRAM", "IAM"}},
	"_id":                      {readOnly: true},
	"interfaceEndpointId":      {readOnly: true},
	"interfaceEndpointName":    {readOnly: true},
	"providerAccountId":        {readOnly: true},
	"state":                    {readOnly: true},
	"errorMessage":             {readOnly: true},
	"links":                    {readOnly: true},
}

// vendorFields lists the fields of a provider and vendor. Unlisted fields have no meaning there.
type vendorFields struct {
	required []string
	optional []string
	refused  []string // known to be rejected by Atlas
}

var vendorMatrix = map[string]vendorFields{
	"AWS/CONFLUENT": {
		required: []string{"region", "serviceEndpointId", "dnsSubDomain"},
		optional: []string{"dnsDomain"},
	},
	"AWS/MSK":     {required: []string{"arn"}, optional: []string{"authenticationScheme"}},
	"AWS/KINESIS": {required: []string{"region"}, optional: []string{"serviceEndpointId"}},
	"AWS/S3":      {required: []string{"region", "serviceEndpointId"}},
	"AWS/LAMBDA":  {required: []string{"region", "serviceEndpointId"}},
	"AZURE/EVENTHUB": {
		required: []string{"region", "serviceEndpointId", "dnsDomain"},
	},
	"AZURE/CONFLUENT": {
		required: []string{"region", "dnsDomain", "azureResourceIds"},
		optional: []string{"dnsSubDomain"},
		refused:  []string{"serviceEndpointId"},
	},
	"AZURE/AZURE_BLOB_STORAGE": {
		required: []string{"region", "serviceEndpointId", "dnsDomain"},
	},
	"GCP/CONFLUENT": {
		required: []string{"region", "dnsDomain", "gcpServiceAttachmentUris"},
		optional: []string{"dnsSubDomain"},
	},
	"GCP/PUBSUB": {required: []string{"region"}},
}

// unknownVendor reports that no provider has this vendor. Atlas may add it in the future.
func unknownVendor(fields map[string]any) bool {
	_, vendor, _ := strings.Cut(linkVendor(fields), "/")
	return vendor != "GENERIC" && !slices.ContainsFunc(slices.Collect(maps.Keys(vendorMatrix)), func(key string) bool {
		return strings.HasSuffix(key, "/"+vendor)
	})
}

// linkMembers describes the members of a link. An unknown vendor accepts members of any form.
func linkMembers(fields map[string]any) schema {
	if !unknownVendor(fields) {
		return linkSchema
	}
	members := looseSchema(fields)
	maps.Copy(members, linkSchema)
	return members
}

var providers = []string{"AWS", "AZURE", "GCP"}

// checkLink validates the body of a POST. For a GENERIC link or an unknown vendor only the types of known fields are
// checked, because their required fields are unknown.
func (c *call) checkLink(allowSurplus bool) *apiError {
	bad := linkMembers(c.object).check("", c.object)
	provider := strings.ToUpper(text(c.object, "provider"))
	switch {
	case provider == "":
		bad = append(bad, FieldError{"provider", "is required"})
	case !slices.Contains(providers, provider):
		bad = append(bad, FieldError{"provider", fmt.Sprintf("must be one of %v", providers)})
	default:
		bad = append(bad, checkVendor(c.object, allowSurplus)...)
	}
	if len(bad) > 0 {
		return invalid(bad...)
	}
	region := text(c.object, "region")
	if m := mskARN.FindStringSubmatch(text(c.object, "arn")); m != nil {
		region = m[1]
	}
	if c.project.lacksCluster(provider, region) {
		name := map[string]string{"AZURE": "Azure"}[provider]
		if name == "" {
			name = provider
		}
		return refused("You must have an Atlas Cluster on %[1]s or %[1]s Network Peering configured to create a Private Link connection", name)
	}
	return nil
}

func checkVendor(body map[string]any, allowSurplus bool) []FieldError {
	key := linkVendor(body)
	if strings.HasSuffix(key, "/GENERIC") || unknownVendor(body) {
		return nil
	}
	rule, known := vendorMatrix[key]
	if !known {
		return []FieldError{{"vendor", "is not supported for provider " + strings.ToUpper(text(body, "provider"))}}
	}
	var bad []FieldError
	for _, name := range rule.required {
		if !given(body, name) {
			bad = append(bad, FieldError{name, "is required for " + key})
		}
	}
	bad = append(bad, surplusFields(body, key, rule, allowSurplus)...)
	return append(bad, checkSubdomains(body, key)...)
}

// given reports whether a field is present. An empty dnsSubDomain counts: it means that the cluster has none.
func given(body map[string]any, name string) bool {
	list, isList := body[name].([]any)
	return has(body, name) && (!isList || len(list) > 0 || name == "dnsSubDomain")
}

func surplusFields(body map[string]any, key string, rule vendorFields, allowSurplus bool) []FieldError {
	var bad []FieldError
	for name := range body {
		m, known := linkSchema[name]
		switch {
		case !known || m.readOnly || !has(body, name) || name == "provider" || name == "vendor":
		case slices.Contains(rule.required, name) || slices.Contains(rule.optional, name):
		case allowSurplus && !slices.Contains(rule.refused, name):
		default:
			bad = append(bad, FieldError{name, "is not allowed for " + key})
		}
	}
	return bad
}

// checkSubdomains requires complete host names below the domain.
func checkSubdomains(body map[string]any, key string) []FieldError {
	domain := strings.ToLower(strings.TrimSuffix(text(body, "dnsDomain"), "."))
	if key != "AWS/CONFLUENT" || domain == "" {
		return nil
	}
	for _, name := range texts(body, "dnsSubDomain") {
		if !strings.HasSuffix(strings.ToLower(strings.TrimSuffix(name, ".")), domain) {
			return []FieldError{{"dnsSubDomain", fmt.Sprintf("has an item %q that does not end with dnsDomain", name)}}
		}
	}
	return nil
}
