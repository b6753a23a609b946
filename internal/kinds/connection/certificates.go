package connection

import (
	"cmp"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/lifecycle"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// pemValue is a certificate or key of a connection, the field of the spec that has it or refers to it, and for messages
// the place. Without a field there is none.
type pemValue struct{ field, place, text string }

// invalid says what is wrong and where. Atlas keeps what it has until that is mended.
func (v pemValue) invalid(wrong any) *decision.Blocker {
	return &decision.Blocker{
		Effect: decision.Missing, Reason: v1alpha1.ReasonInvalidCertificate, Watched: true,
		Message: fmt.Sprintf("%s %v.", v.place, wrong),
	}
}

// lifetime is when the certificates of one field are valid.
type lifetime struct {
	of    pemValue // without its text
	spans []validity
	// counting is how many of the first ones count, of which one valid one is enough: all of the authorities to trust, and
	// only the first of a chain, which the others vouch for.
	counting int
}

type validity struct{ from, until time.Time }

func lifetimeOf(v pemValue, certificates []*x509.Certificate, counting int) lifetime {
	v.text = ""
	l := lifetime{of: v, counting: counting}
	for _, certificate := range certificates {
		l.spans = append(l.spans, validity{certificate.NotBefore, certificate.NotAfter})
	}
	return l
}

// refusal: a certificate that is not valid is not sent, because no connection can come up with it.
func (l lifetime) refusal(now time.Time) *decision.Blocker {
	counting := l.spans[:l.counting]
	if slices.ContainsFunc(counting, func(v validity) bool { return !now.Before(v.from) && !now.After(v.until) }) {
		return nil
	}
	v := slices.MaxFunc(counting, func(a, b validity) int { return a.until.Compare(b.until) })
	if now.Before(v.from) {
		return l.of.invalid(fmt.Sprintf("holds a certificate that is not valid before %s: wait, or use another one", v.from.UTC().Format(time.RFC3339)))
	}
	return l.of.invalid(fmt.Sprintf("holds a certificate that expired on %s: renew it", v.until.UTC().Format(time.RFC3339)))
}

// expiry is when the field first loses a certificate; when all have expired, when that was.
func (l lifetime) expiry(now time.Time) time.Time {
	byExpiry := slices.SortedFunc(slices.Values(l.spans), func(a, b validity) int { return a.until.Compare(b.until) })
	for l.counting > 1 && len(byExpiry) > 1 && now.After(byExpiry[0].until) {
		byExpiry = byExpiry[1:]
	}
	return byExpiry[0].until
}

// pemValues are the client certificate, its key and the certificates of brokers to trust, as far as a spec has them.
func pemValues(spec *v1alpha1.StreamConnectionSpec, namespace string, values referred) (certificate, key, broker pemValue) {
	if spec.Kafka == nil {
		return certificate, key, broker
	}
	if a := spec.Kafka.Authentication; a != nil && a.SSLCertificate != "" {
		certificate = pemValue{fieldCertificate, "spec." + fieldCertificate, a.SSLCertificate}
	}
	if s := spec.Kafka.Security; s != nil && s.BrokerPublicCertificate != "" {
		broker = pemValue{fieldBroker, "spec." + fieldBroker, s.BrokerPublicCertificate}
	}
	for _, r := range referencesOf(spec) {
		place := fmt.Sprintf("%s %s/%s, key %s (spec.%s)", r.kind, namespace, r.name, r.key, r.field)
		switch v := (pemValue{r.field, place, values.values[r.id()][r.key]}); {
		case r.field == fieldTLSRef && r.key == corev1.TLSCertKey:
			certificate = v
		case r.field == fieldTLSRef, r.field == fieldKeyRef:
			key = v
		case r.field == fieldBrokerRef:
			broker = v
		}
	}
	return certificate, key, broker
}

// privateKeyInConfig: Atlas shows the config of a connection again.
func privateKeyInConfig(kafka *v1alpha1.KafkaConnection) *decision.Blocker {
	config := cmp.Or(kafka, &v1alpha1.KafkaConnection{}).Config
	for _, key := range slices.Sorted(maps.Keys(config)) {
		if holdsPrivateKey(string(config[key])) {
			return pemValue{place: "spec.kafka.config"}.invalid("holds a private key, in " + key +
				", and Atlas shows it to everyone who may read the connection: use kafka.authentication.sslKeySecretRef, and replace that key")
		}
	}
	return nil
}

// holdsPrivateKey does not rely on the text being well formed: a damaged key is a key.
func holdsPrivateKey(text string) bool { return strings.Contains(text, "PRIVATE KEY") }

// parseCertificates reads one or more certificates. Errors follow the place of the text and never quote it.
func parseCertificates(text string) ([]*x509.Certificate, error) {
	if holdsPrivateKey(text) {
		return nil, errors.New("holds a private key, and Atlas shows this field to everyone who may read the connection: put only the certificate there, and replace that key if others could see it")
	}
	var found []*x509.Certificate
	for _, block := range blocksOf(text, typeCertificate) {
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("holds a certificate, number %d, that cannot be read (%w): copy it again", len(found)+1, err)
		}
		found = append(found, certificate)
	}
	if len(found) == 0 {
		return nil, errors.New("holds no certificate in PEM form: put one there, from " + beginCertificate + " to -----END CERTIFICATE-----")
	}
	if begun := strings.Count(text, beginCertificate); begun != len(found) {
		// A reader skips what it does not understand: the others would be sent without a word.
		return nil, fmt.Errorf("holds %d certificates, of which %d can be read: begin each with %s on a line of its own", begun, len(found), beginCertificate)
	}
	return found, nil
}

