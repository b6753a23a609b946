package cloud

import (
	"regexp"
	"strings"
)

// Region returns the canonical name of a region: the provider's own, for example eastus2 for US_EAST_2. Names have the
// same canonical name if and only if they mean the same region of a provider. The same text may mean different regions
// of different providers: US_EAST_2 is us-east-2 on AWS and eastus2 on Azure.
//
// Known names are matched ignoring case and separators (East US 2, us_east_1), and so are those of the shape of the
// provider's. Any other name is returned trimmed, in lower case, with - instead of _.
func Region(provider, name string) string {
	provider, name = strings.ToUpper(provider), strings.ToLower(strings.TrimSpace(name))
	if known, ok := canonicalRegions[provider][bare(name)]; ok {
		return known
	}
	if s, ok := shapes[provider]; ok && s.bare.MatchString(bare(name)) {
		return s.bare.ReplaceAllString(bare(name), s.canonical)
	}
	return strings.ReplaceAll(name, "_", "-")
}

// shapes are how providers name regions by an area, a direction and a number, without separators and with them.
var shapes = map[string]struct {
	bare      *regexp.Regexp
	canonical string
}{
	AWS: {regexp.MustCompile(`^([a-z]{2})` + direction + `([0-9]+)$`), "$1-$2-$3"},
	GCP: {regexp.MustCompile(`^([a-z]+?)` + direction + `([0-9]+)$`), "$1-$2$3"},
}

const direction = `((?:north|south)?(?:east|west)|north|south|central)`

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
