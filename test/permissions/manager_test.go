package permissions_test

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/internal/testenv"
	"github.com/atlasstreams/operator/test/internal/manager"
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
	p := &process{stage: s, probes: manager.FreeAddress(s.t), metrics: manager.FreeAddress(s.t)}
	args := append(manager.Args(s.Kubeconfig(world.Env.Config, s.operator, managerAccount), s.atlas.URL, 2*time.Second,
		"--watch-namespaces="+strings.Join(namespaces, ","),
		"--leader-elect", "--leader-election-id=atlas-streams-operator", "--leader-election-namespace="+s.operator,
		"--health-probe-bind-address="+p.probes, "--metrics-bind-address="+p.metrics,
	), flags...)
	// API servers before 1.34 do not stream lists. Where they do, a watch alone would do for `list` as well.
	env := []string{"KUBE_FEATURE_WatchListClient=false"}
	var err error
	p.Process, err = world.Env.Run(fmt.Sprintf("manager-%d", world.Number()), env, world.Manager, args...)
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

// ready is the answer to the readiness probe; 0 when nobody answers.
func (p *process) ready() int { return p.get("http://"+p.probes+"/readyz", "") }

// scrape is the answer to who reads the metrics with that token; 0 when nobody answers.
func (p *process) scrape(token string) int { return p.get("https://"+p.metrics+"/metrics", token) }

func (p *process) get(url, token string) int {
	status, _, _ := manager.Get(p.t.Context(), url, token) // an error says why nobody answers
	return status
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
