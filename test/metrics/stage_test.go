package metrics_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
	"github.com/atlasstreams/operator/internal/testenv"
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
	*WithT
	t     *testing.T
	env   *testenv.Environment
	kube  client.Client
	atlas *atlastest.Server

	// metrics is the address where the manager serves them, token what lets Prometheus in.
	metrics, token string
	transport      *http.Transport
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{WithT: NewWithT(t), t: t, env: testenv.New(t, testenv.Options{})}
	s.Expect(v1alpha1.AddToScheme(scheme.Scheme)).To(Succeed())
	s.atlas = atlastest.NewServer(t, atlastest.WithDurations(atlastest.Durations{
		Working: 100 * time.Millisecond, Pending: 100 * time.Millisecond, Deleting: 100 * time.Millisecond,
	}), atlastest.WithRateLimit(100, 100))
	var err error
	s.kube, err = client.New(s.env.Config, client.Options{Scheme: scheme.Scheme})
	s.Expect(err).NotTo(HaveOccurred())
	s.transport = &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} //nolint:gosec // the manager's own certificate
	t.Cleanup(s.transport.CloseIdleConnections)
	s.startManager()
	s.create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}})
	s.letPrometheusIn()
	return s
}

// startManager serves metrics as it does by default: over HTTPS, to callers who may.
func (s *stage) startManager() {
	s.t.Helper()
	program := filepath.Join(s.t.TempDir(), "manager")
	build := exec.CommandContext(s.t.Context(), "go", "build", "-trimpath", "-o", program, "./cmd/manager")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	s.Expect(err).NotTo(HaveOccurred(), string(out))
	s.metrics, err = testenv.FreeAddress(s.t.Context())
	s.Expect(err).NotTo(HaveOccurred())
	probes, err := testenv.FreeAddress(s.t.Context())
	s.Expect(err).NotTo(HaveOccurred())
	process, err := s.env.Run("manager", nil, program,
		"--kubeconfig="+s.env.Kubeconfig, "--atlas-base-url="+s.atlas.URL, "--atlas-request-timeout=2s",
		"--pending-poll-interval=200ms", "--steady-poll-interval=1s",
		"--metrics-bind-address="+s.metrics, "--health-probe-bind-address="+probes)
	s.Expect(err).NotTo(HaveOccurred())
	s.t.Cleanup(func() { s.Expect(process.Stop()).To(Succeed()) })
	s.Expect(process.AwaitOK(s.t.Context(), "http://"+probes+"/readyz")).To(Succeed())
}

// letPrometheusIn sees that nobody else gets in, and gives an account the right to read the metrics.
func (s *stage) letPrometheusIn() {
	s.t.Helper()
	s.Expect(s.statusFor("")).To(Equal(http.StatusUnauthorized))
	account := &corev1.ServiceAccount{ObjectMeta: s.meta("prometheus")}
	s.create(account)
	s.Expect(s.statusFor(s.tokenOf(account))).To(Equal(http.StatusForbidden))

	text, err := os.ReadFile("config/rbac/metrics_reader_role.yaml")
	s.Expect(err).NotTo(HaveOccurred())
	role := &rbacv1.ClusterRole{}
	s.Expect(yaml.UnmarshalStrict(text, role)).To(Succeed())
	s.create(role, &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "prometheus"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role.Name},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: namespace, Name: account.Name}},
	})
	s.Eventually(func() (int, error) {
		s.token = s.tokenOf(account) // a refusal is remembered for a while per token
		return s.statusFor(s.token)
	}).Should(Equal(http.StatusOK))
}

func (s *stage) tokenOf(account *corev1.ServiceAccount) string {
	s.t.Helper()
	request := &authenticationv1.TokenRequest{}
	s.Expect(s.kube.SubResource("token").Create(s.t.Context(), account, request)).To(Succeed())
	return request.Status.Token
}

// get asks for the metrics, with a token where one is given.
func (s *stage) get(token string) (status int, page []byte, err error) {
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, "https://"+s.metrics+"/metrics", http.NoBody)
	if err != nil {
		return 0, nil, err
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := (&http.Client{Transport: s.transport}).Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	page, err = io.ReadAll(response.Body)
	return response.StatusCode, page, err
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

func (s *stage) meta(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: namespace, Name: name}
}

func (s *stage) create(objects ...client.Object) {
	s.t.Helper()
	for _, object := range objects {
		s.Expect(s.kube.Create(s.t.Context(), object)).To(Succeed(), object.GetName())
	}
}

// await waits until a condition of a resource is as said, as in "True Done".
func (s *stage) await(r v1alpha1.Managed, kind, statusAndReason string) {
	s.t.Helper()
	object := r.(client.Object)
	s.Eventually(func(g Gomega) {
		g.Expect(s.kube.Get(s.t.Context(), client.ObjectKeyFromObject(object), object)).To(Succeed())
		found := meta.FindStatusCondition(r.GetObservedStatus().Conditions, kind)
		g.Expect(found).NotTo(BeNil())
		g.Expect(fmt.Sprint(found.Status, " ", found.Reason)).To(Equal(statusAndReason), found.Message)
	}).Should(Succeed(), object.GetName())
}
