package cloud

import (
	"strings"
	"unicode"
)

// ResourceID is the canonical form of what names a service: a resource id on Azure, a service attachment on GCP, and a
// service name on AWS. Spellings of one resource have the same canonical form. Case never tells two of them apart.
func ResourceID(provider, id string) string {
	id = strings.ToLower(strings.TrimSpace(id))
	switch strings.ToUpper(provider) {
	case Azure:
		return withoutSlash(id)
	case GCP:
		return serviceAttachment(id)
	default:
		return id
	}
}

// serviceAttachment leaves out what comes before projects/: the host of a self link, or of a full resource name.
func serviceAttachment(id string) string {
	id = withoutSlash(id)
	if strings.HasPrefix(id, "projects/") {
		return id
	}
	if at := strings.Index(id, "/projects/"); at >= 0 {
		return id[at+1:]
	}
	return id
}

func withoutSlash(id string) string {
	return strings.TrimRightFunc(id, func(r rune) bool { return r == '/' || unicode.IsSpace(r) })
}
