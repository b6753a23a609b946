package connection

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"unicode"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/credentials"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// The fields of the spec that certificates and private keys come from.
const (
	fieldCertificate = "kafka.authentication.sslCertificate"
	fieldKeyRef      = "kafka.authentication.sslKeySecretRef"
	fieldTLSRef      = "kafka.authentication.tlsSecretRef"
	fieldBroker      = "kafka.security.brokerPublicCertificate"
	fieldBrokerRef   = fieldBroker + "Ref"
)

// reference is a field of the spec that takes a key of a Secret or ConfigMap, or all of them where the key is empty.
type reference struct{ field, kind, name, key string }

// use are the references to one Secret or ConfigMap.
type use []reference

// referencesOf lists the references of a spec.
func referencesOf(spec *v1alpha1.StreamConnectionSpec) []reference {
	var found []reference
	add := func(field string, r *v1alpha1.SecretKeyReference) {
		if r != nil {
			found = append(found, reference{field, credentials.KindSecret, r.Name, r.Key})
		}
	}
	kafka := cmp.Or(spec.Kafka, &v1alpha1.KafkaConnection{})
	if a := kafka.Authentication; a != nil {
		add("kafka.authentication.passwordSecretRef", a.PasswordSecretRef)
		add("kafka.authentication.clientSecretRef", a.ClientSecretRef)
		add(fieldKeyRef, a.SSLKeySecretRef)
		add("kafka.authentication.sslKeyPasswordSecretRef", a.SSLKeyPasswordSecretRef)
		if a.TLSSecretRef != nil {
			add(fieldTLSRef, &v1alpha1.SecretKeyReference{Name: a.TLSSecretRef.Name, Key: corev1.TLSCertKey})
			add(fieldTLSRef, &v1alpha1.SecretKeyReference{Name: a.TLSSecretRef.Name, Key: corev1.TLSPrivateKeyKey})
		}
	}
	if s := kafka.Security; s != nil && s.BrokerPublicCertificateRef != nil {
		r := s.BrokerPublicCertificateRef
		found = append(found, reference{fieldBrokerRef, r.Kind, r.Name, r.Key})
	}
	if spec.SchemaRegistry != nil {
		add("schemaRegistry.authentication.passwordSecretRef", spec.SchemaRegistry.Authentication.PasswordSecretRef)
	}
	for _, r := range spec.RawSecretRefs {
		add("rawSecretRefs["+r.Path+"]", &r.SecretKeyRef)
	}
	if spec.HTTPS != nil && spec.HTTPS.HeadersSecretRef != nil {
		add("https.headersSecretRef", &v1alpha1.SecretKeyReference{Name: spec.HTTPS.HeadersSecretRef.Name})
	}
	return found
}

// usesOf lists the Secrets and ConfigMaps of a spec, in the order of their kinds and names.
func usesOf(spec *v1alpha1.StreamConnectionSpec) []use {
	collected := map[string]use{}
	for _, r := range referencesOf(spec) {
		collected[r.id()] = append(collected[r.id()], r)
	}
	uses := make([]use, 0, len(collected))
	for _, id := range slices.Sorted(maps.Keys(collected)) {
		uses = append(uses, collected[id])
	}
	return uses
}

// id is that of the Secret or ConfigMap.
func (r reference) id() string { return r.kind + "/" + r.name }

// usedNames are the names of the Secrets, or of the ConfigMaps, of a spec.
func usedNames(spec *v1alpha1.StreamConnectionSpec, kind string) []string {
	var names []string
	for _, u := range usesOf(spec) {
		if u[0].kind == kind {
			names = append(names, u[0].name)
		}
	}
	return names
}

// versionName is the name under which status.secretVersions knows the Secret or ConfigMap.
func (r reference) versionName() string {
	if r.kind == credentials.KindConfigMap {
		return "configmap/" + r.name
	}
	return r.name
}

// referred are the values that a connection takes from Secrets and ConfigMaps, in one reconciliation.
type referred struct {
	// versions for status.secretVersions, once the values were sent.
	versions []v1alpha1.SecretVersion
	// changed: a value differs from what was last sent.
	changed bool
	// loaded: values are there. Without a reason to send them they are not read.
	loaded bool
	// values of the keys of Secrets and ConfigMaps, by reference.id.
	values map[string]map[string]string
}

