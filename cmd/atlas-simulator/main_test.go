package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/atlasstreams/operator/atlastest"
)

const projectID = "65f1c0de00000000000000aa"

// program is a simulator under test.
type program struct {
	url     string
	welcome string
	stop    context.CancelFunc
	ended   chan error
}

func launch(t *testing.T, args ...string) *program {
	t.Helper()
	g := NewWithT(t)
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	p := &program{stop: cancel, ended: make(chan error, 1)}
	go func() {
		err := run(ctx, append([]string{"--listen", "127.0.0.1:0"}, args...), w, io.Discard)
		w.CloseWithError(io.EOF)
		p.ended <- err
	}()
	t.Cleanup(func() {
		cancel()
		_, _ = io.Copy(io.Discard, r)
	})
	lines := bufio.NewReader(r)
	for range 4 {
		line, err := lines.ReadString('\n')
		if err != nil {
			g.Expect(<-p.ended).NotTo(HaveOccurred())
		}
		p.welcome += line
	}
	p.url = regexp.MustCompile(`https?://\S+`).FindString(p.welcome)
	g.Expect(p.url).NotTo(BeEmpty(), p.welcome)
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	return p
}

// call sends a request with the client's credentials and returns status and body.
func call(t *testing.T, client *http.Client, method, url, body string) (int, string) {
	t.Helper()
	g := NewWithT(t)
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	g.Expect(err).NotTo(HaveOccurred())
	req.Header.Set("Accept", "application/vnd.atlas.2023-02-01+json")
	req.Header.Set("Content-Type", "application/json")
	res, err := client.Do(req)
	g.Expect(err).NotTo(HaveOccurred())
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	g.Expect(err).NotTo(HaveOccurred())
	return res.StatusCode, string(data)
}

func login(t *testing.T, base *http.Client, url, id, secret string) *http.Client {
	t.Helper()
	cfg := clientcredentials.Config{ClientID: id, ClientSecret: secret, TokenURL: url + "/api/oauth/token"}
	return cfg.Client(context.WithValue(t.Context(), oauth2.HTTPClient, base))
}

func linksURL(base, project string) string {
	return base + "/api/atlas/v2/groups/" + project + "/streams/privateLinkConnections"
}

func TestDefaultsAreServedAndPrinted(t *testing.T) {
	g := NewWithT(t)
	p := launch(t)
	g.Expect(p.welcome).To(And(ContainSubstring(atlastest.DefaultProjectID+"/"+atlastest.DefaultWorkspace), ContainSubstring(atlastest.DefaultClientID)))
	client := login(t, &http.Client{}, p.url, atlastest.DefaultClientID, atlastest.DefaultClientSecret)
	status, _ := call(t, client, "GET", linksURL(p.url, atlastest.DefaultProjectID), "")
	g.Expect(status).To(Equal(200))
	status, body := call(t, &http.Client{}, "GET", p.url+"/_simulator/healthz", "")
	g.Expect(status).To(Equal(200))
	g.Expect(body).To(Equal("ok\n"))
	p.stop()
	g.Expect(<-p.ended).To(Succeed())
}

