package cloud

import (
	"strings"
	"unicode"
)

// ResourceID returns the canonical form of a service's identifier: a resource ID on Azure, a service attachment on
// GCP, a service name on AWS. All spellings of one resource have the same canonical form. Case is never significant.
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

// serviceAttachment removes everything before projects/: the host of a self link or of a full resource name.
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