// publicKeyOf reads a private key and returns its public one; nil when only the form of the key could be checked, since
// it is encrypted or of a kind that Go does not know. Errors follow the place of the text too.
func publicKeyOf(text string, hasPassword bool) (crypto.PublicKey, error) {
	keys := blocksOf(text, "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY")
	switch {
	case len(keys) > 0:
	case len(blocksOf(text, typeCertificate)) > 0:
		return nil, errors.New("holds a certificate where the private key belongs: put the key there")
	default:
		return nil, errors.New("holds no private key in PEM form (PKCS#8, PKCS#1 or SEC 1): put one there, from -----BEGIN PRIVATE KEY----- to -----END PRIVATE KEY-----")
	}
	block := keys[0]
	if block.Type == "ENCRYPTED PRIVATE KEY" || strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED") {
		if !hasPassword {
			return nil, errors.New("holds an encrypted private key: name its password in spec.kafka.authentication.sslKeyPasswordSecretRef, or put the key there without encryption")
		}
		return nil, nil
	}
	der := block.Bytes
	pkcs8, err := x509.ParsePKCS8PrivateKey(der)
	if signer, ok := pkcs8.(crypto.Signer); err == nil && ok {
		return signer.Public(), nil
	}
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key.Public(), nil
	}
	if key, err := x509.ParseECPrivateKey(der); err == nil {
		return key.Public(), nil
	}
	if rest, err := asn1.Unmarshal(der, new(asn1.RawValue)); err != nil || len(rest) > 0 {
		return nil, errors.New("holds a private key that is damaged: copy it again")
	}
	return nil, nil
}

// inspectCertificates reads all certificates and keys of a spec. A blocker is what is wrong with them at any time.
func inspectCertificates(spec *v1alpha1.StreamConnectionSpec, namespace string, values referred) ([]lifetime, *decision.Blocker) {
	certificate, key, broker := pemValues(spec, namespace, values)
	var found []lifetime
	var chain []*x509.Certificate
	var err error
	if certificate.field != "" {
		if chain, err = parseCertificates(certificate.text); err != nil {
			return nil, certificate.invalid(err)
		}
		found = append(found, lifetimeOf(certificate, chain, 1))
	}
	if key.field != "" {
		public, err := publicKeyOf(key.text, spec.Kafka.Authentication.SSLKeyPasswordSecretRef != nil)
		if err != nil {
			return nil, key.invalid(err)
		}
		own, readable := public.(interface{ Equal(crypto.PublicKey) bool })
		isOwn := func(c *x509.Certificate) bool { return own.Equal(c.PublicKey) }
		switch {
		case len(chain) == 0, !readable, isOwn(chain[0]):
		case slices.ContainsFunc(chain, isOwn):
			return nil, certificate.invalid("begins with another certificate than that of the private key: " +
				"put the client certificate first, then those of its authorities")
		default:
			return nil, certificate.invalid("does not belong to the private key of " + key.place + ": use a certificate and key of one pair")
		}
	}
	if broker.field != "" {
		authorities, err := parseCertificates(broker.text)
		if err != nil {
			return nil, broker.invalid(err)
		}
		found = append(found, lifetimeOf(broker, authorities, len(authorities)))
	}
	return found, nil
}

// certificateCache remembers until when the certificates of each connection are valid, so that no reconciliation has
// to read their Secrets for that. It holds nothing else of them.
type certificateCache struct{ sync.Map } // of inspected by types.NamespacedName

// inspected are the certificates of a connection at one version of the spec and of what it refers to.
type inspected struct {
	version   string
	lifetimes []lifetime
}

func (m *certificateCache) of(name types.NamespacedName) inspected {
	value, _ := m.Load(name)
	known, _ := value.(inspected)
	return known
}

// expiries are when the certificates of a connection expire, by the fields of its spec.
func (m *certificateCache) expiries(name types.NamespacedName, now time.Time) map[string]time.Time {
	expiries := map[string]time.Time{}
	for _, l := range m.of(name).lifetimes {
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
	certificate, key, broker := pemValues(spec, "", referred{})
	return certificate.field+key.field+broker.field != ""
}

// knowsCertificates reports whether the certificates need not be read again.
func (e *remote) knowsCertificates() bool {
	c := e.connection()
	return !hasCertificates(&c.Spec) || e.certificates.of(lifecycle.NameOf(c)).version == certificateVersion(c, c.Status.SecretVersions)
}

// checkCertificates says what keeps the certificates and keys of the spec from being sent. They expire without an
// event: expires means that the connection has to be looked at from time to time.
func (e *remote) checkCertificates(values referred) (expires bool, blocked *decision.Blocker) {
	name, spec := lifecycle.NameOf(e.connection()), &e.connection().Spec
	known := e.certificates.of(name)
	switch {
	case !hasCertificates(spec):
		e.certificates.Delete(name)
		known = inspected{}
	case values.loaded:
		known.version = certificateVersion(e.connection(), values.versions)
		if known.lifetimes, blocked = inspectCertificates(spec, name.Namespace, values); blocked != nil {
			return false, blocked
		}
		e.certificates.Store(name, known)
	}
	for _, l := range known.lifetimes {
		if blocked := l.refusal(e.Now); blocked != nil {
			return true, blocked
		}
	}
	return len(known.lifetimes) > 0, privateKeyInConfig(spec.Kafka)
}
