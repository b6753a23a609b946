package connection

import (
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/credentials"
	"github.com/atlasstreams/operator/internal/testenv/keypair"
)

const day = 24 * time.Hour

var (
	pair, otherPair = keypair.New(), keypair.New()
	good            = pair.Certificate(noon.Add(-day), noon.Add(90*day))
	authority       = otherPair.Certificate(noon.Add(-day), noon.Add(365*day))
	expired         = pair.Certificate(noon.Add(-90*day), noon.Add(-day))
	future          = pair.Certificate(noon.Add(day), noon.Add(90*day))
)

func windowsText(text string) string { return "\uFEFF" + strings.ReplaceAll(text, "\n", "\r\n") }

// encryptedPEM is what is checked by its form only, since Go cannot decrypt it.
func encryptedPEM(kind string) string {
	text := keypair.PEM(kind, []byte("not to be decrypted"))
	if kind == "ENCRYPTED PRIVATE KEY" {
		return text
	}
	return strings.Replace(text, "-----\n", "-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n", 1)
}

// mutual is a spec for mutual TLS with a Secret tls of such contents.
func mutual(certificate, key string) (v1alpha1.KafkaConnection, map[string]string) {
	return v1alpha1.KafkaConnection{
		Authentication: &v1alpha1.KafkaAuthentication{Mechanism: "SSL", TLSSecretRef: &v1alpha1.LocalReference{Name: "tls"}},
	}, map[string]string{"tls.crt": certificate, "tls.key": key}
}

func TestClientCertificates(t *testing.T) {
	for name, c := range map[string]struct {
		certificate, key string
		password         bool
		says             string // empty when it is sent
	}{
		"a pair":                            {good, pair.PKCS8(), false, ""},
		"a pair, older form":                {good, keypair.PEM("EC PARAMETERS", []byte{6, 1, 1}) + pair.SEC1(), false, ""},
		"a pair of Windows":                 {windowsText(good), windowsText(pair.PKCS8()), false, ""},
		"a bundle with comments":            {"# ours\n" + good + "# theirs\n" + authority, pair.PKCS8(), false, ""},
		"an encrypted key":                  {good, encryptedPEM("ENCRYPTED PRIVATE KEY"), true, ""},
		"an encrypted key, older form":      {good, encryptedPEM("RSA PRIVATE KEY"), true, ""},
		"a key of a kind unknown to Go":     {good, keypair.PEM("PRIVATE KEY", []byte{0x30, 3, 2, 1, 0}), false, ""},
		"an encrypted key without password": {good, encryptedPEM("ENCRYPTED PRIVATE KEY"), false, "key tls.key (spec.kafka.authentication.tlsSecretRef) holds an encrypted private key: name its password"},
		"swapped":                           {pair.PKCS8(), good, false, "key tls.crt (spec.kafka.authentication.tlsSecretRef) holds a private key, and Atlas shows this field"},
		"a key beside the certificate":      {good + pair.PKCS8(), pair.PKCS8(), false, "key tls.crt (spec.kafka.authentication.tlsSecretRef) holds a private key"},
		"a damaged key in its place":        {"-----BEGIN PRIVATE KEY----- planted", good, false, "holds a private key"},
		"one certificate indented":          {good + " " + authority, pair.PKCS8(), false, "holds 2 certificates, of which 1 can be read"},
		"certificates in one line":          {strings.TrimSpace(good) + authority, pair.PKCS8(), false, "holds"},
		"a certificate twice":               {good, good, false, "key tls.key (spec.kafka.authentication.tlsSecretRef) holds a certificate where the private key belongs"},
		"no PEM":                            {"planted", pair.PKCS8(), false, "key tls.crt (spec.kafka.authentication.tlsSecretRef) holds no certificate in PEM form"},
		"key without PEM":                   {good, "planted", false, "key tls.key (spec.kafka.authentication.tlsSecretRef) holds no private key in PEM form"},
		"another block":                     {keypair.PEM("CERTIFICATE REQUEST", []byte("planted")), pair.PKCS8(), false, "holds no certificate in PEM form"},
		"damaged":                           {good + keypair.PEM("CERTIFICATE", []byte("planted")), pair.PKCS8(), false, "holds a certificate, number 2, that cannot be read"},
		"damaged key":                       {good, keypair.PEM("PRIVATE KEY", []byte("planted")), false, "key tls.key (spec.kafka.authentication.tlsSecretRef) holds a private key that is damaged"},
		"of another key":                    {good, otherPair.PKCS8(), false, "key tls.crt (spec.kafka.authentication.tlsSecretRef) does not belong to the private key of Secret shop/tls, key tls.key"},
		"in the wrong order":                {authority + good, pair.PKCS8(), false, "begins with another certificate than that of the private key"},
		"expired":                           {expired, pair.PKCS8(), false, "holds a certificate that expired on 2026-"},
		"expired, in a bundle":              {expired + authority, pair.PKCS8(), false, "holds a certificate that expired on 2026-"},
		"not yet valid":                     {future, pair.PKCS8(), false, "holds a certificate that is not valid before 2026-"},
	} {
		t.Run(name, func(t *testing.T) {
			kafka, secret := mutual(c.certificate, c.key)
			if c.password {
				kafka.Authentication.SSLKeyPasswordSecretRef = key("tls", "password")
			}
			expectRefusal(t, &kafka, loaded(map[string]map[string]string{"Secret/tls": secret}), c.says)
		})
	}
}

