package soak_test

import (
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"k8s.io/client-go/util/cert"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
	_ "github.com/atlasstreams/operator/internal/manager" // see manager.Build
	"github.com/atlasstreams/operator/internal/testenv"
	"github.com/atlasstreams/operator/test/internal/kubetest"
	"github.com/atlasstreams/operator/test/internal/manager"
	"github.com/atlasstreams/operator/test/internal/manifest"
)

// requestTimeout of one call to Atlas makes settle a second. A write arrives at the latest after maxDelay, and nothing is
// hidden for longer than maxHole.
const (
	requestTimeout = 500 * time.Millisecond
	maxDelay       = 400 * time.Millisecond
	maxHole        = 500 * time.Millisecond
)

// stage is an API server and an Atlas with tenants, and the resources that they are to have.
type stage struct {
	*kubetest.Client
	t       *testing.T
	env     *testenv.Environment
	atlas   *atlastest.Server
	watcher *watcher
	// authority is the file with the certificate of Atlas, which speaks HTTP/2.
	authority string
	// metrics is where the manager serves them.
	metrics string

	tenants     []tenant
	links       []*v1alpha1.StreamPrivateLink
	connections []*v1alpha1.StreamConnection
	// foreign are the objects in Atlas that are nobody's here, by id, as they were put there; foreignLinks is where the
	// links among them are.
	foreign      map[string]string
	foreignLinks map[string]foreignLink

	size, rounds, interferences      int
	made, doubled, orphaned, touched int
}

// newStage prepares n links and n connections, which are not created yet.
func newStage(t *testing.T, n int) *stage {
	t.Helper()
	s := &stage{t: t, size: n, foreign: map[string]string{}, foreignLinks: map[string]foreignLink{}}
	ctrl.SetLogger(zap.New(zap.WriteTo(t.Output())))
	// A manager that is killed leaves its tokens behind, and Atlas allows only so many.
	s.atlas = atlastest.NewServer(t, atlastest.WithoutDefaults(), atlastest.WithTokenLimit(1_000_000), atlastest.WithTLS(s.certificate()),
		atlastest.WithDurations(atlastest.Durations{
			Idle: 100 * time.Millisecond, Working: 400 * time.Millisecond, Pending: 300 * time.Millisecond, Deleting: 400 * time.Millisecond,
		}))
	s.env = testenv.New(t, testenv.Options{})
	s.Client = kubetest.Dial(t, s.env.Config)
	s.watcher = newWatcher(t, s.env.Config)
	for i := range tenants {
		tenant := newTenant(i)
		s.tenants = append(s.tenants, tenant)
		for _, workspace := range workspaces {
			s.atlas.AddWorkspace(tenant.project, workspace)
		}
		s.atlas.AddServiceAccount(tenant.clientID, tenant.clientSecret(), atlastest.ForProjects(tenant.project))
		s.Create(manifest.Namespace(tenant.namespace))
		s.Create(tenant.secrets()...)
	}
	s.allowIntruders()
	s.metrics = manager.FreeAddress(t)
	return s
}

// certificate is that of Atlas; the managers trust it.
func (s *stage) certificate() *tls.Config {
	s.t.Helper()
	certificate, key, err := cert.GenerateSelfSignedCertKey("127.0.0.1", []net.IP{net.IPv4(127, 0, 0, 1)}, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	s.authority = filepath.Join(s.t.TempDir(), "atlas.pem")
	if err := os.WriteFile(s.authority, certificate, 0o600); err != nil {
		s.t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		s.t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}
}

// prepare makes the resources of a round, which are not created yet.
func (s *stage) prepare() {
	s.rounds++
	s.links, s.connections = nil, nil
	for i := range s.size {
		tenant := s.tenants[i%tenants]
		s.links = append(s.links, tenant.link(i/tenants))
		s.connections = append(s.connections, tenant.connection(i/tenants))
	}
}

func (s *stage) build() string {
	s.t.Helper()
	program, err := manager.Build(s.t.Context(), s.t.TempDir())
	s.Expect(err).NotTo(HaveOccurred())
	return program
}

// startManager starts a manager, as chatty as it can be.
func (s *stage) startManager(name, program string) (*testenv.Process, error) {
	args := append([]string{"--metrics-bind-address=" + s.metrics, "--metrics-secure=false", "--health-probe-bind-address=0",
		"--zap-log-level=10", "--zap-time-encoding=rfc3339nano"}, defaultCredentials...)
	return s.env.Run(name, []string{"SSL_CERT_FILE=" + s.authority}, program,
		manager.Args(s.env.Kubeconfig, s.atlas.URL, requestTimeout, args...)...)
}

// resources are all links and connections, a link and a connection in turn.
func (s *stage) resources() []client.Object {
	all := make([]client.Object, 0, len(s.links)+len(s.connections))
	for i := range s.links {
		all = append(all, s.links[i], s.connections[i])
	}
	return all
}

// awaitAllReady waits until every resource is Ready and Synced at its generation, and nothing was Stalled on the way.
func (s *stage) awaitAllReady() {
	s.t.Helper()
	s.Eventually(s.watcher.unready).WithContext(s.t.Context()).WithTimeout(patience).WithPolling(polling).
		Should(Equal(pending{total: len(s.links) + len(s.connections)}), "not Ready")
	s.Expect(s.watcher.oddities()).To(BeEmpty())
}

// awaitAllGone waits until the API server has none of the resources.
func (s *stage) awaitAllGone() {
	s.t.Helper()
	s.Eventually(s.watcher.unready).WithContext(s.t.Context()).WithTimeout(patience).WithPolling(polling).
		Should(Equal(pending{}), "stuck")
	s.Expect(s.watcher.oddities()).To(BeEmpty())
}

func describe(r v1alpha1.Managed) string {
	status := r.GetManagedStatus()
	return fmt.Sprintf("%T %s/%s, Atlas id %q, state %q: %+v", r, r.GetNamespace(), r.GetName(), status.ID, status.State, status.Conditions)
}
