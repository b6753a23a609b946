package credentials

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/types"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// The keys of a credentials Secret, equal to those of the official MongoDB operator.
const (
	keyClientID      = "clientId"
	keyClientSecret  = "clientSecret"
	keyPublicAPIKey  = "publicApiKey"
	keyPrivateAPIKey = "privateApiKey"
	// KeyProjectIDs limits default credentials to projects.
	KeyProjectIDs = "projectIds"
)

// parse reads the credentials of a Secret and the projects that they are limited to.
func parse(name types.NamespacedName, source Source) (*remembered, *decision.Blocker) {
	values := map[string]string{}
	for _, key := range []string{keyClientID, keyClientSecret, keyPublicAPIKey, keyPrivateAPIKey, KeyProjectIDs} {
		value, err := TextOf(source.Data[key])
		if err != nil && !errors.Is(err, errEmpty) {
			return nil, KeyBlocker("Secret %s: the value of the key %s %v: correct it.", name, key, err)
		}
		values[key] = value
	}
	if wrong := incomplete(values, source.Data); wrong != "" {
		return nil, KeyBlocker("Secret %s %s: put %s and %s of a service account there, or %s and %s of an API key.",
			name, wrong, keyClientID, keyClientSecret, keyPublicAPIKey, keyPrivateAPIKey)
	}
	id, secret, isAPIKey := values[keyClientID], values[keyClientSecret], false
	if id == "" || secret == "" {
		id, secret, isAPIKey = values[keyPublicAPIKey], values[keyPrivateAPIKey], true
	}
	found := &remembered{
		uid: source.UID, resourceVersion: source.ResourceVersion,
		credentials: atlas.Credentials{APIKey: isAPIKey, ID: id, Secret: atlas.NewSecret(secret)},
	}
	for project := range strings.SplitSeq(values[KeyProjectIDs], ",") {
		if project = strings.TrimSpace(project); project != "" {
			found.projects = append(found.projects, project)
		}
	}
	return found, nil
}

// incomplete lists the missing and empty keys, of the scheme that lacks fewer. It is empty if a scheme is complete.
func incomplete(values map[string]string, data map[string][]byte) string {
	blank := func(keys ...string) []string {
		return slices.DeleteFunc(keys, func(key string) bool { return values[key] != "" })
	}
	needed, ofAPIKey := blank(keyClientID, keyClientSecret), blank(keyPublicAPIKey, keyPrivateAPIKey)
	if len(ofAPIKey) < len(needed) {
		needed = ofAPIKey
	}
	var wrong []string
	report := func(fault string, present bool) {
		keys := slices.DeleteFunc(slices.Clone(needed), func(key string) bool {
			_, ok := data[key]
			return ok != present
		})
		if len(keys) > 0 {
			wrong = append(wrong, fault+strings.Join(keys, " and "))
		}
	}
	report("lacks ", false)
	report("has an empty ", true)
	return strings.Join(wrong, " and ")
}

// Faults of a value. The messages follow the name of its key.
var (
	errEmpty = errors.New("is empty")
	errUTF16 = errors.New("is UTF-16 text, not UTF-8")
	errNUL   = errors.New("contains a NUL byte, so it is not text")
	errUTF8  = errors.New("is not UTF-8 text")
)

// TextOf reads a value of a Secret or ConfigMap. All values are read by it, so that the same rules apply: it removes a
// byte order mark and trailing line ends, as editors and `echo` add them, and nothing else. Errors never contain the
// value.
func TextOf(raw []byte) (string, error) {
	switch {
	case bytes.HasPrefix(raw, []byte{0xFF, 0xFE}), bytes.HasPrefix(raw, []byte{0xFE, 0xFF}):
		return "", errUTF16
	case bytes.IndexByte(raw, 0) >= 0:
		return "", errNUL
	case !utf8.Valid(raw):
		return "", errUTF8
	}
	text := strings.TrimRight(strings.TrimPrefix(string(raw), "\uFEFF"), "\r\n")
	if strings.TrimSpace(text) == "" {
		return "", errEmpty
	}
	return text, nil
}

// KeyBlocker reports that a Secret or ConfigMap has a missing or invalid key.
func KeyBlocker(message string, args ...any) *decision.Blocker {
	return &decision.Blocker{Effect: decision.Missing, Reason: v1alpha1.ReasonKeyMissing, Watched: true, Message: fmt.Sprintf(message, args...)}
}
