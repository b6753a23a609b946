package charts_test

import (
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/atlasstreams/operator/atlastest"
	"github.com/atlasstreams/operator/test/internal/manifest"
)

// tunnels is an HTTP proxy that leads every CONNECT to one address, whatever name was asked for.
type tunnels struct {
	to    string
	hosts atomic.Value // string: the last one asked for
}

func (p *tunnels) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect {
		http.Error(w, "CONNECT only", http.StatusMethodNotAllowed)
		return
	}
	p.hosts.Store(r.Host)
	var dialer net.Dialer
	target, err := dialer.DialContext(r.Context(), "tcp", p.to)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer target.Close()
	w.WriteHeader(http.StatusOK)
	client, buffered, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer client.Close()
	go func() {
		_, _ = io.Copy(target, buffered) // either side may go when it likes
		_ = target.Close()
	}()
	_, _ = io.Copy(client, target)
}

// Atlas is reached through the proxy alone, with a certificate of an authority that only the ConfigMap knows.
func TestProxyAndPrivateAuthority(t *testing.T) {
	t.Parallel()
	certified := httptest.NewTLSServer(http.NotFoundHandler()) // its certificate is for example.com
	t.Cleanup(certified.Close)
	s := newStage(t, world.cluster, atlastest.WithTLS(&tls.Config{Certificates: certified.TLS.Certificates, MinVersion: tls.VersionTLS12}))
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certified.Certificate().Raw})
	s.Create(manifest.Credentials(s.namespace), &corev1.ConfigMap{
		ObjectMeta: manifest.Meta(s.namespace, "corporate-ca"), Data: map[string]string{"bundle.pem": string(authority)},
	})
	proxy := &tunnels{to: strings.TrimPrefix(s.atlas.URL, "https://")}
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	s.mustHelm(t, s.operatorArgs("install", "--values", valuesFile(t, fmt.Sprintf(`
watch: {namespaces: [%s]}
atlas: {baseURL: "https://example.com"}
proxy: {httpsProxy: %q}
privateCA: {configMapName: corporate-ca, key: bundle.pem}
`, s.namespace, server.URL)))...)
	t.Cleanup(s.uninstallOperator)
	s.runManager(s.installed(s.namespace, s.release+"-atlas-streams-operator-controller-manager"))

	link := newLink(s.namespace, "way")
	s.Create(link)
	s.AwaitReady(link)
	s.Expect(proxy.hosts.Load()).To(Equal("example.com:443"))
	s.Delete(link)
	s.AwaitGone(link)
	s.ExpectNoOrphans(s.atlas)
}
