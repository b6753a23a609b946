// Package cloud makes the spellings of regions and resource ids equal that cloud providers and Atlas use. It does not
// change what is sent to Atlas.
package cloud

import (
	"cmp"
	"regexp"
	"strings"
	"unicode"
)

// The cloud providers, as Atlas spells them.
const (
	AWS   = "AWS"
	Azure = "AZURE"
	GCP   = "GCP"
)

// regions has, per provider, the names of Atlas that do not follow from the provider's own name of the region. Both are
// in the spelling of bare.
var regions = map[string]map[string]string{
	AWS: {
		"virginiausa":  "useast1",
		"ohiousa":      "useast2",
		"oregonusa":    "uswest2",
		"montrealcan":  "cacentral1",
		"saopaulobra":  "saeast1",
		"frankfurtdeu": "eucentral1",
		"dublinirl":    "euwest1",
		"londongbr":    "euwest2",
		"parisfra":     "euwest3",
		"tokyojpn":     "apnortheast1",
		"seoulkor":     "apnortheast2",
		"mumbaiind":    "apsouth1",
		"singaporesgp": "apsoutheast1",
		"sydneyaus":    "apsoutheast2",
	},
	GCP: {
		"centralus":               "uscentral1",
		"easternus":               "useast1",
		"westernus":               "uswest1",
		"westerneurope":           "europewest1",
		"middleeastcentral1":      "mecentral1",
		"middleeastcentral2":      "mecentral2",
		"middleeastwest1":         "mewest1",
		"easternasiapacific":      "asiaeast1",
		"northeasternasiapacific": "asianortheast1",
		"southeasternasiapacific": "asiasoutheast1",
	},
}

// azureRegion are the names in which Atlas writes the area first and Azure the direction: US_EAST_2 is eastus2.
var azureRegion = regexp.MustCompile(`^(us|europe|asia|india)((?:north|south|west)?(?:central|east|west)|north|south)([0-9]*)$`)

// Region returns one spelling of all names of a region: the provider's own without separators, for example eastus2 for
// US_EAST_2. The same text may mean different regions of different providers: US_EAST_2 is us-east-2 on AWS and eastus2
// on Azure.
func Region(provider, name string) string {
	provider, name = strings.ToUpper(provider), bare(name)
	if provider == Azure {
		return azureRegion.ReplaceAllString(name, "$2$1$3")
	}
	return cmp.Or(regions[provider][name], name)
}

// bare removes letter case and separators.
func bare(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || unicode.IsSpace(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// RegionOfARN returns the fourth part of an ARN: arn:aws:kafka:us-east-1:….
func RegionOfARN(arn string) string {
	if parts := strings.SplitN(strings.TrimSpace(arn), ":", 5); len(parts) == 5 {
		return parts[3]
	}
	return ""
}

// ResourceID returns the canonical form of a service's identifier: a resource ID on Azure, a service attachment on
// GCP, a service name on AWS. All spellings of one resource have the same canonical form. Case is never significant.
func ResourceID(provider, id string) string {
	id, provider = strings.ToLower(strings.TrimSpace(id)), strings.ToUpper(provider)
	if provider == Azure || provider == GCP {
		id = strings.TrimRightFunc(id, func(r rune) bool { return r == '/' || unicode.IsSpace(r) })
	}
	// The host of a self link or of a full resource name says nothing.
	if at := strings.Index("/"+id, "/projects/"); provider == GCP && at >= 0 {
		return id[at:]
	}
	return id
}
