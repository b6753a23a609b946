package charts_test

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/internal/testenv"
	"github.com/atlasstreams/operator/test/internal/manager"
)

// runManager runs the manager as the cluster would run the pod of the Deployment: its arguments, its environment, and a
// token of its ServiceAccount, made by the API server. More arguments come after those, and win. It is stopped with
// the test, or by stop.
func (s *stage) runManager(deployment *appsv1.Deployment, more ...string) (stop func()) {
	s.t.Helper()
	pod := deployment.Spec.Template.Spec
	container := pod.Containers[0]
	env := append(s.podEnvironment(deployment), "KUBECONFIG="+s.Kubeconfig(s.env.Config, deployment.Namespace, pod.ServiceAccountName))
	process, err := s.env.Run(fmt.Sprintf("%s-manager-%d", s.release, world.Number()), env, world.Manager,
		append(container.Args, more...)...)
	s.Expect(err).NotTo(HaveOccurred())
	stop = func() { s.Expect(process.Stop()).To(Succeed()) }
	s.t.Cleanup(stop)
	s.t.Cleanup(func() {
		if s.t.Failed() {
			s.t.Log(process.Log())
		}
	})
	s.awaitListening(process, flagValue(append(container.Args, more...), "health-probe-bind-address"))
	return stop
}

// podEnvironment is the environment of the manager's container, its variables expanded, as the kubelet does it. What is
// mounted from ConfigMaps is put into directories, which take the place of the mounts.
func (s *stage) podEnvironment(deployment *appsv1.Deployment) []string {
	s.t.Helper()
	pod := deployment.Spec.Template.Spec
	replacements := []string{"$(KUBERNETES_SERVICE_HOST)", "127.0.0.1"}
	for _, mount := range pod.Containers[0].VolumeMounts {
		for _, volume := range pod.Volumes {
			if volume.Name == mount.Name {
				replacements = append(replacements, mount.MountPath, s.mounted(deployment.Namespace, volume.ConfigMap))
			}
		}
	}
	expand := strings.NewReplacer(replacements...)
	var env []string
	for _, variable := range pod.Containers[0].Env {
		s.Expect(variable.ValueFrom).To(BeNil(), "the test can pass plain values only")
		env = append(env, variable.Name+"="+expand.Replace(variable.Value))
	}
	return env
}

// mounted is a directory with the items of a ConfigMap.
func (s *stage) mounted(namespace string, source *corev1.ConfigMapVolumeSource) string {
	s.t.Helper()
	s.Expect(source).NotTo(BeNil(), "the test can mount ConfigMaps only")
	config := &corev1.ConfigMap{}
	s.Expect(s.kube.Get(s.t.Context(), client.ObjectKey{Namespace: namespace, Name: source.Name}, config)).To(Succeed())
	dir := s.t.TempDir()
	for _, item := range source.Items {
		s.Expect(config.Data).To(HaveKey(item.Key))
		s.Expect(os.WriteFile(filepath.Join(dir, item.Path), []byte(config.Data[item.Key]), 0o600)).To(Succeed())
	}
	return dir
}

// beside are more arguments for a manager that was installed with default values: where it finds Atlas, and what a
// process beside the cluster cannot know or have.
func (s *stage) beside(namespace string) []string {
	s.t.Helper()
	return []string{
		"--atlas-base-url=" + s.atlas.URL, "--leader-election-namespace=" + namespace,
		"--pending-poll-interval=200ms", "--atlas-request-timeout=2s",
		"--health-probe-bind-address=:" + s.freePort(), "--metrics-bind-address=:" + s.freePort(),
	}
}

// awaitListening waits until the manager is ready.
func (s *stage) awaitListening(process *testenv.Process, address string) {
	s.t.Helper()
	s.Eventually(func(g Gomega) {
		g.Expect(process.Failure()).NotTo(HaveOccurred())
		g.Expect(s.get("http://"+local(address)+"/readyz", "")).To(Equal(http.StatusOK))
	}).Should(Succeed(), "the manager is not ready")
}

// get returns the status of a GET, with a token where one is given.
func (s *stage) get(url, token string) (int, error) {
	status, _, err := manager.Get(s.t.Context(), url, token)
	return status, err
}

// installed reads a Deployment back from the API server.
func (s *stage) installed(namespace, name string) *appsv1.Deployment {
	s.t.Helper()
	deployment := &appsv1.Deployment{}
	s.Expect(s.kube.Get(s.t.Context(), client.ObjectKey{Namespace: namespace, Name: name}, deployment)).To(Succeed())
	return deployment
}

// freePort is one that is kept from other tests.
func (s *stage) freePort() string {
	s.t.Helper()
	_, port, err := net.SplitHostPort(manager.FreeAddress(s.t))
	s.Expect(err).NotTo(HaveOccurred())
	return port
}

// local is the address at which to call what listens on all interfaces.
func local(address string) string {
	_, port, _ := net.SplitHostPort(address)
	return net.JoinHostPort("127.0.0.1", port)
}
