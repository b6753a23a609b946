package connection

import (
	"crypto"
	"crypto/x509"
	"fmt"
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/credentials"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// pemValue is a certificate or key of a connection, with where it comes from.
type pemValue struct {
	// field of the spec, such as kafka.authentication.tlsSecretRef.
	field string
	// origin is such as "Secret shop/tls, key tls.crt"; empty when the value is in the spec itself.
	origin string
	text   string
}

func (v pemValue) place() string {
	if v.origin == "" {
		return "spec." + v.field
	}
	return fmt.Sprintf("%s (spec.%s)", v.origin, v.field)
}

// invalid says what is wrong and where. Atlas keeps what it has until that is mended.
func (v pemValue) invalid(wrong any) *decision.Blocker {
	return &decision.Blocker{
		Effect: decision.Missing, Reason: v1alpha1.ReasonInvalidCertificate, Watched: true,
		Message: fmt.Sprintf("%s %v.", v.place(), wrong),
	}
}

// lifetime is when the certificates of one field are valid.
type lifetime struct {
	of    pemValue // without its text
	spans []validity
	// anyOf: one valid certificate is enough, as with authorities to trust. Otherwise the first one counts, which the
	// others only vouch for.
	anyOf bool
}

type validity struct{ from, until time.Time }

func lifetimeOf(v pemValue, certificates []*x509.Certificate, anyOf bool) lifetime {
	v.text = ""
	l := lifetime{of: v, anyOf: anyOf}
	for _, certificate := range certificates {
		l.spans = append(l.spans, validity{certificate.NotBefore, certificate.NotAfter})
	}
	return l
}

// refusal: a certificate that is not valid is not sent, because no connection can come up with it.
func (l lifetime) refusal(now time.Time) *decision.Blocker {
	counting := l.spans[:1]
	if l.anyOf {
		counting = l.spans
	}
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
	for l.anyOf && len(byExpiry) > 1 && now.After(byExpiry[0].until) {
		byExpiry = byExpiry[1:]
	}
	return byExpiry[0].until
}

// clientPair are the certificate and key for mutual TLS, as far as there are any.
func clientPair(a *v1alpha1.KafkaAuthentication, namespace string, values referred) (certificate, key *pemValue) {
	const at = "kafka.authentication."
	from := func(field, name, k string) *pemValue {
		return &pemValue{at + field, originOf(credentials.KindSecret, namespace, name, k), values.value(credentials.KindSecret, name, k)}
	}
	switch {
	case a == nil:
		return nil, nil
	case a.TLSSecretRef != nil:
		name := a.TLSSecretRef.Name
		return from("tlsSecretRef", name, corev1.TLSCertKey), from("tlsSecretRef", name, corev1.TLSPrivateKeyKey)
	}
	if a.SSLCertificate != "" {
		certificate = &pemValue{field: at + "sslCertificate", text: a.SSLCertificate}
	}
	if r := a.SSLKeySecretRef; r != nil {
		key = from("sslKeySecretRef", r.Name, r.Key)
	}
	return certificate, key
}

func brokerCertificate(s *v1alpha1.KafkaSecurity, namespace string, values referred) *pemValue {
	const at = "kafka.security.brokerPublicCertificate"
	switch {
	case s == nil:
		return nil
	case s.BrokerPublicCertificateRef != nil:
		r := s.BrokerPublicCertificateRef
		return &pemValue{at + "Ref", originOf(r.Kind, namespace, r.Name, r.Key), values.value(r.Kind, r.Name, r.Key)}
	case s.BrokerPublicCertificate != "":
		return &pemValue{field: at, text: s.BrokerPublicCertificate}
	default:
		return nil
	}
}

func originOf(kind, namespace, name, key string) string {
	return fmt.Sprintf("%s %s/%s, key %s", kind, namespace, name, key)
}

// privateKeyInConfig: Atlas shows the config of a connection again.
func privateKeyInConfig(kafka *v1alpha1.KafkaConnection) *decision.Blocker {
	if kafka == nil {
		return nil
	}
	for _, key := range slices.Sorted(maps.Keys(kafka.Config)) {
		if holdsPrivateKey(string(kafka.Config[key])) {
			return pemValue{field: "kafka.config"}.invalid("holds a private key, in " + key +
				", and Atlas shows it to everyone who may read the connection: use kafka.authentication.sslKeySecretRef, and replace that key")
		}
	}
	return nil
}

// inspectCertificates reads all certificates and keys of a spec. A blocker is what is wrong with them at any time.
func inspectCertificates(kafka *v1alpha1.KafkaConnection, namespace string, values referred) ([]lifetime, *decision.Blocker) {
	certificate, key := clientPair(kafka.Authentication, namespace, values)
	var found []lifetime
	var chain []*x509.Certificate
	var err error
	if certificate != nil {
		if chain, err = parseCertificates(certificate.text); err != nil {
			return nil, certificate.invalid(err)
		}
		found = append(found, lifetimeOf(*certificate, chain, false))
	}
	if key != nil {
		public, err := publicKeyOf(key.text, kafka.Authentication.SSLKeyPasswordSecretRef != nil)
		if err != nil {
			return nil, key.invalid(err)
		}
		if wrong := unpaired(chain, public, key); wrong != "" {
			return nil, certificate.invalid(wrong)
		}
	}
	if broker := brokerCertificate(kafka.Security, namespace, values); broker != nil {
		authorities, err := parseCertificates(broker.text)
		if err != nil {
			return nil, broker.invalid(err)
		}
		found = append(found, lifetimeOf(*broker, authorities, true))
	}
	return found, nil
}

// unpaired is what is wrong when the key is not that of the first certificate. Without one there is nothing to compare,
// and without a public key it could not be read.
func unpaired(chain []*x509.Certificate, public crypto.PublicKey, key *pemValue) string {
	ofKey := func(c *x509.Certificate) bool { return belongTogether(public, c) }
	switch {
	case len(chain) == 0, public == nil, ofKey(chain[0]):
		return ""
	case slices.ContainsFunc(chain, ofKey):
		return "begins with another certificate than that of the private key: put the client certificate first, then those of its authorities"
	default:
		return "does not belong to the private key of " + key.place() + ": use a certificate and key of one pair"
	}
}
