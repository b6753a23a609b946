package cloud

import "strings"

// Region is the canonical name of a region: the provider's own, for example eastus2 for US_EAST_2. Names that mean the
// same region of a provider have the same canonical name, and names of two regions never do. The same text may mean
// different regions of different providers: US_EAST_2 is us-east-2 on AWS and eastus2 on Azure.
//
// A known name is found without case and separators (East US 2, us_east_1). Any other name stands for itself, in lower
// case, with - for _ and without outer blanks.
func Region(provider, name string) string {
	name = strings.ToLower(strings.TrimSpace(name))
	if known, ok := canonicalRegions[strings.ToUpper(provider)][bare(name)]; ok {
		return known
	}
	return strings.ReplaceAll(name, "_", "-")
}

// RegionOfARN is the fourth part of an ARN: arn:aws:kafka:us-east-1:….
func RegionOfARN(arn string) string {
	if parts := strings.SplitN(strings.TrimSpace(arn), ":", 5); len(parts) == 5 {
		return parts[3]
	}
	return ""
}

// canonicalRegions has, for each provider, the canonical name of every bare name.
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

// bare is a lower-case name without separators.
func bare(name string) string { return separators.Replace(name) }

var separators = strings.NewReplacer("-", "", "_", "", " ", "")
