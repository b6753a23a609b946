package soak_test

import (
	"fmt"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
	"github.com/atlasstreams/operator/internal/testenv"
	"github.com/atlasstreams/operator/test/internal/manager"
)

// requestTimeout of one call to Atlas makes settle two seconds.
const requestTimeout = time.Second

// stage is an API server and an Atlas with tenants, and the resources that they are to have.
type stage struct {
	*WithT
	t       *testing.T
	env     *testenv.Environment
	kube    client.Client
	atlas   *atlastest.Server
	watcher *watcher
	// metrics is where the manager serves them.
	metrics string

	tenants     []tenant
	links       []*v1alpha1.StreamPrivateLink
	connections []*v1alpha1.StreamConnection
}

// newStage prepares n links and n connections, which are not created yet.
func newStage(t *testing.T, n int) *stage {
	t.Helper()
	s := &stage{WithT: NewWithT(t), t: t}
	ctrl.SetLogger(zap.New(zap.WriteTo(t.Output())))
	s.atlas = atlastest.NewServer(t, atlastest.WithoutDefaults(), atlastest.WithRequestLog(1_000_000),
		atlastest.WithDurations(atlastest.Durations{
			Idle: 100 * time.Millisecond, Working: 400 * time.Millisecond, Pending: 300 * time.Millisecond, Deleting: 400 * time.Millisecond,
		}))
	s.env = testenv.New(t, testenv.Options{})
	s.connect()
	s.watcher = newWatcher(t, s.env.Config)
	for i := range tenants {
		tenant := newTenant(i)
		s.tenants = append(s.tenants, tenant)
		for _, workspace := range workspaces {
			s.atlas.AddWorkspace(tenant.project, workspace)
		}
		s.atlas.AddServiceAccount(tenant.clientID, tenant.clientSecret(), atlastest.ForProjects(tenant.project))
		s.make(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: tenant.namespace}})
		for _, secret := range tenant.secrets() {
			s.make(secret)
		}
	}
	for i := range n {
		tenant := s.tenants[i%tenants]
		s.links = append(s.links, tenant.link(i/tenants))
		s.connections = append(s.connections, tenant.connection(i/tenants))
	}
	return s
}

func (s *stage) connect() {
	s.t.Helper()
	s.Expect(v1alpha1.AddToScheme(clientgoscheme.Scheme)).To(Succeed())
	config := rest.CopyConfig(s.env.Config)
	config.QPS = -1
	var err error
	s.kube, err = client.New(config, client.Options{Scheme: clientgoscheme.Scheme})
	s.Expect(err).NotTo(HaveOccurred())
}

// startManager starts the manager as chatty as it can be.
func (s *stage) startManager() *testenv.Process {
	s.t.Helper()
	program, err := manager.Build(s.t.Context(), s.t.TempDir())
	s.Expect(err).NotTo(HaveOccurred())
	s.metrics, err = testenv.FreeAddress(s.t.Context())
	s.Expect(err).NotTo(HaveOccurred())
	process, err := s.env.Run("manager", nil, program,
		"--kubeconfig="+s.env.Kubeconfig, "--atlas-base-url="+s.atlas.URL, "--atlas-request-timeout="+requestTimeout.String(),
		"--pending-poll-interval=200ms", "--steady-poll-interval=1s",
		"--metrics-bind-address="+s.metrics, "--metrics-secure=false", "--health-probe-bind-address=0",
		"--zap-log-level=10", "--zap-time-encoding=rfc3339nano")
	s.Expect(err).NotTo(HaveOccurred())
	return process
}

func (s *stage) make(object client.Object) {
	s.t.Helper()
	s.Expect(s.kube.Create(s.t.Context(), object)).To(Succeed(), object.GetName())
}

// resources are all links and connections, a link and a connection in turn.
func (s *stage) resources() []v1alpha1.Managed {
	all := make([]v1alpha1.Managed, 0, len(s.links)+len(s.connections))
	for i := range s.links {
		all = append(all, s.links[i], s.connections[i])
	}
	return all
}

func (s *stage) create() {
	s.t.Helper()
	for _, r := range s.resources() {
		s.make(r.(client.Object))
	}
}

func (s *stage) delete() {
	s.t.Helper()
	for _, r := range s.resources() {
		s.Expect(s.kube.Delete(s.t.Context(), r.(client.Object))).To(Succeed(), r.GetName())
	}
}

// awaitReady waits until every resource is Ready and Synced at its generation, and nothing was Stalled on the way.
func (s *stage) awaitReady() {
	s.t.Helper()
	s.Eventually(s.watcher.unready).WithContext(s.t.Context()).WithTimeout(patience).WithPolling(polling).
		Should(Equal(pending{total: len(s.links) + len(s.connections)}), "not Ready")
	s.Expect(s.watcher.oddities()).To(BeEmpty())
}

// awaitGone waits until the API server has none of the resources.
func (s *stage) awaitGone() {
	s.t.Helper()
	s.Eventually(s.watcher.unready).WithContext(s.t.Context()).WithTimeout(patience).WithPolling(polling).
		Should(Equal(pending{}), "stuck")
	s.Expect(s.watcher.oddities()).To(BeEmpty())
}

func describe(r v1alpha1.Managed) string {
	status := r.GetManagedStatus()
	return fmt.Sprintf("%T %s/%s, Atlas id %q, state %q: %+v", r, r.GetNamespace(), r.GetName(), status.ID, status.State, status.Conditions)
}
