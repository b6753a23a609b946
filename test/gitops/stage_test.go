package gitops_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
	"sigs.k8s.io/controller-runtime/pkg/config"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/controller"
)

const (
	project   = atlastest.DefaultProjectID
	workspace = atlastest.DefaultWorkspace
)

// stage is where one test takes place: a namespace with credentials, and an Atlas of its own whose clock stands still.
type stage struct {
	*WithT
	t         *testing.T
	namespace string
	atlas     *atlastest.Server
}

// resource is one of our kinds.
type resource interface {
	client.Object
	v1alpha1.Managed
}

func newStage(t *testing.T, options ...atlastest.Option) *stage {
	t.Helper()
	s := &stage{
		WithT: NewWithT(t), t: t, namespace: fmt.Sprintf("gitops-%d", world.stages.Add(1)),
		atlas: atlastest.NewServer(t, append([]atlastest.Option{
			atlastest.WithManualClock(time.Now()),
			atlastest.WithDurations(atlastest.Durations{
				Working: 10 * time.Minute, Pending: time.Minute, Deleting: time.Minute, Initiating: time.Minute,
			}),
		}, options...)...),
	}
	s.create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.namespace}}, s.secret("atlas", map[string]string{
		"clientId": atlastest.DefaultClientID, "clientSecret": atlastest.DefaultClientSecret,
	}))
	return s
}

// startManager runs a manager for the stage's namespace until stop is called or the test ends.
func (s *stage) startManager() (stop func()) {
	s.t.Helper()
	mgr, err := ctrl.NewManager(world.env.Config, ctrl.Options{
		Scheme: scheme.Scheme,
		Cache: cache.Options{
			DefaultTransform:  cache.TransformStripManagedFields(),
			DefaultNamespaces: map[string]cache.Config{s.namespace: {}},
		},
		Metrics:    metricsserver.Options{BindAddress: "0"},
		Controller: config.Controller{SkipNameValidation: new(true)},
	})
	s.Expect(err).NotTo(HaveOccurred())
	ctx, cancel := context.WithCancel(s.t.Context())
	_, err = controller.Setup(ctx, mgr, controller.Options{
		Atlas:               atlas.Options{BaseURL: s.atlas.URL, Timeout: 5 * time.Second, Version: "test", Logger: ctrl.Log.WithName("atlas")},
		WatchNamespaces:     []string{s.namespace},
		PendingPollInterval: 100 * time.Millisecond, SteadyPollInterval: time.Second,
		MaxConcurrentReconciles: 4,
	})
	s.Expect(err).NotTo(HaveOccurred())
	ended := make(chan error, 1)
	go func() { ended <- mgr.Start(ctx) }()
	stopped := false
	stop = func() {
		cancel()
		if !stopped {
			stopped = true
			s.Eventually(ended).Should(Receive(Succeed()))
		}
	}
	s.t.Cleanup(stop)
	return stop
}

func (s *stage) meta(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: s.namespace, Name: name}
}

func (s *stage) secret(name string, values map[string]string) *corev1.Secret {
	return &corev1.Secret{ObjectMeta: s.meta(name), StringData: values}
}

func (s *stage) create(objects ...client.Object) {
	s.t.Helper()
	for _, object := range objects {
		s.Expect(world.kube.Create(s.t.Context(), object)).To(Succeed())
	}
}

// await waits until a condition of the resource's generation matches, as in "True Done".
func (s *stage) await(r resource, kind, statusAndReason string) {
	s.t.Helper()
	s.Eventually(func(g Gomega) {
		g.Expect(world.kube.Get(s.t.Context(), client.ObjectKeyFromObject(r), r)).To(Succeed())
		conditions := r.GetObservedStatus().Conditions
		found := meta.FindStatusCondition(conditions, kind)
		g.Expect(found).NotTo(BeNil(), "no %s in %+v", kind, conditions)
		g.Expect(string(found.Status)+" "+found.Reason).To(Equal(statusAndReason), "%+v", conditions)
		g.Expect(found.ObservedGeneration).To(Equal(r.GetGeneration()))
	}).Should(Succeed(), r.GetName())
}

// edit changes a resource, again while others change it at the same time.
func edit[R resource](s *stage, r R, change func(R)) {
	s.t.Helper()
	s.Eventually(func() error {
		if err := world.kube.Get(s.t.Context(), client.ObjectKeyFromObject(r), r); err != nil {
			return err
		}
		change(r)
		return world.kube.Update(s.t.Context(), r)
	}).Should(Succeed())
}

// recorded is the resource as tools see it.
func (s *stage) recorded(r client.Object) *unstructured.Unstructured {
	s.t.Helper()
	gvk, err := apiutil.GVKForObject(r, scheme.Scheme)
	s.Expect(err).NotTo(HaveOccurred())
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(gvk)
	s.Expect(world.kube.Get(s.t.Context(), client.ObjectKeyFromObject(r), object)).To(Succeed())
	return object
}

// kubectl runs the real one in the stage's namespace.
func (s *stage) kubectl(args ...string) (string, error) {
	s.t.Helper()
	return s.run(exec.CommandContext(s.t.Context(), world.kubectl, append([]string{"--namespace=" + s.namespace}, args...)...))
}

// run runs a command that finds the real kubectl, and it the API server.
func (s *stage) run(command *exec.Cmd) (string, error) {
	command.Env = append(os.Environ(), "KUBECONFIG="+world.env.Kubeconfig,
		"PATH="+filepath.Dir(world.kubectl)+string(os.PathListSeparator)+os.Getenv("PATH"))
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	err := command.Run()
	return out.String(), err
}
