package atlas

import (
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

func discardLog() *log.Logger { return log.New(io.Discard, "", 0) }

// childURL makes a child process of the test binary make one call. The proxy and the certificates of the environment
// are read once per process.
const childURL = "ATLAS_TEST_CHILD_URL"

func TestChild(t *testing.T) {
	base := os.Getenv(childURL)
	if base == "" {
		t.Skip("only of use in a process of its own")
	}
	c, err := New(account, Options{BaseURL: base})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.CreatePrivateLink(t.Context(), project, linkRequest); err != nil {
		t.Fatal(Class(err), " | ", err)
	}
}

func runChild(t *testing.T, base string, env ...string) (string, error) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestChild$", "-test.v")
	for _, kv := range os.Environ() {
		if name, _, _ := strings.Cut(kv, "="); !strings.HasSuffix(strings.ToLower(name), "_proxy") {
			child.Env = append(child.Env, kv)
		}
	}
	child.Env = append(append(child.Env, childURL+"="+base), env...)
	out, err := child.CombinedOutput()
	return string(out), err
}

func TestCertificatesOfTheEnvironment(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("SSL_CERT_FILE is honoured where Go reads certificates from files")
	}
	g := NewWithT(t)
	f := &fake{}
	f.Server = httptest.NewUnstartedServer(f.handler(always(200, `{"_id":"x"}`)))
	f.Config.ErrorLog = discardLog()
	f.StartTLS()
	defer f.Server.Close()
	file := filepath.Join(t.TempDir(), "ca.pem")
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: f.Certificate().Raw})
	g.Expect(os.WriteFile(file, ca, 0o600)).To(Succeed())

	out, err := runChild(t, f.URL)
	g.Expect(err).To(HaveOccurred())
	g.Expect(out).To(ContainSubstring("TLS certificate not trusted"))
	out, err = runChild(t, f.URL, "SSL_CERT_FILE="+file)
	g.Expect(err).NotTo(HaveOccurred(), out)
	g.Expect(f.seen()).To(HaveLen(1))
}

func TestProxyOfTheEnvironment(t *testing.T) {
	g := NewWithT(t)
	var hosts []string
	f := &fake{}
	api := f.handler(always(200, `{"_id":"x"}`))
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hosts = append(hosts, r.Host)
		api.ServeHTTP(w, r)
	}))
	defer f.Server.Close()

	out, err := runChild(t, "http://atlas.invalid", "HTTP_PROXY="+f.URL)
	g.Expect(err).NotTo(HaveOccurred(), out)
	g.Expect(hosts).To(Equal([]string{"atlas.invalid", "atlas.invalid"}))

	out, err = runChild(t, "http://atlas.invalid", "HTTP_PROXY="+f.URL, "NO_PROXY=atlas.invalid")
	g.Expect(err).To(HaveOccurred(), out)
	g.Expect(hosts).To(HaveLen(2))

	out, err = runChild(t, "http://atlas.invalid", "HTTP_PROXY=http://user:planted@127.0.0.1:1")
	g.Expect(err).To(HaveOccurred())
	g.Expect(out).To(ContainSubstring("connection refused"))
	g.Expect(out).NotTo(ContainSubstring("planted"))
}