func TestSeedsAndFailures(t *testing.T) {
	g := NewWithT(t)
	file := filepath.Join(t.TempDir(), "credentials.json")
	g.Expect(os.WriteFile(file, []byte(`{"serviceAccounts":{"mine":"planted"},"apiKeys":{"pub":"planted"}}`), 0o600)).To(Succeed())
	p := launch(t, "--workspace", projectID+"/mine", "--credentials-file", file,
		"--idle", "0s", "--working", "0s", "--fail-vendor", "pubsub", "--fail-match", "region=us-*", "--fail-message", "quota")
	g.Expect(p.welcome).To(And(ContainSubstring(projectID+"/mine"), Not(ContainSubstring("planted"))))
	client := login(t, &http.Client{}, p.url, "mine", "planted")

	for region, state := range map[string]string{"us-central1": "FAILED", "europe-west1": "DONE"} {
		_, created := call(t, client, "POST", linksURL(p.url, projectID), `{"provider":"GCP","vendor":"PUBSUB","region":"`+region+`"}`)
		var link map[string]any
		g.Expect(json.Unmarshal([]byte(created), &link)).To(Succeed(), created)
		_, read := call(t, client, "GET", linksURL(p.url, projectID)+"/"+link["_id"].(string), "")
		g.Expect(read).To(ContainSubstring(`"state":"` + state + `"`))
		g.Expect(strings.Contains(read, `"errorMessage":"quota"`)).To(Equal(state == "FAILED"))
	}
	status, _ := call(t, client, "GET", linksURL(p.url, atlastest.DefaultProjectID), "")
	g.Expect(status).To(Equal(404), "the default project is not there when another is given")
	cfg := clientcredentials.Config{
		ClientID: atlastest.DefaultClientID, ClientSecret: atlastest.DefaultClientSecret, TokenURL: p.url + "/api/oauth/token",
	}
	_, err := cfg.Token(t.Context())
	g.Expect(err).To(HaveOccurred(), "nor are the default credentials")
}

func TestAutoCreate(t *testing.T) {
	g := NewWithT(t)
	p := launch(t, "--auto-create")
	client := login(t, &http.Client{}, p.url, atlastest.DefaultClientID, atlastest.DefaultClientSecret)
	status, _ := call(t, client, "GET", linksURL(p.url, projectID), "")
	g.Expect(status).To(Equal(200))
}

func TestPrivateEndpointServicesFromAShell(t *testing.T) {
	g := NewWithT(t)
	p := launch(t, "--auto-create", "--initiating", "0s")
	base := &http.Client{}
	client := login(t, base, p.url, atlastest.DefaultClientID, atlastest.DefaultClientSecret)
	services := p.url + "/api/atlas/v2/groups/" + projectID + "/privateEndpoint/AZURE/endpointService"

	status, body := call(t, base, "POST", p.url+"/_simulator/privateEndpointServices",
		`{"projectId":"`+projectID+`","cloudProvider":"AZURE"}`)
	g.Expect(status).To(Equal(200), body)
	status, body = call(t, client, "GET", services, "")
	g.Expect(status).To(Equal(200))
	g.Expect(body).To(ContainSubstring(`"status":"AVAILABLE"`))
	other := strings.ReplaceAll(services, projectID, "65f1c0de00000000000000bb")
	status, body = call(t, client, "GET", other, "")
	g.Expect(status).To(Equal(200), "a project that is named comes into being")
	g.Expect(body).To(Equal("[]"))
}

func TestControlHosts(t *testing.T) {
	for name, status := range map[string]int{"atlas-simulator.test.svc": 200, "tls.test": 200, "evil.example": 403} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			p := launch(t, "--control-host", "atlas-simulator.test.svc", "--tls-self-signed", "--tls-name", "tls.test")
			req, err := http.NewRequestWithContext(t.Context(), "GET", p.url+"/_simulator/state", nil)
			g.Expect(err).NotTo(HaveOccurred())
			req.Host = name
			client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} //nolint:gosec // its own certificate
			res, err := client.Do(req)
			g.Expect(err).NotTo(HaveOccurred())
			defer res.Body.Close()
			g.Expect(res.StatusCode).To(Equal(status))
			client.CloseIdleConnections()
		})
	}
}

func TestSelfSignedTLS(t *testing.T) {
	g := NewWithT(t)
	file := filepath.Join(t.TempDir(), "ca.pem")
	p := launch(t, "--tls-self-signed", "--tls-cert-out", file, "--tls-name", "simulator.test")
	g.Expect(p.url).To(HavePrefix("https://"))
	data, err := os.ReadFile(file)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(data)).NotTo(ContainSubstring("PRIVATE KEY"))
	pool := x509.NewCertPool()
	g.Expect(pool.AppendCertsFromPEM(data)).To(BeTrue())
	for _, name := range []string{"", "simulator.test", "localhost"} {
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: name, MinVersion: tls.VersionTLS12}}}
		status, _ := call(t, login(t, client, p.url, atlastest.DefaultClientID, atlastest.DefaultClientSecret), "GET",
			linksURL(p.url, atlastest.DefaultProjectID), "")
		g.Expect(status).To(Equal(200), "as %q", name)
		client.CloseIdleConnections()
	}
}

