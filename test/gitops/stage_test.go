package gitops_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
	"github.com/atlasstreams/operator/test/internal/controllers"
	"github.com/atlasstreams/operator/test/internal/kubetest"
	"github.com/atlasstreams/operator/test/internal/manifest"
)

const (
	project   = atlastest.DefaultProjectID
	workspace = atlastest.DefaultWorkspace
)

// stage is where one test takes place: a namespace with credentials, and an Atlas of its own whose clock stands still.
type stage struct {
	*kubetest.Client
	t         *testing.T
	namespace string
	atlas     *atlastest.Server
}

func newStage(t *testing.T, options ...atlastest.Option) *stage {
	t.Helper()
	s := &stage{
		Client: kubetest.New(t, world.Kube), t: t, namespace: fmt.Sprintf("gitops-%d", world.Number()),
		atlas: atlastest.NewServer(t, append([]atlastest.Option{
			atlastest.WithManualClock(time.Now()),
			atlastest.WithDurations(atlastest.Durations{
				Working: 10 * time.Minute, Pending: time.Minute, Deleting: time.Minute, Initiating: time.Minute,
			}),
		}, options...)...),
	}
	s.Create(manifest.Namespace(s.namespace), manifest.Credentials(s.namespace))
	return s
}

// startManager runs a manager for the stage's namespace.
func (s *stage) startManager() (stop func()) {
	s.t.Helper()
	return controllers.Run(s.t, world.Env.Config, s.namespace, s.atlas.URL, 5*time.Second)
}

func (s *stage) link(name string) *v1alpha1.StreamPrivateLink {
	return manifest.Link(s.namespace, name)
}

func (s *stage) kafka(name, link string) *v1alpha1.StreamConnection {
	return manifest.Over(link, manifest.Kafka(s.namespace, name))
}

func (s *stage) https(name string) *v1alpha1.StreamConnection {
	return manifest.HTTPS(s.namespace, name)
}

func (s *stage) service(name string) *v1alpha1.PrivateEndpointService {
	return manifest.Service(s.namespace, name)
}

func (s *stage) createPassword() {
	s.t.Helper()
	s.Create(manifest.Password(s.namespace, "planted-kafka-password"))
}

// recorded is the resource as tools see it.
func (s *stage) recorded(r client.Object) *unstructured.Unstructured {
	s.t.Helper()
	gvk, err := apiutil.GVKForObject(r, scheme.Scheme)
	s.Expect(err).NotTo(HaveOccurred())
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(gvk)
	s.Expect(world.Kube.Get(s.t.Context(), client.ObjectKeyFromObject(r), object)).To(Succeed())
	return object
}

// kubectl runs the real one in the stage's namespace.
func (s *stage) kubectl(args ...string) (string, error) {
	s.t.Helper()
	return s.run(exec.CommandContext(s.t.Context(), world.kubectl, append([]string{"--namespace=" + s.namespace}, args...)...))
}

// run runs a command that finds the real kubectl, and it the API server.
func (s *stage) run(command *exec.Cmd) (string, error) {
	command.Env = append(os.Environ(), "KUBECONFIG="+world.Env.Kubeconfig,
		"PATH="+filepath.Dir(world.kubectl)+string(os.PathListSeparator)+os.Getenv("PATH"))
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	err := command.Run()
	return out.String(), err
}
