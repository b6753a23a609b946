package atlastest

import (
	"crypto/tls"
	"crypto/x509"
)

// clientTLS trusts exactly the server's certificate.
func clientTLS(server *tls.Config) *tls.Config {
	pool := x509.NewCertPool()
	for _, chain := range server.Certificates {
		for _, der := range chain.Certificate {
			if cert, err := x509.ParseCertificate(der); err == nil {
				pool.AddCert(cert)
			}
		}
	}
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
}
