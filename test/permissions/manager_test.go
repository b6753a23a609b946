package permissions_test

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"os"
	"strings"
	"syscall"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/internal/testenv"
)

// process is a running manager.
type process struct {
	*stage
	*testenv.Process
	probes, metrics string
}

// start starts the manager with the rights of its account, for the given namespaces (none: all). Later flags win.
func (s *stage) start(namespaces []string, flags ...string) *process {
	s.t.Helper()
	p := &process{stage: s, probes: s.freeAddress(), metrics: s.freeAddress()}
	args := append([]string{
		"--kubeconfig=" + s.kubeconfig(), "--atlas-base-url=" + s.atlas.URL, "--atlas-request-timeout=2s",
		"--pending-poll-interval=200ms", "--steady-poll-interval=1s",
		"--watch-namespaces=" + strings.Join(namespaces, ","), "--leader-elect", "--leader-election-namespace=" + s.operator,
		"--health-probe-bind-address=" + p.probes, "--metrics-bind-address=" + p.metrics,
	}, flags...)
	// API servers before 1.34 do not stream lists. Where they do, a watch alone would do for `list` as well.
	env := []string{"KUBE_FEATURE_WatchListClient=false"}
	world.starting.Lock()
	defer world.starting.Unlock()
	var err error
	p.Process, err = world.env.Run(fmt.Sprintf("manager-%d", world.processes.Add(1)), env, world.manager, args...)
	s.Expect(err).NotTo(HaveOccurred())
	s.t.Cleanup(func() {
		if s.t.Failed() {
			s.t.Log(p.Log())
		}
		// One that cannot fill its caches takes long to end in good order. The tests of good ones stop them themselves.
		_ = syscall.Kill(p.PID(), syscall.SIGKILL) // it may have ended
		<-p.Done()
	})
	return p
}

func (s *stage) freeAddress() string {
	s.t.Helper()
	address, err := testenv.FreeAddress(s.t.Context())
	s.Expect(err).NotTo(HaveOccurred())
	return address
}

// ready is the answer to the readiness probe; 0 when nobody answers.
func (p *process) ready() int { return p.get(http.DefaultTransport, "http://"+p.probes+"/readyz", "") }

// scrape is the answer to who reads the metrics with that token; 0 when nobody answers.
func (p *process) scrape(token string) int {
	return p.get(insecure(), "https://"+p.metrics+"/metrics", token)
}

func insecure() *http.Transport {
	return &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} //nolint:gosec // the manager's own certificate
}

func (p *process) get(transport http.RoundTripper, url, token string) int {
	request, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		return 0
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	return response.StatusCode
}

// said is all that the manager logged.
func (p *process) said() string {
	text, err := os.ReadFile(p.LogPath)
	p.Expect(err).NotTo(HaveOccurred())
	return string(text)
}

// awaitSaid waits until the manager has logged a text.
func (p *process) awaitSaid(text string) {
	p.t.Helper()
	p.Eventually(p.said).Should(ContainSubstring(text))
}
