package connection

import (
	"strings"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/kinds/raw"
)

// connectionMembers are the members of raw that are fields of the spec, or that Atlas assigns: they are neither sent nor
// compared.
var connectionMembers = []string{"id", "_id", "state", "name", "type", "region", "networking", "publicPrivateNetworking"}

// rawRequest are the members that are sent for a connection, with values from Secrets.
func rawRequest(spec *v1alpha1.StreamConnectionSpec, values referred) map[string]any {
	members := raw.Of(spec.Raw, connectionMembers)
	for _, reference := range spec.RawSecretRefs {
		setMember(members, reference.Path, secretOf(values, &reference.SecretKeyRef))
	}
	return members
}

// setMember sets the value at a dotted path. What is on the way and is no object is replaced.
func setMember(members map[string]any, path string, value atlas.Secret) {
	if members == nil {
		return
	}
	head, rest, nested := strings.Cut(path, ".")
	if !nested {
		members[head] = value
		return
	}
	inner, ok := members[head].(map[string]any)
	if !ok {
		inner = map[string]any{}
		members[head] = inner
	}
	setMember(inner, rest, value)
}
