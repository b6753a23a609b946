package metrics_test

import (
	"net/http"
	"os"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/atlasstreams/operator/atlastest"
	"github.com/atlasstreams/operator/internal/testenv"
	"github.com/atlasstreams/operator/test/internal/kubetest"
	"github.com/atlasstreams/operator/test/internal/manager"
	"github.com/atlasstreams/operator/test/internal/manifest"
)

const (
	project   = atlastest.DefaultProjectID
	workspace = atlastest.DefaultWorkspace
	namespace = "shop"
)

// privateTexts are nowhere in the metrics.
var privateTexts = []string{atlastest.DefaultClientID, atlastest.DefaultClientSecret}

// stage is an API server and an Atlas with a manager between them.
type stage struct {
	*kubetest.Client
	t     *testing.T
	env   *testenv.Environment
	atlas *atlastest.Server

	// metrics is the address where the manager serves them, token what lets Prometheus in.
	metrics, token string
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{t: t, env: testenv.New(t, testenv.Options{})}
	s.Client = kubetest.Dial(t, s.env.Config)
	s.atlas = atlastest.NewServer(t, atlastest.WithDurations(atlastest.Durations{
		Working: 100 * time.Millisecond, Pending: 100 * time.Millisecond, Deleting: 100 * time.Millisecond,
	}), atlastest.WithRateLimit(100, 100))
	s.startManager()
	s.Create(manifest.Namespace(namespace))
	s.letPrometheusIn()
	return s
}

// startManager serves metrics as it does by default: over HTTPS, to callers who may.
func (s *stage) startManager() {
	s.t.Helper()
	program, err := manager.Build(s.t.Context(), s.t.TempDir())
	s.Expect(err).NotTo(HaveOccurred())
	s.metrics = manager.FreeAddress(s.t)
	probes := manager.FreeAddress(s.t)
	process, err := s.env.Run("manager", nil, program, manager.Args(s.env.Kubeconfig, s.atlas.URL, 2*time.Second,
		"--metrics-bind-address="+s.metrics, "--health-probe-bind-address="+probes)...)
	s.Expect(err).NotTo(HaveOccurred())
	s.t.Cleanup(func() { s.Expect(process.Stop()).To(Succeed()) })
	s.Expect(process.AwaitOK(s.t.Context(), "http://"+probes+"/readyz")).To(Succeed())
}

// letPrometheusIn sees that nobody else gets in, and gives an account the right to read the metrics.
func (s *stage) letPrometheusIn() {
	s.t.Helper()
	// The metrics server may start to listen after the manager is ready.
	s.Eventually(func() (int, error) { return s.statusFor("") }).Should(Equal(http.StatusUnauthorized))
	account := &corev1.ServiceAccount{ObjectMeta: manifest.Meta(namespace, "prometheus")}
	s.Create(account)
	s.Expect(s.statusFor(s.Token(namespace, account.Name))).To(Equal(http.StatusForbidden))

	text, err := os.ReadFile("config/rbac/metrics_reader_role.yaml")
	s.Expect(err).NotTo(HaveOccurred())
	role := &rbacv1.ClusterRole{}
	s.Expect(yaml.UnmarshalStrict(text, role)).To(Succeed())
	s.Create(role, &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "prometheus"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role.Name},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: namespace, Name: account.Name}},
	})
	s.Eventually(func() (int, error) {
		s.token = s.Token(namespace, account.Name) // a refusal is remembered for a while per token
		return s.statusFor(s.token)
	}).Should(Equal(http.StatusOK))
}

// get asks for the metrics, with a token where one is given.
func (s *stage) get(token string) (status int, page []byte, err error) {
	return manager.Get(s.t.Context(), "https://"+s.metrics+"/metrics", token)
}

func (s *stage) statusFor(token string) (int, error) {
	status, _, err := s.get(token)
	return status, err
}

// scrape reads the metrics as Prometheus does.
func (s *stage) scrape() []byte {
	s.t.Helper()
	status, page, err := s.get(s.token)
	s.Expect(err).NotTo(HaveOccurred())
	s.Expect(status).To(Equal(http.StatusOK))
	return page
}
