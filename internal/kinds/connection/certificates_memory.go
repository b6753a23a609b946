package connection

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/lifecycle"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// certificateMemory remembers until when the certificates of each connection are valid, so that no reconciliation has
// to read their Secrets for that. It holds nothing else of them.
type certificateMemory struct{ byName sync.Map } // of inspected by types.NamespacedName

// inspected are the certificates of a connection at one version of the spec and of what it refers to.
type inspected struct {
	version   string
	lifetimes []lifetime
}

func (m *certificateMemory) of(name types.NamespacedName) (found inspected, ok bool) {
	value, ok := m.byName.Load(name)
	if ok {
		found = value.(inspected)
	}
	return found, ok
}

func (m *certificateMemory) put(name types.NamespacedName, found inspected) {
	m.byName.Store(name, found)
}

// forget is for a connection that is gone, or has no certificates any more.
func (m *certificateMemory) forget(name types.NamespacedName) { m.byName.Delete(name) }

// expiries are when the certificates of a connection expire, by the fields of its spec.
func (m *certificateMemory) expiries(name types.NamespacedName, now time.Time) map[string]time.Time {
	known, _ := m.of(name)
	expiries := map[string]time.Time{}
	for _, l := range known.lifetimes {
		expiries[l.of.field] = l.expiry(now)
	}
	return expiries
}

// certificateVersion identifies what the certificates of the connection are made of.
func certificateVersion(c *v1alpha1.StreamConnection, versions []v1alpha1.SecretVersion) string {
	sources := make([]string, 0, len(versions))
	for _, v := range versions {
		sources = append(sources, fmt.Sprint(v.Name, v.UID, v.ResourceVersion))
	}
	slices.Sort(sources)
	return fmt.Sprint(c.UID, c.Generation, sources)
}

// hasCertificates reports whether the spec has certificates or a private key for mutual TLS.
func hasCertificates(spec *v1alpha1.StreamConnectionSpec) bool {
	if spec.Kafka == nil {
		return false
	}
	certificate, key := clientPair(spec.Kafka.Authentication, "", referred{})
	return certificate != nil || key != nil || brokerCertificate(spec.Kafka.Security, "", referred{}) != nil
}

// knowsCertificates reports whether the certificates need not be read again.
func (e *remote) knowsCertificates() bool {
	if !hasCertificates(&e.connection().Spec) {
		return true
	}
	known, ok := e.certificates.of(lifecycle.NameOf(e.connection()))
	return ok && known.version == certificateVersion(e.connection(), e.connection().Status.SecretVersions)
}

// checkCertificates says what keeps the certificates and keys of the spec from being sent. They expire without an
// event: expires means that the connection has to be looked at from time to time.
func (e *remote) checkCertificates(values referred) (expires bool, blocked *decision.Blocker) {
	name, spec := lifecycle.NameOf(e.connection()), &e.connection().Spec
	if !hasCertificates(spec) {
		e.certificates.forget(name)
		return false, privateKeyInConfig(spec.Kafka)
	}
	known, _ := e.certificates.of(name)
	if values.loaded {
		known.version = certificateVersion(e.connection(), values.versions)
		if known.lifetimes, blocked = inspectCertificates(spec.Kafka, name.Namespace, values); blocked != nil {
			return false, blocked
		}
		e.certificates.put(name, known)
	}
	for _, l := range known.lifetimes {
		if blocked := l.refusal(e.Now); blocked != nil {
			return true, blocked
		}
	}
	return len(known.lifetimes) > 0, privateKeyInConfig(spec.Kafka)
}
