package charts_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
)

// With a certificate in a Secret, who scrapes can check whom the token goes to.
func TestMetricsCertificate(t *testing.T) {
	t.Parallel()
	s := newStage(t, world.cluster)
	s.mustHelm(t, s.operatorArgs("install", "--set", "watch.namespaces={"+s.namespace+"},metrics.certificateSecretName=metrics")...)
	t.Cleanup(s.uninstallOperator)
	deployment := s.installed(s.namespace, s.release+"-atlas-streams-operator-controller-manager")
	pod := deployment.Spec.Template.Spec
	s.Expect(pod.Volumes).To(HaveLen(1))
	s.Expect(pod.Volumes[0].Secret.SecretName).To(Equal("metrics"))
	s.Expect(pod.Containers[0].VolumeMounts).To(HaveLen(1))
	args := pod.Containers[0].Args
	s.Expect(pod.Containers[0].VolumeMounts[0].MountPath).To(Equal(flagValue(args, "metrics-cert-path")))

	certified := httptest.NewTLSServer(http.NotFoundHandler()) // its certificate is for example.com
	t.Cleanup(certified.Close)
	dir := t.TempDir()
	key, err := x509.MarshalPKCS8PrivateKey(certified.TLS.Certificates[0].PrivateKey)
	s.Expect(err).NotTo(HaveOccurred())
	for name, block := range map[string]*pem.Block{
		"tls.crt": {Type: "CERTIFICATE", Bytes: certified.Certificate().Raw}, "tls.key": {Type: "PRIVATE KEY", Bytes: key},
	} {
		s.Expect(os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600)).To(Succeed())
	}
	deployment.Spec.Template.Spec.Containers[0].VolumeMounts = nil // the directory takes the place of the mount
	s.runManager(deployment, "--metrics-cert-path="+dir)
	authorities := x509.NewCertPool()
	authorities.AddCert(certified.Certificate())
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{
		RootCAs: authorities, ServerName: "example.com", MinVersion: tls.VersionTLS12,
	}}}
	t.Cleanup(client.CloseIdleConnections)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+local(flagValue(args, "metrics-bind-address"))+"/metrics", http.NoBody)
	s.Expect(err).NotTo(HaveOccurred())
	s.Eventually(func(g Gomega) {
		response, err := client.Do(request)
		g.Expect(err).NotTo(HaveOccurred())
		defer response.Body.Close()
		g.Expect(response.StatusCode).To(Equal(http.StatusUnauthorized))
	}).Should(Succeed())
}