// refer resolves the uses of a connection. It reads values only if a version changed or all is true, as for a new spec.
func (e *remote) refer(ctx context.Context, all bool) (referred, *decision.Blocker, error) {
	namespace, uses := e.connection().Namespace, usesOf(&e.connection().Spec)
	result := referred{values: map[string]map[string]string{}}
	known := map[string]v1alpha1.SecretVersion{}
	for _, version := range e.connection().Status.SecretVersions {
		known[version.Name] = version
	}
	load := all || len(known) != len(uses) || !e.knowsCertificates()
	for _, u := range uses {
		version, blocked, err := e.Secrets.Version(ctx, u[0].kind, types.NamespacedName{Namespace: namespace, Name: u[0].name})
		if err != nil || blocked != nil {
			return result, blocked, err
		}
		last := known[u[0].versionName()]
		load = load || last.UID != string(version.UID) || last.ResourceVersion != version.ResourceVersion
	}
	result.versions = e.connection().Status.SecretVersions
	if !load {
		return result, nil, nil
	}
	result.loaded, result.versions = true, nil
	result.changed = len(known) > len(uses) // one is no longer used
	certificate := certificateIn(&e.connection().Spec)
	for _, u := range uses {
		name := types.NamespacedName{Namespace: namespace, Name: u[0].name}
		found, blocked, err := e.Secrets.Values(ctx, u[0].kind, name)
		if err != nil || blocked != nil {
			return result, blocked, err
		}
		values, blocked := u.take(found.Data, name)
		if blocked != nil {
			return result, blocked, nil
		}
		result.values[u[0].id()] = values
		version := v1alpha1.SecretVersion{
			Name: u[0].versionName(), UID: string(found.UID), ResourceVersion: found.ResourceVersion,
			Digest: e.CredentialsInUse.Credentials.Digest(append(u.digested(values), certificate...)...),
		}
		result.versions = append(result.versions, version)
		result.changed = result.changed || known[version.Name].Digest != version.Digest
	}
	return result, nil, nil
}

// certificateIn returns the client certificate that the spec itself holds, for digests: Atlas may not return it.
func certificateIn(spec *v1alpha1.StreamConnectionSpec) []string {
	if certificate, _, _ := pemValues(spec, "", referred{}); certificate.text != "" {
		return []string{certificate.text}
	}
	return nil // digests stay what they are without one
}

// take returns the values of the keys that are used, or the first thing that is wrong with them.
func (u use) take(data map[string][]byte, name types.NamespacedName) (map[string]string, *decision.Blocker) {
	if u[0].key == "" {
		return headersOf(data, name)
	}
	values := make(map[string]string, len(u))
	for _, r := range u {
		raw, ok := data[r.key]
		if !ok {
			return nil, credentials.KeyBlocker("%s %s lacks the key %s that spec.%s needs: add it.", r.kind, name, r.key, r.field)
		}
		value, err := credentials.TextOf(raw)
		if err != nil {
			return nil, credentials.KeyBlocker("%s %s: the value of the key %s %v, and spec.%s needs it: correct it.", r.kind, name, r.key, err, r.field)
		}
		values[r.key] = value
	}
	return values, nil
}

// headersOf takes a header from each key of a Secret. All characters that the API server allows in keys may stand in the
// name of a header.
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
		case twice:
			return nil, credentials.KeyBlocker("Secret %s: the keys %s and %s are the same header: remove one.", name, other, key)
		}
		headers[key], spellings[folded] = value, key
	}
	return headers, nil
}

// digested are the values that are used and what they are used for, in a fixed order.
func (u use) digested(values map[string]string) []string {
	var parts []string
	if u[0].key == "" {
		for _, key := range slices.Sorted(maps.Keys(values)) {
			parts = append(parts, key, values[key])
		}
		return parts
	}
	for _, r := range u {
		parts = append(parts, r.field, values[r.key])
	}
	return parts
}

// secrets are the values from Secrets that this reconciliation used, to be kept out of messages.
func (r referred) secrets() []atlas.Secret {
	var secrets []atlas.Secret
	for id, values := range r.values {
		if strings.HasPrefix(id, credentials.KindSecret+"/") {
			for _, value := range values {
				secrets = append(secrets, atlas.NewSecret(value))
			}
		}
	}
	return secrets
}
