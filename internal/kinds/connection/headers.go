package connection

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"k8s.io/apimachinery/pkg/types"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/credentials"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// headersOf takes a header from each key of a Secret.
func headersOf(data map[string][]byte, name types.NamespacedName) (map[string]string, *decision.Blocker) {
	if len(data) == 0 {
		return nil, credentials.KeyBlocker("Secret %s has no keys; each key is to be a header: add one.", name)
	}
	headers, spellings := make(map[string]string, len(data)), map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(data)) {
		value, err := credentials.TextOf(data[key])
		folded := strings.ToLower(key)
		switch other, twice := spellings[folded]; {
		case err != nil:
			return nil, credentials.KeyBlocker("Secret %s: the value of the key %s %v, and spec.https.headersSecretRef makes each key a header: correct or remove it.", name, key, err)
		case strings.ContainsFunc(value, func(r rune) bool { return unicode.IsControl(r) && r != '\t' }):
			return nil, credentials.KeyBlocker("Secret %s: the value of the key %s holds a line break or another control character, which no header can: remove it.", name, key)
		case strings.ContainsFunc(key, notInHeaderName):
			return nil, credentials.KeyBlocker("Secret %s: the key %s cannot be the name of a header, which has letters, digits and !#$%%&'*+-.^_`|~ only: rename it.", name, key)
		case twice:
			return nil, credentials.KeyBlocker("Secret %s: the keys %s and %s are the same header: remove one.", name, other, key)
		}
		headers[key], spellings[folded] = value, key
	}
	return headers, nil
}

// notInHeaderName is the rule of RFC 7230 for tokens.
func notInHeaderName(r rune) bool {
	isAlphanumeric := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
	return !isAlphanumeric && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
}

// headersRequest is never nil: the headers are ours, and what is in neither place is removed. A header of the Secret
// replaces one of the spec in any letter case.
func headersRequest(https *v1alpha1.HTTPSConnection, values referred) map[string]atlas.Secret {
	headers := make(map[string]atlas.Secret, len(https.Headers))
	for name, value := range https.Headers {
		headers[name] = atlas.NewSecret(string(value))
	}
	if https.HeadersSecretRef == nil {
		return headers
	}
	for name, value := range values.values[credentials.KindSecret+"/"+https.HeadersSecretRef.Name] {
		maps.DeleteFunc(headers, func(other string, _ atlas.Secret) bool { return strings.EqualFold(other, name) })
		headers[name] = atlas.NewSecret(value)
	}
	return headers
}

// headers compares names, in any letter case, and values. Values from a Secret are compared only when they are loaded.
func (d *differences) headers(want *v1alpha1.HTTPSConnection, values referred, have map[string]atlas.Secret) {
	held := foldedNames(have)
	if want.HeadersSecretRef != nil && !values.loaded {
		// A header of the Secret may have gone over one of the spec, so only a name that is gone is certain.
		for name := range want.Headers {
			if _, ok := held[strings.ToLower(name)]; !ok {
				d.add("https.headers")
				return
			}
		}
		return
	}
	request := headersRequest(want, values)
	same := maps.Equal(request, have) || len(held) == len(have) && maps.Equal(foldedNames(request), held)
	if !same && (len(want.Headers) > 0 || want.HeadersSecretRef != nil || !d.partial) {
		d.add("https.headers")
	}
}

func foldedNames(headers map[string]atlas.Secret) map[string]atlas.Secret {
	folded := make(map[string]atlas.Secret, len(headers))
	for name, value := range headers {
		folded[strings.ToLower(name)] = value
	}
	return folded
}
