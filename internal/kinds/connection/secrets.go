package connection

import (
	"context"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/credentials"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// use is a Secret or ConfigMap that a connection takes values from. Without keys it takes all of them.
type use struct {
	kind, name string
	keys       []keyUse
	all        bool
}

// keyUse is a key of a Secret or ConfigMap and the field of the spec that it is for.
type keyUse struct{ key, field string }

// usesOf lists the Secrets and ConfigMaps of a spec, in the order of their kinds and names.
func usesOf(spec *v1alpha1.StreamConnectionSpec) []use {
	collected := map[string]use{}
	add := func(kind, name, key, field string) {
		u := collected[kind+"/"+name]
		u.kind, u.name = kind, name
		if key == "" {
			u.all = true
		} else {
			u.keys = append(u.keys, keyUse{key: key, field: field})
		}
		collected[kind+"/"+name] = u
	}
	addKey := func(reference *v1alpha1.SecretKeyReference, field string) {
		if reference != nil {
			add(credentials.KindSecret, reference.Name, reference.Key, field)
		}
	}
	if spec.Kafka != nil {
		addKafkaUses(spec.Kafka, add, addKey)
	}
	if spec.SchemaRegistry != nil {
		addKey(spec.SchemaRegistry.Authentication.PasswordSecretRef, "schemaRegistry.authentication.passwordSecretRef")
	}
	for _, reference := range spec.RawSecretRefs {
		addKey(&reference.SecretKeyRef, "rawSecretRefs["+reference.Path+"]")
	}
	if spec.HTTPS != nil && spec.HTTPS.HeadersSecretRef != nil {
		add(credentials.KindSecret, spec.HTTPS.HeadersSecretRef.Name, "", "https.headersSecretRef")
	}
	uses := make([]use, 0, len(collected))
	for _, id := range slices.Sorted(maps.Keys(collected)) {
		uses = append(uses, collected[id])
	}
	return uses
}

func addKafkaUses(kafka *v1alpha1.KafkaConnection, add func(kind, name, key, field string), addKey func(*v1alpha1.SecretKeyReference, string)) {
	const at = "kafka.authentication."
	if a := kafka.Authentication; a != nil {
		addKey(a.PasswordSecretRef, at+"passwordSecretRef")
		addKey(a.ClientSecretRef, at+"clientSecretRef")
		addKey(a.SSLKeySecretRef, at+"sslKeySecretRef")
		addKey(a.SSLKeyPasswordSecretRef, at+"sslKeyPasswordSecretRef")
		if a.TLSSecretRef != nil {
			add(credentials.KindSecret, a.TLSSecretRef.Name, corev1.TLSCertKey, at+"tlsSecretRef")
			add(credentials.KindSecret, a.TLSSecretRef.Name, corev1.TLSPrivateKeyKey, at+"tlsSecretRef")
		}
	}
	if s := kafka.Security; s != nil && s.BrokerPublicCertificateRef != nil {
		r := s.BrokerPublicCertificateRef
		add(r.Kind, r.Name, r.Key, "kafka.security.brokerPublicCertificateRef")
	}
}

// usedNames are the names of the Secrets, or of the ConfigMaps, of a spec.
func usedNames(spec *v1alpha1.StreamConnectionSpec, kind string) []string {
	var names []string
	for _, u := range usesOf(spec) {
		if u.kind == kind {
			names = append(names, u.name)
		}
	}
	return names
}

// versionName is the name under which status.secretVersions knows the use.
func (u use) versionName() string {
	if u.kind == credentials.KindConfigMap {
		return "configmap/" + u.name
	}
	return u.name
}

// referred are the values that a connection takes from Secrets and ConfigMaps, in one reconciliation.
type referred struct {
	// versions for status.secretVersions, once the values were sent.
	versions []v1alpha1.SecretVersion
	// changed: a value differs from what was last sent.
	changed bool
	// loaded: values are there. Without a reason to send them they are not read.
	loaded bool
	values map[string]map[string]string
}

// value is what a key of a Secret or ConfigMap holds.
func (r referred) value(kind, name, key string) string { return r.values[kind+"/"+name][key] }

// refer resolves the uses of a connection. Values are read only when a version changed, or when all is true.
func (e *remote) refer(ctx context.Context, all bool) (referred, *decision.Blocker, error) {
	uses := usesOf(&e.connection().Spec)
	result := referred{values: map[string]map[string]string{}}
	known := map[string]v1alpha1.SecretVersion{}
	for _, version := range e.connection().Status.SecretVersions {
		known[version.Name] = version
	}
	load := all || len(known) != len(uses) || !e.knowsCertificates()
	for _, u := range uses {
		version, blocked, err := e.Secrets.Version(ctx, u.kind, e.nameOfUse(u))
		if err != nil || blocked != nil {
			return result, blocked, err
		}
		last := known[u.versionName()]
		load = load || last.UID != string(version.UID) || last.ResourceVersion != version.ResourceVersion
	}
	result.versions = e.connection().Status.SecretVersions
	if !load {
		return result, nil, nil
	}
	result.loaded, result.versions = true, nil
	result.changed = len(known) > len(uses) // one is no longer used
	for _, u := range uses {
		found, blocked, err := e.Secrets.Values(ctx, u.kind, e.nameOfUse(u))
		if err != nil || blocked != nil {
			return result, blocked, err
		}
		values, blocked := u.take(found.Data, e.nameOfUse(u))
		if blocked != nil {
			return result, blocked, nil
		}
		result.values[u.kind+"/"+u.name] = values
		digest := e.CredentialsInUse.Credentials.Digest(u.digested(values)...)
		result.versions = append(result.versions, v1alpha1.SecretVersion{
			Name: u.versionName(), UID: string(found.UID), ResourceVersion: found.ResourceVersion, Digest: digest,
		})
		result.changed = result.changed || known[u.versionName()].Digest != digest
	}
	return result, nil, nil
}

func (e *remote) nameOfUse(u use) types.NamespacedName {
	return types.NamespacedName{Namespace: e.connection().Namespace, Name: u.name}
}

// take returns the values of the keys that are used, or the first thing that is wrong with them.
func (u use) take(data map[string][]byte, name types.NamespacedName) (map[string]string, *decision.Blocker) {
	if u.all {
		return headersOf(data, name)
	}
	values := make(map[string]string, len(u.keys))
	for _, k := range u.keys {
		raw, ok := data[k.key]
		if !ok {
			return nil, credentials.KeyBlocker("%s %s lacks the key %s that spec.%s needs: add it.", u.kind, name, k.key, k.field)
		}
		value, err := credentials.TextOf(raw)
		if err != nil {
			return nil, credentials.KeyBlocker("%s %s: the value of the key %s %v, and spec.%s needs it: correct it.", u.kind, name, k.key, err, k.field)
		}
		values[k.key] = value
	}
	return values, nil
}

// digested are the values that are used and what they are used for, in a fixed order.
func (u use) digested(values map[string]string) []string {
	uses := u.keys
	if u.all {
		for _, key := range slices.Sorted(maps.Keys(values)) {
			uses = append(uses, keyUse{key: key, field: key})
		}
	}
	parts := make([]string, 0, 2*len(uses))
	for _, k := range uses {
		parts = append(parts, k.field, values[k.key])
	}
	return parts
}

// secrets are the values from Secrets that this reconciliation used, to be kept out of messages.
func (r referred) secrets() []atlas.Secret {
	var secrets []atlas.Secret
	for id, values := range r.values {
		if !strings.HasPrefix(id, credentials.KindSecret+"/") {
			continue
		}
		for _, value := range values {
			secrets = append(secrets, atlas.NewSecret(value))
		}
	}
	return secrets
}