func TestControlInterfaceCanBeSwitchedOff(t *testing.T) {
	for args, want := range map[string]int{"--control=true": http.StatusOK, "--control=false": http.StatusNotFound} {
		t.Run(args, func(t *testing.T) {
			g := NewWithT(t)
			p := launch(t, args)
			for _, path := range []string{"/_simulator/state", "/_simulator/"} {
				status, body := call(t, &http.Client{}, http.MethodGet, p.url+path, "")
				g.Expect(status).To(Equal(want), body)
			}
		})
	}
}

func TestPortInUse(t *testing.T) {
	g := NewWithT(t)
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	g.Expect(err).NotTo(HaveOccurred())
	defer func() { _ = l.Close() }()
	err = run(t.Context(), []string{"--listen", l.Addr().String()}, io.Discard, io.Discard)
	g.Expect(err).To(MatchError(And(ContainSubstring(l.Addr().String()+" is in use"), ContainSubstring("--listen"))))
}

func TestBadFlags(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.json")
	NewWithT(t).Expect(os.WriteFile(empty, []byte(`{}`), 0o600)).To(Succeed())
	odd := filepath.Join(t.TempDir(), "odd.json")
	NewWithT(t).Expect(os.WriteFile(odd, []byte(`{"serviceAcounts":{"a":"planted"}}`), 0o600)).To(Succeed())
	tests := map[string]struct {
		args []string
		want string
	}{
		"argument":               {[]string{"serve"}, "serve"},
		"project":                {[]string{"--project", "x"}, "24 hex digits"},
		"workspace":              {[]string{"--workspace", "streams"}, "project/name"},
		"workspace with slashes": {[]string{"--workspace", projectID + "/a/b"}, "project/name"},
		"cert alone":             {[]string{"--tls-cert", "x"}, "--tls-key"},
		"cert missing":           {[]string{"--tls-cert", "x", "--tls-key", "x"}, "preparing TLS"},
		"two certs":              {[]string{"--tls-cert", "x", "--tls-key", "x", "--tls-self-signed"}, "exclude"},
		"cert out alone":         {[]string{"--tls-cert-out", "x"}, "--tls-self-signed"},
		"negative":               {[]string{"--idle", "-1s"}, "negative"},
		"negative initiating":    {[]string{"--initiating", "-1s"}, "negative"},
		"burst":                  {[]string{"--rate-limit", "1", "--rate-burst", "0"}, "--rate-burst"},
		"match":                  {[]string{"--fail-match", "vendor"}, "field=value"},
		"no credentials file":    {[]string{"--credentials-file", "/nonexistent"}, "--credentials-file"},
		"empty credentials file": {[]string{"--credentials-file", empty}, "holds no credentials"},
		"odd credentials file":   {[]string{"--credentials-file", odd}, "serviceAcounts"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			err := run(t.Context(), append([]string{"--listen", "127.0.0.1:0"}, tt.args...), io.Discard, io.Discard)
			g.Expect(err).To(MatchError(ContainSubstring(tt.want)))
			g.Expect(err.Error()).NotTo(ContainSubstring("planted"))
		})
	}
}

func TestHelp(t *testing.T) {
	g := NewWithT(t)
	var out strings.Builder
	err := run(t.Context(), []string{"--help"}, io.Discard, &out)
	g.Expect(errors.Is(err, flag.ErrHelp)).To(BeTrue())
	g.Expect(out.String()).To(And(ContainSubstring("Example:"), ContainSubstring("-fail-match")))
}
