package cloud

import "strings"

// Region returns the canonical name of a region: the provider's own, for example eastus2 for US_EAST_2. Names have the
// same canonical name if and only if they mean the same region of a provider. The same text may mean different regions
// of different providers: US_EAST_2 is us-east-2 on AWS and eastus2 on Azure.
//
// Known names are matched ignoring case and separators (East US 2, us_east_1). An unknown name is returned trimmed, in
// lower case, with - instead of _.
func Region(provider, name string) string {
	name = strings.ToLower(strings.TrimSpace(name))
	if known, ok := canonicalRegions[strings.ToUpper(provider)][bare(name)]; ok {
		return known
	}
	return strings.ReplaceAll(name, "_", "-")
}

// RegionOfARN returns the fourth part of an ARN: arn:aws:kafka:us-east-1:….
func RegionOfARN(arn string) string {
	if parts := strings.SplitN(strings.TrimSpace(arn), ":", 5); len(parts) == 5 {
		return parts[3]
	}
	return ""
}

// canonicalRegions maps, per provider, bare names to canonical names.
var canonicalRegions = func() map[string]map[string]string {
	byProvider := map[string]map[string]string{}
	for provider, rows := range regions {
		byProvider[provider] = map[string]string{}
		for _, names := range rows {
			for _, name := range names {
				byProvider[provider][bare(strings.ToLower(name))] = names[0]
			}
		}
	}
	return byProvider
}()

// bare removes the separators of a lower-case name.
func bare(name string) string { return separators.Replace(name) }

var separators = strings.NewReplacer("-", "", "_", "", " ", "")