func expectRefusal(t *testing.T, kafka *v1alpha1.KafkaConnection, values referred, condition string) {
	t.Helper()
	g := NewWithT(t)
	lifetimes, blocked := inspectCertificates(&v1alpha1.StreamConnectionSpec{Kafka: kafka}, "shop", values)
	for i := 0; blocked == nil && i < len(lifetimes); i++ {
		blocked = lifetimes[i].refusal(noon)
	}
	if condition == "" {
		g.Expect(blocked).To(BeNil())
		return
	}
	g.Expect(blocked).NotTo(BeNil())
	g.Expect(blocked.Reason).To(Equal(v1alpha1.ReasonInvalidCertificate))
	g.Expect(blocked.Message).To(And(ContainSubstring(condition), Not(ContainSubstring("planted"))))
	for _, text := range []string{pair.PKCS8(), pair.SEC1(), otherPair.PKCS8()} {
		for _, line := range strings.Split(text, "\n")[1:2] {
			g.Expect(blocked.Message).NotTo(ContainSubstring(line))
		}
	}
}

func TestCertificatesOfBrokers(t *testing.T) {
	inSpec := func(text string) *v1alpha1.KafkaSecurity {
		return &v1alpha1.KafkaSecurity{Protocol: "SSL", BrokerPublicCertificate: text}
	}
	for name, c := range map[string]struct{ text, says string }{
		"one":                        {good, ""},
		"of Windows":                 {windowsText(good), ""},
		"a bundle":                   {authority + good, ""},
		"a bundle with expired ones": {expired + future + good, ""},
		"all expired":                {expired + expired, "spec.kafka.security.brokerPublicCertificate holds a certificate that expired on"},
		"none valid yet":             {expired + future, "spec.kafka.security.brokerPublicCertificate holds a certificate that is not valid before"},
		"a private key":              {good + pair.SEC1(), "spec.kafka.security.brokerPublicCertificate holds a private key"},
		"no certificate":             {"planted", "spec.kafka.security.brokerPublicCertificate holds no certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			expectRefusal(t, &v1alpha1.KafkaConnection{Security: inSpec(c.text)}, referred{loaded: true}, c.says)
		})
	}
}

func TestAPrivateKeyAsBrokerCertificateIsNamedByItsKey(t *testing.T) {
	kafka := v1alpha1.KafkaConnection{Security: &v1alpha1.KafkaSecurity{Protocol: "SSL", BrokerPublicCertificateRef: &v1alpha1.CertificateReference{
		Kind: credentials.KindSecret, Name: "tls", Key: "tls.key",
	}}}
	expectRefusal(t, &kafka, loaded(map[string]map[string]string{"Secret/tls": {"tls.key": pair.PKCS8()}}),
		"Secret shop/tls, key tls.key (spec.kafka.security.brokerPublicCertificateRef) holds a private key")
}

func TestAPrivateKeyInTheSpecIsNotSent(t *testing.T) {
	g := NewWithT(t)
	inline := v1alpha1.KafkaConnection{Authentication: &v1alpha1.KafkaAuthentication{SSLCertificate: pair.PKCS8(), SSLKeySecretRef: key("s", "key")}}
	expectRefusal(t, &inline, loaded(map[string]map[string]string{"Secret/s": {"key": pair.PKCS8()}}), "spec.kafka.authentication.sslCertificate holds a private key")
	inConfig := v1alpha1.KafkaConnection{Config: map[string]v1alpha1.KafkaConfigValue{"ssl.keystore.key": v1alpha1.KafkaConfigValue(pair.PKCS8())}}
	g.Expect(privateKeyInConfig(&inConfig).Message).To(HavePrefix("spec.kafka.config holds a private key, in ssl.keystore.key"))
}

// What is sent has the line ends that every reader expects, and no text around certificates.
func TestPEMIsSentMended(t *testing.T) {
	g := NewWithT(t)
	kafka, secret := mutual("# ours\n"+windowsText(good)+authority, windowsText(pair.PKCS8()))
	connection := &v1alpha1.StreamConnection{Spec: v1alpha1.StreamConnectionSpec{Kafka: &kafka}}
	request := connectionRequest(connection, "", loaded(map[string]map[string]string{"Secret/tls": secret})).KafkaAuthentication
	g.Expect(request.SSLCertificate).To(Equal(good + authority))
	g.Expect(request.SSLKey.Reveal()).To(Equal(pair.PKCS8()))
	g.Expect(normalPEM(windowsText(good))).To(Equal(normalPEM("\n" + good)))
}

func TestExpiryOfAField(t *testing.T) {
	for name, c := range map[string]struct {
		text  string
		anyOf bool
		want  time.Time
	}{
		"one":                             {good, false, noon.Add(90 * day)},
		"the first of a chain to expire":  {authority + good, false, noon.Add(90 * day)},
		"expired":                         {expired + authority, false, noon.Add(-day)},
		"the next authority to expire":    {expired + authority + good, true, noon.Add(90 * day)},
		"the last of expired authorities": {expired, true, noon.Add(-day)},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			certificates, err := parseCertificates(c.text)
			g.Expect(err).NotTo(HaveOccurred())
			counting := 1
			if c.anyOf {
				counting = len(certificates)
			}
			g.Expect(lifetimeOf(pemValue{}, certificates, counting).expiry(noon)).To(BeTemporally("~", c.want, time.Second))
		})
	}
}
